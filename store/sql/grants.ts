// Places that are shown to another unit for a while, in PostgreSQL: see store/accessStore.ts. What of them is in force is read in access.ts.
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { Grant } from '../../contract/access.ts';
import { GRANTS_OF_SITE_MOST } from '../../contract/apiGrants.ts';
import { Problem } from '../../contract/problem.ts';
import { checker } from '../../contract/schema.ts';
import type { GrantsStore } from '../accessStore.ts';
import type { Database } from './database.ts';
import { checkedOrLeftOut } from './rows.ts';

const checkGrant = checker(Grant);
type Row = {
  grant_id: string; site_id: string; incident_id: string | null; to_unit_id: string; rights: unknown; from_ms: number; until_ms: number; reason: string; by_name: string; by_account_id: string | null;
  revoked_at_ms: number | null; revoked_by_name: string | null;
};
export const grantOf = (row: Row, log: Logger): Grant[] => checkedOrLeftOut(checkGrant, {
  grantId: row.grant_id, siteId: row.site_id, incidentId: row.incident_id, toUnitId: row.to_unit_id, rights: row.rights, fromMs: row.from_ms, untilMs: row.until_ms, reason: row.reason,
  byName: row.by_name, byAccountId: row.by_account_id, revokedAtMs: row.revoked_at_ms, revokedByName: row.revoked_by_name,
}, `grant ${row.grant_id}`, log);

export function grantsPart(database: Database, log: Logger): GrantsStore {
  return {
    grants: ({ siteId, sinceMs, most }) => database.run(async (db) => {
      let query = db.selectFrom('site_grant').selectAll().where(sql<boolean>`coalesce(least(until_ms, revoked_at_ms), until_ms) > ${sinceMs}`).orderBy('from_ms', 'desc').orderBy('grant_id').limit(most);
      if (siteId !== null) query = query.where('site_id', '=', siteId);
      return (await query.execute()).flatMap((row) => grantOf(row, log));
    }),
    addGrant: (given, nowMs) => database.transact(async (tx) => {
      // One after the other for a site, so that the bound holds.
      const site = await tx.selectFrom('site').select('site_id').where('site_id', '=', given.siteId).forUpdate().executeTakeFirst();
      if (site === undefined) throw new Problem('notFound');
      const { count } = await tx.selectFrom('site_grant').select((eb) => eb.fn.countAll<number>().as('count')).where('site_id', '=', given.siteId).where('until_ms', '>', nowMs).where('revoked_at_ms', 'is', null).executeTakeFirstOrThrow();
      if (count >= GRANTS_OF_SITE_MOST) throw new Problem('tooMany', { most: GRANTS_OF_SITE_MOST });
      const grant: Grant = { grantId: `g-${randomBytes(8).toString('hex')}`, ...given, revokedAtMs: null, revokedByName: null };
      await tx.insertInto('site_grant').values({
        grant_id: grant.grantId, site_id: grant.siteId, incident_id: grant.incidentId, to_unit_id: grant.toUnitId, rights: JSON.stringify(grant.rights), from_ms: grant.fromMs, until_ms: grant.untilMs, reason: grant.reason,
        by_name: grant.byName, by_account_id: grant.byAccountId, revoked_at_ms: null, revoked_by_name: null,
      }).execute();
      return grant;
    }),
    endGrant: (grantId, byName, nowMs) => database.transact(async (tx) => {
      // One that is over, or was ended before, stays as it was.
      await tx.updateTable('site_grant').set({ revoked_at_ms: nowMs, revoked_by_name: byName.slice(0, 80) }).where('grant_id', '=', grantId).where('revoked_at_ms', 'is', null).where('until_ms', '>', nowMs).execute();
      const row = await tx.selectFrom('site_grant').selectAll().where('grant_id', '=', grantId).executeTakeFirst();
      const [grant] = row === undefined ? [] : grantOf(row, log);
      if (grant === undefined) throw new Problem('notFound');
      return grant;
    }),
  };
}
