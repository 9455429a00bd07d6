// Privacy masks in a real media host, on real footage and on frames with a marker: what lies under a mask is in no byte that leaves, and is not counted.
import { existsSync } from 'node:fs';
import { Frame } from 'node-av/lib';
import * as C from 'node-av/constants';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DENSITY_CODE_UNKNOWN } from '../../contract/density.ts';
import { decodePicture } from '../../contract/picture.ts';
import type { Calibration, MaskPolygons } from '../../contract/site.ts';
import { topics } from '../../store/bus/bus.ts';
import { frameMasker } from '../../worker/mediaHost/masker.ts';
import { previewJpeg } from '../../worker/mediaHost/pictures.ts';
import { sightJudge } from '../../worker/mediaHost/sight.ts';
import { lumaPlaneOf, lumaSampler } from '../../worker/mediaHost/sightLuma.ts';
import { VIDEOS } from '../support/rtspServer.ts';
import { counting, openWorld, until, type World } from './support.ts';

const box = (left: number, top: number, right: number, bottom: number): MaskPolygons[number] => [{ xShare: left, yShare: top }, { xShare: right, yShare: top }, { xShare: right, yShare: bottom }, { xShare: left, yShare: bottom }];
const MASK = box(0.25, 0.3, 0.6, 0.8);

/** A picture of noise with a square of pure magenta in the middle of MASK. */
function marked(format: C.AVPixelFormat): Frame {
  const widthPx = 640, heightPx = 360, rgb = Buffer.alloc(widthPx * heightPx * 3);
  for (let at = 0; at < rgb.length; at += 3) rgb.fill((at * 7919) % 200, at, at + 3);
  for (let y = 150; y < 240; y++) for (let x = 220; x < 330; x++) { const at = (y * widthPx + x) * 3; rgb[at] = 255; rgb[at + 1] = 0; rgb[at + 2] = 255; }
  const from = Frame.fromVideoBuffer(rgb, { width: widthPx, height: heightPx, format: C.AV_PIX_FMT_RGB24, timeBase: { num: 1, den: 1 } });
  if (format === C.AV_PIX_FMT_RGB24) return from;
  const to = new Frame(), { keptScaler } = scalers;
  to.alloc(); to.width = widthPx; to.height = heightPx; to.format = format;
  to.getBuffer();
  const scaler = keptScaler();
  scaler.intoFrame(from, to);
  scaler.close(); from.free();
  return to;
}
const scalers = await import('../../worker/mediaHost/pictures.ts');
const magentaIn = async (jpeg: Uint8Array): Promise<number> => {
  const { data } = await sharp(jpeg).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let count = 0;
  for (let at = 0; at < data.length; at += 3) if (data[at]! > 150 && data[at + 1]! < 100 && data[at + 2]! > 150) count++;
  return count;
};

describe('masks in frames', () => {
  test('MK4 a marker under a mask is in no picture, in any format of pixels, and the decoder\'s own frame is left as it was', async () => {
    for (const format of [C.AV_PIX_FMT_YUV420P, C.AV_PIX_FMT_YUVJ420P, C.AV_PIX_FMT_YUV422P, C.AV_PIX_FMT_YUV444P, C.AV_PIX_FMT_NV12, C.AV_PIX_FMT_YUV420P10LE, C.AV_PIX_FMT_RGB24]) {
      const frame = marked(format), masker = frameMasker({ version: 1, polygons: [MASK] }), before = frame.toBuffer();
      expect(await magentaIn(previewJpeg(frame, 640)!), `format ${format}`).toBeGreaterThan(5000);
      const filled = masker.filled(frame)!;
      expect(filled).not.toBe(frame);
      for (const widthMostPx of [640, 320, 960]) expect(await magentaIn(previewJpeg(filled, widthMostPx)!), `format ${format} at ${widthMostPx}`).toBe(0);
      expect(frame.toBuffer().equals(before), `format ${format}`).toBe(true);
      filled.free(); frame.free(); masker.close();
    }
  });

  test('MK5 where a mask leaves nothing to look at, or was just drawn, the picture does not look covered, frozen or moved', () => {
    const judge = sightJudge(), sampler = lumaSampler(), masker = frameMasker({ version: 1, polygons: [box(0, 0, 1, 0.55)] }), none = frameMasker(null);
    const noisy = (n: number) => { const frame = marked(C.AV_PIX_FMT_YUV420P), luma = frame.data![0]!; for (let at = 0; at < luma.length; at += 3) luma[at] = (luma[at]! + n * 31 + at * 13) % 220; return frame; };
    for (let n = 0; n < 60; n++) {
      const frame = noisy(n), masked = n < 24 ? frame : masker.filled(frame)!, plane = lumaPlaneOf(masked)!, luma = sampler(plane, 16 / 9);
      delete luma.masked;
      const { fault } = judge.look(n < 24 ? none.ofLuma(luma) : masker.ofLuma(luma), n * 500);
      expect(fault, `picture ${n}`).toBeNull();
      if (n === 20) judge.setMark(judge.markOfNow(1));
      if (masked !== frame) masked.free();
      frame.free();
    }
  }, 60_000);
});

const whyNot = existsSync(VIDEOS.highStreet) ? null : 'the videos of ../shared/data/video are not here';
describe.skipIf(whyNot !== null)(`masks on real footage${whyNot === null ? '' : ` (not run: ${whyNot})`}`, () => {
  let world: World;
  beforeAll(async () => { world = await openWorld(); await world.ingest(); await world.add('street', 'file', { path: VIDEOS.highStreet, loop: true }); await counting(world, 'street'); }, 120_000);
  afterAll(async () => { await world?.close(); });

  const mask = async (polygons: MaskPolygons): Promise<number> => { const { sensor } = await world.store.maskSensor('street', polygons); await world.tellChange(); return sensor.masks!.version; };
  const pictureOf = async (version: number): Promise<Uint8Array> => {
    let found: Uint8Array | null = null;
    await until(async () => {
      await world.bus.putLatest(topics.pictureWanted('street'), Buffer.from('1'), 5000);
      const bytes = await world.bus.getLatest(topics.picture('street')), picture = bytes === null ? null : decodePicture(bytes);
      found = picture !== null && picture.masksVersion === version ? picture.jpeg : null;
      return found !== null;
    }, 15_000);
    return found!;
  };
  const greyShare = async (jpeg: Uint8Array, [left, top, right, bottom]: number[]): Promise<number> => {
    const { data, info } = await sharp(jpeg).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    let grey = 0, all = 0;
    for (let y = Math.round(top! * info.height); y < bottom! * info.height; y++) for (let x = Math.round(left! * info.width); x < right! * info.width; x++) { const at = (y * info.width + x) * 3; all++; if ([0, 1, 2].every((colour) => Math.abs(data[at + colour]! - 118) < 14)) grey++; }
    return grey / all;
  };

  test('MK6 a mask holds from the next picture on, in every preview, and what is under it is not counted; the count comes back when it is taken away', async () => {
    const people = async () => { const seen: number[] = []; for (let n = 0; n < 6; n++) { const at = world.statuses.get('street')!.framesCounted; await until(() => world.statuses.get('street')!.framesCounted > at, 10_000); seen.push(world.statuses.get('street')!.peopleInPicture!); } return seen.reduce((sum, one) => sum + one, 0) / seen.length; };
    expect(await greyShare(await pictureOf(0), [0.3, 0.35, 0.55, 0.75])).toBeLessThan(0.5);
    const before = await people();
    const version = await mask([box(0, 0, 1, 1)]);
    expect(await greyShare(await pictureOf(version), [0, 0, 1, 1])).toBe(1);
    await until(() => world.statuses.get('street')!.peopleInPicture === 0, 10_000, () => world.statuses.get('street')!.peopleInPicture);
    // Nothing to see is not a broken camera.
    expect(world.statuses.get('street')!.sight?.fault ?? null).toBeNull();
    const half = await mask([MASK]);
    const jpeg = await pictureOf(half);
    expect(await greyShare(jpeg, [0.26, 0.31, 0.59, 0.79])).toBeGreaterThan(0.99);
    const part = await people();
    expect(part).toBeGreaterThan(0);
    expect(part).toBeLessThan(before);
    await pictureOf(await mask([]));
    expect(await people()).toBeGreaterThan(before * 0.5);
  }, 90_000);

  test('MK7 readings: ground under the mask is unknown; the unmasked picture is made only while somebody may see it', async () => {
    const corners = [[0.1, 0.9, 4, 4], [0.9, 0.9, 14, 4], [0.25, 0.55, 4, 16], [0.75, 0.55, 14, 16]] as const;
    const calibration: Omit<Calibration, 'version'> = { position: { xM: 9, yM: 0 }, heightM: 6, bearingDeg: 0, headHeightM: 1.6, pictureAspect: 16 / 9, rangeMostM: null, points: corners.map(([xShare, yShare, xM, yM]) => ({ picture: { xShare, yShare }, ground: { xM, yM } })) };
    await world.store.calibrateSensor('street', calibration);
    await world.tellChange();
    const known = async () => { const from = (await world.readings()).length; await until(async () => (await world.readings()).length > from + 3, 15_000); const reading = (await world.readings()).at(-1)!; return reading.densityCodes.filter((code) => code !== DENSITY_CODE_UNKNOWN).length; };
    const open = await known();
    expect(open).toBeGreaterThan(40);
    await pictureOf(await mask([box(0, 0, 0.5, 1)]));
    const half = await known();
    expect(half).toBeGreaterThan(0.2 * open);
    expect(half).toBeLessThan(0.8 * open);
    expect(await world.bus.getLatest(topics.unmaskedPicture('street'))).toBeNull();
    await world.bus.putLatest(topics.unmaskedWanted('street'), Buffer.from('1'), 2000);
    await until(async () => await world.bus.getLatest(topics.unmaskedPicture('street')) !== null, 10_000);
    const unmasked = decodePicture((await world.bus.getLatest(topics.unmaskedPicture('street')))!)!;
    expect(await greyShare(unmasked.jpeg, [0, 0, 0.5, 1])).toBeLessThan(0.5);
    // Nobody asks any more: it is gone within seconds, and counting stayed masked.
    await until(async () => await world.bus.getLatest(topics.unmaskedPicture('street')) === null, 12_000);
    expect(await known()).toBeLessThan(0.8 * open);
  }, 90_000);
});
