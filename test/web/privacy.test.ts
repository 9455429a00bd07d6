// The privacy page and the drawing of masks in a real Chromium, against the real server and PostgreSQL.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodePicture, masksVersionOf } from '../../contract/picture.ts';
import type { SensorStatus } from '../../contract/sensorStatus.ts';
import { topics } from '../../store/bus/bus.ts';
import { serverForTest, siteBody, until, zoneBody, type ServerForTest } from '../server/serverForTest.ts';
import { axeFaults, builtPage, choose, openBrowser, shots, signInBrowser, watched, whyNoChromium } from './pageForTest.ts';

describe.skipIf(whyNoChromium !== null)(`privacy in the browser${whyNoChromium === null ? '' : ` (not run: ${whyNoChromium})`}`, { timeout: 300_000 }, () => {
  let server: ServerForTest, browser: BrowserContext, page: Page, built: ReturnType<typeof builtPage>, seen: ReturnType<typeof watched>, siteId: string, sensorId: string, pictures: NodeJS.Timeout;
  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    built = builtPage();
    server = await serverForTest({ webFolder: built.folder, timeZone: 'UTC' });
    siteId = (await server.store.addSite({ ...siteBody({ name: 'Station square', origin: { lng: 121.4, lat: 31.2 } }), demo: false })).site.siteId;
    await server.store.addZone(siteId, zoneBody({ name: 'East gate' }));
    sensorId = (await server.store.addSensor(siteId, { name: 'North camera', kind: 'file', settings: { path: '/videos/north.mp4' }, addressShown: 'north.mp4' })).sensor.sensorId;
    const jpeg = await sharp({ create: { width: 960, height: 540, channels: 3, background: '#557788' } }).jpeg().toBuffer();
    // A camera that always has a picture with its newest masks, and counts.
    const send = async () => {
      const sensor = (await server.store.sensorSource(sensorId))!.sensor, picture = encodePicture({ capturedAtMs: Date.now(), masksVersion: masksVersionOf(sensor), jpeg });
      await server.bus.putLatest(topics.picture(sensorId), picture, 10_000);
      const wish = await server.bus.getLatest(topics.stillWanted(sensorId));
      if (wish !== null) await server.bus.putLatest(topics.still((JSON.parse(Buffer.from(wish).toString()) as { stillId: string }).stillId), picture, 10_000);
    };
    pictures = setInterval(() => { void send().catch(() => {}); }, 500);
    browser = await openBrowser({ width: 1440, height: 900 });
    await signInBrowser(browser, server);
    page = await browser.newPage();
    page.setDefaultTimeout(30_000);
    seen = watched(page, server.address);
    await page.goto(server.address);
    await choose(page, { theme: 'dark', language: 'en' });
  }, 400_000);
  afterAll(async () => { clearInterval(pictures); await browser?.close(); await server?.close(); built?.remove(); });
  const open = async (path: string) => { await page.goto(`${server.address}/#${path}`); };

  test('PW1 a mask is drawn, moved by arrow keys, given a corner by a press, and kept; what is kept is what was drawn', async () => {
    await open(`/setup/cameras/${sensorId}`);
    expect(await page.getByRole('link', { name: 'Draw masks' }).getAttribute('href')).toBe(`#/setup/cameras/${sensorId}/masks`);
    await open(`/setup/cameras/${sensorId}/masks`);
    await page.getByRole('heading', { name: 'Privacy masks of North camera' }).waitFor().catch(async (error: Error) => { throw new Error(`${error.message}
${page.url()}
${await page.locator('body').innerText()}
${JSON.stringify(seen)}`); });
    await page.locator('.setup-picture svg').waitFor();
    await page.getByRole('button', { name: 'Add a mask' }).focus();
    await page.keyboard.press('Enter');
    const corner = page.locator('[data-handle="mask-0-0"]');
    await corner.focus();
    for (let n = 0; n < 5; n++) await page.keyboard.press('Shift+ArrowLeft');
    await page.keyboard.press('ArrowUp');
    expect(await page.locator('[data-masked-share]').innerText()).toMatch(/[5-9] % of the picture/);
    const box = (await page.locator('.setup-picture svg').boundingBox())!;
    await page.mouse.click(box.x + box.width * 0.5, box.y + box.height * 0.75);
    await page.locator('[data-handle="mask-0-4"]').waitFor();
    // Deleting goes back to four, undo brings it again.
    await page.locator('[data-handle="mask-0-3"]').focus();
    await page.keyboard.press('Delete');
    expect(await page.locator('[data-handle^="mask-0-"]').count()).toBe(4);
    await page.getByRole('button', { name: 'Undo' }).click();
    expect(await page.locator('[data-handle^="mask-0-"]').count()).toBe(5);
    expect(await axeFaults(page)).toEqual([]);
    await page.screenshot({ path: join(shots, 'privacy-masks.png') });
    await page.getByRole('button', { name: 'Keep these masks' }).click();
    const { masks } = await until('masks', async () => { const { sensor } = (await server.store.sensorSource(sensorId))!; return sensor.masks === undefined ? null : sensor as typeof sensor & { masks: NonNullable<typeof sensor.masks> }; });
    expect(masks.polygons).toHaveLength(1);
    expect(masks.polygons[0]![0]!.xShare).toBeCloseTo(0.4 - 50 * 0.004, 3);
    expect(masks.polygons[0]![0]!.yShare).toBeCloseTo(0.4 - 0.004, 3);
    expect(masks.polygons[0]!.some(({ xShare, yShare }) => Math.abs(xShare - 0.5) < 0.01 && Math.abs(yShare - 0.75) < 0.01)).toBe(true);
    await page.getByText('1 mask', { exact: true }).waitFor();
  });

  test('PW2 times are set with their legal preset; what is outside of it is said in words', async () => {
    await open('/privacy');
    await page.getByRole('heading', { name: 'How long' }).waitFor();
    await page.getByLabel('Legal preset').selectOption('atMost72Hours');
    await page.getByLabel('recordings and evidence: Set here (hours)').fill('100');
    await page.getByRole('button', { name: 'Keep these times' }).click();
    await page.getByText('recordings and evidence can be kept for 1 h to 72 h here.').waitFor();
    await page.getByLabel('recordings and evidence: Set here (hours)').fill('48');
    await page.getByRole('button', { name: 'Keep these times' }).click();
    await page.locator('tr[data-kind="recordings"] [data-kept]', { hasText: '48 h' }).waitFor();
    expect((await server.store.retentionSets())[0]).toEqual({ unitId: null, preset: 'atMost72Hours', hours: { recordings: 48 } });
  });

  test('PW3 a hold asks for a second person; a dry run and reports are shown; the assessment comes as a file', async () => {
    await server.store.keepZoneMinutes(siteId, [{ zoneId: 'gone', minute: { minuteAtMs: Date.now() - 500 * 86_400_000, kept: 'few' } }]);
    await page.getByRole('button', { name: 'What would go now?' }).click();
    await page.locator('[data-dry-run] table').waitFor();
    const report = await server.store.purge({ nowMs: Date.now(), dryRun: false, defaults: { zoneMinutes: 720, alarms: 720, incidents: 720, attachments: 720, notices: 720, recordings: 72 } });
    await page.reload();
    await page.locator(`[data-report="${report.reportId}"] summary`, { hasText: 'proved' }).click();
    await page.getByLabel('Which').selectOption(siteId);
    await page.getByLabel('What happened from').fill('2026-11-20T10:00');
    await page.getByLabel('until', { exact: true }).fill('2026-11-20T12:00');
    await page.getByLabel('Held until').fill(new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 16));
    await page.locator('form[aria-label="Hold"]').getByLabel('Why').fill('court order 7');
    await page.getByRole('button', { name: 'Hold', exact: true }).click();
    await page.getByText('This needs a second person').waitFor();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download as text' }).click()]);
    expect(file.suggestedFilename()).toMatch(/^impact-assessment-.*\.md$/);
  });

  test('PW4 the card of a camera says what is masked, takes a still with a reason, and seeing through the masks needs a second person', async () => {
    const status: SensorStatus = {
      sensorId, siteId, epoch: 1, atMs: Date.now(), phase: 'counting', problem: null, nextTryAtMs: null, attempt: 0, stream: null, clockSkewMs: null, clock: 'ours', framesUsed: 'all', framesDecoded: 1, framesCounted: 1, framesDropped: 0, countMs: 5, analysis: null, sight: null,
      lastFrameAtMs: Date.now(), peopleInPicture: 3, placed: false,
    };
    await server.bus.publish(topics.sensorStatus, Buffer.from(JSON.stringify(status)));
    await server.bus.putLatest(topics.sensorStatusOf(sensorId), Buffer.from(JSON.stringify(status)), 60_000);
    await open('/');
    await page.reload();
    await page.getByRole('button', { name: /North camera/ }).first().click();
    const card = page.locator('[data-camera-card]');
    await card.getByText('1 part of this picture is masked').waitFor();
    await card.getByRole('button', { name: 'Take a still out' }).click();
    await card.getByRole('button', { name: 'Take it out' }).click();
    await card.getByText('Say why, in a few words.').waitFor();
    await card.getByLabel('Why').fill('report 12');
    const [file] = await Promise.all([page.waitForEvent('download'), card.getByRole('button', { name: 'Take it out' }).click()]);
    expect(file.suggestedFilename()).toMatch(/^still-.*\.jpg$/);
    await card.getByRole('button', { name: 'See without masks' }).click();
    await card.getByRole('button', { name: 'Lift the masks' }).click();
    await card.getByText('This needs a second person').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.screenshot({ path: join(shots, 'privacy-card.png') });
  });

  test('PW5 both languages, both themes, 1440 and 390 px: no violation of axe, nothing wider than the page, no word to another origin', async () => {
    for (const [theme, language] of [['dark', 'en'], ['light', 'zh'], ['dark', 'zh'], ['light', 'en']] as const) for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await open('/privacy');
      await choose(page, { theme, language });
      await page.locator('tr[data-kind="recordings"]').waitFor();
      expect(await axeFaults(page), `${theme} ${language} ${width}`).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth') as number, `${theme} ${language} ${width}`).toBeLessThanOrEqual(width);
      await page.screenshot({ path: join(shots, `privacy-${theme}-${language}-${width}.png`), fullPage: true });
    }
    expect(seen).toEqual({ foreign: [], faults: [] });
  });
});
