// Fills privacy masks in decoded frames, before anybody looks: the count, the motion, the judge of the picture, previews and stills all get the filled copy. The decoder's own
// frame is never written to, for later frames are built on it. What cannot be filled is not used at all.
import { Frame } from 'node-av/lib';
import * as C from 'node-av/constants';
import type { Masks } from '../../contract/site.ts';
import { maskedCells } from '../../crowd/mask.ts';
import { keptScaler } from './pictures.ts';
import type { SightLuma } from './sightLuma.ts';

export type FrameMasker = {
  /** 0: none was ever drawn. */
  version: number;
  /** The frame itself where nothing is masked, otherwise a filled copy, which the caller frees. Null: it could not be filled, and must not be used. */
  filled(frame: Frame): Frame | null;
  /** 1 for each cell that a mask touches; null where nothing is masked. The same array while the raster stays. */
  cells(raster: { columns: number; rows: number; cellWidthShare: number; cellHeightShare: number }): Uint8Array | null;
  /** The same for the judge of the picture, with the neighbours whose edges would be those of the mask. */
  ofLuma(luma: SightLuma): SightLuma;
  close(): void;
};

/** Middle grey without colour: to the net it is nothing (its padding has the same), to a person plainly a mask. */
const FILL_LUMA = 118, FILL_CHROMA = 128;
/** A coder smears what lies under a mask a little over its side. Pixels of the picture. */
const MARGIN_PX = 3;

export function frameMasker(masks: Masks | null): FrameMasker {
  const polygons = masks?.polygons ?? [], version = masks?.version ?? 0, scaler = keptScaler();
  let runs: { key: string; planes: PlaneRuns[] } | null = null, kept: { key: string; cells: Uint8Array } | null = null, keptLuma: { key: string; cells: Uint8Array } | null = null;
  return {
    version,
    filled(frame) {
      if (polygons.length === 0) return frame;
      const copy = new Frame();
      copy.alloc();
      copy.width = frame.width; copy.height = frame.height;
      const planar = PLANAR.get(frame.format);
      copy.format = planar === undefined ? (frame.colorRange === C.AVCOL_RANGE_JPEG ? C.AV_PIX_FMT_YUVJ420P : C.AV_PIX_FMT_YUV420P) : frame.format as C.AVPixelFormat;
      const there = copy.getBuffer() >= 0 && (planar === undefined ? scaler.intoFrame(frame, copy) : copy.copy(frame) >= 0) && copy.copyProps(frame) >= 0;
      if (!there || !fill(copy)) { copy.free(); return null; }
      return copy;
    },
    cells({ columns, rows, cellWidthShare, cellHeightShare }) {
      if (polygons.length === 0) return null;
      const key = `${columns}x${rows}:${cellWidthShare}:${cellHeightShare}`;
      if (kept?.key !== key) kept = { key, cells: maskedCells(polygons, { columns, rows, across: 1 / cellWidthShare, down: 1 / cellHeightShare }) };
      return kept.cells;
    },
    ofLuma(luma) {
      if (polygons.length === 0) return luma;
      const key = `${luma.columns}x${luma.rows}`;
      if (keptLuma?.key !== key) keptLuma = { key, cells: maskedCells(polygons, { columns: luma.columns, rows: luma.rows, margin: 2 }) };
      luma.masked = { version, cells: keptLuma.cells };
      return luma;
    },
    close() { scaler.close(); },
  };

  function fill(frame: Frame): boolean {
    const planes = frame.data, planar = PLANAR.get(frame.format);
    if (planes === null || planar === undefined) return false;
    const key = `${frame.width}x${frame.height}:${frame.format}:${frame.linesize.join()}`;
    if (runs?.key !== key) {
      runs = { key, planes: Array.from({ length: planar.planes }, (_, plane) => {
        const across = plane === 0 ? 0 : planar.acrossLog2, down = plane === 0 ? 0 : planar.downLog2;
        return runsOf(-(-frame.width >> across), -(-frame.height >> down), frame.width / (1 << across), frame.height / (1 << down), Math.ceil(MARGIN_PX / (1 << across)), frame.linesize[plane]!);
      }) };
    }
    for (const [plane, { fromTo, bytesLeast }] of runs.planes.entries()) {
      const bytes = planes[plane];
      if (bytes === undefined || bytes.length < bytesLeast) return false;
      const value = plane === 0 ? FILL_LUMA : FILL_CHROMA;
      for (let at = 0; at < fromTo.length; at += 2) bytes.fill(value, fromTo[at]!, fromTo[at + 1]!);
    }
    return true;
  }

  function runsOf(columns: number, rows: number, across: number, down: number, margin: number, strideBytes: number): PlaneRuns {
    const cells = maskedCells(polygons, { columns, rows, across, down, margin }), fromTo: number[] = [];
    for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
      if (cells[row * columns + column] === 0) continue;
      const from = column;
      while (column < columns && cells[row * columns + column] === 1) column++;
      fromTo.push(row * strideBytes + from, row * strideBytes + column);
    }
    return { fromTo, bytesLeast: strideBytes * (rows - 1) + columns };
  }
}
/** Pieces of a plane, in bytes: from, to, from, to. */
type PlaneRuns = { fromTo: number[]; bytesLeast: number };

/** Formats of 8 bits with planes of their own; anything else becomes 4:2:0 first. */
const PLANAR = new Map<number, { planes: number; acrossLog2: number; downLog2: number }>([
  [C.AV_PIX_FMT_YUV420P, { planes: 3, acrossLog2: 1, downLog2: 1 }], [C.AV_PIX_FMT_YUVJ420P, { planes: 3, acrossLog2: 1, downLog2: 1 }],
  [C.AV_PIX_FMT_YUV422P, { planes: 3, acrossLog2: 1, downLog2: 0 }], [C.AV_PIX_FMT_YUVJ422P, { planes: 3, acrossLog2: 1, downLog2: 0 }],
  [C.AV_PIX_FMT_YUV444P, { planes: 3, acrossLog2: 0, downLog2: 0 }], [C.AV_PIX_FMT_YUVJ444P, { planes: 3, acrossLog2: 0, downLog2: 0 }],
  [C.AV_PIX_FMT_GRAY8, { planes: 1, acrossLog2: 0, downLog2: 0 }],
]);
