// What a screen hears goes by whose it is: each kind of message, own, parent's, sibling's and child's place; and what happens when that changes while it looks. Rules LS of docs/SPEC.md.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import type { Scope } from '../../contract/access.ts';
import type { LngLat } from '../../contract/geometry.ts';
import type { IncidentCommand } from '../../contract/incident.ts';
import { LIVE_SCOPE_CHANGED, LIVE_SIGNED_OUT, LiveMessage } from '../../contract/live.ts';
import type { ScreenNotice } from '../../contract/notice.ts';
import { encodeReading } from '../../contract/reading.ts';
import type { UnitShape } from '../../contract/unit.ts';
import { contextWish } from '../../crowd/incident/contextWish.ts';
import { decideIncident } from '../../crowd/incident/decideIncident.ts';
import { eyesOf, type Lies } from '../../server/live/scoped.ts';
import { topics } from '../../store/bus/bus.ts';
import type { Lease } from '../../store/store.ts';
import { commit, leaseOf, raisedAlarm, readingOf, serverForTest, siteBody, until, wait, type ScreenForTest, type ServerForTest, type SessionForTest } from './serverForTest.ts';

const by = { memberId: null, name: 'Wang', duty: 'operator' as const, unitId: null };
const box = (west: number, south: number, east: number, north: number): UnitShape => [{ outer: [{ lng: west, lat: south }, { lng: east, lat: south }, { lng: east, lat: north }, { lng: west, lat: north }], holes: [] }];
/** City C over counties A and B; grids A1 and A2 in A, B1 in B. */
const TREE = { C: [null, 'city', box(11, 48, 11.2, 48.2)], A: ['C', 'county', box(11, 48, 11.1, 48.1)], B: ['C', 'county', box(11.1, 48, 11.2, 48.1)], A1: ['A', 'grid', box(11, 48, 11.05, 48.05)], A2: ['A', 'grid', box(11.05, 48, 11.1, 48.05)], B1: ['B', 'grid', box(11.1, 48, 11.15, 48.05)] } as const;
type Name = keyof typeof TREE;
const NAMES = Object.keys(TREE) as Name[];
const middle: Record<Name, LngLat> = { C: { lng: 11.15, lat: 48.15 }, A: { lng: 11.05, lat: 48.08 }, B: { lng: 11.15, lat: 48.08 }, A1: { lng: 11.02, lat: 48.02 }, A2: { lng: 11.07, lat: 48.02 }, B1: { lng: 11.12, lat: 48.02 } };
const isBelow = (name: Name | null, above: Name): boolean => name !== null && (name === above || isBelow(TREE[name][0], above));
const screensIn = (place: Name): string[] => ['whole', ...NAMES.filter((name) => isBelow(place, name))].sort();

let server: ServerForTest;
const id = {} as Record<Name, string>, leases = {} as Record<Name, Lease>, sessions = {} as Record<Name | 'whole' | 'nowhere', SessionForTest>;
const screens = {} as Record<Name | 'whole' | 'nowhere', ScreenForTest>;
beforeAll(async () => {
  server = await serverForTest();
  for (const name of NAMES) {
    const [parent, level, shape] = TREE[name];
    id[name] = (await server.store.addUnit({ level, code: name, names: { en: name, zh: name }, parentId: parent === null ? null : id[parent], shape, by })).unit.unitId;
  }
  for (const name of NAMES) {
    await server.store.addSite({ ...siteBody({ name, origin: { lng: middle[name].lng - 0.0004, lat: middle[name].lat - 0.0002 } }), siteId: `site-${name}`, demo: false });
    await server.store.addSensor(`site-${name}`, { sensorId: `cam-${name}`, name: 'Camera', kind: 'rtsp', settings: { address: 'rtsp://192.0.2.7/main' }, addressShown: 'rtsp://192.0.2.7/main' });
    leases[name] = await leaseOf(server.store, `site-${name}`);
    sessions[name] = await server.signedInAs({ roles: [{ role: 'viewer', unitId: id[name] }], name });
    await server.bus.publish(topics.siteChanged, Buffer.from(JSON.stringify({ siteId: `site-${name}`, version: 1 })));
  }
  sessions.whole = await server.signedInAs({ roles: [{ role: 'viewer', unitId: null }], name: 'whole' });
  for (const name of [...NAMES, 'whole'] as const) {
    screens[name] = await server.screen(0, sessions[name]);
    void screens[name].closed.then((code) => { closings.push(`${name} ${code}`); });
  }
  await until('all say hello', () => Object.values(screens).every((screen) => screen.of('hello').length === 1), 15_000);
  await wait(500);
}, 60_000);
/** None of them is ended by anything that happens here. */
const closings: string[] = [];
afterEach(() => { expect(closings).toEqual([]); });
afterAll(async () => { await server?.close(); });

const everyScreen = () => Object.entries(screens).filter(([, screen]) => screen.socket.readyState === WebSocket.OPEN);
/** Who heard it, once whoever should has, and a while after, in which the others might. */
async function heardBy(expected: string[], isIt: (screen: ScreenForTest) => boolean): Promise<string[]> {
  const who = () => everyScreen().filter(([, screen]) => isIt(screen)).map(([name]) => name).sort();
  await until(`heard by ${expected.join(' ')}`, () => expected.every((name) => who().includes(name)), 10_000).catch(() => {});
  await wait(250);
  return who();
}
const report = async (incidentId: string, place: Name, siteId: string | null = null) => give(incidentId, { type: 'report', category: 'fire', severity: 'serious', title: '', words: 'smoke', attachments: [], peopleAtRisk: null, alarm: null, exercise: false, demo: false, place: { point: middle[place], siteId, zoneId: null, sensorId: null, siteName: '', placeName: 'Hall', unitId: id[place] } });
let inputs = 0;
async function give(incidentId: string, command: IncidentCommand, unitId: string | null = null): Promise<void> {
  const { store } = server, taken = await store.takeIncidentInputs([{ inputId: `in-${++inputs}`, incidentId, actor: { ...by, unitId }, command, context: await store.incidentContext({ ...contextWish(await store.incident(incidentId), command)!, atMs: Date.now() }) }], decideIncident);
  if ('problem' in taken) throw new Error(taken.problem.code);
}
const notice = (number: number, over: Partial<ScreenNotice>): ScreenNotice => ({ noticeId: `n${number}`, kind: 'asked', incidentId: null, memberId: null, exercise: false, atMs: Date.now(), words: { en: { title: 'x', body: 'x' }, zh: { title: 'x', body: 'x' } } as ScreenNotice['words'], path: '/', ...over });
const publish = (topic: string, value: unknown) => server.bus.publish(topic, Buffer.from(JSON.stringify(value)));

describe('where a message goes', () => {
  /** Each kind, told of the place; `heard` says whether a screen got it. Those that lie nowhere go to all. */
  let number = 0;
  const KINDS: Record<Exclude<LiveMessage['type'], 'incidentGone'> | 'reading', (place: Name) => Promise<{ heard: (screen: ScreenForTest) => boolean; everywhere?: true }>> = {
    hello: async () => ({ heard: (screen) => screen.of('hello').length > 0, everywhere: true }),
    beat: async () => ({ heard: (screen) => screen.of('beat').length > 0, everywhere: true }),
    // Tells of the server itself, or that there is something to fetch: nothing that lies anywhere.
    health: async () => ({ heard: () => true, everywhere: true }),
    unitsChanged: async () => { const version = 1000 + ++number; await publish(topics.unitsChanged, version); return { heard: (screen) => screen.of('unitsChanged').some((message) => message.version === version), everywhere: true }; },
    approvalsChanged: async () => {
      const nowMs = Date.now(), by = { accountId: 'nobody', name: 'Nobody' };
      const { approvalId } = await server.store.draftApproval({ what: 'widenScope', placeKind: 'site', placeId: `site-${++number}`, act: '', placeName: '', unitId: null, forWhat: { en: 'x', zh: 'x' }, askedBy: by, nowMs });
      await server.store.stepApproval(approvalId, { step: 'ask', by: { ...by, memberId: null }, reason: 'x', nobodyElse: false }, nowMs);
      return { heard: (screen) => screen.of('approvalsChanged').length > 0, everywhere: true };
    },
    reading: async (place) => { const seq = ++number; await server.bus.publish(topics.readings, encodeReading(readingOf(`site-${place}`, `cam-${place}`, { seq }))); return { heard: (screen) => screen.readings.some((reading) => reading.seq === seq) }; },
    zones: async (place) => { const judgedAtMs = 1e6 + ++number; await publish(topics.zones, { type: 'zones', siteId: `site-${place}`, judgedAtMs, serverAtMs: Date.now(), states: [], lines: [] }); return { heard: (screen) => screen.of('zones').some((message) => message.judgedAtMs === judgedAtMs) }; },
    sensors: async (place) => {
      const epoch = ++number;
      await publish(topics.sensorStatus, { sensorId: `cam-${place}`, siteId: `site-${place}`, epoch, atMs: Date.now(), phase: 'off', problem: null, nextTryAtMs: null, lastHeardAtMs: null, picturesPerS: null, readingsPerS: null, readingLatencyMs: null, skewMs: null, pictureFault: null, modelId: null });
      return { heard: (screen) => [...screen.of('sensors').flatMap((message) => message.statuses), ...screen.misfits.map((one) => JSON.parse((one as { message: string }).message).statuses[0])].some((status) => status.epoch === epoch) };
    },
    event: async (place) => { const event = raisedAlarm(`site-${place}`, ++number); await commit(server.store, leases[place], `site-${place}`, [event]); return { heard: (screen) => screen.of('event').some((message) => message.event.eventId === event.eventId) }; },
    incident: async (place) => { const incidentId = `incident-${++number}`; await report(incidentId, place); return { heard: (screen) => screen.of('incident').some((message) => message.event.incidentId === incidentId && message.event.line.incidentId === incidentId) }; },
    siteChanged: async (place) => { const version = 5000 + ++number; await publish(topics.siteChanged, { siteId: `site-${place}`, version }); return { heard: (screen) => screen.of('siteChanged').some((message) => message.version === version) }; },
    notice: async (place) => { const made = notice(++number, { memberId: (await server.store.addMember(id[place], { name: `M${number}`, duty: 'fieldWorker', language: 'zh', contacts: [] })).memberId }); await publish(topics.notices, made); return { heard: (screen) => screen.of('notice').some((message) => message.notice.noticeId === made.noticeId) }; },
  };
  test('LS1 no kind of message is without a place here', () => {
    const kinds = LiveMessage.anyOf.map((kind) => kind.properties.type.const as string);
    expect(kinds.filter((kind) => kind !== 'incidentGone' && !(kind in KINDS))).toEqual([]);
  });
  for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[]) test(`LS2 ${kind}: heard by one's own and by those above, by nobody beside or below`, async () => {
    for (const place of NAMES) {
      const { heard, everywhere } = await KINDS[kind](place), expected = everywhere ? [...NAMES, 'whole'].sort() : screensIn(place);
      expect([place, await heardBy(expected, heard)]).toEqual([place, expected]);
    }
  }, 60_000);
  test('LS3 a notice reaches the screens of the person that it names, wherever they may look; of an incident that names nobody, whoever sees the incident', async () => {
    const member = await server.store.addMember(id.B1, { name: 'Zhang', duty: 'fieldWorker', language: 'zh', contacts: [] });
    const screen = await server.screen(0, await server.signedInAs({ roles: [{ role: 'viewer', unitId: id.A2 }], memberId: member.memberId }));
    await publish(topics.notices, notice(90_001, { memberId: member.memberId }));
    await until('their own screen hears', () => screen.of('notice').some((message) => message.notice.noticeId === 'n90001'));
    expect(await heardBy(screensIn('B1'), (other) => other.of('notice').some((message) => message.notice.noticeId === 'n90001'))).toEqual(screensIn('B1'));
    await report('incident-told', 'A2');
    await publish(topics.notices, notice(90_002, { incidentId: 'incident-told' }));
    expect(await heardBy(screensIn('A2'), (other) => other.of('notice').some((message) => message.notice.noticeId === 'n90002'))).toEqual(screensIn('A2'));
    // One who comes later hears it again, and nobody else does.
    const [later, elsewhere] = [await server.screen(0, sessions.A2), await server.screen(0, sessions.B)];
    await until('the later one hears', () => later.of('notice').some((message) => message.notice.noticeId === 'n90002'));
    await wait(300);
    expect(elsewhere.of('notice').some((message) => message.notice.noticeId === 'n90002')).toBe(false);
    for (const each of [screen, later, elsewhere]) each.leave();
  });
  test('LS4 a camera in another grid than its site is heard of in its own grid', async () => {
    await server.store.calibrateSensor('cam-A1', { position: { xM: 3000, yM: 10 }, heightM: 6, bearingDeg: 90, headHeightM: 1.6, pictureAspect: 16 / 9, rangeMostM: null, points: [[0.1, 0.9], [0.9, 0.9], [0.7, 0.4], [0.3, 0.4]].map(([xShare, yShare], index) => ({ picture: { xShare: xShare!, yShare: yShare! }, ground: { xM: 10 + index, yM: 3 * index } })) });
    expect((await server.store.placeOf('sensor', 'cam-A1'))?.unitId).toBe(id.A2);
    await publish(topics.siteChanged, { siteId: 'site-A1', version: 7000 });
    await wait(400);
    await server.bus.publish(topics.readings, encodeReading(readingOf('site-A1', 'cam-A1', { seq: 70_000 })));
    expect(await heardBy(screensIn('A2'), (screen) => screen.readings.some(({ seq }) => seq === 70_000))).toEqual(screensIn('A2'));
  });
  test('LS5 an incident that leaves one\'s sight is gone from the screen without a word of it; where it comes into sight it arrives whole', async () => {
    await report('incident-moves', 'A1');
    expect(await heardBy(screensIn('A1'), (screen) => screen.of('incident').some((message) => message.event.incidentId === 'incident-moves'))).toEqual(screensIn('A1'));
    await give('incident-moves', { type: 'placeMoved', unitId: id.B1 });
    await give('incident-moves', { type: 'transfer', toUnitId: id.B1, words: 'theirs' }).catch(() => {});
    const left = ['A', 'A1'], now = screensIn('B1');
    expect(await heardBy(now, (screen) => screen.of('incident').some((message) => message.event.incidentId === 'incident-moves' && message.event.line.incidentId === 'incident-moves' && message.event.line.unitId === id.B1))).toEqual(now);
    expect(await heardBy(left, (screen) => screen.of('incidentGone').some((message) => message.incidentId === 'incident-moves'))).toEqual(left);
    for (const name of left as Name[]) expect(Object.keys(screens[name].of('incidentGone').find((message) => message.incidentId === 'incident-moves')!).sort()).toEqual(['incidentId', 'seq', 'type']);
    await give('incident-moves', { type: 'note', words: 'secret words', attachments: [] });
    await until('those who see it hear on', () => screens.B.messages.some((message) => JSON.stringify(message).includes('secret words')));
    await wait(250);
    for (const name of left as Name[]) expect(JSON.stringify(screens[name].messages)).not.toContain('secret words');
  });
  test('LS6 what a screen missed comes in order, without what is none of its business, and a gap in the numbers is no loss', async () => {
    const lastSeq = await server.store.lastSeq();
    for (let round = 0; round < 10; round++) for (const place of ['A1', 'B1'] as const) await commit(server.store, leases[place], `site-${place}`, [raisedAlarm(`site-${place}`, 500 + round)]);
    const screen = await server.screen(lastSeq, sessions.B1);
    await until('all of its own', () => screen.seqs.length >= 10);
    await wait(300);
    expect(screen.of('hello')[0]).toMatchObject({ startOver: false });
    expect(screen.of('event').map((message) => message.event.siteId)).toEqual(Array<string>(10).fill('site-B1'));
    expect(screen.seqs.every((seq, at) => at === 0 || seq > screen.seqs[at - 1]!)).toBe(true);
    await commit(server.store, leases.B1, 'site-B1', [raisedAlarm('site-B1', 600)]);
    await until('what is new', () => screen.seqs.length === 11);
    expect(new Set(screen.seqs).size).toBe(11);
    screen.leave();
  });
});

describe('who looks', () => {
  const refused = (headers: Record<string, string>) => new Promise<number>((resolve) => {
    const socket = new WebSocket(`${server.address.replace('http', 'ws')}/live?after=0`, { origin: server.address, headers });
    socket.once('unexpected-response', (_request, response) => { resolve(response.statusCode ?? 0); socket.terminate(); });
    socket.once('open', () => { resolve(101); socket.terminate(); });
    socket.on('error', () => {});
  });
  const opened = async (roles: Parameters<ServerForTest['signedInAs']>[0] = {}) => { const session = await server.signedInAs(roles); return { session, screen: await server.screen(0, session) }; };
  const closesWithin = async (screen: ScreenForTest, mostMs: number): Promise<number | string> => Promise.race([screen.closed, wait(mostMs).then(() => 'still open')]);

  test('LS7 nobody who is not signed in gets a line, nor who may see nothing', async () => {
    expect(await refused({})).toBe(401);
    expect(await refused({ cookie: 'crowdlight-session=nonsense' })).toBe(401);
    expect(await refused({ cookie: (await server.signedInAs({ roles: [{ role: 'auditor', unitId: null }] })).cookie })).toBe(403);
    expect(await refused({ cookie: (await server.signedInAs({ roles: [] })).cookie })).toBe(403);
    expect(await refused({ cookie: sessions.A.cookie })).toBe(101);
  });
  test('LS8 the line ends within a second of its session, whoever ends it', async () => {
    const one = await opened({ roles: [{ role: 'viewer', unitId: id.A }] }), other = await opened({ roles: [{ role: 'viewer', unitId: id.A }] }), third = await opened({ roles: [{ role: 'viewer', unitId: id.A }] });
    await server.store.endSession(one.session.accountId, one.session.sessionId);
    expect(await closesWithin(one.screen, 1500)).toBe(LIVE_SIGNED_OUT);
    const account = (await server.store.account(other.session.accountId))!;
    await server.store.changeAccount(account.accountId, { signInName: account.signInName, name: account.name, language: account.language, roles: account.roles, memberId: account.memberId, enabled: false });
    expect(await closesWithin(other.screen, 1500)).toBe(LIVE_SIGNED_OUT);
    await wait(300);
    expect(third.screen.socket.readyState).toBe(WebSocket.OPEN);
    third.screen.leave();
  });
  test('LS9 a session that is over by the clock ends its screens, and looking alone does not keep it', async () => {
    const { session, screen } = await opened({ roles: [{ role: 'viewer', unitId: id.A }] });
    await server.store.touchSession(session.sessionId, Date.now(), Date.now() + 1200);
    expect(await closesWithin(screen, 900)).toBe('still open');
    expect(await closesWithin(screen, 2500)).toBe(LIVE_SIGNED_OUT);
  });
  test('LS10 a role that is taken away or given ends the line within a second; what is opened anew shows the new scope and nothing of the old', async () => {
    const { session, screen } = await opened({ roles: [{ role: 'viewer', unitId: id.A }, { role: 'viewer', unitId: id.B }] });
    const account = (await server.store.account(session.accountId))!;
    await server.store.changeAccount(account.accountId, { signInName: account.signInName, name: account.name, language: account.language, roles: [{ role: 'operator', unitId: id.B }], memberId: account.memberId, enabled: true });
    expect(await closesWithin(screen, 1500)).toBe(LIVE_SCOPE_CHANGED);
    const again = await server.screen(0, session);
    await commit(server.store, leases.A1, 'site-A1', [raisedAlarm('site-A1', 700)]);
    await commit(server.store, leases.B1, 'site-B1', [raisedAlarm('site-B1', 701)]);
    await until('the new scope', () => again.of('event').some((message) => message.event.alarm.placeName === 'Zone 701'));
    await wait(250);
    expect(again.of('event').filter((message) => message.event.siteId.startsWith('site-A'))).toEqual([]);
    // A change that leaves the scope as it was ends nothing.
    await server.store.changeAccount(account.accountId, { signInName: account.signInName, name: 'Other name', language: account.language, roles: [{ role: 'viewer', unitId: id.B }], memberId: account.memberId, enabled: true });
    expect(await closesWithin(again, 1200)).toBe('still open');
    again.leave();
  });
  test('LS11 a place that is shown for a while is heard of from its first second to its last', async () => {
    const { session, screen } = await opened({ roles: [{ role: 'viewer', unitId: id.B }] });
    const nowMs = Date.now();
    await server.store.addGrant({ siteId: 'site-A2', incidentId: null, toUnitId: id.B, rights: ['see'], fromMs: nowMs + 800, untilMs: nowMs + 5500, reason: 'together', byName: 'Li', byAccountId: null }, nowMs);
    expect(await closesWithin(screen, 3500)).toBe(LIVE_SCOPE_CHANGED);
    const during = await server.screen(0, session);
    await commit(server.store, leases.A2, 'site-A2', [raisedAlarm('site-A2', 800)]);
    await commit(server.store, leases.A1, 'site-A1', [raisedAlarm('site-A1', 801)]);
    await until('the shown place', () => during.of('event').some((message) => message.event.alarm.placeName === 'Zone 800'));
    expect(during.of('event').some((message) => message.event.siteId === 'site-A1')).toBe(false);
    expect(await closesWithin(during, nowMs + 5500 - Date.now() + 1500)).toBe(LIVE_SCOPE_CHANGED);
    expect(Date.now()).toBeGreaterThanOrEqual(nowMs + 5500);
    const after = await server.screen(0, session);
    await commit(server.store, leases.A2, 'site-A2', [raisedAlarm('site-A2', 802)]);
    await wait(600);
    expect(after.of('event').some((message) => message.event.alarm.placeName === 'Zone 802')).toBe(false);
    after.leave();
    // Those at the unit and above it looked anew twice.
    expect([...new Set(closings.splice(0))].sort()).toEqual([`B ${LIVE_SCOPE_CHANGED}`, `C ${LIVE_SCOPE_CHANGED}`]);
    for (const name of ['B', 'C'] as const) screens[name] = await server.screen(0, sessions[name]);
  }, 20_000);
  test('LS12 a border that moves takes a site out of sight and into it, and both sides hear that something changed', async () => {
    const { site } = await server.store.addSite({ ...siteBody({ name: 'Border', origin: { lng: 11.0485, lat: 48.03 }, grid: { cellM: 1, columns: 20, rows: 20 } }), siteId: 'site-border', demo: false });
    await publish(topics.siteChanged, { siteId: site.siteId, version: 1 });
    await wait(400);
    const names = { en: 'x', zh: 'x' };
    await server.store.changeUnit(id.A1, { level: 'grid', code: 'A1', names, parentId: id.A, shape: box(11, 48, 11.048, 48.05), by });
    await server.store.changeUnit(id.A2, { level: 'grid', code: 'A2', names, parentId: id.A, shape: box(11.048, 48, 11.1, 48.05), by });
    expect((await server.store.placeOf('site', site.siteId))?.unitId).toBe(id.A2);
    const both = ['A', 'A1', 'A2', 'C', 'whole'];
    expect(await heardBy(both, (screen) => screen.of('siteChanged').some((message) => message.siteId === site.siteId && message.version === 0))).toEqual(both);
    await publish(topics.zones, { type: 'zones', siteId: site.siteId, judgedAtMs: 2_000_000, serverAtMs: Date.now(), states: [], lines: [] });
    expect(await heardBy(screensIn('A2'), (screen) => screen.of('zones').some((message) => message.judgedAtMs === 2_000_000))).toEqual(screensIn('A2'));
  });
  test('LS13 screens of one account have a bound, and one that talks is shown out', async () => {
    const small = await serverForTest({ screensPerAccountMost: 2 });
    try {
      const session = await small.signedInAs({ roles: [{ role: 'viewer', unitId: null }] });
      const [first] = [await small.screen(0, session), await small.screen(0, session)];
      await expect(small.screen(0, session)).rejects.toThrow();
      await small.screen(0, small.administrator);
      for (let number = 0; number < 5; number++) first!.socket.send('{}');
      expect(await closesWithin(first!, 300)).toBe('still open');
      first!.socket.send('{}');
      expect(await closesWithin(first!, 2000)).toBe(1008);
      await until('there is room again', async () => { const screen = await small.screen(0, session).catch(() => null); return screen !== null; });
    } finally { await small.close(); }
  }, 30_000);
  test('LS14 a screen that does not read holds no more than names, and only of what it may see', async () => {
    const { session, screen } = await opened({ roles: [{ role: 'viewer', unitId: id.B1 }] });
    screen.socket.pause();
    const large = { columnFirst: 0, rowFirst: 0, columns: 480, rows: 480 };
    for (let seq = 1; seq <= 40; seq++) for (const place of ['A2', 'B1'] as const) { await server.bus.publish(topics.readings, encodeReading(readingOf(`site-${place}`, `cam-${place}`, { seq: 100_000 + seq, window: large }))); await wait(10); }
    screen.socket.resume();
    await until('the newest of its own', () => screen.readings.some(({ seq }) => seq === 100_040), 15_000);
    expect(new Set(screen.readings.map(({ sensorId }) => sensorId))).toEqual(new Set(['cam-B1']));
    expect(session.accountId).not.toBe('');
    screen.leave();
  }, 40_000);
});

describe('eyes', () => {
  test('LS15 see what lies in or below their units and at their sites, and nothing without either', () => {
    const lies = (unitIds: string[], siteId: string | null = null): Lies => ({ unitIds, siteId }), scope = (over: Partial<Scope>): Scope => ({ all: false, unitIds: [], siteIds: [], ...over });
    expect([eyesOf(scope({ unitIds: ['a'] })).sees(lies(['grid', 'a', 'city'])), eyesOf(scope({ unitIds: ['a'] })).sees(lies(['b'])), eyesOf(scope({ siteIds: ['s'] })).sees(lies(['b'], 's')), eyesOf(scope({ siteIds: ['s'] })).sees(lies(['b'], null))]).toEqual([true, false, true, false]);
    expect([eyesOf(scope({})).sees(lies([])), eyesOf(scope({})).sees('everywhere'), eyesOf(scope({ all: true })).sees(lies([]))]).toEqual([false, true, true]);
    expect(eyesOf(scope({ unitIds: ['b', 'a', 'a'] })).key).toBe(eyesOf(scope({ unitIds: ['a', 'b'] })).key);
    expect(eyesOf(scope({ unitIds: ['a'] })).key).not.toBe(eyesOf(scope({ siteIds: ['a'] })).key);
  });
});
