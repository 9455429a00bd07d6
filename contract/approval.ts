// The second person: what one alone may not do, asked of another who sees what it is for. In an emergency it goes through at once and is looked at afterwards.
import Type from 'typebox';
import { id, instantMs, literals, nullable, strictObject } from './schema.ts';
import { BothWords } from './unit.ts';

export const APPROVAL_WHATS = ['exportVideo', 'unblurExport', 'liftMask', 'holdBeyondRetention', 'deleteRecord', 'widenScope'] as const;
export const ApprovalWhat = literals(APPROVAL_WHATS);
export type ApprovalWhat = Type.Static<typeof ApprovalWhat>;
/** As they stand in sentences: "This needs a second person: lifting a privacy mask." */
export const APPROVAL_WORDS: Record<ApprovalWhat, { en: string; zh: string }> = {
  exportVideo: { en: 'taking video out', zh: '导出视频' }, unblurExport: { en: 'an export without blurred faces and plates', zh: '导出未模糊处理的画面' }, liftMask: { en: 'lifting a privacy mask', zh: '解除隐私遮挡' },
  holdBeyondRetention: { en: 'keeping something longer than allowed', zh: '超期保留记录' }, deleteRecord: { en: 'removing something that has a history', zh: '删除有历史记录的对象' }, widenScope: { en: 'letting somebody see or do more', zh: '扩大查看或操作范围' },
};

/** An answer takes at most a day; what was given is used soon; an emergency is looked at within three days. */
export const ASKED_FOR_MS = 24 * 3_600_000, USABLE_FOR_MS = 30 * 60_000, REVIEW_WITHIN_MS = 72 * 3_600_000;
/** A single act that was begun may be tried again for this long (the network, a second page of it); a view stays usable until its end. */
export const AGAIN_WITHIN_MS = 2 * 60_000;
export const STAYS_USABLE: readonly ApprovalWhat[] = ['liftMask'];

/** draft: an act was refused for want of a second person, and nobody was asked yet. asked: waits. given: may be used until usableUntilMs. emergency: used at once, waits to be looked at. */
export const APPROVAL_STATES = ['draft', 'asked', 'given', 'refused', 'expired', 'emergency', 'reviewed', 'withdrawn'] as const;
export const ApprovalState = literals(APPROVAL_STATES);
export type ApprovalState = Type.Static<typeof ApprovalState>;
export const APPROVAL_STATE_WORDS: Record<ApprovalState, { en: string; zh: string }> = {
  draft: { en: 'not asked yet', zh: '尚未申请' }, asked: { en: 'waits', zh: '等待答复' }, given: { en: 'given', zh: '已批准' }, refused: { en: 'refused', zh: '已拒绝' }, expired: { en: 'too late', zh: '已过期' },
  emergency: { en: 'used as an emergency', zh: '已按紧急情况使用' }, reviewed: { en: 'reviewed', zh: '已复核' }, withdrawn: { en: 'withdrawn', zh: '已撤回' },
};

const Who = strictObject({ accountId: id('account'), name: Type.String({ maxLength: 80 }) });
const Reason = Type.String({ minLength: 1, maxLength: 500 });
export const Approval = strictObject({
  approvalId: id('approval'), what: ApprovalWhat,
  placeKind: Type.String({ maxLength: 30 }), placeId: Type.String({ maxLength: 300 }), placeName: Type.String({ maxLength: 200 }), unitId: nullable(id('unit')),
  /** What it is bound to beside the place: a digest of the very act that was refused; empty where the place says it all. */
  act: Type.String({ pattern: '^([0-9a-f]{32})?$' }),
  /** What exactly: from when to when, which cameras, what becomes of it. */
  forWhat: BothWords(1000),
  /** Empty in a draft. */
  reason: Type.String({ maxLength: 500 }),
  askedBy: Who, askedAtMs: instantMs('asked at'), state: ApprovalState,
  answeredBy: nullable(Who), answeredAtMs: nullable(instantMs('answered at')), answer: nullable(Type.String({ maxLength: 500 })),
  /** Of a review: whether it was right to use it as an emergency. */
  wasRight: nullable(Type.Boolean()),
  usableUntilMs: nullable(instantMs('usable until')), usedAtMs: nullable(instantMs('first used at')),
  /** When it was asked, nobody else had the right to answer. */
  nobodyElse: Type.Boolean(),
});
export type Approval = Type.Static<typeof Approval>;
export const reviewDueMs = (approval: Pick<Approval, 'state' | 'askedAtMs'>): number | null => (approval.state === 'emergency' ? approval.askedAtMs + REVIEW_WITHIN_MS : null);

export const ApprovalAsk = strictObject({ what: ApprovalWhat, placeKind: Type.String({ minLength: 1, maxLength: 30 }), placeId: Type.String({ minLength: 1, maxLength: 300 }), forWhat: BothWords(1000), reason: Reason, emergency: Type.Optional(Type.Boolean()) });
export const ApprovalAskDraft = strictObject({ reason: Reason, emergency: Type.Optional(Type.Boolean()) });
export const ApprovalAnswer = strictObject({ answer: Type.String({ maxLength: 500 }) });
export const ApprovalReview = strictObject({ answer: Reason, wasRight: Type.Boolean() });
/** What one account sees: what waits for its answer, what it asked itself, and what else came to an end lately where it may answer. */
export const Approvals = strictObject({
  serverAtMs: instantMs('server clock'),
  waiting: Type.Array(Approval), mine: Type.Array(Approval), past: Type.Array(Approval),
});
export type Approvals = Type.Static<typeof Approvals>;
