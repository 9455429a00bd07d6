// The real Redis server of the machine, on a port of its own, set as production must be: append-only file on, nothing evicted.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** Null when it is there; else why suites that need it are skipped. With CI=true a missing Redis is a failure, not a skip. */
export const redisMissing: string | null = (() => {
  if (spawnSync('redis-server', ['--version']).status === 0) return null;
  const why = 'no redis-server on the PATH (Debian: apt install redis-server)';
  if (process.env.CI) throw new Error(why);
  console.warn(`skipped because ${why}`);
  return why;
})();

export type TestRedis = {
  redisUrl: string;
  /** kill -9: what the append-only file has not got is gone. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT: it hangs with its connections open. */
  freeze(): void;
  thaw(): void;
  /** On the same port and with the same files. */
  start(): Promise<void>;
  stop(): Promise<void>;
};

export async function startRedis(): Promise<TestRedis> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'crowdlight-redis-'));
  const port = await freePort();
  let child: ChildProcess | null = null;
  const start = async () => {
    const started = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction', '--daemonize', 'no'], { stdio: 'ignore' });
    child = started;
    for (let waitedMs = 0; waitedMs < 10_000; waitedMs += 25) {
      if (started.exitCode !== null) throw new Error(`redis-server ended with code ${started.exitCode}`);
      if (await answersPing(port)) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error('redis-server did not answer within 10 s');
  };
  const end = async (signal: NodeJS.Signals) => {
    const ending = child;
    child = null;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill('SIGCONT');
    ending.kill(signal);
    await gone;
  };
  await start();
  return {
    redisUrl: `redis://127.0.0.1:${port}`, start,
    kill: () => end('SIGKILL'),
    freeze: () => { child?.kill('SIGSTOP'); },
    thaw: () => { child?.kill('SIGCONT'); },
    async stop() { await end('SIGKILL'); fs.rmSync(folder, { recursive: true, force: true }); },
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => { const { port } = server.address() as net.AddressInfo; server.close(() => resolve(port)); });
  });
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    const settle = (answer: boolean) => { socket.destroy(); resolve(answer); };
    socket.setTimeout(1000, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (data) => settle(data.toString().startsWith('+PONG')));
  });
}
