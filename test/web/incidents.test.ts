// The pages of incidents in a real browser on the real server with the real desk: lists and map, one incident from call to closure by keyboard, the phone, supervision and statistics, in both languages and themes. Rules WI of docs/SPEC.md.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../../contract/incident.ts';
import { axeFaults, builtPage, cameraForTest, choose, openBrowser, shots, watched, whyNoChromium } from './pageForTest.ts';
import { cityForTest, type CityForTest } from './incidentsForTest.ts';
import { serverForTest, until, type ServerForTest } from '../server/serverForTest.ts';

const SLOW = 60_000;

describe.skipIf(whyNoChromium !== null)(`the pages of incidents in Chromium${whyNoChromium === null ? '' : ` (not run: ${whyNoChromium})`}`, () => {
  let built: ReturnType<typeof builtPage>, server: ServerForTest, browser: BrowserContext, page: Page, city: CityForTest, seen: ReturnType<typeof watched>, camera: ReturnType<typeof cameraForTest>;
  const text = async (selector: string, on = page) => (await on.locator(selector).first().innerText()).replace(/\s+/g, ' ');
  const rows = (on = page) => on.locator('.in-rows [role="option"]');
  const open = async (path: string, on = page) => { await on.goto(`${server.address}/#${path}`); };
  const iAm = async (who: Actor | null, on = page) => { await on.evaluate(`(${who === null}) ? localStorage.removeItem('crowdlight.whoAmI') : localStorage.setItem('crowdlight.whoAmI', ${JSON.stringify(JSON.stringify(who))})`); await on.reload(); };
  const stepOf = (step: string, on = page) => on.locator(`.in-one[data-step="${step}"]`).waitFor({ timeout: 15_000 });

  beforeAll(async () => {
    built = builtPage();
    server = await serverForTest({ webFolder: built.folder });
    browser = await openBrowser({ width: 1440, height: 900 });
    page = browser.pages()[0] ?? await browser.newPage();
    page.setDefaultTimeout(20_000);
    seen = watched(page, server.address);
    await page.goto(`${server.address}/`);
    await choose(page, { theme: 'dark', language: 'en' });
  }, 240_000);
  afterAll(async () => {
    camera?.stop();
    await browser?.close();
    await city?.close();
    await server?.close().catch(() => {});
    built?.remove();
  });

  test('WI1 with no incident and no unit every page says so, and what to do', async () => {
    await open('/incidents');
    await page.locator('[data-none]').waitFor();
    expect(await text('[data-none]')).toMatch(/No incident is open/);
    expect(await axeFaults(page)).toEqual([]);
    await open('/board');
    await page.getByText('No unit is drawn yet.').waitFor();
    await open('/statistics');
    await page.getByText('No incident was reported in this time.').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await open('/duty');
    await page.getByText('Say who you are: then your calls come here.').waitFor();
    expect(await axeFaults(page)).toEqual([]);
  }, SLOW);

  test('WI2 a new incident comes into the list by itself; J and K choose, the map follows the list, Enter opens', async () => {
    city = await cityForTest(server);
    camera = cameraForTest(server, city.place);
    camera.crowd(5);
    await open('/incidents');
    await page.reload();
    await page.locator('[data-none]').waitFor();
    await city.report({ severity: 'minor', category: 'water', title: 'Burst pipe', point: { lng: 121.4665, lat: 31.2312 }, placeName: 'Canal street' });
    const { incidentId } = await city.report();
    await until('both are in the list', async () => await rows().count() === 2, 15_000);
    // What is due sooner stands higher.
    expect(await rows().first().getAttribute('data-incident-id')).toBe(incidentId);
    await page.locator('.in-map[data-ready]').waitFor();
    await page.keyboard.press('j'); await page.keyboard.press('j');
    expect(await text('[role="option"][aria-selected="true"]')).toMatch(/Burst pipe Canal street/);
    await page.keyboard.press('k');
    expect(await page.locator('[role="option"][aria-selected="true"]').getAttribute('data-incident-id')).toBe(incidentId);
    await page.screenshot({ path: join(shots, 'incidents-dark-en.png') });
    await page.keyboard.press('Enter');
    await stepOf('dispatched');
    expect(await text('.in-one-head')).toMatch(/East gate/);
    await page.screenshot({ path: join(shots, 'incident-dark-en.png') });
  }, SLOW);
});
