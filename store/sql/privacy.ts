// Retention, holds, purges and lifted masks in PostgreSQL: see store/privacyStore.ts.
import { randomBytes } from 'node:crypto';
import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Logger } from 'pino';
import { Hold, MaskLift, PurgeReport, RetentionSet, type PurgeLine, type RetentionKind } from '../../contract/privacy.ts';
import { Problem } from '../../contract/problem.ts';
import { checker } from '../../contract/schema.ts';
import { retentionInForce, type RetentionDefaults } from '../../crowd/retention.ts';
import type { PrivacyStore } from '../privacyStore.ts';
import type { Tx, Work } from './database.ts';
import { checkedOrLeftOut, damaged } from './rows.ts';
import type { Tables } from './tables.ts';

const DAY_MS = 86_400_000, YEAR_MS = 366 * DAY_MS;
const ROWS_AT_ONCE = 5000, STORIES_AT_ONCE = 200, PURGE_MOST_MS = 10 * 60_000;
const HOLDS_MOST = 1000, REPORTS_MOST = 100, REPORTS_KEPT_MS = 3 * YEAR_MS;
/** What there is a table for; recordings bring theirs. */
const PURGED_KINDS = ['zoneMinutes', 'alarms', 'incidents', 'attachments', 'notices'] as const satisfies RetentionKind[];
type PurgedKind = (typeof PURGED_KINDS)[number];

const checkLift = checker(MaskLift), checkSet = checker(RetentionSet), checkHold = checker(Hold), checkReport = checker(PurgeReport);

/** `product`: rules, holds and reports are those of the whole tree; routes show of them what lies where the asker may look. */
export function privacyPart(product: Work, log: Logger): PrivacyStore {
  const liftOf = (row: { lift_id: string; sensor_id: string; from_ms: number; until_ms: number; reason: string }) => checkedOrLeftOut(checkLift, { liftId: row.lift_id, sensorId: row.sensor_id, fromMs: row.from_ms, untilMs: row.until_ms, reason: row.reason }, `mask lift ${row.lift_id}`, log);

  return {
    liftMask: ({ sensorId, accountId, sessionId, name, reason, approvalId, fromMs, untilMs }) => product.run(async (db) => {
      const liftId = newId('ml');
      await db.deleteFrom('mask_lift').where('until_ms', '<', fromMs - DAY_MS).execute();
      await db.insertInto('mask_lift').values({ lift_id: liftId, sensor_id: sensorId, account_id: accountId, session_id: sessionId, name, reason, approval_id: approvalId, from_ms: fromMs, until_ms: untilMs }).execute();
      return { liftId, sensorId, fromMs, untilMs, reason };
    }),
    maskLiftInForce: ({ sensorId, accountId, sessionId, nowMs }) => product.run(async (db) => {
      const rows = await db.selectFrom('mask_lift').selectAll().where('sensor_id', '=', sensorId).where('account_id', '=', accountId).where('from_ms', '<=', nowMs).where('until_ms', '>', nowMs).orderBy('until_ms', 'desc').limit(10).execute();
      // In one session, not in all of an account: another browser of the same person is another pair of eyes.
      return rows.filter((row) => row.session_id === sessionId).flatMap(liftOf)[0] ?? null;
    }),
    endMaskLifts: ({ sensorId, accountId, nowMs }) => product.run(async (db) => {
      const rows = await db.updateTable('mask_lift').set({ until_ms: nowMs }).where('sensor_id', '=', sensorId).where('account_id', '=', accountId).where('until_ms', '>', nowMs).returningAll().execute();
      return rows.flatMap(liftOf);
    }),

    retentionSets: () => product.run((db) => readSets(db)),
    keepRetention: (set, byName) => product.run(async (db) => {
      const unitKey = set.unitId ?? '';
      if (set.preset === null && Object.keys(set.hours).length === 0) { await db.deleteFrom('retention_rule').where('unit_key', '=', unitKey).execute(); return; }
      const values = { unit_id: set.unitId, preset: set.preset, hours: JSON.stringify(set.hours), by_name: byName };
      await db.insertInto('retention_rule').values({ unit_key: unitKey, ...values }).onConflict((there) => there.column('unit_key').doUpdateSet({ ...values, changed_at: sql`now()` })).execute();
    }),

    addHold: ({ nowMs, placeKind, placeId, placeName, unitId, fromMs, toMs, untilMs, reason, byName, approvalId }) => product.transact(async (tx) => {
      await sql`lock table hold in share row exclusive mode`.execute(tx);
      const { count } = await tx.selectFrom('hold').select((eb) => eb.fn.countAll<number>().as('count')).where('ended_at_ms', 'is', null).where('until_ms', '>', nowMs).executeTakeFirstOrThrow();
      if (count >= HOLDS_MOST) throw new Problem('tooMany', { most: HOLDS_MOST });
      return holdOf(await tx.insertInto('hold').values({
        hold_id: newId('h'), place_kind: placeKind, place_id: placeId, place_name: placeName, unit_id: unitId, from_ms: fromMs, to_ms: toMs, made_at_ms: nowMs, until_ms: untilMs, reason, by_name: byName, approval_id: approvalId, ended_at_ms: null, ended_by_name: null,
      }).returningAll().executeTakeFirstOrThrow());
    }),
    hold: (holdId) => product.run(async (db) => { const row = await db.selectFrom('hold').selectAll().where('hold_id', '=', holdId).executeTakeFirst(); return row === undefined ? null : holdOf(row); }),
    holds: (nowMs) => product.run(async (db) => {
      const rows = await db.selectFrom('hold').selectAll().where('until_ms', '>', nowMs - YEAR_MS).orderBy(sql`ended_at_ms is not null`).orderBy('made_at_ms', 'desc').limit(HOLDS_MOST).execute();
      return rows.flatMap((row) => checkedOrLeftOut(checkHold, shownHold(row), `hold ${row.hold_id}`, log));
    }),
    endHold: (holdId, { name, nowMs }) => product.run(async (db) => {
      const row = await db.updateTable('hold').set({ ended_at_ms: nowMs, ended_by_name: name }).where('hold_id', '=', holdId).where('ended_at_ms', 'is', null).where('until_ms', '>', nowMs).returningAll().executeTakeFirst();
      if (row === undefined) throw new Problem('holdOver');
      return holdOf(row);
    }),

    purge: (how) => purge(product, log, how),
    purgeReports: (most) => product.run(async (db) => {
      const rows = await db.selectFrom('purge_report').select(['report_id', 'report']).orderBy('at_ms', 'desc').orderBy('report_id').limit(Math.max(0, Math.min(REPORTS_MOST, most))).execute();
      return rows.flatMap((row) => checkedOrLeftOut(checkReport, row.report, `purge report ${row.report_id}`, log));
    }),
  };
}

// --- purge

/** Places of one unit, with what is kept there how long. */
type Part = {
  unitId: string | null; unitNames: PurgeLine['unitNames']; chain: string[];
  /** Rows of its sites. */
  ofSites: RawBuilder<boolean>;
  holds: Hold[];
  keptHours: Record<PurgedKind, number>;
};

async function purge(database: Work, log: Logger, { nowMs, dryRun, defaults, mostMs = PURGE_MOST_MS }: { nowMs: number; dryRun: boolean; defaults: RetentionDefaults; mostMs?: number }): Promise<PurgeReport> {
  const startedMs = performance.now(), inTime = () => performance.now() - startedMs < mostMs;
  const { parts, holds } = await readParts(database, log, defaults, nowMs);
  const lines = new Map<string, PurgeLine>();
  for (const part of parts) for (const kind of PURGED_KINDS) {
    lines.set(`${kind} ${part.unitId ?? ''}`, { kind, unitId: part.unitId, unitNames: part.unitNames, keptHours: part.keptHours[kind], beforeMs: Math.max(0, nowMs - part.keptHours[kind] * 3_600_000), due: 0, gone: 0, held: 0, waits: 0, leftOver: 0, oldestLeftMs: null });
  }
  const lineOf = (kind: PurgedKind, unitId: string | null) => lines.get(`${kind} ${unitId ?? ''}`)!;
  let complete = true;

  await dropWholeDays(database, parts, holds, dryRun, (unitId) => lineOf('zoneMinutes', unitId));
  for (const part of parts) for (const kind of PURGED_KINDS) {
    const line = lineOf(kind, part.unitId), { due, held, goOnce } = PURGE[kind](part, line.beforeMs, nowMs);
    const counted = await database.run(async (db) => (await sql<{ due: number; held: number }>`select (${due})::integer as due, (${held})::integer as held`.execute(db)).rows[0]!);
    line.due += counted.due; line.held += counted.held;
    if (dryRun) continue;
    let gone = 0;
    while (counted.due - counted.held - gone > 0) {
      if (!inTime()) { complete = false; break; }
      const now = await database.transact(goOnce);
      gone += now;
      if (now === 0) break;
    }
    line.gone += gone;
    line.waits += Math.max(0, counted.due - counted.held - gone);
  }
  if (!dryRun) await database.transact((tx) => sweep(tx, nowMs));

  for (const { kind, unit_key, left_over, oldest_ms } of await database.run((db) => leftOver(db, [...lines.values()], nowMs))) {
    const line = lines.get(`${kind} ${unit_key}`);
    if (line === undefined) continue;
    line.leftOver = left_over;
    line.oldestLeftMs = oldest_ms;
  }
  const report: PurgeReport = {
    reportId: newId('pr'), atMs: nowMs, tookMs: Math.round(performance.now() - startedMs), dryRun, complete, proved: !dryRun && complete && [...lines.values()].every((line) => line.leftOver === 0),
    lines: [...lines.values()].filter((line) => line.due > 0 || line.oldestLeftMs !== null || line.leftOver > 0).slice(0, 10_000), holdIds: holds.map((hold) => hold.holdId),
  };
  if (!dryRun) await database.run(async (db) => {
    const last = await db.selectFrom('purge_report').select('at_ms').orderBy('at_ms', 'desc').limit(1).executeTakeFirst();
    if (report.lines.some((line) => line.due > 0) || last === undefined || nowMs - last.at_ms > DAY_MS) await db.insertInto('purge_report').values({ report_id: report.reportId, at_ms: nowMs, dry_run: false, report: JSON.stringify(report) }).execute();
    await db.deleteFrom('purge_report').where('at_ms', '<', nowMs - REPORTS_KEPT_MS).execute();
  });
  return report;
}

async function readSets(db: Kysely<Tables>): Promise<RetentionSet[]> {
  const rows = await db.selectFrom('retention_rule').select(['unit_id', 'preset', 'hours']).execute();
  return rows.map((row) => {
    // A rule that cannot be read must not be passed over: things would be kept too long, or go too soon.
    const checked = checkSet({ unitId: row.unit_id, preset: row.preset, hours: row.hours });
    if (!checked.ok) throw damaged('a retention rule', checked.faults);
    return checked.value;
  });
}

async function readParts(database: Work, log: Logger, defaults: RetentionDefaults, nowMs: number): Promise<{ parts: Part[]; holds: Hold[] }> {
  return database.run(async (db) => {
    const sets = await readSets(db);
    const sites = (await sql<{ site_id: string; unit_id: string | null }>`select site_id, unit_id from site union all select site_id, unit_id from site_gone g where not exists (select from site s where s.site_id = g.site_id)`.execute(db)).rows;
    const ofIncidents = (await sql<{ unit_id: string | null }>`select distinct coalesce(place_unit_id, unit_id) as unit_id from incident where closed_at_ms is not null`.execute(db)).rows;
    const names = new Map((await db.selectFrom('unit').select(['unit_id', 'names']).execute()).map((row) => [row.unit_id, row.names as PurgeLine['unitNames']]));
    const above = new Map<string, string[]>();
    // Lowest first: whoever has more above it lies lower.
    for (const { unit_id, chain } of (await sql<{ unit_id: string; chain: string[] }>`
      select a.unit_id, array_agg(a.ancestor_id order by (select count(*) from unit_above up where up.unit_id = a.ancestor_id) desc, a.ancestor_id) as chain from unit_above a
      where a.unit_id = any(${[...new Set([...sites, ...ofIncidents].flatMap(({ unit_id }) => unit_id ?? []))]}::text[]) group by a.unit_id`.execute(db)).rows) above.set(unit_id, chain);
    const rows = await db.selectFrom('hold').selectAll().where('ended_at_ms', 'is', null).where('until_ms', '>', nowMs).execute();
    const holds = rows.map((row) => {
      const checked = checkHold(shownHold(row));
      // One that cannot be read holds all that it may have meant: nothing is purged until somebody has looked.
      if (!checked.ok) throw damaged(`hold ${row.hold_id}`, checked.faults);
      return checked.value;
    });
    const unitIds = [...new Set<string | null>([null, ...sites.map((site) => site.unit_id), ...ofIncidents.map((row) => row.unit_id)])];
    const parts = unitIds.map((unitId): Part => {
      const chain = unitId === null ? [] : above.get(unitId) ?? [unitId], inForce = retentionInForce(chain, sets, defaults);
      // The whole installation has what lies in no unit, and what nobody knows any more.
      const siteIds = sites.filter((site) => site.unit_id !== null && (unitId === null || site.unit_id === unitId)).map((site) => site.site_id);
      return {
        unitId, unitNames: unitId === null ? null : names.get(unitId) ?? null, chain,
        ofSites: unitId === null ? sql`not (site_id = any(${siteIds}::text[]))` : sql`site_id = any(${siteIds}::text[])`,
        holds: holds.filter((hold) => hold.placeKind !== 'unit' || chain.includes(hold.placeId)),
        keptHours: Object.fromEntries(PURGED_KINDS.map((kind) => [kind, inForce.kinds.find((one) => one.kind === kind)!.hours])) as Part['keptHours'],
      };
    });
    return { parts, holds };
  });
}

/** Whether what happened between these instants at `site_id` is held. */
const heldAt = ({ holds }: Part, from: RawBuilder<unknown>, to: RawBuilder<unknown>, incident: RawBuilder<boolean> | null): RawBuilder<boolean> => anyOf(holds.flatMap((hold) => {
  if (hold.placeKind === 'incident') return incident === null ? [] : [incident];
  const window = sql<boolean>`(${from} <= ${hold.toMs}::double precision and ${to} >= ${hold.fromMs}::double precision)`;
  return [hold.placeKind === 'site' ? sql<boolean>`(site_id = ${hold.placeId} and ${window})` : window];
}));
const heldIncidents = ({ holds }: Part): string[] => holds.flatMap((hold) => (hold.placeKind === 'incident' ? [hold.placeId] : []));
const anyOf = (conditions: RawBuilder<boolean>[]): RawBuilder<boolean> => (conditions.length === 0 ? sql`false` : sql`(${sql.join(conditions, sql` or `)})`);

type Purging = { due: RawBuilder<unknown>; held: RawBuilder<unknown>; /** One batch; resolves with how many of what is counted went. */ goOnce: (tx: Tx) => Promise<number> };
const PURGE: Record<PurgedKind, (part: Part, beforeMs: number, nowMs: number) => Purging> = {
  zoneMinutes(part, beforeMs) {
    const old = sql<boolean>`${part.ofSites} and minute_at_ms < ${Math.floor(beforeMs)}`, held = heldAt(part, sql`minute_at_ms`, sql`minute_at_ms`, null);
    const oldDays = sql<boolean>`${part.ofSites} and day < ${Math.floor(beforeMs / DAY_MS)}`, heldDays = heldAt(part, sql`day::double precision * ${DAY_MS}`, sql`(day + 1)::double precision * ${DAY_MS}`, null);
    return {
      due: sql`(select count(*) from zone_minute where ${old}) + (select count(*) from zone_day where ${oldDays})`,
      held: sql`(select count(*) from zone_minute where ${old} and ${held}) + (select count(*) from zone_day where ${oldDays} and ${heldDays})`,
      async goOnce(tx) {
        const minutes = await sql`delete from zone_minute where (zone_id, minute_at_ms) in (select zone_id, minute_at_ms from zone_minute where ${old} and not ${held} limit ${ROWS_AT_ONCE}) and minute_at_ms < ${Math.floor(beforeMs)}`.execute(tx);
        const days = await sql`delete from zone_day where (zone_id, day) in (select zone_id, day from zone_day where ${oldDays} and not ${heldDays} limit ${ROWS_AT_ONCE})`.execute(tx);
        return Number(minutes.numAffectedRows ?? 0n) + Number(days.numAffectedRows ?? 0n);
      },
    };
  },
  alarms(part, beforeMs) {
    const old = sql<boolean>`${part.ofSites} and closed_at_ms < ${beforeMs}`;
    const ofIncidents = sql<boolean>`exists (select from incident_alarm n where n.alarm_id = alarm.alarm_id and n.incident_id = any(${heldIncidents(part)}::text[]))`;
    const held = heldAt(part, sql`raised_at_ms`, sql`closed_at_ms`, ofIncidents);
    return {
      due: sql`(select count(*) from alarm where ${old})`, held: sql`(select count(*) from alarm where ${old} and ${held})`,
      async goOnce(tx) {
        // Whole stories only, and none that the relay has not sent.
        const { rows } = await sql<{ alarm_id: string }>`
          select alarm_id from alarm where ${old} and not ${held} and not exists (select from outbox join event unsent on unsent.seq = outbox.seq where unsent.alarm_id = alarm.alarm_id)
          order by closed_at_ms limit ${STORIES_AT_ONCE} for update skip locked`.execute(tx);
        const ids = rows.map((row) => row.alarm_id);
        if (ids.length === 0) return 0;
        for (const table of ['event', 'alarm_call', 'alarm'] as const) await tx.deleteFrom(table).where('alarm_id', 'in', ids).execute();
        // A version is needed while a kept event may have been judged by it: the one in force at the limit, and every later one; all of them where something is held.
        if (part.holds.length === 0) await sql`
          delete from site_version old where ${part.ofSites} and made_at < to_timestamp(${beforeMs / 1000})
          and exists (select from site_version next where next.site_id = old.site_id and next.version > old.version and next.made_at < to_timestamp(${beforeMs / 1000}))`.execute(tx);
        return ids.length;
      },
    };
  },
  incidents(part, beforeMs) {
    const old = sql<boolean>`coalesce(place_unit_id, unit_id) is not distinct from ${part.unitId}::text and closed_at_ms < ${beforeMs}`, held = heldIncidentAt(part);
    return {
      due: sql`(select count(*) from incident where ${old})`, held: sql`(select count(*) from incident where ${old} and ${held})`,
      async goOnce(tx) {
        const { rows } = await sql<{ incident_id: string }>`
          select incident_id from incident where ${old} and not ${held} and not exists (select from outbox join event unsent on unsent.seq = outbox.seq where unsent.incident_id = incident.incident_id)
          order by closed_at_ms limit ${STORIES_AT_ONCE} for update skip locked`.execute(tx);
        const ids = rows.map((row) => row.incident_id);
        if (ids.length === 0) return 0;
        for (const table of ['event', 'incident_input', 'notice', 'incident'] as const) await tx.deleteFrom(table).where('incident_id', 'in', ids).execute();
        return ids.length;
      },
    };
  },
  attachments(part, beforeMs) {
    const old = sql<boolean>`incident_id in (select incident_id from incident where coalesce(place_unit_id, unit_id) is not distinct from ${part.unitId}::text and closed_at_ms < ${beforeMs})`;
    const held = sql<boolean>`incident_id in (select incident_id from incident where ${heldIncidentAt(part)})`;
    return {
      due: sql`(select count(*) from incident_attachment where ${old})`, held: sql`(select count(*) from incident_attachment where ${old} and ${held})`,
      // The bytes go with sweep(), once no incident names them.
      goOnce: async (tx) => Number((await sql`delete from incident_attachment where (sha256, incident_id) in (select sha256, incident_id from incident_attachment where ${old} and not ${held} limit ${STORIES_AT_ONCE})`.execute(tx)).numAffectedRows ?? 0n),
    };
  },
  notices(part, beforeMs) {
    const ended = sql<boolean>`state not in ('waiting', 'sending') and at_ms < ${beforeMs}`;
    const old = sql<boolean>`${ended} and ${part.unitId === null
      ? sql`not exists (select from incident i where i.incident_id = notice.incident_id and coalesce(i.place_unit_id, i.unit_id) is not null)`
      : sql`exists (select from incident i where i.incident_id = notice.incident_id and coalesce(i.place_unit_id, i.unit_id) = ${part.unitId})`}`;
    const held = sql<boolean>`incident_id in (select incident_id from incident where ${heldIncidentAt(part)})`;
    return {
      due: sql`(select count(*) from notice where ${old})`, held: sql`(select count(*) from notice where ${old} and coalesce(${held}, false))`,
      goOnce: async (tx) => Number((await sql`delete from notice where notice_id in (select notice_id from notice where ${old} and not coalesce(${held}, false) limit ${ROWS_AT_ONCE})`.execute(tx)).numAffectedRows ?? 0n),
    };
  },
};
/** Of closed ones. A row whose site is unknown is held by its unit alone. */
const heldIncidentAt = (part: Part): RawBuilder<boolean> => sql<boolean>`coalesce(${heldAt(part, sql`reported_at_ms`, sql`coalesce(closed_at_ms, 9e15)`, sql<boolean>`incident_id = any(${heldIncidents(part)}::text[])`)}, false)`;

/** A day that is over for every unit and that nobody holds goes as a whole: a dropped partition gives its room back to the disk at once; deleted rows would not. */
async function dropWholeDays(database: Work, parts: Part[], holds: Hold[], dryRun: boolean, lineOf: (unitId: string | null) => PurgeLine): Promise<void> {
  const beforeMs = Math.min(...parts.map((part) => lineOf(part.unitId).beforeMs));
  const days = await database.run(async (db) => {
    const there = await sql<{ name: string }>`select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'zone_minute'::regclass`.execute(db);
    return there.rows.flatMap(({ name }) => { const day = dayOf(name); return day === null || (day + 1) * DAY_MS > beforeMs ? [] : [{ name, day }]; });
  });
  if (dryRun) return;
  for (const { name, day } of days) {
    if (holds.some((hold) => hold.fromMs < (day + 1) * DAY_MS && hold.toMs >= day * DAY_MS)) continue;
    await database.transact(async (tx) => {
      for (const part of parts) {
        const { count } = (await sql<{ count: number }>`select count(*)::integer as count from ${sql.table(name)} where ${part.ofSites}`.execute(tx)).rows[0]!, line = lineOf(part.unitId);
        line.due += count; line.gone += count;
      }
      await sql`drop table if exists ${sql.table(name)}`.execute(tx);
    });
  }
}
function dayOf(name: string): number | null {
  const parts = /^zone_minute_(\d{4})(\d{2})(\d{2})$/.exec(name);
  return parts === null ? null : Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])) / DAY_MS;
}

/** What hangs on nothing any more: files that no incident names for a day, calls of alarms and silence windows whose alarms are gone, hand-overs of a time of which nothing is kept. */
async function sweep(tx: Tx, nowMs: number): Promise<void> {
  await sql`delete from attachment a where kept_at < to_timestamp(${(nowMs - DAY_MS) / 1000}) and not exists (select from incident_attachment n where n.sha256 = a.sha256)`.execute(tx);
  await sql`delete from alarm_call c where c.at_ms < ${nowMs - DAY_MS} and not exists (select from alarm a where a.alarm_id = c.alarm_id)`.execute(tx);
  await sql`delete from silence s where s.until_ms < ${nowMs - DAY_MS} and not exists (select from alarm a where a.site_id = s.site_id and a.raised_at_ms <= s.until_ms)`.execute(tx);
  await sql`delete from hand_over h where h.at_ms < ${nowMs - DAY_MS} and not exists (select from incident i where i.reported_at_ms <= h.at_ms)`.execute(tx);
}

/**
 * The proof: counted from the rows themselves, with places and holds found by the database's own tables (site, unit_above, hold), not by what the purge worked out. One row for each kind and unit; '' is the whole
 * installation. The oldest row of zones is looked up zone by zone, so that no index is needed for it. A story of which the relay has not sent everything is not old yet: it goes next time.
 */
async function leftOver(db: Kysely<Tables>, lines: PurgeLine[], nowMs: number): Promise<{ kind: string; unit_key: string; left_over: number; oldest_ms: number | null }[]> {
  const limits = JSON.stringify(lines.map((line) => ({ kind: line.kind, unit_key: line.unitId ?? '', before_ms: Math.floor(line.beforeMs) })));
  const minutesBefore = Math.max(0, ...lines.filter((line) => line.kind === 'zoneMinutes').map((line) => Math.floor(line.beforeMs)));
  const { rows } = await sql<{ kind: string; unit_key: string; left_over: number; oldest_ms: number | null }>`
    with limits as (select * from jsonb_to_recordset(${limits}::jsonb) as l(kind text, unit_key text, before_ms double precision)),
    place as (select site_id, unit_id from site union all select site_id, unit_id from site_gone g where not exists (select from site s where s.site_id = g.site_id)),
    holding as (select * from hold where ended_at_ms is null and until_ms > ${nowMs}),
    rows_kept as (
      select 'zoneMinutes' as kind, p.unit_id, m.site_id, null::text as incident_id, m.minute_at_ms::double precision as from_ms, m.minute_at_ms::double precision as to_ms, m.minute_at_ms::double precision as old_ms
        from zone_minute m left join place p on p.site_id = m.site_id where m.minute_at_ms < ${minutesBefore}
      union all select 'alarms', p.unit_id, a.site_id, (select n.incident_id from incident_alarm n join holding h on h.place_id = n.incident_id where n.alarm_id = a.alarm_id limit 1), a.raised_at_ms, a.closed_at_ms, a.closed_at_ms
        from alarm a left join place p on p.site_id = a.site_id where a.closed_at_ms is not null and not exists (select from outbox o join event e on e.seq = o.seq where e.alarm_id = a.alarm_id)
      union all select 'incidents', coalesce(i.place_unit_id, i.unit_id), i.site_id, i.incident_id, i.reported_at_ms, i.closed_at_ms, i.closed_at_ms from incident i where i.closed_at_ms is not null and not exists (select from outbox o join event e on e.seq = o.seq where e.incident_id = i.incident_id)
      union all select 'attachments', coalesce(i.place_unit_id, i.unit_id), i.site_id, i.incident_id, i.reported_at_ms, i.closed_at_ms, i.closed_at_ms from incident_attachment n join incident i on i.incident_id = n.incident_id where i.closed_at_ms is not null
      union all select 'notices', coalesce(i.place_unit_id, i.unit_id), i.site_id, n.incident_id, i.reported_at_ms, coalesce(i.closed_at_ms, 9e15), n.at_ms from notice n left join incident i on i.incident_id = n.incident_id where n.state not in ('waiting', 'sending')
    )
    select l.kind, l.unit_key, count(r.kind) filter (where r.old_ms < l.before_ms and not exists (
        select from holding h where (h.place_kind = 'incident' and h.place_id = r.incident_id) or (h.from_ms <= r.to_ms and h.to_ms >= r.from_ms and (
          (h.place_kind = 'site' and h.place_id = r.site_id) or (h.place_kind = 'unit' and exists (select from unit_above a where a.unit_id = r.unit_id and a.ancestor_id = h.place_id))))))::integer as left_over,
      coalesce(min(r.old_ms), case when l.kind = 'zoneMinutes' then (select min(first.at_ms) from zone z join place p on p.site_id = z.site_id cross join lateral (select min(m.minute_at_ms)::double precision as at_ms from zone_minute m where m.zone_id = z.zone_id) first where coalesce(p.unit_id, '') = l.unit_key) end) as oldest_ms
    from limits l left join rows_kept r on r.kind = l.kind and coalesce(r.unit_id, '') = l.unit_key group by l.kind, l.unit_key`.execute(db);
  return rows;
}

type HoldRow = { hold_id: string; place_kind: string; place_id: string; place_name: string; unit_id: string | null; from_ms: number; to_ms: number; made_at_ms: number; until_ms: number; reason: string; by_name: string; approval_id: string; ended_at_ms: number | null; ended_by_name: string | null };
const shownHold = (row: HoldRow) => ({
  holdId: row.hold_id, placeKind: row.place_kind, placeId: row.place_id, placeName: row.place_name, unitId: row.unit_id, fromMs: row.from_ms, toMs: row.to_ms, madeAtMs: row.made_at_ms, untilMs: row.until_ms, reason: row.reason, byName: row.by_name,
  approvalId: row.approval_id, endedAtMs: row.ended_at_ms, endedByName: row.ended_by_name,
});
function holdOf(row: HoldRow): Hold {
  const checked = checkHold(shownHold(row));
  if (!checked.ok) throw damaged(`hold ${row.hold_id}`, checked.faults);
  return checked.value;
}
const newId = (prefix: string) => `${prefix}-${randomBytes(8).toString('hex')}`;
