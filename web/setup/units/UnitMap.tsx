// The map of units: outlines of one level as they lie in sight, and a drawing above them. What is drawn is SVG, so that every corner can be reached by keyboard and by a screen reader.
import type { GeoJSONSource, Map as LibreMap } from 'maplibre-gl';
import { ActionIcon, NativeSelect, useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LngLat } from '../../../contract/geometry.ts';
import { UNIT_LEVELS, type UnitLevel } from '../../../contract/unit.ts';
import { useScreen } from '../../live/LiveProvider.tsx';
import { baseMap, token, type BaseMap } from '../../map/baseMap.ts';
import { useNewest } from '../../parts/useNewest.ts';
import { orgApi, type Box } from './orgApi.ts';

/** How the map lies on the screen now. */
export type UnitMapView = { px: (at: LngLat) => { x: number; y: number }; widthPx: number; heightPx: number; box: Box; lngLatOfClient: (client: { x: number; y: number }) => LngLat; degreesPerPx: { lng: number; lat: number } };
export type MapHandle = { fly: (box: Box) => void; view: () => UnitMapView | null };

const EMPTY = { type: 'FeatureCollection' as const, features: [] };
const WHOLE: Box = { west: 73, south: 18, east: 135, north: 54 };
/** After a move the outlines are asked for once the hand has rested. */
const REST_MS = 200;
const WEB_MERCATOR_LAT = 85;

export function UnitMap({ label, focus, focusKey, level, onLevel, chosenUnitId, isCrosshair = false, onChoose, onPress, onPointer, onDoublePress, handle, children }: {
  label: string;
  /** What must be in sight at the beginning and whenever focusKey changes; the map never moves otherwise. */
  focus: Box | null; focusKey: string;
  level: UnitLevel; onLevel: (level: UnitLevel) => void;
  chosenUnitId: string | null;
  isCrosshair?: boolean;
  /** A unit was clicked. */
  onChoose?: (unitId: string) => void;
  /** Any spot was clicked: while something is drawn. */
  onPress?: (at: LngLat) => void;
  onPointer?: (at: LngLat | null) => void;
  onDoublePress?: () => void;
  handle?: { current: MapHandle | null };
  children?: (view: UnitMapView) => ReactNode;
}) {
  const { t } = useTranslation('org'), { t: setup } = useTranslation('setup'), { t: said } = useTranslation('incidents');
  const place = useRef<HTMLDivElement>(null), overlay = useRef<SVGSVGElement>(null);
  const [base, setBase] = useState<BaseMap | null>(null);
  const [, setMoves] = useState(0);
  const [isBroken, setIsBroken] = useState(false), [areMissing, setAreMissing] = useState(false);
  const basemaps = useScreen((screen) => screen.basemaps), version = useScreen((screen) => screen.unitsVersion);
  const colours = useComputedColorScheme();
  const now = useNewest({ onChoose, onPress, onPointer, onDoublePress, level });
  const map = base?.map ?? null;

  useEffect(() => {
    let made: BaseMap;
    try { made = baseMap({ container: place.current!, centre: { lng: 110, lat: 32 }, zoom: 3, label: '' }); } catch { setIsBroken(true); return; }
    const { map: its } = made;
    its.doubleClickZoom.disable();
    its.boxZoom.disable();
    its.once('load', () => {
      its.addSource('units', { type: 'geojson', data: EMPTY });
      its.addLayer({ id: 'units-fill', type: 'fill', source: 'units', paint: { 'fill-color': token('--text-quiet'), 'fill-opacity': 0.05 } });
      its.addLayer({ id: 'units-line', type: 'line', source: 'units', paint: { 'line-color': token('--text-quiet'), 'line-width': 1 } });
      its.addLayer({ id: 'units-chosen', type: 'line', source: 'units', filter: ['==', ['get', 'unitId'], ''], paint: { 'line-color': token('--accent'), 'line-width': 2.5 } });
      setBase(made);
    });
    its.on('move', () => setMoves((moves) => moves + 1));
    its.on('resize', () => setMoves((moves) => moves + 1));
    its.on('click', (event) => {
      const { onChoose: choose, onPress: press } = now.current;
      if (press !== undefined) { press({ lng: event.lngLat.lng, lat: event.lngLat.lat }); return; }
      const unitId: unknown = its.getLayer('units-fill') === undefined ? undefined : its.queryRenderedFeatures(event.point, { layers: ['units-fill'] })[0]?.properties['unitId'];
      if (typeof unitId === 'string') choose?.(unitId);
    });
    its.on('dblclick', () => now.current.onDoublePress?.());
    its.on('mousemove', (event) => now.current.onPointer?.({ lng: event.lngLat.lng, lat: event.lngLat.lat }));
    its.on('mouseout', () => now.current.onPointer?.(null));
    return () => { setBase(null); made.close(); };
  }, [now]);
  useEffect(() => {
    if (base === null) return;
    base.dress();
    base.map.setPaintProperty('units-fill', 'fill-color', token('--text-quiet'));
    base.map.setPaintProperty('units-line', 'line-color', token('--text-quiet'));
    base.map.setPaintProperty('units-chosen', 'line-color', token('--accent'));
  }, [base, colours]);
  useEffect(() => { if (base !== null && basemaps.length > 0) base.setBasemap(basemaps).catch(() => { /* a base map that cannot be read leaves the plain ground, which is enough to work on */ }); }, [base, basemaps]);
  useEffect(() => { base?.map.setFilter('units-chosen', ['==', ['get', 'unitId'], chosenUnitId ?? '']); }, [base, chosenUnitId]);

  // Outlines of the level in sight: asked for after each rest, the newest answer wins.
  useEffect(() => {
    if (base === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined, asked = 0, isOver = false;
    const look = async () => {
      const mine = ++asked;
      const answer = await orgApi.outlines(now.current.level, boxOf(base.map));
      if (isOver || mine !== asked) return;
      setAreMissing(!answer.ok);
      if (answer.ok) await base.map.getSource<GeoJSONSource>('units')?.setData(answer.value);
      if (!isOver) setMoves((moves) => moves + 1);
    };
    const soon = () => { clearTimeout(timer); timer = setTimeout(() => { void look(); }, REST_MS); };
    void look();
    base.map.on('moveend', soon);
    return () => { isOver = true; clearTimeout(timer); base.map.off('moveend', soon); };
  }, [base, level, version, now]);

  const fly = (box: Box) => {
    if (map === null) return;
    const pad = Math.max((box.east - box.west) * 0.02, (box.north - box.south) * 0.02, 0.0005);
    map.fitBounds([box.west - pad, Math.max(-WEB_MERCATOR_LAT, box.south - pad), box.east + pad, Math.min(WEB_MERCATOR_LAT, box.north + pad)], { padding: 36, duration: 0, maxZoom: 20 });
  };
  const fit = () => fly(focus ?? WHOLE);
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  useEffect(fit, [map, focusKey]);
  useEffect(() => { if (map !== null) map.getCanvas().setAttribute('aria-label', label); }, [map, label]);
  useEffect(() => { if (map !== null) map.getCanvas().style.cursor = isCrosshair ? 'crosshair' : ''; }, [map, isCrosshair]);

  const view = map === null ? null : viewOf(map, overlay);
  useEffect(() => { if (handle !== undefined) handle.current = { fly, view: () => (map === null ? null : viewOf(map, overlay)) }; });
  return (
    <div className="org-map-box">
      <div className="setup-map org-map" data-ready={map !== null || undefined}>
        <div ref={place} className="setup-map-canvas" />
        {isBroken && <p className="setup-map-broken">{t('units.broken')}</p>}
        {view !== null && <svg ref={overlay} className="setup-map-overlay" width={view.widthPx} height={view.heightPx} aria-label={t('units.drawing')} role="group">{children?.(view)}</svg>}
        <div className="setup-map-tools">
          <ActionIcon variant="default" size={28} aria-label={setup('map.zoomIn')} title={setup('map.zoomIn')} onClick={() => map?.zoomIn({ duration: 0 })}>+</ActionIcon>
          <ActionIcon variant="default" size={28} aria-label={setup('map.zoomOut')} title={setup('map.zoomOut')} onClick={() => map?.zoomOut({ duration: 0 })}>−</ActionIcon>
          <ActionIcon variant="default" size={28} aria-label={setup('map.fit')} title={setup('map.fit')} onClick={fit}>⤢</ActionIcon>
        </div>
      </div>
      <div className="org-map-below">
        <NativeSelect size="xs" aria-label={t('units.levelShown')} value={level} onChange={(event) => onLevel(event.currentTarget.value as UnitLevel)} data={UNIT_LEVELS.map((value) => ({ value, label: `${t('units.levelShown')}: ${said(`unitLevel.${value}`)}` }))} />
        {areMissing && <span className="setup-quiet" role="status">{t('units.shapesBroken')}</span>}
      </div>
    </div>
  );
}

function viewOf(map: LibreMap, overlay: { current: SVGSVGElement | null }): UnitMapView {
  const container = map.getContainer(), box = boxOf(map);
  return {
    px: (at) => { const { x, y } = map.project(at); return { x, y }; },
    widthPx: container.clientWidth, heightPx: container.clientHeight, box,
    lngLatOfClient: (client) => {
      const area = (overlay.current ?? container).getBoundingClientRect();
      const { lng, lat } = map.unproject([client.x - area.left, client.y - area.top]);
      return { lng, lat };
    },
    degreesPerPx: { lng: (box.east - box.west) / Math.max(1, container.clientWidth), lat: (box.north - box.south) / Math.max(1, container.clientHeight) },
  };
}
function boxOf(map: LibreMap): Box {
  const bounds = map.getBounds();
  return { west: Math.max(-180, bounds.getWest()), south: Math.max(-90, bounds.getSouth()), east: Math.min(180, bounds.getEast()), north: Math.min(90, bounds.getNorth()) };
}
export const pathOfRing = (corners: readonly { x: number; y: number }[], isClosed: boolean): string => corners.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('') + (isClosed && corners.length > 2 ? 'Z' : '');
