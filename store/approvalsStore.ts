// What lasts of approvals by a second person. Part of Store.
import type { Approval, ApprovalWhat } from '../contract/approval.ts';
import type { ApprovalStep } from '../crowd/approval.ts';

export type ApprovalFor = { what: ApprovalWhat; placeKind: string; placeId: string; /** Digest of the very act; empty where the place says it all. */ act: string };
export type ApprovalDraft = ApprovalFor & Pick<Approval, 'placeName' | 'unitId' | 'forWhat'> & { askedBy: Approval['askedBy']; nowMs: number };

export interface ApprovalsStore {
  approval(approvalId: string): Promise<Approval | null>;
  /** In force for this account, act and place at `nowMs` (given and not over, or an emergency's), or null. Its first use is marked in the same step, so that a single act is done once. */
  useApproval(of: ApprovalFor & { accountId: string; name: string; nowMs: number }): Promise<Approval | null>;
  /** As useApproval, without use: only to know. */
  approvalInForce(of: { accountId: string; what: ApprovalWhat; placeKind: string; placeId: string; act?: string; nowMs: number }): Promise<Approval | null>;
  /** The draft for an act that was refused for want of a second person; the same act again finds the same draft. */
  draftApproval(draft: ApprovalDraft): Promise<Approval>;
  /** One step of crowd/approval.ts, one after the other for each approval. Rejects with Problem notFound, approvalOver, approvalOwn, reasonNeeded. Resolves with how it was before and is now. */
  stepApproval(approvalId: string, step: ApprovalStep, nowMs: number): Promise<{ before: Approval; approval: Approval }>;
  /** Those that wait for an answer or a review, those this account asked, and those that came to an end since `sinceMs`; newest first, at most `most` of each. Drafts are left out. */
  approvals(of: { accountId: string; sinceMs: number; most: number; nowMs: number }): Promise<{ open: Approval[]; mine: Approval[]; past: Approval[] }>;
  /** Whether records tell of it: then removing it needs a second person. A site: an alarm, an incident, or a past of more than a day. A camera: an alarm of its own, or a past of its site while it was placed. A unit: an incident. An account: it was ever used. */
  hasHistory(kind: 'site' | 'sensor' | 'unit' | 'account', id: string): Promise<boolean>;
  /** What came to an end before `beforeMs` goes, drafts after a day; what waits for a review stays until it has one. Resolves with how many went. */
  dropOldApprovals(limits: { beforeMs: number; nowMs: number }): Promise<number>;
  /** Called soon after any of them changed, here or in another process; may be called without cause. */
  onApprovals(listener: () => void): () => void;
}
