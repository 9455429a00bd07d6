// Tables of channels: one step of store/sql/migrations.ts.
/** As kysely sees them. */
export type ChannelsTables = {};
export const channelsStep = { name: 'channels', statements: 'select 1;' };
