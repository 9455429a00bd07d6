// The tree of units as a page needs it: by id, what lies below, and the way up. No DOM in here.
import type { Unit } from '../../contract/unit.ts';

export type UnitTree = { units: readonly Unit[]; byId: ReadonlyMap<string, Unit>; childrenOf: ReadonlyMap<string, readonly Unit[]> };
const TOP = '';

export function treeOf(units: readonly Unit[]): UnitTree {
  const byId = new Map(units.map((unit) => [unit.unitId, unit]));
  const childrenOf = new Map<string, Unit[]>();
  for (const unit of units) {
    const parent = unit.parentId !== null && byId.has(unit.parentId) ? unit.parentId : TOP;
    const list = childrenOf.get(parent);
    if (list === undefined) childrenOf.set(parent, [unit]); else list.push(unit);
  }
  return { units, byId, childrenOf };
}
/** From the unit itself up to the top. */
export function chainOf(tree: UnitTree, unitId: string | null): Unit[] {
  const chain: Unit[] = [];
  for (let unit = unitId === null ? undefined : tree.byId.get(unitId); unit !== undefined && chain.length < 10; unit = unit.parentId === null ? undefined : tree.byId.get(unit.parentId)) chain.push(unit);
  return chain;
}
/** The unit and everything below it. */
export function subtreeOf(tree: UnitTree, unitId: string): Set<string> {
  const found = new Set([unitId]);
  for (const each of found) for (const { unitId: below } of tree.childrenOf.get(each) ?? []) found.add(below);
  return found;
}
export const topUnits = (tree: UnitTree): readonly Unit[] => tree.childrenOf.get(TOP) ?? [];
