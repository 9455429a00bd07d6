// Polygons on the ground as flat lists of x, y: area, cutting by straight lines, inside or not.
import type { SitePoint } from '../contract/geometry.ts';

/** x0, y0, x1, y1, ... of a ring that is not closed. */
export type Ring = number[];
export const ringOf = (points: readonly SitePoint[]): Ring => points.flatMap(({ xM, yM }) => [xM, yM]);

/** Positive when the ring runs counter-clockwise. */
export function signedArea(ring: Ring): number {
  let twice = 0;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) twice += ring[j]! * ring[i + 1]! - ring[i]! * ring[j + 1]!;
  return twice / 2;
}

/**
 * What lies on one side of an axis-parallel line: `axis` 0 cuts by x, 1 by y; `side` 1 keeps values above `at`, -1 those below (Sutherland and Hodgman).
 * A hollow ring may come back with doubled edges along the line: its signed area is right all the same.
 */
export function cut(ring: Ring, axis: 0 | 1, at: number, side: 1 | -1): Ring {
  const kept: Ring = [];
  const n = ring.length;
  if (n === 0) return kept;
  let fromX = ring[n - 2]!, fromY = ring[n - 1]!;
  let fromOver = side * ((axis === 0 ? fromX : fromY) - at);
  for (let i = 0; i < n; i += 2) {
    const toX = ring[i]!, toY = ring[i + 1]!;
    const toOver = side * ((axis === 0 ? toX : toY) - at);
    if ((fromOver >= 0) !== (toOver >= 0)) {
      const share = fromOver / (fromOver - toOver);
      kept.push(axis === 0 ? at : fromX + share * (toX - fromX), axis === 1 ? at : fromY + share * (toY - fromY));
    }
    if (toOver >= 0) kept.push(toX, toY);
    fromX = toX; fromY = toY; fromOver = toOver;
  }
  return kept;
}

export function cutToBox(ring: Ring, xLeast: number, yLeast: number, xMost: number, yMost: number): Ring {
  return cut(cut(cut(cut(ring, 0, xLeast, 1), 0, xMost, -1), 1, yLeast, 1), 1, yMost, -1);
}

export function insideRing(ring: Ring, x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    const yi = ring[i + 1]!, yj = ring[j + 1]!;
    if ((yi > y) !== (yj > y) && x < ring[i]! + ((y - yi) / (yj - yi)) * (ring[j]! - ring[i]!)) inside = !inside;
  }
  return inside;
}

/** Calls back with the area (m2, always positive) that the ring has in each cell of a metric grid; cells without any are passed over. Rows first, so that a large ring is cut once a row. */
export function cellAreas(ring: Ring, cellM: number, columns: number, rows: number, onCell: (column: number, row: number, areaM2: number) => void): void {
  const span = (axis: 0 | 1, count: number, of: Ring): [number, number] => {
    let least = Infinity, most = -Infinity;
    for (let i = axis; i < of.length; i += 2) { if (of[i]! < least) least = of[i]!; if (of[i]! > most) most = of[i]!; }
    return [Math.max(0, Math.floor(least / cellM)), Math.min(count - 1, Math.ceil(most / cellM) - 1)];
  };
  const [rowFirst, rowLast] = span(1, rows, ring);
  for (let row = rowFirst; row <= rowLast; row++) {
    const strip = cut(cut(ring, 1, row * cellM, 1), 1, (row + 1) * cellM, -1);
    if (strip.length < 6) continue;
    const [columnFirst, columnLast] = span(0, columns, strip);
    if (columnFirst === columnLast) {
      const inside = Math.abs(signedArea(cut(cut(strip, 0, columnFirst * cellM, 1), 0, (columnFirst + 1) * cellM, -1)));
      if (inside > 0) onCell(columnFirst, row, inside);
      continue;
    }
    let rest = strip;
    for (let column = columnFirst; column <= columnLast && rest.length >= 6; column++) {
      const right = (column + 1) * cellM;
      const piece = column === 0 ? cut(cut(rest, 0, 0, 1), 0, right, -1) : cut(rest, 0, right, -1);
      const areaM2 = Math.abs(signedArea(piece));
      if (areaM2 > 0) onCell(column, row, areaM2);
      rest = cut(rest, 0, right, 1);
    }
  }
}
