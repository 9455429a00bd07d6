// Draws a scene of any place through any camera: ground, shadows, people and things from far to near, light, noise; and tells where the heads are and how much of
// each is seen. For training pictures and for measuring geometry and flow against a known truth. The same scene, seed and frame give the same bytes.
import { blit } from './blit.ts';
import { drawBlobs, drawBlobsOnHalves, PARTS, PITCH_STEP, pitchOf, pxPerMOf, sizeOf, type FigurePart, type Sprite } from './figureSprites.ts';
import { plazaCamera, type PinholeCamera, type PlazaCamera } from './plazaCamera.ts';
import { seeded } from './plazaCrowd.ts';
import type { Colour } from './plazaScene.ts';
import { dressOf, headCentreM, personBlobs, thingBlobs, type Pose, type ThingKind } from './sceneBodies.ts';
import { drawSceneGround, sceneGround, sceneLight, type GroundKind, type GroundMark, type LightKind } from './sceneGround.ts';

/** One figure. It has no name: only its place in the list of one frame. */
export type SceneFigure = {
  xM: number; yM: number;
  /** Compass bearing it faces, radians clockwise from north. */
  facing: number;
  /** 0..1 through one double step; null: stands. */
  gait: number | null;
  /** 0..1, picks body and clothes. */
  look: number;
  pose?: Pose;
};
export type SceneThing = { kind: ThingKind; xM: number; yM: number; turn: number; seed: number };
export type SceneSpec = {
  camera: PinholeCamera; ground: GroundKind; light: LightKind; seed: number;
  things?: readonly SceneThing[]; marks?: readonly GroundMark[];
  /** Metres to what stands around. */
  aroundM?: number;
  wardrobe?: { bodies?: number; umbrellaShare?: number; childShare?: number; winter?: boolean };
  /** Film: figures lie on halves of pixels, so that slow movement is seen. */
  film?: boolean;
};
/** Where a head is in the picture, in pixels. Shares of the head's area: what is seen of it, and what a thing hides. */
export type SceneHead = { xPx: number; yPx: number; seenShare: number; hiddenByThingShare: number };
export type ScenePicture = {
  widthPx: number; heightPx: number; rgb: Uint8Array;
  /** One for each figure, in the order given; null: its head is not in the picture. */
  heads: (SceneHead | null)[];
};

const YAWS = 16, GAITS = 6, LEAN_STEP = 8 * Math.PI / 180, GROUNDS = 4;
const HEAD_RADIUS_M = 0.1;

export function sceneRenderer(spec: SceneSpec): { camera: PlazaCamera; draw(figures: readonly SceneFigure[], frame?: number): ScenePicture } {
  const camera = plazaCamera(spec.camera), { widthPx, heightPx, position } = camera, { seed, film = false, wardrobe = {} } = spec;
  const random = seeded(seed ^ 0x3c6e), light = sceneLight(spec.light, seed);
  const bare = drawSceneGround(camera, sceneGround({ kind: spec.ground, light, seed, ...(spec.marks === undefined ? {} : { marks: spec.marks }), ...(spec.aroundM === undefined ? {} : { aroundM: spec.aroundM }) }));
  const grounds = Array.from({ length: film ? GROUNDS : 1 }, (_, index) => noisy(bare, light.noiseGrey, seed * 7 + index));
  const dresses = Array.from({ length: wardrobe.bodies ?? (film ? 8 : 14) }, () => dressOf(random, wardrobe));
  const sun = sunFor(camera, light.sun), sprites = new Map<string, Sprite[]>(), owner = new Uint16Array(widthPx * heightPx);

  /** How a place looks in the picture: the pitch and lean of sprites there, and the bearing from the camera. */
  function viewOf(xM: number, yM: number, zM: number) {
    const seen = camera.see(xM, yM, zM);
    if (seen === null) return null;
    const dx = xM - position.xM, dy = yM - position.yM, apart = Math.hypot(dx, dy), away = apart > 0.05 ? { x: dx / apart, y: dy / apart } : { x: 0, y: 1 };
    const beyond = camera.see(xM + 0.3 * away.x, yM + 0.3 * away.y, zM + 0.3);
    return { seen, apart, bearing: Math.atan2(dx, dy), pitch: Math.atan2(camera.heightM - zM, apart), lean: beyond === null ? 0 : Math.atan2(beyond.xPx - seen.xPx, seen.yPx - beyond.yPx) };
  }
  function personSprite(dressAt: number, pose: Pose, gait: number, size: number, pitch: number, yaw: number, lean: number, half: number): Sprite {
    const key = `${dressAt} ${pose} ${gait} ${size} ${pitch} ${yaw} ${lean}`;
    let found = sprites.get(key);
    if (found === undefined) {
      const blobs = personBlobs(dresses[dressAt]!, pose, gait < 0 ? null : gait / GAITS), seen = [pxPerMOf(size), pitch * PITCH_STEP, yaw * 2 * Math.PI / YAWS, sun, { lean: lean * LEAN_STEP, light: light.sprite }] as const;
      found = film ? drawBlobsOnHalves(blobs, ...seen) : [drawBlobs(blobs, ...seen)];
      sprites.set(key, found);
    }
    return found[half]!;
  }
  const things = (spec.things ?? []).flatMap((thing) => {
    const { blobs, colours, radiusM, heightM } = thingBlobs(thing.kind, seeded(thing.seed)), view = viewOf(thing.xM, thing.yM, blobs[0]!.z);
    if (view === null || view.apart < 1 || view.seen.pxPerM > 220 || view.seen.xPx < -widthPx || view.seen.xPx > 2 * widthPx || view.seen.yPx < -heightPx || view.seen.yPx > 2 * heightPx) return [];
    const sprite = drawBlobs(blobs, view.seen.pxPerM, view.pitch, thing.turn - view.bearing, sun, { lean: view.lean, light: light.sprite }), here = light.at(thing.xM, thing.yM);
    return [{ ...thing, apart: view.apart, xPx: Math.round(view.seen.xPx), yPx: Math.round(view.seen.yPx), sprite, radiusM, heightM, colours: PARTS.map((part) => lit(colours[part] ?? [128, 128, 128], here)) }];
  }).sort((a, b) => b.apart - a.apart);
  const shaded = withShadows(camera, light.sun, light.shadow);

  function draw(figures: readonly SceneFigure[], frame = 0): ScenePicture {
    const rgb = Uint8Array.from(grounds[film ? Math.floor(seeded(seed * 31 + frame)() * GROUNDS) : 0]!), heads: (SceneHead | null)[] = figures.map(() => null);
    const seen = figures.flatMap((figure, index) => {
      const dressAt = Math.floor(figure.look * dresses.length), dress = dresses[dressAt]!, pose = figure.pose ?? 'stands', headM = headCentreM(dress, pose), view = viewOf(figure.xM, figure.yM, headM);
      if (view === null) return [];
      // From the head to the feet and an arm's length around: nobody else is worth a sprite.
      const feet = camera.see(figure.xM, figure.yM, 0) ?? { xPx: view.seen.xPx, yPx: view.seen.yPx + 2 * view.seen.pxPerM }, reachPx = 0.75 * view.seen.pxPerM + 4;
      if (view.seen.pxPerM > 260 || Math.max(view.seen.xPx, feet.xPx) < -reachPx || Math.min(view.seen.xPx, feet.xPx) > widthPx + reachPx || Math.max(view.seen.yPx, feet.yPx) < -reachPx || Math.min(view.seen.yPx, feet.yPx) > heightPx + reachPx) return [];
      return [{ index, figure, dressAt, pose, view, headM, crowded: 0 }];
    }).sort((a, b) => b.view.apart - a.view.apart);
    markCrowded(seen);

    owner.fill(0);
    const drawnPx = new Uint32Array(figures.length + 1), lostPx = new Uint32Array(figures.length + 1), seenPx = new Uint32Array(figures.length + 1);
    for (const thing of things) shaded(rgb, thing.xM, thing.yM, thing.radiusM, thing.heightM, 1);
    for (const { figure, headM, crowded } of seen) if (crowded < 0.6) shaded(rgb, figure.xM, figure.yM, 0.17, headM, 1 - crowded);
    let thingAt = 0;
    const drawThing = () => {
      const thing = things[thingAt++]!;
      blit(rgb, widthPx, heightPx, thing.sprite, thing.xPx, thing.yPx, thing.colours);
      stamp(owner, widthPx, heightPx, thing.sprite, thing.xPx, thing.yPx, 0, 0, lostPx);
    };
    for (const { index, figure, dressAt, pose, view, crowded } of seen) {
      while (thingAt < things.length && things[thingAt]!.apart > view.apart) drawThing();
      const size = sizeOf(view.seen.pxPerM), turned = (figure.facing - view.bearing) / (2 * Math.PI) * YAWS, yaw = ((Math.round(turned) % YAWS) + YAWS) % YAWS;
      const gait = figure.gait === null || pose === 'sits' ? -1 : Math.floor(figure.gait * GAITS) % GAITS;
      const xHalf = film ? Math.round(view.seen.xPx * 2) : Math.round(view.seen.xPx) * 2, yHalf = film ? Math.round(view.seen.yPx * 2) : Math.round(view.seen.yPx) * 2;
      const sprite = personSprite(dressAt, pose, gait, size, pitchOf(view.pitch), yaw, Math.round(view.lean / LEAN_STEP), (xHalf & 1) | (yHalf & 1) << 1);
      const here = light.at(figure.xM, figure.yM), xPx = xHalf >> 1, yPx = yHalf >> 1;
      blit(rgb, widthPx, heightPx, sprite, xPx, yPx, coloursOf(figure.look, seed, here), crowded * 0.14, 0.55 * view.seen.pxPerM);
      drawnPx[index + 1] = stamp(owner, widthPx, heightPx, sprite, xPx, yPx, index + 1, HEAD_RADIUS_M * view.seen.pxPerM + 0.6, null);
      const { xPx: atX, yPx: atY } = view.seen;
      if (atX >= 0 && atX < widthPx && atY >= 0 && atY < heightPx) heads[index] = { xPx: atX, yPx: atY, seenShare: 0, hiddenByThingShare: 0 };
    }
    while (thingAt < things.length) drawThing();
    for (let at = 0; at < owner.length; at++) seenPx[owner[at]!]!++;
    heads.forEach((head, index) => { if (head !== null) { const all = Math.max(1, drawnPx[index + 1]!); head.seenShare = seenPx[index + 1]! / all; head.hiddenByThingShare = lostPx[index + 1]! / all; } });
    return { widthPx, heightPx, rgb, heads };
  }
  return { camera, draw };
}

const lit = (colour: Colour, light: Colour): Colour => [colour[0] * light[0], colour[1] * light[1], colour[2] * light[2]];

/** The sun as one sees it who looks along the camera's bearing. */
function sunFor(camera: PlazaCamera, sun: { x: number; y: number; z: number }) {
  const bearing = camera.bearingDeg * Math.PI / 180, sin = Math.sin(bearing), cos = Math.cos(bearing);
  return { x: sun.x * cos - sun.y * sin, y: sun.x * sin + sun.y * cos, z: sun.z };
}

const SKINS: Colour[] = [[228, 190, 162], [222, 178, 148], [212, 164, 132], [198, 148, 114], [172, 122, 88], [134, 92, 66], [96, 66, 48], [68, 48, 38]];
const HAIRS: Colour[] = [[34, 30, 30], [26, 24, 26], [44, 36, 32], [60, 46, 38], [96, 74, 52], [150, 116, 72], [196, 164, 110], [128, 62, 38], [150, 148, 146], [206, 204, 200]];
const NEUTRALS: Colour[] = [[232, 232, 228], [206, 204, 198], [40, 42, 48], [28, 28, 32], [54, 54, 58], [44, 58, 92], [62, 78, 112], [104, 108, 114], [140, 144, 150], [118, 106, 88], [150, 140, 122], [84, 70, 56]];

function coloursOf(look: number, seed: number, light: Colour): Colour[] {
  const random = seeded(Math.floor(look * 4294967296) ^ seed), pick = (from: readonly Colour[]): Colour => from[Math.floor(random() * from.length)]!;
  const cloth = (vivid: number): Colour => {
    if (random() > vivid) { const tone = 0.8 + 0.35 * random(), [r, g, b] = pick(NEUTRALS); return [r * tone, g * tone, b * tone]; }
    const hue = random() * 6, strength = 0.12 + 0.7 * random() ** 1.4, bright = 50 + 180 * random(), mix = (offset: number) => bright * (1 - strength * Math.max(0, Math.min(1, Math.abs(((hue + offset) % 6) - 3) - 1)));
    return [mix(0), mix(2), mix(4)];
  };
  const colours: Record<FigurePart, Colour> = { skin: pick(SKINS), hair: HAIRS[Math.floor(random() ** 1.6 * HAIRS.length)]!, top: cloth(0.45), bottom: cloth(0.18), shoes: random() < 0.6 ? [40, 38, 38] : cloth(0.4), extra: cloth(0.4), second: cloth(0.55), canopy: cloth(0.7) };
  return PARTS.map((part) => lit(colours[part], light));
}

/** How thick the crowd around each is: 0 alone, 1 from nine within 0.8 m. Between others the ground gets no sun. */
function markCrowded(seen: { figure: SceneFigure; crowded: number }[]): void {
  const cells = new Map<number, SceneFigure[]>(), key = (x: number, y: number) => (Math.floor(y / 0.8) + 20_000) * 65_536 + Math.floor(x / 0.8) + 20_000;
  for (const { figure } of seen) { const at = key(figure.xM, figure.yM), found = cells.get(at); if (found === undefined) cells.set(at, [figure]); else found.push(figure); }
  for (const each of seen) {
    let near = -1;
    for (let dx = -1; dx <= 1; dx++) for (let dy = -1; dy <= 1; dy++) for (const other of cells.get(key(each.figure.xM + dx * 0.8, each.figure.yM + dy * 0.8)) ?? []) if (Math.abs(other.xM - each.figure.xM) < 0.8 && Math.abs(other.yM - each.figure.yM) < 0.8) near++;
    each.crowded = Math.min(1, near / 9);
  }
}

/** Who is seen at each pixel, for heads only: whatever lies over a head takes its pixel away. Returns how many pixels the head has that is drawn now. */
function stamp(owner: Uint16Array, widthPx: number, heightPx: number, sprite: Sprite, xPx: number, yPx: number, own: number, radiusPx: number, lost: Uint32Array | null): number {
  const left = xPx - sprite.headXPx, top = yPx - sprite.headYPx, y0 = Math.max(0, -top), y1 = Math.min(sprite.heightPx, heightPx - top), { kind } = sprite;
  let many = 0;
  for (let y = y0; y < y1; y++) {
    const x0 = Math.max(sprite.from[y]!, -left), x1 = Math.min(sprite.to[y]!, widthPx - left), dy2 = (y - sprite.headYPx) ** 2;
    let from = sprite.at[y]! + x0 - sprite.from[y]!, to = (top + y) * widthPx + left + x0;
    for (let x = x0; x < x1; x++, from++, to++) {
      if (kind[from]! >> 3 < 16) continue;
      const head = own > 0 && (x - sprite.headXPx) ** 2 + dy2 <= radiusPx * radiusPx;
      if (lost !== null && owner[to] !== 0) lost[owner[to]!]!++;
      owner[to] = head ? own : 0;
      if (head) many++;
    }
  }
  return many;
}

/** Darkens the ground where a body of this radius and height keeps the sun away, and where it stands. */
function withShadows(camera: PlazaCamera, sun: { x: number; y: number; z: number }, strength: number) {
  const { widthPx, heightPx } = camera, flat = Math.hypot(sun.x, sun.y), ux = flat > 0 ? -sun.x / flat : 0, uy = flat > 0 ? -sun.y / flat : 0;
  return (rgb: Uint8Array, xM: number, yM: number, radiusM: number, heightM: number, open: number): void => {
    const lengthM = strength > 0 ? Math.min(4.5, heightM * flat / Math.max(0.1, sun.z)) : 0, soft = 0.06 + 0.3 * radiusM;
    const foot = camera.see(xM, yM, 0), east = camera.see(xM + 0.2, yM, 0), north = camera.see(xM, yM + 0.2, 0), tip = camera.see(xM + ux * lengthM, yM + uy * lengthM, 0);
    if (foot === null || east === null || north === null || tip === null) return;
    // Pixels to metres, near the foot.
    const a = (east.xPx - foot.xPx) / 0.2, b = (north.xPx - foot.xPx) / 0.2, c = (east.yPx - foot.yPx) / 0.2, d = (north.yPx - foot.yPx) / 0.2, determinant = a * d - b * c;
    if (Math.abs(determinant) < 1e-6) return;
    const tipX = foot.xPx + (a * ux + b * uy) * lengthM, tipY = foot.yPx + (c * ux + d * uy) * lengthM, reachX = (radiusM + soft + 0.15) * (Math.abs(a) + Math.abs(b)), reachY = (radiusM + soft + 0.15) * (Math.abs(c) + Math.abs(d));
    const x0 = Math.max(0, Math.floor(Math.min(foot.xPx, tipX) - reachX)), x1 = Math.min(widthPx - 1, Math.ceil(Math.max(foot.xPx, tipX) + reachX)), y0 = Math.max(0, Math.floor(Math.min(foot.yPx, tipY) - reachY)), y1 = Math.min(heightPx - 1, Math.ceil(Math.max(foot.yPx, tipY) + reachY));
    for (let y = y0; y <= y1; y++) for (let x = x0; x <= x1; x++) {
      const px = x + 0.5 - foot.xPx, py = y + 0.5 - foot.yPx, e = (d * px - b * py) / determinant, n = (a * py - c * px) / determinant;
      const along = Math.max(0, Math.min(lengthM, e * ux + n * uy)), apart = Math.hypot(e - ux * along, n - uy * along), body = Math.max(0, Math.min(1, (radiusM + soft - apart) / (2 * soft))), contact = Math.max(0, 1 - Math.hypot(e, n) / (radiusM + 0.25));
      const keep = (1 - strength * open * body) * (1 - 0.35 * contact * contact);
      if (keep > 0.985) continue;
      const to = (y * widthPx + x) * 3;
      rgb[to] = rgb[to]! * keep; rgb[to + 1] = rgb[to + 1]! * keep; rgb[to + 2] = rgb[to + 2]! * keep;
    }
  };
}

function noisy(ground: Uint8ClampedArray, strength: number, seed: number): Uint8Array {
  const random = seeded(seed ^ 0x2545), picture = ground.slice();
  for (let to = 0; to < picture.length; to += 3) {
    const grain = strength * (random() + random() + random() + random() - 2) * Math.sqrt(3);
    picture[to]! += grain; picture[to + 1]! += grain; picture[to + 2]! += grain;
  }
  return new Uint8Array(picture.buffer);
}
