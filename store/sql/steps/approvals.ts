// Approvals by a second person: one step of store/sql/migrations.ts.

/** As kysely sees them. */
export type ApprovalsTables = {};
export const approvalsStep = {
  name: 'approvals by a second person',
  statements: `
    select 1;
  `,
};
