// Where the card of the counting model is, and reading it: enough for whoever shows it or needs its error alone. The weights are the media host's affair.
import { readFile } from 'node:fs/promises';
import { ModelCard } from '../contract/modelCard.ts';
import { Problem } from '../contract/problem.ts';
import { checker } from '../contract/schema.ts';
import { fromHome } from './settings.ts';

/** The weights of the release. */
export const DEFAULT_MODEL_CARD = fromHome('models/crowdlight-density-1-int8.json');
/** As the setting modelCard names it: empty is the release's own; relative to the program's folder. */
export const modelCardPath = (setting: string): string => (setting === '' ? DEFAULT_MODEL_CARD : fromHome(setting));

/** Reads and checks a card alone: enough for whoever only needs its error model. Rejects with Problem detectorBroken. */
export async function loadModelCard(cardPath: string): Promise<ModelCard> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(cardPath, 'utf8'));
  } catch (error) {
    throw new Problem('detectorBroken', { reason: 'its card cannot be read' }, (error as Error).message);
  }
  const checked = checkCard(parsed);
  if (!checked.ok) throw new Problem('detectorBroken', { reason: 'its card is not complete' }, checked.faults.map((fault) => `${fault.path} ${fault.says}`).join('; '));
  return checked.value;
}

const checkCard = checker(ModelCard);
