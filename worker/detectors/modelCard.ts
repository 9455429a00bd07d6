// A model's card and its weights, checked together at the border: what is run is exactly what the card describes.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import Type from 'typebox';
import { Problem } from '../../contract/problem.ts';
import { checker, literals, nullable, strictObject } from '../../contract/schema.ts';

const text = Type.String({ minLength: 1, maxLength: 1000 });
const share = nullable(Type.Number({ minimum: 0 }));
const byte = Type.Number({ minimum: 0, maximum: 255 });
/** A plane of the answer: row by row from the top, one value for each cell of stridePx, whatever dimensions of 1 stand around it. `divideBy`: what a value is divided by to be people (some nets answer in hundredths). */
const plane = strictObject({ name: text, divideBy: Type.Number({ exclusiveMinimum: 0, maximum: 1e6 }) });
export const ModelCard = strictObject({
  cardVersion: Type.Literal(2),
  name: Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{0,63}$' }),
  /** Beside the card; never a path. */
  file: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,120}\\.onnx$' }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  kind: literals(['densityNet']),
  counts: text, licence: text,
  /** float32 is given (byte - subtract) / divideBy, one number for all channels or one for each in their order; uint8 the bytes as they are. Grey is 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601). */
  input: strictObject({
    name: text, layout: literals(['NHWC', 'NCHW']), type: literals(['uint8', 'float32']), channels: literals(['rgb', 'bgr', 'gray']),
    subtract: Type.Optional(Type.Array(byte, { minItems: 1, maxItems: 3 })), divideBy: Type.Optional(Type.Array(Type.Number({ exclusiveMinimum: 0, maximum: 1e6 }), { minItems: 1, maxItems: 3 })),
  }),
  outputs: strictObject({
    people: plane,
    /** One standard deviation of the model's own error in people per cell, fully correlated within a picture; null where the model says none. */
    spread: nullable(plane),
  }),
  stridePx: Type.Integer({ minimum: 1, maximum: 64 }),
  sizeMultiplePx: Type.Integer({ minimum: 1, maximum: 256 }),
  /** Heads of this size it counts, in pixels of the analysed picture; beyond them it guesses. */
  headPx: strictObject({ least: Type.Number({ minimum: 1, maximum: 1000 }), best: Type.Number({ minimum: 1, maximum: 1000 }), most: Type.Number({ minimum: 1, maximum: 10_000 }) }),
  parameters: Type.Integer({ minimum: 1 }),
  errorModel: strictObject({
    relativeShare: Type.Number({ minimum: 0, maximum: 5 }), peoplePerImageCellFloor: Type.Number({ minimum: 0, maximum: 5 }), source: text,
    /** Made by models/calibrate.ts; null: relativeShare and the floor alone are believed. */
    calibration: nullable(strictObject({
      peoplePer10kPx: Type.Array(Type.Number({ minimum: 0 }), { minItems: 1, maxItems: 16 }), factors: Type.Array(Type.Number({ minimum: 0, maximum: 100 }), { minItems: 1, maxItems: 16 }), source: text,
    })),
  }),
  figures: Type.Array(strictObject({ data: text, analysis: text, pictures: Type.Integer({ minimum: 1 }), peopleMae: share, peopleRmse: share, peopleBias: nullable(Type.Number()), relativeShare: share }), { minItems: 1 }),
  knownFailures: Type.Array(text, { minItems: 1 }),
  training: strictObject({ data: text, recipe: text, dataRights: text }),
  notToTrustWhen: Type.Array(text, { minItems: 1 }),
  note: Type.Optional(text),
});
export type ModelCard = Type.Static<typeof ModelCard>;

/** The weights of the release. */
export const DEFAULT_MODEL_CARD = resolve(import.meta.dirname, '../../models/crowdlight-density-baseline-int8.json');

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

const checkCard = checker(ModelCard);
