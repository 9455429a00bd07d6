// Counts a scaled picture in its tiles, one after the other, and puts their cells together to one raster. Each cell is taken from exactly one tile, so nobody is counted twice at a seam;
// what lies in no tile shows no ground and has nobody.
import type { Detector } from '../detectors/densityNet.ts';
import type { Tile } from './analysisSize.ts';
import type { AnalysisPicture } from './pictures.ts';

export type PictureCount = {
  peoplePerImageCell: Float32Array;
  /** Null where the model says none. */
  spreadPerImageCell: Float32Array | null;
  /** In the tiles: the whole picture where it is not cut. */
  peopleInPicture: number;
};

/** Rejects with what the detector rejects with. No negative number, no NaN leaves. */
export async function countPicture(net: Pick<Detector, 'card' | 'count'>, picture: AnalysisPicture): Promise<PictureCount> {
  const { tiles, imageCells: { columns, rows } } = picture.size, { stridePx } = net.card;
  const peoplePerImageCell = new Float32Array(columns * rows);
  let spreadPerImageCell: Float32Array | null = null, peopleInPicture = 0;
  for (const tile of tiles) {
    const counted = await net.count(rgbOf(picture, tile), tile.widthPx, tile.heightPx);
    peopleInPicture += taken(counted.people, tile, stridePx, peoplePerImageCell, columns);
    if (counted.spread !== null) taken(counted.spread, tile, stridePx, spreadPerImageCell ??= new Float32Array(columns * rows), columns);
  }
  return { peoplePerImageCell, spreadPerImageCell, peopleInPicture };
}

/** The tile's own cells into the raster of the whole picture; returns their sum. */
function taken(from: Float32Array, { leftPx, topPx, widthPx, columnFirst, rowFirst, columns, rows }: Tile, stridePx: number, to: Float32Array, toColumns: number): number {
  const fromColumns = widthPx / stridePx, left = columnFirst - leftPx / stridePx, top = rowFirst - topPx / stridePx;
  let sum = 0;
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
    const value = from[(top + row) * fromColumns + left + column]!;
    if (!(value > 0)) continue;
    to[(rowFirst + row) * toColumns + columnFirst + column] = value;
    sum += value;
  }
  return sum;
}

/** Whole rows are a piece of the picture's own bytes; anything else is copied row by row. */
function rgbOf({ size: { paddedWidthPx }, rgb, tileRgb }: AnalysisPicture, { leftPx, topPx, widthPx, heightPx }: Tile): Uint8Array {
  if (widthPx === paddedWidthPx) return rgb.subarray(topPx * widthPx * 3, (topPx + heightPx) * widthPx * 3);
  const rowBytes = widthPx * 3;
  for (let row = 0; row < heightPx; row++) {
    const from = ((topPx + row) * paddedWidthPx + leftPx) * 3;
    rgb.copy(tileRgb, row * rowBytes, from, from + rowBytes);
  }
  return tileRgb.subarray(0, heightPx * rowBytes);
}
