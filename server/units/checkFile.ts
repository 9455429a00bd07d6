// Hands boundary files to a thread that reads and checks them, one at a time, with a bound on waiting, time and memory.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { Problem } from '../../contract/problem.ts';
import type { Unit } from '../../contract/unit.ts';
import type { Crs } from '../../crowd/units/readBoundaries.ts';
import { bytesOfShape, shapeOfBytes, type Shape7 } from '../../crowd/units/shape.ts';
import type { CheckAnswer, CheckAsked, PackedUnit } from './importWorker.ts';

export const FAULTS_TOLD_MOST = 2000;
const WAITING_MOST = 3, TAKES_MOST_MS = 120_000, MEMORY_MOST_MB = 2048, UNITS_AT_ONCE = 200, KEPT_MS = 60_000;

export type CheckedFile = Omit<Extract<CheckAnswer, { features: number }>, 'shapes' | 'units'> & { units: { level: Unit['level']; code: string; names: Unit['names']; parentCode: string | null; shape: Shape7 }[] };
export type FileChecks = { check(file: Uint8Array, crs: Crs, there: { unit: Unit; shape: Shape7 }[]): Promise<CheckedFile> };

export function fileChecks(log: Logger): FileChecks {
  let last: Promise<unknown> = Promise.resolve(), waiting = 0;
  const ask = checkingThread(log);
  return {
    async check(file, crs, there) {
      if (waiting >= WAITING_MOST) throw new Problem('tooMany', { most: WAITING_MOST });
      waiting++;
      const mine = last.then(() => checkOne(file, crs, there, ask));
      last = mine.catch(() => {});
      try { return await mine; } finally { waiting--; }
    },
  };
}

async function checkOne(file: Uint8Array, crs: Crs, there: { unit: Unit; shape: Shape7 }[], ask: (asked: CheckAsked) => Promise<CheckAnswer>): Promise<CheckedFile> {
  const packed = await packedUnits(there);
  // A copy of its own: what Node reads from the line may lie in a pool that others use, and it may be asked again.
  const answer = await ask({ file: new Uint8Array(file), crs, there: packed.units, shapes: packed.shapes, faultsMost: FAULTS_TOLD_MOST });
  if ('refused' in answer) throw new Problem('fileNotUnderstood', { reason: answer.refused.en, reasonZh: answer.refused.zh });
  const units: CheckedFile['units'] = [];
  let at = 0;
  for (const { sizeBytes, ...unit } of answer.units) {
    units.push({ ...unit, shape: shapeOfBytes(answer.shapes.subarray(at, at + sizeBytes))! });
    at += sizeBytes;
    if (units.length % UNITS_AT_ONCE === 0) await nextTurn();
  }
  return { features: answer.features, refusing: answer.refusing, warning: answer.warning, faults: answer.faults, units };
}

/** A thread that stays a while after each file, because a file that was checked is taken next; asked for one thing at a time. */
function checkingThread(log: Logger): (asked: CheckAsked) => Promise<CheckAnswer> {
  let kept: Worker | null = null, idle: NodeJS.Timeout | undefined;
  const end = () => { clearTimeout(idle); void kept?.terminate(); kept = null; };
  return (asked) => new Promise((resolve, reject) => {
    clearTimeout(idle);
    const thread = (kept ??= new Worker(new URL('./importWorker.ts', import.meta.url), { resourceLimits: { maxOldGenerationSizeMb: MEMORY_MOST_MB } }));
    const tooMuch = (why: string) => {
      log.warn({ why, sizeBytes: asked.file.byteLength }, 'a boundary file could not be checked');
      reject(new Problem('fileNotUnderstood', { reason: 'it holds more than can be checked at once; cut it into several files', reasonZh: '内容过多,无法一次检查,请拆分文件' }));
    };
    const limit = setTimeout(() => { tooMuch('time'); end(); }, TAKES_MOST_MS);
    thread.removeAllListeners('message').removeAllListeners('error').removeAllListeners('exit');
    thread.once('message', (answer: CheckAnswer) => {
      clearTimeout(limit);
      idle = setTimeout(end, KEPT_MS).unref();
      thread.unref();
      resolve(answer);
    });
    thread.once('error', (error: NodeJS.ErrnoException) => { clearTimeout(limit); kept = null; if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') tooMuch('memory'); else reject(error); });
    thread.once('exit', () => { clearTimeout(limit); kept = null; reject(new Error('the thread that checks boundary files ended without an answer')); });
    thread.ref();
    thread.postMessage(asked, [asked.file.buffer as ArrayBuffer, asked.shapes.buffer as ArrayBuffer]);
  });
}

async function packedUnits(there: { unit: Unit; shape: Shape7 }[]): Promise<{ units: PackedUnit[]; shapes: Uint8Array }> {
  const codes = new Map(there.map(({ unit }) => [unit.unitId, unit.code])), parts: Uint8Array[] = [], units: PackedUnit[] = [];
  for (const { unit, shape } of there) {
    const bytes = bytesOfShape(shape);
    parts.push(bytes);
    units.push({ level: unit.level, code: unit.code, parentCode: unit.parentId === null ? null : codes.get(unit.parentId) ?? null, sizeBytes: bytes.byteLength });
    if (parts.length % UNITS_AT_ONCE === 0) await nextTurn();
  }
  const shapes = new Uint8Array(parts.reduce((sum, bytes) => sum + bytes.byteLength, 0));
  let at = 0;
  for (const bytes of parts) { shapes.set(bytes, at); at += bytes.byteLength; }
  return { units, shapes };
}
