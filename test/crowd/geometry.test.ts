import { describe, expect, test } from 'vitest';
import { PEOPLE_PER_M2_OF_CODE } from '../../contract/density.ts';
import type { GridSpec, SitePoint } from '../../contract/geometry.ts';
import { blendReadings } from '../../crowd/blend.ts';
import { footprint, groundProjection, projectPeople, usualImageCells } from '../../crowd/ground.ts';
import { fitHomography, groundErrorM, groundToHead, groundToPicture, headToGround, pictureToGround } from '../../crowd/homography.ts';
import { lngLatOf, sitePointOf } from '../../crowd/place.ts';
import { calibrationOf, type Pinhole, seeded, seenAt } from './camera.ts';

const camera: Pinhole = { xM: 30, yM: 2, heightM: 8, bearingDeg: 0, tiltDeg: 28, viewDeg: 70, aspect: 16 / 9 };
const corners: SitePoint[] = [{ xM: 24, yM: 11 }, { xM: 36, yM: 11 }, { xM: 45, yM: 30 }, { xM: 15, yM: 30 }, { xM: 30, yM: 20 }];
const grid: GridSpec = { cellM: 1, columns: 60, rows: 50 };
const noError = { relativeShare: 0, peoplePerImageCellFloor: 0 };

function fitted(of: Pinhole, points: SitePoint[] = corners) {
  const fit = fitHomography(calibrationOf(of, points).points, of.aspect);
  if (!fit.ok) throw new Error(fit.problem.code);
  return fit;
}

describe('a picture laid on the ground', () => {
  test.each<[string, Pinhole, SitePoint[]]>([
    ['a camera on a mast', camera, corners],
    ['one that is rolled by 8 degrees', { ...camera, rollDeg: 8 }, corners],
    ['a portrait picture', { ...camera, aspect: 9 / 16, viewDeg: 45 }, [{ xM: 27, yM: 12 }, { xM: 33, yM: 12 }, { xM: 35, yM: 30 }, { xM: 25, yM: 30 }]],
    ['one that looks straight down', { ...camera, yM: 20, heightM: 12, tiltDeg: 90 }, [{ xM: 26, yM: 18 }, { xM: 34, yM: 18 }, { xM: 34, yM: 23 }, { xM: 26, yM: 23 }]],
    ['one that looks south-west', { ...camera, xM: 45, yM: 40, bearingDeg: 225 }, [{ xM: 36, yM: 34 }, { xM: 40, yM: 30 }, { xM: 30, yM: 14 }, { xM: 18, yM: 26 }]],
  ])('GE1 gives back the ground of %s', (_, of, points) => {
    const { homography, errorMRms } = fitted(of, points);
    expect(errorMRms).toBeLessThan(1e-6);
    for (const point of [...points, { xM: (points[0]!.xM + points[2]!.xM) / 2, yM: (points[0]!.yM + points[2]!.yM) / 2 }]) {
      const at = pictureToGround(homography, seenAt(of, point)!)!;
      expect(Math.hypot(at.xM - point.xM, at.yM - point.yM)).toBeLessThan(1e-5);
      const back = groundToPicture(homography, point)!, truth = seenAt(of, point)!;
      expect(Math.hypot(back.xShare - truth.xShare, back.yShare - truth.yShare)).toBeLessThan(1e-7);
    }
  });

  test('GE2 there is no ground at or above the horizon, nor a picture of what lies behind', () => {
    const { homography } = fitted(camera);
    // tilt 28 degrees: the horizon is tan(28°) x focal length above the middle.
    const horizon = 0.5 - camera.aspect * (0.5 / Math.tan((35 * Math.PI) / 180)) * Math.tan((28 * Math.PI) / 180);
    expect(pictureToGround(homography, { xShare: 0.5, yShare: horizon })).toBeNull();
    expect(pictureToGround(homography, { xShare: 0.5, yShare: horizon - 0.1 })).toBeNull();
    expect(pictureToGround(homography, { xShare: 0.5, yShare: horizon + 0.05 })).not.toBeNull();
    expect(groundToPicture(homography, { xM: 30, yM: -60 })).toBeNull();
  });

  test('GE3 clicks that are off by three pixels move the ground by decimetres, and the error says so', () => {
    const random = seeded(11), gauss = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
    const spread: number[] = [], said: number[] = [];
    const probe = { xM: 30, yM: 25 };
    for (let trial = 0; trial < 200; trial++) {
      const points = calibrationOf(camera, [...corners, { xM: 38, yM: 22 }, { xM: 22, yM: 22 }]).points.map(({ picture, ground }) => ({
        picture: { xShare: picture.xShare + (gauss() * 3) / 1280, yShare: picture.yShare + (gauss() * 3) / 720 },
        ground: { xM: ground.xM + gauss() * 0.3, yM: ground.yM + gauss() * 0.3 },
      }));
      const fit = fitHomography(points, camera.aspect);
      if (!fit.ok) throw new Error(fit.problem.code);
      const at = pictureToGround(fit.homography, seenAt(camera, probe)!)!;
      spread.push((at.xM - probe.xM) ** 2 + (at.yM - probe.yM) ** 2);
      said.push(groundErrorM(fit.homography, seenAt(camera, probe)!)!);
    }
    const rms = Math.sqrt(spread.reduce((sum, value) => sum + value, 0) / spread.length), mean = said.reduce((sum, value) => sum + value, 0) / said.length;
    expect(rms).toBeLessThan(0.6);
    expect(mean / rms).toBeGreaterThan(0.6);
    expect(mean / rms).toBeLessThan(1.7);
  });

  test('GE4 too few points, and points set twice, are named', () => {
    const { points } = calibrationOf(camera, corners);
    expect(fitHomography(points.slice(0, 3), camera.aspect)).toMatchObject({ ok: false, problem: { code: 'pointsTooFew' } });
    expect(fitHomography([...points.slice(0, 3), points[0]!, points[1]!], camera.aspect)).toMatchObject({ ok: false, problem: { code: 'pointsTooFew' } });
  });

  test.each<[string, SitePoint[]]>([
    ['all on one line', [0, 1, 2, 3, 4].map((i) => ({ xM: 24 + 3 * i, yM: 12 + 3 * i }))],
    ['all on one line but for a hand\'s breadth', [0, 1, 2, 3, 4].map((i) => ({ xM: 24 + 3 * i, yM: 12 + 3 * i + (i === 2 ? 0.1 : 0) }))],
    ['three of four on one line', [{ xM: 20, yM: 15 }, { xM: 30, yM: 15 }, { xM: 40, yM: 15 }, { xM: 30, yM: 30 }]],
  ])('GE5 points %s are named', (_, points) => {
    expect(fitHomography(calibrationOf(camera, points).points, camera.aspect)).toMatchObject({ ok: false, problem: { code: 'pointsOnOneLine' } });
  });

  test.each<[string, (points: ReturnType<typeof calibrationOf>['points']) => void]>([
    ['two pairs swapped, of five', (points) => { [points[0]!.ground, points[2]!.ground] = [points[2]!.ground, points[0]!.ground]; }],
    ['neighbours swapped, of four', (points) => { points.pop(); [points[0]!.ground, points[1]!.ground] = [points[1]!.ground, points[0]!.ground]; }],
    ['one of six off by eight metres', (points) => { points.push({ picture: seenAt(camera, { xM: 22, yM: 22 })!, ground: { xM: 30, yM: 22 } }); }],
  ])('GE6 pairs that do not fit one flat ground are named with the error: %s', (_, spoil) => {
    const { points } = calibrationOf(camera, corners);
    spoil(points);
    const fit = fitHomography(points, camera.aspect);
    expect(fit).toMatchObject({ ok: false, problem: { code: 'pointsDoNotFit' } });
    if (!fit.ok) expect(fit.problem.values['errorM']).toBeGreaterThan(0.4);
  });

  test('GE7 a head is seen farther out than its feet: the shift brings it back', () => {
    const { homography } = fitted(camera), mast = calibrationOf(camera, corners);
    for (const stands of [{ xM: 30, yM: 12 }, { xM: 38, yM: 24 }, { xM: 22, yM: 18 }]) {
      const head = seenAt(camera, stands, 1.6)!;
      const unshifted = pictureToGround(homography, head)!, at = headToGround(homography, mast, head)!;
      expect(Math.hypot(at.xM - stands.xM, at.yM - stands.yM)).toBeLessThan(1e-4);
      expect(Math.hypot(unshifted.xM - stands.xM, unshifted.yM - stands.yM)).toBeGreaterThan(2);
      const back = groundToHead(homography, mast, stands)!;
      expect(Math.hypot(back.xShare - head.xShare, back.yShare - head.yShare)).toBeLessThan(1e-6);
    }
    expect(headToGround(homography, { ...mast, heightM: 1.5 }, { xShare: 0.5, yShare: 0.9 })).toBeNull();
  });
});

/** People who stand there, as a perfect net would count them: each head a soft blob of one person around its place in the picture. */
function counted(of: Pinhole, cells: ReturnType<typeof usualImageCells>, people: SitePoint[], blurCells = 0.6): Float32Array {
  const counts = new Float32Array(cells.columns * cells.rows);
  for (const person of people) {
    const head = seenAt(of, person, 1.6);
    if (head === null) continue;
    const x = head.xShare / cells.cellWidthShare - 0.5, y = head.yShare / cells.cellHeightShare - 0.5;
    let sum = 0;
    const parts: [number, number][] = [];
    for (let row = Math.floor(y) - 2; row <= Math.floor(y) + 3; row++) for (let column = Math.floor(x) - 2; column <= Math.floor(x) + 3; column++) {
      const weight = Math.exp(-((row - y) ** 2 + (column - x) ** 2) / (2 * blurCells ** 2));
      sum += weight;
      if (row >= 0 && column >= 0 && row < cells.rows && column < cells.columns) parts.push([row * cells.columns + column, weight]);
    }
    for (const [cell, weight] of parts) counts[cell]! += weight / sum;
  }
  return counts;
}
function projected(of: Pinhole, on: GridSpec = grid, more: Parameters<typeof calibrationOf>[2] = {}, errorModel = noError) {
  const imageCells = usualImageCells(of.aspect), made = groundProjection({ grid: on, calibration: calibrationOf(of, corners, more), imageCells, errorModel });
  if (!made.ok) throw new Error(made.problem.code);
  return { projection: made.projection, imageCells };
}
const codeAt = (result: { window: { columnFirst: number; rowFirst: number; columns: number; rows: number } }, raster: Uint8Array, column: number, row: number): number => {
  const x = column - result.window.columnFirst, y = row - result.window.rowFirst;
  return x < 0 || y < 0 || x >= result.window.columns || y >= result.window.rows ? 255 : raster[y * result.window.columns + x]!;
};

describe('people on the ground', () => {
  const standing = (perM2: number, from: SitePoint, to: SitePoint): SitePoint[] => {
    const step = 1 / Math.sqrt(perM2), people: SitePoint[] = [];
    for (let x = from.xM + step / 2; x < to.xM; x += step) for (let y = from.yM + step / 2; y < to.yM; y += step) people.push({ xM: x, yM: y });
    return people;
  };

  test('PR1 no one is lost or doubled between picture and ground (to 1 %)', () => {
    const { projection, imageCells } = projected(camera);
    const people = standing(1.2, { xM: 27, yM: 14 }, { xM: 33, yM: 20 });
    const counts = counted(camera, imageCells, people);
    let inside = 0;
    for (let cell = 0; cell < projection.perM2.length; cell++) for (let e = projection.entryFirst[cell]!; e < projection.entryFirst[cell + 1]!; e++) inside += counts[projection.imageCell[e]!]! * projection.share[e]!;
    expect(Math.abs(inside / people.length - 1)).toBeLessThan(0.001);
    // And through the bytes of the wire.
    const result = projectPeople(projection, counts);
    let onWire = 0;
    result.densityCodes.forEach((code) => { if (code !== 255) onWire += PEOPLE_PER_M2_OF_CODE[code]!; });
    expect(Math.abs(onWire / people.length - 1)).toBeLessThan(0.01);
  });

  test.each([0.5, 2, 4.7])('PR2 a crowd of %d people/m2 reads as such, near and far', (perM2) => {
    const { projection, imageCells } = projected(camera);
    // Scattered, not in rows (a row that stands on the edge of what is looked at would move 20 % across it), and eight crowds, for the few who straddle the edge.
    const random = seeded(3), areas = [[{ xM: 26, yM: 11 }, { xM: 34, yM: 16 }], [{ xM: 23, yM: 17 }, { xM: 37, yM: 23 }]] as const;
    const sums = [0, 0], truths = [0, 0];
    for (let crowd = 0; crowd < 8; crowd++) {
      const people = Array.from({ length: perM2 * 44 * 36 }, () => ({ xM: 8 + 44 * random(), yM: 4 + 36 * random() })), result = projectPeople(projection, counted(camera, imageCells, people));
      areas.forEach(([from, to], i) => {
        for (let x = from.xM; x < to.xM; x++) for (let y = from.yM; y < to.yM; y++) sums[i]! += PEOPLE_PER_M2_OF_CODE[codeAt(result, result.densityCodes, x, y)]!;
        truths[i]! += people.filter(({ xM, yM }) => xM >= from.xM && xM < to.xM && yM >= from.yM && yM < to.yM).length;
      });
    }
    for (const i of [0, 1]) {
      expect(sums[i]! / truths[i]!).toBeGreaterThan(0.96);
      expect(sums[i]! / truths[i]!).toBeLessThan(1.04);
    }
  });

  test('PR3 a cell seen in part is people over the covered area; seen by less than half, it is unknown', () => {
    const { projection, imageCells } = projected(camera);
    const even = projectPeople(projection, counted(camera, imageCells, standing(2, { xM: 5, yM: 4 }, { xM: 55, yM: 40 })));
    let edge = 0;
    for (let at = 0; at < projection.perM2.length; at++) {
      if (projection.perM2[at] === 0) { expect(even.densityCodes[at]).toBe(255); expect(even.errorCodes[at]).toBe(255); continue; }
      const coveredM2 = 1 / projection.perM2[at]!;
      expect(coveredM2).toBeGreaterThanOrEqual(0.5 - 1e-4);
      expect(coveredM2).toBeLessThanOrEqual(1 + 1e-4);
      if (coveredM2 < 0.9) edge++;
    }
    expect(edge).toBeGreaterThan(5);
  });

  test('PR4 ground above the horizon, too far for a head of five pixels, or beyond the range is unknown', () => {
    const { projection } = projected(camera), last = projection.window.rowFirst + projection.window.rows;
    // f = 457 px at 640: a head of 0.25 m is 5 px at 22.9 m of depth, on the head plane about 24.5 m out.
    expect(last).toBeGreaterThan(23);
    expect(last).toBeLessThan(30);
    const near = projected(camera, grid, { rangeMostM: 15 }).projection;
    for (let at = 0; at < near.perM2.length; at++) {
      if (near.perM2[at] === 0) continue;
      const x = near.window.columnFirst + (at % near.window.columns) + 0.5, y = near.window.rowFirst + Math.floor(at / near.window.columns) + 0.5;
      expect(Math.hypot(x - camera.xM, y - camera.yM)).toBeLessThan(15.8);
    }
    const low: Pinhole = { ...camera, heightM: 3, tiltDeg: 10, viewDeg: 20 };
    // A long lens low over the ground: heads are large, but one row of image cells soon lies on more than 4 m.
    const deep = projected({ ...low }, { cellM: 1, columns: 60, rows: 200 }, { points: [[28, 12], [32, 12], [33, 40], [27, 40]].map(([xM, yM]) => ({ picture: seenAt(low, { xM: xM!, yM: yM! })!, ground: { xM: xM!, yM: yM! } })) }).projection;
    expect(deep.window.rowFirst + deep.window.rows).toBeLessThan(75);
    expect(deep.window.rows).toBeGreaterThan(10);
  });

  test('PR5 the error grows with the model\'s, the floor, the count and the placing', () => {
    const quiet = projected(camera), counts = counted(camera, quiet.imageCells, standing(2, { xM: 5, yM: 4 }, { xM: 55, yM: 40 }));
    const errorAt = (errorModel: typeof noError, people = counts) => { const { projection } = projected(camera, grid, {}, errorModel), result = projectPeople(projection, people); return PEOPLE_PER_M2_OF_CODE[codeAt(result, result.errorCodes, 30, 15)]!; };
    const empty = new Float32Array(counts.length);
    const counting = errorAt(noError);
    // 2 people/m2 in 1 m2: the root of a quarter of 2, and a few per cent of placing.
    expect(counting).toBeGreaterThan(0.67);
    expect(counting).toBeLessThan(0.85);
    expect(errorAt({ relativeShare: 0.5, peoplePerImageCellFloor: 0 })).toBeCloseTo(Math.hypot(counting, 1), 0);
    expect(errorAt(noError, empty)).toBe(0);
    expect(errorAt({ relativeShare: 0.5, peoplePerImageCellFloor: 0.01 }, empty)).toBeGreaterThan(0.01);
  });

  test('PR6 trust comes from geometry alone: greater near than far, the same for any count', () => {
    const { projection, imageCells } = projected(camera);
    const one = projectPeople(projection, new Float32Array(imageCells.columns * imageCells.rows)), other = projectPeople(projection, counted(camera, imageCells, standing(4, { xM: 20, yM: 8 }, { xM: 40, yM: 30 })));
    expect(one.weightCodes).toEqual(other.weightCodes);
    expect(codeAt(one, one.weightCodes, 30, 12)).toBeGreaterThan(1.5 * codeAt(one, one.weightCodes, 30, 22));
    expect(codeAt(one, one.weightCodes, 30, 22)).toBeGreaterThan(0);
  });

  test('PR7 broken numbers of one image cell stay its own', () => {
    const { projection, imageCells } = projected(camera), counts = new Float32Array(imageCells.columns * imageCells.rows).fill(0.01);
    counts[2000] = Number.NaN; counts[2001] = -5; counts[2002] = Infinity;
    const result = projectPeople(projection, counts);
    for (let at = 0; at < projection.perM2.length; at++) expect(result.densityCodes[at] === 255).toBe(projection.perM2[at] === 0);
    expect(() => projectPeople(projection, new Float32Array(7))).toThrow(RangeError);
  });

  test('PR8 a camera not above the heads is named', () => {
    expect(groundProjection({ grid, calibration: calibrationOf(camera, corners, { heightM: 2, headHeightM: 2.1 }), imageCells: usualImageCells(16 / 9), errorModel: noError })).toMatchObject({ ok: false, problem: { code: 'inputWrong' } });
  });

  test('PR9 a picture costs well under a millisecond', () => {
    const { projection, imageCells } = projected(camera, { cellM: 1, columns: 60, rows: 60 }), counts = new Float32Array(imageCells.columns * imageCells.rows).fill(0.01);
    for (let i = 0; i < 100; i++) projectPeople(projection, counts);
    const before = process.cpuUsage();
    for (let i = 0; i < 200; i++) projectPeople(projection, counts);
    const spent = process.cpuUsage(before);
    expect((spent.user + spent.system) / 200 / 1000).toBeLessThan(1);
  });

  test('PR10 the outline of the seen ground holds the cells that are counted, and no others by far', () => {
    const { projection } = projected(camera), outline = footprint(calibrationOf(camera, corners), grid);
    const inside = (x: number, y: number) => { let odd = false; outline.forEach((p, i) => { const q = outline[(i + 1) % outline.length]!; if ((p.yM > y) !== (q.yM > y) && x < p.xM + ((y - p.yM) / (q.yM - p.yM)) * (q.xM - p.xM)) odd = !odd; }); return odd; };
    let wrong = 0, cells = 0;
    for (let row = 0; row < grid.rows; row++) for (let column = 0; column < grid.columns; column++) {
      const known = codeAt(projection, projection.weightCodes, column, row) !== 255 && codeAt(projection, projection.weightCodes, column, row) !== 0;
      if (known) cells++;
      if (known !== inside(column + 0.5, row + 0.5)) wrong++;
    }
    expect(cells).toBeGreaterThan(150);
    expect(wrong / cells).toBeLessThan(0.12);
  });

  test('PR11 coarser grids hold the same people', () => {
    const people = standing(1, { xM: 26, yM: 13 }, { xM: 34, yM: 21 });
    for (const cellM of [1, 2, 4] as const) {
      const { projection, imageCells } = projected(camera, { cellM, columns: 60 / cellM, rows: 48 / cellM });
      const result = projectPeople(projection, counted(camera, imageCells, people));
      let sum = 0;
      result.densityCodes.forEach((code) => { if (code !== 255) sum += PEOPLE_PER_M2_OF_CODE[code]! * cellM * cellM; });
      expect(Math.abs(sum / people.length - 1)).toBeLessThan(0.02);
    }
  });
});

describe('several cameras over one place', () => {
  const reading = (density: number, error: number, weight: number, window = { columnFirst: 0, rowFirst: 0, columns: 2, rows: 1 }, capturedAtMs = 5) => ({
    siteId: 's', sensorId: 'c', epoch: 1, seq: 1, capturedAtMs, heardAtMs: 0, calibrationVersion: 1, modelId: 'm', peopleInPicture: 0, window,
    densityCodes: new Uint8Array(window.columns * window.rows).fill(density), errorCodes: new Uint8Array(window.columns * window.rows).fill(error), weightCodes: new Uint8Array(window.columns * window.rows).fill(weight), flow: null, fault: null,
  });
  const small: GridSpec = { cellM: 1, columns: 3, rows: 2 };

  test('BL1 overlapping cameras are averaged by trust, never added; the oldest capture dates it', () => {
    const blend = blendReadings([reading(100, 20, 200, undefined, 9), reading(100, 20, 50)], small);
    expect([...blend.densityCodes]).toEqual([100, 100, 255, 255, 255, 255]);
    expect(blend.capturedAtMs).toBe(5);
    const two = blendReadings([reading(254, 0, 30), reading(0, 0, 90)], small);
    expect(PEOPLE_PER_M2_OF_CODE[two.densityCodes[0]!]).toBeCloseTo(2.5, 1);
  });
  test('BL2 the error of a blend is less than that of one of two equals', () => {
    const one = blendReadings([reading(100, 100, 80)], small), two = blendReadings([reading(100, 100, 80), reading(100, 100, 80)], small);
    expect(PEOPLE_PER_M2_OF_CODE[two.errorCodes[0]!]! / PEOPLE_PER_M2_OF_CODE[one.errorCodes[0]!]!).toBeCloseTo(Math.SQRT1_2, 1);
  });
  test('BL3 unknown cells, no trust and windows that do not fit the grid add nothing', () => {
    const blend = blendReadings([reading(255, 255, 80), reading(90, 3, 0), reading(90, 3, 80, { columnFirst: 2, rowFirst: 0, columns: 2, rows: 1 })], small);
    expect([...blend.densityCodes]).toEqual([255, 255, 255, 255, 255, 255]);
    expect(blendReadings([], small).capturedAtMs).toBe(0);
  });
});

test('PL1 metres and degrees go back and forth, and agree with the WGS-84 ellipsoid', () => {
  for (const origin of [{ lng: 116.39, lat: 39.9 }, { lng: -70.9, lat: -53.1 }, { lng: 179.999, lat: 0 }]) {
    const there = { xM: 431.5, yM: -212.25 }, back = sitePointOf(origin, lngLatOf(origin, there));
    expect(Math.hypot(back.xM - there.xM, back.yM - there.yM)).toBeLessThan(1e-6);
  }
  // Length of a degree at 45 degrees north: 111,131.8 m along the meridian, 78,846.8 m along the parallel (NGA calculator).
  expect(sitePointOf({ lng: 10, lat: 45 }, { lng: 10, lat: 45.001 }).yM).toBeCloseTo(111.1318, 3);
  expect(sitePointOf({ lng: 10, lat: 45 }, { lng: 10.001, lat: 45 }).xM).toBeCloseTo(78.8468, 3);
});
