// What a camera's placing asks of the picture that is counted: how small the farthest heads are that matter, how large the nearest, and which parts of it show ground at all.
import type { GridSpec } from '../contract/geometry.ts';
import type { Calibration, Zone } from '../contract/site.ts';
import { sightOf } from './ground.ts';
import { fitCalibration, groundToHead } from './homography.ts';
import { insideRing, ringOf } from './polygon.ts';

export type AnalysisNeed = {
  /** A head at the far end of the zones, or of the placing's range where no zone is seen, as a share of the picture's height. Null: nothing asks for more than the usual size. */
  farHeadShare: number | null;
  /** The same for the nearest ground; null where no ground is seen. */
  nearHeadShare: number | null;
  /** Blocks of the picture, row by row from the top; 1: ground of the site's grid may be counted there. */
  columns: number; rows: number; shows: Uint8Array;
};

/** Null where the points do not fit: such a camera is looked at like one that is not placed. */
export function analysisNeed({ calibration, grid, zones }: { calibration: Calibration; grid: GridSpec; zones: readonly Pick<Zone, 'polygon'>[] }): AnalysisNeed | null {
  const fit = fitCalibration(calibration);
  if (!fit.ok) return null;
  // As if the picture were looked at in the finest detail that there is: what is usable then holds what is usable at any size.
  const { pictureAspect, rangeMostM } = calibration, finestWidthPx = FINEST_HEIGHT_PX * pictureAspect;
  const sight = sightOf(fit.homography, calibration, { columns: Math.ceil(finestWidthPx / 8), rows: FINEST_HEIGHT_PX / 8, cellWidthShare: 8 / finestWidthPx, cellHeightShare: 8 / FINEST_HEIGHT_PX, cellPx: 8 }, grid.cellM);
  if (sight === null) return null;
  const headShareAt = (xShare: number, yShare: number): number | null => {
    if (!(xShare >= 0 && xShare <= 1 && yShare >= 0 && yShare <= 1)) return null;
    const look = sight.look(xShare, yShare);
    if (look.why !== 'known' || look.place.xM < 0 || look.place.yM < 0 || look.place.xM > grid.columns * grid.cellM || look.place.yM > grid.rows * grid.cellM) return null;
    return look.headPx / FINEST_HEIGHT_PX;
  };

  const columns = BLOCKS_ACROSS, rows = Math.max(1, Math.round(BLOCKS_ACROSS / pictureAspect)), seen = new Uint8Array(columns * rows), heads: number[] = [];
  for (let y = 0; y <= 2 * rows; y++) for (let x = 0; x <= 2 * columns; x++) {
    const share = headShareAt(x / 2 / columns, y / 2 / rows);
    if (share === null) continue;
    heads.push(share);
    for (const row of [Math.floor((y - 1) / 2), Math.floor(y / 2)]) for (const column of [Math.floor((x - 1) / 2), Math.floor(x / 2)]) if (row >= 0 && row < rows && column >= 0 && column < columns) seen[row * columns + column] = 1;
  }
  // One block more all around: what lies between the points looked at, and heads that reach over an edge.
  const shows = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
    if (seen[row * columns + column] === 0) continue;
    for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) shows[y * columns + x] = 1;
  }

  const rings = zones.map(({ polygon }) => ringOf(polygon)), inZones: number[] = [], inRange: number[] = [];
  for (let row = 0; row < grid.rows; row++) for (let column = 0; column < grid.columns; column++) {
    const xM = (column + 0.5) * grid.cellM, yM = (row + 0.5) * grid.cellM, inZone = rings.some((ring) => insideRing(ring, xM, yM));
    if (!inZone && rangeMostM === null) continue;
    const head = groundToHead(fit.homography, calibration, { xM, yM }), share = head === null ? null : headShareAt(head.xShare, head.yShare);
    if (share !== null) (inZone ? inZones : inRange).push(share);
  }
  return { farHeadShare: shareAt(inZones.length > 0 ? inZones : inRange, FAR_PART), nearHeadShare: shareAt(heads, 1 - FAR_PART), columns, rows, shows };
}

/** More rows than any camera has. */
const FINEST_HEIGHT_PX = 4320;
const BLOCKS_ACROSS = 48;
/** The farthest twentieth of the ground (a corner of a zone, say) does not set the size for all of it. */
const FAR_PART = 0.05;

function shareAt(shares: number[], part: number): number | null {
  return shares.length === 0 ? null : shares.sort((a, b) => a - b)[Math.min(shares.length - 1, Math.floor(part * shares.length))]!;
}
