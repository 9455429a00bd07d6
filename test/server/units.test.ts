// Units over HTTP: boundary files that are checked and taken, or not; points, outlines, and what a change says.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UnitChanges, UnitChecked, UnitImportAnswer, UnitList, UnitSaved, UnitShapeAnswer, UnitsAt } from '../../contract/apiIncidents.ts';
import { checker } from '../../contract/schema.ts';
import { problemWords, type ProblemNote } from '../../contract/problem.ts';
import type { UnitFault } from '../../contract/unit.ts';
import { areaM2Of, cleanRing } from '../../crowd/units/shape.ts';
import { boundaryFile, madeUpCity, type BoundaryFeature } from '../support/madeUpCity.ts';
import { serverForTest, siteBody, until, type ServerForTest } from './serverForTest.ts';

let server: ServerForTest;
beforeAll(async () => { server = await serverForTest(); });
afterAll(async () => { await server?.close(); });

const importFile = (file: unknown, query = 'mode=check', type = 'application/geo+json') => server.send('POST', `/api/units/import?${query}`, typeof file === 'string' ? file : JSON.stringify(file), { headers: { 'content-type': type } });
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
    expect(changes.body.changes[0]).toMatchObject({ what: 'imported', by: 'Administrator', unitCount: city.length });
  });

  /** What a file must have so that it has just this fault; the same file without it is taken. */
  type Spoil = (file: ReturnType<typeof boundaryFile>, prefix: string) => void;
  const grid = (prefix: string, number: string) => `${prefix}-01-01-01-${number}`;
  const spoils: [UnitFault['fault'], string, Spoil, Partial<UnitFault>][] = [
    ['notAPolygon', 'a point', (file, prefix) => { feature(file, grid(prefix, '02')).geometry = { type: 'Point', coordinates: [100, 30] } as never; }, { detail: 'the geometry is of the type Point' }],
    ['notAPolygon', 'no geometry', (file, prefix) => { feature(file, grid(prefix, '02')).geometry = null as never; }, { detail: 'there is no geometry' }],
    ['notAPolygon', 'two corners', (file, prefix) => { feature(file, grid(prefix, '02')).geometry = { type: 'Polygon', coordinates: [[[100, 30], [100.1, 30], [100, 30]]] }; }, { detail: 'a ring of fewer than three corners' }],
    ['coordinatesWrong', 'latitude first', (file, prefix) => { const each = feature(file, grid(prefix, '02')); each.geometry = { type: 'Polygon', coordinates: [ringOf(each).map(([lng, lat]) => [lat, lng])] }; }, { detail: expect.stringContaining('longitude must come first') as never }],
    ['coordinatesWrong', 'metres', (file, prefix) => { const each = feature(file, grid(prefix, '02')); each.geometry = { type: 'Polygon', coordinates: [ringOf(each).map(([lng, lat]) => [lng * 111_000, lat * 111_000])] }; }, { detail: expect.stringContaining('metres instead of degrees') as never }],
    ['coordinatesWrong', 'words for numbers', (file, prefix) => { (ringOf(feature(file, grid(prefix, '02')))[3] as unknown[])[0] = '100.1'; }, { detail: expect.stringContaining('no pair of numbers') as never }],
    ['coordinatesWrong', 'across the date line', (file, prefix) => { feature(file, grid(prefix, '02')).geometry = { type: 'Polygon', coordinates: [[[179.9, 30], [-179.9, 30], [-179.9, 30.1], [179.9, 30.1], [179.9, 30]]] }; }, { detail: expect.stringContaining('date line') as never }],
    ['crossesItself', 'two corners swapped', (file, prefix) => { const ring = ringOf(feature(file, grid(prefix, '02'))); [ring[2], ring[9]] = [ring[9]!, ring[2]!]; }, { at: expect.objectContaining({ lng: expect.any(Number) }) as never }],
    ['tooSmall', 'nine metres', (file, prefix) => { feature(file, grid(prefix, '02')).geometry = { type: 'Polygon', coordinates: [[[100, 30], [100.00003, 30], [100.00003, 30.00003], [100, 30.00003], [100, 30]]] }; }, { areaM2: expect.closeTo(9.6, 0) as never }],
    ['codeMissing', 'no code', (file, prefix) => { delete feature(file, grid(prefix, '02')).properties['code']; }, { detail: expect.stringContaining('looked for code, unitCode, adcode') as never }],
    ['codeMissing', 'a code with spaces', (file, prefix) => { feature(file, grid(prefix, '02')).properties['code'] = 'grid no 2'; }, {}],
    ['codeTwice', 'the same code', (file, prefix) => { feature(file, grid(prefix, '02')).properties['code'] = grid(prefix, '01'); }, { otherCode: null }],
    ['nameMissing', 'no name', (file, prefix) => { const { properties } = feature(file, grid(prefix, '02')); delete properties['name_en']; delete properties['name_zh']; }, {}],
    ['levelUnknown', 'a level of another land', (file, prefix) => { feature(file, grid(prefix, '02')).properties['level'] = 'canton'; }, { detail: '"canton" is none of city, county, township, community, grid' }],
    ['levelUnknown', 'no level', (file, prefix) => { delete feature(file, grid(prefix, '02')).properties['level']; }, { detail: expect.stringContaining('found code, name_en') as never }],
    ['parentUnknown', 'a parent that is not there', (file, prefix) => { feature(file, grid(prefix, '02')).properties['parent'] = 'nobody'; }, { otherCode: 'nobody' }],
    ['parentLevelWrong', 'a grid under a grid', (file, prefix) => { feature(file, grid(prefix, '02')).properties['parent'] = grid(prefix, '01'); }, { otherCode: expect.stringContaining('-01') as never, detail: 'grid under grid' }],
    ['cycle', 'a grid under itself', (file, prefix) => { feature(file, grid(prefix, '02')).properties['parent'] = grid(prefix, '02'); }, {}],
  ];
  test.each(spoils)('UN11 %s (%s) refuses the whole file, and is told alone with its feature, code and name', async (fault, _how, spoil, more) => {
    const city = freshCity(), prefix = city[0]!.code, file = boundaryFile(city), before = (await server.send('GET', '/api/units')).body;
    spoil(file, prefix);
    const number = city.findIndex(({ code }) => code === grid(prefix, '02'));
    for (const query of ['mode=check', 'mode=take', 'mode=take&allowWarnings=true']) {
      const { status, body } = await importFile(file, query);
      expect(status).toBe(200);
      expect(checker(UnitImportAnswer)(body)).toMatchObject({ ok: true });
      expect(body).toMatchObject({ taken: false, added: 0, changed: 0, moves: [] });
      // The hole that the feature leaves is no second mistake.
      expect(body.faults.filter((each: UnitFault) => each.weight === 'refuses')).toEqual([expect.objectContaining({ feature: number, fault, weight: 'refuses', ...more })]);
      expect(body.faults.filter((each: UnitFault) => each.weight === 'warns' && each.fault !== 'gap')).toEqual([]);
    }
    expect((await server.send('GET', '/api/units')).body).toEqual(before);
    expect((await importFile(boundaryFile(city), 'mode=take')).body).toMatchObject({ taken: true, added: city.length, faults: [] });
  });
  test('UN12 two units of which each is above the other are both told as a cycle', async () => {
    const city = freshCity(), prefix = city[0]!.code, file = boundaryFile(city);
    feature(file, `${prefix}-01`).properties['parent'] = `${prefix}-01-01`;
    const { body } = await importFile(file);
    expect(body.faults.filter((each: UnitFault) => each.weight === 'refuses').map(({ fault, code }: UnitFault) => [fault, code])).toEqual([['cycle', `${prefix}-01`], ['cycle', `${prefix}-01-01`]]);
  });

  /** Moves corners of the outline by metres east, only in this feature: its neighbours keep theirs. */
  const drag = (each: BoundaryFeature, from: number, count: number, eastM: number) => { const ring = ringOf(each); for (let i = from; i < from + count; i++) ring[i] = [ring[i]![0] + eastM / 96_000, ring[i]![1]]; };
  const warnings: [UnitFault['fault'], Spoil, (prefix: string) => { code: string; otherCode: string | null }][] = [
    // Grid 01 lies west of grid 02: its corners 7 to 13 are those of their common border, from south to north.
    ['overlaps', (file, prefix) => drag(feature(file, grid(prefix, '01')), 8, 5, 30), (prefix) => ({ code: grid(prefix, '01'), otherCode: grid(prefix, '02') })],
    ['gap', (file, prefix) => drag(feature(file, grid(prefix, '01')), 8, 5, -30), (prefix) => ({ code: `${prefix}-01-01-01`, otherCode: null })],
    ['outsideParent', (file, prefix) => drag(feature(file, grid(prefix, '01')), 22, 5, -30), (prefix) => ({ code: grid(prefix, '01'), otherCode: `${prefix}-01-01-01` })],
  ];
  test.each(warnings)('UN13 %s only warns: nothing is taken unless warnings are allowed, and it is told with place and square metres', async (fault, spoil, of) => {
    const city = freshCity(), prefix = city[0]!.code, file = boundaryFile(city), number = city.findIndex(({ code }) => code === grid(prefix, '01'));
    spoil(file, prefix);
    const { body } = await importFile(file, 'mode=take');
    expect(body).toMatchObject({ taken: false, units: city.length, added: city.length, faultsTotal: 1 });
    const [told] = body.faults;
    expect(told).toMatchObject({ fault, weight: 'warns', ...of(prefix), feature: fault === 'gap' ? null : number });
    const areaOf = (each: BoundaryFeature) => areaM2Of([[cleanRing(ringOf(each).flat().map((degrees) => degrees * 1e7), true)]]);
    const areaM2 = Math.abs(areaOf(feature(file, grid(prefix, '01'))) - areaOf(feature(boundaryFile(city), grid(prefix, '01'))));
    expect(areaM2).toBeGreaterThan(3000);
    expect(Math.abs(told.areaM2 - areaM2)).toBeLessThan(3);
    const ring = ringOf(feature(file, grid(prefix, '01')));
    expect(Math.min(...ring.map(([lng, lat]) => Math.hypot((lng - told.at.lng) * 96_000, (lat - told.at.lat) * 111_000)))).toBeLessThan(60);
    expect((await importFile(file, 'mode=take&allowWarnings=true')).body).toMatchObject({ taken: true, added: city.length, faultsTotal: 1 });
  });
  test('UN14 a unit that is there already counts as parent and neighbour of what comes in', async () => {
    const city = freshCity(), upper = city.filter(({ level }) => level !== 'grid'), grids = city.filter(({ level }) => level === 'grid');
    expect((await importFile(boundaryFile(upper), 'mode=take')).body).toMatchObject({ taken: true });
    const half = grids.slice(0, 6);
    expect((await importFile(boundaryFile(half), 'mode=take')).body).toMatchObject({ taken: true, added: 6 });
    const file = boundaryFile(grids.slice(6));
    expect((await importFile(file, 'mode=take')).body).toMatchObject({ taken: true, added: 6, faults: [] });
    drag(file.features[0]!, 8, 5, 30);
    const { body } = await importFile(file, 'mode=take');
    expect(body).toMatchObject({ taken: false, faults: [{ fault: 'overlaps', weight: 'warns', code: file.features[0]!.properties['code'], otherCode: file.features[1]!.properties['code'] }] });
    // Under a level that its own children are not below of.
    const upperFile = boundaryFile([{ ...upper.at(-1)!, level: 'grid' }]);
    expect((await importFile(upperFile, 'mode=take')).body.faults).toEqual(expect.arrayContaining([expect.objectContaining({ fault: 'parentLevelWrong', weight: 'refuses', feature: null })]));
  });

  test('UN15 words of other offices are understood: numbers as codes, Chinese levels, names in one language, heights, islands, a mark at the beginning', async () => {
    const at = (west: number, south: number, size: number): [number, number, number][] => [[west, south, 12], [west + size, south, 12], [west + size, south + size, 3], [west, south + size, 0], [west, south, 12]];
    const file = { type: 'FeatureCollection', crs: { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::4490' } }, features: [
      { type: 'Feature', properties: { adcode: 370_200, name: '测试市', level: 'city', parent: null }, geometry: { type: 'Polygon', coordinates: [at(120, 60, 1)] } },
      { type: 'Feature', properties: { ADCODE: 370_202, NAME: 'South district', LEVEL: '区', PARENT: { adcode: 370_200 } }, geometry: { type: 'MultiPolygon', coordinates: [[at(120, 60, 0.4)], [at(120.6, 60.6, 0.3), at(120.7, 60.7, 0.1).toReversed()]] } },
    ] };
    const { body } = await importFile('\ufeff' + JSON.stringify(file), 'mode=take&allowWarnings=true', 'application/json');
    expect(body).toMatchObject({ taken: true, added: 2 });
    const units = (await server.send('GET', '/api/units')).body.units as { unitId: string; code: string; names: unknown; level: string }[];
    expect(units.find(({ code }) => code === '370200')).toMatchObject({ level: 'city', names: { en: '测试市', zh: '测试市' } });
    const south = units.find(({ code }) => code === '370202')!;
    expect(south).toMatchObject({ level: 'county', names: { en: 'South district', zh: 'South district' } });
    const { body: outline } = await server.send('GET', `/api/units/${south.unitId}/shape`);
    expect(checker(UnitShapeAnswer)(outline)).toMatchObject({ ok: true });
    expect(outline.shape).toMatchObject([{ holes: [] }, { holes: [expect.arrayContaining([{ lng: 120.7, lat: 60.7 }])] }]);
    const codesAt = async (lng: number, lat: number) => (await server.send('GET', `/api/units/at?lng=${lng}&lat=${lat}`)).body.chain.map(({ code }: { code: string }) => code);
    expect([await codesAt(120.1, 60.1), await codesAt(120.65, 60.65), await codesAt(120.75, 60.75), await codesAt(120.5, 60.5)]).toEqual([['370202', '370200'], ['370202', '370200'], ['370200'], ['370200']]);
  });
  test('UN16 a file in GCJ-02 stands where it is', async () => {
    const file = { type: 'FeatureCollection', features: [{ type: 'Feature', properties: { code: 'GCJ', name: 'g', level: 'city' }, geometry: { type: 'Polygon', coordinates: [[[121.531541859215, 31.17530398364597], [121.6, 31.17530398364597], [121.6, 31.3], [121.531541859215, 31.17530398364597]]] } }] };
    expect((await importFile(file, 'mode=take&crs=gcj02')).body).toMatchObject({ taken: true });
    const { unitId } = (await server.send('GET', '/api/units')).body.units.find(({ code }: { code: string }) => code === 'GCJ');
    expect((await server.send('GET', `/api/units/${unitId}/shape`)).body.shape[0].outer).toContainEqual({ lng: 121.5272106, lat: 31.1774276 });
  });

  test.each<[string, string | Buffer, RegExp, RegExp]>([
    ['nothing', '', /it is empty/, /文件为空/],
    ['half a file', '{"type":"FeatureCollection",\n"features":[{"type":"Fea', /no JSON at line 2, column 21/, /第 2 行第 21 列/],
    ['a comma too many', '{"type":"FeatureCollection",\n"features":[,]}', /line 2, column 13/, /第 2 行第 13 列/],
    ['GBK', Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xb2, 0xe2]), Buffer.from('"}')]), /not UTF-8 text \(line 1, column 10\)/, /不是 UTF-8/],
    ['a list', '[1,2]', /no object at its top/, /顶层不是对象/],
    ['another kind', '{"type":"Topology","objects":{}}', /"Topology", not a FeatureCollection/, /不是 FeatureCollection/],
    ['no features', '{"type":"FeatureCollection","features":[]}', /no feature in it/, /没有要素/],
    ['other coordinates', '{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:3857"}},"features":[]}', /EPSG:3857, not in degrees/, /EPSG:3857/],
    ['too many features', `{"type":"FeatureCollection","features":[${'0,'.repeat(50_000)}0]}`, /50001 features; at most 50000/, /最多 50000/],
    ['a nest of brackets', `{"type":"FeatureCollection","features":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, /lists in lists/, /嵌套异常/],
    ['nine million empty lists', `{"type":"FeatureCollection","features":[${'[],'.repeat(9_000_000)}0]}`, /lists in lists/, /嵌套异常/],
  ])('UN17 %s is no boundary file, and the answer says why in both languages', async (_name, file, en, zh) => {
    const answer = await server.fetch(`/api/units/import?mode=take`, { method: 'POST', headers: { 'content-type': 'application/geo+json' }, body: file as string });
    expect(answer.status).toBe(422);
    const note = await answer.json() as ProblemNote;
    expect(note.code).toBe('fileNotUnderstood');
    expect(problemWords(note, 'en').what).toMatch(en);
    expect(problemWords(note, 'zh').what).toMatch(zh);
  });
  test('UN18 a file over 64 MB is refused at the door, and the server goes on', async () => {
    const answer = await server.fetch(`/api/units/import`, { method: 'POST', headers: { 'content-type': 'application/geo+json' }, body: Buffer.alloc(64 * 1024 * 1024 + 1, 32) }).catch((error: unknown) => error as Error);
    if (!(answer instanceof Error)) expect(answer.status).toBe(413);
    expect((await server.send('GET', '/api/units/changes?most=1')).status).toBe(200);
  });
  test('UN19 features of all shapes of nonsense are told one by one', async () => {
    const features = [null, 5, 'x', [], {}, { type: 'Feature' }, { properties: [], geometry: [] }, { properties: { code: {}, level: [], name: 7 }, geometry: { type: 'Polygon', coordinates: 'x' } }, { properties: { code: 'q1', level: 'grid', name: 'q' }, geometry: { type: 'Polygon', coordinates: [[[null, 1]]] } }, { properties: { code: 'q2', level: 'grid', name: 'q' }, geometry: { type: 'MultiPolygon', coordinates: [[], [[]]] } }, { properties: { code: 'q3', level: 'grid', name: 'q'.repeat(500) }, geometry: { type: 'Polygon', coordinates: [] } }];
    const { status, body } = await importFile({ type: 'FeatureCollection', features }, 'mode=take&allowWarnings=true');
    expect(status).toBe(200);
    expect(checker(UnitImportAnswer)(body)).toMatchObject({ ok: true });
    expect(body.taken).toBe(false);
    expect(new Set(body.faults.map(({ feature: number }: UnitFault) => number)).size).toBe(features.length);
  });
  test('UN20 two imports at once both come in whole, and the second was checked against the first', async () => {
    const one = freshCity(), other = freshCity();
    const answers = await Promise.all([importFile(boundaryFile(one), 'mode=take'), importFile(boundaryFile(other), 'mode=take')]);
    expect(answers.map(({ body }) => [body.taken, body.added])).toEqual([[true, one.length], [true, other.length]]);
    // The same ground under other codes: whoever comes second overlaps.
    const twice = freshCity(), copy = twice.map((unit) => ({ ...unit, code: unit.code.replace('T', 'C'), parentCode: unit.parentCode?.replace('T', 'C') ?? null }));
    const both = await Promise.all([importFile(boundaryFile(twice), 'mode=take'), importFile(boundaryFile(copy), 'mode=take')]);
    expect(both.map(({ body }) => body.taken).toSorted()).toEqual([false, true]);
    expect(both.find(({ body }) => !body.taken)!.body.faults).toEqual([expect.objectContaining({ fault: 'overlaps' })]);
  });
});

describe('one by one', () => {
  const by = { memberId: null, name: 'Wang', duty: 'operator', unitId: null };
  const box = (west: number, south: number, east: number, north: number) => [{ outer: [{ lng: west, lat: south }, { lng: east, lat: south }, { lng: east, lat: north }, { lng: west, lat: north }], holes: [] }];
  const unitBody = (level: string, code: string, parentId: string | null, shape: unknown, over: object = {}) => ({ level, code, names: { en: code, zh: code }, parentId, shape, by, ...over });

  test('UN21 a unit is drawn, changed and removed; screens hear of it; two who change at once do not overwrite each other', async () => {
    const screen = await server.screen();
    const { status, body: city } = await server.send('POST', '/api/units', unitBody('city', 'H', null, box(10, 50, 10.2, 50.2)));
    expect(status).toBe(201);
    await until('the screen hears of it', () => screen.of('unitsChanged').length > 0);
    const { body: grid } = await server.send('POST', '/api/units', unitBody('grid', 'H1', city.unitId, box(10, 50, 10.2, 50.1)));
    const told = await server.send('POST', '/api/units/check', unitBody('grid', 'H1', city.unitId, box(10, 50, 10.25, 50.2), { unitId: grid.unitId }));
    expect(checker(UnitChecked)(told.body)).toMatchObject({ ok: true });
    expect(told.body.faults).toEqual([expect.objectContaining({ fault: 'outsideParent', weight: 'warns', code: 'H1', otherCode: 'H' })]);
    const saved = await server.send('PUT', `/api/units/${grid.unitId}`, unitBody('grid', 'H1', city.unitId, box(10, 50, 10.2, 50.2), { seenVersion: 1 }));
    expect(checker(UnitSaved)(saved.body)).toMatchObject({ ok: true });
    expect(saved.body).toMatchObject({ unit: { version: 2 }, faults: [] });
    expect((await server.send('PUT', `/api/units/${grid.unitId}`, unitBody('grid', 'H1', city.unitId, box(10, 50, 10.1, 50.2), { seenVersion: 1 }))).body.code).toBe('changedMeanwhile');
    expect((await server.send('DELETE', `/api/units/${city.unitId}`)).body).toMatchObject({ code: 'unitHasChildren', values: { count: 1 } });
    expect((await server.send('DELETE', `/api/units/${grid.unitId}?by=Li`)).status).toBe(204);
    expect((await server.send('DELETE', `/api/units/${grid.unitId}`)).body.code).toBe('notFound');
    expect((await server.send('GET', '/api/units/changes?most=1')).body.changes[0]).toMatchObject({ what: 'removed', by: 'Administrator', unitIds: [grid.unitId] });
  });
  test('UN22 what refuses a unit is named in both languages, and nothing is kept of it', async () => {
    const { body: city } = await server.send('POST', '/api/units', unitBody('city', 'R', null, box(12, 50, 12.2, 50.2)));
    const before = (await server.send('GET', '/api/units')).body;
    const cross = [{ outer: [{ lng: 12, lat: 50 }, { lng: 12.1, lat: 50 }, { lng: 12, lat: 50.1 }, { lng: 12.1, lat: 50.1 }], holes: [] }];
    const cases: [object, RegExp, RegExp][] = [
      [unitBody('grid', 'R1', city.unitId, cross), /the outline of R1 crosses itself/, /R1 的边界自相交/], [unitBody('grid', 'R', city.unitId, box(12, 50, 12.1, 50.1)), /the code R is there twice/, /编码 R 重复/],
      [unitBody('city', 'R1', city.unitId, box(12, 50, 12.1, 50.1)), /not of a higher level/, /层级不高于/],
      [unitBody('grid', 'R1', city.unitId, box(12, 50, 12.00001, 50.00001)), /too small/, /面积过小/],
    ];
    for (const [body, en, zh] of cases) {
      const answer = await server.send('POST', '/api/units', body);
      expect([answer.status, answer.body.code]).toEqual([422, 'unitRefused']);
      expect(problemWords(answer.body, 'en').what).toMatch(en);
      expect(problemWords(answer.body, 'zh').what).toMatch(zh);
    }
    // A unit above that is not there answers like one that is somebody else's.
    expect((await server.send('POST', '/api/units', unitBody('grid', 'R1', 'u-nobody', box(12, 50, 12.1, 50.1)))).body.code).toBe('notFound');
    expect((await server.send('PUT', `/api/units/${city.unitId}`, unitBody('city', 'R', city.unitId, box(12, 50, 12.2, 50.2)))).body).toMatchObject({ code: 'unitRefused', values: { fault: 'cycle' } });
    expect((await server.send('POST', '/api/units', { ...unitBody('grid', 'R1', null, box(12, 50, 12.1, 50.1)), shape: [{ outer: [{ lng: 12, lat: 95 }], holes: [] }] })).body.code).toBe('inputWrong');
    expect((await server.send('GET', '/api/units')).body).toEqual(before);
  });
  test('UN23 a site and a camera belong to the grid that they stand in', async () => {
    const { body: site } = await server.send('POST', '/api/sites', siteBody({ origin: { lng: 121.9, lat: 29.2 } }));
    const { body: city } = await server.send('POST', '/api/units', unitBody('city', 'S', null, box(121.8, 29.1, 122, 29.3)));
    await server.send('POST', '/api/units', unitBody('grid', 'S1', city.unitId, box(121.9, 29.2, 121.9003, 29.2003)));
    const { sensor } = await server.store.addSensor(site.site.siteId, { name: 'Camera', kind: 'rtsp', settings: { address: 'rtsp://192.0.2.7/x' }, addressShown: 'rtsp://192.0.2.7/x' });
    const codes = async (query: string) => (await server.send('GET', `/api/units/of?${query}`)).body.chain.map(({ code }: { code: string }) => code);
    // The middle of the site, 30 m east and 20 m north of its corner, is beyond the grid's 29 m.
    expect(await codes(`siteId=${site.site.siteId}`)).toEqual(['S']);
    expect(await codes(`sensorId=${sensor.sensorId}`)).toEqual(['S']);
    await server.store.calibrateSensor(sensor.sensorId, { position: { xM: 5, yM: 5 }, heightM: 6, bearingDeg: 90, headHeightM: 1.6, pictureAspect: 16 / 9, rangeMostM: null, points: [[0.1, 0.9], [0.9, 0.9], [0.7, 0.4], [0.3, 0.4]].map(([xShare, yShare], i) => ({ picture: { xShare: xShare!, yShare: yShare! }, ground: { xM: 10 + i, yM: 3 * i } })) });
    expect(await codes(`sensorId=${sensor.sensorId}`)).toEqual(['S1', 'S']);
    expect((await server.send('GET', '/api/units/of')).body.code).toBe('inputWrong');
    expect((await server.send('GET', '/api/units/of?siteId=nowhere')).body.code).toBe('notFound');
  });
  test('UN24 outlines for the map are those in the box, of the level, thinned to what it shows', async () => {
    const city = freshCity();
    await importFile(boundaryFile(city), 'mode=take');
    const { southWest, northEast } = (await server.send('GET', '/api/units')).body.units.find(({ code }: { code: string }) => code === city[0]!.code).bounds;
    const ask = async (level: string, east: number) => (await server.send('GET', `/api/units/shapes?level=${level}&west=${southWest.lng}&south=${southWest.lat}&east=${east}&north=${northEast.lat}`)).body;
    const near = await ask('grid', northEast.lng), far = await ask('grid', northEast.lng + 20);
    const corners = (shapes: { features: { geometry: { coordinates: unknown[][][] } }[] }) => shapes.features.reduce((sum, each) => sum + each.geometry.coordinates.flat().reduce((count, ring) => count + ring.length, 0), 0);
    expect(near.features).toHaveLength(12);
    expect(near.features[0]).toMatchObject({ type: 'Feature', properties: { level: 'grid', code: expect.stringContaining(city[0]!.code) }, geometry: { type: 'MultiPolygon' } });
    expect(corners({ features: far.features.filter(({ properties }: { properties: { code: string } }) => properties.code.startsWith(`${city[0]!.code}-`)) })).toBeLessThan(corners(near) / 3);
    expect((await ask('township', northEast.lng)).features).toHaveLength(1);
    expect((await server.send('GET', '/api/units/shapes?west=1&south=1&east=0&north=2')).body.code).toBe('inputWrong');
  });
});
