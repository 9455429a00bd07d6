// The ground of a scene without anybody, what stands around it, and its light: paving, asphalt, grass, a platform or an indoor floor, by day, at dusk, at night.
// Everything is a function of the place in metres, so that each camera over the same place sees the same ground.
import type { SitePoint } from '../../contract/geometry.ts';
import type { PlazaCamera } from './plazaCamera.ts';
import { seeded } from './plazaCrowd.ts';
import { valueNoise, type Colour } from './plazaScene.ts';
import type { SpriteLight } from './figureSprites.ts';

export const GROUND_KINDS = ['paving', 'asphalt', 'grass', 'platform', 'tiles', 'concrete'] as const;
export type GroundKind = (typeof GROUND_KINDS)[number];
export const LIGHT_KINDS = ['day', 'overcast', 'dusk', 'night', 'indoor'] as const;
export type LightKind = (typeof LIGHT_KINDS)[number];

export type SceneLight = {
  kind: LightKind;
  /** Towards the sun, east, north, up; of length 1. */
  sun: { x: number; y: number; z: number };
  /** How dark a shadow in the sun is, 0..1; 0 where no sun shines. */
  shadow: number;
  sprite: SpriteLight;
  /** Light at a place of the ground, by colour; 1 is full daylight. */
  at(xM: number, yM: number): Colour;
  noiseGrey: number;
};

export function sceneLight(kind: LightKind, seed: number): SceneLight {
  const random = seeded(seed ^ 0x11f7), between = (low: number, high: number) => low + (high - low) * random();
  const azimuth = random() * 2 * Math.PI, height = kind === 'dusk' ? between(8, 22) : between(28, 68), up = Math.sin(height * Math.PI / 180), flat = Math.cos(height * Math.PI / 180);
  const sun = { x: flat * Math.sin(azimuth), y: flat * Math.cos(azimuth), z: up }, noise = valueNoise(seed ^ 0x77aa);
  if (kind === 'day') {
    const strong = random(), shade = random() < 0.35, edge = between(-20, 20), turn = random() * Math.PI, leaves = random() < 0.2, sinT = Math.sin(turn), cosT = Math.cos(turn);
    const depth = 0.25 + 0.3 * strong;
    return {
      kind, sun, shadow: 0.15 + 0.4 * strong, sprite: { ambient: 0.62 - 0.25 * strong, sky: 0.26, direct: 0.14 + 0.42 * strong }, noiseGrey: between(0.8, 2.5),
      at(xM, yM) {
        let light = 1;
        // The shadow of a building, and of leaves.
        if (shade) light -= depth / (1 + Math.exp(-(xM * cosT + yM * sinT - edge) / 0.12));
        if (leaves) light -= depth * Math.max(0, Math.min(1, (noise(xM * 0.9, yM * 0.9) * 0.6 + noise(xM * 3, yM * 3) * 0.4 - 0.45) * 7)) * (light > 0.9 ? 1 : 0);
        return [light, light * (light < 0.95 ? 1.01 : 1), light * (light < 0.95 ? 1.04 : 1)];
      },
    };
  }
  if (kind === 'overcast') { const light = between(0.7, 1); return { kind, sun: { x: 0, y: 0, z: 1 }, shadow: 0, sprite: { ambient: 0.6, sky: 0.36, direct: 0.05 }, noiseGrey: between(1, 3), at: () => [light * 0.98, light, light * 1.03] }; }
  if (kind === 'indoor') { const light = between(0.65, 1.02), warm = between(-0.06, 0.1); return { kind, sun: { x: 0.1, y: 0.1, z: 0.99 }, shadow: 0.06, sprite: { ambient: 0.5, sky: 0.42, direct: 0.12 }, noiseGrey: between(1, 3.5), at: (xM, yM) => { const here = light * (0.88 + 0.24 * noise(xM * 0.22, yM * 0.22)); return [here * (1 + warm), here, here * (1 - warm)]; } }; }
  if (kind === 'dusk') { const light = between(0.42, 0.75); return { kind, sun, shadow: 0.22, sprite: { ambient: 0.55, sky: 0.3, direct: 0.28 }, noiseGrey: between(1.5, 4), at: (xM, yM) => { const here = light * (0.9 + 0.2 * noise(xM * 0.1, yM * 0.1)); return [here * 1.06, here * 0.98, here * 0.96]; } }; }
  const lamps = Array.from({ length: 3 + Math.floor(random() * 5) }, () => ({ xM: between(-24, 24), yM: between(-4, 40), reachM: between(4, 9), strong: between(0.35, 0.8) })), ambient = between(0.14, 0.3), tint: Colour = random() < 0.5 ? [1.15, 0.98, 0.72] : [0.94, 1, 1.06];
  return {
    kind, sun: { x: 0.2, y: -0.1, z: 0.97 }, shadow: 0.1, sprite: { ambient: 0.5, sky: 0.38, direct: 0.2 }, noiseGrey: between(2.5, 6),
    at(xM, yM) {
      let light = ambient;
      for (const lamp of lamps) light += lamp.strong / (1 + ((xM - lamp.xM) ** 2 + (yM - lamp.yM) ** 2) / lamp.reachM ** 2) ** 2;
      return [light * tint[0], light * tint[1], light * tint[2]];
    },
  };
}

/** What lies flat on the ground and could be taken for somebody. */
export type GroundMark = { kind: 'stain' | 'cover' | 'leaf' | 'arrow' | 'shadow'; at: SitePoint; sizeM: number; turn: number };

export type SceneGround = {
  /** Colour of the lit ground; footprintM: how much of it one pixel shows, finer detail is left out. */
  colourAt(xM: number, yM: number, footprintM: number): Colour;
  /** Colour of what stands around, in this direction (radians clockwise from north) and height. */
  aroundAt(bearing: number, heightM: number, footprintM: number): Colour;
  /** How far away that stands. */
  aroundM: number;
};

export function sceneGround({ kind, light, marks = [], seed, aroundM }: { kind: GroundKind; light: SceneLight; marks?: readonly GroundMark[]; seed: number; aroundM?: number }): SceneGround {
  const random = seeded(seed ^ 0x6b1d), between = (low: number, high: number) => low + (high - low) * random(), noise = valueNoise(seed ^ 0x9e37);
  const turn = random() < 0.5 ? 0 : random() * Math.PI, sinT = Math.sin(turn), cosT = Math.cos(turn), tile = kind === 'tiles' ? between(0.3, 0.9) : between(0.25, 1.1), ratio = random() < 0.5 ? 1 : between(0.4, 0.7);
  const base = kind === 'asphalt' ? between(70, 125) : kind === 'tiles' ? between(110, 215) : kind === 'concrete' ? between(115, 185) : between(105, 180);
  const warm = between(-0.03, 0.07), spread = between(3, 16), joint = between(0.006, 0.02), jointDark = between(0.6, 0.92), bandEach = between(3, 9), bands = random() < 0.4, chequers = random() < 0.2;
  const lineEach = between(2.2, 5.5), lines = random() < 0.55, zebra = random() < 0.35, far = aroundM ?? (light.kind === 'indoor' ? between(14, 35) : between(35, 90));
  const wet = light.kind !== 'indoor' && random() < 0.15 ? between(0.65, 0.9) : 1, skyTint: Colour = light.kind === 'day' ? [150, 185, 225] : [190, 195, 200];
  const fade = (detailM: number, footprintM: number) => Math.max(0, Math.min(1, 1.6 - footprintM / detailM));
  /** Share of a line of this width that falls into a pixel, by the distance from its middle. */
  const lineAt = (apartM: number, widthM: number, footprintM: number) => Math.max(0, Math.min(1, (widthM / 2 - Math.abs(apartM)) / Math.max(footprintM, 1e-3) + 0.5)) * Math.min(1, widthM / Math.max(footprintM, 1e-3));
  const house = Array.from({ length: 48 }, () => ({ highM: between(4, 26), shade: between(60, 175), tint: between(-0.08, 0.12), windowM: between(1.6, 3.6), green: random() < 0.22 }));

  function bare(xM: number, yM: number, footprintM: number): [number, number, number] {
    const u = xM * cosT + yM * sinT, v = yM * cosT - xM * sinT, coarse = noise(xM * 0.3, yM * 0.3) - 0.5, fine = fade(0.12, footprintM) * (noise(xM * 8, yM * 8) - 0.5);
    if (kind === 'grass') {
      const blades = fade(0.05, footprintM) * (noise(xM * 23, yM * 23) - 0.5), clump = noise(xM * 1.7, yM * 1.7) - 0.5, dry = Math.max(0, noise(xM * 0.4 + 9, yM * 0.4) - 0.55) * 2, bright = 92 + base * 0.1 + 22 * coarse + 20 * clump + 34 * blades + 12 * fine;
      return [bright * (0.72 + 0.5 * dry), bright * (1 + 0.1 * dry), bright * (0.5 + 0.18 * dry)];
    }
    let bright = base + 14 * coarse + 12 * fine;
    const tint = warm;
    if (kind === 'asphalt' || kind === 'concrete') {
      bright += fade(0.03, footprintM) * 16 * (noise(xM * 41, yM * 41) - 0.5);
      const patch = noise(xM * 0.16 + 31, yM * 0.21); if (patch > 0.66) bright *= 0.88;
      const crack = Math.abs(noise(xM * 0.7, yM * 0.7 + 5) - 0.5); bright *= 1 - 0.25 * Math.max(0, 1 - crack / 0.008) * fade(0.05, footprintM);
      if (kind === 'concrete') { const w = ((u % 4) + 4) % 4; bright *= 1 - 0.3 * lineAt(Math.min(w, 4 - w), 0.03, footprintM); }
      if (lines) { const w = ((u % lineEach) + lineEach) % lineEach - lineEach / 2, solid = ((v % 6) + 6) % 6 < 4.2; if (solid) { const share = lineAt(w, 0.14, footprintM) * (0.7 + 0.3 * noise(xM * 2, yM * 2)); bright = bright * (1 - share) + 222 * share; } }
      if (zebra && v > 7 && v < 10.5) { const share = lineAt(((u % 1) + 1) % 1 - 0.5, 0.5, footprintM); bright = bright * (1 - share) + 215 * share; }
    } else {
      const row = Math.floor(v / (tile * ratio)), shifted = u + (ratio < 1 && row % 2 !== 0 ? tile / 2 : 0), column = Math.floor(shifted / tile), inX = shifted - column * tile, inY = v - row * tile * ratio;
      bright += fade(tile * ratio, footprintM) * spread * 2 * (noise(column * 3.7, row * 5.3) - 0.5);
      if (chequers && ((column + row) % 2 !== 0)) bright *= 1 - 0.3 * fade(tile, footprintM);
      if (bands && ((column % Math.round(bandEach)) === 0)) bright *= 0.78;
      const edge = Math.min(inX, tile - inX, inY, tile * ratio - inY), share = lineAt(edge, 2 * joint, footprintM);
      bright *= 1 - (1 - jointDark) * share;
      if (kind === 'tiles') bright *= 1 + 0.1 * (noise(xM * 0.6 + 3, yM * 0.15) - 0.5);
    }
    const stain = noise(xM * 0.9 + 40, yM * 0.9 + 7);
    if (stain > 0.72) bright *= 1 - 0.6 * (stain - 0.72);
    let colour: [number, number, number] = [bright * (1 + tint), bright, bright * (1 - 1.4 * tint)];
    if (kind === 'platform') {
      // The edge, its yellow strip, and the track bed beyond.
      const across = u - 3.5;
      if (across > 1.6) { const bed = 62 + 40 * fade(0.2, footprintM) * (noise(xM * 6, yM * 6) - 0.5), rail = Math.max(lineAt(across - 2.3, 0.1, footprintM), lineAt(across - 3.75, 0.1, footprintM)), value = bed * (1 - rail) + 150 * rail; colour = [value, value * 0.94, value * 0.88]; }
      else if (across > 1.45) colour = [205, 205, 200];
      else if (Math.abs(across - 0.6) < 0.2) { const bump = 0.9 + 0.14 * fade(0.1, footprintM) * noise(xM * 11, yM * 11); colour = [205 * bump, 170 * bump, 62 * bump]; }
    }
    return colour;
  }

  function colourAt(xM: number, yM: number, footprintM: number): Colour {
    let [red, green, blue] = bare(xM, yM, footprintM);
    for (const mark of marks) {
      const dx = xM - mark.at.xM, dy = yM - mark.at.yM, reach = mark.kind === 'shadow' ? 2.4 : mark.sizeM * 1.3;
      if (Math.abs(dx) > reach || Math.abs(dy) > reach) continue;
      const s = Math.sin(mark.turn), c = Math.cos(mark.turn), u = dx * c + dy * s, v = dy * c - dx * s;
      let keep = 1;
      if (mark.kind === 'cover') keep = Math.hypot(u, v) < mark.sizeM ? 0.62 + 0.1 * Math.sin(u * 60) * fade(0.1, footprintM) : 1;
      else if (mark.kind === 'stain') keep = 1 - 0.45 * Math.max(0, Math.min(1, (1 - Math.hypot(u, v * 1.4) / mark.sizeM + 0.5 * (noise(dx * 4, dy * 4) - 0.5)) * 4));
      else if (mark.kind === 'leaf') keep = Math.hypot(u, v * 2) < mark.sizeM ? 0.7 : 1;
      else if (mark.kind === 'arrow') { if ((Math.abs(v) < 0.09 && u > -mark.sizeM && u < 0.2 * mark.sizeM) || (u > 0 && u < mark.sizeM && Math.abs(v) < (mark.sizeM - u) * 0.4)) { red = 220; green = 220; blue = 216; } }
      else {
        // The shadow of somebody who stands outside of the picture: legs, body and head, long on the ground.
        const width = u < 0.9 ? 0.16 : u < 1.75 ? 0.24 : u < 1.85 ? 0.06 : 0.13;
        keep = u > 0 && u < 2.1 ? 1 - 0.42 / (1 + Math.exp((Math.abs(v) - width) / 0.04)) : 1;
      }
      red *= keep; green *= keep; blue *= keep;
    }
    const [lr, lg, lb] = light.at(xM, yM);
    return [red * lr * wet, green * lg * wet, blue * lb * wet];
  }

  function aroundAt(bearing: number, heightM: number, footprintM: number): Colour {
    const turns = (bearing / (2 * Math.PI) + 4) % 1, [lr, lg, lb] = light.at(Math.sin(bearing) * far, Math.cos(bearing) * far), along = turns * 2 * Math.PI * far;
    if (light.kind === 'indoor') {
      if (heightM > 4.5) { const lamp = Math.abs(((along % 3) + 3) % 3 - 1.5) < 0.3 ? 250 : 150; return [lamp * lr, lamp * lg, lamp * lb]; }
      const panel = house[Math.floor(along / 4) % 48]!, poster = heightM > 1 && heightM < 2.6 && ((along % 4) + 4) % 4 < 2.4 && panel.green, value = poster ? panel.shade + 70 * (noise(along * 2, heightM * 2) - 0.5) : 150 + panel.shade * 0.2;
      return [value * lr * (1 + (poster ? 3 * panel.tint : 0)), value * lg, value * lb * (1 - (poster ? 3 * panel.tint : 0))];
    }
    const here = house[Math.floor(turns * 48)]!, topM = here.green ? here.highM * 0.5 * (0.7 + 0.6 * noise(along * 0.5, 3)) : here.highM;
    if (heightM > topM) { const clouds = 0.9 + 0.2 * noise(turns * 30, heightM * 0.04), level = light.kind === 'night' ? 0.1 : light.kind === 'dusk' ? 0.75 : 1; return [skyTint[0] * clouds * level, skyTint[1] * clouds * level, skyTint[2] * clouds * level]; }
    if (here.green) { const leaf = 75 + 60 * (noise(along * 1.2, heightM * 1.2) - 0.5) + 50 * fade(0.4, footprintM) * (noise(along * 5, heightM * 5) - 0.5); return [leaf * 0.75 * lr, leaf * lg, leaf * 0.55 * lb]; }
    const bay = ((along % here.windowM) + here.windowM) % here.windowM / here.windowM, floor = ((heightM % 3.2) + 3.2) % 3.2, glass = heightM < 3.2 ? bay > 0.1 && bay < 0.9 && heightM < 2.7 : bay > 0.25 && bay < 0.75 && floor > 0.9 && floor < 2.5;
    if (glass) { const lit = light.kind === 'night' && noise(Math.floor(along / here.windowM) * 7.3, Math.floor(heightM / 3.2) * 3.1) > 0.55, value = lit ? 215 : 52 + 46 * noise(along * 0.7, heightM * 0.9); return lit ? [value, value * 0.9, value * 0.66] : [value * lr, value * lg * 1.04, value * lb * 1.12]; }
    const value = here.shade * (0.94 + 0.12 * noise(along * 2, heightM * 3));
    return [value * lr * (1 + here.tint), value * lg, value * lb * (1 - here.tint)];
  }
  return { colourAt, aroundAt, aroundM: far };
}

/** The picture of a scene without people and things. `fineOf`: samples across a pixel where the ground shows more than a pixel can hold. */
export function drawSceneGround(camera: PlazaCamera, ground: SceneGround): Uint8ClampedArray {
  const { widthPx, heightPx, position, heightM } = camera, picture = new Uint8ClampedArray(widthPx * heightPx * 3), { aroundM } = ground;
  for (let y = 0; y < heightPx; y++) for (let x = 0; x < widthPx; x++) {
    const place = camera.groundAt(x + 0.5, y + 0.5), at = (y * widthPx + x) * 3;
    let colour: Colour;
    const dx = place === null ? 0 : place.xM - position.xM, dy = place === null ? 0 : place.yM - position.yM, apart = Math.hypot(dx, dy);
    if (place !== null && apart < aroundM) {
      const reach = Math.hypot(apart, heightM);
      colour = ground.colourAt(place.xM, place.yM, reach * reach / heightM / camera.focalPx);
    } else {
      const { bearing, slope } = camera.rayAt(x + 0.5, y + 0.5);
      colour = ground.aroundAt(bearing, heightM + slope * aroundM, aroundM / camera.focalPx);
    }
    // The corners of a cheap lens are darker.
    const far = Math.hypot((x - widthPx / 2) / widthPx, (y - heightPx / 2) / widthPx), lens = 1 - 0.35 * far * far;
    picture[at] = colour[0] * lens; picture[at + 1] = colour[1] * lens; picture[at + 2] = colour[2] * lens;
  }
  return picture;
}
