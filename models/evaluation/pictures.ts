// The pictures that a model is measured on, read from where they lie and never copied: crowds kept for validation, a camera type that no training shows, a street, and nobody.
import { closeSync, existsSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Codec, CodecContext, FormatContext, Frame, Log, Packet } from 'node-av/lib';
import * as C from 'node-av/constants';
import { EMPTY_KINDS, emptyScene, type EmptyKind } from './emptyScenes.ts';

/** `points`: where the heads are, as shares of width and height from the top left; null where only their number is known. The frame is freed when the next picture is asked for. */
export type TruePicture = { name: string; frame: Frame; points: { xShare: number; yShare: number }[] | null; peopleCount: number };
export type DataSet = { key: string; title: string; pictures(): AsyncGenerator<TruePicture> };

export const DATA = resolve(import.meta.dirname, '../../../shared/data');
export const noData = (): string | null => (existsSync(join(DATA, 'crowd')) ? null : `the pictures of ${DATA} are not here`);
Log.setLevel(C.AV_LOG_QUIET);

/** Every tenth picture by sorted file name was never trained on. */
const KEPT_EVERY = 10;
const TARS = { A: 'shtech_train_A_1024_q80.tar', B: 'shtech_train_B_1024_q68.tar' };
export const shanghai = (part: 'A' | 'B'): DataSet => ({
  key: `val${part}`, title: `ShanghaiTech ${part}, every tenth train picture, kept for validation`,
  async *pictures() {
    const tar = openTar(join(DATA, 'crowd', TARS[part]));
    try {
      const truth = truthOf(tar.read(tar.names().find((name) => name.endsWith('points.json'))!).toString());
      const folder = tar.names().find((name) => name.endsWith('points.json'))!.replace(/points\.json$/, '');
      for (const [name, points] of truth.filter((_, index) => index % KEPT_EVERY === 0)) yield* picture(name, tar.read(folder + name), points);
    } finally { tar.close(); }
  },
});

export const busPlatforms: DataSet = {
  key: 'brt', title: 'Beijing-BRT, bus platforms by day and night, a camera type that no training picture shows',
  async *pictures() {
    const folder = join(DATA, 'crowd/brt_sample');
    for (const [name, points] of truthOf(readFileSync(join(folder, 'points.json'), 'utf8'))) if (readdirSync(folder).includes(name)) yield* picture(name, readFileSync(join(folder, name)), points);
  },
};

/** Every `every`-th of the frames whose people are known. */
export const street = (every = 4): DataSet => ({
  key: 'vtest', title: 'PETS 2009 S2.L1 view 1 (vtest), unseen',
  async *pictures() {
    const { counts } = JSON.parse(readFileSync(join(DATA, 'video/vtest_counts_frames_1-69.json'), 'utf8')) as { counts: Record<string, number> };
    const last = Math.max(...Object.keys(counts).map(Number));
    for await (const { frame, index } of videoFrames(join(DATA, 'video/vtest_480x360_795f.avi'), every, last)) {
      const peopleCount = counts[index + 1];
      if (peopleCount !== undefined) yield { name: `frame ${index + 1}`, frame, points: null, peopleCount };
    }
  },
});

/** Frames of the corridor clip in which nobody is, found by looking at them. */
export const corridor: DataSet = {
  key: 'emptyCorridor', title: 'corridor clip, frames without anybody',
  async *pictures() {
    for await (const { frame, index } of videoFrames(join(DATA, 'video/intel_one_by_one_768x432_1394f.mp4'), CORRIDOR_EVERY, CORRIDOR_LAST)) {
      if (CORRIDOR_EMPTY.some(([first, last]) => index >= first && index <= last)) yield { name: `frame ${index}`, frame, points: [], peopleCount: 0 };
    }
  },
};
const CORRIDOR_EVERY = 10, CORRIDOR_LAST = 1393;
const CORRIDOR_EMPTY: [number, number][] = [[0, 50], [212, 224], [465, 490], [716, 742], [890, 912], [1220, 1234], [1374, 1386]];

/** Scenes made by seed in which nobody is. */
export const empties = (kind: EmptyKind, count = 6): DataSet => ({
  key: `empty${kind[0]!.toUpperCase()}${kind.slice(1)}`, title: `${kind}, made, nobody there`,
  async *pictures() {
    for (let seed = 1; seed <= count; seed++) {
      const { rgb, widthPx, heightPx } = emptyScene(kind, seed);
      const frame = Frame.fromVideoBuffer(rgb, { width: widthPx, height: heightPx, format: C.AV_PIX_FMT_RGB24, timeBase: { num: 1, den: 1 } });
      try { yield { name: `${kind} ${seed}`, frame, points: [], peopleCount: 0 }; } finally { frame.free(); }
    }
  },
});
export const emptySets = (): DataSet[] => [corridor, ...EMPTY_KINDS.map((kind) => empties(kind))];

/** points.json of the data packs, by sorted file name; points in pixels of a picture of w x h. */
function truthOf(json: string): [string, TruthOfPicture][] {
  return Object.entries(JSON.parse(json) as Record<string, TruthOfPicture>).sort(([a], [b]) => (a < b ? -1 : 1));
}
type TruthOfPicture = { w?: number; h?: number; points: [number, number][] };

async function* picture(name: string, jpeg: Buffer, truth: TruthOfPicture): AsyncGenerator<TruePicture> {
  const frame = decodedJpeg(jpeg);
  const widthPx = truth.w ?? frame.width, heightPx = truth.h ?? frame.height;
  try {
    yield { name, frame, points: truth.points.map(([x, y]) => ({ xShare: x / widthPx, yShare: y / heightPx })), peopleCount: truth.points.length };
  } finally { frame.free(); }
}

/** To be freed by whoever asked for it. */
export function decodedJpeg(jpeg: Buffer): Frame {
  const coder = new CodecContext(), packet = new Packet(), frame = new Frame(), codec = Codec.findDecoder(C.AV_CODEC_ID_MJPEG)!;
  coder.allocContext3(codec); coder.threadCount = 1; coder.open2Sync(codec, null);
  packet.alloc(); frame.alloc();
  packet.data = jpeg;
  coder.sendPacketSync(packet); coder.sendPacketSync(null);
  const answer = coder.receiveFrameSync(frame);
  packet.free(); coder.freeContext();
  if (answer < 0) throw new Error(`a picture of ${jpeg.length} bytes cannot be decoded`);
  return frame;
}

async function* videoFrames(path: string, every: number, lastIndex: number): AsyncGenerator<{ frame: Frame; index: number }> {
  const context = new FormatContext(), packet = new Packet(), frame = new Frame(), coder = new CodecContext();
  context.allocContext();
  try {
    if (await context.openInput(`file:${path}`, null, null) < 0) throw new Error(`${path} cannot be opened`);
    await context.findStreamInfo(null);
    const stream = context.streams[context.findBestStream(C.AVMEDIA_TYPE_VIDEO)]!, codec = Codec.findDecoder(stream.codecpar.codecId)!;
    coder.allocContext3(codec); coder.parametersToContext(stream.codecpar); coder.threadCount = 1; coder.open2Sync(codec, null);
    packet.alloc(); frame.alloc();
    let index = 0;
    for (let ended = false; !ended && index <= lastIndex;) {
      ended = await context.readFrame(packet) < 0;
      if (!ended && packet.streamIndex !== stream.index) { packet.unref(); continue; }
      coder.sendPacketSync(ended ? null : packet);
      packet.unref();
      for (; coder.receiveFrameSync(frame) >= 0; index++) { if (index % every === 0 && index <= lastIndex) yield { frame, index }; frame.unref(); }
    }
  } finally {
    packet.free(); frame.free(); coder.freeContext();
    await context.closeInput();
  }
}

/** A tar file (ustar) read where it lies. */
function openTar(path: string) {
  const file = openSync(path, 'r'), found = new Map<string, { at: number; size: number }>(), head = Buffer.alloc(512);
  const text = (from: number, to: number) => head.toString('latin1', from, to).replace(/\0.*$/s, '');
  for (let at = 0; readSync(file, head, 0, 512, at) === 512 && head[0] !== 0;) {
    const size = Number.parseInt(text(124, 136).trim() || '0', 8), prefix = text(257, 262) === 'ustar' ? text(345, 500) : '';
    if (head[156] === 0x30 || head[156] === 0) found.set((prefix === '' ? '' : `${prefix}/`) + text(0, 100), { at: at + 512, size });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return {
    names: () => [...found.keys()],
    read(name: string): Buffer {
      const { at, size } = found.get(name) ?? { at: 0, size: -1 };
      if (size < 0) throw new Error(`${path} holds no ${name}`);
      const bytes = Buffer.alloc(size);
      readSync(file, bytes, 0, size, at);
      return bytes;
    },
    close: () => closeSync(file),
  };
}
