// An independent look at a history: could it have happened by the rules? It knows facts and their lines alone, nothing of the machine that made them.
import { sameActor, severityRank, type Actor, type IncidentChanged, type IncidentLine, type IncidentStep } from '../../contract/incident.ts';
import type { Fact } from './factValues.ts';

const OPEN: readonly IncidentStep[] = ['reported', 'dispatched', 'handled', 'followedUp'], WORKING: readonly IncidentStep[] = ['reported', 'dispatched'], NOT_MERGED: readonly IncidentStep[] = [...OPEN, 'closed'];
/** After which steps a fact may come, and which step it leads to; null: the step stays. */
const FACTS: Record<Fact, { from: readonly IncidentStep[]; to: IncidentStep | null }> = {
  reported: { from: [], to: 'reported' },
  dispatched: { from: WORKING, to: 'dispatched' }, asked: { from: ['dispatched'], to: null }, noAnswer: { from: ['dispatched'], to: null }, escalated: { from: ['dispatched'], to: null }, nobodyLeft: { from: WORKING, to: null },
  accepted: { from: ['dispatched'], to: null }, declined: { from: ['dispatched'], to: null }, arrived: { from: ['dispatched'], to: null }, helpNeeded: { from: ['dispatched'], to: null },
  handled: { from: ['dispatched'], to: 'handled' }, followedUp: { from: ['handled'], to: 'followedUp' }, notStillWell: { from: ['handled'], to: 'dispatched' }, assessed: { from: ['followedUp'], to: 'closed' }, reopened: { from: ['closed'], to: 'reported' },
  alarmAttached: { from: OPEN, to: null }, alarmChanged: { from: NOT_MERGED, to: null }, severityRaised: { from: OPEN, to: null }, factsSet: { from: OPEN, to: null }, noted: { from: NOT_MERGED, to: null },
  urged: { from: OPEN, to: null }, takenOver: { from: OPEN, to: null }, givenBack: { from: OPEN, to: null }, transferred: { from: OPEN, to: null }, placeMoved: { from: OPEN, to: null }, handedOver: { from: OPEN, to: null },
  actionSent: { from: OPEN, to: null }, actionDone: { from: NOT_MERGED, to: null }, actionFailed: { from: NOT_MERGED, to: null }, actionSkipped: { from: OPEN, to: null }, actionReopened: { from: OPEN, to: null }, actionOverdue: { from: OPEN, to: null },
  deadlineMissed: { from: OPEN, to: null }, merged: { from: OPEN, to: 'merged' }, absorbed: { from: OPEN, to: null }, splitOff: { from: OPEN, to: null }, linked: { from: NOT_MERGED, to: null }, unlinked: { from: NOT_MERGED, to: null },
};
const MISSED_IN: Record<string, readonly IncidentStep[]> = { dispatch: ['reported'], acknowledge: WORKING, onSite: WORKING, underControl: WORKING, followUp: ['handled'], assess: ['followedUp'] };
/** From which answers to which a fact leads; null: not on it. */
const ANSWERS: Partial<Record<Fact, { from: readonly (string | null)[]; to: string | null }>> = {
  asked: { from: [null], to: 'asked' }, noAnswer: { from: ['asked'], to: null }, accepted: { from: ['asked', null], to: 'accepted' }, declined: { from: ['asked', 'accepted'], to: null },
  arrived: { from: ['asked', 'accepted', null], to: 'arrived' }, helpNeeded: { from: ['accepted', 'arrived'], to: null },
};

/** Null, or what is wrong with it in words for a log. `events`: the whole history of one incident, from its first. */
export function isLegalHistory(events: readonly IncidentChanged[]): string | null {
  const first = events[0];
  if (first === undefined) return 'it has no facts';
  if (first.what !== 'reported') return `it begins with ${first.what}`;
  let before: IncidentLine | null = null, takenFrom: string | null = null, handledBy: Actor | null = null, urged = 0, atMs = 0, runMs = 0;
  const reporters: Actor[] = [], missed = new Set<string>(), everAsked = new Set<string>(), links = new Set<string>(), late = new Set<string>();
  for (const [i, event] of events.entries()) {
    const { what, line, values, actor } = event, wrong = (why: string) => `fact ${i + 1} (${what}): ${why}`;
    if (event.version !== i + 1 || line.version !== i + 1) return wrong(`its version is ${event.version}, its line's ${line.version}`);
    if (event.incidentId !== first.incidentId || line.incidentId !== first.incidentId || event.eventId !== `${first.incidentId}.${event.version}`) return wrong(`it belongs to ${event.eventId}`);
    if (event.atMs < atMs || event.runMs < runMs || line.changedAtMs !== event.atMs) return wrong('time goes back');
    if (event.unitId !== line.unitId || event.siteId !== line.siteId) return wrong('its unit or site is not that of its line');
    if (before === null) {
      if (line.step !== 'reported' || line.reportedAtMs !== event.atMs) return wrong('it is not reported by it');
      reporters.push(actor);
      [before, atMs, runMs] = [line, event.atMs, event.runMs];
      continue;
    }
    const { from, to } = FACTS[what], moved = line.step !== before.step;
    if (!from.includes(before.step)) return wrong(`after ${before.step}`);
    // Somebody who joins from an absorbed incident was dispatched there.
    const joins = what === 'absorbed' && before.step === 'reported' && line.step === 'dispatched';
    if (!joins && line.step !== (to ?? before.step)) return wrong(`${before.step} became ${line.step}`);
    for (const name of ['incidentId', 'exercise', 'demo', 'reportedAtMs', 'siteId', 'zoneId'] as const) if (line[name] !== before[name]) return wrong(`${name} was changed`);
    if (line.severity !== before.severity && what !== 'severityRaised' && what !== 'factsSet') return wrong('its severity changed by itself');
    if (what === 'severityRaised' && severityRank(line.severity) <= severityRank(before.severity)) return wrong('its severity was not raised');
    if ((line.category !== before.category || line.title !== before.title) && what !== 'factsSet') return wrong('its category or title changed by itself');
    if (line.placeUnitId !== before.placeUnitId && what !== 'placeMoved') return wrong('its place changed by itself');
    if (line.unitId !== before.unitId && !['takenOver', 'givenBack', 'transferred', 'placeMoved'].includes(what)) return wrong('its unit changed by itself');
    const answer = ANSWERS[what];
    if (answer !== undefined) {
      const memberId = String(values['memberId']), [was, is] = [stateIn(before, memberId), stateIn(line, memberId)];
      if (!answer.from.includes(was)) return wrong(`${memberId} was ${was}`);
      if (what !== 'helpNeeded' && is !== answer.to) return wrong(`${memberId} is ${is}`);
      if (what === 'asked') everAsked.add(memberId);
      else if (!everAsked.has(memberId)) return wrong(`${memberId} was never asked`);
      if (['accepted', 'declined', 'arrived', 'helpNeeded'].includes(what) && actor.memberId !== memberId) return wrong(`answered by ${actor.memberId ?? actor.name} for ${memberId}`);
    }
    // Nobody comes to it, and nobody who is on it gets further, but by a fact about them (or out of another incident).
    for (const { memberId, state } of line.people) {
      const was = stateIn(before, memberId);
      if (state === was) continue;
      if (what === 'absorbed') everAsked.add(memberId);
      else if (values['memberId'] !== memberId || answer === undefined) return wrong(`${memberId} went from ${was} to ${state}`);
    }
    switch (what) {
      case 'reported': return wrong('twice');
      case 'deadlineMissed': {
        const kind = String(values['kind']);
        if (!MISSED_IN[kind]?.includes(before.step)) return wrong(`${kind} is not waited for after ${before.step}`);
        if (missed.has(kind)) return wrong(`${kind} twice`);
        if (!(Number(values['lateMs']) >= 0)) return wrong(`${kind} before it was due`);
        missed.add(kind);
        break;
      }
      case 'handled': handledBy = actor; missed.delete('followUp'); break;
      case 'followedUp': missed.delete('assess'); break;
      case 'notStillWell': for (const kind of ['acknowledge', 'onSite', 'underControl']) missed.delete(kind); break;
      case 'reopened':
        missed.clear();
        late.clear();
        reporters.push(actor);
        break;
      case 'assessed':
        if (actor.duty === 'system') return wrong('by nobody');
        if (reporters.some((reporter) => sameActor(reporter, actor))) return wrong('by who reported it');
        if (reporters[0]!.duty === 'system' && handledBy !== null && sameActor(handledBy, actor)) return wrong('by who handled it');
        break;
      case 'takenOver':
        if (line.unitId !== actor.unitId || values['fromUnitId'] !== before.unitId) return wrong('not by the unit that has it now');
        takenFrom = before.unitId;
        break;
      case 'givenBack':
        if (takenFrom === null || line.unitId !== takenFrom) return wrong('to a unit that it was not taken from');
        takenFrom = null;
        break;
      case 'transferred': takenFrom = null; break;
      case 'urged': urged += 1; break;
      case 'actionOverdue': {
        const actionId = String(values['actionId']);
        if (late.has(actionId)) return wrong(`${actionId} twice`);
        late.add(actionId);
        break;
      }
      case 'linked': case 'unlinked': {
        const other = String(values['to']);
        if (what === 'unlinked' && !links.has(other) && !events.slice(0, i).some(({ values: past }) => past['made'] === other || past['splitFrom'] === other)) return wrong(`it was not linked to ${other}`);
        if (what === 'linked') links.add(other); else links.delete(other);
        break;
      }
      case 'alarmAttached': case 'alarmChanged': case 'severityRaised':
        if (what !== 'severityRaised' && !line.alarmIds.includes(String(values['alarmId']))) return wrong('its line does not know the alarm');
        break;
      case 'dispatched': case 'asked': case 'noAnswer': case 'escalated': case 'nobodyLeft': case 'accepted': case 'declined': case 'arrived': case 'helpNeeded': case 'noted': case 'factsSet': case 'actionSent': case 'actionDone': case 'actionFailed':
      case 'actionSkipped': case 'actionReopened': case 'merged': case 'absorbed': case 'splitOff': case 'handedOver': case 'placeMoved': break;
    }
    if (line.urgedCount !== urged) return wrong(`urged ${line.urgedCount} times, told ${urged} times`);
    if (moved && !OPEN.includes(line.step) && line.people.length > 0) return wrong('people are still on it');
    [before, atMs, runMs] = [line, event.atMs, event.runMs];
  }
  return null;
}
const stateIn = (line: IncidentLine, memberId: string): string | null => line.people.findLast((one) => one.memberId === memberId)?.state ?? null;
