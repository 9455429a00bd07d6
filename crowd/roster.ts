// Whose shift it is, and in which order people are asked. Pure: the local minute is given (store/localClock.ts makes it from the time zone of the installation).
import type { Member, Shift } from '../contract/unit.ts';

const MINUTES_A_DAY = 1440;
/** Clocks have never been set back by more than this at once, but for whole days at the date line. */
const SET_BACK_MOST_MINUTES = 180;

/**
 * The local minute since 1970 that shifts run by: when clocks are set back it stands still until they have caught up, so that an hour that comes twice is one long hour
 * and nobody whose shift has ended is on duty again. When clocks are set forward it jumps with them: a shift that begins in the hour that is missing begins after it.
 */
export function shiftMinute(localMinuteOf: (utcMinute: number) => number, utcMinute: number): number {
  let steady = localMinuteOf(utcMinute);
  if (localMinuteOf(utcMinute - SET_BACK_MOST_MINUTES) <= steady - SET_BACK_MOST_MINUTES) return steady;
  for (let back = 1; back <= SET_BACK_MOST_MINUTES; back++) steady = Math.max(steady, localMinuteOf(utcMinute - back));
  return steady;
}

/** `minute` as shiftMinute gives it. First asked first: field workers and operators by the order of their shift, then duty officers. A unit without any shift has all its enabled members on duty. */
export function onDutyAt(members: readonly Member[], shifts: readonly Shift[], minute: number): Member[] {
  const enabled = members.filter((member) => member.enabled);
  if (shifts.length === 0) return byOrder(enabled, () => 0);
  const orders = new Map<string, number>();
  for (const shift of shifts) {
    if (isOnShift(shift, minute)) orders.set(shift.memberId, Math.min(shift.order, orders.get(shift.memberId) ?? Infinity));
  }
  return byOrder(enabled.filter(({ memberId }) => orders.has(memberId)), (member) => orders.get(member.memberId)!);
}

/** The start belongs to the shift, the end does not. Start and end alike: the whole day and night. */
export function isOnShift({ weekdays, startMinute, endMinute }: Pick<Shift, 'weekdays' | 'startMinute' | 'endMinute'>, minute: number): boolean {
  const day = Math.floor(minute / MINUTES_A_DAY), minuteOfDay = minute - day * MINUTES_A_DAY;
  if (endMinute > startMinute) return weekdays.includes(weekdayOf(day)) && minuteOfDay >= startMinute && minuteOfDay < endMinute;
  return (weekdays.includes(weekdayOf(day)) && minuteOfDay >= startMinute) || (weekdays.includes(weekdayOf(day - 1)) && minuteOfDay < endMinute);
}

/** 1 Monday .. 7 Sunday; day 0 was a Thursday. */
const weekdayOf = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1;

function byOrder(members: Member[], orderOf: (member: Member) => number): Member[] {
  const rank = (member: Member) => (member.duty === 'dutyOfficer' ? 1 : 0);
  return members.map((member, index) => ({ member, index }))
    .sort((a, b) => rank(a.member) - rank(b.member) || orderOf(a.member) - orderOf(b.member) || a.index - b.index).map(({ member }) => member);
}
