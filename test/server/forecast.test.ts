// The forecast on a real database: weeks of minutes in the table become a forecast in the input log, in the state of the zone, and an early warning on every screen.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { ZoneMinute } from '../../contract/api.ts';
import { encodeInput } from '../../contract/decide.ts';
import { inProcessBus } from '../../store/bus/inProcess.ts';
import { topics } from '../../store/bus/bus.ts';
import { startEmbeddedPostgres } from '../../store/embeddedPostgres.ts';
import { openStore } from '../../store/openStore.ts';
import type { Store } from '../../store/store.ts';
import { runDecide } from '../../worker/decide.ts';
import { runForecast } from '../../worker/forecast.ts';
import { normalsOf } from '../support/chance.ts';
import { seeded } from '../../worker/demo/plazaCrowd.ts';
import { quietLog, readingOf, serverForTest, siteBody, until, zoneBody, type ServerForTest } from './serverForTest.ts';

let server: ServerForTest | null = null;
const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await server?.close();
  server = null;
});

const DAYS = 17, AREA_M2 = 300;
const minuteOf = (minute: number, peoplePerM2: number): ZoneMinute => (peoplePerM2 * AREA_M2 < 3 ? { minuteAtMs: minute * 60_000, kept: 'few' }
  : { minuteAtMs: minute * 60_000, kept: 'figures', peoplePerM2Mean: peoplePerM2, peoplePerM2Error: 0.1, peoplePerM2Peak: peoplePerM2, peopleCount: peoplePerM2 * AREA_M2, seenShare: 1 });
/** Seventeen days up to now and a little farther, so that time may pass. Each day has its rush, half an hour up and an hour down, and now is the middle of the way up. */
async function keepWeeks(store: Store, siteId: string, zones: { rush: string; walk: string; empty: string }): Promise<number> {
  const nowMinute = Math.floor(Date.now() / 60_000), uniform = seeded(11), normal = normalsOf(uniform);
  let level = 1.5, size = 1;
  for (let from = nowMinute - DAYS * 1440; from < nowMinute + 10; from += 1440) {
    size = 1 + 0.12 * normal();
    const minutes: { zoneId: string; minute: ZoneMinute }[] = [];
    for (let minute = from; minute < Math.min(from + 1440, nowMinute + 10); minute++) {
      const phase = ((minute - nowMinute + 720 + 14_400_000) % 1440) - 720, rush = phase < -20 || phase > 70 ? 0 : phase < 20 ? (phase + 20) / 40 : (70 - phase) / 50;
      level = Math.max(0.2, level + 0.03 * normal());
      minutes.push({ zoneId: zones.rush, minute: minuteOf(minute, Math.max(0.02, 0.5 + (minute > nowMinute - 200 ? 1.1 : size) * 4.4 * rush + 0.05 * normal())) }, { zoneId: zones.walk, minute: minuteOf(minute, level) }, { zoneId: zones.empty, minute: minuteOf(minute, 0) });
    }
    await store.keepZoneMinutes(siteId, minutes);
  }
  return nowMinute;
}
const corners = [[0.05, 0.95, 0, 2], [0.95, 0.95, 60, 2], [0.8, 0.2, 60, 38], [0.2, 0.2, 0, 38]].map(([xShare, yShare, xM, yM]) => ({ picture: { xShare: xShare!, yShare: yShare! }, ground: { xM: xM!, yM: yM! } }));

test('FO8 weeks of minutes become a forecast of the zone and an early warning, while the zone itself is still under its limit; where there is nothing to tell it says so', async () => {
  server = await serverForTest();
  const { store, bus } = server, { site: { siteId } } = await store.addSite({ ...siteBody(), demo: false });
  const zoneId = async (name: string) => (await store.addZone(siteId, zoneBody({ name }))).zone.zoneId;
  const zones = { rush: await zoneId('Gate'), walk: await zoneId('Lawn'), empty: await zoneId('Yard') };
  const { sensor } = await store.addSensor(siteId, { name: 'Camera', kind: 'rtsp', settings: { url: 'rtsp://192.0.2.1/1' }, addressShown: 'rtsp://192.0.2.1/1' });
  await store.calibrateSensor(sensor.sensorId, { position: { xM: 30, yM: 0 }, heightM: 10, bearingDeg: 0, headHeightM: 1.6, pictureAspect: 16 / 9, points: corners, rangeMostM: null });
  await keepWeeks(store, siteId, zones);

  const decider = await runDecide({ store, bus, settings: {}, rules: server.ruleKinds, log: quietLog, holder: 'one' });
  closers.push(decider.close);
  let seq = 0;
  const timer = setInterval(() => { bus.append(topics.inputs(siteId), encodeInput({ type: 'reading', reading: readingOf(siteId, sensor.sensorId, { seq: ++seq, densityCode: Math.round(254 * Math.sqrt(2.7 / 10)) }) })).catch(() => {}); }, 400);
  closers.push(() => clearInterval(timer));
  const screen = await server.screen();
  const [first, second] = await Promise.all(['a', 'b'].map((holder) => runForecast({ store, bus, settings: { timeZone: 'UTC', roundEveryMs: 700 }, log: quietLog, holder })));
  closers.push(first!.close, second!.close);

  const stateOf = (id: string) => screen.of('zones').at(-1)?.states.find((state) => state.zoneId === id);
  const told = await until('a forecast of the zone', () => { const state = stateOf(zones.rush); return state?.sight === 'seen' && state.forecast !== null && state.forecast.points.length > 0 ? state.forecast : null; }, 60_000);
  expect(told.points.map(({ aheadMinutes }) => aheadMinutes)).toEqual([5, 10, 15]);
  expect(told.points[2]!.peoplePerM2).toBeGreaterThan(3.5);
  expect(Date.now() - told.madeAtMs).toBeLessThan(240_000);
  // A walk of chance, and a zone that never had three people: a forecast that says nothing is not the same as none.
  for (const quiet of [zones.walk, zones.empty]) {
    const nothing = await until('a word on the others', () => { const state = stateOf(quiet); return state?.sight === 'seen' ? state.forecast : null; }, 30_000);
    expect(nothing.points).toEqual([]);
  }
  const raised = await until('the early warning', () => screen.of('event').find(({ event }) => event.alarm.rule === 'willExceed'), 30_000);
  expect(raised.event.alarm).toMatchObject({ state: 'raised', place: { kind: 'zone', zoneId: zones.rush }, because: { code: 'expected' } });
  const values = raised.event.alarm.because.values as Record<string, number>;
  expect(values['nowPeoplePerM2']).toBeLessThan(3.5);
  expect(values['peoplePerM2']).toBeGreaterThan(3.5);
  expect(values['certaintyShare']).toBeGreaterThanOrEqual(0.5);
  // It is only expected: nothing is too dense, and the colour of the zone is that of now.
  expect(screen.of('event').some(({ event }) => event.alarm.rule === 'densityHigh')).toBe(false);
  await until('the colour of now', () => { const state = stateOf(zones.rush); return state?.sight === 'seen' && state.level === 'notice'; }, 20_000);
  expect(screen.misfits).toEqual([]);
  // One of two processes makes it.
  expect([first!.figures().sites, second!.figures().sites].toSorted()).toEqual([0, 1]);
}, 180_000);

test('FO8 a database that is away: it waits, harms nobody, and goes on when it is back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crowdlight-forecast-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  let postgres = await startEmbeddedPostgres({ folder, log: quietLog });
  closers.push(() => postgres.close());
  const store = await openStore({ databaseUrl: postgres.databaseUrl, log: quietLog });
  closers.push(() => store.close());
  const bus = inProcessBus();
  closers.push(() => bus.close());
  const { site: { siteId } } = await store.addSite({ ...siteBody(), demo: false });
  const { zone: { zoneId } } = await store.addZone(siteId, zoneBody());
  await store.keepZoneMinutes(siteId, [{ zoneId, minute: minuteOf(Math.floor(Date.now() / 60_000) - 1, 1) }]);
  const forecast = await runForecast({ store, bus, settings: { timeZone: '', roundEveryMs: 200 }, log: quietLog, holder: 'one' });
  closers.push(forecast.close);
  await until('rounds', () => forecast.figures().rounds >= 2, 20_000);
  await postgres.close();
  await until('rounds that fail', () => forecast.figures().roundsFailed >= 2, 30_000);
  const { rounds } = forecast.figures();
  postgres = await startEmbeddedPostgres({ folder, log: quietLog });
  await until('rounds again', () => forecast.figures().rounds > rounds + 1, 40_000);
  expect(forecast.figures()).toMatchObject({ sites: 1, zones: 1, zonesFitted: 0 });
}, 120_000);
