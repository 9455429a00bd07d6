// People, policies, playbooks and categories over HTTP: what is answered, what is refused by name, and that screens hear of it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CategoryList, Playbooks, PolicyAnswer, UnitPeople } from '../../contract/apiIncidents.ts';
import { SYSTEM_ACTOR } from '../../contract/incident.ts';
import { Playbook } from '../../contract/playbook.ts';
import { checker } from '../../contract/schema.ts';
import { Member, Shift } from '../../contract/unit.ts';
import { serverForTest, siteBody, until, zoneBody, type ServerForTest } from './serverForTest.ts';

let server: ServerForTest, unitId: string, siteId: string, zoneId: string;
beforeAll(async () => {
  server = await serverForTest({ timeZone: 'UTC' });
  const shape = [{ outer: [{ lng: 121, lat: 31 }, { lng: 122, lat: 31 }, { lng: 122, lat: 32 }, { lng: 121, lat: 32 }], holes: [] }];
  unitId = (await server.store.addUnit({ level: 'city', code: 'C1', names: { en: 'City', zh: '市' }, parentId: null, shape, by: SYSTEM_ACTOR })).unit.unitId;
  siteId = (await server.send('POST', '/api/sites', siteBody())).body.site.siteId;
  zoneId = (await server.send('POST', `/api/sites/${siteId}/zones`, zoneBody())).body.zoneId;
});
afterAll(async () => { await server.close(); });

const memberBody = (over: object = {}) => ({ name: 'Li Wei', duty: 'fieldWorker', language: 'zh', contacts: [], ...over });
const shiftBody = (memberId: string, over: object = {}) => ({ memberId, weekdays: [1, 2, 3, 4, 5, 6, 7], startMinute: 0, endMinute: 0, order: 1, ...over });
const action = (over: object = {}) => ({ actionId: 'a1', kind: 'task', words: { en: 'Go there', zh: '前往' }, owner: 'fieldWorker', withinS: 60, channelId: null, payload: null, ...over });
const playbookBody = (over: object = {}) => ({ zoneId, category: 'crowding', severityLeast: 'serious', actions: [action()], ...over });
const fits = <T>(check: (value: unknown) => { ok: true; value: T } | { ok: false; faults: unknown }, answer: { status: number; body: unknown }, status = 200): T => {
  const checked = check(answer.body);
  if (answer.status !== status || !checked.ok) throw new Error(`${answer.status} ${JSON.stringify(answer.body).slice(0, 400)} ${checked.ok ? '' : JSON.stringify(checked.faults)}`);
  return checked.value;
};
const asked = async (method: string, path: string, body?: unknown) => { const answer = await server.send(method, path, body); return { status: answer.status, code: answer.body.code }; };

test('PP13 a member and a shift are added, changed and removed; the list says who is on duty now; screens hear of each change in order', async () => {
  const screen = await server.screen();
  const before = screen.of('unitsChanged').length;
  const li = fits(checker(Member), await server.send('POST', `/api/units/${unitId}/members`, memberBody()), 201);
  const wang = fits(checker(Member), await server.send('POST', `/api/units/${unitId}/members`, memberBody({ name: 'Wang', duty: 'dutyOfficer', language: 'en' })), 201);
  const shift = fits(checker(Shift), await server.send('POST', `/api/units/${unitId}/shifts`, shiftBody(wang.memberId)), 201);
  const people = async () => fits(checker(UnitPeople), await server.send('GET', `/api/units/${unitId}/people`));
  expect((await people()).onDutyMemberIds).toEqual([wang.memberId]);
  fits(checker(Shift), await server.send('PUT', `/api/shifts/${shift.shiftId}`, shiftBody(li.memberId)));
  expect((await people()).onDutyMemberIds).toEqual([li.memberId]);
  fits(checker(Member), await server.send('PUT', `/api/members/${li.memberId}`, memberBody({ enabled: false })));
  expect((await people()).onDutyMemberIds).toEqual([]);
  expect((await server.send('DELETE', `/api/shifts/${shift.shiftId}`)).status).toBe(204);
  expect((await people()).onDutyMemberIds).toEqual([wang.memberId]);
  expect((await server.send('DELETE', `/api/members/${li.memberId}`)).status).toBe(204);
  expect((await people()).members).toEqual([wang]);
  await until('the screen heard of the last change', async () => screen.of('unitsChanged').at(-1)?.version === await server.store.unitsVersion());
  expect(screen.of('unitsChanged').length).toBeGreaterThan(before);
  expect(screen.misfits).toEqual([]);
});

test.each([
  ['a member without a name', 'POST', () => `/api/units/${unitId}/members`, () => memberBody({ name: '' }), 400, 'inputWrong'],
  ['a member with a duty nobody knows', 'POST', () => `/api/units/${unitId}/members`, () => memberBody({ duty: 'spy' }), 400, 'inputWrong'],
  ['anything else about a person', 'POST', () => `/api/units/${unitId}/members`, () => memberBody({ score: 5 }), 400, 'inputWrong'],
  ['a contact by a channel that is not there', 'POST', () => `/api/units/${unitId}/members`, () => memberBody({ contacts: [{ channelId: 'nochannel', address: 'x' }] }), 400, 'inputWrong'],
  ['more than eight contacts', 'POST', () => `/api/units/${unitId}/members`, () => memberBody({ contacts: Array.from({ length: 9 }, () => ({ channelId: 'c', address: 'x' })) }), 400, 'inputWrong'],
  ['a member of a unit that is not there', 'POST', () => '/api/units/nowhere/members', () => memberBody(), 404, 'notFound'],
  ['a shift of nobody', 'POST', () => `/api/units/${unitId}/shifts`, () => shiftBody('nobody'), 404, 'notFound'],
  ['a shift on no day', 'POST', () => `/api/units/${unitId}/shifts`, () => shiftBody('nobody', { weekdays: [] }), 400, 'inputWrong'],
  ['a shift at 24:00', 'POST', () => `/api/units/${unitId}/shifts`, () => shiftBody('nobody', { endMinute: 1440 }), 400, 'inputWrong'],
  ['a category about a gathering', 'PUT', () => `/api/units/${unitId}/policy`, () => ({ ownCategories: [{ category: 'demo', names: { en: 'Protest march', zh: '游行' } }], deadlines: {} }), 422, 'categoryRefused'],
  ['a category that is built in', 'PUT', () => `/api/units/${unitId}/policy`, () => ({ ownCategories: [{ category: 'gas', names: { en: 'Gas', zh: '燃气' } }], deadlines: {} }), 400, 'inputWrong'],
  ['a category named by a sentence', 'PUT', () => `/api/units/${unitId}/policy`, () => ({ ownCategories: [{ category: 'Not A Code', names: { en: 'Gas', zh: '燃气' } }], deadlines: {} }), 400, 'inputWrong'],
  ['deadlines of a category nobody knows', 'PUT', () => `/api/units/${unitId}/policy`, () => ({ ownCategories: [], deadlines: { flood: bySeverity(60) } }), 422, 'incidentCategoryUnknown'],
  ['deadlines that do not grow', 'PUT', () => `/api/units/${unitId}/policy`, () => ({ ownCategories: [], deadlines: { gas: { ...bySeverity(60), minor: { ...bySeverity(60).minor, onSite: 10 } } } }), 422, 'deadlinesOutOfOrder'],
  ['a wish of a unit that is not there', 'PUT', () => '/api/units/nowhere/policy', () => ({ ownCategories: [], deadlines: {} }), 404, 'notFound'],
  ['a playbook without an action', 'POST', () => `/api/sites/${siteId}/playbooks`, () => playbookBody({ actions: [] }), 400, 'inputWrong'],
  ['a playbook with 31 actions', 'POST', () => `/api/sites/${siteId}/playbooks`, () => playbookBody({ actions: Array.from({ length: 31 }, (_, i) => action({ actionId: `a${i}` })) }), 400, 'inputWrong'],
  ['a playbook of a zone that is not there', 'POST', () => `/api/sites/${siteId}/playbooks`, () => playbookBody({ zoneId: 'nowhere' }), 404, 'notFound'],
  ['a playbook that sends by a channel that is not there', 'POST', () => `/api/sites/${siteId}/playbooks`, () => playbookBody({ actions: [action({ channelId: 'nochannel', payload: 'x' })] }), 400, 'inputWrong'],
  ['a playbook of a site that is not there', 'POST', () => '/api/sites/nowhere/playbooks', () => playbookBody(), 404, 'notFound'],
  ['a playbook that is gone', 'PUT', () => '/api/playbooks/gone', () => playbookBody(), 404, 'notFound'],
])('PP23 %s is refused', async (_what, method, path, body, status, code) => {
  expect(await asked(method, path(), body())).toEqual({ status, code });
});
const bySeverity = (first: number) => Object.fromEntries(['minor', 'moderate', 'serious', 'critical'].map((severity) => [severity, { dispatch: first, acknowledge: first, onSite: first, underControl: first, followUp: first, assess: first }])) as unknown as Record<'minor', Record<string, number>>;

test('PP24 a policy is kept and answered with what is in force; the categories of a unit are the built-in ones and its own', async () => {
  const own = { ownCategories: [{ category: 'lift', names: { en: 'Lift', zh: '电梯' } }], deadlines: { lift: bySeverity(30) }, opensFromLevel: null, answerS: 15 };
  const kept = fits(checker(PolicyAnswer), await server.send('PUT', `/api/units/${unitId}/policy`, own));
  expect(kept.own).toEqual(own);
  expect(kept.inForce).toMatchObject({ answerS: 15, opensFromLevel: null, opensForSensors: true });
  expect(fits(checker(PolicyAnswer), await server.send('GET', `/api/units/${unitId}/policy`))).toEqual(kept);
  const all = fits(checker(CategoryList), await server.send('GET', `/api/categories?unitId=${unitId}`)).categories;
  expect(all.map(({ category }) => category)).toEqual(['crowding', 'fire', 'gas', 'water', 'structure', 'traffic', 'medicalHelp', 'equipment', 'lift']);
  expect(fits(checker(CategoryList), await server.send('GET', '/api/categories')).categories).toHaveLength(8);
  expect(await asked('GET', '/api/categories?unitId=nowhere')).toEqual({ status: 404, code: 'notFound' });
});

test('PP22 a playbook is kept, changed and removed; two for the same case are refused', async () => {
  const made = fits(checker(Playbook), await server.send('POST', `/api/sites/${siteId}/playbooks`, playbookBody()), 201);
  expect(await asked('POST', `/api/sites/${siteId}/playbooks`, playbookBody())).toEqual({ status: 409, code: 'playbookTwice' });
  const changed = fits(checker(Playbook), await server.send('PUT', `/api/playbooks/${made.playbookId}`, playbookBody({ zoneId: null, actions: [action({ withinS: 5 }), action({ actionId: 'a2', kind: 'call' })] })));
  expect(changed).toMatchObject({ playbookId: made.playbookId, zoneId: null, actions: [{ withinS: 5 }, { kind: 'call' }] });
  expect(fits(checker(Playbooks), await server.send('GET', `/api/sites/${siteId}/playbooks`)).playbooks).toEqual([changed]);
  expect((await server.send('DELETE', `/api/playbooks/${made.playbookId}`)).status).toBe(204);
  expect(await asked('DELETE', `/api/playbooks/${made.playbookId}`)).toEqual({ status: 404, code: 'notFound' });
});
