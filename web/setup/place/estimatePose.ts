// Where the camera must stand for its picture to lie on the ground as the points say: position, height and bearing out of the homography. Pure.
// Assumes square pixels and an optical axis through the middle of the picture, as fixed cameras have after correction; zoomed crops do not.
// Method: the two constraints that a ground homography H = K [r1 r2 t] puts on the focal length (Hartley & Zisserman, Multiple View Geometry, 8.8).
import type { PicturePoint, SitePoint } from '../../../contract/geometry.ts';

export type Pose = { position: SitePoint; heightM: number; bearingDeg: number; /** Angle of the view from top to bottom. */ fieldOfViewDeg: number };

/** Null where the points cannot say it: a camera that looks straight down, or points that contradict a real lens. */
export function estimatePose({ view, pictureAspect, around }: { view: (point: SitePoint) => PicturePoint | null; pictureAspect: number; around: readonly SitePoint[] }): Pose | null {
  const middle = { xM: mean(around.map((point) => point.xM)), yM: mean(around.map((point) => point.yM)) };
  const spreadM = Math.max(1, ...around.map((point) => Math.hypot(point.xM - middle.xM, point.yM - middle.yM)));
  const matrix = matrixOf(view, pictureAspect, middle, spreadM);
  if (matrix === null) return null;
  const [a, b, c] = [0, 1, 2].map((column) => [matrix[column]!, matrix[3 + column]!, matrix[6 + column]!] as Vector) as [Vector, Vector, Vector];
  // Both columns are equally long and square to each other once the lens is taken out: two linear equations in u = 1 / focal².
  const square = { lens: a[0] * b[0] + a[1] * b[1], rest: a[2] * b[2] };
  const equal = { lens: a[0] ** 2 + a[1] ** 2 - b[0] ** 2 - b[1] ** 2, rest: a[2] ** 2 - b[2] ** 2 };
  const u = -(square.lens * square.rest + equal.lens * equal.rest) / (square.lens ** 2 + equal.lens ** 2);
  if (!(u > 0) || !Number.isFinite(u)) return null;
  const focal = 1 / Math.sqrt(u); // in picture heights
  if (focal < 0.2 || focal > 20) return null;
  const withoutLens = (v: Vector): Vector => [v[0] / focal, v[1] / focal, v[2]];
  const east = withoutLens(a), north = withoutLens(b), shift = withoutLens(c);
  const scale = (length(east) + length(north)) / 2;
  if (Math.abs(length(east) / length(north) - 1) > 0.3) return null;
  const r1 = unit(east), r2 = unit(minus(north, times(r1, dot(r1, north))));
  const up = cross(r1, r2);
  const t = times(shift, 1 / scale);
  // Camera at -Rᵀ t in units of spreadM. The matrix's last number is 1, so the ground in the middle lies in front of the camera; a camera
  // under the ground then means that left and right are swapped in the points.
  const at: Vector = [-dot(r1, t), -dot(r2, t), -dot(up, t)];
  const heightM = at[2] * spreadM, ahead = { xM: r1[2], yM: r2[2] };
  if (!(heightM >= 1) || heightM > 300 || Math.hypot(ahead.xM, ahead.yM) < 0.05) return null;
  const position = { xM: middle.xM + at[0] * spreadM, yM: middle.yM + at[1] * spreadM };
  return { position, heightM, bearingDeg: (Math.atan2(ahead.xM, ahead.yM) * 180 / Math.PI + 360) % 360, fieldOfViewDeg: 2 * Math.atan(0.5 / focal) * 180 / Math.PI };
}

/** What is the compass bearing from one point to another. */
export const bearingDegOf = (from: SitePoint, to: SitePoint): number => (Math.atan2(to.xM - from.xM, to.yM - from.yM) * 180 / Math.PI + 360) % 360;

type Vector = [number, number, number];
const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a: Vector, b: Vector): Vector => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const times = (a: Vector, by: number): Vector => [a[0] * by, a[1] * by, a[2] * by];
const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const length = (a: Vector) => Math.sqrt(dot(a, a));
const unit = (a: Vector) => times(a, 1 / length(a));
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** The 3x3 matrix from ground (centred, in units of spreadM) to picture (centred, in picture heights, y down), exact from four points of the view. */
function matrixOf(view: (point: SitePoint) => PicturePoint | null, pictureAspect: number, middle: SitePoint, spreadM: number): number[] | null {
  // Small enough a square that all four corners are seen, however near the horizon the points lie.
  for (const side of [0.7, 0.3, 0.1, 0.03]) {
    const corners = ([[-1, -1], [1, -1], [1, 1], [-1, 1]] as const).map(([x, y]) => ({ x: x * side, y: y * side, seen: view({ xM: middle.xM + x * side * spreadM, yM: middle.yM + y * side * spreadM }) }));
    if (corners.some((corner) => corner.seen === null)) continue;
    const rows = corners.flatMap(({ x, y, seen }) => {
      const u = (seen!.xShare - 0.5) * pictureAspect, v = seen!.yShare - 0.5;
      return [[x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v]];
    });
    const solved = solve(rows);
    return solved === null ? null : [...solved, 1];
  }
  return null;
}

/** Gauss with pivots on an 8 x 9 table. */
function solve(rows: number[][]): number[] | null {
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    let best = column;
    for (let row = column + 1; row < size; row++) if (Math.abs(rows[row]![column]!) > Math.abs(rows[best]![column]!)) best = row;
    [rows[column], rows[best]] = [rows[best]!, rows[column]!];
    const pivot = rows[column]![column]!;
    if (Math.abs(pivot) < 1e-12) return null;
    for (let row = 0; row < size; row++) {
      if (row === column) continue;
      const share = rows[row]![column]! / pivot;
      for (let k = column; k <= size; k++) rows[row]![k] = rows[row]![k]! - share * rows[column]![k]!;
    }
  }
  return rows.map((row, index) => row[size]! / row[index]!);
}
