// The quick sums of crowd/fuse.ts against the same formulas written down cell by cell.
import { describe, expect, test } from 'vitest';
import { DENSITY_CODE_UNKNOWN, PEOPLE_PER_M2_OF_CODE } from '../../contract/density.ts';
import { COUNTING_VARIANCE_PER_PERSON } from '../../crowd/interval.ts';
import type { GridSpec } from '../../contract/geometry.ts';
import type { Reading } from '../../contract/reading.ts';
import type { ZoneFigures } from '../../contract/zoneState.ts';
import { exchange, fuseAll } from '../../crowd/fuse.ts';
import { compileSite, type CompiledSite, type CompiledZone } from '../../crowd/site.ts';
import { seeded } from './camera.ts';
import { readingOf, RULES, sensorOf, siteConfig, zoneAt } from './plainSite.ts';

const ring = (...corners: [number, number][]) => corners.map(([xM, yM]) => ({ xM, yM }));
const ZONES = [
  zoneAt('square', 1), zoneAt('tilted', 0, { polygon: ring([2.3, 1.2], [17.7, 8.4], [12.1, 18.9], [5.5, 9.6]) }),
  // Two arms with a gap between them, and a lane narrower than a patch.
  zoneAt('fork', 0, { polygon: ring([2, 2], [18, 2], [18, 17], [13, 17], [13, 6], [7, 6], [7, 17], [2, 17]) }), zoneAt('lane', 0, { polygon: ring([1.1, 12.2], [19, 12.2], [19, 13.1], [1.1, 13.1]) }),
];
const NAMES = ['one', 'two', 'three'];

function siteOf(cellM: GridSpec['cellM']): CompiledSite {
  return compileSite(siteConfig({ site: { ...siteConfig().site, grid: { cellM, columns: 20 / cellM, rows: 20 / cellM } }, zones: ZONES, sensors: NAMES.map((name) => sensorOf(name)) }), RULES);
}
function randomReading(sensorId: string, site: CompiledSite, random: () => number, round: number, sight: () => number): Reading {
  const { columns, rows } = site.grid, columnFirst = Math.floor((sight() * columns) / 2), rowFirst = Math.floor((sight() * rows) / 2);
  const window = { columnFirst, rowFirst, columns: columns - columnFirst, rows: Math.ceil(0.7 * (rows - rowFirst)) };
  const reading = readingOf(() => (sight() < 0.15 ? null : 9 * random() ** 2), { atMs: 10 * round, sensorId, window });
  return { ...reading, errorCodes: reading.errorCodes.map((code) => (code === DENSITY_CODE_UNKNOWN ? code : Math.floor(random() * 256))), weightCodes: reading.weightCodes.map((code) => (code === 0 ? 0 : Math.floor(sight() * 256))) };
}

/** Cell by cell, as docs/SPEC.md says it. */
function plainFigures({ grid }: CompiledSite, { cells, cellAreaM2, areaM2 }: CompiledZone, readings: (Reading | null)[]): Omit<ZoneFigures, 'flow'> | null {
  const areaOfCell = new Map(Array.from(cells, (cell, i) => [cell, cellAreaM2[i]!])), people = new Map<number, number>(), a = grid.cellM ** 2;
  const looks = (cell: number) => readings.flatMap((reading, sensor) => {
    if (reading === null) return [];
    const { window } = reading, column = (cell % grid.columns) - window.columnFirst, row = Math.floor(cell / grid.columns) - window.rowFirst, at = row * window.columns + column;
    if (column < 0 || row < 0 || column >= window.columns || row >= window.rows || reading.densityCodes[at] === DENSITY_CODE_UNKNOWN || reading.weightCodes[at] === 0) return [];
    const error = PEOPLE_PER_M2_OF_CODE[Math.min(254, reading.errorCodes[at]!)]!;
    return [{ sensor, trust: reading.weightCodes[at]!, density: PEOPLE_PER_M2_OF_CODE[reading.densityCodes[at]!]!, error }];
  });
  const correlated = [0, 0, 0], used = new Set<number>();
  let noise = 0, seenAreaM2 = 0, peopleCount = 0;
  for (const [cell, area] of areaOfCell) {
    const seen = looks(cell), trust = seen.reduce((sum, look) => sum + look.trust, 0);
    if (seen.length === 0) continue;
    seenAreaM2 += area;
    people.set(cell, seen.reduce((sum, look) => sum + (area * look.trust * look.density) / trust, 0));
    peopleCount += people.get(cell)!;
    for (const { sensor, trust: own, density, error } of seen) {
      used.add(sensor);
      const share = (area * own) / trust;
      correlated[sensor]! += share * Math.sqrt(Math.max(0, error ** 2 - (COUNTING_VARIANCE_PER_PERSON * density) / a));
      noise += (COUNTING_VARIANCE_PER_PERSON * share ** 2 * density) / a;
    }
  }
  if (seenAreaM2 === 0) return null;
  const patches = [...areaOfCell.keys()].map((cell) => {
    const row = Math.floor(cell / grid.columns), right = (of: number) => (of % grid.columns === grid.columns - 1 ? [] : [of + 1]), above = areaOfCell.has(cell + grid.columns) ? [cell + grid.columns] : [];
    const held = (grid.cellM > 1 ? [cell] : [cell, ...right(cell), ...above, ...above.flatMap(right)]).filter((one) => people.has(one) && Math.floor(one / grid.columns) <= row + 1);
    return { areaM2: held.reduce((sum, one) => sum + areaOfCell.get(one)!, 0), people: held.reduce((sum, one) => sum + people.get(one)!, 0) };
  });
  const wholeM2 = Math.max(4, a), least = patches.some((patch) => patch.areaM2 >= 0.75 * wholeM2) ? 0.75 * wholeM2 : wholeM2 / 2;
  const mean = peopleCount / seenAreaM2, peopleCountError = Math.sqrt(correlated.reduce((sum, one) => sum + one ** 2, noise));
  return {
    peoplePerM2Mean: mean, peoplePerM2Error: peopleCountError / seenAreaM2, peoplePerM2Peak: Math.max(mean, ...patches.filter((patch) => patch.areaM2 >= least).map((patch) => patch.people / patch.areaM2)),
    peopleCount, peopleCountError, seenShare: Math.min(1, seenAreaM2 / areaM2), seenAreaM2, capturedAtMs: Math.min(...[...used].map((sensor) => readings[sensor]!.capturedAtMs)),
  };
}

describe.each([1, 2, 4] as const)('with cells of %d m', (cellM) => {
  test('FI6 figures are those of the formulas, whichever way the readings came', () => {
    const site = siteOf(cellM), random = seeded(cellM), readings: (Reading | null)[] = [null, null, null];
    let fused = fuseAll(site, readings), sightSeed = 0;
    for (let round = 0; round < 60; round++) {
      const sensor = Math.floor(random() * 3), before = readings[sensor]!;
      // Mostly the same sight with other people, as of a camera that stands still.
      if (random() < 0.2) sightSeed++;
      const after = random() < 0.1 ? null : randomReading(NAMES[sensor]!, site, random, round, seeded(100 * sightSeed + sensor));
      readings[sensor] = after;
      fused = exchange(fused, sensor, before, after, readings).fused;
      site.zones.forEach((zone, index) => {
        const { figures } = fused.sums[index]!, plain = plainFigures(site, zone, readings);
        expect(figures === null).toBe(plain === null);
        for (const [name, value] of Object.entries(plain ?? {}) as [Exclude<keyof ZoneFigures, 'flow'>, number][]) expect(Math.abs(figures![name] - value), `${zone.zone.name} ${name} of ${value} in round ${round}`).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(value)));
      });
      expect(fused.sums.map(({ figures }) => figures)).toEqual(fuseAll(site, readings).sums.map(({ figures }) => figures));
    }
  });
});

test('FI7 a single cell that becomes known, unknown or differently trusted is another sight', () => {
  const site = siteOf(1), window = { columnFirst: 1, rowFirst: 2, columns: 7, rows: 9 };
  const first = readingOf((column, row) => ((column + row) % 3 === 0 ? null : 2), { atMs: 0, window, weight: 128 });
  for (let at = 0; at < 63; at++) {
    const known = first.densityCodes[at] !== DENSITY_CODE_UNKNOWN;
    const others: Reading[] = [{ ...first, densityCodes: first.densityCodes.with(at, known ? DENSITY_CODE_UNKNOWN : 127), weightCodes: first.weightCodes.with(at, 128), errorCodes: first.errorCodes.with(at, 9) }];
    if (known) others.push({ ...first, densityCodes: first.densityCodes.with(at, DENSITY_CODE_UNKNOWN) }, { ...first, weightCodes: first.weightCodes.with(at, 0) }, { ...first, densityCodes: first.densityCodes.with(at, 254) });
    for (const other of others) {
      // In a buffer of its own at an odd place, as a reading off the wire lies.
      const offWire = { ...other, densityCodes: new Uint8Array([0, ...other.densityCodes]).subarray(1) };
      const exchanged = exchange(fuseAll(site, [first, null, null]), 0, first, offWire, [offWire, null, null]).fused;
      expect(exchanged.sums.map(({ figures }) => figures)).toEqual(fuseAll(site, [other, null, null]).sums.map(({ figures }) => figures));
    }
  }
});
