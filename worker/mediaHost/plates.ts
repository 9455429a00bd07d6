// Where number plates may be: rows of strokes, many upright edges close together in a low, wide strip. Letters of shop signs and of buses look the same and are found too; what is not found is a plate of fewer than about
// six pixels height, which nobody reads. No letter is read here, and nothing but boxes to be blurred comes out.
import type { Rgb } from './blurStill.ts';

export type Strip = { leftPx: number; topPx: number; rightPx: number; bottomPx: number };

/** Side of a block in which strokes are measured, pixels of the size that is looked at. */
const BLOCK = 4;
/** Mean difference of neighbouring pixels across, in grey levels, of a block with strokes; and against that along, so that foliage and paving fall out. */
const STROKES_LEAST = 18, UPRIGHT_LEAST = 0.9;
/** A row of blocks with strokes is at least this long; the turns that are asked for are those of one of TURNS_OF_BLOCKS. */
const WIDE_LEAST = 3, TURNS_OF_BLOCKS = 6;
/** Light and dark take turns this often along the middle of a plate, a pixel's width each way of it. */
const TURNS_LEAST = 7;
/** Looked at in halves of the size: large plates are strips of few strokes only there. */
const SIZES = [1, 2, 4];

export function plateCells({ widthPx, heightPx, rgb }: Rgb): Strip[] {
  let grey = new Float32Array(widthPx * heightPx);
  for (let at = 0; at < grey.length; at++) grey[at] = 0.299 * rgb[3 * at]! + 0.587 * rgb[3 * at + 1]! + 0.114 * rgb[3 * at + 2]!;
  const strips: Strip[] = [];
  let width = widthPx, height = heightPx;
  for (const [n, size] of SIZES.entries()) {
    if (n > 0) { [grey, width, height] = halved(grey, width, height); }
    if (width < 12 * BLOCK || height < 4 * BLOCK) break;
    for (const { leftPx, topPx, rightPx, bottomPx } of stripsOf(grey, width, height)) {
      // Two blocks beyond, where the first and the last letter may end.
      const margin = 1.5 * BLOCK;
      strips.push({ leftPx: Math.max(0, (leftPx - margin) * size), topPx: Math.max(0, (topPx - margin) * size), rightPx: Math.min(widthPx, (rightPx + margin) * size), bottomPx: Math.min(heightPx, (bottomPx + margin) * size) });
    }
  }
  return strips;
}

function stripsOf(grey: Float32Array, width: number, height: number): Strip[] {
  const columns = Math.floor(width / BLOCK), rows = Math.floor(height / BLOCK), strokes = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
    let across = 0, along = 0;
    for (let y = row * BLOCK; y < (row + 1) * BLOCK; y++) for (let x = column * BLOCK, at = y * width + x; x < (column + 1) * BLOCK; x++, at++) {
      if (x + 1 < width) across += Math.abs(grey[at + 1]! - grey[at]!);
      if (y + 1 < height) along += Math.abs(grey[at + width]! - grey[at]!);
    }
    if (across / BLOCK ** 2 >= STROKES_LEAST && across >= UPRIGHT_LEAST * along) strokes[row * columns + column] = 1;
  }
  // A gap of one block between letters closes.
  const closed = strokes.slice();
  for (let row = 0; row < rows; row++) for (let column = 1; column < columns - 1; column++) { const at = row * columns + column; if (strokes[at] === 0 && strokes[at - 1] === 1 && strokes[at + 1] === 1) closed[at] = 1; }
  // Row by row of blocks: letters of a plate may touch what is above and below it, so that no outline of their own can be told.
  const found: Strip[] = [];
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
    if (closed[row * columns + column] === 0) continue;
    const from = column;
    while (column < columns && closed[row * columns + column] === 1) column++;
    if (column - from < WIDE_LEAST) continue;
    const strip = { leftPx: from * BLOCK, topPx: row * BLOCK, rightPx: column * BLOCK, bottomPx: (row + 1) * BLOCK };
    if (turnsOf(grey, width, strip) >= TURNS_LEAST * Math.min(1, (column - from) / TURNS_OF_BLOCKS)) found.push(strip);
  }
  return found;
}

/** How often the lightest line of the strip's middle crosses its own mean, by more than noise. */
function turnsOf(grey: Float32Array, width: number, { leftPx, topPx, rightPx, bottomPx }: Strip): number {
  let most = 0;
  for (const share of [0.35, 0.5, 0.65]) {
    const y = Math.floor(topPx + (bottomPx - topPx) * share);
    let sum = 0;
    for (let x = leftPx; x < rightPx; x++) sum += grey[y * width + x]!;
    const mean = sum / (rightPx - leftPx);
    let side = 0, turns = 0;
    for (let x = leftPx; x < rightPx; x++) { const by = grey[y * width + x]! - mean, now = by > 8 ? 1 : by < -8 ? -1 : side; if (now !== side && side !== 0) turns++; side = now; }
    most = Math.max(most, turns);
  }
  return most;
}

function halved(grey: Float32Array, width: number, height: number): [Float32Array<ArrayBuffer>, number, number] {
  const half = Math.floor(width / 2), high = Math.floor(height / 2), to = new Float32Array(half * high);
  for (let y = 0; y < high; y++) for (let x = 0; x < half; x++) { const at = 2 * y * width + 2 * x; to[y * half + x] = (grey[at]! + grey[at + 1]! + grey[at + width]! + grey[at + width + 1]!) / 4; }
  return [to, half, high];
}
