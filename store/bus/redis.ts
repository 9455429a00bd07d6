// The bus of the spread: Redis streams for logs, pub/sub for topics, plain keys for latest values. Two connections, however many sites:
// a reader of a log is woken by a message on pub/sub and then reads, so no connection is ever blocked by a waiting XREAD.
// A tail of the append-only file may be lost when Redis is killed; stream ids are Redis' own (time), so what comes after has larger ids all the same.
import { randomBytes } from 'node:crypto';
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from 'pino';
import { Problem, withoutSecrets } from '../../contract/problem.ts';
import { pauseMs, sleep } from '../pauseMs.ts';
import { within } from '../within.ts';
import { LOG_START, MOST_ENTRIES_DEFAULT, type Bus, type LogEntry, type Unsubscribe } from './bus.ts';

const PREFIX = 'crowdlight:';
/** What publish may take, and how long a Redis that says nothing counts as up. */
const ANSWER_MOST_MS = 2000;
const PING_EVERY_MS = 1000;
/** A connection that stays mute this long is made anew: its other end may be gone without a word (cable, firewall). */
const MUTE_MOST_MS = 6000;
const START_MOST_MS = 30_000;
/** Under way at once; more is refused, so that a Redis that hangs cannot grow our memory. */
const UNDER_WAY_MOST = 5000, UNDER_WAY_BYTES_MOST = 64 * 1024 * 1024;
/** Of one log, as in inProcess.ts: large readings keep fewer entries. */
const LOG_BYTES_MOST = 64 * 1024 * 1024;
/** A log that nobody adds to any more belongs to a site that is gone. */
const LOG_KEPT_S = 86_400, LOG_KEEP_EVERY_MS = 300_000;
const LOOK_EVERY_MS = 1000, WAKE_KEPT_MS = 60_000;
const REQUESTS_WAITING_MOST = 1000, ANSWERS_AT_ONCE = 16;

export async function redisBus({ redisUrl, log, startMostMs = START_MOST_MS }: { redisUrl: string; log: Logger; startMostMs?: number }): Promise<Bus> {
  if (!/^rediss?:\/\/[^\s]+$/.test(redisUrl)) throw new Problem('settingWrong', { name: 'REDIS_URL', reason: 'write it like redis://host:6379' });
  const options: RedisOptions = {
    // Old shapes of answers on the wire: they are what is decoded below.
    protocol: 2, lazyConnect: true, enableOfflineQueue: false, autoResendUnfulfilledCommands: false, autoResubscribe: false, maxRetriesPerRequest: null,
    connectTimeout: 4000, keepAlive: 5000, retryStrategy: (attempt) => pauseMs({ attempt, firstMs: 50, mostMs: 2000 }),
  };
  const commands = new Redis(redisUrl, { ...options, commandTimeout: ANSWER_MOST_MS, connectionName: 'crowdlight' });
  const listening = new Redis(redisUrl, { ...options, connectionName: 'crowdlight-listen' });
  const closing = new AbortController();
  const upListeners = new Set<(isUp: boolean) => void>();
  const count = { messagesDropped: 0, reconnects: 0 };
  const subscribers = new Map<string, Set<(bytes: Uint8Array) => void>>();
  let up = false, everUp = false, underWay = 0, underWayBytes = 0;

  // --- up and down
  const setUp = (next: boolean, why: string) => {
    if (next === up || closing.signal.aborted) return;
    up = next;
    if (next && everUp) { count.reconnects++; log.info('Redis is back'); }
    if (next) everUp = true; else log.error({ why }, 'Redis does not answer');
    for (const listener of upListeners) listener(next);
  };
  let listeningReady = false;
  const becomeUp = () => { if (commands.status === 'ready' && listeningReady) setUp(true, ''); };
  const errors = { last: '' };
  for (const connection of [commands, listening]) {
    // An 'error' without a listener would be printed by ioredis at each attempt; here it is news once.
    connection.on('error', (error: Error) => { errors.last = withoutSecrets(error.message); });
    connection.on('close', () => setUp(false, errors.last || 'the connection was closed'));
  }
  commands.on('ready', becomeUp);
  listening.on('close', () => { listeningReady = false; });
  listening.on('ready', () => {
    const topics = [...subscribers.keys()];
    // Up only when every subscription stands again: from then on nothing is missed. In pieces, so that one answer stays small.
    void (async () => {
      for (let at = 0; at < topics.length; at += 500) await listening.subscribe(...topics.slice(at, at + 500));
      listeningReady = true;
      becomeUp();
    })().catch(() => listening.disconnect(true));
  });
  listening.on('messageBuffer', (channel: Buffer, bytes: Buffer) => {
    for (const onMessage of subscribers.get(channel.toString()) ?? []) {
      try { onMessage(new Uint8Array(bytes)); } catch (error) { queueMicrotask(() => { throw error; }); } // a fault of ours, and not the other subscribers' loss
    }
  });
  const muteSinceMs = new Map<Redis, number>();
  const watch = (async () => {
    while (!closing.signal.aborted) {
      await sleep(PING_EVERY_MS, closing.signal);
      if (closing.signal.aborted) return;
      await Promise.all([commands, listening].map(async (connection) => {
        if (connection.status !== 'ready') { muteSinceMs.delete(connection); return; }
        try {
          await within(ANSWER_MOST_MS, connection.ping());
          muteSinceMs.delete(connection);
        } catch {
          if (closing.signal.aborted) return;
          setUp(false, 'no answer to a ping');
          const sinceMs = muteSinceMs.get(connection) ?? performance.now();
          muteSinceMs.set(connection, sinceMs);
          if (performance.now() - sinceMs > MUTE_MOST_MS) { muteSinceMs.delete(connection); connection.disconnect(true); }
        }
      }));
      if (muteSinceMs.size === 0) becomeUp();
    }
  })();
  const whenUp = (waitMs: number, signal?: AbortSignal) => new Promise<void>((resolve) => {
    if (up || waitMs <= 0 || signal?.aborted || closing.signal.aborted) return resolve();
    const done = () => { clearTimeout(timer); upListeners.delete(done); signal?.removeEventListener('abort', done); closing.signal.removeEventListener('abort', done); resolve(); };
    const timer = setTimeout(done, waitMs);
    upListeners.add(done);
    signal?.addEventListener('abort', done, { once: true });
    closing.signal.addEventListener('abort', done, { once: true });
  });

  // --- one command, bounded
  const call = async (command: string, ...args: (string | number | Buffer)[]): Promise<unknown> => {
    if (!up) throw new Problem('busDown', {}, errors.last || 'no connection to Redis');
    let bytes = 0;
    for (const arg of args) if (typeof arg !== 'number') bytes += arg.length;
    if (underWay >= UNDER_WAY_MOST || underWayBytes + bytes > UNDER_WAY_BYTES_MOST) { count.messagesDropped++; throw new Problem('busDown', {}, 'too much is under way to Redis'); }
    underWay++; underWayBytes += bytes;
    try { return await commands.callBuffer(command, ...args); } catch (error) { throw new Problem('busDown', {}, withoutSecrets((error as Error).message)); } finally { underWay--; underWayBytes -= bytes; }
  };

  // --- topics
  const subscribe = async (channel: string, onMessage: (bytes: Uint8Array) => void): Promise<Unsubscribe> => {
    const there = subscribers.get(channel);
    const handlers = there ?? new Set();
    subscribers.set(channel, handlers);
    // A function may come twice, for two who subscribe: each gets its own.
    const handler = (bytes: Uint8Array) => onMessage(bytes);
    handlers.add(handler);
    const leave = async () => {
      if (!handlers.delete(handler) || handlers.size > 0 || subscribers.get(channel) !== handlers) return;
      subscribers.delete(channel);
      if (listening.status === 'ready') await listening.unsubscribe(channel).catch(() => {});
    };
    try {
      await whenUp(ANSWER_MOST_MS);
      if (!up) throw new Error(errors.last || 'no connection to Redis');
      await within(ANSWER_MOST_MS, listening.subscribe(channel)); // twice is once
    } catch (error) {
      await leave();
      throw new Problem('busDown', {}, withoutSecrets((error as Error).message));
    }
    return leave;
  };

  // --- waiting for a log: one subscription a log, kept for a while after the last reader
  const wakes = new Map<string, { waiting: Set<() => void>; ready: Promise<Unsubscribe>; readers: number; idle: NodeJS.Timeout | null }>();
  const borrowWake = (name: string) => {
    let wake = wakes.get(name);
    if (wake === undefined) {
      const waiting = new Set<() => void>();
      wake = { waiting, readers: 0, idle: null, ready: subscribe(`${PREFIX}wake:${name}`, () => { for (const go of waiting) go(); }) };
      wakes.set(name, wake);
      wake.ready.catch(() => { wakes.delete(name); });
    }
    const borrowed = wake;
    borrowed.readers++;
    if (borrowed.idle !== null) { clearTimeout(borrowed.idle); borrowed.idle = null; }
    return {
      ready: borrowed.ready, waiting: borrowed.waiting,
      giveBack() {
        if (--borrowed.readers > 0) return;
        borrowed.idle = setTimeout(() => { wakes.delete(name); void borrowed.ready.then((leave) => leave(), () => {}); }, WAKE_KEPT_MS);
        borrowed.idle.unref();
      },
    };
  };
  const appended = new Map<string, { bytesMean: number; keptAtMs: number }>();

  const readNow = async (name: string, afterId: string, mostEntries: number): Promise<{ entries: LogEntry[]; lost: boolean }> => {
    const fromStart = afterId === LOG_START;
    // With the entry after which it reads: when that one is gone, others after it may be, too.
    const rows = await call('XRANGE', `${PREFIX}log:${name}`, fromStart ? '-' : afterId, '+', 'COUNT', Math.max(1, mostEntries) + (fromStart ? 0 : 1)) as [Buffer, Buffer[]][];
    const entries = rows.map(([id, fields]) => ({ entryId: id.toString(), bytes: new Uint8Array(fields[1] ?? NOTHING) }));
    if (entries.length === 0) return { entries, lost: false };
    if (!fromStart) {
      const isThere = entries[0]!.entryId === afterId;
      return isThere ? { entries: entries.slice(1), lost: false } : { entries: entries.slice(0, mostEntries), lost: true };
    }
    const facts = await call('XINFO', 'STREAM', `${PREFIX}log:${name}`) as (Buffer | number | null)[];
    const fact = (key: string) => Number(facts[facts.findIndex((word, at) => at % 2 === 0 && String(word) === key) + 1]);
    return { entries, lost: fact('entries-added') > fact('length') };
  };

  // --- requests
  const processId = randomBytes(8).toString('hex');
  const asked = new Map<string, { resolve: (bytes: Uint8Array) => void; reject: (error: Problem) => void }>();
  const onAnswer = (bytes: Uint8Array) => {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const requestId = buffer.toString('latin1', 0, 16), failed = buffer[16] === 1, body = bytes.slice(17);
    const waiting = asked.get(requestId);
    asked.delete(requestId);
    if (failed) waiting?.reject(new Problem('busDown', {}, Buffer.from(body).toString('utf8'))); else waiting?.resolve(body);
  };
  const serving = new Set<() => Promise<void>>();

  const bus: Bus = {
    async publish(topic, bytes) { await call('PUBLISH', `${PREFIX}topic:${topic}`, asBuffer(bytes)); },
    subscribe: (topic, onMessage) => subscribe(`${PREFIX}topic:${topic}`, onMessage),

    async append(name, bytes, { mostEntries = MOST_ENTRIES_DEFAULT } = {}) {
      const key = `${PREFIX}log:${name}`;
      const past = appended.get(name) ?? { bytesMean: bytes.length, keptAtMs: -Infinity };
      if (appended.size > 10_000) appended.clear();
      past.bytesMean += (bytes.length - past.bytesMean) / 50;
      appended.set(name, past);
      const most = Math.max(1, Math.min(mostEntries, Math.floor(LOG_BYTES_MOST / Math.max(1, past.bytesMean))));
      // '~' cuts whole nodes of 100 entries, at a fraction of the cost; for a short log that would be no bound at all.
      const added = call('XADD', key, 'MAXLEN', most < 1000 ? '=' : '~', most, '*', 'b', asBuffer(bytes));
      const told = call('PUBLISH', `${PREFIX}wake:${name}`, '');
      told.catch(() => {}); // readers look again by themselves
      if (performance.now() - past.keptAtMs > LOG_KEEP_EVERY_MS) { past.keptAtMs = performance.now(); call('EXPIRE', key, LOG_KEPT_S).catch(() => { past.keptAtMs = -Infinity; }); }
      return String(await added);
    },
    async read(name, afterId, { mostEntries, waitMs, signal }) {
      if (!/^\d{1,20}-\d{1,20}$/.test(afterId)) throw new RangeError(`no entry id: ${afterId}`);
      const untilMs = performance.now() + waitMs;
      const leftMs = () => untilMs - performance.now();
      // While Redis is away the wait is spent on its coming back: callers that try again at once must not spin.
      await whenUp(leftMs(), signal);
      if (signal?.aborted) return { entries: [], lost: false };
      if (waitMs <= 0) return readNow(name, afterId, mostEntries);
      const wake = borrowWake(name);
      try {
        await wake.ready; // subscribed first, read then: an entry between the two is found
        for (;;) {
          let woken = () => {};
          const news = new Promise<void>((resolve) => { woken = resolve; });
          wake.waiting.add(woken);
          try {
            const found = await readNow(name, afterId, mostEntries);
            if (found.entries.length > 0 || leftMs() <= 0 || signal?.aborted || closing.signal.aborted) return signal?.aborted ? { entries: [], lost: false } : found;
            const stop = new AbortController();
            const ended = () => stop.abort();
            signal?.addEventListener('abort', ended, { once: true });
            closing.signal.addEventListener('abort', ended, { once: true });
            await Promise.race([news, sleep(Math.max(1, Math.min(leftMs(), LOOK_EVERY_MS)), stop.signal)]);
            stop.abort();
            signal?.removeEventListener('abort', ended);
            closing.signal.removeEventListener('abort', ended);
            if (closing.signal.aborted) return { entries: [], lost: false };
          } finally { wake.waiting.delete(woken); }
        }
      } finally { wake.giveBack(); }
    },
    async newestId(name) {
      const rows = await call('XREVRANGE', `${PREFIX}log:${name}`, '+', '-', 'COUNT', 1) as [Buffer, Buffer[]][];
      return rows[0]?.[0].toString() ?? LOG_START;
    },

    async putLatest(key, bytes, ttlMs) { await call('SET', `${PREFIX}latest:${key}`, asBuffer(bytes), 'PX', Math.max(1, Math.round(ttlMs))); },
    async getLatest(key) {
      const bytes = await call('GET', `${PREFIX}latest:${key}`) as Buffer | null;
      return bytes === null ? null : new Uint8Array(bytes);
    },

    async request(topic, bytes, timeoutMs) {
      const requestId = randomBytes(8).toString('hex'), list = `${PREFIX}requests:${topic}`;
      const answer = new Promise<Uint8Array>((resolve, reject) => { asked.set(requestId, { resolve, reject }); });
      answer.catch(() => {}); // told below, or given up before
      try {
        const forMs = Math.max(1, Math.round(timeoutMs));
        // The body lives as long as somebody waits for its answer: what is found later is work for nobody, and is skipped.
        await call('SET', `${PREFIX}request:${requestId}`, Buffer.concat([Buffer.from(`${processId}\n`), asBuffer(bytes)]), 'PX', forMs);
        const waiting = await call('RPUSH', list, requestId) as number;
        void call('PEXPIRE', list, Math.max(60_000, forMs)).catch(() => {});
        if (waiting > REQUESTS_WAITING_MOST) throw new Problem('busDown', {}, `too many wait for ${topic}`);
        const heardBy = await call('PUBLISH', `${PREFIX}asked:${topic}`, '') as number;
        if (heardBy === 0) throw new Problem('busDown', {}, `nobody answers ${topic}`);
        return await within(forMs, answer).catch((error: unknown) => { throw error instanceof Problem ? error : new Problem('busDown', {}, `no answer from ${topic} within ${forMs} ms`); });
      } finally {
        asked.delete(requestId);
        if (up) { call('DEL', `${PREFIX}request:${requestId}`).catch(() => {}); call('LREM', list, 1, requestId).catch(() => {}); }
      }
    },
    async serve(topic, answer) {
      const list = `${PREFIX}requests:${topic}`;
      let open = true, answering = 0, taking = false, again = false;
      const answerOne = async (requestId: string) => {
        const kept = await call('GETDEL', `${PREFIX}request:${requestId}`) as Buffer | null;
        if (kept === null) return; // whoever asked has given up
        const cut = kept.indexOf(0x0a);
        const replyTo = `${PREFIX}answers:${kept.toString('latin1', 0, cut)}`;
        const [flag, body] = await answer(new Uint8Array(kept.subarray(cut + 1))).then((bytes) => [0, asBuffer(bytes)] as const, (error: unknown) => [1, Buffer.from(withoutSecrets(error instanceof Error ? error.message : String(error)))] as const);
        await call('PUBLISH', replyTo, Buffer.concat([Buffer.from(requestId, 'latin1'), Buffer.from([flag]), body]));
      };
      // LPOP gives each request to one of all who serve, in whatever process.
      const take = async () => {
        if (taking) { again = true; return; }
        taking = true;
        try {
          do {
            again = false;
            while (open && up && answering < ANSWERS_AT_ONCE) {
              const requestId = await call('LPOP', list) as Buffer | null;
              if (requestId === null) break;
              answering++;
              void answerOne(requestId.toString('latin1')).catch((error: unknown) => log.warn({ topic, detail: String(error) }, 'an answer was lost')).finally(() => { answering--; void take(); });
            }
          } while (again);
        } catch { /* Redis is away; looked again below */ } finally { taking = false; }
      };
      const leave = await subscribe(`${PREFIX}asked:${topic}`, () => void take());
      const timer = setInterval(() => void take(), LOOK_EVERY_MS);
      const stop = async () => { open = false; clearInterval(timer); serving.delete(stop); await leave(); };
      serving.add(stop);
      void take();
      return stop;
    },

    isUp: () => up,
    onChange(listener) { const own = (isUp: boolean) => listener(isUp); upListeners.add(own); return () => { upListeners.delete(own); }; },
    counters: () => ({ ...count }),
    async close() {
      if (closing.signal.aborted) return;
      for (const stop of serving) await stop().catch(() => {});
      closing.abort();
      up = false;
      for (const wake of wakes.values()) { if (wake.idle !== null) clearTimeout(wake.idle); for (const go of wake.waiting) go(); }
      for (const { reject } of asked.values()) reject(new Problem('busDown', {}, 'the bus is closed'));
      commands.disconnect();
      listening.disconnect();
      await watch;
    },
  };

  for (const connection of [commands, listening]) connection.connect().catch(() => {}); // tried again by retryStrategy
  await whenUp(startMostMs);
  try {
    if (!up) throw new Problem('busDown', {}, errors.last || 'no connection to Redis');
    await subscribe(`${PREFIX}answers:${processId}`, onAnswer);
    await warnOfSettings(commands, log);
  } catch (error) { await bus.close(); throw error; }
  return bus;
}

/** A Redis that forgets or evicts works until the day it matters. */
async function warnOfSettings(commands: Redis, log: Logger): Promise<void> {
  const info = await commands.info().catch(() => '');
  if (/aof_enabled:0/.test(info)) log.warn('Redis keeps no append-only file: set appendonly yes, or queued work is lost when it restarts');
  if (/maxmemory_policy:(?!noeviction)/.test(info)) log.warn('Redis may evict what it holds: set maxmemory-policy noeviction');
}

const NOTHING = Buffer.alloc(0);
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
