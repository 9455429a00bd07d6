// What is drawn over a camera's picture and what follows from its points: checked against a camera whose place is known.
import { describe, expect, test } from 'vitest';
import type { PicturePoint, SitePoint } from '../../contract/geometry.ts';
import { DEFAULT_LIMITS } from '../../contract/level.ts';
import { fitHomography, groundToHead, groundToPicture, pictureToGround } from '../../crowd/homography.ts';
import { graticuleLines, graticuleSteps } from '../../web/setup/map/graticuleLines.ts';
import { bearingDegOf, estimatePose } from '../../web/setup/place/estimatePose.ts';
import { bodyOf, draftOf, fitOf, nextStep, poseDiffers, withGroundPoint, withoutPair, withPair, withPicturePoint } from '../../web/setup/place/placing.ts';
import { groundLines, outlineInPicture, personInPicture, pictureSegments, seenArea, shapeInPicture } from '../../web/setup/picture/groundLines.ts';
import { bodyOfSite, draftOfSite, tooManyCells } from '../../web/setup/sites/siteDraft.ts';
import { bodyOfZone, draftOfZone, withCorner, withCornerAfter, withKind, withoutCorner, withRectangle } from '../../web/setup/zones/zoneDraft.ts';
import { streetCalibration } from '../support/street.ts';

/** A pinhole camera at (20, -4), 6 m up, turned 30° east of north, looking 20° down; the ground in metres. */
const camera = { xM: 20, yM: -4, heightM: 6, bearingDeg: 30, downDeg: 20, focal: 1.1, pictureAspect: 16 / 9 };
function see({ xM, yM, upM = 0 }: SitePoint & { upM?: number }): PicturePoint | null {
  const turn = camera.bearingDeg * Math.PI / 180, down = camera.downDeg * Math.PI / 180;
  const east = xM - camera.xM, north = yM - camera.yM, up = upM - camera.heightM;
  const right = east * Math.cos(turn) - north * Math.sin(turn), ahead = east * Math.sin(turn) + north * Math.cos(turn);
  const depth = ahead * Math.cos(down) - up * Math.sin(down), below = -up * Math.cos(down) - ahead * Math.sin(down);
  return depth <= 0.01 ? null : { xShare: 0.5 + camera.focal * right / depth / camera.pictureAspect, yShare: 0.5 + camera.focal * below / depth };
}
const spots: SitePoint[] = [{ xM: 20, yM: 6 }, { xM: 30, yM: 6 }, { xM: 24, yM: 16 }, { xM: 38, yM: 18 }, { xM: 30, yM: 30 }];
const pairs = spots.map((ground) => ({ picture: see(ground)!, ground }));
const fitted = fitHomography(pairs, camera.pictureAspect);
if (!fitted.ok) throw new Error(`the test's own camera does not fit: ${fitted.problem.code}`);
const { homography } = fitted;
const view = (point: SitePoint) => groundToPicture(homography, point), back = (point: PicturePoint) => pictureToGround(homography, point);
const mast = { position: { xM: camera.xM, yM: camera.yM }, heightM: camera.heightM, headHeightM: 1.6 };

describe('the metre grid over the picture', () => {
  const area = seenArea({ back, around: mast.position, rangeM: 150 })!;
  const grids = groundLines({ view, area, widthPx: 800, heightPx: 450 });

  test('every end of every line lies on the ground where a whole metre of its spacing is', () => {
    let ends = 0;
    for (const { everyM, lines } of grids) for (const line of lines) for (const end of line) {
      const ground = back(end);
      if (ground === null) continue;
      const off = Math.min(Math.abs(ground.xM / everyM - Math.round(ground.xM / everyM)), Math.abs(ground.yM / everyM - Math.round(ground.yM / everyM))) * everyM;
      expect(off).toBeLessThan(0.01);
      ends++;
    }
    expect(ends).toBeGreaterThan(60);
  });

  test('nothing is drawn above the horizon or far outside the picture', () => {
    const horizonShare = Math.min(...[0, 0.5, 1].map((xShare) => { let yShare = 0; while (yShare < 1 && back({ xShare, yShare }) === null) yShare += 0.001; return yShare; }));
    for (const { lines } of grids) for (const line of lines) for (const { xShare, yShare } of line) {
      expect(xShare).toBeGreaterThanOrEqual(-0.021); expect(xShare).toBeLessThanOrEqual(1.021);
      expect(yShare).toBeGreaterThanOrEqual(horizonShare - 0.002); expect(yShare).toBeLessThanOrEqual(1.021);
    }
  });

  test('one-metre lines end sooner than ten-metre lines', () => {
    const top = (everyM: number) => Math.min(...grids.find((grid) => grid.everyM === everyM)!.lines.flat().map(({ yShare }) => yShare));
    expect(top(1)).toBeGreaterThan(top(5));
    expect(top(5)).toBeGreaterThanOrEqual(top(10));
  });

  test('a camera that sees no ground has no grid', () => {
    expect(seenArea({ back: () => null, around: mast.position, rangeM: 100 })).toBeNull();
  });
});

describe('a zone in the picture', () => {
  test('a square in sight is its four corners', () => {
    const square = [{ xM: 24, yM: 8 }, { xM: 28, yM: 8 }, { xM: 28, yM: 12 }, { xM: 24, yM: 12 }];
    const lines = outlineInPicture(view, square);
    expect(lines).toHaveLength(4);
    lines.forEach((line, index) => { const corner = see(square[index]!)!; expect(line[0]!.xShare).toBeCloseTo(corner.xShare, 4); expect(line[0]!.yShare).toBeCloseTo(corner.yShare, 4); });
    expect(shapeInPicture(view, square).length).toBeGreaterThanOrEqual(4);
  });
  test('a side that runs behind the camera is cut off in front of it', () => {
    const lines = pictureSegments(view, { xM: 24, yM: 12 }, { xM: 10, yM: -40 });
    expect(lines.length).toBe(1);
    for (const { xShare, yShare } of lines.flat()) { expect(Math.abs(xShare)).toBeLessThan(1.03); expect(yShare).toBeLessThan(1.03); }
  });
  test('a zone behind the camera is not drawn', () => {
    const behind = [{ xM: 10, yM: -30 }, { xM: 14, yM: -30 }, { xM: 14, yM: -26 }];
    expect(outlineInPicture(view, behind)).toEqual([]);
    expect(shapeInPicture(view, behind)).toEqual([]);
  });
  test('a zone that surrounds the picture fills it', () => {
    const filled = shapeInPicture((point) => ({ xShare: point.xM, yShare: point.yM }), [{ xM: -3, yM: -3 }, { xM: 4, yM: -3 }, { xM: 4, yM: 4 }, { xM: -3, yM: 4 }]);
    const areaShare = Math.abs(filled.reduce((sum, p, i) => { const q = filled[(i + 1) % filled.length]!; return sum + p.xShare * q.yShare - q.xShare * p.yShare; }, 0) / 2);
    expect(areaShare).toBeCloseTo(1, 6);
  });
});

test('the person at the pointer is as tall in the picture as a real one of 1.6 m', () => {
  for (const ground of spots) {
    const person = personInPicture({ view, back, headOver: (at) => groundToHead(homography, mast, at), foot: see(ground)! })!;
    const head = see({ ...ground, upM: 1.6 })!;
    expect(person.head.xShare).toBeCloseTo(head.xShare, 3);
    expect(person.head.yShare).toBeCloseTo(head.yShare, 3);
    expect(person.halfMetreShare).toBeGreaterThan(0);
  }
  expect(personInPicture({ view, back, headOver: () => null, foot: { xShare: 0.5, yShare: 0 } })).toBeNull();
});

describe('where the camera hangs, from its points', () => {
  test('position, height and bearing of a known camera come back within centimetres', () => {
    const pose = estimatePose({ view, pictureAspect: camera.pictureAspect, around: spots })!;
    expect(Math.hypot(pose.position.xM - camera.xM, pose.position.yM - camera.yM)).toBeLessThan(0.05);
    expect(pose.heightM).toBeCloseTo(camera.heightM, 1);
    expect(pose.bearingDeg).toBeCloseTo(camera.bearingDeg, 1);
    expect(pose.fieldOfViewDeg).toBeCloseTo(2 * Math.atan(0.5 / camera.focal) * 180 / Math.PI, 1);
  });
  test('the street of the tests, too', () => {
    const fit = fitHomography(streetCalibration.points, streetCalibration.pictureAspect);
    if (!fit.ok) throw new Error(fit.problem.code);
    const pose = estimatePose({ view: (point) => groundToPicture(fit.homography, point), pictureAspect: streetCalibration.pictureAspect, around: streetCalibration.points.map(({ ground }) => ground) })!;
    expect(Math.hypot(pose.position.xM - 40, pose.position.yM - 4)).toBeLessThan(0.2);
    expect(pose.heightM).toBeCloseTo(9.5, 1);
    expect(Math.min(pose.bearingDeg, 360 - pose.bearingDeg)).toBeLessThan(1);
  });
  test('a camera that looks straight down, and a mirrored ground, say nothing', () => {
    const flat = (point: SitePoint) => ({ xShare: point.xM / 16, yShare: -point.yM / 9 });
    expect(estimatePose({ view: flat, pictureAspect: 16 / 9, around: spots })).toBeNull();
    const mirrored = (point: SitePoint) => { const seen = view(point); return seen === null ? null : { xShare: 1 - seen.xShare, yShare: seen.yShare }; };
    expect(estimatePose({ view: mirrored, pictureAspect: camera.pictureAspect, around: spots })).toBeNull();
  });
  test('bearings go clockwise from north', () => {
    const from = { xM: 1, yM: 1 };
    expect([{ xM: 1, yM: 2 }, { xM: 2, yM: 1 }, { xM: 1, yM: 0 }, { xM: 0, yM: 1 }].map((to) => bearingDegOf(from, to))).toEqual([0, 90, 180, 270]);
  });
});

describe('placing, one thing at a time', () => {
  const aspect = camera.pictureAspect;
  test('picture, map, picture, map: four pairs, then where the camera hangs, then a fifth pair, then look', () => {
    let draft = draftOf(null);
    const next = () => nextStep(draft, fitOf(draft, aspect));
    for (let i = 0; i < 4; i++) {
      expect(next()).toEqual({ do: 'clickPicture', missing: 4 - i });
      draft = withPicturePoint(draft, pairs[i]!.picture);
      expect(next()).toEqual({ do: 'clickMapFor', number: i + 1 });
      draft = withGroundPoint(draft, pairs[i]!.ground);
    }
    expect(next()).toEqual({ do: 'setPosition' });
    expect(bodyOf(draft, aspect)).toBeNull();
    draft = { ...draft, position: { xM: 20, yM: -4 } };
    expect(next()).toEqual({ do: 'addFifth' });
    draft = withGroundPoint(draft, pairs[4]!.ground);
    expect(next()).toEqual({ do: 'clickPictureFor', number: 5 });
    draft = withPicturePoint(draft, pairs[4]!.picture);
    expect(next()).toEqual({ do: 'check' });
    expect(bodyOf(draft, aspect)).toMatchObject({ position: { xM: 20, yM: -4 }, pictureAspect: aspect });
    expect(bodyOf(draft, aspect)!.points).toHaveLength(5);
  });
  test('a second click in the picture moves the open point instead of beginning another', () => {
    let draft = withPicturePoint(draftOf(null), { xShare: 0.1, yShare: 0.5 });
    draft = withPicturePoint(draft, { xShare: 0.2, yShare: 0.6 });
    expect(draft.pairs).toEqual([{ pairId: 1, picture: { xShare: 0.2, yShare: 0.6 }, ground: null }]);
  });
  test('points on one line are named, and the pair that was moved is marked as the worst', () => {
    const line = { ...draftOf(null), pairs: [1, 2, 3, 4].map((n) => ({ pairId: n, picture: { xShare: n / 5, yShare: 0.5 + n / 20 }, ground: { xM: n * 5, yM: n * 5 } })) };
    expect(fitOf(line, aspect)).toMatchObject({ state: 'broken', problem: { code: 'pointsOnOneLine' } });
    let draft = { ...draftOf(null), pairs: pairs.map((pair, index) => ({ pairId: index + 1, ...pair })) };
    draft = { ...draft, pairs: [...draft.pairs, { pairId: 6, picture: see({ xM: 26, yM: 10 })!, ground: { xM: 26, yM: 10 } }, { pairId: 7, picture: see({ xM: 34, yM: 24 })!, ground: { xM: 34, yM: 24 } }] };
    const fit = fitOf(withPair(draft, 6, { ground: { xM: 26.8, yM: 10.5 } }), aspect);
    expect(fit).toMatchObject({ state: 'fits', worstPairId: 6, isProven: true });
  });
  test('of six pairs or more, the one that was set wrongly is found and named; of five nobody can tell', () => {
    const more = [...pairs, ...[{ xM: 26, yM: 10 }, { xM: 34, yM: 24 }].map((ground) => ({ picture: see(ground)!, ground }))];
    let broken = 0;
    for (const wrong of more.keys()) {
      const draft = { ...draftOf(null), pairs: more.map((pair, index) => ({ pairId: index + 1, picture: pair.picture, ground: index === wrong ? { xM: pair.ground.xM + 9, yM: pair.ground.yM + 6 } : pair.ground })) };
      const fit = fitOf(draft, aspect);
      // Some wrong pairs still fit, roughly; some do not. Either way it is this one that is marked.
      if (fit.state === 'broken') { expect(fit).toMatchObject({ problem: { code: 'pointsDoNotFit' }, suspectPairId: wrong + 1 }); expect(nextStep(draft, fit)).toEqual({ do: 'mendPair', number: wrong + 1 }); broken++; }
      else expect(fit).toMatchObject({ state: 'fits', worstPairId: wrong + 1 });
    }
    expect(broken).toBeGreaterThan(2);
    const five = { ...draftOf(null), pairs: pairs.map((pair, index) => ({ pairId: index + 1, picture: pair.picture, ground: index === 2 ? { xM: pair.ground.xM + 9, yM: pair.ground.yM + 6 } : pair.ground })) };
    expect(fitOf(five, aspect)).toMatchObject({ state: 'broken', suspectPairId: null });
  });
  test('four pairs prove nothing: no pair is called the worst', () => {
    const draft = { ...draftOf(null), pairs: pairs.slice(0, 4).map((pair, index) => ({ pairId: index + 1, ...pair })) };
    expect(fitOf(draft, aspect)).toMatchObject({ state: 'fits', isProven: false, worstPairId: null });
    expect(fitOf(withoutPair(draft, 2), aspect)).toEqual({ state: 'tooFew', missing: 1 });
  });
  test('a camera entered on the wrong side of the square is doubted', () => {
    const pose = estimatePose({ view, pictureAspect: aspect, around: spots });
    const draft = { ...draftOf(null), position: { xM: camera.xM, yM: camera.yM }, heightM: 6, bearingDeg: 30 };
    expect(poseDiffers(draft, pose)).toBe(false);
    expect(poseDiffers({ ...draft, position: { xM: 40, yM: 40 } }, pose)).toBe(true);
    expect(poseDiffers({ ...draft, bearingDeg: 210 }, pose)).toBe(true);
    expect(poseDiffers({ ...draft, heightM: 12 }, pose)).toBe(true);
    expect(poseDiffers(draft, null)).toBe(false);
  });
});

describe('zones and sites as they are entered', () => {
  const ruleForms = [{ rule: 'densityHigh', fields: [{ key: 'raiseAfterMs', title: 'raise after', description: null, unit: 's', required: false, defaultValue: 5, asks: 'number' as const, factor: 1000, whole: false, least: 0, most: 600, above: null, below: null }] }];
  test('another kind brings its own usual limits, but never overwrites limits that somebody set', () => {
    const draft = draftOfZone(null, []);
    expect(withKind(draft, 'exit').limits).toEqual(DEFAULT_LIMITS.exit);
    const own = { ...draft, limits: { ...draft.limits, noticePeoplePerM2: 1.8 } };
    expect(withKind(own, 'exit').limits.noticePeoplePerM2).toBe(1.8);
  });
  test('only the settings of rules that differ from their defaults are kept with the zone', () => {
    const draft = { ...draftOfZone(null, ruleForms), name: ' Stairs ' };
    expect(bodyOfZone(draft, ruleForms)).toMatchObject({ name: 'Stairs', rules: {} });
    expect(bodyOfZone({ ...draft, rules: { densityHigh: { raiseAfterMs: '8' } } }, ruleForms).rules).toEqual({ densityHigh: { raiseAfterMs: 8000 } });
  });
  test('corners are added, put between and taken away; with two left nothing is closed', () => {
    let draft = [{ xM: 0, yM: 0 }, { xM: 10.004, yM: 0 }, { xM: 10, yM: 10 }].reduce(withCorner, draftOfZone(null, []));
    draft = withCornerAfter({ ...draft, isClosed: true }, 0, { xM: 5, yM: 0 });
    expect(draft.corners).toEqual([{ xM: 0, yM: 0 }, { xM: 5, yM: 0 }, { xM: 10, yM: 0 }, { xM: 10, yM: 10 }]);
    draft = withoutCorner(draft, 1);
    expect(draft.isClosed).toBe(true);
    expect(withoutCorner(draft, 1).isClosed).toBe(false);
    expect(withRectangle(draft, { cellM: 1, columns: 4, rows: 100 }).corners).toEqual([{ xM: 1, yM: 45 }, { xM: 3, yM: 45 }, { xM: 3, yM: 55 }, { xM: 1, yM: 55 }]);
  });
  test('a side that is no multiple of the cell is made longer, and too many cells are said with the way out', () => {
    const draft = { ...draftOfSite(null, []), name: 'Square', widthM: 61, depthM: 10, cellM: 4 as const };
    expect(bodyOfSite(draft).grid).toEqual({ cellM: 4, columns: 16, rows: 3 });
    expect(tooManyCells({ ...draft, widthM: 800, depthM: 800, cellM: 1 })).toEqual({ cells: 640_000, most: 250_000, cellM: 2 });
    expect(tooManyCells({ ...draft, widthM: 4000, depthM: 4000, cellM: 1 })).toMatchObject({ cellM: null });
    expect(tooManyCells(draft)).toBeNull();
  });
  test('a new site begins beside the last one, not on it', () => {
    const first = { siteId: 'a', name: 'A', origin: { lng: 10, lat: 50 }, grid: { cellM: 1 as const, columns: 100, rows: 50 }, demo: false };
    const { origin } = draftOfSite(null, [first]);
    expect(origin.lat).toBeCloseTo(50, 5);
    expect((origin.lng - 10) * Math.cos(50 * Math.PI / 180) * 111_320).toBeCloseTo(140, 0);
  });
});

test('the graticule keeps lines apart at every zoom and never draws without end', () => {
  for (const pxPerM of [1e-6, 1e-4, 0.01, 0.3, 1, 5, 14, 80, 400]) {
    const { minorM, majorM } = graticuleSteps(pxPerM);
    expect(majorM).toBeGreaterThan(minorM);
    if (pxPerM >= 1e-4) expect(minorM * pxPerM).toBeGreaterThanOrEqual(12);
    const lines = graticuleLines({ xLeastM: -1500 / pxPerM, yLeastM: 0, xMostM: 1500 / pxPerM, yMostM: 800 / pxPerM }, minorM, majorM);
    expect(lines.x.length).toBeLessThanOrEqual(400);
  }
  expect(graticuleLines({ xLeastM: Number.NaN, yLeastM: 0, xMostM: 1, yMostM: 1 }, 1, 5).x).toEqual([]);
});
