// Cameras that lie, and a media host that somebody broke into. Rules MH of docs/SPEC.md.
import { existsSync, readFileSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Problem } from '../../contract/problem.ts';
import { DEFAULT_MODEL_CARD } from '../../config/modelCard.ts';
import { mediaHostUser, startHostProcess, type RunAs } from '../../worker/mediaHost/hostProcess.ts';
import type { FromHost, ToHost } from '../../worker/mediaHost/messages.ts';
import { answerReader } from '../../worker/mediaHost/rtspLine.ts';
import { isSaneMessage } from '../../worker/mediaHost/saneMessage.ts';
import { chanceOf } from '../fuzz/chances.ts';
import { fuzzMedia } from '../fuzz/mediaFuzz.ts';
import { sharedData } from '../support/tools.ts';
import { until } from './support.ts';

/** npm run security gives more time. */
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000), forS = Number(process.env['FUZZ_FOR_S'] ?? 60), inputsMost = process.env['FUZZ_FOR_S'] === undefined ? 30 : 1_000_000;
const video = sharedData('video', 'high_street_1280x720_314f.mp4');
const closers: (() => Promise<unknown> | void)[] = [];
afterEach(async () => { for (const close of closers.splice(0).reverse()) await close(); });

function hostFor({ networks = ['loopback'], runAs = null }: { networks?: string[]; runAs?: RunAs | null } = {}) {
  const said: FromHost[] = [];
  const host = startHostProcess({ modelCard: DEFAULT_MODEL_CARD, cameraNetworks: networks, streamsMost: 2, runAs, onMessage: (message) => { if (message.type !== 'beat') said.push(message); } });
  closers.push(() => host.end(1000));
  const test = async (url: string, transport: 'tcp' | 'udp' = 'tcp'): Promise<FromHost> => {
    const testId = String(said.length) + url;
    host.send({ type: 'test', testId, source: { url, transport, loop: false }, masks: [], withinMs: 4000 } satisfies ToHost);
    const isIt = (message: FromHost) => (message.type === 'tested' || message.type === 'testFailed') && message.testId === testId;
    await until(() => said.some(isIt), 30_000);
    return said.find(isIt)!;
  };
  return { host, said, test };
}
const codeOf = (said: FromHost) => (said.type === 'testFailed' ? said.problem.code : said.type);

describe('a camera that lies', () => {
  test.skipIf(video === null)('MH1 lies in RTSP, SDP, RTP and H.264: the media host may die and comes back; an honest camera is seen before, between and after', async () => {
    console.log(`fuzz of cameras: seed ${seed}`);
    const figures = await fuzzMedia({ video: video!, seed, inputsMost, untilMs: Date.now() + forS * 1000 });
    console.log(JSON.stringify({ fuzz: 'cameras', fuzzSeed: seed, fuzzInputs: figures.inputs, fuzzCrashes: figures.crashes.length, hostDeaths: figures.hostDeaths, pictures: figures.pictures, outcomes: figures.outcomes }));
    expect(figures.crashes).toEqual([]);
    expect(figures.pictures).toBeGreaterThan(1);
  }, forS * 1000 + 90_000);

  test('MH2 a camera that points elsewhere: nobody is spoken to there, by answer, by "source" or by "destination"', async () => {
    let visits = 0;
    const trap = net.createServer((socket) => { visits++; socket.destroy(); });
    await new Promise<void>((done) => { trap.listen(0, '127.0.0.1', done); });
    closers.push(() => new Promise<void>((done) => { trap.close(() => done()); }));
    const trapPort = (trap.address() as net.AddressInfo).port;
    const { test: tried } = hostFor();
    for (const end of ['\r\n', '\n']) {
      const camera = await answering((cseq) => [`RTSP/1.0 302 Moved`, `CSeq: ${cseq}`, `Location: rtsp://127.0.0.1:${trapPort}/inner`, '', ''].join(end));
      expect(codeOf(await tried(`rtsp://127.0.0.1:${camera}/s`))).toBe('addressRefused');
    }
    expect(visits).toBe(0);
  }, 60_000);

  test('MH3 where no camera may be none is opened: by number, by name, and by every other way to write it', async () => {
    let visits = 0;
    const server = net.createServer((socket) => { visits++; socket.destroy(); });
    await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
    closers.push(() => new Promise<void>((done) => { server.close(() => done()); }));
    const { port } = server.address() as net.AddressInfo, { test: tried } = hostFor({ networks: ['private', 'public'] });
    for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '127.1', '[::ffff:127.0.0.1]', '[::1]', '0.0.0.0', '169.254.169.254']) for (const scheme of ['rtsp', 'rtsps']) expect([host, codeOf(await tried(`${scheme}://${host}:${port}/s`))]).toEqual([host, 'addressRefused']);
    expect(visits).toBe(0);
  }, 60_000);

  test('MH4 what FFmpeg would read as an answer is read as one here: bare line ends, packets between lines, bytes one by one', () => {
    const read = (bytes: string, sizes: () => number): { passed: string; stopped: string | null } => {
      let passed = '', stopped: string | null = null;
      const reader = answerReader({ cameraAddress: '10.0.0.9', stop: (why) => { stopped = why.note.code; }, pass: (part) => { passed += Buffer.from(part).toString('latin1'); } });
      for (let at = 0; at < bytes.length;) { const size = sizes(); reader(Buffer.from(bytes.slice(at, at + size), 'latin1')); at += size; }
      return { passed, stopped };
    };
    const ok = 'RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 12\r\n\r\nRTSP/1.0 302', packet = '$\u0000\u0000\u0008RTSP/1.0';
    for (const sizes of [() => 1, () => 7, () => 1e6]) {
      expect(read(ok + packet + ok, sizes)).toEqual({ passed: ok + packet + ok, stopped: null });
      expect(read('RTSP/1.0 200 OK\r\nTransport: RTP/AVP;unicast;source=127.0.0.1;destination=1.2.3.4;server_port=5-6\r\n\r\n', sizes)).toEqual({ passed: 'RTSP/1.0 200 OK\r\nTransport: RTP/AVP;unicast;server_port=5-6;source=10.0.0.9\r\n\r\n', stopped: null });
      for (const bad of ['RTSP/1.0 302 Moved\r\nLocation: rtsp://a/\r\n\r\n', 'RTSP/1.0 301 x\n\n', '\r\nRTSP/1.1  305 x\r\n\r\n', `${ok}${packet}RTSP/1.0 303 x\n`, 'RTSP/1.0 200 OK\r\nlocation : rtsp://a/\r\n\r\n', `${packet}\rRTSP/1.0 307 x\n`, 'RTSP/1.0 200 OK\r\nLoc\ration: rtsp://a/\r\n\r\n']) {
        const { passed, stopped } = read(bad, sizes);
        expect([bad, stopped, /30\d|ocation/.test(passed.replaceAll(ok, ''))]).toEqual([bad, 'addressRefused', false]);
      }
      expect(read(`RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n`, sizes).stopped).toBe('notAVideo');
    }
    expect(read('x'.repeat(40_000), () => 999).stopped).toBe('notAVideo');
    expect(read(`RTSP/1.0 200 OK\r\n${'X: y\r\n'.repeat(20_000)}`, () => 999).stopped).toBe('notAVideo');
    // By chance: whatever comes, it never throws and never lets an answer pass that points elsewhere.
    const chance = chanceOf(seed);
    for (let number = 0; number < 3000; number++) {
      let words = '';
      for (let times = 1 + chance.below(12); times > 0; times--) words += chance.one(['RTSP/1.0 200 OK\r\n', 'RTSP/1.0 302 x', '\n', '\r\n', '\r\n\r\n', 'Location: rtsp://trap/\n', 'Content-Length: 5\r\n', 'Content-Length: -5\r\n', '$', '\u0000\u0000\u0003', 'abc', '\u0000', 'Transport: RTP;source=trap\r\n', 'CSeq: 1\r\n', String.fromCharCode(chance.below(256))]);
      const { passed, stopped } = read(words, () => 1 + chance.below(9));
      if (stopped === null) expect([number, words, /(^|\n)\r*location[ \r]*:/i.test(linesAsFfmpeg(passed))]).toEqual([number, words, false]);
    }
  });
});

describe('a media host that somebody broke into', () => {
  test('MH5 knows no secret of ours, holds no file and no line of ours, and tells nobody outside', async () => {
    process.env['MARK_OF_A_SECRET'] = 'geheim-in-the-environment';
    process.env['DATABASE_URL'] = 'postgresql://u:geheim-in-the-url@h/d';
    try {
      const { host, said } = hostFor();
      await until(() => said.some(({ type }) => type === 'ready'), 30_000);
      if (video !== null) {
        host.send({ type: 'open', sessionId: 's', source: { url: `file:${video}`, transport: null, loop: true }, countsPerS: 2, analysisPixelsMost: 100_000, need: null, masks: null, noProgressMs: 10_000, framesUsed: 'all' });
        await until(() => said.some(({ type }) => type === 'counted'), 40_000);
      }
      if (process.platform !== 'linux') return;
      const names = readFileSync(`/proc/${host.pid}/environ`, 'utf8').split('\0').filter((one) => one !== '').map((one) => one.split('=')[0]!);
      expect(readFileSync(`/proc/${host.pid}/environ`, 'utf8')).not.toMatch(/geheim/);
      expect(names).toContain('ORT_DISABLE_TELEMETRY');
      expect(names.filter((name) => /SECRET|DATABASE|REDIS|KEY|PASSWORD|TOKEN/i.test(name))).toEqual([]);
      expect(readFileSync(`/proc/${host.pid}/cmdline`, 'utf8')).not.toMatch(/geheim/);
      // 0 to 2 are where this run writes its own lines.
      const files = readdirSync(`/proc/${host.pid}/fd`).filter((fd) => Number(fd) > 2).flatMap((fd) => { try { return [readlinkSync(`/proc/${host.pid}/fd/${fd}`)]; } catch { return []; } });
      // The counting library keeps no file of its own about us, and of ours none is open but what it was told to read.
      expect(files.filter((file) => file.startsWith('/') && !file.startsWith('/dev/') && file !== (video === null ? null : realpathSync(video)) && !file.includes('/models/') && !file.includes('/node_modules/'))).toEqual([]);
    } finally { delete process.env['MARK_OF_A_SECRET']; delete process.env['DATABASE_URL']; }
  }, 90_000);

  test('MH6 says what no media host says: it is ended, and nothing of it is used', () => {
    const cells = { columns: 4, rows: 3, cellWidthShare: 0.25, cellHeightShare: 0.33 };
    const counted = { type: 'counted', sessionId: 's', capturedAtMs: 1, heardAtMs: 2, pictureAspect: 1.7, masksVersion: 0, imageCells: cells, peoplePerImageCell: new Float32Array(12), spreadPerImageCell: null, peopleInPicture: 3, motion: null, sight: null };
    expect(isSaneMessage(counted)).toBe(true);
    expect(isSaneMessage({ type: 'ready' })).toBe(true);
    expect(isSaneMessage({ type: 'testFailed', testId: 'a', problem: { code: 'notAVideo', values: {}, detail: null } })).toBe(true);
    let deep: unknown = 1;
    for (let depth = 0; depth < 100; depth++) deep = { deep };
    const loop: Record<string, unknown> = { type: 'ready' };
    loop['self'] = loop;
    for (const wrong of [null, 1, 'ready', {}, { type: 'run' }, { type: 'settings' }, { ...counted, peopleInPicture: NaN }, { ...counted, peopleInPicture: -1 }, { ...counted, peoplePerImageCell: new Float32Array(11) }, { ...counted, peoplePerImageCell: new Float32Array(12).fill(NaN) }, { ...counted, peoplePerImageCell: new Array(12).fill(1) }, { ...counted, imageCells: null }, { ...counted, imageCells: { ...cells, columns: 1e9 } }, { ...counted, imageCells: { ...cells, columns: -4, rows: -3 } }, { ...counted, pictureAspect: 0 }, { ...counted, sessionId: 'x'.repeat(1000) }, { type: 'picture', sessionId: 's', capturedAtMs: 1, masksVersion: 1, unmasked: false, jpeg: Buffer.from('<svg/>') }, { type: 'picture', sessionId: 's' }, { type: 'beat' }, { type: 'beat', rssBytes: 1, messagesDropped: 0, sessions: { a: null }, spentMs: { decode: 0, scale: 0, count: 0, motion: 0 } }, { type: 'ready', deep }, loop, { type: 'ready', more: new Map() }, { type: 'ready', more: 'x'.repeat(1e6) }, { type: 'ended', sessionId: 's' }, { type: 'tested', testId: 't' }]) expect(isSaneMessage(wrong)).toBe(false);
  });

  test('MH7 runs as a user of its own where one is named, and a name that cannot be used stops the start', async () => {
    expect(mediaHostUser('')).toBe(null);
    for (const wrong of ['nobody-of-this-name', 'root', '../etc', 'a b']) expect(() => mediaHostUser(wrong)).toThrow(Problem);
    if (process.getuid?.() !== 0 || process.platform !== 'linux' || !existsSync('/etc/passwd')) return;
    const { host, said, test: tried } = hostFor({ runAs: mediaHostUser('nobody') });
    await until(() => said.some(({ type }) => type === 'ready'), 30_000);
    const status = readFileSync(`/proc/${host.pid}/status`, 'utf8');
    expect(/^Uid:\s+(\d+)\s+(\d+)/m.exec(status)!.slice(1)).toEqual([String(mediaHostUser('nobody')!.uid), String(mediaHostUser('nobody')!.uid)]);
    expect(/^Groups:[ \t]*(.*)$/m.exec(status)![1]!.trim()).toBe('');
    expect(codeOf(await tried('rtsp://127.0.0.1:1/'))).toBe('cameraRefused');
  }, 60_000);

  test('MH8 the counting library is never loaded without being told first to tell nobody', () => {
    const root = join(import.meta.dirname, '../..'), files = ['worker', 'server', 'store', 'bench', 'test', 'models'].flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => join(root, folder, file)));
    const loading = files.filter((file) => /^import (?!type).*from 'onnxruntime-node'/m.test(readFileSync(file, 'utf8')));
    expect(loading.length).toBeGreaterThan(0);
    for (const file of loading) { const words = readFileSync(file, 'utf8'); expect([file, words.indexOf('noTelemetry.ts') > 0 && words.indexOf('noTelemetry.ts') < words.indexOf("'onnxruntime-node'")]).toEqual([file, true]); }
  });
});

/** What FFmpeg takes for lines: \r counts for nothing, packets are passed over. */
function linesAsFfmpeg(bytes: string): string {
  let lines = '', line = '', skip = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (skip > 0) { skip--; continue; }
    const sign = bytes[at]!;
    if (sign === '$' && line === '') { skip = 3 + (bytes.charCodeAt(at + 2) << 8 | bytes.charCodeAt(at + 3)); continue; }
    if (sign === '\n') { lines += `${line}\n`; const length = /^content-length: *(\d+)/i.exec(line); line = ''; if (length !== null) bodyNext = Number(length[1]); if (lines.endsWith('\n\n') || lines === '\n') { skip = bodyNext; bodyNext = 0; } } else if (sign !== '\r') line += sign;
  }
  return lines;
}
let bodyNext = 0;

/** Answers every request with these words, on a port of its own. */
async function answering(words: (cseq: string) => string): Promise<number> {
  const server = net.createServer((socket) => { socket.on('error', () => {}).on('data', (data) => { socket.write(words(/cseq: *(\d+)/i.exec(data.toString('latin1'))?.[1] ?? '1')); }); });
  await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
  closers.push(() => new Promise<void>((done) => { server.close(() => done()); }));
  return (server.address() as net.AddressInfo).port;
}
