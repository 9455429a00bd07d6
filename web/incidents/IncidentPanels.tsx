// The panels beside an incident's history: what to do, who was asked and what they answered, how notices fared, what belongs with it.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Channels, IncidentAnswer } from '../../contract/apiIncidents.ts';
import { INCIDENT_STEPS, type Actor, type Assignment, type Incident, type PlayAction } from '../../contract/incident.ts';
import { useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { LevelShape } from '../parts/LevelShape.tsx';
import { clockWords } from '../parts/format.ts';
import { useFormat } from '../parts/useFormat.ts';
import { askWho } from '../parts/whoAmI.ts';
import { hrefOf, pagePaths } from '../route.ts';
import { ask } from '../setup/api.ts';
import { clockSpan, OverdueSign, SeverityMark } from './Marks.tsx';
import { alarmStateWord, levelWord } from './factSentence.ts';
import { incidentsApi } from './api.ts';
import { useFetched } from './useFetched.ts';
import type { Commanding } from './useIncident.ts';
import { useUnits } from './useUnits.ts';

export function PlaybookPanel({ incident, runToServerMs, who, commanding, mayTick, only }: { incident: Incident; runToServerMs: number; who: Actor | null; commanding: Commanding; mayTick: boolean; /** Shows these alone. */ only?: (action: PlayAction) => boolean }) {
  const { t } = useTranslation('incidents');
  const { language } = useFormat();
  const nowMs = useServerNowMs();
  const [busyId, setBusyId] = useState<string | null>(null);
  const actions = only === undefined ? incident.playbook : incident.playbook.filter(only);
  const done = actions.filter(({ state }) => state === 'done' || state === 'skipped').length;
  const tick = async (actionId: string, state: 'sent' | 'done' | 'skipped' | 'open') => {
    if (who === null) { askWho(); return; }
    setBusyId(actionId);
    await commanding.send({ type: 'tickAction', actionId, state, words: '' }, who);
    setBusyId(null);
  };
  return (
    <section aria-label={t('one.playbook')} className="in-panel">
      <h3>{t('one.playbook')} {actions.length > 0 && <span className="quiet">{done}/{actions.length}</span>}</h3>
      {actions.length === 0 ? <p className="quiet">{t('one.noPlaybook')}</p> : (
        <ol className="in-playbook">{actions.map((action) => {
          const { actionId, state } = action, words = action.words[language];
          const leftMs = action.dueRunMs + runToServerMs - nowMs, isWaiting = state === 'open' || state === 'sent' || state === 'failed';
          const isChannel = action.channelId !== null, isBusy = busyId === actionId;
          return (
            <li key={actionId} data-action={actionId} data-state={state}>
              <button type="button" className="in-tick" role="checkbox" aria-checked={state === 'done'} aria-label={`${t('one.tick')}: ${words}`} disabled={!mayTick || isBusy} onClick={() => void tick(actionId, state === 'done' || state === 'skipped' ? 'open' : 'done')}>{state === 'done' ? '✓' : state === 'skipped' ? '–' : ''}</button>
              <div>
                <p className="in-action-words">{words}</p>
                <p className="quiet">{t(`actionKind.${action.kind}`)} · {t('one.owner', { duty: t(`duty.${action.owner}`) })} · <span className={state === 'failed' ? 'in-strong' : undefined}>{t(`actionState.${state}`)}</span>
                  {action.byName !== null && action.changedAtMs !== null && <> · {t('one.byAt', { name: action.byName, time: clockWords(action.changedAtMs, nowMs) })}</>}
                  {isWaiting && (leftMs < 0 ? <> · <span className="in-strong"><OverdueSign />{t('one.overdueBadge')} {clockSpan(-leftMs, language)}</span></> : <> · {t('one.within', { span: clockSpan(leftMs, language) })}</>)}</p>
                {action.detail !== '' && <p className={state === 'failed' ? 'in-strong' : 'quiet'}>{action.detail}</p>}
              </div>
              {mayTick && (
                <div className="in-action-buttons">
                  {isChannel && (state === 'open' || state === 'failed') && <button type="button" className="action quiet-action" disabled={isBusy} onClick={() => void tick(actionId, 'sent')} aria-label={`${t('one.send')}: ${words}`}>{t('one.send')}</button>}
                  {state !== 'skipped' && state !== 'done' && <button type="button" className="plain" disabled={isBusy} onClick={() => void tick(actionId, 'skipped')} aria-label={`${t('one.skip')}: ${words}`}>{t('one.skip')}</button>}
                  {(state === 'skipped' || state === 'done') && <button type="button" className="plain" disabled={isBusy} onClick={() => void tick(actionId, 'open')} aria-label={`${t('one.undo')}: ${words}`}>{t('one.undo')}</button>}
                </div>
              )}
            </li>
          );
        })}</ol>
      )}
    </section>
  );
}

export function PeoplePanel({ answer, runToServerMs }: { answer: IncidentAnswer; runToServerMs: number }) {
  const { t } = useTranslation('incidents');
  const { language, span } = useFormat();
  const { nameOf } = useUnits();
  const nowMs = useServerNowMs();
  const { incident } = answer, { ask: asking } = incident;
  const nextMs = asking.nextRunMs === null ? null : asking.nextRunMs + runToServerMs - nowMs;
  return (
    <section aria-label={t('one.answers')} className="in-panel">
      <h3>{t('one.answers')}</h3>
      {asking.exhausted && <p className="in-strong" data-exhausted><OverdueSign />{t('one.exhausted')}</p>}
      {!asking.exhausted && incident.step === 'dispatched' && nextMs !== null && <p className="quiet">{asking.unitId !== null && nameOf(asking.unitId) !== null && <>{t('one.askingNow', { unit: nameOf(asking.unitId) })} · </>}{nextMs > 0 && t('one.nextAsk', { span: span(nextMs) })}</p>}
      {incident.assignments.length === 0 ? <p className="quiet">{t('one.nobody')}</p> : (
        <ul className="in-people">{incident.assignments.map((one) => (
          <li key={`${one.memberId}${one.askedAtMs}`} data-member={one.memberId} data-state={one.state}>
            <AnswerSign state={one.state} />
            <div>
              <b>{one.memberName}</b> <span className="quiet">{t(`duty.${one.duty}`)}{nameOf(one.unitId) !== null && `, ${nameOf(one.unitId)}`}</span> {one.needsHelp && <strong className="in-help">{t('one.needsHelp')}</strong>}
              <p className="quiet">{t(`answer.${one.state}`)}{one.arrivedAtMs !== null ? ` ${clockWords(one.arrivedAtMs, nowMs)}` : one.answeredAtMs !== null ? ` ${clockWords(one.answeredAtMs, nowMs)}` : ''} · {t('one.askedAt', { time: clockWords(one.askedAtMs, nowMs) })}{one.state === 'asked' && ` · ${one.answerDueRunMs + runToServerMs >= nowMs ? t('one.answerDue', { span: clockSpan(one.answerDueRunMs + runToServerMs - nowMs, language) }) : t('one.answerLate', { span: clockSpan(nowMs - one.answerDueRunMs - runToServerMs, language) })}`}</p>
              {one.words !== '' && <p className="in-words">{one.words}</p>}
            </div>
          </li>
        ))}</ul>
      )}
    </section>
  );
}

function AnswerSign({ state }: { state: Assignment['state'] }) {
  const drawing = state === 'arrived' || state === 'done' ? <circle cx="8" cy="8" r="5.5" fill="currentColor" /> : state === 'accepted' ? <><circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" strokeWidth="1.8" /><circle cx="8" cy="8" r="2.5" fill="currentColor" /></>
    : state === 'asked' ? <circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" strokeWidth="1.8" strokeDasharray="3 2" /> : <path d="M3.5 3.5l9 9m0-9-9 9" stroke="currentColor" strokeWidth="1.8" />;
  return <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">{drawing}</svg>;
}

export function NoticesPanel({ answer }: { answer: IncidentAnswer }) {
  const { t } = useTranslation('incidents');
  const nowMs = useServerNowMs();
  const [channels] = useFetched('channels', () => ask<Channels>('GET', '/api/channels'));
  const channelName = (channelId: string) => (channels.state === 'there' ? channels.value.channels.find((each) => each.channelId === channelId)?.name : undefined) ?? channelId;
  const memberName = (memberId: string) => answer.incident.assignments.find((each) => each.memberId === memberId)?.memberName ?? answer.onDuty.find((each) => each.memberId === memberId)?.name ?? memberId;
  const { notices } = answer;
  return (
    <section aria-label={t('one.notices')} className="in-panel">
      <h3>{t('one.notices')} {notices.some(({ notice }) => notice.state === 'dead') && <span className="in-strong"><OverdueSign />{t('noticeState.dead')}</span>}</h3>
      {notices.length === 0 ? <p className="quiet">{t('one.noNotices')}</p> : (
        <ul className="in-notices">{notices.map(({ notice, deliveries }) => (
          <li key={notice.noticeId} data-state={notice.state}>
            <p>{t(`noticeKind.${notice.kind}`)} {notice.memberId !== null ? t('one.member', { name: memberName(notice.memberId) }) : notice.channelId !== null ? t('one.toChannel', { channel: channelName(notice.channelId) }) : ''}: <span className={notice.state === 'dead' ? 'in-strong' : undefined}>{t(`noticeState.${notice.state}`)}</span> <span className="quiet">{clockWords(notice.atMs, nowMs)}</span></p>
            {deliveries.length > 0 && <ul>{deliveries.map((each) => <li key={`${each.channelId}${each.attempt}${each.atMs}`} className="quiet">{t('one.channel', { channel: channelName(each.channelId) })}, {t('one.attempt', { number: each.attempt })}: {t(`tryState.${each.outcome}`)}{each.detail !== '' && ` (${each.detail})`}</li>)}</ul>}
          </li>
        ))}</ul>
      )}
    </section>
  );
}

export function RelatedPanel({ incident }: { incident: Incident }) {
  const { t } = useTranslation('incidents');
  const page = useTranslation().t;
  const nowMs = useServerNowMs();
  const none = incident.links.length === 0 && incident.mergedInto === null && incident.splitFrom === null;
  return (
    <section aria-label={t('one.linked')} className="in-panel">
      {incident.assessment !== null && <><h3>{t('one.assessment')}</h3><p><b>{t(`outcome.${incident.assessment.outcome}`)}</b> <span className="quiet">{incident.assessment.by.name}, {clockWords(incident.assessment.atMs, nowMs)}</span></p><p className="in-words">{incident.assessment.words}</p></>}
      <h3>{t('one.linked')}</h3>
      {none && <p className="quiet">{t('one.noLinks')}</p>}
      <ul className="in-links">
        {incident.mergedInto !== null && <li>{t('one.mergedInto')}: <Other incidentId={incident.mergedInto} /></li>}
        {incident.splitFrom !== null && <li>{t('one.splitFrom')}: <Other incidentId={incident.splitFrom} /></li>}
        {incident.links.map((incidentId) => <li key={incidentId}><Other incidentId={incidentId} /></li>)}
      </ul>
      <h3>{t('one.alarms')}</h3>
      {incident.alarms.length === 0 ? <p className="quiet">{t('one.noAlarms')}</p> : <ul className="in-alarms">{incident.alarms.map((alarm) => <li key={alarm.alarmId}><LevelShape look={alarm.level} /> {levelWord(page, alarm.level)} <span className="quiet">{alarmStateWord(page, alarm.state)}, {clockWords(alarm.raisedAtMs, nowMs)}</span></li>)}</ul>}
    </section>
  );
}

/** Its line from the screen, where it is open; asked for otherwise. */
function Other({ incidentId }: { incidentId: string }) {
  const { t } = useTranslation('incidents');
  const line = useScreen((screen) => screen.incidents.get(incidentId));
  const [asked] = useFetched(line === undefined ? incidentId : null, () => incidentsApi.incident(incidentId));
  const facts = line ?? (asked.state === 'there' ? { ...asked.value.incident, placeName: asked.value.incident.place.placeName } : null);
  if (facts === null) return <a href={hrefOf(pagePaths.incident(incidentId))}>{incidentId}</a>;
  const step = INCIDENT_STEPS.find((each) => each === facts.step);
  return <><SeverityMark severity={facts.severity} /> <a href={hrefOf(pagePaths.incident(incidentId))}>{facts.title === '' ? facts.placeName : facts.title}</a> <span className="quiet">{facts.placeName}{step === undefined ? '' : `, ${t(`step.${step}`)}`}</span></>;
}
