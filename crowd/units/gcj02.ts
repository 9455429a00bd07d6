// Chinese maps are often in GCJ-02, which is off by up to 700 m and by another amount at each place; taken back here, corner by corner, at the edge where a file comes in.
// The shift is that of eviltransform (https://github.com/googollee/eviltransform, after the sources published in 2011: SK-42 ellipsoid, a = 6378245, e² = 0.00669342162296594323); the way back is its iteration.
import type { LngLat } from '../../contract/geometry.ts';

const RADIUS_M = 6_378_245, ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943;
/** Closer than a centimetre after three or four rounds; never more than this many. */
const ROUNDS_MOST = 12, CLOSE_DEG = 1e-9;

export const hasShift = ({ lng, lat }: LngLat): boolean => lng >= 72.004 && lng <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;

export function gcj02FromWgs84(place: LngLat): LngLat {
  if (!hasShift(place)) return place;
  const x = place.lng - 105, y = place.lat - 35, xPi = x * Math.PI, yPi = y * Math.PI;
  const both = 20 * Math.sin(6 * xPi) + 20 * Math.sin(2 * xPi);
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + (2 / 3) * (both + 20 * Math.sin(yPi) + 40 * Math.sin(yPi / 3) + 160 * Math.sin(yPi / 12) + 320 * Math.sin(yPi / 30));
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + (2 / 3) * (both + 20 * Math.sin(xPi) + 40 * Math.sin(xPi / 3) + 150 * Math.sin(xPi / 12) + 300 * Math.sin(xPi / 30));
  const lat = (place.lat * Math.PI) / 180, root = Math.sqrt(1 - ECCENTRICITY_SQUARED * Math.sin(lat) ** 2);
  return {
    lng: place.lng + (east * 180) / ((RADIUS_M / root) * Math.cos(lat) * Math.PI),
    lat: place.lat + (north * 180) / (((RADIUS_M * (1 - ECCENTRICITY_SQUARED)) / root ** 3) * Math.PI),
  };
}

export function wgs84FromGcj02(place: LngLat): LngLat {
  if (!hasShift(place)) return place;
  let guess = place;
  for (let round = 0; round < ROUNDS_MOST; round++) {
    const there = gcj02FromWgs84(guess), lng = place.lng - there.lng, lat = place.lat - there.lat;
    guess = { lng: guess.lng + lng, lat: guess.lat + lat };
    if (Math.abs(lng) < CLOSE_DEG && Math.abs(lat) < CLOSE_DEG) break;
  }
  return guess;
}
