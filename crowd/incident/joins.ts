// Several incidents that are one, one that is several, and those that belong together. Both histories tell it.
import { sameActor, type Assignment } from '../../contract/incident.ts';
import { problemNote, type ProblemNote } from '../../contract/problem.ts';
import { ALARMS_MOST, makeRoom, raiseSeverity } from './alarms.ts';
import { notAllowed } from './allowed.ts';
import { meet } from './deadlines.ts';
import { set, tell, type Draft } from './draft.ts';
import { ASSIGNMENTS_MOST, isAsking, setAssignment, stopAsking } from './ladder.ts';
import { isOnIt } from './lineOf.ts';
import { alsoBy, REPORTERS_MOST, type Of } from './steps.ts';

const LINKS_MOST = 100;

/** It ends here; its people go on there, so nobody is told to stay away. */
export function mergeInto(draft: Draft, { into, words }: Of<'mergeInto'>): ProblemNote | null {
  const { incident } = draft;
  if (into === incident.incidentId) return problemNote('incidentMergedWithItself');
  set(draft, { step: 'merged', mergedInto: into, assignments: incident.assignments.map((one) => (isActive(one) ? { ...one, state: 'released', needsHelp: false } : one)) });
  stopAsking(draft);
  tell(draft, 'merged', { into }, { words });
  return null;
}

export function absorb(draft: Draft, { from, alarms, assignments, words, reportedBy, exercise }: Of<'absorb'>): ProblemNote | null {
  const { incident } = draft;
  if (from === incident.incidentId) return problemNote('incidentMergedWithItself');
  // A drill never joins a real one; and where people still work, what is under control already cannot take it in: follow up first.
  if (exercise !== undefined && exercise !== incident.exercise) return notAllowed(incident, 'absorb');
  const coming = assignments.filter(isActive);
  if (coming.length > 0 && !isAsking(incident)) return notAllowed(incident, 'absorb');
  const busy = new Map(incident.assignments.filter(isActive).map((one) => [one.memberId, one]));
  const added = coming.filter(({ memberId }) => !busy.has(memberId)), fresh = alarms.filter(({ alarmId }) => !incident.alarms.some((alarm) => alarm.alarmId === alarmId));
  const kept = makeRoom(incident.alarms, fresh.length), reporters = reportedBy === undefined || sameActor(reportedBy, incident.reportedBy) ? incident.reportedAlsoBy : alsoBy(incident.reportedAlsoBy, reportedBy);
  if (kept === null) return problemNote('tooMany', { most: ALARMS_MOST });
  if (incident.assignments.length + added.length > ASSIGNMENTS_MOST) return problemNote('tooMany', { most: ASSIGNMENTS_MOST });
  if (reporters.length > REPORTERS_MOST) return problemNote('tooMany', { most: REPORTERS_MOST });
  set(draft, { alarms: [...kept, ...fresh], assignments: [...incident.assignments, ...added], reportedAlsoBy: reporters });
  // Somebody who is in both is as far as in the one where they got farther.
  for (const one of coming) if (busy.has(one.memberId) && progress(one) > progress(busy.get(one.memberId)!)) setAssignment(draft, one.memberId, { state: one.state, answeredAtMs: one.answeredAtMs, arrivedAtMs: one.arrivedAtMs, needsHelp: one.needsHelp });
  if (coming.length > 0) {
    if (incident.step === 'reported') set(draft, { step: 'dispatched' });
    meet(draft, 'dispatch');
    if (coming.some(({ state }) => isOnIt(state))) {
      meet(draft, 'acknowledge');
      set(draft, { ask: { ...draft.incident.ask, nextRunMs: null, exhausted: false } });
    }
    if (coming.some(({ state }) => state === 'arrived')) meet(draft, 'onSite');
  }
  tell(draft, 'absorbed', { from, alarms: fresh.length, people: added.length }, { words });
  for (const alarm of fresh) if (alarm.state !== 'closed') raiseSeverity(draft, alarm);
  return null;
}
const isActive = ({ state }: Assignment): boolean => state === 'asked' || isOnIt(state);
const progress = ({ state }: Assignment): number => (state === 'arrived' ? 2 : state === 'accepted' ? 1 : 0);

export function splitOff(draft: Draft, { made, words, alarmIds = [] }: Of<'splitOff'>): ProblemNote | null {
  const { incident } = draft, { links, alarms } = incident;
  if (made === incident.incidentId) return problemNote('incidentMergedWithItself');
  if (links.length >= LINKS_MOST && !links.includes(made)) return problemNote('tooMany', { most: LINKS_MOST });
  const kept = alarms.filter(({ alarmId }) => !alarmIds.includes(alarmId));
  set(draft, { links: links.includes(made) ? links : [...links, made], alarms: kept });
  tell(draft, 'splitOff', { made, alarms: alarms.length - kept.length }, { words });
  return null;
}

export function link(draft: Draft, { to, words }: Of<'link'>): ProblemNote | null {
  const { incident } = draft;
  if (to === incident.incidentId) return problemNote('incidentMergedWithItself');
  if (incident.links.includes(to)) return notAllowed(incident, 'link');
  if (incident.links.length >= LINKS_MOST) return problemNote('tooMany', { most: LINKS_MOST });
  set(draft, { links: [...incident.links, to] });
  tell(draft, 'linked', { to }, { words });
  return null;
}
export function unlink(draft: Draft, { to, words }: Of<'unlink'>): ProblemNote | null {
  const { incident } = draft;
  if (!incident.links.includes(to)) return notAllowed(incident, 'unlink');
  set(draft, { links: incident.links.filter((one) => one !== to) });
  tell(draft, 'unlinked', { to }, { words });
  return null;
}
