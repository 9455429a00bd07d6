// One incident as the server has it, asked for again as soon as the live line knows a newer version; and the steps that a person takes on it.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { IncidentAnswer, IncidentCommandBody } from '../../contract/apiIncidents.ts';
import type { Actor, Incident, IncidentChanged } from '../../contract/incident.ts';
import { usePage, useScreen } from '../live/LiveProvider.tsx';
import { incidentsApi, newCommandId, type Answer, type Trouble } from './api.ts';
import { useFetched, type Fetched } from './useFetched.ts';

/** How notices fare is told by no event: it is asked for now and then. */
const ASK_EVERY_MS = 10_000;

/** runToServerMs: what is added to an instant of the desk's clock to have it on the server's clock, now. */
export type IncidentSeen = { answer: IncidentAnswer; runToServerMs: number };
export function useIncident(incidentId: string | null): [Fetched<IncidentSeen>, () => void] {
  const { store } = usePage();
  const liveVersion = useScreen((screen) => (incidentId === null ? undefined : screen.incidents.get(incidentId)?.version));
  const ask = async (): Promise<Answer<IncidentSeen>> => {
    const answer = await incidentsApi.incident(incidentId!);
    return answer.ok ? { ok: true, value: { answer: answer.value, runToServerMs: store.serverNowMs() - answer.value.nowRunMs } } : answer;
  };
  const [fetched, refetch] = useFetched(incidentId, ask, ASK_EVERY_MS);
  const version = fetched.state === 'there' ? fetched.value.answer.incident.version : null;
  useEffect(() => { if (version !== null && liveVersion !== undefined && liveVersion > version) refetch(); }, [version, liveVersion, refetch]);
  return [fetched, refetch];
}

/** All events that this page has of the incident, newest first, and a way to have the missing ones. */
export function useHistory(answer: IncidentAnswer): { events: IncidentChanged[]; more: (() => void) | null } {
  const { incident } = answer;
  const [kept, setKept] = useState<{ incidentId: string; byVersion: ReadonlyMap<number, IncidentChanged> }>({ incidentId: incident.incidentId, byVersion: new Map() });
  const put = useCallback((events: readonly IncidentChanged[], incidentId: string) => setKept((before) => ({ incidentId, byVersion: new Map([...(before.incidentId === incidentId ? before.byVersion : []), ...events.map((event): [number, IncidentChanged] => [event.version, event])]) })), []);
  const byVersion = useMemo(() => new Map([...(kept.incidentId === incident.incidentId ? kept.byVersion : []), ...answer.events.map((event): [number, IncidentChanged] => [event.version, event])]), [kept, answer.events, incident.incidentId]);
  let missing = 0;
  for (let version = incident.version; version >= 1; version--) if (!byVersion.has(version)) { missing = version; break; }
  // From the end of the gap back to what is there before it.
  let from = missing;
  while (from > 1 && !byVersion.has(from - 1) && missing - from < 199) from--;
  const more = missing === 0 ? null : () => { void incidentsApi.events(incident.incidentId, from - 1).then((told) => { if (told.ok) put(told.value.events, incident.incidentId); }); };
  // A long history is answered from its beginning: what happened last is asked for at once.
  const newest = missing === incident.version ? from - 1 : null;
  useEffect(() => {
    if (newest === null) return;
    void incidentsApi.events(incident.incidentId, newest).then((told) => { if (told.ok) put(told.value.events, incident.incidentId); });
  }, [newest, incident.incidentId, put]);
  return { events: [...byVersion.values()].toSorted((a, b) => b.version - a.version), more };
}

type Command = IncidentCommandBody['command'];
export type Commanding = { send: (command: Command, by: Actor) => Promise<Incident | null>; sending: Command['type'] | null; trouble: Trouble | null; clear: () => void };

/** Sends a step. Without an answer the same step tried again has the same id: it is taken once. */
export function useCommand(incidentId: string, onTaken: () => void): Commanding {
  const [sending, setSending] = useState<Command['type'] | null>(null), [trouble, setTrouble] = useState<Trouble | null>(null);
  const unanswered = useRef<{ command: string; commandId: string } | null>(null);
  const busy = useRef(false);
  const send = useCallback(async (command: Command, by: Actor) => {
    if (busy.current) return null;
    busy.current = true;
    const text = JSON.stringify({ incidentId, command, by });
    const commandId = unanswered.current?.command === text ? unanswered.current.commandId : newCommandId();
    setSending(command.type);
    setTrouble(null);
    const answer = await incidentsApi.command(incidentId, { commandId, by, command });
    busy.current = false;
    setSending(null);
    if (answer.ok) { unanswered.current = null; onTaken(); return answer.value; }
    unanswered.current = answer.trouble.from === 'line' ? { command: text, commandId } : null;
    setTrouble(answer.trouble);
    return null;
  }, [incidentId, onTaken]);
  return { send, sending, trouble, clear: () => setTrouble(null) };
}
