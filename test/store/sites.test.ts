// Sites, zones and sensors in a real PostgreSQL.
import { spawn } from 'node:child_process';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Problem } from '../../contract/problem.ts';
import { openStore } from '../../store/openStore.ts';
import type { Store } from '../../store/store.ts';
import { freshDatabase } from '../support/postgres.ts';
import { calibrationBody, sensorBody, silent, siteBody, sleep, zoneBody, alarmEvent } from './things.ts';

let store: Store, database: Awaited<ReturnType<typeof freshDatabase>>, client: pg.Client;
beforeAll(async () => {
  database = await freshDatabase();
  store = await openStore({ databaseUrl: database.databaseUrl, log: silent });
  client = new pg.Client({ connectionString: database.databaseUrl });
  client.on('error', () => {});
  await client.connect();
});
afterAll(async () => { await client?.end(); await store?.close(); await database?.drop(); });

const codeOf = (work: Promise<unknown>) => work.then(() => 'no problem', (error: unknown) => (error instanceof Problem ? error.note.code : `not a Problem: ${String(error)}`));

test('every change makes the next version of its site, and every version can be read again as it was', async () => {
  const first = await store.addSite(siteBody);
  expect(first).toMatchObject({ version: 1, site: { name: 'Market square', demo: false }, zones: [], sensors: [] });
  const { siteId } = first.site;
  const { zone, config: second } = await store.addZone(siteId, zoneBody);
  const { config: third } = await store.changeZone(zone.zoneId, { ...zoneBody, name: 'Stage, left', rules: undefined });
  const fourth = await store.changeSite(siteId, { ...siteBody, name: 'Old market' });
  const fifth = await store.removeZone(zone.zoneId);
  expect([second, third, fourth, fifth].map((config) => config.version)).toEqual([2, 3, 4, 5]);
  expect(third.zones[0]).toMatchObject({ name: 'Stage, left', rules: { densityHigh: { dwellMs: 4000 } } }); // rules that are left out stay
  for (const config of [first, second, third, fourth, fifth]) expect(await store.siteAtVersion(siteId, config.version)).toEqual(config);
  expect(await store.site(siteId)).toEqual(fifth);
  expect(await store.sites()).toContainEqual(fifth);
  expect(await store.siteAtVersion(siteId, 99)).toBeNull();
});

test('no password of a camera is in any site, in any version of it, or open anywhere else in the database', async () => {
  const { site: { siteId } } = await store.addSite({ ...siteBody, siteId: 'secrets' });
  const { sensor } = await store.addSensor(siteId, sensorBody);
  await store.changeSensor(sensor.sensorId, { name: 'Camera one' });
  await store.calibrateSensor(sensor.sensorId, calibrationBody);
  expect(JSON.stringify([await store.sites(), await store.siteAtVersion(siteId, 2), await store.siteAtVersion(siteId, 4)])).not.toContain('tOpSecret');
  const { rows } = await client.query<{ name: string }>(`select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`);
  const holding: string[] = [];
  for (const { name } of rows) if ((await client.query(`select 1 from "${name}" t where t::text like '%tOpSecret%' limit 1`)).rowCount) holding.push(name);
  expect(holding).toEqual([]);
  expect(await store.sensorSource(sensor.sensorId)).toMatchObject({ sensor: { name: 'Camera one' }, settings: sensorBody.settings });
  await store.changeSensor(sensor.sensorId, { settings: { address: 'rtsp://192.0.2.8/sub' }, addressShown: 'rtsp://192.0.2.8/sub', enabled: false });
  expect((await store.sensorSources()).find((source) => source.sensor.sensorId === sensor.sensorId)).toMatchObject({ settings: { address: 'rtsp://192.0.2.8/sub' }, sensor: { enabled: false, addressShown: 'rtsp://192.0.2.8/sub' } });
  await store.removeSensor(sensor.sensorId);
  expect(await store.sensorSource(sensor.sensorId)).toBeNull();
  expect((await client.query('select 1 from sensor_settings where sensor_id = $1', [sensor.sensorId])).rowCount).toBe(0);
});

test('the version of a calibration grows also over its removal', async () => {
  const { site: { siteId } } = await store.addSite(siteBody);
  const { sensor: { sensorId } } = await store.addSensor(siteId, sensorBody);
  expect((await store.calibrateSensor(sensorId, calibrationBody)).sensor.calibration?.version).toBe(1);
  expect((await store.calibrateSensor(sensorId, calibrationBody)).sensor.calibration?.version).toBe(2);
  expect((await store.calibrateSensor(sensorId, null)).sensor.calibration).toBeNull();
  expect((await store.calibrateSensor(sensorId, calibrationBody)).sensor.calibration?.version).toBe(3);
  // Another grid gives the cells other numbers, so readings of the old placing must be told apart; another name does not.
  expect((await store.changeSite(siteId, { ...siteBody, name: 'Renamed' })).sensors.find((sensor) => sensor.sensorId === sensorId)?.calibration?.version).toBe(3);
  expect((await store.changeSite(siteId, { ...siteBody, grid: { ...siteBody.grid, columns: siteBody.grid.columns + 5 } })).sensors.find((sensor) => sensor.sensorId === sensorId)?.calibration?.version).toBe(4);
});

test('a site, zone or sensor that is asked for by id is made once and then given as it is', async () => {
  const both = await Promise.all([store.addSite({ ...siteBody, siteId: 'plaza' }), store.addSite({ ...siteBody, siteId: 'plaza', name: 'another name' })]);
  expect(both[0]).toEqual(both[1]);
  expect(both[0].version).toBe(1);
  await store.addZone('plaza', { ...zoneBody, zoneId: 'north' });
  expect((await store.addZone('plaza', { ...zoneBody, zoneId: 'north', name: 'again' })).config).toMatchObject({ version: 2, zones: [{ name: 'Stage' }] });
  await store.addSensor('plaza', { ...sensorBody, sensorId: 'cam' });
  expect((await store.addSensor('plaza', { ...sensorBody, sensorId: 'cam' })).config.version).toBe(3);
});

test('a site that is made again under its old id goes on counting its versions', async () => {
  await store.addSite({ ...siteBody, siteId: 'again' });
  await store.changeSite('again', siteBody);
  await store.removeSite('again');
  expect(await store.site('again')).toBeNull();
  expect((await store.addSite({ ...siteBody, siteId: 'again' })).version).toBe(3);
  expect((await store.siteAtVersion('again', 2))?.version).toBe(2);
});

test('removing a site closes its open alarms in the record, so that they do not stand on screens for ever', async () => {
  await store.addSite({ ...siteBody, siteId: 'closing' });
  const lease = (await store.takeLease('site:closing', 'd1', 10_000))!;
  const snapshot = { siteId: 'closing', fence: lease.fence, inputId: '1-0', configVersion: 1, stateJson: '{}', savedAtMs: 1 };
  await store.recordEvents({ events: [alarmEvent('closing', 1000)], snapshot, lease });
  await store.removeSite('closing');
  const alarm = await store.alarm('closing.densityHigh.z1.1000');
  expect(alarm).toMatchObject({ state: 'closed', closedBecause: 'placeRemoved', version: 2, acknowledged: null });
  expect((await store.eventsAfter(0, 1000)).at(-1)?.event).toMatchObject({ from: 'raised', alarm: { state: 'closed' } });
  // Its decider has not heard of it yet, and must not raise anything any more.
  await expect(store.recordEvents({ events: [alarmEvent('closing', 2000)], snapshot, lease })).rejects.toThrow('was lost');
});

test('what is not there is notFound, and changes nothing', async () => {
  expect(await Promise.all([
    codeOf(store.changeSite('nowhere', siteBody)), codeOf(store.removeSite('nowhere')), codeOf(store.addZone('nowhere', zoneBody)), codeOf(store.changeZone('nowhere', zoneBody)),
    codeOf(store.removeZone('nowhere')), codeOf(store.addSensor('nowhere', sensorBody)), codeOf(store.changeSensor('nowhere', { name: 'x' })), codeOf(store.calibrateSensor('nowhere', null)), codeOf(store.removeSensor('nowhere')),
  ])).toEqual(Array(9).fill('notFound'));
});

test('a character that PostgreSQL cannot keep is wrong input, not a broken server', async () => {
  expect(await codeOf(store.addSite({ ...siteBody, name: 'a\u0000b' }))).toBe('inputWrong');
  expect(store.isUp()).toBe(true);
});

test('changes of one site at the same time come one after the other and lose nothing', async () => {
  const { site: { siteId } } = await store.addSite(siteBody);
  await Promise.all(Array.from({ length: 20 }, (_, index) => store.addZone(siteId, { ...zoneBody, name: `zone ${index}` })));
  const config = await store.site(siteId);
  expect(config).toMatchObject({ version: 21 });
  expect(new Set(config!.zones.map((zone) => zone.name)).size).toBe(20);
});

test('there are limits: 500 zones and 500 sensors a site, 200 sites', async () => {
  const { site: { siteId } } = await store.addSite(siteBody);
  const { zone } = await store.addZone(siteId, zoneBody);
  const { sensor } = await store.addSensor(siteId, sensorBody);
  await client.query(`insert into zone (zone_id, site_id, zone) select 'f' || n, $1, zone || jsonb_build_object('zoneId', 'f' || n) from zone, generate_series(1, 499) n where zone_id = $2`, [siteId, zone.zoneId]);
  await client.query(`insert into sensor (sensor_id, site_id, sensor) select 'f' || n, $1, sensor || jsonb_build_object('sensorId', 'f' || n) from sensor, generate_series(1, 499) n where sensor_id = $2`, [siteId, sensor.sensorId]);
  await expect(store.addZone(siteId, zoneBody)).rejects.toMatchObject({ note: { code: 'tooMany', values: { most: 500 } } });
  await expect(store.addSensor(siteId, sensorBody)).rejects.toMatchObject({ note: { code: 'tooMany', values: { most: 500 } } });
  expect((await store.changeSite(siteId, siteBody)).zones).toHaveLength(500); // a full site can still be changed
  const { rows } = await client.query<{ count: string }>('select count(*) from site');
  await client.query(`insert into site (site_id, version, name, origin, grid, demo) select 'fill' || n, 1, name, origin, grid, demo from site, generate_series(1, $2::int) n where site_id = $1`, [siteId, 200 - Number(rows[0]!.count)]);
  await expect(store.addSite(siteBody)).rejects.toMatchObject({ note: { code: 'tooMany', values: { most: 200 } } });
  await client.query(`delete from site where site_id like 'fill%'`);
});

test('a row that was damaged by hand is left out and does not take the other sites with it', async () => {
  const { site: { siteId } } = await store.addSite({ ...siteBody, name: 'sound' });
  const { site: { siteId: hurt } } = await store.addSite({ ...siteBody, name: 'hurt' });
  await client.query(`update site_version set config = config || '{"zones": "none"}' where site_id = $1`, [hurt]);
  const sites = await store.sites();
  expect(sites.some((config) => config.site.siteId === siteId)).toBe(true);
  expect(sites.some((config) => config.site.siteId === hurt)).toBe(false);
  expect(await codeOf(store.site(hurt))).toBe('internal');
  await store.removeSite(hurt);
});

test('several processes that start at once make the tables once', async () => {
  const { databaseUrl, drop } = await freshDatabase();
  const source = `import { openStore } from '${new URL('../../store/openStore.ts', import.meta.url).href}'; import pino from 'pino';
    const store = await openStore({ databaseUrl: process.argv[1], log: pino({ level: 'silent' }) }); console.log((await store.sites()).length); await store.close();`;
  const starts = Array.from({ length: 3 }, () => new Promise<string>((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', source, databaseUrl], { cwd: new URL('../..', import.meta.url).pathname });
    let said = '';
    child.stdout.on('data', (chunk) => { said += chunk; }); child.stderr.on('data', (chunk) => { said += chunk; });
    child.on('close', (code) => resolve(`${code} ${said.trim()}`));
  }));
  expect(await Promise.all(starts)).toEqual(['0 0', '0 0', '0 0']);
  const own = new pg.Client({ connectionString: databaseUrl });
  await own.connect();
  // Each step once, in order, however many processes came at once.
  const steps = (await own.query('select number from migration order by number')).rows.map(({ number }) => number);
  expect(steps.length).toBeGreaterThan(1);
  expect(steps).toEqual(steps.map((_, index) => index + 1));
  await own.query('insert into migration (number, name) values (99, \'of the future\')');
  await expect(openStore({ databaseUrl, log: silent })).rejects.toMatchObject({ note: { code: 'databaseCannotStart' } });
  await own.end();
  await sleep(10);
  await drop();
});
