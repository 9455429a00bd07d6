// Tables of incidents: one step of store/sql/migrations.ts.
import type { Generated } from 'kysely';
import type { Json } from '../tables.ts';

/** As kysely sees them. */
export type IncidentsTables = {
  incident: IncidentRow;
  incident_now: { incident_id: string; incident: Json; line: Json };
  incident_alarm: { alarm_id: string; incident_id: string };
  incident_member: { incident_id: string; member_id: string };
  incident_input: { seq: Generated<number>; input_id: string; incident_id: string; input: Json };
  incident_attachment: { sha256: string; incident_id: string };
  attachment: { sha256: string; name: string; type: string; size_bytes: number; bytes: Buffer; kept_at: Generated<Date> };
  desk_clock: { only_row: Generated<boolean>; run_ms: number; moved_at: Date; fence: number };
  reader_cursor: { name: string; seq: number };
  hand_over: { hand_over_id: string; unit_id: string; at_ms: number; hand_over: Json };
};
/** Narrow, so that a look through all of them is cheap; the incident itself lies in incident_now. */
export type IncidentRow = {
  incident_id: string; version: number; run_ms: number; is_open: boolean; exercise: boolean; category: string; severity: string; step: string;
  site_id: string | null; zone_id: string | null; sensor_id: string | null; unit_id: string | null; place_unit_id: string | null;
  reported_at_ms: number; changed_at_ms: number; closed_at_ms: number | null; due_at_ms: number; overdue_since_ms: number; next_run_ms: number | null; exhausted: boolean; reopened: number; search: string;
} & Record<`${'acknowledge' | 'on_site' | 'under_control' | 'follow_up' | 'assess'}_ms`, number | null> & Record<`${'acknowledge' | 'on_site' | 'under_control' | 'follow_up' | 'assess'}_on_time`, boolean | null>;

export const incidentsStep = {
  name: 'incidents',
  statements: `
    create table incident (
      incident_id text primary key, version integer not null, run_ms double precision not null, is_open boolean not null, exercise boolean not null, category text not null, severity text not null, step text not null,
      site_id text, zone_id text, sensor_id text, unit_id text, place_unit_id text,
      reported_at_ms double precision not null, changed_at_ms double precision not null, closed_at_ms double precision,
      -- 9e15 where there is none, so that one comparison of rows orders them all.
      due_at_ms double precision not null, overdue_since_ms double precision not null,
      next_run_ms double precision, exhausted boolean not null, reopened integer not null,
      -- How long each step took and whether in time; of the incident, never of a person.
      acknowledge_ms double precision, on_site_ms double precision, under_control_ms double precision, follow_up_ms double precision, assess_ms double precision,
      acknowledge_on_time boolean, on_site_on_time boolean, under_control_on_time boolean, follow_up_on_time boolean, assess_on_time boolean,
      search text collate "C" not null
    );
    create index incident_newest on incident (reported_at_ms desc, incident_id desc);
    create index incident_open_newest on incident (reported_at_ms desc, incident_id desc) where is_open;
    create index incident_open_due on incident (due_at_ms, incident_id) where is_open;
    create index incident_open_age on incident (overdue_since_ms, reported_at_ms, incident_id) where is_open;
    create index incident_open_place on incident (site_id, zone_id, sensor_id) where is_open;
    create index incident_next on incident (next_run_ms) where next_run_ms is not null;
    create index incident_closed on incident (closed_at_ms) where closed_at_ms is not null;
    create table incident_now (incident_id text primary key references incident on delete cascade, incident jsonb not null, line jsonb not null);
    create table incident_alarm (alarm_id text not null, incident_id text not null references incident on delete cascade, primary key (alarm_id, incident_id));
    create index incident_alarm_of on incident_alarm (incident_id);
    -- Who was asked for an open incident, for the page of one's own duty; gone when it is closed.
    create table incident_member (incident_id text not null references incident on delete cascade, member_id text not null, primary key (incident_id, member_id));
    create index incident_member_of on incident_member (member_id);
    -- The log: all that an incident was made of. Its replay makes the same events.
    create table incident_input (seq bigint generated always as identity primary key, input_id text not null unique, incident_id text not null, input jsonb not null);
    create index incident_input_of on incident_input (incident_id, seq);

    alter table event add column incident_id text;
    create index event_of_incident on event (incident_id, seq) where incident_id is not null;
    create index event_of_alarms on event (seq) where incident_id is null;

    create table attachment (sha256 text primary key, name text not null, type text not null, size_bytes integer not null, bytes bytea not null, kept_at timestamptz not null default now());
    -- Pictures and sound are packed already.
    alter table attachment alter column bytes set storage external;
    create table incident_attachment (sha256 text not null, incident_id text not null references incident on delete cascade, primary key (sha256, incident_id));

    -- Real time that passed, in ms; moved by the holder of the lease 'desk' alone.
    create table desk_clock (only_row boolean primary key default true check (only_row), run_ms double precision not null, moved_at timestamptz not null, fence bigint not null);
    insert into desk_clock (run_ms, moved_at, fence) values (0, clock_timestamp(), 0);
    create table reader_cursor (name text primary key, seq bigint not null);
    -- Alarms that were over before there were incidents open none.
    insert into reader_cursor (name, seq) select 'desk', seq from event_head;
    create table hand_over (hand_over_id text primary key, unit_id text not null, at_ms double precision not null, hand_over jsonb not null);
    create index hand_over_of_unit on hand_over (unit_id, at_ms desc);
  `,
};
