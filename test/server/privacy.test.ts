// Privacy over HTTP: masks, who sees through them, stills that leave, times, holds and the impact assessment, on a real server and database. Only the camera is the test's own.
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RoleAt } from '../../contract/access.ts';
import type { ApprovalWhat } from '../../contract/approval.ts';
import { encodePicture, type StillWish } from '../../contract/picture.ts';
import type { Unit } from '../../contract/unit.ts';
import { topics } from '../../store/bus/bus.ts';
import { serverForTest, siteBody, until, zoneBody, type ServerForTest } from './serverForTest.ts';

const box = [{ xShare: 0.1, yShare: 0.1 }, { xShare: 0.4, yShare: 0.1 }, { xShare: 0.4, yShare: 0.5 }, { xShare: 0.1, yShare: 0.5 }];

describe('privacy', { timeout: 120_000 }, () => {
  let server: ServerForTest, siteId = '', sensorId = '', units: { north: Unit; south: Unit };
  const session = (roles: RoleAt[], name: string) => server.signedInAs({ roles, name });
  let officer: Awaited<ReturnType<typeof session>>, other: typeof officer, stranger: typeof officer, viewer: typeof officer, admin: typeof officer;
  beforeAll(async () => {
    server = await serverForTest();
    const by = { memberId: null, name: 'Wang', duty: 'operator' as const, unitId: null };
    const unit = async (code: string, south: number) => (await server.store.addUnit({ level: 'county', code, names: { en: `County ${code}`, zh: `${code}区` }, parentId: null, by, shape: [{ outer: [{ lng: 121, lat: south }, { lng: 122, lat: south }, { lng: 122, lat: south + 0.4 }, { lng: 121, lat: south + 0.4 }], holes: [] }] })).unit;
    units = { north: await unit('N', 31.5), south: await unit('S', 31) };
    siteId = (await server.send('POST', '/api/sites', siteBody())).body.site.siteId;
    await server.send('POST', `/api/sites/${siteId}/zones`, zoneBody());
    sensorId = (await server.send('POST', `/api/sites/${siteId}/sensors`, { name: 'East <b>|camera', kind: 'file', settings: { path: '/videos/east.mp4' } })).body.sensorId;
    officer = await session([{ role: 'dutyOfficer', unitId: units.south.unitId }], 'Officer'); other = await session([{ role: 'dutyOfficer', unitId: units.south.unitId }], 'Other');
    stranger = await session([{ role: 'dutyOfficer', unitId: units.north.unitId }, { role: 'administrator', unitId: units.north.unitId }], 'Stranger'); viewer = await session([{ role: 'viewer', unitId: units.south.unitId }], 'Viewer');
    admin = await session([{ role: 'administrator', unitId: units.south.unitId }], 'Admin');
  }, 400_000);
  afterAll(async () => { await server?.close(); });

  /** As two people do it. */
  const approve = async (what: ApprovalWhat, place: { kind: string; id: string }, asker: typeof officer, giver: typeof officer) => {
    const asked = await server.send('POST', '/api/approvals', { what, placeKind: place.kind, placeId: place.id, forWhat: { en: 'a test', zh: '测试' }, reason: 'to see' }, { as: asker });
    expect(asked.status, JSON.stringify(asked.body)).toBe(201);
    const given = await server.send('POST', `/api/approvals/${asked.body.approvalId}/give`, { answer: 'yes' }, { as: giver });
    expect(given.status, JSON.stringify([asked.body, given.body])).toBeLessThan(300);
  };
  let jpeg: Buffer;
  beforeAll(async () => { jpeg = await sharp({ create: { width: 640, height: 360, channels: 3, background: '#336699' } }).jpeg().toBuffer(); });
  const show = (masksVersion: number, key = topics.picture(sensorId)) => server.bus.putLatest(key, encodePicture({ capturedAtMs: Date.now(), masksVersion, jpeg }), 10_000);
  const facts = async (what: string) => (await server.store.auditLines({ beforeSeq: null, most: 200, unitIds: null, what })).lines.map((line) => line.fact);

  test('MR1 masks make a new version of the site, are on record, and what is none is refused', async () => {
    const before = (await server.store.site(siteId))!.version;
    const drawn = await server.send('PUT', `/api/sensors/${sensorId}/masks`, { polygons: [box] }, { as: admin });
    expect(drawn.body.masks).toEqual({ version: 1, polygons: [box] });
    expect((await server.store.site(siteId))!.version).toBe(before + 1);
    expect((await facts('changed')).some((fact) => fact.route.includes('/masks') && fact.placeId === sensorId && fact.detail['masksVersion'] === 1)).toBe(true);
    expect((await server.send('PUT', `/api/sensors/${sensorId}/masks`, { polygons: [[box[0], box[2], box[1], box[3]]] }, { as: admin })).body.code).toBe('polygonCrossesItself');
    expect((await server.send('PUT', `/api/sensors/${sensorId}/masks`, { polygons: Array(21).fill(box) }, { as: admin })).status).toBe(400);
    expect((await server.send('PUT', `/api/sensors/${sensorId}/masks`, { polygons: [] }, { as: viewer })).status).toBe(403);
    expect((await server.send('PUT', `/api/sensors/${sensorId}/masks`, { polygons: [] }, { as: stranger })).status).toBe(404);
  });

  test('MR2 a picture made before the newest masks is shown to nobody', async () => {
    await show(0);
    expect((await server.send('GET', `/api/sensors/${sensorId}/picture`, undefined, { as: officer })).status).toBe(404);
    await show(1);
    const seen = await server.fetch(`/api/sensors/${sensorId}/picture`, {}, officer);
    expect(seen.status).toBe(200);
    expect(Buffer.from(await seen.arrayBuffer()).equals(jpeg)).toBe(true);
  });

  test('MR3 masks are lifted with a reason and a second person, for one person and a while, on record before; counting and everybody else stay masked', async () => {
    const lift = (as: typeof officer) => server.send('POST', `/api/sensors/${sensorId}/maskLift`, { reason: 'a child is missing', minutes: 5 }, { as });
    expect((await lift(admin)).status).toBe(403);
    expect((await lift(officer)).body.code).toBe('needsSecondPerson');
    expect((await server.send('GET', `/api/sensors/${sensorId}/picture?unmasked=1`, undefined, { as: officer })).body.code).toBe('maskNotLifted');
    await approve('liftMask', { kind: 'sensor', id: sensorId }, officer, other);
    const lifted = await lift(officer);
    expect(lifted.status).toBe(201);
    expect(lifted.body.untilMs - lifted.body.fromMs).toBe(5 * 60_000);
    expect((await facts('maskLifted'))[0]).toMatchObject({ name: 'Officer', placeId: sensorId, reason: 'a child is missing', fromMs: lifted.body.fromMs, untilMs: lifted.body.untilMs });
    await show(1, topics.unmaskedPicture(sensorId));
    expect((await server.send('GET', `/api/sensors/${sensorId}/picture?unmasked=1`, undefined, { as: officer })).status).toBe(200);
    // The same picture for anybody else, also for the one who agreed.
    for (const as of [other, admin]) expect((await server.send('GET', `/api/sensors/${sensorId}/picture?unmasked=1`, undefined, { as })).body.code).toBe('maskNotLifted');
    expect((await server.send('DELETE', `/api/sensors/${sensorId}/maskLift`, undefined, { as: officer })).status).toBe(204);
    expect((await server.send('GET', `/api/sensors/${sensorId}/picture?unmasked=1`, undefined, { as: officer })).body.code).toBe('maskNotLifted');
    expect((await server.send('POST', `/api/sensors/${sensorId}/maskLift`, { reason: 'x', minutes: 31 }, { as: officer })).status).toBe(400);
  });

  test('ST1 a still is asked of the camera blurred, stamped, on record with its hash; unblurred needs a second person; one of older masks does not leave', async () => {
    const answerAs = (masksVersion: number) => until('a wish', async () => {
      const wish = await server.bus.getLatest(topics.stillWanted(sensorId));
      if (wish === null) return null;
      const { stillId, blurred } = JSON.parse(Buffer.from(wish).toString()) as StillWish;
      if (await server.bus.getLatest(topics.still(stillId)) !== null) return null;
      await server.bus.putLatest(topics.still(stillId), encodePicture({ capturedAtMs: Date.UTC(2026, 10, 22, 8), masksVersion, jpeg }), 5000);
      return { blurred };
    });
    const ask = (blurred: boolean) => server.fetch(`/api/sensors/${sensorId}/still`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ reason: 'report 12', blurred }) }, officer);
    const [asked, still] = await Promise.all([answerAs(1), ask(true)]);
    expect(asked.blurred).toBe(true);
    expect(still.status).toBe(200);
    const bytes = Buffer.from(await still.arrayBuffer()), { width, height, exif } = await sharp(bytes).metadata();
    expect(width).toBe(640);
    // The line stands below the picture, with letters in it, and the picture itself is as it came.
    expect(height).toBeGreaterThan(375);
    const { data, info } = await sharp(bytes).extract({ left: 0, top: 360, width: 640, height: height! - 360 }).greyscale().raw().toBuffer({ resolveWithObject: true });
    expect(data.filter((value) => value > 150).length).toBeGreaterThan(info.width);
    expect(exif!.toString('utf8')).toContain('heads and number plates blurred');
    expect((await facts('exported'))[0]).toMatchObject({ name: 'Officer', placeId: sensorId, reason: 'report 12', detail: { still: true, blurred: true, sha256: still.headers.get('x-sha256') } });
    const refused = await ask(false);
    expect(((await refused.json()) as { code: string }).code).toBe('needsSecondPerson');
    await approve('unblurExport', { kind: 'sensor', id: sensorId }, officer, other);
    const [plain, clear] = await Promise.all([answerAs(1), ask(false)]);
    expect([plain.blurred, clear.status]).toEqual([false, 200]);
    const [, old] = await Promise.all([answerAs(0), ask(true)]);
    expect([old.status, ((await old.json()) as { code: string }).code]).toEqual([503, 'stillNotMade']);
    expect((await server.send('POST', `/api/sensors/${sensorId}/still`, { reason: 'x', blurred: true }, { as: viewer })).status).toBe(403);
  });

  test('RE1 times are set where one may, inherited, and refused by name outside of the legal preset', async () => {
    const put = (body: unknown, as = admin) => server.send('PUT', '/api/privacy/retention', body, { as });
    expect((await put({ unitId: units.south.unitId, preset: 'atMost72Hours', hours: { recordings: 24, alarms: 240 } })).body.inForce).toMatchObject({ preset: 'atMost72Hours' });
    const beyond = await put({ unitId: units.south.unitId, preset: 'atMost72Hours', hours: { recordings: 100 } });
    expect([beyond.status, beyond.body.code, beyond.body.values.mostEn]).toEqual([422, 'retentionOutOfBounds', '72 h']);
    expect((await put({ unitId: null, preset: null, hours: { alarms: 240 } })).status).toBe(403);
    expect((await put({ unitId: units.north.unitId, preset: null, hours: { alarms: 240 } })).status).toBe(404);
    expect((await put({ unitId: units.south.unitId, preset: null, hours: { alarms: 240 } }, viewer)).status).toBe(403);
    expect((await server.send('GET', `/api/privacy/retention?unitId=${units.south.unitId}`, undefined, { as: admin })).body.set.hours).toEqual({ recordings: 24, alarms: 240 });
  });

  test('HO1 a hold needs a second person, is seen where one may, and ends on record', async () => {
    const nowMs = Date.now(), body = { placeKind: 'site', placeId: siteId, fromMs: nowMs - 3_600_000, toMs: nowMs, untilMs: nowMs + 86_400_000, reason: 'court order 7' };
    expect((await server.send('POST', '/api/privacy/holds', body, { as: stranger })).status).toBe(404);
    expect((await server.send('POST', '/api/privacy/holds', body, { as: viewer })).status).toBe(403);
    expect((await server.send('POST', '/api/privacy/holds', body, { as: admin })).body.code).toBe('needsSecondPerson');
    await approve('holdBeyondRetention', { kind: 'site', id: siteId }, admin, await session([{ role: 'administrator', unitId: units.south.unitId }], 'Deputy'));
    const held = await server.send('POST', '/api/privacy/holds', body, { as: admin });
    expect(held.body).toMatchObject({ placeName: 'Square', byName: 'Admin', unitId: units.south.unitId });
    expect((await server.send('GET', '/api/privacy/holds', undefined, { as: admin })).body.holds).toHaveLength(1);
    expect((await server.send('GET', '/api/privacy/holds', undefined, { as: stranger })).body.holds).toEqual([]);
    expect((await server.send('DELETE', `/api/privacy/holds/${held.body.holdId}`, undefined, { as: stranger })).status).toBe(404);
    expect((await server.send('DELETE', `/api/privacy/holds/${held.body.holdId}`, undefined, { as: admin })).body.endedByName).toBe('Admin');
    expect((await server.send('DELETE', `/api/privacy/holds/${held.body.holdId}`, undefined, { as: admin })).body.code).toBe('holdOver');
    expect((await facts('held'))[0]).toMatchObject({ reason: 'court order 7', placeId: siteId });
  });

  test('PG1 purge reports are cut to the units of whoever asks; a dry run changes nothing', async () => {
    await server.store.keepZoneMinutes(siteId, [{ zoneId: 'z', minute: { minuteAtMs: Date.now() - 400 * 86_400_000, kept: 'few' } }]);
    const dry = await server.send('POST', '/api/privacy/purges/dry', {}, { as: admin });
    expect(dry.body.lines.find((line: { kind: string }) => line.kind === 'zoneMinutes')).toMatchObject({ due: 1, gone: 0, unitId: units.south.unitId });
    await server.store.purge({ nowMs: Date.now(), dryRun: false, defaults: { zoneMinutes: 720, alarms: 720, incidents: 720, attachments: 720, notices: 720, recordings: 72 } });
    const [report] = (await server.send('GET', '/api/privacy/purges', undefined, { as: admin })).body.reports;
    expect(report).toMatchObject({ proved: true });
    expect(report.lines.every((line: { unitId: string }) => line.unitId === units.south.unitId)).toBe(true);
    expect((await server.send('GET', '/api/privacy/purges', undefined, { as: stranger })).body.reports[0].lines).toEqual([]);
  });

  test('AF1 a history under the anonymity floor is a number in no answer of any route', async () => {
    const zoneId = (await server.store.site(siteId))!.zones[0]!.zoneId, nowMs = Date.now(), marker = 1.7317;
    const minutes = Array.from({ length: 240 }, (_, n) => ({ zoneId, minute: { minuteAtMs: nowMs - (n + 2) * 60_000, kept: 'figures' as const, peoplePerM2Mean: marker / 300, peoplePerM2Error: 0.001, peoplePerM2Peak: marker, peopleCount: marker, seenShare: 1 } }));
    await server.store.keepZoneMinutes(siteId, minutes);
    await server.store.packZoneDay(siteId, [zoneId], Math.floor(nowMs / 86_400_000));
    const ids: Record<string, string> = { siteId, sensorId, zoneId, unitId: units.south.unitId };
    let answers = 0, few = 0;
    for (const { method, url } of server.routes) {
      if (method !== 'GET' || !url.startsWith('/api/') || [...url.matchAll(/:(\w+)/g)].some(([, name]) => ids[name!] === undefined) || url.endsWith('/picture')) continue;
      for (const query of ['', `?siteId=${siteId}`, `?unitId=${units.south.unitId}`, `?minutes=300`, `?sinceMs=${nowMs - 86_400_000}&untilMs=${nowMs}`]) {
        const answer = await server.fetch(url.replaceAll(/:(\w+)/g, (_, name: string) => ids[name]!) + query), text = await answer.text();
        if (!answer.ok) continue;
        answers++;
        if (text.includes('"few"')) few++;
        expect(text.includes('1.7317') || text.includes(String(marker / 300)), `${url}${query}`).toBe(false);
      }
    }
    // It walked, and the past itself says "few".
    expect(answers).toBeGreaterThan(20);
    expect(few).toBeGreaterThan(0);
  });

  test('IA1 the impact assessment tells what is set, in both languages, names nobody, and nothing in it becomes markup', async () => {
    const get = (query: string, as = admin) => server.send('GET', `/api/privacy/assessment?${query}`, undefined, { as });
    const english = (await get(`unitId=${units.south.unitId}&language=en`)).body as string, chinese = (await get(`unitId=${units.south.unitId}&language=zh`)).body as string;
    for (const words of ['Square', 'at most 72 hours', '24 h', 'TLS: off', 'TLS is off', '| duty officer | 3 |', 'lifting a privacy mask', 'County S']) expect(english, words).toContain(words);
    for (const words of ['不超过 72 小时', '影响评估', 'S区', '由运营单位填写']) expect(chinese, words).toContain(words);
    for (const text of [english, chinese]) for (const name of ['Officer', 'Stranger', 'Viewer', 'Admin', officer.accountId, '/videos/']) expect(text).not.toContain(name === 'Officer' ? '| Officer' : name === 'Admin' ? 'Admin ' : name);
    await server.send('PUT', `/api/sites/${siteId}`, siteBody({ name: '<script>alert(1)</script>|x' }));
    const page = (await get(`unitId=${units.south.unitId}&language=en&format=html`)).body as string;
    expect(page).not.toContain('<script>');
    expect(page).toContain('&#60;script&#62;');
    expect((page.match(/<table>/g) ?? []).length).toBeGreaterThan(4);
    expect((await get('language=en')).status).toBe(403);
    expect((await get(`unitId=${units.south.unitId}`, stranger)).status).toBe(404);
    expect((await get(`unitId=${units.south.unitId}`, viewer)).status).toBe(403);
  });
});
