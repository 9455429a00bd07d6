// Outlines of units: areas, insides, crossings, coverage, the index over points, and coordinates as Chinese maps have them.
import { describe, expect, test } from 'vitest';
import type { LngLat } from '../../contract/geometry.ts';
import type { UnitShape } from '../../contract/unit.ts';
import { checkTree, runToEnd, type TreeUnit } from '../../crowd/units/checkUnits.ts';
import { coverage } from '../../crowd/units/coverage.ts';
import { crossingOf } from '../../crowd/units/crossings.ts';
import { gcj02FromWgs84, wgs84FromGcj02 } from '../../crowd/units/gcj02.ts';
import { jsonFaultAt } from '../../crowd/units/jsonFault.ts';
import { areaM2Of, boxOf, bytesOfShape, isInside, metresPer7, shape7Of, shapeOfBytes, side, unitShapeOf, type Shape7 } from '../../crowd/units/shape.ts';
import { thinShape } from '../../crowd/units/thin.ts';
import { buildUnitIndex } from '../../crowd/units/unitIndex.ts';
import { madeUpCity } from '../support/madeUpCity.ts';

const SEED = Number(process.env['SEED'] ?? 20261122);
console.log(`seed ${SEED}`);
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => { state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0; return state / 2 ** 32; };
}

/** From metres east and north of a place at 31 degrees north. */
const ORIGIN = { lng: 121.4, lat: 31.2 }, SCALE = metresPer7(ORIGIN.lat * 1e7);
const at = (xM: number, yM: number): LngLat => ({ lng: ORIGIN.lng + xM / SCALE.eastM / 1e7, lat: ORIGIN.lat + yM / SCALE.northM / 1e7 });
const ring = (...corners: [number, number][]): LngLat[] => corners.map(([xM, yM]) => at(xM, yM));
const polygon = (...corners: [number, number][]): UnitShape => [{ outer: ring(...corners), holes: [] }];
const rect = (x0: number, y0: number, x1: number, y1: number): UnitShape => polygon([x0, y0], [x1, y0], [x1, y1], [x0, y1]);
const shape = (...corners: [number, number][]): Shape7 => shape7Of(polygon(...corners));
const square = (x0: number, y0: number, x1: number, y1: number): Shape7 => shape7Of(rect(x0, y0, x1, y1));
const look = (parent: Shape7 | null, ...children: Shape7[]) => runToEnd(coverage(parent, children));

describe('area and inside', () => {
  test('UG1 areas are those of the ellipsoid', () => {
    // Half of the surface of WGS-84, 510,065,621.724 km2 (Moritz 1980).
    const half: Shape7 = [[Int32Array.from([0, -90e7, 180e7, -90e7, 180e7, 90e7, 0, 90e7])]];
    expect(areaM2Of(half) / 1e6).toBeCloseTo(510_065_621.724 / 2, 0);
    for (const lat of [0, 31, 60, -45]) {
      // The metric of the ellipsoid, summed up over a thousand thin strips.
      let sum = 0;
      for (let i = 0; i < 1000; i++) { const { eastM, northM } = metresPer7((lat + (i + 0.5) / 1000) * 1e7); sum += eastM * 1e7 * northM * 1e4; }
      expect(areaM2Of([[Int32Array.from([100e7, lat * 1e7, 101e7, lat * 1e7, 101e7, (lat + 1) * 1e7, 100e7, (lat + 1) * 1e7])]]) / sum).toBeCloseTo(1, 7);
    }
    expect(areaM2Of(square(0, 0, 300, 200))).toBeCloseTo(60_000, -1);
    const island = shape7Of([{ outer: ring([0, 0], [1000, 0], [1000, 1000], [0, 1000]), holes: [ring([100, 100], [200, 100], [200, 300], [100, 300])] }, { outer: ring([2000, 0], [2100, 0], [2100, 100], [2000, 100]), holes: [] }]);
    expect(areaM2Of(island)).toBeCloseTo(1_000_000 - 20_000 + 10_000, -2);
  });

  test('UG2 a shape as bytes is the shape, and bytes that are none are none', () => {
    const given: UnitShape = [{ outer: ring([0, 0], [1000, 0], [1000, 1000]), holes: [ring([500, 100], [600, 100], [600, 200])] }, { outer: ring([2000, 0], [2100, 0], [2100, 100]), holes: [] }];
    const packed = shape7Of(given), bytes = bytesOfShape(packed);
    expect(shapeOfBytes(bytes)).toEqual(packed);
    const back = unitShapeOf(shapeOfBytes(bytes)!);
    back.forEach((part, i) => part.outer.forEach((corner) => expect(given[i]!.outer.some(({ lng, lat }) => Math.abs(lng - corner.lng) < 1e-7 && Math.abs(lat - corner.lat) < 1e-7)).toBe(true)));
    for (const bad of [bytes.subarray(0, bytes.length - 4), bytes.subarray(1), new Uint8Array(0), new Uint8Array(4), Uint8Array.from([...bytes, 0, 0, 0, 0]), new Uint8Array(64).fill(0x7f)]) expect(shapeOfBytes(bad)).toBeNull();
  });

  test('UG3 sides of a corner are told exactly, also where doubles are too short', () => {
    const random = chance(SEED);
    for (let i = 0; i < 20_000; i++) {
      const [ax, ay, bx, by] = Array.from({ length: 4 }, () => Math.round((random() - 0.5) * 3.6e9)) as [number, number, number, number], share = random();
      const cx = Math.round(ax + share * (bx - ax)) + Math.round(random() * 2 - 1), cy = Math.round(ay + share * (by - ay)) + Math.round(random() * 2 - 1);
      const exact = BigInt(bx - ax) * BigInt(cy - ay) - BigInt(by - ay) * BigInt(cx - ax);
      expect(Math.sign(side(ax, ay, bx, by, cx, cy))).toBe(exact > 0n ? 1 : exact < 0n ? -1 : 0);
    }
  });

  test('UG4 a point on a border that two areas share lies in exactly one of them', () => {
    const city = madeUpCity({ seed: SEED, counties: [1, 1], townships: [1, 1], communities: [1, 1], grids: [6, 5] });
    const grids = city.filter(({ level }) => level === 'grid').map((unit) => shape7Of(unit.shape)), whole = shape7Of(city[0]!.shape);
    let onBorders = 0;
    for (const grid of grids) for (const outline of grid[0]!) for (let i = 0; i < outline.length; i += 2) {
      const inside = grids.filter((each) => isInside(each, outline[i]!, outline[i + 1]!)).length;
      expect(inside).toBe(isInside(whole, outline[i]!, outline[i + 1]!) ? 1 : 0);
      onBorders += inside;
    }
    expect(onBorders).toBeGreaterThan(500);
  });
});

describe('outlines that cross themselves', () => {
  const says = (given: Shape7) => crossingOf(given);
  test('UG5 simple outlines are well: with holes, parts, islands in lakes, and rings that touch in a point', () => {
    expect(says(square(0, 0, 100, 100))).toBeNull();
    expect(says(shape7Of([{ outer: ring([0, 0], [1000, 0], [1000, 1000], [0, 1000]), holes: [ring([100, 100], [400, 100], [400, 400], [100, 400]), ring([400, 400], [600, 400], [600, 600])] }, { outer: ring([200, 200], [300, 200], [300, 300]), holes: [] }]))).toBeNull();
    // A hole that touches the outline in a corner, and a ring that touches itself in one without passing through.
    expect(says(shape7Of([{ outer: ring([0, 0], [1000, 0], [1000, 1000], [0, 1000]), holes: [ring([0, 0], [300, 100], [300, 300])] }]))).toBeNull();
    expect(says(shape([0, 0], [500, 0], [1000, 0], [1000, 1000], [500, 0], [0, 1000]))).toBeNull();
    for (const unit of madeUpCity({ seed: SEED, counties: [1, 1], townships: [2, 1], communities: [2, 1], grids: [3, 2] })) expect(says(shape7Of(unit.shape))).toBeNull();
  });
  test.each<[string, () => Shape7, string | null]>([
    ['a bow', () => shape([0, 0], [100, 0], [0, 100], [100, 100]), null],
    ['a bow through a corner', () => shape([0, 0], [50, 50], [100, 100], [100, 0], [50, 50], [0, 100]), null],
    ['a loop', () => shape([0, 0], [300, 0], [300, 300], [100, 300], [100, 100], [200, 100], [200, 400], [0, 400]), null],
    ['a spike', () => shape([0, 0], [300, 0], [500, 0], [300, 0], [300, 300], [0, 300]), 'it runs back on itself'],
    ['a border along itself', () => shape([0, 0], [300, 0], [300, 300], [250, 300], [250, 0], [50, 0], [50, 300], [0, 300]), null],
    ['a hole across the outline', () => shape7Of([{ outer: ring([0, 0], [300, 0], [300, 300], [0, 300]), holes: [ring([200, 100], [400, 100], [400, 200], [200, 200])] }]), null],
    ['a hole outside', () => shape7Of([{ outer: ring([0, 0], [300, 0], [300, 300], [0, 300]), holes: [ring([400, 100], [500, 100], [500, 200])] }]), 'a hole lies outside of its outline'],
    ['a hole in a hole', () => shape7Of([{ outer: ring([0, 0], [300, 0], [300, 300], [0, 300]), holes: [ring([50, 50], [250, 50], [250, 250], [50, 250]), ring([100, 100], [200, 100], [200, 200])] }]), 'a hole lies in another hole'],
    ['two parts over each other', () => shape7Of([...rect(0, 0, 300, 300), ...rect(100, 100, 200, 200)]), 'one part lies on another'],
    ['two parts that cross', () => shape7Of([...rect(0, 0, 300, 300), ...rect(200, 200, 400, 400)]), null],
  ])('UG6 %s', (_name, given, detail) => {
    const found = says(given());
    expect(found).not.toBeNull();
    if (detail !== null) expect(found!.detail).toBe(detail);
  });
  test('UG7 a crossing is found wherever it is in a ring of thousands of corners', () => {
    const random = chance(SEED), n = 6000;
    const round = (swap: number | null): Shape7 => {
      const corners = Array.from({ length: n }, (_, i): [number, number] => { const r = 5000 + 20 * random(), angle = (2 * Math.PI * i) / n; return [r * Math.cos(angle), r * Math.sin(angle)]; });
      if (swap !== null) [corners[swap], corners[swap + 100]] = [corners[swap + 100]!, corners[swap]!];
      return shape(...corners);
    };
    expect(says(round(null))).toBeNull();
    for (let i = 0; i < 10; i++) {
      const swap = 1 + Math.floor(random() * (n - 102)), found = says(round(swap));
      expect(found, `corner ${swap}`).not.toBeNull();
      const angle = (2 * Math.PI * swap) / n, there = at(5000 * Math.cos(angle), 5000 * Math.sin(angle));
      expect(Math.hypot((found!.at.lng - there.lng) * 1e7 * SCALE.eastM, (found!.at.lat - there.lat) * 1e7 * SCALE.northM)).toBeLessThan(700);
    }
  });
  test('UG8 a crossing that is a hand wide is one', () => {
    expect(says(shape([0, 0], [100, 0], [100, 100], [50.1, 100], [50, -0.1], [49.9, 100], [0, 100]))).not.toBeNull();
    expect(says(shape([0, 0], [100, 0], [100, 100], [50.1, 100], [50, 0.1], [49.9, 100], [0, 100]))).toBeNull();
  });
});

describe('gaps, overlaps and what lies outside', () => {
  const parent = square(0, 0, 1000, 1000);
  test('UG9 neighbours that share their borders leave nothing to tell, however many', () => {
    const city = madeUpCity({ seed: SEED, counties: [2, 1], townships: [2, 2], communities: [2, 2], grids: [3, 3] });
    const units: TreeUnit[] = city.map((unit, feature) => ({ level: unit.level, code: unit.code, name: unit.names.en, parentCode: unit.parentCode, shape: shape7Of(unit.shape), feature }));
    expect(runToEnd(checkTree(units))).toEqual([]);
  });
  test('UG10 an overlap, a gap and a part outside are told with their square metres and their place', () => {
    const found = look(parent, square(0, 0, 520, 1000), square(500, 0, 1000, 900), square(500, 900, 1030, 960));
    expect(found.overlaps).toHaveLength(2);
    expect(found.overlaps.find(({ a, b }) => a === 0 && b === 1)!.areaM2).toBeCloseTo(20 * 900, -1);
    expect(found.overlaps.find(({ a, b }) => a === 0 && b === 2)!.areaM2).toBeCloseTo(20 * 60, -1);
    expect(found.outside).toEqual([{ child: 2, areaM2: expect.closeTo(30 * 60, -1), at: expect.anything() }]);
    expect(found.gaps).toHaveLength(1);
    expect(found.gaps[0]!.areaM2).toBeCloseTo(480 * 40, -2);
    const { lng, lat } = found.gaps[0]!.at;
    expect(isInside(square(520, 960, 1000, 1000), Math.round(lng * 1e7), Math.round(lat * 1e7))).toBe(true);
  });
  test('UG11 gaps that do not touch are told one by one; one that runs round a corner is one', () => {
    const found = look(parent, square(0, 0, 1000, 400), shape([0, 420], [480, 420], [480, 1000], [0, 1000]), square(500, 420, 1000, 1000));
    expect(found.gaps).toHaveLength(1);
    expect(found.gaps[0]!.areaM2).toBeCloseTo(1000 * 20 + 20 * 580, -1);
    expect(look(parent, square(0, 0, 1000, 400), square(0, 420, 1000, 700), square(0, 730, 1000, 1000)).gaps.map(({ areaM2 }) => Math.round(areaM2 / 100)).toSorted((a, b) => a - b)).toEqual([200, 300]);
  });
  test('UG12 slivers from digitising are not told: under a metre wide, or under ten square metres', () => {
    expect(look(parent, square(0, 0, 499.6, 1000), square(500.3, 0, 1000, 1000))).toMatchObject({ gaps: [], overlaps: [], outside: [] });
    expect(look(parent, square(0, 0, 500.6, 1000), square(500, 0, 1000, 1000))).toMatchObject({ gaps: [], overlaps: [] });
    expect(look(parent, square(0, 0, 498.8, 1000), square(500, 0, 1000, 1000)).gaps).toHaveLength(1);
    expect(look(parent, square(0, 0, 501.2, 1000), square(500, 0, 1000, 1000)).overlaps).toHaveLength(1);
    expect(look(parent, shape([0, 0], [500, 0], [500, 500], [503, 503], [500, 503], [500, 1000], [0, 1000]), square(500, 0, 1000, 1000))).toMatchObject({ overlaps: [] });
  });
  test('UG13 a corner of one on a long straight side of the other is no gap', () => {
    const long = shape([0, 0], [500, 0], [540, 1000], [0, 1000]);
    const other = shape([500, 0], [1000, 0], [1000, 1000], [540, 1000], ...Array.from({ length: 30 }, (_, i): [number, number] => [540 - (40 * (i + 1)) / 31, 1000 - (1000 * (i + 1)) / 31]));
    expect(look(parent, long, other)).toMatchObject({ gaps: [], overlaps: [], outside: [] });
  });
  test('UG14 holes and islands: a unit in the hole of another fills it, an empty hole is a gap', () => {
    const holed = shape7Of([{ outer: ring([0, 0], [1000, 0], [1000, 1000], [0, 1000]), holes: [ring([400, 400], [600, 400], [600, 600], [400, 600])] }]);
    expect(look(parent, holed, square(400, 400, 600, 600))).toMatchObject({ gaps: [], overlaps: [], outside: [] });
    expect(look(parent, holed).gaps).toEqual([{ areaM2: expect.closeTo(40_000, -1), at: expect.anything() }]);
    expect(look(parent, square(0, 0, 1000, 1000), square(400, 400, 600, 600)).overlaps).toEqual([{ a: 0, b: 1, areaM2: expect.closeTo(40_000, -1), at: expect.anything() }]);
    // A lake in the parent itself belongs to nobody below it either.
    expect(look(holed, square(0, 0, 1000, 1000)).outside[0]!.areaM2).toBeCloseTo(40_000, -1);
  });
  test('UG15 without a parent only overlaps are told; the same outline twice overlaps as a whole', () => {
    expect(look(null, square(0, 0, 100, 100), square(200, 0, 300, 100))).toMatchObject({ gaps: [], overlaps: [], outside: [] });
    expect(look(null, square(0, 0, 100, 100), square(0, 0, 100, 100)).overlaps).toEqual([{ a: 0, b: 1, areaM2: expect.closeTo(10_000, -1), at: expect.anything() }]);
    expect(look(parent, parent, square(0, 0, 100, 100), square(50, 0, 150, 100)).overlaps.map(({ a, b, areaM2 }) => [a, b, Math.round(areaM2 / 10)])).toEqual(expect.arrayContaining([[0, 1, 1000], [0, 2, 1000], [1, 2, 500]]));
  });

  test('UG16 outlines at random, against points on a fine net', () => {
    const random = chance(SEED);
    const star = (x: number, y: number, r: number): [number, number][] => { const n = 5 + Math.floor(random() * 40); return Array.from({ length: n }, (_, i) => { const angle = (2 * Math.PI * (i + 0.8 * random())) / n, reach = r * (0.4 + 0.6 * random()); return [x + reach * Math.cos(angle), y + reach * Math.sin(angle)]; }); };
    const netM = 2;
    for (let round = 0; round < 8; round++) {
      const above = shape(...star(300, 300, 300)), below = Array.from({ length: 2 + Math.floor(random() * 4) }, () => shape(...star(150 + 300 * random(), 150 + 300 * random(), 60 + 140 * random())));
      const found = look(above, ...below), box = boxOf([...above, ...below.flat()]);
      const stepX = netM / SCALE.eastM, stepY = netM / SCALE.northM, sums = new Map<string, number>(), add = (key: string) => sums.set(key, (sums.get(key) ?? 0) + netM * netM);
      for (let y = box.south + stepY / 3; y < box.north; y += stepY) for (let x = box.west + stepX / 3; x < box.east; x += stepX) {
        const inside = below.flatMap((each, i) => (pointIn(each, x, y) ? [i] : [])), inParent = pointIn(above, x, y);
        if (inParent && inside.length === 0) add('gap');
        if (!inParent) for (const child of inside) add(`outside ${child}`);
        for (const a of inside) for (const b of inside) if (a < b) add(`${a} ${b}`);
      }
      const told = new Map<string, number>([['gap', found.gaps.reduce((sum, gap) => sum + gap.areaM2, 0)], ...found.outside.map(({ child, areaM2 }) => [`outside ${child}`, areaM2] as const), ...found.overlaps.map(({ a, b, areaM2 }) => [`${a} ${b}`, areaM2] as const)]);
      for (const key of new Set([...sums.keys(), ...told.keys()])) expect(Math.abs((sums.get(key) ?? 0) - (told.get(key) ?? 0)), `round ${round}: ${key}, net ${sums.get(key)}, told ${told.get(key)}`).toBeLessThan(60 + 0.006 * (sums.get(key) ?? 0));
    }
  });
  test('UG17 borders drawn twice, a few metres apart: each pair of neighbours and each gap adds up to what is missing', () => {
    const random = chance(SEED), city = madeUpCity({ seed: SEED, counties: [1, 1], townships: [1, 1], communities: [1, 1], grids: [8, 8] });
    const whole = shape7Of(city[0]!.shape), shaken = city.filter(({ level }) => level === 'grid').map(({ shape: given }) => shape7Of(given).map((rings) => rings.map((each) => each.map((value) => value + Math.round((random() - 0.5) * 600)))) as Shape7);
    const found = look(whole, ...shaken);
    const sum = (list: { areaM2: number }[]) => list.reduce((total, { areaM2 }) => total + areaM2, 0);
    // Whole = children - overlaps - outside + gaps, but for slivers that are not told.
    const left = areaM2Of(whole) - (shaken.reduce((total, each) => total + areaM2Of(each), 0) - sum(found.overlaps) - sum(found.outside) + sum(found.gaps));
    expect(found.cutShort).toBe(false);
    expect(found.overlaps.length).toBeGreaterThan(50);
    expect(found.gaps.length).toBeGreaterThan(50);
    expect(Math.abs(left)).toBeLessThan(0.2 * (sum(found.overlaps) + sum(found.gaps)));
  });
});

describe('points', () => {
  test('UG18 16,000 grids: every point is in the unit that a look at all of them finds, on borders and corners, too', () => {
    const city = madeUpCity({ seed: SEED });
    const units = city.map((unit) => ({ unitId: unit.code, level: unit.level, code: unit.code, shape: shape7Of(unit.shape) }));
    expect(units.filter(({ level }) => level === 'grid')).toHaveLength(16_000);
    const index = runToEnd(buildUnitIndex(units)), boxes = units.map((unit) => boxOf(unit.shape)), random = chance(SEED), [west, south, east, north] = [boxes[0]!.west, boxes[0]!.south, boxes[0]!.east, boxes[0]!.north];
    const order = units.map((_, i) => i).toSorted((a, b) => depthOf[units[b]!.level]! - depthOf[units[a]!.level]! || (units[a]!.code < units[b]!.code ? -1 : 1));
    let found = 0;
    for (let i = 0; i < 1500; i++) {
      const grid = units[units.length - 1 - Math.floor(random() * 16_000)]!.shape[0]![0]!, corner = 2 * Math.floor((random() * grid.length) / 2);
      const [x, y] = i % 3 === 0 ? [grid[corner]!, grid[corner + 1]!] : [Math.round(west + (1.04 * random() - 0.02) * (east - west)), Math.round(south + (1.04 * random() - 0.02) * (north - south))];
      const expected = order.find((unit) => { const box = boxes[unit]!; return x >= box.west && x <= box.east && y >= box.south && y <= box.north && pointIn(units[unit]!.shape, x, y); });
      const told = index.lowestAt({ lng: x / 1e7, lat: y / 1e7 });
      // On a border only the exact look decides; the plain one is a rounding away from it.
      if (i % 3 === 0) { if (told !== null) { found++; expect(isInside(units.find(({ unitId }) => unitId === told)!.shape, x, y)).toBe(true); } continue; }
      expect(told, `${x} ${y}`).toBe(expected === undefined ? null : units[expected]!.unitId);
      if (told !== null) found++;
    }
    expect(found).toBeGreaterThan(1200);
  }, 60_000);
  test('UG19 where outlines overlap the lower level wins, then the smaller code, in whatever order they came', () => {
    const units = [{ unitId: 'b', level: 'grid' as const, code: 'B', shape: square(0, 0, 100, 100) }, { unitId: 'a', level: 'grid' as const, code: 'A', shape: square(50, 0, 150, 100) }, { unitId: 'c', level: 'city' as const, code: '0', shape: square(-100, -100, 500, 500) }];
    for (const given of [units, units.toReversed()]) {
      const index = runToEnd(buildUnitIndex(given));
      expect([at(25, 50), at(75, 50), at(125, 50), at(400, 400), at(900, 900)].map((point) => index.lowestAt(point))).toEqual(['b', 'a', 'a', 'c', null]);
    }
    expect(runToEnd(buildUnitIndex([])).lowestAt(at(0, 0))).toBeNull();
  });
  test('UG20 an outline of many corners answers as quickly and as rightly; a comb of long teeth, too', () => {
    const random = chance(SEED), n = 20_000;
    const round = shape(...Array.from({ length: n }, (_, i): [number, number] => { const angle = (2 * Math.PI * i) / n, r = 4000 + 100 * random(); return [r * Math.cos(angle), r * Math.sin(angle)]; }));
    const comb = shape(...Array.from({ length: 4000 }, (_, i): [number, number] => [10_000 + i, i % 2 === 0 ? 5 : 4000]), [14_000, 0], [10_000, 0]);
    const index = runToEnd(buildUnitIndex([{ unitId: 'round', level: 'grid', code: 'r', shape: round }, { unitId: 'comb', level: 'grid', code: 'c', shape: comb }]));
    for (let i = 0; i < 3000; i++) {
      const [xM, yM] = i % 2 === 0 ? [(random() - 0.5) * 8400, (random() - 0.5) * 8400] : [10_000 + 4000 * random(), 4100 * random()], point = at(xM, yM), x = Math.round(point.lng * 1e7), y = Math.round(point.lat * 1e7);
      expect(index.lowestAt(point)).toBe(isInside(round, x, y) ? 'round' : isInside(comb, x, y) ? 'comb' : null);
    }
  });
});

describe('maps', () => {
  test('UG21 GCJ-02 goes forth and back: published pairs, and to a centimetre everywhere in China', () => {
    // Test pairs of eviltransform (go/transform_test.go): Shanghai, Shenzhen, Beijing.
    for (const [lat, lng, gcjLat, gcjLng] of [[31.1774276, 121.5272106, 31.17530398364597, 121.531541859215], [22.543847, 113.912316, 22.540796131694766, 113.9171764808363], [39.911954, 116.377817, 39.91334545536069, 116.38404722455657]] as const) {
      expect(gcj02FromWgs84({ lng, lat })).toEqual({ lng: expect.closeTo(gcjLng, 9), lat: expect.closeTo(gcjLat, 9) });
      expect(wgs84FromGcj02({ lng: gcjLng, lat: gcjLat })).toEqual({ lng: expect.closeTo(lng, 8), lat: expect.closeTo(lat, 8) });
    }
    const random = chance(SEED);
    for (let i = 0; i < 2000; i++) {
      const place = { lng: 75 + 58 * random(), lat: 18 + 33 * random() }, back = wgs84FromGcj02(gcj02FromWgs84(place));
      expect(Math.hypot((back.lng - place.lng) * 1e7 * metresPer7(place.lat * 1e7).eastM, (back.lat - place.lat) * 1e7 * metresPer7(place.lat * 1e7).northM)).toBeLessThan(0.01);
    }
    expect(wgs84FromGcj02({ lng: 11.57, lat: 48.13 })).toEqual({ lng: 11.57, lat: 48.13 });
  });
  test('UG22 a thinned outline stays within the tolerance, keeps three corners, and loses holes that nobody could see', () => {
    const random = chance(SEED), n = 2000, tolerance7 = 5000;
    const given = shape7Of([{ outer: Array.from({ length: n }, (_, i) => at((3000 + 60 * random()) * Math.cos((2 * Math.PI * i) / n), (3000 + 60 * random()) * Math.sin((2 * Math.PI * i) / n))), holes: [ring([0, 0], [20, 0], [20, 20])] }]);
    const thin = thinShape(given, tolerance7, tolerance7), outer = thin[0]![0]!;
    expect(thin[0]).toHaveLength(1);
    expect(outer.length / 2).toBeLessThan(n / 10);
    const all = given[0]![0]!;
    for (let i = 0; i < all.length; i += 2) expect(distanceToRing(outer, all[i]!, all[i + 1]!)).toBeLessThanOrEqual(tolerance7 * 1.001);
    for (const size of [10, 1000, 1e6, 1e9]) for (const [part] of thinShape(square(0, 0, 100, 100), size, size)) expect(part!.length).toBeGreaterThanOrEqual(6);
  });
});

describe('files', () => {
  test('UG23 where a text stops being JSON is told, and a text that is JSON only ends', () => {
    const random = chance(SEED), good = JSON.stringify({ type: 'FeatureCollection', features: [{ a: [1.5e3, -0, true, null, 'x\\"\u00e9', {}, []], b: { c: '测试' } }] }, null, 1);
    expect(jsonFaultAt(good)).toBe(good.length);
    for (const [text, offset] of [['', 0], ['{', 1], ['[1,]', 3], ['[1 2]', 3], ['{"a" 1}', 5], ['{"a":1,}', 7], ['{a:1}', 1], ['[01]', 2], ['"a', 0], ['[NaN]', 1], ['{} x', 3], ['[,]', 1], ['}', 0]] as const) expect(jsonFaultAt(text), text).toBe(offset);
    // One character spoilt: where the built-in parser gives up, this one does, and never behind the spoilt place's own word.
    for (let i = 0; i < 300; i++) {
      const place = Math.floor(random() * good.length), spoilt = `${good.slice(0, place)}${'{}[],:"x1'[Math.floor(random() * 9)]}${good.slice(place + 1)}`;
      let parses = true;
      try { JSON.parse(spoilt); } catch { parses = false; }
      expect(jsonFaultAt(spoilt) === spoilt.length || !parses, spoilt).toBe(true);
    }
  });
});

const depthOf: Record<string, number> = { city: 0, county: 1, township: 2, community: 3, grid: 4 };
/** The plain way, in doubles, as anybody would write it. */
function pointIn(given: Shape7, x: number, y: number): boolean {
  let inside = false;
  for (const each of given.flat()) for (let i = 0, j = each.length - 2; i < each.length; j = i, i += 2) {
    if (each[i + 1]! > y !== each[j + 1]! > y && x < each[i]! + ((y - each[i + 1]!) / (each[j + 1]! - each[i + 1]!)) * (each[j]! - each[i]!)) inside = !inside;
  }
  return inside;
}
function distanceToRing(each: Int32Array, x: number, y: number): number {
  let least = Infinity;
  for (let i = 0, j = each.length - 2; i < each.length; j = i, i += 2) {
    const dx = each[i]! - each[j]!, dy = each[i + 1]! - each[j + 1]!, share = Math.max(0, Math.min(1, ((x - each[j]!) * dx + (y - each[j + 1]!) * dy) / (dx * dx + dy * dy)));
    least = Math.min(least, Math.hypot(x - each[j]! - share * dx, y - each[j + 1]! - share * dy));
  }
  return least;
}
