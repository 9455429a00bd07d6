// The life of an incident, rule by rule (IC of docs/SPEC.md).
import { describe, expect, test } from 'vitest';
import { DEADLINES_DEFAULT, Incident, IncidentChanged, IncidentInput, SYSTEM_ACTOR, type IncidentCommand, type IncidentStep, type Assignment } from '../../contract/incident.ts';
import { problemSentence } from '../../contract/problem.ts';
import { checker } from '../../contract/schema.ts';
import { allowedCommands, contextWish, decideIncident, foldIncident, isLegalHistory, lineOf } from '../../crowd/incident/decideIncident.ts';
import { ACTION, actorOf, alarmOf, Desk, LADDER, named, OPERATOR, personAt, reported, reportOf, rungAt } from './incidentForTest.ts';

const checkIncident = checker(Incident), checkEvent = checker(IncidentChanged), checkInput = checker(IncidentInput);
const START = alarmOf().changedAtMs;
const said = { words: 'said', attachments: [] };
const TIM = actorOf('tim', 'town'), ANN = actorOf('ann'), BEN = actorOf('ben'), TOWN_OFFICER = actorOf('townOfficer', 'town', { duty: 'dutyOfficer' }), COUNTY_OFFICER = actorOf('countyOfficer', 'county', { duty: 'dutyOfficer' });
const accept = { type: 'accept', words: '' } as const, arrive = { type: 'arrive', words: '' } as const, handle = { type: 'handle', ...said } as const, stillWell = { type: 'followUp', stillWell: true, ...said } as const;
const assess = { type: 'assess', outcome: 'resolved', ...said } as const, tick = { type: 'tick' } as const;
const alone = { ladder: [rungAt('grid', 'grid', personAt('ann'))] };

function at(step: IncidentStep): Desk {
  const desk = reported({}, { ladder: step === 'reported' ? [] : LADDER, playbook: [ACTION('gate')] });
  const path: [Parameters<Desk['give']>[0], IncidentCommand][] = [[ANN, accept], [ANN, handle], [OPERATOR, stillWell], [named('Wang'), assess]];
  const steps: IncidentStep[] = ['reported', 'dispatched', 'handled', 'followedUp', 'closed'];
  if (step === 'merged') desk.give(OPERATOR, { type: 'mergeInto', into: 'two', words: 'the same' });
  else for (const [actor, command] of path.slice(0, step === 'reported' ? 0 : steps.indexOf(step))) desk.give(actor, command);
  expect(desk.now.step).toBe(step);
  return desk;
}
const STEPS = ['reported', 'dispatched', 'handled', 'followedUp', 'closed', 'merged'] as const;

describe('steps', () => {
  test('IC1 reported, dispatched, handled, followed up, closed: each step is a fact, and what is kept fits its schema', () => {
    const desk = new Desk();
    expect(desk.give(OPERATOR, reportOf({ words: 'stairs blocked' }))).toEqual(['reported', 'dispatched', 'asked']);
    expect(desk.wait(10).give(ANN, accept)).toEqual(['accepted']);
    expect(desk.wait(60).give(ANN, arrive)).toEqual(['arrived']);
    expect(desk.wait(60).give(ANN, handle)).toEqual(['handled']);
    expect(desk.wait(600).give(OPERATOR, stillWell)).toEqual(['followedUp']);
    expect(desk.wait(600).give(named('Wang'), assess)).toEqual(['assessed']);
    expect(desk.now).toMatchObject({ step: 'closed', version: 8, nextRunMs: null, assessment: { outcome: 'resolved', by: { name: 'Wang' } } });
    expect(desk.now.deadlines.map(({ kind, metAtMs, missedAtMs }) => [kind, metAtMs !== null, missedAtMs])).toEqual(['dispatch', 'acknowledge', 'onSite', 'underControl', 'followUp', 'assess'].map((kind) => [kind, true, null]));
    expect(desk.events[0]).toMatchObject({ eventId: 'one.1', actor: OPERATOR, words: 'stairs blocked', values: { category: 'crowding', severity: 'serious', alarmId: null } });
    expect(desk.events.map(({ actor }) => actor.name)).toEqual(['Olga', 'Crowdlight', 'Crowdlight', 'Name of ann', 'Name of ann', 'Name of ann', 'Olga', 'Wang']);
    expect(checkIncident(desk.now)).toMatchObject({ ok: true });
    for (const event of desk.events) expect(checkEvent(event)).toMatchObject({ ok: true });
    for (const input of desk.inputs) expect(checkInput(input)).toMatchObject({ ok: true });
    expect(foldIncident(desk.inputs)).toEqual({ incident: desk.now, events: desk.events, refused: [] });
    expect(isLegalHistory(desk.events)).toBeNull();
    expect(desk.events.at(-1)!.line).toEqual(lineOf(desk.now));
  });

  test('IC2 what is not allowed in a step is refused with the step and what was asked, in both languages', () => {
    for (const [step, command] of [['reported', handle], ['dispatched', stillWell], ['handled', assess], ['handled', handle], ['closed', handle], ['closed', stillWell], ['merged', { type: 'reopen', words: 'again' }]] as const) {
      const desk = at(step), decided = decideIncident(desk.now, desk.input(named('Wang'), command));
      expect(decided).toEqual({ problem: { code: 'incidentStepNotAllowed', values: { step, asked: command.type }, detail: null } });
      if ('problem' in decided) for (const language of ['en', 'zh'] as const) expect(problemSentence(decided.problem, language)).toContain(command.type);
    }
    expect(decideIncident(null, new Desk().input(ANN, accept))).toMatchObject({ problem: { code: 'incidentUnknown' } });
    expect(reported().give(OPERATOR, reportOf())).toBe('incidentStepNotAllowed');
  });

  test('IC2 what a page is told to offer is what is taken, for every step, actor and command', () => {
    const commands: IncidentCommand[] = [
      { type: 'dispatch', memberIds: ['cat'], words: '' }, accept, { type: 'decline', words: 'busy' }, arrive, { type: 'needHelp', words: 'more' }, { type: 'escalate', words: '' }, handle, stillWell, assess, { type: 'reopen', words: 'again' }, { type: 'note', ...said },
      { type: 'link', to: 'two', words: '' }, { type: 'setFacts', title: 'Other', words: 'better' }, { type: 'urge', words: 'go' }, { type: 'takeOver', words: 'ours' }, { type: 'giveBack', words: 'yours' }, { type: 'transfer', toUnitId: 'elsewhere', words: 'theirs' },
      { type: 'tickAction', actionId: 'gate', state: 'done', words: '' }, { type: 'mergeInto', into: 'two', words: 'same' }, { type: 'handOver', toName: 'Next', summary: 'quiet' },
    ];
    let taken = 0;
    for (const step of STEPS) for (const actor of [OPERATOR, ANN, BEN, TOWN_OFFICER, named('Wang'), SYSTEM_ACTOR]) {
      const desk = at(step), offered = allowedCommands(desk.now, actor, ['grid', 'town', 'county']);
      for (const command of commands) {
        const decided = decideIncident(desk.now, desk.input(actor, command, { ladder: LADDER })), isTaken = !('problem' in decided);
        expect([step, actor.name, command.type, isTaken]).toEqual([step, actor.name, command.type, offered.includes(command.type)]);
        if (isTaken) taken++;
      }
    }
    expect(taken).toBeGreaterThan(150);
  });

  test('IC3 who reports never assesses, under whatever name; what the system reported is not assessed by who handled it', () => {
    for (const [reporter, assessor, answer] of [
      [OPERATOR, named('  OLGA '), 'incidentReporterMayNotAssess'], [OPERATOR, named('Ｏlga'), 'incidentReporterMayNotAssess'], [OPERATOR, actorOf('olga', 'grid', { name: 'Olga' }), 'incidentReporterMayNotAssess'],
      [ANN, actorOf('ann', 'town', { name: 'Anna, renamed' }), 'incidentReporterMayNotAssess'], [ANN, named('Name of ann'), 'incidentReporterMayNotAssess'],
      [SYSTEM_ACTOR, ANN, 'incidentHandlerMayNotAssess'], [SYSTEM_ACTOR, SYSTEM_ACTOR, 'incidentStepNotAllowed'], [SYSTEM_ACTOR, named('crowdlight'), 'incidentReporterMayNotAssess'],
      [SYSTEM_ACTOR, BEN, ['assessed']], [OPERATOR, ANN, ['assessed']], [ANN, actorOf('li', 'grid', { name: 'Name of ann' }), ['assessed']],
    ] as const) {
      const desk = reported({}, {}, reporter);
      for (const [actor, command] of [[ANN, accept], [ANN, handle], [reporter === SYSTEM_ACTOR ? BEN : reporter, stillWell]] as const) desk.give(actor, command);
      expect([reporter.name, assessor.name, desk.give(assessor, assess)]).toEqual([reporter.name, assessor.name, answer]);
    }
  });

  test('IC3 nor does who re-opened it, or reported one that was joined with it', () => {
    const reopened = at('closed');
    reopened.give(named('Xu'), { type: 'reopen', words: 'again' });
    for (const [actor, command] of [[ANN, accept], [ANN, handle], [OPERATOR, stillWell]] as const) reopened.give(actor, command);
    expect([reopened.give(OPERATOR, assess), reopened.give(named('xu'), assess), reopened.give(named('Wang'), assess)]).toEqual(['incidentReporterMayNotAssess', 'incidentReporterMayNotAssess', ['assessed']]);
    // Once is enough to be kept in mind, and the system needs not be.
    expect(reopened.give(named('xu'), { type: 'reopen', words: 'and again' })).toEqual(['reopened', 'dispatched', 'asked']);
    reopened.give(OPERATOR, { type: 'absorb', from: 'two', alarms: [], assignments: [], words: 'same', reportedBy: SYSTEM_ACTOR });
    expect(reopened.now.reportedAlsoBy.map(({ name }) => name)).toEqual(['Xu']);
    const joined = at('followedUp');
    expect(joined.give(named('Wang'), { type: 'absorb', from: 'two', alarms: [], assignments: [], words: 'same', reportedBy: named('Xu'), exercise: false })).toEqual(['absorbed']);
    expect([joined.give(named('Xu'), assess), joined.give(named('Wang'), assess)]).toEqual(['incidentReporterMayNotAssess', ['assessed']]);
  });

  test('IC4 looked at again and not well: back to dispatched, with new deadlines and new asks; history keeps all', () => {
    const desk = at('handled');
    expect(desk.wait(1000).give(OPERATOR, { type: 'followUp', stillWell: false, ...said })).toEqual(['notStillWell', 'asked']);
    expect(desk.now).toMatchObject({ step: 'dispatched', handledBy: null, followedUpBy: null });
    expect(desk.now.deadlines.map(({ kind, dueRunMs, metAtMs }) => [kind, dueRunMs - desk.runMs, metAtMs])).toEqual([['acknowledge', 60_000, null], ['onSite', 180_000, null], ['underControl', 300_000, null]]);
    expect(desk.now.assignments.map(({ memberId, state }) => [memberId, state])).toEqual([['ann', 'done'], ['ann', 'asked']]);
    expect(isLegalHistory(desk.events)).toBeNull();
  });

  test('IC5 re-opened: reported again, asked anew, playbook and deadlines anew, counted', () => {
    const desk = at('closed');
    desk.context = { ...desk.context, playbook: [ACTION('gate'), ACTION('exit')] };
    expect(desk.wait(5000).give(named('Wang'), { type: 'reopen', words: 'smoke again' })).toEqual(['reopened', 'dispatched', 'asked']);
    expect(desk.now).toMatchObject({ step: 'dispatched', reopenedCount: 1, assessment: null, handledBy: null });
    expect(desk.now.playbook.map(({ actionId, state, dueRunMs }) => [actionId, state, dueRunMs - desk.runMs])).toEqual([['gate', 'open', 120_000], ['exit', 'open', 120_000]]);
    expect(desk.now.deadlines.map(({ kind, metAtMs }) => [kind, metAtMs !== null])).toEqual([['dispatch', true], ['acknowledge', false], ['onSite', false], ['underControl', false]]);
    expect(desk.pass(61)).toContain('deadlineMissed');
    expect(isLegalHistory(desk.events)).toBeNull();
  });
});

describe('the ladder', () => {
  test('IC6 the unit\'s own people on duty are asked first, one after the other; no answer in time: the next, then the next unit up', () => {
    const desk = reported({}, { deadlines: { ...DEADLINES_DEFAULT.serious, acknowledge: 86_400, onSite: 86_400, underControl: 86_400 } });
    expect([desk.stateOf('ann'), desk.stateOf('ben')]).toEqual(['asked', undefined]);
    expect(desk.pass(29.9)).toEqual([]);
    expect(desk.pass(0.1)).toEqual(['noAnswer', 'asked']);
    expect(desk.pass(30)).toEqual(['noAnswer', 'asked']);
    expect(desk.pass(30)).toEqual(['noAnswer', 'escalated', 'asked']);
    expect(desk.last('escalated').values).toEqual({ unitId: 'town', unitNameEn: 'Unit town', unitNameZh: '单位town', unitLevel: 'township', because: 'noAnswer', kind: null });
    expect(desk.now.ask).toMatchObject({ rung: 1, unitId: 'town', unitLevel: 'township', askedMemberIds: ['ann', 'ben', 'gridOfficer', 'tim'] });
    expect(desk.pass(120)).toEqual(['noAnswer', 'asked', 'noAnswer', 'escalated', 'asked', 'noAnswer', 'asked', 'noAnswer', 'nobodyLeft']);
    expect(desk.events.filter(({ what }) => what === 'asked').map(({ values }) => values['memberId'])).toEqual(['ann', 'ben', 'gridOfficer', 'tim', 'townOfficer', 'cat', 'countyOfficer']);
  });

  test('IC6 what comes between the end of a wait and the tick that tells it asks nobody twice', () => {
    const desk = reported();
    desk.wait(31);
    expect(desk.give(OPERATOR, { type: 'note', ...said })).toEqual(['noted']);
    expect(desk.now.nextRunMs).toBeLessThan(desk.runMs);
    expect(desk.give(SYSTEM_ACTOR, tick)).toEqual(['noAnswer', 'asked']);
    const late = reported();
    late.wait(31).give(OPERATOR, { type: 'note', ...said });
    expect(late.give(ANN, accept)).toEqual(['accepted']);
    expect(late.now.assignments.length).toBe(1);
  });

  test('IC6 a unit without anybody on duty is passed over', () => {
    const desk = reported({}, { ladder: [rungAt('grid', 'grid'), rungAt('town', 'township'), LADDER[2]!] });
    expect(desk.now.assignments.map(({ memberId, unitId }) => [memberId, unitId])).toEqual([['cat', 'county']]);
    expect(desk.now.ask.unitId).toBe('county');
    expect(desk.events.map(({ what }) => what)).toEqual(['reported', 'dispatched', 'asked']);
  });

  test('IC7 whoever declines is passed over at once, with the reason; declining after accepting gives it back to the ladder', () => {
    const desk = reported();
    expect(desk.give(ANN, { type: 'decline', words: 'on another call' })).toEqual(['declined', 'asked']);
    expect(desk.now.assignments.at(0)).toMatchObject({ state: 'declined', words: 'on another call' });
    expect(desk.give(BEN, accept)).toEqual(['accepted']);
    expect(desk.now.ask.nextRunMs).toBeNull();
    expect(desk.give(BEN, { type: 'decline', words: 'bicycle broken' })).toEqual(['declined', 'asked']);
    expect(desk.stateOf('gridOfficer')).toBe('asked');
    // Also while somebody whom a hand named may still answer.
    desk.give(actorOf('gridOfficer'), accept);
    desk.give(OPERATOR, { type: 'dispatch', memberIds: ['cat'], words: 'and you' });
    expect(desk.give(actorOf('gridOfficer'), { type: 'decline', words: 'called away' })).toEqual(['declined', 'escalated', 'asked']);
    expect([desk.stateOf('cat'), desk.stateOf('tim')]).toEqual(['asked', 'asked']);
    expect(isLegalHistory(desk.events)).toBeNull();
  });

  test('IC8 accepting ends the asking and frees whom the ladder asked beside; whoever was freed may still come; whom a hand named is still wanted', () => {
    const desk = reported();
    desk.give(OPERATOR, { type: 'escalate', words: 'hurry' });
    desk.give(OPERATOR, { type: 'dispatch', memberIds: ['cat'], words: 'and you' });
    const from = desk.notices.length;
    expect(desk.give(TIM, accept)).toEqual(['accepted']);
    expect([desk.stateOf('ann'), desk.stateOf('tim'), desk.stateOf('cat')]).toEqual(['released', 'accepted', 'asked']);
    expect(desk.last('accepted').values).toEqual({ memberId: 'tim', memberName: 'Name of tim', released: 1 });
    expect(desk.told(from)).toEqual(['released ann']);
    expect(desk.give(ANN, accept)).toEqual(['accepted']);
    expect(desk.pass(40)).toEqual(['noAnswer']);
    expect([desk.stateOf('cat'), desk.stateOf('ben')]).toEqual(['noAnswer', undefined]);
  });

  test('IC8 the same answer again, or an answer of somebody who was not asked, is refused and no fact', () => {
    const desk = reported();
    expect([desk.give(BEN, accept), desk.give(named('Name of ann'), accept), desk.give(ANN, { type: 'needHelp', words: 'x' })]).toEqual(['incidentNotAssigned', 'incidentNotAssigned', 'incidentStepNotAllowed']);
    desk.give(ANN, accept);
    expect([desk.give(ANN, accept), desk.give(ANN, arrive), desk.give(ANN, arrive), desk.give(ANN, accept)]).toEqual(['incidentStepNotAllowed', ['arrived'], 'incidentStepNotAllowed', 'incidentStepNotAllowed']);
    expect(desk.events.length).toBe(5);
  });

  test('IC8 who is there without having answered has answered', () => {
    const desk = reported();
    desk.pass(31);
    expect([desk.stateOf('ann'), desk.stateOf('ben')]).toEqual(['noAnswer', 'asked']);
    expect(desk.give(ANN, arrive)).toEqual(['arrived']);
    expect([desk.stateOf('ann'), desk.stateOf('ben')]).toEqual(['arrived', 'released']);
    expect(desk.now.assignments[0]).toMatchObject({ answeredAtMs: desk.atMs, arrivedAtMs: desk.atMs });
    expect(desk.now.deadlines.filter(({ metAtMs }) => metAtMs !== null).map(({ kind }) => kind)).toEqual(['dispatch', 'acknowledge', 'onSite']);
  });

  test('IC9 help needed: the next one is asked at once, and one after the other until somebody comes; duty officers hear of it', () => {
    const desk = reported();
    desk.give(ANN, accept);
    const from = desk.notices.length;
    expect(desk.give(ANN, { type: 'needHelp', words: 'two gates' })).toEqual(['helpNeeded', 'asked']);
    expect(desk.told(from)).toEqual(['helpNeeded gridOfficer', 'asked ben']);
    expect(lineOf(desk.now).people).toEqual([{ memberId: 'ann', memberName: 'Name of ann', state: 'accepted', needsHelp: true }, { memberId: 'ben', memberName: 'Name of ben', state: 'asked', needsHelp: false }]);
    expect(desk.pass(30)).toEqual(['noAnswer', 'asked']);
    expect(desk.give(actorOf('gridOfficer'), { type: 'decline', words: 'no' })).toEqual(['declined', 'escalated', 'asked']);
    expect(desk.give(TIM, accept)).toEqual(['accepted']);
    expect(desk.pass(20)).toEqual([]);
    expect(desk.now.assignments[0]).toMatchObject({ needsHelp: true });
    desk.give(TIM, arrive);
    expect(desk.now.assignments[0]).toMatchObject({ memberId: 'ann', state: 'accepted', needsHelp: false });
    // Being there oneself is no help yet; with everything under control none is needed.
    desk.give(ANN, { type: 'needHelp', words: 'still' });
    desk.give(ANN, arrive);
    expect(desk.now.assignments[0]).toMatchObject({ state: 'arrived', needsHelp: true });
    desk.give(ANN, handle);
    expect(desk.now.assignments[0]).toMatchObject({ state: 'done', needsHelp: false });
  });

  test('IC10 nobody on duty: it stays reported, says so once, and asks as soon as somebody comes on duty', () => {
    const desk = reported({}, { ladder: [rungAt('grid', 'grid')] });
    expect(desk.events.map(({ what }) => what)).toEqual(['reported', 'nobodyLeft']);
    expect(desk.now).toMatchObject({ step: 'reported', ask: { exhausted: true } });
    expect(desk.pass(3600)).toEqual(['deadlineMissed', 'deadlineMissed', 'deadlineMissed', 'deadlineMissed']);
    desk.context = { ...desk.context, ...alone };
    expect(desk.pass(300)).toEqual(['dispatched', 'asked', 'noAnswer', 'nobodyLeft']);
    expect(isLegalHistory(desk.events)).toBeNull();
  });

  test('IC10 with nobody left, duty officers of all units of the chain hear of it once; who comes on duty later is asked, nobody twice', () => {
    const desk = reported({}, { deadlines: { ...DEADLINES_DEFAULT.serious, acknowledge: 86_400, onSite: 86_400, underControl: 86_400 } });
    const brought = desk.pass(3600);
    expect(brought.filter((what) => what === 'nobodyLeft')).toEqual(['nobodyLeft']);
    expect(desk.told().filter((notice) => notice.startsWith('info'))).toEqual(['info gridOfficer', 'info townOfficer', 'info countyOfficer']);
    desk.context = { ...desk.context, ladder: [rungAt('grid', 'grid', personAt('ann'), personAt('new')), ...LADDER.slice(1)] };
    expect(desk.give(SYSTEM_ACTOR, tick)).toEqual(['asked']);
    expect(desk.now).toMatchObject({ ask: { exhausted: false } });
    expect(desk.give(actorOf('new'), accept)).toEqual(['accepted']);
  });

  test('IC10 nobody is left only when the last one who was asked has not answered either', () => {
    const desk = reported({}, { ladder: [rungAt('grid', 'grid', personAt('ann')), rungAt('town', 'township', personAt('tim'))] });
    desk.wait(10).give(OPERATOR, { type: 'escalate', words: '' });
    expect(desk.pass(20)).toEqual(['noAnswer']);
    expect(desk.pass(10)).toEqual(['noAnswer', 'nobodyLeft']);
  });

  test('IC11 by hand: anybody on duty along the chain, also under a unit that took it over; others are refused, and those who are on it already are not asked again', () => {
    const desk = reported();
    expect(desk.give(OPERATOR, { type: 'dispatch', memberIds: ['cat', 'stranger'], words: '' })).toBe('incidentMemberUnknown');
    expect(desk.give(OPERATOR, { type: 'dispatch', memberIds: ['cat', 'ann', 'cat'], words: 'go' })).toEqual(['dispatched', 'asked']);
    expect(desk.give(OPERATOR, { type: 'dispatch', memberIds: ['cat'], words: '' })).toBe('incidentStepNotAllowed');
    expect(desk.give(OPERATOR, { type: 'dispatch', memberIds: ['ben'], words: '' }, { ladder: LADDER.slice(1) })).toBe('incidentMemberUnknown');
    expect(desk.give(OPERATOR, { type: 'dispatch', memberIds: ['ben'], words: '' }, { ladder: LADDER.slice(1), below: LADDER.slice(0, 1) })).toEqual(['dispatched', 'asked']);
    expect(desk.last('asked')).toMatchObject({ actor: OPERATOR, values: { memberId: 'ben', unitId: 'grid', byHand: true } });
  });

  test('IC11 by hand whoever declined or did not answer may be asked again', () => {
    const desk = reported();
    desk.give(ANN, { type: 'decline', words: 'busy' });
    expect(desk.give(OPERATOR, { type: 'dispatch', memberIds: ['ann'], words: 'please' })).toEqual(['dispatched', 'asked']);
    expect(desk.now.assignments.filter(({ memberId }) => memberId === 'ann').map(({ state }) => state)).toEqual(['declined', 'asked']);
    expect(desk.give(ANN, accept)).toEqual(['accepted']);
  });

  test('IC12 dispatching without names asks the next on the ladder; where nobody can be asked, words say who was told by other means', () => {
    const desk = reported();
    expect(desk.give(OPERATOR, { type: 'dispatch', memberIds: [], words: 'one more' })).toEqual(['dispatched', 'asked']);
    expect(desk.stateOf('ben')).toBe('asked');
    const empty = reported({}, { ladder: [] });
    expect(empty.give(OPERATOR, { type: 'dispatch', memberIds: [], words: ' ' })).toBe('incidentMemberUnknown');
    expect(empty.give(OPERATOR, { type: 'dispatch', memberIds: [], words: 'Li told by radio' })).toEqual(['dispatched']);
    expect(empty.last('dispatched')).toMatchObject({ actor: OPERATOR, words: 'Li told by radio', values: { byHand: true, asked: 0, otherMeans: true } });
    expect(empty.give(OPERATOR, handle)).toEqual(['handled']);
    expect(isLegalHistory(empty.events)).toBeNull();
  });

  test('IC13 escalating by hand asks the next unit up at once, beside whoever is asked here; at the top there is nobody', () => {
    const desk = reported();
    expect(desk.give(OPERATOR, { type: 'escalate', words: 'now' })).toEqual(['escalated', 'asked']);
    expect(desk.last('escalated')).toMatchObject({ actor: OPERATOR, words: 'now', values: { unitId: 'town', because: 'byHand' } });
    expect([desk.stateOf('ann'), desk.stateOf('tim')]).toEqual(['asked', 'asked']);
    const top = reported({}, alone);
    expect(top.give(OPERATOR, { type: 'escalate', words: '' })).toBe('incidentMemberUnknown');
  });
});

describe('deadlines', () => {
  test('IC14 each is told once when it is missed, with how late it was found; meeting it later does not take that back', () => {
    const desk = reported({}, alone);
    expect(desk.pass(59)).toEqual(['noAnswer', 'nobodyLeft']);
    desk.wait(61);
    expect(desk.give(SYSTEM_ACTOR, tick)).toEqual(['deadlineMissed']);
    expect(desk.last('deadlineMissed').values).toEqual({ kind: 'acknowledge', lateMs: 60_000, dueAtMs: desk.now.reportedAtMs + 60_000 });
    expect(lineOf(desk.now)).toMatchObject({ overdueSinceMs: desk.now.reportedAtMs + 60_000, due: { kind: 'onSite' } });
    expect(desk.give(SYSTEM_ACTOR, tick)).toEqual([]);
    desk.give(ANN, accept);
    expect(desk.now.deadlines.find(({ kind }) => kind === 'acknowledge')).toMatchObject({ metAtMs: desk.atMs, missedAtMs: desk.atMs });
    expect(lineOf(desk.now).overdueSinceMs).toBeNull();
    expect(desk.pass(300).filter((what) => what === 'deadlineMissed').length).toBe(2);
    expect(desk.last('deadlineMissed').values).toMatchObject({ kind: 'underControl' });
  });

  test('IC14 overdue since the oldest that was missed and is still waited for', () => {
    const desk = reported({}, alone);
    desk.pass(200);
    expect(lineOf(desk.now)).toMatchObject({ overdueSinceMs: desk.now.reportedAtMs + 60_000, due: { kind: 'underControl', dueAtMs: desk.now.reportedAtMs + 300_000 } });
    desk.give(ANN, accept);
    expect(lineOf(desk.now).overdueSinceMs).toBe(desk.now.reportedAtMs + 180_000);
    desk.give(ANN, arrive);
    expect(lineOf(desk.now).overdueSinceMs).toBeNull();
  });

  test('IC14 the wall clock moves none of them: only the desk\'s clock does', () => {
    const desk = reported({}, alone);
    desk.atMs += 86_400_000;
    expect(desk.give(SYSTEM_ACTOR, tick)).toEqual([]);
    desk.atMs -= 10 * 86_400_000;
    expect(desk.give(SYSTEM_ACTOR, tick)).toEqual([]);
    desk.runMs += 60_000;
    expect(desk.give(SYSTEM_ACTOR, tick)).toEqual(['noAnswer', 'deadlineMissed', 'nobodyLeft']);
    const stamps = desk.events.map(({ atMs }) => atMs);
    expect(stamps).toEqual(stamps.toSorted((a, b) => a - b));
  });

  test('IC15 nobody accepted in time: the next unit is asked as well; not on site or not under control: duty officers of the unit above hear of it', () => {
    const desk = reported({}, { answerS: 600 });
    expect(desk.pass(60)).toEqual(['deadlineMissed', 'escalated', 'asked']);
    expect(desk.last('escalated').values).toMatchObject({ unitId: 'town', because: 'deadline', kind: 'acknowledge' });
    expect([desk.stateOf('ann'), desk.stateOf('tim')]).toEqual(['asked', 'asked']);
    desk.give(ANN, accept);
    const from = desk.notices.length;
    expect(desk.pass(240)).toEqual(['deadlineMissed', 'deadlineMissed']);
    expect(desk.told(from)).toEqual(['overdue townOfficer', 'overdue townOfficer']);
    expect(new Set(desk.notices.map(({ noticeId }) => noticeId)).size).toBe(desk.notices.length);
  });

  test('IC15 at the acknowledge deadline the next one here is asked as well as the next unit', () => {
    const desk = reported();
    desk.pass(59);
    expect(desk.pass(1)).toEqual(['noAnswer', 'deadlineMissed', 'escalated', 'asked', 'asked']);
    expect([desk.stateOf('tim'), desk.stateOf('gridOfficer')]).toEqual(['asked', 'asked']);
  });

  test('IC16 follow-up and assessment count from the step before; what was skipped on the way is not waited for', () => {
    const desk = reported();
    desk.wait(20).give(OPERATOR, handle);
    expect(desk.now.assignments.map(({ state }) => state)).toEqual(['released']);
    expect(lineOf(desk.now)).toMatchObject({ due: { kind: 'followUp', dueAtMs: desk.atMs + 3_600_000 }, overdueSinceMs: null });
    expect(desk.pass(3599)).toEqual([]);
    const from = desk.notices.length;
    expect(desk.pass(1)).toEqual(['deadlineMissed']);
    expect(desk.told(from)).toEqual(['overdue gridOfficer']);
    desk.give(OPERATOR, stillWell);
    expect(lineOf(desk.now)).toMatchObject({ due: { kind: 'assess', dueAtMs: desk.atMs + 86_400_000 }, overdueSinceMs: null });
    expect(desk.pass(86_400)).toEqual(['deadlineMissed']);
    expect(desk.now.nextRunMs).toBeNull();
  });

  test('IC17 after every input nextRunMs says when time has something to say: to look earlier changes nothing at all', () => {
    const desk = reported({}, { playbook: [ACTION('gate', { withinS: 45 })] });
    const looked: number[] = [];
    for (let i = 0; i < 200 && desk.now.nextRunMs !== null && desk.now.nextRunMs < desk.now.reportedRunMs + 3_600_000; i++) {
      const before = desk.now, early = decideIncident(before, { ...desk.input(SYSTEM_ACTOR, tick), runMs: before.nextRunMs! - 1 });
      expect('incident' in early && early.incident).toBe(before);
      desk.wait((before.nextRunMs! - desk.runMs) / 1000);
      desk.give(SYSTEM_ACTOR, tick);
      expect(desk.now.nextRunMs === null || desk.now.nextRunMs > desk.runMs).toBe(true);
      const again = decideIncident(desk.now, desk.input(SYSTEM_ACTOR, tick));
      expect('incident' in again && again.incident).toBe(desk.now);
      looked.push((desk.runMs - desk.now.reportedRunMs) / 1000);
    }
    expect(looked.slice(0, 5)).toEqual([30, 45, 60, 90, 120]);
    // Looking again for people who came on duty: not more often than once a minute, nor more seldom than every five, and more seldom only after a day.
    const late = looked.filter((s) => s > 600), pauses = (at: number[]) => at.slice(1).map((s, i) => Math.round(s - at[i]!));
    expect(late.length).toBeLessThan(60);
    expect(Math.max(...pauses(late))).toBeLessThanOrEqual(300);
    const first = desk.inputs.length;
    desk.pass(30 * 86_400);
    const looks = pauses(desk.inputs.slice(first).map(({ runMs }) => (runMs - desk.now.reportedRunMs) / 1000));
    expect(looks.length).toBeLessThan(1500);
    expect([Math.max(...looks.slice(0, 200)) <= 300, Math.max(...looks) <= 3600]).toEqual([true, true]);
  });
});

describe('alarms', () => {
  test('IC18 a higher level raises the severity, adds the actions for it and draws deadlines nearer; it is never lowered by itself', () => {
    const desk = reported({ severity: 'moderate', alarm: alarmOf({ level: 'warning' }) }, { deadlines: DEADLINES_DEFAULT.moderate, playbook: [ACTION('gate')] });
    desk.wait(10);
    const raised = desk.give(SYSTEM_ACTOR, { type: 'alarmChanged', alarm: alarmOf({ level: 'critical', changedAtMs: desk.atMs }) }, { deadlines: DEADLINES_DEFAULT.critical, playbook: [ACTION('gate'), ACTION('trains', { kind: 'holdTrains' })] });
    expect(raised).toEqual(['alarmChanged', 'severityRaised']);
    expect(desk.last('severityRaised').values).toEqual({ from: 'moderate', to: 'critical', alarmId: 'site.densityHigh.zone.1' });
    expect(desk.told()).toEqual(['asked ann', 'info ann']);
    expect(desk.now.deadlines.map(({ kind, dueRunMs }) => [kind, (dueRunMs - desk.runMs) / 1000])).toEqual([['dispatch', 110], ['acknowledge', 60], ['onSite', 180], ['underControl', 300]]);
    expect(desk.now.playbook.map(({ actionId, dueRunMs }) => [actionId, (dueRunMs - desk.runMs) / 1000])).toEqual([['gate', 110], ['trains', 120]]);
    expect(desk.give(SYSTEM_ACTOR, { type: 'alarmChanged', alarm: alarmOf({ level: 'notice', levelPeak: 'critical', changedAtMs: desk.atMs + 1 }) })).toEqual(['alarmChanged']);
    expect(desk.now.severity).toBe('critical');
    expect(lineOf(desk.now).alarmLevel).toBe('notice');
  });
  test('IC18 deadlines nearer than the new ones stay; severity set down by hand stays down until the alarm gets worse than it ever was', () => {
    const desk = reported({ alarm: alarmOf() });
    desk.give(named('Wang'), { type: 'setFacts', severity: 'minor', words: 'looked at it' }, { deadlines: DEADLINES_DEFAULT.minor });
    const raised = (level: 'warning' | 'danger' | 'critical', more: number) => desk.give(SYSTEM_ACTOR, { type: 'alarmChanged', alarm: alarmOf({ level, levelPeak: level === 'critical' ? 'critical' : 'danger', changedAtMs: desk.atMs + more }) });
    expect([raised('warning', 1), raised('danger', 2)]).toEqual([['alarmChanged'], ['alarmChanged']]);
    expect(desk.now.severity).toBe('minor');
    expect(raised('critical', 3)).toEqual(['alarmChanged', 'severityRaised']);
    const near = desk.now.deadlines.find(({ kind }) => kind === 'acknowledge')!.dueRunMs;
    desk.wait(20).give(named('Wang'), { type: 'setFacts', severity: 'serious', words: 'x' });
    desk.wait(20).give(named('Wang'), { type: 'setFacts', severity: 'critical', words: 'x' });
    expect(desk.now.deadlines.find(({ kind }) => kind === 'acknowledge')!.dueRunMs).toBe(near + 20_000);
    // What was missed stays missed.
    desk.pass(60);
    const missed = () => desk.now.deadlines.filter(({ missedAtMs }) => missedAtMs !== null).map(({ kind, dueRunMs }) => [kind, dueRunMs - near]);
    expect(missed()).toEqual([['acknowledge', 20_000]]);
    desk.give(named('Wang'), { type: 'setFacts', category: 'fire', words: 'x' });
    expect(missed()).toEqual([['acknowledge', 20_000]]);
  });
  test('IC19 other alarms join; what ends is noted and closes nothing; the same again, or older, is no fact', () => {
    const desk = reported({ alarm: alarmOf() }), other = alarmOf({ alarmId: 'site.pressure.zone.2', rule: 'pressure', level: 'danger' });
    expect(desk.give(SYSTEM_ACTOR, { type: 'alarmChanged', alarm: other })).toEqual(['alarmAttached']);
    expect(desk.give(SYSTEM_ACTOR, { type: 'alarmChanged', alarm: other })).toEqual([]);
    expect(desk.give(SYSTEM_ACTOR, { type: 'alarmChanged', alarm: { ...other, state: 'closed', changedAtMs: START + 9 } })).toEqual(['alarmChanged']);
    expect(desk.give(SYSTEM_ACTOR, { type: 'alarmChanged', alarm: { ...other, state: 'easing', changedAtMs: START + 5 } })).toEqual([]);
    expect(desk.give(SYSTEM_ACTOR, { type: 'alarmChanged', alarm: alarmOf({ state: 'closed', changedAtMs: START + 9 }) })).toEqual(['alarmChanged']);
    expect(desk.give(SYSTEM_ACTOR, { type: 'alarmChanged', alarm: alarmOf({ state: 'closed', level: 'critical', changedAtMs: START + 10 }) })).toEqual(['alarmChanged']);
    expect(desk.now).toMatchObject({ step: 'dispatched', severity: 'serious', alarms: [{ state: 'closed' }, { state: 'closed' }] });
    expect(lineOf(desk.now)).toMatchObject({ alarmLevel: null, alarmIds: ['site.densityHigh.zone.1', 'site.pressure.zone.2'] });
  });
  test('IC20 one that is over notes how its alarms end, and takes no new trouble in: that needs an incident of its own', () => {
    const desk = reported({ alarm: alarmOf() });
    for (const [actor, command] of [[ANN, accept], [ANN, handle], [ANN, stillWell], [named('Wang'), assess]] as const) desk.give(actor, command);
    expect(desk.give(SYSTEM_ACTOR, { type: 'alarmChanged', alarm: alarmOf({ level: 'critical', changedAtMs: START + 1 }) })).toBe('incidentStepNotAllowed');
    expect(desk.give(SYSTEM_ACTOR, { type: 'alarmChanged', alarm: alarmOf({ alarmId: 'another' }) })).toBe('incidentStepNotAllowed');
    expect(desk.give(SYSTEM_ACTOR, { type: 'alarmChanged', alarm: alarmOf({ state: 'closed', changedAtMs: START + 1 }) })).toEqual(['alarmChanged']);
    expect(desk.now.step).toBe('closed');
    expect(isLegalHistory(desk.events)).toBeNull();
  });
});

describe('facts and notes', () => {
  test('IC21 changed facts say what they were; another category counts its deadlines from now; nothing changed is refused', () => {
    const desk = reported({ peopleAtRisk: 3 });
    desk.wait(20);
    expect(desk.give(OPERATOR, { type: 'setFacts', category: 'fire', peopleAtRisk: null, words: 'it burns' }, { deadlines: { ...DEADLINES_DEFAULT.serious, onSite: 400 }, playbook: [ACTION('hose')] })).toEqual(['factsSet']);
    expect(desk.last('factsSet').values).toEqual({ categoryFrom: 'crowding', categoryTo: 'fire', peopleAtRiskFrom: 3, peopleAtRiskTo: null });
    expect(desk.now.deadlines.find(({ kind }) => kind === 'onSite')!.dueRunMs).toBe(desk.runMs + 400_000);
    expect(desk.now.playbook.map(({ actionId }) => actionId)).toEqual(['hose']);
    expect(desk.give(OPERATOR, { type: 'setFacts', category: 'fire', title: desk.now.title, words: 'again' })).toBe('incidentStepNotAllowed');
  });
  test('IC22 notes, attachments and handovers are facts and change nothing else', () => {
    const desk = reported(), file = { sha256: 'a'.repeat(64), name: 'stairs.jpg', type: 'image/jpeg', sizeBytes: 1000 } as const, { version: _, changedAtMs: __, ...before } = desk.now;
    desk.wait(1);
    expect(desk.give(OPERATOR, { type: 'note', words: 'seen', attachments: [file] })).toEqual(['noted']);
    expect(desk.last('noted')).toMatchObject({ words: 'seen', attachments: [file] });
    expect(desk.give(OPERATOR, { type: 'handOver', toName: 'Night shift', summary: 'watch the stairs' })).toEqual(['handedOver']);
    expect(desk.last('handedOver')).toMatchObject({ words: 'watch the stairs', values: { toName: 'Night shift' } });
    expect(desk.now).toMatchObject(before);
  });
});

describe('from above and beside', () => {
  test('IC23 only a unit above urges and takes over; what was taken is given back; nobody gives back what was not taken', () => {
    const desk = reported();
    for (const type of ['urge', 'takeOver'] as const) for (const actor of [OPERATOR, named('x'), actorOf('z', 'elsewhere')]) expect(desk.give(actor, { type, words: 'x' })).toBe('incidentUnitNotAbove');
    expect(desk.give(TOWN_OFFICER, { type: 'giveBack', words: 'x' })).toBe('incidentNothingTaken');
    const from = desk.notices.length;
    expect(desk.give(TOWN_OFFICER, { type: 'urge', words: 'hurry' })).toEqual(['urged']);
    expect(desk.told(from)).toEqual(['urged ann', 'urged gridOfficer']);
    expect(desk.last('urged')).toMatchObject({ values: { unitId: 'town', unitNameZh: '单位town', count: 1 }, line: { urgedCount: 1 } });
    expect(desk.give(TOWN_OFFICER, { type: 'takeOver', words: 'ours' })).toEqual(['takenOver', 'asked']);
    expect(desk.now).toMatchObject({ unitId: 'town', unitLevel: 'township', takenFromUnitId: 'grid', ask: { unitId: 'town', rung: 0, askedMemberIds: ['tim'] } });
    expect([desk.stateOf('ann'), desk.stateOf('tim')]).toEqual(['released', 'asked']);
    expect(desk.told(from).slice(2)).toEqual(['released ann', 'asked tim']);
    expect(desk.now.deadlines.find(({ kind }) => kind === 'acknowledge')!.metAtMs).toBe(desk.atMs);
    expect([desk.give(TOWN_OFFICER, { type: 'takeOver', words: 'again' }), desk.give(OPERATOR, { type: 'giveBack', words: 'ours' })]).toEqual(['incidentUnitNotAbove', 'incidentUnitNotAbove']);
    const county = reported();
    for (const actor of [TOWN_OFFICER, COUNTY_OFFICER]) county.give(actor, { type: 'takeOver', words: 'ours' });
    expect(county.now).toMatchObject({ unitId: 'county', takenFromUnitId: 'town' });
    expect(desk.give(TOWN_OFFICER, { type: 'giveBack', words: 'yours' })).toEqual(['givenBack', 'asked']);
    expect(desk.now).toMatchObject({ unitId: 'grid', unitLevel: 'grid', takenFromUnitId: null });
    expect(isLegalHistory(desk.events)).toBeNull();
  });
  test('IC23 who is on it stays on it when it is taken over, and then nobody else is asked', () => {
    const desk = reported();
    desk.give(ANN, accept);
    expect(desk.give(TOWN_OFFICER, { type: 'takeOver', words: 'ours' })).toEqual(['takenOver']);
    expect(desk.stateOf('ann')).toBe('accepted');
    expect(desk.give(ANN, { type: 'needHelp', words: 'more' })).toEqual(['helpNeeded', 'asked']);
    expect(desk.stateOf('tim')).toBe('asked');
  });
  test('IC24 transfer to any unit asks its people, at once or with the next tick', () => {
    const other = [rungAt('brigade', 'community', personAt('fay'))], desk = reported();
    desk.give(ANN, accept);
    expect(desk.give(OPERATOR, { type: 'transfer', toUnitId: 'brigade', words: 'fire' }, { ladder: other })).toEqual(['transferred', 'asked']);
    expect(desk.now).toMatchObject({ unitId: 'brigade', unitLevel: 'community', takenFromUnitId: null });
    expect([desk.stateOf('ann'), desk.stateOf('fay')]).toEqual(['accepted', 'asked']);
    expect(desk.give(OPERATOR, { type: 'transfer', toUnitId: 'brigade', words: 'again' })).toBe('incidentStepNotAllowed');
    // Outside of the place's chain, above is who is above the unit that handles it.
    const fireTree = { ladder: [...other, rungAt('headquarters', 'city')] }, chief = actorOf('chief', 'headquarters');
    expect([desk.give(COUNTY_OFFICER, { type: 'urge', words: 'x' }, fireTree), desk.give(chief, { type: 'urge', words: 'x' }, fireTree)]).toEqual(['incidentUnitNotAbove', ['urged']]);
    const late = reported();
    expect(late.give(OPERATOR, { type: 'transfer', toUnitId: 'brigade', words: 'fire' })).toEqual(['transferred']);
    expect(late.now.nextRunMs).toBe(late.runMs);
    expect(late.pass(0, { ladder: other })).toEqual(['asked']);
    expect(late.now.unitLevel).toBe('community');
    expect(lineOf(late.now)).toEqual(late.events.at(-1)!.line);
    // A unit that is in no tree any more: whoever is on the ladder is asked.
    const gone = reported();
    gone.give(OPERATOR, { type: 'transfer', toUnitId: 'gone', words: 'theirs' });
    expect(gone.pass(0)).toEqual(['asked']);
    expect(gone.stateOf('ann')).toBe('asked');
  });
  test('IC25 a border moves: the place\'s unit changes, and who handles it where it was the place\'s own; what is over stays where it was', () => {
    const desk = reported(), moved = { ladder: [rungAt('other', 'grid', personAt('oda')), ...LADDER.slice(1)], chainUnitIds: ['other', 'town', 'county'] };
    expect(desk.give(SYSTEM_ACTOR, { type: 'placeMoved', unitId: 'other' }, moved)).toEqual(['placeMoved', 'asked']);
    expect(desk.now).toMatchObject({ unitId: 'other', place: { unitId: 'other' } });
    expect([desk.stateOf('ann'), desk.stateOf('oda')]).toEqual(['released', 'asked']);
    const taken = reported();
    taken.give(TOWN_OFFICER, { type: 'takeOver', words: 'ours' });
    expect(taken.give(SYSTEM_ACTOR, { type: 'placeMoved', unitId: 'other' })).toEqual(['placeMoved']);
    expect(taken.now).toMatchObject({ unitId: 'town', place: { unitId: 'other' } });
    expect([at('closed').give(SYSTEM_ACTOR, { type: 'placeMoved', unitId: 'other' }), desk.give(SYSTEM_ACTOR, { type: 'placeMoved', unitId: 'other' }, moved)]).toEqual([[], []]);
  });
  test('IC26 the context of an input is asked for as it is after the input', () => {
    const desk = reported();
    expect(contextWish(null, reportOf({ category: 'gas' }))).toEqual({ unitId: 'grid', placeUnitId: 'grid', siteId: 'site', zoneId: 'stairs', category: 'gas', severity: 'serious' });
    expect(contextWish(null, tick)).toBeNull();
    expect(contextWish(desk.now, { type: 'transfer', toUnitId: 'x', words: 'y' })).toMatchObject({ unitId: 'x', placeUnitId: 'grid' });
    expect(contextWish(desk.now, { type: 'placeMoved', unitId: 'x' })).toMatchObject({ unitId: 'x', placeUnitId: 'x' });
    expect(contextWish(desk.now, { type: 'alarmChanged', alarm: alarmOf({ level: 'critical' }) })).toMatchObject({ severity: 'critical' });
    expect(contextWish(desk.now, { type: 'alarmChanged', alarm: alarmOf({ level: 'notice' }) })).toMatchObject({ severity: 'serious' });
    expect(contextWish(desk.now, { type: 'setFacts', severity: 'minor', category: 'gas', words: 'x' })).toMatchObject({ severity: 'minor', category: 'gas' });
    desk.give(TOWN_OFFICER, { type: 'takeOver', words: 'ours' });
    expect(contextWish(desk.now, { type: 'giveBack', words: 'yours' })).toMatchObject({ unitId: 'grid' });
  });
});

describe('playbook', () => {
  const gate = ACTION('gate', { channelId: 'plc', payload: 'close' }), call = ACTION('call', { kind: 'call', owner: 'dutyOfficer' });
  test('IC27 ticking is a fact with who and when; only what has a channel is sent, and then goes out as a notice to the channel', () => {
    const desk = reported({}, { playbook: [gate, call] });
    expect([desk.give(OPERATOR, { type: 'tickAction', actionId: 'none', state: 'done', words: '' }), desk.give(OPERATOR, { type: 'tickAction', actionId: 'call', state: 'sent', words: '' })]).toEqual(['incidentActionUnknown', 'incidentStepNotAllowed']);
    expect(desk.give(OPERATOR, { type: 'tickAction', actionId: 'gate', state: 'sent', words: 'west' })).toEqual(['actionSent']);
    expect(desk.notices.at(-1)).toEqual({ noticeId: `one.${desk.now.version}.info.plc`, kind: 'info', memberId: null, channelId: 'plc', actionId: 'gate' });
    expect(desk.give(OPERATOR, { type: 'tickAction', actionId: 'gate', state: 'sent', words: '' })).toBe('incidentStepNotAllowed');
    const from = desk.notices.length;
    expect(desk.give(SYSTEM_ACTOR, { type: 'actionResult', actionId: 'gate', state: 'failed', detail: 'no answer' })).toEqual(['actionFailed']);
    expect(desk.told(from)).toEqual(['info ann', 'info ben']);
    expect(desk.give(SYSTEM_ACTOR, { type: 'actionResult', actionId: 'gate', state: 'failed', detail: 'no answer' })).toEqual([]);
    expect(desk.give(OPERATOR, { type: 'tickAction', actionId: 'gate', state: 'sent', words: 'again' })).toEqual(['actionSent']);
    expect(desk.give(SYSTEM_ACTOR, { type: 'actionResult', actionId: 'gate', state: 'done', detail: '' })).toEqual(['actionDone']);
    expect(desk.last('actionDone').values).toMatchObject({ actionId: 'gate', actionEn: 'Do gate', actionZh: '执行gate', byChannel: true });
    expect(desk.give(OPERATOR, { type: 'tickAction', actionId: 'call', state: 'done', words: '' })).toEqual(['actionDone']);
    expect(desk.now.playbook[1]).toMatchObject({ state: 'done', byName: 'Olga', changedAtMs: desk.atMs });
    expect(desk.give(OPERATOR, { type: 'tickAction', actionId: 'call', state: 'open', words: 'wrong one' })).toEqual(['actionReopened']);
    expect(desk.now.playbook[1]).toMatchObject({ state: 'open', byName: null });
    expect(desk.give(OPERATOR, { type: 'tickAction', actionId: 'call', state: 'skipped', words: 'not needed' })).toEqual(['actionSkipped']);
    expect(isLegalHistory(desk.events)).toBeNull();
  });
  test('IC27 a channel that says failed is believed over a tick; what was left out stays so; the result comes also when it is over', () => {
    const desk = reported({}, { playbook: [gate, call] });
    desk.give(OPERATOR, { type: 'tickAction', actionId: 'gate', state: 'sent', words: '' });
    desk.give(OPERATOR, { type: 'tickAction', actionId: 'gate', state: 'done', words: 'I saw it' });
    for (const [actor, command] of [[ANN, accept], [ANN, handle], [ANN, stillWell], [named('Wang'), assess]] as const) desk.give(actor, command);
    expect(desk.give(SYSTEM_ACTOR, { type: 'actionResult', actionId: 'gate', state: 'failed', detail: 'jammed' })).toEqual(['actionFailed']);
    const skipped = reported({}, { playbook: [gate] });
    skipped.give(OPERATOR, { type: 'tickAction', actionId: 'gate', state: 'skipped', words: '' });
    expect(skipped.give(SYSTEM_ACTOR, { type: 'actionResult', actionId: 'gate', state: 'done', detail: '' })).toEqual([]);
  });
  test('IC28 an action that is not done in time is told once, to those whose duty it is', () => {
    const desk = reported({}, { playbook: [call], answerS: 3600, deadlines: DEADLINES_DEFAULT.minor });
    const from = desk.notices.length;
    expect(desk.pass(119)).toEqual([]);
    expect(desk.pass(1)).toEqual(['actionOverdue']);
    expect(desk.told(from)).toEqual(['overdue gridOfficer']);
    expect(desk.pass(600)).toEqual([]);
    expect(desk.now.playbook[0]).toMatchObject({ state: 'open', overdueAtMs: desk.atMs - 600_000 });
    const sent = reported({}, { playbook: [gate], answerS: 3600, deadlines: DEADLINES_DEFAULT.minor });
    sent.give(OPERATOR, { type: 'tickAction', actionId: 'gate', state: 'sent', words: '' });
    expect(sent.pass(120)).toEqual(['actionOverdue']);
    const done = reported({}, { playbook: [gate], answerS: 3600, deadlines: DEADLINES_DEFAULT.minor });
    done.give(OPERATOR, { type: 'tickAction', actionId: 'gate', state: 'done', words: '' });
    expect(done.pass(120)).toEqual([]);
  });
});

describe('joining and splitting', () => {
  const asked = (memberId: string, state: Assignment['state']): Assignment => ({ ...reported().now.assignments[0]!, memberId, memberName: `Name of ${memberId}`, state });
  test('IC29 two that are one: one ends in the other, people and alarms go along, both histories tell it, and nothing happens to it any more', () => {
    const gone = reported();
    gone.give(ANN, accept);
    expect(gone.give(OPERATOR, { type: 'mergeInto', into: 'one', words: 'same' })).toBe('incidentMergedWithItself');
    expect(gone.give(OPERATOR, { type: 'mergeInto', into: 'two', words: 'same' })).toEqual(['merged']);
    expect(gone.now).toMatchObject({ step: 'merged', mergedInto: 'two', nextRunMs: null });
    expect(lineOf(gone.now).people).toEqual([]);
    expect([gone.give(OPERATOR, { type: 'note', ...said }), gone.give(SYSTEM_ACTOR, tick), gone.give(SYSTEM_ACTOR, { type: 'alarmChanged', alarm: alarmOf() }), gone.pass(86_400)]).toEqual(['incidentStepNotAllowed', [], 'incidentStepNotAllowed', []]);
    const into = reported({ severity: 'moderate' }, { ladder: [] });
    expect(into.give(OPERATOR, { type: 'absorb', from: 'two', alarms: [alarmOf()], assignments: [asked('ann', 'accepted'), asked('ben', 'declined')], words: 'same', exercise: false })).toEqual(['absorbed', 'severityRaised']);
    expect(into.now).toMatchObject({ step: 'dispatched', severity: 'serious', ask: { nextRunMs: null, exhausted: false }, alarms: [{ alarmId: 'site.densityHigh.zone.1' }] });
    expect(into.last('absorbed').values).toEqual({ from: 'two', alarms: 1, people: 1 });
    expect(into.now.deadlines.filter(({ metAtMs }) => metAtMs !== null).map(({ kind }) => kind)).toEqual(['dispatch', 'acknowledge']);
    expect([isLegalHistory(gone.events), isLegalHistory(into.events)]).toEqual([null, null]);
  });
  test('IC29 who is in both is there once, as far as in the one where they got farther', () => {
    const desk = reported();
    desk.give(OPERATOR, { type: 'absorb', from: 'two', alarms: [], assignments: [asked('ann', 'arrived')], words: 'same' });
    expect(desk.now.assignments.map(({ memberId, state }) => [memberId, state])).toEqual([['ann', 'arrived']]);
    expect(desk.now.deadlines.filter(({ metAtMs }) => metAtMs !== null).map(({ kind }) => kind)).toEqual(['dispatch', 'acknowledge', 'onSite']);
    expect(desk.give(OPERATOR, { type: 'absorb', from: 'three', alarms: [alarmOf({ level: 'critical', state: 'closed' })], assignments: [asked('ann', 'asked')], words: 'same' })).toEqual(['absorbed']);
    expect([desk.stateOf('ann'), desk.now.severity]).toEqual(['arrived', 'serious']);
    expect(isLegalHistory(desk.events)).toBeNull();
  });
  test('IC29 a drill never joins a real one, and what people still work on does not vanish in what is under control', () => {
    const desk = at('handled'), absorb: IncidentCommand = { type: 'absorb', from: 'two', alarms: [], assignments: [asked('tim', 'accepted')], words: 'same', exercise: false };
    expect([desk.give(OPERATOR, absorb), desk.give(OPERATOR, { ...absorb, assignments: [], exercise: true }), desk.give(OPERATOR, { ...absorb, assignments: [] })]).toEqual(['incidentStepNotAllowed', 'incidentStepNotAllowed', ['absorbed']]);
  });
  test('IC30 split: the made one knows where it comes from, its alarms go with it, and both are linked', () => {
    const desk = reported({ alarm: alarmOf() });
    expect(desk.give(OPERATOR, { type: 'splitOff', made: 'two', words: 'another fire', alarmIds: ['site.densityHigh.zone.1'] })).toEqual(['splitOff']);
    expect(desk.now).toMatchObject({ alarms: [], links: ['two'] });
    expect(reported({ splitFrom: 'zero' }).now).toMatchObject({ splitFrom: 'zero', links: ['zero'] });
  });
  test('IC30 links come and go once, never to itself', () => {
    const desk = reported();
    const link = { type: 'link', to: 'two', words: '' } as const, unlink = { type: 'unlink', to: 'two', words: 'wrong' } as const;
    expect([desk.give(OPERATOR, { ...link, to: 'one' }), desk.give(OPERATOR, unlink), desk.give(OPERATOR, link), desk.give(OPERATOR, link), desk.give(OPERATOR, unlink)]).toEqual(['incidentMergedWithItself', 'incidentStepNotAllowed', ['linked'], 'incidentStepNotAllowed', ['unlinked']]);
  });
});

describe('notices, marks and bounds', () => {
  test('IC31 whoever is asked, freed, urged or was on it when it closed hears of it, each thing once', () => {
    const desk = reported();
    desk.give(OPERATOR, { type: 'escalate', words: '' });
    desk.give(ANN, accept);
    desk.give(ANN, handle);
    desk.give(OPERATOR, stillWell);
    desk.give(named('Wang'), assess);
    expect(desk.told()).toEqual(['asked ann', 'asked tim', 'released tim', 'closed ann']);
    expect(desk.notices[0]!.noticeId).toBe('one.3.asked.ann');
  });
  test('IC32 an exercise is one in every line', () => {
    const desk = reported({ exercise: true });
    desk.pass(200);
    expect(desk.events.every(({ line }) => line.exercise)).toBe(true);
  });
  test('IC33 nothing grows without bound: what is too much is refused by name', () => {
    const many = Array.from({ length: 100 }, (_, i) => personAt(`p${i}`)), desk = reported({}, { ladder: Array.from({ length: 10 }, (_, i) => rungAt(i === 0 ? 'grid' : `u${i}`, 'grid', ...many.map(({ memberId }) => personAt(`${memberId}u${i}`)))) });
    desk.pass(100_000);
    expect(desk.now.assignments.length).toBe(500);
    expect(desk.now.ask).toMatchObject({ exhausted: true });
    expect(desk.give(OPERATOR, { type: 'dispatch', memberIds: ['p99u9'], words: '' })).toEqual('tooMany');
    const again = reported();
    for (let i = 0; i < 600; i++) { again.give(OPERATOR, { type: 'dispatch', memberIds: ['cat'], words: 'please' }); again.give(actorOf('cat', 'county'), { type: 'decline', words: 'no' }); }
    expect([again.now.assignments.length, again.now.ask.askedMemberIds.length]).toEqual([500, 7]);
    expect(checkIncident(desk.now)).toMatchObject({ ok: true });
    const alarms = reported();
    for (let i = 0; i < 200; i++) alarms.give(SYSTEM_ACTOR, { type: 'alarmChanged', alarm: alarmOf({ alarmId: `a${i}` }) });
    expect(alarms.give(SYSTEM_ACTOR, { type: 'alarmChanged', alarm: alarmOf({ alarmId: 'more' }) })).toBe('tooMany');
    alarms.give(SYSTEM_ACTOR, { type: 'alarmChanged', alarm: alarmOf({ alarmId: 'a3', state: 'closed', changedAtMs: START + 2 }) });
    alarms.give(SYSTEM_ACTOR, { type: 'alarmChanged', alarm: alarmOf({ alarmId: 'a7', state: 'closed', changedAtMs: START + 1 }) });
    expect(alarms.give(SYSTEM_ACTOR, { type: 'alarmChanged', alarm: alarmOf({ alarmId: 'more' }) })).toEqual(['alarmAttached']);
    expect(alarms.now.alarms.length).toBe(200);
    expect(['a3', 'a7'].map((wanted) => alarms.now.alarms.some(({ alarmId }) => alarmId === wanted))).toEqual([true, false]);
    const links = reported();
    for (let i = 0; i < 100; i++) links.give(OPERATOR, { type: 'link', to: `l${i}`, words: '' });
    expect([links.give(OPERATOR, { type: 'link', to: 'more', words: '' }), links.give(OPERATOR, { type: 'splitOff', made: 'more', words: 'x' })]).toEqual(['tooMany', 'tooMany']);
    const book = reported({}, { playbook: Array.from({ length: 30 }, (_, i) => ACTION(`x${i}`)) });
    for (const category of ['gas', 'fire', 'water']) book.give(OPERATOR, { type: 'setFacts', category, words: 'x' }, { playbook: Array.from({ length: 30 }, (_, i) => ACTION(`${category}${i}`)) });
    expect(book.now.playbook.length).toBe(60);
    expect(checkIncident(book.now)).toMatchObject({ ok: true });
  });
  test('IC33 clocks that show nonsense never throw and never turn time back', () => {
    for (const [atMs, runMs] of [[Number.NaN, Number.NaN], [Infinity, Infinity], [-1, -1], [0, 0], [1e300, 1e300], [9e15, Number.MAX_VALUE]] as const) {
      const desk = reported();
      Object.assign(desk, { atMs, runMs });
      desk.give(SYSTEM_ACTOR, tick);
      desk.give(ANN, accept);
      desk.give(ANN, handle);
      expect(desk.now.changedAtMs).toBeGreaterThanOrEqual(START);
      expect(checkIncident(desk.now)).toMatchObject({ ok: true });
      expect(isLegalHistory(desk.events)).toBeNull();
      const odd = new Desk();
      Object.assign(odd, { atMs, runMs });
      odd.give(OPERATOR, reportOf());
      expect(checkIncident(odd.now)).toMatchObject({ ok: true });
    }
  });
  test('IC34 two at once: in either order there is one legal history, and the second hears why', () => {
    const start = () => { const desk = reported(); desk.give(OPERATOR, { type: 'escalate', words: '' }); return desk; };
    const pairs: [[Parameters<Desk['give']>[0], IncidentCommand], [Parameters<Desk['give']>[0], IncidentCommand]][] = [
      [[ANN, accept], [TIM, accept]], [[ANN, handle], [OPERATOR, handle]], [[ANN, accept], [SYSTEM_ACTOR, tick]], [[OPERATOR, { type: 'mergeInto', into: 'two', words: 'x' }], [ANN, accept]],
      [[TOWN_OFFICER, { type: 'takeOver', words: 'x' }], [ANN, { type: 'decline', words: 'x' }]], [[COUNTY_OFFICER, { type: 'takeOver', words: 'x' }], [TOWN_OFFICER, { type: 'takeOver', words: 'x' }]],
    ];
    const outcomes = pairs.map((pair) => [pair, pair.toReversed()].map((order) => {
      const desk = start();
      desk.wait(31);
      const answers = order.map(([actor, command]) => desk.give(actor, command));
      expect(isLegalHistory(desk.events)).toBeNull();
      expect(foldIncident(desk.inputs).events).toEqual(desk.events);
      return answers.map((answer) => (typeof answer === 'string' ? answer : 'taken'));
    }));
    expect(outcomes).toEqual([
      [['taken', 'taken'], ['taken', 'taken']], [['taken', 'incidentStepNotAllowed'], ['taken', 'incidentStepNotAllowed']], [['taken', 'taken'], ['taken', 'taken']], [['taken', 'incidentStepNotAllowed'], ['taken', 'taken']],
      [['taken', 'incidentStepNotAllowed'], ['taken', 'taken']], [['taken', 'incidentUnitNotAbove'], ['taken', 'taken']],
    ]);
  });
});
