// The tree of units for names, choices and subtrees: asked for once, and again when the line says that it changed.
import { useEffect, useSyncExternalStore } from 'react';
import { usePage, useScreen } from '../live/LiveProvider.tsx';
import { useFormat } from '../parts/useFormat.ts';
import { knowUnitsAbove } from '../parts/me.ts';
import { incidentsApi, type Trouble } from './api.ts';
import { chainOf, treeOf, type UnitTree } from './unitTree.ts';

type Known = { state: 'loading' | 'there' | 'broken'; tree: UnitTree; trouble: Trouble | null };

const NOTHING: UnitTree = { units: [], byId: new Map(), childrenOf: new Map() };
let known: Known = { state: 'loading', tree: NOTHING, trouble: null };
let askedVersion = -1, busy = false;
const listeners = new Set<() => void>();

async function fetchUnits(version: number): Promise<void> {
  if (busy || askedVersion === version) return;
  busy = true;
  const answer = await incidentsApi.units();
  busy = false;
  if (answer.ok) { askedVersion = version; const tree = treeOf(answer.value.units); known = { state: 'there', tree, trouble: null }; knowUnitsAbove((unitId) => [unitId, ...chainOf(tree, unitId).map((unit) => unit.unitId)]); }
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
