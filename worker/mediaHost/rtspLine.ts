// The line to one camera. FFmpeg speaks RTSP to a door of its own on loopback, and what it says goes on to the one address that was checked: whatever the camera answers, FFmpeg opens no other line.
// The camera's answers are read on the way, as FFmpeg reads them (libavformat/rtsp.c: lines end with \n, \r counts for nothing, "$" begins a packet). An answer that points elsewhere ends the line; a "source" of packets is
// always the camera itself; headers and bodies are bounded. TLS is done here, so that the camera hears its own name (SNI) though its address is a number.
import net from 'node:net';
import tls from 'node:tls';
import { Problem } from '../../contract/problem.ts';

export type RtspLine = {
  /** Where FFmpeg opens it. */
  port: number;
  /** Why this file ended the line; null while it did not. */
  problem(): Problem | null;
  close(): void;
};

const HEAD_MOST_BYTES = 64 * 1024, BODY_MOST_BYTES = 256 * 1024, LINE_MOST_BYTES = 16 * 1024;
/** More than this of what the camera sent waits for FFmpeg: the camera is not read meanwhile. */
const WAITING_MOST_BYTES = 1024 * 1024;

export async function openRtspLine({ address, port, secure, name, withinMs, signal }: { address: string; port: number; secure: boolean; /** As it was typed. */ name: string; withinMs: number; signal: AbortSignal }): Promise<RtspLine> {
  const camera = await connected({ address, port, secure, name, withinMs, signal });
  let problem: Problem | null = null, inner: net.Socket | null = null;
  const door = net.createServer({ noDelay: true });
  const end = () => { camera.destroy(); inner?.destroy(); door.close(); };
  const stop = (why: Problem) => { problem ??= why; end(); };
  camera.setNoDelay(true);
  camera.on('error', end).on('end', () => inner?.end());
  const reader = answerReader({ cameraAddress: address, stop, pass: (bytes) => { if (inner === null || inner.destroyed) return; if (!inner.write(bytes) && inner.writableLength > WAITING_MOST_BYTES) camera.pause(); } });
  camera.on('data', (bytes) => { if (problem === null) reader(bytes); });
  camera.pause();
  door.on('connection', (socket) => {
    // One line to FFmpeg, one to the camera; whoever comes second gets nothing.
    if (inner !== null) { socket.destroy(); return; }
    inner = socket;
    door.close();
    socket.on('error', end).on('close', end).on('drain', () => camera.resume());
    socket.on('data', (bytes) => { if (!camera.write(bytes)) { socket.pause(); camera.once('drain', () => socket.resume()); } });
    camera.resume();
  });
  door.on('error', end);
  camera.on('close', () => { if (inner === null) door.close(); else inner.end(); });
  try {
    await new Promise<void>((done, failed) => { door.once('error', failed); door.listen(0, '127.0.0.1', () => done()); });
  } catch (error) { end(); throw error; }
  return { port: (door.address() as net.AddressInfo).port, problem: () => problem, close: end };
}

function connected({ address, port, secure, name, withinMs, signal }: { address: string; port: number; secure: boolean; name: string; withinMs: number; signal: AbortSignal }): Promise<net.Socket> {
  const startedAtMs = performance.now(), after = () => `after ${Math.round(performance.now() - startedAtMs)} ms`;
  return new Promise((done, failed) => {
    // Cameras sign their own certificates: the line is encrypted, who answers is not proven (docs/SECURITY.md).
    const socket = secure ? tls.connect({ host: address, port, rejectUnauthorized: false, ...(net.isIP(name) === 0 ? { servername: name } : {}) }) : net.connect({ host: address, port });
    const timer = setTimeout(() => give(new Problem('cameraUnreachable', {}, `connect: no answer ${after()}`)), withinMs);
    const onAbort = () => give(new Problem('cameraUnreachable', {}, 'stopped'));
    const give = (problem: Problem) => { clear(); socket.destroy(); failed(problem); };
    const clear = () => { clearTimeout(timer); signal.removeEventListener('abort', onAbort); socket.removeAllListeners('error').on('error', () => {}); };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once(secure ? 'secureConnect' : 'connect', () => { clear(); socket.removeAllListeners('error'); done(socket); });
    socket.once('error', (error: NodeJS.ErrnoException) => give(error.code === 'ECONNREFUSED' ? new Problem('cameraRefused', {}, `connect: ECONNREFUSED ${after()}`) : new Problem('cameraUnreachable', {}, `connect: ${error.code ?? 'failed'} ${after()}`)));
  });
}

/** Reads what the camera sends byte for byte as FFmpeg will, and passes on what may be passed. */
export function answerReader({ cameraAddress, stop, pass }: { cameraAddress: string; stop(why: Problem): void; pass(bytes: Uint8Array): void }): (bytes: Buffer) => void {
  let skip = 0, packetHead: number[] | null = null, line: number[] = [], head: Buffer[] = [], headBytes = 0, lines = 0, bodyBytes = 0, isEnded = false;
  const refuse = (why: Problem) => { isEnded = true; stop(why); };

  /** False: the line is ended. */
  function lineEnds(): boolean {
    const raw = Buffer.from(line), text = raw.toString('latin1').replaceAll('\r', '');
    line = [];
    if (text === '') {
      const [whole, length] = [Buffer.concat(head), bodyBytes];
      head = []; headBytes = 0; lines = 0; bodyBytes = 0;
      pass(Buffer.concat([whole, raw, Buffer.from('\n')]));
      skip = length;
      return true;
    }
    if (lines === 0) {
      const [first = '', status = ''] = text.trimStart().split(/[\s]+/);
      if (first.startsWith('RTSP/') && Math.trunc(Number.parseInt(status, 10) / 100) === 3) { refuse(new Problem('addressRefused', { reason: 'the camera points to another address; enter that one' }, 'redirected')); return false; }
    }
    lines++;
    const colon = text.indexOf(':'), name = colon < 0 ? '' : text.slice(0, colon).trim().toLowerCase(), value = text.slice(colon + 1).trim();
    let kept: Buffer = Buffer.concat([raw, Buffer.from('\n')]);
    switch (name) {
      case 'location': refuse(new Problem('addressRefused', { reason: 'the camera points to another address; enter that one' }, 'redirected')); return false;
      case 'content-length': {
        bodyBytes = Math.max(0, Number.parseInt(value, 10) || 0);
        if (bodyBytes > BODY_MOST_BYTES) { refuse(new Problem('notAVideo', {}, `an answer of ${bodyBytes} bytes`)); return false; }
        break;
      }
      // Packets come from the camera itself, and nobody else is greeted for their sake.
      case 'transport': kept = Buffer.from(`Transport: ${value.split(',').map((one) => `${one.split(';').filter((part) => !/^\s*(source|destination)\s*=/i.test(part)).join(';')};source=${cameraAddress}`).join(',')}\r\n`, 'latin1'); break;
    }
    head.push(kept);
    headBytes += kept.length;
    if (headBytes > HEAD_MOST_BYTES) { refuse(new Problem('notAVideo', {}, 'an answer without an end')); return false; }
    return true;
  }

  return (bytes) => {
    let from = 0;
    for (let at = 0; at < bytes.length && !isEnded;) {
      if (skip > 0) {
        const most = Math.min(skip, bytes.length - at);
        skip -= most;
        at += most;
        if (skip === 0 || at === bytes.length) { pass(bytes.subarray(from, at)); from = at; }
        continue;
      }
      const byte = bytes[at]!;
      if (packetHead !== null) {
        packetHead.push(byte);
        at++;
        if (packetHead.length === 4) {
          skip = packetHead[2]! << 8 | packetHead[3]!;
          pass(Buffer.from(packetHead));
          packetHead = null;
          from = at;
        }
        continue;
      }
      if (byte === 0x24 && line.every((one) => one === 0x0d)) { packetHead = [byte]; line = []; at++; continue; }
      at++;
      if (byte !== 0x0a) {
        line.push(byte);
        if (line.length > LINE_MOST_BYTES) { refuse(new Problem('notAVideo', {}, 'an answer without an end')); return; }
        continue;
      }
      from = at;
      if (!lineEnds()) return;
    }
  };
}
