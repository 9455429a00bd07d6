// The pages of incidents in a real browser on the real server with the real desk: lists and map, one incident from call to closure by keyboard, the phone, supervision and statistics, in both languages and themes. Rules WI of docs/SPEC.md.
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../../contract/incident.ts';
import { axeFaults, builtPage, cameraForTest, choose, openBrowser, signInBrowser, shots, watched, whyNoChromium } from './pageForTest.ts';
import { cityForTest, type CityForTest } from './incidentsForTest.ts';
import { runDecide } from '../../worker/decide.ts';
import { quietLog, serverForTest, until, type ServerForTest } from '../server/serverForTest.ts';

const SLOW = 60_000;

describe.skipIf(whyNoChromium !== null)(`the pages of incidents in Chromium${whyNoChromium === null ? '' : ` (not run: ${whyNoChromium})`}`, () => {
  let built: ReturnType<typeof builtPage>, server: ServerForTest, browser: BrowserContext, page: Page, city: CityForTest, seen: ReturnType<typeof watched>, camera: ReturnType<typeof cameraForTest>, decider: Awaited<ReturnType<typeof runDecide>>;
  const text = async (selector: string, on = page) => (await on.locator(selector).first().innerText()).replace(/\s+/g, ' ');
  const rows = (on = page) => on.locator('.in-rows [role="option"]');
  const open = async (path: string, on = page) => { await on.goto(`${server.address}/#${path}`); };
  const iAm = async (who: Actor, on = page) => { await signInBrowser(browser, server, await server.sessionBy(who)); await on.reload(); };
  const stepOf = (step: string, on = page) => on.locator(`.in-one[data-step="${step}"]`).waitFor({ timeout: 15_000 });

  beforeAll(async () => {
    built = builtPage();
    server = await serverForTest({ webFolder: built.folder });
    browser = await openBrowser({ width: 1440, height: 900 });
    await signInBrowser(browser, server);
    page = browser.pages()[0] ?? await browser.newPage();
    page.setDefaultTimeout(20_000);
    seen = watched(page, server.address);
    await page.goto(`${server.address}/`);
    await choose(page, { theme: 'dark', language: 'en' });
  }, 240_000);
  afterAll(async () => {
    camera?.stop();
    await browser?.close();
    await decider?.close();
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
    // An account that no person on duty is named for hears that no call comes, and what can be done.
    await page.locator('[data-not-on-duty]').waitFor();
    expect(await text('[data-not-on-duty]')).toBe('Your account is not that of a person on duty. No call comes here. Whoever looks after the accounts can name the person. You can report all the same. Accounts');
    expect(await page.getByText('Nothing is asked of you now.').count()).toBe(0);
    expect(await axeFaults(page)).toEqual([]);
    await choose(page, { theme: 'dark', language: 'zh' });
    await until('in Chinese', async () => await text('[data-not-on-duty]') === '您的账户没有对应的值班人员。 任务不会发到这里。账户管理员可以为您指定值班人员。 您仍然可以上报。 账户');
    await choose(page, { theme: 'dark', language: 'en' });
    await page.getByRole('link', { name: 'Accounts' }).click();
    await until('where accounts are', () => page.url().endsWith('#/accounts'));
    // Whoever may only look is offered no report, neither by a link nor by the address.
    await signInBrowser(browser, server, await server.signedInAs({ roles: [{ role: 'viewer', unitId: null }] }));
    await open('/duty/report');
    await page.reload();
    await page.locator('[data-not-on-duty]').waitFor();
    expect([await text('[data-not-on-duty]'), await page.locator('.du-report').count(), await page.locator('.du-report-form').count()]).toEqual(['Your account is not that of a person on duty. No call comes here. Whoever looks after the accounts can name the person.', 0, 0]);
    await signInBrowser(browser, server);
  }, SLOW);

  test('WI2 a new incident comes into the list by itself; J and K choose, the map follows the list, Enter opens', async () => {
    city = await cityForTest(server);
    camera = cameraForTest(server, city.place);
    camera.crowd(3);
    decider = await runDecide({ store: server.store, bus: server.bus, settings: {}, rules: server.ruleKinds, log: quietLog, holder: 'test' });
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
    // Enter on a button is that button's.
    await page.getByRole('button', { name: 'Keys' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Keys of this page').waitFor();
    await page.keyboard.press('Escape');
    await until('the focus is back where it was', () => page.evaluate(`document.activeElement?.classList.contains('in-key-button') && document.querySelector('[role="dialog"]') === null`), 15_000);
    await page.locator('.in-rows').focus();
    await page.keyboard.press('Enter');
    await stepOf('dispatched');
    expect(await text('.in-one-head')).toMatch(/East gate/);
    await page.screenshot({ path: join(shots, 'incident-dark-en.png') });
  }, SLOW);

  test('WI3 filters and the search narrow the list as the server does; a closed one leaves the open ones and is found under the closed', async () => {
    await open('/incidents');
    await until('both are there', async () => await rows().count() === 2, 15_000);
    await page.keyboard.press('/');
    await page.keyboard.type('canal');
    await until('one is left', async () => await rows().count() === 1, 15_000);
    expect(await text('.in-rows [role="option"]')).toMatch(/Burst pipe/);
    await page.locator('.in-search').first().fill('');
    await page.getByLabel('Severity').selectOption('serious');
    await until('the serious one', async () => await rows().count() === 1 && await rows().first().getAttribute('data-severity') === 'serious', 15_000);
    await page.getByLabel('Severity').selectOption('');
    await page.getByRole('combobox', { name: 'Unit' }).fill('West');
    await page.getByRole('option', { name: /West grid \(G2\)/ }).click();
    await until('the one of the western grid', async () => await rows().count() === 1 && /Burst pipe/.test(await rows().first().innerText()), 15_000);
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await until('both again', async () => await rows().count() === 2, 15_000);
    const closed = await city.report({ category: 'equipment', severity: 'minor', title: 'Lamp broken' });
    await until('three', async () => await rows().count() === 3, 15_000);
    await close(closed.incidentId);
    await until('two again, without asking', async () => await rows().count() === 2, 15_000);
    await page.getByLabel('State').selectOption('closed');
    await until('under the closed', async () => await rows().count() === 1 && /Lamp broken/.test(await rows().first().innerText()), 15_000);
    await page.getByLabel('State').selectOption('open');
  }, SLOW);

  async function close(incidentId: string): Promise<void> {
    const boss = city.actorOf(city.chief);
    if ((await city.incident(incidentId)).step === 'reported') await city.give(incidentId, { type: 'dispatch', memberIds: [], words: '' });
    await city.give(incidentId, { type: 'handle', words: 'done', attachments: [] });
    await city.give(incidentId, { type: 'followUp', stillWell: true, words: 'calm', attachments: [] });
    await city.give(incidentId, { type: 'assess', outcome: 'resolved', words: 'over', attachments: [] }, boss);
  }

  test('WI4 whoever is signed in stands in the head, and a report goes out under that name from a point of the map', async () => {
    await open('/incidents');
    await iAm(city.operator);
    await page.locator('.in-who').click();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await until('the name stands in the head', async () => /Chen Jie/.test(await text('.in-who')));
    await page.locator('.in-map[data-ready]').waitFor();
    await page.locator('.in-head h2').click();
    await page.keyboard.press('r');
    await page.locator('.in-report').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('button', { name: /^Report$/ }).last().click();
    expect(await text('.in-report')).toMatch(/Say what it is\..*Say where: choose a zone or click on the map\./);
    await page.getByLabel('What', { exact: true }).selectOption('medicalHelp');
    await page.getByText('Critical', { exact: true }).click();
    await page.getByLabel('What do you see?').fill('Somebody has collapsed at the stairs');
    const map = (await page.locator('.in-map-host').boundingBox())!;
    await page.mouse.click(map.x + map.width * 0.5, map.y + map.height * 0.6);
    await page.locator('.in-picked').waitFor();
    await page.getByLabel('Name of the place').fill('Stairs, south');
    await page.setInputFiles('.in-report input[type="file"]', { name: 'stairs.png', mimeType: 'image/png', buffer: await page.screenshot({ clip: { x: 0, y: 0, width: 200, height: 120 } }) });
    await page.locator('.in-report li[data-state="there"]').waitFor();
    await page.screenshot({ path: join(shots, 'report-dark-en.png') });
    await page.getByRole('button', { name: /^Report$/ }).last().click();
    await page.locator('.in-one').waitFor();
    expect(await text('.in-one-head')).toMatch(/Medical help Stairs, south.* Critical · Medical help · Reported by Chen Jie/);
    expect(await text('.in-timeline [data-what="reported"]')).toMatch(/Reported Chen Jie, operator.*Somebody has collapsed/);
    await until('the photo is shown', () => page.evaluate(`[...document.querySelectorAll('.in-attached img')].some((img) => img.complete && img.naturalWidth === 200)`), 15_000);
    const incident = await city.incident(decodeURIComponent(page.url().split('/').at(-1)!));
    expect([incident.category, incident.severity, incident.reportedBy.name, incident.place.unitId !== null]).toEqual(['medicalHelp', 'critical', 'Chen Jie', true]);
  }, SLOW);

  let walked: string;
  test('WI5 an incident is carried by keys from dispatch to closure; what is refused says why, and who reported never assesses', async () => {
    ({ incidentId: walked } = await city.report({ words: 'Pushing at the gate' }));
    await open(`/incidents/${walked}`);
    await stepOf('dispatched');
    // A follow-up before it is under control: the key says why not, in words of the page.
    await page.keyboard.press('f');
    await until('the reason', async () => /This incident is Dispatched; this cannot be done now: Follow up/.test(await text('.in-refused')));
    expect(await page.locator('.in-actions [data-command="followUp"]').count()).toBe(0);
    await page.keyboard.press('d');
    await page.getByLabel(/Wang Fang/).check();
    await page.keyboard.press('Escape');
    await page.locator('[data-command="dispatch"] form').waitFor({ state: 'detached' });
    await page.keyboard.press('d');
    expect(await page.getByLabel(/Wang Fang/).isChecked(), 'what was chosen is still there').toBe(true);
    expect(await axeFaults(page)).toEqual([]);
    await page.locator('.in-dialog button[type="submit"]').click();
    await page.locator(`.in-people [data-member="${city.wang.memberId}"][data-state="asked"]`).waitFor();
    await city.give(walked, { type: 'accept', words: '' }, city.actorOf(city.wang));
    await page.locator(`.in-people [data-member="${city.wang.memberId}"][data-state="accepted"]`).waitFor();
    await city.give(walked, { type: 'arrive', words: '' }, city.actorOf(city.wang));
    await page.locator(`.in-people [data-member="${city.wang.memberId}"][data-state="arrived"]`).waitFor();
    await page.locator('[data-action="call"] .in-tick').click();
    await page.locator('[data-action="call"][data-state="done"]').waitFor();
    await page.screenshot({ path: join(shots, 'incident-walked-dark-en.png') });
    await page.keyboard.press('h');
    await page.locator('.in-dialog button[type="submit"]').click();
    await page.getByText('Words are needed.').waitFor();
    await page.getByLabel('Why, or what you did').fill('The side exit was unlocked, people flow off');
    await page.keyboard.press('Control+Enter');
    await stepOf('handled');
    await page.keyboard.press('f');
    await page.getByLabel('Yes, still well').check();
    await page.getByLabel('Why, or what you did').fill('Looked again');
    await page.locator('.in-dialog button[type="submit"]').click();
    await stepOf('followedUp');
    // The reporter at this screen.
    await page.keyboard.press('c');
    await until('the reason', async () => /Who reported an incident does not assess it/.test(await text('.in-refused')));
    await iAm(city.actorOf(city.chief));
    await stepOf('followedUp');
    await page.keyboard.press('c');
    await page.getByLabel('Resolved').check();
    await page.getByLabel('Why, or what you did').fill('Gate widened');
    await page.locator('.in-dialog button[type="submit"]').click();
    await stepOf('closed');
    expect(await text('.in-timeline li')).toMatch(/Assessed and closed: Resolved Anna Berg, duty officer Gate widened/);
    expect((await city.incident(walked)).assessment?.by.name).toBe('Anna Berg');
    await page.keyboard.press('r');
    await page.getByLabel('Why, or what you did').fill('It begins again');
    await page.locator('.in-dialog button[type="submit"]').click();
    await stepOf('dispatched');
  }, 2 * SLOW);

  test('WI6 what somebody types stays while others act, and a step that got no answer is sent again as one step', async () => {
    await page.getByLabel('Write a note').fill('I am still writing th');
    await city.give(walked, { type: 'note', words: 'Another one was faster', attachments: [] });
    await page.locator('.in-timeline', { hasText: 'Another one was faster' }).waitFor();
    expect(await page.getByLabel('Write a note').inputValue()).toBe('I am still writing th');
    await page.getByLabel('Write a note').fill('I am still writing this');
    // The server takes it, and its answer is lost on the way.
    let lost = 0;
    await page.route('**/commands', async (route) => { if (lost++ === 0) { await route.fetch(); await route.abort(); } else await route.continue(); });
    await page.getByRole('button', { name: 'Add the note' }).click();
    await page.locator('[data-trouble="line"]').first().waitFor();
    expect(await page.getByLabel('Write a note').inputValue()).toBe('I am still writing this');
    await page.getByRole('button', { name: 'Add the note' }).click();
    await until('the box is empty', async () => await page.getByLabel('Write a note').inputValue() === '');
    await page.unroute('**/commands');
    const { body } = await server.send('GET', `/api/incidents/${walked}`);
    expect(body.events.filter((event: { words: string }) => event.words === 'I am still writing this')).toHaveLength(1);
  }, SLOW);

  test('WI7 joined, split and linked incidents lead to each other; an exercise says so across the page and in the list', async () => {
    const one = await city.report({ title: 'First call' }), other = await city.report({ title: 'Second call' });
    await open(`/incidents/${one.incidentId}`);
    await stepOf('dispatched');
    await page.keyboard.press('l');
    await page.getByRole('radio', { name: /Second call/ }).check();
    await page.locator('.in-dialog button[type="submit"]').click();
    await page.locator('.in-links', { hasText: 'Second call' }).waitFor();
    await page.keyboard.press('m');
    await page.getByRole('radio', { name: /Second call/ }).check();
    await page.getByLabel('Why, or what you did').fill('The same thing');
    await page.locator('.in-dialog button[type="submit"]').click();
    await stepOf('merged');
    expect((await city.incident(one.incidentId)).mergedInto).toBe(other.incidentId);
    await page.locator('.in-links a', { hasText: 'Second call' }).first().click();
    await until('the other', async () => /Second call/.test(await text('.in-one-head')));
    const drill = await city.report({ title: 'Drill at the gate', exercise: true });
    await open('/incidents');
    await page.locator(`[data-incident-id="${drill.incidentId}"] .in-exercise`).waitFor();
    await open(`/incidents/${drill.incidentId}`);
    await page.locator('.in-exercise-banner').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.screenshot({ path: join(shots, 'incident-exercise-dark-en.png') });
  }, SLOW);

  test('WI8 on a phone a call arrives by itself with a sound; accept, on site, help, under control with a photo, all with the thumb', async () => {
    const phone = await browser.newPage();
    const phoneSeen = watched(phone, server.address);
    try {
      await phone.setViewportSize({ width: 390, height: 844 });
      await phone.addInitScript(`window.shakesForTest = 0; navigator.vibrate = () => { window.shakesForTest++; return true; };`);
      await open('/duty', phone);
      await iAm(city.actorOf(city.li), phone);
      await phone.locator('.du-head').waitFor();
      for (const incident of (await server.send('GET', `/api/incidents?state=open&memberId=${city.li.memberId}`)).body.incidents as { incidentId: string; people: { memberId: string; state: string }[] }[]) {
        if (incident.people.some(({ memberId, state }) => memberId === city.li.memberId && (state === 'asked' || state === 'accepted'))) await city.give(incident.incidentId, { type: 'decline', words: 'for the test' }, city.actorOf(city.li));
      }
      await until('nothing is asked', async () => await phone.getByText('Nothing is asked of you now.').count() === 1, 15_000);
      expect(await axeFaults(phone)).toEqual([]);
      const { incidentId } = await city.report({ severity: 'critical', title: 'Crush at the gate' });
      await phone.locator(`.du-call[data-incident-id="${incidentId}"]`).waitFor({ timeout: 15_000 });
      await until('said and shaken', async () => /New call: Crush at the gate, East gate/.test(await text('.du-toast', phone)) && await phone.evaluate('window.shakesForTest') as number > 0);
      await phone.screenshot({ path: join(shots, 'duty-call-dark-en.png') });
      await phone.reload();
      await phone.locator(`.du-call[data-incident-id="${incidentId}"]`).waitFor({ timeout: 15_000 });
      await phone.waitForTimeout(1000);
      expect(await phone.locator('.du-toast').count(), 'a call that was there before is shown, not called out again').toBe(0);
      expect(await axeFaults(phone)).toEqual([]);
      const accept = (await phone.locator('[data-do="accept"]').boundingBox())!;
      expect(accept.height).toBeGreaterThanOrEqual(56);
      expect(accept.y + accept.height).toBeLessThan(844);
      await phone.locator('[data-do="accept"]').click();
      await phone.locator('[data-mine="accepted"]').waitFor();
      await until('the record has it', async () => (await city.incident(incidentId)).assignments.some(({ memberId, state }) => memberId === city.li.memberId && state === 'accepted'));
      await phone.locator('[data-do="arrive"]').click();
      await phone.locator('[data-mine="arrived"]').waitFor();
      await phone.getByRole('button', { name: 'NEED HELP' }).click();
      await phone.getByRole('button', { name: 'Ambulance' }).click();
      await until('help is asked for', async () => (await city.incident(incidentId)).assignments.some(({ memberId, needsHelp }) => memberId === city.li.memberId && needsHelp), 15_000);
      await phone.locator('[data-do="handle"]').click();
      await phone.getByLabel('A few words').fill('Barrier opened');
      await phone.setInputFiles('.du-photos input', { name: 'gate.png', mimeType: 'image/png', buffer: await page.screenshot({ clip: { x: 0, y: 0, width: 300, height: 200 } }) });
      await phone.locator('.du-photo img').waitFor();
      await phone.screenshot({ path: join(shots, 'duty-control-dark-en.png') });
      await phone.getByRole('button', { name: 'SEND' }).click();
      await until('under control', async () => (await city.incident(incidentId)).step === 'handled', 15_000);
      const { body } = await server.send('GET', `/api/incidents/${incidentId}`);
      const handled = body.events.find((event: { what: string }) => event.what === 'handled');
      expect([handled.actor.memberId, handled.words, handled.attachments.map(({ type, name }: { type: string; name: string }) => [type, name])]).toEqual([city.li.memberId, 'Barrier opened', [['image/jpeg', 'gate.jpg']]]);
      expect({ ...phoneSeen }).toEqual({ foreign: [], faults: [] });
    } finally { await phone.close(); }
  }, 2 * SLOW);

  test('WI9 without a network what is done on the phone waits there, over a reload, and is taken once when the network is back', async () => {
    const phone = await browser.newPage();
    try {
      await phone.setViewportSize({ width: 390, height: 844 });
      await open('/duty', phone);
      await iAm(city.actorOf(city.li), phone);
      const { incidentId } = await city.report({ title: 'Smoke', category: 'fire' });
      await phone.locator(`.du-call[data-incident-id="${incidentId}"] [data-do="accept"]`).waitFor({ timeout: 15_000 });
      // Everything that would reach the server is cut, and one answer is lost after it was taken.
      let takenUnheard = 0;
      await phone.route('**/api/incidents/**/commands', async (route) => { if (takenUnheard++ === 0) await route.fetch(); await route.abort('internetdisconnected'); });
      await phone.locator('[data-do="accept"]').click();
      await phone.locator('[data-do="arrive"]').click();
      await until('it waits and says so', async () => /Waiting to be sent/.test(await phone.locator('main').innerText()), 15_000);
      await phone.screenshot({ path: join(shots, 'duty-waiting-dark-en.png') });
      await phone.reload();
      await phone.locator('[data-outbox="1"], [data-outbox="2"]').waitFor();
      await phone.unroute('**/api/incidents/**/commands');
      // Somebody else takes the phone: what Li Wei did is not sent as theirs, nor shown to them.
      await iAm(city.actorOf(city.wang), phone);
      await phone.locator('[data-outbox-others]').waitFor();
      await phone.evaluate(`dispatchEvent(new Event('online'))`);
      await phone.waitForTimeout(1000);
      expect([await phone.locator('[data-outbox]').count(), (await city.incident(incidentId)).assignments.some(({ memberId, state }) => memberId !== city.li.memberId && (state === 'accepted' || state === 'arrived')), (await city.incident(incidentId)).assignments.some(({ state }) => state === 'arrived')]).toEqual([0, false, false]);
      await iAm(city.actorOf(city.li), phone);
      await phone.evaluate(`dispatchEvent(new Event('online'))`);
      await until('it is taken', async () => (await city.incident(incidentId)).assignments.some(({ memberId, state }) => memberId === city.li.memberId && state === 'arrived'), 30_000);
      await phone.locator('[data-outbox]').waitFor({ state: 'detached' });
      const { body } = await server.send('GET', `/api/incidents/${incidentId}`);
      expect(body.events.filter((event: { what: string; actor: Actor }) => event.actor.memberId === city.li.memberId).map((event: { what: string }) => event.what)).toEqual(['accepted', 'arrived']);
    } finally { await phone.close(); }
  }, 2 * SLOW);

  test('WI10 a worker reports by a few touches from where the phone is', async () => {
    const phone = await browser.newPage();
    try {
      await browser.grantPermissions(['geolocation'], { origin: server.address });
      await browser.setGeolocation({ longitude: 121.4703, latitude: 31.2302, accuracy: 12 });
      await phone.setViewportSize({ width: 390, height: 844 });
      await open('/duty/report', phone);
      await iAm(city.actorOf(city.li), phone);
      await phone.getByRole('button', { name: 'Falling tree' }).waitFor();
      await until('nothing stands above it', async () => await phone.locator('.judged-banner').count() === 0, 15_000);
      // The first touch of a page turns its sound on: what is touched does not move away under the finger.
      const gas = phone.getByRole('button', { name: 'Gas' }), before = (await gas.boundingBox())!;
      expect(await phone.locator('.sound-blocked').count()).toBe(1);
      await gas.click();
      await phone.locator('.sound-on').waitFor();
      expect([await gas.getAttribute('aria-pressed'), (await gas.boundingBox())!.y]).toEqual(['true', before.y]);
      await phone.getByRole('button', { name: 'Where I am' }).click();
      await phone.getByText('Here, ± 12 m').waitFor();
      await phone.getByRole('button', { name: 'Serious' }).click();
      await phone.getByLabel('What do you see?').fill('It smells of gas');
      expect(await axeFaults(phone)).toEqual([]);
      await phone.screenshot({ path: join(shots, 'duty-report-dark-en.png'), fullPage: true });
      await phone.getByRole('button', { name: 'SEND' }).click();
      const found = await until('it is reported', async () => ((await server.send('GET', '/api/incidents?state=open&category=gas')).body.incidents as { incidentId: string }[])[0], 15_000);
      const incident = await city.incident(found.incidentId);
      expect([incident.reportedBy.memberId, incident.severity, incident.place.point, incident.unitId]).toEqual([city.li.memberId, 'serious', { lng: 121.4703, lat: 31.2302 }, city.east.unitId]);
    } finally { await phone.close(); }
  }, SLOW);

  test('WI15 a call that comes while no page is open is shown by the browser, once for each notice, and names only pages of this server', async () => {
    const phone = await browser.newPage();
    try {
      await browser.grantPermissions(['notifications'], { origin: server.address });
      await open('/duty', phone);
      await phone.evaluate(`navigator.serviceWorker.register('/pushWorker.js').then(() => navigator.serviceWorker.ready).then(() => true)`);
      // The browser's own way of handing a push to a worker; only the push service on the internet is left out.
      const session = await browser.newCDPSession(phone);
      const registered = new Promise<string>((done) => { session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => { const own = registrations.find(({ isDeleted }) => !isDeleted); if (own !== undefined) done(own.registrationId); }); });
      await session.send('ServiceWorker.enable');
      const registrationId = await registered;
      const push = (data: object | string) => session.send('ServiceWorker.deliverPushMessage', { origin: server.address, registrationId, data: typeof data === 'string' ? data : JSON.stringify(data) });
      const shown = () => phone.evaluate(`navigator.serviceWorker.ready.then((worker) => worker.getNotifications()).then((all) => all.map(({ title, body, data }) => [title, body, data.path]))`) as Promise<[string, string, string][]>;
      const call = { messageId: 'i1.3.asked.m1', kind: 'asked', exercise: false, language: 'zh', title: '请前往:东门', body: '拥挤,严重', path: '/#/duty/i1' };
      // A push to a worker that is just being started may be lost, as on a real phone; the same one again is the same notice.
      await until('it is shown', async () => { await push(call); await phone.waitForTimeout(300); return (await shown()).length > 0; }, 15_000);
      await push(call);
      await phone.waitForTimeout(500);
      expect(await shown()).toEqual([['请前往:东门', '拥挤,严重', '/#/duty/i1']]);
      await until('all are shown', async () => {
        await push({ ...call, messageId: 'i2', title: 'Elsewhere', path: 'https://elsewhere.example/' });
        await push('no words');
        await phone.waitForTimeout(300);
        return (await shown()).length >= 3;
      }, 15_000);
      expect((await shown()).map(([title, , path]) => [title, path]).toSorted()).toEqual([['Crowdlight', '/#/duty'], ['Elsewhere', '/#/duty'], ['请前往:东门', '/#/duty/i1']]);
    } finally { await phone.close(); }
  }, SLOW);

  test('WI11 supervision: overdue by age, what nobody answers first, urged and taken over by keys; the shift is handed over', async () => {
    await open(`/board/${city.town.unitId}`);
    await iAm(city.actorOf(city.chief));
    await page.locator('.in-tree tr[data-unit]').first().waitFor();
    expect(await page.locator('.in-tree tr[data-unit]').count()).toBe(2);
    await until('open ones are listed', async () => await rows().count() >= 2, 15_000);
    expect(await axeFaults(page)).toEqual([]);
    const target = await city.report({ title: 'To be taken over' });
    const row = page.locator(`.in-rows [data-incident-id="${target.incidentId}"]`);
    await row.waitFor({ timeout: 15_000 });
    await row.click();
    await page.locator('.in-actions [data-command="urge"]').waitFor();
    await page.keyboard.press('u');
    await page.getByLabel('Why, or what you did').fill('Three minutes are over');
    await page.locator('.in-dialog button[type="submit"]').click();
    await until('urged', async () => (await city.incident(target.incidentId)).urgedCount === 1);
    await page.locator('.in-dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('t');
    await page.getByLabel('Why, or what you did').fill('We do it');
    await page.locator('.in-dialog button[type="submit"]').click();
    await until('taken over', async () => (await city.incident(target.incidentId)).unitId === city.town.unitId);
    await page.screenshot({ path: join(shots, 'board-dark-en.png') });
    await page.locator('.in-dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('h');
    await page.getByLabel('To whom').fill('Night shift');
    await page.getByLabel('What they must know').fill('The east gate stays narrow');
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Hand over', exact: true }).click();
    await page.locator('.in-handovers', { hasText: 'The east gate stays narrow' }).waitFor();
    const { body } = await server.send('GET', `/api/incidents/${target.incidentId}`);
    expect(body.events.some((event: { what: string; values: { toName?: string } }) => event.what === 'handedOver' && event.values.toName === 'Night shift')).toBe(true);
  }, SLOW);

  test('WI12 statistics by unit, category and step, few ones without a share, and the same as CSV; nobody is named', async () => {
    for (let each = 0; each < 3; each++) await close((await city.report({ category: 'traffic', severity: 'minor' })).incidentId);
    await open('/statistics');
    await page.getByText('Category', { exact: true }).first().click();
    await page.locator('tr[data-key="traffic"]').waitFor();
    expect(await text('tr[data-key="traffic"]')).toMatch(/^Traffic 3 0 0 0 /);
    expect(await text('tr[data-key="traffic"]')).toMatch(/100 %/);
    expect(await text('tr[data-key="equipment"]')).toMatch(/few/);
    expect(await axeFaults(page)).toEqual([]);
    await page.screenshot({ path: join(shots, 'statistics-dark-en.png') });
    const csv = await (await server.fetch((await page.getByRole('link', { name: 'Download as CSV' }).getAttribute('href'))!)).text();
    expect(csv).toMatch(/traffic|Traffic/);
    for (const name of [city.li.name, city.wang.name, city.chief.name, city.operator.name]) { expect(csv).not.toContain(name); expect(await page.locator('.in-table').innerText()).not.toContain(name); }
  }, SLOW);

  for (const theme of ['light', 'dark'] as const) for (const language of ['en', 'zh'] as const) {
    test(`WI13 every page in ${theme} and ${language === 'en' ? 'English' : 'Chinese'}: accessible, nothing from elsewhere, nothing cut off`, async () => {
      await page.setViewportSize({ width: 1440, height: 900 });
      await choose(page, { theme, language });
      const open1 = ((await server.send('GET', '/api/incidents?state=open&category=crowding')).body.incidents as { incidentId: string }[])[0]!;
      for (const [name, path, ready] of [['incidents', '/incidents', '.in-rows [role="option"]'], ['incident', `/incidents/${open1.incidentId}`, '.in-timeline li'], ['walked', `/incidents/${walked}`, '.in-timeline li'], ['board', `/board/${city.town.unitId}`, '.in-tree tr[data-unit]'], ['statistics', '/statistics', '.in-table tr[data-key]'], ['duty', '/duty', '.du-head']] as const) {
        await open(path);
        await page.locator(ready).first().waitFor();
        expect(await axeFaults(page), name).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${name} fits the screen`).toBe(true);
        await page.screenshot({ path: join(shots, `page-${name}-${theme}-${language}.png`) });
        if (language === 'zh') expect((await page.locator('main').innerText()).match(/\b(incident|overdue|asked|open|deadline)\b/gi) ?? [], name).toEqual([]);
      }
      await page.setViewportSize({ width: 390, height: 844 });
      for (const [name, path, ready] of [['incidents', '/incidents', '.in-rows [role="option"]'], ['incident', `/incidents/${open1.incidentId}`, '.in-timeline li'], ['duty', '/duty', '.du-head'], ['duty-report', '/duty/report', '.du-grid']] as const) {
        await open(path);
        await page.locator(ready).first().waitFor();
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${name} fits the phone`).toBe(true);
        await page.screenshot({ path: join(shots, `phone-${name}-${theme}-${language}.png`) });
      }
      await page.setViewportSize({ width: 1440, height: 900 });
    }, 2 * SLOW);
  }

  test('WI14 in all of this the pages asked no other origin and broke nowhere', () => {
    expect({ ...seen }).toEqual({ foreign: [], faults: [] });
  });
});
