// The mark of a placed view: kept for one placing, gone with the next, carried along when only the grid changed.
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CalibrationBody } from '../../contract/api.ts';
import { openStore } from '../../store/openStore.ts';
import type { Store } from '../../store/store.ts';
import { freshDatabase } from '../support/postgres.ts';

let store: Store, drop: () => Promise<void>;
beforeAll(async () => { const database = await freshDatabase(); drop = database.drop; store = await openStore({ databaseUrl: database.databaseUrl, log: pino({ level: 'silent' }) }); });
afterAll(async () => { await store?.close(); await drop?.(); });

const placing: NonNullable<CalibrationBody> = {
  position: { xM: 5, yM: 0 }, heightM: 6, bearingDeg: 0, headHeightM: 1.6, pictureAspect: 16 / 9, rangeMostM: null,
  points: [[0.1, 0.9, 2, 4], [0.9, 0.9, 8, 4], [0.8, 0.4, 12, 20], [0.2, 0.4, 0, 20]].map(([xShare, yShare, xM, yM]) => ({ picture: { xShare: xShare!, yShare: yShare! }, ground: { xM: xM!, yM: yM! } })),
};
const mark = (calibrationVersion: number) => ({ calibrationVersion, columns: 4, rows: 2, edgesBase64: Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]).toString('base64') });

test('SG11 a mark is kept for the placing that it was taken with, and for no other', async () => {
  const grid = { cellM: 1 as const, columns: 20, rows: 20 };
  const { site: { siteId } } = await store.addSite({ name: 'Square', origin: { lng: 8.5, lat: 47.4 }, grid, demo: false });
  const { sensor: { sensorId } } = await store.addSensor(siteId, { name: 'North', kind: 'file', settings: { path: 'a.mp4' }, addressShown: 'a.mp4' });
  const kept = async () => (await store.sensorSource(sensorId))!.viewMark;
  expect(await store.keepViewMark(sensorId, mark(1))).toBe(false); // not placed
  await store.calibrateSensor(sensorId, placing);
  expect(await kept()).toBeNull();
  expect(await store.keepViewMark(sensorId, mark(1))).toBe(true);
  expect(await kept()).toEqual(mark(1));
  expect((await store.sensorSources()).find((source) => source.sensor.sensorId === sensorId)?.viewMark).toEqual(mark(1));
  expect(JSON.stringify(await store.site(siteId))).not.toContain(mark(1).edgesBase64); // no screen needs it

  // Placed anew: the old view says nothing.
  await store.calibrateSensor(sensorId, { ...placing, heightM: 7 });
  expect(await kept()).toBeNull();
  expect(await store.keepViewMark(sensorId, mark(1))).toBe(false); // late
  expect(await store.keepViewMark(sensorId, mark(2))).toBe(true);

  // Another grid renumbers the placing, but the camera looks where it looked.
  await store.changeSite(siteId, { name: 'Square', origin: { lng: 8.5, lat: 47.4 }, grid: { ...grid, cellM: 2 as const } });
  expect((await store.sensorSource(sensorId))!.sensor.calibration!.version).toBe(3);
  expect(await kept()).toEqual(mark(3));

  await store.dropViewMark(sensorId);
  expect(await kept()).toBeNull();
  await store.removeSensor(sensorId);
  await expect(store.keepViewMark(sensorId, mark(3))).rejects.toThrow();
});
