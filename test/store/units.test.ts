// Units in a real PostgreSQL: the tree, its import all or nothing, points, and what a border that moves takes along.
import { spawn } from 'node:child_process';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { UnitBody } from '../../contract/apiIncidents.ts';
import type { LngLat } from '../../contract/geometry.ts';
import { Problem } from '../../contract/problem.ts';
import type { UnitShape } from '../../contract/unit.ts';
import { openStore } from '../../store/openStore.ts';
import type { Store } from '../../store/store.ts';
import { madeUpCity } from '../support/madeUpCity.ts';
import { freshDatabase } from '../support/postgres.ts';
import { calibrationBody, sensorBody, silent, siteBody, until } from './things.ts';

let store: Store, other: Store, database: Awaited<ReturnType<typeof freshDatabase>>, client: pg.Client;
beforeAll(async () => {
  database = await freshDatabase();
  store = await openStore({ databaseUrl: database.databaseUrl, log: silent });
  other = await openStore({ databaseUrl: database.databaseUrl, log: silent });
  client = new pg.Client({ connectionString: database.databaseUrl });
  client.on('error', () => {});
  await client.connect();
});
afterAll(async () => { await client?.end(); await other?.close(); await store?.close(); await database?.drop(); });

const codeOf = (work: Promise<unknown>) => work.then(() => 'no problem', (error: unknown) => (error instanceof Problem ? error.note.code : `not a Problem: ${String(error)}`));
const by = { memberId: null, name: 'Wang', duty: 'operator' as const, unitId: null };
const box = (west: number, south: number, east: number, north: number): UnitShape => [{ outer: [{ lng: west, lat: south }, { lng: east, lat: south }, { lng: east, lat: north }, { lng: west, lat: north }], holes: [] }];
const body = (level: UnitBody['level'], code: string, parentId: string | null, shape: UnitShape, over: Partial<UnitBody> = {}): UnitBody => ({ level, code, names: { en: code, zh: `${code}区` }, parentId, shape, by, ...over });
const add = async (...args: Parameters<typeof body>) => (await store.addUnit(body(...args))).unit;
const codesAt = async (asked: Store, point: LngLat) => (await asked.unitsAt(point)).map((unit) => unit.code);

describe('one unit after the other', () => {
  test('UN1 a point belongs to the lowest unit that it lies in, and so does every process say', async () => {
    const city = await add('city', 'A', null, box(11, 48, 11.4, 48.4)), county = await add('county', 'A1', city.unitId, box(11, 48, 11.2, 48.4));
    const grid = await add('grid', 'A1g', county.unitId, box(11.05, 48.1, 11.1, 48.15));
    expect(await codesAt(store, { lng: 11.07, lat: 48.12 })).toEqual(['A1g', 'A1', 'A']);
    expect(await codesAt(store, { lng: 11.15, lat: 48.12 })).toEqual(['A1', 'A']);
    expect(await codesAt(store, { lng: 11.3, lat: 48.12 })).toEqual(['A']);
    expect(await codesAt(store, { lng: 12, lat: 48.12 })).toEqual([]);
    await until('the other process knows', async () => (await codesAt(other, { lng: 11.07, lat: 48.12 })).length === 3, 1500);
    expect((await other.unitChain(county.unitId)).map((unit) => unit.code)).toEqual(['A1', 'A']);
    expect(await other.unitSubtree(city.unitId)).toEqual([city.unitId, county.unitId, grid.unitId]);
    expect(await other.unitShape(grid.unitId)).toEqual(box(11.05, 48.1, 11.1, 48.15));
    expect(grid).toMatchObject({ version: 1, demo: false, bounds: { southWest: { lng: 11.05, lat: 48.1 }, northEast: { lng: 11.1, lat: 48.15 } } });
    // 0.05 degrees each way at 48.1 degrees north: 3.73 km by 5.56 km.
    expect(grid.areaM2 / 1e6).toBeCloseTo(20.7, 1);
  });
});

describe('many at once', () => {
  test('UN2 a whole city is there after one import, and nothing is written again by the same import', async () => {
    const city = madeUpCity({ seed: 3, counties: [1, 1], townships: [2, 2], communities: [2, 2], grids: [3, 3], prefix: 'M' });
    expect(await store.importUnits(city, 'Li')).toMatchObject({ added: city.length, changed: 0, moves: [] });
    expect(await store.importUnits(city, 'Li')).toMatchObject({ added: 0, changed: 0 });
    expect((await store.unitChanges(1))[0]).toMatchObject({ what: 'imported', by: 'Li', unitCount: city.length });
    await until('the other process knows', async () => (await other.units()).filter((unit) => unit.code.startsWith('M')).length === city.length, 1500);
  });
  test('UN3 an import that one unit spoils leaves nothing, and names it', async () => {
    const city = madeUpCity({ seed: 4, counties: [1, 1], townships: [1, 1], communities: [1, 1], grids: [2, 2], prefix: 'N' }), before = await store.units(), version = await store.unitsVersion(), last = city.at(-1)!;
    for (const [spoilt, code, fault] of [
      [[...city, { ...last, parentCode: 'nobody', code: 'N9' }], 'unitRefused', 'parentUnknown'], [[...city, { ...last }], 'unitRefused', 'codeTwice'], [[...city, { ...last, code: 'N9', level: 'county' as const }], 'unitRefused', 'parentLevelWrong'],
      [[...city, { ...last, code: 'N9', names: { en: '', zh: 'x' } }], 'inputWrong', undefined], [[...city, { ...last, code: 'N9', names: { en: 'a\u0000b', zh: 'x' } }], 'inputWrong', undefined],
    ] as const) {
      const note = await store.importUnits([...spoilt], 'Li').then(() => null, (error: Problem) => error.note);
      expect(note).toMatchObject({ code, ...(fault === undefined ? {} : { values: { fault } }) });
    }
    expect(await store.units()).toEqual(before);
    expect(await store.unitsVersion()).toBe(version);
    expect(store.isUp()).toBe(true);
  });
  test('UN4 whoever checked against an older tree is told so, and takes nothing', async () => {
    const { treeVersion } = await store.unitOutlines();
    await add('city', 'P', null, box(30, 10, 30.1, 10.1));
    expect(await codeOf(store.importUnits(madeUpCity({ seed: 5, counties: [1, 1], townships: [1, 1], communities: [1, 1], grids: [1, 1], prefix: 'Q' }), 'Li', treeVersion))).toBe('changedMeanwhile');
    expect((await store.units()).some((unit) => unit.code.startsWith('Q'))).toBe(false);
  });
  test('UN5 an import whose process is killed in the middle leaves nothing, and the next one comes in whole', async () => {
    const city = madeUpCity({ seed: 6, counties: [1, 1], townships: [2, 2], communities: [3, 3], grids: [4, 4], prefix: 'K' });
    const source = `import { openStore } from '${new URL('../../store/openStore.ts', import.meta.url).href}'; import { madeUpCity } from '${new URL('../support/madeUpCity.ts', import.meta.url).href}'; import pino from '${new URL('../../node_modules/pino/pino.js', import.meta.url).href}';
      const store = await openStore({ databaseUrl: process.argv[1], log: pino.pino({ level: 'silent' }) });
      const city = madeUpCity({ seed: 6, counties: [1, 1], townships: [2, 2], communities: [3, 3], grids: [4, 4], prefix: 'K' });
      console.log('begins'); const { added } = await store.importUnits(city, 'Li'); console.log('done ' + added); await store.close();`;
    const run = () => { const child = spawn(process.execPath, ['--input-type=module', '-e', source, database.databaseUrl], { cwd: new URL('../..', import.meta.url).pathname, stdio: ['ignore', 'pipe', 'inherit'] }); let said = ''; child.stdout.on('data', (chunk) => { said += chunk; }); return { child, said: () => said, ended: new Promise((resolve) => { child.once('close', resolve); }) }; };
    // Caught while it writes: its transaction has rows of units that nobody else may see.
    const holder = new pg.Client({ connectionString: database.databaseUrl });
    await holder.connect();
    await holder.query('begin');
    await holder.query('lock table unit_change in access exclusive mode');
    const killed = run();
    await until('it waits with everything written', async () => (await client.query(`select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%unit_change%'`)).rowCount! > 0, 25_000);
    killed.child.kill('SIGKILL');
    await killed.ended;
    await holder.query('commit');
    await holder.end();
    expect(killed.said().trim()).toBe('begins');
    await until('the database has noticed', async () => (await client.query(`select 1 from pg_stat_activity where wait_event_type = 'Lock'`)).rowCount === 0);
    expect((await client.query(`select 1 from unit where code like 'K%'`)).rowCount).toBe(0);
    expect((await store.units()).some((unit) => unit.code.startsWith('K'))).toBe(false);
    const whole = run();
    await whole.ended;
    expect(whole.said()).toContain(`done ${city.length}`);
    await until('we know it, too', async () => (await store.units()).filter((unit) => unit.code.startsWith('K')).length === city.length, 2000);
  }, 60_000);
  test('UN6 twenty units drawn at once are all there; of twenty of one code one is', async () => {
    const parent = await add('county', 'W', null, box(40, 10, 42, 10.1));
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? store : other).addUnit(body('grid', `W${i}`, parent.unitId, box(40 + i * 0.1, 10, 40.1 + i * 0.1, 10.1)))));
    expect((await store.unitSubtree(parent.unitId))).toHaveLength(21);
    const codes = await Promise.all(Array.from({ length: 20 }, (_, i) => codeOf((i % 2 === 0 ? store : other).addUnit(body('grid', 'WX', parent.unitId, box(40 + i * 0.1, 10, 40.1 + i * 0.1, 10.1))))));
    expect(codes.filter((code) => code === 'no problem')).toHaveLength(1);
    expect(codes.filter((code) => code === 'unitRefused')).toHaveLength(19);
  });
});

describe('what stands there', () => {
  test('UN7 a border that moves takes sites, cameras and open incidents along, and each move is kept with the change', async () => {
    const [city, west, east] = await cityOfTwo('B', 20, 50), halfM = 71_700 * 0.05;
    // The site's corner lies 100 m west of the border; its middle 40 m, and its camera 60 m west of it.
    const { site } = await store.addSite({ ...siteBody, name: 'Square', origin: { lng: 20.05 - 100 / 71_700, lat: 50.02 }, grid: { cellM: 1, columns: 120, rows: 40 } });
    const { sensor: placed } = await store.addSensor(site.siteId, { ...sensorBody, name: 'Placed' }), { sensor: loose } = await store.addSensor(site.siteId, { ...sensorBody, name: 'Loose' });
    await store.calibrateSensor(placed.sensorId, { ...calibrationBody, position: { xM: 40, yM: 5 } });
    await incident('inc-moves', { lng: 20.05 - 50 / 71_700, lat: 50.02 }, west.unitId, true);
    await incident('inc-closed', { lng: 20.05 - 50 / 71_700, lat: 50.02 }, west.unitId, false);
    await incident('inc-stays', { lng: 20.02, lat: 50.02 }, west.unitId, true);
    expect(halfM).toBeGreaterThan(3000);
    // 50 m to the west: the middle of the site, 40 m west of the old border, changes hands; the camera at 60 m does not.
    const moveBorder = async (byM: number) => {
      const lng = 20.05 - byM / 71_700, [westNow, eastNow] = [await store.unit(west.unitId), await store.unit(east.unitId)];
      const first = await store.changeUnit(west.unitId, body('county', 'B1', city.unitId, box(20, 50, lng, 50.05), { seenVersion: westNow!.version }));
      const second = await store.changeUnit(east.unitId, body('county', 'B2', city.unitId, box(lng, 50, 20.1, 50.05), { seenVersion: eastNow!.version }));
      expect(second.faults).toEqual([]);
      return { first, second };
    };
    const { first, second } = await moveBorder(51);
    // West gives the strip away: until the east takes it, it belongs to the city alone, and that is told.
    expect(first.faults).toEqual([expect.objectContaining({ fault: 'gap', weight: 'warns', code: 'B' })]);
    const [siteMove, looseMove] = [{ what: 'site', id: site.siteId, name: 'Square' }, { what: 'sensor', id: loose.sensorId, name: 'Loose' }];
    const incidentMove = { what: 'incident', id: 'inc-moves', name: 'Incident inc-moves' };
    expect(first.moves).toEqual([siteMove, looseMove, incidentMove].map((move) => ({ ...move, fromUnitId: west.unitId, toUnitId: city.unitId })));
    expect(second.moves).toEqual([siteMove, looseMove, incidentMove].map((move) => ({ ...move, fromUnitId: city.unitId, toUnitId: east.unitId })));
    const changes = await store.unitChanges(2);
    expect(changes.map(({ what, by: who, moves }) => [what, who, moves])).toEqual([['changed', 'Wang', second.moves], ['changed', 'Wang', first.moves]]);
    expect((await moveBorder(70)).first.moves.map(({ id }) => id)).toContain(placed.sensorId);
    expect((await store.unitChanges(10)).find(({ changeId }) => changeId === changes[0]!.changeId)).toEqual(changes[0]);
  });
  test('UN8 the same units imported with other borders: those that changed count up, those that did not stay as they are', async () => {
    const [city, west, east] = await cityOfTwo('D', 22, 50);
    const { site } = await store.addSite({ ...siteBody, name: 'Station', origin: { lng: 22.048, lat: 50.02 } });
    const units = [{ level: 'county' as const, code: 'D1', names: west.names, parentCode: 'D', shape: box(22, 50, 22.04, 50.05) }, { level: 'county' as const, code: 'D2', names: east.names, parentCode: 'D', shape: box(22.04, 50, 22.1, 50.05) }, { level: 'city' as const, code: 'D', names: city.names, parentCode: null, shape: box(22, 50, 22.1, 50.05) }];
    expect(await store.importUnits(units, 'Li')).toEqual({ added: 0, changed: 2, moves: [{ what: 'site', id: site.siteId, name: 'Station', fromUnitId: west.unitId, toUnitId: east.unitId }] });
    expect([(await store.unit(city.unitId))!.version, (await store.unit(west.unitId))!.version]).toEqual([1, 2]);
  });
  test('UN9 who is on duty in a unit goes with it, and what stood in it falls to the unit above', async () => {
    const [city, west] = await cityOfTwo('E', 24, 50);
    const member = await store.addMember(west.unitId, { name: 'Zhang', duty: 'fieldWorker', language: 'zh', contacts: [] });
    await store.addShift(west.unitId, { memberId: member.memberId, weekdays: [1], startMinute: 0, endMinute: 0, order: 0 });
    await store.keepPolicy(west.unitId, { ownCategories: [], deadlines: {} });
    const { site } = await store.addSite({ ...siteBody, name: 'Hall', origin: { lng: 24.02, lat: 50.02 } });
    expect((await store.removeUnit(west.unitId, 'Li')).moves).toEqual([{ what: 'site', id: site.siteId, name: 'Hall', fromUnitId: west.unitId, toUnitId: city.unitId }]);
    expect(await store.member(member.memberId)).toBeNull();
    for (const table of ['member', 'shift', 'unit_policy', 'unit']) expect((await client.query(`select 1 from ${table} where unit_id = $1`, [west.unitId])).rowCount, table).toBe(0);
    await until('the other process knows', async () => (await other.unit(west.unitId)) === null, 1500);
    expect(await codeOf(store.removeUnit(west.unitId, 'Li'))).toBe('notFound');
  });
});

describe('trouble', () => {
  test('UN25 a unit that was damaged by hand is left out and does not take the tree with it', async () => {
    const [city, west] = await cityOfTwo('F', 26, 50);
    await client.query(`update unit set shape = '\\x0102', tree_version = (select version + 1 from unit_head) where unit_id = $1`, [west.unitId]);
    await client.query('update unit_head set version = version + 1');
    await client.query('notify crowdlight_units');
    await until('it is left out', async () => (await codesAt(store, { lng: 26.02, lat: 50.02 })).join() === 'F', 2500);
    expect(await store.unit(west.unitId)).toBeNull();
    expect((await store.unitSubtree(city.unitId))).toHaveLength(2);
  });
  test('UN26 a change of people counts the version up and leaves the tree as it is', async () => {
    const before = await store.unitOutlines(), first = before.units[0]!;
    let heard = 0;
    const stop = other.onUnits(() => { heard++; });
    await store.addMember(first.unit.unitId, { name: 'Zhao', duty: 'operator', language: 'zh', contacts: [] });
    await until('the other process hears of it', () => heard > 0, 2000);
    stop();
    const after = await store.unitOutlines();
    expect(after.version).toBeGreaterThan(before.version);
    expect([after.treeVersion, after.units[0]]).toEqual([before.treeVersion, first]);
  });
});

/** Two counties side by side in a city of 0.1 degrees, 7.2 km, across. */
async function cityOfTwo(code: string, west: number, south: number) {
  const city = await add('city', code, null, box(west, south, west + 0.1, south + 0.05));
  return [city, await add('county', `${code}1`, city.unitId, box(west, south, west + 0.05, south + 0.05)), await add('county', `${code}2`, city.unitId, box(west + 0.05, south, west + 0.1, south + 0.05))] as const;
}
/** Only what a border looks at: whether it is open, where it is, and whose it is. */
async function incident(incidentId: string, point: LngLat, placeUnitId: string, isOpen: boolean): Promise<void> {
  await client.query(`insert into incident (incident_id, version, run_ms, is_open, exercise, category, severity, step, place_unit_id, reported_at_ms, changed_at_ms, due_at_ms, overdue_since_ms, exhausted, reopened, search) values ($1, 1, 0, $2, false, 'crowding', 'minor', 'reported', $3, 0, 0, 9e15, 9e15, false, 0, '')`, [incidentId, isOpen, placeUnitId]);
  await client.query('insert into incident_now (incident_id, incident, line) values ($1, $2, $3)', [incidentId, '{}', JSON.stringify({ point, title: `Incident ${incidentId}` })]);
}
