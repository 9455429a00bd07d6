// Tables of accounts, sessions, tokens, invitations and failed tries: one step of store/sql/migrations.ts.
import type { Generated } from 'kysely';
import type { Json } from '../tables.ts';

/** As kysely sees them. Of what opens a door (cookies, tokens, links) only the SHA-256 is kept; of passwords only argon2id. */
export type AccountsTables = {
  account: {
    account_id: string; sign_in_name: string; /** Folded, so that it is unique however it is typed. */ sign_in_key: string; name: string; language: string; member_id: string | null; enabled: boolean; kind: string;
    /** Where it signs in elsewhere: the issuer and its name there. */ issuer: string | null; subject: string | null;
    password_hash: string | null; must_change: Generated<boolean>; created_at_ms: number; ordinal: Generated<number>;
  };
  account_role: { account_id: string; role: string; unit_id: string | null; ordinal: Generated<number> };
  second_factor: { factor_id: string; account_id: string; kind: string; name: string; shown: Json; /** Sealed. */ secret: Uint8Array | null; created_at_ms: number; used_at_ms: number | null; ordinal: Generated<number> };
  session: { session_id: string; secret_hash: Uint8Array; account_id: string; created_at_ms: number; seen_at_ms: number; idle_until_ms: number; ends_at_ms: number; address: string; browser: string; /** When the second factor was shown last. */ factor_at_ms: number | null };
  known_browser: { secret_hash: Uint8Array; account_id: string; seen_at_ms: number };
  api_token: { token_id: string; secret_hash: Uint8Array; account_id: string; name: string; rights: Json; unit_id: string | null; created_at_ms: number; expires_at_ms: number; used_at_ms: number | null };
  invitation: { invitation_id: string; secret_hash: Uint8Array; account_id: string; kind: string; by_name: string; created_at_ms: number; expires_at_ms: number };
  sign_in_try: { try_key: string; fails: number; last_at_ms: number; until_ms: number };
};
export const accountsStep = {
  name: 'accounts, sessions, tokens',
  statements: `
    create table account (
      account_id text primary key, sign_in_name text not null, sign_in_key text not null unique, name text not null, language text not null check (language in ('en', 'zh')),
      member_id text references member on delete set null, enabled boolean not null, kind text not null check (kind in ('local', 'oidc')), issuer text, subject text,
      password_hash text, must_change boolean not null default false, created_at_ms bigint not null, ordinal bigint generated always as identity,
      unique (issuer, subject));
    create index account_of_member on account (member_id);
    create table account_role (account_id text not null references account on delete cascade, role text not null, unit_id text references unit on delete cascade, ordinal bigint generated always as identity);
    create unique index account_role_once on account_role (account_id, role, coalesce(unit_id, ''));
    create index account_role_at on account_role (unit_id);
    create table second_factor (factor_id text primary key, account_id text not null references account on delete cascade, kind text not null check (kind in ('totp', 'webauthn', 'recovery')), name text not null,
      shown jsonb not null, secret bytea, created_at_ms bigint not null, used_at_ms bigint, ordinal bigint generated always as identity);
    create index second_factor_of on second_factor (account_id);
    create table session (session_id text primary key, secret_hash bytea not null unique, account_id text not null references account on delete cascade, created_at_ms bigint not null, seen_at_ms bigint not null,
      idle_until_ms bigint not null, ends_at_ms bigint not null, address text not null, browser text not null, factor_at_ms bigint);
    create index session_of on session (account_id);
    create table known_browser (secret_hash bytea primary key, account_id text not null references account on delete cascade, seen_at_ms bigint not null);
    create index known_browser_of on known_browser (account_id, seen_at_ms);
    create table api_token (token_id text primary key, secret_hash bytea not null unique, account_id text not null references account on delete cascade, name text not null, rights jsonb not null,
      unit_id text references unit on delete cascade, created_at_ms bigint not null, expires_at_ms bigint not null, used_at_ms bigint);
    create index api_token_of on api_token (account_id);
    create table invitation (invitation_id text primary key, secret_hash bytea not null unique, account_id text not null references account on delete cascade, kind text not null check (kind in ('invitation', 'recovery')),
      by_name text not null, created_at_ms bigint not null, expires_at_ms bigint not null);
    create index invitation_of on invitation (account_id);
    create table sign_in_try (try_key text primary key, fails integer not null, last_at_ms bigint not null, until_ms bigint not null);
    create index sign_in_try_old on sign_in_try (last_at_ms);

    -- Whoever changes what somebody may do is heard by every process, whichever statement did it (AccessStore.onAccess).
    create function access_told() returns trigger language plpgsql as $$ begin perform pg_notify('crowdlight_access', ''); return null; end $$;
    create trigger account_told after insert or update or delete on account for each statement execute function access_told();
    create trigger account_role_told after insert or update or delete on account_role for each statement execute function access_told();
    create trigger session_told after delete on session for each statement execute function access_told();
    create trigger api_token_told after delete on api_token for each statement execute function access_told();
    create trigger second_factor_told after insert or delete on second_factor for each statement execute function access_told();
  `,
};
