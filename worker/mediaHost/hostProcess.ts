// A media host as its parent sees it: started, spoken to, watched, ended. It is given nothing of our environment but what a process needs to run, and none of our open files; it runs as a user of its own
// where one is named, may start no other process, gives way to the rest of the product, and what it says is looked at before it is used (saneMessage.ts).
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { withoutSecrets } from '../../contract/problem.ts';
import { Problem } from '../../contract/problem.ts';
import type { FromHost, ToHost } from './messages.ts';
import { isSaneMessage } from './saneMessage.ts';

export type HostProcess = {
  pid: number;
  startedAtMs: number;
  /** Our clock at its last word. */
  heardAtMs(): number;
  rssBytes(): number;
  send(message: ToHost): void;
  /** At once, without asking. */
  kill(): void;
  /** Asks, and kills after `withinMs`. */
  end(withinMs: number): Promise<void>;
  /** Resolves with its last words. */
  exited: Promise<{ how: string; lastWords: string }>;
};

export function startHostProcess({ modelCard, cameraNetworks, streamsMost, runAs = null, onMessage }: { modelCard: string; cameraNetworks: string[]; streamsMost: number; runAs?: RunAs | null; onMessage(message: FromHost): void }): HostProcess {
  const env: Record<string, string> = {
    // Each waiting read holds a thread of the pool; with fewer threads than streams they wait for each other (measured: half of the frames lost).
    UV_THREADPOOL_SIZE: String(streamsMost + 4),
    // The C library keeps an arena for each of those threads otherwise.
    MALLOC_ARENA_MAX: '2',
    ORT_DISABLE_TELEMETRY: '1',
  };
  for (const name of ENVIRONMENT_PASSED) { const value = process.env[name]; if (value !== undefined) env[name] = value; }
  const child = fork(join(import.meta.dirname, 'host.ts'), [], {
    env, serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // Its code may read files and load its two native libraries, and nothing else: no other process, no worker, no file written. (A library that is broken into is not held by this.)
    execArgv: ['--max-old-space-size=256', '--max-semi-space-size=2', '--permission', '--allow-fs-read=*', '--allow-addons', '--disable-warning=SecurityWarning'],
    ...(runAs === null ? {} : runAs),
  });
  // Before it has threads, which take this on: alarms and screens come before pictures.
  try { if (child.pid !== undefined) os.setPriority(child.pid, NICE); } catch { /* gone already, or the system does not let us */ }
  let heardAtMs = Date.now(), rssBytes = 0, lastWords = '';
  child.stderr!.on('data', (data: Buffer) => { lastWords = (lastWords + data.toString('utf8')).slice(-2000); });
  child.on('message', (message: unknown) => {
    heardAtMs = Date.now();
    if (!isSaneMessage(message)) { lastWords += 'it said what no media host says'; host.kill(); return; }
    if (message.type === 'beat') rssBytes = Math.max(message.rssBytes, residentBytes(child.pid));
    onMessage(message);
  });
  const exited = new Promise<{ how: string; lastWords: string }>((done) => {
    child.once('error', (error) => { lastWords += error.message; done({ how: 'not started', lastWords: withoutSecrets(lastWords) }); });
    child.once('exit', (code, signal) => done({ how: signal ?? `code ${code}`, lastWords: withoutSecrets(lastWords) }));
  });
  const host: HostProcess = {
    pid: child.pid ?? -1, startedAtMs: Date.now(), heardAtMs: () => heardAtMs, rssBytes: () => rssBytes, exited,
    send(message) { if (child.connected) child.send(message, (error) => { if (error !== null) host.kill(); }); },
    kill() { child.kill('SIGKILL'); },
    async end(withinMs) {
      host.send({ type: 'end' });
      const overdue = setTimeout(() => host.kill(), withinMs);
      await exited;
      clearTimeout(overdue);
    },
  };
  host.send({ type: 'settings', modelCard, cameraNetworks });
  return host;
}

const NICE = 5;

/** As the system counts it, where it says so. */
function residentBytes(pid: number | undefined): number {
  if (process.platform !== 'linux' || pid === undefined) return 0;
  try { return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * 4096; } catch { return 0; }
}

export type RunAs = { uid: number; gid: number };
/** The user of the setting mediaHostUser; null where none is named. Only root can hand a process to somebody else. */
export function mediaHostUser(name: string): RunAs | null {
  if (name === '') return null;
  const line = /^[A-Za-z_][A-Za-z0-9_-]{0,31}$/.test(name) && process.platform !== 'win32' ? readFileSync('/etc/passwd', 'latin1').split('\n').find((one) => one.startsWith(`${name}:`)) : undefined;
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Problem('settingWrong', { name: 'mediaHostUser', reason: `there is no user ${name.slice(0, 40)} on this machine` });
  if (Number(uid) === 0) throw new Problem('settingWrong', { name: 'mediaHostUser', reason: 'root is no user of its own' });
  if (process.getuid?.() !== 0 && process.getuid?.() !== Number(uid)) throw new Problem('settingWrong', { name: 'mediaHostUser', reason: 'only a Crowdlight that root starts can run media hosts as somebody else' });
  return process.getuid?.() === 0 ? { uid: Number(uid), gid: Number(gid) } : null;
}

const ENVIRONMENT_PASSED = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'ORT_LOGGING_LEVEL'];
