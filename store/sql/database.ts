// The connection to PostgreSQL: a bounded pool, every failure with a name, and the news of whether it is up.
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Scope } from '../../contract/access.ts';
import { Problem, withoutSecrets } from '../../contract/problem.ts';
import { pauseMs, sleep } from '../pauseMs.ts';
import { asProduct, heardAsProduct, scopeNow } from '../scope.ts';
import type { Tables } from './tables.ts';

export type Trouble = 'databaseDown' | 'diskFull';
export type Tx = Transaction<Tables>;

export type Work = {
  /** Runs one piece of work; its failure is named and remembered as trouble, its success ends a databaseDown. Within a scope it shows and changes only rows of that scope (store/sql/rowScope.ts). */
  run<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
  /** As run, in one transaction; tried again (at most 3 times) when PostgreSQL chose it to break a deadlock. A success ends a diskFull, too. */
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
};
export type Database = Work & {
  /** As if nobody had asked: for what one who may take a step need not be able to see. Every use says why. */
  forProduct(because: string): Work;
  /** Part of a transaction that began within a scope, for the product; and part of one of the product's, within a scope. */
  stepForProduct<T>(tx: Tx, because: string, work: () => Promise<T>): Promise<T>;
  stepWithin<T>(tx: Tx, scope: Scope | null, work: () => Promise<T>): Promise<T>;
  /** The role that requests run under, once it is there: until then nothing runs within a scope. */
  scopeRole(role: string): void;
  /** Without retry and naming: for the first contact. */
  raw: Kysely<Tables>;
  trouble(): Trouble | null;
  onChange(listener: (isUp: boolean) => void): () => void;
  /** Calls `heard` at every NOTIFY on the channel, and once at each (re)connection, when some may have been missed. */
  listen(channel: string, heard: () => void): { close(): Promise<void> };
  close(): Promise<void>;
};

const TELL_SESSION = `select set_config('role', $1, false), set_config('crowdlight.all', $2, false), set_config('crowdlight.units', $3, false), set_config('crowdlight.sites', $4, false)`;
/** As PostgreSQL reads an array of text. */
const arrayOf = (ids: readonly string[]): string => `{${ids.map((id) => `"${id.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(',')}}`;

const POOL_MOST = 8;
const CONNECT_MOST_MS = 4000, STATEMENT_MOST_MS = 15_000, ANSWER_MOST_MS = 17_000;

export function openDatabase({ databaseUrl, log }: { databaseUrl: string; log: Logger }): Database {
  const connection = {
    connectionString: databaseUrl, application_name: 'crowdlight', keepAlive: true, connectionTimeoutMillis: CONNECT_MOST_MS,
    // The server gives up first; the client's own limit is for a server that says nothing at all (frozen, cable out).
    statement_timeout: STATEMENT_MOST_MS, lock_timeout: 10_000, query_timeout: ANSWER_MOST_MS, idle_in_transaction_session_timeout: 60_000,
    types: { getTypeParser: ((oid: number, format?: 'text' | 'binary') => (oid === 20 ? Number : pg.types.getTypeParser(oid, format as 'text'))) as typeof pg.types.getTypeParser }, // bigint: seq and fence stay far under 2^53
  };
  const pool = new pg.Pool({ ...connection, max: POOL_MOST, idleTimeoutMillis: 30_000 });
  let role: string | null = null;
  /** What each connection was told last, so that it is told again only when somebody else's turn comes. A new one is the product's. */
  const told = new WeakMap<pg.PoolClient, string>();
  const settingsOf = (scope: Scope | null): string[] => {
    if (scope === null) return ['none', '', '{}', '{}'];
    if (role === null) throw new Problem('databaseDown', {}, 'no role for requests yet');
    return [role, scope.all ? 'on' : '', arrayOf(scope.unitIds), arrayOf(scope.siteIds)];
  };
  /** Settings of the session, in one statement outside of any transaction: one that is rolled back does not take them back. */
  const scoped = {
    async connect() {
      const client = await pool.connect();
      const settings = settingsNow(), key = JSON.stringify(settings);
      if ((told.get(client) ?? PRODUCT) !== key) {
        try {
          told.set(client, 'unknown');
          await client.query(TELL_SESSION, settings);
          told.set(client, key);
        } catch (error) { client.release(error as Error); throw error; }
      }
      return client;
    },
    end: () => pool.end(),
  };
  const settingsNow = () => settingsOf(scopeNow());
  const PRODUCT = JSON.stringify(settingsOf(null));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: scoped as never }) });
  const closing = new AbortController();
  let listening: ReturnType<typeof listenTo> | null = null;
  const listeners = new Set<(isUp: boolean) => void>();
  let trouble: Trouble | null = null;
  let probing: Promise<void> | null = null;

  const setTrouble = (next: Trouble | null, detail: string) => {
    if (next === trouble || closing.signal.aborted) return;
    trouble = next;
    if (next === null) log.info('the database is well again'); else log.error({ detail }, next === 'diskFull' ? 'the disk of the database is full' : 'the database does not answer');
    for (const listener of listeners) listener(next === null);
    if (next !== null) probing ??= asProduct(probe).finally(() => { probing = null; });
  };
  // An idle connection that breaks is how a PostgreSQL that was killed is heard of first; without a listener it would end this process.
  pool.on('error', (error) => setTrouble('databaseDown', error.message));
  // node-postgres leaves a checked-out client without an 'error' listener of the pool's; a break between two statements must not end the process either.
  pool.on('connect', (client) => { client.on('error', (error) => setTrouble('databaseDown', error.message)); });

  /** While in trouble: asks again by itself, so that the end of the trouble is news even when nobody calls. */
  async function probe(): Promise<void> {
    for (let attempt = 1; trouble !== null && !closing.signal.aborted; attempt++) {
      await sleep(pauseMs({ attempt, firstMs: 100, mostMs: 2000 }), closing.signal);
      if (closing.signal.aborted) return;
      try {
        if (trouble === 'diskFull') await probeDisk(db); else await sql`select 1`.execute(db);
        setTrouble(null, '');
      } catch (error) { setTrouble(troubleOf(error) ?? trouble, words(error)); }
    }
  }

  const named = (error: unknown): unknown => {
    const kind = troubleOf(error);
    if (kind !== null) { setTrouble(kind, words(error)); return new Problem(kind, {}, words(error)); }
    // A row that would lie outside of the scope it is written from, or a table that is the product's alone (42501 insufficient_privilege, also for row-level security): nobody is told which.
    if (scopeNow() !== null && codeOf(error) === '42501') { log.warn({ detail: words(error) }, 'the database refused a step that reaches beyond its scope'); return new Problem('notAllowed'); }
    // A NUL or half a surrogate pair in a name: PostgreSQL keeps no such text.
    if (['22P05', '22021'].includes(codeOf(error))) return new Problem('inputWrong', { reason: 'it holds a character that cannot be kept' });
    return error;
  };

  const work: Work = {
    async run(work) {
      try {
        const result = await work(db);
        if (trouble === 'databaseDown') setTrouble(null, '');
        return result;
      } catch (error) { throw named(error); }
    },
    async transact(work) {
      for (let attempt = 1; ; attempt++) {
        try {
          const result = await db.transaction().execute(work);
          setTrouble(null, '');
          return result;
        } catch (error) {
          if (attempt < 3 && ['40P01', '40001'].includes(codeOf(error))) continue;
          throw named(error);
        }
      }
    },
  };
  const product: Work = { run: (some) => asProduct(() => work.run(some)), transact: (some) => asProduct(() => work.transact(some)) };
  /** Until the end of the transaction at the latest; what fails inside takes the transaction back, and this with it. */
  const tellStep = (tx: Tx, scope: Scope | null) => { const [to, all, units, sites] = settingsOf(scope); return sql`select set_config('role', ${to}, true), set_config('crowdlight.all', ${all}, true), set_config('crowdlight.units', ${units}, true), set_config('crowdlight.sites', ${sites}, true)`.execute(tx); };
  const step = async <T>(tx: Tx, from: Scope | null, to: Scope | null, some: () => Promise<T>): Promise<T> => {
    if (from === to) return some();
    await tellStep(tx, to);
    const answer = await some();
    await tellStep(tx, from);
    return answer;
  };
  return {
    raw: db, ...work,
    forProduct: (_because) => product,
    stepForProduct: (tx, _because, some) => step(tx, scopeNow(), null, some),
    stepWithin: (tx, scope, some) => step(tx, null, scope, some),
    scopeRole(name) { role = name; },
    trouble: () => trouble,
    onChange(listener) { const heard = heardAsProduct(listener); listeners.add(heard); return () => { listeners.delete(heard); }; },
    listen: (channel, heard) => asProduct(() => (listening ??= listenTo({ connection, log })).hear(channel, heard)),
    async close() {
      closing.abort();
      await Promise.all([probing, listening?.close()]);
      // A server that is gone does not say goodbye; the pool must not wait for it.
      await Promise.race([db.destroy(), sleep(1500)]);
    },
  };
}

/** One connection listens on every channel: each costs the database a process. Tries for ever and owns the pause. */
function listenTo({ connection, log }: { connection: pg.ClientConfig; log: Logger }) {
  const closing = new AbortController();
  const hearers = new Map<string, Set<() => void>>();
  let client: pg.Client | null = null, isConnected = false;
  const listenOn = async (current: pg.Client, channel: string) => {
    await current.query(`listen ${channel}`);
    // Once at each connection: some may have been missed before.
    for (const heard of hearers.get(channel) ?? []) heard();
  };
  const loop = (async () => {
    for (let attempt = 1; !closing.signal.aborted; attempt++) {
      const current = new pg.Client({ ...connection, application_name: 'crowdlight listen' });
      client = current;
      const ended = new Promise<void>((resolve) => { current.on('end', () => resolve()); current.on('error', () => resolve()); });
      current.on('notification', ({ channel }) => { for (const heard of hearers.get(channel) ?? []) heard(); });
      try {
        await current.connect();
        isConnected = true;
        for (const channel of hearers.keys()) await listenOn(current, channel);
        attempt = 1;
        await ended;
      } catch (error) { log.debug({ detail: words(error) }, 'cannot listen to the database yet'); }
      isConnected = false;
      void current.end().catch(() => {});
      await sleep(pauseMs({ attempt, firstMs: 100, mostMs: 2000 }), closing.signal);
    }
  })();
  return {
    hear(channel: string, heard: () => void): { close(): Promise<void> } {
      const isNew = !hearers.has(channel), mine = () => heard();
      hearers.set(channel, (hearers.get(channel) ?? new Set()).add(mine));
      // A connection that breaks meanwhile is opened anew, with this channel among the others.
      if (isConnected && client !== null) { if (isNew) void listenOn(client, channel).catch(() => {}); else queueMicrotask(mine); }
      return { close: async () => { hearers.get(channel)?.delete(mine); } };
    },
    async close() {
      closing.abort();
      await Promise.race([client?.end().catch(() => {}), sleep(1000)]);
      await Promise.race([loop, sleep(500)]);
    },
  };
}

/** Half a megabyte written and taken back: more than the room that already belongs to the table, so that the disk itself is asked. */
async function probeDisk(db: Kysely<Tables>): Promise<void> {
  const takenBack = new Error('taken back');
  await db.transaction().execute(async (tx) => {
    await sql`insert into disk_probe (filler) select repeat(n::text || ' no room? ', 6000) from generate_series(1, 8) n`.execute(tx);
    throw takenBack;
  }).catch((error: unknown) => { if (error !== takenBack) throw error; });
}

/** What kind of trouble an error tells of, null when it is no trouble of the database's. */
export function troubleOf(error: unknown): Trouble | null {
  if (error instanceof Problem) return null;
  const code = codeOf(error), text = words(error);
  if (code === '53100' || code === 'ENOSPC' || /No space left on device/.test(text)) return 'diskFull'; // 53100 disk_full
  // 08 connection trouble, 57P0x shutting down or starting, 53300 too many connections, 57014 statement_timeout, 55P03 lock_timeout, 58030 input/output error;
  // 25006: a replica or a server that went read-only; 28 refused at the door; 3D000 no such database.
  if (code.startsWith('08') || /^57P0[1-5]$/.test(code) || code.startsWith('28') || ['53300', '57014', '55P03', '58030', '25006', '25P03', '3D000'].includes(code)) return 'databaseDown';
  if (['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'EACCES'].includes(code)) return 'databaseDown';
  if (/Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|not queryable|Cannot use a pool after calling end|server closed the connection|driver has already been destroyed/i.test(text)) return 'databaseDown';
  return null;
}

const codeOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '');
const words = (error: unknown): string => {
  if (error instanceof AggregateError) return error.errors.map((part) => words(part)).join('; ');
  return withoutSecrets(error instanceof Error ? error.message : String(error));
};
