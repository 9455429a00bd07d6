// Tables of people: one step of store/sql/migrations.ts.
/** As kysely sees them. */
export type PeopleTables = {};
export const peopleStep = { name: 'people', statements: 'select 1;' };
