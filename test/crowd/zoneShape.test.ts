import { expect, test } from 'vitest';
import type { GridSpec } from '../../contract/geometry.ts';
import { DEFAULT_LIMITS } from '../../contract/level.ts';
import { polygonAreaM2, zoneProblem } from '../../crowd/zoneShape.ts';
import { compileSite, zonesIn } from '../../crowd/site.ts';
import { RULES, siteConfig, zoneAt } from './plainSite.ts';

const grid: GridSpec = { cellM: 1, columns: 20, rows: 20 };
const limits = DEFAULT_LIMITS.standing;
const ring = (...corners: [number, number][]) => corners.map(([xM, yM]) => ({ xM, yM }));
const code = (...corners: [number, number][]) => zoneProblem({ polygon: ring(...corners), limits }, grid)?.code ?? null;

test('ZO1 simple rings are zones, also hollow ones and either way round', () => {
  expect(code([1, 1], [9, 1], [9, 9], [1, 9])).toBeNull();
  expect(code([1, 9], [9, 9], [9, 1], [1, 1])).toBeNull();
  expect(code([1, 1], [9, 1], [9, 9], [5, 3], [1, 9])).toBeNull();
  expect(code([1, 1], [5, 1], [9, 1], [9, 9])).toBeNull(); // a corner on a straight side is no fault
  expect(code([0, 0], [20, 0], [20, 20], [0, 20])).toBeNull();
});
test.each<[string, [number, number][]]>([
  ['a bow tie', [[1, 1], [9, 9], [9, 1], [1, 9]]],
  ['a corner that touches another side', [[1, 1], [9, 1], [9, 9], [5, 1], [1, 9]]],
  ['two sides that lie on each other', [[1, 1], [9, 1], [9, 9], [7, 9], [7, 1], [6, 1], [6, 9], [1, 9]]],
  ['a spike that runs back along itself', [[1, 1], [9, 1], [9, 5], [15, 5], [9, 5], [9, 9], [1, 9]]],
  ['a side that runs back over the one before', [[1, 1], [9, 1], [5, 1], [5, 9]]],
  ['a corner set twice', [[1, 1], [9, 1], [9, 1], [9, 9]]],
  ['a first corner repeated as the last', [[1, 1], [9, 1], [9, 9], [1, 1]]],
  ['two rings that meet in one corner', [[1, 1], [5, 5], [9, 1], [9, 9], [5, 5], [1, 9]]],
])('ZO2 %s crosses itself', (_, corners) => { expect(code(...corners)).toBe('polygonCrossesItself'); });
test('ZO3 smaller than one cell, or without an inside', () => {
  expect(code([1, 1], [1.5, 1], [1.5, 2])).toBe('polygonTooSmall');
  expect(code([1, 1], [2, 1])).toBe('polygonTooSmall');
});
test('ZO4 outside of the grid, or more than a hair over its edge', () => {
  expect(code([30, 1], [40, 1], [40, 9])).toBe('polygonOutside');
  expect(code([15, 1], [25, 1], [25, 9], [15, 9])).toBe('polygonOutside');
  expect(code([10, 1], [20.05, 1], [20.05, 9], [10, 9])).toBeNull();
});
test('ZO5 limits must grow', () => {
  const polygon = zoneAt('west', 1).polygon;
  expect(zoneProblem({ polygon, limits: { ...limits, dangerPeoplePerM2: 3.5 } }, grid)?.code).toBe('limitsOutOfOrder');
  expect(zoneProblem({ polygon, limits: { ...limits, noticePeoplePerM2: 6 } }, grid)?.code).toBe('limitsOutOfOrder');
  expect(zoneProblem({ polygon: [{ xM: Number.NaN, yM: 1 }, { xM: 2, yM: 1 }, { xM: 2, yM: 9 }], limits }, grid)?.code).toBe('inputWrong');
});
test('ZO6 a zone has of each cell what lies inside its outline, and all of its area', () => {
  const zones = [zoneAt('tilted', 0, { polygon: ring([2.3, 1.2], [11.7, 4.4], [8.1, 13.9], [5.5, 6.6]) }), zoneAt('square', 1)];
  const site = compileSite(siteConfig({ zones }), RULES);
  for (const { zone, cellAreaM2, areaM2, cells } of site.zones) {
    expect(areaM2).toBeCloseTo(polygonAreaM2(zone.polygon), 9);
    expect(cellAreaM2.reduce((sum, value) => sum + value, 0)).toBeCloseTo(areaM2, 6);
    expect(Math.max(...cellAreaM2)).toBeLessThanOrEqual(1 + 1e-9);
    expect([...cells]).toEqual([...cells].sort((a, b) => a - b));
  }
});
test('ZO7 a window names the zones that have a cell in it', () => {
  const site = compileSite(siteConfig(), RULES);
  const at = (columnFirst: number, rowFirst: number, columns: number, rows: number) => zonesIn(site, { columnFirst, rowFirst, columns, rows });
  expect(at(0, 0, 20, 20)).toEqual([0, 1]);
  expect(at(0, 0, 5, 5)).toEqual([0]);
  expect(at(9, 0, 2, 20)).toEqual([]);
  expect(at(8, 9, 4, 1)).toEqual([0, 1]);
  expect(at(0, 0, 20, 2)).toEqual([]);
  expect(at(3, 3, 0, 0)).toEqual([]);
});
