// Approvals by a second person: one step of store/sql/migrations.ts.
import type { Json } from '../tables.ts';

/** As kysely sees them. What is asked for by stands in columns; the rest in the approval itself. */
export type ApprovalsTables = {
  approval: { approval_id: string; account_id: string; what: string; place_kind: string; place_id: string; act: string; unit_id: string | null; state: string; asked_at_ms: number; usable_until_ms: number | null; approval: Json };
};
export const approvalsStep = {
  name: 'approvals by a second person',
  statements: `
    create table approval (
      approval_id text primary key, account_id text not null, what text not null, place_kind text not null, place_id text not null, act text not null, unit_id text,
      state text not null check (state in ('draft', 'asked', 'given', 'refused', 'expired', 'emergency', 'reviewed', 'withdrawn')),
      asked_at_ms bigint not null, usable_until_ms bigint, approval jsonb not null
    );
    create index approval_waiting on approval (asked_at_ms) where state in ('asked', 'emergency', 'given');
    create index approval_of_account on approval (account_id, asked_at_ms);
    create index approval_at on approval (asked_at_ms);
    -- A second refusal of the same act finds the draft of the first.
    create unique index approval_draft on approval (account_id, what, place_kind, place_id, act) where state = 'draft';
  `,
};
