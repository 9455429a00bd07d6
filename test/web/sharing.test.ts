// Shared places in a real browser on the real server: shared from an incident, seen by the other side, ended; and pages that offer each role what it can do, and no more.
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RoleAt } from '../../contract/access.ts';
import { worldForTest, type Position, type World } from '../server/accessWorld.ts';
import { axeFaults, builtPage, choose, openBrowser, shots, signInBrowser, watched, whyNoChromium } from './pageForTest.ts';

describe.skipIf(whyNoChromium !== null)(`shared places in Chromium${whyNoChromium === null ? '' : ` (not run: ${whyNoChromium})`}`, () => {
  let built: ReturnType<typeof builtPage>, world: World, browser: BrowserContext, page: Page, seen: ReturnType<typeof watched>;
  const goTo = (route: string) => page.evaluate(`location.hash = '${route}'`);
  const be = async (role: RoleAt['role'], position: Position, route = '/') => {
    await browser.clearCookies();
    await signInBrowser(browser, world.server, world.everybody.find((one) => one.role === role && one.position === position)!.session);
    await page.goto(`${world.server.address}/#${route}`, { timeout: 90_000 });
    await page.reload({ timeout: 90_000 });
    await page.waitForSelector('.head-nav a');
  };
  const places = async () => (await page.locator('.head-nav a').allInnerTexts()).map((words) => words.trim());

  beforeAll(async () => {
    built = builtPage();
    world = await worldForTest({ webFolder: built.folder });
    browser = await openBrowser({ width: 1440, height: 900 });
    page = browser.pages()[0] ?? await browser.newPage();
    seen = watched(page, world.server.address);
  }, 240_000);
  afterAll(async () => { await browser?.close(); await world?.close(); built?.remove(); }, 30_000);

  test('GR10 a duty officer shares the place of an incident with a unit found by name, and both sides see it', { timeout: 300_000 }, async () => {
    await be('dutyOfficer', 'own', `/incidents/${world.ids.incident}`);
    await page.getByRole('link', { name: 'Share this place' }).click();
    await page.getByLabel('With which unit').first().fill('sibl');
    await page.getByRole('radio', { name: /Sibling/ }).check();
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    await page.getByText('Say why, in a few words.').waitFor();
    await page.getByRole('textbox', { name: 'Why' }).fill('a parade goes on there');
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    const line = page.locator('[data-side=given] [data-grant]', { hasText: 'a parade goes on there' });
    await line.waitFor();
    expect(await line.innerText()).toContain('Sibling');
    for (const [theme, language] of [['dark', 'en'], ['light', 'zh']] as const) {
      await choose(page, { theme, language });
      await page.locator('[data-side=given] [data-grant]').first().waitFor();
      expect(await axeFaults(page)).toEqual([]);
      await page.screenshot({ path: join(shots, `sharing-${theme}-${language}.png`) });
      await page.setViewportSize({ width: 390, height: 800 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
      expect(await axeFaults(page)).toEqual([]);
      await page.screenshot({ path: join(shots, `sharing-${theme}-${language}-390.png`) });
      await page.setViewportSize({ width: 1440, height: 900 });
    }
    await choose(page, { theme: 'dark', language: 'en' });
    await be('viewer', 'sibling', '/sharing');
    await page.locator('[data-side=received] [data-grant]', { hasText: 'a parade goes on there' }).waitFor();
    expect(await page.getByRole('button', { name: /^End now/ }).count()).toBe(0);
    expect(await page.getByRole('form', { name: 'Share a place' }).count()).toBe(0);
    await goTo('/');
    await page.getByRole('region', { name: 'Marked square' }).waitFor();
    await be('dutyOfficer', 'own', '/sharing');
    await page.getByRole('button', { name: /End now: Marked square for Sibling/ }).click();
    await page.locator('[data-side=given] [data-grant]', { hasText: 'a parade goes on there' }).waitFor({ state: 'detached' });
  });

  test('GR11 pages offer each role what it can do, and no more', { timeout: 300_000 }, async () => {
    await be('viewer', 'own');
    expect(await places()).toEqual(['Map', 'Incidents', 'Supervision']);
    await page.getByRole('region', { name: 'Marked square' }).waitFor();
    expect(await page.locator('.places a').count()).toBe(0);
    await goTo(`/incidents/${world.ids.incident}`);
    await page.locator('.in-one').waitFor();
    expect(await page.locator('.in-actions button').count()).toBe(0);
    expect(await page.getByText('Your role here shows figures, not pictures.').count()).toBeGreaterThan(0);
    expect(await axeFaults(page)).toEqual([]);
    await page.screenshot({ path: join(shots, 'incident-as-viewer.png') });
    await be('operator', 'own', `/incidents/${world.ids.incident}`);
    await page.locator('.in-actions button').first().waitFor();
    expect(await places()).toEqual(['Map', 'Incidents', 'Supervision', 'Duty']);
    await be('analyst', 'own');
    expect(await places()).toEqual(['Map', 'Incidents', 'Supervision', 'Statistics', 'Alarm load']);
    await be('administrator', 'own', '/setup');
    await page.getByRole('heading', { name: 'Marked square' }).waitFor();
    expect(await page.getByRole('link', { name: 'Channels' }).count()).toBe(0);
    expect(seen.faults).toEqual([]);
    expect(seen.foreign).toEqual([]);
  });
});
