// What other limits or settings of densityHigh would have done: the very rule, with its dwell and hysteresis, and the very alarm machine, over the kept minutes of a zone.
import type { AlarmPlace } from '../contract/alarm.ts';
import type { ZoneMinute } from '../contract/api.ts';
import type { WhatIfAlarm, WhatIfAnswer } from '../contract/apiAlarms.ts';
import { higherLevel, levelRank } from '../contract/level.ts';
import { ALARM_SETTINGS_DEFAULT, type RuleSettings, type Zone } from '../contract/site.ts';
import type { ZoneFigures } from '../contract/zoneState.ts';
import { type Discipline, followWish, holdAlarm, type OpenAlarm } from './alarmMachine.ts';
import type { LevelMemory } from './hysteresis.ts';
import densityHigh from './rules/densityHigh.ts';
import { type Memory, settingsOf } from './rules/ruleKind.ts';
import { SEEN_SHARE_LEAST } from './step.ts';
import { polygonAreaM2 } from './zoneShape.ts';

const MINUTE_MS = 60_000, DAY_MS = 86_400_000;
/** A minute is one figure; it is looked at this often, so that dwells shorter than a minute are taken for what they are. */
const LOOK_EVERY_MS = 5000;
/** Nobody acknowledges in what never was: an alarm is over when it has eased. */
const PLAIN: Discipline = { settings: { ...ALARM_SETTINGS_DEFAULT, latchFromLevel: 'never' }, shelf: null, mutedBecause: () => null };

/** `minutes`: those that were kept from sinceMs on and before untilMs, oldest first; those that are missing were blind. */
export function whatIf(zone: Zone, change: { limits?: Zone['limits']; settings?: RuleSettings }, minutes: readonly ZoneMinute[], { sinceMs, untilMs }: { sinceMs: number; untilMs: number }): WhatIfAnswer {
  const other: Zone = { ...zone, limits: change.limits ?? zone.limits, rules: { ...zone.rules, densityHigh: { ...zone.rules['densityHigh'], ...change.settings } } };
  const before = alarmsOf(zone, minutes, untilMs), after = alarmsOf(other, minutes, untilMs);
  const overlaps = (one: Found, list: readonly Found[]) => list.some(({ raisedAtMs, clearedAtMs }) => raisedAtMs <= (one.clearedAtMs ?? untilMs) && one.raisedAtMs <= (clearedAtMs ?? untilMs));
  const marked = (list: readonly Found[], others: readonly Found[]): WhatIfAlarm[] => list.map((one) => ({ ...one, inBoth: overlaps(one, others) }));
  const marks = { before: marked(before, after), after: marked(after, before) }, days = Math.max(1 / 24, (untilMs - sinceMs) / DAY_MS), asked = Math.max(0, Math.round((untilMs - sinceMs) / MINUTE_MS));
  return {
    zoneId: zone.zoneId, minutes: minutes.length, blindMinutes: Math.max(0, asked - minutes.length), fewMinutes: minutes.filter(({ kept }) => kept === 'few').length,
    ...marks, gone: marks.before.filter(({ inBoth }) => !inBoth).length, added: marks.after.filter(({ inBoth }) => !inBoth).length,
    perDayBefore: before.length / days, perDayAfter: after.length / days,
  };
}

type Found = Omit<WhatIfAlarm, 'inBoth'>;

function alarmsOf(zone: Zone, minutes: readonly ZoneMinute[], untilMs: number): Found[] {
  const settings = settingsOf(densityHigh, zone.rules['densityHigh']), areaM2 = polygonAreaM2(zone.polygon), found: Found[] = [];
  if (settings['enabled'] === false) return found;
  const place: AlarmPlace = { kind: 'zone', zoneId: zone.zoneId }, names = { siteId: zone.siteId, siteName: '', placeName: zone.name, place, rule: densityHigh.name, demo: false };
  let memory: Memory = densityHigh.firstMemory, open: OpenAlarm | null = null, peak = 0, lastAtMs: number | null = null;
  const look = (figures: ZoneFigures | null, atMs: number) => {
    const judged = densityHigh.judge({ place: { zone, figures, forecast: null }, settings: settings as never, instantMs: atMs, memory: memory as never });
    memory = judged.memory;
    // As in step(): what is blind, and what a sliver lacks, eases nothing.
    if (judged.wish === null || (judged.wish.level === null && figures !== null && figures.seenShare < SEEN_SHARE_LEAST)) { if (open !== null) open = holdAlarm(open); return; }
    const next: { open: OpenAlarm | null } = followWish(open, judged.wish, { runMs: atMs, wallMs: atMs }, names, PLAIN, null);
    if (figures !== null && next.open !== null) peak = open === null ? figures.peoplePerM2Mean : Math.max(peak, figures.peoplePerM2Mean);
    if (open !== null && next.open === null) found.push({ raisedAtMs: open.alarm.raisedAtMs, clearedAtMs: atMs, levelPeak: open.alarm.levelPeak, peoplePerM2Peak: peak });
    open = next.open;
  };
  for (const minute of minutes) {
    if (lastAtMs !== null && minute.minuteAtMs > lastAtMs) look(null, lastAtMs);
    const figures = figuresOf(minute, areaM2);
    for (let inMs = 0; inMs < MINUTE_MS; inMs += LOOK_EVERY_MS) { look(figures, minute.minuteAtMs + inMs); if (isSettled(memory as unknown as LevelMemory, open)) break; }
    lastAtMs = minute.minuteAtMs + MINUTE_MS;
  }
  if (open !== null) { const { alarm } = open as OpenAlarm; found.push({ raisedAtMs: Math.min(alarm.raisedAtMs, untilMs), clearedAtMs: null, levelPeak: higherLevel(alarm.levelPeak, alarm.level), peoplePerM2Peak: peak }); }
  return found;
}

/** No dwell runs: the same figure again would change nothing, and most minutes of a week are like that. */
function isSettled({ level, aboveSinceMs, belowSinceMs }: LevelMemory, open: OpenAlarm | null): boolean {
  return belowSinceMs === null && aboveSinceMs.every((since, index) => since === null || index + 1 <= levelRank(level)) && (open === null || open.alarm.state === 'raised');
}

/** "Few" is fewer than the anonymity floor, and no number: nobody to speak of, so that no limit can be used to ask how few. */
function figuresOf(minute: ZoneMinute, areaM2: number): ZoneFigures {
  const { peoplePerM2Mean, peoplePerM2Error, peoplePerM2Peak, peopleCount, seenShare } = minute.kept === 'few' ? { peoplePerM2Mean: 0, peoplePerM2Error: 0, peoplePerM2Peak: 0, peopleCount: 0, seenShare: 1 } : minute;
  return { peoplePerM2Mean, peoplePerM2Error, peoplePerM2Peak, peopleCount, peopleCountError: peoplePerM2Error * seenShare * areaM2, seenShare, seenAreaM2: seenShare * areaM2, flow: null, capturedAtMs: minute.minuteAtMs };
}
