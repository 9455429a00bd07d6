// The past of zones packed by the day, for the forecast: one row a zone and day of UTC, made of zone_minute once the day is over. Forty days of a zone are forty short rows
// instead of sixty thousand long ones. No number is in it that zone_minute does not hold; a minute under the anonymity floor stays "few".
import { sql } from 'kysely';
import { MINUTE_CODE_MOST, MINUTE_FEW, MINUTE_UNKNOWN, minuteCode, MINUTES_A_DAY, type PastDay } from '../../crowd/forecast.ts';
import type { Store } from '../store.ts';
import type { Database } from './database.ts';

const DAY_MS = 86_400_000, MINUTE_MS = 60_000;
/** Bytes of one minute in a row: its place in the day and its code, two each. */
const BYTES_A_MINUTE = 4;
/** More zones are asked for in turns, so that no statement takes seconds. */
const ZONES_AT_ONCE = 50;
const DAYS_MOST = 400;

export function zoneDaysPart(database: Database): Pick<Store, 'packZoneDay' | 'zoneDaysPacked' | 'zoneDays' | 'newestZoneMinutes'> {
  return {
    packZoneDay: async (siteId, zoneIds, day) => {
      let packed = 0;
      for (let at = 0; at < zoneIds.length; at += ZONES_AT_ONCE) packed += await database.transact(async (tx) => {
        const some = zoneIds.slice(at, at + ZONES_AT_ONCE);
        const made = await sql`
          insert into zone_day (zone_id, day, site_id, minutes)
          select zone_id, ${day}::integer, ${siteId}::text,
            string_agg(int2send(((minute_at_ms / ${MINUTE_MS}) % ${MINUTES_A_DAY})::int2)
              || int2send((case when figures is null then ${MINUTE_FEW} else least(${MINUTE_CODE_MOST}, ${minuteCode(0)} + round(greatest(0, (figures->>'peoplePerM2Mean')::double precision) * 1000)) end)::int2), ''::bytea order by minute_at_ms)
          from zone_minute where zone_id = any(${some}) and minute_at_ms >= ${day * DAY_MS} and minute_at_ms < ${(day + 1) * DAY_MS}
          group by zone_id
          on conflict (zone_id, day) do update set minutes = excluded.minutes, site_id = excluded.site_id`.execute(tx);
        return Number(made.numAffectedRows ?? 0n);
      });
      return packed;
    },
    zoneDaysPacked: (zoneIds, sinceDay) => database.run(async (db) => {
      const rows = await db.selectFrom('zone_day').select(['zone_id', 'day']).where('zone_id', 'in', zoneIds.length === 0 ? [''] : zoneIds).where('day', '>=', sinceDay).limit(zoneIds.length * DAYS_MOST).execute();
      return rows.map((row) => ({ zoneId: row.zone_id, day: row.day }));
    }),
    zoneDays: (zoneId, sinceDay) => database.run(async (db) => {
      const rows = await db.selectFrom('zone_day').select(['day', 'minutes']).where('zone_id', '=', zoneId).where('day', '>=', sinceDay).orderBy('day').limit(DAYS_MOST).execute();
      return rows.map(({ day, minutes }): PastDay => {
        const codes = new Uint16Array(MINUTES_A_DAY).fill(MINUTE_UNKNOWN);
        for (let at = 0; at + BYTES_A_MINUTE <= minutes.length; at += BYTES_A_MINUTE) { const minute = minutes.readUInt16BE(at); if (minute < MINUTES_A_DAY) codes[minute] = Math.min(MINUTE_CODE_MOST, minutes.readUInt16BE(at + 2)); }
        return { day, codes };
      });
    }),
    newestZoneMinutes: (zoneIds, sinceMs) => database.run(async (db) => {
      const found: { zoneId: string; minuteAtMs: number; peoplePerM2: number | null }[] = [];
      for (let at = 0; at < zoneIds.length; at += ZONES_AT_ONCE) {
        const rows = await sql<{ zone_id: string; minute_at_ms: number; people: number | null }>`
          select zone_id, minute_at_ms, (figures->>'peoplePerM2Mean')::double precision as people from zone_minute
          where zone_id = any(${zoneIds.slice(at, at + ZONES_AT_ONCE)}) and minute_at_ms >= ${Math.floor(sinceMs)}`.execute(db);
        for (const row of rows.rows) found.push({ zoneId: row.zone_id, minuteAtMs: row.minute_at_ms, peoplePerM2: row.people });
      }
      return found;
    }),
  };
}
