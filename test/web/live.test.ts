// What a screen knows: merging, resuming, publishing at most four times a second, and whether alarms are being judged.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer, type WebSocket as ServerSocket } from 'ws';
import type { Alarm } from '../../contract/alarm.ts';
import type { Overview } from '../../contract/api.ts';
import type { LiveMessage } from '../../contract/live.ts';
import { encodeReading } from '../../contract/reading.ts';
import type { SensorStatus } from '../../contract/sensorStatus.ts';
import type { ZoneState } from '../../contract/zoneState.ts';
import { liveConnection, type Connection } from '../../web/live/connection.ts';
import { judgedNow } from '../../web/live/judged.ts';
import { pauseMs } from '../../web/live/pause.ts';
import { CLOSED_ALARMS_MOST, PUBLISH_EVERY_MS, compareAlarms, liveStore } from '../../web/live/store.ts';
import { demoReadyAtMs, demoState } from '../../web/parts/demoState.ts';
import { readingOf, until } from '../server/serverForTest.ts';

test('pauses grow from the first to the bound and are sane for silly numbers', () => {
  expect([1, 2, 3, 20].map((attempt) => pauseMs({ attempt, firstMs: 300, mostMs: 8000 }))).toEqual([300, 450, 675, 8000]);
  for (const attempt of [0, -5, 1_000_000, Number.POSITIVE_INFINITY, Number.NaN]) {
    const pause = pauseMs({ attempt, firstMs: 300, mostMs: 8000 });
    expect(pause).toBeGreaterThanOrEqual(0);
    expect(pause).toBeLessThanOrEqual(8000);
  }
});

test('lists hear of a thousand changes within a second four times, and the last one is never left out', () => {
  const desk = deskForTest();
  desk.store.takeOverview(overview());
  desk.pass(1000);
  let heard = 0;
  desk.store.subscribe(() => { heard++; });
  for (let number = 1; number <= 1000; number++) { desk.store.takeMessage(event(number, alarm(number))); desk.pass(1); }
  desk.pass(PUBLISH_EVERY_MS);
  expect(heard).toBeGreaterThanOrEqual(4);
  expect(heard).toBeLessThanOrEqual(6);
  expect(desk.store.screen().alarms.length).toBe(1000);
  expect(desk.store.lastSeq()).toBe(1000);
});

test('an older or repeated version of an alarm changes nothing, in whatever order events come', () => {
  fc.assert(fc.property(fc.array(fc.record({ id: fc.integer({ min: 1, max: 4 }), version: fc.integer({ min: 1, max: 4 }) }), { maxLength: 40 }), (changes) => {
    const desk = deskForTest();
    desk.store.takeOverview(overview());
    const newest = new Map<number, number>();
    changes.forEach(({ id, version }, index) => { desk.store.takeMessage(event(index + 1, alarm(id, { version }))); newest.set(id, Math.max(version, newest.get(id) ?? 0)); });
    desk.pass(PUBLISH_EVERY_MS);
    expect(new Map(desk.store.screen().alarms.map(({ raisedAtMs, version }) => [raisedAtMs, version]))).toEqual(newest);
  }));
});

test('merging keeps the list in the same order as sorting it whole', () => {
  fc.assert(fc.property(fc.array(fc.record({ id: fc.integer({ min: 1, max: 30 }), state: fc.constantFrom('raised', 'acknowledged', 'easing', 'closed'), level: fc.constantFrom('warning', 'danger', 'critical'), pause: fc.boolean() }), { maxLength: 80 }), (changes) => {
    const desk = deskForTest();
    desk.store.takeOverview(overview());
    changes.forEach(({ id, state, level, pause }, index) => { desk.store.takeMessage(event(index + 1, alarm(id, { version: index + 1, state, level } as Partial<Alarm>))); if (pause) desk.pass(PUBLISH_EVERY_MS); });
    desk.pass(PUBLISH_EVERY_MS);
    const shown = desk.store.screen().alarms;
    expect(shown).toEqual([...shown].sort(compareAlarms));
    expect(new Set(shown.map(({ alarmId }) => alarmId)).size).toBe(new Set(changes.map(({ id }) => id)).size);
    expect(desk.store.screen().alarmsOpenCount).toBe(shown.filter(({ state }) => state !== 'closed').length);
  }));
});

test('closed alarms are bounded, open ones are never dropped', () => {
  const desk = deskForTest();
  desk.store.takeOverview(overview());
  for (let number = 1; number <= 700; number++) desk.store.takeMessage(event(number, alarm(number, { state: 'closed', acknowledged: null, closedAtMs: number, closedBecause: 'eased', changedAtMs: number } as Partial<Alarm>)));
  for (let number = 701; number <= 1400; number++) desk.store.takeMessage(event(number, alarm(number)));
  desk.pass(PUBLISH_EVERY_MS);
  const { alarms, alarmsOpenCount } = desk.store.screen();
  expect(alarmsOpenCount).toBe(700);
  expect(alarms.length).toBe(700 + CLOSED_ALARMS_MOST);
  expect(alarms.at(-1)!.changedAtMs, 'the oldest of the closed went first').toBe(201);
});

test('an overview that the line has overtaken takes nothing back', () => {
  const desk = deskForTest();
  desk.store.takeOverview(overview());
  desk.store.takeMessage(event(8, alarm(1)));
  desk.store.takeOverview(overview({ lastSeq: 7 }));
  desk.pass(PUBLISH_EVERY_MS);
  expect(desk.store.screen().alarms.length).toBe(1);
  expect(desk.store.lastSeq()).toBe(8);
  desk.store.takeOverview(overview({ lastSeq: 9 }));
  desk.pass(PUBLISH_EVERY_MS);
  expect(desk.store.screen().alarms, 'gone from the record').toEqual([]);
});

test('an alarm is told as new when it is raised or grows worse, not when it is acknowledged or was there at the start', () => {
  const desk = deskForTest();
  const told: string[] = [];
  desk.store.onNewAlarms((alarms) => told.push(...alarms.map(({ raisedAtMs, level }) => `${raisedAtMs} ${level}`)));
  desk.store.takeOverview(overview({ alarms: [alarm(1)] }));
  desk.store.takeMessage(event(1, alarm(2, { level: 'warning' })));
  desk.store.takeMessage(event(2, alarm(2, { version: 2, level: 'warning', state: 'acknowledged', acknowledged: { by: 'a', atMs: 1 } } as Partial<Alarm>)));
  desk.pass(PUBLISH_EVERY_MS);
  desk.store.takeMessage(event(3, alarm(1, { version: 2, level: 'critical' })));
  desk.pass(PUBLISH_EVERY_MS);
  expect(told).toEqual(['2 warning', '1 critical']);
});

test('zone states and statuses of an older moment do not overwrite younger ones', () => {
  const desk = deskForTest();
  desk.store.takeOverview(overview());
  desk.store.takeMessage(zones(5000, 'danger'));
  desk.store.takeMessage(zones(4000, 'calm'));
  desk.pass(PUBLISH_EVERY_MS);
  expect(desk.store.screen().zones.get('z1')).toMatchObject({ level: 'danger' });
  expect(desk.store.screen().judgedAtMs.get('s1')).toBe(5000);
});

test('a demo that is being prepared says so although its camera is turned off, until its video is there or nobody draws it any more', () => {
  const sensor = { sensorId: 'demo-cam', siteId: 's1', name: 'Roof', kind: 'file', addressShown: 'demo', enabled: false, calibration: null };
  const status = (epoch: number, phase: SensorStatus['phase'], atMs: number): SensorStatus => ({
    sensorId: 'demo-cam', siteId: 's1', epoch, atMs, phase, problem: null, nextTryAtMs: phase === 'waiting' ? atMs + 30_000 : null, attempt: 0, stream: null, clockSkewMs: null, clock: 'ours', framesUsed: 'all',
    framesDecoded: 0, framesCounted: 0, framesDropped: 0, countMs: null, analysis: null, sight: null, lastFrameAtMs: null, peopleInPicture: null, placed: true,
  });
  const desk = deskForTest();
  const hear = (one: SensorStatus) => { desk.store.takeMessage({ type: 'sensors', serverAtMs: one.atMs, statuses: [one] }); desk.pass(PUBLISH_EVERY_MS); };
  const config = { ...overview().sites[0]!, sensors: [sensor] };
  const now = (enabled = false) => demoState({ ...config, sensors: [{ ...sensor, enabled }] }, desk.store.screen());
  desk.store.takeOverview(overview());
  hear(status(1, 'off', 10_000));
  expect(now()).toBe('off');
  hear(status(0, 'waiting', 10_300));
  hear(status(1, 'off', 11_000)); // the ingest goes on saying that it is off
  expect(now()).toBe('preparing');
  expect(demoReadyAtMs(config, desk.store.screen())).toBe(40_300);
  hear(status(1, 'starting', 12_000));
  expect(now(true)).toBe('running');
  hear(status(0, 'waiting', 13_000));
  expect(desk.store.screen().sensors.get('demo-cam')?.phase).toBe('starting');
  hear(status(1, 'off', 14_000)); hear(status(0, 'waiting', 14_100)); hear(status(1, 'off', 19_000));
  expect(now()).toBe('off');
});

test('readings: the newest of each sensor; a ghost of an older epoch is left and counted', () => {
  const { store } = deskForTest();
  const seen: string[] = [];
  store.readings.onReading(({ epoch, seq }) => seen.push(`${epoch}.${seq}`));
  for (const [epoch, seq] of [[1, 1], [1, 3], [1, 2], [2, 1], [1, 4], [2, 2]] as const) store.takeReading(readingOf('s1', 'c1', { epoch, seq }));
  expect(seen).toEqual(['1.1', '1.3', '2.1', '2.2']);
  expect(store.readings.ghosts()).toBe(2);
});

test('alarms count as judged for 3 s after the last tick; then the banner names the place and since when', () => {
  const desk = deskForTest();
  desk.store.takeOverview(overview());
  desk.store.takeMessage(zones(10_000, 'calm', 10_000));
  desk.pass(PUBLISH_EVERY_MS);
  const at = (nowMs: number) => judgedNow({ ...desk.store.screen(), line: { state: 'open', heardAtMs: nowMs } }, nowMs);
  expect(at(12_999)).toEqual({ judged: true });
  expect(at(13_000)).toEqual({ judged: false, because: 'deciderSilent', siteNames: ['Square'], sinceMs: 10_000 });
});

test('a lost line, a database that is down and a silent decider have names of their own; a site never judged is silent since the screen began', () => {
  const desk = deskForTest();
  desk.store.takeOverview(overview({ serverAtMs: 2000 }));
  desk.pass(PUBLISH_EVERY_MS);
  const screen = { ...desk.store.screen(), line: { state: 'open' as const, heardAtMs: 9000 } };
  expect(judgedNow(screen, 9000)).toEqual({ judged: false, because: 'deciderSilent', siteNames: ['Square'], sinceMs: 2000 });
  expect(judgedNow({ ...screen, troubles: ['databaseDown'] }, 9000)).toMatchObject({ because: 'databaseDown' });
  expect(judgedNow({ ...screen, troubles: ['busDown'] }, 9000)).toMatchObject({ because: 'busDown' });
  expect(judgedNow({ ...screen, troubles: ['databaseDown'], line: { state: 'lost', heardAtMs: 6000, nextTryAtMs: 9500 } }, 9000), 'what a lost line hides is not guessed').toMatchObject({ because: 'lineLost', sinceMs: 6000 });
});

// --- the line itself, against a socket server on loopback that the test leads by hand
let cleanUps: (() => void)[] = [];
afterEach(() => { for (const cleanUp of cleanUps.reverse()) cleanUp(); cleanUps = []; });

test('a line that breaks is opened again after the last event seen, and nothing is lost between', async () => {
  const peer = await peerForTest();
  const { store } = peer;
  const first = await peer.nextScreen();
  expect(first.after, 'the first connection starts where the overview ends').toBe(3);
  first.send(hello(3)); first.send(event(4, alarm(4))); first.send(event(5, alarm(5)));
  await until('both events', () => store.lastSeq() === 5);
  first.socket.terminate();
  const second = await peer.nextScreen();
  expect(second.after).toBe(5);
  second.send(hello(6)); second.send(event(6, alarm(6)));
  await until('the event that came meanwhile', () => store.screen().alarms.length === 3);
  expect(store.screen().line.state).toBe('open');
  expect(peer.connection.counters()).toEqual({ messagesBad: 0, reconnects: 1 });
});

test('more was missed than is sent again: the overview is fetched anew; what does not fit the contract is counted and left', async () => {
  const peer = await peerForTest();
  const screen = await peer.nextScreen();
  expect(peer.overviews()).toBe(1);
  peer.answer = overview({ lastSeq: 900, alarms: [alarm(900)] });
  screen.send({ ...hello(900), startOver: true } as LiveMessage);
  await until('the new overview', () => peer.store.lastSeq() === 900 && peer.store.screen().alarms.length === 1);
  expect(peer.overviews()).toBe(2);
  screen.socket.send('{"type":"event","seq":"many"}');
  screen.socket.send('not json');
  screen.socket.send(new Uint8Array([1, 2, 3]));
  screen.socket.send(encodeReading(readingOf('s1', 'c1')));
  await until('the reading', () => peer.store.readings.newest('c1'));
  expect(peer.connection.counters().messagesBad).toBe(3);
});

test('a changed site is fetched; a line that is silent for five seconds is dropped and tried again', async () => {
  const peer = await peerForTest();
  const screen = await peer.nextScreen();
  peer.answer = overview({ sites: [{ ...overview().sites[0]!, version: 2, site: { ...overview().sites[0]!.site, name: 'Market' } }] });
  screen.send(hello(3)); screen.send({ type: 'siteChanged', siteId: 's1', version: 2 });
  await until('the new name', () => peer.store.screen().sites[0]?.site.name === 'Market');
  const silentSinceMs = Date.now();
  await peer.nextScreen(8000);
  expect(Date.now() - silentSinceMs).toBeGreaterThan(4000);
});

async function peerForTest() {
  const waiting: ((screen: { after: number; socket: ServerSocket; send: (message: LiveMessage) => void }) => void)[] = [];
  const come: { after: number; socket: ServerSocket; send: (message: LiveMessage) => void }[] = [];
  let overviews = 0;
  const peer = { answer: overview({ lastSeq: 3 }) };
  const http: Server = createServer((_, reply) => { overviews++; reply.setHeader('content-type', 'application/json').end(JSON.stringify(peer.answer)); });
  const sockets = new WebSocketServer({ server: http });
  sockets.on('connection', (socket, request) => {
    const screen = { after: Number(new URL(request.url!, 'http://x').searchParams.get('after')), socket, send: (message: LiveMessage) => socket.send(JSON.stringify(message)) };
    const taker = waiting.shift();
    if (taker === undefined) come.push(screen); else taker(screen);
  });
  await new Promise<void>((done) => { http.listen(0, '127.0.0.1', done); });
  const store = liveStore({ nowMs: () => Date.now(), later: (ms, act) => { setTimeout(act, ms); } });
  const connection: Connection = liveConnection({ store, origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}` });
  cleanUps.push(() => { connection.close(); for (const socket of sockets.clients) socket.terminate(); sockets.close(); http.closeAllConnections(); http.close(); });
  const nextScreen = (withinMs = 5000) => new Promise<(typeof come)[number]>((resolve, reject) => {
    const there = come.shift();
    if (there !== undefined) return resolve(there);
    const timer = setTimeout(() => reject(new Error(`no screen within ${withinMs} ms`)), withinMs);
    waiting.push((screen) => { clearTimeout(timer); resolve(screen); });
  });
  return Object.assign(peer, { store, connection, nextScreen, overviews: () => overviews });
}

/** A store with a clock of its own. */
function deskForTest() {
  let nowMs = 0;
  let due: { atMs: number; act: () => void }[] = [];
  const store = liveStore({ nowMs: () => nowMs, later: (ms, act) => { due.push({ atMs: nowMs + ms, act }); } });
  return {
    store,
    pass(ms: number): void {
      const endMs = nowMs + ms;
      for (;;) {
        const next = due.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        due = due.filter((one) => one !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.act();
      }
      nowMs = endMs;
    },
  };
}
function overview(over: Partial<Overview> = {}): Overview {
  return {
    serverAtMs: 0, lastSeq: 0, buildId: 'b1', zones: [], sensors: [], alarms: [], incidents: [], unitsVersion: 0, basemaps: [],
    sites: [{ version: 1, site: { siteId: 's1', name: 'Square', origin: { lng: 121, lat: 31 }, grid: { cellM: 1, columns: 60, rows: 40 }, demo: false }, zones: [], sensors: [{ sensorId: 'c1', siteId: 's1', name: 'C', kind: 'file', addressShown: 'x', enabled: true, calibration: null }] }],
    ...over,
  };
}
const hello = (lastSeq: number): LiveMessage => ({ type: 'hello', serverAtMs: Date.now(), lastSeq, buildId: 'b1', startOver: false });
function zones(judgedAtMs: number, level: 'calm' | 'danger', serverAtMs = judgedAtMs): LiveMessage {
  const states: ZoneState[] = [{ zoneId: 'z1', sight: 'seen', level, figures: { peoplePerM2Mean: 1, peoplePerM2Error: 0.1, peoplePerM2Peak: 2, peopleCount: 10, peopleCountError: 1, seenShare: 1, seenAreaM2: 10, flow: null, capturedAtMs: judgedAtMs }, forecast: null }];
  return { type: 'zones', siteId: 's1', judgedAtMs, serverAtMs, states, lines: [] };
}
/** `number` is its id and its instant. */
function alarm(number: number, over: Partial<Alarm> = {}): Alarm {
  const common = { alarmId: `s1.densityHigh.z1.${number}`, version: 1, siteId: 's1', rule: 'densityHigh', place: { kind: 'zone' as const, zoneId: 'z1' }, siteName: 'Square', placeName: 'East gate', level: 'danger' as const, levelPeak: 'danger' as const, raisedAtMs: number, changedAtMs: number, because: { code: 'densityAbove', values: {} }, demo: false, priority: 'high' as const, exercise: false, shelved: null, muted: null, repeats: 0 };
  const state = over.state ?? 'raised';
  const arm = state === 'raised' ? {} : state === 'acknowledged' ? { acknowledged: { by: 'a', atMs: 1 } } : state === 'easing' ? { acknowledged: null, easingSinceMs: 1 } : { acknowledged: null, closedAtMs: 1, closedBecause: 'eased' };
  return { ...common, ...arm, ...over, state } as Alarm;
}
function event(seq: number, changed: Alarm): LiveMessage {
  return { type: 'event', seq, event: { type: 'alarmChanged', eventId: `${changed.alarmId}.${changed.version}`, siteId: 's1', atMs: changed.changedAtMs, from: null, alarm: changed } };
}
