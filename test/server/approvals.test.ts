// The second person over HTTP: who is asked, who sees it, who may answer, what is used once; emergencies; and what is on record of it. Rules AP of docs/SPEC.md.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Approval, Approvals } from '../../contract/approval.ts';
import type { SessionForTest } from '../support/signIn.ts';
import { commit, leaseOf, raisedAlarm, serverForTest, siteBody, until, type ServerForTest } from './serverForTest.ts';

let server: ServerForTest, here: string, chief: SessionForTest, duty: SessionForTest, stranger: SessionForTest, viewer: SessionForTest;
const shape = (west: number) => [{ outer: [{ lng: west, lat: 31 }, { lng: west + 0.5, lat: 31 }, { lng: west + 0.5, lat: 31.5 }, { lng: west, lat: 31.5 }], holes: [] }];
beforeAll(async () => {
  server = await serverForTest();
  const by = { memberId: null, name: 'Administrator', duty: 'operator' as const, unitId: null };
  here = (await server.store.addUnit({ level: 'county', code: 'H', names: { en: 'Here', zh: '此地' }, parentId: null, shape: shape(121.3), by })).unit.unitId;
  const there = (await server.store.addUnit({ level: 'county', code: 'T', names: { en: 'There', zh: '彼地' }, parentId: null, shape: shape(122.3), by })).unit.unitId;
  chief = await server.signedInAs({ name: 'Chief', roles: [{ role: 'administrator', unitId: here }] });
  duty = await server.signedInAs({ name: 'Duty officer', roles: [{ role: 'dutyOfficer', unitId: here }] });
  stranger = await server.signedInAs({ name: 'Duty officer there', roles: [{ role: 'dutyOfficer', unitId: there }] });
  viewer = await server.signedInAs({ name: 'Viewer', roles: [{ role: 'viewer', unitId: here }] });
}, 120_000);
afterAll(async () => { await server?.close(); });

/** A place that has something to tell: an alarm was there. */
async function siteWithHistory(): Promise<string> {
  const { siteId } = (await server.store.addSite({ ...siteBody(), demo: false })).site;
  await commit(server.store, await leaseOf(server.store, siteId), siteId, [raisedAlarm(siteId, 1)]);
  return siteId;
}
const remove = (siteId: string, as: SessionForTest) => server.send('DELETE', `/api/sites/${siteId}`, undefined, { as });
const post = (path: string, body: unknown, as: SessionForTest) => server.send('POST', `/api/approvals/${path}`, body, { as });
const list = async (as: SessionForTest): Promise<Approvals> => (await server.send('GET', '/api/approvals', undefined, { as })).body;
const refusedFor = async (siteId: string, as = chief): Promise<string> => { const { status, body } = await remove(siteId, as); expect([status, body.code]).toEqual([403, 'needsSecondPerson']); return body.values.approvalId; };
const audited = async (approvalId: string) => (await server.store.auditLines({ beforeSeq: null, most: 500, unitIds: null })).lines.filter(({ fact }) => fact.detail['approvalId'] === approvalId).map(({ fact }) => [fact.what, fact.name]).toReversed();

describe('the second person', () => {
  test('AP10 what has a history goes only with another person\'s word; they see what it is for; what has none goes at once', { timeout: 60_000 }, async () => {
    const { siteId: empty } = (await server.store.addSite({ ...siteBody(), demo: false })).site;
    expect((await remove(empty, chief)).status).toBe(204);
    const siteId = await siteWithHistory(), approvalId = await refusedFor(siteId);
    // The same try again is the same draft; nobody else is bothered yet, nor does anybody else see it.
    expect(await refusedFor(siteId)).toBe(approvalId);
    expect((await list(duty)).waiting).toEqual([]);
    for (const as of [duty, stranger, viewer]) expect((await server.send('GET', `/api/approvals/${approvalId}`, undefined, { as })).status).toBe(404);
    expect((await post(`${approvalId}/ask`, { reason: '' }, chief)).status).toBe(400);
    expect((await post(`${approvalId}/ask`, { reason: 'x' }, duty)).status).toBe(404);
    const screen = await server.screen(0, duty);
    expect((await post(`${approvalId}/ask`, { reason: 'the square is rebuilt' }, chief)).body).toMatchObject({ state: 'asked', nobodyElse: false });
    await until('the screen hears of it', () => screen.of('approvalsChanged').length > 0);
    expect((await list(duty)).waiting).toMatchObject([{ approvalId, what: 'deleteRecord', placeId: siteId, placeName: 'Square', unitId: here, reason: 'the square is rebuilt', askedBy: { name: 'Chief' }, forWhat: { en: 'removing something that has a history: Square' } }]);
    expect((await list(chief)).mine.map((one) => one.approvalId)).toContain(approvalId);
    // Whoever may not answer there does not know of it.
    for (const as of [stranger, viewer]) { expect((await list(as)).waiting).toEqual([]); expect((await post(`${approvalId}/give`, { answer: '' }, as)).status).toBe(404); }
    expect((await post(`${approvalId}/give`, { answer: '' }, chief)).body.code).toBe('approvalOwn');
    expect(await refusedFor(siteId)).toBe(approvalId);
    expect((await post(`${approvalId}/give`, { answer: 'go on' }, duty)).body).toMatchObject({ state: 'given', answeredBy: { name: 'Duty officer' } });
    expect((await post(`${approvalId}/give`, { answer: '' }, duty)).body).toMatchObject({ code: 'approvalOver' });
    // It is the asker's, for this place.
    expect((await remove(siteId, server.administrator)).body.code).toBe('needsSecondPerson');
    expect((await remove(siteId, chief)).status).toBe(204);
    expect((await server.store.approval(approvalId))!.usedAtMs).not.toBeNull();
    expect(await audited(approvalId)).toEqual([['approvalAsked', 'Chief'], ['approvalGiven', 'Duty officer']]);
  });

  test('AP11 refused, withdrawn and answered too late: the act stays undone', { timeout: 60_000 }, async () => {
    const siteId = await siteWithHistory(), refused = await refusedFor(siteId);
    await post(`${refused}/ask`, { reason: 'x' }, chief);
    expect((await post(`${refused}/refuse`, { answer: 'not before the audit' }, duty)).body).toMatchObject({ state: 'refused', answer: 'not before the audit' });
    const withdrawn = await refusedFor(siteId);
    expect(withdrawn).not.toBe(refused);
    await post(`${withdrawn}/ask`, { reason: 'x' }, chief);
    expect((await post(`${withdrawn}/withdraw`, undefined, duty)).status).toBe(404);
    expect((await post(`${withdrawn}/withdraw`, undefined, chief)).body.state).toBe('withdrawn');
    expect((await post(`${withdrawn}/give`, { answer: '' }, duty)).body.code).toBe('approvalOver');
    expect((await remove(siteId, chief)).body.code).toBe('needsSecondPerson');
    expect((await list(duty)).past.map(({ state }) => state)).toEqual(expect.arrayContaining(['refused', 'withdrawn']));
  });

  test('AP12 an emergency goes through at once with a reason, is told to whoever may answer, and waits for their review', { timeout: 60_000 }, async () => {
    const siteId = await siteWithHistory(), approvalId = await refusedFor(siteId);
    const member = await server.store.addMember(here, { name: 'Mei Lin', duty: 'dutyOfficer', language: 'zh', contacts: [] });
    const mei = await server.signedInAs({ name: 'Mei Lin', memberId: member.memberId, roles: [{ role: 'dutyOfficer', unitId: here }] });
    expect((await post(`${approvalId}/ask`, { reason: 'people are hurt', emergency: true }, chief)).body).toMatchObject({ state: 'emergency' });
    expect((await remove(siteId, chief)).status).toBe(204);
    expect((await list(mei)).waiting).toMatchObject([{ approvalId, state: 'emergency', reason: 'people are hurt' }]);
    const told = await server.store.takeNotices(50, 1000);
    expect(told.map(({ notice }) => [notice.kind, notice.memberId])).toContainEqual(['emergency', member.memberId]);
    expect((await post(`${approvalId}/review`, { answer: '', wasRight: true }, mei)).status).toBe(400);
    expect((await post(`${approvalId}/review`, { answer: 'it was', wasRight: true }, chief)).body.code).toBe('approvalOwn');
    expect((await post(`${approvalId}/review`, { answer: 'it was', wasRight: true }, mei)).body).toMatchObject({ state: 'reviewed', wasRight: true });
    expect((await list(mei)).waiting).toEqual([]);
    expect(await audited(approvalId)).toEqual([['emergencyUsed', 'Chief'], ['emergencyReviewed', 'Mei Lin']]);
  });

  test('AP13 two accounts of one person are one person; a token is nobody', { timeout: 60_000 }, async () => {
    const member = await server.store.addMember(here, { name: 'Bo', duty: 'operator', language: 'en', contacts: [] });
    const one = await server.signedInAs({ name: 'Bo', memberId: member.memberId, roles: [{ role: 'administrator', unitId: here }] }), two = await server.signedInAs({ name: 'Bo again', memberId: member.memberId, roles: [{ role: 'dutyOfficer', unitId: here }] });
    const siteId = await siteWithHistory(), approvalId = await refusedFor(siteId, one);
    await post(`${approvalId}/ask`, { reason: 'x' }, one);
    expect((await list(two)).waiting).toEqual([]);
    expect((await post(`${approvalId}/give`, { answer: '' }, two)).body.code).toBe('approvalOwn');
    const { body: token } = await server.send('POST', '/api/me/tokens', { name: 'machine', rights: ['confirm', 'see'], unitId: here, days: 1 }, { as: duty });
    const asToken = { as: null, headers: { authorization: `Bearer ${token.secret}` } };
    expect((await server.send('POST', `/api/approvals/${approvalId}/give`, { answer: '' }, asToken)).status).toBe(403);
    expect((await server.store.approval(approvalId))!.state).toBe('asked');
  });

  test('AP14 the first administrator is not locked out: with nobody else to ask, the emergency way is offered and says so; it stays to be reviewed', { timeout: 60_000 }, async () => {
    const fresh = await serverForTest();
    try {
      const { status, body } = await fresh.send('POST', '/api/accounts', { signInName: 'second', name: 'Second', language: 'en', roles: [{ role: 'auditor', unitId: null }], memberId: null });
      expect([status, body.code]).toEqual([403, 'needsSecondPerson']);
      const { approvalId } = body.values;
      expect((await fresh.send('GET', `/api/approvals/${approvalId}`)).body).toMatchObject({ state: 'draft', nobodyElse: true, forWhat: { en: 'Second becomes auditor of the whole installation.', zh: 'Second 将成为整个系统的审计员。' } });
      expect((await fresh.send('POST', `/api/approvals/${approvalId}/ask`, { reason: 'first set-up', emergency: true })).body).toMatchObject({ state: 'emergency', nobodyElse: true });
      // For this role of this person, and for no wider one.
      expect((await fresh.send('POST', '/api/accounts', { signInName: 'second', name: 'Second', language: 'en', roles: [{ role: 'administrator', unitId: null }], memberId: null })).body.code).toBe('needsSecondPerson');
      expect((await fresh.send('POST', '/api/accounts', { signInName: 'second', name: 'Second', language: 'en', roles: [{ role: 'auditor', unitId: null }], memberId: null })).status).toBe(201);
      const reviewer = await fresh.signedInAs({ name: 'Later', roles: [{ role: 'administrator', unitId: null }] });
      expect(((await fresh.send('GET', '/api/approvals', undefined, { as: reviewer })).body as Approvals).waiting.map((one: Approval) => [one.state, one.nobodyElse])).toEqual([['emergency', true]]);
    } finally { await fresh.close(); }
  });
});
