// The shape of the database, as numbered steps. A step that has been released is never edited: a change is a new step at the end.
import { sql, type Kysely } from 'kysely';
import { Problem } from '../../contract/problem.ts';
import { holdRows } from './rowScope.ts';
import type { Tables } from './tables.ts';
import { accountsStep } from './steps/accounts.ts';
import { alarmsStep } from './steps/alarms.ts';
import { approvalsStep } from './steps/approvals.ts';
import { auditStep } from './steps/audit.ts';
import { channelsStep } from './steps/channels.ts';
import { factorsStep } from './steps/factors.ts';
import { incidentsStep } from './steps/incidents.ts';
import { peopleStep } from './steps/people.ts';
import { privacyStep } from './steps/privacy.ts';
import { scopeStep } from './steps/scope.ts';
import { secretsStep } from './steps/secrets.ts';
import { unitsStep } from './steps/units.ts';

/** All steps in one transaction under a lock, so that several processes may start at once and a step that fails leaves nothing behind. Resolves with the role that requests run under. */
export async function migrate(db: Kysely<Tables>): Promise<string> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(tx);
    await sql`create table if not exists migration (number integer primary key, name text not null, made_at timestamptz not null default now())`.execute(tx);
    const done = await sql<{ number: number }>`select coalesce(max(number), 0) as number from migration`.execute(tx);
    const at = done.rows[0]!.number;
    if (at > MIGRATIONS.length) throw new Problem('databaseCannotStart', { reason: `it was made by a newer release (its step ${at}, ours ${MIGRATIONS.length})` });
    for (const [index, step] of MIGRATIONS.entries()) {
      if (index + 1 <= at) continue;
      await sql.raw(step.statements).execute(tx);
      await sql`insert into migration (number, name) values (${index + 1}, ${step.name})`.execute(tx);
    }
    return holdRows(tx);
  });
}

/** Two numbers that mean nothing but must stay the same: 'crow', 'migr'. */
const MIGRATION_LOCK = 0x63_72_6f_77;

const MIGRATIONS: { name: string; statements: string }[] = [
  {
    name: 'sites, events, leases, the past of zones',
    statements: `
      create table site (
        site_id text primary key, version integer not null, name text not null, origin jsonb not null, grid jsonb not null, demo boolean not null,
        ordinal bigint generated always as identity
      );
      create table zone (
        zone_id text primary key, site_id text not null references site on delete cascade, zone jsonb not null, ordinal bigint generated always as identity
      );
      create index zone_of_site on zone (site_id);
      create table sensor (
        sensor_id text primary key, site_id text not null references site on delete cascade, sensor jsonb not null, calibrations integer not null default 0,
        ordinal bigint generated always as identity
      );
      create index sensor_of_site on sensor (site_id);
      -- Addresses and passwords of cameras; on their own, so that no query for a site can bring them along.
      create table sensor_settings (sensor_id text primary key references sensor on delete cascade, settings jsonb not null);
      -- No reference to site: what a site looked like stays readable after it is gone.
      create table site_version (site_id text not null, version integer not null, config jsonb not null, made_at timestamptz not null default now(), primary key (site_id, version));

      -- One row: the newest seq. Whoever adds events locks it first and holds it until commit, so that seq grows in the order of commit.
      create table event_head (only_row boolean primary key default true check (only_row), seq bigint not null);
      insert into event_head (seq) values (0);
      create table event (
        seq bigint primary key, event_id text not null unique, site_id text not null, alarm_id text not null, at_ms double precision not null, event jsonb not null
      );
      create index event_of_alarm on event (alarm_id);
      create table outbox (seq bigint primary key);
      create table alarm (
        alarm_id text primary key, site_id text not null, version integer not null, state text not null, raised_at_ms double precision not null,
        closed_at_ms double precision, alarm jsonb not null
      );
      create index alarm_open on alarm (raised_at_ms) where closed_at_ms is null;
      create index alarm_closed on alarm (closed_at_ms) where closed_at_ms is not null;
      create index alarm_raised on alarm (raised_at_ms);
      create table snapshot (
        site_id text primary key references site on delete cascade, fence bigint not null, input_id text not null, config_version integer not null,
        state_json text not null, saved_at_ms double precision not null
      );
      -- A lease is never deleted: its fence must go on growing.
      create table lease (name text primary key, holder text not null, fence bigint not null, expires_at timestamptz not null);

      create table zone_minute (
        zone_id text not null, minute_at_ms bigint not null, site_id text not null,
        -- Null: "few", seen but under the anonymity floor. The floor of 3 people is kept by the table itself.
        figures jsonb check (figures is null or (figures->>'peopleCount')::double precision >= 3),
        primary key (zone_id, minute_at_ms)
      ) partition by range (minute_at_ms);
      -- Written and rolled back to learn whether the disk has room again.
      create table disk_probe (filler text not null);
      alter table disk_probe alter column filler set storage external;
    `,
  },
  {
    name: 'the past of zones packed by the day',
    statements: `
      create table zone_day (
        zone_id text not null, day integer not null, site_id text not null,
        -- Two bytes minute of the day, two bytes code (crowd/forecast.ts), for each minute that is known.
        minutes bytea not null,
        primary key (zone_id, day)
      );
      create index zone_day_of_day on zone_day (day);
    `,
  },
  {
    name: 'lines across which people are counted',
    statements: `
      create table line (line_id text primary key, site_id text not null references site on delete cascade, line jsonb not null, ordinal bigint generated always as identity);
      create index line_of_site on line (site_id);
    `,
  },
  {
    name: 'the view of a placed camera',
    statements: `
      -- Edge directions on a coarse grid (contract/sight.ts ViewMark), by which a camera that was moved is noticed. No picture can be made of it.
      create table view_mark (sensor_id text primary key references sensor on delete cascade, calibration_version integer not null, mark jsonb not null);
    `,
  },
  unitsStep, peopleStep, incidentsStep, channelsStep, alarmsStep,
  accountsStep, scopeStep, auditStep, approvalsStep, secretsStep, privacyStep, factorsStep,
];
