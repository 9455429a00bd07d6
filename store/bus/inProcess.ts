// The bus of the all-in-one: memory, bounded everywhere. The same promises as redis.ts; kept by the conformance suite in test/store/bus.test.ts.
import { Problem } from '../../contract/problem.ts';
import { asProduct } from '../scope.ts';
import { LOG_START, MOST_ENTRIES_DEFAULT, type Bus, type LogEntry } from './bus.ts';

/** Messages that a subscriber has not yet taken; above it the oldest of them is dropped and counted. */
const WAITING_MOST = 10_000;
const LOGS_MOST = 5_000, LATEST_MOST = 20_000;
/** Of one log, whatever its entries: 200 sites of 20,000 readings of a large site must not fill the memory. */
const LOG_BYTES_MOST = 64 * 1024 * 1024;

export function inProcessBus(): Bus {
  const subscribers = new Map<string, Set<Mailbox>>();
  const logs = new Map<string, Log>();
  const latest = new Map<string, { bytes: Uint8Array; untilMs: number }>();
  const servers = new Map<string, ((bytes: Uint8Array) => Promise<Uint8Array>)[]>();
  let messagesDropped = 0;
  let closed = false;
  let requests = 0;
  const onDrop = () => { messagesDropped++; };
  const assertOpen = () => { if (closed) throw new Problem('busDown', {}, 'the bus is closed'); };
  const logOf = (name: string): Log => {
    let log = logs.get(name);
    if (log === undefined) {
      if (logs.size >= LOGS_MOST) throw new Problem('tooMany', { most: LOGS_MOST });
      logs.set(name, log = newLog());
    }
    return log;
  };

  return {
    async publish(topic, bytes) {
      assertOpen();
      // A copy for each: over Redis nobody can change what another has received, and here neither.
      for (const mailbox of subscribers.get(topic) ?? []) mailbox.put(bytes.slice());
    },
    async subscribe(topic, onMessage) {
      assertOpen();
      const mailbox = newMailbox(onMessage, onDrop);
      const set = subscribers.get(topic) ?? new Set();
      subscribers.set(topic, set.add(mailbox));
      return async () => {
        mailbox.close();
        set.delete(mailbox);
        if (set.size === 0 && subscribers.get(topic) === set) subscribers.delete(topic);
      };
    },

    async append(name, bytes, { mostEntries = MOST_ENTRIES_DEFAULT } = {}) {
      assertOpen();
      return logOf(name).append(bytes.slice(), mostEntries);
    },
    async read(name, afterId, { mostEntries, waitMs, signal }) {
      assertOpen();
      return logOf(name).read(afterId, mostEntries, waitMs, signal);
    },
    async newestId(name) {
      assertOpen();
      return logs.get(name)?.newestId() ?? LOG_START;
    },

    async putLatest(key, bytes, ttlMs) {
      assertOpen();
      if (latest.size >= LATEST_MOST && !latest.has(key)) sweep(latest);
      if (latest.size >= LATEST_MOST && !latest.has(key)) throw new Problem('tooMany', { most: LATEST_MOST });
      latest.set(key, { bytes: bytes.slice(), untilMs: performance.now() + ttlMs });
    },
    async getLatest(key) {
      assertOpen();
      const kept = latest.get(key);
      if (kept === undefined) return null;
      if (kept.untilMs <= performance.now()) { latest.delete(key); return null; }
      return kept.bytes.slice();
    },

    async request(topic, bytes, timeoutMs) {
      assertOpen();
      const answers = servers.get(topic) ?? [];
      // Those who serve the same topic take turns, as workers of one list do.
      const answer = answers[requests++ % Math.max(1, answers.length)];
      if (answer === undefined) throw new Problem('busDown', {}, `nobody answers ${topic}`);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(new Problem('busDown', {}, `no answer from ${topic} within ${timeoutMs} ms`)), timeoutMs); });
      // setImmediate: an answer never runs inside the call that asks.
      const answered = new Promise<void>((resolve) => { setImmediate(resolve); }).then(() => asProduct(() => answer(bytes.slice())))
        .catch((error: unknown) => { throw new Problem('busDown', {}, `no answer from ${topic}: ${error instanceof Error ? error.message : String(error)}`); });
      try { return (await Promise.race([answered, late])).slice(); } finally { clearTimeout(timer); }
    },
    async serve(topic, answer) {
      assertOpen();
      const answers = servers.get(topic) ?? [];
      servers.set(topic, answers);
      answers.push(answer);
      return async () => { const at = answers.indexOf(answer); if (at >= 0) answers.splice(at, 1); };
    },

    isUp: () => !closed,
    onChange: () => () => {}, // memory is never down
    counters: () => ({ messagesDropped, reconnects: 0 }),
    async close() {
      closed = true;
      for (const set of subscribers.values()) for (const mailbox of set) mailbox.close();
      for (const log of logs.values()) log.close();
      subscribers.clear(); logs.clear(); latest.clear(); servers.clear();
    },
  };
}

// --- a subscriber's own bounded line; emptied outside of publish()

type Mailbox = { put(bytes: Uint8Array): void; close(): void };

function newMailbox(onMessage: (bytes: Uint8Array) => void, onDrop: () => void): Mailbox {
  let waiting: Uint8Array[] = [];
  let emptying = false, open = true;
  const empty = () => {
    const batch = waiting;
    waiting = [];
    emptying = false;
    for (const bytes of batch) {
      if (!open) return;
      try { onMessage(bytes); } catch (error) { queueMicrotask(() => { throw error; }); } // a fault of ours, and not the other subscribers' loss
    }
  };
  return {
    put(bytes) {
      if (!open) return;
      if (waiting.length >= WAITING_MOST) { waiting.shift(); onDrop(); }
      waiting.push(bytes);
      if (!emptying) { emptying = true; asProduct(() => setImmediate(empty)); }
    },
    close() { open = false; waiting = []; },
  };
}

// --- a log: a ring of its newest entries. A reader owns nothing here but a wake-up, so a slow one costs nothing.

type Log = {
  append(bytes: Uint8Array, mostEntries: number): string;
  read(afterId: string, mostEntries: number, waitMs: number, signal?: AbortSignal): Promise<{ entries: LogEntry[]; lost: boolean }>;
  newestId(): string;
  close(): void;
};

function newLog(): Log {
  // Ids look like Redis' own (milliseconds-number) and grow in the same way.
  let entries: LogEntry[] = [];
  let first = 0, sizeBytes = 0; // entries before `first` are cut off; the array is compacted now and then
  let newest = LOG_START, cutId = LOG_START;
  const waiting = new Set<() => void>();
  const nextId = () => {
    const [ms, number] = partsOf(newest);
    const nowMs = Date.now();
    return nowMs > ms ? `${nowMs}-0` : `${ms}-${number + 1}`; // a clock that steps back does not step our order back
  };
  const after = (afterId: string, most: number) => {
    let low = first, high = entries.length;
    while (low < high) { const middle = (low + high) >>> 1; if (compareIds(entries[middle]!.entryId, afterId) > 0) high = middle; else low = middle + 1; }
    return entries.slice(low, low + Math.max(0, most));
  };
  const has = (id: string) => {
    let low = first, high = entries.length;
    while (low < high) { const middle = (low + high) >>> 1; if (compareIds(entries[middle]!.entryId, id) >= 0) high = middle; else low = middle + 1; }
    return entries[low]?.entryId === id;
  };
  return {
    append(bytes, mostEntries) {
      newest = nextId();
      entries.push({ entryId: newest, bytes });
      sizeBytes += bytes.length;
      while (entries.length - first > Math.max(1, mostEntries) || (sizeBytes > LOG_BYTES_MOST && entries.length - first > 1)) {
        cutId = entries[first]!.entryId;
        sizeBytes -= entries[first]!.bytes.length;
        entries[first] = { entryId: cutId, bytes: NOTHING };
        first++;
      }
      if (first > 1000 && first * 2 > entries.length) { entries = entries.slice(first); first = 0; }
      for (const wake of waiting) wake();
      return newest;
    },
    async read(afterId, most, waitMs, signal) {
      if (compareIds(newest, afterId) <= 0 && waitMs > 0 && signal?.aborted !== true) {
        await new Promise<void>((resolve) => {
          const done = () => { clearTimeout(timer); waiting.delete(done); signal?.removeEventListener('abort', done); resolve(); };
          const timer = setTimeout(done, waitMs);
          waiting.add(done);
          signal?.addEventListener('abort', done, { once: true });
        });
      }
      const found = after(afterId, most);
      // Told with the first entries after the gap, once. An id that was never made here is of a log before this one (a restart): lost, too.
      const isThere = afterId === LOG_START ? cutId === LOG_START : has(afterId);
      return { entries: found, lost: found.length > 0 && !isThere };
    },
    newestId: () => newest,
    close() { for (const wake of waiting) wake(); },
  };
}

const NOTHING = new Uint8Array(0);
const partsOf = (id: string): [number, number] => { const [ms, number] = id.split('-'); return [Number(ms) || 0, Number(number) || 0]; };
function compareIds(a: string, b: string): number {
  const [aMs, aNumber] = partsOf(a), [bMs, bNumber] = partsOf(b);
  return aMs - bMs || aNumber - bNumber;
}

function sweep(latest: Map<string, { untilMs: number }>): void {
  const nowMs = performance.now();
  for (const [key, { untilMs }] of latest) if (untilMs <= nowMs) latest.delete(key);
}
