// One number that grows with each change of units, people on duty, policies or playbooks: by it every process knows that what it holds in memory is old.
import { sql, type Kysely } from 'kysely';
import type { Database, Tx } from './database.ts';
import type { Tables } from './tables.ts';

export const UNITS_CHANNEL = 'crowdlight_units';

/** First of all in the transaction of a change: the row is held until commit, so that changes come one after the other and the number grows in the order of commit. */
export async function bumpUnitsVersion(tx: Tx): Promise<number> {
  const { version } = await tx.updateTable('unit_head').set((eb) => ({ version: eb('version', '+', 1) })).returning('version').executeTakeFirstOrThrow();
  await sql`select pg_notify(${UNITS_CHANNEL}, '')`.execute(tx); // heard at commit
  return version;
}

export const unitsVersionNow = async (db: Kysely<Tables> | Tx): Promise<number> => (await db.selectFrom('unit_head').select('version').executeTakeFirstOrThrow()).version;

/** Calls `heard` soon after each change, here or in any other process, and after each reconnection. May call without cause. */
export const listenToUnits = (database: Database, heard: () => void): { close(): Promise<void> } => database.listen(UNITS_CHANNEL, heard);
