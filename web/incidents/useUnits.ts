// The tree of units for names, choices and subtrees: asked for once, and again when the line says that it changed.
import { useEffect, useSyncExternalStore } from 'react';
import type { Unit } from '../../contract/unit.ts';
import { usePage, useScreen } from '../live/LiveProvider.tsx';
import { useFormat } from '../parts/useFormat.ts';
import { incidentsApi, type Trouble } from './api.ts';

export type UnitTree = { units: readonly Unit[]; byId: ReadonlyMap<string, Unit>; childrenOf: ReadonlyMap<string, readonly Unit[]> };
type Known = { state: 'loading' | 'there' | 'broken'; tree: UnitTree; trouble: Trouble | null };

const NOTHING: UnitTree = { units: [], byId: new Map(), childrenOf: new Map() };
const TOP = '';
let known: Known = { state: 'loading', tree: NOTHING, trouble: null };
let askedVersion = -1, busy = false;
const listeners = new Set<() => void>();

async function fetchUnits(version: number): Promise<void> {
  if (busy || askedVersion === version) return;
  busy = true;
  const answer = await incidentsApi.units();
  busy = false;
  if (answer.ok) { askedVersion = version; known = { state: 'there', tree: treeOf(answer.value.units), trouble: null }; }
  else { known = { state: known.state === 'there' ? 'there' : 'broken', tree: known.tree, trouble: answer.trouble }; setTimeout(() => { if (listeners.size > 0) void fetchUnits(version); }, 5000); }
  for (const listener of listeners) listener();
}

export function useUnits(): Known & { nameOf: (unitId: string | null) => string | null } {
  const { store } = usePage();
  const { language } = useFormat();
  const version = useScreen((screen) => screen.unitsVersion), there = useScreen((screen) => screen.overview.state === 'there');
  const now = useSyncExternalStore(subscribe, () => known);
  useEffect(() => { if (there) void fetchUnits(store.screen().unitsVersion); }, [version, there, store, now]);
  return { ...now, nameOf: (unitId) => (unitId === null ? null : now.tree.byId.get(unitId)?.names[language] ?? null) };
}

function subscribe(listener: () => void): () => void { listeners.add(listener); return () => { listeners.delete(listener); }; }

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
