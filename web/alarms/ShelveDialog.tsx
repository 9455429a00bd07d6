// Why an alarm is put aside, and for how long: asked before it is done, because it makes no sound until then.
import { Modal, SegmentedControl, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SHELVED_CRITICAL_MOST_MS, SHELVED_MOST_MS, type Alarm } from '../../contract/alarm.ts';
import '../incidents/incidents.css';
import { useWho } from '../parts/whoAmI.ts';
import { askShelving, takeStep, useStep } from './alarmSteps.ts';
import { StepTrouble } from './StepTrouble.tsx';

const MINUTES = [10, 30, 60, 120, 240, 480];

export default function ShelveDialog({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation('load');
  const who = useWho(), step = useStep(alarm.alarmId);
  const isCritical = alarm.level === 'critical', most = (isCritical ? SHELVED_CRITICAL_MOST_MS : SHELVED_MOST_MS) / 60_000;
  const [words, setWords] = useState(''), [minutes, setMinutes] = useState(30), [isAsked, setIsAsked] = useState(false);
  const close = () => askShelving(null);
  const send = async () => {
    setIsAsked(true);
    if (words.trim() === '' || who === null) return;
    if (await takeStep(alarm.alarmId, 'shelve', { words: words.trim(), forS: 60 * Math.min(minutes, most) }) !== null) close();
  };
  return (
    <Modal.Root opened onClose={close} size="md"><Modal.Overlay /><Modal.Content><Modal.Body pt="md">
      <div className="card-head"><Modal.Title>{t('shelve.title')}</Modal.Title><Modal.CloseButton aria-label={t('shelve.close')} /></div>
      <p><strong>{alarm.placeName}</strong> <span className="quiet">{alarm.siteName}</span></p>
      <form data-shelve-form onSubmit={(event) => { event.preventDefault(); void send(); }}>
        <Textarea label={t('shelve.words')} placeholder={t('shelve.wordsHint')} value={words} maxLength={500} autosize minRows={2} data-autofocus error={isAsked && words.trim() === '' ? t('shelve.wordsMissing') : null} onChange={(event) => setWords(event.currentTarget.value)}
          onKeyDown={(event) => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); void send(); } }} />
        <div className="in-label" id="shelve-span" style={{ marginTop: 12 }}>{t('shelve.span')}</div>
        <SegmentedControl fullWidth size="xs" aria-labelledby="shelve-span" value={String(minutes)} onChange={(value) => setMinutes(Number(value))}
          data={MINUTES.filter((each) => each <= most).map((each) => ({ value: String(each), label: each < 60 ? t('shelve.minutes', { count: each }) : t('shelve.hours', { count: each / 60 }) }))} />
        <p className="in-hint">{isCritical && <>{t('shelve.critical')} </>}{t('shelve.means')}</p>
        {step?.state === 'failed' && <StepTrouble trouble={step.trouble} />}
        <div className="card-actions">
          <button type="submit" className="action" disabled={step?.state === 'sending'}>{step?.state === 'sending' ? t('shelve.sending') : t('shelve.send')}</button>
          <button type="button" className="action quiet-action" onClick={close}>{t('shelve.cancel')}</button>
        </div>
      </form>
    </Modal.Body></Modal.Content></Modal.Root>
  );
}
