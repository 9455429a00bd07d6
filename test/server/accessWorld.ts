// What the matrix of access looks at: a tree of units, one of everything in the unit "here", and somebody with each role at each place beside it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCOUNT_ROLES, RIGHTS, type AccountRole, type Right, type RoleAt } from '../../contract/access.ts';
import type { UnitShape } from '../../contract/unit.ts';
import { newSecret, secretHash } from '../../server/access/sessions.ts';
import { runDecide } from '../../worker/decide.ts';
import { sessionFor, sessionOf, type SessionForTest } from '../support/signIn.ts';
import { quietLog, serverForTest, until, zoneBody, type ServerForTest } from './serverForTest.ts';

/** own: at the unit that things lie in. granted: at a unit elsewhere to which the site is shown. */
export const POSITIONS = ['own', 'parent', 'sibling', 'child', 'granted', 'whole'] as const;
export type Position = (typeof POSITIONS)[number];
export type Ids = { [K in 'unit' | 'below' | 'site' | 'zone' | 'line' | 'sensor' | 'member' | 'shift' | 'playbook' | 'channel' | 'feed' | 'incident' | 'otherIncident' | 'alarm' | 'silence' | 'notice' | 'attachment' | 'handOver' | 'account' | 'session' | 'grant' | 'approval' | 'hold' | 'token']: string };
export type World = Awaited<ReturnType<typeof worldForTest>>;
export type Who = { role: AccountRole; position: Position; session: SessionForTest };

/** A square of `sideDeg` with its south-west corner there; units nest when their squares do. */
const square = (lng: number, lat: number, sideDeg: number): UnitShape => [{ outer: [{ lng, lat }, { lng: lng + sideDeg, lat }, { lng: lng + sideDeg, lat: lat + sideDeg }, { lng, lat: lat + sideDeg }], holes: [] }];
/** Inside "here", and inside "child": a site has 60 m by 40 m. */
export const HERE = { lng: 121.412, lat: 31.212 };

export async function worldForTest(over: Parameters<typeof serverForTest>[0] = {}) {
  const server: ServerForTest = await serverForTest(over), { store } = server;
  const by = { memberId: null, name: 'Test', duty: 'operator', unitId: null } as const;
  let numbers = 0;
  const unit = async (level: 'city' | 'county' | 'township' | 'community', name: string, parentId: string | null, shape: UnitShape) => (await store.addUnit({ level, code: `M${++numbers}`, names: { en: name, zh: name }, parentId, shape, by })).unit.unitId;
  const city = await unit('city', 'City', null, square(121.4, 31.2, 0.2));
  const county = await unit('county', 'County', city, square(121.4, 31.2, 0.1));
  const here = await unit('township', 'Here', county, square(121.41, 31.21, 0.02));
  const child = await unit('community', 'Child', here, square(121.42, 31.22, 0.005));
  const below = await unit('community', 'Below', here, square(121.41, 31.225, 0.004));
  const sibling = await unit('township', 'Sibling', county, square(121.44, 31.21, 0.02));
  const otherCounty = await unit('county', 'Other county', city, square(121.5, 31.2, 0.1));
  const neighbour = await unit('township', 'Neighbour', otherCounty, square(121.52, 31.21, 0.02));
  const unitOf: Record<Position, string | null> = { own: here, parent: county, sibling, child, granted: neighbour, whole: null };

  const makes = {
    site: async () => (await store.addSite({ name: 'Marked square', origin: HERE, grid: { cellM: 1, columns: 60, rows: 40 }, demo: false })).site.siteId,
    zone: async (siteId: string) => (await store.addZone(siteId, zoneBody({ name: 'Marked zone' }))).zone.zoneId,
    line: async (siteId: string) => (await store.addLine(siteId, { name: 'Marked line', a: { xM: 5, yM: 5 }, b: { xM: 15, yM: 5 }, surface: 'level' })).line.lineId,
    sensor: async (siteId: string) => {
      const { sensor } = await store.addSensor(siteId, { name: 'Marked camera', kind: 'rtsp', settings: { url: 'rtsp://192.0.2.1/1' }, addressShown: 'rtsp://192.0.2.1/1' });
      const points = [[0.05, 0.95, 0, 2], [0.95, 0.95, 60, 2], [0.8, 0.2, 60, 38], [0.2, 0.2, 0, 38]].map(([xShare, yShare, xM, yM]) => ({ picture: { xShare: xShare!, yShare: yShare! }, ground: { xM: xM!, yM: yM! } }));
      await store.calibrateSensor(sensor.sensorId, { position: { xM: 30, yM: 0 }, heightM: 10, bearingDeg: 0, headHeightM: 1.6, pictureAspect: 16 / 9, points, rangeMostM: null });
      return sensor.sensorId;
    },
    member: async () => (await store.addMember(here, { name: 'Marked Member', duty: 'fieldWorker', language: 'en', contacts: [] })).memberId,
    shift: async (memberId: string) => (await store.addShift(here, { memberId, weekdays: [1, 2, 3, 4, 5, 6, 7], startMinute: 0, endMinute: 0, order: 1 })).shiftId,
    playbook: async (siteId: string) => (await store.addPlaybook(siteId, playbookBody(`fire`, (++numbers % 2 === 0 ? 'serious' : 'critical')))).playbookId,
    silence: async (siteId: string) => (await store.addSilence({ siteId, zoneIds: [], rules: ['sensorSilent'], fromMs: Date.now() + 3600_000, untilMs: Date.now() + 7200_000, words: 'works', by: 'Test' }, Date.now())).silenceId,
    grant: async (siteId: string) => (await store.addGrant({ siteId, incidentId: null, toUnitId: neighbour, rights: ['see', 'picture'], fromMs: Date.now() - 1000, untilMs: Date.now() + 3600_000, reason: 'a fair', byName: 'Test', byAccountId: null }, Date.now())).grantId,
    channel: async () => (await store.addChannel({ kind: 'webhook', name: 'Gateway', enabled: false, settings: { url: 'https://198.51.100.7/' }, settingsShown: {} })).channelId,
    below: async () => { numbers++; return unit('community', `Below ${numbers}`, here, square(121.411 + 0.0003 * (numbers % 60), 31.2101, 0.0002)); },
    account: async (unitId: string | null = here) => (await store.addAccount({ signInName: `marked${++numbers}`, name: 'Marked Account', language: 'en', roles: [{ role: 'viewer', unitId }], memberId: null, enabled: true })).accountId,
    notice: async (incidentId: string) => { const noticeId = `n${++numbers}.1.info.x`; await store.addNotices([{ noticeId, kind: 'info', incidentId, memberId: null, channelId: null, actionId: null, exercise: false, atMs: Date.now(), state: 'waiting' }]); await store.noticeDone(noticeId, 'dead'); return noticeId; },
    report: async (zoneId: string, attachments: string[] = []) => {
      const answer = await server.send('POST', '/api/incidents', { commandId: `make-${++numbers}`, category: 'fire', severity: 'serious', title: 'Marked incident', words: 'smoke', zoneId, attachments });
      if (answer.status !== 201) throw new Error(`report: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body.incidentId as string;
    },
  };
  const ids = {} as Ids;
  Object.assign(ids, { unit: here, below });
  ids.site = await makes.site();
  ids.zone = await makes.zone(ids.site);
  ids.line = await makes.line(ids.site);
  ids.sensor = await makes.sensor(ids.site);
  ids.member = await makes.member();
  ids.shift = await makes.shift(ids.member);
  ids.playbook = (await store.addPlaybook(ids.site, playbookBody('crowding', 'serious'))).playbookId;
  ids.silence = await makes.silence(ids.site);
  ids.channel = await makes.channel();
  ids.feed = (await store.addChannel({ kind: 'cap', name: 'Feed', enabled: true, settings: { feed: true }, settingsShown: { feed: true }, subscriptions: [{ unitId: here, severityLeast: 'minor', categories: [] }] })).channelId;
  ids.attachment = (await server.fetch('/api/attachments', { method: 'POST', headers: { 'content-type': 'text/plain', 'x-file-name': 'marked.txt' }, body: 'marked words' }).then(async (answer) => answer.json() as Promise<{ sha256: string }>)).sha256;
  ids.incident = await makes.report(ids.zone, [ids.attachment]);
  ids.otherIncident = await makes.report(ids.zone);
  ids.notice = await makes.notice(ids.incident);
  ids.handOver = (await server.send('POST', `/api/units/${here}/handover`, { commandId: 'marked', toName: 'Next', summary: 'Marked summary' })).body.handOverId;
  ids.account = await makes.account();
  ids.session = (await sessionOf(store, ids.account, 'Marked Account')).sessionId;
  ids.grant = await makes.grant(ids.site);
  ids.hold = 'no-hold';
  ids.token = 'no-token';
  ids.approval = 'no-approval';

  // An alarm by the decider itself, so that steps of it are taken.
  const decider = await runDecide({ store, bus: server.bus, settings: {}, rules: server.ruleKinds, log: quietLog, holder: 'matrix' });
  ids.alarm = await until('an exercise', async () => {
    const answer = await server.send('POST', `/api/sites/${ids.site}/exercise`, { commandId: 'marked', zoneId: ids.zone, level: 'warning', forS: 14_400, words: 'drill' });
    return answer.status === 200 ? answer.body.alarmId as string : null;
  }, 30_000);
  writeFileSync(join(server.dataFolder, 'marked.pmtiles'), 'not a map');

  const everybody: Who[] = [];
  for (const role of ACCOUNT_ROLES) for (const position of POSITIONS) everybody.push({ role, position, session: await sessionFor(store, { roles: [{ role, unitId: unitOf[position] }] }) });
  /** All rights there are, by three roles. */
  const allRoles: RoleAt[] = (['administrator', 'dutyOfficer', 'auditor'] as const).map((role) => ({ role, unitId: null }));
  const holder = await store.addAccount({ signInName: 'holder', name: 'Holder', language: 'en', roles: allRoles, memberId: null, enabled: true });
  const tokens = new Map<string, Promise<string>>();
  /** A bearer's header with these rights, at the unit or everywhere. */
  const token = (rights: readonly Right[], unitId: string | null): Promise<string> => {
    const key = `${rights.join()} ${unitId ?? ''}`;
    const there = tokens.get(key) ?? (async () => {
      const secret = `crl_${newSecret()}`, nowMs = Date.now();
      await store.addToken({ accountId: holder.accountId, secretHash: secretHash(secret), name: `T${tokens.size}`, rights, unitId, createdAtMs: nowMs, expiresAtMs: nowMs + 3600_000 });
      return `Bearer ${secret}`;
    })();
    tokens.set(key, there);
    return there;
  };
  const without = (right: Right) => token(RIGHTS.filter((one) => one !== right), null), only = (right: Right) => token([right], here);
  return {
    server, ids, makes, everybody, unitOf, without, only, units: { city, county, here, child, below, sibling, otherCounty, neighbour },
    /** Somebody new with the same role there: for what ends their own session. */
    another: (who: Pick<Who, 'role' | 'position'>) => sessionFor(store, { roles: [{ role: who.role, unitId: unitOf[who.position] }] }),
    async close() { await decider.close(); await server.close(); },
  };
}

export const playbookBody = (category: string, severityLeast: 'minor' | 'moderate' | 'serious' | 'critical') => ({
  zoneId: null, category, severityLeast, actions: [{ actionId: 'a1', kind: 'task' as const, words: { en: 'Marked action', zh: 'Marked action' }, owner: 'operator' as const, withinS: 60, channelId: null, payload: null }],
});
export const squareShape = square;
