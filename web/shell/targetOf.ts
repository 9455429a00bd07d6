// Where on the ground an alarm, a zone or a camera is.
import type { Alarm } from '../../contract/alarm.ts';
import type { SiteConfig } from '../../contract/site.ts';
import { footprint } from '../../crowd/ground.ts';
import type { Target } from './chosen.ts';

export function targetOfAlarm(alarm: Alarm, sites: readonly SiteConfig[]): Target | null {
  const { place } = alarm;
  switch (place.kind) {
    case 'zone': return targetOfZone(place.zoneId, sites);
    case 'sensor': return targetOfSensor(place.sensorId, sites);
    case 'line': return targetOfLine(place.lineId, sites);
  }
}
export function targetOfZone(zoneId: string, sites: readonly SiteConfig[]): Target | null {
  for (const { zones } of sites) for (const zone of zones) if (zone.zoneId === zoneId) return { siteId: zone.siteId, points: zone.polygon };
  return null;
}
export function targetOfLine(lineId: string, sites: readonly SiteConfig[]): Target | null {
  for (const { lines = [] } of sites) for (const line of lines) if (line.lineId === lineId) return { siteId: line.siteId, points: [line.a, line.b] };
  return null;
}
export function targetOfSensor(sensorId: string, sites: readonly SiteConfig[]): Target | null {
  for (const { site, sensors } of sites) for (const { sensorId: id, calibration } of sensors) {
    if (id === sensorId) return calibration === null ? targetOfSite(site.siteId, sites) : { siteId: site.siteId, points: [calibration.position, ...footprint(calibration, site.grid)] };
  }
  return null;
}
export function targetOfSite(siteId: string, sites: readonly SiteConfig[]): Target | null {
  const found = sites.find(({ site }) => site.siteId === siteId);
  if (found === undefined) return null;
  const { columns, rows, cellM } = found.site.grid;
  return { siteId, points: [{ xM: 0, yM: 0 }, { xM: columns * cellM, yM: rows * cellM }] };
}
