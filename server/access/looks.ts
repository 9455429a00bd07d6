// Who looks at which camera, from when to when, and why. A look begins with its first picture, which waits until its beginning is on record, and ends when no picture was asked for during LOOK_ENDS_AFTER_MS.
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../contract/problem.ts';
import type { Store } from '../../store/store.ts';
import { factOf, nameOf } from './audit.ts';

export const LOOK_ENDS_AFTER_MS = 15_000;
/** The header in which a page says why, percent-encoded UTF-8: an address would be kept by every machine on the way. */
export const LOOK_REASON_HEADER = 'x-look-reason';
/** A look that goes on is written down again this often, so that one that a crash cuts off is known to within it. */
const LOOK_MOST_MS = 3_600_000;
const LOOKS_MOST = 20_000, LOOK_EVERY_MS = 1000;

export type Looked = { kind: 'sensor'; id: string; unitId: string | null; detail?: Record<string, string | number | boolean> };
type Look = { lookId: string; fact: ReturnType<typeof factOf>; beganMs: number; lastMs: number };
export type Looks = {
  /** Resolves when this look is on record. Rejects with Problem reasonNeeded where the unit asks why and nothing was said, auditAway when it cannot be written. */
  at(request: FastifyRequest, what: Looked): Promise<void>;
  close(): Promise<void>;
};

export function openLooks({ store }: { store: Store }): Looks {
  const open = new Map<string, Promise<Look>>(), begun = new Map<string, Look>();
  let made = 0;
  const end = async (key: string, look: Look): Promise<void> => {
    open.delete(key);
    begun.delete(key);
    await store.noteAudit([{ ...look.fact, what: 'looked', fromMs: look.beganMs, untilMs: look.lastMs }]);
  };
  const timer = setInterval(() => {
    const nowMs = Date.now();
    for (const [key, look] of begun) if (nowMs - look.lastMs > LOOK_ENDS_AFTER_MS || look.lastMs - look.beganMs > LOOK_MOST_MS) void end(key, look);
  }, LOOK_EVERY_MS);
  timer.unref();

  async function begin(request: FastifyRequest, key: string, { kind, id, unitId, detail = {} }: Looked, said: string | null): Promise<Look> {
    if (said === null && await asksWhy(unitId)) throw new Problem('reasonNeeded');
    const beganMs = Date.now(), lookId = `${process.pid}-${beganMs.toString(36)}-${++made}`;
    const fact = factOf(request, 'lookBegan', { placeKind: kind, placeId: id, placeName: await nameOf(store, kind, id), unitId, fromMs: beganMs, reason: said, detail: { ...detail, lookId } });
    await store.writeAudit([fact]);
    const look = { lookId, fact, beganMs, lastMs: Date.now() };
    begun.set(key, look);
    return look;
  }
  const asksWhy = (unitId: string | null): Promise<boolean> => (unitId === null ? Promise.resolve(false) : store.forProduct(async () => (await store.policy(unitId)).inForce.askWhyToLook));

  return {
    async at(request, what) {
      const { principal } = request;
      const key = JSON.stringify([principal?.accountId, principal?.sessionId ?? principal?.tokenId, what.kind, what.id, what.detail ?? {}]);
      const there = open.get(key);
      if (there !== undefined) { const look = await there; look.lastMs = Date.now(); return; }
      if (open.size >= LOOKS_MOST) throw new Problem('tooMany', { most: LOOKS_MOST });
      // Those who ask for the next picture meanwhile wait for the same line.
      const beginning = begin(request, key, what, reasonOf(request));
      open.set(key, beginning);
      try { await beginning; } catch (error) { open.delete(key); throw error; }
    },
    async close() {
      clearInterval(timer);
      await Promise.allSettled(open.values());
      await Promise.all([...begun].map(([key, look]) => end(key, look)));
    },
  };
}

function reasonOf(request: FastifyRequest): string | null {
  const said = request.headers[LOOK_REASON_HEADER];
  if (typeof said !== 'string') return null;
  let words: string;
  try { words = decodeURIComponent(said); } catch { throw new Problem('inputWrong', { reason: `the header ${LOOK_REASON_HEADER} is not percent-encoded UTF-8` }); }
  words = words.trim().slice(0, 500);
  return words === '' ? null : words;
}
