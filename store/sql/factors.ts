// Second factors and steps at the door in PostgreSQL: see store/factorsStore.ts.
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import Type from 'typebox';
import { Problem } from '../../contract/problem.ts';
import { checker, nullable, strictObject } from '../../contract/schema.ts';
import type { DoorStep, FactorsStore, KeptFactor } from '../factorsStore.ts';
import type { Database } from './database.ts';

const checkTotp = checker(strictObject({ lastStep: nullable(Type.Number()) }));
const checkPasskey = checker(strictObject({ credentialId: Type.String(), publicKey: Type.String(), counter: Type.Number(), transports: Type.Array(Type.String()), verifiesUser: Type.Boolean(), hostName: Type.String() }));
const checkData = checker(Type.Record(Type.String(), Type.String()));
/** Whoever asks for more at once means harm. */
const STEPS_MOST = 20_000;

export function factorsPart(database: Database): FactorsStore {
  return {
    factorsOf: (accountId) => database.run(async (db) => (await db.selectFrom('second_factor').selectAll().where('account_id', '=', accountId).where('kind', 'in', ['totp', 'webauthn']).orderBy('ordinal').execute()).flatMap(factorOf)),
    addFactor: (factor, most) => database.transact(async (tx) => {
      // One adder at a time for each account: or two could both count nine.
      await tx.selectFrom('account').select('account_id').where('account_id', '=', factor.accountId).forUpdate().executeTakeFirstOrThrow();
      const there = await tx.selectFrom('second_factor').select('factor_id').where('account_id', '=', factor.accountId).where('kind', '<>', 'recovery').execute();
      if (there.length >= most) throw new Problem('tooMany', { most });
      const kept = await tx.insertInto('second_factor').values({ factor_id: factor.factorId, account_id: factor.accountId, kind: factor.kind, name: factor.name, shown: JSON.stringify(factor.kept), secret: null, created_at_ms: factor.createdAtMs, used_at_ms: factor.usedAtMs })
        .onConflict((conflict) => conflict.doNothing()).returning('factor_id').executeTakeFirst();
      if (kept === undefined) throw new Problem('changedMeanwhile');
    }),
    removeFactor: (accountId, factorId) => database.transact(async (tx) => {
      const gone = await tx.deleteFrom('second_factor').where('account_id', '=', accountId).where('factor_id', '=', factorId).where('kind', '<>', 'recovery').returning('kind').executeTakeFirst();
      if (gone === undefined) return false;
      await tx.deleteFrom('kept_secret').where('name', '=', `totp/${factorId}`).execute();
      await tx.deleteFrom('second_factor').where('account_id', '=', accountId).where('kind', '=', 'recovery')
        .where((eb) => eb.not(eb.exists(eb.selectFrom('second_factor as other').select('other.factor_id').where('other.account_id', '=', accountId).where('other.kind', '<>', 'recovery')))).execute();
      return true;
    }),
    passkey: (credentialId) => database.run(async (db) => (await db.selectFrom('second_factor').selectAll().where('kind', '=', 'webauthn').where(sql<string>`shown ->> 'credentialId'`, '=', credentialId).execute()).flatMap(factorOf)[0] ?? null),
    useTotpStep: (factorId, step, nowMs) => database.run(async (db) => {
      const used = await sql`update second_factor set shown = jsonb_build_object('lastStep', ${step}::bigint), used_at_ms = ${nowMs} where factor_id = ${factorId} and kind = 'totp' and coalesce((shown ->> 'lastStep')::bigint, -1) < ${step}::bigint returning factor_id`.execute(db);
      return used.rows.length === 1;
    }),
    usePasskey: (factorId, counter, nowMs) => database.run(async (db) => {
      const used = await sql`update second_factor set shown = shown || jsonb_build_object('counter', ${counter}::bigint), used_at_ms = ${nowMs} where factor_id = ${factorId} and kind = 'webauthn'
        and ((${counter}::bigint = 0 and (shown ->> 'counter')::bigint = 0) or ${counter}::bigint > (shown ->> 'counter')::bigint) returning factor_id`.execute(db);
      return used.rows.length === 1;
    }),
    keepRecoveryCodes: (accountId, hashes, nowMs) => database.transact(async (tx) => {
      await tx.deleteFrom('second_factor').where('account_id', '=', accountId).where('kind', '=', 'recovery').execute();
      await tx.insertInto('second_factor').values(hashes.map((hash) => ({ factor_id: `r${randomBytes(8).toString('hex')}`, account_id: accountId, kind: 'recovery', name: '', shown: JSON.stringify({ hash }), secret: null, created_at_ms: nowMs, used_at_ms: null }))).execute();
    }),
    recoveryCodesLeft: (accountId) => database.run(async (db) => (await db.selectFrom('second_factor').select((eb) => eb.fn.countAll<number>().as('count')).where('account_id', '=', accountId).where('kind', '=', 'recovery').executeTakeFirstOrThrow()).count),
    useRecoveryCode: (accountId, hash) => database.run(async (db) => (await db.deleteFrom('second_factor').where('account_id', '=', accountId).where('kind', '=', 'recovery').where(sql<string>`shown ->> 'hash'`, '=', hash).returning('factor_id').execute()).length === 1),

    beginStep: ({ key, purpose, accountId, data, untilMs, nowMs }) => database.run(async (db) => {
      await db.deleteFrom('door_step').where('until_ms', '<=', nowMs).execute();
      const { count } = await db.selectFrom('door_step').select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
      if (count >= STEPS_MOST) throw new Problem('tooMany', { most: STEPS_MOST });
      const row = { account_id: accountId, data: JSON.stringify(data), tries: 0, until_ms: untilMs };
      await db.insertInto('door_step').values({ step_key: key, purpose, ...row }).onConflict((conflict) => conflict.columns(['step_key', 'purpose']).doUpdateSet(row)).execute();
    }),
    tryStep: (key, purpose, nowMs, triesMost) => database.run(async (db) => stepOf(await db.updateTable('door_step').set((eb) => ({ tries: eb('tries', '+', 1) })).where('step_key', '=', key).where('purpose', '=', purpose).where('until_ms', '>', nowMs).where('tries', '<', triesMost).returningAll().executeTakeFirst())),
    noteStep: (key, purpose, data, nowMs) => database.run(async (db) => {
      const noted = await sql`update door_step set data = data || ${JSON.stringify(data)}::jsonb where step_key = ${key} and purpose = ${purpose} and until_ms > ${nowMs} returning purpose`.execute(db);
      return noted.rows.length === 1;
    }),
    takeStep: (key, purpose, nowMs) => database.run(async (db) => stepOf(await db.deleteFrom('door_step').where('step_key', '=', key).where('purpose', '=', purpose).where('until_ms', '>', nowMs).returningAll().executeTakeFirst())),
  };
}

type FactorRow = { factor_id: string; account_id: string; kind: string; name: string; shown: unknown; created_at_ms: number; used_at_ms: number | null };
function factorOf(row: FactorRow): KeptFactor[] {
  const factor = { factorId: row.factor_id, accountId: row.account_id, name: row.name, createdAtMs: Number(row.created_at_ms), usedAtMs: row.used_at_ms === null ? null : Number(row.used_at_ms) };
  if (row.kind === 'totp') {
    const checked = checkTotp(row.shown);
    return checked.ok ? [{ ...factor, kind: 'totp', kept: checked.value }] : [];
  }
  const checked = checkPasskey(row.shown);
  return checked.ok ? [{ ...factor, kind: 'webauthn', kept: checked.value }] : [];
}

function stepOf(row: { account_id: string | null; data: unknown; tries: number } | undefined): DoorStep | null {
  if (row === undefined) return null;
  const checked = checkData(row.data);
  return checked.ok ? { accountId: row.account_id, data: checked.value, tries: row.tries } : null;
}
