// A small site with plain numbers for tests of decisions: a grid of 20 m, two zones, two cameras that see both.
import Type from 'typebox';
import { placeIdOf } from '../../contract/alarm.ts';
import { densityCode } from '../../contract/density.ts';
import type { Input } from '../../contract/decide.ts';
import { type FlowLine, type FlowRasters, shareCode, spreadCode, velocityCode } from '../../contract/flow.ts';
import { DEFAULT_LIMITS } from '../../contract/level.ts';
import type { Reading } from '../../contract/reading.ts';
import type { Sensor, SiteConfig, Zone } from '../../contract/site.ts';
import type { Effect, SiteState } from '../../crowd/step.ts';
import { firstState, step } from '../../crowd/step.ts';
import { compileSite, type CompiledSite } from '../../crowd/site.ts';
import densityHigh from '../../crowd/rules/densityHigh.ts';
import sensorSilent from '../../crowd/rules/sensorSilent.ts';
import type { Judgement, LineRule, RuleKind, SensorRule, ZoneRule } from '../../crowd/rules/ruleKind.ts';
import { calibrationOf } from './camera.ts';

export const START_MS = 1_700_000_000_000;
export const RULES = [densityHigh, sensorSilent];

const plainKind = (name: string) => ({ name, title: { en: name, zh: name }, settings: Type.Object({}), because: { en: {}, zh: {} }, firstMemory: null, refused: [], examples: [] });
const judged = (level: 'warning' | null, values: Record<string, number | string | null>): Judgement<null> => ({ memory: null, level: level ?? 'calm', wish: { level, because: { code: 'plain', values }, easeHoldMs: 0 } });
/** Rules that say at once what they are told: more than 100 people/min across a line, a share of 0.3 against the others in a zone, a forecast above 5 people/m2, a fault of a picture. */
export const PLAIN_RULES: [LineRule, ZoneRule, ZoneRule, SensorRule] = [
  { ...plainKind('lineBusy'), place: 'line', judge: ({ place: { figures } }) => (figures === null ? { memory: null, level: 'calm', wish: null } : judged(figures.inPeoplePerMin + figures.outPeoplePerMin > 100 ? 'warning' : null, { ...figures })) },
  { ...plainKind('against'), place: 'zone', judge: ({ place: { figures } }) => (figures === null || figures.flow === null ? { memory: null, level: 'calm', wish: null } : judged(figures.flow.counterShare > 0.3 ? 'warning' : null, { ...figures.flow })) },
  { ...plainKind('soonDense'), place: 'zone', judge: ({ place: { forecast } }) => (forecast === null ? { memory: null, level: 'calm', wish: null } : judged(forecast.points.some(({ peoplePerM2 }) => peoplePerM2 > 5) ? 'warning' : null, {})) },
  { ...plainKind('faulty'), place: 'sensor', judge: ({ place: { fault, faultForMs, silentForMs } }) => judged(fault !== null ? 'warning' : null, { fault, faultForMs, silentForMs }) },
];

export const zoneAt = (zoneId: string, x: number, more: Partial<Zone> = {}): Zone => ({
  zoneId, siteId: 'plaza', name: `zone ${zoneId}`, kind: 'standing', limits: DEFAULT_LIMITS.standing, rules: {},
  polygon: [{ xM: x, yM: 2 }, { xM: x + 8, yM: 2 }, { xM: x + 8, yM: 10 }, { xM: x, yM: 10 }], ...more,
});
/** Across the way at x, from south to north: in goes east. */
export const lineAt = (lineId: string, x: number, more: Partial<FlowLine> = {}): FlowLine => ({ lineId, siteId: 'plaza', name: `line ${lineId}`, a: { xM: x, yM: 2 }, b: { xM: x, yM: 10 }, surface: 'level', rules: {}, ...more });
export const sensorOf = (sensorId: string, more: Partial<Sensor> = {}): Sensor => ({
  sensorId, siteId: 'plaza', name: `camera ${sensorId}`, kind: 'rtsp', addressShown: 'rtsp://host/', enabled: true,
  calibration: calibrationOf({ xM: 10, yM: -6, heightM: 10, bearingDeg: 0, tiltDeg: 38, viewDeg: 75, aspect: 16 / 9 }, [{ xM: 6, yM: 1 }, { xM: 14, yM: 1 }, { xM: 18, yM: 14 }, { xM: 2, yM: 14 }]), ...more,
});
export const siteConfig = (more: Partial<SiteConfig> = {}): SiteConfig => ({
  version: 1, site: { siteId: 'plaza', name: 'Plaza', origin: { lng: 8, lat: 50 }, grid: { cellM: 1, columns: 20, rows: 20 }, demo: false },
  zones: [zoneAt('west', 1), zoneAt('east', 11)], sensors: [sensorOf('one')], ...more,
});

/** A reading of one density over a part of the grid. */
export function readingOf(peoplePerM2: number | ((column: number, row: number) => number | null), more: Partial<Reading> & { atMs: number; errorPeoplePerM2?: number; weight?: number }): Reading {
  const { atMs, errorPeoplePerM2 = 0.1, weight = 100, ...rest } = more;
  const window = rest.window ?? { columnFirst: 0, rowFirst: 0, columns: 20, rows: 20 }, count = window.columns * window.rows;
  const densityCodes = Uint8Array.from({ length: count }, (_, at) => densityCode(typeof peoplePerM2 === 'number' ? peoplePerM2 : peoplePerM2(window.columnFirst + (at % window.columns), window.rowFirst + Math.floor(at / window.columns))));
  return {
    siteId: 'plaza', sensorId: 'one', epoch: 1, seq: atMs, capturedAtMs: START_MS + atMs, heardAtMs: START_MS + atMs, calibrationVersion: 1, modelId: 'm', peopleInPicture: 3,
    densityCodes, errorCodes: densityCodes.map((code) => (code === 255 ? 255 : densityCode(errorPeoplePerM2))), weightCodes: densityCodes.map((code) => (code === 255 ? 0 : weight)), flow: null, fault: null, ...rest, window,
  };
}

/** Everybody in the window goes one way, a share of them against it. */
export function flowOf(count: number, { eastMPerS = 0, northMPerS = 0, spreadMPerS = 0.1, counterShare = 0 }: { eastMPerS?: number; northMPerS?: number; spreadMPerS?: number; counterShare?: number } = {}): FlowRasters {
  const raster = (code: number) => new Uint8Array(count).fill(code);
  return { eastCodes: raster(velocityCode(eastMPerS)), northCodes: raster(velocityCode(northMPerS)), spreadCodes: raster(spreadCode(spreadMPerS)), counterCodes: raster(shareCode(counterShare)) };
}

/** Drives a state and keeps what came out; instants are milliseconds after the start. */
export class Drive {
  state: SiteState = firstState('plaza');
  effects: Effect[] = [];
  site: CompiledSite;
  rules: RuleKind[];
  constructor(config: SiteConfig = siteConfig(), rules: RuleKind[] = RULES) { this.rules = rules; this.site = compileSite(config, rules); }
  give(input: Input): Effect[] {
    const result = step(this.state, input, this.site);
    this.state = result.state;
    this.effects.push(...result.effects);
    return result.effects;
  }
  tick(atMs: number) { return this.give({ type: 'tick', atMs: START_MS + atMs }); }
  see(peoplePerM2: Parameters<typeof readingOf>[0], more: Parameters<typeof readingOf>[1]) { return this.give({ type: 'reading', reading: readingOf(peoplePerM2, more) }); }
  /** A reading and a tick every 500 ms. */
  run(fromMs: number, toMs: number, peoplePerM2: Parameters<typeof readingOf>[0], more: Partial<Parameters<typeof readingOf>[1]> = {}): Effect[] {
    const effects: Effect[] = [];
    for (let atMs = fromMs; atMs < toMs; atMs += 500) effects.push(...this.tick(atMs), ...this.see(peoplePerM2, { ...more, atMs: atMs + 1 }));
    return effects;
  }
  /** Ticks alone. */
  wait(fromMs: number, toMs: number): Effect[] {
    const effects: Effect[] = [];
    for (let atMs = fromMs; atMs < toMs; atMs += 500) effects.push(...this.tick(atMs));
    return effects;
  }
  change(config: SiteConfig, atMs: number): Effect[] {
    this.site = compileSite(config, this.rules);
    return this.give({ type: 'configChanged', version: config.version, atMs: START_MS + atMs });
  }
  acknowledge(alarmId: string, commandId: string, atMs: number): Effect[] {
    return this.give({ type: 'acknowledge', commandId, alarmId, by: 'operator', atMs: START_MS + atMs });
  }
  zone(zoneId: string) { return this.state.zones.find((zone) => zone.zoneId === zoneId)!; }
  open(rule: string, placeId: string) { return [...this.state.alarms].find(([key]) => key.startsWith(`${rule}:`) && key.endsWith(`:${placeId}`))?.[1].alarm; }
}
/** 'null>raised:warning' for each event of one alarm place. */
export const path = (effects: Effect[], placeId: string): string[] => effects.flatMap((effect) => {
  if (effect.type !== 'alarmChanged') return [];
  const { from, alarm } = effect.event;
  return placeIdOf(alarm.place) === placeId ? [`${from}>${alarm.state}:${alarm.level}`] : [];
});
