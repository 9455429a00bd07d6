// The record of events: events, outbox, current alarms and the decider's snapshot, together or not at all.
import { sql } from 'kysely';
import Type from 'typebox';
import type { Logger } from 'pino';
import { Alarm, AlarmChanged, isAlarmEvent, type RecordedEvent, type RecordedIncident, type SiteEvent } from '../../contract/alarm.ts';
import { IncidentChanged } from '../../contract/incident.ts';
import { Problem } from '../../contract/problem.ts';
import { checker } from '../../contract/schema.ts';
import { heardAsProduct } from '../scope.ts';
import { LeaseLost, type Store } from '../store.ts';
import { within } from '../within.ts';
import { noteAlarmCalls } from './alarmCalls.ts';
import type { Database, Tx } from './database.ts';
import { checkedOrLeftOut, damaged } from './rows.ts';

const checkEvent = checker(Type.Union([AlarmChanged, IncidentChanged])), checkAlarm = checker(Alarm);
const SEND_MOST_MS = 10_000;
/** Any number that no other lock of ours has. */
const RELAY_LOCK = 0x72_65_6c_61;
export const EVENTS_CHANNEL = 'crowdlight_events';

type EventsPart = Pick<Store, 'recordEvents' | 'snapshot' | 'eventsAfter' | 'lastSeq' | 'eventsLying' | 'relayOutbox' | 'alarms' | 'alarmPage' | 'alarm' | 'onEvents'> & { closeListening(): Promise<void> };

export function eventsPart(database: Database, log: Logger): EventsPart {
  const product = database.forProduct('events have one order for all, and what a decider records is nobody\'s request');
  const listeners = new Set<() => void>();
  let listening: { close(): Promise<void> } | null = null;
  const tell = () => { for (const listener of listeners) listener(); };

  return {
    async recordEvents({ events, snapshot, lease }) {
      const recorded = await product.transact(async (tx) => {
        // Shared lock: nobody takes the lease between this look and our commit. A dropped lease has no holder and is lost, too.
        const held = await tx.selectFrom('lease').select(['holder', 'fence']).where('name', '=', lease.name).forShare().executeTakeFirst();
        if (held === undefined || held.fence !== lease.fence || held.holder !== lease.holder) throw new LeaseLost(lease);
        // A removed site has no decider any more; its alarms are closed already.
        const site = await tx.selectFrom('site').select('site_id').where('site_id', '=', snapshot.siteId).forShare().executeTakeFirst();
        if (site === undefined) throw new LeaseLost(lease);
        const fresh = await appendEvents(tx, events);
        await sql`
          insert into snapshot (site_id, fence, input_id, config_version, state_json, saved_at_ms)
          values (${snapshot.siteId}, ${lease.fence}, ${snapshot.inputId}, ${snapshot.configVersion}, ${snapshot.stateJson}, ${snapshot.savedAtMs})
          on conflict (site_id) do update set fence = excluded.fence, input_id = excluded.input_id, config_version = excluded.config_version,
            state_json = excluded.state_json, saved_at_ms = excluded.saved_at_ms
          where snapshot.fence <= excluded.fence`.execute(tx);
        return fresh;
      });
      if (recorded.length > 0) tell(); // faster than the NOTIFY of the same commit
      return recorded;
    },
    snapshot: (siteId) => product.run(async (db) => {
      const row = await db.selectFrom('snapshot').selectAll().where('site_id', '=', siteId).executeTakeFirst();
      return row === undefined ? null : { siteId, fence: row.fence, inputId: row.input_id, configVersion: row.config_version, stateJson: row.state_json, savedAtMs: row.saved_at_ms };
    }),
    eventsAfter: (seq, most) => database.run(async (db) => {
      const rows = await db.selectFrom('event').select(['seq', 'event']).where('seq', '>', seq).orderBy('seq').limit(Math.max(0, most)).execute();
      return rows.flatMap((row) => eventOf(row, log));
    }),
    eventsLying: (seq, most) => product.run(async (db) => {
      const rows = await sql<{ seq: number; event: unknown; unit_id: string | null; also_unit_id: string | null; site_id: string | null }>`
        select e.seq, e.event, case when e.incident_id is null then s.unit_id else coalesce(i.place_unit_id, i.unit_id) end as unit_id, i.unit_id as also_unit_id, case when e.incident_id is null then e.site_id else i.site_id end as site_id
        from event e left join (select site_id, unit_id from site union all select site_id, unit_id from site_gone) s on e.incident_id is null and s.site_id = e.site_id left join incident i on i.incident_id = e.incident_id
        where e.seq > ${seq} order by e.seq limit ${Math.max(0, most)}`.execute(db);
      return rows.rows.flatMap((row) => eventOf(row, log).map((recorded) => ({ recorded, place: { unitId: row.unit_id, siteId: row.site_id, alsoUnitId: row.also_unit_id } })));
    }),
    lastSeq: () => database.run(async (db) => (await db.selectFrom('event_head').select('seq').executeTakeFirstOrThrow()).seq),

    relayOutbox: (most, send) => product.run((db) => db.transaction().execute(async (tx) => {
      // Held until commit: the next relay, in whatever process, begins after these rows are gone. Somebody else at it is no failure: nothing to do here.
      const mine = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${RELAY_LOCK}) as mine`.execute(tx);
      if (!mine.rows[0]!.mine) return 0;
      const rows = await tx.selectFrom('outbox').leftJoin('event', 'event.seq', 'outbox.seq').select(['outbox.seq', 'event.event']).orderBy('outbox.seq').limit(Math.max(0, most)).execute();
      if (rows.length === 0) return 0;
      // Sent before it is marked: a crash between the two sends again, and never swallows one.
      await within(SEND_MOST_MS, send(rows.flatMap((row) => eventOf(row, log)))).catch((error: unknown) => { throw error instanceof Problem ? error : new Problem('busDown', {}, (error as Error).message); });
      await tx.deleteFrom('outbox').where('seq', 'in', rows.map((row) => row.seq)).execute();
      return rows.length;
    })),
    onEvents(listener) {
      const heard = heardAsProduct(listener);
      listeners.add(heard);
      listening ??= database.listen(EVENTS_CHANNEL, tell);
      return () => { listeners.delete(heard); };
    },

    alarms: ({ closedSinceMs, most }) => database.run(async (db) => {
      const rows = await db.selectFrom('alarm').select(['alarm_id', 'alarm']).where((eb) => eb.or([eb('closed_at_ms', 'is', null), eb('closed_at_ms', '>=', closedSinceMs)]))
        // Open ones first: when there are more than fit, it is the closed ones that stay out.
        .orderBy(sql`closed_at_ms is not null`).orderBy('raised_at_ms', 'desc').orderBy('alarm_id').limit(Math.max(0, most)).execute();
      return rows.flatMap((row) => checkedOrLeftOut(checkAlarm, row.alarm, `alarm ${row.alarm_id}`, log));
    }),
    alarmPage: ({ beforeMs, most }) => database.run(async (db) => {
      const rows = await db.selectFrom('alarm').select(['alarm_id', 'alarm']).where('raised_at_ms', '<', beforeMs).orderBy('raised_at_ms', 'desc').orderBy('alarm_id').limit(Math.max(0, most)).execute();
      return rows.flatMap((row) => checkedOrLeftOut(checkAlarm, row.alarm, `alarm ${row.alarm_id}`, log));
    }),
    alarm: (alarmId) => database.run(async (db) => {
      const row = await db.selectFrom('alarm').select('alarm').where('alarm_id', '=', alarmId).executeTakeFirst();
      if (row === undefined) return null;
      const checked = checkAlarm(row.alarm);
      if (!checked.ok) throw damaged(`alarm ${alarmId}`, checked.faults);
      return checked.value;
    }),
    async closeListening() { await listening?.close(); },
  };
}

/** Adds those that are new, in the order given, with their outbox rows and the current alarms. The head row is locked until commit. */
export async function appendEvents(tx: Tx, events: RecordedEvent['event'][]): Promise<RecordedEvent[]> {
  if (events.length === 0) return [];
  const head = await tx.selectFrom('event_head').select('seq').forUpdate().executeTakeFirstOrThrow();
  // Exact, because every other writer waits for the head row.
  const known = new Set((await tx.selectFrom('event').select('event_id').where('event_id', 'in', events.map((event) => event.eventId)).execute()).map((row) => row.event_id));
  const recorded: RecordedEvent[] = [];
  for (const event of events) {
    if (known.has(event.eventId)) continue;
    known.add(event.eventId);
    recorded.push({ seq: head.seq + recorded.length + 1, event } as RecordedEvent);
  }
  if (recorded.length === 0) return [];
  await tx.insertInto('event').values(recorded.map(({ seq, event }) => ({
    seq, event_id: event.eventId, site_id: event.siteId ?? '', alarm_id: event.type === 'alarmChanged' ? event.alarm.alarmId : '', at_ms: event.atMs, event: JSON.stringify(event), incident_id: event.type === 'incidentChanged' ? event.incidentId : null,
  }))).execute();
  await tx.insertInto('outbox').values(recorded.map(({ seq }) => ({ seq }))).execute();
  await tx.updateTable('event_head').set({ seq: recorded.at(-1)!.seq }).execute();
  const ofAlarms = recorded.filter(isAlarmEvent);
  if (ofAlarms.length > 0) {
    // The last event of an alarm says what it is now; one statement for all, whatever a burst brings.
    const newest = new Map(ofAlarms.map(({ event: { alarm } }) => [alarm.alarmId, alarm]));
    await tx.insertInto('alarm').values([...newest.values()].map((alarm) => ({
      alarm_id: alarm.alarmId, site_id: alarm.siteId, version: alarm.version, state: alarm.state, raised_at_ms: alarm.raisedAtMs, closed_at_ms: alarm.state === 'closed' ? alarm.closedAtMs : null, alarm: JSON.stringify(alarm),
    }))).onConflict((there) => there.column('alarm_id').doUpdateSet((eb) => ({
      version: eb.ref('excluded.version'), state: eb.ref('excluded.state'), raised_at_ms: eb.ref('excluded.raised_at_ms'), closed_at_ms: eb.ref('excluded.closed_at_ms'), alarm: eb.ref('excluded.alarm'),
    })).where(sql<boolean>`alarm.version < excluded.version`)).execute();
    await noteAlarmCalls(tx, ofAlarms);
  }
  await sql`select pg_notify(${EVENTS_CHANNEL}, '')`.execute(tx); // heard at commit
  return recorded;
}

/** Events of incidents, which are new for certain: whoever gives them holds the incident and its input was not taken before. One statement, because every other writer waits for the head row until commit. */
export async function appendNewEvents(tx: Tx, events: IncidentChanged[]): Promise<RecordedIncident[]> {
  if (events.length === 0) return [];
  const rows = await sql<{ base: number }>`
    with head as (update event_head set seq = seq + ${events.length}::integer returning seq - ${events.length}::integer as base),
      added as (
        insert into event (seq, event_id, site_id, alarm_id, at_ms, event, incident_id) select head.base + e.n, e.event_id, e.site_id, '', e.at_ms, e.event::jsonb, e.incident_id
        from head, unnest(${events.map((event) => event.eventId)}::text[], ${events.map((event) => event.siteId ?? '')}::text[], ${events.map((event) => event.atMs)}::double precision[], ${events.map((event) => JSON.stringify(event))}::text[], ${events.map((event) => event.incidentId)}::text[])
          with ordinality e (event_id, site_id, at_ms, event, incident_id, n)),
      waiting as (insert into outbox (seq) select head.base + n from head, generate_series(1, ${events.length}::integer) n)
    select head.base, pg_notify(${EVENTS_CHANNEL}, '') from head`.execute(tx); // heard at commit
  const { base } = rows.rows[0]!;
  return events.map((event, at) => ({ seq: base + at + 1, event }));
}

/** In the transaction that removes the site. */
export async function closeAlarmsOfSite(tx: Tx, siteId: string): Promise<void> {
  const rows = await tx.selectFrom('alarm').select('alarm').where('site_id', '=', siteId).where('closed_at_ms', 'is', null).forUpdate().execute();
  const clock = await sql<{ now_ms: number }>`select floor(extract(epoch from clock_timestamp()) * 1000)::double precision as now_ms`.execute(tx);
  const atMs = clock.rows[0]!.now_ms;
  await appendEvents(tx, rows.flatMap((row): SiteEvent[] => {
    const checked = checkAlarm(row.alarm);
    if (!checked.ok || checked.value.state === 'closed') return [];
    const { state: from, ...open } = checked.value;
    const { alarmId, siteId: alarmSiteId, rule, place, siteName, placeName, level, levelPeak, raisedAtMs, because, demo, priority, exercise, repeats } = open;
    const acknowledged = 'acknowledged' in open ? open.acknowledged : null;
    const version = open.version + 1;
    return [{
      type: 'alarmChanged', eventId: `${alarmId}.${version}`, siteId, atMs, from,
      alarm: { alarmId, version, siteId: alarmSiteId, rule, place, siteName, placeName, level, levelPeak, raisedAtMs, changedAtMs: atMs, because, demo, priority, exercise, shelved: null, muted: null, repeats, state: 'closed', acknowledged, closedAtMs: atMs, closedBecause: 'placeRemoved' },
    }];
  }));
}

function eventOf(row: { seq: number; event: unknown }, log: Logger): RecordedEvent[] {
  return checkedOrLeftOut(checkEvent, row.event, `event ${row.seq}`, log).map((event) => ({ seq: row.seq, event }) as RecordedEvent);
}
