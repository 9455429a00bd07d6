import { describe, expect, test } from 'vitest';
import type { AlarmChanged } from '../../contract/alarm.ts';
import { COUNTING_VARIANCE_PER_PERSON } from '../../crowd/interval.ts';
import { entriesOf } from '../../crowd/keyed.ts';
import { firstState, zoneStates } from '../../crowd/step.ts';
import { Drive, path, type readingOf, sensorOf, siteConfig, START_MS, zoneAt } from './plainSite.ts';

const west = (peoplePerM2: number) => (column: number) => (column < 10 ? peoplePerM2 : 0.2);

describe('figures of a zone', () => {
  test('FI1 mean, people, share and error of one camera over two zones', () => {
    const drive = new Drive();
    drive.tick(0);
    drive.see(west(3), { atMs: 100, errorPeoplePerM2: 2 });
    const zone = drive.zone('west');
    if (zone.sight !== 'seen') throw new Error('blind');
    expect(zone.figures.peoplePerM2Mean).toBeCloseTo(3, 1);
    expect(zone.figures.peopleCount).toBeCloseTo(3 * 64, -1);
    expect(zone.figures.seenShare).toBe(1);
    // sigma² = 4 of which a quarter of 3 is counting noise in 1 m2: correlated root(3.25) /m2 x 64 m2, noise root(0.75 x 64).
    expect(COUNTING_VARIANCE_PER_PERSON).toBe(0.25);
    expect(Math.abs(zone.figures.peopleCountError / Math.hypot(64 * Math.sqrt(3.25), Math.sqrt(0.75 * 64)) - 1)).toBeLessThan(0.05);
    expect(zone.figures.peoplePerM2Error).toBeCloseTo(zone.figures.peopleCountError / 64, 9);
    expect(drive.zone('east')).toMatchObject({ sight: 'seen', level: 'calm' });
  });
  test('FI2 what is not seen is not counted', () => {
    const drive = new Drive();
    drive.tick(0);
    drive.see((column, row) => (column < 9 && row < 6 ? 2 : null), { atMs: 100 });
    const zone = drive.zone('west');
    if (zone.sight !== 'seen') throw new Error('blind');
    expect(zone.figures.seenShare).toBeCloseTo(0.5, 9);
    expect(zone.figures.peopleCount).toBeCloseTo(64, -1);
    expect(zone.figures.peoplePerM2Mean).toBeCloseTo(2, 1);
    expect(drive.zone('east')).toMatchObject({ sight: 'blind', because: 'tooLittleSeen' });
  });
  test('FI3 the peak is the densest patch of 4 m2, not one cell', () => {
    const drive = new Drive();
    drive.tick(0);
    drive.see((column, row) => (column === 4 && row === 5 ? 8 : 1), { atMs: 100 });
    const zone = drive.zone('west');
    if (zone.sight !== 'seen') throw new Error('blind');
    expect(zone.figures.peoplePerM2Peak).toBeCloseTo((8 + 3) / 4, 1);
    drive.see((column, row) => (column >= 7 && column <= 8 && row >= 8 && row <= 9 ? 6 : 1), { atMs: 600 });
    expect((drive.zone('west') as any).figures.peoplePerM2Peak).toBeCloseTo(6, 1);
  });
  test('FI4 two cameras over one zone are blended, never added, and the surer one counts more', () => {
    const drive = new Drive(siteConfig({ sensors: [sensorOf('one'), sensorOf('two')] }));
    drive.tick(0);
    drive.see(2, { atMs: 100 });
    drive.see(4, { atMs: 110, sensorId: 'two', weight: 100 });
    expect((drive.zone('west') as any).figures.peoplePerM2Mean).toBeCloseTo(3, 1);
    drive.see(4, { atMs: 210, sensorId: 'two', weight: 50 });
    expect((drive.zone('west') as any).figures.peoplePerM2Mean).toBeCloseTo((2 * 100 + 4 * 50) / 150, 1);
    expect((drive.zone('west') as any).figures.capturedAtMs).toBe(START_MS + 100);
  });
  test('FI5 the bias of one camera does not average out over cells, the noise of counting does', () => {
    const errorOf = (errorPeoplePerM2: number, peoplePerM2: number) => { const drive = new Drive(); drive.tick(0); drive.see(peoplePerM2, { atMs: 1, errorPeoplePerM2 }); return (drive.zone('west') as any).figures.peoplePerM2Error as number; };
    expect(errorOf(0.5, 0)).toBeCloseTo(0.5, 1);
    expect(errorOf(Math.sqrt(2 * COUNTING_VARIANCE_PER_PERSON), 2)).toBeLessThan(0.3);
  });
});

describe('life of an alarm', () => {
  test('AM1 raised after the dwell, acknowledged, easing, closed, with versions without a gap', () => {
    const drive = new Drive();
    expect(path(drive.run(0, 5000, west(4)), 'west')).toEqual([]);
    expect(path(drive.run(5000, 7000, west(4)), 'west')).toEqual(['null>raised:warning']);
    const alarm = drive.open('densityHigh', 'west')!;
    expect(alarm.alarmId).toBe(`plaza.densityHigh.west.${alarm.raisedAtMs}`);
    expect(alarm.because).toMatchObject({ code: 'densityAbove', values: { limitPeoplePerM2: 3.5, forMs: expect.any(Number) } });
    expect(drive.zone('west')).toMatchObject({ level: 'warning' });
    expect(path(drive.acknowledge(alarm.alarmId, 'c1', 7100), 'west')).toEqual(['raised>acknowledged:warning']);
    expect(path(drive.run(7500, 40_000, west(1)), 'west')).toEqual(['acknowledged>easing:warning', 'easing>closed:warning']);
    const events = drive.effects.flatMap((effect) => (effect.type === 'alarmChanged' ? [effect.event] : []));
    expect(events.map((event) => event.alarm.version)).toEqual([1, 2, 3, 4]);
    expect(events.map((event) => event.eventId)).toEqual([1, 2, 3, 4].map((version) => `${alarm.alarmId}.${version}`));
    expect(events.at(-1)!.alarm).toMatchObject({ closedBecause: 'eased', acknowledged: { by: 'operator' } });
    expect(drive.zone('west')).toMatchObject({ level: 'calm' });
  });
  test('AM2 a higher level than the one acknowledged raises it again; a lower one does not', () => {
    const drive = new Drive();
    drive.run(0, 6000, west(5));
    drive.acknowledge(drive.open('densityHigh', 'west')!.alarmId, 'c1', 6000);
    expect(drive.open('densityHigh', 'west')).toMatchObject({ state: 'acknowledged', level: 'danger' });
    expect(path(drive.run(6500, 14_000, west(3.8)), 'west')).toEqual(['acknowledged>acknowledged:warning']);
    expect(path(drive.run(14_000, 20_000, west(5)), 'west')).toEqual(['acknowledged>acknowledged:danger']);
    expect(path(drive.run(20_000, 26_000, west(6)), 'west')).toEqual(['acknowledged>raised:critical']);
    expect(drive.open('densityHigh', 'west')).toMatchObject({ levelPeak: 'critical' });
    expect(drive.open('densityHigh', 'west')).not.toHaveProperty('acknowledged');
  });
  test('AM3 rising again out of easing: as acknowledged where that was acknowledged, raised otherwise', () => {
    const drive = new Drive();
    drive.run(0, 6000, west(4));
    drive.acknowledge(drive.open('densityHigh', 'west')!.alarmId, 'c1', 6000);
    expect(path(drive.run(6500, 13_000, west(2.5)), 'west')).toEqual(['acknowledged>easing:warning']);
    expect(path(drive.run(13_000, 19_000, west(4)), 'west')).toEqual(['easing>acknowledged:warning']);
    expect(path(drive.run(19_000, 25_500, west(2.5)), 'west')).toEqual(['acknowledged>easing:warning']);
    expect(path(drive.run(25_500, 31_500, west(5)), 'west')).toEqual(['easing>raised:danger']);
    const other = new Drive();
    other.run(0, 6000, west(4));
    other.run(6000, 12_500, west(2.5));
    expect(path(other.run(12_500, 18_500, west(4)), 'west')).toEqual(['easing>raised:warning']);
  });
  test('AM4 notice only colours the zone', () => {
    const drive = new Drive();
    expect(path(drive.run(0, 20_000, west(2.5)), 'west')).toEqual([]);
    expect(drive.zone('west')).toMatchObject({ sight: 'seen', level: 'notice' });
  });
  test('AM5 two alarms of one place never share an id, even when the clock was set back between them', () => {
    const drive = new Drive(siteConfig({ zones: [zoneAt('west', 1, { rules: { densityHigh: { raiseAfterMs: 0, clearAfterMs: 0, easeHoldMs: 0 } } }), zoneAt('east', 11)] }));
    const ids: string[] = [];
    for (let round = 0; round < 3; round++) {
      // Each round by the same wall clock.
      for (let at = 0; at < 5; at++) drive.tick(100 * at);
      drive.see(west(4), { atMs: 100, capturedAtMs: START_MS + 1000 * round, seq: 10 * round + 1 });
      ids.push(drive.open('densityHigh', 'west')!.alarmId);
      for (let at = 0; at < 5; at++) { drive.see(west(0), { atMs: 200, capturedAtMs: START_MS + 1000 * round + 100, seq: 10 * round + 2 + at }); drive.tick(500 + at); }
      expect(drive.open('densityHigh', 'west')).toBeUndefined();
    }
    expect(new Set(ids).size).toBe(3);
  });
});

describe('commands', () => {
  test('CO1 the same command twice is one step and the same answer', () => {
    const drive = new Drive();
    drive.run(0, 6000, west(4));
    const { alarmId } = drive.open('densityHigh', 'west')!;
    const once = drive.acknowledge(alarmId, 'c1', 6000), twice = drive.acknowledge(alarmId, 'c1', 6500);
    expect(once).toHaveLength(2);
    expect(twice).toEqual([{ type: 'answer', answer: { commandId: 'c1', done: true, alarmId } }]);
    expect(drive.acknowledge(alarmId, 'c2', 7000)).toMatchObject([{ answer: { done: false, problem: { code: 'alarmStepNotAllowed', values: { state: 'acknowledged' } } } }]);
  });
  test('CO2 an alarm that is not there is named', () => {
    expect(new Drive().acknowledge('plaza.densityHigh.west.1', 'c1', 0)).toMatchObject([{ answer: { commandId: 'c1', done: false, problem: { code: 'alarmUnknown' } } }]);
  });
  test('CO3 answers are remembered up to a bound', () => {
    const drive = new Drive();
    for (let i = 0; i < 1500; i++) drive.acknowledge('none', `c${i}`, i);
    expect(drive.state.answers.size).toBe(1000);
    expect(drive.state.answers.has('c1499')).toBe(true);
  });
  test('CO4 an alarm that eases may still be acknowledged', () => {
    const drive = new Drive();
    drive.run(0, 6000, west(4));
    drive.run(6000, 12_500, west(2.5));
    const alarm = drive.open('densityHigh', 'west')!;
    expect(alarm.state).toBe('easing');
    expect(path(drive.acknowledge(alarm.alarmId, 'c1', 12_600), 'west')).toEqual(['easing>easing:warning']);
    expect(path(drive.run(13_000, 19_000, west(4)), 'west')).toEqual(['easing>acknowledged:warning']);
  });
});

describe('silence and blindness', () => {
  test('BD1 five seconds without a frame: blind with a reason and the last figures, never calm', () => {
    const drive = new Drive();
    drive.run(0, 2000, west(3));
    drive.wait(2000, 7000);
    expect(drive.zone('west').sight).toBe('seen');
    drive.wait(7000, 8000);
    expect(drive.zone('west')).toMatchObject({ sight: 'blind', because: 'sensorSilent', lastFigures: { seenShare: 1 } });
  });
  test('BD2 a zone that another camera sees stays seen', () => {
    const drive = new Drive(siteConfig({ sensors: [sensorOf('one'), sensorOf('two')] }));
    drive.run(0, 2000, 1);
    drive.run(2000, 10_000, 3, { sensorId: 'two' });
    expect(drive.zone('west')).toMatchObject({ sight: 'seen' });
    expect((drive.zone('west') as any).figures.peoplePerM2Mean).toBeCloseTo(3, 1);
  });
  test('BD3 blindness never eases a density alarm, nor closes one that eases', () => {
    const drive = new Drive();
    drive.run(0, 6000, west(4));
    // Once the camera's own alarm is there it is muted, and nothing else happens to it (MU1).
    expect(path(drive.wait(6000, 600_000), 'west')).toEqual(['raised>raised:warning']);
    expect(drive.open('densityHigh', 'west')).toMatchObject({ state: 'raised', level: 'warning', muted: { because: 'blind' } });
    // Back with an empty square: the dwell and the hold are waited for in full.
    expect(path(drive.run(600_000, 604_500, west(0)), 'west')).toEqual(['raised>raised:warning']);
    expect(drive.open('densityHigh', 'west')).toMatchObject({ muted: null });
    expect(path(drive.run(604_500, 606_500, west(0)), 'west')).toEqual(['raised>easing:warning']);
    expect(path(drive.wait(606_500, 700_000), 'west')).toEqual(['easing>easing:warning']);
    expect(drive.open('densityHigh', 'west')).toMatchObject({ state: 'easing', muted: { because: 'blind' } });
    expect(path(drive.run(700_000, 709_500, west(0)), 'west')).toEqual(['easing>easing:warning']);
    expect(path(drive.run(709_500, 712_000, west(0)), 'west')).toEqual(['easing>closed:warning']);
  });
  test('BD4 why a zone is blind', () => {
    const drive = new Drive(siteConfig({ sensors: [] }));
    expect(zoneStates(firstState('plaza'), drive.site)).toMatchObject([{ sight: 'blind', because: 'noSensor' }, { sight: 'blind', because: 'noSensor' }]);
    drive.tick(0);
    expect(drive.zone('west')).toMatchObject({ sight: 'blind', because: 'noSensor', sinceMs: START_MS });
    drive.change(siteConfig({ version: 2 }), 1000);
    drive.tick(2000);
    expect(drive.zone('west')).toMatchObject({ because: 'neverSeen', sinceMs: START_MS });
    drive.change(siteConfig({ version: 3, sensors: [sensorOf('one', { enabled: false })] }), 3000);
    expect(drive.zone('west')).toMatchObject({ because: 'noSensor' });
  });
  /** Eight of the 64 m2 of the zone, nothing else. */
  const sliver = (peoplePerM2: number) => (column: number) => (column === 1 ? peoplePerM2 : null);
  test('BD5 a crush in the visible sliver alarms, and the zone is shown with its honest share', () => {
    const drive = new Drive();
    expect(path(drive.run(0, 10_000, sliver(3.3)), 'west')).toEqual([]);
    expect(drive.zone('west')).toMatchObject({ sight: 'blind', because: 'tooLittleSeen' });
    expect(path(drive.run(10_000, 16_000, sliver(5)), 'west')).toEqual(['null>raised:danger']);
    expect(drive.zone('west')).toMatchObject({ sight: 'seen', level: 'danger', figures: { seenShare: 0.125, seenAreaM2: 8 } });
    // Between the clearing limit, which is never within the error (HY9), and the limit it stays in sight; under it, it is blind.
    drive.run(16_000, 18_000, sliver(3.1));
    expect(drive.zone('west')).toMatchObject({ sight: 'seen', level: 'danger' });
    drive.run(18_000, 18_500, sliver(1.9));
    expect(drive.zone('west')).toMatchObject({ sight: 'blind', because: 'tooLittleSeen', lastFigures: { seenShare: 0.125 } });
    drive.run(18_500, 19_000, sliver(3.1));
    expect(drive.zone('west').sight).toBe('blind');
  });
  test('BD6 a sliver never eases an alarm, a look at the zone does', () => {
    const drive = new Drive(siteConfig({ zones: [zoneAt('west', 1, { rules: { densityHigh: { alarmFromLevel: 'danger' } } }), zoneAt('east', 11)] }));
    expect(path(drive.run(0, 6000, west(5)), 'west')).toEqual(['null>raised:danger']);
    expect(path(drive.run(6000, 30_000, sliver(3.6)), 'west')).toEqual([]);
    expect(drive.zone('west')).toMatchObject({ sight: 'seen', level: 'warning' });
    expect(path(drive.run(30_000, 60_000, sliver(0)), 'west')).toEqual([]);
    expect(drive.zone('west').sight).toBe('blind');
    expect(path(drive.run(60_000, 90_000, west(0)), 'west')).toEqual(['raised>easing:danger', 'easing>cleared:danger']);
  });
  test('BD7 a zone that no rule watches is never judged by a sliver', () => {
    const drive = new Drive(siteConfig({ zones: [zoneAt('west', 1, { rules: { densityHigh: { enabled: false } } })] }));
    drive.run(0, 2000, sliver(8));
    expect(drive.zone('west')).toMatchObject({ sight: 'blind', because: 'tooLittleSeen' });
  });
  test('SI1 a camera that falls silent is an alarm after ten seconds, and closes after five of pictures', () => {
    const drive = new Drive();
    drive.run(0, 1000, 1);
    expect(path(drive.wait(1000, 10_500), 'one')).toEqual([]);
    expect(path(drive.wait(10_500, 12_000), 'one')).toEqual(['null>raised:warning']);
    expect(drive.open('sensorSilent', 'one')!.because).toMatchObject({ code: 'silent', values: { silentMs: expect.any(Number) } });
    expect(path(drive.run(12_000, 16_500, 1), 'one')).toEqual(['raised>easing:warning']);
    expect(path(drive.run(16_500, 18_000, 1), 'one')).toEqual(['easing>closed:warning']);
  });
  test('SI2 one that never sent anything is silent from when it was first waited for; one that is off or unplaced is not waited for', () => {
    const drive = new Drive(siteConfig({ sensors: [sensorOf('one'), sensorOf('off', { enabled: false }), sensorOf('unplaced', { calibration: null })] }));
    const effects = drive.wait(0, 30_000);
    expect(path(effects, 'one')).toEqual(['null>raised:warning']);
    expect([...path(effects, 'off'), ...path(effects, 'unplaced')]).toEqual([]);
    expect(drive.open('sensorSilent', 'one')!.because.code).toBe('neverHeard');
  });
  test('SI3 a decider that was away does not take its own absence for silence or for a dwell', () => {
    const drive = new Drive();
    drive.run(0, 3000, west(4));
    expect(drive.tick(3_600_000)).toEqual([]);
    expect(drive.zone('west').sight).toBe('blind'); // an hour old is not now
    expect(path(drive.run(3_600_500, 3_604_500, west(4)), 'west')).toEqual([]);
    expect(path(drive.run(3_604_500, 3_607_000, west(4)), 'west')).toEqual(['null>raised:warning']);
    expect(path(drive.effects, 'one')).toEqual([]);
  });
});

describe('inputs that must do no harm', () => {
  const after = (drive: Drive, more: Partial<Parameters<typeof readingOf>[1]>) => { const before = drive.state; const effects = drive.see(6, { atMs: 3000, ...more }); return effects.length === 0 && drive.state.sensors === before.sensors && drive.state.zones === before.zones; };
  const started = () => { const drive = new Drive(); drive.run(0, 2000, 1, { epoch: 5 }); return drive; };
  test('IN1 ghosts, repeats, late frames, strangers and other placings change nothing', () => {
    for (const more of [{ epoch: 4, seq: 9e9 }, { epoch: 5, seq: 1501 }, { epoch: 5, seq: 3 }, { epoch: 5, capturedAtMs: START_MS + 1000 }, { epoch: 5, sensorId: 'stranger' }, { epoch: 5, siteId: 'other' }, { epoch: 5, calibrationVersion: 2 },
      { epoch: 5, window: { columnFirst: 10, rowFirst: 0, columns: 20, rows: 20 } }, { epoch: 5, weightCodes: new Uint8Array(3) }, { epoch: 5, heardAtMs: Number.NaN }, { epoch: 5, capturedAtMs: 1e300 }, { epoch: 5, peopleInPicture: Number.NaN }])
      expect(after(started(), more), JSON.stringify(more)).toBe(true);
    expect(after(started(), { epoch: 5 })).toBe(false);
    expect(after(started(), { epoch: 6, seq: 0 })).toBe(false);
  });
  test('IN2 a camera whose clock was set back an hour goes on', () => {
    const drive = started();
    drive.see(3, { atMs: 2500, epoch: 5, capturedAtMs: START_MS - 3_600_000 });
    expect((drive.zone('west') as any).figures.peoplePerM2Mean).toBeCloseTo(3, 1);
  });
  test('IN3 ticks that jump back an hour do no harm: nothing eases, nothing is lost, silence is still found', () => {
    const drive = new Drive();
    drive.run(0, 6000, west(4));
    const back = -3_600_000;
    expect(path(drive.run(back + 6000, back + 9000, west(4), { epoch: 2 }), 'west')).toEqual([]);
    expect(drive.zone('west')).toMatchObject({ sight: 'seen', level: 'warning' });
    const effects = drive.wait(back + 9000, back + 25_000);
    expect(path(effects, 'one')).toEqual(['null>raised:warning']);
    expect(drive.zone('west').sight).toBe('blind');
    for (const effect of drive.effects) if (effect.type === 'alarmChanged') expect(effect.event.alarm.changedAtMs).toBeGreaterThanOrEqual(effect.event.alarm.raisedAtMs);
  });
  test('IN4 a clock of an ingest that runs ahead cannot make a silent camera look alive', () => {
    const drive = new Drive();
    drive.tick(0);
    drive.see(1, { atMs: 100, heardAtMs: START_MS + 3_600_000 });
    expect(path(drive.wait(500, 14_000), 'one')).toEqual(['null>raised:warning']);
  });
  test('IN5 frames that come in one late burst are judged by when they were taken', () => {
    const drive = new Drive();
    drive.tick(0);
    drive.see(west(1), { atMs: 10 });
    for (let at = 500; at <= 4500; at += 500) drive.tick(at);
    // Nine frames of the last 4.4 s, all heard now: not yet five seconds above.
    for (let at = 100; at <= 4500; at += 500) expect(path(drive.see(west(4), { atMs: at, heardAtMs: START_MS + 4500 }), 'west')).toEqual([]);
    expect(path([...drive.tick(5000), ...drive.see(west(4), { atMs: 5100 }), ...drive.tick(5500)], 'west')).toEqual(['null>raised:warning']);
  });
  test('IN6 a window of no cells and unknown cells are heard, and see nothing', () => {
    const drive = new Drive();
    drive.tick(0);
    drive.see(1, { atMs: 100, window: { columnFirst: 0, rowFirst: 0, columns: 0, rows: 0 } });
    drive.tick(200);
    expect(drive.zone('west')).toMatchObject({ sight: 'blind', because: 'tooLittleSeen' });
    drive.see(() => null, { atMs: 600 });
    expect(drive.zone('west')).toMatchObject({ sight: 'blind', because: 'tooLittleSeen' });
    expect(drive.state.sensors[0]).toMatchObject({ fresh: true });
  });
});

describe('a site that changes', () => {
  test('CF1 alarms of removed places close with placeRemoved, of rules switched off with ruleOff', () => {
    const drive = new Drive();
    drive.run(0, 6000, 4);
    const closed = (effects: ReturnType<Drive['change']>) => effects.flatMap((effect) => (effect.type === 'alarmChanged' && effect.event.alarm.state === 'closed' ? [[(effect.event as AlarmChanged).alarm.placeName, effect.event.alarm.closedBecause]] : []));
    expect(closed(drive.change(siteConfig({ version: 2, zones: [zoneAt('east', 11)] }), 6100))).toEqual([['zone west', 'placeRemoved']]);
    expect(closed(drive.change(siteConfig({ version: 3, zones: [zoneAt('east', 11, { rules: { densityHigh: { enabled: false } } })] }), 6200))).toEqual([['zone east', 'ruleOff']]);
    expect(entriesOf(drive.state.memories).filter(([key]) => !key.startsWith('sensorSilent'))).toEqual([]);
    drive.wait(6500, 20_000);
    expect(closed(drive.change(siteConfig({ version: 4, zones: [], sensors: [sensorOf('one', { enabled: false })] }), 20_000))).toEqual([['camera one', 'ruleOff']]);
  });
  test('CF2 a zone that was moved keeps its alarm and is judged by its new outline', () => {
    const drive = new Drive();
    drive.run(0, 6000, west(4));
    expect(drive.change(siteConfig({ version: 2, zones: [zoneAt('west', 10.5), zoneAt('east', 11)] }), 6100)).toEqual([]);
    expect((drive.zone('west') as any).figures.peoplePerM2Mean).toBeCloseTo(0.2, 1);
    expect(drive.open('densityHigh', 'west')).toMatchObject({ state: 'raised' });
  });
  test('CF3 readings of removed sensors, of an older placing or of another grid are dropped', () => {
    const started = () => { const drive = new Drive(); drive.run(0, 2000, west(3)); return drive; };
    const calibration = sensorOf('one').calibration!;
    for (const config of [
      siteConfig({ version: 2, sensors: [sensorOf('two')] }),
      siteConfig({ version: 2, sensors: [sensorOf('one', { calibration: { ...calibration, version: 2 } })] }),
      siteConfig({ version: 2, site: { ...siteConfig().site, grid: { cellM: 1, columns: 30, rows: 30 } } }),
    ]) {
      const drive = started();
      drive.change(config, 2100);
      expect(drive.zone('west')).toMatchObject({ sight: 'blind', because: 'neverSeen' });
    }
    const drive = started();
    drive.change(siteConfig({ version: 2, sensors: [sensorOf('one', { name: 'renamed' })] }), 2100);
    expect(drive.zone('west')).toMatchObject({ sight: 'seen' });
  });
  test('CF4 a site of another version than the state\'s is taken up even when nobody said so', () => {
    const drive = new Drive();
    drive.run(0, 6000, 4);
    drive.site = new Drive(siteConfig({ version: 9, zones: [zoneAt('east', 11)] })).site;
    expect(path(drive.tick(6100), 'west')).toEqual(['raised>closed:warning']);
    expect(drive.state.configVersion).toBe(9);
  });
});
