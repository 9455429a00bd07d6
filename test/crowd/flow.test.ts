// Flow on the ground: pictures whose motion is that of a pinhole camera's people, and rasters whose flow is known.
import { describe, expect, test } from 'vitest';
import { densityCode } from '../../contract/density.ts';
import { shareCode, spreadCode, velocityCode, M_PER_S_OF_VELOCITY_CODE, SHARE_OF_CODE, M_PER_S_OF_SPREAD_CODE, type FlowLine } from '../../contract/flow.ts';
import type { GridSpec } from '../../contract/geometry.ts';
import type { Reading } from '../../contract/reading.ts';
import { DEFAULT_LIMITS } from '../../contract/level.ts';
import { REST_OF_CODES } from '../../crowd/fuse.ts';
import { linePeoplePerS, motionSlopes, projectMotion, zoneFlowOf, type ImageMotion } from '../../crowd/flow.ts';
import { groundProjection, usualImageCells } from '../../crowd/ground.ts';
import { lineProblem } from '../../crowd/lineShape.ts';
import { compileSite } from '../../crowd/site.ts';
import { plazaCamera, PLAZA_CAMERA } from '../../worker/demo/plazaCamera.ts';

const grid: GridSpec = { cellM: 1, columns: 30, rows: 24 };

describe('from the picture to the ground', () => {
  const camera = plazaCamera(PLAZA_CAMERA), calibration = { version: 1, ...camera.calibration(1.6, null) }, imageCells = usualImageCells(640 / 360);
  const made = groundProjection({ grid, calibration, imageCells, errorModel: { relativeShare: 0.1, peoplePerImageCellFloor: 0 } });
  if (!made.ok) throw new Error(made.problem.code);
  const { projection } = made, slopes = motionSlopes(calibration, imageCells)!;
  const { columns, rows } = imageCells;

  /** What each cell of the picture would see of heads at 1.6 m that move with `velocity` there: by the camera itself, not by the homography. */
  function motionWith(velocity: (cell: number) => { east: number; north: number }): ImageMotion {
    const dxShare = new Float32Array(columns * rows).fill(Number.NaN), dyShare = new Float32Array(columns * rows).fill(Number.NaN);
    for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
      const cell = row * columns + column, x = (column + 0.5) * imageCells.cellWidthShare * 640, y = (row + 0.5) * imageCells.cellHeightShare * 360, at = camera.groundAt(x, y, 1.6), { east, north } = velocity(cell);
      if (at === null) continue;
      const moved = camera.see(at.xM + east * 0.02, at.yM + north * 0.02, 1.6);
      if (moved === null) continue;
      dxShare[cell] = (moved.xPx - x) / 640 / 0.02; dyShare[cell] = (moved.yPx - y) / 360 / 0.02;
    }
    return { columns, rows, dxShare, dyShare };
  }
  const people = new Float32Array(columns * rows).fill(0.05);

  test.each([[1.3, 0], [0, -0.8], [-0.4, 0.4], [2, 1]])('FL1 heads that go at (%f, %f) m/s are seen to, near and far', (east, north) => {
    const flow = projectMotion(projection, slopes, motionWith(() => ({ east, north })), people)!;
    let known = 0;
    for (let cell = 0; cell < flow.eastCodes.length; cell++) {
      if (flow.eastCodes[cell] === 255) continue;
      known++;
      expect(Math.abs(M_PER_S_OF_VELOCITY_CODE[flow.eastCodes[cell]!]! - east)).toBeLessThan(0.03);
      expect(Math.abs(M_PER_S_OF_VELOCITY_CODE[flow.northCodes[cell]!]! - north)).toBeLessThan(0.03);
      expect(M_PER_S_OF_SPREAD_CODE[flow.spreadCodes[cell]!]!).toBeLessThan(0.05);
      expect(flow.counterCodes[cell]).toBe(0);
    }
    expect(known).toBeGreaterThan(100);
  });

  test('FL2 a cell with two streams has their mean, their spread and the share of the smaller one', () => {
    // Checkered: a quarter of the picture's cells goes west at 0.8, the rest east at 1.2.
    const flow = projectMotion(projection, slopes, motionWith((cell) => ({ east: (Math.floor(cell / columns) % 2 === 0 && cell % 2 === 0) ? -0.8 : 1.2, north: 0 })), people)!;
    let looked = 0, mean = 0, counter = 0, spread = 0;
    for (let row = 10; row < 15; row++) for (let column = 12; column < 18; column++) {
      const at = (row - projection.window.rowFirst) * projection.window.columns + column - projection.window.columnFirst;
      looked++; mean += M_PER_S_OF_VELOCITY_CODE[flow.eastCodes[at]!]!; counter += SHARE_OF_CODE[flow.counterCodes[at]!]!; spread += M_PER_S_OF_SPREAD_CODE[flow.spreadCodes[at]!]!;
    }
    expect(Math.abs(mean / looked - 0.7)).toBeLessThan(0.05);
    expect(Math.abs(counter / looked - 0.25)).toBeLessThan(0.03);
    expect(Math.abs(spread / looked - 2 * Math.sqrt(0.25 * 0.75))).toBeLessThan(0.05);
  });

  test('FL3 where nobody is counted, nothing could be followed, or faster than anybody runs, there is no flow', () => {
    const nobody = projectMotion(projection, slopes, motionWith(() => ({ east: 1, north: 0 })), new Float32Array(columns * rows))!;
    const blind = projectMotion(projection, slopes, { columns, rows, dxShare: new Float32Array(columns * rows).fill(Number.NaN), dyShare: new Float32Array(columns * rows).fill(Number.NaN) }, people)!;
    const cars = projectMotion(projection, slopes, motionWith(() => ({ east: 9, north: 0 })), people)!;
    for (const flow of [nobody, blind, cars]) for (const codes of Object.values(flow)) expect(codes.every((code) => code === 255)).toBe(true);
    expect(projectMotion(projection, slopes, { columns: 3, rows: 3, dxShare: new Float32Array(9), dyShare: new Float32Array(9) }, people)).toBeNull();
  });
});

type Cell = { peoplePerM2: number; east?: number; north?: number; spread?: number; counter?: number };
function readingOf(cellOf: (column: number, row: number) => Cell | null, on: GridSpec = grid, weight = 200): Reading {
  const count = on.columns * on.rows, raster = (code: (cell: Cell) => number) => Uint8Array.from({ length: count }, (_, i) => { const cell = cellOf(i % on.columns, Math.floor(i / on.columns)); return cell === null ? 255 : code(cell); });
  const moving = (code: (cell: Cell) => number) => raster((cell) => (cell.east === undefined ? 255 : code(cell)));
  return {
    siteId: 's', sensorId: 'c', epoch: 1, seq: 1, capturedAtMs: 1, heardAtMs: 1, calibrationVersion: 1, modelId: 'm', peopleInPicture: 0, fault: null,
    window: { columnFirst: 0, rowFirst: 0, columns: on.columns, rows: on.rows },
    densityCodes: raster((cell) => densityCode(cell.peoplePerM2)), errorCodes: raster((cell) => densityCode(Math.sqrt(cell.peoplePerM2 / on.cellM ** 2 + (0.1 * cell.peoplePerM2) ** 2))), weightCodes: raster(() => weight).map((code) => (code === 255 ? 0 : code)),
    flow: { eastCodes: moving((cell) => velocityCode(cell.east!)), northCodes: moving((cell) => velocityCode(cell.north ?? 0)), spreadCodes: moving((cell) => spreadCode(cell.spread ?? 0)), counterCodes: moving((cell) => shareCode(cell.counter ?? 0)) },
  };
}
const zoneOf = (on: GridSpec = grid) => compileSite({
  version: 1, site: { siteId: 's', name: 's', origin: { lng: 8, lat: 50 }, grid: on, demo: false }, sensors: [],
  zones: [{ zoneId: 'z', siteId: 's', name: 'z', kind: 'standing', limits: DEFAULT_LIMITS.standing, rules: {}, polygon: [{ xM: 4, yM: 4 }, { xM: 16, yM: 4 }, { xM: 16, yM: 12 }, { xM: 4, yM: 12 }] }],
}, []).zones[0]!;

describe('a zone', () => {
  test('FL4 has the mean of its people, not of its cells', () => {
    const flow = zoneFlowOf(zoneOf(), [readingOf((column) => (column < 10 ? { peoplePerM2: 3, east: 1 } : { peoplePerM2: 1, east: -0.5 }))], grid)!;
    // 3 people/m2 at 1 m/s and 1 at -0.5, on equal areas.
    expect(flow.eastMPerS).toBeCloseTo(0.625, 1);
    expect(flow.velocityVarianceM2PerS2).toBeCloseTo(0.75 * 0.25 * 1.5 ** 2, 1);
    expect(flow.counterShare).toBeCloseTo(0.25, 1);
    expect(flow.knownShare).toBe(1);
  });

  test('FL5 two equal streams have no mean, one half against the other, along any axis', () => {
    for (const angle of [0, 0.6, 1.5, 2.4]) {
      const flow = zoneFlowOf(zoneOf(), [readingOf((_, row) => { const way = row % 2 === 0 ? 1 : -1; return { peoplePerM2: 1, east: way * Math.cos(angle), north: way * Math.sin(angle) }; })], grid)!;
      expect(Math.hypot(flow.eastMPerS, flow.northMPerS)).toBeLessThan(0.02);
      expect(flow.counterShare).toBeCloseTo(0.5, 5);
      expect(flow.velocityVarianceM2PerS2).toBeCloseTo(1, 1);
    }
  });

  test('FL6 streams within one cell count as those of two cells do', () => {
    // A quarter at -1, the rest at 1: mean 0.5, spread root(0.75).
    const mixed = zoneFlowOf(zoneOf(), [readingOf(() => ({ peoplePerM2: 2, east: 0.5, spread: Math.sqrt(0.75), counter: 0.25 }))], grid)!;
    expect(mixed.counterShare).toBeCloseTo(0.25, 2);
    expect(mixed.velocityVarianceM2PerS2).toBeCloseTo(0.75, 1);
  });

  test('FL7 overlapping cameras are mixed by trust; one that cannot tell adds nothing', () => {
    const sure = readingOf(() => ({ peoplePerM2: 2, east: 1 }), grid, 150), other = readingOf(() => ({ peoplePerM2: 2, east: 0 }), grid, 50), mute = { ...readingOf(() => ({ peoplePerM2: 2 }), grid, 200), flow: null };
    expect(zoneFlowOf(zoneOf(), [sure, other, null], grid)!.eastMPerS).toBeCloseTo(0.75, 1);
    expect(zoneFlowOf(zoneOf(), [sure, mute], grid)!.eastMPerS).toBeCloseTo(1, 1);
    expect(zoneFlowOf(zoneOf(), [mute], grid)).toBeNull();
    expect(zoneFlowOf(zoneOf(), [readingOf(() => ({ peoplePerM2: 0, east: 1 }))], grid)).toBeNull();
    expect(zoneFlowOf(zoneOf(), [readingOf((column) => ({ peoplePerM2: 2, ...(column < 5 ? { east: 1 } : {}) }))], grid)).toBeNull();
  });

  test('FL8 pressure: none where all walk together or single people sway, much where a dense crowd is pushed to and fro', () => {
    const of = (cell: (column: number, row: number) => Cell) => zoneFlowOf(zoneOf(), [readingOf(cell)], grid)!.pressurePerS2;
    expect(of(() => ({ peoplePerM2: 5, east: 0.6 }))).toBeLessThan(0.002);
    expect(of(() => ({ peoplePerM2: 5, east: 0, spread: 0.1 }))).toBeLessThan(0.002);
    // Neighbouring metres pushed at 0.2 m/s against each other: 6 x 0.04.
    expect(of((column) => ({ peoplePerM2: 6, east: column % 2 === 0 ? 0.2 : -0.2 }))).toBeCloseTo(6 * 0.04, 1);
  });
});

describe('a line', () => {
  const line = (a: [number, number], b: [number, number]): FlowLine => ({ lineId: 'l', siteId: 's', name: 'l', surface: 'level', rules: {}, a: { xM: a[0], yM: a[1] }, b: { xM: b[0], yM: b[1] } });
  test.each([1, 2, 4] as const)('FL9 passes density x speed across x length, in to the right of a to b, with cells of %i m', (cellM) => {
    const on: GridSpec = { cellM, columns: 40 / cellM, rows: 40 / cellM }, reading = readingOf(() => ({ peoplePerM2: 2, east: 1 }), on);
    const north = linePeoplePerS(line([20, 10], [20, 20]), [reading], on)!;
    expect(north.inPerS).toBeCloseTo(20, 0); expect(north.outPerS).toBe(0); expect(north.seenShare).toBe(1);
    expect(linePeoplePerS(line([20, 20], [20, 10]), [reading], on)!.outPerS).toBeCloseTo(20, 0);
    // Along its way nobody crosses; aslant it counts as its height does.
    expect(linePeoplePerS(line([10, 20], [20, 20]), [reading], on)!.inPerS).toBeLessThan(0.1);
    expect(linePeoplePerS(line([14, 10], [20, 20]), [reading], on)!.inPerS).toBeCloseTo(20, 0);
  });

  test('FL10 a closed ring in a stream gains nobody: what goes in comes out', () => {
    const reading = readingOf(() => ({ peoplePerM2: 1.5, east: 0.8, north: 0.6 })), corners: [number, number][] = [[6, 6], [18, 8], [20, 18], [8, 16]];
    let into = 0, out = 0;
    corners.forEach((corner, i) => { const { inPerS, outPerS } = linePeoplePerS(line(corner, corners[(i + 1) % 4]!), [reading], grid)!; into += inPerS; out += outPerS; });
    expect(Math.abs(into - out) / into).toBeLessThan(0.01);
  });

  test('FL11 in and out are told apart, in neighbouring cells and in one', () => {
    const lanes = linePeoplePerS(line([15, 5], [15, 15]), [readingOf((_, row) => ({ peoplePerM2: 1, east: row < 10 ? 1 : -0.5 }))], grid)!;
    expect([lanes.inPerS, lanes.outPerS].map((value) => Math.round(value * 10) / 10)).toEqual([5, 2.5]);
    const mixed = linePeoplePerS(line([15, 5], [15, 15]), [readingOf(() => ({ peoplePerM2: 1, east: 0.5, spread: Math.sqrt(0.75), counter: 0.25 }))], grid)!;
    expect(mixed.inPerS).toBeCloseTo(7.5, 0); expect(mixed.outPerS).toBeCloseTo(2.5, 0);
  });

  test('FL12 an empty line passes nobody; one that is hardly seen, or whose people cannot be followed, says nothing', () => {
    expect(linePeoplePerS(line([15, 5], [15, 15]), [readingOf(() => ({ peoplePerM2: 0 }))], grid)).toMatchObject({ inPerS: 0, outPerS: 0, seenShare: 1 });
    expect(linePeoplePerS(line([15, 5], [15, 15]), [readingOf((_, row) => (row < 8 ? { peoplePerM2: 1, east: 1 } : null))], grid)).toBeNull();
    expect(linePeoplePerS(line([15, 5], [15, 15]), [readingOf(() => ({ peoplePerM2: 1 }))], grid)).toBeNull();
    expect(linePeoplePerS(line([15, 5], [15, 15]), [null], grid)).toBeNull();
    // What is seen of it is counted as it is, with its share.
    const part = linePeoplePerS(line([15, 5], [15, 15]), [readingOf((_, row) => (row < 11 ? { peoplePerM2: 1, east: 1 } : null))], grid)!;
    expect(part.seenShare).toBeCloseTo(0.6, 1); expect(part.inPerS).toBeCloseTo(6, 0);
  });

  test('FL13 the error of the count is that of the flow, and few people are no sure flow', () => {
    const { inPerS, errorPerS, noiseVariancePerS2 } = linePeoplePerS(line([15, 5], [15, 15]), [readingOf(() => ({ peoplePerM2: 1, east: 1 }))], grid)!;
    expect(errorPerS / inPerS).toBeCloseTo(REST_OF_CODES[1][(densityCode(1) << 8) | densityCode(Math.sqrt(1.01))]!, 1);
    // 20 people in the strip, each worth 1/2 a second: root(20) / 2.
    expect(Math.sqrt(noiseVariancePerS2)).toBeCloseTo(Math.sqrt(20) / 2, 0);
  });

  test('FL14 a line that is a point, or ends outside, is refused', () => {
    expect(lineProblem(line([3, 3], [3, 3.2]), grid)?.code).toBe('lineTooShort');
    expect(lineProblem(line([3, 3], [33, 3]), grid)?.code).toBe('lineOutside');
    expect(lineProblem(line([3, 3], [Number.NaN, 3]), grid)?.code).toBe('inputWrong');
    expect(lineProblem(line([3, 3], [3, 4]), grid)).toBeNull();
  });
});
