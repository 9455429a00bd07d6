// What the tests of ingest share: a real store, the in-process bus, ingests, and what they tell. Only the cameras are not ours (rtspServer.py).
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { decodeInput } from '../../contract/decide.ts';
import type { ProblemCode } from '../../contract/problem.ts';
import type { Reading } from '../../contract/reading.ts';
import type { SensorStatus } from '../../contract/sensorStatus.ts';
import { inProcessBus } from '../../store/bus/inProcess.ts';
import { LOG_START, topics, type Bus } from '../../store/bus/bus.ts';
import { openStore } from '../../store/openStore.ts';
import { INGEST_DEFAULTS, runIngest, type Ingest, type IngestSettings } from '../../worker/ingest.ts';
import { freshDatabase } from '../support/postgres.ts';

export async function openWorld() {
  const database = await freshDatabase();
  let logged = '';
  const log = pino({ level: 'debug' }, new Writable({ write(chunk, _encoding, done) { logged += chunk; done(); } }));
  const store = await openStore({ databaseUrl: database.databaseUrl, log });
  const bus = inProcessBus();
  const statuses = new Map<string, SensorStatus>(), told: string[] = [];
  await bus.subscribe(topics.sensorStatus, (bytes) => {
    const text = Buffer.from(bytes).toString();
    const status = JSON.parse(text) as SensorStatus;
    if (told.length < 20_000) told.push(text);
    statuses.set(status.sensorId, status);
  });
  const { site } = await store.addSite({ name: 'Square', origin: { lng: 8.5, lat: 47.4 }, grid: { cellM: 1, columns: 40, rows: 40 }, demo: false });
  const ingests: Ingest[] = [];
  let dropped: Promise<void> | null = null;
  return {
    store, bus, statuses, siteId: site.siteId, ingests, databaseUrl: database.databaseUrl,
    logged: () => logged, told: () => told.join('\n'),
    async add(sensorId: string, kind: string, settings: Record<string, unknown>): Promise<string> {
      await store.addSensor(site.siteId, { sensorId, name: sensorId, kind, settings, addressShown: sensorId });
      await tellChange(bus, site.siteId);
      return sensorId;
    },
    async ingest(settings: Partial<IngestSettings> = {}): Promise<Ingest> {
      const ingest = await runIngest({ store, bus, settings: { ...INGEST_DEFAULTS, cameraNetworks: ['private', 'public', 'loopback'], ...settings }, log });
      ingests.push(ingest);
      return ingest;
    },
    tellChange: () => tellChange(bus, site.siteId),
    async readings(): Promise<Reading[]> {
      const { entries } = await bus.read(topics.inputs(site.siteId), LOG_START, { mostEntries: 5000, waitMs: 0 });
      return entries.flatMap(({ bytes }) => { const input = decodeInput(bytes); return input?.type === 'reading' ? [input.reading] : []; });
    },
    /** The database is gone, as after a crash of its machine. */
    dropDatabase: () => (dropped ??= database.drop()),
    async close() {
      for (const ingest of ingests) await ingest.close();
      await bus.close();
      await store.close();
      await (dropped ??= database.drop());
    },
  };
}
export type World = Awaited<ReturnType<typeof openWorld>>;

const tellChange = (bus: Bus, siteId: string) => bus.publish(topics.siteChanged, Buffer.from(JSON.stringify({ siteId, version: 2 })));

/** Resolves with how long it took; rejects with what it saw last. */
export async function until(holds: () => boolean | Promise<boolean>, withinMs: number, saw: () => unknown = () => ''): Promise<number> {
  const startedMs = performance.now();
  while (!(await holds())) {
    if (performance.now() - startedMs > withinMs) throw new Error(`not within ${withinMs} ms; last seen ${JSON.stringify(saw())}`);
    await new Promise((done) => setTimeout(done, 20));
  }
  return performance.now() - startedMs;
}
export const counting = (world: World, sensorId: string, withinMs = 15_000) =>
  until(() => { const status = world.statuses.get(sensorId); return status?.phase === 'counting' && status.peopleInPicture !== null; }, withinMs, () => world.statuses.get(sensorId));
export const problemIs = (world: World, sensorId: string, code: ProblemCode, withinMs = 15_000) =>
  until(() => world.statuses.get(sensorId)?.problem?.code === code, withinMs, () => world.statuses.get(sensorId));
