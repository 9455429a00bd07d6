// The second person as a machine of states. Rules AP of docs/SPEC.md.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AGAIN_WITHIN_MS, APPROVAL_WHATS, ASKED_FOR_MS, REVIEW_WITHIN_MS, USABLE_FOR_MS, type Approval } from '../../contract/approval.ts';
import { approvalAt, decideApproval, isReviewOverdue, isUsable, type ApprovalPerson, type ApprovalStep } from '../../crowd/approval.ts';

const li: ApprovalPerson = { accountId: 'li', name: 'Li Wei', memberId: 'm1' }, ana: ApprovalPerson = { accountId: 'ana', name: 'Ana Cruz', memberId: null }, liAgain: ApprovalPerson = { accountId: 'li2', name: 'Li Wei', memberId: 'm1' };
const draft = (over: Partial<Approval> = {}): Approval => ({
  approvalId: 'y1', what: 'deleteRecord', placeKind: 'site', placeId: 's1', placeName: 'Square', unitId: null, act: '', forWhat: { en: 'x', zh: 'x' }, reason: '', askedBy: { accountId: 'li', name: 'Li Wei' }, askedAtMs: 0, state: 'draft',
  answeredBy: null, answeredAtMs: null, answer: null, wasRight: null, usableUntilMs: null, usedAtMs: null, nobodyElse: false, ...over,
});
const after = (approval: Approval, step: ApprovalStep, nowMs: number): Approval => { const decided = decideApproval(approval, step, nowMs); if (!decided.ok) throw new Error(decided.why); return decided.approval; };
const why = (approval: Approval, step: ApprovalStep, nowMs: number): string | null => { const decided = decideApproval(approval, step, nowMs); return decided.ok ? null : decided.why; };
const ask: ApprovalStep = { step: 'ask', by: li, reason: 'the square is rebuilt', nobodyElse: false };
const give: ApprovalStep = { step: 'give', by: ana, askerMemberId: 'm1', answer: 'yes' };

describe('approvals', () => {
  test('AP1 asked, given, used once; again only for a moment, and never after its time', () => {
    const given = after(after(draft(), ask, 1000), give, 2000);
    expect(given).toMatchObject({ state: 'given', answeredBy: { accountId: 'ana' }, answer: 'yes', usableUntilMs: 2000 + USABLE_FOR_MS, usedAtMs: null });
    const used = after(given, { step: 'use', by: li }, 3000);
    expect([isUsable(used, 3000), isUsable(used, 3000 + AGAIN_WITHIN_MS - 1), isUsable(used, 3000 + AGAIN_WITHIN_MS)]).toEqual([true, true, false]);
    expect(why(used, { step: 'use', by: li }, 3000 + AGAIN_WITHIN_MS)).toBe('over');
    expect(why(given, { step: 'use', by: ana }, 3000)).toBe('notYours');
    expect([isUsable(given, 2000 + USABLE_FOR_MS - 1), isUsable(given, 2000 + USABLE_FOR_MS), approvalAt(given, 2000 + USABLE_FOR_MS).state]).toEqual([true, false, 'expired']);
    // A view stays open until its time is over, however often it is looked at.
    const view = after(after(after(draft({ what: 'liftMask' }), ask, 1000), give, 2000), { step: 'use', by: li }, 3000);
    expect([isUsable(view, 2000 + USABLE_FOR_MS - 1), isUsable(view, 2000 + USABLE_FOR_MS)]).toEqual([true, false]);
  });

  test('AP2 nobody answers for themselves, not through another account either; nobody answers twice', () => {
    const asked = after(draft(), ask, 1000);
    for (const step of ['give', 'refuse'] as const) for (const by of [li, liAgain]) expect(why(asked, { step, by, askerMemberId: 'm1', answer: '' }, 2000), `${step} ${by.accountId}`).toBe('own');
    // Without a member there is nothing to tell accounts of one person apart by.
    expect(why(asked, { ...give, askerMemberId: null }, 2000)).toBe(null);
    const refused = after(asked, { step: 'refuse', by: ana, askerMemberId: 'm1', answer: 'no' }, 2000);
    expect([refused.state, isUsable(refused, 2001), why(refused, give, 2001)]).toEqual(['refused', false, 'over']);
    expect(why(draft(), give, 1000)).toBe('over');
  });

  test('AP3 what nobody answers in a day is over; who asked may take it back until it is used', () => {
    const asked = after(draft(), ask, 1000);
    expect(approvalAt(asked, 1000 + ASKED_FOR_MS - 1).state).toBe('asked');
    expect([approvalAt(asked, 1000 + ASKED_FOR_MS).state, why(asked, give, 1000 + ASKED_FOR_MS)]).toEqual(['expired', 'over']);
    const given = after(asked, give, 2000), taken = after(given, { step: 'withdraw', by: li }, 2500);
    expect([taken.state, isUsable(taken, 2501)]).toEqual(['withdrawn', false]);
    expect(why(given, { step: 'withdraw', by: ana }, 2500)).toBe('notYours');
    expect(why(after(given, { step: 'use', by: li }, 2500), { step: 'withdraw', by: li }, 2600)).toBe('over');
  });

  test('AP4 an emergency is usable at once, waits for a review within three days, and ends when it was wrong', () => {
    const used = after(draft(), { step: 'emergency', by: li, reason: 'people are hurt', nobodyElse: true }, 1000);
    expect(used).toMatchObject({ state: 'emergency', nobodyElse: true, usableUntilMs: 1000 + USABLE_FOR_MS });
    expect([isUsable(used, 1000), isReviewOverdue(used, 1000 + REVIEW_WITHIN_MS - 1), isReviewOverdue(used, 1000 + REVIEW_WITHIN_MS)]).toEqual([true, false, true]);
    const review = (wasRight: boolean, answer = 'looked at'): ApprovalStep => ({ step: 'review', by: ana, askerMemberId: 'm1', answer, wasRight });
    expect(why(used, { ...review(true), by: liAgain } as ApprovalStep, 2000)).toBe('own');
    expect(why(used, review(true, ' '), 2000)).toBe('reasonMissing');
    expect([isUsable(after(used, review(true), 2000), 2001), isUsable(after(used, review(false), 2000), 2001)]).toEqual([true, false]);
    // What waits may still become one; what was refused may not.
    expect(after(after(draft(), ask, 1000), { step: 'emergency', by: li, reason: 'now', nobodyElse: false }, 2000).state).toBe('emergency');
    expect(why(after(after(draft(), ask, 1000), { step: 'refuse', by: ana, askerMemberId: 'm1', answer: '' }, 1500), { step: 'emergency', by: li, reason: 'now', nobodyElse: false }, 2000)).toBe('over');
    expect(why(draft(), { step: 'emergency', by: li, reason: '  ', nobodyElse: false }, 2000)).toBe('reasonMissing');
  });

  test('AP5 whatever is done in whatever order: nothing is usable without another person\'s word or an emergency on record, and not beyond its time', () => {
    const seed = Date.now() % 1e9;
    console.info(`seed ${seed}`);
    const people = [li, liAgain, ana, { accountId: 'bo', name: 'Bo', memberId: 'm2' }];
    const steps = fc.array(fc.record({ step: fc.constantFrom('ask', 'emergency', 'give', 'refuse', 'review', 'withdraw', 'use'), who: fc.nat({ max: 3 }), reason: fc.constantFrom('', 'because'), right: fc.boolean(), laterMs: fc.nat({ max: ASKED_FOR_MS }) }), { maxLength: 25 });
    fc.assert(fc.property(fc.constantFrom(...APPROVAL_WHATS), steps, (what, all) => {
      let approval = draft({ what }), nowMs = 1;
      let byOther = false, wasEmergency = false, givenAtMs = 0;
      for (const { step, who, reason, right, laterMs } of all) {
        nowMs += laterMs;
        const by = people[who]!;
        const said = step === 'ask' || step === 'emergency' ? { step, by, reason, nobodyElse: false } : step === 'review' ? { step, by, askerMemberId: 'm1', answer: reason, wasRight: right } : step === 'give' || step === 'refuse' ? { step, by, askerMemberId: 'm1', answer: reason } : { step: step as 'withdraw' | 'use', by };
        const decided = decideApproval(approval, said as ApprovalStep, nowMs);
        if (!decided.ok) continue;
        if (step === 'use') {
          expect(by.accountId).toBe('li');
          expect(byOther || wasEmergency).toBe(true);
          expect(nowMs).toBeLessThan(givenAtMs + USABLE_FOR_MS);
        }
        if (step === 'give') { expect(['li', 'li2']).not.toContain(by.accountId); byOther = true; givenAtMs = nowMs; }
        if (step === 'emergency') { expect(by.accountId).toBe('li'); expect(reason).not.toBe(''); wasEmergency = true; givenAtMs = nowMs; }
        approval = decided.approval;
        expect(isUsable(approval, nowMs) && approval.state === 'refused').toBe(false);
      }
      // With time alone nothing becomes usable that was not.
      if (!isUsable(approval, nowMs)) for (const laterMs of [1, USABLE_FOR_MS, REVIEW_WITHIN_MS]) expect(isUsable(approval, nowMs + laterMs)).toBe(false);
    }), { seed, numRuns: 1500 });
  });
});
