// BullMQ behind queue.ts: on Redis in the spread, on PostgreSQL in the all-in-one (so that it needs no Redis). One suite runs over both: test/store/queue.test.ts.
import { createPostgresBackend, createRedisBackend, runMigrations, withBackend, type Queue as BullQueue, type Worker as BullWorker } from 'bullmq';
import type { Socket } from 'node:net';
import pg from 'pg';
import type { Logger } from 'pino';
import { Problem, withoutSecrets } from '../../contract/problem.ts';
import { pauseMs, sleep } from '../pauseMs.ts';
import { troubleOf } from '../sql/database.ts';
import { within } from '../within.ts';
import type { Queue } from './queue.ts';

/** What was done stays a day for those who look into it, what failed a week; both bounded in number. */
const KEEP_COMPLETED = { age: 86_400, count: 1000 }, KEEP_FAILED = { age: 7 * 86_400, count: 5000 };
/** BullMQ's own schema, so that its tables never mix with ours. */
const SCHEMA = 'bullmq';
/** Queue, worker and the worker's LISTEN share it. */
const POOL_MOST = 5;
const ATTEMPTS_DEFAULT = 3, RETRY_FIRST_MS = 1000;
const KEEPING = { backoff: { type: 'exponential', delay: RETRY_FIRST_MS }, removeOnComplete: KEEP_COMPLETED, removeOnFail: KEEP_FAILED };
const START_MOST_MS = 30_000, STOP_MOST_MS = 1500, CALL_MOST_MS = 5000;
const TELL_EVERY_MS = 1000;

export async function openQueue({ name, databaseUrl, redisUrl, log }: { name: string; databaseUrl: string; redisUrl: string | null; log: Logger }): Promise<Queue> {
  return redisUrl === null ? openOnPostgres({ name, databaseUrl, log }) : openOnRedis({ name, redisUrl, log });
}

type Bull = {
  makeQueue(): Pick<BullQueue, 'add' | 'getJobState' | 'getJobCounts' | 'close' | 'on'>;
  makeWorker(handle: (job: { id?: string; name: string; data: Record<string, unknown>; attemptsMade: number }) => Promise<void>, atOnce: number): Pick<BullWorker, 'close' | 'on' | 'waitUntilReady'>;
  problemOf(error: unknown): unknown;
  closeConnections(): Promise<void>;
};

async function openOnPostgres({ name, databaseUrl, log }: { name: string; databaseUrl: string; log: Logger }): Promise<Queue> {
  // Given as a pool: BullMQ's ES module cannot load pg by itself. It puts the schema into the search path only of pools that it makes.
  const pool = new pg.Pool({
    connectionString: databaseUrl, max: POOL_MOST, application_name: 'crowdlight queue', keepAlive: true, connectionTimeoutMillis: CALL_MOST_MS, statement_timeout: 15_000,
    options: `-c search_path=${SCHEMA}`,
  });
  const told = saidOnce(log, 'the queue has lost its database');
  pool.on('error', told);
  const clients = new Set<pg.PoolClient>();
  pool.on('connect', (client) => { clients.add(client); client.on('error', told); });
  pool.on('remove', (client) => { clients.delete(client); });
  const untilMs = performance.now() + START_MOST_MS;
  for (let attempt = 1; ; attempt++) {
    try {
      const client = await pool.connect();
      try { await runMigrations(client, SCHEMA); } finally { client.release(); }
      break;
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble !== null && performance.now() < untilMs) { await sleep(pauseMs({ attempt, firstMs: 200, mostMs: 2000 })); continue; }
      await pool.end();
      throw trouble === null ? error : new Problem(trouble, {}, withoutSecrets((error as Error).message));
    }
  }
  // withBackend, not setDefaultBackendFactory: that one would change every queue of the process, those on Redis too.
  const { Queue: Queued, Worker: Worked } = withBackend(createPostgresBackend);
  return queueOver({
    makeQueue: () => new Queued(name, { connection: pool as never }) as never,
    makeWorker: (handle, atOnce) => new Worked(name, handle as never, { connection: pool as never, concurrency: atOnce, ...WORKER }) as never,
    problemOf: (error) => { const trouble = troubleOf(error); return trouble === null ? error : new Problem(trouble, {}, withoutSecrets((error as Error).message)); },
    async closeConnections() {
      const ended = pool.end().then(() => true, () => true);
      if (await Promise.race([ended, sleep(200).then(() => false)])) return;
      // A worker that had to be left behind still holds its connection, listening for jobs; the pool would wait for it for ever.
      for (const client of clients) (client as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
      await Promise.race([ended, sleep(200)]);
    },
  }, log, name);
}

async function openOnRedis({ name, redisUrl, log }: { name: string; redisUrl: string; log: Logger }): Promise<Queue> {
  const retryStrategy = (attempt: number) => pauseMs({ attempt, firstMs: 50, mostMs: 2000 });
  const { Queue: Queued, Worker: Worked } = withBackend(createRedisBackend);
  const prefix = 'crowdlight-queue';
  return queueOver({
    // A job that cannot be handed over is the caller's to know of, now: no line of unsent ones.
    makeQueue: () => new Queued(name, { prefix, connection: { url: redisUrl, maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: CALL_MOST_MS, retryStrategy } }) as never,
    makeWorker: (handle, atOnce) => new Worked(name, handle as never, { prefix, connection: { url: redisUrl, maxRetriesPerRequest: null, retryStrategy }, concurrency: atOnce, ...WORKER }) as never,
    problemOf: (error) => (isRedisTrouble(error) ? new Problem('busDown', {}, withoutSecrets((error as Error).message)) : error),
    closeConnections: async () => {},
  }, log, name);
}

const WORKER = {
  removeOnComplete: KEEP_COMPLETED, removeOnFail: KEEP_FAILED,
  // A process that died holding a job: another takes it within about a minute.
  lockDuration: 30_000, stalledInterval: 15_000, maxStalledCount: 3,
  // The pause after a failed look for jobs: the default of 15 s would keep a queue silent long after its database is back.
  runRetryDelay: 1000, drainDelay: 5,
};

async function queueOver(bull: Bull, log: Logger, name: string): Promise<Queue> {
  const tell = saidOnce(log, `queue ${name}`);
  const queue = bull.makeQueue();
  queue.on('error', tell);
  await within(START_MOST_MS, (queue as unknown as BullQueue).waitUntilReady()).catch((error: unknown) => { throw bull.problemOf(error); });
  const workers: Pick<BullWorker, 'close' | 'on'>[] = [];
  const call = async <T>(work: Promise<T>): Promise<T> => { try { return await within(CALL_MOST_MS, work); } catch (error) { throw bull.problemOf(error); } };
  const timers = new Set<NodeJS.Timeout>();
  let closed: Promise<void> | null = null;
  return {
    async add({ jobId, name: jobName, data, delayMs = 0, attempts = ATTEMPTS_DEFAULT }) {
      if (jobId.includes(':') || jobId === '') throw new RangeError(`a job id without ':' and not empty: ${jobId}`);
      await call(queue.add(jobName, data, { jobId, ...KEEPING, delay: Math.max(0, delayMs), attempts: Math.max(1, attempts) }));
    },
    async every(jobName, everyMs, data) {
      if (!(everyMs >= 100)) throw new RangeError(`every ${everyMs} ms is too often`);
      // BullMQ's own scheduler is not used, nor its deduplication: on PostgreSQL (6.7.0, November 2026), with three processes asking at once, 1 of 8 schedulers
      // stopped for ever, and 5 of 8 deduplication keys stayed behind a finished job. Plain job ids hold: each process asks for the job of each span
      // by a name that all of them make alike; the first one makes it, the others find it there.
      const idOf = (span: number) => `${jobName}-every-${everyMs}-${span}`;
      let madeLast: number | null = null;
      const ask = async (span: number) => {
        for (const before of new Set([madeLast ?? span - 1, span - 1])) {
          const state = await call(queue.getJobState(idOf(before)));
          if (!['completed', 'failed', 'unknown'].includes(state)) return; // it still runs: this span is passed over
        }
        await call(queue.add(jobName, data, { ...KEEPING, jobId: idOf(span), attempts: ATTEMPTS_DEFAULT }));
        madeLast = span;
      };
      const spanNow = () => Math.floor(Date.now() / everyMs);
      let asked = spanNow();
      await ask(asked);
      const next = (attempt: number) => {
        const waitMs = attempt > 1 ? pauseMs({ attempt, firstMs: 100, mostMs: 5000 }) : (asked + 1) * everyMs - Date.now();
        const timer = setTimeout(() => {
          timers.delete(timer);
          const span = spanNow();
          if (span === asked) return next(1); // a timer may be early by a millisecond, and at most 24 days long
          ask(span).then(() => { asked = span; next(1); }, (error: unknown) => { tell(error instanceof Error ? error : new Error(String(error))); next(attempt + 1); });
        }, Math.min(Math.max(1, waitMs), 2 ** 31 - 1));
        if (closed === null) timers.add(timer); else clearTimeout(timer);
      };
      next(1);
    },
    async work(handle, { atOnce = 1 } = {}) {
      const worker = bull.makeWorker((job) => handle({ jobId: job.id ?? '', name: job.name, data: job.data, attempt: job.attemptsMade + 1 }), atOnce);
      worker.on('error', tell);
      worker.on('failed', (job, error) => log.warn({ queue: name, job: job?.name, jobId: job?.id, attempt: job?.attemptsMade, detail: withoutSecrets(error.message) }, 'a job has failed'));
      worker.on('stalled', (jobId) => log.warn({ queue: name, jobId }, 'a job was left behind by a process that died; it is done again'));
      workers.push(worker);
      await within(START_MOST_MS, worker.waitUntilReady()).catch((error: unknown) => { throw bull.problemOf(error); });
    },
    async counts() {
      const counts = await call(queue.getJobCounts('waiting', 'active', 'delayed', 'failed', 'completed', 'prioritized'));
      return { waiting: (counts.waiting ?? 0) + (counts.prioritized ?? 0), active: counts.active ?? 0, delayed: counts.delayed ?? 0, failed: counts.failed ?? 0, completed: counts.completed ?? 0 };
    },
    close: () => (closed ??= (async () => {
      for (const timer of timers) clearTimeout(timer);
      // Running jobs get a moment; then they are left to be found as stalled by the next process.
      await Promise.all(workers.map(async (worker) => {
        const done = await Promise.race([worker.close().then(() => true, () => true), sleep(STOP_MOST_MS).then(() => false)]);
        if (!done) await Promise.race([worker.close(true).catch(() => {}), sleep(500)]);
      }));
      await Promise.race([queue.close().catch(() => {}), sleep(STOP_MOST_MS)]);
      await bull.closeConnections();
    })()),
  };
}

/** One line a second for a repeated fault, with how often it came. */
function saidOnce(log: Logger, what: string): (error: Error) => void {
  let saidAtMs = -Infinity, times = 0;
  return (error) => {
    times++;
    if (performance.now() - saidAtMs < TELL_EVERY_MS) return;
    log.warn({ detail: withoutSecrets(error.message), times }, what);
    saidAtMs = performance.now(); times = 0;
  };
}

const isRedisTrouble = (error: unknown): boolean => error instanceof Error
  && /no answer within|Connection is closed|isn't writeable|max retries per request|Command timed out|ECONNREFUSED|ECONNRESET|ENOTFOUND|EPIPE|LOADING|OOM|MISCONF|READONLY/i.test(`${error.message} ${'code' in error ? String(error.code) : ''}`);
