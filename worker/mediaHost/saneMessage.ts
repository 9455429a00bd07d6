// What a media host says is looked at like what a stranger says: it reads hostile bytes, and whoever broke it could say anything. A message that no media host of ours would send ends it; nothing of it is used.
import type { FromHost } from './messages.ts';

const TYPES: readonly FromHost['type'][] = ['ready', 'beat', 'opened', 'streamChanged', 'counted', 'viewTaken', 'picture', 'still', 'doubt', 'ended', 'tested', 'testFailed'];
const DEPTH_MOST = 8, PARTS_MOST = 20_000, TEXT_MOST = 200_000, BYTES_MOST = 64 * 1024 * 1024, CELLS_MOST = 1_000_000;

export function isSaneMessage(message: unknown): message is FromHost {
  if (typeof message !== 'object' || message === null || !TYPES.includes((message as FromHost).type)) return false;
  if (!isPlain(message, { parts: 0, bytes: 0 }, 0)) return false;
  const said = message as FromHost;
  switch (said.type) {
    case 'counted': {
      const { imageCells, peoplePerImageCell, spreadPerImageCell, peopleInPicture, pictureAspect } = said, cells = isObject(imageCells) ? imageCells.columns * imageCells.rows : NaN;
      return isText(said.sessionId) && isNumber(said.capturedAtMs) && isNumber(said.heardAtMs) && isNumber(said.masksVersion) && isNumber(pictureAspect) && pictureAspect > 0.01 && pictureAspect < 100
        && Number.isInteger(cells) && cells > 0 && cells <= CELLS_MOST && imageCells.columns > 0 && isNumber(imageCells.cellWidthShare) && isNumber(imageCells.cellHeightShare)
        && isCells(peoplePerImageCell, cells) && (spreadPerImageCell === null || isCells(spreadPerImageCell, cells)) && isNumber(peopleInPicture) && peopleInPicture >= 0;
    }
    case 'picture': return isText(said.sessionId) && isNumber(said.capturedAtMs) && isNumber(said.masksVersion) && typeof said.unmasked === 'boolean' && isJpeg(said.jpeg);
    case 'still': return isText(said.sessionId) && isText(said.stillId) && isNumber(said.capturedAtMs) && (said.jpeg === null || isJpeg(said.jpeg));
    case 'tested': return isText(said.testId) && isObject(said.stream) && isNumber(said.firstPictureMs) && isJpeg(said.pictureJpeg);
    case 'testFailed': return isText(said.testId) && isObject(said.problem);
    case 'doubt': return isText(said.sessionId) && isObject(said.problem);
    case 'ended': return isText(said.sessionId) && (said.problem === null || isObject(said.problem)) && typeof said.atEnd === 'boolean';
    case 'opened': return isText(said.sessionId) && isObject(said.stream);
    case 'streamChanged': return isText(said.sessionId) && isObject(said.stream) && isObject(said.analysis);
    case 'viewTaken': return isText(said.sessionId) && isObject(said.mark);
    case 'beat': return isNumber(said.rssBytes) && isObject(said.sessions) && isObject(said.spentMs) && (['decode', 'scale', 'count', 'motion'] as const).every((key) => isNumber(said.spentMs[key])) && Object.values(said.sessions).every((one) => isObject(one) && isNumber(one.progressAtMs) && isNumber(one.framesDecoded) && isNumber(one.framesChosen) && isNumber(one.framesDropped));
    case 'ready': return true;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value.length < 500;
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isCells = (value: unknown, cells: number): boolean => value instanceof Float32Array && value.length === cells && value.every((one) => one >= 0 && one < 1e6);
const isJpeg = (value: unknown): boolean => value instanceof Uint8Array && value.length > 4 && value[0] === 0xff && value[1] === 0xd8;

/** Plain values alone, and not without end: no getter, class, map or loop comes through. */
function isPlain(value: unknown, count: { parts: number; bytes: number }, depth: number): boolean {
  if (++count.parts > PARTS_MOST || depth > DEPTH_MOST) return false;
  switch (typeof value) {
    case 'string': return value.length <= TEXT_MOST;
    case 'number': case 'boolean': case 'undefined': return true;
    case 'object': {
      if (value === null) return true;
      if (ArrayBuffer.isView(value)) return (count.bytes += value.byteLength) <= BYTES_MOST;
      const shape: unknown = Object.getPrototypeOf(value);
      if (shape !== Object.prototype && shape !== Array.prototype && shape !== null) return false;
      return Object.values(value).every((one) => isPlain(one, count, depth + 1));
    }
    default: return false;
  }
}
