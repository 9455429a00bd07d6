// Pictures without anybody, made by seed, that a net may take for people: noise, foliage, tiles, gravel, stripes, a lit wall. Each seed is another colour, size, light and slant.
import { seeded } from '../../worker/demo/plazaCrowd.ts';

export const EMPTY_KINDS = ['noise', 'foliage', 'tiles', 'gravel', 'stripes', 'wall'] as const;
export type EmptyKind = (typeof EMPTY_KINDS)[number];
const WIDTH_PX = 960, HEIGHT_PX = 540;

export function emptyScene(kind: EmptyKind, seed: number): { rgb: Buffer; widthPx: number; heightPx: number } {
  const chance = seeded(seed * 7919 + EMPTY_KINDS.indexOf(kind)), rgb = Buffer.alloc(WIDTH_PX * HEIGHT_PX * 3);
  const pixelOf = PIXELS[kind](chance), light = 0.6 + 0.6 * chance(), fade = 0.5 * chance(), grain = 2 + 8 * chance();
  for (let y = 0; y < HEIGHT_PX; y++) for (let x = 0; x < WIDTH_PX; x++) {
    const colour = pixelOf(x, y), shade = light * (1 - fade * (y / HEIGHT_PX)), sensor = grain * (chance() + chance() - 1);
    for (let channel = 0; channel < 3; channel++) rgb[(y * WIDTH_PX + x) * 3 + channel] = Math.max(0, Math.min(255, Math.round(colour[channel]! * shade + sensor)));
  }
  return { rgb, widthPx: WIDTH_PX, heightPx: HEIGHT_PX };
}

type Colour = [number, number, number];
type Pixel = (x: number, y: number) => Colour;
const mixed = (a: Colour, b: Colour, share: number): Colour => [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
const colourNear = (chance: () => number, base: Colour, by: number): Colour => base.map((value) => value + by * (2 * chance() - 1)) as Colour;

const PIXELS: Record<EmptyKind, (chance: () => number) => Pixel> = {
  noise(chance) {
    const sidePx = 1 + Math.floor(12 * chance()), soft = smooth(chance, sidePx), colour = chance() < 0.5, layers = [soft, smooth(chance, sidePx), smooth(chance, sidePx)];
    return (x, y) => (colour ? layers.map((layer) => 255 * layer(x, y)) as Colour : [255 * soft(x, y), 255 * soft(x, y), 255 * soft(x, y)]);
  },
  foliage(chance) {
    const sidePx = 5 + 14 * chance(), crown = smooth(chance, 90), leaf = smooth(chance, sidePx), fine = smooth(chance, sidePx / 2.7), dark = colourNear(chance, [24, 40, 20], 12), lit = colourNear(chance, [120, 150, 70], 30);
    return (x, y) => mixed(dark, lit, Math.max(0, Math.min(1, 0.45 * crown(x, y) + 0.8 * leaf(x, y) + 0.5 * fine(x, y) - 0.4)));
  },
  tiles(chance) {
    const sidePx = 24 + 80 * chance(), joint = 0.04 + 0.06 * chance(), slant = (chance() - 0.5) * 1.2, light = colourNear(chance, [175, 170, 160], 40), dark = mixed(light, [60, 60, 60], 0.5 + 0.3 * chance()), board = chance() < 0.4, horizon = 0.25 + 0.5 * chance(), stain = smooth(chance, 40);
    return (x, y) => {
      // A floor in perspective: farther up is farther away.
      const depth = 1 / (y / HEIGHT_PX + horizon), u = ((x - WIDTH_PX / 2) * depth * (1 + slant * 0.2) + slant * depth * 300) / sidePx, v = (depth * 700) / sidePx;
      const inU = u - Math.floor(u), inV = v - Math.floor(v), odd = board && (Math.floor(u) + Math.floor(v)) % 2 !== 0;
      return inU < joint || inV < joint ? dark : mixed(odd ? dark : light, dark, 0.25 * stain(x, y));
    };
  },
  gravel(chance) {
    const sidePx = 4 + 16 * chance(), stone = smooth(chance, sidePx), fine = smooth(chance, 2), tone = colourNear(chance, [140, 132, 120], 25);
    return (x, y) => { const far = 0.4 + 0.9 * (y / HEIGHT_PX), value = 0.35 + 0.9 * stone(x / far, y / far) + 0.25 * fine(x, y) - 0.2; return [tone[0] * value, tone[1] * value, tone[2] * value]; };
  },
  stripes(chance) {
    const widthPx = 8 + 40 * chance(), angle = Math.PI * chance(), a = colourNear(chance, [200, 200, 195], 40), b = colourNear(chance, [70, 72, 78], 40), wobble = smooth(chance, 120);
    return (x, y) => (Math.floor((x * Math.cos(angle) + y * Math.sin(angle) + 20 * wobble(x, y)) / widthPx) % 2 === 0 ? a : b);
  },
  wall(chance) {
    const base = colourNear(chance, [150, 145, 135], 50), lampX = WIDTH_PX * chance(), lampY = HEIGHT_PX * 0.4 * chance(), spreadPx = 120 + 300 * chance(), stain = smooth(chance, 60), doors = 2 + Math.floor(5 * chance()), doorColour = colourNear(chance, [80, 70, 60], 40);
    return (x, y) => {
      const lamp = Math.exp(-((x - lampX) ** 2 + (y - lampY) ** 2) / (2 * spreadPx ** 2)), across = ((x / WIDTH_PX) * doors) % 1;
      const own = across > 0.35 && across < 0.62 && y > HEIGHT_PX * 0.3 && y < HEIGHT_PX * 0.85 ? doorColour : base, value = 0.6 + 0.6 * lamp + 0.15 * stain(x, y);
      return [own[0] * value, own[1] * value, own[2] * value];
    };
  },
};

/** Chance in squares of `sidePx`, smoothed between their corners; 0 to 1. */
function smooth(chance: () => number, sidePx: number): (x: number, y: number) => number {
  const SIDE = 128, values = Float32Array.from({ length: SIDE * SIDE }, chance), at = (column: number, row: number) => values[(row & (SIDE - 1)) * SIDE + (column & (SIDE - 1))]!;
  return (x, y) => {
    const u = x / sidePx, v = y / sidePx, column = Math.floor(u), row = Math.floor(v), dx = u - column, dy = v - row;
    const top = at(column, row) * (1 - dx) + at(column + 1, row) * dx, bottom = at(column, row + 1) * (1 - dx) + at(column + 1, row + 1) * dx;
    return top * (1 - dy) + bottom * dy;
  };
}
