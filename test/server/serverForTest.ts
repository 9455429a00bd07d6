// A real server on a port of the system's choice, over a real database and the in-process bus; and a screen that remembers all it was sent.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import WebSocket from 'ws';
import type { Alarm, AlarmChanged } from '../../contract/alarm.ts';
import type { SiteBody, ZoneBody } from '../../contract/api.ts';
import type { Actor } from '../../contract/incident.ts';
import { LiveMessage } from '../../contract/live.ts';
import { decodeReading, type Reading } from '../../contract/reading.ts';
import { checker } from '../../contract/schema.ts';
import { loadRuleKinds, loadSensorKinds } from '../../config/kinds.ts';
import { loadSettings, type Settings } from '../../config/settings.ts';
import { startServer } from '../../server/start.ts';
import type { Bus } from '../../store/bus/bus.ts';
import { inProcessBus } from '../../store/bus/inProcess.ts';
import { openStore } from '../../store/openStore.ts';
import type { Lease, Store } from '../../store/store.ts';
import { runRelay } from '../../worker/relay.ts';
import { freshDatabase } from '../support/postgres.ts';
import { sessionFor, sessionsByActor, type SessionForTest } from '../support/signIn.ts';

export const quietLog = pino({ level: process.env['TEST_LOG'] ?? 'silent' });
export const wait = (ms: number) => new Promise<void>((done) => { setTimeout(done, ms); });
export const siteBody = (over: Partial<SiteBody> = {}): SiteBody => ({ name: 'Square', origin: { lng: 121.47, lat: 31.23 }, grid: { cellM: 1, columns: 60, rows: 40 }, ...over });
export const zoneBody = (over: Partial<ZoneBody> = {}): ZoneBody => ({
  name: 'East gate', kind: 'standing', limits: { noticePeoplePerM2: 2, warningPeoplePerM2: 3.5, dangerPeoplePerM2: 4.7, criticalPeoplePerM2: 5.5 },
  polygon: [{ xM: 10, yM: 10 }, { xM: 30, yM: 10 }, { xM: 30, yM: 25 }, { xM: 10, yM: 25 }], ...over,
});

export type ServerForTest = Awaited<ReturnType<typeof serverForTest>>;
export async function serverForTest(over: Partial<Settings> & { webFolder?: string; relay?: boolean } = {}) {
  const { webFolder, relay: withRelay = true, ...settingsOver } = over;
  const database = await freshDatabase();
  const dataFolder = mkdtempSync(join(tmpdir(), 'crowdlight-server-'));
  const settings: Settings = { ...loadSettings({ argv: ['--port', '0', '--data', dataFolder], env: {}, readFile: () => null }), videoFolders: ['/'], cameraNetworks: ['private', 'public', 'loopback'], channelNetworks: ['private', 'public', 'loopback'], requestsPerAddressPerMinute: 10_000_000, requestsPerAccountPerMinute: 10_000_000, ...settingsOver };
  const store = await openStore({ databaseUrl: database.databaseUrl, log: quietLog, timeZone: settings.timeZone });
  const bus = inProcessBus();
  const relay = withRelay ? runRelay({ store, bus, log: quietLog }) : null;
  const [sensorKinds, ruleKinds] = await Promise.all([loadSensorKinds(), loadRuleKinds()]);
  const server = await startServer({ store, bus, settings, sensorKinds, ruleKinds, log: quietLog, ...(webFolder === undefined ? {} : { webFolder }) });
  const screens: ScreenForTest[] = [];
  const administrator = await sessionFor(store, { name: 'Administrator', signInName: 'administrator' }), sessionBy = sessionsByActor(store);
  return {
    store, bus, settings, ruleKinds, dataFolder, databaseUrl: database.databaseUrl, address: server.address, routes: server.routes,
    /** Administrator and duty officer of the whole installation: whoever sends where nothing else is said. */
    administrator,
    /** A new account with these roles (or this member), signed in. */
    signedInAs: (who: Parameters<typeof sessionFor>[1] = {}): Promise<SessionForTest> => sessionFor(store, who),
    /** The account of the one who acts: the same for the same person. */
    sessionBy,
    /** `as`: whose session; null for nobody's. Left out: the account of the one that the body names with `by`, or the administrator. `by` itself stays behind: the server goes by who is signed in. */
    async send(method: string, path: string, body?: unknown, { as, headers = {} }: SendOptions = {}): Promise<{ status: number; body: any; headers: Headers }> {
      const { by, sent } = withoutBy(body);
      const session = as !== undefined ? as : by !== null ? await sessionBy(by) : administrator;
      const answer = await fetch(server.address + path, { method, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(session === null ? {} : { cookie: session.cookie }), ...headers }, ...(body === undefined ? {} : { body: typeof sent === 'string' ? sent : JSON.stringify(sent) }) });
      const words = await answer.text();
      const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
      return { status: answer.status, body: isJson && words !== '' ? JSON.parse(words) : words, headers: answer.headers };
    },
    /** DELETE; what has a history goes as an emergency, because there is no second person. Answers with the last status. */
    async remove(path: string): Promise<number> {
      const first = await this.send('DELETE', path);
      if (first.body?.code !== 'needsSecondPerson') return first.status;
      await this.send('POST', `/api/approvals/${first.body.values.approvalId}/ask`, { reason: 'the test is over', emergency: true });
      return (await this.send('DELETE', path)).status;
    },
    /** As the administrator (or `as`), for what is neither asked nor answered in JSON. */
    fetch: (path: string, init: RequestInit = {}, as: SessionForTest | null = administrator): Promise<Response> => fetch(server.address + path, { ...init, headers: { ...(as === null ? {} : { cookie: as.cookie }), ...init.headers as Record<string, string> } }),
    /** `as` as for send. */
    async screen(after = 0, as: SessionForTest | null = administrator): Promise<ScreenForTest> {
      const screen = new ScreenForTest(server.address, after, as);
      screens.push(screen);
      await screen.opened;
      return screen;
    },
    closeServer: () => server.close(),
    async close() {
      for (const screen of screens) screen.leave();
      await server.close();
      await relay?.close();
      await bus.close();
      await store.close();
      await database.drop();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

export type SendOptions = { as?: SessionForTest | null; headers?: Record<string, string> };
export type { SessionForTest };
function withoutBy(body: unknown): { by: Actor | string | null; sent: unknown } {
  if (typeof body !== 'object' || body === null || !('by' in body)) return { by: null, sent: body };
  const { by, ...rest } = body as { by: unknown };
  const isActor = typeof by === 'string' ? by.trim() !== '' : typeof by === 'object' && by !== null && 'name' in by && 'duty' in by;
  return { by: isActor ? by as Actor | string : null, sent: isActor ? rest : body };
}

const checkLive = checker(LiveMessage);
/** Every text message is held against the contract; what does not fit is a failure of the test. */
export class ScreenForTest {
  readonly messages: LiveMessage[] = [];
  readonly readings: Reading[] = [];
  readonly seqs: number[] = [];
  readonly socket: WebSocket;
  readonly opened: Promise<void>;
  readonly closed: Promise<number>;
  misfits: unknown[] = [];
  constructor(address: string, after: number, as: Pick<SessionForTest, 'cookie'> | null = null) {
    this.socket = new WebSocket(`${address.replace('http', 'ws')}/live?after=${after}`, { origin: address, perMessageDeflate: false, headers: as === null ? {} : { cookie: as.cookie } });
    this.opened = new Promise((resolve, reject) => { this.socket.once('open', resolve); this.socket.once('error', reject); });
    this.closed = new Promise((resolve) => { this.socket.once('close', resolve); });
    this.opened.catch(() => {});
    this.socket.on('error', () => {});
    this.socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) {
        const reading = decodeReading(new Uint8Array(data));
        if (reading === null) this.misfits.push('not a reading'); else this.readings.push(reading);
        // A large one is 700 kB: the test must not be what holds the memory it measures.
        if (this.readings.length > 20) this.readings.shift();
        return;
      }
      const checked = checkLive(JSON.parse(data.toString()));
      if (!checked.ok) { this.misfits.push({ message: data.toString(), faults: checked.faults }); return; }
      this.messages.push(checked.value);
      if (checked.value.type === 'event') this.seqs.push(checked.value.seq);
    });
  }
  of<T extends LiveMessage['type']>(type: T): Extract<LiveMessage, { type: T }>[] {
    return this.messages.filter((message) => message.type === type) as Extract<LiveMessage, { type: T }>[];
  }
  leave(): void { this.socket.terminate(); }
}

export async function until<T>(what: string, ask: () => T | Promise<T>, withinMs = 5000): Promise<NonNullable<T>> {
  for (const endAtMs = Date.now() + withinMs; ;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer as NonNullable<T>;
    if (Date.now() > endAtMs) throw new Error(`${what}: not within ${withinMs} ms`);
    await wait(20);
  }
}

/** What a decider would commit: an alarm as it is raised, `number` tells them apart. */
export function raisedAlarm(siteId: string, number: number, atMs = Date.now()): AlarmChanged {
  const alarm: Alarm = {
    alarmId: `${siteId}.densityHigh.zone${number}.${atMs}`, version: 1, siteId, rule: 'densityHigh', place: { kind: 'zone', zoneId: `zone${number}` }, siteName: 'Square', placeName: `Zone ${number}`,
    level: 'danger', levelPeak: 'danger', raisedAtMs: atMs, changedAtMs: atMs, because: { code: 'densityHigh', values: { peoplePerM2: 5 } }, demo: false, priority: 'high', exercise: false, shelved: null, muted: null, repeats: 0, state: 'raised',
  };
  return { type: 'alarmChanged', eventId: `${alarm.alarmId}.1`, siteId, atMs, from: null, alarm };
}

/** Commits events as the decider of a site does, with its lease. */
export async function commit(store: Store, lease: Lease, siteId: string, events: AlarmChanged[]): Promise<void> {
  await store.recordEvents({ events, lease, snapshot: { siteId, fence: lease.fence, inputId: '0-0', configVersion: 1, stateJson: '{}', savedAtMs: Date.now() } });
}

export async function leaseOf(store: Store, siteId: string): Promise<Lease> {
  const lease = await store.takeLease(`site:${siteId}`, 'test', 60_000);
  if (lease === null) throw new Error('the lease is taken');
  return lease;
}

export function readingOf(siteId: string, sensorId: string, over: Partial<Reading> & { densityCode?: number } = {}): Reading {
  const { densityCode = 100, ...rest } = over;
  const window = over.window ?? { columnFirst: 0, rowFirst: 0, columns: 60, rows: 40 };
  const cells = window.columns * window.rows;
  return {
    siteId, sensorId, epoch: 1, seq: 1, capturedAtMs: Date.now(), heardAtMs: Date.now(), calibrationVersion: 1, modelId: 'test', peopleInPicture: 10, window,
    densityCodes: new Uint8Array(cells).fill(densityCode), errorCodes: new Uint8Array(cells).fill(20), weightCodes: new Uint8Array(cells).fill(200), flow: null, fault: null, ...rest,
  };
}
export type { Bus };
