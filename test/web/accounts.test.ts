// The door, a session that ends, the account page, the page of accounts and the join page, in a real Chromium on a real server.
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SYSTEM_ACTOR } from '../../contract/incident.ts';
import { hashPassword } from '../../server/access/passwords.ts';
import { serverForTest, until, type ServerForTest } from '../server/serverForTest.ts';
import { axeFaults, builtPage, choose, openBrowser, shots, signInBrowser, watched, whyNoChromium } from './pageForTest.ts';

const GOOD = 'the square is quiet before nine', OTHER = 'rain falls on the north gate 7', SLOW = 120_000;

describe.skipIf(whyNoChromium !== null)(`accounts in Chromium${whyNoChromium === null ? '' : ` (skipped: ${whyNoChromium})`}`, () => {
  let built: ReturnType<typeof builtPage>, server: ServerForTest, browser: BrowserContext, page: Page, seen: ReturnType<typeof watched>, accountId: string;
  const text = async (selector: string) => await page.locator(selector).first().innerText();
  const open = async (path: string) => { await page.goto(`${server.address}/#${path}`); };
  const shot = (name: string) => page.screenshot({ path: join(shots, `accounts-${name}.png`) });
  const enter = async (name: string, password: string) => { await page.getByLabel('Sign-in name').fill(name); await page.getByLabel('Password', { exact: true }).fill(password); await page.keyboard.press('Enter'); };
  beforeAll(async () => {
    built = builtPage();
    server = await serverForTest({ webFolder: built.folder });
    await server.store.addUnit({ level: 'city', code: 'C1', names: { en: 'Riverside', zh: '滨江' }, parentId: null, shape: [{ outer: [{ lng: 121, lat: 31 }, { lng: 122, lat: 31 }, { lng: 122, lat: 32 }], holes: [] }], by: SYSTEM_ACTOR });
    accountId = (await server.store.addAccount({ signInName: 'chief', name: 'Anna Berg', language: 'en', roles: [{ role: 'administrator', unitId: null }, { role: 'dutyOfficer', unitId: null }], memberId: null, enabled: true, passwordHash: await hashPassword(GOOD) })).accountId;
    browser = await openBrowser({ width: 1440, height: 900 });
    page = browser.pages()[0] ?? await browser.newPage();
    page.setDefaultTimeout(30_000);
    seen = watched(page, server.address);
  }, 240_000);
  afterAll(async () => { await browser?.close(); await server?.close(); built?.remove(); });

  test('WA1 nobody signed in gets the door and nothing behind it; a wrong password is told, the right one opens, by keyboard alone', async () => {
    await open('/incidents');
    await page.getByLabel('Sign-in name').waitFor();
    expect(await page.locator('.head, .map-host, .in-head').count()).toBe(0);
    expect(await page.evaluate('typeof window.__crowdlight')).toBe('undefined');
    expect(await axeFaults(page)).toEqual([]);
    await enter('chief', 'not the password');
    await page.locator('[data-problem="signInRefused"]').waitFor();
    expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('');
    expect(await page.evaluate('document.activeElement.getAttribute("autocomplete")')).toBe('current-password');
    await enter('chief', GOOD);
    await until('inside', async () => (await page.locator('.in-who').count()) > 0, 30_000);
    expect(await text('.in-who')).toMatch(/Anna Berg/);
    // Where one wanted to go is where one is.
    expect(await page.evaluate('location.hash')).toBe('#/incidents');
    expect(seen).toEqual({ foreign: [], faults: [] });
  }, SLOW);

  for (const theme of ['dark', 'light'] as const) for (const language of ['en', 'zh'] as const) {
    test(`WA2 no fault for axe in ${theme} and ${language}: door, account, accounts, menu, join, wide and on a phone`, async () => {
      await signInBrowser(browser, server);
      await open('/account');
      await choose(page, { theme, language });
      for (const [name, path] of [['account', '/account'], ['accounts', '/accounts']] as const) {
        await open(path);
        await page.locator('.ac-page h1').waitFor();
        await page.locator('.ac-rows > li').first().waitFor();
        if (name === 'accounts') await page.locator('.ac-rows > li button').first().click();
        expect(await axeFaults(page)).toEqual([]);
        await shot(`${name}-${theme}-${language}`);
        await page.setViewportSize({ width: 390, height: 844 });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
        await shot(`${name}-phone-${theme}-${language}`);
        await page.setViewportSize({ width: 1440, height: 900 });
      }
      await page.locator('.in-who').click();
      await page.locator('.ac-menu-item').first().waitFor();
      expect(await axeFaults(page)).toEqual([]);
      await page.keyboard.press('Escape');
      const { secret } = (await server.send('POST', `/api/accounts/${(await server.send('POST', '/api/accounts', { signInName: `join.${theme}.${language}`, name: 'Wang Fang', language, roles: [], memberId: null })).body.account.accountId}/link`)).body;
      await open(`/join/${secret}`);
      await page.locator('input[autocomplete="new-password"]').waitFor();
      expect(await axeFaults(page)).toEqual([]);
      await browser.clearCookies();
      await open('/');
      await page.reload();
      await page.locator('input[autocomplete="current-password"]').waitFor();
      expect(await axeFaults(page)).toEqual([]);
      await shot(`door-${theme}-${language}`);
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
      await shot(`door-phone-${theme}-${language}`);
      await page.setViewportSize({ width: 1440, height: 900 });
    }, SLOW);
  }

  test('WA3 an invitation by the page: the link is shown once, opens once, and the new person is inside with its role', async () => {
    await signInBrowser(browser, server);
    await open('/accounts');
    await choose(page, { theme: 'dark', language: 'en' });
    await page.getByRole('button', { name: 'Invite somebody' }).click();
    await page.getByLabel('Your name').fill('Wang Fang');
    await page.getByLabel('Sign-in name').fill('wang.fang');
    await page.getByRole('combobox', { name: 'Unit' }).first().fill('River');
    await page.getByRole('option', { name: /Riverside/ }).click();
    await page.getByRole('button', { name: 'Add the role' }).click();
    await page.getByRole('button', { name: 'Make the account and its link' }).click();
    const link = await text('.ac-link .ac-secret');
    expect(link.startsWith(`${server.address}/#/join/`)).toBe(true);
    expect(await text('[data-account="wang.fang"]')).toMatch(/Operator: Riverside/);
    await page.getByRole('button', { name: 'Hide it' }).click();
    expect(await page.content()).not.toContain(link.split('/join/')[1]!);

    await browser.clearCookies();
    await page.goto(link);
    await page.reload();
    await page.getByLabel('New password').fill('password1234');
    await page.keyboard.press('Enter');
    await page.locator('[data-problem="passwordKnown"]').waitFor();
    await page.getByLabel('New password').fill(OTHER);
    await page.keyboard.press('Enter');
    await until('inside', async () => /Wang Fang/.test(await page.locator('.in-who').first().innerText().catch(() => '')), 30_000);
    expect(await page.evaluate('location.hash')).not.toContain('join');
    await page.goto(link);
    await page.locator('[data-problem="invitationOver"]').waitFor();
  }, SLOW);

  test('WA4 a session that ends: large words, the picture stands still in grey, what was typed is kept, and the same person goes on', async () => {
    await browser.clearCookies();
    await page.goto('about:blank');
    await open('/account');
    await enter('chief', GOOD);
    await page.getByLabel('New password').waitFor();
    await page.getByLabel('New password').fill('typed and not sent');
    // An administrator ends it, in the middle of something.
    expect((await server.send('DELETE', `/api/accounts/${accountId}/sessions`)).status).toBe(204);
    await page.locator('.ac-over').waitFor({ timeout: 70_000 });
    expect(await text('.ac-over h1')).toBe('SIGNED OUT');
    expect(await text('.ac-over-old')).toMatch(/old: it stopped at \d\d:\d\d/);
    expect(await page.evaluate(`(() => { const node = document.querySelector('.ac-inside'); return [node.inert, getComputedStyle(node).filter.includes('grayscale')]; })()`)).toEqual([true, true]);
    expect(await axeFaults(page)).toEqual([]);
    await shot('over');
    await page.locator('.ac-over input[autocomplete="current-password"]').fill(GOOD);
    await page.keyboard.press('Enter');
    await page.locator('.ac-over').waitFor({ state: 'detached' });
    expect(await page.getByLabel('New password').inputValue()).toBe('typed and not sent');
  }, SLOW);

  test('WA5 sessions, tokens and the password on one\'s page; signing out leaves nothing behind', async () => {
    await open('/account');
    await page.getByLabel('New password').fill('');
    const other = (await server.send('POST', '/api/session', { signInName: 'chief', password: GOOD }, { as: null })).status;
    expect(other).toBe(200);
    await page.reload();
    await until('two sessions', async () => await page.locator('section[aria-labelledby="ac-sessions"] .ac-rows > li').count() === 2, 20_000);
    await page.getByRole('button', { name: 'End all others' }).click();
    await until('one session', async () => await page.locator('section[aria-labelledby="ac-sessions"] .ac-rows > li').count() === 1, 20_000);
    await page.getByRole('button', { name: 'Make a token' }).click();
    await page.getByLabel('What for').fill('Figures');
    await page.getByRole('button', { name: 'Make it' }).click();
    const secret = await text('section[aria-labelledby="ac-tokens"] .ac-secret');
    expect((await server.send('GET', '/api/overview', undefined, { as: null, headers: { authorization: `Bearer ${secret}` } })).status).toBe(200);
    await page.getByRole('button', { name: 'End the token Figures' }).click();
    await until('ended', async () => (await server.send('GET', '/api/overview', undefined, { as: null, headers: { authorization: `Bearer ${secret}` } })).status === 401, 20_000);
    await page.getByLabel('Password until now').fill(GOOD);
    await page.getByLabel('New password').fill(OTHER);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('Changed. All your other sessions have ended.').waitFor();
    await page.locator('.in-who').click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Sign-in name').waitFor();
    expect((await browser.cookies()).filter(({ name }) => name.endsWith('session'))).toEqual([]);
    expect(await page.evaluate('typeof window.__crowdlight')).toBe('undefined');
    expect(seen.foreign).toEqual([]);
  }, SLOW);
});
