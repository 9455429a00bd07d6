// A zone's figure with its interval, unit and age; a blind zone says why instead. Never a bare number.
import { useTranslation } from 'react-i18next';
import type { ZoneState } from '../../contract/zoneState.ts';
import { useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { awaitsDemo } from './demoState.ts';
import { perM2, plusMinus } from './format.ts';
import { useFormat } from './useFormat.ts';

export function Figure({ state, short = false }: { state: ZoneState | undefined; short?: boolean }) {
  const { t } = useTranslation();
  const { span } = useFormat();
  const nowMs = useServerNowMs();
  const preparing = useScreen((screen) => state?.sight === 'blind' && awaitsDemo(screen, state.zoneId));
  if (state === undefined) return <span className="figure quiet">{t('unit.noFigure')}</span>;
  if (state.sight === 'blind') return <span className="figure blind">{short ? t('level.blind') : preparing ? t('blind.demoPreparing') : t(`blind.${state.because}`)} <span className="age">{span(nowMs - state.sinceMs)}</span></span>;
  const { peoplePerM2Mean, peoplePerM2Error, capturedAtMs } = state.figures;
  const ageMs = nowMs - capturedAtMs;
  return (
    <span className={ageMs > 5000 ? 'figure old' : 'figure'}>
      <b>{perM2(peoplePerM2Mean)}</b><span className="pm"> ±{plusMinus(peoplePerM2Error)} {t('unit.perM2')}</span> <span className="age">{span(ageMs)}</span>
    </span>
  );
}
