// How a zone's people move, as a whole: an arrow, a speed, what goes against it, and how rough it is.
import { useTranslation } from 'react-i18next';
import type { ZoneFlow } from '../../contract/flow.ts';
import { percent } from '../parts/format.ts';

/** Slower than this a crowd sways and goes nowhere. */
const GOES_FROM_M_PER_S = 0.1;
const DIRECTIONS = ['n', 'ne', 'e', 'se', 's', 'sw', 'w', 'nw'] as const;
/** Pressure from which turbulence was seen (contract/flow.ts names the source). */
const ROUGH_FROM_PER_S2 = 0.02;

/** Sparser people push nobody, however differently they walk: the figure would frighten for nothing. */
const PRESSING_FROM_PEOPLE_PER_M2 = 2;

export function ZoneFlowFacts({ flow, peoplePerM2 }: { flow: ZoneFlow; peoplePerM2: number }) {
  const { t } = useTranslation();
  const speed = Math.hypot(flow.eastMPerS, flow.northMPerS), goes = speed >= GOES_FROM_M_PER_S;
  const bearingDeg = (Math.atan2(flow.eastMPerS, flow.northMPerS) * 180 / Math.PI + 360) % 360;
  const direction = DIRECTIONS[Math.round(bearingDeg / 45) % 8]!;
  return (
    <>
      <h3>{t('flow.title')}</h3>
      <dl className="facts" data-flow>
        <dt>{t('flow.speed')}</dt>
        <dd>{goes ? <><svg width="14" height="14" viewBox="-8 -8 16 16" aria-hidden="true"><path d="M0 7V-5M-4-1 0-6 4-1" fill="none" stroke="currentColor" strokeWidth="1.8" transform={`rotate(${bearingDeg.toFixed(0)})`} /></svg> {t(`flow.directions.${direction}`)}, {speed.toFixed(1)} {t('unit.mPerS')}</> : t('flow.still')}</dd>
        <dt>{t('flow.spread')}</dt><dd>±{Math.sqrt(flow.velocityVarianceM2PerS2).toFixed(1)} {t('unit.mPerS')}</dd>
        <dt>{t('flow.against')}</dt><dd>{percent(flow.counterShare)}</dd>
        <dt>{t('flow.pressure')}</dt><dd>{peoplePerM2 < PRESSING_FROM_PEOPLE_PER_M2 ? <span className="quiet">{t('flow.pressureSparse')}</span> : <>{flow.pressurePerS2.toFixed(3)} /s² <span className="quiet">{flow.pressurePerS2 < ROUGH_FROM_PER_S2 ? t('flow.pressureCalm') : t('flow.pressureRough')}</span></>}</dd>
      </dl>
      <p className="quiet">{t('flow.known', { share: percent(flow.knownShare) })}</p>
    </>
  );
}
