// The pages of units, people, times and lists of actions in a real Chromium, against the real server and PostgreSQL: drawn, filled in and imported, by keyboard alone where a person would.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SYSTEM_ACTOR } from '../../contract/incident.ts';
import type { Unit } from '../../contract/unit.ts';
import { serverForTest, siteBody, until, zoneBody, type ServerForTest } from '../server/serverForTest.ts';
import { axeFaults, builtPage, choose, openBrowser, signInBrowser, watched, whyNoChromium } from './pageForTest.ts';

const shots = process.env['UNIT_SHOTS'] ?? '';
const square = (lng: number, lat: number, side: number) => [{ outer: [{ lng, lat }, { lng: lng + side, lat }, { lng: lng + side, lat: lat + side }, { lng, lat: lat + side }], holes: [] }];

describe.skipIf(whyNoChromium !== null)(`units and people in the browser${whyNoChromium === null ? '' : ` (not run: ${whyNoChromium})`}`, { timeout: 300_000 }, () => {
  let server: ServerForTest, browser: BrowserContext, page: Page, built: ReturnType<typeof builtPage>, seen: ReturnType<typeof watched>, siteId: string, zoneId: string;
  beforeAll(async () => {
    if (shots !== '') mkdirSync(shots, { recursive: true });
    built = builtPage();
    server = await serverForTest({ webFolder: built.folder, timeZone: 'UTC' });
    siteId = (await server.store.addSite({ ...siteBody({ name: 'Station square', origin: { lng: 121.4, lat: 31.2 } }), demo: false })).site.siteId;
    zoneId = (await server.store.addZone(siteId, zoneBody({ name: 'East gate' }))).zone.zoneId;
    browser = await openBrowser({ width: 1280, height: 900 });
    await signInBrowser(browser, server);
    page = await browser.newPage();
    page.setDefaultTimeout(30_000);
    seen = watched(page, server.address);
    await page.goto(server.address);
    await choose(page, { theme: 'dark', language: 'en' });
  }, 400_000);
  afterAll(async () => { await browser?.close(); await server?.close(); built?.remove(); });

  const open = async (path: string) => { await page.goto(`${server.address}/#${path}`); };
  const shot = async (name: string) => { if (shots !== '') await page.screenshot({ path: join(shots, `${name}.png`) }); };
  const unitOf = async (code: string): Promise<Unit> => await until(`the unit ${code}`, async () => (await server.store.units()).find((unit) => unit.code === code));
  /** What a screen reader says of the element that has the focus. */
  const focused = () => page.evaluate(`(() => { const it = document.activeElement; if (it === null) return ''; const labels = it.labels ? [...it.labels].map((label) => label.innerText) : []; return [it.getAttribute('aria-label'), ...labels, it.innerText, it.value].filter(Boolean).join(' | '); })()`) as Promise<string>;
  /** Tab, and nothing else, until something of this name has the focus. */
  async function tabTo(name: string | RegExp): Promise<void> {
    const found: string[] = [];
    for (let presses = 0; presses < 250; presses++) {
      await page.keyboard.press('Tab');
      const said = await focused();
      found.push(said);
      if (typeof name === 'string' ? said.split(' | ').some((part) => part.trim() === name || part.replace(/\s*\*$/, '').trim() === name) : name.test(said)) return;
    }
    throw new Error(`nothing named ${name} is reached by Tab; what is: ${found.slice(0, 60).join(' / ')}`);
  }
  const typeInto = async (name: string | RegExp, text: string) => { await tabTo(name); await page.keyboard.press('ControlOrMeta+a'); await page.keyboard.type(text); };
  const pressOn = async (name: string | RegExp) => { await tabTo(name); await page.keyboard.press('Enter'); };

  test('US1 a unit is drawn, named and kept by keyboard alone', async () => {
    await open('/setup');
    await page.getByRole('heading', { name: 'Station square' }).waitFor();
    await pressOn('Units and people');
    await page.getByText('No unit is drawn yet').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await pressOn('Draw a unit');
    await page.locator('[data-unit="new"] .org-map[data-ready]').waitFor();
    expect(await page.getByRole('button', { name: 'Save the unit' }).isDisabled()).toBe(true);
    await pressOn('Start with a rectangle');
    await page.locator('.org-outline[data-corners="4"]').waitFor();
    await typeInto('Name in Chinese', '海城市');
    await typeInto('Name in English', 'Haicheng');
    await pressOn('Save the unit');
    // The code is still missing: said at its field, which has the focus.
    await page.getByText('The code needs letters or digits').waitFor();
    await until('the focus is on the code', async () => /^Code|Code/.test(await focused()));
    await page.keyboard.type('HC');
    await pressOn('Save the unit');
    await page.locator('[data-unit="HC"]').waitFor();
    expect(await unitOf('HC')).toMatchObject({ level: 'city', names: { en: 'Haicheng', zh: '海城市' }, parentId: null });
    expect(await axeFaults(page)).toEqual([]);
    await shot('01-city');
  });

  test('US2 corners are moved by keyboard and by mouse, taken back, and what moved to another unit is told', async () => {
    const city = await unitOf('HC');
    // A township around the site, put there by somebody else: the page takes it over by itself.
    const shape = await server.store.unitShape(city.unitId);
    await server.store.changeUnit(city.unitId, { level: 'city', code: 'HC', names: city.names, parentId: null, shape: square(121.2, 31, 0.4), by: SYSTEM_ACTOR });
    expect(shape).not.toBeNull();
    const { unit: town } = await server.store.addUnit({ level: 'township', code: 'T1', names: { en: 'Riverside', zh: '滨江街道' }, parentId: city.unitId, shape: square(121.35, 31.15, 0.1), by: SYSTEM_ACTOR });
    await server.store.addMember(town.unitId, { name: 'Wang Fang', duty: 'dutyOfficer', language: 'zh', contacts: [] });
    await open(`/setup/units/${town.unitId}`);
    await page.reload();
    await page.locator('[data-unit="T1"] .setup-handle').first().waitFor();
    expect(await page.getByRole('listitem').filter({ hasText: 'Station square' }).count()).toBe(1);
    const north = () => page.evaluate(`document.querySelector('[data-handle="corner-0-o-1"]').getAttribute('aria-label')`) as Promise<string>;
    const before = await north();
    await page.locator('[data-handle="corner-0-o-1"]').focus();
    await page.keyboard.press('ArrowUp');
    expect(await north()).not.toBe(before);
    await page.keyboard.press('ControlOrMeta+z');
    expect(await north()).toBe(before);
    await page.evaluate(`document.querySelector('.org-map').scrollIntoView({ block: 'center' })`);
    // By mouse: the eastern side goes west of the site, the whole strip by two corners.
    const dragTo = async (handle: string, beside: string) => {
      const a = (await page.locator(`[data-handle="${handle}"] [data-middle]`).boundingBox())!, b = (await page.locator(`[data-handle="${beside}"] [data-middle]`).boundingBox())!;
      await page.mouse.move(a.x + a.width / 2, a.y + a.height / 2);
      await page.mouse.down();
      await page.mouse.move(b.x + b.width / 2 + 50, a.y + a.height / 2, { steps: 6 });
      await page.mouse.up();
    };
    await dragTo('corner-0-o-2', 'corner-0-o-1');
    await dragTo('corner-0-o-3', 'corner-0-o-4');
    await shot('02-outline');
    await page.getByRole('button', { name: 'Save the unit' }).click();
    await page.locator('[data-saved]').waitFor();
    expect(await page.locator('[data-saved]').innerText()).toMatch(/Site: Station square: from Riverside to Haicheng/);
    expect((await server.store.unitsAt({ lng: 121.4003, lat: 31.2002 })).map(({ code }) => code)).toEqual(['HC']);
    expect(await axeFaults(page)).toEqual([]);
    await open('/setup/units/changes');
    await page.locator('[data-change="changed"]').first().waitFor();
    expect(await page.locator('[data-change="changed"]').first().innerText()).toContain('Station square');
    expect(await axeFaults(page)).toEqual([]);
    await shot('03-changes');
  });

  test('US3 somebody else\'s change is not overwritten, and an outline that crosses itself is refused in words', async () => {
    const town = await unitOf('T1');
    await open(`/setup/units/${town.unitId}`);
    await page.getByLabel('Name in English').fill('Riverbank');
    await server.store.changeUnit(town.unitId, { level: 'township', code: 'T1', names: { en: 'Quay', zh: '码头街道' }, parentId: town.parentId, shape: square(121.35, 31.15, 0.1), by: SYSTEM_ACTOR });
    await server.bus.publish('unitsChanged', Buffer.from(JSON.stringify(await server.store.unitsVersion())));
    await page.locator('[data-problem="changedMeanwhile"]').waitFor();
    await page.getByRole('button', { name: 'Show the new state' }).click();
    expect(await page.getByLabel('Name in English').inputValue()).toBe('Quay');
    // Corner 2 and 3 change places: the ring crosses itself.
    await page.locator('summary').filter({ hasText: 'Corners in degrees' }).click();
    await page.getByLabel('Corner 2: degrees north').fill('31.25');
    await page.getByLabel('Corner 3: degrees north').fill('31.15');
    await page.getByLabel('Corner 3: degrees north').blur();
    await page.getByRole('button', { name: 'Save the unit' }).click();
    await page.locator('[data-problem="unitRefused"]').waitFor();
    expect(await page.locator('[data-problem="unitRefused"]').innerText()).toMatch(/crosses itself/);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await shot('04-refused');
    await page.reload();
  });

  test('US4 a person and their shift are entered by keyboard alone; hours without anybody are told; the test says what came of it', async () => {
    const town = await unitOf('T1');
    await server.store.addChannel({ kind: 'webhook', name: 'Duty pager', settings: { url: 'http://127.0.0.1:9/' }, settingsShown: { url: 'http://127.0.0.1:9/' } });
    await open(`/setup/units/${town.unitId}/people`);
    await page.locator('[data-member="Wang Fang"]').waitFor();
    expect(await page.locator('[data-on-duty]').getAttribute('data-on-duty')).toBe('1');
    await page.getByText('Without any shift everybody here is always on duty.').waitFor();
    await pressOn('Add a person');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Shift+Tab');
    await typeInto('Name', 'Li Wei');
    await pressOn('Save');
    await page.locator('[data-member="Li Wei"]').waitFor();
    const li = (await server.store.people(town.unitId)).members.find(({ name }) => name === 'Li Wei')!;
    expect(li).toMatchObject({ duty: 'fieldWorker', contacts: [], enabled: true });
    expect(await axeFaults(page)).toEqual([]);
    await page.getByText('Without any shift').waitFor();
    await pressOn('Add a shift');
    await typeInto('Shift 1: from', '07:30');
    await typeInto('Shift 1: until', '19:30');
    await page.getByText('Hours without anybody').waitFor();
    await pressOn('Save the shifts');
    await until('the shift is kept', async () => (await server.store.people(town.unitId)).shifts.length === 1);
    expect((await server.store.people(town.unitId)).shifts[0]).toMatchObject({ weekdays: [1, 2, 3, 4, 5], startMinute: 450, endMinute: 1170 });
    // The other half of the week: nights and the weekend.
    await page.getByRole('button', { name: 'Add a shift' }).click();
    await page.getByLabel('Shift 2: until').fill('07:30');
    await page.getByRole('button', { name: 'Add a shift' }).click();
    await page.getByLabel('Shift 3: from').fill('00:00');
    await page.getByLabel('Shift 3: until').fill('00:00');
    for (const day of ['Mon', 'Tue', 'Wed', 'Thu', 'Fri']) await page.getByLabel(`Shift 3: ${day}`).uncheck();
    await page.getByRole('button', { name: 'Save the shifts' }).click();
    await page.getByText('Shift 3 needs a day.').waitFor();
    for (const day of ['Sat', 'Sun']) await page.getByLabel(`Shift 3: ${day}`).check();
    await shot('05-people');
    await page.getByText('next day').first().waitFor();
    expect(await page.locator('[data-gaps]').getAttribute('data-gaps')).toBe('1');
    await page.getByLabel('Shift 2: Sun').check();
    await page.getByText('Somebody is on duty at every hour').waitFor();
    await page.getByRole('button', { name: 'Save the shifts' }).click();
    await until('all shifts are kept', async () => (await server.store.people(town.unitId)).shifts.length === 3);
    expect(await axeFaults(page)).toEqual([]);
    // A contact, and what a test of it says while nobody delivers.
    await page.getByRole('button', { name: 'Change Li Wei' }).click();
    await page.getByRole('button', { name: 'Add a contact' }).click();
    await page.getByLabel('Channel 1').selectOption({ label: 'Duty pager' });
    if (await page.getByLabel('Address 1').isEnabled()) await page.getByLabel('Address 1').fill('http://127.0.0.1:9/li');
    await shot('06-member');
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await until('the contact is kept', async () => (await server.store.member(li.memberId))!.contacts.length === 1);
    await page.getByRole('button', { name: 'Send a test to Li Wei' }).click();
    await page.locator('.org-tested p').first().waitFor({ timeout: 60_000 });
    await until('the test is over', async () => !/Being sent/.test(await page.locator('.org-tested').first().innerText()), 60_000);
    expect(await page.locator('.org-tested').first().innerText()).toMatch(/No process that delivers|Duty pager: not sent/);
    await page.getByRole('button', { name: 'Remove Li Wei' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await until('Li Wei is gone with the shifts', async () => { const { members, shifts } = await server.store.people(town.unitId); return members.length === 1 && shifts.every(({ memberId }) => memberId !== li.memberId); });
  });

  test('US5 times: inherited ones are quiet, own ones are typed as people write them, and none may come before the one before; a category about a gathering is refused', async () => {
    const town = await unitOf('T1');
    await open(`/setup/units/${town.unitId}/policy`);
    await page.getByRole('button', { name: 'Own times for Everything else' }).waitFor();
    expect(await page.locator('[data-category="*"] input').count()).toBe(0);
    expect(await axeFaults(page)).toEqual([]);
    await pressOn('Own times for Everything else');
    await typeInto('Everything else, Critical: on site', '30 s');
    await page.getByText('A later step has less time').waitFor();
    await page.getByLabel('Everything else, Critical: on site').fill('2 min');
    await page.getByLabel('Wait for an answer').fill('45 s');
    await page.getByRole('button', { name: 'Add a category' }).click();
    await page.getByLabel('Category 1: short word').fill('march');
    await page.getByLabel('Category 1: name in English').fill('Protest march');
    await page.getByText('A category names a place or a danger').waitFor();
    await shot('07-policy');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    expect((await server.store.policy(town.unitId)).own).toEqual({ ownCategories: [], deadlines: {} });
    await page.getByLabel('Category 1: short word').fill('lift');
    await page.getByLabel('Category 1: name in English').fill('Lift stuck');
    await page.getByLabel('Category 1: name in Chinese').fill('电梯困人');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved.').waitFor();
    const { own } = await server.store.policy(town.unitId);
    expect(own).toMatchObject({ answerS: 45, ownCategories: [{ category: 'lift', names: { en: 'Lift stuck', zh: '电梯困人' } }] });
    expect(own.deadlines['*']!.critical.onSite).toBe(120);
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'As above again: Everything else' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await until('the times are those from above again', async () => Object.keys((await server.store.policy(town.unitId)).own.deadlines).length === 0);
    await page.getByText('Saved.').waitFor();
  });

  test('US6 a list of actions is written and put in order by keyboard alone', async () => {
    await open(`/setup/sites/${siteId}/playbooks`);
    await page.getByText('No list yet.').waitFor();
    await pressOn('Write a list');
    await tabTo('Where');
    await page.keyboard.press('ArrowDown');
    await typeInto('Action 1: Within', '1 min 30 s');
    await typeInto('Action 1: Words in Chinese', '关闭 2 号门');
    await pressOn('Add an action');
    await page.keyboard.press('Shift+Tab');
    await page.getByRole('listitem', { name: 'Action 2' }).waitFor();
    await pressOn('Save the list');
    await page.getByText('Say what is to be done.').waitFor();
    await until('the focus is on the empty words', async () => /Action 2: Words in Chinese/.test(await focused()));
    await page.keyboard.type('广播疏导');
    await page.locator('.org-sheet h1').click();
    await pressOn('Earlier: action 2');
    await pressOn('Save the list');
    await page.locator('[data-playbook]').waitFor();
    const { playbooks: [kept] } = { playbooks: await server.store.playbooks(siteId) };
    expect(kept).toMatchObject({ zoneId, category: 'crowding', severityLeast: 'moderate', actions: [{ words: { zh: '广播疏导', en: '广播疏导' } }, { words: { zh: '关闭 2 号门' }, withinS: 90 }] });
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('button', { name: /^Change: East gate/ }).click();
    await page.getByLabel('Action 1: Sent by').selectOption({ label: 'Duty pager' });
    await page.getByLabel('Action 1: What is sent').fill('Please use the west exit.');
    await shot('08-playbook');
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save the list' }).click();
    await until('the action is sent by a channel', async () => (await server.store.playbooks(siteId))[0]!.actions[0]!.payload === 'Please use the west exit.');
    // A second one for the same case is refused in words.
    await page.getByRole('button', { name: 'Write a list' }).click();
    await page.getByLabel('Where', { exact: true }).selectOption(zoneId);
    // The site stands in the unit that named a category of its own.
    await until('the own category may be chosen', async () => (await page.getByLabel('What', { exact: true }).locator('option').allInnerTexts()).includes('Lift stuck'));
    await page.getByLabel('Action 1: Words in English').fill('Call the guard');
    await page.getByRole('button', { name: 'Save the list' }).click();
    await page.locator('[data-problem="playbookTwice"]').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
  });

  test('US7 a boundary file is looked at first; what is wrong is listed with its place; warnings are taken only when asked to', async () => {
    const feature = (code: string, level: string, parentCode: string | null, lng: number, lat: number, side: number, over: object = {}) => ({ type: 'Feature', properties: { code, level, name_en: code, name_zh: code, parentCode, ...over }, geometry: { type: 'Polygon', coordinates: [[[lng, lat], [lng + side, lat], [lng + side, lat + side], [lng, lat + side], [lng, lat]]] } });
    const file = (name: string, features: object[]) => { const path = join(built.folder, '..', `crowdlight-${process.pid}-${name}.geojson`); writeFileSync(path, JSON.stringify({ type: 'FeatureCollection', features })); return path; };
    const bow = { type: 'Feature', properties: { code: 'X9', level: 'township', name: 'Bow', parentCode: 'HC' }, geometry: { type: 'Polygon', coordinates: [[[121.25, 31.3], [121.3, 31.35], [121.3, 31.3], [121.25, 31.35], [121.25, 31.3]]] } };
    await open('/setup/units/import');
    await page.locator('input[type="file"]').setInputFiles(file('crossing', [bow, feature('T3', 'township', 'HC', 121.22, 31.02, 0.03)]));
    await page.getByRole('button', { name: 'Check the file' }).click();
    await page.locator('[data-fault="crossesItself"]').waitFor();
    expect(await page.getByRole('button', { name: /^Import/ }).count()).toBe(0);
    await page.locator('[data-fault="crossesItself"]').getByRole('button').click();
    await page.locator('.org-fault.chosen').waitFor();
    await shot('09-import');
    expect(await axeFaults(page)).toEqual([]);
    expect((await server.store.units()).some(({ code }) => code === 'T3')).toBe(false);
    // Two that overlap: a warning.
    await page.locator('input[type="file"]').setInputFiles(file('overlap', [feature('T3', 'township', 'HC', 121.22, 31.02, 0.03), feature('T4', 'township', 'HC', 121.24, 31.02, 0.03)]));
    await page.getByRole('button', { name: 'Check the file' }).click();
    await page.locator('[data-fault="overlaps"]').first().waitFor();
    await page.getByRole('button', { name: 'Import in spite of the warnings' }).click();
    await page.getByText('Imported: 2 new units, 0 changed.').waitFor();
    expect((await server.store.units()).map(({ code }) => code)).toEqual(expect.arrayContaining(['T3', 'T4']));
    // No JSON at all.
    const broken = join(built.folder, '..', `crowdlight-${process.pid}-broken.geojson`);
    writeFileSync(broken, '{ "type": "FeatureCollection", "features": [ }');
    await page.locator('input[type="file"]').setInputFiles(broken);
    await page.getByRole('button', { name: 'Check the file' }).click();
    await page.locator('[data-problem="fileNotUnderstood"]').waitFor();
  });

  test('US8 the tree is searched, and a unit without units below it is removed by typing its code', async () => {
    await open('/setup/units');
    await page.getByLabel('Find by name or code').fill('T4');
    await page.getByRole('navigation', { name: 'Units' }).getByRole('link', { name: /T4/ }).click();
    await page.locator('[data-unit="T4"]').waitFor();
    await page.getByRole('button', { name: 'Remove this unit' }).click();
    await page.getByLabel('Type the name to remove it: T4').fill('T4');
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.locator('[data-unit="HC"]').waitFor();
    expect((await server.store.units()).some(({ code }) => code === 'T4')).toBe(false);
    expect(await page.getByRole('button', { name: 'Remove this unit' }).isDisabled()).toBe(true);
  });

  test('US9 every page in both languages and themes is free of faults, asks nobody else, and says nothing in the other language', async () => {
    const town = await unitOf('T1');
    const pages: [string, string][] = [['units', '/setup/units'], ['unit', `/setup/units/${town.unitId}`], ['people', `/setup/units/${town.unitId}/people`], ['policy', `/setup/units/${town.unitId}/policy`], ['playbooks', `/setup/sites/${siteId}/playbooks`], ['import', '/setup/units/import'], ['changes', '/setup/units/changes'], ['new', `/setup/units/new/${town.unitId}`]];
    for (const [theme, language] of [['light', 'zh'], ['dark', 'zh'], ['light', 'en']] as const) {
      await choose(page, { theme, language });
      for (const [name, path] of pages) {
        await open(path);
        await page.locator('.org-sheet h1').waitFor();
        await until(`${name} is there`, async () => (await page.locator('.org-sheet').innerText()).length > 30 && await page.getByText(language === 'zh' ? '正在加载…' : 'Loading…').count() === 0);
        if (await page.locator('.org-map').count() > 0) await page.locator('.org-map[data-ready]').waitFor();
        expect(await axeFaults(page), `${name} ${theme} ${language}`).toEqual([]);
        // Whole English sentences have no place on the Chinese page; names and codes do.
        if (language === 'zh') expect((await page.locator('.org-sheet h1').innerText()), name).toMatch(/[\u4e00-\u9fff]/);
        await shot(`${name}-${theme}-${language}`);
      }
    }
    expect(seen.foreign).toEqual([]);
    expect(seen.faults).toEqual([]);
  });
});
