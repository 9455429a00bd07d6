// An incident: people handle it, from found to closed. It is the fold of its events; nothing is ever overwritten. Rules are numbered in docs/SPEC.md (IC).
import Type from 'typebox';
import { LngLat } from './geometry.ts';
import { Level } from './level.ts';
import { id, instantMs, literals, nullable, strictObject } from './schema.ts';
import { BothWords, Duty, UnitLevel } from './unit.ts';

/** Places and dangers. A unit may add its own (OwnCategory); none is about kinds of people, beliefs, opinions or gatherings as such. */
export const CATEGORIES = ['crowding', 'fire', 'gas', 'water', 'structure', 'traffic', 'medicalHelp', 'equipment'] as const;
export const CATEGORY_NAMES: Record<(typeof CATEGORIES)[number], { en: string; zh: string }> = {
  crowding: { en: 'Crowding', zh: '拥挤' }, fire: { en: 'Fire', zh: '火情' }, gas: { en: 'Gas', zh: '燃气' }, water: { en: 'Water', zh: '水患' }, structure: { en: 'Structure', zh: '建筑结构' },
  traffic: { en: 'Traffic', zh: '交通' }, medicalHelp: { en: 'Medical help', zh: '医疗救助' }, equipment: { en: 'Equipment', zh: '设备' },
};
/** One of CATEGORIES, or the code of a unit's own. */
export const Category = Type.String({ pattern: '^[a-z][A-Za-z0-9]{0,31}$' });
export type Category = string;

export const SEVERITIES = ['minor', 'moderate', 'serious', 'critical'] as const;
export const Severity = literals(SEVERITIES);
export type Severity = Type.Static<typeof Severity>;
export const severityRank = (severity: Severity): number => SEVERITIES.indexOf(severity);
export const SEVERITY_OF_LEVEL: Record<Exclude<Level, 'calm'>, Severity> = { notice: 'minor', warning: 'moderate', danger: 'serious', critical: 'critical' };

/** reported: found and told. dispatched: somebody was asked to go. handled: under control. followedUp: looked at again and still well. closed: assessed by another than who reported it. merged: goes on in another. */
export const INCIDENT_STEPS = ['reported', 'dispatched', 'handled', 'followedUp', 'closed', 'merged'] as const;
export const IncidentStep = literals(INCIDENT_STEPS);
export type IncidentStep = Type.Static<typeof IncidentStep>;

/** Who did it, as whoever was signed in is known on duty; 'system' is what nobody did. */
export const Actor = strictObject({
  memberId: nullable(id('member')), name: Type.String({ minLength: 1, maxLength: 80 }),
  duty: Type.Union([Duty, Type.Literal('system')]), unitId: nullable(id('unit')),
  /** Left out: the system, and steps from before there were accounts. */
  accountId: Type.Optional(id('account')),
});
export type Actor = Type.Static<typeof Actor>;
export const SYSTEM_ACTOR: Actor = { memberId: null, name: 'Crowdlight', duty: 'system', unitId: null };
/** The same person: by account, or by member where both have one, or else by name (however it is spaced, capitalised or typed full-width). */
export const sameActor = (a: Actor, b: Actor): boolean => (a.accountId !== undefined && a.accountId === b.accountId) || (a.memberId !== null && b.memberId !== null ? a.memberId === b.memberId : plainName(a.name) === plainName(b.name));
const plainName = (name: string): string => name.normalize('NFKC').replace(/\s+/gu, ' ').trim().toLowerCase();

/** A file that somebody added; the bytes are kept apart under their sha256. */
export const Attachment = strictObject({
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }), name: Type.String({ minLength: 1, maxLength: 120 }), type: literals(['image/jpeg', 'image/png', 'image/webp', 'audio/webm', 'audio/ogg', 'audio/mp4', 'application/pdf', 'text/plain']), sizeBytes: Type.Integer({ minimum: 1, maximum: 16 * 1024 * 1024 }),
});
export type Attachment = Type.Static<typeof Attachment>;
export const ATTACHMENTS_MOST = 10;

/** When something has to be done by. Times run on the desk's clock, which neither a restart nor a changed clock moves. */
export const DEADLINES = ['dispatch', 'acknowledge', 'onSite', 'underControl', 'followUp', 'assess'] as const;
export const DeadlineKind = literals(DEADLINES);
export type DeadlineKind = Type.Static<typeof DeadlineKind>;
export const Deadline = strictObject({
  kind: DeadlineKind,
  /** On the desk's clock; and what a clock on the wall shows then, for people. */
  dueRunMs: Type.Number(), dueAtMs: instantMs('due at'),
  metAtMs: nullable(instantMs('met at')),
  /** When it was found to be overdue; it may still be met later. */
  missedAtMs: nullable(instantMs('missed at')),
});
export type Deadline = Type.Static<typeof Deadline>;

/** Seconds for each deadline, counted from the report (dispatch, acknowledge, onSite, underControl) or from the step before (followUp, assess). */
export const DeadlineSeconds = strictObject({
  dispatch: Type.Integer({ minimum: 5, maximum: 30 * 86_400 }), acknowledge: Type.Integer({ minimum: 5, maximum: 30 * 86_400 }), onSite: Type.Integer({ minimum: 5, maximum: 30 * 86_400 }),
  underControl: Type.Integer({ minimum: 5, maximum: 30 * 86_400 }), followUp: Type.Integer({ minimum: 5, maximum: 90 * 86_400 }), assess: Type.Integer({ minimum: 5, maximum: 90 * 86_400 }),
});
export type DeadlineSeconds = Type.Static<typeof DeadlineSeconds>;
/** A dense zone: about 15 min is what crowd managers need in all (TU Delft), so the first answers come within one, three and five. */
export const DEADLINES_DEFAULT: Record<Severity, DeadlineSeconds> = {
  critical: { dispatch: 30, acknowledge: 60, onSite: 180, underControl: 300, followUp: 3600, assess: 86_400 },
  serious: { dispatch: 30, acknowledge: 60, onSite: 180, underControl: 300, followUp: 3600, assess: 86_400 },
  moderate: { dispatch: 120, acknowledge: 300, onSite: 900, underControl: 1800, followUp: 14_400, assess: 3 * 86_400 },
  minor: { dispatch: 600, acknowledge: 1800, onSite: 3600, underControl: 14_400, followUp: 86_400, assess: 7 * 86_400 },
};

/** asked -> accepted -> arrived -> done; asked -> declined | noAnswer; released: somebody else took over, or it is over. */
export const ASSIGNMENT_STATES = ['asked', 'accepted', 'arrived', 'done', 'declined', 'noAnswer', 'released'] as const;
export const Assignment = strictObject({
  memberId: id('member'), memberName: Type.String({ maxLength: 80 }), unitId: id('unit'), duty: Duty,
  state: literals(ASSIGNMENT_STATES),
  askedAtMs: instantMs('asked at'), answerDueRunMs: Type.Number(), answerDueAtMs: instantMs('answer due at'),
  answeredAtMs: nullable(instantMs('answered at')), arrivedAtMs: nullable(instantMs('arrived at')),
  needsHelp: Type.Boolean(), words: Type.String({ maxLength: 500 }),
});
export type Assignment = Type.Static<typeof Assignment>;

// --- playbooks: what to do in this zone at this level
export const ACTION_KINDS = ['task', 'call', 'closeGate', 'openExit', 'holdTrains', 'announcement'] as const;
export const ACTION_STATES = ['open', 'sent', 'done', 'failed', 'skipped'] as const;
/** One line of a playbook as an incident carries it. */
export const PlayAction = strictObject({
  actionId: id('action'), kind: literals(ACTION_KINDS), words: BothWords(300), owner: Duty,
  /** Seconds from the report within which it is to be done. */
  withinS: Type.Integer({ minimum: 5, maximum: 86_400 }),
  /** For announcements and commands that go out by themselves when ticked as sent: which channel, and what is sent. Null: a person does it and ticks it. */
  channelId: nullable(id('channel')), payload: nullable(Type.String({ maxLength: 2000 })),
  state: literals(ACTION_STATES), byName: nullable(Type.String({ maxLength: 80 })), changedAtMs: nullable(instantMs('changed at')), dueRunMs: Type.Number(), dueAtMs: instantMs('due at'),
  /** When it was found to be overdue; told once. */
  overdueAtMs: nullable(instantMs('found overdue at')),
  detail: Type.String({ maxLength: 500 }),
});
export type PlayAction = Type.Static<typeof PlayAction>;

export const IncidentPlace = strictObject({
  point: LngLat,
  siteId: nullable(id('site')), zoneId: nullable(id('zone')), sensorId: nullable(id('sensor')),
  /** Names as they were. */
  siteName: Type.String({ maxLength: 200 }), placeName: Type.String({ maxLength: 200 }),
  /** The lowest unit that the point lies in; null where no unit is drawn. */
  unitId: nullable(id('unit')),
});
export type IncidentPlace = Type.Static<typeof IncidentPlace>;

export const AttachedAlarm = strictObject({ alarmId: Type.String({ maxLength: 300 }), rule: Type.String({ maxLength: 64 }), level: Level, levelPeak: Level, state: Type.String({ maxLength: 20 }), raisedAtMs: instantMs('raised at'), changedAtMs: instantMs('changed at') });
export type AttachedAlarm = Type.Static<typeof AttachedAlarm>;

export const ASSESSMENTS = ['resolved', 'falseAlarm', 'noActionNeeded', 'passedOn'] as const;

/** Nobody answered in time: the next one, then the next unit up. */
export const Ask = strictObject({
  /** How far up the ladder (context.ladder) asking has come. */
  rung: Type.Integer({ minimum: 0 }), unitId: nullable(id('unit')), unitLevel: nullable(UnitLevel),
  /** Members asked so far, so that nobody is asked twice on the way up. */
  askedMemberIds: Type.Array(id('member'), { maxItems: 500 }),
  /** When the ladder goes on by itself (with nobody left: when it is looked at again for people who came on duty); null while somebody is on it and nobody more is wanted. */
  nextRunMs: nullable(Type.Number()),
  /** Everybody was asked and nobody answered. */
  exhausted: Type.Boolean(),
});
export type Ask = Type.Static<typeof Ask>;

export const Incident = strictObject({
  incidentId: id('incident'),
  /** Grows by one with each event, from 1. */
  version: Type.Integer({ minimum: 1 }),
  exercise: Type.Boolean(), demo: Type.Boolean(),
  category: Category, severity: Severity, title: Type.String({ maxLength: 200 }),
  place: IncidentPlace,
  /** Who handles it now: the unit of the place, or the one that took over or was given it. Null where no unit is drawn. */
  unitId: nullable(id('unit')), unitLevel: nullable(UnitLevel),
  /** From whom it was taken over, so that it can be given back. */
  takenFromUnitId: nullable(id('unit')),
  peopleAtRisk: nullable(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  step: IncidentStep,
  reportedBy: Actor, reportedAtMs: instantMs('reported at'), reportedRunMs: Type.Number(),
  /** Who re-opened it, and who reported those that were joined with it: they do not assess it either. */
  reportedAlsoBy: Type.Array(Actor, { maxItems: 50 }),
  alarms: Type.Array(AttachedAlarm, { maxItems: 200 }),
  assignments: Type.Array(Assignment, { maxItems: 500 }),
  ask: Ask,
  deadlines: Type.Array(Deadline, { maxItems: 12 }),
  playbook: Type.Array(PlayAction, { maxItems: 60 }),
  links: Type.Array(id('incident'), { maxItems: 100 }), mergedInto: nullable(id('incident')), splitFrom: nullable(id('incident')),
  handledBy: nullable(Actor), handledAtMs: nullable(instantMs('handled at')),
  followedUpBy: nullable(Actor), followedUpAtMs: nullable(instantMs('followed up at')),
  assessment: nullable(strictObject({ by: Actor, atMs: instantMs('assessed at'), outcome: literals(ASSESSMENTS), words: Type.String({ maxLength: 2000 }) })),
  reopenedCount: Type.Integer({ minimum: 0 }), urgedCount: Type.Integer({ minimum: 0 }),
  changedAtMs: instantMs('changed at'),
  /** The earliest of what has to be looked at again (deadlines, answers, actions), on the desk's clock; null when nothing is waited for. */
  nextRunMs: nullable(Type.Number()),
});
export type Incident = Type.Static<typeof Incident>;
export const isOpenStep = (step: IncidentStep): boolean => step !== 'closed' && step !== 'merged';

// --- what people and the system ask for

const words = Type.String({ maxLength: 2000 }), said = Type.String({ minLength: 1, maxLength: 2000 });
const attachments = Type.Array(Attachment, { maxItems: ATTACHMENTS_MOST });
const one = <const T extends string, P extends Type.TProperties>(type: T, properties: P) => strictObject({ type: Type.Literal(type), ...properties });

export const IncidentCommand = Type.Union([
  one('report', { category: Category, severity: Severity, title: Type.String({ maxLength: 200 }), words, attachments, place: IncidentPlace, peopleAtRisk: nullable(Type.Integer({ minimum: 0, maximum: 1_000_000 })), alarm: nullable(AttachedAlarm), exercise: Type.Boolean(), demo: Type.Boolean(), splitFrom: Type.Optional(nullable(id('incident'))) }),
  /** An alarm of this place was raised, changed or closed. A higher level raises the severity. */
  one('alarmChanged', { alarm: AttachedAlarm }),
  /** memberIds empty: as the ladder says. */
  one('dispatch', { memberIds: Type.Array(id('member'), { maxItems: 20 }), words }),
  one('accept', { words }), one('decline', { words: said }), one('arrive', { words }), one('needHelp', { words: said }),
  /** Under control. */
  one('handle', { words: said, attachments }),
  /** It is looked at again: still well, or not (then it goes back to dispatched). */
  one('followUp', { stillWell: Type.Boolean(), words: said, attachments }),
  one('assess', { outcome: literals(ASSESSMENTS), words: said, attachments }),
  one('reopen', { words: said }),
  one('note', { words: said, attachments }),
  one('setFacts', { category: Type.Optional(Category), severity: Type.Optional(Severity), title: Type.Optional(Type.String({ maxLength: 200 })), peopleAtRisk: Type.Optional(nullable(Type.Integer({ minimum: 0, maximum: 1_000_000 }))), words: said }),
  /** By an upper unit. */
  one('urge', { words: said }), one('takeOver', { words: said }), one('giveBack', { words: said }),
  one('transfer', { toUnitId: id('unit'), words: said }),
  /** Asks the next rung of the ladder now. */
  one('escalate', { words }),
  one('tickAction', { actionId: id('action'), state: literals(['sent', 'done', 'skipped', 'open']), words }),
  /** What a channel answered to a sent action. */
  one('actionResult', { actionId: id('action'), state: literals(['done', 'failed']), detail: Type.String({ maxLength: 500 }) }),
  /** This one ends in `into`; there it is absorbed, with who reported it and whether it is an exercise (one never joins a real one). Both are given in one go. */
  one('mergeInto', { into: id('incident'), words: said }), one('absorb', { from: id('incident'), alarms: Type.Array(AttachedAlarm), assignments: Type.Array(Assignment), words: said, reportedBy: Type.Optional(Actor), exercise: Type.Optional(Type.Boolean()) }),
  /** Another incident was made out of this one, and these alarms go on there. */
  one('splitOff', { made: id('incident'), words: said, alarmIds: Type.Optional(Type.Array(Type.String({ maxLength: 300 }), { maxItems: 200 })) }),
  one('link', { to: id('incident'), words }), one('unlink', { to: id('incident'), words: said }),
  /** The shift changes: the summary is said once for all, and each open incident keeps it. */
  one('handOver', { toName: Type.String({ minLength: 1, maxLength: 80 }), summary: said }),
  /** A border moved: the place belongs to another unit now. */
  one('placeMoved', { unitId: nullable(id('unit')) }),
  /** Time passes: what is overdue is found, the ladder goes on. */
  one('tick', {}),
]);
export type IncidentCommand = Type.Static<typeof IncidentCommand>;
export type IncidentCommandType = IncidentCommand['type'];

/** One rung: the people on duty of one unit, in the order of asking. */
export const LadderRung = strictObject({
  unitId: id('unit'), unitLevel: UnitLevel, unitNames: BothWords(120),
  members: Type.Array(strictObject({ memberId: id('member'), name: Type.String({ maxLength: 80 }), duty: Duty }), { maxItems: 200 }),
});
export type LadderRung = Type.Static<typeof LadderRung>;

/** What the world was like when the input was taken, kept with it, so that a replay needs nothing else. */
export const IncidentContext = strictObject({
  /** From the unit that handles it up to the top. */
  ladder: Type.Array(LadderRung, { maxItems: 10 }),
  /** Units of the place's chain that are not on the ladder, because an upper or another unit handles it: their people may be dispatched by hand. */
  below: Type.Optional(Type.Array(LadderRung, { maxItems: 10 })),
  /** The units above the acting one may urge, take over and transfer: ids from the place's unit up to the top. */
  chainUnitIds: Type.Array(id('unit'), { maxItems: 10 }),
  deadlines: DeadlineSeconds,
  /** How long one is waited for before the next is asked, seconds. */
  answerS: Type.Integer({ minimum: 5, maximum: 86_400 }),
  /** The zone's playbook for this severity; only for report, reopen and a higher severity. */
  playbook: Type.Array(strictObject({ actionId: id('action'), kind: literals(ACTION_KINDS), words: BothWords(300), owner: Duty, withinS: Type.Integer({ minimum: 5, maximum: 86_400 }), channelId: nullable(id('channel')), payload: nullable(Type.String({ maxLength: 2000 })) }), { maxItems: 30 }),
});
export type IncidentContext = Type.Static<typeof IncidentContext>;

/** One line of the input log of incidents. Taken once, however often it is given. */
export const IncidentInput = strictObject({
  inputId: Type.String({ minLength: 1, maxLength: 400 }), incidentId: id('incident'),
  atMs: instantMs('at'), runMs: Type.Number({ minimum: 0 }),
  actor: Actor, context: IncidentContext, command: IncidentCommand,
});
export type IncidentInput = Type.Static<typeof IncidentInput>;

/** What a list and a map need of an incident. */
export const IncidentLine = strictObject({
  incidentId: id('incident'), version: Type.Integer({ minimum: 1 }), exercise: Type.Boolean(), demo: Type.Boolean(), category: Category, severity: Severity, title: Type.String({ maxLength: 200 }), step: IncidentStep,
  placeName: Type.String({ maxLength: 200 }), siteName: Type.String({ maxLength: 200 }), siteId: nullable(id('site')), zoneId: nullable(id('zone')), point: LngLat, unitId: nullable(id('unit')), unitLevel: nullable(UnitLevel), placeUnitId: nullable(id('unit')),
  reportedAtMs: instantMs('reported at'), changedAtMs: instantMs('changed at'), alarmIds: Type.Array(Type.String({ maxLength: 300 }), { maxItems: 200 }), alarmLevel: nullable(Level),
  /** The next unmet deadline. */
  due: nullable(strictObject({ kind: DeadlineKind, dueAtMs: instantMs('due at') })),
  /** The oldest deadline that was missed and is not met yet. */
  overdueSinceMs: nullable(instantMs('overdue since')),
  /** Who is on it: asked, accepted or arrived, and how. */
  people: Type.Array(strictObject({ memberId: id('member'), memberName: Type.String({ maxLength: 80 }), state: literals(ASSIGNMENT_STATES), needsHelp: Type.Boolean() }), { maxItems: 500 }),
  exhausted: Type.Boolean(), urgedCount: Type.Integer({ minimum: 0 }),
});
export type IncidentLine = Type.Static<typeof IncidentLine>;

/** A past fact. `what` says what happened: the command that was taken, or what time brought (deadlineMissed, noAnswer, asked, escalated, nobodyLeft). */
export const INCIDENT_FACTS = [
  'reported', 'alarmAttached', 'alarmChanged', 'severityRaised', 'dispatched', 'asked', 'noAnswer', 'escalated', 'nobodyLeft', 'accepted', 'declined', 'arrived', 'helpNeeded', 'handled', 'followedUp', 'notStillWell', 'assessed', 'reopened',
  'noted', 'factsSet', 'urged', 'takenOver', 'givenBack', 'transferred', 'actionSent', 'actionDone', 'actionFailed', 'actionSkipped', 'actionReopened', 'actionOverdue', 'deadlineMissed', 'merged', 'absorbed', 'splitOff', 'linked', 'unlinked', 'handedOver', 'placeMoved',
] as const;
export const IncidentChanged = strictObject({
  type: Type.Literal('incidentChanged'),
  /** `${incidentId}.${version}`. */
  eventId: Type.String({ maxLength: 100 }),
  incidentId: id('incident'), version: Type.Integer({ minimum: 1 }), siteId: nullable(id('site')), unitId: nullable(id('unit')),
  atMs: instantMs('at'), runMs: Type.Number({ minimum: 0 }), inputId: Type.String({ maxLength: 400 }),
  what: literals(INCIDENT_FACTS), actor: Actor, words, attachments,
  /** Small figures of the fact, for its sentence: deadline, member, unit, action, from, to. */
  values: Type.Record(Type.String(), Type.Union([Type.String({ maxLength: 300 }), Type.Number(), Type.Boolean(), Type.Null()])),
  line: IncidentLine,
});
export type IncidentChanged = Type.Static<typeof IncidentChanged>;

/** Why a step is refused; each has a sentence in both languages under problems (incident...). */
export const INCIDENT_REFUSALS = ['incidentUnknown', 'incidentStepNotAllowed', 'incidentReporterMayNotAssess', 'incidentHandlerMayNotAssess', 'incidentNotAssigned', 'incidentMemberUnknown', 'incidentUnitNotAbove', 'incidentActionUnknown', 'incidentNothingTaken', 'incidentMergedWithItself', 'incidentCategoryUnknown'] as const;
