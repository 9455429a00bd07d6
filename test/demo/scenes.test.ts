// Scenes for measuring: what is drawn is what the truth says, at every instant and through every lens.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { fitCalibration, groundToHead } from '../../crowd/homography.ts';
import { plazaCamera, type PinholeCamera } from '../../worker/demo/plazaCamera.ts';
import { trainingPicture } from '../../models/training/renderScenes.ts';
import { areaM2Of, clickedCalibration, movingScene, renderScene } from '../support/scenes.ts';

const camera: PinholeCamera = { position: { xM: 20, yM: 2 }, heightM: 7, bearingDeg: 20, tiltDeg: 34, focalShare: 0.9, widthPx: 640, heightPx: 360 };
const box = (westM: number, southM: number, eastM: number, northM: number) => [{ xM: westM, yM: southM }, { xM: eastM, yM: southM }, { xM: eastM, yM: northM }, { xM: westM, yM: northM }];

test('the lens of a scene camera is the lens of a placing, there and back', () => {
  for (const lens of [{ k1: -0.2, k2: 0.03 }, { k1: 0.15, k2: 0 }]) {
    const bent: PinholeCamera = { ...camera, lens }, eye = plazaCamera(bent), fit = fitCalibration(clickedCalibration(bent, { seed: 1, clickShare: 0, mapM: 0 }));
    if (!fit.ok) throw new Error(fit.problem.code);
    for (const place of [{ xM: 22, yM: 9 }, { xM: 18, yM: 14 }, { xM: 27, yM: 16 }]) {
      const seen = eye.see(place.xM, place.yM, 1.6)!, expected = groundToHead(fit.homography, { position: bent.position, heightM: bent.heightM, headHeightM: 1.6 }, place)!;
      expect(Math.hypot(expected.xShare * 640 - seen.xPx, expected.yShare * 360 - seen.yPx)).toBeLessThan(0.3);
      const foot = eye.see(place.xM, place.yM, 0)!, back = eye.groundAt(foot.xPx, foot.yPx)!;
      expect(Math.hypot(back.xM - place.xM, back.yM - place.yM)).toBeLessThan(1e-5);
    }
  }
});

test('everybody in the picture is drawn where the truth has the head, and nobody else', () => {
  const people = [{ xM: 23, yM: 10 }, { xM: 25, yM: 14 }, { xM: 21, yM: 8 }, { xM: 60, yM: -40 }], empty = renderScene({ camera, people: [], seed: 5 }), seen = renderScene({ camera, people, seed: 5 });
  expect(seen.heads.map((head) => head !== null)).toEqual([true, true, true, false]);
  const differs = (xPx: number, yPx: number) => { const at = (Math.floor(yPx) * 640 + Math.floor(xPx)) * 3; return Math.abs(seen.rgb[at]! - empty.rgb[at]!) + Math.abs(seen.rgb[at + 1]! - empty.rgb[at + 1]!) + Math.abs(seen.rgb[at + 2]! - empty.rgb[at + 2]!) > 20; };
  for (const head of seen.heads) if (head !== null) { expect(differs(head.xPx, head.yPx)).toBe(true); expect(head.seenShare).toBeGreaterThan(0.9); }
  let changed = 0;
  for (let y = 0; y < 360; y++) for (let x = 0; x < 640; x++) if (differs(x, y)) changed++;
  expect(changed).toBeLessThan(0.03 * 640 * 360);
});

test('a head behind a thing or behind others is told as hidden', () => {
  const away = (m: number) => ({ xM: camera.position.xM + m * Math.sin(20 * Math.PI / 180), yM: camera.position.yM + m * Math.cos(20 * Math.PI / 180) }), look = 0.4;
  const behindCar = renderScene({ camera, people: [{ ...away(13.2), look, pose: 'sits' }], seed: 5, things: [{ kind: 'stall', ...away(11.6), turn: 0, seed: 1 }] }).heads[0]!;
  expect(behindCar.hiddenByThingShare).toBeGreaterThan(0.5);
  const low: PinholeCamera = { ...camera, heightM: 2.2, tiltDeg: 6 }, [front, back] = renderScene({ camera: low, people: [{ ...away(6), look }, { ...away(7), look }], seed: 5 }).heads;
  expect(front!.seenShare).toBeGreaterThan(0.9);
  expect(back!.seenShare).toBeLessThan(0.6);
  expect(back!.hiddenByThingShare).toBe(0);
});

test('the same seed draws the same bytes; another seed other ones', () => {
  const hash = (seed: number) => { const { rgb, points } = trainingPicture(seed, 480); return createHash('sha256').update(rgb).update(JSON.stringify(points)).digest('hex'); };
  expect(hash(77)).toBe(hash(77));
  expect(hash(78)).not.toBe(hash(77));
}, 30_000);

test.each([
  ['a stream', { kind: 'stream', metresPerS: 1.3, headingDeg: 70 }], ['two streams', { kind: 'opposed', metresPerS: 0.9, headingDeg: 300, counterShare: 0.3 }],
  ['a standing crowd', { kind: 'sways' }], ['waves', { kind: 'stopAndGo', metresPerS: 0.6, headingDeg: 180 }],
] as const)('the velocities of %s are how its places change, and the crowd stays as thick', (_, movement) => {
  const scene = movingScene({ movement, peoplePerM2: 1.5, camera, seed: 900_001 });
  for (const atS of [0.4, 7.7]) {
    const now = scene.figuresAt(atS), soon = scene.figuresAt(atS + 0.001);
    for (let index = 0; index < now.length; index++) {
      const dx = soon[index]!.xM - now[index]!.xM, dy = soon[index]!.yM - now[index]!.yM;
      if (Math.hypot(dx, dy) > 0.5) continue;
      expect(Math.hypot(dx / 0.001 - now[index]!.eastMPerS, dy / 0.001 - now[index]!.northMPerS)).toBeLessThan(0.02);
    }
  }
  const truth = scene.truthIn(box(21, 9, 26, 14), 0, 24);
  expect(Math.abs(truth.peoplePerM2 / 1.5 - 1)).toBeLessThan(0.2);
  if (movement.kind === 'stream') expect(Math.hypot(truth.eastMPerS - 1.3 * Math.sin(70 * Math.PI / 180), truth.northMPerS - 1.3 * Math.cos(70 * Math.PI / 180))).toBeLessThan(0.03);
  if (movement.kind === 'sways') expect(Math.sqrt(truth.velocityVarianceM2PerS2)).toBeLessThan(0.1);
  if (movement.kind === 'stopAndGo') { expect(truth.northMPerS).toBeLessThan(-0.5); expect(truth.velocityVarianceM2PerS2).toBeGreaterThan(0.1); }
});

test('who crosses a line is density x speed x length, and each way apart', () => {
  const line = { a: { xM: 20, yM: 12 }, b: { xM: 26, yM: 12 } };
  const north = movingScene({ movement: { kind: 'stream', metresPerS: 1.2, headingDeg: 0 }, peoplePerM2: 1, camera, seed: 900_002 }), flow = north.crossings(line, 0, 60);
  // Looking east along the line, north is left: they come from the right.
  expect(flow.inPeoplePerMin).toBe(0);
  expect(Math.abs(flow.outPeoplePerMin / (1 * 1.2 * 6 * 60) - 1)).toBeLessThan(0.15);
  const both = movingScene({ movement: { kind: 'opposed', metresPerS: 1.2, headingDeg: 0, counterShare: 0.4, lanesM: 2 }, peoplePerM2: 1, camera, seed: 900_003 }), ways = both.crossings(line, 0, 60);
  expect(ways.inPeoplePerMin / (ways.inPeoplePerMin + ways.outPeoplePerMin)).toBeCloseTo(0.4, 1);
  expect(both.truthIn(box(20, 9, 26, 15), 0, 10).counterShare).toBeCloseTo(0.4, 1);
});

test('a film shows the movement: figures lie between whole pixels', () => {
  const scene = movingScene({ movement: { kind: 'stream', metresPerS: 0.4, headingDeg: 110 }, peoplePerM2: 0.3, camera, seed: 900_004 });
  const first = scene.pictureAt(1), next = scene.pictureAt(1.04);
  expect(next.heads.filter((head) => head !== null).length).toBeGreaterThan(10);
  // 16 mm of ground, about half a pixel.
  expect(Buffer.compare(Buffer.from(first.rgb), Buffer.from(next.rgb))).not.toBe(0);
  expect(areaM2Of(box(0, 0, 2, 3))).toBe(6);
}, 30_000);
