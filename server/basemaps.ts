// Base maps laid into the data folder: any *.pmtiles file, in byte ranges. A name from a screen is only ever compared with the listing of the folder.
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import Type from 'typebox';
import { Problem } from '../contract/problem.ts';
import { strictObject } from '../contract/schema.ts';
import type { App } from './parts.ts';

/** A larger answer than this is cut: pmtiles readers ask for tiles and directories, not for the whole map. */
const RANGE_MOST_BYTES = 64 * 1024 * 1024;

export async function basemapNames(folder: string): Promise<string[]> {
  const files = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return files.filter((file) => file.isFile() && /^[^./\\][^/\\]*\.pmtiles$/.test(file.name)).map((file) => file.name).sort();
}

export function basemapRoutes(app: App, folder: string): void {
  app.get('/basemap/:name', { config: { access: { who: 'signedIn', because: 'streets and buildings, the same for all' } }, schema: { params: strictObject({ name: Type.String({ maxLength: 255 }) }) } }, async (request, reply) => {
    const name = (await basemapNames(folder)).find((one) => one === request.params.name);
    if (name === undefined) throw new Problem('notFound');
    const path = join(folder, name);
    const { size: sizeBytes, mtimeMs } = await stat(path);
    // Weak validators would let a reader mix tiles of two files that were swapped under the same name.
    const etag = `"${sizeBytes.toString(36)}-${Math.round(mtimeMs).toString(36)}"`;
    void reply.headers({ 'accept-ranges': 'bytes', etag, 'cache-control': 'no-cache' }).type('application/octet-stream');
    if (request.headers['if-none-match'] === etag && request.headers.range === undefined) return reply.code(304).send();
    const range = rangeOf(request.headers.range, sizeBytes);
    if (range === 'impossible') return reply.code(416).header('content-range', `bytes */${sizeBytes}`).send();
    const { firstByte, lastByte } = range ?? { firstByte: 0, lastByte: sizeBytes - 1 };
    if (range !== null) void reply.code(206).header('content-range', `bytes ${firstByte}-${lastByte}/${sizeBytes}`);
    void reply.header('content-length', lastByte - firstByte + 1);
    return reply.send(createReadStream(path, { start: firstByte, end: lastByte }));
  });
}

/** Null: the whole file (no range, or more than one, which a server may answer whole). */
export function rangeOf(header: string | undefined, sizeBytes: number): { firstByte: number; lastByte: number } | 'impossible' | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return null;
  const [from, to] = [match[1], match[2]].map((part) => (part === '' ? null : Number(part))) as [number | null, number | null];
  const firstByte = from ?? Math.max(0, sizeBytes - to!);
  const lastByte = Math.min(from === null || to === null ? sizeBytes - 1 : to, sizeBytes - 1, firstByte + RANGE_MOST_BYTES - 1);
  return firstByte > lastByte ? 'impossible' : { firstByte, lastByte };
}
