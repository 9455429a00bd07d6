// The five recorded steps, and what those who are asked answer.
import { sameActor, severityRank, SYSTEM_ACTOR, type Actor, type Incident, type IncidentCommand, type IncidentInput } from '../../contract/incident.ts';
import { problemNote, type ProblemNote } from '../../contract/problem.ts';
import { notAllowed } from './allowed.ts';
import { draftOf, notify, set, tell, unitValues, type Draft } from './draft.ts';
import { meet, resetDeadlines, startDeadlines, TO_CONTROL } from './deadlines.ts';
import { ask, askNext, ASSIGNMENTS_MOST, assignmentOf, memberOnDuty, officersOf, passOver, releaseAsked, restartLadder, setAssignment, shortened, stopAsking, toDispatched } from './ladder.ts';
import { isOnIt } from './lineOf.ts';
import { addActions } from './playbook.ts';

export type Of<T extends IncidentCommand['type']> = Extract<IncidentCommand, { type: T }>;

export function report(input: IncidentInput, { category, severity, title, words, attachments, place, peopleAtRisk, alarm, exercise, demo, splitFrom = null }: Of<'report'>): Draft {
  const runMs = Number.isFinite(input.runMs) ? Math.max(0, input.runMs) : 0, atMs = Number.isFinite(input.atMs) ? Math.min(9e15, Math.max(0, input.atMs)) : 0;
  const { unitId } = place, unitLevel = unitValues(input.context.ladder, unitId).unitLevel;
  const incident: Incident = {
    incidentId: input.incidentId, version: 0, exercise, demo, category, severity, title, place, unitId, unitLevel, takenFromUnitId: null, peopleAtRisk, step: 'reported',
    reportedBy: input.actor, reportedAtMs: atMs, reportedRunMs: runMs, reportedAlsoBy: [], alarms: alarm === null ? [] : [alarm], assignments: [],
    ask: { rung: 0, unitId, unitLevel, askedMemberIds: [], nextRunMs: runMs, exhausted: false }, deadlines: [], playbook: [], links: splitFrom === null ? [] : [splitFrom], mergedInto: null, splitFrom,
    handledBy: null, handledAtMs: null, followedUpBy: null, followedUpAtMs: null, assessment: null, reopenedCount: 0, urgedCount: 0, changedAtMs: atMs, nextRunMs: null,
  };
  const draft = draftOf(incident, input);
  startDeadlines(draft, TO_CONTROL);
  addActions(draft);
  tell(draft, 'reported', { category, severity, alarmId: alarm?.alarmId ?? null, splitFrom }, { words, attachments });
  return draft;
}

export function dispatch(draft: Draft, { memberIds, words }: Of<'dispatch'>): ProblemNote | null {
  const { incident, input: { context, actor } } = draft;
  if (memberIds.length === 0) {
    if (askNext(draft, { from: 'anybody', dispatchedBy: { actor, words } })) return null;
    // Nobody can be asked through Crowdlight: somebody was told by radio or telephone, and the words say who.
    if (words.trim() === '') return problemNote('incidentMemberUnknown');
    toDispatched(draft);
    tell(draft, 'dispatched', { byHand: true, asked: 0, otherMeans: true }, { words });
    return null;
  }
  const found = [...new Set(memberIds)].map((memberId) => memberOnDuty(context, memberId));
  if (found.includes(null)) return problemNote('incidentMemberUnknown');
  const fresh = found.filter((one) => one !== null).filter(({ member }) => {
    const state = assignmentOf(incident, member)?.state;
    return state !== 'asked' && (state === undefined || !isOnIt(state));
  });
  if (fresh.length === 0) return notAllowed(incident, 'dispatch');
  if (incident.assignments.length + fresh.length > ASSIGNMENTS_MOST) return problemNote('tooMany', { most: ASSIGNMENTS_MOST });
  toDispatched(draft);
  tell(draft, 'dispatched', { byHand: true, asked: fresh.length, otherMeans: false }, { words });
  for (const one of fresh) ask(draft, one, { byHand: true, actor });
  return null;
}

export function accept(draft: Draft, { words }: Of<'accept'>): void {
  const { memberId, memberName } = mine(draft);
  setAssignment(draft, memberId, { state: 'accepted', answeredAtMs: draft.atMs, words: shortened(words) });
  comes(draft);
  // Whom the ladder asked beside is free again; whom a hand named is still wanted.
  const freed = releaseAsked(draft, (other) => draft.incident.ask.askedMemberIds.includes(other.memberId));
  tell(draft, 'accepted', { memberId, memberName, released: freed.length }, { words });
  notify(draft, 'released', freed);
}
export function arrive(draft: Draft, { words }: Of<'arrive'>): void {
  const { memberId, memberName, answeredAtMs } = mine(draft);
  // Whoever is there has answered, and helps those who asked for help.
  const { assignments } = draft.incident;
  set(draft, { assignments: assignments.map((other) => (other.needsHelp && other.memberId !== memberId ? { ...other, needsHelp: false } : other)) });
  setAssignment(draft, memberId, { state: 'arrived', answeredAtMs: answeredAtMs ?? draft.atMs, arrivedAtMs: draft.atMs });
  comes(draft);
  meet(draft, 'onSite');
  const freed = releaseAsked(draft, (other) => draft.incident.ask.askedMemberIds.includes(other.memberId));
  tell(draft, 'arrived', { memberId, memberName }, { words });
  notify(draft, 'released', freed);
}
function comes(draft: Draft): void {
  meet(draft, 'dispatch', 'acknowledge');
  set(draft, { ask: { ...draft.incident.ask, nextRunMs: null, exhausted: false } });
}

export function decline(draft: Draft, { words }: Of<'decline'>): void {
  const { memberId, memberName } = mine(draft);
  setAssignment(draft, memberId, { state: 'declined', answeredAtMs: draft.atMs, needsHelp: false, words: shortened(words) });
  passOver(draft, memberId);
  tell(draft, 'declined', { memberId, memberName }, { words });
}

export function needHelp(draft: Draft, { words }: Of<'needHelp'>): void {
  const { memberId, memberName } = mine(draft);
  setAssignment(draft, memberId, { needsHelp: true, words: shortened(words) });
  set(draft, { ask: { ...draft.incident.ask, nextRunMs: draft.runMs } });
  tell(draft, 'helpNeeded', { memberId, memberName }, { words });
  notify(draft, 'helpNeeded', officersOf(draft, 0));
}
const mine = (draft: Draft) => assignmentOf(draft.incident, draft.input.actor)!;

export function handle(draft: Draft, { words, attachments }: Of<'handle'>): void {
  const freed = releaseAsked(draft), { actor } = draft.input;
  set(draft, { step: 'handled', handledBy: actor, handledAtMs: draft.atMs, assignments: draft.incident.assignments.map((one) => (isOnIt(one.state) ? { ...one, state: 'done', needsHelp: false } : one)) });
  stopAsking(draft);
  meet(draft, 'underControl');
  startDeadlines(draft, ['followUp']);
  tell(draft, 'handled', { released: freed.length }, { words, attachments });
  notify(draft, 'released', freed);
}

export function followUp(draft: Draft, { stillWell, words, attachments }: Of<'followUp'>): void {
  meet(draft, 'followUp');
  if (stillWell) {
    set(draft, { step: 'followedUp', followedUpBy: draft.input.actor, followedUpAtMs: draft.atMs });
    startDeadlines(draft, ['assess']);
    tell(draft, 'followedUp', {}, { words, attachments });
    return;
  }
  set(draft, { step: 'dispatched', handledBy: null, handledAtMs: null });
  startDeadlines(draft, ['acknowledge', 'onSite', 'underControl'], []);
  restartLadder(draft, true);
  tell(draft, 'notStillWell', {}, { words, attachments });
}

export function assess(draft: Draft, { outcome, words, attachments }: Of<'assess'>): void {
  set(draft, { step: 'closed', assessment: { by: draft.input.actor, atMs: draft.atMs, outcome, words } });
  meet(draft, 'assess');
  tell(draft, 'assessed', { outcome }, { words, attachments });
  notify(draft, 'closed', new Set(draft.incident.assignments.filter(({ state }) => state === 'done').map(({ memberId }) => memberId)));
}

export const REPORTERS_MOST = 50;
export function reopen(draft: Draft, { words }: Of<'reopen'>): ProblemNote | null {
  const { reportedAlsoBy, reopenedCount } = draft.incident;
  const reporters = alsoBy(reportedAlsoBy, draft.input.actor);
  if (reporters.length > REPORTERS_MOST) return problemNote('tooMany', { most: REPORTERS_MOST });
  set(draft, {
    step: 'reported', handledBy: null, handledAtMs: null, followedUpBy: null, followedUpAtMs: null, assessment: null,
    reopenedCount: reopenedCount + 1, reportedAlsoBy: reporters,
  });
  startDeadlines(draft, TO_CONTROL, []);
  addActions(draft, []);
  restartLadder(draft, true);
  tell(draft, 'reopened', { count: reopenedCount + 1 }, { words });
  return null;
}
export const alsoBy = (actors: readonly Actor[], actor: Actor): Actor[] => (actor.duty === SYSTEM_ACTOR.duty || actors.some((one) => sameActor(one, actor)) ? [...actors] : [...actors, actor]);

export function setFacts(draft: Draft, { words, ...facts }: Of<'setFacts'>): ProblemNote | null {
  const { incident } = draft, { category = incident.category, severity = incident.severity, title = incident.title, peopleAtRisk = incident.peopleAtRisk } = facts;
  const changed = {
    ...(category !== incident.category && { categoryFrom: incident.category, categoryTo: category }), ...(severity !== incident.severity && { severityFrom: incident.severity, severityTo: severity }),
    ...(title !== incident.title && { titleFrom: incident.title, titleTo: title }), ...(peopleAtRisk !== incident.peopleAtRisk && { peopleAtRiskFrom: incident.peopleAtRisk, peopleAtRiskTo: peopleAtRisk }),
  };
  if (Object.keys(changed).length === 0) return notAllowed(incident, 'setFacts');
  set(draft, { category, severity, title, peopleAtRisk });
  if (category !== incident.category || severity !== incident.severity) {
    resetDeadlines(draft, severityRank(severity) > severityRank(incident.severity));
    addActions(draft);
  }
  tell(draft, 'factsSet', changed, { words });
  return null;
}
