// From people per cell of a picture to people/m2 per cell of the ground. All geometry is worked out once per placing; a frame costs one sparse product.
import { DENSITY_CODE_UNKNOWN, densityCode } from '../contract/density.ts';
import type { GridSpec, GridWindow, SitePoint } from '../contract/geometry.ts';
import { problemNote, type ProblemNote } from '../contract/problem.ts';
import type { Calibration } from '../contract/site.ts';
import { fitHomography, headShrink, headToGround, type Homography } from './homography.ts';
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
  /** Squared error that grows with the square of the density (model and placing), and the part that is always there. */
  relativeVariance: Float32Array; floorVariance: Float32Array;
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
/** Pixels per metre on the ground (root of the area scale) that earn the greatest trust: more adds nothing. */
const TRUST_MOST_PX_PER_M = 64;
const CELL_PX = 8;

export function groundProjection({ grid, calibration, imageCells, errorModel }: { grid: GridSpec; calibration: Calibration; imageCells: ImageCells; errorModel: CountErrorModel }):
  { ok: true; projection: Projection } | { ok: false; problem: ProblemNote } {
  const fit = fitHomography(calibration.points, calibration.pictureAspect);
  if (!fit.ok) return fit;
  const sight = sightOf(fit.homography, calibration, imageCells);
  if (sight === null) return { ok: false, problem: problemNote('inputWrong', { reason: `the camera, at ${calibration.heightM} m, is not above the heads` }) };

  const { columns, rows, cellWidthShare, cellHeightShare } = imageCells;
  const cellCount = grid.columns * grid.rows, cellArea = grid.cellM * grid.cellM;
  const groundCells: number[] = [], fromCells: number[] = [], shares: number[] = [];
  const coveredM2 = new Float64Array(cellCount), trust = new Float64Array(cellCount), placing = new Float64Array(cellCount);

  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
    const left = column * cellWidthShare, top = row * cellHeightShare;
    const right = Math.min(1, left + cellWidthShare), bottom = Math.min(1, top + cellHeightShare);
    if (!(right - left > 1e-9) || !(bottom - top > 1e-9)) continue;
    const seen = sight.cell(left, top, right, bottom);
    if (seen === null) continue;
    const areaM2 = Math.abs(signedArea(seen.ring));
    if (!(areaM2 > 0)) continue;
    const placingVariance = sight.areaVariance(seen.xShare, seen.yShare);
    cellAreas(seen.ring, grid.cellM, grid.columns, grid.rows, (groundColumn, groundRow, insideM2) => {
      const cell = groundRow * grid.columns + groundColumn;
      groundCells.push(cell); fromCells.push(row * columns + column); shares.push(insideM2 / areaM2);
      coveredM2[cell]! += insideM2;
      trust[cell]! += insideM2 * seen.pxPerM;
      placing[cell]! += insideM2 * placingVariance;
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
    perM2: new Float32Array(count), relativeVariance: new Float32Array(count), floorVariance: new Float32Array(count), weightCodes: new Uint8Array(count),
    errorMRms: fit.errorMRms,
  };
  for (let row = 0; row < window.rows; row++) for (let column = 0; column < window.columns; column++) {
    const cell = (window.rowFirst + row) * grid.columns + window.columnFirst + column, at = row * window.columns + column;
    if (!known(cell)) continue;
    const perM2 = 1 / coveredM2[cell]!;
    projection.perM2[at] = perM2;
    projection.relativeVariance[at] = errorModel.relativeShare ** 2 + placing[cell]! * perM2;
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
 *   (relative error of the model and of the placing x density)² + floor² + density / covered area (the counting noise of a Poisson count).
 */
export function projectPeople(projection: Projection, peoplePerImageCell: Float32Array): { window: GridWindow; densityCodes: Uint8Array; errorCodes: Uint8Array; weightCodes: Uint8Array } {
  const { entryFirst, imageCell, share, perM2, relativeVariance, floorVariance } = projection;
  if (peoplePerImageCell.length !== projection.imageCellCount) throw new RangeError(`${peoplePerImageCell.length} image cells where the placing knows ${projection.imageCellCount}`);
  const count = perM2.length;
  const densityCodes = new Uint8Array(count).fill(DENSITY_CODE_UNKNOWN), errorCodes = new Uint8Array(count).fill(DENSITY_CODE_UNKNOWN);
  for (let cell = 0; cell < count; cell++) {
    const per = perM2[cell]!;
    if (per === 0) continue;
    let people = 0;
    for (let entry = entryFirst[cell]!; entry < entryFirst[cell + 1]!; entry++) {
      const value = peoplePerImageCell[imageCell[entry]!]!;
      // Also leaves NaN out: a broken number in one image cell must not make the ground unknown or negative.
      if (value > 0) people += value * share[entry]!;
    }
    const peoplePerM2 = people * per;
    densityCodes[cell] = densityCode(peoplePerM2);
    errorCodes[cell] = densityCode(Math.sqrt(relativeVariance[cell]! * peoplePerM2 * peoplePerM2 + floorVariance[cell]! + peoplePerM2 * per));
  }
  return { window: projection.window, densityCodes, errorCodes, weightCodes: projection.weightCodes.slice() };
}

/** The image cells of a picture of this shape at the usual analysis width of 640 px. */
export function usualImageCells(pictureAspect: number): ImageCells {
  const columns = 640 / CELL_PX, rows = Math.max(1, Math.round(columns / pictureAspect));
  return { columns, rows, cellWidthShare: 1 / columns, cellHeightShare: 1 / rows, cellPx: CELL_PX };
}

/** Outline of the usable ground that the camera sees, counter-clockwise, within the site's grid; empty when it sees none or its points do not fit. */
export function footprint(calibration: Calibration, grid: GridSpec, imageCells: ImageCells = usualImageCells(calibration.pictureAspect)): SitePoint[] {
  const fit = fitHomography(calibration.points, calibration.pictureAspect);
  if (!fit.ok) return [];
  const sight = sightOf(fit.homography, calibration, imageCells);
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

type Sight = {
  /** The ground under a rectangle of the picture, null where it is not usable. */
  cell(left: number, top: number, right: number, bottom: number): { ring: Ring; pxPerM: number; xShare: number; yShare: number } | null;
  point(xShare: number, yShare: number): SitePoint | null;
  /** Squared relative error of the area scale here, from the errors of the point pairs. */
  areaVariance(xShare: number, yShare: number): number;
};

function sightOf(homography: Homography, calibration: Calibration, imageCells: ImageCells): Sight | null {
  const shrink = headShrink(calibration);
  if (shrink === null) return null;
  const { position, rangeMostM } = calibration;
  const pxPerX = (imageCells.cellPx ?? CELL_PX) / imageCells.cellWidthShare, pxPerY = (imageCells.cellPx ?? CELL_PX) / imageCells.cellHeightShare;
  const at = (xShare: number, yShare: number) => headToGround(homography, calibration, { xShare, yShare });
  const usable = (xShare: number, yShare: number, place: SitePoint): { pxPerM: number } | null => {
    if (rangeMostM !== null && Math.hypot(place.xM - position.xM, place.yM - position.yM) > rangeMostM) return null;
    const slope = slopeAt(homography.toGround, xShare, yShare);
    if (slope === null) return null;
    // Metres per pixel along both axes; the smaller singular value is across the line of sight, where a head is not foreshortened.
    const a = (slope.xx * shrink) / pxPerX, b = (slope.xy * shrink) / pxPerY, c = (slope.yx * shrink) / pxPerX, d = (slope.yy * shrink) / pxPerY;
    const squares = a * a + b * b + c * c + d * d, determinant = Math.abs(a * d - b * c);
    const across = (Math.sqrt(squares + 2 * determinant) - Math.sqrt(Math.max(0, squares - 2 * determinant))) / 2;
    return determinant > 0 && HEAD_SIZE_M / across >= HEAD_PX_LEAST ? { pxPerM: 1 / Math.sqrt(determinant) } : null;
  };
  const apart = (p: SitePoint, q: SitePoint) => Math.hypot(p.xM - q.xM, p.yM - q.yM);
  const shallow = (left: number, top: number, right: number, bottom: number): boolean => {
    const x = (left + right) / 2, y = (top + bottom) / 2;
    const sides = [at(x, top), at(x, bottom), at(left, y), at(right, y)];
    if (sides.some((side) => side === null)) return false;
    const [n, s, w, e] = sides as [SitePoint, SitePoint, SitePoint, SitePoint];
    return apart(n, s) <= ROW_DEPTH_MOST_M && apart(w, e) <= ROW_DEPTH_MOST_M;
  };
  return {
    cell(left, top, right, bottom) {
      const xShare = (left + right) / 2, yShare = (top + bottom) / 2;
      const corners = [at(left, top), at(right, top), at(right, bottom), at(left, bottom)], middle = at(xShare, yShare);
      if (middle === null || corners.some((corner) => corner === null)) return null;
      const enough = usable(xShare, yShare, middle);
      if (enough === null || !shallow(left, top, right, bottom)) return null;
      return { ring: (corners as SitePoint[]).flatMap(({ xM, yM }) => [xM, yM]), pxPerM: enough.pxPerM, xShare, yShare };
    },
    point(xShare, yShare) {
      const place = at(xShare, yShare);
      if (place === null || usable(xShare, yShare, place) === null) return null;
      const halfX = imageCells.cellWidthShare / 2, halfY = imageCells.cellHeightShare / 2;
      return shallow(xShare - halfX, yShare - halfY, xShare + halfX, yShare + halfY) ? place : null;
    },
    areaVariance(xShare, yShare) {
      const here = slopeAt(homography.toGround, xShare, yShare);
      if (here === null) return AREA_VARIANCE_MOST;
      const logArea = Math.log(Math.abs(here.xx * here.yy - here.xy * here.yx));
      let sum = 0;
      for (const toGround of homography.spread) {
        const there = slopeAt(toGround, xShare, yShare);
        if (there === null) return AREA_VARIANCE_MOST;
        sum += (Math.log(Math.abs(there.xx * there.yy - there.xy * there.yx)) - logArea) ** 2;
      }
      return sum < AREA_VARIANCE_MOST ? sum : AREA_VARIANCE_MOST;
    },
  };
}
/** An area known to no better than itself is as bad as it gets. */
const AREA_VARIANCE_MOST = 1;

/** How the ground moves with the picture: d(xM, yM) / d(xShare, yShare). */
function slopeAt(m: readonly number[], x: number, y: number): { xx: number; xy: number; yx: number; yy: number } | null {
  const w = m[6]! * x + m[7]! * y + m[8]!;
  if (!(w > 0)) return null;
  const X = (m[0]! * x + m[1]! * y + m[2]!) / w, Y = (m[3]! * x + m[4]! * y + m[5]!) / w;
  return { xx: (m[0]! - X * m[6]!) / w, xy: (m[1]! - X * m[7]!) / w, yx: (m[3]! - Y * m[6]!) / w, yy: (m[4]! - Y * m[7]!) / w };
}

function boundsOf(grid: GridSpec, known: (cell: number) => boolean): GridWindow {
  let columnFirst = Infinity, columnLast = -1, rowFirst = Infinity, rowLast = -1;
  for (let row = 0; row < grid.rows; row++) for (let column = 0; column < grid.columns; column++) {
    if (!known(row * grid.columns + column)) continue;
    columnFirst = Math.min(columnFirst, column); columnLast = Math.max(columnLast, column);
    rowFirst = Math.min(rowFirst, row); rowLast = row;
  }
  return columnLast < 0 ? { columnFirst: 0, rowFirst: 0, columns: 0, rows: 0 } : { columnFirst, rowFirst, columns: columnLast - columnFirst + 1, rows: rowLast - rowFirst + 1 };
}
