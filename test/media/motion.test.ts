// Block matching on made pictures: what was moved by so much is found moved by so much, and what cannot be told is not told.
import { expect, test } from 'vitest';
import type { MotionSlopes } from '../../crowd/flow.ts';
import { fillSmaller, gapOf, motionOf, pyramidsOf, type Pyramids } from '../../worker/mediaHost/motion.ts';
import { motionKernel } from '../../worker/mediaHost/motionKernel.ts';

const WIDTH = 320, HEIGHT = 192, CELLS = { columns: 40, rows: 24, cellWidthShare: 1 / 40, cellHeightShare: 1 / 24 };
/** 40 pixels a metre everywhere, as straight from above. */
const placing: MotionSlopes = { columns: 40, rows: 24, slopes: Float32Array.from({ length: 40 * 24 * 4 }, (_, i) => [WIDTH / 40, 0, 0, -HEIGHT / 40][i % 4]!) };
const everywhere = new Float32Array(40 * 24).fill(0.1);

/** Smooth noise of two sizes: a picture that repeats nowhere and can be shifted by parts of a pixel. */
const corner = (x: number, y: number) => ((Math.imul(Math.imul(x + 9000, 73_856_093) ^ Math.imul(y + 9000, 19_349_663), 2_654_435_761) >>> 8) & 255);
function smooth(x: number, y: number, sizePx: number): number {
  const u = x / sizePx, v = y / sizePx, x0 = Math.floor(u), y0 = Math.floor(v), fx = u - x0, fy = v - y0, wx = fx * fx * (3 - 2 * fx), wy = fy * fy * (3 - 2 * fy);
  return (corner(x0, y0) * (1 - wx) + corner(x0 + 1, y0) * wx) * (1 - wy) + (corner(x0, y0 + 1) * (1 - wx) + corner(x0 + 1, y0 + 1) * wx) * wy;
}
const shade = (x: number, y: number) => 0.6 * smooth(x, y, 9) + 0.4 * smooth(x + 500, y, 4);
function paint(pyramids: Pyramids, which: 'before' | 'now', grey: (x: number, y: number) => number): void {
  const { luma } = pyramids[which][0]!;
  for (let y = 0; y < HEIGHT; y++) for (let x = 0; x < WIDTH; x++) luma[y * WIDTH + x] = Math.max(0, Math.min(255, Math.round(grey(x, y))));
  fillSmaller(pyramids, pyramids[which]);
}
const middle = ({ dxShare, dyShare }: ReturnType<typeof motionOf>, column = 20, row = 12) => [dxShare[row * 40 + column]! * WIDTH, dyShare[row * 40 + column]! * HEIGHT];

test('MO1 the kernel counts as plain loops do', () => {
  const kernel = motionKernel(200_000), bytes = new Uint8Array(kernel.memory), table = new Int32Array(kernel.memory), stride = 160, out = 160_000;
  for (let i = 0; i < 160 * 120; i++) bytes[i] = Math.imul(i + 1, 2_654_435_761) >>> 24;
  for (const [side, costs] of [[8, kernel.costs8], [16, kernel.costs16]] as const) {
    costs(stride * 20 + 11, stride * 7 + 3, stride, 13, 9, out);
    for (let y = 0; y < 9; y++) for (let x = 0; x < 13; x++) {
      let sum = 0;
      for (let v = 0; v < side; v++) for (let u = 0; u < side; u++) sum += Math.abs(bytes[stride * (20 + v) + 11 + u]! - bytes[stride * (7 + y + v) + 3 + x + u]!);
      expect(table[out / 4 + y * 13 + x]).toBe(sum);
    }
  }
  kernel.halve(0, 100_000, 80, 60);
  for (let y = 0; y < 60; y++) for (let x = 0; x < 80; x++) {
    const at = 2 * y * stride + 2 * x, mean = (bytes[at]! + bytes[at + 1]! + bytes[at + stride]! + bytes[at + stride + 1]!) / 4;
    expect(Math.abs(bytes[100_000 + y * 80 + x]! - mean)).toBeLessThanOrEqual(1);
  }
});

test.each([[0, 0], [1, 0], [6.5, -3.25], [-9.75, 4.5], [0.4, 0.3], [12, 0]])('MO2 a picture that moved by (%f, %f) pixels in 0.2 s is found to', (dx, dy) => {
  const pyramids = pyramidsOf(WIDTH, HEIGHT);
  paint(pyramids, 'before', shade);
  paint(pyramids, 'now', (x, y) => shade(x - dx, y - dy));
  const motion = motionOf(pyramids, 200, CELLS, placing, everywhere, 0), [x, y] = middle(motion);
  expect(Math.abs(x! / 5 - dx)).toBeLessThan(0.25);
  expect(Math.abs(y! / 5 - dy)).toBeLessThan(0.25);
});

test('MO3 what is flat, or cannot be found again, is unknown, not standing', () => {
  const pyramids = pyramidsOf(WIDTH, HEIGHT);
  paint(pyramids, 'before', () => 120); paint(pyramids, 'now', () => 120);
  expect(motionOf(pyramids, 200, CELLS, placing, everywhere, 0).dxShare.every(Number.isNaN)).toBe(true);
  paint(pyramids, 'before', (x, y) => (Math.imul(x + 1, 73_856_093) ^ Math.imul(y + 1, 19_349_663)) & 255);
  paint(pyramids, 'now', (x, y) => (Math.imul(x + 7, 83_492_791) ^ Math.imul(y + 3, 39_916_801)) & 255);
  const known = [...motionOf(pyramids, 200, CELLS, placing, everywhere, 0).dxShare].filter((value) => !Number.isNaN(value)).length;
  expect(known / (40 * 24)).toBeLessThan(0.05);
  // Stripes fit at every stripe.
  paint(pyramids, 'before', (x) => 128 + 90 * Math.sin(x * Math.PI / 4)); paint(pyramids, 'now', (x) => 128 + 90 * Math.sin((x - 3) * Math.PI / 4));
  expect(motionOf(pyramids, 200, CELLS, placing, everywhere, 0).dxShare.every(Number.isNaN)).toBe(true);
});

test('MO4 only where people are counted is anything looked at, and never farther than people go', () => {
  const pyramids = pyramidsOf(WIDTH, HEIGHT), people = new Float32Array(40 * 24);
  people[12 * 40 + 20] = 0.5;
  paint(pyramids, 'before', shade); paint(pyramids, 'now', (x, y) => shade(x - 4, y));
  const motion = motionOf(pyramids, 200, CELLS, placing, people, 0);
  expect(motion.dxShare.filter((value) => !Number.isNaN(value)).length).toBe(1);
  // 40 px/m x 2.6 m/s x 0.2 s is 21 px: 40 px would be 5 m/s, which nobody goes.
  paint(pyramids, 'now', (x, y) => shade(x - 40, y));
  const [x] = middle(motionOf(pyramids, 200, CELLS, placing, people, 0));
  expect(Number.isNaN(x) || Math.abs(x! / 5) < 24).toBe(true);
});

test('MO5 however full the picture is, a bounded number of blocks is looked at, and the others move as their neighbours', () => {
  const pyramids = pyramidsOf(WIDTH, HEIGHT);
  paint(pyramids, 'before', shade); paint(pyramids, 'now', (x, y) => shade(x - 6, y));
  for (const round of [0, 1, 2]) {
    const { dxShare } = motionOf(pyramids, 200, CELLS, placing, everywhere, round), known = [...dxShare].filter((value) => !Number.isNaN(value));
    expect(known.length / dxShare.length).toBeGreaterThan(0.85);
    expect(known.toSorted((a, b) => a - b)[known.length >> 1]! * WIDTH / 5).toBeCloseTo(6, 0);
  }
});

test('MO6 the gap follows how large people are in the picture, within its bounds', () => {
  const scaled = (share: number): MotionSlopes => ({ ...placing, slopes: placing.slopes.map((slope) => slope * share) });
  expect(gapOf(scaled(0.2))).toBe(140);
  expect(gapOf(scaled(20))).toBe(220);
  expect(gapOf({ columns: 1, rows: 1, slopes: new Float32Array(4).fill(Number.NaN) })).toBe(220);
});
