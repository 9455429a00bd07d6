// What is said of a counting model: what it wants and answers, how far it can be trusted, and where it comes from. A card beside any ONNX file is all that a customer needs to use it.
import Type from 'typebox';
import { literals, nullable, strictObject } from './schema.ts';

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
