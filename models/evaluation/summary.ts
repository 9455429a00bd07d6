// The error of whole pictures, over a data set.
import type { Frame } from 'node-av/lib';
import { NATIVE, PRODUCT_PIXELS } from './counter.ts';
import type { DataSet } from './pictures.ts';

/** People per picture. `bias`: counted less true, so negative is too few. `relativeShare`: sum of errors over sum of people; null where nobody is. `most`: the worst picture. */
export type Summary = { pictures: number; mae: number; rmse: number; bias: number; relativeShare: number | null; most: number };

export async function summary(set: DataSet, count: (frame: Frame) => Promise<number>): Promise<Summary> {
  const errors: number[] = [];
  let people = 0;
  for await (const { frame, peopleCount } of set.pictures()) { errors.push(await count(frame) - peopleCount); people += peopleCount; }
  const mean = (of: (error: number) => number) => errors.reduce((sum, error) => sum + of(error), 0) / errors.length;
  const mae = mean(Math.abs);
  return { pictures: errors.length, mae, rmse: Math.sqrt(mean((error) => error * error)), bias: mean((error) => error), relativeShare: people === 0 ? null : (mae * errors.length) / people, most: Math.max(...errors.map(Math.abs)) };
}

/** How a card and a table name an analysis size. */
export function sizeWords(pixelsMost: number): string {
  if (pixelsMost === NATIVE) return 'its own size (long side 1024 px at most)';
  return pixelsMost === PRODUCT_PIXELS ? '640 x 384 px budget' : `${pixelsMost / 1000} thousand px budget`;
}
