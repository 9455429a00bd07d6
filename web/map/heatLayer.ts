// The heat on the map: one byte texture of density codes per site and a table of fixed colours, drawn by our own WebGL layer between MapLibre's.
// Kernel heat maps would colour by zoom and by the current maximum; that is not a measurement.
import type { CustomLayerInterface, CustomRenderMethodInput, Map as MapLibreMap } from 'maplibre-gl';
import { blendReadings } from '../../crowd/blend.ts';
import { lngLatOf } from '../../crowd/place.ts';
import { DENSITY_CODE_UNKNOWN } from '../../contract/density.ts';
import { STALE_AFTER_MS, type Reading } from '../../contract/reading.ts';
import type { SiteConfig } from '../../contract/site.ts';
import type { LiveStore } from '../live/store.ts';
import { heatTable } from './heatRamp.ts';
import { mercatorOf } from './mercator.ts';
import { supposedToBeSeen } from './siteRaster.ts';

/** Quads on each side of a site: the plane of metres and Mercator differ by centimetres within one of them. */
const MESH = 16;

export type HeatLayer = CustomLayerInterface & {
  setSites(sites: readonly SiteConfig[]): void;
  /** `hatch`: lines over ground of which nothing is known; `counted`: a plain fill under ground that was counted and is nearly empty. */
  setGroundColours(colours: { hatch: Rgb; counted: Rgb }): void;
  setVisible(visible: boolean): void;
  setSmooth(smooth: boolean): void;
  /** The oldest capture that the heat of a site is made of; null while no reading is young enough. */
  capturedAtMs(siteId: string): number | null;
  /** The newest capture known of a site, however old. */
  lastCapturedAtMs(siteId: string): number | null;
  /** After the heat of a site was made anew. */
  onChange(listener: () => void): () => void;
  close(): void;
};

type Rgb = { r: number; g: number; b: number };
type SiteHeat = {
  config: SiteConfig; dirty: boolean; maskDirty: boolean; drawnSensors: Map<string, number>; capturedAtMs: number | null; fresh: Reading[];
  codes: WebGLTexture | null; mask: WebGLTexture | null; mesh: WebGLBuffer | null; originX: number; originY: number; vertices: Float32Array; buffer: Uint8Array;
};

export function heatLayer({ store }: { store: LiveStore }): HeatLayer {
  const listeners = new Set<() => void>();
  let map: MapLibreMap | null = null;
  let gl: WebGL2RenderingContext | null = null;
  let program: WebGLProgram | null = null;
  let table: WebGLTexture | null = null;
  let hatch: Rgb = { r: 93, g: 84, b: 112 }, counted: Rgb = { r: 10, g: 12, b: 14 };
  let visible = true, smooth = false;
  let sites: SiteHeat[] = [];

  const stopReadings = store.readings.onReading((reading) => {
    const heat = sites.find(({ config }) => config.site.siteId === reading.siteId);
    if (heat === undefined) return;
    heat.dirty = true;
    map?.triggerRepaint();
  });
  // Silence changes the picture, too: what was young a second ago may be stale now.
  const ageTimer = setInterval(() => {
    const nowMs = store.serverNowMs();
    for (const heat of sites) if (heat.fresh.some((reading) => nowMs - reading.heardAtMs > STALE_AFTER_MS)) { heat.dirty = true; map?.triggerRepaint(); }
  }, 500);

  function blend(heat: SiteHeat): Reading[] {
    const { grid, siteId } = heat.config.site;
    const nowMs = store.serverNowMs();
    const versionOf = new Map(heat.config.sensors.map((sensor) => [sensor.sensorId, sensor.enabled ? sensor.calibration?.version : undefined]));
    const readings = store.readings.ofSite(siteId).filter((reading) => nowMs - reading.heardAtMs <= STALE_AFTER_MS
      && versionOf.get(reading.sensorId) === reading.calibrationVersion
      && reading.window.columnFirst + reading.window.columns <= grid.columns && reading.window.rowFirst + reading.window.rows <= grid.rows);
    heat.fresh = readings;
    if (readings.length === 0) { heat.capturedAtMs = null; heat.buffer.fill(DENSITY_CODE_UNKNOWN); } else {
      const blended = blendReadings(readings, grid);
      heat.buffer = blended.densityCodes;
      heat.capturedAtMs = Math.min(...readings.map((reading) => reading.capturedAtMs));
    }
    for (const listener of listeners) listener();
    return readings;
  }

  function uploadCells(context: WebGL2RenderingContext, texture: WebGLTexture | null, heat: SiteHeat, bytes: Uint8Array): WebGLTexture {
    const { columns, rows } = heat.config.site.grid;
    const target = texture ?? context.createTexture();
    context.bindTexture(context.TEXTURE_2D, target);
    context.pixelStorei(context.UNPACK_ALIGNMENT, 1);
    context.pixelStorei(context.UNPACK_FLIP_Y_WEBGL, false);
    context.pixelStorei(context.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    if (texture === null) {
      context.texImage2D(context.TEXTURE_2D, 0, context.R8, columns, rows, 0, context.RED, context.UNSIGNED_BYTE, bytes);
      for (const name of [context.TEXTURE_MIN_FILTER, context.TEXTURE_MAG_FILTER]) context.texParameteri(context.TEXTURE_2D, name, context.NEAREST);
      for (const name of [context.TEXTURE_WRAP_S, context.TEXTURE_WRAP_T]) context.texParameteri(context.TEXTURE_2D, name, context.CLAMP_TO_EDGE);
    } else context.texSubImage2D(context.TEXTURE_2D, 0, 0, 0, columns, rows, context.RED, context.UNSIGNED_BYTE, bytes);
    return target;
  }

  function forget(heat: SiteHeat): void {
    if (gl === null) return;
    gl.deleteTexture(heat.codes); gl.deleteTexture(heat.mask); gl.deleteBuffer(heat.mesh);
  }

  return {
    id: 'heat', type: 'custom', renderingMode: '2d',
    onAdd(toMap, context) {
      map = toMap; gl = context;
      program = compiled(context);
      table = context.createTexture();
      context.bindTexture(context.TEXTURE_2D, table);
      context.pixelStorei(context.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
      context.pixelStorei(context.UNPACK_FLIP_Y_WEBGL, false);
      context.texImage2D(context.TEXTURE_2D, 0, context.RGBA8, 256, 1, 0, context.RGBA, context.UNSIGNED_BYTE, heatTable());
      for (const name of [context.TEXTURE_MIN_FILTER, context.TEXTURE_MAG_FILTER]) context.texParameteri(context.TEXTURE_2D, name, context.NEAREST);
      for (const heat of sites) { heat.codes = heat.mask = heat.mesh = null; heat.dirty = heat.maskDirty = true; }
    },
    onRemove() { for (const heat of sites) forget(heat); if (gl !== null) { gl.deleteProgram(program); gl.deleteTexture(table); } map = null; gl = null; },

    render(context: WebGL2RenderingContext, { defaultProjectionData }: CustomRenderMethodInput) {
      if (program === null) return;
      const drawn: Reading[] = [];
      context.useProgram(program);
      const at = (name: string) => context.getUniformLocation(program!, name);
      context.enable(context.BLEND);
      context.blendFunc(context.ONE, context.ONE_MINUS_SRC_ALPHA);
      context.disable(context.DEPTH_TEST); context.disable(context.STENCIL_TEST); context.disable(context.CULL_FACE);
      context.bindVertexArray(null);
      for (const heat of sites) {
        if (heat.dirty) {
          for (const reading of blend(heat)) if (heat.drawnSensors.get(reading.sensorId) !== reading.seq) { heat.drawnSensors.set(reading.sensorId, reading.seq); drawn.push(reading); }
          context.activeTexture(context.TEXTURE0);
          heat.codes = uploadCells(context, heat.codes, heat, heat.buffer);
          heat.dirty = false;
        }
        if (heat.maskDirty) { context.activeTexture(context.TEXTURE1); heat.mask = uploadCells(context, heat.mask, heat, supposedToBeSeen(heat.config)); heat.maskDirty = false; }
        if (heat.mesh === null) { heat.mesh = context.createBuffer(); context.bindBuffer(context.ARRAY_BUFFER, heat.mesh); context.bufferData(context.ARRAY_BUFFER, heat.vertices, context.STATIC_DRAW); }
        if (!visible) continue;
        context.activeTexture(context.TEXTURE0); context.bindTexture(context.TEXTURE_2D, heat.codes); context.uniform1i(at('codes'), 0);
        context.activeTexture(context.TEXTURE1); context.bindTexture(context.TEXTURE_2D, heat.mask); context.uniform1i(at('mask'), 1);
        context.activeTexture(context.TEXTURE2); context.bindTexture(context.TEXTURE_2D, table); context.uniform1i(at('colours'), 2);
        context.uniformMatrix4fv(at('matrix'), false, shifted(defaultProjectionData.mainMatrix as ArrayLike<number>, heat.originX, heat.originY));
        context.uniform3f(at('hatch'), hatch.r / 255, hatch.g / 255, hatch.b / 255);
        context.uniform3f(at('counted'), counted.r / 255, counted.g / 255, counted.b / 255);
        context.uniform2i(at('size'), heat.config.site.grid.columns, heat.config.site.grid.rows);
        context.uniform1i(at('smoothed'), smooth ? 1 : 0);
        context.uniform1f(at('pixelRatio'), devicePixelRatio);
        context.bindBuffer(context.ARRAY_BUFFER, heat.mesh);
        const position = context.getAttribLocation(program, 'position'), share = context.getAttribLocation(program, 'share');
        context.enableVertexAttribArray(position); context.vertexAttribPointer(position, 2, context.FLOAT, false, 16, 0);
        context.enableVertexAttribArray(share); context.vertexAttribPointer(share, 2, context.FLOAT, false, 16, 8);
        context.drawArrays(context.TRIANGLES, 0, heat.vertices.length / 4);
      }
      if (drawn.length > 0) markPainted(drawn);
    },

    setSites(configs) {
      for (const heat of sites) if (!configs.some((config) => sameGround(config, heat.config))) forget(heat);
      sites = configs.map((config) => {
        const known = sites.find((heat) => sameGround(config, heat.config));
        if (known !== undefined) { if (known.config !== config) { known.maskDirty = known.dirty = true; known.config = config; } return known; }
        const corner = mercatorOf(config.site.origin);
        return { config, dirty: true, maskDirty: true, drawnSensors: new Map(), capturedAtMs: null, fresh: [], codes: null, mask: null, mesh: null,
          originX: corner.x, originY: corner.y, vertices: meshOf(config), buffer: new Uint8Array(config.site.grid.columns * config.site.grid.rows).fill(DENSITY_CODE_UNKNOWN) };
      });
      map?.triggerRepaint();
    },
    setGroundColours(colours) { ({ hatch, counted } = colours); map?.triggerRepaint(); },
    setVisible(shown) { visible = shown; map?.triggerRepaint(); },
    setSmooth(on) { smooth = on; map?.triggerRepaint(); },
    capturedAtMs: (siteId) => sites.find(({ config }) => config.site.siteId === siteId)?.capturedAtMs ?? null,
    lastCapturedAtMs: (siteId) => store.readings.ofSite(siteId).reduce<number | null>((last, { capturedAtMs }) => Math.max(last ?? 0, capturedAtMs), null),
    onChange(listener) { listeners.add(listener); return () => { listeners.delete(listener); }; },
    close() { stopReadings(); clearInterval(ageTimer); },
  };
}

const sameGround = (a: SiteConfig, b: SiteConfig) => a.site.siteId === b.site.siteId && JSON.stringify([a.site.grid, a.site.origin]) === JSON.stringify([b.site.grid, b.site.origin]);

// Vertices are relative to the site's corner: 32-bit floats of the whole world would be two metres coarse.
function meshOf({ site: { origin, grid } }: SiteConfig): Float32Array {
  const corner = mercatorOf(origin);
  const at = (column: number, row: number) => {
    const point = mercatorOf(lngLatOf(origin, { xM: (column / MESH) * grid.columns * grid.cellM, yM: (row / MESH) * grid.rows * grid.cellM }));
    return [point.x - corner.x, point.y - corner.y, column / MESH, row / MESH];
  };
  const vertices: number[] = [];
  for (let row = 0; row < MESH; row++) for (let column = 0; column < MESH; column++) {
    const [a, b, c, d] = [at(column, row), at(column + 1, row), at(column, row + 1), at(column + 1, row + 1)];
    vertices.push(...a, ...b, ...c, ...b, ...d, ...c);
  }
  return Float32Array.from(vertices);
}

/** matrix * translate(x, y, 0), in doubles. */
function shifted(matrix: ArrayLike<number>, x: number, y: number): Float32Array {
  const result = Float32Array.from(matrix);
  for (let row = 0; row < 4; row++) result[12 + row] = matrix[row]! * x + matrix[4 + row]! * y + matrix[12 + row]!;
  return result;
}

function markPainted(readings: Reading[]): void {
  const point = window.__crowdlight;
  if (point === undefined) return;
  // After the frame was handed to the screen: the callback of the next frame is the first instant at which this one is done.
  requestAnimationFrame(() => {
    const paintedAtMs = Date.now();
    for (const { sensorId, seq, capturedAtMs } of readings) { point.painted = { sensorId, seq, capturedAtMs, paintedAtMs }; point.paintedOf[sensorId] = point.painted; }
  });
}

function compiled(gl: WebGL2RenderingContext): WebGLProgram {
  const shader = (type: number, source: string) => {
    const made = gl.createShader(type)!;
    gl.shaderSource(made, source); gl.compileShader(made);
    if (!gl.getShaderParameter(made, gl.COMPILE_STATUS) && !gl.isContextLost()) throw new Error(`heat shader: ${gl.getShaderInfoLog(made)}`);
    return made;
  };
  const made = gl.createProgram();
  gl.attachShader(made, shader(gl.VERTEX_SHADER, VERTEX)); gl.attachShader(made, shader(gl.FRAGMENT_SHADER, FRAGMENT));
  gl.linkProgram(made);
  if (!gl.getProgramParameter(made, gl.LINK_STATUS) && !gl.isContextLost()) throw new Error(`heat program: ${gl.getProgramInfoLog(made)}`);
  return made;
}

const VERTEX = `#version 300 es
in vec2 position; in vec2 share; out vec2 at; uniform mat4 matrix;
void main() { at = share; gl_Position = matrix * vec4(position, 0.0, 1.0); }`;

// Codes are read by whole cells (texelFetch). Smooth mixes the codes of known neighbours only; an unknown cell stays unknown.
// Every unknown cell is hatched, more strongly where somebody is supposed to see: blank ground would read as calm. The lines rise to the right, as all hatches of the page.
const FRAGMENT = `#version 300 es
precision highp float;
in vec2 at; out vec4 colour;
uniform sampler2D codes, mask, colours; uniform ivec2 size; uniform vec3 hatch, counted; uniform int smoothed; uniform float pixelRatio;
float codeAt(ivec2 cell) { return texelFetch(codes, clamp(cell, ivec2(0), size - 1), 0).r * 255.0; }
void main() {
  vec2 grid = at * vec2(size);
  ivec2 cell = clamp(ivec2(floor(grid)), ivec2(0), size - 1);
  float code = codeAt(cell);
  if (code > 254.5) {
    bool promised = texelFetch(mask, cell, 0).r > 0.5;
    float stripe = mod((gl_FragCoord.x - gl_FragCoord.y) / pixelRatio, 9.0);
    float line = smoothstep(0.0, 1.0, (promised ? 1.9 : 1.0) - min(stripe, 9.0 - stripe));
    colour = vec4(hatch, 1.0) * mix(promised ? 0.16 : 0.05, promised ? 0.85 : 0.42, line);
    return;
  }
  if (smoothed == 1) {
    vec2 corner = grid - 0.5; ivec2 base = ivec2(floor(corner)); vec2 part = fract(corner); float sum = 0.0, weight = 0.0;
    for (int dy = 0; dy < 2; dy++) for (int dx = 0; dx < 2; dx++) {
      float near = codeAt(base + ivec2(dx, dy));
      float w = (dx == 0 ? 1.0 - part.x : part.x) * (dy == 0 ? 1.0 - part.y : part.y);
      if (near < 254.5) { sum += near * w; weight += w; }
    }
    if (weight > 0.0) code = floor(sum / weight + 0.5);
  }
  colour = texelFetch(colours, ivec2(int(code + 0.5), 0), 0);
  if (colour.a == 0.0) colour = vec4(counted, 1.0) * 0.7;
}`;
