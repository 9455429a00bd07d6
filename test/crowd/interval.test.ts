// The spread of a count, scaled by the density around it.
import { describe, expect, test } from 'vitest';
import { calibratedSpread, COUNTING_VARIANCE_PER_PERSON, localDensity, regionError, spreadAtKnots, type SpreadCells } from '../../crowd/interval.ts';

const cells = (columns: number, rows: number, people: (column: number, row: number) => number, spread: ((column: number, row: number) => number) | null = null): SpreadCells => {
  const raster = (value: (column: number, row: number) => number) => Float32Array.from({ length: columns * rows }, (_, at) => value(at % columns, Math.floor(at / columns)));
  return { people: raster(people), spread: spread === null ? null : raster(spread), columns, cellPx: 8 };
};
const sum = (values: Float32Array) => values.reduce((a, b) => a + b, 0);
const calibration = { peoplePer10kPx: [1, 4, 16], factors: [2, 1, 0.5] };

describe('local density', () => {
  test('IV1 is people per 10,000 px around each cell, also at the edges and in a picture smaller than the square', () => {
    for (const [columns, rows] of [[40, 30], [3, 3], [1, 50], [50, 1], [1, 1]] as const) {
      // 0.064 people in each cell of 64 px: 10 in 10,000.
      for (const density of localDensity(cells(columns, rows, () => 0.064))) expect(density).toBeCloseTo(10, 3);
    }
  });
  test('IV1 is that of a plain sum over the square', () => {
    const made = cells(23, 17, (column, row) => ((column * 7 + row * 13) % 5) / 10), fast = localDensity(made);
    for (let row = 0; row < 17; row++) for (let column = 0; column < 23; column++) {
      let people = 0, count = 0;
      for (let y = row - 4; y <= row + 4; y++) for (let x = column - 4; x <= column + 4; x++) if (y >= 0 && y < 17 && x >= 0 && x < 23) { people += made.people[y * 23 + x]!; count++; }
      expect(fast[row * 23 + column]).toBeCloseTo((people * 10_000) / (count * 64), 2);
    }
  });
  test('IV2 a broken number stays its own', () => {
    const made = cells(20, 20, () => 0.01);
    made.people[210] = Number.NaN;
    for (const density of localDensity(made)) expect(density).toBeGreaterThan(1.5);
  });
});

describe('calibrated spread', () => {
  test('IV3 takes the factor of its density: below, between by the logarithm, and above the knots', () => {
    const factorAt = (peoplePer10kPx: number) => sum(calibratedSpread(cells(30, 30, () => peoplePer10kPx * 0.0064, () => 0.1), { calibration })!) / 90;
    expect(factorAt(0.001)).toBeCloseTo(2, 3);
    expect(factorAt(1)).toBeCloseTo(2, 3);
    expect(factorAt(2)).toBeCloseTo(1.5, 3);
    expect(factorAt(4)).toBeCloseTo(1, 3);
    expect(factorAt(8)).toBeCloseTo(0.75, 3);
    expect(factorAt(100)).toBeCloseTo(0.5, 3);
  });
  test('IV4 a model without a spread errs by a share of its count', () => {
    const made = cells(30, 30, () => 4 * 0.0064);
    expect(sum(calibratedSpread(made, { calibration: { ...calibration, factors: [0.4, 0.2, 0.1] } })!)).toBeCloseTo(0.2 * sum(made.people), 3);
  });
  test('IV5 without a calibration there is none', () => expect(calibratedSpread(cells(3, 3, () => 1), { calibration: null })).toBeNull());
  test('IV6 the parts of the knots with their factors are the calibrated spread', () => {
    const made = cells(25, 20, (column, row) => ((column + row) % 7) / 40, (column) => column / 100), parts = spreadAtKnots(made, calibration.peoplePer10kPx), whole = calibratedSpread(made, { calibration })!;
    parts[0]!.forEach((_, cell) => expect(parts.reduce((total, part, knot) => total + part[cell]! * calibration.factors[knot]!, 0)).toBeCloseTo(whole[cell]!, 5));
  });
  test('IV7 no error is negative or none at all, whatever comes', () => {
    const made = cells(10, 10, (column) => [Number.NaN, -1, 0, 3, Infinity][column % 5]!, (_, row) => [Number.NaN, -1, 0, 0.2, 0.4][row % 5]!);
    for (const value of calibratedSpread(made, { calibration })!) expect(value).toBeGreaterThanOrEqual(0);
  });
});

test('IV8 the error of a region: its spread adds up, counting heads does not', () => {
  expect(regionError(0, 0)).toBe(0);
  expect(regionError(16, 0)).toBeCloseTo(4 * Math.sqrt(COUNTING_VARIANCE_PER_PERSON), 9);
  expect(regionError(16, 3)).toBeCloseTo(Math.hypot(3, regionError(16, 0)), 9);
});
