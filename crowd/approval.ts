// What may become of an approval, and when: the second person as a machine of states. Pure. Rules AP of docs/SPEC.md.
import { AGAIN_WITHIN_MS, ASKED_FOR_MS, REVIEW_WITHIN_MS, STAYS_USABLE, USABLE_FOR_MS, type Approval } from '../contract/approval.ts';

/** Whoever acts. `memberId`: two accounts of one member are one person. */
export type ApprovalPerson = { accountId: string; name: string; memberId: string | null };
export type ApprovalStep =
  | { step: 'ask'; by: ApprovalPerson; reason: string; nobodyElse: boolean }
  /** At once, without an answer; it is looked at afterwards. */
  | { step: 'emergency'; by: ApprovalPerson; reason: string; nobodyElse: boolean }
  | { step: 'give' | 'refuse'; by: ApprovalPerson; /** Of whoever asked, as it is now. */ askerMemberId: string | null; answer: string }
  | { step: 'review'; by: ApprovalPerson; askerMemberId: string | null; answer: string; wasRight: boolean }
  | { step: 'withdraw'; by: ApprovalPerson }
  | { step: 'use'; by: ApprovalPerson };
export type ApprovalRefusal = 'over' | 'own' | 'notYours' | 'reasonMissing';
export type ApprovalAnswered = { ok: true; approval: Approval } | { ok: false; why: ApprovalRefusal };

/** As it stands at `nowMs`: what nobody answered in time, and what was given and never used in time, is over by itself. */
export function approvalAt(approval: Approval, nowMs: number): Approval {
  if (approval.state === 'asked' && nowMs >= approval.askedAtMs + ASKED_FOR_MS) return { ...approval, state: 'expired' };
  if (approval.state === 'given' && approval.usedAtMs === null && approval.usableUntilMs !== null && nowMs >= approval.usableUntilMs) return { ...approval, state: 'expired' };
  return approval;
}

/** Whether its act may be done now: by its asker, until its end; a single act only once, and again for a moment after it was begun. */
export function isUsable(approval: Approval, nowMs: number): boolean {
  if (approval.usableUntilMs === null || nowMs >= approval.usableUntilMs || nowMs < approval.askedAtMs - AGAIN_WITHIN_MS) return false;
  switch (approval.state) {
    case 'given': case 'emergency': return approval.usedAtMs === null || STAYS_USABLE.includes(approval.what) || nowMs < approval.usedAtMs + AGAIN_WITHIN_MS;
    // Looked at already: whoever found it right does not stop it, whoever found it wrong does.
    case 'reviewed': return approval.wasRight === true && (approval.usedAtMs === null || STAYS_USABLE.includes(approval.what) || nowMs < approval.usedAtMs + AGAIN_WITHIN_MS);
    case 'draft': case 'asked': case 'refused': case 'expired': case 'withdrawn': return false;
  }
}

/** An emergency that nobody has looked at in time. */
export const isReviewOverdue = (approval: Approval, nowMs: number): boolean => approval.state === 'emergency' && nowMs >= approval.askedAtMs + REVIEW_WITHIN_MS;

const isSamePerson = (a: { accountId: string; memberId: string | null }, b: { accountId: string; memberId: string | null }): boolean => a.accountId === b.accountId || (a.memberId !== null && a.memberId === b.memberId);
/** Whoever asked does not answer, not through another account of theirs either. */
export const mayAnswer = (approval: Approval, by: ApprovalPerson, askerMemberId: string | null): boolean => !isSamePerson({ accountId: approval.askedBy.accountId, memberId: askerMemberId }, by);

export function decideApproval(given: Approval, said: ApprovalStep, nowMs: number): ApprovalAnswered {
  const approval = approvalAt(given, nowMs), by = { accountId: said.by.accountId, name: said.by.name };
  const no = (why: ApprovalRefusal): ApprovalAnswered => ({ ok: false, why });
  const isAsker = approval.askedBy.accountId === said.by.accountId;
  switch (said.step) {
    case 'ask': case 'emergency': {
      if (!isAsker) return no('notYours');
      // What was asked and waits may still become an emergency.
      if (approval.state !== 'draft' && !(said.step === 'emergency' && approval.state === 'asked')) return no('over');
      if (said.reason.trim() === '') return no('reasonMissing');
      const asked: Approval = { ...approval, reason: said.reason.trim(), askedAtMs: nowMs, nobodyElse: said.nobodyElse };
      return { ok: true, approval: said.step === 'ask' ? { ...asked, state: 'asked' } : { ...asked, state: 'emergency', usableUntilMs: nowMs + USABLE_FOR_MS } };
    }
    case 'give': case 'refuse': {
      if (!mayAnswer(approval, said.by, said.askerMemberId)) return no('own');
      if (approval.state !== 'asked') return no('over');
      const answered = { ...approval, answeredBy: by, answeredAtMs: nowMs, answer: said.answer.trim() === '' ? null : said.answer.trim() };
      return { ok: true, approval: said.step === 'give' ? { ...answered, state: 'given', usableUntilMs: nowMs + USABLE_FOR_MS } : { ...answered, state: 'refused' } };
    }
    case 'review': {
      if (!mayAnswer(approval, said.by, said.askerMemberId)) return no('own');
      if (approval.state !== 'emergency') return no('over');
      if (said.answer.trim() === '') return no('reasonMissing');
      return { ok: true, approval: { ...approval, state: 'reviewed', answeredBy: by, answeredAtMs: nowMs, answer: said.answer.trim(), wasRight: said.wasRight } };
    }
    case 'withdraw': {
      if (!isAsker) return no('notYours');
      if (approval.state !== 'draft' && approval.state !== 'asked' && !(approval.state === 'given' && approval.usedAtMs === null)) return no('over');
      return { ok: true, approval: { ...approval, state: 'withdrawn' } };
    }
    case 'use': {
      if (!isAsker) return no('notYours');
      if (!isUsable(approval, nowMs)) return no('over');
      return { ok: true, approval: { ...approval, usedAtMs: approval.usedAtMs ?? nowMs } };
    }
  }
}
