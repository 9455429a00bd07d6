// The life of one alarm: raised -> acknowledged -> easing -> closed. Each step returns the alarm as it is then, or null when nothing changes.
import { placeIdOf, type Acknowledgement, type Alarm, type AlarmChanged, type AlarmPlace, type Because } from '../contract/alarm.ts';
import { higherLevel, levelRank, type Level } from '../contract/level.ts';

/** What a rule wants for a place that it can judge now. `level` null: nothing is wrong any more. */
export type Wish = { level: Exclude<Level, 'calm'> | null; because: Because; easeHoldMs: number };
/** `runMs` counts judged time and never goes back; `wallMs` is what people read on a clock. */
export type Now = { runMs: number; wallMs: number };

/** An open alarm with what the record does not show. */
export type OpenAlarm = {
  alarm: Exclude<Alarm, { state: 'closed' }>;
  /** The highest level that somebody has acknowledged; a higher one raises the alarm again. */
  acknowledgedLevel: Level | null;
  /** From when the hold of an easing alarm counts; null after nobody could look, then it begins anew. */
  holdFromMs: number | null;
};
export type AlarmStep = { open: OpenAlarm | null; event: AlarmChanged | null };
export type AlarmNames = { siteId: string; siteName: string; placeName: string; place: AlarmPlace; rule: string; demo: boolean };

/** AM rules of docs/SPEC.md. */
export function followWish(open: OpenAlarm | null, wish: Wish, now: Now, names: AlarmNames, lastRaisedAtMs: number | null): AlarmStep {
  if (open === null) return wish.level === null ? { open: null, event: null } : raise(wish.level, wish.because, now, names, lastRaisedAtMs);
  const { alarm } = open;
  if (wish.level === null) {
    if (alarm.state === 'cleared') return { open, event: null };
    if (alarm.state !== 'easing') {
      const acknowledged = alarm.state === 'acknowledged' ? alarm.acknowledged : null;
      return changed(open, { ...commonOf(alarm), ...namesOf(names), because: wish.because, state: 'easing', acknowledged, easingSinceMs: stampOf(alarm, now) }, now, { ...open, holdFromMs: now.runMs });
    }
    if (open.holdFromMs === null) return { open: { ...open, holdFromMs: now.runMs }, event: null };
    return now.runMs - open.holdFromMs >= wish.easeHoldMs ? closed(open, now, names, 'eased', wish.because) : { open, event: null };
  }
  const level = wish.level, same = level === alarm.level;
  const common = () => ({ ...commonOf(alarm), ...namesOf(names), level, levelPeak: higherLevel(alarm.levelPeak, level), because: wish.because });
  const known = open.acknowledgedLevel !== null && levelRank(level) <= levelRank(open.acknowledgedLevel);
  switch (alarm.state) {
    case 'raised':
      return same ? { open, event: null } : changed(open, { ...common(), state: 'raised' }, now, open);
    case 'acknowledged':
      if (!known) return changed(open, { ...common(), state: 'raised' }, now, { ...open, acknowledgedLevel: null });
      return same ? { open, event: null } : changed(open, { ...common(), state: 'acknowledged', acknowledged: alarm.acknowledged }, now, open);
    case 'cleared':
    case 'easing':
      if (alarm.state === 'easing' && known && alarm.acknowledged !== null) return changed(open, { ...common(), state: 'acknowledged', acknowledged: alarm.acknowledged }, now, { ...open, holdFromMs: null });
      return changed(open, { ...common(), state: 'raised' }, now, { ...open, acknowledgedLevel: null, holdFromMs: null });
  }
}

/** Nobody can judge the place now: the alarm stays exactly as it is, and the hold of an easing one starts anew. */
export function holdAlarm(open: OpenAlarm): OpenAlarm {
  return open.holdFromMs === null ? open : { ...open, holdFromMs: null };
}

/** Null when this alarm has been acknowledged already. One that eases may still be acknowledged: somebody has seen it. */
export function acknowledgeAlarm(open: OpenAlarm, acknowledged: Acknowledgement, now: Now): AlarmStep | null {
  const { alarm } = open;
  switch (alarm.state) {
    case 'raised':
      return changed(open, { ...commonOf(alarm), state: 'acknowledged', acknowledged }, now, { ...open, acknowledgedLevel: alarm.level });
    case 'acknowledged':
      return null;
    case 'cleared':
      return closed(open, now, alarm, 'acknowledged', alarm.because, acknowledged);
    case 'easing':
      return alarm.acknowledged !== null ? null : changed(open, { ...alarm, acknowledged }, now, { ...open, acknowledgedLevel: alarm.level });
  }
}

/** The place is gone or the rule is off: there is nothing left to judge. */
export function endAlarm(open: OpenAlarm, now: Now, closedBecause: 'placeRemoved' | 'ruleOff'): AlarmStep {
  return closed(open, now, open.alarm, closedBecause, open.alarm.because);
}

type Common = Pick<Alarm, 'alarmId' | 'version' | 'siteId' | 'rule' | 'place' | 'siteName' | 'placeName' | 'level' | 'levelPeak' | 'raisedAtMs' | 'changedAtMs' | 'because' | 'demo' | 'priority' | 'exercise' | 'shelved' | 'muted' | 'repeats'>;
function commonOf({ alarmId, version, siteId, rule, place, siteName, placeName, level, levelPeak, raisedAtMs, changedAtMs, because, demo, priority, exercise, shelved, muted, repeats }: Alarm): Common {
  return { alarmId, version, siteId, rule, place, siteName, placeName, level, levelPeak, raisedAtMs, changedAtMs, because, demo, priority, exercise, shelved, muted, repeats };
}
const namesOf = ({ siteName, placeName }: Pick<Alarm, 'siteName' | 'placeName'>) => ({ siteName, placeName });
/** A change is never dated before the one before it, even when the clock was set back. */
const stampOf = (alarm: Alarm, now: Now): number => Math.max(alarm.changedAtMs, now.wallMs);

/** From the level alone, where nothing is known of the place. */
export const priorityOf = (level: Level): Alarm['priority'] => (level === 'critical' ? 'urgent' : level === 'danger' ? 'high' : level === 'warning' ? 'medium' : 'low');

function raise(level: Exclude<Level, 'calm'>, because: Because, now: Now, names: AlarmNames, lastRaisedAtMs: number | null): AlarmStep {
  // The instant is part of the id: after a clock was set back, a second alarm of this place must not get the first one's.
  const raisedAtMs = lastRaisedAtMs !== null && now.wallMs <= lastRaisedAtMs ? lastRaisedAtMs + 1 : now.wallMs;
  const { siteId, siteName, placeName, place, rule, demo } = names;
  const alarm: OpenAlarm['alarm'] = {
    alarmId: `${siteId}.${rule}.${placeIdOf(place)}.${raisedAtMs}`, version: 1, siteId, rule, place, siteName, placeName,
    level, levelPeak: level, raisedAtMs, changedAtMs: raisedAtMs, because, demo, priority: priorityOf(level), exercise: false, shelved: null, muted: null, repeats: 0, state: 'raised',
  };
  return { open: { alarm, acknowledgedLevel: null, holdFromMs: null }, event: eventOf(null, alarm) };
}

function changed(open: OpenAlarm, to: OpenAlarm['alarm'], now: Now, rest: Omit<OpenAlarm, 'alarm'>): AlarmStep {
  const alarm = { ...to, version: open.alarm.version + 1, changedAtMs: stampOf(open.alarm, now) };
  return { open: { acknowledgedLevel: rest.acknowledgedLevel, holdFromMs: rest.holdFromMs, alarm }, event: eventOf(open.alarm.state, alarm) };
}

function closed(open: OpenAlarm, now: Now, names: Pick<Alarm, 'siteName' | 'placeName'>, closedBecause: Extract<Alarm, { state: 'closed' }>['closedBecause'], because: Because, by: Acknowledgement | null = null): AlarmStep {
  const { alarm } = open, closedAtMs = stampOf(alarm, now);
  const acknowledged = by ?? (alarm.state === 'raised' || alarm.state === 'cleared' ? null : alarm.acknowledged);
  return { open: null, event: eventOf(alarm.state, { ...commonOf(alarm), ...namesOf(names), because, version: alarm.version + 1, changedAtMs: closedAtMs, state: 'closed', acknowledged, closedAtMs, closedBecause }) };
}

function eventOf(from: AlarmChanged['from'], alarm: Alarm): AlarmChanged {
  return { type: 'alarmChanged', eventId: `${alarm.alarmId}.${alarm.version}`, siteId: alarm.siteId, atMs: alarm.changedAtMs, from, alarm };
}
