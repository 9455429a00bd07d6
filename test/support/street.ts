// The street of ../shared/data/video (PETS 2009 S2.L1 view 1) as a site with one placed camera and one zone, and the truth about its first frames.
// The camera model is ours, fitted by eye from the heights of three people in the first frame: horizon 91 px above the picture, eye about 9.5 m up.
import { readFileSync } from 'node:fs';
import type { CalibrationBody, SiteBody, ZoneBody } from '../../contract/api.ts';
import { sharedData } from './tools.ts';

const eye = { xM: 40, yM: 4, heightM: 9.5 }, tiltRad = (25 * Math.PI) / 180, focalShare = 580 / 480, aspect = 480 / 360;

/** Where a point of the ground is seen, as shares of the picture; the camera looks north and down. */
function seen(xM: number, yM: number) {
  const east = xM - eye.xM, north = yM - eye.yM, up = -eye.heightM;
  const depth = north * Math.cos(tiltRad) - up * Math.sin(tiltRad);
  const down = -(up * Math.cos(tiltRad)) - north * Math.sin(tiltRad);
  return { xShare: 0.5 + (focalShare * east) / depth, yShare: 0.5 + ((focalShare * down) / depth) * aspect };
}

export const streetSite: SiteBody = { name: 'Campus street', origin: { lng: -0.939, lat: 51.441 }, grid: { cellM: 2, columns: 40, rows: 40 } };

export const streetCalibration: NonNullable<CalibrationBody> = {
  position: { xM: eye.xM, yM: eye.yM }, heightM: eye.heightM, bearingDeg: 0, headHeightM: 1.6, pictureAspect: aspect, rangeMostM: 60,
  points: [[34, 16], [46, 16], [32, 24], [48, 24], [30, 36], [50, 36], [40, 28]].map(([xM, yM]) => ({ picture: seen(xM!, yM!), ground: { xM: xM!, yM: yM! } })),
};

/** Nearly all of the ground that is seen. */
export const streetZone = (limits: ZoneBody['limits']): ZoneBody => ({
  name: 'Crossing', kind: 'walking', limits, polygon: [{ xM: 34, yM: 16 }, { xM: 46, yM: 16 }, { xM: 54, yM: 44 }, { xM: 26, yM: 44 }],
  rules: { densityHigh: { } },
});

/** Mean people in the picture over the frames of the truth (1 to 69), from the MOT15 ground truth. */
export const STREET_TRUTH_FRAMES = 69;
export function streetTruthMean(): number {
  const { counts } = JSON.parse(readFileSync(sharedData('video', 'vtest_counts_frames_1-69.json')!, 'utf8')) as { counts: Record<string, number> };
  const all = Object.values(counts);
  return all.reduce((sum, count) => sum + count, 0) / all.length;
}
