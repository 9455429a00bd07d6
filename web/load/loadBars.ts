// The bars of the chart of alarm load: windows of ten minutes, or where there is no room for all of them the busiest of several. Pure.
import { LOAD_WINDOW_MS, type AlarmLoad } from '../../contract/apiAlarms.ts';

export type Bar = { fromMs: number; untilMs: number; raised: number };

/** At most `most` bars from the first to the last window of the span; each as long as the next, and as high as its busiest ten minutes. */
export function loadBars({ windows, sinceMs, untilMs }: Pick<AlarmLoad, 'windows' | 'sinceMs' | 'untilMs'>, most: number): Bar[] {
  const first = Math.floor(sinceMs / LOAD_WINDOW_MS), count = Math.max(1, Math.ceil(untilMs / LOAD_WINDOW_MS) - first), each = Math.max(1, Math.ceil(count / most));
  const bars: Bar[] = Array.from({ length: Math.ceil(count / each) }, (_, index) => ({ fromMs: (first + index * each) * LOAD_WINDOW_MS, untilMs: (first + (index + 1) * each) * LOAD_WINDOW_MS, raised: 0 }));
  for (const { fromMs, raised } of windows) {
    const bar = bars[Math.floor((fromMs / LOAD_WINDOW_MS - first) / each)];
    if (bar !== undefined) bar.raised = Math.max(bar.raised, raised);
  }
  return bars;
}
