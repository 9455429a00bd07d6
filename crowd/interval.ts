// How far off a count may be: a model's own spread per image cell, scaled so that ± 1.645 standard errors of a region hold the truth in 90 of 100 unseen pictures.
//
// The error of a region has two parts (crowd/fuse.ts and models/calibrate.ts use the same two):
//   error² = (sum over its cells of the calibrated spread)² + COUNTING_VARIANCE_PER_PERSON x people
// The first has one cause in the whole picture and adds up; the second is that of heads at the edge, hidden or doubled, which knows nothing of the next cell.
// The factors of the first come from conformal calibration: the smallest ones with which the intervals hold the wanted share of regions in pictures that were not trained on, by
// band of density (Papadopoulos et al. 2002, inductive conformal prediction with normalised scores; by band: Vovk et al. 2003, Mondrian; fitted as conditional quantiles: Romano et al. 2019).

/**
 * Variance of a count from heads alone, people² for each person: what is left in small regions of few people. A Poisson count has 1; a net that sees each head has less.
 * Measured on ShanghaiTech A and B pictures kept for validation, regions of 1 to 12 people: 0.25 to 0.7 with the systematic part in it.
 */
export const COUNTING_VARIANCE_PER_PERSON = 0.25;

/** Factor of the spread at each density, people per 10,000 px of the analysed picture, rising; between two it goes with the logarithm of the density, beyond them it stays. */
export type SpreadCalibration = { peoplePer10kPx: readonly number[]; factors: readonly number[] };

/** People and spread row by row, `columns` cells of cellPx x cellPx in a row. */
export type SpreadCells = { people: Float32Array; spread: Float32Array | null; columns: number; cellPx: number };

/** Side of the square over which the local density is taken, pixels: a few heads wide. */
const LOCAL_PX = 72;

/**
 * One standard deviation of each cell's people, in people, to be summed over a region as it is. A model without a spread of its own is taken to err by the same share everywhere in a
 * band, so its factors are shares of the count. Null without a calibration: the card's plain share and floor hold then.
 */
export function calibratedSpread(cells: SpreadCells, { calibration }: { calibration: SpreadCalibration | null }): Float32Array | null {
  if (calibration === null) return null;
  const spread = new Float32Array(cells.people.length);
  atKnots(cells, calibration.peoplePer10kPx, (cell, raw, knot, share) => { spread[cell]! += raw * share * calibration.factors[knot]!; });
  return spread;
}

/** For each knot of `peoplePer10kPx` a raster of the uncalibrated spread that its factor scales; their sum with all factors 1 is the spread. */
export function spreadAtKnots(cells: SpreadCells, peoplePer10kPx: readonly number[]): Float32Array[] {
  const parts = peoplePer10kPx.map(() => new Float32Array(cells.people.length));
  atKnots(cells, peoplePer10kPx, (cell, raw, knot, share) => { parts[knot]![cell]! += raw * share; });
  return parts;
}

/** One standard error of a region's people: the square root of the sum at the top of this file. */
export const regionError = (people: number, spreadSum: number): number => Math.sqrt(spreadSum * spreadSum + COUNTING_VARIANCE_PER_PERSON * Math.max(0, people));

function atKnots(cells: SpreadCells, knots: readonly number[], give: (cell: number, raw: number, knot: number, share: number) => void): void {
  const { people, spread } = cells, density = localDensity(cells), logs = knots.map((knot) => Math.log(Math.max(knot, 1e-9)));
  for (let cell = 0; cell < people.length; cell++) {
    const raw = spread === null ? people[cell]! : spread[cell]!;
    // Also leaves NaN out.
    if (!(raw > 0)) continue;
    let above = 0;
    while (above < knots.length && density[cell]! >= knots[above]!) above++;
    if (above === 0) give(cell, raw, 0, 1);
    else if (above === knots.length) give(cell, raw, above - 1, 1);
    else {
      const share = (Math.log(density[cell]!) - logs[above - 1]!) / (logs[above]! - logs[above - 1]!);
      give(cell, raw, above - 1, 1 - share);
      give(cell, raw, above, share);
    }
  }
}

/** People per 10,000 px in the square around each cell, as far as it lies in the picture. */
export function localDensity({ people, columns, cellPx }: SpreadCells): Float32Array {
  const rows = people.length / columns, reach = Math.max(0, Math.floor(LOCAL_PX / cellPx / 2)), inRow = new Float32Array(people.length), density = new Float32Array(people.length);
  const value = (at: number) => (people[at]! > 0 ? people[at]! : 0);
  // Running sums along rows, then along columns: the same cost for any reach.
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let column = -reach; column < columns; column++) {
      if (column + reach < columns) sum += value(row * columns + column + reach);
      if (column - reach > 0) sum -= value(row * columns + column - reach - 1);
      if (column >= 0) inRow[row * columns + column] = Math.max(0, sum);
    }
  }
  for (let column = 0; column < columns; column++) {
    const wide = Math.min(columns - 1, column + reach) - Math.max(0, column - reach) + 1;
    let sum = 0;
    for (let row = -reach; row < rows; row++) {
      if (row + reach < rows) sum += inRow[(row + reach) * columns + column]!;
      if (row - reach > 0) sum -= inRow[(row - reach - 1) * columns + column]!;
      if (row >= 0) density[row * columns + column] = (Math.max(0, sum) * 10_000) / (wide * (Math.min(rows - 1, row + reach) - Math.max(0, row - reach) + 1) * cellPx * cellPx);
    }
  }
  return density;
}
