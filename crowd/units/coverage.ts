// Where the units below one unit leave gaps in it, reach out of it or overlap: areas exact to what the corners say.
// Sides that two neighbours share cancel each other (found by hashing, so a clean file costs one look at each side). Only where some are left over is the ground cut into boxes until few sides are in
// each, and each box swept from south to north: between two heights at which nothing begins, ends or crosses, everything is a trapezoid. Nearly equal sides make thin trapezoids and nothing worse.
import type { LngLat } from '../../contract/geometry.ts';
import { boxesMeet, boxOf, lngLatOf7, metresPer7, type Box7, type Ring7, type Shape7 } from './shape.ts';

/** What digitising leaves along borders is not told: a piece is when it has this area and this mean width (twice its area over its circumference). */
export const PIECE_AREA_LEAST_M2 = 10, PIECE_WIDTH_LEAST_M = 1;

export type Piece = { areaM2: number; at: LngLat };
export type Coverage = {
  /** In the parent and in no child: each connected piece by itself. */
  gaps: Piece[];
  /** Children by their number. All pieces of two children together; `at` lies in the largest. */
  overlaps: (Piece & { a: number; b: number })[];
  outside: (Piece & { child: number })[];
  /** So much is wrong that the rest was not looked at. */
  cutShort: boolean;
};

/** In 1e-7 degrees: about a metre, a hundredth of a millimetre. */
const BOX_LEAST_7 = 100, SAME_7 = 1e-3;
const SIDES_AT_ONCE = 64, SPOTS_MOST = 1_000_000;
const PARENT = -1;

/** Yields now and then, so that whoever runs it may do something else between. Without a parent only overlaps are looked for. `within`: only what lies in it. */
export function* coverage(parent: Shape7 | null, children: readonly Shape7[], within: Box7 | null = null): Generator<void, Coverage> {
  const rings: OwnedRing[] = [];
  const take = (owner: number, shape: Shape7) => { for (const part of shape) for (const ring of part) if (ring.length >= 6 && (within === null || boxesMeet(boxOf([[ring]]), within))) rings.push({ owner, ring }); };
  if (parent !== null) take(PARENT, parent);
  children.forEach((shape, child) => take(child, shape));
  const spots = new Spots(parent !== null);
  if (rings.length > 0) {
    const leftOver = yield* sidesLeftOver(rings);
    let pieces: Part[] = rings.map(({ owner, ring }, i) => ({ owner, xy: ring, flags: leftOver[i]!, ...measured(ring, leftOver[i]!) }));
    const whole = pieces.reduce((box, { west, south, east, north }) => ({ west: Math.min(box.west, west), south: Math.min(box.south, south), east: Math.max(box.east, east), north: Math.max(box.north, north) }), { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity });
    const root = within === null ? whole : { west: Math.max(whole.west, within.west), south: Math.max(whole.south, within.south), east: Math.min(whole.east, within.east), north: Math.min(whole.north, within.north) };
    if (within !== null) for (const [axis, at, keep] of [[0, root.west, 1], [0, root.east, -1], [1, root.south, 1], [1, root.north, -1]] as const) pieces = pieces.flatMap((piece) => cutPart(piece, axis, at, keep));
    spots.scaleAt((root.south + root.north) / 2);
    if (root.west < root.east && root.south < root.north) yield* lookInto({ ...root, pieces }, spots);
  }
  return spots.found();
}

type OwnedRing = { owner: number; ring: Ring7 };
/** A piece of a ring: `flags[i]` is 1 where the side from corner i on is left over. */
type Part = Box7 & { owner: number; xy: ArrayLike<number>; flags: Uint8Array; left: number; area7: number };
type Node = Box7 & { pieces: Part[] };

/** For each ring, for each of its sides: 1 unless the sides between its two corners, there and back, of children and (the other way round) of the parent, add up to nothing. */
function* sidesLeftOver(rings: OwnedRing[]): Generator<void, Uint8Array[]> {
  const count = rings.reduce((sum, { ring }) => sum + ring.length / 2, 0);
  const size = 2 ** Math.ceil(Math.log2(2 * count + 2)), mask = size - 1;
  const keys = new Int32Array(4 * size), used = new Uint8Array(size), net = new Int32Array(size), slots = new Int32Array(count);
  let at = 0;
  for (const { owner, ring } of rings) {
    for (let i = 0, n = ring.length; i < n; i += 2) {
      const j = i + 2 === n ? 0 : i + 2;
      let ax = ring[i]!, ay = ring[i + 1]!, bx = ring[j]!, by = ring[j + 1]!, way = owner === PARENT ? -1 : 1;
      if (ax > bx || (ax === bx && ay > by)) { const x = ax, y = ay; ax = bx; ay = by; bx = x; by = y; way = -way; }
      let hash = Math.imul(ax, 0x9e3779b1) ^ Math.imul(ay, 0x85ebca6b) ^ Math.imul(bx, 0xc2b2ae35) ^ Math.imul(by, 0x27d4eb2f);
      hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
      let slot = (hash ^ (hash >>> 13)) & mask;
      while (used[slot] === 1 && !(keys[4 * slot] === ax && keys[4 * slot + 1] === ay && keys[4 * slot + 2] === bx && keys[4 * slot + 3] === by)) slot = (slot + 1) & mask;
      if (used[slot] === 0) { used[slot] = 1; keys[4 * slot] = ax; keys[4 * slot + 1] = ay; keys[4 * slot + 2] = bx; keys[4 * slot + 3] = by; }
      net[slot]! += way;
      slots[at++] = slot;
    }
    yield;
  }
  at = 0;
  const flags: Uint8Array[] = [];
  for (const { ring } of rings) {
    const own = new Uint8Array(ring.length / 2);
    for (let i = 0; i < own.length; i++) own[i] = net[slots[at++]!] === 0 ? 0 : 1;
    flags.push(own);
    yield;
  }
  return flags;
}

function* lookInto(root: Node, spots: Spots): Generator<void, void> {
  const stack: Node[] = [root];
  while (stack.length > 0) {
    yield;
    const leaf = stack.pop()!;
    if (leaf.pieces.length === 0) continue;
    if (spots.full) return;
    const width = leaf.east - leaf.west, height = leaf.north - leaf.south;
    let sides = 0, left = 0, area7 = 0;
    for (const piece of leaf.pieces) { sides += piece.flags.length; left += piece.left; area7 += piece.owner === PARENT ? -piece.area7 : piece.area7; }
    if (left === 0) {
      // Nothing changes anywhere inside: the same number of units everywhere.
      const over = area7 / (width * height);
      if (Math.abs(over - Math.round(over)) < 1e-6) {
        if (Math.round(over) <= (spots.hasParent ? 0 : 1) && Math.round(over) >= (spots.hasParent ? 0 : -1e9)) continue;
        if (Math.round(over) === -1 && spots.hasParent) { spots.rectangle(leaf, []); continue; }
        const full = leaf.pieces.every((piece) => Math.abs(Math.abs(piece.area7) / (width * height) - 1) < 1e-9);
        if (full) { spots.rectangle(leaf, leaf.pieces.filter(({ owner }) => owner !== PARENT).map(({ owner }) => owner), leaf.pieces.some(({ owner }) => owner === PARENT)); continue; }
      }
    }
    const canHalve = width > BOX_LEAST_7 || height > BOX_LEAST_7;
    if (sides <= SIDES_AT_ONCE) { sweep(leaf, spots); spots.endBox(); continue; }
    // Too much in a square metre for any of it to be told.
    if (!canHalve) continue;
    const axis = width * spots.eastM >= height * spots.northM ? 0 : 1, at = axis === 0 ? (leaf.west + leaf.east) / 2 : (leaf.south + leaf.north) / 2;
    const low: Part[] = [], high: Part[] = [];
    for (const piece of leaf.pieces) {
      if ((axis === 0 ? piece.east : piece.north) <= at) low.push(piece);
      else if ((axis === 0 ? piece.west : piece.south) >= at) high.push(piece);
      else { low.push(...cutPart(piece, axis, at, -1)); high.push(...cutPart(piece, axis, at, 1)); }
    }
    const { west, south, east, north } = leaf;
    stack.push(axis === 0 ? { west: at, south, east, north, pieces: high } : { west, south: at, east, north, pieces: high }, axis === 0 ? { west, south, east: at, north, pieces: low } : { west, south, east, north: at, pieces: low });
  }
}

/** What of a ring lies on one side of an axis-parallel line (Sutherland and Hodgman); sides along the cut are of no account for what is left over. */
function cutPart(piece: Part, axis: 0 | 1, at: number, keep: 1 | -1): Part[] {
  const { xy, flags } = piece, n = flags.length;
  if ((axis === 0 ? piece.west : piece.south) >= at) { if (keep === 1) return [piece]; if ((axis === 0 ? piece.west : piece.south) > at) return []; }
  if ((axis === 0 ? piece.east : piece.north) <= at) { if (keep === -1) return [piece]; if ((axis === 0 ? piece.east : piece.north) < at) return []; }
  const keptXy: number[] = [], keptFlags: number[] = [];
  for (let i = 0; i < n; i++) {
    const j = i + 1 === n ? 0 : i + 1;
    const ax = xy[2 * i]!, ay = xy[2 * i + 1]!, bx = xy[2 * j]!, by = xy[2 * j + 1]!;
    const aIn = keep * ((axis === 0 ? ax : ay) - at) >= 0, bIn = keep * ((axis === 0 ? bx : by) - at) >= 0;
    if (aIn) { keptXy.push(ax, ay); keptFlags.push(flags[i]!); }
    if (aIn === bIn) continue;
    // Counted from the same end whichever way the side runs, so that both owners of a border get the same corner.
    const forth = ax < bx || (ax === bx && ay < by);
    const px = forth ? ax : bx, py = forth ? ay : by, qx = forth ? bx : ax, qy = forth ? by : ay;
    const share = axis === 0 ? (at - px) / (qx - px) : (at - py) / (qy - py);
    keptXy.push(axis === 0 ? at : px + share * (qx - px), axis === 1 ? at : py + share * (qy - py));
    keptFlags.push(aIn ? 0 : flags[i]!);
  }
  if (keptFlags.length < 3) return [];
  const cutFlags = Uint8Array.from(keptFlags), cutXy = Float64Array.from(keptXy);
  return [{ owner: piece.owner, xy: cutXy, flags: cutFlags, ...measured(cutXy, cutFlags) }];
}

function measured(xy: ArrayLike<number>, flags: Uint8Array): Omit<Part, 'owner' | 'xy' | 'flags'> {
  let west = Infinity, south = Infinity, east = -Infinity, north = -Infinity, left = 0, twice = 0;
  const n = flags.length, x0 = xy[0]!, y0 = xy[1]!;
  for (let i = 0, jx = xy[2 * n - 2]! - x0, jy = xy[2 * n - 1]! - y0; i < n; i++) {
    const x = xy[2 * i]!, y = xy[2 * i + 1]!;
    if (x < west) west = x;
    if (x > east) east = x;
    if (y < south) south = y;
    if (y > north) north = y;
    left += flags[i]!;
    twice += jx * (y - y0) - (x - x0) * jy;
    jx = x - x0; jy = y - y0;
  }
  return { west, south, east, north, left, area7: twice / 2 };
}

/** All of a box from south to north. */
function sweep(leaf: Node, spots: Spots): void {
  const lowX: number[] = [], lowY: number[] = [], highX: number[] = [], highY: number[] = [], ownerOf: number[] = [], enters: number[] = [];
  const owners: number[] = [];
  for (const { owner, xy, flags } of leaf.pieces) {
    let local = owners.indexOf(owner);
    if (local < 0) local = owners.push(owner) - 1;
    for (let i = 0, n = flags.length, jx = xy[2 * n - 2]!, jy = xy[2 * n - 1]!; i < n; i++) {
      const x = xy[2 * i]!, y = xy[2 * i + 1]!;
      // A ring that runs counter-clockwise goes down on its west side: there one enters it.
      if (jy < y) { lowX.push(jx); lowY.push(jy); highX.push(x); highY.push(y); ownerOf.push(local); enters.push(-1); }
      else if (jy > y) { lowX.push(x); lowY.push(y); highX.push(jx); highY.push(jy); ownerOf.push(local); enters.push(1); }
      jx = x; jy = y;
    }
  }
  const count = lowX.length, heights: number[] = [];
  for (let i = 0; i < count; i++) {
    heights.push(lowY[i]!, highY[i]!);
    for (let j = 0; j < i; j++) { const y = crossingHeight(lowX[i]!, lowY[i]!, highX[i]!, highY[i]!, lowX[j]!, lowY[j]!, highX[j]!, highY[j]!); if (y !== null) heights.push(y); }
  }
  heights.sort((a, b) => a - b);
  const xAt = (i: number, y: number) => lowX[i]! + ((highX[i]! - lowX[i]!) * (y - lowY[i]!)) / (highY[i]! - lowY[i]!);
  const winds = new Int32Array(owners.length), active: number[] = [], middles = new Float64Array(count);
  let below: Span[] = [], belowY = NaN;
  for (let h = 0, from = heights[0] ?? 0; h < heights.length; h++) {
    const to = heights[h]!;
    if (to - from < SAME_7) continue;
    const middle = (from + to) / 2;
    active.length = 0;
    for (let i = 0; i < count; i++) if (lowY[i]! < middle && highY[i]! > middle) { middles[i] = xAt(i, middle); active.push(i); }
    active.sort((a, b) => middles[a]! - middles[b]!);
    winds.fill(0);
    const here: Span[] = [];
    for (let k = 0; k + 1 < active.length; k++) {
      const i = active[k]!, next = active[k + 1]!;
      winds[ownerOf[i]!]! += enters[i]!;
      const x0 = xAt(i, from), x1 = xAt(next, from), x2 = xAt(i, to), x3 = xAt(next, to);
      if (x1 - x0 < SAME_7 && x3 - x2 < SAME_7) continue;
      let inParent = false;
      const inside: number[] = [];
      for (let local = 0; local < owners.length; local++) if (winds[local]! > 0) { if (owners[local] === PARENT) inParent = true; else inside.push(owners[local]!); }
      if (spots.isWell(inside.length, inParent)) continue;
      const last = here.at(-1), spot = spots.trapezoid(from, to, x0, Math.max(x0, x1), x2, Math.max(x2, x3), inside, inParent);
      // Two that lie side by side with another mix of units are one piece; and so are two above each other.
      if (last !== undefined && Math.abs(last.x1 - x0) < SAME_7 && Math.abs(last.x3 - x2) < SAME_7) spots.join(last.spot, spot, Math.hypot((x2 - x0) * spots.eastM, (to - from) * spots.northM));
      here.push({ x0, x1: Math.max(x0, x1), x2, x3: Math.max(x2, x3), spot });
      if (Math.abs(x0 - leaf.west) < SAME_7 && Math.abs(x2 - leaf.west) < SAME_7) spots.onBorder(`v${leaf.west}`, 1, from, to, spot);
      if (Math.abs(x1 - leaf.east) < SAME_7 && Math.abs(x3 - leaf.east) < SAME_7) spots.onBorder(`v${leaf.east}`, -1, from, to, spot);
      if (Math.abs(from - leaf.south) < SAME_7) spots.onBorder(`h${leaf.south}`, 1, x0, x1, spot);
      if (Math.abs(to - leaf.north) < SAME_7) spots.onBorder(`h${leaf.north}`, -1, x2, x3, spot);
    }
    if (belowY === from) for (let a = 0, b = 0; a < below.length && b < here.length;) {
      const under = below[a]!, over = here[b]!, shared = Math.min(under.x3, over.x1) - Math.max(under.x2, over.x0);
      if (shared > SAME_7) spots.join(under.spot, over.spot, shared * spots.eastM);
      if (under.x3 < over.x1) a++; else b++;
    }
    below = here; belowY = to;
    from = to;
  }
}
/** A trapezoid's corners: west and east at its lower height, west and east at its upper. */
type Span = { x0: number; x1: number; x2: number; x3: number; spot: number };

function crossingHeight(ax: number, ay: number, bx: number, by: number, cx: number, cy: number, dx: number, dy: number): number | null {
  if (by <= cy || dy <= ay || Math.max(ax, bx) < Math.min(cx, dx) || Math.max(cx, dx) < Math.min(ax, bx)) return null;
  const turn = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx);
  if (turn === 0) return null;
  const share = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / turn, other = ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / turn;
  return share <= 0 || share >= 1 || other <= 0 || other >= 1 ? null : ay + share * (by - ay);
}

type Summed = { areaM2: number; largestM2: number; x: number; y: number };
/** The place of a sum is that of its largest part. */
function addTo(sum: Summed, part: Summed): void {
  sum.areaM2 += part.areaM2;
  if (part.largestM2 > sum.largestM2) { sum.largestM2 = part.largestM2; sum.x = part.x; sum.y = part.y; }
}

/** Trapezoids that are wrong, gathered into connected pieces. */
class Spots {
  eastM = 1; northM = 1; full = false;
  readonly hasParent: boolean;
  private readonly rootOf: number[] = [];
  private readonly isGap: boolean[] = [];
  private readonly areaM2: number[] = [];
  private readonly roundM: number[] = [];
  private readonly shares: { spot: number; a: number; b: number; areaM2: number; largestM2: number; x: number; y: number }[] = [];
  /** Of the box that is swept now. */
  private sharesBefore = 0;
  private readonly reaching: number[] = [];
  private readonly borders = new Map<string, { way: 1 | -1; from: number; to: number; spot: number }[]>();
  constructor(hasParent: boolean) { this.hasParent = hasParent; }

  scaleAt(lat7: number): void { ({ eastM: this.eastM, northM: this.northM } = metresPer7(lat7)); }
  isWell(children: number, inParent: boolean): boolean { return this.hasParent ? children === (inParent ? 1 : 0) : children < 2; }

  rectangle(box: Box7, inside: number[], inParent = true): void {
    const spot = this.trapezoid(box.south, box.north, box.west, box.east, box.west, box.east, inside, inParent);
    this.onBorder(`v${box.west}`, 1, box.south, box.north, spot);
    this.onBorder(`v${box.east}`, -1, box.south, box.north, spot);
    this.onBorder(`h${box.south}`, 1, box.west, box.east, spot);
    this.onBorder(`h${box.north}`, -1, box.west, box.east, spot);
    this.endBox();
  }
  trapezoid(from: number, to: number, x0: number, x1: number, x2: number, x3: number, inside: number[], inParent: boolean): number {
    const spot = this.rootOf.length, y = (from + to) / 2, scale = metresPer7(y);
    const area = ((x1 - x0 + x3 - x2) / 2) * (to - from) * scale.eastM * scale.northM;
    const heightM = (to - from) * this.northM;
    this.rootOf.push(spot);
    this.isGap.push(inside.length === 0);
    this.areaM2.push(area);
    this.roundM.push((x1 - x0 + x3 - x2) * this.eastM + Math.hypot((x2 - x0) * this.eastM, heightM) + Math.hypot((x3 - x1) * this.eastM, heightM));
    const x = (x0 + x1 + x2 + x3) / 4, share = (a: number, b: number) => this.shares.push({ spot, a, b, areaM2: area, largestM2: area, x, y });
    if (inside.length === 0) share(PARENT, PARENT);
    if (!inParent && this.hasParent) for (const child of inside) share(child, PARENT);
    for (let i = 0; i < inside.length; i++) for (let j = 0; j < i; j++) share(Math.min(inside[i]!, inside[j]!), Math.max(inside[i]!, inside[j]!));
    return spot;
  }
  join(a: number, b: number, sharedM: number): void {
    const rootA = this.root(a), rootB = this.root(b);
    if (this.isGap[rootA] !== this.isGap[rootB]) return;
    this.roundM[rootA]! -= 2 * sharedM;
    if (rootA === rootB) return;
    this.rootOf[rootB] = rootA;
    this.areaM2[rootA]! += this.areaM2[rootB]!;
    this.roundM[rootA]! += this.roundM[rootB]!;
  }
  /** A box is done: what is alike becomes one, and what is too small to be told and reaches no other box is forgotten. Memory is that of what is wrong, not of how ragged it is. */
  endBox(): void {
    const fresh = this.shares.splice(this.sharesBefore), reaching = new Set(this.reaching.map((spot) => this.root(spot))), sums = new Map<string, (typeof fresh)[number]>();
    for (const share of fresh) {
      const root = this.root(share.spot);
      if (!reaching.has(root) && !this.told(root)) continue;
      const key = `${root} ${share.a} ${share.b}`, sum = sums.get(key);
      if (sum === undefined) sums.set(key, share); else addTo(sum, share);
    }
    this.shares.push(...sums.values());
    this.sharesBefore = this.shares.length;
    this.reaching.length = 0;
    if (this.shares.length > SPOTS_MOST) this.full = true;
  }
  private told(root: number): boolean { return this.areaM2[root]! >= PIECE_AREA_LEAST_M2 && 2 * this.areaM2[root]! >= PIECE_WIDTH_LEAST_M * this.roundM[root]!; }
  onBorder(line: string, way: 1 | -1, from: number, to: number, spot: number): void {
    this.reaching.push(spot);
    const list = this.borders.get(line);
    if (list === undefined) this.borders.set(line, [{ way, from, to, spot }]); else list.push({ way, from, to, spot });
  }
  private root(spot: number): number {
    let at = spot;
    while (this.rootOf[at] !== at) at = this.rootOf[at] = this.rootOf[this.rootOf[at]!]!;
    return at;
  }

  found(): Coverage {
    for (const [line, list] of this.borders) {
      const before = list.filter(({ way }) => way === -1).sort((a, b) => a.from - b.from), after = list.filter(({ way }) => way === 1).sort((a, b) => a.from - b.from);
      for (let a = 0, b = 0; a < before.length && b < after.length;) {
        const one = before[a]!, other = after[b]!, shared = Math.min(one.to, other.to) - Math.max(one.from, other.from);
        if (shared > SAME_7) this.join(one.spot, other.spot, shared * (line.startsWith('v') ? this.northM : this.eastM));
        if (one.to < other.to) a++; else b++;
      }
    }
    const sums = new Map<string, (typeof this.shares)[number]>();
    for (const share of this.shares) {
      if (!this.told(this.root(share.spot))) continue;
      const key = share.a === PARENT ? `gap ${this.root(share.spot)}` : `${share.a} ${share.b}`, sum = sums.get(key);
      if (sum === undefined) sums.set(key, { ...share }); else addTo(sum, share);
    }
    const answer: Coverage = { gaps: [], overlaps: [], outside: [], cutShort: this.full };
    for (const { a, b, areaM2, x, y } of sums.values()) {
      // Of two units with small pieces in a piece that others fill: nothing to tell.
      if (areaM2 < PIECE_AREA_LEAST_M2) continue;
      const at = lngLatOf7(x, y);
      if (a === PARENT) answer.gaps.push({ areaM2, at });
      else if (b === PARENT) answer.outside.push({ child: a, areaM2, at });
      else answer.overlaps.push({ a, b, areaM2, at });
    }
    return answer;
  }
}
