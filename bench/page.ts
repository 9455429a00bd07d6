// How smooth the page stays under the worst: 50,000 cells a second and 1,000 alarms a second for 15 s, in Chromium.
// The real page and the real server's hub, over a real WebSocket; the record behind it is PostgreSQL for everything but the flood itself: 1,000 commits a second
// would measure the disk, so the flood's events are handed to the hub by a store that wraps the real one. Where there is no GPU the map is drawn by the
// processor (SwiftShader), so the window is 640 x 400:
// the map with its heat and the sheet with the alarm list, without the panel of places.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pino from 'pino';
import { chromium, type CDPSession } from 'playwright-core';
import { loadRuleKinds, loadSensorKinds } from '../config/kinds.ts';
import { loadSettings } from '../config/settings.ts';
import type { Alarm, RecordedEvent } from '../contract/alarm.ts';
import { densityCode } from '../contract/density.ts';
import { LEVELS } from '../contract/level.ts';
import { encodeReading } from '../contract/reading.ts';
import { startServer } from '../server/start.ts';
import { inProcessBus } from '../store/bus/inProcess.ts';
import { topics } from '../store/bus/bus.ts';
import { startEmbeddedPostgres } from '../store/embeddedPostgres.ts';
import { openStore } from '../store/openStore.ts';
import type { Store } from '../store/store.ts';
import { onPath } from '../test/support/tools.ts';
import { BENCH_COOKIE, openBenchSession } from './session.ts';

const COLUMNS = 250, ROWS = 200, ALARMS_PER_S = 1000, MEASURED_S = 15, WARM_UP_MS = 3000;
const VIEWPORT = { width: 640, height: 400 };

export default async function page(emit: (figure: string, value: number, unit: string) => void): Promise<void> {
  const chromiumPath = onPath('chromium');
  if (chromiumPath === null) throw new Error('chromium is not installed: this bench cannot run');
  const log = pino({ level: 'error' });
  const folder = mkdtempSync(join(tmpdir(), 'crowdlight-page-'));
  const root = join(import.meta.dirname, '..');
  const built = spawnSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--config', join(root, 'web/vite.config.ts'), '--outDir', join(folder, 'web'), '--emptyOutDir', '--logLevel', 'warn'], { cwd: root, env: { ...process.env, NODE_ENV: 'production' }, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`the page could not be built:\n${built.stdout}${built.stderr}`);
  const postgres = await startEmbeddedPostgres({ folder: join(folder, 'data'), log });
  const store = await openStore({ databaseUrl: postgres.databaseUrl, log });
  const bus = inProcessBus();
  const { siteId } = (await store.addSite({ name: 'Stadium', origin: { lng: 121.47, lat: 31.23 }, grid: { cellM: 1, columns: COLUMNS, rows: ROWS }, demo: false })).site;
  const added = await store.addSensor(siteId, { name: 'Roof', kind: 'rtsp', settings: { url: 'rtsp://10.1.2.3/sub' }, addressShown: 'rtsp://10.1.2.3/sub' });
  const { sensor } = await store.calibrateSensor(added.sensor.sensorId, {
    position: { xM: COLUMNS / 2, yM: -20 }, heightM: 40, bearingDeg: 0, headHeightM: 1.6, pictureAspect: 16 / 9, rangeMostM: null,
    points: [[0.05, 0.95, 75, 20], [0.95, 0.95, 175, 20], [0.1, 0.2, 10, 180], [0.9, 0.2, 240, 180]].map(([xShare, yShare, xM, yM]) => ({ picture: { xShare: xShare!, yShare: yShare! }, ground: { xM: xM!, yM: yM! } })),
  });
  const flood: RecordedEvent[] = [];
  const flooded: Store = new Proxy(store, { get(target, name) {
    if (name === 'eventsAfter') return async (seq: number, most: number) => flood.slice(Math.max(0, seq), Math.max(0, seq) + most);
    const value: unknown = Reflect.get(target, name);
    return typeof value === 'function' ? value.bind(target) : value;
  } });
  const [sensorKinds, ruleKinds] = await Promise.all([loadSensorKinds(), loadRuleKinds()]);
  const server = await startServer({ store: flooded, bus, settings: loadSettings({ argv: ['--port', '0', '--data', folder], env: {}, readFile: () => null }), sensorKinds, ruleKinds, log, webFolder: join(folder, 'web') });
  const browser = await chromium.launchPersistentContext('', {
    executablePath: chromiumPath, headless: true, viewport: VIEWPORT,
    args: ['--headless=new', '--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  try {
    await openBenchSession(store);
    await browser.addCookies([{ name: BENCH_COOKIE.split('=')[0]!, value: BENCH_COOKIE.split('=')[1]!, url: server.address }]);
    const tab = browser.pages()[0] ?? await browser.newPage();
    await tab.goto(`${server.address}/`);
    await tab.locator('.map-host canvas').waitFor();
    for (let tries = 0; !await tab.evaluate('window.__crowdlight?.store.screen().line.state === "open"'); tries++) { if (tries > 100) throw new Error('the page has no line to the server'); await pause(100); }

    let seq = 0;
    const reading = () => {
      const cells = COLUMNS * ROWS, codes = new Uint8Array(cells);
      for (let cell = 0; cell < cells; cell++) codes[cell] = densityCode(3 + 3 * Math.sin(cell / 37 + seq) * Math.cos(cell / (COLUMNS * 11) + seq));
      seq++;
      const nowMs = Date.now();
      return encodeReading({ siteId, sensorId: sensor.sensorId, epoch: 1, seq, capturedAtMs: nowMs, heardAtMs: nowMs, calibrationVersion: sensor.calibration!.version, modelId: 'bench', peopleInPicture: 1000, window: { columnFirst: 0, rowFirst: 0, columns: COLUMNS, rows: ROWS }, densityCodes: codes, errorCodes: new Uint8Array(cells).fill(40), weightCodes: new Uint8Array(cells).fill(200), flow: null, fault: null });
    };
    const readings = setInterval(() => void bus.publish(topics.readings, reading()), 1000);
    let owed = 0, atMs = performance.now(), flooding = false;
    const events = setInterval(() => {
      const nowMs = performance.now();
      if (flooding) owed += ((nowMs - atMs) / 1000) * ALARMS_PER_S;
      atMs = nowMs;
      const count = Math.floor(owed);
      owed -= count;
      for (let made = 0; made < count; made++) flood.push(alarmEvent(siteId, sensor.sensorId, flood.length + 1));
      if (count > 0) void bus.publish(topics.events, new TextEncoder().encode(String(flood.length)));
    }, 20);
    try {
      flooding = true;
      await pause(WARM_UP_MS);
      // Frames as the page could draw them; a long task is one of 50 ms or more, by the browser's own count.
      await tab.evaluate(`(() => {
        const seen = window.__bench = { frames: 0, longMs: 0, long: 0, beganMs: performance.now() };
        new PerformanceObserver((list) => { for (const entry of list.getEntries()) { seen.long++; seen.longMs = Math.max(seen.longMs, entry.duration); } }).observe({ type: 'longtask' });
        const frame = () => { seen.frames++; requestAnimationFrame(frame); };
        requestAnimationFrame(frame);
      })()`);
      const cdp = await browser.newCDPSession(tab);
      await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
      const cpuBeforeS = await mainThreadCpuS(cdp);
      await pause(MEASURED_S * 1000);
      const cpuS = await mainThreadCpuS(cdp) - cpuBeforeS;
      const seen = await tab.evaluate(`({ ...window.__bench, endedMs: performance.now(), alarms: window.__crowdlight.store.screen().alarms.length, painted: window.__crowdlight.paintedOf['${sensor.sensorId}']?.seq ?? 0 })`) as { frames: number; longMs: number; long: number; beganMs: number; endedMs: number; alarms: number; painted: number };
      flooding = false;
      if (seen.alarms < ALARMS_PER_S * MEASURED_S * 0.8) throw new Error(`only ${seen.alarms} alarms reached the list: the flood did not flow`);
      if (seen.painted < MEASURED_S * 0.8) throw new Error(`only ${seen.painted} readings were painted`);
      emit('longTaskMsMax', seen.longMs, 'ms');
      emit('longTasks', seen.long, '1');
      emit('framesPerS', seen.frames / ((seen.endedMs - seen.beganMs) / 1000), '1/s');
      // CPU time of the page's main thread: it does not depend on who else uses the machine, as the two above do.
      emit('mainThreadCpuShare', cpuS / ((seen.endedMs - seen.beganMs) / 1000), 'cores');
      emit('alarmsShown', seen.alarms, '1');
      emit('readingsPainted', seen.painted, '1');
    } finally { clearInterval(readings); clearInterval(events); }
  } finally {
    await browser.close();
    await server.close();
    await bus.close();
    await store.close();
    await postgres.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function mainThreadCpuS(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
}

/** Three in four are new alarms, one in four is a step of an older one. */
function alarmEvent(siteId: string, sensorId: string, seq: number): RecordedEvent {
  const isStep = seq % 4 === 0, number = isStep ? Math.max(1, seq - 3) : seq;
  const nowMs = Date.now();
  const common = { alarmId: `${siteId}.sensorSilent.${sensorId}.${number}`, version: isStep ? 2 : 1, siteId, rule: 'sensorSilent', place: { kind: 'sensor' as const, sensorId }, siteName: 'Stadium', placeName: `Sector ${number % 97}`, level: LEVELS[1 + (number % 4)]!, levelPeak: LEVELS[1 + (number % 4)]!, raisedAtMs: nowMs, changedAtMs: nowMs, because: { code: 'silent', values: {} }, demo: false, priority: 'high' as const, exercise: false, shelved: null, muted: null, repeats: 0 };
  const alarm: Alarm = isStep ? { ...common, state: 'acknowledged', acknowledged: { by: 'bench', atMs: nowMs } } : { ...common, state: 'raised' };
  return { seq, event: { type: 'alarmChanged', eventId: `${alarm.alarmId}.${alarm.version}`, siteId, atMs: nowMs, from: isStep ? 'raised' : null, alarm } };
}
