// Renders the demo video into a file: `node worker/demo/renderPlaza.ts --out FILE [--seed N]`. Runs as a child process, so that its memory goes back
// and its work never holds up the server. Prints `progress 0.42`; the file appears under its name only when it is complete.
import { randomUUID } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { AV_CODEC_FLAG_GLOBAL_HEADER, AV_LOG_ERROR, AV_OPT_SEARCH_CHILDREN, AV_OPT_TYPE_STRING, AV_PIX_FMT_RGB24, AV_PIX_FMT_YUV420P, AVERROR_EAGAIN, AVERROR_EOF, FF_ENCODER_LIBX264, SWS_BILINEAR } from 'node-av/constants';
import { Codec, CodecContext, Dictionary, FormatContext, Frame, Log, Packet, Rational, SoftwareScaleContext } from 'node-av/lib';
import { drawPlaza } from './drawPlaza.ts';
import { PLAZA_CAMERA, plazaCamera } from './plazaCamera.ts';
import { PLAZA_FRAMES, PLAZA_FRAMES_PER_S, plazaCrowd } from './plazaCrowd.ts';

/** Draws and encodes these frames of the loop, by default all of them. */
export async function renderPlaza(settings: { path: string; seed: number; frames?: readonly number[]; onProgress?: (share: number) => void; signal?: AbortSignal }): Promise<void> {
  const { path, seed, frames = Array.from({ length: PLAZA_FRAMES }, (_, frame) => frame), onProgress = () => {}, signal } = settings;
  const partPath = `${path}.${randomUUID().slice(0, 8)}.part`;
  const camera = plazaCamera(PLAZA_CAMERA), draw = drawPlaza(plazaCrowd(seed), camera);
  const video = openVideo(partPath, camera.widthPx, camera.heightPx);
  try {
    for (const [index, frame] of frames.entries()) {
      signal?.throwIfAborted();
      video.write(draw(frame));
      if (index % PLAZA_FRAMES_PER_S === PLAZA_FRAMES_PER_S - 1) {
        onProgress((index + 1) / frames.length);
        await new Promise((go) => setImmediate(go)); // lets a signal and the parent's end be heard
      }
    }
    video.close();
    renameSync(partPath, path);
  } catch (error) {
    video.discard();
    rmSync(partPath, { force: true });
    throw error;
  }
}

/** H.264 as a camera sends it: no B frames, a key frame a second; mp4 with its index in front. */
export function openVideo(path: string, widthPx: number, heightPx: number, framesPerS = PLAZA_FRAMES_PER_S) {
  Log.setLevel(AV_LOG_ERROR);
  const codec = must(Codec.findEncoderByName(FF_ENCODER_LIBX264), 'this build of FFmpeg has no libx264');
  const encoder = new CodecContext();
  encoder.allocContext3(codec);
  Object.assign(encoder, { width: widthPx, height: heightPx, pixelFormat: AV_PIX_FMT_YUV420P, timeBase: new Rational(1, framesPerS), framerate: new Rational(framesPerS, 1), gopSize: framesPerS, maxBFrames: 0, threadCount: 1 });
  encoder.flags = (encoder.flags | AV_CODEC_FLAG_GLOBAL_HEADER) as typeof encoder.flags;
  // Set one by one: a dictionary that is given to open2Sync is freed twice (SIGSEGV, node-av 6.1.1).
  for (const [name, value] of [['preset', 'superfast'], ['crf', '27'], ['x264-params', 'scenecut=0:rc-lookahead=10']] as const) check(encoder.setOption(name, value, AV_OPT_TYPE_STRING, AV_OPT_SEARCH_CHILDREN), `the encoder's option ${name}`);
  check(encoder.open2Sync(codec, null), 'opening the encoder');

  const format = new FormatContext();
  check(format.allocOutputContext2(null, 'mp4', path), 'opening the file');
  const stream = format.newStream(null);
  check(stream.codecpar.fromContext(encoder), 'describing the stream');
  stream.timeBase = encoder.timeBase;
  check(format.openOutputSync(), 'opening the file');
  const header = Dictionary.fromObject({ movflags: '+faststart' });
  check(format.writeHeaderSync(header), 'writing the header');
  header.free();

  const scaler = new SoftwareScaleContext();
  scaler.getContext(widthPx, heightPx, AV_PIX_FMT_RGB24, widthPx, heightPx, AV_PIX_FMT_YUV420P, SWS_BILINEAR);
  const rgb = newFrame(widthPx, heightPx, AV_PIX_FMT_RGB24), yuv = newFrame(widthPx, heightPx, AV_PIX_FMT_YUV420P), packet = new Packet();
  packet.alloc();
  let pts = 0n, open = true;

  function drain(): void {
    for (;;) {
      const answer = encoder.receivePacketSync(packet);
      if (answer === AVERROR_EAGAIN || answer === AVERROR_EOF) return;
      check(answer, 'encoding');
      packet.streamIndex = 0;
      packet.duration = 1n;
      packet.rescaleTs(encoder.timeBase, stream.timeBase);
      check(format.writeFrameSync(packet), 'writing');
      packet.unref();
    }
  }
  function write(picture: Uint8Array): void {
    check(rgb.fromBuffer(Buffer.from(picture.buffer, picture.byteOffset, picture.byteLength)), 'copying the picture');
    check(yuv.makeWritable(), 'copying the picture');
    check(scaler.scaleFrameSync(yuv, rgb), 'converting colours');
    yuv.pts = pts++;
    check(encoder.sendFrameSync(yuv), 'encoding');
    drain();
  }
  function close(): void {
    check(encoder.sendFrameSync(null), 'encoding');
    drain();
    check(format.writeTrailerSync(), 'writing the index');
    discard();
  }
  function discard(): void {
    if (!open) return;
    open = false;
    format.closeOutputSync();
    format.freeContext();
    encoder.freeContext();
    scaler.freeContext();
    rgb.free(); yuv.free(); packet.free();
  }
  return { write, close, discard };
}

function newFrame(widthPx: number, heightPx: number, format: typeof AV_PIX_FMT_RGB24 | typeof AV_PIX_FMT_YUV420P): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.width = widthPx; frame.height = heightPx; frame.format = format;
  check(frame.getBuffer(0), 'making room for a picture');
  return frame;
}
function check(answer: number, doing: string): void {
  if (answer < 0) throw new Error(`${doing} failed (FFmpeg ${answer})`);
}
function must<Value>(value: Value | null, or: string): Value {
  if (value === null) throw new Error(or);
  return value;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: 'string' }, seed: { type: 'string', default: '1' } } });
  const seed = Number(values.seed);
  if (values.out === undefined || !Number.isSafeInteger(seed) || seed < 0) { console.error('usage: renderPlaza.ts --out FILE [--seed N]'); process.exit(2); }
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.on(name, () => stop.abort());
  try {
    await renderPlaza({ path: values.out, seed, signal: stop.signal, onProgress: (share) => { process.stdout.write(`progress ${share.toFixed(3)}\n`); } });
    if (process.connected) process.disconnect();
  } catch (error) {
    console.error(stop.signal.aborted ? 'stopped' : error);
    process.exitCode = 1;
    if (process.connected) process.disconnect();
  }
}
