// Web Mercator in the unit square, in doubles, as MapLibre has it.
import type { LngLat } from '../../contract/geometry.ts';

export function mercatorOf({ lng, lat }: LngLat): { x: number; y: number } {
  return { x: (lng + 180) / 360, y: (180 - (180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360))) / 360 };
}
