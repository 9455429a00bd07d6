// Accounts, sessions, tokens: one step of store/sql/migrations.ts.

/** As kysely sees them. */
export type AccountsTables = {};
export const accountsStep = {
  name: 'accounts, sessions, tokens',
  statements: `
    select 1;
  `,
};
