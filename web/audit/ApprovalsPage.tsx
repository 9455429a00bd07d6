// What waits for a second person, what one asked oneself, and what was answered lately. #/approvals/ask/ID: to ask, after a step was refused for want of one.
import './audit.css';
import { Button, Textarea } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ASKED_FOR_MS, reviewDueMs, type Approval } from '../../contract/approval.ts';
import { useFetched } from '../incidents/useFetched.ts';
import { useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { useFormat } from '../parts/useFormat.ts';
import { goTo, hrefOf, pagePaths, useRoute } from '../route.ts';
import type { Answer, Trouble } from '../setup/api.ts';
import { TroubleBox } from '../setup/TroubleBox.tsx';
import { timeOf } from './AuditPage.tsx';
import { auditApi } from './auditApi.ts';

const ASK_EVERY_MS = 15_000;

export default function ApprovalsPage() {
  const route = useRoute(), [, , second = '', approvalId = ''] = route.split('/');
  return second === 'ask' && approvalId !== '' ? <AskPage key={approvalId} approvalId={approvalId} /> : <ListPage />;
}

function ListPage() {
  const { t } = useTranslation('audit');
  const turn = useScreen((screen) => screen.approvalsTurn);
  const [all, refetch] = useFetched('approvals', auditApi.approvals, ASK_EVERY_MS);
  useEffect(() => { refetch(); }, [turn, refetch]);
  const [said, setSaid] = useState(false);
  const done = () => { setSaid(true); refetch(); };
  return (
    <main className="au-page">
      <h1>{t('approvals.title')}</h1>
      <p className="quiet">{t('approvals.lead')}</p>
      <p role="status">{said ? t('approvals.sent') : ''}</p>
      {all.state === 'broken' && <TroubleBox trouble={all.trouble} onTryAgain={refetch} />}
      {all.state === 'loading' && <p className="quiet">{t('page.loading')}</p>}
      {all.state === 'there' && <>
        {all.trouble !== null && <TroubleBox trouble={all.trouble} onTryAgain={refetch} comesIntoView={false} />}
        <Section id="au-waiting" title={t('approvals.waiting')} none={t('approvals.nothingWaits')} approvals={all.value.waiting}>{(approval) => <AnswerForm approval={approval} onDone={done} />}</Section>
        <Section id="au-mine" title={t('approvals.mine')} none={t('approvals.nothingMine')} approvals={all.value.mine}>{(approval) => <Own approval={approval} onDone={done} />}</Section>
        <Section id="au-past" title={t('approvals.past')} none={t('approvals.nothingPast')} approvals={all.value.past}>{() => null}</Section>
      </>}
    </main>
  );
}

function Section({ id, title, none, approvals, children }: { id: string; title: string; none: string; approvals: readonly Approval[]; children: (approval: Approval) => React.ReactNode }) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {approvals.length === 0 ? <p className="quiet">{none}</p> : <ul className="au-approvals">{approvals.map((approval) => <li key={approval.approvalId} data-approval={approval.approvalId} data-state={approval.state}><Facts approval={approval} />{children(approval)}</li>)}</ul>}
    </section>
  );
}

function Facts({ approval }: { approval: Approval }) {
  const { t } = useTranslation('audit');
  const { language } = useFormat(), nowMs = useServerNowMs();
  const when = (atMs: number) => timeOf(atMs, language, nowMs);
  const { what, state, askedBy, askedAtMs, forWhat, reason, placeName, answeredBy, answeredAtMs, answer, usableUntilMs, usedAtMs, nobodyElse } = approval;
  const dueMs = reviewDueMs(approval), isOverdue = dueMs !== null && nowMs > dueMs;
  const words = { name: askedBy.name, what: t(`approvals.whats.${what}`) };
  return (
    <>
      <h3>{state === 'emergency' || (state === 'reviewed') ? t('approvals.wentAhead', words) : t('approvals.asks', words)} <span className="au-chip">{t(`approvals.state.${state}`)}</span></h3>
      <p className="au-for">{forWhat[language]}</p>
      {reason !== '' && <p>{t('approvals.why', { reason })}</p>}
      {placeName !== '' && <p className="quiet">{t('approvals.where', { place: placeName })}</p>}
      <p className="quiet">{t('approvals.askedAt', { when: when(askedAtMs) })}{state === 'asked' && <> · {t('approvals.overAt', { when: when(askedAtMs + ASKED_FOR_MS) })}</>}</p>
      {dueMs !== null && (isOverdue ? <p className="au-overdue">{t('approvals.overdue', { when: when(dueMs) })}</p> : <p>{t('approvals.reviewBy', { when: when(dueMs) })}</p>)}
      {nobodyElse && (state === 'emergency' || state === 'reviewed') && <p className="quiet">{t('approvals.nobodyElse')}</p>}
      {answeredBy !== null && answeredAtMs !== null && <p>{t('approvals.answered', { state: t(`approvals.state.${state === 'expired' ? 'given' : state}`), name: answeredBy.name, when: when(answeredAtMs) })}{answer !== null && <> · {t('approvals.said', { words: answer })}</>}</p>}
      {usedAtMs !== null ? <p className="quiet">{t('approvals.used', { when: when(usedAtMs) })}</p> : (state === 'given' || state === 'emergency') && usableUntilMs !== null && nowMs < usableUntilMs && <p><strong>{t('approvals.usable', { when: when(usableUntilMs) })}</strong></p>}
    </>
  );
}

function useSteps(onDone: () => void): { busy: boolean; trouble: Trouble | null; send: (step: () => Promise<Answer<Approval>>) => void; clear: () => void } {
  const [busy, setBusy] = useState(false), [trouble, setTrouble] = useState<Trouble | null>(null);
  return {
    busy, trouble, clear: () => setTrouble(null),
    send: (step) => {
      setBusy(true);
      void step().then((answer) => { setBusy(false); setTrouble(answer.ok ? null : answer.trouble); if (answer.ok) onDone(); });
    },
  };
}

function AnswerForm({ approval: { approvalId, state, askedBy }, onDone }: { approval: Approval; onDone: () => void }) {
  const { t } = useTranslation('audit');
  const [words, setWords] = useState(''), [missing, setMissing] = useState(false);
  const { busy, trouble, send, clear } = useSteps(onDone);
  const isReview = state === 'emergency';
  const review = (wasRight: boolean) => { if (words.trim() === '') { setMissing(true); return; } send(() => auditApi.review(approvalId, words, wasRight)); };
  return (
    <div className="au-answer">
      <Textarea size="xs" autosize minRows={1} maxLength={500} label={t('approvals.words')} aria-label={`${t('approvals.words')}: ${askedBy.name}`} value={words} error={missing ? t('approvals.needWords') : undefined} onChange={(event) => { setWords(event.currentTarget.value); setMissing(false); }} />
      <div className="au-do">
        {isReview ? <>
          <Button size="xs" loading={busy} onClick={() => review(true)}>{t('approvals.right')}</Button><Button size="xs" variant="default" loading={busy} onClick={() => review(false)}>{t('approvals.wrong')}</Button>
        </> : <>
          <Button size="xs" loading={busy} onClick={() => send(() => auditApi.give(approvalId, words))}>{t('approvals.give')}</Button><Button size="xs" variant="default" loading={busy} onClick={() => send(() => auditApi.refuse(approvalId, words))}>{t('approvals.refuse')}</Button>
        </>}
      </div>
      {trouble !== null && <TroubleBox trouble={trouble} onClose={clear} />}
    </div>
  );
}

function Own({ approval: { approvalId, state, usedAtMs }, onDone }: { approval: Approval; onDone: () => void }) {
  const { t } = useTranslation('audit');
  const { busy, trouble, send, clear } = useSteps(onDone);
  if (state !== 'asked' && !(state === 'given' && usedAtMs === null)) return null;
  return (
    <div className="au-do">
      <Button size="xs" variant="default" loading={busy} onClick={() => send(() => auditApi.withdraw(approvalId))}>{t('approvals.withdraw')}</Button>
      {state === 'asked' && <a href={hrefOf(`/approvals/ask/${approvalId}`)}>{t('approvals.emergency')}</a>}
      {trouble !== null && <TroubleBox trouble={trouble} onClose={clear} />}
    </div>
  );
}

function AskPage({ approvalId }: { approvalId: string }) {
  const { t } = useTranslation('audit');
  const { language } = useFormat();
  const [approval, refetch] = useFetched(approvalId, () => auditApi.approval(approvalId));
  const [reason, setReason] = useState(''), [missing, setMissing] = useState(false);
  const { busy, trouble, send, clear } = useSteps(() => goTo(pagePaths.approvals()));
  const ask = (emergency: boolean) => { if (reason.trim() === '') { setMissing(true); return; } send(() => auditApi.askFor(approvalId, reason, emergency)); };
  if (approval.state === 'loading') return <main className="au-page"><h1>{t('approvals.ask')}</h1><p className="quiet">{t('page.loading')}</p></main>;
  if (approval.state === 'broken') return <main className="au-page"><h1>{t('approvals.ask')}</h1><TroubleBox trouble={approval.trouble} onTryAgain={refetch} /></main>;
  const { what, forWhat, nobodyElse, state } = approval.value;
  const isOpen = state === 'draft' || state === 'asked';
  return (
    <main className="au-page">
      <h1>{t('approvals.ask')}</h1>
      <p><a href={hrefOf(pagePaths.approvals())}>{t('approvals.back')}</a></p>
      <p className="quiet">{t('approvals.askLead')}</p>
      <h2>{t(`approvals.whats.${what}`)} <span className="au-chip">{t(`approvals.state.${state}`)}</span></h2>
      <p className="au-for">{forWhat[language]}</p>
      {isOpen && <>
        <Textarea data-autofocus autosize minRows={2} maxLength={500} label={t('approvals.reason')} value={reason} error={missing ? t('approvals.needReason') : undefined} onChange={(event) => { setReason(event.currentTarget.value); setMissing(false); }} />
        {state === 'draft' && !nobodyElse && <div className="au-do"><Button loading={busy} onClick={() => ask(false)}>{t('approvals.send')}</Button></div>}
        <section className="au-emergency" aria-label={t('approvals.emergency')}>
          <p>{nobodyElse ? t('approvals.nobody') : t('approvals.emergencyLead')}</p>
          <Button variant="default" loading={busy} onClick={() => ask(true)}>{t('approvals.emergency')}</Button>
        </section>
      </>}
      {trouble !== null && <TroubleBox trouble={trouble} onClose={clear} />}
    </main>
  );
}
