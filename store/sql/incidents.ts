// Incidents in PostgreSQL: see store/incidentsStore.ts. takeIncidentInputs is the only place that writes one.
import { createHash } from 'node:crypto';
import { sql, type RawBuilder } from 'kysely';
import type { Logger } from 'pino';
import type { Scope } from '../../contract/access.ts';
import { Alarm, AlarmChanged, type RecordedIncident } from '../../contract/alarm.ts';
import { HandOver, STATISTICS_FLOOR, type Board, type StatisticsRow } from '../../contract/apiIncidents.ts';
import { Attachment, Incident, IncidentChanged, IncidentInput, IncidentLine, isOpenStep } from '../../contract/incident.ts';
import type { Notice } from '../../contract/notice.ts';
import { Problem, problemNote, type ProblemNote } from '../../contract/problem.ts';
import { checker } from '../../contract/schema.ts';
import { lineOf } from '../../crowd/incident/lineOf.ts';
import { scopeNow } from '../scope.ts';
import { LeaseLost } from '../store.ts';
import type { IncidentFilter, IncidentsStore, NewIncidentInput } from '../incidentsStore.ts';
import { insertNotices } from './channels.ts';
import type { Database, Tx } from './database.ts';
import { appendNewEvents } from './events.ts';
import { checkedOrLeftOut, damaged } from './rows.ts';
import type { IncidentRow } from './steps/incidents.ts';

export type IncidentsPart = IncidentsStore & { closeIncidents(): Promise<void> };

/** Stands where a deadline or an overdue one is missing, so that rows compare. */
const NEVER_MS = 9e15;
/** More are not counted: a page says "more than". */
const COUNTED_MOST = 10_000;
/** Between two moves of the clock a stamp may run on by the database's clock, but no farther than this. */
const RUNS_ON_MOST_MS = 1000;
const DAY_MS = 86_400_000;
/** Uploaded and named by no incident yet. */
const ATTACHMENTS_WAITING_MOST = 2000;
const TRIES_OF_ONE_TAKING = 4;

const checkIncident = checker(Incident), checkLine = checker(IncidentLine), checkEvent = checker(IncidentChanged), checkInput = checker(IncidentInput), checkAlarmEvent = checker(AlarmChanged), checkAlarm = checker(Alarm);
const checkAttachment = checker(Attachment), checkHandOver = checker(HandOver);

/** What was asked for is refused; the transaction is taken back. */
class Refused extends Error {
  readonly note: ProblemNote;
  constructor(note: ProblemNote) { super(note.code); this.note = note; }
}

export function incidentsPart(database: Database, log: Logger): IncidentsPart {
  const product = database.forProduct('an incident takes alarms, notices and events along that reach beyond whoever acts; that the incident itself is theirs is looked up in the same transaction');
  const files = database.forProduct('a file that no incident names yet lies nowhere; who knows its hash has it. Its bytes are read within the scope of the incident that names it');
  return {
    async takeIncidentInputs(inputs, decide, { seenVersions } = {}) {
      const scope = scopeNow();
      if (inputs.length === 0) return { incidents: [], events: [], repeated: false };
      for (let attempt = 1; ; attempt++) {
        try { return await product.transact((tx) => take(tx, inputs, decide, seenVersions ?? new Map(), (incidentIds) => mustBeSeen(database, tx, scope, incidentIds))); } catch (error) {
          if (error instanceof Refused) return { problem: error.note };
          // Two desks, one of them overtaken, may give the same alarm to different incidents: the second finds it taken.
          if (isTaken(error) && attempt < TRIES_OF_ONE_TAKING) continue;
          throw error;
        }
      }
    },

    incident: incidentAt,
    incidents: (incidentIds) => incidentIds.length === 0 ? Promise.resolve([]) : database.run(async (db) => {
      const rows = await db.selectFrom('incident_now').select(['incident_id', 'incident']).where('incident_id', 'in', incidentIds).execute();
      return rows.flatMap((row) => checkedOrLeftOut(checkIncident, row.incident, `incident ${row.incident_id}`, log));
    }),
    incidentOfInput: async (inputId) => {
      const row = await database.run((db) => db.selectFrom('incident_input').select('incident_id').where('input_id', '=', inputId).executeTakeFirst());
      return row === undefined ? null : incidentAt(row.incident_id);
    },
    incidentEvents: (incidentId, afterVersion, most) => database.run(async (db) => {
      // One event a version, in order: what is wanted begins at this place of the incident's own list.
      const rows = await db.selectFrom('event').select(['seq', 'event']).where('incident_id', '=', incidentId).where(sql`(event->>'version')::integer`, '>', afterVersion).orderBy('seq').limit(Math.max(0, most)).execute();
      return rows.flatMap((row) => checkedOrLeftOut(checkEvent, row.event, `event ${row.seq}`, log));
    }),
    incidentInputs: (incidentId) => database.run(async (db) => {
      const rows = await db.selectFrom('incident_input').select(['seq', 'input']).where('incident_id', '=', incidentId).orderBy('seq').execute();
      return rows.flatMap((row) => checkedOrLeftOut(checkInput, row.input, `input ${row.seq} of incident ${incidentId}`, log));
    }),
    openIncidentsAt: (places) => places.length === 0 ? Promise.resolve([]) : database.run(async (db) => {
      const rows = await sql<{ incident_id: string; incident: unknown }>`
        select n.incident_id, n.incident from incident i join incident_now n using (incident_id)
        where i.is_open and exists (
          select from unnest(${places.map((place) => place.siteId)}::text[], ${places.map((place) => place.zoneId)}::text[], ${places.map((place) => place.sensorId)}::text[]) p (site_id, zone_id, sensor_id)
          where p.site_id = i.site_id and coalesce(p.zone_id, '') = coalesce(i.zone_id, '') and coalesce(p.sensor_id, '') = coalesce(i.sensor_id, ''))
        order by i.reported_at_ms desc, i.incident_id desc limit 5000`.execute(db);
      return rows.rows.flatMap((row) => checkedOrLeftOut(checkIncident, row.incident, `incident ${row.incident_id}`, log));
    }),
    incidentsOfAlarms: (alarmIds) => database.run(async (db) => {
      const rows = alarmIds.length === 0 ? [] : (await sql<{ alarm_id: string; incident_id: string; incident: unknown }>`
        select distinct on (a.alarm_id) a.alarm_id, n.incident_id, n.incident from incident_alarm a join incident i using (incident_id) join incident_now n using (incident_id)
        where a.alarm_id = any(${alarmIds}::text[]) and i.step <> 'merged' order by a.alarm_id, i.is_open desc, i.reported_at_ms desc, i.incident_id desc`.execute(db)).rows;
      return new Map(rows.flatMap((row) => checkedOrLeftOut(checkIncident, row.incident, `incident ${row.incident_id}`, log).map((incident) => [row.alarm_id, incident] as const)));
    }),
    alarmEventsAfter: (seq, most) => database.run(async (db) => {
      const rows = await db.selectFrom('event').select(['seq', 'event']).where('incident_id', 'is', null).where('seq', '>', seq).orderBy('seq').limit(Math.max(0, most)).execute();
      return rows.flatMap((row) => checkedOrLeftOut(checkAlarmEvent, row.event, `event ${row.seq}`, log).map((event) => ({ seq: row.seq, event })));
    }),
    alarmsWithoutIncident: (most) => database.run(async (db) => {
      const rows = await db.selectFrom('alarm').select(['alarm_id', 'alarm']).where('closed_at_ms', 'is', null)
        .where((eb) => eb.not(eb.exists(eb.selectFrom('incident_alarm').select(sql`1`.as('one')).whereRef('incident_alarm.alarm_id', '=', 'alarm.alarm_id')))).orderBy('raised_at_ms').limit(Math.max(0, most)).execute();
      return rows.flatMap((row) => checkedOrLeftOut(checkAlarm, row.alarm, `alarm ${row.alarm_id}`, log));
    }),

    incidentPage: (filter) => database.run(async (db) => {
      const most = Math.max(1, filter.most), order = ORDERS[filter.order];
      const conditions = conditionsOf(filter);
      const after = filter.after === undefined ? null : cursorOf(filter.after, order.keys.length);
      const where = [...conditions, ...(after === null ? [] : [order.after(after)])];
      const page = await sql<{ incident_id: string; line: unknown } & Record<string, number>>`
        select i.*, n.line from (select incident_id, ${sql.raw(order.keys.join(', '))} from incident where ${allOf(where)} order by ${sql.raw(order.by)} limit ${most + 1}) i
        join incident_now n using (incident_id) order by ${sql.raw(order.by)}`.execute(db);
      // Counted once for all pages of a list: with the first.
      const total = after !== null ? null : (await sql<{ count: number }>`select count(*)::integer as count from (select from incident where ${allOf(conditions)} limit ${COUNTED_MOST + 1}) counted`.execute(db)).rows[0]!.count;
      const rows = page.rows.slice(0, most), last = rows.at(-1);
      return {
        incidents: rows.flatMap((row) => keptLine(row, log)),
        nextAfter: page.rows.length > most && last !== undefined ? Buffer.from(JSON.stringify([...order.keys.map((key) => last[key]), last.incident_id])).toString('base64url') : null,
        total: total === null || total > COUNTED_MOST ? null : total,
      };
    }),
    openIncidentLines: (most) => database.run(async (db) => {
      const rows = await sql<{ incident_id: string; line: unknown }>`
        select n.incident_id, n.line from (select incident_id, reported_at_ms from incident where is_open order by reported_at_ms desc, incident_id desc limit ${Math.max(0, most)}) i
        join incident_now n using (incident_id) order by i.reported_at_ms desc, i.incident_id desc`.execute(db);
      return rows.rows.flatMap((row) => keptLine(row, log));
    }),
    dueIncidents: (runMs, most) => database.run(async (db) => (await db.selectFrom('incident').select('incident_id').where('next_run_ms', 'is not', null).where('next_run_ms', '<=', runMs).orderBy('next_run_ms').limit(Math.max(0, most)).execute()).map((row) => row.incident_id)),

    board: ({ unitIds, below }, most) => database.run(async (db) => {
      const open = [sql`is_open`, inUnits(unitIds)], overdue = [...open, sql`overdue_since_ms < ${NEVER_MS}`];
      const lines = (where: RawBuilder<unknown>[], by: string) => sql<{ incident_id: string; line: unknown }>`
        select n.incident_id, n.line from (select incident_id, overdue_since_ms, reported_at_ms from incident where ${allOf(where)} order by ${sql.raw(by)} limit ${Math.max(0, most)}) i
        join incident_now n using (incident_id) order by ${sql.raw(by)}`.execute(db);
      const overdueLines = await lines(overdue, ORDERS.age.by), openLines = await lines(open, ORDERS.newest.by);
      const counts = await sql<{ open: number; overdue: number }>`select count(*)::integer as open, count(*) filter (where overdue_since_ms < ${NEVER_MS})::integer as overdue from incident where ${allOf(open)}`.execute(db);
      const perUnit = below.size === 0 ? [] : (await sql<{ key: string; open: number; overdue: number; exhausted: number; oldest: number }>`
        select m.key, count(*)::integer as open, count(*) filter (where overdue_since_ms < ${NEVER_MS})::integer as overdue, count(*) filter (where exhausted)::integer as exhausted, min(overdue_since_ms) as oldest
        from incident join unnest(${[...below.keys()]}::text[], ${[...below.values()]}::text[]) m (unit_id, key) on m.unit_id = coalesce(incident.place_unit_id, incident.unit_id)
        where is_open group by m.key`.execute(db)).rows;
      const found = new Map(perUnit.map((row) => [row.key, row]));
      return {
        overdue: overdueLines.rows.flatMap((row) => keptLine(row, log)), overdueTotal: counts.rows[0]!.overdue, open: openLines.rows.flatMap((row) => keptLine(row, log)), openTotal: counts.rows[0]!.open,
        below: [...new Set(below.values())].map((unitId): Board['below'][number] => {
          const row = found.get(unitId);
          return { unitId, open: row?.open ?? 0, overdue: row?.overdue ?? 0, exhausted: row?.exhausted ?? 0, oldestOverdueMs: row === undefined || row.oldest >= NEVER_MS ? null : row.oldest };
        }),
      };
    }),
    incidentStatistics: ({ keyOfUnit, outsideToo, sinceMs, untilMs, by, exercise }) => database.run(async (db) => {
      const unit = sql`coalesce(incident.place_unit_id, incident.unit_id)`;
      const from = keyOfUnit === null ? sql`incident` : sql`incident ${sql.raw(outsideToo ? 'left join' : 'join')} unnest(${[...keyOfUnit.keys()]}::text[], ${[...keyOfUnit.values()]}::text[]) m (unit_id, key) on m.unit_id = ${unit}`;
      const key = by === 'category' ? sql`category` : by === 'step' ? sql`step` : keyOfUnit === null ? sql`''::text` : sql`coalesce(m.key, '')`;
      const steps = STEPS.map(({ column }) => sql.raw(`count(${column}_ms)::integer as ${column}_count, count(${column}_on_time)::integer as ${column}_judged, count(*) filter (where ${column}_on_time)::integer as ${column}_in_time, percentile_cont(array[0.5, 0.9]) within group (order by ${column}_ms) as ${column}_ms`));
      const rows = await sql<StatisticsSqlRow>`
        select ${key} as key, grouping(${key}) = 1 as is_total, count(*)::integer as incidents, count(*) filter (where is_open)::integer as open, coalesce(sum(reopened), 0)::integer as reopened,
          count(*) filter (where is_open and overdue_since_ms < ${NEVER_MS})::integer as overdue, ${sql.join(steps)}
        from ${from} where exercise = ${exercise} and step <> 'merged' and reported_at_ms >= ${sinceMs} and reported_at_ms < ${untilMs}
        group by grouping sets ((${key}), ()) order by 2, 1 limit 20001`.execute(db);
      return { by, sinceMs, untilMs, rows: rows.rows.filter((row) => !row.is_total).map((row) => statisticsRow(row)), total: statisticsRow(rows.rows.find((row) => row.is_total) ?? null) };
    }),

    deskClock: () => database.run((db) => clockNow(db)),
    moveDeskClock: (lease, byMs) => product.transact(async (tx) => {
      const held = await tx.selectFrom('lease').select(['holder', 'fence']).where('name', '=', lease.name).forShare().executeTakeFirst();
      if (held === undefined || held.fence !== lease.fence || held.holder !== lease.holder) throw new LeaseLost(lease);
      // The row first, then the clock: what is asked after the lock is later than whoever had it.
      await sql`select from desk_clock for update`.execute(tx);
      await sql`
        update desk_clock set moved_at = now.at, fence = ${lease.fence},
          run_ms = run_ms + case when fence = ${lease.fence} then ${Number.isFinite(byMs) ? Math.max(0, byMs) : 0}::double precision else least(${DAY_MS}, greatest(0, extract(epoch from now.at - moved_at) * 1000))::double precision end
        from (select clock_timestamp() as at) now`.execute(tx);
      return clockNow(tx);
    }),
    cursor: (name) => product.run(async (db) => (await db.selectFrom('reader_cursor').select('seq').where('name', '=', name).executeTakeFirst())?.seq ?? 0),
    moveCursor: (name, seq) => product.run(async (db) => {
      // Never back: a reader that was overtaken must not make the one who took over read again.
      await sql`insert into reader_cursor as c (name, seq) values (${name}, ${seq}) on conflict (name) do update set seq = greatest(c.seq, excluded.seq)`.execute(db);
    }),

    keepAttachment: (attachment, bytes) => files.transact(async (tx) => {
      const waiting = await sql<{ count: number }>`select count(*)::integer as count from (select from attachment a where not exists (select from incident_attachment n where n.sha256 = a.sha256) limit ${ATTACHMENTS_WAITING_MOST}) waiting`.execute(tx);
      if (waiting.rows[0]!.count >= ATTACHMENTS_WAITING_MOST) throw new Problem('tooMany', { most: ATTACHMENTS_WAITING_MOST });
      await tx.insertInto('attachment').values({ sha256: attachment.sha256, name: attachment.name, type: attachment.type, size_bytes: attachment.sizeBytes, bytes: Buffer.from(bytes) })
        .onConflict((conflict) => conflict.column('sha256').doUpdateSet({ kept_at: sql`now()` })).execute();
    }),
    attachments: (sha256s) => sha256s.length === 0 ? Promise.resolve([]) : files.run(async (db) => (await db.selectFrom('attachment').select(['sha256', 'name', 'type', 'size_bytes']).where('sha256', 'in', sha256s).execute()).flatMap((row) => attachmentOf(row, log))),
    attachment: (sha256, incidentId) => database.run(async (db) => {
      const named = incidentId === undefined ? sql<boolean>`true` : sql<boolean>`exists (select from incident_attachment n where n.sha256 = attachment.sha256 and n.incident_id = ${incidentId})`;
      const row = await db.selectFrom('attachment').select(['sha256', 'name', 'type', 'size_bytes', 'bytes']).where('sha256', '=', sha256).where(named).executeTakeFirst();
      if (row === undefined) return null;
      const attachment = attachmentOf(row, log)[0];
      if (attachment === undefined || createHash('sha256').update(row.bytes).digest('hex') !== sha256) throw damaged(`attachment ${sha256}`, []);
      return { attachment, bytes: row.bytes };
    }),
    keepHandOver: (handOver) => database.run(async (db) => {
      await db.insertInto('hand_over').values({ hand_over_id: handOver.handOverId, unit_id: handOver.unitId, at_ms: handOver.atMs, hand_over: JSON.stringify(handOver) }).onConflict((conflict) => conflict.doNothing()).execute();
    }),
    handOver: (handOverId) => database.run(async (db) => {
      const row = await db.selectFrom('hand_over').select('hand_over').where('hand_over_id', '=', handOverId).executeTakeFirst();
      return row === undefined ? null : (checkedOrLeftOut(checkHandOver, row.hand_over, `handover ${handOverId}`, log)[0] ?? null);
    }),
    handOvers: (unitId, most) => database.run(async (db) => {
      const rows = await db.selectFrom('hand_over').select(['hand_over_id', 'hand_over']).where('unit_id', '=', unitId).orderBy('at_ms', 'desc').limit(Math.max(0, most)).execute();
      return rows.flatMap((row) => checkedOrLeftOut(checkHandOver, row.hand_over, `handover ${row.hand_over_id}`, log));
    }),
    closeIncidents: async () => {},
  };

  async function incidentAt(incidentId: string): Promise<Incident | null> {
    const row = await database.run((db) => db.selectFrom('incident_now').select(['incident_id', 'incident']).where('incident_id', '=', incidentId).executeTakeFirst());
    return row === undefined ? null : incidentOf(row);
  }
}

type Taken = { incidents: Incident[]; events: RecordedIncident[]; repeated: boolean };

async function take(tx: Tx, inputs: NewIncidentInput[], decide: Parameters<IncidentsStore['takeIncidentInputs']>[1], seenVersions: Map<string, number>, mustSee: (incidentIds: string[]) => Promise<void>): Promise<Taken> {
  const incidentIds = [...new Set(inputs.map((input) => input.incidentId))];
  // Also for incidents that are not there yet, of which no row can be locked. In one order, so that no two wait for each other.
  await sql`select pg_advisory_xact_lock(key) from (select distinct hashtextextended(id, 4) as key from unnest(${incidentIds}::text[]) id order by 1) locks`.execute(tx);
  const known = await tx.selectFrom('incident_input').select(['input_id', 'incident_id']).where('input_id', 'in', inputs.map((input) => input.inputId)).execute();
  const knownIds = new Set(known.map((row) => row.input_id));
  const fresh = inputs.filter((input) => !knownIds.has(input.inputId) && knownIds.add(input.inputId));
  const wanted = [...new Set([...incidentIds, ...known.map((row) => row.incident_id)])];
  const there = await tx.selectFrom('incident').innerJoin('incident_now', 'incident_now.incident_id', 'incident.incident_id').select(['incident.incident_id', 'incident.run_ms', 'incident_now.incident']).where('incident.incident_id', 'in', wanted).forUpdate('incident').execute();
  const now = new Map<string, Incident>(there.map((row) => [row.incident_id, incidentOf(row)]));
  const wasThere = new Set(now.keys());
  await mustSee([...wasThere]);
  if (fresh.length === 0) return { incidents: wanted.flatMap((incidentId) => now.get(incidentId) ?? []), events: [], repeated: true };
  for (const [incidentId, version] of seenVersions) if (now.get(incidentId)?.version !== version) throw new Refused(problemNote('changedMeanwhile'));

  const clock = await clockNow(tx);
  const runMs = new Map(there.map((row) => [row.incident_id, row.run_ms]));
  const stamped: IncidentInput[] = [], events: IncidentChanged[] = [], notices: Notice[] = [];
  for (const input of fresh) {
    const before = now.get(input.incidentId) ?? null;
    const stamp = { ...input, atMs: clock.atMs, runMs: Math.max(clock.runMs, runMs.get(input.incidentId) ?? 0) };
    const decision = decide(before, stamp);
    if ('problem' in decision) throw new Refused(decision.problem);
    now.set(input.incidentId, decision.incident);
    runMs.set(input.incidentId, stamp.runMs);
    stamped.push(stamp);
    events.push(...decision.events);
    for (const wish of decision.notices) notices.push({ ...wish, incidentId: input.incidentId, exercise: decision.incident.exercise, atMs: clock.atMs, state: 'waiting' });
  }

  const touched = [...new Set(stamped.map((input) => input.incidentId))].map((incidentId) => now.get(incidentId)!);
  await tx.insertInto('incident').values(touched.map((incident) => rowOf(incident, runMs.get(incident.incidentId)!))).onConflict((conflict) => conflict.column('incident_id').doUpdateSet((eb) => Object.fromEntries(COLUMNS.map((column) => [column, eb.ref(`excluded.${column}`)])))).execute();
  const alarms = touched.flatMap((incident) => incident.alarms.map((alarm) => [alarm.alarmId, incident.incidentId] as const)), ids = touched.map((incident) => incident.incidentId);
  const members = touched.filter((incident) => isOpenStep(incident.step)).flatMap((incident) => [...new Set(incident.assignments.filter(({ state }) => state !== 'declined' && state !== 'released').map(({ memberId }) => memberId))].map((memberId) => [incident.incidentId, memberId] as const));
  // One statement: each way to the database and back is time in which nobody else may have these incidents.
  await sql`
    with now as (
        insert into incident_now (incident_id, incident, line) select id, incident::jsonb, line::jsonb from unnest(${ids}::text[], ${touched.map((incident) => JSON.stringify(incident))}::text[], ${touched.map((incident) => JSON.stringify(lineOf(incident)))}::text[]) t (id, incident, line)
        on conflict (incident_id) do update set incident = excluded.incident, line = excluded.line),
      inputs as (
        insert into incident_input (input_id, incident_id, input) select input_id, incident_id, input::jsonb
        from unnest(${stamped.map((input) => input.inputId)}::text[], ${stamped.map((input) => input.incidentId)}::text[], ${stamped.map((input) => JSON.stringify(input))}::text[]) with ordinality t (input_id, incident_id, input, n) order by n),
      alarms as (insert into incident_alarm (alarm_id, incident_id) select * from unnest(${alarms.map(([alarmId]) => alarmId)}::text[], ${alarms.map(([, incidentId]) => incidentId)}::text[]) on conflict do nothing),
      members as (select * from unnest(${members.map(([incidentId]) => incidentId)}::text[], ${members.map(([, memberId]) => memberId)}::text[]) t (incident_id, member_id)),
      gone as (delete from incident_member m where m.incident_id = any(${ids}::text[]) and not exists (select from members where members.incident_id = m.incident_id and members.member_id = m.member_id))
    insert into incident_member (incident_id, member_id) select incident_id, member_id from members on conflict do nothing`.execute(tx);
  const named = new Map(events.flatMap((event) => event.attachments.map(({ sha256 }) => [`${sha256} ${event.incidentId}`, { sha256, incident_id: event.incidentId }] as const)));
  if (named.size > 0) await tx.insertInto('incident_attachment').values([...named.values()]).onConflict((conflict) => conflict.doNothing()).execute();
  if (notices.length > 0) await insertNotices(tx, notices);
  await mustSee(touched.map((incident) => incident.incidentId).filter((incidentId) => !wasThere.has(incidentId)));
  // The head of events last: whoever else has events to add waits for it until our commit.
  const recorded = await appendNewEvents(tx, events);
  return { incidents: [...new Set([...touched.map((incident) => incident.incidentId), ...wanted])].flatMap((incidentId) => now.get(incidentId) ?? []), events: recorded, repeated: false };
}

/** Out of scope is answered as not there, also for one that was made just now at a place that its maker does not see, and for one that an input of the same id belongs to. */
async function mustBeSeen(database: Database, tx: Tx, scope: Scope | null, incidentIds: string[]): Promise<void> {
  if (scope === null || scope.all || incidentIds.length === 0) return;
  const seen = await database.stepWithin(tx, scope, () => tx.selectFrom('incident').select('incident_id').where('incident_id', 'in', incidentIds).execute());
  if (seen.length < new Set(incidentIds).size) throw new Refused(problemNote('incidentUnknown'));
}

/** Milliseconds: stamps need no finer, and JSON keeps them exactly. */
async function clockNow(db: Pick<Tx, 'getExecutor'>): Promise<{ runMs: number; atMs: number }> {
  const rows = await sql<{ run_ms: number; at_ms: number }>`
    select floor(run_ms + least(${RUNS_ON_MOST_MS}, greatest(0, extract(epoch from now.at - moved_at) * 1000)))::double precision as run_ms, floor(extract(epoch from now.at) * 1000)::double precision as at_ms
    from desk_clock, (select clock_timestamp() as at) now`.execute(db as Tx);
  return { runMs: rows.rows[0]!.run_ms, atMs: rows.rows[0]!.at_ms };
}

const STEPS = [
  { step: 'acknowledge', column: 'acknowledge' }, { step: 'onSite', column: 'on_site' }, { step: 'underControl', column: 'under_control' }, { step: 'followUp', column: 'follow_up' }, { step: 'assess', column: 'assess' },
] as const;

/** The row that a list looks through; made of the incident alone. */
export function rowOf(incident: Incident, runMs: number): IncidentRow {
  const { place } = incident, line = lineOf(incident);
  const isOpen = isOpenStep(incident.step);
  return {
    incident_id: incident.incidentId, version: incident.version, run_ms: runMs, is_open: isOpen, exercise: incident.exercise, category: incident.category, severity: incident.severity, step: incident.step,
    site_id: place.siteId, zone_id: place.zoneId, sensor_id: place.sensorId, unit_id: incident.unitId, place_unit_id: place.unitId,
    reported_at_ms: incident.reportedAtMs, changed_at_ms: incident.changedAtMs, closed_at_ms: isOpen ? null : incident.changedAtMs,
    due_at_ms: (isOpen ? line.due?.dueAtMs : null) ?? NEVER_MS, overdue_since_ms: (isOpen ? line.overdueSinceMs : null) ?? NEVER_MS,
    next_run_ms: isOpen ? incident.nextRunMs : null, exhausted: isOpen && incident.ask.exhausted, reopened: incident.reopenedCount,
    search: [incident.title, place.placeName, place.siteName, incident.incidentId].join('\n').toLowerCase(),
    ...stepFigures(incident),
  };
}

/** A step's time runs from the report, or from the step before it; that of a re-opened incident is not comparable, whether it was in time is. */
function stepFigures(incident: Incident): Pick<IncidentRow, `${(typeof STEPS)[number]['column']}_ms` | `${(typeof STEPS)[number]['column']}_on_time`> {
  const figures: Record<string, number | boolean | null> = {};
  for (const { step, column } of STEPS) {
    const deadline = incident.deadlines.findLast(({ kind }) => kind === step);
    const fromMs = step === 'followUp' ? incident.handledAtMs : step === 'assess' ? incident.followedUpAtMs : incident.reportedAtMs;
    const metAtMs = deadline?.metAtMs ?? null;
    figures[`${column}_ms`] = metAtMs === null || fromMs === null || incident.reopenedCount > 0 ? null : Math.max(0, metAtMs - fromMs);
    figures[`${column}_on_time`] = deadline === undefined || (metAtMs === null && deadline.missedAtMs === null) ? null : deadline.missedAtMs === null;
  }
  return figures as ReturnType<typeof stepFigures>;
}

const COLUMNS = [
  'version', 'run_ms', 'is_open', 'exercise', 'category', 'severity', 'step', 'site_id', 'zone_id', 'sensor_id', 'unit_id', 'place_unit_id', 'reported_at_ms', 'changed_at_ms', 'closed_at_ms', 'due_at_ms', 'overdue_since_ms', 'next_run_ms', 'exhausted', 'reopened', 'search',
  ...STEPS.flatMap(({ column }) => [`${column}_ms`, `${column}_on_time`] as const),
] as const satisfies (keyof IncidentRow)[];

// --- lists
const ORDERS = {
  newest: { keys: ['reported_at_ms'], by: 'reported_at_ms desc, incident_id desc', after: (at: Cursor) => sql`(reported_at_ms, incident_id) < (${at.numbers[0]}::double precision, ${at.incidentId}::text)` },
  due: { keys: ['due_at_ms'], by: 'due_at_ms, incident_id', after: (at: Cursor) => sql`(due_at_ms, incident_id) > (${at.numbers[0]}::double precision, ${at.incidentId}::text)` },
  age: { keys: ['overdue_since_ms', 'reported_at_ms'], by: 'overdue_since_ms, reported_at_ms, incident_id', after: (at: Cursor) => sql`(overdue_since_ms, reported_at_ms, incident_id) > (${at.numbers[0]}::double precision, ${at.numbers[1]}::double precision, ${at.incidentId}::text)` },
} satisfies Record<IncidentFilter['order'], unknown>;

type Cursor = { numbers: number[]; incidentId: string };
function cursorOf(text: string, numbers: number): Cursor {
  try {
    const parts = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    if (Array.isArray(parts) && parts.length === numbers + 1 && parts.slice(0, -1).every((part) => typeof part === 'number') && typeof parts.at(-1) === 'string') return { numbers: parts.slice(0, -1) as number[], incidentId: parts.at(-1) as string };
  } catch { /* said below */ }
  throw new Problem('inputWrong', { reason: 'after: not what an earlier page of this list gave' });
}

function conditionsOf(filter: IncidentFilter): RawBuilder<unknown>[] {
  const equal = (column: string, value: string | boolean | undefined) => (value === undefined ? [] : [sql`${sql.ref(column)} = ${value}`]);
  return [
    ...(filter.state === 'all' ? [] : [filter.state === 'open' ? sql`is_open` : sql`not is_open`]),
    ...equal('category', filter.category), ...equal('severity', filter.severity), ...equal('step', filter.step), ...equal('site_id', filter.siteId), ...equal('exercise', filter.exercise),
    ...(filter.overdue === undefined ? [] : [filter.overdue ? sql`overdue_since_ms < ${NEVER_MS}` : sql`overdue_since_ms >= ${NEVER_MS}`]),
    ...(filter.sinceMs === undefined ? [] : [sql`reported_at_ms >= ${filter.sinceMs}`]), ...(filter.untilMs === undefined ? [] : [sql`reported_at_ms < ${filter.untilMs}`]),
    ...(filter.unitIds === undefined ? [] : [inUnits(filter.unitIds)]),
    ...(filter.memberId === undefined ? [] : [sql`incident_id in (select incident_id from incident_member where member_id = ${filter.memberId})`]),
    ...(filter.text === undefined || filter.text.trim() === '' ? [] : [sql`strpos(search, ${filter.text.trim().toLowerCase()}) > 0`]),
  ];
}
const allOf = (conditions: RawBuilder<unknown>[]) => (conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `));
/** A subtree may be 16,000 units: a hashed subquery, not a list that is looked through for each row. */
const inUnits = (unitIds: string[]) => sql`(unit_id in (select unnest(${unitIds}::text[])) or place_unit_id in (select unnest(${unitIds}::text[])))`;

type StatisticsSqlRow = { key: string | null; is_total: boolean; incidents: number; open: number; reopened: number; overdue: number } & Record<string, number | [number, number] | null>;
function statisticsRow(row: StatisticsSqlRow | null): StatisticsRow {
  const number = (name: string) => (row?.[name] as number | null) ?? 0;
  return {
    key: row?.key ?? '', names: null, incidents: number('incidents'), open: number('open'), reopened: number('reopened'), overdue: number('overdue'),
    steps: STEPS.map(({ step, column }) => {
      const count = number(`${column}_count`), judged = number(`${column}_judged`), times = row?.[`${column}_ms`] as [number, number] | null | undefined;
      return {
        step, count, onTimeShare: judged < STATISTICS_FLOOR ? null : number(`${column}_in_time`) / judged,
        medianMs: count < STATISTICS_FLOOR || !times ? null : Math.round(times[0]), p90Ms: count < STATISTICS_FLOOR || !times ? null : Math.round(times[1]),
      };
    }),
  };
}

// --- rows
function incidentOf(row: { incident_id: string; incident: unknown }): Incident {
  const checked = checkIncident(row.incident);
  if (!checked.ok) throw damaged(`incident ${row.incident_id}`, checked.faults);
  return checked.value;
}
const keptLine = (row: { incident_id: string; line: unknown }, log: Logger): IncidentLine[] => checkedOrLeftOut(checkLine, row.line, `the line of incident ${row.incident_id}`, log);
const attachmentOf = (row: { sha256: string; name: string; type: string; size_bytes: number }, log: Logger): Attachment[] => checkedOrLeftOut(checkAttachment, { sha256: row.sha256, name: row.name, type: row.type, sizeBytes: row.size_bytes }, `attachment ${row.sha256}`, log);
const isTaken = (error: unknown): boolean => typeof error === 'object' && error !== null && (error as { code?: unknown }).code === '23505' && String((error as { constraint?: unknown }).constraint).startsWith('incident_input');
