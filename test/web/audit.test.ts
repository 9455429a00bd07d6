// The pages of the audit and of the second person in a real browser: read, asked and answered by keyboard, in both languages and themes. Rules AW of docs/SPEC.md.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserContext, Page } from 'playwright-core';
import i18next from 'i18next';
import { AUDIT_WHATS, type AuditFact } from '../../contract/audit.ts';
import { encodePicture } from '../../contract/picture.ts';
import { topics } from '../../store/bus/bus.ts';
import { auditSentence, withoutBegunLooks } from '../../web/audit/sentence.ts';
import { wordsEn } from '../../web/audit/words.en.ts';
import { wordsZh } from '../../web/audit/words.zh.ts';
import { commit, leaseOf, raisedAlarm, serverForTest, siteBody, until, type ServerForTest } from '../server/serverForTest.ts';
import { axeFaults, builtPage, choose, openBrowser, shots, signInBrowser, watched, whyNoChromium } from './pageForTest.ts';

const fact = (over: Partial<AuditFact> = {}): AuditFact => ({
  what: 'changed', accountId: 'a1', name: 'Li Wei', sessionId: null, address: '192.0.2.7', route: 'PUT /api/sites/:siteId', status: 200, placeKind: 'site', placeId: 's1', placeName: 'Square', unitId: null, fromMs: null, untilMs: null, reason: null, detail: {}, ...over,
});

describe('sentences', () => {
  test('AW1 every kind of line is a whole sentence in both languages, with what it says of who, where, when and why', async () => {
    await i18next.init({ lng: 'en', ns: ['audit'], defaultNS: 'audit', resources: { en: { audit: wordsEn }, zh: { audit: wordsZh } }, interpolation: { escapeValue: false } });
    const said = (language: 'en' | 'zh', over: Partial<AuditFact>) => auditSentence({ fact: fact(over) }, i18next.getFixedT(language, 'audit') as never, (atMs) => `at${atMs}`);
    for (const what of AUDIT_WHATS) for (const language of ['en', 'zh'] as const) {
      const sentence = said(language, { what, fromMs: 1, untilMs: 2, reason: 'rain', detail: { forWhat: 'the square', askedBy: 'Ana', because: 'notAllowed', signInName: 'li' } });
      expect(`${what} ${language}: ${sentence}`).toMatch(language === 'en' ? /[.]$/ : /[。]$/);
      expect(sentence, what).not.toMatch(/\{\{|undefined|said\.|kind\./);
    }
    expect(said('en', { what: 'looked', placeKind: 'sensor', placeName: 'North gate', fromMs: 1, untilMs: 2, reason: 'alarm' })).toBe('Li Wei looked at camera North gate from at1 to at2, because: alarm.');
    expect(said('zh', { what: 'looked', placeKind: 'sensor', placeName: '北门', fromMs: 1, untilMs: 2, reason: null })).toBe('Li Wei 于 at1 至 at2 查看了 摄像机 北门。');
    expect(said('en', { what: 'refused', detail: { because: 'outOfScope', moreTimes: 19 } })).toBe('Li Wei tried something that is not allowed: it is not there for them (PUT /api/sites/:siteId). (19 times more)');
    expect(said('en', { name: '' })).toBe('Somebody changed site Square.');
    const line = (seq: number, over: Partial<AuditFact>) => ({ seq, atMs: 0, fact: fact(over), previousHash: '', hash: '' });
    expect(withoutBegunLooks([line(3, { what: 'looked', detail: { lookId: 'x' } }), line(2, { what: 'lookBegan', detail: { lookId: 'y' } }), line(1, { what: 'lookBegan', detail: { lookId: 'x' } })]).map(({ seq }) => seq)).toEqual([3, 2]);
  });
});

describe.skipIf(whyNoChromium !== null)('the pages', () => {
  let built: ReturnType<typeof builtPage>, browser: BrowserContext, server: ServerForTest | null = null;
  const closers: (() => Promise<unknown>)[] = [];
  beforeAll(async () => { built = builtPage(); browser = await openBrowser(); }, 240_000);
  afterAll(async () => { await browser?.close(); built?.remove(); });
  afterEach(async () => { for (const close of closers.splice(0).reverse()) await close(); await browser.clearCookies(); await server?.close(); server = null; });
  async function opened(path: string, roles?: Parameters<ServerForTest['signedInAs']>[0]): Promise<{ page: Page; seen: ReturnType<typeof watched>; server: ServerForTest }> {
    server ??= await serverForTest({ webFolder: built.folder });
    await signInBrowser(browser, server, roles === undefined ? server.administrator : await server.signedInAs(roles));
    const page = await browser.newPage(), seen = watched(page, server.address);
    closers.push(() => page.close());
    await page.goto(`${server.address}/#${path}`);
    return { page, seen, server };
  }

  test('AW5 who may see no place begins with the audit, asks for no place and leaves no refusal of it on record', { timeout: 90_000 }, async () => {
    const { page, seen, server } = await opened('/account', { name: 'Auditor', roles: [{ role: 'auditor', unitId: null }] });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    page.on('websocket', (socket) => asked.push(new URL(socket.url()).pathname));
    await page.goto(`${server.address}/#/`);
    await page.reload();
    await page.getByRole('heading', { name: 'Audit' }).first().waitFor();
    await new Promise((done) => { setTimeout(done, 3500); });
    expect(await page.locator('.judged-banner').count()).toBe(0);
    expect(asked.filter((path) => path === '/live' || path === '/api/overview' || path === '/api/units')).toEqual([]);
    expect((await server.store.auditLines({ beforeSeq: null, most: 50, unitIds: null })).lines.filter(({ fact: { what } }) => what === 'refused')).toEqual([]);
    expect([seen.faults, seen.foreign]).toEqual([[], []]);
  });

  test('AW2 an auditor reads who did what, filters by keyboard, sees details; in both themes and languages and on a phone', { timeout: 240_000 }, async () => {
    const { page, seen, server } = await opened('/audit', { name: 'Auditor', roles: [{ role: 'auditor', unitId: null }] });
    await server.store.writeAudit([fact({ what: 'looked', placeKind: 'sensor', placeName: 'North gate', fromMs: Date.now() - 300_000, untilMs: Date.now(), reason: 'alarm at the gate', detail: { lookId: 'x' } }), fact({ what: 'refused', name: 'Ana Cruz', status: 403, detail: { because: 'notAllowed' } }), fact({ what: 'emergencyUsed', reason: 'people are hurt', detail: { forWhat: 'removing something that has a history: Square' } })]);
    await choose(page, { theme: 'dark', language: 'en' });
    await page.reload();
    const look = page.locator('[data-what="looked"]');
    await look.waitFor();
    expect(await look.innerText()).toMatch(/Li Wei looked at camera North gate from \d\d:\d\d:\d\d to \d\d:\d\d:\d\d, because: alarm at the gate\./);
    await look.locator('summary').press('Enter');
    expect(await look.innerText()).toMatch(/192\.0\.2\.7[\s\S]*[0-9a-f]{64}/);
    await page.getByLabel('What').selectOption('refused');
    await page.getByLabel('Name').fill('ana');
    await page.getByLabel('Name').press('Enter');
    await until('only what fits', async () => await page.locator('.au-lines > li').count() === 1);
    expect(await page.locator('.au-lines > li').innerText()).toContain('Ana Cruz tried something that is not allowed: their role does not allow it');
    // What was read is on record, with what was asked for.
    expect((await server.store.auditLines({ beforeSeq: null, most: 1, unitIds: null })).lines[0]!.fact).toMatchObject({ what: 'auditRead', name: 'Auditor', detail: { what: 'refused', name: 'ana' } });
    await page.getByLabel('What').selectOption('');
    await page.getByLabel('Name').fill('');
    await page.getByRole('button', { name: 'Show' }).press('Enter');
    await look.waitFor();
    for (const theme of ['dark', 'light'] as const) for (const language of ['zh', 'en'] as const) {
      await choose(page, { theme, language });
      await page.locator('[data-what="emergencyUsed"]').waitFor();
      expect([theme, language, await axeFaults(page)]).toEqual([theme, language, []]);
      await page.screenshot({ path: `${shots}/audit-${theme}-${language}.png` });
    }
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await page.screenshot({ path: `${shots}/audit-phone.png` });
    expect(seen).toEqual({ foreign: [], faults: [] });
  });

  test('AW3 a step that needs a second person leads to asking; the other sees it by itself, approves by keyboard, and the step goes through', { timeout: 240_000 }, async () => {
    const { page: others, seen, server } = await opened('/', { name: 'Ana Cruz', roles: [{ role: 'dutyOfficer', unitId: null }] });
    await choose(others, { theme: 'light', language: 'en' });
    const { siteId } = (await server.store.addSite({ ...siteBody(), demo: false })).site;
    await commit(server.store, await leaseOf(server.store, siteId), siteId, [raisedAlarm(siteId, 1)]);
    const { body: { values } } = await server.send('DELETE', `/api/sites/${siteId}`);
    // The administrator asks in a window of their own.
    const window = await openBrowser();
    closers.push(() => window.close());
    await signInBrowser(window, server);
    const page = await window.newPage();
    await page.goto(`${server.address}/#/approvals/ask/${values.approvalId}`);
    await choose(page, { theme: 'dark', language: 'en' });
    await page.getByText('removing something that has a history: Square').waitFor();
    await page.getByRole('button', { name: 'Ask for approval' }).press('Enter');
    await page.getByText('Say why, in a few words.').waitFor();
    await page.getByLabel('Why it is needed').fill('the square is rebuilt');
    expect(await axeFaults(page)).toEqual([]);
    await page.screenshot({ path: `${shots}/approvals-ask.png` });
    await page.getByRole('button', { name: 'Ask for approval' }).press('Enter');
    await page.locator('[data-state="asked"]').waitFor();
    // It comes to the other screen by itself.
    const badge = others.getByRole('link', { name: '1 waits for your answer' });
    await badge.waitFor({ timeout: 15_000 });
    await badge.press('Enter');
    const card = others.locator(`[data-approval="${values.approvalId}"]`);
    await card.waitFor();
    expect(await card.innerText()).toMatch(/Administrator asks: remove something that has a history[\s\S]*Square[\s\S]*Why: the square is rebuilt/);
    for (const theme of ['dark', 'light'] as const) for (const language of ['zh', 'en'] as const) {
      await choose(others, { theme, language });
      await card.waitFor();
      expect([theme, language, await axeFaults(others)]).toEqual([theme, language, []]);
      await others.screenshot({ path: `${shots}/approvals-${theme}-${language}.png` });
    }
    await card.getByRole('button', { name: 'Approve' }).press('Enter');
    await page.locator('[data-state="given"]').waitFor({ timeout: 15_000 });
    expect(await page.locator('[data-state="given"]').innerText()).toMatch(/approved by Ana Cruz[\s\S]*Go back and do it again now/);
    expect((await server.send('DELETE', `/api/sites/${siteId}`)).status).toBe(204);
    await badge.waitFor({ state: 'detached' });
    expect(seen).toEqual({ foreign: [], faults: [] });
  });

  test('AW4 where the unit asks why, the card of a camera asks before it shows a picture', { timeout: 240_000 }, async () => {
    server = await serverForTest({ webFolder: built.folder });
    const { unitId } = (await server.store.addUnit({ level: 'county', code: 'H', names: { en: 'Here', zh: '此地' }, parentId: null, shape: [{ outer: [{ lng: 121.3, lat: 31 }, { lng: 121.8, lat: 31 }, { lng: 121.8, lat: 31.5 }, { lng: 121.3, lat: 31.5 }], holes: [] }], by: { memberId: null, name: 'x', duty: 'operator', unitId: null } })).unit;
    await server.store.keepPolicy(unitId, { ownCategories: [], deadlines: {}, askWhyToLook: true });
    const { siteId } = (await server.store.addSite({ ...siteBody(), demo: false })).site;
    const { sensor: { sensorId } } = await server.store.addSensor(siteId, { name: 'North gate', kind: 'rtsp', settings: { url: 'rtsp://10.1.2.3/sub' }, addressShown: 'rtsp://10.1.2.3/sub' });
    const jpeg = Buffer.from('/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/yQALCAABAAEBAREA/8wABgAQEAX/2gAIAQEAAD8A0s8g/9k=', 'base64');
    const feeding = setInterval(() => { void server?.bus.putLatest(topics.picture(sensorId), encodePicture({ capturedAtMs: Date.now(), masksVersion: 0, jpeg }), 10_000); }, 300);
    closers.push(async () => clearInterval(feeding));
    const { page, server: running } = await opened('/');
    await choose(page, { theme: 'dark', language: 'en' });
    await page.getByText('North gate').first().click();
    const form = page.getByRole('form', { name: 'Why do you look at this camera?' });
    await form.waitFor({ timeout: 15_000 });
    expect(await page.locator('figure.picture img').count()).toBe(0);
    await form.getByRole('button', { name: 'Show the picture' }).press('Enter');
    await form.getByText('Say why, in a few words.').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.screenshot({ path: `${shots}/look-why.png` });
    await form.getByLabel('Reason').fill('报警核实');
    await form.getByLabel('Reason').press('Enter');
    await page.locator('figure.picture img').waitFor({ timeout: 15_000 });
    expect((await running.store.auditLines({ beforeSeq: null, most: 10, unitIds: null, what: 'lookBegan' })).lines.map(({ fact: { reason, placeName } }) => [reason, placeName])).toEqual([['报警核实', 'North gate']]);
  });
});
