// Planned silences: which are planned or in force, and the form for another. It says what a silence does not do.
import { Checkbox, NativeSelect, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EXERCISE_RULE, type Silence } from '../../contract/alarm.ts';
import { TroubleNote } from '../incidents/Marks.tsx';
import { useFetched } from '../incidents/useFetched.ts';
import { useKinds, useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { useMayAt } from '../live/useMayAt.ts';
import { clockWords } from '../parts/format.ts';
import { useMay } from '../parts/me.ts';
import { useFormat } from '../parts/useFormat.ts';
import { askWho, useWho } from '../parts/whoAmI.ts';
import type { Trouble } from '../setup/api.ts';
import { loadApi } from './api.ts';

const ASKED_EVERY_MS = 30_000, HOUR_MS = 3_600_000;

export function SilencePanel() {
  const { t } = useTranslation('load');
  const [silences, refetch] = useFetched('silences', loadApi.silences, ASKED_EVERY_MS);
  const mayAlarm = useMay('alarm');
  const [isOpen, setIsOpen] = useState(false), [trouble, setTrouble] = useState<Trouble | null>(null);
  const remove = async (silenceId: string) => {
    const answer = await loadApi.removeSilence(silenceId);
    setTrouble(answer.ok ? null : answer.trouble);
    refetch();
  };
  return (
    <section aria-label={t('silence.title')} data-silences>
      <h3>{t('silence.title')}</h3>
      <p className="quiet">{t('silence.means')}</p>
      {silences.state === 'broken' && <TroubleNote trouble={silences.trouble} onAgain={refetch} />}
      {silences.state === 'there' && (silences.value.silences.length === 0 ? <p>{t('silence.none')}</p> : <ul className="lo-list">{silences.value.silences.map((silence) => <SilenceLine key={silence.silenceId} silence={silence} onRemove={() => void remove(silence.silenceId)} />)}</ul>)}
      {trouble !== null && <TroubleNote trouble={trouble} />}
      {isOpen ? <SilenceForm onClose={() => setIsOpen(false)} onDone={() => { setIsOpen(false); refetch(); }} /> : mayAlarm && <button type="button" className="action quiet-action" onClick={() => setIsOpen(true)}>{t('silence.add')}</button>}
    </section>
  );
}

function SilenceLine({ silence, onRemove }: { silence: Silence; onRemove: () => void }) {
  const { t } = useTranslation('load');
  const { language } = useFormat();
  const nowMs = useServerNowMs(), kinds = useKinds();
  const config = useScreen((screen) => screen.sites.find(({ site }) => site.siteId === silence.siteId)), mayRemove = useMayAt('alarm', silence.siteId);
  const zones = silence.zoneIds.length === 0 ? t('silence.allZones') : silence.zoneIds.map((zoneId) => config?.zones.find((zone) => zone.zoneId === zoneId)?.name ?? zoneId).join(', ');
  const rules = silence.rules.length === 0 ? t('silence.allRules') : silence.rules.map((rule) => kinds?.rules.find((kind) => kind.rule === rule)?.title[language] ?? rule).join(', ');
  const site = config?.site.name ?? silence.siteId;
  return (
    <li data-silence={silence.silenceId}>
      <strong>{site}</strong> · {zones} · {rules} {nowMs >= silence.fromMs && <span className="alarm-mark lo-now">{t('silence.now')}</span>}
      <div>{t('silence.fromTo', { from: clockWords(silence.fromMs, nowMs), until: clockWords(silence.untilMs, nowMs) })} <span className="quiet">{t('silence.by', { name: silence.by })}</span></div>
      <div>{silence.words}</div>
      {mayRemove && <button type="button" className="plain" aria-label={t('silence.removeLong', { site })} onClick={onRemove}>{t('silence.remove')}</button>}
    </li>
  );
}

function SilenceForm({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation('load');
  const { language } = useFormat();
  const who = useWho(), kinds = useKinds(), nowMs = useServerNowMs();
  const sites = useScreen((screen) => screen.sites);
  const [siteId, setSiteId] = useState(sites[0]?.site.siteId ?? ''), [zoneIds, setZoneIds] = useState<string[]>([]), [rules, setRules] = useState<string[]>([]), [words, setWords] = useState('');
  const [from, setFrom] = useState(() => localWords(nowMs)), [until, setUntil] = useState(() => localWords(nowMs + 2 * HOUR_MS));
  const [isAsked, setIsAsked] = useState(false), [isSending, setIsSending] = useState(false), [trouble, setTrouble] = useState<Trouble | null>(null);
  const zones = sites.find(({ site }) => site.siteId === siteId)?.zones ?? [];
  const fromMs = new Date(from).getTime(), untilMs = new Date(until).getTime(), timesWrong = !(untilMs > fromMs && untilMs > nowMs);
  const send = async () => {
    setIsAsked(true);
    if (words.trim() === '' || timesWrong || siteId === '' || isSending) return;
    if (who === null) { askWho(); return; }
    setIsSending(true);
    const answer = await loadApi.addSilence({ siteId, zoneIds, rules, fromMs, untilMs, by: who.name, words: words.trim() });
    setIsSending(false);
    if (answer.ok) onDone(); else setTrouble(answer.trouble);
  };
  return (
    <form className="lo-form" aria-label={t('silence.add')} onSubmit={(event) => { event.preventDefault(); void send(); }}>
      <NativeSelect label={t('silence.site')} value={siteId} onChange={(event) => { setSiteId(event.currentTarget.value); setZoneIds([]); }} data={sites.map(({ site }) => ({ value: site.siteId, label: site.name }))} />
      <Checkbox.Group label={t('silence.zones')} description={zoneIds.length === 0 ? t('silence.allZones') : null} value={zoneIds} onChange={setZoneIds}><div className="lo-choices">{zones.map((zone) => <Checkbox key={zone.zoneId} size="xs" value={zone.zoneId} label={zone.name} />)}</div></Checkbox.Group>
      <Checkbox.Group label={t('silence.rules')} description={rules.length === 0 ? t('silence.allRules') : null} value={rules} onChange={setRules}><div className="lo-choices">{kinds?.rules.filter(({ rule }) => rule !== EXERCISE_RULE).map(({ rule, title }) => <Checkbox key={rule} size="xs" value={rule} label={title[language]} />)}</div></Checkbox.Group>
      <div className="lo-times">
        <label>{t('silence.from')} <input className="in-search" type="datetime-local" value={from} onChange={(event) => setFrom(event.target.value)} /></label>
        <label>{t('silence.until')} <input className="in-search" type="datetime-local" value={until} onChange={(event) => setUntil(event.target.value)} aria-invalid={isAsked && timesWrong} /></label>
      </div>
      {isAsked && timesWrong && <p className="in-fault" role="alert">{t('silence.timesWrong')}</p>}
      <Textarea label={t('silence.words')} value={words} maxLength={500} autosize minRows={2} error={isAsked && words.trim() === '' ? t('silence.wordsMissing') : null} onChange={(event) => setWords(event.currentTarget.value)} />
      {trouble !== null && <TroubleNote trouble={trouble} />}
      <div className="card-actions"><button type="submit" className="action" disabled={isSending}>{t('silence.send')}</button><button type="button" className="action quiet-action" onClick={onClose}>{t('shelve.cancel')}</button></div>
    </form>
  );
}

/** As an input of date and time has it, in the time of this desk. */
function localWords(atMs: number): string {
  const at = new Date(atMs);
  return new Date(atMs - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
