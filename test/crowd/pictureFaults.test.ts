// A picture that cannot be counted from, as the decider takes it: its camera lives, its ground is blind at once, with the reason.
import { describe, expect, test } from 'vitest';
import type { PictureFault } from '../../contract/sight.ts';
import { siteStateFromJson, siteStateToJson } from '../../crowd/siteState.ts';
import { Drive, path, PLAIN_RULES, RULES, sensorOf, siteConfig, START_MS } from './plainSite.ts';

const faulty = (fault: PictureFault) => ({ fault });
const both = () => new Drive(siteConfig({ sensors: [sensorOf('one'), sensorOf('two')] }), [...RULES, ...PLAIN_RULES]);

describe('a picture with a fault', () => {
  test('BD8 blinds the zones that hang on that camera within one input, and the next good picture gives them back', () => {
    const drive = new Drive();
    drive.run(0, 2000, 3);
    drive.see(() => null, { atMs: 2100, fault: 'dark' });
    for (const zoneId of ['west', 'east']) expect(drive.zone(zoneId)).toMatchObject({ sight: 'blind', because: 'dark', sinceMs: START_MS + 2100, lastFigures: { seenShare: 1 } });
    // Another fault is another reason, at once; since when it is blind stays.
    drive.see(() => null, { atMs: 2600, fault: 'moved' });
    expect(drive.zone('west')).toMatchObject({ because: 'moved', sinceMs: START_MS + 2100 });
    drive.see(2, { atMs: 3100 });
    expect(drive.zone('west')).toMatchObject({ sight: 'seen' });
    expect((drive.zone('west') as any).figures.peoplePerM2Mean).toBeCloseTo(2, 1);
  });
  test('BD8 what a reading with a fault claims to see is not believed', () => {
    const drive = new Drive();
    drive.tick(0);
    drive.see(5, { atMs: 100, fault: 'frozen' });
    expect(drive.zone('west')).toMatchObject({ sight: 'blind', because: 'frozen', lastFigures: null });
  });
  test('BD9 is no silence: the camera lives, however long, and a density alarm stays as it is', () => {
    const drive = new Drive();
    drive.run(0, 6000, 4);
    expect(path(drive.run(6000, 60_000, () => null, faulty('covered')), 'one')).toEqual([]);
    expect(drive.open('densityHigh', 'west')).toMatchObject({ state: 'raised' });
    expect(path(drive.run(60_000, 64_000, 0), 'west')).toEqual([]);
    expect(path(drive.run(64_000, 66_500, 0), 'west')).toEqual(['raised>easing:warning']);
  });
  test('BD10 what another camera sees stays seen', () => {
    const drive = both();
    for (let atMs = 0; atMs < 20_000; atMs += 500) { drive.tick(atMs); drive.see(3, { atMs: atMs + 1 }); drive.see(() => null, { atMs: atMs + 2, sensorId: 'two', ...faulty('blurred') }); }
    expect(drive.zone('west')).toMatchObject({ sight: 'seen' });
    expect((drive.zone('west') as any).figures.peoplePerM2Mean).toBeCloseTo(3, 1);
  });
  test('BD11 the reason that helps most: a fault that can be seen, the first of several, then silence, then a camera that was never heard', () => {
    const drive = new Drive(siteConfig({ sensors: [sensorOf('one'), sensorOf('two'), sensorOf('three')] }));
    drive.run(0, 1000, 3);
    drive.see(() => null, { atMs: 1100, ...faulty('fogged') });
    expect(drive.zone('west')).toMatchObject({ because: 'fogged' });
    drive.see(() => null, { atMs: 1200, sensorId: 'two', ...faulty('dark') });
    expect(drive.zone('west')).toMatchObject({ because: 'dark' });
    drive.wait(1500, 8000);
    expect(drive.zone('west')).toMatchObject({ because: 'sensorSilent' });
    drive.see(() => null, { atMs: 8100, sensorId: 'two', ...faulty('frozen') });
    expect(drive.zone('west')).toMatchObject({ because: 'frozen' });
    expect(new Drive().zone('west')).toBeUndefined();
  });
  test('BD12 rules of cameras are told the fault and for how long, whichever faults came one after the other, also across a snapshot', () => {
    const drive = both(), told = () => drive.open('faulty', 'one')?.because.values;
    drive.run(0, 1000, 3);
    expect(path(drive.run(1000, 3000, () => null, faulty('dark')), 'one')).toEqual(['null>raised:warning']);
    expect(told()).toMatchObject({ fault: 'dark', faultForMs: 0 });
    drive.run(3000, 5000, () => null, faulty('frozen'));
    drive.state = siteStateFromJson(siteStateToJson(drive.state))!;
    expect(drive.state.sensors[0]).toMatchObject({ faultFromRunMs: 1001, fresh: true, reading: { fault: 'frozen' } });
    expect(path(drive.run(5000, 5500, 3), 'one')).toEqual(['raised>easing:warning']);
    expect(drive.state.sensors[0]).toMatchObject({ faultFromRunMs: null });
    // Placed anew, it is looked at anew.
    drive.run(5500, 6500, () => null, faulty('moved'));
    drive.change(siteConfig({ version: 2, sensors: [sensorOf('one', { calibration: { ...sensorOf('one').calibration!, version: 2 } })] }), 6600);
    expect(drive.state.sensors[0]).toMatchObject({ faultFromRunMs: null, reading: null });
    expect(drive.zone('west')).toMatchObject({ because: 'neverSeen' });
  });
});
