// The life of an incident, rule by rule (IC of docs/SPEC.md).
import { describe, expect, test } from 'vitest';
import { Incident, IncidentChanged, IncidentInput, SYSTEM_ACTOR } from '../../contract/incident.ts';
import { checker } from '../../contract/schema.ts';
import { foldIncident, isLegalHistory } from '../../crowd/incident/decideIncident.ts';
import { actorOf, Desk, named, OPERATOR, reported, reportOf } from './incidentForTest.ts';

const checkIncident = checker(Incident), checkEvent = checker(IncidentChanged), checkInput = checker(IncidentInput);
const said = { words: 'said', attachments: [] };

describe('steps', () => {
  test('IC1 reported, dispatched, handled, followed up, closed: each step is a fact, and what is kept fits its schema', () => {
    const desk = new Desk();
    expect(desk.give(OPERATOR, reportOf({ words: 'stairs blocked' }))).toEqual(['reported', 'dispatched', 'asked']);
    expect(desk.wait(10).give(actorOf('ann'), { type: 'accept', words: '' })).toEqual(['accepted']);
    expect(desk.wait(60).give(actorOf('ann'), { type: 'arrive', words: '' })).toEqual(['arrived']);
    expect(desk.wait(60).give(actorOf('ann'), { type: 'handle', ...said })).toEqual(['handled']);
    expect(desk.wait(600).give(OPERATOR, { type: 'followUp', stillWell: true, ...said })).toEqual(['followedUp']);
    expect(desk.wait(600).give(named('Wang'), { type: 'assess', outcome: 'resolved', ...said })).toEqual(['assessed']);
    expect(desk.now).toMatchObject({ step: 'closed', version: 8, nextRunMs: null, assessment: { outcome: 'resolved', by: { name: 'Wang' } } });
    expect(desk.now.deadlines.map(({ kind, metAtMs, missedAtMs }) => [kind, metAtMs !== null, missedAtMs])).toEqual(['dispatch', 'acknowledge', 'onSite', 'underControl', 'followUp', 'assess'].map((kind) => [kind, true, null]));
    expect(checkIncident(desk.now)).toMatchObject({ ok: true });
    for (const event of desk.events) expect(checkEvent(event)).toMatchObject({ ok: true });
    for (const input of desk.inputs) expect(checkInput(input)).toMatchObject({ ok: true });
    expect(foldIncident(desk.inputs)).toEqual({ incident: desk.now, events: desk.events, refused: [] });
    expect(isLegalHistory(desk.events)).toBeNull();
  });
  test('IC10 deadlines and answers run out by the desk\'s clock, up the tree', () => {
    const desk = reported();
    expect(desk.pass(29)).toEqual([]);
    expect(desk.pass(1)).toEqual(['noAnswer', 'asked']);
    expect(desk.stateOf('ann')).toBe('noAnswer');
    expect(desk.pass(30)).toEqual(['noAnswer', 'deadlineMissed', 'escalated', 'asked', 'asked']);
    expect([desk.stateOf('tim'), desk.stateOf('gridOfficer')]).toEqual(['asked', 'asked']);
    expect(desk.pass(3600)).toContain('nobodyLeft');
    expect(desk.give(SYSTEM_ACTOR, { type: 'tick' })).toEqual([]);
  });
});
