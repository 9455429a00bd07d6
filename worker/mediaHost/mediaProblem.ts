// FFmpeg's numbers as problems of the world: what the person at the desk can do about a camera or a file that cannot be opened.
import * as C from 'node-av/constants';
import { Problem } from '../../contract/problem.ts';

/** Opening failed with `code` after `tookMs`. `kind`: what the address is. */
export function openProblem(code: number, { isFile, name, tookMs, timeoutMs }: { isFile: boolean; name: string; tookMs: number; timeoutMs: number }): Problem {
  const detail = `open: ${codeName(code)} after ${Math.round(tookMs)} ms`;
  if (isFile) {
    switch (code) {
      case -2: return new Problem('fileMissing', { name }, detail);
      case -13: return new Problem('fileMissing', { name }, `${detail}: it may not be read`);
      default: return new Problem('notAVideo', {}, detail);
    }
  }
  switch (code) {
    case C.AVERROR_HTTP_UNAUTHORIZED: case C.AVERROR_HTTP_FORBIDDEN: return new Problem('cameraPasswordRefused', {}, detail);
    case C.AVERROR_HTTP_NOT_FOUND: case C.AVERROR_HTTP_OTHER_4XX: case C.AVERROR_HTTP_BAD_REQUEST: return new Problem('cameraPathUnknown', {}, detail);
    case -111: return new Problem('cameraRefused', {}, detail);
    case C.AVERROR_INVALIDDATA: case C.AVERROR_STREAM_NOT_FOUND:
      // Silence ends with "invalid data" too; only a quick one is an answer that is no RTSP.
      return tookMs >= timeoutMs * 0.8 ? new Problem('cameraUnreachable', {}, detail) : new Problem('notAVideo', {}, detail);
    default: return new Problem('cameraUnreachable', {}, detail);
  }
}

/** Reading failed with `code` in the middle. */
export function readProblem(code: number, isFile: boolean): Problem {
  return isFile ? new Problem('videoDamaged', {}, `read: ${codeName(code)}`) : new Problem('cameraSilent', {}, `read: ${codeName(code)}`);
}

function codeName(code: number): string {
  for (const [name, value] of Object.entries(NAMED)) if (value === code) return name;
  return `error ${code}`;
}
const NAMED: Record<string, number> = {
  EOF: C.AVERROR_EOF, INVALIDDATA: C.AVERROR_INVALIDDATA, HTTP_UNAUTHORIZED: C.AVERROR_HTTP_UNAUTHORIZED, HTTP_FORBIDDEN: C.AVERROR_HTTP_FORBIDDEN,
  HTTP_NOT_FOUND: C.AVERROR_HTTP_NOT_FOUND, HTTP_SERVER_ERROR: C.AVERROR_HTTP_SERVER_ERROR, EXIT: C.AVERROR_EXIT, STREAM_NOT_FOUND: C.AVERROR_STREAM_NOT_FOUND,
  ENOENT: -2, EIO: -5, EACCES: -13, EINVAL: -22, EPIPE: -32, ENETUNREACH: -101, ECONNRESET: -104, ETIMEDOUT: -110, ECONNREFUSED: -111, EHOSTUNREACH: -113,
};
