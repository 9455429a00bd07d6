// Routes of the second person. Who sees an approval: whoever asked, and whoever may answer where it lies. To anybody else it is not there.
import type { FastifyRequest } from 'fastify';
import { Approval, ApprovalAnswer, ApprovalAsk, ApprovalAskDraft, ApprovalReview, Approvals } from '../../contract/approval.ts';
import { PLACE_KINDS, type PlaceKind } from '../../contract/access.ts';
import { Problem } from '../../contract/problem.ts';
import { id, strictObject } from '../../contract/schema.ts';
import { decideApproval, mayAnswer, type ApprovalPerson, type ApprovalStep } from '../../crowd/approval.ts';
import { audit, nameOf } from '../access/audit.ts';
import { whoMayAnswer } from '../access/approvals.ts';
import { recentlyConfirmed } from '../access/recentlyConfirmed.ts';
import type { App, ServerParts } from '../parts.ts';

const params = strictObject({ approvalId: id('approval') });
const SHOWN_SINCE_MS = 30 * 24 * 3_600_000, SHOWN_MOST = 200;
const SIGNED_IN = { access: { who: 'signedIn' as const, because: 'one\'s own, and those that one may answer: the handler looks at each' } };

export function approvalRoutes(app: App, { store, sessions, log }: ServerParts): void {
  const person = async (request: FastifyRequest): Promise<ApprovalPerson> => {
    const { principal } = request;
    // Nobody answers, or is answered for, through a token: it is the account's, not a person at a desk.
    if (principal === null || principal.kind !== 'person') throw new Problem('notAllowed');
    return { accountId: principal.accountId, name: principal.name, memberId: (await store.account(principal.accountId))?.memberId ?? null };
  };
  const askerMemberOf = async (approval: Approval): Promise<string | null> => (await store.account(approval.askedBy.accountId))?.memberId ?? null;
  const mayConfirm = (request: FastifyRequest, approval: Approval) => request.access.mayAtUnit('confirm', approval.unitId);
  /** What is not shown to them is not there for them. */
  const seen = async (request: FastifyRequest, approvalId: string): Promise<{ approval: Approval; isMine: boolean; by: ApprovalPerson }> => {
    const [by, approval] = await Promise.all([person(request), store.approval(approvalId)]);
    if (approval === null) throw new Problem('notFound');
    const isMine = approval.askedBy.accountId === by.accountId;
    if (!isMine && (approval.state === 'draft' || !await mayConfirm(request, approval))) throw new Problem('notFound');
    return { approval, isMine, by };
  };
  const about = (approval: Approval) => ({
    placeKind: approval.placeKind, placeId: approval.placeId, placeName: approval.placeName === '' ? null : approval.placeName, unitId: approval.unitId,
    detail: { approvalId: approval.approvalId, act: approval.what, forWhat: approval.forWhat.en.slice(0, 500), forWhatZh: approval.forWhat.zh.slice(0, 500), askedBy: approval.askedBy.name },
  });
  /** On record before it holds: what was given may be used the moment after. What cannot be done any more is refused by the step itself, and leaves no line. */
  const step = async ({ approvalId, ...rest }: Approval, said: ApprovalStep, write: () => Promise<void>): Promise<Approval> => {
    if (decideApproval({ approvalId, ...rest }, said, Date.now()).ok) await write();
    return (await store.stepApproval(approvalId, said, Date.now())).approval;
  };

  app.get('/api/approvals', { config: SIGNED_IN, schema: { response: { 200: Approvals } } }, async (request) => {
    const by = await person(request), nowMs = Date.now();
    const { open, mine, past } = await store.approvals({ accountId: by.accountId, sinceMs: nowMs - SHOWN_SINCE_MS, most: SHOWN_MOST, nowMs });
    const kept = async (some: Approval[]): Promise<Approval[]> => {
      const answers: Approval[] = [];
      for (const one of some) if (one.askedBy.accountId !== by.accountId && await mayConfirm(request, one)) answers.push(one);
      return answers;
    };
    // One's second account does not wait for oneself.
    const waiting: Approval[] = [];
    for (const one of await kept(open)) if (mayAnswer(one, by, by.memberId === null ? null : await askerMemberOf(one))) waiting.push(one);
    return { serverAtMs: nowMs, waiting, mine, past: await kept(past) };
  });

  app.get('/api/approvals/:approvalId', { config: SIGNED_IN, schema: { params, response: { 200: Approval } } }, async (request) => {
    const { approval, isMine } = await seen(request, request.params.approvalId);
    // Whoever is about to ask learns before whether there is anybody to ask.
    return isMine && approval.state === 'draft' ? { ...approval, nobodyElse: (await whoMayAnswer(store, approval)).length === 0 } : approval;
  });

  // --- asking
  app.post('/api/approvals', { config: SIGNED_IN, schema: { body: ApprovalAsk, response: { 201: Approval } } }, async (request, reply) => {
    const by = await person(request), { what, placeKind, placeId, forWhat } = request.body;
    const known = (PLACE_KINDS as readonly string[]).includes(placeKind) ? placeKind as PlaceKind : null;
    const place = known === null ? null : await store.placeOf(known, placeId);
    // What they do not see is not there; what is of no place is of the whole installation, and waits for somebody there.
    if (known !== null && (place === null || !await request.access.may('see', place))) throw new Problem('notFound');
    const draft = await store.draftApproval({
      what, placeKind, placeId, act: '', placeName: (known === null ? null : await nameOf(store, known, placeId)) ?? '', unitId: place?.unitId ?? null, forWhat, askedBy: { accountId: by.accountId, name: by.name }, nowMs: Date.now(),
    });
    if (draft.state !== 'draft') return reply.code(201).send(draft);
    return reply.code(201).send(await asked(request, draft, by, request.body));
  });
  app.post('/api/approvals/:approvalId/ask', { config: SIGNED_IN, schema: { params, body: ApprovalAskDraft, response: { 200: Approval } } }, async (request) => {
    const { approval, isMine, by } = await seen(request, request.params.approvalId);
    if (!isMine) throw new Problem('notFound');
    return asked(request, approval, by, request.body);
  });
  async function asked(request: FastifyRequest, draft: Approval, by: ApprovalPerson, { reason, emergency = false }: { reason: string; emergency?: boolean }): Promise<Approval> {
    const others = await whoMayAnswer(store, draft);
    if (reason.trim() === '') throw new Problem('reasonNeeded');
    const approval = await step(draft, { step: emergency ? 'emergency' : 'ask', by, reason, nobodyElse: others.length === 0 }, () => audit(store, request, emergency ? 'emergencyUsed' : 'approvalAsked', { ...about(draft), reason, detail: { ...about(draft).detail, nobodyElse: others.length === 0 } }));
    await tell(approval, others, emergency ? 'emergency' : 'asked');
    return approval;
  }
  /** By their own channels, as far as they are people on duty; everybody else sees it on their screen. */
  async function tell(approval: Approval, others: { memberId: string | null }[], why: 'asked' | 'emergency'): Promise<void> {
    const memberIds = [...new Set(others.flatMap(({ memberId }) => (memberId === null ? [] : [memberId])))].slice(0, 50);
    try {
      await store.forProduct(() => store.addNotices(memberIds.map((memberId) => ({ noticeId: `approval.${approval.approvalId}.${why}.${memberId}`, kind: why === 'asked' ? 'approval' : 'emergency', incidentId: null, memberId, channelId: null, actionId: null, exercise: false, atMs: Date.now(), state: 'waiting' }))));
    } catch (error) { log.warn({ err: error }, 'who may answer could not be told; the list of approvals shows it'); }
  }
  app.post('/api/approvals/:approvalId/withdraw', { config: SIGNED_IN, schema: { params, response: { 200: Approval } } }, async (request) => {
    const { approval, by } = await seen(request, request.params.approvalId);
    return step(approval, { step: 'withdraw', by }, () => audit(store, request, 'approvalWithdrawn', about(approval)));
  });

  // --- answering
  const answering = async (request: FastifyRequest, approvalId: string): Promise<{ approval: Approval; by: ApprovalPerson; askerMemberId: string | null }> => {
    const { approval, isMine, by } = await seen(request, approvalId), askerMemberId = await askerMemberOf(approval);
    if (isMine || !mayAnswer(approval, by, askerMemberId)) { request.access.refused = 'notAllowed'; throw new Problem('approvalOwn'); }
    // A screen that was left open answers for nobody.
    await recentlyConfirmed(sessions, request);
    return { approval, by, askerMemberId };
  };
  for (const answer of ['give', 'refuse'] as const) {
    app.post(`/api/approvals/:approvalId/${answer}`, { config: SIGNED_IN, schema: { params, body: ApprovalAnswer, response: { 200: Approval } } }, async (request) => {
      const { approval, by, askerMemberId } = await answering(request, request.params.approvalId);
      return step(approval, { step: answer, by, askerMemberId, answer: request.body.answer }, () => audit(store, request, answer === 'give' ? 'approvalGiven' : 'approvalRefused', { ...about(approval), reason: request.body.answer.trim() || null }));
    });
  }
  app.post('/api/approvals/:approvalId/review', { config: SIGNED_IN, schema: { params, body: ApprovalReview, response: { 200: Approval } } }, async (request) => {
    const { approval, by, askerMemberId } = await answering(request, request.params.approvalId);
    return step(approval, { step: 'review', by, askerMemberId, answer: request.body.answer, wasRight: request.body.wasRight }, () => audit(store, request, 'emergencyReviewed', { ...about(approval), reason: request.body.answer, detail: { ...about(approval).detail, wasRight: request.body.wasRight } }));
  });
}
