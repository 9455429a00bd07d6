// Work that must be done once, later, or again after a failure. Two backends with one conformance suite: BullMQ on PostgreSQL and BullMQ on Redis.

export type Job = { jobId: string; name: string; data: Record<string, unknown>; attempt: number };

export interface Queue {
  /** The same jobId twice is one job. No ':' in a jobId. */
  add(job: { jobId: string; name: string; data: Record<string, unknown>; delayMs?: number; attempts?: number }): Promise<void>;
  /** Runs `name` now and then once in each span of `everyMs`, in one process at a time, however many call this. While it still runs, a span is passed over. */
  every(name: string, everyMs: number, data: Record<string, unknown>): Promise<void>;
  /** Handles jobs, `atOnce` at a time; a thrown error is tried again with growing pauses, then kept as failed. */
  work(handle: (job: Job) => Promise<void>, options?: { atOnce?: number }): Promise<void>;
  counts(): Promise<{ waiting: number; active: number; delayed: number; failed: number; completed: number }>;
  close(): Promise<void>;
}
