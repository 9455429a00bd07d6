// Whether an outline drawn by hand is a zone: a simple ring inside the grid, large enough, with limits that grow.
import type { GridSpec, SitePoint } from '../contract/geometry.ts';
import { problemNote, type ProblemNote } from '../contract/problem.ts';
import type { Zone } from '../contract/site.ts';
import { cutToBox, ringOf, signedArea } from './polygon.ts';

/** Null: it is a zone. The first fault found otherwise, in the order in which a person would mend them. */
export function zoneProblem(zone: Pick<Zone, 'polygon' | 'limits'>, grid: GridSpec): ProblemNote | null {
  const { polygon, limits } = zone;
  if (polygon.some(({ xM, yM }) => !Number.isFinite(xM) || !Number.isFinite(yM))) return problemNote('inputWrong', { reason: 'a corner is not a place' });
  if (polygon.length < 3) return problemNote('polygonTooSmall');
  if (crossesItself(polygon)) return problemNote('polygonCrossesItself');
  const areaM2 = polygonAreaM2(polygon);
  if (areaM2 < grid.cellM * grid.cellM) return problemNote('polygonTooSmall');
  const insideM2 = Math.abs(signedArea(cutToBox(ringOf(polygon), 0, 0, grid.columns * grid.cellM, grid.rows * grid.cellM)));
  if (insideM2 < (1 - OUTSIDE_SHARE_MOST) * areaM2) return problemNote('polygonOutside');
  const { noticePeoplePerM2, warningPeoplePerM2, dangerPeoplePerM2, criticalPeoplePerM2 } = limits;
  if (!(0 < noticePeoplePerM2 && noticePeoplePerM2 < warningPeoplePerM2 && warningPeoplePerM2 < dangerPeoplePerM2 && dangerPeoplePerM2 < criticalPeoplePerM2)) return problemNote('limitsOutOfOrder');
  return null;
}

export function polygonAreaM2(polygon: readonly SitePoint[]): number {
  return Math.abs(signedArea(ringOf(polygon)));
}

/** A hand that slips over the edge of the grid by a hair is forgiven; a part that can never be seen is not. */
const OUTSIDE_SHARE_MOST = 0.01;
/** Sides nearer than this touch: a millimetre is far under what a hand can mean. */
const TOUCH_M = 1e-3;

/** True also for a side that only touches another, a corner on another side, a corner set twice and a side that runs back along itself: the inside is not clear then. */
export function crossesItself(polygon: readonly SitePoint[]): boolean {
  const n = polygon.length;
  for (let i = 0; i < n; i++) {
    const a = polygon[i]!, b = polygon[(i + 1) % n]!;
    if (apart(a, b) < TOUCH_M) return true;
    // The next side starts where this one ends; it may not run back over it.
    const c = polygon[(i + 2) % n]!;
    if (fromSide(c, a, b) < TOUCH_M && along(a, b, c) < 0) return true;
    if (fromSide(a, b, c) < TOUCH_M && along(c, b, a) < 0) return true;
    for (let j = i + 2; j < n; j++) {
      if (i === 0 && j === n - 1) continue;
      if (sidesMeet(a, b, polygon[j]!, polygon[(j + 1) % n]!)) return true;
    }
  }
  return false;
}

const apart = (p: SitePoint, q: SitePoint): number => Math.hypot(p.xM - q.xM, p.yM - q.yM);
/** Twice the signed area of the triangle: positive when c lies to the left of a -> b. */
const turn = (a: SitePoint, b: SitePoint, c: SitePoint): number => (b.xM - a.xM) * (c.yM - a.yM) - (b.yM - a.yM) * (c.xM - a.xM);
/** Negative when, coming from a to b, c lies behind. */
const along = (a: SitePoint, b: SitePoint, c: SitePoint): number => (b.xM - a.xM) * (c.xM - b.xM) + (b.yM - a.yM) * (c.yM - b.yM);

function fromSide(p: SitePoint, a: SitePoint, b: SitePoint): number {
  const dx = b.xM - a.xM, dy = b.yM - a.yM, length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : Math.max(0, Math.min(1, ((p.xM - a.xM) * dx + (p.yM - a.yM) * dy) / length));
  return Math.hypot(p.xM - a.xM - share * dx, p.yM - a.yM - share * dy);
}

function sidesMeet(a: SitePoint, b: SitePoint, c: SitePoint, d: SitePoint): boolean {
  const properly = turn(a, b, c) > 0 !== turn(a, b, d) > 0 && turn(c, d, a) > 0 !== turn(c, d, b) > 0;
  return properly || fromSide(a, c, d) < TOUCH_M || fromSide(b, c, d) < TOUCH_M || fromSide(c, a, b) < TOUCH_M || fromSide(d, a, b) < TOUCH_M;
}
