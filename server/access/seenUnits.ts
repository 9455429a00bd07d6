// Which units a person is shown: those at or below the units where they have a role, and those above by name, so that a path can be read. No other, and no outline above.
import type { Unit } from '../../contract/unit.ts';
import type { Principal } from './principal.ts';

/** Null: all of them. Otherwise ids of the units where somebody has any role, each of which stands for all below it. */
export function rolesUnits({ roles }: Pick<Principal, 'roles'>): string[] | null {
  if (roles.some(({ unitId }) => unitId === null)) return null;
  return [...new Set(roles.flatMap(({ unitId }) => (unitId === null ? [] : [unitId])))].sort();
}

/** Of all units, parents before children: those at or below `unitIds` (null: all), and those above them. */
export function seenOf(units: readonly Unit[], unitIds: readonly string[] | null): { below: Set<string>; above: Set<string> } {
  if (unitIds === null) return { below: new Set(units.map(({ unitId }) => unitId)), above: new Set() };
  const below = new Set<string>(), above = new Set<string>(), byId = new Map(units.map((unit) => [unit.unitId, unit]));
  for (const { unitId, parentId } of units) if (unitIds.includes(unitId) || (parentId !== null && below.has(parentId))) below.add(unitId);
  for (const unitId of unitIds) for (let at = byId.get(unitId)?.parentId ?? null; at !== null && !above.has(at); at = byId.get(at)?.parentId ?? null) if (!below.has(at)) above.add(at);
  return { below, above };
}

/** A chain from the lowest unit up, when any of it is in sight: those below and above it belong to the path. Empty otherwise, as where no unit is drawn. */
export const chainSeen = (chain: readonly Unit[], unitIds: readonly string[] | null): Unit[] => (unitIds === null || chain.some(({ unitId }) => unitIds.includes(unitId)) ? [...chain] : []);
