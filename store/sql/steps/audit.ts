// Audit: one step of store/sql/migrations.ts.

/** As kysely sees them. */
export type AuditTables = {};
export const auditStep = {
  name: 'audit',
  statements: `
    select 1;
  `,
};
