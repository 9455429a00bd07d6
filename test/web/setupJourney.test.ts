// The administrator's way in a real browser against the real server, database and ingest: add a site and a camera, test, place, draw a zone, see it in the
// list; with wrong addresses, points on one line and a crossing outline on the way. Screenshots go to .scratch/setup for a person to look at.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Overview } from '../../contract/api.ts';
import { INGEST_DEFAULTS, runIngest } from '../../worker/ingest.ts';
import { runDecide } from '../../worker/decide.ts';
import { quietLog, serverForTest, until, type ServerForTest } from '../server/serverForTest.ts';
import { streetCalibration, streetSite } from '../support/street.ts';
import { onPath, sharedData } from '../support/tools.ts';
import { signInBrowser } from './pageForTest.ts';

const root = join(import.meta.dirname, '..', '..');
const video = sharedData('video', 'vtest_480x360_795f.avi');
const whyNot = onPath('chromium') === null ? 'chromium is not installed' : video === null ? '../shared/data/video is not here' : null;
const shots = join(root, '.scratch', 'setup');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe.skipIf(whyNot !== null)(`setting up in the browser${whyNot === null ? '' : ` (not run: ${whyNot})`}`, { timeout: 120_000 }, () => {
  let server: ServerForTest, ingest: Awaited<ReturnType<typeof runIngest>>, decider: Awaited<ReturnType<typeof runDecide>>, browser: BrowserContext, page: Page;
  let webFolder: string, profile: string;
  const foreign: string[] = [], consoleFaults: string[] = [];

  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    webFolder = mkdtempSync(join(tmpdir(), 'crowdlight-web-'));
    profile = mkdtempSync(join(tmpdir(), 'crowdlight-browser-'));
    await build({ configFile: join(root, 'web', 'vite.config.ts'), logLevel: 'error', build: { outDir: webFolder, emptyOutDir: true } });
    server = await serverForTest({ webFolder });
    ingest = await runIngest({ store: server.store, bus: server.bus, settings: { ...INGEST_DEFAULTS, cameraNetworks: ['loopback'] }, log: quietLog });
    decider = await runDecide({ store: server.store, bus: server.bus, settings: {}, rules: server.ruleKinds, log: quietLog, holder: 'setup-journey' });
    browser = await chromium.launchPersistentContext(profile, {
      executablePath: onPath('chromium')!, headless: true, viewport: { width: 1280, height: 720 }, locale: 'en-GB', colorScheme: 'dark',
      args: ['--headless=new', '--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    await signInBrowser(browser, server);
    browser.on('request', (request) => { if (!request.url().startsWith(server.address) && !/^(data|blob):/.test(request.url())) foreign.push(request.url()); });
    page = await browser.newPage();
    page.setDefaultTimeout(10_000);
    page.on('pageerror', (error) => consoleFaults.push(error.message));
    page.on('console', (message) => { if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) consoleFaults.push(message.text()); });
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await decider?.close();
    await ingest?.close();
    await server?.close();
    for (const folder of [webFolder, profile]) if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });

  const overview = async () => (await server.send('GET', '/api/overview')).body as Overview;
  const next = () => page.locator('.setup-next');
  const shot = (name: string) => page.screenshot({ path: join(shots, `${name}.png`) });
  const open = async (path: string) => { await page.goto(`${server.address}/#${path}`); };
  /** Faults that axe calls serious or critical, as "rule: element". */
  async function axeFaults(): Promise<string[]> {
    // The content policy forbids inline scripts of the page; what the browser's own debugger evaluates is not the page's.
    await page.evaluate(axeSource);
    return page.evaluate(async () => {
      type Axe = { run: (context: string, options: object) => Promise<{ violations: { id: string; impact: string; nodes: { html: string; failureSummary?: string }[] }[] }> };
      const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run('.setup', { resultTypes: ['violations'] });
      return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${(failureSummary ?? '').slice(0, 160)}`));
    });
  }
  async function setTheme(theme: 'dark' | 'light', language: 'en' | 'zh'): Promise<void> {
    await page.evaluate(`localStorage.setItem('crowdlight.theme', '${theme}'); localStorage.setItem('crowdlight.language', '${language}');`);
    await page.reload();
  }
  /** Client pixels of a spot of the site on the map that is open: linear between the corners of the outline. */
  async function onMap({ xM, yM }: { xM: number; yM: number }): Promise<{ x: number; y: number }> {
    const box = (await page.locator('.setup-site-outline').first().boundingBox())!;
    const { grid } = streetSite;
    return { x: box.x + xM / (grid.columns * grid.cellM) * box.width, y: box.y + box.height - yM / (grid.rows * grid.cellM) * box.height };
  }
  /** A page that was scrolled to its table shows less of picture and map. */
  const bringUp = (selector: string) => page.evaluate(`document.querySelector('${selector}').scrollIntoView({ block: 'center' })`);
  async function clickMap(point: { xM: number; yM: number }): Promise<void> { await bringUp('.setup-map'); const { x, y } = await onMap(point); await page.mouse.click(x, y); }
  async function clickPicture({ xShare, yShare }: { xShare: number; yShare: number }): Promise<void> {
    await bringUp('.setup-picture-frame');
    const box = (await page.locator('.setup-picture-frame svg').first().boundingBox())!;
    await page.mouse.click(box.x + xShare * box.width, box.y + yShare * box.height);
  }

  test('SU1 an empty system shows a path; a site without a name is not saved; the site is made', async () => {
    await open('/setup');
    await page.getByText('To see a real place').waitFor();
    await shot('01-empty');
    await page.getByRole('link', { name: 'Add a camera' }).first().click();
    await page.getByLabel('West to east').fill('80');
    await page.getByLabel('South to north').fill('80');
    await page.getByLabel('South to north').blur();
    await page.getByRole('button', { name: 'Save the site and go on' }).click();
    await page.getByText('The site needs a name.').waitFor();
    await page.getByLabel('Name of the site').fill('Campus street');
    await page.getByText('2 m', { exact: true }).click();
    await shot('02-site');
    expect(await axeFaults()).toEqual([]);
    await page.getByRole('button', { name: 'Save the site and go on' }).click();
    await page.getByLabel('Name of the camera').waitFor();
    expect((await overview()).sites[0]!.site).toMatchObject({ name: 'Campus street', grid: { cellM: 2, columns: 40, rows: 40 } });
  });

  test('SU2 a wrong path is told in plain sentences at the desk, and what was typed stays', async () => {
    await shot('02b-rtsp');
    expect(await axeFaults()).toEqual([]);
    await page.getByLabel('Kind').selectOption('file');
    await page.getByLabel('Name of the camera').fill('South lamp post');
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await page.getByText('path: needed').waitFor();
    await page.getByLabel('path', { exact: false }).first().fill('/nowhere/clip.mp4');
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    const trouble = page.locator('[data-problem="fileMissing"]');
    await trouble.waitFor({ timeout: 30_000 });
    expect(await trouble.innerText()).toContain('There is no such file');
    await shot('03-wrong-address');
    expect(await page.getByLabel('Name of the camera').inputValue()).toBe('South lamp post');
    expect(await page.getByLabel('path', { exact: false }).first().inputValue()).toBe('/nowhere/clip.mp4');
    expect(await axeFaults()).toEqual([]);
  });

  test('SU3 the right path shows the first picture and what it is', async () => {
    await page.getByLabel('path', { exact: false }).first().fill(video!);
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await page.locator('[data-test="saw"] img').waitFor({ timeout: 30_000 });
    const found = await page.locator('.setup-found').innerText();
    expect(found).toContain('480 × 360');
    expect(found).toMatch(/First picture after\s+\d+\.\d s/);
    await shot('04-tested');
    expect(await axeFaults()).toEqual([]);
    await page.getByRole('button', { name: 'Save the camera and go on' }).click();
    await next().waitFor();
    expect((await overview()).sites[0]!.sensors).toMatchObject([{ name: 'South lamp post', kind: 'file', calibration: null }]);
  });

  test('SU4 points on one line are named before anything is saved, by numbers alone', async () => {
    for (let number = 1; number <= 4; number++) {
      await page.getByRole('button', { name: 'Add a pair by numbers' }).click();
      await page.getByLabel(`Pair ${number}: percent of the picture from the left`).fill(String(10 * number));
      await page.getByLabel(`Pair ${number}: percent of the picture from the top`).fill(String(30 + 10 * number));
      await page.getByLabel(`Pair ${number}: metres east`).fill(String(10 * number));
      await page.getByLabel(`Pair ${number}: metres north`).fill(String(10 * number));
    }
    await page.locator('[data-problem="pointsOnOneLine"]').waitFor();
    await shot('05-one-line');
    expect(await page.getByRole('button', { name: 'Save the placing and go on' }).isDisabled()).toBe(true);
    for (let number = 4; number >= 1; number--) await page.getByRole('button', { name: `Remove pair ${number}` }).click();
  });

  test('SU5 clicks in the picture and on the map place the camera; the grid lies on the ground; the points say where it hangs', async () => {
    const { points } = streetCalibration;
    for (const [index, pair] of points.slice(0, 5).entries()) {
      await clickPicture(pair.picture);
      await page.locator('.setup-next[data-next="clickMapFor"]').waitFor();
      await clickMap(pair.ground);
      if (index < 3) await page.locator('.setup-next[data-next="clickPicture"]').waitFor();
    }
    await page.locator('.setup-next[data-next="setPosition"]').waitFor();
    await page.locator('.setup-ground-grid.every-5').waitFor({ state: 'attached' });
    expect(Number(await page.locator('.setup-ground-grid.every-5').getAttribute('data-lines'))).toBeGreaterThan(4);
    await page.getByRole('button', { name: 'Take it from the points' }).click();
    await page.locator('.setup-picture-frame svg').first().hover({ position: { x: 300, y: 220 } });
    await page.locator('.setup-person').waitFor({ state: 'attached' });
    await shot('06-placed');
    expect(await page.locator('[data-fit]').getAttribute('data-fit')).toBe('good');
    expect(await axeFaults()).toEqual([]);

    // Dragging a point away makes it the worst at once; one step back mends it.
    const before = await page.locator('[data-fit]').innerText();
    await bringUp('.setup-map');
    const handle = await onMap(points[4]!.ground);
    await page.mouse.move(handle.x, handle.y);
    await page.mouse.down();
    await page.mouse.move(handle.x + 20, handle.y - 12, { steps: 4 });
    await page.mouse.up();
    expect(await page.locator('.setup-error-cell.worst').count() + await page.locator('[data-problem="pointsDoNotFit"]').count()).toBeGreaterThan(0);
    await shot('07-dragged-away');
    await page.getByRole('button', { name: 'Undo' }).click();
    expect(await page.locator('[data-fit]').innerText()).toBe(before);

    // By keyboard: ten centimetres a step.
    const eastBefore = Number(await page.getByLabel('Pair 2: metres east').inputValue());
    await page.locator('[data-handle="map-2"]').focus();
    await page.keyboard.press('ArrowRight');
    expect(Number(await page.getByLabel('Pair 2: metres east').inputValue())).toBeCloseTo(eastBefore + 0.1, 5);
    await page.keyboard.press('ArrowLeft');

    await page.getByRole('button', { name: 'Save the placing and go on' }).click();
    await page.getByLabel('Name of the zone').waitFor();
    const { calibration } = (await overview()).sites[0]!.sensors[0]!;
    expect(Math.hypot(calibration!.position.xM - 40, calibration!.position.yM - 4)).toBeLessThan(3);
    expect(calibration!.heightM).toBeGreaterThan(7.5);
    expect(calibration!.heightM).toBeLessThan(11.5);
    expect(calibration!.points).toHaveLength(5);
  });

  test('SU6 an outline that crosses itself is named while it is drawn; mended by numbers it is saved with its limits', async () => {
    for (const corner of [{ xM: 34, yM: 18 }, { xM: 46, yM: 34 }, { xM: 46, yM: 18 }, { xM: 34, yM: 34 }]) await clickMap(corner);
    await clickMap({ xM: 34, yM: 18 });
    await page.locator('[data-problem="polygonCrossesItself"]').waitFor();
    expect(await page.locator('[data-area]').innerText()).toBe('–');
    expect(await page.getByRole('button', { name: 'Save the zone' }).isDisabled()).toBe(true);
    await shot('08-crossing');
    await page.getByText('Corners in metres').click();
    const set = async (label: string, value: string) => { await page.getByLabel(label).fill(value); await page.getByLabel(label).blur(); };
    await set('Corner 2: metres north', '18');
    await set('Corner 3: metres north', '34');
    await page.locator('[data-problem="polygonCrossesItself"]').waitFor({ state: 'detached' });
    expect(Number.parseFloat(await page.locator('[data-area]').innerText())).toBeCloseTo(192, -1.2);
    await page.getByLabel('Walk', { exact: true }).check();
    await set('Limit for Notice, people per square metre', '9');
    await page.locator('[data-problem="limitsOutOfOrder"]').waitFor();
    await page.getByRole('button', { name: 'Take the usual limits' }).click();
    await page.getByText('More: how alarms are judged here').click();
    await page.locator('.setup-zone-in-picture svg path').first().waitFor({ state: 'attached' });
    await page.getByLabel('Name of the zone').fill('Crossing');
    await page.getByRole('group', { name: 'Too dense', exact: true }).getByLabel('raise after').fill('8');
    await page.locator('.setup-next').scrollIntoViewIfNeeded();
    await shot('09-zone');
    expect(await axeFaults()).toEqual([]);
    await page.getByRole('button', { name: 'Save the zone' }).click();
    await page.getByText('South lamp post is set up').waitFor();
    await shot('10-done');
    const [config] = (await overview()).sites;
    expect(config!.zones).toMatchObject([{ name: 'Crossing', kind: 'walking', limits: { noticePeoplePerM2: 1.5, criticalPeoplePerM2: 4 }, rules: { densityHigh: { raiseAfterMs: 8000 } } }]);
    expect(Object.keys(config!.zones[0]!.rules)).toEqual(['densityHigh']);
  });

  test('SU7 what was set up is on the map and counted', async () => {
    await page.getByRole('link', { name: 'To the map' }).click();
    await until('a counting camera', async () => (await overview()).sensors.find((status) => status.phase === 'counting' && status.placed) ?? null, 30_000);
    await page.getByText('Crossing').first().waitFor();
    await page.waitForTimeout(2500);
    await shot('11-map');
  });

  test('SU8 the list tells the state; unsaved changes are guarded; a camera is renamed, turned off and on', async () => {
    await open('/setup');
    await page.locator('[data-phase="counting"]').waitFor();
    await shot('12-manage-dark-en');
    expect(await axeFaults()).toEqual([]);
    await page.getByRole('link', { name: 'Change South lamp post' }).click();
    await page.getByLabel('Name of the camera').fill('South mast');
    await page.locator('.setup-crumb a').click();
    await page.getByText('Leave without saving?').waitFor();
    await shot('13-unsaved');
    await page.getByRole('button', { name: 'Stay here' }).last().click();
    expect(await page.getByLabel('Name of the camera').inputValue()).toBe('South mast');
    await page.getByRole('button', { name: 'Change the address or password' }).click();
    await shot('14-camera');
    expect(await axeFaults()).toEqual([]);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'Turn off South mast' }).click();
    await page.getByText('Turned off').first().waitFor();
    await page.getByRole('button', { name: 'Turn on South mast' }).click();
    await page.getByRole('button', { name: 'Turn off South mast' }).waitFor();
    const [sensor] = (await overview()).sites[0]!.sensors;
    expect(sensor).toMatchObject({ name: 'South mast', enabled: true, addressShown: 'vtest_480x360_795f.avi' });
  });

  test('SU9 what somebody else changes meanwhile is taken when nothing was typed, and asked about when something was', async () => {
    const config = (await overview()).sites[0]!, zone = config.zones[0]!;
    const body = { name: zone.name, kind: zone.kind, limits: zone.limits, polygon: zone.polygon, rules: zone.rules };
    await page.getByRole('link', { name: 'Change Crossing' }).click();
    await server.send('PUT', `/api/zones/${zone.zoneId}`, { ...body, name: 'Crossing west' });
    await until('the name that somebody else gave', async () => (await page.getByLabel('Name of the zone').inputValue()) === 'Crossing west');
    await page.getByLabel('Name of the zone').fill('Mine');
    await server.send('PUT', `/api/zones/${zone.zoneId}`, { ...body, name: 'Crossing east' });
    await page.locator('[data-problem="changedMeanwhile"]').waitFor();
    expect(await page.getByLabel('Name of the zone').inputValue()).toBe('Mine');
    await shot('15-meanwhile');
    await page.getByRole('button', { name: 'Keep mine' }).click();
    await page.getByRole('button', { name: 'Save the zone' }).click();
    await page.getByRole('link', { name: 'Change Mine' }).waitFor();
    expect((await overview()).sites[0]!.zones[0]!.name).toBe('Mine');
  });

  test('SU10 Chinese, light, a phone: the same pages, no word left in English, no serious fault of access', async () => {
    const config = (await overview()).sites[0]!;
    await setTheme('light', 'zh');
    await page.getByRole('heading', { name: '设置' }).waitFor();
    await shot('20-manage-light-zh');
    expect(await axeFaults()).toEqual([]);
    for (const [name, path] of [['21-place', `/setup/cameras/${config.sensors[0]!.sensorId}/place`], ['22-zone', `/setup/zones/${config.zones[0]!.zoneId}`], ['23-site', `/setup/sites/${config.site.siteId}`], ['24-camera', `/setup/cameras/${config.sensors[0]!.sensorId}`], ['25-add', '/setup/cameras/new']] as const) {
      await open(path);
      await page.locator('.setup h1').waitFor();
      await page.waitForTimeout(1200);
      await shot(`${name}-light-zh`);
      expect(await axeFaults(), path).toEqual([]);
      // Names that were typed, authors, keys and addresses stay as they are.
      const latin = (await page.locator('.setup').innerText()).match(/[A-Za-z]{4,}/g) ?? [];
      expect(latin.filter((word) => !/^(South|mast|Mine|Campus|street|vtest|Fruin|Nature|Green|Guide|Still|Shift|Delete|Enter|RTSPS?|rtsps?|stream)$/.test(word)), path).toEqual([]);
    }
    await page.setViewportSize({ width: 390, height: 844 });
    for (const [name, path] of [['30-manage', '/setup'], ['31-place', `/setup/cameras/${config.sensors[0]!.sensorId}/place`], ['32-zone', `/setup/zones/${config.zones[0]!.zoneId}`]] as const) {
      await open(path);
      await page.locator('.setup h1').waitFor();
      await page.waitForTimeout(800);
      await shot(`${name}-phone`);
      expect(await page.evaluate('document.querySelector(".setup-page").scrollWidth - document.querySelector(".setup-page").clientWidth'), path).toBeLessThanOrEqual(0);
    }
    await page.setViewportSize({ width: 1280, height: 720 });
    await setTheme('dark', 'en');
  });

  test('SU13 an optional setting of a saved camera is taken away by its own button; what is not touched stays', async () => {
    const { siteId } = (await overview()).sites[0]!.site;
    const { body } = await server.send('POST', `/api/sites/${siteId}/sensors`, { name: 'Old gate', kind: 'rtsp', settings: { url: 'rtsp://127.0.0.1:9/main', subUrl: 'rtsp://127.0.0.1:9/sub', user: 'op', password: 'geheim' } }) as { body: { sensorId: string } };
    await open(`/setup/cameras/${body.sensorId}`);
    await page.getByRole('button', { name: 'Change the address or password' }).click();
    // Nothing can be counted without an address: it has no such button.
    await page.getByRole('button', { name: 'Remove what is stored: Password' }).waitFor();
    expect(await page.getByRole('button', { name: 'Remove what is stored: Address', exact: true }).count()).toBe(0);
    await page.getByRole('button', { name: 'Remove what is stored: Address of the small stream' }).click();
    await page.getByRole('button', { name: 'Remove what is stored: User' }).click();
    await page.getByRole('button', { name: 'Keep what is stored: User' }).click();
    await shot('17-take-away');
    expect(await axeFaults()).toEqual([]);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('link', { name: 'Change Old gate' }).waitFor();
    expect((await server.store.sensorSource(body.sensorId))!.settings).toEqual({ url: 'rtsp://127.0.0.1:9/main', user: 'op', password: 'geheim' });
    await server.send('DELETE', `/api/sensors/${body.sensorId}`);
  });

  test('SU11 removing asks what goes with it, and for a site its name', async () => {
    await open('/setup');
    await page.getByRole('button', { name: 'Remove Mine' }).click();
    await page.getByRole('button', { name: 'Keep it' }).last().click();
    await page.getByRole('button', { name: 'Remove Mine' }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).last().click();
    await page.getByText('No zone yet').waitFor();
    await page.getByRole('button', { name: 'Remove Campus street' }).click();
    await page.getByText('Camera South mast').waitFor();
    const remove = page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true });
    expect(await remove.isDisabled()).toBe(true);
    await shot('16-remove-site');
    await page.getByLabel('Type the name to remove it').fill('Campus street');
    await remove.click();
    await page.getByText('To see a real place').waitFor();
    expect((await overview()).sites).toHaveLength(0);
  });

  test('SU12 no request left the page\'s own origin, and nothing failed inside', () => {
    expect(foreign).toEqual([]);
    expect(consoleFaults).toEqual([]);
  });
});
