// Straight lines on the ground are drawn as the lens shows them, and a camera's lens is kept by the placing page.
import { expect, test } from 'vitest';
import { fitCalibration, groundToPicture } from '../../crowd/homography.ts';
import { bodyOf, draftOf, fitOf } from '../../web/setup/place/placing.ts';
import { outlineInPicture, pictureSegments } from '../../web/setup/picture/groundLines.ts';
import { calibrationOf, type Pinhole, seenAt } from '../crowd/camera.ts';

const camera: Pinhole = { xM: 30, yM: 2, heightM: 8, bearingDeg: 0, tiltDeg: 28, viewDeg: 80, aspect: 16 / 9, lens: { k1: -0.13, k2: 0 } };
const calibration = calibrationOf(camera, [[24, 11], [36, 11], [45, 30], [15, 30], [30, 20], [40, 15]].map(([xM, yM]) => ({ xM: xM!, yM: yM! }))), fit = fitCalibration(calibration);
if (!fit.ok) throw new Error(fit.problem.code);
const view = (point: { xM: number; yM: number }) => groundToPicture(fit.homography, point);

test('a line that the lens bends is drawn in pieces that stay within two pixels of it', () => {
  const a = { xM: 12, yM: 14 }, b = { xM: 48, yM: 14 }, lines = pictureSegments(view, a, b);
  expect(lines.length).toBeGreaterThan(1);
  for (let i = 0; i <= 60; i++) {
    const at = seenAt(camera, { xM: a.xM + (b.xM - a.xM) * i / 60, yM: 14 })!;
    if (at.xShare < 0 || at.xShare > 1 || at.yShare < 0 || at.yShare > 1) continue;
    const apart = Math.min(...lines.map(([p, q]) => {
      const dx = q!.xShare - p!.xShare, dy = q!.yShare - p!.yShare, share = Math.max(0, Math.min(1, ((at.xShare - p!.xShare) * dx + (at.yShare - p!.yShare) * dy) / (dx * dx + dy * dy)));
      return Math.hypot((p!.xShare + share * dx - at.xShare) * 1000, (p!.yShare + share * dy - at.yShare) * 1000 / (16 / 9));
    }));
    expect(apart).toBeLessThan(2);
  }
});

test('without a lens a side is one piece', () => {
  const straight = fitCalibration(calibrationOf({ ...camera, lens: { k1: 0, k2: 0 } }, calibration.points.map(({ ground }) => ground)));
  if (!straight.ok) throw new Error(straight.problem.code);
  expect(outlineInPicture((point) => groundToPicture(straight.homography, point), [{ xM: 26, yM: 14 }, { xM: 34, yM: 14 }, { xM: 34, yM: 22 }, { xM: 26, yM: 22 }])).toHaveLength(4);
});

test('the lens of a placing is kept through the page, fitted with, and left out of where the camera stands', () => {
  const draft = draftOf(calibration);
  expect(bodyOf(draft, camera.aspect)).toMatchObject({ lens: camera.lens });
  expect('lens' in bodyOf({ ...draft, lens: null }, camera.aspect)!).toBe(false);
  const fitted = fitOf(draft, camera.aspect);
  if (fitted.state !== 'fits') throw new Error(fitted.state);
  expect(fitted.errorMRms).toBeLessThan(0.01);
  expect(Math.hypot(fitted.pose!.position.xM - camera.xM, fitted.pose!.position.yM - camera.yM)).toBeLessThan(0.1);
  expect(fitted.pose!.heightM).toBeCloseTo(camera.heightM, 1);
});
