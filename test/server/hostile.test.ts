// What hostile hands send to the server: requests of every kind, floods, lines that say nothing, pictures that are none. Rules HO of docs/SPEC.md.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { openBuckets } from '../../server/limits.ts';
import { fuzzHttp } from '../fuzz/httpFuzz.ts';
import { worldForTest, type World } from './accessWorld.ts';
import { serverForTest, siteBody, until, wait, type ServerForTest } from './serverForTest.ts';

/** npm run security gives more time; the seed is printed, and set to see the same again. */
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000), forS = Number(process.env['FUZZ_FOR_S'] ?? 60), inputsMost = process.env['FUZZ_FOR_S'] === undefined ? 700 : 1_000_000;

describe('a server that is asked strange things', () => {
  let world: World;
  beforeAll(async () => { world = await worldForTest(); }, 120_000);
  afterAll(() => world.close());

  test('HO1 whatever a route is sent, as whoever: never a fault of ours, never no answer, never words of the program', async () => {
    console.log(`fuzz of HTTP: seed ${seed}`);
    const people = world.everybody.filter(({ position }) => position === 'whole' || position === 'own');
    let asked = 0;
    const figures = await fuzzHttp({
      address: world.server.address, routes: world.server.routes, ids: world.ids, seed, inputsMost, untilMs: Date.now() + forS * 1000,
      // The administrator each second time: the most is reached as that.
      cookie: async () => { asked++; return asked % 10 === 0 ? null : asked % 2 === 0 ? world.server.administrator.cookie : people[asked % people.length]!.session.cookie; },
    });
    console.log(JSON.stringify({ fuzz: 'http', fuzzSeed: seed, fuzzInputs: figures.inputs, fuzzCrashes: figures.crashes.length, statuses: figures.statuses }));
    expect(figures.crashes).toEqual([]);
    expect(figures.inputs).toBeGreaterThan(100);
    // Much of it is understood: a fuzzer that is always turned away at the door tries nothing.
    expect((figures.statuses['200'] ?? 0) + (figures.statuses['201'] ?? 0) + (figures.statuses['204'] ?? 0)).toBeGreaterThan(10);
  }, forS * 1000 + 90_000);
});

describe('video files named on a page', () => {
  test('HO20 no file outside of the folders for videos can be named, by no way and no link; what lies in them can', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'crowdlight-videos-')), allowed = join(folder, 'allowed');
    mkdirSync(allowed);
    writeFileSync(join(allowed, 'square.mp4'), '');
    writeFileSync(join(folder, 'secret.mp4'), '');
    symlinkSync(join(folder, 'secret.mp4'), join(allowed, 'link.mp4'));
    const server = await serverForTest({ videoFolders: [allowed] });
    try {
      const { siteId } = (await server.send('POST', '/api/sites', siteBody())).body.site;
      const add = (path: string) => server.send('POST', `/api/sites/${siteId}/sensors`, { name: 'Video', kind: 'file', settings: { path } });
      for (const path of ['/etc/passwd', join(folder, 'secret.mp4'), join(allowed, '..', 'secret.mp4'), `${allowed}/../../secret.mp4`, join(allowed, 'link.mp4'), allowed, `${allowed}-other/a.mp4`, 'square.mp4', join(server.dataFolder, 'secret.key')]) {
        expect([path, (await add(path)).body.code]).toEqual([path, 'videoElsewhere']);
        expect((await server.send('POST', '/api/sensors/test', { kind: 'file', settings: { path } })).body).toMatchObject({ code: 'videoElsewhere' });
      }
      const { status, body } = await add(join(allowed, 'square.mp4'));
      expect(status).toBe(201);
      expect((await add(join(server.dataFolder, 'videos', 'later.mp4'))).status).toBe(201);
      expect((await server.send('PUT', `/api/sensors/${body.sensorId}`, { settings: { path: '/etc/passwd' } })).body.code).toBe('videoElsewhere');
      expect((await server.send('PUT', `/api/sensors/${body.sensorId}`, { name: 'Square' })).status).toBe(200);
    } finally { await server.close(); rmSync(folder, { recursive: true, force: true }); }
  }, 60_000);
});

describe('pictures that somebody adds', () => {
  let server: ServerForTest;
  beforeAll(async () => { server = await serverForTest(); });
  afterAll(() => server.close());
  const send = async (bytes: Uint8Array, name = 'picture.jpg') => {
    const answer = await server.fetch('/api/attachments', { method: 'POST', body: bytes as Uint8Array<ArrayBuffer>, headers: { 'content-type': 'image/jpeg', 'x-file-name': encodeURIComponent(name) } });
    return { status: answer.status, body: await answer.json() as { sha256: string; type: string; name: string; code?: string; values?: { reason: string } } };
  };
  const kept = async (sha256: string): Promise<Buffer> => Buffer.from(await bytesOf(server, sha256));
  const base = (width = 64, height = 48) => sharp({ create: { width, height, channels: 3, background: '#c03020' } });

  test('HO2 of a picture only the picture is kept: no place, no camera, no comment, no second file behind it', async () => {
    const secret = 'GPS-31.2304N-121.4737E-Phone-of-Li';
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const marked = await base().withExif({ IFD0: { Copyright: secret, ImageDescription: secret }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '31/1 13/1 49/1' } }).withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>${secret}</a></x:xmpmeta>`).withIccProfile('p3')[format]().toBuffer();
      expect(marked.includes(secret)).toBe(true);
      const polyglot = Buffer.concat([marked, Buffer.from(`%PDF-1.7 ${secret}<script>alert(1)</script>PK\u0003\u0004`)]);
      const answer = await send(polyglot);
      expect([format, answer.status, answer.body.type]).toEqual([format, 201, `image/${format}`]);
      const bytes = await kept(answer.body.sha256);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(answer.body.sha256);
      for (const words of [secret, 'Phone', 'xmpmeta', '%PDF', '<script', 'PK\u0003\u0004', 'Exif']) expect([format, words, bytes.includes(words)]).toEqual([format, words, false]);
      const facts = await sharp(bytes).metadata();
      expect([facts.format, facts.width, facts.height, facts.exif, facts.xmp, facts.icc]).toEqual([format, 64, 48, undefined, undefined, undefined]);
    }
  }, 60_000);

  test('HO3 a small file that unpacks to thousands of millions of pixels, one that is cut off, and one that only begins like a picture are refused, and the server answers on', async () => {
    const bomb = pngOf(50_000, 50_000);
    expect(bomb.length).toBeLessThan(100_000);
    const jpeg = await base(400, 300).jpeg().toBuffer();
    const wrongs: [string, Uint8Array][] = [['bomb', bomb], ['cut off', jpeg.subarray(0, jpeg.length >> 1)], ['only a beginning', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(500, 7)])], ['svg in png', Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>')])], ['riff', Buffer.from('RIFF\u0010\u0000\u0000\u0000WEBPVP8 \u0000\u0000\u0000\u0000')]];
    for (const [name, bytes] of wrongs) { const answer = await send(bytes); expect([name, answer.status, answer.body.code]).toEqual([name, 415, 'attachmentRefused']); }
    expect((await send(jpeg)).status).toBe(201);
  }, 60_000);

  test('HO4 mutated pictures: refused or written anew, never a fault of ours', async () => {
    console.log(`fuzz of pictures: seed ${seed}`);
    const { chanceOf } = await import('../fuzz/chances.ts');
    const chance = chanceOf(seed), originals = [await base(300, 200).jpeg().toBuffer(), await base(300, 200).png().toBuffer(), await base(300, 200).webp().toBuffer()];
    let wrong = 0;
    for (let number = 0; number < 30; number++) {
      const bytes = Buffer.from(chance.one(originals));
      for (let times = 1 + chance.below(30); times > 0; times--) bytes[8 + chance.below(bytes.length - 8)] = chance.below(256);
      const answer = await send(chance.yes(0.2) ? bytes.subarray(0, 12 + chance.below(bytes.length - 12)) : bytes);
      if (![201, 415].includes(answer.status)) wrong++;
    }
    console.log(JSON.stringify({ fuzz: 'pictures', fuzzSeed: seed, fuzzInputs: 30, fuzzCrashes: wrong }));
    expect(wrong).toBe(0);
  }, 90_000);

  test('HO5 a name that somebody gives is never a path', async () => {
    const jpeg = await base().jpeg().toBuffer();
    for (const [given, name] of [['../../../etc/passwd', 'passwd'], ['C:\\windows\\system.ini', 'system.ini'], ['..', '..'], ['a\u0000b.jpg', 'ab.jpg'], ['', 'file'], ['/', 'file']] as const) expect([given, (await send(jpeg, given)).body.name]).toEqual([given, name]);
  });
});

describe('what every answer carries', () => {
  let server: ServerForTest;
  beforeAll(async () => { server = await serverForTest(); });
  afterAll(() => server.close());

  test('HO12 pages, data, errors and refusals carry the same protections, none lets a script in, and none says what the server is made of', async () => {
    for (const [path, as] of [['/', null], ['/api/overview', server.administrator], ['/api/overview', null], ['/api/nothing', server.administrator], ['/no/such/page', null], ['/assets/none.js', null], ['/health', null], ['/api/sites/%00', server.administrator]] as const) {
      const { headers, status } = await server.fetch(path, {}, as), policy = new Map((headers.get('content-security-policy') ?? '').split(';').map((part) => { const [name = '', ...values] = part.trim().split(' '); return [name, values] as const; }));
      const of = (name: string) => [path, status, name, policy.get(name)?.join(' ')];
      expect(of('script-src')).toEqual([path, status, 'script-src', "'self'"]);
      expect(of('default-src')).toEqual([path, status, 'default-src', "'self'"]);
      for (const name of ['object-src', 'base-uri', 'frame-ancestors']) expect(of(name)).toEqual([path, status, name, "'none'"]);
      for (const [name, values] of policy) for (const value of values) if (value !== "'unsafe-inline'" || name !== 'style-src') expect([path, name, value, /unsafe|\*|^https?:/.test(value)]).toEqual([path, name, value, false]);
      expect([path, headers.get('x-content-type-options'), headers.get('referrer-policy'), headers.get('cross-origin-opener-policy'), headers.get('cross-origin-resource-policy')]).toEqual([path, 'nosniff', 'no-referrer', 'same-origin', 'same-origin']);
      expect([path, headers.get('permissions-policy')?.includes('microphone=()')]).toEqual([path, true]);
      for (const name of ['server', 'x-powered-by', 'access-control-allow-origin', 'x-aspnet-version']) expect([path, name, headers.get(name)]).toEqual([path, name, null]);
      if (path.startsWith('/api/')) expect([path, headers.get('cache-control')?.includes('no-store') ?? status === 200]).toEqual([path, true]);
    }
    const page = await (await server.fetch('/', {}, null)).text();
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|\son\w+=|javascript:/i);
  });
});

describe('floods', () => {
  let server: ServerForTest | null = null;
  afterEach(async () => { await server?.close(); server = null; });

  test('HO6 too many requests of one account or one address are told to wait, and others are served', async () => {
    server = await serverForTest({ requestsPerAccountPerMinute: 60, requestsPerAddressPerMinute: 400 });
    const other = await server.signedInAs({}), me = await server.signedInAs({});
    const answers: number[] = [];
    for (let number = 0; number < 50; number++) answers.push((await server.send('GET', '/api/kinds', undefined, { as: me })).status);
    expect(answers.slice(0, 25).every((status) => status === 200)).toBe(true);
    const refused = await server.send('GET', '/api/kinds', undefined, { as: me });
    expect([refused.status, refused.body.code, Number(refused.headers.get('retry-after'))]).toEqual([429, 'tooFast', expect.any(Number)]);
    expect((await server.send('GET', '/api/kinds', undefined, { as: other })).status).toBe(200);
    for (let number = 0; number < 220; number++) await server.send('GET', '/api/session', undefined, { as: null });
    expect((await server.send('GET', '/api/kinds', undefined, { as: other })).body.code).toBe('tooFast');
    // Who watches over the server is not told that it is ill.
    expect((await server.send('GET', '/health', undefined, { as: null })).status).toBe(200);
  }, 60_000);

  test('HO7 buckets fill again, forget the quietest of too many, and clocks that go back give nothing away', () => {
    const buckets = openBuckets(120);
    let taken = 0;
    while (buckets.take('a', 1000) === 0) taken++;
    expect(taken).toBe(60);
    expect(buckets.take('a', 500)).toBeGreaterThan(0);
    expect(buckets.take('b', 1000)).toBe(0);
    expect(buckets.take('a', 3000)).toBe(0); // 1 a second
    for (let number = 0; number < 50_000; number++) buckets.take(`x${number}`, 4000);
    expect(buckets.take('a', 4000)).toBe(0); // forgotten: begins anew
  });

  test('HO8 a line that sends its head by the drop, or none, or an endless one is closed; too many lines of one address are not taken', async () => {
    server = await serverForTest({ screensPerAddressMost: 5 });
    const port = Number(new URL(server.address).port);
    const drip = lineTo(port), silent = lineTo(port), endless = lineTo(port), many = lineTo(port);
    drip.socket.write('GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n');
    const dripping = setInterval(() => { drip.socket.write('x-a: b\r\n'); }, 500);
    endless.socket.write(`GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ${'a'.repeat(40_000)}\r\n\r\n`);
    many.socket.write(`GET /health HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${Array.from({ length: 500 }, (_, at) => `x-${at}: b\r\n`).join('')}\r\n`);
    await until('the endless head ends', () => endless.closed() || /^HTTP\/1.1 4\d\d/.test(endless.heard()), 5000);
    await until('the drip ends', () => drip.closed(), 25_000);
    clearInterval(dripping);
    await until('the silent one ends', () => silent.closed(), 20_000);
    expect((await server.send('GET', '/health', undefined, { as: null })).status).toBe(200);
    many.socket.destroy();
    const lines = Array.from({ length: 260 }, () => lineTo(port));
    await wait(1000);
    const open = lines.filter((line) => !line.closed()).length;
    expect(open).toBeGreaterThan(150);
    expect(open).toBeLessThanOrEqual(206);
    for (const line of lines) line.socket.destroy();
  }, 60_000);

  test('HO9 JSON that is nested without end, or that reaches for a prototype, is refused by name', async () => {
    server = await serverForTest();
    for (const [body, wanted] of [['['.repeat(200_000), 400], [`{"name":${'['.repeat(60)}1${']'.repeat(60)}}`, 400], ['{"__proto__":{"all":true}}', 400], ['{"constructor":{"prototype":{}}}', 400], ['{"name":', 400], ['', 400], [`"${'a'.repeat(300_000)}"`, 413]] as const) {
      const answer = await server.send('POST', '/api/sites', body);
      expect([body.slice(0, 20), answer.status, answer.body.code]).toEqual([body.slice(0, 20), wanted, 'inputWrong']);
    }
    expect(({} as { all?: unknown }).all).toBeUndefined();
    expect((await server.send('POST', '/api/sites', '{"name":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[","origin":{"lng":1,"lat":1},"grid":{"cellM":1,"columns":10,"rows":10}}')).status).toBe(201);
  });

  test('HO10 a screen that floods, sends what is too large, or no message of ours does not hold up the others', async () => {
    server = await serverForTest();
    const good = await server.screen(), bad = new WebSocket(`${server.address.replace('http', 'ws')}/live?after=0`, { origin: server.address, headers: { cookie: server.administrator.cookie } });
    await new Promise((done) => { bad.once('open', done); });
    bad.on('error', () => {});
    for (let number = 0; number < 20_000 && bad.readyState === WebSocket.OPEN; number++) bad.send(number % 2 === 0 ? '{"type":"x"}' : Buffer.alloc(100, number));
    const large = new WebSocket(`${server.address.replace('http', 'ws')}/live?after=0`, { origin: server.address, headers: { cookie: server.administrator.cookie } });
    await new Promise((done) => { large.once('open', done); });
    large.on('error', () => {});
    const closed = new Promise<number>((done) => { large.once('close', done); });
    large.send('x'.repeat(1_000_000));
    expect([1009, 1006]).toContain(await closed);
    const before = good.messages.length;
    await server.store.addSite({ name: 'New', origin: { lng: 1, lat: 1 }, grid: { cellM: 1, columns: 10, rows: 10 }, demo: false });
    await until('the good screen hears on', () => good.messages.length > before, 10_000);
    bad.terminate();
  }, 40_000);

  test('HO11 no path that a client can write reaches a file outside of the page', async () => {
    server = await serverForTest();
    const port = Number(new URL(server.address).port), marks = [readFileSync('package.json', 'utf8').slice(0, 40), 'root:x:0:'];
    for (const path of ['/../package.json', '/..%2fpackage.json', '/assets/../../../package.json', '/assets/..%2f..%2f..%2fpackage.json', '/%2e%2e/%2e%2e/package.json', '//etc/passwd', '/..%5c..%5cpackage.json', '/assets/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd', '/basemap/..%2f..%2fsecret.key', '/basemap/%2e%2e%2fsecret.key', '/basemap/....pmtiles', '/assets/%00', '/%c0%ae%c0%ae/package.json']) {
      const line = lineTo(port);
      line.socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: ${server.administrator.cookie}\r\nConnection: close\r\n\r\n`);
      await until(path, () => line.closed(), 10_000);
      for (const mark of marks) expect([path, line.heard().includes(mark)]).toEqual([path, false]);
      expect([path, /^HTTP\/1\.1 (2|3|4)\d\d/.test(line.heard())]).toEqual([path, true]);
    }
  }, 40_000);
});

function lineTo(port: number) {
  let heard = '', closed = false;
  const socket = net.connect(port, '127.0.0.1');
  socket.on('data', (bytes) => { heard += bytes.toString('latin1'); }).on('close', () => { closed = true; }).on('error', () => {});
  return { socket, heard: () => heard, closed: () => closed };
}

/** A PNG (RFC 2083) whose rows are all the same, so that its deflated data stay small however many there are; only the head says how many. */
function pngOf(width: number, height: number): Buffer {
  const chunk = (name: string, data: Buffer) => { const head = Buffer.alloc(8); head.writeUInt32BE(data.length); head.write(name, 4, 'latin1'); const crc = Buffer.alloc(4); crc.writeUInt32BE(crc32(Buffer.concat([head.subarray(4), data]))); return Buffer.concat([head, data, crc]); };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width); header.writeUInt32BE(height, 4); header.set([1, 0, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.alloc(6_000_000))), chunk('IEND', Buffer.alloc(0))]);
}
function crc32(bytes: Buffer): number {
  let crc = ~0;
  for (const byte of bytes) { crc ^= byte; for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >>> 1 ^ 0xedb88320 : crc >>> 1; }
  return ~crc >>> 0;
}

async function bytesOf(server: ServerForTest, sha256: string): Promise<Uint8Array> {
  const reported = await server.send('POST', '/api/incidents', { commandId: `p-${sha256.slice(0, 20)}`, category: 'fire', severity: 'minor', title: 'Picture', words: '', point: { lng: 1, lat: 1 }, attachments: [sha256] });
  return (await server.store.attachment(sha256, reported.body.incidentId))!.bytes;
}
