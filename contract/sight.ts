// Whether a camera's picture can be counted from. What cannot makes its ground blind: it never looks like calm.
import Type from 'typebox';
import { literals, nullable, strictObject } from './schema.ts';

/** Faults of a picture, the one that says most first: several at once are told as the first of them. */
export const PICTURE_FAULTS = ['moved', 'frozen', 'dark', 'overexposed', 'covered', 'blurred', 'fogged'] as const;
export const PictureFault = literals(PICTURE_FAULTS);
export type PictureFault = Type.Static<typeof PictureFault>;

/** What ingest holds of one picture: null fault, all well. */
export const PictureSight = strictObject({
  fault: nullable(PictureFault),
  /** For the technician: how far beyond its limit the measure is, e.g. { brightness: 3 }; numbers only. */
  measures: Type.Record(Type.String(), Type.Number()),
});
export type PictureSight = Type.Static<typeof PictureSight>;

/**
 * What the placed view looked like, kept with a placing so that a camera that was turned, zoomed or shaken is noticed: for each block of a coarse grid of the
 * picture one byte of edge direction and strength, from several pictures so that people who pass leave no trace. No picture can be made of it.
 */
export const ViewMark = strictObject({
  calibrationVersion: Type.Integer({ minimum: 1 }),
  columns: Type.Integer({ minimum: 1, maximum: 128 }), rows: Type.Integer({ minimum: 1, maximum: 128 }),
  /** Base64 of columns x rows bytes. */
  edgesBase64: Type.String({ maxLength: 24_000 }),
});
export type ViewMark = Type.Static<typeof ViewMark>;
