// Who may do what where, by what this server knows now: the tree of units, and places that were shown to other units for a while.
import type { Logger } from 'pino';
import { RIGHTS, type Place, type Right, type Scope } from '../../contract/access.ts';
import { mayAnywhere, mayAt, mayWhole, scopeOf, type Asking, type GrantInForce, type Lies } from '../../crowd/access/mayAt.ts';
import type { Store } from '../../store/store.ts';

/** A change that nobody told of is found out this soon; the end of a grant needs no news. */
const LOOK_EVERY_MS = 1000;

export type Scopes = {
  /** Reads anew what may have changed. Rejects when it was never read and the database is away. */
  ready(): Promise<void>;
  may(asking: Asking, right: Right, place: Place): Promise<boolean>;
  mayAnywhere(asking: Asking, right: Right): boolean;
  mayWhole(asking: Asking, right: Right): boolean;
  /** Everywhere that one of the rights holds, as of now. */
  scopeOf(asking: Asking, ...rights: Right[]): Scope;
  /** All rights at places whose units are known: ids from the lowest unit up. */
  rightsAt(asking: Asking, lies: Lies): Right[];
  /** Ids of the units where somebody has the right to see, each standing for all below it; null: all units. */
  seeingUnits(asking: Asking, right?: Right): string[] | null;
  /** When the next grant begins or ends by itself; null when none does. */
  nextChangeMs(): number | null;
  close(): void;
};

export function openScopes({ store, log }: { store: Store; log: Logger }): Scopes {
  type Held = GrantInForce & { fromMs: number; untilMs: number };
  let held: Held[] = [], lookedAtMs = -Infinity, looking: Promise<void> | null = null, stale = true, fails = false;
  const deaf = store.onAccess(() => { stale = true; }), deafToUnits = store.onUnits(() => { stale = true; });

  async function look(): Promise<void> {
    stale = false;
    try {
      // For everybody who asks, so never within the scope of the one who happens to ask first.
      held = await store.forProduct(async () => Promise.all((await store.grantsInForce(Date.now())).map(async ({ siteId, rights, toUnitId, fromMs, untilMs }): Promise<Held> => ({ siteId, rights, fromMs, untilMs, toChain: await chainOf(toUnitId) }))));
      lookedAtMs = performance.now();
      if (fails) { fails = false; log.info('shared places can be read again'); }
    } catch (error) {
      // Nothing can be read while the database is away, so nothing is shown by what is held; it is looked at again after a second, not with each request.
      if (lookedAtMs === -Infinity) { stale = true; throw error; }
      lookedAtMs = performance.now();
      if (!fails) { fails = true; log.warn({ err: error }, 'shared places cannot be read'); }
    }
  }
  const grantsNow = (): Held[] => { const nowMs = Date.now(); return held.filter(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs < untilMs); };
  const chainOf = async (unitId: string | null | undefined): Promise<string[]> => (unitId === null || unitId === undefined ? [] : (await store.unitChain(unitId)).map((unit) => unit.unitId));

  return {
    async ready() { if (stale || performance.now() - lookedAtMs > LOOK_EVERY_MS) await (looking ??= look().finally(() => { looking = null; })); },
    async may(asking, right, { unitId, siteId, alsoUnitId }) {
      const [chain, also] = await Promise.all([chainOf(unitId), chainOf(alsoUnitId)]);
      return mayAt(asking, right, { chain: [...chain, ...also], siteId }, grantsNow());
    },
    mayAnywhere: (asking, right) => mayAnywhere(asking, right, grantsNow()),
    mayWhole,
    scopeOf: (asking, ...rights) => scopeOf(asking, rights, grantsNow()),
    rightsAt(asking, lies) { const grants = grantsNow(); return RIGHTS.filter((right) => mayAt(asking, right, lies, grants)); },
    seeingUnits(asking, right = 'see') { const { all, unitIds } = scopeOf(asking, [right], []); return all ? null : [...unitIds]; },
    nextChangeMs() { const nowMs = Date.now(), ahead = held.flatMap(({ fromMs, untilMs }) => [fromMs, untilMs]).filter((atMs) => atMs > nowMs); return ahead.length === 0 ? null : Math.min(...ahead); },
    close() { deaf(); deafToUnits(); },
  };
}
