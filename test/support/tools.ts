// The programs outside npm that some tests need, what for, and whether they are here.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { spawnSync } from 'node:child_process';

export type Tool = { name: string; why: string; packages: string[]; isHere(): boolean };

export const TOOLS: Tool[] = [
  { name: 'redis-server', why: 'bus and queue over Redis, the spread mode', packages: ['redis-server'], isHere: () => onPath('redis-server') !== null },
  { name: 'chromium', why: 'the pages are tried in a real browser', packages: ['chromium', 'fonts-noto-cjk'], isHere: () => onPath('chromium') !== null },
  {
    name: 'gst-rtsp-server', why: 'an RTSP camera that is not ours', isHere: onceKnown(() => spawnSync('/usr/bin/python3', ['-c', "import gi; gi.require_version('GstRtspServer','1.0'); from gi.repository import Gio, GstRtspServer; assert Gio.TlsBackend.get_default().supports_tls()"]).status === 0 && onPath('openssl') !== null),
    packages: ['gir1.2-gst-rtsp-server-1.0', 'python3-gi', 'gstreamer1.0-plugins-base', 'gstreamer1.0-plugins-good', 'gstreamer1.0-plugins-bad', 'gstreamer1.0-plugins-ugly', 'gstreamer1.0-libav', 'glib-networking', 'openssl'],
  },
  { name: 'mosquitto', why: 'an MQTT broker that is not ours', packages: ['mosquitto'], isHere: () => onPath('mosquitto') !== null },
  { name: 'xmllint', why: 'CAP alerts are held against their schema', packages: ['libxml2-utils'], isHere: () => onPath('xmllint') !== null },
];

export const missingTools = (): Tool[] => TOOLS.filter((tool) => !tool.isHere());

/** Full path of a program, or null. */
export function onPath(program: string): string | null {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/usr/sbin']) {
    if (folder !== '' && existsSync(join(folder, program))) return join(folder, program);
  }
  return null;
}

/** Real footage and pictures beside the repository; null where they are not. */
export function sharedData(...path: string[]): string | null {
  const found = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', ...path);
  return existsSync(found) ? found : null;
}

/** Remembers a yes; a no is asked again (it may have been installed meanwhile). */
function onceKnown(ask: () => boolean): () => boolean {
  let known = false;
  return () => (known ||= ask());
}
