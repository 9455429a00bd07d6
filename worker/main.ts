// npm start. Without settings: everything in one process, on this machine only, with the plaza demo. With --role: the named parts alone.
// What is started last is stopped first; the database outlives all who write to it.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import os from 'node:os';
import pino, { type Logger } from 'pino';
import { Problem, problemSentence, withoutSecrets } from '../contract/problem.ts';
import { loadRuleKinds, loadSensorKinds } from '../config/kinds.ts';
import { modelCardPath } from '../config/modelCard.ts';
import { commandOf, fromHome, helpText, keyFileOf, loadSettings, newAdministratorOf, secretEnvironmentNames, shownSettings, type Role, type Settings } from '../config/settings.ts';
import type { Bus } from '../store/bus/bus.ts';
import { firstAdministrator, newAdministrator } from '../server/access/firstStart.ts';
import { startServer } from '../server/start.ts';
import { tellSiteChanged } from '../server/tellSiteChanged.ts';
import { startEmbeddedPostgres } from '../store/embeddedPostgres.ts';
import { openStore } from '../store/openStore.ts';
import { secretsInFile, secretsOf } from '../store/secrets.ts';
import { runAudit } from './audit.ts';
import { runDecide } from './decide.ts';
import { runForecast } from './forecast.ts';
import { addFirstSensors, firstSensors } from './main/firstSensors.ts';
import { buildWebInChild, webIsCurrent } from './main/buildWeb.ts';
import { runDesk } from './desk.ts';
import { runDemo } from './main/demo.ts';
import { askHealth, serveHealth } from './main/health.ts';
import { DATABASE_STEP, steps, type Steps } from './main/steps.ts';
import { runRecord } from './record.ts';
import { runRelay } from './relay.ts';

const STOP_WITHIN_MS = 4800;

async function start(settings: Settings, log: Logger, run: Steps): Promise<void> {
  const has = (role: Role) => settings.roles.length === 0 || settings.roles.includes(role);
  const isWhole = settings.roles.length === 0;
  if (!isWhole) for (const [name, value] of [['DATABASE_URL', settings.databaseUrl], ['REDIS_URL', settings.redisUrl]] as const) {
    if (value === '') throw new Problem('settingWrong', { name, reason: 'single roles run as processes of their own and meet in PostgreSQL and Redis; set both DATABASE_URL and REDIS_URL, or leave --role out' });
  }
  const dataFolder = fromHome(settings.dataFolder);
  makeFolder(dataFolder);
  const holder = `${os.hostname().replace(/[^A-Za-z0-9-]/g, '').slice(0, 40)}-${process.pid}-${Date.now().toString(36)}`;

  // The page is built while the database starts.
  const building = has('server') && !(await webIsCurrent()) ? buildWebInChild() : null;
  if (building !== null) process.once('exit', building.stop);
  const [sensorKinds, ruleKinds] = await run.run('kinds of sensors and rules', () => Promise.all([loadSensorKinds(), loadRuleKinds()]));

  const wanted = firstSensors({ settings, sensorKinds, startedIn: process.env['INIT_CWD'] ?? process.cwd() });

  const secrets = settings.secretKey === '' ? secretsInFile(keyFileOf(settings)) : secretsOf(settings.secretKey);
  const databaseUrl = settings.databaseUrl || (await run.run(DATABASE_STEP, () => startEmbeddedPostgres({ folder: join(dataFolder, 'postgres'), log }), (postgres) => postgres.close())).databaseUrl;
  const store = await run.run('store', () => openStore({ databaseUrl, log, timeZone: settings.timeZone, secrets }), (opened) => opened.close());
  const bus = await run.run(settings.redisUrl ? 'bus (Redis)' : 'bus', () => openBus(settings.redisUrl, log), (opened) => opened.close());
  const tell = (siteId: string, version: number) => tellSiteChanged({ bus, log }, siteId, version);

  // In the order in which they are stopped, last first: screens hear that the server stops before anything falls silent.
  if (has('maintain')) await run.run('maintain', async () => {
    const { openQueue } = await import('../store/queue/openQueue.ts');
    const { runMaintain } = await import('./maintain.ts');
    const queue = await openQueue({ name: 'maintain', databaseUrl, redisUrl: settings.redisUrl || null, log });
    await runMaintain({ store, queue, settings, log });
    return queue;
  }, (queue) => queue.close());
  if (has('maintain')) await run.run('audit', () => runAudit({ store, log, holder, dataFolder, settings }), (audit) => audit.close());
  if (has('decide')) {
    await run.run('past of zones', () => runRecord({ store, bus, settings, log, holder }), (record) => record.close());
    await run.run('relay of events', async () => runRelay({ store, bus, log }), async (relay) => relay.close());
    await run.run('decider', () => runDecide({ store, bus, settings: {}, rules: ruleKinds, log, holder }), (decider) => decider.close());
    await run.run('desk', () => runDesk({ store, bus, log, holder }), (desk) => desk.close());
    await run.run('forecast', () => runForecast({ store, bus, settings: { timeZone: settings.timeZone }, log, holder }), (forecast) => forecast.close());
  }
  if (has('deliver')) await run.run('channels', async () => (await import('./deliver.ts')).runDeliver({ store, bus, log, holder, settings }), (deliver) => deliver.close());
  if (has('ingest')) await run.run('ingest', async () => {
    const { INGEST_DEFAULTS, runIngest } = await import('./ingest.ts');
    const { countsPerS, camerasPerHost, mediaHostMemoryMostMB, analysisPixelsMost, overload, noProgressMs, cameraNetworks, mediaHostUser } = settings;
    const modelCard = modelCardPath(settings.modelCard);
    return runIngest({ store, bus, settings: { ...INGEST_DEFAULTS, countsPerS, camerasPerHost, mediaHostMemoryMostMB, analysisPixelsMost, modelCard, overload: overload as typeof INGEST_DEFAULTS.overload, noProgressMs, cameraNetworks, mediaHostUser }, log });
  }, (ingest) => ingest.close());

  let address: string | null = null;
  if (has('server')) {
    if (building !== null) await run.run('page built', () => building.done.catch((error: unknown) => {
      // An older page is better than none: alarms reach it all the same. An installation may not be writable.
      if (!existsSync(fromHome('web/dist/index.html'))) throw error;
      log.error({ err: error }, 'the page could not be built; the older one is served');
    }));
    const server = await run.run('server', () => startServer({ store, bus, settings, sensorKinds, ruleKinds, log }), (started) => started.close());
    address = server.address;
    if (server.trust !== null) run.say(`  Phones and computers: open ${server.trust.address} once, and compare the fingerprint of this site's CA:\n  手机和电脑:请先打开 ${server.trust.address} 一次,并核对本系统证书颁发机构的指纹:\n    ${server.trust.fingerprint256}`);
  } else if (settings.healthPort > 0) {
    await run.run('health', () => serveHealth({ port: settings.healthPort, store, bus, log }), (health) => health.close());
  }

  if (has('server')) {
    for (const name of await addFirstSensors(wanted, { store, tell })) run.say(`  added to "My site": ${name}. Open the page to place it on the map.`);
    // The demo's video is a file of this machine: only an ingest beside it can open it.
    if (has('ingest')) await run.run('demo', () => runDemo({ settings, store, bus, tell, dataFolder, say: run.say, log }), (demo) => demo.close());
  }
  // Last of all, so that nobody overlooks it; from then on nobody knows it but who reads it.
  const firstPassword = has('server') ? await firstAdministrator(store) : null;
  if (firstPassword !== null) run.say(firstPassword);
  const tookS = (run.tookMs() / 1000).toFixed(1);
  run.say(address === null ? `Crowdlight is ready after ${tookS} s: ${settings.roles.join(', ')}.` : `Crowdlight is ready after ${tookS} s. Open ${address}   (Ctrl-C stops it)`);
}

/** The database and nothing else: while the product runs on a database inside its data folder, it must be stopped first (the start says so). */
async function giveAdministrator(settings: Settings, log: Logger, run: Steps, name: string): Promise<void> {
  const dataFolder = fromHome(settings.dataFolder);
  makeFolder(dataFolder);
  const secrets = settings.secretKey === '' ? secretsInFile(keyFileOf(settings)) : secretsOf(settings.secretKey);
  const databaseUrl = settings.databaseUrl || (await run.run(DATABASE_STEP, () => startEmbeddedPostgres({ folder: join(dataFolder, 'postgres'), log }), (postgres) => postgres.close())).databaseUrl;
  const store = await run.run('store', () => openStore({ databaseUrl, log, timeZone: settings.timeZone, secrets }), (opened) => opened.close());
  run.say(await newAdministrator(store, name));
}

async function openBus(redisUrl: string, log: Logger): Promise<Bus> {
  if (redisUrl === '') return (await import('../store/bus/inProcess.ts')).inProcessBus();
  return (await import('../store/bus/redis.ts')).redisBus({ redisUrl, log });
}

function makeFolder(folder: string): void {
  try { mkdirSync(folder, { recursive: true }); } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new Problem('diskFull', {}, message);
    throw new Problem('settingWrong', { name: 'dataFolder', reason: `${folder} cannot be used (${code ?? message})` });
  }
}

async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  const readFile = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : null);
  let settings: Settings;
  try {
    if (commandOf(argv) === 'help') { process.stdout.write(helpText()); return; }
    settings = loadSettings({ argv, env: process.env, readFile });
  } catch (error) { endWith(error); }
  for (const name of secretEnvironmentNames()) delete process.env[name];
  switch (commandOf(argv)) {
    case 'settings': process.stdout.write(`${JSON.stringify(shownSettings(settings), null, 2)}\n`); return;
    case 'health': process.exit(await askHealth(settings));
    case 'help': case 'start': case 'newAdministrator': break;
  }

  const level = settings.logLevel === 'auto' ? (settings.roles.length === 0 ? 'warn' : 'info') : settings.logLevel;
  const log = pino({ level, base: { pid: process.pid } }, pino.destination({ fd: 2, sync: true }));
  const run = steps((line) => { process.stdout.write(`${line}\n`); });

  let stopping: Promise<void> | null = null;
  const stop = (exitCode: number, why: string): Promise<void> => (stopping ??= (async () => {
    run.say(why);
    const timer = setTimeout(() => { process.stderr.write('not everything stopped in time; ended by force\n'); process.exit(exitCode || 1); }, STOP_WITHIN_MS);
    const late = await run.undoAll();
    clearTimeout(timer);
    if (late.length > 0) log.warn({ late }, 'these did not stop in time');
    run.say(`stopped in ${((performance.now() - stoppedAtMs) / 1000).toFixed(1)} s`);
    process.exit(exitCode);
  })());
  let stoppedAtMs = 0;
  const onSignal = () => {
    // The second Ctrl-C does not wait; a first start of a signal that arrives twice within a blink (npm passes it on) is one.
    if (stopping !== null && performance.now() - stoppedAtMs > 300) process.exit(130);
    if (stopping === null) stoppedAtMs = performance.now();
    void stop(0, '\nstopping …');
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  // Our own fault: nothing can be trusted any more. Say it, stop in order, let the one who started us start a clean one.
  const onFault = (error: unknown) => {
    log.fatal({ err: error }, 'a fault inside; stopping');
    stoppedAtMs = performance.now();
    void stop(1, 'stopping after a fault inside');
  };
  process.on('uncaughtException', onFault);
  process.on('unhandledRejection', onFault);
  // A terminal that is gone must not end us: the lines are for people.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

  run.say(`Crowdlight ${versionOf()} starts${settings.roles.length > 0 ? `: ${settings.roles.join(', ')}` : ''}`);
  try {
    if (commandOf(argv) === 'newAdministrator') { await giveAdministrator(settings, log, run, newAdministratorOf(argv)); stoppedAtMs = performance.now(); await stop(0, ''); return; }
    await start(settings, log, run);
  } catch (error) {
    if (stopping !== null) return; // stopped while starting: its parts fall away one by one
    stopping = Promise.resolve();
    const late = await run.undoAll();
    if (late.length > 0) log.warn({ late }, 'these did not stop in time');
    endWith(error);
  }
}

/** In both languages: who starts it may be another one than who reads the screens. */
function endWith(error: unknown): never {
  if (error instanceof Problem) {
    process.stderr.write(`\nCrowdlight cannot start. ${problemSentence(error.note, 'en')}\n${problemSentence(error.note, 'zh')}\n`);
    if (error.note.detail !== null) process.stderr.write(`(${error.note.detail})\n`);
  } else {
    process.stderr.write(`\nCrowdlight cannot start. ${withoutSecrets(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`);
  }
  process.exit(1);
}

const versionOf = () => (JSON.parse(readFileSync(fromHome('package.json'), 'utf8')) as { version: string }).version;

await main();
