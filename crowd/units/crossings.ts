// Whether an outline crosses itself: exactly, by the signs of triangles of whole numbers. Rings may touch in a point, as borders around lakes and exclaves do; they may not pass through each other,
// run along themselves, or lie where they do not belong (a hole outside, a part on another part).
import type { LngLat } from '../../contract/geometry.ts';
import { crossesRay, lngLatOf7, side, type Shape7 } from './shape.ts';

export type Crossing = { at: LngLat; detail: string | null };

/** The first place where the shape is not simple, null when it is. Each ring has at least three corners. */
export function crossingOf(shape: Shape7): Crossing | null {
  const rings = shape.flat(), sides = new Sides(rings);
  for (let i = 0; i < sides.count; i++) if (sides.turnsBack(i)) return { at: sides.startOf(i), detail: 'it runs back on itself' };
  const crossed = sides.firstCrossing();
  if (crossed !== null) return { at: sides.startOf(crossed), detail: null };
  return misplaced(shape);
}

/** No side crosses another: one corner that is on no border of the other tells where a ring lies. */
function misplaced(shape: Shape7): Crossing | null {
  for (const [outer, ...holes] of shape) for (const hole of holes) {
    if (isIn(hole, outer!) === false) return { at: lngLatOf7(hole[0]!, hole[1]!), detail: 'a hole lies outside of its outline' };
    for (const other of holes) if (other !== hole && isIn(hole, other) === true) return { at: lngLatOf7(hole[0]!, hole[1]!), detail: 'a hole lies in another hole' };
  }
  for (const part of shape) for (const other of shape) {
    if (part === other || isIn(part[0]!, other[0]!) !== true) continue;
    // An island in a lake is well.
    if (!other.slice(1).some((hole) => isIn(part[0]!, hole) !== false)) return { at: lngLatOf7(part[0]![0]!, part[0]![1]!), detail: 'one part lies on another' };
  }
  return null;
}
/** Null when all its corners are on the other's border. */
function isIn(ring: Int32Array, other: Int32Array): boolean | null {
  for (let i = 0; i < ring.length; i += 2) if (!isOn(other, ring[i]!, ring[i + 1]!)) return crossesRay(other, ring[i]!, ring[i + 1]!);
  return null;
}
function isOn(ring: Int32Array, x: number, y: number): boolean {
  for (let i = 0, n = ring.length, jx = ring[n - 2]!, jy = ring[n - 1]!; i < n; i += 2) {
    const ix = ring[i]!, iy = ring[i + 1]!;
    if (Math.min(ix, jx) <= x && x <= Math.max(ix, jx) && Math.min(iy, jy) <= y && y <= Math.max(iy, jy) && side(ix, iy, jx, jy, x, y) === 0) return true;
    jx = ix; jy = iy;
  }
  return false;
}

const PLAIN_SIDES_MOST = 24;

/** All sides of all rings: side i goes from corner i to corner next[i]. */
class Sides {
  readonly count: number;
  private readonly x: Int32Array; private readonly y: Int32Array; private readonly next: Int32Array; private readonly last: Int32Array;
  constructor(rings: readonly Int32Array[]) {
    this.count = rings.reduce((sum, ring) => sum + ring.length / 2, 0);
    this.x = new Int32Array(this.count); this.y = new Int32Array(this.count); this.next = new Int32Array(this.count); this.last = new Int32Array(this.count);
    let first = 0;
    for (const ring of rings) {
      const n = ring.length / 2;
      for (let i = 0; i < n; i++) { this.x[first + i] = ring[2 * i]!; this.y[first + i] = ring[2 * i + 1]!; this.next[first + i] = first + ((i + 1) % n); this.last[first + i] = first + ((i + n - 1) % n); }
      first += n;
    }
  }
  startOf(i: number): LngLat { return lngLatOf7(this.x[i]!, this.y[i]!); }

  /** At corner i the border goes back the way it came. */
  turnsBack(i: number): boolean {
    const { x, y } = this, a = this.last[i]!, b = this.next[i]!;
    return side(x[a]!, y[a]!, x[i]!, y[i]!, x[b]!, y[b]!) === 0 && (x[a]! - x[i]!) * (x[b]! - x[i]!) + (y[a]! - y[i]!) * (y[b]! - y[i]!) > 0;
  }

  /** A side that crosses another, found among those that share a cell of a grid over all. */
  firstCrossing(): number | null {
    const { count, x, y, next } = this;
    if (count <= PLAIN_SIDES_MOST) {
      for (let i = 0; i < count; i++) for (let j = 0; j < i; j++) if (this.cross(i, j)) return i;
      return null;
    }
    let west = Infinity, south = Infinity, east = -Infinity, north = -Infinity;
    for (let i = 0; i < count; i++) { west = Math.min(west, x[i]!); east = Math.max(east, x[i]!); south = Math.min(south, y[i]!); north = Math.max(north, y[i]!); }
    const across = Math.max(1, Math.ceil(Math.sqrt(count / 2))), cellX = (east - west + 1) / across, cellY = (north - south + 1) / across;
    const starts = new Int32Array(across * across + 1);
    const each = (on: (cell: number, i: number) => void) => {
      for (let i = 0; i < count; i++) {
        const j = next[i]!, low = y[i]! <= y[j]! ? i : j, high = low === i ? j : i;
        const rowFirst = Math.floor((y[low]! - south) / cellY), rowLast = Math.floor((y[high]! - south) / cellY);
        for (let row = rowFirst; row <= rowLast; row++) {
          // Where the side is within this row; a little wider than it is, so that no rounding leaves a cell out.
          const shareFrom = y[high] === y[low] ? 0 : Math.max(0, (south + row * cellY - y[low]!) / (y[high]! - y[low]!)), shareTo = y[high] === y[low] ? 1 : Math.min(1, (south + (row + 1) * cellY - y[low]!) / (y[high]! - y[low]!));
          const xa = x[low]! + shareFrom * (x[high]! - x[low]!), xb = x[low]! + shareTo * (x[high]! - x[low]!);
          const columnFirst = Math.max(0, Math.floor((Math.min(xa, xb) - 1 - west) / cellX)), columnLast = Math.min(across - 1, Math.floor((Math.max(xa, xb) + 1 - west) / cellX));
          for (let column = columnFirst; column <= columnLast; column++) on(row * across + column, i);
        }
      }
    };
    each((cell) => { starts[cell + 1]!++; });
    for (let cell = 0; cell < across * across; cell++) starts[cell + 1]! += starts[cell]!;
    const entries = new Int32Array(starts[across * across]!), fill = starts.slice();
    each((cell, i) => { entries[fill[cell]!++] = i; });
    for (let cell = 0; cell < across * across; cell++) {
      for (let a = starts[cell]!; a < starts[cell + 1]!; a++) for (let b = starts[cell]!; b < a; b++) if (this.cross(entries[a]!, entries[b]!)) return entries[a]!;
    }
    return null;
  }

  /** Side i and side j pass through each other, or run along each other. */
  private cross(i: number, j: number): boolean {
    const { x, y, next, last } = this, i2 = next[i]!, j2 = next[j]!;
    const ax = x[i]!, ay = y[i]!, bx = x[i2]!, by = y[i2]!, cx = x[j]!, cy = y[j]!, dx = x[j2]!, dy = y[j2]!;
    if (Math.max(ax, bx) < Math.min(cx, dx) || Math.max(cx, dx) < Math.min(ax, bx) || Math.max(ay, by) < Math.min(cy, dy) || Math.max(cy, dy) < Math.min(ay, by)) return false;
    const c = Math.sign(side(ax, ay, bx, by, cx, cy)), d = Math.sign(side(ax, ay, bx, by, dx, dy));
    if (c * d > 0) return false;
    const a = Math.sign(side(cx, cy, dx, dy, ax, ay)), b = Math.sign(side(cx, cy, dx, dy, bx, by));
    if (a * b > 0) return false;
    if (c * d < 0 && a * b < 0) return true;
    if (c === 0 && d === 0) {
      // On one line: more than a point in common.
      const along = Math.abs(bx - ax) >= Math.abs(by - ay);
      const [p, q, r, s] = along ? [ax, bx, cx, dx] : [ay, by, cy, dy];
      return Math.min(Math.max(p, q), Math.max(r, s)) > Math.max(Math.min(p, q), Math.min(r, s));
    }
    // They touch in a corner. Each corner is looked at once, as the start of its side; of neighbours there is nothing to tell.
    if (i2 === j || j2 === i) return false;
    if (c === 0 && !(cx === bx && cy === by)) return cx === ax && cy === ay ? this.passes(i, last[i]!, i2, last[j]!, j2) : this.passes(j, i, i2, last[j]!, j2);
    if (a === 0 && !(ax === dx && ay === dy)) return !(ax === cx && ay === cy) && this.passes(i, j, j2, last[i]!, i2);
    return false;
  }
  /** At `corner`, the way from b to b2 goes from one side of the way from a to a2 to the other. */
  private passes(corner: number, a: number, a2: number, b: number, b2: number): boolean {
    const { x, y } = this, turn = (p: number, q: number) => Math.sign(side(x[corner]!, y[corner]!, x[p]!, y[p]!, x[q]!, y[q]!));
    const between = (b: number): number => {
      if (turn(a, b) === 0 && dot(a, b) > 0) return 0;
      if (turn(a2, b) === 0 && dot(a2, b) > 0) return 0;
      const wide = turn(a, a2);
      if (wide > 0) return turn(a, b) > 0 && turn(b, a2) > 0 ? 1 : -1;
      if (wide < 0) return turn(a2, b) > 0 && turn(b, a) > 0 ? -1 : 1;
      return turn(a, b) > 0 ? 1 : -1;
    };
    const dot = (p: number, q: number) => (x[p]! - x[corner]!) * (x[q]! - x[corner]!) + (y[p]! - y[corner]!) * (y[q]! - y[corner]!);
    return between(b) * between(b2) < 0;
  }
}
