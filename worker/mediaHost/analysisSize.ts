// The size at which the detector looks at a picture, and in which parts: never distorted, never more pixels than the budget, padded to what the net can take.
// A placed camera is looked at as finely as the farthest heads that matter need, and only where its picture shows ground.
import type { AnalysisNeed } from '../../crowd/analysisNeed.ts';
import type { ImageCells } from './messages.ts';

export type AnalysisBecause = 'notPlaced' | 'headsLargeEnough' | 'budget' | 'stream';
export type AnalysisSize = {
  /** The whole picture as it is scaled, at the top left. */
  scaledWidthPx: number; scaledHeightPx: number;
  /** With the padding at right and bottom. */
  paddedWidthPx: number; paddedHeightPx: number;
  /** The cells that hold picture; those in the padding are cut off. */
  imageCells: ImageCells;
  /** Width / height as it is meant to be seen. */
  pictureAspect: number;
  tiles: Tile[];
  because: AnalysisBecause;
  /** A head at the far end of the ground that matters, in pixels of the scaled picture; null where nothing says which. */
  farHeadPx: number | null;
};
/** A part that is looked at on its own. */
export type Tile = {
  /** What the net is given, in pixels of the padded picture; all multiples of what it can take. */
  leftPx: number; topPx: number; widthPx: number; heightPx: number;
  /** The cells of the whole picture that it answers for; no cell belongs to two tiles. */
  columnFirst: number; rowFirst: number; columns: number; rows: number;
};

/** Pixels of a picture of which nobody has said what matters in it; the setting analysisPixelsMost may say less. */
export const USUAL_PIXELS = 640 * 384;

/** `pixelAspect` is the width of a stored pixel over its height: 1 but for old video standards. Without `need` the picture is looked at as large as `pixelsMost` allows, in one. */
export function analysisSize({ widthPx, heightPx, pixelAspect, pixelsMost, multiplePx, stridePx, need = null }: {
  widthPx: number; heightPx: number; pixelAspect: number; pixelsMost: number; multiplePx: number; stridePx: number; need?: AnalysisNeed | null;
}): AnalysisSize {
  const seenWidthPx = widthPx * pixelAspect, frame = { widthPx: seenWidthPx, heightPx, multiplePx, stridePx, need };
  const usual = usualScale(seenWidthPx * heightPx, need === null ? pixelsMost : Math.min(pixelsMost, USUAL_PIXELS));
  if (need === null) return sized(frame, usual, 'notPlaced');
  const wanted = wantedScale(need, heightPx, usual);
  let scale = Math.min(wanted, ENLARGED_MOST), because: AnalysisBecause = wanted > ENLARGED_MOST ? 'stream' : 'headsLargeEnough';
  let size = sized(frame, scale, because);
  // Cutting into tiles is not smooth in the scale: a few steps down until what is looked at fits.
  for (let step = 0; step < 12 && scale > usual && lookedPx(size) > pixelsMost; step++) {
    because = 'budget';
    scale = Math.max(usual, scale * Math.min(0.97, Math.sqrt(pixelsMost / lookedPx(size))));
    size = sized(frame, scale, because);
  }
  return size;
}

/** Pixels that the net looks at, padding and margins of tiles included: what a look costs goes with them. */
export const lookedPx = ({ tiles }: Pick<AnalysisSize, 'tiles'>): number => tiles.reduce((sum, tile) => sum + tile.widthPx * tile.heightPx, 0);

function usualScale(seenPx: number, pixelsMost: number): number {
  const fits = Math.sqrt(pixelsMost / seenPx);
  // A small picture is enlarged, since heads of few pixels are missed (vtest: error 2.0 at 480 px, 1.0 at 960); one near the budget is left as it is.
  return fits > ENLARGED_ABOVE ? Math.min(fits, ENLARGED_MOST) : Math.min(1, fits);
}

/** As large as far heads need, as small as near heads must be; the usual size where both are content with it. */
function wantedScale({ farHeadShare, nearHeadShare }: AnalysisNeed, heightPx: number, usual: number): number {
  let scale = usual;
  if (farHeadShare !== null) scale = Math.max(Math.min(scale, FAR_HEAD_PX_PLENTY / (farHeadShare * heightPx)), FAR_HEAD_PX_WANTED / (farHeadShare * heightPx));
  if (nearHeadShare !== null && nearHeadShare * heightPx * scale > NEAR_HEAD_PX_MOST) {
    // Where both cannot be had, far heads go first: there the crowd is denser in the picture, and a near head that is too large is one head.
    const forFar = farHeadShare === null ? usual / 2 : FAR_HEAD_PX_WANTED / (farHeadShare * heightPx);
    scale = Math.min(scale, Math.max(NEAR_HEAD_PX_MOST / (nearHeadShare * heightPx), forFar));
  }
  return Math.max(scale, usual / 4);
}

type Seen = { widthPx: number; heightPx: number; multiplePx: number; stridePx: number; need: AnalysisNeed | null };

function sized({ widthPx, heightPx, multiplePx, stridePx, need }: Seen, scale: number, because: AnalysisBecause): AnalysisSize {
  let scaledWidthPx = Math.max(1, Math.round(widthPx * scale)), scaledHeightPx = Math.max(1, Math.round(heightPx * scale));
  // A few rows over a multiple would be paid as a whole strip of padding (360 -> 384): a picture smaller by 6 % at most saves it.
  const over = scaledHeightPx % multiplePx;
  if (over > 0 && over / scaledHeightPx <= SHRUNK_MOST && scaledHeightPx > multiplePx) {
    const shrunk = (scaledHeightPx - over) / scaledHeightPx;
    scaledHeightPx -= over;
    scaledWidthPx = Math.max(1, Math.round(scaledWidthPx * shrunk));
  }
  const upTo = (sizePx: number) => Math.ceil(sizePx / multiplePx) * multiplePx;
  const size = {
    scaledWidthPx, scaledHeightPx, paddedWidthPx: upTo(scaledWidthPx), paddedHeightPx: upTo(scaledHeightPx), pictureAspect: widthPx / heightPx, because,
    imageCells: {
      columns: Math.ceil(scaledWidthPx / stridePx), rows: Math.ceil(scaledHeightPx / stridePx),
      cellWidthShare: stridePx / scaledWidthPx, cellHeightShare: stridePx / scaledHeightPx,
    },
    farHeadPx: need === null || need.farHeadShare === null ? null : need.farHeadShare * scaledHeightPx,
  };
  const whole: Tile = { leftPx: 0, topPx: 0, widthPx: size.paddedWidthPx, heightPx: size.paddedHeightPx, columnFirst: 0, rowFirst: 0, columns: size.imageCells.columns, rows: size.imageCells.rows };
  return { ...size, tiles: (need === null ? null : tilesOf(size, need, multiplePx, stridePx)) ?? [whole] };
}

/** The cheapest cut into tiles that holds every cell that shows ground; null: the whole picture in one is as cheap. */
function tilesOf({ paddedWidthPx, paddedHeightPx, imageCells: { columns, rows } }: Omit<AnalysisSize, 'tiles'>, need: AnalysisNeed, multiplePx: number, stridePx: number): Tile[] | null {
  // For each cell whether ground may be seen there.
  const shows = (column: number, row: number): boolean => need.shows[Math.min(need.rows - 1, Math.floor(((row + 0.5) / rows) * need.rows)) * need.columns + Math.min(need.columns - 1, Math.floor(((column + 0.5) / columns) * need.columns))] === 1;
  const boxOf = (fromColumn: number, toColumn: number, fromRow: number, toRow: number) => {
    let left = Infinity, right = -1, top = Infinity, bottom = -1;
    for (let row = fromRow; row < toRow; row++) for (let column = fromColumn; column < toColumn; column++) {
      if (!shows(column, row)) continue;
      left = Math.min(left, column); right = Math.max(right, column + 1); top = Math.min(top, row); bottom = row + 1;
    }
    return right < 0 ? null : { left, right, top, bottom };
  };
  const box = boxOf(0, columns, 0, rows);
  if (box === null) return null;
  const down = (px: number, marginPx: number) => Math.max(0, Math.floor((px - marginPx) / multiplePx) * multiplePx), up = (px: number, marginPx: number, mostPx: number) => Math.min(mostPx, Math.ceil((px + marginPx) / multiplePx) * multiplePx);
  const wholePx = paddedWidthPx * paddedHeightPx;
  let best: { tiles: Tile[]; cost: number } | null = null;
  for (let across = 1; across <= TILES_ACROSS_MOST; across++) for (let along = 1; along <= TILES_ACROSS_MOST; along++) {
    const tiles: Tile[] = [];
    let px = 0, fits = true;
    for (let y = 0; y < along; y++) for (let x = 0; x < across; x++) {
      const edge = (from: number, to: number, part: number, parts: number) => from + Math.round(((to - from) * part) / parts);
      const left = edge(box.left, box.right, x, across), right = edge(box.left, box.right, x + 1, across), top = edge(box.top, box.bottom, y, along), bottom = edge(box.top, box.bottom, y + 1, along);
      const core = boxOf(left, right, top, bottom);
      if (core === null) continue;
      const margin = (isSeam: boolean) => (isSeam ? SEAM_MARGIN_PX : EDGE_MARGIN_PX);
      const leftPx = down(core.left * stridePx, margin(x > 0 && core.left === left)), topPx = down(core.top * stridePx, margin(y > 0 && core.top === top));
      const widthPx = up(core.right * stridePx, margin(x < across - 1 && core.right === right), paddedWidthPx) - leftPx, heightPx = up(core.bottom * stridePx, margin(y < along - 1 && core.bottom === bottom), paddedHeightPx) - topPx;
      tiles.push({ leftPx, topPx, widthPx, heightPx, columnFirst: core.left, rowFirst: core.top, columns: core.right - core.left, rows: core.bottom - core.top });
      px += widthPx * heightPx;
      fits &&= widthPx * heightPx <= TILE_PIXELS_MOST;
    }
    const cost = px * (1 + TILE_PRICE_SHARE * (tiles.length - 1)) * (fits ? 1 : 10);
    if (best === null || cost < best.cost) best = { tiles, cost };
  }
  return best === null || (best.cost > (1 - CUT_GAIN_LEAST) * wholePx && wholePx <= TILE_PIXELS_MOST) ? null : best.tiles;
}

const ENLARGED_ABOVE = 1.15, ENLARGED_MOST = 2, SHRUNK_MOST = 0.06;
/**
 * Head from chin to crown, pixels. Far heads are brought to WANTED where the budget allows; no size is kept at which they have more than PLENTY. The net finds of rendered crowds
 * (`npm run bench -- heads`) 59 to 120 % at 4 px, 84 to 132 % at 5, 101 to 135 % at 6, 109 to 128 % at 8, 107 to 116 % from 10 to 12, 99 to 104 % at 18 from afar, 85 to 98 % at 32, 66 to 79 % at 64.
 */
export const FAR_HEAD_PX_WANTED = 8, FAR_HEAD_PX_PLENTY = 12, NEAR_HEAD_PX_MOST = 32;
/** How far a tile reaches beyond its own cells: at a seam, where people stand on both sides, so far that tiles and the whole picture agree (test/ingest/tiles.test.ts); where the ground ends, enough for heads and what is around them. */
export const SEAM_MARGIN_PX = 128, EDGE_MARGIN_PX = 64;
/** One look at more than this would need several hundred megabytes. */
const TILE_PIXELS_MOST = 1536 * 864;
const TILES_ACROSS_MOST = 6;
/** What one tile more costs beside its pixels, and what a cut must save to be worth its seams. */
const TILE_PRICE_SHARE = 0.03, CUT_GAIN_LEAST = 0.1;

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
