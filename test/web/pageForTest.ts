// The page as it is built, in a real Chromium, on a real server with PostgreSQL and a real decider; only the camera is the test's own: it publishes readings as an ingest does.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { encodeInput } from '../../contract/decide.ts';
import { densityCode } from '../../contract/density.ts';
import { encodeReading, type Reading } from '../../contract/reading.ts';
import type { SensorStatus } from '../../contract/sensorStatus.ts';
import type { Sensor, SiteConfig } from '../../contract/site.ts';
import { topics } from '../../store/bus/bus.ts';
import { onPath } from '../support/tools.ts';
import { siteBody, zoneBody, type ServerForTest, type SessionForTest } from '../server/serverForTest.ts';

export const whyNoChromium = onPath('chromium') === null ? 'chromium is not installed' : null;
const root = join(import.meta.dirname, '..', '..');
export const shots = join(root, '.scratch', 'web');

/** Builds into a folder of its own: the page that is served beside the tests stays whole. */
export function builtPage(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'crowdlight-web-'));
  const done = spawnSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--config', join(root, 'web/vite.config.ts'), '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn'], { cwd: root, env: { ...process.env, NODE_ENV: 'production' }, encoding: 'utf8', timeout: 120_000 });
  if (done.status !== 0) throw new Error(`the page could not be built:\n${done.stdout}${done.stderr}`);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export async function openBrowser(viewport = { width: 1280, height: 720 }): Promise<BrowserContext> {
  mkdirSync(shots, { recursive: true });
  return await chromium.launchPersistentContext('', {
    executablePath: onPath('chromium')!, headless: true, viewport,
    args: ['--headless=new', '--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

/** Puts a session into the browser, as if its person had signed in here before. */
export async function signInBrowser(browser: BrowserContext, server: ServerForTest, who: Pick<SessionForTest, 'cookie'> = server.administrator): Promise<void> {
  const [name, value] = who.cookie.split('=') as [string, string];
  await browser.addCookies([{ name, value, url: server.address, httpOnly: true, sameSite: 'Strict' }]);
}

/** Everything that a page must never do is gathered here: other origins, faults in the console. */
export function watched(page: Page, address: string): { foreign: string[]; faults: string[] } {
  const seen = { foreign: [] as string[], faults: [] as string[] };
  page.on('request', (request) => { if (!request.url().startsWith(address) && !/^(data|blob):/.test(request.url())) seen.foreign.push(request.url()); });
  page.on('websocket', (socket) => { if (!socket.url().startsWith(address.replace('http', 'ws'))) seen.foreign.push(socket.url()); });
  page.on('pageerror', (error) => seen.faults.push(String(error.stack ?? error)));
  // A picture that is not there yet and a server that is gone are the browser's own lines about answers, not faults of the page.
  page.on('console', (message) => { if (message.type() === 'error' && !/^Failed to load resource|WebSocket connection to/.test(message.text())) seen.faults.push(message.text()); });
  return seen;
}

export const AXE = readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
export async function axeFaults(page: Page): Promise<string[]> {
  // What enters just now is faint for a blink: its colours are those it comes to.
  await page.evaluate(`Promise.allSettled(document.getAnimations().filter((one) => one.effect?.getTiming().iterations !== Infinity).map((one) => one.finished))`);
  // By debugger, not by a script element: the content policy would refuse that, and is right.
  await page.evaluate(AXE);
  return await page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then((result) => result.violations.flatMap((violation) => violation.nodes.map((node) => violation.id + ': ' + node.html.slice(0, 200) + ' ' + node.failureSummary)))`) as string[];
}

export async function choose(page: Page, { theme, language }: { theme: 'dark' | 'light'; language: 'en' | 'zh' }): Promise<void> {
  await page.evaluate(`localStorage.setItem('crowdlight.theme', '${theme}'); localStorage.setItem('crowdlight.language', '${language}')`);
  await page.reload();
}

/** How many pixels of the map are within `near` of a colour, from a real screenshot. */
export async function pixelsOf(page: Page, colour: [number, number, number], near = 24): Promise<number> {
  const picture = (await page.locator('.map-host').screenshot()).toString('base64');
  return await page.evaluate(`(async () => {
    const bytes = Uint8Array.from(atob('${picture}'), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height), context = canvas.getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) if (Math.abs(data[at] - ${colour[0]}) + Math.abs(data[at + 1] - ${colour[1]}) + Math.abs(data[at + 2] - ${colour[2]}) <= ${near}) count++;
    return count;
  })()`) as number;
}

/** What a spot of the site looks like on the map, a few pixels wide: how many colours, and how much their red parts differ. Scaled by two marks whose places are known. */
export async function groundAt(page: Page, place: PlaceForTest, { xM, yM }: { xM: number; yM: number }): Promise<{ colours: number; contrast: number; mean: number }> {
  const boxOf = async (selector: string) => (await page.locator(selector).first().boundingBox())!;
  const zone = place.config.zones.find(({ zoneId }) => zoneId === place.zoneId)!;
  const camera = await boxOf(`.camera-mark[aria-label*="${place.sensor.name}"]`), label = await boxOf(`.zone-label[data-zone-id="${place.zoneId}"]`);
  const north = Math.max(...zone.polygon.map((corner) => corner.yM)), { position } = place.sensor.calibration!;
  const cameraY = camera.y + camera.height / 2, zoneY = label.y + label.height + 3, pxPerM = (cameraY - zoneY) / (north - position.yM);
  const at = { x: camera.x + camera.width / 2 + (xM - position.xM) * pxPerM, y: cameraY - (yM - position.yM) * pxPerM };
  const side = 16;
  const picture = (await page.screenshot({ clip: { x: at.x - side / 2, y: at.y - side / 2, width: side, height: side } })).toString('base64');
  return await page.evaluate(`(async () => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob('${picture}'), (letter) => letter.charCodeAt(0))], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height), context = canvas.getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    const reds = [], colours = new Set();
    for (let at = 0; at < data.length; at += 4) { reds.push(data[at]); colours.add(data[at] * 65536 + data[at + 1] * 256 + data[at + 2]); }
    return { colours: colours.size, contrast: Math.max(...reds) - Math.min(...reds), mean: reds.reduce((sum, red) => sum + red, 0) / reds.length };
  })()`) as { colours: number; contrast: number; mean: number };
}

/** Notes every tone that the page starts, with its pitch; the sound itself is the browser's own. */
export const SPY_ON_TONES = `
  window.tonesForTest = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) { window.tonesForTest.push(this.frequency.value); return start.apply(this, when); };`;

export type PlaceForTest = { config: SiteConfig; siteId: string; zoneId: string; farZoneId: string; sensor: Sensor };

/** A square with one placed camera, a zone in its sight that alarms within half a second, and one that no camera sees. */
export async function placeForTest(server: ServerForTest, name = 'Square', eastDegrees = 0): Promise<PlaceForTest> {
  const { siteId } = (await server.store.addSite({ ...siteBody({ name, origin: { lng: 121.47 + eastDegrees, lat: 31.23 } }), demo: false })).site;
  const quick = { densityHigh: { raiseAfterMs: 500, clearAfterMs: 500, easeHoldMs: 1000 } };
  const { zone } = await server.store.addZone(siteId, zoneBody({ name: 'East gate', polygon: [{ xM: 24, yM: 10 }, { xM: 36, yM: 10 }, { xM: 36, yM: 22 }, { xM: 24, yM: 22 }], rules: quick }));
  const far = await server.store.addZone(siteId, zoneBody({ name: 'Back yard', polygon: [{ xM: 1, yM: 1 }, { xM: 7, yM: 1 }, { xM: 7, yM: 7 }, { xM: 1, yM: 7 }] }));
  const added = await server.store.addSensor(siteId, { name: 'Gate camera', kind: 'rtsp', settings: { url: 'rtsp://10.1.2.3/sub' }, addressShown: 'rtsp://10.1.2.3/sub' });
  const { sensor, config } = await server.store.calibrateSensor(added.sensor.sensorId, {
    position: { xM: 30, yM: -4 }, heightM: 9, bearingDeg: 0, headHeightM: 1.6, pictureAspect: 16 / 9, rangeMostM: null,
    points: [[0.05, 0.95, 22, 4], [0.95, 0.95, 38, 4], [0.15, 0.3, 12, 30], [0.85, 0.3, 48, 30]].map(([xShare, yShare, xM, yM]) => ({ picture: { xShare: xShare!, yShare: yShare! }, ground: { xM: xM!, yM: yM! } })),
  });
  return { config, siteId, zoneId: zone.zoneId, farZoneId: far.zone.zoneId, sensor };
}

/** A camera that counts: a crowd of `peoplePerM2` in the middle of its window, twice a second, to decider and screens alike. */
export function cameraForTest(server: ServerForTest, place: PlaceForTest) {
  let peoplePerM2 = 0.02, seq = 0, stopped = false;
  const window = { columnFirst: 12, rowFirst: 2, columns: 36, rows: 28 };
  const reading = (): Reading => {
    const cells = window.columns * window.rows;
    const densityCodes = new Uint8Array(cells);
    for (let cell = 0; cell < cells; cell++) {
      const xM = window.columnFirst + (cell % window.columns), yM = window.rowFirst + Math.floor(cell / window.columns);
      densityCodes[cell] = densityCode(xM >= 22 && xM < 38 && yM >= 8 && yM < 24 ? peoplePerM2 : yM < 24 ? 0.3 : 0);
    }
    const nowMs = Date.now();
    return { siteId: place.siteId, sensorId: place.sensor.sensorId, epoch: 1, seq: ++seq, capturedAtMs: nowMs - 40, heardAtMs: nowMs - 20, calibrationVersion: place.sensor.calibration!.version, modelId: 'test', peopleInPicture: 100 * peoplePerM2,
      window, densityCodes, errorCodes: new Uint8Array(cells).fill(densityCode(0.2)), weightCodes: new Uint8Array(cells).fill(200), flow: null, fault: null };
  };
  const once = async () => {
    const made = reading();
    const status: SensorStatus = {
      sensorId: made.sensorId, siteId: made.siteId, epoch: 1, atMs: made.heardAtMs, phase: 'counting', problem: null, nextTryAtMs: null, attempt: 0, stream: { codec: 'h264', widthPx: 640, heightPx: 360, framesPerS: 15 }, clockSkewMs: 12, clock: 'camera',
      framesUsed: 'all', framesDecoded: seq * 8, framesCounted: seq, framesDropped: 0, countMs: 20, analysis: { widthPx: 640, heightPx: 384, tiles: 1, because: 'headsLargeEnough', farHeadPx: 12 }, sight: null, lastFrameAtMs: made.heardAtMs, peopleInPicture: made.peopleInPicture, placed: true,
    };
    const words = new TextEncoder().encode(JSON.stringify(status));
    await server.bus.append(topics.inputs(made.siteId), encodeInput({ type: 'reading', reading: made }));
    await server.bus.publish(topics.readings, encodeReading(made));
    await server.bus.publish(topics.sensorStatus, words);
    await server.bus.putLatest(topics.sensorStatusOf(made.sensorId), words, 60_000);
  };
  const timer = setInterval(() => { if (!stopped) void once().catch(() => {}); }, 500);
  return { crowd: (next: number) => { peoplePerM2 = next; }, stop: () => { stopped = true; clearInterval(timer); }, pause: (on: boolean) => { stopped = on; }, seq: () => seq };
}

/** The smallest PMTiles archive (version 3) that is one: a single raster tile of the whole world. Layout by the specification of PMTiles v3. */
export function pmtilesOfOneTile(png: Uint8Array): Uint8Array {
  const text = (words: string) => new TextEncoder().encode(words);
  // Root directory: one entry; then tile ids (deltas), run lengths, lengths, offsets + 1, each as varints. All are below 128 but the length.
  const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)]);
  const directory = new Uint8Array([1, 0, 1, ...varint(png.length), 1]);
  const metadata = text('{}');
  const header = new Uint8Array(127);
  const view = new DataView(header.buffer);
  header.set(text('PMTiles')); header[7] = 3;
  const directoryAt = 127, metadataAt = directoryAt + directory.length, tilesAt = metadataAt + metadata.length;
  [directoryAt, directory.length, metadataAt, metadata.length, 0, 0, tilesAt, png.length, 1, 1, 1].forEach((value, index) => view.setBigUint64(8 + 8 * index, BigInt(value), true));
  header[96] = 1; header[97] = 1; header[98] = 1; // clustered; directories and tiles not compressed
  header[99] = 2; header[100] = 0; header[101] = 0; // PNG, zoom 0 to 0
  [-1_800_000_000, -850_000_000, 1_800_000_000, 850_000_000].forEach((value, index) => view.setInt32(102 + 4 * index, value, true));
  return new Uint8Array([...header, ...directory, ...metadata, ...png]);
}
