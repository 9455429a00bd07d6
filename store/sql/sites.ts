// Sites with their zones and sensors. Every change makes the next version of its site, and keeps what that version looks like, in one transaction.
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import Type from 'typebox';
import type { CalibrationBody, LineBody, SensorBody, SiteBody, ZoneBody } from '../../contract/api.ts';
import type { GridSpec, LngLat } from '../../contract/geometry.ts';
import { FlowLine } from '../../contract/flow.ts';
import { Problem } from '../../contract/problem.ts';
import { checker } from '../../contract/schema.ts';
import { ViewMark } from '../../contract/sight.ts';
import { Sensor, SiteConfig, Zone } from '../../contract/site.ts';
import { scopeNow } from '../scope.ts';
import type { Secrets } from '../secrets.ts';
import type { SensorSource, Store } from '../store.ts';
import type { Database, Tx, Work } from './database.ts';
import { closeAlarmsOfSite } from './events.ts';
import { checkedOrLeftOut, damaged, openedOrLeftOut } from './rows.ts';
import { openedJson, sealedJson } from './secrets.ts';
import { middleOf, placeSite, sensorUnit, type Placed } from './units.ts';

export const SITES_MOST = 200, ZONES_OF_SITE_MOST = 500, LINES_OF_SITE_MOST = 200, SENSORS_OF_SITE_MOST = 500;

const checkConfig = checker(SiteConfig), checkZone = checker(Zone), checkLine = checker(FlowLine), checkSensor = checker(Sensor), checkMark = checker(ViewMark);
const checkSettings = checker(Type.Record(Type.String(), Type.Unknown()));

type SitesPart = Pick<Store, 'sites' | 'site' | 'siteAtVersion' | 'addSite' | 'changeSite' | 'removeSite' | 'addZone' | 'changeZone' | 'removeZone' | 'addLine' | 'changeLine' | 'removeLine'
  | 'addSensor' | 'changeSensor' | 'calibrateSensor' | 'maskSensor' | 'removeSensor' | 'sensorSources' | 'sensorSource' | 'keepViewMark' | 'dropViewMark'>;

export function sitesPart(database: Database, log: Logger, secrets: Secrets, placed: Placed): SitesPart {
  // A site's version is made of all of it, also of cameras that stand outside of the scope of whoever changes it; whether they may change it at all, the row that they lock has said.
  const nextVersion = (tx: Tx, siteId: string) => database.stepForProduct(tx, 'a version of a site is the whole site', () => nextVersionOf(tx, siteId));
  const configNow = (tx: Tx, siteId: string) => database.stepForProduct(tx, 'a version of a site is the whole site', () => configOfRows(tx, siteId));
  const roomInAll = (tx: Tx, count: () => Promise<{ count: number }>, most: number) => database.stepForProduct(tx, 'a bound counts what is there, seen or not', () => roomFor(count(), most));
  const keepSettings = (tx: Tx, sensorId: string, settings: Record<string, unknown>) => database.stepForProduct(tx, 'settings of cameras are closed to requests; the camera itself was checked before', () => tx.insertInto('sensor_settings')
    .values({ sensor_id: sensorId, settings: sealedJson(secrets, 'sensor_settings', sensorId, settings) }).onConflict((there) => there.column('sensor_id').doUpdateSet((eb) => ({ settings: eb.ref('excluded.settings') }))).execute());
  /** A site's cameras that stand in another grid are that grid's: whoever does not see it is not told of them. */
  const inSight = async (configs: SiteConfig[]): Promise<SiteConfig[]> => {
    const scope = scopeNow();
    if (scope === null || scope.all || configs.every(({ sensors }) => sensors.length === 0)) return configs;
    const sensorIds = configs.flatMap(({ sensors }) => sensors.map(({ sensorId }) => sensorId));
    const look = (by: Work) => by.run(async (db) => (await sql<{ sensor_id: string }>`select sensor_id from sensor where sensor_id = any(${sensorIds}::text[])`.execute(db)).rows.map((row) => row.sensor_id));
    const seen = new Set(await look(database)), hidden = new Set((await look(database.forProduct('which cameras are there, to leave out those that are not in sight'))).filter((sensorId) => !seen.has(sensorId)));
    return hidden.size === 0 ? configs : configs.map((config) => ({ ...config, sensors: config.sensors.filter(({ sensorId }) => !hidden.has(sensorId)) }));
  };
  const oneInSight = async (config: SiteConfig | null): Promise<SiteConfig | null> => (config === null ? null : (await inSight([config]))[0]!);
  /** The site of a camera may lie outside of the scope that the camera lies in. */
  const lockSiteOfSensor = async (tx: Tx, sensorId: string): Promise<string> => {
    const siteId = await siteOf(tx, 'sensor', sensorId);
    await database.stepForProduct(tx, 'changes of one site come one after the other, whoever makes them', () => lockSite(tx, siteId));
    return siteId;
  };
  const replaceSensor = async (tx: Tx, sensorId: string, changed: (sensor: Sensor, calibrations: number) => Sensor, lowestAt?: (point: LngLat) => string | null): Promise<{ sensor: Sensor; config: SiteConfig }> => {
    const siteId = await lockSiteOfSensor(tx, sensorId);
    const row = await tx.selectFrom('sensor').select(['sensor', 'calibrations']).where('sensor_id', '=', sensorId).executeTakeFirst();
    if (row === undefined) throw new Problem('notFound');
    const sensor = changed(sensorOf(row.sensor), row.calibrations);
    const moved = lowestAt === undefined ? {} : { unit_id: await database.stepForProduct(tx, 'the site of a camera may lie elsewhere', () => unitOf(tx, siteId, sensor.calibration?.position ?? null, lowestAt)) };
    const { numUpdatedRows } = await tx.updateTable('sensor').set({ sensor: JSON.stringify(sensor), calibrations: Math.max(row.calibrations, sensor.calibration?.version ?? 0), ...moved }).where('sensor_id', '=', sensorId).executeTakeFirstOrThrow();
    // Shown by a grant, not given to be changed.
    if (numUpdatedRows === 0n) throw new Problem('notAllowed');
    return { sensor, config: await nextVersion(tx, siteId) };
  };
  return {
    sites: () => database.run(async (db) => {
      const rows = await db.selectFrom('site').innerJoin('site_version', (join) => join.onRef('site_version.site_id', '=', 'site.site_id').onRef('site_version.version', '=', 'site.version'))
        .select(['site.site_id', 'site_version.config']).orderBy('site.ordinal').execute();
      return rows.flatMap((row) => checkedOrLeftOut(checkConfig, row.config, `site ${row.site_id}`, log));
    }).then(inSight),
    site: (siteId) => database.run(async (db) => {
      const row = await db.selectFrom('site').innerJoin('site_version', (join) => join.onRef('site_version.site_id', '=', 'site.site_id').onRef('site_version.version', '=', 'site.version'))
        .select('site_version.config').where('site.site_id', '=', siteId).executeTakeFirst();
      return row === undefined ? null : configOf(row.config, siteId);
    }).then(oneInSight),
    siteAtVersion: (siteId, version) => database.run(async (db) => {
      const row = await db.selectFrom('site_version').select('config').where('site_id', '=', siteId).where('version', '=', version).executeTakeFirst();
      return row === undefined ? null : configOf(row.config, siteId);
    }).then(oneInSight),

    addSite: (body) => placed(async (tx, lowestAt) => {
      // One adder at a time: or two could both count 199.
      await sql`lock table site in share row exclusive mode`.execute(tx);
      if (body.siteId !== undefined) {
        const there = await tx.selectFrom('site').select('site_id').where('site_id', '=', body.siteId).executeTakeFirst();
        if (there !== undefined) return configNow(tx, body.siteId);
      }
      await roomInAll(tx, () => tx.selectFrom('site').select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow(), SITES_MOST);
      const siteId = body.siteId ?? newId('s');
      // A site that is made again under an old name goes on counting, so that no version ever means two things.
      const before = await tx.selectFrom('site_version').select((eb) => eb.fn.max('version').as('version')).where('site_id', '=', siteId).executeTakeFirst();
      await tx.insertInto('site').values({ site_id: siteId, version: before?.version ?? 0, name: body.name, origin: JSON.stringify(body.origin), grid: JSON.stringify(body.grid), demo: body.demo, unit_id: lowestAt(middleOf(body.origin, body.grid)) }).execute();
      return nextVersion(tx, siteId);
    }),
    changeSite: (siteId, body: SiteBody) => placed(async (tx, lowestAt) => {
      await lockSite(tx, siteId);
      const before = await tx.selectFrom('site').select('grid').where('site_id', '=', siteId).executeTakeFirstOrThrow();
      const { cellM, columns, rows } = body.grid;
      const old = before.grid as SiteBody['grid'];
      // Cells have other numbers now: a reading made for the old grid must not be taken for one of the new.
      if (old.cellM !== cellM || old.columns !== columns || old.rows !== rows) await database.stepForProduct(tx, 'all cameras of the site', () => renumberCalibrations(tx, siteId));
      await tx.updateTable('site').set({ name: body.name, origin: JSON.stringify(body.origin), grid: JSON.stringify(body.grid), unit_id: lowestAt(middleOf(body.origin, body.grid)) }).where('site_id', '=', siteId).execute();
      await database.stepForProduct(tx, 'all cameras of the site', () => placeSite(tx, siteId, body, lowestAt));
      return nextVersion(tx, siteId);
    }),
    removeSite: (siteId) => database.transact(async (tx) => {
      await lockSite(tx, siteId);
      // Its decider will never speak of it again, so its open alarms are closed here, or they would stand on every screen for ever.
      await database.stepForProduct(tx, 'events have one order for all', () => closeAlarmsOfSite(tx, siteId));
      await tx.deleteFrom('site').where('site_id', '=', siteId).execute();
    }),

    addZone: (siteId, body: ZoneBody & { zoneId?: string }) => database.transact(async (tx) => {
      await lockSite(tx, siteId);
      const there = body.zoneId === undefined ? undefined : await tx.selectFrom('zone').select(['site_id', 'zone']).where('zone_id', '=', body.zoneId).executeTakeFirst();
      if (there !== undefined) {
        if (there.site_id !== siteId) throw new Problem('inputWrong', { reason: `the zone ${body.zoneId} belongs to another site` });
        return { zone: zoneOf(there.zone), config: await configNow(tx, siteId) };
      }
      await roomFor(tx.selectFrom('zone').select((eb) => eb.fn.countAll<number>().as('count')).where('site_id', '=', siteId).executeTakeFirstOrThrow(), ZONES_OF_SITE_MOST);
      const zone: Zone = { zoneId: body.zoneId ?? newId('z'), siteId, name: body.name, kind: body.kind, limits: body.limits, polygon: body.polygon, rules: body.rules ?? {}, ...(body.alarms === undefined ? {} : { alarms: body.alarms }) };
      await tx.insertInto('zone').values({ zone_id: zone.zoneId, site_id: siteId, zone: JSON.stringify(zone) }).execute();
      return { zone, config: await nextVersion(tx, siteId) };
    }),
    changeZone: (zoneId, body: ZoneBody) => database.transact(async (tx) => {
      const siteId = await siteOf(tx, 'zone', zoneId);
      await lockSite(tx, siteId);
      const row = await tx.selectFrom('zone').select('zone').where('zone_id', '=', zoneId).executeTakeFirst();
      if (row === undefined) throw new Problem('notFound');
      // Rules that are left out stay: a form that knows only names and limits must not switch a rule back to its defaults.
      const old = zoneOf(row.zone), alarms = body.alarms ?? old.alarms;
      const zone: Zone = { zoneId, siteId, name: body.name, kind: body.kind, limits: body.limits, polygon: body.polygon, rules: body.rules ?? old.rules, ...(alarms === undefined ? {} : { alarms }) };
      await tx.updateTable('zone').set({ zone: JSON.stringify(zone) }).where('zone_id', '=', zoneId).execute();
      return { zone, config: await nextVersion(tx, siteId) };
    }),
    removeZone: (zoneId) => database.transact(async (tx) => {
      const siteId = await siteOf(tx, 'zone', zoneId);
      await lockSite(tx, siteId);
      await tx.deleteFrom('zone').where('zone_id', '=', zoneId).execute();
      return nextVersion(tx, siteId);
    }),

    addLine: (siteId, body: LineBody & { lineId?: string }) => database.transact(async (tx) => {
      await lockSite(tx, siteId);
      const there = body.lineId === undefined ? undefined : await tx.selectFrom('line').select(['site_id', 'line']).where('line_id', '=', body.lineId).executeTakeFirst();
      if (there !== undefined) {
        if (there.site_id !== siteId) throw new Problem('inputWrong', { reason: `the line ${body.lineId} belongs to another site` });
        return { line: lineOf(there.line), config: await configNow(tx, siteId) };
      }
      await roomFor(tx.selectFrom('line').select((eb) => eb.fn.countAll<number>().as('count')).where('site_id', '=', siteId).executeTakeFirstOrThrow(), LINES_OF_SITE_MOST);
      const line: FlowLine = { lineId: body.lineId ?? newId('l'), siteId, name: body.name, a: body.a, b: body.b, surface: body.surface, rules: body.rules ?? {} };
      await tx.insertInto('line').values({ line_id: line.lineId, site_id: siteId, line: JSON.stringify(line) }).execute();
      return { line, config: await nextVersion(tx, siteId) };
    }),
    changeLine: (lineId, body: LineBody) => database.transact(async (tx) => {
      const siteId = await siteOf(tx, 'line', lineId);
      await lockSite(tx, siteId);
      const row = await tx.selectFrom('line').select('line').where('line_id', '=', lineId).executeTakeFirst();
      if (row === undefined) throw new Problem('notFound');
      const line: FlowLine = { lineId, siteId, name: body.name, a: body.a, b: body.b, surface: body.surface, rules: body.rules ?? lineOf(row.line).rules };
      await tx.updateTable('line').set({ line: JSON.stringify(line) }).where('line_id', '=', lineId).execute();
      return { line, config: await nextVersion(tx, siteId) };
    }),
    removeLine: (lineId) => database.transact(async (tx) => {
      const siteId = await siteOf(tx, 'line', lineId);
      await lockSite(tx, siteId);
      await tx.deleteFrom('line').where('line_id', '=', lineId).execute();
      return nextVersion(tx, siteId);
    }),

    addSensor: (siteId, body: SensorBody & { sensorId?: string; addressShown: string }) => placed(async (tx, lowestAt) => {
      await lockSite(tx, siteId);
      const there = body.sensorId === undefined ? undefined : await tx.selectFrom('sensor').select(['site_id', 'sensor']).where('sensor_id', '=', body.sensorId).executeTakeFirst();
      if (there !== undefined) {
        if (there.site_id !== siteId) throw new Problem('inputWrong', { reason: `the sensor ${body.sensorId} belongs to another site` });
        return { sensor: sensorOf(there.sensor), config: await configNow(tx, siteId) };
      }
      await roomInAll(tx, () => tx.selectFrom('sensor').select((eb) => eb.fn.countAll<number>().as('count')).where('site_id', '=', siteId).executeTakeFirstOrThrow(), SENSORS_OF_SITE_MOST);
      const sensor: Sensor = { sensorId: body.sensorId ?? newId('c'), siteId, name: body.name, kind: body.kind, addressShown: body.addressShown, enabled: body.enabled ?? true, calibration: null };
      await tx.insertInto('sensor').values({ sensor_id: sensor.sensorId, site_id: siteId, sensor: JSON.stringify(sensor), unit_id: await unitOf(tx, siteId, null, lowestAt) }).execute();
      await keepSettings(tx, sensor.sensorId, body.settings);
      return { sensor, config: await nextVersion(tx, siteId) };
    }),
    changeSensor: (sensorId, change) => database.transact(async (tx) => {
      const changed = await replaceSensor(tx, sensorId, (sensor) => ({
        ...sensor, name: change.name ?? sensor.name, addressShown: change.addressShown ?? sensor.addressShown, enabled: change.enabled ?? sensor.enabled,
      }));
      if (change.settings !== undefined) await keepSettings(tx, sensorId, change.settings);
      return changed;
    }),
    calibrateSensor: (sensorId, body: CalibrationBody) => placed((tx, lowestAt) => replaceSensor(tx, sensorId, (sensor, calibrations) => ({
      // Counted in its own column: placing, taking away and placing again must not give one version two meanings.
      ...sensor, calibration: body === null ? null : { version: calibrations + 1, ...body },
    }), lowestAt)),
    maskSensor: (sensorId, polygons) => database.transact((tx) => replaceSensor(tx, sensorId, (sensor) => ({ ...sensor, masks: { version: (sensor.masks?.version ?? 0) + 1, polygons } }))),
    removeSensor: (sensorId) => database.transact(async (tx) => {
      const siteId = await lockSiteOfSensor(tx, sensorId);
      const { numDeletedRows } = await tx.deleteFrom('sensor').where('sensor_id', '=', sensorId).executeTakeFirstOrThrow();
      if (numDeletedRows === 0n) throw new Problem('notAllowed');
      return nextVersion(tx, siteId);
    }),

    sensorSources: () => database.run(async (db) => {
      const rows = await db.selectFrom('sensor').innerJoin('sensor_settings', 'sensor_settings.sensor_id', 'sensor.sensor_id').leftJoin('view_mark', 'view_mark.sensor_id', 'sensor.sensor_id')
        .select(['sensor.sensor_id', 'sensor.sensor', 'sensor_settings.settings', 'view_mark.mark']).orderBy('sensor.ordinal').execute();
      return rows.flatMap((row): SensorSource[] => {
        const [sensor] = checkedOrLeftOut(checkSensor, row.sensor, `sensor ${row.sensor_id}`, log);
        const [settings] = openedOrLeftOut(checkSettings, () => openedJson(secrets, 'sensor_settings', row.sensor_id, row.settings), `settings of sensor ${row.sensor_id}`, log);
        return sensor === undefined || settings === undefined ? [] : [{ sensor, settings, viewMark: markOf(sensor, row.mark) }];
      });
    }),
    sensorSource: (sensorId) => database.run(async (db) => await db.selectFrom('sensor').select('sensor_id').where('sensor_id', '=', sensorId).executeTakeFirst() !== undefined).then((isSeen) => !isSeen ? null : database.forProduct('settings of cameras are closed to requests; that the camera is in scope was looked up before').run(async (db) => {
      const row = await db.selectFrom('sensor').innerJoin('sensor_settings', 'sensor_settings.sensor_id', 'sensor.sensor_id').leftJoin('view_mark', 'view_mark.sensor_id', 'sensor.sensor_id')
        .select(['sensor.sensor', 'sensor_settings.settings', 'view_mark.mark']).where('sensor.sensor_id', '=', sensorId).executeTakeFirst();
      if (row === undefined) return null;
      const settings = checkSettings(openedJson(secrets, 'sensor_settings', sensorId, row.settings)), sensor = sensorOf(row.sensor);
      if (!settings.ok) throw damaged(`settings of sensor ${sensorId}`, settings.faults);
      return { sensor, settings: settings.value, viewMark: markOf(sensor, row.mark) };
    })),
    keepViewMark: (sensorId, mark) => database.transact(async (tx) => {
      const siteId = await siteOf(tx, 'sensor', sensorId);
      await lockSite(tx, siteId);
      const row = await tx.selectFrom('sensor').select('sensor').where('sensor_id', '=', sensorId).executeTakeFirst();
      if (row === undefined) throw new Problem('notFound');
      if (sensorOf(row.sensor).calibration?.version !== mark.calibrationVersion) return false;
      const values = { calibration_version: mark.calibrationVersion, mark: JSON.stringify(mark) };
      await tx.insertInto('view_mark').values({ sensor_id: sensorId, ...values }).onConflict((there) => there.column('sensor_id').doUpdateSet(values)).execute();
      return true;
    }),
    dropViewMark: (sensorId) => database.run(async (db) => { await db.deleteFrom('view_mark').where('sensor_id', '=', sensorId).execute(); }),
  };
}

/** Changes of one site come one after the other; a removed one is notFound. */
async function lockSite(tx: Tx, siteId: string): Promise<void> {
  const row = await tx.selectFrom('site').select('site_id').where('site_id', '=', siteId).forUpdate().executeTakeFirst();
  if (row === undefined) throw new Problem('notFound');
}

async function siteOf(tx: Tx, table: 'zone' | 'line' | 'sensor', id: string): Promise<string> {
  const row = table === 'zone'
    ? await tx.selectFrom('zone').select('site_id').where('zone_id', '=', id).executeTakeFirst()
    : table === 'line'
      ? await tx.selectFrom('line').select('site_id').where('line_id', '=', id).executeTakeFirst()
      : await tx.selectFrom('sensor').select('site_id').where('sensor_id', '=', id).executeTakeFirst();
  if (row === undefined) throw new Problem('notFound');
  return row.site_id;
}

/** Of a camera: where it was placed, or its site's. */
async function unitOf(tx: Tx, siteId: string, position: unknown, lowestAt: (point: LngLat) => string | null): Promise<string | null> {
  const site = await tx.selectFrom('site').select(['origin', 'grid']).where('site_id', '=', siteId).executeTakeFirstOrThrow();
  return sensorUnit(site.origin as LngLat, site.grid as GridSpec, position, lowestAt);
}

async function renumberCalibrations(tx: Tx, siteId: string): Promise<void> {
  const placed = await tx.selectFrom('sensor').select(['sensor_id', 'sensor', 'calibrations']).where('site_id', '=', siteId).execute();
  for (const row of placed) {
    const sensor = sensorOf(row.sensor);
    if (sensor.calibration === null) continue;
    const version = row.calibrations + 1;
    await tx.updateTable('sensor').set({ sensor: JSON.stringify({ ...sensor, calibration: { ...sensor.calibration, version } }), calibrations: version }).where('sensor_id', '=', row.sensor_id).execute();
    // Cells have other numbers, the camera looks where it looked: a camera that was moved must not be taken for right because the grid changed.
    await sql`update view_mark set calibration_version = ${version}, mark = jsonb_set(mark, '{calibrationVersion}', to_jsonb(${version}::integer)) where sensor_id = ${row.sensor_id} and calibration_version = ${sensor.calibration.version}`.execute(tx);
  }
}

async function nextVersionOf(tx: Tx, siteId: string): Promise<SiteConfig> {
  await tx.updateTable('site').set((eb) => ({ version: eb('version', '+', 1) })).where('site_id', '=', siteId).execute();
  const config = await configOfRows(tx, siteId);
  await tx.insertInto('site_version').values({ site_id: siteId, version: config.version, config: JSON.stringify(config) }).execute();
  return config;
}

/** From the rows themselves. No query here names sensor_settings, and SiteConfig's schema refuses fields it does not know. */
async function configOfRows(tx: Tx, siteId: string): Promise<SiteConfig> {
  const site = await tx.selectFrom('site').selectAll().where('site_id', '=', siteId).executeTakeFirstOrThrow();
  const zones = await tx.selectFrom('zone').select('zone').where('site_id', '=', siteId).orderBy('ordinal').execute();
  const lines = await tx.selectFrom('line').select('line').where('site_id', '=', siteId).orderBy('ordinal').execute();
  const sensors = await tx.selectFrom('sensor').select('sensor').where('site_id', '=', siteId).orderBy('ordinal').execute();
  return configOf({
    version: site.version, site: { siteId, name: site.name, origin: site.origin, grid: site.grid, demo: site.demo },
    zones: zones.map((row) => row.zone), ...(lines.length === 0 ? {} : { lines: lines.map((row) => row.line) }), sensors: sensors.map((row) => row.sensor),
  }, siteId);
}

export async function roomFor(counting: Promise<{ count: number }>, most: number): Promise<void> {
  if ((await counting).count >= most) throw new Problem('tooMany', { most });
}

function configOf(row: unknown, siteId: string): SiteConfig {
  const checked = checkConfig(row);
  if (!checked.ok) throw damaged(`site ${siteId}`, checked.faults);
  return checked.value;
}
function zoneOf(row: unknown): Zone {
  const checked = checkZone(row);
  if (!checked.ok) throw damaged('a zone', checked.faults);
  return checked.value;
}
function lineOf(row: unknown): FlowLine {
  const checked = checkLine(row);
  if (!checked.ok) throw damaged('a line', checked.faults);
  return checked.value;
}
function sensorOf(row: unknown): Sensor {
  const checked = checkSensor(row);
  if (!checked.ok) throw damaged('a sensor', checked.faults);
  return checked.value;
}

/** A mark of an earlier placing, or one that is damaged, is none: another is taken. */
function markOf(sensor: Sensor, row: unknown): ViewMark | null {
  const checked = row === null ? null : checkMark(row);
  return checked?.ok === true && checked.value.calibrationVersion === sensor.calibration?.version ? checked.value : null;
}

export const newId = (prefix: string) => `${prefix}-${randomBytes(8).toString('hex')}`;
