// Bodies and things for scenes of any place: people of all sizes, clothes and poses, and what stands about that is no person. All are blobs (figureSprites.ts).
import type { Blob, FigurePart } from './figureSprites.ts';
import type { Colour } from './plazaScene.ts';

export type Dress = {
  /** Height as a share of 1.70 m, width as a share of a slim adult's, head as a share of an adult's (children have large heads). */
  tall: number; wide: number; head: number;
  hair: 'short' | 'long' | 'bun' | 'bald' | 'full';
  cover: 'none' | 'cap' | 'brim' | 'hood' | 'knit' | 'scarf' | 'helmet';
  sleeves: boolean;
  legs: 'trousers' | 'shorts' | 'skirt' | 'dress';
  coat: boolean; pattern: boolean; puffy: boolean;
  bag: 'none' | 'backpack' | 'shoulder' | 'hand' | 'trolley';
  arms: 'hang' | 'phone' | 'crossed' | 'wave' | 'pockets';
  umbrella: boolean;
};
export type Pose = 'stands' | 'sits';

/** Bodies as they come in a street; a share of children and of umbrellas as asked. */
export function dressOf(random: () => number, { umbrellaShare = 0, childShare = 0.08, winter = false }: { umbrellaShare?: number; childShare?: number; winter?: boolean } = {}): Dress {
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!;
  const child = random() < childShare, tall = child ? 0.58 + 0.24 * random() : 0.9 + 0.1 * (random() + random());
  return {
    tall, wide: (child ? 0.72 : 0.88) + 0.26 * random() ** 1.5, head: child ? 0.86 + 0.08 * random() : 0.94 + 0.14 * random(),
    hair: pick(['short', 'short', 'short', 'long', 'long', 'bun', 'bald', 'full', 'full'] as const),
    cover: random() < (winter ? 0.4 : 0.2) ? pick(winter ? ['knit', 'knit', 'hood', 'hood', 'cap', 'scarf'] as const : ['cap', 'cap', 'brim', 'brim', 'hood', 'scarf', 'helmet'] as const) : 'none',
    sleeves: winter || random() < 0.5,
    legs: winter ? 'trousers' : pick(['trousers', 'trousers', 'trousers', 'shorts', 'skirt', 'dress'] as const),
    coat: random() < (winter ? 0.6 : 0.12), pattern: random() < 0.25, puffy: winter && random() < 0.5,
    bag: random() < 0.42 ? pick(['backpack', 'backpack', 'shoulder', 'shoulder', 'hand', 'trolley'] as const) : 'none',
    arms: pick(['hang', 'hang', 'hang', 'phone', 'crossed', 'pockets', 'wave'] as const),
    umbrella: random() < umbrellaShare,
  };
}

const HEAD_CENTRE_M = 1.6, SEAT_M = 0.44;
/** Height of the middle of the head above the ground. */
export const headCentreM = (dress: Dress, pose: Pose): number => HEAD_CENTRE_M * dress.tall - (pose === 'sits' ? 0.88 * dress.tall - SEAT_M - 0.06 : 0);

/** gait 0..1 through one double step; null: stands. The first blob is the head: sprites hang on it. */
export function personBlobs(dress: Dress, pose: Pose, gait: number | null): Blob[] {
  const { tall: t, wide: w, head: h } = dress, blobs: Blob[] = [], sits = pose === 'sits', down = sits ? 0.88 - (SEAT_M + 0.06) / t : 0;
  const ball = (part: FigurePart, x: number, y: number, z: number, a: number, b: number, c: number) => blobs.push({ part, x: x * w, y, z: (z - down) * t, a: a * w, b, c: c * t });
  /** Of the head: its size does not go with the body's. */
  const onHead = (part: FigurePart, x: number, y: number, up: number, a: number, b: number, c: number) => blobs.push({ part, x: x * h, y: y * h, z: (HEAD_CENTRE_M - down) * t + up * h, a: a * h, b: b * h, c: c * h });
  const limb = (part: FigurePart, from: V3, to: V3, radius: number) => {
    const d = [(to[0] - from[0]) * w, to[1] - from[1], (to[2] - from[2]) * t] as const, length = Math.max(1e-3, Math.hypot(...d));
    blobs.push({ part, x: (from[0] + to[0]) / 2 * w, y: (from[1] + to[1]) / 2, z: ((from[2] + to[2]) / 2 - down) * t, a: length / 2 + radius * 0.8, b: radius, c: radius, along: [d[0] / length, d[1] / length, d[2] / length] });
  };
  onHead('skin', 0, 0.02, -0.005, 0.07, 0.083, 0.105);
  ball('skin', 0, 0, 1.47, 0.055, 0.055, 0.08);
  if (dress.hair !== 'bald') onHead('hair', 0, -0.026, 0.035, 0.081, 0.09, 0.08);
  if (dress.hair === 'full') onHead('hair', 0, -0.03, 0.03, 0.1, 0.105, 0.1);
  if (dress.hair === 'long') { onHead('hair', 0, -0.065, -0.07, 0.095, 0.055, 0.15); onHead('hair', 0, -0.1, -0.2, 0.075, 0.04, 0.12); }
  if (dress.hair === 'bun') onHead('hair', 0, -0.12, 0.07, 0.05, 0.05, 0.05);
  if (dress.cover === 'cap') { onHead('extra', 0, -0.005, 0.05, 0.094, 0.112, 0.08); onHead('extra', 0, 0.11, 0.045, 0.075, 0.08, 0.016); }
  if (dress.cover === 'brim') { onHead('extra', 0, 0, 0.07, 0.09, 0.1, 0.08); onHead('extra', 0, 0, 0.045, 0.19, 0.2, 0.018); }
  if (dress.cover === 'hood') onHead('top', 0, -0.03, 0.005, 0.112, 0.11, 0.14);
  if (dress.cover === 'knit') { onHead('second', 0, -0.015, 0.055, 0.09, 0.1, 0.085); onHead('second', 0, -0.02, 0.145, 0.03, 0.03, 0.03); }
  if (dress.cover === 'scarf') { onHead('second', 0, -0.025, 0.01, 0.096, 0.1, 0.13); onHead('second', 0, -0.03, -0.14, 0.12, 0.1, 0.08); }
  if (dress.cover === 'helmet') onHead('second', 0, -0.01, 0.045, 0.115, 0.135, 0.095);
  const thick = dress.puffy ? 1.25 : 1, cloth: FigurePart = dress.pattern ? 'second' : 'top';
  ball('top', 0, 0, 1.27, 0.19 * thick, 0.125 * thick, 0.2);
  ball(dress.pattern ? 'second' : 'top', 0, -0.005, 1.38, 0.2 * thick, 0.085 * thick, 0.075);
  ball('top', 0, 0.005, 1.06, 0.165 * thick, 0.12 * thick, 0.18);
  if (dress.pattern) ball('second', 0, 0, 1.15, 0.182 * thick, 0.13 * thick, 0.05);
  if (dress.coat && !sits) ball('top', 0, -0.01, 0.86, 0.2, 0.155, 0.3);
  if (dress.bag === 'backpack') { ball('extra', 0, -0.17, 1.24, 0.14, 0.09, 0.2); for (const side of [-1, 1]) limb('extra', [side * 0.11, 0.12, 1.22], [side * 0.11, 0.06, 1.43], 0.02); }
  if (dress.bag === 'shoulder') { ball('extra', 0.24, -0.02, 0.95, 0.07, 0.14, 0.12); limb('extra', [0.22, 0, 1.0], [-0.12, 0.05, 1.42], 0.016); }
  if (dress.bag === 'hand') ball('extra', 0.3, 0.04, 0.66, 0.06, 0.15, 0.14);
  if (dress.bag === 'trolley' && !sits) { ball('extra', 0.32, -0.35, 0.36, 0.17, 0.13, 0.3); limb('shoes', [0.3, -0.28, 0.6], [0.26, -0.05, 0.85], 0.015); }

  const swing = gait === null ? 0 : Math.sin(gait * 2 * Math.PI), still = gait === null;
  for (const side of [-1, 1] as const) {
    const forward = -side * swing * 0.24, lower: FigurePart = dress.sleeves || dress.coat ? cloth : 'skin', shoulder: V3 = [side * 0.205, 0, 1.39];
    let elbow: V3 = [side * 0.25, forward * 0.5 - 0.02, 1.13], hand: V3 = [side * 0.24, forward + 0.05, 0.88];
    if (dress.umbrella && side === 1) { elbow = [0.24, 0.12, 1.2]; hand = [0.14, 0.24, 1.36]; }
    else if (sits) { elbow = [side * 0.25, 0.1, 1.12]; hand = [side * 0.12, 0.36, 1.0]; }
    else if (dress.arms === 'phone' && still) { elbow = [side * 0.22, 0.18, 1.25]; hand = [side * 0.06, 0.33, 1.5]; }
    else if (dress.arms === 'crossed' && still) { elbow = [side * 0.25, 0.06, 1.14]; hand = [-side * 0.08, 0.19, 1.2]; }
    else if (dress.arms === 'wave' && still && side === 1) { elbow = [0.3, 0.02, 1.56]; hand = [0.28, 0.04, 1.85]; }
    else if (dress.arms === 'pockets' && still) { elbow = [side * 0.29, -0.06, 1.14]; hand = [side * 0.2, 0.08, 0.95]; }
    limb(cloth, shoulder, elbow, 0.058 * thick); limb(lower, elbow, hand, 0.043 * thick);
    ball('skin', hand[0], hand[1], hand[2], 0.042, 0.045, 0.05);
  }
  if (dress.umbrella) {
    const top = 2.12 - (1 - t) * 0.6;
    limb('shoes', [0.14, 0.24, 1.3], [0.1, 0.12, top], 0.012);
    ball('canopy', 0.1, 0.12, top - 0.1, 0.52, 0.52, 0.1); ball('canopy', 0.1, 0.12, top, 0.28, 0.28, 0.07);
  }
  const bare = dress.legs === 'skirt' || dress.legs === 'dress' || dress.legs === 'shorts', skirt: FigurePart = dress.legs === 'dress' ? 'top' : 'bottom';
  if (sits) {
    ball('bottom', 0, -0.02, 0.9, 0.18, 0.17, 0.11);
    for (const side of [-1, 1] as const) {
      limb('bottom', [side * 0.09, 0, 0.9], [side * 0.11, 0.42, 0.92], 0.082);
      limb(bare ? 'skin' : 'bottom', [side * 0.11, 0.43, 0.9], [side * 0.11, 0.46, 0.46], 0.058);
      ball('shoes', side * 0.11, 0.52, 0.44, 0.05, 0.125, 0.045);
    }
    return blobs;
  }
  if (dress.legs === 'skirt' || dress.legs === 'dress') ball(skirt, 0, 0, dress.legs === 'dress' ? 0.72 : 0.78, 0.21, 0.17, dress.legs === 'dress' ? 0.34 : 0.26);
  else ball('bottom', 0, -0.01, 0.9, 0.17, 0.125, 0.13);
  for (const side of [-1, 1] as const) {
    const stride = gait === null ? 0.02 * side : side * swing * 0.3, lift = gait === null ? 0 : Math.max(0, Math.cos(gait * 2 * Math.PI) * side) * 0.1;
    const hip: V3 = [side * 0.09, 0, 0.88], knee: V3 = [side * 0.1, stride * 0.55 + lift * 0.9, 0.48 + lift * 0.3], foot: V3 = [side * 0.1, stride - lift * 0.4, 0.09 + lift];
    limb(bare && dress.legs !== 'shorts' ? 'skin' : 'bottom', hip, knee, 0.082);
    limb(bare ? 'skin' : 'bottom', knee, foot, bare ? 0.05 : 0.062);
    ball('shoes', foot[0], foot[1] + 0.06, foot[2] - 0.04, 0.05, 0.125, 0.045);
  }
  return blobs;
}
type V3 = [number, number, number];

export const THING_KINDS = ['planter', 'bench', 'bin', 'bollard', 'pole', 'sign', 'parasol', 'tree', 'car', 'bicycle', 'box', 'cone', 'suitcase', 'bird', 'ball', 'stall', 'barrier', 'statue', 'bags', 'hydrant', 'chair'] as const;
export type ThingKind = (typeof THING_KINDS)[number];

/** A thing that is no person, with its colours by part. The first blob is where its sprite hangs. */
export function thingBlobs(kind: ThingKind, random: () => number): { blobs: Blob[]; colours: Partial<Record<FigurePart, Colour>>; radiusM: number; heightM: number } {
  const between = (low: number, high: number) => low + (high - low) * random(), blobs: Blob[] = [];
  const put = (part: FigurePart, x: number, y: number, z: number, a: number, b: number, c: number, along?: V3) => blobs.push(along === undefined ? { part, x, y, z, a, b, c } : { part, x, y, z, a, b, c, along });
  /** Upright post, or any bar between two points. */
  const bar = (part: FigurePart, from: V3, to: V3, radius: number) => {
    const d: V3 = [to[0] - from[0], to[1] - from[1], to[2] - from[2]], length = Math.max(1e-3, Math.hypot(...d)), pieces = Math.max(1, Math.min(12, Math.round(length / (radius * 14))));
    for (let piece = 0; piece < pieces; piece++) { const at = (piece + 0.5) / pieces; put(part, from[0] + d[0] * at, from[1] + d[1] * at, from[2] + d[2] * at, length / pieces * 0.62, radius, radius, [d[0] / length, d[1] / length, d[2] / length]); }
  };
  /** A box of rounded edges, made of balls side by side. */
  const block = (part: FigurePart, x: number, y: number, z: number, halfX: number, halfY: number, halfZ: number) => {
    const size = Math.max(0.06, Math.min(halfX, halfY, halfZ)), many = (half: number) => Math.max(1, Math.min(5, Math.round(half / size)));
    const [nx, ny, nz] = [many(halfX), many(halfY), many(halfZ)];
    for (let i = 0; i < nx; i++) for (let j = 0; j < ny; j++) for (let k = 0; k < nz; k++) {
      const a = halfX / nx, b = halfY / ny, c = halfZ / nz;
      put(part, x - halfX + a * (2 * i + 1), y - halfY + b * (2 * j + 1), z - halfZ + c * (2 * k + 1), a * 1.35, b * 1.35, c * 1.35);
    }
  };
  const grey = (low: number, high: number): Colour => { const value = between(low, high); return [value, value * between(0.96, 1.02), value * between(0.92, 1.04)]; };
  const paint = (): Colour => { const hue = random() * 6, strength = between(0.2, 0.85), bright = between(60, 225), mix = (offset: number) => bright * (1 - strength * Math.max(0, Math.min(1, Math.abs(((hue + offset) % 6) - 3) - 1))); return [mix(0), mix(2), mix(4)]; };
  const leafy = (): Colour => [between(35, 90), between(65, 125), between(25, 60)];
  switch (kind) {
    case 'planter': {
      const radius = between(0.4, 0.9), high = between(0.3, 0.6);
      for (let z = high - 0.05; z > 0; z -= 0.12) put('top', 0, 0, z, radius, radius, 0.12);
      for (let leaf = 0; leaf < 60; leaf++) { const angle = random() * 2 * Math.PI, out = Math.sqrt(random()) * radius * 0.9, size = between(0.08, 0.22); put(random() < 0.5 ? 'extra' : random() < 0.85 ? 'bottom' : 'canopy', Math.cos(angle) * out, Math.sin(angle) * out, high + between(0.05, 0.6) * (1 - out / radius * 0.6), size, size, size * 0.8); }
      return { blobs, colours: { top: grey(90, 180), extra: leafy(), bottom: leafy(), canopy: paint() }, radiusM: radius, heightM: high + 0.4 };
    }
    case 'bench': {
      for (const y of [-0.16, 0, 0.16]) put('top', 0, y, 0.45, 0.85, 0.07, 0.03);
      if (random() < 0.6) for (const z of [0.62, 0.78]) put('top', 0, -0.24, z, 0.85, 0.03, 0.07);
      for (const x of [-0.6, 0.6]) put('shoes', x, 0, 0.22, 0.06, 0.2, 0.22);
      return { blobs, colours: { top: [between(90, 160), between(70, 120), between(45, 80)], shoes: grey(50, 100) }, radiusM: 0.5, heightM: 0.5 };
    }
    case 'bin': { const r = between(0.2, 0.32), high = between(0.7, 1.1); for (let z = high - 0.08; z > 0; z -= 0.14) put('top', 0, 0, z, r, r, 0.13); put('shoes', 0, 0, high, r * 1.05, r * 1.05, 0.08); return { blobs, colours: { top: random() < 0.5 ? grey(40, 110) : paint(), shoes: grey(25, 70) }, radiusM: r, heightM: high }; }
    case 'bollard': { const high = between(0.7, 1.1), r = between(0.06, 0.14); put(random() < 0.5 ? 'top' : 'extra', 0, 0, high, r * 1.15, r * 1.15, r * 1.2); bar('top', [0, 0, 0], [0, 0, high], r); if (random() < 0.5) put('extra', 0, 0, high - 0.2, r * 1.08, r * 1.08, 0.05); return { blobs, colours: { top: grey(40, 150), extra: random() < 0.5 ? [225, 225, 220] : paint() }, radiusM: r, heightM: high }; }
    case 'pole': { const high = between(3, 6), r = between(0.05, 0.1); bar('top', [0, 0, 0], [0, 0, high], r); put('extra', 0, 0.3, high, 0.15, 0.4, 0.08); put('top', 0, 0, 0.1, r * 2, r * 2, 0.12); return { blobs, colours: { top: grey(50, 140), extra: grey(120, 220) }, radiusM: r, heightM: 1.6 }; }
    case 'sign': { const high = between(1.2, 2.4), half = between(0.25, 0.5); bar('shoes', [0, 0, 0], [0, 0, high], 0.035); put('top', 0, 0.02, high, half, 0.025, half * between(0.7, 1.3)); put('extra', 0, 0.035, high, half * 0.75, 0.025, half * 0.5); return { blobs, colours: { shoes: grey(70, 130), top: paint(), extra: grey(200, 245) }, radiusM: 0.15, heightM: high }; }
    case 'parasol': { const high = between(2.1, 2.7), r = between(0.9, 1.7), round = random() < 0.6; bar('shoes', [0, 0, 0], [0, 0, high], 0.03); for (let ring = 0; ring < 4; ring++) put(ring % 2 === 0 ? 'canopy' : round ? 'canopy' : 'extra', 0, 0, high - 0.22 + ring * 0.09, r * (1 - ring * 0.24), r * (1 - ring * 0.24), 0.1); put('top', 0, 0, 0.72, 0.42, 0.42, 0.03); return { blobs, colours: { shoes: grey(120, 200), canopy: paint(), extra: grey(200, 240), top: grey(150, 220) }, radiusM: r, heightM: high }; }
    case 'tree': { const high = between(2.6, 6), r = between(0.8, 2); bar('shoes', [0, 0, 0], [0, 0, high], between(0.08, 0.18)); for (let leaf = 0; leaf < 150; leaf++) { const z = random() * 2 - 1, angle = random() * 2 * Math.PI, out = r * Math.sqrt(1 - z * z) * Math.sqrt(random()), size = between(0.15, 0.4); put(random() < 0.5 ? 'extra' : 'bottom', Math.cos(angle) * out, Math.sin(angle) * out, high + z * r * 0.8, size, size, size * 0.7); } return { blobs, colours: { shoes: [between(60, 95), between(50, 75), between(40, 60)], extra: leafy(), bottom: leafy() }, radiusM: 0.25, heightM: high }; }
    case 'car': { const long = between(1.9, 2.3), body = paint(); block('top', 0, 0, 0.65, 0.85, long, 0.3); block('second', 0, -0.1, 1.15, 0.7, long * 0.5, 0.24); put('top', 0, -0.1, 1.4, 0.66, long * 0.45, 0.06); for (const x of [-0.8, 0.8]) for (const y of [-long * 0.62, long * 0.62]) put('shoes', x, y, 0.32, 0.12, 0.32, 0.32); for (const x of [-0.6, 0.6]) { put('extra', x, long * 1.05, 0.65, 0.16, 0.06, 0.1); put('canopy', x, -long * 1.05, 0.65, 0.16, 0.06, 0.1); } return { blobs, colours: { top: random() < 0.5 ? grey(30, 235) : body, second: grey(25, 70), shoes: grey(20, 40), extra: [235, 232, 215], canopy: [170, 40, 35] }, radiusM: 1.7, heightM: 1.3 }; }
    case 'bicycle': { for (const y of [-0.5, 0.5]) for (let spoke = 0; spoke < 10; spoke++) { const a = spoke / 10 * 2 * Math.PI; put('shoes', 0, y + 0.33 * Math.cos(a), 0.33 + 0.33 * Math.sin(a), 0.13, 0.02, 0.02, [0, -Math.sin(a), Math.cos(a)]); } bar('top', [0, -0.5, 0.33], [0, -0.15, 0.8], 0.025); bar('top', [0, -0.15, 0.8], [0, 0.4, 0.82], 0.025); bar('top', [0, 0.5, 0.33], [0, 0.38, 1.0], 0.025); bar('shoes', [-0.25, 0.36, 1.0], [0.25, 0.36, 1.0], 0.02); put('shoes', 0, -0.2, 0.92, 0.09, 0.14, 0.05); return { blobs, colours: { shoes: grey(25, 60), top: paint() }, radiusM: 0.4, heightM: 0.8 }; }
    case 'box': { const [a, b, c] = [between(0.2, 0.6), between(0.2, 0.5), between(0.2, 0.8)]; block('top', 0, 0, c, a, b, c); return { blobs, colours: { top: random() < 0.4 ? [150, 115, 78] : paint() }, radiusM: Math.max(a, b), heightM: 2 * c }; }
    case 'cone': { for (let ring = 0; ring < 6; ring++) put(ring === 3 ? 'extra' : 'top', 0, 0, 0.68 - ring * 0.13, 0.04 + ring * 0.03, 0.04 + ring * 0.03, 0.09); put('top', 0, 0, 0.03, 0.24, 0.24, 0.04); return { blobs, colours: { top: [225, 90, 35], extra: [235, 235, 232] }, radiusM: 0.2, heightM: 0.6 }; }
    case 'suitcase': { block('top', 0, 0, 0.38, 0.2, 0.13, 0.3); bar('shoes', [-0.1, -0.12, 0.7], [-0.1, -0.12, 0.98], 0.012); bar('shoes', [0.1, -0.12, 0.7], [0.1, -0.12, 0.98], 0.012); return { blobs, colours: { top: paint(), shoes: grey(40, 90) }, radiusM: 0.25, heightM: 0.7 }; }
    case 'bird': { put('top', 0, 0, 0.14, 0.06, 0.13, 0.07); put('extra', 0, 0.12, 0.22, 0.035, 0.04, 0.04); put('top', 0, -0.15, 0.13, 0.04, 0.1, 0.02); return { blobs, colours: { top: grey(80, 170), extra: [60, 75, 80] }, radiusM: 0.1, heightM: 0.2 }; }
    case 'ball': { const r = between(0.1, 0.35), z = random() < 0.5 ? r : between(1.2, 2.6); put('top', 0, 0, z, r, r, r); if (z > r) bar('shoes', [0, 0, 0.1], [0, 0, z - r], 0.008); return { blobs, colours: { top: paint(), shoes: grey(120, 200) }, radiusM: r, heightM: r * 2 }; }
    case 'stall': { block('top', 0, 0, 0.5, 1.1, 0.5, 0.45); for (const x of [-1.1, 1.1]) bar('shoes', [x, 0.5, 0], [x, 0.5, 2.3], 0.03); for (let strip = 0; strip < 8; strip++) put(strip % 2 === 0 ? 'canopy' : 'extra', -1.15 + strip * 0.33, 0.1, 2.3, 0.19, 0.95, 0.07); for (let item = 0; item < 14; item++) put(random() < 0.5 ? 'second' : 'hair', between(-1, 1), between(-0.4, 0.4), 1.0, 0.09, 0.09, 0.08); return { blobs, colours: { top: grey(110, 190), shoes: grey(120, 180), canopy: paint(), extra: grey(215, 245), second: paint(), hair: paint() }, radiusM: 1.2, heightM: 2.2 }; }
    case 'barrier': { const half = between(0.9, 1.2); for (const z of [0.2, 1.05]) bar('top', [-half, 0, z], [half, 0, z], 0.025); for (let post = 0; post <= 10; post++) bar('top', [-half + post * half / 5, 0, 0.2], [-half + post * half / 5, 0, 1.05], 0.014); for (const x of [-half, half]) bar('top', [x, -0.25, 0.03], [x, 0.25, 0.03], 0.025); return { blobs, colours: { top: grey(110, 190) }, radiusM: 0.5, heightM: 0.8 }; }
    case 'statue': { const stone = grey(70, 170), size = between(1.3, 2); block('bottom', 0, 0, 0.6, 0.6, 0.6, 0.6); for (let part = 0; part < 5; part++) put('top', between(-0.15, 0.15), between(-0.15, 0.15), 1.2 + part * 0.32 * size, 0.42 - part * 0.05, 0.4 - part * 0.05, 0.32 * size); for (let part = 0; part < 4; part++) put('top', between(-0.6, 0.6), between(-0.3, 0.3), 1.4 + between(0.2, 1.2) * size, 0.3, 0.14, 0.14); return { blobs, colours: { top: stone, bottom: grey(110, 180) }, radiusM: 0.8, heightM: 1.8 }; }
    case 'bags': { for (let bag = 0; bag < 4; bag++) { const r = between(0.18, 0.34); put(bag % 2 === 0 ? 'top' : 'second', between(-0.4, 0.4), between(-0.4, 0.4), r * 0.8, r, r, r * 0.9); } return { blobs, colours: { top: grey(20, 60), second: random() < 0.5 ? grey(190, 235) : grey(30, 90) }, radiusM: 0.5, heightM: 0.5 }; }
    case 'hydrant': { put('top', 0, 0, 0.75, 0.12, 0.12, 0.1); bar('top', [0, 0, 0], [0, 0, 0.7], 0.11); put('extra', 0, 0, 0.52, 0.22, 0.09, 0.08); return { blobs, colours: { top: [175, 45, 38], extra: [205, 175, 60] }, radiusM: 0.15, heightM: 0.75 }; }
    case 'chair': { put('top', 0, 0, 0.45, 0.22, 0.22, 0.03); put('top', 0, -0.2, 0.7, 0.21, 0.03, 0.2); for (const x of [-0.18, 0.18]) for (const y of [-0.18, 0.18]) bar('shoes', [x, y, 0], [x, y, 0.45], 0.018); return { blobs, colours: { top: paint(), shoes: grey(40, 130) }, radiusM: 0.25, heightM: 0.5 }; }
  }
}
