// The model with its card, and what it counts on pictures whose truth is known.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Codec, CodecContext, FormatContext, Frame, Log, Packet, SoftwareScaleContext } from 'node-av/lib';
import * as C from 'node-av/constants';
import { Problem } from '../../contract/problem.ts';
import { openDensityNet, type Detector } from '../../worker/detectors/densityNet.ts';
import { DEFAULT_MODEL_CARD, loadModelCard } from '../../config/modelCard.ts';
import { loadModel } from '../../worker/detectors/modelCard.ts';
import { withoutPadding } from '../../worker/mediaHost/analysisSize.ts';
import { analysisScaler } from '../../worker/mediaHost/pictures.ts';
import { mcnnCard } from '../../bench/counting/peers.ts';
import { smallNet, type SmallNet } from '../support/onnxFile.ts';

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

/** A card of its own beside weights made for the occasion. */
async function carded(net: SmallNet, changes: Record<string, unknown> = {}): Promise<string> {
  const weights = smallNet(net), name = `small-${++made}`, cardPath = join(folder, `${name}.json`);
  writeFileSync(join(folder, `${name}.onnx`), weights);
  const card = {
    ...await loadModelCard(DEFAULT_MODEL_CARD), name, file: `${name}.onnx`, sha256: createHash('sha256').update(weights).digest('hex'),
    outputs: { people: { name: 'people', divideBy: 1 }, spread: net.spreadTimes === undefined ? null : { name: 'spread', divideBy: 1 } }, ...changes,
  };
  writeFileSync(cardPath, JSON.stringify(card));
  return cardPath;
}
let made = 0;
const grey = (widthPx: number, heightPx: number, value: number) => new Uint8Array(widthPx * heightPx * 3).fill(value);
const sumOf = (values: Float32Array) => values.reduce((a, b) => a + b, 0);

describe('a model by its card alone', () => {
  test('DE10 counts: mean grey of 255 is a hundredth of a person in each square, and its spread comes with it', async () => {
    const small = await openDensityNet(await carded({ spreadTimes: 1 / 255_000 }));
    const { people, spread } = await small.count(grey(128, 64, 255), 128, 64);
    expect(people.length).toBe(128);
    expect(sumOf(people)).toBeCloseTo(1.28, 4);
    expect(sumOf(spread!)).toBeCloseTo(0.128, 4);
    await small.close();
  });
  test('DE11 an answer in hundredths is divided, a grey and a blue-first picture are laid out, floats are shifted and scaled', async () => {
    const hundredths = await openDensityNet(await carded({ times: 1 / 255 }, { outputs: { people: { name: 'people', divideBy: 100 }, spread: null } }));
    expect(sumOf((await hundredths.count(grey(64, 64, 255), 64, 64)).people)).toBeCloseTo(0.64, 4);
    await hundredths.close();
    const floats = await openDensityNet(await carded({ inputType: 'float32', times: 1 }, { input: { name: 'rgb', layout: 'NHWC', type: 'float32', channels: 'bgr', subtract: [55], divideBy: [20_000] } }));
    expect(sumOf((await floats.count(grey(64, 64, 255), 64, 64)).people)).toBeCloseTo(64 * 0.01, 4);
    await floats.close();
  });
  test.each<[string, SmallNet, Record<string, unknown>, string]>([
    ['names an output that is not there', {}, { outputs: { people: { name: 'heads', divideBy: 1 }, spread: null } }, 'its weights have other inputs or outputs than its card says'],
    ['names an input that is not there', {}, { input: { name: 'picture', layout: 'NHWC', type: 'uint8', channels: 'rgb' } }, 'its weights have other inputs or outputs than its card says'],
    ['promises a spread that is not there', {}, { outputs: { people: { name: 'people', divideBy: 1 }, spread: { name: 'spread', divideBy: 1 } } }, 'its weights have other inputs or outputs than its card says'],
    ['says another stride', { strideInPx: 4 }, {}, 'it answers with another number of cells than its card says'],
    ['says another type of picture', {}, { input: { name: 'rgb', layout: 'NHWC', type: 'float32', channels: 'rgb' } }, 'its weights take another type of picture than its card says'],
    ['goes with weights that answer in doubles', { answerType: 'double' }, {}, 'it answers with numbers of another type than float'],
    ['goes with weights for one size alone', { fixedSidePx: 64 }, {}, 'its weights take one size of picture alone'],
    ['goes with weights that answer NaN', { times: Number.NaN }, {}, 'it answers with numbers that are none'],
    ['goes with weights that answer infinity', { times: Infinity }, {}, 'it counts more people in a cell than its pixels can show'],
    ['goes with weights that count a crowd on every pixel', { times: 10 }, {}, 'it counts more people in a cell than its pixels can show'],
    ['goes with weights that count below zero', { times: -1 }, {}, 'it answers with fewer people than none'],
    ['goes with weights whose error is negative', { spreadTimes: -1 }, {}, 'it answers with an error that cannot be one'],
    ['goes with weights whose error is none', { spreadTimes: Number.NaN }, {}, 'it answers with an error that cannot be one'],
  ])('DE12 a card that %s is refused at the start, by name', async (_, net, changes, reason) => {
    expect(await reasonOf(openDensityNet(await carded(net, changes)))).toMatchObject({ code: 'detectorBroken', values: { reason } });
  });
  test('DE13 weights that are no model are refused by name', async () => {
    const cardPath = await carded({}), card = JSON.parse(readFileSync(cardPath, 'utf8')) as { file: string };
    const bytes = Buffer.from('not a model at all');
    writeFileSync(join(folder, card.file), bytes);
    writeFileSync(cardPath, JSON.stringify({ ...card, sha256: createHash('sha256').update(bytes).digest('hex') }));
    expect(await reasonOf(openDensityNet(cardPath))).toMatchObject({ code: 'detectorBroken', values: { reason: 'its weights cannot be run here' } });
  });
  test('DE14 an answer that becomes none at work is a problem of that picture, never a number', async () => {
    // White and no other picture is more than it can bear: 255 x 0.07 = 17.9 people in 64 px.
    const small = await openDensityNet(await carded({ times: 0.07 }));
    expect(sumOf((await small.count(grey(64, 64, 100), 64, 64)).people)).toBeGreaterThan(0);
    expect(await reasonOf(small.count(grey(64, 64, 255), 64, 64))).toMatchObject({ code: 'detectorBroken', values: { reason: 'it counts more people in a cell than its pixels can show' } });
    await small.close();
  });
});

describe.skipIf(noData !== null)(`counts against the truth${noData === null ? '' : ` (skipped: ${noData})`}`, () => {
  test('DE4 ten crowd pictures kept out of its training: off by less than a quarter of the people in streets, by less than two fifths in packed crowds', async () => {
    expect(spawnSync('tar', ['xf', join(DATA, 'crowd/shtech_train_768_q72.tar'), '-C', folder]).status).toBe(0);
    const found = spawnSync('find', [folder, '-name', 'points.json'], { encoding: 'utf8' }).stdout.trim().split('\n').sort();
    expect(found.length).toBe(2);
    for (const [points, most] of [[found[0]!, 2 / 5], [found[1]!, 1 / 4]] as const) {
      const truth = JSON.parse(readFileSync(points, 'utf8')) as Record<string, { count: number }>, names = Object.keys(truth).sort().filter((_, index) => index % 60 === 0).slice(0, 5);
      let off = 0, people = 0;
      for (const name of names) {
        await frames(join(points, '..', name), 1, async (frame) => { off += Math.abs(await counted(frame, 768 * 576) - truth[name]!.count); return false; });
        people += truth[name]!.count;
      }
      expect(names.length).toBe(5);
      expect(people).toBeGreaterThan(250);
      expect(off / people, points).toBeLessThan(most);
    }
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
    // 1200 frames of 768 x 432 are decoded for it.
  }, 60_000);
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
    const full = await openDensityNet(DEFAULT_MODEL_CARD.replace('-int8.json', '.json'));
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

describe.skipIf(noData !== null)(`another model${noData === null ? '' : ` (skipped: ${noData})`}`, () => {
  test('DE15 MCNN, grey in and a stride of 4 out, is dropped in by a card alone and counts a street', async () => {
    const peer = await openDensityNet(mcnnCard(folder, 'mcnn_shtechB_110.onnx'));
    expect(peer.card).toMatchObject({ stridePx: 4, input: { channels: 'gray', layout: 'NCHW' } });
    await frames(join(DATA, 'video/high_street_1280x720_314f.mp4'), 1, async (frame) => {
      const scaler = analysisScaler({ pixelsMost: 640 * 384, multiplePx: peer.card.sizeMultiplePx, stridePx: peer.card.stridePx });
      const { size, rgb } = scaler.scaled(frame)!;
      const { people } = await peer.count(rgb, size.paddedWidthPx, size.paddedHeightPx);
      expect(people.length).toBe(size.paddedWidthPx * size.paddedHeightPx / 16);
      // 30 to 40 people are there; it is a poor model, and says so in its card.
      const { peopleInPicture } = withoutPadding(people, size.paddedWidthPx / 4, size.imageCells);
      expect(peopleInPicture).toBeGreaterThan(15);
      expect(peopleInPicture).toBeLessThan(120);
      scaler.close();
      return false;
    });
    await peer.close();
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
