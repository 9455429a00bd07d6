// How many alarms this room gets, against what a person can take, and which of them to tune; planned silences and exercises beside it. Figures of alarms, never of a person.
import '../incidents/incidents.css';
import './load.css';
import { NumberInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LOAD_MEAN_MOST, LOAD_PEAK_MOST, PRIORITY_SHARES, type AlarmLoad } from '../../contract/apiAlarms.ts';
import { TroubleNote } from '../incidents/Marks.tsx';
import { PageKeys } from '../incidents/PageKeys.tsx';
import { useFetched } from '../incidents/useFetched.ts';
import { useKeys } from '../keys/useKeys.ts';
import { useKinds, usePage, useScreen } from '../live/LiveProvider.tsx';
import { LevelShape } from '../parts/LevelShape.tsx';
import { clockWords, percent } from '../parts/format.ts';
import { useKept } from '../parts/kept.ts';
import { useFormat } from '../parts/useFormat.ts';
import { goTo, hrefOf, pagePaths } from '../route.ts';
import { loadApi } from './api.ts';
import { ExercisePanel } from './ExercisePanel.tsx';
import { LoadChart } from './LoadChart.tsx';
import { SilencePanel } from './SilencePanel.tsx';

const HOUR_MS = 3_600_000;
const SPANS = { hours8: 8 * HOUR_MS, day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS, month: 30 * 24 * HOUR_MS } as const;
type Span = keyof typeof SPANS;
const ASKED_EVERY_MS = 60_000;

export default function LoadPage() {
  const { t } = useTranslation('load');
  const { store } = usePage();
  const sites = useScreen((screen) => screen.sites);
  const [span, setSpan] = useKept('loadSpan', 'day'), [operators, setOperators] = useKept('loadOperators', 1), [demo, setDemo] = useKept('loadDemo', false);
  const [siteId, setSiteId] = useState<string | null>(null), [helpShown, setHelpShown] = useState(false);
  const chosenSpan: Span = span in SPANS ? span as Span : 'day';
  const [load, refetch] = useFetched<AlarmLoad>(`${chosenSpan} ${operators} ${siteId} ${demo}`, () => loadApi.load({ sinceMs: store.serverNowMs() - SPANS[chosenSpan], operators, siteId, demo }), ASKED_EVERY_MS);
  useKeys({ r: refetch, w: () => goTo(pagePaths.whatIf()), '?': () => setHelpShown(true), 1: () => setSpan('hours8'), 2: () => setSpan('day'), 3: () => setSpan('week'), 4: () => setSpan('month') });
  return (
    <main className="in-page" aria-label={t('load.title')}>
      <div className="in-head">
        <h2>{t('load.title')}</h2>
        <select className="in-choice" aria-label={t('load.span')} value={chosenSpan} onChange={(event) => setSpan(event.target.value)}>{(Object.keys(SPANS) as Span[]).map((each) => <option key={each} value={each}>{t(`load.${each}`)}</option>)}</select>
        <select className="in-choice" aria-label={t('load.site')} value={siteId ?? ''} onChange={(event) => setSiteId(event.target.value === '' ? null : event.target.value)}><option value="">{t('load.siteAll')}</option>{sites.map(({ site }) => <option key={site.siteId} value={site.siteId}>{site.name}</option>)}</select>
        <label className="lo-operators">{t('load.operators')} <NumberInput size="xs" w={64} min={1} max={1000} allowDecimal={false} allowNegative={false} clampBehavior="strict" value={operators} onChange={(value) => { if (typeof value === 'number' && value >= 1) setOperators(value); }} aria-label={t('load.operators')} /></label>
        <label className="in-check"><input type="checkbox" checked={demo} onChange={(event) => setDemo(event.target.checked)} /> {t('load.demo')}</label>
        <span className="spacer" />
        <a className="action quiet-action" href={hrefOf(pagePaths.whatIf())}>{t('whatIf.title')}</a>
        <button type="button" className="in-key-button" onClick={() => setHelpShown(true)} aria-label={t('keys.title')} title={t('keys.title')}>?</button>
      </div>
      <div className="in-scroll lo-page">
        {load.state === 'loading' ? <p role="status">{t('load.loading')}</p>
          : load.state === 'broken' ? <div><strong>{t('load.broken')}</strong><TroubleNote trouble={load.trouble} onAgain={refetch} /></div>
          : <>{load.trouble !== null && <TroubleNote trouble={load.trouble} onAgain={refetch} />}<Figures load={load.value} demo={demo} /></>}
        <div className="lo-two"><SilencePanel /><ExercisePanel /></div>
      </div>
      <PageKeys opened={helpShown} onClose={() => setHelpShown(false)} keys={[{ keys: ['1', '2', '3', '4'], does: t('keys.span') }, { keys: ['R'], does: t('keys.again') }, { keys: ['W'], does: t('whatIf.title') }, { keys: ['?'], does: t('keys.help') }]} />
    </main>
  );
}

function Figures({ load, demo }: { load: AlarmLoad; demo: boolean }) {
  const { t } = useTranslation('load');
  const { span } = useFormat();
  const facts: [string, string][] = [
    [t('load.raised'), String(load.raised)], [t('load.unacknowledged'), String(load.unacknowledged)], [t('load.median'), load.acknowledgeMedianMs === null ? t('load.nobody') : span(load.acknowledgeMedianMs)],
    [t('load.unheard'), String(load.unheard)], [t('load.exercises'), String(load.exercises)], [t(demo ? 'load.demoIn' : 'load.demoLeftOut'), String(load.demo)],
    [t('load.openNow'), String(load.openNow)], [t('load.shelvedNow'), String(load.shelvedNow)], [t('load.mutedNow'), String(load.mutedNow)],
  ];
  return (
    <>
      <p className="quiet">{t('load.upTo', { from: clockWords(load.sinceMs, load.untilMs), until: clockWords(load.untilMs) })} · {t('load.onlyAlarms')}</p>
      <div className="lo-tiles">
        <Tile name="mean" title={t('load.mean')} value={load.per10MinMean.toFixed(load.per10MinMean < 10 ? 2 : 0)} limit={t('load.meanLimit', { limit: LOAD_MEAN_MOST })} isGood={load.per10MinMean < LOAD_MEAN_MOST} />
        <Tile name="peak" title={t('load.peak')} value={load.per10MinPeak.toFixed(Number.isInteger(load.per10MinPeak) ? 0 : 1)} limit={t('load.peakLimit', { limit: LOAD_PEAK_MOST })} isGood={load.per10MinPeak < LOAD_PEAK_MOST} />
        <Tile name="floods" title={t('load.floods')} value={String(load.floods.length)} limit={load.floods.length === 0 ? t('load.floodNone') : t('load.floodShare', { share: shareWords(load.floodShare) })} isGood={load.floods.length === 0} />
      </div>
      <p className="quiet">{t('load.source')}. {t('load.floodsMeans')}.</p>
      <LoadChart load={load} />
      {load.floods.length > 0 && <ul className="lo-floods">{load.floods.slice(-8).map((flood) => <li key={flood.fromMs}>{t('load.floodLine', { from: clockWords(flood.fromMs, load.untilMs), until: clockWords(flood.untilMs, flood.fromMs), count: flood.raised })}</li>)}</ul>}
      <div className="lo-two">
        <section aria-label={t('load.figures')}><h3>{t('load.figures')}</h3><dl className="facts lo-facts">{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl></section>
        <Priorities load={load} />
      </div>
      <Chattering load={load} />
      <Stale load={load} />
    </>
  );
}

/** The sign says it without colour; the words say what it is held against. */
function Tile({ name, title, value, limit, isGood }: { name: string; title: string; value: string; limit: string; isGood: boolean }) {
  const { t } = useTranslation('load');
  return (
    <div className={isGood ? 'lo-tile' : 'lo-tile beyond'} data-tile={name} data-good={isGood}>
      <h3>{title}</h3>
      <p><b>{value}</b> <span className="lo-verdict">{isGood ? '✓' : '▲'} {t(isGood ? 'load.good' : 'load.bad')}</span></p>
      <p className="quiet">{limit}</p>
    </div>
  );
}

function Priorities({ load }: { load: AlarmLoad }) {
  const { t } = useTranslation('load');
  return (
    <section aria-label={t('load.priorities')}><h3>{t('load.priorities')}</h3>
      <table className="in-table"><tbody>{load.byPriority.toReversed().map(({ priority, raised }) => (
        <tr key={priority}><th scope="row">{t(`priorityShort.${priority}`)}</th><td className="num">{raised}</td><td className="num">{load.raised === 0 ? '–' : percent(raised / load.raised)}</td><td className="quiet">{t(priority === 'urgent' ? 'load.guideUrgent' : 'load.guide', { share: percent(PRIORITY_SHARES[priority]) })}</td></tr>
      ))}</tbody></table>
    </section>
  );
}

function Chattering({ load }: { load: AlarmLoad }) {
  const { t } = useTranslation('load');
  const titleOf = useRuleTitle();
  return (
    <section aria-label={t('load.chattering')}><h3>{t('load.chattering')}</h3>
      {load.chattering.length === 0 ? <p className="quiet">{t('load.chatteringNone')}</p> : (
        <div className="in-table-box"><table className="in-table" data-chattering>
          <thead><tr><th scope="col">{t('load.place')}</th><th scope="col">{t('load.rule')}</th><th scope="col" className="num">{t('load.count')}</th><th scope="col" className="num">{t('load.within')}</th><th scope="col"><span className="hidden-text">{t('load.tune')}</span></th></tr></thead>
          <tbody>{load.chattering.map((one) => (
            <tr key={`${one.siteId} ${one.placeKind} ${one.placeId} ${one.rule}`}><th scope="row">{one.placeName} <span className="quiet">{one.siteName}</span></th><td>{titleOf(one.rule)}</td><td className="num">{one.raised}</td><td className="num">{one.within10Min}</td>
              <td>{one.placeKind === 'zone' && one.rule === 'densityHigh' && <a href={hrefOf(`${pagePaths.whatIf()}/${one.placeId}`)}>{t('load.tune')}</a>}</td></tr>
          ))}</tbody>
        </table></div>
      )}
      {load.chatteringTotal > load.chattering.length && <p className="quiet">{t('load.moreThanShown', { shown: load.chattering.length, count: load.chatteringTotal })}</p>}
    </section>
  );
}

function Stale({ load }: { load: AlarmLoad }) {
  const { t } = useTranslation('load'), { t: tPage } = useTranslation();
  const titleOf = useRuleTitle();
  return (
    <section aria-label={t('load.stale')}><h3>{t('load.stale')}</h3>
      {load.stale.length === 0 ? <p className="quiet">{t('load.staleNone')}</p> : (
        <div className="in-table-box"><table className="in-table" data-stale>
          <thead><tr><th scope="col">{t('load.place')}</th><th scope="col">{t('load.rule')}</th><th scope="col">{t('load.since')}</th></tr></thead>
          <tbody>{load.stale.map((one) => <tr key={one.alarmId}><th scope="row"><LevelShape look={one.level} title={tPage(`level.${one.level}`)} /> {one.placeName} <span className="quiet">{one.siteName}</span></th><td>{titleOf(one.rule)}</td><td>{clockWords(one.sinceMs, 0)}</td></tr>)}</tbody>
        </table></div>
      )}
      {load.staleTotal > load.stale.length && <p className="quiet">{t('load.moreThanShown', { shown: load.stale.length, count: load.staleTotal })}</p>}
    </section>
  );
}

function useRuleTitle(): (rule: string) => string {
  const kinds = useKinds();
  const { language } = useFormat();
  return (rule) => kinds?.rules.find((kind) => kind.rule === rule)?.title[language] ?? rule;
}
/** A flood of ten minutes in a month is not 0 %. */
const shareWords = (share: number): string => (share > 0 && share < 0.01 ? `${(100 * share).toFixed(1)} %` : percent(share));
