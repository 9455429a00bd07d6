// Hundreds of odd steps by odd people on several incidents at once, from a seed that is printed: what must hold whatever comes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ASSESSMENTS, DEADLINES_DEFAULT, Incident, IncidentChanged, SEVERITIES, SYSTEM_ACTOR, type Actor, type IncidentCommand, type IncidentContext, type IncidentInput, type LadderRung, type Severity } from '../../contract/incident.ts';
import { checker } from '../../contract/schema.ts';
import { contextWish, decideIncident, foldIncident, isLegalHistory, lineOf, nextRunMsOf, type NoticeWish } from '../../crowd/incident/decideIncident.ts';
import { ACTION, actorOf, alarmOf, type Desk, named, OPERATOR, personAt, reported, reportOf, rungAt, START_AT_MS } from './incidentForTest.ts';
import { seeded } from './camera.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = 25, STEPS = 300;
console.log(`fuzz of decideIncident(): FUZZ_SEED=${SEED}`);

const checkIncident = checker(Incident), checkEvent = checker(IncidentChanged);
const UNITS = [['grid', 'grid'], ['other', 'grid'], ['town', 'township'], ['county', 'county'], ['city', 'city']] as const;
const PARENTS: Record<string, string[]> = { grid: ['grid', 'town', 'county', 'city'], other: ['other', 'town', 'county', 'city'], town: ['town', 'county', 'city'], county: ['county', 'city'], city: ['city'] };
const PEOPLE = UNITS.flatMap(([unitId]) => ['a', 'b', 'officer'].map((name) => ({ unitId, member: personAt(`${unitId}-${name}`, name === 'officer' ? 'dutyOfficer' : 'fieldWorker') })));
const INCIDENTS = ['one', 'two', 'three'];

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) frozen(part);
  }
  return value;
}

/** Everything given to one desk, and what it made of it. A refused input is not in the log, as in the store. */
function day(seed: number) {
  const random = seeded(seed), pick = <T>(...of: readonly T[]): T => of[Math.floor(random() * of.length)]!, chance = (share: number) => random() < share;
  const now = new Map<string, Incident>(), log = new Map<string, IncidentInput[]>(INCIDENTS.map((id) => [id, []])), events = new Map<string, IncidentChanged[]>(INCIDENTS.map((id) => [id, []])), notices: NoticeWish[] = [];
  let runMs = 5000, atMs = START_AT_MS, given = 0, refused = 0, onDuty = new Set(PEOPLE.map(({ member }) => member.memberId));

  const ladderFrom = (unitId: string | null): LadderRung[] => (unitId === null ? [] : PARENTS[unitId]!).map((id) => rungAt(id, UNITS.find(([one]) => one === id)![1], ...PEOPLE.filter((one) => one.unitId === id && onDuty.has(one.member.memberId)).map(({ member }) => member)));
  const contextFor = (incident: Incident | null, command: IncidentCommand): IncidentContext => {
    const wish = contextWish(incident, command) ?? { unitId: null, placeUnitId: null, severity: 'minor' as Severity };
    // Now and then the context is of a moment ago: of the unit before.
    const unitId = chance(0.05) ? incident?.unitId ?? null : wish.unitId;
    return { ladder: ladderFrom(unitId), chainUnitIds: wish.placeUnitId === null ? [] : PARENTS[wish.placeUnitId]!, deadlines: DEADLINES_DEFAULT[wish.severity], answerS: pick(5, 30, 300), playbook: chance(0.5) ? [] : [ACTION('gate', { channelId: 'plc', withinS: pick(5, 600) }), ACTION(`x${Math.floor(random() * 80)}`)] };
  };
  const actorNow = (): Actor => {
    const { unitId, member } = pick(...PEOPLE);
    return chance(0.15) ? named(pick('Olga', 'Wang', 'Name of grid-a'), pick(null, 'grid', 'county')) : chance(0.05) ? SYSTEM_ACTOR : actorOf(member.memberId, unitId, { duty: member.duty });
  };
  const give = (incidentId: string, actor: Actor, command: IncidentCommand) => {
    const before = now.get(incidentId) ?? null, input = frozen<IncidentInput>({ inputId: `i${++given}`, incidentId, atMs: chance(0.01) ? pick(0, 9e15, START_AT_MS - 1e9) : atMs, runMs, actor, context: contextFor(before, command), command });
    const decided = decideIncident(before, input);
    if ('problem' in decided) { refused++; return false; }
    frozen(decided);
    if (decided.events.length === 0 && before !== null) expect({ ...decided.incident, nextRunMs: null, ask: { ...decided.incident.ask, nextRunMs: null } }).toEqual({ ...before, nextRunMs: null, ask: { ...before.ask, nextRunMs: null } });
    expect(decided.incident.nextRunMs).toBe(nextRunMsOf(decided.incident));
    expect(lineOf(decided.incident)).toEqual((decided.events.at(-1) ?? events.get(incidentId)!.at(-1))!.line);
    if (command.type === 'tick' && decided.incident.nextRunMs !== null) expect(decided.incident.nextRunMs).toBeGreaterThan(runMs);
    now.set(incidentId, decided.incident);
    events.get(incidentId)!.push(...decided.events);
    notices.push(...decided.notices);
    log.get(incidentId)!.push(input);
    return true;
  };
  const words = 'said', attachments: [] = [];
  const commandNow = (incident: Incident): IncidentCommand => {
    const level = pick('notice', 'warning', 'danger', 'critical');
    return pick<() => IncidentCommand>(
      () => ({ type: 'accept', words: '' }), () => ({ type: 'accept', words: '' }), () => ({ type: 'arrive', words: '' }), () => ({ type: 'decline', words }), () => ({ type: 'needHelp', words }),
      () => ({ type: 'dispatch', memberIds: chance(0.4) ? [] : [pick(...PEOPLE).member.memberId, pick(...PEOPLE).member.memberId], words: pick('', 'radio') }), () => ({ type: 'escalate', words: '' }),
      () => ({ type: 'handle', words, attachments }), () => ({ type: 'followUp', stillWell: chance(0.6), words, attachments }), () => ({ type: 'assess', outcome: pick(...ASSESSMENTS), words, attachments }), () => ({ type: 'reopen', words }),
      () => ({ type: 'note', words, attachments }), () => ({ type: 'setFacts', category: pick('fire', 'gas', 'crowding'), severity: pick(...SEVERITIES), words }), () => ({ type: 'urge', words }), () => ({ type: 'takeOver', words }), () => ({ type: 'giveBack', words }),
      () => ({ type: 'transfer', toUnitId: pick(...UNITS.map(([unitId]) => unitId)), words }), () => ({ type: 'tickAction', actionId: pick('gate', ...incident.playbook.map(({ actionId }) => actionId)), state: pick('sent', 'done', 'skipped', 'open'), words: '' }),
      () => ({ type: 'actionResult', actionId: 'gate', state: pick('done', 'failed'), detail: '' }), () => ({ type: 'handOver', toName: 'Next', summary: words }), () => ({ type: 'placeMoved', unitId: pick(null, 'grid', 'other') }),
      () => ({ type: 'link', to: pick(...INCIDENTS), words: '' }), () => ({ type: 'unlink', to: pick(...INCIDENTS), words }), () => ({ type: 'splitOff', made: 'made', words, alarmIds: incident.alarms.slice(0, 1).map(({ alarmId }) => alarmId) }),
      () => ({ type: 'alarmChanged', alarm: alarmOf({ alarmId: pick('x', 'y'), level, state: pick('raised', 'easing', 'closed'), changedAtMs: atMs }) }),
    )();
  };
  for (let i = 0; i < STEPS; i++) {
    const incidentId = pick(...INCIDENTS), incident = now.get(incidentId);
    if (chance(0.05)) onDuty = new Set(PEOPLE.filter(() => chance(0.7)).map(({ member }) => member.memberId));
    if (chance(0.05)) atMs += pick(-7_200_000, 86_400_000);
    if (incident === undefined) { give(incidentId, actorNow(), reportOf({ severity: pick(...SEVERITIES), place: { ...reportOf().place, unitId: pick(null, 'grid', 'other') } })); continue; }
    if (chance(0.45)) {
      // Time passes, sometimes long after it should have been looked at.
      const next = Math.min(...[...now.values()].flatMap(({ nextRunMs }) => nextRunMs ?? []));
      const passMs = Number.isFinite(next) && chance(0.8) ? Math.max(0, next - runMs) + pick(0, 0, 0, 20_000) : pick(0, 500, 40_000, 600_000);
      runMs += passMs;
      atMs += passMs;
      for (const [id, { nextRunMs }] of now) if (nextRunMs !== null && nextRunMs <= runMs) expect(give(id, SYSTEM_ACTOR, { type: 'tick' })).toBe(true);
    } else if (chance(0.01)) {
      const into = pick(...INCIDENTS.filter((id) => id !== incidentId && now.has(id))), target = into === undefined ? undefined : now.get(into);
      if (target === undefined) continue;
      // Both or neither, as the store takes them.
      const actor = actorNow(), merge: IncidentCommand = { type: 'mergeInto', into, words }, absorb: IncidentCommand = { type: 'absorb', from: incidentId, alarms: incident.alarms, assignments: incident.assignments, words, reportedBy: incident.reportedBy, exercise: incident.exercise };
      const may = [[incident, merge], [target, absorb]] as const;
      if (may.every(([of, command]) => !('problem' in decideIncident(of, { inputId: 'try', incidentId: of.incidentId, atMs, runMs, actor, context: contextFor(of, command), command })))) for (const [of, command] of may) expect(give(of.incidentId, actor, command)).toBe(true);
    } else {
      const command = commandNow(incident), asked = incident.assignments.filter(({ state }) => state === 'asked' || state === 'accepted');
      const own = ['accept', 'arrive', 'decline', 'needHelp'].includes(command.type) && asked.length > 0 && chance(0.8);
      give(incidentId, own ? actorOf(pick(...asked).memberId, 'grid') : ['alarmChanged', 'actionResult', 'placeMoved'].includes(command.type) ? SYSTEM_ACTOR : actorNow(), command);
    }
  }
  return { now, log, events, notices, refused, given };
}

describe('whatever comes', () => {
  test(`FZ7 histories are legal, complete and equal to a replay of their inputs; nothing given is changed; what is kept fits its schema (FUZZ_SEED=${SEED})`, { timeout: 120_000 }, () => {
    const facts = new Set<string>(), steps = new Set<string>();
    let inputs = 0, refused = 0;
    for (let run = 0; run < RUNS; run++) {
      const seed = SEED + run, { now, log, events, notices, ...counts } = day(seed);
      inputs += counts.given;
      refused += counts.refused;
      for (const [incidentId, history] of events) {
        if (history.length === 0) continue;
        const where = `seed ${seed}, ${incidentId}`;
        expect(isLegalHistory(history), where).toBeNull();
        const incident = now.get(incidentId)!, inputsOf = log.get(incidentId)!;
        expect(foldIncident(inputsOf), where).toEqual({ incident, events: history, refused: [] });
        // The log is JSON, and half of it may have been folded before a restart.
        const again = JSON.parse(JSON.stringify(inputsOf)) as IncidentInput[], half = foldIncident(again.slice(0, again.length >> 1));
        let rest: Incident | null = JSON.parse(JSON.stringify(half.incident)) as Incident | null;
        for (const input of again.slice(again.length >> 1)) { const decided = decideIncident(rest, input); if ('incident' in decided) rest = decided.incident; }
        expect(rest, where).toEqual(incident);
        expect(checkIncident(incident), where).toMatchObject({ ok: true });
        for (const event of history) { facts.add(event.what); steps.add(event.line.step); if (!checkEvent(event).ok) expect(checkEvent(event), where).toMatchObject({ ok: true }); }
      }
      expect(new Set(notices.map(({ noticeId }) => noticeId)).size, `seed ${seed}`).toBe(notices.length);
    }
    // Odd steps that never happen prove nothing.
    expect(steps).toEqual(new Set(['reported', 'dispatched', 'handled', 'followedUp', 'closed', 'merged']));
    expect(['asked', 'noAnswer', 'escalated', 'nobodyLeft', 'accepted', 'declined', 'arrived', 'helpNeeded', 'notStillWell', 'reopened', 'urged', 'takenOver', 'givenBack', 'transferred', 'deadlineMissed', 'actionOverdue', 'actionFailed', 'absorbed', 'placeMoved', 'severityRaised'].filter((fact) => !facts.has(fact))).toEqual([]);
    expect(refused / inputs).toBeLessThan(0.75);
    expect(inputs).toBeGreaterThan(RUNS * STEPS * 0.7);
  });

  test(`FZ8 looked at in any rhythm, time always gets on, and what is overdue is found (FUZZ_SEED=${SEED})`, () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 400_000 }), { minLength: 1, maxLength: 40 }), fc.constantFrom(...SEVERITIES), fc.integer({ min: 5, max: 900 }), (pauses, severity, answerS) => {
      const deadlines = DEADLINES_DEFAULT[severity], exact = reported({ severity }, { deadlines, answerS }), loose = reported({ severity }, { deadlines, answerS });
      for (const pauseMs of pauses) {
        exact.pass(pauseMs / 1000);
        loose.wait(pauseMs / 1000).give(SYSTEM_ACTOR, { type: 'tick' });
        const missed = (desk: Desk) => desk.events.flatMap(({ what, values }) => (what === 'deadlineMissed' ? [values['kind']] : []));
        expect(new Set(missed(loose))).toEqual(new Set(missed(exact)));
        expect(loose.now.nextRunMs === null || loose.now.nextRunMs > loose.runMs).toBe(true);
      }
    }), { seed: SEED, numRuns: 60 });
  });

  test('IC35 the checker of histories sees what is not legal', () => {
    const desk = reported();
    for (const [actor, command] of [[actorOf('ann'), { type: 'accept', words: '' }], [actorOf('ann'), { type: 'arrive', words: '' }], [actorOf('ann'), { type: 'handle', words: 'x', attachments: [] }], [OPERATOR, { type: 'followUp', stillWell: true, words: 'x', attachments: [] }], [named('Wang'), { type: 'assess', outcome: 'resolved', words: 'x', attachments: [] }]] as const) desk.give(actor, command as IncidentCommand);
    const good = desk.events, changed = (at: number, patch: (event: IncidentChanged) => Partial<IncidentChanged>): IncidentChanged[] => good.map((event, i) => (i === at ? { ...event, ...patch(event) } : event));
    expect(good.map(({ what }) => what)).toEqual(['reported', 'dispatched', 'asked', 'accepted', 'arrived', 'handled', 'followedUp', 'assessed']);
    expect(isLegalHistory(good)).toBeNull();
    const bad: Record<string, IncidentChanged[]> = {
      nothing: [], 'a hole': good.filter((_, i) => i !== 3), 'no beginning': good.slice(1), doubled: [...good.slice(0, 4), ...good.slice(3)], swapped: [...good.slice(0, 3), good[4]!, good[3]!, ...good.slice(5)],
      'time back': changed(4, (event) => ({ atMs: event.atMs - 1000 })), 'the desk\'s clock back': changed(4, (event) => ({ runMs: event.runMs - 1 })), 'another incident': changed(4, () => ({ incidentId: 'two' })), 'a step left out': changed(5, (event) => ({ what: 'followedUp', line: { ...event.line, step: 'followedUp' } })),
      'step and fact differ': changed(5, (event) => ({ line: { ...event.line, step: 'closed' } })), 'assessed by the reporter': changed(7, () => ({ actor: named('olga') })), 'assessed by nobody': changed(7, () => ({ actor: SYSTEM_ACTOR })),
      'answered by another': changed(3, () => ({ actor: actorOf('ben') })), 'answered without being asked': changed(3, (event) => ({ actor: actorOf('ben'), values: { ...event.values, memberId: 'ben' } })), 'severity by itself': changed(4, (event) => ({ line: { ...event.line, severity: 'minor' } })),
      'no drill any more': changed(4, (event) => ({ line: { ...event.line, exercise: true } })), 'somebody from nowhere': changed(1, (event) => ({ line: { ...event.line, people: [{ memberId: 'cat', memberName: 'cat', state: 'accepted', needsHelp: false }] } })), 'urged but untold': changed(4, (event) => ({ line: { ...event.line, urgedCount: 1 } })),
      'goes on after the end': [...good, { ...good[5]!, version: 9, eventId: 'one.9', line: { ...good[5]!.line, version: 9 } }],
    };
    for (const [name, history] of Object.entries(bad)) expect([name, isLegalHistory(history)]).toEqual([name, expect.any(String)]);
    const late = reported();
    late.pass(60);
    const missed = late.events.findIndex(({ what }) => what === 'deadlineMissed'), twice = late.events.flatMap((event, i) => (i === missed ? [event, event] : [event])).map((event, i) => ({ ...event, version: i + 1, eventId: `one.${i + 1}`, line: { ...event.line, version: i + 1 } }));
    expect(isLegalHistory(late.events)).toBeNull();
    expect(isLegalHistory(twice)).toMatch(/acknowledge twice/);
  });

  test('IC36 a tick of an incident with a long history takes well under 0.1 ms', () => {
    const desk = reported({}, { playbook: Array.from({ length: 10 }, (_, i) => ACTION(`x${i}`, { withinS: 86_000 })) });
    desk.pass(600);
    for (let i = 0; i < 20; i++) desk.give(OPERATOR, { type: 'note', words: 'seen', attachments: [] });
    for (let i = 0; i < 20; i++) desk.give(SYSTEM_ACTOR, { type: 'alarmChanged', alarm: alarmOf({ alarmId: `a${i}` }) });
    expect(desk.events.length).toBeGreaterThan(50);
    const idle = desk.input(SYSTEM_ACTOR, { type: 'tick' }), busy = { ...idle, runMs: desk.runMs + 86_400_000 };
    const eachMs = (input: IncidentInput): number => {
      for (let i = 0; i < 2000; i++) decideIncident(desk.now, input);
      // The quietest of many short runs: what else the machine does is no cost of ours.
      return Math.min(...Array.from({ length: 60 }, () => { const startMs = performance.now(); for (let i = 0; i < 50; i++) decideIncident(desk.now, input); return (performance.now() - startMs) / 50; }));
    };
    const idleMs = eachMs(idle), busyMs = eachMs(busy);
    console.log(`a tick with nothing to say: ${(idleMs * 1000).toFixed(1)} us; one that finds ${(decideIncident(desk.now, busy) as { events: unknown[] }).events.length} things overdue: ${(busyMs * 1000).toFixed(1)} us`);
    expect(idleMs).toBeLessThan(0.1);
    expect(busyMs).toBeLessThan(1);
  });
});
