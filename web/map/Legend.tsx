// What the colours mean, always there, with the instant for which the heat is true.
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clockWords } from '../parts/format.ts';
import { useFormat } from '../parts/useFormat.ts';
import { useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import type { HeatLayer } from './heatLayer.ts';
import { HEAT_COLOURS, cssColour, heatStepsFrom } from './heatRamp.ts';

export function Legend({ heat, stepM, arrows }: { heat: HeatLayer | null; stepM: number | null; arrows: boolean }) {
  const { t } = useTranslation();
  const { span } = useFormat();
  const nowMs = useServerNowMs();
  const sites = useScreen((screen) => screen.sites);
  const [smooth, setSmooth] = useState(false);
  const [, setTick] = useState(0);
  useEffect(() => heat?.onChange(() => setTick((tick) => tick + 1)), [heat]);
  const instants = sites.flatMap(({ site }) => { const atMs = heat?.capturedAtMs(site.siteId) ?? null; return atMs === null ? [] : [atMs]; });
  const lastMs = Math.max(0, ...sites.map(({ site }) => heat?.lastCapturedAtMs(site.siteId) ?? 0));
  const trueForMs = instants.length === 0 ? null : Math.min(...instants);
  return (
    <section className="legend" aria-label={t('map.legend')}>
      <h2>{t('map.legend')} <span className="quiet">{t('map.legendUnit')}</span></h2>
      <ol>
        <li><span className="swatch counted" />{t('map.empty')}</li>
        {HEAT_COLOURS.map((colour, index) => <li key={index}><span className="swatch" style={{ background: cssColour(colour) }} />{heatStepsFrom[index]}{index + 1 < heatStepsFrom.length ? `–${heatStepsFrom[index + 1]}` : '+'}</li>)}
      </ol>
      <ul><li><span className="swatch hatched" />{t('map.unknown')}</li><li><span className="swatch hatched quietly" />{t('map.unseen')}</li>{arrows && <li>→ {t('flow.legend')}</li>}</ul>
      <p className="legend-time" data-true-for={trueForMs ?? undefined}>{trueForMs === null ? (lastMs === 0 ? t('map.noReading') : <>{t('map.lastReading')} <b>{clockWords(lastMs, nowMs)}</b> <span className="quiet">({t('age.ago', { span: span(nowMs - lastMs) })})</span></>) : <>{t('map.trueFor')} <b>{clockWords(trueForMs, nowMs)}</b> <span className="quiet">({t('age.ago', { span: span(nowMs - trueForMs) })})</span></>}</p>
      <p className="quiet">{stepM !== null && <>{t('map.scale', { metres: stepM })} · </>}{t('map.north')} · <label><input type="checkbox" checked={smooth} onChange={(event) => { setSmooth(event.target.checked); heat?.setSmooth(event.target.checked); }} /> {t('map.smooth')}</label></p>
    </section>
  );
}
