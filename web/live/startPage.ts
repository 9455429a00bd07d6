// Everything of the page that lives outside React: the store, the line to the server, the answers that are asked for once.
import type { Kinds } from '../../contract/api.ts';
import { askServer } from '../parts/askServer.ts';
import { lookAgain } from '../parts/me.ts';
import { liveConnection, type Connection } from './connection.ts';
import { liveStore, type LiveStore } from './store.ts';

export type Page = { store: LiveStore; connection: Connection; kinds: () => Promise<Kinds> };

/**
 * The page's own measuring point, for the frame-trip bench: `painted` is set in the frame that drew a reading, `last` by sensor.
 * paintedAtMs is Date.now() of this browser right after the GPU was told to draw; the picture is on the glass one frame later at most.
 */
export type Painted = { sensorId: string; seq: number; capturedAtMs: number; paintedAtMs: number };
declare global { interface Window { __crowdlight?: { painted: Painted | null; paintedOf: Record<string, Painted>; arrows?: number; store: LiveStore; connection: Connection } } }

/** Whoever may see no place (an auditor) has no line to places: asking for one would be refused, and the refusal be on record. */
const NO_LINE: Connection = { refetch() {}, close() {}, counters: () => ({ messagesBad: 0, reconnects: 0 }) };

export function startPage(seesPlaces: boolean): Page {
  const store = liveStore({ nowMs: () => Date.now(), later: (ms, act) => { setTimeout(act, ms); } });
  const connection = seesPlaces ? liveConnection({ store, origin: location.origin, ask: askServer, signedOut: lookAgain }) : NO_LINE;
  window.__crowdlight = { painted: null, paintedOf: {}, store, connection };
  let kinds: Promise<Kinds> | null = null;
  return {
    store, connection,
    kinds: () => (kinds ??= askServer('/api/kinds').then(async (answer) => { if (!answer.ok) throw new Error(`kinds: ${answer.status}`); return await answer.json() as Kinds; })
      .catch((fault: unknown) => { kinds = null; throw fault; })),
  };
}
