// How fast an alarm reaches a thousand screens, and whether the server's memory stays flat when ten of them stop reading.
// The real path: store.recordEvents -> outbox -> relay -> hub -> sockets; PostgreSQL, server and screens are processes of their own.
// Latency is from just before the commit to the arrival at each screen, by one clock: all run on this machine.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { AlarmChanged } from '../contract/alarm.ts';
import { BENCH_COOKIE, openBenchSession } from './session.ts';

const SCREENS = 1000, STALLED = 10, SCREEN_PROCESSES = 2;
const EVENTS_PER_S = 100, EVENTS_PER_COMMIT = 2;
const SENSORS = 4, READINGS_PER_S = 2;
// V8's young generation takes some 25 s at this rate to find its size (212 to 275 MB here, then flat to the megabyte for as long as it was watched).
const WARM_UP_MS = 30_000, MEASURED_MS = 30_000;

export default async function fanout(emit: (figure: string, value: number, unit: string) => void): Promise<void> {
  const { default: pino } = await import('pino');
  const { startEmbeddedPostgres } = await import('../store/embeddedPostgres.ts');
  const folder = mkdtempSync(join(tmpdir(), 'crowdlight-fanout-'));
  const postgres = await startEmbeddedPostgres({ folder, log: pino({ level: 'error' }) });
  const children: ChildProcess[] = [];
  const start = (as: string, more: string[] = []) => {
    const child = fork(import.meta.filename, [as, ...more], { execArgv: ['--expose-gc'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    children.push(child);
    return child;
  };
  try {
    const server = start('server', [postgres.databaseUrl, folder]);
    const { port } = await said<{ port: number }>(server, 'port');
    // Those that stop reading first: what the kernel holds for each (some 6 MB here) must be full, or they would not be noticed for a minute.
    const stalled = start('screens', [String(port), String(STALLED), 'stalled']);
    await said(stalled, 'connected');
    server.send('fill');
    await said(server, 'filled');
    const screens = Array.from({ length: SCREEN_PROCESSES }, () => start('screens', [String(port), String((SCREENS - STALLED) / SCREEN_PROCESSES), 'reading']));
    await Promise.all(screens.map((child) => said(child, 'connected')));

    server.send('begin');
    await pause(WARM_UP_MS);
    for (const child of screens) child.send('begin');
    server.send('measure');
    const before = await said<{ rssMB: number; cpuS: number }>(server, 'measured');
    await pause(MEASURED_MS);
    server.send('measure');
    const after = await said<{ rssMB: number; cpuS: number; screens: number; closedSlow: number; events: number; loopDelayMs: number }>(server, 'measured');
    for (const child of screens) child.send('end');
    const results = await Promise.all(screens.map((child) => said<{ histogram: number[]; gaps: number; closed: number }>(child, 'result')));

    const histogram = results.map((result) => result.histogram).reduce((sum, one) => sum.map((count, ms) => count + one[ms]!));
    const gaps = results.reduce((sum, result) => sum + result.gaps, 0);
    const closed = results.reduce((sum, result) => sum + result.closed, 0);
    if (gaps > 0 || closed > 0) throw new Error(`${gaps} gaps in what the screens were sent, ${closed} screens cut off`);
    if (after.closedSlow !== STALLED) throw new Error(`${after.closedSlow} screens were closed as too slow, not the ${STALLED} that stopped reading`);
    const delivered = histogram.reduce((sum, count) => sum + count, 0);
    emit('deliverMsP50', percentile(histogram, 0.5), 'ms');
    emit('deliverMsP99', percentile(histogram, 0.99), 'ms');
    emit('memoryGrowthMB', after.rssMB - before.rssMB, 'MB');
    emit('memoryMB', after.rssMB, 'MB');
    emit('deliveriesPerS', delivered / (MEASURED_MS / 1000), '1/s');
    // A busy machine shows here first: the server waits for its turn before it can be late by itself.
    emit('serverLoopDelayMsP99', after.loopDelayMs, 'ms');
    emit('serverCpuShare', (after.cpuS - before.cpuS) / (MEASURED_MS / 1000), 'cores');
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await postgres.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function percentile(histogram: number[], share: number): number {
  const rank = share * histogram.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  return histogram.findIndex((count) => (seen += count) >= rank);
}

function said<T>(child: ChildProcess, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown) => { const { type, ...rest } = message as { type: string }; if (type === what) { child.off('message', onMessage); resolve(rest as T); } };
    child.on('message', onMessage);
    child.once('exit', (code) => reject(new Error(`a process of the bench ended with ${code} before it said "${what}"`)));
  });
}
const say = (type: string, more: object = {}) => process.send!({ type, ...more });

// --- the process that is measured
async function serverProcess(databaseUrl: string, dataFolder: string): Promise<void> {
  const { default: pino } = await import('pino');
  const { loadRuleKinds, loadSensorKinds } = await import('../config/kinds.ts');
  const { loadSettings } = await import('../config/settings.ts');
  const { encodeReading } = await import('../contract/reading.ts');
  const { startServer } = await import('../server/start.ts');
  const { topics } = await import('../store/bus/bus.ts');
  const { inProcessBus } = await import('../store/bus/inProcess.ts');
  const { openStore } = await import('../store/openStore.ts');
  const { runRelay } = await import('../worker/relay.ts');
  const log = pino({ level: 'error' });
  const store = await openStore({ databaseUrl, log });
  const bus = inProcessBus();
  runRelay({ store, bus, log });
  await openBenchSession(store);
  const settings = { ...loadSettings({ argv: ['--port', '0', '--data', dataFolder], env: {}, readFile: () => null }), screensMost: 2 * SCREENS, screensPerAddressMost: 2 * SCREENS };
  const server = await startServer({ store, bus, settings, sensorKinds: await loadSensorKinds(), ruleKinds: await loadRuleKinds(), log });
  const { site: { siteId } } = await store.addSite({ name: 'Bench', origin: { lng: 0, lat: 0 }, grid: { cellM: 1, columns: 60, rows: 40 }, demo: false });
  const lease = (await store.takeLease(`site:${siteId}`, 'bench', 600_000))!;
  let number = 0, isCommitting = false, beganAtMs = 0;
  // One commit at a time, as a decider does; what fell due meanwhile goes into the next, so that a busy machine does not lighten the load.
  const commit = async () => {
    const due = Math.floor(((performance.now() - beganAtMs) / 1000) * EVENTS_PER_S) - number;
    if (isCommitting || due < 1) return;
    isCommitting = true;
    const events = Array.from({ length: Math.min(due, 500) }, () => raised(siteId, number++));
    await store.recordEvents({ events, lease, snapshot: { siteId, fence: lease.fence, inputId: '0-0', configVersion: 1, stateJson: '{}', savedAtMs: Date.now() } });
    isCommitting = false;
  };
  let seq = 0;
  const cells = 30 * 20, raster = new Uint8Array(cells).fill(100);
  const read = async () => {
    const capturedAtMs = Date.now();
    seq++;
    for (let at = 0; at < SENSORS; at++) {
      await bus.publish(topics.readings, encodeReading({
        siteId, sensorId: `camera${at}`, epoch: 1, seq, capturedAtMs, heardAtMs: capturedAtMs, calibrationVersion: 1, modelId: 'bench', peopleInPicture: 10,
        window: { columnFirst: 0, rowFirst: 0, columns: 30, rows: 20 }, densityCodes: raster, errorCodes: raster, weightCodes: raster, flow: null, fault: null,
      }));
    }
  };
  const { monitorEventLoopDelay } = await import('node:perf_hooks');
  const loopDelay = monitorEventLoopDelay({ resolution: 10 });
  process.on('message', (message) => {
    if (message === 'begin') {
      loopDelay.enable();
      beganAtMs = performance.now();
      setInterval(() => void commit(), 1000 / (EVENTS_PER_S / EVENTS_PER_COMMIT));
      setInterval(() => void read(), 1000 / READINGS_PER_S);
    }
    if (message === 'fill') void (async () => {
      // The one message that is not kept for screens that come later.
      const large = Buffer.from(JSON.stringify({ siteId: 'x'.repeat(600_000), version: 1 }));
      for (let at = 0; at < 60; at++) { await bus.publish(topics.siteChanged, large); await pause(50); }
      say('filled');
    })();
    if (message === 'measure') void (async () => {
      global.gc?.();
      const metrics = await (await fetch(`${server.address}/metrics`, { headers: { cookie: BENCH_COOKIE } })).text();
      const metric = (name: string) => Number(new RegExp(`^crowdlight_${name} (\\d+)`, 'm').exec(metrics)?.[1]);
      const { user, system } = process.cpuUsage();
      const loopDelayMs = loopDelay.percentile(99) / 1e6;
      loopDelay.reset();
      say('measured', { loopDelayMs, rssMB: process.memoryUsage.rss() / 1e6, cpuS: (user + system) / 1e6, screens: metric('screens'), closedSlow: metric('screens_closed_slow_total'), events: number });
    })();
  });
  say('port', { port: Number(new URL(server.address).port) });
}

function raised(siteId: string, number: number): AlarmChanged {
  const atMs = Date.now(), zoneId = `zone${number % 50}`;
  const alarmId = `${siteId}.densityHigh.${zoneId}.${atMs}.${number}`;
  return {
    type: 'alarmChanged', eventId: `${alarmId}.1`, siteId, atMs, from: null,
    alarm: {
      alarmId, version: 1, siteId, rule: 'densityHigh', place: { kind: 'zone', zoneId }, siteName: 'Bench', placeName: `Zone ${number % 50}`, level: 'danger', levelPeak: 'danger',
      raisedAtMs: atMs, changedAtMs: atMs, because: { code: 'densityAbove', values: { peoplePerM2: 4.9, errorPeoplePerM2: 0.4, limitPeoplePerM2: 4.7, forMs: 5000 } }, demo: false, priority: 'high', exercise: false, shelved: null, muted: null, repeats: 0, state: 'raised',
    },
  };
}

/** An empty pong, masked with zeros as RFC 6455 asks of a client. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

// --- the screens: sockets that look only for the instant and the number of an event, so that the machine's two cores go to the server
async function screensProcess(port: number, count: number, isStalled: boolean): Promise<void> {
  const histogram = new Array<number>(20_000).fill(0);
  let isMeasuring = false, gaps = 0, closed = 0;
  for (let at = 0; at < count; at++) {
    const socket = await shakeHands(port);
    if (isStalled) { socket.pause(); continue; }
    let rest: Buffer = Buffer.alloc(0), lastSeq = 0;
    socket.on('data', (chunk: Buffer) => {
      const nowMs = Date.now();
      let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (;;) {
        const payload = nextPayload(bytes);
        if (payload === null) break;
        bytes = bytes.subarray(payload.endsAt);
        if (payload.opcode === 9) socket.write(PONG);
        // {"type":"event","seq":12,"event":{..."atMs":1700000000000
        if (payload.opcode !== 1 || payload.bytes.toString('latin1', 0, 22) !== '{"type":"event","seq":') continue;
        const seq = Number.parseInt(payload.bytes.toString('latin1', 22, 40), 10);
        if (lastSeq !== 0 && seq !== lastSeq + 1) gaps++;
        lastSeq = seq;
        if (!isMeasuring) continue;
        const from = payload.bytes.indexOf('"atMs":') + 7;
        const atMs = Number.parseInt(payload.bytes.toString('latin1', from, from + 13), 10);
        histogram[Math.min(histogram.length - 1, Math.max(0, nowMs - atMs))]!++;
      }
      rest = bytes.length === 0 ? Buffer.alloc(0) : Buffer.from(bytes);
    });
    socket.on('close', () => { if (isMeasuring) closed++; });
  }
  process.on('message', (message) => {
    if (message === 'begin') isMeasuring = true;
    if (message === 'end') { isMeasuring = false; say('result', { histogram, gaps, closed }); }
  });
  say('connected');
}

function nextPayload(bytes: Buffer): { opcode: number; bytes: Buffer; endsAt: number } | null {
  if (bytes.length < 2) return null;
  const short = bytes[1]! & 0x7f;
  const headBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < headBytes) return null;
  const lengthBytes = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const endsAt = headBytes + lengthBytes;
  return bytes.length < endsAt ? null : { opcode: bytes[0]! & 0xf, bytes: bytes.subarray(headBytes, endsAt), endsAt };
}

async function shakeHands(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`GET /live?after=0 HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nCookie: ${BENCH_COOKIE}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
  const head = await new Promise<Buffer>((resolve, reject) => { socket.once('data', resolve); socket.once('close', () => reject(new Error('the server closed the line'))); });
  if (!head.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(head.toString('latin1', 0, 200));
  // What came with the answer is the hello: the next frame begins right after it.
  const after = head.subarray(head.indexOf('\r\n\r\n') + 4);
  if (after.length > 0) socket.unshift(after);
  return socket;
}

const [as, ...more] = process.argv.slice(2);
if (as === 'server' && process.send) await serverProcess(more[0]!, more[1]!);
else if (as === 'screens' && process.send) await screensProcess(Number(more[0]), Number(more[1]), more[2] === 'stalled');
else if (import.meta.main) await fanout((figure, value, unit) => console.log(JSON.stringify({ figure, value: Number(value.toPrecision(4)), unit })));
