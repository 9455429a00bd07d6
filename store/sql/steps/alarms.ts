// Tables of alarms: one step of store/sql/migrations.ts.
/** As kysely sees them. */
export type AlarmsTables = {};
export const alarmsStep = { name: 'alarms', statements: 'select 1;' };
