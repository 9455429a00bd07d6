// Masks, retention, purge reports: one step of store/sql/migrations.ts.

/** As kysely sees them. */
export type PrivacyTables = {};
export const privacyStep = {
  name: 'masks, retention, purge reports',
  statements: `
    select 1;
  `,
};
