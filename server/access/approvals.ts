// What needs a second person asks here before it does anything. Refused, it leaves a draft behind that its asker can send to whoever may answer: what is asked for is what was refused, in the server's own words.
import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { APPROVAL_WORDS, type Approval, type ApprovalWhat } from '../../contract/approval.ts';
import { Problem } from '../../contract/problem.ts';
import { mayAt } from '../../crowd/access/mayAt.ts';
import { canonicalJson } from '../../store/auditChain.ts';
import type { Store } from '../../store/store.ts';
import { nameOf } from './audit.ts';
import type { RuleKind } from './rule.ts';

export type ApprovalDetails = {
  /** The very act, where the place does not say it all (a role and whom it is given to, a span): what is approved is this and nothing else. */
  act?: unknown;
  /** What exactly, for whoever answers. Left out: what and where. */
  forWhat?: { en: string; zh: string };
  placeName?: string; unitId?: string | null;
};

/** Resolves with the approval that is in force for whoever asks, this act and this place, and marks its use; rejects with Problem needsSecondPerson otherwise. */
export async function approvedFor(store: Store, request: FastifyRequest, what: ApprovalWhat, place: { kind: string; id: string }, { act, forWhat, placeName, unitId }: ApprovalDetails = {}): Promise<Approval> {
  const { principal } = request;
  if (principal === null) throw new Problem('notSignedIn');
  const words = { what, whatEn: APPROVAL_WORDS[what].en, whatZh: APPROVAL_WORDS[what].zh };
  // A machine has nobody to answer for it.
  if (principal.kind === 'token') { request.access.refused = 'needsSecondPerson'; throw new Problem('needsSecondPerson', words); }
  const nowMs = Date.now(), wanted = { what, placeKind: place.kind, placeId: place.id, act: act === undefined ? '' : createHash('sha256').update(canonicalJson(act)).digest('hex').slice(0, 32) };
  const used = await store.useApproval({ ...wanted, accountId: principal.accountId, name: principal.name, nowMs });
  if (used !== null) return used;
  const reached = request.access.reached.find(({ kind, id }) => kind === place.kind && id === place.id);
  const name = placeName ?? await nameOf(store, place.kind as RuleKind, place.id) ?? '';
  const where = unitId !== undefined ? unitId : reached !== undefined ? reached.place.unitId : null;
  const said = forWhat ?? { en: name === '' ? `${words.whatEn} (${place.kind} ${place.id})` : `${words.whatEn}: ${name}`, zh: name === '' ? `${words.whatZh}(${place.kind} ${place.id})` : `${words.whatZh}:${name}` };
  const draft = await store.draftApproval({ ...wanted, placeName: name, unitId: where, forWhat: said, askedBy: { accountId: principal.accountId, name: principal.name }, nowMs });
  request.access.refused = 'needsSecondPerson';
  throw new Problem('needsSecondPerson', { ...words, approvalId: draft.approvalId });
}

/** Accounts other than the asker's person that may answer at this unit, signed in or not. */
export async function whoMayAnswer(store: Store, { unitId, askedBy }: Pick<Approval, 'unitId' | 'askedBy'>): Promise<{ accountId: string; memberId: string | null; name: string }[]> {
  return store.forProduct(async () => {
    const accounts = await store.accounts(), asker = accounts.find(({ accountId }) => accountId === askedBy.accountId) ?? null;
    const chain = unitId === null ? [] : (await store.unitChain(unitId)).map((unit) => unit.unitId);
    return accounts.filter((account) => account.enabled && account.accountId !== askedBy.accountId && (account.memberId === null || account.memberId !== asker?.memberId)
      && mayAt({ roles: account.roles, onlyRights: null }, 'confirm', { chain, siteId: null }, []));
  });
}

/** Something that is removed and has a history goes only with a second person's word. */
export async function removalApproved(store: Store, request: FastifyRequest, kind: 'site' | 'sensor' | 'unit' | 'account', id: string, details: ApprovalDetails = {}): Promise<void> {
  if (await store.hasHistory(kind, id)) await approvedFor(store, request, 'deleteRecord', { kind, id }, details);
}
