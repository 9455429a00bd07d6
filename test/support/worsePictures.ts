// Real footage made worse step by step, for the tests and the bench of sight: each function takes the luma of a picture and gives that of the same picture through a darker,
// dirtier, softer or displaced camera. Chance comes from a seed, so that a failure can be run again.
import { Codec, CodecContext, FormatContext, Frame, Packet } from 'node-av/lib';
import * as C from 'node-av/constants';
import { lumaPlaneOf, type LumaPlane } from '../../worker/mediaHost/sightLuma.ts';

/** The luma of a video's pictures, one every `everyMs` of its own time, at most `most`; `widthPx` given: halved until it is not wider. */
export async function lumaOfVideo(file: string, everyMs: number, most: number, widthMostPx = 800): Promise<LumaPlane[]> {
  const context = new FormatContext(), packet = new Packet(), frame = new Frame(), coder = new CodecContext();
  if (await context.openInput(file) < 0) throw new Error(`${file} cannot be opened`);
  await context.findStreamInfo(null);
  const stream = context.streams[context.findBestStream(C.AVMEDIA_TYPE_VIDEO)]!, codec = Codec.findDecoder(stream.codecpar.codecId)!;
  coder.allocContext3(codec);
  coder.parametersToContext(stream.codecpar);
  coder.threadCount = 1;
  coder.open2Sync(codec, null);
  packet.alloc(); frame.alloc();
  const planes: LumaPlane[] = [], msPerTick = 1000 * stream.timeBase.num / stream.timeBase.den;
  let dueMs = -Infinity;
  const take = () => {
    while (coder.receiveFrameSync(frame) >= 0) {
      const atMs = Number(frame.bestEffortTimestamp) * msPerTick;
      if (planes.length < most && !(atMs < dueMs)) {
        dueMs = (dueMs === -Infinity ? atMs : dueMs) + everyMs;
        let plane = tight(lumaPlaneOf(frame)!);
        while (plane.widthPx > widthMostPx) plane = halved(plane);
        planes.push(plane);
      }
      frame.unref();
    }
  };
  while (planes.length < most && await context.readFrame(packet) >= 0) {
    if (packet.streamIndex === stream.index) { coder.sendPacketSync(packet); take(); }
    packet.unref();
  }
  coder.sendPacketSync(null);
  take();
  coder.freeContext(); packet.free(); frame.free();
  await context.closeInput();
  return planes;
}

function tight({ bytes, widthPx, heightPx, strideBytes, limitedRange }: LumaPlane): LumaPlane {
  const own = new Uint8Array(widthPx * heightPx);
  for (let y = 0; y < heightPx; y++) own.set(bytes.subarray(y * strideBytes, y * strideBytes + widthPx), y * widthPx);
  return { bytes: own, widthPx, heightPx, strideBytes: widthPx, limitedRange };
}
function halved({ bytes, widthPx, heightPx, strideBytes, limitedRange }: LumaPlane): LumaPlane {
  const width = widthPx >> 1, height = heightPx >> 1, own = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) { const at = 2 * y * strideBytes + 2 * x; own[y * width + x] = (bytes[at]! + bytes[at + 1]! + bytes[at + strideBytes]! + bytes[at + strideBytes + 1]! + 2) >> 2; }
  return { bytes: own, widthPx: width, heightPx: height, strideBytes: width, limitedRange };
}

let seed = 1;
export const seedPictures = (value: number): void => { seed = value >>> 0; };
const chance = (): number => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return seed / 2 ** 32; };
const NOISE = Float32Array.from({ length: 65_536 }, () => { let sum = 0; for (let n = 0; n < 6; n++) sum += chance(); return (sum - 3) * Math.SQRT2; });
const noiseNow = (): number => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return NOISE[seed >>> 16]!; };

/** `shade` is given and gives brightness in 0..255 of full range. */
function shaded(plane: LumaPlane, shade: (full: number, x: number, y: number, at: number) => number): LumaPlane {
  const { bytes, widthPx, heightPx, limitedRange } = plane, own = new Uint8Array(bytes.length);
  for (let y = 0, at = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++, at++) {
      const full = Math.min(255, Math.max(0, shade(limitedRange ? (bytes[at]! - 16) * 255 / 219 : bytes[at]!, x, y, at)));
      own[at] = Math.round(limitedRange ? 16 + full * 219 / 255 : full);
    }
  }
  return { ...plane, bytes: own };
}

/** `gain` times as much light (gamma 2.2), with the noise of the sensor in shades. */
export function lit(plane: LumaPlane, gain: number, noise = 0): LumaPlane {
  const table = Float32Array.from({ length: 256 }, (_, full) => 255 * Math.min(1, (full / 255) ** 2.2 * gain) ** (1 / 2.2));
  return shaded(plane, (full) => table[Math.min(255, Math.max(0, Math.round(full)))]! + (noise === 0 ? 0 : noise * noiseNow()));
}
/** A cap, a hand or a bag: from the left to `share` of the picture, of this brightness. */
export const coveredBy = (plane: LumaPlane, share: number, brightness: number): LumaPlane => shaded(plane, (full, x, y) => {
  const over = share >= 1 ? 1 : Math.min(1, Math.max(0, (share - 0.7 * x / plane.widthPx - 0.3 * y / plane.heightPx) * 20 + 0.5));
  return full * (1 - over) + over * (brightness + 12 * y / plane.heightPx + noiseNow());
});
/** Paint on the lens: soft blotches over all. */
export function sprayed(plane: LumaPlane, brightness: number): LumaPlane {
  return shaded(plane, (full, x, y) => 0.04 * full + 0.96 * (brightness + 18 * Math.sin(5 * x / plane.widthPx + 1) * Math.cos(4 * y / plane.heightPx) + noiseNow()));
}
/** `transmission` of the light comes through, less from far (the top of the picture). Koschmieder 1924. */
export const fogged = (plane: LumaPlane, transmission: number): LumaPlane => shaded(plane, (full, _x, y) => { const through = transmission ** (1.5 - y / plane.heightPx); return full * through + 205 * (1 - through); });
/** Streaks that fall, bright and a few pixels long; `perMille` of the pixels begin one. */
export function rained(plane: LumaPlane, perMille: number): LumaPlane {
  const { widthPx, heightPx } = plane, own = plane.bytes.slice(), long = Math.round(heightPx / 22);
  for (let n = 0; n < widthPx * heightPx * perMille / 1000; n++) {
    const x = Math.floor(chance() * widthPx), top = Math.floor(chance() * heightPx);
    for (let y = top; y < Math.min(heightPx, top + long); y++) own[y * widthPx + x] = Math.min(235, own[y * widthPx + x]! + 45);
  }
  return { ...plane, bytes: own };
}
/** Out of focus by this many pixels of a picture 640 px wide (three box filters). */
export function blurred(plane: LumaPlane, sigmaPx640: number): LumaPlane {
  const { widthPx, heightPx } = plane, sigma = sigmaPx640 * widthPx / 640, reach = Math.round((Math.sqrt(4 * sigma * sigma + 1) - 1) / 2);
  if (reach === 0) return plane;
  let from = Float32Array.from(plane.bytes), to = new Float32Array(from.length);
  const box = (lines: number, length: number, lineStep: number, step: number) => {
    for (let line = 0; line < lines; line++) {
      const base = line * lineStep, at = (n: number) => from[base + Math.min(length - 1, Math.max(0, n)) * step]!;
      let sum = 0;
      for (let n = -reach; n <= reach; n++) sum += at(n);
      for (let n = 0; n < length; n++) { to[base + n * step] = sum / (2 * reach + 1); sum += at(n + reach + 1) - at(n - reach); }
    }
    [from, to] = [to, from];
  };
  for (let pass = 0; pass < 3; pass++) { box(heightPx, widthPx, widthPx, 1); box(widthPx, heightPx, 1, widthPx); }
  return { ...plane, bytes: Uint8Array.from(from, Math.round) };
}
/** Drops on the glass over `share` of the picture: behind each the picture is blurred; the same drops for the same seed. */
export function dropped(plane: LumaPlane, share: number, ofSeed = 7): LumaPlane {
  const { widthPx, heightPx } = plane, soft = blurred(plane, 10).bytes, over = new Float32Array(widthPx * heightPx), own = new Uint8Array(over.length), kept = seed;
  seed = ofSeed;
  for (let wet = 0, guard = 0; wet < share * over.length && guard < 5000; guard++) {
    const radius = widthPx * (0.015 + 0.045 * chance() ** 2), middleX = chance() * widthPx, middleY = chance() * heightPx;
    for (let y = Math.max(0, Math.floor(middleY - radius)); y < Math.min(heightPx, middleY + radius); y++) {
      for (let x = Math.max(0, Math.floor(middleX - radius)); x < Math.min(widthPx, middleX + radius); x++) {
        const inside = 1 - Math.hypot(x - middleX, y - middleY) / radius;
        if (inside <= 0) continue;
        if (over[y * widthPx + x] === 0) wet++;
        over[y * widthPx + x] = Math.max(over[y * widthPx + x]!, Math.min(1, inside * 5));
      }
    }
  }
  seed = kept;
  for (let at = 0; at < own.length; at++) own[at] = Math.round(plane.bytes[at]! * (1 - over[at]!) + soft[at]! * over[at]!);
  return { ...plane, bytes: own };
}
/**
 * The camera moved: shifts in shares of the width (right) and height (down), zoom and turn about the middle. Cut out of the inner 80 % of the picture, so that what comes into view
 * is real; the same camera unmoved is displaced(plane, {}).
 */
export function displaced(plane: LumaPlane, { rightShare = 0, downShare = 0, zoom = 1, turnDeg = 0 }: { rightShare?: number; downShare?: number; zoom?: number; turnDeg?: number }): LumaPlane {
  const { bytes, widthPx, heightPx } = plane, own = new Uint8Array(widthPx * heightPx), cos = Math.cos(turnDeg * Math.PI / 180), sin = Math.sin(turnDeg * Math.PI / 180), inner = 0.8;
  for (let y = 0, at = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++, at++) {
      const across = (x - widthPx / 2) / zoom - rightShare * widthPx, down = (y - heightPx / 2) / zoom - downShare * heightPx;
      const fromX = Math.min(widthPx - 1.001, Math.max(0, widthPx / 2 + inner * (cos * across + sin * down))), fromY = Math.min(heightPx - 1.001, Math.max(0, heightPx / 2 + inner * (cos * down - sin * across)));
      const left = fromX | 0, top = fromY | 0, partX = fromX - left, partY = fromY - top, corner = top * widthPx + left;
      own[at] = (bytes[corner]! * (1 - partX) + bytes[corner + 1]! * partX) * (1 - partY) + (bytes[corner + widthPx]! * (1 - partX) + bytes[corner + widthPx + 1]! * partX) * partY + 0.5;
    }
  }
  return { ...plane, bytes: own };
}
