// What a camera costs: CPU seconds per camera-minute and memory, of ingest and its media hosts alone, at 1, 10 and 20 live RTSP cameras (sub-stream 640x360p15,
// H.264 over TCP, counted twice a second). The cameras and the database are other processes and not in the figures. `node bench/ingest.ts 1 10` takes other numbers.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { startEmbeddedPostgres } from '../store/embeddedPostgres.ts';
import { inProcessBus } from '../store/bus/inProcess.ts';
import { topics } from '../store/bus/bus.ts';
import { openStore } from '../store/openStore.ts';
import { openDensityNet } from '../worker/detectors/densityNet.ts';
import { INGEST_DEFAULTS, runIngest } from '../worker/ingest.ts';
import { startRtspServer, VIDEOS, whyNoRtspServer } from '../test/support/rtspServer.ts';
import type { SensorStatus } from '../contract/sensorStatus.ts';
import { baselineCard } from './counting/peers.ts';

const WARM_UP_MS = 8_000, MEASURED_MS = 20_000, CLOCK_TICKS_PER_S = 100;

export default async function ingestBench(emit: (figure: string, value: number, unit: string) => void, cameraCounts = [1, 10, 20]): Promise<void> {
  const why = whyNoRtspServer();
  if (why !== null) throw new Error(`this bench cannot run here: ${why}`);
  const folder = mkdtempSync(join(tmpdir(), 'crowdlight-bench-'));
  const log = pino({ level: 'silent' });
  const server = await startRtspServer({ paths: [{ path: '/sub', codec: 'h264', parts: [{ file: VIDEOS.highStreet, widthPx: 640, heightPx: 360 }] }] });
  const postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), log });
  const store = await openStore({ databaseUrl: postgres.databaseUrl, log });
  const bus = inProcessBus();
  const statuses = new Map<string, SensorStatus>();
  await bus.subscribe(topics.sensorStatus, (bytes) => { const status = JSON.parse(Buffer.from(bytes).toString()) as SensorStatus; statuses.set(status.sensorId, status); });
  const { site } = await store.addSite({ name: 'bench', origin: { lng: 8.5, lat: 47.4 }, grid: { cellM: 1, columns: 60, rows: 60 }, demo: false });
  const points = [[0.1, 0.95, 16, 6], [0.9, 0.95, 24, 6], [0.75, 0.35, 26, 22], [0.25, 0.35, 14, 22]].map(([xShare, yShare, xM, yM]) => ({ picture: { xShare: xShare!, yShare: yShare! }, ground: { xM: xM!, yM: yM! } }));
  try {
    for (const cameras of cameraCounts) {
      // A new ingest for each number: no memory of the one before.
      const ingest = await runIngest({ store, bus, settings: { ...INGEST_DEFAULTS, cameraNetworks: ['loopback'], overload: 'never' }, log });
      const sensorIds: string[] = [];
      for (let n = 0; n < cameras; n++) {
        const sensorId = `camera${cameras}-${n}`;
        await store.addSensor(site.siteId, { sensorId, name: sensorId, kind: 'rtsp', settings: { url: server.url('/sub') }, addressShown: '' });
        await store.calibrateSensor(sensorId, { position: { xM: 20, yM: 0 }, heightM: 9, bearingDeg: 0, headHeightM: 1.6, pictureAspect: 16 / 9, points, rangeMostM: null });
        sensorIds.push(sensorId);
      }
      await bus.publish(topics.siteChanged, Buffer.from(JSON.stringify({ siteId: site.siteId, version: 2 })));
      const untilMs = performance.now() + 60_000;
      while (!sensorIds.every((sensorId) => statuses.get(sensorId)?.phase === 'counting')) {
        if (performance.now() > untilMs) throw new Error(`only ${sensorIds.filter((sensorId) => statuses.get(sensorId)?.phase === 'counting').length} of ${cameras} cameras count`);
        await wait(100);
      }
      await wait(WARM_UP_MS);
      const totals = () => sensorIds.reduce((sum, sensorId) => { const status = statuses.get(sensorId)!; return { counted: sum.counted + status.framesCounted, dropped: sum.dropped + status.framesDropped }; }, { counted: 0, dropped: 0 });
      const pids = ingest.hosts().map((host) => host.pid);
      const before = { cpuS: cpuSOf(pids), ownCpuS: cpuSOf([]), atMs: performance.now(), spent: ingest.counters().spentMs, totals: totals() };
      await wait(MEASURED_MS);
      const cpuS = cpuSOf(pids) - before.cpuS, ownCpuS = cpuSOf([]) - before.ownCpuS, minutes = (performance.now() - before.atMs) / 60_000, spent = ingest.counters().spentMs, after = totals();
      const perMinute = (value: number) => value / cameras / minutes;
      const rssMB = pids.reduce((sum, pid) => sum + kBOf(pid, 'status', 'VmRSS'), 0) / 1000, pssMB = pids.reduce((sum, pid) => sum + kBOf(pid, 'smaps_rollup', 'Pss'), 0) / 1000;
      emit(`cpuSPerCameraMinute${cameras}`, perMinute(cpuS), 's');
      // Without cameras there is no media host: all of their memory is the cameras'.
      emit(`memoryMBPerCamera${cameras}`, rssMB / cameras, 'MB');
      emit(`memoryPssMBPerCamera${cameras}`, pssMB / cameras, 'MB');
      emit(`countsPerCameraMinute${cameras}`, perMinute(after.counted - before.totals.counted), '1/min');
      emit(`framesDroppedPerCameraMinute${cameras}`, perMinute(after.dropped - before.totals.dropped), '1/min');
      if (cameras === 10 || cameraCounts.length === 1) {
        emit('cpuSPerCameraMinute', perMinute(cpuS), 's');
        emit('memoryMBPerCamera', rssMB / cameras, 'MB');
        // Of it in ingest itself: ground projection, readings, status, leases.
        emit('parentCpuSPerCameraMinute', perMinute(ownCpuS), 's');
        // Wall time of the hosts' main threads in each step, which on a busy machine holds waiting too; what is left is RTSP and IPC.
        for (const step of ['decode', 'scale', 'count'] as const) emit(`${step}SPerCameraMinute`, perMinute((spent[step] - before.spent[step]) / 1000), 's');
      }
      await ingest.close();
      for (const sensorId of sensorIds) await store.removeSensor(sensorId);
    }
    // Machines of one name differ by a factor of two: the net that this project began with, fp32, 640x384, one thread, tells how fast this one is today.
    emit('netFp32CpuMs', await netCpuMs(), 'ms');
  } finally {
    await bus.close();
    await store.close();
    await postgres.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function netCpuMs(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'crowdlight-bench-')), net = await openDensityNet(baselineCard(folder));
  const picture = Uint8Array.from({ length: 640 * 384 * 3 }, (_, at) => (at * 7919) % 251);
  for (let warmUp = 0; warmUp < 3; warmUp++) await net.count(picture, 640, 384);
  const before = process.cpuUsage(), counts = 20;
  for (let count = 0; count < counts; count++) await net.count(picture, 640, 384);
  const { user, system } = process.cpuUsage(before);
  await net.close();
  rmSync(folder, { recursive: true });
  return (user + system) / 1000 / counts;
}

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));
/** User and system time of this process and of `pids`, seconds. */
function cpuSOf(pids: number[]): number {
  return [process.pid, ...pids].reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '').split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_S;
  }, 0);
}
const kBOf = (pid: number, file: string, name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'latin1'))![1]);

if (import.meta.main) {
  const asked = process.argv.slice(2).map(Number).filter((cameras) => cameras > 0);
  await ingestBench((figure, value, unit) => console.log(JSON.stringify({ figure, value: Number(value.toPrecision(4)), unit })), asked.length > 0 ? asked : undefined);
  process.exit(0);
}
