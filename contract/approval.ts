// The second person: what one alone may not do, asked of another who sees what it is for. In an emergency it goes through at once and is looked at afterwards.
import Type from 'typebox';
import { id, instantMs, literals, nullable, strictObject } from './schema.ts';

export const APPROVAL_WHATS = ['exportVideo', 'unblurExport', 'liftMask', 'holdBeyondRetention', 'deleteRecord', 'widenScope'] as const;
export const ApprovalWhat = literals(APPROVAL_WHATS);
export type ApprovalWhat = Type.Static<typeof ApprovalWhat>;

export const Approval = strictObject({
  approvalId: id('approval'), what: ApprovalWhat,
  placeKind: Type.String({ maxLength: 30 }), placeId: Type.String({ maxLength: 300 }), placeName: Type.String({ maxLength: 200 }), unitId: nullable(id('unit')),
  /** What exactly, as the asking page says it: from when to when, which cameras, what becomes of it. */
  forWhat: Type.String({ minLength: 1, maxLength: 1000 }), reason: Type.String({ minLength: 1, maxLength: 500 }),
  askedBy: strictObject({ accountId: id('account'), name: Type.String({ maxLength: 80 }) }), askedAtMs: instantMs('asked at'),
  /** asked: waits. given: may be used until usableUntilMs. emergency: used at once, waits to be looked at. */
  state: literals(['asked', 'given', 'refused', 'expired', 'emergency', 'reviewed', 'withdrawn']),
  answeredBy: nullable(strictObject({ accountId: id('account'), name: Type.String({ maxLength: 80 }) })), answeredAtMs: nullable(instantMs('answered at')), answer: nullable(Type.String({ maxLength: 500 })),
  usableUntilMs: nullable(instantMs('usable until')), usedAtMs: nullable(instantMs('first used at')),
});
export type Approval = Type.Static<typeof Approval>;
