// One session with one camera or file: open, read, decode, choose frames by their time, until it is stopped or fails. One honest attempt; who tries again is
// ingest. Native objects are closed in the one order that never crashed: interrupt, await the pending call, close.
import { Codec, CodecContext, Dictionary, FormatContext, Frame, Packet, type Stream } from 'node-av/lib';
import * as C from 'node-av/constants';
import { Problem, problemNote, type ProblemNote } from '../../contract/problem.ts';
import type { StreamFacts } from '../../contract/sensorStatus.ts';
import type { MediaSource } from '../sensors/sensorKind.ts';
import type { Network } from '../../config/network.ts';
import { captureClock } from './captureClock.ts';
import { fileLooks } from './fileLooks.ts';
import { openProblem, readProblem } from './mediaProblem.ts';
import type { SessionCounters } from './messages.ts';
import { openRtspLine, type RtspLine } from './rtspLine.ts';

/** `before`: a frame from a little earlier, to measure motion by; null where none is wanted or there was none. Whoever has the one frees both. */
export type ChosenFrame = { frame: Frame; capturedAtMs: number; heardAtMs: number; before: { frame: Frame; gapMs: number } | null };
export function freeChosen({ frame, before }: ChosenFrame): void { frame.free(); before?.frame.free(); }
export type SessionOptions = {
  /** Where cameras may be. */
  network: Network;
  source: MediaSource; countsPerS: number; noProgressMs: number; framesUsed: 'all' | 'keyframes';
  onOpened(stream: StreamFacts): void;
  onSizeChanged(stream: StreamFacts): void;
  onDoubt(problem: ProblemNote): void;
  /** A frame is due. It is the caller's now and must be freed; newest wins is the caller's affair. */
  onFrame(chosen: ChosenFrame): void;
};
export type Session = {
  counters: SessionCounters;
  /** Milliseconds of this thread that decoding took. */
  decodeMs(): number;
  setFramesUsed(framesUsed: 'all' | 'keyframes'): void;
  /** How long before a counted frame the one for its motion should lie; null: no motion is wanted. */
  setMotionGap(gapMs: number | null): void;
  stop(): void;
  /** Never rejects. */
  done: Promise<{ problem: ProblemNote | null; atEnd: boolean }>;
};

export function openSession(options: SessionOptions): Session {
  const { source } = options;
  const isFile = source.url.startsWith('file:');
  const context = new FormatContext();
  const clock = captureClock();
  const counters: SessionCounters = {
    packets: 0, framesDecoded: 0, framesChosen: 0, framesCounted: 0, framesDropped: 0, decodeErrors: 0,
    progressAtMs: Date.now(), lastFrameAtMs: null, clockSkewMs: null, clock: 'ours', countMs: null,
  };
  let framesUsed = options.framesUsed, decoder: CodecContext | null = null, stopped = false, decodeMs = 0, interruptible = false, keySeen = false, line: RtspLine | null = null;
  const stopping = new AbortController();
  let motionGapMs: number | null = null;
  let wake = () => {};
  const pause = (ms: number) => new Promise<void>((done) => { const timer = setTimeout(done, ms); wake = () => { clearTimeout(timer); done(); }; });
  const interrupt = () => { if (interruptible) context.interrupt(); };

  return {
    counters, decodeMs: () => decodeMs,
    setFramesUsed(wanted) {
      // Frames that build on skipped ones would be painted wrong: all frames again from the next key frame on.
      if (framesUsed === 'keyframes' && wanted === 'all') keySeen = false;
      framesUsed = wanted;
      decoder?.setOption('skip_frame', skipOf(wanted));
    },
    setMotionGap(wantedMs) { motionGapMs = wantedMs; },
    stop() { stopped = true; stopping.abort(); interrupt(); wake(); },
    done: run(),
  };

  async function run(): Promise<{ problem: ProblemNote | null; atEnd: boolean }> {
    const freed: (() => void)[] = [];
    try {
      const looks = isFile ? await fileLooks(source.url.slice('file:'.length)) : null;
      const timeoutMs = Math.max(1000, options.noProgressMs / 2), startedAtMs = performance.now();
      if (looks === null) line = await lineTo(source, options.network, timeoutMs * 2, stopping.signal);
      if (stopped) return { problem: null, atEnd: false };
      const stream = await open(looks?.container === 'other' || looks === null ? false : looks.cutOff, line === null ? source.url : innerUrl(source.url, line.port), startedAtMs);
      if (looks?.cutOff) options.onDoubt(problemNote('videoDamaged', {}, 'the file is shorter than its header says'));
      const coder = decoder = decoderOf(stream, freed);
      return await readAll(stream, coder, freed);
    } catch (error) {
      if (stopped) return { problem: null, atEnd: false };
      const ended = line?.problem() ?? null;
      if (ended !== null) return { problem: ended.note, atEnd: false };
      if (error instanceof Problem) return { problem: error.note, atEnd: false };
      return { problem: problemNote('internal', {}, (error as Error).message), atEnd: false };
    } finally {
      decoder = null;
      for (const free of freed.reverse()) free();
      // Nothing is pending any more: every call above was awaited.
      if (interruptible) { interruptible = false; await context.closeInput(); }
      line?.close();
    }
  }

  async function open(cutOff: boolean, url: string, startedAtMs: number): Promise<Stream> {
    const timeoutMs = Math.max(1000, options.noProgressMs / 2);
    context.allocContext();
    interruptible = true;
    // FFmpeg's own timeout ends an opening after once its value and a read after twice; the watchdog of this process ends what it does not.
    const overdue = setTimeout(interrupt, timeoutMs * 2);
    const dictionary = Dictionary.fromObject(openOptions(source, timeoutMs));
    try {
      const code = await context.openInput(url, null, dictionary);
      if (code < 0) {
        if (cutOff) throw new Problem('videoDamaged', {}, 'the file is shorter than its header says, and nothing can be read');
        throw openProblem(code, { isFile, name: source.url.split('/').at(-1)!, tookMs: performance.now() - startedAtMs, timeoutMs });
      }
      // What a camera says of itself is enough for a decoder to begin; FFmpeg's own look at the stream takes a second until the first picture (0.08 s without).
      let info = 0, best = context.findBestStream(C.AVMEDIA_TYPE_VIDEO);
      const known = best >= 0 && !isFile && [C.AV_CODEC_ID_H264, C.AV_CODEC_ID_HEVC].includes(context.streams[best]!.codecpar.codecId);
      if (!known) {
        context.maxAnalyzeDuration = 1_000_000n;
        info = await context.findStreamInfo(null);
        best = context.findBestStream(C.AVMEDIA_TYPE_VIDEO);
      }
      if (info < 0 || best < 0) throw new Problem(isFile || info >= 0 ? 'notAVideo' : 'cameraSilent', {}, `no video stream (${info}, ${best})`);
      for (const other of context.streams) if (other.index !== best) other.discard = C.AVDISCARD_ALL;
      return context.streams[best]!;
    } finally { clearTimeout(overdue); dictionary.free(); }
  }

  function decoderOf(stream: Stream, freed: (() => void)[]): CodecContext {
    const { codecpar } = stream;
    const codec = Codec.findDecoder(codecpar.codecId);
    if (codec === null) throw new Problem('codecUnknown', { codec: `codec ${codecpar.codecId}` });
    const coder = new CodecContext();
    freed.push(() => coder.freeContext());
    coder.allocContext3(codec);
    coder.parametersToContext(codecpar);
    // One thread: frame threads hold pictures back, and cores are shared by cameras anyway.
    coder.threadCount = 1;
    coder.pktTimebase = stream.timeBase;
    coder.setOption('skip_frame', skipOf(framesUsed));
    const code = coder.open2Sync(codec, null);
    if (code < 0) throw new Problem('codecUnknown', { codec: codec.name ?? 'unknown' }, `decoder: error ${code}`);
    return coder;
  }

  async function readAll(stream: Stream, coder: CodecContext, freed: (() => void)[]): Promise<{ problem: ProblemNote | null; atEnd: boolean }> {
    const packet = new Packet(), frame = new Frame();
    packet.alloc(); frame.alloc();
    // Of the frames that are not counted the one that lies best before the next that is.
    let earlier: { frame: Frame; atMs: number } | null = null;
    const forgetEarlier = () => { earlier?.frame.free(); earlier = null; };
    freed.push(() => packet.free(), () => frame.free(), forgetEarlier);
    const { num, den } = stream.timeBase;
    const msPerTick = 1000 * num / den;
    const everyMs = 1000 / options.countsPerS;
    let widthPx = stream.codecpar.width, heightPx = stream.codecpar.height;
    const codecName = Codec.findDecoder(stream.codecpar.codecId)?.name ?? 'unknown';
    const facts = (): StreamFacts => ({ codec: codecName, widthPx: Math.max(1, widthPx), heightPx: Math.max(1, heightPx), framesPerS: rateOf(stream, seenMs) });
    const seenMs: number[] = [];
    let announced = false, dueMs: number | null = null, heardAtMs = Date.now(), decodedThisRound = 0, emptyRounds = 0;
    // A file: the wall clock at which its first frame is due, and how much earlier rounds add.
    let paceFromMs = null as number | null, pacedMs = null as number | null, endMs = 0;

    for (;;) {
      if (stopped) return { problem: null, atEnd: false };
      const code = await context.readFrame(packet);
      if (stopped) return { problem: null, atEnd: false };
      if (code === C.AVERROR_EAGAIN) { await pause(10); continue; }
      if (code < 0) {
        if (!isFile) return { problem: readProblem(code, false).note, atEnd: false };
        if (code !== C.AVERROR_EOF) options.onDoubt(readProblem(code, true).note);
        decode(null);
        emptyRounds = decodedThisRound === 0 ? emptyRounds + 1 : 0;
        if (emptyRounds > 0) return { problem: problemNote('videoDamaged', {}, 'no picture can be decoded'), atEnd: false };
        if (!source.loop) return { problem: null, atEnd: true };
        decodedThisRound = 0;
        coder.flushBuffers();
        if (await context.seekFrame(stream.index, stream.startTime === C.AV_NOPTS_VALUE ? 0n : stream.startTime, C.AVSEEK_FLAG_BACKWARD) < 0) return { problem: null, atEnd: true };
        // The next round goes on where this one ended; a file is dated by our clock, so only the pace knows of rounds.
        if (paceFromMs !== null) paceFromMs += endMs;
        endMs = 0; pacedMs = null; keySeen = false; dueMs = null;
        continue;
      }
      if (packet.streamIndex !== stream.index) { packet.unref(); continue; }
      counters.packets++;
      const ticks = packet.pts === C.AV_NOPTS_VALUE ? packet.dts : packet.pts;
      const packetMs = ticks === C.AV_NOPTS_VALUE ? null : Number(ticks) * msPerTick;
      if (isFile && packetMs !== null) await keepPace(packetMs);
      heardAtMs = Date.now();
      if (seenMs.length < RATE_FRAMES && packetMs !== null) seenMs.push(packetMs);
      if (!isFile && packetMs !== null) {
        const report = packet.getSideData(C.AV_PKT_DATA_PRFT);
        clock.heard({ ptsMs: packetMs, heardAtMs, cameraAtMs: report === null ? null : Number(report.readBigInt64LE(0)) / 1000 });
        counters.clockSkewMs = clock.skewMs();
      }
      // In keyframes mode most packets make no picture: that they come is progress enough.
      if (framesUsed === 'keyframes') counters.progressAtMs = heardAtMs;
      // Before the first key frame a decoder would paint grey over grey.
      if (!keySeen && !packet.isKeyframe) { packet.unref(); continue; }
      keySeen = true;
      decode(packet);
      packet.unref();
    }

    async function keepPace(packetMs: number): Promise<void> {
      paceFromMs ??= Date.now() - packetMs;
      endMs = Math.max(endMs, packetMs + (seenMs.length > 1 ? seenMs[1]! - seenMs[0]! : 40));
      const earlyMs = paceFromMs + packetMs - Date.now();
      // Fallen behind by more than a second, or a jump in the file's own times: go on from here, never in a burst.
      if (earlyMs < -1000 || earlyMs > 5000) {
        paceFromMs = Date.now() - packetMs;
        // A camera would have sent on meanwhile: what could not be looked at in time is dropped, and overload shows.
        const isJump = pacedMs !== null && Math.abs(packetMs - pacedMs) > 1000;
        if (earlyMs < 0 && !isJump) { const lost = Math.round(-earlyMs / everyMs); counters.framesChosen += lost; counters.framesDropped += lost; }
      } else if (earlyMs > 1) await pause(earlyMs);
      pacedMs = packetMs;
    }

    function decode(packet: Packet | null): void {
      const startedMs = performance.now();
      const sent = coder.sendPacketSync(packet);
      if (sent < 0 && sent !== C.AVERROR_EAGAIN && sent !== C.AVERROR_EOF) counters.decodeErrors++;
      while (coder.receiveFrameSync(frame) >= 0) {
        decodedThisRound++;
        counters.framesDecoded++;
        counters.progressAtMs = counters.lastFrameAtMs = heardAtMs;
        if (frame.width !== widthPx || frame.height !== heightPx || !announced) {
          widthPx = frame.width; heightPx = frame.height;
          if (announced) options.onSizeChanged(facts()); else options.onOpened(facts());
          announced = true;
        }
        const frameMs = frame.bestEffortTimestamp === C.AV_NOPTS_VALUE ? heardAtMs : Number(frame.bestEffortTimestamp) * msPerTick;
        choose(frameMs);
        frame.unref();
      }
      decodeMs += performance.now() - startedMs;
    }

    function keepEarlier(frameMs: number): void {
      if (motionGapMs === null || dueMs === null || framesUsed === 'keyframes') { forgetEarlier(); return; }
      const wantedMs = dueMs - motionGapMs, offMs = Math.abs(frameMs - wantedMs);
      if (offMs > MOTION_GAP_OFF_MOST_MS || (earlier !== null && frameMs > earlier.atMs && offMs >= Math.abs(earlier.atMs - wantedMs))) return;
      const kept = frame.clone();
      forgetEarlier();
      if (kept !== null) earlier = { frame: kept, atMs: frameMs };
    }

    /** Given away once: the next counted frame gets a newer one or none. */
    function takeEarlier(frameMs: number): ChosenFrame['before'] {
      const taken = earlier;
      earlier = null;
      if (taken === null) return null;
      const gapMs = frameMs - taken.atMs;
      if (gapMs >= MOTION_GAP_LEAST_MS && gapMs <= MOTION_GAP_MOST_MS) return { frame: taken.frame, gapMs };
      taken.frame.free();
      return null;
    }

    function choose(frameMs: number): void {
      if (dueMs !== null && frameMs < dueMs - everyMs * 0.05 && frameMs > dueMs - 4 * everyMs) { keepEarlier(frameMs); return; }
      // The rhythm holds over small gaps and starts anew after large ones.
      dueMs = (dueMs === null || Math.abs(frameMs - dueMs) > 2 * everyMs ? frameMs : dueMs) + everyMs;
      counters.framesChosen++;
      const before = takeEarlier(frameMs);
      // What comes this late has waited in front of this process: the picture of now matters, not the one of then.
      if (!isFile && clock.lateMs({ ptsMs: frameMs, heardAtMs }) > LATE_MOST_MS + 2 * everyMs) { counters.framesDropped++; before?.frame.free(); return; }
      const captured = isFile ? { capturedAtMs: heardAtMs, clock: 'ours' as const } : clock.captured({ ptsMs: frameMs, heardAtMs });
      counters.clock = captured.clock;
      const chosen = frame.clone();
      if (chosen === null) { counters.framesDropped++; before?.frame.free(); return; }
      options.onFrame({ frame: chosen, capturedAtMs: captured.capturedAtMs, heardAtMs, before });
    }
  }
}

const LATE_MOST_MS = 500;
/** Streams of few frames a second have none at the gap that is wanted: one within these limits will do. */
const MOTION_GAP_LEAST_MS = 60, MOTION_GAP_MOST_MS = 300, MOTION_GAP_OFF_MOST_MS = 110;
const RATE_FRAMES = 60;
const skipOf = (framesUsed: 'all' | 'keyframes') => (framesUsed === 'keyframes' ? 'nokey' : 'default');

/** What FFmpeg may open for this address, and nothing else: no playlist, no other file, no other protocol. */
function openOptions(source: MediaSource, timeoutMs: number): Record<string, string> {
  const scheme = source.url.slice(0, source.url.indexOf(':'));
  switch (scheme) {
    case 'rtsp': return { protocol_whitelist: 'rtsp,rtp,udp,tcp', format_whitelist: 'rtsp', rtsp_transport: source.transport ?? 'tcp', timeout: String(timeoutMs * 1000), max_delay: '300000' };
    // Encrypted until our own door (rtspLine.ts).
    case 'rtsps': return { protocol_whitelist: 'rtsp,rtp,tcp', format_whitelist: 'rtsp', rtsp_transport: 'tcp', timeout: String(timeoutMs * 1000) };
    case 'file': return { protocol_whitelist: 'file', format_whitelist: 'mov,avi,matroska,mpegts,mpeg,flv,h264,hevc,m4v,mjpeg,ogg,asf' };
    default: throw new Problem('addressNotUnderstood', { reason: 'its scheme is not known' });
  }
}

/** A name that nobody knows is told apart from a machine that is off. What it stands for is looked up once, checked, and connected to. */
async function lineTo({ url }: MediaSource, network: Network, withinMs: number, signal: AbortSignal): Promise<RtspLine> {
  const { protocol, hostname, port: typed } = new URL(url), secure = protocol === 'rtsps:', port = typed === '' ? (secure ? 322 : 554) : Number(typed), name = hostname.replace(/^\[|\]$/g, '');
  const { address } = await network.addressOf(name, port).catch((error: unknown) => { throw error instanceof Problem ? error : new Problem('cameraNameUnknown', { host: name }, String((error as { code?: unknown }).code ?? '')); });
  return openRtspLine({ address, port, secure, name, withinMs, signal });
}

/** The same login, path and query, at our own door. */
function innerUrl(url: string, port: number): string {
  const [, login = '', rest = ''] = /^rtsps?:\/\/([^/@]*@)?[^/?]*(.*)$/i.exec(url) ?? [];
  return `rtsp://${login}127.0.0.1:${port}${rest}`;
}

/** What the stream says of its rate, else what its first frames show. */
function rateOf(stream: Stream, seenMs: number[]): number | null {
  const { num, den } = stream.avgFrameRate;
  if (num > 0 && den > 0) return Math.round(num / den * 100) / 100;
  if (seenMs.length < 10) return null;
  const spanMs = Math.max(...seenMs) - Math.min(...seenMs);
  return spanMs > 0 ? Math.round((seenMs.length - 1) / spanMs * 100_000) / 100 : null;
}
