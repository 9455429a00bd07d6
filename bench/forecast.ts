// Whether the forecast is worth anything: made weeks of places with a pattern (platform, gates of an event, market) and without one (walks of chance), fitted day by day as in
// the product and judged on two weeks that come after; the demo's loop as the recorder keeps it; and the early warning that follows from it.
import { FORECAST_MINUTES } from '../contract/forecast.ts';
import { DEFAULT_LIMITS, type ZoneLimits } from '../contract/level.ts';
import type { Zone } from '../contract/site.ts';
import type { ZoneFigures } from '../contract/zoneState.ts';
import { fitForecast, type ForecastModel, forecastZone, MINUTE_FEW, MINUTE_UNKNOWN, minuteCode, MINUTES_A_DAY, type PastDay, RECENT_MINUTES } from '../crowd/forecast.ts';
import willExceed from '../crowd/rules/willExceed.ts';
import { settingsOf, type ZoneRule } from '../crowd/rules/ruleKind.ts';
import { madeDays, type MadeDays, PLACES_WITH_PATTERN, PLACES_WITHOUT } from '../test/support/days.ts';
import { plazaCrowd, PLAZA_DURATION_S, PLAZA_SEED } from '../worker/demo/plazaCrowd.ts';
import { plazaDemo } from '../worker/demo/plaza.ts';
import { localClock } from '../store/localClock.ts';
import { addTo, emptySum, zoneMinute } from '../worker/record.ts';

const LEARNT_DAYS = 42, HELD_OUT_DAYS = 14, SEEDS = [1, 2];
/** A Monday; the clocks of Berlin go back on 25 October, in the held-out weeks. */
const FIRST_DAY = Date.UTC(2026, 8, 7) / 86_400_000;
const localMinuteOf = localClock('Europe/Berlin');

export default async function bench(emit: (figure: string, value: number, unit: string) => void): Promise<void> {
  const withPattern = emptyScore(), without = emptyScore(), alarms = emptyAlarms();
  let fits = 0, fitMs = 0, made = 0, madeMs = 0;
  const spend = (score: Score) => { fits += score.fits; fitMs += score.fitMs; made += score.made; madeMs += score.madeMs; };
  for (const place of PLACES_WITH_PATTERN) {
    const own = emptyScore(), warned = emptyAlarms();
    for (const seed of SEEDS) {
      const days = madeDays(place, { seed, firstDay: FIRST_DAY, days: LEARNT_DAYS + HELD_OUT_DAYS, localMinuteOf });
      judgeDays(days, LEARNT_DAYS, place.name === 'gates' ? DEFAULT_LIMITS.standing : DEFAULT_LIMITS.walking, own, warned);
    }
    tell(emit, place.name, own);
    add(withPattern, own); addAlarms(alarms, warned); spend(own);
  }
  for (const place of PLACES_WITHOUT) for (const seed of SEEDS) {
    const own = emptyScore();
    judgeDays(madeDays(place, { seed, firstDay: FIRST_DAY, days: LEARNT_DAYS + HELD_OUT_DAYS, localMinuteOf }), LEARNT_DAYS, DEFAULT_LIMITS.standing, own, emptyAlarms());
    add(without, own); spend(own);
  }
  // The only recorded days there are: a loop of about three minutes that says the same all day. It shows that the way from the recorder to the forecast holds, not how days are.
  const loop = emptyScore();
  for (const zone of plazaDemo.zones) judgeDays(loopDays(zone.polygon, 18), 14, zone.limits, loop, emptyAlarms());
  tell(emit, 'demoLoop', loop);

  for (const [index, minutes] of FORECAST_MINUTES.entries()) emit(`skillShare${minutes}`, skillOf(withPattern, index), '');
  emit('coverageShare', sum(withPattern.held) / sum(withPattern.points), '');
  emit('coverageShareBusy', withPattern.heldBusy / withPattern.pointsBusy, '');
  emit('saidShare', sum(withPattern.points) / sum(withPattern.tries), '');
  emit('saidShareNoSkill', sum(without.points) / sum(without.tries), '');
  emit('rushes', alarms.rushes, '');
  emit('warnedShare', alarms.warned / Math.max(1, alarms.rushes), '');
  const leads = alarms.leadMinutes.toSorted((a, b) => a - b);
  emit('leadMinutesMedian', leads[Math.floor(leads.length / 2)] ?? 0, 'min');
  emit('warningsPerZoneWeek', alarms.raised / alarms.weeks, '1/week');
  emit('falseWarningsPerZoneWeek', alarms.falsely / alarms.weeks, '1/week');
  emit('cpuMsPerFit', fitMs / fits, 'ms');
  emit('cpuMsPerZone', madeMs / made, 'ms');
}

type Score = { tries: number[]; points: number[]; forecast: number[]; lastMinute: number[]; lastFive: number[]; held: number[]; heldBusy: number; pointsBusy: number; fits: number; fitMs: number; made: number; madeMs: number };
const zeros = (): number[] => FORECAST_MINUTES.map(() => 0);
const emptyScore = (): Score => ({ tries: zeros(), points: zeros(), forecast: zeros(), lastMinute: zeros(), lastFive: zeros(), held: zeros(), heldBusy: 0, pointsBusy: 0, fits: 0, fitMs: 0, made: 0, madeMs: 0 });
type Alarms = { weeks: number; rushes: number; warned: number; leadMinutes: number[]; raised: number; falsely: number };
const emptyAlarms = (): Alarms => ({ weeks: 0, rushes: 0, warned: 0, leadMinutes: [], raised: 0, falsely: 0 });
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
/** Against the better of the two kinds of "as it is now". */
const skillOf = ({ forecast, lastMinute, lastFive }: Score, index: number) => 1 - forecast[index]! / Math.min(lastMinute[index]!, lastFive[index]!);

function add(to: Score, from: Score): void {
  for (const name of ['tries', 'points', 'held'] as const) from[name].forEach((value, index) => { to[name][index]! += value; });
  // Each place counts by its own persistence, or the fullest would speak for all.
  from.forecast.forEach((value, index) => {
    const own = Math.min(from.lastMinute[index]!, from.lastFive[index]!);
    if (!(own > 0)) return;
    to.forecast[index]! += value / own; to.lastMinute[index]!++; to.lastFive[index]!++;
  });
  to.heldBusy += from.heldBusy; to.pointsBusy += from.pointsBusy;
}
function addAlarms(to: Alarms, from: Alarms): void {
  to.weeks += from.weeks; to.rushes += from.rushes; to.warned += from.warned; to.raised += from.raised; to.falsely += from.falsely; to.leadMinutes.push(...from.leadMinutes);
}
function tell(emit: (figure: string, value: number, unit: string) => void, name: string, score: Score): void {
  for (const [index, minutes] of FORECAST_MINUTES.entries()) if (score.points[index]! > 0) emit(`${name}Skill${minutes}`, skillOf(score, index), '');
  if (sum(score.points) > 0) emit(`${name}Coverage`, sum(score.held) / sum(score.points), '');
  emit(`${name}Said`, sum(score.points) / sum(score.tries), '');
}

/** Lives through the held-out days minute by minute, with a model that is fitted anew each night to what was recorded until then. */
function judgeDays({ days, truth }: MadeDays, learntDays: number, limits: ZoneLimits, score: Score, alarms: Alarms): void {
  const codes = new Uint16Array(days.length * MINUTES_A_DAY);
  days.forEach((day, index) => codes.set(day.codes, index * MINUTES_A_DAY));
  const zone = { zoneId: 'made', siteId: 'made', name: 'made', kind: 'standing', limits, polygon: [], rules: {} } satisfies Zone, rule: ZoneRule = willExceed, settings = settingsOf(rule, undefined);
  let memory = rule.firstMemory, isRaised = false, model: ForecastModel | null = null;
  const raisedAt: number[] = [];
  for (let at = learntDays * MINUTES_A_DAY; at < codes.length; at++) {
    if (at % MINUTES_A_DAY === 0) {
      const before = process.cpuUsage(), fit = fitForecast({ days: days.slice(0, at / MINUTES_A_DAY), localMinuteOf });
      for (;;) { const step = fit.next(); if (step.done) { model = step.value; break; } }
      score.fits++; score.fitMs += cpuMsSince(before);
    }
    const before = at % 60 === 0 ? process.cpuUsage() : null, firstDay = days[0]!.day;
    const forecast = forecastZone('made', model, { codes: codes.subarray(at - RECENT_MINUTES + 1, at + 1), lastMinute: firstDay * MINUTES_A_DAY + at }, localMinuteOf);
    if (before !== null) { score.made++; score.madeMs += cpuMsSince(before); }
    const now = codes[at]!, lastFive = meanOf(codes, at - 4, at), floor = model?.floorPeoplePerM2 ?? 0;
    FORECAST_MINUTES.forEach((aheadMinutes, index) => {
      const then = codes[at + aheadMinutes + 1] ?? MINUTE_UNKNOWN;
      if (then === MINUTE_UNKNOWN || now <= MINUTE_FEW) return;
      score.tries[index]!++;
      const point = forecast.points.find((one) => one.aheadMinutes === aheadMinutes);
      if (point === undefined) return;
      score.points[index]!++;
      const off = (value: number) => (then === MINUTE_FEW ? Math.max(0, value - floor) : Math.abs(peopleOf(then) - value));
      score.forecast[index]! += off(point.peoplePerM2); score.lastMinute[index]! += off(peopleOf(now)); score.lastFive[index]! += off(lastFive);
      const isHeld = then === MINUTE_FEW ? point.peoplePerM2Low <= floor : peopleOf(then) >= point.peoplePerM2Low - 1e-9 && peopleOf(then) <= point.peoplePerM2High + 1e-9;
      if (isHeld) score.held[index]!++;
      if (point.peoplePerM2 >= model!.busyFromPeoplePerM2) { score.pointsBusy++; if (isHeld) score.heldBusy++; }
    });
    const figures: ZoneFigures | null = now === MINUTE_UNKNOWN ? null : { peoplePerM2Mean: now === MINUTE_FEW ? floor / 2 : peopleOf(now), peoplePerM2Error: 0.1, peoplePerM2Peak: 0, peopleCount: 0, peopleCountError: 0, seenShare: 1, seenAreaM2: 1, flow: null, capturedAtMs: 0 };
    const judged = rule.judge({ place: { zone, figures, forecast }, settings, instantMs: at * 60_000, memory });
    memory = judged.memory;
    if (judged.wish !== null) {
      if (judged.wish.level !== null && !isRaised) raisedAt.push(at + 1);
      isRaised = judged.wish.level !== null;
    }
  }
  countAlarms(truth, learntDays * MINUTES_A_DAY, limits.warningPeoplePerM2, raisedAt, alarms);
}

/**
 * A rush: the true density is at or above the limit for five of ten minutes, with breaks of less than a quarter of an hour. Warned: an alarm was raised in the half hour before it.
 * False: the limit was not reached at all within 20 minutes of the alarm.
 */
function countAlarms(truth: Float32Array, from: number, limit: number, raisedAt: number[], alarms: Alarms): void {
  const rushes: number[] = [], isAbove = (at: number) => (truth[at] ?? 0) >= limit;
  for (let at = from, lastAbove = -Infinity; at < truth.length; at++) {
    if (!isAbove(at)) continue;
    let minutes = 0;
    for (let next = at; next < at + 10; next++) if (isAbove(next)) minutes++;
    if (minutes < 5 && at - lastAbove > 15) continue;
    if (at - lastAbove > 15) rushes.push(at);
    lastAbove = at;
  }
  alarms.weeks += (truth.length - from) / MINUTES_A_DAY / 7;
  alarms.rushes += rushes.length; alarms.raised += raisedAt.length;
  for (const begins of rushes) {
    const first = raisedAt.find((raised) => raised < begins && raised >= begins - 30);
    if (first !== undefined) { alarms.warned++; alarms.leadMinutes.push(begins - first); }
  }
  for (const raised of raisedAt) {
    let isTrue = false;
    for (let at = raised - 5; at <= raised + 20; at++) if (isAbove(at)) isTrue = true;
    if (!isTrue) alarms.falsely++;
  }
}

const peopleOf = (code: number): number => (code - 2) / 1000;
function meanOf(codes: Uint16Array, from: number, to: number): number {
  let total = 0, count = 0;
  for (let at = from; at <= to; at++) if (codes[at]! > MINUTE_FEW) { total += peopleOf(codes[at]!); count++; }
  return total / count;
}
function cpuMsSince(before: NodeJS.CpuUsage): number {
  const spent = process.cpuUsage(before);
  return (spent.user + spent.system) / 1000;
}

let crowd: ReturnType<typeof plazaCrowd> | null = null;
/** The demo's people in one zone, kept by the recorder's own sums for days on end. */
function loopDays(polygon: Zone['polygon'], dayCount: number): MadeDays {
  crowd ??= plazaCrowd(PLAZA_SEED);
  const looks = 2, perM2 = Array.from({ length: PLAZA_DURATION_S * looks }, (_, look) => crowd!.peoplePerM2In(polygon, look / looks));
  const areaM2 = Math.abs(polygon.reduce((total, a, index) => { const b = polygon[(index + 1) % polygon.length]!; return total + a.xM * b.yM - b.xM * a.yM; }, 0)) / 2;
  const truth = new Float32Array(dayCount * MINUTES_A_DAY), days: PastDay[] = [];
  for (let index = 0; index < dayCount; index++) {
    const codes = new Uint16Array(MINUTES_A_DAY);
    for (let minute = 0; minute < MINUTES_A_DAY; minute++) {
      const at = index * MINUTES_A_DAY + minute, kept = emptySum();
      for (let look = 0; look < 60 * looks; look++) {
        const peoplePerM2Mean = perM2[(at * 60 * looks + look) % perM2.length]!;
        addTo(kept, { peoplePerM2Mean, peoplePerM2Error: 0.1, peoplePerM2Peak: peoplePerM2Mean, peopleCount: peoplePerM2Mean * areaM2, peopleCountError: 1, seenShare: 1, seenAreaM2: areaM2, flow: null, capturedAtMs: 0 });
      }
      const row = zoneMinute(at * 60_000, kept, 3);
      codes[minute] = row.kept === 'few' ? MINUTE_FEW : minuteCode(row.peoplePerM2Mean);
      truth[at] = row.kept === 'few' ? 0 : row.peoplePerM2Mean;
    }
    days.push({ day: FIRST_DAY + index, codes });
  }
  return { days, truth };
}

if (import.meta.main) await bench((figure, value, unit) => console.log(JSON.stringify({ figure, value: Number(value.toPrecision(4)), unit })));
