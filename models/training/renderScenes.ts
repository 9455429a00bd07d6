// Rendered pictures with truth for training: `node models/training/renderScenes.ts OUT_DIR --count N --seed S [--long-px 1024]`.
// Any camera, ground, light and crowd from nobody to 7 people/m2, written as JPEG with points.json {file: {w, h, count, points: [[x, y]...]}} in pixels: the middles
// of all heads inside the picture that are not hidden by a thing for more than half, nor by others altogether. Each picture follows from the seed and its number alone.
// Seeds of 900,000 and more belong to the benches (bench/geometry.ts, bench/flow.ts) and are refused here: they stay unseen.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { SitePoint } from '../../contract/geometry.ts';
import { sceneRenderer, type SceneFigure, type ScenePicture, type SceneSpec, type SceneThing } from '../../worker/demo/drawScene.ts';
import { CAPTION, drawPlaza, figureHeadM } from '../../worker/demo/drawPlaza.ts';
import { plazaCamera, type PinholeCamera } from '../../worker/demo/plazaCamera.ts';
import { PLAZA_FRAMES, PLAZA_SEED, plazaCrowd, seeded, type PlazaCrowd } from '../../worker/demo/plazaCrowd.ts';
import { valueNoise } from '../../worker/demo/plazaScene.ts';
import { THING_KINDS, thingBlobs, type ThingKind } from '../../worker/demo/sceneBodies.ts';
import { scatterPeople } from '../../worker/demo/sceneCrowd.ts';
import { GROUND_KINDS, type GroundMark, type LightKind } from '../../worker/demo/sceneGround.ts';
import { jpegOf } from './jpegOf.ts';

export const BENCH_SEED_LEAST = 900_000;

export type TrainingPicture = ScenePicture & { points: [number, number][]; quality: number };

export function trainingPicture(seed: number, longPx: number): TrainingPicture {
  const random = seeded(seed);
  if (random() < PLAZA_SHARE) return plazaPicture(seed, random, longPx);
  const between = (low: number, high: number) => low + (high - low) * random(), pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!;
  const camera = randomCamera(random, longPx), eye = plazaCamera(camera);
  const light = pick<LightKind>(['day', 'day', 'day', 'overcast', 'overcast', 'dusk', 'night', 'indoor', 'indoor']), ground = light === 'indoor' ? pick(['tiles', 'tiles', 'concrete', 'platform', 'paving'] as const) : pick(GROUND_KINDS);
  const rain = light !== 'indoor' && random() < 0.07, umbrellas = between(0.1, 0.5), winter = light !== 'indoor' && random() < 0.3, choice = random();
  const places = standable(eye), empty = choice < 0.15, few = choice < 0.45;
  const peoplePerM2 = empty ? 0 : few ? 0 : choice < 0.66 ? between(0.08, 1) : choice < 0.86 ? between(1, 3) : between(3, 7);

  const things: SceneThing[] = [], thingCount = empty ? 4 + Math.floor(random() * 26) : Math.floor(random() ** 2 * (few ? 16 : 8)), favourite = pick(THING_KINDS);
  for (let index = 0; index < thingCount && places.length > 0; index++) {
    const near = things.length > 0 && random() < 0.35 ? things.at(-1)! : null, at = near === null ? pick(places) : { xM: near.xM + between(-3, 3), yM: near.yM + between(-3, 3) };
    const kind: ThingKind = near !== null ? near.kind : random() < 0.3 ? favourite : pick(THING_KINDS);
    if ((kind === 'car' || kind === 'tree') && light === 'indoor') continue;
    if (Math.hypot(at.xM, at.yM) < 2.5) continue;
    things.push({ kind, ...at, turn: random() < 0.5 ? 0 : random() * 2 * Math.PI, seed: Math.floor(random() * 1e9) });
  }
  const radii = things.map((thing) => ({ ...thing, radiusM: thing.kind === 'bench' || thing.kind === 'parasol' || thing.kind === 'chair' ? 0.15 : thingBlobs(thing.kind, seeded(thing.seed)).radiusM }));
  const free = ({ xM, yM }: SitePoint) => radii.every((thing) => Math.hypot(thing.xM - xM, thing.yM - yM) > thing.radiusM + 0.2);

  const figures: SceneFigure[] = [], heading = random() * 2 * Math.PI, opposed = random() < 0.4, walking = random(), focus = pick(places.length > 0 ? places : [{ xM: 0, yM: 5 }]), watching = random() < 0.35;
  const add = (at: SitePoint) => {
    const walks = random() < walking, facing = watching && !walks ? Math.atan2(focus.xM - at.xM, focus.yM - at.yM) + between(-0.4, 0.4) : random() < 0.25 ? random() * 2 * Math.PI : heading + (opposed && random() < 0.5 ? Math.PI : 0) + between(-0.5, 0.5);
    figures.push({ ...at, facing, gait: walks ? random() : null, look: random(), ...(walks || random() > 0.04 ? {} : { pose: 'sits' as const }) });
  };
  if (few && !empty && places.length > 0) {
    const many = 1 + Math.floor(random() * 10);
    for (let index = 0, tries = 0; index < many && tries < 200; tries++) {
      const last = figures.at(-1), at = last !== undefined && random() < 0.35 ? { xM: last.xM + between(-0.9, 0.9), yM: last.yM + between(-0.9, 0.9) } : pick(places);
      if (!free(at) || figures.some((other) => Math.hypot(other.xM - at.xM, other.yM - at.yM) < 0.4)) continue;
      add(at); index++;
    }
  } else if (peoplePerM2 > 0 && places.length > 0) {
    const noise = valueNoise(seed ^ 0x51), patchM = between(3, 14), patchy = random(), edge = random() < 0.4 ? { turn: random() * 2 * Math.PI, at: between(-6, 6) } : null;
    const box = boxOf(places), at = (xM: number, yM: number) => {
      const patch = noise(xM / patchM + 50, yM / patchM + 50), dense = patchy < 0.35 ? 1 : Math.max(0, Math.min(1.4, 0.5 + (patch - 0.5) * 3.2 * patchy));
      const beyond = edge === null ? 1 : 1 / (1 + Math.exp(((xM - focus.xM) * Math.sin(edge.turn) + (yM - focus.yM) * Math.cos(edge.turn) + edge.at) * 1.5));
      return Math.min(7, peoplePerM2 * dense * beyond);
    };
    const inSight = new Set(places.map(({ xM, yM }) => `${Math.round(xM)} ${Math.round(yM)}`)), seenAt = (xM: number, yM: number) => inSight.has(`${Math.round(xM)} ${Math.round(yM)}`) ? at(xM, yM) : 0;
    for (const place of scatterPeople({ ...box, peoplePerM2At: seenAt, peoplePerM2Most: Math.min(7, peoplePerM2 * 1.4), random })) if (free(place)) add(place);
  }
  for (const thing of things) if ((thing.kind === 'bench' || thing.kind === 'chair') && !empty && random() < 0.5) figures.push({ xM: thing.xM + (thing.kind === 'bench' ? between(-0.5, 0.5) * Math.cos(thing.turn) : 0), yM: thing.yM - (thing.kind === 'bench' ? between(-0.5, 0.5) * Math.sin(thing.turn) : 0), facing: thing.turn, gait: null, look: random(), pose: 'sits' });

  const marks: GroundMark[] = Array.from({ length: Math.floor(random() ** 2 * (empty ? 30 : 14)) }, () => ({ kind: pick(['stain', 'stain', 'cover', 'leaf', 'leaf', 'arrow', 'shadow'] as const), at: pick(places.length > 0 ? places : [focus]), sizeM: between(0.15, 0.6), turn: random() * 2 * Math.PI }));
  const spec: SceneSpec = { camera, ground, light, seed, things, marks, wardrobe: { bodies: 16, winter, umbrellaShare: rain ? umbrellas : 0.01, childShare: random() < 0.15 ? 0.4 : 0.07 } };
  const picture = sceneRenderer(spec).draw(figures);
  develop(picture, random);
  const points = picture.heads.flatMap((head): [number, number][] => head === null || head.hiddenByThingShare > 0.5 || head.seenShare < 0.05 ? [] : [[Math.round(head.xPx * 10) / 10, Math.round(head.yPx * 10) / 10]]);
  return { ...picture, points, quality: 2 + Math.floor(random() ** 2 * 10) };
}

/** This share shows the demo's own plaza, through cameras like its own, with crowds that the demo does not have. */
const PLAZA_SHARE = 0.1;
let plaza: { seed: number; crowd: PlazaCrowd } | null = null;
function plazaPicture(seed: number, random: () => number, longPx: number): TrainingPicture {
  const between = (low: number, high: number) => low + (high - low) * random(), crowdSeed = PLAZA_SEED + 1 + Math.floor(seed / 40) % 1000;
  if (plaza?.seed !== crowdSeed) plaza = { seed: crowdSeed, crowd: plazaCrowd(crowdSeed) };
  const widthPx = Math.min(longPx, [480, 640, 640, 768, 960][Math.floor(random() * 5)]!), spec: PinholeCamera = { position: { xM: between(13, 17), yM: between(-1.5, 1.5) }, heightM: between(6, 12), bearingDeg: 0, tiltDeg: between(30, 42), focalShare: between(0.85, 1.4), widthPx, heightPx: Math.round(widthPx * 9 / 32) * 2 };
  const frame = Math.floor(random() ** 0.8 * PLAZA_FRAMES), camera = plazaCamera(spec), picture: ScenePicture = { widthPx, heightPx: spec.heightPx, rgb: drawPlaza(plaza.crowd, camera)(frame).slice(), heads: [] };
  const points = plaza.crowd.figures(frame).flatMap((figure): [number, number][] => {
    const seen = camera.see(figure.xM, figure.yM, figureHeadM(figure));
    if (seen === null || seen.xPx < 0 || seen.yPx < 0 || seen.xPx >= widthPx || seen.yPx >= spec.heightPx || (seen.xPx < CAPTION.leftPx + CAPTION.widthPx && seen.yPx < CAPTION.topPx + CAPTION.heightPx)) return [];
    return [[Math.round(seen.xPx * 10) / 10, Math.round(seen.yPx * 10) / 10]];
  });
  develop(picture, random);
  return { ...picture, points, quality: 2 + Math.floor(random() ** 2 * 10) };
}

const NEAR_SHARE = 0.25;
function randomCamera(random: () => number, longPx: number): PinholeCamera {
  const between = (low: number, high: number) => low + (high - low) * random(), widthPx = [480, 512, 640, 640, 704, 768, 896, 1024][Math.floor(random() * 8)]!, wide = Math.min(longPx, widthPx);
  // In a street or a hall, low and level: whoever is near fills half of the picture.
  const near = random() < NEAR_SHARE, heightM = near ? between(1.9, 4.5) : random() < 0.75 ? between(3, 11) : between(11, 25), k1 = random() < 0.4 ? between(-0.2, 0.2) : 0;
  return {
    position: { xM: 0, yM: 0 }, heightM, bearingDeg: random() * 360, tiltDeg: near ? between(3, 24) : random() < 0.75 ? between(14, 48) : between(12, 75), focalShare: between(0.6, 1.6), widthPx: wide, heightPx: Math.round(wide * (random() < 0.65 ? 9 / 16 : 3 / 4) / 2) * 2,
    // A barrel so strong that it would fold the corners gets the second term that real lenses have.
    ...(k1 === 0 ? {} : { lens: { k1, k2: k1 < -0.1 ? 0.6 * k1 * k1 : 0 } }),
  };
}

/** Places on a grid of the ground whose people's heads can be seen, from HEAD_PX_LEAST on. */
const HEAD_PX_LEAST = 4;
function standable(camera: ReturnType<typeof plazaCamera>): SitePoint[] {
  const places: SitePoint[] = [], reachM = Math.min(60, camera.focalPx * 0.25 / HEAD_PX_LEAST);
  for (let yM = -Math.ceil(reachM); yM <= reachM; yM++) for (let xM = -Math.ceil(reachM); xM <= reachM; xM++) {
    const apart = Math.hypot(xM, yM);
    if (apart > reachM || apart < 1) continue;
    const seen = camera.see(xM, yM, 1.6);
    if (seen !== null && seen.pxPerM < 480 && seen.pxPerM > 4 * HEAD_PX_LEAST && seen.xPx > -0.02 * camera.widthPx && seen.xPx < 1.02 * camera.widthPx && seen.yPx > -0.02 * camera.heightPx && seen.yPx < 1.03 * camera.heightPx) places.push({ xM, yM });
  }
  return places.map(({ xM, yM }, index) => ({ xM: xM + ((index * 0.618) % 1 - 0.5), yM: yM + ((index * 0.755) % 1 - 0.5) }));
}
function boxOf(places: readonly SitePoint[]) {
  const xs = places.map(({ xM }) => xM), ys = places.map(({ yM }) => yM);
  return { westM: Math.min(...xs) - 1, eastM: Math.max(...xs) + 1, southM: Math.min(...ys) - 1, northM: Math.max(...ys) + 1 };
}

/** What a camera makes of it: exposure, contrast, a cast of colour, haze, softness, and noise over all. In place. */
function develop({ rgb, widthPx, heightPx }: ScenePicture, random: () => number): void {
  const between = (low: number, high: number) => low + (high - low) * random(), gain = between(0.82, 1.2), contrast = between(0.8, 1.25), haze = random() < 0.15 ? between(0.05, 0.35) : 0, cast = [between(0.93, 1.07), 1, between(0.93, 1.07)], grain = random() < 0.6 ? between(0.5, 4) : between(4, 9), soft = random() < 0.45 ? between(0.1, 0.9) : 0, grey = random() < 0.06, darkest = between(28, 70);
  let sum = 0;
  for (let at = 0; at < rgb.length; at += 31) sum += rgb[at]!;
  // Cameras open their iris in the dark: none shows less than this mean, but for the noise that it costs.
  const mean = sum / (rgb.length / 31) * gain, iris = Math.max(1, Math.min(3.5, darkest / Math.max(1, mean)));
  const tables = cast.map((tint) => Float32Array.from({ length: 256 }, (_, value) => (((value * gain * iris * tint - 118) * contrast + 118) * (1 - haze) + 190 * haze)));
  if (soft > 0) soften(rgb, widthPx, heightPx, soft);
  for (let at = 0; at < rgb.length; at += 3) {
    const noise = grain * (random() + random() + random() - 1.5) * 2, [r, g, b] = [tables[0]![rgb[at]!]! + noise, tables[1]![rgb[at + 1]!]! + noise, tables[2]![rgb[at + 2]!]! + noise], luma = 0.3 * r + 0.59 * g + 0.11 * b;
    rgb[at] = clip(grey ? luma : r); rgb[at + 1] = clip(grey ? luma : g); rgb[at + 2] = clip(grey ? luma : b);
  }
}
const clip = (value: number) => value < 0 ? 0 : value > 255 ? 255 : value;
/** Binomial over three by three, mixed in by a share. */
function soften(rgb: Uint8Array, widthPx: number, heightPx: number, share: number): void {
  const from = rgb.slice(), row = widthPx * 3, keep = 1 - share;
  for (let y = 1; y < heightPx - 1; y++) for (let at = y * row + 3; at < (y + 1) * row - 3; at++) {
    const sum = from[at - row - 3]! + from[at - row + 3]! + from[at + row - 3]! + from[at + row + 3]! + 2 * (from[at - row]! + from[at + row]! + from[at - 3]! + from[at + 3]!) + 4 * from[at]!;
    rgb[at] = from[at]! * keep + sum * share / 16;
  }
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { count: { type: 'string', default: '600' }, seed: { type: 'string', default: '1' }, 'long-px': { type: 'string', default: '1024' } } });
  const [folder] = positionals, count = Number(values.count), seed = Number(values.seed), longPx = Number(values['long-px']);
  if (folder === undefined || ![count, seed, longPx].every((value) => Number.isSafeInteger(value) && value >= 0) || longPx < 320 || seed >= BENCH_SEED_LEAST) { console.error('usage: renderScenes.ts OUT_DIR --count N --seed S [--long-px 1024], with a seed below 900000'); process.exit(2); }
  mkdirSync(folder, { recursive: true });
  const truthPath = join(folder, 'points.json');
  // What is there already is kept: a render that was stopped goes on.
  const truth = (existsSync(truthPath) ? JSON.parse(readFileSync(truthPath, 'utf8')) : {}) as Record<string, { w: number; h: number; count: number; points: [number, number][] }>;
  // Whole at every moment: a training run may read it meanwhile.
  const save = () => { writeFileSync(`${truthPath}.part`, JSON.stringify(truth)); renameSync(`${truthPath}.part`, truthPath); };
  for (let index = 0; index < count; index++) {
    const file = `scene_${seed}_${String(index).padStart(5, '0')}.jpg`;
    if (truth[file] !== undefined) continue;
    const picture = trainingPicture(seed * 100_003 + index, longPx);
    writeFileSync(join(folder, file), jpegOf(picture, picture.quality));
    truth[file] = { w: picture.widthPx, h: picture.heightPx, count: picture.points.length, points: picture.points };
    if ((index + 1) % 20 === 0) { save(); console.log(`${index + 1} of ${count}`); }
  }
  save();
}
