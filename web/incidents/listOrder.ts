// Which incidents a list shows and in which order, the same on the screen as on the server: what comes over the line is put among what was asked for. No DOM in here.
import { isOpenStep, type IncidentLine } from '../../contract/incident.ts';

export type ListOrder = 'due' | 'newest' | 'age';
export type ListFilter = {
  state: 'open' | 'closed' | 'all'; unitId: string | null; category: string | null; severity: string | null; step: string | null;
  overdue: boolean; exercise: 'both' | 'only' | 'none'; text: string; order: ListOrder;
};
export const FILTER_FIRST: ListFilter = { state: 'open', unitId: null, category: null, severity: null, step: null, overdue: false, exercise: 'both', text: '', order: 'due' };

/** `subtree`: the ids of the filter's unit and all below it; null where no unit is asked for. */
export function fitsFilter(line: IncidentLine, filter: ListFilter, subtree: ReadonlySet<string> | null, nowMs: number): boolean {
  if (filter.state !== 'all' && isOpenStep(line.step) !== (filter.state === 'open')) return false;
  if (filter.category !== null && line.category !== filter.category) return false;
  if (filter.severity !== null && line.severity !== filter.severity) return false;
  if (filter.step !== null && line.step !== filter.step) return false;
  if (filter.exercise !== 'both' && line.exercise !== (filter.exercise === 'only')) return false;
  if (subtree !== null && !(line.unitId !== null && subtree.has(line.unitId)) && !(line.placeUnitId !== null && subtree.has(line.placeUnitId))) return false;
  if (filter.overdue && overdueSince(line, nowMs) === null) return false;
  const wanted = filter.text.trim().toLowerCase();
  return wanted === '' || `${line.title} ${line.placeName} ${line.siteName}`.toLowerCase().includes(wanted);
}

/** Since when it is overdue: what the record says, or a deadline that has just passed and that nobody has met. */
export const overdueSince = (line: Pick<IncidentLine, 'overdueSinceMs' | 'due'>, nowMs: number): number | null =>
  line.overdueSinceMs ?? (line.due !== null && line.due.dueAtMs < nowMs ? line.due.dueAtMs : null);

/** due: overdue first, the oldest of them on top; then what is due next; then what waits for nothing, newest first. */
export function compareLines(order: ListOrder, nowMs: number): (a: IncidentLine, b: IncidentLine) => number {
  const byId = (a: IncidentLine, b: IncidentLine) => (a.incidentId < b.incidentId ? -1 : a.incidentId > b.incidentId ? 1 : 0);
  const byTime = (sign: 1 | -1) => (a: IncidentLine, b: IncidentLine) => sign * (a.reportedAtMs - b.reportedAtMs) || byId(a, b);
  if (order !== 'due') return byTime(order === 'newest' ? -1 : 1);
  const rank = (line: IncidentLine): [number, number] => {
    const since = overdueSince(line, nowMs);
    return since !== null ? [0, since] : line.due !== null ? [1, line.due.dueAtMs] : [2, -line.reportedAtMs];
  };
  return (a, b) => { const [groupA, atA] = rank(a), [groupB, atB] = rank(b); return groupA - groupB || atA - atB || byId(a, b); };
}

/** One line for each incident: the newest version of it, wherever it came from; what no longer fits is gone. */
export function mergedLines({ asked, live, fits, compare }: { asked: readonly IncidentLine[]; live: ReadonlyMap<string, IncidentLine>; fits: (line: IncidentLine) => boolean; compare: (a: IncidentLine, b: IncidentLine) => number }): IncidentLine[] {
  const newest = new Map(asked.map((line) => [line.incidentId, line]));
  for (const [incidentId, line] of live) if ((newest.get(incidentId)?.version ?? 0) < line.version) newest.set(incidentId, line);
  return [...newest.values()].filter(fits).toSorted(compare);
}
