// The demo's camera and its placing are two sides of the same numbers.
import { expect, test } from 'vitest';
import { checker } from '../../contract/schema.ts';
import { CalibrationBody } from '../../contract/api.ts';
import { fitHomography, groundToHead, groundToPicture } from '../../crowd/homography.ts';
import { plazaDemo } from '../../worker/demo/plaza.ts';
import { HEAD_HEIGHT_M, PLAZA_CAMERA, plazaCamera } from '../../worker/demo/plazaCamera.ts';

const camera = plazaCamera(PLAZA_CAMERA), { calibration } = plazaDemo.camera;
const fit = fitHomography(calibration.points, calibration.pictureAspect);
const places = [8, 11, 15, 19].flatMap((yM) => [12, 15, 18].map((xM) => ({ xM, yM })));

test('its placing is accepted by the schema of the product', () => {
  expect(checker(CalibrationBody)(structuredClone(calibration)).ok).toBe(true);
});

test('the fitted placing finds the ground to a centimetre', () => {
  if (!fit.ok) throw new Error(fit.problem.code);
  expect(fit.errorMRms).toBeLessThan(0.01);
  for (const place of places) {
    const seen = groundToPicture(fit.homography, place)!, drawn = camera.shares(camera.see(place.xM, place.yM, 0)!);
    const back = camera.groundAt(seen.xShare * camera.widthPx, seen.yShare * camera.heightPx)!;
    expect(Math.hypot(back.xM - place.xM, back.yM - place.yM)).toBeLessThan(0.01);
    expect(Math.abs(seen.xShare - drawn.xShare)).toBeLessThan(0.001);
  }
});

test('heads are drawn where the head plane of the product expects them', () => {
  if (!fit.ok) throw new Error(fit.problem.code);
  for (const place of places) {
    const expected = groundToHead(fit.homography, calibration, place)!, drawn = camera.shares(camera.see(place.xM, place.yM, HEAD_HEIGHT_M)!);
    expect(Math.hypot((expected.xShare - drawn.xShare) * camera.widthPx, (expected.yShare - drawn.yShare) * camera.heightPx)).toBeLessThan(0.5);
  }
});

test('every zone lies in the picture, heads and all', () => {
  for (const zone of plazaDemo.zones) for (const { xM, yM } of zone.polygon) for (const zM of [0, HEAD_HEIGHT_M]) {
    const { xShare, yShare } = camera.shares(camera.see(xM, yM, zM)!);
    expect(xShare > 0 && xShare < 1 && yShare > 0 && yShare < 1, `${zone.name} at ${xM}, ${yM}`).toBe(true);
  }
});
