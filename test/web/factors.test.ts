// Second factors, signing in elsewhere and TLS as a person meets them: the page in a real Chromium, with its own virtual key (WebAuthn by the debugger), and a real OpenID provider.
import { createHash, X509Certificate } from 'node:crypto';
import { request } from 'node:http';
import { join } from 'node:path';
import { Secret, TOTP } from 'otpauth';
import pg from 'pg';
import { chromium, type BrowserContext, type CDPSession, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashPassword } from '../../server/access/passwords.ts';
import { CLIENT_ID, CLIENT_SECRET, realProvider } from '../support/oidc.ts';
import { onPath } from '../support/tools.ts';
import { serverForTest, until, type ServerForTest } from '../server/serverForTest.ts';
import { axeFaults, builtPage, choose, openBrowser, shots, watched, whyNoChromium } from './pageForTest.ts';

const PASSWORD = 'a long sentence for tests 1';
const DESK = { width: 1440, height: 900 }, PHONE = { width: 390, height: 844 };
const LOOKS = [['dark', 'en', DESK], ['light', 'zh', DESK], ['light', 'en', PHONE], ['dark', 'zh', PHONE]] as const;
/** A key's dialog, a page and the look of axe at four of them, on a machine that does other things as well. */
const STEP_MOST_MS = 120_000;
let built: ReturnType<typeof builtPage>, passwordHash = '';
const why = whyNoChromium === null ? '' : ` (not run: ${whyNoChromium})`;

async function account(server: ServerForTest, signInName: string, roles = [{ role: 'administrator' as const, unitId: null }, { role: 'dutyOfficer' as const, unitId: null }]) {
  return await server.store.addAccount({ signInName, name: `Person ${signInName}`, language: 'en', roles, memberId: null, enabled: true, passwordHash });
}
async function enter(page: Page, signInName: string) {
  await page.getByLabel('Sign-in name').fill(signInName);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}
async function virtualKey(browser: BrowserContext, page: Page): Promise<{ cdp: CDPSession; authenticatorId: string }> {
  const cdp = await browser.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
  return { cdp, authenticatorId };
}
const isInside = (page: Page) => page.locator('.shell').waitFor();
/** Both languages, both themes, a desk and a phone; nobody fails axe. */
async function lookedAt(page: Page, name: string): Promise<string[]> {
  const faults: string[] = [], size = page.viewportSize();
  for (const [theme, language, viewport] of LOOKS) {
    await page.evaluate(`document.documentElement.setAttribute('data-mantine-color-scheme', '${theme}')`);
    await page.locator('.ac-front-head').getByText(language === 'en' ? 'EN' : '中文', { exact: true }).click();
    await page.setViewportSize(viewport);
    faults.push(...(await axeFaults(page)).map((fault) => `${name} ${theme} ${language} ${viewport.width}: ${fault}`));
    if (await page.evaluate('document.documentElement.scrollWidth > innerWidth + 1')) faults.push(`${name} ${viewport.width}: wider than the screen`);
    await page.screenshot({ path: join(shots, `factors-${name}-${theme}-${language}.png`) });
  }
  await page.locator('.ac-front-head').getByText('EN', { exact: true }).click();
  if (size !== null) await page.setViewportSize(size);
  return faults;
}

beforeAll(async () => { if (whyNoChromium !== null) return; built = builtPage(); passwordHash = await hashPassword(PASSWORD); }, 240_000);
afterAll(() => { built?.remove(); });

describe.skipIf(whyNoChromium !== null)(`second factors in Chromium${why}`, { timeout: STEP_MOST_MS }, () => {
  let server: ServerForTest, browser: BrowserContext, page: Page, address: string, key: Awaited<ReturnType<typeof virtualKey>>, recoveryCodes: string[];
  beforeAll(async () => {
    server = await serverForTest({ webFolder: built.folder, secondFactor: 'required' });
    address = server.address.replace('127.0.0.1', 'localhost');
    browser = await openBrowser();
    page = browser.pages()[0] ?? await browser.newPage();
    key = await virtualKey(browser, page);
    await account(server, 'pia'); await account(server, 'tom');
  }, 120_000);
  afterAll(async () => { await browser?.close(); await server?.close(); });
  const leave = async () => { await browser.clearCookies({ name: 'crowdlight-session' }); await page.goto(`${address}/`); await page.reload(); };

  test('FW1 where the rules ask for a second factor one is added first: a passkey, then ten recovery codes, then the page', async () => {
    const seen = watched(page, address);
    await page.goto(`${address}/`);
    await enter(page, 'pia');
    await page.getByRole('heading', { name: 'Add a second factor', level: 1 }).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByLabel('What to call it').fill('Blue key');
    await page.keyboard.press('Enter');
    await page.locator('[data-recovery]').waitFor();
    recoveryCodes = await page.locator('.ac-codes code').allInnerTexts();
    expect(recoveryCodes).toHaveLength(10);
    expect(await lookedAt(page, 'recovery')).toEqual([]);
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await isInside(page);
    expect([seen.foreign, seen.faults]).toEqual([[], []]);
  });

  test('FW2 the next sign-in: the password, then the passkey', async () => {
    await leave();
    await enter(page, 'pia');
    await page.getByRole('heading', { name: 'Second step' }).waitFor();
    expect(await lookedAt(page, 'second-step')).toEqual([]);
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await isInside(page);
  });

  test('FW3 a passkey that checks its person opens the door without a password', async () => {
    await leave();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await isInside(page);
  });

  test('FW4 a copy of the key whose counter lags behind is refused', async () => {
    await leave();
    const { credentials } = await key.cdp.send('WebAuthn.getCredentials', { authenticatorId: key.authenticatorId }), mine = credentials[0]!;
    await key.cdp.send('WebAuthn.removeCredential', { authenticatorId: key.authenticatorId, credentialId: mine.credentialId });
    await key.cdp.send('WebAuthn.addCredential', { authenticatorId: key.authenticatorId, credential: { ...mine, signCount: 0 } });
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.locator('[data-problem="secondFactorWrong"]').waitFor();
    expect((await server.send('GET', '/health')).status).toBe(200);
    await key.cdp.send('WebAuthn.removeCredential', { authenticatorId: key.authenticatorId, credentialId: mine.credentialId });
    await key.cdp.send('WebAuthn.addCredential', { authenticatorId: key.authenticatorId, credential: { ...mine, signCount: 1000 } });
  });

  test('FW5 a recovery code when the key is not at hand; by keyboard alone, once', async () => {
    for (const [tried, opens] of [[recoveryCodes[0]!, true], [recoveryCodes[0]!, false]] as const) {
      await leave();
      await page.getByLabel('Sign-in name').waitFor();
      await page.getByLabel('Sign-in name').focus();
      await page.keyboard.type('pia'); await page.keyboard.press('Tab'); await page.keyboard.type(PASSWORD); await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Use a recovery code' }).focus();
      await page.keyboard.press('Enter');
      await page.keyboard.type(tried);
      await page.keyboard.press('Enter');
      if (opens) await isInside(page); else await page.locator('[data-problem="secondFactorWrong"]').waitFor();
    }
  });

  test('FW6 an app: the key below the code is what the server knows; a wrong code says so; then the app opens the door', async () => {
    await leave();
    await enter(page, 'tom');
    await page.getByRole('button', { name: 'Add an app' }).click();
    await page.getByRole('img', { name: 'Code for the app to scan' }).waitFor();
    expect(await lookedAt(page, 'app')).toEqual([]);
    const secret = (await page.locator('.ac-secret').innerText()).replaceAll(' ', ''), codeOf = (atMs: number) => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: atMs });
    await page.getByLabel('Code that the app shows now').fill('000000');
    await page.keyboard.press('Enter');
    await page.locator('[data-problem="factorCodeWrong"]').waitFor();
    await page.getByLabel('Code that the app shows now').fill(codeOf(Date.now() - 30_000));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await isInside(page);
    await leave();
    await enter(page, 'tom');
    await page.getByLabel('Code from your app').fill(codeOf(Date.now()));
    await page.keyboard.press('Enter');
    await isInside(page);
  });

  test('FW7 after a while the page asks whether it is still you, and the step goes on by itself', async () => {
    const client = new pg.Client({ connectionString: server.databaseUrl });
    await client.connect();
    await client.query('update session set created_at_ms = created_at_ms - 3600000, factor_at_ms = null');
    await client.end();
    await new Promise((done) => { setTimeout(done, 2500); });
    await page.goto(`${address}/#/account`);
    await page.getByRole('button', { name: 'Make new recovery codes' }).click();
    await page.locator('[data-confirm]').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.screenshot({ path: join(shots, 'factors-confirm.png') });
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    const { accountId } = (await server.store.accountBySignInName('tom'))!.account, { newRecoveryCodes } = await import('../../server/access/secondFactors.ts');
    await page.getByLabel('Recovery code', { exact: true }).fill((await newRecoveryCodes(server.store, accountId, Date.now()))[0]!);
    await page.keyboard.press('Enter');
    await page.locator('[data-recovery]').waitFor();
    expect(await page.locator('.ac-codes code').count()).toBe(10);
  });
});

describe.skipIf(whyNoChromium !== null)(`signing in elsewhere in Chromium${why}`, { timeout: STEP_MOST_MS }, () => {
  let server: ServerForTest, browser: BrowserContext, page: Page, provider: Awaited<ReturnType<typeof realProvider>>;
  beforeAll(async () => {
    provider = await realProvider([{ sub: 'u1', name: 'Ada Example', preferred_username: 'ada', groups: ['crowd-ops'] }, { sub: 'u2', name: 'Bo Example', preferred_username: 'bo', groups: [] }]);
    server = await serverForTest({ webFolder: built.folder, oidcIssuer: provider.issuer, oidcClientId: CLIENT_ID, oidcClientSecret: CLIENT_SECRET, oidcName: 'City id', oidcScopes: 'openid profile groups', oidcRoles: [{ claim: 'groups', value: 'crowd-ops', role: 'operator', unitCode: '*' }] });
    await provider.open(`${server.address}/signed-in`);
    browser = await openBrowser();
    page = browser.pages()[0] ?? await browser.newPage();
  }, 120_000);
  afterAll(async () => { await browser?.close(); await server?.close(); await provider?.close(); });
  const there = async (sub: string) => {
    await page.getByRole('button', { name: 'Sign in with City id' }).click();
    await page.waitForURL((url) => url.href.startsWith(provider.issuer));
    await page.locator('input[name="login"]').fill(sub);
    await page.locator('input[name="password"]').fill('anything');
    await page.locator('button[type="submit"]').click();
    await page.waitForURL((url) => url.href.startsWith(provider.issuer) && url.pathname.startsWith('/interaction/'));
    await page.locator('button[type="submit"]').click();
  };

  test('EB1 there and back: the page is where it was, the answer is not in its address, and the cookie is strict', async () => {
    await page.goto(`${server.address}/#/incidents`);
    await page.getByRole('button', { name: 'Sign in with City id' }).waitFor();
    expect(await lookedAt(page, 'door')).toEqual([]);
    await there('u1');
    await isInside(page);
    expect([new URL(page.url()).pathname, new URL(page.url()).hash, new URL(page.url()).search]).toEqual(['/', '#/incidents', '']);
    const cookie = (await browser.cookies(server.address)).find(({ name }) => name === 'crowdlight-session')!;
    expect([cookie.sameSite, cookie.httpOnly]).toEqual(['Strict', true]);
    expect((await browser.cookies(server.address)).some(({ name }) => name === 'crowdlight-step')).toBe(false);
  });

  test('EB2 whoever has no role of ours is told so, and by whom one is given', async () => {
    await browser.clearCookies();
    await page.goto(`${server.address}/`);
    await page.reload();
    await there('u2');
    await page.getByRole('heading', { name: 'You may not see anything here yet' }).waitFor();
    await page.getByRole('button', { name: 'Sign out there, too' }).waitFor();
    expect(await lookedAt(page, 'no-roles')).toEqual([]);
  });

  test('EB3 an answer that was not begun here is refused in plain words, with a way back', async () => {
    await browser.clearCookies();
    await page.goto(`${server.address}/signed-in?code=x&state=y`);
    await page.locator('[data-problem="signInElsewhereRefused"]').waitFor();
    expect(new URL(page.url()).search).toBe('');
    expect(await lookedAt(page, 'refused')).toEqual([]);
    await page.locator('main a').first().click();
    await page.getByRole('button', { name: 'Sign in with City id' }).waitFor();
  });

  test('EB4 the place is gone: said so, and accounts of this installation go on', async () => {
    await account(server, 'local');
    await provider.close();
    await page.getByRole('button', { name: 'Sign in with City id' }).click();
    await until('the page went there or says that it cannot', async () => page.url().startsWith('chrome-error') || page.url().startsWith(provider.issuer) || await page.locator('[data-problem]').count() > 0, 10_000);
    await page.goto(`${server.address}/`);
    await page.reload();
    await enter(page, 'local');
    await isInside(page);
  });
});

describe.skipIf(whyNoChromium !== null)(`TLS in Chromium${why}`, { timeout: STEP_MOST_MS }, () => {
  let server: ServerForTest, browser: BrowserContext, page: Page, port: number;
  beforeAll(async () => {
    server = await serverForTest({ webFolder: built.folder, tls: 'site' });
    port = Number(new URL(server.address).port);
    const pem = await new Promise<string>((resolve, reject) => { request({ host: '127.0.0.1', port, path: '/trust/crowdlight-site-ca.pem', headers: { host: `localhost:${port}` } }, (answer) => { let text = ''; answer.on('data', (part: Buffer) => { text += part.toString(); }); answer.on('end', () => resolve(text)); }).on('error', reject).end(); });
    // What a phone does by installing the certificate: trusted is what this authority signed, and nothing else.
    const spki = createHash('sha256').update(new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' })).digest('base64');
    browser = await chromium.launchPersistentContext('', { executablePath: onPath('chromium')!, headless: true, viewport: { width: 1280, height: 720 }, args: ['--headless=new', '--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', `--ignore-certificate-errors-spki-list=${spki}`] });
    page = browser.pages()[0] ?? await browser.newPage();
    await account(server, 'una');
  }, 120_000);
  afterAll(async () => { await browser?.close(); await server?.close(); });

  test('TB1 who leaves the "s" out is led to the secured page; the trust page is readable in both languages and on a phone', async () => {
    await page.goto(`http://localhost:${port}/trust`);
    await page.getByRole('heading', { name: 'Trust this installation' }).waitFor();
    for (const [colorScheme, language, viewport] of LOOKS) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      await page.goto(`http://localhost:${port}/trust?lang=${language}`);
      await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true; })`);
      expect(await axeFaults(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth + 1')).toBe(true);
      await page.screenshot({ path: join(shots, `tls-trust-${colorScheme}-${language}.png`), fullPage: true });
    }
    expect(await page.evaluate(`document.querySelector('img').naturalWidth > 50`)).toBe(true);
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.goto(`http://localhost:${port}/`);
    await page.getByLabel(/Sign-in name|登录名/).waitFor();
    expect(page.url().startsWith(`https://localhost:${port}/`)).toBe(true);
  });

  test('TB2 signed in over TLS: the cookie goes nowhere else, screens come by wss, nothing foreign is asked for', async () => {
    const seen = watched(page, `https://localhost:${port}`), sockets: string[] = [];
    page.on('websocket', (socket) => sockets.push(socket.url()));
    await page.goto(`https://localhost:${port}/`);
    await choose(page, { theme: 'dark', language: 'en' });
    await enter(page, 'una');
    await isInside(page);
    await until('a screen is connected', () => sockets.some((url) => url.startsWith(`wss://localhost:${port}/live`)), 10_000);
    const cookie = (await browser.cookies(`https://localhost:${port}`)).find(({ name }) => name.endsWith('crowdlight-session'))!;
    expect([cookie.name, cookie.secure, cookie.httpOnly, cookie.sameSite, cookie.path]).toEqual(['__Host-crowdlight-session', true, true, 'Strict', '/']);
    expect(await page.evaluate('isSecureContext')).toBe(true);
    expect([seen.foreign, seen.faults]).toEqual([[], []]);
  });

  test('TB3 a browser that was not told to trust it warns', async () => {
    const stranger = await openBrowser(), other = await stranger.newPage();
    await expect(other.goto(`https://localhost:${port}/`)).rejects.toThrow(/ERR_CERT_AUTHORITY_INVALID/);
    await stranger.close();
  });
});
