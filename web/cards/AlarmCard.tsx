// One alarm: why, how bad, its steps with their times, and the answer that can be given now.
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { becauseSentence } from '../../crowd/becauseWords.ts';
import { useKinds, usePage, useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { DemoBadge } from '../parts/DemoBadge.tsx';
import { Figure } from '../parts/Figure.tsx';
import { LineFigure } from '../parts/LineFigure.tsx';
import { LevelShape } from '../parts/LevelShape.tsx';
import { ProblemBox } from '../parts/ProblemBox.tsx';
import { clockWords } from '../parts/format.ts';
import { useFormat } from '../parts/useFormat.ts';
import { useDesk } from '../shell/chosen.ts';
import { targetOfAlarm } from '../shell/targetOf.ts';
import type { Acknowledging } from '../alarms/useAcknowledge.ts';
import { CardHead } from './CardHead.tsx';

/** The record of a step is on the screen in under a second; after this something is slow, and it is said. */
const RECORD_WITHIN_MS = 5000;

export function AlarmCard({ alarmId, acknowledge }: { alarmId: string; acknowledge: Acknowledging }) {
  const { t } = useTranslation();
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
  if (alarm === null) return <p className="notice-text">{t('alarms.none')}</p>;
  const levelWord = (level: typeof alarm.level) => t(`level.${level}`);
  const sending = acknowledge.of(alarmId);
  const rule = kinds?.rules.find((kind) => kind.rule === alarm.rule)?.title[language] ?? alarm.rule;
  const words = kinds?.rules.find((kind) => kind.rule === alarm.rule)?.because[language];
  const sentence = words === undefined ? null : becauseSentence(words, alarm.because, language);
  const acknowledged = alarm.state === 'raised' ? null : alarm.acknowledged;
  const { place } = alarm;
  return (
    <section className={`card alarm-card level-${alarm.level}`} aria-label={`${t('alarms.card')}: ${alarm.placeName}`} data-alarm-card={alarmId} data-state={alarm.state}>
      <CardHead kind={t(`level.${alarm.level}`)} name={alarm.placeName} sign={<LevelShape look={place.kind === 'sensor' ? 'blind' : alarm.level} size={20} />}>{alarm.demo && <DemoBadge />}</CardHead>
      <p className="quiet">{alarm.siteName} · {rule} · {t(`alarms.${alarm.state}`)} · {t('alarms.peak', { level: levelWord(alarm.levelPeak) })}</p>
      {place.kind === 'line' && alarm.state !== 'closed' && <p className="card-figure"><LineFigure lineId={place.lineId} /></p>}
      {place.kind === 'zone' && alarm.state !== 'closed' && <p className="card-figure"><Figure state={zoneState} /></p>}
      <p className="because">{sentence ?? <span className="quiet">{t('state.loading')}</span>}</p>
      <h3>{t('alarms.steps')}</h3>
      <ol className="steps">
        <li><time>{clockWords(alarm.raisedAtMs, nowMs)}</time> {t('alarms.raisedAt')} <span className="quiet">{t('age.ago', { span: span(nowMs - alarm.raisedAtMs) })}</span></li>
        {acknowledged !== null && <li><time>{clockWords(acknowledged.atMs, nowMs)}</time> {t('alarms.acknowledgedBy', { by: acknowledged.by })} <span className="quiet">{t('age.ago', { span: span(nowMs - acknowledged.atMs) })}</span></li>}
        {alarm.state === 'easing' && <li><time>{clockWords(alarm.easingSinceMs, nowMs)}</time> {t('alarms.easingAt')} <span className="quiet">{t('age.ago', { span: span(nowMs - alarm.easingSinceMs) })}</span></li>}
        {alarm.state === 'closed' && <li><time>{clockWords(alarm.closedAtMs, nowMs)}</time> {t('alarms.closedAt')}: {t(`alarms.closedBecause.${alarm.closedBecause}`)} <span className="quiet">{t('age.ago', { span: span(nowMs - alarm.closedAtMs) })}</span></li>}
      </ol>
      <div className="card-actions">
        {alarm.state === 'raised' && <Button size="sm" loading={sending?.state === 'sending'} disabled={sending?.state === 'taken' && nowMs - sending.sinceMs < RECORD_WITHIN_MS} onClick={() => void acknowledge.send(alarmId)}>{t('alarms.acknowledge')} (A)</Button>}
        <Button size="sm" variant="default" onClick={() => show(targetOfAlarm(alarm, sites))}>{t('alarms.fly')} (F)</Button>
        <Button size="sm" variant="default" onClick={() => choose(place)}>{place.kind === 'zone' ? t('zone.card') : place.kind === 'line' ? t('line.card') : t('camera.card')}</Button>
      </div>
      <div role="status">
        {alarm.state === 'raised' && sending?.state === 'taken' && <p>{nowMs - sending.sinceMs < RECORD_WITHIN_MS ? t('alarms.acknowledging') : t('alarms.notSeen')}</p>}
        {alarm.state === 'raised' && sending?.state === 'noAnswer' && <p className="problem">{t('alarms.noAnswer')}</p>}
        {sending?.state === 'refused' && alarm.state === 'raised' && <ProblemBox note={sending.problem} />}
      </div>
    </section>
  );
}
