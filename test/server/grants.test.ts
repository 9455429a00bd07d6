// A place that is shown to another unit for a while: what is seen by it, by whom, and that it ends.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GrantList, GrantShown, GrantUnits } from '../../contract/apiGrants.ts';
import { checker } from '../../contract/schema.ts';
import type { RoleAt } from '../../contract/access.ts';
import { LIVE_SCOPE_CHANGED } from '../../contract/live.ts';
import type { SessionForTest } from '../support/signIn.ts';
import { worldForTest, type Position, type World } from './accessWorld.ts';
import { until } from './serverForTest.ts';

const HOUR_MS = 3600_000;
let world: World;
beforeAll(async () => { world = await worldForTest(); }, 120_000);
afterAll(async () => { await world?.close(); });

const as = (role: RoleAt['role'], position: Position): SessionForTest => world.everybody.find((one) => one.role === role && one.position === position)!.session;
const send = (session: SessionForTest | null, method: string, path: string, body?: unknown) => world.server.send(method, path, body, { as: session });
/** A site of its own in "here", with a zone and an incident. */
async function place(): Promise<{ siteId: string; zoneId: string; incidentId: string }> {
  const siteId = await world.makes.site(), zoneId = await world.makes.zone(siteId);
  return { siteId, zoneId, incidentId: await world.makes.report(zoneId) };
}
const share = (session: SessionForTest, siteId: string, over: object = {}) => send(session, 'POST', '/api/grants', { siteId, toUnitId: world.units.neighbour, rights: ['see'], untilMs: Date.now() + HOUR_MS, reason: 'a fair at the border', ...over });
const sees = async (session: SessionForTest, siteId: string) => (await send(session, 'GET', '/api/overview')).body.sites.some(({ site }: { site: { siteId: string } }) => site.siteId === siteId) as boolean;

describe('places shown to another unit', () => {
  test('GR1 from the site alone its zones, alarms and incidents are seen, and nothing is changed; the rest of the unit stays hidden', { timeout: 60_000 }, async () => {
    const { siteId, zoneId, incidentId } = await place(), neighbour = as('operator', 'granted');
    expect(await sees(neighbour, siteId)).toBe(false);
    expect((await send(neighbour, 'GET', `/api/zones/${zoneId}/past`)).status).toBe(404);
    const made = await share(as('dutyOfficer', 'own'), siteId, { incidentId });
    expect(made.status).toBe(201);
    expect(checker(GrantShown)(made.body)).toMatchObject({ ok: true });
    expect(made.body).toMatchObject({ state: 'inForce', side: 'given', mayEnd: true, grant: { siteId, incidentId, toUnitId: world.units.neighbour, byName: expect.any(String), reason: 'a fair at the border' } });
    await until('the neighbour sees it', () => sees(neighbour, siteId));
    expect((await send(neighbour, 'GET', `/api/zones/${zoneId}/past`)).status).toBe(200);
    expect((await send(neighbour, 'GET', `/api/incidents/${incidentId}`)).body).toMatchObject({ incident: { incidentId }, onDuty: [], notices: [] });
    expect((await send(neighbour, 'GET', '/api/incidents')).body.incidents.map((line: { incidentId: string }) => line.incidentId)).toContain(incidentId);
    // Read-only, and no more than what was shown.
    expect((await send(neighbour, 'POST', `/api/incidents/${incidentId}/commands`, { commandId: 'sg1', command: { type: 'note', words: 'x', attachments: [] } })).body.code).toBe('notAllowed');
    expect((await send(neighbour, 'DELETE', `/api/zones/${zoneId}`)).body.code).toBe('notAllowed');
    expect((await send(neighbour, 'GET', `/api/units/${world.units.here}/people`)).body.code).toBe('notFound');
    expect((await send(neighbour, 'POST', '/api/grants', { siteId, toUnitId: world.units.sibling, rights: ['see'], untilMs: Date.now() + HOUR_MS, reason: 'on' })).body.code).toBe('notAllowed');
    // The county above the neighbour sees it as well; those beside it do not.
    expect(await sees(as('viewer', 'sibling'), siteId)).toBe(false);
  });

  test('GR2 camera pictures only where they were shown, too, and only to roles that see pictures', { timeout: 60_000 }, async () => {
    const siteId = await world.makes.site(), sensorId = await world.makes.sensor(siteId);
    expect((await share(as('administrator', 'own'), siteId)).status).toBe(201);
    const look = async (role: RoleAt['role']) => (await send(as(role, 'granted'), 'GET', `/api/sensors/${sensorId}/picture`)).body;
    await until('shown', () => sees(as('viewer', 'granted'), siteId));
    expect((await look('operator')).code).toBe('notAllowed');
    expect((await share(as('administrator', 'own'), siteId, { rights: ['see', 'picture'] })).status).toBe(201);
    // There is no camera behind it: that there is no picture yet is what somebody hears who may look.
    await until('pictures, too', async () => (await look('operator')).detail === 'no picture of this camera yet');
    expect((await look('viewer')).code).toBe('notAllowed');
  });

  test('GR3 it ends when somebody who may share ends it, at once and for screens that are open', { timeout: 60_000 }, async () => {
    const { siteId } = await place(), neighbour = as('operator', 'granted'), made = await share(as('dutyOfficer', 'parent'), siteId);
    await until('seen', () => sees(neighbour, siteId));
    const screen = await world.server.screen(0, neighbour);
    await until('hello', () => screen.of('hello')[0]);
    const { grantId } = made.body.grant;
    expect((await send(neighbour, 'DELETE', `/api/grants/${grantId}`)).body.code).toBe('notAllowed');
    expect((await send(as('dutyOfficer', 'sibling'), 'DELETE', `/api/grants/${grantId}`)).body.code).toBe('notFound');
    const ended = await send(as('dutyOfficer', 'own'), 'DELETE', `/api/grants/${grantId}`);
    expect(ended.body).toMatchObject({ state: 'ended', mayEnd: false, grant: { revokedByName: expect.any(String) } });
    await until('gone', async () => !await sees(neighbour, siteId), 2000);
    expect(await screen.closed).toBe(LIVE_SCOPE_CHANGED);
  });

  test('GR4 it ends by itself, to the second, for questions and for screens that are open', { timeout: 60_000 }, async () => {
    const siteId = await world.makes.site(), neighbour = as('viewer', 'granted'), untilMs = Date.now() + 4000;
    await world.server.store.addGrant({ siteId, incidentId: null, toUnitId: world.units.neighbour, rights: ['see'], fromMs: Date.now(), untilMs, reason: 'short', byName: 'Test', byAccountId: null }, Date.now());
    await until('seen', () => sees(neighbour, siteId), 3500);
    const screen = await world.server.screen(0, neighbour);
    await until('over', async () => !await sees(neighbour, siteId), 8000);
    expect(Date.now()).toBeGreaterThanOrEqual(untilMs);
    expect(await screen.closed).toBe(LIVE_SCOPE_CHANGED);
    const { body } = await send(as('viewer', 'own'), 'GET', `/api/grants?siteId=${siteId}&over=true`);
    expect(body.grants.map((one: { state: string; mayEnd: boolean }) => [one.state, one.mayEnd])).toEqual([['over', false]]);
  });

  test('GR5 both sides see it; others to whom the same place was shown do not learn of each other', { timeout: 60_000 }, async () => {
    const siteId = await world.makes.site();
    const [first, second] = [await share(as('dutyOfficer', 'own'), siteId), await share(as('dutyOfficer', 'own'), siteId, { toUnitId: world.units.sibling })].map(({ body }) => body.grant.grantId as string);
    const listed = async (session: SessionForTest) => {
      const { body } = await send(session, 'GET', '/api/grants');
      expect(checker(GrantList)(body)).toMatchObject({ ok: true });
      return (body as GrantList).grants.filter(({ grant }) => grant.siteId === siteId).map(({ grant, side }) => [grant.grantId, side]).toSorted();
    };
    expect(await listed(as('viewer', 'own'))).toEqual([[first, 'given'], [second, 'given']].toSorted());
    expect(await listed(as('viewer', 'granted'))).toEqual([[first, 'received']]);
    expect(await listed(as('viewer', 'sibling'))).toEqual([[second, 'received']]);
    expect(await listed(as('viewer', 'child'))).toEqual([]);
  });

  test('GR6 not for longer than 30 days, not in the past, not with who sees it anyway, not for an incident elsewhere', async () => {
    const { siteId } = await place(), other = await place(), officer = as('dutyOfficer', 'own');
    for (const over of [{ untilMs: Date.now() + 31 * 24 * HOUR_MS }, { untilMs: Date.now() - 1 }, { untilMs: Date.now() + 1000 }, { toUnitId: world.units.county }, { toUnitId: world.units.here }, { toUnitId: 'u-nothing' }, { incidentId: other.incidentId }]) {
      expect((await share(officer, siteId, over)).body.code, JSON.stringify(over)).toBe('grantRefused');
    }
    expect((await send(officer, 'GET', `/api/grants?siteId=${siteId}`)).body.grants).toEqual([]);
  });

  test('GR7 beyond one\'s own area for longer than a day a second person agrees; within it, or shorter, one is enough', { timeout: 60_000 }, async () => {
    const siteId = await world.makes.site(), untilMs = Date.now() + 3 * 24 * HOUR_MS;
    expect((await share(as('dutyOfficer', 'own'), siteId, { untilMs })).body.code).toBe('needsSecondPerson');
    expect((await share(as('dutyOfficer', 'own'), siteId, { toUnitId: world.units.child, untilMs })).status).toBe(201);
    expect((await share(as('dutyOfficer', 'whole'), siteId, { untilMs })).status).toBe(201);
    expect((await share(as('dutyOfficer', 'own'), siteId)).status).toBe(201);
  });

  test('GR8 whoever may share finds units by name, and hears nothing of them but their names', async () => {
    const { body } = await send(as('dutyOfficer', 'own'), 'GET', '/api/grants/units?text=neighb');
    expect(checker(GrantUnits)(body)).toMatchObject({ ok: true });
    expect(body.units).toEqual([{ unitId: world.units.neighbour, level: 'township', code: expect.any(String), names: { en: 'Neighbour', zh: 'Neighbour' }, path: [{ en: 'Other county', zh: 'Other county' }, { en: 'City', zh: 'City' }] }]);
    expect((await send(as('operator', 'own'), 'GET', '/api/grants/units?text=neighb')).body.code).toBe('notAllowed');
  });

  test('GR9 giving and ending are on record, with whom it was shown to, until when and why', { timeout: 60_000 }, async () => {
    const siteId = await world.makes.site(), officer = as('dutyOfficer', 'own'), made = await share(officer, siteId, { reason: 'a marathon' });
    await send(officer, 'DELETE', `/api/grants/${made.body.grant.grantId}`);
    const { body } = await send(as('auditor', 'whole'), 'GET', '/api/audit');
    const facts = (body.lines as { fact: { what: string; placeId: string | null; reason: string | null; accountId: string; detail: Record<string, unknown> } }[]).map(({ fact }) => fact).filter((fact) => fact.placeId === siteId && ['granted', 'grantEnded'].includes(fact.what));
    expect(facts.map(({ what }) => what).toSorted()).toEqual(['grantEnded', 'granted']);
    expect(facts.find(({ what }) => what === 'granted')).toMatchObject({ reason: 'a marathon', accountId: officer.accountId, detail: { toUnitId: world.units.neighbour, rights: 'see' } });
  });
});
