// The HTTP border of alarm discipline: putting aside, silences, exercises, the load of alarms, and what another limit would have done.
import Type from 'typebox';
import { Silence } from './alarm.ts';
import { Level, ZoneLimits } from './level.ts';
import { id, instantMs, literals, nullable, strictObject } from './schema.ts';
import { RuleSettings } from './site.ts';

/** Not looked at: who acts is whoever is signed in. */
const by = Type.Optional(Type.String({ minLength: 1, maxLength: 80 })), words = Type.String({ minLength: 1, maxLength: 500 });

// POST /api/alarms/:alarmId/shelve -> Alarm; .../unshelve -> Alarm. Acknowledging an alarm that is over (cleared) closes it. The same commandId twice is one step.
export const ShelveBody = strictObject({ commandId: id('command'), by, forS: Type.Integer({ minimum: 60, maximum: 8 * 3600 }), words });
export type ShelveBody = Type.Static<typeof ShelveBody>;
export const AlarmCommandBody = strictObject({ commandId: id('command'), by });
export type AlarmCommandBody = Type.Static<typeof AlarmCommandBody>;

/** POST /api/sites/:siteId/exercise -> Alarm, marked as an exercise; POST /api/alarms/:alarmId/endExercise (AlarmCommandBody) -> Alarm. */
export const ExerciseBody = strictObject({ commandId: id('command'), by, zoneId: id('zone'), level: literals(['notice', 'warning', 'danger', 'critical']), forS: Type.Integer({ minimum: 30, maximum: 4 * 3600 }), words });
export type ExerciseBody = Type.Static<typeof ExerciseBody>;

/** GET /api/silences -> those that are not over; POST /api/silences -> Silence; DELETE /api/silences/:silenceId -> 204. */
export const SilenceList = strictObject({ silences: Type.Array(Silence) });
export const SilenceBody = strictObject({ ...Type.Omit(Silence, ['silenceId', 'by']).properties, by });
export type SilenceBody = Type.Static<typeof SilenceBody>;

/**
 * How many alarms one operator gets. Benchmarks of EEMUA 191 ("Alarm systems: a guide to design, management and procurement"), as ISA-18.2 (IEC 62682) has them too: on average under 1 in 10
 * minutes is very likely acceptable; after an upset under 10 in the first 10 minutes. A flood begins with 10 or more in 10 minutes and ends with fewer than 5 (ISA-18.2).
 */
export const LOAD_MEAN_MOST = 1, LOAD_PEAK_MOST = 10, FLOOD_ENDS_UNDER = 5, LOAD_WINDOW_MS = 10 * 60_000;
/** Unchanged for longer than this while open: stale; raised this often within ten minutes: chattering (both ISA-18.2). */
export const STALE_AFTER_MS = 24 * 3600_000, CHATTERING_FROM = 3;
/** About how alarms should be spread over priorities (EEMUA 191, ISA-18.2): 80 % low, 15 % medium, 5 % high, and under 1 % of a highest one. */
export const PRIORITY_SHARES = { low: 0.8, medium: 0.15, high: 0.05, urgent: 0.01 } as const;
export const LOAD_SPAN_MOST_MS = 62 * 24 * 3600_000;

/** GET /api/alarms/load?sinceMs=&untilMs=&operators=&siteId=&demo=. Counted is what called for somebody: raised, or raised again, neither muted nor put aside; exercises never, the demo only when asked for. */
export const AlarmLoad = strictObject({
  sinceMs: instantMs('since'), untilMs: instantMs('until'), operators: Type.Integer({ minimum: 1 }), raised: Type.Integer(),
  /** For each operator and ten minutes: mean over the whole span, and the busiest ten minutes by the clock. */
  per10MinMean: Type.Number(), per10MinPeak: Type.Number(),
  /** Ten minutes each, by the clock, oldest first; those without an alarm are left out. */
  windows: Type.Array(strictObject({ fromMs: instantMs('from'), raised: Type.Integer() })),
  floods: Type.Array(strictObject({ fromMs: instantMs('from'), untilMs: instantMs('until'), raised: Type.Integer() })), floodShare: Type.Number(),
  stale: Type.Array(strictObject({ alarmId: Type.String(), siteName: Type.String(), placeName: Type.String(), rule: Type.String(), level: Level, sinceMs: instantMs('since') })), staleTotal: Type.Integer(),
  /** Worst first: how often raised in the span, and at most within ten minutes. */
  chattering: Type.Array(strictObject({ siteId: id('site'), siteName: Type.String(), placeKind: literals(['zone', 'sensor', 'line']), placeName: Type.String(), placeId: Type.String(), rule: Type.String(), raised: Type.Integer(), within10Min: Type.Integer() })), chatteringTotal: Type.Integer(),
  byPriority: Type.Array(strictObject({ priority: literals(['low', 'medium', 'high', 'urgent']), raised: Type.Integer() })),
  /** From raised to acknowledged, of alarms that were acknowledged; never of a person. */
  acknowledgeMedianMs: nullable(Type.Number()), unacknowledged: Type.Integer(),
  /** Raised in the span without a call, because muted or put aside; and the exercises and alarms of the demo, which are not counted in. */
  unheard: Type.Integer(), exercises: Type.Integer(), demo: Type.Integer(),
  /** Open now. */
  openNow: Type.Integer(), shelvedNow: Type.Integer(), mutedNow: Type.Integer(),
});
export type AlarmLoad = Type.Static<typeof AlarmLoad>;

/** The past of a zone that can be asked about, days. */
export const WHAT_IF_DAYS_MOST = 14;
/**
 * POST /api/alarms/whatIf: other limits or settings of densityHigh over the kept minutes of a zone, through the very rule. Left out stays as it is now. A minute is one figure: what lasted less
 * than a minute is not in it. Blind minutes and those with "few" people raise nothing, and a blind one eases nothing.
 */
export const WhatIfBody = strictObject({ zoneId: id('zone'), limits: Type.Optional(ZoneLimits), settings: Type.Optional(RuleSettings), sinceMs: instantMs('since'), untilMs: instantMs('until') });
export type WhatIfBody = Type.Static<typeof WhatIfBody>;
export const WhatIfAlarm = strictObject({
  raisedAtMs: instantMs('raised at'),
  /** Null: open at the end. */
  clearedAtMs: nullable(instantMs('cleared at')),
  levelPeak: Level, peoplePerM2Peak: Type.Number(),
  /** Whether the other list has an alarm that overlaps it. */
  inBoth: Type.Boolean(),
});
export type WhatIfAlarm = Type.Static<typeof WhatIfAlarm>;
export const WhatIfAnswer = strictObject({
  zoneId: id('zone'), minutes: Type.Integer(), blindMinutes: Type.Integer(), fewMinutes: Type.Integer(), before: Type.Array(WhatIfAlarm), after: Type.Array(WhatIfAlarm), gone: Type.Integer(), added: Type.Integer(),
  /** Alarms for each operator do not follow from one zone; this is how many of this zone came in a day, before and after. */
  perDayBefore: Type.Number(), perDayAfter: Type.Number(),
});
export type WhatIfAnswer = Type.Static<typeof WhatIfAnswer>;
