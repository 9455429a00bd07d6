// Where on the ground an alarm, a zone or a camera is.
import type { Alarm } from '../../contract/alarm.ts';
import type { SiteConfig } from '../../contract/site.ts';
import { footprint } from '../../crowd/ground.ts';
import type { Target } from './chosen.ts';

export function targetOfAlarm(alarm: Alarm, sites: readonly SiteConfig[]): Target | null {
  return alarm.place.kind === 'zone' ? targetOfZone(alarm.place.zoneId, sites) : targetOfSensor(alarm.place.sensorId, sites);
}
export function targetOfZone(zoneId: string, sites: readonly SiteConfig[]): Target | null {
  for (const { zones } of sites) for (const zone of zones) if (zone.zoneId === zoneId) return { siteId: zone.siteId, points: zone.polygon };
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
