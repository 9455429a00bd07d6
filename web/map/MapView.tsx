// The live map: heat, zones, cameras, legend. It moves only when somebody asks it to, or after each new alarm while "follow alarms" is on.
import type { GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl';
import { Marker } from 'maplibre-gl';
import { useMantineColorScheme } from '@mantine/core';
import { useEffect, useImperativeHandle, useMemo, useRef, useState, type Ref } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import type { SitePoint } from '../../contract/geometry.ts';
import type { Site, SiteConfig } from '../../contract/site.ts';
import { levelRank } from '../../contract/level.ts';
import { footprint } from '../../crowd/ground.ts';
import { lngLatOf } from '../../crowd/place.ts';
import { usePage, useScreen } from '../live/LiveProvider.tsx';
import { useKept } from '../parts/kept.ts';
import { useNewest } from '../parts/useNewest.ts';
import type { Target } from '../shell/chosen.ts';
import { useDesk } from '../shell/chosen.ts';
import { targetOfAlarm } from '../shell/targetOf.ts';
import { baseMap, boundsOf, token, type BaseMap } from './baseMap.ts';
import { heatLayer, type HeatLayer } from './heatLayer.ts';
import { flowArrows } from './flowLayer.ts';
import { CameraMark, LineMark, ZoneLabel } from './MapMarks.tsx';
import { Legend } from './Legend.tsx';

export type MapHandle = { show(target: Target): void; fitAll(): void };
/** Closer than this a place fills the screen with three cells. */
const ZOOM_MOST_SHOWN = 20.5;

export function MapView({ ref, onKeys }: { ref: Ref<MapHandle>; onKeys: () => void }) {
  const { t } = useTranslation();
  const { store } = usePage();
  const { choose } = useDesk();
  const { colorScheme } = useMantineColorScheme();
  const sites = useScreen((screen) => screen.sites);
  const basemaps = useScreen((screen) => screen.basemaps);
  const systemDark = useSystemDark();
  const [follow, setFollow] = useKept('followAlarms', false);
  const [flowShown, setFlowShown] = useKept('flowShown', false);
  const [stepM, setStepM] = useState<number | null>(null);
  const [broken, setBroken] = useState<string | null>(null);
  const [live, setLive] = useState<{ base: BaseMap; heat: HeatLayer } | null>(null);
  const host = useRef<HTMLDivElement | null>(null);
  const fitted = useRef(false);
  /** Somebody dragged or zoomed, or asked for a spot: the view is theirs, and no resize takes it away. */
  const moved = useRef(false);

  useEffect(() => {
    let base: BaseMap;
    try { base = baseMap({ container: host.current!, centre: { lng: 0, lat: 20 }, zoom: 1, onGraticule: setStepM }); } catch (fault) { queueMicrotask(() => setBroken(String(fault))); return; }
    const heat = heatLayer({ store });
    let gone = false;
    base.map.once('load', () => {
      if (gone) return;
      try { addLayers(base.map, heat); } catch (fault) { setBroken(String(fault)); return; }
      setLive({ base, heat });
    });
    for (const name of ['dragstart', 'zoomstart', 'rotatestart'] as const) base.map.on(name, ({ originalEvent }: { originalEvent?: unknown }) => { if (originalEvent !== undefined) moved.current = true; });
    base.map.on('resize', () => { if (fitted.current && !moved.current) fit(base.map, store.screen().sites, false); });
    base.map.on('click', 'zone-fill', ({ features }) => { const zoneId: unknown = features?.[0]?.properties['zoneId']; if (typeof zoneId === 'string') choose({ kind: 'zone', zoneId }); });
    return () => { gone = true; setLive(null); heat.close(); base.close(); };
  }, [store, choose]);
  useEffect(() => { live?.base.map.getCanvas().setAttribute('aria-label', t('map.region')); }, [live, t]);

  useEffect(() => {
    if (live === null) return;
    live.heat.setSites(sites);
    void live.base.map.getSource<GeoJSONSource>('grids')?.setData(gridsOf(sites));
    void live.base.map.getSource<GeoJSONSource>('sights')?.setData(sightsOf(sites));
    void live.base.map.getSource<GeoJSONSource>('ways')?.setData({ type: 'FeatureCollection', features: sites.flatMap(({ site, lines = [] }) => lines.map(({ a, b }) => ({ type: 'Feature' as const, properties: {}, geometry: { type: 'LineString' as const, coordinates: lineOf(site, [a, b]) } }))) });
    if (sites[0] !== undefined) live.base.setOrigin(sites[0].site.origin);
    if (!fitted.current && sites.length > 0) { fitted.current = true; fit(live.base.map, sites, false); }
  }, [live, sites]);
  useEffect(() => { if (live !== null) live.base.setBasemap(basemaps).catch(() => undefined); }, [live, basemaps]);
  useEffect(() => {
    if (live === null) return;
    // The attribute that the colours hang on is set by Mantine in an effect of its own.
    const timer = setTimeout(() => { live.base.dress(); dressLayers(live.base.map, live.heat); }, 0);
    return () => clearTimeout(timer);
  }, [live, colorScheme, systemDark]);
  useZoneData(live?.base.map ?? null, sites);
  useFlowArrows(live?.base.map ?? null, sites, flowShown);

  const handle: MapHandle = {
    show(target) {
      const site = store.screen().sites.find((config) => config.site.siteId === target.siteId)?.site;
      if (live === null || site === undefined || target.points.length === 0) return;
      live.base.setOrigin(site.origin);
      moved.current = true;
      live.base.map.fitBounds(boundsOfPoints(site, target.points), { padding: 90, maxZoom: ZOOM_MOST_SHOWN, animate: !matchMedia('(prefers-reduced-motion: reduce)').matches, duration: 600 });
    },
    fitAll() { moved.current = false; if (live !== null && sites.length > 0) fit(live.base.map, store.screen().sites, true); },
  };
  useImperativeHandle(ref, () => handle);
  const newest = useNewest(handle);
  useEffect(() => {
    if (!follow) return;
    return store.onNewAlarms((alarms) => {
      const worst = alarms.reduce((a, b) => (levelRank(b.level) > levelRank(a.level) ? b : a));
      const target = targetOfAlarm(worst, store.screen().sites);
      if (target !== null) newest.current.show(target);
    });
  }, [follow, store, newest]);

  if (broken !== null) return <div className="map-state" role="alert"><strong>{t('map.broken')}</strong> {t('map.brokenMeans')}<details><summary>{t('app.more')}</summary><code>{broken}</code></details></div>;
  return (
    <div className="map-view">
      <div ref={host} className="map-host" />
      {live !== null && <Marks map={live.base.map} sites={sites} />}
      <div className="map-tools">
        <button type="button" onClick={() => { moved.current = true; live?.base.map.zoomIn(); }} aria-label={t('map.zoomIn')}>+</button>
        <button type="button" onClick={() => { moved.current = true; live?.base.map.zoomOut(); }} aria-label={t('map.zoomOut')}>−</button>
        <button type="button" onClick={() => handle.fitAll()}>{t('map.fit')}</button>
        <label title={t('map.followOn')}><input type="checkbox" checked={follow} onChange={(event) => setFollow(event.target.checked)} /> {t('map.follow')}</label>
        <label title={t('flow.legend')}><input type="checkbox" checked={flowShown} onChange={(event) => setFlowShown(event.target.checked)} /> {t('flow.layer')}</label>
        <button type="button" onClick={onKeys} aria-label={t('app.keys')} title={t('app.keys')}>?</button>
      </div>
      <Legend heat={live?.heat ?? null} stepM={stepM} arrows={flowShown} />
    </div>
  );
}

function useSystemDark(): boolean {
  const [dark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => { const query = matchMedia('(prefers-color-scheme: dark)'); const on = () => setDark(query.matches); query.addEventListener('change', on); return () => query.removeEventListener('change', on); }, []);
  return dark;
}

/** Zones change their colour only when a level, the sight or the choice changes: the map is not fed four times a second. */
function useZoneData(map: MapLibreMap | null, sites: readonly SiteConfig[]): void {
  const { chosen } = useDesk();
  const states = useScreen((screen) => screen.zones);
  const looks = useMemo(() => sites.flatMap(({ zones }) => zones.map(({ zoneId }) => { const state = states.get(zoneId); return `${zoneId}:${state === undefined || state.sight === 'blind' ? 'blind' : state.level}`; })).join(' '), [sites, states]);
  const chosenId = chosen?.kind === 'zone' ? chosen.zoneId : null;
  useEffect(() => {
    const lookOf = new Map(looks.split(' ').map((pair) => pair.split(':') as [string, string]));
    void map?.getSource<GeoJSONSource>('zones')?.setData({ type: 'FeatureCollection', features: sites.flatMap(({ site, zones }) => zones.map((zone) => ({
      type: 'Feature' as const, properties: { zoneId: zone.zoneId, look: lookOf.get(zone.zoneId) ?? 'blind', chosen: zone.zoneId === chosenId }, geometry: { type: 'Polygon' as const, coordinates: [ringOf(site, zone.polygon)] },
    }))) });
  }, [map, sites, looks, chosenId]);
}

/** Once a second, which is how often a crowd turns; and only while somebody wants to see it. */
function useFlowArrows(map: MapLibreMap | null, sites: readonly SiteConfig[], shown: boolean): void {
  const { store } = usePage();
  useEffect(() => {
    if (map === null) return;
    const draw = () => {
      const arrows: ReturnType<typeof flowArrows> = shown ? flowArrows(sites, (siteId) => store.readings.ofSite(siteId), store.serverNowMs()) : { type: 'FeatureCollection', features: [] };
      void map.getSource<GeoJSONSource>('flow')?.setData(arrows);
      if (window.__crowdlight !== undefined) window.__crowdlight.arrows = arrows.features.length;
    };
    draw();
    if (!shown) return;
    const timer = setInterval(draw, 1000);
    return () => clearInterval(timer);
  }, [map, sites, shown, store]);
}

function Marks({ map, sites }: { map: MapLibreMap; sites: readonly SiteConfig[] }) {
  const [closeness, setCloseness] = useState(() => map.getZoom());
  useEffect(() => { const on = () => setCloseness(map.getZoom()); map.on('zoomend', on); on(); return () => { map.off('zoomend', on); }; }, [map]);
  return <>{sites.map(({ site, zones, lines = [], sensors }) => (
    <SiteMarks key={site.siteId}>
      {zones.map((zone) => <Mark key={zone.zoneId} map={map} site={site} at={overOf(zone.polygon)} side="above"><ZoneLabel zone={zone} widthPx={widthPxOf(zone.polygon, site, closeness)} /></Mark>)}
      {lines.map((line) => <Mark key={line.lineId} map={map} site={site} at={line.a.yM < line.b.yM ? line.a : line.b} side="below"><LineMark line={line} /></Mark>)}
      {sensors.map((sensor) => sensor.calibration !== null && <Mark key={sensor.sensorId} map={map} site={site} at={sensor.calibration.position}><CameraMark sensor={sensor} /></Mark>)}
    </SiteMarks>
  ))}</>;
}
const SiteMarks = ({ children }: { children: React.ReactNode }) => <>{children}</>;

function Mark({ map, site, at, side = 'over', children }: { map: MapLibreMap; site: Site; at: SitePoint; side?: 'over' | 'above' | 'below'; children: React.ReactNode }) {
  const element = useMemo(() => document.createElement('div'), []);
  const { lng, lat } = lngLatOf(site.origin, at);
  useEffect(() => {
    const marker = new Marker({ element, ...(side === 'above' ? { anchor: 'bottom', offset: [0, -3] } : side === 'below' ? { anchor: 'top', offset: [0, 3] } : {}) }).setLngLat([lng, lat]).addTo(map);
    // MapLibre gives its marks a name and a role of their own; what is inside has better ones.
    for (const name of ['aria-label', 'role', 'tabindex']) element.removeAttribute(name);
    return () => { marker.remove(); };
  }, [map, element, lng, lat, side]);
  return createPortal(children, element);
}

function addLayers(map: MapLibreMap, heat: HeatLayer): void {
  const nothing = { type: 'FeatureCollection' as const, features: [] };
  for (const id of ['grids', 'sights', 'zones', 'flow', 'ways']) map.addSource(id, { type: 'geojson', data: nothing });
  map.addLayer({ id: 'grid-line', type: 'line', source: 'grids', paint: { 'line-width': 1, 'line-dasharray': [4, 3] } });
  map.addLayer(heat);
  map.addLayer({ id: 'sight-line', type: 'line', source: 'sights', paint: { 'line-width': 1, 'line-opacity': 0.55, 'line-dasharray': [2, 2] } });
  map.addLayer({ id: 'zone-fill', type: 'fill', source: 'zones', paint: { 'fill-opacity': ['match', ['get', 'look'], 'calm', 0, 'blind', 0.1, 'notice', 0.08, 'warning', 0.1, 'danger', 0.14, 0.18] } });
  map.addLayer({ id: 'zone-line', type: 'line', source: 'zones', layout: { 'line-join': 'round' }, paint: { 'line-width': ['case', ['get', 'chosen'], 5, ['match', ['get', 'look'], 'calm', 1.6, 'blind', 2, 3]] } });
  map.addLayer({ id: 'flow-halo', type: 'line', source: 'flow', layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-width': 4, 'line-opacity': 0.6 } });
  map.addLayer({ id: 'flow-line', type: 'line', source: 'flow', layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-width': 1.8 } });
  map.addLayer({ id: 'way-line', type: 'line', source: 'ways', paint: { 'line-width': 3 } });
  dressLayers(map, heat);
}

function dressLayers(map: MapLibreMap, heat: HeatLayer): void {
  if (map.getLayer('zone-line') === undefined) return;
  const byLook = ['match', ['get', 'look'], ...['notice', 'warning', 'danger', 'critical', 'blind'].flatMap((look) => [look, token(`--level-${look}`)]), token('--level-calm')] as unknown as string; // the style's own types are tuples that cannot be spread into
  map.setPaintProperty('grid-line', 'line-color', token('--text-quiet'));
  map.setPaintProperty('sight-line', 'line-color', token('--text-quiet'));
  map.setPaintProperty('flow-halo', 'line-color', token('--panel'));
  map.setPaintProperty('flow-line', 'line-color', token('--text'));
  map.setPaintProperty('way-line', 'line-color', token('--text'));
  map.setPaintProperty('zone-fill', 'fill-color', byLook);
  map.setPaintProperty('zone-line', 'line-color', byLook);
  const hatch = rgbOf(token('--hatch')), counted = rgbOf(token('--counted'));
  if (hatch !== null && counted !== null) heat.setGroundColours({ hatch, counted });
}
/** #rrggbb, or #rgb as the build shortens it. */
function rgbOf(hex: string): { r: number; g: number; b: number } | null {
  const parts = /^#(..)(..)(..)$/.exec(hex.replace(/^#(.)(.)(.)$/, '#$1$1$2$2$3$3'));
  return parts === null ? null : { r: parseInt(parts[1]!, 16), g: parseInt(parts[2]!, 16), b: parseInt(parts[3]!, 16) };
}

const lineOf = (site: Site, points: readonly SitePoint[]): [number, number][] => points.map((point) => { const { lng, lat } = lngLatOf(site.origin, point); return [lng, lat]; });
function ringOf(site: Site, points: readonly SitePoint[]): [number, number][] { const line = lineOf(site, points); return [...line, line[0]!]; }
function gridsOf(sites: readonly SiteConfig[]) {
  return { type: 'FeatureCollection' as const, features: sites.map(({ site }) => {
    const widthM = site.grid.columns * site.grid.cellM, heightM = site.grid.rows * site.grid.cellM;
    return { type: 'Feature' as const, properties: {}, geometry: { type: 'Polygon' as const, coordinates: [ringOf(site, [{ xM: 0, yM: 0 }, { xM: widthM, yM: 0 }, { xM: widthM, yM: heightM }, { xM: 0, yM: heightM }])] } };
  }) };
}
function sightsOf(sites: readonly SiteConfig[]) {
  return { type: 'FeatureCollection' as const, features: sites.flatMap(({ site, sensors }) => sensors.flatMap(({ enabled, calibration }) => {
    const outline = enabled && calibration !== null ? footprint(calibration, site.grid) : [];
    return outline.length < 3 ? [] : [{ type: 'Feature' as const, properties: {}, geometry: { type: 'Polygon' as const, coordinates: [ringOf(site, outline)] } }];
  })) };
}
function boundsOfPoints(site: Site, points: readonly SitePoint[]): [[number, number], [number, number]] {
  const line = lineOf(site, points);
  const lngs = line.map(([lng]) => lng), lats = line.map(([, lat]) => lat);
  return [[Math.min(...lngs), Math.min(...lats)], [Math.max(...lngs), Math.max(...lats)]];
}
/** All sites where they are neighbours; the first one where they are in different towns: a map of a country shows no crowd. */
function fit(map: MapLibreMap, sites: readonly SiteConfig[], animate: boolean): void {
  if (sites.length === 0) return;
  const near = sites.filter(({ site }) => Math.abs(site.origin.lng - sites[0]!.site.origin.lng) < 0.2 && Math.abs(site.origin.lat - sites[0]!.site.origin.lat) < 0.2);
  const corners = near.flatMap(({ site }) => boundsOf(site));
  map.fitBounds([[Math.min(...corners.map(([lng]) => lng)), Math.min(...corners.map(([, lat]) => lat))], [Math.max(...corners.map(([lng]) => lng)), Math.max(...corners.map(([, lat]) => lat))]], { padding: roomOf(map), maxZoom: ZOOM_MOST_SHOWN, animate: animate && !matchMedia('(prefers-reduced-motion: reduce)').matches, duration: 400 });
}
/** The middle by area; of a sliver without area, the mean of its corners. */
function middleOf(polygon: readonly SitePoint[]): SitePoint {
  let area = 0, xM = 0, yM = 0;
  polygon.forEach((a, index) => { const b = polygon[(index + 1) % polygon.length]!; const cross = a.xM * b.yM - b.xM * a.yM; area += cross; xM += (a.xM + b.xM) * cross; yM += (a.yM + b.yM) * cross; });
  if (Math.abs(area) < 1e-6) return { xM: polygon.reduce((sum, point) => sum + point.xM, 0) / polygon.length, yM: polygon.reduce((sum, point) => sum + point.yM, 0) / polygon.length };
  return { xM: xM / (3 * area), yM: yM / (3 * area) };
}
/** Over the northern edge: the label must not hide the very ground that it speaks of. */
const overOf = (polygon: readonly SitePoint[]): SitePoint => ({ xM: middleOf(polygon).xM, yM: Math.max(...polygon.map(({ yM }) => yM)) });
/** Room for tools above and for the legend below, where there is any to give. */
function roomOf(map: MapLibreMap): { top: number; bottom: number; left: number; right: number } {
  const { clientWidth, clientHeight } = map.getContainer();
  return { top: Math.min(56, clientHeight * 0.15), bottom: Math.min(160, clientHeight * 0.3), left: Math.min(40, clientWidth * 0.1), right: Math.min(40, clientWidth * 0.1) };
}
function widthPxOf(polygon: readonly SitePoint[], site: Site, zoom: number): number {
  const widthM = Math.max(...polygon.map(({ xM }) => xM)) - Math.min(...polygon.map(({ xM }) => xM));
  return widthM / ((40_075_016.686 * Math.cos((site.origin.lat * Math.PI) / 180)) / (512 * 2 ** zoom));
}
