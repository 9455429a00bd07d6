// What lasts of approvals by a second person. Part of Store.
import type { Approval, ApprovalWhat } from '../contract/approval.ts';

export interface ApprovalsStore {
  approval(approvalId: string): Promise<Approval | null>;
  /** In force for this account, act and place at `nowMs` (given and not over, or an emergency's), or null. */
  approvalInForce(of: { accountId: string; what: ApprovalWhat; placeKind: string; placeId: string; nowMs: number }): Promise<Approval | null>;
}
