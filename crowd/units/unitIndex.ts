// Which unit a point lies in: a packed tree of boxes (sort-tile-recursive: Leutenegger, Lopez and Edgington 1997) over all units, and an exact look at the few that are left.
// The lowest unit wins; of two at the same level the one with the smaller code, so that everybody gives the same answer where outlines overlap.
import type { LngLat } from '../../contract/geometry.ts';
import { unitDepth, type UnitLevel } from '../../contract/unit.ts';
import { boxOf, crossesRay, PER_DEGREE, side, type Box7, type Ring7, type Shape7 } from './shape.ts';

export type IndexedUnit = { unitId: string; level: UnitLevel; code: string; shape: Shape7 };
export type UnitIndex = {
  /** The id of the lowest unit that the point lies in, null where there is none. */
  lowestAt(point: LngLat): string | null;
};

const FANOUT = 16;
/** Rings with more corners than this are asked by bands of latitude. */
const PLAIN_CORNERS_MOST = 128, BAND_ENTRIES_MOST_PER_CORNER = 8;

/** Yields now and then: an index over many units takes longer than anybody should wait. */
export function* buildUnitIndex(units: readonly IndexedUnit[]): Generator<void, UnitIndex> {
  const n = units.length;
  // In the order of preference, so that candidates are compared by number alone.
  const order = units.map((_, i) => i).sort((a, b) => unitDepth(units[b]!.level) - unitDepth(units[a]!.level) || (units[a]!.code < units[b]!.code ? -1 : 1));
  const rankOf = new Int32Array(n);
  for (let rank = 0; rank < n; rank++) rankOf[order[rank]!] = rank;
  const inside: Inside[] = [], boxes: Box7[] = [];
  for (const i of order) { inside.push(insideOf(units[i]!.shape)); yield; }
  for (const { shape } of units) { boxes.push(boxOf(shape)); if (boxes.length % 100 === 0) yield; }
  const tree = packBoxes(boxes, rankOf);
  const found: number[] = [];
  return {
    lowestAt(point) {
      const x = Math.round(point.lng * PER_DEGREE), y = Math.round(point.lat * PER_DEGREE);
      tree.at(x, y, found);
      found.sort((a, b) => a - b);
      for (const rank of found) if (inside[rank]!(x, y)) return units[order[rank]!]!.unitId;
      return null;
    },
  };
}

type Boxes = { at(x: number, y: number, found: number[]): void };
/** Levels of boxes from the units' own up to one root; each node's children lie side by side. */
function packBoxes(boxes: Box7[], ranks: Int32Array): Boxes {
  const n = boxes.length;
  const order = Array.from(boxes.keys());
  const middleX = boxes.map((box) => box.west + box.east), middleY = boxes.map((box) => box.south + box.north);
  order.sort((a, b) => middleX[a]! - middleX[b]!);
  const perSlice = Math.max(FANOUT, FANOUT * Math.ceil(Math.sqrt(Math.ceil(n / FANOUT))));
  for (let from = 0; from < n; from += perSlice) {
    const slice = order.slice(from, from + perSlice).sort((a, b) => middleY[a]! - middleY[b]!);
    for (let i = 0; i < slice.length; i++) order[from + i] = slice[i]!;
  }
  const levels: Int32Array[] = [];
  let level = new Int32Array(4 * n);
  for (let i = 0; i < n; i++) { const box = boxes[order[i]!]!; level.set([box.west, box.south, box.east, box.north], 4 * i); }
  levels.push(level);
  while (level.length > 4 * FANOUT) {
    const above = new Int32Array(4 * Math.ceil(level.length / 4 / FANOUT));
    for (let node = 0; node < above.length / 4; node++) {
      let west = 2 ** 31 - 1, south = west, east = -(2 ** 31), north = east;
      for (let i = node * FANOUT; i < Math.min((node + 1) * FANOUT, level.length / 4); i++) {
        west = Math.min(west, level[4 * i]!); south = Math.min(south, level[4 * i + 1]!); east = Math.max(east, level[4 * i + 2]!); north = Math.max(north, level[4 * i + 3]!);
      }
      above.set([west, south, east, north], 4 * node);
    }
    levels.push(above);
    level = above;
  }
  const rankAt = Int32Array.from(order, (i) => ranks[i]!);
  const visit = (depth: number, first: number, x: number, y: number, found: number[]) => {
    const boxesHere = levels[depth]!, last = Math.min(first + FANOUT, boxesHere.length / 4);
    for (let i = first; i < last; i++) {
      if (x < boxesHere[4 * i]! || y < boxesHere[4 * i + 1]! || x > boxesHere[4 * i + 2]! || y > boxesHere[4 * i + 3]!) continue;
      if (depth === 0) found.push(rankAt[i]!); else visit(depth - 1, i * FANOUT, x, y, found);
    }
  };
  return { at(x, y, found) { found.length = 0; if (n > 0) visit(levels.length - 1, 0, x, y, found); } };
}

type Inside = (x: number, y: number) => boolean;
/** Outlines are never changed in place: one that is in the next index, too, is not prepared again. */
const insides = new WeakMap<Shape7, Inside>();
/** May be asked beforehand, where time matters less. */
export function insideOf(shape: Shape7): Inside {
  const known = insides.get(shape);
  if (known !== undefined) return known;
  const rings = shape.flat().map((ring) => (ring.length > 2 * PLAIN_CORNERS_MOST ? banded(ring) : (x: number, y: number) => crossesRay(ring, x, y)));
  const inside: Inside = rings.length === 1 ? rings[0]! : (x, y) => {
    let odd = false;
    for (const crosses of rings) if (crosses(x, y)) odd = !odd;
    return odd;
  };
  insides.set(shape, inside);
  return inside;
}

/** As crossesRay, but looks only at the sides of the point's band of latitude. */
function banded(ring: Ring7): (x: number, y: number) => boolean {
  const n = ring.length / 2;
  let south = 2 ** 31 - 1, north = -(2 ** 31);
  for (let i = 1; i < ring.length; i += 2) { south = Math.min(south, ring[i]!); north = Math.max(north, ring[i]!); }
  // A comb of long teeth would stand in every band: fewer bands then, so that memory stays in proportion to the corners.
  let climb = 0;
  for (let i = 0, j = n - 1; i < n; j = i++) climb += Math.abs(ring[2 * i + 1]! - ring[2 * j + 1]!);
  const bands = Math.max(1, Math.min(n >> 3, Math.floor((BAND_ENTRIES_MOST_PER_CORNER * n * (north - south + 1)) / (climb + 1))));
  const height = (north - south + 1) / bands;
  const bandOf = (y: number) => Math.min(bands - 1, Math.floor((y - south) / height));
  const starts = new Int32Array(bands + 1);
  const eachBand = (on: (band: number, corner: number) => void) => {
    for (let i = 0, j = n - 1; i < n; j = i++) {
      const a = ring[2 * i + 1]!, b = ring[2 * j + 1]!;
      if (a === b) continue; // level sides are crossed by no ray
      for (let band = bandOf(Math.min(a, b)), last = bandOf(Math.max(a, b)); band <= last; band++) on(band, i);
    }
  };
  eachBand((band) => { starts[band + 1]!++; });
  for (let band = 0; band < bands; band++) starts[band + 1]! += starts[band]!;
  const corners = new Int32Array(starts[bands]!), fill = starts.slice();
  eachBand((band, corner) => { corners[fill[band]!++] = corner; });
  return (x, y) => {
    if (y < south || y > north) return false;
    const band = bandOf(y);
    let odd = false;
    for (let at = starts[band]!, end = starts[band + 1]!; at < end; at++) {
      const i = 2 * corners[at]!, j = i === 0 ? ring.length - 2 : i - 2;
      const ix = ring[i]!, iy = ring[i + 1]!, jx = ring[j]!, jy = ring[j + 1]!;
      if (iy > y !== jy > y && (iy > jy ? side(jx, jy, ix, iy, x, y) : side(ix, iy, jx, jy, x, y)) > 0) odd = !odd;
    }
    return odd;
  };
}
