// What a data-protection impact assessment says of this installation, or of one unit of it, as it is set now: gathered from the live settings, never from memory. No name of a person is in it.
import { ACCOUNT_ROLES, RIGHTS_OF, type Right } from '../../contract/access.ts';
import { APPROVAL_WHATS, type ApprovalWhat } from '../../contract/approval.ts';
import type { PurgeReport, RetentionInForce } from '../../contract/privacy.ts';
import { retentionDefaults } from '../../config/retentionDefaults.ts';
import { retentionInForce } from '../../crowd/retention.ts';
import type { ServerParts } from '../parts.ts';

export const RISKS = ['noTls', 'secondFactorOptional', 'noMasks', 'noPreset', 'neverPurged', 'purgeUnproved', 'oneAdministrator', 'nobodyConfirms', 'demoOn', 'noUnits', 'longPast'] as const;
export type Risk = (typeof RISKS)[number];

export type AssessmentFacts = {
  atMs: number; unitNames: { en: string; zh: string } | null;
  sites: { name: string; areaM2: number; zones: number; cameras: number; camerasPlaced: number; camerasMasked: number; masks: number; demo: boolean }[];
  /** How many accounts have a role at or below this unit, or above it; nobody's name. */
  roles: { role: (typeof ACCOUNT_ROLES)[number]; accounts: number; rights: readonly Right[] }[];
  accounts: number; accountsWithSecondFactor: number;
  retention: RetentionInForce; holds: number;
  channels: { kind: string; count: number }[];
  secondPerson: readonly ApprovalWhat[];
  audit: { lines: number };
  purge: Pick<PurgeReport, 'atMs' | 'proved' | 'complete'> | null;
  tls: string; secondFactor: string; floorPeople: number;
  risks: Risk[];
};

/** For whoever may see all of the unit; read as the product, since counts of accounts and channels lie above any one unit. */
export async function assessmentFacts({ store, settings }: Pick<ServerParts, 'store' | 'settings'>, unitId: string | null, atMs: number): Promise<AssessmentFacts> {
  const [allSites, accounts, channels, sets, holds, head, reports, units] = await Promise.all([store.sites(), store.accounts(), store.channels(), store.retentionSets(), store.holds(atMs), store.auditHead(), store.purgeReports(1), store.units()]);
  const inside = unitId === null ? null : new Set(await store.unitSubtree(unitId)), chain = unitId === null ? [] : (await store.unitChain(unitId)).map((unit) => unit.unitId), above = new Set<string | null>([null, ...chain]);
  const sites = [];
  for (const config of allSites) {
    const place = inside === null ? null : await store.placeOf('site', config.site.siteId);
    if (inside !== null && (place?.unitId == null || !inside.has(place.unitId))) continue;
    const { site, zones, sensors } = config;
    sites.push({
      name: site.name, areaM2: site.grid.columns * site.grid.rows * site.grid.cellM ** 2, zones: zones.length, cameras: sensors.length, camerasPlaced: sensors.filter((sensor) => sensor.calibration !== null).length,
      camerasMasked: sensors.filter((sensor) => (sensor.masks?.polygons.length ?? 0) > 0).length, masks: sensors.reduce((sum, sensor) => sum + (sensor.masks?.polygons.length ?? 0), 0), demo: site.demo,
    });
  }
  const reaches = (at: string | null) => inside === null || above.has(at) || (at !== null && inside.has(at));
  const enabled = accounts.filter((account) => account.enabled && account.roles.some(({ unitId: at }) => reaches(at)));
  const roles = ACCOUNT_ROLES.map((role) => ({ role, accounts: enabled.filter((account) => account.roles.some((one) => one.role === role && reaches(one.unitId))).length, rights: RIGHTS_OF[role] }));
  const retention = retentionInForce(chain, sets, retentionDefaults(settings));
  const kinds = new Map<string, number>();
  for (const channel of channels) if (channel.enabled) kinds.set(channel.kind, (kinds.get(channel.kind) ?? 0) + 1);
  const confirmers = enabled.filter((account) => account.roles.some((one) => RIGHTS_OF[one.role].includes('confirm') && reaches(one.unitId))).length;
  const administrators = enabled.filter((account) => account.roles.some((one) => one.role === 'administrator' && one.unitId === null)).length;
  const purge = reports[0] ?? null, real = sites.filter((site) => !site.demo), hours = (kind: string) => retention.kinds.find((one) => one.kind === kind)!.hours;
  const risks: Risk[] = [];
  if (settings.tls === 'off') risks.push('noTls');
  if (settings.secondFactor === 'optional') risks.push('secondFactorOptional');
  if (real.some((site) => site.cameras > site.camerasMasked)) risks.push('noMasks');
  if (retention.preset === 'none') risks.push('noPreset');
  if (purge === null) risks.push('neverPurged'); else if (!purge.proved) risks.push('purgeUnproved');
  if (administrators < 2) risks.push('oneAdministrator');
  if (confirmers < 2) risks.push('nobodyConfirms');
  if (sites.some((site) => site.demo)) risks.push('demoOn');
  if (units.length === 0) risks.push('noUnits');
  if (hours('zoneMinutes') > 366 * 24 || hours('incidents') > 3 * 366 * 24) risks.push('longPast');
  return {
    atMs, unitNames: unitId === null ? null : units.find((unit) => unit.unitId === unitId)?.names ?? null, sites, roles, accounts: enabled.length, accountsWithSecondFactor: enabled.filter((account) => account.secondFactors.length > 0).length,
    retention, holds: holds.filter((hold) => hold.endedAtMs === null && hold.untilMs > atMs && reaches(hold.unitId)).length, channels: [...kinds].map(([kind, count]) => ({ kind, count })).toSorted((a, b) => (a.kind < b.kind ? -1 : 1)),
    secondPerson: APPROVAL_WHATS, audit: { lines: head.seq }, purge: purge === null ? null : { atMs: purge.atMs, proved: purge.proved, complete: purge.complete },
    tls: settings.tls, secondFactor: settings.secondFactor, floorPeople: 3, risks,
  };
}
