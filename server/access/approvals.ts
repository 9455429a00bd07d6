// What needs a second person asks here before it does anything.
import { APPROVAL_WORDS, type ApprovalWhat } from '../../contract/approval.ts';
import { Problem } from '../../contract/problem.ts';
import type { FastifyRequest } from 'fastify';
import type { Store } from '../../store/store.ts';

/** Resolves with the approval that is in force for whoever asks, this act and this place; rejects with Problem needsSecondPerson otherwise. */
export async function approvedFor(store: Store, request: FastifyRequest, what: ApprovalWhat, place: { kind: string; id: string }): Promise<{ approvalId: string }> {
  const approval = request.principal === null ? null : await store.approvalInForce({ accountId: request.principal.accountId, what, placeKind: place.kind, placeId: place.id, nowMs: Date.now() });
  if (approval === null) throw new Problem('needsSecondPerson', { what, whatEn: APPROVAL_WORDS[what].en, whatZh: APPROVAL_WORDS[what].zh });
  return approval;
}
