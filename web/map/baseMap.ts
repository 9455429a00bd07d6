// A MapLibre map on our quiet ground: metric graticule, and a base map from the data folder where there is one. Nothing is asked of any other host.
import 'maplibre-gl/dist/maplibre-gl.css';
import { Map as MapLibreMap, addProtocol, setWorkerUrl, type GeoJSONSource, type LayerSpecification } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { PMTiles, Protocol, TileType } from 'pmtiles';
import type { LngLat } from '../../contract/geometry.ts';
import type { Site } from '../../contract/site.ts';
import { lngLatOf } from '../../crowd/place.ts';
import { graticule } from './graticule.ts';

setWorkerUrl(workerUrl);
const pmtiles = new Protocol();
addProtocol('pmtiles', pmtiles.tile);

export type BaseMap = {
  map: MapLibreMap;
  /** Colours follow the theme: call it after the theme of the page has changed. */
  dress(): void;
  /** The metres of the graticule are this site's. */
  setOrigin(origin: LngLat): void;
  /** First of the names that can be read is laid under everything. */
  setBasemap(names: readonly string[]): Promise<void>;
  graticuleStepM(): number | null;
  close(): void;
};

/** Throws where there is no WebGL 2. The promise-free part: sources and layers of the caller go in after `map.once('load')`. */
export function baseMap({ container, centre, zoom, label, onGraticule }: { container: HTMLElement; centre: LngLat; zoom: number; label?: string; onGraticule?: (stepM: number | null) => void }): BaseMap {
  const map = new MapLibreMap({
    container, center: [centre.lng, centre.lat], zoom, maxZoom: 23, minZoom: 1, attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, maxPitch: 0, fadeDuration: 0,
    // Arrows move, + and - zoom; turning would make north a guess.
    style: { version: 8, sources: { graticule: { type: 'geojson', data: empty } }, layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': token('--ground') } },
      { id: 'graticule', type: 'line', source: 'graticule', paint: { 'line-color': token('--line'), 'line-width': ['case', ['get', 'strong'], 1.2, 0.6], 'line-opacity': ['case', ['get', 'strong'], 0.95, 0.7] } },
    ] },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  if (label !== undefined) map.getCanvas().setAttribute('aria-label', label);
  let origin = centre;
  let stepM: number | null = null;
  let basemapName: string | null = null;
  let closed = false;

  function drawGraticule(): void {
    const source = map.getSource<GeoJSONSource>('graticule');
    if (source === undefined) return;
    const bounds = map.getBounds();
    const metresPerPx = (40_075_016.686 * Math.cos((map.getCenter().lat * Math.PI) / 180)) / (512 * 2 ** map.getZoom());
    const lines = graticule({ origin, west: bounds.getWest(), south: bounds.getSouth(), east: bounds.getEast(), north: bounds.getNorth(), metresPerPx });
    void source.setData({ type: 'FeatureCollection', features: (lines?.lines ?? []).map(({ coordinates, strong }) => ({ type: 'Feature', properties: { strong }, geometry: { type: 'LineString', coordinates } })) });
    if (lines?.stepM !== stepM) { stepM = lines?.stepM ?? null; onGraticule?.(stepM); }
  }
  map.on('load', drawGraticule);
  map.on('moveend', drawGraticule);

  return {
    map,
    dress() {
      if (!map.isStyleLoaded() && map.getLayer('ground') === undefined) return;
      map.setPaintProperty('ground', 'background-color', token('--ground'));
      map.setPaintProperty('graticule', 'line-color', token('--line'));
      for (const { id } of map.getStyle().layers) {
        const kind = /^base-(fill|line)-(\w+)/.exec(id);
        if (kind !== null) map.setPaintProperty(id, `${kind[1] as 'fill' | 'line'}-color`, baseColour(kind[2]!));
      }
    },
    setOrigin(next) { origin = next; drawGraticule(); },
    async setBasemap(names) {
      const name = names[0] ?? null;
      if (name === basemapName || name === null) return;
      basemapName = name;
      const address = `${location.origin}/basemap/${encodeURIComponent(name)}`;
      const archive = new PMTiles(address);
      pmtiles.add(archive);
      const header = await archive.getHeader();
      const metadata = await archive.getMetadata() as { vector_layers?: { id: string }[] };
      if (closed) return;
      const vector = header.tileType === TileType.Mvt;
      map.addSource('base', vector ? { type: 'vector', url: `pmtiles://${address}` } : { type: 'raster', url: `pmtiles://${address}`, tileSize: 256 });
      for (const layer of vector ? vectorLayers((metadata.vector_layers ?? []).map(({ id }) => id)) : [rasterLayer]) map.addLayer(layer, 'graticule');
    },
    graticuleStepM: () => stepM,
    close() { closed = true; map.remove(); },
  };
}

/** South-west and north-east corner of a site's grid. */
export function boundsOf(site: Site): [[number, number], [number, number]] {
  const corner = lngLatOf(site.origin, { xM: site.grid.columns * site.grid.cellM, yM: site.grid.rows * site.grid.cellM });
  return [[site.origin.lng, site.origin.lat], [corner.lng, corner.lat]];
}

/** A colour of tokens.css as it is now. */
export const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const empty = { type: 'FeatureCollection' as const, features: [] };
const rasterLayer: LayerSpecification = { id: 'base-raster', type: 'raster', source: 'base', paint: { 'raster-saturation': -0.8, 'raster-opacity': 0.45 } };

// Any vector map, whatever its layers are called: areas quiet, water and buildings told apart by name, lines thin. Names on the map would need fonts from a server.
function vectorLayers(names: string[]): LayerSpecification[] {
  return names.flatMap((name): LayerSpecification[] => {
    const role = /water|ocean|river/i.test(name) ? 'water' : /build/i.test(name) ? 'building' : /road|transport|street|highway/i.test(name) ? 'road' : 'land';
    const safe = name.replace(/\W/g, '_');
    return [
      { id: `base-fill-${role}-${safe}`, type: 'fill', source: 'base', 'source-layer': name, filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': baseColour(role), 'fill-opacity': role === 'land' ? 0.25 : 0.8 } },
      { id: `base-line-${role}-${safe}`, type: 'line', source: 'base', 'source-layer': name, filter: ['==', ['geometry-type'], 'LineString'], paint: { 'line-color': baseColour(role), 'line-width': role === 'road' ? 1.5 : 0.6 } },
    ];
  });
}
function baseColour(role: string): string {
  const dark = document.documentElement.dataset.mantineColorScheme !== 'light';
  switch (role) {
    case 'water': return dark ? '#182430' : '#d6e1ea';
    case 'building': return dark ? '#22272c' : '#dde1e5';
    case 'road': return dark ? '#31373d' : '#c9ced3';
    default: return dark ? '#1c2126' : '#e4e8e6';
  }
}
