// The map of one site for setting things up: a plain ground with a metric graticule (any base map of the data folder under it), the site's grid outline,
// and a drawing in metres above it. What is drawn there is SVG, so that every point can be reached by keyboard and by a screen reader.
import type { Map as LibreMap } from 'maplibre-gl';
import { ActionIcon, useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { GridSpec, LngLat, SitePoint } from '../../../contract/geometry.ts';
import { lngLatOf, sitePointOf } from '../../../crowd/place.ts';
import { useScreen } from '../../live/LiveProvider.tsx';
import { baseMap, type BaseMap } from '../../map/baseMap.ts';
import { Graticule } from './Graticule.tsx';
import type { Box } from './graticuleLines.ts';

/** How the map lies on the screen now. */
export type MapView = { px: (point: SitePoint) => { x: number; y: number }; pxPerM: number; widthPx: number; heightPx: number; siteOfClient: (client: { x: number; y: number }) => SitePoint };

export function SiteMap({ origin, grid, focus, focusKey, label, isCrosshair, onPress, onPointer, onDoublePress, children, height }: {
  origin: LngLat;
  grid: GridSpec;
  /** What must be in sight at the beginning and whenever focusKey changes; the map never moves otherwise. */
  focus: readonly SitePoint[];
  focusKey: string;
  label: string;
  isCrosshair?: boolean;
  onPress?: (point: SitePoint) => void;
  onDoublePress?: () => void;
  onPointer?: (point: SitePoint | null) => void;
  children: (view: MapView) => ReactNode;
  height?: string;
}) {
  const { t } = useTranslation('setup');
  const place = useRef<HTMLDivElement>(null), overlay = useRef<SVGSVGElement>(null);
  const [base, setBase] = useState<BaseMap | null>(null);
  const [, setMoves] = useState(0);
  const [isBroken, setIsBroken] = useState(false);
  const basemaps = useScreen((screen) => screen.basemaps);
  const colours = useComputedColorScheme();
  const now = useRef({ origin, onPress, onPointer, onDoublePress });
  now.current = { origin, onPress, onPointer, onDoublePress };
  const map = base?.map ?? null;

  useEffect(() => {
    let made: BaseMap;
    try { made = baseMap({ container: place.current!, centre: now.current.origin, zoom: 18, label: '' }); } catch { setIsBroken(true); return; }
    const { map: its } = made;
    its.doubleClickZoom.disable();
    its.boxZoom.disable();
    // Ours is finer, down to one metre, and writes its metres.
    its.once('load', () => its.setLayoutProperty('graticule', 'visibility', 'none'));
    const siteAt = ({ lng, lat }: LngLat) => sitePointOf(now.current.origin, { lng, lat });
    its.on('move', () => setMoves((moves) => moves + 1));
    its.on('resize', () => setMoves((moves) => moves + 1));
    its.on('click', (event) => now.current.onPress?.(siteAt(event.lngLat)));
    its.on('dblclick', () => now.current.onDoublePress?.());
    its.on('mousemove', (event) => now.current.onPointer?.(siteAt(event.lngLat)));
    its.on('mouseout', () => now.current.onPointer?.(null));
    setBase(made);
    return () => { setBase(null); made.close(); };
  }, []);
  useEffect(() => { if (base === null) return; if (base.map.loaded()) base.dress(); else base.map.once('load', () => base.dress()); }, [base, colours]);
  useEffect(() => {
    if (base === null || basemaps.length === 0) return;
    const lay = () => { base.setBasemap(basemaps).catch(() => { /* a base map that cannot be read leaves the plain ground, which is enough to work on */ }); };
    if (base.map.isStyleLoaded()) lay(); else base.map.once('load', lay);
  }, [base, basemaps]);

  const fit = () => {
    if (map === null || focus.length === 0) return;
    const corners = focus.map((point) => lngLatOf(now.current.origin, point));
    const box: [number, number, number, number] = [Math.min(...corners.map((c) => c.lng)), Math.min(...corners.map((c) => c.lat)), Math.max(...corners.map((c) => c.lng)), Math.max(...corners.map((c) => c.lat))];
    map.fitBounds(box, { padding: { top: 36, bottom: 44, left: 44, right: 56 }, duration: 0, maxZoom: 23 });
  };
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  useEffect(fit, [map, focusKey]);
  useEffect(() => { if (map !== null) map.getCanvas().setAttribute('aria-label', label); }, [map, label]);
  useEffect(() => { if (map !== null) map.getCanvas().style.cursor = isCrosshair === true ? 'crosshair' : ''; }, [map, isCrosshair]);

  const view = map === null ? null : viewOf(map, origin, overlay);
  return (
    <div className="setup-map" style={{ height }}>
      <div ref={place} className="setup-map-canvas" />
      {isBroken && <p className="setup-map-broken">{t('map.broken')}</p>}
      {view !== null && (
        <svg ref={overlay} className="setup-map-overlay" width={view.widthPx} height={view.heightPx} aria-label={t('map.drawing')} role="group">
          <Graticule view={view} site={siteBox(grid)} seen={seenBox(view, overlay)} metresWord={t('map.metres')} />
          {children(view)}
        </svg>
      )}
      <div className="setup-map-tools">
        <ActionIcon variant="default" size={28} aria-label={t('map.zoomIn')} title={t('map.zoomIn')} onClick={() => map?.zoomIn({ duration: 0 })}>+</ActionIcon>
        <ActionIcon variant="default" size={28} aria-label={t('map.zoomOut')} title={t('map.zoomOut')} onClick={() => map?.zoomOut({ duration: 0 })}>−</ActionIcon>
        <ActionIcon variant="default" size={28} aria-label={t('map.fit')} title={t('map.fit')} onClick={fit}>⤢</ActionIcon>
      </div>
      {view !== null && <Scale pxPerM={view.pxPerM} metresWord={t('map.metres')} northWord={t('map.north')} />}
    </div>
  );
}

export const siteBox = (grid: GridSpec): Box => ({ xLeastM: 0, yLeastM: 0, xMostM: grid.columns * grid.cellM, yMostM: grid.rows * grid.cellM });
export const boxCorners = (box: Box): SitePoint[] => [{ xM: box.xLeastM, yM: box.yLeastM }, { xM: box.xMostM, yM: box.yLeastM }, { xM: box.xMostM, yM: box.yMostM }, { xM: box.xLeastM, yM: box.yMostM }];
export const pathOf = (corners: readonly { x: number; y: number }[], isClosed: boolean) => corners.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('') + (isClosed && corners.length > 2 ? 'Z' : '');

function viewOf(map: LibreMap, origin: LngLat, overlay: { current: SVGSVGElement | null }): MapView {
  const px = (point: SitePoint) => { const { x, y } = map.project(lngLatOf(origin, point)); return { x, y }; };
  const container = map.getContainer(), from = px({ xM: 0, yM: 0 }), to = px({ xM: 100, yM: 0 });
  return {
    px, pxPerM: Math.hypot(to.x - from.x, to.y - from.y) / 100, widthPx: container.clientWidth, heightPx: container.clientHeight,
    siteOfClient: (client) => {
      const box = (overlay.current ?? container).getBoundingClientRect();
      const { lng, lat } = map.unproject([client.x - box.left, client.y - box.top]);
      return sitePointOf(origin, { lng, lat });
    },
  };
}

function seenBox(view: MapView, overlay: { current: SVGSVGElement | null }): Box {
  const at = overlay.current?.getBoundingClientRect() ?? { left: 0, top: 0 };
  const southWest = view.siteOfClient({ x: at.left, y: at.top + view.heightPx }), northEast = view.siteOfClient({ x: at.left + view.widthPx, y: at.top });
  return { xLeastM: southWest.xM, yLeastM: southWest.yM, xMostM: northEast.xM, yMostM: northEast.yM };
}

function Scale({ pxPerM, metresWord, northWord }: { pxPerM: number; metresWord: string; northWord: string }) {
  const lengthM = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000, 1_000_000].find((each) => each * pxPerM >= 50) ?? 5_000_000;
  return <div className="setup-map-scale"><span>↑ {northWord}</span><span className="bar" style={{ width: lengthM * pxPerM }}>{lengthM >= 1000 ? `${lengthM / 1000} km` : `${lengthM} ${metresWord}`}</span></div>;
}
