// A video file, played in real time; looped, it stands in for a camera.
import { basename, resolve } from 'node:path';
import Type from 'typebox';
import { Problem } from '../../contract/problem.ts';
import { strictObject } from '../../contract/schema.ts';
import type { SensorKind } from './sensorKind.ts';

type FileSettings = { path: string; loop?: boolean };

const kind: SensorKind<FileSettings> = {
  kind: 'file',
  title: { en: 'Video file', zh: '视频文件' },
  settings: strictObject({
    path: Type.String({ title: 'path', zh: '路径', description: 'on the server; relative to the folder that it was started in', descriptionZh: '服务器上的路径;相对路径从其启动目录算起', minLength: 1, maxLength: 1000 }),
    loop: Type.Optional(Type.Boolean({ title: 'from the beginning again at its end', zh: '播放完后从头开始', default: true })),
  }),
  examples: {
    fits: [{ settings: { path: 'clips/square.mp4' }, addressShown: 'square.mp4' }, { settings: { path: '/srv/video/north gate.avi', loop: false }, addressShown: 'north gate.avi' }],
    refused: [{}, { path: '' }, { path: 'ftp://example/clip.mp4' }, { path: 'concat:a.mp4|b.mp4' }, { path: 'subfile,,start,0,end,9,,:a.mp4' }, { path: 'file:/etc/passwd' }, { path: 'a\u0000b' }, { path: 'a.mp4', loop: 'yes' }, { path: 'pipe:0' }],
  },
  // The folder of a server's disk is nobody's business at a screen.
  addressShown: (settings) => basename(settings.path),
  source(settings) {
    // eslint-disable-next-line no-control-regex
    if (/[\u0000-\u001f]/.test(settings.path)) throw new Problem('addressNotUnderstood', { reason: 'it holds a character that no path may hold' });
    // Two letters and more before the colon: a drive of Windows is one.
    if (/^[A-Za-z][A-Za-z0-9+.,-]+:/.test(settings.path)) throw new Problem('addressNotUnderstood', { reason: 'a path is needed, not an address' });
    return { url: `file:${resolve(settings.path)}`, transport: null, loop: settings.loop ?? true };
  },
};
export default kind;
