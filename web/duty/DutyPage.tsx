// The page of one's own duty, for a phone and one hand: the newest call on top, one big button for the next answer, and a report by a few touches. Works on while the network is gone.
import '../incidents/incidents.css';
import './duty.css';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isOpenStep, type Actor, type Incident, type IncidentLine } from '../../contract/incident.ts';
import { allowedCommands } from '../../crowd/incident/allowed.ts';
import { CameraPicture } from '../cards/CameraPicture.tsx';
import { camerasAround } from '../incidents/AroundPanel.tsx';
import { incidentsApi, newCommandId } from '../incidents/api.ts';
import { PlaybookPanel } from '../incidents/IncidentPanels.tsx';
import { Age, clockSpan, DueClock, ExerciseBadge, ExerciseBanner, SeverityMark } from '../incidents/Marks.tsx';
import { placeWords } from '../incidents/placeWords.ts';
import { useCategoryName } from '../incidents/useCategories.ts';
import { useFetched } from '../incidents/useFetched.ts';
import { useIncident, type Commanding } from '../incidents/useIncident.ts';
import { useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { Figure } from '../parts/Figure.tsx';
import { ProblemBox } from '../parts/ProblemBox.tsx';
import { useFormat } from '../parts/useFormat.ts';
import { useMay, useMe, useMeState } from '../parts/me.ts';
import { hrefOf, pagePaths, useRoute } from '../route.ts';
import { AnswerSheet, type Answering } from './AnswerSheet.tsx';
import { CallVoice } from './CallVoice.tsx';
import { DutyReport } from './DutyReport.tsx';
import { dutyOutbox, onTaken, useWaiting } from './dutyOutbox.ts';
import { PushButton } from './PushButton.tsx';
import type { Photo, Waiting } from './outbox.ts';

/** What the line does not bring (another page answered for me) is asked for now and then. */
const ASK_EVERY_MS = 30_000;
type MyState = IncidentLine['people'][number]['state'];

export default function DutyPage() {
  const { t } = useTranslation('incidents');
  const who = useMe()?.actor ?? null, mayReport = useMay('report'), chosenId = useRoute().split('/')[2] ?? '';
  const { calls, isKnown } = useMyCalls(who);
  const line = useScreen((screen) => screen.line.state);
  // What waits here goes on as soon as its person is signed in again.
  const isSignedIn = useMeState().state === 'in';
  useEffect(() => { if (isSignedIn) dutyOutbox().wake(); }, [isSignedIn]);
  if (who === null) return null;
  if (chosenId === 'report' && mayReport) return <DutyReport who={who} />;
  const first = calls.find(({ incidentId }) => incidentId === chosenId)?.incidentId ?? (chosenId === '' || chosenId === 'report' ? calls[0]?.incidentId : chosenId) ?? null;
  return (
    <main className="du-page" aria-label={t('phone.title')}>
      <CallVoice key={who.memberId ?? ''} who={who} calls={calls} isKnown={isKnown} />
      <div className="du-head"><h2>{t('phone.title')}</h2>{mayReport && <a className="du-report" href={hrefOf('/duty/report')}>{t('phone.report')}</a>}</div>
      {line === 'lost' && <p className="du-lost" role="status"><strong>{t('phone.lost')}</strong> {t('phone.lostMeans')}</p>}
      <Outbox />
      {first !== null ? <Call key={first} incidentId={first} who={who} />
        : who.memberId === null ? <NotOnDuty mayReport={mayReport} />
        : <div className="du-empty"><p><strong>{t('phone.nothing')}</strong></p><p className="quiet">{t('phone.nothingMeans')}</p><PushButton who={who} /></div>}
      {calls.length > 0 && calls.some(({ incidentId }) => incidentId !== first) && (
        <section aria-label={t('phone.others')} className="du-others"><h3>{t('phone.others')}</h3><ul>{calls.filter(({ incidentId }) => incidentId !== first).map((call) => <li key={call.incidentId}><a href={hrefOf(pagePaths.dutyOf(call.incidentId))}><CallLine call={call} who={who} /></a></li>)}</ul></section>
      )}
    </main>
  );
}

/** An account that no person on duty is named for: nobody is called by it. */
function NotOnDuty({ mayReport }: { mayReport: boolean }) {
  const { t } = useTranslation('incidents'), account = useTranslation('account').t;
  const mayAccounts = useMay('accounts');
  return (
    <div className="du-empty" data-not-on-duty>
      <p><strong>{t('phone.notMember')}</strong></p>
      <p className="quiet">{t('phone.notMemberMeans')} {mayReport && t('phone.reportStill')}</p>
      {mayAccounts && <p><a href={hrefOf(pagePaths.accounts())}>{account('accounts.title')}</a></p>}
    </div>
  );
}

/** Open incidents that this member was asked for: what is still to be answered first, the newest of them on top. */
function useMyCalls(who: Actor | null): { calls: IncidentLine[]; isKnown: boolean } {
  const memberId = who?.memberId ?? null;
  const live = useScreen((screen) => screen.incidents);
  const [asked, refetch] = useFetched(memberId, () => incidentsApi.page({ state: 'open', memberId: memberId!, order: 'newest', most: 50 }), ASK_EVERY_MS);
  useEffect(() => onTaken(() => refetch()), [refetch]);
  const calls = useMemo(() => {
    if (memberId === null) return [];
    const newest = new Map((asked.state === 'there' ? asked.value.incidents : []).map((line) => [line.incidentId, line]));
    for (const [incidentId, line] of live) if ((newest.get(incidentId)?.version ?? 0) < line.version && (newest.has(incidentId) || stateOf(line, memberId) !== null)) newest.set(incidentId, line);
    const rank = (line: IncidentLine) => (stateOf(line, memberId) === 'asked' ? 0 : 1);
    return [...newest.values()].filter((line) => isOpenStep(line.step) && stateOf(line, memberId) !== null).toSorted((a, b) => rank(a) - rank(b) || b.reportedAtMs - a.reportedAtMs);
  }, [asked, live, memberId]);
  return { calls, isKnown: asked.state !== 'loading' };
}
const stateOf = (line: IncidentLine, memberId: string | null): MyState | null => line.people.find((person) => person.memberId === memberId)?.state ?? null;

function CallLine({ call, who }: { call: IncidentLine; who: Actor }) {
  const { t } = useTranslation('incidents');
  const category = useCategoryName();
  const state = stateOf(call, who.memberId);
  return <><SeverityMark severity={call.severity} size={18} /><span><b>{call.exercise && <ExerciseBadge />}{placeWords(call)}</b> <span className="quiet">{call.title === '' ? category(call.category, call.placeUnitId) : call.title}</span></span><span className="quiet">{state !== null && t(`answer.${state}`)} <Age sinceMs={call.reportedAtMs} /></span></>;
}

/** What is already done on this phone and not yet with the server counts for what can be done next. */
function expectedOf(state: MyState | null, waiting: readonly Waiting[], incidentId: string): MyState | null {
  let expected = state;
  for (const { deed, state: sending } of waiting) {
    if (sending === 'refused' || deed.kind !== 'command' || deed.incidentId !== incidentId) continue;
    switch (deed.body.command.type) {
      case 'accept': expected = 'accepted'; break;
      case 'decline': expected = 'declined'; break;
      case 'arrive': expected = 'arrived'; break;
      case 'handle': expected = 'done'; break;
      default:
    }
  }
  return expected;
}

function Call({ incidentId, who }: { incidentId: string; who: Actor }) {
  const { t } = useTranslation('incidents');
  const { language, span } = useFormat();
  const nowMs = useServerNowMs();
  const waiting = useWaiting();
  const category = useCategoryName();
  const [seen, refetch] = useIncident(incidentId);
  const live = useScreen((screen) => screen.incidents.get(incidentId)), sites = useScreen((screen) => screen.sites), zones = useScreen((screen) => screen.zones);
  const [answering, setAnswering] = useState<Answering | null>(null), [full, setFull] = useState(false);
  useEffect(() => onTaken((deed) => { if (deed.kind === 'command' && deed.incidentId === incidentId) refetch(); }), [incidentId, refetch]);
  const incident: Incident | null = seen.state === 'there' ? seen.value.answer.incident : null;
  const head = incident === null ? live : { ...incident, placeName: incident.place.placeName, siteName: incident.place.siteName, point: incident.place.point, placeUnitId: incident.place.unitId };
  const act = useCallback((command: Answering['command'], photos: Photo[] = []) => {
    const taken = dutyOutbox().add({ kind: 'command', incidentId, body: { commandId: newCommandId(), by: who, command } }, photos);
    setFull(!taken);
    if (taken) setAnswering(null);
    return taken;
  }, [incidentId, who]);
  // The playbook's ticks go the same way as everything that is done here.
  const commanding: Commanding = useMemo(() => ({ send: async (command) => { act(command as Answering['command']); return null; }, sending: null, trouble: null, clear: () => undefined }), [act]);

  if (head === undefined) return <div className="du-empty">{seen.state === 'broken' ? <>{seen.trouble.from === 'server' ? <ProblemBox note={seen.trouble.note} alert /> : <p role="alert">{t('page.noAnswer')}</p>}<button type="button" className="du-big quiet-action" onClick={refetch}>{t('page.again')}</button></> : <p role="status">{t('page.loading')}</p>}<a href={hrefOf(pagePaths.duty())}>{t('phone.back')}</a></div>;

  const assignment = incident?.assignments.filter((one) => one.memberId === who.memberId).at(-1) ?? null;
  const state = expectedOf(assignment?.state ?? (live === undefined ? null : stateOf(live, who.memberId)), waiting, incidentId);
  const isOpen = isOpenStep(head.step), runToServerMs = seen.state === 'there' ? seen.value.runToServerMs : 0;
  const config = sites.find(({ site }) => site.siteId === (incident?.place.siteId ?? live?.siteId)), zoneId = incident?.place.zoneId ?? live?.zoneId ?? null;
  const camera = camerasAround(config, { sensorId: incident?.place.sensorId ?? null, point: head.point })[0];
  const answerLeftMs = assignment?.state === 'asked' ? assignment.answerDueRunMs + runToServerMs - nowMs : null;
  const may = incident === null ? [] : allowedCommands(incident, who);
  return (
    <article className="du-call" data-incident-id={incidentId} data-step={head.step} data-mine={state ?? 'none'}>
      {head.exercise && <ExerciseBanner />}
      <header className="du-call-head">
        <p className="du-level"><SeverityMark severity={head.severity} size={22} /> <b>{t(`severity.${head.severity}`)}</b> {head.title === '' ? category(head.category, head.placeUnitId) : head.title}</p>
        <h3>{placeWords(head)}</h3>
        <p className="du-facts">{zoneId !== null && <Figure state={zones.get(zoneId)} />} <span>{t('clock.age', { span: span(nowMs - head.reportedAtMs) })}</span> <span className="quiet">{t('phone.distance')}</span></p>
        {answerLeftMs !== null && state === 'asked' ? <p className="du-answer-in" role="timer" aria-live="off">{answerLeftMs > 0 ? t('phone.answerIn', { span: clockSpan(answerLeftMs, language) }) : t('phone.answerLate')}</p> : live !== undefined && isOpen && <p><DueClock due={live.due} overdueSinceMs={live.overdueSinceMs} /></p>}
        {state !== null && state !== 'asked' && <p className="du-mine">{t('phone.youAre', { answer: t(`answer.${state}`) })}{assignment?.needsHelp === true && <> · <strong>{t('one.needsHelp')}</strong></>}</p>}
      </header>
      {camera !== undefined && <details className="du-camera" open><summary>{t('phone.camera')}: {camera.name}</summary><CameraPicture sensorId={camera.sensorId} name={camera.name} /></details>}
      {incident !== null && incident.playbook.some(({ owner }) => owner === who.duty) && <div className="du-playbook"><PlaybookPanel incident={incident} runToServerMs={runToServerMs} who={who} commanding={commanding} mayTick={may.includes('tickAction')} only={({ owner }) => owner === who.duty} /></div>}
      <p className="du-links"><a href={hrefOf(pagePaths.incident(incidentId))}>{t('phone.details')}</a></p>
      {full && <p className="du-lost" role="alert">{t('phone.full')}</p>}
      <div className="du-buttons" role="group" aria-label={t('one.next')}>
        {!isOpen ? <p className="du-over">{t('phone.offDuty')}</p>
          : answering !== null ? <AnswerSheet answering={answering} onSend={act} onClose={() => setAnswering(null)} />
          : <Buttons state={state} step={head.step} may={may} act={act} begin={setAnswering} />}
      </div>
    </article>
  );
}

function Buttons({ state, step, may, act, begin }: { state: MyState | null; step: Incident['step']; may: readonly string[]; act: (command: Answering['command']) => boolean; begin: (answering: Answering) => void }) {
  const { t } = useTranslation('incidents');
  const note = <button type="button" className="du-small" onClick={() => begin({ kind: 'note', command: { type: 'note', words: '', attachments: [] } })}>{t('phone.note')}</button>;
  const decline = <button type="button" className="du-small" onClick={() => begin({ kind: 'decline', command: { type: 'decline', words: '' } })}>{t('phone.decline')}</button>;
  const help = <button type="button" className="du-small" onClick={() => begin({ kind: 'needHelp', command: { type: 'needHelp', words: '' } })}>{t('phone.needHelp')}</button>;
  const big = (word: string, onClick: () => void, name: string) => <button type="button" className="du-big" data-do={name} onClick={onClick}>{word}</button>;
  const control = big(t('phone.underControl'), () => begin({ kind: 'handle', command: { type: 'handle', words: '', attachments: [] } }), 'handle');
  if (step === 'dispatched' || (step === 'reported' && state !== null)) {
    switch (state) {
      case 'asked': return <>{big(t('phone.accept'), () => act({ type: 'accept', words: '' }), 'accept')}<div className="du-row">{decline}{note}</div></>;
      case 'accepted': return <>{big(t('phone.arrived'), () => act({ type: 'arrive', words: '' }), 'arrive')}<div className="du-row">{help}{decline}{note}</div></>;
      case 'arrived': return <>{control}<div className="du-row">{help}{note}</div></>;
      case 'declined': case 'noAnswer': case 'released': return <>{big(t('phone.accept'), () => act({ type: 'accept', words: '' }), 'accept')}<div className="du-row">{note}</div></>;
      case 'done': case null: return <>{state === null && <p className="du-over">{t('phone.notMine')}</p>}{may.includes('handle') && state === null && control}<div className="du-row">{note}</div></>;
    }
  }
  if (step === 'handled' && may.includes('followUp')) return <>{big(t('phone.followUp'), () => begin({ kind: 'followUp', command: { type: 'followUp', stillWell: true, words: '', attachments: [] } }), 'followUp')}<div className="du-row"><button type="button" className="du-small" onClick={() => begin({ kind: 'followUp', command: { type: 'followUp', stillWell: false, words: '', attachments: [] } })}>{t('phone.followUpNot')}</button>{note}</div></>;
  return <div className="du-row">{note}</div>;
}

function Outbox() {
  const { t } = useTranslation('incidents');
  const { span } = useFormat();
  const waiting = useWaiting(), accountId = useMe()?.account.accountId;
  // What was done is dated by this phone's clock.
  const clockOffsetMs = useScreen((screen) => screen.clockOffsetMs), nowMs = useServerNowMs() - clockOffsetMs;
  // What goes out within a moment is not worth a word.
  const late = waiting.filter((one) => one.accountId === accountId && (one.state === 'refused' || one.attempts > 0 || nowMs - one.madeAtMs >= 2000));
  // Whoever else used this phone: that it waits is told, not what it is.
  const ofOthers = waiting.filter((one) => one.accountId !== accountId && one.state !== 'refused').length, others = ofOthers === 0 ? null : <p className="quiet" data-outbox-others={ofOthers}>{t('phone.outboxOthers', { number: ofOthers })}</p>;
  if (late.length === 0) return others;
  return (
    <section className="du-outbox" aria-label={t('phone.outbox')} data-outbox={late.length}>
      <h3>{t('phone.outbox')}</h3>{late.some(({ state }) => state !== 'refused') && <p className="quiet">{t('phone.outboxMeans')}</p>}
      <ul>{late.map((one) => (
        <li key={one.deed.body.commandId} data-state={one.state}>
          <b>{one.deed.kind === 'report' ? t('phone.report') : wordOf(one, t)}</b> <span className="quiet">{t(`phone.${one.state === 'refused' ? 'refused' : one.state}`)}, {t('phone.late', { span: span(nowMs - one.madeAtMs) })}</span>
          {one.note !== null && <ProblemBox note={one.note} />}
          {one.state === 'refused' && <button type="button" className="plain" onClick={() => dutyOutbox().dismiss(one.deed.body.commandId)}>{t('phone.dismiss')}</button>}
        </li>
      ))}</ul>
      {late.some(({ state }) => state === 'waiting') && <button type="button" className="plain" onClick={() => dutyOutbox().wake()}>{t('page.again')}</button>}
      {others}
    </section>
  );
}
function wordOf({ deed }: Waiting, t: ReturnType<typeof useTranslation<'incidents'>>['t']): string {
  if (deed.kind === 'report') return t('phone.report');
  switch (deed.body.command.type) {
    case 'accept': return t('act.accept');
    case 'decline': return t('act.decline');
    case 'arrive': return t('act.arrive');
    case 'needHelp': return t('act.needHelp');
    case 'handle': return t('act.handle');
    case 'followUp': return t('act.followUp');
    case 'tickAction': return t('one.playbook');
    default: return t('act.note');
  }
}
