// From the newest readings of all sensors to figures of each zone. Runs for each reading: the work that depends on geometry alone is done when the geometry changes.
// Trust comes from geometry, never from the count, so each sensor's share in each cell stays the same from frame to frame; a new reading only exchanges its own people.
// People are summed in whole units (see unitsPerM2Of), exact in a double: exchanging never drifts from adding up anew, which a decider that starts from a snapshot does.
import { DENSITY_CODE_MOST, DENSITY_CODE_UNKNOWN, DENSITY_MOST_PEOPLE_PER_M2 } from '../contract/density.ts';
import type { GridSpec } from '../contract/geometry.ts';
import type { Reading } from '../contract/reading.ts';
import type { ZoneFigures } from '../contract/zoneState.ts';
import { COUNTING_VARIANCE_PER_PERSON } from './interval.ts';
import { type CompiledSite, type CompiledZone, windowsMeet, zonesIn } from './site.ts';

/** What the fresh readings say of a zone. Nothing in here is changed after it was made. */
export type ZoneSum = {
  layout: Layout;
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
type ZoneWork = {
  /** People in units (see unitsPerM2Of), in the whole zone and at each place (see CompiledZone.places). */
  units: number; unitsAt: Float64Array;
  /** For each sensor of the layout: its correlated error in people, and the variance of its counting noise in people². */
  correlated: Float64Array; noise: Float64Array;
  /** People/m2 of the densest patch of each run of patches. */
  peaks: Float64Array;
};

/** Geometry of one zone under the sensors that are fresh now. */
type Layout = Patches & {
  /** Indexes of the sensors that see some of it, rising, and the part of each. */
  sensors: number[]; parts: Part[];
  seenAreaM2: number; seenShare: number; unitsPerM2: number;
};
/** One sensor in one zone. Cells side by side are one run: its first place in the zone, its first cell in the reading, how many. */
type Part = {
  runs: Int32Array;
  /** Cell by cell along the runs: the sensor's share of its area (area x trust / sum of trust), in whole units. */
  shares: Float64Array;
  /** The runs of patches that it reaches into. */
  patchesFrom: number; patchesTo: number;
};
/** A patch is a cell, the next of its row, and the two above. Patches side by side are one run: the place of the first cell and of the one above it, its first patch and the one after its last. */
type Patches = {
  patchRuns: Int32Array;
  /** Patch by patch along the runs: people/m2 for one unit in it. */
  patchPerUnit: Float64Array;
  /** The row of the grid that each run lies in. */
  patchRow: Int32Array;
};

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
    sums[index] = same ? exchanged(site, sums[index]!.layout, work.zones[index]!, sensor, before, after, fresh) : sumAnew(site, site.zones[index]!, fresh, work.zones);
  }
  return { fused: owning({ site, sums, zonesOf: fused.zonesOf, work }, !same), touched };
}

/** A code of 1, in people/m2; a density is its code² times this. */
const STEP_PEOPLE_PER_M2 = DENSITY_MOST_PEOPLE_PER_M2 / DENSITY_CODE_MOST ** 2;
const SQUARE = Float64Array.from({ length: 256 }, (_, code) => code * code);
/** An error that is not given (255) where a density is: as bad as can be said. */
const VARIANCE = SQUARE.map((square) => Math.min(DENSITY_MOST_PEOPLE_PER_M2, square * STEP_PEOPLE_PER_M2) ** 2);
/** Variance of the counting noise of a cell for each unit of code². */
const countingOf = (cellM: number): number => (COUNTING_VARIANCE_PER_PERSON * STEP_PEOPLE_PER_M2) / (cellM * cellM);
/** What is left of a cell's error without its counting noise, by (density code << 8 | error code): a root for each cell and reading would cost a sixth of it all. */
const restOfCodes = (cellM: number): Float32Array => Float32Array.from({ length: 256 * 256 }, (_, codes) => Math.sqrt(Math.max(0, VARIANCE[codes & 255]! - SQUARE[codes >> 8]! * countingOf(cellM))));
export const REST_OF_CODES: Record<GridSpec['cellM'], Float32Array> = { 1: restOfCodes(1), 2: restOfCodes(2), 4: restOfCodes(4) };
const PATCH_M2 = 4, PATCH_SHARE_LEAST = 0.75;

/**
 * A unit is a code of 1 on 1 / unitsPerM2 of a square metre: the largest power of two with which a zone full of the highest code still counts to less than 2^53.
 * A zone of 500 m2 has 2^27 of them, the largest possible 2^14.
 */
const unitsPerM2Of = ({ areaM2 }: CompiledZone): number => 2 ** (4 + Math.clz32(Math.ceil(areaM2)));

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
  return sameCodes(a, b);
}

/** They nearly always are the same, so looking at every cell, four at a time and without a branch, is the short way. */
function sameCodes(a: Reading, b: Reading): boolean {
  const count = a.weightCodes.length, words = count & ~3;
  const trustA = viewOf(a.weightCodes), trustB = viewOf(b.weightCodes), densityA = viewOf(a.densityCodes), densityB = viewOf(b.densityCodes);
  let differs = 0;
  for (let at = 0; at < words; at += 4) differs |= (trustA.getInt32(at) ^ trustB.getInt32(at)) | (unknownOf(densityA.getInt32(at)) ^ unknownOf(densityB.getInt32(at)));
  for (let at = words; at < count; at++) differs |= (a.weightCodes[at]! ^ b.weightCodes[at]!) | (unknownOf(a.densityCodes[at]!) ^ unknownOf(b.densityCodes[at]!));
  return differs === 0;
}
const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView => new DataView(buffer, byteOffset, byteLength);
/** The highest bit of each of four codes: set where it is 255, unknown. Only 127 + 1 carries into that bit, and only 255 has it set besides. */
const unknownOf = (codes: number): number => ((codes & 0x7f7f7f7f) + 0x01010101) & codes & 0x80808080;

function sumAnew(site: CompiledSite, zone: CompiledZone, fresh: Fresh, work: ZoneWork[]): ZoneSum {
  const { columns } = site.grid, { cells, cellAreaM2, places } = zone;
  const trustSum = new Float64Array(cells.length);
  const seen: { sensor: number; reading: Reading; inZone: number[]; inReading: number[] }[] = [];
  for (let sensor = 0; sensor < fresh.length; sensor++) {
    const reading = fresh[sensor]!;
    if (reading === null || !windowsMeet(reading.window, zone.window)) continue;
    const { window } = reading, inZone: number[] = [], inReading: number[] = [];
    for (let i = 0; i < cells.length; i++) {
      const column = (cells[i]! % columns) - window.columnFirst, row = Math.floor(cells[i]! / columns) - window.rowFirst;
      if (column < 0 || row < 0 || column >= window.columns || row >= window.rows) continue;
      const at = row * window.columns + column;
      if (reading.densityCodes[at] === DENSITY_CODE_UNKNOWN || reading.weightCodes[at] === 0) continue;
      inZone.push(i); inReading.push(at);
      trustSum[i]! += reading.weightCodes[at]!;
    }
    if (inZone.length > 0) seen.push({ sensor, reading, inZone, inReading });
  }
  let seenAreaM2 = 0;
  for (let i = 0; i < cells.length; i++) if (trustSum[i]! > 0) seenAreaM2 += cellAreaM2[i]!;
  const unitsPerM2 = unitsPerM2Of(zone), patches = patchesOf(site, zone, trustSum, unitsPerM2), rowOf = (i: number) => Math.floor(cells[i]! / columns);
  const parts = seen.map(({ reading, inZone, inReading }): Part => {
    // The patches of the row below reach into its first row.
    const rowFirst = rowOf(inZone[0]!) - 1, rowLast = rowOf(inZone.at(-1)!), after = patches.patchRow.findIndex((row) => row > rowLast);
    return {
      runs: runsOf(inZone.map((i) => places[i]!), inReading),
      shares: Float64Array.from(inZone, (i, e) => Math.round((unitsPerM2 * cellAreaM2[i]! * reading.weightCodes[inReading[e]!]!) / trustSum[i]!)),
      patchesFrom: patches.patchRow.filter((row) => row < rowFirst).length, patchesTo: after === -1 ? patches.patchRow.length : after,
    };
  });
  const layout: Layout = { sensors: seen.map(({ sensor }) => sensor), parts, seenAreaM2, seenShare: Math.min(1, seenAreaM2 / zone.areaM2), unitsPerM2, ...patches };
  const mine: ZoneWork = {
    units: 0, unitsAt: new Float64Array(zone.placesUsed + 2), peaks: new Float64Array(patches.patchRow.length),
    correlated: new Float64Array(parts.length), noise: new Float64Array(parts.length),
  };
  seen.forEach(({ reading }, slot) => replacePeople(site, layout, mine, slot, new Uint8Array(reading.densityCodes.length), reading));
  findPeaks(layout, mine, 0, patches.patchRow.length);
  work[zone.index] = mine;
  return { layout, figures: figuresOf(layout, mine, fresh) };
}

function exchanged(site: CompiledSite, layout: Layout, work: ZoneWork, sensor: number, before: Reading, after: Reading, fresh: Fresh): ZoneSum {
  const slot = layout.sensors.indexOf(sensor), part = layout.parts[slot]!;
  replacePeople(site, layout, work, slot, before.densityCodes, after);
  findPeaks(layout, work, part.patchesFrom, part.patchesTo);
  return { layout, figures: figuresOf(layout, work, fresh) };
}

/**
 * Puts a sensor's new people in the place of its old ones, with its errors in this zone.
 * The error of a cell, sigma, holds two parts: the counting noise, whose variance is COUNTING_VARIANCE_PER_PERSON x density / cell area, and the rest, which is the model's and the placing's.
 * The rest has one cause in the whole picture and does not average out; the noise of one cell knows nothing of the next.
 *   correlated = sum over cells of share_i x root(sigma_i² - c density_i / A)         people
 *   noise      = sum over cells of share_i² x c density_i / A                        people²
 * with share_i = area of the cell in the zone x this sensor's share of trust there.
 */
function replacePeople({ grid }: CompiledSite, { parts, unitsPerM2 }: Layout, work: ZoneWork, slot: number, oldCodes: Uint8Array, { densityCodes, errorCodes }: Reading): void {
  const { runs, shares } = parts[slot]!, { unitsAt } = work, rest = REST_OF_CODES[grid.cellM];
  let correlated = 0, noise = 0, units = work.units;
  for (let run = 0, e = 0; run < runs.length; run += 3) {
    let place = runs[run]!, at = runs[run + 1]!;
    for (const end = place + runs[run + 2]!; place < end; place++, at++, e++) {
      const code = densityCodes[at]!, square = SQUARE[code]!, share = shares[e]!, more = share * (square - SQUARE[oldCodes[at]!]!);
      unitsAt[place]! += more;
      units += more;
      correlated += share * rest[(code << 8) | errorCodes[at]!]!;
      noise += share * share * square;
    }
  }
  work.units = units;
  work.correlated[slot] = correlated / unitsPerM2;
  work.noise[slot] = (noise * countingOf(grid.cellM)) / (unitsPerM2 * unitsPerM2);
}

/** Peak: the densest patch of about 4 m2 (2 x 2 cells of 1 m; one cell of 2 or 4 m), as far as it is seen and in the zone. Only runs that changed are looked through. */
function findPeaks({ patchRuns, patchPerUnit }: Layout, { unitsAt, peaks }: ZoneWork, from: number, to: number): void {
  for (let run = from; run < to; run++) {
    let place = patchRuns[4 * run]!, above = patchRuns[4 * run + 1]!, patch = patchRuns[4 * run + 2]!;
    let peak = 0, left = unitsAt[place]! + unitsAt[above]!;
    for (const end = patchRuns[4 * run + 3]!; patch < end; patch++) {
      const right = unitsAt[++place]! + unitsAt[++above]!, density = (left + right) * patchPerUnit[patch]!;
      if (density > peak) peak = density;
      left = right;
    }
    peaks[run] = peak;
  }
}

/** Mean: people in the seen part / seen area. Error: root(sum over cameras of correlated² + sum of noise) / seen area; different cameras err independently of each other. */
function figuresOf({ sensors, seenAreaM2, seenShare, unitsPerM2 }: Layout, { units, correlated, noise, peaks }: ZoneWork, fresh: Fresh): ZoneFigures | null {
  if (!(seenAreaM2 > 0)) return null;
  let variance = 0, capturedAtMs = Infinity;
  for (let slot = 0; slot < sensors.length; slot++) {
    variance += correlated[slot]! * correlated[slot]! + noise[slot]!;
    const captured = fresh[sensors[slot]!]!.capturedAtMs;
    if (captured < capturedAtMs) capturedAtMs = captured;
  }
  const peopleCount = (units * STEP_PEOPLE_PER_M2) / unitsPerM2, peopleCountError = Math.sqrt(variance), mean = peopleCount / seenAreaM2;
  let peak = mean;
  for (let run = 0; run < peaks.length; run++) if (peaks[run]! > peak) peak = peaks[run]!;
  return { peoplePerM2Mean: mean, peoplePerM2Error: peopleCountError / seenAreaM2, peoplePerM2Peak: peak, peopleCount, peopleCountError, seenShare, seenAreaM2, flow: null, capturedAtMs };
}

/**
 * A patch begins at every cell and reaches to the right and up. It counts when three quarters of it are seen zone: fewer square metres would
 * give a denser peak by chance alone. In a zone so narrow that none does, half is enough.
 */
function patchesOf(site: CompiledSite, zone: CompiledZone, trustSum: Float64Array, unitsPerM2: number): Patches {
  const { columns, cellM } = site.grid, { cells, cellAreaM2, places, placesUsed } = zone;
  const single = cellM * cellM >= PATCH_M2, wholeM2 = Math.max(cellM * cellM, PATCH_M2);
  const indexOf = new Map<number, number>();
  cells.forEach((cell, i) => indexOf.set(cell, i));
  const seenM2 = (i: number | undefined) => (i !== undefined && trustSum[i]! > 0 ? cellAreaM2[i]! : 0);
  const pairM2 = (i: number | undefined) => (i === undefined ? 0 : seenM2(i) + (places[i + 1] === places[i]! + 1 ? seenM2(i + 1) : 0));
  const aboveOf = (i: number) => (single ? undefined : indexOf.get(cells[i]! + columns));
  const areasM2 = Float64Array.from(cells, (_, i) => pairM2(i) + pairM2(aboveOf(i)));
  const leastM2 = areasM2.some((areaM2) => areaM2 >= PATCH_SHARE_LEAST * wholeM2) ? PATCH_SHARE_LEAST * wholeM2 : wholeM2 / 2;
  const patchRuns: number[] = [], patchPerUnit: number[] = [], patchRow: number[] = [];
  for (let i = 0, place = -2, above = -2; i < cells.length; i++) {
    if (areasM2[i]! < leastM2) continue;
    const placeBefore = place, aboveBefore = above, cellAbove = aboveOf(i);
    place = places[i]!;
    above = cellAbove === undefined ? placesUsed : places[cellAbove]!;
    if (place !== placeBefore + 1 || above !== aboveBefore + 1) { patchRuns.push(place, above, patchPerUnit.length, 0); patchRow.push(Math.floor(cells[i]! / columns)); }
    patchPerUnit.push(STEP_PEOPLE_PER_M2 / (unitsPerM2 * areasM2[i]!));
    patchRuns[patchRuns.length - 1] = patchPerUnit.length;
  }
  return { patchRuns: Int32Array.from(patchRuns), patchPerUnit: Float64Array.from(patchPerUnit), patchRow: Int32Array.from(patchRow) };
}

/** Cells that follow each other both in the zone and in the reading, as (first place, first cell, how many). */
function runsOf(places: number[], ats: number[]): Int32Array {
  const runs: number[] = [];
  places.forEach((place, e) => {
    if (e > 0 && place === places[e - 1]! + 1 && ats[e] === ats[e - 1]! + 1) runs[runs.length - 1]!++;
    else runs.push(place, ats[e]!, 1);
  });
  return Int32Array.from(runs);
}
