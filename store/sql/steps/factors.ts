// Steps at the door that wait for their next one, and what keeps second factors apart: one step of store/sql/migrations.ts.
import type { Json } from '../tables.ts';

/** As kysely sees them. */
export type FactorsTables = {
  door_step: { step_key: Uint8Array; purpose: string; account_id: string | null; data: Json; tries: number; until_ms: number };
};
export const factorsStep = {
  name: 'second factors',
  statements: `
    -- Minutes long at most; of what opens one (a cookie) only the SHA-256 is kept.
    create table door_step (step_key bytea not null, purpose text not null, account_id text references account on delete cascade, data jsonb not null, tries integer not null default 0, until_ms bigint not null, primary key (step_key, purpose));
    create index door_step_over on door_step (until_ms);
    -- A key that opens two accounts would open the wrong one.
    create unique index passkey_once on second_factor ((shown ->> 'credentialId')) where kind = 'webauthn';
    create unique index recovery_code_once on second_factor (account_id, (shown ->> 'hash')) where kind = 'recovery';
  `,
};
