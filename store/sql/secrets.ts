// Sealed values in PostgreSQL: see store/secrets.ts and store/secretsStore.ts.
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { Problem } from '../../contract/problem.ts';
import { isSealed, type Secrets } from '../secrets.ts';
import type { SecretsStore } from '../secretsStore.ts';
import type { Database, Tx } from './database.ts';

/** Every column that is sealed. A value is bound to "table/id", so that it opens nowhere else. `json`: a jsonb column that holds the sealed text as a JSON string. */
export const SEALED_COLUMNS = [
  { table: 'sensor_settings', id: 'sensor_id', column: 'settings', json: true },
  { table: 'channel_settings', id: 'channel_id', column: 'settings', json: true },
  { table: 'channel_key', id: 'name', column: 'key', json: true },
  { table: 'kept_secret', id: 'name', column: 'sealed', json: false },
] as const;
type SealedColumn = (typeof SEALED_COLUMNS)[number];
export type SealedTable = SealedColumn['table'];

const placeOf = (table: SealedTable, id: string) => `${table}/${id}`;
/** For a jsonb column. */
export const sealedJson = (secrets: Secrets, table: SealedTable, id: string, value: unknown): string => JSON.stringify(secrets.seal(JSON.stringify(value), placeOf(table, id)));
export const openedJson = (secrets: Secrets, table: SealedTable, id: string, row: unknown): unknown => {
  if (!isSealed(row)) throw new Problem('secretDamaged', { place: placeOf(table, id) });
  return JSON.parse(secrets.open(row, placeOf(table, id))) as unknown;
};

/**
 * At each start, after the migration. The keys that something is sealed with must all be here, or nothing is touched: Problem secretKeyMissing.
 * What an older release left open is sealed now. Several processes may start at once: one after the other.
 */
export async function beginSecrets(database: Database, secrets: Secrets, log: Logger): Promise<void> {
  if (!secrets.given) return;
  await database.transact(async (tx) => {
    await sql`select pg_advisory_xact_lock(${SECRETS_LOCK})`.execute(tx);
    const known = (await tx.selectFrom('secret_key').select('key_id').execute()).map((row) => row.key_id);
    const missing = known.filter((keyId) => !secrets.has(keyId));
    if (missing.length > 0) throw new Problem('secretKeyMissing', { keys: missing.join(', ') });
    secrets.persist();
    await tx.insertInto('secret_key').values({ key_id: secrets.writerId() }).onConflict((conflict) => conflict.doNothing()).execute();
  });
  let sealed = 0;
  for (;;) {
    const done = await database.transact((tx) => resealIn(tx, secrets, AT_ONCE, true));
    sealed += done;
    if (done < AT_ONCE) break;
  }
  if (sealed === 0) return;
  log.info({ values: sealed }, 'passwords and keys in the database are sealed now');
  // What stood there open is still in the files of these tables until they are written anew. Backups and the write-ahead log of before keep it: docs/SECURITY.md says so.
  for (const { table } of SEALED_COLUMNS) await sql.raw(`vacuum full ${table}`).execute(database.raw).catch((error: unknown) => { log.warn({ table, detail: (error as Error).message }, 'the files of a table could not be written anew; run "vacuum full" on it'); });
}

export function secretsPart(database: Database, secrets: Secrets): SecretsStore {
  const read = (name: string) => database.run(async (db) => (await db.selectFrom('kept_secret').select('sealed').where('name', '=', name).executeTakeFirst())?.sealed ?? null);
  const opened = (name: string, sealed: string | null) => (sealed === null ? null : secrets.open(sealed, placeOf('kept_secret', name)));
  const sealedNow = (name: string, plain: string) => ({ name, sealed: secrets.seal(plain, placeOf('kept_secret', name)) });
  return {
    keepSecret: async (name, plain) => {
      const row = sealedNow(name, plain);
      await database.run((db) => db.insertInto('kept_secret').values(row).onConflict((conflict) => conflict.column('name').doUpdateSet({ sealed: row.sealed })).execute());
    },
    async keptSecret(name, make) {
      const there = opened(name, await read(name));
      if (there !== null) return there;
      const row = sealedNow(name, await make());
      await database.run((db) => db.insertInto('kept_secret').values(row).onConflict((conflict) => conflict.doNothing()).execute());
      return opened(name, await read(name))!;
    },
    secret: async (name) => opened(name, await read(name)),
    dropSecret: async (name) => { await database.run((db) => db.deleteFrom('kept_secret').where('name', '=', name).execute()); },
    sealed: (plain, place) => secrets.seal(plain, place),
    unsealed: (sealed, place) => secrets.open(sealed, place),
    resealSome: (most) => database.transact(async (tx) => {
      await sql`insert into secret_key (key_id) values (${secrets.writerId()}) on conflict do nothing`.execute(tx);
      const resealed = await resealIn(tx, secrets, most, false);
      let left = 0;
      for (const column of SEALED_COLUMNS) left += (await sql<{ count: number }>`select count(*) as count from ${sql.table(column.table)} where ${isOld(column, secrets.writerId())}`.execute(tx)).rows[0]!.count;
      return { resealed, left };
    }),
    secretKeys: () => database.run(async (db) => {
      const values = new Map((await db.selectFrom('secret_key').select('key_id').orderBy('since').execute()).map((row) => [row.key_id, 0]));
      for (const column of SEALED_COLUMNS) {
        const rows = await sql<{ key_id: string | null; count: number }>`select split_part(${textOf(column)}, '.', 2) as key_id, count(*) as count from ${sql.table(column.table)} group by 1`.execute(db);
        for (const row of rows.rows) values.set(row.key_id ?? '', (values.get(row.key_id ?? '') ?? 0) + row.count);
      }
      return [...values].map(([keyId, count]) => ({ keyId, values: count }));
    }),
    forgetUnusedKeys: () => database.transact(async (tx) => {
      await sql`select pg_advisory_xact_lock(${SECRETS_LOCK})`.execute(tx);
      const gone = await tx.deleteFrom('secret_key').where('key_id', '<>', secrets.writerId())
        .where((eb) => eb.not(eb.or(SEALED_COLUMNS.map((column) => sql<boolean>`exists (select 1 from ${sql.table(column.table)} where split_part(${textOf(column)}, '.', 2) = secret_key.key_id)`)))).returning('key_id').execute();
      return gone.map((row) => row.key_id);
    }),
  };
}

/** Seals up to `most` values anew; `onlyOpen`: those alone that are not sealed at all. A row that somebody else holds is passed over: it is found the next time. */
async function resealIn(tx: Tx, secrets: Secrets, most: number, onlyOpen: boolean): Promise<number> {
  let done = 0;
  for (const column of SEALED_COLUMNS) {
    if (done >= most) break;
    const wanted = onlyOpen ? isOpen(column) : isOld(column, secrets.writerId());
    const rows = await sql<{ id: string; value: unknown }>`select ${sql.ref(column.id)} as id, ${sql.ref(column.column)} as value from ${sql.table(column.table)} where ${wanted} order by 1 limit ${most - done} for update skip locked`.execute(tx);
    for (const { id, value } of rows.rows) {
      const place = placeOf(column.table, id), plain = isSealed(value) ? secrets.open(value, place) : JSON.stringify(value);
      const sealed = secrets.seal(plain, place);
      await sql`update ${sql.table(column.table)} set ${sql.ref(column.column)} = ${column.json ? JSON.stringify(sealed) : sealed} where ${sql.ref(column.id)} = ${id}`.execute(tx);
      done++;
    }
  }
  return done;
}

const textOf = (column: SealedColumn) => (column.json ? sql<string>`(${sql.ref(column.column)} #>> '{}')` : sql<string>`${sql.ref(column.column)}`);
const isOpen = (column: SealedColumn) => sql<boolean>`${textOf(column)} not like 'sealed1.%'`;
const isOld = (column: SealedColumn, keyId: string) => sql<boolean>`${textOf(column)} not like ${`sealed1.${keyId}.%`}`;
/** A number that means nothing but must stay the same: 'keys'. */
const SECRETS_LOCK = 0x6b_65_79_73;
const AT_ONCE = 200;
