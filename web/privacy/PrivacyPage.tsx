// How long things are kept, holds, what was purged, the impact assessment.
import './privacy.css';
import { Button, Group } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { HOLD_PLACES, PRESET_WORDS, RETENTION_KINDS, RETENTION_KIND_WORDS, RETENTION_PRESETS, type Hold, type PurgeReport, type Retention, type RetentionKind, type RetentionPreset, type RetentionSet } from '../../contract/privacy.ts';
import { TroubleNote } from '../incidents/Marks.tsx';
import { UnitSelect } from '../incidents/UnitSelect.tsx';
import { useFetched } from '../incidents/useFetched.ts';
import { useUnits } from '../incidents/useUnits.ts';
import { useScreen } from '../live/LiveProvider.tsx';
import { useFormat } from '../parts/useFormat.ts';
import { hrefOf, pagePaths } from '../route.ts';
import type { Trouble } from '../setup/api.ts';
import { privacyApi } from './api.ts';

const ASKED_EVERY_MS = 30_000;

export default function PrivacyPage() {
  const { t } = useTranslation('privacy');
  const { language } = useFormat();
  const [unitId, setUnitId] = useState<string | null>(null);
  const [retention, refetch, put] = useFetched(`retention ${unitId ?? ''}`, () => privacyApi.retention(unitId));
  return (
    <main className="in-page pr-page" aria-label={t('page.title')}>
      <h1>{t('page.title')}</h1>
      <p className="quiet">{t('page.means')}</p>
      <section aria-labelledby="pr-retention">
        <h2 id="pr-retention">{t('retention.title')}</h2>
        <UnitSelect label={t('retention.unit')} value={unitId} onChange={setUnitId} emptyWord={t('retention.whole')} />
        {retention.state === 'loading' && <p role="status">{t('page.loading')}</p>}
        {retention.state === 'broken' && <TroubleNote trouble={retention.trouble} onAgain={refetch} />}
        {retention.state === 'there' && <RetentionForm key={`${unitId ?? ''} ${JSON.stringify(retention.value.set)}`} retention={retention.value} onSaved={put} />}
      </section>
      <Holds />
      <Purges />
      <section aria-labelledby="pr-assessment">
        <h2 id="pr-assessment">{t('assessment.title')}</h2>
        <p className="quiet">{t('assessment.means')}</p>
        <p className="pr-links">{(['markdown', 'html'] as const).map((format) => <a key={format} href={privacyApi.assessmentAddress(unitId, language, format)} download>{t(`assessment.${format}`)}</a>)}</p>
      </section>
    </main>
  );
}

function RetentionForm({ retention: { set, inForce }, onSaved }: { retention: Retention; onSaved: (retention: Retention) => void }) {
  const { t } = useTranslation('privacy');
  const { language } = useFormat();
  const [preset, setPreset] = useState<RetentionPreset | null>(set.preset), [typed, setTyped] = useState<Partial<Record<RetentionKind, string>>>(() => Object.fromEntries(RETENTION_KINDS.flatMap((kind) => (set.hours[kind] === undefined ? [] : [[kind, String(set.hours[kind])]]))));
  const [trouble, setTrouble] = useState<Trouble | null>(null), [isSaving, setIsSaving] = useState(false), [saved, setSaved] = useState(false);
  const span = (hours: number) => (hours % 24 === 0 && hours > 72 ? t('retention.days', { count: hours / 24 }) : t('retention.hours', { count: hours }));
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const hours: RetentionSet['hours'] = {};
    for (const kind of RETENTION_KINDS) { const value = Number(typed[kind]); if (typed[kind] !== undefined && typed[kind].trim() !== '' && Number.isInteger(value)) hours[kind] = value; }
    setIsSaving(true);
    const answer = await privacyApi.keepRetention({ unitId: set.unitId, preset, hours });
    setIsSaving(false);
    setTrouble(answer.ok ? null : answer.trouble);
    setSaved(answer.ok);
    if (answer.ok) onSaved(answer.value);
  };
  return (
    <form onSubmit={(event) => void save(event)}>
      <div className="pr-form">
        <label>{t('retention.preset')}
          <select value={preset ?? ''} onChange={(event) => setPreset(event.currentTarget.value === '' ? null : event.currentTarget.value as RetentionPreset)}>
            <option value="">{t('retention.presetAbove', { preset: PRESET_WORDS[inForce.presetFrom === set.unitId ? 'none' : inForce.preset][language] })}</option>
            {RETENTION_PRESETS.map((one) => <option key={one} value={one}>{PRESET_WORDS[one][language]}</option>)}
          </select>
        </label>
      </div>
      <p className="quiet">{PRESET_WORDS[preset ?? inForce.preset][language === 'en' ? 'meansEn' : 'meansZh']}</p>
      <div className="pr-scroll" tabIndex={0} role="region" aria-label={`${t('retention.title')}: ${t('retention.kind')}`}>
        <table>
          <thead><tr>{(['kind', 'kept', 'from', 'own', 'bounds'] as const).map((key) => <th key={key} scope="col">{t(`retention.${key}`)}</th>)}</tr></thead>
          <tbody>{inForce.kinds.map(({ kind, hours, from, leastHours, mostHours }) => (
            <tr key={kind} data-kind={kind}>
              <th scope="row">{RETENTION_KIND_WORDS[kind][language]}{kind === 'recordings' && <div className="quiet">{t('retention.recordings')}</div>}</th>
              <td data-kept>{span(hours)}</td><td>{t(`retention.fromWhere.${from}`)}</td>
              <td><input type="number" min={1} step={1} aria-label={`${RETENTION_KIND_WORDS[kind][language]}: ${t('retention.own')}`} placeholder={t('retention.inherit')} value={typed[kind] ?? ''} onChange={(event) => { const { value } = event.currentTarget; setSaved(false); setTyped((now) => ({ ...now, [kind]: value })); }} /></td>
              <td>{t('retention.boundsOf', { least: span(leastHours), most: span(mostHours) })}</td>
            </tr>
          ))}</tbody>
        </table>
      </div>
      {trouble !== null && <TroubleNote trouble={trouble} />}
      <Group mt="xs"><Button type="submit" size="compact-sm" loading={isSaving}>{t('retention.save')}</Button><span role="status">{saved ? t('retention.saved') : ''}</span></Group>
    </form>
  );
}

function Holds() {
  const { t } = useTranslation('privacy');
  const { language } = useFormat();
  const [holds, refetch] = useFetched('holds', privacyApi.holds, ASKED_EVERY_MS), sites = useScreen((screen) => screen.sites);
  const [kind, setKind] = useState<Hold['placeKind']>('site'), [placeId, setPlaceId] = useState(''), [from, setFrom] = useState(''), [to, setTo] = useState(''), [until, setUntil] = useState(''), [reason, setReason] = useState('');
  const [trouble, setTrouble] = useState<Trouble | null>(null), [missing, setMissing] = useState(false);
  const when = whenOf(language);
  const add = async (event: FormEvent) => {
    event.preventDefault();
    const [fromMs, toMs, untilMs] = [from, to, until].map((value) => new Date(value).getTime()) as [number, number, number];
    if (placeId === '' || reason.trim() === '' || ![fromMs, toMs, untilMs].every(Number.isFinite)) { setMissing(true); return; }
    setMissing(false);
    const answer = await privacyApi.addHold({ placeKind: kind, placeId, fromMs, toMs, untilMs, reason: reason.trim() });
    setTrouble(answer.ok ? null : answer.trouble);
    if (answer.ok) { setReason(''); refetch(); }
  };
  const end = async (holdId: string) => { const answer = await privacyApi.endHold(holdId); setTrouble(answer.ok ? null : answer.trouble); refetch(); };
  const nowMs = holds.state === 'there' ? holds.value.serverAtMs : 0, isOver = (hold: Hold) => hold.endedAtMs !== null || hold.untilMs <= nowMs;
  return (
    <section aria-labelledby="pr-holds">
      <h2 id="pr-holds">{t('holds.title')}</h2>
      <p className="quiet">{t('holds.means')}</p>
      {holds.state === 'broken' && <TroubleNote trouble={holds.trouble} onAgain={refetch} />}
      {holds.state === 'there' && holds.value.holds.length === 0 && <p>{t('holds.none')}</p>}
      {holds.state === 'there' && holds.value.holds.length > 0 && <ul className="pr-list">{holds.value.holds.map((hold) => (
        <li key={hold.holdId} data-hold={hold.holdId} className={isOver(hold) ? 'quiet' : undefined}>
          <strong>{hold.placeName}</strong> ({t(`holds.${hold.placeKind}`)}) · {isOver(hold) ? t('holds.over') : t('holds.inForce', { time: when(hold.untilMs) })}
          <div>{t('holds.window', { from: when(hold.fromMs), to: when(hold.toMs) })}</div><div>{hold.reason} <span className="quiet">{t('holds.by', { name: hold.byName })}</span></div>
          {!isOver(hold) && <button type="button" className="plain" aria-label={t('holds.endOf', { place: hold.placeName })} onClick={() => void end(hold.holdId)}>{t('holds.end')}</button>}
        </li>
      ))}</ul>}
      <form className="pr-form" aria-label={t('holds.add')} onSubmit={(event) => void add(event)}>
        <label>{t('holds.place')}<select value={kind} onChange={(event) => { setKind(event.currentTarget.value as Hold['placeKind']); setPlaceId(''); }}>{HOLD_PLACES.map((one) => <option key={one} value={one}>{t(`holds.${one}`)}</option>)}</select></label>
        {kind === 'site' ? <label>{t('holds.which')}<select value={placeId} onChange={(event) => setPlaceId(event.currentTarget.value)}><option value="">–</option>{sites.map(({ site }) => <option key={site.siteId} value={site.siteId}>{site.name}</option>)}</select></label>
          : kind === 'unit' ? <div className="field"><UnitSelect label={t('holds.which')} value={placeId === '' ? null : placeId} onChange={(value) => setPlaceId(value ?? '')} emptyWord="–" /></div>
            : <label>{t('holds.which')}<input value={placeId} maxLength={64} onChange={(event) => setPlaceId(event.currentTarget.value.trim())} /></label>}
        <label>{t('holds.from')}<input type="datetime-local" value={from} onChange={(event) => setFrom(event.currentTarget.value)} /></label>
        <label>{t('holds.to')}<input type="datetime-local" value={to} onChange={(event) => setTo(event.currentTarget.value)} /></label>
        <label>{t('holds.until')}<input type="datetime-local" value={until} onChange={(event) => setUntil(event.currentTarget.value)} /></label>
        <label>{t('holds.reason')}<input value={reason} maxLength={500} onChange={(event) => setReason(event.currentTarget.value)} /></label>
        <Button type="submit" size="compact-sm">{t('holds.add')}</Button>
      </form>
      {missing && <p role="alert" className="problem">{t('holds.missing')}</p>}
      {trouble !== null && <><TroubleNote trouble={trouble} />{trouble.from === 'server' && trouble.note.code === 'needsSecondPerson' && <a href={hrefOf(pagePaths.approvals())}>{t('holds.approvals')}</a>}</>}
    </section>
  );
}

function Purges() {
  const { t } = useTranslation('privacy');
  const { language } = useFormat();
  const [purges, refetch] = useFetched('purges', privacyApi.purges, ASKED_EVERY_MS), [dry, setDry] = useState<PurgeReport | null>(null), [trouble, setTrouble] = useState<Trouble | null>(null), [isBusy, setIsBusy] = useState(false);
  const when = whenOf(language);
  const run = async () => { setIsBusy(true); const answer = await privacyApi.dryRun(); setIsBusy(false); setTrouble(answer.ok ? null : answer.trouble); if (answer.ok) setDry(answer.value); };
  return (
    <section aria-labelledby="pr-purges">
      <h2 id="pr-purges">{t('purges.title')}</h2>
      <p className="quiet">{t('purges.means')}</p>
      <Button size="compact-sm" variant="default" loading={isBusy} onClick={() => void run()}>{t('purges.dry')}</Button>
      {trouble !== null && <TroubleNote trouble={trouble} />}
      {dry !== null && <div data-dry-run><h3>{t('purges.dryTitle')}</h3><PurgeTable report={dry} /></div>}
      {purges.state === 'broken' && <TroubleNote trouble={purges.trouble} onAgain={refetch} />}
      {purges.state === 'there' && purges.value.reports.length === 0 && <p>{t('purges.none')}</p>}
      {purges.state === 'there' && purges.value.reports.map((report) => (
        <details key={report.reportId} className="pr-report" data-report={report.reportId}>
          <summary>{when(report.atMs)} · {t('purges.gone')} {report.lines.reduce((sum, line) => sum + line.gone, 0)} · {report.proved ? t('purges.proved') : report.complete ? t('purges.unproved') : t('purges.incomplete')}</summary>
          <PurgeTable report={report} />
        </details>
      ))}
    </section>
  );
}

function PurgeTable({ report }: { report: PurgeReport }) {
  const { t } = useTranslation('privacy');
  const { language } = useFormat();
  const { nameOf } = useUnits(), when = whenOf(language);
  if (report.lines.every((line) => line.due === 0)) return <p>{t('purges.nothing')}</p>;
  return (
    <div className="pr-scroll" tabIndex={0} role="region" aria-label={`${t('purges.title')}: ${report.dryRun ? t('purges.dryTitle') : when(report.atMs)}`}>
      <table>
        <thead><tr><th scope="col">{t('purges.kind')}</th><th scope="col">{t('purges.unit')}</th>{(['due', 'gone', 'held', 'left'] as const).map((key) => <th key={key} scope="col" className="number">{t(`purges.${key}`)}</th>)}<th scope="col">{t('purges.oldest')}</th></tr></thead>
        <tbody>{report.lines.filter((line) => line.due > 0).map((line) => (
          <tr key={`${line.kind} ${line.unitId ?? ''}`}><th scope="row">{RETENTION_KIND_WORDS[line.kind][language]}</th><td>{line.unitId === null ? t('retention.whole') : line.unitNames?.[language] ?? nameOf(line.unitId)}</td>
            <td className="number">{line.due}</td><td className="number">{line.gone}</td><td className="number">{line.held}</td><td className="number">{line.leftOver}</td><td>{line.oldestLeftMs === null ? '–' : when(line.oldestLeftMs)}</td></tr>
        ))}</tbody>
      </table>
    </div>
  );
}

const whenOf = (language: 'en' | 'zh') => (atMs: number) => new Date(atMs).toLocaleString(language === 'zh' ? 'zh-CN' : 'en-GB', { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' });
