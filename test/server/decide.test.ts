// The decider on a real database: nothing told before it is kept, nothing lost or doubled when a decider dies, one fault never another site's.
import { isAlarmEvent } from '../../contract/alarm.ts';
import { afterEach, describe, expect, test } from 'vitest';
import type { Reading } from '../../contract/reading.ts';
import { encodeInput } from '../../contract/decide.ts';
import { topics, type Bus } from '../../store/bus/bus.ts';
import type { Store } from '../../store/store.ts';
import { runDecide, type Decider } from '../../worker/decide.ts';
import { addTo, emptySum, runRecord, zoneMinute } from '../../worker/record.ts';
import { quietLog, readingOf, serverForTest, siteBody, until, wait, zoneBody, type ServerForTest } from './serverForTest.ts';

let server: ServerForTest | null = null;
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await server?.close();
  server = null;
});

const corners = [[0.05, 0.95, 0, 2], [0.95, 0.95, 60, 2], [0.8, 0.2, 60, 38], [0.2, 0.2, 0, 38]].map(([xShare, yShare, xM, yM]) => ({ picture: { xShare: xShare!, yShare: yShare! }, ground: { xM: xM!, yM: yM! } }));
/** A site whose zone alarms after 1 s, seen by one placed camera. */
async function watchedSite(store: Store, over: { raiseAfterMs?: number } = {}) {
  const { site } = await store.addSite({ ...siteBody(), demo: false });
  const { zone } = await store.addZone(site.siteId, zoneBody({ rules: { densityHigh: { raiseAfterMs: over.raiseAfterMs ?? 1000, clearAfterMs: 500, easeHoldMs: 1000 } } }));
  const { sensor } = await store.addSensor(site.siteId, { name: 'Camera', kind: 'rtsp', settings: { url: 'rtsp://192.0.2.1/1' }, addressShown: 'rtsp://192.0.2.1/1' });
  await store.calibrateSensor(sensor.sensorId, { position: { xM: 30, yM: 0 }, heightM: 10, bearingDeg: 0, headHeightM: 1.6, pictureAspect: 16 / 9, points: corners, rangeMostM: null });
  return { siteId: site.siteId, zoneId: zone.zoneId, sensorId: sensor.sensorId };
}
/** Readings at 4 a second of one density everywhere, until it is stopped. 254 is 10 people/m2; the code grows with the root. */
function crowd(bus: Bus, siteId: string, sensorId: string, peoplePerM2: number) {
  let seq = 0, density = peoplePerM2, paused = false;
  const timer = setInterval(() => {
    if (paused) return;
    const reading: Reading = readingOf(siteId, sensorId, { seq: ++seq, densityCode: Math.round(254 * Math.sqrt(density / 10)) });
    bus.append(topics.inputs(siteId), encodeInput({ type: 'reading', reading })).catch(() => {});
  }, 250);
  closers.push(async () => clearInterval(timer));
  return { become: (next: number) => { density = next; }, pause: () => { paused = true; } };
}
async function decider(server: ServerForTest, holder: string, store: Store = server.store): Promise<Decider> {
  const running = await runDecide({ store, bus: server.bus, settings: {}, rules: server.ruleKinds, log: quietLog, holder });
  let closed: Promise<void> | null = null;
  const once = { ...running, close: () => (closed ??= running.close()) };
  closers.push(once.close);
  return once;
}
const eventsOf = async (store: Store, siteId: string) => (await store.eventsAfter(0, 10_000)).filter(isAlarmEvent).map(({ event }) => event).filter((event) => event.siteId === siteId);
/** How often an alarm began. */
const beginningsOf = async (store: Store, siteId: string) => (await eventsOf(store, siteId)).filter(({ alarm, from }) => alarm.rule === 'densityHigh' && from === null).length;
const statesOf = async (store: Store, siteId: string) => (await eventsOf(store, siteId)).filter(({ alarm }) => alarm.rule === 'densityHigh').map(({ alarm }) => alarm.state);

describe('decide', () => {
  test('DE1 a crowd raises an alarm, two screens hear of it, one acknowledges, both know, and it closes when the crowd is gone', async () => {
    server = await serverForTest();
    const { siteId, sensorId, zoneId } = await watchedSite(server.store);
    await decider(server, 'one');
    const [left, right] = [await server.screen(), await server.screen()];
    const people = crowd(server.bus, siteId, sensorId, 5);
    const raised = await until('raised on both', () => left.of('event')[0] && right.of('event')[0], 15_000);
    expect(raised.event.alarm).toMatchObject({ state: 'raised', rule: 'densityHigh', place: { kind: 'zone', zoneId } });
    // What a screen was told is in the record already.
    expect((await server.store.alarm(raised.event.alarm.alarmId))?.state).toBe('raised');

    const path = `/api/alarms/${encodeURIComponent(raised.event.alarm.alarmId)}/acknowledge`;
    const answer = await server.send('POST', path, { commandId: 'ack-1', by: 'Li' });
    expect([answer.status, answer.body.state, answer.body.acknowledged?.by]).toEqual([200, 'acknowledged', 'Li']);
    await until('the other screen knows', () => right.of('event').some(({ event }) => event.alarm.state === 'acknowledged'));
    const again = await server.send('POST', path, { commandId: 'ack-1', by: 'Li' });
    expect([again.status, again.body.version]).toEqual([200, answer.body.version]);

    people.become(0.2);
    await until('closed on both', () => [left, right].every((screen) => screen.of('event').some(({ event }) => event.alarm.state === 'closed')), 20_000);
    expect(left.of('event').map(({ event }) => event.eventId)).toEqual(right.of('event').map(({ event }) => event.eventId));
    expect([left.misfits, right.misfits]).toEqual([[], []]);
    const refused = await server.send('POST', path, { commandId: 'ack-2' });
    expect([refused.status, refused.body.code]).toSatisfy(([status, code]: [number, string]) => (status === 409 && code === 'alarmStepNotAllowed') || (status === 404 && code === 'alarmUnknown'));
  }, 60_000);

  test('DE2 zones are told twice a second, with the instant they were judged at', async () => {
    server = await serverForTest();
    const { siteId, sensorId, zoneId } = await watchedSite(server.store);
    await decider(server, 'one');
    crowd(server.bus, siteId, sensorId, 1);
    const screen = await server.screen();
    await until('zones that are seen', () => screen.of('zones').some(({ states }) => states.some((state) => state.zoneId === zoneId && state.sight === 'seen')), 10_000);
    const from = screen.of('zones').length;
    await wait(3000);
    const told = screen.of('zones').slice(from);
    expect(told.length).toBeGreaterThanOrEqual(4);
    expect(told.length).toBeLessThanOrEqual(8);
    for (const { judgedAtMs, serverAtMs } of told) expect(serverAtMs - judgedAtMs).toBeLessThan(1500);
    const overview = (await server.send('GET', '/api/overview')).body;
    expect(overview.zones[0].states[0].zoneId).toBe(zoneId);
  }, 30_000);

  test('DE3 two deciders: one works, the other takes over when it goes, and the record is whole', async () => {
    server = await serverForTest();
    const { siteId, sensorId } = await watchedSite(server.store);
    const first = await decider(server, 'first');
    const people = crowd(server.bus, siteId, sensorId, 5);
    await until('raised', async () => (await statesOf(server!.store, siteId)).includes('raised'), 15_000);
    const second = await decider(server, 'second');
    await wait(1500);
    expect([first.figures().inputsFolded > 0, second.figures().inputsFolded]).toEqual([true, 0]);
    await first.close();
    const startedAtMs = performance.now();
    await until('the second folds', () => second.figures().inputsFolded > 0, 5000);
    expect(performance.now() - startedAtMs).toBeLessThan(5000);
    people.become(0.2);
    // Nobody acknowledged it and it was bad: it waits for somebody (AM6).
    await until('over, by the second', async () => (await statesOf(server!.store, siteId)).includes('cleared'), 20_000);
    const events = await eventsOf(server.store, siteId);
    expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(events.length);
    expect(await beginningsOf(server.store, siteId)).toBe(1);
  }, 60_000);

  test('DE4 a site that is added, changed or removed while deciding goes on', async () => {
    server = await serverForTest();
    await decider(server, 'one');
    const { siteId, zoneId, sensorId } = await watchedSite(server.store);
    crowd(server.bus, siteId, sensorId, 1);
    const screen = await server.screen();
    await server.bus.publish(topics.siteChanged, Buffer.from(JSON.stringify({ siteId, version: 1 })));
    await until('judged', () => screen.of('zones').some((zones) => zones.siteId === siteId), 10_000);
    const { body: zone } = await server.send('POST', `/api/sites/${siteId}/zones`, zoneBody({ name: 'Second' }));
    await until('the new zone is judged', () => screen.of('zones').some(({ states }) => states.some((state) => state.zoneId === zone.zoneId)), 10_000);
    await server.send('DELETE', `/api/zones/${zoneId}`);
    await until('the old one is not', () => screen.of('zones').at(-1)!.states.every((state) => state.zoneId !== zoneId), 10_000);
    await server.send('DELETE', `/api/sites/${siteId}`);
    await wait(1000);
    const count = screen.of('zones').length;
    await wait(1500);
    expect(screen.of('zones').length).toBe(count);
  }, 60_000);

  test('DE5 a database that is away stops the judging, and it goes on from where it was: no alarm lost, none doubled', async () => {
    server = await serverForTest();
    const { siteId, sensorId } = await watchedSite(server.store);
    // The same store, but its writes and leases fail for a while, as they do when PostgreSQL is away.
    let away = false;
    const store = new Proxy(server.store, {
      get(target, name: keyof Store) {
        const value = Reflect.get(target, name) as unknown;
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => (away && ['recordEvents', 'takeLease', 'renewLease', 'snapshot', 'site', 'sites'].includes(name) ? Promise.reject(new Error('away')) : (value as (...all: unknown[]) => unknown).apply(target, args));
      },
    });
    await decider(server, 'one', store);
    const screen = await server.screen();
    await until('judged', () => screen.of('zones').length > 2, 10_000);
    away = true;
    const people = crowd(server.bus, siteId, sensorId, 5);
    await wait(4500);
    expect(Date.now() - screen.of('zones').at(-1)!.judgedAtMs).toBeGreaterThan(3000);
    expect(await statesOf(server.store, siteId)).toEqual([]);
    away = false;
    await until('raised after all', async () => (await statesOf(server!.store, siteId)).includes('raised'), 15_000);
    await until('judged again', () => Date.now() - screen.of('zones').at(-1)!.judgedAtMs < 1500, 10_000);
    people.become(0.2);
    await until('over', async () => (await statesOf(server!.store, siteId)).includes('cleared'), 20_000);
    expect(await beginningsOf(server.store, siteId)).toBe(1);
  }, 60_000);

  test('DE6 a fault in the judging of one site is that site\'s alone, and an input that always fails is passed over', async () => {
    server = await serverForTest();
    const sick = await watchedSite(server.store), well = await watchedSite(server.store);
    const broken = server.ruleKinds.map((rule) => (rule.name !== 'densityHigh' ? rule : { ...rule, judge: ((look: any) => {
      if (look.place.zone.zoneId === sick.zoneId && look.place.figures?.peoplePerM2Mean > 3) throw new Error('a fault of ours');
      return (rule.judge as any)(look);
    }) as any }));
    const running = await runDecide({ store: server.store, bus: server.bus, settings: {}, rules: broken, log: quietLog, holder: 'one' });
    closers.push(running.close);
    crowd(server.bus, well.siteId, well.sensorId, 5);
    const people = crowd(server.bus, sick.siteId, sick.sensorId, 5);
    await until('the well site alarms', async () => (await statesOf(server!.store, well.siteId)).includes('raised'), 15_000);
    people.pause();
    await until('inputs are passed over', () => running.figures().inputsPassedOver > 0, 20_000);
    expect(running.figures().restarts).toBeGreaterThanOrEqual(3);
  }, 60_000);
});

describe('record', () => {
  const figures = { peoplePerM2Mean: 2, peoplePerM2Error: 0.3, peoplePerM2Peak: 4, peopleCount: 40, peopleCountError: 3, seenShare: 0.5, seenAreaM2: 20, flow: null, capturedAtMs: 1 };

  test('RE1 a minute is the mean of what was seen, with its peak', () => {
    const sum = emptySum();
    addTo(sum, figures);
    addTo(sum, { ...figures, peoplePerM2Mean: 4, peoplePerM2Peak: 6, peopleCount: 80, seenShare: 1 });
    expect(zoneMinute(60_000, sum, 3)).toEqual({ minuteAtMs: 60_000, kept: 'figures', peoplePerM2Mean: 3, peoplePerM2Error: expect.closeTo(0.3), peoplePerM2Peak: 6, peopleCount: 60, seenShare: 0.75, flow: null });
  });

  test('RE4 its flow is the mean of the looks that knew of motion, by the people in them; few people have none', () => {
    const flow = { eastMPerS: 1, northMPerS: 0, velocityVarianceM2PerS2: 0.2, counterShare: 0.1, pressurePerS2: 0.4, knownShare: 1 };
    const sum = emptySum(), few = emptySum();
    addTo(sum, figures);
    addTo(sum, { ...figures, peopleCount: 40, flow });
    addTo(sum, { ...figures, peopleCount: 240, flow: { ...flow, eastMPerS: -1, counterShare: 0.4, pressurePerS2: 0, knownShare: 0.5 } });
    expect(zoneMinute(60_000, sum, 3)).toMatchObject({ kept: 'figures', flow: { eastMPerS: expect.closeTo(-0.5), northMPerS: 0, velocityVarianceM2PerS2: expect.closeTo(0.2), counterShare: expect.closeTo(0.325), pressurePerS2: expect.closeTo(0.1), knownShare: 0.75 } });
    addTo(few, { ...figures, peopleCount: 2, flow });
    expect(zoneMinute(60_000, few, 3)).toEqual({ minuteAtMs: 60_000, kept: 'few' });
  });

  test.each([[0, 'few'], [2.9, 'few'], [3, 'figures'], [Number.NaN, 'few']])('RE2 %d people are kept as %s', (peopleCount, kept) => {
    const sum = emptySum();
    addTo(sum, { ...figures, peopleCount });
    const minute = zoneMinute(60_000, sum, 3);
    expect(minute.kept).toBe(kept);
    if (kept === 'few') expect(Object.keys(minute)).toEqual(['minuteAtMs', 'kept']);
  });

  test('RE3 what the deciders say becomes a row a minute; a setting cannot lower the floor', async () => {
    server = await serverForTest();
    const { siteId, zoneId } = await watchedSite(server.store);
    const other = (await server.store.addZone(siteId, zoneBody({ name: 'Nearly empty' }))).zone.zoneId;
    const [first, second] = await Promise.all(['a', 'b'].map((holder) => runRecord({ store: server!.store, bus: server!.bus, settings: { anonymityFloorPeople: 0 }, log: quietLog, holder })));
    closers.push(first!.close, second!.close);
    const minuteAtMs = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;
    const states = [{ zoneId, sight: 'seen', level: 'calm', figures }, { zoneId: other, sight: 'seen', level: 'calm', figures: { ...figures, peopleCount: 2 } }];
    for (const at of [1000, 2000]) await server.bus.publish(topics.zones, Buffer.from(JSON.stringify({ type: 'zones', siteId, judgedAtMs: minuteAtMs + at, serverAtMs: 1, states, lines: [] })));
    await until('the minute is kept', async () => (await server!.store.zonePast(zoneId, 0)).length > 0 && (await server!.store.zonePast(other, 0)).length > 0, 10_000);
    expect(await server.store.zonePast(zoneId, 0)).toMatchObject([{ minuteAtMs, kept: 'figures', peopleCount: 40 }]);
    expect(await server.store.zonePast(other, 0)).toEqual([{ minuteAtMs, kept: 'few' }]);
  }, 30_000);
});
