// The page of channels in a real browser: a channel is added by keyboard, tried, fails and is seen to, in both languages and themes. Rules CW of docs/SPEC.md.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserContext, Page } from 'playwright-core';
import { loadChannelKinds } from '../../config/kinds.ts';
import { answersOfSettings, formFaults, formFields, settingsOfAnswers } from '../../web/setup/form/formFields.ts';
import { setupPageOf } from '../../web/setup/setupPageOf.ts';
import { runDeliver } from '../../worker/deliver.ts';
import { httpReceiver } from '../channels/counterparts.ts';
import { quietLog, serverForTest, until, type ServerForTest } from '../server/serverForTest.ts';
import { axeFaults, builtPage, choose, openBrowser, signInBrowser, shots, watched, whyNoChromium } from './pageForTest.ts';

const SECRET = 'mark-of-a-secret-0123456789';

describe('forms of channels', () => {
  test('CW1 every setting of every kind is a field with words in both languages, and the examples pass through the form', async () => {
    for (const [name, kind] of await loadChannelKinds()) {
      const schema: unknown = JSON.parse(JSON.stringify(kind.settings)), en = formFields(schema, 'en'), zh = formFields(schema, 'zh');
      expect([name, en.map(({ key }) => key)]).toEqual([name, Object.keys((schema as { properties: object }).properties)]);
      for (const field of zh) { expect(`${name}.${field.key} ${field.title}`).toMatch(/[\u4e00-\u9fff]|MQTT/); if (field.description !== null) expect(field.description, `${name}.${field.key}`).toMatch(/[\u4e00-\u9fff]/); }
      for (const settings of kind.examples.fits as Record<string, unknown>[]) {
        const answers = { ...answersOfSettings(en, settings), ...Object.fromEntries(Object.entries(settings).filter(([, value]) => typeof value === 'string')) } as Record<string, string | boolean>;
        expect([name, formFaults(en, answers)]).toEqual([name, {}]);
        expect(settingsOfAnswers(en, answers)).toMatchObject(settings);
      }
    }
    expect([setupPageOf('/setup/channels'), setupPageOf('/setup/channels/x')]).toEqual([{ page: 'channels' }, { page: 'unknown' }]);
  });
});

describe.skipIf(whyNoChromium !== null)('the page of channels', () => {
  let built: ReturnType<typeof builtPage>, browser: BrowserContext, server: ServerForTest | null = null;
  const closers: (() => Promise<unknown>)[] = [];
  beforeAll(async () => { built = builtPage(); browser = await openBrowser(); }, 180_000);
  afterAll(async () => { await browser?.close(); built?.remove(); });
  afterEach(async () => { for (const close of closers.splice(0).reverse()) await close(); await server?.close(); server = null; });
  async function opened(): Promise<{ page: Page; seen: ReturnType<typeof watched>; server: ServerForTest }> {
    server = await serverForTest({ webFolder: built.folder });
    await signInBrowser(browser, server);
    const deliver = await runDeliver({ store: server.store, bus: server.bus, log: quietLog, holder: 'test', settings: { publicAddress: '', channelNetworks: ['loopback'] } });
    closers.push(() => deliver.close());
    const page = await browser.newPage(), seen = watched(page, server.address);
    closers.push(() => page.close());
    await page.goto(`${server.address}/#/setup/channels`);
    return { page, seen, server };
  }

  test('CW2 a channel is added, subscribed and tried by keyboard, its failure is seen, and its key is nowhere in the page', { timeout: 90_000 }, async () => {
    const { page, seen, server } = await opened();
    await choose(page, { theme: 'dark', language: 'en' });
    const receiver = await httpReceiver();
    closers.push(receiver.close);
    await page.getByRole('button', { name: 'Add a channel' }).press('Enter');
    const form = page.getByRole('dialog');
    await form.getByRole('button', { name: 'Save' }).press('Enter');
    await form.getByText('Give it a name.').waitFor();
    await form.getByLabel('Name').fill('Dispatch centre');
    await form.getByLabel('Address', { exact: false }).first().fill('ftp://nowhere');
    await form.getByLabel('Key of the signature').fill(SECRET);
    await form.getByRole('button', { name: 'Save' }).press('Enter');
    expect(await form.locator('[aria-invalid="true"]').count()).toBe(1);
    await form.getByLabel('Address', { exact: false }).first().fill(receiver.url);
    await form.getByRole('button', { name: 'Add', exact: true }).press('Enter');
    await form.getByLabel('From').selectOption('critical');
    await form.getByLabel('Fire', { exact: true }).press('Space');
    expect(await form.getByLabel('Fire', { exact: true }).isChecked()).toBe(true);
    await page.screenshot({ path: '/tmp/channels-form.png' });
    expect(await axeFaults(page)).toEqual([]);
    await form.getByRole('button', { name: 'Save' }).press('Enter');
    const row = page.locator('[data-channel="Dispatch centre"]');
    await row.waitFor();
    expect(await row.innerText()).toContain('everywhere: from Critical on, Fire');
    await until('kept', async () => (await server.store.channels()).find(({ name }) => name === 'Dispatch centre')?.subscriptions[0]?.categories[0] === 'fire');

    await row.getByRole('button', { name: 'Test Dispatch centre' }).press('Enter');
    await page.getByRole('button', { name: 'Send a test' }).press('Enter');
    await page.locator('[data-outcome="sent"]').waitFor();
    expect(JSON.parse(receiver.heard[0]!.body)).toMatchObject({ kind: 'test', language: 'en' });
    receiver.become('refuses');
    await page.getByRole('button', { name: 'Send a test' }).press('Enter');
    await page.locator('[data-outcome="refused"]').waitFor();
    await page.keyboard.press('Escape');

    const { channelId } = (await server.store.channels()).find(({ name }) => name === 'Dispatch centre')!;
    await server.store.addNotices([{ noticeId: 'n.1.asked.x', kind: 'asked', incidentId: null, memberId: null, channelId, actionId: null, exercise: true, atMs: Date.now(), state: 'waiting' }]);
    await page.locator('[data-dead="1"]').waitFor({ timeout: 15_000 });
    expect(await page.locator('[data-notice]').innerText()).toMatch(/EXERCISE · Asked to go[\s\S]*Dispatch centre: refused, answered 403/);
    expect(await row.innerText()).toMatch(/1 failed, 1 not delivered[\s\S]*Last failure .*answered 403/);
    expect(await axeFaults(page)).toEqual([]);
    await page.screenshot({ path: '/tmp/channels-page-dark-en.png', fullPage: true });
    receiver.become('takes');
    await page.getByRole('button', { name: /^Send again/ }).press('Enter');
    await page.locator('[data-dead="0"]').waitFor({ timeout: 15_000 });
    await until('sent', () => receiver.heard.some(({ body }) => JSON.parse(body).messageId === 'n.1.asked.x' && JSON.parse(body).exercise === true));

    // Changed without typing the key again; it is never in the page.
    await row.getByRole('button', { name: 'Change Dispatch centre' }).press('Enter');
    expect(await form.getByLabel('Key of the signature').inputValue()).toBe('');
    expect(await form.getByLabel('Address', { exact: false }).first().inputValue()).toBe(receiver.url);
    await form.getByLabel('Name').fill('Centre');
    await form.getByRole('button', { name: 'Save' }).press('Enter');
    await page.locator('[data-channel="Centre"]').waitFor();
    expect((await server.store.channelSettings(channelId))!.settings).toEqual({ url: receiver.url, secret: SECRET });
    expect(await page.content()).not.toContain('mark-of-a-secret');
    expect(seen).toEqual({ foreign: [], faults: [] });
  });

  test('CW3 reads in both languages and both themes, with every kind in its form, without a violation', { timeout: 90_000 }, async () => {
    const { page, seen, server } = await opened();
    await server.store.addChannel({ kind: 'mail', name: '邮件', settings: { host: 'mail.example', from: 'a@b.example' }, settingsShown: { host: 'mail.example', from: 'a@b.example' }, enabled: false });
    for (const theme of ['light', 'dark'] as const) for (const language of ['zh', 'en'] as const) {
      await choose(page, { theme, language });
      await page.locator('[data-channel="邮件"]').waitFor();
      expect([theme, language, await axeFaults(page)]).toEqual([theme, language, []]);
      if (language === 'zh') expect(await page.locator('main').innerText()).not.toMatch(/\b(channel|Test|Remove|never|sent)\b/);
      await page.screenshot({ path: `${shots}/channels-${theme}-${language}.png`, fullPage: true });
      await page.screenshot({ path: `/tmp/channels-page-${theme}-${language}.png`, fullPage: true });
    }
    await choose(page, { theme: 'light', language: 'zh' });
    await page.getByRole('button', { name: '添加渠道' }).click();
    const form = page.getByRole('dialog'), kind = form.getByLabel('类型');
    for (const value of await kind.locator('option').evaluateAll((options) => options.map((option) => (option as unknown as { value: string }).value))) {
      await kind.selectOption(value);
      expect([value, await axeFaults(page)]).toEqual([value, []]);
      await page.screenshot({ path: `/tmp/channels-form-${value}.png` });
    }
    expect(seen).toEqual({ foreign: [], faults: [] });
  });
});
