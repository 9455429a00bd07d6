// Tables of incidents: one step of store/sql/migrations.ts.
/** As kysely sees them. */
export type IncidentsTables = {};
export const incidentsStep = { name: 'incidents', statements: 'select 1;' };
