// The rows of the alarm list: alarms in their order, grouped by place where that is wanted, those put aside in a fold of their own, then the closed ones. Pure.
import type { Alarm } from '../../contract/alarm.ts';
import { levelRank, type Level } from '../../contract/level.ts';
import { calls } from '../live/store.ts';

export type AlarmRow =
  | { kind: 'alarm'; alarm: Alarm }
  | { kind: 'site'; siteId: string; siteName: string; count: number; unanswered: number; worst: Level; isFolded: boolean }
  | { kind: 'shelved'; count: number; isFolded: boolean }
  | { kind: 'closed' };
/** What is folded away: ids of places, and whether those put aside are. */
export type Folds = { sites: ReadonlySet<string>; shelved: boolean };

/** `alarms` in the order of compareAlarms: open ones, those put aside, closed ones. Places stand in the order of their first alarm. */
export function alarmRows(alarms: readonly Alarm[], { bySite, folds }: { bySite: boolean; folds: Folds }): AlarmRow[] {
  const firstClosed = alarms.findIndex(({ state }) => state === 'closed'), openCount = firstClosed === -1 ? alarms.length : firstClosed;
  const firstShelved = alarms.findIndex(({ shelved, state }) => shelved !== null && state !== 'closed'), heardCount = firstShelved === -1 ? openCount : firstShelved;
  const rows: AlarmRow[] = bySite ? groupedRows(alarms.slice(0, heardCount), folds.sites) : alarms.slice(0, heardCount).map((alarm) => ({ kind: 'alarm', alarm }));
  if (openCount > heardCount) {
    rows.push({ kind: 'shelved', count: openCount - heardCount, isFolded: folds.shelved });
    if (!folds.shelved) for (const alarm of alarms.slice(heardCount, openCount)) rows.push({ kind: 'alarm', alarm });
  }
  if (alarms.length > openCount) {
    rows.push({ kind: 'closed' });
    for (const alarm of alarms.slice(openCount)) rows.push({ kind: 'alarm', alarm });
  }
  return rows;
}

function groupedRows(open: readonly Alarm[], folded: ReadonlySet<string>): AlarmRow[] {
  const ofSite = new Map<string, Alarm[]>();
  for (const alarm of open) { const list = ofSite.get(alarm.siteId); if (list === undefined) ofSite.set(alarm.siteId, [alarm]); else list.push(alarm); }
  return [...ofSite].flatMap(([siteId, list]): AlarmRow[] => {
    const isFolded = folded.has(siteId), worst = list.reduce<Level>((level, alarm) => (levelRank(alarm.level) > levelRank(level) ? alarm.level : level), 'calm');
    return [{ kind: 'site', siteId, siteName: list[0]!.siteName, count: list.length, unanswered: list.filter(calls).length, worst, isFolded }, ...(isFolded ? [] : list.map((alarm): AlarmRow => ({ kind: 'alarm', alarm })))];
  });
}
