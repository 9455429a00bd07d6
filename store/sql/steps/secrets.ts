// Secrets sealed at rest: one step of store/sql/migrations.ts.
import type { Generated } from 'kysely';

/** As kysely sees them. */
export type SecretsTables = {
  secret_key: { key_id: string; since: Generated<Date> };
  kept_secret: { name: string; sealed: string };
};
export const secretsStep = {
  name: 'secrets sealed at rest',
  statements: `
    -- Which keys something may be sealed with: ids only. A process that has not all of them does not start.
    create table secret_key (key_id text primary key, since timestamptz not null default now());
    create table kept_secret (name text primary key, sealed text not null check (sealed like 'sealed1.%'));
    -- "not valid": what is there already is sealed by the start that makes this step (store/sql/secrets.ts); from now on nothing else is taken.
    alter table sensor_settings add constraint sensor_settings_sealed check (jsonb_typeof(settings) = 'string' and settings #>> '{}' like 'sealed1.%') not valid;
    alter table channel_settings add constraint channel_settings_sealed check (jsonb_typeof(settings) = 'string' and settings #>> '{}' like 'sealed1.%') not valid;
    alter table channel_key add constraint channel_key_sealed check (jsonb_typeof(key) = 'string' and key #>> '{}' like 'sealed1.%') not valid;
  `,
};
