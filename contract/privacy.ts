// Privacy as it crosses the border: masks, lifting them, how long what is kept, holds, and the reports that prove what went. None of it names what a person did but who asked for a step.
import Type from 'typebox';
import { id, instantMs, literals, nullable, strictObject } from './schema.ts';
import { MaskPolygons } from './site.ts';
import { UnitNames } from './unit.ts';

const reason = Type.String({ title: 'reason', minLength: 1, maxLength: 500 });
const byName = Type.String({ maxLength: 80 });
const hours = (options: Type.TSchemaOptions & { minimum?: number } = {}) => Type.Integer({ minimum: 1, maximum: 24 * 3660, ...options });

/** PUT /api/sensors/:sensorId/masks -> Sensor. All of them at once; an empty list takes them away. */
export const MasksBody = strictObject({ polygons: MaskPolygons });
export type MasksBody = Type.Static<typeof MasksBody>;

/** POST /api/sensors/:sensorId/maskLift -> MaskLift, for whoever asks and for nobody else. DELETE ends it before its time. */
export const MASK_LIFT_MINUTES_MOST = 30;
export const MaskLiftBody = strictObject({ reason, minutes: Type.Integer({ title: 'minutes', minimum: 1, maximum: MASK_LIFT_MINUTES_MOST, default: 5 }) });
export type MaskLiftBody = Type.Static<typeof MaskLiftBody>;
export const MaskLift = strictObject({ liftId: id('lift'), sensorId: id('sensor'), fromMs: instantMs('from'), untilMs: instantMs('until'), reason });
export type MaskLift = Type.Static<typeof MaskLift>;

/** POST /api/sensors/:sensorId/still -> image/jpeg. Not blurred needs a second person. */
export const StillBody = strictObject({ reason, blurred: Type.Boolean({ title: 'heads and plates blurred', default: true }) });
export type StillBody = Type.Static<typeof StillBody>;

// --- how long

/** What is kept, by what it is about. Each has its own time in each unit. */
export const RETENTION_KINDS = ['zoneMinutes', 'alarms', 'incidents', 'attachments', 'notices', 'recordings'] as const;
export const RetentionKind = literals(RETENTION_KINDS);
export type RetentionKind = Type.Static<typeof RetentionKind>;
export const RETENTION_KIND_WORDS: Record<RetentionKind, { en: string; zh: string }> = {
  zoneMinutes: { en: 'past of zones', zh: '区域历史' }, alarms: { en: 'alarms', zh: '报警' }, incidents: { en: 'incidents and their log', zh: '事件及其记录' }, attachments: { en: 'photos and files of incidents', zh: '事件的照片和文件' },
  notices: { en: 'messages to people', zh: '发给人员的通知' }, recordings: { en: 'recordings and evidence', zh: '录像与证据' },
};
/** Nothing may be set outside of these, whatever preset is in force. The audit has a time of its own (setting auditDays). */
export const RETENTION_BOUNDS: Record<RetentionKind, { leastHours: number; mostHours: number }> = {
  zoneMinutes: { leastHours: 24, mostHours: 24 * 3660 }, alarms: { leastHours: 24, mostHours: 24 * 3660 }, incidents: { leastHours: 24, mostHours: 24 * 3660 }, attachments: { leastHours: 24, mostHours: 24 * 3660 },
  notices: { leastHours: 24, mostHours: 24 * 366 }, recordings: { leastHours: 1, mostHours: 24 * 366 },
};

/** What the law of a place asks for. A preset narrows the bounds of what shows persons: recordings, photos. It holds in its unit and everything below. */
export const RETENTION_PRESETS = ['none', 'atLeast30Days', 'atMost72Hours', 'atMost30Days'] as const;
export const RetentionPreset = literals(RETENTION_PRESETS);
export type RetentionPreset = Type.Static<typeof RetentionPreset>;
export const PRESET_BOUNDS: Record<RetentionPreset, Partial<Record<RetentionKind, { leastHours?: number; mostHours?: number; usualHours: number }>>> = {
  none: {},
  // China, Regulations on the Administration of Public Security Video and Image Information Systems (State Council order 799, in force 2025-04-01): kept for no less than 30 days.
  atLeast30Days: { recordings: { leastHours: 30 * 24, usualHours: 30 * 24 } },
  // EDPB guidelines 3/2019 on video devices, section 8: erased after a few days; longer than 72 hours needs reasons.
  atMost72Hours: { recordings: { mostHours: 72, usualHours: 72 } },
  // A month as the outer limit, as in French law on public places (Code de la securite interieure).
  atMost30Days: { recordings: { mostHours: 30 * 24, usualHours: 30 * 24 } },
};
export const PRESET_WORDS: Record<RetentionPreset, { en: string; zh: string; meansEn: string; meansZh: string }> = {
  none: { en: 'no legal preset', zh: '不使用法定预设', meansEn: 'Times are set freely within the bounds of the product.', meansZh: '在产品允许范围内自由设置。' },
  atLeast30Days: { en: 'at least 30 days', zh: '不少于 30 天', meansEn: 'Where the rule is that recordings of public places are kept for at least 30 days.', meansZh: '适用于公共场所录像须保存不少于 30 天的规定。' },
  atMost72Hours: { en: 'at most 72 hours', zh: '不超过 72 小时', meansEn: 'Where the rule is that recordings are erased within 72 hours unless there is a reason.', meansZh: '适用于录像须在 72 小时内删除(有正当理由除外)的规定。' },
  atMost30Days: { en: 'at most 30 days', zh: '不超过 30 天', meansEn: 'Where the rule is that recordings are kept for a month at most.', meansZh: '适用于录像最长保存一个月的规定。' },
};

/** What is set at one unit (null: the whole installation); a kind that is left out is inherited from above. */
export const RetentionSet = strictObject({
  unitId: nullable(id('unit')), preset: nullable(RetentionPreset),
  hours: Type.Object(Object.fromEntries(RETENTION_KINDS.map((kind) => [kind, Type.Optional(hours())])) as Record<RetentionKind, Type.TOptional<Type.TInteger>>, { additionalProperties: false }),
});
export type RetentionSet = Type.Static<typeof RetentionSet>;
/** PUT /api/privacy/retention -> Retention. */
export const RetentionBody = RetentionSet;
/** What is in force at a unit, and where it comes from. */
export const RetentionInForce = strictObject({
  unitId: nullable(id('unit')), preset: RetentionPreset, presetFrom: nullable(id('unit')),
  kinds: Type.Array(strictObject({ kind: RetentionKind, hours: hours(), from: literals(['settings', 'preset', 'here', 'above']), leastHours: hours(), mostHours: hours() })),
});
export type RetentionInForce = Type.Static<typeof RetentionInForce>;
/** GET /api/privacy/retention?unitId= -> what is set there and what is in force. */
export const Retention = strictObject({ set: RetentionSet, inForce: RetentionInForce });
export type Retention = Type.Static<typeof Retention>;

// --- holds

export const HOLD_PLACES = ['unit', 'site', 'incident'] as const;
export const HoldPlace = literals(HOLD_PLACES);
export const HOLD_DAYS_MOST = 366;
/** POST /api/privacy/holds -> Hold. Outranks every purge of what lies there, whatever its kind; needs a second person. */
export const HoldBody = strictObject({ placeKind: HoldPlace, placeId: id('place'), fromMs: instantMs('what happened from'), toMs: instantMs('what happened until'), untilMs: instantMs('held until'), reason });
export type HoldBody = Type.Static<typeof HoldBody>;
export const Hold = strictObject({
  holdId: id('hold'), placeKind: HoldPlace, placeId: id('place'), placeName: Type.String({ maxLength: 200 }), unitId: nullable(id('unit')),
  fromMs: instantMs('what happened from'), toMs: instantMs('what happened until'), madeAtMs: instantMs('made at'), untilMs: instantMs('held until'), reason, byName, approvalId: id('approval'),
  endedAtMs: nullable(instantMs('ended at')), endedByName: nullable(byName),
});
export type Hold = Type.Static<typeof Hold>;

// --- purge

/** One kind in one unit: what was due, what went, what was held, and what an independent look found afterwards. */
export const PurgeLine = strictObject({
  kind: RetentionKind, unitId: nullable(id('unit')), unitNames: nullable(UnitNames), keptHours: hours(), beforeMs: instantMs('what is older goes'),
  due: Type.Integer({ minimum: 0 }), gone: Type.Integer({ minimum: 0 }), held: Type.Integer({ minimum: 0 }), waits: Type.Integer({ minimum: 0 }),
  /** Counted anew afterwards by a query of its own: older than the limit and not held. 0 proves the purge. */
  leftOver: Type.Integer({ minimum: 0 }), oldestLeftMs: nullable(instantMs('oldest left')),
});
export type PurgeLine = Type.Static<typeof PurgeLine>;
export const PurgeReport = strictObject({
  reportId: id('report'), atMs: instantMs('at'), tookMs: Type.Number({ minimum: 0 }), dryRun: Type.Boolean(), complete: Type.Boolean(), proved: Type.Boolean(),
  lines: Type.Array(PurgeLine, { maxItems: 10_000 }), holdIds: Type.Array(id('hold'), { maxItems: 1000 }),
});
export type PurgeReport = Type.Static<typeof PurgeReport>;
/** GET /api/privacy/purges -> the newest first, lines of one's own units only. */
export const PurgeReports = strictObject({ reports: Type.Array(PurgeReport, { maxItems: 100 }) });
export type PurgeReports = Type.Static<typeof PurgeReports>;
