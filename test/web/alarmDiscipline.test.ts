// Alarm discipline in a real browser on the real server and decider: marks and folds of the list, putting aside by keys, what is muted and latched, exercises, silences, the load page and what-if.
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ZoneMinute } from '../../contract/api.ts';
import { runDecide } from '../../worker/decide.ts';
import { alarmRows } from '../../web/alarms/alarmRows.ts';
import { compareAlarms } from '../../web/live/store.ts';
import { loadBars } from '../../web/load/loadBars.ts';
import { quietLog, raisedAlarm, serverForTest, until, type ServerForTest } from '../server/serverForTest.ts';
import type { Actor } from '../../contract/incident.ts';
import { axeFaults, builtPage, cameraForTest, choose, openBrowser, signInBrowser, placeForTest, shots, SPY_ON_TONES, watched, whyNoChromium, type PlaceForTest } from './pageForTest.ts';

const WHO: Actor = { memberId: null, name: 'Li Wei', duty: 'operator', unitId: null };
const DAY = 86_400_000, MINUTE = 60_000;

test('LI1 rows: by urgency or by place in the order of their first alarm, those put aside in a fold, then the closed', () => {
  const of = (siteId: string, number: number, over: object = {}) => ({ ...raisedAlarm(siteId, number, 1000 + number).alarm, siteName: siteId, ...over }) as ReturnType<typeof raisedAlarm>['alarm'];
  const shelved = { by: 'x', words: 'y', atMs: 1, untilMs: 2 };
  const alarms = [of('a', 1, { priority: 'medium', level: 'warning' }), of('b', 2, { priority: 'urgent', level: 'critical' }), of('a', 3), of('a', 4, { shelved }), of('b', 5, { state: 'closed', acknowledged: null, closedAtMs: 9, closedBecause: 'eased' })].sort(compareAlarms);
  const shown = (bySite: boolean, folded: string[], shelvedFolded: boolean) => alarmRows(alarms, { bySite, folds: { sites: new Set(folded), shelved: shelvedFolded } }).map((row) => (row.kind === 'alarm' ? row.alarm.placeName : row.kind === 'site' ? `${row.siteName} ${row.count} ${row.unanswered} ${row.worst}` : row.kind === 'shelved' ? `shelved ${row.count}` : 'closed'));
  expect(shown(false, [], true)).toEqual(['Zone 2', 'Zone 3', 'Zone 1', 'shelved 1', 'closed', 'Zone 5']);
  expect(shown(true, [], false)).toEqual(['b 1 1 critical', 'Zone 2', 'a 2 2 danger', 'Zone 3', 'Zone 1', 'shelved 1', 'Zone 4', 'closed', 'Zone 5']);
  expect(shown(true, ['a'], true)).toEqual(['b 1 1 critical', 'Zone 2', 'a 2 2 danger', 'shelved 1', 'closed', 'Zone 5']);
});

test('LI2 bars: every ten minutes where there is room, the busiest of several where there is not', () => {
  const span = { sinceMs: 0, untilMs: 100 * 600_000 }, windows = [{ fromMs: 600_000, raised: 3 }, { fromMs: 1_200_000, raised: 7 }, { fromMs: 99 * 600_000, raised: 1 }];
  expect(loadBars({ ...span, windows }, 200).filter(({ raised }) => raised > 0)).toEqual(windows.map(({ fromMs, raised }) => ({ fromMs, untilMs: fromMs + 600_000, raised })));
  const few = loadBars({ ...span, windows }, 10);
  expect([few.length, few[0]!.raised, few[9]!.raised]).toEqual([10, 7, 1]);
});

describe.skipIf(whyNoChromium !== null)(`alarm discipline in Chromium${whyNoChromium === null ? '' : ` (not run: ${whyNoChromium})`}`, () => {
  let built: ReturnType<typeof builtPage>, server: ServerForTest, browser: BrowserContext, page: Page, place: PlaceForTest, other: PlaceForTest;
  let camera: ReturnType<typeof cameraForTest>, otherCamera: ReturnType<typeof cameraForTest>, decider: Awaited<ReturnType<typeof runDecide>>;
  let seen: ReturnType<typeof watched>;
  const text = async (selector: string) => (await page.locator(selector).first().innerText()).replace(/\s+/g, ' ');
  const gate = () => `.alarm-row[data-alarm-id*="densityHigh.${place.zoneId}."]`;
  const goTo = (route: string) => page.evaluate(`location.hash = '${route}'`);
  /** Nothing held still by a parked pointer. */
  const english = async () => { if (await page.locator('html').getAttribute('lang') !== 'en') await choose(page, { theme: 'dark', language: 'en' }); };
  const away = () => page.mouse.move(600, 400);

  beforeAll(async () => {
    built = builtPage();
    server = await serverForTest({ webFolder: built.folder });
    place = await placeForTest(server);
    other = await placeForTest(server, 'Station', 0.01);
    // One alarm a zone, so that each list is known.
    for (const { config, zoneId } of [place, other]) { const zone = config.zones.find((one) => one.zoneId === zoneId)!; await server.store.changeZone(zoneId, { name: zone.name, kind: zone.kind, limits: zone.limits, polygon: zone.polygon, rules: { ...zone.rules, densityRising: { enabled: false } } }); }
    camera = cameraForTest(server, place);
    otherCamera = cameraForTest(server, other);
    browser = await openBrowser();
    await signInBrowser(browser, server, await server.sessionBy(WHO));
    page = browser.pages()[0] ?? await browser.newPage();
    seen = watched(page, server.address);
    await page.addInitScript(SPY_ON_TONES);
    await page.goto(`${server.address}/`);
    decider = await runDecide({ store: server.store, bus: server.bus, settings: {}, rules: server.ruleKinds, log: quietLog, holder: 'test' });
    camera.crowd(5);
    await page.locator(`${gate()}[data-state="raised"]`).waitFor({ timeout: 30_000 });
  }, 240_000);
  afterAll(async () => {
    camera?.stop(); otherCamera?.stop();
    await browser?.close();
    await decider?.close();
    await server?.close().catch(() => {});
    built?.remove();
  });

  test('LI3 S asks why and for how long, by keyboard; the alarm goes to its fold and is silent; U takes it back', async () => {
    await page.keyboard.press('j');
    await page.locator('[data-alarm-card*="densityHigh"]').waitFor();
    expect(await text('[data-alarm-card]')).toMatch(/high priority/);
    await page.keyboard.press('s');
    await page.locator('[data-shelve-form]').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.locator('[data-shelve-form]', { hasText: 'Say why.' }).waitFor();
    await page.keyboard.type('Works at the gate, Zhang looks after it');
    expect(await axeFaults(page)).toEqual([]);
    await page.screenshot({ path: join(shots, 'shelve-dark-en.png') });
    await page.keyboard.press('Control+Enter');
    await page.locator('[data-shelve-form]').waitFor({ state: 'detached' });
    await away();
    await page.locator('.alarm-row[data-head="shelved"][data-folded]').waitFor();
    expect(await page.locator(gate()).count()).toBe(0);
    await page.locator('[data-note="shelved"]', { hasText: 'Works at the gate' }).waitFor();
    expect(await text('[data-note="shelved"]')).toMatch(/Put aside by Li Wei until \d\d:\d\d:\d\d: Works at the gate/);
    expect((await server.store.alarms({ closedSinceMs: 9e15, most: 9 })).find(({ rule }) => rule === 'densityHigh')!.shelved!.by).toBe('Li Wei');
    // The fold opens by mouse and by keyboard.
    await page.locator('.alarm-row[data-head="shelved"]').click();
    await page.locator(`${gate()}[data-shelved]`).waitFor();
    await page.screenshot({ path: join(shots, 'shelved-dark-en.png') });
    await page.locator('.alarm-list').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await page.locator('.alarm-row[data-head="shelved"][data-folded]').waitFor();
    await page.evaluate('document.activeElement.blur()');
    await away();
    await page.keyboard.press('u');
    await page.locator(`${gate()}[data-state="raised"]:not([data-shelved])`).waitFor();
  }, 180_000);

  test('LI4 by place: a head for each with its count, folded and unfolded', async () => {
    otherCamera.crowd(4);
    await page.locator('.alarm-row', { hasText: 'Station' }).first().waitFor({ timeout: 20_000 });
    await page.locator('.alarm-tools label', { hasText: 'By place' }).click();
    await away();
    await until('both places', async () => (await page.locator('.alarm-row[data-head="site"]').count()) === 2);
    expect((await page.locator('.alarm-row[data-head="site"]').allInnerTexts()).join(' ')).toMatch(/Square: 1 open[^]*Station: 1 open/);
    await page.locator('.alarm-row[data-head="site"]', { hasText: 'Square' }).click();
    await away();
    await page.locator(gate()).waitFor({ state: 'detached' });
    expect(await axeFaults(page)).toEqual([]);
    await page.screenshot({ path: join(shots, 'by-place-dark-en.png') });
    await page.locator('.alarm-row[data-head="site"]', { hasText: 'Square' }).click();
    await page.locator(gate()).waitFor();
    await page.locator('.alarm-tools label', { hasText: 'By place' }).click();
    await away();
  }, 180_000);

  test('LI5 the camera falls silent: the alarm of the zone is muted and says why, and is heard again when it is seen', async () => {
    await page.locator(gate()).click();
    await away();
    camera.pause(true);
    await page.locator(`${gate()}[data-muted="blind"]`).waitFor({ timeout: 30_000 });
    expect(await text('[data-note="muted"]')).toMatch(/The alarm of its camera speaks for it/);
    await page.screenshot({ path: join(shots, 'muted-dark-en.png') });
    camera.pause(false);
    await page.locator(`${gate()}:not([data-muted])`).waitFor({ timeout: 20_000 });
  }, 180_000);

  test('LI6 what was bad and is over waits in the list, and A closes it', async () => {
    camera.crowd(0.02);
    await page.locator(`${gate()}[data-state="cleared"]`).waitFor({ timeout: 30_000 });
    await page.locator(gate()).click();
    await away();
    await page.locator('[data-alarm-card][data-state="cleared"]').waitFor();
    expect(await text('[data-alarm-card]')).toMatch(/Over, waits to be acknowledged/);
    await page.keyboard.press('a');
    await page.locator('[data-alarm-card][data-state="closed"]').waitFor({ timeout: 15_000 });
    expect(await text('[data-alarm-card]')).toMatch(/it was over, and acknowledged/);
  }, 180_000);

  test('LI7 an exercise is begun on the load page, is said aloud as one, is marked in list and card, and ended', async () => {
    await english();
    await goTo('/load');
    await page.locator('[data-exercises="0"]').waitFor();
    await page.getByRole('button', { name: 'Begin an exercise' }).click();
    await page.getByRole('button', { name: 'Begin', exact: true }).click();
    await page.getByText('Choose a zone.').waitFor();
    await page.getByLabel('Zone', { exact: true }).selectOption(place.zoneId);
    await page.getByLabel('What is practised').fill('spring drill');
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Begin', exact: true }).click();
    await page.locator('[data-exercises="1"]').waitFor({ timeout: 15_000 });
    expect(await page.locator('[data-voice="polite"]').innerText()).toMatch(/^Exercise\. New alarm: Danger, East gate/);
    await goTo('/');
    const row = page.locator('.alarm-row[data-exercise]').first();
    await row.waitFor();
    expect(await row.innerText()).toMatch(/EXERCISE/);
    await row.click();
    await away();
    await page.locator('[data-note="exercise"]', { hasText: 'EXERCISE' }).waitFor();
    expect(await text('.because')).toMatch(/EXERCISE by Li Wei: spring drill/);
    await page.screenshot({ path: join(shots, 'exercise-dark-en.png') });
    await choose(page, { theme: 'light', language: 'zh' });
    await page.locator('.alarm-row[data-exercise]').first().click();
    await page.locator('[data-note="exercise"]', { hasText: '演练' }).waitFor();
    expect(await page.locator('.alarm-row[data-exercise]').first().innerText()).toMatch(/演练/);
    expect(await axeFaults(page)).toEqual([]);
    await page.screenshot({ path: join(shots, 'exercise-light-zh.png') });
    await page.getByRole('button', { name: '结束演练' }).click();
    await page.locator('[data-alarm-card][data-state="closed"]').waitFor({ timeout: 15_000 });
    await choose(page, { theme: 'dark', language: 'en' });
  }, 180_000);

  test('LI8 a silence is planned on the load page, mutes, and is taken back', async () => {
    await english();
    await goTo('/load');
    await page.getByRole('button', { name: 'Plan a silence' }).click();
    await page.getByLabel('Place', { exact: true }).last().selectOption(other.siteId);
    await page.getByRole('button', { name: 'Plan it' }).click();
    await page.getByText('Say why.').waitFor();
    await page.getByLabel('Why', { exact: true }).fill('the fair is built');
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Plan it' }).click();
    const line = page.locator('[data-silence]', { hasText: 'the fair is built' });
    await line.waitFor({ timeout: 10_000 });
    expect((await line.innerText()).replace(/\s+/g, ' ')).toMatch(/^Station · the whole place, its cameras and lines too · every kind in force now .* by Li Wei/);
    await until('muted', async () => (await server.store.alarms({ closedSinceMs: 9e15, most: 20 })).some((alarm) => alarm.siteId === other.siteId && alarm.muted?.because === 'silence'), 15_000);
    await page.getByRole('button', { name: 'Take back the silence of Station' }).click();
    await line.waitFor({ state: 'detached' });
    await until('heard', async () => (await server.store.alarms({ closedSinceMs: 9e15, most: 20 })).filter((alarm) => alarm.siteId === other.siteId).every((alarm) => alarm.muted === null), 15_000);
  }, 180_000);

  test('LI9 the load page: figures against their limits, chart, and which to tune; both languages and themes, and on a phone', async () => {
    await english();
    await goTo('/load');
    await page.locator('[data-tile="mean"]').waitFor({ timeout: 15_000 });
    const load = (await server.send('GET', `/api/alarms/load?sinceMs=${Date.now() - DAY}`)).body;
    expect(load.raised).toBeGreaterThanOrEqual(2);
    expect(await text('[data-tile="mean"]')).toContain(load.per10MinMean.toFixed(2));
    expect(await text('[data-tile="peak"]')).toMatch(/Under 10 after an upset/);
    expect(Number(await page.locator('.lo-chart svg').getAttribute('data-bars'))).toBeGreaterThan(100);
    await page.keyboard.press('1');
    await until('another span', async () => Number(await page.locator('.lo-chart svg').getAttribute('data-bars')) < 60, 10_000);
    for (const [theme, language] of [['dark', 'en'], ['light', 'zh']] as const) {
      await choose(page, { theme, language });
      await page.locator('[data-tile="mean"]').waitFor({ timeout: 15_000 });
      expect(await axeFaults(page), `${theme} ${language}`).toEqual([]);
      await page.screenshot({ path: join(shots, `load-${theme}-${language}.png`) });
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
      await page.screenshot({ path: join(shots, `load-phone-${theme}-${language}.png`) });
      await page.setViewportSize({ width: 1280, height: 720 });
    }
    await choose(page, { theme: 'dark', language: 'en' });
  }, 180_000);

  test('LI10 what-if: another limit over the kept week, told apart and with what the minutes cannot say', async () => {
    const nowMs = Math.floor(Date.now() / MINUTE) * MINUTE, minutes: { zoneId: string; minute: ZoneMinute }[] = [];
    for (let back = 7 * 1440; back > 0; back--) {
      const of = back % 1440, peoplePerM2Mean = of < 90 && of > 60 ? 3.8 : of < 400 && of > 380 ? 5 : 1;
      if (back % 700 !== 0) minutes.push({ zoneId: place.zoneId, minute: { minuteAtMs: nowMs - back * MINUTE, kept: 'figures', peoplePerM2Mean, peoplePerM2Error: 0.1, peoplePerM2Peak: peoplePerM2Mean, peopleCount: 144 * peoplePerM2Mean, seenShare: 1 } });
    }
    for (let from = 0; from < minutes.length; from += 1440) await server.store.keepZoneMinutes(place.siteId, minutes.slice(from, from + 1440));
    await english();
    await goTo(`/whatif/${place.zoneId}`);
    await page.getByLabel('Warning, Tried').fill('4.2');
    await page.keyboard.press('Enter');
    await page.locator('[data-what-if="7 0"]').waitFor({ timeout: 15_000 });
    expect(await text('[data-what-if]')).toBe('7 alarms would not have come, 0 more would have.');
    expect(await page.locator('[data-what-if-list] tr[data-what="gone"]').count()).toBe(7);
    expect(await page.locator('[data-what-if-list] tr[data-what="kept"]').count()).toBe(7);
    expect(await text('.lo-page')).toMatch(/minutes were blind; they raise and ease nothing/);
    await page.getByLabel('Warning, Tried').fill('5.6');
    await page.getByText('The limits must grow from notice to critical.').waitFor();
    expect(await page.getByRole('button', { name: 'Work it out' }).isDisabled()).toBe(true);
    await page.getByLabel('Warning, Tried').fill('4.2');
    await page.getByText('The limits must grow').waitFor({ state: 'detached' });
    for (const [theme, language] of [['dark', 'en'], ['light', 'zh']] as const) {
      if (language === 'zh') { await choose(page, { theme, language }); await page.getByRole('button', { name: '开始试算' }).click(); await page.locator('[data-what-if]').waitFor({ timeout: 15_000 }); }
      expect(await axeFaults(page), `${theme} ${language}`).toEqual([]);
      await page.screenshot({ path: join(shots, `whatif-${theme}-${language}.png`) });
    }
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await page.screenshot({ path: join(shots, 'whatif-phone-light-zh.png') });
    await page.setViewportSize({ width: 1280, height: 720 });
    expect(seen).toEqual({ foreign: [], faults: [] });
  }, 180_000);
});
