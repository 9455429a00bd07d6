// The empty plaza: paving in perspective, the facade in the north, and the things that stand about (planters, benches, the fence), lit by the same sun as
// the people. The ground is drawn once; the things are kept apart, because people walk behind them.
import { drawBlobs, type Blob, type Sprite } from './figureSprites.ts';
import type { PlazaCamera } from './plazaCamera.ts';
import { PLAZA, seeded } from './plazaCrowd.ts';

/** Towards the sun: behind the camera on the left, a hazy day. */
export const SUN = (() => { const x = -0.5, y = -0.38, z = 0.78, length = Math.hypot(x, y, z); return { x: x / length, y: y / length, z: z / length }; })();

export type Colour = readonly [number, number, number];
/** A thing that stands on the plaza; drawn in the order of yM among the people. */
export type Thing = { yM: number; xPx: number; yPx: number; sprite: Sprite; colours: readonly Colour[] };

export function plazaScene(camera: PlazaCamera, seed: number): { ground: Uint8ClampedArray; things: Thing[] } {
  return { ground: drawGround(camera, seed), things: things(camera, seed) };
}

const FINE = 2;
function drawGround(camera: PlazaCamera, seed: number): Uint8ClampedArray {
  const { widthPx, heightPx } = camera, picture = new Uint8ClampedArray(widthPx * heightPx * 3);
  const noise = valueNoise(seed ^ 0x9e37);
  for (let y = 0; y < heightPx; y++) for (let x = 0; x < widthPx; x++) {
    let [red, green, blue] = [0, 0, 0];
    for (let fy = 0; fy < FINE; fy++) for (let fx = 0; fx < FINE; fx++) {
      const [r, g, b] = colourAt(camera, x + (fx + 0.5) / FINE, y + (fy + 0.5) / FINE, noise);
      red += r; green += g; blue += b;
    }
    const at = (y * widthPx + x) * 3, many = FINE * FINE;
    // The corners of a cheap lens are darker.
    const far = Math.hypot((x - widthPx / 2) / widthPx, (y - heightPx / 2) / widthPx), lens = 1 - 0.35 * far * far;
    picture[at] = red / many * lens; picture[at + 1] = green / many * lens; picture[at + 2] = blue / many * lens;
  }
  return picture;
}

function colourAt(camera: PlazaCamera, xPx: number, yPx: number, noise: Noise): Colour {
  const ground = camera.groundAt(xPx, yPx);
  if (ground === null || ground.yM > PLAZA.facadeYM) return wallAt(camera, xPx, yPx, noise);
  const { xM, yM } = ground;
  const tile = 0.8, column = Math.floor(xM / tile), row = Math.floor(yM / tile);
  const inX = xM / tile - column, inY = yM / tile - row, joint = 0.012 / tile;
  let light = 150 + 9 * (noise(column * 3.7, row * 5.3) - 0.5) * 2 + 16 * (noise(xM * 0.35, yM * 0.35) - 0.5) + 10 * (noise(xM * 7, yM * 7) - 0.5);
  // Darker bands of stone lead to the stage and along the walkway.
  const band = ((xM + 1) % 6.4 + 6.4) % 6.4 < tile || Math.abs(yM - 16) < tile / 2 || Math.abs(yM - 21.6) < tile / 2;
  if (band) light *= 0.78;
  if (inX < joint || inX > 1 - joint || inY < joint || inY > 1 - joint) light *= 0.8;
  // Old stains.
  const stain = noise(xM * 0.9 + 40, yM * 0.9 + 7);
  if (stain > 0.72) light *= 1 - 0.5 * (stain - 0.72);
  // The contact shadow of the wall.
  light *= 1 - 0.35 * Math.exp(-(PLAZA.facadeYM - yM) / 0.5);
  for (const round of PLAZA.planters) light *= shadeOf(xM, yM, round.xM, round.yM, round.radiusM, 1.1);
  for (const bench of PLAZA.benches) light *= shadeOf(xM, yM, bench.xM, bench.yM, 0.45, 0.45);
  const { fence } = PLAZA;
  if (yM > fence.fromYM && yM < fence.toYM && (yM < fence.gapFromYM || yM > fence.gapToYM)) light *= 1 - 0.3 * Math.exp(-(((xM - fence.xM - 0.3) / 0.25) ** 2));
  // The yellow strip that blind people follow along the walkway, with its bumps, and the iron cover of a drain.
  if (Math.abs(yM - 18.4) < 0.2) { const bump = 0.92 + 0.08 * noise(xM * 11, yM * 11); return [light * 1.18 * bump, light * 0.98 * bump, light * 0.5 * bump]; }
  if (Math.hypot(xM - 10.6, yM - 14.9) < 0.32) return [light * 0.6, light * 0.6, light * 0.6];
  return [light * 1.0, light * 0.985, light * 0.95];
}

/** Light left on the ground beside a round thing of this radius and height. */
function shadeOf(xM: number, yM: number, atX: number, atY: number, radiusM: number, heightM: number): number {
  if (Math.abs(xM - atX) > 3 || Math.abs(yM - atY) > 3) return 1;
  const lengthM = heightM / SUN.z * Math.hypot(SUN.x, SUN.y), ux = -SUN.x / Math.hypot(SUN.x, SUN.y), uy = -SUN.y / Math.hypot(SUN.x, SUN.y);
  const along = Math.max(0, Math.min(lengthM, (xM - atX) * ux + (yM - atY) * uy));
  const apart = Math.hypot(xM - atX - ux * along, yM - atY - uy * along);
  return 1 - 0.42 / (1 + Math.exp((apart - radiusM) / 0.08));
}

function wallAt(camera: PlazaCamera, xPx: number, yPx: number, noise: Noise): Colour {
  // Where the line of sight meets the wall's plane: along it, north grows as height falls.
  const ground = camera.groundAt(xPx, yPx);
  if (ground === null) return [0, 0, 0];
  const share = (PLAZA.facadeYM - camera.position.yM) / (ground.yM - camera.position.yM);
  const zM = camera.heightM * (1 - share), xM = camera.position.xM + (ground.xM - camera.position.xM) * share;
  const door = PLAZA.doors.some((each) => Math.abs(xM - each.xM) < each.widthM / 2);
  if (door) return zM < 0.03 ? [90, 88, 84] : [48 + 30 * noise(xM * 3, zM), 50, 52];
  if (zM < 0.5) { const light = 104 + 10 * (noise(xM * 2, zM * 6) - 0.5); return [light, light * 0.97, light * 0.92]; }
  const bay = ((xM % 3.2) + 3.2) % 3.2;
  if (bay > 0.5 && bay < 2.7) { const light = 84 + 26 * noise(xM * 0.8, zM * 0.8); return [light * 0.86, light * 0.97, light * 1.06]; }
  const light = 146 + 12 * (noise(xM * 2, zM * 3) - 0.5);
  return [light, light * 0.95, light * 0.87];
}

export type Noise = (x: number, y: number) => number;
/** Smooth noise 0..1 over the plane. */
export function valueNoise(seed: number): Noise {
  const random = seeded(seed), table = Float32Array.from({ length: 65_536 }, () => random());
  const at = (x: number, y: number) => table[((x & 255) << 8) | (y & 255)]!;
  return (x, y) => {
    const x0 = Math.floor(x), y0 = Math.floor(y), fx = x - x0, fy = y - y0, u = fx * fx * (3 - 2 * fx), v = fy * fy * (3 - 2 * fy);
    return (at(x0, y0) * (1 - u) + at(x0 + 1, y0) * u) * (1 - v) + (at(x0, y0 + 1) * (1 - u) + at(x0 + 1, y0 + 1) * u) * v;
  };
}

function things(camera: PlazaCamera, seed: number): Thing[] {
  const random = seeded(seed ^ 0x51ed), list: Thing[] = [];
  const place = (xM: number, yM: number, blobs: Blob[], colours: Colour[]) => {
    const seen = camera.see(xM, yM, blobs[0]!.z);
    if (seen === null) return;
    const pitch = Math.atan2(camera.heightM - blobs[0]!.z, Math.hypot(xM - camera.position.xM, yM - camera.position.yM));
    const sprite = drawBlobs(blobs, seen.pxPerM, pitch, -Math.atan2(xM - camera.position.xM, yM - camera.position.yM), SUN);
    list.push({ yM, xPx: Math.round(seen.xPx), yPx: Math.round(seen.yPx), sprite, colours });
  };
  // Colours by part: skin, hair, top, bottom, shoes, extra.
  const stone: Colour = [150, 146, 138], wood: Colour = [126, 92, 62], steel: Colour = [120, 124, 128];
  for (const round of PLAZA.planters) {
    const blobs: Blob[] = [];
    for (const z of [0.4, 0.3, 0.2, 0.1]) blobs.push({ part: 'top', x: 0, y: 0, z, a: round.radiusM, b: round.radiusM, c: 0.1 });
    for (let leaf = 0; leaf < 70; leaf++) {
      const angle = random() * 2 * Math.PI, out = Math.sqrt(random()) * round.radiusM * 0.85, size = 0.1 + 0.12 * random();
      blobs.push({ part: random() < 0.5 ? 'extra' : 'bottom', x: Math.cos(angle) * out, y: Math.sin(angle) * out, z: 0.55 + 0.45 * random() * (1 - out / round.radiusM * 0.6), a: size, b: size, c: size * 0.8 });
    }
    place(round.xM, round.yM, blobs, [stone, stone, stone, [58, 84, 42], stone, [74, 104, 52]]);
  }
  for (const bench of PLAZA.benches) {
    const blobs: Blob[] = [];
    for (const y of [-0.16, 0, 0.16]) blobs.push({ part: 'top', x: 0, y, z: 0.45, a: bench.widthM / 2, b: 0.07, c: 0.03, along: [1, 0, 0] });
    for (const x of [-0.6, 0.6]) blobs.push({ part: 'shoes', x, y: 0, z: 0.22, a: 0.06, b: 0.2, c: 0.22 });
    place(bench.xM, bench.yM, blobs, [wood, wood, wood, wood, [80, 80, 82], wood]);
  }
  const { fence } = PLAZA, span = 1.1;
  for (const [fromYM, toYM] of [[fence.fromYM, fence.gapFromYM], [fence.gapToYM, fence.toYM]] as const) {
    const spans = Math.round((toYM - fromYM) / span);
    for (let index = 0; index <= spans; index++) {
      const yM = fromYM + (toYM - fromYM) * index / spans, reach = (toYM - fromYM) / spans / 2;
      const blobs: Blob[] = [{ part: 'shoes', x: 0, y: 0, z: 0.5, a: 0.55, b: 0.045, c: 0.045, along: [0, 0, 1] }];
      if (index < spans) for (const z of [0.35, 0.7, 1.0]) blobs.push({ part: 'shoes', x: 0, y: reach, z, a: reach * 1.25, b: 0.045, c: 0.045, along: [0, 1, 0] });
      place(fence.xM, yM, blobs, [steel, steel, steel, steel, steel, steel]);
    }
  }
  return list.sort((a, b) => b.yM - a.yM);
}
