// The whole product with secrets planted in every place that takes one, driven so that each is used, shown around and complained about; then everything that left it is searched. `leaks` must be empty.
import { createServer } from 'node:http';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { join, relative } from 'node:path';
import { TOTP } from 'otpauth';
import pg from 'pg';
import WebSocket from 'ws';
import { runningPostgres } from '../../store/embeddedPostgres.ts';
import { EXAMPLES } from '../server/accessExamples.ts';
import { startProduct, sleep } from '../support/product.ts';
import { passwordPrinted, signIn } from '../support/signIn.ts';
import { findSecrets, type Haystack, type Marker } from './secretSearch.ts';

const mark = (name: string) => `Mk9-${name}-q7/Zt+w3&é-${Math.random().toString(36).slice(2, 12)}`;

export async function searchProduct(): Promise<{ leaks: string[]; haystacks: number; bytes: number; markers: number }> {
  const markers: Marker[] = [], haystacks: Haystack[] = [];
  const planted = (name: string, value = mark(name)): string => { markers.push({ name, value }); return value; };
  const keep = (where: string, bytes: Buffer | string) => { haystacks.push({ where, bytes: typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes }); };
  // Repeats all that it is sent: what a careless gateway would.
  const echo = createServer((request, answer) => { let body = ''; request.on('data', (part: Buffer) => { body += part.toString(); }).on('end', () => answer.writeHead(403).end(`${request.url} ${JSON.stringify(request.headers)} ${body}`)); });
  const camera = net.createServer((socket) => { socket.on('error', () => {}).on('data', (data) => { const words = data.toString('latin1'); socket.write(`RTSP/1.0 401 No\r\nCSeq: ${/cseq: *(\d+)/i.exec(words)?.[1]}\r\nWWW-Authenticate: Basic realm="${words.replace(/[^\x20-\x7e]|"/g, ' ').slice(0, 300)}"\r\n\r\n`); }); });
  await Promise.all([echo, camera].map((server) => new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); })));
  const echoPort = (echo.address() as AddressInfo).port, cameraPort = (camera.address() as AddressInfo).port;
  const product = await startProduct({ env: { CROWDLIGHT_LOG_LEVEL: 'trace', CROWDLIGHT_SECRET_KEY: '' } });
  try {
    const keyFile = readFileSync(join(product.folder, 'secret.key'), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    for (const key of keyFile) planted('the key of secrets', key);
    planted('password of the database', readFileSync(join(product.folder, 'postgres', 'password'), 'utf8').trim());
    const password = planted('password of an account', `${mark('password')} long enough`);
    const send = async (method: string, path: string, body?: unknown, cookie = product.cookie): Promise<{ status: number; body: any }> => {
      const answer = await fetch(product.address + path, { method, headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      const text = await answer.text();
      let parsed: unknown = text;
      try { parsed = JSON.parse(text); } catch { /* words */ }
      return { status: answer.status, body: parsed };
    };
    const sent = async (method: string, path: string, body: unknown, wanted: number[]): Promise<any> => {
      const answer = await send(method, path, body);
      keep(`answer of ${method} ${path}`, JSON.stringify(answer.body));
      if (!wanted.includes(answer.status)) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body;
    };
    await sent('POST', '/api/me/password', { now: passwordPrinted(product.output())!, next: password }, [200, 204]);
    const cookie = await signIn(product.address, 'admin', password).catch(() => product.cookie);
    planted('a session', cookie.split('; ').find((one) => one.startsWith('crowdlight-session='))!.split('=')[1]!);
    // Wrong ones, too: they are complained about.
    for (const wrong of [{ signInName: 'admin', password: planted('a wrong password') }, { signInName: planted('a password typed as a name').replace(/[^A-Za-z0-9-]/g, ''), password: 'x' }]) await send('POST', '/api/session', wrong).then((answer) => keep('answer to a wrong password', JSON.stringify(answer.body)));
    markers.pop(); // A name that was typed at the door stands in the audit as a name, whatever it was.

    const site = await sent('POST', '/api/sites', { name: 'Square', origin: { lng: 121.4, lat: 31.2 }, grid: { cellM: 1, columns: 40, rows: 40 } }, [201]);
    const siteId = site.site?.siteId ?? site.siteId, cameraPassword = planted('password of a camera'), inUrl = planted('password in an address');
    const first = await sent('POST', `/api/sites/${siteId}/sensors`, { name: 'Gate', kind: 'rtsp', settings: { url: `rtsp://127.0.0.1:${cameraPort}/s?key=1`, user: 'op', password: cameraPassword } }, [201]);
    await sent('POST', `/api/sites/${siteId}/sensors`, { name: 'Door', kind: 'rtsp', settings: { url: `rtsp://op:${encodeURIComponent(inUrl)}@127.0.0.1:${cameraPort}/s` } }, [201]);
    await sent('PUT', `/api/sensors/${first.sensorId}`, { name: 'Gate 2' }, [200]);
    for (const settings of [{ url: `rtsp://op:${encodeURIComponent(cameraPassword)}@127.0.0.1:${cameraPort}/s` }, { url: `http://op:${encodeURIComponent(cameraPassword)}@a/` }, { url: `rtsp://op:${cameraPassword}@a b/` }, { url: 'rtsp://a/', password: cameraPassword.repeat(20) }, { url: 'rtsp://a/', password: { a: cameraPassword } }, { url: `rtsp://127.0.0.1:${cameraPort}/s`, [cameraPassword]: 1 }]) {
      await send('POST', '/api/sensors/test', { kind: 'rtsp', settings }).then((answer) => keep('answer of a camera that is tried', JSON.stringify(answer.body)));
    }
    // The name of a field that nobody knows is said back to whoever typed it; that is not a leak of what was kept.
    haystacks.pop();
    const channels: [string, Record<string, unknown>][] = [
      ['webhook', { url: `http://127.0.0.1:${echoPort}/in`, secret: planted('key of a webhook') }],
      ['smsHttp', { url: `http://127.0.0.1:${echoPort}/sms`, to: '+8613800138000', headerName: 'Authorization', headerValue: planted('key of a gateway', mark('gateway').replace('é', 'e')) }],
      ['weCom', { url: `http://127.0.0.1:${echoPort}/robot?key=${encodeURIComponent(planted('key of a robot'))}` }],
      ['mail', { host: '127.0.0.1', port: echoPort, security: 'none', user: 'op', password: planted('password of a mail server'), from: 'a@b.example', to: 'c@d.example' }],
      ['mqtt', { url: `mqtt://127.0.0.1:${echoPort}`, user: 'op', password: planted('password of a broker') }],
      ['cap', { sender: 'crowd@city.example', url: `http://127.0.0.1:${echoPort}/cap`, headerName: 'X-Key', headerValue: planted('key of a warning system', mark('cap').replace('é', 'e')) }],
    ];
    for (const [kind, settings] of channels) {
      const { channelId } = await sent('POST', '/api/channels', { kind, name: kind, settings }, [201]);
      await send('POST', `/api/channels/${channelId}/test`, { address: '', language: 'en' }).then((answer) => keep(`answer of the test of ${kind}`, JSON.stringify(answer.body)));
    }
    const token = await send('POST', '/api/me/tokens', { name: 'Machine', rights: ['see'], unitId: null, days: 1 });
    if (token.status === 201) { planted('a token', token.body.secret); for (const path of ['/api/overview', '/api/audit']) await fetch(product.address + path, { headers: { authorization: `Bearer ${token.body.secret}` } }).then(async (answer) => keep('answer to a token', await answer.text())); }
    await sent('POST', '/api/me/confirm', { password }, [200, 204, 400, 401, 403]).catch(() => null);
    const begun = await send('POST', '/api/me/factors/totp/begin', {});
    const secret = JSON.stringify(begun.body).match(/secret=([A-Z2-7]{16,})/)?.[1] ?? (begun.body as { secret?: string }).secret;
    if (secret !== undefined) {
      planted('secret of a second factor', secret);
      const code = new TOTP({ secret }).generate();
      for (const body of [{ name: 'Phone', code }, { code }, { code, name: 'Phone', password }]) { const answer = await send('POST', '/api/me/factors/totp', body); if (answer.status === 201) break; keep('answer of a second factor', JSON.stringify(answer.body)); }
    }

    // --- everything that leaves
    const socket = new WebSocket(`${product.address.replace('http', 'ws')}/live?after=0`, { origin: product.address, headers: { cookie } });
    socket.on('message', (data: Buffer) => keep('the live line', Buffer.from(data))).on('error', () => {});
    const ids = new Proxy({ site: siteId, sensor: first.sensorId } as Record<string, string>, { get: (known, name: string) => known[name] ?? 'none' });
    for (const [route, example] of Object.entries(EXAMPLES)) {
      const [method, url] = route.split(' ') as [string, string];
      if (method !== 'GET' || example.socket) continue;
      try { const answer = await fetch(product.address + example.path(ids as never), { headers: { cookie }, signal: AbortSignal.timeout(15_000) }); keep(`answer of GET ${url}`, Buffer.concat([Buffer.from(JSON.stringify([...answer.headers].filter(([name]) => name !== 'set-cookie'))), Buffer.from(await answer.arrayBuffer())])); } catch (error) { keep(`failure of GET ${url}`, String(error)); }
    }
    const page = await (await fetch(product.address)).text();
    keep('the page', page);
    for (const [, file] of page.matchAll(/(?:src|href)="(\/[^"]+)"/g)) keep(`the page's ${file}`, Buffer.from(await (await fetch(product.address + file)).arrayBuffer()));
    // The cameras are tried a few times meanwhile.
    await sleep(6000);
    socket.terminate();
    for (const pid of [product.pid, ...product.children()]) for (const file of ['cmdline', 'environ', 'status', 'comm']) { try { keep(`/proc of process ${pid === product.pid ? 'main' : 'child'} ${file}`, readFileSync(`/proc/${pid}/${file}`)); } catch { /* gone, or no Linux */ } }
    keep('its log', product.output());
    const database = new pg.Client(runningPostgres(join(product.folder, 'postgres'))!.databaseUrl);
    await database.connect();
    const tables = await database.query<{ name: string }>(`select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`);
    for (const { name } of tables.rows) keep(`table ${name}`, (await database.query<{ row: string }>(`select t::text as row from ${name} t`)).rows.map(({ row }) => row).join('\n'));
    // What stands in it as bytes or sealed text is more than letters.
    if (tables.rows.length < 20) throw new Error('the tables cannot be read');
    const sealed = (await database.query<{ count: string }>(`select count(*) from sensor_settings where settings #>> '{}' like 'sealed1.%'`)).rows[0]!.count;
    if (Number(sealed) !== 2) throw new Error(`${sealed} cameras are sealed, not 2`);
    await database.query('checkpoint').catch(() => {});
    await database.end();
    for (const path of filesOf(product.folder)) {
      const name = relative(product.folder, path);
      if (name === 'secret.key' || name === join('postgres', 'password')) { if ((statSync(path).mode & 0o077) !== 0) keep(`${name} that others can read`, readFileSync(path)); continue; }
      try { keep(`file ${name}`, readFileSync(path)); } catch { /* gone meanwhile */ }
    }
    return { leaks: findSecrets(haystacks, markers), haystacks: haystacks.length, bytes: haystacks.reduce((sum, { bytes }) => sum + bytes.length, 0), markers: markers.length };
  } finally {
    await product.stop();
    await Promise.all([echo, camera].map((server) => new Promise<void>((done) => { if ('closeAllConnections' in server) server.closeAllConnections(); server.close(() => done()); setTimeout(done, 500); })));
  }
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => { const path = join(folder, entry.name); return entry.isDirectory() ? filesOf(path) : entry.isFile() ? [path] : []; });
}
