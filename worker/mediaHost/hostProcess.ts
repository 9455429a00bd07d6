// A media host as its parent sees it: started, spoken to, watched, ended. It is given nothing of our environment but what a process needs to run.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { withoutSecrets } from '../../contract/problem.ts';
import type { FromHost, ToHost } from './messages.ts';

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

export function startHostProcess({ modelCard, cameraNetworks, streamsMost, onMessage }: { modelCard: string; cameraNetworks: string[]; streamsMost: number; onMessage(message: FromHost): void }): HostProcess {
  const env: Record<string, string> = {
    // Each waiting read holds a thread of the pool; with fewer threads than streams they wait for each other (measured: half of the frames lost).
    UV_THREADPOOL_SIZE: String(streamsMost + 4),
    // The C library keeps an arena for each of those threads otherwise.
    MALLOC_ARENA_MAX: '2',
  };
  for (const name of ENVIRONMENT_PASSED) { const value = process.env[name]; if (value !== undefined) env[name] = value; }
  const child = fork(join(import.meta.dirname, 'host.ts'), [], {
    env, serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: ['--max-old-space-size=256', '--max-semi-space-size=2'],
  });
  let heardAtMs = Date.now(), rssBytes = 0, lastWords = '';
  child.stderr!.on('data', (data: Buffer) => { lastWords = (lastWords + data.toString('utf8')).slice(-2000); });
  child.on('message', (message: FromHost) => {
    heardAtMs = Date.now();
    if (message.type === 'beat') rssBytes = message.rssBytes;
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

const ENVIRONMENT_PASSED = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'ORT_LOGGING_LEVEL'];
