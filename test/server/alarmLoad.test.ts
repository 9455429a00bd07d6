// Alarm discipline over real HTTP with a real decider and PostgreSQL: steps on alarms, silences, exercises, the load of alarms, what-if; and an upgrade from a record that knew none of it.
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { isAlarmEvent, Silence, type Alarm, type AlarmChanged } from '../../contract/alarm.ts';
import type { ZoneMinute } from '../../contract/api.ts';
import { AlarmLoad, WhatIfAnswer } from '../../contract/apiAlarms.ts';
import { encodeInput } from '../../contract/decide.ts';
import { checker } from '../../contract/schema.ts';
import { topics } from '../../store/bus/bus.ts';
import { openStore } from '../../store/openStore.ts';
import { alarmsStep } from '../../store/sql/steps/alarms.ts';
import type { Store } from '../../store/store.ts';
import { runDecide } from '../../worker/decide.ts';
import { commit, leaseOf, quietLog, raisedAlarm, readingOf, serverForTest, siteBody, until, wait, zoneBody, type ServerForTest } from './serverForTest.ts';

let server: ServerForTest;
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await server?.close();
});

const corners = [[0.05, 0.95, 0, 2], [0.95, 0.95, 60, 2], [0.8, 0.2, 60, 38], [0.2, 0.2, 0, 38]].map(([xShare, yShare, xM, yM]) => ({ picture: { xShare: xShare!, yShare: yShare! }, ground: { xM: xM!, yM: yM! } }));
/** A zone that alarms at once, seen by one camera, and a decider that judges it. */
async function watched({ alarms = {} as NonNullable<Parameters<Store['addZone']>[1]['alarms']>, limitsTimes = 1 } = {}) {
  server = await serverForTest();
  const { store } = server;
  const { site: { siteId } } = await store.addSite({ ...siteBody(), demo: false });
  const { zone: { zoneId } } = await store.addZone(siteId, zoneBody({ alarms, rules: { densityHigh: { raiseAfterMs: 0, clearAfterMs: 0, easeHoldMs: 500 } } }));
  const { sensor: { sensorId } } = await store.addSensor(siteId, { name: 'Camera', kind: 'rtsp', settings: { url: 'rtsp://192.0.2.1/1' }, addressShown: 'rtsp://192.0.2.1/1' });
  await store.calibrateSensor(sensorId, { position: { xM: 30, yM: 0 }, heightM: 10, bearingDeg: 0, headHeightM: 1.6, pictureAspect: 16 / 9, points: corners, rangeMostM: null });
  let seq = 0, density = 0.2 * limitsTimes;
  const timer = setInterval(() => { server.bus.append(topics.inputs(siteId), encodeInput({ type: 'reading', reading: readingOf(siteId, sensorId, { seq: ++seq, densityCode: Math.round(254 * Math.sqrt(density / 10)) }) })).catch(() => {}); }, 200);
  const decider = await runDecide({ store, bus: server.bus, settings: { tickEveryMs: 200 }, rules: server.ruleKinds, log: quietLog, holder: 'one' });
  closers.push(() => decider.close(), async () => clearInterval(timer));
  const alarm = (rule = 'densityHigh') => until(`an alarm of ${rule}`, async () => (await store.alarms({ closedSinceMs: 9e15, most: 50 })).find((one) => one.rule === rule), 15_000);
  return { siteId, zoneId, sensorId, store, alarm, become: (next: number) => { density = next; } };
}
const pathOf = (alarm: Pick<Alarm, 'alarmId'>, step: string) => `/api/alarms/${encodeURIComponent(alarm.alarmId)}/${step}`;

describe('discipline', () => {
  test('DI1 shelved over HTTP, seen by a screen, back by hand; cleared when it eased unseen, closed by acknowledging', async () => {
    const place = await watched();
    const screen = await server.screen();
    place.become(5);
    const raised = await place.alarm();
    const shelved = await server.send('POST', pathOf(raised, 'shelve'), { commandId: 's1', by: 'Li', forS: 600, words: 'works at the gate' });
    expect([shelved.status, shelved.body.shelved?.by, shelved.body.shelved?.untilMs - shelved.body.shelved?.atMs]).toEqual([200, 'Li', 600_000]);
    await until('the screen knows', () => screen.of('event').some(({ event }) => event.alarm.shelved?.words === 'works at the gate'));
    // The same command twice is one step.
    expect((await server.send('POST', pathOf(raised, 'shelve'), { commandId: 's1', by: 'Li', forS: 600, words: 'works at the gate' })).body.version).toBe(shelved.body.version);
    expect((await server.send('POST', pathOf(raised, 'unshelve'), { commandId: 'u1', by: 'Li' })).body.shelved).toBeNull();
    const again = await server.send('POST', pathOf(raised, 'unshelve'), { commandId: 'u2', by: 'Li' });
    expect([again.status, again.body.code]).toEqual([409, 'alarmNotShelved']);
    const notEnded = await server.send('POST', pathOf(raised, 'endExercise'), { commandId: 'x1', by: 'Li' });
    expect([notEnded.status, notEnded.body.code]).toEqual([409, 'notAnExercise']);
    for (const body of [{ commandId: 's2', by: 'Li', forS: 8 * 3600 + 1, words: 'x' }, { commandId: 's2', by: 'Li', forS: 600, words: '' }]) expect((await server.send('POST', pathOf(raised, 'shelve'), body)).status).toBe(400);
    expect((await server.send('POST', '/api/alarms/none/shelve', { commandId: 's3', by: 'Li', forS: 600, words: 'x' })).body.code).toBe('alarmUnknown');

    place.become(0.2);
    await until('cleared', async () => (await place.store.alarm(raised.alarmId))?.state === 'cleared', 15_000);
    const closed = await server.send('POST', pathOf(raised, 'acknowledge'), { commandId: 'a1', by: 'Li' });
    expect([closed.body.state, closed.body.closedBecause, closed.body.acknowledged?.by]).toEqual(['closed', 'acknowledged', 'Li']);
    expect(screen.misfits).toEqual([]);
  }, 60_000);

  test('DI2 a silence reaches the decider at once and at its start, mutes from the first version on, and is heard when taken back', async () => {
    const place = await watched();
    const body = { siteId: place.siteId, zoneIds: [place.zoneId], rules: [], fromMs: Date.now() - 1000, untilMs: Date.now() + 600_000, by: 'Wu', words: 'the fair is built' };
    const added = await server.send('POST', '/api/silences', body);
    expect(added.status).toBe(201);
    expect(checker(Silence)(added.body).ok).toBe(true);
    expect((await server.send('GET', '/api/silences')).body.silences).toEqual([added.body]);
    await wait(1000);
    place.become(4);
    const muted = await place.alarm();
    const first = (await place.store.eventsAfter(0, 100)).filter(isAlarmEvent).find(({ event }) => event.alarm.alarmId === muted.alarmId)!;
    expect([first.event.alarm.version, first.event.alarm.muted?.because]).toEqual([1, 'silence']);
    expect((await server.send('DELETE', `/api/silences/${added.body.silenceId}`)).status).toBe(204);
    await until('heard', async () => (await place.store.alarm(muted.alarmId))?.muted === null, 10_000);
    expect((await server.send('DELETE', `/api/silences/${added.body.silenceId}`)).body.code).toBe('notFound');
    for (const [over, code] of [[{ untilMs: Date.now() - 1 }, 'silenceRefused'], [{ untilMs: body.fromMs + 8 * 86_400_000 }, 'silenceRefused'], [{ zoneIds: ['gone'] }, 'inputWrong'], [{ rules: ['exercise'] }, 'inputWrong'], [{ siteId: 'gone', zoneIds: [] }, 'notFound']] as const) {
      expect((await server.send('POST', '/api/silences', { ...body, ...over })).body.code).toBe(code);
    }
    for (let count = 0; count < 100; count++) await place.store.addSilence({ ...body, untilMs: Date.now() + 3_600_000 }, Date.now());
    expect((await server.send('POST', '/api/silences', body)).body).toMatchObject({ code: 'tooMany', values: { most: 100 } });
  }, 60_000);

  test('DI3 an exercise is marked on the wire and in the record, one in a zone, and ends', async () => {
    const place = await watched();
    const screen = await server.screen(), path = `/api/sites/${place.siteId}/exercise`;
    const body = { commandId: 'e1', by: 'Wu', zoneId: place.zoneId, level: 'critical', forS: 600, words: 'spring drill' };
    // The decider may still be taking up the site.
    const raised = await until('the exercise', async () => { const answer = await server.send('POST', path, body); return answer.status === 200 ? answer.body as Alarm : null; }, 10_000);
    expect(raised).toMatchObject({ rule: 'exercise', exercise: true, level: 'critical', state: 'raised', because: { values: { by: 'Wu', words: 'spring drill' } } });
    await until('the screen knows', () => screen.of('event').some(({ event }) => event.alarm.exercise && event.alarm.alarmId === raised.alarmId));
    expect((await server.send('POST', path, { ...body, commandId: 'e2' })).body.code).toBe('exerciseRunning');
    expect((await server.send('POST', path, { ...body, commandId: 'e3', zoneId: 'gone' })).body.code).toBe('notFound');
    expect((await server.send('POST', path, { ...body, commandId: 'e4', forS: 5 })).status).toBe(400);
    const ended = await server.send('POST', pathOf(raised, 'endExercise'), { commandId: 'x1', by: 'Wu' });
    expect([ended.body.state, ended.body.closedBecause]).toEqual(['closed', 'exerciseEnded']);
    const kinds = (await server.send('GET', '/api/kinds')).body.rules.find(({ rule }: { rule: string }) => rule === 'exercise');
    expect([kinds.title, kinds.because.en.exercise.includes('EXERCISE'), kinds.because.zh.exercise.includes('演练')]).toEqual([{ en: 'Exercise', zh: '演练' }, true, true]);
  }, 60_000);

  test('DI4 how a zone\'s alarms behave is set with the zone, kept when a form does not know of it, and bounded', async () => {
    const place = await watched({ alarms: { priorityShift: 1 } });
    place.become(4);
    expect((await place.alarm()).priority).toBe('high');
    const zone = zoneBody({ rules: { densityHigh: { raiseAfterMs: 0, clearAfterMs: 0, easeHoldMs: 500 } } });
    expect((await server.send('PUT', `/api/zones/${place.zoneId}`, zone)).body.alarms).toEqual({ priorityShift: 1 });
    expect((await server.send('PUT', `/api/zones/${place.zoneId}`, { ...zone, alarms: { priorityShift: -1, latchFromLevel: 'never' } })).body.alarms).toEqual({ priorityShift: -1, latchFromLevel: 'never' });
    await until('less urgent', async () => (await place.alarm()).priority === 'low', 10_000);
    for (const alarms of [{ priorityShift: 2 }, { latchFromLevel: 'calm' }, { repeatEveryS: -1 }, { other: 1 }]) expect((await server.send('PUT', `/api/zones/${place.zoneId}`, { ...zone, alarms })).status).toBe(400);
  }, 60_000);
});

// --- the load, from a record of known events

const changedTo = (event: AlarmChanged, over: Partial<Alarm> & { state: Alarm['state'] }, atMs: number): AlarmChanged => {
  const { alarm: { alarmId, version } } = event;
  const { acknowledged: _a, easingSinceMs: _e, clearedAtMs: _c, ...common } = event.alarm as Alarm & Record<string, unknown>;
  const alarm = { ...common, version: version + 1, changedAtMs: atMs, ...(over.state === 'acknowledged' ? { acknowledged: { by: 'x', atMs } } : over.state === 'easing' ? { acknowledged: null, easingSinceMs: atMs } : over.state === 'closed' ? { acknowledged: null, closedAtMs: atMs, closedBecause: 'eased' } : {}), ...over } as Alarm;
  return { type: 'alarmChanged', eventId: `${alarmId}.${alarm.version}`, siteId: alarm.siteId, atMs, from: event.alarm.state, alarm };
};
const MINUTE = 60_000, DAY = 86_400_000;

async function recorded(events: (siteId: string, startMs: number) => AlarmChanged[], { demo = false } = {}) {
  server = await serverForTest({ relay: false });
  const { site: { siteId } } = await server.store.addSite({ ...siteBody(), demo });
  // Whole hours ago, so that ten minutes by the clock are known.
  const startMs = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 2 * DAY;
  await commit(server.store, await leaseOf(server.store, siteId), siteId, events(siteId, startMs));
  const load = async (query: string): Promise<AlarmLoad> => {
    const { status, body } = await server.send('GET', `/api/alarms/load?${query}`);
    expect(status, JSON.stringify(body)).toBe(200);
    expect(checker(AlarmLoad)(body)).toMatchObject({ ok: true });
    return body as AlarmLoad;
  };
  return { siteId, startMs, load, span: (hours: number) => `sinceMs=${startMs}&untilMs=${startMs + hours * 3_600_000}` };
}

describe('load', () => {
  test('AL3 counted is what called for somebody: raised, raised anew, grown worse, or heard at last; not repeats, mutings, exercises', async () => {
    const { load, span } = await recorded((siteId, at) => {
      const one = raisedAlarm(siteId, 1, at + MINUTE), repeated = changedTo(one, { state: 'raised', repeats: 1 }, at + 2 * MINUTE), worse = changedTo(repeated, { state: 'raised', level: 'critical', levelPeak: 'critical', priority: 'urgent' }, at + 3 * MINUTE);
      const acknowledged = changedTo(worse, { state: 'acknowledged' }, at + 5 * MINUTE);
      const quiet = raisedAlarm(siteId, 2, at + 11 * MINUTE), muted: AlarmChanged = { ...quiet, alarm: { ...quiet.alarm, muted: { because: 'silence', sinceMs: at } } }, heard = changedTo(muted, { state: 'raised', muted: null }, at + 21 * MINUTE);
      const still = raisedAlarm(siteId, 3, at + 12 * MINUTE), shelved: AlarmChanged = { ...still, alarm: { ...still.alarm, shelved: { by: 'x', words: 'y', atMs: at, untilMs: at + DAY } } };
      const drill = raisedAlarm(siteId, 4, at + 13 * MINUTE), exercise: AlarmChanged = { ...drill, alarm: { ...drill.alarm, exercise: true } };
      return [one, repeated, worse, acknowledged, muted, heard, shelved, exercise];
    });
    const figures = await load(span(1));
    expect(figures).toMatchObject({ raised: 3, unheard: 2, exercises: 1, demo: 0, per10MinMean: 0.5, per10MinPeak: 2, openNow: 3, shelvedNow: 1, mutedNow: 0, unacknowledged: 1 });
    expect(figures.windows.map(({ raised }) => raised)).toEqual([2, 1]);
    expect(figures.byPriority).toEqual([{ priority: 'low', raised: 0 }, { priority: 'medium', raised: 0 }, { priority: 'high', raised: 2 }, { priority: 'urgent', raised: 1 }]);
    // Calls of 4 and 2 minutes.
    expect(figures.acknowledgeMedianMs).toBe(3 * MINUTE);
    expect((await load(`${span(1)}&operators=3`)).per10MinMean).toBeCloseTo(0.5 / 3, 9);
    expect((await server.send('GET', `/api/alarms/load?${span(1)}&siteId=other`)).status).toBe(404);
    // All of them have been open and unchanged for two days.
    expect([figures.staleTotal, figures.stale.length, figures.stale[0]!.placeName]).toEqual([3, 3, 'Zone 1']);
  });

  test('AL4 floods, chattering within any ten minutes, and those that come now and then', async () => {
    const { load, span, startMs } = await recorded((siteId, at) => {
      const flood = Array.from({ length: 14 }, (_, number) => raisedAlarm(siteId, 100 + number, at + 60 * MINUTE + number * 1000));
      const chatters = [7, 9, 16, 40].flatMap((minute) => { const raised = raisedAlarm(siteId, 1, at + minute * MINUTE); return [raised, changedTo(raised, { state: 'easing' }, at + minute * MINUTE + 1000), changedTo(changedTo(raised, { state: 'easing' }, at + minute * MINUTE + 1000), { state: 'closed' }, at + minute * MINUTE + 2000)]; });
      const calmer = [1, 12, 23, 34].map((minute) => raisedAlarm(siteId, 2, at + minute * MINUTE));
      return [...chatters, ...calmer, ...flood];
    });
    const figures = await load(span(2));
    expect(figures.floods).toEqual([{ fromMs: startMs + 60 * MINUTE, untilMs: startMs + 70 * MINUTE, raised: 14 }]);
    expect(figures.floodShare).toBeCloseTo(1 / 12, 9);
    expect(figures.chattering).toEqual([{ siteId: expect.any(String), siteName: 'Square', placeKind: 'zone', placeName: 'Zone 1', placeId: 'zone1', rule: 'densityHigh', raised: 4, within10Min: 3 }]);
    expect((await load(`${span(2)}&operators=2`)).floods).toEqual([]);
  });

  test('AL5 the demo is told and left out unless asked for; spans are bounded', async () => {
    const { load, span } = await recorded((siteId, at) => [1, 2].map((number) => { const raised = raisedAlarm(siteId, number, at + MINUTE); return { ...raised, alarm: { ...raised.alarm, demo: true } }; }), { demo: true });
    expect(await load(span(1))).toMatchObject({ raised: 0, demo: 2, openNow: 0 });
    expect(await load(`${span(1)}&demo=true`)).toMatchObject({ raised: 2, demo: 2, openNow: 2 });
    for (const query of ['sinceMs=5&untilMs=4', `sinceMs=0&untilMs=${Date.now()}`, 'operators=0', 'demo=maybe']) expect((await server.send('GET', `/api/alarms/load?${query}`)).status).toBe(400);
  });

  test('AL6 a month of 60,000 calls is counted in well under a second', async () => {
    const { load } = await recorded(() => []);
    const client = new pg.Client({ connectionString: server.databaseUrl });
    await client.connect();
    closers.push(() => client.end());
    await client.query(`insert into alarm_call select 1000000 + n, $1::double precision + n * 43200.0, 's', 'a' || n, 'densityHigh', 'zone', 'zone' || (n % 300), 2, (array['low','medium','high'])[1 + n % 3], false, false, true, true, case when n % 2 = 0 then $1::double precision + n * 43200.0 + 30000 end from generate_series(1, 60000) n`, [Date.now() - 30 * DAY]);
    await client.query('analyze alarm_call');
    await load(`sinceMs=${Date.now() - 30 * DAY}`);
    const startedAtMs = performance.now();
    const figures = await load(`sinceMs=${Date.now() - 30 * DAY}`);
    const tookMs = performance.now() - startedAtMs;
    console.log(`load over a month of 60,000 calls: ${tookMs.toFixed(0)} ms`);
    expect(figures.raised).toBeGreaterThan(59_900);
    expect(figures.acknowledgeMedianMs).toBe(30_000);
    // Well under a second on a machine of its own; this one may be shared with many.
    expect(tookMs).toBeLessThan(5000);
  }, 60_000);
});

test('WI5 what-if over HTTP: the kept week through the rule, and what does not fit is named', async () => {
  server = await serverForTest({ relay: false });
  const { site: { siteId } } = await server.store.addSite({ ...siteBody(), demo: false });
  const { zone: { zoneId } } = await server.store.addZone(siteId, zoneBody());
  const nowMs = Math.floor(Date.now() / MINUTE) * MINUTE, minutes: { zoneId: string; minute: ZoneMinute }[] = [];
  for (let back = 7 * 1440; back > 0; back--) {
    const minuteAtMs = nowMs - back * MINUTE, peoplePerM2Mean = back % 1440 < 90 && back % 1440 > 60 ? 3.8 : 1;
    minutes.push({ zoneId, minute: { minuteAtMs, kept: 'figures', peoplePerM2Mean, peoplePerM2Error: 0.1, peoplePerM2Peak: peoplePerM2Mean, peopleCount: 300 * peoplePerM2Mean, seenShare: 1 } });
  }
  for (let from = 0; from < minutes.length; from += 1440) await server.store.keepZoneMinutes(siteId, minutes.slice(from, from + 1440));
  const ask = (over: object) => server.send('POST', '/api/alarms/whatIf', { zoneId, sinceMs: nowMs - 7 * DAY, untilMs: nowMs, ...over });
  const limits = { noticePeoplePerM2: 2, warningPeoplePerM2: 4, dangerPeoplePerM2: 4.7, criticalPeoplePerM2: 5.5 };
  await ask({ limits });
  const startedAtMs = performance.now(), answer = await ask({ limits }), tookMs = performance.now() - startedAtMs;
  console.log(`what-if over a week, over HTTP: ${tookMs.toFixed(0)} ms`);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  expect(checker(WhatIfAnswer)(answer.body)).toMatchObject({ ok: true });
  expect([answer.body.minutes, answer.body.before.length, answer.body.after.length, answer.body.gone, answer.body.added]).toEqual([7 * 1440, 7, 0, 7, 0]);
  expect(tookMs).toBeLessThan(5000);
  for (const [over, code] of [[{ limits: { ...limits, warningPeoplePerM2: 5 } }, 'limitsOutOfOrder'], [{ settings: { raiseAfterMs: -1 } }, 'inputWrong'], [{ settings: { unknown: 1 } }, 'inputWrong'], [{ zoneId: 'gone' }, 'notFound'], [{ sinceMs: nowMs - 40 * DAY }, 'floorOfPast'], [{ untilMs: nowMs - 8 * DAY }, 'inputWrong']] as const) {
    expect((await ask(over)).body.code, JSON.stringify(over)).toBe(code);
  }
}, 60_000);

test('UP1 a record from before alarm discipline reads on after the upgrade: open alarms, events, and their calls', async () => {
  server = await serverForTest({ relay: false });
  const { site: { siteId } } = await server.store.addSite({ ...siteBody(), demo: false });
  const raised = raisedAlarm(siteId, 1, Date.now() - MINUTE);
  await commit(server.store, await leaseOf(server.store, siteId), siteId, [raised, changedTo(raised, { state: 'acknowledged' }, Date.now() - 30_000)]);
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  closers.push(() => client.end());
  // As the release before kept it: without the marks, and without this step's tables.
  await client.query(`drop table silence; drop table alarm_call;
    update alarm set alarm = alarm - array['priority', 'exercise', 'shelved', 'muted', 'repeats'];
    update event set event = jsonb_set(event, '{alarm}', (event->'alarm') - array['priority', 'exercise', 'shelved', 'muted', 'repeats'])`);
  await client.query(alarmsStep.statements);
  const store = await openStore({ databaseUrl: server.databaseUrl, log: quietLog });
  closers.push(() => store.close());
  expect(await store.alarm(raised.alarm.alarmId)).toMatchObject({ state: 'acknowledged', priority: 'high', exercise: false, shelved: null, muted: null, repeats: 0 });
  expect(await store.eventsAfter(0, 10)).toHaveLength(2);
  const counts = await store.alarmCounts({ sinceMs: 0, untilMs: 9e15, siteId: null, demo: false, nowMs: Date.now() });
  expect(counts.windows.map(({ raised: count }) => count)).toEqual([1]);
  expect(counts.acknowledgeMedianMs).toBeGreaterThan(20_000);
});
