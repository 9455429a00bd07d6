// Masks, retention, purge reports: one step of store/sql/migrations.ts.
import type { Generated } from 'kysely';
import type { Json } from '../tables.ts';

/** As kysely sees them. */
export type PrivacyTables = {
  mask_lift: { lift_id: string; sensor_id: string; account_id: string; session_id: string | null; name: string; reason: string; approval_id: string; from_ms: number; until_ms: number };
  retention_rule: { unit_key: string; unit_id: string | null; preset: string | null; hours: Json; by_name: string; changed_at: Generated<Date> };
  hold: { hold_id: string; place_kind: string; place_id: string; place_name: string; unit_id: string | null; from_ms: number; to_ms: number; made_at_ms: number; until_ms: number; reason: string; by_name: string; approval_id: string; ended_at_ms: number | null; ended_by_name: string | null };
  purge_report: { report_id: string; at_ms: number; dry_run: boolean; report: Json };
};
export const privacyStep = {
  name: 'masks, retention, purge reports',
  statements: `
    -- Who sees through the masks of a camera, from when to when. Gone a day after it is over: the audit has it for good.
    create table mask_lift (
      lift_id text primary key, sensor_id text not null references sensor on delete cascade, account_id text not null, session_id text, name text not null, reason text not null, approval_id text not null,
      from_ms double precision not null, until_ms double precision not null
    );
    create index mask_lift_of on mask_lift (sensor_id, account_id, until_ms);
    -- '' is the whole installation.
    create table retention_rule (unit_key text primary key, unit_id text references unit on delete cascade, preset text, hours jsonb not null, by_name text not null, changed_at timestamptz not null default now());
    -- No reference to what it holds: a hold of a unit or an incident outlives changes of the tree.
    create table hold (
      hold_id text primary key, place_kind text not null check (place_kind in ('unit', 'site', 'incident')), place_id text not null, place_name text not null, unit_id text,
      from_ms double precision not null, to_ms double precision not null, made_at_ms double precision not null, until_ms double precision not null, reason text not null, by_name text not null, approval_id text not null,
      ended_at_ms double precision, ended_by_name text
    );
    create index hold_until on hold (until_ms);
    create table purge_report (report_id text primary key, at_ms double precision not null, dry_run boolean not null, report jsonb not null);
    create index purge_report_at on purge_report (at_ms desc);
    create index incident_closed_unit on incident (coalesce(place_unit_id, unit_id), closed_at_ms) where closed_at_ms is not null;
  `,
};
