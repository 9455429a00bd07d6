// A network camera over RTSP inside TLS. Cameras sign their own certificates: the line is encrypted, but who answers is not proven.
import type { SensorKind } from './sensorKind.ts';
import { rtspAddress, rtspAddressShown, type RtspSettings } from '../mediaHost/rtspAddress.ts';
import { rtspSettings } from '../mediaHost/rtspSettings.ts';

const kind: SensorKind<RtspSettings> = {
  kind: 'rtsps',
  title: { en: 'Camera (RTSP in TLS)', zh: '摄像机(加密 RTSP)' },
  settings: rtspSettings('rtsps'),
  examples: {
    fits: [
      { settings: { url: 'rtsps://192.168.1.20/stream' }, addressShown: 'rtsps://192.168.1.20/stream' },
      { settings: { url: 'rtsps://cam.local:322/main?profile=1', subUrl: 'rtsps://cam.local:322/sub', user: 'op', password: 'geheim' }, addressShown: 'rtsps://cam.local:322/main' },
    ],
    refused: [{}, { url: 'rtsp://192.168.1.20/stream' }, { url: 'tls://a/b' }, { url: 'rtsps://a/b|c' }, { url: 'rtsps://a/b', subUrl: 'rtsp://a/b' }, { url: 'rtsps://a/b', transport: 'udp' }, { url: 'rtsps://a/b?listen' }],
  },
  addressShown: (settings) => rtspAddressShown(settings, 'rtsps'),
  source: (settings) => ({ url: rtspAddress(settings, 'rtsps'), transport: 'tcp', loop: false }),
};
export default kind;
