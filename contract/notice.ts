// What goes out to people and machines beyond the screens: notices to members, messages to subscribed channels, announcements and commands of playbooks.
import Type from 'typebox';
import { LngLat } from './geometry.ts';
import { ACTION_KINDS, Category, INCIDENT_FACTS, IncidentLine, Severity } from './incident.ts';
import { id, instantMs, literals, nullable, strictObject } from './schema.ts';
import { BothWords } from './unit.ts';

/** asked: you are asked to go. urged, overdue, closed, released: about one you are on. info: to a duty officer. alarm: an alarm repeats unacknowledged. action: an action of a playbook goes out. incident: an event for a subscribed channel. approval: somebody asks for a second person. emergency: somebody went ahead without one. undelivered: somebody could not be reached by any channel. test: the button. */
export const NOTICE_KINDS = ['asked', 'urged', 'overdue', 'helpNeeded', 'released', 'closed', 'info', 'alarm', 'action', 'incident', 'undelivered', 'approval', 'emergency', 'test'] as const;
/** waiting -> sent -> (delivered) | failed: the next contact of the ladder | dead: nobody could be reached by any. */
export const NOTICE_STATES = ['waiting', 'sending', 'sent', 'dead', 'tooLate'] as const;

export const Notice = strictObject({
  /** `${incidentId}.${version}.${kind}.${memberId or channelId}`: the same twice is one. */
  noticeId: Type.String({ maxLength: 300 }),
  kind: literals(NOTICE_KINDS), incidentId: nullable(id('incident')), memberId: nullable(id('member')),
  /** For what goes to a channel and not to a person: an action of a playbook, a subscription. */
  channelId: nullable(id('channel')), actionId: nullable(id('action')),
  exercise: Type.Boolean(), atMs: instantMs('at'), state: literals(NOTICE_STATES),
});
export type Notice = Type.Static<typeof Notice>;

/** One try, kept for whoever asks why somebody did not hear of it. */
export const Delivery = strictObject({
  noticeId: Type.String({ maxLength: 300 }), channelId: id('channel'), attempt: Type.Integer({ minimum: 1 }), atMs: instantMs('at'), tookMs: Type.Number({ minimum: 0 }),
  outcome: literals(['sent', 'retry', 'refused', 'rateLimited']), detail: Type.String({ maxLength: 500 }),
});
export type Delivery = Type.Static<typeof Delivery>;

/** What a channel may be subscribed to, beside single people: every incident of a unit's subtree from a severity on. */
export const Subscription = strictObject({ unitId: nullable(id('unit')), severityLeast: Severity, categories: Type.Array(Category, { maxItems: 40 }) });
export type Subscription = Type.Static<typeof Subscription>;

/** A channel that is set up. Its settings may hold keys: they stay with the store and the deliver role. */
export const Channel = strictObject({
  channelId: id('channel'), kind: Type.String({ pattern: '^[a-z][A-Za-z0-9]{0,31}$' }), name: Type.String({ minLength: 1, maxLength: 80 }), enabled: Type.Boolean(),
  /** Settings as shown: secrets are left out. */
  settingsShown: Type.Record(Type.String(), Type.Unknown()),
  perMinuteMost: Type.Integer({ minimum: 1, maximum: 60_000 }),
  subscriptions: Type.Array(Subscription, { maxItems: 50 }),
});
export type Channel = Type.Static<typeof Channel>;

/** How a channel does, for the page: counted since the start, and the last failure. */
export const ChannelHealth = strictObject({ channelId: id('channel'), sent: Type.Integer(), failed: Type.Integer(), rateLimited: Type.Integer(), waiting: Type.Integer(), dead: Type.Integer(), lastSentAtMs: nullable(instantMs('last sent at')), lastFailureAtMs: nullable(instantMs('last failure at')), lastFailure: nullable(Type.String({ maxLength: 500 })) });
export type ChannelHealth = Type.Static<typeof ChannelHealth>;

/** What is said, in each language: EXERCISE first where it is one. */
export const SaidWords = strictObject({ title: Type.String({ maxLength: 300 }), body: Type.String({ maxLength: 4000 }) });
export type SaidWords = Type.Static<typeof SaidWords>;

/** For machines: what happened to an incident, where, and what this channel was told of it before. */
export const IncidentFacts = strictObject({
  exercise: Type.Boolean(), what: literals(INCIDENT_FACTS), version: Type.Integer({ minimum: 1 }), atMs: instantMs('at'), line: IncidentLine,
  /** The outline of the zone, or of the lowest unit; null where neither is drawn: then a circle about the point. WGS-84, not closed. */
  polygon: nullable(Type.Array(LngLat, { minItems: 3, maxItems: 500 })), areaNames: BothWords(400), unitCode: nullable(Type.String({ maxLength: 32 })),
  /** Messages that this channel was sent of this incident, oldest first. */
  earlier: Type.Array(strictObject({ messageId: Type.String({ maxLength: 300 }), atMs: instantMs('at') }), { maxItems: 100 }),
  /** Nothing more comes of it, unless it is re-opened. */
  over: Type.Boolean(),
});
export type IncidentFacts = Type.Static<typeof IncidentFacts>;
/** A playbook's announcement or command. */
export const ActionFacts = strictObject({ exercise: Type.Boolean(), incidentId: id('incident'), actionId: id('action'), kind: literals(ACTION_KINDS), payload: Type.String({ maxLength: 2000 }) });
export type ActionFacts = Type.Static<typeof ActionFacts>;

/** What a channel is given to send: words in the reader's language and in both, and the facts for machines. */
export const OutgoingMessage = strictObject({
  /** The same for every try: whoever gets it twice knows by it. */
  messageId: Type.String({ maxLength: 300 }), kind: literals(NOTICE_KINDS), exercise: Type.Boolean(), language: literals(['en', 'zh']), atMs: instantMs('at'),
  title: Type.String({ maxLength: 300 }), body: Type.String({ maxLength: 4000 }), words: strictObject({ en: SaidWords, zh: SaidWords }),
  /** Path of the page that opens it, beginning with '/#/'; the channel puts the public address before it where one is set. */
  path: Type.String({ maxLength: 300 }),
  /** The person's address in this channel; null for what goes to the channel itself. */
  address: nullable(Type.String({ maxLength: 1000 })),
  incidentId: nullable(id('incident')), memberId: nullable(id('member')),
  /** For machines (webhook, MQTT, CAP). */
  incident: nullable(IncidentFacts), action: nullable(ActionFacts),
});
export type OutgoingMessage = Type.Static<typeof OutgoingMessage>;

/** An in-app notice as a screen hears it; the one with the same noticeId was heard already. memberId null: for everybody. */
export const ScreenNotice = strictObject({
  noticeId: Type.String({ maxLength: 300 }), kind: literals(NOTICE_KINDS), incidentId: nullable(id('incident')), memberId: nullable(id('member')), exercise: Type.Boolean(), atMs: instantMs('at'), words: strictObject({ en: SaidWords, zh: SaidWords }), path: Type.String({ maxLength: 300 }),
});
export type ScreenNotice = Type.Static<typeof ScreenNotice>;
