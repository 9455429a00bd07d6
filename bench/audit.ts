// npm run bench -- audit: lines of the audit a second into a real PostgreSQL with fsync on, each caller waiting for its own commit; first at the promised rate, then as many as go.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { AuditFact } from '../contract/audit.ts';
import { chainChecker } from '../store/auditChain.ts';
import { startEmbeddedPostgres } from '../store/embeddedPostgres.ts';
import { openStore } from '../store/openStore.ts';
import type { Emit } from './run.ts';

const SECONDS = 10, PROMISED_PER_S = 1000, AT_ONCE = 64;

export default async function audit(emit: Emit): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'crowdlight-bench-audit-')), log = pino({ level: 'error' });
  const postgres = await startEmbeddedPostgres({ folder, log }), store = await openStore({ databaseUrl: postgres.databaseUrl, log });
  try {
    let made = 0;
    const fact = (): AuditFact => ({
      what: 'changed', accountId: `a${made % 200}`, name: 'Li Wei', sessionId: `s${made % 500}`, address: '192.0.2.17', route: 'PUT /api/incidents/:incidentId/commands', status: 200, placeKind: 'incident', placeId: `i${made}`, placeName: 'North gate', unitId: `u${made % 300}`,
      fromMs: null, untilMs: null, reason: 'crowding at the gate', detail: { number: ++made, command: 'acknowledge' },
    });
    await store.writeAudit([fact()]);
    // --- the promised rate, evenly spread, whether the earlier ones are done or not
    const waits: number[] = [], cpuBefore = cpuSeconds(postgres.pid()), beganMs = performance.now();
    const under: Promise<void>[] = [];
    for (let sent = 0; sent < PROMISED_PER_S * SECONDS;) {
      const due = Math.min(PROMISED_PER_S * SECONDS, Math.floor((performance.now() - beganMs) / 1000 * PROMISED_PER_S));
      for (; sent < due; sent++) { const atMs = performance.now(); under.push(store.writeAudit([fact()]).then(() => { waits.push(performance.now() - atMs); })); }
      await new Promise((go) => { setTimeout(go, 2); });
    }
    await Promise.all(under);
    const tookS = (performance.now() - beganMs) / 1000, cpuShare = (cpuSeconds(postgres.pid()) - cpuBefore) / tookS;
    waits.sort((a, b) => a - b);
    emit('entriesPerS', waits.length / tookS, '1/s');
    emit('writeMsP95', waits[Math.floor(waits.length * 0.95)]!, 'ms');
    emit('writeMsP50', waits[Math.floor(waits.length * 0.5)]!, 'ms');
    emit('cpuShareOfCore', cpuShare, 'cores');
    // --- as many as go
    const before = (await store.auditHead()).seq, mostBeganMs = performance.now();
    await Promise.all(Array.from({ length: AT_ONCE }, async () => { while (performance.now() - mostBeganMs < 5000) await store.writeAudit([fact()]); }));
    const { seq } = await store.auditHead();
    emit('entriesPerSMost', (seq - before) / ((performance.now() - mostBeganMs) / 1000), '1/s');
    // --- and the chain holds
    const checker = chainChecker(), checkBeganMs = performance.now();
    for (let at = 0; ;) { const lines = await store.auditAfter(at, 5000); if (lines.length === 0) break; for (const line of lines) checker.take(line); at = lines.at(-1)!.seq; }
    const report = checker.end({ head: await store.auditHead() });
    emit('checkedPerS', report.lines / ((performance.now() - checkBeganMs) / 1000), '1/s');
    emit('chainFaults', report.faults.length, '1');
  } finally { await store.close(); await postgres.close(); rmSync(folder, { recursive: true, force: true }); }
  console.log(`cores: ${cpus().length}`);
}

/** Of this process, of PostgreSQL and of its connections, by what the system has counted. */
function cpuSeconds(postmaster: number | null): number {
  const own = process.cpuUsage();
  let ticks = 0;
  const ofProcess = (pid: number | string) => { try { const stat = readFileSync(`/proc/${pid}/stat`, 'utf8'), fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); return Number(fields[11]) + Number(fields[12]); } catch { return 0; } };
  if (postmaster !== null) {
    ticks += ofProcess(postmaster);
    try { for (const pid of readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').trim().split(/\s+/)) ticks += ofProcess(pid); } catch { /* no /proc: PostgreSQL is left out */ }
  }
  return (own.user + own.system) / 1e6 + ticks / 100;
}
