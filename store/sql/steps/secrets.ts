// Secrets sealed at rest: one step of store/sql/migrations.ts.

/** As kysely sees them. */
export type SecretsTables = {};
export const secretsStep = {
  name: 'secrets sealed at rest',
  statements: `
    select 1;
  `,
};
