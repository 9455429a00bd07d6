// Regions of counted pictures with their truth, and the factors with which the intervals of such regions hold it: what models/calibrate.ts writes into a card and bench/intervals.ts tries.
import { calibratedSpread, COUNTING_VARIANCE_PER_PERSON, regionError, spreadAtKnots, type SpreadCalibration } from '../../crowd/interval.ts';
import { HALF_INTERVAL_90 } from '../../contract/zoneState.ts';
import { type Counter, NATIVE, type PictureCount, PRODUCT_PIXELS } from './counter.ts';
import { seeded } from '../../worker/demo/plazaCrowd.ts';
import type { DataSet, TruePicture } from './pictures.ts';

/** `atKnots`: its uncalibrated spread, in people, by knot of density. `picture`: index by sorted file name. */
export type Region = { picture: number; peopleCounted: number; peopleTrue: number; px2: number; atKnots: number[]; spreadSum: number };

/** People per 10,000 px of the analysed picture at which the factors are given: a head of 10 px of its own in each 100 x 100 px is 1, a packed far crowd 32 and more. */
export const KNOTS_PEOPLE_PER_10K_PX = [0.5, 2, 8, 32];
export const DENSITY_BANDS = [{ name: 'Under1', from: 0, to: 1 }, { name: '1To4', from: 1, to: 4 }, { name: '4To16', from: 4, to: 16 }, { name: 'From16', from: 16, to: Infinity }];
export const PEOPLE_BANDS = [{ name: '1To4', from: 1, to: 4 }, { name: '4To16', from: 4, to: 16 }, { name: '16To64', from: 16, to: 64 }, { name: 'From64', from: 64, to: Infinity }];
/** What the intervals promise. */
export const COVERAGE_SHARE = 0.9;
/** A region with fewer counted people has no band: it holds one or none, and an interval that holds both is no news. */
export const PEOPLE_LEAST = 1;
/** From a 256th of the picture to all of it. */
const AREA_SHARE_LEAST = 1 / 256, REGIONS_PER_PICTURE = 60;

export const densityOf = ({ peopleCounted, px2 }: Region): number => (peopleCounted * 10_000) / px2;
export const bandOf = (region: Region) => DENSITY_BANDS.find(({ from, to }) => densityOf(region) >= from && densityOf(region) < to)!;

/** Rectangles by seed, the whole picture first, at each of the sizes; `calibration`: what spreadSum is made with. */
export async function regionsOf(counter: Counter, set: DataSet, { seed = 1, calibration = null, sizes = [NATIVE, PRODUCT_PIXELS] }: { seed?: number; calibration?: SpreadCalibration | null; sizes?: number[] } = {}): Promise<Region[]> {
  const regions: Region[] = [], chance = seeded(seed);
  let picture = 0;
  for await (const one of set.pictures()) {
    for (const pixelsMost of sizes) regions.push(...rectangles(await counter.count(one.frame, pixelsMost), one, picture, counter.card.stridePx, calibration, chance));
    picture++;
  }
  return regions;
}

function rectangles({ imageCells, peoplePerImageCell, spreadPerImageCell }: PictureCount, { points, peopleCount }: TruePicture, picture: number, cellPx: number, calibration: SpreadCalibration | null, chance: () => number): Region[] {
  const { columns, rows } = imageCells, cells = { people: peoplePerImageCell, spread: spreadPerImageCell, columns, cellPx };
  const truth = new Float32Array(columns * rows);
  for (const { xShare, yShare } of points ?? []) {
    const column = Math.floor(xShare / imageCells.cellWidthShare), row = Math.floor(yShare / imageCells.cellHeightShare);
    if (column >= 0 && row >= 0 && column < columns && row < rows) truth[row * columns + column]!++;
  }
  const sumOf = (values: Float32Array) => integral(values, columns), people = sumOf(peoplePerImageCell), heads = sumOf(truth), spread = sumOf(calibratedSpread(cells, { calibration }) ?? new Float32Array(truth.length));
  const knots = spreadAtKnots(cells, KNOTS_PEOPLE_PER_10K_PX).map(sumOf);
  // Where only the number of people is known, the whole picture is the one region.
  return Array.from({ length: points === null ? 1 : REGIONS_PER_PICTURE }, (_, index) => {
    const share = index === 0 ? 1 : AREA_SHARE_LEAST ** chance(), slim = Math.exp(chance() - 0.5);
    const high = index === 0 ? rows : Math.max(1, Math.min(rows, Math.round(Math.sqrt(share) * rows * slim))), wide = index === 0 ? columns : Math.max(1, Math.min(columns, Math.round((share * rows * columns) / high)));
    const top = Math.floor(chance() * (rows - high + 1)), left = Math.floor(chance() * (columns - wide + 1));
    const inside = (of: Float64Array) => Math.max(0, of[(top + high) * (columns + 1) + left + wide]! - of[top * (columns + 1) + left + wide]! - of[(top + high) * (columns + 1) + left]! + of[top * (columns + 1) + left]!);
    return { picture, peopleCounted: inside(people), peopleTrue: points === null ? peopleCount : Math.round(inside(heads)), px2: high * wide * cellPx * cellPx, atKnots: knots.map(inside), spreadSum: inside(spread) };
  });
}

/** Sums of everything above and left of each corner. */
function integral(values: Float32Array, columns: number): Float64Array {
  const rows = values.length / columns, sums = new Float64Array((rows + 1) * (columns + 1));
  for (let row = 0; row < rows; row++) for (let column = 0, line = 0; column < columns; column++) {
    line += values[row * columns + column]!;
    sums[(row + 1) * (columns + 1) + column + 1] = sums[row * (columns + 1) + column + 1]! + line;
  }
  return sums;
}

/**
 * The factors at the knots. Quantile regression of the logarithm of the error at the wanted level, each band of density with the same weight, by coordinate search; then one common
 * factor such that the wanted share of these regions is held. The level is raised by one picture in their number, the finite-sample step of conformal prediction (Vovk et al. 2005).
 */
export function fittedCalibration(all: Region[]): SpreadCalibration {
  const regions = all.filter(({ peopleCounted }) => peopleCounted >= PEOPLE_LEAST), pictures = new Set(regions.map(({ picture }) => picture)).size;
  const level = Math.min(0.99, COVERAGE_SHARE * (1 + 1 / pictures));
  const inBand = new Map<string, number>();
  for (const region of regions) inBand.set(bandOf(region).name, (inBand.get(bandOf(region).name) ?? 0) + 1);
  const weights = regions.map((region) => 1 / Math.max(30, inBand.get(bandOf(region).name)!)), errors = regions.map(({ peopleCounted, peopleTrue }) => Math.log(Math.abs(peopleCounted - peopleTrue) + ERROR_LEAST));
  const loss = (factors: number[]): number => {
    let sum = 0;
    for (let knot = 1; knot < factors.length; knot++) sum += UNEVEN_COST * Math.log(factors[knot]! / factors[knot - 1]!) ** 2;
    for (let at = 0; at < regions.length; at++) {
      const over = errors[at]! - Math.log(HALF_INTERVAL_90 * errorWith(regions[at]!, factors) + ERROR_LEAST);
      sum += weights[at]! * (over > 0 ? level * over : (level - 1) * over);
    }
    return sum;
  };
  // From both ends: a coordinate search may stop where the least is not.
  const ends = [0.1, 1].map((start) => lowest(loss, KNOTS_PEOPLE_PER_10K_PX.map(() => start)));
  const factors = ends.reduce((best, end) => (end.value < best.value ? end : best)).at;
  let least = 0.2, most = 5;
  for (let halving = 0; halving < 30; halving++) {
    const middle = Math.sqrt(least * most), scaled = factors.map((factor) => factor * middle);
    if (coverage(regions.map((region) => ({ region, half: HALF_INTERVAL_90 * errorWith(region, scaled) }))) < level) least = middle; else most = middle;
  }
  return { peoplePer10kPx: KNOTS_PEOPLE_PER_10K_PX, factors: factors.map((factor) => Number(Math.min(100, factor * most).toPrecision(3))) };
}
/** What a step of the factors from one knot to the next costs, against a loss of about 0.1 a band: few pictures must not make them zigzag. */
const UNEVEN_COST = 0.01;
/** Half of the smallest error that matters, people: keeps the logarithm of an error of zero in bounds. */
const ERROR_LEAST = 0.05;

export const errorWith = ({ peopleCounted, atKnots }: Region, factors: readonly number[]): number => regionError(peopleCounted, atKnots.reduce((sum, spread, knot) => sum + spread * factors[knot]!, 0));

/** Share of regions whose truth lies within counted ± half. */
export const coverage = (held: { region: Region; half: number }[]): number => held.filter(({ region, half }) => Math.abs(region.peopleCounted - region.peopleTrue) <= half).length / held.length;

function lowest(loss: (factors: number[]) => number, from: number[]): { at: number[]; value: number } {
  let at = from, value = loss(at);
  for (let step = 1; step > 0.01;) {
    let better = false;
    for (let knot = 0; knot < at.length; knot++) for (const by of [1 + step, 1 / (1 + step)]) {
      const tried = at.map((factor, index) => (index === knot ? Math.max(1e-4, factor * by) : factor)), found = loss(tried);
      if (found < value - 1e-9) { at = tried; value = found; better = true; }
    }
    if (!better) step /= 1.6;
  }
  return { at, value };
}

/** What else the calibration stands on, for its source line. */
export const COUNTING_WORDS = `counting variance ${COUNTING_VARIANCE_PER_PERSON} per person`;
