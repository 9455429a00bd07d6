// The model with its card, and what it counts on pictures whose truth is known.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Codec, CodecContext, FormatContext, Frame, Log, Packet, SoftwareScaleContext } from 'node-av/lib';
import * as C from 'node-av/constants';
import { Problem } from '../../contract/problem.ts';
import { openDensityNet, type Detector } from '../../worker/detectors/densityNet.ts';
import { DEFAULT_MODEL_CARD, loadModel, loadModelCard } from '../../worker/detectors/modelCard.ts';
import { withoutPadding } from '../../worker/mediaHost/analysisSize.ts';
import { analysisScaler } from '../../worker/mediaHost/pictures.ts';

Log.setLevel(C.AV_LOG_QUIET);
const DATA = resolve(import.meta.dirname, '../../../shared/data');
const noData = existsSync(join(DATA, 'crowd/shtech_train_768_q72.tar')) ? null : 'the pictures of ../shared/data are not here';
const folder = mkdtempSync(join(tmpdir(), 'crowdlight-detector-'));
let net: Detector;
beforeAll(async () => { net = await openDensityNet(DEFAULT_MODEL_CARD); });
afterAll(async () => { await net.close(); rmSync(folder, { recursive: true }); });

/** Calls `look` with every `every`-th frame until it returns false. */
async function frames(path: string, every: number, look: (frame: Frame, index: number) => Promise<boolean>): Promise<void> {
  const context = new FormatContext(), packet = new Packet(), frame = new Frame(), coder = new CodecContext();
  context.allocContext();
  expect(await context.openInput(`file:${path}`, null, null)).toBeGreaterThanOrEqual(0);
  await context.findStreamInfo(null);
  const stream = context.streams[context.findBestStream(C.AVMEDIA_TYPE_VIDEO)]!, codec = Codec.findDecoder(stream.codecpar.codecId)!;
  coder.allocContext3(codec); coder.parametersToContext(stream.codecpar); coder.threadCount = 1; coder.open2Sync(codec, null);
  packet.alloc(); frame.alloc();
  let index = 0, more = true;
  for (let ended = false; more;) {
    ended = await context.readFrame(packet) < 0;
    coder.sendPacketSync(ended ? null : packet);
    packet.unref();
    while (more && coder.receiveFrameSync(frame) >= 0) { if (index++ % every === 0) more = await look(frame, index - 1); frame.unref(); }
    if (ended) break;
  }
  packet.free(); frame.free(); coder.freeContext();
  await context.closeInput();
}
async function counted(frame: Frame, pixelsMost = 640 * 384): Promise<number> {
  const scaler = analysisScaler({ pixelsMost, multiplePx: net.card.sizeMultiplePx, stridePx: net.card.stridePx });
  const { size, rgb } = scaler.scaled(frame)!;
  const people = withoutPadding((await net.count(rgb, size.paddedWidthPx, size.paddedHeightPx)).people, size.paddedWidthPx / net.card.stridePx, size.imageCells).peopleInPicture;
  scaler.close();
  return people;
}
const reasonOf = async (work: Promise<unknown>) => { const error = await work.then(() => null, (failure: unknown) => failure); expect(error).toBeInstanceOf(Problem); return (error as Problem).note; };

describe('the card and its weights', () => {
  test('DE1 the card of the release is complete and its weights are the ones it names', async () => {
    const { card, weights } = await loadModel(DEFAULT_MODEL_CARD);
    expect(weights.length).toBeGreaterThan(100_000);
    expect(card.errorModel.relativeShare).toBeGreaterThan(0);
  });
  test('DE2 weights with one bit turned are refused', async () => {
    const card = await loadModelCard(DEFAULT_MODEL_CARD);
    const cardPath = join(folder, 'card.json');
    copyFileSync(DEFAULT_MODEL_CARD, cardPath);
    const weights = readFileSync(resolve(DEFAULT_MODEL_CARD, '..', card.file));
    weights[1000]! ^= 1;
    writeFileSync(join(folder, card.file), weights);
    expect(await reasonOf(openDensityNet(cardPath))).toMatchObject({ code: 'detectorBroken', values: { reason: 'its weights are not those of its card' } });
  });
  test('DE3 a card with a missing, an unknown or an escaping field is refused, and so is none', async () => {
    const card = JSON.parse(readFileSync(DEFAULT_MODEL_CARD, 'utf8')) as Record<string, unknown>;
    const cardPath = join(folder, 'wrong.json');
    for (const wrong of [{ ...card, licence: undefined }, { ...card, extra: 1 }, { ...card, file: '../elsewhere.onnx' }, { ...card, sha256: 'x' }]) {
      writeFileSync(cardPath, JSON.stringify(wrong));
      expect((await reasonOf(loadModelCard(cardPath))).code).toBe('detectorBroken');
    }
    writeFileSync(cardPath, 'no card');
    expect((await reasonOf(loadModelCard(cardPath))).code).toBe('detectorBroken');
    expect((await reasonOf(loadModelCard(join(folder, 'none.json')))).code).toBe('detectorBroken');
  });
});

describe.skipIf(noData !== null)(`counts against the truth${noData === null ? '' : ` (skipped: ${noData})`}`, () => {
  test('DE4 ten crowd pictures of its training data: off by less than a quarter of the people in them', async () => {
    expect(spawnSync('tar', ['xf', join(DATA, 'crowd/shtech_train_768_q72.tar'), '-C', folder]).status).toBe(0);
    const found = spawnSync('find', [folder, '-name', 'points.json'], { encoding: 'utf8' }).stdout.trim().split('\n').sort();
    let off = 0, people = 0, pictures = 0;
    for (const points of found) {
      const truth = JSON.parse(readFileSync(points, 'utf8')) as Record<string, { count: number }>;
      for (const name of Object.keys(truth).sort().filter((_, index) => index % 60 === 0).slice(0, 5)) {
        await frames(join(points, '..', name), 1, async (frame) => { off += Math.abs(await counted(frame, 768 * 576) - truth[name]!.count); return false; });
        people += truth[name]!.count; pictures++;
      }
    }
    expect(pictures).toBe(10);
    expect(people).toBeGreaterThan(500);
    expect(off / people).toBeLessThan(0.25);
  });
  test('DE5 the street of PETS (vtest): mean error under 3 people against the ground truth', async () => {
    const truth = countsOf(JSON.parse(readFileSync(join(DATA, 'video/vtest_counts_frames_1-69.json'), 'utf8')));
    const errors: number[] = [];
    await frames(join(DATA, 'video/vtest_480x360_795f.avi'), 8, async (frame, index) => {
      const people = truth.get(index + 1);
      if (people === undefined) return false;
      errors.push(Math.abs(await counted(frame) - people));
      return true;
    });
    expect(errors.length).toBeGreaterThanOrEqual(8);
    expect(errors.reduce((a, b) => a + b) / errors.length).toBeLessThan(3);
  });
  test('DE6 the calm corridor never looks like a crowd: under 2.5 people at any time', async () => {
    let most = 0, looked = 0;
    await frames(join(DATA, 'video/intel_one_by_one_768x432_1394f.mp4'), 100, async (frame) => { most = Math.max(most, await counted(frame)); looked++; return looked < 12; });
    expect(looked).toBe(12);
    expect(most).toBeLessThan(2.5);
  });
  test('DE7 any shape: two portrait halves of a street sum to the whole, and a panorama of two streets is twice one', async () => {
    let looked = false;
    await frames(join(DATA, 'video/high_street_1280x720_314f.mp4'), 1, async (frame) => {
      looked = true;
      const rgb = rgbOf(frame);
      const at = async (picture: Frame) => { const people = await counted(picture, 640 * 384 * picture.width * picture.height / (1280 * 720)); picture.free(); return people; };
      const whole = await at(framed(rgb, 1280, 720));
      const halves = await at(framed(columnsOf(rgb, 0, 640), 640, 720)) + await at(framed(columnsOf(rgb, 640, 1280), 640, 720));
      const panorama = await at(framed(beside(rgb, rgb), 2560, 720));
      expect(whole).toBeGreaterThan(5);
      expect(halves / whole, `${halves} of ${whole}`).toBeGreaterThan(0.75);
      expect(halves / whole, `${halves} of ${whole}`).toBeLessThan(1.25);
      expect(panorama / whole, `${panorama} of ${whole}`).toBeGreaterThan(1.7);
      expect(panorama / whole, `${panorama} of ${whole}`).toBeLessThan(2.3);
      return false;
    });
    expect(looked).toBe(true);
  });
  test('DE8 padding adds nobody: 32 more grey columns and rows change the count by less than one person in thirty', async () => {
    await frames(join(DATA, 'video/high_street_1280x720_314f.mp4'), 1, async (frame) => {
      const scaler = analysisScaler({ pixelsMost: 640 * 384, multiplePx: 32, stridePx: 8 });
      const { size, rgb } = scaler.scaled(frame)!;
      const widthPx = size.paddedWidthPx + 32, heightPx = size.paddedHeightPx + 32;
      const larger = Buffer.alloc(widthPx * heightPx * 3, 118);
      for (let row = 0; row < size.paddedHeightPx; row++) rgb.copy(larger, row * widthPx * 3, row * size.paddedWidthPx * 3, (row + 1) * size.paddedWidthPx * 3);
      const people = withoutPadding((await net.count(rgb, size.paddedWidthPx, size.paddedHeightPx)).people, size.paddedWidthPx / 8, size.imageCells).peopleInPicture;
      const padded = withoutPadding((await net.count(larger, widthPx, heightPx)).people, widthPx / 8, size.imageCells).peopleInPicture;
      expect(Math.abs(people - padded)).toBeLessThan(Math.max(1, people / 30));
      scaler.close();
      return false;
    });
  });
  test('DE9 the 8-bit weights count a street as the fp32 weights they were made of do, within a twentieth', async () => {
    const full = await openDensityNet(resolve(DEFAULT_MODEL_CARD, '../crowdlight-density-baseline.json'));
    await frames(join(DATA, 'video/high_street_1280x720_314f.mp4'), 1, async (frame) => {
      const scaler = analysisScaler({ pixelsMost: 640 * 384, multiplePx: 32, stridePx: 8 });
      const { size, rgb } = scaler.scaled(frame)!;
      const sum = async (detector: Detector) => (await detector.count(rgb, size.paddedWidthPx, size.paddedHeightPx)).people.reduce((a, b) => a + b, 0);
      const exact = await sum(full), small = await sum(net);
      expect(exact).toBeGreaterThan(5);
      expect(Math.abs(small - exact), `${small} for ${exact}`).toBeLessThan(exact / 20);
      scaler.close();
      return false;
    });
    await full.close();
  });
});

/** Frame number (from 1) -> people. */
function countsOf(parsed: unknown): Map<number, number> {
  const counts = Array.isArray(parsed) ? parsed : (parsed as { counts?: unknown }).counts ?? parsed;
  return Array.isArray(counts) ? new Map(counts.map((count: number, index) => [index + 1, count])) : new Map(Object.entries(counts as Record<string, number>).map(([frame, count]) => [Number(frame), count]));
}

function rgbOf(frame: Frame): Buffer {
  const bytes = Buffer.alloc(frame.width * frame.height * 3);
  const scaler = new SoftwareScaleContext();
  scaler.getContext(frame.width, frame.height, frame.format as C.AVPixelFormat, frame.width, frame.height, C.AV_PIX_FMT_RGB24, C.SWS_BILINEAR);
  scaler.scaleSync(frame.data!, frame.linesize, 0, frame.height, [bytes], [frame.width * 3]);
  scaler.freeContext();
  return bytes;
}
const framed = (rgb: Buffer, width: number, height: number) => Frame.fromVideoBuffer(rgb, { width, height, format: C.AV_PIX_FMT_RGB24 });
const columnsOf = (rgb: Buffer, fromPx: number, toPx: number) => Buffer.concat(Array.from({ length: 720 }, (_, row) => rgb.subarray((row * 1280 + fromPx) * 3, (row * 1280 + toPx) * 3)));
const beside = (left: Buffer, right: Buffer) => Buffer.concat(Array.from({ length: 720 }, (_, row) => [left, right].map((rgb) => rgb.subarray(row * 1280 * 3, (row + 1) * 1280 * 3))).flat());
