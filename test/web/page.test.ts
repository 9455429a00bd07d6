import { encodePicture } from '../../contract/picture.ts';
// The wall in a real browser on the real server: heat, alarm, keyboard, two screens, what is not known and what is lost, in both languages and themes.
import { encodePicture } from '../../contract/picture.ts';
import { rmSync, writeFileSync } from 'node:fs';
import { encodePicture } from '../../contract/picture.ts';
import { join } from 'node:path';
import { encodePicture } from '../../contract/picture.ts';
import type { BrowserContext, Page } from 'playwright-core';
import { encodePicture } from '../../contract/picture.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodePicture } from '../../contract/picture.ts';
import { runDecide } from '../../worker/decide.ts';
import { encodePicture } from '../../contract/picture.ts';
import { topics } from '../../store/bus/bus.ts';
import { encodePicture } from '../../contract/picture.ts';
import { axeFaults, builtPage, cameraForTest, choose, groundAt, openBrowser, signInBrowser, pixelsOf, placeForTest, pmtilesOfOneTile, shots, SPY_ON_TONES, watched, whyNoChromium, type PlaceForTest } from './pageForTest.ts';
import { encodePicture } from '../../contract/picture.ts';
import { quietLog, serverForTest, until, type ServerForTest } from '../server/serverForTest.ts';
import { encodePicture } from '../../contract/picture.ts';

import { encodePicture } from '../../contract/picture.ts';
const HOTTEST: [number, number, number] = [218, 53, 138];
import { encodePicture } from '../../contract/picture.ts';
/** The legend has a swatch of it, 18 x 12. */
import { encodePicture } from '../../contract/picture.ts';
const LEGEND_PX = 400;
import { encodePicture } from '../../contract/picture.ts';

import { encodePicture } from '../../contract/picture.ts';
describe.skipIf(whyNoChromium !== null)(`the wall in Chromium${whyNoChromium === null ? '' : ` (not run: ${whyNoChromium})`}`, () => {
import { encodePicture } from '../../contract/picture.ts';
  let built: ReturnType<typeof builtPage>, server: ServerForTest, browser: BrowserContext, page: Page, place: PlaceForTest;
import { encodePicture } from '../../contract/picture.ts';
  let camera: ReturnType<typeof cameraForTest>, decider: Awaited<ReturnType<typeof runDecide>>;
import { encodePicture } from '../../contract/picture.ts';
  let seen: ReturnType<typeof watched>;
import { encodePicture } from '../../contract/picture.ts';
  beforeEach(async () => { await page.setViewportSize({ width: 1280, height: 720 }); });
import { encodePicture } from '../../contract/picture.ts';
  const startDecider = async () => { decider = await runDecide({ store: server.store, bus: server.bus, settings: {}, rules: server.ruleKinds, log: quietLog, holder: `test${Math.random()}` }); };
import { encodePicture } from '../../contract/picture.ts';
  const text = async (selector: string, on = page) => (await on.locator(selector).first().innerText()).replace(/\s+/g, ' ');
import { encodePicture } from '../../contract/picture.ts';

import { encodePicture } from '../../contract/picture.ts';
  beforeAll(async () => {
import { encodePicture } from '../../contract/picture.ts';
    built = builtPage();
import { encodePicture } from '../../contract/picture.ts';
    server = await serverForTest({ webFolder: built.folder });
import { encodePicture } from '../../contract/picture.ts';
    browser = await openBrowser();
import { encodePicture } from '../../contract/picture.ts';
    await signInBrowser(browser, server);
import { encodePicture } from '../../contract/picture.ts';
    page = browser.pages()[0] ?? await browser.newPage();
import { encodePicture } from '../../contract/picture.ts';
    seen = watched(page, server.address);
import { encodePicture } from '../../contract/picture.ts';
    await page.addInitScript(SPY_ON_TONES);
import { encodePicture } from '../../contract/picture.ts';
  }, 180_000);
import { encodePicture } from '../../contract/picture.ts';
  afterAll(async () => {
import { encodePicture } from '../../contract/picture.ts';
    camera?.stop();
import { encodePicture } from '../../contract/picture.ts';
    await browser?.close();
import { encodePicture } from '../../contract/picture.ts';
    await decider?.close();
import { encodePicture } from '../../contract/picture.ts';
    await server?.close().catch(() => {});
import { encodePicture } from '../../contract/picture.ts';
    built?.remove();
import { encodePicture } from '../../contract/picture.ts';
  });
import { encodePicture } from '../../contract/picture.ts';

import { encodePicture } from '../../contract/picture.ts';
  test('WB1 with no place at all the page shows the way to the first one', async () => {
import { encodePicture } from '../../contract/picture.ts';
    await page.goto(`${server.address}/`);
import { encodePicture } from '../../contract/picture.ts';
    await page.locator('.first-steps a').waitFor();
import { encodePicture } from '../../contract/picture.ts';
    expect(await page.locator('.first-steps a').getAttribute('href')).toBe('#/setup/sites/new');
import { encodePicture } from '../../contract/picture.ts';
    expect(await axeFaults(page)).toEqual([]);
import { encodePicture } from '../../contract/picture.ts';
    await page.screenshot({ path: join(shots, 'empty.png') });
import { encodePicture } from '../../contract/picture.ts';
  });
import { encodePicture } from '../../contract/picture.ts';

import { encodePicture } from '../../contract/picture.ts';
  test('WB2 a crowd is painted in the colour of its density within a second, and unseen ground is hatched', async () => {
import { encodePicture } from '../../contract/picture.ts';
    place = await placeForTest(server);
import { encodePicture } from '../../contract/picture.ts';
    camera = cameraForTest(server, place);
import { encodePicture } from '../../contract/picture.ts';
    camera.crowd(6);
import { encodePicture } from '../../contract/picture.ts';
    await page.reload();
import { encodePicture } from '../../contract/picture.ts';
    await until('the camera is painted', () => page.evaluate(`(window.__crowdlight.paintedOf['${place.sensor.sensorId}']?.seq ?? 0) > 2`), 15_000);
import { encodePicture } from '../../contract/picture.ts';
    const painted = await page.evaluate('window.__crowdlight.painted') as { capturedAtMs: number; paintedAtMs: number };
import { encodePicture } from '../../contract/picture.ts';
    expect(painted.paintedAtMs - painted.capturedAtMs).toBeGreaterThanOrEqual(0);
import { encodePicture } from '../../contract/picture.ts';
    await until('the hottest colour is on the map', async () => await pixelsOf(page, HOTTEST) > 1500, 10_000);
import { encodePicture } from '../../contract/picture.ts';
    // Only now, so that the alarm is new to this page however slow its loading was.
import { encodePicture } from '../../contract/picture.ts';
    await startDecider();
import { encodePicture } from '../../contract/picture.ts';
    await page.locator(`.zone-label[data-zone-id="${place.farZoneId}"][data-look="blind"]`).waitFor();
import { encodePicture } from '../../contract/picture.ts';
    expect(Number(await page.locator('.legend-time').getAttribute('data-true-for'))).toBeGreaterThan(Date.now() - 5000);
import { encodePicture } from '../../contract/picture.ts';
  });
import { encodePicture } from '../../contract/picture.ts';

import { encodePicture } from '../../contract/picture.ts';
  test('WB3 the alarm of the decider reaches the list with place, figure, error and age; it is said aloud and its reason is a sentence', async () => {
import { encodePicture } from '../../contract/picture.ts';
    await page.locator('.alarm-row[data-state="raised"][data-level="critical"]').waitFor({ timeout: 15_000 });
import { encodePicture } from '../../contract/picture.ts';
    expect(await page.locator('.count').getAttribute('data-open-count')).not.toBe('0');
import { encodePicture } from '../../contract/picture.ts';
    expect(await text('.alarm-row[data-level="critical"]')).toMatch(/East gate Square .*6\.0 ±\d\.\d \/m² .*\d\d:\d\d:\d\d raised/);
import { encodePicture } from '../../contract/picture.ts';
    expect(await text('[data-voice="assertive"]')).toMatch(/East gate/);
import { encodePicture } from '../../contract/picture.ts';
    await page.keyboard.press('j');
import { encodePicture } from '../../contract/picture.ts';
    await page.locator('[data-alarm-card] .because', { hasText: 'limit' }).waitFor();
import { encodePicture } from '../../contract/picture.ts';
    expect(await text('[data-alarm-card] .because')).toMatch(/^\d\.\d ± \d\.\d people\/m², above the limit 5\.5 with \d\d % certainty/);
import { encodePicture } from '../../contract/picture.ts';
    expect(await text(`.zone-label[data-zone-id="${place.zoneId}"]`)).toMatch(/East gate 6\.0 ±\d\.\d \/m² \d+ s/);
import { encodePicture } from '../../contract/picture.ts';
    await page.screenshot({ path: join(shots, 'alarm-dark-en.png') });
import { encodePicture } from '../../contract/picture.ts';
  });
import { encodePicture } from '../../contract/picture.ts';

import { encodePicture } from '../../contract/picture.ts';
  test('WB4 A acknowledges by way of the record, and a second screen shows it without being asked', async () => {
import { encodePicture } from '../../contract/picture.ts';
    const other = await browser.newPage();
import { encodePicture } from '../../contract/picture.ts';
    const otherSeen = watched(other, server.address);
import { encodePicture } from '../../contract/picture.ts';
    await other.goto(`${server.address}/`);
import { encodePicture } from '../../contract/picture.ts';
    await other.locator('.alarm-row[data-state="raised"][data-level="critical"]').waitFor();
import { encodePicture } from '../../contract/picture.ts';
    await page.bringToFront();
import { encodePicture } from '../../contract/picture.ts';
    await page.keyboard.press('a');
import { encodePicture } from '../../contract/picture.ts';
    await page.locator('[data-alarm-card][data-state="acknowledged"]').waitFor();
import { encodePicture } from '../../contract/picture.ts';
    await other.locator('.alarm-row[data-state="acknowledged"][data-level="critical"]').waitFor();
import { encodePicture } from '../../contract/picture.ts';
    expect((await server.store.alarms({ closedSinceMs: 0, most: 10 })).filter(({ state }) => state === 'acknowledged')).toHaveLength(1);
import { encodePicture } from '../../contract/picture.ts';
    expect({ ...otherSeen }).toEqual({ foreign: [], faults: [] });
import { encodePicture } from '../../contract/picture.ts';
    await other.close();
import { encodePicture } from '../../contract/picture.ts';
  });
import { encodePicture } from '../../contract/picture.ts';

import { encodePicture } from '../../contract/picture.ts';
  for (const theme of ['light', 'dark'] as const) {
import { encodePicture } from '../../contract/picture.ts';
    test(`WB12 in ${theme}, ground that was counted and is empty is plain; ground that nobody sees is hatched, more strongly where somebody should see it`, async () => {
import { encodePicture } from '../../contract/picture.ts';
      await choose(page, { theme, language: 'en' });
import { encodePicture } from '../../contract/picture.ts';
      await until('the camera is painted', () => page.evaluate(`(window.__crowdlight.paintedOf['${place.sensor.sensorId}']?.seq ?? 0) > 2`), 15_000);
import { encodePicture } from '../../contract/picture.ts';
      await until('the label has its place', async () => await page.locator(`.zone-label[data-zone-id="${place.zoneId}"]`).count() === 1);
import { encodePicture } from '../../contract/picture.ts';
      // Between the lines of the graticule, ten metres apart, and beside the labels.
import { encodePicture } from '../../contract/picture.ts';
      const empty = await groundAt(page, place, { xM: 18, yM: 27 }), unseen = await groundAt(page, place, { xM: 55, yM: 36 }), unseenZone = await groundAt(page, place, { xM: 4, yM: 3.5 });
import { encodePicture } from '../../contract/picture.ts';
      expect(empty.colours, JSON.stringify(empty)).toBe(1);
import { encodePicture } from '../../contract/picture.ts';
      expect(unseen.contrast, JSON.stringify(unseen)).toBeGreaterThan(12);
import { encodePicture } from '../../contract/picture.ts';
      expect(unseenZone.contrast, JSON.stringify({ unseen, unseenZone })).toBeGreaterThan(unseen.contrast * 1.5);
import { encodePicture } from '../../contract/picture.ts';
      expect(Math.abs(empty.mean - unseen.mean)).toBeGreaterThan(4);
import { encodePicture } from '../../contract/picture.ts';
      expect(await text('.legend')).toMatch(/under 0\.1.* unknown no camera looks here/);
import { encodePicture } from '../../contract/picture.ts';
      await page.screenshot({ path: join(shots, `ground-${theme}.png`) });
import { encodePicture } from '../../contract/picture.ts';
    }, 40_000);
import { encodePicture } from '../../contract/picture.ts';
  }
import { encodePicture } from '../../contract/picture.ts';

import { encodePicture } from '../../contract/picture.ts';
  test('WB5 rows stay where they are under the pointer; what is new waits and is counted', async () => {
import { encodePicture } from '../../contract/picture.ts';
    // A browser plays nothing before the first click.
import { encodePicture } from '../../contract/picture.ts';
    await page.locator('.brand').click();
import { encodePicture } from '../../contract/picture.ts';
    await page.locator('.sound-blocked').waitFor({ state: 'detached' });
import { encodePicture } from '../../contract/picture.ts';
    const list = page.locator('.alarm-list');
import { encodePicture } from '../../contract/picture.ts';
    await list.hover();
import { encodePicture } from '../../contract/picture.ts';
    const order = await page.locator('.alarm-row').evaluateAll('(rows) => rows.map((row) => row.dataset.alarmId)') as string[];
import { encodePicture } from '../../contract/picture.ts';
    const second = await placeForTest(server, 'Market', 0.002);
import { encodePicture } from '../../contract/picture.ts';
    const secondCamera = cameraForTest(server, second);
import { encodePicture } from '../../contract/picture.ts';
    secondCamera.crowd(7);
import { encodePicture } from '../../contract/picture.ts';
    try {
import { encodePicture } from '../../contract/picture.ts';
      await page.locator('.pin-note button').waitFor({ timeout: 15_000 });
import { encodePicture } from '../../contract/picture.ts';
      expect(await page.locator('.alarm-row').evaluateAll('(rows) => rows.map((row) => row.dataset.alarmId)')).toEqual(order);
import { encodePicture } from '../../contract/picture.ts';
      await page.mouse.move(5, 300);
import { encodePicture } from '../../contract/picture.ts';
      await page.locator('.alarm-row', { hasText: 'Market' }).first().waitFor();
import { encodePicture } from '../../contract/picture.ts';
      expect((await page.evaluate('window.tonesForTest') as number[]).filter((hertz) => hertz === 932).length, 'five beeps for a new critical alarm').toBeGreaterThanOrEqual(5);
import { encodePicture } from '../../contract/picture.ts';
    } finally { secondCamera.stop(); }
import { encodePicture } from '../../contract/picture.ts';
  }, 40_000);
import { encodePicture } from '../../contract/picture.ts';

import { encodePicture } from '../../contract/picture.ts';
  test('WB13 the map goes to a new alarm while "follow alarms" is on, and stays where it is while it is off', async () => {
import { encodePicture } from '../../contract/picture.ts';
    const middle = () => page.evaluate('document.querySelector(".camera-mark").getBoundingClientRect().x') as Promise<number>;
import { encodePicture } from '../../contract/picture.ts';
    const follow = page.getByLabel('Follow alarms');
import { encodePicture } from '../../contract/picture.ts';
    const places = [await placeForTest(server, 'Pier', 0.004), await placeForTest(server, 'Harbour', 0.006)];
import { encodePicture } from '../../contract/picture.ts';
    const cameras = places.map((one) => cameraForTest(server, one));
import { encodePicture } from '../../contract/picture.ts';
    try {
import { encodePicture } from '../../contract/picture.ts';
      await page.reload();
import { encodePicture } from '../../contract/picture.ts';
      await page.locator(`.zone-label[data-zone-id="${places[1]!.zoneId}"]`).waitFor({ state: 'attached' });
import { encodePicture } from '../../contract/picture.ts';
      await page.waitForTimeout(700);
import { encodePicture } from '../../contract/picture.ts';
      const before = await middle();
import { encodePicture } from '../../contract/picture.ts';
      cameras[0]!.crowd(7);
import { encodePicture } from '../../contract/picture.ts';
      await page.locator('.alarm-row', { hasText: 'Pier' }).first().waitFor({ timeout: 15_000 });
import { encodePicture } from '../../contract/picture.ts';
      await page.waitForTimeout(800);
import { encodePicture } from '../../contract/picture.ts';
      expect(await middle()).toBe(before);
import { encodePicture } from '../../contract/picture.ts';
      await follow.check();
import { encodePicture } from '../../contract/picture.ts';
      cameras[1]!.crowd(7);
import { encodePicture } from '../../contract/picture.ts';
      await page.locator('.alarm-row', { hasText: 'Harbour' }).first().waitFor({ timeout: 15_000 });
import { encodePicture } from '../../contract/picture.ts';
      const label = page.locator(`.zone-label[data-zone-id="${places[1]!.zoneId}"]`), map = (await page.locator('.map-host').boundingBox())!;
import { encodePicture } from '../../contract/picture.ts';
      await until('the map is at the new alarm', async () => { const box = await label.boundingBox(); return box !== null && box.x > map.x && box.x < map.x + map.width && box.y > map.y && box.y < map.y + map.height; }, 15_000);
import { encodePicture } from '../../contract/picture.ts';
      await follow.uncheck();
import { encodePicture } from '../../contract/picture.ts';
    } finally {
import { encodePicture } from '../../contract/picture.ts';
      for (const one of cameras) one.stop();
import { encodePicture } from '../../contract/picture.ts';
      for (const one of places) expect(await server.remove(`/api/sites/${one.siteId}`)).toBe(204);
import { encodePicture } from '../../contract/picture.ts';
    }
import { encodePicture } from '../../contract/picture.ts';
  }, 60_000);
import { encodePicture } from '../../contract/picture.ts';

import { encodePicture } from '../../contract/picture.ts';
  test('WB14 the last two hours of a zone: figures as a line, minutes of few people without a number, and gaps', async () => {
import { encodePicture } from '../../contract/picture.ts';
    const thisMinuteMs = Math.floor(Date.now() / 60_000) * 60_000;
import { encodePicture } from '../../contract/picture.ts';
    const minutes = Array.from({ length: 100 }, (_, index) => 100 - index).filter((ago) => ago < 40 || ago >= 60).map((ago) => ({
import { encodePicture } from '../../contract/picture.ts';
      zoneId: place.zoneId,
import { encodePicture } from '../../contract/picture.ts';
      minute: ago >= 80 ? { minuteAtMs: thisMinuteMs - ago * 60_000, kept: 'few' as const } : { minuteAtMs: thisMinuteMs - ago * 60_000, kept: 'figures' as const, peoplePerM2Mean: ago >= 60 ? 1.5 : 4.5, peoplePerM2Error: 0.2, peoplePerM2Peak: ago >= 60 ? 2 : 6.4, peopleCount: 500, seenShare: 1 },
import { encodePicture } from '../../contract/picture.ts';
    }));
import { encodePicture } from '../../contract/picture.ts';
    await server.store.keepZoneMinutes(place.siteId, minutes);
import { encodePicture } from '../../contract/picture.ts';
    await page.locator(`.places [aria-label="Square"] .row`, { hasText: 'East gate' }).click();
import { encodePicture } from '../../contract/picture.ts';
    await page.locator('.curve .uplot').waitFor();
import { encodePicture } from '../../contract/picture.ts';
    expect(await page.locator('.curve .uplot').getAttribute('aria-label')).toBe('Last 2 hours: 1.5–4.5 people/m²');
import { encodePicture } from '../../contract/picture.ts';
    expect(await text('[data-zone-card]')).toMatch(/Minutes with fewer than three people keep no number/);
import { encodePicture } from '../../contract/picture.ts';
    // What is drawn, minute by minute: columns of the canvas in which the line of the mean stands.
import { encodePicture } from '../../contract/picture.ts';
    const drawn = await page.evaluate(`(() => {
import { encodePicture } from '../../contract/picture.ts';
      const canvas = document.querySelector('.curve canvas'), { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
import { encodePicture } from '../../contract/picture.ts';
      const box = document.querySelector('.curve .u-over'), ratio = canvas.width / canvas.getBoundingClientRect().width;
import { encodePicture } from '../../contract/picture.ts';
      const left = (box.getBoundingClientRect().left - canvas.getBoundingClientRect().left) * ratio, plotWidth = box.clientWidth * ratio;
import { encodePicture } from '../../contract/picture.ts';
      // The line is the text's own grey, brighter than the limits, the band and the grid in each part.
import { encodePicture } from '../../contract/picture.ts';
      const isLine = (at) => data[at] > 180 && data[at + 1] > 180 && data[at + 2] > 180 && data[at + 3] > 180;
import { encodePicture } from '../../contract/picture.ts';
      const rowOf = (minutesAgo) => {
import { encodePicture } from '../../contract/picture.ts';
        const x = Math.round(left + plotWidth * (1 - minutesAgo / 120));
import { encodePicture } from '../../contract/picture.ts';
        for (let y = 0; y < height; y++) for (let dx = -1; dx <= 1; dx++) if (isLine((y * width + x + dx) * 4)) return y;
import { encodePicture } from '../../contract/picture.ts';
        return null;
import { encodePicture } from '../../contract/picture.ts';
      };
import { encodePicture } from '../../contract/picture.ts';
      return { busy: rowOf(20), quiet: rowOf(70), gap: rowOf(50), few: rowOf(86), height };
import { encodePicture } from '../../contract/picture.ts';
    })()`) as { busy: number | null; quiet: number | null; gap: number | null; few: number | null };
import { encodePicture } from '../../contract/picture.ts';
    expect(drawn.gap, JSON.stringify(drawn)).toBeNull();
import { encodePicture } from '../../contract/picture.ts';
    expect(drawn.few, JSON.stringify(drawn)).toBeNull();
import { encodePicture } from '../../contract/picture.ts';
    expect(drawn.busy, JSON.stringify(drawn)).not.toBeNull();
import { encodePicture } from '../../contract/picture.ts';
    expect(drawn.quiet!, 'fewer people are lower on the curve').toBeGreaterThan(drawn.busy!);
import { encodePicture } from '../../contract/picture.ts';
    await page.screenshot({ path: join(shots, 'curve.png') });
import { encodePicture } from '../../contract/picture.ts';
    await page.keyboard.press('Escape');
import { encodePicture } from '../../contract/picture.ts';
  }, 40_000);
import { encodePicture } from '../../contract/picture.ts';

import { encodePicture } from '../../contract/picture.ts';
  test('WB15 the map fits again when the window is resized, until somebody has moved it', async () => {
import { encodePicture } from '../../contract/picture.ts';
    await page.setViewportSize({ width: 390, height: 844 });
import { encodePicture } from '../../contract/picture.ts';
    await page.getByRole('button', { name: 'Show all' }).click();
import { encodePicture } from '../../contract/picture.ts';
    // The cameras of two places: signs of a fixed size at fixed spots.
import { encodePicture } from '../../contract/picture.ts';
    const marks = () => Promise.all([0, 1].map(async (index) => (await page.locator('.camera-mark').nth(index).boundingBox())!));
import { encodePicture } from '../../contract/picture.ts';
    const inSight = async () => { const map = (await page.locator('.map-host').boundingBox())!; return (await marks()).every((box) => box.x > map.x && box.x + box.width < map.x + map.width && box.y > map.y && box.y < map.y + map.height); };
import { encodePicture } from '../../contract/picture.ts';
    const apart = async () => { const [one, other] = await marks(); return Math.abs(one!.x - other!.x); };
import { encodePicture } from '../../contract/picture.ts';
    await until('both places are in sight', inSight, 15_000);
import { encodePicture } from '../../contract/picture.ts';
    await page.waitForTimeout(600);
import { encodePicture } from '../../contract/picture.ts';
    const narrow = await apart();
import { encodePicture } from '../../contract/picture.ts';
    await page.setViewportSize({ width: 1280, height: 720 });
import { encodePicture } from '../../contract/picture.ts';
    await until('they are farther apart', async () => await apart() > narrow * 1.2 && await inSight(), 15_000);
import { encodePicture } from '../../contract/picture.ts';
    await page.getByRole('button', { name: 'Closer' }).click();
import { encodePicture } from '../../contract/picture.ts';
    await page.waitForTimeout(600);
import { encodePicture } from '../../contract/picture.ts';
    const close = await apart();
import { encodePicture } from '../../contract/picture.ts';
    await page.setViewportSize({ width: 1000, height: 720 });
import { encodePicture } from '../../contract/picture.ts';
    await page.waitForTimeout(600);
import { encodePicture } from '../../contract/picture.ts';
    expect(await apart()).toBeCloseTo(close, 0);
import { encodePicture } from '../../contract/picture.ts';
    await page.setViewportSize({ width: 1280, height: 720 });
import { encodePicture } from '../../contract/picture.ts';
    await page.getByRole('button', { name: 'Show all' }).click();
import { encodePicture } from '../../contract/picture.ts';
  }, 30_000);
import { encodePicture } from '../../contract/picture.ts';

import { encodePicture } from '../../contract/picture.ts';
  test('WB6 the picture of a camera comes once a second and leaves with its card', async () => {
import { encodePicture } from '../../contract/picture.ts';
    const jpeg = Buffer.from(await page.evaluate(`(async () => {
import { encodePicture } from '../../contract/picture.ts';
      const canvas = new OffscreenCanvas(64, 36);
import { encodePicture } from '../../contract/picture.ts';
      canvas.getContext('2d').fillRect(0, 0, 9, 9);
import { encodePicture } from '../../contract/picture.ts';
      return btoa(String.fromCharCode(...new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg' })).arrayBuffer())));
import { encodePicture } from '../../contract/picture.ts';
    })()`) as string, 'base64');
import { encodePicture } from '../../contract/picture.ts';
    const bytes = encodePicture({ capturedAtMs: Date.now(), masksVersion: 0, jpeg });
import { encodePicture } from '../../contract/picture.ts';
    await server.bus.putLatest(topics.picture(place.sensor.sensorId), bytes, 10_000);
import { encodePicture } from '../../contract/picture.ts';
    let asked = 0;
import { encodePicture } from '../../contract/picture.ts';
    page.on('request', (request) => { if (request.url().includes('/picture')) asked++; });
import { encodePicture } from '../../contract/picture.ts';
    await page.locator('.places .row', { hasText: 'Gate camera' }).first().click();
import { encodePicture } from '../../contract/picture.ts';
    await page.locator('[data-camera-card] img').waitFor();
import { encodePicture } from '../../contract/picture.ts';
    await page.waitForTimeout(2600);
import { encodePicture } from '../../contract/picture.ts';
    expect(asked).toBeGreaterThanOrEqual(2);
import { encodePicture } from '../../contract/picture.ts';
    expect(asked).toBeLessThanOrEqual(5);
import { encodePicture } from '../../contract/picture.ts';
    expect(await text('[data-camera-card] .facts')).toMatch(/H264 640×360, 15\.0/);
import { encodePicture } from '../../contract/picture.ts';
    expect(await axeFaults(page)).toEqual([]);
import { encodePicture } from '../../contract/picture.ts';
    await page.screenshot({ path: join(shots, 'camera-dark-en.png') });
import { encodePicture } from '../../contract/picture.ts';
    await page.keyboard.press('Escape');
import { encodePicture } from '../../contract/picture.ts';
    const before = asked;
import { encodePicture } from '../../contract/picture.ts';
    await page.waitForTimeout(1600);
import { encodePicture } from '../../contract/picture.ts';
    expect(asked).toBe(before);
import { encodePicture } from '../../contract/picture.ts';
  });
import { encodePicture } from '../../contract/picture.ts';

import { encodePicture } from '../../contract/picture.ts';
  for (const theme of ['dark', 'light'] as const) for (const language of ['en', 'zh'] as const) {
import { encodePicture } from '../../contract/picture.ts';
    const isWhole = theme === 'dark' ? language === 'en' : language === 'zh';
import { encodePicture } from '../../contract/picture.ts';
    test(`WB7 no fault for axe in ${theme} and ${language}: alarm, zone${isWhole ? ', keys, phone' : ''}`, async () => {
import { encodePicture } from '../../contract/picture.ts';
      await choose(page, { theme, language });
import { encodePicture } from '../../contract/picture.ts';
      await page.locator('.alarm-row').first().waitFor();
import { encodePicture } from '../../contract/picture.ts';
      expect(await page.evaluate('document.documentElement.lang')).toBe(language === 'zh' ? 'zh-CN' : 'en');
import { encodePicture } from '../../contract/picture.ts';
      await page.keyboard.press('j');
import { encodePicture } from '../../contract/picture.ts';
      await page.locator('[data-alarm-card]').waitFor();
import { encodePicture } from '../../contract/picture.ts';
      await page.waitForTimeout(400);
import { encodePicture } from '../../contract/picture.ts';
      expect(await axeFaults(page), 'alarm card').toEqual([]);
import { encodePicture } from '../../contract/picture.ts';
      await page.screenshot({ path: join(shots, `alarm-${theme}-${language}.png`) });
import { encodePicture } from '../../contract/picture.ts';
      await page.locator('.places .row', { hasText: 'East gate' }).first().click();
import { encodePicture } from '../../contract/picture.ts';
      await page.locator('[data-zone-card] .big-figure').waitFor();
import { encodePicture } from '../../contract/picture.ts';
      expect(await axeFaults(page), 'zone card').toEqual([]);
import { encodePicture } from '../../contract/picture.ts';
      await page.screenshot({ path: join(shots, `zone-${theme}-${language}.png`) });
import { encodePicture } from '../../contract/picture.ts';
      if (!isWhole) return;
import { encodePicture } from '../../contract/picture.ts';
      await page.keyboard.press('?');
import { encodePicture } from '../../contract/picture.ts';
      await page.locator('table.keys').waitFor();
import { encodePicture } from '../../contract/picture.ts';
      await page.waitForTimeout(400);
import { encodePicture } from '../../contract/picture.ts';
      expect(await axeFaults(page), 'keys').toEqual([]);
import { encodePicture } from '../../contract/picture.ts';
      await page.keyboard.press('Escape');
import { encodePicture } from '../../contract/picture.ts';
      await page.locator('table.keys').waitFor({ state: 'detached' });
import { encodePicture } from '../../contract/picture.ts';
      await page.setViewportSize({ width: 390, height: 844 });
import { encodePicture } from '../../contract/picture.ts';
      await page.waitForTimeout(400);
import { encodePicture } from '../../contract/picture.ts';
      expect(await axeFaults(page), 'phone').toEqual([]);
import { encodePicture } from '../../contract/picture.ts';
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
import { encodePicture } from '../../contract/picture.ts';
      await page.screenshot({ path: join(shots, `phone-${theme}-${language}.png`) });
import { encodePicture } from '../../contract/picture.ts';
    }, 60_000);
import { encodePicture } from '../../contract/picture.ts';
  }
import { encodePicture } from '../../contract/picture.ts';

import { encodePicture } from '../../contract/picture.ts';
  test('WB11 a *.pmtiles file in the data folder becomes the ground of the map, fetched from our own server', async () => {
import { encodePicture } from '../../contract/picture.ts';
    const png = Buffer.from(await page.evaluate(`(async () => {
import { encodePicture } from '../../contract/picture.ts';
      const canvas = new OffscreenCanvas(256, 256), context = canvas.getContext('2d');
import { encodePicture } from '../../contract/picture.ts';
      context.fillStyle = 'rgb(0, 255, 0)'; context.fillRect(0, 0, 256, 256);
import { encodePicture } from '../../contract/picture.ts';
      return btoa(String.fromCharCode(...new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer())));
import { encodePicture } from '../../contract/picture.ts';
    })()`) as string, 'base64');
import { encodePicture } from '../../contract/picture.ts';
    await choose(page, { theme: 'dark', language: 'en' });
import { encodePicture } from '../../contract/picture.ts';
    await page.locator('.zone-label').first().waitFor();
import { encodePicture } from '../../contract/picture.ts';
    const PLAIN: [number, number, number] = [20, 23, 26];
import { encodePicture } from '../../contract/picture.ts';
    const plainBefore = await pixelsOf(page, PLAIN, 6);
import { encodePicture } from '../../contract/picture.ts';
    expect(plainBefore).toBeGreaterThan(100_000);
import { encodePicture } from '../../contract/picture.ts';
    writeFileSync(join(server.dataFolder, 'town.pmtiles'), pmtilesOfOneTile(png));
import { encodePicture } from '../../contract/picture.ts';
    await page.reload();
import { encodePicture } from '../../contract/picture.ts';
    await until('the ground is covered', async () => await pixelsOf(page, PLAIN, 6) < plainBefore / 4, 15_000);
import { encodePicture } from '../../contract/picture.ts';
    expect(await page.evaluate(`performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/basemap/town.pmtiles'))`)).toBe(true);
import { encodePicture } from '../../contract/picture.ts';
    await page.screenshot({ path: join(shots, 'basemap.png') });
import { encodePicture } from '../../contract/picture.ts';
    rmSync(join(server.dataFolder, 'town.pmtiles'));
import { encodePicture } from '../../contract/picture.ts';
  }, 40_000);
import { encodePicture } from '../../contract/picture.ts';

import { encodePicture } from '../../contract/picture.ts';
  test('WB8 a silent camera is unknown after 5 s: the heat goes, the ground is hatched, and the legend says so', async () => {
import { encodePicture } from '../../contract/picture.ts';
    await choose(page, { theme: 'dark', language: 'en' });
import { encodePicture } from '../../contract/picture.ts';
    await page.locator('.zone-label').first().waitFor(); // the map is there and can be sent
import { encodePicture } from '../../contract/picture.ts';
    await page.locator('.place .name', { hasText: 'Square' }).click();
import { encodePicture } from '../../contract/picture.ts';
    await until('the heat is there', async () => await pixelsOf(page, HOTTEST) > 1500, 10_000);
import { encodePicture } from '../../contract/picture.ts';
    camera.pause(true);
import { encodePicture } from '../../contract/picture.ts';
    await until('the heat is gone', async () => await pixelsOf(page, HOTTEST) < LEGEND_PX, 12_000);
import { encodePicture } from '../../contract/picture.ts';
    expect(await text('.legend-time')).toMatch(/^out of date; last reading \d\d:\d\d:\d\d \(\d+ s ago\)$/);
import { encodePicture } from '../../contract/picture.ts';
    await page.locator(`.zone-label[data-zone-id="${place.zoneId}"][data-look="blind"]`).waitFor({ timeout: 20_000 });
import { encodePicture } from '../../contract/picture.ts';
    await page.screenshot({ path: join(shots, 'silent.png') });
import { encodePicture } from '../../contract/picture.ts';
    camera.pause(false);
import { encodePicture } from '../../contract/picture.ts';
  }, 60_000);
import { encodePicture } from '../../contract/picture.ts';

import { encodePicture } from '../../contract/picture.ts';
  test('WB9 no decider: within 5 s every screen says that alarms are not being judged, and stops saying so when one is back', async () => {
import { encodePicture } from '../../contract/picture.ts';
    expect(await page.locator('.judged-banner').count()).toBe(0);
import { encodePicture } from '../../contract/picture.ts';
    await decider.close();
import { encodePicture } from '../../contract/picture.ts';
    await page.locator('.judged-banner[data-because="deciderSilent"]').waitFor({ timeout: 6000 });
import { encodePicture } from '../../contract/picture.ts';
    expect(await text('.judged-banner strong')).toMatch(/^ALARMS ARE NOT BEING JUDGED for \d+ s$/);
import { encodePicture } from '../../contract/picture.ts';
    // The sites fall silent one after the other, up to a tick apart: this one is named within a moment.
import { encodePicture } from '../../contract/picture.ts';
    await page.locator('.judged-banner p', { hasText: 'Square' }).waitFor({ timeout: 3000 });
import { encodePicture } from '../../contract/picture.ts';
    expect(await text('.judged-banner p')).toMatch(/Square/);
import { encodePicture } from '../../contract/picture.ts';
    await page.screenshot({ path: join(shots, 'not-judged.png') });
import { encodePicture } from '../../contract/picture.ts';
    await startDecider();
import { encodePicture } from '../../contract/picture.ts';
    await page.locator('.judged-banner').waitFor({ state: 'detached', timeout: 15_000 });
import { encodePicture } from '../../contract/picture.ts';
  }, 40_000);
import { encodePicture } from '../../contract/picture.ts';

import { encodePicture } from '../../contract/picture.ts';
  test('WB10 a server that is gone is a lost line, with other words; nothing went to another origin, nothing broke', async () => {
import { encodePicture } from '../../contract/picture.ts';
    await server.closeServer();
import { encodePicture } from '../../contract/picture.ts';
    await page.locator('.judged-banner[data-because="lineLost"]').waitFor({ timeout: 12_000 });
import { encodePicture } from '../../contract/picture.ts';
    expect(await text('.judged-banner strong')).toMatch(/^NO LINE TO THE SERVER for \d+ s$/);
import { encodePicture } from '../../contract/picture.ts';
    expect({ ...seen }).toEqual({ foreign: [], faults: [] });
import { encodePicture } from '../../contract/picture.ts';
  });
import { encodePicture } from '../../contract/picture.ts';
});
