// Where an alarm's incident lies, and what the incident keeps of the alarm.
import type { Alarm } from '../contract/alarm.ts';
import type { SitePoint } from '../contract/geometry.ts';
import type { AttachedAlarm, Category, IncidentPlace } from '../contract/incident.ts';
import type { SiteConfig, Zone } from '../contract/site.ts';
import { lngLatOf } from './place.ts';
import { insideRing, ringOf, signedArea } from './polygon.ts';

/** Without its unit, which the store knows. */
export type PlaceWithoutUnit = Omit<IncidentPlace, 'unitId'>;

/** Names as the alarm has them; its middle on the map as the site is now, the middle of the site where the place is gone. */
export function placeOfAlarm(alarm: Alarm, config: SiteConfig): PlaceWithoutUnit {
  const names = { siteId: alarm.siteId, siteName: alarm.siteName.slice(0, 200), placeName: alarm.placeName.slice(0, 200) };
  const at = (point: SitePoint) => lngLatOf(config.site.origin, point);
  const { place } = alarm;
  switch (place.kind) {
    case 'zone': {
      const zone = config.zones.find(({ zoneId }) => zoneId === place.zoneId);
      return { ...names, zoneId: place.zoneId, sensorId: null, point: at(zone === undefined ? siteMiddle(config) : polygonMiddle(zone.polygon)) };
    }
    case 'sensor': {
      const sensor = config.sensors.find(({ sensorId }) => sensorId === place.sensorId);
      return { ...names, zoneId: null, sensorId: place.sensorId, point: at(sensor?.calibration?.position ?? siteMiddle(config)) };
    }
    case 'line': {
      const line = config.lines?.find(({ lineId }) => lineId === place.lineId);
      return { ...names, zoneId: null, sensorId: null, point: at(line === undefined ? siteMiddle(config) : { xM: (line.a.xM + line.b.xM) / 2, yM: (line.a.yM + line.b.yM) / 2 }) };
    }
  }
}

export const placeOfZone = (zone: Zone, config: SiteConfig): PlaceWithoutUnit =>
  ({ siteId: config.site.siteId, zoneId: zone.zoneId, sensorId: null, siteName: config.site.name, placeName: zone.name, point: lngLatOf(config.site.origin, polygonMiddle(zone.polygon)) });

export const siteMiddle = ({ site: { grid } }: SiteConfig): SitePoint => ({ xM: (grid.columns * grid.cellM) / 2, yM: (grid.rows * grid.cellM) / 2 });

/** The centroid where it lies inside; else the middle of the widest stretch of the outline at some height. */
export function polygonMiddle(polygon: readonly SitePoint[]): SitePoint {
  const ring = ringOf(polygon), twiceArea = 2 * signedArea(ring);
  let xM = 0, yM = 0;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    const cross = ring[j]! * ring[i + 1]! - ring[i]! * ring[j + 1]!;
    xM += (ring[j]! + ring[i]!) * cross;
    yM += (ring[j + 1]! + ring[i + 1]!) * cross;
  }
  const centroid = { xM: xM / (3 * twiceArea), yM: yM / (3 * twiceArea) };
  if (Number.isFinite(centroid.xM + centroid.yM) && insideRing(ring, centroid.xM, centroid.yM)) return centroid;
  const ys = polygon.map((point) => point.yM), least = Math.min(...ys), most = Math.max(...ys);
  let widestM = 0, found: SitePoint = polygon[0]!;
  // Heights that no corner of a drawn outline is likely to have exactly.
  for (let step = 0; step < 16; step++) {
    const y = least + (most - least) * ((step + 0.4837) / 16);
    const crossings: number[] = [];
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) if ((ring[i + 1]! > y) !== (ring[j + 1]! > y)) crossings.push(ring[i]! + ((y - ring[i + 1]!) / (ring[j + 1]! - ring[i + 1]!)) * (ring[j]! - ring[i]!));
    crossings.sort((a, b) => a - b);
    for (let k = 0; k + 1 < crossings.length; k += 2) if (crossings[k + 1]! - crossings[k]! > widestM) { widestM = crossings[k + 1]! - crossings[k]!; found = { xM: (crossings[k]! + crossings[k + 1]!) / 2, yM: y }; }
  }
  return found;
}

export const attachedAlarmOf = ({ alarmId, rule, level, levelPeak, state, raisedAtMs, changedAtMs }: Alarm): AttachedAlarm => ({ alarmId, rule, level, levelPeak, state, raisedAtMs, changedAtMs });
/** A camera that sees or says nothing is equipment; all else that is judged is about crowding. */
export const categoryOfAlarm = ({ place }: Alarm): Category => (place.kind === 'sensor' ? 'equipment' : 'crowding');
