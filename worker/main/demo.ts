// The plaza demo: shown as long as nothing else is configured. Its video is rendered after the start, in the background; its camera says meanwhile when it will be there.
import type { Logger } from 'pino';
import { SYSTEM_ACTOR } from '../../contract/incident.ts';
import type { SensorStatus } from '../../contract/sensorStatus.ts';
import type { Settings } from '../../config/settings.ts';
import { topics, type Bus } from '../../store/bus/bus.ts';
import type { Store } from '../../store/store.ts';
import { plazaDemo } from '../demo/plaza.ts';
import { PLAZA_PLAYBOOKS, PLAZA_UNITS } from '../demo/plazaUnits.ts';
import { pauseMs, sleep } from '../../store/pauseMs.ts';

export type Demo = { close(): Promise<void> };
type DemoParts = { settings: Settings; store: Store; bus: Bus; tell: (siteId: string, version: number) => void; dataFolder: string; say: (line: string) => void; log: Logger };

export async function runDemo(parts: DemoParts): Promise<Demo> {
  const { settings, store, tell } = parts;
  const { siteId } = plazaDemo.site;
  const sites = await store.sites();
  const isThere = sites.some(({ site }) => site.siteId === siteId);
  if (settings.demo === 'off' || (settings.demo === 'auto' && sites.some(({ site }) => !site.demo))) {
    if (isThere) { await store.removeSite(siteId); tell(siteId, 0); }
    await removeUnits(parts).catch((error: unknown) => { parts.log.warn({ err: error }, 'the units of the demo could not be removed'); });
    return { close: async () => {} };
  }

  const config = await store.addSite(plazaDemo.site);
  for (const zone of plazaDemo.zones) if (!config.zones.some(({ zoneId }) => zoneId === zone.zoneId)) await store.addZone(siteId, zone);
  for (const line of plazaDemo.lines) if (!(config.lines ?? []).some(({ lineId }) => lineId === line.lineId)) await store.addLine(siteId, line);
  const { sensorId, name, calibration } = plazaDemo.camera;
  if (!config.sensors.some((sensor) => sensor.sensorId === sensorId)) {
    // Off until there is something to see: a camera that is waited for is not a silent one.
    await store.addSensor(siteId, { sensorId, name, kind: 'file', settings: { path: `${parts.dataFolder}/demo/rendering.mp4` }, addressShown: 'demo', enabled: false });
    await store.calibrateSensor(sensorId, calibration);
  }
  await addUnits(parts).catch((error: unknown) => { parts.log.error({ err: error }, 'the units of the demo could not be set up; everything else works'); });
  const now = await store.site(siteId);
  if (now !== null) tell(siteId, now.version);
  const stop = new AbortController();
  const rendering = render(parts, stop.signal);
  return { async close() { stop.abort(); await rendering; } };
}

/** Only as long as nobody has drawn units of their own: made-up ones beside real ones would be asked when it matters. */
async function addUnits({ store }: DemoParts): Promise<void> {
  const there = await store.units();
  if (there.some(({ demo }) => !demo)) return;
  const known = new Set(there.map(({ unitId }) => unitId)), members = new Set((await Promise.all(PLAZA_UNITS.map(({ unitId }) => (known.has(unitId) ? store.people(unitId) : null)))).flatMap((people) => people?.members.map(({ memberId }) => memberId) ?? []));
  for (const { people, ...unit } of PLAZA_UNITS) {
    if (!known.has(unit.unitId)) await store.addUnit({ ...unit, by: SYSTEM_ACTOR, demo: true });
    for (const { memberId, name, duty } of people) if (!members.has(memberId)) await store.addMember(unit.unitId, { memberId, name, duty, language: 'en', contacts: [] });
  }
  const playbooks = new Set((await store.playbooks(plazaDemo.site.siteId)).map(({ playbookId }) => playbookId));
  for (const playbook of PLAZA_PLAYBOOKS) if (!playbooks.has(playbook.playbookId)) await store.addPlaybook(plazaDemo.site.siteId, playbook);
}

async function removeUnits({ store }: DemoParts): Promise<void> {
  const known = new Set((await store.units()).filter(({ demo }) => demo).map(({ unitId }) => unitId));
  for (const { unitId } of PLAZA_UNITS.toReversed()) if (known.has(unitId)) await store.removeUnit(unitId, SYSTEM_ACTOR.name);
}

async function render({ store, bus, tell, dataFolder, say, log }: DemoParts, signal: AbortSignal): Promise<void> {
  const { sensorId } = plazaDemo.camera, { siteId } = plazaDemo.site;
  const startedAtMs = Date.now();
  let share = 0, saidTenths = 0;
  const tellStatus = () => {
    const source = { sensorId, siteId, atMs: Date.now() };
    const remainingMs = share > 0.02 ? ((Date.now() - startedAtMs) * (1 - share)) / share : 60_000;
    const status: SensorStatus = {
      ...source, epoch: 0, phase: 'waiting', problem: null, nextTryAtMs: Date.now() + remainingMs, attempt: 0, stream: null, clockSkewMs: null, clock: 'ours', framesUsed: 'all',
      framesDecoded: 0, framesCounted: 0, framesDropped: 0, countMs: null, analysis: null, sight: null, lastFrameAtMs: null, peopleInPicture: null, placed: true,
    };
    const bytes = Buffer.from(JSON.stringify(status));
    void Promise.allSettled([bus.publish(topics.sensorStatus, bytes), bus.putLatest(topics.sensorStatusOf(sensorId), bytes, 5000)]);
  };
  let path: string | null = null, timer: NodeJS.Timeout | undefined;
  try {
    path = await plazaDemo.renderVideo({
      folder: `${dataFolder}/demo`, log, signal,
      onProgress(next) {
        share = next;
        if (next >= 1) return;
        timer ??= setInterval(tellStatus, 1000);
        // A line each fifth: the terminal is for people, not for a bar.
        if (Math.floor(next * 5) > saidTenths) { saidTenths = Math.floor(next * 5); say(`  demo video: ${Math.round(next * 100)} % rendered`); }
      },
    });
  } catch (error) {
    if (!signal.aborted) log.error({ err: error }, 'the demo video could not be rendered; everything else works');
    return;
  } finally { clearInterval(timer); }
  for (let attempt = 1; !signal.aborted; attempt++) {
    try {
      const source = await store.sensorSource(sensorId);
      if (source === null) return; // removed in the page meanwhile
      if (source.sensor.enabled && source.settings['path'] === path) return;
      const { config } = await store.changeSensor(sensorId, { settings: { path }, addressShown: 'demo', enabled: true });
      tell(siteId, config.version);
      say('  demo video: ready, its camera is on the map');
      return;
    } catch (error) {
      log.warn({ err: error, attempt }, 'the demo camera could not be switched on; tried again');
      await sleep(pauseMs({ attempt, firstMs: 500, mostMs: 10_000 }), signal);
    }
  }
}
