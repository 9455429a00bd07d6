// From above and beside: urging, taking over, giving back, handing to another unit, and borders that move.
import { problemNote, type ProblemNote } from '../../contract/problem.ts';
import { onIt } from './alarms.ts';
import { meet } from './deadlines.ts';
import { notify, rungOf, set, tell, unitValues, type Draft } from './draft.ts';
import type { FactValues } from './factValues.ts';
import { askNext, officersOf, restartLadder } from './ladder.ts';
import { notAllowed } from './allowed.ts';

export function urge(draft: Draft, words: string): void {
  const { incident, input } = draft, count = incident.urgedCount + 1;
  set(draft, { urgedCount: count });
  tell(draft, 'urged', { ...unitValues(input.context.ladder, input.actor.unitId), count }, { words });
  notify(draft, 'urged', [...onIt(incident), ...officersOf(draft, 0)]);
}

export function escalate(draft: Draft): ProblemNote | null {
  return askNext(draft, { from: 'aboveIfAny', because: 'byHand' }) ? null : problemNote('incidentMemberUnknown');
}

export function takeOver(draft: Draft, words: string): void {
  const fromUnitId = draft.incident.unitId;
  // Who takes it over has seen it.
  meet(draft, 'acknowledge');
  giveTo(draft, draft.input.actor.unitId, { what: 'takenOver', words, must: false, takenFromUnitId: fromUnitId });
}
export function giveBack(draft: Draft, words: string): void {
  giveTo(draft, draft.incident.takenFromUnitId, { what: 'givenBack', words, must: false, takenFromUnitId: null });
}
export function transfer(draft: Draft, toUnitId: string, words: string): ProblemNote | null {
  if (toUnitId === draft.incident.unitId) return notAllowed(draft.incident, 'transfer');
  giveTo(draft, toUnitId, { what: 'transferred', words, must: true, takenFromUnitId: null });
  return null;
}

/** Those who were asked by the unit before are free; who is on the way or there stays. */
function giveTo(draft: Draft, unitId: string | null, { what, words, must, takenFromUnitId }: { what: 'takenOver' | 'givenBack' | 'transferred'; words: string; must: boolean; takenFromUnitId: string | null }): void {
  const { ladder } = draft.input.context, fromUnitId = draft.incident.unitId;
  set(draft, { unitId, unitLevel: rungOf(ladder, unitId)?.unitLevel ?? null, takenFromUnitId });
  const freed = restartLadder(draft, must), values: FactValues['takenOver'] = { ...unitValues(ladder, unitId), fromUnitId };
  tell(draft, what, values, { words });
  notify(draft, 'released', freed);
}

/** The unit that handles it moves along where it was the place's own. */
export function placeMoved(draft: Draft, toUnitId: string | null): void {
  const { place, unitId, step } = draft.incident, fromUnitId = place.unitId;
  if (fromUnitId === toUnitId || step === 'closed' || step === 'merged') return;
  const handlerMoved = unitId === fromUnitId;
  set(draft, { place: { ...place, unitId: toUnitId } });
  let freed: string[] = [];
  if (handlerMoved) {
    set(draft, { unitId: toUnitId, unitLevel: rungOf(draft.input.context.ladder, toUnitId)?.unitLevel ?? null });
    freed = restartLadder(draft, false);
  }
  tell(draft, 'placeMoved', { fromUnitId, toUnitId, handlerMoved });
  notify(draft, 'released', freed);
}
