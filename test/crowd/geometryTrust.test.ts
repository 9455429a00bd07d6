// What the placing is worth all over the ground, and that nobody is lost or doubled on the way from pictures to the map, for any camera.
import { describe, expect, test } from 'vitest';
import { DENSITY_CODE_UNKNOWN, PEOPLE_PER_M2_OF_CODE } from '../../contract/density.ts';
import type { GridSpec, SitePoint } from '../../contract/geometry.ts';
import type { Reading } from '../../contract/reading.ts';
import type { Calibration } from '../../contract/site.ts';
import { blendReadings } from '../../crowd/blend.ts';
import { GROUND_WHYS, groundProjection, groundQuality, type ImageCells, PLACE_ERROR_MOST_M, projectPeople, type Projection } from '../../crowd/ground.ts';
import { calibrationOf, type Pinhole, seeded, seenAt } from './camera.ts';

const grid: GridSpec = { cellM: 1, columns: 60, rows: 60 }, noError = { relativeShare: 0, peoplePerImageCellFloor: 0 };
const mast: Pinhole = { xM: 30, yM: 2, heightM: 8, bearingDeg: 0, tiltDeg: 28, viewDeg: 70, aspect: 16 / 9 };
const ring: SitePoint[] = [{ xM: 24, yM: 11 }, { xM: 36, yM: 11 }, { xM: 45, yM: 30 }, { xM: 15, yM: 30 }, { xM: 30, yM: 20 }];
const cellsOf = (columns: number, aspect: number): ImageCells => ({ columns, rows: Math.ceil(columns / aspect), cellWidthShare: 1 / columns, cellHeightShare: aspect / columns, cellPx: 8 });
const whyOf = (quality: { why: Uint8Array }, xM: number, yM: number) => GROUND_WHYS[quality.why[Math.floor(yM) * grid.columns + Math.floor(xM)]!];
function qualityOf(calibration: Calibration, columns = 80) {
  const quality = groundQuality(calibration, grid, cellsOf(columns, calibration.pictureAspect));
  if (!quality.ok) throw new Error(quality.problem.code);
  return quality;
}
function projectionOf(calibration: Calibration, columns = 80, errorModel = noError): Projection {
  const made = groundProjection({ grid, calibration, imageCells: cellsOf(columns, calibration.pictureAspect), errorModel });
  if (!made.ok) throw new Error(made.problem.code);
  return made.projection;
}

describe('what the placing is worth', () => {
  test('PR12 the error of the place grows away from the points, and ground that may be a patch farther off is unknown', () => {
    // Six pairs in a corner near the camera, set no better than clicks are: the far ground hangs on them like on a short lever.
    const near = [[26, 8], [30, 8], [33, 9], [27, 11], [31, 11.5], [34, 12]].map(([xM, yM]) => ({ xM: xM!, yM: yM! })), short = qualityOf(calibrationOf(mast, near), 240), wide = qualityOf(calibrationOf(mast, [...ring, { xM: 20, yM: 14 }, { xM: 40, yM: 14 }]), 240);
    const errorAt = (quality: typeof short, yM: number) => quality.errorM[yM * grid.columns + 30]!;
    expect(errorAt(short, 10)).toBeLessThan(errorAt(short, 16));
    expect(errorAt(short, 16)).toBeLessThan(errorAt(short, 30));
    expect(whyOf(short, 30, 10)).toBe('known');
    expect(whyOf(short, 30, 30)).toBe('placeUnsure');
    expect(whyOf(wide, 30, 30)).toBe('known');
    for (const quality of [short, wide]) quality.why.forEach((why, cell) => {
      if (GROUND_WHYS[why] === 'known') expect(quality.errorM[cell]!).toBeLessThanOrEqual(PLACE_ERROR_MOST_M + 1e-6);
      if (GROUND_WHYS[why] === 'notSeen') expect(quality.errorM[cell]).toBeNaN();
    });
  });

  test('PR12 each reason is named: out of the picture, beyond the range, heads too small, rows too deep', () => {
    const quality = qualityOf(calibrationOf(mast, ring, { rangeMostM: 22 })), far = qualityOf(calibrationOf(mast, ring));
    expect(whyOf(quality, 2, 4)).toBe('notSeen');
    expect(whyOf(quality, 30, 55)).toBe('beyondRange');
    expect(whyOf(far, 30, 40)).toBe('headTooSmall');
    expect(whyOf(quality, 30, 12)).toBe('known');
    const low: Pinhole = { ...mast, heightM: 3, tiltDeg: 5, viewDeg: 20 }, deep = qualityOf(calibrationOf(low, [[28, 12], [32, 12], [33, 40], [27, 40], [30, 25]].map(([xM, yM]) => ({ xM: xM!, yM: yM! }))));
    expect([...deep.why].map((why) => GROUND_WHYS[why])).toContain('tooDeep');
    expect(groundQuality(calibrationOf(mast, ring.slice(0, 3) as SitePoint[]), grid)).toMatchObject({ ok: false, problem: { code: 'pointsTooFew' } });
  });

  test('PR12 what is painted is what is counted', () => {
    const calibration = calibrationOf(mast, ring), quality = qualityOf(calibration), { window, perM2 } = projectionOf(calibration);
    let cells = 0, other = 0;
    for (let row = 0; row < grid.rows; row++) for (let column = 0; column < grid.columns; column++) {
      const x = column - window.columnFirst, y = row - window.rowFirst, counted = x >= 0 && y >= 0 && x < window.columns && y < window.rows && perM2[y * window.columns + x]! > 0;
      if (counted) cells++;
      if (counted !== (whyOf(quality, column, row) === 'known')) other++;
    }
    expect(cells).toBeGreaterThan(200);
    expect(other / cells).toBeLessThan(0.12);
  });

  test('PR12 heads lower than set stand nearer: the assumed height moves the ground, and its uncertainty is in the error', () => {
    const tall = calibrationOf(mast, ring), seated = calibrationOf(mast, ring, { headHeightM: 1.2 }), people = new Float32Array(80 * 45);
    people[20 * 80 + 40] = 1;
    const centre = (calibration: Calibration) => {
      const projection = projectionOf(calibration), { densityCodes, window } = projectPeople(projection, people);
      let sum = 0, at = 0;
      densityCodes.forEach((code, cell) => { if (code !== 255) { sum += PEOPLE_PER_M2_OF_CODE[code]!; at += PEOPLE_PER_M2_OF_CODE[code]! * (window.rowFirst + Math.floor(cell / window.columns) + 0.5); } });
      return at / sum;
    };
    // (8 - 1.2) / (8 - 1.6) farther from the mast.
    expect((centre(seated) - 2) / (centre(tall) - 2)).toBeCloseTo(6.8 / 6.4, 1);
    expect(qualityOf(calibrationOf({ ...mast, heightM: 3, tiltDeg: 20 }, ring)).errorM[12 * grid.columns + 30]!).toBeGreaterThan(qualityOf(tall).errorM[12 * grid.columns + 30]!);
  });

  test('PR13 a spread of each image cell becomes the error of the ground: as one for a net that errs alike in neighbouring cells', () => {
    const projection = projectionOf(calibrationOf(mast, ring), 80, { relativeShare: 0.5, peoplePerImageCellFloor: 0.1 }), people = new Float32Array(80 * 45).fill(0.05), spread = new Float32Array(80 * 45).fill(0.02), none = new Float32Array(80 * 45);
    const quiet = projectPeople(projection, people, none), unsure = projectPeople(projection, people, spread), plain = projectPeople(projection, people);
    for (let cell = 0; cell < projection.perM2.length; cell++) {
      if (projection.perM2[cell] === 0) continue;
      let sum = 0;
      for (let entry = projection.entryFirst[cell]!; entry < projection.entryFirst[cell + 1]!; entry++) sum += projection.share[entry]! * 0.02 * projection.perM2[cell]!;
      const error = (result: typeof quiet) => PEOPLE_PER_M2_OF_CODE[result.errorCodes[cell]!]!;
      expect(Math.hypot(error(quiet), sum) / error(unsure)).toBeGreaterThan(0.95);
      expect(Math.hypot(error(quiet), sum) / error(unsure)).toBeLessThan(1.05);
      expect(error(plain)).toBeGreaterThan(error(quiet));
    }
    expect(unsure.densityCodes).toEqual(plain.densityCodes);
    expect(() => projectPeople(projection, people, new Float32Array(3))).toThrow(RangeError);
    spread[1500] = Number.NaN;
    expect(projectPeople(projection, people, spread).densityCodes).toEqual(plain.densityCodes);
  });

  test('PR14 at the edge of a crowd the error of the place counts, inside it does not', () => {
    const columns = 160, projection = projectionOf(calibrationOf(mast, ring), columns), cells = cellsOf(columns, mast.aspect);
    /** Two people/m2 west of 30 m, nobody east of it, from the area that each image cell covers. */
    const people = new Float32Array(cells.columns * cells.rows);
    for (let cell = 0; cell < projection.perM2.length; cell++) for (let entry = projection.entryFirst[cell]!; entry < projection.entryFirst[cell + 1]!; entry++) {
      if (projection.window.columnFirst + (cell % projection.window.columns) >= 30) continue;
      // Each entry covers share x area of its image cell: that many m2 hold 2 people each.
      people[projection.imageCell[entry]!]! += 2 * projection.share[entry]! * areaOfImageCell(projection, projection.imageCell[entry]!);
    }
    const { errorCodes, window } = projectPeople(projection, people), { errorCodes: calm } = projectPeople({ ...projection, placeVarianceM2: new Float32Array(projection.placeVarianceM2.length) }, people);
    const gain = (xM: number, yM: number) => { const at = (yM - window.rowFirst) * window.columns + xM - window.columnFirst; return PEOPLE_PER_M2_OF_CODE[errorCodes[at]!]! - PEOPLE_PER_M2_OF_CODE[calm[at]!]!; };
    expect(gain(30, 22)).toBeGreaterThan(0.02);
    expect(gain(24, 22)).toBeLessThan(0.5 * gain(30, 22));
  });
});

/** m2 of ground under one image cell, from the shares: entries of all ground cells that are fully covered give area = covered / share. */
function areaOfImageCell(projection: Projection, imageCell: number): number {
  const areas = areasCache.get(projection) ?? new Map<number, number>();
  if (!areasCache.has(projection)) areasCache.set(projection, areas);
  const known = areas.get(imageCell);
  if (known !== undefined) return known;
  // About the covered area of its ground cell over the number of image cells in it, by share.
  let best = 0, area = 0;
  for (let cell = 0; cell < projection.perM2.length; cell++) {
    let shares = 0, mine = 0;
    for (let entry = projection.entryFirst[cell]!; entry < projection.entryFirst[cell + 1]!; entry++) { shares += projection.share[entry]!; if (projection.imageCell[entry] === imageCell) mine = projection.share[entry]!; }
    if (mine > best) { best = mine; area = 1 / projection.perM2[cell]! / shares; }
  }
  areas.set(imageCell, area);
  return area;
}
const areasCache = new Map<Projection, Map<number, number>>();

describe('nobody is lost or doubled', () => {
  const within = (random: () => number, westM: number, southM: number, sideM: number): SitePoint => ({ xM: westM + sideM * random(), yM: southM + sideM * random() });
  /** As a perfect net counts: each head a soft blob of one person. */
  function counted(of: Pinhole, cells: ImageCells, people: SitePoint[]): Float32Array {
    const counts = new Float32Array(cells.columns * cells.rows);
    for (const person of people) {
      const head = seenAt(of, person, 1.6)!, x = head.xShare / cells.cellWidthShare - 0.5, y = head.yShare / cells.cellHeightShare - 0.5, parts: [number, number][] = [];
      let sum = 0;
      for (let row = Math.floor(y) - 1; row <= Math.floor(y) + 2; row++) for (let column = Math.floor(x) - 1; column <= Math.floor(x) + 2; column++) { const weight = Math.exp(-((row - y) ** 2 + (column - x) ** 2) / 0.72); sum += weight; parts.push([row * cells.columns + column, weight]); }
      for (const [cell, weight] of parts) counts[cell]! += weight / sum;
    }
    return counts;
  }
  function randomCamera(random: () => number, index: number): { of: Pinhole; calibration: Calibration; columns: number } {
    const heightM = 6 + 4 * random(), from = 2 * Math.PI * random(), apartM = heightM * (1 + 0.8 * random());
    const of: Pinhole = {
      xM: 30 - apartM * Math.sin(from), yM: 30 - apartM * Math.cos(from), heightM, bearingDeg: (from * 180 / Math.PI + 360) % 360, tiltDeg: Math.atan2(heightM - 1.6, apartM) * 180 / Math.PI + 4 * (random() - 0.5), rollDeg: 8 * (random() - 0.5),
      viewDeg: 60 + 20 * random(), aspect: [16 / 9, 4 / 3, 1][index % 3]!, ...(index % 2 === 0 ? {} : { lens: { k1: -0.12 + 0.16 * random(), k2: 0.02 * random() } }),
    };
    const points: SitePoint[] = [];
    while (points.length < 10) { const ground = within(random, 20, 20, 20), seen = seenAt(of, ground); if (seen !== null && seen.xShare > 0.02 && seen.xShare < 0.98 && seen.yShare > 0.02 && seen.yShare < 0.98) points.push(ground); }
    return { of, calibration: calibrationOf(of, points), columns: 80 + 40 * (1 + index % 3) };
  }
  const reading = (projection: Projection, rasters: ReturnType<typeof projectPeople>): Reading => ({ siteId: 's', sensorId: 'c', epoch: 1, seq: 1, capturedAtMs: 1, heardAtMs: 1, calibrationVersion: 1, modelId: 'm', peopleInPicture: 0, flow: null, fault: null, ...rasters, window: projection.window });
  const summed = (codes: Uint8Array) => codes.reduce((sum, code) => sum + (code === DENSITY_CODE_UNKNOWN ? 0 : PEOPLE_PER_M2_OF_CODE[code]!), 0);

  test('CN1 one camera: people in are people out to 1 %, bytes included, for any camera, lens and size', () => {
    const random = seeded(41);
    for (let index = 0; index < 12; index++) {
      const { of, calibration, columns } = randomCamera(random, index), projection = projectionOf(calibration, columns), cells = cellsOf(columns, of.aspect);
      const people = Array.from({ length: 60 }, () => within(random, 28, 28, 4)), onWire = summed(projectPeople(projection, counted(of, cells, people)).densityCodes);
      expect(Math.abs(onWire / people.length - 1), `camera ${index}: ${onWire} of ${people.length}`).toBeLessThan(0.01);
    }
  });

  test('CN2 two and three cameras over one place: the blend holds the same people to 1 %', () => {
    const random = seeded(42);
    for (let trial = 0; trial < 8; trial++) {
      const people = Array.from({ length: 120 }, () => within(random, 27.5, 27.5, 5)), readings: Reading[] = [];
      for (let camera = 0; camera < 2 + (trial % 2); camera++) {
        const { of, calibration, columns } = randomCamera(random, trial + camera), projection = projectionOf(calibration, columns);
        readings.push(reading(projection, projectPeople(projection, counted(of, cellsOf(columns, of.aspect), people))));
      }
      const { densityCodes } = blendReadings(readings, grid), total = summed(densityCodes);
      expect(Math.abs(total / people.length - 1), `trial ${trial}: ${total} of ${people.length}`).toBeLessThan(0.01);
    }
  });
});
