// Nothing but the newest answer of an address, asked again and again while somebody looks; a hidden page asks nothing.
import { useEffect, useState } from 'react';
import { askServer } from '../parts/askServer.ts';

export type Asked<T> = { state: 'loading' } | { state: 'there'; value: T } | { state: 'broken' };

export function useAsked<T>(address: string, everyMs: number): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>({ state: 'loading' });
  useEffect(() => {
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      if (!document.hidden) {
        try {
          const answer = await askServer(address, { signal: AbortSignal.timeout(8000) });
          if (!answer.ok) throw new Error(String(answer.status));
          const value = await answer.json() as T;
          if (!gone) setAsked({ state: 'there', value });
        } catch { if (!gone) setAsked((before) => (before.state === 'there' ? before : { state: 'broken' })); }
      }
      if (!gone) timer = setTimeout(() => void ask(), everyMs);
    };
    void ask();
    return () => { gone = true; clearTimeout(timer); };
  }, [address, everyMs]);
  return asked;
}
