// The forecast of a zone on made days: says something where there is something to say, and nothing elsewhere.
import { beforeAll, describe, expect, test } from 'vitest';
import { fitForecast, type ForecastModel, forecastZone, MINUTE_CODE_MOST, MINUTE_FEW, MINUTE_UNKNOWN, minuteCode, MINUTES_A_DAY, MODEL_DAYS, type PastDay, RECENT_MINUTES, SITUATIONS } from '../../crowd/forecast.ts';
import { localClock } from '../../store/localClock.ts';
import { madeDays, PLACES_WITH_PATTERN, PLACES_WITHOUT } from '../support/days.ts';

/** A Monday. The clocks of Berlin go back on 25 October 2026, day 48 from here. */
const FIRST = Date.UTC(2026, 8, 7) / 86_400_000;
const utc = (minute: number) => minute, berlin = localClock('Europe/Berlin');
const place = (name: string) => [...PLACES_WITH_PATTERN, ...PLACES_WITHOUT].find((one) => one.name === name)!;
const made = (name: string, days: number, seed = 1) => madeDays(place(name), { seed, firstDay: FIRST, days, localMinuteOf: berlin });
function fit(days: PastDay[], localMinuteOf = berlin): ForecastModel | null {
  const steps = fitForecast({ days, localMinuteOf });
  for (;;) { const step = steps.next(); if (step.done) return step.value; }
}
const saysSomething = (model: ForecastModel | null) => model !== null && model.horizons.some(({ ways }) => SITUATIONS.some((situation) => ways[situation].said));
/** The newest minutes as of minute `minute` of day `day` (counted from FIRST), of days side by side. */
const newest = (days: PastDay[], day: number, minute: number) => {
  const rows = new Uint16Array(2 * MINUTES_A_DAY);
  rows.set(days[day - 1]!.codes); rows.set(days[day]!.codes, MINUTES_A_DAY);
  return { codes: rows.slice(MINUTES_A_DAY + minute - RECENT_MINUTES + 1, MINUTES_A_DAY + minute + 1), lastMinute: (FIRST + day) * MINUTES_A_DAY + minute };
};

describe('an underpass with two rushes a working day', () => {
  const days = made('passage', 44);
  let model: ForecastModel;
  beforeAll(() => { model = fit(days.days.slice(0, 42))!; });
  /** Day 43 is a Tuesday. */
  const at = (clock: number) => newest(days.days, 43, clock - 120);

  test('FO1 it is told 5, 10 and 15 minutes ahead, each with its interval and its skill, as of the end of the newest minute', () => {
    const forecast = forecastZone('passage', model, at(465), berlin);
    expect(forecast).toMatchObject({ zoneId: 'passage', madeAtMs: ((FIRST + 43) * MINUTES_A_DAY + 465 - 120 + 1) * 60_000 });
    expect(forecast.points.map(({ aheadMinutes }) => aheadMinutes)).toEqual([5, 10, 15]);
    for (const point of forecast.points) {
      expect(point.peoplePerM2Low).toBeLessThanOrEqual(point.peoplePerM2);
      expect(point.peoplePerM2High).toBeGreaterThan(point.peoplePerM2);
      expect(point.skillShare).toBeGreaterThan(0.05);
    }
    // The rush is under way: it will be fuller.
    expect(forecast.points[1]!.peoplePerM2).toBeGreaterThan(1.2 * (at(465).codes.at(-1)! - 2) / 1000);
  });

  test('FO4 on days that come after, the interval holds the truth about nine times in ten and the error is smaller than that of "as it is now"', () => {
    let held = 0, told = 0, off = 0, offNow = 0;
    for (const day of [42, 43]) for (let minute = 0; minute < MINUTES_A_DAY - 16; minute += 2) {
      const seen = newest(days.days, day, minute);
      for (const { aheadMinutes, peoplePerM2, peoplePerM2Low, peoplePerM2High } of forecastZone('z', model, seen, berlin).points) {
        const then = days.days[day]!.codes[minute + aheadMinutes + 1]!;
        if (then <= MINUTE_FEW) continue;
        const truth = (then - 2) / 1000;
        told++;
        if (truth >= peoplePerM2Low - 1e-9 && truth <= peoplePerM2High + 1e-9) held++;
        off += Math.abs(truth - peoplePerM2); offNow += Math.abs(truth - (seen.codes.at(-1)! - 2) / 1000);
      }
    }
    expect(told).toBeGreaterThan(1500);
    expect(held / told).toBeGreaterThan(0.85);
    expect(held / told).toBeLessThan(0.97);
    expect(1 - off / offNow).toBeGreaterThan(0.25);
  });

  test('FO5 from under the anonymity floor nothing is told, nor what would lie under it, nor while the zone is blind', () => {
    const seen = at(465);
    expect(model.floorPeoplePerM2).toBeGreaterThan(0.005);
    for (const code of [MINUTE_FEW, MINUTE_UNKNOWN]) expect(forecastZone('z', model, { ...seen, codes: Uint16Array.from(seen.codes, (was, index) => (index === RECENT_MINUTES - 1 ? code : was)) }, berlin).points).toEqual([]);
    for (let minute = 0; minute < MINUTES_A_DAY; minute += 5) for (const { peoplePerM2 } of forecastZone('z', model, newest(days.days, 42, minute), berlin).points) expect(peoplePerM2).toBeGreaterThanOrEqual(model.floorPeoplePerM2);
  });

  test('FO6 a model says nothing of its own days and nothing when it is out of date', () => {
    const seen = at(465), onDay = (day: number) => forecastZone('z', model, { ...seen, lastMinute: day * MINUTES_A_DAY + 345 }, berlin).points.length;
    expect([onDay(model.dayLast), onDay(model.dayLast + 1), onDay(model.dayLast + MODEL_DAYS), onDay(model.dayLast + MODEL_DAYS + 1)]).toEqual([0, 3, 3, 0]);
    expect(forecastZone('z', null, seen, berlin).points).toEqual([]);
  });

  test('FO1 the same past makes the same forecast, and holes in the newest hour only make it poorer', () => {
    const seen = at(465), again = fit(days.days.slice(0, 42));
    expect(forecastZone('z', again, seen, berlin)).toEqual(forecastZone('z', model, seen, berlin));
    for (let from = 0; from < RECENT_MINUTES - 1; from += 7) {
      const codes = seen.codes.slice();
      codes.fill(MINUTE_UNKNOWN, from, Math.min(RECENT_MINUTES - 1, from + 20));
      for (const point of forecastZone('z', model, { ...seen, codes }, berlin).points) {
        for (const value of Object.values(point)) expect(Number.isFinite(value)).toBe(true);
        expect(point.peoplePerM2).toBeLessThan(6);
      }
    }
  });

  test('FO3 no day that comes later changes what is usual on a day, and held-out days change no weight', () => {
    const changed = fit(days.days.slice(0, 42).map((day, index) => (index < 42 - model.heldOutDays ? day : { ...day, codes: day.codes.map((code) => (code > MINUTE_FEW ? Math.min(MINUTE_CODE_MOST, code * 3) : code)) })))!;
    expect(model.heldOutDays).toBeGreaterThanOrEqual(8);
    changed.horizons.forEach(({ ways }, index) => {
      for (const situation of SITUATIONS) expect([...ways[situation].weights]).toEqual([...model.horizons[index]!.ways[situation].weights]);
    });
    expect(changed.horizons[0]!.ways.filling.sizesHigh).not.toBeCloseTo(model.horizons[0]!.ways.filling.sizesHigh, 3);
  });
});

describe('where there is nothing to tell', () => {
  test.each(PLACES_WITHOUT.map(({ name }) => name))('FO2 a %s of chance alone gets no word', (name) => {
    const { days } = made(name, 42, 5), model = fit(days)!;
    expect(saysSomething(model)).toBe(false);
    expect(forecastZone('z', model, { codes: days.at(-1)!.codes.slice(-RECENT_MINUTES), lastMinute: (FIRST + 42) * MINUTES_A_DAY }, berlin).points).toEqual([]);
  });

  test('FO2 a pattern that ended is found out: the weights of old days have no skill on the held-out ones', () => {
    const pattern = made('passage', 28), walk = made('walk', 42);
    expect(saysSomething(fit([...pattern.days, ...walk.days.slice(28)]))).toBe(false);
  });

  test('FO2 a new zone says nothing, and neither does one that was hardly seen', () => {
    const { days } = made('passage', 20);
    expect(fit([])).toBeNull();
    expect(fit(days.slice(0, 7))).toBeNull();
    expect(fit(days.map((day) => ({ ...day, codes: day.codes.map((code, minute) => (minute < 200 ? code : MINUTE_UNKNOWN)) })))).toBeNull();
    expect(fit(days.map((day) => ({ ...day, codes: new Uint16Array(MINUTES_A_DAY).fill(MINUTE_FEW) })))).not.toSatisfy(saysSomething);
  });

  test('FO1 two weeks are enough for a strong pattern, and days that are missing are no days of nobody', () => {
    const { days } = made('passage', 22);
    expect(saysSomething(fit(days.slice(0, 15)))).toBe(true);
    expect(saysSomething(fit(days.filter((_, index) => index % 5 !== 3)))).toBe(true);
  });
});

describe('the clock on the wall', () => {
  test('FO7 local minutes follow the clock changes of the zone, also half hours and days that begin late', () => {
    const change = Date.UTC(2026, 9, 25, 1) / 60_000;
    expect([berlin(change - 1) - (change - 1), berlin(change) - change]).toEqual([120, 60]);
    const spring = Date.UTC(2026, 2, 29, 1) / 60_000;
    expect([berlin(spring - 1) - (spring - 1), berlin(spring) - spring]).toEqual([60, 120]);
    expect(localClock('Asia/Kolkata')(0)).toBe(330);
    expect(localClock('Asia/Shanghai')(Date.UTC(2026, 6, 1) / 60_000) - Date.UTC(2026, 6, 1) / 60_000).toBe(480);
    const lordHowe = Date.UTC(2026, 9, 3, 15, 30) / 60_000, there = localClock('Australia/Lord_Howe');
    expect([there(lordHowe - 1) - (lordHowe - 1), there(lordHowe) - lordHowe]).toEqual([630, 660]);
    expect(() => localClock('Mars/Olympus')).toThrow(expect.objectContaining({ note: expect.objectContaining({ code: 'settingWrong' }) }));
  });

  test('FO7 on the day after the clocks went back the rush is expected by the wall clock, an hour later by UTC', () => {
    // Day 48 is the Sunday of the change, day 49 a Monday: half past seven there is 6:30 UTC, in the weeks before it was 5:30.
    const { days } = made('passage', 50, 3), past = days.slice(0, 49), minute = 7 * 60 + 35 - 60;
    const rise = (localMinuteOf: typeof berlin) => {
      const model = fit(past, localMinuteOf)!, seen = newest(days, 49, minute), from = seen.lastMinute - 60;
      return model.usualOfWeekday[localMinuteOf(from + 60 + 16) - model.usualFromMinute]! - model.usualOfWeekday[localMinuteOf(from + 60) - model.usualFromMinute]!;
    };
    expect(rise(berlin)).toBeGreaterThan(0.3);
    expect(rise(utc)).toBeLessThan(0);
  });
});

test('FO9 a minute is kept in thousandths of a person/m2, and whatever the density there is a code for it', () => {
  expect([minuteCode(0), minuteCode(1.2345), minuteCode(-1), minuteCode(1e9)]).toEqual([2, 1237, 2, MINUTE_CODE_MOST]);
});
