// Alarm discipline in step(): latch, priority, repetition, inhibition, putting aside, silences and exercises.
import { describe, expect, test } from 'vitest';
import type { Alarm, AlarmChanged, Silence } from '../../contract/alarm.ts';
import type { Zone } from '../../contract/site.ts';
import { siteStateFromJson, siteStateToJson } from '../../crowd/siteState.ts';
import type { Effect } from '../../crowd/step.ts';
import { Drive, path, sensorOf, siteConfig, START_MS, zoneAt } from './plainSite.ts';

const west = (peoplePerM2: number) => (column: number) => (column < 10 ? peoplePerM2 : 0.2);
const withAlarms = (alarms: Zone['alarms'], more: Partial<Zone> = {}) => siteConfig({ zones: [zoneAt('west', 1, { ...more, ...(alarms === undefined ? {} : { alarms }) }), zoneAt('east', 11)] });
const density = (drive: Drive): Alarm => drive.open('densityHigh', 'west')!;
const changes = (effects: Effect[], rule = 'densityHigh'): AlarmChanged['alarm'][] => effects.flatMap((effect) => (effect.type === 'alarmChanged' && effect.event.alarm.rule === rule ? [effect.event.alarm] : []));
const silence = (over: Partial<Silence> = {}): Silence => ({ silenceId: 's1', siteId: 'plaza', zoneIds: [], rules: [], fromMs: START_MS, untilMs: START_MS + 60_000, by: 'Wu', words: 'the fair is built', ...over });
const shelve = (drive: Drive, alarmId: string, atMs: number, forMs: number, commandId = `s${atMs}`) => drive.give({ type: 'shelve', commandId, alarmId, by: 'Li', words: 'works at the gate', forMs, atMs: START_MS + atMs });
const answerOf = (effects: Effect[]) => effects.flatMap((effect) => (effect.type === 'answer' ? [effect.answer] : []))[0]!;

describe('latch', () => {
  test('AM6 what reached the level and eased without anybody waits; acknowledging it closes it', () => {
    const drive = new Drive();
    expect(path(drive.run(0, 40_000, (column) => (column < 10 ? 0.2 : 0.2)), 'west')).toEqual([]);
    expect(path(drive.run(40_000, 46_000, west(5)), 'west')).toEqual(['null>raised:danger']);
    expect(path(drive.run(46_000, 80_000, west(0)), 'west').slice(-2)).toEqual(['raised>easing:danger', 'easing>cleared:danger'].map((one) => expect.stringContaining(one.split(':')[0]!)));
    const alarm = density(drive);
    expect(alarm).toMatchObject({ state: 'cleared', levelPeak: 'danger', clearedAtMs: expect.any(Number) });
    expect(path(drive.run(80_000, 400_000, west(0)), 'west')).toEqual([]);
    expect(path(drive.acknowledge(alarm.alarmId, 'c1', 400_000), 'west')).toEqual([expect.stringMatching(/^cleared>closed/)]);
    expect(changes(drive.effects).at(-1)).toMatchObject({ closedBecause: 'acknowledged', acknowledged: { by: 'operator' } });
    expect(drive.open('densityHigh', 'west')).toBeUndefined();
  });
  test('AM6 it rises again under the same id, and below the level or acknowledged it closes by itself', () => {
    const drive = new Drive();
    drive.run(0, 6000, west(5));
    drive.run(6000, 40_000, west(0));
    const { alarmId } = density(drive);
    expect(path(drive.run(40_000, 46_000, west(4)), 'west')).toEqual(['cleared>raised:warning']);
    expect(density(drive).alarmId).toBe(alarmId);
    const lower = new Drive();
    lower.run(0, 6000, west(4));
    expect(path(lower.run(6000, 40_000, west(0)), 'west')).toEqual(['raised>easing:warning', 'easing>closed:warning']);
    const seen = new Drive();
    seen.run(0, 6000, west(5));
    seen.acknowledge(density(seen).alarmId, 'c1', 6000);
    expect(path(seen.run(6500, 40_000, west(0)), 'west').at(-1)).toMatch(/^easing>closed/);
  });
  test('AM6 the level is a setting of the zone; never is never', () => {
    const low = new Drive(withAlarms({ latchFromLevel: 'warning' })), never = new Drive(withAlarms({ latchFromLevel: 'never' }));
    for (const drive of [low, never]) { drive.run(0, 6000, west(6)); drive.run(6000, 60_000, west(0)); }
    expect(density(low).state).toBe('cleared');
    expect(density(never)).toBeUndefined();
  });
});

test('AM7 priority follows from the level and how much the place matters, also when that is changed while it is open', () => {
  const priorities = (shift: number | undefined) => [4, 5, 6].map((peoplePerM2) => { const drive = new Drive(withAlarms(shift === undefined ? undefined : { priorityShift: shift })); drive.run(0, 6000, west(peoplePerM2)); return density(drive).priority; });
  expect(priorities(undefined)).toEqual(['medium', 'high', 'urgent']);
  expect(priorities(1)).toEqual(['high', 'urgent', 'urgent']);
  expect(priorities(-1)).toEqual(['low', 'medium', 'high']);
  const drive = new Drive();
  drive.run(0, 6000, west(4));
  expect(path(drive.change({ ...withAlarms({ priorityShift: 1 }), version: 2 }, 6100), 'west')).toEqual(['raised>raised:warning']);
  expect(density(drive).priority).toBe('high');
});

describe('repetition', () => {
  const repeatsOf = (drive: Drive, fromMs: number, toMs: number, peoplePerM2: number) => changes(drive.run(fromMs, toMs, west(peoplePerM2))).map(({ repeats }) => repeats);
  test('RP1 every minute while high or urgent, every five minutes below, each time a new version, until somebody acknowledges', () => {
    const drive = new Drive();
    drive.run(0, 6000, west(5));
    const versions = changes(drive.run(6000, 190_000, west(5)));
    expect(versions.map(({ version, repeats, state }) => [version, repeats, state])).toEqual([[2, 1, 'raised'], [3, 2, 'raised'], [4, 3, 'raised']]);
    expect(versions[1]!.changedAtMs - versions[0]!.changedAtMs).toBe(60_000);
    drive.acknowledge(density(drive).alarmId, 'c1', 190_000);
    expect(repeatsOf(drive, 190_500, 400_000, 5)).toEqual([]);
    const lower = new Drive();
    lower.run(0, 6000, west(4));
    expect(repeatsOf(lower, 6000, 620_000, 4)).toEqual([1, 2]);
  });
  test('RP2 the spans are settings of the zone: 0 never repeats, and nothing repeats faster than its bound', () => {
    const off = new Drive(withAlarms({ repeatUrgentEveryS: 0 })), fast = new Drive(withAlarms({ repeatUrgentEveryS: 1 }));
    for (const drive of [off, fast]) drive.run(0, 6000, west(5));
    expect(repeatsOf(off, 6000, 300_000, 5)).toEqual([]);
    expect(repeatsOf(fast, 6000, 66_000, 5)).toHaveLength(4);
  });
  test('RP3 at most a hundred times; raised anew, it counts anew', () => {
    const drive = new Drive(withAlarms({ repeatUrgentEveryS: 15 }));
    drive.run(0, 6000, west(5));
    for (let at = 6000; at < 1_700_000; at += 2500) { drive.tick(at); drive.see(west(5), { atMs: at + 1 }); }
    expect(density(drive).repeats).toBe(100);
    drive.acknowledge(density(drive).alarmId, 'c1', 1_700_000);
    drive.run(1_700_500, 1_707_000, west(6));
    expect(density(drive)).toMatchObject({ state: 'raised', level: 'critical', repeats: 0 });
  });
  test('RP4 a decider that was away does not make up for it', () => {
    const drive = new Drive();
    drive.run(0, 6000, west(5));
    expect(changes(drive.run(3_600_000, 3_601_000, west(5)))).toEqual([]);
  });
});

describe('inhibition', () => {
  test('MU1 the alarm of a zone that got blind is muted once the alarm of its camera speaks, says so, repeats no more, and is heard again when the zone is seen', () => {
    const drive = new Drive();
    drive.run(0, 6000, west(5));
    drive.wait(6000, 13_000);
    expect(drive.zone('west').sight).toBe('blind');
    expect(density(drive)).toMatchObject({ muted: null, state: 'raised' });
    const blind = changes(drive.wait(13_000, 400_000));
    expect(blind.map(({ muted, state, repeats }) => [muted?.because, state, repeats])).toEqual([['blind', 'raised', 0]]);
    // The camera's own speaks, and is repeated.
    expect(drive.open('sensorSilent', 'one')).toMatchObject({ state: 'raised', muted: null, repeats: 1 });
    const seen = changes(drive.run(400_000, 402_000, west(5)));
    expect(seen.map(({ muted, level }) => [muted, level])).toEqual([[null, 'danger']]);
    expect(changes(drive.run(402_000, 466_000, west(5))).map(({ repeats }) => repeats)).toEqual([1]);
  });
  test('MU2 a fault of the picture is blindness, too, and another camera that sees the zone keeps it heard', () => {
    const two = new Drive(siteConfig({ sensors: [sensorOf('one'), sensorOf('two')] }));
    for (let at = 0; at < 6000; at += 500) { two.tick(at); two.see(west(5), { atMs: at + 1 }); two.see(west(5), { atMs: at + 2, sensorId: 'two' }); }
    for (let at = 6000; at < 40_000; at += 500) { two.tick(at); two.see(west(5), { atMs: at + 2, sensorId: 'two' }); }
    expect(two.open('sensorSilent', 'one')).toMatchObject({ state: 'raised' });
    expect(density(two)).toMatchObject({ muted: null });
  });
  test('MU3 where no alarm of a camera speaks for it, it goes on speaking: camera alarm put aside, or the camera taken away', () => {
    const drive = new Drive();
    drive.run(0, 6000, west(5));
    drive.wait(6000, 20_000);
    expect(density(drive)).toMatchObject({ muted: { because: 'blind' } });
    shelve(drive, drive.open('sensorSilent', 'one')!.alarmId, 20_000, 600_000);
    drive.wait(20_000, 21_000);
    expect(density(drive)).toMatchObject({ muted: null, state: 'raised' });
    drive.give({ type: 'unshelve', commandId: 'u1', alarmId: drive.open('sensorSilent', 'one')!.alarmId, by: 'Li', atMs: START_MS + 21_000 });
    drive.wait(21_000, 22_000);
    expect(density(drive)).toMatchObject({ muted: { because: 'blind' } });
    drive.change(siteConfig({ version: 2, sensors: [sensorOf('one', { enabled: false })] }), 22_500);
    drive.wait(23_000, 24_000);
    expect(drive.zone('west')).toMatchObject({ sight: 'blind', because: 'noSensor' });
    expect(density(drive)).toMatchObject({ muted: null });
  });
});

describe('putting aside', () => {
  test('SH1 with a reason and for a while; it is not repeated, and comes back by itself', () => {
    const drive = new Drive();
    drive.run(0, 6000, west(5));
    const { alarmId } = density(drive);
    expect(answerOf(shelve(drive, alarmId, 6000, 120_000))).toEqual({ commandId: 's6000', done: true, alarmId });
    expect(density(drive)).toMatchObject({ state: 'raised', shelved: { by: 'Li', words: 'works at the gate', untilMs: density(drive).shelved!.atMs + 120_000 } });
    expect(changes(drive.run(6500, 124_000, west(5)))).toEqual([]);
    expect(changes(drive.run(124_000, 128_000, west(5))).map(({ shelved, repeats }) => [shelved, repeats])).toEqual([[null, 0]]);
    expect(changes(drive.run(128_000, 189_000, west(5))).map(({ repeats }) => repeats)).toEqual([1]);
  });
  test('SH2 it comes back at once when the level grows, and stays back when it falls again', () => {
    const drive = new Drive();
    drive.run(0, 6000, west(4));
    shelve(drive, density(drive).alarmId, 6000, 3_600_000);
    expect(changes(drive.run(6500, 13_000, west(5))).map(({ level, shelved }) => [level, shelved])).toEqual([['danger', null]]);
    drive.run(13_000, 30_000, west(3.8));
    expect(density(drive)).toMatchObject({ level: 'warning', shelved: null });
  });
  test('SH3 it holds for the next alarm of the same place and rule: one that comes and goes is put aside as a whole', () => {
    const drive = new Drive();
    drive.run(0, 6000, west(4));
    shelve(drive, density(drive).alarmId, 6000, 600_000);
    const first = density(drive).alarmId;
    drive.run(6500, 40_000, west(0));
    expect(density(drive)).toBeUndefined();
    expect(changes(drive.effects).at(-1)).toMatchObject({ state: 'closed', shelved: null });
    drive.run(40_000, 46_000, west(4));
    expect(density(drive)).toMatchObject({ version: 1, shelved: { words: 'works at the gate' } });
    expect(density(drive).alarmId).not.toBe(first);
    drive.run(46_000, 612_000, west(4));
    expect(density(drive).shelved).toBeNull();
  });
  test('SH4 at most eight hours by its schema, half an hour where it is critical; what is over, an exercise or nothing cannot be put aside', () => {
    const drive = new Drive();
    drive.run(0, 6000, west(6));
    const { alarmId } = density(drive);
    expect(answerOf(shelve(drive, alarmId, 6000, 1_800_001))).toMatchObject({ done: false, problem: { code: 'shelvedTooLong', values: { minutes: 30 } } });
    expect(answerOf(shelve(drive, alarmId, 6001, 1_800_000))).toMatchObject({ done: true });
    expect(answerOf(drive.give({ type: 'unshelve', commandId: 'u1', alarmId, by: 'Li', atMs: START_MS + 6002 }))).toMatchObject({ done: true });
    expect(answerOf(drive.give({ type: 'unshelve', commandId: 'u2', alarmId, by: 'Li', atMs: START_MS + 6003 }))).toMatchObject({ done: false, problem: { code: 'alarmNotShelved' } });
    drive.run(6500, 60_000, west(0));
    expect(answerOf(shelve(drive, alarmId, 60_000, 60_000))).toMatchObject({ done: false, problem: { code: 'alarmStepNotAllowed', values: { state: 'cleared' } } });
    expect(answerOf(shelve(drive, 'none', 60_001, 60_000))).toMatchObject({ done: false, problem: { code: 'alarmUnknown' } });
  });
  test('SH5 after a decider was away the time on the wall holds', () => {
    const drive = new Drive();
    drive.run(0, 6000, west(5));
    shelve(drive, density(drive).alarmId, 6000, 3_600_000);
    drive.tick(3_700_000);
    expect(density(drive).shelved).toBeNull();
  });
});

describe('silences', () => {
  test('MU4 alarms of the places and rules are recorded muted from their first version on, and speak when the window is over', () => {
    const drive = new Drive();
    drive.give({ type: 'silences', silences: [silence({ zoneIds: ['west'] })], atMs: START_MS });
    const raised = changes(drive.run(0, 7000, 4));
    expect(raised.map(({ place, muted }) => [place.kind === 'zone' && place.zoneId, muted?.because ?? null])).toEqual([['west', 'silence'], ['east', null]]);
    const over = changes(drive.run(7000, 62_000, 4));
    expect(over.map(({ muted }) => muted)).toEqual([null]);
    expect(density(drive)).toMatchObject({ muted: null, state: 'raised' });
  });
  test('MU5 a critical one is never silenced, also when it grows in the window', () => {
    const drive = new Drive();
    drive.give({ type: 'silences', silences: [silence()], atMs: START_MS });
    drive.run(0, 7000, west(4));
    expect(density(drive).muted?.because).toBe('silence');
    expect(changes(drive.run(7000, 13_000, west(6))).map(({ level, muted }) => [level, muted])).toEqual([['critical', null]]);
    drive.run(13_000, 30_000, west(4.6));
    expect(density(drive)).toMatchObject({ level: 'danger', muted: { because: 'silence' } });
  });
  test('MU6 other rules and other sites are not meant; taking it back is heard at once', () => {
    const drive = new Drive();
    drive.give({ type: 'silences', silences: [silence({ rules: ['sensorSilent'] }), silence({ siteId: 'other' })], atMs: START_MS });
    drive.run(0, 7000, west(4));
    expect(density(drive).muted).toBeNull();
    drive.wait(7000, 20_000);
    expect(drive.open('sensorSilent', 'one')).toMatchObject({ muted: { because: 'silence' } });
    // The camera's alarm is muted, so it does not speak for the zone.
    expect(density(drive).muted).toBeNull();
    expect(changes(drive.give({ type: 'silences', silences: [], atMs: START_MS + 20_000 }), 'sensorSilent').map(({ muted }) => muted)).toEqual([null]);
  });
});

describe('exercises', () => {
  const exercise = (drive: Drive, atMs: number, over: { zoneId?: string; level?: 'warning' | 'critical'; forMs?: number; commandId?: string } = {}) => drive.give({ type: 'raiseExercise', commandId: over.commandId ?? `e${atMs}`, zoneId: over.zoneId ?? 'west', level: over.level ?? 'critical', forMs: over.forMs ?? 60_000, by: 'Wu', words: 'spring drill', atMs: START_MS + atMs });
  test('EX1 raised by a person, marked, and over when its time is; the zone keeps its own colour and its real alarms', () => {
    const drive = new Drive();
    drive.run(0, 6000, west(4));
    const answer = answerOf(exercise(drive, 6000));
    expect(answer).toMatchObject({ done: true });
    const alarm = drive.open('exercise', 'west')!;
    expect(alarm).toMatchObject({ alarmId: answer.done && answer.alarmId, rule: 'exercise', exercise: true, level: 'critical', priority: 'urgent', state: 'raised', because: { code: 'exercise', values: { by: 'Wu', words: 'spring drill' } } });
    expect(density(drive)).toMatchObject({ exercise: false, state: 'raised' });
    expect(drive.zone('west')).toMatchObject({ sight: 'seen', level: 'warning' });
    expect(path(drive.acknowledge(alarm.alarmId, 'c1', 7000), 'west')).toEqual(['raised>acknowledged:critical']);
    const ended = changes(drive.run(7500, 68_000, west(4)), 'exercise');
    expect(ended).toMatchObject([{ state: 'closed', closedBecause: 'exerciseEnded', exercise: true }]);
    expect(density(drive)).toMatchObject({ state: 'raised' });
  });
  test('EX2 one in a zone; ended by a person; a real alarm cannot be ended so, and an unknown zone is named', () => {
    const drive = new Drive();
    drive.run(0, 6000, west(4));
    exercise(drive, 6000);
    expect(answerOf(exercise(drive, 6001))).toMatchObject({ done: false, problem: { code: 'exerciseRunning' } });
    expect(answerOf(exercise(drive, 6002, { zoneId: 'east' }))).toMatchObject({ done: true });
    expect(answerOf(exercise(drive, 6003, { zoneId: 'gone' }))).toMatchObject({ done: false, problem: { code: 'notFound' } });
    const end = (alarmId: string, commandId: string) => answerOf(drive.give({ type: 'endExercise', commandId, alarmId, by: 'Wu', atMs: START_MS + 7000 }));
    expect(end(density(drive).alarmId, 'x1')).toMatchObject({ done: false, problem: { code: 'notAnExercise' } });
    expect(end(drive.open('exercise', 'west')!.alarmId, 'x2')).toMatchObject({ done: true });
    expect(drive.open('exercise', 'west')).toBeUndefined();
    expect(answerOf(shelve(drive, drive.open('exercise', 'east')!.alarmId, 8000, 60_000))).toMatchObject({ done: false, problem: { code: 'alarmStepNotAllowed' } });
    expect(answerOf(exercise(drive, 9000))).toMatchObject({ done: true });
  });
  test('EX3 no plan silences it and no blindness mutes it; a change of the site leaves it, the end of its zone ends it', () => {
    const drive = new Drive();
    drive.give({ type: 'silences', silences: [silence()], atMs: START_MS });
    drive.tick(0);
    exercise(drive, 100, { level: 'warning', forMs: 600_000 });
    drive.wait(500, 20_000);
    expect(drive.open('exercise', 'west')).toMatchObject({ muted: null, state: 'raised' });
    drive.change(siteConfig({ version: 2 }), 20_000);
    expect(drive.open('exercise', 'west')).toMatchObject({ state: 'raised' });
    expect(changes(drive.change(siteConfig({ version: 3, zones: [zoneAt('east', 11)] }), 20_500), 'exercise')).toMatchObject([{ state: 'closed', closedBecause: 'placeRemoved' }]);
  });
});

test('SJ2 a snapshot of the format before is taken up with its open alarms, and goes on', () => {
  const drive = new Drive();
  drive.run(0, 6000, west(4));
  const kept = JSON.parse(siteStateToJson(drive.state)) as Record<string, any>;
  const { shelves: _shelves, silences: _silences, ...old } = kept;
  old['format'] = 'crowdlight siteState 2';
  old['alarms'] = old['alarms'].map(([key, { repeatFromMs: _from, endRunMs: _end, alarm: { priority: _p, exercise: _e, shelved: _s, muted: _m, repeats: _r, ...alarm }, ...open }]: any) => [key, { ...open, alarm }]);
  const back = siteStateFromJson(JSON.stringify(old))!;
  expect([...back.alarms.values()][0]!.alarm).toEqual(density(drive));
  drive.state = back;
  expect(path(drive.run(6000, 40_000, west(0)), 'west')).toEqual(['raised>easing:warning', 'easing>closed:warning']);
  expect(siteStateFromJson(JSON.stringify({ ...old, alarms: [['x', { alarm: 3 }]] }))).toBeNull();
  expect(siteStateFromJson(JSON.stringify({ ...old, alarms: 'none' }))).toBeNull();
});
