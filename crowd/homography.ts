// How a camera's picture lies on the flat ground: a homography from point pairs, and the shift from the height of heads to the ground under them.
import type { PicturePoint, SitePoint } from '../contract/geometry.ts';
import { problemNote, type ProblemNote } from '../contract/problem.ts';
import type { Calibration, Lens, PointPair } from '../contract/site.ts';
import { distortionSlope, pictureLens, type PictureLens, withDistortion, withoutDistortion } from './lens.ts';
import { cholesky, choleskySolve, inverse3, symmetricEigen, times3 } from './linear.ts';

/** 3x3 matrices, row by row, on (xShare, yShare, 1) of the picture without distortion and (xM, yM, 1). The third number is positive for ground in front of the camera. */
export type Homography = {
  toGround: number[];
  toPicture: number[];
  /** Null: straight lines are straight in this picture. */
  lens: PictureLens | null;
  /** The placing pushed by one standard deviation along each axis of its own uncertainty: how far a result moves over these is its error. */
  spread: { toGround: number[]; lens: PictureLens | null }[];
};
/** Error of each pair in metres on the ground, in the order given. */
export type PairErrors = { errorsM: number[]; errorMRms: number };
/** `errors` also where the pairs do not fit, so that the page can show which of them is wrong; null where nothing could be fitted at all. */
export type HomographyFit = ({ ok: true; homography: Homography } & PairErrors) | { ok: false; problem: ProblemNote; errors: PairErrors | null };

/** The homography of a placing: its points, through its lens. */
export const fitCalibration = ({ points, pictureAspect, lens }: Pick<Calibration, 'points' | 'pictureAspect' | 'lens'>): HomographyFit => fitHomography(points, pictureAspect, lens ?? null);

/**
 * Least squares over the pairs: direct linear transform in normalised coordinates (Hartley 1997), then Gauss-Newton with damping on the distance on the ground,
 * each pair weighed by what a click in the picture and a click on the map are worth at that distance: a far point, where one pixel is metres, must not bend the near ground.
 * A lens is taken off the picture first; what is not known of it (the pairs say something themselves) is part of the uncertainty.
 */
export function fitHomography(points: PointPair[], pictureAspect: number, lens: Lens | null = null): HomographyFit {
  const solved = solve(points, pictureAspect, lens);
  if (!solved.ok) return solved;
  const { toGround, bent, errors, misfit } = solved, toPicture = inverse3(toGround);
  if (toPicture === null || toGround.some((value) => !Number.isFinite(value))) return { ok: false, problem: problemNote('pointsOnOneLine'), errors: null };
  if (!Number.isFinite(errors.errorMRms) || (misfit > MISFIT_MOST && errors.errorMRms > MISFIT_ERROR_LEAST_M)) {
    return { ok: false, problem: doNotFit(Number.isFinite(errors.errorMRms) ? errors.errorMRms : solved.groundUnitM), errors };
  }
  const spread = solved.spread.map((pushed) => ({ toGround: pushed, lens: bent }));
  if (lens !== null && bent !== null) {
    const pushed = { ...lens, k1: lens.k1 + lensErrorOf(points, pictureAspect, lens, solved.chiSquared, solved.scale, LENS_K1_ERROR) }, there = solve(points, pictureAspect, pushed);
    if (there.ok) spread.push({ toGround: there.toGround, lens: there.bent });
  }
  return { ok: true, homography: { toGround, toPicture, lens: bent, spread }, ...errors };
}

export type LensFit =
  | ({ ok: true; lens: Lens; /** One standard deviation. */ k1Error: number; homography: Homography; /** The same pairs with straight lines; null where those do not fit at all. */ before: PairErrors | null } & PairErrors)
  | { ok: false; problem: ProblemNote; errors: PairErrors | null };

/**
 * The lens that makes the pairs lie best on one flat ground, with the homography. k2 only where it explains clearly more: with few pairs it would learn their errors.
 * Problem lensUnclear: fewer than eight pairs, or pairs that do not tell k1 to LENS_K1_ERROR.
 */
export function fitLens(points: PointPair[], pictureAspect: number): LensFit {
  const straight = fitHomography(points, pictureAspect), before = straight.ok ? { errorsM: straight.errorsM, errorMRms: straight.errorMRms } : straight.errors;
  if (distinct(points).length < LENS_PAIRS_LEAST) return { ok: false, problem: problemNote('lensUnclear', { pairs: LENS_PAIRS_LEAST }), errors: before };
  if (!straight.ok && straight.problem.code !== 'pointsDoNotFit') return { ok: false, problem: straight.problem, errors: before };
  // The weak belief that a lens is no fisheye keeps the search off its edges where the pairs say little.
  const cost = (k1: number, k2: number): number => {
    const bent = pictureLens({ k1, k2 }, pictureAspect);
    // A picture that is filled to its corners was not made by a lens that ends before them.
    if (bent !== null && bent.seenMost < 1) return Infinity;
    const solved = solve(points, pictureAspect, { k1, k2 });
    return solved.ok ? solved.chiSquared + (k1 / LENS_K1_USUAL) ** 2 + (k2 / LENS_K2_USUAL) ** 2 : Infinity;
  };
  let k1 = leastOf((value) => cost(value, 0), K1_LEAST, K1_MOST, 18), k2 = 0;
  if (distinct(points).length >= LENS_K2_PAIRS_LEAST) {
    const tried = K2_TRIED.map((y) => ({ x: leastOf((value) => cost(value, y), K1_LEAST, K1_MOST, 9, 6), y })).sort((one, other) => cost(one.x, one.y) - cost(other.x, other.y))[0]!;
    const both = valleyOf(cost, tried.x, tried.y) ?? tried;
    if (cost(k1, 0) - cost(both.x, both.y) > LENS_K2_GAIN_LEAST) { k1 = both.x; k2 = both.y; }
  }
  const lens = { k1: rounded(k1), k2: rounded(k2) }, fit = fitHomography(points, pictureAspect, lens);
  if (!fit.ok) return fit.problem.code === 'pointsDoNotFit' ? fit : { ok: false, problem: problemNote('lensUnclear', { pairs: LENS_PAIRS_LEAST }), errors: before };
  const solved = solve(points, pictureAspect, lens);
  const k1Error = solved.ok ? lensErrorOf(points, pictureAspect, lens, solved.chiSquared, solved.scale, Infinity) : Infinity;
  if (!(k1Error <= LENS_K1_ERROR)) return { ok: false, problem: problemNote('lensUnclear', { pairs: LENS_PAIRS_LEAST }), errors: before };
  return { ok: true, lens, k1Error, homography: fit.homography, errorsM: fit.errorsM, errorMRms: fit.errorMRms, before };
}

type Solved = { ok: true; toGround: number[]; spread: number[][]; bent: PictureLens | null; chiSquared: number; scale: number; misfit: number; errors: PairErrors; /** Size of the ground that the pairs span. */ groundUnitM: number };

function solve(points: PointPair[], pictureAspect: number, lens: Lens | null): Solved | { ok: false; problem: ProblemNote; errors: PairErrors | null } {
  const none = (problem: ProblemNote, errors: PairErrors | null = null) => ({ ok: false as const, problem, errors });
  const usable = distinct(points);
  if (usable.length < 4) return none(problemNote('pointsTooFew'));
  const bent = pictureLens(lens, pictureAspect);
  const straight = usable.flatMap(({ picture, ground }) => { const point = bent === null ? picture : withoutDistortion(bent, picture); return point === null ? [] : [{ point, ground }]; });
  if (straight.length < usable.length) return none(problemNote('inputWrong', { reason: 'a lens of this distortion shows nothing where some of the points are' }));
  // Picture in units of its height, so that both axes are alike; then both planes moved and scaled to unit spread.
  const picture = straight.map(({ point: p }) => [p.xShare * pictureAspect, p.yShare] as const);
  const ground = straight.map(({ ground: g }) => [g.xM, g.yM] as const);
  if (onOneLine(picture, PICTURE_LINE_SHARE) || onOneLine(ground, GROUND_LINE_SHARE)) return none(problemNote('pointsOnOneLine'));
  const a = normalisation(picture), b = normalisation(ground);
  const from = picture.map(([x, y]) => [x * a.scale + a.x, y * a.scale + a.y] as const);
  const to = ground.map(([x, y]) => [x * b.scale + b.x, y * b.scale + b.y] as const);

  const start = linearFit(from, to);
  if (start.condition < CONDITION_LEAST) return none(problemNote('pointsOnOneLine'));
  const inFront = from.filter(([x, y]) => thirdOf(start.h, x, y) > 0).length;
  const sign = inFront * 2 >= from.length ? 1 : -1;
  // A camera cannot see points on both sides of its horizon: pairs that were swapped do this.
  if (inFront !== 0 && inFront !== from.length) {
    const errors = affineErrors(from, to).map((error) => error / b.scale), errorMRms = rootMeanSquare(errors);
    return none(doNotFit(errorMRms), usable.length === points.length ? { errorsM: errors, errorMRms } : null);
  }
  // A click is worth more ground where the lens presses the picture together.
  const clickErrors = straight.map(({ point }) => {
    const slope = bent === null ? null : distortionSlope(bent, point);
    return CLICK_ERROR_SHARE * a.scale * (slope === null ? 1 : Math.sqrt(Math.abs(slope.xx * slope.yy - slope.xy * slope.yx)));
  });
  const fit = refine(start.h.map((value) => value * sign), from, to, clickErrors, MAP_ERROR_M * b.scale);
  if (fit === null) return none(problemNote('pointsOnOneLine'));

  // (picture shares -> normalised) and (normalised ground -> metres) around the fitted matrix.
  const before = [pictureAspect * a.scale, 0, a.x, 0, a.scale, a.y, 0, 0, 1];
  const after = [1 / b.scale, 0, -b.x / b.scale, 0, 1 / b.scale, -b.y / b.scale, 0, 0, 1];
  const whole = (h: readonly number[]) => times3(times3(after, h), before);
  const toGround = whole(fit.h);
  const errorsM = points.map((pair) => {
    const at = pictureToGround({ toGround, lens: bent }, pair.picture);
    return at === null ? Infinity : Math.hypot(at.xM - pair.ground.xM, at.yM - pair.ground.yM);
  });
  return {
    ok: true, toGround, bent, spread: fit.spread.map((push) => whole(fit.h.map((value, i) => value + push[i]!))), chiSquared: fit.chiSquared, scale: fit.scale, misfit: fit.misfit,
    errors: { errorsM, errorMRms: rootMeanSquare(errorsM) }, groundUnitM: 1 / b.scale,
  };
}

/** One standard deviation of k1 by the pairs themselves (how sharply they object when it is moved, the homography following), together with a belief of `priorError`. */
function lensErrorOf(points: PointPair[], pictureAspect: number, lens: Lens, chiSquared: number, scale: number, priorError: number): number {
  const step = 0.02, sides = [-step, step].map((push) => solve(points, pictureAspect, { ...lens, k1: lens.k1 + push }));
  const objections = sides.flatMap((side) => (side.ok ? [side.chiSquared - chiSquared] : []));
  // chi squared rises by 1 at one standard deviation, in units of what the pairs' own errors are; pairs that fit better than clicks can are luck.
  const perStep = objections.length === 0 ? 0 : Math.max(0, mean(objections)) / Math.max(1, scale) ** 2;
  return 1 / Math.sqrt(perStep / step ** 2 + 1 / priorError ** 2);
}

/** Where a smooth function of one valley is least: a coarse look at `looks` places, then golden sections. */
function leastOf(of: (x: number) => number, from: number, to: number, looks: number, rounds = 14): number {
  const step = (to - from) / looks, values = Array.from({ length: looks + 1 }, (_, i) => of(from + i * step));
  const best = values.indexOf(Math.min(...values));
  let low = from + Math.max(0, best - 1) * step, high = from + Math.min(looks, best + 1) * step;
  let left = high - GOLDEN * (high - low), right = low + GOLDEN * (high - low), atLeft = of(left), atRight = of(right);
  for (let round = 0; round < rounds; round++) {
    if (atLeft <= atRight) { high = right; right = left; atRight = atLeft; left = high - GOLDEN * (high - low); atLeft = of(left); }
    else { low = left; left = right; atLeft = atRight; right = low + GOLDEN * (high - low); atRight = of(right); }
  }
  return (low + high) / 2;
}
/** The bottom of a valley in both terms, by Newton with differences; null where it has none near the start. */
function valleyOf(of: (x: number, y: number) => number, fromX: number, fromY: number): { x: number; y: number } | null {
  let x = fromX, y = fromY;
  for (let round = 0; round < 5; round++) {
    const d = 0.02, middle = of(x, y), [e, w, n, s] = [of(x + d, y), of(x - d, y), of(x, y + d), of(x, y - d)] as const;
    const xx = e + w - 2 * middle, yy = n + s - 2 * middle, xy = (of(x + d, y + d) - of(x + d, y - d) - of(x - d, y + d) + of(x - d, y - d)) / 4;
    const determinant = xx * yy - xy * xy, gx = (e - w) / 2, gy = (n - s) / 2;
    if (!(determinant > 0 && xx > 0)) return null;
    x += Math.max(-0.1, Math.min(0.1, (-d * (gx * yy - gy * xy)) / determinant));
    y += Math.max(-0.1, Math.min(0.1, (-d * (gy * xx - gx * xy)) / determinant));
    if (!(x >= K1_LEAST && x <= K1_MOST && y >= K2_LEAST && y <= K2_MOST)) return null;
  }
  return { x, y };
}
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Null at or above the horizon, and where the lens shows nothing. */
export function pictureToGround({ toGround: m, lens }: Pick<Homography, 'toGround' | 'lens'>, point: PicturePoint): SitePoint | null {
  const straight = lens === null ? point : withoutDistortion(lens, point);
  if (straight === null) return null;
  const x = straight.xShare, y = straight.yShare, w = m[6]! * x + m[7]! * y + m[8]!;
  if (!(w > HORIZON_LEAST * thirdSize(m))) return null;
  return { xM: (m[0]! * x + m[1]! * y + m[2]!) / w, yM: (m[3]! * x + m[4]! * y + m[5]!) / w };
}

/** Null for ground behind the camera, or so far aside that the lens does not bring it into any picture. The result may lie outside the picture. */
export function groundToPicture(h: Homography, point: SitePoint): PicturePoint | null {
  const m = h.toPicture, { xM, yM } = point;
  const w = m[6]! * xM + m[7]! * yM + m[8]!;
  if (!(w > 0)) return null;
  const xShare = (m[0]! * xM + m[1]! * yM + m[2]!) / w, yShare = (m[3]! * xM + m[4]! * yM + m[5]!) / w;
  if (!Number.isFinite(xShare) || !Number.isFinite(yShare)) return null;
  return h.lens === null ? { xShare, yShare } : withDistortion(h.lens, { xShare, yShare });
}

/** How the ground moves with the picture: d(xM, yM) / d(xShare, yShare). Null where there is no ground. */
export function groundSlope({ toGround: m, lens }: Pick<Homography, 'toGround' | 'lens'>, point: PicturePoint): { xx: number; xy: number; yx: number; yy: number } | null {
  const straight = lens === null ? point : withoutDistortion(lens, point);
  if (straight === null) return null;
  const x = straight.xShare, y = straight.yShare, w = m[6]! * x + m[7]! * y + m[8]!;
  if (!(w > 0)) return null;
  const X = (m[0]! * x + m[1]! * y + m[2]!) / w, Y = (m[3]! * x + m[4]! * y + m[5]!) / w;
  const xx = (m[0]! - X * m[6]!) / w, xy = (m[1]! - X * m[7]!) / w, yx = (m[3]! - Y * m[6]!) / w, yy = (m[4]! - Y * m[7]!) / w;
  if (lens === null) return { xx, xy, yx, yy };
  const bend = distortionSlope(lens, straight);
  return { xx: xx * bend.xx + xy * bend.yx, xy: xx * bend.xy + xy * bend.yy, yx: yx * bend.xx + yy * bend.yx, yy: yx * bend.xy + yy * bend.yy };
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

/** One standard deviation of headShrink: the height of a camera is told to a twentieth, the mean head height of a crowd to 8 cm (men and women, shoes, children). */
export function headShrinkError({ heightM, headHeightM }: Mast): number {
  return Math.hypot((headHeightM / heightM) * CAMERA_HEIGHT_ERROR_SHARE, HEAD_HEIGHT_ERROR_M / heightM);
}

/** How far off (one standard deviation, metres) the ground under this point of the picture may be, from the errors of the point pairs. */
export function groundErrorM(h: Homography, point: PicturePoint): number | null {
  const at = pictureToGround(h, point);
  if (at === null) return null;
  let sum = 0;
  for (const push of h.spread) {
    const pushed = pictureToGround(push, point);
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
const CAMERA_HEIGHT_ERROR_SHARE = 0.05, HEAD_HEIGHT_ERROR_M = 0.08;
/** Prior belief in the click errors above, in degrees of freedom: four exact-looking pairs prove nothing. */
const PRIOR_FREEDOM = 4;
/** A lens that was set by hand or from a data sheet is known to about this; pairs that tell less than this tell nothing of it. */
const LENS_K1_ERROR = 0.05;
/** Nine numbers are fitted; with six pairs of usual clicks k1 was off by 0.1 to 0.2 without showing it, with eight by 0.02. */
const LENS_PAIRS_LEAST = 8, LENS_K2_PAIRS_LEAST = 12;
/** Fall of chi squared at which a second term is no chance: three standard deviations. */
const LENS_K2_GAIN_LEAST = 9;
/** Cameras of up to 110 degrees have -0.35 to 0.05 in these units. */
const LENS_K1_USUAL = 0.3, LENS_K2_USUAL = 0.1;
const K1_LEAST = -0.5, K1_MOST = 0.4, K2_LEAST = -0.25, K2_MOST = 0.25, K2_TRIED = [-0.12, -0.04, 0.04, 0.12, 0.2];

const doNotFit = (errorM: number): ProblemNote => problemNote('pointsDoNotFit', { errorM: Math.round(errorM * 10) / 10 });
const rounded = (k: number): number => Math.round(k * 10_000) / 10_000;
type Pair = readonly [number, number];
const rootMeanSquare = (values: number[]): number => Math.sqrt(mean(values.map((value) => value * value)));
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

/** How badly the best plain tilt-free map fits each pair: an error in figures for pairs that no camera can have seen. Both point sets are centred. */
function affineErrors(from: readonly Pair[], to: readonly Pair[]): number[] {
  const xx = mean(from.map(([x]) => x * x)), yy = mean(from.map(([, y]) => y * y)), xy = mean(from.map(([x, y]) => x * y)), determinant = xx * yy - xy * xy;
  const residuals = [0, 1].map((axis) => {
    const zx = mean(from.map(([x], i) => x * to[i]![axis]!)), zy = mean(from.map(([, y], i) => y * to[i]![axis]!));
    const a = (zx * yy - zy * xy) / determinant, b = (zy * xx - zx * xy) / determinant;
    return from.map(([x, y], i) => a * x + b * y - to[i]![axis]!);
  });
  return from.map((_, i) => Math.hypot(residuals[0]![i]!, residuals[1]![i]!));
}

/** `scale`: the errors of the pairs in units of the clicks that were assumed. */
type Refined = { h: number[]; spread: number[][]; misfit: number; chiSquared: number; scale: number };

function refine(start: number[], from: readonly Pair[], to: readonly Pair[], clickErrors: readonly number[], mapError: number): Refined | null {
  let h = unit(start), damping = 1e-6;
  let now = normalEquations(h, from, to, clickErrors, mapError);
  if (now === null) return null;
  for (let round = 0; round < 60; round++) {
    // The length of h is free: the term h hᵀ forbids a step along it.
    const damped = now.matrix.map((value, at) => value + h[Math.floor(at / 9)]! * h[at % 9]! * now!.size + (at % 10 === 0 ? damping * now!.size : 0));
    const l = cholesky(damped, 9);
    if (l === null) { damping = Math.max(damping, 1e-12) * 10; if (damping > 1e6) return null; continue; }
    const step = choleskySolve(l, 9, now.gradient);
    const candidate = unit(h.map((value, i) => value - step[i]!));
    const next = normalEquations(candidate, from, to, clickErrors, mapError);
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
  return { h, spread, chiSquared: now.chiSquared, scale, misfit: freedom > 0 ? Math.sqrt(now.chiSquared / freedom) : 0 };
}

function unit(h: number[]): number[] { const length = Math.hypot(...h); return h.map((value) => value / length); }

/** Null when a point falls behind the camera: such a step must not be taken. */
function normalEquations(h: readonly number[], from: readonly Pair[], to: readonly Pair[], clickErrors: readonly number[], mapError: number): { matrix: number[]; gradient: number[]; chiSquared: number; size: number } | null {
  const matrix = new Array<number>(81).fill(0), gradient = new Array<number>(9).fill(0);
  let chiSquared = 0;
  for (let i = 0; i < from.length; i++) {
    const [x, y] = from[i]!, w = thirdOf(h, x, y);
    if (!(w > 1e-9)) return null;
    const [X, Y] = apply(h, x, y), rx = X - to[i]![0], ry = Y - to[i]![1];
    // What one click is worth on the ground here: Sigma = click² J Jᵀ + map² I, and its Cholesky factor (p 0; q r).
    const jxx = (h[0]! - X * h[6]!) / w, jxy = (h[1]! - X * h[7]!) / w, jyx = (h[3]! - Y * h[6]!) / w, jyy = (h[4]! - Y * h[7]!) / w;
    const c = clickErrors[i]! ** 2, m = mapError * mapError;
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
