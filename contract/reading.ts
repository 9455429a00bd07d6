// One measurement of one sensor at one instant: people/m2 for each ground cell it sees, with error and trust, and its bytes on the wire.
import type { FlowRasters } from './flow.ts';
import type { GridWindow } from './geometry.ts';
import { PICTURE_FAULTS, type PictureFault } from './sight.ts';

export type Reading = {
  siteId: string;
  sensorId: string;
  /** Fencing number of the ingest that made it; a lower one than already seen is a ghost and is ignored. */
  epoch: number;
  /** Grows with each reading of one epoch. */
  seq: number;
  /** When the light fell into the lens, by the camera's best clock. Rules use this one. */
  capturedAtMs: number;
  /** When we had the frame, by our clock. Silence is judged by this one. */
  heardAtMs: number;
  calibrationVersion: number;
  modelId: string;
  /** People in the parts of the picture that are looked at, also outside the site's grid: the whole of it unless parts of it show no usable ground. */
  peopleInPicture: number;
  /** The part of the site's grid that the rasters below cover, row by row from the south. */
  window: GridWindow;
  /** densityCode() of people/m2; 255 unknown. */
  densityCodes: Uint8Array;
  /** densityCode() of the standard error of the same cell, such that 1.645 of it to either side hold the truth in 90 of 100 cases; 255 where the density is unknown. */
  errorCodes: Uint8Array;
  /** Trust in a cell when cameras overlap, from geometry alone (so that it never depends on the count): 0 none to 255 best. */
  weightCodes: Uint8Array;
  /** Null where motion is not measured (key frames only, say). */
  flow: FlowRasters | null;
  /** Why the picture cannot be counted from; then every density is unknown. Null: all well. */
  fault: PictureFault | null;
};

/** A reading heard longer ago says nothing about now: the decider's zones turn blind and the map's ground unknown at the same age. */
export const STALE_AFTER_MS = 5000;

const MAGIC = 0x43_4c_52_32; // 'CLR2'
const HEADER_BYTES = 4 + 8 * 4 + 4 * 6 + 2 * 3 + 2;
const CELLS_MOST = 250_000;
const text = new TextEncoder();
const words = new TextDecoder('utf-8', { fatal: true });

const rastersOf = ({ densityCodes, errorCodes, weightCodes, flow }: Reading): Uint8Array[] =>
  [densityCodes, errorCodes, weightCodes, ...(flow === null ? [] : [flow.eastCodes, flow.northCodes, flow.spreadCodes, flow.counterCodes])];

/** Little of everything is copied once: header, three names, three rasters or seven. */
export function encodeReading(reading: Reading): Uint8Array<ArrayBuffer> {
  const names = [reading.siteId, reading.sensorId, reading.modelId].map((name) => text.encode(name));
  const cells = reading.window.columns * reading.window.rows;
  const rasters = rastersOf(reading);
  const bytes = new Uint8Array(HEADER_BYTES + names.reduce((sum, name) => sum + name.length, 0) + rasters.length * cells);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const u32 = (value: number) => { view.setUint32(at, value); at += 4; };
  const f64 = (value: number) => { view.setFloat64(at, value); at += 8; };
  u32(MAGIC);
  f64(reading.epoch); f64(reading.seq); f64(reading.capturedAtMs); f64(reading.heardAtMs);
  u32(reading.calibrationVersion);
  view.setFloat32(at, reading.peopleInPicture); at += 4;
  u32(reading.window.columnFirst); u32(reading.window.rowFirst); u32(reading.window.columns); u32(reading.window.rows);
  for (const name of names) { view.setUint16(at, name.length); at += 2; }
  view.setUint8(at++, reading.flow === null ? 0 : 1);
  view.setUint8(at++, reading.fault === null ? 0 : 1 + PICTURE_FAULTS.indexOf(reading.fault));
  for (const name of names) { bytes.set(name, at); at += name.length; }
  for (const raster of rasters) {
    if (raster.length !== cells) throw new RangeError(`a raster of ${raster.length} cells in a window of ${cells}`);
    bytes.set(raster, at); at += cells;
  }
  return bytes;
}

/** Null for anything that is not exactly a reading. The rasters are views into `bytes`: the caller must not change those afterwards. */
export function decodeReading(bytes: Uint8Array): Reading | null {
  if (bytes.byteLength < HEADER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const u32 = () => { const value = view.getUint32(at); at += 4; return value; };
  const f64 = () => { const value = view.getFloat64(at); at += 8; return value; };
  if (u32() !== MAGIC) return null;
  const epoch = f64(), seq = f64(), capturedAtMs = f64(), heardAtMs = f64();
  const calibrationVersion = u32();
  const peopleInPicture = view.getFloat32(at); at += 4;
  const window: GridWindow = { columnFirst: u32(), rowFirst: u32(), columns: u32(), rows: u32() };
  const lengths = [0, 1, 2].map(() => { const value = view.getUint16(at); at += 2; return value; });
  const hasFlow = view.getUint8(at++), faultCode = view.getUint8(at++);
  if (hasFlow > 1 || faultCode > PICTURE_FAULTS.length) return null;
  const fault = faultCode === 0 ? null : PICTURE_FAULTS[faultCode - 1]!;
  const cells = window.columns * window.rows;
  const whole = [epoch, seq, capturedAtMs, heardAtMs].every((value) => Number.isFinite(value) && value >= 0);
  if (!whole || !(peopleInPicture >= 0) || cells > CELLS_MOST) return null;
  if (bytes.byteLength !== HEADER_BYTES + lengths.reduce((sum, length) => sum + length, 0) + (hasFlow === 1 ? 7 : 3) * cells) return null;
  try {
    const [siteId, sensorId, modelId] = lengths.map((length) => { const name = words.decode(bytes.subarray(at, at + length)); at += length; return name; }) as [string, string, string];
    const raster = () => { const found = bytes.subarray(at, at + cells); at += cells; return found; };
    const densityCodes = raster(), errorCodes = raster(), weightCodes = raster();
    const flow = hasFlow === 0 ? null : { eastCodes: raster(), northCodes: raster(), spreadCodes: raster(), counterCodes: raster() };
    return { siteId, sensorId, epoch, seq, capturedAtMs, heardAtMs, calibrationVersion, modelId, peopleInPicture, window, densityCodes, errorCodes, weightCodes, flow, fault };
  } catch { return null; }
}
