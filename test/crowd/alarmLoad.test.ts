// The load of alarms from counts, and what another limit would have done to a made-up week.
import { describe, expect, test } from 'vitest';
import type { ZoneMinute } from '../../contract/api.ts';
import { WhatIfAnswer } from '../../contract/apiAlarms.ts';
import { checker } from '../../contract/schema.ts';
import { loadFigures } from '../../crowd/alarmLoad.ts';
import { whatIf } from '../../crowd/whatIf.ts';
import { seeded } from './camera.ts';
import { START_MS, zoneAt } from './plainSite.ts';

const WINDOW = 600_000, HOUR = 6 * WINDOW;
const at = Math.ceil(START_MS / HOUR) * HOUR;
const windowsOf = (...raised: number[]) => raised.flatMap((count, index) => (count === 0 ? [] : [{ fromMs: at + index * WINDOW, raised: count }]));
const loadOf = (raised: number[], operators = 1) => loadFigures({ windows: windowsOf(...raised), sinceMs: at, untilMs: at + raised.length * WINDOW, operators });

describe('AL load', () => {
  test('AL1 mean and peak for each operator in ten minutes', () => {
    expect(loadOf([1, 0, 5, 0, 0, 0])).toMatchObject({ raised: 6, per10MinMean: 1, per10MinPeak: 5, floods: [], floodShare: 0 });
    expect(loadOf([1, 0, 5, 0, 0, 0], 2)).toMatchObject({ raised: 6, per10MinMean: 0.5, per10MinPeak: 2.5 });
    expect(loadOf([])).toMatchObject({ raised: 0, per10MinMean: 0, per10MinPeak: 0, floodShare: 0 });
  });
  test('AL2 a flood begins at ten for each operator and ends before fewer than five; ten quiet minutes end it, too', () => {
    expect(loadOf([9, 10, 7, 5, 4, 12]).floods).toEqual([{ fromMs: at + WINDOW, untilMs: at + 4 * WINDOW, raised: 22 }, { fromMs: at + 5 * WINDOW, untilMs: at + 6 * WINDOW, raised: 12 }]);
    expect(loadOf([9, 10, 7, 5, 4, 12]).floodShare).toBeCloseTo(4 / 6, 9);
    expect(loadOf([10, 0, 9]).floods).toEqual([{ fromMs: at, untilMs: at + WINDOW, raised: 10 }]);
    expect(loadOf([10, 10, 0], 2).floods).toEqual([]);
    // A span that begins within ten minutes has only its part of them.
    expect(loadFigures({ windows: windowsOf(20), sinceMs: at + WINDOW / 2, untilMs: at + WINDOW, operators: 1 })).toMatchObject({ floods: [{ fromMs: at + WINDOW / 2, untilMs: at + WINDOW }], floodShare: 1 });
  });
});

const minute = (index: number, peoplePerM2Mean: number | 'few', more: Partial<Extract<ZoneMinute, { kept: 'figures' }>> = {}): ZoneMinute => {
  const minuteAtMs = at + index * 60_000;
  return peoplePerM2Mean === 'few' ? { minuteAtMs, kept: 'few' } : { minuteAtMs, kept: 'figures', peoplePerM2Mean, peoplePerM2Error: 0.1, peoplePerM2Peak: peoplePerM2Mean, peopleCount: 64 * peoplePerM2Mean, seenShare: 1, ...more };
};
const zone = zoneAt('west', 1);
const limits = { noticePeoplePerM2: 3, warningPeoplePerM2: 4, dangerPeoplePerM2: 5, criticalPeoplePerM2: 6 };
const asked = (minutes: ZoneMinute[], change: Parameters<typeof whatIf>[1] = { limits }, spanMinutes = 60) => whatIf(zone, change, minutes, { sinceMs: at, untilMs: at + spanMinutes * 60_000 });

describe('WI what-if', () => {
  test('WI1 which alarms would have gone and come, with when and how bad', () => {
    const minutes = [1, 3.7, 3.7, 1, 1, 5.2, 4.5, 1, 1].map((density, index) => minute(index, density));
    const answer = asked(minutes);
    expect(checker(WhatIfAnswer)(answer)).toMatchObject({ ok: true });
    expect(answer.before).toMatchObject([
      { raisedAtMs: at + 60_000 + 5000, levelPeak: 'warning', inBoth: false, clearedAtMs: at + 3 * 60_000 + 15_000 },
      { raisedAtMs: at + 5 * 60_000 + 5000, levelPeak: 'danger', inBoth: true },
    ]);
    expect(answer.before[1]!.peoplePerM2Peak).toBe(5.2);
    expect(answer.after).toMatchObject([{ raisedAtMs: at + 5 * 60_000 + 5000, levelPeak: 'danger', inBoth: true }]);
    expect([answer.gone, answer.added]).toEqual([1, 0]);
    expect(asked(minutes, { limits: { ...zone.limits, noticePeoplePerM2: 0.5, warningPeoplePerM2: 0.9 } })).toMatchObject({ gone: 0, added: 0, after: [{ inBoth: true, clearedAtMs: null }] });
  });
  test('WI2 settings of the rule count: a dwell of two minutes forgets what lasts one, and switched off there is nothing', () => {
    const minutes = [1, 4, 1, 1, 4, 4, 4, 1, 1].map((density, index) => minute(index, density));
    expect(asked(minutes, { settings: { raiseAfterMs: 120_000 } })).toMatchObject({ before: [{}, {}], after: [{ raisedAtMs: at + 6 * 60_000 }], gone: 1, added: 0 });
    expect(asked(minutes, { settings: { enabled: false } })).toMatchObject({ after: [], gone: 2 });
    expect(asked(minutes, { settings: { alarmFromLevel: 'notice' } }).after).toHaveLength(2);
  });
  test('WI3 blind minutes ease nothing, "few" ones raise nothing at any limit, and both are counted', () => {
    const answer = asked([minute(0, 4), minute(9, 4), minute(10, 1), minute(11, 1), minute(12, 'few')]);
    expect(answer).toMatchObject({ minutes: 5, blindMinutes: 55, fewMinutes: 1 });
    expect(answer.before).toMatchObject([{ raisedAtMs: at + 5000, clearedAtMs: at + 10 * 60_000 + 15_000 }]);
    const tiny = { noticePeoplePerM2: 0.001, warningPeoplePerM2: 0.002, dangerPeoplePerM2: 0.003, criticalPeoplePerM2: 0.004 };
    expect(asked(Array.from({ length: 60 }, (_, index) => minute(index, 'few')), { limits: tiny, settings: { raiseAfterMs: 0, alarmFromLevel: 'notice' } })).toMatchObject({ after: [], fewMinutes: 60 });
    // A sliver eases nothing, as in the decider.
    expect(asked([minute(0, 4), ...Array.from({ length: 59 }, (_, index) => minute(index + 1, 1, { seenShare: 0.1 }))], {}).before).toMatchObject([{ clearedAtMs: null }]);
  });
  test('WI4 the same change makes the same lists: nothing changed is nothing gone or added, over a made-up week in under a second', () => {
    const seed = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31)), random = seeded(seed);
    console.log(`a week of minutes: FUZZ_SEED=${seed}`);
    let density = 1;
    const week = Array.from({ length: 7 * 1440 }, (_, index) => { density = Math.max(0, Math.min(7, density + random() - 0.5)); return random() < 0.02 ? [] : [minute(index, density < 0.05 ? 'few' : density, { peoplePerM2Error: 0.3 * random() })]; }).flat();
    const before = process.cpuUsage();
    const same = asked(week, {}, 7 * 1440);
    const spent = process.cpuUsage(before), tookMs = (spent.user + spent.system) / 1000;
    console.log(`what-if over a week: ${tookMs.toFixed(0)} ms of CPU, ${same.before.length} alarms`);
    expect(same.before.length).toBeGreaterThan(5);
    expect([same.gone, same.added]).toEqual([0, 0]);
    expect(same.after).toEqual(same.before);
    expect(same.perDayBefore).toBeCloseTo(same.before.length / 7, 9);
    for (const { raisedAtMs, clearedAtMs } of same.before) if (clearedAtMs !== null) expect(clearedAtMs).toBeGreaterThan(raisedAtMs);
    expect(tookMs).toBeLessThan(500);
  });
});
