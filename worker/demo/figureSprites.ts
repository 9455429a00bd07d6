// Small pictures of people: bodies of ellipsoids, looked at from the height of the camera, lit by one sun and the sky. Each is made once when it is first
// needed and kept, so that drawing a crowd is copying. A sprite has no colours: each pixel says which part of the body it is and how bright,
// and the clothes of the one who is drawn colour it.
import { seeded } from './plazaCrowd.ts';

export const PARTS = ['skin', 'hair', 'top', 'bottom', 'shoes', 'extra', 'second', 'canopy'] as const;
export type FigurePart = (typeof PARTS)[number];
/** Brightness 1 in a sprite's shade. */
export const SHADE_ONE = 160;

export type Sprite = {
  widthPx: number; heightPx: number;
  /** Where the middle of the head is in it. */
  headXPx: number; headYPx: number;
  /** First and behind the last column of each row that has something, and where the row begins in `kind` and `shade`. */
  from: Int16Array; to: Int16Array; at: Int32Array;
  /** Part of the body in the low three bits, above them how much of the pixel is covered: 0..31. */
  kind: Uint8Array; shade: Uint8Array;
};

export const YAWS = 12, GAITS = 6, BUILDS = 8;
/** One size is this much larger than the one before. */
const SIZE_STEP = 1.09, SIZE_LEAST_PX_PER_M = 10;
export const sizeOf = (pxPerM: number): number => Math.max(0, Math.round(Math.log(pxPerM / SIZE_LEAST_PX_PER_M) / Math.log(SIZE_STEP)));
export const pxPerMOf = (size: number) => SIZE_LEAST_PX_PER_M * SIZE_STEP ** size;
/** Pitch steps of 5 degrees. */
export const PITCH_STEP = 5 * Math.PI / 180;
export const pitchOf = (radians: number): number => Math.max(0, Math.round(radians / PITCH_STEP));

export function figureSprites(sun: { x: number; y: number; z: number }) {
  const made = new Map<number, Sprite>();
  /** size, pitch: see sizeOf, pitchOf. yaw 0..YAWS-1: 0 faces away from the camera, clockwise from above. gait -1: stands. */
  return function sprite(size: number, pitch: number, yaw: number, gait: number, build: number): Sprite {
    const key = ((((size * 32 + pitch) * YAWS + yaw) * (GAITS + 1)) + gait + 1) * BUILDS + build;
    let found = made.get(key);
    if (found === undefined) {
      found = drawBlobs(body(build, gait < 0 ? null : gait / GAITS), pxPerMOf(size), pitch * PITCH_STEP, yaw * 2 * Math.PI / YAWS, sun);
      made.set(key, found);
    }
    return found;
  };
}

// In the frame of the body: x to its right, y forward, z up, metres. Centre, half axes, and the direction of the first axis (for limbs).
export type Blob = { part: FigurePart; x: number; y: number; z: number; a: number; b: number; c: number; along?: [number, number, number] };

/** A body of 1.70 m whose head's middle is at the height that `headHeightOf` gives. */
export const headHeightOf = (build: number): number => 1.6 * BUILD[build]!.tall;
const BUILD = [
  { tall: 1.03, wide: 1.02, hair: 'short', sleeves: false, skirt: false, bag: false, cap: false, phone: false },
  { tall: 0.97, wide: 0.92, hair: 'long', sleeves: true, skirt: false, bag: false, cap: false, phone: false },
  { tall: 1.0, wide: 1.06, hair: 'short', sleeves: true, skirt: false, bag: true, cap: false, phone: false },
  { tall: 0.95, wide: 0.92, hair: 'bun', sleeves: false, skirt: true, bag: false, cap: false, phone: false },
  { tall: 1.05, wide: 1.05, hair: 'short', sleeves: true, skirt: false, bag: false, cap: true, phone: false },
  { tall: 0.99, wide: 0.98, hair: 'short', sleeves: false, skirt: false, bag: false, cap: false, phone: true },
  { tall: 0.98, wide: 0.95, hair: 'long', sleeves: false, skirt: false, bag: true, cap: false, phone: false },
  { tall: 1.02, wide: 1.1, hair: 'short', sleeves: true, skirt: false, bag: false, cap: false, phone: false },
] as const;

function body(build: number, gait: number | null): Blob[] {
  const kind = BUILD[build]!, t = kind.tall, w = kind.wide;
  const blobs: Blob[] = [];
  const ball = (part: FigurePart, x: number, y: number, z: number, a: number, b: number, c: number) => blobs.push({ part, x: x * w, y, z: z * t, a: a * w, b, c: c * t });
  const limb = (part: FigurePart, from: [number, number, number], to: [number, number, number], radius: number) => {
    const d = [(to[0] - from[0]) * w, to[1] - from[1], (to[2] - from[2]) * t] as const, length = Math.hypot(...d);
    blobs.push({ part, x: (from[0] + to[0]) / 2 * w, y: (from[1] + to[1]) / 2, z: (from[2] + to[2]) / 2 * t, a: length / 2 + radius * 0.8, b: radius, c: radius, along: [d[0] / length, d[1] / length, d[2] / length] });
  };
  // Head: a face that looks forward under hair.
  ball('skin', 0, 0.02, 1.595, 0.07, 0.083, 0.105);
  ball('skin', 0, 0, 1.47, 0.055, 0.055, 0.08);
  if (kind.cap) { ball('extra', 0, -0.005, 1.65, 0.094, 0.112, 0.08); ball('extra', 0, 0.11, 1.645, 0.075, 0.08, 0.016); ball('hair', 0, -0.03, 1.6, 0.088, 0.09, 0.09); }
  else ball('hair', 0, -0.026, 1.635, 0.081, 0.09, 0.08);
  if (kind.hair === 'long') { ball('hair', 0, -0.065, 1.53, 0.095, 0.055, 0.15); ball('hair', 0, -0.1, 1.4, 0.075, 0.04, 0.12); }
  if (kind.hair === 'bun') ball('hair', 0, -0.12, 1.67, 0.05, 0.05, 0.05);
  // Torso.
  ball('top', 0, 0, 1.27, 0.19, 0.125, 0.2);
  ball('top', 0, -0.005, 1.38, 0.2, 0.085, 0.075);
  ball('top', 0, 0.005, 1.06, 0.165, 0.12, 0.18);
  if (kind.bag) { ball('extra', 0, -0.15, 1.24, 0.13, 0.08, 0.19); for (const side of [-1, 1]) limb('extra', [side * 0.11, 0.12, 1.22], [side * 0.11, 0.06, 1.43], 0.02); }
  // Arms swing against the legs.
  const swing = gait === null ? 0 : Math.sin(gait * 2 * Math.PI);
  for (const side of [-1, 1] as const) {
    const arm = -side * swing * 0.24, lower = kind.sleeves ? 'top' : 'skin';
    const shoulder: [number, number, number] = [side * 0.205, 0, 1.39];
    const raised = kind.phone && gait === null;
    const elbow: [number, number, number] = raised ? [side * 0.22, 0.18, 1.25] : [side * 0.25, arm * 0.5 - 0.02, 1.13];
    const hand: [number, number, number] = raised ? [side * 0.06, 0.33, 1.5] : [side * 0.24, arm + 0.05, 0.88];
    limb('top', shoulder, elbow, 0.058);
    limb(lower, elbow, hand, 0.043);
    ball('skin', hand[0], hand[1], hand[2], 0.042, 0.045, 0.05);
  }
  // Legs.
  if (kind.skirt) ball('bottom', 0, 0, 0.78, 0.21, 0.17, 0.26);
  else ball('bottom', 0, -0.01, 0.9, 0.17, 0.125, 0.13);
  for (const side of [-1, 1] as const) {
    const stride = gait === null ? 0.02 * side : side * swing * 0.3, lift = gait === null ? 0 : Math.max(0, Math.cos(gait * 2 * Math.PI) * side) * 0.1;
    const hip: [number, number, number] = [side * 0.09, 0, 0.88], knee: [number, number, number] = [side * 0.1, stride * 0.55 + lift * 0.9, 0.48 + lift * 0.3], foot: [number, number, number] = [side * 0.1, stride - lift * 0.4, 0.09 + lift];
    limb('bottom', hip, knee, 0.082);
    limb(kind.skirt ? 'skin' : 'bottom', knee, foot, kind.skirt ? 0.05 : 0.062);
    ball('shoes', foot[0], foot[1] + 0.06, foot[2] - 0.04, 0.05, 0.125, 0.045);
  }
  return blobs;
}

const grainOf = (() => { const random = seeded(77), grain = Float32Array.from({ length: 4096 }, () => random() - 0.5); return (index: number) => grain[index & 4095]!; })();

// Working space, used again for each sprite.
let depth = new Float32Array(0), light = new Float32Array(0), part = new Int8Array(0), kinds = new Uint8Array(0), shades = new Uint8Array(0);

export type SpriteLight = {
  /** Light without a direction, of the sky above, and of the sun, in parts of SHADE_ONE. */
  ambient: number; sky: number; direct: number;
};
const HAZY_DAY: SpriteLight = { ambient: 0.65, sky: 0.22, direct: 0.14 };

/**
 * pitch: how far below the horizon the line of sight goes; yaw as in figureSprites, all in radians; sun: towards it, as seen when looking north.
 * lean: the picture's turn at this place (a wide lens that looks steeply down shows people leaning outwards), clockwise.
 */
export function drawBlobs(blobs: readonly Blob[], pxPerM: number, pitch: number, yaw: number, sun: Sun, more: { lean?: number; light?: SpriteLight } = {}): Sprite {
  const FINE = pxPerM > 36 ? 2 : 3;
  return gather(traceBlobs(blobs, pxPerM, pitch, yaw, sun, FINE, more), FINE, 0, 0);
}
/** The same four times, its head on the anchor, half a pixel right of it, half a pixel below it, and both: what moves slowly moves by less than a pixel. */
export function drawBlobsOnHalves(blobs: readonly Blob[], pxPerM: number, pitch: number, yaw: number, sun: Sun, more: { lean?: number; light?: SpriteLight } = {}): Sprite[] {
  const traced = traceBlobs(blobs, pxPerM, pitch, yaw, sun, 2, more);
  return [[0, 0], [1, 0], [0, 1], [1, 1]].map(([x, y]) => gather(traced, 2, x!, y!));
}
type Sun = { x: number; y: number; z: number };
type Traced = { widthPx: number; heightPx: number; left: number; top: number };

/** Into `depth`, `light` and `part`, FINE samples across each pixel. */
function traceBlobs(blobs: readonly Blob[], pxPerM: number, pitch: number, yaw: number, sun: Sun, FINE: number, more: { lean?: number; light?: SpriteLight }): Traced {
  const { lean = 0, light: { ambient, sky, direct: sunlit } = HAZY_DAY } = more, sinL = Math.sin(lean), cosL = Math.cos(lean);
  // View frame: u right, v up in the picture, w towards the camera. Body frame turned by yaw (clockwise from above; 0 faces away).
  const [sinY, cosY, sinP, cosP] = [Math.sin(yaw), Math.cos(yaw), Math.sin(pitch), Math.cos(pitch)];
  const toWorld = (x: number, y: number) => [x * cosY + y * sinY, -x * sinY + y * cosY] as const;
  const toView = (x: number, y: number, z: number) => { const [e, n] = toWorld(x, y), v = n * sinP + z * cosP; return [e * cosL + v * sinL, v * cosL - e * sinL, -n * cosP + z * sinP] as const; };
  const scale = pxPerM * FINE;
  // The anchor is above the origin at the height of the first blob (a head); the frame is cut around the blobs.
  const [headU, headV] = toView(0, 0, blobs[0]!.z);
  const seen = blobs.map((blob) => {
    const [u, v, w] = toView(blob.x, blob.y, blob.z);
    const first = blob.along ?? [1, 0, 0];
    const other: [number, number, number] = blob.along === undefined ? [0, 1, 0] : unit(cross(first, Math.abs(first[2]) < 0.9 ? [0, 0, 1] : [1, 0, 0]));
    const third = blob.along === undefined ? [0, 0, 1] as [number, number, number] : cross(first, other);
    // Quadric p' A p = 1 in the view frame.
    const axes = [[toView(...first as [number, number, number]), blob.a], [toView(...other), blob.b], [toView(...third), blob.c]] as const;
    const A = [0, 0, 0, 0, 0, 0]; // uu uv uw vv vw ww
    for (const [d, half] of axes) { const k = 1 / (half * half); A[0]! += k * d[0] * d[0]; A[1]! += k * d[0] * d[1]; A[2]! += k * d[0] * d[2]; A[3]! += k * d[1] * d[1]; A[4]! += k * d[1] * d[2]; A[5]! += k * d[2] * d[2]; }
    const reachU = Math.sqrt(axes.reduce((sum, [d, half]) => sum + (d[0] * half) ** 2, 0)), reachV = Math.sqrt(axes.reduce((sum, [d, half]) => sum + (d[1] * half) ** 2, 0));
    return { part: PARTS.indexOf(blob.part), u: u - headU, v: v - headV, w, A, reachU, reachV, z: blob.z };
  }).sort((a, b) => b.w - a.w); // nearest first: what is hidden is not lit
  const left = Math.floor(Math.min(...seen.map((s) => s.u - s.reachU)) * pxPerM) - 1, right = Math.ceil(Math.max(...seen.map((s) => s.u + s.reachU)) * pxPerM) + 1;
  const top = Math.floor(-Math.max(...seen.map((s) => s.v + s.reachV)) * pxPerM) - 1, bottom = Math.ceil(-Math.min(...seen.map((s) => s.v - s.reachV)) * pxPerM) + 1;
  const widthPx = right - left, heightPx = bottom - top, wide = widthPx * FINE, high = heightPx * FINE;
  const samples = wide * high;
  if (depth.length < samples) { depth = new Float32Array(samples); light = new Float32Array(samples); part = new Int8Array(samples); }
  depth.fill(-1e9, 0, samples); part.fill(-1, 0, samples);
  for (const blob of seen) {
    const [uu, uv, uw, vv, vw, ww] = blob.A as [number, number, number, number, number, number];
    const x0 = Math.max(0, Math.floor((blob.u - blob.reachU) * scale - left * FINE)), x1 = Math.min(wide - 1, Math.ceil((blob.u + blob.reachU) * scale - left * FINE));
    const y0 = Math.max(0, Math.floor((-blob.v - blob.reachV) * scale - top * FINE)), y1 = Math.min(high - 1, Math.ceil((-blob.v + blob.reachV) * scale - top * FINE));
    for (let y = y0; y <= y1; y++) for (let x = x0; x <= x1; x++) {
      const u = (x + 0.5 + left * FINE) / scale - blob.u, v = -(y + 0.5 + top * FINE) / scale - blob.v;
      const b = uw * u + vw * v, c = uu * u * u + 2 * uv * u * v + vv * v * v - 1, root = b * b - ww * c;
      if (root <= 0) continue;
      const w = (-b + Math.sqrt(root)) / ww, at = y * wide + x;
      if (blob.w + w <= depth[at]!) continue;
      depth[at] = blob.w + w; part[at] = blob.part;
      let nu = uu * u + uv * v + uw * w, nv = uv * u + vv * v + vw * w, nw = uw * u + vw * v + ww * w;
      const length = Math.sqrt(nu * nu + nv * nv + nw * nw); nu /= length; nv /= length; nw /= length;
      // Back to east, north, up.
      const east = nu * cosL - nv * sinL, upright = nv * cosL + nu * sinL, n = upright * sinP - nw * cosP, up = upright * cosP + nw * sinP;
      const direct = Math.max(0, east * sun.x + n * sun.y + up * sun.z);
      const heightM = blob.z + ((v * cosL + u * sinL) * cosP + w * sinP);
      // Sky from above, less of it low between other bodies; cloth has folds.
      const open = 0.45 + 0.55 * Math.min(1, Math.max(0, heightM / 1.5));
      const folds = blob.part === 2 || blob.part === 3 || blob.part === 6 ? 1 + 0.16 * grainOf(Math.floor(heightM * 22) * 7 + Math.floor((u + 1) * 14) * 131) : 1;
      light[at] = (ambient + sky * (0.5 + 0.5 * up) * open + sunlit * direct * (0.6 + 0.4 * open)) * folds;
    }
  }
  return { widthPx, heightPx, left, top };
}

/** The sprite out of the samples, shifted by whole samples. There is a pixel of room on each side. */
function gather({ widthPx, heightPx, left, top }: Traced, FINE: number, shiftX: number, shiftY: number): Sprite {
  const wide = widthPx * FINE, from = new Int16Array(heightPx), to = new Int16Array(heightPx), at = new Int32Array(heightPx), many = new Int32Array(PARTS.length);
  if (kinds.length < widthPx * heightPx) { kinds = new Uint8Array(widthPx * heightPx); shades = new Uint8Array(widthPx * heightPx); }
  let filled = 0;
  for (let y = 0; y < heightPx; y++) {
    at[y] = filled;
    for (let x = 0; x < widthPx; x++) {
      let hits = 0, sum = 0, only = -1;
      for (let fy = 0; fy < FINE; fy++) {
        const sampleY = y * FINE + fy - shiftY;
        if (sampleY < 0) continue;
        for (let sampleX = Math.max(0, x * FINE - shiftX), end = (x + 1) * FINE - shiftX; sampleX < end; sampleX++) {
          const sample = sampleY * wide + sampleX, which = part[sample]!;
          if (which < 0) continue;
          if (hits === 0) only = which; else if (only !== which) only = -1;
          hits++; sum += light[sample]!; many[which]!++;
        }
      }
      if (hits === 0) { if (to[y]! > 0) kinds[filled++] = 0; continue; }
      if (to[y] === 0) from[y] = x;
      to[y] = x + 1;
      let most = only;
      if (only < 0) { most = 0; for (let index = 1; index < many.length; index++) if (many[index]! > many[most]!) most = index; many.fill(0); } else many[only] = 0;
      shades[filled] = Math.min(255, Math.round(SHADE_ONE * sum / hits)); kinds[filled++] = Math.round(31 * hits / (FINE * FINE)) << 3 | most;
    }
    filled = at[y]! + to[y]! - from[y]!;
  }
  return { widthPx, heightPx, headXPx: -left, headYPx: -top, from, to, at, kind: kinds.slice(0, filled), shade: shades.slice(0, filled) };
}

type V3 = [number, number, number];
const cross = (a: V3, b: V3): V3 => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const unit = (a: V3): V3 => { const length = Math.hypot(...a); return [a[0] / length, a[1] / length, a[2] / length]; };
