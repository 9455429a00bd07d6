// What keeps the audit beside its table: anchors, the log outside without a gap, signed dropping, and the command that checks it, as a process of its own. Rules AU of docs/SPEC.md.
import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AuditFact, AuditLine } from '../../contract/audit.ts';
import { openStore } from '../../store/openStore.ts';
import type { Store } from '../../store/store.ts';
import { anchorFileOf, anchorsIn, auditKeyFileOf, runAudit } from '../../worker/audit.ts';
import { quietLog, until } from '../server/serverForTest.ts';
import { freshDatabase } from '../support/postgres.ts';

const fact = (at: number): AuditFact => ({ what: 'changed', accountId: 'a1', name: 'Li Wei', sessionId: null, address: '', route: '', status: 200, placeKind: null, placeId: null, placeName: null, unitId: null, fromMs: null, untilMs: null, reason: null, detail: { at } });
const root = join(import.meta.dirname, '../..');
let database: Awaited<ReturnType<typeof freshDatabase>>, store: Store, folder: string;
beforeEach(async () => { database = await freshDatabase(); store = await openStore({ databaseUrl: database.databaseUrl, log: quietLog }); folder = mkdtempSync(join(tmpdir(), 'crowdlight-audit-')); });
afterEach(async () => { await store.close(); await database.drop(); rmSync(folder, { recursive: true, force: true }); });
const settings = (over: Partial<Parameters<typeof runAudit>[0]['settings']> = {}) => ({ auditDays: 1095, auditExportFile: '', auditExportUrl: '', auditExportToken: '', ...over });
const linesOf = (text: string): AuditLine[] => text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as AuditLine);
const check = (...args: string[]) => new Promise<{ code: number; out: string }>((done) => {
  execFile(process.execPath, [join(root, 'worker/commands/checkAudit.ts'), ...args], { cwd: folder, timeout: 60_000, env: { ...process.env, DATABASE_URL: database.databaseUrl, CROWDLIGHT_DATA_FOLDER: folder } }, (error, out, err) => done({ code: error === null ? 0 : Number(error.code), out: out + err }));
});

test('AU29 a log outside gets every line in order and without a gap, across faults and restarts; what it did not take comes again', { timeout: 90_000 }, async () => {
  const heard: AuditLine[] = [], tokens: (string | undefined)[] = [];
  let answer = 200;
  const outside = http.createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => { body += part.toString(); });
    request.on('end', () => { tokens.push(request.headers.authorization); if (answer === 200) heard.push(...linesOf(body)); response.writeHead(answer).end(); });
  });
  await new Promise<void>((listening) => outside.listen(0, '127.0.0.1', listening));
  const file = join(folder, 'outside', 'audit.jsonl'), url = `http://127.0.0.1:${(outside.address() as AddressInfo).port}/log`;
  const run = () => runAudit({ store, log: quietLog, holder: 'test', dataFolder: folder, everyMs: 50, settings: settings({ auditExportFile: file, auditExportUrl: url, auditExportToken: 'a-token-of-the-log' }) });
  try {
    for (let at = 0; at < 700; at += 100) await store.writeAudit(Array.from({ length: 100 }, (_, more) => fact(at + more)));
    let keeper = await run();
    await until('both have them', () => heard.length >= 700 && linesOf(readFileSync(file, 'utf8')).length >= 700, 20_000);
    answer = 503;
    await store.writeAudit([fact(700)]);
    await until('it is refused', () => keeper.figures().exportFails > 0, 20_000);
    await keeper.close();
    answer = 200;
    await store.writeAudit([fact(701)]);
    keeper = await run();
    await until('all of them', () => heard.length >= 702 && linesOf(readFileSync(file, 'utf8')).length >= 702, 20_000);
    await keeper.close();
    for (const lines of [heard, linesOf(readFileSync(file, 'utf8'))]) expect(lines.map(({ seq }) => seq)).toEqual(Array.from({ length: 702 }, (_, at) => at + 1));
    expect(new Set(tokens)).toEqual(new Set(['Bearer a-token-of-the-log']));
    // What went outside checks anywhere, without a database.
    expect(await check('--file', file)).toMatchObject({ code: 0, out: expect.stringContaining('702 lines, 1 to 702') });
    writeFileSync(file, readFileSync(file, 'utf8').replace('"at":350', '"at":351'));
    expect(await check('--file', file)).toMatchObject({ code: 1, out: expect.stringContaining('the first place is line 351') });
  } finally { outside.close(); }
  await expect(runAudit({ store, log: quietLog, holder: 'x', dataFolder: folder, settings: settings({ auditExportUrl: 'http://198.51.100.1/' }) })).rejects.toMatchObject({ note: { code: 'settingWrong' } });
  await expect(runAudit({ store, log: quietLog, holder: 'x', dataFolder: folder, settings: settings({ auditExportUrl: 'https://user:word@log.example/' }) })).rejects.toMatchObject({ note: { code: 'settingWrong' } });
});

test('AU30 the command checks the database against anchors and signatures, while the product runs, and ends with 0 or 1', { timeout: 120_000 }, async () => {
  const owner = new pg.Client({ connectionString: database.databaseUrl });
  await owner.connect();
  try {
    await owner.query('update audit_head set block_lines = 10');
    await store.writeAudit(Array.from({ length: 25 }, (_, at) => fact(at)));
    // So short that all is older: whole blocks go, the one that is being written stays.
    const keeper = await runAudit({ store, log: quietLog, holder: 'test', dataFolder: folder, everyMs: 60_000, settings: settings({ auditDays: -1 }) });
    await keeper.now();
    expect(keeper.figures().anchors).toBeGreaterThan(0);
    const first = (await store.auditAfter(0, 1))[0]!;
    expect(first.seq).toBe(21);
    expect(readFileSync(auditKeyFileOf(folder), 'utf8')).toContain('PRIVATE KEY');
    const good = await check();
    expect(good).toMatchObject({ code: 0, out: expect.stringContaining('Nothing was altered') });
    expect(anchorsIn(anchorFileOf(folder)).length).toBeGreaterThan(0);
    appendFileSync(anchorFileOf(folder), `${JSON.stringify({ atMs: Date.now(), seq: 999, hash: '0'.repeat(64) })}\n{"torn`);
    expect(await check()).toMatchObject({ code: 1, out: expect.stringContaining('cut off') });
    await keeper.close();
  } finally { await owner.end(); }
});
