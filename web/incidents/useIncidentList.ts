// The list of a filter: pages of the server, with what the live line brings put in its place.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { IncidentLine } from '../../contract/incident.ts';
import { useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { useNewest } from '../parts/useNewest.ts';
import { incidentsApi, type IncidentQuery, type Trouble } from './api.ts';
import { compareLines, fitsFilter, mergedLines, type ListFilter } from './listOrder.ts';
import { subtreeOf } from './unitTree.ts';
import { useUnits } from './useUnits.ts';

const PAGE_LINES = 200;
/** More than this nobody scrolls through; the filters and the search find the rest. */
const LINES_MOST = 5000;
/** Deadlines pass without a word over the line: the order is looked at again this often. */
const SORT_EVERY_MS = 2000;

export type IncidentList = {
  lines: readonly IncidentLine[];
  state: 'loading' | 'there' | 'broken'; trouble: Trouble | null; total: number | null;
  more: (() => void) | null; isLoadingMore: boolean; refetch: () => void;
  /** Another one is another list: another filter, or more of it. */
  listKey: string;
};
type Pages = { key: string; lines: IncidentLine[]; nextAfter: string | null; total: number | null; state: 'there' | 'broken'; trouble: Trouble | null };

export function useIncidentList(filter: ListFilter): IncidentList {
  const { tree } = useUnits();
  const live = useScreen((screen) => screen.incidents);
  const nowMs = Math.floor(useServerNowMs() / SORT_EVERY_MS) * SORT_EVERY_MS;
  const [pages, setPages] = useState<Pages | null>(null);
  const [isLoadingMore, setIsLoadingMore] = useState(false);
  const [round, setRound] = useState(0);
  const query = useMemo(() => queryOf(filter), [filter]);
  const key = JSON.stringify(query);
  const newestKey = useRef(key);
  useEffect(() => {
    newestKey.current = key;
    // A search is asked for when the typing rests.
    const timer = setTimeout(() => {
      void incidentsApi.page({ ...query, most: PAGE_LINES }).then((answer) => {
        if (newestKey.current !== key) return;
        setPages((before) => (answer.ok ? { key, lines: answer.value.incidents, nextAfter: answer.value.nextAfter, total: answer.value.total, state: 'there', trouble: null }
          : before !== null && before.key === key ? { ...before, trouble: answer.trouble } : { key, lines: [], nextAfter: null, total: null, state: 'broken', trouble: answer.trouble }));
      });
    }, query.text === undefined ? 0 : 200);
    return () => clearTimeout(timer);
  }, [key, query, round]);

  const there = pages !== null && pages.key === key ? pages : null;
  const newest = useNewest(there);
  const more = useCallback(() => {
    const now = newest.current;
    if (now === null || now.nextAfter === null) return;
    setIsLoadingMore(true);
    void incidentsApi.page({ ...query, after: now.nextAfter, most: PAGE_LINES }).then((answer) => {
      setIsLoadingMore(false);
      if (newestKey.current !== now.key) return;
      setPages((before) => (before === null || before.key !== now.key ? before : answer.ok ? { ...before, lines: [...before.lines, ...answer.value.incidents], nextAfter: answer.value.nextAfter, trouble: null } : { ...before, trouble: answer.trouble }));
    });
  }, [query, newest]);

  const subtree = useMemo(() => (filter.unitId === null ? null : subtreeOf(tree, filter.unitId)), [tree, filter.unitId]);
  const asked = there?.lines;
  const lines = useMemo(() => mergedLines({ asked: asked ?? [], live, fits: (line) => fitsFilter(line, filter, subtree, nowMs), compare: compareLines(filter.order, nowMs) }), [asked, live, filter, subtree, nowMs]);
  return {
    lines, state: there?.state ?? 'loading', trouble: there?.trouble ?? null, total: there === null || there.total === null ? null : Math.max(there.total, lines.length),
    more: there !== null && there.nextAfter !== null && there.lines.length < LINES_MOST ? more : null, isLoadingMore, refetch: () => setRound((before) => before + 1), listKey: `${key}${there?.lines.length ?? ''}`,
  };
}

function queryOf(filter: ListFilter): IncidentQuery {
  return {
    state: filter.state, order: filter.order,
    ...(filter.unitId === null ? {} : { unitId: filter.unitId }), ...(filter.category === null ? {} : { category: filter.category }), ...(filter.severity === null ? {} : { severity: filter.severity }), ...(filter.step === null ? {} : { step: filter.step }),
    ...(filter.overdue ? { overdue: true } : {}), ...(filter.exercise === 'both' ? {} : { exercise: filter.exercise === 'only' }), ...(filter.text.trim() === '' ? {} : { text: filter.text.trim().slice(0, 100) }),
  };
}
