// The line to /live: opens, resumes after the last event this screen has, and tries again for ever with a bounded pause. Silence closes it, too.
import { checker } from '../../contract/schema.ts';
import { LiveMessage } from '../../contract/live.ts';
import { Overview } from '../../contract/api.ts';
import { problemNote, type ProblemNote } from '../../contract/problem.ts';
import { decodeReading } from '../../contract/reading.ts';
import { pauseMs } from './pause.ts';
import type { LiveStore } from './store.ts';

/** The server beats every second; five missed ones are a dead line that TCP has not noticed. */
export const SILENT_AFTER_MS = 5000;
const OPEN_WITHIN_MS = 8000;
const FETCH_WITHIN_MS = 10_000;
/** The server closed the line because the session is over; because what may be seen has changed (4403) the page simply begins anew. */
const CLOSED_SIGNED_OUT = 4401;
const PAUSE = { firstMs: 300, mostMs: 8000 };

export type Connection = { refetch(): void; close(): void; counters(): { messagesBad: number; reconnects: number } };

/** `ask` is fetch, or what hears on the way that nobody is signed in any more (web/parts/me.ts). */
export function liveConnection({ store, origin, ask = fetch, signedOut = () => {} }: { store: LiveStore; origin: string; ask?: typeof fetch; signedOut?: () => void }): Connection {
  let socket: WebSocket | null = null;
  let closed = false;
  let stopWatch = () => {};
  let attempt = 0, reconnects = 0, messagesBad = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let fetching: Promise<void> | null = null, fetchAgain = false;

  void begin();

  async function begin(): Promise<void> {
    try { await fetchOverview(); } catch (fault) {
      store.overviewFailed(fault instanceof AnswerProblem ? fault.note : problemNote('busDown', {}, String(fault)));
      return tryLater(() => void begin());
    }
    attempt = 0;
    open();
  }

  function tryLater(act: () => void): void {
    if (closed) return;
    attempt++;
    const pause = pauseMs({ attempt, ...PAUSE }) * (0.75 + Math.random() / 2); // a thousand screens must not come back in one instant
    store.lineLost(store.serverNowMs() + pause);
    timer = setTimeout(act, pause);
  }

  function open(): void {
    if (closed) return;
    store.lineOpening();
    const mine = new WebSocket(`${origin.replace(/^http/, 'ws')}/live?after=${store.lastSeq()}`);
    mine.binaryType = 'arraybuffer';
    socket = mine;
    let ended = false;
    // One look a second, not a timer for each of a thousand messages.
    let deadAtMs = performance.now() + OPEN_WITHIN_MS;
    const watch = setInterval(() => { if (performance.now() > deadAtMs) drop(); }, 500);
    stopWatch = () => clearInterval(watch);

    // An old socket's end must not end a new one: everything here names `mine`.
    function drop(): void {
      if (ended) return;
      ended = true;
      clearInterval(watch);
      mine.onmessage = mine.onclose = mine.onerror = null;
      try { mine.close(); } catch { /* it was not open */ }
      if (socket !== mine || closed) return;
      socket = null;
      reconnects++;
      tryLater(open);
    }
    mine.onclose = ({ code }) => { if (code === CLOSED_SIGNED_OUT) signedOut(); drop(); };
    mine.onerror = drop;
    mine.onmessage = ({ data }: MessageEvent) => {
      deadAtMs = performance.now() + SILENT_AFTER_MS;
      if (typeof data !== 'string') {
        const reading = decodeReading(new Uint8Array(data as ArrayBuffer));
        if (reading === null) messagesBad++; else store.takeReading(reading);
        return;
      }
      const message = parsed(data);
      if (message === null) { messagesBad++; return; }
      attempt = 0;
      store.takeMessage(message);
      // Also at each hello: a site that changed between the overview and this line, or while the line was lost, was told to nobody here.
      if (message.type === 'hello' || message.type === 'siteChanged') void refetch();
    };
  }

  /** One fetch at a time; wishes meanwhile are one more fetch after it. */
  async function refetch(): Promise<void> {
    if (fetching !== null) { fetchAgain = true; return; }
    do {
      fetchAgain = false;
      fetching = fetchOverview().catch(() => { if (!closed) setTimeout(() => void refetch(), 2000); });
      await fetching;
      fetching = null;
    } while (fetchAgain && !closed);
  }

  async function fetchOverview(): Promise<void> {
    const answer = await ask(`${origin}/api/overview`, { signal: AbortSignal.timeout(FETCH_WITHIN_MS), headers: { accept: 'application/json' } });
    const body: unknown = await answer.json();
    if (!answer.ok) throw new AnswerProblem(noteOf(body));
    const checked = checkOverview(body);
    if (!checked.ok) throw new AnswerProblem(problemNote('internal', {}, `overview: ${checked.faults.map(({ path, says }) => `${path} ${says}`).join('; ')}`));
    if (!closed) store.takeOverview(checked.value);
  }

  return {
    refetch: () => void refetch(),
    close(): void { closed = true; clearTimeout(timer); stopWatch(); const mine = socket; socket = null; if (mine !== null) { mine.onclose = mine.onerror = mine.onmessage = null; mine.close(); } },
    counters: () => ({ messagesBad, reconnects }),
  };
}

// One check for each kind of message: trying seven kinds in turn for a thousand alarms a second is a tenth of the page's time.
const checkOf = new Map(LiveMessage.anyOf.map((kind) => [kind.properties.type.const as string, checker(kind as unknown as typeof LiveMessage)]));
const checkOverview = checker(Overview);

function parsed(text: string): LiveMessage | null {
  try {
    const value: unknown = JSON.parse(text);
    const checked = checkOf.get((value as { type?: string } | null)?.type ?? '')?.(value);
    return checked?.ok === true ? checked.value : null;
  } catch { return null; }
}

class AnswerProblem extends Error {
  readonly note: ProblemNote;
  constructor(note: ProblemNote) { super(note.code); this.note = note; }
}
const noteOf = (body: unknown): ProblemNote =>
  typeof body === 'object' && body !== null && 'code' in body ? (body as ProblemNote) : problemNote('internal', {}, null);
