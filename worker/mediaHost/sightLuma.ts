// The small grey picture that sight is judged by: brightness and fine structure of about 14,400 cells, taken straight from the decoded frame's luma. It is the same for any
// size of picture, costs a few tenths of a millisecond, stays in this process and is gone with the next frame.
import type { Frame } from 'node-av/lib';
import * as C from 'node-av/constants';

/** Row by row from the top. Brightness in 0..255 full range whatever the stream's own. */
export type SightLuma = {
  columns: number; rows: number;
  /** Mean brightness of each cell. */
  brightness: Float32Array;
  /** Mean difference of neighbouring pixels in each cell: what lens and focus resolve. */
  fine: Float32Array;
  /** 1 for each cell that a privacy mask touches (masker.ts): it says nothing of the camera. Left out: none. */
  masked?: { version: number; cells: Uint8Array };
};

/** What a plane of 8-bit luma is, top row first. */
export type LumaPlane = { bytes: Uint8Array; widthPx: number; heightPx: number; strideBytes: number; limitedRange: boolean };

const CELLS_WANTED = 14_400;
/** Sides are multiples of this, so that blocks and the edge grid divide them evenly. */
const CELLS_MULTIPLE = 10;
/** Neighbours are this share of the picture apart, so that a large picture is not called soft for what no head of a few pixels needs: 1 px at 640x360, 3 px at 1920x1080. */
const FINE_OF_PX = 480;

/** Null for a format whose first plane is not luma of 8 or 10 bits. */
export function lumaPlaneOf(frame: Frame): LumaPlane | null {
  const shift = TEN_BITS.get(frame.format);
  if (shift !== undefined) return tenBitsOf(frame, shift);
  if (!LUMA_FIRST.has(frame.format)) return null;
  const bytes = frame.data?.[0], strideBytes = frame.linesize[0];
  if (bytes === undefined || strideBytes === undefined || strideBytes < frame.width || bytes.length < strideBytes * (frame.height - 1) + frame.width) return null;
  const full = frame.colorRange === C.AVCOL_RANGE_JPEG || FULL_RANGE.has(frame.format);
  return { bytes, widthPx: frame.width, heightPx: frame.height, strideBytes, limitedRange: !full };
}
/** Two bytes a pixel, low byte first: the eight bits that matter. */
function tenBitsOf(frame: Frame, shift: number): LumaPlane | null {
  const { width, height } = frame, from = frame.data?.[0], strideBytes = frame.linesize[0];
  if (from === undefined || strideBytes === undefined || strideBytes < 2 * width || from.length < strideBytes * (height - 1) + 2 * width) return null;
  const bytes = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) for (let x = 0, line = y * strideBytes; x < width; x++, at++) bytes[at] = (from[line + 2 * x]! | (from[line + 2 * x + 1]! << 8)) >> shift;
  return { bytes, widthPx: width, heightPx: height, strideBytes: width, limitedRange: frame.colorRange !== C.AVCOL_RANGE_JPEG };
}
const TEN_BITS = new Map<number, number>([[C.AV_PIX_FMT_YUV420P10LE, 2], [C.AV_PIX_FMT_YUV422P10LE, 2], [C.AV_PIX_FMT_YUV444P10LE, 2], [C.AV_PIX_FMT_P010LE, 8]]);
const FULL_RANGE = new Set<number>([C.AV_PIX_FMT_YUVJ420P, C.AV_PIX_FMT_YUVJ422P, C.AV_PIX_FMT_YUVJ444P, C.AV_PIX_FMT_YUVJ440P, C.AV_PIX_FMT_GRAY8]);
const LUMA_FIRST = new Set<number>([...FULL_RANGE, C.AV_PIX_FMT_YUV420P, C.AV_PIX_FMT_YUV422P, C.AV_PIX_FMT_YUV444P, C.AV_PIX_FMT_YUV440P, C.AV_PIX_FMT_YUV411P, C.AV_PIX_FMT_YUV410P, C.AV_PIX_FMT_NV12, C.AV_PIX_FMT_NV21]);

/** `pictureAspect` is width over height as it is meant to be seen. Buffers are used again by the next call while the shape stays. */
export function lumaSampler() {
  let key = '', kept: SightLuma | null = null, lookPx = new Int32Array(0), apartPx = 1;
  return (plane: LumaPlane, pictureAspect: number): SightLuma => {
    const { bytes, widthPx, heightPx, strideBytes, limitedRange } = plane;
    const wanted = `${widthPx}x${heightPx}:${pictureAspect}`;
    if (wanted !== key || kept === null) {
      const { columns, rows } = gridOf(pictureAspect);
      kept = { columns, rows, brightness: new Float32Array(columns * rows), fine: new Float32Array(columns * rows) };
      apartPx = Math.min(Math.max(1, widthPx - 1), Math.max(1, Math.round(Math.sqrt(widthPx * heightPx) / FINE_OF_PX)));
      lookPx = Int32Array.from({ length: columns * 2 }, (_, look) => Math.min(widthPx - 1 - apartPx, Math.max(0, Math.floor((look + 0.5) * widthPx / (columns * 2) - apartPx / 2))));
      key = wanted;
    }
    const { columns, rows, brightness, fine } = kept;
    // Limited range is 16..235. Eight pixels a cell are looked at: four pairs.
    const scale = limitedRange ? 255 / 219 : 1, brightnessScale = scale / 8, fineScale = scale / 4, black = limitedRange ? 16 * scale : 0, apart = apartPx;
    for (let row = 0, cell = 0; row < rows; row++) {
      const upper = Math.min(heightPx - 1, Math.floor((row + 0.25) * heightPx / rows)) * strideBytes, lower = Math.min(heightPx - 1, Math.floor((row + 0.75) * heightPx / rows)) * strideBytes;
      for (let column = 0; column < columns; column++, cell++) {
        const first = lookPx[2 * column]!, second = lookPx[2 * column + 1]!;
        const a = bytes[upper + first]!, b = bytes[upper + first + apart]!, c = bytes[upper + second]!, d = bytes[upper + second + apart]!;
        const e = bytes[lower + first]!, f = bytes[lower + first + apart]!, g = bytes[lower + second]!, h = bytes[lower + second + apart]!;
        const shade = (a + b + c + d + e + f + g + h) * brightnessScale - black;
        brightness[cell] = shade < 0 ? 0 : shade > 255 ? 255 : shade;
        fine[cell] = ((a > b ? a - b : b - a) + (c > d ? c - d : d - c) + (e > f ? e - f : f - e) + (g > h ? g - h : h - g)) * fineScale;
      }
    }
    return kept;
  };
}

/** As many cells for a portrait as for a wide picture. */
export function gridOf(pictureAspect: number): { columns: number; rows: number } {
  const aspect = Math.min(4, Math.max(0.3, pictureAspect));
  const rows = Math.max(4, Math.round(Math.sqrt(CELLS_WANTED / aspect) / CELLS_MULTIPLE)) * CELLS_MULTIPLE;
  return { columns: Math.max(4, Math.round(rows * aspect / CELLS_MULTIPLE)) * CELLS_MULTIPLE, rows };
}
