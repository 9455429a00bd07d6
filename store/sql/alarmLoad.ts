// Silences, and the counts behind the load of alarms, in PostgreSQL: see store/alarmLoadStore.ts.
import { randomBytes } from 'node:crypto';
import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Logger } from 'pino';
import { PRIORITIES, Silence, SILENCES_OF_SITE_MOST } from '../../contract/alarm.ts';
import { CHATTERING_FROM, LOAD_WINDOW_MS, STALE_AFTER_MS, type AlarmLoad } from '../../contract/apiAlarms.ts';
import { Level } from '../../contract/level.ts';
import { Problem } from '../../contract/problem.ts';
import { checker } from '../../contract/schema.ts';
import type { AlarmLoadStore } from '../alarmLoadStore.ts';
import type { Database } from './database.ts';
import { checkedOrLeftOut, damaged } from './rows.ts';
import type { Tables } from './tables.ts';

const LISTED_MOST = 50;
const checkSilence = checker(Silence), isLevel = checker(Level);

export function alarmLoadPart(database: Database, log: Logger): AlarmLoadStore {
  return {
    silences: (siteId, nowMs) => database.run(async (db) => {
      const rows = await db.selectFrom('silence').select(['silence_id', 'silence']).where('until_ms', '>', nowMs).$if(siteId !== null, (query) => query.where('site_id', '=', siteId!)).limit(1000).execute();
      return rows.flatMap((row) => checkedOrLeftOut(checkSilence, row.silence, `silence ${row.silence_id}`, log)).sort((a, b) => a.fromMs - b.fromMs || (a.silenceId < b.silenceId ? -1 : 1));
    }),
    addSilence: (body, nowMs) => database.transact(async (tx) => {
      // One after the other for a site, so that the bound holds.
      const site = await tx.selectFrom('site').select('site_id').where('site_id', '=', body.siteId).forUpdate().executeTakeFirst();
      if (site === undefined) throw new Problem('notFound');
      const { count } = await tx.selectFrom('silence').select((eb) => eb.fn.countAll<number>().as('count')).where('site_id', '=', body.siteId).where('until_ms', '>', nowMs).executeTakeFirstOrThrow();
      if (count >= SILENCES_OF_SITE_MOST) throw new Problem('tooMany', { most: SILENCES_OF_SITE_MOST });
      const silence: Silence = { silenceId: `q-${randomBytes(8).toString('hex')}`, ...body };
      await tx.insertInto('silence').values({ silence_id: silence.silenceId, site_id: silence.siteId, until_ms: silence.untilMs, silence: JSON.stringify(silence) }).execute();
      return silence;
    }),
    removeSilence: (silenceId) => database.run(async (db) => {
      const row = await db.deleteFrom('silence').where('silence_id', '=', silenceId).returning('silence').executeTakeFirst();
      if (row === undefined) throw new Problem('notFound');
      const checked = checkSilence(row.silence);
      if (!checked.ok) throw damaged(`silence ${silenceId}`, checked.faults);
      return checked.value;
    }),

    alarmCounts: ({ sinceMs, untilMs, siteId, demo, nowMs }) => database.run(async (db) => {
      const ofSite = siteId === null ? sql`true` : sql`site_id = ${siteId}`, ofDemo = demo ? sql`true` : sql`not demo`;
      const inSpan = sql`at_ms >= ${sinceMs} and at_ms < ${untilMs} and ${ofSite}`, counted = sql`${inSpan} and ${ofDemo} and not exercise`;
      const rows = async <Row>(query: RawBuilder<Row>): Promise<Row[]> => (await query.execute(db)).rows;
      const windows = await rows(sql<{ from_ms: number; raised: number }>`select floor(at_ms / ${LOAD_WINDOW_MS}) * ${LOAD_WINDOW_MS} as from_ms, count(*)::integer as raised from alarm_call where ${counted} and heard group by 1 order by 1`);
      const priorities = await rows(sql<{ priority: string; raised: number }>`select priority, count(*)::integer as raised from alarm_call where ${counted} and heard group by 1`);
      const [sums] = await rows(sql<{ median_ms: number | null; unacknowledged: number; unheard: number; exercises: number; demo: number }>`
        select percentile_cont(0.5) within group (order by acknowledged_at_ms - at_ms) filter (where heard and not exercise and ${ofDemo} and acknowledged_at_ms is not null) as median_ms,
          count(*) filter (where heard and not exercise and ${ofDemo} and acknowledged_at_ms is null)::integer as unacknowledged,
          count(*) filter (where not heard and not exercise and ${ofDemo})::integer as unheard,
          count(*) filter (where exercise and ${ofDemo})::integer as exercises, count(*) filter (where demo)::integer as demo
        from alarm_call where ${inSpan}`);
      const now = await openNow(db, siteId, demo);
      return {
        windows: windows.map((row) => ({ fromMs: row.from_ms, raised: row.raised })),
        byPriority: PRIORITIES.map((priority) => ({ priority, raised: priorities.find((row) => row.priority === priority)?.raised ?? 0 })),
        acknowledgeMedianMs: sums!.median_ms, unacknowledged: sums!.unacknowledged, unheard: sums!.unheard, exercises: sums!.exercises, demo: sums!.demo,
        ...await chattering(db, counted), ...await stale(db, siteId, demo, nowMs), ...now,
      };
    }),
  };
}

/** Muted and put-aside ones too: one that flutters does so whether it is heard or not. */
async function chattering(db: Kysely<Tables>, counted: RawBuilder<unknown>): Promise<Pick<AlarmLoad, 'chattering' | 'chatteringTotal'>> {
  type Row = { site_id: string; place_kind: 'zone' | 'sensor' | 'line'; place_id: string; rule: string; raised: number; within: number; site_name: string | null; place_name: string | null; total: number };
  const { rows } = await sql<Row>`
    select worst.*, alarm.alarm->>'siteName' as site_name, alarm.alarm->>'placeName' as place_name from (
      select site_id, place_kind, place_id, rule, count(*)::integer as raised, max(within)::integer as within, (array_agg(alarm_id order by at_ms desc))[1] as alarm_id, count(*) over ()::integer as total from (
        select site_id, place_kind, place_id, rule, alarm_id, at_ms, count(*) over (partition by site_id, rule, place_kind, place_id order by at_ms range between ${sql.lit(LOAD_WINDOW_MS)} preceding and current row) as within from alarm_call where ${counted} and begins
      ) begun group by site_id, place_kind, place_id, rule having max(within) >= ${CHATTERING_FROM} order by within desc, raised desc, place_id limit ${LISTED_MOST}
    ) worst left join alarm using (alarm_id) order by within desc, raised desc, place_id`.execute(db);
  return {
    chattering: rows.map((row) => ({ siteId: row.site_id, siteName: row.site_name ?? row.site_id, placeKind: row.place_kind, placeName: row.place_name ?? row.place_id, placeId: row.place_id, rule: row.rule, raised: row.raised, within10Min: row.within })),
    chatteringTotal: rows[0]?.total ?? 0,
  };
}

async function stale(db: Kysely<Tables>, siteId: string | null, demo: boolean, nowMs: number): Promise<Pick<AlarmLoad, 'stale' | 'staleTotal'>> {
  type Row = { alarm_id: string; site_name: string; place_name: string; rule: string; level: string; since_ms: number; total: number };
  const { rows } = await sql<Row>`
    select alarm_id, alarm->>'siteName' as site_name, alarm->>'placeName' as place_name, alarm->>'rule' as rule, alarm->>'level' as level, (alarm->>'changedAtMs')::double precision as since_ms, count(*) over ()::integer as total
    from alarm where ${openOf(siteId, demo)} and (alarm->>'changedAtMs')::double precision < ${nowMs - STALE_AFTER_MS} order by since_ms limit ${LISTED_MOST}`.execute(db);
  return {
    stale: rows.flatMap((row) => { const level = isLevel(row.level); return level.ok ? [{ alarmId: row.alarm_id, siteName: row.site_name, placeName: row.place_name, rule: row.rule, level: level.value, sinceMs: row.since_ms }] : []; }),
    staleTotal: rows[0]?.total ?? 0,
  };
}

async function openNow(db: Kysely<Tables>, siteId: string | null, demo: boolean): Promise<Pick<AlarmLoad, 'openNow' | 'shelvedNow' | 'mutedNow'>> {
  const { rows } = await sql<{ open: number; shelved: number; muted: number }>`
    select count(*)::integer as open, count(*) filter (where jsonb_typeof(alarm->'shelved') = 'object')::integer as shelved, count(*) filter (where jsonb_typeof(alarm->'muted') = 'object')::integer as muted from alarm where ${openOf(siteId, demo)}`.execute(db);
  return { openNow: rows[0]!.open, shelvedNow: rows[0]!.shelved, mutedNow: rows[0]!.muted };
}
const openOf = (siteId: string | null, demo: boolean) => sql`closed_at_ms is null and ${siteId === null ? sql`true` : sql`site_id = ${siteId}`} and not (alarm->>'exercise')::boolean and ${demo ? sql`true` : sql`not (alarm->>'demo')::boolean`}`;
