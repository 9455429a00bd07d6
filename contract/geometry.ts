// Positions, and the metric plane of a site. A position is never a bare pair of numbers.
import Type from 'typebox';
import { strictObject } from './schema.ts';

/** WGS-84, degrees. */
export const LngLat = strictObject({ lng: Type.Number({ minimum: -180, maximum: 180 }), lat: Type.Number({ minimum: -85, maximum: 85 }) });
export type LngLat = Type.Static<typeof LngLat>;

/** Metres east and north of the site's origin (the south-west corner of its grid). */
export const SitePoint = strictObject({ xM: Type.Number({ minimum: -100_000, maximum: 100_000 }), yM: Type.Number({ minimum: -100_000, maximum: 100_000 }) });
export type SitePoint = Type.Static<typeof SitePoint>;

/** A place in a picture as shares of its width and height (0..1, y down), so that it holds for every size of the same view. */
export const PicturePoint = strictObject({ xShare: Type.Number({ minimum: -1, maximum: 2 }), yShare: Type.Number({ minimum: -1, maximum: 2 }) });
export type PicturePoint = Type.Static<typeof PicturePoint>;

export const CELL_SIZES_M = [1, 2, 4] as const;
/** Most cells of one site: 250,000 at 1 m is half a kilometre square. */
export const CELLS_MOST = 250_000;

/** The metric grid of a site. Cell (column, row) covers xM in [column*cellM, (column+1)*cellM), yM likewise; row 0 is the southernmost; index = row * columns + column. */
export const GridSpec = strictObject({
  cellM: Type.Union([Type.Literal(1), Type.Literal(2), Type.Literal(4)], { title: 'cell side, metres' }),
  columns: Type.Integer({ minimum: 1, maximum: 4000 }),
  rows: Type.Integer({ minimum: 1, maximum: 4000 }),
});
export type GridSpec = Type.Static<typeof GridSpec>;

/** A rectangle of cells of a site's grid. */
export const GridWindow = strictObject({
  columnFirst: Type.Integer({ minimum: 0 }), rowFirst: Type.Integer({ minimum: 0 }),
  columns: Type.Integer({ minimum: 0 }), rows: Type.Integer({ minimum: 0 }),
});
export type GridWindow = Type.Static<typeof GridWindow>;

