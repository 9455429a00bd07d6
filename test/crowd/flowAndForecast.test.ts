// Flow and forecasts as the decider keeps them with a zone, and hands them to its rules.
import { describe, expect, test } from 'vitest';
import { FORECAST_STALE_AFTER_MS, type ZoneForecast } from '../../contract/forecast.ts';
import type { ZoneState } from '../../contract/zoneState.ts';
import { siteStateFromJson, siteStateToJson } from '../../crowd/siteState.ts';
import { Drive, flowOf, path, PLAIN_RULES, RULES, siteConfig, START_MS, zoneAt } from './plainSite.ts';

const drive = (more: Parameters<typeof siteConfig>[0] = {}) => new Drive(siteConfig(more), [...RULES, ...PLAIN_RULES]);
const seen = (state: ZoneState) => { if (state.sight !== 'seen') throw new Error(`blind: ${state.because}`); return state; };

describe('flow of a zone', () => {
  test('FI8 is found with the next tick, then once a second, of the readings that count then, and held in between', () => {
    const one = drive();
    one.tick(0);
    one.see(2, { atMs: 100, flow: flowOf(400, { eastMPerS: 1.2, northMPerS: -0.5, spreadMPerS: 0.3 }) });
    expect(seen(one.zone('west')).figures.flow).toBeNull();
    one.tick(500);
    const { figures } = seen(one.zone('west'));
    expect(figures.flow).toMatchObject({ eastMPerS: expect.closeTo(1.2, 1), northMPerS: expect.closeTo(-0.5, 1), velocityVarianceM2PerS2: expect.closeTo(0.09, 2), counterShare: 0, knownShare: 1 });
    one.see(2, { atMs: 600, flow: flowOf(400, { eastMPerS: -1 }) });
    expect(seen(one.zone('west')).figures.flow).toBe(figures.flow);
    for (const atMs of [1000, 1500]) one.tick(atMs);
    expect(seen(one.zone('west')).figures.flow!.eastMPerS).toBeCloseTo(-1, 1);
    one.see(2, { atMs: 1600 });
    for (const atMs of [2000, 2500]) one.tick(atMs);
    expect(seen(one.zone('west')).figures.flow).toBeNull();
  });
  test('FI8 a rule judges it, and without motion the alarm stays as it is', () => {
    const one = drive();
    expect(path(one.run(0, 1500, 2, { flow: flowOf(400, { eastMPerS: 0.2, spreadMPerS: 1, counterShare: 0.4 }) }), 'west')).toEqual(['null>raised:warning']);
    expect(seen(one.zone('west'))).toMatchObject({ level: 'warning', figures: { flow: { counterShare: expect.closeTo(0.4, 1) } } });
    expect(path(one.run(1500, 10_000, 2), 'west')).toEqual([]);
    expect(path(one.run(10_000, 12_000, 2, { flow: flowOf(400, { eastMPerS: 1 }) }), 'west')).toContain('raised>easing:warning');
  });
  test('IN1 rasters of flow that do not fill the window change nothing', () => {
    const one = drive();
    one.tick(0);
    expect(one.see(6, { atMs: 100, flow: { ...flowOf(400), spreadCodes: new Uint8Array(399) } })).toEqual([]);
    expect(one.zone('west')).toMatchObject({ sight: 'blind', because: 'neverSeen' });
  });
});

describe('a forecast', () => {
  const forecastOf = (zoneId: string, madeAtMs: number, peoplePerM2 = 6): ZoneForecast => ({ zoneId, madeAtMs: START_MS + madeAtMs, points: [{ aheadMinutes: 10, peoplePerM2, peoplePerM2Low: peoplePerM2 - 1, peoplePerM2High: peoplePerM2 + 1, skillShare: 0.3 }] });
  const give = (one: Drive, atMs: number, ...forecasts: ZoneForecast[]) => one.give({ type: 'forecast', forecasts, atMs: START_MS + atMs });

  test('FT1 stays with its zone, is shown and judged from the next look on, and ends when it is too old', () => {
    const one = drive();
    one.run(0, 2000, 2);
    expect(give(one, 2000, forecastOf('west', 1990), forecastOf('nowhere', 1990))).toEqual([]);
    expect(path(one.run(2000, 3000, 2), 'west')).toEqual(['null>raised:warning']);
    expect(seen(one.zone('west')).forecast).toEqual(forecastOf('west', 1990));
    expect(seen(one.zone('east')).forecast).toBeNull();
    one.run(3000, FORECAST_STALE_AFTER_MS + 1500, 2);
    expect(seen(one.zone('west')).forecast).not.toBeNull();
    expect(path(one.run(FORECAST_STALE_AFTER_MS + 1500, FORECAST_STALE_AFTER_MS + 4000, 2), 'west')).toEqual([]);
    expect(seen(one.zone('west')).forecast).toBeNull();
    expect(one.open('soonDense', 'west')).toMatchObject({ state: 'raised' });
  });
  test('FT2 a younger one takes its place, an older one does not; one that was old when it came is older still', () => {
    const one = drive();
    one.run(0, 60_000, 2);
    give(one, 60_000, forecastOf('west', 59_000, 3));
    give(one, 60_100, forecastOf('west', 30_000, 6), forecastOf('east', 60_000 - FORECAST_STALE_AFTER_MS, 6));
    one.run(60_500, 61_500, 2);
    expect(seen(one.zone('west')).forecast).toEqual(forecastOf('west', 59_000, 3));
    expect(seen(one.zone('east')).forecast).toBeNull();
    give(one, 61_600, forecastOf('west', 61_000, 6));
    expect(path(one.run(62_000, 63_000, 2), 'west')).toEqual(['null>raised:warning']);
  });
  test('FT3 a clock that was set back does not keep an old one for ever', () => {
    const one = drive();
    one.run(0, 2000, 2);
    give(one, 2000, forecastOf('west', 3_600_000));
    one.run(2000, FORECAST_STALE_AFTER_MS + 3000, 2);
    expect(seen(one.zone('west')).forecast).toBeNull();
    give(one, FORECAST_STALE_AFTER_MS + 3000, forecastOf('west', FORECAST_STALE_AFTER_MS + 2000, 4));
    one.run(FORECAST_STALE_AFTER_MS + 3500, FORECAST_STALE_AFTER_MS + 4500, 2);
    expect(seen(one.zone('west')).forecast).toMatchObject({ points: [{ peoplePerM2: 4 }] });
  });
  test('FT4 it survives a snapshot and a change of the site, and goes with its zone', () => {
    const one = drive();
    one.run(0, 2000, 2);
    give(one, 2000, forecastOf('west', 1990), forecastOf('east', 1990));
    one.state = siteStateFromJson(siteStateToJson(one.state))!;
    one.change(siteConfig({ version: 2, zones: [zoneAt('new', 5), zoneAt('east', 11)] }), 2100);
    expect(seen(one.zone('east')).forecast).toEqual(forecastOf('east', 1990));
    expect(one.state.forecasts.map((track) => track?.forecast.zoneId)).toEqual([undefined, 'east']);
  });
});
