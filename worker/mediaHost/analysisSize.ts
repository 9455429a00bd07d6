// The size at which the detector looks at a picture: never distorted, never more pixels than the budget, padded to what the net can take.
import type { ImageCells } from './messages.ts';

export type AnalysisSize = {
  /** The picture's own part, at the top left. */
  scaledWidthPx: number; scaledHeightPx: number;
  /** With the padding at right and bottom. */
  paddedWidthPx: number; paddedHeightPx: number;
  /** The cells that hold picture; those in the padding are cut off. */
  imageCells: ImageCells;
  /** Width / height as it is meant to be seen. */
  pictureAspect: number;
};

/** `pixelAspect` is the width of a stored pixel over its height: 1 but for old video standards. */
export function analysisSize({ widthPx, heightPx, pixelAspect, pixelsMost, multiplePx, stridePx }: {
  widthPx: number; heightPx: number; pixelAspect: number; pixelsMost: number; multiplePx: number; stridePx: number;
}): AnalysisSize {
  const seenWidthPx = widthPx * pixelAspect;
  const pictureAspect = seenWidthPx / heightPx;
  const fits = Math.sqrt(pixelsMost / (seenWidthPx * heightPx));
  // A small picture is enlarged, since heads of few pixels are missed (vtest: error 2.0 at 480 px, 1.0 at 960); one near the budget is left as it is.
  const scale = fits > ENLARGED_ABOVE ? Math.min(fits, ENLARGED_MOST) : Math.min(1, fits);
  let scaledWidthPx = Math.max(1, Math.round(seenWidthPx * scale)), scaledHeightPx = Math.max(1, Math.round(heightPx * scale));
  // A few rows over a multiple would be paid as a whole strip of padding (360 -> 384): a picture smaller by 6 % at most saves it.
  const over = scaledHeightPx % multiplePx;
  if (over > 0 && over / scaledHeightPx <= SHRUNK_MOST && scaledHeightPx > multiplePx) {
    const shrunk = (scaledHeightPx - over) / scaledHeightPx;
    scaledHeightPx -= over;
    scaledWidthPx = Math.max(1, Math.round(scaledWidthPx * shrunk));
  }
  const upTo = (sizePx: number) => Math.ceil(sizePx / multiplePx) * multiplePx;
  return {
    scaledWidthPx, scaledHeightPx, paddedWidthPx: upTo(scaledWidthPx), paddedHeightPx: upTo(scaledHeightPx), pictureAspect,
    imageCells: {
      columns: Math.ceil(scaledWidthPx / stridePx), rows: Math.ceil(scaledHeightPx / stridePx),
      cellWidthShare: stridePx / scaledWidthPx, cellHeightShare: stridePx / scaledHeightPx,
    },
  };
}

const ENLARGED_ABOVE = 1.15, ENLARGED_MOST = 2, SHRUNK_MOST = 0.06;

/** The cells of the picture out of those of the padded picture; no negative, no NaN leaves. */
export function withoutPadding(padded: Float32Array, paddedColumns: number, { columns, rows }: ImageCells): { peoplePerImageCell: Float32Array; peopleInPicture: number } {
  const peoplePerImageCell = new Float32Array(columns * rows);
  let peopleInPicture = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const people = padded[row * paddedColumns + column]!;
      if (!(people > 0)) continue;
      peoplePerImageCell[row * columns + column] = people;
      peopleInPicture += people;
    }
  }
  return { peoplePerImageCell, peopleInPicture };
}
