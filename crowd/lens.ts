// Lens distortion: where a point of the picture would lie if straight lines were straight, and back. The model is at Lens in contract/site.ts.
import type { PicturePoint } from '../contract/geometry.ts';
import type { Lens } from '../contract/site.ts';

export type PictureLens = Lens & {
  /** Half of the picture's diagonal, and its width, in picture heights. */
  halfDiagonal: number; aspect: number;
  /** The radius, in halves of the diagonal, beyond which the model folds the picture back onto itself, and where that radius is seen. */
  radiusMost: number; seenMost: number;
};

/** Null where the lens bends nothing. */
export function pictureLens(lens: Lens | null | undefined, pictureAspect: number): PictureLens | null {
  if (lens === null || lens === undefined || (lens.k1 === 0 && lens.k2 === 0)) return null;
  // The smallest positive root of growth = GROWTH_LEAST, a quadratic in the square of the radius.
  const b = 3 * lens.k1, a = 5 * lens.k2, inner = b * b - 4 * a * (1 - GROWTH_LEAST);
  const roots = a === 0 ? [-(1 - GROWTH_LEAST) / b] : inner < 0 ? [] : [(-b - Math.sqrt(inner)) / (2 * a), (-b + Math.sqrt(inner)) / (2 * a)];
  const radiusMost = Math.min(RADIUS_MOST, ...roots.filter((square) => square > 0).map(Math.sqrt));
  return { ...lens, aspect: pictureAspect, halfDiagonal: Math.hypot(pictureAspect, 1) / 2, radiusMost, seenMost: radiusMost * stretch(lens, radiusMost ** 2) };
}

/** Picture shares as they would be without distortion. Null: the lens shows nothing there. */
export function withoutDistortion(lens: PictureLens, { xShare, yShare }: PicturePoint): PicturePoint | null {
  const x = ((xShare - 0.5) * lens.aspect) / lens.halfDiagonal, y = (yShare - 0.5) / lens.halfDiagonal;
  const seen = Math.hypot(x, y);
  if (seen > lens.seenMost) return null;
  if (seen < 1e-12) return { xShare, yShare };
  // Newton, kept between two radii that the answer lies between: the model grows up to radiusMost.
  let low = 0, high = lens.radiusMost, radius = Math.min(seen, high);
  for (let round = 0; round < 30; round++) {
    const over = radius * stretch(lens, radius * radius) - seen;
    if (Math.abs(over) < 1e-13) break;
    if (over > 0) high = radius; else low = radius;
    const next = radius - over / growth(lens, radius * radius);
    radius = next > low && next < high ? next : (low + high) / 2;
  }
  const back = radius / seen;
  return { xShare: 0.5 + (xShare - 0.5) * back, yShare: 0.5 + (yShare - 0.5) * back };
}

/** Where a point of a picture without distortion is seen. Null: farther out than the lens brings anything into the picture. */
export function withDistortion(lens: PictureLens, { xShare, yShare }: PicturePoint): PicturePoint | null {
  const square = (((xShare - 0.5) * lens.aspect) ** 2 + (yShare - 0.5) ** 2) / lens.halfDiagonal ** 2;
  if (square > lens.radiusMost ** 2) return null;
  const out = stretch(lens, square);
  return { xShare: 0.5 + (xShare - 0.5) * out, yShare: 0.5 + (yShare - 0.5) * out };
}

/** d(undistorted shares) / d(seen shares), at a point given without distortion. */
export function distortionSlope(lens: PictureLens, undistorted: PicturePoint): { xx: number; xy: number; yx: number; yy: number } {
  const x = ((undistorted.xShare - 0.5) * lens.aspect) / lens.halfDiagonal, y = (undistorted.yShare - 0.5) / lens.halfDiagonal;
  const square = x * x + y * y, out = stretch(lens, square), bend = 2 * (lens.k1 + 2 * lens.k2 * square);
  // Seen = out x undistorted: its slope in one unit for both axes is (out + bend x x, bend x y; bend x y, out + bend y y); this is the inverse.
  const a = out + bend * x * x, b = bend * x * y, d = out + bend * y * y, determinant = a * d - b * b;
  return { xx: d / determinant, xy: -b / determinant / lens.aspect, yx: (-b / determinant) * lens.aspect, yy: a / determinant };
}

/** Seen radius over the radius without distortion, for its square. */
const stretch = ({ k1, k2 }: Lens, square: number): number => 1 + square * (k1 + k2 * square);
/** How fast the seen radius grows with the radius. */
const growth = ({ k1, k2 }: Lens, square: number): number => 1 + square * (3 * k1 + 5 * k2 * square);
/** Four half diagonals are a view of about 150 degrees; where a step outwards moves the picture by less than a twentieth of it, one pixel is no place. */
const RADIUS_MOST = 4, GROWTH_LEAST = 0.05;
