// The past: one row a zone and minute in one partition a day. What is too old goes by store/sql/privacy.ts.
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { ANONYMITY_FLOOR_PEOPLE, ZoneMinute } from '../../contract/api.ts';
import { Problem } from '../../contract/problem.ts';
import { checker } from '../../contract/schema.ts';
import type { Store } from '../store.ts';
import type { Database, Tx } from './database.ts';
import { checkedOrLeftOut } from './rows.ts';

const DAY_MS = 86_400_000;
/** Two weeks of minutes: no screen draws more. */
const MINUTES_MOST = 14 * 24 * 60;
const PARTITION_LOCK = 0x70_61_72_74;

const checkMinute = checker(ZoneMinute);

export function pastPart(database: Database, log: Logger): Pick<Store, 'keepZoneMinutes' | 'zonePast'> {
  // Known to exist. At most a few: minutes come nearly in order.
  const daysThere = new Set<number>();
  return {
    keepZoneMinutes: async (siteId, minutes) => {
      if (minutes.length === 0) return;
      const rows = minutes.map(({ zoneId, minute }) => {
        const { minuteAtMs } = minute;
        if (!(minuteAtMs > Date.UTC(2020, 0) && minuteAtMs < Date.UTC(2100, 0))) throw new Problem('inputWrong', { reason: `no minute of our time: ${minuteAtMs}` });
        const few = minute.kept === 'few' || minute.peopleCount < ANONYMITY_FLOOR_PEOPLE;
        return { zone_id: zoneId, minute_at_ms: Math.floor(minuteAtMs / 60_000) * 60_000, site_id: siteId, figures: few ? null : JSON.stringify(minute) };
      });
      // The newest of two rows for one minute wins, also within one call.
      const newest = [...new Map(rows.map((row) => [`${row.zone_id} ${row.minute_at_ms}`, row])).values()];
      const days = new Set(newest.map((row) => Math.floor(row.minute_at_ms / DAY_MS)));
      const keep = () => database.transact(async (tx) => {
        for (const day of days) if (!daysThere.has(day)) await makePartition(tx, day);
        await tx.insertInto('zone_minute').values(newest).onConflict((conflict) => conflict.columns(['zone_id', 'minute_at_ms']).doUpdateSet((eb) => ({ figures: eb.ref('excluded.figures') }))).execute();
      });
      // Perhaps a purge dropped a day that was known to be there: it is made again, once.
      await keep().catch((error: unknown) => { if (daysThere.size === 0) throw error; daysThere.clear(); return keep(); });
      for (const day of days) daysThere.add(day);
      if (daysThere.size > 100) daysThere.clear();
    },
    zonePast: (zoneId, sinceMs) => database.run(async (db) => {
      const rows = await db.selectFrom('zone_minute').select(['minute_at_ms', 'figures']).where('zone_id', '=', zoneId).where('minute_at_ms', '>=', Math.floor(sinceMs))
        .orderBy('minute_at_ms', 'desc').limit(MINUTES_MOST).execute();
      return rows.reverse().flatMap((row): ZoneMinute[] => (row.figures === null ? [{ minuteAtMs: row.minute_at_ms, kept: 'few' }]
        : checkedOrLeftOut(checkMinute, row.figures, `minute ${row.minute_at_ms} of zone ${zoneId}`, log).map((minute) => ({ ...minute, minuteAtMs: row.minute_at_ms }))));
    }),
  };
}

async function makePartition(tx: Tx, day: number): Promise<void> {
  await sql`select pg_advisory_xact_lock(${PARTITION_LOCK})`.execute(tx);
  const name = `zone_minute_${new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '')}`;
  await sql`create table if not exists ${sql.table(name)} partition of zone_minute for values from (${sql.lit(day * DAY_MS)}) to (${sql.lit((day + 1) * DAY_MS)})`.execute(tx);
}
