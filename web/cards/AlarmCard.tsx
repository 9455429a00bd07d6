// One alarm: why, how bad, its steps with their times, what stands beside it (muted, put aside, repeated, an exercise), and the answers that can be given now.
import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Alarm } from '../../contract/alarm.ts';
import { isOpenStep, SEVERITY_OF_LEVEL } from '../../contract/incident.ts';
import { becauseSentence } from '../../crowd/becauseWords.ts';
import { askShelving, takeStep, useShelving, useStep } from '../alarms/alarmSteps.ts';
import { StepTrouble } from '../alarms/StepTrouble.tsx';
import type { Acknowledging } from '../alarms/useAcknowledge.ts';
import { incidentsApi, newCommandId, type Trouble } from '../incidents/api.ts';
import { useKinds, usePage, useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { useMayAt } from '../live/useMayAt.ts';
import { DemoBadge } from '../parts/DemoBadge.tsx';
import { ExerciseBadge } from '../parts/ExerciseBadge.tsx';
import { Figure } from '../parts/Figure.tsx';
import { LineFigure } from '../parts/LineFigure.tsx';
import { LevelShape } from '../parts/LevelShape.tsx';
import { ProblemBox } from '../parts/ProblemBox.tsx';
import { clockWords } from '../parts/format.ts';
import { useFormat } from '../parts/useFormat.ts';
import { askWho, useWho } from '../parts/whoAmI.ts';
import { hrefOf, pagePaths } from '../route.ts';
import { useDesk } from '../shell/chosen.ts';
import { targetOfAlarm } from '../shell/targetOf.ts';
import { CardHead } from './CardHead.tsx';

const ShelveDialog = lazy(() => import('../alarms/ShelveDialog.tsx'));
/** The record of a step is on the screen in under a second; after this something is slow, and it is said. */
const RECORD_WITHIN_MS = 5000;

export function AlarmCard({ alarmId, acknowledge }: { alarmId: string; acknowledge: Acknowledging }) {
  const { t } = useTranslation(), { t: tLoad } = useTranslation('load');
  const { language, span } = useFormat();
  const { store } = usePage();
  const { show, choose } = useDesk();
  const kinds = useKinds();
  const nowMs = useServerNowMs();
  const sites = useScreen((screen) => screen.sites);
  useScreen((screen) => screen.alarms); // drawn again when the list is
  const alarm = store.alarmOf(alarmId);
  const zoneId = alarm?.place.kind === 'zone' ? alarm.place.zoneId : null;
  const zoneState = useScreen((screen) => (zoneId === null ? undefined : screen.zones.get(zoneId)));
  const isShelving = useShelving() === alarmId;
  const mayStep = useMayAt('alarm', alarm?.siteId);
  if (alarm === null) return <p className="notice-text">{t('alarms.none')}</p>;
  const levelWord = (level: typeof alarm.level) => t(`level.${level}`);
  const sending = acknowledge.of(alarmId);
  const rule = kinds?.rules.find((kind) => kind.rule === alarm.rule)?.title[language] ?? alarm.rule;
  const words = kinds?.rules.find((kind) => kind.rule === alarm.rule)?.because[language];
  const sentence = words === undefined ? null : becauseSentence(words, alarm.because, language);
  const acknowledged = alarm.state === 'raised' || alarm.state === 'cleared' ? null : alarm.acknowledged;
  const waits = alarm.state !== 'closed' && acknowledged === null;
  const { place } = alarm;
  return (
    <section className={`card alarm-card level-${alarm.level}`} aria-label={`${t('alarms.card')}: ${alarm.placeName}`} data-alarm-card={alarmId} data-state={alarm.state} data-exercise={alarm.exercise || undefined}>
      <CardHead kind={t(`level.${alarm.level}`)} name={alarm.placeName} sign={<LevelShape look={place.kind === 'sensor' ? 'blind' : alarm.level} size={20} />}>{alarm.exercise && <ExerciseBadge />}{alarm.demo && <DemoBadge />}</CardHead>
      <p className="quiet">{alarm.siteName} · {rule} · {t(`alarms.${alarm.state}`)} · {tLoad(`priority.${alarm.priority}`)} · {t('alarms.peak', { level: levelWord(alarm.levelPeak) })}</p>
      {place.kind === 'line' && alarm.state !== 'closed' && <p className="card-figure"><LineFigure lineId={place.lineId} /></p>}
      {place.kind === 'zone' && alarm.state !== 'closed' && <p className="card-figure"><Figure state={zoneState} /></p>}
      <p className="because">{sentence ?? <span className="quiet">{t('state.loading')}</span>}</p>
      <Marks alarm={alarm} nowMs={nowMs} />
      <h3>{t('alarms.steps')}</h3>
      <ol className="steps">
        <li><time>{clockWords(alarm.raisedAtMs, nowMs)}</time> {t('alarms.raisedAt')} <span className="quiet">{t('age.ago', { span: span(nowMs - alarm.raisedAtMs) })}</span></li>
        {acknowledged !== null && <li><time>{clockWords(acknowledged.atMs, nowMs)}</time> {t('alarms.acknowledgedBy', { by: acknowledged.by })} <span className="quiet">{t('age.ago', { span: span(nowMs - acknowledged.atMs) })}</span></li>}
        {alarm.state === 'easing' && <li><time>{clockWords(alarm.easingSinceMs, nowMs)}</time> {t('alarms.easingAt')} <span className="quiet">{t('age.ago', { span: span(nowMs - alarm.easingSinceMs) })}</span></li>}
        {alarm.state === 'cleared' && <li><time>{clockWords(alarm.clearedAtMs, nowMs)}</time> {tLoad('card.clearedAt')} <span className="quiet">{t('age.ago', { span: span(nowMs - alarm.clearedAtMs) })}</span></li>}
        {alarm.state === 'closed' && <li><time>{clockWords(alarm.closedAtMs, nowMs)}</time> {t('alarms.closedAt')}: {t(`alarms.closedBecause.${alarm.closedBecause}`)} <span className="quiet">{t('age.ago', { span: span(nowMs - alarm.closedAtMs) })}</span></li>}
      </ol>
      <div className="card-actions">
        {waits && mayStep && <Button size="sm" variant={alarm.state === 'easing' ? 'default' : 'filled'} loading={sending?.state === 'sending'} disabled={sending?.state === 'taken' && nowMs - sending.sinceMs < RECORD_WITHIN_MS} onClick={() => void acknowledge.send(alarmId)}>{t('alarms.acknowledge')} (A)</Button>}
        {mayStep && <StepButtons alarm={alarm} />}
        <IncidentButton alarm={alarm} />
        <Button size="sm" variant="default" onClick={() => show(targetOfAlarm(alarm, sites))}>{t('alarms.fly')} (F)</Button>
        <Button size="sm" variant="default" onClick={() => choose(place)}>{place.kind === 'zone' ? t('zone.card') : place.kind === 'line' ? t('line.card') : t('camera.card')}</Button>
      </div>
      <div role="status">
        {waits && sending?.state === 'taken' && <p>{nowMs - sending.sinceMs < RECORD_WITHIN_MS ? t('alarms.acknowledging') : t('alarms.notSeen')}</p>}
        {waits && sending?.state === 'noAnswer' && <p className="problem">{t('alarms.noAnswer')}</p>}
        {sending?.state === 'refused' && waits && <ProblemBox note={sending.problem} />}
      </div>
      {isShelving && <Suspense fallback={null}><ShelveDialog alarm={alarm} /></Suspense>}
    </section>
  );
}

/** What stands beside its state, each with its reason. */
function Marks({ alarm, nowMs }: { alarm: Alarm; nowMs: number }) {
  const { t } = useTranslation('load');
  if (alarm.state === 'closed') return alarm.exercise ? <p className="alarm-note" data-note="exercise">{t('card.exercise')}</p> : null;
  return (
    <>
      {alarm.exercise && <p className="alarm-note" data-note="exercise">{t('card.exercise')}</p>}
      {alarm.muted !== null && <p className="alarm-note" data-note="muted">{t(alarm.muted.because === 'blind' ? 'card.mutedBlind' : 'card.mutedSilence')}</p>}
      {alarm.shelved !== null && <p className="alarm-note" data-note="shelved">{t('card.shelvedUntil', { by: alarm.shelved.by, time: clockWords(alarm.shelved.untilMs, nowMs), words: alarm.shelved.words })} <span className="quiet">{t('card.shelvedMeans')}</span></p>}
      {alarm.repeats > 0 && alarm.state === 'raised' && <p className="alarm-note" data-note="repeats">{t('card.repeated', { count: alarm.repeats })}</p>}
    </>
  );
}

function StepButtons({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation('load');
  const step = useStep(alarm.alarmId);
  if (alarm.state === 'closed') return null;
  const isSending = step?.state === 'sending';
  return (
    <>
      {alarm.exercise ? <Button size="sm" variant="default" loading={isSending} onClick={() => void takeStep(alarm.alarmId, 'endExercise')}>{t('exercise.end')}</Button>
        : alarm.shelved !== null ? <Button size="sm" variant="default" loading={isSending} onClick={() => void takeStep(alarm.alarmId, 'unshelve')}>{t('shelve.undo')} (U)</Button>
        : alarm.state !== 'cleared' && <Button size="sm" variant="default" onClick={() => askShelving(alarm.alarmId)}>{t('shelve.do')} (S)</Button>}
      {step?.state === 'failed' && step.step !== 'shelve' && <StepTrouble trouble={step.trouble} />}
    </>
  );
}

/** To the open incident that has it, or the way to make one of it. */
function IncidentButton({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation('load');
  const who = useWho(), mayReport = useMayAt('report', alarm.siteId);
  const incidents = useScreen((screen) => screen.incidents);
  const [sent, setSent] = useState<{ state: 'sending' | 'there' } | { state: 'failed'; trouble: Trouble } | null>(null);
  const [commandId] = useState(newCommandId);
  let incidentId: string | null = null;
  for (const line of incidents.values()) if (isOpenStep(line.step) && line.alarmIds.includes(alarm.alarmId)) { incidentId = line.incidentId; break; }
  if (incidentId !== null) return <a className="action quiet-action" href={hrefOf(pagePaths.incident(incidentId))} data-incident={incidentId}>{t('card.incident')}</a>;
  if (alarm.state === 'closed' || !mayReport) return null;
  const report = async () => {
    if (who === null) { askWho(); return; }
    setSent({ state: 'sending' });
    const level = alarm.level === 'calm' ? 'notice' : alarm.level;
    const answer = await incidentsApi.report({ commandId, by: who, category: alarm.place.kind === 'sensor' ? 'equipment' : 'crowding', severity: SEVERITY_OF_LEVEL[level], alarmId: alarm.alarmId, exercise: alarm.exercise });
    setSent(answer.ok ? { state: 'there' } : { state: 'failed', trouble: answer.trouble });
  };
  return (
    <>
      <Button size="sm" variant="default" loading={sent?.state === 'sending'} disabled={sent?.state === 'there'} onClick={() => void report()}>{t(sent?.state === 'there' ? 'card.reported' : 'card.report')}</Button>
      {sent?.state === 'failed' && <StepTrouble trouble={sent.trouble} />}
    </>
  );
}
