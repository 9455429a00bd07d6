// Other people's nets, run as their authors say, for the table of bench/accuracy.ts. Boxes live and end in here: what comes out is how many there are.
import '../../worker/detectors/noTelemetry.ts';
import { mkdtempSync, rmSync, copyFileSync, writeFileSync, readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from 'node-av/lib';
import { SoftwareScaleContext } from 'node-av/lib';
import * as C from 'node-av/constants';
import ort from 'onnxruntime-node';
import { openCounter, type Counter } from '../../models/evaluation/counter.ts';
import { DATA } from '../../models/evaluation/pictures.ts';
import { DEFAULT_MODEL_CARD } from '../../config/modelCard.ts';
import type { ModelCard } from '../../contract/modelCard.ts';

export type Peer = { name: string; size: string; count(frame: Frame): Promise<number>; close(): Promise<void> };
const peerFile = (name: string) => join(DATA, 'peers', name);
const OPTIONS: ort.InferenceSession.SessionOptions = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3, extra: { session: { intra_op: { allow_spinning: '0' } } } };

/** The card with which somebody would drop in MCNN (Zhang et al. 2016): grey in, people at a stride of 4 out. It is written beside a copy of the weights in a folder of its own. */
export function mcnnCard(folder: string, file: 'mcnn_shtechA_660.onnx' | 'mcnn_shtechB_110.onnx'): string {
  copyFileSync(peerFile(file), join(folder, file));
  const card: ModelCard = {
    cardVersion: 2, name: file.replace(/_/g, '-').replace('.onnx', '').toLowerCase(), file, sha256: createHash('sha256').update(readFileSync(peerFile(file))).digest('hex'), kind: 'densityNet',
    counts: 'people per cell', licence: 'MIT', input: { name: 'gray', layout: 'NCHW', type: 'float32', channels: 'gray' },
    outputs: { people: { name: 'density', divideBy: 1 }, spread: null }, stridePx: 4, sizeMultiplePx: 8, headPx: { least: 6, best: 15, most: 60 }, parameters: 130_000,
    errorModel: { relativeShare: 0.4, peoplePerImageCellFloor: 0.01, source: 'its own figures', calibration: null },
    figures: [{ data: 'ShanghaiTech, by its author', analysis: 'own size', pictures: 182, peopleMae: 110, peopleRmse: null, peopleBias: null, relativeShare: null }],
    knownFailures: ['sparse scenes are counted too high'], training: { data: 'ShanghaiTech train', recipe: 'Zhang et al. 2016', dataRights: 'not cleared' }, notToTrustWhen: ['few people are there'],
  };
  const path = join(folder, `${card.name}.json`);
  writeFileSync(path, JSON.stringify(card));
  return path;
}

/** The net that this project began with, by the card that it would have today. */
export function baselineCard(folder: string): string {
  const file = 'crowdlight-density-baseline.onnx', path = join(folder, 'crowdlight-density-baseline.json'), weights = readFileSync(join(DATA, 'baseline', file));
  writeFileSync(join(folder, file), weights);
  const like = JSON.parse(readFileSync(DEFAULT_MODEL_CARD, 'utf8')) as ModelCard;
  const card: ModelCard = {
    ...like, name: 'crowdlight-density-baseline', file, sha256: createHash('sha256').update(weights).digest('hex'), outputs: { people: { name: 'people_per_cell', divideBy: 1 }, spread: null },
    input: { name: 'rgb', layout: 'NHWC', type: 'uint8', channels: 'rgb' }, stridePx: 8, sizeMultiplePx: 32, errorModel: { relativeShare: 0.2, peoplePerImageCellFloor: 0.02, source: 'its own figures', calibration: null },
  };
  writeFileSync(path, JSON.stringify(card));
  return path;
}

/** Through the product's own detector, by a card. */
export async function mcnn(file: Parameters<typeof mcnnCard>[1], pixelsMost: number, size: string): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), 'crowdlight-peer-'));
  const counter: Counter = await openCounter(mcnnCard(folder, file));
  return { name: counter.card.name, size, count: async (frame) => (await counter.count(frame, pixelsMost)).peopleInPicture, async close() { await counter.close(); rmSync(folder, { recursive: true }); } };
}

type Box = { left: number; top: number; right: number; bottom: number; score: number };
const SCORE_LEAST = 0.2;

/** person-detection-retail-0013 (Open Model Zoo): one head at stride 16 with twelve prior boxes, sizes and variances as in its published description; the picture 960 px high. */
export async function retailDetector(highPx = 960): Promise<Peer> {
  const PRIOR_HIGH = [34.07, 47.11, 54.22, 65.78, 75.56, 80.89, 89.78, 99.26, 115.56, 163.26, 194.07, 197.33], PRIOR_WIDE = [11.33, 17, 20.68, 23.52, 28.05, 37.4, 30.03, 35.7, 44.2, 55.25, 78.12, 135.15];
  const STEP = 16, VARIANCE_PLACE = 0.1, VARIANCE_SIZE = 0.2, OVERLAP_MOST = 0.45;
  const session = await ort.InferenceSession.create(peerFile('person-detection-retail-0013_ir2onnx.onnx'), OPTIONS);
  return {
    name: 'person-detection-retail-0013', size: `${highPx} px high`,
    async count(frame) {
      const high = Math.round(highPx / STEP) * STEP, wide = Math.round((high * frame.width) / frame.height / STEP) * STEP;
      const { mbox_loc1: places, mbox_conf1: scores } = await session.run({ t0: new ort.Tensor('float32', planes(frame, wide, high), [1, 3, high, wide]) }) as Record<string, ort.Tensor>;
      const [, rows, columns] = places!.dims as [number, number, number, number], place = places!.data as Float32Array, score = scores!.data as Float32Array, boxes: Box[] = [];
      for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) for (let prior = 0; prior < 12; prior++) {
        const at = (row * columns + column) * 12 + prior, person = 1 / (1 + Math.exp(score[2 * at]! - score[2 * at + 1]!));
        if (person < SCORE_LEAST) continue;
        const x = (column + 0.5) * STEP + place[4 * at]! * VARIANCE_PLACE * PRIOR_WIDE[prior]!, y = (row + 0.5) * STEP + place[4 * at + 1]! * VARIANCE_PLACE * PRIOR_HIGH[prior]!;
        const halfWide = (PRIOR_WIDE[prior]! * Math.exp(place[4 * at + 2]! * VARIANCE_SIZE)) / 2, halfHigh = (PRIOR_HIGH[prior]! * Math.exp(place[4 * at + 3]! * VARIANCE_SIZE)) / 2;
        boxes.push({ left: x - halfWide, right: x + halfWide, top: y - halfHigh, bottom: y + halfHigh, score: person });
      }
      return apartOnes(boxes, OVERLAP_MOST).length;
    },
    close: () => session.release(),
  };
}

/** YOLOX-nano (COCO) on 3 x 3 tiles of 416 px that overlap by a sixth; a box counts in the tile that its middle belongs to. */
export async function yoloxTiles(): Promise<Peer> {
  const SIDE = 416, TILES = 3, OVERLAP = 1 / 6, CLASSES = 80, OVERLAP_MOST = 0.45;
  const session = await ort.InferenceSession.create(peerFile('yolox_nano_coco_416.onnx'), OPTIONS);
  const cells = [8, 16, 32].flatMap((stride) => Array.from({ length: (SIDE / stride) ** 2 }, (_, at) => ({ stride, column: at % (SIDE / stride), row: Math.floor(at / (SIDE / stride)) })));
  return {
    name: 'yolox-nano', size: `${TILES} x ${TILES} tiles of ${SIDE} px`,
    async count(frame) {
      // Each tile at the scale at which its longer side is the net's; the rest of it is the authors' grey.
      const shareWide = (1 + (TILES - 1) * OVERLAP) / TILES, scale = SIDE / Math.max(frame.width * shareWide, frame.height * shareWide), wide = Math.round(frame.width * scale), high = Math.round(frame.height * scale);
      const whole = planes(frame, wide, high), tileWide = Math.min(SIDE, wide), tileHigh = Math.min(SIDE, high), found: Box[] = [];
      for (let tile = 0; tile < TILES * TILES; tile++) {
        const left = Math.round(((tile % TILES) / (TILES - 1)) * Math.max(0, wide - Math.round(wide * shareWide))), top = Math.round((Math.floor(tile / TILES) / (TILES - 1)) * Math.max(0, high - Math.round(high * shareWide)));
        const input = new Float32Array(3 * SIDE * SIDE).fill(114);
        for (let plane = 0; plane < 3; plane++) for (let y = 0; y < Math.min(tileHigh, high - top); y++) {
          const from = plane * wide * high + (top + y) * wide + left;
          input.set(whole.subarray(from, from + Math.min(tileWide, wide - left)), plane * SIDE * SIDE + y * SIDE);
        }
        const answer = (await session.run({ images: new ort.Tensor('float32', input, [1, 3, SIDE, SIDE]) }))['output']!.data as Float32Array, boxes: Box[] = [];
        cells.forEach(({ stride, column, row }, cell) => {
          const at = cell * (5 + CLASSES), score = answer[at + 4]! * answer[at + 5]!;
          if (score < SCORE_LEAST) return;
          const x = (answer[at]! + column) * stride, y = (answer[at + 1]! + row) * stride, halfWide = (Math.exp(answer[at + 2]!) * stride) / 2, halfHigh = (Math.exp(answer[at + 3]!) * stride) / 2;
          boxes.push({ left: left + x - halfWide, right: left + x + halfWide, top: top + y - halfHigh, bottom: top + y + halfHigh, score });
        });
        const own = (value: number, of: number) => Math.min(TILES - 1, Math.floor((value / of) * TILES));
        found.push(...apartOnes(boxes, OVERLAP_MOST).filter((box) => own((box.left + box.right) / 2, wide) === tile % TILES && own((box.top + box.bottom) / 2, high) === Math.floor(tile / TILES)));
      }
      return found.length;
    },
    close: () => session.release(),
  };
}

/** The best of each heap of boxes (greedy suppression). */
function apartOnes(boxes: Box[], overlapMost: number): Box[] {
  const kept: Box[] = [], area = (box: Box) => Math.max(0, box.right - box.left) * Math.max(0, box.bottom - box.top);
  for (const box of boxes.toSorted((a, b) => b.score - a.score)) {
    if (kept.every((other) => {
      const both = area({ left: Math.max(box.left, other.left), right: Math.min(box.right, other.right), top: Math.max(box.top, other.top), bottom: Math.min(box.bottom, other.bottom), score: 0 });
      return both <= overlapMost * (area(box) + area(other) - both);
    })) kept.push(box);
  }
  return kept;
}

/** The frame at wide x high as blue, green and red planes of 0 to 255. */
function planes(frame: Frame, wide: number, high: number): Float32Array {
  // The scaler writes whole blocks of pixels, past the end of the last row.
  const bytes = Buffer.alloc(wide * high * 3 + 256), scaler = new SoftwareScaleContext();
  scaler.getContext(frame.width, frame.height, frame.format as C.AVPixelFormat, wide, high, C.AV_PIX_FMT_BGR24, C.SWS_BILINEAR);
  scaler.scaleSync(frame.data!, frame.linesize, 0, frame.height, [bytes], [wide * 3]);
  scaler.freeContext();
  const out = new Float32Array(3 * wide * high);
  for (let pixel = 0; pixel < wide * high; pixel++) for (let plane = 0; plane < 3; plane++) out[plane * wide * high + pixel] = bytes[3 * pixel + plane]!;
  return out;
}
