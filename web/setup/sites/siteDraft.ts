// A site while it is entered: how large, how fine, where. Pure: values in, values out.
import type { SiteBody } from '../../../contract/api.ts';
import { CELLS_MOST, type LngLat } from '../../../contract/geometry.ts';
import type { Site } from '../../../contract/site.ts';
import { lngLatOf } from '../../../crowd/place.ts';

export type SiteDraft = { name: string; origin: LngLat; widthM: number; depthM: number; cellM: 1 | 2 | 4 };

/** A square of 60 m at 1 m holds most forecourts; a first guess, shown as such. */
const START = { widthM: 60, depthM: 60, cellM: 1 } as const;
const GAP_M = 40;
export const SIDE_MOST_M = 4000;

/** A new site begins east of the last one, so that two do not lie on each other where there is no base map to tell. */
export function draftOfSite(site: Site | null, others: readonly Site[]): SiteDraft {
  if (site !== null) return { name: site.name, origin: site.origin, widthM: site.grid.columns * site.grid.cellM, depthM: site.grid.rows * site.grid.cellM, cellM: site.grid.cellM };
  const last = others.filter(({ demo }) => !demo).at(-1) ?? others.at(-1);
  const origin = last === undefined ? { lng: 0, lat: 0 } : lngLatOf(last.origin, { xM: last.grid.columns * last.grid.cellM + GAP_M, yM: 0 });
  return { name: '', origin: roundedLngLat(origin), ...START };
}

/** Whole cells: a side that is no multiple of the cell is made a little longer, never shorter. */
export function bodyOfSite(draft: SiteDraft): SiteBody {
  const cells = (sideM: number) => Math.min(4000, Math.max(1, Math.ceil(sideM / draft.cellM - 1e-9)));
  return { name: draft.name.trim(), origin: roundedLngLat(draft.origin), grid: { cellM: draft.cellM, columns: cells(draft.widthM), rows: cells(draft.depthM) } };
}

export const cellsOf = (draft: SiteDraft): number => { const { grid } = bodyOfSite(draft); return grid.columns * grid.rows; };
/** Null when it fits; else the smallest cell with which it would, or 'none'. */
export function tooManyCells(draft: SiteDraft): { cells: number; most: number; cellM: 2 | 4 | null } | null {
  const cells = cellsOf(draft);
  if (cells <= CELLS_MOST) return null;
  const fits = ([2, 4] as const).find((cellM) => cellM > draft.cellM && cellsOf({ ...draft, cellM }) <= CELLS_MOST);
  return { cells, most: CELLS_MOST, cellM: fits ?? null };
}
/** Seven decimals are a centimetre. */
export const roundedLngLat = ({ lng, lat }: LngLat): LngLat => ({ lng: Math.round(lng * 1e7) / 1e7, lat: Math.round(lat * 1e7) / 1e7 });
