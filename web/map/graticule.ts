// The metric graticule: the ground of the map where no base map is laid in. Lines at whole metres of one site, 10 m apart or more.
import { lngLatOf, sitePointOf } from '../../crowd/place.ts';
import type { LngLat } from '../../contract/geometry.ts';

const STEPS_M = [10, 50, 100, 500, 1000] as const;
/** Nearer lines than this are a grey area, not a scale. */
const APART_PX = 18;
/** Farther out than this a plane of metres is no map any more. */
const LINES_MOST = 200;

export type Graticule = { stepM: number; lines: { coordinates: [number, number][]; strong: boolean }[] };

export function graticule({ origin, west, south, east, north, metresPerPx }: { origin: LngLat; west: number; south: number; east: number; north: number; metresPerPx: number }): Graticule | null {
  const stepM = STEPS_M.find((step) => step / metresPerPx >= APART_PX);
  if (stepM === undefined) return null;
  const corners = [{ lng: west, lat: south }, { lng: east, lat: south }, { lng: west, lat: north }, { lng: east, lat: north }].map((corner) => sitePointOf(origin, corner));
  const from = { xM: floorTo(Math.min(...corners.map(({ xM }) => xM)), stepM), yM: floorTo(Math.min(...corners.map(({ yM }) => yM)), stepM) };
  const to = { xM: Math.max(...corners.map(({ xM }) => xM)) + stepM, yM: Math.max(...corners.map(({ yM }) => yM)) + stepM };
  if (!((to.xM - from.xM) / stepM + (to.yM - from.yM) / stepM < LINES_MOST)) return null;
  const lines: Graticule['lines'] = [];
  const line = (a: { xM: number; yM: number }, b: { xM: number; yM: number }, strong: boolean) => lines.push({ strong, coordinates: [a, b].map((point) => { const { lng, lat } = lngLatOf(origin, point); return [lng, lat]; }) });
  for (let xM = from.xM; xM <= to.xM; xM += stepM) line({ xM, yM: from.yM }, { xM, yM: to.yM }, isStrong(xM, stepM));
  for (let yM = from.yM; yM <= to.yM; yM += stepM) line({ xM: from.xM, yM }, { xM: to.xM, yM }, isStrong(yM, stepM));
  return { stepM, lines };
}

const floorTo = (value: number, step: number) => Math.floor(value / step) * step;
// Every fifth line at 10 m, every second at 50 m: the strong ones are 50 m, 100 m, ... apart.
const isStrong = (valueM: number, stepM: number) => Math.round(valueM / stepM) % (stepM === 50 || stepM === 500 ? 2 : 5) === 0;
