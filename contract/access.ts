// Who may do what, and where: roles at units, the rights that a role is made of, and the scope that follows. Deny by default: what is not listed here nobody may.
import Type from 'typebox';
import { id, instantMs, literals, nullable, strictObject } from './schema.ts';

export const ACCOUNT_ROLES = ['viewer', 'fieldWorker', 'operator', 'analyst', 'dutyOfficer', 'administrator', 'auditor'] as const;
export const AccountRole = literals(ACCOUNT_ROLES);
export type AccountRole = Type.Static<typeof AccountRole>;

/** What a step or a look needs. Each route and each message names one. */
export const RIGHTS = [
  'see',        // map, figures, alarms, incidents
  'picture',    // a camera's picture
  'report',     // report an incident, answer what one was asked
  'alarm',      // acknowledge, put aside, exercise, silence
  'incident',   // dispatch, transfer, follow up, assess, hand over
  'analyse',    // the past, statistics, load of alarms, what-if
  'export',     // take stills, clips and data out
  'share',      // show a place to another unit for a while
  'setup',      // sites, zones, cameras, playbooks, times and rules
  'people',     // members and shifts
  'units',      // the tree of areas
  'channels',   // ways to reach people and systems
  'accounts',   // accounts, invitations, tokens of others
  'retention',  // how long things are kept, holds, purge reports
  'liftMask',   // see a view without its privacy masks
  'confirm',    // be the second person
  'audit',      // read who did what
  'system',     // figures of the installation itself
] as const;
export const Right = literals(RIGHTS);
export type Right = Type.Static<typeof Right>;

export const RIGHTS_OF: Record<AccountRole, readonly Right[]> = {
  viewer: ['see'],
  fieldWorker: ['see', 'picture', 'report'],
  operator: ['see', 'picture', 'report', 'alarm', 'incident'],
  analyst: ['see', 'picture', 'analyse', 'export'],
  dutyOfficer: ['see', 'picture', 'report', 'alarm', 'incident', 'analyse', 'export', 'share', 'people', 'liftMask', 'confirm'],
  administrator: ['see', 'picture', 'analyse', 'share', 'setup', 'people', 'units', 'channels', 'accounts', 'retention', 'confirm', 'system'],
  auditor: ['audit'],
};

/** A role holds in a unit and everything below it; null: in the whole installation, also where no unit is drawn. */
export const RoleAt = strictObject({ role: AccountRole, unitId: nullable(id('unit')) });
export type RoleAt = Type.Static<typeof RoleAt>;

/** What can be named by an id and lies somewhere. */
export const PLACE_KINDS = ['unit', 'site', 'zone', 'line', 'sensor', 'member', 'shift', 'playbook', 'channel', 'incident', 'alarm', 'silence', 'notice', 'attachment', 'handOver', 'account', 'grant', 'approval'] as const;
export type PlaceKind = (typeof PLACE_KINDS)[number];
/** Where something lies. unitId null: in no unit, so that only roles at the whole installation reach it. siteId: for grants, which open single sites. */
/** alsoUnitId: where it lies as well (an incident that another unit than that of its place handles). */
export type Place = { unitId: string | null; siteId: string | null; alsoUnitId?: string | null };

/** What PostgreSQL is told of whoever asks. `all`: everything; otherwise units at or below `unitIds`, and the sites of grants. An empty scope sees nothing. */
export type Scope = { all: boolean; unitIds: readonly string[]; siteIds: readonly string[] };
export const SCOPE_NOTHING: Scope = { all: false, unitIds: [], siteIds: [] };

/** A place shown to another unit for a while. */
export const GRANTED_RIGHTS = ['see', 'picture'] as const;
export const Grant = strictObject({
  grantId: id('grant'), siteId: id('site'), incidentId: nullable(id('incident')),
  /** Whoever has a role at this unit or above it (but not from the whole installation alone) gains `rights` at the site, where their role has them. */
  toUnitId: id('unit'), rights: Type.Array(literals(GRANTED_RIGHTS), { minItems: 1, maxItems: 2, uniqueItems: true }),
  fromMs: instantMs('from'), untilMs: instantMs('until'), reason: Type.String({ minLength: 1, maxLength: 500 }),
  byName: Type.String({ maxLength: 80 }), byAccountId: nullable(id('account')), revokedAtMs: nullable(instantMs('revoked at')), revokedByName: nullable(Type.String({ maxLength: 80 })),
});
export type Grant = Type.Static<typeof Grant>;
