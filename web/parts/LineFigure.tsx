// People a minute across a line, both ways, with the interval; never a bare number.
import { useTranslation } from 'react-i18next';
import { useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { halfInterval90, whole } from './format.ts';
import { useFormat } from './useFormat.ts';

export function LineFigure({ lineId, short = false }: { lineId: string; short?: boolean }) {
  const { t } = useTranslation();
  const { span } = useFormat();
  const nowMs = useServerNowMs();
  const state = useScreen((screen) => screen.lines.get(lineId));
  if (state === undefined) return <span className="figure quiet">{t('unit.noFigure')}</span>;
  if (state.figures === null) return <span className="figure blind">{short ? t('level.blind') : t('line.blind')} <span className="age">{span(nowMs - state.sinceMs)}</span></span>;
  const { inPeoplePerMin, outPeoplePerMin, errorPeoplePerMin } = state.figures;
  return (
    <span className="figure">
      {t('line.in')} <b>{whole(inPeoplePerMin)}</b> · {t('line.out')} <b>{whole(outPeoplePerMin)}</b><span className="pm"> ±{whole(Math.max(1, halfInterval90(errorPeoplePerMin)))} {t('unit.perMin')}</span>
    </span>
  );
}
