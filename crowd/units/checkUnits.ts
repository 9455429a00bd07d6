// What is wrong with units: each by itself, in the tree, and beside its neighbours. As generators that yield now and then: whoever runs them decides how long they may go on at a time.
import { unitDepth, type UnitFault, type UnitLevel } from '../../contract/unit.ts';
import { coverage, type Coverage } from './coverage.ts';
import { crossingOf } from './crossings.ts';
import { areaM2Of, boxesMeet, boxOf, lngLatOf7, PER_DEGREE, signedArea7, type Box7, type Shape7 } from './shape.ts';

export type TreeUnit = {
  code: string; level: UnitLevel; name: string; parentCode: string | null; shape: Shape7;
  /** Number in the file; null for a unit that was there before. */
  feature: number | null;
};

/** Smaller than a small house lot: nobody is on duty for it, somebody clicked wrongly. */
export const UNIT_AREA_LEAST_M2 = 100;
const CORNERS_OF_RING_MOST = 20_000, RINGS_OF_PART_MOST = 201, PARTS_MOST = 500, LAT_MOST_DEG = 85;

const REFUSES: ReadonlySet<UnitFault['fault']> = new Set(['notAPolygon', 'coordinatesWrong', 'crossesItself', 'tooSmall', 'codeMissing', 'codeTwice', 'nameMissing', 'levelUnknown', 'parentUnknown', 'parentLevelWrong', 'cycle']);
/** What refuses and what warns is said here alone. */
export function faultOf(of: { feature: number | null; code: string; name: string }, fault: UnitFault['fault'], more: Partial<Pick<UnitFault, 'otherCode' | 'at' | 'areaM2' | 'detail'>> = {}): UnitFault {
  return {
    feature: of.feature, code: of.code.slice(0, 120), name: of.name.slice(0, 240), fault, weight: REFUSES.has(fault) ? 'refuses' : 'warns',
    otherCode: more.otherCode?.slice(0, 120) ?? null, at: more.at ?? null, areaM2: more.areaM2 === undefined || more.areaM2 === null ? null : Math.round(more.areaM2 * 10) / 10, detail: more.detail?.slice(0, 300) ?? null,
  };
}

/** The outline by itself; null when it is well. */
export function outlineFault(unit: TreeUnit): UnitFault | null {
  const { shape } = unit;
  if (shape.length === 0 || shape.some((rings) => rings.length === 0)) return faultOf(unit, 'notAPolygon', { detail: 'no outline' });
  if (shape.length > PARTS_MOST || shape.some((rings) => rings.length > RINGS_OF_PART_MOST)) return faultOf(unit, 'notAPolygon', { detail: `more than ${PARTS_MOST} parts, or ${RINGS_OF_PART_MOST - 1} holes in one` });
  for (const ring of shape.flat()) {
    if (ring.length > 2 * CORNERS_OF_RING_MOST) return faultOf(unit, 'notAPolygon', { at: lngLatOf7(ring[0]!, ring[1]!), detail: `a ring of more than ${CORNERS_OF_RING_MOST} corners` });
    if (ring.length < 6) return faultOf(unit, 'notAPolygon', { detail: 'a ring of fewer than three corners' });
    for (let i = 1; i < ring.length; i += 2) if (Math.abs(ring[i]!) > LAT_MOST_DEG * PER_DEGREE || Math.abs(ring[i - 1]!) > 180 * PER_DEGREE) return faultOf(unit, 'coordinatesWrong', { detail: `latitude beyond ${LAT_MOST_DEG} or longitude beyond 180 degrees` });
  }
  const { west, east } = boxOf(shape);
  if (east - west > 180 * PER_DEGREE) return faultOf(unit, 'coordinatesWrong', { detail: 'it reaches across the date line (180 degrees); cut it there and import two units' });
  const crossing = crossingOf(shape);
  if (crossing !== null) return faultOf(unit, 'crossesItself', crossing);
  const areaM2 = areaM2Of(shape);
  if (areaM2 < UNIT_AREA_LEAST_M2 || shape.some(([outer]) => signedArea7(outer!) <= 0)) return faultOf(unit, 'tooSmall', { areaM2, at: lngLatOf7(shape[0]![0]![0]!, shape[0]![0]![1]!), detail: `at least ${UNIT_AREA_LEAST_M2} m²` });
  return null;
}

/**
 * All units that will be there: those of the file and those that stay as they are. Only what a unit of the file has to do with is told. Neighbours are looked at where outlines and places in the tree are
 * well; a unit with a fault of its own is left out there, so that one mistake is not told many times. `unreadCodes`: of features that have been told of already.
 */
export function* checkTree(units: readonly TreeUnit[], unreadCodes: ReadonlySet<string> = new Set()): Generator<void, UnitFault[]> {
  const faults: UnitFault[] = [], spoilt = new Set<TreeUnit>();
  const refuse = (unit: TreeUnit, fault: UnitFault) => { faults.push(fault); spoilt.add(unit); };
  for (const unit of units) {
    if (unit.feature === null) continue;
    const fault = outlineFault(unit);
    if (fault !== null) refuse(unit, fault);
    yield;
  }
  const byCode = new Map<string, TreeUnit>();
  for (const unit of units) {
    const other = byCode.get(unit.code);
    if (other === undefined) byCode.set(unit.code, unit);
    else refuse(unit, faultOf(unit, 'codeTwice', { detail: other.feature === null ? null : `also feature ${other.feature}` }));
  }
  const looped = unitsInLoops(units, byCode);
  for (const unit of units) {
    const parent = unit.parentCode === null ? null : byCode.get(unit.parentCode);
    if (unit.feature === null && (parent === null || parent === undefined || parent.feature === null)) continue;
    if (parent === undefined) { if (unreadCodes.has(unit.parentCode!)) spoilt.add(unit); else refuse(unit, faultOf(unit, 'parentUnknown', { otherCode: unit.parentCode })); }
    else if (looped.has(unit)) refuse(unit, faultOf(unit, 'cycle', { otherCode: unit.parentCode }));
    else if (parent !== null && unitDepth(parent.level) >= unitDepth(unit.level)) refuse(unit, faultOf(unit, 'parentLevelWrong', { otherCode: unit.parentCode, detail: `${unit.level} under ${parent.level}` }));
  }
  const below = new Map<string | null, TreeUnit[]>();
  for (const unit of units) {
    if (spoilt.has(unit)) continue;
    const list = below.get(unit.parentCode);
    if (list === undefined) below.set(unit.parentCode, [unit]); else list.push(unit);
  }
  for (const [parentCode, children] of below) {
    const parent = parentCode === null ? null : byCode.get(parentCode) ?? null;
    if (parent !== null && spoilt.has(parent)) continue;
    if (parent?.feature === undefined || parent.feature === null) if (!children.some((child) => child.feature !== null)) continue;
    faults.push(...coverageFaults(yield* coverage(parent?.shape ?? null, children.map(({ shape }) => shape)), parent, children, true));
  }
  return faults;
}

/** One unit that was added or changed: against its parent, its siblings and its children, near the ground that it has or had. */
export function* checkOne({ unit, before, parent, siblings, children }: { unit: TreeUnit; before: Shape7 | null; parent: TreeUnit | null; siblings: readonly TreeUnit[]; children: readonly TreeUnit[] }): Generator<void, UnitFault[]> {
  const own = outlineFault(unit);
  if (own !== null) return [own];
  if (parent !== null && unitDepth(parent.level) >= unitDepth(unit.level)) return [faultOf(unit, 'parentLevelWrong', { otherCode: parent.code, detail: `${unit.level} under ${parent.level}` })];
  const lower = children.find((child) => unitDepth(child.level) <= unitDepth(unit.level));
  if (lower !== undefined) return [faultOf(lower, 'parentLevelWrong', { otherCode: unit.code, detail: `${lower.level} under ${unit.level}` })];
  const window = joined(boxOf(unit.shape), before === null ? null : boxOf(before));
  const near = siblings.filter(({ shape }) => boxesMeet(boxOf(shape), window));
  const faults = coverageFaults(yield* coverage(parent?.shape ?? null, [unit, ...near].map(({ shape }) => shape), window), parent, [unit, ...near], false);
  if (children.length > 0) faults.push(...coverageFaults(yield* coverage(unit.shape, children.map(({ shape }) => shape)), unit, children, false));
  return faults;
}
const joined = (a: Box7, b: Box7 | null): Box7 => (b === null ? a : { west: Math.min(a.west, b.west), south: Math.min(a.south, b.south), east: Math.max(a.east, b.east), north: Math.max(a.north, b.north) });

/** `ofFile`: only what a unit of the file has to do with. */
function coverageFaults(found: Coverage, parent: TreeUnit | null, children: readonly TreeUnit[], ofFile: boolean): UnitFault[] {
  const faults: UnitFault[] = [], isNew = (unit: TreeUnit | null) => !ofFile || (unit !== null && unit.feature !== null);
  for (const { a, b, areaM2, at } of found.overlaps) {
    const [one, other] = [children[a]!, children[b]!];
    if (isNew(one) || isNew(other)) faults.push(faultOf(isNew(one) ? one : other, 'overlaps', { otherCode: (isNew(one) ? other : one).code, areaM2, at }));
  }
  for (const { child, areaM2, at } of found.outside) if (isNew(children[child]!) || isNew(parent)) faults.push(faultOf(children[child]!, 'outsideParent', { otherCode: parent?.code ?? null, areaM2, at }));
  if (parent !== null) for (const { areaM2, at } of found.gaps) faults.push({ ...faultOf(parent, 'gap', { areaM2, at }), feature: null });
  if (found.cutShort) faults.push({ ...faultOf(parent ?? { feature: null, code: '', name: '' }, 'overlaps', { detail: 'so much does not fit here that the rest was not looked at' }), feature: null });
  return faults;
}

/** Units whose way up comes back to themselves. */
function unitsInLoops(units: readonly TreeUnit[], byCode: ReadonlyMap<string, TreeUnit>): Set<TreeUnit> {
  const looped = new Set<TreeUnit>(), done = new Set<TreeUnit>();
  for (const unit of units) {
    const way: TreeUnit[] = [], onWay = new Set<TreeUnit>();
    for (let at: TreeUnit | undefined = unit; at !== undefined && !done.has(at); at = at.parentCode === null ? undefined : byCode.get(at.parentCode)) {
      if (onWay.has(at)) { for (const each of way.slice(way.indexOf(at))) looped.add(each); break; }
      way.push(at); onWay.add(at);
    }
    for (const each of way) done.add(each);
  }
  return looped;
}

export function runToEnd<T>(work: Generator<void, T>): T {
  for (;;) { const next = work.next(); if (next.done) return next.value; }
}
/** At most `sliceMs` at a time (and as long as one step takes), then `pause`. */
export async function runInSlices<T>(work: Generator<void, T>, sliceMs: number, nowMs: () => number, pause: () => Promise<unknown>): Promise<T> {
  for (let begunAtMs = nowMs(); ;) {
    const next = work.next();
    if (next.done) return next.value;
    if (nowMs() - begunAtMs >= sliceMs) { await pause(); begunAtMs = nowMs(); }
  }
}
