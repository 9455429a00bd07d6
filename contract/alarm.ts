// An alarm: the system says that something is wrong at one place for one cause. Its machine: raised -> acknowledged -> easing -> (cleared ->) closed.
// It rises again under the same id out of easing and out of cleared: one alarm for each place and cause.
// In the words of ISA-18.2: raised is active and unacknowledged, acknowledged active and acknowledged, cleared is over and unacknowledged (latched), closed over and acknowledged.
import Type from 'typebox';
import { IncidentChanged } from './incident.ts';
import { Level } from './level.ts';
import { id, instantMs, literals, nullable, strictObject } from './schema.ts';

/** Where it is wrong. */
export const AlarmPlace = Type.Union([
  strictObject({ kind: Type.Literal('zone'), zoneId: id('zone') }),
  strictObject({ kind: Type.Literal('sensor'), sensorId: id('sensor') }),
  strictObject({ kind: Type.Literal('line'), lineId: id('line') }),
]);
export type AlarmPlace = Type.Static<typeof AlarmPlace>;
export function placeIdOf(place: AlarmPlace): string {
  switch (place.kind) {
    case 'zone': return place.zoneId;
    case 'sensor': return place.sensorId;
    case 'line': return place.lineId;
  }
}

/** The rule of alarms that people raise for a drill; no file of crowd/rules/ has it. */
export const EXERCISE_RULE = 'exercise';
/** An alarm is put aside for at most this long, and a critical one for much less. */
export const SHELVED_MOST_MS = 8 * 3600_000, SHELVED_CRITICAL_MOST_MS = 30 * 60_000, SHELVED_LEAST_MS = 60_000;
/** Nothing repeats faster than this, nor more often before somebody looks. */
export const REPEAT_LEAST_MS = 15_000, REPEATS_MOST = 100;

/** Why, as a code whose sentence (zh, en) is in the rule's own file, and the figures for that sentence. */
export const Because = strictObject({
  code: Type.String({ pattern: '^[a-z][A-Za-z0-9]{0,63}$' }),
  values: Type.Record(Type.String(), Type.Union([Type.Number(), Type.String(), Type.Null()])),
});
export type Because = Type.Static<typeof Because>;

export const Acknowledgement = strictObject({ by: Type.String({ maxLength: 80 }), atMs: instantMs('acknowledged at') });
export type Acknowledgement = Type.Static<typeof Acknowledgement>;

/** How urgent: from the level and how much the place matters (zone.priorityShift). */
export const PRIORITIES = ['low', 'medium', 'high', 'urgent'] as const;
export const Priority = literals(PRIORITIES);
export type Priority = Type.Static<typeof Priority>;

/** Put aside by a person, for a reason and for a while; it comes back by itself, and at once when the level grows. */
export const Shelving = strictObject({ by: Type.String({ maxLength: 80 }), words: Type.String({ maxLength: 500 }), atMs: instantMs('shelved at'), untilMs: instantMs('shelved until') });
export type Shelving = Type.Static<typeof Shelving>;
/** Makes no sound and no notice: the cameras it hangs on are blind, or its place is in a silence window. It stays in the list and says so. */
export const Muting = strictObject({ because: literals(['blind', 'silence']), sinceMs: instantMs('muted since') });
export type Muting = Type.Static<typeof Muting>;

const common = {
  /** `${siteId}.${rule}.${place id}.${raisedAtMs}`: the same inputs make the same id on every decider. */
  alarmId: Type.String({ maxLength: 300 }),
  /** Grows by one with each event of this alarm, from 1. */
  version: Type.Integer({ minimum: 1 }),
  siteId: id('site'),
  rule: Type.String({ maxLength: 64 }),
  place: AlarmPlace,
  /** Names as they were, so that a closed alarm still reads when its place is gone. */
  siteName: Type.String(), placeName: Type.String(),
  /** The level now (raised, acknowledged) or the last one that held (easing, closed). */
  level: Level,
  levelPeak: Level,
  raisedAtMs: instantMs('raised at'),
  /** The last instant of a change. */
  changedAtMs: instantMs('changed at'),
  because: Because,
  demo: Type.Boolean(),
  priority: Priority,
  /** A drill: marked so everywhere, also outside of the system. */
  exercise: Type.Boolean(),
  shelved: nullable(Shelving), muted: nullable(Muting),
  /** How often it was repeated since it was last raised, because nobody acknowledged it. Each time is an event, so that screens sound again. */
  repeats: Type.Integer({ minimum: 0 }),
};

/** One arm for each state; each holds only what is true in it. */
export const Alarm = Type.Union([
  strictObject({ ...common, state: Type.Literal('raised') }),
  strictObject({ ...common, state: Type.Literal('acknowledged'), acknowledged: Acknowledgement }),
  strictObject({ ...common, state: Type.Literal('easing'), acknowledged: nullable(Acknowledgement), easingSinceMs: instantMs('easing since') }),
  /** Over, and waits for somebody to take note of it. */
  strictObject({ ...common, state: Type.Literal('cleared'), clearedAtMs: instantMs('cleared at') }),
  strictObject({ ...common, state: Type.Literal('closed'), acknowledged: nullable(Acknowledgement), closedAtMs: instantMs('closed at'), closedBecause: literals(['eased', 'acknowledged', 'placeRemoved', 'ruleOff', 'exerciseEnded']) }),
]);
export type Alarm = Type.Static<typeof Alarm>;
export type AlarmState = Alarm['state'];

/** A past fact: the alarm as it is after the change. */
export const AlarmChanged = strictObject({
  type: Type.Literal('alarmChanged'),
  /** `${alarmId}.${version}`: inserted once, however often it is made. */
  eventId: Type.String({ maxLength: 340 }),
  siteId: id('site'),
  atMs: instantMs('at'),
  from: nullable(literals(['raised', 'acknowledged', 'easing', 'cleared', 'closed'])),
  alarm: Alarm,
});
export type AlarmChanged = Type.Static<typeof AlarmChanged>;

/** Every kind of event that the decider of a site makes. */
export const SiteEvent = AlarmChanged;
export type SiteEvent = Type.Static<typeof SiteEvent>;

/** Planned work: alarms of these places and rules are recorded and shown, and make no sound and no notice while it lasts. Critical ones always do. */
export const Silence = strictObject({
  silenceId: id('silence'), siteId: id('site'),
  /** Empty: the whole site, its cameras and lines too. */
  zoneIds: Type.Array(id('zone'), { maxItems: 500 }),
  /** Empty: every rule. */
  rules: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 50 }),
  fromMs: instantMs('from'), untilMs: instantMs('until'), by: Type.String({ minLength: 1, maxLength: 80 }), words: Type.String({ minLength: 1, maxLength: 500 }),
});
export type Silence = Type.Static<typeof Silence>;
export const SILENCES_OF_SITE_MOST = 100, SILENCE_MOST_MS = 7 * 24 * 3600_000;

/** An event with its place in the record: seq grows in the order in which screens may see events. */
const seq = Type.Integer({ minimum: 1 });
export const RecordedAlarm = strictObject({ seq, event: AlarmChanged });
export type RecordedAlarm = Type.Static<typeof RecordedAlarm>;
export const RecordedIncident = strictObject({ seq, event: IncidentChanged });
export type RecordedIncident = Type.Static<typeof RecordedIncident>;
export const RecordedEvent = Type.Union([RecordedAlarm, RecordedIncident]);
export type RecordedEvent = Type.Static<typeof RecordedEvent>;
export const isAlarmEvent = (recorded: RecordedEvent): recorded is RecordedAlarm => recorded.event.type === 'alarmChanged';
