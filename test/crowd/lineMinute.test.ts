// Lines across a way: how many people crossed in the last minute, with the error of that, whoever decides.
import { describe, expect, test } from 'vitest';
import { firstLineTrack, lineLooked, type LineTrack } from '../../crowd/lineMinute.ts';
import { siteStateFromJson, siteStateToJson } from '../../crowd/siteState.ts';
import { lineStates } from '../../crowd/step.ts';
import { Drive, flowOf, lineAt, path, PLAIN_RULES, RULES, siteConfig, START_MS } from './plainSite.ts';

const line = lineAt('gate', 10);
const look = (runMs: number, more: Partial<Parameters<typeof lineLooked>[3]> = {}) => ({ runMs, wallMs: START_MS + runMs, sinceTickMs: 500, lookAtMs: START_MS + runMs, watched: true, ...more });
const flow = { inPerS: 2, outPerS: 0.5, errorPerS: 0.3, noiseVariancePerS2: 1, seenShare: 0.8 };
const looked = (ticks: number, more: (tick: number) => Partial<Parameters<typeof lineLooked>[3]> = () => ({})) => {
  let track: LineTrack = firstLineTrack(line, START_MS);
  for (let tick = 1; tick <= ticks; tick++) track = lineLooked(track, line, flow, look(500 * tick, more(tick)));
  return track;
};
/** East at 1 m/s through 8 m of line. */
const stream = (peoplePerM2 = 1, more: Parameters<typeof flowOf>[1] = {}) => ({ flow: flowOf(400, { eastMPerS: 1, ...more }), peoplePerM2 });
const lined = (more: Parameters<typeof siteConfig>[0] = {}) => new Drive(siteConfig({ lines: [line, lineAt('far', 4)], ...more }), [...RULES, ...PLAIN_RULES]);

describe('the minute of a line', () => {
  test('LM1 means of both ways, per metre of what is seen', () => {
    expect(looked(40).figures).toMatchObject({ inPeoplePerMin: expect.closeTo(120, 9), outPeoplePerMin: expect.closeTo(30, 9), peoplePerMMin: expect.closeTo(150 / (8 * 0.8), 9), seenShare: expect.closeTo(0.8, 9), overMs: 20_000 });
  });
  test('LM2 the error of the count stays, the noise of looks averages out, and two looks at one picture are one', () => {
    const error = (n: number, lookAt = (tick: number) => tick) => looked(n, (tick) => ({ lookAtMs: lookAt(tick) })).figures!.errorPeoplePerMin;
    expect(error(1)).toBeCloseTo(60 * Math.hypot(0.3, 1), 6);
    expect(error(100)).toBeCloseTo(60 * Math.hypot(0.3, Math.sqrt(1 / 100)), 6);
    expect(error(100, () => 7)).toBeCloseTo(60 * Math.hypot(0.3, 1), 6);
    expect(error(100, (tick) => Math.floor((tick - 1) / 4))).toBeCloseTo(60 * Math.hypot(0.3, Math.sqrt(4 / 100)), 6);
  });
  test('LM3 it forgets what is more than a minute old', () => {
    let track = looked(240);
    expect(track.figures!.overMs).toBeGreaterThan(54_000);
    expect(track.figures!.overMs).toBeLessThanOrEqual(60_000);
    for (let tick = 1; tick <= 130; tick++) track = lineLooked(track, line, { ...flow, inPerS: 0, outPerS: 0 }, look(120_000 + 500 * tick));
    expect(track.figures!.inPeoplePerMin).toBe(0);
    expect(track.slices.length).toBeLessThanOrEqual(12);
  });
  test('LM4 nobody can say: at once where nobody sees its ground, after three seconds where motion alone is missing; and it says since when', () => {
    const track = looked(10), gone = lineLooked(track, line, null, look(5500, { watched: false }));
    expect(gone).toMatchObject({ figures: null, sinceMs: START_MS + 5500 });
    expect(lineLooked(gone, line, null, look(6000, { watched: false }))).toBe(gone);
    expect(lineLooked(track, line, null, look(8000)).figures).not.toBeNull();
    expect(lineLooked(track, line, null, look(8001)).figures).toBeNull();
    expect(lineLooked(gone, line, flow, look(6000))).toMatchObject({ sinceMs: START_MS + 6000, figures: { overMs: 5500 } });
  });
});

describe('lines of a site', () => {
  test('LM5 a crowd of known density and speed crosses as it must, and a rule raises and eases on it', () => {
    const drive = lined();
    const { peoplePerM2, ...more } = stream();
    expect(path(drive.run(0, 3000, peoplePerM2, more), 'gate')).toEqual(['null>raised:warning']);
    const [gate] = lineStates(drive.state, drive.site);
    // 8 m x 1 person/m2 x 1 m/s, in steps of the codes.
    expect(gate!.figures!.inPeoplePerMin / 480).toBeCloseTo(1, 1);
    expect(gate!.figures!.outPeoplePerMin).toBe(0);
    const alarm = drive.open('lineBusy', 'gate')!;
    expect(alarm).toMatchObject({ alarmId: `plaza.lineBusy.gate.${alarm.raisedAtMs}`, place: { kind: 'line', lineId: 'gate' }, placeName: 'line gate' });
    expect(path(drive.run(3000, 70_000, 0, { flow: flowOf(400) }), 'gate')).toContain('raised>easing:warning');
  });
  test('LM6 the other way is out, and both ways at once are told apart', () => {
    const west = lined(), both = lined();
    west.run(0, 3000, 1, { flow: flowOf(400, { eastMPerS: -1 }) });
    expect(lineStates(west.state, west.site)[0]!.figures).toMatchObject({ inPeoplePerMin: 0 });
    expect(lineStates(west.state, west.site)[0]!.figures!.outPeoplePerMin / 480).toBeCloseTo(1, 1);
    // A quarter goes west at 1 m/s, the rest east: mean 0.5 m/s, deviation root(3)/2.
    both.run(0, 3000, 1, { flow: flowOf(400, { eastMPerS: 0.5, spreadMPerS: Math.sqrt(0.75), counterShare: 0.25 }) });
    const { inPeoplePerMin, outPeoplePerMin } = lineStates(both.state, both.site)[0]!.figures!;
    expect(inPeoplePerMin / 360).toBeCloseTo(1, 1);
    expect(outPeoplePerMin / 120).toBeCloseTo(1, 1);
  });
  test('LM7 a silent or faulty camera takes the figures away, and the alarm stays', () => {
    for (const lose of [(drive: Drive) => drive.wait(3000, 9000), (drive: Drive) => drive.run(3000, 4000, () => null, { fault: 'dark' })]) {
      const drive = lined(), { peoplePerM2, ...more } = stream();
      drive.run(0, 3000, peoplePerM2, more);
      expect(path(lose(drive), 'gate')).toEqual([]);
      expect(lineStates(drive.state, drive.site)[0]).toMatchObject({ lineId: 'gate', figures: null });
      expect(drive.open('lineBusy', 'gate')).toMatchObject({ state: 'raised' });
    }
  });
  test('LM8 a line that is drawn elsewhere begins anew, one that is renamed goes on, one that is gone closes its alarm', () => {
    const drive = lined(), { peoplePerM2, ...more } = stream();
    drive.run(0, 3000, peoplePerM2, more);
    drive.change(siteConfig({ version: 2, lines: [lineAt('far', 4, { name: 'renamed' }), lineAt('gate', 10, { b: { xM: 10, yM: 9 } })] }), 3100);
    expect(lineStates(drive.state, drive.site)).toMatchObject([{ lineId: 'far', figures: { overMs: 2500 } }, { lineId: 'gate', figures: null }]);
    expect(drive.open('lineBusy', 'gate')).toMatchObject({ state: 'raised' });
    expect(path(drive.change(siteConfig({ version: 3 }), 3200), 'gate')).toEqual(['raised>closed:warning']);
    expect(drive.state.lines).toEqual([]);
    const [event] = drive.effects.slice(-2).flatMap((effect) => (effect.type === 'alarmChanged' ? [effect.event] : []));
    expect(event!.alarm).toMatchObject({ closedBecause: 'placeRemoved' });
  });
  test('LM9 a decider that starts from a snapshot at any moment has the same sums', () => {
    const straight = lined(), resumed = lined();
    for (let atMs = 0; atMs < 80_000; atMs += 500) {
      const peoplePerM2 = 1 + Math.sin(atMs / 7000), more = { atMs: atMs + 1, flow: atMs % 11_000 === 0 ? null : flowOf(400, { eastMPerS: Math.sin(atMs / 9000), counterShare: 0.2, spreadMPerS: 0.3 }) };
      for (const drive of [straight, resumed]) { drive.tick(atMs); drive.see(peoplePerM2, more); }
      if (atMs % 3500 === 0) resumed.state = siteStateFromJson(siteStateToJson(resumed.state))!;
    }
    expect(siteStateToJson(resumed.state)).toBe(siteStateToJson(straight.state));
    expect(lineStates(straight.state, straight.site)[0]!.figures!.overMs).toBeGreaterThan(54_000);
  });
});
