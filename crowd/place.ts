// From a site's metres to the globe and back: the plane that touches the WGS-84 ellipsoid at the site's origin.
// Metres east and north are arcs of the two radii of curvature there; across half a kilometre this differs from the ellipsoid by under 0.1 m up to 70 degrees of latitude.
import type { LngLat, SitePoint } from '../contract/geometry.ts';

export function lngLatOf(origin: LngLat, point: SitePoint): LngLat {
  const perDegree = metresPerDegree(origin.lat);
  return { lng: origin.lng + point.xM / perDegree.eastM, lat: origin.lat + point.yM / perDegree.northM };
}

export function sitePointOf(origin: LngLat, place: LngLat): SitePoint {
  const perDegree = metresPerDegree(origin.lat);
  // The shorter way round, so that a site may lie across the date line.
  const lngDifference = ((((place.lng - origin.lng + 180) % 360) + 360) % 360) - 180;
  return { xM: lngDifference * perDegree.eastM, yM: (place.lat - origin.lat) * perDegree.northM };
}

// WGS-84: equatorial radius and first eccentricity squared (NIMA TR8350.2).
const EQUATOR_RADIUS_M = 6_378_137, ECCENTRICITY_SQUARED = 0.006_694_379_990_14;

function metresPerDegree(latDeg: number): { eastM: number; northM: number } {
  const lat = (latDeg * Math.PI) / 180;
  const root = Math.sqrt(1 - ECCENTRICITY_SQUARED * Math.sin(lat) ** 2);
  const northRadiusM = (EQUATOR_RADIUS_M * (1 - ECCENTRICITY_SQUARED)) / root ** 3, eastRadiusM = EQUATOR_RADIUS_M / root;
  return { eastM: (eastRadiusM * Math.cos(lat) * Math.PI) / 180, northM: (northRadiusM * Math.PI) / 180 };
}
