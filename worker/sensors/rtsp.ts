// A network camera: RTSP over TCP or UDP, with basic or digest login.
import type { SensorKind } from './sensorKind.ts';
import { rtspAddress, rtspAddressShown, type RtspSettings } from '../mediaHost/rtspAddress.ts';
import { rtspSettings } from '../mediaHost/rtspSettings.ts';

const kind: SensorKind<RtspSettings> = {
  kind: 'rtsp',
  title: { en: 'Camera (RTSP)', zh: '摄像机(RTSP)' },
  settings: rtspSettings('rtsp'),
  examples: {
    fits: [
      { settings: { url: 'rtsp://192.168.1.20/stream' }, addressShown: 'rtsp://192.168.1.20/stream' },
      { settings: { url: 'rtsp://admin:p%40ss@192.168.1.20:8554/cam/realmonitor?channel=1&subtype=0', transport: 'udp' }, addressShown: 'rtsp://192.168.1.20:8554/cam/realmonitor' },
      { settings: { url: 'rtsp://cam.local/main', subUrl: 'rtsp://cam.local/sub', user: 'op', password: 'p@ss:w/r%d' }, addressShown: 'rtsp://cam.local/main' },
      { settings: { url: 'rtsp://[fd00::12]/1' }, addressShown: 'rtsp://[fd00::12]/1' },
    ],
    refused: [
      {}, { url: '' }, { url: 'ftp://192.168.1.20/stream' }, { url: 'exec:ls' }, { url: 'concat:rtsp://a/b|/etc/passwd' }, { url: 'rtsp://a/b|c' }, { url: 'rtsp://' },
      { url: 'rtsp://a/b c' }, { url: 'rtsp://a/b', transport: 'http' }, { url: 'rtsp://a/b?tcp' }, { url: 'rtsp://a/b', subUrl: 'file:///etc/passwd' }, { url: 'rtsp://a/b', option: 'x' },
      { url: 'rtsps://a/b' }, { url: 'rtsp://a b/c' }, { url: 'rtsp://$(id)/c' }, { url: 'rtsp://a/b#c' },
    ],
  },
  addressShown: (settings) => rtspAddressShown(settings, 'rtsp'),
  source: (settings) => ({ url: rtspAddress(settings, 'rtsp'), transport: settings.transport ?? 'tcp', loop: false }),
};
export default kind;
