// Another limit, or other settings of the alarm, over the kept minutes of a zone: which alarms would have come and gone. It says what the kept minutes cannot.
import '../incidents/incidents.css';
import '../setup/setup.css';
import './load.css';
import { NumberInput, SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { WhatIfAlarm, WhatIfAnswer } from '../../contract/apiAlarms.ts';
import type { ZoneLimits } from '../../contract/level.ts';
import type { Zone } from '../../contract/site.ts';
import { TroubleNote } from '../incidents/Marks.tsx';
import { PageKeys } from '../incidents/PageKeys.tsx';
import { useKeys } from '../keys/useKeys.ts';
import { useKinds, usePage, useScreen } from '../live/LiveProvider.tsx';
import { LevelShape } from '../parts/LevelShape.tsx';
import { clockWords, perM2 } from '../parts/format.ts';
import { useFormat } from '../parts/useFormat.ts';
import { goTo, hrefOf, pagePaths, setupPaths, useRoute } from '../route.ts';
import type { Trouble } from '../setup/api.ts';
import { answersOfSettings, formFaults, formFields, settingsOfAnswers, type FormAnswers } from '../setup/form/formFields.ts';
import { SchemaForm } from '../setup/form/SchemaForm.tsx';
import { loadApi } from './api.ts';

const DAY_MS = 86_400_000, DAYS = [1, 3, 7, 14] as const, LISTED_MOST = 200;
const LEVELS_WITH_LIMIT = [['notice', 'noticePeoplePerM2'], ['warning', 'warningPeoplePerM2'], ['danger', 'dangerPeoplePerM2'], ['critical', 'criticalPeoplePerM2']] as const satisfies readonly (readonly [string, keyof ZoneLimits])[];

export default function WhatIfPage() {
  const { t } = useTranslation('load');
  const sites = useScreen((screen) => screen.sites);
  const asked = useRoute().split('/')[2] ?? '';
  const zone = sites.flatMap(({ zones }) => zones).find(({ zoneId }) => zoneId === asked) ?? null;
  const [helpShown, setHelpShown] = useState(false);
  useKeys({ l: () => goTo(pagePaths.load()), '?': () => setHelpShown(true) });
  return (
    <main className="in-page" aria-label={t('whatIf.title')}>
      <div className="in-head">
        <h2>{t('whatIf.title')}</h2>
        <select className="in-choice lo-zone" aria-label={t('whatIf.zone')} value={zone?.zoneId ?? ''} onChange={(event) => goTo(event.target.value === '' ? pagePaths.whatIf() : `${pagePaths.whatIf()}/${event.target.value}`)}>
          <option value="">{t('whatIf.choose')}</option>{sites.map(({ site, zones }) => <optgroup key={site.siteId} label={site.name}>{zones.map((each) => <option key={each.zoneId} value={each.zoneId}>{each.name}</option>)}</optgroup>)}
        </select>
        <span className="spacer" />
        <a className="action quiet-action" href={hrefOf(pagePaths.load())}>{t('whatIf.backToLoad')}</a>
        <button type="button" className="in-key-button" onClick={() => setHelpShown(true)} aria-label={t('keys.title')} title={t('keys.title')}>?</button>
      </div>
      <div className="in-scroll lo-page">
        <p>{t('whatIf.intro')}</p>
        {sites.every(({ zones }) => zones.length === 0) ? <p>{t('whatIf.noZones')}</p> : zone !== null && <Trial key={zone.zoneId} zone={zone} />}
      </div>
      <PageKeys opened={helpShown} onClose={() => setHelpShown(false)} keys={[{ keys: ['Enter'], does: t('keys.run') }, { keys: ['L'], does: t('keys.load') }, { keys: ['?'], does: t('keys.help') }]} />
    </main>
  );
}

function Trial({ zone }: { zone: Zone }) {
  const { t } = useTranslation('load'), { t: tPage } = useTranslation();
  const { store } = usePage();
  const { language } = useFormat();
  const kinds = useKinds();
  const fields = useMemo(() => formFields(kinds?.rules.find(({ rule }) => rule === 'densityHigh')?.settings, language), [kinds, language]);
  const [limits, setLimits] = useState<ZoneLimits>(zone.limits), [typed, setTyped] = useState<FormAnswers>({}), [days, setDays] = useState(7);
  const [run, setRun] = useState<{ state: 'no' | 'running' } | { state: 'there'; answer: WhatIfAnswer; sinceMs: number; untilMs: number } | { state: 'broken'; trouble: Trouble }>({ state: 'no' });
  const answers = { ...answersOfSettings(fields, zone.rules['densityHigh'] ?? {}), ...typed }, faults = formFaults(fields, answers);
  const values = LEVELS_WITH_LIMIT.map(([, key]) => limits[key]), inOrder = values.every((value, index) => value > 0 && (index === 0 || value > values[index - 1]!));
  const send = async () => {
    if (!inOrder || Object.keys(faults).length > 0 || run.state === 'running') return;
    setRun({ state: 'running' });
    const untilMs = store.serverNowMs(), sinceMs = untilMs - days * DAY_MS;
    const answer = await loadApi.whatIf({ zoneId: zone.zoneId, limits, settings: settingsOfAnswers(fields, answers), sinceMs, untilMs });
    setRun(answer.ok ? { state: 'there', answer: answer.value, sinceMs, untilMs } : { state: 'broken', trouble: answer.trouble });
  };
  return (
    <>
      <form className="lo-two" onSubmit={(event) => { event.preventDefault(); void send(); }}>
        <section aria-label={t('whatIf.limits')}>
          <h3>{t('whatIf.limits')}</h3>
          <div className="lo-limits"><span /><span className="quiet num">{t('whatIf.asNow')}</span><span className="quiet">{t('whatIf.tried')}</span>
            {LEVELS_WITH_LIMIT.map(([level, key]) => [
              <span key={`${key} name`}><LevelShape look={level} /> {tPage(`level.${level}`)}</span>, <span key={`${key} now`} className="num">{zone.limits[key]}</span>,
              <NumberInput key={key} size="xs" step={0.1} min={0.1} max={10} decimalScale={2} allowNegative={false} value={limits[key]} name={key} aria-label={`${tPage(`level.${level}`)}, ${t('whatIf.tried')}`} onChange={(value) => { if (typeof value === 'number') setLimits({ ...limits, [key]: value }); }} error={!inOrder} />,
            ])}
          </div>
          {!inOrder && <p className="in-fault" role="alert">{t('whatIf.outOfOrder')}</p>}
          <div className="in-label" id="whatif-days" style={{ marginTop: 10 }}>{t('whatIf.days')}</div>
          <SegmentedControl size="xs" aria-labelledby="whatif-days" value={String(days)} onChange={(value) => setDays(Number(value))} data={DAYS.map((each) => ({ value: String(each), label: t(`whatIf.day${each}`) }))} />
          <div className="card-actions"><button type="submit" className="action" disabled={run.state === 'running' || !inOrder}>{t(run.state === 'running' ? 'whatIf.running' : 'whatIf.run')}</button><a className="action quiet-action" href={hrefOf(setupPaths.zone(zone.zoneId))}>{t('whatIf.apply')}</a></div>
        </section>
        <details className="setup-more"><summary>{t('whatIf.settings')}</summary><SchemaForm fields={fields} answers={answers} faults={faults} onChange={(key, answer) => setTyped({ ...typed, [key]: answer })} /></details>
      </form>
      <div role="status">{run.state === 'running' && <p>{t('whatIf.running')}</p>}{run.state === 'there' && <p className="lo-big" data-what-if={`${run.answer.gone} ${run.answer.added}`}><b>{run.answer.gone === 0 && run.answer.added === 0 ? t('whatIf.same') : t('whatIf.result', { gone: run.answer.gone, added: run.answer.added })}</b></p>}</div>
      {run.state === 'broken' && <TroubleNote trouble={run.trouble} onAgain={() => void send()} />}
      {run.state === 'there' && <Result answer={run.answer} sinceMs={run.sinceMs} untilMs={run.untilMs} />}
    </>
  );
}

function Result({ answer, sinceMs, untilMs }: { answer: WhatIfAnswer; sinceMs: number; untilMs: number }) {
  const { t } = useTranslation('load'), { t: tPage } = useTranslation();
  const { span } = useFormat();
  if (answer.minutes === 0) return <p>{t('whatIf.nothing')}</p>;
  // What differs first: that is what was asked for.
  const rows = [...answer.before.filter(({ inBoth }) => !inBoth).map((alarm) => ({ alarm, what: 'gone' as const })), ...answer.after.filter(({ inBoth }) => !inBoth).map((alarm) => ({ alarm, what: 'added' as const })), ...answer.after.filter(({ inBoth }) => inBoth).map((alarm) => ({ alarm, what: 'kept' as const }))];
  return (
    <>
      <Strip answer={answer} sinceMs={sinceMs} untilMs={untilMs} />
      <section aria-label={t('whatIf.honest')}><h3>{t('whatIf.honest')}</h3><ul>
        <li>{t('whatIf.honestMinute')}</li>{answer.fewMinutes > 0 && <li>{t('whatIf.honestFew', { count: answer.fewMinutes })}</li>}{answer.blindMinutes > 0 && <li>{t('whatIf.honestBlind', { count: answer.blindMinutes })}</li>}<li>{t('whatIf.honestNow')}</li>
      </ul></section>
      {rows.length === 0 ? <p>{t('whatIf.none')}</p> : (
        <div className="in-table-box"><table className="in-table" data-what-if-list>
          <thead><tr><th scope="col">{t('whatIf.what')}</th><th scope="col">{t('whatIf.raisedAt')}</th><th scope="col" className="num">{t('whatIf.for')}</th><th scope="col">{t('whatIf.worst')}</th><th scope="col" className="num">{t('whatIf.peak')} ({tPage('unit.peoplePerM2')})</th></tr></thead>
          <tbody>{rows.slice(0, LISTED_MOST).map(({ alarm, what }) => (
            <tr key={`${what} ${alarm.raisedAtMs}`} data-what={what}><th scope="row">{t(`whatIf.${what}`)}</th><td>{clockWords(alarm.raisedAtMs, 0)}</td><td className="num">{alarm.clearedAtMs === null ? t('whatIf.open') : span(alarm.clearedAtMs - alarm.raisedAtMs)}</td><td><LevelShape look={alarm.levelPeak} /> {tPage(`level.${alarm.levelPeak}`)}</td><td className="num">{perM2(alarm.peoplePerM2Peak)}</td></tr>
          ))}</tbody>
        </table></div>
      )}
      {rows.length > LISTED_MOST && <p className="quiet">{t('whatIf.more', { count: rows.length - LISTED_MOST })}</p>}
    </>
  );
}

/** Two lanes over one time: as it is, and with the change; what is only in one has an outline. */
function Strip({ answer, sinceMs, untilMs }: { answer: WhatIfAnswer; sinceMs: number; untilMs: number }) {
  const { t } = useTranslation('load');
  const lanes = [[t('whatIf.before'), answer.before, answer.perDayBefore], [t('whatIf.after'), answer.after, answer.perDayAfter]] as const;
  return (
    <figure className="lo-chart lo-strip">
      {lanes.map(([name, alarms, perDay]) => <div key={name}><div>{name}: <strong>{alarms.length}</strong>, {t('whatIf.perDay', { count: Number(perDay.toFixed(1)) })}</div><Lane name={name} alarms={alarms} sinceMs={sinceMs} untilMs={untilMs} /></div>)}
      <figcaption className="quiet">{clockWords(sinceMs, 0)} – {clockWords(untilMs, 0)} · {t('whatIf.outlined')}</figcaption>
    </figure>
  );
}

function Lane({ name, alarms, sinceMs, untilMs }: { name: string; alarms: readonly WhatIfAlarm[]; sinceMs: number; untilMs: number }) {
  const width = 960, x = (atMs: number) => Math.max(0, Math.min(1, (atMs - sinceMs) / (untilMs - sinceMs))) * width;
  return (
    <svg viewBox={`0 0 ${width} 26`} preserveAspectRatio="none" role="img" aria-label={`${name}: ${alarms.length}`}>
      <line className="lo-lane" x1="0" x2={width} y1="25" y2="25" />
      {alarms.map((alarm) => <rect key={alarm.raisedAtMs} className={`lo-level-${alarm.levelPeak}${alarm.inBoth ? '' : ' only'}`} x={x(alarm.raisedAtMs)} y={4} width={Math.max(3, x(alarm.clearedAtMs ?? untilMs) - x(alarm.raisedAtMs))} height={20}><title>{clockWords(alarm.raisedAtMs, 0)}</title></rect>)}
    </svg>
  );
}
