// Who may do what, where: from roles at units, from what a token is narrowed to, and from places that were shown for a while. Deny by default: what none of these says is not allowed.
import { RIGHTS_OF, SCOPE_NOTHING, type Right, type RoleAt, type Scope } from '../../contract/access.ts';

/** Whoever asks. `onlyRights` null: all that the roles have. */
export type Asking = { roles: readonly RoleAt[]; onlyRights: readonly Right[] | null };
/** Where something lies: its unit and all above it, from the lowest up (of each unit that it lies in, when there are several); empty where no unit is drawn. */
export type Lies = { chain: readonly string[]; siteId: string | null };
/** A grant that is in force now. `toChain`: the unit that the place is shown to, and all above it. */
export type GrantInForce = { siteId: string; rights: readonly Right[]; toChain: readonly string[] };

export function mayAt(asking: Asking, right: Right, { chain, siteId }: Lies, grants: readonly GrantInForce[]): boolean {
  if (!mayAsk(asking, right)) return false;
  if (asking.roles.some(({ role, unitId }) => RIGHTS_OF[role].includes(right) && (unitId === null || chain.includes(unitId)))) return true;
  return siteId !== null && grants.some((grant) => grant.siteId === siteId && reaches(asking, right, grant));
}

export const mayWhole = (asking: Asking, right: Right): boolean => mayAsk(asking, right) && asking.roles.some(({ role, unitId }) => unitId === null && RIGHTS_OF[role].includes(right));

/** Somewhere at all, be it at one place that was shown. */
export function mayAnywhere(asking: Asking, right: Right, grants: readonly GrantInForce[]): boolean {
  return mayAsk(asking, right) && (asking.roles.some(({ role }) => RIGHTS_OF[role].includes(right)) || grants.some((grant) => reaches(asking, right, grant)));
}

/** Everywhere that one of these rights holds, as PostgreSQL is told. */
export function scopeOf(asking: Asking, rights: readonly Right[], grants: readonly GrantInForce[]): Scope {
  const asked = rights.filter((right) => mayAsk(asking, right));
  const having = asking.roles.filter(({ role }) => asked.some((right) => RIGHTS_OF[role].includes(right)));
  if (having.some(({ unitId }) => unitId === null)) return { ...SCOPE_NOTHING, all: true };
  const unitIds = having.flatMap(({ unitId }) => (unitId === null ? [] : [unitId]));
  const siteIds = grants.filter((grant) => asked.some((right) => reaches(asking, right, grant))).map(({ siteId }) => siteId);
  return { all: false, unitIds: [...new Set(unitIds)].sort(), siteIds: [...new Set(siteIds)].sort() };
}

const mayAsk = ({ onlyRights }: Asking, right: Right): boolean => onlyRights === null || onlyRights.includes(right);
/** Shown to a unit: to whoever has the right by a role at that unit or at one above it. A role for the whole installation sees the place anyway. */
const reaches = ({ roles }: Asking, right: Right, { rights, toChain }: GrantInForce): boolean =>
  rights.includes(right) && roles.some(({ role, unitId }) => unitId !== null && toChain.includes(unitId) && RIGHTS_OF[role].includes(right));
