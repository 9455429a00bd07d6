// The HTTP border of units, incidents, channels and alarm discipline: bodies and answers, beside api.ts. Every error answer is a ProblemNote.
import Type from 'typebox';
import { Actor, Category, Incident, IncidentChanged, IncidentCommand, IncidentLine, Severity } from './incident.ts';
import { LngLat } from './geometry.ts';
import { Channel, ChannelHealth, Delivery, Notice, Subscription } from './notice.ts';
import { Playbook, PlaybookAction, UnitPolicy } from './playbook.ts';
import { id, instantMs, literals, nullable, strictObject } from './schema.ts';
import { Contact, Duty, Member, Shift, Unit, UnitChange, UnitCode, UnitFault, UnitLevel, UnitMove, UnitNames, UnitShape } from './unit.ts';

const words = Type.String({ maxLength: 2000 });
/** Who acts is whoever is signed in. Pages of before sent it, and the outbox of a phone may still hold it: it is let through and not looked at. */
const by = Type.Optional(Actor);

// --- units
// GET /api/units -> UnitList (no outlines). GET /api/units/:unitId/shape -> UnitShapeAnswer. GET /api/units/shapes?level=&west=&south=&east=&north= -> GeoJSON FeatureCollection, outlines thinned to the asked width.
// GET /api/units/at?lng=&lat= -> UnitsAt. POST /api/units -> Unit; PUT /api/units/:unitId (with the version that was seen) -> UnitSaved; DELETE -> 204 (refused while it has children).
// GET /api/units/of?siteId=|sensorId= -> UnitsAt: what a site or a camera stands in. POST /api/units/check (UnitBody, and unitId of one that is there) -> UnitChecked: what saving it would say. DELETE takes ?by=NAME.
// POST /api/units/import?mode=check|take&allowWarnings=true|false&crs=wgs84|gcj02&by=NAME, body GeoJSON (application/geo+json or application/json, at most 64 MB) -> UnitImportAnswer. mode=take imports all or nothing.
// GET /api/units/changes?most= -> { changes: UnitChange[] }.
export const UnitList = strictObject({ units: Type.Array(Unit), version: Type.Integer({ minimum: 0 }) });
export type UnitList = Type.Static<typeof UnitList>;
export const UnitBody = strictObject({ level: UnitLevel, code: UnitCode, names: UnitNames, parentId: nullable(id('unit')), shape: UnitShape, seenVersion: Type.Optional(Type.Integer({ minimum: 1 })), by });
export type UnitBody = Type.Static<typeof UnitBody>;
export const UnitShapeAnswer = strictObject({ unitId: id('unit'), version: Type.Integer({ minimum: 1 }), shape: UnitShape });
export type UnitShapeAnswer = Type.Static<typeof UnitShapeAnswer>;
export const UnitSaved = strictObject({ unit: Unit, faults: Type.Array(UnitFault), moves: Type.Array(UnitMove) });
export type UnitSaved = Type.Static<typeof UnitSaved>;
export const UnitChecked = strictObject({ faults: Type.Array(UnitFault) });
export type UnitChecked = Type.Static<typeof UnitChecked>;
export const UnitsAt = strictObject({ chain: Type.Array(Unit) });
export type UnitsAt = Type.Static<typeof UnitsAt>;
export const UnitImportAnswer = strictObject({ taken: Type.Boolean(), features: Type.Integer(), units: Type.Integer(), added: Type.Integer(), changed: Type.Integer(), faults: Type.Array(UnitFault), faultsTotal: Type.Integer(), moves: Type.Array(UnitMove) });
export type UnitImportAnswer = Type.Static<typeof UnitImportAnswer>;
export const UnitChanges = strictObject({ changes: Type.Array(UnitChange) });

// --- people on duty, policies, playbooks
// GET /api/units/:unitId/people -> UnitPeople. POST /api/units/:unitId/members, PUT/DELETE /api/members/:memberId. POST /api/units/:unitId/shifts, PUT/DELETE /api/shifts/:shiftId.
// GET/PUT /api/units/:unitId/policy -> PolicyAnswer / UnitPolicy. GET /api/sites/:siteId/playbooks -> { playbooks }, POST there, PUT/DELETE /api/playbooks/:playbookId.
// GET /api/categories?unitId= -> { categories: { category, names }[] } the built-in ones and those of the unit and the units above.
export const MemberBody = strictObject({ name: Member.properties.name, duty: Duty, language: Member.properties.language, contacts: Type.Array(Contact, { maxItems: 8 }), enabled: Type.Optional(Type.Boolean()) });
export type MemberBody = Type.Static<typeof MemberBody>;
export const ShiftBody = strictObject({ memberId: id('member'), weekdays: Shift.properties.weekdays, startMinute: Shift.properties.startMinute, endMinute: Shift.properties.endMinute, order: Shift.properties.order });
export type ShiftBody = Type.Static<typeof ShiftBody>;
export const UnitPeople = strictObject({ members: Type.Array(Member), shifts: Type.Array(Shift), onDutyMemberIds: Type.Array(id('member')) });
export type UnitPeople = Type.Static<typeof UnitPeople>;
export const PolicyAnswer = strictObject({ own: UnitPolicy, inForce: UnitPolicy });
export type PolicyAnswer = Type.Static<typeof PolicyAnswer>;
export const PlaybookBody = strictObject({ zoneId: nullable(id('zone')), category: Category, severityLeast: Severity, actions: Type.Array(PlaybookAction, { minItems: 1, maxItems: 30 }) });
export type PlaybookBody = Type.Static<typeof PlaybookBody>;
export const Playbooks = strictObject({ playbooks: Type.Array(Playbook) });
export const CategoryList = strictObject({ categories: Type.Array(strictObject({ category: Category, names: strictObject({ en: Type.String(), zh: Type.String() }) })) });

// --- incidents
// GET /api/incidents?state=open|closed|all&unitId=&category=&severity=&step=&siteId=&memberId=&exercise=&overdue=&text=&sinceMs=&untilMs=&order=newest|due|age&after=CURSOR&most= -> IncidentPage. memberId: open incidents that this member was asked for (the page of one's own duty), never a statistic.
// GET /api/incidents/:incidentId -> IncidentAnswer. GET /api/incidents/:incidentId/events?after= -> { events: IncidentChanged[] }.
// POST /api/incidents -> Incident (command 'report'); POST /api/incidents/:incidentId/commands -> Incident, any other command of a person. The same commandId twice is one step.
// POST /api/units/:unitId/handover -> HandOverAnswer: one summary for all open incidents of the unit. GET /api/units/:unitId/handovers.
// POST /api/attachments (body: the file, header x-file-name) -> Attachment; GET /api/attachments/:sha256?incidentId=.
// GET /api/incidents/board?unitId= -> Board. GET /api/incidents/statistics?unitId=&sinceMs=&untilMs=&by=unit|category|step&exercise= -> Statistics; ...&format=csv -> text/csv.
export const IncidentPage = strictObject({ incidents: Type.Array(IncidentLine), nextAfter: nullable(Type.String()), total: nullable(Type.Integer({ minimum: 0 })) });
export type IncidentPage = Type.Static<typeof IncidentPage>;
export const IncidentAnswer = strictObject({
  incident: Incident, events: Type.Array(IncidentChanged), moreEvents: Type.Boolean(),
  /** What the desk's clock shows now, so that a page can count down to dueRunMs. */
  nowRunMs: Type.Number(),
  /** From the place's unit up to the top, for transfer and takeover. */
  chain: Type.Array(Unit),
  /** People on duty along that chain: whom one may dispatch. */
  onDuty: Type.Array(strictObject({ memberId: id('member'), name: Type.String(), duty: Duty, unitId: id('unit') })),
  /** How notices of this incident fared. */
  notices: Type.Array(strictObject({ notice: Notice, deliveries: Type.Array(Delivery) })),
});
export type IncidentAnswer = Type.Static<typeof IncidentAnswer>;
export const ReportBody = strictObject({ commandId: id('command'), by, category: Category, severity: Severity, title: Type.Optional(Type.String({ maxLength: 200 })), words: Type.Optional(words), attachments: Type.Optional(Type.Array(Type.String({ pattern: '^[0-9a-f]{64}$' }), { maxItems: 10 })), peopleAtRisk: Type.Optional(nullable(Type.Integer({ minimum: 0, maximum: 1_000_000 }))),
  /** One of: an alarm, a zone, or a point. */
  alarmId: Type.Optional(Type.String({ maxLength: 300 })), zoneId: Type.Optional(id('zone')), point: Type.Optional(LngLat), placeName: Type.Optional(Type.String({ maxLength: 200 })), exercise: Type.Optional(Type.Boolean()) });
export type ReportBody = Type.Static<typeof ReportBody>;
/** Commands of people only: report, alarmChanged, tick, actionResult, absorb, splitOff and placeMoved are the system's. split makes a new incident from this one. */
export const IncidentCommandBody = strictObject({ commandId: id('command'), by, command: Type.Union([IncidentCommand, strictObject({ type: Type.Literal('split'), category: Category, severity: Severity, title: Type.String({ maxLength: 200 }), words: Type.String({ minLength: 1, maxLength: 2000 }), alarmIds: Type.Array(Type.String({ maxLength: 300 }), { maxItems: 200 }) })]) });
export type IncidentCommandBody = Type.Static<typeof IncidentCommandBody>;
export const HandOverBody = strictObject({ commandId: id('command'), by, toName: Type.String({ minLength: 1, maxLength: 80 }), summary: Type.String({ minLength: 1, maxLength: 2000 }) });
export type HandOverBody = Type.Static<typeof HandOverBody>;
export const HandOver = strictObject({ handOverId: id('handover'), unitId: id('unit'), atMs: instantMs('at'), by: Actor, toName: Type.String(), summary: Type.String(), incidentIds: Type.Array(id('incident')) });
export type HandOver = Type.Static<typeof HandOver>;
/** The screen of an upper unit: everything overdue in its subtree by age, and how many are open in each unit below. */
export const Board = strictObject({
  unit: Unit, overdue: Type.Array(IncidentLine), overdueTotal: Type.Integer(), open: Type.Array(IncidentLine), openTotal: Type.Integer(),
  below: Type.Array(strictObject({ unitId: id('unit'), open: Type.Integer(), overdue: Type.Integer(), exhausted: Type.Integer(), oldestOverdueMs: nullable(instantMs('overdue since')) })),
});
export type Board = Type.Static<typeof Board>;
/** One line of statistics; never of a single worker. Under STATISTICS_FLOOR incidents the shares and times are null, so that no line tells of one person's one job. */
export const STATISTICS_FLOOR = 3;
export const StatisticsRow = strictObject({
  key: Type.String(), names: nullable(strictObject({ en: Type.String(), zh: Type.String() })), incidents: Type.Integer(), open: Type.Integer(), reopened: Type.Integer(), overdue: Type.Integer(),
  steps: Type.Array(strictObject({ step: literals(['acknowledge', 'onSite', 'underControl', 'followUp', 'assess']), count: Type.Integer(), onTimeShare: nullable(Type.Number()), medianMs: nullable(Type.Number()), p90Ms: nullable(Type.Number()) })),
});
export type StatisticsRow = Type.Static<typeof StatisticsRow>;
export const Statistics = strictObject({ by: literals(['unit', 'category', 'step']), sinceMs: instantMs('since'), untilMs: instantMs('until'), rows: Type.Array(StatisticsRow), total: StatisticsRow });
export type Statistics = Type.Static<typeof Statistics>;

// --- channels
// GET /api/channels -> Channels (kinds with their schemas, channels, their health). POST /api/channels, PUT/DELETE /api/channels/:channelId.
// POST /api/channels/:channelId/test -> TestAnswer (to an address, or to the channel itself); POST /api/members/:memberId/test -> TestAnswer[] (each contact).
// GET /api/notices/dead?most= -> { dead: { notice, deliveries }[] }; POST /api/notices/:noticeId/again -> 204.
// GET /api/push/key -> { publicKey: string | null }; POST /api/members/:memberId/push -> 204 (a browser's subscription becomes a contact).
export const ChannelBody = strictObject({ kind: Channel.properties.kind, name: Channel.properties.name, enabled: Type.Optional(Type.Boolean()), settings: Type.Record(Type.String(), Type.Unknown()), perMinuteMost: Type.Optional(Channel.properties.perMinuteMost), subscriptions: Type.Optional(Type.Array(Subscription, { maxItems: 50 })) });
export type ChannelBody = Type.Static<typeof ChannelBody>;
/** Secret settings that are left out stay as they are. */
export const ChannelChange = Type.Partial(ChannelBody, { additionalProperties: false });
export type ChannelChange = Type.Static<typeof ChannelChange>;
export const ChannelKindShown = strictObject({ kind: Type.String(), title: strictObject({ en: Type.String(), zh: Type.String() }), settings: Type.Unknown(), address: nullable(strictObject({ title: strictObject({ en: Type.String(), zh: Type.String() }), pattern: Type.String() })) });
export const Channels = strictObject({ kinds: Type.Array(ChannelKindShown), channels: Type.Array(Channel), health: Type.Array(ChannelHealth) });
export type Channels = Type.Static<typeof Channels>;
export const TestBody = strictObject({ address: nullable(Type.String({ maxLength: 1000 })), language: literals(['en', 'zh']) });
export const TestAnswer = strictObject({ channelId: id('channel'), outcome: Delivery.properties.outcome, tookMs: Type.Number(), detail: Type.String() });
export type TestAnswer = Type.Static<typeof TestAnswer>;
export const DeadNotices = strictObject({ dead: Type.Array(strictObject({ notice: Notice, deliveries: Type.Array(Delivery) })) });
export type DeadNotices = Type.Static<typeof DeadNotices>;
