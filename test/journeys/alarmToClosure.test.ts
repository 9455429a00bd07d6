// From alarm to closure, with every part real: a crowd raises an alarm, the alarm becomes an incident of the grid it stands in, the people on duty hear of it by their channel, answer, go up the tree when
// nobody does, handle it, and another assesses it; every screen sees the same history, and a replay of its inputs makes it again.
import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { encodeInput } from '../../contract/decide.ts';
import type { Actor, Incident, IncidentChanged } from '../../contract/incident.ts';
import { DEADLINES_DEFAULT } from '../../contract/incident.ts';
import type { LngLat } from '../../contract/geometry.ts';
import type { Unit, UnitLevel } from '../../contract/unit.ts';
import { foldIncident, isLegalHistory } from '../../crowd/incident/decideIncident.ts';
import { topics, type Bus } from '../../store/bus/bus.ts';
import { runDecide } from '../../worker/decide.ts';
import { runDeliver } from '../../worker/deliver.ts';
import { runDesk } from '../../worker/desk.ts';
import { quietLog, readingOf, serverForTest, siteBody, until, zoneBody, type ServerForTest } from '../server/serverForTest.ts';

let server: ServerForTest | null = null;
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await server?.close();
  server = null;
});

const ORIGIN: LngLat = { lng: 121.47, lat: 31.23 };
const box = (halfDeg: number) => [{ outer: [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([x, y]) => ({ lng: ORIGIN.lng + x! * halfDeg, lat: ORIGIN.lat + y! * halfDeg })), holes: [] }];
const desk: Actor = { memberId: null, name: 'Zhou at the desk', duty: 'operator', unitId: null };

describe('from alarm to closure', () => {
  test('AC1 an alarm is carried through five steps to closure, and everybody saw the same', { timeout: 120_000 }, async () => {
    server = await serverForTest();
    const { send, store } = server;
    const receiver = await httpReceiver();

    // --- a tree of three, somebody on duty in the grid and in the township
    const by: Actor = { memberId: null, name: 'Admin', duty: 'dutyOfficer', unitId: null };
    const unitOf = async (level: UnitLevel, code: string, halfDeg: number, parentId: string | null): Promise<Unit> => {
      const answer = await send('POST', '/api/units', { level, code, names: { en: code, zh: code }, parentId, shape: box(halfDeg), by });
      expect(answer.status, JSON.stringify(answer.body)).toBe(201);
      return answer.body as Unit;
    };
    const city = await unitOf('city', 'city', 0.5, null), township = await unitOf('township', 'township', 0.1, city.unitId), grid = await unitOf('grid', 'grid', 0.01, township.unitId);
    const channel = await send('POST', '/api/channels', { kind: 'webhook', name: 'Gateway', settings: { url: receiver.url, secret: 'marker-of-the-gateway-key' } });
    expect(channel.status, JSON.stringify(channel.body)).toBeLessThan(300);
    const personOf = async (unit: Unit, name: string, duty: 'fieldWorker' | 'dutyOfficer') => {
      const answer = await send('POST', `/api/units/${unit.unitId}/members`, { name, duty, language: name === 'Li' ? 'zh' : 'en', contacts: [{ channelId: channel.body.channelId, address: name }] });
      expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
      return answer.body.memberId as string;
    };
    const li = await personOf(grid, 'Li', 'fieldWorker'), wang = await personOf(grid, 'Wang', 'fieldWorker'), officer = await personOf(township, 'Officer', 'dutyOfficer');
    expect((await send('PUT', `/api/units/${city.unitId}/policy`, { ownCategories: [], deadlines: { '*': DEADLINES_DEFAULT }, opensFromLevel: 'warning', answerS: 5 })).status).toBe(200);

    const { siteId, zoneId, sensorId } = await watchedSite(server);
    const playbook = await send('POST', `/api/sites/${siteId}/playbooks`, { zoneId, category: 'crowding', severityLeast: 'moderate', actions: [{ actionId: 'gate', kind: 'closeGate', words: { en: 'Close the west gate', zh: '关闭西门' }, owner: 'fieldWorker', withinS: 60, channelId: channel.body.channelId, payload: '{"gate":"west","state":"closed"}' }] });
    expect(playbook.status, JSON.stringify(playbook.body)).toBeLessThan(300);

    const parts = { store, bus: server.bus, log: quietLog, holder: 'one' };
    const decider = await runDecide({ ...parts, settings: {}, rules: server.ruleKinds });
    const deskRole = await runDesk(parts), deliver = await runDeliver({ ...parts, settings: { publicAddress: 'https://crowd.example', channelNetworks: ['loopback'] } });
    closers.push(() => deliver.close(), () => deskRole.close(), () => decider.close());
    const [left, right] = [await server.screen(), await server.screen()];

    // --- the crowd, the alarm, the incident, the first ask
    const crowd = crowdOf(server.bus, siteId, sensorId, 5.2);
    const first = await until('an incident on both screens', () => (right.of('incident').length > 0 ? left.of('incident')[0] : null), 20_000);
    const { incidentId } = first.event;
    expect(first.event.line).toMatchObject({ category: 'crowding', siteId, zoneId, placeUnitId: grid.unitId, unitId: grid.unitId });
    const get = async () => (await send('GET', `/api/incidents/${incidentId}`)).body as { incident: Incident; events: IncidentChanged[] };
    await until('Li was asked', async () => (await get()).incident.assignments.some(({ memberId, state }) => memberId === li && state === 'asked'));
    const ask = await until('the gateway heard', () => receiver.heard.find(({ body }) => body.includes('Li')), 10_000);
    expect(ask.headers['content-type']).toMatch(/json/);
    expect(JSON.stringify(receiver.heard)).not.toContain('marker-of-the-gateway-key');

    // --- Li does not answer: Wang is asked; Wang declines: the township is asked, and its officer comes
    await until('Wang was asked after Li', async () => (await get()).incident.assignments.some(({ memberId, state }) => memberId === wang && state === 'asked'), 20_000);
    const give = (commandId: string, actor: Actor, command: Record<string, unknown>) => send('POST', `/api/incidents/${incidentId}/commands`, { commandId, by: actor, command });
    const wangActor: Actor = { memberId: wang, name: 'Wang', duty: 'fieldWorker', unitId: grid.unitId }, officerActor: Actor = { memberId: officer, name: 'Officer', duty: 'dutyOfficer', unitId: township.unitId };
    expect((await give('w-1', wangActor, { type: 'decline', words: 'On another call' })).status).toBe(200);
    await until('the officer was asked', async () => (await get()).incident.assignments.some(({ memberId, state }) => memberId === officer && state === 'asked'), 20_000);
    const [accepted, acceptedAgain] = await Promise.all([give('o-1', officerActor, { type: 'accept', words: '' }), give('o-1', officerActor, { type: 'accept', words: '' })]);
    expect([accepted.status, acceptedAgain.status]).toEqual([200, 200]);
    expect((await give('o-2', officerActor, { type: 'arrive', words: '' })).status).toBe(200);

    // --- the playbook goes out by its channel and comes back
    expect((await give('d-1', desk, { type: 'tickAction', actionId: 'gate', state: 'sent', words: '' })).status).toBe(200);
    await until('the gate answered', async () => (await get()).incident.playbook.find(({ actionId }) => actionId === 'gate')?.state === 'done', 15_000);
    expect(receiver.heard.some(({ body }) => body.includes('west'))).toBe(true);

    // --- what is not allowed is refused by name, in order
    expect((await give('x-1', desk, { type: 'assess', outcome: 'resolved', words: 'too early', attachments: [] })).body).toMatchObject({ code: 'incidentStepNotAllowed' });
    expect((await give('x-2', desk, { type: 'takeOver', words: 'I want it' })).body).toMatchObject({ code: 'incidentUnitNotAbove' });
    expect((await give('x-3', { ...desk, name: 'Somebody else' }, { type: 'arrive', words: '' })).body).toMatchObject({ code: 'incidentNotAssigned' });

    crowd.become(0.3);
    expect((await give('o-3', officerActor, { type: 'handle', words: 'West gate closed, people moved back', attachments: [] })).status).toBe(200);
    expect((await give('o-4', officerActor, { type: 'followUp', stillWell: true, words: 'Looked again, calm', attachments: [] })).status).toBe(200);
    expect((await give('o-5', officerActor, { type: 'assess', outcome: 'resolved', words: 'Done by myself', attachments: [] })).status).not.toBe(200);
    const closed = await give('d-2', desk, { type: 'assess', outcome: 'resolved', words: 'Gate crew answered late; more people at the west gate', attachments: [] });
    expect([closed.status, closed.body.step]).toEqual([200, 'closed']);

    // --- one history: in the record, on both screens, and again from its inputs
    const events = await store.incidentEvents(incidentId, 0, 1000);
    expect(isLegalHistory(events)).toBeNull();
    expect(events.filter(({ what }) => what === 'accepted').length).toBe(1);
    await until('both screens', () => [left, right].every((screen) => screen.of('incident').at(-1)?.event.version === events.length));
    for (const screen of [left, right]) {
      expect(screen.misfits).toEqual([]);
      const own = screen.of('incident').filter(({ event }) => event.incidentId === incidentId);
      expect(own.map(({ event }) => event.eventId)).toEqual(events.map(({ eventId }) => eventId));
      const all = screen.messages.flatMap((message) => (message.type === 'event' || message.type === 'incident' ? [message.seq] : []));
      expect(all).toEqual(all.toSorted((a, b) => a - b));
    }
    const again = foldIncident(await store.incidentInputs(incidentId));
    expect(again.events).toEqual(events);
    expect(again.incident).toEqual((await get()).incident);
    expect(events.map(({ what }) => what)).toEqual(expect.arrayContaining(['reported', 'asked', 'noAnswer', 'declined', 'escalated', 'accepted', 'arrived', 'actionSent', 'actionDone', 'handled', 'followedUp', 'assessed']));

    const statistics = await send('GET', `/api/incidents/statistics?unitId=${city.unitId}&sinceMs=0&untilMs=${Date.now() + 1000}&by=unit`);
    expect([statistics.status, statistics.body.total.incidents]).toEqual([200, 1]);
    expect(JSON.stringify(statistics.body)).not.toMatch(/Officer|Wang|Li"/);
  });
});

const corners = [[0.05, 0.95, 0, 2], [0.95, 0.95, 60, 2], [0.8, 0.2, 60, 38], [0.2, 0.2, 0, 38]].map(([xShare, yShare, xM, yM]) => ({ picture: { xShare: xShare!, yShare: yShare! }, ground: { xM: xM!, yM: yM! } }));
async function watchedSite({ store }: ServerForTest) {
  const { site } = await store.addSite({ ...siteBody({ origin: ORIGIN }), demo: false });
  const { zone } = await store.addZone(site.siteId, zoneBody({ rules: { densityHigh: { raiseAfterMs: 1000, clearAfterMs: 500, easeHoldMs: 1000 } } }));
  const { sensor } = await store.addSensor(site.siteId, { name: 'Camera', kind: 'rtsp', settings: { url: 'rtsp://192.0.2.1/1' }, addressShown: 'rtsp://192.0.2.1/1' });
  await store.calibrateSensor(sensor.sensorId, { position: { xM: 30, yM: 0 }, heightM: 10, bearingDeg: 0, headHeightM: 1.6, pictureAspect: 16 / 9, points: corners, rangeMostM: null });
  return { siteId: site.siteId, zoneId: zone.zoneId, sensorId: sensor.sensorId };
}

/** Readings at 4 a second of one density everywhere. 254 is 10 people/m2; the code grows with the root. */
function crowdOf(bus: Bus, siteId: string, sensorId: string, peoplePerM2: number) {
  let seq = 0, density = peoplePerM2;
  const timer = setInterval(() => { bus.append(topics.inputs(siteId), encodeInput({ type: 'reading', reading: readingOf(siteId, sensorId, { seq: ++seq, densityCode: Math.round(254 * Math.sqrt(density / 10)) }) })).catch(() => {}); }, 250);
  closers.push(async () => clearInterval(timer));
  return { become: (next: number) => { density = next; } };
}

/** An HTTP receiver that takes everything and remembers it. */
async function httpReceiver() {
  const heard: { body: string; headers: Record<string, unknown> }[] = [];
  const http: Server = createServer((request, answer) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => { body += part; }).on('end', () => { heard.push({ body, headers: request.headers }); answer.end('ok'); });
  });
  await new Promise<void>((done) => { http.listen(0, '127.0.0.1', done); });
  closers.push(() => new Promise((done) => { http.closeAllConnections(); http.close(done); }));
  return { heard, url: `http://127.0.0.1:${(http.address() as { port: number }).port}/` };
}
