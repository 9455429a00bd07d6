// What a zone will be like in 5, 10 and 15 minutes: a weighted sum of what it did in the last hour and of what the same minute of the same weekday, and of the days just
// before, was like; with an interval. Weights, interval and skill come from the zone's own past and from nothing else. A horizon at which it was not better than "as it is
// now" on days that its weights had not seen is left out: nothing is said rather than something worthless. FO rules of docs/SPEC.md.
//
// A change is forecast, not a level, so that weights of zero are persistence. Weights: least absolute deviations (iteratively reweighted least squares) with a little ridge.
// Interval: split conformal prediction (Vovk; Lei et al. 2018, JASA 113:1094) with residuals scaled by a model of their size, on the held-out days.
import { FORECAST_MINUTES, type ForecastPoint, type ZoneForecast } from '../contract/forecast.ts';
import { cholesky, choleskySolve } from './linear.ts';

export const MINUTES_A_DAY = 1440;
/** A minute of the past in two bytes: unknown (blind), few (under the anonymity floor, no number), or 2 + thousandths of a person/m2. */
export const MINUTE_UNKNOWN = 0, MINUTE_FEW = 1;
const CODE_FIRST = 2, CODES_PER_PERSON_PER_M2 = 1000;
export const MINUTE_CODE_MOST = 30_000;
export const minuteCode = (peoplePerM2: number): number => Math.min(MINUTE_CODE_MOST, CODE_FIRST + Math.round(Math.max(0, peoplePerM2) * CODES_PER_PERSON_PER_M2));
const peoplePerM2Of = (code: number): number => (code - CODE_FIRST) / CODES_PER_PERSON_PER_M2;

/** One day of UTC of one zone: `day` counts from 1970-01-01, `codes` are its 1440 minutes. */
export type PastDay = { day: number; codes: Uint16Array };
/** Minutes since 1970 by the clock on the wall of the place, for minutes since 1970 UTC. Weekday and hour follow from it; clock changes are its jumps. */
export type LocalMinuteOf = (utcMinute: number) => number;

/** Days of the past that a fit looks at: six weeks, so that each weekday was there six times. */
export const FIT_DAYS = 42;
/** Minutes of the newest past that a forecast needs. */
export const RECENT_MINUTES = 64;
/** A model holds from the day after its last for this many days; then its zone says nothing until it was fitted anew. */
export const MODEL_DAYS = 2;

/** How one horizon is forecast in one situation. */
export type Way = {
  /** 1 - mean absolute error / that of persistence, on the held-out days; persistence is the better of "the last minute" and "the mean of the last five". */
  skillShare: number;
  /** Whether that skill is beyond chance: only then anything is said. */
  said: boolean;
  weights: Float64Array; sizeWeights: Float64Array;
  /** Residuals between these, in sizes of sizeWeights, hold 90 of 100 truths of the held-out days. */
  sizesLow: number; sizesHigh: number;
};
/** A place that fills has other laws than one that empties or is nearly empty, and skill in the one says nothing of the others. */
export const SITUATIONS = ['calm', 'filling', 'emptying'] as const;
export type Situation = (typeof SITUATIONS)[number];
export type HorizonModel = { aheadMinutes: number; ways: Record<Situation, Way> };
export type ForecastModel = {
  /** First and last UTC day of the past it was made of. */
  dayFirst: number; dayLast: number;
  heldOutDays: number;
  /** People/m2 under which a minute is "few". 0: that never happened. */
  floorPeoplePerM2: number;
  /** From this on, now or as is usual then, the zone counts as busy. */
  busyFromPeoplePerM2: number;
  horizons: HorizonModel[];
  /** What is usual, people/m2: by weekday and minute, and by minute of the latest days, for the local minutes from `usualFromMinute` on. NaN: not known. */
  usualFromMinute: number; usualOfWeekday: Float32Array; usualOfDay: Float32Array;
};

/** Skill under this is not worth a word, whatever its significance. */
export const SKILL_SHARE_LEAST = 0.05;
const KNOWN_DAYS_LEAST = 8, KNOWN_MINUTES_OF_A_DAY_LEAST = 240, HELD_OUT_DAYS_LEAST = 3, HELD_OUT_DAYS_MOST = 14;
/** Student's t, one-sided 95 %, for 1 to 13 degrees of freedom; the normal's own. */
const T_95 = [6.31, 2.92, 2.35, 2.13, 2.02, 1.94, 1.89, 1.86, 1.83, 1.81, 1.8, 1.78, 1.77], NORMAL_95 = 1.645;
const tOf = (days: number): number => T_95[Math.max(0, Math.min(T_95.length, days - 1) - 1)]!;
const WEEKS_BACK = 6, WEEK_KEPT_SHARE = 0.85, DAYS_BACK = 10, DAY_KEPT_SHARE = 0.8, USUAL_SAMPLES_LEAST = 2, PRIOR_WEIGHT = 1;
/** Each of them is a minute that is learnt from; no divisor of a day, so that all minutes get their turn. */
const LEARN_EVERY_MINUTES = 7;
/** Of the mean square of each sign: with few busy days, signs that say the same would cancel each other in huge weights. */
const RIDGE_SHARE = 0.005;
const AHEAD_MOST = Math.max(...FORECAST_MINUTES);
/** A forecast is made when the minute after its newest one has begun: "in 5 minutes" is the sixth after that. */
const stepsAhead = (aheadMinutes: number): number => aheadMinutes + 1;

/**
 * Fits a zone's model to its past days (rising, each at most once, at most FIT_DAYS of them are used). Null: too little past to say anything. A generator, so that a process
 * with other duties gets its turn: each step is a few milliseconds.
 */
export function* fitForecast({ days, localMinuteOf }: { days: readonly PastDay[]; localMinuteOf: LocalMinuteOf }): Generator<void, ForecastModel | null> {
  const dayLast = days.at(-1)?.day;
  if (dayLast === undefined) return null;
  const used = days.filter(({ day }) => day > dayLast - FIT_DAYS), dayFirst = used[0]!.day;
  const knownMinutes = (codes: Uint16Array) => { let known = 0; for (const code of codes) if (code !== MINUTE_UNKNOWN) known++; return known; };
  const known = used.filter(({ codes }) => knownMinutes(codes) >= KNOWN_MINUTES_OF_A_DAY_LEAST).map(({ day }) => day);
  if (known.length < KNOWN_DAYS_LEAST) return null;
  const heldOutDays = Math.max(HELD_OUT_DAYS_LEAST, Math.min(HELD_OUT_DAYS_MOST, Math.round(0.3 * known.length)));
  const floorPeoplePerM2 = floorOf(used);
  yield;
  const heldOutFrom = (known[known.length - heldOutDays]! - dayFirst) * MINUTES_A_DAY;
  const series = seriesOf(used, dayFirst, dayLast, localMinuteOf, floorPeoplePerM2);
  yield;
  const busyFromPeoplePerM2 = busyFrom(series.people.subarray(0, heldOutFrom), floorPeoplePerM2);
  yield;
  const usual = yield* usualOf(series);
  const past: Past = { ...series, ...usual, floorPeoplePerM2, busyFromPeoplePerM2 };
  const learnt = yield* looksOf(past, RECENT_MINUTES, heldOutFrom, LEARN_EVERY_MINUTES), heldOut = yield* looksOf(past, heldOutFrom, series.people.length, 1);
  const horizons: HorizonModel[] = [];
  for (const aheadMinutes of FORECAST_MINUTES) {
    const way = (situation: Situation) => fitWay(past, stepsAhead(aheadMinutes), learnt, heldOut, heldOutFrom, situation);
    horizons.push({ aheadMinutes, ways: { calm: yield* way('calm'), filling: yield* way('filling'), emptying: yield* way('emptying') } });
  }
  const from = Math.max(0, localMinuteOf((dayLast + 1) * MINUTES_A_DAY) - series.localFirst - RECENT_MINUTES - 120);
  return {
    dayFirst, dayLast, heldOutDays, floorPeoplePerM2, busyFromPeoplePerM2, horizons,
    usualFromMinute: series.localFirst + from, usualOfWeekday: usual.ofWeekday.slice(from), usualOfDay: usual.ofDay.slice(from),
  };
}

/**
 * The forecast of one zone from its newest minutes: `codes` are RECENT_MINUTES of them, the last is the UTC minute `lastMinute`. No points where the zone is blind or under
 * the anonymity floor now, where the model is out of date, and at horizons without skill.
 */
export function forecastZone(zoneId: string, model: ForecastModel | null, { codes, lastMinute }: { codes: Uint16Array; lastMinute: number }, localMinuteOf: LocalMinuteOf): ZoneForecast {
  const forecast: ZoneForecast = { zoneId, madeAtMs: (lastMinute + 1) * 60_000, points: [] };
  const day = Math.floor(lastMinute / MINUTES_A_DAY), last = codes.length - 1;
  if (model === null || day <= model.dayLast || day > model.dayLast + MODEL_DAYS || codes[last]! < CODE_FIRST) return forecast;
  const people = Float32Array.from(codes, (code) => peopleOf(code, model.floorPeoplePerM2));
  const usualAt = Int32Array.from({ length: codes.length + stepsAhead(AHEAD_MOST) }, (_, at) => localMinuteOf(lastMinute - last + at) - model.usualFromMinute);
  const { floorPeoplePerM2, busyFromPeoplePerM2 } = model;
  const past: Past = { people, usualAt, ofWeekday: model.usualOfWeekday, ofDay: model.usualOfDay, floorPeoplePerM2, busyFromPeoplePerM2 };
  const look = lookAt(past, last);
  if (look === null) return forecast;
  const signs = new Float64Array(SIGNS), sizes = new Float64Array(SIZES);
  for (const { aheadMinutes, ways } of model.horizons) {
    const target = last + stepsAhead(aheadMinutes);
    const { said, skillShare, weights, sizeWeights, sizesLow, sizesHigh } = ways[situationOf(past, look, target)];
    if (!said) continue;
    fillSigns(signs, past, look, target);
    const peoplePerM2 = Math.max(0, look.now + dot(signs, weights));
    // What nobody could count without naming single people is not foretold either.
    if (peoplePerM2 < floorPeoplePerM2) continue;
    fillSizes(sizes, look, peoplePerM2);
    const size = sizeOf(sizes, sizeWeights);
    const point: ForecastPoint = {
      aheadMinutes, peoplePerM2, skillShare,
      peoplePerM2Low: Math.max(0, Math.min(peoplePerM2, peoplePerM2 + sizesLow * size)), peoplePerM2High: Math.max(peoplePerM2, peoplePerM2 + sizesHigh * size),
    };
    forecast.points.push(point);
  }
  return forecast;
}

// --- the past as rows of numbers

/** `people` by minute (NaN: unknown), `usualAt` the place of each minute in the rows of what is usual. */
type Past = { people: Float32Array; usualAt: Int32Array; ofWeekday: Float32Array; ofDay: Float32Array; floorPeoplePerM2: number; busyFromPeoplePerM2: number };
type Series = { people: Float32Array; usualAt: Int32Array; localFirst: number; localMinutes: number };

/** Half of the floor stands for "few": the error of that is at most half of what may not be said anyway. */
const peopleOf = (code: number, floorPeoplePerM2: number): number => (code === MINUTE_UNKNOWN ? Number.NaN : code === MINUTE_FEW ? floorPeoplePerM2 / 2 : peoplePerM2Of(code));

/** The least density that was kept as a number is the floor, over the area that is seen. 0 where no minute was "few". */
function floorOf(days: readonly PastDay[]): number {
  let least = Infinity, hasFew = false;
  for (const { codes } of days) for (const code of codes) { if (code === MINUTE_FEW) hasFew = true; else if (code !== MINUTE_UNKNOWN && code < least) least = code; }
  return hasFew && least < Infinity ? peoplePerM2Of(least) : 0;
}

/** A quarter of what the zone has in its fullest minutes (one in 200 of those with a number). */
function busyFrom(people: Float32Array, floorPeoplePerM2: number): number {
  const counted = people.filter((value) => value >= floorPeoplePerM2).sort();
  return counted.length === 0 ? 0 : 0.25 * counted[Math.floor(0.995 * (counted.length - 1))]!;
}

function seriesOf(days: readonly PastDay[], dayFirst: number, dayLast: number, localMinuteOf: LocalMinuteOf, floorPeoplePerM2: number): Series {
  const minutes = (dayLast - dayFirst + 1) * MINUTES_A_DAY;
  const people = new Float32Array(minutes).fill(Number.NaN);
  for (const { day, codes } of days) for (let minute = 0; minute < MINUTES_A_DAY; minute++) people[(day - dayFirst) * MINUTES_A_DAY + minute] = peopleOf(codes[minute]!, floorPeoplePerM2);
  const localFirst = Math.floor(localMinuteOf(dayFirst * MINUTES_A_DAY) / MINUTES_A_DAY) * MINUTES_A_DAY;
  const usualAt = new Int32Array(minutes);
  // Clocks change at a quarter of an hour at the finest.
  for (let from = 0; from < minutes; from += 15) {
    const local = localMinuteOf(dayFirst * MINUTES_A_DAY + from) - localFirst;
    for (let at = 0; at < 15; at++) usualAt[from + at] = local + at;
  }
  return { people, usualAt, localFirst, localMinutes: (dayLast - dayFirst + 2 + MODEL_DAYS) * MINUTES_A_DAY };
}

/** For each local minute the mean of the same minute of earlier weeks and of earlier days, newer ones weighing more; never of itself or later. */
function* usualOf({ people, usualAt, localMinutes }: Series): Generator<void, { ofWeekday: Float32Array; ofDay: Float32Array }> {
  const byLocal = new Float32Array(localMinutes).fill(Number.NaN);
  for (let at = 0; at < people.length; at++) { const local = usualAt[at]!; if (local >= 0 && local < localMinutes) byLocal[local] = people[at]!; }
  function* mean(apart: number, times: number, kept: number, prior: Float32Array | null): Generator<void, Float32Array> {
    const raw = new Float32Array(localMinutes).fill(Number.NaN);
    for (let at = 0; at < localMinutes; at++) {
      if (at % 20_000 === 0) yield;
      const expected = prior === null ? Number.NaN : prior[at]!;
      let sum = 0, weight = 0, samples = 0;
      if (expected === expected) { sum = PRIOR_WEIGHT * expected; weight = PRIOR_WEIGHT; samples = USUAL_SAMPLES_LEAST; }
      for (let time = 1, share = 1; time <= times && at - time * apart >= 0; time++, share *= kept) {
        const value = byLocal[at - time * apart]!;
        if (value === value) { sum += share * value; weight += share; samples++; }
      }
      if (samples >= USUAL_SAMPLES_LEAST) raw[at] = sum / weight;
    }
    yield;
    // One minute to either side: few weeks are few samples.
    const smooth = new Float32Array(localMinutes);
    for (let at = 0; at < localMinutes; at++) {
      const before = raw[Math.max(0, at - 1)]!, after = raw[Math.min(localMinutes - 1, at + 1)]!, here = raw[at]!;
      smooth[at] = before === before && after === after ? (before + 2 * here + after) / 4 : here;
    }
    return smooth;
  }
  const ofDay = yield* mean(MINUTES_A_DAY, DAYS_BACK, DAY_KEPT_SHARE, null);
  // Young zones have days before they have weeks: the days count as one more week, so that what a sign says changes little by little and not from one day to the next.
  const ofWeekday = yield* mean(7 * MINUTES_A_DAY, WEEKS_BACK, WEEK_KEPT_SHARE, ofDay);
  return { ofWeekday, ofDay };
}

// --- signs: what a change follows from

type Look = { now: number; lastFive: number; trend5: number; trend15: number; overHour: number; weekdayNow: number; dayNow: number; busy: number; restless: number };
const SIGNS = 11, SIZES = 5;
const orNone = (value: number): number => (value === value ? value : 0);

function meanOf(row: Float32Array, from: number, to: number): number {
  let sum = 0, count = 0;
  for (let at = Math.max(0, from); at <= to; at++) { const value = row[at]!; if (value === value) { sum += value; count++; } }
  return 2 * count > to - from ? sum / count : Number.NaN;
}

/** Null where the present is not known. */
function lookAt({ people, usualAt, ofWeekday, ofDay }: Past, at: number): Look | null {
  const now = people[at]!;
  if (Number.isNaN(now) || at < RECENT_MINUTES - 1) return null;
  const lastFive = orNone(meanOf(people, at - 4, at)) || now;
  const before5 = meanOf(people, at - 9, at - 5), before15 = meanOf(people, at - 19, at - 15), hour = meanOf(people, at - 59, at);
  let week = 0, day = 0, weeks = 0, daysSeen = 0;
  for (let back = 0; back < 5; back++) {
    const w = ofWeekday[usualAt[at - back]!]!, d = ofDay[usualAt[at - back]!]!;
    if (w === w) { week += w; weeks++; }
    if (d === d) { day += d; daysSeen++; }
  }
  // How busy today is, measured by the usual: the rain empties and the feast fills every hour alike.
  let seen = 0, wont = 0, restless = 0, steps = 0;
  for (let back = 0; back < 45; back++) {
    const value = people[at - back]!, usual = ofWeekday[usualAt[at - back]!]!;
    if (value === value && usual === usual) { seen += value; wont += usual; }
    const before = people[at - back - 1]!;
    if (back < 15 && value === value && before === before) { restless += Math.abs(value - before); steps++; }
  }
  return {
    now, lastFive, trend5: orNone(lastFive - before5), trend15: orNone(lastFive - before15), overHour: orNone(lastFive - hour),
    weekdayNow: weeks > 0 ? week / weeks : Number.NaN, dayNow: daysSeen > 0 ? day / daysSeen : Number.NaN,
    busy: Math.max(0.2, Math.min(4, (seen + 0.5) / (wont + 0.5))), restless: steps > 0 ? restless / steps : 0,
  };
}

/** All in people/m2 of change; what is not known is 0, which says nothing. */
function fillSigns(signs: Float64Array, { usualAt, ofWeekday, ofDay }: Past, look: Look, target: number): void {
  const { now, lastFive, trend5, trend15, overHour, weekdayNow, dayNow, busy } = look;
  const then = usualAt[target]!;
  const weekdayThen = ofWeekday[then] ?? Number.NaN, dayThen = ofDay[then] ?? Number.NaN;
  const rise = orNone(weekdayThen - weekdayNow);
  signs[0] = now - lastFive;
  signs[1] = trend5; signs[2] = trend15; signs[3] = overHour;
  signs[4] = rise; signs[5] = orNone(dayThen - dayNow);
  signs[6] = orNone(weekdayNow - lastFive); signs[7] = orNone(dayNow - lastFive);
  signs[8] = busy * rise;
  signs[9] = orNone(busy * weekdayThen - lastFive);
  signs[10] = busy * orNone(dayThen - dayNow);
}

/** What the size of the error follows from. */
function fillSizes(sizes: Float64Array, { now, restless }: Look, peoplePerM2: number): void {
  sizes[0] = 1; sizes[1] = Math.sqrt(Math.max(now, peoplePerM2)); sizes[2] = Math.max(now, peoplePerM2); sizes[3] = Math.abs(peoplePerM2 - now); sizes[4] = restless;
}
const SIZE_LEAST = 0.004;
const sizeOf = (sizes: Float64Array, weights: Float64Array): number => Math.max(SIZE_LEAST, dot(sizes, weights));

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}

/** Busy now, or as full as is usual then on a day like this one; and then by what the usual does until then, or where the usual is not known by what the zone does. */
function situationOf({ usualAt, ofWeekday, busyFromPeoplePerM2 }: Past, { now, busy, trend15, weekdayNow }: Look, target: number): Situation {
  const then = ofWeekday[usualAt[target]!] ?? Number.NaN, rise = then - weekdayNow;
  if (Math.max(now, orNone(busy * then)) < busyFromPeoplePerM2) return 'calm';
  return (rise === rise ? rise : trend15) >= 0 ? 'filling' : 'emptying';
}

// --- fitting

type Looks = { at: Int32Array; looks: Look[] };

/** Where the zone was known and over the floor: only from there anything will be said. */
function* looksOf(past: Past, from: number, to: number, every: number): Generator<void, Looks> {
  const looks: Look[] = [], places: number[] = [];
  for (let at = from, tried = 0; at < to; at += every, tried++) {
    if (tried % 3000 === 0) yield;
    if (!(past.people[at]! >= past.floorPeoplePerM2)) continue;
    const look = lookAt(past, at);
    if (look !== null) { looks.push(look); places.push(at); }
  }
  return { at: Int32Array.from(places), looks };
}

function* fitWay(past: Past, steps: number, learnt: Looks, heldOut: Looks, heldOutFrom: number, situation: Situation): Generator<void, Way> {
  const { people, floorPeoplePerM2 } = past, sign = new Float64Array(SIGNS), size = new Float64Array(SIZES);
  const rows: number[] = [];
  learnt.at.forEach((at, index) => {
    // The last target that is learnt from lies before the held-out days.
    if (at + steps < heldOutFrom && !Number.isNaN(people[at + steps]!) && situationOf(past, learnt.looks[index]!, at + steps) === situation) rows.push(index);
  });
  const count = rows.length, signs = new Float64Array(count * SIGNS), changes = new Float64Array(count);
  rows.forEach((index, row) => {
    const at = learnt.at[index]!, look = learnt.looks[index]!;
    fillSigns(sign, past, look, at + steps);
    signs.set(sign, row * SIGNS);
    changes[row] = people[at + steps]! - look.now;
  });
  yield;
  const weights = yield* leastDeviations(signs, changes, count, SIGNS, RIDGE_SHARE);
  const errors = new Float64Array(count), sizes = new Float64Array(count * SIZES);
  rows.forEach((index, row) => {
    let change = 0;
    for (let at = 0; at < SIGNS; at++) change += signs[row * SIGNS + at]! * weights[at]!;
    errors[row] = Math.abs(changes[row]! - change);
    fillSizes(size, learnt.looks[index]!, Math.max(0, learnt.looks[index]!.now + change));
    sizes.set(size, row * SIZES);
  });
  const sizeWeights = yield* notNegative(sizes, errors, count, SIZES);

  // --- days that the weights have not seen: how good it was, against both kinds of persistence, and how far off
  const days = new Map<number, DayErrors>(), residuals: number[] = [];
  for (let index = 0; index < heldOut.at.length; index++) {
    if (index % 3000 === 2999) yield;
    const at = heldOut.at[index]!, look = heldOut.looks[index]!, then = people[at + steps] ?? Number.NaN;
    if (Number.isNaN(then) || situationOf(past, look, at + steps) !== situation) continue;
    fillSigns(sign, past, look, at + steps);
    const forecast = Math.max(0, look.now + dot(sign, weights));
    fillSizes(size, look, forecast);
    const isFew = then < floorPeoplePerM2;
    const off = (value: number) => (isFew ? Math.max(0, value - floorPeoplePerM2) : Math.abs(then - value));
    const key = Math.floor(at / MINUTES_A_DAY), sums = days.get(key) ?? { forecast: 0, lastMinute: 0, lastFive: 0 };
    days.set(key, sums);
    sums.forecast += off(forecast); sums.lastMinute += off(look.now); sums.lastFive += off(look.lastFive);
    residuals.push((isFew ? Math.min(0, floorPeoplePerM2 - forecast) : then - forecast) / sizeOf(size, sizeWeights));
  }
  residuals.sort((a, b) => a - b);
  // Minutes of one day err alike: a few days are a few samples, and Student's t is wider than the normal for them.
  const wider = tOf(days.size) / NORMAL_95;
  return { ...skillOf([...days.values()]), weights, sizeWeights, sizesLow: wider * quantile(residuals, 0.05), sizesHigh: wider * quantile(residuals, 0.95) };
}

type DayErrors = { forecast: number; lastMinute: number; lastFive: number };
/** Said only where the mean gain over days is beyond chance and worth it. */
function skillOf(days: DayErrors[]): { skillShare: number; said: boolean } {
  const sum = (name: keyof DayErrors) => days.reduce((total, day) => total + day[name], 0);
  const better = sum('lastMinute') <= sum('lastFive') ? 'lastMinute' : 'lastFive', persistence = sum(better);
  if (!(persistence > 0) || days.length < HELD_OUT_DAYS_LEAST) return { skillShare: 0, said: false };
  const skillShare = 1 - sum('forecast') / persistence;
  const gains = days.map((day) => day[better] - day.forecast), mean = gains.reduce((a, b) => a + b, 0) / gains.length;
  const deviation = Math.sqrt(gains.reduce((a, b) => a + (b - mean) ** 2, 0) / (gains.length - 1));
  const lower = mean - tOf(gains.length) * deviation / Math.sqrt(gains.length);
  return { skillShare, said: skillShare >= SKILL_SHARE_LEAST && lower > 0 };
}

/** Of a rising list, by rank. */
function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return 0;
  const rank = share < 0.5 ? Math.floor(share * (sorted.length + 1)) - 1 : Math.ceil(share * (sorted.length + 1)) - 1;
  return sorted[Math.max(0, Math.min(sorted.length - 1, rank))]!;
}

/** Weights that make the sum of absolute errors small. `ridge` is a share of the mean square of each column: what says nothing gets no weight. */
function* leastDeviations(signs: Float64Array, targets: Float64Array, count: number, width: number, ridge: number): Generator<void, Float64Array> {
  let weights = new Float64Array(width);
  const worth = new Float64Array(count).fill(1);
  for (let round = 0; round < 4; round++) {
    weights = solved(signs, targets, worth, count, width, ridge) ?? weights;
    let total = 0;
    for (let row = 0; row < count; row++) {
      let error = targets[row]!;
      for (let at = 0; at < width; at++) error -= signs[row * width + at]! * weights[at]!;
      worth[row] = Math.abs(error);
      total += worth[row]!;
    }
    const least = Math.max(1e-6, 0.1 * total / Math.max(1, count));
    for (let row = 0; row < count; row++) worth[row] = 1 / Math.max(least, worth[row]!);
    yield;
  }
  return weights;
}

/** Least squares of relative size with weights that are not negative: the most negative one is left out until none is. */
function* notNegative(signs: Float64Array, targets: Float64Array, count: number, width: number): Generator<void, Float64Array> {
  const kept = Array.from({ length: width }, (_, at) => at), weights = new Float64Array(width);
  let total = 0;
  for (let row = 0; row < count; row++) total += targets[row]!;
  const typical = total / Math.max(1, count), worth = new Float64Array(count).fill(1);
  while (kept.length > 0) {
    const part = new Float64Array(count * kept.length);
    for (let row = 0; row < count; row++) for (let at = 0; at < kept.length; at++) part[row * kept.length + at] = signs[row * width + kept[at]!]!;
    let found: Float64Array | null = null;
    for (let round = 0; round < 2; round++) {
      found = solved(part, targets, worth, count, kept.length, 1e-4);
      if (found === null) break;
      // A small error matters as much as a large one, each beside its own size.
      for (let row = 0; row < count; row++) {
        let size = 0;
        for (let at = 0; at < kept.length; at++) size += part[row * kept.length + at]! * found[at]!;
        worth[row] = 1 / Math.max(0.1 * typical + SIZE_LEAST, size) ** 2;
      }
    }
    yield;
    if (found === null) break;
    let least = 0;
    for (let at = 1; at < kept.length; at++) if (found[at]! < found[least]!) least = at;
    if (found[least]! >= 0) { kept.forEach((column, at) => { weights[column] = found[at]!; }); return weights; }
    kept.splice(least, 1);
  }
  weights[0] = Math.max(SIZE_LEAST, typical);
  return weights;
}

/** Weighted least squares with ridge; null when there is nothing to solve. */
function solved(signs: Float64Array, targets: Float64Array, worth: Float64Array, count: number, width: number, ridge: number): Float64Array<ArrayBuffer> | null {
  const matrix = new Array<number>(width * width).fill(0), right = new Array<number>(width).fill(0);
  for (let row = 0; row < count; row++) {
    const base = row * width, share = worth[row]!, target = targets[row]!;
    for (let i = 0; i < width; i++) {
      const value = share * signs[base + i]!;
      if (value === 0) continue;
      right[i]! += value * target;
      for (let j = 0; j <= i; j++) matrix[i * width + j]! += value * signs[base + j]!;
    }
  }
  for (let i = 0; i < width; i++) {
    matrix[i * width + i]! += ridge * matrix[i * width + i]! + 1e-12;
    for (let j = 0; j < i; j++) matrix[j * width + i] = matrix[i * width + j]!;
  }
  const lower = cholesky(matrix, width);
  return lower === null ? null : Float64Array.from(choleskySolve(lower, width, right));
}
