// What the placing is worth on the ground, painted under the points: where people are counted, how far off their place may be, and why the rest is not counted.
import { memo, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { GridSpec } from '../../../contract/geometry.ts';
import type { Calibration } from '../../../contract/site.ts';
import { GROUND_WHYS, groundQuality, type GroundWhy } from '../../../crowd/ground.ts';
import type { MapView } from '../map/SiteMap.tsx';

/** Half a metre is about the width of a person, a metre and a half still the right zone. */
const ERROR_STEPS_M = [0.5, 1, 1.5] as const;
type Shade = 'good' | 'fair' | 'rough' | 'poor' | Exclude<GroundWhy, 'known' | 'notSeen'>;
const shadeOf = (errorM: number): Shade => (errorM < ERROR_STEPS_M[0] ? 'good' : errorM < ERROR_STEPS_M[1] ? 'fair' : errorM < ERROR_STEPS_M[2] ? 'rough' : 'poor');
/** More cells than this are painted in coarser ones: it is drawn anew while a point is dragged. */
const CELLS_MOST = 3000;

type Painted = { shades: Map<Shade, { column: number; row: number }[]>; step: number };
export function useGroundQuality(calibration: Calibration | null, grid: GridSpec): Painted | null {
  return useMemo(() => {
    if (calibration === null) return null;
    const step = Math.max(1, Math.ceil(Math.sqrt(grid.columns * grid.rows / CELLS_MOST)));
    const coarse: GridSpec = { cellM: grid.cellM * step, columns: Math.ceil(grid.columns / step), rows: Math.ceil(grid.rows / step) } as GridSpec;
    const quality = groundQuality(calibration, coarse);
    if (!quality.ok) return null;
    const shades: Painted['shades'] = new Map();
    for (let cell = 0; cell < quality.why.length; cell++) {
      const why = GROUND_WHYS[quality.why[cell]!]!;
      if (why === 'notSeen') continue;
      const shade = why === 'known' ? shadeOf(quality.errorM[cell]!) : why;
      const cells = shades.get(shade) ?? [];
      cells.push({ column: cell % coarse.columns, row: Math.floor(cell / coarse.columns) });
      shades.set(shade, cells);
    }
    return { shades, step };
  }, [calibration, grid]);
}

export const GroundQualityMap = memo(function GroundQualityMap({ painted, grid, view }: { painted: Painted; grid: GridSpec; view: MapView }) {
  const sideM = grid.cellM * painted.step, sidePx = sideM * view.pxPerM + 0.5;
  const corner = view.px({ xM: 0, yM: 0 });
  return (
    <g aria-hidden="true" data-quality>
      {[...painted.shades].map(([shade, cells]) => (
        <path key={shade} className={`setup-quality ${shade}`} d={cells.map(({ column, row }) => `M${(corner.x + column * sideM * view.pxPerM).toFixed(1)} ${(corner.y - (row + 1) * sideM * view.pxPerM).toFixed(1)}h${sidePx.toFixed(1)}v${sidePx.toFixed(1)}h-${sidePx.toFixed(1)}z`).join('')} />
      ))}
    </g>
  );
});

export function GroundQualityLegend({ painted }: { painted: Painted | null }) {
  const { t } = useTranslation('setup');
  if (painted === null || painted.shades.size === 0) return null;
  const order: Shade[] = ['good', 'fair', 'rough', 'poor', 'placeUnsure', 'areaUnsure', 'headTooSmall', 'tooDeep', 'beyondRange'];
  return <ul className="setup-quality-legend" aria-label={t('place.quality.title')}>{order.filter((shade) => painted.shades.has(shade)).map((shade) => <li key={shade}><svg width="14" height="14" aria-hidden="true"><rect width="14" height="14" className={`setup-quality ${shade}`} /></svg> {t(`place.quality.${shade}`)}</li>)}</ul>;
}
