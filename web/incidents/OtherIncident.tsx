// Another incident, found by its words: to be joined to, or linked with.
import { TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isOpenStep, type Incident } from '../../contract/incident.ts';
import { useScreen } from '../live/LiveProvider.tsx';
import { clockWords } from '../parts/format.ts';
import { ExerciseBadge, SeverityMark } from './Marks.tsx';
import { useCategoryName } from './useCategories.ts';

const SHOWN_MOST = 12;

export function OtherIncident({ incident, value, onChange }: { incident: Incident; value: string | null; onChange: (incidentId: string) => void }) {
  const { t } = useTranslation('incidents');
  const category = useCategoryName();
  const live = useScreen((screen) => screen.incidents);
  const [text, setText] = useState('');
  const { lng, lat } = incident.place.point;
  // The nearest ones first: what belongs together lies together.
  const found = useMemo(() => [...live.values()]
    .filter((line) => line.incidentId !== incident.incidentId && isOpenStep(line.step) && `${line.title} ${line.placeName} ${line.siteName} ${line.category}`.toLowerCase().includes(text.trim().toLowerCase()))
    .toSorted((a, b) => Math.hypot(a.point.lng - lng, a.point.lat - lat) - Math.hypot(b.point.lng - lng, b.point.lat - lat) || b.reportedAtMs - a.reportedAtMs).slice(0, SHOWN_MOST), [live, text, incident.incidentId, lng, lat]);
  return (
    <fieldset className="in-others">
      <legend>{t('act.choose')}</legend>
      <TextInput data-autofocus aria-label={t('act.chooseFind')} placeholder={t('act.chooseFind')} value={text} maxLength={100} onChange={(event) => setText(event.currentTarget.value)} />
      {found.length === 0 && <p className="quiet">{t('act.chooseNone')}</p>}
      {found.map((line) => (
        <label key={line.incidentId} className="in-other"><input type="radio" name="other" checked={value === line.incidentId} onChange={() => onChange(line.incidentId)} />
          <SeverityMark severity={line.severity} />{line.exercise && <ExerciseBadge />}<span>{line.title === '' ? category(line.category, line.placeUnitId) : line.title} <span className="quiet">{line.placeName}, {clockWords(line.reportedAtMs)}</span></span></label>
      ))}
    </fieldset>
  );
}
