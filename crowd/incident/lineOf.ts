// What lists, maps and boards hold of an incident, and what of it is being waited for.
import type { Deadline, DeadlineKind, Incident, IncidentLine, IncidentStep } from '../../contract/incident.ts';
import { higherLevel, type Level } from '../../contract/level.ts';

/** Deadlines that count in each step: what was skipped on the way (nobody had to go) is not waited for any more. */
export const WAITED: Record<IncidentStep, readonly DeadlineKind[]> = {
  reported: ['dispatch', 'acknowledge', 'onSite', 'underControl'], dispatched: ['acknowledge', 'onSite', 'underControl'],
  handled: ['followUp'], followedUp: ['assess'], closed: [], merged: [],
};
export const waitedFor = ({ step, deadlines }: Pick<Incident, 'step' | 'deadlines'>): Deadline[] => deadlines.filter((deadline) => deadline.metAtMs === null && WAITED[step].includes(deadline.kind));

export type AssignmentState = Incident['assignments'][number]['state'];
export const isOnIt = (state: AssignmentState): state is 'accepted' | 'arrived' => state === 'accepted' || state === 'arrived';

export function lineOf(incident: Incident): IncidentLine {
  const { incidentId, version, exercise, demo, category, severity, title, step, place, unitId, unitLevel, reportedAtMs, changedAtMs, alarms, assignments, ask, urgedCount } = incident;
  let alarmLevel: Level | null = null, overdueSinceMs: number | null = null, next: Deadline | null = null;
  for (const { state, level } of alarms) if (state !== 'closed') alarmLevel = alarmLevel === null ? level : higherLevel(alarmLevel, level);
  for (const deadline of waitedFor(incident)) {
    if (deadline.missedAtMs !== null) overdueSinceMs = overdueSinceMs === null ? deadline.dueAtMs : Math.min(overdueSinceMs, deadline.dueAtMs);
    else if (next === null || deadline.dueRunMs < next.dueRunMs) next = deadline;
  }
  return {
    incidentId, version, exercise, demo, category, severity, title, step,
    placeName: place.placeName, siteName: place.siteName, siteId: place.siteId, zoneId: place.zoneId, point: place.point, unitId, unitLevel, placeUnitId: place.unitId,
    reportedAtMs, changedAtMs, alarmIds: alarms.map((alarm) => alarm.alarmId), alarmLevel,
    due: next === null ? null : { kind: next.kind, dueAtMs: next.dueAtMs }, overdueSinceMs,
    people: assignments.filter(({ state }) => state === 'asked' || isOnIt(state)).map(({ memberId, memberName, state, needsHelp }) => ({ memberId, memberName, state, needsHelp })),
    exhausted: ask.exhausted, urgedCount,
  };
}
