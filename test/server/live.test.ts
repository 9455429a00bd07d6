// What a screen hears: every event once and in order whatever happens to its line; of everything else the newest.
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, test } from 'vitest';
import { encodeReading } from '../../contract/reading.ts';
import { topics } from '../../store/bus/bus.ts';
import { CLOSED_ABOVE_BYTES, STALLED_ABOVE_BYTES } from '../../server/live/outbox.ts';
import { frame } from '../../server/live/frame.ts';
import { rangeOf } from '../../server/basemaps.ts';
import { commit, leaseOf, raisedAlarm, readingOf, serverForTest, siteBody, until, wait, type ScreenForTest, type ServerForTest } from './serverForTest.ts';

let server: ServerForTest | null = null;
afterEach(async () => { await server?.close(); server = null; });
async function withSite(over: Parameters<typeof serverForTest>[0] = {}) {
  server = await serverForTest(over);
  const { site } = await server.store.addSite({ ...siteBody(), demo: false });
  return { server, siteId: site.siteId, lease: await leaseOf(server.store, site.siteId) };
}
const isWhole = (seqs: number[]) => seqs.every((seq, at) => at === 0 || seq > seqs[at - 1]!);

describe('live', () => {
  test('LI1 says hello, beats every second, and tells of an event within a moment', async () => {
    const { server, siteId, lease } = await withSite();
    const screen = await server.screen();
    await until('hello', () => screen.of('hello')[0]);
    const startedAtMs = performance.now();
    await commit(server.store, lease, siteId, [raisedAlarm(siteId, 1)]);
    await until('the event', () => screen.of('event')[0]);
    expect(performance.now() - startedAtMs).toBeLessThan(1500);
    await until('two beats', () => screen.of('beat').length >= 2);
    expect(screen.messages[0]).toMatchObject({ type: 'hello', startOver: false, lastSeq: 0 });
    expect(screen.misfits).toEqual([]);
  });

  test('LI2 a screen that comes and goes under load misses no event and gets none twice', async () => {
    const { server, siteId, lease } = await withSite();
    let committed = 0, isCommitting = true;
    const load = (async () => { for (; isCommitting; committed += 5) await commit(server.store, lease, siteId, Array.from({ length: 5 }, (_, at) => raisedAlarm(siteId, committed + at))); })();
    const seen: number[] = [];
    const steady = await server.screen();
    await until('the first events', () => steady.seqs.length > 0);
    for (let round = 0; round < 12; round++) {
      const screen: ScreenForTest = await server.screen(seen.at(-1) ?? 0);
      await wait(30 + 25 * round);
      screen.leave();
      await screen.closed;
      seen.push(...screen.seqs);
      expect(screen.misfits).toEqual([]);
    }
    isCommitting = false;
    await load;
    const last: ScreenForTest = await server.screen(seen.at(-1));
    const lastSeq = await server.store.lastSeq();
    await until('the last event', () => (last.seqs.at(-1) ?? seen.at(-1)) === lastSeq);
    seen.push(...last.seqs);
    const recorded = (await server.store.eventsAfter(0, 100_000)).map(({ seq }) => seq);
    expect(recorded.length).toBe(committed);
    expect(seen).toEqual(recorded.slice(recorded.indexOf(seen[0]!)));
    expect(isWhole(steady.seqs)).toBe(true);
    await until('the steady screen has all', () => steady.seqs.at(-1) === lastSeq);
    expect(steady.seqs).toEqual(recorded.slice(recorded.indexOf(steady.seqs[0]!)));
  });

  test('LI3 more than 5,000 missed, or a record that is another one: start over', async () => {
    const { server, siteId, lease } = await withSite();
    for (let at = 0; at < 5200; at += 400) await commit(server.store, lease, siteId, Array.from({ length: 400 }, (_, one) => raisedAlarm(siteId, at + one)));
    const lastSeq = await server.store.lastSeq();
    await until('the hub has them all', async () => ((await server.send('GET', '/metrics')).body as string).includes(`crowdlight_last_event_seq ${lastSeq}\n`));
    const far = await server.screen(1), near = await server.screen(lastSeq - 1200), ahead = await server.screen(lastSeq + 1000);
    await until('hellos', () => far.of('hello')[0] && near.of('hello')[0] && ahead.of('hello')[0]);
    expect([far, near, ahead].map((screen) => screen.of('hello')[0]!.startOver)).toEqual([true, false, true]);
    await until('the near one has what it missed', () => near.seqs.length >= 1200);
    await commit(server.store, lease, siteId, [raisedAlarm(siteId, 99_999)]);
    for (const screen of [far, near, ahead]) await until('the new event', () => screen.seqs.at(-1) === lastSeq + 1);
    expect([far.seqs.length, near.seqs.length, ahead.seqs.length]).toEqual([1, 1201, 1]);
  });

  test('LI4 a wake-up that is lost costs a second, not an event', async () => {
    const { server, siteId, lease } = await withSite({ relay: false });
    const screen = await server.screen();
    await commit(server.store, lease, siteId, [raisedAlarm(siteId, 1)]);
    await until('the event without a relay', () => screen.seqs.length === 1, 3000);
  });

  test('LI5 the newest reading, zones and status reach a screen that comes later', async () => {
    const { server, siteId } = await withSite();
    await server.bus.publish(topics.readings, encodeReading(readingOf(siteId, 'cam1', { seq: 1 })));
    await server.bus.publish(topics.readings, encodeReading(readingOf(siteId, 'cam1', { seq: 2 })));
    await server.bus.publish(topics.zones, Buffer.from(JSON.stringify({ type: 'zones', siteId, judgedAtMs: 5, serverAtMs: 6, states: [], lines: [] })));
    await wait(100);
    const screen = await server.screen();
    await until('both', () => screen.readings.length > 0 && screen.of('zones').length > 0);
    expect(screen.readings.map(({ seq }) => seq)).toEqual([2]);
    await server.bus.publish(topics.siteChanged, Buffer.from(JSON.stringify({ siteId, version: 3 })));
    await until('the change', () => screen.of('siteChanged').some(({ version }) => version === 3));
    expect(screen.misfits).toEqual([]);
  });

  test('LI6 what is no message is counted and breaks nothing', async () => {
    const { server, siteId } = await withSite();
    const screen = await server.screen();
    await server.bus.publish(topics.readings, Buffer.from('nonsense'));
    await server.bus.publish(topics.sensorStatus, Buffer.from('{"half'));
    await server.bus.publish(topics.readings, encodeReading(readingOf(siteId, 'cam1')));
    await until('the good one', () => screen.readings.length === 1);
    expect((await server.send('GET', '/metrics')).body).toContain('crowdlight_bus_messages_broken_total 2');
  });

  test('LI7 a stalled screen gets no new readings, holds no memory, is closed, and the others notice nothing', async () => {
    const { server, siteId, lease } = await withSite();
    const stalled = await stalledScreen(server.address, server.administrator.cookie);
    const well = await server.screen();
    // 700 kB a reading: a stalled screen would hold hundreds of megabytes if all were kept.
    const reading = readingOf(siteId, 'cam1', { window: { columnFirst: 0, rowFirst: 0, columns: 480, rows: 480 } });
    const metric = async (name: string) => Number(new RegExp(`^crowdlight_${name} (\\d+)`, 'm').exec((await server.send('GET', '/metrics')).body as string)?.[1]);
    // What is held, not what the allocator has not given back yet.
    setFlagsFromString('--expose_gc');
    const collect = runInNewContext('gc') as () => void;
    const memoryMB = () => { collect(); return process.memoryUsage().arrayBuffers / 1e6; };
    const beforeMB = memoryMB();
    for (let seq = 1; seq <= 150; seq++) {
      await server.bus.publish(topics.readings, encodeReading({ ...reading, seq }));
      await wait(25);
    }
    await commit(server.store, lease, siteId, [raisedAlarm(siteId, 1)]);
    await until('the well screen has the event', () => well.seqs.length === 1);
    expect(well.readings.at(-1)!.seq).toBeGreaterThan(140);
    expect(await metric('screen_readings_dropped_total')).toBeGreaterThan(20);
    expect(memoryMB() - beforeMB).toBeLessThan(50);
    await until('the stalled one is closed', async () => (await metric('screens_closed_slow_total')) === 1, 26_000);
    expect(await metric('screens')).toBe(1);
    stalled.destroy();
  }, 60_000);

  test('LI8 too many screens from one address are refused by name, and room comes back', async () => {
    const { server } = await withSite({ screensPerAddressMost: 2 });
    const [first] = [await server.screen(), await server.screen()];
    await expect(server.screen()).rejects.toThrow('429');
    first.leave();
    await until('room', async () => { try { return await server.screen(); } catch { return null; } });
  });

  test('LI9 a screen that talks too much is closed; the rest of the server does not mind', async () => {
    const { server } = await withSite();
    const screen = await server.screen();
    screen.socket.send('x'.repeat(10_000));
    expect(await screen.closed).toBe(1009);
    expect((await server.send('GET', '/health')).status).toBe(200);
  });

  test('LI10 a server that stops tells its screens', async () => {
    const { server } = await withSite();
    const screen = await server.screen();
    const startedAtMs = performance.now();
    await server.closeServer();
    expect(await screen.closed).toBe(1001);
    expect(performance.now() - startedAtMs).toBeLessThan(1500);
  });

  test('LI11 frames are those of RFC 6455 at each of the three lengths', () => {
    expect([...frame('text', 'hi')]).toEqual([0x81, 2, 0x68, 0x69]);
    expect([...frame('binary', new Uint8Array(126)).subarray(0, 4)]).toEqual([0x82, 126, 0, 126]);
    expect([...frame('binary', new Uint8Array(65_535)).subarray(0, 4)]).toEqual([0x82, 126, 255, 255]);
    expect([...frame('binary', new Uint8Array(65_536)).subarray(0, 10)]).toEqual([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    expect(STALLED_ABOVE_BYTES).toBeLessThan(CLOSED_ABOVE_BYTES);
  });

  test('LI12 silly byte ranges are answered with the whole file or not at all', () => {
    expect([rangeOf(undefined, 10), rangeOf('bytes=-', 10), rangeOf('lines=1-2', 10), rangeOf('bytes=1-2,4-5', 10)]).toEqual([null, null, null, null]);
    expect([rangeOf('bytes=5-2', 10), rangeOf('bytes=10-', 10), rangeOf('bytes=0-0', 0)]).toEqual(['impossible', 'impossible', 'impossible']);
    expect(rangeOf('bytes=0-99999999999999999999', 10)).toEqual({ firstByte: 0, lastByte: 9 });
  });
});

/** A screen whose machine sleeps: the line is open, nothing is read. */
async function stalledScreen(address: string, cookie: string): Promise<Socket> {
  const { port, host } = new URL(address);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(`GET /live?after=0 HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nCookie: ${cookie}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  socket.on('error', () => {});
  return socket;
}
