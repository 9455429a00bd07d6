// A picture that somebody adds is never kept as it came: it is decoded and written anew in a child process, so that nothing hidden in it (where and when it was taken, by what, comments, a second file behind it)
// stays, and bytes that were made to break a decoder break only that child. The child is given nothing of our environment and ends when nobody needs it.
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { Problem } from '../../contract/problem.ts';
import type { PictureAnswer, PictureWish } from './pictureProcess.ts';

export const PICTURE_TYPES = ['image/jpeg', 'image/png', 'image/webp'] as const;
export type PictureType = (typeof PICTURE_TYPES)[number];
const WITHIN_MS = 20_000, IDLE_MS = 30_000, WAITING_MOST = 8;
const ENVIRONMENT_PASSED = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'];

export type PictureCleaner = { clean(bytes: Uint8Array, type: PictureType): Promise<Uint8Array>; pid(): number | null; close(): void };

/** Rejects with Problem attachmentRefused, or tooMany when too many wait. One picture at a time. */
export function openPictureCleaner(): PictureCleaner {
  let child: ChildProcess | null = null, idle: NodeJS.Timeout | undefined, waiting = 0, last: Promise<unknown> = Promise.resolve();

  const childNow = (): ChildProcess => {
    clearTimeout(idle);
    if (child !== null) return child;
    const env = Object.fromEntries(ENVIRONMENT_PASSED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
    const started = child = fork(join(import.meta.dirname, 'pictureProcess.ts'), [], { env, serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: ['--max-old-space-size=128'] });
    started.once('exit', () => { if (child === started) child = null; }).on('error', () => { if (child === started) child = null; });
    started.unref(); started.channel?.unref?.();
    return started;
  };
  const cleanOnce = (bytes: Uint8Array, type: PictureType): Promise<Uint8Array> => new Promise((done, failed) => {
    const running = childNow();
    const end = (result: PictureAnswer | null) => {
      clearTimeout(timer);
      running.off('message', onMessage).off('exit', onExit).off('error', onExit);
      if (child === running) idle = setTimeout(() => running.kill('SIGKILL'), IDLE_MS).unref();
      if (result === null) failed(new Problem('attachmentRefused', { reason: 'it cannot be read as a picture' }));
      else if ('refused' in result) failed(new Problem('attachmentRefused', { reason: result.refused }));
      else done(result.bytes);
    };
    const onMessage = (answer: PictureAnswer) => end(answer), onExit = () => end(null);
    const timer = setTimeout(() => { running.kill('SIGKILL'); }, WITHIN_MS);
    running.on('message', onMessage).once('exit', onExit).once('error', onExit);
    running.send({ bytes, type } satisfies PictureWish, (error) => { if (error !== null) running.kill('SIGKILL'); });
  });
  return {
    async clean(bytes, type) {
      if (waiting >= WAITING_MOST) throw new Problem('tooMany', { most: WAITING_MOST });
      waiting++;
      const mine = last.then(() => cleanOnce(bytes, type));
      last = mine.catch(() => {});
      try { return await mine; } finally { waiting--; }
    },
    pid: () => child?.pid ?? null,
    close() { clearTimeout(idle); child?.kill('SIGKILL'); },
  };
}
