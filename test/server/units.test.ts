// Units over HTTP: boundary files that are checked and taken, or not; points, outlines, and what a change says.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UnitChanges, UnitChecked, UnitImportAnswer, UnitList, UnitSaved, UnitShapeAnswer, UnitsAt } from '../../contract/apiIncidents.ts';
import { checker } from '../../contract/schema.ts';
import { UNIT_FAULTS, type UnitFault } from '../../contract/unit.ts';
import { boundaryFile, madeUpCity, type BoundaryFeature } from '../support/madeUpCity.ts';
import { serverForTest, siteBody, until, type ServerForTest } from './serverForTest.ts';

let server: ServerForTest;
beforeAll(async () => { server = await serverForTest(); });
afterAll(async () => { await server?.close(); });

const importFile = (file: unknown, query = 'mode=check', type = 'application/geo+json') => server.send('POST', `/api/units/import?${query}`, typeof file === 'string' ? file : JSON.stringify(file), { 'content-type': type });
let cities = 0;
/** A city of its own for each test, far from the others: 12 grids in two communities. */
const freshCity = () => { cities++; return madeUpCity({ seed: 40 + cities, origin: { lng: 100 + (cities % 40) * 0.3, lat: 30 + Math.floor(cities / 40) * 0.3 }, counties: [1, 1], townships: [1, 1], communities: [2, 1], grids: [3, 2], prefix: `T${cities}` }); };
const feature = (file: { features: BoundaryFeature[] }, code: string) => file.features.find(({ properties }) => properties['code'] === code)!;
const ringOf = ({ geometry }: BoundaryFeature) => geometry.coordinates[0] as [number, number][];

describe('import', () => {
  test('UN10 a file without a fault is checked, taken, and found by points', async () => {
    const city = freshCity(), file = boundaryFile(city);
    const checked = await importFile(file);
    expect(checked.status).toBe(200);
    expect(checker(UnitImportAnswer)(checked.body)).toMatchObject({ ok: true });
    expect(checked.body).toMatchObject({ taken: false, features: city.length, units: city.length, added: city.length, changed: 0, faults: [], faultsTotal: 0 });
    expect((await server.send('GET', '/api/units')).body.units).toEqual([]);
    const taken = await importFile(file, 'mode=take&by=Wang');
    expect(taken.body).toMatchObject({ taken: true, added: city.length });
    const list = await server.send('GET', '/api/units');
    expect(checker(UnitList)(list.body)).toMatchObject({ ok: true });
    expect(list.body.units.map((unit: { code: string }) => unit.code).toSorted()).toEqual(city.map(({ code }) => code).toSorted());
    const grid = city.at(-1)!, at = grid.shape[0]!.outer[0]!;
    const chain = await server.send('GET', `/api/units/at?lng=${at.lng + 0.0008}&lat=${at.lat + 0.0008}`);
    expect(checker(UnitsAt)(chain.body)).toMatchObject({ ok: true });
    expect(chain.body.chain.map((unit: { level: string }) => unit.level)).toEqual(['grid', 'community', 'township', 'county', 'city']);
    const changes = await server.send('GET', '/api/units/changes');
    expect(checker(UnitChanges)(changes.body)).toMatchObject({ ok: true });
    expect(changes.body.changes[0]).toMatchObject({ what: 'imported', by: 'Wang', unitCount: city.length });
  });
});
void UNIT_FAULTS; void feature; void ringOf; void siteBody; void until; void UnitChecked; void UnitSaved; void UnitShapeAnswer; void (null as unknown as UnitFault);
