// Runs the real counting net on a drawn picture, for the tests of the demo and for tuning it: pads to a multiple of 32 and cuts the padding off again.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const CELL_PX = 8;
/** The weights: of the release, or of the shared data while that is being put together. Null: neither is here. */
export function netPath(): string | null {
  const root = resolve(import.meta.dirname, '../..');
  return [resolve(root, 'models/crowdlight-density-baseline.onnx'), resolve(root, '../shared/data/baseline/crowdlight-density-baseline.onnx')].find((path) => existsSync(path)) ?? null;
}

export type Count = { columns: number; rows: number; peoplePerImageCell: Float32Array };

/** Counts in RGB pictures of one size. */
export async function openCounter(path: string, widthPx: number, heightPx: number): Promise<(rgb: Uint8Array | Uint8ClampedArray) => Promise<Count>> {
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1, extra: { session: { intra_op: { allow_spinning: '0' } } } });
  const paddedWidthPx = Math.ceil(widthPx / 32) * 32, paddedHeightPx = Math.ceil(heightPx / 32) * 32, padded = new Uint8Array(paddedWidthPx * paddedHeightPx * 3).fill(114);
  return async (rgb) => {
    for (let y = 0; y < heightPx; y++) padded.set(rgb.subarray(y * widthPx * 3, (y + 1) * widthPx * 3), y * paddedWidthPx * 3);
    const answer = await session.run({ rgb: new Tensor('uint8', padded, [1, paddedHeightPx, paddedWidthPx, 3]) });
    const all = answer['people_per_cell']!.data as Float32Array, across = paddedWidthPx / CELL_PX;
    const columns = Math.ceil(widthPx / CELL_PX), rows = Math.ceil(heightPx / CELL_PX), cells = new Float32Array(columns * rows);
    for (let row = 0; row < rows; row++) cells.set(all.subarray(row * across, row * across + columns), row * columns);
    return { columns, rows, peoplePerImageCell: cells };
  };
}
export const total = (count: Count): number => count.peoplePerImageCell.reduce((sum, people) => sum + people, 0);
