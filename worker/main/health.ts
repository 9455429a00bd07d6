// Whether a process is well: each role without the server answers /health on a small port of its own, on this machine only; `--health` asks.
import { createServer, get as getPlain } from 'node:http';
import { get as getSecured } from 'node:https';
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
    const { status, text } = await ask(port, hasServer && settings.tls !== 'off');
    process.stdout.write(`${text}\n`);
    return status === 200 ? 0 : 1;
  } catch (error) {
    process.stderr.write(`nobody answers on port ${port}: ${(error as Error).message}\n`);
    return 1;
  }
}

/** Of this machine's own loopback nobody can take the place, so its certificate, which is for other names, is not held against it. */
const ask = (port: number, secured: boolean) => new Promise<{ status: number; text: string }>((resolve, reject) => {
  const asked = (secured ? getSecured : getPlain)({ host: '127.0.0.1', port, path: '/health', headers: { host: 'localhost' }, timeout: 3000, ...(secured ? { rejectUnauthorized: false } : {}) }, (answer) => {
    let text = '';
    answer.on('data', (part: Buffer) => { if (text.length < 10_000) text += part.toString(); });
    answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    answer.on('error', reject);
  });
  asked.on('timeout', () => asked.destroy(new Error('no answer within 3 s')));
  asked.on('error', reject);
});
