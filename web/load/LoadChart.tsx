// The chart of alarm load: a bar for each ten minutes, the two limits dashed over it. Drawn by hand: bars, two lines and two axes need no library.
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { LOAD_MEAN_MOST, LOAD_PEAK_MOST, LOAD_WINDOW_MS, type AlarmLoad } from '../../contract/apiAlarms.ts';
import { clockWords } from '../parts/format.ts';
import { useFormat } from '../parts/useFormat.ts';
import { loadBars } from './loadBars.ts';

const HEIGHT = 180, LEFT = 34, BOTTOM = 22, TOP = 8, DAY_MS = 86_400_000;
/** Drawn for the width that there is, so that its words can be read: as wide as a desk's page, or as a phone's. */
const WIDE = { width: 960, bars: 288, ticks: 7 }, NARROW = { width: 360, bars: 96, ticks: 4 }, NARROW_FROM = '(max-width: 760px)';

export function LoadChart({ load }: { load: AlarmLoad }) {
  const { t } = useTranslation('load');
  const { span } = useFormat();
  const { width, bars: barsMost, ticks: tickCount } = useNarrow() ? NARROW : WIDE;
  const bars = loadBars(load, barsMost), first = bars[0]!.fromMs, last = bars.at(-1)!.untilMs;
  const limits = [LOAD_MEAN_MOST * load.operators, LOAD_PEAK_MOST * load.operators];
  const most = Math.max(limits[1]! * 1.2, ...bars.map(({ raised }) => raised)), x = (atMs: number) => LEFT + ((atMs - first) / (last - first)) * (width - LEFT), y = (raised: number) => TOP + (1 - raised / most) * (HEIGHT - TOP - BOTTOM);
  const stepMs = bars[0]!.untilMs - first, ticks = Array.from({ length: tickCount }, (_, index) => first + (index * (last - first)) / (tickCount - 1)), isLong = last - first > 2 * DAY_MS;
  const tickWords = (atMs: number) => { const words = clockWords(atMs, isLong ? 0 : atMs); return isLong ? words.slice(5, 10) : words.slice(0, 5); };
  return (
    <figure className="lo-chart">
      <figcaption><strong>{t('load.chart')}</strong> <span className="quiet">{t('load.chartLine', { mean: limits[0], peak: limits[1], operators: load.operators })}{stepMs > LOAD_WINDOW_MS && <>; {t('load.chartMost', { span: span(stepMs) })}</>}</span></figcaption>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={`${t('load.chart')}: ${load.raised}; ${t('load.peak')}: ${load.per10MinPeak.toFixed(1)}`} data-bars={bars.length}>
        {bars.map(({ fromMs, untilMs, raised }) => raised > 0 && <rect key={fromMs} className={raised >= limits[1]! ? 'lo-bar flood' : 'lo-bar'} x={x(fromMs)} y={y(raised)} width={Math.max(1, x(untilMs) - x(fromMs) - 0.5)} height={HEIGHT - BOTTOM - y(raised)}><title>{`${clockWords(fromMs, load.untilMs)}: ${raised}`}</title></rect>)}
        {limits.map((limit) => <g key={limit} className="lo-limit"><line x1={LEFT} x2={width} y1={y(limit)} y2={y(limit)} /><text x={LEFT - 4} y={y(limit) + 4} textAnchor="end">{limit}</text></g>)}
        <line className="lo-axis" x1={LEFT} x2={width} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM} />
        {ticks.map((atMs, index) => <text key={atMs} className="lo-tick" x={x(atMs)} y={HEIGHT - 6} textAnchor={index === 0 ? 'start' : index === tickCount - 1 ? 'end' : 'middle'}>{tickWords(atMs)}</text>)}
      </svg>
      {load.raised === 0 && <p className="quiet">{t('load.none')}</p>}
    </figure>
  );
}

function useNarrow(): boolean {
  return useSyncExternalStore((listener) => { const query = matchMedia(NARROW_FROM); query.addEventListener('change', listener); return () => query.removeEventListener('change', listener); }, () => matchMedia(NARROW_FROM).matches);
}
