// A pinhole camera over flat ground, as truth for geometry: written from the definition, without the code under test.
import type { PicturePoint, SitePoint } from '../../contract/geometry.ts';
import type { Calibration } from '../../contract/site.ts';

export type Pinhole = { xM: number; yM: number; heightM: number; bearingDeg: number; tiltDeg: number; rollDeg?: number; viewDeg: number; aspect: number; lens?: { k1: number; k2: number } };

/** Where a point at some height is seen; null behind the camera. */
export function seenAt(camera: Pinhole, point: SitePoint, aboveGroundM = 0): PicturePoint | null {
  const rad = Math.PI / 180, bearing = camera.bearingDeg * rad, tilt = camera.tiltDeg * rad, roll = (camera.rollDeg ?? 0) * rad;
  const forward = [Math.sin(bearing) * Math.cos(tilt), Math.cos(bearing) * Math.cos(tilt), -Math.sin(tilt)] as const;
  const level = [Math.cos(bearing), -Math.sin(bearing), 0] as const;
  const below = [forward[1] * level[2] - forward[2] * level[1], forward[2] * level[0] - forward[0] * level[2], forward[0] * level[1] - forward[1] * level[0]] as const;
  const right = level.map((value, i) => value * Math.cos(roll) + below[i]! * Math.sin(roll)), down = below.map((value, i) => value * Math.cos(roll) - level[i]! * Math.sin(roll));
  const ray = [point.xM - camera.xM, point.yM - camera.yM, aboveGroundM - camera.heightM];
  const dot = (a: readonly number[]) => ray[0]! * a[0]! + ray[1]! * a[1]! + ray[2]! * a[2]!;
  const depth = dot(forward), focal = 0.5 / Math.tan((camera.viewDeg / 2) * rad);
  if (depth <= 0.1) return null;
  const x = (focal * dot(right)) / depth, y = (camera.aspect * focal * dot(down)) / depth, { k1, k2 } = camera.lens ?? { k1: 0, k2: 0 };
  // Radius in halves of the diagonal: x is a share of the width, y of the height.
  const square = ((x * camera.aspect) ** 2 + y ** 2) / ((camera.aspect ** 2 + 1) / 4), out = 1 + square * (k1 + k2 * square);
  // Farther out the polynomial turns back, which no lens does.
  for (let part = 0.05; part <= 1; part += 0.05) if (1 + part * square * (3 * k1 + 5 * k2 * part * square) < 0.05) return null;
  return { xShare: 0.5 + x * out, yShare: 0.5 + y * out };
}

export function calibrationOf(camera: Pinhole, ground: SitePoint[], more: Partial<Calibration> = {}): Calibration {
  return {
    version: 1, position: { xM: camera.xM, yM: camera.yM }, heightM: camera.heightM, bearingDeg: camera.bearingDeg, headHeightM: 1.6, pictureAspect: camera.aspect, rangeMostM: null,
    points: ground.map((point) => ({ picture: seenAt(camera, point)!, ground: point })), ...(camera.lens === undefined ? {} : { lens: camera.lens }), ...more,
  };
}

/** A seeded generator (mulberry32), so that a failure can be had again. */
export function seeded(seed: number): () => number {
  let at = seed >>> 0;
  return () => {
    at = (at + 0x6d2b79f5) >>> 0;
    let t = Math.imul(at ^ (at >>> 15), 1 | at);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
