// Heads and number plates of a picture that leaves the product, made unreadable. Works on one picture of pixels in this process, so that clips can be done frame by frame. It errs on the side of blurring more: it looks for
// heads with the counting net at several sizes, and for plates by strokes, which letters of other signs have too. Blurred is what is laid out anew from a few mean colours: nothing of finer structure is left to be won back.
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib';
import * as C from 'node-av/constants';
import type { Detector } from '../detectors/densityNet.ts';
import { keptScaler, pixelAspectOf } from './pictures.ts';
import { plateCells } from './plates.ts';

export type Rgb = { widthPx: number; heightPx: number; rgb: Buffer };

/** Side of the squares of one mean colour, pixels of the picture; a head that is found at a size gets squares of at most a sixth of it there. */
const SQUARE_PX = 10;
/** Sizes at which heads are looked for: long side in pixels. A head of 5 to 80 px at one of them is found there (models/: headPx); at the smallest one that is a head a quarter of the picture wide. */
const LONG_SIDES_PX = [1280, 640, 320];
/** People in the 3 x 3 cells about a cell from which on somebody's head may be there, at each size: a whole head is 1 or, where it is large, spread over more cells. Low on purpose, lower where squares are small. */
const PEOPLE_LEAST = [0.05, 0.07, 0.15];
/** Cells about one that is found, all of which are blurred: a head reaches beyond the cell in which it is counted. */
const REACH_CELLS = 1.2;

/** Blurs in place. Resolves with the share of the picture that was blurred. `net` is the product's own. */
export async function blurHeadsAndPlates(net: Detector, picture: Rgb): Promise<{ blurredShare: number; squareOf: Uint8Array }> {
  const { widthPx, heightPx } = picture, squareOf = new Uint8Array(widthPx * heightPx);
  for (const { cells, columns, rows, cellWidthPx, cellHeightPx } of await headCells(net, picture)) {
    // A head that is found at this size is at most about four cells wide: three squares across it.
    const squarePx = Math.min(255, Math.max(SQUARE_PX, Math.round(1.25 * Math.max(cellWidthPx, cellHeightPx))));
    for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
      if (cells[row * columns + column] === 0) continue;
      mark(squareOf, widthPx, heightPx, (column + 0.5) * cellWidthPx, (row + 0.5) * cellHeightPx, (REACH_CELLS + 0.5) * cellWidthPx, (REACH_CELLS + 0.5) * cellHeightPx, squarePx);
    }
  }
  for (const { leftPx, topPx, rightPx, bottomPx } of plateCells(picture)) {
    const squarePx = Math.min(255, Math.max(SQUARE_PX, Math.round((bottomPx - topPx) * 0.7)));
    mark(squareOf, widthPx, heightPx, (leftPx + rightPx) / 2, (topPx + bottomPx) / 2, (rightPx - leftPx) / 2, (bottomPx - topPx) / 2, squarePx);
  }
  return { blurredShare: layOut(picture, squareOf), squareOf };
}

type Found = { cells: Uint8Array; columns: number; rows: number; cellWidthPx: number; cellHeightPx: number };

/** Where heads may be, at each size; cells in pixels of the picture. */
async function headCells(net: Detector, { widthPx, heightPx, rgb }: Rgb): Promise<Found[]> {
  const found: Found[] = [], { stridePx, sizeMultiplePx } = net.card, longPx = Math.max(widthPx, heightPx);
  const frame = Frame.fromVideoBuffer(rgb, { width: widthPx, height: heightPx, format: C.AV_PIX_FMT_RGB24, timeBase: { num: 1, den: 1 } }), scaler = keptScaler();
  try {
    for (const [at, sidePx] of LONG_SIDES_PX.entries()) {
      // Enlarged to twice its size at most: what is smaller than that shows no face.
      if (sidePx > longPx * 2 && at < LONG_SIDES_PX.length - 1) continue;
      const scale = sidePx / longPx, scaledWidthPx = Math.max(2, Math.round(widthPx * scale)), scaledHeightPx = Math.max(2, Math.round(heightPx * scale));
      const upTo = (px: number) => Math.ceil(px / sizeMultiplePx) * sizeMultiplePx, paddedWidthPx = upTo(scaledWidthPx), paddedHeightPx = upTo(scaledHeightPx);
      const small = Buffer.alloc(paddedWidthPx * paddedHeightPx * 3 + 256, 118);
      if (!scaler.into(frame, scaledWidthPx, scaledHeightPx, C.AV_PIX_FMT_RGB24, [small], [paddedWidthPx * 3])) throw new Error('the picture could not be scaled');
      const { people } = await net.count(small.subarray(0, paddedWidthPx * paddedHeightPx * 3), paddedWidthPx, paddedHeightPx);
      const columns = Math.ceil(scaledWidthPx / stridePx), rows = Math.ceil(scaledHeightPx / stridePx), wide = paddedWidthPx / stridePx, cells = new Uint8Array(columns * rows);
      for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
        let about = 0;
        for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) about += people[y * wide + x]!;
        if (about >= PEOPLE_LEAST[at]! && people[row * wide + column]! > PEOPLE_LEAST[at]! / 12) cells[row * columns + column] = 1;
      }
      found.push({ cells, columns, rows, cellWidthPx: stridePx * widthPx / scaledWidthPx, cellHeightPx: stridePx * heightPx / scaledHeightPx });
    }
  } finally { scaler.close(); frame.free(); }
  return found;
}

/** A place that is blurred, an ellipse for heads and boxes alike cut square; the coarser squares win. */
function mark(squareOf: Uint8Array, widthPx: number, heightPx: number, x: number, y: number, halfWidthPx: number, halfHeightPx: number, squarePx: number): void {
  const left = Math.max(0, Math.floor(x - halfWidthPx)), right = Math.min(widthPx, Math.ceil(x + halfWidthPx)), top = Math.max(0, Math.floor(y - halfHeightPx)), bottom = Math.min(heightPx, Math.ceil(y + halfHeightPx));
  for (let row = top; row < bottom; row++) for (let at = row * widthPx + left, end = row * widthPx + right; at < end; at++) if (squareOf[at]! < squarePx) squareOf[at] = squarePx;
}

/** Each blurred pixel is mixed from the mean colours of the four squares about it, of its own size: a smooth picture that holds nothing but those means. */
function layOut({ widthPx, heightPx, rgb }: Rgb, squareOf: Uint8Array): number {
  const sizes = [...new Set(squareOf)].filter((size) => size > 0);
  if (sizes.length === 0) return 0;
  const means = new Map(sizes.map((size) => [size, meansOf(rgb, widthPx, heightPx, size)]));
  let blurred = 0;
  for (let y = 0; y < heightPx; y++) for (let x = 0; x < widthPx; x++) {
    const size = squareOf[y * widthPx + x]!;
    if (size === 0) continue;
    blurred++;
    const { columns, rows, values } = means.get(size)!;
    const atX = Math.min(columns - 1, Math.max(0, (x + 0.5) / size - 0.5)), atY = Math.min(rows - 1, Math.max(0, (y + 0.5) / size - 0.5));
    const left = Math.floor(atX), top = Math.floor(atY), right = Math.min(columns - 1, left + 1), bottom = Math.min(rows - 1, top + 1), across = atX - left, down = atY - top, to = (y * widthPx + x) * 3;
    for (let colour = 0; colour < 3; colour++) {
      const value = (column: number, row: number) => values[(row * columns + column) * 3 + colour]!;
      rgb[to + colour] = (value(left, top) * (1 - across) + value(right, top) * across) * (1 - down) + (value(left, bottom) * (1 - across) + value(right, bottom) * across) * down;
    }
  }
  return blurred / (widthPx * heightPx);
}

function meansOf(rgb: Buffer, widthPx: number, heightPx: number, size: number): { columns: number; rows: number; values: Float32Array } {
  const columns = Math.ceil(widthPx / size), rows = Math.ceil(heightPx / size), values = new Float32Array(columns * rows * 3), counts = new Float32Array(columns * rows);
  for (let y = 0, at = 0; y < heightPx; y++) for (let x = 0; x < widthPx; x++, at += 3) {
    const square = Math.floor(y / size) * columns + Math.floor(x / size);
    values[square * 3]! += rgb[at]!; values[square * 3 + 1]! += rgb[at + 1]!; values[square * 3 + 2]! += rgb[at + 2]!;
    counts[square]!++;
  }
  for (let square = 0; square < counts.length; square++) for (let colour = 0; colour < 3; colour++) values[square * 3 + colour]! = Math.round(values[square * 3 + colour]! / counts[square]!);
  return { columns, rows, values };
}

/** The frame, masks already filled, as a JPEG at most `widthMostPx` wide; null when it cannot be made. */
export async function stillJpeg(net: Detector, frame: Frame, { widthMostPx, blurred }: { widthMostPx: number; blurred: boolean }): Promise<Buffer | null> {
  const seenWidthPx = frame.width * pixelAspectOf(frame), scale = Math.min(1, widthMostPx / seenWidthPx);
  const widthPx = Math.max(2, Math.round(seenWidthPx * scale / 2) * 2), heightPx = Math.max(2, Math.round(frame.height * scale / 2) * 2);
  const room = Buffer.alloc(widthPx * heightPx * 3 + 256), rgb = room.subarray(0, widthPx * heightPx * 3), scaler = keptScaler();
  try { if (!scaler.into(frame, widthPx, heightPx, C.AV_PIX_FMT_RGB24, [room], [widthPx * 3])) return null; } finally { scaler.close(); }
  if (blurred) await blurHeadsAndPlates(net, { widthPx, heightPx, rgb });
  return jpegOf({ widthPx, heightPx, rgb });
}

export function jpegOf({ widthPx, heightPx, rgb }: Rgb): Buffer | null {
  const codec = Codec.findEncoder(C.AV_CODEC_ID_MJPEG);
  if (codec === null) return null;
  const from = Frame.fromVideoBuffer(rgb, { width: widthPx, height: heightPx, format: C.AV_PIX_FMT_RGB24, timeBase: { num: 1, den: 1 } }), scaler = keptScaler(), coder = new CodecContext(), planar = new Frame(), packet = new Packet();
  try {
    planar.alloc(); packet.alloc();
    planar.width = widthPx; planar.height = heightPx; planar.format = C.AV_PIX_FMT_YUVJ420P; planar.pts = 0n;
    if (planar.getBuffer() < 0) return null;
    planar.colorRange = C.AVCOL_RANGE_JPEG;
    if (!scaler.intoFrame(from, planar)) return null;
    coder.allocContext3(codec);
    coder.width = widthPx; coder.height = heightPx; coder.pixelFormat = C.AV_PIX_FMT_YUVJ420P; coder.colorRange = C.AVCOL_RANGE_JPEG; coder.timeBase = new Rational(1, 1); coder.threadCount = 1;
    coder.setFlags(C.AV_CODEC_FLAG_QSCALE); coder.globalQuality = STILL_QSCALE * C.FF_QP2LAMBDA;
    planar.quality = STILL_QSCALE * C.FF_QP2LAMBDA;
    if (coder.open2Sync(codec, null) < 0 || coder.sendFrameSync(planar) < 0 || coder.receivePacketSync(packet) < 0) return null;
    return packet.data === null ? null : Buffer.from(packet.data);
  } finally { scaler.close(); coder.freeContext(); planar.free(); packet.free(); from.free(); }
}
const STILL_QSCALE = 3;
