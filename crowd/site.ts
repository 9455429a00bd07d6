// A site made ready for deciding: which cells each zone has, with how much of each, which zones a window of cells touches, and which rules watch what.
import { placeIdOf, type AlarmPlace } from '../contract/alarm.ts';
import type { FlowLine } from '../contract/flow.ts';
import type { GridSpec, GridWindow } from '../contract/geometry.ts';
import { STALE_AFTER_MS } from '../contract/reading.ts';
import { ALARM_SETTINGS_DEFAULT, type AlarmSettings, type RuleSettings, type Sensor, type SiteConfig, type Zone } from '../contract/site.ts';
import type { AlarmNames } from './alarmMachine.ts';
import { footprint } from './ground.ts';
import { cellAreas, cutToBox, insideRing, type Ring, ringOf, signedArea } from './polygon.ts';
import { bucketOf } from './keyed.ts';
import { type LineRule, type RuleKind, type SensorRule, settingsOf, type ZoneRule } from './rules/ruleKind.ts';
import { polygonAreaM2 } from './zoneShape.ts';

export type CompiledRule<Kind extends RuleKind> = {
  kind: Kind; settings: Record<string, any>;
  /** Names the rule at this place: one alarm, one memory. */
  key: string;
  /** bucketOf(key). */
  bucket: number;
  /** What its alarms say of where they are. */
  names: AlarmNames;
};
export type CompiledZone = {
  index: number; zone: Zone; areaM2: number;
  /** Grid indexes, rising, and how many square metres of each cell belong to the zone. */
  cells: Int32Array; cellAreaM2: Float64Array;
  /** The smallest window that holds them all. */
  window: GridWindow;
  /** The place of each cell in sums over the zone. Behind the last of neighbours in a row a place stays free, and so do the two from `placesUsed` on: a patch that reaches beyond the zone finds nothing there. */
  places: Int32Array; placesUsed: number;
  /** Sensors that are switched on and placed so that they can see some of it. */
  seenBy: string[];
  rules: CompiledRule<ZoneRule>[];
  /** How its alarms behave, with the defaults. */
  alarms: Required<AlarmSettings>;
};
export type CompiledSensor = { index: number; sensor: Sensor; /** Switched on and placed: somebody waits for its readings. */ watched: boolean; /** Indexes of the zones that it is placed to see some of, rising. */ sees: number[]; rules: CompiledRule<SensorRule>[] };
/** A drawn line, and the indexes of the sensors that are switched on and placed so that they can see some of it. */
export type CompiledLine = { index: number; line: FlowLine; lengthM: number; seenBy: number[]; rules: CompiledRule<LineRule>[] };
export type CompiledSite = {
  config: SiteConfig; version: number; grid: GridSpec;
  /** Names grid and origin: readings made for another one are worth nothing. */
  gridKey: string;
  /** No frame of a sensor for this long: what it saw is no longer shown as now. */
  staleAfterMs: number;
  zones: CompiledZone[]; zoneOf: ReadonlyMap<string, CompiledZone>; lines: CompiledLine[]; sensors: Map<string, CompiledSensor>;
  /** Keys of all rules that watch something. */
  keys: Set<string>;
  /** Zones of cell i are zonesOfCell[firstOfCell[i]] .. zonesOfCell[firstOfCell[i + 1]]. */
  firstOfCell: Int32Array; zonesOfCell: Int32Array;
};

export function compileSite(config: SiteConfig, rules: RuleKind[], { staleAfterMs = STALE_AFTER_MS }: { staleAfterMs?: number } = {}): CompiledSite {
  const { grid, origin } = config.site;
  const zoneRules = rules.filter((kind) => kind.place === 'zone'), sensorRules = rules.filter((kind) => kind.place === 'sensor'), lineRules = rules.filter((kind) => kind.place === 'line');
  const watched = (sensor: Sensor) => sensor.enabled && sensor.calibration !== null;
  const sights = config.sensors.flatMap((sensor, index) => (watched(sensor) ? [{ sensorId: sensor.sensorId, index, ring: ringOf(footprint(sensor.calibration!, grid)) }] : []));

  const zones = config.zones.map((zone, index): CompiledZone => {
    const ring = ringOf(zone.polygon), cells: number[] = [], areas: number[] = [];
    cellAreas(ring, grid.cellM, grid.columns, grid.rows, (column, row, areaM2) => { cells.push(row * grid.columns + column); areas.push(areaM2); });
    return {
      index, zone, areaM2: polygonAreaM2(zone.polygon), cells: Int32Array.from(cells), cellAreaM2: Float64Array.from(areas),
      window: windowOf(cells, grid), ...placesOf(cells, grid),
      seenBy: sights.filter((sight) => overlap(sight.ring, ring)).map((sight) => sight.sensorId),
      rules: compiled(zoneRules, zone.rules, config.site, { kind: 'zone', zoneId: zone.zoneId }, zone.name),
      alarms: { ...ALARM_SETTINGS_DEFAULT, ...zone.alarms },
    };
  });
  const sensors = new Map(config.sensors.map((sensor, index) => [sensor.sensorId, { index, sensor, watched: watched(sensor), sees: zones.flatMap(({ seenBy }, zone) => (seenBy.includes(sensor.sensorId) ? [zone] : [])), rules: watched(sensor) ? compiled(sensorRules, {}, config.site, { kind: 'sensor', sensorId: sensor.sensorId }, sensor.name) : [] }]));

  const lines = (config.lines ?? []).map((line, index): CompiledLine => ({
    index, line, lengthM: Math.hypot(line.b.xM - line.a.xM, line.b.yM - line.a.yM),
    seenBy: sights.filter(({ ring }) => meets(ring, line)).map((sight) => sight.index),
    rules: compiled(lineRules, line.rules, config.site, { kind: 'line', lineId: line.lineId }, line.name),
  }));

  const firstOfCell = new Int32Array(grid.columns * grid.rows + 1);
  for (const { cells } of zones) for (const cell of cells) firstOfCell[cell + 1]!++;
  for (let i = 1; i < firstOfCell.length; i++) firstOfCell[i]! += firstOfCell[i - 1]!;
  const zonesOfCell = new Int32Array(firstOfCell.at(-1)!), next = firstOfCell.slice(0, -1);
  for (const { cells, index } of zones) for (const cell of cells) zonesOfCell[next[cell]!++] = index;

  const keys = new Set([...zones, ...sensors.values(), ...lines].flatMap((place) => place.rules.map((rule) => rule.key)));
  const gridKey = [grid.cellM, grid.columns, grid.rows, origin.lng, origin.lat].join(' ');
  return { config, version: config.version, grid, gridKey, staleAfterMs, zones, zoneOf: new Map(zones.map((zone) => [zone.zone.zoneId, zone])), lines, sensors, keys, firstOfCell, zonesOfCell };
}

function windowOf(cells: readonly number[], { columns }: GridSpec): GridWindow {
  let columnFirst = Infinity, columnLast = -1;
  for (const cell of cells) { columnFirst = Math.min(columnFirst, cell % columns); columnLast = Math.max(columnLast, cell % columns); }
  if (cells.length === 0) return { columnFirst: 0, rowFirst: 0, columns: 0, rows: 0 };
  const rowFirst = Math.floor(cells[0]! / columns);
  return { columnFirst, rowFirst, columns: columnLast + 1 - columnFirst, rows: Math.floor(cells.at(-1)! / columns) + 1 - rowFirst };
}

function placesOf(cells: readonly number[], { columns, cellM }: GridSpec): Pick<CompiledZone, 'places' | 'placesUsed'> {
  // A cell of 2 m or more is a patch of its own: it has no neighbours.
  const follows = (i: number) => cellM === 1 && cells[i] === cells[i - 1]! + 1 && cells[i]! % columns !== 0;
  let next = 0;
  const places = Int32Array.from(cells, (_, i) => { if (i > 0 && !follows(i)) next++; return next++; });
  return { places, placesUsed: next + 1 };
}

export function windowsMeet(a: GridWindow, b: GridWindow): boolean {
  return a.columnFirst < b.columnFirst + b.columns && b.columnFirst < a.columnFirst + a.columns && a.rowFirst < b.rowFirst + b.rows && b.rowFirst < a.rowFirst + a.rows;
}

/** Indexes of the zones that have a cell in the window, rising. */
export function zonesIn(site: CompiledSite, window: GridWindow): number[] {
  const found = new Uint8Array(site.zones.length);
  const { firstOfCell, zonesOfCell, grid } = site;
  const rowEnd = Math.min(grid.rows, window.rowFirst + window.rows), columnEnd = Math.min(grid.columns, window.columnFirst + window.columns);
  if (columnEnd > window.columnFirst) for (let row = window.rowFirst; row < rowEnd; row++) {
    // The zones of neighbouring cells lie side by side: one run for a whole row.
    const from = firstOfCell[row * grid.columns + window.columnFirst]!, to = firstOfCell[row * grid.columns + columnEnd]!;
    for (let at = from; at < to; at++) found[zonesOfCell[at]!] = 1;
  }
  return [...found.keys()].filter((index) => found[index] === 1);
}

export const ruleKey = (rule: string, place: AlarmPlace): string => `${rule}:${place.kind}:${placeIdOf(place)}`;

function compiled<Kind extends RuleKind>(kinds: Kind[], own: Record<string, RuleSettings>, { siteId, name: siteName, demo }: SiteConfig['site'], place: AlarmPlace, placeName: string): CompiledRule<Kind>[] {
  return kinds
    .map((kind) => ({
      kind, settings: settingsOf(kind, Object.hasOwn(own, kind.name) ? own[kind.name] : undefined),
      key: ruleKey(kind.name, place), bucket: bucketOf(ruleKey(kind.name, place)),
      names: { siteId, siteName, placeName, place, rule: kind.name, demo },
    }))
    .filter((rule) => rule.settings['enabled'] !== false);
}

/** Some point of the line lies in the sight: every tenth of it is asked. */
const meets = (sight: Ring, { a, b }: FlowLine): boolean => sight.length >= 6 && Array.from({ length: 11 }, (_, tenth) => tenth / 10).some((at) => insideRing(sight, a.xM + at * (b.xM - a.xM), a.yM + at * (b.yM - a.yM)));

/** Enough for "can see some of it": a corner of one inside the other, or a side of one cut by the other's box. */
function overlap(sight: Ring, zone: Ring): boolean {
  if (sight.length < 6) return false;
  for (let i = 0; i < zone.length; i += 2) if (insideRing(sight, zone[i]!, zone[i + 1]!)) return true;
  for (let i = 0; i < sight.length; i += 2) if (insideRing(zone, sight[i]!, sight[i + 1]!)) return true;
  let xLeast = Infinity, yLeast = Infinity, xMost = -Infinity, yMost = -Infinity;
  for (let i = 0; i < zone.length; i += 2) { xLeast = Math.min(xLeast, zone[i]!); xMost = Math.max(xMost, zone[i]!); yLeast = Math.min(yLeast, zone[i + 1]!); yMost = Math.max(yMost, zone[i + 1]!); }
  return Math.abs(signedArea(cutToBox(sight, xLeast, yLeast, xMost, yMost))) > 0.5;
}
