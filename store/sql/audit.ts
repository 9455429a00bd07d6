// The audit in PostgreSQL: see store/auditStore.ts. Lines go by a connection of their own, one statement a batch: whoever comes while a batch is under way is in the next one.
import { sql } from 'kysely';
import pg from 'pg';
import type { Logger } from 'pino';
import type { AuditFact, AuditLine } from '../../contract/audit.ts';
import { Problem, withoutSecrets } from '../../contract/problem.ts';
import { canonicalJson, droppedWords, keptFact } from '../auditChain.ts';
import type { AuditFilter, AuditStore } from '../auditStore.ts';
import { pauseMs } from '../pauseMs.ts';
import type { Database, Tx } from './database.ts';
import { AUDIT_ROLES } from './steps/audit.ts';

export type AuditPart = AuditStore & { closeAudit(): Promise<void> };

const BATCH_MOST = 500;
/** Lines that wait in memory while the record is away: minutes of a busy city. About 1 kB each. */
const WAITING_MOST = 20_000;
const CONNECT_MOST_MS = 4000, STATEMENT_MOST_MS = 8000;
/** A step that was taken does not hold its answer back longer than this for its line. */
const NOTE_WAITS_MOST_MS = 500;
const CLOSE_MOST_MS = 2000;
/** Looked through at once where words are searched for, or units that no index puts in order. */
const SCANNED_MOST = 200_000;
const PAGE_MOST = 1000;
const SYSTEM: Omit<AuditFact, 'what' | 'detail'> = { accountId: null, name: 'Crowdlight', sessionId: null, address: '', route: '', status: null, placeKind: null, placeId: null, placeName: null, unitId: null, fromMs: null, untilMs: null, reason: null };

type Waiting = { atMs: number; text: string; /** Noted: is written later when it cannot be now. */ isLate: boolean };
type Caller = { waiting: Waiting[]; done: () => void; failed: (error: Error) => void };

export function auditPart(database: Database, databaseUrl: string, log: Logger): AuditPart {
  const listeners = new Set<() => void>(), product = database.forProduct('the audit is no row of anybody\'s scope');
  const figures = { written: 0, dropped: 0 };
  const callers: Caller[] = [];
  let queued = 0, pumping: Promise<void> | null = null;
  /** Noted and not committed, oldest first; they go before all that comes later. */
  let late: Waiting[] = [], gap = 0;
  let retry: NodeJS.Timeout | null = null, attempts = 0, closed = false;
  let client: Promise<pg.Client> | null = null;

  async function connect(): Promise<pg.Client> {
    const fresh = new pg.Client({ connectionString: databaseUrl, application_name: 'crowdlight audit', keepAlive: true, connectionTimeoutMillis: CONNECT_MOST_MS, statement_timeout: STATEMENT_MOST_MS, query_timeout: STATEMENT_MOST_MS + 1000, lock_timeout: 5000 });
    fresh.on('error', () => {}); // told by the statement that fails
    fresh.once('end', () => { client = null; });
    try {
      await fresh.connect();
      // From here on this connection may add lines and nothing else.
      const writer = await fresh.query<{ name: string | null }>('select audit_role($1) as name', [AUDIT_ROLES.writer]);
      const name = writer.rows[0]?.name ?? null;
      if (name !== null) await fresh.query(`set role ${pg.escapeIdentifier(name)}`);
      else log.info('the audit is written without a role of its own: the user of the database may not make roles');
      return fresh;
    } catch (error) { void fresh.end().catch(() => {}); throw error; }
  }
  async function append(lines: Waiting[]): Promise<void> {
    const mine = await (client ??= connect().catch((error: unknown) => { client = null; throw error; }));
    try { await mine.query('select audit_append($1::bigint[], $2::text[])', [lines.map(({ atMs }) => Math.round(atMs)), lines.map(({ text }) => text)]); } catch (error) {
      // Whether it was committed is not known: the connection is not used again.
      client = null;
      void mine.end().catch(() => {});
      throw error;
    }
    figures.written += lines.length;
    for (const listener of listeners) listener();
  }
  /** One batch after the other until nobody waits. */
  async function pump(): Promise<void> {
    try {
      await writeLate();
      while (callers.length > 0) {
        const batch: Caller[] = [];
        for (let lines = 0; callers.length > 0 && (batch.length === 0 || lines + callers[0]!.waiting.length <= BATCH_MOST);) { const next = callers.shift()!; batch.push(next); lines += next.waiting.length; queued -= next.waiting.length; }
        try {
          await append(batch.flatMap(({ waiting }) => waiting));
          for (const { done } of batch) done();
        } catch (error) {
          if (batch.length === 1 || isAway(error)) { fail(batch, error); if (isAway(error)) throw error; continue; }
          // One of them does not fit: the others must not go with it.
          for (const one of batch) try { await append(one.waiting); one.done(); } catch (alone) { fail([one], alone); }
        }
      }
      attempts = 0;
    } catch (error) {
      fail(callers.splice(0), error);
      queued = 0;
      if (attempts === 0) log.error({ detail: words(error) }, 'the audit cannot be written; what must be on record first is refused meanwhile');
      if (late.length > 0 && !closed) retry ??= setTimeout(() => { retry = null; start(); }, pauseMs({ attempt: ++attempts, firstMs: 200, mostMs: 5000 })).unref();
    }
  }
  async function writeLate(): Promise<void> {
    while (late.length > 0 || gap > 0) {
      const some = late.slice(0, BATCH_MOST), missed = some.length === 0 ? gap : 0;
      await append(missed > 0 ? [waitingOf({ ...SYSTEM, what: 'auditGap', detail: { dropped: missed } }, Date.now(), true)] : some);
      if (missed > 0) gap -= missed; else late = late.slice(some.length);
    }
  }
  function start(): void {
    pumping ??= pump().finally(() => { pumping = null; if (callers.length > 0) start(); });
  }
  function fail(batch: Caller[], error: unknown): void {
    for (const { waiting, failed } of batch) {
      for (const line of waiting) if (line.isLate) { if (late.length < WAITING_MOST) late.push(line); else { gap++; figures.dropped++; } }
      failed(new Problem('auditAway', {}, words(error)));
    }
  }
  function put(facts: AuditFact[], isLate: boolean): Promise<void> {
    const atMs = Date.now(), waiting = facts.map((fact) => waitingOf(fact, atMs, isLate));
    if (waiting.length === 0) return Promise.resolve();
    if (closed || queued + waiting.length > WAITING_MOST) {
      return new Promise((_, reject) => { fail([{ waiting, done: () => {}, failed: reject }], new Error(closed ? 'the store is closed' : 'too many lines wait')); });
    }
    return new Promise((done, failed) => { callers.push({ waiting, done, failed }); queued += waiting.length; start(); });
  }

  /** As the role that may only read. */
  const reading = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => product.transact(async (tx) => {
    const { rows } = await sql<{ name: string | null }>`select audit_role(${AUDIT_ROLES.reader}) as name`.execute(tx);
    if (rows[0]?.name) await sql`set local role ${sql.id(rows[0].name)}`.execute(tx);
    return work(tx);
  });

  return {
    writeAudit: (facts) => put(facts, false),
    async noteAudit(facts) {
      const kept = put(facts, true).catch(() => {});
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([kept, new Promise<void>((go) => { timer = setTimeout(go, NOTE_WAITS_MOST_MS); })]);
      clearTimeout(timer);
    },
    auditFigures: () => ({ ...figures, waiting: queued + late.length }),
    auditLines: (filter) => reading(async (tx) => linesOf(tx, filter)),
    auditAfter: (seq, most) => reading(async (tx) => (await tx.selectFrom('audit').select(['seq', 'at_ms', 'fact', 'previous_hash', 'hash']).where('seq', '>', seq).orderBy('seq').limit(Math.min(most, 10_000)).execute()).map(lineOf)),
    auditHead: () => reading(async (tx) => { const { seq, hash } = await tx.selectFrom('audit_head').select(['seq', 'hash']).executeTakeFirstOrThrow(); return { seq, hash: hash.toString('hex') }; }),
    auditExported: (name) => product.run(async (db) => (await db.selectFrom('audit_exported').select('seq').where('name', '=', name).executeTakeFirst())?.seq ?? 0),
    keepAuditExported: (name, seq) => product.run(async (db) => { await db.insertInto('audit_exported').values({ name, seq }).onConflict((conflict) => conflict.column('name').doUpdateSet({ seq })).execute(); }),
    async dropOldAudit({ beforeMs, upToSeq, sign }) {
      let gone = 0;
      for (;;) {
        const block = await reading(async (tx) => {
          const first = await tx.selectFrom('audit').select('seq').orderBy('seq').limit(1).executeTakeFirst();
          const { seq: newest, block_lines: lines } = await tx.selectFrom('audit_head').select(['seq', 'block_lines']).executeTakeFirstOrThrow();
          if (first === undefined) return null;
          const lastSeq = first.seq + lines - 1;
          if (lastSeq > upToSeq || lastSeq >= newest) return null;
          const { young } = await sql<{ young: boolean }>`select exists (select from audit where seq between ${first.seq} and ${lastSeq} and at_ms >= ${Math.round(beforeMs)}) as young`.execute(tx).then(({ rows }) => rows[0]!);
          if (young) return null;
          const last = await tx.selectFrom('audit').select('hash').where('seq', '=', lastSeq).executeTakeFirst();
          return last === undefined ? null : { firstSeq: first.seq, lastSeq, lines, hash: last.hash.toString('hex') };
        });
        if (block === null) return gone;
        // The word first: a beginning that is gone without one is found by the check.
        const said = droppedWords({ droppedToSeq: block.lastSeq, droppedToHash: block.hash });
        await put([{ ...SYSTEM, what: 'purged', placeKind: 'audit', detail: { droppedFromSeq: block.firstSeq, droppedToSeq: block.lastSeq, droppedToHash: block.hash, signature: sign(said) } }], false);
        await product.transact(async (tx) => {
          await sql`set local lock_timeout = '2s'`.execute(tx);
          await sql`drop table ${sql.id(`audit_from_${block.firstSeq}`)}`.execute(tx);
        });
        gone += block.lines;
      }
    },
    onAudit(listener) { listeners.add(listener); return () => { listeners.delete(listener); }; },
    async closeAudit() {
      const endAtMs = performance.now() + CLOSE_MOST_MS;
      if (retry !== null) clearTimeout(retry);
      retry = null;
      if (late.length > 0) start();
      while (pumping !== null && performance.now() < endAtMs) await Promise.race([pumping, new Promise((go) => { setTimeout(go, 50); })]);
      closed = true;
      if (late.length > 0) log.error({ lines: late.length }, 'lines of the audit could not be written before the end and are lost');
      const open = await Promise.race([client, new Promise<null>((go) => { setTimeout(go, 200, null); })])?.catch?.(() => null) ?? null;
      if (open !== null) await Promise.race([open.end().catch(() => {}), new Promise((go) => { setTimeout(go, 500); })]);
    },
  };
}

const waitingOf = (fact: AuditFact, atMs: number, isLate: boolean): Waiting => ({ atMs, text: canonicalJson(keptFact(fact)), isLate });
const words = (error: unknown): string => withoutSecrets(error instanceof Error ? error.message : String(error)).slice(0, 300);
/** Nothing can be written now, whatever it is; otherwise it is this batch that does not fit. */
function isAway(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return !/^(22|23)/.test(code);
}

async function linesOf(tx: Tx, { beforeSeq, most, unitIds, what, accountId, name, sinceMs, untilMs, text }: AuditFilter): Promise<{ lines: AuditLine[]; scannedToSeq: number | null }> {
  const { seq: newest } = await tx.selectFrom('audit_head').select('seq').executeTakeFirstOrThrow();
  const before = Math.min(beforeSeq ?? newest + 1, newest + 1), limit = Math.min(Math.max(1, most), PAGE_MOST);
  const isSearch = text !== undefined || name !== undefined || unitIds !== null || sinceMs !== undefined || untilMs !== undefined;
  const floor = isSearch ? Math.max(0, before - SCANNED_MOST) : 0;
  let query = tx.selectFrom('audit').select(['seq', 'at_ms', 'fact', 'previous_hash', 'hash']).where('seq', '<', before).where('seq', '>=', floor);
  if (unitIds !== null) query = query.where(sql<boolean>`unit_id = any(${[...unitIds]}::text[])`);
  if (what !== undefined) query = query.where('what', '=', what);
  if (accountId !== undefined) query = query.where('account_id', '=', accountId);
  if (sinceMs !== undefined) query = query.where('at_ms', '>=', Math.round(sinceMs));
  if (untilMs !== undefined) query = query.where('at_ms', '<', Math.round(untilMs));
  if (name !== undefined) query = query.where(sql<boolean>`fact::jsonb ->> 'name' ilike ${likeAnywhere(name)}`);
  if (text !== undefined) query = query.where(sql<boolean>`(select string_agg(value, ' ') from jsonb_each_text(fact::jsonb)) ilike ${likeAnywhere(text)}`);
  const lines = (await query.orderBy('seq', 'desc').limit(limit).execute()).map(lineOf);
  const reachedFloor = lines.length < limit;
  return { lines, scannedToSeq: reachedFloor ? (floor > 1 ? floor : null) : lines.at(-1)!.seq };
}
const likeAnywhere = (words: string): string => `%${words.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`;

/** As it stands: the check must see what is there. Whoever shows lines leaves out what fits no schema. */
function lineOf({ seq, at_ms, fact, previous_hash, hash }: { seq: number; at_ms: number; fact: string; previous_hash: Buffer; hash: Buffer }): AuditLine {
  let read: unknown = null;
  try { read = JSON.parse(fact); } catch { /* told by the check */ }
  return { seq, atMs: at_ms, fact: read as AuditFact, previousHash: previous_hash.toString('hex'), hash: hash.toString('hex') };
}
