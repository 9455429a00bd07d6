// Tables of units: one step of store/sql/migrations.ts.
/** As kysely sees them. */
export type UnitsTables = {};
export const unitsStep = { name: 'units', statements: 'select 1;' };
