// Are alarms being judged now, as far as this screen can know? If not: why, where, and since when.
import { NOT_JUDGED_AFTER_MS } from '../../contract/live.ts';
import type { Screen } from './store.ts';

export type Judged =
  | { judged: true }
  | { judged: false; because: 'lineLost' | 'databaseDown' | 'busDown' | 'deciderSilent'; siteNames: string[]; sinceMs: number };

/** `nowMs` is the server's clock as this screen knows it. One answer, the cause nearest to the screen first: what a lost line hides is not guessed. */
export function judgedNow(screen: Screen, nowMs: number): Judged {
  if (screen.overview.state !== 'there' || screen.sites.length === 0) {
    return screen.line.state === 'lost' ? { judged: false, because: 'lineLost', siteNames: [], sinceMs: screen.line.heardAtMs } : { judged: true };
  }
  const allNames = screen.sites.map(({ site }) => site.name);
  if (nowMs - screen.line.heardAtMs >= NOT_JUDGED_AFTER_MS) return { judged: false, because: 'lineLost', siteNames: allNames, sinceMs: screen.line.heardAtMs };
  const silent = screen.sites.filter(({ site }) => nowMs - (screen.judgedAtMs.get(site.siteId) ?? 0) >= NOT_JUDGED_AFTER_MS);
  const inTrouble = screen.troubles.includes('databaseDown') ? 'databaseDown' : screen.troubles.includes('busDown') ? 'busDown' : null;
  if (silent.length === 0) return { judged: true };
  // A site that was never judged is silent since this screen first asked: "for 56 years" would be no truth.
  const sinceMs = Math.min(...silent.map(({ site }) => screen.judgedAtMs.get(site.siteId) || screen.beganAtMs));
  return { judged: false, because: inTrouble ?? 'deciderSilent', siteNames: silent.map(({ site }) => site.name), sinceMs };
}
