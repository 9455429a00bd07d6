// Where cameras and channels may be: rules AD of docs/SPEC.md. The name server is a real one of our own (UDP on loopback) where a name must change between two looks.
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Problem } from '../../contract/problem.ts';
import { cameraNetwork, channelNetwork, networkOf, type Network, type Resolve } from '../../config/network.ts';
import { post } from '../../worker/deliver/post.ts';

const closers: (() => Promise<unknown> | void)[] = [];
afterEach(async () => { for (const close of closers.splice(0).reverse()) await close(); });

const why = (network: Network, host: string, port: number | null = null): string | null => { try { network.look(host, port); return null; } catch (error) { return error instanceof Problem ? String(error.note.values['reason']) : String(error); } };
const codeOf = async (work: Promise<unknown>): Promise<string> => { try { await work; return 'none'; } catch (error) { return error instanceof Problem ? error.note.code : String((error as { code?: unknown }).code); } };

test('AD1 what is refused unless it is allowed by name: this machine, link-local, the inner network for channels, the internet where it is not listed', () => {
  const cameras = cameraNetwork(['private', 'public']), channels = channelNetwork(['public']);
  for (const host of ['192.168.1.20', '10.0.0.1', '172.16.5.5', '100.64.0.9', 'fd12:3456::1', '8.8.8.8', '2001:4860:4860::8888', 'camera.example', '[fd12::1]']) expect([host, why(cameras, host)]).toEqual([host, null]);
  const never = ['127.0.0.1', '127.9.9.9', '::1', '[::1]', '::ffff:127.0.0.1', '::127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::', '169.254.10.10', 'fe80::1', 'fe80::1%eth0', 'localhost', 'x.localhost', 'LOCALHOST.', '0.0.0.0', '::', '255.255.255.255', '224.0.0.1', 'ff02::1', '198.18.0.1', '240.0.0.1', '2001:0:4136:e378::1', 'fec0::1'];
  for (const host of never) { expect([host, why(cameras, host)]).toEqual([host, expect.any(String)]); expect([host, why(channels, host)]).toEqual([host, expect.any(String)]); }
  for (const host of ['192.168.1.20', '10.0.0.1', '100.64.0.9', 'fd12::1', '::ffff:10.0.0.1', '64:ff9b::a00:1']) expect([host, why(channels, host)]).toEqual([host, expect.any(String)]);
  expect(why(cameraNetwork(['private']), '8.8.8.8')).toMatch(/internet/);
});

test('AD2 what a cloud hands out passwords at is refused in every kind of network, and allowed only when it is listed by itself', () => {
  const wide = networkOf({ allowed: ['public', 'private', 'loopback', 'linkLocal', '169.254.0.0/16', '0.0.0.0/0', '::/0'], setting: 'cameraNetworks' });
  for (const host of ['169.254.169.254', '::ffff:169.254.169.254', '64:ff9b::a9fe:a9fe', '2002:a9fe:a9fe::', '100.100.100.200', '192.0.0.192', '168.63.129.16', 'fd00:ec2::254', '169.254.170.2']) expect([host, why(wide, host)]).toEqual([host, expect.stringContaining('passwords')]);
  expect(why(wide, '169.254.1.1')).toBe(null);
  expect(why(networkOf({ allowed: ['169.254.169.254'], setting: 'cameraNetworks' }), '169.254.169.254')).toBe(null);
  for (const host of ['0.0.0.0', '224.0.0.1', '255.255.255.255', '::', 'ff02::1']) expect([host, why(wide, host)]).toEqual([host, expect.any(String)]);
});

test('AD3 numbers that are an address to some programs only are refused as they are typed', () => {
  const wide = cameraNetwork(['public', 'private', 'loopback']);
  for (const host of ['2130706433', '0x7f000001', '0x7f.1', '017700000001', '0177.0.0.1', '127.1', '127.0.1', '0', '10.0.0', '1.2.3.4.5', '256.1.1.1', '0x']) expect([host, why(wide, host)]).toEqual([host, expect.any(String)]);
  for (const host of ['camera1', '1camera', 'a.1', 'deadbeef', 'cam-3.example']) expect([host, why(wide, host)]).toEqual([host, null]);
});

test('AD4 single addresses and networks open exactly themselves, and a list that cannot be read stops the start', () => {
  const listed = networkOf({ allowed: ['10.1.0.0/16', '192.168.7.7', 'fd00:1::/64'], setting: 'channelNetworks' });
  for (const host of ['10.1.2.3', '192.168.7.7', 'fd00:1::9', '::ffff:10.1.2.3']) expect([host, why(listed, host)]).toEqual([host, null]);
  for (const host of ['10.2.0.1', '192.168.7.8', 'fd00:2::9', '8.8.8.8']) expect([host, why(listed, host)]).toEqual([host, expect.any(String)]);
  for (const wrong of ['privat', '10.1.0.0/33', '10.1.0.0/', 'https://a', '']) expect(() => networkOf({ allowed: [wrong], setting: 'cameraNetworks' })).toThrow(Problem);
});

test('AD5 doors of databases, shells and directories are no cameras and no gateways', () => {
  for (const port of [22, 23, 25 - 2, 389, 445, 2375, 3306, 3389, 5432, 6379, 9200, 11211, 27017]) expect([port, why(cameraNetwork(['private']), '10.0.0.1', port)]).toEqual([port, expect.any(String)]);
  for (const port of [80, 443, 554, 322, 8554, 10554, 37777, 8080, null]) expect([port, why(cameraNetwork(['private']), '10.0.0.1', port)]).toEqual([port, null]);
  for (const port of [25, 465, 587, 1883, 8883, 443]) expect([port, why(channelNetwork(['private']), '10.0.0.1', port)]).toEqual([port, null]);
});

test('AD6 a name is looked up once for each line, what it stands for is checked, and the line goes to that address: rebinding reaches nothing', async () => {
  const inside = await receiver();
  // Says a public address first, this machine from then on, as an attacker's name server would (time to live 0).
  const names = await nameServer((asked) => (asked === 1 ? '93.184.215.14' : '127.0.0.1'));
  const resolver = new Resolver({ timeout: 1000, tries: 1 });
  resolver.setServers([`127.0.0.1:${names.port}`]);
  const resolve: Resolve = async (name) => (await resolver.resolve4(name)).map((address) => ({ address, family: 4 }));
  const network = channelNetwork(['public'], resolve);
  expect(await network.addressOf('rebind.example', 80)).toEqual({ address: '93.184.215.14', family: 4 });
  expect(await codeOf(network.addressOf('rebind.example', 80))).toBe('addressRefused');
  const posted = await post({ url: `http://rebind.example:${inside.port}/in`, headers: {}, body: 'x', signal: new AbortController().signal, network });
  expect(posted).toEqual({ outcome: 'refused', detail: expect.stringContaining('this machine itself') });
  expect(inside.heard).toEqual([]);
  expect(names.asked()).toBe(3);
  // The other way: allowed, it hears its own name at the address that was looked up, and the name is not asked for again.
  const open = channelNetwork(['loopback'], resolve);
  expect(await post({ url: `http://rebind.example:${inside.port}/in?a=1`, headers: { 'x-a': 'b' }, body: 'x', signal: new AbortController().signal, network: open })).toMatchObject({ status: 200, body: 'taken' });
  expect(inside.heard).toEqual([`POST /in?a=1 rebind.example:${inside.port} x`]);
  expect(names.asked()).toBe(4);
});

test('AD7 of a name with several addresses only one that is allowed is taken; one whose all are not is refused; one that nobody knows is told apart', async () => {
  const resolve: Resolve = async (name) => {
    if (name === 'mixed.example') return [{ address: '127.0.0.1', family: 4 }, { address: '::1', family: 6 }, { address: '10.0.0.5', family: 4 }];
    if (name === 'inner.example') return [{ address: '::ffff:169.254.169.254', family: 6 }];
    throw Object.assign(new Error('none'), { code: 'ENOTFOUND' });
  };
  const network = cameraNetwork(['private'], resolve);
  expect(await network.addressOf('mixed.example', 554)).toEqual({ address: '10.0.0.5', family: 4 });
  expect(await codeOf(network.addressOf('inner.example', 554))).toBe('addressRefused');
  expect(await codeOf(network.addressOf('nobody.example', 554))).toBe('ENOTFOUND');
  expect(await codeOf(cameraNetwork(['loopback']).addressOf('localhost', 554))).toBe('none');
});

test('AD8 an answer that points elsewhere is not followed, wherever it points', async () => {
  const inside = await receiver(), pointing = await receiver(302, `http://127.0.0.1:${inside.port}/in`);
  const result = await post({ url: `http://127.0.0.1:${pointing.port}/`, headers: {}, body: 'x', signal: new AbortController().signal, network: channelNetwork(['loopback']) });
  expect(result).toMatchObject({ status: 302 });
  expect(inside.heard).toEqual([]);
});

async function receiver(status = 200, location = '') {
  const heard: string[] = [];
  const server: Server = createServer((request, answer) => {
    let body = '';
    request.on('data', (part: Buffer) => { body += part.toString(); }).on('end', () => { heard.push(`${request.method} ${request.url} ${request.headers.host} ${body}`); answer.writeHead(status, location === '' ? {} : { location }).end('taken'); });
  });
  await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
  closers.push(() => new Promise<void>((done) => { server.closeAllConnections(); server.close(() => done()); }));
  return { heard, port: (server.address() as AddressInfo).port };
}

/** Answers every question for an A record (RFC 1035, sections 4.1 and 4.2). */
async function nameServer(answer: (asked: number) => string) {
  let asked = 0;
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    asked++;
    let end = 12;
    while (question[end] !== 0) end += question[end]! + 1;
    end += 5;
    const head = Buffer.from(question.subarray(0, 12));
    head.writeUInt16BE(0x8180, 2); head.writeUInt16BE(1, 4); head.writeUInt16BE(1, 6); head.writeUInt16BE(0, 8); head.writeUInt16BE(0, 10);
    socket.send(Buffer.concat([head, question.subarray(12, end), Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]), Buffer.from(answer(asked).split('.').map(Number))]), from.port, from.address);
  });
  await new Promise<void>((done) => { socket.bind(0, '127.0.0.1', done); });
  closers.push(() => new Promise<void>((done) => { socket.close(() => done()); }));
  return { port: socket.address().port, asked: () => asked };
}
