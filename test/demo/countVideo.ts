// Decodes a video and counts it as ingest does: the same scaler, the same net, the same projection onto the ground. For the tests of the demo.
import { existsSync } from 'node:fs';
import { AV_LOG_ERROR, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { Codec, CodecContext, FormatContext, Frame, Log, Packet } from 'node-av/lib';
import { PEOPLE_PER_M2_OF_CODE } from '../../contract/density.ts';
import type { SitePoint } from '../../contract/geometry.ts';
import { groundProjection, projectPeople, type Projection } from '../../crowd/ground.ts';
import { calibratedSpread } from '../../crowd/interval.ts';
import { cellAreas, ringOf } from '../../crowd/polygon.ts';
import { openDensityNet } from '../../worker/detectors/densityNet.ts';
import { DEFAULT_MODEL_CARD } from '../../config/modelCard.ts';
import { plazaDemo } from '../../worker/demo/plaza.ts';
import { withoutPadding } from '../../worker/mediaHost/analysisSize.ts';
import { analysisScaler } from '../../worker/mediaHost/pictures.ts';

export const CARD_PATH = DEFAULT_MODEL_CARD;
export const hasNet = (): boolean => existsSync(CARD_PATH);
const PIXELS_MOST = 640 * 384; // the default of the setting analysisPixelsMost

export type Rasters = ReturnType<typeof projectPeople>;
export type PlazaCount = { index: number; peopleInPicture: number; rasters: Rasters; peoplePerM2In(polygon: readonly SitePoint[]): number };

/** Counts every `every`-th frame of a video of the demo's camera, in their order. */
export async function countVideo(path: string, every: number, onCount: (count: PlazaCount) => void): Promise<void> {
  Log.setLevel(AV_LOG_ERROR);
  const net = await openDensityNet(CARD_PATH), scaler = analysisScaler({ pixelsMost: PIXELS_MOST, multiplePx: net.card.sizeMultiplePx, stridePx: net.card.stridePx });
  const input = new FormatContext(), decoder = new CodecContext(), packet = new Packet(), frame = new Frame();
  let projection: Projection | null = null, index = 0;
  try {
    must(await input.openInput(path, null, null)); must(await input.findStreamInfo(null));
    const stream = input.streams[input.findBestStream(AVMEDIA_TYPE_VIDEO)]!, codec = Codec.findDecoder(stream.codecpar.codecId);
    decoder.allocContext3(codec); decoder.parametersToContext(stream.codecpar); decoder.threadCount = 1;
    must(decoder.open2Sync(codec, null));
    packet.alloc(); frame.alloc();
    for (let ended = false; !ended;) {
      ended = await input.readFrame(packet) < 0;
      if (!ended && packet.streamIndex !== stream.index) { packet.unref(); continue; }
      decoder.sendPacketSync(ended ? null : packet);
      packet.unref();
      while (decoder.receiveFrameSync(frame) >= 0) {
        if (index % every === 0) {
          const picture = scaler.scaled(frame);
          if (picture === null) throw new Error('the frame could not be scaled');
          const { size, rgb } = picture;
          const counted = await net.count(rgb, size.paddedWidthPx, size.paddedHeightPx), own = (values: Float32Array) => withoutPadding(values, size.paddedWidthPx / net.card.stridePx, size.imageCells);
          const { peoplePerImageCell, peopleInPicture } = own(counted.people), spreadPerImageCell = counted.spread === null ? null : own(counted.spread).peoplePerImageCell;
          if (projection === null) {
            const made = groundProjection({ grid: plazaDemo.site.grid, calibration: { ...plazaDemo.camera.calibration, version: 1 }, imageCells: size.imageCells, errorModel: net.card.errorModel });
            if (!made.ok) throw new Error(`the demo camera cannot be placed: ${made.problem.code}`);
            projection = made.projection;
          }
          const spread = calibratedSpread({ people: peoplePerImageCell, spread: spreadPerImageCell, columns: size.imageCells.columns, cellPx: net.card.stridePx }, net.card.errorModel);
          const rasters = projectPeople(projection, peoplePerImageCell, spread), { window, densityCodes } = rasters;
          onCount({ index, peopleInPicture, rasters, peoplePerM2In: (polygon) => meanDensity(polygon, window, densityCodes) });
        }
        index++;
        frame.unref();
      }
    }
  } finally {
    scaler.close(); frame.free(); packet.free(); decoder.freeContext(); await input.closeInput(); await net.close();
  }
}

/** Mean over the seen cells of a polygon, each by the area that it shares with it. NaN where nothing is seen. */
function meanDensity(polygon: readonly SitePoint[], window: { columnFirst: number; rowFirst: number; columns: number; rows: number }, codes: Uint8Array): number {
  const { grid } = plazaDemo.site;
  let people = 0, seenM2 = 0;
  cellAreas(ringOf(polygon), grid.cellM, grid.columns, grid.rows, (column, row, areaM2) => {
    const x = column - window.columnFirst, y = row - window.rowFirst;
    if (x < 0 || y < 0 || x >= window.columns || y >= window.rows) return;
    const density = PEOPLE_PER_M2_OF_CODE[codes[y * window.columns + x]!]!;
    if (Number.isNaN(density)) return;
    people += density * areaM2; seenM2 += areaM2;
  });
  return people / seenM2;
}
function must(answer: number): void { if (answer < 0) throw new Error(`FFmpeg ${answer}`); }
