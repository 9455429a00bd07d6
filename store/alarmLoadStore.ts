// What lasts of alarm discipline: planned silences, and how many alarms there were.
import type { Silence } from '../contract/alarm.ts';
import type { AlarmLoad, SilenceBody } from '../contract/apiAlarms.ts';

/** As counted in the record; crowd/alarmLoad.ts makes means, peaks and floods of it. */
export type AlarmCounts = Pick<AlarmLoad, 'windows' | 'stale' | 'staleTotal' | 'chattering' | 'chatteringTotal' | 'byPriority' | 'acknowledgeMedianMs' | 'unacknowledged' | 'unheard' | 'exercises' | 'demo' | 'openNow' | 'shelvedNow' | 'mutedNow'>;

export interface AlarmLoadStore {
  /** Those that end after `nowMs`, by their beginning; of one site or, null, of all. */
  silences(siteId: string | null, nowMs: number): Promise<Silence[]>;
  /** Rejects with tooMany beyond SILENCES_OF_SITE_MOST that are not over, with notFound for a site that is gone. */
  addSilence(body: SilenceBody & { by: string }, nowMs: number): Promise<Silence>;
  /** What was taken back. */
  removeSilence(silenceId: string): Promise<Silence>;
  /** From sinceMs on, before untilMs. `demo`: alarms of demonstrations are counted in, and not only told. */
  alarmCounts(filter: { sinceMs: number; untilMs: number; siteId: string | null; demo: boolean; nowMs: number }): Promise<AlarmCounts>;
}
