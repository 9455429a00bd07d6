// A camera's picture as it crosses from ingest to whoever serves it: a JPEG with its instant and the version of the privacy masks that are filled in it.
import Type from 'typebox';
import { id, strictObject } from './schema.ts';
import type { Sensor } from './site.ts';

export type PictureBytes = { capturedAtMs: number; masksVersion: number; jpeg: Uint8Array };
const HEAD_BYTES = 12;

/** 8 bytes capturedAtMs (f64), 4 bytes masksVersion (u32), both big endian, then the JPEG. */
export function encodePicture({ capturedAtMs, masksVersion, jpeg }: PictureBytes): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + jpeg.length), view = new DataView(bytes.buffer);
  view.setFloat64(0, capturedAtMs);
  view.setUint32(8, masksVersion);
  bytes.set(jpeg, HEAD_BYTES);
  return bytes;
}

/** Null: it is none. */
export function decodePicture(bytes: Uint8Array): PictureBytes | null {
  if (bytes.byteLength <= HEAD_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), capturedAtMs = view.getFloat64(0);
  return Number.isFinite(capturedAtMs) ? { capturedAtMs, masksVersion: view.getUint32(8), jpeg: bytes.subarray(HEAD_BYTES) } : null;
}

/** A picture made before the newest change of the masks is shown to nobody. */
export const masksVersionOf = ({ masks }: Pick<Sensor, 'masks'>): number => masks?.version ?? 0;

/** What is asked of an ingest: one picture, heads and plates blurred unless a second person has allowed otherwise. Masks are filled always. */
export const StillWish = strictObject({ stillId: id('still'), blurred: Type.Boolean(), untilMs: Type.Number() });
export type StillWish = Type.Static<typeof StillWish>;
