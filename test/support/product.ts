// The whole product as its user starts it: `node worker/main.ts` as a child process, and plain verbs to talk to it over HTTP and WebSocket.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';
import type { Overview } from '../../contract/api.ts';
import type { LiveMessage } from '../../contract/live.ts';
import { decodeReading, type Reading } from '../../contract/reading.ts';
import { passwordPrinted, signIn } from './signIn.ts';

export const root = join(import.meta.dirname, '..', '..');
const READY_WITHIN_MS = 90_000;

export type Product = {
  address: string;
  pid: number;
  folder: string;
  /** The session of the administrator, for whoever asks by other ways. */
  cookie: string;
  /** Everything it printed so far. */
  output(): string;
  /** The process ids below it, itself not included. */
  children(): number[];
  get<T>(path: string): Promise<T>;
  /** Answers { status, body } for every status. */
  send(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<{ status: number; body: any }>;
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; tookMs: number }>;
};

/** Sessions outlive a restart: by the place where the data lies, and by the address that is served now. */
const cookieOf = new Map<string, string>();

/** Starts it on a port of the system's choice and signs in; `folder` given: its data stays there for a second start. */
export async function startProduct(options: { args?: string[]; env?: Record<string, string>; folder?: string; waitFor?: RegExp } = {}): Promise<Product> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'crowdlight-product-'));
  const { REDIS_URL: _redis, DATABASE_URL: _database, ...env } = process.env;
  const child = spawn(process.execPath, ['worker/main.ts', '--port', '0', '--data', folder, ...(options.args ?? ['--no-demo'])],
    { cwd: root, env: { ...env, CROWDLIGHT_VIDEO_FOLDERS: '/', CROWDLIGHT_CAMERA_NETWORKS: 'private,public,loopback', CROWDLIGHT_CHANNEL_NETWORKS: 'private,public,loopback', ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const waitFor = options.waitFor ?? /(http:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):\d+)/;
  const address = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => { child.kill('SIGKILL'); reject(new Error(`not ready within ${READY_WITHIN_MS} ms:\n${output}`)); }, READY_WITHIN_MS);
    const onData = (data: Buffer) => {
      output = (output + data.toString()).slice(-200_000);
      const found = waitFor.exec(output);
      if (found !== null) { clearTimeout(timer); resolve(found[1] ?? ''); }
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    child.on('exit', (code) => { clearTimeout(timer); reject(new Error(`ended with ${code} before it was ready:\n${output}`)); });
  });
  const pid = child.pid!;
  const record = options.env?.['DATABASE_URL'] ?? folder, password = passwordPrinted(output);
  if (address !== '' && password !== null) cookieOf.set(record, await signIn(address, 'admin', password));
  const cookie = cookieOf.get(record) ?? '';
  cookieOf.set(address, cookie);
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  return {
    address, pid, folder, cookie, output: () => output, children: () => descendants(pid),
    async get<T>(path: string) {
      const answer = await fetch(address + path, { headers: { cookie } });
      if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
      return await answer.json() as T;
    },
    async send(method, path, body) {
      const answer = await fetch(address + path, { method, headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
    },
    async stop(signal = 'SIGTERM') {
      const startedAtMs = Date.now();
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const code = await Promise.race([ended, sleep(20_000).then(() => { killTree(child); return ended; })]);
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
      return { code, tookMs: Date.now() - startedAtMs };
    },
  };
}

/** A screen as the page is one: connects to /live, keeps what it hears, resumes where it was. */
export class Screen {
  readonly events: { seq: number; event: any }[] = [];
  readonly readings = new Map<string, Reading>();
  readonly statuses = new Map<string, any>();
  readonly zones = new Map<string, any>();
  judgedAtMs = 0;
  health: string[] = [];
  readingsHeard = 0;
  private socket: WebSocket | null = null;
  private readonly address: string;
  constructor(address: string) { this.address = address; }

  async connect(): Promise<void> {
    const after = this.events.at(-1)?.seq ?? 0;
    const socket = new WebSocket(`${this.address.replace('http', 'ws')}/live?after=${after}`, { origin: this.address, headers: { cookie: cookieOf.get(this.address) ?? '' } });
    this.socket = socket;
    socket.on('message', (data: Buffer, isBinary: boolean) => (isBinary ? this.hearReading(new Uint8Array(data)) : this.hear(JSON.parse(data.toString()) as LiveMessage)));
    socket.on('error', () => {});
    await new Promise<void>((resolve, reject) => { socket.once('open', resolve); socket.once('error', reject); });
  }
  disconnect(): void { this.socket?.terminate(); this.socket = null; }
  alarmStates(): string[] { return this.events.map(({ event }) => event.alarm.state); }

  private hearReading(bytes: Uint8Array): void {
    const reading = decodeReading(bytes);
    if (reading === null) throw new Error('not a reading');
    this.readings.set(reading.sensorId, reading);
    this.readingsHeard++;
  }
  private hear(message: LiveMessage): void {
    switch (message.type) {
      case 'event': this.events.push({ seq: message.seq, event: message.event }); break;
      case 'zones': this.judgedAtMs = message.judgedAtMs; for (const state of message.states) this.zones.set(state.zoneId, state); break;
      case 'sensors': for (const status of message.statuses) this.statuses.set(status.sensorId, status); break;
      case 'health': this.health = message.problems; break;
      case 'hello': case 'siteChanged': case 'beat': break;
    }
  }
}

export const sleep = (ms: number) => new Promise<void>((resolve) => { setTimeout(resolve, ms); });

/** Asks again and again until the answer is neither null, undefined nor false. */
export async function until<T>(what: string, ask: () => T | Promise<T>, withinMs = 30_000, everyMs = 100): Promise<NonNullable<T>> {
  const endAtMs = Date.now() + withinMs;
  let last: unknown;
  while (Date.now() < endAtMs) {
    try { const answer = await ask(); if (answer !== null && answer !== undefined && answer !== false) return answer as NonNullable<T>; last = answer; }
    catch (error) { last = error; }
    await sleep(everyMs);
  }
  throw new Error(`${what}: not within ${withinMs} ms (last: ${last instanceof Error ? last.message : JSON.stringify(last)})`);
}

export const overviewOf = (product: Product) => product.get<Overview>('/api/overview');

/** Process ids below `pid`, read from /proc. */
export function descendants(pid: number): number[] {
  if (!existsSync('/proc')) return [];
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try { parents.set(Number(entry), Number(readFileSync(`/proc/${entry}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')[1])); } catch { /* it ended meanwhile */ }
  }
  const found: number[] = [];
  const below = (parent: number) => { for (const [child, its] of parents) if (its === parent) { found.push(child); below(child); } };
  below(pid);
  return found;
}

export function commandOf(pid: number): string {
  try { return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim(); } catch { return ''; }
}

function killTree(child: ChildProcess): void {
  for (const pid of [...descendants(child.pid!), child.pid!]) { try { process.kill(pid, 'SIGKILL'); } catch { /* it ended */ } }
}
