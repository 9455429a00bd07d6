// Which setup page an address names; the addresses themselves are in setupPaths of web/route.ts.
export type SetupPage =
  | { page: 'manage' } | { page: 'model' } | { page: 'channels' } | { page: 'addSite' } | { page: 'site'; siteId: string } | { page: 'addCamera'; siteId: string | null } | { page: 'camera'; sensorId: string }
  | { page: 'place' | 'masks'; sensorId: string } | { page: 'addZone'; siteId: string } | { page: 'zone'; zoneId: string } | { page: 'addLine'; siteId: string } | { page: 'line'; lineId: string } | { page: 'units'; unitId: string | null } | { page: 'addUnit'; parentId: string | null } | { page: 'importUnits' } | { page: 'unitChanges' }
  | { page: 'unitPeople'; unitId: string } | { page: 'unitPolicy'; unitId: string } | { page: 'playbooks'; siteId: string } | { page: 'unknown' };

export function setupPageOf(route: string): SetupPage {
  const [, setup, kind, id, part, last, ...rest] = route.replace(/\/+$/, '').split('/');
  if (setup !== 'setup' || rest.length > 0) return { page: 'unknown' };
  if (kind === undefined) return { page: 'manage' };
  if (kind === 'model' && id === undefined) return { page: 'model' };
  if (kind === 'channels' && id === undefined) return { page: 'channels' };
  if (kind === 'units') return unitPageOf(id, part, last);
  if (id === undefined) return { page: 'unknown' };
  if (kind === 'sites' && part === undefined) return id === 'new' ? { page: 'addSite' } : { page: 'site', siteId: id };
  if (kind === 'sites' && part === 'cameras' && last === 'new') return { page: 'addCamera', siteId: id };
  if (kind === 'sites' && part === 'zones' && last === 'new') return { page: 'addZone', siteId: id };
  if (kind === 'sites' && part === 'playbooks' && last === undefined) return { page: 'playbooks', siteId: id };
  if (kind === 'sites' && part === 'lines' && last === 'new') return { page: 'addLine', siteId: id };
  if (kind === 'lines' && part === undefined) return { page: 'line', lineId: id };
  if (kind === 'cameras' && part === undefined) return id === 'new' ? { page: 'addCamera', siteId: null } : { page: 'camera', sensorId: id };
  if (kind === 'cameras' && part === 'place' && last === undefined) return { page: 'place', sensorId: id };
  if (kind === 'cameras' && part === 'masks' && last === undefined) return { page: 'masks', sensorId: id };
  if (kind === 'zones' && part === undefined) return { page: 'zone', zoneId: id };
  return { page: 'unknown' };
}

function unitPageOf(id: string | undefined, part: string | undefined, last: string | undefined): SetupPage {
  if (last !== undefined) return { page: 'unknown' };
  if (id === 'new') return { page: 'addUnit', parentId: part ?? null };
  if (part === 'people' && id !== undefined) return { page: 'unitPeople', unitId: id };
  if (part === 'policy' && id !== undefined) return { page: 'unitPolicy', unitId: id };
  if (part !== undefined) return { page: 'unknown' };
  if (id === 'import') return { page: 'importUnits' };
  return id === 'changes' ? { page: 'unitChanges' } : { page: 'units', unitId: id ?? null };
}
