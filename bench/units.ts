// A made-up city of 16,000 grids with ragged shared borders: how long a point takes to find its grid, and how long the boundary file of the whole city takes to be read, checked and kept, over HTTP,
// in a server that must go on answering meanwhile. PostgreSQL and the server are processes of their own.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boundaryFile, madeUpCity, type MadeUpUnit } from '../test/support/madeUpCity.ts';
import { BENCH_COOKIE, openBenchSession } from './session.ts';

const SEED = 7, POINTS = 200_000;

type Emit = (figure: string, value: number, unit: string) => void;

export default async function units(emit: Emit): Promise<void> {
  const city = madeUpCity({ seed: SEED });
  await points(city, emit);
  await imports(city, emit);
}

async function points(city: MadeUpUnit[], emit: Emit): Promise<void> {
  const { shape7Of, boxOf } = await import('../crowd/units/shape.ts');
  const { buildUnitIndex } = await import('../crowd/units/unitIndex.ts');
  const { runToEnd } = await import('../crowd/units/checkUnits.ts');
  const indexed = city.map((unit) => ({ unitId: unit.code, level: unit.level, code: unit.code, shape: shape7Of(unit.shape) }));
  const grids = indexed.filter(({ level }) => level === 'grid').length;
  if (grids !== 16_000) throw new Error(`${grids} grids`);
  const begunAtMs = performance.now();
  const index = runToEnd(buildUnitIndex(indexed));
  emit('indexBuildMs', performance.now() - begunAtMs, 'ms');
  const { west, south, east, north } = boxOf(indexed[0]!.shape), spent = new Float64Array(POINTS);
  let found = 0, state = SEED;
  const random = () => { state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0; return state / 2 ** 32; };
  for (let i = -20_000; i < POINTS; i++) {
    const point = { lng: (west + random() * (east - west)) / 1e7, lat: (south + random() * (north - south)) / 1e7 }, atMs = performance.now();
    const unitId = index.lowestAt(point);
    if (i < 0) continue; // the compiler's warm-up
    spent[i] = performance.now() - atMs;
    if (unitId !== null) found++;
  }
  if (found < 0.95 * POINTS) throw new Error(`only ${found} of ${POINTS} points lie in a unit`);
  spent.sort();
  emit('pointInUnitUsP50', 1000 * spent[POINTS / 2]!, 'us');
  emit('pointInUnitUsP99', 1000 * spent[0.99 * POINTS]!, 'us');
}

async function imports(city: MadeUpUnit[], emit: Emit): Promise<void> {
  const { default: pino } = await import('pino');
  const { startEmbeddedPostgres } = await import('../store/embeddedPostgres.ts');
  const folder = mkdtempSync(join(tmpdir(), 'crowdlight-units-'));
  const postgres = await startEmbeddedPostgres({ folder, log: pino({ level: 'error' }) });
  const server = fork(import.meta.filename, ['server', postgres.databaseUrl, folder], { execArgv: ['--expose-gc'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const said = <T>(key: string) => new Promise<T>((resolve, reject) => {
    const hear = (message: unknown) => { if (typeof message === 'object' && message !== null && key in message) { server.off('message', hear); resolve((message as Record<string, T>)[key]!); } };
    server.on('message', hear);
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  try {
    const address = await said<string>('address');
    const file = JSON.stringify(boundaryFile(city));
    emit('fileMB', file.length / 2 ** 20, 'MB');
    const measured = async <T>(work: () => Promise<T>): Promise<{ answer: T; s: number; figures: Figures }> => {
      server.send('begin');
      await said('begun');
      const begunAtMs = performance.now(), answer = await work(), s = (performance.now() - begunAtMs) / 1000;
      server.send('end');
      return { answer, s, figures: await said<Figures>('figures') };
    };
    const send = async (mode: string): Promise<Answer> => {
      const answer = await fetch(`${address}/api/units/import?mode=${mode}&by=bench`, { method: 'POST', headers: { 'content-type': 'application/geo+json', cookie: BENCH_COOKIE }, body: file });
      if (!answer.ok) throw new Error(`${answer.status}: ${(await answer.text()).slice(0, 300)}`);
      return answer.json() as Promise<Answer>;
    };
    const checked = await measured(() => send('check'));
    if (checked.answer.faultsTotal !== 0 || checked.answer.added !== city.length) throw new Error(`the made-up city has faults: ${JSON.stringify(checked.answer).slice(0, 300)}`);
    emit('checkS', checked.s, 's');
    const taken = await measured(() => send('take'));
    if (!taken.answer.taken) throw new Error('it was not taken');
    emit('importS', taken.s, 's');
    emit('importCpuS', taken.figures.cpuS, 's');
    emit('serverBusyMsMax', Math.max(checked.figures.busyMsMost, taken.figures.busyMsMost), 'ms');
    emit('serverLoopDelayMsMax', Math.max(checked.figures.loopDelayMsMax, taken.figures.loopDelayMsMax), 'ms');
    emit('memoryMB', taken.figures.heldMB, 'MB');
    const again = await measured(() => send('take'));
    if (again.answer.changed !== 0) throw new Error('the same file changed something');
    emit('importAgainS', again.s, 's');
    const at = city.at(-1)!.shape[0]!.outer[0]!, spent: number[] = [];
    for (let i = 0; i < 300; i++) {
      const begunAtMs = performance.now(), { chain } = await (await fetch(`${address}/api/units/at?lng=${at.lng - 0.0001 * i}&lat=${at.lat + 0.0005}`, { headers: { cookie: BENCH_COOKIE } })).json() as { chain: unknown[] };
      spent.push(performance.now() - begunAtMs);
      if (chain.length !== 5) throw new Error(`${chain.length} units at point ${i}`);
    }
    emit('askAtMsP95', spent.toSorted((a, b) => a - b)[285]!, 'ms');
  } finally {
    server.kill('SIGKILL');
    await postgres.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
type Answer = { taken: boolean; added: number; changed: number; faultsTotal: number };
type Figures = { loopDelayMsMax: number; busyMsMost: number; cpuS: number; heldMB: number };

async function serverProcess(databaseUrl: string, dataFolder: string): Promise<void> {
  const { default: pino } = await import('pino');
  const { monitorEventLoopDelay } = await import('node:perf_hooks');
  const { loadRuleKinds, loadSensorKinds } = await import('../config/kinds.ts');
  const { loadSettings } = await import('../config/settings.ts');
  const { startServer } = await import('../server/start.ts');
  const { inProcessBus } = await import('../store/bus/inProcess.ts');
  const { openStore } = await import('../store/openStore.ts');
  const log = pino({ level: 'error' }), store = await openStore({ databaseUrl, log });
  await openBenchSession(store);
  const settings = loadSettings({ argv: ['--port', '0', '--data', dataFolder], env: {}, readFile: () => null });
  const server = await startServer({ store, bus: inProcessBus(), settings, sensorKinds: await loadSensorKinds(), ruleKinds: await loadRuleKinds(), log });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  // What this thread did without a break, by its own processor time: a machine that others use, too, delays the loop without any fault of ours.
  let cpu = process.threadCpuUsage(), busyMsMost = 0, cpuAtBegin = process.cpuUsage();
  setInterval(() => { const now = process.threadCpuUsage(); busyMsMost = Math.max(busyMsMost, (now.user + now.system - cpu.user - cpu.system) / 1000); cpu = now; }, 1);
  const heldMB = () => { globalThis.gc!(); const { heapUsed, arrayBuffers } = process.memoryUsage(); return (heapUsed + arrayBuffers) / 2 ** 20; };
  const before = heldMB();
  process.on('message', (message) => {
    if (message === 'begin') { delay.reset(); busyMsMost = 0; cpuAtBegin = process.cpuUsage(); process.send!({ begun: true }); }
    else {
      const spent = process.cpuUsage(cpuAtBegin), figures = { loopDelayMsMax: delay.max / 1e6, busyMsMost, cpuS: (spent.user + spent.system) / 1e6 };
      process.send!({ figures: { ...figures, heldMB: heldMB() - before } satisfies Figures });
    }
  });
  process.send!({ address: server.address });
}

const [as, ...more] = process.argv.slice(2);
if (as === 'server' && process.send) await serverProcess(more[0]!, more[1]!);
else if (import.meta.main) await units((figure, value, unit) => console.log(JSON.stringify({ figure, value: Number(value.toPrecision(4)), unit })));
