// From people per cell of a picture to people/m2 per cell of the ground. All geometry is worked out once per placing; a frame costs one sparse product.
import { DENSITY_CODE_UNKNOWN, densityCode } from '../contract/density.ts';
import type { GridSpec, GridWindow, SitePoint } from '../contract/geometry.ts';
import { problemNote, type ProblemNote } from '../contract/problem.ts';
import type { Calibration } from '../contract/site.ts';
import { fitCalibration, groundErrorM, groundSlope, groundToHead, headShrink, headShrinkError, headToGround, type Homography } from './homography.ts';
import { COUNTING_VARIANCE_PER_PERSON } from './interval.ts';
import { cellAreas, cutToBox, type Ring, signedArea } from './polygon.ts';

/** How the detector divides the picture; its padding is already cut off, so the last column or row may end beyond the picture. */
export type ImageCells = {
  columns: number; rows: number;
  /** Size of one cell as a share of the picture's width and height. */
  cellWidthShare: number; cellHeightShare: number;
  /** Side of one cell in pixels of the analysed picture; 8 where left out, the stride of our nets. */
  cellPx?: number;
};
/** `relativeShare`: model error as a share of the count, the same everywhere in a picture; `peoplePerImageCellFloor`: what an empty cell may wrongly be given. */
export type CountErrorModel = { relativeShare: number; peoplePerImageCellFloor: number };

/** Sparse: for each ground cell of `window`, which image cells feed it and with which share of their people. */
export type Projection = {
  window: GridWindow;
  imageCellCount: number;
  /** Entries of ground cell i are entryFirst[i] .. entryFirst[i + 1]. */
  entryFirst: Int32Array; imageCell: Int32Array; share: Float32Array;
  /** 1 / covered area; 0 where the cell is unknown. */
  perM2: Float32Array;
  /** Model error as a share of the count where the net gives no spread of its own, and the squared error that is always there then. */
  relativeShare: number; floorVariance: Float32Array;
  /** From the errors of the placing: squared error of the area as a share, and squared error of the place along one axis, m2. */
  areaVariance: Float32Array; placeVarianceM2: Float32Array;
  cellM: number;
  weightCodes: Uint8Array;
  /** How far off the points are, root mean square. */
  errorMRms: number;
};

/** Below this a net guesses: the head of a person in pixels of the analysed picture. */
export const HEAD_PX_LEAST = 5;
/** Height of a head from chin to crown with hair, metres (adult mean 0.23, NASA-STD-3000 anthropometry). */
export const HEAD_SIZE_M = 0.25;
/** An image cell that lies on more ground than this cannot say in which cell its people stand. */
export const ROW_DEPTH_MOST_M = 4;
/** A ground cell that is seen less than this is unknown: its density would rest on a sliver. */
export const COVERED_SHARE_LEAST = 0.5;
/**
 * Ground whose place or area is less sure than this is unknown. Place, one standard deviation: the side of the densest patch that is judged (about 4 m2), or of a cell where
 * that is larger; beyond it people are as likely given to another patch as to their own. Area: its 90 % interval then spans a factor of two either way, more than lies between levels.
 */
export const PLACE_ERROR_MOST_M = 2, AREA_ERROR_MOST_SHARE = 0.42;
/** Pixels per metre on the ground (root of the area scale) that earn the greatest trust: more adds nothing. */
const TRUST_MOST_PX_PER_M = 64;
const CELL_PX = 8;

/** `masked`: 1 for each image cell that a privacy mask touches. Nobody looks there: ground that is seen through such cells alone is unknown, not empty. */
export function groundProjection({ grid, calibration, imageCells, errorModel, masked = null }: { grid: GridSpec; calibration: Calibration; imageCells: ImageCells; errorModel: CountErrorModel; masked?: Uint8Array | null }):
  { ok: true; projection: Projection } | { ok: false; problem: ProblemNote } {
  const fit = fitCalibration(calibration);
  if (!fit.ok) return { ok: false, problem: fit.problem };
  const sight = sightOf(fit.homography, calibration, imageCells, grid.cellM);
  if (sight === null) return { ok: false, problem: problemNote('inputWrong', { reason: `the camera, at ${calibration.heightM} m, is not above the heads` }) };

  const { columns, rows, cellWidthShare, cellHeightShare } = imageCells;
  const cellCount = grid.columns * grid.rows, cellArea = grid.cellM * grid.cellM;
  const groundCells: number[] = [], fromCells: number[] = [], shares: number[] = [];
  const coveredM2 = new Float64Array(cellCount), trust = new Float64Array(cellCount), placeVariance = new Float64Array(cellCount), areaVariance = new Float64Array(cellCount);

  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
    if (masked !== null && masked[row * columns + column] === 1) continue;
    const left = column * cellWidthShare, top = row * cellHeightShare;
    const right = Math.min(1, left + cellWidthShare), bottom = Math.min(1, top + cellHeightShare);
    if (!(right - left > 1e-9) || !(bottom - top > 1e-9)) continue;
    const seen = sight.cell(left, top, right, bottom);
    if (seen === null) continue;
    const areaM2 = Math.abs(signedArea(seen.ring));
    if (!(areaM2 > 0)) continue;
    cellAreas(seen.ring, grid.cellM, grid.columns, grid.rows, (groundColumn, groundRow, insideM2) => {
      const cell = groundRow * grid.columns + groundColumn;
      groundCells.push(cell); fromCells.push(row * columns + column); shares.push(insideM2 / areaM2);
      coveredM2[cell]! += insideM2;
      trust[cell]! += insideM2 * seen.pxPerM;
      placeVariance[cell]! += insideM2 * seen.placeErrorM ** 2;
      areaVariance[cell]! += insideM2 * seen.areaVariance;
    });
  }

  const known = (cell: number) => coveredM2[cell]! >= COVERED_SHARE_LEAST * cellArea;
  const window = boundsOf(grid, known);
  const windowCell = (cell: number) => (Math.floor(cell / grid.columns) - window.rowFirst) * window.columns + ((cell % grid.columns) - window.columnFirst);
  const count = window.columns * window.rows;
  const entryFirst = new Int32Array(count + 1);
  for (const cell of groundCells) if (known(cell)) entryFirst[windowCell(cell) + 1]!++;
  for (let i = 0; i < count; i++) entryFirst[i + 1]! += entryFirst[i]!;
  const imageCell = new Int32Array(entryFirst[count]!), share = new Float32Array(entryFirst[count]!);
  const next = entryFirst.slice(0, count);
  for (let entry = 0; entry < groundCells.length; entry++) {
    if (!known(groundCells[entry]!)) continue;
    const at = next[windowCell(groundCells[entry]!)]!++;
    imageCell[at] = fromCells[entry]!; share[at] = shares[entry]!;
  }

  const projection: Projection = {
    window, imageCellCount: columns * rows, entryFirst, imageCell, share,
    perM2: new Float32Array(count), relativeShare: errorModel.relativeShare, floorVariance: new Float32Array(count), areaVariance: new Float32Array(count), placeVarianceM2: new Float32Array(count),
    weightCodes: new Uint8Array(count), cellM: grid.cellM, errorMRms: fit.errorMRms,
  };
  for (let row = 0; row < window.rows; row++) for (let column = 0; column < window.columns; column++) {
    const cell = (window.rowFirst + row) * grid.columns + window.columnFirst + column, at = row * window.columns + column;
    if (!known(cell)) continue;
    const perM2 = 1 / coveredM2[cell]!;
    projection.perM2[at] = perM2;
    projection.areaVariance[at] = areaVariance[cell]! * perM2;
    projection.placeVarianceM2[at] = (placeVariance[cell]! * perM2) / 2;
    let floor = 0;
    for (let entry = entryFirst[at]!; entry < entryFirst[at + 1]!; entry++) floor += (share[entry]! * errorModel.peoplePerImageCellFloor * perM2) ** 2;
    projection.floorVariance[at] = floor;
    const pxPerM = trust[cell]! * perM2, coveredShare = Math.min(1, coveredM2[cell]! / cellArea);
    projection.weightCodes[at] = Math.max(1, Math.min(255, Math.round((255 * coveredShare * pxPerM) / TRUST_MOST_PX_PER_M)));
  }
  return { ok: true, projection };
}

/**
 * Error of one cell, one standard deviation: root of
 *   (sum of share x spread / covered area)²: what the model is unsure of; the errors of neighbouring image cells are taken as one, for a net errs alike beside
 *   + (error of the area x density)² + (error of the place x how fast the crowd thins out around here)²: what the placing is unsure of
 *   + COUNTING_VARIANCE_PER_PERSON x density / covered area: what heads at an edge, hidden or doubled, add to any count.
 * `spreadPerImageCell` (people, one standard deviation, already calibrated) null: the spread is relativeShare x people, and the floor is added.
 */
export function projectPeople(projection: Projection, peoplePerImageCell: Float32Array, spreadPerImageCell: Float32Array | null = null): { window: GridWindow; densityCodes: Uint8Array; errorCodes: Uint8Array; weightCodes: Uint8Array } {
  const { entryFirst, imageCell, share, perM2, relativeShare, floorVariance, areaVariance, placeVarianceM2 } = projection;
  for (const { length } of spreadPerImageCell === null ? [peoplePerImageCell] : [peoplePerImageCell, spreadPerImageCell]) {
    if (length !== projection.imageCellCount) throw new RangeError(`${length} image cells where the placing knows ${projection.imageCellCount}`);
  }
  const count = perM2.length;
  const densityCodes = new Uint8Array(count).fill(DENSITY_CODE_UNKNOWN), errorCodes = new Uint8Array(count).fill(DENSITY_CODE_UNKNOWN);
  const density = new Float32Array(count), model = new Float32Array(count);
  for (let cell = 0; cell < count; cell++) {
    const per = perM2[cell]!;
    if (per === 0) continue;
    let people = 0, spread = 0;
    for (let entry = entryFirst[cell]!; entry < entryFirst[cell + 1]!; entry++) {
      const from = imageCell[entry]!, value = peoplePerImageCell[from]!;
      // Also leaves NaN out: a broken number in one image cell must not make the ground unknown or negative.
      if (value > 0) people += value * share[entry]!;
      if (spreadPerImageCell !== null && spreadPerImageCell[from]! > 0) spread += spreadPerImageCell[from]! * share[entry]!;
    }
    density[cell] = people * per;
    model[cell] = spreadPerImageCell === null ? (relativeShare * people * per) ** 2 + floorVariance[cell]! : (spread * per) ** 2;
  }
  const slopeSquared = thinningOf(projection, density);
  for (let cell = 0; cell < count; cell++) {
    const per = perM2[cell]!, peoplePerM2 = density[cell]!;
    if (per === 0) continue;
    densityCodes[cell] = densityCode(peoplePerM2);
    errorCodes[cell] = densityCode(Math.sqrt(model[cell]! + areaVariance[cell]! * peoplePerM2 * peoplePerM2 + placeVarianceM2[cell]! * slopeSquared[cell]! + COUNTING_VARIANCE_PER_PERSON * peoplePerM2 * per));
  }
  return { window: projection.window, densityCodes, errorCodes, weightCodes: projection.weightCodes.slice() };
}

/**
 * Squared slope of the crowd at each cell, (people/m2 per metre)²: the mean of the two rows or columns on one side against that on the other, over three cells' width, so that
 * the edge of a crowd shows and a single person hardly does. Where nothing is known on one side it is taken as level there.
 */
function thinningOf({ window: { columns, rows }, perM2, cellM }: Projection, density: Float32Array): Float32Array {
  const slopes = new Float32Array(density.length), along = new Float32Array(density.length), known = new Uint8Array(density.length);
  // Twice the same walk: three cells across are summed first, then two on either side are compared. Distance between the middles of the sides: three cells.
  for (const [step, acrossStep, length, across] of [[1, columns, columns, rows], [columns, 1, rows, columns]] as const) {
    for (let line = 0; line < across; line++) for (let i = 0, at = line * acrossStep; i < length; i++, at += step) {
      let sum = 0, cells = 0;
      if (perM2[at]! > 0) { sum += density[at]!; cells++; }
      if (line > 0 && perM2[at - acrossStep]! > 0) { sum += density[at - acrossStep]!; cells++; }
      if (line < across - 1 && perM2[at + acrossStep]! > 0) { sum += density[at + acrossStep]!; cells++; }
      along[at] = cells === 0 ? 0 : sum / cells;
      known[at] = cells === 0 ? 0 : 1;
    }
    for (let line = 0; line < across; line++) for (let i = 2, at = line * acrossStep + 2 * step; i < length - 2; i++, at += step) {
      if ((known[at - 2 * step]! & known[at - step]! & known[at + step]! & known[at + 2 * step]!) === 0) continue;
      slopes[at]! += ((along[at + step]! + along[at + 2 * step]! - along[at - step]! - along[at - 2 * step]!) / 2 / (3 * cellM)) ** 2;
    }
  }
  return slopes;
}

/** The image cells of a picture of this shape at the usual analysis width of 640 px. */
export function usualImageCells(pictureAspect: number): ImageCells {
  const columns = 640 / CELL_PX, rows = Math.max(1, Math.round(columns / pictureAspect));
  return { columns, rows, cellWidthShare: 1 / columns, cellHeightShare: 1 / rows, cellPx: CELL_PX };
}

/** Outline of the usable ground that the camera sees, counter-clockwise, within the site's grid; empty when it sees none or its points do not fit. */
export function footprint(calibration: Calibration, grid: GridSpec, imageCells: ImageCells = usualImageCells(calibration.pictureAspect)): SitePoint[] {
  const fit = fitCalibration(calibration);
  if (!fit.ok) return [];
  const sight = sightOf(fit.homography, calibration, imageCells, grid.cellM);
  if (sight === null) return [];
  const near: number[] = [], far: number[] = [];
  for (let step = 0; step <= FOOTPRINT_COLUMNS; step++) {
    const xShare = step / FOOTPRINT_COLUMNS;
    // Up from the bottom edge: the first usable height, then the last before it ends.
    let first: SitePoint | null = null, last: SitePoint | null = null;
    for (let up = 0; up <= FOOTPRINT_ROWS; up++) {
      const at = sight.point(xShare, 1 - up / FOOTPRINT_ROWS);
      if (at === null) { if (first !== null) break; continue; }
      first ??= at; last = at;
    }
    if (first === null || last === null) continue;
    near.push(first.xM, first.yM); far.unshift(last.yM); far.unshift(last.xM);
  }
  const ring = cutToBox([...near, ...far], 0, 0, grid.columns * grid.cellM, grid.rows * grid.cellM);
  const points: SitePoint[] = [];
  for (let i = 0; i < ring.length; i += 2) {
    const before = points.at(-1);
    if (before === undefined || Math.hypot(ring[i]! - before.xM, ring[i + 1]! - before.yM) > 0.01) points.push({ xM: ring[i]!, yM: ring[i + 1]! });
  }
  if (points.length < 3) return [];
  return signedArea(ring) < 0 ? points.reverse() : points;
}
const FOOTPRINT_COLUMNS = 24, FOOTPRINT_ROWS = 180;

/** Why ground is not counted; 'known': it is. The first that holds. */
export const GROUND_WHYS = ['known', 'notSeen', 'beyondRange', 'headTooSmall', 'tooDeep', 'placeUnsure', 'areaUnsure'] as const;
export type GroundWhy = (typeof GROUND_WHYS)[number];
/** For each cell of the site's grid, row by row from the south, at its middle. */
export type GroundQuality = {
  /** How far off its place may be, one standard deviation, metres; NaN where it is not seen, or unknown for a reason that comes first. */
  errorM: Float32Array;
  /** Size of a head there, in pixels of the analysed picture; NaN where it is not seen. */
  headPx: Float32Array;
  /** Index in GROUND_WHYS. */
  why: Uint8Array;
};

/** What the placing is worth all over the grid, to be painted while somebody places a camera. A problem where the points do not fit or the camera is not above the heads. */
export function groundQuality(calibration: Calibration, grid: GridSpec, imageCells: ImageCells = usualImageCells(calibration.pictureAspect)): ({ ok: true } & GroundQuality) | { ok: false; problem: ProblemNote } {
  const fit = fitCalibration(calibration);
  if (!fit.ok) return { ok: false, problem: fit.problem };
  const sight = sightOf(fit.homography, calibration, imageCells, grid.cellM);
  if (sight === null) return { ok: false, problem: problemNote('inputWrong', { reason: `the camera, at ${calibration.heightM} m, is not above the heads` }) };
  const count = grid.columns * grid.rows, errorM = new Float32Array(count).fill(Number.NaN), headPx = new Float32Array(count).fill(Number.NaN), why = new Uint8Array(count).fill(GROUND_WHYS.indexOf('notSeen'));
  for (let row = 0; row < grid.rows; row++) for (let column = 0; column < grid.columns; column++) {
    const at = groundToHead(fit.homography, calibration, { xM: (column + 0.5) * grid.cellM, yM: (row + 0.5) * grid.cellM });
    if (at === null || at.xShare < 0 || at.xShare > 1 || at.yShare < 0 || at.yShare > 1) continue;
    const cell = row * grid.columns + column, look = sight.look(at.xShare, at.yShare);
    why[cell] = GROUND_WHYS.indexOf(look.why);
    if (look.why === 'notSeen') continue;
    errorM[cell] = look.placeErrorM; headPx[cell] = look.headPx;
  }
  return { ok: true, errorM, headPx, why };
}

/** Errors are NaN where a reason that comes before them holds. */
export type Look = { why: 'notSeen' } | { why: Exclude<GroundWhy, 'notSeen'>; place: SitePoint; headPx: number; pxPerM: number; placeErrorM: number; areaVariance: number };
export type Sight = {
  /** Where people stand whose heads are seen here, and what that is worth. */
  look(xShare: number, yShare: number): Look;
  /** The ground under a rectangle of the picture, null where it is not usable. `areaVariance`: squared error of the area scale as a share. */
  cell(left: number, top: number, right: number, bottom: number): { ring: Ring; pxPerM: number; placeErrorM: number; areaVariance: number } | null;
  point(xShare: number, yShare: number): SitePoint | null;
};

export function sightOf(homography: Homography, calibration: Calibration, imageCells: ImageCells, cellM: number): Sight | null {
  const shrink = headShrink(calibration);
  if (shrink === null) return null;
  const { position, rangeMostM } = calibration, shrinkError = headShrinkError(calibration);
  const { cellWidthShare, cellHeightShare } = imageCells, pxPerX = (imageCells.cellPx ?? CELL_PX) / cellWidthShare, pxPerY = (imageCells.cellPx ?? CELL_PX) / cellHeightShare;
  const placeErrorMostM = Math.max(PLACE_ERROR_MOST_M, cellM);
  const at = (xShare: number, yShare: number) => headToGround(homography, calibration, { xShare, yShare });
  const apart = (p: SitePoint, q: SitePoint) => Math.hypot(p.xM - q.xM, p.yM - q.yM);
  /** Depth and width of one image cell around here, the larger of the two. */
  const cellSizeM = (x: number, y: number): number => {
    const n = at(x, y - cellHeightShare / 2), s = at(x, y + cellHeightShare / 2), w = at(x - cellWidthShare / 2, y), e = at(x + cellWidthShare / 2, y);
    return n === null || s === null || w === null || e === null ? Infinity : Math.max(apart(n, s), apart(w, e));
  };
  const areaOf = (slope: { xx: number; xy: number; yx: number; yy: number }) => Math.abs(slope.xx * slope.yy - slope.xy * slope.yx);
  const areaVariance = (xShare: number, yShare: number, areaHere: number): number => {
    const logArea = Math.log(areaHere);
    // The head plane scales both axes.
    let sum = (2 * shrinkError / shrink) ** 2;
    for (const push of homography.spread) {
      const there = groundSlope(push, { xShare, yShare });
      if (there === null) return AREA_VARIANCE_MOST;
      sum += (Math.log(areaOf(there)) - logArea) ** 2;
    }
    return sum < AREA_VARIANCE_MOST ? sum : AREA_VARIANCE_MOST;
  };

  const look = (xShare: number, yShare: number): Look => {
    const place = at(xShare, yShare), slope = place === null ? null : groundSlope(homography, { xShare, yShare });
    if (place === null || slope === null) return { why: 'notSeen' };
    // Metres per pixel along both axes; the smaller singular value is across the line of sight, where a head is not foreshortened.
    const a = (slope.xx * shrink) / pxPerX, b = (slope.xy * shrink) / pxPerY, c = (slope.yx * shrink) / pxPerX, d = (slope.yy * shrink) / pxPerY;
    const squares = a * a + b * b + c * c + d * d, determinant = Math.abs(a * d - b * c);
    const across = (Math.sqrt(squares + 2 * determinant) - Math.sqrt(Math.max(0, squares - 2 * determinant))) / 2;
    if (!(determinant > 0)) return { why: 'notSeen' };
    const distanceM = apart(place, position), headPx = HEAD_SIZE_M / across, known = { place, headPx, pxPerM: 1 / Math.sqrt(determinant), placeErrorM: Number.NaN, areaVariance: Number.NaN };
    if (rangeMostM !== null && distanceM > rangeMostM) return { why: 'beyondRange', ...known };
    if (!(headPx >= HEAD_PX_LEAST)) return { why: 'headTooSmall', ...known };
    if (!(cellSizeM(xShare, yShare) <= ROW_DEPTH_MOST_M)) return { why: 'tooDeep', ...known };
    // The dear part last: a page paints a quarter of a million cells.
    const seenErrorM = groundErrorM(homography, { xShare, yShare });
    known.placeErrorM = seenErrorM === null ? Infinity : Math.hypot(seenErrorM * shrink, (distanceM / shrink) * shrinkError);
    if (!(known.placeErrorM <= placeErrorMostM)) return { why: 'placeUnsure', ...known };
    known.areaVariance = areaVariance(xShare, yShare, areaOf(slope));
    return { why: known.areaVariance <= AREA_ERROR_MOST_SHARE ** 2 ? 'known' : 'areaUnsure', ...known };
  };
  return {
    look,
    cell(left, top, right, bottom) {
      const seen = look((left + right) / 2, (top + bottom) / 2);
      if (seen.why !== 'known') return null;
      const corners = [at(left, top), at(right, top), at(right, bottom), at(left, bottom)];
      if (corners.some((corner) => corner === null)) return null;
      return { ring: (corners as SitePoint[]).flatMap(({ xM, yM }) => [xM, yM]), pxPerM: seen.pxPerM, placeErrorM: seen.placeErrorM, areaVariance: seen.areaVariance };
    },
    point(xShare, yShare) {
      const seen = look(xShare, yShare);
      return seen.why === 'known' ? seen.place : null;
    },
  };
}
/** An area known to no better than itself is as bad as it gets. */
const AREA_VARIANCE_MOST = 1;

function boundsOf(grid: GridSpec, known: (cell: number) => boolean): GridWindow {
  let columnFirst = Infinity, columnLast = -1, rowFirst = Infinity, rowLast = -1;
  for (let row = 0; row < grid.rows; row++) for (let column = 0; column < grid.columns; column++) {
    if (!known(row * grid.columns + column)) continue;
    columnFirst = Math.min(columnFirst, column); columnLast = Math.max(columnLast, column);
    rowFirst = Math.min(rowFirst, row); rowLast = row;
  }
  return columnLast < 0 ? { columnFirst: 0, rowFirst: 0, columns: 0, rows: 0 } : { columnFirst, rowFirst, columns: columnLast - columnFirst + 1, rows: rowLast - rowFirst + 1 };
}
