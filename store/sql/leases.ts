// Leases: one holder at a time, by the database's clock, so that machines with wrong clocks agree. Each new holder gets a higher fence.
import { sql } from 'kysely';
import type { Store } from '../store.ts';
import type { Database } from './database.ts';

export function leasesPart(all: Database): Pick<Store, 'takeLease' | 'renewLease' | 'dropLease'> {
  const database = all.forProduct('who decides for a site is nobody\'s request');
  return {
    takeLease: (name, holder, ttlMs) => database.run(async (db) => {
      // One statement: of two who come at once the second sees the first's row and gets nothing. The same holder keeps its fence
      // only while its lease still ran: after that it may have missed somebody, and what it did before must count as old.
      const taken = await sql<{ fence: number }>`
        insert into lease as held (name, holder, fence, expires_at) values (${name}, ${holder}, 1, clock_timestamp() + ${ttlMs}::double precision * interval '1 millisecond')
        on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at,
          fence = case when held.holder = excluded.holder and held.expires_at > clock_timestamp() then held.fence else held.fence + 1 end
        where held.holder = excluded.holder or held.expires_at <= clock_timestamp()
        returning fence`.execute(db);
      const row = taken.rows[0];
      return row === undefined ? null : { name, holder, fence: row.fence };
    }),
    // Late, but nobody else came: still the holder, since the fence is unchanged.
    renewLease: ({ name, holder, fence }, ttlMs) => database.run(async (db) => {
      const renewed = await sql`update lease set expires_at = clock_timestamp() + ${ttlMs}::double precision * interval '1 millisecond' where name = ${name} and holder = ${holder} and fence = ${fence}`.execute(db);
      return (renewed.numAffectedRows ?? 0n) > 0n;
    }),
    dropLease: ({ name, holder, fence }) => database.run(async (db) => {
      await sql`update lease set holder = '', expires_at = clock_timestamp() where name = ${name} and holder = ${holder} and fence = ${fence}`.execute(db);
    }),
  };
}
