// The clock on the wall: minutes since 1970 as a place counts them, clock changes and all. Weekday and hour of the forecast follow from it.
import { Problem } from '../contract/problem.ts';

const MINUTES_A_DAY = 1440, DAYS_KNOWN_MOST = 2000;

/** `timeZone` as in the IANA list ("Europe/Berlin"); empty: that of this machine. Throws Problem settingWrong for one that nobody knows. */
export function localClock(timeZone: string): (utcMinute: number) => number {
  let parts: Intl.DateTimeFormat;
  try {
    parts = new Intl.DateTimeFormat('en-US', { ...(timeZone === '' ? {} : { timeZone }), hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' });
  } catch { throw new Problem('settingWrong', { name: 'timeZone', reason: `"${timeZone}" is no time zone; say it as in Europe/Berlin, or leave it empty` }); }
  const offsetOf = (utcMinute: number): number => {
    const found: Record<string, number> = {};
    for (const { type, value } of parts.formatToParts(utcMinute * 60_000)) found[type] = Number(value);
    return Date.UTC(found['year']!, found['month']! - 1, found['day']!, found['hour']!, found['minute']!) / 60_000 - utcMinute;
  };
  /** Day of UTC -> its offset, until the minute at which the clocks change and from there on. */
  const known = new Map<number, { first: number; last: number; changesAt: number }>();
  const dayOf = (day: number) => {
    const from = day * MINUTES_A_DAY, first = offsetOf(from), last = offsetOf(from + MINUTES_A_DAY - 1);
    let before = from, after = from + MINUTES_A_DAY;
    while (first !== last && after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (offsetOf(middle) === first) before = middle; else after = middle;
    }
    return { first, last, changesAt: after };
  };
  return (utcMinute) => {
    const day = Math.floor(utcMinute / MINUTES_A_DAY);
    let found = known.get(day);
    if (found === undefined) {
      if (known.size >= DAYS_KNOWN_MOST) known.clear();
      known.set(day, (found = dayOf(day)));
    }
    return utcMinute + (utcMinute < found.changesAt ? found.first : found.last);
  };
}
