// Who may do what, where: by values, against a plain second opinion, on random trees, roles and grants.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACCOUNT_ROLES, RIGHTS, RIGHTS_OF, type Right, type RoleAt } from '../../contract/access.ts';
import { mayAnywhere, mayAt, mayWhole, scopeOf, type Asking, type GrantInForce } from '../../crowd/access/mayAt.ts';

// A tree of 12 units; unit n lies below a smaller one, or at the top.
type Tree = (number | null)[];
const UNITS = 12, SITES = 4;
const tree: fc.Arbitrary<Tree> = fc.tuple(...Array.from({ length: UNITS }, (_, n) => (n === 0 ? fc.constant(null) : fc.option(fc.nat(n - 1))))).map((parents) => [...parents]);
const chainOf = (parents: Tree, unit: number | null): string[] => (unit === null ? [] : [`u${unit}`, ...chainOf(parents, parents[unit] ?? null)]);
const unitOrWhole = fc.option(fc.nat(UNITS - 1), { freq: 6 });
const roles = fc.array(fc.record({ role: fc.constantFrom(...ACCOUNT_ROLES), unit: unitOrWhole }), { maxLength: 4 }).map((list) => list.map(({ role, unit }): RoleAt => ({ role, unitId: unit === null ? null : `u${unit}` })));
const right = fc.constantFrom(...RIGHTS);
const asking: fc.Arbitrary<Asking> = fc.record({ roles, onlyRights: fc.option(fc.uniqueArray(right, { maxLength: 6 }), { freq: 3 }) });
const grantsOf = (parents: Tree) => fc.array(fc.record({ site: fc.nat(SITES - 1), to: fc.nat(UNITS - 1), rights: fc.constantFrom<Right[]>(['see'], ['see', 'picture']) }), { maxLength: 3 })
  .map((list) => list.map(({ site, to, rights }): GrantInForce => ({ siteId: `s${site}`, rights, toChain: chainOf(parents, to) })));
const world = tree.chain((parents) => fc.record({ parents: fc.constant(parents), grants: grantsOf(parents), who: asking, right, unit: unitOrWhole, siteId: fc.option(fc.nat(SITES - 1).map((n) => `s${n}`)) }));

/** Told in other words: each role by itself, walking up from the place. */
function plainly({ parents, grants, who, right, unit, siteId }: { parents: Tree; grants: GrantInForce[]; who: Asking; right: Right; unit: number | null; siteId: string | null }): boolean {
  if (who.onlyRights !== null && who.onlyRights.indexOf(right) < 0) return false;
  for (const { role, unitId } of who.roles) {
    if (!RIGHTS_OF[role].some((one) => one === right)) continue;
    if (unitId === null) return true;
    for (let at = unit; at !== null; at = parents[at] ?? null) if (`u${at}` === unitId) return true;
    for (const grant of grants) if (grant.siteId === siteId && grant.rights.includes(right) && grant.toChain.includes(unitId)) return true;
  }
  return false;
}

describe('who may do what, where', () => {
  test('GA1 what no role, token or grant says is not allowed; what one says is', () => {
    fc.assert(fc.property(world, (one) => { expect(mayAt(one.who, one.right, { chain: chainOf(one.parents, one.unit), siteId: one.siteId }, one.grants)).toBe(plainly(one)); }), { numRuns: 3000 });
  });
  test('GA1 nobody without a role may anything', () => {
    fc.assert(fc.property(world, ({ parents, grants, right, unit, siteId }) => {
      const nobody = { roles: [], onlyRights: null };
      expect([mayAt(nobody, right, { chain: chainOf(parents, unit), siteId }, grants), mayAnywhere(nobody, right, grants), mayWhole(nobody, right), scopeOf(nobody, [...RIGHTS], grants)]).toEqual([false, false, false, { all: false, unitIds: [], siteIds: [] }]);
    }));
  });
  test('GA2 several roles allow what each of them allows, and nothing more', () => {
    fc.assert(fc.property(world, ({ parents, grants, who, right, unit, siteId }) => {
      const place = { chain: chainOf(parents, unit), siteId };
      expect(mayAt(who, right, place, grants)).toBe(who.roles.some((role) => mayAt({ ...who, roles: [role] }, right, place, grants)));
    }), { numRuns: 2000 });
  });
  test('GA2 a role or a grant more takes nothing away; a token has no more than its owner', () => {
    fc.assert(fc.property(world, roles, ({ parents, grants, who, right, unit, siteId }, more) => {
      const place = { chain: chainOf(parents, unit), siteId };
      if (!mayAt(who, right, place, grants.slice(1))) return;
      expect(mayAt({ ...who, roles: [...who.roles, ...more] }, right, place, grants)).toBe(true);
      expect(mayAt({ ...who, onlyRights: null }, right, place, grants)).toBe(true);
    }), { numRuns: 2000 });
  });
  test('GA3 what one may at a unit one may below it', () => {
    fc.assert(fc.property(world, ({ parents, grants, who, right, unit }) => {
      if (unit === null || parents[unit] === null || !mayAt(who, right, { chain: chainOf(parents, parents[unit]!), siteId: null }, grants)) return;
      expect(mayAt(who, right, { chain: chainOf(parents, unit), siteId: null }, grants)).toBe(true);
    }), { numRuns: 2000 });
  });
  test('GA4 the scope that PostgreSQL is told holds exactly the places where one of the rights holds', () => {
    fc.assert(fc.property(world, fc.uniqueArray(right, { minLength: 1, maxLength: 3 }), ({ parents, grants, who, unit, siteId }, rights) => {
      const { all, unitIds, siteIds } = scopeOf(who, rights, grants), chain = chainOf(parents, unit);
      const inScope = all || chain.some((unitId) => unitIds.includes(unitId)) || (siteId !== null && siteIds.includes(siteId));
      expect(inScope).toBe(rights.some((one) => mayAt(who, one, { chain, siteId }, grants)));
    }), { numRuns: 3000 });
  });
  test('GA5 somewhere is where there is a place, or a grant', () => {
    fc.assert(fc.property(world, ({ parents, grants, who, right }) => {
      const places = [null, ...parents.keys()].flatMap((unit) => [null, ...Array.from({ length: SITES }, (_, n) => `s${n}`)].map((siteId) => ({ chain: chainOf(parents, unit), siteId })));
      expect(mayAnywhere(who, right, grants)).toBe(places.some((place) => mayAt(who, right, place, grants)));
      expect(mayWhole(who, right)).toBe(mayAt(who, right, { chain: [], siteId: null }, []));
    }), { numRuns: 500 });
  });
  test('GA6 a place is shown to whoever works at the unit or above it, not to those below or beside it, and never for more than was granted', () => {
    const at = (role: RoleAt['role'], unitId: string | null): Asking => ({ roles: [{ role, unitId }], onlyRights: null });
    const shown: GrantInForce[] = [{ siteId: 'square', rights: ['see', 'picture'], toChain: ['countyB', 'city'] }], square = { chain: ['gridA', 'countyA', 'city2'], siteId: 'square' };
    const may = (who: Asking, ...rights: Right[]) => rights.map((one) => mayAt(who, one, square, shown));
    expect(may(at('operator', 'countyB'), 'see', 'picture', 'alarm', 'incident')).toEqual([true, true, false, false]);
    expect(may(at('viewer', 'countyB'), 'see', 'picture')).toEqual([true, false]);
    expect(may(at('dutyOfficer', 'city'), 'see', 'picture', 'share')).toEqual([true, true, false]);
    expect(may(at('operator', 'streetB1'), 'see', 'picture')).toEqual([false, false]);
    expect(may(at('operator', 'countyC'), 'see')).toEqual([false]);
    expect(may(at('auditor', 'countyB'), 'see', 'audit')).toEqual([false, false]);
  });
});
