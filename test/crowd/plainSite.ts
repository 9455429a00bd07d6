// A small site with plain numbers for tests of decisions: a grid of 20 m, two zones, two cameras that see both.
import { placeIdOf } from '../../contract/alarm.ts';
import { densityCode } from '../../contract/density.ts';
import type { Input } from '../../contract/decide.ts';
import type { FlowLine } from '../../contract/flow.ts';
import { DEFAULT_LIMITS } from '../../contract/level.ts';
import type { Reading } from '../../contract/reading.ts';
import type { Sensor, SiteConfig, Zone } from '../../contract/site.ts';
import type { Effect, SiteState } from '../../crowd/step.ts';
import { firstState, step } from '../../crowd/step.ts';
import { compileSite, type CompiledSite } from '../../crowd/site.ts';
import densityHigh from '../../crowd/rules/densityHigh.ts';
import sensorSilent from '../../crowd/rules/sensorSilent.ts';
import { calibrationOf } from './camera.ts';

export const START_MS = 1_700_000_000_000;
export const RULES = [densityHigh, sensorSilent];

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

/** Drives a state and keeps what came out; instants are milliseconds after the start. */
export class Drive {
  state: SiteState = firstState('plaza');
  effects: Effect[] = [];
  site: CompiledSite;
  constructor(config: SiteConfig = siteConfig()) { this.site = compileSite(config, RULES); }
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
    this.site = compileSite(config, RULES);
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
