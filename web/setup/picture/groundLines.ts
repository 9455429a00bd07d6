// The metre grid of the ground and zone outlines as they lie in the camera's picture, cut off at the horizon. Pure; the drawing is in PictureView.tsx.
import type { PicturePoint, SitePoint } from '../../../contract/geometry.ts';

/** How a ground point lies in the picture; null where the camera cannot see it (behind it, at or above the horizon). */
export type GroundView = (point: SitePoint) => PicturePoint | null;
/** And back. */
export type PictureView = (point: PicturePoint) => SitePoint | null;
export type PictureLine = PicturePoint[];
export type GridLines = { everyM: 1 | 5 | 10; lines: PictureLine[] };

/** Nearer than this on the screen, two lines are a smear and not a scale. */
const LINE_GAP_LEAST_PX = 9;
/** A line is looked at in pieces of this many metres: fine enough to end it where it becomes too dense. */
const PIECES_MOST = 60;
const HORIZON_HALVINGS = 24;

/**
 * Lines every 1, 5 and 10 m, each only where its neighbours stand apart enough to be told from each other. A line that is also one of a
 * coarser set is drawn there only, unless the coarser set has ended.
 */
export function groundLines({ view, area, widthPx, heightPx }: { view: GroundView; area: GroundArea; widthPx: number; heightPx: number }): GridLines[] {
  return ([1, 5, 10] as const).map((everyM) => ({ everyM, lines: [...family({ view, area, everyM, along: 'x', widthPx, heightPx }), ...family({ view, area, everyM, along: 'y', widthPx, heightPx })] }));
}

export type GroundArea = { xLeastM: number; yLeastM: number; xMostM: number; yMostM: number };

/** The ground that the picture shows, as a box, no farther than rangeM from `around`: what the grid is drawn over. Null: no ground in the picture. */
export function seenArea({ back, around, rangeM }: { back: PictureView; around: SitePoint; rangeM: number }): GroundArea | null {
  let area: GroundArea | null = null;
  for (let row = 0; row <= 20; row++) for (let column = 0; column <= 20; column++) {
    const ground = back({ xShare: column / 20, yShare: row / 20 });
    if (ground === null) continue;
    const xM = Math.max(around.xM - rangeM, Math.min(around.xM + rangeM, ground.xM));
    const yM = Math.max(around.yM - rangeM, Math.min(around.yM + rangeM, ground.yM));
    area = area === null ? { xLeastM: xM, xMostM: xM, yLeastM: yM, yMostM: yM }
      : { xLeastM: Math.min(area.xLeastM, xM), xMostM: Math.max(area.xMostM, xM), yLeastM: Math.min(area.yLeastM, yM), yMostM: Math.max(area.yMostM, yM) };
  }
  return area;
}

/** The visible pieces of the straight ground line from a to b. A homography keeps lines straight, so a piece needs its two ends only; where a lens bends the line, a new piece begins. */
export function pictureSegments(view: GroundView, a: SitePoint, b: SitePoint, pieces = 16): PictureLine[] {
  const lines: PictureLine[] = [];
  let open: { from: PicturePoint; to: PicturePoint } | null = null;
  const close = () => { if (open !== null) { const cut = insidePicture(open.from, open.to); if (cut !== null) lines.push(cut); open = null; } };
  const at = (share: number) => ({ xM: a.xM + (b.xM - a.xM) * share, yM: a.yM + (b.yM - a.yM) * share });
  let last = near(view(at(0)));
  for (let piece = 1; piece <= pieces; piece++) {
    const next = near(view(at(piece / pieces)));
    if (last === null && next === null) continue;
    const from: PicturePoint = last ?? horizonEnd(view, at, piece / pieces, (piece - 1) / pieces) ?? next!;
    const to: PicturePoint = next ?? horizonEnd(view, at, (piece - 1) / pieces, piece / pieces) ?? last!;
    let opened: { from: PicturePoint; to: PicturePoint } | null = open as { from: PicturePoint; to: PicturePoint } | null;
    if (opened !== null && isBent(opened.from, opened.to, to)) { close(); opened = null; }
    open = opened === null ? { from, to } : { from: opened.from, to };
    if (next === null) close();
    last = next;
  }
  close();
  return lines;
}

/** The way from a over b to c leaves the straight line by more than a pixel of a picture 1000 wide. */
function isBent(a: PicturePoint, b: PicturePoint, c: PicturePoint): boolean {
  const dx = c.xShare - a.xShare, dy = c.yShare - a.yShare, length = Math.hypot(dx, dy);
  return length > 0 && Math.abs(dx * (b.yShare - a.yShare) - dy * (b.xShare - a.xShare)) / length > 0.001;
}

/** A polygon's sides as they lie in the picture. */
export function outlineInPicture(view: GroundView, polygon: readonly SitePoint[]): PictureLine[] {
  return polygon.flatMap((corner, index) => pictureSegments(view, corner, polygon[(index + 1) % polygon.length]!));
}

/**
 * The polygon as one filled shape in the picture, cut at the horizon and at the picture's edges; empty when nothing of it is seen.
 * The cut at the horizon follows the sides only, which is right for what a person needs to see: where the zone lies.
 */
export function shapeInPicture(view: GroundView, polygon: readonly SitePoint[]): PicturePoint[] {
  const ring: PicturePoint[] = [];
  polygon.forEach((corner, index) => {
    const next = polygon[(index + 1) % polygon.length]!;
    const at = (share: number) => ({ xM: corner.xM + (next.xM - corner.xM) * share, yM: corner.yM + (next.yM - corner.yM) * share });
    const pieces = 16;
    for (let piece = 0; piece < pieces; piece++) {
      const here = near(view(at(piece / pieces))), there = near(view(at((piece + 1) / pieces)));
      if (here !== null) { ring.push(here); if (there === null) { const end = horizonEnd(view, at, piece / pieces, (piece + 1) / pieces); if (end !== null) ring.push(end); } }
      else if (there !== null) { const end = horizonEnd(view, at, (piece + 1) / pieces, piece / pieces); if (end !== null) ring.push(end); }
    }
  });
  return clippedToPicture(ring);
}

/** A person who stands at `foot`: feet and head in the picture, and how wide half a metre is there. Null above the horizon. */
export function personInPicture({ view, back, headOver, foot }: { view: GroundView; back: PictureView; /** Where the head of somebody who stands there is seen. */ headOver: GroundView; foot: PicturePoint }): { foot: PicturePoint; head: PicturePoint; halfMetreShare: number } | null {
  const ground = back(foot);
  const head = ground === null ? null : near(headOver(ground));
  if (ground === null || head === null) return null;
  const seen = (eastM: number, northM: number) => view({ xM: ground.xM + eastM, yM: ground.yM + northM });
  const across = (one: PicturePoint | null, other: PicturePoint | null) => (one === null || other === null ? 0 : Math.abs(one.xShare - other.xShare));
  return { foot, head, halfMetreShare: Math.hypot(across(seen(0.25, 0), seen(-0.25, 0)), across(seen(0, 0.25), seen(0, -0.25))) };
}

function family({ view, area, everyM, along, widthPx, heightPx }: { view: GroundView; area: GroundArea; everyM: 1 | 5 | 10; along: 'x' | 'y'; widthPx: number; heightPx: number }): PictureLine[] {
  const [acrossLeastM, acrossMostM, alongLeastM, alongMostM] = along === 'x'
    ? [area.yLeastM, area.yMostM, area.xLeastM, area.xMostM] : [area.xLeastM, area.xMostM, area.yLeastM, area.yMostM];
  const pieceM = Math.max(everyM, (alongMostM - alongLeastM) / PIECES_MOST);
  const from = Math.floor(alongLeastM / pieceM) * pieceM, lines: PictureLine[] = [];
  const point = (acrossM: number, alongM: number): SitePoint => (along === 'x' ? { xM: alongM, yM: acrossM } : { xM: acrossM, yM: alongM });
  const coarserM = everyM === 1 ? 5 : everyM === 5 ? 10 : null;
  const apart = (acrossM: number, alongM: number, stepM: number) => {
    const here = view(point(acrossM, alongM)), beside = view(point(acrossM + stepM, alongM)), ahead = view(point(acrossM, alongM + stepM));
    if (here === null || beside === null || ahead === null) return false;
    return distanceToLinePx(beside, here, ahead, widthPx, heightPx) >= LINE_GAP_LEAST_PX;
  };
  for (let acrossM = Math.ceil(acrossLeastM / everyM) * everyM; acrossM <= acrossMostM; acrossM += everyM) {
    const isCoarser = coarserM !== null && acrossM % coarserM === 0;
    let start: number | null = null;
    const end = (atM: number) => { if (start !== null) { lines.push(...pictureSegments(view, point(acrossM, start), point(acrossM, atM), 8)); start = null; } };
    for (let alongM = from; alongM < alongMostM; alongM += pieceM) {
      const middleM = alongM + pieceM / 2;
      const isDrawn = apart(acrossM, middleM, everyM) && !(isCoarser && apart(acrossM, middleM, coarserM!));
      if (isDrawn && start === null) start = alongM;
      if (!isDrawn) end(alongM);
    }
    end(alongMostM);
  }
  return lines;
}

/** How far apart two parallel grid lines are on the screen: from a point of the one to the other. */
function distanceToLinePx(point: PicturePoint, a: PicturePoint, b: PicturePoint, widthPx: number, heightPx: number): number {
  const dx = (b.xShare - a.xShare) * widthPx, dy = (b.yShare - a.yShare) * heightPx;
  const px = (point.xShare - a.xShare) * widthPx, py = (point.yShare - a.yShare) * heightPx;
  const length = Math.hypot(dx, dy);
  return length === 0 ? Math.hypot(px, py) : Math.abs(dx * py - dy * px) / length;
}

/** A point just under the horizon lies millions of pictures away: no use for drawing, and SVG cannot hold it. */
const FAR_SHARES = 50;
const near = (point: PicturePoint | null) => (point === null || Math.abs(point.xShare) > FAR_SHARES || Math.abs(point.yShare) > FAR_SHARES ? null : point);

/** The last point that is still seen on the way from a seen share to an unseen one. */
function horizonEnd(view: GroundView, at: (share: number) => SitePoint, seenShare: number, unseenShare: number): PicturePoint | null {
  let seen = seenShare, unseen = unseenShare;
  for (let i = 0; i < HORIZON_HALVINGS; i++) {
    const middle = (seen + unseen) / 2;
    if (near(view(at(middle))) === null) unseen = middle; else seen = middle;
  }
  return near(view(at(seen)));
}

/** Liang-Barsky against the picture with a small margin, so that lines run off its edge instead of ending at it. */
function insidePicture(from: PicturePoint, to: PicturePoint): PictureLine | null {
  const least = -0.02, most = 1.02;
  let enter = 0, leave = 1;
  const dx = to.xShare - from.xShare, dy = to.yShare - from.yShare;
  for (const [step, gap] of [[-dx, from.xShare - least], [dx, most - from.xShare], [-dy, from.yShare - least], [dy, most - from.yShare]] as const) {
    if (step === 0) { if (gap < 0) return null; continue; }
    const share = gap / step;
    if (step < 0) enter = Math.max(enter, share); else leave = Math.min(leave, share);
  }
  if (enter >= leave) return null;
  return [{ xShare: from.xShare + dx * enter, yShare: from.yShare + dy * enter }, { xShare: from.xShare + dx * leave, yShare: from.yShare + dy * leave }];
}

/** Sutherland-Hodgman against the picture. */
function clippedToPicture(ring: PicturePoint[]): PicturePoint[] {
  const edges: { inside: (p: PicturePoint) => boolean; cross: (a: PicturePoint, b: PicturePoint) => PicturePoint }[] = [
    { inside: (p) => p.xShare >= 0, cross: (a, b) => mix(a, b, (0 - a.xShare) / (b.xShare - a.xShare)) },
    { inside: (p) => p.xShare <= 1, cross: (a, b) => mix(a, b, (1 - a.xShare) / (b.xShare - a.xShare)) },
    { inside: (p) => p.yShare >= 0, cross: (a, b) => mix(a, b, (0 - a.yShare) / (b.yShare - a.yShare)) },
    { inside: (p) => p.yShare <= 1, cross: (a, b) => mix(a, b, (1 - a.yShare) / (b.yShare - a.yShare)) },
  ];
  let kept = ring;
  for (const { inside, cross } of edges) {
    kept = kept.flatMap((point, index) => {
      const before = kept[(index + kept.length - 1) % kept.length]!;
      if (inside(point)) return inside(before) ? [point] : [cross(before, point), point];
      return inside(before) ? [cross(before, point)] : [];
    });
  }
  return kept;
}
const mix = (a: PicturePoint, b: PicturePoint, share: number): PicturePoint => ({ xShare: a.xShare + (b.xShare - a.xShare) * share, yShare: a.yShare + (b.yShare - a.yShare) * share });
