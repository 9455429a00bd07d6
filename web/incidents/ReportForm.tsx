// A report by somebody at the desk: what, how bad, where (a zone, or a point of the map beside it), words and photos.
import { NativeSelect, NumberInput, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LngLat } from '../../contract/geometry.ts';
import { SEVERITIES, type Severity } from '../../contract/incident.ts';
import { useScreen } from '../live/LiveProvider.tsx';
import { askWho, useWho } from '../parts/whoAmI.ts';
import { AttachField, useAttaching } from './Attachments.tsx';
import { incidentsApi, newCommandId, type Trouble } from './api.ts';
import { TroubleNote } from './Marks.tsx';
import { useCategories } from './useCategories.ts';

export function ReportForm({ point, onZone, onDone, onClose }: { point: LngLat | null; /** A zone was chosen: the point is taken off the map. */ onZone: () => void; onDone: (incidentId: string) => void; onClose: () => void }) {
  const { t } = useTranslation('incidents');
  const who = useWho();
  const sites = useScreen((screen) => screen.sites);
  const categories = useCategories(who?.unitId ?? null);
  const [category, setCategory] = useState(''), [severity, setSeverity] = useState<Severity>('moderate'), [zoneChosen, setZoneId] = useState(''), [title, setTitle] = useState(''), [words, setWords] = useState(''), [placeName, setPlaceName] = useState('');
  const [people, setPeople] = useState<number | ''>(''), [exercise, setExercise] = useState(false), [isSending, setIsSending] = useState(false), [isAsked, setIsAsked] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const attaching = useAttaching();
  // The same press tried again is the same report.
  const commandId = useRef(newCommandId());
  const first = useRef<HTMLSelectElement | null>(null);
  useEffect(() => { first.current?.focus(); }, []);

  // A touch of the map after a zone was chosen is the later word.
  const zoneId = point === null ? zoneChosen : '';
  const hasPlace = zoneId !== '' || point !== null;
  const send = async () => {
    setIsAsked(true);
    if (category === '' || !hasPlace || isSending || attaching.isSending) return;
    if (who === null) { askWho(); return; }
    setIsSending(true);
    const answer = await incidentsApi.report({
      commandId: commandId.current, by: who, category, severity, words, peopleAtRisk: people === '' ? null : people, exercise, attachments: attaching.there.map(({ sha256 }) => sha256),
      ...(title.trim() === '' ? {} : { title: title.trim() }), ...(zoneId !== '' ? { zoneId } : { point: point!, ...(placeName.trim() === '' ? {} : { placeName: placeName.trim() }) }),
    });
    setIsSending(false);
    if (answer.ok) { onDone(answer.value.incidentId); return; }
    // What the server refused was not taken: put right, it is another report. Without an answer it may have been: the same id then makes it one.
    if (answer.trouble.from === 'server') commandId.current = newCommandId();
    setTrouble(answer.trouble);
  };
  return (
    <form className="in-report" aria-label={t('report.title')} onSubmit={(event) => { event.preventDefault(); void send(); }} onKeyDown={(event) => { if (event.key === 'Escape') { event.stopPropagation(); onClose(); } }}>
      <div className="card-head"><h2>{t('report.title')}</h2><button type="button" className="plain close" aria-label={t('page.close')} onClick={onClose}>×</button></div>
      <NativeSelect ref={first} label={t('report.category')} value={category} onChange={(event) => setCategory(event.currentTarget.value)} error={isAsked && category === '' ? t('report.categoryMissing') : null}
        data={[{ value: '', label: t('page.choose') }, ...categories.map(({ category: value, name }) => ({ value, label: name }))]} />
      <div><div className="in-label" id="report-severity">{t('report.severity')}</div><SegmentedControl fullWidth size="xs" aria-labelledby="report-severity" value={severity} onChange={(value) => setSeverity(value as Severity)} data={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))} /></div>
      <NativeSelect label={t('report.zone')} value={zoneId} onChange={(event) => { setZoneId(event.currentTarget.value); if (event.currentTarget.value !== '') onZone(); }} error={isAsked && !hasPlace ? t('report.placeMissing') : null} description={zoneId !== '' ? null : point === null ? t('report.pointHint') : t('report.pointTaken')}
        data={[{ value: '', label: t('report.zoneNone') }, ...sites.map(({ site, zones }) => ({ group: site.name, items: zones.map((zone) => ({ value: zone.zoneId, label: zone.name })) }))]} />
      {zoneId === '' && point !== null && <TextInput label={t('report.placeName')} value={placeName} maxLength={200} onChange={(event) => setPlaceName(event.currentTarget.value)} />}
      <Textarea label={t('report.words')} value={words} maxLength={2000} autosize minRows={2} maxRows={8} onChange={(event) => setWords(event.currentTarget.value)} />
      <TextInput label={t('report.headline')} placeholder={t('report.headlineHint')} value={title} maxLength={200} onChange={(event) => setTitle(event.currentTarget.value)} />
      <NumberInput label={t('report.people')} placeholder={t('report.peopleUnknown')} min={0} max={1_000_000} allowDecimal={false} allowNegative={false} hideControls value={people} onChange={(value) => setPeople(typeof value === 'number' ? value : '')} />
      <AttachField attaching={attaching} label={t('report.photo')} />
      <label className="in-check"><input type="checkbox" checked={exercise} onChange={(event) => setExercise(event.target.checked)} /> {t('report.exercise')}</label>
      {trouble !== null && <TroubleNote trouble={trouble} />}
      <div className="card-actions">
        <button type="submit" className="action" disabled={isSending || attaching.isSending}>{isSending ? t('report.sending') : t('report.send')}</button>
        <button type="button" className="action quiet-action" onClick={onClose}>{t('page.cancel')}</button>
      </div>
    </form>
  );
}
