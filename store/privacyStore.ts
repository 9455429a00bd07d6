// What lasts of privacy: how long each kind of record is kept in each unit, holds, reports of what was purged, and who sees through a mask for how long. Part of Store.
import type { Hold, HoldBody, MaskLift, PurgeReport, RetentionSet } from '../contract/privacy.ts';
import type { RetentionDefaults } from '../crowd/retention.ts';

export interface PrivacyStore {
  liftMask(lift: { sensorId: string; accountId: string; sessionId: string | null; name: string; reason: string; approvalId: string; fromMs: number; untilMs: number }): Promise<MaskLift>;
  /** The one that lasts longest; null: this person sees what everybody sees. */
  maskLiftInForce(of: { sensorId: string; accountId: string; sessionId: string | null; nowMs: number }): Promise<MaskLift | null>;
  /** Resolves with those that were ended before their time. */
  endMaskLifts(of: { sensorId: string; accountId: string; nowMs: number }): Promise<MaskLift[]>;

  /** What is set, at whichever unit. Units that are gone have none. */
  retentionSets(): Promise<RetentionSet[]>;
  /** Replaces what is set at its unit; nothing set at all inherits everything again. */
  keepRetention(set: RetentionSet, byName: string): Promise<void>;

  addHold(hold: HoldBody & { placeName: string; unitId: string | null; byName: string; approvalId: string; nowMs: number }): Promise<Hold>;
  hold(holdId: string): Promise<Hold | null>;
  /** Those in force and those that ended in the last year, newest first. */
  holds(nowMs: number): Promise<Hold[]>;
  /** Rejects with holdOver when it is over already. */
  endHold(holdId: string, by: { name: string; nowMs: number }): Promise<Hold>;

  /**
   * Drops what is older than its limit, unit by unit and kind by kind, in batches of bounded size and within `mostMs` (complete: false, and the next purge goes on), but for what is held. Then counts anew, by queries
   * that share nothing with those that deleted, what should be gone and is still there. A dry run counts and changes nothing. The report is kept when anything was due, and once a day.
   */
  purge(how: { nowMs: number; dryRun: boolean; defaults: RetentionDefaults; mostMs?: number }): Promise<PurgeReport>;
  purgeReports(most: number): Promise<PurgeReport[]>;
}
