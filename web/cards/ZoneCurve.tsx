// The last two hours of a zone and what is foretold: mean with its 90 % band, the peak thin, the forecast dashed with its band, and the level limits as lines. Stretches kept only as "few" are shaded and say so; gaps were blind.
import 'uplot/dist/uPlot.min.css';
import { useMantineColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import uPlot from 'uplot';
import type { ZonePast } from '../../contract/api.ts';
import { LEVELS, limitOf } from '../../contract/level.ts';
import type { ZoneForecast } from '../../contract/forecast.ts';
import type { Zone } from '../../contract/site.ts';
import { token } from '../map/baseMap.ts';
import { halfInterval90, perM2 } from '../parts/format.ts';
import { usePage } from '../live/LiveProvider.tsx';
import { useAsked } from './useAsked.ts';

const HEIGHT_PX = 150, SPAN_MINUTES = 120, AHEAD_MINUTES = 16;

export default function ZoneCurve({ zone, forecast }: { zone: Zone; forecast: ZoneForecast | null }) {
  const { t } = useTranslation();
  const { store } = usePage();
  const { colorScheme } = useMantineColorScheme();
  const asked = useAsked<ZonePast>(`/api/zones/${encodeURIComponent(zone.zoneId)}/past?minutes=${SPAN_MINUTES}`, 30_000);
  const box = useRef<HTMLDivElement | null>(null);
  const minutes = asked.state === 'there' ? asked.value.minutes : null;
  useEffect(() => {
    const host = box.current;
    if (host === null || minutes === null || minutes.length === 0) return;
    const widthPx = () => Math.max(160, host.clientWidth);
    const ahead = forecast === null || forecast.points.length === 0 ? null : forecast;
    const plot = new uPlot(options(zone, minutes, ahead, widthPx(), store.serverNowMs(), t('zone.few')), curves(minutes, ahead), host);
    plot.root.setAttribute('role', 'img');
    const figures = minutes.filter((minute) => minute.kept === 'figures');
    plot.root.setAttribute('aria-label', figures.length === 0 ? t('zone.fewMeans') : `${t('zone.past')}: ${perM2(Math.min(...figures.map((minute) => minute.peoplePerM2Mean)))}–${perM2(Math.max(...figures.map((minute) => minute.peoplePerM2Mean)))} ${t('unit.peoplePerM2')}`);
    const sized = new ResizeObserver(() => { if (plot.width !== widthPx()) plot.setSize({ width: widthPx(), height: HEIGHT_PX }); });
    sized.observe(host);
    return () => { sized.disconnect(); plot.destroy(); };
  }, [minutes, zone, forecast, store, t, colorScheme]);
  if (asked.state === 'loading') return <p className="notice-text">{t('state.loading')}</p>;
  if (asked.state === 'broken') return <p className="notice-text">{t('zone.pastBroken')}</p>;
  return (
    <>
      {asked.value.minutes.length === 0 ? <p className="notice-text">{t('zone.pastEmpty')}</p> : <div className="curve" ref={box} style={{ minHeight: HEIGHT_PX }} />}
      {asked.value.minutes.some(({ kept }) => kept === 'few') && <p className="quiet">{t('zone.fewMeans')}</p>}
    </>
  );
}

/** One row for each minute, and an empty one where minutes are missing, so that no line is drawn over what nobody saw. */
function curves(minutes: ZonePast['minutes'], ahead: ZoneForecast | null): uPlot.AlignedData {
  const columns: [number[], ...(number | null)[][]] = [[], [], [], [], [], [], [], []];
  let before = Number.NaN;
  for (const minute of minutes) {
    const atS = minute.minuteAtMs / 1000;
    if (atS - before > 90) push([before + 60]);
    if (minute.kept === 'few') push([atS]);
    else {
      const half = halfInterval90(minute.peoplePerM2Error);
      push([atS, minute.peoplePerM2Mean, Math.max(0, minute.peoplePerM2Mean - half), minute.peoplePerM2Mean + half, minute.peoplePerM2Peak]);
    }
    before = atS;
  }
  if (ahead !== null) {
    const last = minutes.at(-1), madeAtS = ahead.madeAtMs / 1000;
    // From the last minute on, so that the dashed line begins where the other ends.
    if (last?.kept === 'figures' && madeAtS > before) { const half = halfInterval90(last.peoplePerM2Error), mean = last.peoplePerM2Mean; push([Math.max(before + 1, madeAtS - 60), null, null, null, null, mean, Math.max(0, mean - half), mean + half]); }
    for (const { aheadMinutes, peoplePerM2, peoplePerM2Low, peoplePerM2High } of ahead.points) push([madeAtS + aheadMinutes * 60, null, null, null, null, peoplePerM2, peoplePerM2Low, peoplePerM2High]);
  }
  function push(row: [number, ...(number | null)[]]) { columns.forEach((column, index) => (column as (number | null)[]).push(row[index] ?? null)); }
  return columns as unknown as uPlot.AlignedData;
}

/** Stretches of minutes that were kept without a number. */
function fewSpans(minutes: ZonePast['minutes']): { fromS: number; toS: number }[] {
  const spans: { fromS: number; toS: number }[] = [];
  for (const { minuteAtMs, kept } of minutes) {
    if (kept !== 'few') continue;
    const atS = minuteAtMs / 1000, last = spans.at(-1);
    if (last !== undefined && atS - last.toS < 90) last.toS = atS + 30; else spans.push({ fromS: atS - 30, toS: atS + 30 });
  }
  return spans;
}

function options(zone: Zone, minutes: ZonePast['minutes'], ahead: ZoneForecast | null, width: number, nowMs: number, fewWord: string): uPlot.Options {
  const most = Math.max(limitOf(zone.limits, 'critical') * 1.15, ...minutes.map((minute) => (minute.kept === 'figures' ? minute.peoplePerM2Peak * 1.05 : 0)), ...(ahead?.points ?? []).map((point) => point.peoplePerM2High * 1.05));
  const font = '11px system-ui, "Noto Sans SC", "Noto Sans CJK SC", sans-serif';
  const axis = { stroke: token('--text-quiet'), grid: { stroke: token('--line'), width: 1 }, ticks: { stroke: token('--line'), width: 1 }, font };
  return {
    width, height: HEIGHT_PX, legend: { show: false }, cursor: { show: false }, padding: [6, 8, 0, 0],
    scales: { x: { time: true, range: [nowMs / 1000 - SPAN_MINUTES * 60, nowMs / 1000 + (ahead === null ? 0 : AHEAD_MINUTES * 60)] }, y: { range: [0, most] } },
    axes: [{ ...axis, size: 26, values: (_, ticks) => ticks.map((atS) => { const at = new Date(atS * 1000); return `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`; }) }, { ...axis, size: 30 }],
    series: [{}, { stroke: token('--text'), width: 1.6, points: { show: false } }, { stroke: 'transparent', points: { show: false } }, { stroke: 'transparent', points: { show: false } },
      { stroke: token('--text-quiet'), width: 0.7, dash: [3, 3], points: { show: false } },
      { stroke: token('--text'), width: 1.6, dash: [5, 4], spanGaps: true, points: { show: true, size: 4, stroke: token('--text'), fill: token('--text') } }, { stroke: 'transparent', spanGaps: true, points: { show: false } }, { stroke: 'transparent', spanGaps: true, points: { show: false } }],
    bands: [{ series: [3, 2], fill: `color-mix(in srgb, ${token('--text')} 18%, transparent)` }, { series: [7, 6], fill: `color-mix(in srgb, ${token('--text')} 10%, transparent)` }],
    hooks: { drawClear: [(plot) => {
      for (const { fromS, toS } of fewSpans(minutes)) {
        const left = plot.valToPos(fromS, 'x', true), right = plot.valToPos(toS, 'x', true);
        plot.ctx.save();
        plot.ctx.fillStyle = token('--row-hover'); plot.ctx.fillRect(left, plot.bbox.top, right - left, plot.bbox.height);
        plot.ctx.fillStyle = token('--text-quiet'); plot.ctx.font = `${11 * devicePixelRatio}px system-ui, "Noto Sans SC", "Noto Sans CJK SC", sans-serif`; plot.ctx.textAlign = 'center';
        if (right - left > 28 * devicePixelRatio) plot.ctx.fillText(fewWord, (left + right) / 2, plot.bbox.top + plot.bbox.height - 6 * devicePixelRatio);
        plot.ctx.restore();
      }
      for (const level of LEVELS) {
        if (level === 'calm') continue;
        const y = plot.valToPos(limitOf(zone.limits, level), 'y', true);
        plot.ctx.save();
        plot.ctx.strokeStyle = token(`--level-${level}`); plot.ctx.lineWidth = devicePixelRatio * 1.2;
        plot.ctx.beginPath(); plot.ctx.moveTo(plot.bbox.left, y); plot.ctx.lineTo(plot.bbox.left + plot.bbox.width, y); plot.ctx.stroke();
        plot.ctx.restore();
      }
    }] },
  };
}
