// Who may see which rows: one step of store/sql/migrations.ts.

/** As kysely sees them. */
export type ScopeTables = {};
export const scopeStep = {
  name: 'who may see which rows',
  statements: `
    select 1;
  `,
};
