// Which of a unit's children each unit of its subtree lies under: figures of an upper unit are given by the units right below it.
import type { Unit } from '../../contract/unit.ts';

/** `unitId` null: the units at the top stand for all below them. The unit itself is in `unitIds` and under none. */
export function unitsBelow(units: readonly Unit[], unitId: string | null): { unitIds: string[]; below: Map<string, string> } {
  const parents = new Map(units.map((unit) => [unit.unitId, unit.parentId]));
  const found = new Map<string, string | null>();
  const childOver = (id: string): string | null => {
    const path: string[] = [];
    let at: string | null | undefined = id, answer: string | null = null;
    while (at !== null && at !== undefined && path.length < 100) {
      if (found.has(at)) { answer = found.get(at)!; break; }
      path.push(at);
      const parent: string | null | undefined = parents.get(at);
      if (parent === unitId) { answer = at; break; }
      at = parent;
    }
    for (const passed of path) found.set(passed, answer);
    return answer;
  };
  const below = new Map<string, string>();
  for (const unit of units) {
    if (unit.unitId === unitId) continue;
    const child = childOver(unit.unitId);
    if (child !== null) below.set(unit.unitId, child);
  }
  return { unitIds: [...(unitId === null ? [] : [unitId]), ...below.keys()], below };
}

/** Each unit at or below one of `unitIds`, and the highest of them that it lies under. `units`: parents before children. */
export function rowsOfUnits(units: readonly Unit[], unitIds: readonly string[]): Map<string, string> {
  const rows = new Map<string, string>();
  for (const { unitId, parentId } of units) {
    const row = (parentId === null ? undefined : rows.get(parentId)) ?? (unitIds.includes(unitId) ? unitId : undefined);
    if (row !== undefined) rows.set(unitId, row);
  }
  return rows;
}
