// What must be done now and then, in one process at a time: drops what is older than its limit. A job of the queue, so that it is tried again and seen when it fails.
import type { Logger } from 'pino';
import type { Queue } from '../store/queue/queue.ts';
import type { Store } from '../store/store.ts';

const DROP_OLD_EVERY_MS = 3_600_000;

export async function runMaintain({ store, queue, settings, log }: { store: Store; queue: Queue; settings: { zoneMinutesDays: number; eventsDays: number }; log: Logger }): Promise<void> {
  await queue.work(async (job) => {
    switch (job.name) {
      case 'dropOld': {
        // The worker's own settings, not those of whoever scheduled it: a change holds from the next start on.
        const gone = await store.dropOld({ zoneMinutesDays: settings.zoneMinutesDays, eventsDays: settings.eventsDays, nowMs: Date.now() });
        if (gone.partitions + gone.events > 0) log.info(gone, 'dropped what is older than its limit');
        return;
      }
      default: throw new Error(`a job that this release does not know: ${job.name}`);
    }
  });
  await queue.every('dropOld', DROP_OLD_EVERY_MS, {});
}
