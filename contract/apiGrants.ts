// The HTTP border of places that are shown to another unit for a while.
import Type from 'typebox';
import { Grant } from './access.ts';
import { id, instantMs, literals, nullable, strictObject } from './schema.ts';
import { UnitLevel, UnitNames } from './unit.ts';

/** A grant lasts this long at most, and longer than GRANT_ALONE_MOST_MS only with a second person. */
export const GRANT_LEAST_MS = 60_000, GRANT_MOST_MS = 30 * 24 * 3600_000, GRANT_ALONE_MOST_MS = 24 * 3600_000, GRANTS_OF_SITE_MOST = 50;

// GET /api/grants?siteId=&over= -> GrantList: those that somebody gave or was given, newest first; over=true also those that are over, of the last 30 days.
// POST /api/grants -> GrantShown (201). DELETE /api/grants/:grantId -> GrantShown: it ends now.
// GET /api/grants/units?text= -> GrantUnits: whom one may share with, by a part of a name or a code.
export const GrantBody = strictObject({
  siteId: id('site'), incidentId: Type.Optional(nullable(id('incident'))), toUnitId: id('unit'), rights: Grant.properties.rights,
  /** Left out: now. */
  fromMs: Type.Optional(instantMs('from')), untilMs: instantMs('until'), reason: Grant.properties.reason,
});
export type GrantBody = Type.Static<typeof GrantBody>;
export const GrantShown = strictObject({
  grant: Grant, siteName: Type.String(), toUnitNames: UnitNames,
  state: literals(['ahead', 'inForce', 'over', 'ended']),
  /** given: whoever asks sees the place by a role of their own. received: it was shown to them. */
  side: literals(['given', 'received']),
  /** Whether whoever asks may end it: those who may share the place. */
  mayEnd: Type.Boolean(),
});
export type GrantShown = Type.Static<typeof GrantShown>;
export const GrantList = strictObject({ grants: Type.Array(GrantShown), serverAtMs: instantMs('server clock') });
export type GrantList = Type.Static<typeof GrantList>;
/** Names alone: whoever may share has to be able to say with whom. `path`: the units above, the next one first. */
export const GrantUnits = strictObject({ units: Type.Array(strictObject({ unitId: id('unit'), level: UnitLevel, code: Type.String(), names: UnitNames, path: Type.Array(UnitNames, { maxItems: 10 }) })), more: Type.Boolean() });
export type GrantUnits = Type.Static<typeof GrantUnits>;
