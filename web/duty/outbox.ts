// What somebody did on a phone whose network is gone: kept in the browser, sent again by itself in the order in which it was done, each under its own id, so that it is taken once.
// Kept with the account that did it: under another one nothing of it is sent. Bounded: when too much waits, the newest is refused with words, and nothing that waits is lost. No DOM but the storage that is given.
import type { IncidentCommandBody, ReportBody } from '../../contract/apiIncidents.ts';
import type { Attachment } from '../../contract/incident.ts';
import { PROBLEMS, type ProblemNote } from '../../contract/problem.ts';
import type { Answer } from '../setup/api.ts';
import { pauseMs } from '../live/pause.ts';

export type Photo = { name: string; type: string; base64: string; sent: Attachment | null };
export type Deed = { kind: 'command'; incidentId: string; body: IncidentCommandBody } | { kind: 'report'; body: ReportBody };
export type Waiting = { accountId: string; deed: Deed; photos: Photo[]; madeAtMs: number; attempts: number; state: 'waiting' | 'sending' | 'refused'; note: ProblemNote | null };

export const WAITING_MOST = 40, SIZE_MOST_CHARS = 3_500_000;
/** A server that answers and fails each time is not asked for ever. Without any answer it is. */
const FAILURES_MOST = 20;
/** A server that wants to be asked more slowly has refused nothing. */
const TOO_MANY = 429;
const PAUSE = { firstMs: 1000, mostMs: 30_000 };

export type Outbox = ReturnType<typeof outbox>;

export function outbox({ storage, command, report, attach, whose, nowMs, later, onTaken }: {
  storage: { read(): string | null; write(text: string): boolean };
  command: (incidentId: string, body: IncidentCommandBody) => Promise<Answer<unknown>>; report: (body: ReportBody) => Promise<Answer<unknown>>; attach: (photo: Photo) => Promise<Answer<Attachment>>;
  /** The account that is signed in now; null: none, and nothing is sent. */
  whose: () => string | null;
  nowMs: () => number; later: (ms: number, act: () => void) => () => void;
  /** The server took it. */
  onTaken: (deed: Deed) => void;
}) {
  let waiting: readonly Waiting[] = kept(storage.read());
  let busy = false, failures = 0, stopTimer = () => {};
  const listeners = new Set<() => void>();

  /** False: it does not fit, or the browser keeps nothing. What happens to what waits already is true all the same: a step that was taken must not be sent again. */
  function put(next: readonly Waiting[], mustFit: boolean): boolean {
    const text = JSON.stringify(next.map((one) => ({ ...one, state: one.state === 'sending' ? 'waiting' : one.state })));
    const fits = text.length <= SIZE_MOST_CHARS && storage.write(text);
    if (mustFit && !fits) return false;
    waiting = next;
    for (const listener of listeners) listener();
    return fits;
  }
  function replace(one: Waiting, by: Waiting | null): void { put(waiting.flatMap((each) => (each.deed.body.commandId === one.deed.body.commandId ? (by === null ? [] : [by]) : [each])), false); }

  async function run(): Promise<void> {
    if (busy) return;
    busy = true;
    stopTimer();
    for (let one = next(); one !== undefined; one = next()) {
      const mine: Waiting = { ...one, state: 'sending' };
      replace(one, mine);
      const sent = await sendOne(mine);
      if (sent === 'taken') { failures = 0; replace(mine, null); onTaken(mine.deed); continue; }
      if (sent === 'noAnswer') { failures++; replace(mine, { ...mine, state: 'waiting' }); break; }
      // Refused for good, or failed once more: the ones behind it must not wait for it.
      const attempts = mine.attempts + 1, isOver = (sent.httpStatus < 500 && sent.httpStatus !== TOO_MANY) || attempts >= FAILURES_MOST;
      replace(mine, { ...mine, attempts, state: isOver ? 'refused' : 'waiting', note: sent.note });
      if (!isOver) { failures++; break; }
    }
    busy = false;
    if (next() !== undefined) stopTimer = later(pauseMs({ attempt: Math.max(1, failures), ...PAUSE }), () => void run());
  }
  const next = () => { const accountId = whose(); return waiting.find((one) => one.state === 'waiting' && one.accountId === accountId); };

  async function sendOne(one: Waiting): Promise<'taken' | 'noAnswer' | { httpStatus: number; note: ProblemNote }> {
    const attachments: Attachment[] = [];
    for (const photo of one.photos) {
      if (photo.sent === null) {
        const answer = await attach(photo);
        if (!answer.ok) return failure(answer.trouble);
        // The bytes are with the server: only their name stays here.
        photo.sent = answer.value; photo.base64 = '';
      }
      attachments.push(photo.sent);
    }
    const { deed } = one;
    const answer = deed.kind === 'report' ? await report({ ...deed.body, attachments: [...(deed.body.attachments ?? []), ...attachments.map(({ sha256 }) => sha256)] })
      : await command(deed.incidentId, attachments.length > 0 && 'attachments' in deed.body.command ? { ...deed.body, command: { ...deed.body.command, attachments: [...deed.body.command.attachments, ...attachments] } } : deed.body);
    return answer.ok ? 'taken' : failure(answer.trouble);
  }

  return {
    waiting: () => waiting,
    subscribe(listener: () => void): () => void { listeners.add(listener); return () => { listeners.delete(listener); }; },
    /** False: too much waits already, nothing was kept. */
    add(deed: Deed, photos: Photo[] = []): boolean {
      const accountId = whose();
      if (accountId === null || waiting.length >= WAITING_MOST) return false;
      if (!put([...waiting, { accountId, deed, photos, madeAtMs: nowMs(), attempts: 0, state: 'waiting', note: null }], true)) return false;
      void run();
      return true;
    },
    dismiss: (commandId: string) => { put(waiting.filter((one) => one.deed.body.commandId !== commandId || one.state !== 'refused'), false); },
    /** The network is back, or somebody wants it tried. */
    wake: () => { failures = 0; void run(); },
    close: () => { stopTimer(); listeners.clear(); },
  };
}

function failure(trouble: Exclude<Answer<never>, { ok: true }>['trouble']): 'noAnswer' | { httpStatus: number; note: ProblemNote } {
  // Nobody is signed in any more: what was done waits until its person is.
  return trouble.from === 'line' || trouble.note.code === 'notSignedIn' ? 'noAnswer' : { httpStatus: PROBLEMS[trouble.note.code].httpStatus, note: trouble.note };
}

function kept(text: string | null): Waiting[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    if (!Array.isArray(value)) return [];
    // Written by this page alone; whatever does not look like it is of another build, and the server would refuse it.
    return (value as Waiting[]).filter((one) => typeof one?.deed?.body?.commandId === 'string' && typeof one.accountId === 'string' && Array.isArray(one.photos) && typeof one.madeAtMs === 'number').map((one) => ({ ...one, state: one.state === 'refused' ? 'refused' : 'waiting', note: one.note ?? null, attempts: one.attempts ?? 0 }));
  } catch { return []; }
}
