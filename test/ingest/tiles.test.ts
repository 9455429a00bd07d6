// The picture is looked at in parts, with the real net, and by a real media host whose camera is placed, placed anew and taken off its place.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Codec, CodecContext, FormatContext, Frame, Log, Packet } from 'node-av/lib';
import * as C from 'node-av/constants';
import { DENSITY_CODE_UNKNOWN } from '../../contract/density.ts';
import type { AnalysisNeed } from '../../crowd/analysisNeed.ts';
import { openDensityNet, type Detector } from '../../worker/detectors/densityNet.ts';
import { DEFAULT_MODEL_CARD } from '../../config/modelCard.ts';
import { lookedPx } from '../../worker/mediaHost/analysisSize.ts';
import { analysisScaler } from '../../worker/mediaHost/pictures.ts';
import { countPicture } from '../../worker/mediaHost/tiles.ts';
import { calibrationOf, type Pinhole } from '../crowd/camera.ts';
import { counting, openWorld, until, type World } from './support.ts';

Log.setLevel(C.AV_LOG_QUIET);
const STREET = resolve(import.meta.dirname, '../../../shared/data/video/high_street_1280x720_314f.mp4');
const noData = existsSync(STREET) ? null : 'the video of ../shared/data is not here';

describe.skipIf(noData !== null)(`a street in parts${noData === null ? '' : ` (skipped: ${noData})`}`, () => {
  let net: Detector, frame: Frame;
  beforeAll(async () => { net = await openDensityNet(DEFAULT_MODEL_CARD); frame = await firstFrame(STREET); });
  afterAll(async () => { frame.free(); await net.close(); });
  const counted = async (need: AnalysisNeed | null, pixelsMost: number) => {
    const scaler = analysisScaler({ pixelsMost, multiplePx: net.card.sizeMultiplePx, stridePx: net.card.stridePx, need }), picture = scaler.scaled(frame)!, count = await countPicture(net, picture);
    scaler.close();
    return { size: picture.size, count };
  };
  const needOf = (farHeadShare: number, shows: (xShare: number, yShare: number) => boolean): AnalysisNeed => ({
    farHeadShare, nearHeadShare: null, columns: 48, rows: 27, shows: Uint8Array.from({ length: 48 * 27 }, (_, at) => (shows((at % 48 + 0.5) / 48, (Math.floor(at / 48) + 0.5) / 27) ? 1 : 0)),
  });

  test('AN6 seams: the tiles of a large picture count what the whole of it counts, in all and in each half, and nobody twice', async () => {
    // Twice the street's own size, four times the pixels that one look may have.
    const tiled = await counted(needOf(8 / 1440, () => true), 6_000_000), { tiles, imageCells, paddedWidthPx, paddedHeightPx } = tiled.size;
    expect(tiles.length).toBeGreaterThan(1);
    const scaler = analysisScaler({ pixelsMost: 6_000_000, multiplePx: 32, stridePx: 8, need: needOf(8 / 1440, () => true) }), picture = scaler.scaled(frame)!;
    const whole = await countPicture(net, { ...picture, size: { ...picture.size, tiles: [{ leftPx: 0, topPx: 0, widthPx: paddedWidthPx, heightPx: paddedHeightPx, columnFirst: 0, rowFirst: 0, columns: imageCells.columns, rows: imageCells.rows }] } });
    scaler.close();
    expect(whole.peopleInPicture).toBeGreaterThan(10);
    expect(Math.abs(tiled.count.peopleInPicture / whole.peopleInPicture - 1), `${tiled.count.peopleInPicture} in ${tiles.length} tiles, ${whole.peopleInPicture} whole`).toBeLessThan(0.03);
    // At the seams themselves: the strip of four heads' width on either side of each.
    const sumAround = (raster: Float32Array) => {
      let sum = 0;
      for (const { columnFirst, rowFirst } of tiles) for (let row = 0; row < imageCells.rows; row++) for (let column = 0; column < imageCells.columns; column++) {
        if ((columnFirst > 0 && Math.abs(column - columnFirst) < 4) || (rowFirst > 0 && Math.abs(row - rowFirst) < 4)) sum += raster[row * imageCells.columns + column]!;
      }
      return sum;
    };
    const here = sumAround(tiled.count.peoplePerImageCell), there = sumAround(whole.peoplePerImageCell);
    expect(Math.abs(here - there), `${here} for ${there} at the seams`).toBeLessThan(Math.max(0.5, 0.15 * there));
  }, 120_000);

  test('AN7 what shows no ground is not looked at, costs nothing and has nobody; what does is counted as before', async () => {
    const right = await counted(needOf(0.025, (xShare) => xShare > 0.45), 640 * 384), all = await counted(null, 640 * 384), { columns, rows } = all.size.imageCells;
    expect(right.size.imageCells).toEqual(all.size.imageCells);
    expect(lookedPx(right.size)).toBeLessThan(0.8 * lookedPx(all.size));
    let here = 0, there = 0, beyond = 0;
    for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      if (column > 0.5 * columns) { here += right.count.peoplePerImageCell[at]!; there += all.count.peoplePerImageCell[at]!; }
      if (column < 0.3 * columns) beyond += right.count.peoplePerImageCell[at]!;
    }
    expect(beyond).toBe(0);
    expect(there).toBeGreaterThan(3);
    expect(Math.abs(here / there - 1), `${here} of ${there}`).toBeLessThan(0.1);
  }, 60_000);
});

describe.skipIf(noData !== null)(`a camera that is placed${noData === null ? '' : ` (skipped: ${noData})`}`, () => {
  let world: World;
  beforeAll(async () => { world = await openWorld(); await world.ingest({ analysisPixelsMost: 1_000_000 }); });
  afterAll(async () => { await world.close(); });

  test('AN8 its size follows its placing without opening it again, and says why', async () => {
    const sensorId = await world.add('street', 'file', { path: STREET }), analysis = () => world.statuses.get(sensorId)?.analysis;
    await counting(world, sensorId, 40_000);
    await until(() => analysis()?.because === 'notPlaced', 10_000, analysis);
    expect(analysis()).toMatchObject({ tiles: 1, farHeadPx: null });
    const usualPx = analysis()!.widthPx;
    // From 9 m up, looking north over the square: the far end of its range is 30 m away, where the usual size shows heads of 5 to 6 px.
    const mast: Pinhole = { xM: 20, yM: 1, heightM: 9, bearingDeg: 0, tiltDeg: 24, viewDeg: 65, aspect: 1280 / 720 }, ground = [[14, 14], [26, 14], [12, 30], [28, 30], [20, 22], [16, 38], [24, 38]].map(([xM, yM]) => ({ xM: xM!, yM: yM! }));
    const { version: _version, ...placing } = calibrationOf(mast, ground, { rangeMostM: 30 });
    await world.store.calibrateSensor(sensorId, placing);
    await world.tellChange();
    await until(() => analysis()?.because === 'headsLargeEnough', 30_000, analysis);
    expect(analysis()!.widthPx).toBeGreaterThan(1.2 * usualPx);
    expect(analysis()!.farHeadPx).toBeGreaterThan(7.3);
    const version = () => world.readings().then((readings) => readings.filter((reading) => reading.sensorId === sensorId && reading.densityCodes.some((code) => code !== DENSITY_CODE_UNKNOWN)).at(-1)?.calibrationVersion);
    await until(async () => await version() === 1, 30_000);
    // A nearer range: the usual size is enough.
    await world.store.calibrateSensor(sensorId, { ...placing, rangeMostM: 14 });
    await world.tellChange();
    await until(() => (analysis()?.widthPx ?? Infinity) <= usualPx, 30_000, analysis);
    await until(async () => await version() === 2, 30_000);
    await world.store.calibrateSensor(sensorId, null);
    await world.tellChange();
    await until(() => analysis()?.because === 'notPlaced', 30_000, analysis);
    expect(world.statuses.get(sensorId)!.attempt).toBe(0);
  }, 200_000);
});

async function firstFrame(path: string): Promise<Frame> {
  const context = new FormatContext(), packet = new Packet(), coder = new CodecContext(), frame = new Frame();
  context.allocContext();
  await context.openInput(`file:${path}`, null, null);
  await context.findStreamInfo(null);
  const stream = context.streams[context.findBestStream(C.AVMEDIA_TYPE_VIDEO)]!, codec = Codec.findDecoder(stream.codecpar.codecId)!;
  coder.allocContext3(codec); coder.parametersToContext(stream.codecpar); coder.threadCount = 1; coder.open2Sync(codec, null);
  packet.alloc(); frame.alloc();
  for (;;) {
    if (await context.readFrame(packet) < 0) throw new Error('no picture');
    coder.sendPacketSync(packet);
    packet.unref();
    if (coder.receiveFrameSync(frame) >= 0) break;
  }
  packet.free(); coder.freeContext();
  await context.closeInput();
  return frame;
}
