// What is foretold for a zone, with its interval and how much better it was than "as it is now"; where it is not better, that is said.
import { useTranslation } from 'react-i18next';
import { FORECAST_STALE_AFTER_MS, type ZoneForecast } from '../../contract/forecast.ts';
import { clockWords, percent, perM2 } from '../parts/format.ts';

export function ZoneForecastFacts({ forecast, nowMs }: { forecast: ZoneForecast | null; nowMs: number }) {
  const { t } = useTranslation();
  if (forecast === null || forecast.points.length === 0 || nowMs - forecast.madeAtMs > FORECAST_STALE_AFTER_MS) return <p className="quiet" data-no-forecast>{t('forecast.none')}</p>;
  const skillLeast = Math.min(...forecast.points.map(({ skillShare }) => skillShare));
  return (
    <>
      <h3>{t('forecast.title')} <span className="quiet">{t('unit.peoplePerM2')}</span></h3>
      <dl className="facts" data-forecast>
        {forecast.points.map(({ aheadMinutes, peoplePerM2, peoplePerM2Low, peoplePerM2High }) => [
          <dt key={aheadMinutes}>{t('forecast.in', { minutes: aheadMinutes })}</dt>,
          <dd key={`${aheadMinutes} value`}><b>{perM2(peoplePerM2)}</b> ({perM2(peoplePerM2Low)}–{perM2(peoplePerM2High)})</dd>,
        ])}
      </dl>
      <p className="quiet">{t('forecast.skill', { share: percent(skillLeast) })} {t('forecast.made', { time: clockWords(forecast.madeAtMs, nowMs) })}</p>
    </>
  );
}
