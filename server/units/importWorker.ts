// Reads and checks one boundary file in a thread of its own: a file of 64 MB takes seconds, and screens must not wait for it. A file that eats all memory ends this thread and nothing else.
import { parentPort } from 'node:worker_threads';
import type { UnitFault, UnitLevel, UnitNames } from '../../contract/unit.ts';
import { checkTree, runToEnd, type TreeUnit } from '../../crowd/units/checkUnits.ts';
import { jsonFaultAt } from '../../crowd/units/jsonFault.ts';
import { readBoundaries, type Crs, type Refused } from '../../crowd/units/readBoundaries.ts';
import { bytesOfShape, shapeOfBytes } from '../../crowd/units/shape.ts';

/** Outlines travel as bytes, one after the other. */
export type PackedUnit = { level: UnitLevel; code: string; parentCode: string | null; sizeBytes: number };
export type CheckAsked = { file: Uint8Array; crs: Crs; there: PackedUnit[]; shapes: Uint8Array; faultsMost: number };
export type CheckAnswer = { refused: Refused } | {
  features: number; refusing: number; warning: number;
  /** Those that refuse first, then in the order of the file; at most `faultsMost`. */
  faults: UnitFault[];
  /** Empty when anything refuses. */
  units: (PackedUnit & { names: UnitNames })[]; shapes: Uint8Array;
};

parentPort?.on('message', (asked: CheckAsked) => {
  const answer = checked(asked);
  parentPort!.postMessage(answer, 'shapes' in answer ? [answer.shapes.buffer as ArrayBuffer] : []);
});

function checked({ file, crs, there, shapes, faultsMost }: CheckAsked): CheckAnswer {
  const parsed = parsedFile(file);
  if ('refused' in parsed) return parsed;
  const read = runToEnd(readBoundaries(parsed.value, crs));
  if ('refused' in read) return read;
  const inFile = new Set(read.units.map((unit) => unit.code)), stay: TreeUnit[] = [];
  let at = 0;
  for (const { level, code, parentCode, sizeBytes } of there) {
    const shape = inFile.has(code) ? null : shapeOfBytes(shapes.subarray(at, at + sizeBytes));
    at += sizeBytes;
    if (shape !== null) stay.push({ level, code, name: '', parentCode, shape, feature: null });
  }
  const faults = [...read.faults, ...runToEnd(checkTree([...read.units, ...stay], read.unreadCodes))];
  const refusing = faults.filter((fault) => fault.weight === 'refuses').length;
  faults.sort((a, b) => Number(a.weight === 'warns') - Number(b.weight === 'warns') || (a.feature ?? Infinity) - (b.feature ?? Infinity));
  const taken = refusing > 0 ? [] : read.units.map(({ level, code, parentCode, names, shape }) => ({ level, code, parentCode, names, bytes: bytesOfShape(shape) }));
  const all = new Uint8Array(taken.reduce((sum, { bytes }) => sum + bytes.byteLength, 0));
  let into = 0;
  for (const { bytes } of taken) { all.set(bytes, into); into += bytes.byteLength; }
  return { features: read.features, refusing, warning: faults.length - refusing, faults: faults.slice(0, faultsMost), units: taken.map(({ bytes, ...unit }) => ({ ...unit, sizeBytes: bytes.byteLength })), shapes: all };
}

function parsedFile(file: Uint8Array): { value: unknown } | { refused: Refused } {
  if (file.byteLength === 0) return { refused: { en: 'it is empty', zh: '文件为空' } };
  const nest = nestOf(file);
  if (nest.deepest > NEST_MOST || nest.opened > OPENED_MOST) return { refused: { en: 'it holds lists in lists such as no boundary file has', zh: '列表嵌套异常,不是边界文件' } };
  let text: string;
  try { text = new TextDecoder('utf-8', { fatal: true }).decode(file); } catch {
    const before = new TextDecoder('utf-8').decode(file), { line, column } = placeIn(before, Math.max(0, before.indexOf('\ufffd')));
    return { refused: { en: `it is not UTF-8 text (line ${line}, column ${column})`, zh: `不是 UTF-8 文本(第 ${line} 行,第 ${column} 列)` } };
  }
  try { return { value: JSON.parse(text) as unknown }; } catch {
    const { line, column } = placeIn(text, jsonFaultAt(text));
    return { refused: { en: `it is no JSON at line ${line}, column ${column}`, zh: `第 ${line} 行第 ${column} 列不是有效的 JSON` } };
  }
}
/** A boundary file is ten deep, and every corner is one list. Parsing what is far beyond takes gigabytes. */
const NEST_MOST = 100, OPENED_MOST = 8_000_000;
function nestOf(file: Uint8Array): { deepest: number; opened: number } {
  let deep = 0, deepest = 0, opened = 0, inText = false;
  for (let at = 0; at < file.length; at++) {
    const sign = file[at]!;
    if (inText) { if (sign === 0x5c) at++; else if (sign === 0x22) inText = false; continue; }
    if (sign === 0x22) inText = true;
    else if (sign === 0x5b || sign === 0x7b) { opened++; deep++; if (deep > deepest) deepest = deep; }
    else if (sign === 0x5d || sign === 0x7d) deep--;
  }
  return { deepest, opened };
}
function placeIn(text: string, offset: number): { line: number; column: number } {
  let line = 1, begin = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) { line++; begin = at + 1; }
  return { line, column: offset - begin + 1 };
}
