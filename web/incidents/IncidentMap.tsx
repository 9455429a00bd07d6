// Where incidents are: shapes by severity on the quiet ground with the outlines of zones. Chosen here is chosen in the list. It can also take a point that somebody touches.
import { Marker, type GeoJSONSource, type Map as MapLibreMap } from 'maplibre-gl';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LngLat } from '../../contract/geometry.ts';
import { isOpenStep, SEVERITIES, type IncidentLine, type Severity } from '../../contract/incident.ts';
import type { SiteConfig } from '../../contract/site.ts';
import { lngLatOf } from '../../crowd/place.ts';
import { usePage, useScreen } from '../live/LiveProvider.tsx';
import { baseMap, boundsOf, token, type BaseMap } from '../map/baseMap.ts';
import { useNewest } from '../parts/useNewest.ts';
import { LEVEL_OF_SEVERITY } from './Marks.tsx';
import { overdueSince } from './listOrder.ts';

type Spot = Pick<IncidentLine, 'incidentId' | 'severity' | 'step' | 'exercise' | 'point' | 'due' | 'overdueSinceMs'>;
const ZOOM_MOST_SHOWN = 19;

export function IncidentMap({ lines, chosenId, onChoose, onPick, picked, focus, label }: {
  lines: readonly Spot[]; chosenId: string | null; onChoose?: (incidentId: string) => void;
  /** Given: a touch of the map is a place. */
  onPick?: ((point: LngLat) => void) | undefined; picked?: LngLat | null;
  /** Only this is to be in sight at the beginning (one incident's page); otherwise all places and incidents. */
  focus?: LngLat; label: string;
}) {
  const { t } = useTranslation('incidents');
  const { store } = usePage();
  const host = useRef<HTMLDivElement | null>(null);
  const [base, setBase] = useState<BaseMap | null>(null);
  const [broken, setBroken] = useState(false);
  const sites = useScreen((screen) => screen.sites), basemaps = useScreen((screen) => screen.basemaps);
  const colours = useComputedColorScheme();
  const fitted = useRef(false);
  const now = useNewest({ onChoose, onPick, chosenId, lines, sites, focus });

  useEffect(() => {
    let made: BaseMap;
    try { made = baseMap({ container: host.current!, centre: now.current.focus ?? { lng: 0, lat: 20 }, zoom: now.current.focus === undefined ? 1 : 17 }); } catch { queueMicrotask(() => setBroken(true)); return; }
    let gone = false;
    const { map } = made;
    map.once('load', () => { if (!gone) { addLayers(map); setBase(made); } });
    map.on('click', (event) => {
      const { onPick: pick, onChoose: choose, chosenId: chosen } = now.current;
      if (pick !== undefined) { pick({ lng: event.lngLat.lng, lat: event.lngLat.lat }); return; }
      const { x, y } = event.point;
      const ids = [...new Set(map.queryRenderedFeatures([[x - 8, y - 8], [x + 8, y + 8]], { layers: ['incident-shape'] }).map(({ properties }) => properties['incidentId'] as string))];
      // Several on one spot: each further touch chooses the next.
      const next = ids[(ids.indexOf(chosen ?? '') + 1) % Math.max(1, ids.length)];
      if (next !== undefined) choose?.(next);
    });
    map.on('mousemove', ({ point }) => { map.getCanvas().style.cursor = now.current.onPick !== undefined ? 'crosshair' : map.getLayer('incident-shape') !== undefined && map.queryRenderedFeatures(point, { layers: ['incident-shape'] }).length > 0 ? 'pointer' : ''; });
    return () => { gone = true; setBase(null); made.close(); };
  }, [now]);
  useEffect(() => { base?.map.getCanvas().setAttribute('aria-label', label); }, [base, label]);
  useEffect(() => {
    if (base === null) return;
    // The attribute that the colours hang on is set by Mantine in an effect of its own.
    const timer = setTimeout(() => { base.dress(); dressLayers(base.map); }, 0);
    return () => clearTimeout(timer);
  }, [base, colours]);
  useEffect(() => { if (base !== null) base.setBasemap(basemaps).catch(() => undefined); }, [base, basemaps]);
  useEffect(() => {
    if (base === null) return;
    void base.map.getSource<GeoJSONSource>('zones')?.setData({ type: 'FeatureCollection', features: sites.flatMap(({ site, zones }) => zones.map(({ polygon }) => ({ type: 'Feature' as const, properties: {}, geometry: { type: 'Polygon' as const, coordinates: [[...polygon, polygon[0]!].map((corner) => { const { lng, lat } = lngLatOf(site.origin, corner); return [lng, lat]; })] } }))) });
    if (sites[0] !== undefined && focus === undefined) base.setOrigin(sites[0].site.origin);
  }, [base, sites, focus]);
  useEffect(() => {
    if (base === null) return;
    const nowMs = store.serverNowMs();
    void base.map.getSource<GeoJSONSource>('incidents')?.setData({ type: 'FeatureCollection', features: lines.map((line) => ({
      type: 'Feature' as const, geometry: { type: 'Point' as const, coordinates: [line.point.lng, line.point.lat] },
      properties: { incidentId: line.incidentId, icon: iconName(line.severity, line.exercise), open: isOpenStep(line.step), chosen: line.incidentId === chosenId, overdue: overdueSince(line, nowMs) !== null, rank: SEVERITIES.indexOf(line.severity) + (isOpenStep(line.step) ? 10 : 0) },
    })) });
  }, [base, lines, chosenId, store]);
  useEffect(() => {
    if (base === null || fitted.current || focus !== undefined || (sites.length === 0 && lines.length === 0)) return;
    fitted.current = true;
    fitAll(base.map, sites, lines);
  }, [base, sites, lines, focus]);
  // The map comes to what was chosen elsewhere, and only when it is out of sight: nothing moves by itself.
  useEffect(() => {
    const line = chosenId === null ? undefined : now.current.lines.find(({ incidentId }) => incidentId === chosenId);
    if (base === null || line === undefined || base.map.getBounds().contains([line.point.lng, line.point.lat])) return;
    base.map.jumpTo({ center: [line.point.lng, line.point.lat], zoom: Math.max(15, base.map.getZoom()) });
  }, [base, chosenId, now]);
  const pickedLng = picked?.lng, pickedLat = picked?.lat;
  useEffect(() => {
    if (base === null || pickedLng === undefined || pickedLat === undefined) return;
    const element = document.createElement('div');
    element.className = 'in-picked';
    const marker = new Marker({ element }).setLngLat([pickedLng, pickedLat]).addTo(base.map);
    for (const name of ['aria-label', 'role', 'tabindex']) element.removeAttribute(name);
    return () => { marker.remove(); };
  }, [base, pickedLng, pickedLat]);

  return (
    <div className="in-map" data-ready={base !== null || undefined}>
      <div ref={host} className="in-map-host" />
      {broken && <p className="notice-text" role="status">{t('list.mapBroken')}</p>}
      <div className="map-tools">
        <button type="button" onClick={() => base?.map.zoomIn({ duration: 0 })} aria-label={`${label} +`}>+</button>
        <button type="button" onClick={() => base?.map.zoomOut({ duration: 0 })} aria-label={`${label} −`}>−</button>
        {focus === undefined && <button type="button" onClick={() => { if (base !== null) fitAll(base.map, sites, lines); }}>{t('list.fit')}</button>}
      </div>
    </div>
  );
}

function fitAll(map: MapLibreMap, sites: readonly SiteConfig[], lines: readonly Spot[]): void {
  const points = [...sites.flatMap(({ site }) => boundsOf(site)), ...lines.slice(0, 2000).map(({ point }): [number, number] => [point.lng, point.lat])];
  if (points.length === 0) return;
  const lngs = points.map(([lng]) => lng), lats = points.map(([, lat]) => lat);
  map.fitBounds([Math.min(...lngs), Math.min(...lats), Math.max(...lngs), Math.max(...lats)], { padding: 40, maxZoom: ZOOM_MOST_SHOWN, duration: 0 });
}

const iconName = (severity: Severity, exercise: boolean) => (exercise ? `${severity}-exercise` : severity);

function addLayers(map: MapLibreMap): void {
  const nothing = { type: 'FeatureCollection' as const, features: [] };
  for (const id of ['zones', 'incidents']) map.addSource(id, { type: 'geojson', data: nothing });
  map.addLayer({ id: 'zone-line', type: 'line', source: 'zones', paint: { 'line-width': 1.4 } });
  map.addLayer({ id: 'incident-ring', type: 'circle', source: 'incidents', paint: { 'circle-radius': ['case', ['get', 'chosen'], 15, 12], 'circle-opacity': ['case', ['get', 'open'], 0.85, 0.4], 'circle-stroke-width': ['case', ['get', 'chosen'], 3, ['get', 'overdue'], 2, 0] } });
  drawIcons(map);
  map.addLayer({ id: 'incident-shape', type: 'symbol', source: 'incidents', layout: { 'icon-image': ['get', 'icon'], 'icon-allow-overlap': true, 'icon-ignore-placement': true, 'symbol-sort-key': ['get', 'rank'] }, paint: { 'icon-opacity': ['case', ['get', 'open'], 1, 0.45] } });
  dressLayers(map);
}
function dressLayers(map: MapLibreMap): void {
  if (map.getLayer('incident-ring') === undefined) return;
  map.setPaintProperty('zone-line', 'line-color', token('--text-quiet'));
  map.setPaintProperty('incident-ring', 'circle-color', token('--panel'));
  map.setPaintProperty('incident-ring', 'circle-stroke-color', ['case', ['get', 'chosen'], token('--accent'), token('--text')]);
  drawIcons(map);
}

// The shapes of parts/LevelShape.tsx as pictures, since a map layer takes no SVG: dot, triangle, diamond, octagon. An exercise is hollow.
const PATHS: Record<Severity, string> = { minor: 'M8 2.8A5.2 5.2 0 1 1 7.99 2.8Z', moderate: 'M8 1.8 15 14.2H1Z', serious: 'M8 .8 15.2 8 8 15.2.8 8Z', critical: 'M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5Z' };
const ICON_PX = 17, SCALE = 2;
function drawIcons(map: MapLibreMap): void {
  for (const severity of SEVERITIES) for (const exercise of [false, true]) {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = ICON_PX * SCALE;
    const context = canvas.getContext('2d');
    if (context === null) return;
    context.scale((ICON_PX * SCALE) / 18, (ICON_PX * SCALE) / 18);
    context.translate(1, 1);
    const path = new Path2D(PATHS[severity]), colour = token(`--level-${LEVEL_OF_SEVERITY[severity]}`);
    if (exercise) { context.strokeStyle = colour; context.lineWidth = 2; context.setLineDash([3, 2]); context.stroke(path); } else { context.fillStyle = colour; context.fill(path); }
    const picture = context.getImageData(0, 0, canvas.width, canvas.height);
    const name = iconName(severity, exercise);
    if (map.hasImage(name)) map.updateImage(name, picture); else map.addImage(name, picture, { pixelRatio: SCALE });
  }
}
