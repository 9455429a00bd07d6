// The record of events in a real PostgreSQL: order, fences, leases, outbox, the past of zones.
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ZoneMinute } from '../../contract/api.ts';
import { inProcessBus } from '../../store/bus/inProcess.ts';
import { topics } from '../../store/bus/bus.ts';
import { openStore } from '../../store/openStore.ts';
import { LeaseLost, type Lease, type Store } from '../../store/store.ts';
import { runRelay } from '../../worker/relay.ts';
import { freshDatabase } from '../support/postgres.ts';
import { alarmEvent, randomFrom, silent, siteBody, sleep, until, zoneBody } from './things.ts';

let store: Store, other: Store, database: Awaited<ReturnType<typeof freshDatabase>>, client: pg.Client;
beforeAll(async () => {
  database = await freshDatabase();
  store = await openStore({ databaseUrl: database.databaseUrl, log: silent });
  other = await openStore({ databaseUrl: database.databaseUrl, log: silent }); // as another process would
  client = new pg.Client({ connectionString: database.databaseUrl });
  client.on('error', () => {});
  await client.connect();
});
afterAll(async () => { await client?.end(); await store?.close(); await other?.close(); await database?.drop(); });

const snapshotOf = (lease: Lease, siteId: string, inputId = '1-0') => ({ siteId, fence: lease.fence, inputId, configVersion: 1, stateJson: '{"n":1}', savedAtMs: 5 });
async function decider(siteId: string): Promise<Lease> {
  await store.addSite({ ...siteBody, siteId });
  return (await store.takeLease(`site:${siteId}`, `decider of ${siteId}`, 60_000))!;
}

test('an event that is made twice is recorded once, and the newest version of an alarm stands', async () => {
  const lease = await decider('twice');
  const raised = alarmEvent('twice', 1000), closed = alarmEvent('twice', 1000, 2);
  const first = await store.recordEvents({ events: [raised, closed], snapshot: snapshotOf(lease, 'twice'), lease });
  expect(first.map(({ event }) => event.eventId)).toEqual([raised.eventId, closed.eventId]);
  expect(await store.recordEvents({ events: [raised, closed], snapshot: snapshotOf(lease, 'twice', '2-0'), lease })).toEqual([]);
  expect(await store.alarm(raised.alarm.alarmId)).toEqual(closed.alarm);
  expect(await store.snapshot('twice')).toEqual(snapshotOf(lease, 'twice', '2-0'));
  // An old version that comes late changes nothing.
  await client.query('delete from event where event_id = $1', [raised.eventId]);
  await store.recordEvents({ events: [raised], snapshot: snapshotOf(lease, 'twice'), lease });
  expect(await store.alarm(raised.alarm.alarmId)).toEqual(closed.alarm);
});

test('with eight writers at once, a reader that polls meets every event once and in order', async () => {
  const seed = 4711;
  const random = randomFrom(seed);
  const siteIds = Array.from({ length: 8 }, (_, index) => `writer${index}`);
  const leases = await Promise.all(siteIds.map(decider));
  const startSeq = await store.lastSeq();
  const expected = new Set<string>(), seen: string[] = [];
  let writing = true, atSeq = startSeq;
  const reading = (async () => {
    for (;;) {
      const last = !writing;
      const events = await other.eventsAfter(atSeq, 7);
      for (const { seq, event } of events) { expect(seq, `seed ${seed}`).toBeGreaterThan(atSeq); atSeq = seq; seen.push(event.eventId); }
      if (last && events.length === 0) return;
    }
  })();
  await Promise.all(siteIds.map(async (siteId, writer) => {
    for (let round = 0; round < 25; round++) {
      const events = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, index) => alarmEvent(siteId, round * 10 + index + 1));
      for (const event of events) expected.add(event.eventId);
      const store_ = random() < 0.5 ? store : other;
      await store_.recordEvents({ events, snapshot: snapshotOf(leases[writer]!, siteId), lease: leases[writer]! });
    }
  }));
  writing = false;
  await reading;
  expect(seen.length, `seed ${seed}`).toBe(expected.size);
  expect(new Set(seen)).toEqual(expected);
  expect(await store.lastSeq()).toBe(atSeq);
});

test('a decider that was replaced can record nothing any more', async () => {
  const siteId = 'fenced';
  await store.addSite({ ...siteBody, siteId });
  const old = (await store.takeLease('site:fenced', 'old', 80))!;
  await sleep(120);
  const next = (await other.takeLease('site:fenced', 'next', 60_000))!;
  expect(next.fence).toBeGreaterThan(old.fence);
  await expect(store.recordEvents({ events: [alarmEvent(siteId, 1)], snapshot: snapshotOf(old, siteId, '9-0'), lease: old })).rejects.toBeInstanceOf(LeaseLost);
  expect(await store.snapshot(siteId)).toBeNull();
  expect(await store.alarm(alarmEvent(siteId, 1).alarm.alarmId)).toBeNull();
  expect(store.isUp()).toBe(true); // a lost lease is no trouble of the database
  await other.recordEvents({ events: [alarmEvent(siteId, 1)], snapshot: snapshotOf(next, siteId), lease: next });
  await other.dropLease(next);
  await expect(other.recordEvents({ events: [], snapshot: snapshotOf(next, siteId), lease: next })).rejects.toBeInstanceOf(LeaseLost);
});

test('a lease has one holder at a time; its fence stays while it is held and grows with each new holder', async () => {
  const [first, second] = await Promise.all([store.takeLease('camera:1', 'a', 150), other.takeLease('camera:1', 'b', 150)]);
  expect([first, second].filter((lease) => lease !== null)).toHaveLength(1);
  const winner = (first ?? second)!;
  const loser = winner.holder === 'a' ? 'b' : 'a';
  expect(await store.takeLease('camera:1', winner.holder, 150)).toEqual(winner);
  expect(await store.renewLease(winner, 150)).toBe(true);
  expect(await store.takeLease('camera:1', loser, 150)).toBeNull();
  await sleep(200);
  const taken = await store.takeLease('camera:1', loser, 5000);
  expect(taken).toEqual({ name: 'camera:1', holder: loser, fence: winner.fence + 1 });
  expect(await store.renewLease(winner, 150)).toBe(false);
  await store.dropLease(winner); // an old holder's goodbye does not end the new one's
  expect(await store.takeLease('camera:1', winner.holder, 150)).toBeNull();
  await store.dropLease(taken!);
  expect(await store.takeLease('camera:1', winner.holder, 150)).toMatchObject({ fence: winner.fence + 2 });
});

test('the outbox is relayed in order by one at a time; what was not sent stays', async () => {
  const lease = await decider('relayed');
  while (await store.relayOutbox(500, async () => {}) > 0);
  const events = [1, 2, 3, 4, 5].map((at) => alarmEvent('relayed', at));
  await store.recordEvents({ events, snapshot: snapshotOf(lease, 'relayed'), lease });
  await expect(store.relayOutbox(2, async () => { throw new Error('nobody there'); })).rejects.toThrow('nobody there');
  const sent: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => { release = resolve; });
  let sending = () => {};
  const begun = new Promise<void>((resolve) => { sending = resolve; });
  const slow = store.relayOutbox(2, async (batch) => { sent.push(...batch.map(({ event }) => event.eventId)); sending(); await held; });
  await begun;
  expect(await other.relayOutbox(2, async (batch) => { sent.push(...batch.map(({ event }) => event.eventId)); })).toBe(0); // somebody is at it
  release();
  expect(await slow).toBe(2);
  expect(await other.relayOutbox(10, async (batch) => { sent.push(...batch.map(({ event }) => event.eventId)); })).toBe(3);
  expect(sent).toEqual(events.map((event) => event.eventId));
  expect(await store.relayOutbox(10, async () => {})).toBe(0);
});

test('the relay tells the bus of a commit at once, also of one made by another process', async () => {
  const lease = await decider('waking');
  const bus = inProcessBus();
  const heard: { seq: number; atMs: number }[] = [];
  await bus.subscribe(topics.events, (bytes) => { heard.push({ seq: Number(new TextDecoder().decode(bytes)), atMs: performance.now() }); });
  const relay = runRelay({ store, bus, log: silent });
  await sleep(300); // it listens
  const latenciesMs: number[] = [];
  for (let round = 1; round <= 5; round++) {
    const [recorded] = await other.recordEvents({ events: [alarmEvent('waking', round)], snapshot: snapshotOf(lease, 'waking'), lease });
    const committedAtMs = performance.now();
    await until('the event is told', () => heard.at(-1)?.seq === recorded!.seq);
    latenciesMs.push(heard.at(-1)!.atMs - committedAtMs);
  }
  expect(latenciesMs.toSorted((a, b) => a - b)[2]).toBeLessThan(500); // the poll alone would take 500 in the middle
  await relay.close();
  await bus.close();
});

test('open alarms come first, then the newest closed ones; a page goes back in time', async () => {
  await client.query('truncate alarm, event, outbox');
  const lease = await decider('listed');
  const events = [alarmEvent('listed', 1000), alarmEvent('listed', 2000), alarmEvent('listed', 2000, 2), alarmEvent('listed', 3000), alarmEvent('listed', 3000, 2, 'closed', 9000), alarmEvent('listed', 4000)];
  await store.recordEvents({ events, snapshot: snapshotOf(lease, 'listed'), lease });
  const raisedAt = (alarms: { raisedAtMs: number }[]) => alarms.map((alarm) => alarm.raisedAtMs);
  expect(raisedAt(await store.alarms({ closedSinceMs: 5000, most: 500 }))).toEqual([4000, 1000, 3000]);
  expect(raisedAt(await store.alarms({ closedSinceMs: 0, most: 3 }))).toEqual([4000, 1000, 3000]);
  expect(raisedAt(await store.alarmPage({ beforeMs: 4000, most: 2 }))).toEqual([3000, 2000]);
});

test('the past of a zone: one row a minute, a partition a day, few people never as a number', async () => {
  const { zone } = await store.addZone((await store.addSite(siteBody)).site.siteId, zoneBody);
  const midnightMs = Date.UTC(2026, 2, 2);
  const minute = (minuteAtMs: number, peopleCount: number): ZoneMinute => ({ minuteAtMs, kept: 'figures', peoplePerM2Mean: peopleCount / 200, peoplePerM2Error: 0.1, peoplePerM2Peak: 2, peopleCount, seenShare: 1 });
  const keep = (minutes: ZoneMinute[]) => store.keepZoneMinutes(zone.siteId, minutes.map((one) => ({ zoneId: zone.zoneId, minute: one })));
  await Promise.all([keep([minute(midnightMs - 60_000, 40), minute(midnightMs, 41)]), other.keepZoneMinutes(zone.siteId, [{ zoneId: zone.zoneId, minute: minute(midnightMs + 60_000, 2.9) }])]);
  await keep([minute(midnightMs, 44)]); // the newer row for a minute stands
  expect(await store.zonePast(zone.zoneId, midnightMs - 60_000)).toEqual([minute(midnightMs - 60_000, 40), minute(midnightMs, 44), { minuteAtMs: midnightMs + 60_000, kept: 'few' }]);
  expect(await store.zonePast(zone.zoneId, midnightMs)).toHaveLength(2);
  expect((await client.query(`select 1 from zone_minute where figures::text like '%2.9%'`)).rowCount).toBe(0);
  await expect(client.query('insert into zone_minute (zone_id, minute_at_ms, site_id, figures) values ($1, $2, $3, $4)', ['z', midnightMs, 's', JSON.stringify(minute(midnightMs, 1))])).rejects.toThrow('check constraint');
  await expect(keep([minute(9e15, 5)])).rejects.toMatchObject({ note: { code: 'inputWrong' } });

  const lease = await decider('dropped');
  const closedEarly = [alarmEvent('dropped', 10, 1), alarmEvent('dropped', 10, 2)], open = alarmEvent('dropped', 20, 1);
  await store.recordEvents({ events: [...closedEarly, open], snapshot: snapshotOf(lease, 'dropped'), lease });
  const limits = { dryRun: false, defaults: { zoneMinutes: 24, alarms: 24, incidents: 24, attachments: 24, notices: 24, recordings: 72 }, nowMs: midnightMs + 86_400_000 + 3_600_000 };
  const days = async () => (await client.query(`select relname from pg_class where relname ~ '^zone_minute_2026030[12]$'`)).rowCount;
  expect(await days()).toBe(2);
  expect((await store.purge(limits)).lines.find((line) => line.kind === 'alarms')).toMatchObject({ gone: 0, waits: expect.any(Number) }); // not sent yet: nothing of it goes
  expect(await store.alarm(closedEarly[0]!.alarm.alarmId)).not.toBeNull();
  expect(await days()).toBe(1); // the day before went whole, and the day itself is kept
  while (await store.relayOutbox(500, async () => {}) > 0);
  const lastSeq = await store.lastSeq();
  expect(await store.purge(limits)).toMatchObject({ proved: true, complete: true });
  expect(await store.zonePast(zone.zoneId, 0)).toHaveLength(0); // of the day itself what is older than 24 hours went row by row
  expect(await store.alarm(closedEarly[0]!.alarm.alarmId)).toBeNull();
  expect(await store.alarm(open.alarm.alarmId)).toEqual(open.alarm);
  expect((await store.eventsAfter(0, 1000)).some(({ event }) => event.eventId === open.eventId)).toBe(true);
  expect(await store.lastSeq()).toBe(lastSeq); // never steps back, whatever was dropped
  await keep([minute(midnightMs - 120_000, 9)]); // a day that was dropped can be made again
  expect(await store.zonePast(zone.zoneId, 0)).toHaveLength(1);
});
