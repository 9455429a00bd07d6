// One suite for both adapters of the bus, and what only Redis can suffer: kill -9, hanging.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Problem } from '../../contract/problem.ts';
import { LOG_START, type Bus } from '../../store/bus/bus.ts';
import { inProcessBus } from '../../store/bus/inProcess.ts';
import { redisBus } from '../../store/bus/redis.ts';
import { redisMissing, startRedis, type TestRedis } from '../support/redis.ts';
import { silent, sleep, until } from './things.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const codeOf = (work: Promise<unknown>) => work.then(() => 'no problem', (error: unknown) => (error instanceof Problem ? error.note.code : `not a Problem: ${String(error)}`));

let redis: TestRedis;
const opened: Bus[] = [];
beforeAll(async () => { if (redisMissing === null) redis = await startRedis(); });
afterEach(async () => { for (const bus of opened.splice(0)) await bus.close(); });
afterAll(async () => { await redis?.stop(); });

/** Two ends of one bus: two processes over Redis, twice the same object in one process. */
const adapters: { name: string; missing: string | null; open(): Promise<[Bus, Bus]> }[] = [
  { name: 'in one process', missing: null, open: async () => { const bus = inProcessBus(); opened.push(bus); return [bus, bus]; } },
  { name: 'over Redis', missing: redisMissing, open: async () => { const pair: [Bus, Bus] = [await redisBus({ redisUrl: redis.redisUrl, log: silent }), await redisBus({ redisUrl: redis.redisUrl, log: silent })]; opened.push(...pair); return pair; } },
];
let names = 0;
const fresh = (what: string) => `${what}${process.pid}-${++names}`;

describe.each(adapters)('the bus $name', ({ missing, open }) => {
  describe.skipIf(missing !== null)(`(${missing ?? 'all there'})`, () => {
    test('a message reaches every subscriber, byte for byte and in order, but never from inside publish', async () => {
      const [here, there] = await open();
      const topic = fresh('topic');
      const heard: Uint8Array[] = [], heardHere: Uint8Array[] = [];
      await there.subscribe(topic, (bytes) => { heard.push(bytes); });
      await here.subscribe(topic, (bytes) => { heardHere.push(bytes); });
      const sent = every.slice();
      const publishing = here.publish(topic, sent);
      expect(heardHere).toEqual([]);
      sent.fill(7); // what was handed over is not changed by what the sender does next
      await publishing;
      for (let index = 0; index < 50; index++) await here.publish(topic, bytesOf(String(index)));
      await until('all are heard', () => heard.length === 51 && heardHere.length === 51);
      expect(heard[0]).toEqual(heardHere[0]);
      expect(heard.slice(1).map(textOf)).toEqual(Array.from({ length: 50 }, (_, index) => String(index)));
    });

    test('a handler that throws takes nothing from the others, and nobody hears after unsubscribing', async () => {
      const [here, there] = await open();
      const topic = fresh('topic');
      const heard: string[] = [], faults: unknown[] = [];
      const onFault = (error: unknown) => { faults.push(error); };
      const before = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.on('uncaughtException', onFault);
      try {
        await there.subscribe(topic, () => { throw new Error('a fault of ours'); });
        const leave = await there.subscribe(topic, (bytes) => { heard.push(textOf(bytes)); });
        await here.publish(topic, bytesOf('one'));
        await until('it is heard', () => heard.length === 1 && faults.length === 1);
        await leave();
        await here.publish(topic, bytesOf('two'));
        await sleep(100);
        expect(heard).toEqual(['one']);
      } finally { process.off('uncaughtException', onFault); for (const listener of before) process.on('uncaughtException', listener); }
    });

    test('a log gives its entries in order from any place, byte for byte, to any number of readers', async () => {
      const [here, there] = await open();
      const log = fresh('log');
      expect(await there.newestId(log)).toBe(LOG_START);
      expect(await there.read(log, LOG_START, { mostEntries: 10, waitMs: 0 })).toEqual({ entries: [], lost: false });
      const ids: string[] = [];
      for (let index = 0; index < 5; index++) ids.push(await here.append(log, index === 0 ? every : bytesOf(String(index))));
      expect(await there.newestId(log)).toBe(ids[4]);
      const all = await there.read(log, LOG_START, { mostEntries: 10, waitMs: 0 });
      expect(all.lost).toBe(false);
      expect(all.entries.map((entry) => entry.entryId)).toEqual(ids);
      expect(all.entries[0]!.bytes).toEqual(every);
      const middle = await there.read(log, ids[1]!, { mostEntries: 2, waitMs: 0 });
      expect(middle).toMatchObject({ lost: false });
      expect(middle.entries.map((entry) => textOf(entry.bytes))).toEqual(['2', '3']);
    });

    test('a reader that waits gets the entry as soon as it is there, many wait at once, and a wait ends by time and by signal', async () => {
      const [here, there] = await open();
      const logs = Array.from({ length: 30 }, () => fresh('log'));
      const arrivals = logs.map(async (log) => { const { entries } = await there.read(log, LOG_START, { mostEntries: 10, waitMs: 8000 }); return { text: textOf(entries[0]!.bytes), atMs: performance.now() }; });
      await sleep(200);
      const sentAtMs = performance.now();
      await Promise.all(logs.map((log) => here.append(log, bytesOf(log))));
      const arrived = await Promise.all(arrivals);
      expect(arrived.map(({ text }) => text)).toEqual(logs);
      const latenciesMs = arrived.map(({ atMs }) => atMs - sentAtMs).toSorted((a, b) => a - b);
      expect(latenciesMs[15]).toBeLessThan(500); // looking again every second would take 500 in the middle
      const startMs = performance.now();
      expect(await there.read(fresh('log'), LOG_START, { mostEntries: 1, waitMs: 150 })).toEqual({ entries: [], lost: false });
      expect(performance.now() - startMs).toBeGreaterThan(120);
      const stop = new AbortController();
      const waiting = there.read(fresh('log'), LOG_START, { mostEntries: 1, waitMs: 60_000, signal: stop.signal });
      await sleep(50);
      stop.abort();
      expect(await waiting).toEqual({ entries: [], lost: false });
    });

    test('a log keeps its newest entries only, and a reader that was too slow is told so, once', async () => {
      const [here, there] = await open();
      const log = fresh('log');
      const first = await here.append(log, bytesOf('first'), { mostEntries: 20 });
      for (let index = 0; index < 60; index++) await here.append(log, bytesOf(String(index)), { mostEntries: 20 });
      const late = await there.read(log, first, { mostEntries: 5, waitMs: 0 });
      expect(late.lost).toBe(true);
      expect(late.entries.map((entry) => textOf(entry.bytes))).toEqual(['40', '41', '42', '43', '44']);
      expect(await there.read(log, late.entries[4]!.entryId, { mostEntries: 100, waitMs: 0 })).toMatchObject({ lost: false });
      expect((await there.read(log, LOG_START, { mostEntries: 1, waitMs: 0 })).lost).toBe(true); // its beginning is gone
      // A place of a log that is no more (restart, wiped Redis).
      expect((await there.read(log, '1000-5', { mostEntries: 1, waitMs: 0 })).lost).toBe(true);
    });

    test('a latest value is replaced by a newer one and gone after its time', async () => {
      const [here, there] = await open();
      const key = fresh('latest');
      expect(await there.getLatest(key)).toBeNull();
      await here.putLatest(key, every, 5000);
      expect(await there.getLatest(key)).toEqual(every);
      await here.putLatest(key, bytesOf('new'), 120);
      expect(textOf((await there.getLatest(key))!)).toBe('new');
      await sleep(180);
      expect(await there.getLatest(key)).toBeNull();
    });

    test('each request is answered by exactly one of those who serve, byte for byte; nobody, too late and a failure are busDown', async () => {
      const [here, there] = await open();
      const topic = fresh('ask');
      expect(await codeOf(here.request(topic, bytesOf('?'), 300))).toBe('busDown');
      const served: string[] = [];
      const leaves = [
        await there.serve(topic, async (bytes) => { served.push(`a ${textOf(bytes)}`); await sleep(5); return Uint8Array.of(...bytes, 255, 0); }),
        await here.serve(topic, async (bytes) => { served.push(`b ${textOf(bytes)}`); await sleep(5); return Uint8Array.of(...bytes, 255, 0); }),
      ];
      const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => here.request(topic, bytesOf(String(index)), 5000)));
      answers.forEach((answer, index) => expect(answer).toEqual(Uint8Array.of(...bytesOf(String(index)), 255, 0)));
      expect(served.map((one) => one.slice(2)).toSorted()).toEqual(Array.from({ length: 40 }, (_, index) => String(index)).toSorted());
      for (const leave of leaves) await leave();
      expect(await codeOf(here.request(topic, bytesOf('?'), 300))).toBe('busDown');
      const broken = fresh('ask');
      await there.serve(broken, async (bytes) => { if (textOf(bytes) === 'slow') await sleep(3000); throw new Error('the camera bit me'); });
      await expect(here.request(broken, bytesOf('now'), 2000)).rejects.toThrow('the camera bit me');
      const startMs = performance.now();
      expect(await codeOf(here.request(broken, bytesOf('slow'), 100))).toBe('busDown');
      expect(performance.now() - startMs).toBeLessThan(1500);
    });

    test('after close everything is busDown, a waiting reader ends, and closing twice is once', async () => {
      const [here] = await open();
      expect(here.isUp()).toBe(true);
      const waiting = here.read(fresh('log'), LOG_START, { mostEntries: 1, waitMs: 60_000 }).catch((error: Problem) => error.note.code);
      await sleep(50);
      await here.close();
      await here.close();
      expect(here.isUp()).toBe(false);
      expect([{ entries: [], lost: false }, 'busDown']).toContainEqual(await waiting);
      expect(await codeOf(here.publish('x', every))).toBe('busDown');
      expect(await codeOf(here.append('x', every))).toBe('busDown');
    });
  });
});

test('in one process: a subscriber that never gets to run loses the oldest messages, counted, and memory does not grow', async () => {
  const bus = inProcessBus();
  const heard: number[] = [];
  await bus.subscribe('flood', (bytes) => { heard.push(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)); });
  const message = (value: number) => { const bytes = new Uint8Array(4); new DataView(bytes.buffer).setUint32(0, value); return bytes; };
  for (let index = 0; index < 12_000; index++) void bus.publish('flood', message(index));
  await until('the rest is heard', () => heard.length >= 10_000);
  expect(heard).toHaveLength(10_000);
  expect(heard[0]).toBe(2000);
  expect(bus.counters().messagesDropped).toBe(2000);
  await bus.close();
});

test('in one process: a log of large entries is bounded in bytes, too', async () => {
  const bus = inProcessBus();
  const before = process.memoryUsage().arrayBuffers;
  for (let index = 0; index < 600; index++) await bus.append('large', new Uint8Array(1_000_000));
  expect((process.memoryUsage().arrayBuffers - before) / 1e6).toBeLessThan(300); // 64 MB and what is not yet collected; unbounded it would be 600
  expect((await bus.read('large', LOG_START, { mostEntries: 1000, waitMs: 0 })).entries.length).toBeLessThanOrEqual(67);
  await bus.close();
});

describe.skipIf(redisMissing !== null)(`Redis in trouble (${redisMissing ?? 'all there'})`, () => {
  test('killed and started again: publish is refused by name within 2 s, subscriptions stand again, the log and its readers go on', async () => {
    const own = await startRedis();
    const here = await redisBus({ redisUrl: own.redisUrl, log: silent }), there = await redisBus({ redisUrl: own.redisUrl, log: silent });
    try {
      const heard: string[] = [], changes: boolean[] = [];
      await there.subscribe('after', (bytes) => { heard.push(textOf(bytes)); });
      await there.serve('asked', async (bytes) => bytes);
      there.onChange((isUp) => { changes.push(isUp); });
      const first = await here.append('log', bytesOf('before'));
      await sleep(1300); // appendfsync everysec
      await own.kill();
      await until('both know', () => !here.isUp() && !there.isUp(), 3000);
      const startMs = performance.now();
      expect(await codeOf(here.publish('after', bytesOf('lost')))).toBe('busDown');
      expect(await codeOf(here.request('asked', bytesOf('lost'), 500))).toBe('busDown');
      expect(performance.now() - startMs).toBeLessThan(2000);
      const waiting = there.read('log', first, { mostEntries: 10, waitMs: 15_000 }); // spends its wait on Redis' coming back
      await own.start();
      await until('both are back', () => here.isUp() && there.isUp(), 10_000);
      await here.publish('after', bytesOf('back'));
      const second = await here.append('log', bytesOf('after'));
      expect(second > first).toBe(true);
      expect(await waiting).toEqual({ entries: [{ entryId: second, bytes: bytesOf('after') }], lost: false });
      await until('the message is heard', () => heard.includes('back'));
      expect(heard).toEqual(['back']);
      expect(textOf(await here.request('asked', bytesOf('again'), 3000))).toBe('again');
      expect((await there.read('log', LOG_START, { mostEntries: 10, waitMs: 0 })).entries.map((entry) => textOf(entry.bytes))).toEqual(['before', 'after']); // the append-only file
      expect(changes).toEqual([false, true]);
      expect(there.counters().reconnects).toBe(1);
    } finally { await here.close(); await there.close(); await own.stop(); }
  }, 40_000);

  test('hanging: found within about 3 s, refused at once from then on, and well again by itself', async () => {
    const own = await startRedis();
    const bus = await redisBus({ redisUrl: own.redisUrl, log: silent });
    try {
      own.freeze();
      const startMs = performance.now();
      expect(await codeOf(bus.publish('x', every))).toBe('busDown');
      expect(performance.now() - startMs).toBeLessThan(3500);
      await until('it knows', () => !bus.isUp(), 4000);
      const againMs = performance.now();
      for (let index = 0; index < 1000; index++) expect(await codeOf(bus.publish('x', every))).toBe('busDown');
      expect(performance.now() - againMs).toBeLessThan(5000); // 1000 waits of 2 s otherwise
      own.thaw();
      await until('it is well again', () => bus.isUp(), 8000);
      await bus.publish('x', every);
    } finally { await bus.close(); await own.stop(); }
  }, 40_000);

  test('an address without Redis is busDown by name, an address that is none is a wrong setting', async () => {
    expect(await codeOf(redisBus({ redisUrl: 'redis://127.0.0.1:1', log: silent, startMostMs: 500 }))).toBe('busDown');
    expect(await codeOf(redisBus({ redisUrl: 'http://example.test', log: silent }))).toBe('settingWrong');
  });
});
