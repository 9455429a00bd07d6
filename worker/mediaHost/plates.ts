// Where number plates may be: rows of strokes, many upright edges close together in a low, wide strip. Letters of shop signs and of buses look the same and are found too; what is not found is a plate of fewer than about
// six pixels height, which nobody reads. No letter is read here, and nothing but boxes to be blurred comes out.
import type { Rgb } from './blurStill.ts';

export type Strip = { leftPx: number; topPx: number; rightPx: number; bottomPx: number };

/** Side of a block in which strokes are measured, pixels of the size that is looked at. */
const BLOCK = 4;
/** Mean difference of neighbouring pixels across, in grey levels, of a block with strokes; and against that along, so that foliage and paving fall out. */
const STROKES_LEAST = 9, UPRIGHT_LEAST = 0.6;
/** Of a strip, in blocks; strokes in most of it. */
const HIGH = [1, 14], WIDE = [3, 60], ASPECT = [1.4, 12], FILLED_LEAST = 0.35;
/** Light and dark take turns this often along the middle of a plate, a pixel's width each way of it. */
const TURNS_LEAST = 5;
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
  const found: Strip[] = [], seen = new Uint8Array(closed.length);
  for (let start = 0; start < closed.length; start++) {
    if (closed[start] === 0 || seen[start] === 1) continue;
    let left = columns, right = 0, top = rows, bottom = 0, blocks = 0;
    const open = [start];
    seen[start] = 1;
    while (open.length > 0) {
      const at = open.pop()!, row = Math.floor(at / columns), column = at % columns;
      blocks++;
      left = Math.min(left, column); right = Math.max(right, column + 1); top = Math.min(top, row); bottom = Math.max(bottom, row + 1);
      for (const [next, is] of [[at - 1, column > 0], [at + 1, column < columns - 1], [at - columns, row > 0], [at + columns, row < rows - 1]] as const) if (is && closed[next] === 1 && seen[next] === 0) { seen[next] = 1; open.push(next); }
    }
    const high = bottom - top, wide = right - left, aspect = wide / high;
    if (high < HIGH[0]! || high > HIGH[1]! || wide < WIDE[0]! || wide > WIDE[1]! || aspect < ASPECT[0]! || aspect > ASPECT[1]! || blocks < FILLED_LEAST * high * wide) continue;
    const strip = { leftPx: left * BLOCK, topPx: top * BLOCK, rightPx: right * BLOCK, bottomPx: bottom * BLOCK };
    if (turnsOf(grey, width, strip) >= TURNS_LEAST) found.push(strip);
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
