// How a camera's picture lies on the flat ground: a homography from point pairs, and the shift from the height of heads to the ground under them.
import type { PicturePoint, SitePoint } from '../contract/geometry.ts';
import { problemNote, type ProblemNote } from '../contract/problem.ts';
import type { Calibration, PointPair } from '../contract/site.ts';
import { cholesky, choleskySolve, inverse3, symmetricEigen, times3 } from './linear.ts';

/** 3x3 matrices, row by row, on (xShare, yShare, 1) and (xM, yM, 1). The third number is positive for ground in front of the camera. */
export type Homography = {
  toGround: number[];
  toPicture: number[];
  /** `toGround` pushed by one standard deviation along each axis of its own uncertainty: how far a result moves over these is its error. */
  spread: number[][];
};
export type HomographyFit = { ok: true; homography: Homography; errorsM: number[]; errorMRms: number } | { ok: false; problem: ProblemNote };

/**
 * Least squares over the pairs: direct linear transform in normalised coordinates (Hartley 1997), then Gauss-Newton with damping on the distance on the ground,
 * each pair weighed by what a click in the picture and a click on the map are worth at that distance: a far point, where one pixel is metres, must not bend the near ground.
 */
export function fitHomography(points: PointPair[], pictureAspect: number): HomographyFit {
  const usable = distinct(points);
  if (usable.length < 4) return { ok: false, problem: problemNote('pointsTooFew') };
  // Picture in units of its height, so that both axes are alike; then both planes moved and scaled to unit spread.
  const picture = usable.map(({ picture: p }) => [p.xShare * pictureAspect, p.yShare] as const);
  const ground = usable.map(({ ground: g }) => [g.xM, g.yM] as const);
  if (onOneLine(picture, PICTURE_LINE_SHARE) || onOneLine(ground, GROUND_LINE_SHARE)) return { ok: false, problem: problemNote('pointsOnOneLine') };
  const a = normalisation(picture), b = normalisation(ground);
  const from = picture.map(([x, y]) => [x * a.scale + a.x, y * a.scale + a.y] as const);
  const to = ground.map(([x, y]) => [x * b.scale + b.x, y * b.scale + b.y] as const);

  const start = linearFit(from, to);
  if (start.condition < CONDITION_LEAST) return { ok: false, problem: problemNote('pointsOnOneLine') };
  const notFit = (errorM: number): HomographyFit => ({ ok: false, problem: problemNote('pointsDoNotFit', { errorM: Math.round(errorM * 10) / 10 }) });
  const inFront = from.filter(([x, y]) => thirdOf(start.h, x, y) > 0).length;
  const sign = inFront * 2 >= from.length ? 1 : -1;
  // A camera cannot see points on both sides of its horizon: pairs that were swapped do this.
  if (inFront !== 0 && inFront !== from.length) return notFit(affineError(from, to) / b.scale);
  const fit = refine(start.h.map((value) => value * sign), from, to, CLICK_ERROR_SHARE * a.scale, MAP_ERROR_M * b.scale);
  if (fit === null) return { ok: false, problem: problemNote('pointsOnOneLine') };

  // (picture shares -> normalised) and (normalised ground -> metres) around the fitted matrix.
  const before = [pictureAspect * a.scale, 0, a.x, 0, a.scale, a.y, 0, 0, 1];
  const after = [1 / b.scale, 0, -b.x / b.scale, 0, 1 / b.scale, -b.y / b.scale, 0, 0, 1];
  const whole = (h: readonly number[]) => times3(times3(after, h), before);
  const toGround = whole(fit.h), toPicture = inverse3(toGround);
  if (toPicture === null || toGround.some((value) => !Number.isFinite(value))) return { ok: false, problem: problemNote('pointsOnOneLine') };
  const homography: Homography = { toGround, toPicture, spread: fit.spread.map((push) => whole(fit.h.map((value, i) => value + push[i]!))) };

  const errorsM = points.map((pair) => {
    const at = pictureToGround(homography, pair.picture);
    return at === null ? Infinity : Math.hypot(at.xM - pair.ground.xM, at.yM - pair.ground.yM);
  });
  const errorMRms = Math.sqrt(mean(errorsM.map((error) => error * error)));
  if (!Number.isFinite(errorMRms) || (fit.misfit > MISFIT_MOST && errorMRms > MISFIT_ERROR_LEAST_M)) return notFit(Number.isFinite(errorMRms) ? errorMRms : 1 / b.scale);
  return { ok: true, homography, errorsM, errorMRms };
}

/** Null at or above the horizon. */
export function pictureToGround(h: Homography, point: PicturePoint): SitePoint | null {
  const m = h.toGround, x = point.xShare, y = point.yShare;
  const w = m[6]! * x + m[7]! * y + m[8]!;
  if (!(w > HORIZON_LEAST * thirdSize(m))) return null;
  return { xM: (m[0]! * x + m[1]! * y + m[2]!) / w, yM: (m[3]! * x + m[4]! * y + m[5]!) / w };
}

/** Null for ground behind the camera. The result may lie outside the picture. */
export function groundToPicture(h: Homography, point: SitePoint): PicturePoint | null {
  const m = h.toPicture, { xM, yM } = point;
  const w = m[6]! * xM + m[7]! * yM + m[8]!;
  if (!(w > 0)) return null;
  const xShare = (m[0]! * xM + m[1]! * yM + m[2]!) / w, yShare = (m[3]! * xM + m[4]! * yM + m[5]!) / w;
  return Number.isFinite(xShare) && Number.isFinite(yShare) ? { xShare, yShare } : null;
}

type Mast = Pick<Calibration, 'position' | 'heightM' | 'headHeightM'>;

/** Where the person stands whose head is seen at this point of the picture. Null above the horizon, or when the camera is not above the heads. */
export function headToGround(h: Homography, mast: Mast, point: PicturePoint): SitePoint | null {
  const seen = pictureToGround(h, point);
  const shrink = headShrink(mast);
  if (seen === null || shrink === null) return null;
  return { xM: mast.position.xM + (seen.xM - mast.position.xM) * shrink, yM: mast.position.yM + (seen.yM - mast.position.yM) * shrink };
}

/** Where in the picture the head of somebody is who stands here. */
export function groundToHead(h: Homography, mast: Mast, point: SitePoint): PicturePoint | null {
  const shrink = headShrink(mast);
  if (shrink === null) return null;
  return groundToPicture(h, { xM: mast.position.xM + (point.xM - mast.position.xM) / shrink, yM: mast.position.yM + (point.yM - mast.position.yM) / shrink });
}

/** The line of sight through a head at height a meets the ground at H / (H - a) of the person's distance: this is (H - a) / H. */
export function headShrink(mast: Mast): number | null {
  const shrink = (mast.heightM - mast.headHeightM) / mast.heightM;
  return shrink >= HEAD_SHRINK_LEAST ? shrink : null;
}

/** How far off (one standard deviation, metres) the ground under this point of the picture may be, from the errors of the point pairs. */
export function groundErrorM(h: Homography, point: PicturePoint): number | null {
  const at = pictureToGround(h, point);
  if (at === null) return null;
  let sum = 0;
  for (const toGround of h.spread) {
    const pushed = pictureToGround({ ...h, toGround }, point);
    if (pushed === null) return null;
    sum += (pushed.xM - at.xM) ** 2 + (pushed.yM - at.yM) ** 2;
  }
  return Math.sqrt(sum);
}

// A person clicks to about 3 px of a 720 px picture, and on a map or plan to about 0.3 m. Only their ratio matters for the fit.
const CLICK_ERROR_SHARE = 0.004, MAP_ERROR_M = 0.3;
/** Points nearer than this to one line, as a share of their length along it. The picture may be flat (a low camera), the ground may not. */
const PICTURE_LINE_SHARE = 0.01, GROUND_LINE_SHARE = 0.03;
/** Smallest ratio of the eighth to the first singular value of the linear system; below it another homography fits as well. Squares of four corners have 0.3, a low camera 0.02. */
const CONDITION_LEAST = 0.002;
/** Error of the pairs, in units of what clicking explains, and in metres, beyond which the ground is not flat or a pair is wrong. */
const MISFIT_MOST = 5, MISFIT_ERROR_LEAST_M = 0.5;
/** Nearer to the horizon than this share of the picture's depth the ground runs to infinity. */
const HORIZON_LEAST = 1e-6;
/** A camera less than 5 % of its height above the heads sees them edge on. */
const HEAD_SHRINK_LEAST = 0.05;
/** Prior belief in the click errors above, in degrees of freedom: four exact-looking pairs prove nothing. */
const PRIOR_FREEDOM = 4;

type Pair = readonly [number, number];
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const thirdOf = (h: readonly number[], x: number, y: number): number => h[6]! * x + h[7]! * y + h[8]!;
const thirdSize = (m: readonly number[]): number => Math.abs(m[6]!) + Math.abs(m[7]!) + Math.abs(m[8]!);
function apply(h: readonly number[], x: number, y: number): Pair {
  const w = thirdOf(h, x, y);
  return [(h[0]! * x + h[1]! * y + h[2]!) / w, (h[3]! * x + h[4]! * y + h[5]!) / w];
}

/** A pair set twice counts once: it says nothing new about the plane. */
function distinct(points: PointPair[]): PointPair[] {
  const finite = points.filter(({ picture, ground }) => [picture.xShare, picture.yShare, ground.xM, ground.yM].every(Number.isFinite));
  return finite.filter((pair, i) => !finite.slice(0, i).some((other) =>
    Math.hypot(pair.picture.xShare - other.picture.xShare, pair.picture.yShare - other.picture.yShare) < 1e-4 || Math.hypot(pair.ground.xM - other.ground.xM, pair.ground.yM - other.ground.yM) < 1e-3));
}

function onOneLine(points: readonly Pair[], leastShare: number): boolean {
  const x = mean(points.map((p) => p[0])), y = mean(points.map((p) => p[1]));
  const xx = mean(points.map((p) => (p[0] - x) ** 2)), yy = mean(points.map((p) => (p[1] - y) ** 2)), xy = mean(points.map((p) => (p[0] - x) * (p[1] - y)));
  const middle = (xx + yy) / 2, half = Math.hypot((xx - yy) / 2, xy);
  return !(Math.sqrt(Math.max(0, middle - half)) > leastShare * Math.sqrt(middle + half));
}

function normalisation(points: readonly Pair[]): { scale: number; x: number; y: number } {
  const x = mean(points.map((p) => p[0])), y = mean(points.map((p) => p[1]));
  const scale = Math.SQRT2 / mean(points.map((p) => Math.hypot(p[0] - x, p[1] - y)));
  return { scale, x: -x * scale, y: -y * scale };
}

function linearFit(from: readonly Pair[], to: readonly Pair[]): { h: number[]; condition: number } {
  const normal = new Array<number>(81).fill(0);
  for (let i = 0; i < from.length; i++) {
    const [x, y] = from[i]!, [X, Y] = to[i]!;
    for (const row of [[x, y, 1, 0, 0, 0, -X * x, -X * y, -X], [0, 0, 0, x, y, 1, -Y * x, -Y * y, -Y]])
      for (let r = 0; r < 9; r++) for (let c = 0; c < 9; c++) normal[r * 9 + c]! += row[r]! * row[c]!;
  }
  const eigen = symmetricEigen(normal, 9);
  return { h: eigen[0]!.vector, condition: Math.sqrt(Math.max(0, eigen[1]!.value) / eigen[8]!.value) };
}

/** How badly the best plain tilt-free map fits: an error in figures for pairs that no camera can have seen. Both point sets are centred. */
function affineError(from: readonly Pair[], to: readonly Pair[]): number {
  const xx = mean(from.map(([x]) => x * x)), yy = mean(from.map(([, y]) => y * y)), xy = mean(from.map(([x, y]) => x * y)), determinant = xx * yy - xy * xy;
  const residuals = [0, 1].map((axis) => {
    const zx = mean(from.map(([x], i) => x * to[i]![axis]!)), zy = mean(from.map(([, y], i) => y * to[i]![axis]!));
    const a = (zx * yy - zy * xy) / determinant, b = (zy * xx - zx * xy) / determinant;
    return mean(from.map(([x, y], i) => (a * x + b * y - to[i]![axis]!) ** 2));
  });
  return Math.sqrt(residuals[0]! + residuals[1]!);
}

type Refined = { h: number[]; spread: number[][]; misfit: number };

function refine(start: number[], from: readonly Pair[], to: readonly Pair[], clickError: number, mapError: number): Refined | null {
  let h = unit(start), damping = 1e-6;
  let now = normalEquations(h, from, to, clickError, mapError);
  if (now === null) return null;
  for (let round = 0; round < 60; round++) {
    // The length of h is free: the term h hᵀ forbids a step along it.
    const damped = now.matrix.map((value, at) => value + h[Math.floor(at / 9)]! * h[at % 9]! * now!.size + (at % 10 === 0 ? damping * now!.size : 0));
    const l = cholesky(damped, 9);
    if (l === null) { damping = Math.max(damping, 1e-12) * 10; if (damping > 1e6) return null; continue; }
    const step = choleskySolve(l, 9, now.gradient);
    const candidate = unit(h.map((value, i) => value - step[i]!));
    const next = normalEquations(candidate, from, to, clickError, mapError);
    if (next !== null && next.chiSquared <= now.chiSquared) {
      const gain = now.chiSquared - next.chiSquared;
      h = candidate; now = next; damping = Math.max(damping / 10, 1e-15);
      if (gain <= 1e-12 * (now.chiSquared + 1e-9)) break;
    } else { damping *= 10; if (damping > 1e6) break; }
  }
  const freedom = 2 * from.length - 8;
  const l = cholesky(now.matrix.map((value, at) => value + h[Math.floor(at / 9)]! * h[at % 9]! * now!.size + (at % 10 === 0 ? 1e-13 * now!.size : 0)), 9);
  if (l === null) return null;
  const scale = Math.sqrt((PRIOR_FREEDOM + now.chiSquared) / (PRIOR_FREEDOM + freedom));
  // Columns of L^-T: their outer products add up to the covariance.
  const spread = Array.from({ length: 9 }, (_, column) => {
    const x = new Array<number>(9).fill(0);
    for (let i = 8; i >= 0; i--) { let sum = i === column ? 1 : 0; for (let k = i + 1; k < 9; k++) sum -= l[k * 9 + i]! * x[k]!; x[i] = sum / l[i * 9 + i]!; }
    return x.map((value) => value * scale);
  });
  return { h, spread, misfit: freedom > 0 ? Math.sqrt(now.chiSquared / freedom) : 0 };
}

function unit(h: number[]): number[] { const length = Math.hypot(...h); return h.map((value) => value / length); }

/** Null when a point falls behind the camera: such a step must not be taken. */
function normalEquations(h: readonly number[], from: readonly Pair[], to: readonly Pair[], clickError: number, mapError: number): { matrix: number[]; gradient: number[]; chiSquared: number; size: number } | null {
  const matrix = new Array<number>(81).fill(0), gradient = new Array<number>(9).fill(0);
  let chiSquared = 0;
  for (let i = 0; i < from.length; i++) {
    const [x, y] = from[i]!, w = thirdOf(h, x, y);
    if (!(w > 1e-9)) return null;
    const [X, Y] = apply(h, x, y), rx = X - to[i]![0], ry = Y - to[i]![1];
    // What one click is worth on the ground here: Sigma = click² J Jᵀ + map² I, and its Cholesky factor (p 0; q r).
    const jxx = (h[0]! - X * h[6]!) / w, jxy = (h[1]! - X * h[7]!) / w, jyx = (h[3]! - Y * h[6]!) / w, jyy = (h[4]! - Y * h[7]!) / w;
    const c = clickError * clickError, m = mapError * mapError;
    const p = Math.sqrt(c * (jxx * jxx + jxy * jxy) + m), q = (c * (jxx * jyx + jxy * jyy)) / p;
    const r = Math.sqrt(Math.max(c * (jyx * jyx + jyy * jyy) + m - q * q, m * 1e-6));
    const dx = [x / w, y / w, 1 / w, 0, 0, 0, (-X * x) / w, (-X * y) / w, -X / w].map((value) => value / p);
    const dyPlain = [0, 0, 0, x / w, y / w, 1 / w, (-Y * x) / w, (-Y * y) / w, -Y / w];
    const dy = dyPlain.map((value, k) => (value - q * dx[k]!) / r);
    const ex = rx / p, ey = (ry - q * ex) / r;
    chiSquared += ex * ex + ey * ey;
    for (let k = 0; k < 9; k++) {
      gradient[k]! += dx[k]! * ex + dy[k]! * ey;
      for (let j = 0; j < 9; j++) matrix[k * 9 + j]! += dx[k]! * dx[j]! + dy[k]! * dy[j]!;
    }
  }
  let size = 0;
  for (let k = 0; k < 9; k++) size += matrix[k * 10]! / 9;
  return { matrix, gradient, chiSquared, size };
}
