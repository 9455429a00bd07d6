// The other ends of channels, real ones on loopback: an HTTP receiver that fails in every way, a mail server with TLS and users, an MQTT broker.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { SMTPServer } from 'smtp-server';
import { onPath } from '../support/tools.ts';

export type Heard = { method: string; url: string; headers: Record<string, string>; body: string; bytes: Buffer; atMs: number };
/** How it behaves; a function answers as it likes. */
export type Manner = 'takes' | 'breaks' | 'busy' | 'refuses' | 'pointsElsewhere' | 'hangs' | 'closesMidAnswer' | 'floods' | 'drips' | ((heard: Heard) => { status: number; body: string; headers?: Record<string, string> });

export async function httpReceiver(first: Manner = 'takes') {
  const heard: Heard[] = [];
  const state = { manner: first, bytesSent: 0, followed: 0 };
  const http = createServer((request, answer) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => { parts.push(part); }).on('end', () => {
      const bytes = Buffer.concat(parts);
      if (request.url === '/elsewhere') state.followed++;
      const one: Heard = { method: request.method!, url: request.url!, headers: request.headers as Record<string, string>, body: bytes.toString('utf8'), bytes, atMs: Date.now() };
      heard.push(one);
      answerAs(state.manner, one, request, answer, state);
    });
  });
  const port = await listen(http);
  return {
    heard, state, url: `http://127.0.0.1:${port}/in`,
    become(manner: Manner) { state.manner = manner; },
    close: () => new Promise<void>((done) => { http.closeAllConnections(); http.close(() => done()); }),
  };
}

function answerAs(manner: Manner, heard: Heard, request: IncomingMessage, answer: ServerResponse, state: { bytesSent: number }): void {
  if (typeof manner === 'function') { const { status, body, headers } = manner(heard); answer.writeHead(status, headers).end(body); return; }
  switch (manner) {
    case 'takes': answer.writeHead(200, { 'content-type': 'application/json' }).end('{"errcode":0,"code":0,"ok":true}'); return;
    case 'breaks': answer.writeHead(500).end('something broke'); return;
    case 'busy': answer.writeHead(429, { 'retry-after': '7' }).end('slow down'); return;
    // What it was sent comes back in what it says: secrets too.
    case 'refuses': answer.writeHead(403).end(`no: ${heard.url} ${JSON.stringify(heard.headers)}`.slice(0, 4000)); return;
    case 'pointsElsewhere': answer.writeHead(302, { location: '/elsewhere' }).end(); return;
    case 'hangs': return;
    case 'closesMidAnswer': answer.writeHead(200, { 'content-length': '1000' }); answer.write('half'); setTimeout(() => request.socket.destroy(), 20); return;
    case 'floods': {
      answer.writeHead(200);
      const more = () => { while (!answer.destroyed && state.bytesSent < 400_000_000) { state.bytesSent += 65_536; if (!answer.write('x'.repeat(65_536))) { answer.once('drain', more); return; } } };
      more();
      return;
    }
    case 'drips': { answer.writeHead(200); const timer = setInterval(() => { if (answer.destroyed) clearInterval(timer); else answer.write('.'); }, 200); return; }
  }
}

/** Takes the line and says nothing, whatever the protocol. */
export async function silentListener() {
  const sockets = new Set<Socket>();
  const tcp = createTcpServer((socket) => { sockets.add(socket); socket.on('error', () => {}); });
  return { port: await listen(tcp), close: () => new Promise<void>((done) => { for (const socket of sockets) socket.destroy(); tcp.close(() => done()); }) };
}

export type Mail = { from: string; to: string[]; raw: string; secure: boolean };
export async function mailServer({ user = 'crowd', password = 'right-password', tls = true, answer = () => null as { code: number; words: string } | null } = {}) {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    ...(tls ? certificate() : { disabledCommands: ['STARTTLS'] }), authOptional: false, allowInsecureAuth: !tls, logger: false,
    onAuth: (auth, _session, done) => { if (auth.username === user && auth.password === password) done(null, { user }); else done(Object.assign(new Error(`wrong password ${auth.password} of ${auth.username}`), { responseCode: 535 })); },
    onRcptTo: (_address, _session, done) => { const refused = answer(); if (refused === null) done(); else done(Object.assign(new Error(refused.words), { responseCode: refused.code })); },
    onData: (stream, session, done) => {
      let raw = '';
      stream.setEncoding('utf8').on('data', (part: string) => { raw += part; }).on('end', () => { mails.push({ from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address, to: session.envelope.rcptTo.map(({ address }) => address), raw, secure: session.secure }); done(); });
    },
  });
  server.on('error', () => {});
  const port = await new Promise<number>((resolve) => { const inner = server.listen(0, '127.0.0.1', () => resolve((inner.address() as AddressInfo).port)); });
  return { mails, port, user, password, close: () => new Promise<void>((done) => server.close(done)) };
}

/** Its own, for 127.0.0.1; made once a run by openssl. */
let made: { key: string; cert: string } | null = null;
function certificate(): { key: string; cert: string } {
  if (made !== null) return made;
  const folder = mkdtempSync(join(tmpdir(), 'crowdlight-cert-'));
  try {
    const done = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', join(folder, 'key'), '-out', join(folder, 'cert')], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`openssl: ${done.stderr}`);
    return made = { key: readFileSync(join(folder, 'key'), 'utf8'), cert: readFileSync(join(folder, 'cert'), 'utf8') };
  } finally { rmSync(folder, { recursive: true, force: true }); }
}

/** Mosquitto with one user; what is said on any topic is remembered by a client of its own. */
export async function mqttBroker({ user = 'crowd', password = 'right-password' } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'crowdlight-mqtt-'));
  writeFileSync(join(folder, 'users'), '', { mode: 0o600 });
  if (spawnSync(onPath('mosquitto_passwd')!, ['-b', join(folder, 'users'), user, password]).status !== 0) throw new Error('mosquitto_passwd failed');
  const port = await freePort();
  writeFileSync(join(folder, 'conf'), `listener ${port} 127.0.0.1\nallow_anonymous false\npassword_file ${join(folder, 'users')}\nuser root\npersistence false\n`);
  const broker = spawn(onPath('mosquitto')!, ['-c', join(folder, 'conf')], { stdio: 'ignore' });
  const ended = new Promise<void>((done) => broker.once('exit', () => done()));
  const heard: { topic: string; body: string; qos: number; retained: boolean }[] = [];
  const url = `mqtt://127.0.0.1:${port}`;
  let client: Awaited<ReturnType<typeof connectAsync>> | null = null;
  for (let tries = 0; client === null; tries++) {
    try { client = await connectAsync(url, { username: user, password, reconnectPeriod: 0, connectTimeout: 2000 }); } catch (error) { if (tries > 40) throw error; await new Promise((done) => setTimeout(done, 100)); }
  }
  client.on('message', (topic, payload, packet) => { heard.push({ topic, body: payload.toString(), qos: packet.qos, retained: packet.retain }); });
  await client.subscribeAsync('#', { qos: 1 });
  return {
    url, user, password, heard,
    /** What a client that comes later finds. */
    async kept(): Promise<string[]> {
      const later = await connectAsync(url, { username: user, password, reconnectPeriod: 0 }), found: string[] = [];
      later.on('message', (topic, _payload, packet) => { if (packet.retain) found.push(topic); });
      await later.subscribeAsync('#', { qos: 1 });
      await new Promise((done) => setTimeout(done, 300));
      await later.endAsync();
      return found;
    },
    async close() { await client.endAsync(true).catch(() => {}); broker.kill('SIGKILL'); await ended; rmSync(folder, { recursive: true, force: true }); },
  };
}

async function freePort(): Promise<number> {
  const tcp = createTcpServer(), port = await listen(tcp);
  await new Promise((done) => tcp.close(done));
  return port;
}
function listen(server: { listen(port: number, host: string, done: () => void): unknown; address(): unknown }): Promise<number> {
  return new Promise((resolve) => { server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)); });
}
