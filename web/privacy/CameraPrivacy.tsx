// Below a camera's picture: that parts of it are masked, seeing through the masks for a while (for oneself, with a reason and a second person), and taking one picture out.
import './privacy.css';
import { useEffect, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { MASK_LIFT_MINUTES_MOST, type MaskLift } from '../../contract/privacy.ts';
import type { Sensor } from '../../contract/site.ts';
import { TroubleNote } from '../incidents/Marks.tsx';
import { useServerNowMs } from '../live/LiveProvider.tsx';
import { useMayAt } from '../live/useMayAt.ts';
import { clockWords } from '../parts/format.ts';
import { hrefOf, pagePaths } from '../route.ts';
import type { Trouble } from '../setup/api.ts';
import { privacyApi } from './api.ts';

/** Until when this person sees the camera without its masks; null: masked as for everybody. */
export function useMaskLift(sensor: Sensor | undefined): [number | null, (lift: MaskLift | null) => void] {
  const mayLift = useMayAt('liftMask', sensor?.siteId), nowMs = useServerNowMs(), masks = sensor?.masks?.polygons.length ?? 0, sensorId = sensor?.sensorId ?? null;
  const [lift, setLift] = useState<MaskLift | null>(null);
  useEffect(() => {
    let gone = false;
    if (mayLift && masks > 0 && sensorId !== null) void privacyApi.lift(sensorId).then((answer) => { if (!gone && answer.ok) setLift(answer.value.lift); });
    return () => { gone = true; };
  }, [mayLift, masks, sensorId]);
  return [lift !== null && lift.sensorId === sensorId && lift.untilMs > nowMs ? lift.untilMs : null, setLift];
}

export function CameraPrivacy({ sensor, siteId, liftedUntilMs, onLift }: { sensor: Sensor; siteId: string; liftedUntilMs: number | null; onLift: (lift: MaskLift | null) => void }) {
  const { t } = useTranslation('privacy');
  const mayLift = useMayAt('liftMask', siteId), mayExport = useMayAt('export', siteId), masks = sensor.masks?.polygons.length ?? 0;
  const [asks, setAsks] = useState<'lift' | 'still' | null>(null), [reason, setReason] = useState(''), [minutes, setMinutes] = useState(5), [notBlurred, setNotBlurred] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null), [missing, setMissing] = useState(false), [said, setSaid] = useState(''), [isBusy, setIsBusy] = useState(false);
  const open = (what: typeof asks) => { setAsks(what); setTrouble(null); setMissing(false); setSaid(''); };
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim() === '') { setMissing(true); return; }
    setMissing(false); setIsBusy(true);
    if (asks === 'lift') {
      const answer = await privacyApi.liftMasks(sensor.sensorId, { reason: reason.trim(), minutes });
      setTrouble(answer.ok ? null : answer.trouble);
      if (answer.ok) { onLift(answer.value); setAsks(null); }
    } else {
      const answer = await privacyApi.still(sensor.sensorId, { reason: reason.trim(), blurred: !notBlurred });
      setTrouble(answer.ok ? null : answer.trouble);
      if (answer.ok) { saveAs(answer.value.name, answer.value.jpeg); setSaid(t('card.done', { name: answer.value.name })); setAsks(null); }
    }
    setIsBusy(false);
  };
  if (masks === 0 && !mayExport) return null;
  return (
    <div className="card-privacy" data-camera-privacy>
      {masks > 0 && <p className="quiet">{t('card.masked', { count: masks })}</p>}
      {liftedUntilMs !== null && <p className="card-lifted" role="status">{t('card.lifted', { time: clockWords(liftedUntilMs) })} <button type="button" className="plain" onClick={() => void privacyApi.endLift(sensor.sensorId).then(() => onLift(null))}>{t('card.end')}</button></p>}
      <div className="pr-links">
        {masks > 0 && mayLift && liftedUntilMs === null && <button type="button" className="plain" aria-expanded={asks === 'lift'} onClick={() => open(asks === 'lift' ? null : 'lift')}>{t('card.lift')}</button>}
        {mayExport && <button type="button" className="plain" aria-expanded={asks === 'still'} onClick={() => open(asks === 'still' ? null : 'still')}>{t('card.still')}</button>}
      </div>
      {asks !== null && (
        <form onSubmit={(event) => void send(event)} aria-label={t(asks === 'lift' ? 'card.lift' : 'card.still')}>
          {asks === 'still' && <p className="quiet">{t('card.stillMeans')}</p>}
          <label>{t('card.reason')} <input value={reason} maxLength={500} onChange={(event) => setReason(event.currentTarget.value)} aria-invalid={missing} /></label>
          {missing && <p className="problem" role="alert">{t('card.reasonMissing')}</p>}
          {asks === 'lift' && <label>{t('card.minutes')} <input type="number" min={1} max={MASK_LIFT_MINUTES_MOST} value={minutes} onChange={(event) => setMinutes(Math.min(MASK_LIFT_MINUTES_MOST, Math.max(1, Math.round(Number(event.currentTarget.value)) || 1)))} /></label>}
          {asks === 'still' && <label><input type="checkbox" checked={notBlurred} onChange={(event) => setNotBlurred(event.currentTarget.checked)} /> {t('card.notBlurred')}</label>}
          <div className="pr-links"><button type="submit" className="action" disabled={isBusy}>{t(asks === 'lift' ? 'card.go' : 'card.take')}</button><button type="button" className="plain" onClick={() => open(null)}>{t('card.cancel')}</button></div>
        </form>
      )}
      {trouble !== null && <><TroubleNote trouble={trouble} />{trouble.from === 'server' && trouble.note.code === 'needsSecondPerson' && <a href={hrefOf(pagePaths.approvals())}>{t('card.approvals')}</a>}</>}
      {said !== '' && <p role="status">{said}</p>}
    </div>
  );
}

function saveAs(name: string, file: Blob): void {
  const link = document.createElement('a'), address = URL.createObjectURL(file);
  link.href = address; link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
