// How blocks of the picture moved between two decoded frames a short time apart: block matching over a pyramid of luma, only where people are counted and no farther than people go.
// Works the same for every codec. It knows places where the count peaks, forgets them with the picture, and follows nobody: the next picture starts from nothing.
import type { Frame } from 'node-av/lib';
import * as C from 'node-av/constants';
import type { ImageMotion, MotionSlopes } from '../../crowd/flow.ts';
import type { ImageCells } from './messages.ts';
import { motionKernel, type MotionKernel } from './motionKernel.ts';
import { keptScaler } from './pictures.ts';

/** Nobody in a crowd goes faster; farther is not looked for. Metres a second. */
const SEARCHED_M_PER_S = 2.6;
/** Blocks are compared at the level of the pyramid that has at most this many pixels a metre: a head and shoulders fill a block of 16. */
const PX_PER_M_MOST = 56;
/** Half of a block's side at that level; a first look is taken one level coarser. */
const BLOCK_HALF_PX = 8;
/** Wider than this the luma is made smaller first. */
const LUMA_WIDTH_MOST_PX = 1280, LUMA_WIDTH_USUAL_PX = 640;
/** Blocks looked at in one picture, so that a full square costs no more than a busy one. */
const BLOCKS_MOST = 240;
/** People about a peak that are worth a look, and in a cell that it is worth to say how they move. */
const PEOPLE_LEAST = 0.06, PEOPLE_OF_CELL_LEAST = 0.004;
/** Grey levels: a block flatter than this cannot be followed; a match worse than this is none. */
const CONTRAST_LEAST = 2.5, DIFFERENCE_MOST = 28;
/** Another place that fits nearly as well makes a match ambiguous. */
const RIVAL_SHARE = 1.06;
/** There and back again must end where it began, pixels of the first look. */
const RETURN_MOST_PX = 1.5;
/** Farthest look, pixels of the first look each way. */
const REACH_MOST_PX = 24;

/** The gap at which a walker (1.3 m/s) moves about 7 px of a picture 640 px wide: less is lost in the noise, more is lost from sight. */
const GAP_WALK_PX = 7, GAP_LEAST_MS = 140, GAP_MOST_MS = 220;

export type MotionMeter = {
  /** How long before the counted frame the other one should have been taken. */
  gapMs: number;
  /** Motion about each image cell; null when the frames do not fit each other or these cells are not those of the placing. */
  between(before: Frame, now: Frame, gapMs: number, imageCells: ImageCells, peoplePerImageCell: Float32Array): ImageMotion | null;
  close(): void;
};

/** `placing.slopes` says how far a metre is in the picture, cell by cell. */
export function motionMeter(placing: MotionSlopes): MotionMeter {
  const scaler = keptScaler();
  let round = 0, kept: { key: string; pyramids: Pyramids } | null = null;
  return {
    gapMs: gapOf(placing),
    between(before, now, gapMs, imageCells, peoplePerImageCell) {
      if (before.width !== now.width || before.height !== now.height || before.format !== now.format) return null;
      if (imageCells.columns !== placing.columns || imageCells.rows !== placing.rows || !(gapMs > 0)) return null;
      const wanted = Math.max(LUMA_WIDTH_USUAL_PX, Math.min(LUMA_WIDTH_MOST_PX, imageCells.columns * 8));
      const widthPx = Math.min(now.width, wanted) & ~15, heightPx = Math.round(now.height * widthPx / now.width);
      if (widthPx < 64 || heightPx < 64) return null;
      const key = `${widthPx}x${heightPx}`;
      if (kept?.key !== key) kept = { key, pyramids: pyramidsOf(widthPx, heightPx) };
      const { pyramids } = kept;
      for (const [frame, levels] of [[before, pyramids.before], [now, pyramids.now]] as const) {
        if (!scaler.into(frame, widthPx, heightPx, C.AV_PIX_FMT_GRAY8, [levels[0]!.luma as Buffer], [widthPx])) return null;
        fillSmaller(pyramids, levels);
      }
      return motionOf(pyramids, gapMs, imageCells, placing, peoplePerImageCell, round++);
    },
    close() { scaler.close(); kept = null; },
  };
}

/** A picture of grey levels, row by row without gaps, in the memory of its pyramids. */
export type Level = { widthPx: number; heightPx: number; at: number; luma: Uint8Array };
export type Pyramids = { before: Level[]; now: Level[]; kernel: MotionKernel; tableAt: number; table: Int32Array };
const LEVELS = 5;

/** Room for two pictures with their smaller copies, and for the costs of one block. The width must be a multiple of 16, so that every level is half of the one before. */
export function pyramidsOf(widthPx: number, heightPx: number): Pyramids {
  const tableEntries = (2 * REACH_MOST_PX + 1) ** 2;
  // A quarter each time: all levels together take less than 4/3 of the first. 64 bytes behind each: vectors read and write a little beyond the last row.
  const pictureBytes = Math.ceil(widthPx * heightPx * 4 / 3) + LEVELS * 64;
  const kernel = motionKernel(2 * pictureBytes + 4 * tableEntries + 64);
  let at = 0;
  const picture = (): Level[] => Array.from({ length: LEVELS }, (_, level) => {
    const width = widthPx >> level, height = heightPx >> level, from = at;
    at += width * height + 64;
    return { widthPx: width, heightPx: height, at: from, luma: Buffer.from(kernel.memory, from, width * height) };
  });
  const before = picture(), now = picture(), tableAt = Math.ceil(at / 16) * 16;
  return { before, now, kernel, tableAt, table: new Int32Array(kernel.memory, tableAt, tableEntries) };
}

/** Fills the smaller levels from the first. */
export function fillSmaller({ kernel }: Pyramids, levels: readonly Level[]): void {
  for (let level = 1; level < levels.length; level++) kernel.halve(levels[level - 1]!.at, levels[level]!.at, levels[level]!.widthPx, levels[level]!.heightPx);
}

export function gapOf({ slopes }: MotionSlopes): number {
  const pxPerM: number[] = [];
  for (let at = 0; at < slopes.length; at += 4) { const scale = pxPerMOf(slopes, at, LUMA_WIDTH_USUAL_PX, LUMA_WIDTH_USUAL_PX * 9 / 16); if (scale > 5) pxPerM.push(scale); }
  if (pxPerM.length === 0) return GAP_MOST_MS;
  pxPerM.sort((a, b) => a - b);
  return Math.max(GAP_LEAST_MS, Math.min(GAP_MOST_MS, 1000 * GAP_WALK_PX / (1.3 * pxPerM[pxPerM.length >> 1]!)));
}

/** Pixels a metre, root of the area scale; 0 where there is no ground. */
function pxPerMOf(slopes: Float32Array, at: number, widthPx: number, heightPx: number): number {
  const m2PerShare = Math.abs(slopes[at]! * slopes[at + 3]! - slopes[at + 1]! * slopes[at + 2]!);
  return m2PerShare > 0 ? Math.sqrt(widthPx * heightPx / m2PerShare) : 0;
}

/**
 * The same on pyramids that are filled. A block is looked at wherever the count of the cells peaks, and the cells on the slopes of a peak move as it does: streams that pass each other closely
 * stay apart. `round` turns the choice on when there are more peaks than can be looked at; those left out move as their neighbours do.
 */
export function motionOf(pyramids: Pyramids, gapMs: number, { columns, rows, cellWidthShare, cellHeightShare }: ImageCells, { slopes }: MotionSlopes, peoplePerImageCell: Float32Array, round: number): ImageMotion {
  const { now } = pyramids, { widthPx, heightPx } = now[0]!, reachM = SEARCHED_M_PER_S * gapMs / 1000, count = columns * rows;
  const upTo = new Int32Array(count).fill(-1), peaks: number[] = [];
  for (let cell = 0; cell < count; cell++) {
    if (!(peoplePerImageCell[cell]! >= PEOPLE_OF_CELL_LEAST)) continue;
    const column = cell % columns, row = (cell - column) / columns;
    let highest = cell, most = peoplePerImageCell[cell]!, near = 0;
    for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
      const here = peoplePerImageCell[y * columns + x]!;
      if (here > most) { most = here; highest = y * columns + x; }
      if (here > 0) near += here;
    }
    upTo[cell] = highest;
    if (highest === cell && near >= PEOPLE_LEAST) peaks.push(cell);
  }
  const dxPx = new Float32Array(count).fill(Number.NaN), dyPx = new Float32Array(count).fill(Number.NaN);
  // One of so many, in an order that scatters them over the picture and comes round to each.
  const oneOf = Math.max(1, Math.ceil(peaks.length / BLOCKS_MOST)), looked: number[] = [];
  for (let i = round % oneOf; i < peaks.length; i += oneOf) if (look(peaks[i]!)) looked.push(peaks[i]!);
  for (let i = 0; i < peaks.length && oneOf > 1; i++) if (i % oneOf !== round % oneOf) takeOver(peaks[i]!);

  const dxShare = new Float32Array(count).fill(Number.NaN), dyShare = new Float32Array(count).fill(Number.NaN), perS = 1000 / gapMs;
  for (let cell = 0; cell < count; cell++) {
    let peak = upTo[cell]!;
    if (peak < 0) continue;
    // Always to a greater count: it ends.
    while (upTo[peak]! !== peak) peak = upTo[peak]!;
    dxShare[cell] = dxPx[peak]! / widthPx * perS;
    dyShare[cell] = dyPx[peak]! / heightPx * perS;
  }
  return { columns, rows, dxShare, dyShare };

  function look(peak: number): boolean {
    const pxPerM = pxPerMOf(slopes, 4 * peak, widthPx, heightPx), column = peak % columns, row = (peak - column) / columns;
    if (!(pxPerM > 1)) return false;
    let people = 0, x = 0, y = 0;
    for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++) for (let c = Math.max(0, column - 1); c <= Math.min(columns - 1, column + 1); c++) {
      const here = peoplePerImageCell[r * columns + c]!;
      if (here > 0) { people += here; x += here * (c + 0.5); y += here * (r + 0.5); }
    }
    let level = 0;
    while (level < now.length - 2 && pxPerM / 2 ** level > PX_PER_M_MOST) level++;
    const a = slopes[4 * peak]!, b = slopes[4 * peak + 1]!, c = slopes[4 * peak + 2]!, d = slopes[4 * peak + 3]!, m2 = Math.abs(a * d - b * c), scale = 2 ** level;
    // How far somebody gets in the picture who goes this fast in any direction: rows of the inverse.
    const reachX = reachM * Math.hypot(d, b) / m2 * widthPx / scale, reachY = reachM * Math.hypot(a, c) / m2 * heightPx / scale;
    const move = matchBlock(pyramids, level, x / people * cellWidthShare * widthPx / scale, y / people * cellHeightShare * heightPx / scale, reachX, reachY);
    if (move === null) return false;
    dxPx[peak] = move.xPx * scale; dyPx[peak] = move.yPx * scale;
    return true;
  }
  /** As its two nearest neighbours, where these agree: between streams that pass each other it stays unknown. */
  function takeOver(peak: number): void {
    const column = peak % columns, row = (peak - column) / columns;
    let nearest = TAKEN_OVER_MOST, second = TAKEN_OVER_MOST, from = -1, and = -1;
    for (const other of looked) {
      const x = other % columns, apart = (x - column) ** 2 + ((other - x) / columns - row) ** 2;
      if (apart < nearest) { second = nearest; and = from; nearest = apart; from = other; } else if (apart < second) { second = apart; and = other; }
    }
    if (from < 0 || and < 0) return;
    const x = (dxPx[from]! + dxPx[and]!) / 2, y = (dyPx[from]! + dyPx[and]!) / 2;
    if (Math.hypot(dxPx[from]! - dxPx[and]!, dyPx[from]! - dyPx[and]!) > 1 + 0.5 * Math.hypot(x, y)) return;
    dxPx[peak] = x; dyPx[peak] = y;
  }
}
/** Squared cells: from farther away no motion is taken over. */
const TAKEN_OVER_MOST = 60;

type Place = { xPx: number; yPx: number };

/** The block about (xPx, yPx) of the newer picture at `level`: how far it has come, pixels of that level. Null: it cannot be told. */
export function matchBlock(pyramids: Pyramids, level: number, xPx: number, yPx: number, reachXPx: number, reachYPx: number): Place | null {
  const fine = pyramids.now[level]!, coarse = pyramids.now[level + 1]!, coarseBefore = pyramids.before[level + 1]!, half = BLOCK_HALF_PX, halfCoarse = half / 2;
  const x0 = within(Math.round(xPx) - half, fine.widthPx - 2 * half), y0 = within(Math.round(yPx) - half, fine.heightPx - 2 * half);
  if (Math.abs(x0 + half - xPx) > half || Math.abs(y0 + half - yPx) > half || contrastOf(fine, x0, y0, 2 * half) < CONTRAST_LEAST) return null;
  const cx = within(Math.round(xPx / 2) - halfCoarse, coarse.widthPx - half), cy = within(Math.round(yPx / 2) - halfCoarse, coarse.heightPx - half);
  const rx = Math.min(REACH_MOST_PX, Math.ceil(reachXPx / 2)), ry = Math.min(REACH_MOST_PX, Math.ceil(reachYPx / 2));
  const there = search(pyramids, coarse, coarseBefore, cx, cy, rx, ry);
  if (there === null) return null;
  // From where it was it must be found again here.
  const back = search(pyramids, coarseBefore, coarse, cx - there.xPx, cy - there.yPx, rx, ry);
  if (back === null || Math.hypot(back.xPx + there.xPx, back.yPx + there.yPx) > RETURN_MOST_PX) return null;
  return refine(pyramids, fine, pyramids.before[level]!, x0, y0, 2 * there.xPx, 2 * there.yPx);
}

/** Every place within reach for the 8 x 8 block at (x0, y0): how far before it the best one lies. Null when there is none inside of the picture, none that fits, or two that fit alike. */
function search({ kernel, table, tableAt }: Pyramids, from: Level, to: Level, x0: number, y0: number, reachX: number, reachY: number): Place | null {
  const side = BLOCK_HALF_PX, { widthPx, heightPx } = from;
  // Corners of the places, inside of the picture.
  const left = Math.max(0, x0 - reachX), right = Math.min(widthPx - side, x0 + reachX), top = Math.max(0, y0 - reachY), bottom = Math.min(heightPx - side, y0 + reachY);
  const across = right - left + 1, down = bottom - top + 1;
  if (across < 1 || down < 1) return null;
  kernel.costs8(from.at + y0 * widthPx + x0, to.at + top * widthPx + left, widthPx, across, down, tableAt);
  let best = Infinity, bestX = 0, bestY = 0;
  for (let y = 0, at = 0; y < down; y++) {
    const offY = (top + y - y0) ** 2;
    for (let x = 0; x < across; x++, at++) {
      // Not more than it would cost anyway: spares most of the roots.
      if (table[at]! >= best) continue;
      const cost = table[at]! + PULL * side * side * Math.sqrt((left + x - x0) ** 2 + offY);
      if (cost < best) { best = cost; bestX = x; bestY = y; }
    }
  }
  if (best > DIFFERENCE_MOST * side * side) return null;
  const rival = best * RIVAL_SHARE;
  for (let y = 0, at = 0; y < down; y++) for (let x = 0; x < across; x++, at++) if (table[at]! < rival && (Math.abs(x - bestX) > 2 || Math.abs(y - bestY) > 2)) return null;
  return { xPx: x0 - left - bestX, yPx: y0 - top - bestY };
}

/** To a part of a pixel: the best of the nine places about the start, then the vertex of two straight flanks, which is what a sum of absolute differences has. */
function refine({ kernel, table, tableAt }: Pyramids, from: Level, to: Level, x0: number, y0: number, startX: number, startY: number): Place | null {
  const side = 2 * BLOCK_HALF_PX, { widthPx, heightPx } = from, left = x0 - startX - 2, top = y0 - startY - 2;
  if (left < 0 || top < 0 || left + 4 + side > widthPx || top + 4 + side > heightPx) return null;
  const block = from.at + y0 * widthPx + x0;
  kernel.costs16(block, to.at + y0 * widthPx + x0, widthPx, 1, 1, tableAt);
  const still = table[0]!;
  kernel.costs16(block, to.at + top * widthPx + left, widthPx, 5, 5, tableAt);
  let at = 12;
  for (const other of [6, 7, 8, 11, 13, 16, 17, 18]) if (table[other]! < table[at]!) at = other;
  const x = at % 5, y = Math.floor(at / 5);
  // Half a block of ground that lies still must not say that who walks over it stands, nor may a match be believed that explains hardly more than none.
  if (table[at]! > side * side * LEFT_OVER_MOST && table[at]! > EXPLAINED_SHARE * still) return null;
  return { xPx: x0 - left - x - vertex(table[at - 1]!, table[at]!, table[at + 1]!), yPx: y0 - top - y - vertex(table[at - 5]!, table[at]!, table[at + 5]!) };
}
/** Grey levels that noise and coding leave between two pictures of the same; more must at least be much less than without any motion. */
const LEFT_OVER_MOST = 5, EXPLAINED_SHARE = 0.75;
/** Grey levels for each pixel of way: of two places that fit alike the nearer one. */
const PULL = 0.02;

const within = (value: number, most: number): number => Math.max(0, Math.min(most, value));
function vertex(left: number, middle: number, right: number): number {
  const steeper = Math.max(left, right) - middle;
  return steeper > 0 ? 0.5 * (left - right) / steeper : 0;
}

/** Mean absolute deviation from the mean, grey levels. */
function contrastOf({ luma, widthPx }: Level, x0: number, y0: number, side: number): number {
  let sum = 0;
  for (let y = y0; y < y0 + side; y++) for (let x = x0; x < x0 + side; x++) sum += luma[y * widthPx + x]!;
  const mean = sum / (side * side);
  let off = 0;
  for (let y = y0; y < y0 + side; y++) for (let x = x0; x < x0 + side; x++) off += Math.abs(luma[y * widthPx + x]! - mean);
  return off / (side * side);
}
