// The name of a place; where nobody gave it one, the site's, or where it lies.
import type { LngLat } from '../../contract/geometry.ts';

export function placeWords({ placeName, siteName, point }: { placeName: string; siteName: string; point: LngLat }): string {
  return placeName !== '' ? placeName : siteName !== '' ? siteName : `${point.lat.toFixed(4)}, ${point.lng.toFixed(4)}`;
}
