// Builds the page with Vite in a process of its own, so that the memory of the build goes when it ends. Built beside and swapped in whole.
// `node worker/main/buildWeb.ts` builds; webIsCurrent() tells the start whether it must.
import { spawn } from 'node:child_process';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fromHome } from '../../config/settings.ts';

const OUT = fromHome('web/dist');
/** Without an end a broken plugin would hold the start for ever. */
const BUILD_WITHIN_MS = 180_000;

/** False when the page is missing or older than any of its sources. */
export async function webIsCurrent(): Promise<boolean> {
  const built = await stat(join(OUT, 'index.html')).catch(() => null);
  if (built === null) return false;
  const newest = await Promise.all(['web', 'crowd', 'contract'].map((folder) => newestMs(fromHome(folder))));
  return Math.max(...newest) <= built.mtimeMs;
}

/** The page may be built while the database starts; `stop` ends it. */
export function buildWebInChild(): { done: Promise<void>; stop(): void } {
  const child = spawn(process.execPath, [import.meta.filename], { cwd: fromHome('.'), stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_ENV: 'production' } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => { said = (said + data.toString()).slice(-4000); });
  const timer = setTimeout(() => child.kill('SIGKILL'), BUILD_WITHIN_MS);
  const done = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => { clearTimeout(timer); if (code === 0) resolve(); else reject(new Error(`the page could not be built:\n${said}`)); });
  });
  done.catch(() => {});
  return { done, stop: () => { child.kill('SIGKILL'); } };
}

async function newestMs(folder: string): Promise<number> {
  let newest = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name === 'dist' || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? await newestMs(path) : (await stat(path)).mtimeMs);
  }
  return newest;
}

async function build(): Promise<void> {
  const { build: viteBuild } = await import('vite');
  // On the same disk, so that the swap is a rename: a page that is being read is never half there.
  const fresh = fromHome(`node_modules/.cache/crowdlight-web-${process.pid}`);
  await mkdir(fresh, { recursive: true });
  try {
    await viteBuild({ configFile: fromHome('web/vite.config.ts'), logLevel: 'warn', build: { outDir: fresh, emptyOutDir: true } });
    for (let attempt = 0; ; attempt++) {
      await rm(OUT, { recursive: true, force: true });
      try { await rename(fresh, OUT); break; } catch (error) {
        // Another start swapped its own in between the two lines above.
        if (attempt >= 5) throw error;
      }
    }
  } finally { await rm(fresh, { recursive: true, force: true }); }
}

if (import.meta.main) await build();
