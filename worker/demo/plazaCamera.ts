// The camera of the demo: a pinhole over the stage that looks down on the plaza. Its picture is drawn and its calibration is written from the same
// numbers, so that the placing of the demo is right to the millimetre by construction, and every error that is left belongs to counting.
import type { CalibrationBody } from '../../contract/api.ts';
import type { PicturePoint, SitePoint } from '../../contract/geometry.ts';

export type PinholeCamera = {
  position: SitePoint; heightM: number;
  /** Compass bearing of the middle of the picture, clockwise from north. */
  bearingDeg: number;
  /** How far the middle of the picture points below the horizon. */
  tiltDeg: number;
  /** Focal length as a share of the picture's width. */
  focalShare: number;
  widthPx: number; heightPx: number;
  /** Radial distortion as in a calibration: what a straight lens would show at r (halves of the diagonal) is seen at r * (1 + k1 r² + k2 r⁴). None: a straight lens. */
  lens?: { k1: number; k2: number };
};
/** Under the roof of the stage, 8.5 m up, looking north at the faces of the audience. Heads are 9 to 16 px large. */
export const PLAZA_CAMERA: PinholeCamera = { position: { xM: 15, yM: 0.5 }, heightM: 8.5, bearingDeg: 0, tiltDeg: 36, focalShare: 1.08, widthPx: 640, heightPx: 360 };
export const HEAD_HEIGHT_M = 1.6;

/** Where a point in space falls, in pixels, and how large one metre is there (pixels per metre across the line of sight). */
export type Seen = { xPx: number; yPx: number; pxPerM: number };

export function plazaCamera(camera: PinholeCamera) {
  const bearing = camera.bearingDeg * Math.PI / 180, tilt = camera.tiltDeg * Math.PI / 180;
  const [sinB, cosB, sinT, cosT] = [Math.sin(bearing), Math.cos(bearing), Math.sin(tilt), Math.cos(tilt)];
  // Unit vectors east, north, up of: the line of sight, the picture's right, the picture's up.
  const [forwardX, forwardY, forwardZ] = [sinB * cosT, cosB * cosT, -sinT];
  const [rightX, rightY] = [cosB, -sinB];
  const [upX, upY, upZ] = [sinB * sinT, cosB * sinT, cosT];
  const focalPx = camera.focalShare * camera.widthPx, centreXPx = camera.widthPx / 2, centreYPx = camera.heightPx / 2;

  const bend = camera.lens === undefined ? null : lensBend(camera.lens), halfDiagonalPx = Math.hypot(centreXPx, centreYPx);

  /** Null: behind the camera, or so far aside that the lens does not bring it into any picture. */
  function see(xM: number, yM: number, zM: number): Seen | null {
    const dx = xM - camera.position.xM, dy = yM - camera.position.yM, dz = zM - camera.heightM;
    const depthM = dx * forwardX + dy * forwardY + dz * forwardZ;
    if (depthM < 0.1) return null;
    const pxPerM = focalPx / depthM;
    const x = pxPerM * (dx * rightX + dy * rightY), y = -pxPerM * (dx * upX + dy * upY + dz * upZ);
    if (bend === null) return { xPx: centreXPx + x, yPx: centreYPx + y, pxPerM };
    const r = Math.hypot(x, y) / halfDiagonalPx;
    if (r > bend.most) return null;
    const out = bend.out(r);
    return { xPx: centreXPx + x * out, yPx: centreYPx + y * out, pxPerM: pxPerM * Math.sqrt(out * bend.slope(r)) };
  }
  /** The point at height zM that is seen at a pixel; null at or above the horizon. */
  function groundAt(xPx: number, yPx: number, zM = 0): SitePoint | null {
    const back = bend === null ? 1 : bend.back(Math.hypot(xPx - centreXPx, yPx - centreYPx) / halfDiagonalPx);
    const u = (xPx - centreXPx) * back / focalPx, v = -(yPx - centreYPx) * back / focalPx;
    const z = forwardZ + v * upZ;
    if (z > -1e-4) return null;
    const lengthM = (zM - camera.heightM) / z;
    return { xM: camera.position.xM + lengthM * (forwardX + u * rightX + v * upX), yM: camera.position.yM + lengthM * (forwardY + u * rightY + v * upY) };
  }
  /** The direction in which a pixel looks: compass bearing in radians, and metres up for each metre away. */
  function rayAt(xPx: number, yPx: number): { bearing: number; slope: number } {
    const back = bend === null ? 1 : bend.back(Math.hypot(xPx - centreXPx, yPx - centreYPx) / halfDiagonalPx), u = (xPx - centreXPx) * back / focalPx, v = -(yPx - centreYPx) * back / focalPx;
    const x = forwardX + u * rightX + v * upX, y = forwardY + u * rightY + v * upY;
    return { bearing: Math.atan2(x, y), slope: (forwardZ + v * upZ) / Math.max(1e-6, Math.hypot(x, y)) };
  }
  const shares = (seen: Seen): PicturePoint => ({ xShare: seen.xPx / camera.widthPx, yShare: seen.yPx / camera.heightPx });

  /** What a careful person would enter when placing this camera: exact pairs on a grid over the seen ground. */
  function calibration(headHeightM: number, rangeMostM: number | null): NonNullable<CalibrationBody> {
    const points = [0.08, 0.5, 0.92].flatMap((xShare) => [0.06, 0.36, 0.66, 0.95].map((yShare) => {
      const ground = groundAt(xShare * camera.widthPx, yShare * camera.heightPx);
      if (ground === null) throw new Error('the demo camera sees the sky');
      return { picture: { xShare, yShare }, ground };
    }));
    return {
      position: camera.position, heightM: camera.heightM, bearingDeg: camera.bearingDeg, headHeightM,
      pictureAspect: camera.widthPx / camera.heightPx, points, rangeMostM,
    };
  }
  return { ...camera, focalPx, see, groundAt, rayAt, shares, calibration };
}
export type PlazaCamera = ReturnType<typeof plazaCamera>;

/** r -> r * out(r), its slope, the way back as a factor, and how far out r still grows with it. */
function lensBend({ k1, k2 }: { k1: number; k2: number }) {
  const out = (r: number) => 1 + r * r * (k1 + k2 * r * r), slope = (r: number) => 1 + r * r * (3 * k1 + 5 * k2 * r * r);
  let most = 0;
  while (most < 4 && slope(most + 0.01) > 0.02) most += 0.01;
  /** `seen` over the r that is seen there; beyond the lens's last circle, that circle. */
  function back(seen: number): number {
    if (seen < 1e-9) return 1;
    let low = 0, high = most;
    if (seen >= most * out(most)) return most / seen;
    let r = Math.min(seen, most);
    for (let round = 0; round < 12; round++) {
      const over = r * out(r) - seen;
      if (Math.abs(over) < 1e-10) break;
      if (over > 0) high = r; else low = r;
      const next = r - over / slope(r);
      r = next > low && next < high ? next : (low + high) / 2;
    }
    return r / seen;
  }
  return { out, slope, back, most };
}
