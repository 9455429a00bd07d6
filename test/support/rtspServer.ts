// Starts the independent camera (rtspServer.py, gst-rtsp-server) on an ephemeral port of loopback, and can hang, wake, kill and restart it.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export type RtspPath = {
  path: string; codec: 'h264' | 'h265';
  /** Played one after the other, then from the first again; another size in the middle is a stream that changes its size. */
  parts: { file: string; widthPx: number; heightPx: number }[];
  framesPerS?: number; framesMost?: number; keyEvery?: number; auth?: boolean;
  /** Its sender reports are off by this much. */
  clockOffS?: number;
};
export type RtspServer = {
  port: number; pid: number;
  url(path: string, login?: { user: string; password: string }): string;
  hang(): void; wake(): void;
  kill(): Promise<void>;
  /** The same port again. */
  restart(paths?: RtspPath[]): Promise<void>;
  close(): Promise<void>;
};

export const SHARED_VIDEO = resolve(import.meta.dirname, '../../../shared/data/video');
export const VIDEOS = {
  vtest: join(SHARED_VIDEO, 'vtest_480x360_795f.avi'),
  highStreet: join(SHARED_VIDEO, 'high_street_1280x720_314f.mp4'),
  calm: join(SHARED_VIDEO, 'intel_one_by_one_768x432_1394f.mp4'),
};

/** Null when the camera can be run here; else why not. */
export function whyNoRtspServer(): string | null {
  if (!existsSync(SHARED_VIDEO)) return 'the videos of ../shared/data/video are not here';
  const tried = spawnSync('/usr/bin/python3', ['-c', "import gi; gi.require_version('GstRtspServer','1.0'); from gi.repository import GstRtspServer, Gst; Gst.init(None); assert Gst.ElementFactory.find('x264enc') and Gst.ElementFactory.find('avdec_mpeg4')"]);
  return tried.status === 0 ? null : 'gst-rtsp-server is not installed (Debian: gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav)';
}

export async function startRtspServer(options: { paths: RtspPath[]; user?: string; password?: string; tls?: boolean }): Promise<RtspServer> {
  const cacheFolder = join(tmpdir(), 'crowdlight-test-video');
  mkdirSync(cacheFolder, { recursive: true });
  let port = 0;
  let paths = options.paths;
  let child: ChildProcess;
  const start = async () => {
    const config = { port, cacheFolder, user: options.user, password: options.password, tls: options.tls === true, paths };
    for (let attempt = 1; ; attempt++) {
      child = spawn('/usr/bin/python3', [join(import.meta.dirname, 'rtspServer.py'), JSON.stringify(config)], { stdio: ['pipe', 'pipe', 'pipe'] });
      let says = '';
      child.stderr!.on('data', (data: Buffer) => { says = (says + data).slice(-2000); });
      const started = await new Promise<number | null>((done) => {
        createInterface({ input: child.stdout! }).once('line', (line) => done((JSON.parse(line) as { port: number }).port));
        child.once('exit', () => done(null));
      });
      if (started !== null) { port = started; return; }
      // A killed server's port can be busy for a moment.
      if (attempt >= 20) throw new Error(`the RTSP server did not start: ${says}`);
      await new Promise((done) => setTimeout(done, 100));
    }
  };
  const kill = () => new Promise<void>((done) => {
    if (child.exitCode !== null || child.signalCode !== null) { done(); return; }
    child.once('exit', () => done());
    child.kill('SIGKILL');
  });
  await start();
  return {
    get port() { return port; },
    get pid() { return child.pid!; },
    url: (path, login) => `${options.tls === true ? 'rtsps' : 'rtsp'}://${login === undefined ? '' : `${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}@`}127.0.0.1:${port}${path}`,
    hang: () => { child.kill('SIGSTOP'); },
    wake: () => { child.kill('SIGCONT'); },
    kill,
    restart: async (newPaths) => { await kill(); if (newPaths !== undefined) paths = newPaths; await start(); },
    close: kill,
  };
}
