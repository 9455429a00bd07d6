// The past: one row a zone and minute in one partition a day, and what is dropped when it is too old.
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { ANONYMITY_FLOOR_PEOPLE, ZoneMinute } from '../../contract/api.ts';
import { Problem } from '../../contract/problem.ts';
import { checker } from '../../contract/schema.ts';
import type { Store } from '../store.ts';
import type { Database, Tx } from './database.ts';
import { dropOldIncidents } from './incidents.ts';
import { checkedOrLeftOut } from './rows.ts';

const DAY_MS = 86_400_000;
/** Two weeks of minutes: no screen draws more. */
const MINUTES_MOST = 14 * 24 * 60;
const PARTITION_LOCK = 0x70_61_72_74;
const EVENTS_AT_ONCE = 5000;

const checkMinute = checker(ZoneMinute);

export function pastPart(database: Database, log: Logger): Pick<Store, 'keepZoneMinutes' | 'zonePast' | 'dropOld'> {
  // Known to exist; emptied by dropOld. At most a few: minutes come nearly in order.
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
      await database.transact(async (tx) => {
        for (const day of days) if (!daysThere.has(day)) await makePartition(tx, day);
        await tx.insertInto('zone_minute').values(newest).onConflict((conflict) => conflict.columns(['zone_id', 'minute_at_ms']).doUpdateSet((eb) => ({ figures: eb.ref('excluded.figures') }))).execute();
      }).catch((error: unknown) => { daysThere.clear(); throw error; }); // perhaps another process dropped the day
      for (const day of days) daysThere.add(day);
      if (daysThere.size > 100) daysThere.clear();
    },
    zonePast: (zoneId, sinceMs) => database.run(async (db) => {
      const rows = await db.selectFrom('zone_minute').select(['minute_at_ms', 'figures']).where('zone_id', '=', zoneId).where('minute_at_ms', '>=', Math.floor(sinceMs))
        .orderBy('minute_at_ms', 'desc').limit(MINUTES_MOST).execute();
      return rows.reverse().flatMap((row): ZoneMinute[] => (row.figures === null ? [{ minuteAtMs: row.minute_at_ms, kept: 'few' }]
        : checkedOrLeftOut(checkMinute, row.figures, `minute ${row.minute_at_ms} of zone ${zoneId}`, log).map((minute) => ({ ...minute, minuteAtMs: row.minute_at_ms }))));
    }),
    dropOld: async ({ zoneMinutesDays, eventsDays, nowMs }) => {
      daysThere.clear();
      const partitions = await database.run(async (db) => {
        const there = await sql<{ name: string }>`select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'zone_minute'::regclass`.execute(db);
        const old = there.rows.filter(({ name }) => { const day = dayOf(name); return day !== null && (day + 1) * DAY_MS <= nowMs - zoneMinutesDays * DAY_MS; });
        // A dropped partition gives its room back to the disk at once; deleted rows would not.
        for (const { name } of old) await sql`drop table if exists ${sql.table(name)}`.execute(db);
        await db.deleteFrom('zone_day').where('day', '<', Math.floor(nowMs / DAY_MS) - zoneMinutesDays).execute();
        return old.length;
      });
      const beforeMs = nowMs - eventsDays * DAY_MS;
      let events = 0;
      for (;;) {
        const gone = await database.transact(async (tx) => {
          // Whole stories only: the events of an alarm go when it was closed before the limit, and none that the relay has not sent.
          const deleted = await sql`
            delete from event where seq in (
              select event.seq from event join alarm using (alarm_id) where alarm.closed_at_ms < ${beforeMs}
              and not exists (select from outbox join event unsent on unsent.seq = outbox.seq where unsent.alarm_id = event.alarm_id) order by event.seq limit ${EVENTS_AT_ONCE})`.execute(tx);
          return Number(deleted.numAffectedRows ?? 0n);
        });
        events += gone;
        if (gone < EVENTS_AT_ONCE) break;
      }
      await database.transact(async (tx) => {
        await sql`delete from alarm_call where at_ms < ${beforeMs}`.execute(tx);
        await sql`delete from silence where until_ms < ${beforeMs}`.execute(tx);
        await sql`delete from alarm where closed_at_ms < ${beforeMs} and not exists (select from event where event.alarm_id = alarm.alarm_id)`.execute(tx);
        // A version is needed while a kept event may have been judged by it: the one in force at the limit, and every later one.
        await sql`
          delete from site_version old where made_at < to_timestamp(${beforeMs / 1000})
          and exists (select from site_version next where next.site_id = old.site_id and next.version > old.version and next.made_at < to_timestamp(${beforeMs / 1000}))`.execute(tx);
      });
      events += await dropOldIncidents(database, { beforeMs, nowMs });
      return { partitions, events };
    },
  };
}

async function makePartition(tx: Tx, day: number): Promise<void> {
  await sql`select pg_advisory_xact_lock(${PARTITION_LOCK})`.execute(tx);
  const name = `zone_minute_${new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '')}`;
  await sql`create table if not exists ${sql.table(name)} partition of zone_minute for values from (${sql.lit(day * DAY_MS)}) to (${sql.lit((day + 1) * DAY_MS)})`.execute(tx);
}

function dayOf(name: string): number | null {
  const parts = /^zone_minute_(\d{4})(\d{2})(\d{2})$/.exec(name);
  return parts === null ? null : Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])) / DAY_MS;
}
