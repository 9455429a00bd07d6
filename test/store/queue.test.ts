// One suite for both backends of the queue: BullMQ on PostgreSQL and BullMQ on Redis.
import { Queue as BullQueue } from 'bullmq';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Problem } from '../../contract/problem.ts';
import { openQueue } from '../../store/queue/openQueue.ts';
import { openStore } from '../../store/openStore.ts';
import type { Job, Queue } from '../../store/queue/queue.ts';
import { runMaintain } from '../../worker/maintain.ts';
import { freshDatabase } from '../support/postgres.ts';
import { redisMissing, startRedis, type TestRedis } from '../support/redis.ts';
import { silent, sleep, until } from './things.ts';

let redis: TestRedis, database: Awaited<ReturnType<typeof freshDatabase>>;
const opened: Queue[] = [];
beforeAll(async () => { database = await freshDatabase(); if (redisMissing === null) redis = await startRedis(); });
afterEach(async () => { await Promise.all(opened.splice(0).map((queue) => queue.close())); });
afterAll(async () => { await redis?.stop(); await database?.drop(); });

const backends = [
  { name: 'on PostgreSQL', missing: null, redisUrl: () => null },
  { name: 'on Redis', missing: redisMissing, redisUrl: () => redis.redisUrl },
];
let names = 0;

describe.each(backends)('the queue $name', ({ missing, redisUrl }) => {
  describe.skipIf(missing !== null)(`(${missing ?? 'all there'})`, () => {
    const open = async (name: string) => {
      const queue = await openQueue({ name, databaseUrl: database.databaseUrl, redisUrl: redisUrl(), log: silent });
      opened.push(queue);
      return queue;
    };
    const freshName = () => `queue${process.pid}x${++names}`;

    test('a job is done once, with its data, also when it is added twice and two processes work', async () => {
      const name = freshName();
      const [adder, first, second] = [await open(name), await open(name), await open(name)];
      const done: Job[] = [];
      await first.work(async (job) => { done.push(job); });
      await second.work(async (job) => { done.push(job); });
      await Promise.all(Array.from({ length: 20 }, (_, index) => adder.add({ jobId: `job-${index % 10}`, name: 'tell', data: { index: index % 10, words: '警报' } })));
      await until('all are done', async () => (await adder.counts()).completed === 10);
      await sleep(100);
      expect(done.map((job) => job.jobId).toSorted()).toEqual(Array.from({ length: 10 }, (_, index) => `job-${index}`));
      expect(done[0]).toMatchObject({ name: 'tell', attempt: 1, data: { words: '警报' } });
      expect(await adder.counts()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0, completed: 10 });
    });

    test('a job that fails is tried again with a pause, and kept as failed when its tries are used up', async () => {
      const queue = await open(freshName());
      const attempts: number[] = [];
      await queue.work(async (job) => { attempts.push(job.attempt); throw new Error(`no network on try ${job.attempt}`); });
      const startMs = performance.now();
      await queue.add({ jobId: 'a', name: 'tell', data: {}, attempts: 2 });
      await until('it has failed', async () => (await queue.counts()).failed === 1, 10_000);
      expect(attempts).toEqual([1, 2]);
      expect(performance.now() - startMs).toBeGreaterThan(900);
    });

    test('a job for later waits, and many are done at once', async () => {
      const queue = await open(freshName());
      let atOnce = 0, atOnceMost = 0;
      const doneAtMs: number[] = [];
      let release = () => {};
      let gate = Promise.resolve();
      await queue.work(async () => { atOnceMost = Math.max(atOnceMost, ++atOnce); await gate; atOnce--; doneAtMs.push(performance.now()); }, { atOnce: 3 });
      const startMs = performance.now();
      await queue.add({ jobId: 'later', name: 'tell', data: {}, delayMs: 600 });
      expect((await queue.counts()).delayed).toBe(1);
      await until('it is done', () => doneAtMs.length === 1);
      expect(doneAtMs[0]! - startMs).toBeGreaterThan(600);
      gate = new Promise((resolve) => { release = resolve; });
      for (let index = 0; index < 6; index++) await queue.add({ jobId: `now-${index}`, name: 'tell', data: {} });
      await until('three are at work', () => atOnce === 3);
      await sleep(200);
      release();
      await until('all are done', () => doneAtMs.length === 7);
      expect(atOnceMost).toBe(3);
    });

    test('what is done every second is done by one at a time, however many ask for it', async () => {
      const name = freshName();
      const processes = await Promise.all(Array.from({ length: 3 }, () => open(name)));
      const doneAtMs: number[] = [];
      for (const queue of processes) await queue.work(async (job) => { expect(job.name).toBe('sweep'); doneAtMs.push(performance.now()); });
      await Promise.all(processes.map((queue) => queue.every('sweep', 500, { of: 'all' })));
      await until('it was done some times', () => doneAtMs.length >= 8, 12_000);
      const spansMs = doneAtMs.slice(1).map((atMs, index) => atMs - doneAtMs[index]!);
      expect(spansMs.slice(1).toSorted((a, b) => a - b)[Math.floor((spansMs.length - 1) / 2)]).toBeGreaterThan(250); // three times as often would be 167
      for (const queue of processes) await queue.close();
    });

    test('what takes longer than its span is not done twice at once: spans are passed over meanwhile', async () => {
      const name = freshName();
      const processes = await Promise.all([open(name), open(name)]);
      let atOnce = 0, atOnceMost = 0, done = 0;
      for (const queue of processes) await queue.work(async () => { atOnceMost = Math.max(atOnceMost, ++atOnce); await sleep(900); atOnce--; done++; });
      await Promise.all(processes.map((queue) => queue.every('slow', 300, {})));
      await until('it was done some times', () => done >= 3, 12_000);
      expect(atOnceMost).toBe(1);
    });

    test('what is done is not kept for ever', async () => {
      const queue = await open(freshName());
      await queue.work(async () => {}, { atOnce: 20 });
      for (let at = 0; at < 1100; at += 50) await Promise.all(Array.from({ length: 50 }, (_, index) => queue.add({ jobId: `j-${at + index}`, name: 'tell', data: {} })));
      await until('all are done', async () => { const { waiting, active } = await queue.counts(); return waiting + active === 0; }, 30_000);
      const { completed } = await queue.counts();
      expect(completed).toBeLessThanOrEqual(1020); // 20 at once, each of which cuts by what it saw
      expect(completed).toBeGreaterThan(900);
    }, 45_000);

    test('a job id with a colon is refused: backends use it in their keys', async () => {
      await expect((await open(freshName())).add({ jobId: 'a:b', name: 'tell', data: {} })).rejects.toThrow(RangeError);
    });

    test('closing is done in under 3 s, also while a job runs and while the worker waits', async () => {
      const name = freshName();
      const queue = await open(name);
      let running = false;
      await queue.work(async () => { running = true; await sleep(20_000); });
      await queue.add({ jobId: 'long', name: 'tell', data: {} });
      await until('it runs', () => running);
      const startMs = performance.now();
      await queue.close();
      expect(performance.now() - startMs).toBeLessThan(3500);
    });
  });
});

test('a queue on PostgreSQL does not change what other queues of this process stand on', async () => {
  const queue = await openQueue({ name: 'own', databaseUrl: database.databaseUrl, redisUrl: null, log: silent });
  const other = new BullQueue('other', { connection: { host: '127.0.0.1', port: 1, retryStrategy: () => null, maxRetriesPerRequest: 0 } });
  other.on('error', () => {});
  await expect(other.add('x', {})).rejects.toThrow(/connection|closed|ECONNREFUSED/i);
  await other.close().catch(() => {});
  await queue.close();
});

test.skipIf(redisMissing !== null)('Redis away: adding is busDown by name, and jobs are done again when it is back', async () => {
  const own = await startRedis();
  const queue = await openQueue({ name: 'away', databaseUrl: database.databaseUrl, redisUrl: own.redisUrl, log: silent });
  try {
    const done: string[] = [];
    await queue.work(async (job) => { done.push(job.jobId); });
    await queue.add({ jobId: 'before', name: 'tell', data: {} });
    await until('it is done', () => done.includes('before'));
    await sleep(1300);
    await own.kill();
    await sleep(100);
    await expect(queue.add({ jobId: 'lost', name: 'tell', data: {} })).rejects.toMatchObject({ note: { code: 'busDown' } });
    await own.start();
    await until('adding works', () => queue.add({ jobId: 'after', name: 'tell', data: {} }).then(() => true, () => false), 10_000);
    await until('it is done', () => done.includes('after'), 15_000);
  } finally { await queue.close(); await own.stop(); }
}, 45_000);

test('PostgreSQL cuts all connections: adding is databaseDown or works, and jobs go on', async () => {
  const queue = await openQueue({ name: 'cut', databaseUrl: database.databaseUrl, redisUrl: null, log: silent });
  const done: string[] = [];
  await queue.work(async (job) => { done.push(job.jobId); });
  await queue.add({ jobId: 'before', name: 'tell', data: {} });
  await until('it is done', () => done.includes('before'));
  const client = new pg.Client({ connectionString: database.databaseUrl });
  await client.connect();
  await client.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`);
  await client.end();
  const code = await queue.add({ jobId: 'during', name: 'tell', data: {} }).then(() => 'worked', (error: unknown) => (error instanceof Problem ? error.note.code : String(error)));
  expect(['worked', 'databaseDown']).toContain(code);
  await until('adding works', () => queue.add({ jobId: 'after', name: 'tell', data: {} }).then(() => true, () => false), 10_000);
  await until('it is done', () => done.includes('after'), 20_000);
  await queue.close();
}, 45_000);

test('the hourly job drops what is older than its limit', async () => {
  const { databaseUrl, drop } = await freshDatabase();
  const store = await openStore({ databaseUrl, log: silent });
  const queue = await openQueue({ name: 'maintain', databaseUrl, redisUrl: null, log: silent });
  const { site: { siteId } } = await store.addSite({ name: 'x', origin: { lng: 0, lat: 0 }, grid: { cellM: 1, columns: 5, rows: 5 }, demo: false });
  const minuteAtMs = Date.now() - 40 * 86_400_000;
  await store.keepZoneMinutes(siteId, [{ zoneId: 'z', minute: { minuteAtMs, kept: 'few' } }]);
  expect(await store.zonePast('z', 0)).toHaveLength(1);
  await runMaintain({ store, queue, settings: { zoneMinutesDays: 30, eventsDays: 30 }, log: silent });
  await until('it is gone', async () => (await store.zonePast('z', 0)).length === 0, 15_000);
  await queue.close();
  await store.close();
  await drop();
}, 40_000);
