// Whether a process is well: each role without the server answers /health on a small port of its own, on this machine only; `--health` asks.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { Settings } from '../../config/settings.ts';
import type { Bus } from '../../store/bus/bus.ts';
import type { Store } from '../../store/store.ts';

export async function serveHealth({ port, store, bus, log }: { port: number; store: Store; bus: Bus; log: Logger }): Promise<{ port: number | null; close(): Promise<void> }> {
  const server = createServer((_request, response) => {
    const problems = [...(store.isUp() ? [] : ['databaseDown']), ...(bus.isUp() ? [] : ['busDown'])];
    response.writeHead(problems.length === 0 ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify({ well: problems.length === 0, problems, pid: process.pid }));
  });
  const isListening = await new Promise<boolean>((done) => {
    // Two processes of one machine may share the default: only the first answers. Work goes on without it.
    server.once('error', (error) => { log.warn({ err: error, port }, 'the health port cannot be used; this process answers no health questions'); done(false); });
    server.listen(port, '127.0.0.1', () => done(true));
  });
  return {
    port: isListening ? (server.address() as AddressInfo).port : null,
    close: () => new Promise((done) => { server.closeAllConnections(); server.close(() => done()); }),
  };
}

/** Exit code for `--health`: 0 well, 1 not. */
export async function askHealth(settings: Settings): Promise<0 | 1> {
  const hasServer = settings.roles.length === 0 || settings.roles.includes('server');
  const port = hasServer ? settings.port : settings.healthPort;
  if (port === 0) { process.stderr.write(`no port is known to ask: set ${hasServer ? 'port' : 'healthPort'}\n`); return 1; }
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(3000) });
    process.stdout.write(`${await answer.text()}\n`);
    return answer.ok ? 0 : 1;
  } catch (error) {
    process.stderr.write(`nobody answers on port ${port}: ${(error as Error).message}\n`);
    return 1;
  }
}
