// Share this place with another unit until then, because: the form. It says what the others will see, and what not.
import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { GRANT_ALONE_MOST_MS, GRANT_LEAST_MS, GRANT_MOST_MS } from '../../contract/apiGrants.ts';
import { TroubleNote } from '../incidents/Marks.tsx';
import { useFetched } from '../incidents/useFetched.ts';
import { useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { useFormat } from '../parts/useFormat.ts';
import type { Trouble } from '../setup/api.ts';
import { sharingApi } from './api.ts';

const HOUR_MS = 3_600_000, HOURS = [2, 4, 8, 24] as const;

export function ShareForm({ siteId: first, incidentId, onShared }: { siteId: string | null; incidentId: string | null; onShared: () => void }) {
  const { t } = useTranslation('sharing');
  const { language } = useFormat();
  const nowMs = useServerNowMs();
  const sites = useScreen((screen) => screen.sites);
  const [siteId, setSiteId] = useState(first ?? sites[0]?.site.siteId ?? ''), [typed, setTyped] = useState(''), [toUnitId, setToUnitId] = useState<string | null>(null);
  const [picture, setPicture] = useState(false), [until, setUntil] = useState(() => localWords(nowMs + 4 * HOUR_MS)), [reason, setReason] = useState('');
  const [isAsked, setIsAsked] = useState(false), [isSending, setIsSending] = useState(false), [trouble, setTrouble] = useState<Trouble | null>(null), [told, setTold] = useState('');
  const text = useDeferredValue(typed.trim());
  const [found] = useFetched(text === '' ? null : text, () => sharingApi.units(text));
  const untilMs = new Date(until).getTime(), timeWrong = !(untilMs - nowMs >= GRANT_LEAST_MS && untilMs - nowMs <= GRANT_MOST_MS);
  const units = found.state === 'there' ? found.value.units : [];
  const send = async () => {
    setIsAsked(true);
    if (timeWrong || siteId === '' || toUnitId === null || reason.trim() === '' || isSending) return;
    setIsSending(true);
    const answer = await sharingApi.share({ siteId, incidentId, toUnitId, rights: picture ? ['see', 'picture'] : ['see'], untilMs, reason: reason.trim() });
    setIsSending(false);
    setTrouble(answer.ok ? null : answer.trouble);
    if (!answer.ok) return;
    setTold(t('form.done', { site: answer.value.siteName, unit: answer.value.toUnitNames[language] }));
    setReason(''); setIsAsked(false);
    onShared();
  };
  return (
    <form className="sh-form" aria-label={t('form.title')} onSubmit={(event) => { event.preventDefault(); void send(); }}>
      <h3>{t('form.title')}</h3>
      <NativeSelect label={t('form.site')} value={siteId} onChange={(event) => setSiteId(event.currentTarget.value)} data={sites.map(({ site }) => ({ value: site.siteId, label: site.name }))} />
      <TextInput label={t('form.unit')} description={t('form.unitHelp')} value={typed} maxLength={80} onChange={(event) => setTyped(event.currentTarget.value)} error={isAsked && toUnitId === null ? t('form.unitMissing') : null} />
      <div className="sh-units" role="radiogroup" aria-label={t('form.unit')} aria-live="polite">
        {text !== '' && found.state === 'there' && units.length === 0 && <p className="quiet">{t('form.unitNone')}</p>}
        {units.map((unit) => (
          <label key={unit.unitId}><input type="radio" name="to-unit" value={unit.unitId} checked={toUnitId === unit.unitId} onChange={() => setToUnitId(unit.unitId)} /> {unit.names[language]} <span className="quiet">({unit.code}){unit.path.length > 0 && ` · ${unit.path.map((names) => names[language]).toReversed().join(' › ')}`}</span></label>
        ))}
        {found.state === 'there' && found.value.more && <p className="quiet">{t('form.unitMore')}</p>}
        {found.state === 'broken' && <TroubleNote trouble={found.trouble} />}
      </div>
      <fieldset className="sh-what"><legend>{t('form.what')}</legend>
        <p>{t('rights.seeLong')}</p>
        <label><input type="checkbox" checked={picture} onChange={(event) => setPicture(event.target.checked)} /> {t('rights.pictureToo')}</label>
      </fieldset>
      <div className="sh-until">
        <label>{t('form.until')} <input className="in-search" type="datetime-local" value={until} onChange={(event) => setUntil(event.target.value)} aria-invalid={isAsked && timeWrong} /></label>
        <div role="group" aria-label={t('form.quick')}>{HOURS.map((hours) => <button key={hours} type="button" className="plain" onClick={() => setUntil(localWords(Date.now() + hours * HOUR_MS))}>{t('form.hours', { count: hours })}</button>)}</div>
      </div>
      {isAsked && timeWrong && <p className="in-fault" role="alert">{t('form.timeWrong', { days: GRANT_MOST_MS / (24 * HOUR_MS) })}</p>}
      {untilMs - nowMs > GRANT_ALONE_MOST_MS && <p className="quiet">{t('form.secondPerson')}</p>}
      <Textarea label={t('form.reason')} value={reason} maxLength={500} autosize minRows={2} error={isAsked && reason.trim() === '' ? t('form.reasonMissing') : null} onChange={(event) => setReason(event.currentTarget.value)} />
      {trouble !== null && <TroubleNote trouble={trouble} />}
      <p role="status">{told}</p>
      <button type="submit" className="action" disabled={isSending}>{t('form.send')}</button>
    </form>
  );
}

/** As an input of date and time has it, in the time of this desk. */
function localWords(atMs: number): string {
  const at = new Date(atMs);
  return new Date(atMs - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
