// What lasts of the audit. Lines are only ever added. Part of Store.
import type { AuditFact, AuditLine } from '../contract/audit.ts';

export type AuditFilter = {
  /** Newest first, before this line; null: from the newest. */
  beforeSeq: number | null; most: number;
  /** Lines of these units; null: all, also those of no unit. */
  unitIds: readonly string[] | null;
  what?: string; accountId?: string; /** Part of the name, however it is capitalised. */ name?: string; sinceMs?: number; untilMs?: number; /** Part of any of its words. */ text?: string;
};

export interface AuditStore {
  /** Resolves when they are committed; many that come at once are one transaction. Order of the given list is kept. Rejects with Problem auditAway when they cannot be kept: what must be on record first is not done then. */
  writeAudit(facts: AuditFact[]): Promise<void>;
  /** For what was done already. Resolves when they are committed, or soon, when they wait: kept in a bounded queue and written as soon as the record is back. Never rejects. */
  noteAudit(facts: AuditFact[]): Promise<void>;
  /** written since the start; waiting: noted and not yet committed; dropped: lost because too many waited (a line auditGap says so as soon as it can be written). */
  auditFigures(): { written: number; waiting: number; dropped: number };
  /** At most so many lines are looked through at once where a filter has no index: `scannedToSeq` says how far it came, null: to the beginning. */
  auditLines(filter: AuditFilter): Promise<{ lines: AuditLine[]; scannedToSeq: number | null }>;
  /** Oldest first, all of them: for the check, and for a log outside. */
  auditAfter(seq: number, most: number): Promise<AuditLine[]>;
  /** The newest line. */
  auditHead(): Promise<{ seq: number; hash: string }>;
  /** How far the log outside (`name`) has come; 0 before the first. */
  auditExported(name: string): Promise<number>;
  keepAuditExported(name: string, seq: number): Promise<void>;
  /**
   * Drops whole blocks from the beginning, all of whose lines are older than `beforeMs` and whose number is at most `upToSeq` (what the log outside has). Before that a line is added that says so, with `sign` over what it says.
   * Resolves with how many lines went.
   */
  dropOldAudit(limits: { beforeMs: number; upToSeq: number; sign: (words: string) => string }): Promise<number>;
  /** Called soon after lines were committed by this process. */
  onAudit(listener: () => void): () => void;
}
