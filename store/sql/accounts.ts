// Accounts, sessions, tokens and invitations in PostgreSQL: see store/accountsStore.ts.
import { randomBytes } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import type { RoleAt, Right } from '../../contract/access.ts';
import type { Account } from '../../contract/account.ts';
import { Problem } from '../../contract/problem.ts';
import type { AccountBody, AccountsStore, Invitation, KeptSession, KeptToken } from '../accountsStore.ts';
import type { Database, Tx } from './database.ts';
import type { Tables } from './tables.ts';

export const ACCOUNTS_MOST = 20_000, SESSIONS_OF_ACCOUNT_MOST = 50, TOKENS_OF_ACCOUNT_MOST = 50, BROWSERS_OF_ACCOUNT_MOST = 20;
/** A quiet hour forgives. */
const TRIES_COUNT_MS = 3600_000;
const TRIES_KEPT_MS = 24 * 3600_000, BROWSERS_KEPT_MS = 180 * 24 * 3600_000;

const newId = (first: string) => `${first}${randomBytes(9).toString('hex')}`;
const signInKey = (signInName: string) => signInName.normalize('NFKC').trim().toLowerCase();
/** A number that stands for "one change of accounts at a time". */
const ACCOUNTS_LOCK = 7_210_553;

export function accountsPart(whole: Database): AccountsStore {
  const database = whole.forProduct('who may see which account goes by all of its roles: server/routes/accounts.ts judges it; and whoever signs in has no scope yet');
  /** Changes of who may do what come one after the other: the last administrator must not go twice at once. */
  const change = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => database.transact(async (tx) => {
    await sql`select pg_advisory_xact_lock(${ACCOUNTS_LOCK})`.execute(tx);
    return work(tx);
  });
  const byId = async (db: Kysely<Tables> | Tx, accountId: string): Promise<Account | null> => (await accountsWhere(db, sql`a.account_id = ${accountId}`))[0]?.account ?? null;

  return {
    account: (accountId) => database.run((db) => byId(db, accountId)),
    accounts: () => database.run(async (db) => (await accountsWhere(db, sql`true`)).map(({ account }) => account)),
    accountsWithoutPassword: () => database.run(async (db) => (await db.selectFrom('account').select('account_id').where('password_hash', 'is', null).execute()).map((row) => row.account_id)),
    accountBySignInName: (signInName) => database.run(async (db) => (await accountsWhere(db, sql`a.sign_in_key = ${signInKey(signInName)}`))[0] ?? null),
    accountSecrets: (accountId) => database.run(async (db) => (await accountsWhere(db, sql`a.account_id = ${accountId}`))[0] ?? null),
    accountBySubject: (issuer, subject) => database.run(async (db) => (await accountsWhere(db, sql`a.issuer = ${issuer} and a.subject = ${subject}`))[0]?.account ?? null),
    addAccount: (body) => change((tx) => insertAccount(tx, body)),
    addFirstAccount: (body) => change(async (tx) => ((await tx.selectFrom('account').select('account_id').limit(1).executeTakeFirst()) === undefined ? insertAccount(tx, body) : null)),
    changeAccount: (accountId, { roles, ...rest }) => change(async (tx) => {
      const before = await byId(tx, accountId);
      if (before === null) return null;
      await mustFit(tx, { ...rest, ...(roles === undefined ? {} : { roles }) }, accountId);
      const next = { ...before, ...rest };
      await tx.updateTable('account').set({ sign_in_name: next.signInName, sign_in_key: signInKey(next.signInName), name: next.name, language: next.language, member_id: next.memberId, enabled: next.enabled }).where('account_id', '=', accountId).execute();
      if (roles !== undefined) {
        await tx.deleteFrom('account_role').where('account_id', '=', accountId).execute();
        await keepRoles(tx, accountId, roles);
      }
      if (before.enabled && !next.enabled) {
        for (const table of ['session', 'api_token', 'invitation', 'known_browser'] as const) await tx.deleteFrom(table).where('account_id', '=', accountId).execute();
      }
      if (isWholeAdministrator(before)) await oneMustStay(tx);
      return byId(tx, accountId);
    }),
    removeAccount: (accountId) => change(async (tx) => {
      const before = await byId(tx, accountId);
      if (before === null) return false;
      await tx.deleteFrom('account').where('account_id', '=', accountId).execute();
      if (isWholeAdministrator(before)) await oneMustStay(tx);
      return true;
    }),
    keepPassword: (accountId, passwordHash, { mustChange, keepSessionId }) => database.transact(async (tx) => {
      await tx.updateTable('account').set({ password_hash: passwordHash, must_change: mustChange }).where('account_id', '=', accountId).execute();
      await tx.deleteFrom('session').where('account_id', '=', accountId).$if(keepSessionId !== null, (query) => query.where('session_id', '<>', keepSessionId!)).execute();
      await tx.deleteFrom('invitation').where('account_id', '=', accountId).execute();
    }),

    addSession: ({ accountId, secretHash, nowMs, idleUntilMs, endsAtMs, address, browser, factorAtMs = null }) => database.transact(async (tx) => {
      const row = { session_id: newId('n'), secret_hash: secretHash, account_id: accountId, created_at_ms: nowMs, seen_at_ms: nowMs, idle_until_ms: Math.min(idleUntilMs, endsAtMs), ends_at_ms: endsAtMs, address: address.slice(0, 100), browser: browser.slice(0, 200), factor_at_ms: factorAtMs };
      await tx.insertInto('session').values(row).execute();
      // Somebody who signs in again and again keeps the newest.
      await sql`delete from session where account_id = ${accountId} and session_id in (select session_id from session where account_id = ${accountId} order by seen_at_ms desc, session_id offset ${SESSIONS_OF_ACCOUNT_MOST})`.execute(tx);
      return sessionOf(row);
    }),
    sessionBySecret: (secretHash, nowMs) => database.run(async (db) => {
      const row = await db.selectFrom('session').innerJoin('account', 'account.account_id', 'session.account_id').selectAll('session').where('session.secret_hash', '=', secretHash)
        .where('session.idle_until_ms', '>', nowMs).where('session.ends_at_ms', '>', nowMs).where('account.enabled', '=', true).executeTakeFirst();
      return row === undefined ? null : sessionOf(row);
    }),
    sessionsOf: (accountId, nowMs) => database.run(async (db) => (await db.selectFrom('session').selectAll().where('account_id', '=', accountId).where('idle_until_ms', '>', nowMs).where('ends_at_ms', '>', nowMs).orderBy('seen_at_ms', 'desc').execute()).map(sessionOf)),
    touchSession: (sessionId, nowMs, idleUntilMs) => database.run(async (db) => {
      await db.updateTable('session').set({ seen_at_ms: nowMs, idle_until_ms: sql<number>`least(ends_at_ms, ${idleUntilMs})` }).where('session_id', '=', sessionId).execute();
    }),
    noteFactor: (sessionId, atMs) => database.run(async (db) => { await db.updateTable('session').set({ factor_at_ms: atMs }).where('session_id', '=', sessionId).execute(); }),
    endSession: (accountId, sessionId) => database.run(async (db) => (await db.deleteFrom('session').where('account_id', '=', accountId).where('session_id', '=', sessionId).executeTakeFirst()).numDeletedRows > 0n),
    endSessions: (accountId, exceptSessionId) => database.run(async (db) => Number((await db.deleteFrom('session').where('account_id', '=', accountId).$if(exceptSessionId !== null, (query) => query.where('session_id', '<>', exceptSessionId!)).executeTakeFirst()).numDeletedRows)),

    addToken: ({ accountId, secretHash, name, rights, unitId, createdAtMs, expiresAtMs }) => change(async (tx) => {
      const { count } = await tx.selectFrom('api_token').select((eb) => eb.fn.countAll<number>().as('count')).where('account_id', '=', accountId).where('expires_at_ms', '>', createdAtMs).executeTakeFirstOrThrow();
      if (count >= TOKENS_OF_ACCOUNT_MOST) throw new Problem('tooMany', { most: TOKENS_OF_ACCOUNT_MOST });
      await unitsMustBe(tx, [unitId]);
      const row = { token_id: newId('t'), secret_hash: secretHash, account_id: accountId, name, rights: JSON.stringify(rights), unit_id: unitId, created_at_ms: createdAtMs, expires_at_ms: expiresAtMs, used_at_ms: null };
      await tx.insertInto('api_token').values(row).execute();
      return tokenOf({ ...row, rights });
    }),
    tokenBySecret: (secretHash, nowMs) => database.run(async (db) => {
      const row = await db.selectFrom('api_token').innerJoin('account', 'account.account_id', 'api_token.account_id').selectAll('api_token').where('api_token.secret_hash', '=', secretHash).where('api_token.expires_at_ms', '>', nowMs).where('account.enabled', '=', true).executeTakeFirst();
      return row === undefined ? null : tokenOf(row);
    }),
    tokensOf: (accountId, nowMs) => database.run(async (db) => (await db.selectFrom('api_token').selectAll().where('account_id', '=', accountId).where('expires_at_ms', '>', nowMs).orderBy('created_at_ms', 'desc').execute()).map(tokenOf)),
    tokenUsed: (tokenId, nowMs) => database.run(async (db) => { await db.updateTable('api_token').set({ used_at_ms: nowMs }).where('token_id', '=', tokenId).execute(); }),
    endToken: (accountId, tokenId) => database.run(async (db) => (await db.deleteFrom('api_token').where('account_id', '=', accountId).where('token_id', '=', tokenId).executeTakeFirst()).numDeletedRows > 0n),

    addInvitation: ({ accountId, secretHash, kind, byName, nowMs, expiresAtMs }) => database.transact(async (tx) => {
      await tx.deleteFrom('invitation').where('account_id', '=', accountId).execute();
      const row = { invitation_id: newId('i'), secret_hash: secretHash, account_id: accountId, kind, by_name: byName, created_at_ms: nowMs, expires_at_ms: expiresAtMs };
      await tx.insertInto('invitation').values(row).execute();
      return invitationOf(row);
    }),
    invitationBySecret: (secretHash, nowMs) => database.run(async (db) => {
      const row = await db.selectFrom('invitation').innerJoin('account', 'account.account_id', 'invitation.account_id').selectAll('invitation').where('invitation.secret_hash', '=', secretHash).where('invitation.expires_at_ms', '>', nowMs).where('account.enabled', '=', true).executeTakeFirst();
      return row === undefined ? null : invitationOf(row);
    }),
    invitationsOpen: (nowMs) => database.run(async (db) => (await db.selectFrom('invitation').selectAll().where('expires_at_ms', '>', nowMs).execute()).map(invitationOf)),
    useInvitation: (secretHash, nowMs, { name, language, passwordHash }) => database.transact(async (tx) => {
      const used = await tx.deleteFrom('invitation').where('secret_hash', '=', secretHash).where('expires_at_ms', '>', nowMs).returning('account_id').executeTakeFirst();
      if (used === undefined) return null;
      const { account_id: accountId } = used;
      const changed = await tx.updateTable('account').set({ password_hash: passwordHash, must_change: false, ...(name === null ? {} : { name }), ...(language === null ? {} : { language }) }).where('account_id', '=', accountId).where('enabled', '=', true).where('kind', '=', 'local').executeTakeFirst();
      if (changed.numUpdatedRows === 0n) return null;
      await tx.deleteFrom('session').where('account_id', '=', accountId).execute();
      await tx.deleteFrom('known_browser').where('account_id', '=', accountId).execute();
      return byId(tx, accountId);
    }),

    beginTry: (keys, nowMs) => database.transact(async (tx) => {
      // In one order, so that two tries at once never wait for each other.
      const rows = await sql<{ try_key: string; fails: number; last_at_ms: number; until_ms: number }>`select try_key, fails, last_at_ms, until_ms from sign_in_try where try_key in (${sql.join(keys.map(({ key }) => key))}) order by try_key for update`.execute(tx);
      const pausedUntilMs = Math.max(0, ...rows.rows.map((row) => row.until_ms));
      const before = new Map(rows.rows.map((row) => [row.try_key, row.fails]));
      if (pausedUntilMs > nowMs) return { pausedUntilMs, fails: keys.map(({ key }) => before.get(key) ?? 0) };
      const fails: number[] = [];
      for (const { key, free, firstPauseMs, mostPauseMs } of [...keys].sort((a, b) => (a.key < b.key ? -1 : 1))) {
        const row = rows.rows.find((one) => one.try_key === key);
        const count = row === undefined || row.last_at_ms < nowMs - TRIES_COUNT_MS ? 1 : row.fails + 1;
        const untilMs = count <= free ? 0 : nowMs + Math.min(mostPauseMs, firstPauseMs * 2 ** Math.min(30, count - free - 1));
        // A key that appeared meanwhile was made by a try beside this one: it counts too.
        const { rows: [kept] } = await sql<{ fails: number }>`
          insert into sign_in_try (try_key, fails, last_at_ms, until_ms) values (${key}, ${count}, ${nowMs}, ${untilMs})
          on conflict (try_key) do update set fails = ${row === undefined ? sql`sign_in_try.fails + 1` : sql`excluded.fails`}, last_at_ms = excluded.last_at_ms, until_ms = excluded.until_ms returning fails`.execute(tx);
        fails[keys.findIndex((one) => one.key === key)] = kept!.fails;
      }
      return { pausedUntilMs: 0, fails };
    }),
    forgetTries: ({ gone, less }) => database.transact(async (tx) => {
      if (gone.length > 0) await tx.deleteFrom('sign_in_try').where('try_key', 'in', [...gone]).execute();
      for (const key of [...less].sort()) await sql`update sign_in_try set fails = greatest(0, fails - 1), until_ms = 0 where try_key = ${key}`.execute(tx);
    }),
    knownBrowser: (secretHash, accountId, nowMs) => database.run(async (db) => (await db.selectFrom('known_browser').select('account_id').where('secret_hash', '=', secretHash).where('account_id', '=', accountId).where('seen_at_ms', '>', nowMs - BROWSERS_KEPT_MS).executeTakeFirst()) !== undefined),
    keepBrowser: (secretHash, accountId, nowMs) => database.transact(async (tx) => {
      await tx.insertInto('known_browser').values({ secret_hash: secretHash, account_id: accountId, seen_at_ms: nowMs }).onConflict((oc) => oc.column('secret_hash').doUpdateSet({ account_id: accountId, seen_at_ms: nowMs })).execute();
      await sql`delete from known_browser where account_id = ${accountId} and secret_hash in (select secret_hash from known_browser where account_id = ${accountId} order by seen_at_ms desc offset ${BROWSERS_OF_ACCOUNT_MOST})`.execute(tx);
    }),
    pruneAccess: (nowMs) => database.transact(async (tx) => {
      const gone = [
        await tx.deleteFrom('session').where((eb) => eb.or([eb('idle_until_ms', '<=', nowMs), eb('ends_at_ms', '<=', nowMs)])).executeTakeFirst(),
        await tx.deleteFrom('api_token').where('expires_at_ms', '<=', nowMs).executeTakeFirst(),
        await tx.deleteFrom('invitation').where('expires_at_ms', '<=', nowMs).executeTakeFirst(),
        await tx.deleteFrom('sign_in_try').where('last_at_ms', '<=', nowMs - TRIES_KEPT_MS).where('until_ms', '<=', nowMs).executeTakeFirst(),
        await tx.deleteFrom('known_browser').where('seen_at_ms', '<=', nowMs - BROWSERS_KEPT_MS).executeTakeFirst(),
      ];
      return gone.reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), 0);
    }),
  };
}

type AccountRow = Tables['account'] & { roles: RoleAt[]; factors: ('totp' | 'webauthn')[] };
async function accountsWhere(db: Kysely<Tables> | Tx, where: ReturnType<typeof sql>): Promise<{ account: Account; passwordHash: string | null; mustChange: boolean }[]> {
  const { rows } = await sql<AccountRow>`
    select a.*,
      coalesce((select jsonb_agg(jsonb_build_object('role', r.role, 'unitId', r.unit_id) order by r.ordinal) from account_role r where r.account_id = a.account_id), '[]') as roles,
      coalesce((select jsonb_agg(f.kind order by f.ordinal) from second_factor f where f.account_id = a.account_id and f.kind <> 'recovery'), '[]') as factors
    from account a where ${where} order by a.ordinal`.execute(db);
  return rows.map((row) => ({
    account: {
      accountId: row.account_id, signInName: row.sign_in_name, name: row.name, language: row.language as Account['language'], roles: row.roles, memberId: row.member_id, enabled: row.enabled,
      kind: row.kind as Account['kind'], secondFactors: row.factors, createdAtMs: Number(row.created_at_ms),
    },
    passwordHash: row.password_hash, mustChange: Boolean(row.must_change),
  }));
}

async function insertAccount(tx: Tx, body: AccountBody): Promise<Account> {
  const accountId = body.accountId ?? newId('a');
  const { count } = await tx.selectFrom('account').select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
  if (count >= ACCOUNTS_MOST) throw new Problem('tooMany', { most: ACCOUNTS_MOST });
  await mustFit(tx, body, accountId);
  await tx.insertInto('account').values({
    account_id: accountId, sign_in_name: body.signInName, sign_in_key: signInKey(body.signInName), name: body.name, language: body.language, member_id: body.memberId, enabled: body.enabled, kind: body.kind ?? 'local',
    issuer: body.issuer ?? null, subject: body.subject ?? null, password_hash: body.passwordHash ?? null, must_change: body.mustChange ?? false, created_at_ms: Date.now(),
  }).execute();
  await keepRoles(tx, accountId, body.roles);
  return (await accountsWhere(tx, sql`a.account_id = ${accountId}`))[0]!.account;
}

async function keepRoles(tx: Tx, accountId: string, roles: readonly RoleAt[]): Promise<void> {
  const once = [...new Map(roles.map((role) => [`${role.role} ${role.unitId ?? ''}`, role])).values()];
  if (once.length > 0) await tx.insertInto('account_role').values(once.map(({ role, unitId }) => ({ account_id: accountId, role, unit_id: unitId }))).execute();
}

async function mustFit(tx: Tx, { signInName, memberId, roles }: Partial<AccountBody>, accountId: string): Promise<void> {
  if (signInName !== undefined) {
    const taken = await tx.selectFrom('account').select('account_id').where('sign_in_key', '=', signInKey(signInName)).executeTakeFirst();
    if (taken !== undefined && taken.account_id !== accountId) throw new Problem('signInNameTaken', { name: signInName });
  }
  if (memberId !== undefined && memberId !== null && (await tx.selectFrom('member').select('member_id').where('member_id', '=', memberId).executeTakeFirst()) === undefined) throw new Problem('notFound');
  if (roles !== undefined) await unitsMustBe(tx, roles.map(({ unitId }) => unitId));
}

async function unitsMustBe(tx: Tx, unitIds: readonly (string | null)[]): Promise<void> {
  const asked = [...new Set(unitIds.filter((unitId) => unitId !== null))];
  if (asked.length > 0 && (await tx.selectFrom('unit').select('unit_id').where('unit_id', 'in', asked).execute()).length < asked.length) throw new Problem('notFound');
}

const isWholeAdministrator = ({ enabled, roles }: Account): boolean => enabled && roles.some(({ role, unitId }) => role === 'administrator' && unitId === null);
async function oneMustStay(tx: Tx): Promise<void> {
  const one = await tx.selectFrom('account').innerJoin('account_role', 'account_role.account_id', 'account.account_id').select('account.account_id')
    .where('account.enabled', '=', true).where('account_role.role', '=', 'administrator').where('account_role.unit_id', 'is', null).limit(1).executeTakeFirst();
  if (one === undefined) throw new Problem('lastAdministrator');
}

type RowOf<T extends 'session' | 'api_token' | 'invitation'> = { [K in keyof Tables[T]]: unknown };
const sessionOf = (row: RowOf<'session'>): KeptSession => ({
  sessionId: String(row.session_id), accountId: String(row.account_id), createdAtMs: Number(row.created_at_ms), seenAtMs: Number(row.seen_at_ms), idleUntilMs: Number(row.idle_until_ms), endsAtMs: Number(row.ends_at_ms),
  address: String(row.address), browser: String(row.browser), factorAtMs: row.factor_at_ms === null ? null : Number(row.factor_at_ms),
});
const tokenOf = (row: RowOf<'api_token'>): KeptToken => ({
  tokenId: String(row.token_id), accountId: String(row.account_id), name: String(row.name), rights: row.rights as Right[], unitId: row.unit_id as string | null,
  createdAtMs: Number(row.created_at_ms), expiresAtMs: Number(row.expires_at_ms), usedAtMs: row.used_at_ms === null ? null : Number(row.used_at_ms),
});
const invitationOf = (row: RowOf<'invitation'>): Invitation => ({ invitationId: String(row.invitation_id), accountId: String(row.account_id), kind: row.kind as Invitation['kind'], byName: String(row.by_name), createdAtMs: Number(row.created_at_ms), expiresAtMs: Number(row.expires_at_ms) });
