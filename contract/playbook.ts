// What a unit and a zone want done: playbooks, deadlines, own categories, and from which level alarms become incidents by themselves.
import Type from 'typebox';
import { ACTION_KINDS, CATEGORIES, Category, DEADLINES_DEFAULT, DeadlineSeconds, Severity } from './incident.ts';
import { Level } from './level.ts';
import { id, literals, nullable, strictObject } from './schema.ts';
import { BothWords, Duty } from './unit.ts';

export const PlaybookAction = strictObject({
  actionId: id('action'), kind: literals(ACTION_KINDS), words: BothWords(300), owner: Duty, withinS: Type.Integer({ title: 'within, seconds', minimum: 5, maximum: 86_400 }),
  channelId: nullable(id('channel')), payload: nullable(Type.String({ maxLength: 2000 })),
});
export type PlaybookAction = Type.Static<typeof PlaybookAction>;

/** The list of a zone from a severity on; the one of the highest severity at or under the incident's is taken. Zone null: for all zones of the site that have none. */
export const Playbook = strictObject({
  playbookId: id('playbook'), siteId: id('site'), zoneId: nullable(id('zone')), category: Category, severityLeast: Severity,
  actions: Type.Array(PlaybookAction, { minItems: 1, maxItems: 30 }),
});
export type Playbook = Type.Static<typeof Playbook>;

/** A category of a unit's own, about places and dangers. */
export const OwnCategory = strictObject({ category: Category, names: BothWords(60) });
export type OwnCategory = Type.Static<typeof OwnCategory>;

const perSeverity = <S extends Type.TSchema>(schema: S) => strictObject({ minor: schema, moderate: schema, serious: schema, critical: schema });
/** What a unit wants; what it leaves out is its parent's, and in the end POLICY_DEFAULT. */
export const UnitPolicy = strictObject({
  ownCategories: Type.Array(OwnCategory, { maxItems: 30 }),
  /** By category; '*' for all that have none of their own. */
  deadlines: Type.Record(Type.String({ pattern: '^(\\*|[a-z][A-Za-z0-9]{0,31})$' }), perSeverity(DeadlineSeconds)),
  /** An alarm of a zone or line at this level or above becomes an incident by itself; null: only by hand. */
  opensFromLevel: Type.Optional(nullable(Level)),
  /** Alarms of cameras become incidents of category equipment by themselves, once they were repeated or acknowledged: one that is over within minutes sends nobody out. */
  opensForSensors: Type.Optional(Type.Boolean()),
  /** Whoever looks at a camera's picture or a recording says why, once for each look. */
  askWhyToLook: Type.Optional(Type.Boolean()),
  answerS: Type.Optional(Type.Integer({ title: 'wait for an answer, seconds', minimum: 5, maximum: 86_400 })),
});
export type UnitPolicy = Type.Static<typeof UnitPolicy>;
export const POLICY_DEFAULT = { ownCategories: [], deadlines: { '*': DEADLINES_DEFAULT }, opensFromLevel: 'danger', opensForSensors: true, askWhyToLook: false, answerS: 30 } satisfies UnitPolicy;
export const isBuiltInCategory = (category: string): boolean => (CATEGORIES as readonly string[]).includes(category);

