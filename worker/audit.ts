// What the audit needs beside being written: its newest hash noted outside of the database every hour, every line passed on to a log outside, and its oldest lines dropped when their time is over.
// One process at a time does it (lease "audit"); whoever takes over goes on where the cursor in the database stands.
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import { appendFileSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import type { AuditLine } from '../contract/audit.ts';
import { Problem } from '../contract/problem.ts';
import type { AuditAnchor } from '../store/auditChain.ts';
import { pauseMs, sleep } from '../store/pauseMs.ts';
import type { Store } from '../store/store.ts';

const ANCHOR_EVERY_MS = 3_600_000, DROP_EVERY_MS = 3_600_000;
const EXPORTED_AT_ONCE = 500, SENT_WITHIN_MS = 10_000, LOOK_EVERY_MS = 1000;
const LEASE_MS = 15_000;
const DAY_MS = 24 * 3_600_000;

export type AuditSettings = { auditDays: number; auditExportFile: string; auditExportUrl: string; auditExportToken: string };
export type AuditKeeper = { close(): Promise<void>; /** For tests: one round of everything, now. */ now(): Promise<void>; figures(): { exportLag: number; exportFails: number; anchors: number } };

export const anchorFileOf = (dataFolder: string): string => join(dataFolder, 'audit-anchors.jsonl');
export const auditKeyFileOf = (dataFolder: string): string => join(dataFolder, 'audit-key.pem');

export async function runAudit({ store, log, holder, dataFolder, settings, everyMs = LOOK_EVERY_MS }: { store: Store; log: Logger; holder: string; dataFolder: string; settings: AuditSettings; everyMs?: number }): Promise<AuditKeeper> {
  const { auditDays, auditExportFile, auditExportUrl, auditExportToken } = settings;
  if (auditExportUrl !== '') mustBeSafe(auditExportUrl);
  const outs: { name: 'file' | 'address'; send(lines: AuditLine[]): Promise<void> }[] = [
    ...(auditExportFile === '' ? [] : [{ name: 'file' as const, send: async (lines: AuditLine[]) => addToFile(auditExportFile, lines) }]),
    ...(auditExportUrl === '' ? [] : [{ name: 'address' as const, send: (lines: AuditLine[]) => post(auditExportUrl, auditExportToken, lines) }]),
  ];
  const closing = new AbortController(), figures = { exportLag: 0, exportFails: 0, anchors: 0 };
  const failsOf = new Map<string, { attempt: number; againAtMs: number }>();
  let anchoredAtMs = -Infinity, anchoredSeq = -1, droppedAtMs = -Infinity, mine: Awaited<ReturnType<Store['takeLease']>> = null;

  function note({ seq, hash }: { seq: number; hash: string }): void {
    if (seq === anchoredSeq || seq === 0) return;
    const anchor: AuditAnchor = { atMs: Date.now(), seq, hash };
    // Twice: whoever reaches one of the two may not reach the other.
    log.info({ auditAnchor: anchor }, 'where the audit stands');
    appendFileSync(anchorFileOf(dataFolder), `${JSON.stringify(anchor)}\n`, { mode: 0o600 });
    anchoredSeq = seq;
    figures.anchors++;
  }
  /** Until the log outside has all there is; at most `pages` at a time, so that the rest has its turn. */
  async function passOn({ name, send }: (typeof outs)[number], newest: number, pages: number): Promise<number> {
    let at = await store.auditExported(name);
    for (let page = 0; page < pages && at < newest && !closing.signal.aborted; page++) {
      const lines = await store.auditAfter(at, EXPORTED_AT_ONCE);
      if (lines.length === 0) break;
      await send(lines);
      at = lines.at(-1)!.seq;
      // After it was sent: a crash between the two sends the page again, under the same numbers.
      await store.keepAuditExported(name, at);
    }
    return newest - at;
  }
  async function round(force: boolean): Promise<void> {
    const nowMs = Date.now(), head = await store.auditHead();
    if (force || nowMs - anchoredAtMs >= ANCHOR_EVERY_MS) { note(head); anchoredAtMs = nowMs; }
    let lag = 0;
    for (const out of outs) {
      const failed = failsOf.get(out.name);
      if (failed !== undefined && nowMs < failed.againAtMs && !force) { lag = Math.max(lag, head.seq - await store.auditExported(out.name)); continue; }
      try { lag = Math.max(lag, await passOn(out, head.seq, force ? 1000 : 20)); failsOf.delete(out.name); } catch (error) {
        const attempt = (failed?.attempt ?? 0) + 1;
        figures.exportFails++;
        lag = Math.max(lag, 1);
        failsOf.set(out.name, { attempt, againAtMs: nowMs + pauseMs({ attempt, firstMs: 1000, mostMs: 60_000 }) });
        if (attempt === 1 || attempt % 10 === 0) log.error({ to: out.name, attempt, detail: error instanceof Error ? error.message : String(error) }, 'the log outside does not take the audit; its lines wait');
      }
    }
    figures.exportLag = lag;
    if (force || nowMs - droppedAtMs >= DROP_EVERY_MS) {
      droppedAtMs = nowMs;
      const upToSeq = outs.length === 0 ? Infinity : Math.min(...await Promise.all(outs.map(({ name }) => store.auditExported(name))));
      const gone = await store.dropOldAudit({ beforeMs: nowMs - auditDays * DAY_MS, upToSeq: Math.min(upToSeq, Number.MAX_SAFE_INTEGER), sign: (words) => signWords(keyOf(dataFolder), words) });
      if (gone > 0) { log.info({ lines: gone }, 'the oldest lines of the audit went'); note(await store.auditHead()); }
      await store.dropOldApprovals({ beforeMs: nowMs - auditDays * DAY_MS, nowMs });
    }
  }

  // One after the other: two rounds at once would take the same old block away.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = (force: boolean): Promise<void> => { const mineNow = turn.then(() => round(force)); turn = mineNow.catch(() => {}); return mineNow; };
  const loop = (async () => {
    for (let attempt = 1; !closing.signal.aborted;) {
      try {
        mine = mine === null || !await store.renewLease(mine, LEASE_MS) ? await store.takeLease('audit', holder, LEASE_MS) : mine;
        if (mine !== null) await inTurn(false);
        attempt = 1;
        await sleep(everyMs, closing.signal);
      } catch (error) {
        if (attempt === 1) log.warn({ err: error }, 'the audit cannot be passed on now; tried again');
        await sleep(pauseMs({ attempt: attempt++, firstMs: 1000, mostMs: 30_000 }), closing.signal);
      }
    }
  })();
  return {
    now: () => inTurn(true),
    figures: () => ({ ...figures }),
    async close() {
      closing.abort();
      await loop;
      try { if (mine !== null) { note(await store.auditHead()); await store.dropLease(mine); } } catch { /* the next start notes where it stands */ }
    },
  };
}

/** Whole lines, on the disk before the cursor moves. Opened anew each time: whoever turns the file over need not tell us. */
function addToFile(file: string, lines: AuditLine[]): void {
  mkdirSync(dirname(file), { recursive: true });
  const opened = openSync(file, 'a', 0o600);
  try { writeSync(opened, lines.map((line) => `${JSON.stringify(line)}\n`).join('')); fsyncSync(opened); } finally { closeSync(opened); }
}

async function post(url: string, token: string, lines: AuditLine[]): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST', redirect: 'error', signal: AbortSignal.timeout(SENT_WITHIN_MS), body: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    headers: { 'content-type': 'application/jsonl', 'x-audit-first-seq': String(lines[0]!.seq), 'x-audit-last-seq': String(lines.at(-1)!.seq), ...(token === '' ? {} : { authorization: `Bearer ${token}` }) },
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`answered ${answer.status}`);
}

function mustBeSafe(url: string): void {
  let parsed: URL;
  try { parsed = new URL(url); } catch { throw new Problem('settingWrong', { name: 'auditExportUrl', reason: 'it is no address' }); }
  const isHere = ['127.0.0.1', '[::1]', 'localhost'].includes(parsed.hostname);
  if (parsed.protocol !== 'https:' && !(parsed.protocol === 'http:' && isHere)) throw new Problem('settingWrong', { name: 'auditExportUrl', reason: 'it begins with https:// (http:// only on this machine)' });
  if (parsed.username !== '' || parsed.password !== '') throw new Problem('settingWrong', { name: 'auditExportUrl', reason: 'it holds a name or password; use auditExportToken' });
}

// --- the key by which a dropped beginning is signed

/** Made at the first use. Its public half is what the check holds signatures against. */
function keyOf(dataFolder: string): KeyObject {
  const file = auditKeyFileOf(dataFolder);
  if (existsSync(file)) return createPrivateKey(readFileSync(file));
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(`${file}.new`, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return privateKey;
}
const signWords = (key: KeyObject, words: string): string => sign(null, Buffer.from(words), key).toString('base64');
/** Null where this machine has no key: then nothing was ever dropped from here, or the key lies elsewhere. */
export function dropVerifier(dataFolder: string): ((words: string, signature: string) => boolean) | null {
  const file = auditKeyFileOf(dataFolder);
  if (!existsSync(file)) return null;
  const publicKey = createPublicKey(createPrivateKey(readFileSync(file)));
  return (words, signature) => { try { return verify(null, Buffer.from(words), publicKey, Buffer.from(signature, 'base64')); } catch { return false; } };
}

/** What was noted outside, one JSON line each; a torn last line is left out. */
export function anchorsIn(file: string): AuditAnchor[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').flatMap((line) => {
    try {
      const said = JSON.parse(line) as AuditAnchor;
      return Number.isInteger(said.seq) && typeof said.hash === 'string' && typeof said.atMs === 'number' ? [said] : [];
    } catch { return []; }
  });
}
