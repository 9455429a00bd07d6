// The last two hours of a zone: mean with its 90 % band, the peak thin, and the level limits as lines. Stretches kept only as "few" are shaded and say so; gaps were blind.
import 'uplot/dist/uPlot.min.css';
import { useMantineColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import uPlot from 'uplot';
import type { ZonePast } from '../../contract/api.ts';
import { LEVELS, limitOf } from '../../contract/level.ts';
import type { Zone } from '../../contract/site.ts';
import { token } from '../map/baseMap.ts';
import { halfInterval90, perM2 } from '../parts/format.ts';
import { usePage } from '../live/LiveProvider.tsx';
import { useAsked } from './useAsked.ts';

const HEIGHT_PX = 150, SPAN_MINUTES = 120;

export default function ZoneCurve({ zone }: { zone: Zone }) {
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
    const plot = new uPlot(options(zone, minutes, widthPx(), store.serverNowMs(), t('zone.few')), curves(minutes), host);
    plot.root.setAttribute('role', 'img');
    const figures = minutes.filter((minute) => minute.kept === 'figures');
    plot.root.setAttribute('aria-label', figures.length === 0 ? t('zone.fewMeans') : `${t('zone.past')}: ${perM2(Math.min(...figures.map((minute) => minute.peoplePerM2Mean)))}–${perM2(Math.max(...figures.map((minute) => minute.peoplePerM2Mean)))} ${t('unit.peoplePerM2')}`);
    const sized = new ResizeObserver(() => { if (plot.width !== widthPx()) plot.setSize({ width: widthPx(), height: HEIGHT_PX }); });
    sized.observe(host);
    return () => { sized.disconnect(); plot.destroy(); };
  }, [minutes, zone, store, t, colorScheme]);
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
function curves(minutes: ZonePast['minutes']): uPlot.AlignedData {
  const columns: [number[], ...(number | null)[][]] = [[], [], [], [], []];
  let before = Number.NaN;
  for (const minute of minutes) {
    const atS = minute.minuteAtMs / 1000;
    if (atS - before > 90) push([before + 60, null, null, null, null]);
    if (minute.kept === 'few') push([atS, null, null, null, null]);
    else {
      const half = halfInterval90(minute.peoplePerM2Error);
      push([atS, minute.peoplePerM2Mean, Math.max(0, minute.peoplePerM2Mean - half), minute.peoplePerM2Mean + half, minute.peoplePerM2Peak]);
    }
    before = atS;
  }
  function push(row: [number, ...(number | null)[]]) { row.forEach((value, index) => (columns[index] as (number | null)[]).push(value)); }
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

function options(zone: Zone, minutes: ZonePast['minutes'], width: number, nowMs: number, fewWord: string): uPlot.Options {
  const most = Math.max(limitOf(zone.limits, 'critical') * 1.15, ...minutes.map((minute) => (minute.kept === 'figures' ? minute.peoplePerM2Peak * 1.05 : 0)));
  const font = '11px system-ui, "Noto Sans SC", "Noto Sans CJK SC", sans-serif';
  const axis = { stroke: token('--text-quiet'), grid: { stroke: token('--line'), width: 1 }, ticks: { stroke: token('--line'), width: 1 }, font };
  return {
    width, height: HEIGHT_PX, legend: { show: false }, cursor: { show: false }, padding: [6, 8, 0, 0],
    scales: { x: { time: true, range: [nowMs / 1000 - SPAN_MINUTES * 60, nowMs / 1000] }, y: { range: [0, most] } },
    axes: [{ ...axis, size: 26, values: (_, ticks) => ticks.map((atS) => { const at = new Date(atS * 1000); return `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`; }) }, { ...axis, size: 30 }],
    series: [{}, { stroke: token('--text'), width: 1.6, points: { show: false } }, { stroke: 'transparent', points: { show: false } }, { stroke: 'transparent', points: { show: false } },
      { stroke: token('--text-quiet'), width: 0.7, dash: [3, 3], points: { show: false } }],
    bands: [{ series: [3, 2], fill: `color-mix(in srgb, ${token('--text')} 18%, transparent)` }],
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
