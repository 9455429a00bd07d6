// How blocks of the picture moved between two decoded frames a short time apart: block matching over a pyramid of luma, only where people are counted and no farther than people go.
// Works the same for every codec. It knows blocks of two by two cells, forgets them with the picture, and follows nobody: the next picture starts from nothing.
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
/** Blocks looked at in one picture, so that a full square costs no more than a busy one; the others take the motion of the nearest. */
const BLOCKS_MOST = 120;
/** People in a block that are worth a look. */
const PEOPLE_LEAST = 0.06;
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

/** The same on pyramids that are filled. `round` turns the choice of blocks on when there are too many. */
export function motionOf(pyramids: Pyramids, gapMs: number, { columns, rows, cellWidthShare, cellHeightShare }: ImageCells, { slopes }: MotionSlopes, peoplePerImageCell: Float32Array, round: number): ImageMotion {
  const { now } = pyramids, { widthPx, heightPx } = now[0]!, reachM = SEARCHED_M_PER_S * gapMs / 1000;
  const acrossBlocks = Math.ceil(columns / 2), downBlocks = Math.ceil(rows / 2), found = new Float32Array(acrossBlocks * downBlocks * 2).fill(Number.NaN);
  const wanted: number[] = [], looked = new Uint8Array(acrossBlocks * downBlocks);
  for (let block = 0; block < looked.length; block++) if (peopleIn(block) >= PEOPLE_LEAST) wanted.push(block);
  // One of so many, in an order that scatters them over the picture and comes round to each.
  const oneOf = Math.max(1, Math.ceil(wanted.length / BLOCKS_MOST));
  for (let i = round % oneOf; i < wanted.length; i += oneOf) look(wanted[i]!);
  if (oneOf > 1) for (const block of wanted) if (looked[block] === 0) takeOver(block);

  const dxShare = new Float32Array(columns * rows).fill(Number.NaN), dyShare = new Float32Array(columns * rows).fill(Number.NaN), perS = 1000 / gapMs;
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
    const block = (row >> 1) * acrossBlocks + (column >> 1);
    dxShare[row * columns + column] = found[2 * block]! / widthPx * perS;
    dyShare[row * columns + column] = found[2 * block + 1]! / heightPx * perS;
  }
  return { columns, rows, dxShare, dyShare };

  function peopleIn(block: number): number {
    const column = 2 * (block % acrossBlocks), row = 2 * Math.floor(block / acrossBlocks);
    let people = 0;
    for (let y = row; y < Math.min(rows, row + 2); y++) for (let x = column; x < Math.min(columns, column + 2); x++) { const here = peoplePerImageCell[y * columns + x]!; if (here > 0) people += here; }
    return people;
  }
  function look(block: number): void {
    looked[block] = 1;
    const column = 2 * (block % acrossBlocks), row = 2 * Math.floor(block / acrossBlocks);
    // About the people in it: most of their weight, not the middle of the block.
    let people = 0, x = 0, y = 0, at = -1, most = 0;
    for (let r = row; r < Math.min(rows, row + 2); r++) for (let c = column; c < Math.min(columns, column + 2); c++) {
      const here = peoplePerImageCell[r * columns + c]!;
      if (!(here > 0)) continue;
      people += here; x += here * (c + 0.5); y += here * (r + 0.5);
      if (here > most) { most = here; at = 4 * (r * columns + c); }
    }
    const pxPerM = at < 0 ? 0 : pxPerMOf(slopes, at, widthPx, heightPx);
    if (!(pxPerM > 1)) return;
    let level = 0;
    while (level < now.length - 2 && pxPerM / 2 ** level > PX_PER_M_MOST) level++;
    const a = slopes[at]!, b = slopes[at + 1]!, c = slopes[at + 2]!, d = slopes[at + 3]!, m2 = Math.abs(a * d - b * c), scale = 2 ** level;
    // How far somebody gets in the picture who goes this fast in any direction: rows of the inverse.
    const reachX = reachM * Math.hypot(d, b) / m2 * widthPx / scale, reachY = reachM * Math.hypot(a, c) / m2 * heightPx / scale;
    const move = matchBlock(pyramids, level, x / people * cellWidthShare * widthPx / scale, y / people * cellHeightShare * heightPx / scale, reachX, reachY);
    if (move !== null) { found[2 * block] = move.xPx * scale; found[2 * block + 1] = move.yPx * scale; }
  }
  function takeOver(block: number): void {
    const column = block % acrossBlocks, row = Math.floor(block / acrossBlocks);
    let nearest = TAKEN_OVER_MOST, from = -1;
    for (let y = Math.max(0, row - 3); y <= Math.min(downBlocks - 1, row + 3); y++) for (let x = Math.max(0, column - 3); x <= Math.min(acrossBlocks - 1, column + 3); x++) {
      const other = y * acrossBlocks + x, apart = (x - column) ** 2 + (y - row) ** 2;
      if (looked[other] === 1 && apart < nearest && !Number.isNaN(found[2 * other]!)) { nearest = apart; from = other; }
    }
    if (from >= 0) { found[2 * block] = found[2 * from]!; found[2 * block + 1] = found[2 * from + 1]!; }
  }
}
/** Squared blocks: from farther away no motion is taken over. */
const TAKEN_OVER_MOST = 10;

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
