// How many alarms one operator gets, against what a person can take: means, peaks and floods of the counts of ten minutes each. The limits and their sources are in contract/apiAlarms.ts.
import { FLOOD_ENDS_UNDER, LOAD_PEAK_MOST, LOAD_WINDOW_MS, type AlarmLoad } from '../contract/apiAlarms.ts';

/** `windows`: ten minutes each by the clock, oldest first, those without an alarm left out. Shares and means are over the whole span, also the part of a window at its ends. */
export function loadFigures({ windows, sinceMs, untilMs, operators }: Pick<AlarmLoad, 'windows' | 'sinceMs' | 'untilMs' | 'operators'>): Pick<AlarmLoad, 'raised' | 'per10MinMean' | 'per10MinPeak' | 'floods' | 'floodShare'> {
  const raised = windows.reduce((sum, one) => sum + one.raised, 0), spanMs = Math.max(0, untilMs - sinceMs);
  const floods = floodsOf(windows, operators).map((flood) => ({ ...flood, fromMs: Math.max(flood.fromMs, sinceMs), untilMs: Math.min(flood.untilMs, untilMs) }));
  return {
    raised,
    per10MinMean: spanMs === 0 ? 0 : raised / operators / (spanMs / LOAD_WINDOW_MS),
    per10MinPeak: windows.reduce((most, one) => Math.max(most, one.raised), 0) / operators,
    floods, floodShare: spanMs === 0 ? 0 : floods.reduce((sum, flood) => sum + Math.max(0, flood.untilMs - flood.fromMs), 0) / spanMs,
  };
}

/** From the first ten minutes with LOAD_PEAK_MOST or more for each operator to the end of the last before there are fewer than FLOOD_ENDS_UNDER. */
function floodsOf(windows: AlarmLoad['windows'], operators: number): AlarmLoad['floods'] {
  const floods: { fromMs: number; untilMs: number; raised: number }[] = [];
  for (const { fromMs, raised } of windows) {
    // Ten minutes that are left out had none.
    const each = raised / operators, last = floods.at(-1), goesOn = last !== undefined && last.untilMs === fromMs && each >= FLOOD_ENDS_UNDER;
    if (goesOn) { last.untilMs = fromMs + LOAD_WINDOW_MS; last.raised += raised; } else if (each >= LOAD_PEAK_MOST) floods.push({ fromMs, untilMs: fromMs + LOAD_WINDOW_MS, raised });
  }
  return floods;
}
