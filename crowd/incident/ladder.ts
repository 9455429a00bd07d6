// Whom to ask: the people on duty of the unit that handles it, one after the other, then those of the next unit up, until somebody comes.
import type { Actor, Assignment, DeadlineKind, Incident, IncidentContext, LadderRung } from '../../contract/incident.ts';
import { afterMs, bySystem, cut, notify, rungOf, set, tell, unitValues, type Draft } from './draft.ts';
import type { EscalatedBecause } from './factValues.ts';
import { isOnIt } from './lineOf.ts';
import { meet } from './deadlines.ts';

/** Whoever was asked has an assignment, so this bounds both. */
export const ASSIGNMENTS_MOST = 500;
/** With nobody left the ladder is looked at again for people who came on duty since: after a minute at first, every five on the first day, and up to an hour on what has been open for weeks. Each look is a line in the log. */
const lookAgainMs = (ageMs: number): number => Math.max(60_000, Math.min(300_000, ageMs / 10), Math.min(3_600_000, ageMs / 288));
const OFFICERS_MOST = 20;

export type LadderMember = LadderRung['members'][number];
type Candidate = { member: LadderMember; rung: LadderRung; above: number };

export const isAsking = ({ step }: Pick<Incident, 'step'>): boolean => step === 'reported' || step === 'dispatched';
export const someoneOnIt = ({ assignments }: Pick<Incident, 'assignments'>): boolean => assignments.some(({ state }) => isOnIt(state));
export const outstanding = ({ assignments }: Pick<Incident, 'assignments'>): Assignment[] => assignments.filter(({ state }) => state === 'asked');
/** What holds for a member now: the last time that they were asked. */
export const assignmentOf = ({ assignments }: Pick<Incident, 'assignments'>, { memberId }: Pick<Actor, 'memberId'>): Assignment | null => (memberId === null ? null : assignments.findLast((assignment) => assignment.memberId === memberId) ?? null);

/** The rungs from the unit that handles it up. Null when this input was made before it was given to another unit: the next tick knows. */
function rungsOf(draft: Draft): LadderRung[] | null {
  const { ladder } = draft.input.context, { unitId } = draft.incident;
  const from = ladder.findIndex((rung) => rung.unitId === unitId);
  if (from >= 0) return ladder.slice(from);
  return unitId === null || ladder.length === 0 || draft.input.command.type === 'tick' ? ladder : null;
}

function candidatesOf(draft: Draft, rungs: LadderRung[]): Candidate[] {
  const { ask, assignments } = draft.incident;
  const passed = new Set([...ask.askedMemberIds, ...assignments.filter(({ state }) => state === 'asked' || isOnIt(state)).map(({ memberId }) => memberId)]);
  return rungs.flatMap((rung, above) => rung.members.filter(({ memberId }) => !passed.has(memberId)).map((member) => ({ member, rung, above })));
}
const rungNow = (draft: Draft, rungs: LadderRung[]): number => {
  const at = rungs.findIndex((rung) => rung.unitId === draft.incident.ask.unitId);
  return at >= 0 ? at : Math.min(draft.incident.ask.rung, rungs.length - 1);
};

/** The members whom a hand may choose: everybody on duty from the place's unit up. */
export function memberOnDuty({ ladder, below = [] }: IncidentContext, memberId: string): { member: LadderMember; rung: LadderRung } | null {
  for (const rung of [...ladder, ...below]) {
    const member = rung.members.find((one) => one.memberId === memberId);
    if (member !== undefined) return { member, rung };
  }
  return null;
}

export function ask(draft: Draft, { member, rung }: { member: LadderMember; rung: LadderRung }, by: { byHand: boolean; actor: Actor }): void {
  const { answerS } = draft.input.context, { incident, runMs, atMs } = draft;
  const assignment: Assignment = {
    memberId: member.memberId, memberName: member.name, unitId: rung.unitId, duty: member.duty, state: 'asked', askedAtMs: atMs,
    answerDueRunMs: afterMs(runMs, answerS), answerDueAtMs: afterMs(atMs, answerS, 9e15), answeredAtMs: null, arrivedAtMs: null, needsHelp: false, words: '',
  };
  const others = incident.ask.askedMemberIds.filter((memberId) => memberId !== member.memberId);
  set(draft, { assignments: [...incident.assignments, assignment], ask: { ...incident.ask, exhausted: false, askedMemberIds: by.byHand ? others : [...others, member.memberId] } });
  tell(draft, 'asked', { memberId: member.memberId, memberName: member.name, ...unitValues([rung], rung.unitId), unitId: rung.unitId, byHand: by.byHand, answerS }, { actor: by.actor });
  notify(draft, 'asked', [member.memberId]);
}

type AskNext = { from: 'anybody' | 'above' | 'aboveIfAny'; because?: EscalatedBecause; kind?: DeadlineKind; dispatchedBy?: { actor: Actor; words: string } };
/** One person more, on the way up where need be. False where there is nobody to ask. */
export function askNext(draft: Draft, { from, because = 'noAnswer', kind, dispatchedBy }: AskNext): boolean {
  const rungs = rungsOf(draft);
  if (rungs === null || draft.incident.assignments.length >= ASSIGNMENTS_MOST) return false;
  const wasNextRunMs = draft.incident.ask.nextRunMs, candidates = candidatesOf(draft, rungs), now = rungNow(draft, rungs);
  const next = from === 'anybody' ? candidates[0] : candidates.find(({ above }) => above > now) ?? (from === 'aboveIfAny' ? candidates[0] : undefined);
  if (next === undefined) return false;
  // The first to be asked is no escalation, even where the lowest unit has nobody on duty: nobody was waited for in vain.
  const escalates = next.above > now && draft.incident.ask.askedMemberIds.length > 0;
  if (next.above > now || draft.incident.ask.unitId === null) set(draft, { ask: { ...draft.incident.ask, rung: next.above, unitId: next.rung.unitId, unitLevel: next.rung.unitLevel } });
  if (draft.incident.step === 'reported' || dispatchedBy !== undefined) {
    toDispatched(draft);
    tell(draft, 'dispatched', { byHand: dispatchedBy !== undefined, asked: 1, otherMeans: false }, dispatchedBy ?? bySystem);
  }
  if (escalates || because !== 'noAnswer') tell(draft, 'escalated', { ...unitValues([next.rung], next.rung.unitId), because, kind: kind ?? null }, because === 'byHand' ? { words: wordsOf(draft) } : bySystem);
  ask(draft, next, { byHand: false, ...bySystem });
  // Somebody of the next unit is asked beside, not instead of, whoever is next here.
  if (from === 'anybody' || wasNextRunMs === null || wasNextRunMs > draft.runMs) set(draft, { ask: { ...draft.incident.ask, nextRunMs: draft.incident.assignments.at(-1)!.answerDueRunMs } });
  return true;
}
const wordsOf = ({ input: { command } }: Draft): string => ('words' in command ? command.words : '');

export function toDispatched(draft: Draft): void {
  set(draft, { step: 'dispatched' });
  meet(draft, 'dispatch');
}

/** Beside those who are asked already: somebody of the next unit up. */
export function askAbove(draft: Draft, because: EscalatedBecause, kind: DeadlineKind): boolean {
  return isAsking(draft.incident) && askNext(draft, { from: 'above', because, kind });
}

/** No answer in time. */
export function timeOutAnswers(draft: Draft): void {
  for (const { memberId, memberName, answerDueRunMs } of outstanding(draft.incident)) {
    if (answerDueRunMs > draft.runMs) continue;
    setAssignment(draft, memberId, { state: 'noAnswer' });
    passOver(draft, memberId);
    tell(draft, 'noAnswer', { memberId, memberName }, bySystem);
  }
}

/** Whoever said no, or nothing, is not asked again by the ladder, which goes on at once unless somebody is on it. */
export function passOver(draft: Draft, memberId: string): void {
  const { ask, assignments } = draft.incident;
  const goesOn = ask.nextRunMs !== null || !someoneOnIt({ assignments });
  set(draft, { ask: { ...ask, askedMemberIds: ask.askedMemberIds.includes(memberId) ? ask.askedMemberIds : [...ask.askedMemberIds, memberId], nextRunMs: goesOn ? draft.runMs : null } });
}

/** After every input: whoever is next is asked when it is time, and there is always a time while nobody is on it. */
export function keepAsking(draft: Draft): void {
  if (!isAsking(draft.incident)) return stopAsking(draft);
  if (draft.incident.ask.nextRunMs === null) {
    if (someoneOnIt(draft.incident)) return;
    setNext(draft, firstAnswerDue(draft.incident) ?? draft.runMs);
  }
  // Somebody's time is up and no tick has told it yet: the answer may still come before it does, and only then is the next one asked.
  if (outstanding(draft.incident).some(({ answerDueRunMs }) => answerDueRunMs <= draft.runMs)) return;
  const rungs = rungsOf(draft);
  if (rungs === null) return setNext(draft, draft.runMs);
  const { ask } = draft.incident;
  if (ask.nextRunMs! > draft.runMs && !ask.exhausted) return;
  if (askNext(draft, { from: 'anybody' })) return;
  if (ask.nextRunMs! > draft.runMs) return;
  const due = firstAnswerDue(draft.incident);
  if (due !== null) return setNext(draft, due);
  if (!ask.exhausted) {
    set(draft, { ask: { ...ask, exhausted: true } });
    tell(draft, 'nobodyLeft', { askedCount: ask.askedMemberIds.length }, bySystem);
    notify(draft, 'info', new Set(rungs.flatMap((rung) => officersIn(rung))));
  }
  setNext(draft, draft.runMs + Math.round(lookAgainMs(draft.runMs - draft.incident.reportedRunMs)));
}
export function stopAsking(draft: Draft): void {
  if (draft.incident.ask.nextRunMs !== null || draft.incident.ask.exhausted) set(draft, { ask: { ...draft.incident.ask, nextRunMs: null, exhausted: false } });
}
const setNext = (draft: Draft, nextRunMs: number): void => { if (draft.incident.ask.nextRunMs !== nextRunMs) set(draft, { ask: { ...draft.incident.ask, nextRunMs } }); };
export const firstAnswerDue = (incident: Incident): number | null => outstanding(incident).reduce<number | null>((first, { answerDueRunMs }) => (first === null ? answerDueRunMs : Math.min(first, answerDueRunMs)), null);

/** The last assignment of a member, changed. */
export function setAssignment(draft: Draft, memberId: string, patch: Partial<Assignment>): void {
  const { assignments } = draft.incident, at = assignments.findLastIndex((assignment) => assignment.memberId === memberId);
  set(draft, { assignments: assignments.map((assignment, i) => (i === at ? { ...assignment, ...patch } : assignment)) });
}
/** Those who are asked and `which` need not come any more. Answers their ids: they are told with the fact that follows. */
export function releaseAsked(draft: Draft, which: (assignment: Assignment) => boolean = () => true): string[] {
  const freed = outstanding(draft.incident).filter(which).map(({ memberId }) => memberId);
  if (freed.length > 0) set(draft, { assignments: draft.incident.assignments.map((assignment) => (assignment.state === 'asked' && which(assignment) ? { ...assignment, state: 'released' } : assignment)) });
  return freed;
}

/** Another unit handles it, or it is all to be done again: asking begins anew. Who is on it stays on it, and then nobody more is asked unless it `must` be. */
export function restartLadder(draft: Draft, must: boolean): string[] {
  const freed = releaseAsked(draft), { unitId } = draft.incident;
  const asks = isAsking(draft.incident) && (must || !someoneOnIt(draft.incident));
  set(draft, { ask: { rung: 0, unitId, unitLevel: rungOf(draft.input.context.ladder, unitId)?.unitLevel ?? null, askedMemberIds: [], nextRunMs: asks ? draft.runMs : null, exhausted: false } });
  return freed;
}

/** Duty officers from the unit `above` the handling one on, of the first unit that has any; operators where none has. */
export function officersOf(draft: Draft, above: number): string[] {
  const rungs = (rungsOf(draft) ?? draft.input.context.ladder);
  const from = rungs.length > above ? rungs.slice(above) : rungs.slice(-1);
  for (const duty of ['dutyOfficer', 'operator'] as const) {
    const rung = from.find(({ members }) => members.some((member) => member.duty === duty));
    if (rung !== undefined) return ofDuty(rung, duty);
  }
  return [];
}
const officersIn = (rung: LadderRung): string[] => ofDuty(rung, 'dutyOfficer');
export const ofDuty = ({ members }: LadderRung, duty: LadderMember['duty']): string[] => members.filter((member) => member.duty === duty).slice(0, OFFICERS_MOST).map(({ memberId }) => memberId);
export const shortened = (words: string): string => cut(words, 500);
