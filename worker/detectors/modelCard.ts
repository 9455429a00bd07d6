// A model's card and its weights, checked together at the border: what is run is exactly what the card describes.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ModelCard } from '../../contract/modelCard.ts';
import { Problem } from '../../contract/problem.ts';
import { loadModelCard } from '../../config/modelCard.ts';

/** The card and the bytes of the weights, which are what the card says. Rejects with Problem detectorBroken. */
export async function loadModel(cardPath: string): Promise<{ card: ModelCard; weights: Buffer }> {
  const card = await loadModelCard(cardPath);
  let weights: Buffer;
  try {
    weights = await readFile(join(dirname(cardPath), card.file));
  } catch (error) {
    throw new Problem('detectorBroken', { reason: 'its weights cannot be read' }, (error as Error).message);
  }
  if (createHash('sha256').update(weights).digest('hex') !== card.sha256) throw new Problem('detectorBroken', { reason: 'its weights are not those of its card' }, card.file);
  return { card, weights };
}
