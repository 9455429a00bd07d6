// Exercises: which run now, and the form for another. What it raises is marked EXERCISE from end to end.
import { NativeSelect, SegmentedControl, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { takeStep } from '../alarms/alarmSteps.ts';
import { newCommandId } from '../incidents/api.ts';
import { TroubleNote } from '../incidents/Marks.tsx';
import { useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { ExerciseBadge } from '../parts/ExerciseBadge.tsx';
import { clockWords } from '../parts/format.ts';
import { useMay } from '../parts/me.ts';
import { askWho, useWho } from '../parts/whoAmI.ts';
import type { Trouble } from '../setup/api.ts';
import { loadApi } from './api.ts';

const LEVELS_OF_EXERCISE = ['notice', 'warning', 'danger', 'critical'] as const, MINUTES = [5, 15, 30, 60, 120];

export function ExercisePanel() {
  const { t } = useTranslation('load'), { t: tPage } = useTranslation();
  const nowMs = useServerNowMs();
  const alarms = useScreen((screen) => screen.alarms), sites = useScreen((screen) => screen.sites);
  const running = alarms.filter((alarm) => alarm.exercise && alarm.state !== 'closed');
  const [isOpen, setIsOpen] = useState(false), mayAlarm = useMay('alarm');
  return (
    <section aria-label={t('exercise.title')} data-exercises={running.length}>
      <h3>{t('exercise.title')}</h3>
      <p className="quiet">{t('exercise.means')}</p>
      {running.length === 0 ? <p>{t('exercise.none')}</p> : <ul className="lo-list">{running.map((alarm) => (
        <li key={alarm.alarmId}><ExerciseBadge /> {t('exercise.runs', { place: `${alarm.placeName}, ${alarm.siteName}`, level: tPage(`level.${alarm.level}`), time: clockWords(alarm.raisedAtMs, nowMs) })} {mayAlarm && <button type="button" className="plain" onClick={() => void takeStep(alarm.alarmId, 'endExercise')}>{t('exercise.end')}</button>}</li>
      ))}</ul>}
      {isOpen ? <ExerciseForm onClose={() => setIsOpen(false)} /> : sites.length > 0 && mayAlarm && <button type="button" className="action quiet-action" onClick={() => setIsOpen(true)}>{t('exercise.begin')}</button>}
    </section>
  );
}

function ExerciseForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('load'), { t: tPage } = useTranslation();
  const who = useWho();
  const sites = useScreen((screen) => screen.sites);
  const [zoneId, setZoneId] = useState(''), [level, setLevel] = useState<(typeof LEVELS_OF_EXERCISE)[number]>('danger'), [minutes, setMinutes] = useState(15), [words, setWords] = useState('');
  const [isAsked, setIsAsked] = useState(false), [isSending, setIsSending] = useState(false), [trouble, setTrouble] = useState<Trouble | null>(null), [commandId, setCommandId] = useState(newCommandId);
  const send = async () => {
    setIsAsked(true);
    const site = sites.find(({ zones }) => zones.some((zone) => zone.zoneId === zoneId));
    if (site === undefined || words.trim() === '' || isSending) return;
    if (who === null) { askWho(); return; }
    setIsSending(true);
    const answer = await loadApi.exercise(site.site.siteId, { commandId, by: who.name, zoneId, level, forS: 60 * minutes, words: words.trim() });
    setIsSending(false);
    if (answer.ok) { onClose(); return; }
    // What the server refused was not taken; without an answer it may have been, and the same id makes it one.
    if (answer.trouble.from === 'server') setCommandId(newCommandId());
    setTrouble(answer.trouble);
  };
  return (
    <form className="lo-form" aria-label={t('exercise.begin')} onSubmit={(event) => { event.preventDefault(); void send(); }}>
      <NativeSelect label={t('exercise.zone')} value={zoneId} onChange={(event) => setZoneId(event.currentTarget.value)} error={isAsked && zoneId === '' ? t('exercise.zoneMissing') : null} data={[{ value: '', label: t('exercise.choose') }, ...sites.map(({ site, zones }) => ({ group: site.name, items: zones.map((zone) => ({ value: zone.zoneId, label: zone.name })) }))]} />
      <div><div className="in-label" id="exercise-level">{t('exercise.level')}</div><SegmentedControl fullWidth size="xs" aria-labelledby="exercise-level" value={level} onChange={(value) => setLevel(value as typeof level)} data={LEVELS_OF_EXERCISE.map((value) => ({ value, label: tPage(`level.${value}`) }))} /></div>
      <div><div className="in-label" id="exercise-span">{t('exercise.span')}</div><SegmentedControl fullWidth size="xs" aria-labelledby="exercise-span" value={String(minutes)} onChange={(value) => setMinutes(Number(value))} data={MINUTES.map((each) => ({ value: String(each), label: each < 60 ? t('shelve.minutes', { count: each }) : t('shelve.hours', { count: each / 60 }) }))} /></div>
      <Textarea label={t('exercise.words')} placeholder={t('exercise.wordsHint')} value={words} maxLength={500} autosize minRows={2} error={isAsked && words.trim() === '' ? t('exercise.wordsMissing') : null} onChange={(event) => setWords(event.currentTarget.value)} />
      {trouble !== null && <TroubleNote trouble={trouble} />}
      <div className="card-actions"><button type="submit" className="action" disabled={isSending}>{t('exercise.send')}</button><button type="button" className="action quiet-action" onClick={onClose}>{t('shelve.cancel')}</button></div>
    </form>
  );
}
