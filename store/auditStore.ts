// What lasts of the audit. Lines are only ever added. Part of Store.
import type { AuditFact, AuditLine } from '../contract/audit.ts';

export interface AuditStore {
  /** Resolves when they are committed; many that come at once are one transaction. Order of the given list is kept. */
  writeAudit(facts: AuditFact[]): Promise<void>;
  /** Newest first, before `beforeSeq`; `unitIds` null: all. */
  auditLines(filter: { beforeSeq: number | null; most: number; unitIds: string[] | null; what?: string; accountId?: string; sinceMs?: number; untilMs?: number; text?: string }): Promise<AuditLine[]>;
}
