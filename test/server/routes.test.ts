// Every route: what it answers when all is well, and the name of what is wrong when it is not.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Type from 'typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodePicture } from '../../contract/picture.ts';
import { Alarm } from '../../contract/alarm.ts';
import { AlarmPage, Kinds, Overview, SensorTestAnswer, ZonePast } from '../../contract/api.ts';
import { decodeInput } from '../../contract/decide.ts';
import { ProblemNote } from '../../contract/problem.ts';
import { checker } from '../../contract/schema.ts';
import { Sensor, SiteConfig, Zone } from '../../contract/site.ts';
import { LOG_START, topics } from '../../store/bus/bus.ts';
import { commit, leaseOf, raisedAlarm, serverForTest, siteBody, until, zoneBody, type ServerForTest } from './serverForTest.ts';

let server: ServerForTest, siteId: string, webFolder: string;
beforeAll(async () => {
  webFolder = join((await import('node:os')).tmpdir(), `crowdlight-web-${process.pid}`);
  mkdirSync(join(webFolder, 'assets'), { recursive: true });
  writeFileSync(join(webFolder, 'index.html'), '<!doctype html><title>Crowdlight</title>');
  writeFileSync(join(webFolder, 'assets', 'main-abc123.js'), 'export {}');
  writeFileSync(join(webFolder, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  server = await serverForTest({ webFolder });
  siteId = (await server.send('POST', '/api/sites', siteBody())).body.site.siteId;
});
afterAll(async () => { await server.close(); (await import('node:fs')).rmSync(webFolder, { recursive: true, force: true }); });

/** The answer fits the schema of the contract, or the test names the fault. */
function fits<S extends Type.TSchema>(schema: S, value: unknown): Type.Static<S> {
  const checked = checker(schema)(value);
  if (!checked.ok) throw new Error(`${JSON.stringify(value)} does not fit: ${JSON.stringify(checked.faults)}`);
  return checked.value;
}
async function refused(method: string, path: string, body: unknown, status: number, code: string): Promise<ProblemNote> {
  const answer = await server.send(method, path, body);
  expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  expect(JSON.stringify(answer.body)).not.toMatch(/\.ts:\d+|node_modules/);
  return fits(ProblemNote, answer.body) as ProblemNote;
}
async function heardOn(topic: string, work: () => Promise<unknown>): Promise<any[]> {
  const heard: any[] = [];
  const stop = await server.bus.subscribe(topic, (bytes) => heard.push(JSON.parse(Buffer.from(bytes).toString())));
  await work();
  await until('a word on the bus', () => heard.length > 0);
  await stop();
  return heard;
}

describe('sites and zones', () => {
  test('RO1 a site is added, changed and removed, and each time everybody is told', async () => {
    const [told] = await heardOn(topics.siteChanged, async () => {
      const made = await server.send('POST', '/api/sites', siteBody({ name: 'Station' }));
      expect(made.status).toBe(201);
      expect(fits(SiteConfig, made.body).site).toMatchObject({ name: 'Station', demo: false });
    });
    expect(told.version).toBe(1);
    const changed = await server.send('PUT', `/api/sites/${told.siteId}`, siteBody({ name: 'North station' }));
    expect([changed.status, fits(SiteConfig, changed.body).site.name, changed.body.version]).toEqual([200, 'North station', 2]);
    const [gone] = await heardOn(topics.siteChanged, async () => { expect((await server.send('DELETE', `/api/sites/${told.siteId}`)).status).toBe(204); });
    expect(gone).toEqual({ siteId: told.siteId, version: 0 });
    await refused('PUT', `/api/sites/${told.siteId}`, siteBody(), 404, 'notFound');
    await refused('DELETE', `/api/sites/${told.siteId}`, undefined, 404, 'notFound');
  });

  test.each([
    ['no name', { ...siteBody(), name: '' }], ['a field nobody knows', { ...siteBody(), colour: 'red' }], ['a cell of 3 m', siteBody({ grid: { cellM: 3 as 1, columns: 9, rows: 9 } })],
    ['too many cells', siteBody({ grid: { cellM: 1, columns: 4000, rows: 4000 } })], ['a place off the Earth', siteBody({ origin: { lng: 0, lat: 91 } })], ['nothing', {}], ['a list', []],
  ])('RO2 a site with %s is refused', async (_what, body) => { await refused('POST', '/api/sites', body, 400, 'inputWrong'); });

  test('RO3 a body that is no JSON, or too large, is refused and nothing breaks', async () => {
    await refused('POST', '/api/sites', '{"name":', 400, 'inputWrong');
    await refused('POST', '/api/sites', JSON.stringify({ ...siteBody(), name: 'x'.repeat(300_000) }), 413, 'inputWrong');
    expect((await server.send('GET', '/health')).status).toBe(200);
  });

  test('RO4 a zone is added, changed and removed', async () => {
    const made = await server.send('POST', `/api/sites/${siteId}/zones`, zoneBody());
    expect(made.status).toBe(201);
    const { zoneId } = fits(Zone, made.body);
    const changed = await server.send('PUT', `/api/zones/${zoneId}`, zoneBody({ name: 'West gate', kind: 'exit' }));
    expect(fits(Zone, changed.body)).toMatchObject({ zoneId, name: 'West gate', kind: 'exit' });
    expect((await server.send('DELETE', `/api/zones/${zoneId}`)).status).toBe(204);
    await refused('PUT', `/api/zones/${zoneId}`, zoneBody(), 404, 'notFound');
    await refused('DELETE', `/api/zones/${zoneId}`, undefined, 404, 'notFound');
    await refused('GET', `/api/zones/${zoneId}/past`, undefined, 404, 'notFound');
  });

  test.each([
    ['crosses itself', zoneBody({ polygon: [{ xM: 10, yM: 10 }, { xM: 30, yM: 30 }, { xM: 30, yM: 10 }, { xM: 10, yM: 30 }] }), 422, 'polygonCrossesItself'],
    ['is smaller than a cell', zoneBody({ polygon: [{ xM: 10, yM: 10 }, { xM: 10.5, yM: 10 }, { xM: 10, yM: 10.5 }] }), 422, 'polygonTooSmall'],
    ['lies outside', zoneBody({ polygon: [{ xM: 100, yM: 100 }, { xM: 120, yM: 100 }, { xM: 120, yM: 120 }] }), 422, 'polygonOutside'],
    ['has limits out of order', zoneBody({ limits: { noticePeoplePerM2: 4, warningPeoplePerM2: 3.5, dangerPeoplePerM2: 4.7, criticalPeoplePerM2: 5.5 } }), 422, 'limitsOutOfOrder'],
    ['has two corners', zoneBody({ polygon: [{ xM: 1, yM: 1 }, { xM: 2, yM: 2 }] }), 400, 'inputWrong'],
    ['names a rule nobody knows', zoneBody({ rules: { densityHihg: {} } }), 400, 'inputWrong'],
    ['has a setting that its rule does not know', zoneBody({ rules: { densityHigh: { nonsense: 1 } } }), 400, 'inputWrong'],
  ])('RO5 a zone that %s is refused', async (_what, body, status, code) => { await refused('POST', `/api/sites/${siteId}/zones`, body, status, code); });

  test('RO6 a grid that would leave a zone outside is refused, naming the zone', async () => {
    const { body: site } = await server.send('POST', '/api/sites', siteBody({ name: 'Shrinking' }));
    await server.send('POST', `/api/sites/${site.site.siteId}/zones`, zoneBody({ name: 'Far corner' }));
    const note = await refused('PUT', `/api/sites/${site.site.siteId}`, siteBody({ grid: { cellM: 1, columns: 15, rows: 15 } }), 422, 'polygonOutside');
    expect(note.detail).toBe('Far corner');
  });

  test('RO7 the past of a zone comes as it was kept, "few" without a number', async () => {
    const { body: zone } = await server.send('POST', `/api/sites/${siteId}/zones`, zoneBody({ name: 'Remembered' }));
    const minuteAtMs = Math.floor(Date.now() / 60_000) * 60_000 - 120_000;
    await server.store.keepZoneMinutes(siteId, [
      { zoneId: zone.zoneId, minute: { minuteAtMs, kept: 'figures', peoplePerM2Mean: 1.5, peoplePerM2Error: 0.2, peoplePerM2Peak: 3, peopleCount: 450, seenShare: 1 } },
      { zoneId: zone.zoneId, minute: { minuteAtMs: minuteAtMs + 60_000, kept: 'few' } },
    ]);
    const past = fits(ZonePast, (await server.send('GET', `/api/zones/${zone.zoneId}/past?minutes=10`)).body);
    expect(past.minutes.map(({ kept }) => kept)).toEqual(['figures', 'few']);
    expect(past.minutes[1]).toEqual({ minuteAtMs: minuteAtMs + 60_000, kept: 'few' });
    await refused('GET', `/api/zones/${zone.zoneId}/past?minutes=0`, undefined, 400, 'inputWrong');
    await refused('GET', `/api/zones/${zone.zoneId}/past?minutes=ten`, undefined, 400, 'inputWrong');
  });
});

describe('sensors', () => {
  const camera = { name: 'Gate camera', kind: 'rtsp', settings: { url: 'rtsp://op:marker-password@192.0.2.10/main?channel=1' } };
  const corners = [[0.1, 0.9, 10, 5], [0.9, 0.9, 30, 5], [0.7, 0.3, 30, 35], [0.3, 0.3, 10, 35]].map(([xShare, yShare, xM, yM]) => ({ picture: { xShare, yShare }, ground: { xM, yM } }));
  const placing = { position: { xM: 20, yM: 0 }, heightM: 8, bearingDeg: 0, headHeightM: 1.6, pictureAspect: 16 / 9, points: corners, rangeMostM: null };

  test('RO8 a camera is added, changed, placed and removed; its password comes out nowhere', async () => {
    const made = await server.send('POST', `/api/sites/${siteId}/sensors`, camera);
    expect(made.status).toBe(201);
    const sensor = fits(Sensor, made.body);
    expect(sensor).toMatchObject({ name: 'Gate camera', enabled: true, calibration: null, addressShown: 'rtsp://192.0.2.10/main' });

    const renamed = await server.send('PUT', `/api/sensors/${sensor.sensorId}`, { name: 'Gate camera 2', settings: { transport: 'udp' } });
    expect(fits(Sensor, renamed.body).name).toBe('Gate camera 2');
    expect((await server.store.sensorSource(sensor.sensorId))?.settings).toEqual({ ...camera.settings, transport: 'udp' });
    await server.send('PUT', `/api/sensors/${sensor.sensorId}`, { settings: { transport: null }, enabled: false });
    expect(await server.store.sensorSource(sensor.sensorId)).toMatchObject({ settings: camera.settings, sensor: { enabled: false } });

    const placed = await server.send('PUT', `/api/sensors/${sensor.sensorId}/calibration`, placing);
    expect(placed.body).toMatchObject({ calibration: { version: 1, heightM: 8 } });
    fits(Sensor, placed.body);
    const seen = [made, renamed, placed, await server.send('GET', '/api/overview'), await server.send('GET', '/metrics')].map(({ body }) => JSON.stringify(body)).join();
    expect(seen).not.toContain('marker-password');
    expect(fits(Sensor, (await server.send('PUT', `/api/sensors/${sensor.sensorId}/calibration`, null)).body).calibration).toBeNull();
    expect((await server.send('DELETE', `/api/sensors/${sensor.sensorId}`)).status).toBe(204);
    for (const [method, path, body] of [['PUT', '', { name: 'x' }], ['PUT', '/calibration', null], ['DELETE', '', undefined], ['GET', '/picture', undefined]] as const) await refused(method, `/api/sensors/${sensor.sensorId}${path}`, body, 404, 'notFound');
  });

  test.each([
    ['a kind nobody knows', { ...camera, kind: 'lidar' }, 'inputWrong'], ['an address of another scheme', { ...camera, settings: { url: 'http://192.0.2.10/' } }, null], ['a command as its address', { ...camera, settings: { url: 'exec:rm' } }, null],
    ['a setting its kind does not know', { ...camera, settings: { ...camera.settings, cookie: 'x' } }, 'inputWrong'], ['a video that is a web address', { name: 'v', kind: 'file', settings: { path: 'http://192.0.2.1/a.mp4' } }, 'addressNotUnderstood'],
  ])('RO9 a sensor with %s is refused', async (_what, body, code) => {
    const answer = await server.send('POST', `/api/sites/${siteId}/sensors`, body);
    expect(answer.status).toBe(400);
    if (code !== null) expect(answer.body.code).toBe(code);
    fits(ProblemNote, answer.body);
  });
  test('RO9 a sensor of a site that is not there is refused', async () => { await refused('POST', '/api/sites/nowhere/sensors', camera, 404, 'notFound'); });

  test('RO10 a placing is refused when its points lie on one line, are too few, or fit no ground', async () => {
    const { body: sensor } = await server.send('POST', `/api/sites/${siteId}/sensors`, { ...camera, name: 'Placed badly' });
    const path = `/api/sensors/${sensor.sensorId}/calibration`;
    const line = [0.1, 0.3, 0.6, 0.9].map((share, at) => ({ picture: { xShare: share, yShare: share }, ground: { xM: at * 5, yM: at * 5 } }));
    await refused('PUT', path, { ...placing, points: line }, 422, 'pointsOnOneLine');
    await refused('PUT', path, { ...placing, points: corners.slice(0, 3) }, 400, 'inputWrong');
    const wild = [...corners, { picture: { xShare: 0.5, yShare: 0.6 }, ground: { xM: 90, yM: 90 } }, { picture: { xShare: 0.45, yShare: 0.55 }, ground: { xM: -60, yM: 2 } }];
    await refused('PUT', path, { ...placing, points: wild }, 422, 'pointsDoNotFit');
    expect((await server.store.sensorSource(sensor.sensorId))?.sensor.calibration).toBeNull();
  });

  test('RO11 an address is tried by whoever serves tests; its problem comes back by name', async () => {
    const stop = await server.bus.serve(topics.sensorTest, async (bytes) => {
      // Between processes it travels sealed: a password stands in it.
      expect(Buffer.from(bytes).toString()).not.toContain('192.0.2.10');
      const { settings } = JSON.parse(server.store.unsealed(Buffer.from(bytes).toString(), 'bus/sensorTest'));
      return Buffer.from(JSON.stringify(settings.url.includes('good')
        ? { answer: { stream: { codec: 'h264', widthPx: 640, heightPx: 360, framesPerS: 15 }, clockSkewMs: 12, firstPictureMs: 400, pictureJpegBase64: 'AAAA' } }
        : { problem: { code: 'cameraPasswordRefused', values: {}, detail: '401' } }));
    });
    const good = await server.send('POST', '/api/sensors/test', { kind: 'rtsp', settings: { url: 'rtsp://192.0.2.10/good' } });
    expect([good.status, fits(SensorTestAnswer, good.body).stream.codec]).toEqual([200, 'h264']);
    await refused('POST', '/api/sensors/test', { kind: 'rtsp', settings: { url: 'rtsp://192.0.2.10/bad' } }, 502, 'cameraPasswordRefused');
    await refused('POST', '/api/sensors/test', { kind: 'rtsp', settings: {} }, 400, 'inputWrong');
    await stop();
  });

  test('RO12 a picture is asked for while somebody looks, waited for, and dated', async () => {
    const { body: sensor } = await server.send('POST', `/api/sites/${siteId}/sensors`, { ...camera, name: 'Looked at' });
    const wanted = until('picture wanted', () => server.bus.getLatest(topics.pictureWanted(sensor.sensorId)));
    const asked = server.fetch(`/api/sensors/${sensor.sensorId}/picture`);
    await wanted;
    await server.bus.putLatest(topics.picture(sensor.sensorId), encodePicture({ capturedAtMs: 1_700_000_000_123, masksVersion: 0, jpeg: Buffer.from('jpeg bytes') }), 10_000);
    const answer = await asked;
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('x-captured-at-ms'), answer.headers.get('cache-control')]).toEqual([200, 'image/jpeg', '1700000000123', 'no-store']);
    expect(await answer.text()).toBe('jpeg bytes');
    const { body: other } = await server.send('POST', `/api/sites/${siteId}/sensors`, { ...camera, name: 'Dark' });
    await refused('GET', `/api/sensors/${other.sensorId}/picture`, undefined, 404, 'notFound');
  });
});

describe('alarms, overview and the rest', () => {
  test('RO13 the list of alarms is paged, newest first', async () => {
    const { body: { site } } = await server.send('POST', '/api/sites', siteBody({ name: 'Busy' }));
    const lease = await leaseOf(server.store, site.siteId);
    const firstMs = Date.now() - 1_000_000;
    await commit(server.store, lease, site.siteId, Array.from({ length: 12 }, (_, at) => raisedAlarm(site.siteId, at, firstMs + at * 1000)));
    const page = fits(AlarmPage, (await server.send('GET', '/api/alarms?most=10')).body);
    expect([page.alarms.length, page.more]).toEqual([10, true]);
    const times = page.alarms.map(({ raisedAtMs }) => raisedAtMs);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    await refused('GET', '/api/alarms?most=100000', undefined, 400, 'inputWrong');
  });

  test('RO14 acknowledging an alarm nobody knows, or one that nobody decides on, says so', async () => {
    await refused('POST', '/api/alarms/none/acknowledge', { commandId: 'c1' }, 404, 'alarmUnknown');
    await refused('POST', '/api/alarms/none/acknowledge', {}, 400, 'inputWrong');
    const lease = await leaseOf(server.store, siteId);
    const event = raisedAlarm(siteId, 77);
    await commit(server.store, lease, siteId, [event]);
    await refused('POST', `/api/alarms/${encodeURIComponent(event.alarm.alarmId)}/acknowledge`, { commandId: 'c2' }, 503, 'notJudged');
    const { entries } = await server.bus.read(topics.inputs(siteId), LOG_START, { mostEntries: 1000, waitMs: 0 });
    expect(entries.map(({ bytes }) => decodeInput(bytes))).toContainEqual(expect.objectContaining({ type: 'acknowledge', commandId: 'c2', alarmId: event.alarm.alarmId, by: 'Administrator' }));
  });

  test('RO15 an acknowledgement that is answered comes back as the alarm; one that is refused as its problem', async () => {
    const lease = await leaseOf(server.store, siteId);
    const event = raisedAlarm(siteId, 78);
    await commit(server.store, lease, siteId, [event]);
    let after = await server.bus.newestId(topics.inputs(siteId));
    const answerNext = async (answer: object) => {
      const { entries } = await server.bus.read(topics.inputs(siteId), after, { mostEntries: 1, waitMs: 2000 });
      after = entries[0]!.entryId;
      const input = decodeInput(entries[0]!.bytes) as { commandId: string };
      await server.bus.publish(topics.commandAnswers, Buffer.from(JSON.stringify({ commandId: input.commandId, ...answer })));
    };
    const path = `/api/alarms/${encodeURIComponent(event.alarm.alarmId)}/acknowledge`;
    const [done] = await Promise.all([server.send('POST', path, { commandId: 'c3', by: 'Li' }), answerNext({ done: true, alarmId: event.alarm.alarmId })]);
    expect([done.status, fits(Alarm, done.body).alarmId]).toEqual([200, event.alarm.alarmId]);
    const [late] = await Promise.all([server.send('POST', path, { commandId: 'c4' }), answerNext({ done: false, problem: { code: 'alarmStepNotAllowed', values: { state: 'closed' }, detail: null } })]);
    expect([late.status, late.body.code]).toEqual([409, 'alarmStepNotAllowed']);
  });

  test('RO16 the overview fits its schema and names the base maps', async () => {
    writeFileSync(join(server.dataFolder, 'city.pmtiles'), Buffer.from('0123456789'));
    const overview = fits(Overview, (await server.send('GET', '/api/overview')).body);
    expect(overview.basemaps).toEqual(['city.pmtiles']);
    expect(overview.lastSeq).toBe(await server.store.lastSeq());
    expect(overview.sites.map(({ site }) => site.siteId)).toContain(siteId);
    expect(overview.zones.map((zones) => zones.siteId)).toContain(siteId);
  });

  test('RO17 base maps are served in byte ranges, and no name reaches another file', async () => {
    writeFileSync(join(server.dataFolder, 'city.pmtiles'), Buffer.from('0123456789'));
    writeFileSync(join(server.dataFolder, 'secret.txt'), 'secret');
    const part = async (range: string) => { const answer = await server.fetch(`/basemap/city.pmtiles`, { headers: { range } }); return [answer.status, answer.headers.get('content-range'), await answer.text()]; };
    expect(await part('bytes=2-4')).toEqual([206, 'bytes 2-4/10', '234']);
    expect(await part('bytes=7-')).toEqual([206, 'bytes 7-9/10', '789']);
    expect(await part('bytes=-3')).toEqual([206, 'bytes 7-9/10', '789']);
    expect(await part('bytes=8-100')).toEqual([206, 'bytes 8-9/10', '89']);
    expect(await part('bytes=50-60')).toEqual([416, 'bytes */10', '']);
    expect(await (await server.fetch(`/basemap/city.pmtiles`)).text()).toBe('0123456789');
    for (const name of ['secret.txt', '..%2fsecret.txt', '%2e%2e%2fcity.pmtiles', 'none.pmtiles', '..%5csecret.txt', 'city.pmtiles%00']) {
      expect((await server.send('GET', `/basemap/${name}`)).status, name).toBeGreaterThanOrEqual(400);
    }
  });

  test('RO18 the kinds come with their schemas and words', async () => {
    const kinds = fits(Kinds, (await server.send('GET', '/api/kinds')).body);
    expect(kinds.sensors.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['file', 'rtsp', 'rtsps']));
    expect(kinds.rules.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['densityHigh', 'sensorSilent']));
  });

  test('RO19 the page: hashed files for ever, the rest anew, every view of it the same file', async () => {
    const caching = async (path: string) => { const answer = await server.send('GET', path); return [answer.status, answer.headers.get('cache-control')]; };
    expect(await caching('/')).toEqual([200, 'no-cache']);
    expect(await caching('/sites/abc')).toEqual([200, 'no-cache']);
    expect(await caching('/icon.svg')).toEqual([200, 'no-cache']);
    expect(await caching('/assets/main-abc123.js')).toEqual([200, 'public, max-age=31536000, immutable']);
    await refused('GET', '/assets/none.js', undefined, 404, 'notFound');
    await refused('GET', '/api/none', undefined, 404, 'notFound');
    await refused('POST', '/sites/abc', {}, 404, 'notFound');
    for (const path of ['/..%2f..%2fetc%2fpasswd', '/%2e%2e/%2e%2e/etc/passwd', '/assets/..%2f..%2f..%2fetc%2fpasswd']) expect(JSON.stringify((await server.send('GET', path)).body)).not.toContain('root:');
  });

  test('RO20 health and metrics', async () => {
    expect((await server.send('GET', '/health')).body).toMatchObject({ well: true, problems: [] });
    const metrics = (await server.send('GET', '/metrics')).body as string;
    for (const name of ['crowdlight_screens', 'crowdlight_http_requests_total', 'crowdlight_database_up 1', 'crowdlight_process_resident_memory_bytes']) expect(metrics).toContain(name);
  });
});
