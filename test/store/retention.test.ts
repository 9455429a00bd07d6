// How long what is kept: by unit and kind, with holds, on a real PostgreSQL with clocks that are moved; and the report that proves it.
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ZoneMinute } from '../../contract/api.ts';
import { RETENTION_KINDS, RETENTION_PRESETS, type PurgeReport, type RetentionKind, type RetentionSet } from '../../contract/privacy.ts';
import { boundsOf, outOfBounds, retentionInForce, type RetentionDefaults } from '../../crowd/retention.ts';
import { openStore } from '../../store/openStore.ts';
import type { Store } from '../../store/store.ts';
import { freshDatabase } from '../support/postgres.ts';
import { alarmEvent, silent, siteBody, zoneBody } from './things.ts';

const DAY_MS = 86_400_000, HOUR_MS = 3_600_000;
const defaults: RetentionDefaults = { zoneMinutes: 30 * 24, alarms: 30 * 24, incidents: 30 * 24, attachments: 30 * 24, notices: 30 * 24, recordings: 72 };

describe('times that follow from the tree', () => {
  const set = (unitId: string | null, hours: RetentionSet['hours'], preset: RetentionSet['preset'] = null): RetentionSet => ({ unitId, preset, hours });
  const hoursAt = (chain: string[], sets: RetentionSet[], kind: RetentionKind) => retentionInForce(chain, sets, defaults).kinds.find((one) => one.kind === kind)!;

  test('RT1 the nearest unit above that says something is followed; the settings where nobody does', () => {
    const sets = [set('city', { alarms: 100 }), set('county', { zoneMinutes: 48 })];
    expect(hoursAt(['grid', 'county', 'city'], sets, 'alarms')).toMatchObject({ hours: 100, from: 'above' });
    expect(hoursAt(['county', 'city'], sets, 'zoneMinutes')).toMatchObject({ hours: 48, from: 'here' });
    expect(hoursAt(['other', 'city'], sets, 'zoneMinutes')).toMatchObject({ hours: 720, from: 'settings' });
    expect(hoursAt([], [set(null, { alarms: 24 })], 'alarms')).toMatchObject({ hours: 24, from: 'here' });
  });

  test('RT2 a legal preset holds below its unit, refuses by bounds, and outranks what was set there before it', () => {
    const city = set('city', {}, 'atMost72Hours'), county = set('county', { recordings: 500 });
    expect(hoursAt(['county', 'city'], [city, county], 'recordings')).toMatchObject({ hours: 72, mostHours: 72, from: 'preset' });
    expect(outOfBounds(county, 'atMost72Hours')).toMatchObject({ kind: 'recordings', mostHours: 72 });
    expect(outOfBounds(set('x', { recordings: 72 }), 'atMost72Hours')).toBeNull();
    expect(hoursAt(['a'], [set('a', {}, 'atLeast30Days')], 'recordings')).toMatchObject({ hours: 720, leastHours: 720 });
    expect(outOfBounds(set('a', { recordings: 71 }), 'atLeast30Days')).toMatchObject({ kind: 'recordings', leastHours: 720 });
    // A nearer preset replaces one above it: the law of a place is that of the place.
    expect(hoursAt(['b', 'a'], [set('a', {}, 'atMost72Hours'), set('b', {}, 'atLeast30Days')], 'recordings').hours).toBe(720);
    for (const preset of RETENTION_PRESETS) for (const kind of RETENTION_KINDS) { const { leastHours, mostHours } = boundsOf(kind, preset); expect(leastHours, `${preset} ${kind}`).toBeLessThanOrEqual(mostHours); expect(retentionInForce([], [set(null, {}, preset)], defaults).kinds.find((one) => one.kind === kind)!.hours).toSatisfy((hours: number) => hours >= leastHours && hours <= mostHours); }
  });
});

describe('purges', () => {
  let store: Store, database: Awaited<ReturnType<typeof freshDatabase>>, client: pg.Client, northId = '', southId = '';
  const nowMs = Date.UTC(2026, 5, 15, 12, 30);
  beforeAll(async () => {
    database = await freshDatabase();
    store = await openStore({ databaseUrl: database.databaseUrl, log: silent });
    client = new pg.Client({ connectionString: database.databaseUrl });
    client.on('error', () => {});
    await client.connect();
    const unit = async (code: string, south: number) => (await store.addUnit({ level: 'county', code, names: { en: code, zh: `${code}区` }, parentId: null, by: { memberId: null, name: 'Wang', duty: 'operator', unitId: null }, shape: [{ outer: [{ lng: 11, lat: south }, { lng: 12, lat: south }, { lng: 12, lat: south + 0.4 }, { lng: 11, lat: south + 0.4 }], holes: [] }] })).unit.unitId;
    northId = await unit('N', 48.5); southId = await unit('S', 48);
    for (const [siteId, lat] of [['north', 48.7], ['south', 48.2], ['nowhere', 10]] as const) {
      await store.addSite({ ...siteBody, siteId, origin: { lng: 11.5, lat } });
      await store.addZone(siteId, { ...zoneBody, zoneId: `${siteId}Zone` });
      // An hour of each of the last 40 days.
      const minutes: ZoneMinute[] = Array.from({ length: 40 }, (_, day) => ({ minuteAtMs: nowMs - day * DAY_MS - HOUR_MS, kept: 'figures', peoplePerM2Mean: 1, peoplePerM2Error: 0.1, peoplePerM2Peak: 2, peopleCount: 50, seenShare: 1 }));
      await store.keepZoneMinutes(siteId, minutes.map((minute) => ({ zoneId: `${siteId}Zone`, minute })));
      const lease = (await store.takeLease(`site:${siteId}`, 'test', 60_000))!;
      await store.recordEvents({ lease, snapshot: { siteId, fence: lease.fence, inputId: '0-0', configVersion: 1, stateJson: '{}', savedAtMs: nowMs }, events: [2, 10, 35].flatMap((day) => [alarmEvent(siteId, nowMs - day * DAY_MS, 1), alarmEvent(siteId, nowMs - day * DAY_MS, 2)]) });
    }
    while (await store.relayOutbox(500, async () => {}) > 0);
  }, 60_000);
  afterAll(async () => { await client?.end(); await store?.close(); await database?.drop(); });

  const line = (report: PurgeReport, kind: RetentionKind, unitId: string | null) => report.lines.find((one) => one.kind === kind && one.unitId === unitId);
  const minutesOf = async (siteId: string) => (await client.query('select count(*)::int as n from zone_minute where site_id = $1', [siteId])).rows[0].n as number;
  const alarmsOf = async (siteId: string) => (await client.query('select count(*)::int as n from alarm where site_id = $1', [siteId])).rows[0].n as number;

  test('RT3 a dry run says what is due and changes nothing', async () => {
    await store.keepRetention({ unitId: northId, preset: null, hours: { zoneMinutes: 5 * 24, alarms: 5 * 24 } }, 'Wang');
    const report = await store.purge({ nowMs, dryRun: true, defaults });
    // By the hour: of days 0 to 39, those from the fifth on lie more than five days back.
    expect(line(report, 'zoneMinutes', northId)).toMatchObject({ due: 35, gone: 0, held: 0, keptHours: 120 });
    expect(line(report, 'zoneMinutes', southId)).toMatchObject({ due: 10, gone: 0 });
    expect(line(report, 'alarms', northId)).toMatchObject({ due: 2 });
    expect(report).toMatchObject({ dryRun: true, proved: false });
    expect([await minutesOf('north'), await minutesOf('south'), await alarmsOf('north')]).toEqual([40, 40, 3]);
    expect(await store.purgeReports(10)).toEqual([]);
  });

  test('RT4 each unit loses what is older than its own time and nothing else; what is held stays, and the report says both', async () => {
    const hold = await store.addHold({ placeKind: 'site', placeId: 'north', placeName: 'north', unitId: northId, fromMs: nowMs - 12 * DAY_MS, toMs: nowMs - 8 * DAY_MS, untilMs: nowMs + 10 * DAY_MS, reason: 'court order 7', byName: 'Wang', approvalId: 'a-1', nowMs });
    const report = await store.purge({ nowMs, dryRun: false, defaults });
    // Days 8 to 11, an hour before each: four minutes; and the alarm of day 10.
    expect(line(report, 'zoneMinutes', northId)).toMatchObject({ due: 35, gone: 31, held: 4, waits: 0, leftOver: 0 });
    expect(line(report, 'alarms', northId)).toMatchObject({ due: 2, gone: 1, held: 1, leftOver: 0 });
    expect(line(report, 'zoneMinutes', southId)).toMatchObject({ due: 10, gone: 10, held: 0, leftOver: 0 });
    expect(line(report, 'zoneMinutes', null)).toMatchObject({ due: 10, gone: 10, leftOver: 0 });
    expect(report).toMatchObject({ proved: true, complete: true, holdIds: [hold.holdId] });
    expect([await minutesOf('north'), await minutesOf('south'), await minutesOf('nowhere')]).toEqual([9, 30, 30]);
    expect([await alarmsOf('north'), await alarmsOf('south'), await alarmsOf('nowhere')]).toEqual([2, 2, 2]);
    expect(line(report, 'zoneMinutes', southId)!.oldestLeftMs).toBe(Math.floor((nowMs - 29 * DAY_MS - HOUR_MS) / 60_000) * 60_000);
    expect((await client.query('select count(*)::int as n from event where alarm_id not in (select alarm_id from alarm)')).rows[0].n).toBe(0);
    expect(await store.purgeReports(10)).toEqual([report]);
  });

  test('RT5 a hold that ended holds nothing; one of a unit holds all below it', async () => {
    const [hold] = await store.holds(nowMs);
    expect((await store.endHold(hold!.holdId, { name: 'Li', nowMs: nowMs + HOUR_MS })).endedByName).toBe('Li');
    await expect(store.endHold(hold!.holdId, { name: 'Li', nowMs: nowMs + HOUR_MS })).rejects.toMatchObject({ note: { code: 'holdOver' } });
    await store.addHold({ placeKind: 'unit', placeId: southId, placeName: 'S', unitId: southId, fromMs: 0, toMs: nowMs, untilMs: nowMs + 60 * DAY_MS, reason: 'inquiry', byName: 'Wang', approvalId: 'a-2', nowMs });
    const report = await store.purge({ nowMs: nowMs + 20 * DAY_MS, dryRun: false, defaults });
    expect(line(report, 'zoneMinutes', northId)).toMatchObject({ gone: 9, held: 0, leftOver: 0 });
    expect(line(report, 'zoneMinutes', southId)).toMatchObject({ gone: 0, leftOver: 0 });
    expect(line(report, 'zoneMinutes', southId)!.held).toBe(line(report, 'zoneMinutes', southId)!.due);
    expect([await minutesOf('north'), await minutesOf('south'), await minutesOf('nowhere')]).toEqual([0, 30, 10]);
    // It ends by itself, too.
    const later = await store.purge({ nowMs: nowMs + 70 * DAY_MS, dryRun: false, defaults });
    expect(later.proved).toBe(true);
    expect([await minutesOf('south'), await alarmsOf('south'), await alarmsOf('north')]).toEqual([0, 0, 0]);
  });

  test('RT6 the proof is a look of its own: rows that somebody puts back after the purge are found', async () => {
    const oldMs = nowMs + 10 * DAY_MS;
    await store.keepZoneMinutes('south', [{ zoneId: 'southZone', minute: { minuteAtMs: oldMs, kept: 'few' } }]);
    await client.query(`create function put_back() returns trigger language plpgsql as $$ begin if old.zone_id = 'southZone' then return null; end if; return old; end $$`);
    await client.query('create trigger put_back before delete on zone_minute for each row execute function put_back()');
    // Another site is kept for longer, so that the day is not dropped as a whole.
    await store.keepRetention({ unitId: northId, preset: null, hours: { zoneMinutes: 24 * 3000 } }, 'Wang');
    const report = await store.purge({ nowMs: nowMs + 70 * DAY_MS, dryRun: false, defaults });
    expect(line(report, 'zoneMinutes', southId)).toMatchObject({ due: 1, gone: 0, waits: 1 });
    expect(report.proved).toBe(false);
    await client.query('drop trigger put_back on zone_minute');
    expect((await store.purge({ nowMs: nowMs + 70 * DAY_MS, dryRun: false, defaults })).proved).toBe(true);
  });

  test('RT7 a purge that has no time says so and goes on next time', async () => {
    await store.keepZoneMinutes('south', [{ zoneId: 'southZone', minute: { minuteAtMs: nowMs + 11 * DAY_MS, kept: 'few' } }]);
    const report = await store.purge({ nowMs: nowMs + 70 * DAY_MS, dryRun: false, defaults, mostMs: 0 });
    expect(report).toMatchObject({ complete: false, proved: false });
    expect(await store.purge({ nowMs: nowMs + 70 * DAY_MS, dryRun: false, defaults })).toMatchObject({ complete: true, proved: true });
  });

  test('RT8 what is set is replaced, inherited again when nothing is, and goes with its unit', async () => {
    await store.keepRetention({ unitId: southId, preset: 'atMost72Hours', hours: { alarms: 48 } }, 'Wang');
    expect((await store.retentionSets()).find((set) => set.unitId === southId)).toEqual({ unitId: southId, preset: 'atMost72Hours', hours: { alarms: 48 } });
    await store.keepRetention({ unitId: southId, preset: null, hours: {} }, 'Wang');
    expect((await store.retentionSets()).map((set) => set.unitId)).toEqual([northId]);
    await store.removeUnit(northId, 'Wang');
    expect(await store.retentionSets()).toEqual([]);
  });
});
