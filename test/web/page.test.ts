// The wall in a real browser on the real server: heat, alarm, keyboard, two screens, what is not known and what is lost, in both languages and themes.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runDecide } from '../../worker/decide.ts';
import { topics } from '../../store/bus/bus.ts';
import { axeFaults, builtPage, cameraForTest, choose, groundAt, openBrowser, signInBrowser, pixelsOf, placeForTest, pmtilesOfOneTile, shots, SPY_ON_TONES, watched, whyNoChromium, type PlaceForTest } from './pageForTest.ts';
import { quietLog, serverForTest, until, type ServerForTest } from '../server/serverForTest.ts';
import { encodePicture } from '../../contract/picture.ts';

const HOTTEST: [number, number, number] = [218, 53, 138];
/** The legend has a swatch of it, 18 x 12. */
const LEGEND_PX = 400;

describe.skipIf(whyNoChromium !== null)(`the wall in Chromium${whyNoChromium === null ? '' : ` (not run: ${whyNoChromium})`}`, () => {
  let built: ReturnType<typeof builtPage>, server: ServerForTest, browser: BrowserContext, page: Page, place: PlaceForTest;
  let camera: ReturnType<typeof cameraForTest>, decider: Awaited<ReturnType<typeof runDecide>>;
  let seen: ReturnType<typeof watched>;
  beforeEach(async () => { await page.setViewportSize({ width: 1280, height: 720 }); });
  const startDecider = async () => { decider = await runDecide({ store: server.store, bus: server.bus, settings: {}, rules: server.ruleKinds, log: quietLog, holder: `test${Math.random()}` }); };
  const text = async (selector: string, on = page) => (await on.locator(selector).first().innerText()).replace(/\s+/g, ' ');

  beforeAll(async () => {
    built = builtPage();
    server = await serverForTest({ webFolder: built.folder });
    browser = await openBrowser();
    await signInBrowser(browser, server);
    page = browser.pages()[0] ?? await browser.newPage();
    seen = watched(page, server.address);
    await page.addInitScript(SPY_ON_TONES);
  }, 180_000);
  afterAll(async () => {
    camera?.stop();
    await browser?.close();
    await decider?.close();
    await server?.close().catch(() => {});
    built?.remove();
  });

  test('WB1 with no place at all the page shows the way to the first one', async () => {
    await page.goto(`${server.address}/`);
    await page.locator('.first-steps a').waitFor();
    expect(await page.locator('.first-steps a').getAttribute('href')).toBe('#/setup/sites/new');
    expect(await axeFaults(page)).toEqual([]);
    await page.screenshot({ path: join(shots, 'empty.png') });
  });

  test('WB2 a crowd is painted in the colour of its density within a second, and unseen ground is hatched', async () => {
    place = await placeForTest(server);
    camera = cameraForTest(server, place);
    camera.crowd(6);
    await page.reload();
    await until('the camera is painted', () => page.evaluate(`(window.__crowdlight?.paintedOf['${place.sensor.sensorId}']?.seq ?? 0) > 2`), 15_000);
    const painted = await page.evaluate('window.__crowdlight?.painted') as { capturedAtMs: number; paintedAtMs: number };
    expect(painted.paintedAtMs - painted.capturedAtMs).toBeGreaterThanOrEqual(0);
    await until('the hottest colour is on the map', async () => await pixelsOf(page, HOTTEST) > 1500, 10_000);
    // Only now, so that the alarm is new to this page however slow its loading was.
    await startDecider();
    await page.locator(`.zone-label[data-zone-id="${place.farZoneId}"][data-look="blind"]`).waitFor();
    expect(Number(await page.locator('.legend-time').getAttribute('data-true-for'))).toBeGreaterThan(Date.now() - 5000);
  });

  test('WB3 the alarm of the decider reaches the list with place, figure, error and age; it is said aloud and its reason is a sentence', async () => {
    await page.locator('.alarm-row[data-state="raised"][data-level="critical"]').waitFor({ timeout: 15_000 });
    expect(await page.locator('.count').getAttribute('data-open-count')).not.toBe('0');
    expect(await text('.alarm-row[data-level="critical"]')).toMatch(/East gate Square .*6\.0 ±\d\.\d \/m² .*\d\d:\d\d:\d\d raised/);
    expect(await text('[data-voice="assertive"]')).toMatch(/East gate/);
    await page.keyboard.press('j');
    await page.locator('[data-alarm-card] .because', { hasText: 'limit' }).waitFor();
    expect(await text('[data-alarm-card] .because')).toMatch(/^\d\.\d ± \d\.\d people\/m², above the limit 5\.5 with \d\d % certainty/);
    expect(await text(`.zone-label[data-zone-id="${place.zoneId}"]`)).toMatch(/East gate 6\.0 ±\d\.\d \/m² \d+ s/);
    await page.screenshot({ path: join(shots, 'alarm-dark-en.png') });
  });

  test('WB4 A acknowledges by way of the record, and a second screen shows it without being asked', async () => {
    const other = await browser.newPage();
    const otherSeen = watched(other, server.address);
    await other.goto(`${server.address}/`);
    await other.locator('.alarm-row[data-state="raised"][data-level="critical"]').waitFor();
    await page.bringToFront();
    await page.keyboard.press('a');
    await page.locator('[data-alarm-card][data-state="acknowledged"]').waitFor();
    await other.locator('.alarm-row[data-state="acknowledged"][data-level="critical"]').waitFor();
    expect((await server.store.alarms({ closedSinceMs: 0, most: 10 })).filter(({ state }) => state === 'acknowledged')).toHaveLength(1);
    expect({ ...otherSeen }).toEqual({ foreign: [], faults: [] });
    await other.close();
  });

  for (const theme of ['light', 'dark'] as const) {
    test(`WB12 in ${theme}, ground that was counted and is empty is plain; ground that nobody sees is hatched, more strongly where somebody should see it`, async () => {
      await choose(page, { theme, language: 'en' });
      await until('the camera is painted', () => page.evaluate(`(window.__crowdlight?.paintedOf['${place.sensor.sensorId}']?.seq ?? 0) > 2`), 15_000);
      await until('the label has its place', async () => await page.locator(`.zone-label[data-zone-id="${place.zoneId}"]`).count() === 1);
      // Between the lines of the graticule, ten metres apart, and beside the labels.
      const empty = await groundAt(page, place, { xM: 18, yM: 27 }), unseen = await groundAt(page, place, { xM: 55, yM: 36 }), unseenZone = await groundAt(page, place, { xM: 4, yM: 3.5 });
      expect(empty.colours, JSON.stringify(empty)).toBe(1);
      expect(unseen.contrast, JSON.stringify(unseen)).toBeGreaterThan(12);
      expect(unseenZone.contrast, JSON.stringify({ unseen, unseenZone })).toBeGreaterThan(unseen.contrast * 1.5);
      expect(Math.abs(empty.mean - unseen.mean)).toBeGreaterThan(4);
      expect(await text('.legend')).toMatch(/under 0\.1.* unknown no camera looks here/);
      await page.screenshot({ path: join(shots, `ground-${theme}.png`) });
    }, 40_000);
  }

  test('WB5 rows stay where they are under the pointer; what is new waits and is counted', async () => {
    // A browser plays nothing before the first click.
    await page.locator('.brand').click();
    await page.locator('.sound-blocked').waitFor({ state: 'detached' });
    const list = page.locator('.alarm-list');
    await list.hover();
    const order = await page.locator('.alarm-row').evaluateAll('(rows) => rows.map((row) => row.dataset.alarmId)') as string[];
    const second = await placeForTest(server, 'Market', 0.002);
    const secondCamera = cameraForTest(server, second);
    secondCamera.crowd(7);
    try {
      await page.locator('.pin-note button').waitFor({ timeout: 15_000 });
      expect(await page.locator('.alarm-row').evaluateAll('(rows) => rows.map((row) => row.dataset.alarmId)')).toEqual(order);
      await page.mouse.move(5, 300);
      await page.locator('.alarm-row', { hasText: 'Market' }).first().waitFor();
      expect((await page.evaluate('window.tonesForTest') as number[]).filter((hertz) => hertz === 932).length, 'five beeps for a new critical alarm').toBeGreaterThanOrEqual(5);
    } finally { secondCamera.stop(); }
  }, 40_000);

  test('WB13 the map goes to a new alarm while "follow alarms" is on, and stays where it is while it is off', async () => {
    const middle = () => page.evaluate('document.querySelector(".camera-mark").getBoundingClientRect().x') as Promise<number>;
    const follow = page.getByLabel('Follow alarms');
    const places = [await placeForTest(server, 'Pier', 0.004), await placeForTest(server, 'Harbour', 0.006)];
    const cameras = places.map((one) => cameraForTest(server, one));
    try {
      await page.reload();
      await page.locator(`.zone-label[data-zone-id="${places[1]!.zoneId}"]`).waitFor({ state: 'attached' });
      await page.waitForTimeout(700);
      const before = await middle();
      cameras[0]!.crowd(7);
      await page.locator('.alarm-row', { hasText: 'Pier' }).first().waitFor({ timeout: 15_000 });
      await page.waitForTimeout(800);
      expect(await middle()).toBe(before);
      await follow.check();
      cameras[1]!.crowd(7);
      await page.locator('.alarm-row', { hasText: 'Harbour' }).first().waitFor({ timeout: 15_000 });
      const label = page.locator(`.zone-label[data-zone-id="${places[1]!.zoneId}"]`), map = (await page.locator('.map-host').boundingBox())!;
      await until('the map is at the new alarm', async () => { const box = await label.boundingBox(); return box !== null && box.x > map.x && box.x < map.x + map.width && box.y > map.y && box.y < map.y + map.height; }, 15_000);
      await follow.uncheck();
    } finally {
      for (const one of cameras) one.stop();
      for (const one of places) expect(await server.remove(`/api/sites/${one.siteId}`)).toBe(204);
    }
  }, 60_000);

  test('WB14 the last two hours of a zone: figures as a line, minutes of few people without a number, and gaps', async () => {
    const thisMinuteMs = Math.floor(Date.now() / 60_000) * 60_000;
    const minutes = Array.from({ length: 100 }, (_, index) => 100 - index).filter((ago) => ago < 40 || ago >= 60).map((ago) => ({
      zoneId: place.zoneId,
      minute: ago >= 80 ? { minuteAtMs: thisMinuteMs - ago * 60_000, kept: 'few' as const } : { minuteAtMs: thisMinuteMs - ago * 60_000, kept: 'figures' as const, peoplePerM2Mean: ago >= 60 ? 1.5 : 4.5, peoplePerM2Error: 0.2, peoplePerM2Peak: ago >= 60 ? 2 : 6.4, peopleCount: 500, seenShare: 1 },
    }));
    await server.store.keepZoneMinutes(place.siteId, minutes);
    await page.locator(`.places [aria-label="Square"] .row`, { hasText: 'East gate' }).click();
    await page.locator('.curve .uplot').waitFor();
    expect(await page.locator('.curve .uplot').getAttribute('aria-label')).toBe('Last 2 hours: 1.5–4.5 people/m²');
    expect(await text('[data-zone-card]')).toMatch(/Minutes with fewer than three people keep no number/);
    // What is drawn, minute by minute: columns of the canvas in which the line of the mean stands.
    const drawn = await page.evaluate(`(() => {
      const canvas = document.querySelector('.curve canvas'), { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const box = document.querySelector('.curve .u-over'), ratio = canvas.width / canvas.getBoundingClientRect().width;
      const left = (box.getBoundingClientRect().left - canvas.getBoundingClientRect().left) * ratio, plotWidth = box.clientWidth * ratio;
      // The line is the text's own grey, brighter than the limits, the band and the grid in each part.
      const isLine = (at) => data[at] > 180 && data[at + 1] > 180 && data[at + 2] > 180 && data[at + 3] > 180;
      const rowOf = (minutesAgo) => {
        const x = Math.round(left + plotWidth * (1 - minutesAgo / 120));
        for (let y = 0; y < height; y++) for (let dx = -1; dx <= 1; dx++) if (isLine((y * width + x + dx) * 4)) return y;
        return null;
      };
      return { busy: rowOf(20), quiet: rowOf(70), gap: rowOf(50), few: rowOf(86), height };
    })()`) as { busy: number | null; quiet: number | null; gap: number | null; few: number | null };
    expect(drawn.gap, JSON.stringify(drawn)).toBeNull();
    expect(drawn.few, JSON.stringify(drawn)).toBeNull();
    expect(drawn.busy, JSON.stringify(drawn)).not.toBeNull();
    expect(drawn.quiet!, 'fewer people are lower on the curve').toBeGreaterThan(drawn.busy!);
    await page.screenshot({ path: join(shots, 'curve.png') });
    await page.keyboard.press('Escape');
  }, 40_000);

  test('WB15 the map fits again when the window is resized, until somebody has moved it', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole('button', { name: 'Show all' }).click();
    // The cameras of two places: signs of a fixed size at fixed spots.
    const marks = () => Promise.all([0, 1].map(async (index) => (await page.locator('.camera-mark').nth(index).boundingBox())!));
    const inSight = async () => { const map = (await page.locator('.map-host').boundingBox())!; return (await marks()).every((box) => box.x > map.x && box.x + box.width < map.x + map.width && box.y > map.y && box.y < map.y + map.height); };
    const apart = async () => { const [one, other] = await marks(); return Math.abs(one!.x - other!.x); };
    await until('both places are in sight', inSight, 15_000);
    await page.waitForTimeout(600);
    const narrow = await apart();
    await page.setViewportSize({ width: 1280, height: 720 });
    await until('they are farther apart', async () => await apart() > narrow * 1.2 && await inSight(), 15_000);
    await page.getByRole('button', { name: 'Closer' }).click();
    await page.waitForTimeout(600);
    const close = await apart();
    await page.setViewportSize({ width: 1000, height: 720 });
    await page.waitForTimeout(600);
    expect(await apart()).toBeCloseTo(close, 0);
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.getByRole('button', { name: 'Show all' }).click();
  }, 30_000);

  test('WB6 the picture of a camera comes once a second and leaves with its card', async () => {
    const jpeg = Buffer.from(await page.evaluate(`(async () => {
      const canvas = new OffscreenCanvas(64, 36);
      canvas.getContext('2d').fillRect(0, 0, 9, 9);
      return btoa(String.fromCharCode(...new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg' })).arrayBuffer())));
    })()`) as string, 'base64');
    const bytes = encodePicture({ capturedAtMs: Date.now(), masksVersion: 0, jpeg });
    await server.bus.putLatest(topics.picture(place.sensor.sensorId), bytes, 10_000);
    let asked = 0;
    page.on('request', (request) => { if (request.url().includes('/picture')) asked++; });
    await page.locator('.places .row', { hasText: 'Gate camera' }).first().click();
    await page.locator('[data-camera-card] img').waitFor();
    await page.waitForTimeout(2600);
    expect(asked).toBeGreaterThanOrEqual(2);
    expect(asked).toBeLessThanOrEqual(5);
    expect(await text('[data-camera-card] .facts')).toMatch(/H264 640×360, 15\.0/);
    expect(await axeFaults(page)).toEqual([]);
    await page.screenshot({ path: join(shots, 'camera-dark-en.png') });
    await page.keyboard.press('Escape');
    const before = asked;
    await page.waitForTimeout(1600);
    expect(asked).toBe(before);
  });

  for (const theme of ['dark', 'light'] as const) for (const language of ['en', 'zh'] as const) {
    const isWhole = theme === 'dark' ? language === 'en' : language === 'zh';
    test(`WB7 no fault for axe in ${theme} and ${language}: alarm, zone${isWhole ? ', keys, phone' : ''}`, async () => {
      await choose(page, { theme, language });
      await page.locator('.alarm-row').first().waitFor();
      expect(await page.evaluate('document.documentElement.lang')).toBe(language === 'zh' ? 'zh-CN' : 'en');
      await page.keyboard.press('j');
      await page.locator('[data-alarm-card]').waitFor();
      await page.waitForTimeout(400);
      expect(await axeFaults(page), 'alarm card').toEqual([]);
      await page.screenshot({ path: join(shots, `alarm-${theme}-${language}.png`) });
      await page.locator('.places .row', { hasText: 'East gate' }).first().click();
      await page.locator('[data-zone-card] .big-figure').waitFor();
      expect(await axeFaults(page), 'zone card').toEqual([]);
      await page.screenshot({ path: join(shots, `zone-${theme}-${language}.png`) });
      if (!isWhole) return;
      await page.keyboard.press('?');
      await page.locator('table.keys').waitFor();
      await page.waitForTimeout(400);
      expect(await axeFaults(page), 'keys').toEqual([]);
      await page.keyboard.press('Escape');
      await page.locator('table.keys').waitFor({ state: 'detached' });
      await page.setViewportSize({ width: 390, height: 844 });
      await page.waitForTimeout(400);
      expect(await axeFaults(page), 'phone').toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
      await page.screenshot({ path: join(shots, `phone-${theme}-${language}.png`) });
    }, 60_000);
  }

  test('WB11 a *.pmtiles file in the data folder becomes the ground of the map, fetched from our own server', async () => {
    const png = Buffer.from(await page.evaluate(`(async () => {
      const canvas = new OffscreenCanvas(256, 256), context = canvas.getContext('2d');
      context.fillStyle = 'rgb(0, 255, 0)'; context.fillRect(0, 0, 256, 256);
      return btoa(String.fromCharCode(...new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer())));
    })()`) as string, 'base64');
    await choose(page, { theme: 'dark', language: 'en' });
    await page.locator('.zone-label').first().waitFor();
    const PLAIN: [number, number, number] = [20, 23, 26];
    const plainBefore = await pixelsOf(page, PLAIN, 6);
    expect(plainBefore).toBeGreaterThan(100_000);
    writeFileSync(join(server.dataFolder, 'town.pmtiles'), pmtilesOfOneTile(png));
    await page.reload();
    await until('the ground is covered', async () => await pixelsOf(page, PLAIN, 6) < plainBefore / 4, 15_000);
    expect(await page.evaluate(`performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/basemap/town.pmtiles'))`)).toBe(true);
    await page.screenshot({ path: join(shots, 'basemap.png') });
    rmSync(join(server.dataFolder, 'town.pmtiles'));
  }, 40_000);

  test('WB8 a silent camera is unknown after 5 s: the heat goes, the ground is hatched, and the legend says so', async () => {
    await choose(page, { theme: 'dark', language: 'en' });
    await page.locator('.zone-label').first().waitFor(); // the map is there and can be sent
    await page.locator('.place .name', { hasText: 'Square' }).click();
    await until('the heat is there', async () => await pixelsOf(page, HOTTEST) > 1500, 10_000);
    camera.pause(true);
    await until('the heat is gone', async () => await pixelsOf(page, HOTTEST) < LEGEND_PX, 12_000);
    expect(await text('.legend-time')).toMatch(/^out of date; last reading \d\d:\d\d:\d\d \(\d+ s ago\)$/);
    await page.locator(`.zone-label[data-zone-id="${place.zoneId}"][data-look="blind"]`).waitFor({ timeout: 20_000 });
    await page.screenshot({ path: join(shots, 'silent.png') });
    camera.pause(false);
  }, 60_000);

  test('WB9 no decider: within 5 s every screen says that alarms are not being judged, and stops saying so when one is back', async () => {
    expect(await page.locator('.judged-banner').count()).toBe(0);
    await decider.close();
    await page.locator('.judged-banner[data-because="deciderSilent"]').waitFor({ timeout: 6000 });
    expect(await text('.judged-banner strong')).toMatch(/^ALARMS ARE NOT BEING JUDGED for \d+ s$/);
    // The sites fall silent one after the other, up to a tick apart: this one is named within a moment.
    await page.locator('.judged-banner p', { hasText: 'Square' }).waitFor({ timeout: 3000 });
    expect(await text('.judged-banner p')).toMatch(/Square/);
    await page.screenshot({ path: join(shots, 'not-judged.png') });
    await startDecider();
    await page.locator('.judged-banner').waitFor({ state: 'detached', timeout: 15_000 });
  }, 40_000);

  test('WB10 a server that is gone is a lost line, with other words; nothing went to another origin, nothing broke', async () => {
    await server.closeServer();
    await page.locator('.judged-banner[data-because="lineLost"]').waitFor({ timeout: 12_000 });
    expect(await text('.judged-banner strong')).toMatch(/^NO LINE TO THE SERVER for \d+ s$/);
    expect({ ...seen }).toEqual({ foreign: [], faults: [] });
  });
});
