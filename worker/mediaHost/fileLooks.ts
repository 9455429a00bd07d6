// A video file before FFmpeg sees it: is it there, is it a file, and is it as long as its own header says?
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Problem } from '../../contract/problem.ts';

export type FileLooks = { container: 'mp4' | 'avi' | 'other'; cutOff: boolean };

/** Rejects with Problem fileMissing or fileEmpty. Only regular files: a pipe or a device would block or answer for ever. */
export async function fileLooks(path: string): Promise<FileLooks> {
  const name = basename(path);
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => { throw new Problem('fileMissing', { name }, error.code ?? null); });
  if (!found.isFile()) throw new Problem('fileMissing', { name }, 'it is not a regular file');
  if (found.size === 0) throw new Problem('fileEmpty', { name });
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => { throw new Problem('fileMissing', { name }, error.code ?? null); });
  try {
    const head = Buffer.alloc(16);
    const read = async (atByte: number) => (await file.read(head, 0, 16, atByte)).bytesRead;
    const bytes = await read(0);
    if (bytes >= 12 && head.toString('latin1', 0, 4) === 'RIFF') return { container: 'avi', cutOff: head.readUInt32LE(4) + 8 > found.size };
    if (bytes < 12 || !['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip'].includes(head.toString('latin1', 4, 8))) return { container: 'other', cutOff: false };
    // The boxes of the top level, one after the other, must end where the file ends.
    let at = 0;
    for (let box = 0; box < 10_000 && at + 8 <= found.size; box++) {
      if ((await read(at)) < 8) break;
      const short = head.readUInt32BE(0);
      const size = short === 1 ? Number(head.readBigUInt64BE(8)) : short === 0 ? found.size - at : short;
      if (size < 8) return { container: 'mp4', cutOff: true };
      at += size;
    }
    return { container: 'mp4', cutOff: at > found.size };
  } finally { await file.close(); }
}
