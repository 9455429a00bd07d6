// From the light in the lens to the heat on the screen: two RTSP cameras of a server that is not ours (640x360p15), counted at 2 frames a second by the
// whole product, painted in a real Chromium. Captured: the camera's clock by its RTCP sender reports (one machine, one clock). Painted: the page's own
// measuring point, set after the frame in which the reading was drawn.
import { chromium } from 'playwright-core';
import type { Emit } from './run.ts';
import { sleep, startProduct, until } from '../test/support/product.ts';
import { startRtspServer, VIDEOS, whyNoRtspServer } from '../test/support/rtspServer.ts';
import { streetCalibration, streetSite } from '../test/support/street.ts';
import { onPath } from '../test/support/tools.ts';

const MEASURED_MS = 40_000;

export default async function frameTrip(emit: Emit): Promise<void> {
  const whyNot = whyNoRtspServer() ?? (onPath('chromium') === null ? 'chromium is not installed' : null);
  if (whyNot !== null) throw new Error(`cannot measure: ${whyNot}`);
  const part = (file: string) => [{ file, widthPx: 640, heightPx: 360 }];
  const camera = await startRtspServer({ paths: [{ path: '/a', codec: 'h264', framesPerS: 15, parts: part(VIDEOS.vtest) }, { path: '/b', codec: 'h264', framesPerS: 15, parts: part(VIDEOS.calm) }] });
  const product = await startProduct();
  const browser = await chromium.launchPersistentContext('', {
    executablePath: onPath('chromium')!, headless: true, viewport: { width: 1280, height: 720 },
    args: ['--headless=new', '--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  try {
    const siteId = (await product.send('POST', '/api/sites', streetSite)).body.site.siteId;
    for (const path of ['/a', '/b']) {
      const { sensorId } = (await product.send('POST', `/api/sites/${siteId}/sensors`, { name: `Camera ${path}`, kind: 'rtsp', settings: { url: camera.url(path) } })).body;
      await product.send('PUT', `/api/sensors/${sensorId}/calibration`, { ...streetCalibration, pictureAspect: 640 / 360 });
    }
    const [name, value] = product.cookie.split('; ')[0]!.split('=');
    await browser.addCookies([{ name: name!, value: value!, url: product.address }]);
    const page = await browser.newPage();
    await page.goto(product.address);
    await page.evaluate(() => {
      const seen = new Map<string, number>();
      (globalThis as any).trips = [];
      let last: unknown = null;
      const look = () => {
        const painted = (globalThis as any).__crowdlight?.painted;
        if (painted && painted !== last) {
          last = painted;
          if (seen.get(painted.sensorId) !== painted.capturedAtMs) { seen.set(painted.sensorId, painted.capturedAtMs); (globalThis as any).trips.push(painted.paintedAtMs - painted.capturedAtMs); }
        }
        (globalThis as any).requestAnimationFrame(look);
      };
      look();
    });
    await until('heat is painted', () => page.evaluate(() => (globalThis as any).trips.length > 10), 60_000);
    await page.evaluate(() => { (globalThis as any).trips.length = 0; });
    await sleep(MEASURED_MS);
    const trips = (await page.evaluate(() => (globalThis as any).trips as number[])).toSorted((a, b) => a - b);
    const at = (share: number) => trips[Math.min(trips.length - 1, Math.floor(share * trips.length))] ?? Number.NaN;
    emit('captureToPaintMsP50', at(0.5), 'ms');
    emit('captureToPaintMsP95', at(0.95), 'ms');
    emit('framesPainted', trips.length, 'frames');
  } finally {
    await browser.close();
    await product.stop();
    await camera.close();
  }
}
