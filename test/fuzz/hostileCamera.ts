// A camera that lies: an RTSP server over real TCP that answers with a real stream (packets of H.264 as RFC 6184 cuts them, out of a video file), some of it changed by chance.
import net from 'node:net';
import { FormatContext, Packet } from 'node-av/lib';
import * as C from 'node-av/constants';
import type { Chance } from './chances.ts';

export type Footage = { sps: Buffer; pps: Buffer; units: { bytes: Buffer; ticks: number; last: boolean }[] };
const CLOCK = 90_000;

/** The first frames of an MP4 with H.264, cut into NAL units. */
export async function footageOf(path: string, framesMost: number): Promise<Footage> {
  const context = new FormatContext();
  context.allocContext();
  if (await context.openInput(path, null, null) < 0) throw new Error(`cannot open ${path}`);
  await context.findStreamInfo(null);
  const index = context.findBestStream(C.AVMEDIA_TYPE_VIDEO), stream = context.streams[index]!, extra = stream.codecpar.extradata!;
  // avcC (ISO 14496-15, 5.3.3.1): one set of parameters each, lengths of 4 bytes.
  const spsLength = extra.readUInt16BE(6), sps = Buffer.from(extra.subarray(8, 8 + spsLength)), ppsAt = 8 + spsLength + 1, pps = Buffer.from(extra.subarray(ppsAt + 2, ppsAt + 2 + extra.readUInt16BE(ppsAt)));
  const units: Footage['units'] = [], packet = new Packet();
  packet.alloc();
  for (let frame = 0; frame < framesMost;) {
    if (await context.readFrame(packet) < 0) break;
    if (packet.streamIndex === index && packet.data !== null) {
      const data = packet.data, ticks = Math.round(frame * CLOCK / 25);
      for (let at = 0; at + 4 < data.length;) { const length = data.readUInt32BE(at); units.push({ bytes: Buffer.from(data.subarray(at + 4, at + 4 + length)), ticks, last: at + 4 + length >= data.length }); at += 4 + length; }
      frame++;
    }
    packet.unref();
  }
  packet.free();
  await context.closeInput();
  return { sps, pps, units };
}

export const WAYS = ['honest', 'sdp', 'answers', 'head', 'rtp', 'nal', 'parameters', 'bytes', 'flood', 'redirect', 'silence', 'huge'] as const;
export type Way = (typeof WAYS)[number];

/** `opened` counts lines; each speaks in the way that `next` says. */
export async function hostileCamera({ footage, chance, next }: { footage: Footage; chance: Chance; next: () => Way }) {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    const way = next();
    let waiting = '', playing: NodeJS.Timeout | undefined;
    socket.on('close', () => clearInterval(playing));
    const send = (bytes: Buffer | string) => {
      if (socket.destroyed) return;
      const whole = Buffer.from(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
      socket.write(way === 'bytes' ? mutated(whole, chance, 0.02) : whole);
    };
    socket.on('data', (data) => {
      waiting += data.toString('latin1');
      for (;;) {
        if (waiting.startsWith('$')) { const length = waiting.length >= 4 ? waiting.charCodeAt(2) << 8 | waiting.charCodeAt(3) : Infinity; if (waiting.length < 4 + length) return; waiting = waiting.slice(4 + length); continue; }
        const end = waiting.indexOf('\r\n\r\n');
        if (end < 0) { if (waiting.length > 100_000) waiting = ''; return; }
        const request = waiting.slice(0, end), [method = ''] = request.split(' '), cseq = /cseq: *(\d+)/i.exec(request)?.[1] ?? '1';
        waiting = waiting.slice(end + 4);
        if (way === 'silence' && chance.yes(0.5)) return;
        send(answerTo(method, cseq, way, footage, chance));
        if (method === 'PLAY') playing ??= play(send, footage, way, chance);
      }
    });
    if (way === 'flood') { const flood = setInterval(() => { for (let times = 0; times < 50 && !socket.destroyed && socket.writableLength < 1e6; times++) send(chance.one(['RTSP/1.0 200 OK\r\n\r\n', '$\u0000\u0000\u0004abcd', 'OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n', '\r\n\r\n', 'A'.repeat(500)])); }, 20); socket.on('close', () => clearInterval(flood)); }
  });
  await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
  return {
    port: (server.address() as net.AddressInfo).port,
    close: () => new Promise<void>((done) => { for (const socket of sockets) socket.destroy(); server.close(() => done()); }),
  };
}

function answerTo(method: string, cseq: string, way: Way, footage: Footage, chance: Chance): string | Buffer {
  const head = (lines: string[], body = '') => `RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\n${lines.join('\r\n')}${lines.length > 0 ? '\r\n' : ''}${body === '' ? '' : `Content-Length: ${body.length}\r\n`}\r\n${body}`;
  const words = (() => {
    switch (method) {
      case 'OPTIONS': return head(['Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER']);
      case 'DESCRIBE': return head(['Content-Type: application/sdp'], way === 'sdp' ? mutatedWords(sdpOf(footage), chance) : way === 'parameters' ? sdpOf({ ...footage, sps: mutated(footage.sps, chance, 0.1), pps: mutated(footage.pps, chance, 0.1) }) : sdpOf(footage));
      case 'SETUP': return head(['Transport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=00000001', 'Session: 1;timeout=60']);
      default: return head(['Session: 1']);
    }
  })();
  switch (way) {
    case 'answers': return mutatedWords(words, chance);
    case 'head': return chance.one([words.replace('200 OK', chance.one(['401 Unauthorized\r\nWWW-Authenticate: Digest realm="a", nonce="b"', '999999999999', '-1', '', '454 Session', '461 Unsupported'])), words.replace(/\r\n\r\n/, `\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`), words.replace(/Content-Length: \d+/, `Content-Length: ${chance.one(['-1', '99999999999', '1', '0', '2147483647', '4294967296'])}`), `${words.slice(0, chance.below(words.length))}`]);
    case 'huge': return chance.one([`RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\nContent-Length: 200000\r\n\r\n${'a=b\r\n'.repeat(40_000)}`, `RTSP/1.0 200 OK\r\n${'X-A: b\r\n'.repeat(20_000)}\r\n`, 'R'.repeat(300_000)]);
    case 'redirect': return chance.one([`RTSP/1.0 302 Moved\r\nCSeq: ${cseq}\r\nLocation: rtsp://127.0.0.1:1/x\r\n\r\n`, `RTSP/1.0 301 Moved\nCSeq: ${cseq}\nLocation: rtsp://169.254.169.254/\n\n`]);
    default: return words;
  }
}

function sdpOf({ sps, pps }: Footage): string {
  return ['v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=camera', 'c=IN IP4 0.0.0.0', 't=0 0', 'a=control:*', 'm=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/90000', `a=fmtp:96 packetization-mode=1;profile-level-id=${sps.subarray(1, 4).toString('hex')};sprop-parameter-sets=${sps.toString('base64')},${pps.toString('base64')}`, 'a=control:track1', ''].join('\r\n');
}

/** As fast as it is read, not in real time: more is tried in a second. */
function play(send: (bytes: Buffer) => void, { sps, pps, units }: Footage, way: Way, chance: Chance): NodeJS.Timeout {
  let sequence = 1, at = 0;
  const packet = (payload: Buffer, ticks: number, marker: boolean) => {
    const head = Buffer.alloc(12);
    head[0] = 0x80; head[1] = (marker ? 0x80 : 0) | 96;
    head.writeUInt16BE(sequence++ & 0xffff, 2); head.writeUInt32BE(ticks >>> 0, 4); head.writeUInt32BE(1, 8);
    let rtp: Buffer = Buffer.concat([head, payload]);
    if (way === 'rtp') rtp = chance.yes(0.3) ? mutated(rtp, chance, 0.03) : chance.yes(0.05) ? rtp.subarray(0, chance.below(rtp.length)) : chance.yes(0.05) ? Buffer.concat([rtp.subarray(0, 12), Buffer.from([chance.below(256), chance.below(256)]), rtp.subarray(12)]) : rtp;
    const frame = Buffer.alloc(4);
    frame[0] = 0x24; frame[1] = way === 'rtp' && chance.yes(0.02) ? chance.below(256) : 0; frame.writeUInt16BE(way === 'rtp' && chance.yes(0.01) ? chance.below(65_536) : rtp.length, 2);
    send(Buffer.concat([frame, rtp]));
  };
  return setInterval(() => {
    for (let times = 0; times < 6; times++) {
      const unit = units[at++ % units.length]!;
      const bytes = way === 'nal' ? mutated(unit.bytes, chance, chance.one([0.0005, 0.005, 0.05])) : unit.bytes;
      if (at % 40 === 1) { packet(way === 'parameters' ? mutated(sps, chance, 0.1) : sps, unit.ticks, false); packet(way === 'parameters' ? mutated(pps, chance, 0.1) : pps, unit.ticks, false); }
      if (bytes.length <= 1400) { packet(bytes, unit.ticks, unit.last); continue; }
      // FU-A (RFC 6184, 5.8).
      for (let from = 1; from < bytes.length; from += 1398) packet(Buffer.concat([Buffer.from([(bytes[0]! & 0xe0) | 28, (from === 1 ? 0x80 : 0) | (from + 1398 >= bytes.length ? 0x40 : 0) | (bytes[0]! & 0x1f)]), bytes.subarray(from, from + 1398)]), unit.ticks, unit.last && from + 1398 >= bytes.length);
    }
  }, 10);
}

function mutated(bytes: Buffer, chance: Chance, share: number): Buffer {
  const copy = Buffer.from(bytes);
  for (let times = 1 + Math.floor(copy.length * share * chance.random()); times > 0 && copy.length > 0; times--) copy[chance.below(copy.length)] = chance.yes(0.3) ? chance.one([0, 255, 0x24, 0x0a, 127, 128]) : chance.below(256);
  return copy;
}
const PIECES = ['\r\n', '\n', '\u0000', '-1', '4294967296', '99999999999999999999', 'm=video 0 RTP/AVP 96\r\n', 'm=audio 0 RTP/AVP 0\r\n', 'a=rtpmap:96 H265/90000\r\n', 'a=rtpmap:97 MPEG4-GENERIC/1/0\r\n', 'a=control:rtsp://169.254.169.254/x\r\n', 'c=IN IP4 239.255.0.1/127\r\n', ';', '=', ',', '%s%n', '%', 'a'.repeat(3000), 'sprop-parameter-sets=', 'config=', 'a=fmtp:96 ', 'Transport: RTP/AVP;multicast;destination=239.0.0.1;port=5000-5001\r\n', 'Session: ;timeout=-5\r\n', 'RTP-Info: url=;seq=-1;rtptime=-1\r\n', 'a=range:npt=0-\r\n', 'Content-Base: rtsp://127.0.0.1:1/\r\n', '$\u0000\u00ff\u00ff'];
function mutatedWords(words: string, chance: Chance): string {
  let changed = words;
  for (let times = 1 + chance.below(6); times > 0; times--) {
    const at = chance.below(changed.length + 1);
    switch (chance.below(4)) {
      case 0: changed = changed.slice(0, at) + chance.one(PIECES) + changed.slice(at); break;
      case 1: changed = changed.slice(0, at) + changed.slice(at + chance.below(40)); break;
      case 2: { const lines = changed.split('\r\n'), from = chance.below(lines.length); lines.splice(from, 1, ...(chance.yes(0.5) ? [lines[from]!, lines[from]!] : [])); changed = lines.join('\r\n'); break; }
      default: changed = changed.slice(0, at) + String.fromCharCode(chance.below(256)) + changed.slice(at + 1);
    }
  }
  return changed;
}
