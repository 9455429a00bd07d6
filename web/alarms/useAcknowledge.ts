// Acknowledging: sent to the server, and true only when the record says so. Nothing here pretends in between.
import { useCallback, useMemo, useState } from 'react';
import { problemNote, type ProblemNote } from '../../contract/problem.ts';
import { usePage } from '../live/LiveProvider.tsx';
import { askServer } from '../parts/askServer.ts';
import { useNewest } from '../parts/useNewest.ts';

export type Sending = { state: 'sending'; sinceMs: number } | { state: 'taken'; sinceMs: number } | { state: 'refused'; problem: ProblemNote } | { state: 'noAnswer'; commandId: string };
export type Acknowledging = { of: (alarmId: string) => Sending | null; send: (alarmId: string) => Promise<void> };

export function useAcknowledge(): Acknowledging {
  const { store } = usePage();
  const [sent, setSent] = useState<ReadonlyMap<string, Sending>>(new Map());
  const newest = useNewest(sent);
  const put = useCallback((alarmId: string, sending: Sending) => setSent((before) => {
    const next = new Map(before).set(alarmId, sending);
    if (next.size > 200) next.delete(next.keys().next().value!);
    return next;
  }), []);
  const send = useCallback(async (alarmId: string) => {
    const alarm = store.alarmOf(alarmId);
    const before = newest.current.get(alarmId);
    if (alarm === null || alarm.state === 'closed' || alarm.state === 'acknowledged' || (alarm.state === 'easing' && alarm.acknowledged !== null) || before?.state === 'sending') return;
    // The same press tried again is the same command: a lost answer must not become a second step.
    const commandId = before?.state === 'noAnswer' ? before.commandId : newCommandId();
    put(alarmId, { state: 'sending', sinceMs: store.serverNowMs() });
    try {
      const answer = await askServer(`/api/alarms/${encodeURIComponent(alarmId)}/acknowledge`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ commandId }), signal: AbortSignal.timeout(8000) });
      if (answer.ok) return put(alarmId, { state: 'taken', sinceMs: store.serverNowMs() });
      const body = await answer.json().catch(() => null) as ProblemNote | null;
      put(alarmId, { state: 'refused', problem: body !== null && typeof body.code === 'string' ? body : problemNote('internal', {}, `HTTP ${answer.status}`) });
    } catch { put(alarmId, { state: 'noAnswer', commandId }); }
  }, [store, put, newest]);
  return useMemo(() => ({ of: (alarmId) => sent.get(alarmId) ?? null, send }), [sent, send]);
}

// crypto.randomUUID is missing on plain http, where a closed network may well be.
const newCommandId = () => `c${Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
