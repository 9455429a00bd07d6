// Privacy masks on a raster: which pixels of a picture, or which of its cells, a mask touches. Errs on the side of covering more.
import { problemNote, type ProblemNote } from '../contract/problem.ts';
import type { MaskPolygons } from '../contract/site.ts';
import { crossesItself } from './zoneShape.ts';

/** Null: these are masks. A mask may reach over the edge of the picture (shares are 0..1 by the schema), and masks may overlap. */
export function masksProblem(polygons: MaskPolygons): ProblemNote | null {
  // Judged on a picture of 1000 units: corners nearer than a thousandth of a unit touch.
  for (const polygon of polygons) if (crossesItself(polygon.map(({ xShare, yShare }) => ({ xM: xShare * 1000, yM: yShare * 1000 })))) return problemNote('polygonCrossesItself');
  return null;
}

/**
 * 1 for each cell of a raster that a mask touches, row by row from the top. `across` and `down`: how many cells the whole picture has, where the last column or row is only begun
 * (a raster of 80 columns over a picture of 79.5 cells). `margin`: this many cells more on every side.
 */
export function maskedCells(polygons: MaskPolygons, { columns, rows, across = columns, down = rows, margin = 0 }: { columns: number; rows: number; across?: number; down?: number; margin?: number }): Uint8Array {
  const cells = new Uint8Array(columns * rows);
  for (const polygon of polygons) {
    const xs = polygon.map(({ xShare }) => xShare * across), ys = polygon.map(({ yShare }) => yShare * down), n = polygon.length;
    fillInside(cells, columns, rows, xs, ys);
    // The inside goes by the middles of cells; what a side only brushes is touched too.
    for (let i = 0; i < n; i++) {
      const x = xs[i]!, y = ys[i]!, dx = xs[(i + 1) % n]! - x, dy = ys[(i + 1) % n]! - y, steps = Math.max(1, Math.ceil(Math.hypot(dx, dy) * 2));
      for (let step = 0; step <= steps; step++) touch(cells, columns, rows, x + (dx * step) / steps, y + (dy * step) / steps, margin + BRUSH);
    }
  }
  return cells;
}
/** Between two steps along a side it leaves a corner of a cell by at most this. */
const BRUSH = 0.25;

function touch(cells: Uint8Array, columns: number, rows: number, x: number, y: number, by: number): void {
  const left = Math.max(0, Math.floor(x - by)), right = Math.min(columns - 1, Math.floor(x + by)), top = Math.max(0, Math.floor(y - by)), bottom = Math.min(rows - 1, Math.floor(y + by));
  for (let row = top; row <= bottom; row++) cells.fill(1, row * columns + left, row * columns + Math.max(left, right + 1));
}

/** Even and odd crossings of the line through the middle of each row: masks are simple rings. */
function fillInside(cells: Uint8Array, columns: number, rows: number, xs: number[], ys: number[]): void {
  const n = xs.length, crossings: number[] = [];
  for (let row = Math.max(0, Math.floor(Math.min(...ys))); row <= Math.min(rows - 1, Math.floor(Math.max(...ys))); row++) {
    const middle = row + 0.5;
    crossings.length = 0;
    for (let i = 0, j = n - 1; i < n; j = i++) if ((ys[i]! > middle) !== (ys[j]! > middle)) crossings.push(xs[i]! + ((middle - ys[i]!) / (ys[j]! - ys[i]!)) * (xs[j]! - xs[i]!));
    crossings.sort((a, b) => a - b);
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      const from = Math.max(0, Math.ceil(crossings[k]! - 0.5)), to = Math.min(columns - 1, Math.floor(crossings[k + 1]! - 0.5));
      if (to >= from) cells.fill(1, row * columns + from, row * columns + to + 1);
    }
  }
}
