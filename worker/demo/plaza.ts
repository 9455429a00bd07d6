// The demo that runs when nothing else is configured: a plaza with three zones and one camera whose video the project renders itself. It goes the way of
// every camera: decoded, counted, judged. Nothing in the product knows the truth behind it; only tests and benches do.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { CalibrationBody, LineBody, SiteBody, ZoneBody } from '../../contract/api.ts';
import type { SitePoint } from '../../contract/geometry.ts';
import { DEFAULT_LIMITS } from '../../contract/level.ts';
import { Problem } from '../../contract/problem.ts';
import { HEAD_HEIGHT_M, PLAZA_CAMERA, plazaCamera } from './plazaCamera.ts';
import { PLAZA_SEED } from './plazaCrowd.ts';

export const plazaDemo: {
  site: SiteBody & { siteId: 'demo-plaza'; demo: true };
  zones: (ZoneBody & { zoneId: string })[];
  lines: (LineBody & { lineId: string })[];
  camera: { sensorId: 'demo-plaza-cam'; name: string; calibration: NonNullable<CalibrationBody> };
  renderVideo(render: RenderVideo): Promise<string>;
  /** Names the renderer that is installed; part of the file's name. */
  videoVersion(): Promise<string>;
} = {
  // An open spot in Shenzhen's civic centre, as a place to show on the map; nothing there is watched.
  site: { siteId: 'demo-plaza', demo: true, name: 'Demo plaza 演示广场', origin: { lng: 114.0579, lat: 22.5431 }, grid: { cellM: 1, columns: 30, rows: 24 } },
  zones: [
    { zoneId: 'demo-stage-front', name: 'Stage front 舞台前', kind: 'standing', limits: DEFAULT_LIMITS.standing, polygon: box(12.5, 8, 17.5, 11) },
    { zoneId: 'demo-walkway', name: 'Main walkway 主通道', kind: 'walking', limits: DEFAULT_LIMITS.walking, polygon: box(9, 13.5, 16.5, 17.5) },
    { zoneId: 'demo-east-exit', name: 'East exit 东出口', kind: 'exit', limits: DEFAULT_LIMITS.exit, polygon: box(18, 14, 20.6, 17) },
  ],
  // The opening in the fence, 1.7 m wide: those who leave go out to the east, about 150 a minute at the end, which is more than the 82 a metre that it should take.
  lines: [{ lineId: 'demo-east-gap', name: 'East opening 东缺口', surface: 'level', a: { xM: 20.6, yM: 16.3 }, b: { xM: 20.6, yM: 14.6 } }],
  camera: { sensorId: 'demo-plaza-cam', name: 'Stage roof 舞台顶', calibration: plazaCamera(PLAZA_CAMERA).calibration(HEAD_HEIGHT_M, null) },
  renderVideo,
  videoVersion: rendererVersion,
};

export type RenderVideo = { folder: string; log: Logger; onProgress?: (share: number) => void; signal?: AbortSignal };

/** The path of the complete video; rendered once for each version of the renderer, in a child process. */
async function renderVideo({ folder, log, onProgress = () => {}, signal }: RenderVideo): Promise<string> {
  signal?.throwIfAborted();
  const name = `demo-plaza-${await rendererVersion()}-${PLAZA_SEED}.mp4`, path = join(folder, name);
  await mkdir(folder, { recursive: true });
  if (await isFile(path)) { onProgress(1); return path; }
  const startedAtMs = performance.now();
  await runRenderer(path, onProgress, signal);
  log.info({ path, tookMs: Math.round(performance.now() - startedAtMs) }, 'the demo video was rendered');
  await removeOthers(folder, name, log);
  return path;
}

/** Changes whenever a file that makes the video does. */
async function rendererVersion(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['plaza', 'plazaCrowd', 'plazaCamera', 'plazaScene', 'figureSprites', 'blit', 'drawPlaza', 'renderPlaza']) hash.update(await readFile(join(import.meta.dirname, `${file}.ts`)));
  return hash.digest('hex').slice(0, 12);
}

// About 25 CPU seconds here; a machine ten times slower and busy still ends.
const RENDER_MOST_MS = 15 * 60_000;
const ERROR_TEXT_MOST = 2000;
const FULL = '(FFmpeg -28)'; // ENOSPC, as renderPlaza.ts says it

function runRenderer(path: string, onProgress: (share: number) => void, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    // The pipe for messages ends with this process, and the renderer with it: nothing is left behind when the parent is killed.
    const child = spawn(process.execPath, ['--max-semi-space-size=2', join(import.meta.dirname, 'renderPlaza.ts'), '--out', path, '--seed', String(PLAZA_SEED)], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    let lines = '', said = '', settled = false;
    const stop = () => { child.kill('SIGTERM'); };
    const limit = setTimeout(() => { child.kill('SIGKILL'); }, RENDER_MOST_MS);
    signal?.addEventListener('abort', stop, { once: true });
    const settle = (act: () => void) => { if (settled) return; settled = true; clearTimeout(limit); signal?.removeEventListener('abort', stop); act(); };
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const parts = (lines + text).split('\n');
      lines = parts.pop()!.slice(0, 100);
      for (const line of parts) { const share = /^progress ([\d.]+)$/.exec(line)?.[1]; if (share !== undefined) onProgress(Number(share)); }
    });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => { said = (said + text).slice(-ERROR_TEXT_MOST); });
    child.on('error', (error) => settle(() => reject(error)));
    child.on('close', (code, killedBy) => settle(() => {
      if (code === 0) resolve();
      else if (signal?.aborted) reject(signal.reason as Error);
      else if (said.includes(FULL)) reject(new Problem('diskFull', {}, said.trim()));
      else reject(new Error(`the demo video could not be rendered (${killedBy ?? `exit code ${code}`}): ${said.trim()}`));
    }));
  });
}

/** Videos of older versions, and pieces that a killed render left more than an hour ago. */
async function removeOthers(folder: string, keep: string, log: Logger): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^demo-plaza-[0-9a-f]{12}-\d+\.mp4(\.[0-9a-f]{8}\.part)?$/.test(name) || name === keep) continue;
    try {
      const path = join(folder, name);
      if (name.endsWith('.part') && Date.now() - (await stat(path)).mtimeMs < 3_600_000) continue;
      await rm(path, { force: true });
    } catch (error) { log.warn({ error, name }, 'an old demo video could not be removed'); }
  }
}

async function isFile(path: string): Promise<boolean> {
  try { const found = await stat(path); return found.isFile() && found.size > 0; } catch { return false; }
}
function box(westM: number, southM: number, eastM: number, northM: number): SitePoint[] {
  return [{ xM: westM, yM: southM }, { xM: eastM, yM: southM }, { xM: eastM, yM: northM }, { xM: westM, yM: northM }];
}
