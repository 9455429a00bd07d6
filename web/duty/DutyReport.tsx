// A report from the street: what it is by one big button, how bad, where (this phone, a zone, or a touch of the map), words and a photo.
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LngLat } from '../../contract/geometry.ts';
import { SEVERITIES, type Actor, type Severity } from '../../contract/incident.ts';
import { newCommandId } from '../incidents/api.ts';
import { IncidentMap } from '../incidents/IncidentMap.tsx';
import { SeverityMark } from '../incidents/Marks.tsx';
import { useCategories } from '../incidents/useCategories.ts';
import { useScreen } from '../live/LiveProvider.tsx';
import { goTo, pagePaths } from '../route.ts';
import { PhotoField } from './AnswerSheet.tsx';
import { dutyOutbox } from './dutyOutbox.ts';
import type { Photo } from './outbox.ts';

const LOCATE_MOST_MS = 15_000;

export function DutyReport({ who }: { who: Actor }) {
  const { t } = useTranslation('incidents');
  const sites = useScreen((screen) => screen.sites);
  const categories = useCategories(who.unitId);
  const [category, setCategory] = useState<string | null>(null), [severity, setSeverity] = useState<Severity>('moderate'), [zoneId, setZoneId] = useState(''), [words, setWords] = useState(''), [photos, setPhotos] = useState<Photo[]>([]);
  const [point, setPoint] = useState<LngLat | null>(null), [here, setHere] = useState<{ state: 'none' | 'asking' | 'refused' } | { state: 'there'; withinM: number }>({ state: 'none' }), [isAsked, setIsAsked] = useState(false), [full, setFull] = useState(false);
  const commandId = useRef(newCommandId());
  const noLines = useMemo(() => [], []);
  const locate = () => {
    if (!('geolocation' in navigator)) { setHere({ state: 'refused' }); return; }
    setHere({ state: 'asking' });
    navigator.geolocation.getCurrentPosition(({ coords }) => { setPoint({ lng: coords.longitude, lat: coords.latitude }); setZoneId(''); setHere({ state: 'there', withinM: Math.max(1, Math.round(coords.accuracy)) }); }, () => setHere({ state: 'refused' }), { enableHighAccuracy: true, timeout: LOCATE_MOST_MS, maximumAge: 10_000 });
  };
  const hasPlace = zoneId !== '' || point !== null;
  const send = () => {
    setIsAsked(true);
    if (category === null || !hasPlace) return;
    const taken = dutyOutbox().add({ kind: 'report', body: { commandId: commandId.current, by: who, category, severity, words: words.trim(), ...(zoneId !== '' ? { zoneId } : { point: point! }) } }, photos);
    setFull(!taken);
    if (taken) goTo(pagePaths.duty());
  };
  return (
    <main className="du-page" aria-label={t('phone.reportTitle')}>
      <div className="du-head"><a className="du-back" href="#/duty">‹ {t('phone.back')}</a><h2>{t('phone.reportTitle')}</h2></div>
      <form className="du-report-form" onSubmit={(event) => { event.preventDefault(); send(); }}>
        <fieldset><legend>{t('phone.reportWhat')}</legend><div className="du-grid">{categories.map(({ category: value, name }) => <button key={value} type="button" aria-pressed={category === value} onClick={() => setCategory(value)}>{name}</button>)}</div>{isAsked && category === null && <p className="in-fault" role="alert">{t('report.categoryMissing')}</p>}</fieldset>
        <fieldset><legend>{t('phone.reportWhere')}</legend>
          <button type="button" className="du-small" aria-pressed={here.state === 'there' && point !== null} onClick={locate}>{t('phone.hereNow')}</button>
          <p role="status" className="quiet">{here.state === 'asking' ? t('phone.hereAsking') : here.state === 'there' && point !== null ? t('phone.hereIs', { metres: here.withinM }) : here.state === 'refused' ? t('phone.hereRefused') : point !== null ? t('phone.pointSet') : t('phone.onMap')}</p>
          <div className="du-map"><IncidentMap lines={noLines} chosenId={null} picked={point} onPick={(next) => { setPoint(next); setZoneId(''); setHere({ state: 'none' }); }} label={t('phone.onMap')} /></div>
          <select aria-label={t('phone.zone')} value={zoneId} onChange={(event) => { setZoneId(event.target.value); if (event.target.value !== '') { setPoint(null); setHere({ state: 'none' }); } }}>
            <option value="">{t('phone.zone')}</option>
            {sites.map(({ site, zones }) => <optgroup key={site.siteId} label={site.name}>{zones.map((zone) => <option key={zone.zoneId} value={zone.zoneId}>{zone.name}</option>)}</optgroup>)}
          </select>
          {isAsked && !hasPlace && <p className="in-fault" role="alert">{t('report.placeMissing')}</p>}
        </fieldset>
        <fieldset><legend>{t('phone.reportBad')}</legend><div className="du-grid">{SEVERITIES.map((value) => <button key={value} type="button" aria-pressed={severity === value} onClick={() => setSeverity(value)}><SeverityMark severity={value} size={18} /> <span aria-hidden="true">{t(`severity.${value}`)}</span></button>)}</div></fieldset>
        <textarea aria-label={t('report.words')} placeholder={t('report.words')} value={words} maxLength={2000} rows={3} onChange={(event) => setWords(event.target.value)} />
        <PhotoField photos={photos} onPhotos={setPhotos} />
        {full && <p className="du-lost" role="alert">{t('phone.full')}</p>}
        <div className="du-send"><button type="submit" className="du-big">{t('phone.send')}</button></div>
      </form>
    </main>
  );
}
