// What a person sees of how far a number can be trusted: interval, movement, forecast, lines, why a picture cannot be counted, the model's card; in both languages and themes, by keyboard, at 390 px.
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeInput } from '../../contract/decide.ts';
import { densityCode } from '../../contract/density.ts';
import { shareCode, spreadCode, velocityCode } from '../../contract/flow.ts';
import { encodeReading, type Reading } from '../../contract/reading.ts';
import type { SensorStatus } from '../../contract/sensorStatus.ts';
import type { PictureFault } from '../../contract/sight.ts';
import { loadModelCard, DEFAULT_MODEL_CARD } from '../../config/modelCard.ts';
import { topics } from '../../store/bus/bus.ts';
import { runDecide } from '../../worker/decide.ts';
import { quietLog, serverForTest, until, type ServerForTest } from '../server/serverForTest.ts';
import { axeFaults, builtPage, choose, openBrowser, signInBrowser, placeForTest, shots, watched, whyNoChromium, type PlaceForTest } from './pageForTest.ts';

/** Nine in ten walk east at 1.5 m/s, one in ten west: 1.2 m/s on the whole, with a spread of 0.9. */
function walkersForTest(server: ServerForTest, place: PlaceForTest) {
  const window = { columnFirst: 12, rowFirst: 2, columns: 36, rows: 28 }, cells = window.columns * window.rows;
  let seq = 0, fault: PictureFault | null = null;
  const once = async () => {
    const nowMs = Date.now(), all = (code: number) => new Uint8Array(cells).fill(code);
    const reading: Reading = {
      siteId: place.siteId, sensorId: place.sensor.sensorId, epoch: 1, seq: ++seq, capturedAtMs: nowMs - 40, heardAtMs: nowMs - 20, calibrationVersion: place.sensor.calibration!.version, modelId: 'test', peopleInPicture: 300, window,
      densityCodes: all(fault === null ? densityCode(1.6) : 255), errorCodes: all(fault === null ? densityCode(0.25) : 255), weightCodes: all(fault === null ? 200 : 0), fault,
      flow: fault === null ? { eastCodes: all(velocityCode(1.2)), northCodes: all(velocityCode(0)), spreadCodes: all(spreadCode(0.9)), counterCodes: all(shareCode(0.1)) } : null,
    };
    const status: SensorStatus = {
      sensorId: reading.sensorId, siteId: reading.siteId, epoch: 1, atMs: nowMs, phase: 'counting', problem: null, nextTryAtMs: null, attempt: 0, stream: { codec: 'h264', widthPx: 1280, heightPx: 720, framesPerS: 15 }, clockSkewMs: 12, clock: 'camera',
      framesUsed: 'all', framesDecoded: seq * 8, framesCounted: seq, framesDropped: 0, countMs: 38, analysis: { widthPx: 960, heightPx: 544, tiles: 2, because: 'budget', farHeadPx: 4.2 }, sight: { fault, measures: { brightness: 91.25, edges: 0.31 } },
      lastFrameAtMs: nowMs, peopleInPicture: 300, placed: true,
    };
    const words = new TextEncoder().encode(JSON.stringify(status));
    await server.bus.append(topics.inputs(reading.siteId), encodeInput({ type: 'reading', reading }));
    await server.bus.publish(topics.readings, encodeReading(reading));
    await server.bus.publish(topics.sensorStatus, words);
    await server.bus.putLatest(topics.sensorStatusOf(reading.sensorId), words, 60_000);
  };
  const timer = setInterval(() => { void once().catch(() => {}); }, 400);
  return { stop: () => clearInterval(timer), break: (next: PictureFault | null) => { fault = next; } };
}

describe.skipIf(whyNoChromium !== null)(`figures and their trust in Chromium${whyNoChromium === null ? '' : ` (not run: ${whyNoChromium})`}`, { timeout: 60_000 }, () => {
  let built: ReturnType<typeof builtPage>, server: ServerForTest, browser: BrowserContext, page: Page, place: PlaceForTest, seen: ReturnType<typeof watched>;
  let walkers: ReturnType<typeof walkersForTest>, decider: Awaited<ReturnType<typeof runDecide>>;
  const text = async (selector: string) => (await page.locator(selector).first().innerText()).replace(/\s+/g, ' ');
  const choosePlace = async (name: string) => { await page.locator('.places .row', { hasText: name }).first().click(); };

  beforeAll(async () => {
    built = builtPage();
    server = await serverForTest({ webFolder: built.folder });
    place = await placeForTest(server);
    decider = await runDecide({ store: server.store, bus: server.bus, settings: {}, rules: server.ruleKinds, log: quietLog, holder: 'trust' });
    walkers = walkersForTest(server, place);
    browser = await openBrowser();
    await signInBrowser(browser, server);
    page = browser.pages()[0] ?? await browser.newPage();
    page.setDefaultTimeout(20_000);
    seen = watched(page, server.address);
    await page.goto(`${server.address}/`);
  }, 180_000);
  afterAll(async () => {
    walkers?.stop();
    await browser?.close();
    await decider?.close();
    await server?.close().catch(() => {});
    built?.remove();
  });

  test('WT1 a zone shows its figure with the interval, where its people go, how fast, what goes against them and how rough it is', async () => {
    await choosePlace('East gate');
    await page.locator('[data-zone-card] [data-flow]').waitFor();
    const facts = await text('[data-zone-card] [data-flow]');
    expect(facts).toMatch(/east, 1\.[12] m\/s/);
    expect(facts).toMatch(/Against the stream (9|10|11) %/);
    expect(facts).toMatch(/Crowd pressure none: people stand or walk apart/);
    expect(await text('[data-zone-card] .big-figure')).toMatch(/^1\.6 ±\d\.\d people\/m²/);
    expect(await text('[data-zone-card] [data-no-forecast]')).toMatch(/^No forecast/);
  });

  test('WT2 a forecast is shown with its interval and its skill, and goes when it is old', async () => {
    const nowMs = Date.now();
    const points = [5, 10, 15].map((aheadMinutes) => ({ aheadMinutes, peoplePerM2: 1.6 + aheadMinutes / 10, peoplePerM2Low: 1.4, peoplePerM2High: 2 + aheadMinutes / 5, skillShare: 0.4 - aheadMinutes / 100 }));
    await server.bus.append(topics.inputs(place.siteId), encodeInput({ type: 'forecast', atMs: nowMs, forecasts: [{ zoneId: place.zoneId, madeAtMs: nowMs, points }] }));
    await page.locator('[data-zone-card] [data-forecast]').waitFor();
    expect(await text('[data-zone-card] [data-forecast]')).toMatch(/in 5 min 2\.1 \(1\.4–3\.0\) in 10 min 2\.6 \(1\.4–4\.0\) in 15 min 3\.1 \(1\.4–5\.0\)/);
    expect(await text('[data-zone-card]')).toMatch(/Error 25 % smaller than "as it is now"/);
    await page.screenshot({ path: join(shots, 'trust-zone.png') });
  });

  test('WT3 a line is drawn by keyboard alone, says which way is in, and counts on the map and in the list', async () => {
    await page.goto(`${server.address}/#/setup/sites/${place.siteId}/lines/new`);
    await page.getByRole('button', { name: 'Start with a line in the middle' }).press('Enter');
    await page.getByLabel('Name of the line').fill('East exit');
    for (const [label, value] of [['End A: metres east', '34'], ['End A: metres north', '20'], ['End B: metres east', '34'], ['End B: metres north', '10']] as const) { await page.getByLabel(label).fill(value); await page.getByLabel(label).blur(); }
    expect(await text('[data-width]')).toBe('10.0 m');
    expect(await text('.setup-zone-facts')).toMatch(/can take 820 people a minute/);
    await page.locator('[data-handle="end-B"]').focus();
    await page.keyboard.press('Shift+ArrowUp');
    expect(await page.getByLabel('End B: metres north').inputValue()).toBe('11');
    await page.getByLabel('Stairs').check();
    expect(await axeFaults(page)).toEqual([]);
    await page.screenshot({ path: join(shots, 'trust-line.png') });
    await page.getByRole('button', { name: 'Save the line' }).click();
    await until('the line is kept', async () => (await server.store.site(place.siteId))!.lines?.length === 1, 10_000);
    const line = (await server.store.site(place.siteId))!.lines![0]!;
    expect(line).toMatchObject({ name: 'East exit', surface: 'stairs', a: { xM: 34, yM: 20 }, b: { xM: 34, yM: 11 } });
    // The page leads on by itself once it has heard that it is kept.
    await page.waitForURL(/#\/setup$/);
    await page.goto(`${server.address}/#/`);
    // From north to south: its right is the west, so those who walk east go out.
    await until('people are counted across it', async () => { const shown = await text(`.line-mark[data-line-id="${line.lineId}"]`).catch(() => ''); return Number(/out (\d+)/.exec(shown)?.[1] ?? 0) > 300; }, 40_000);
    const shown = await text(`.line-mark[data-line-id="${line.lineId}"]`);
    // 1.6 people/m2 x 9 m x 1.5 m/s: nine tenths of it out, one tenth in.
    const [, into, out] = /in (\d+) · out (\d+) ±\d+ \/min/.exec(shown)!.map(Number) as [number, number, number];
    expect(out, shown).toBeGreaterThan(1000); expect(out, shown).toBeLessThan(1350);
    expect(into, shown).toBeGreaterThan(70); expect(into, shown).toBeLessThan(0.2 * out);
    await choosePlace('East exit');
    expect(await text('[data-line-card]')).toMatch(/Limit 66 people\/m\/min/);
    await page.screenshot({ path: join(shots, 'trust-line-card.png') });
  });

  test('WT4 arrows of a fixed scale show the movement when it is asked for', async () => {
    await page.getByLabel('Movement').check();
    await page.locator('.legend', { hasText: 'the way of 2 s' }).waitFor();
    await until('arrows are drawn', async () => await page.evaluate('(window.__crowdlight?.arrows ?? 0) > 20') as boolean, 10_000);
    await page.screenshot({ path: join(shots, 'trust-arrows.png') });
  });

  test('WT5 a camera says in what size and parts it is looked at and why, and what its picture is like', async () => {
    await choosePlace('Gate camera');
    const card = await text('[data-camera-card]');
    expect(card).toMatch(/960×544 in 2 parts: far heads are 4\.2 px; more would cost more than the settings allow/);
    expect(card).toMatch(/Picture can be counted/);
    expect(card).toMatch(/One count 38 ms/);
  });

  for (const [fault, words] of [['dark', 'too dark to count'], ['moved', 'the camera was moved']] as const) {
    test(`WT6 a picture that is ${fault} blinds its zone with that reason on the map within seconds, and it comes back by itself`, async () => {
      walkers.break(fault);
      await page.locator(`.zone-label[data-zone-id="${place.zoneId}"][data-look="blind"]`, { hasText: words }).waitFor();
      await choosePlace('East gate');
      expect(await text('[data-zone-card] .blind-words')).toContain(words);
      await choosePlace('Gate camera');
      expect(await text('[data-camera-card]')).toContain(words);
      expect(await page.getByRole('button', { name: 'The view is right as it is' }).count()).toBe(fault === 'moved' ? 1 : 0);
      if (fault === 'moved') { expect(await axeFaults(page)).toEqual([]); await page.screenshot({ path: join(shots, 'trust-moved.png') }); }
      walkers.break(null);
      await page.locator(`.zone-label[data-zone-id="${place.zoneId}"][data-look="calm"]`).waitFor();
    });
  }

  test('WT7 the card of the model is a page: figures by data set, when not to trust it, sha256, rights', async () => {
    const card = await loadModelCard(DEFAULT_MODEL_CARD);
    await page.goto(`${server.address}/#/setup/model`);
    await page.locator(`[data-model="${card.name}"]`).waitFor();
    const shown = await text('[data-model]');
    for (const words of [card.sha256, card.notToTrustWhen[0]!, card.knownFailures[0]!, card.training.dataRights.slice(0, 60), card.figures[0]!.data]) expect(shown).toContain(words.replace(/\s+/g, ' '));
    expect(await axeFaults(page)).toEqual([]);
    await page.screenshot({ path: join(shots, 'trust-model.png'), fullPage: true });
  });

  test('WT8 placing shows how sure the ground is and takes a lens by number; too few points cannot tell it, in words', async () => {
    await page.goto(`${server.address}/#/setup/cameras/${place.sensor.sensorId}/place`);
    await page.getByLabel('Show how sure the ground is').check();
    await page.locator('[data-quality] path').first().waitFor({ state: 'attached' });
    expect(await page.locator('.setup-quality-legend li').count()).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Estimate from the points' }).click();
    await page.getByText('These points cannot tell how the lens bends the picture.').waitFor();
    await page.getByLabel('k1', { exact: true }).fill('-0.08');
    await page.getByLabel('k1', { exact: true }).blur();
    expect(await axeFaults(page)).toEqual([]);
    await page.screenshot({ path: join(shots, 'trust-place.png') });
    await page.getByRole('button', { name: 'Save the placing' }).click();
    await until('the lens is kept', async () => (await server.store.site(place.siteId))!.sensors[0]!.calibration?.lens?.k1 === -0.08, 10_000);
    // The camera counts on with the new placing.
    place.sensor = (await server.store.site(place.siteId))!.sensors[0]!;
  });

  for (const theme of ['light', 'dark'] as const) for (const language of ['en', 'zh'] as const) {
    test(`WT9 ${theme}, ${language}: zone, line and camera cards without a fault of axe; nothing wider than a phone`, async () => {
      await page.goto(`${server.address}/#/`);
      await choose(page, { theme, language });
      for (const name of ['East gate', 'East exit', 'Gate camera']) {
        await choosePlace(name);
        await page.locator('.card').first().waitFor();
        expect(await axeFaults(page), name).toEqual([]);
        await page.screenshot({ path: join(shots, `trust-${theme}-${language}-${name.replace(' ', '')}.png`) });
      }
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
      await page.screenshot({ path: join(shots, `trust-phone-${theme}-${language}.png`) });
      await page.setViewportSize({ width: 1280, height: 720 });
    });
  }

  test('WT10 no request went to another origin and the console is clean', () => { expect({ ...seen }).toEqual({ foreign: [], faults: [] }); });
});
