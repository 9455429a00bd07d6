// Where what is sent lies, and who therefore sees it: screens of one scope are one group, and each message is held against each group once.
import type { Place, Scope } from '../../contract/access.ts';
import type { Store } from '../../store/store.ts';

/** In these units, lowest first, and all above them; and at this site. 'everywhere': no content that lies anywhere. */
export type Lies = 'everywhere' | { unitIds: readonly string[]; siteId: string | null };
export const NOWHERE: Lies = { unitIds: [], siteId: null };

export type Eyes = { key: string; sees(lies: Lies): boolean };
export function eyesOf({ all, unitIds, siteIds }: Scope): Eyes {
  const units = new Set(unitIds), sites = new Set(siteIds);
  return {
    key: all ? 'all' : JSON.stringify([[...units].sort(), [...sites].sort()]),
    sees: (lies) => all || lies === 'everywhere' || (lies.siteId !== null && sites.has(lies.siteId)) || lies.unitIds.some((unitId) => units.has(unitId)),
  };
}

export type Places = {
  site(siteId: string): Lies;
  sensor(sensorId: string): Lies;
  /** Of a place that was looked up: with all units above. */
  of(place: Place): Promise<Lies>;
  /** Reads anew what lies where; tells of each site that it, or a camera of it, lies elsewhere now: who saw it before, or does now. */
  refresh(): Promise<{ siteId: string; before: Lies; now: Lies }[]>;
};

export function openPlaces(store: Pick<Store, 'places' | 'unitChain'>): Places {
  let sites = new Map<string, Lies>(), sensors = new Map<string, Lies & object>();
  const chainOf = async (unitId: string | null | undefined): Promise<string[]> => (unitId === null || unitId === undefined ? [] : (await store.unitChain(unitId)).map((unit) => unit.unitId));
  return {
    site: (siteId) => sites.get(siteId) ?? NOWHERE,
    sensor: (sensorId) => sensors.get(sensorId) ?? NOWHERE,
    async of({ unitId, siteId, alsoUnitId }) { return { unitIds: [...await chainOf(unitId), ...alsoUnitId === unitId ? [] : await chainOf(alsoUnitId)], siteId }; },
    async refresh() {
      const found = await store.places(), chains = new Map<string | null, string[]>();
      const chain = async (unitId: string | null) => { let known = chains.get(unitId); if (known === undefined) chains.set(unitId, known = await chainOf(unitId)); return known; };
      const nextSites = new Map<string, Lies>(), nextSensors = new Map<string, Lies & object>();
      for (const { siteId, unitId } of found.sites) nextSites.set(siteId, { unitIds: await chain(unitId), siteId });
      for (const { sensorId, siteId, unitId } of found.sensors) nextSensors.set(sensorId, { unitIds: await chain(unitId), siteId });
      const moved: { siteId: string; before: Lies; now: Lies }[] = [];
      for (const [siteId, now] of nextSites) { const before = sites.get(siteId); if (before !== undefined && !isSame(before, now)) moved.push({ siteId, before, now }); }
      for (const [sensorId, now] of nextSensors) { const before = sensors.get(sensorId); if (before !== undefined && !isSame(before, now)) moved.push({ siteId: now.siteId!, before, now }); }
      sites = nextSites;
      sensors = nextSensors;
      return moved;
    },
  };
}

export const isSame = (a: Lies, b: Lies): boolean => a === b || (a !== 'everywhere' && b !== 'everywhere' && a.siteId === b.siteId && a.unitIds.length === b.unitIds.length && a.unitIds.every((unitId, at) => unitId === b.unitIds[at]));
/** Whoever sees one of the two. */
export const eitherOf = (a: Lies, b: Lies): Lies => (a === 'everywhere' || b === 'everywhere' ? 'everywhere' : { unitIds: [...new Set([...a.unitIds, ...b.unitIds])], siteId: a.siteId ?? b.siteId });
