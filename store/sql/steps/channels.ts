// Tables of channels: one step of store/sql/migrations.ts.
import type { ColumnType, Generated } from 'kysely';
import type { Json } from '../tables.ts';

/** As kysely sees them. */
export type ChannelsTables = {
  channel: { channel_id: string; kind: string; name: string; enabled: boolean; settings_shown: Json; per_minute_most: number; subscriptions: Json; ordinal: Generated<number> };
  channel_settings: { channel_id: string; settings: Json };
  channel_count: { channel_id: string; sent: Generated<number>; failed: Generated<number>; rate_limited: Generated<number>; last_sent_at_ms: number | null; last_failure_at_ms: number | null; last_failure: string | null; tokens: number | null; tokens_at: Date | null };
  /** Whoever makes notices gives the first nine; the others are the deliverer's. Use insertNotices of store/sql/channels.ts. */
  notice: {
    notice_id: string; kind: string; incident_id: string | null; member_id: string | null; channel_id: string | null; action_id: string | null; exercise: boolean; at_ms: number; state: string;
    urgent: Generated<boolean>; taken_until: Date | null; wake_at: ColumnType<Date, Date | undefined, Date>; since_at: ColumnType<Date, Date | undefined, Date>; attempts: Generated<number>; rung: Generated<number>; rung_attempts: Generated<number>; at_channel_id: string | null; ordinal: Generated<number>;
  };
  delivery: { notice_id: string; channel_id: string; attempt: number; at_ms: number; took_ms: number; outcome: string; detail: string; ordinal: Generated<number> };
  channel_key: { name: string; key: Json };
  channel_feed: { channel_id: string; entry_id: string; at_ms: number; body: string; ordinal: Generated<number> };
};
export const channelsStep = {
  name: 'channels',
  statements: `
    create table channel (
      channel_id text primary key, kind text not null, name text not null, enabled boolean not null, settings_shown jsonb not null, per_minute_most integer not null, subscriptions jsonb not null,
      ordinal bigint generated always as identity
    );
    -- Keys and passwords; on their own, so that no query for the page can bring them along.
    create table channel_settings (channel_id text primary key references channel on delete cascade, settings jsonb not null);
    create table channel_count (
      channel_id text primary key references channel on delete cascade, sent integer not null default 0, failed integer not null default 0, rate_limited integer not null default 0,
      last_sent_at_ms double precision, last_failure_at_ms double precision, last_failure text,
      -- What is left of the rate limit, and since when; one bucket for all processes that deliver.
      tokens double precision, tokens_at timestamptz
    );
    -- No references: what was to be said stays readable after member, channel or incident are gone.
    create table notice (
      notice_id text primary key, kind text not null, incident_id text, member_id text, channel_id text, action_id text, exercise boolean not null, at_ms double precision not null, state text not null,
      -- Who is asked to go comes before all else that waits.
      urgent boolean not null generated always as (kind in ('asked', 'helpNeeded', 'action') or action_id is not null) stored,
      taken_until timestamptz, wake_at timestamptz not null default clock_timestamp(), since_at timestamptz not null default clock_timestamp(),
      attempts integer not null default 0, rung integer not null default 0, rung_attempts integer not null default 0, at_channel_id text,
      ordinal bigint generated always as identity
    );
    create index notice_pending on notice (urgent desc, wake_at, ordinal) where state in ('waiting', 'sending');
    create index notice_dead on notice (ordinal desc) where state = 'dead';
    create index notice_of_incident on notice (incident_id, ordinal);
    create index notice_line on notice (channel_id, incident_id, ordinal) where kind = 'incident' and state in ('waiting', 'sending');
    create index notice_ended on notice (at_ms) where state not in ('waiting', 'sending');
    create table delivery (
      notice_id text not null references notice on delete cascade, channel_id text not null, attempt integer not null, at_ms double precision not null, took_ms double precision not null, outcome text not null, detail text not null,
      ordinal bigint generated always as identity
    );
    create index delivery_of_notice on delivery (notice_id, ordinal);
    -- Keys that the installation makes for itself.
    create table channel_key (name text primary key, key jsonb not null);
    -- What channels that are fetched from (CAP) hold ready; the newest of each are kept.
    create table channel_feed (
      channel_id text not null references channel on delete cascade, entry_id text not null, at_ms double precision not null, body text not null, ordinal bigint generated always as identity, primary key (channel_id, entry_id)
    );
    create index channel_feed_newest on channel_feed (channel_id, ordinal desc);
    -- Always there: whoever has no other contact is told on the screens.
    insert into channel (channel_id, kind, name, enabled, settings_shown, per_minute_most, subscriptions) values ('inApp', 'inApp', 'Crowdlight', true, '{}', 60000, '[]');
    insert into channel_settings (channel_id, settings) values ('inApp', '{}');
    insert into channel_count (channel_id) values ('inApp');
    -- Heard at commit by whoever delivers, however the notice came to be.
    create function notice_told() returns trigger language plpgsql as $$ begin perform pg_notify('crowdlight_notices', ''); return null; end $$;
    create trigger notice_made after insert on notice for each statement execute function notice_told();
    create trigger channel_changed after insert or update or delete on channel for each statement execute function notice_told();
  `,
};
