// One zone: its number, large, with interval, age and what it rests on; its limits; the last two hours.
import { Suspense, lazy } from 'react';
import { useTranslation } from 'react-i18next';
import { LEVELS, limitOf } from '../../contract/level.ts';
import type { ZoneFigures } from '../../contract/zoneState.ts';
import { useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { useMayAt } from '../live/useMayAt.ts';
import { DemoBadge } from '../parts/DemoBadge.tsx';
import { awaitsDemo } from '../parts/demoState.ts';
import { LevelShape, type Look } from '../parts/LevelShape.tsx';
import { clockWords, halfInterval90, percent, perM2, plusMinus, whole } from '../parts/format.ts';
import { useFormat } from '../parts/useFormat.ts';
import { hrefOf, setupPaths } from '../route.ts';
import { useDesk } from '../shell/chosen.ts';
import { targetOfZone } from '../shell/targetOf.ts';
import { CardHead } from './CardHead.tsx';
import { ZoneFlowFacts } from './ZoneFlowFacts.tsx';
import { ZoneForecastFacts } from './ZoneForecastFacts.tsx';

const ZoneCurve = lazy(() => import('./ZoneCurve.tsx'));

export function ZoneCard({ zoneId }: { zoneId: string }) {
  const { t } = useTranslation();
  const { span } = useFormat();
  const { show } = useDesk();
  const nowMs = useServerNowMs();
  const sites = useScreen((screen) => screen.sites);
  const state = useScreen((screen) => screen.zones.get(zoneId));
  const preparing = useScreen((screen) => state?.sight === 'blind' && awaitsDemo(screen, zoneId));
  const config = sites.find(({ zones }) => zones.some((zone) => zone.zoneId === zoneId));
  const zone = config?.zones.find((one) => one.zoneId === zoneId);
  const maySetUp = useMayAt('setup', config?.site.siteId);
  if (config === undefined || zone === undefined) return <p className="notice-text">{t('site.noMatch')}</p>;
  const look: Look = state === undefined || state.sight === 'blind' ? 'blind' : state.level;
  return (
    <section className={`card zone-card level-${look}`} aria-label={`${t('zone.card')}: ${zone.name}`} data-zone-card={zoneId}>
      <CardHead kind={t(`level.${look}`)} name={zone.name} sign={<LevelShape look={look} size={20} />}>{config.site.demo && <DemoBadge />}</CardHead>
      <p className="quiet">{config.site.name} · {t(`zone.${zone.kind}`)}</p>
      {state === undefined && <p className="blind-words">{t('unit.noFigure')}: {t('blind.neverSeen')}</p>}
      {state?.sight === 'blind' && (
        <>
          <p className="blind-words"><strong>{preparing ? t('blind.demoPreparing') : t(`blind.${state.because}`)}</strong><br />{t('blind.for', { span: span(nowMs - state.sinceMs) })}, {t('judged.since', { time: clockWords(state.sinceMs, nowMs) })}</p>
          {state.lastFigures !== null && <><h3>{t('blind.last')}</h3><div className="old-figures"><Figures figures={state.lastFigures} nowMs={nowMs} /></div></>}
        </>
      )}
      {state?.sight === 'seen' && <Figures figures={state.figures} nowMs={nowMs} />}
      {state?.sight === 'seen' && state.figures.flow !== null && <ZoneFlowFacts flow={state.figures.flow} peoplePerM2={state.figures.peoplePerM2Mean} />}
      {state?.sight === 'seen' && <ZoneForecastFacts forecast={state.forecast} nowMs={nowMs} />}
      <h3>{t('zone.limits')} <span className="quiet">{t('unit.peoplePerM2')}</span></h3>
      <ul className="limits">{LEVELS.filter((level) => level !== 'calm').map((level) => <li key={level}><LevelShape look={level} /> {t(`level.${level}`)} <b>{perM2(limitOf(zone.limits, level))}</b></li>)}</ul>
      <h3>{t('zone.past')}</h3>
      <Suspense fallback={<p className="notice-text">{t('state.loading')}</p>}><ZoneCurve zone={zone} forecast={state?.sight === 'seen' ? state.forecast : null} /></Suspense>
      <div className="card-actions">
        <button type="button" className="action quiet-action" onClick={() => show(targetOfZone(zoneId, sites))}>{t('alarms.fly')}</button>
        {maySetUp && <a className="action quiet-action" href={hrefOf(setupPaths.zone(zoneId))}>{t('zone.edit')}</a>}
      </div>
    </section>
  );
}

function Figures({ figures, nowMs }: { figures: ZoneFigures; nowMs: number }) {
  const { t } = useTranslation();
  const { span } = useFormat();
  const half = Math.max(0.1, halfInterval90(figures.peoplePerM2Error));
  return (
    <>
      <p className="big-figure"><b>{perM2(figures.peoplePerM2Mean)}</b> <span>±{plusMinus(figures.peoplePerM2Error)} {t('unit.peoplePerM2')}</span></p>
      <p className="quiet">{t('zone.interval')} {perM2(Math.max(0, figures.peoplePerM2Mean - half))}–{perM2(figures.peoplePerM2Mean + half)} {t('unit.perM2')} · {t('zone.asOf')} {clockWords(figures.capturedAtMs, nowMs)} ({t('age.ago', { span: span(nowMs - figures.capturedAtMs) })})</p>
      <dl className="facts">
        <dt>{t('zone.count')}</dt><dd>{whole(figures.peopleCount)} ±{whole(Math.max(1, halfInterval90(figures.peopleCountError)))} {t('unit.people')}</dd>
        <dt>{t('zone.peak')}</dt><dd>{perM2(figures.peoplePerM2Peak)} {t('unit.peoplePerM2')}</dd>
        <dt>{t('zone.seen')}</dt><dd>{percent(figures.seenShare)}, {whole(figures.seenAreaM2)} {t('unit.m2')}</dd>
      </dl>
    </>
  );
}
