// What must be done now and then, in one process at a time: what is older than its time goes, and a report proves it. A job of the queue, so that it is tried again and seen when it fails.
import type { Logger } from 'pino';
import { retentionDefaults } from '../config/retentionDefaults.ts';
import type { PurgeReport } from '../contract/privacy.ts';
import type { RetentionDefaults } from '../crowd/retention.ts';
import type { Queue } from '../store/queue/queue.ts';
import type { Store } from '../store/store.ts';

const PURGE_EVERY_MS = 3_600_000;
export async function runMaintain({ store, queue, settings, log }: { store: Store; queue: Queue; settings: { zoneMinutesDays: number; eventsDays: number }; log: Logger }): Promise<void> {
  await queue.work(async (job) => {
    switch (job.name) {
      // 'dropOld' is what releases before this one scheduled.
      case 'purge': case 'dropOld':
        // The worker's own settings, not those of whoever scheduled it: a change holds from the next start on.
        await purgeNow({ store, log, defaults: retentionDefaults(settings) });
        // Sessions, tokens, links and failed tries that are over: they open nothing any more, and need not lie about.
        await store.pruneAccess(Date.now());
        return;
      default: throw new Error(`a job that this release does not know: ${job.name}`);
    }
  });
  await queue.every('purge', PURGE_EVERY_MS, {});
}

/** One purge, on record where anything was due. Rejects when what should be gone is still there, so that the job is seen. */
export async function purgeNow({ store, log, defaults, nowMs = Date.now() }: { store: Store; log: Logger; defaults: RetentionDefaults; nowMs?: number }): Promise<PurgeReport> {
  const report = await store.purge({ nowMs, dryRun: false, defaults }), sum = (of: (line: PurgeReport['lines'][number]) => number) => report.lines.reduce((all, line) => all + of(line), 0);
  const figures = { due: sum((line) => line.due), gone: sum((line) => line.gone), held: sum((line) => line.held), leftOver: sum((line) => line.leftOver) };
  if (figures.due > 0) {
    await store.noteAudit([{
      what: 'purged', accountId: null, name: '', sessionId: null, address: '', route: '', status: null, placeKind: 'purge', placeId: report.reportId, placeName: null, unitId: null, fromMs: null, untilMs: null, reason: null,
      detail: { ...figures, proved: report.proved, complete: report.complete },
    }]);
    log.info({ ...figures, reportId: report.reportId, proved: report.proved }, 'what is older than its time went');
  }
  if (figures.leftOver > 0 && report.complete) throw new Error(`purge ${report.reportId}: ${figures.leftOver} rows are older than their time and still there`);
  return report;
}
