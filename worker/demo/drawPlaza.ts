// Draws one frame of the demo as a camera would see it: ground, shadows, things and people from far to near, sensor noise, and the words DEMO 演示.
// Plain arrays only; the same seed and frame give the same bytes.
import { blit } from './blit.ts';
import { BUILDS, GAITS, PARTS, PITCH_STEP, YAWS, figureSprites, headHeightOf, pitchOf, pxPerMOf, sizeOf, type FigurePart } from './figureSprites.ts';
import type { PlazaCamera } from './plazaCamera.ts';
import { seeded, type Figure, type PlazaCrowd } from './plazaCrowd.ts';
import { SUN, plazaScene, type Colour } from './plazaScene.ts';

const NOISE_STRENGTH = 2.2; // standard deviation in grey levels, as of a small sensor by day

/** Draws frame after frame into one buffer (RGB, 3 bytes a pixel), which is good until the next call. */
export function drawPlaza(crowd: PlazaCrowd, camera: PlazaCamera): (frame: number) => Uint8Array {
  const { widthPx, heightPx } = camera, picture = new Uint8Array(widthPx * heightPx * 3);
  const { ground, things } = plazaScene(camera, crowd.seed), grounds = noisyGrounds(ground, crowd.seed, widthPx);
  const sprite = figureSprites(SUN), shadow = shadows(), outfits = new Map<number, Outfit>();

  return function drawFrame(frame) {
    const behind = grounds[Math.floor(seeded(crowd.seed * 31 + frame)() * NOISY_GROUNDS)]!;
    picture.set(behind);
    let thing = 0;
    const figures = crowd.figures(frame);
    for (let index = 0; index < figures.length; index++) {
      const figure = figures[index]!;
      for (; thing < things.length && things[thing]!.yM > figure.yM; thing++) { const each = things[thing]!; blit(picture, widthPx, heightPx, each.sprite, each.xPx, each.yPx, each.colours); }
      let outfit = outfits.get(figure.look);
      if (outfit === undefined) { outfit = outfitOf(figure.look); outfits.set(figure.look, outfit); }
      const headM = headHeightOf(outfit.build), seen = camera.see(figure.xM, figure.yM, headM), feet = camera.see(figure.xM, figure.yM, 0);
      if (seen === null || feet === null) continue;
      if (seen.xPx < -60 || seen.xPx > widthPx + 60 || seen.yPx < -90 || seen.yPx > heightPx + 90) continue;
      const dx = figure.xM - camera.position.xM, dy = figure.yM - camera.position.yM;
      const pitch = pitchOf(Math.atan2(camera.heightM - headM, Math.hypot(dx, dy))), size = sizeOf(seen.pxPerM);
      const turned = (figure.facing - Math.atan2(dx, dy)) / (2 * Math.PI) * YAWS, yaw = ((Math.round(turned) % YAWS) + YAWS) % YAWS;
      const gait = figure.gait === null ? -1 : Math.floor(figure.gait * GAITS) % GAITS;
      const shut = crowding(figures, index);
      // In the thick of a crowd the ground is not seen: no shadow.
      if (shut < 0.6 * CROWDING_MOST) darken(picture, widthPx, heightPx, shadow(size, pitch), Math.round(feet.xPx), Math.round(feet.yPx));
      blit(picture, widthPx, heightPx, sprite(size, pitch, yaw, gait, outfit.build), Math.round(seen.xPx), Math.round(seen.yPx), outfit.colours, shut, 0.55 * seen.pxPerM);
    }
    for (; thing < things.length; thing++) { const each = things[thing]!; blit(picture, widthPx, heightPx, each.sprite, each.xPx, each.yPx, each.colours); }
    stampCaption(picture, behind, widthPx);
    return picture;
  };
}

const CROWDING_MOST = 0.12;
/** How much of the light others take from a body: 0 alone, up to CROWDING_MOST in the thick of a crowd. */
function crowding(figures: readonly Figure[], index: number): number {
  const { xM, yM } = figures[index]!, reachM = 0.8;
  let near = 0;
  for (let step = -1; step <= 1; step += 2) for (let other = index + step; other >= 0 && other < figures.length && Math.abs(figures[other]!.yM - yM) < reachM; other += step) if (Math.abs(figures[other]!.xM - xM) < reachM) near++;
  return CROWDING_MOST * Math.min(1, near / 9);
}

type Outfit = { build: number; colours: Colour[] };
const TOPS: Colour[] = [[226, 226, 222], [214, 212, 206], [232, 232, 230], [40, 42, 48], [34, 36, 42], [52, 52, 56], [44, 46, 52], [150, 52, 54], [52, 64, 98], [78, 100, 138], [140, 144, 150], [104, 108, 114], [176, 178, 180], [186, 164, 96], [74, 98, 82], [184, 136, 148], [156, 178, 196], [160, 104, 78], [84, 70, 92], [120, 98, 82], [176, 166, 150], [60, 92, 106], [196, 190, 178], [58, 62, 76]];
const BOTTOMS: Colour[] = [[36, 40, 52], [44, 58, 92], [28, 28, 32], [62, 78, 112], [118, 106, 88], [70, 70, 74], [40, 40, 44], [150, 140, 122]];
const SKINS: Colour[] = [[222, 178, 148], [212, 164, 132], [198, 148, 114], [228, 188, 160]];
const HAIRS: Colour[] = [[34, 30, 30], [26, 24, 26], [44, 36, 32], [30, 28, 32], [60, 46, 38], [96, 92, 90]];
const EXTRAS: Colour[] = [[34, 36, 44], [92, 46, 48], [46, 58, 88], [150, 146, 138], [74, 80, 62], [48, 44, 46]];

/** Where the middle of a figure's head is above the ground, metres. */
export const figureHeadM = (figure: Figure): number => headHeightOf(outfitOf(figure.look).build);

function outfitOf(look: number): Outfit {
  const random = seeded(Math.floor(look * 4294967296)), pick = (from: Colour[]): Colour => from[Math.floor(random() * from.length)]!;
  const tone = 0.88 + 0.24 * random(), shaded = (colour: Colour): Colour => [colour[0] * tone, colour[1] * tone, colour[2] * tone];
  const colours: Record<FigurePart, Colour> = { skin: pick(SKINS), hair: pick(HAIRS), top: shaded(pick(TOPS)), bottom: shaded(pick(BOTTOMS)), shoes: random() < 0.5 ? [40, 38, 38] : [206, 204, 200], extra: pick(EXTRAS), second: [0, 0, 0], canopy: [0, 0, 0] };
  return { build: Math.floor(random() * BUILDS), colours: PARTS.map((part) => colours[part]) };
}

type Shadow = { widthPx: number; heightPx: number; footXPx: number; footYPx: number; keep: Uint8Array };
/** Soft shadows of a standing body on the ground, one for each size and pitch; `keep` is the share of light that is left, of 256. */
function shadows(): (size: number, pitch: number) => Shadow {
  const made = new Map<number, Shadow>();
  const flat = Math.hypot(SUN.x, SUN.y), lengthM = 1.55 * flat / SUN.z, ux = -SUN.x / flat, uy = -SUN.y / flat;
  return (size, pitch) => {
    const key = size * 64 + pitch, found = made.get(key);
    if (found !== undefined) return found;
    const pxPerM = pxPerMOf(size), flatten = Math.sin(pitch * PITCH_STEP);
    const leftM = -0.45, rightM = lengthM * Math.max(0, ux) + 0.45, nearM = -0.45, farM = lengthM * uy + 0.45;
    const widthPx = Math.ceil((rightM - leftM) * pxPerM), heightPx = Math.ceil((farM - nearM) * pxPerM * flatten), keep = new Uint8Array(widthPx * heightPx);
    for (let y = 0; y < heightPx; y++) for (let x = 0; x < widthPx; x++) {
      const e = leftM + (x + 0.5) / pxPerM, n = farM - (y + 0.5) / pxPerM / flatten;
      const along = Math.max(0, Math.min(lengthM, e * ux + n * uy)), apart = Math.hypot(e - ux * along, n - uy * along);
      const body = 0.22 / (1 + Math.exp((apart - 0.17) / 0.05)), contact = 0.35 * Math.exp(-((e * e + n * n) / 0.06));
      keep[y * widthPx + x] = Math.round(255 * (1 - body) * (1 - contact));
    }
    const shadow = { widthPx, heightPx, footXPx: Math.round(-leftM * pxPerM), footYPx: Math.round(farM * pxPerM * flatten), keep };
    made.set(key, shadow);
    return shadow;
  };
}

function darken(picture: Uint8Array, widthPx: number, heightPx: number, shadow: Shadow, xPx: number, yPx: number): void {
  const left = xPx - shadow.footXPx, top = yPx - shadow.footYPx;
  const x0 = Math.max(0, -left), x1 = Math.min(shadow.widthPx, widthPx - left), y0 = Math.max(0, -top), y1 = Math.min(shadow.heightPx, heightPx - top);
  for (let y = y0; y < y1; y++) {
    let from = y * shadow.widthPx + x0, to = ((top + y) * widthPx + left + x0) * 3;
    for (let x = x0; x < x1; x++, from++, to += 3) {
      const keep = shadow.keep[from]!;
      if (keep > 250) continue;
      picture[to] = (picture[to]! * keep) >> 8; picture[to + 1] = (picture[to + 1]! * keep) >> 8; picture[to + 2] = (picture[to + 2]! * keep) >> 8;
    }
  }
}

// As many pictures of the empty plaza, each with its own noise, as are shown in turn, in no order. Noise drawn anew for each frame cost a quarter of the time.
const NOISY_GROUNDS = 8;
function noisyGrounds(ground: Uint8ClampedArray, seed: number, widthPx: number): Uint8Array[] {
  const random = seeded(seed ^ 0x2545);
  return Array.from({ length: NOISY_GROUNDS }, () => {
    const noisy = ground.slice();
    for (let to = 0; to < noisy.length; to += 3) {
      const grain = NOISE_STRENGTH * (random() + random() + random() + random() - 2) * Math.sqrt(3);
      noisy[to]! += grain; noisy[to + 1]! += grain; noisy[to + 2]! += grain;
    }
    const picture = Uint8Array.from(noisy);
    writeCaption(picture, widthPx);
    return picture;
  });
}

// The caption, drawn by hand: five by seven letters doubled, and two characters of fourteen rows.
const LETTERS: Record<string, string[]> = {
  D: ['####.', '#...#', '#...#', '#...#', '#...#', '#...#', '####.'], E: ['#####', '#....', '#....', '####.', '#....', '#....', '#####'],
  M: ['#...#', '##.##', '#.#.#', '#.#.#', '#...#', '#...#', '#...#'], O: ['.###.', '#...#', '#...#', '#...#', '#...#', '#...#', '.###.'],
};
const YAN = ['..#.......#.....', '...#......#.....', '...#.##########.', '#....#........#.', '.#....########..', '.#........#.....', '.....##########.', '..#..#....#...#.', '..#..##########.', '.#...#....#...#.', '.#...##########.', '#......#....#...', '#.....#......#..', '#....#........#.'];
const SHI = ['................', '...##########...', '................', '................', '.##############.', '........#.......', '........#.......', '....#...#...#...', '...#....#....#..', '..#.....#.....#.', '.#......#......#', '........#.......', '......#.#.......', '.......#........'];
export const CAPTION = { leftPx: 8, topPx: 8, widthPx: 94, heightPx: 22 };

function writeCaption(picture: Uint8Array, widthPx: number): void {
  const { leftPx, topPx } = CAPTION;
  const put = (x: number, y: number, value: number) => picture.fill(value, ((topPx + y) * widthPx + leftPx + x) * 3, ((topPx + y) * widthPx + leftPx + x) * 3 + 3);
  for (let y = 0; y < CAPTION.heightPx; y++) for (let x = 0; x < CAPTION.widthPx; x++) put(x, y, 34);
  let x = 5;
  const glyph = (rows: string[], times: number) => {
    rows.forEach((row, r) => [...row].forEach((dot, c) => { if (dot === '#') for (let dy = 0; dy < times; dy++) for (let dx = 0; dx < times; dx++) put(x + c * times + dx, 4 + r * times + dy, 226); }));
    x += rows[0]!.length * times + 2;
  };
  for (const letter of 'DEMO') glyph(LETTERS[letter]!, 2);
  x += 1;
  glyph(YAN, 1); glyph(SHI, 1);
}
/** The caption stays above everybody. */
function stampCaption(picture: Uint8Array, ground: Uint8Array, widthPx: number): void {
  for (let y = 0; y < CAPTION.heightPx; y++) {
    const from = ((CAPTION.topPx + y) * widthPx + CAPTION.leftPx) * 3, to = from + CAPTION.widthPx * 3;
    picture.set(ground.subarray(from, to), from);
  }
}
