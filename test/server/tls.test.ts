// TLS as a client meets it: node:tls against the real server, certificates made by OpenSSL or by the site's own CA, changed on disk while it runs.
import { execFileSync } from 'node:child_process';
import { X509Certificate, createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createServer as createTcp, connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type PeerCertificate } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { loadSettings } from '../../config/settings.ts';
import { openCertificates } from '../../server/tls/certificates.ts';
import { bareName, machineNames } from '../../server/tls/machineNames.ts';
import { openDoor } from '../../server/tls/openDoor.ts';
import { CA_MS, LEAF_MS, openSiteCa, type KeptSecrets } from '../../server/tls/siteCa.ts';
import { onPath } from '../support/tools.ts';
import { quietLog, serverForTest, until, wait, type ServerForTest } from './serverForTest.ts';

const whyNoOpenssl = onPath('openssl') === null ? 'openssl is not installed' : null;
type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };
/** Two servers with databases of their own begin in one test. */
const SERVERS_MOST_MS = 90_000;
const portOf = (address: string) => Number(new URL(address).port);
function ask({ port, path = '/', method = 'GET', headers = {}, ca, plain = false, host = 'localhost' }: { port: number; path?: string; method?: string; headers?: Record<string, string>; ca?: string; plain?: boolean; host?: string }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = (plain ? httpRequest : httpsRequest)({ host: '127.0.0.1', port, path, method, headers: { host: `${host}:${port}`, ...headers }, ...(plain ? {} : { ca, servername: 'localhost' }), agent: false }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) }));
    });
    sent.on('error', reject);
    sent.end();
  });
}
/** What the server shows, whether it is trusted or not. */
function shown(port: number, options: Record<string, unknown> = {}): Promise<{ certificate: PeerCertificate; authorized: boolean; error: string | null; protocol: string | null }> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, servername: 'localhost', rejectUnauthorized: false, ...options }, () => {
      resolve({ certificate: socket.getPeerCertificate(), authorized: socket.authorized, error: socket.authorizationError === null || socket.authorizationError === undefined ? null : String(socket.authorizationError), protocol: socket.getProtocol() });
      socket.end();
    });
    socket.on('error', reject);
  });
}
const settingsOf = (over: Record<string, unknown>) => ({ ...loadSettings({ argv: ['--port', '0'], env: {}, readFile: () => null }), ...over });
/** Kept as the store keeps them; that the store seals them is its own test. */
function secretsForTest(): KeptSecrets & { kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return { kept, async keptSecret(name, make) { if (!kept.has(name)) kept.set(name, await make()); return kept.get(name)!; }, async keepSecret(name, plain) { kept.set(name, plain); } };
}

describe('a site\'s own CA', () => {
  let server: ServerForTest, ca: string, port: number;
  beforeAll(async () => {
    server = await serverForTest({ tls: 'site', hostNames: ['crowd.example'] });
    port = portOf(server.address);
    ca = (await ask({ port, path: '/trust/crowdlight-site-ca.pem', plain: true })).body.toString();
  });
  afterAll(async () => { await server.close(); });

  test('TL1 a client that trusts the CA is let in without a warning, by every name of this machine, and by TLS 1.2 or later alone', async () => {
    expect(server.address).toMatch(/^https:/);
    expect(await shown(port, { ca })).toMatchObject({ authorized: true, protocol: 'TLSv1.3' });
    expect(await shown(port, { ca, servername: 'crowd.example', maxVersion: 'TLSv1.2' })).toMatchObject({ authorized: true, protocol: 'TLSv1.2' });
    expect((await ask({ port, path: '/health', ca })).status).toBe(200);
    await expect(shown(port, { ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).rejects.toThrow(/protocol|alert|version/i);
    await expect(shown(port, { ca, maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' })).rejects.toThrow();
  });

  test('TL2 whoever does not trust the CA is warned', async () => {
    expect(await shown(port)).toMatchObject({ authorized: false, error: 'SELF_SIGNED_CERT_IN_CHAIN' });
  });

  test('TL3 the certificate names this machine, lasts 397 days at most, has a P-256 key of its own and is no authority', async () => {
    const { certificate } = await shown(port, { ca });
    const leaf = new X509Certificate(certificate.raw), days = (leaf.validToDate.getTime() - leaf.validFromDate.getTime()) / 86_400_000;
    expect(days).toBeLessThanOrEqual(397);
    expect([leaf.ca, certificate.asn1Curve, leaf.checkHost('localhost'), leaf.checkHost('crowd.example'), leaf.checkIP('127.0.0.1'), leaf.checkIP('::1')]).toEqual([false, 'prime256v1', 'localhost', 'crowd.example', '127.0.0.1', '::1']);
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(leaf.checkIssued(new X509Certificate(ca))).toBe(true);
  });

  test('TL4 the CA\'s key lies sealed: neither the database nor the data folder holds it readable', async () => {
    const { secretKeys } = server.store;
    expect((await secretKeys()).some(({ values }) => values > 0)).toBe(true);
    const pg = await import('pg');
    const client = new pg.default.Client({ connectionString: server.databaseUrl });
    await client.connect();
    const { rows } = await client.query<{ words: string }>("select string_agg(row_to_json(t)::text, ' ') as words from kept_secret t");
    await client.end();
    expect(rows[0]!.words).toContain('sealed1.');
    expect(rows[0]!.words).not.toMatch(/keyPkcs8|PRIVATE KEY|MIGHAgEAMBMGByqGSM49/);
  });

  test('TL5 plain HTTP on the secured port leads to it; what carries something is not told to carry it again; a name that is not ours is not sent on', async () => {
    const led = await ask({ port, path: '/?a=1', plain: true });
    expect([led.status, led.headers.location]).toEqual([307, `https://localhost:${port}/?a=1`]);
    expect((await ask({ port, path: '//evil.example/x', plain: true })).headers.location).toBe(`https://localhost:${port}/`);
    const posted = await ask({ port, path: '/api/session', method: 'POST', plain: true });
    expect([posted.status, posted.headers.location]).toEqual([426, undefined]);
    const foreign = await ask({ port, path: '/', plain: true, host: 'evil.example' });
    expect([foreign.status, foreign.headers.location]).toEqual([403, undefined]);
  });

  test('TL6 the trust page is read without trust, in both languages, without code, and shows the fingerprint of the CA that is downloaded', async () => {
    const fingerprint = new X509Certificate(ca).fingerprint256;
    for (const plain of [true, false]) {
      const english = await ask({ port, path: '/trust', plain, ca }), chinese = await ask({ port, path: '/trust', plain, ca, headers: { 'accept-language': 'zh-CN,zh;q=0.9' } });
      const text = english.body.toString();
      expect([english.status, english.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(text).toContain('lang="en"');
      expect(chinese.body.toString()).toContain('信任本系统');
      expect(text.replaceAll(/<wbr>|<\/?span>/g, '')).toContain(fingerprint);
      expect(text).not.toMatch(/<script|\sstyle=|\son\w+=/i);
      expect(english.headers['content-security-policy']).toContain("default-src 'none'");
      expect(text).toContain(`https://localhost:${port}/`);
    }
    const [crt, profile] = await Promise.all([ask({ port, path: '/trust/crowdlight-site-ca.crt', plain: true }), ask({ port, path: '/trust/crowdlight-site-ca.mobileconfig', plain: true })]);
    expect([crt.headers['content-type'], profile.headers['content-type']]).toEqual(['application/x-x509-ca-cert', 'application/x-apple-aspen-config']);
    expect(new X509Certificate(crt.body).fingerprint256).toBe(fingerprint);
    const inProfile = Buffer.from(/<data>\s*([\s\S]*?)\s*<\/data>/.exec(profile.body.toString())![1]!, 'base64');
    expect(createHash('sha256').update(inProfile).digest()).toEqual(createHash('sha256').update(crt.body).digest());
    expect((await ask({ port, path: '/trust/../package.json', plain: true })).status).toBe(404);
    expect((await ask({ port, path: '/trust/nothing', ca })).status).toBe(404);
  });

  test('TL7 a page that came by plain HTTP may not command the secured server; its own page may; screens come by wss', async () => {
    const refused = await ask({ port, path: '/api/overview', ca, headers: { origin: `http://localhost:${port}` } });
    expect([refused.status, JSON.parse(refused.body.toString()).code]).toEqual([403, 'originRefused']);
    expect((await ask({ port, path: '/health', ca, headers: { origin: `https://localhost:${port}` } })).status).toBe(200);
    const opened = (origin: string) => new Promise<number>((resolve) => {
      const socket = new WebSocket(`wss://localhost:${port}/live?after=0`, { ca, origin, headers: { cookie: server.administrator.cookie } });
      socket.on('unexpected-response', (_request, response) => { resolve(response.statusCode ?? 0); });
      socket.on('open', () => { socket.terminate(); resolve(101); });
      socket.on('error', () => {});
    });
    expect(await opened(`http://localhost:${port}`)).toBe(403);
  });

  test('TL8 no HSTS for a CA that only some know', async () => {
    expect((await ask({ port, path: '/health', ca })).headers['strict-transport-security']).toBeUndefined();
  });

  test('TL9 lines that say nothing, half a handshake or rubbish hold nobody up and end', async () => {
    const rubbish = await new Promise<string>((resolve) => {
      const socket = connectTcp(port, '127.0.0.1', () => { socket.write(Buffer.from([22, 3, 1, 255, 255, 1, 2, 3])); socket.write(Buffer.alloc(70_000, 7)); });
      socket.on('error', () => resolve('error'));
      socket.on('close', () => resolve('closed'));
      socket.resume();
    });
    expect(['closed', 'error']).toContain(rubbish);
    const silent = connectTcp(port, '127.0.0.1');
    silent.on('error', () => {});
    expect((await ask({ port, path: '/health', ca })).status).toBe(200);
    silent.destroy();
  });

  test('TL10 a server that starts again, and any other process, shows a leaf of the same CA', async () => {
    const secrets = secretsForTest(), nowMs = Date.now();
    const first = await openSiteCa({ secrets, number: 1, names: ['crowd.example'], nowMs }), again = await openSiteCa({ secrets, number: 1, names: ['other.example'], nowMs });
    expect(again.fingerprint256).toBe(first.fingerprint256);
    expect((await openSiteCa({ secrets, number: 2, names: [], nowMs })).fingerprint256).not.toBe(first.fingerprint256);
  });
});

describe('a CA and time', () => {
  test('TL11 the CA speaks for this site and private networks alone, and a client holds it to that', async () => {
    const nowMs = Date.now(), ca = await openSiteCa({ secrets: secretsForTest(), number: 1, names: ['crowd.example', '203.0.113.7'], nowMs });
    expect(['crowd.example', 'a.crowd.example', 'desk.local', '10.2.3.4', '192.168.1.9', '::1', 'fd00::5', '203.0.113.7'].map(ca.mayName)).toEqual(Array(8).fill(true));
    expect(['bank.example', 'notcrowd.example', '8.8.8.8', '203.0.113.8', '2001:db8::1', '172.32.0.1'].map(ca.mayName)).toEqual(Array(6).fill(false));
    const { createServer } = await import('node:tls');
    const reach = async (name: string) => {
      const { cert, key } = await ca.leafFor([name], nowMs);
      const server = createServer({ cert, key }, (socket) => socket.end());
      await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
      const seen = await shown((server.address() as { port: number }).port, { ca: ca.pem, servername: name });
      server.close();
      return seen.authorized ? 'trusted' : seen.error;
    };
    // Node has no word of its own for OpenSSL's "permitted subtree violation".
    expect([await reach('crowd.example'), await reach('bank.example')]).toEqual(['trusted', 'UNSPECIFIED']);
  });

  test('TL12 a leaf is renewed before it ends, a CA that is over is made anew, and a new address gets a new leaf', async () => {
    let nowMs = Date.now();
    const secrets = secretsForTest(), settings = settingsOf({ tls: 'site' }), open = await openCertificates({ settings, log: quietLog, secrets, lookEveryMs: 20, nowMs: () => nowMs });
    const certificates = open!, first = certificates.now().cert, fingerprint = certificates.ca()!.fingerprint256;
    let changes = 0;
    certificates.onChange(() => { changes++; });
    await wait(100);
    expect(changes).toBe(0);
    nowMs += LEAF_MS - 29 * 86_400_000;
    await until('the leaf is renewed', () => changes === 1);
    expect(certificates.now().cert).not.toBe(first);
    expect([certificates.ca()!.fingerprint256, certificates.endsAtMs() > nowMs + 80 * 86_400_000]).toEqual([fingerprint, true]);
    settings.hostNames = ['desk.local'];
    await until('the new name is in it', () => certificates.names().includes('desk.local'));
    nowMs += CA_MS;
    await until('another CA', () => certificates.ca()!.fingerprint256 !== fingerprint);
    expect(certificates.endsAtMs()).toBeGreaterThan(nowMs);
    settings.hostNames = ['crowd.public.example'];
    expect(certificates.warnings(nowMs).join()).toContain('crowd.public.example');
    certificates.close();
  });

  test('TL13 what was kept of the CA is not whole: named, not guessed at', async () => {
    const secrets = secretsForTest();
    secrets.kept.set('tls/siteCa1', '{"certificatePem":"x","keyPkcs8":"y"}');
    await expect(openSiteCa({ secrets, number: 1, names: [], nowMs: Date.now() })).rejects.toMatchObject({ note: { code: 'certificateUnusable' } });
  });
});

describe.skipIf(whyNoOpenssl !== null)('a certificate of one\'s own', () => {
  let folder: string;
  const files = () => ({ tls: 'own' as const, tlsCertificateFile: join(folder, 'server.crt'), tlsKeyFile: join(folder, 'server.key') });
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  function make(name: string, days = 30) {
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.crt`, '-days', String(days), '-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,DNS:desk.example', '-addext', 'basicConstraints=critical,CA:FALSE');
  }
  beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'crowdlight-tls-')); make('server'); make('second'); });
  afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
  const code = async (over: Record<string, unknown>) => await openDoor({ settings: settingsOf({ ...files(), ...over }), log: quietLog, store: secretsForTest(), http: {} }).then(async (door) => { await door.close(); return 'opened'; }, (error: unknown) => (error as { note: { code: string; values: Record<string, string> } }).note);

  test('TL14 files are replaced on disk, one after the other: the new pair is shown without a restart, the old one goes on while they do not fit', async () => {
    const { readFileSync } = await import('node:fs');
    const secrets = secretsForTest(), settings = settingsOf(files());
    const Fastify = (await import('fastify')).default;
    const door = await openDoor({ settings, log: quietLog, store: secrets, http: {}, lookEveryMs: 20 });
    const app = Fastify({ https: door.https! });
    app.get('/health', async () => 'well');
    door.attach(app as never);
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { address } = await door.listening(app as never), port = portOf(address);
    const common = async () => (await shown(port)).certificate.subject.CN;
    expect(await common()).toBe('server');
    expect(door.isOurs('desk.example:1')).toBe(true);
    const [crt, key] = [readFileSync(join(folder, 'server.crt')), readFileSync(join(folder, 'server.key'))];
    writeFileSync(join(folder, 'server.crt'), readFileSync(join(folder, 'second.crt')));
    await until('the pair that does not fit was seen', () => door.certificates!.refusedTotal() > 0);
    expect(await common()).toBe('server');
    writeFileSync(join(folder, 'server.key'), readFileSync(join(folder, 'second.key')));
    await until('the new pair is shown', async () => (await common()) === 'second');
    writeFileSync(join(folder, 'server.crt'), crt); writeFileSync(join(folder, 'server.key'), key);
    await app.close(); await door.close();
  });

  test('TL15 a wrong key, a missing file, a locked key and an authority\'s certificate are named at the start', async () => {
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-aes256', '-pass', 'pass:secret12', '-out', 'locked.key');
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '9', '-subj', '/CN=ca');
    writeFileSync(join(folder, 'rubbish.crt'), 'not a certificate');
    expect(await code({})).toBe('opened');
    expect(await code({ tlsKeyFile: join(folder, 'second.key') })).toMatchObject({ code: 'certificateKeyWrong', values: { name: join(folder, 'second.key') } });
    expect(await code({ tlsKeyFile: join(folder, 'gone.key') })).toMatchObject({ code: 'certificateUnusable', values: { reason: expect.stringContaining('ENOENT') } });
    expect(await code({ tlsKeyFile: join(folder, 'locked.key') })).toMatchObject({ code: 'certificateUnusable', values: { reason: expect.stringContaining('password') } });
    expect(await code({ tlsCertificateFile: join(folder, 'rubbish.crt') })).toMatchObject({ code: 'certificateUnusable', values: { name: join(folder, 'rubbish.crt') } });
    expect(await code({ tlsCertificateFile: join(folder, 'ca.crt'), tlsKeyFile: join(folder, 'ca.key') })).toMatchObject({ code: 'certificateUnusable', values: { reason: expect.stringContaining('authority') } });
    expect(await code({ tlsCertificateFile: '' })).toMatchObject({ code: 'certificateUnusable' });
  });

  test('TL16 a certificate that is over is shown all the same, with a warning: a page with a warning is better than none', async () => {
const longAgoMs = Date.UTC(2020, 9, 3), over = await (await openSiteCa({ secrets: secretsForTest(), number: 1, names: [], nowMs: longAgoMs })).leafFor(['localhost'], longAgoMs);
    writeFileSync(join(folder, 'over.crt'), over.cert); writeFileSync(join(folder, 'over.key'), over.key);
    const certificates = (await openCertificates({ settings: settingsOf({ ...files(), tlsCertificateFile: join(folder, 'over.crt'), tlsKeyFile: join(folder, 'over.key') }), log: quietLog, secrets: secretsForTest() }))!;
    expect(certificates.warnings(Date.now()).join()).toContain('2021-01-01');
    certificates.close();
  });

  test('TL17 HSTS with a certificate of one\'s own, unless it is switched off', async () => {
    const header = async (over: Record<string, unknown>, protocol = 'https') => { const door = await openDoor({ settings: settingsOf(over), log: quietLog, store: secretsForTest(), http: {} }); const found = door.strictTransport({ protocol } as never); await door.close(); return found; };
    expect(await header(files())).toBe('max-age=31536000');
    expect(await header({ ...files(), hsts: 'off' })).toBeNull();
    expect(await header({ tls: 'site', hsts: 'on' })).toBe('max-age=31536000');
    expect(await header({ trustedProxies: ['10.0.0.5'] })).toBe('max-age=31536000');
    expect(await header({ trustedProxies: ['10.0.0.5'] }, 'http')).toBeNull();
    expect(await header({})).toBeNull();
  });
});

describe('listening', () => {
  test('TL18 beyond this machine only with TLS, or where plain HTTP is allowed by name', async () => {
    const door = async (over: Record<string, unknown>) => await openDoor({ settings: settingsOf(over), log: quietLog, store: secretsForTest(), http: {} }).then(async (one) => { await one.close(); return 'opened'; }, (error: unknown) => (error as { note: { code: string } }).note.code);
    expect(await door({ listenHost: '0.0.0.0' })).toBe('listensUnprotected');
    expect(await door({ listenHost: '::' })).toBe('listensUnprotected');
    expect(await door({ listenHost: '192.168.1.5' })).toBe('listensUnprotected');
    expect(await door({ listenHost: '0.0.0.0', tls: 'site' })).toBe('opened');
    expect(await door({ listenHost: '0.0.0.0', insecureHttp: 'allowed' })).toBe('opened');
    for (const own of ['127.0.0.1', '::1', 'localhost', '127.0.0.2']) expect(await door({ listenHost: own })).toBe('opened');
  });

  test('TL19 names: what was set, the public address, and the addresses that are listened on; nothing of others', () => {
    const machine = { hostName: 'desk', addresses: ['192.168.1.5', '10.0.0.9', '2001:db8::7'] }, names = (listenHost: string) => machineNames({ listenHost, hostNames: ['Crowd.Example'], publicAddress: 'https://public.example/x' }, machine);
    const always = ['localhost', '127.0.0.1', '[::1]', 'crowd.example', 'public.example'];
    expect(names('127.0.0.1')).toEqual(always);
    expect(names('0.0.0.0')).toEqual([...always, 'desk', 'desk.local', '192.168.1.5', '10.0.0.9']);
    expect(names('::')).toEqual([...always, 'desk', 'desk.local', '192.168.1.5', '10.0.0.9', '[2001:db8::7]']);
    expect(names('10.0.0.9')).toEqual([...always, '10.0.0.9']);
    expect(['[::1]', '[::1]:80', 'a.b:80', 'a.b'].map(bareName)).toEqual(['::1', '::1', 'a.b', 'a.b']);
  });

  test('TL20 a proxy that was named is believed what it forwards; anybody else is not', async () => {
    const trusting = await serverForTest({ trustedProxies: ['127.0.0.1'], hostNames: ['crowd.example'] }), doubting = await serverForTest({ trustedProxies: ['10.9.9.9'], hostNames: ['crowd.example'] });
    const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'crowd.example', 'x-forwarded-for': '203.0.113.9' };
    const seen = async (server: ServerForTest, headers: Record<string, string>) => (await ask({ port: portOf(server.address), path: '/health', plain: true, headers })).headers['strict-transport-security'];
    expect(await seen(trusting, forwarded)).toBe('max-age=31536000');
    expect(await seen(trusting, {})).toBeUndefined();
    expect(await seen(doubting, forwarded)).toBeUndefined();
    const evil = await ask({ port: portOf(trusting.address), path: '/health', plain: true, headers: { ...forwarded, 'x-forwarded-host': 'evil.example' } });
    expect(evil.status).toBe(403);
    await Promise.all([trusting.close(), doubting.close()]);
  }, SERVERS_MOST_MS);

  test('TL21 the plain port leads to the secured one; a taken one is named', async () => {
    const free = await new Promise<number>((resolve) => { const probe = createTcp().listen(0, '127.0.0.1', () => { const { port } = probe.address() as { port: number }; probe.close(() => resolve(port)); }); });
    const server = await serverForTest({ tls: 'site', plainPort: free });
    const led = await ask({ port: free, path: '/x', plain: true });
    expect([led.status, led.headers.location]).toEqual([307, `https://localhost:${portOf(server.address)}/x`]);
    await expect(serverForTest({ tls: 'site', plainPort: free })).rejects.toMatchObject({ note: { code: 'settingWrong', values: { name: 'plainPort' } } });
    await server.close();
  }, SERVERS_MOST_MS);
});
