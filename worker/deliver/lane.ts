// The line before one channel: who is asked to go comes first, only so many are under way at once, and a channel that fails again and again is left alone for a while, so that it holds up nobody else.
import { pauseMs } from '../../store/pauseMs.ts';

export const AT_ONCE_OF_ONE_CHANNEL = 8, WAITING_MOST = 60, ROOM_AGAIN_AT = 30;
/** Failures in a row before a channel is left alone, and for how long: doubled each time up to the most. */
export const FAILURES_MOST = 5, LEFT_ALONE_FIRST_MS = 10_000, LEFT_ALONE_MOST_MS = 120_000;

export type Lane<Job> = {
  /** False when the line is full: it is to be put back. */
  enter(job: Job, urgent: boolean): boolean;
  worked(): void;
  failed(): void;
  /** How long the channel is left alone yet, ms; 0 when it may be tried. After the pause one at a time is let through until one works. */
  leftAloneMs(): number;
  held(): number;
};

export function openLane<Job>(process: (job: Job) => Promise<void>, clock: () => number = () => performance.now()): Lane<Job> {
  const urgentOnes: Job[] = [], others: Job[] = [];
  let underWay = 0, failures = 0, timesLeftAlone = 0, openAtMs = -Infinity;
  const next = () => {
    // While it is not known to be well again, one at a time: a pause that is over does not let all of them run into the same wall.
    const most = timesLeftAlone > 0 && clock() >= openAtMs ? 1 : AT_ONCE_OF_ONE_CHANNEL;
    while (underWay < most) {
      const job = urgentOnes.shift() ?? others.shift();
      if (job === undefined) return;
      underWay++;
      void process(job).finally(() => { underWay--; next(); });
    }
  };
  return {
    enter(job, urgent) {
      if (urgentOnes.length + others.length >= WAITING_MOST) return false;
      (urgent ? urgentOnes : others).push(job);
      next();
      return true;
    },
    worked() { failures = 0; timesLeftAlone = 0; openAtMs = -Infinity; },
    failed() {
      failures++;
      if (failures < FAILURES_MOST && !(timesLeftAlone > 0 && clock() >= openAtMs)) return;
      if (clock() < openAtMs) return; // others that were under way when it was left alone
      timesLeftAlone++;
      openAtMs = clock() + pauseMs({ attempt: timesLeftAlone, firstMs: LEFT_ALONE_FIRST_MS, mostMs: LEFT_ALONE_MOST_MS });
    },
    leftAloneMs: () => Math.max(0, openAtMs - clock()),
    held: () => urgentOnes.length + others.length + underWay,
  };
}
