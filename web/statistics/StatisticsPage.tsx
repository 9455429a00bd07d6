// Figures of a unit's incidents: how many, how many in time, how long each step took. By unit, category or step; never of a single worker.
import '../incidents/incidents.css';
import { SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { STATISTICS_FLOOR, type Statistics, type StatisticsRow } from '../../contract/apiIncidents.ts';
import { INCIDENT_STEPS } from '../../contract/incident.ts';
import { incidentsApi, type StatisticsQuery } from '../incidents/api.ts';
import { TroubleNote } from '../incidents/Marks.tsx';
import { PageKeys } from '../incidents/PageKeys.tsx';
import { UnitSelect } from '../incidents/UnitSelect.tsx';
import { isBuiltIn } from '../incidents/useCategories.ts';
import { useFetched } from '../incidents/useFetched.ts';
import { useUnits } from '../incidents/useUnits.ts';
import { useKeys } from '../keys/useKeys.ts';
import { usePage } from '../live/LiveProvider.tsx';
import { clockWords, percent } from '../parts/format.ts';
import { useFormat } from '../parts/useFormat.ts';

const DAY_MS = 86_400_000;
const PERIODS = { day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS, quarter: 90 * DAY_MS } as const;
type Period = keyof typeof PERIODS | 'own';
const STEPS = ['acknowledge', 'onSite', 'underControl', 'followUp', 'assess'] as const;
const BY = ['unit', 'category', 'step'] as const;

export default function StatisticsPage() {
  const { t } = useTranslation('incidents');
  const { language } = useFormat();
  const { store } = usePage();
  const [unitId, setUnitId] = useState<string | null>(null), [by, setBy] = useState<StatisticsQuery['by']>('unit'), [period, setPeriod] = useState<Period>('week'), [exercise, setExercise] = useState(false), [helpShown, setHelpShown] = useState(false);
  const [from, setFrom] = useState(() => dayWords(Date.now() - 7 * DAY_MS)), [until, setUntil] = useState(() => dayWords(Date.now()));
  // The span is fixed when it is chosen: figures that run away while they are read cannot be compared.
  const [chosenAtMs, setChosenAtMs] = useState(() => store.serverNowMs());
  const sinceMs = period === 'own' ? startOfDay(from) : chosenAtMs - PERIODS[period], untilMs = period === 'own' ? startOfDay(until) + DAY_MS : chosenAtMs;
  const isWrong = !(untilMs > sinceMs);
  const query: StatisticsQuery = useMemo(() => ({ ...(unitId === null ? {} : { unitId }), by, sinceMs: Math.round(sinceMs), untilMs: Math.round(untilMs), exercise }), [unitId, by, sinceMs, untilMs, exercise]);
  const [figures, refetch] = useFetched<Statistics>(isWrong ? null : JSON.stringify(query), () => incidentsApi.statistics(query));
  const again = () => { setChosenAtMs(store.serverNowMs()); refetch(); };
  useKeys({ u: () => setBy('unit'), c: () => setBy('category'), s: () => setBy('step'), r: again, '?': () => setHelpShown(true), 1: () => setPeriod('day'), 2: () => setPeriod('week'), 3: () => setPeriod('month'), 4: () => setPeriod('quarter') });
  return (
    <main className="in-page" aria-label={t('stats.title')}>
      <div className="in-head">
        <h2>{t('stats.title')}</h2>
        <SegmentedControl size="xs" aria-label={t('stats.by')} value={by} onChange={(value) => setBy(value as StatisticsQuery['by'])} data={BY.map((value) => ({ value, label: t(`stats.${value}`) }))} />
        <UnitSelect hideLabel className="in-unit-select" label={t('stats.unit')} value={unitId} onChange={setUnitId} emptyWord={t('list.unitAll')} />
        <select className="in-choice" aria-label={t('stats.period')} value={period} onChange={(event) => { setPeriod(event.target.value as Period); setChosenAtMs(store.serverNowMs()); }}>{(['day', 'week', 'month', 'quarter', 'own'] as const).map((each) => <option key={each} value={each}>{t(`stats.${each}`)}</option>)}</select>
        {period === 'own' && <><label>{t('stats.from')} <input className="in-search" type="date" value={from} onChange={(event) => setFrom(event.target.value)} /></label><label>{t('stats.until')} <input className="in-search" type="date" value={until} onChange={(event) => setUntil(event.target.value)} /></label></>}
        <select className="in-choice" aria-label={t('stats.exercises')} value={exercise ? 'only' : 'without'} onChange={(event) => setExercise(event.target.value === 'only')}><option value="without">{t('stats.without')}</option><option value="only">{t('stats.only')}</option></select>
        <span className="spacer" />
        {!isWrong && <a className="action quiet-action" href={incidentsApi.statisticsCsv({ ...query, language })} download>{t('stats.csv')}</a>}
        <button type="button" className="in-key-button" onClick={() => setHelpShown(true)} aria-label={t('page.keys')} title={t('page.keys')}>?</button>
      </div>
      <div className="in-scroll" role="region" tabIndex={0} aria-label={t('stats.table')}>
        {isWrong ? <p role="alert">{t('stats.wrongPeriod')}</p>
          : figures.state === 'loading' ? <p role="status">{t('page.loading')}</p>
          : figures.state === 'broken' ? <div><strong>{t('page.broken')}</strong><TroubleNote trouble={figures.trouble} onAgain={again} /></div>
          : <Figures figures={figures.value} />}
      </div>
      <PageKeys opened={helpShown} onClose={() => setHelpShown(false)} keys={[{ keys: ['U'], does: `${t('stats.by')}: ${t('stats.unit')}` }, { keys: ['C'], does: `${t('stats.by')}: ${t('stats.category')}` }, { keys: ['S'], does: `${t('stats.by')}: ${t('stats.step')}` }, { keys: ['1', '2', '3', '4'], does: t('stats.period') }, { keys: ['R'], does: t('keyList.refresh') }, { keys: ['?'], does: t('keyList.help') }]} />
    </main>
  );
}

function Figures({ figures }: { figures: Statistics }) {
  const { t } = useTranslation('incidents');
  const { language } = useFormat();
  const { nameOf } = useUnits();
  const nameOfRow = (row: StatisticsRow): string => {
    if (row.names !== null) return row.names[language];
    const step = INCIDENT_STEPS.find((each) => each === row.key);
    return figures.by === 'step' && step !== undefined ? t(`step.${step}`) : figures.by === 'category' && isBuiltIn(row.key) ? t(`category.${row.key}`) : nameOf(row.key) ?? (row.key === '' ? t('page.noName') : row.key);
  };
  return (
    <>
      <p className="quiet">{t('stats.upTo', { from: clockWords(figures.sinceMs, 0), until: clockWords(figures.untilMs, 0) })}</p>
      {figures.total.incidents === 0 ? <p>{t('stats.none')}</p> : (
        <div className="in-table-box"><table className="in-table" aria-label={t('stats.table')}>
          <thead>
            <tr><th rowSpan={2} scope="col">{t(`stats.${figures.by}`)}</th>{(['number', 'open', 'overdue', 'reopened'] as const).map((name) => <th key={name} rowSpan={2} scope="col" className="num">{t(`stats.${name}`)}</th>)}{STEPS.map((step) => <th key={step} colSpan={4} scope="colgroup" className="step first">{t(`stepGroup.${step}`)}</th>)}</tr>
            <tr>{STEPS.flatMap((step) => (['count', 'onTime', 'median', 'p90'] as const).map((name) => <th key={step + name} scope="col" className={name === 'count' ? 'num first' : 'num'}>{t(`stats.${name}`)}</th>))}</tr>
          </thead>
          <tbody>{figures.rows.map((row) => <Row key={row.key} row={row} name={nameOfRow(row)} />)}<Row row={figures.total} name={t('stats.total')} isTotal /></tbody>
        </table></div>
      )}
      <p className="in-hint">{t('stats.fewMeans')}</p>
    </>
  );
}

function Row({ row, name, isTotal = false }: { row: StatisticsRow; name: string; isTotal?: boolean }) {
  const { t } = useTranslation('incidents');
  const { span } = useFormat();
  const few = <span className="none">{t('stats.few')}</span>, nothing = <span className="none">{t('stats.nothing')}</span>;
  return (
    <tr className={isTotal ? 'in-total' : undefined} data-key={row.key} data-few={row.incidents < STATISTICS_FLOOR || undefined}>
      <th scope="row">{name}</th><td>{row.incidents}</td><td>{row.open}</td><td>{row.overdue}</td><td>{row.reopened}</td>
      {STEPS.map((step) => {
        const of = row.steps.find((each) => each.step === step);
        if (of === undefined || of.count === 0) return [<td key={`${step}n`} className="first">{nothing}</td>, <td key={`${step}s`}>{nothing}</td>, <td key={`${step}m`}>{nothing}</td>, <td key={`${step}p`}>{nothing}</td>];
        return [<td key={`${step}n`} className="first">{of.count}</td>, <td key={`${step}s`}>{of.onTimeShare === null ? few : percent(of.onTimeShare)}</td>, <td key={`${step}m`}>{of.medianMs === null ? few : span(of.medianMs)}</td>, <td key={`${step}p`}>{of.p90Ms === null ? few : span(of.p90Ms)}</td>];
      })}
    </tr>
  );
}

/** 2026-11-22 in the time of this desk, as a date field has it. */
function dayWords(atMs: number): string {
  const at = new Date(atMs);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`;
}
/** NaN for what is no date, which is a wrong span. */
const startOfDay = (day: string): number => new Date(`${day}T00:00:00`).getTime();
