// An answer of the server that is asked for again when `key` changes and whenever somebody wants it; what is there stays until the newer one has come.
import { useCallback, useEffect, useRef, useState } from 'react';
import { useNewest } from '../parts/useNewest.ts';
import type { Answer, Trouble } from './api.ts';

export type Fetched<T> = { state: 'loading' } | { state: 'there'; value: T; trouble: Trouble | null } | { state: 'broken'; trouble: Trouble };

/** `everyMs`: also by itself, while the page is seen. One question at a time; wishes meanwhile are one more question after it. A key of null asks nothing. */
export function useFetched<T>(key: string | null, ask: () => Promise<Answer<T>>, everyMs: number | null = null): [Fetched<T>, () => void, (value: T) => void] {
  const [kept, setKept] = useState<{ key: string | null; fetched: Fetched<T> }>({ key: null, fetched: { state: 'loading' } });
  const newestAsk = useNewest(ask), newestKey = useRef(key);
  const busy = useRef(false), again = useRef(false);
  useEffect(() => { newestKey.current = key; }, [key]);
  const refetch = useCallback(() => {
    if (busy.current) { again.current = true; return; }
    busy.current = true;
    void (async () => {
      do {
        again.current = false;
        const mine = newestKey.current;
        if (mine === null) break;
        const answer = await newestAsk.current();
        if (newestKey.current !== mine) { again.current = newestKey.current !== null; continue; }
        setKept((before) => ({ key: mine, fetched: answer.ok ? { state: 'there', value: answer.value, trouble: null }
          : before.key === mine && before.fetched.state === 'there' ? { ...before.fetched, trouble: answer.trouble } : { state: 'broken', trouble: answer.trouble } }));
      } while (again.current);
      busy.current = false;
    })();
  }, [newestAsk]);
  useEffect(() => { if (key !== null) refetch(); }, [key, refetch]);
  useEffect(() => {
    if (everyMs === null || key === null) return;
    const timer = setInterval(() => { if (!document.hidden) refetch(); }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, key, refetch]);
  const put = useCallback((value: T) => setKept((before) => ({ key: before.key, fetched: { state: 'there', value, trouble: null } })), []);
  return [kept.key === key ? kept.fetched : { state: 'loading' }, refetch, put];
}
