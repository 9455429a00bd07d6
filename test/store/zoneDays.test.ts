// The past of zones packed by the day, in a real PostgreSQL.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ZoneMinute } from '../../contract/api.ts';
import { MINUTE_CODE_MOST, MINUTE_FEW, MINUTE_UNKNOWN, minuteCode } from '../../crowd/forecast.ts';
import { openStore } from '../../store/openStore.ts';
import type { Store } from '../../store/store.ts';
import { freshDatabase } from '../support/postgres.ts';
import { silent, siteBody, zoneBody } from './things.ts';

let store: Store, database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => { database = await freshDatabase(); store = await openStore({ databaseUrl: database.databaseUrl, log: silent }); });
afterAll(async () => { await store?.close(); await database?.drop(); });

const DAY = Math.floor(Date.UTC(2026, 9, 20) / 86_400_000);
const minuteAtMs = (day: number, minute: number) => (day * 1440 + minute) * 60_000;
const figures = (day: number, minute: number, peoplePerM2Mean: number): ZoneMinute => ({ minuteAtMs: minuteAtMs(day, minute), kept: 'figures', peoplePerM2Mean, peoplePerM2Error: 0.1, peoplePerM2Peak: 9, peopleCount: 40, seenShare: 1 });
const few = (day: number, minute: number): ZoneMinute => ({ minuteAtMs: minuteAtMs(day, minute), kept: 'few' });
async function zones(siteId: string, count: number): Promise<string[]> {
  await store.addSite({ ...siteBody, siteId });
  const zoneIds: string[] = [];
  while (zoneIds.length < count) zoneIds.push((await store.addZone(siteId, { ...zoneBody, rules: {} })).zone.zoneId);
  return zoneIds;
}

test('FO9 a packed day has each minute as it was kept: a number, "few", or nothing', async () => {
  const [one, two, empty] = await zones('packed', 3) as [string, string, string];
  const minutes = [figures(DAY, 0, 1.2346), few(DAY, 1), figures(DAY, 1439, 99), figures(DAY + 1, 0, 7), figures(DAY - 1, 1439, 6)];
  await store.keepZoneMinutes('packed', [...minutes.map((minute) => ({ zoneId: one, minute })), { zoneId: two, minute: few(DAY, 700) }]);
  expect(await store.packZoneDay('packed', [one, two, empty], DAY)).toBe(2);
  const [day, ...none] = await store.zoneDays(one, DAY - 10);
  expect([none, day!.day]).toEqual([[], DAY]);
  expect([day!.codes[0], day!.codes[1], day!.codes[2], day!.codes[1439]]).toEqual([minuteCode(1.2346), MINUTE_FEW, MINUTE_UNKNOWN, MINUTE_CODE_MOST]);
  expect([...day!.codes].filter((code) => code !== MINUTE_UNKNOWN)).toHaveLength(3);
  expect((await store.zoneDays(two, 0))[0]!.codes[700]).toBe(MINUTE_FEW);
  expect(await store.zoneDays(empty, 0)).toEqual([]);
  expect(await store.zoneDaysPacked([one, two, empty], DAY)).toEqual(expect.arrayContaining([{ zoneId: one, day: DAY }, { zoneId: two, day: DAY }]));
  expect(await store.zoneDaysPacked([one], DAY + 1)).toEqual([]);
  expect(await store.zoneDaysPacked([], 0)).toEqual([]);
});

test('FO9 packing again takes up minutes that came late, and no other zone', async () => {
  const [one, two] = await zones('late', 2) as [string, string];
  await store.keepZoneMinutes('late', [{ zoneId: one, minute: figures(DAY, 5, 1) }, { zoneId: two, minute: figures(DAY, 5, 1) }]);
  await store.packZoneDay('late', [one, two], DAY);
  await store.keepZoneMinutes('late', [{ zoneId: one, minute: figures(DAY, 6, 2) }, { zoneId: two, minute: figures(DAY, 6, 2) }]);
  expect(await store.packZoneDay('late', [one], DAY)).toBe(1);
  expect((await store.zoneDays(one, DAY))[0]!.codes[6]).toBe(minuteCode(2));
  expect((await store.zoneDays(two, DAY))[0]!.codes[6]).toBe(MINUTE_UNKNOWN);
});

test('FO9 the newest minutes of more zones than one statement takes', async () => {
  await store.addSite({ ...siteBody, siteId: 'many' });
  const zoneIds = Array.from({ length: 60 }, (_, index) => `many${index}`); // the past of a zone outlives it
  await store.keepZoneMinutes('many', zoneIds.flatMap((zoneId, index) => [{ zoneId, minute: figures(DAY, 100, index / 10) }, { zoneId, minute: few(DAY, 101) }, { zoneId, minute: figures(DAY, 50, 1) }]));
  const found = await store.newestZoneMinutes(zoneIds, minuteAtMs(DAY, 100));
  expect(found).toHaveLength(120);
  expect(found.filter(({ zoneId }) => zoneId === zoneIds[37]).toSorted((a, b) => a.minuteAtMs - b.minuteAtMs)).toEqual([
    { zoneId: zoneIds[37], minuteAtMs: minuteAtMs(DAY, 100), peoplePerM2: 3.7 }, { zoneId: zoneIds[37], minuteAtMs: minuteAtMs(DAY, 101), peoplePerM2: null }]);
});

test('FO9 packed days go with the minutes they were made of', async () => {
  const [one] = await zones('old', 1) as [string];
  await store.keepZoneMinutes('old', [{ zoneId: one, minute: figures(DAY - 40, 1, 1) }, { zoneId: one, minute: figures(DAY - 2, 1, 1) }]);
  for (const day of [DAY - 40, DAY - 2]) await store.packZoneDay('old', [one], day);
  await store.purge({ dryRun: false, defaults: { zoneMinutes: 720, alarms: 24, incidents: 24, attachments: 24, notices: 24, recordings: 72 }, nowMs: DAY * 86_400_000 + 5 });
  expect((await store.zoneDays(one, 0)).map(({ day }) => day)).toEqual([DAY - 2]);
});
