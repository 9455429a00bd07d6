// What the server puts on record: looks with their beginning and end, steps, refusals; who reads it; and what happens while it cannot be written. Rules AU of docs/SPEC.md.
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditLine, AuditPage } from '../../contract/audit.ts';
import { encodePicture } from '../../contract/picture.ts';
import { chainChecker } from '../../store/auditChain.ts';
import { topics } from '../../store/bus/bus.ts';
import type { SessionForTest } from '../support/signIn.ts';
import { serverForTest, siteBody, until, type ServerForTest } from './serverForTest.ts';

let server: ServerForTest, siteId: string, sensorId: string, auditor: SessionForTest, operator: SessionForTest;
const unitShape = (west: number) => [{ outer: [{ lng: west, lat: 31 }, { lng: west + 0.5, lat: 31 }, { lng: west + 0.5, lat: 31.5 }, { lng: west, lat: 31.5 }], holes: [] }];
let here: string, there: string;
beforeAll(async () => {
  server = await serverForTest();
  const by = { memberId: null, name: 'Administrator', duty: 'operator' as const, unitId: null };
  here = (await server.store.addUnit({ level: 'county', code: 'H', names: { en: 'Here', zh: '此地' }, parentId: null, shape: unitShape(121.3), by })).unit.unitId;
  there = (await server.store.addUnit({ level: 'county', code: 'T', names: { en: 'There', zh: '彼地' }, parentId: null, shape: unitShape(122.3), by })).unit.unitId;
  siteId = (await server.store.addSite({ ...siteBody(), demo: false })).site.siteId;
  sensorId = (await server.store.addSensor(siteId, { name: 'North gate', kind: 'rtsp', settings: { url: 'rtsp://10.1.2.3/sub' }, addressShown: 'rtsp://10.1.2.3/sub' })).sensor.sensorId;
  auditor = await server.signedInAs({ name: 'Auditor', roles: [{ role: 'auditor', unitId: here }] });
  operator = await server.signedInAs({ name: 'Li Wei', roles: [{ role: 'operator', unitId: here }] });
}, 120_000);
afterAll(async () => { await server?.close(); });

const lines = async (filter: Partial<Parameters<ServerForTest['store']['auditLines']>[0]> = {}): Promise<AuditLine[]> => (await server.store.auditLines({ beforeSeq: null, most: 500, unitIds: null, ...filter })).lines;
const putPicture = () => server.bus.putLatest(topics.picture(sensorId), encodePicture({ capturedAtMs: Date.now(), masksVersion: 0, jpeg: new Uint8Array([255, 216, 255, 217]) }), 10_000);
const picture = (as: SessionForTest, why?: string) => server.send('GET', `/api/sensors/${sensorId}/picture`, undefined, { as, ...(why === undefined ? {} : { headers: { 'x-look-reason': encodeURIComponent(why) } }) });

describe('what is on record', () => {
  test('AU20 a look: its beginning before the first picture is sent, one line for all its pictures, and its end when nobody looks any more', { timeout: 60_000 }, async () => {
    await putPicture();
    // The beginning is there when the picture comes, however soon one asks.
    expect((await picture(operator)).status).toBe(200);
    const [began] = await lines({ what: 'lookBegan' });
    expect(began!.fact).toMatchObject({ accountId: operator.accountId, name: 'Li Wei', placeKind: 'sensor', placeId: sensorId, placeName: 'North gate', unitId: here, untilMs: null, reason: null });
    await Promise.all(Array.from({ length: 5 }, () => picture(operator)));
    expect(await lines({ what: 'lookBegan' })).toHaveLength(1);
    const ended = await until('the look ends by itself', async () => (await lines({ what: 'looked' }))[0], 30_000);
    expect(ended.fact).toMatchObject({ name: 'Li Wei', placeName: 'North gate', fromMs: began!.fact.fromMs, detail: { lookId: began!.fact.detail['lookId'] } });
    expect(ended.fact.untilMs! - ended.fact.fromMs!).toBeLessThan(5000);
  });

  test('AU21 where the unit asks why, no picture comes without a reason, and the reason is on record', { timeout: 30_000 }, async () => {
    await putPicture();
    await server.store.keepPolicy(here, { ownCategories: [], deadlines: {}, askWhyToLook: true });
    const other = await server.signedInAs({ name: 'Ana Cruz', roles: [{ role: 'operator', unitId: here }] });
    expect((await picture(other)).body).toMatchObject({ code: 'reasonNeeded' });
    expect((await picture(other, '   ')).body).toMatchObject({ code: 'reasonNeeded' });
    expect(await lines({ what: 'lookBegan', accountId: other.accountId })).toEqual([]);
    expect((await picture(other, '报警核实 100%')).status).toBe(200);
    // Once for each look.
    expect((await picture(other)).status).toBe(200);
    expect((await lines({ what: 'lookBegan', accountId: other.accountId })).map(({ fact }) => fact.reason)).toEqual(['报警核实 100%']);
    expect((await server.send('GET', `/api/sensors/${sensorId}/picture`, undefined, { as: other, headers: { 'x-look-reason': '%E0%A4%A' } })).status).toBe(200);
    await server.store.keepPolicy(here, { ownCategories: [], deadlines: {} });
  });

  test('AU22 every step that changed something, with who, what, where and by which name; none for what only worked something out or failed', async () => {
    const before = (await server.store.auditHead()).seq;
    expect((await server.send('PUT', `/api/sensors/${sensorId}`, { name: 'South gate' })).status).toBe(200);
    expect((await server.send('PUT', `/api/sensors/${sensorId}`, { name: '' })).status).toBe(400);
    const { body: made } = await server.send('POST', '/api/sites', siteBody({ name: 'Harbour' }));
    const written = (await lines({ what: 'changed' })).filter(({ seq }) => seq > before).toReversed();
    expect(written.map(({ fact }) => [fact.name, fact.route, fact.status, fact.placeKind, fact.placeName, fact.detail['made'] ?? null, fact.detail['madeName'] ?? null])).toEqual([
      ['Administrator', 'PUT /api/sensors/:sensorId', 200, 'sensor', 'North gate', null, null],
      ['Administrator', 'POST /api/sites', 201, null, null, `site ${made.site.siteId}`, 'Harbour'],
    ]);
    expect(written[0]!.fact).toMatchObject({ placeId: sensorId, unitId: here, accountId: server.administrator.accountId });
  });

  test('AU23 every try that was not allowed, one line for a flood of the same, and none for a stranger without a session', async () => {
    const before = (await server.store.auditHead()).seq;
    const stranger = await server.signedInAs({ name: 'Viewer there', roles: [{ role: 'viewer', unitId: there }] });
    for (let at = 0; at < 20; at++) expect((await server.send('GET', `/api/sensors/${sensorId}/picture`, undefined, { as: stranger })).status).toBe(404);
    expect((await server.send('PUT', `/api/sensors/${sensorId}`, { name: 'x' }, { as: operator })).status).toBe(403);
    expect((await server.send('GET', `/api/sensors/${sensorId}/picture`, undefined, { as: null })).status).toBe(401);
    expect((await server.send('GET', `/api/sensors/${sensorId}/picture`, undefined, { as: null, headers: { cookie: 'crowdlight-session=over' } })).status).toBe(401);
    const written = (await lines({ what: 'refused' })).filter(({ seq }) => seq > before).toReversed();
    expect(written.map(({ fact }) => [fact.name, fact.status, fact.detail['because'], fact.placeId])).toEqual([['Viewer there', 404, 'outOfScope', sensorId], ['Li Wei', 403, 'notAllowed', sensorId], ['', 401, 'notSignedIn', sensorId]]);
  });

  test('AU24 no words of a body, no secret and no cookie is in any line', async () => {
    const secret = 'mark-of-a-secret-98765';
    await server.send('POST', `/api/sites/${siteId}/sensors`, { name: 'With password', kind: 'rtsp', settings: { url: `rtsp://admin:${secret}@10.1.2.4/sub` } });
    await server.send('POST', '/api/session', { signInName: 'nobody', password: secret });
    const all = JSON.stringify(await lines());
    expect(all).not.toContain(secret);
    for (const { cookie } of [operator, auditor, server.administrator]) expect(all).not.toContain(cookie.split('=')[1]);
  });
});

describe('who reads it', () => {
  const read = async (as: SessionForTest, query = ''): Promise<{ status: number; page: AuditPage }> => { const { status, body } = await server.send('GET', `/api/audit${query}`, undefined, { as }); return { status, page: body }; };
  test('AU25 whoever has the right reads what lies in their units and nothing else, and that they read is on record before they see it', async () => {
    const { status, page } = await read(auditor, '?most=500');
    expect(status).toBe(200);
    expect(new Set(page.lines.map(({ fact }) => fact.unitId))).toEqual(new Set([here]));
    expect((await lines({ what: 'auditRead' }))[0]!.fact).toMatchObject({ name: 'Auditor', detail: { most: 500 } });
    const whole = await server.signedInAs({ name: 'Chief auditor', roles: [{ role: 'auditor', unitId: null }] }), all = await read(whole, '?most=500');
    expect(all.page.lines.length).toBeGreaterThan(page.lines.length);
    expect(all.page.lines[0]!.fact).toMatchObject({ what: 'auditRead', name: 'Chief auditor' });
    // Another unit answers like one that is not there; administrators and operators read nothing.
    expect((await read(auditor, `?unitId=${there}`)).status).toBe(404);
    expect((await read(auditor, '?unitId=nothing')).status).toBe(404);
    expect((await read(auditor, `?unitId=${here}`)).status).toBe(200);
    for (const as of [server.administrator, operator]) expect((await read(as)).status).toBe(403);
    for (const path of ['/api/audit/state', '/api/audit/export']) expect((await server.send('GET', path, undefined, { as: server.administrator })).status).toBe(403);
    expect((await server.send('GET', '/api/audit/state', undefined, { as: auditor })).status).toBe(403);
    expect((await server.send('GET', '/api/audit/state', undefined, { as: whole })).body).toMatchObject({ waiting: 0, dropped: 0, outside: [] });
    expect((await read(auditor, '?what=nothing')).status).toBe(400);
  });

  test('AU26 everybody reads their own lines and nobody else\'s', async () => {
    const { body } = await server.send('GET', '/api/audit/own?most=500', undefined, { as: operator });
    expect(body.lines.length).toBeGreaterThan(1);
    expect(new Set(body.lines.map(({ fact }: AuditLine) => fact.accountId))).toEqual(new Set([operator.accountId]));
    expect((await server.send('GET', `/api/audit/own?accountId=${auditor.accountId}`, undefined, { as: operator })).status).toBe(400);
  });

  test('AU27 an export has every line with its hashes, checks by itself, and is no formula in a spreadsheet', async () => {
    const whole = await server.signedInAs({ name: '=Chief', roles: [{ role: 'auditor', unitId: null }] });
    const exported = await server.fetch('/api/audit/export', {}, whole), text = await exported.text(), checker = chainChecker();
    expect(exported.headers.get('content-disposition')).toMatch(/audit-to-\d+\.jsonl/);
    for (const line of text.trim().split('\n')) checker.take(JSON.parse(line));
    const report = checker.end();
    expect([report.faults, report.firstSeq]).toEqual([[], 1]);
    // That it was exported is in it.
    expect(JSON.parse(text.trim().split('\n').at(-1)!).fact).toMatchObject({ what: 'auditExported', name: '=Chief' });
    const table = await (await server.fetch('/api/audit/export?format=csv', {}, whole)).text();
    expect(table.split('\r\n')[0]).toContain('seq,at,what,name');
    expect(table).toContain(",'=Chief,");
    const part = (await (await server.fetch('/api/audit/export', {}, auditor)).text()).trim().split('\n').map((line) => JSON.parse(line) as AuditLine);
    expect(new Set(part.map(({ fact }) => fact.unitId))).toEqual(new Set([here]));
  });
});

test('AU28 while the record cannot be written: looking, reading and exporting are refused by name; a step that needs no record goes on and is written later', { timeout: 30_000 }, async () => {
  const owner = new pg.Client({ connectionString: server.databaseUrl });
  await owner.connect();
  try {
    await putPicture();
    await owner.query('alter function audit_append(bigint[], text[]) rename to audit_append_gone');
    const fresh = await server.signedInAs({ name: 'Chen Yu', roles: [{ role: 'operator', unitId: here }] });
    expect((await picture(fresh)).body).toMatchObject({ code: 'auditAway' });
    expect((await server.send('GET', '/api/audit', undefined, { as: auditor })).body).toMatchObject({ code: 'auditAway' });
    expect((await server.send('GET', '/api/incidents/statistics?format=csv', undefined)).body).toMatchObject({ code: 'auditAway' });
    expect((await server.send('PUT', `/api/sensors/${sensorId}`, { name: 'West gate' })).status).toBe(200);
    expect(server.store.auditFigures().waiting).toBeGreaterThan(0);
    await owner.query('alter function audit_append_gone(bigint[], text[]) rename to audit_append');
    await until('written later', async () => (await lines({ what: 'changed' })).some(({ fact }) => fact.placeId === sensorId && fact.placeName === 'South gate'), 15_000);
    expect((await picture(fresh)).status).toBe(200);
  } finally { await owner.end(); }
});
