// From the newest readings of all sensors to figures of each zone. Runs for each reading: the work that depends on geometry alone is done when the geometry changes.
// Trust comes from geometry, never from the count, so each sensor's share in each cell stays the same from frame to frame; a new reading only exchanges its own people.
// Sums of trust x code² are whole numbers, exact in a double: exchanging never drifts from adding up anew, which a decider that starts from a snapshot does.
import { DENSITY_CODE_MOST, DENSITY_CODE_UNKNOWN, DENSITY_MOST_PEOPLE_PER_M2 } from '../contract/density.ts';
import type { Reading } from '../contract/reading.ts';
import type { ZoneFigures } from '../contract/zoneState.ts';
import { type CompiledSite, type CompiledZone, zonesIn } from './site.ts';

/** What the fresh readings say of a zone. Nothing in here is changed after it was made. */
export type ZoneSum = {
  layout: Layout;
  /** For each sensor of the layout: its correlated error in people, and the variance of its counting noise in people². */
  correlated: number[]; noise: number[];
  /** Null when no cell of the zone is seen. */
  figures: ZoneFigures | null;
};
/** The reading that counts now of each sensor, in the site's order; null: none does. */
export type Fresh = readonly (Reading | null)[];
export type Fused = {
  site: CompiledSite; sums: ZoneSum[];
  /** For each sensor, the indexes of the zones that it adds to now. */
  zonesOf: number[][];
  work: Work;
};
/**
 * Running sums of each zone: the one thing that is changed in place, for copying them would cost half of a reading. They belong to the newest Fused alone;
 * whoever comes with an older one finds another owner and gets its own, made anew from the readings, with the same numbers.
 */
type Work = { owner: Fused | null; zones: ZoneWork[] };
/** `weighted`: sum of trust x code² for each cell; `pairs`: people in each cell and the next one of its row, and a 0 at the end; people and densest patch of each row of cells. */
type ZoneWork = { weighted: Float64Array; pairs: Float64Array; rowPeople: Float64Array; rowPeak: Float64Array };

/** Geometry of one zone under the sensors that are fresh now. */
type Layout = {
  /** Indexes of the sensors that see some of it, rising, and the part of each. */
  sensors: number[]; parts: Part[];
  /** People for one unit of the weighted sum: area of the cell / (sum of trust) / (code² for 1 person/m2); 0 where nobody sees. */
  perUnit: Float32Array;
  seenAreaM2: number; seenShare: number;
  /** Each patch is two pairs of neighbours, given by the first cell of each (the zone's cell count where there is none), and 1 / their seen area. */
  patchPairs: Int32Array; patchPerM2: Float32Array;
  /** 1 where a cell and the next of the list are neighbours in one row. */
  paired: Uint8Array;
  /** First cell, and first patch, of each row of the zone; one more at the end. */
  rowCell: Int32Array; rowPatch: Int32Array;
};
/** One sensor in one zone, cell by cell: the cell's place in the zone and in the reading, and the sensor's share of its area (area x trust / sum of trust). */
type Part = { zoneCell: Int32Array; at: Int32Array; shareM2: Float32Array; /** Rows of the zone in which it sees anything. */ rowFrom: number; rowTo: number };

export function fuseAll(site: CompiledSite, fresh: Fresh): Fused {
  const zones: ZoneWork[] = [];
  return owning({ site, sums: site.zones.map((zone) => sumAnew(site, zone, fresh, zones)), zonesOf: [], work: { owner: null, zones } }, true);
}

/** The reading of one sensor is new or gone: returns the sums with it, and which zones it touches or touched. `fresh` is as it is now. */
export function exchange(fused: Fused, sensor: number, before: Reading | null, after: Reading | null, fresh: Fresh): { fused: Fused; touched: number[] } {
  const { site, work } = fused;
  const same = before !== null && after !== null && sameSight(before, after);
  const mine = fused.zonesOf[sensor]!;
  const touched = same ? mine
    : [...new Set([...mine, ...(after === null ? [] : zonesIn(site, after.window))])].sort((a, b) => a - b);
  if (work.owner !== fused) return { fused: fuseAll(site, fresh), touched };
  // Nobody owns it meanwhile: should this throw, the next one makes it anew.
  work.owner = null;
  const sums = fused.sums.slice();
  for (const index of touched) {
    sums[index] = same ? exchanged(site, sums[index]!, work.zones[index]!, sensor, before, after, fresh) : sumAnew(site, site.zones[index]!, fresh, work.zones);
  }
  return { fused: owning({ site, sums, zonesOf: fused.zonesOf, work }, !same), touched };
}

const UNIT_PEOPLE_PER_M2 = DENSITY_MOST_PEOPLE_PER_M2 / DENSITY_CODE_MOST ** 2;
const SQUARE = Float64Array.from({ length: 256 }, (_, code) => code * code);
/** An error that is not given (255) where a density is: as bad as can be said. */
const VARIANCE = SQUARE.map((square) => Math.min(DENSITY_MOST_PEOPLE_PER_M2, square * UNIT_PEOPLE_PER_M2) ** 2);
const PATCH_M2 = 4, PATCH_SHARE_LEAST = 0.75;

function owning(fused: Fused, zonesChanged: boolean): Fused {
  if (zonesChanged) {
    fused.zonesOf = Array.from({ length: fused.site.sensors.size }, () => []);
    fused.sums.forEach(({ layout }, index) => { for (const sensor of layout.sensors) fused.zonesOf[sensor]!.push(index); });
  }
  fused.work.owner = fused;
  return fused;
}

/** Same cells with the same trust: then the layout of every zone holds. */
function sameSight(a: Reading, b: Reading): boolean {
  const one = a.window, other = b.window;
  if (one.columnFirst !== other.columnFirst || one.rowFirst !== other.rowFirst || one.columns !== other.columns || one.rows !== other.rows) return false;
  const { densityCodes: ad, weightCodes: aw } = a, { densityCodes: bd, weightCodes: bw } = b;
  for (let i = 0; i < aw.length; i++) if (aw[i] !== bw[i] || (ad[i] === DENSITY_CODE_UNKNOWN) !== (bd[i] === DENSITY_CODE_UNKNOWN)) return false;
  return true;
}

function sumAnew(site: CompiledSite, zone: CompiledZone, fresh: Fresh, work: ZoneWork[]): ZoneSum {
  const { columns } = site.grid, { cells, cellAreaM2 } = zone;
  const trustSum = new Float64Array(cells.length);
  const seen: { sensor: number; reading: Reading; zoneCell: number[]; at: number[] }[] = [];
  for (let sensor = 0; sensor < fresh.length; sensor++) {
    const reading = fresh[sensor];
    if (reading == null) continue;
    const { window } = reading, zoneCell: number[] = [], ats: number[] = [];
    for (let i = 0; i < cells.length; i++) {
      const column = (cells[i]! % columns) - window.columnFirst, row = Math.floor(cells[i]! / columns) - window.rowFirst;
      if (column < 0 || row < 0 || column >= window.columns || row >= window.rows) continue;
      const at = row * window.columns + column;
      if (reading.densityCodes[at] === DENSITY_CODE_UNKNOWN || reading.weightCodes[at] === 0) continue;
      zoneCell.push(i); ats.push(at);
      trustSum[i]! += reading.weightCodes[at]!;
    }
    if (zoneCell.length > 0) seen.push({ sensor, reading, zoneCell, at: ats });
  }
  let seenAreaM2 = 0;
  const perUnit = new Float32Array(cells.length);
  for (let i = 0; i < cells.length; i++) {
    if (trustSum[i] === 0) continue;
    seenAreaM2 += cellAreaM2[i]!;
    perUnit[i] = (cellAreaM2[i]! * UNIT_PEOPLE_PER_M2) / trustSum[i]!;
  }
  const shape = shapeOf(site, zone, trustSum), rowAt = (cell: number) => shape.rowCell.findLastIndex((first) => first <= cell);
  const parts = seen.map(({ reading, zoneCell, at }): Part => ({
    rowFrom: rowAt(zoneCell[0]!), rowTo: rowAt(zoneCell.at(-1)!),
    zoneCell: Int32Array.from(zoneCell), at: Int32Array.from(at),
    shareM2: Float32Array.from(at, (where, i) => (cellAreaM2[zoneCell[i]!]! * reading.weightCodes[where]!) / trustSum[zoneCell[i]!]!),
  }));
  const layout: Layout = { sensors: seen.map(({ sensor }) => sensor), parts, perUnit, seenAreaM2, seenShare: Math.min(1, seenAreaM2 / zone.areaM2), ...shape };
  const rows = shape.rowCell.length - 1, correlated: number[] = [], noise: number[] = [];
  const mine: ZoneWork = { weighted: new Float64Array(cells.length), pairs: new Float64Array(cells.length + 1), rowPeople: new Float64Array(rows), rowPeak: new Float64Array(rows) };
  seen.forEach(({ reading }, slot) => {
    const nothing = new Uint8Array(reading.densityCodes.length);
    const errors = replacePeople(site, parts[slot]!, mine.weighted, nothing, reading);
    correlated.push(errors.correlated); noise.push(errors.noise);
  });
  work[zone.index] = mine;
  return { layout, correlated, noise, figures: figuresOf(layout, mine, 0, rows - 1, correlated, noise, fresh) };
}

function exchanged(site: CompiledSite, sum: ZoneSum, work: ZoneWork, sensor: number, before: Reading, after: Reading, fresh: Fresh): ZoneSum {
  const { layout } = sum, slot = layout.sensors.indexOf(sensor);
  const part = layout.parts[slot]!, errors = replacePeople(site, part, work.weighted, before.densityCodes, after);
  const correlated = sum.correlated.slice(), noise = sum.noise.slice();
  correlated[slot] = errors.correlated; noise[slot] = errors.noise;
  return { layout, correlated, noise, figures: figuresOf(layout, work, part.rowFrom, part.rowTo, correlated, noise, fresh) };
}

/**
 * Puts a sensor's new people in the place of its old ones, and returns its errors in this zone.
 * The error of a cell, sigma, holds two parts: the counting noise of a Poisson count, whose variance is density / cell area, and the rest, which is the model's and the placing's.
 * The rest has one cause in the whole picture and does not average out; the noise of one cell knows nothing of the next.
 *   correlated = sum over cells of share_i x root(sigma_i² - density_i / A)          people
 *   noise      = sum over cells of share_i² x density_i / A                          people²
 * with share_i = area of the cell in the zone x this sensor's share of trust there.
 */
function replacePeople(site: CompiledSite, { zoneCell, at, shareM2 }: Part, weighted: Float64Array, oldCodes: Uint8Array, { densityCodes, errorCodes, weightCodes }: Reading): { correlated: number; noise: number } {
  const countingPerUnit = UNIT_PEOPLE_PER_M2 / (site.grid.cellM * site.grid.cellM);
  let correlated = 0, noise = 0;
  for (let e = 0; e < at.length; e++) {
    const where = at[e]!, square = SQUARE[densityCodes[where]!]!, share = shareM2[e]!;
    weighted[zoneCell[e]!]! += weightCodes[where]! * (square - SQUARE[oldCodes[where]!]!);
    const counting = square * countingPerUnit, rest = VARIANCE[errorCodes[where]!]! - counting;
    correlated += share * Math.sqrt(rest > 0 ? rest : 0);
    noise += share * share * counting;
  }
  return { correlated, noise };
}

/**
 * Mean: people in the seen part / seen area. Error: root(sum over cameras of correlated² + sum of noise) / seen area; different cameras err independently of each other.
 * Peak: densest patch of about 4 m2 (2 x 2 cells of 1 m; one cell of 2 or 4 m), as far as it is seen and in the zone.
 * Only the rows that changed are counted anew; the sums run over whole rows, so that they come out the same whichever rows those were.
 */
function figuresOf(layout: Layout, work: ZoneWork, rowFrom: number, rowTo: number, correlated: number[], noise: number[], fresh: Fresh): ZoneFigures | null {
  const { perUnit, seenAreaM2, patchPairs, patchPerM2, paired, rowCell, rowPatch } = layout, { weighted, pairs, rowPeople, rowPeak } = work;
  if (!(seenAreaM2 > 0)) return null;
  for (let row = rowFrom; row <= rowTo; row++) {
    let people = 0, next = 0;
    for (let i = rowCell[row + 1]! - 1, first = rowCell[row]!; i >= first; i--) {
      const here = weighted[i]! * perUnit[i]!;
      people += here;
      pairs[i] = here + next * paired[i]!;
      next = here;
    }
    rowPeople[row] = people;
  }
  // Patches of the row below reach into the first row that changed.
  for (let row = Math.max(0, rowFrom - 1); row <= rowTo; row++) {
    let peak = 0;
    for (let p = rowPatch[row]!, end = rowPatch[row + 1]!; p < end; p++) {
      const density = (pairs[patchPairs[2 * p]!]! + pairs[patchPairs[2 * p + 1]!]!) * patchPerM2[p]!;
      if (density > peak) peak = density;
    }
    rowPeak[row] = peak;
  }
  let peopleCount = 0, peak = 0;
  for (let row = 0; row < rowPeople.length; row++) { peopleCount += rowPeople[row]!; if (rowPeak[row]! > peak) peak = rowPeak[row]!; }
  let variance = 0, capturedAtMs = Infinity;
  for (let slot = 0; slot < correlated.length; slot++) {
    variance += correlated[slot]! * correlated[slot]! + noise[slot]!;
    const captured = fresh[layout.sensors[slot]!]!.capturedAtMs;
    if (captured < capturedAtMs) capturedAtMs = captured;
  }
  const peopleCountError = Math.sqrt(variance), mean = peopleCount / seenAreaM2;
  return {
    peoplePerM2Mean: mean, peoplePerM2Error: peopleCountError / seenAreaM2, peoplePerM2Peak: patchPerM2.length === 0 || peak < mean ? mean : peak,
    peopleCount, peopleCountError, seenShare: layout.seenShare, seenAreaM2, capturedAtMs,
  };
}

/**
 * The rows of the zone, and its patches: one begins at every cell and reaches to the right and up. It counts when three quarters of it are seen zone: fewer square metres would
 * give a denser peak by chance alone. In a zone so narrow that none does, half is enough.
 */
function shapeOf(site: CompiledSite, { cells, cellAreaM2 }: CompiledZone, trustSum: Float64Array): Pick<Layout, 'patchPairs' | 'patchPerM2' | 'paired' | 'rowCell' | 'rowPatch'> {
  const { columns, cellM } = site.grid, none = cells.length, single = cellM * cellM >= PATCH_M2;
  const seenAt = (i: number) => trustSum[i]! > 0;
  const indexOf = new Map<number, number>();
  cells.forEach((cell, i) => indexOf.set(cell, i));
  const paired = new Uint8Array(cells.length);
  if (!single) for (let i = 0; i + 1 < none; i++) if (cells[i + 1] === cells[i]! + 1 && cells[i + 1]! % columns !== 0) paired[i] = 1;
  const pairAreaM2 = (i: number): number => (i === none ? 0 : (seenAt(i) ? cellAreaM2[i]! : 0) + (paired[i] === 1 && seenAt(i + 1) ? cellAreaM2[i + 1]! : 0));
  const aboveOf = (i: number) => (single ? none : indexOf.get(cells[i]! + columns) ?? none);
  const areaM2 = Float64Array.from(cells, (_, i) => pairAreaM2(i) + pairAreaM2(aboveOf(i))), wholeM2 = Math.max(cellM * cellM, PATCH_M2);
  const leastM2 = areaM2.some((area) => area >= PATCH_SHARE_LEAST * wholeM2) ? PATCH_SHARE_LEAST * wholeM2 : wholeM2 / 2;
  const patchPairs: number[] = [], patchPerM2: number[] = [], rowCell: number[] = [], rowPatch: number[] = [];
  for (let i = 0; i < none; i++) {
    if (i === 0 || Math.floor(cells[i]! / columns) !== Math.floor(cells[i - 1]! / columns)) { rowCell.push(i); rowPatch.push(patchPerM2.length); }
    if (areaM2[i]! < leastM2) continue;
    patchPairs.push(i, aboveOf(i)); patchPerM2.push(1 / areaM2[i]!);
  }
  rowCell.push(none); rowPatch.push(patchPerM2.length);
  return { patchPairs: Int32Array.from(patchPairs), patchPerM2: Float32Array.from(patchPerM2), paired, rowCell: Int32Array.from(rowCell), rowPatch: Int32Array.from(rowPatch) };
}
