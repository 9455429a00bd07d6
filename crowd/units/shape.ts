// Outlines of units as whole numbers: 1e-7 degrees (at most 1.2 cm), so that borders that two units share are the same numbers in both, and sides of a corner are told exactly.
// Between corners a border is straight in longitude and latitude, as GeoJSON has it (RFC 7946, 3.1.1). Areas are those of the WGS-84 ellipsoid.
import type { LngLat } from '../../contract/geometry.ts';
import type { UnitShape } from '../../contract/unit.ts';

/** lng, lat, lng, lat, ... in 1e-7 degrees, not closed. */
export type Ring7 = Int32Array;
/** Parts of an area, each an outer ring (counter-clockwise) and its holes (clockwise). */
export type Shape7 = Ring7[][];
/** West, south, east, north in 1e-7 degrees. */
export type Box7 = { west: number; south: number; east: number; north: number };
export const PER_DEGREE = 1e7;

/** Corners that repeat the one before are left out; every ring runs its way round. A ring of fewer than three corners is left as it is: the checks tell of it. */
export function shape7Of(shape: UnitShape): Shape7 {
  return shape.map(({ outer, holes }) => [ring7Of(outer, true), ...holes.map((hole) => ring7Of(hole, false))]);
}
function ring7Of(corners: readonly LngLat[], counterClockwise: boolean): Ring7 {
  const flat = new Array<number>(corners.length * 2);
  for (let i = 0; i < corners.length; i++) { flat[2 * i] = corners[i]!.lng * PER_DEGREE; flat[2 * i + 1] = corners[i]!.lat * PER_DEGREE; }
  return cleanRing(flat, counterClockwise);
}
/** From lng, lat, ... in 1e-7 degrees that may be broken numbers, closed or not. */
export function cleanRing(flat: ArrayLike<number>, counterClockwise: boolean): Ring7 {
  const kept = new Int32Array(flat.length);
  let n = 0;
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const x = Math.round(flat[i]!), y = Math.round(flat[i + 1]!);
    if (n > 0 && kept[n - 2] === x && kept[n - 1] === y) continue;
    kept[n++] = x; kept[n++] = y;
  }
  while (n > 2 && kept[0] === kept[n - 2] && kept[1] === kept[n - 1]) n -= 2;
  const ring = kept.slice(0, n);
  if (signedArea7(ring) > 0 !== counterClockwise) reverseRing(ring);
  return ring;
}
function reverseRing(ring: Ring7): void {
  for (let i = 0, j = ring.length - 2; i < j; i += 2, j -= 2) {
    const x = ring[i]!, y = ring[i + 1]!;
    ring[i] = ring[j]!; ring[i + 1] = ring[j + 1]!; ring[j] = x; ring[j + 1] = y;
  }
}

/** The way back, for whoever draws or edits it. */
export function unitShapeOf(shape: Shape7): UnitShape {
  return shape.map((rings) => { const [outer, ...holes] = rings.map(cornersOf); return { outer: outer!, holes }; });
}
export const cornersOf = (ring: Ring7): LngLat[] => Array.from({ length: ring.length / 2 }, (_, i) => ({ lng: ring[2 * i]! / PER_DEGREE, lat: ring[2 * i + 1]! / PER_DEGREE }));
export const cornerCount = (shape: Shape7): number => shape.reduce((sum, rings) => sum + rings.reduce((count, ring) => count + ring.length / 2, 0), 0);

/** In squares of 1e-7 degrees; counted from its first corner, so that small rings far from 0, 0 lose nothing. */
export function signedArea7(ring: ArrayLike<number>): number {
  const x0 = ring[0]!, y0 = ring[1]!;
  let twice = 0;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) twice += (ring[j]! - x0) * (ring[i + 1]! - y0) - (ring[i]! - x0) * (ring[j + 1]! - y0);
  return twice / 2;
}

export function boxOf(shape: Shape7): Box7 {
  const box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity };
  for (const rings of shape) for (let i = 0, ring = rings[0]!; i < ring.length; i += 2) {
    const x = ring[i]!, y = ring[i + 1]!;
    if (x < box.west) box.west = x;
    if (x > box.east) box.east = x;
    if (y < box.south) box.south = y;
    if (y > box.north) box.north = y;
  }
  return box;
}
export const boxesMeet = (a: Box7, b: Box7): boolean => a.west <= b.east && b.west <= a.east && a.south <= b.north && b.south <= a.north;
export const lngLatOf7 = (x: number, y: number): LngLat => ({ lng: Math.round(x) / PER_DEGREE, lat: Math.round(y) / PER_DEGREE });

// WGS-84: equatorial radius and first eccentricity squared (NIMA TR8350.2).
const EQUATOR_RADIUS_M = 6_378_137, ECCENTRICITY_SQUARED = 0.006_694_379_990_14, ECCENTRICITY = Math.sqrt(ECCENTRICITY_SQUARED);

/** Metres east and north of 1e-7 degrees at this latitude (1e-7 degrees). */
export function metresPer7(lat7: number): { eastM: number; northM: number } {
  const lat = (lat7 / PER_DEGREE) * (Math.PI / 180), root = Math.sqrt(1 - ECCENTRICITY_SQUARED * Math.sin(lat) ** 2);
  const perUnit = Math.PI / 180 / PER_DEGREE;
  return { eastM: (EQUATOR_RADIUS_M * Math.cos(lat) * perUnit) / root, northM: (EQUATOR_RADIUS_M * (1 - ECCENTRICITY_SQUARED) * perUnit) / root ** 3 };
}

/** Area on the ellipsoid: the integral of q(lat) a² / 2 over longitude along each side (Snyder 1987, USGS Professional Paper 1395, equation 3-12), by Simpson's rule along long sides and by the mean of both ends along short ones: right to 1e-6. */
export function areaM2Of(shape: Shape7): number {
  const known = areas.get(shape);
  if (known !== undefined) return known;
  let sum = 0;
  for (const rings of shape) for (const ring of rings) sum += ringAreaM2(ring);
  const areaM2 = Math.max(0, sum);
  areas.set(shape, areaM2);
  return areaM2;
}
/** Shapes are never changed in place. */
const areas = new WeakMap<Shape7, number>();
function ringAreaM2(ring: Ring7): number {
  const n = ring.length;
  if (n < 6) return 0;
  // Counted from the latitude of the first corner: the difference of two large numbers would lose the last metres of a small ring.
  const from = authalic(ring[1]!);
  let sum = 0, qLast = authalic(ring[n - 1]!) - from;
  for (let i = 0, j = n - 2; i < n; j = i, i += 2) {
    const q = authalic(ring[i + 1]!) - from, isShort = Math.abs(ring[i + 1]! - ring[j + 1]!) < SHORT_SIDE_7;
    sum += (ring[i]! - ring[j]!) * (isShort ? 3 * (qLast + q) : qLast + q + 4 * (authalic((ring[i + 1]! + ring[j + 1]!) / 2) - from));
    qLast = q;
  }
  return (-sum / 6) * (Math.PI / 180 / PER_DEGREE) * (EQUATOR_RADIUS_M ** 2 / 2);
}
/** About a kilometre. */
const SHORT_SIDE_7 = 1e5;
function authalic(lat7: number): number {
  const sine = Math.sin((lat7 / PER_DEGREE) * (Math.PI / 180)), eSine = ECCENTRICITY * sine;
  return (1 - ECCENTRICITY_SQUARED) * (sine / (1 - eSine * eSine) - Math.log((1 - eSine) / (1 + eSine)) / (2 * ECCENTRICITY));
}

/**
 * Above 0 when c lies left of the way from a to b, below 0 right of it, 0 on it: exact. Products of whole numbers under 2^53 are exact in doubles; longer ways (over about 9 degrees) are counted in big integers.
 */
export function side(ax: number, ay: number, bx: number, by: number, cx: number, cy: number): number {
  const left = (bx - ax) * (cy - ay), right = (by - ay) * (cx - ax);
  if (Math.abs(left) < EXACT_MOST && Math.abs(right) < EXACT_MOST) return left - right;
  const exact = BigInt(bx - ax) * BigInt(cy - ay) - BigInt(by - ay) * BigInt(cx - ax);
  return exact > 0n ? 1 : exact < 0n ? -1 : 0;
}
const EXACT_MOST = 2 ** 53;

/** Whether the point lies in the shape. A point on a border that two shapes share lies in exactly one of them. */
export function isInside(shape: Shape7, x: number, y: number): boolean {
  let inside = false;
  for (const rings of shape) for (const ring of rings) if (crossesRay(ring, x, y)) inside = !inside;
  return inside;
}
export function crossesRay(ring: Ring7, x: number, y: number): boolean {
  let odd = false;
  for (let i = 0, n = ring.length, jx = ring[n - 2]!, jy = ring[n - 1]!; i < n; i += 2) {
    const ix = ring[i]!, iy = ring[i + 1]!;
    // The same side is asked from its lower corner to its upper, whichever way its ring runs: both owners of a border get the same answer.
    if (iy > y !== jy > y && (iy > jy ? side(jx, jy, ix, iy, x, y) : side(ix, iy, jx, jy, x, y)) > 0) odd = !odd;
    jx = ix; jy = iy;
  }
  return odd;
}

/** A shape as bytes: 32-bit whole numbers, little end first: parts; for each part its rings; for each ring its corners and their lng, lat. */
export function bytesOfShape(shape: Shape7): Uint8Array {
  let count = 1;
  for (const rings of shape) { count++; for (const ring of rings) count += 1 + ring.length; }
  const bytes = new Uint8Array(4 * count), view = new DataView(bytes.buffer);
  let at = 0;
  const put = (value: number) => { view.setInt32(at, value, true); at += 4; };
  put(shape.length);
  for (const rings of shape) { put(rings.length); for (const ring of rings) { put(ring.length / 2); for (const value of ring) put(value); } }
  return bytes;
}
/** Null for bytes that are no shape. */
export function shapeOfBytes(bytes: Uint8Array): Shape7 | null {
  if (bytes.byteLength % 4 !== 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), most = bytes.byteLength / 4;
  let at = 0;
  const take = (): number => (at < most ? view.getInt32(4 * at++, true) : -1);
  const shape: Shape7 = [], parts = take();
  if (parts < 1 || parts > most) return null;
  for (let part = 0; part < parts; part++) {
    const rings: Ring7[] = [], ringCount = take();
    if (ringCount < 1 || ringCount > most) return null;
    for (let r = 0; r < ringCount; r++) {
      const corners = take();
      if (corners < 3 || at + 2 * corners > most) return null;
      const ring = new Int32Array(2 * corners);
      for (let i = 0; i < ring.length; i++) ring[i] = view.getInt32(4 * (at + i), true);
      at += ring.length;
      rings.push(ring);
    }
    shape.push(rings);
  }
  return at === most ? shape : null;
}
