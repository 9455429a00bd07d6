// The life of one alarm: raised -> acknowledged -> easing -> (cleared ->) closed, and what stands beside it: its priority, whether it is muted or put aside, how often it was repeated.
// Each step returns the alarm as it is then, or null when nothing changes.
import { EXERCISE_RULE, placeIdOf, PRIORITIES, REPEAT_LEAST_MS, REPEATS_MOST, type Acknowledgement, type Alarm, type AlarmChanged, type AlarmPlace, type Because, type Muting, type Shelving } from '../contract/alarm.ts';
import { higherLevel, levelRank, type Level } from '../contract/level.ts';
import type { AlarmSettings } from '../contract/site.ts';

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
  /** From when it counts that nobody acknowledged it: raised, repeated, or heard again after it was muted or put aside. */
  repeatFromMs: number;
  /** When an exercise is over; null for what is real. */
  endRunMs: number | null;
};
export type AlarmStep = { open: OpenAlarm | null; event: AlarmChanged | null };
export type AlarmNames = { siteId: string; siteName: string; placeName: string; place: AlarmPlace; rule: string; demo: boolean };

/** A place and rule put aside by a person. It holds over several alarms of that rule there, or one that comes and goes could not be put aside at all. */
export type Shelf = { shelving: Shelving; level: Level; untilRunMs: number };
/** What the place, the silences and the shelf say of its alarm. */
export type Discipline = { settings: Required<AlarmSettings>; shelf: Shelf | null; mutedBecause(level: Level): Muting['because'] | null };

/** AM rules of docs/SPEC.md. */
export function followWish(open: OpenAlarm | null, wish: Wish, now: Now, names: AlarmNames, discipline: Discipline, lastRaisedAtMs: number | null): AlarmStep {
  if (open === null) return wish.level === null ? { open: null, event: null } : raise(wish.level, wish.because, now, names, discipline, lastRaisedAtMs);
  const { alarm } = open;
  if (wish.level === null) {
    if (alarm.state === 'cleared') return { open, event: null };
    if (alarm.state !== 'easing') {
      const acknowledged = alarm.state === 'acknowledged' ? alarm.acknowledged : null;
      return changed(open, { ...commonOf(alarm), ...namesOf(names), because: wish.because, state: 'easing', acknowledged, easingSinceMs: stampOf(alarm, now) }, now, discipline, { ...open, holdFromMs: now.runMs });
    }
    if (open.holdFromMs === null) return { open: { ...open, holdFromMs: now.runMs }, event: null };
    if (now.runMs - open.holdFromMs < wish.easeHoldMs) return { open, event: null };
    if (alarm.acknowledged !== null || !latches(alarm, discipline)) return closed(open, now, names, 'eased', wish.because);
    return changed(open, { ...commonOf(alarm), ...namesOf(names), because: wish.because, state: 'cleared', clearedAtMs: stampOf(alarm, now) }, now, discipline, { ...open, holdFromMs: null });
  }
  const level = wish.level, same = level === alarm.level;
  const common = () => ({ ...commonOf(alarm), ...namesOf(names), level, levelPeak: higherLevel(alarm.levelPeak, level), because: wish.because });
  const known = open.acknowledgedLevel !== null && levelRank(level) <= levelRank(open.acknowledgedLevel);
  switch (alarm.state) {
    case 'raised':
      return same ? { open, event: null } : changed(open, { ...common(), state: 'raised' }, now, discipline, open);
    case 'acknowledged':
      if (!known) return changed(open, { ...common(), state: 'raised' }, now, discipline, { ...open, acknowledgedLevel: null });
      return same ? { open, event: null } : changed(open, { ...common(), state: 'acknowledged', acknowledged: alarm.acknowledged }, now, discipline, open);
    case 'cleared':
    case 'easing':
      if (alarm.state === 'easing' && known && alarm.acknowledged !== null) return changed(open, { ...common(), state: 'acknowledged', acknowledged: alarm.acknowledged }, now, discipline, { ...open, holdFromMs: null });
      return changed(open, { ...common(), state: 'raised' }, now, discipline, { ...open, acknowledgedLevel: null, holdFromMs: null });
  }
}

/** Nothing follows from the wish: it is so already. Asked at every reading, before anything is made. */
export function isFollowed({ alarm: { state, level } }: OpenAlarm, wish: Wish): boolean {
  return state === 'raised' || state === 'acknowledged' ? wish.level === level : state === 'cleared' && wish.level === null;
}

/** Nobody can judge the place now: the alarm stays exactly as it is, and the hold of an easing one starts anew. */
export function holdAlarm(open: OpenAlarm): OpenAlarm {
  return open.holdFromMs === null ? open : { ...open, holdFromMs: null };
}

/**
 * What time and the places around it do to an open alarm: an exercise ends, it is muted or heard again, comes back from being put aside, matters more or less, or is repeated because nobody
 * acknowledged it. Null when nothing does.
 */
export function keepAlarm(open: OpenAlarm, now: Now, discipline: Discipline): AlarmStep | null {
  const { alarm } = open;
  if (open.endRunMs !== null && now.runMs >= open.endRunMs) return closed(open, now, alarm, 'exerciseEnded', alarm.because);
  const next = settled(alarm, now, discipline);
  const isDue = alarm.state === 'raised' && !isQuiet(alarm) && !isQuiet(next) && alarm.repeats < REPEATS_MOST && now.runMs - open.repeatFromMs >= repeatEveryMs(next.priority, discipline.settings);
  if (isDue) return changed(open, { ...alarm, repeats: alarm.repeats + 1 }, now, discipline, { ...open, repeatFromMs: now.runMs });
  return next.muted === alarm.muted && next.shelved === alarm.shelved && next.priority === alarm.priority ? null : changed(open, alarm, now, discipline, open);
}

/** Null when this alarm has been acknowledged already. One that eases may still be acknowledged: somebody has seen it. One that is over is closed by it. */
export function acknowledgeAlarm(open: OpenAlarm, acknowledged: Acknowledgement, now: Now, discipline: Discipline): AlarmStep | null {
  const { alarm } = open;
  switch (alarm.state) {
    case 'raised':
      return changed(open, { ...commonOf(alarm), state: 'acknowledged', acknowledged }, now, discipline, { ...open, acknowledgedLevel: alarm.level });
    case 'acknowledged':
      return null;
    case 'cleared':
      return closed(open, now, alarm, 'acknowledged', alarm.because, acknowledged);
    case 'easing':
      return alarm.acknowledged !== null ? null : changed(open, { ...alarm, acknowledged }, now, discipline, { ...open, acknowledgedLevel: alarm.level });
  }
}

/** For a drill: nothing judges it, it is over when its time is or somebody ends it. */
export function raiseExercise({ level, because, endRunMs }: { level: Exclude<Level, 'calm'>; because: Because; endRunMs: number }, now: Now, names: Omit<AlarmNames, 'rule'>, discipline: Discipline, lastRaisedAtMs: number | null): AlarmStep {
  return raise(level, because, now, { ...names, rule: EXERCISE_RULE }, discipline, lastRaisedAtMs, endRunMs);
}

/** The place is gone, the rule is off or the exercise over: there is nothing left to judge. */
export function endAlarm(open: OpenAlarm, now: Now, closedBecause: 'placeRemoved' | 'ruleOff' | 'exerciseEnded'): AlarmStep {
  return closed(open, now, open.alarm, closedBecause, open.alarm.because);
}

type Common = Pick<Alarm, 'alarmId' | 'version' | 'siteId' | 'rule' | 'place' | 'siteName' | 'placeName' | 'level' | 'levelPeak' | 'raisedAtMs' | 'changedAtMs' | 'because' | 'demo' | 'priority' | 'exercise' | 'shelved' | 'muted' | 'repeats'>;
function commonOf({ alarmId, version, siteId, rule, place, siteName, placeName, level, levelPeak, raisedAtMs, changedAtMs, because, demo, priority, exercise, shelved, muted, repeats }: Alarm): Common {
  return { alarmId, version, siteId, rule, place, siteName, placeName, level, levelPeak, raisedAtMs, changedAtMs, because, demo, priority, exercise, shelved, muted, repeats };
}
const namesOf = ({ siteName, placeName }: Pick<Alarm, 'siteName' | 'placeName'>) => ({ siteName, placeName });
/** A change is never dated before the one before it, even when the clock was set back. */
const stampOf = (alarm: Alarm, now: Now): number => Math.max(alarm.changedAtMs, now.wallMs);

/** A higher level is more urgent, and so is a place that matters more. */
export function priorityOf(level: Level, shift: number): Alarm['priority'] {
  return PRIORITIES[Math.max(0, Math.min(PRIORITIES.length - 1, levelRank(level) - 1 + shift))]!;
}
export function repeatEveryMs(priority: Alarm['priority'], { repeatUrgentEveryS, repeatEveryS }: Required<AlarmSettings>): number {
  const everyS = priority === 'urgent' || priority === 'high' ? repeatUrgentEveryS : repeatEveryS;
  return everyS <= 0 ? Infinity : Math.max(REPEAT_LEAST_MS, 1000 * everyS);
}
/** By the clock on the wall too: after a decider was away the time that people were told holds. */
export const isShelfOver = ({ untilRunMs, shelving }: Shelf, now: Now): boolean => now.runMs >= untilRunMs || now.wallMs >= shelving.untilMs;
const isQuiet = ({ muted, shelved }: Pick<Alarm, 'muted' | 'shelved'>): boolean => muted !== null || shelved !== null;
const latches = ({ levelPeak }: Alarm, { settings: { latchFromLevel } }: Discipline): boolean => latchFromLevel !== 'never' && levelRank(levelPeak) >= levelRank(latchFromLevel);

/** With what the place, the silences and the shelf say now; parts that stay are the same objects. A shelf holds up to the level at which the alarm was put aside. */
function settled<A extends Alarm>(alarm: A, now: Now, { settings, shelf, mutedBecause }: Discipline): A {
  // What is over calls nobody; it only waits.
  const because = alarm.state === 'cleared' ? null : mutedBecause(alarm.level), priority = priorityOf(alarm.level, settings.priorityShift);
  const muted = because === null ? null : alarm.muted?.because === because ? alarm.muted : { because, sinceMs: stampOf(alarm, now) };
  const holds = shelf !== null && !isShelfOver(shelf, now) && levelRank(alarm.level) <= levelRank(shelf.level);
  const shelved = !holds ? null : alarm.shelved !== null && alarm.shelved.atMs === shelf.shelving.atMs && alarm.shelved.untilMs === shelf.shelving.untilMs && alarm.shelved.words === shelf.shelving.words ? alarm.shelved : shelf.shelving;
  return muted === alarm.muted && shelved === alarm.shelved && priority === alarm.priority ? alarm : { ...alarm, muted, shelved, priority };
}

function raise(level: Exclude<Level, 'calm'>, because: Because, now: Now, names: AlarmNames, discipline: Discipline, lastRaisedAtMs: number | null, endRunMs: number | null = null): AlarmStep {
  // The instant is part of the id: after a clock was set back, a second alarm of this place must not get the first one's.
  const raisedAtMs = lastRaisedAtMs !== null && now.wallMs <= lastRaisedAtMs ? lastRaisedAtMs + 1 : now.wallMs;
  const { siteId, siteName, placeName, place, rule, demo } = names;
  const alarm: OpenAlarm['alarm'] = settled({
    alarmId: `${siteId}.${rule}.${placeIdOf(place)}.${raisedAtMs}`, version: 1, siteId, rule, place, siteName, placeName,
    level, levelPeak: level, raisedAtMs, changedAtMs: raisedAtMs, because, demo, priority: 'low', exercise: endRunMs !== null, shelved: null, muted: null, repeats: 0, state: 'raised',
  }, now, discipline);
  return { open: { alarm, acknowledgedLevel: null, holdFromMs: null, repeatFromMs: now.runMs, endRunMs }, event: eventOf(null, alarm) };
}

function changed(open: OpenAlarm, to: OpenAlarm['alarm'], now: Now, discipline: Discipline, rest: Omit<OpenAlarm, 'alarm'>): AlarmStep {
  const isRaisedAnew = to.state === 'raised' && open.alarm.state !== 'raised';
  const alarm = settled({ ...to, version: open.alarm.version + 1, changedAtMs: stampOf(open.alarm, now), repeats: isRaisedAnew ? 0 : to.repeats }, now, discipline);
  // Whoever heard it just now is not called again a moment later.
  const isHeardNow = isRaisedAnew || levelRank(alarm.level) > levelRank(open.alarm.level) || (isQuiet(open.alarm) && !isQuiet(alarm));
  return { open: { acknowledgedLevel: rest.acknowledgedLevel, holdFromMs: rest.holdFromMs, repeatFromMs: isHeardNow ? now.runMs : rest.repeatFromMs, endRunMs: rest.endRunMs, alarm }, event: eventOf(open.alarm.state, alarm) };
}

function closed(open: OpenAlarm, now: Now, names: Pick<Alarm, 'siteName' | 'placeName'>, closedBecause: Extract<Alarm, { state: 'closed' }>['closedBecause'], because: Because, by: Acknowledgement | null = null): AlarmStep {
  const { alarm } = open, closedAtMs = stampOf(alarm, now);
  const acknowledged = by ?? (alarm.state === 'raised' || alarm.state === 'cleared' ? null : alarm.acknowledged);
  return { open: null, event: eventOf(alarm.state, { ...commonOf(alarm), ...namesOf(names), because, shelved: null, muted: null, version: alarm.version + 1, changedAtMs: closedAtMs, state: 'closed', acknowledged, closedAtMs, closedBecause }) };
}

function eventOf(from: AlarmChanged['from'], alarm: Alarm): AlarmChanged {
  return { type: 'alarmChanged', eventId: `${alarm.alarmId}.${alarm.version}`, siteId: alarm.siteId, atMs: alarm.changedAtMs, from, alarm };
}
