// Shifts as they are typed, and the hours of the week in which nobody is on duty. Pure.
import type { ShiftBody } from '../../../contract/apiIncidents.ts';
import type { Member, Shift } from '../../../contract/unit.ts';
import { isOnShift } from '../../../crowd/roster.ts';

/** One line of the table. `shiftId` null: not kept yet; `key` stays the same while it is edited. */
export type ShiftDraft = { key: string; shiftId: string | null; memberId: string; weekdays: number[]; from: string; until: string; order: number };
export type ShiftFault = { number: number; fault: 'dayMissing' | 'timeWrong' };
export type Gap = { fromMinute: number; untilMinute: number };

export const MINUTES_A_WEEK = 7 * 1440;
/** A Monday at midnight on the clock of roster.ts, whose day 0 was a Thursday. */
const MONDAY = 4 * 1440;

export const timeOf = (minute: number): string => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
export function minuteOf(time: string): number | null {
  const found = /^(\d{1,2}):(\d{2})$/.exec(time.trim());
  if (found === null) return null;
  const hour = Number(found[1]), minute = Number(found[2]);
  return hour > 23 || minute > 59 ? null : hour * 60 + minute;
}

export const draftsOf = (shifts: readonly Shift[]): ShiftDraft[] => shifts.map((shift) => ({ key: shift.shiftId, shiftId: shift.shiftId, memberId: shift.memberId, weekdays: shift.weekdays, from: timeOf(shift.startMinute), until: timeOf(shift.endMinute), order: shift.order }));
export function bodyOf(draft: ShiftDraft): ShiftBody | null {
  const startMinute = minuteOf(draft.from), endMinute = minuteOf(draft.until);
  return startMinute === null || endMinute === null || draft.weekdays.length === 0 ? null : { memberId: draft.memberId, weekdays: draft.weekdays.toSorted((a, b) => a - b), startMinute, endMinute, order: draft.order };
}
export function shiftFaults(drafts: readonly ShiftDraft[]): ShiftFault[] {
  return drafts.flatMap((draft, index): ShiftFault[] => {
    if (minuteOf(draft.from) === null || minuteOf(draft.until) === null) return [{ number: index + 1, fault: 'timeWrong' }];
    return draft.weekdays.length === 0 ? [{ number: index + 1, fault: 'dayMissing' }] : [];
  });
}
/** What must be asked of the server so that its shifts become these. */
export function shiftChanges(kept: readonly Shift[], drafts: readonly ShiftDraft[]): { add: ShiftBody[]; change: { shiftId: string; body: ShiftBody }[]; remove: string[] } {
  const left = new Set(drafts.map(({ shiftId }) => shiftId)), before = new Map(draftsOf(kept).map((draft) => [draft.shiftId, JSON.stringify(bodyOf(draft))]));
  const bodies = drafts.flatMap((draft) => { const body = bodyOf(draft); return body === null ? [] : [{ shiftId: draft.shiftId, body }]; });
  return {
    add: bodies.flatMap(({ shiftId, body }) => (shiftId === null ? [body] : [])),
    change: bodies.flatMap(({ shiftId, body }) => (shiftId !== null && before.get(shiftId) !== JSON.stringify(body) ? [{ shiftId, body }] : [])),
    remove: kept.filter(({ shiftId }) => !left.has(shiftId)).map(({ shiftId }) => shiftId),
  };
}

/** Minutes of the week from Monday 00:00; one that goes past Sunday ends after MINUTES_A_WEEK. None without any shift: then everybody is always on duty. */
export function gapsOf(members: readonly Member[], drafts: readonly ShiftDraft[]): Gap[] {
  const working = new Set(members.filter(({ enabled }) => enabled).map(({ memberId }) => memberId));
  const shifts = drafts.flatMap((draft) => { const body = bodyOf(draft); return body === null || !working.has(body.memberId) ? [] : [body]; });
  if (drafts.length === 0) return working.size === 0 ? [{ fromMinute: 0, untilMinute: MINUTES_A_WEEK }] : [];
  const cuts = new Set([0]);
  for (const { startMinute, endMinute } of shifts) for (let day = 0; day < 7; day++) { cuts.add(day * 1440 + startMinute); cuts.add(day * 1440 + endMinute); }
  for (let day = 0; day < 7; day++) cuts.add(day * 1440);
  const starts = [...cuts].toSorted((a, b) => a - b), gaps: Gap[] = [];
  for (const [index, fromMinute] of starts.entries()) {
    const untilMinute = starts[index + 1] ?? MINUTES_A_WEEK;
    if (shifts.some((shift) => isOnShift(shift, MONDAY + fromMinute))) continue;
    const last = gaps.at(-1);
    if (last?.untilMinute === fromMinute) last.untilMinute = untilMinute; else gaps.push({ fromMinute, untilMinute });
  }
  // Sunday night goes on into Monday.
  const [first] = gaps, last = gaps.at(-1);
  if (first !== undefined && last !== undefined && first !== last && first.fromMinute === 0 && last.untilMinute === MINUTES_A_WEEK) { last.untilMinute += first.untilMinute; gaps.shift(); }
  return gaps;
}
