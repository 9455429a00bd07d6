// The audit in a real PostgreSQL: its chain, what it refuses, and what the check finds after it was tampered with by the owner of the table. Rules AU of docs/SPEC.md.
import fc from 'fast-check';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AuditFact, AuditLine } from '../../contract/audit.ts';
import { canonicalJson, chainChecker, FIRST_PREVIOUS_HASH, lineHash, type ChainReport } from '../../store/auditChain.ts';
import { openStore } from '../../store/openStore.ts';
import type { Store } from '../../store/store.ts';
import { quietLog } from '../server/serverForTest.ts';
import { freshDatabase } from '../support/postgres.ts';

const fact = (over: Partial<AuditFact> = {}): AuditFact => ({
  what: 'changed', accountId: 'a1', name: 'Li Wei', sessionId: 's1', address: '127.0.0.1', route: 'PUT /api/sites/:siteId', status: 200, placeKind: 'site', placeId: 'x', placeName: 'Square', unitId: null, fromMs: null, untilMs: null, reason: null, detail: {}, ...over,
});

let database: Awaited<ReturnType<typeof freshDatabase>>, store: Store, owner: pg.Client;
beforeEach(async () => {
  database = await freshDatabase();
  store = await openStore({ databaseUrl: database.databaseUrl, log: quietLog });
  owner = new pg.Client({ connectionString: database.databaseUrl });
  owner.on('error', () => {});
  await owner.connect();
});
afterEach(async () => { await owner.end().catch(() => {}); await store.close(); await database.drop(); });

async function allLines(): Promise<AuditLine[]> {
  const lines: AuditLine[] = [];
  for (let seq = 0; ;) { const some = await store.auditAfter(seq, 1000); if (some.length === 0) return lines; lines.push(...some); seq = some.at(-1)!.seq; }
}
async function checkNow(anchors: Parameters<typeof chainChecker>[0] = {}): Promise<ChainReport> {
  const checker = chainChecker(anchors);
  for (const line of await allLines()) checker.take(line);
  return checker.end({ head: await store.auditHead() });
}
/** What somebody with every right on the database can do. */
async function tamper(...statements: string[]): Promise<void> {
  const { rows } = await owner.query<{ name: string }>("select inhrelid::regclass::text as name from pg_inherits where inhparent = 'audit'::regclass");
  const tables = ['audit', ...rows.map(({ name }) => name)];
  for (const table of tables) await owner.query(`alter table ${table} disable trigger user`);
  for (const statement of statements) await owner.query(statement);
  for (const table of tables) await owner.query(`alter table ${table} enable trigger user`);
}

describe('the chain', () => {
  test('AU1 lines are numbered without a gap from 1, each with the hash of the one before, whoever writes at once', async () => {
    const other = await openStore({ databaseUrl: database.databaseUrl, log: quietLog });
    await Promise.all(Array.from({ length: 400 }, (_, at) => (at % 2 === 0 ? store : other).writeAudit([fact({ detail: { at } }), fact({ detail: { at, second: true } })])));
    const lines = await allLines();
    expect(lines.map(({ seq }) => seq)).toEqual(Array.from({ length: 800 }, (_, at) => at + 1));
    let previous = FIRST_PREVIOUS_HASH;
    for (const { seq, atMs, fact: said, previousHash, hash } of lines) {
      expect(previousHash).toBe(previous);
      // The database hashed the same bytes as this process does.
      expect(hash).toBe(lineHash(previous, seq, atMs, canonicalJson(said)));
      previous = hash;
    }
    // The two of one call stand together.
    for (const [at, line] of lines.entries()) if (line.fact.detail['second'] === true) expect(lines[at - 1]!.fact.detail['at']).toBe(line.fact.detail['at']);
    expect(await store.auditHead()).toEqual({ seq: 800, hash: previous });
    expect((await checkNow()).faults).toEqual([]);
    await other.close();
  });

  test('AU2 any words can be kept: what PostgreSQL or the schema would refuse is mended, and hashed as it is kept', async () => {
    const seed = Date.now() % 1e9;
    console.info(`seed ${seed}`);
    const words = fc.oneof(fc.string({ unit: 'binary', maxLength: 700 }), fc.string({ maxLength: 600 }), fc.constantFrom('\u0000', '\ud800', '"\\', '人群'.repeat(300), 'e\u0301'));
    await fc.assert(fc.asyncProperty(words, words, words, fc.double(), async (name, reason, key, figure) => {
      await store.writeAudit([fact({ name, reason, detail: { [key]: name, figure } })]);
      const { seq } = await store.auditHead(), [line] = await store.auditAfter(seq - 1, 1);
      const checker = chainChecker();
      checker.take(line);
      expect(checker.end({ isPart: true }).faults).toEqual([]);
    }), { numRuns: 60, seed });
    expect((await checkNow()).faults).toEqual([]);
  });

  test('AU3 nobody changes, removes or empties it, not even the owner of the table; its own roles may add and nothing else, or read and nothing else', async () => {
    await store.writeAudit([fact(), fact()]);
    for (const statement of ["update audit set at_ms = 0 where seq = 1", 'delete from audit', 'truncate audit', "update audit_from_1 set at_ms = 0", 'delete from audit_from_1', 'truncate audit_from_1']) {
      await expect(owner.query(statement), statement).rejects.toThrow('the audit is only ever added to');
    }
    // What is filtered by follows from the fact and cannot be set to anything else.
    await expect(owner.query("insert into audit (seq, at_ms, fact, previous_hash, hash, what) values (3, 0, '{}', '\\x00', '\\x00', 'looked')")).rejects.toThrow(/non-DEFAULT value into column "what"/);
    const { rows: [roles] } = await owner.query<{ writer: string | null; reader: string | null }>("select audit_role('crowdlight_audit_w_') as writer, audit_role('crowdlight_audit_r_') as reader");
    const as = async (role: string, statement: string) => { await owner.query(`set role "${role}"`); try { return await owner.query(statement); } finally { await owner.query('reset role'); } };
    if (roles!.writer !== null && roles!.reader !== null) {
      for (const statement of ['select * from audit', 'delete from audit', "update audit_head set seq = 0", 'insert into audit (seq, at_ms, fact, previous_hash, hash) values (9, 0, \'{"what":"x"}\', sha256(\'\'), sha256(\'\'))', 'select * from site']) await expect(as(roles!.writer, statement), statement).rejects.toThrow(/permission denied/);
      for (const statement of ['delete from audit', "select audit_append('{1}', '{\"{}\"}')", "update audit_head set seq = 0", 'select * from site', 'insert into audit_exported values (\'x\', 1)']) await expect(as(roles!.reader, statement), statement).rejects.toThrow(/permission denied/);
      expect((await as(roles!.reader, 'select count(*)::integer as lines from audit')).rows).toEqual([{ lines: 2 }]);
      expect((await as(roles!.writer, `select audit_append('{5}', array['${canonicalJson(fact()).replaceAll("'", "''")}']) as last`)).rows).toEqual([{ last: '3' }]);
      // The connection that writes has that role and no other.
      const { rows } = await owner.query<{ query: string }>("select usename from pg_stat_activity where application_name = 'crowdlight audit' and datname = current_database()");
      expect(rows).toHaveLength(1);
    } else console.warn('roles are not made here: this database\'s user may not');
    expect((await checkNow()).faults).toEqual([]);
  });
});

describe('the check finds', () => {
  const twenty = () => store.writeAudit(Array.from({ length: 20 }, (_, at) => fact({ reason: `reason ${at + 1}`, detail: { at } })));
  const line = async (seq: number) => (await store.auditAfter(seq - 1, 1))[0]!;
  test.each<[string, string[], number, string[]]>([
    ['words that were altered', ["update audit set fact = replace(fact, 'reason 7', 'reason 0') where seq = 7"], 7, ['altered']],
    ['a time that was altered', ['update audit set at_ms = at_ms - 1 where seq = 11'], 11, ['altered']],
    ['a line that was taken out', ['delete from audit where seq = 9'], 9, ['missing']],
    ['several that were taken out', ['delete from audit where seq between 4 and 8'], 4, ['missing']],
    ['the beginning that was taken out', ['delete from audit where seq <= 3'], 1, ['beginningMissing']],
    ['the end that was cut off', ['delete from audit where seq > 15'], 16, ['cutOff']],
    ['two that changed places', ['update audit set seq = 1005 where seq = 5', 'update audit set seq = 5 where seq = 6', 'update audit set seq = 6 where seq = 1005'], 5, ['altered']],
    ['one that was put in at the end', ["insert into audit (seq, at_ms, fact, previous_hash, hash) select 21, at_ms, fact, hash, sha256('x') from audit where seq = 20"], 21, ['altered', 'cutOff']],
    ['one line in the place of another', ['delete from audit where seq = 13', 'insert into audit (seq, at_ms, fact, previous_hash, hash) select 13, at_ms, fact, previous_hash, hash from audit where seq = 12'], 13, ['altered']],
    ['a line that is none', ["update audit set fact = '{\"what\":\"x\"}' where seq = 10"], 10, ['notALine']],
  ])('AU4 %s', async (_what, statements, firstSeq, faults) => {
    await twenty();
    expect((await checkNow()).faults).toEqual([]);
    await tamper(...statements);
    const report = await checkNow();
    expect(report.faults[0]).toMatchObject({ seq: firstSeq });
    expect([...new Set(report.faults.map(({ fault }) => fault))].toSorted()).toEqual(faults.toSorted());
  });

  test('AU5 an altered line whose hash, and all hashes after it, were made anew: only an anchor outside knows', async () => {
    await twenty();
    const anchors = [{ atMs: Date.now(), seq: 12, hash: (await line(12)).hash }, { atMs: Date.now(), seq: 20, hash: (await line(20)).hash }];
    expect(await checkNow({ anchors })).toMatchObject({ faults: [], anchorsHeld: 2 });
    await tamper(`do $$ declare p bytea; r record; f text; begin
      select previous_hash into p from audit where seq = 7;
      for r in select * from audit where seq >= 7 order by seq loop
        f := replace(r.fact, 'reason 7', 'reason 0');
        update audit set fact = f, previous_hash = p, hash = sha256(p || convert_to(r.seq || ' ' || r.at_ms || ' ' || f, 'UTF8')) where seq = r.seq;
        select hash into p from audit where seq = r.seq;
      end loop; update audit_head set hash = p; end $$`);
    expect((await checkNow()).faults).toEqual([]);
    expect((await checkNow({ anchors })).faults.map(({ seq, fault }) => [seq, fault])).toEqual([[12, 'anchorDiffers'], [20, 'anchorDiffers']]);
  });

  test('AU6 an end that was cut off together with the head: an anchor outside knows', async () => {
    await twenty();
    const anchors = [{ atMs: Date.now(), seq: 20, hash: (await line(20)).hash }];
    await tamper('delete from audit where seq > 15', 'update audit_head set seq = 15, hash = (select hash from audit where seq = 15)');
    expect((await checkNow()).faults).toEqual([]);
    expect((await checkNow({ anchors })).faults).toMatchObject([{ seq: 16, fault: 'cutOff' }]);
  });

  test('AU7 nothing where nothing was done, and every single-line change of a chain wherever it is, by chance', async () => {
    const seed = Date.now() % 1e9;
    console.info(`seed ${seed}`);
    await twenty();
    const lines = await allLines(), head = await store.auditHead();
    const check = (changed: unknown[]) => { const checker = chainChecker(); for (const one of changed) checker.take(one); return checker.end({ head }).faults; };
    expect(check(lines)).toEqual([]);
    fc.assert(fc.property(fc.nat({ max: 19 }), fc.nat({ max: 19 }), fc.constantFrom('fact', 'time', 'hash', 'previous', 'number', 'out', 'swap', 'twice'), (at, to, how) => {
      const changed: any[] = structuredClone(lines);
      switch (how) {
        case 'fact': changed[at].fact.detail['at'] = 99; break;
        case 'time': changed[at].atMs += 1; break;
        case 'hash': changed[at].hash = lineHash(changed[at].hash, 1, 1, ''); break;
        case 'previous': changed[at].previousHash = lineHash(changed[at].hash, 1, 1, ''); break;
        case 'number': changed[at].seq += 100; break;
        case 'out': changed.splice(at, 1); break;
        case 'swap': { if (at === to) return; [changed[at], changed[to]] = [changed[to], changed[at]]; break; }
        case 'twice': changed.splice(to, 0, structuredClone(changed[at])); break;
      }
      const faults = check(changed);
      expect(faults.length, `${how} ${at} ${to}`).toBeGreaterThan(0);
      // Named is the first place where something is wrong.
      const first = how === 'swap' || how === 'twice' ? Math.min(at, to) : at;
      expect(Math.abs(faults[0]!.seq - (first + 1)), `${how} ${at} ${to}: ${JSON.stringify(faults[0])}`).toBeLessThanOrEqual(how === 'number' || how === 'swap' || how === 'twice' ? 20 : 1);
    }), { seed, numRuns: 400 });
  });
});

describe('keeping and dropping', () => {
  test('AU8 the beginning goes in whole blocks, never what is younger or not yet outside; a signed line says so, and the chain still checks', async () => {
    await owner.query('update audit_head set block_lines = 10');
    await store.writeAudit(Array.from({ length: 35 }, (_, at) => fact({ detail: { at } })));
    const sign = (said: string) => `signed ${said}`, verifyDrop = ({ droppedToSeq, droppedToHash, signature }: { droppedToSeq: number; droppedToHash: string; signature: string }) => signature === `signed crowdlight audit dropped to ${droppedToSeq} ${droppedToHash}`;
    expect(await store.dropOldAudit({ beforeMs: Date.now() - 1000, upToSeq: 1000, sign })).toBe(0);
    expect(await store.dropOldAudit({ beforeMs: Date.now() + 1000, upToSeq: 15, sign })).toBe(10);
    expect(await store.dropOldAudit({ beforeMs: Date.now() + 1000, upToSeq: 1000, sign })).toBe(20);
    const lines = await allLines();
    expect([lines[0]!.seq, lines.at(-1)!.seq]).toEqual([31, 38]);
    expect(lines.filter(({ fact: { what } }) => what === 'purged').map(({ fact: { detail } }) => [detail['droppedFromSeq'], detail['droppedToSeq']])).toEqual([[1, 10], [11, 20], [21, 30]]);
    expect((await checkNow({ verifyDrop })).faults).toEqual([]);
    expect((await checkNow({ verifyDrop: () => false })).faults.map(({ fault }) => fault)).toEqual(['beginningMissing', 'dropNotSigned']);
    // More than was said is found.
    await tamper('delete from audit where seq = 31');
    expect((await checkNow({ verifyDrop })).faults).toMatchObject([{ fault: 'beginningMissing' }]);
  });

  test('AU9 while the database is away what must be on record first is refused by name; what was done already waits, in order, and is written when it is back', async () => {
    await store.writeAudit([fact({ detail: { at: 0 } })]);
    await owner.query(`alter function audit_append(bigint[], text[]) rename to audit_append_gone`);
    await expect(store.writeAudit([fact()])).rejects.toMatchObject({ note: { code: 'auditAway' } });
    for (let at = 1; at <= 5; at++) await store.noteAudit([fact({ detail: { at } })]);
    expect(store.auditFigures()).toMatchObject({ waiting: 5, dropped: 0 });
    await owner.query('alter function audit_append_gone(bigint[], text[]) rename to audit_append');
    for (let tries = 0; store.auditFigures().waiting > 0 && tries < 200; tries++) await new Promise((go) => { setTimeout(go, 50); });
    expect((await allLines()).map(({ fact: { detail } }) => detail['at'])).toEqual([0, 1, 2, 3, 4, 5]);
    expect((await checkNow()).faults).toEqual([]);
  });

  test('AU10 the connection that breaks costs no line that was noted', async () => {
    await store.noteAudit([fact({ detail: { at: 0 } })]);
    for (let round = 1; round <= 5; round++) {
      await owner.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'crowdlight audit' and datname = current_database()");
      await store.noteAudit([fact({ detail: { at: round } })]);
    }
    for (let tries = 0; store.auditFigures().waiting > 0 && tries < 200; tries++) await new Promise((go) => { setTimeout(go, 50); });
    expect([...new Set((await allLines()).map(({ fact: { detail } }) => detail['at']))].toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
    expect((await checkNow()).faults).toEqual([]);
  });
});

describe('reading', () => {
  test('AU11 newest first, by units, account, what, name, time and words, page after page without a gap', async () => {
    await store.writeAudit([fact({ unitId: 'u1' }), fact({ unitId: 'u2', what: 'looked', accountId: 'a2', name: 'Ana Cruz', reason: '100% sure_thing' }), fact({ unitId: 'u1', what: 'looked', name: '李伟' }), fact({ unitId: null, what: 'signedIn' })]);
    const ask = async (filter: Partial<Parameters<Store['auditLines']>[0]>) => (await store.auditLines({ beforeSeq: null, most: 10, unitIds: null, ...filter })).lines.map(({ seq }) => seq);
    expect(await ask({})).toEqual([4, 3, 2, 1]);
    expect(await ask({ unitIds: ['u1', 'u9'] })).toEqual([3, 1]);
    expect(await ask({ unitIds: [] })).toEqual([]);
    expect([await ask({ what: 'looked' }), await ask({ accountId: 'a2' }), await ask({ name: '李' }), await ask({ name: 'ana' })]).toEqual([[3, 2], [2], [3], [2]]);
    expect([await ask({ text: '100% sure_' }), await ask({ text: '100_' }), await ask({ text: 'square' })]).toEqual([[2], [], [4, 3, 2, 1]]);
    expect([await ask({ sinceMs: Date.now() + 1000 }), await ask({ untilMs: Date.now() + 1000 })]).toEqual([[], [4, 3, 2, 1]]);
    const seen: number[] = [];
    for (let beforeSeq: number | null = null; ;) { const { lines, scannedToSeq } = await store.auditLines({ beforeSeq, most: 1, unitIds: null }); seen.push(...lines.map(({ seq }) => seq)); if (scannedToSeq === null) break; beforeSeq = scannedToSeq; }
    expect(seen).toEqual([4, 3, 2, 1]);
  });
});
