// What a placing asks of the counted picture, and the sizes and tiles that follow from it: pure decisions on both sides of the border.
import { describe, expect, test } from 'vitest';
import type { GridSpec, SitePoint } from '../../contract/geometry.ts';
import { analysisNeed } from '../../crowd/analysisNeed.ts';
import { groundProjection, HEAD_SIZE_M } from '../../crowd/ground.ts';
import { analysisSize, EDGE_MARGIN_PX, FAR_HEAD_PX_PLENTY, FAR_HEAD_PX_WANTED, lookedPx, NEAR_HEAD_PX_MOST, USUAL_PIXELS } from '../../worker/mediaHost/analysisSize.ts';
import { calibrationOf, type Pinhole, seeded, seenAt } from './camera.ts';

const grid: GridSpec = { cellM: 1, columns: 120, rows: 160 }, BUDGET = 960 * 576;
const box = (westM: number, southM: number, eastM: number, northM: number) => ({ polygon: [{ xM: westM, yM: southM }, { xM: eastM, yM: southM }, { xM: eastM, yM: northM }, { xM: westM, yM: northM }] });
/** Pairs all over the ground that the picture shows, up to `reachM` from the mast. */
function placed(of: Pinhole, reachM: number, more: Parameters<typeof calibrationOf>[2] = {}) {
  const points: SitePoint[] = [];
  for (let tries = 0, random = seeded(5); points.length < 14 && tries < 20_000; tries++) {
    const bearing = (of.bearingDeg + 120 * (random() - 0.5)) * Math.PI / 180, apartM = reachM * Math.sqrt(random()), ground = { xM: of.xM + apartM * Math.sin(bearing), yM: of.yM + apartM * Math.cos(bearing) }, seen = seenAt(of, ground);
    if (seen !== null && Math.abs(seen.xShare - 0.5) < 0.48 && Math.abs(seen.yShare - 0.5) < 0.48) points.push(ground);
  }
  return calibrationOf(of, points, more);
}
const needOf = (of: Pinhole, reachM: number, zones: ReturnType<typeof box>[], more = {}) => analysisNeed({ calibration: placed(of, reachM, more), grid, zones })!;
const sized = (need: ReturnType<typeof needOf> | null, widthPx: number, heightPx: number, pixelsMost = BUDGET) => analysisSize({ widthPx, heightPx, pixelAspect: 1, pixelsMost, multiplePx: 32, stridePx: 8, need });

const mast: Pinhole = { xM: 60, yM: 5, heightM: 8, bearingDeg: 0, tiltDeg: 26, viewDeg: 70, aspect: 16 / 9 };
const low: Pinhole = { ...mast, heightM: 4, tiltDeg: 12, viewDeg: 80 }, tower: Pinhole = { ...mast, heightM: 30, tiltDeg: 30, viewDeg: 60 }, straightDown: Pinhole = { ...mast, yM: 40, heightM: 9, tiltDeg: 89, viewDeg: 40 }, long: Pinhole = { ...mast, heightM: 10, tiltDeg: 10, viewDeg: 18 };

describe('the size of the counted picture', () => {
  test.each<[string, ReturnType<typeof needOf>, number, number, number, string, number, number]>([
    ['a plaza whose heads are large enough keeps the usual size', needOf(mast, 25, [box(52, 12, 68, 18)]), 640, 360, BUDGET, 'headsLargeEnough', 600, 660],
    ['a zone farther out is looked at more finely', needOf(mast, 40, [box(52, 12, 68, 28)]), 1920, 1080, 1_000_000, 'headsLargeEnough', 850, 1150],
    ['a sub-stream is enlarged for it', needOf(mast, 40, [box(52, 12, 68, 28)]), 640, 360, 1_000_000, 'headsLargeEnough', 850, 1150],
    ['at most to twice the stream', needOf(mast, 60, [box(52, 12, 68, 60)]), 480, 270, 4_000_000, 'stream', 900, 960],
    ['never beyond the budget', needOf(mast, 60, [box(40, 12, 80, 60)]), 1920, 1080, BUDGET, 'budget', 800, 1300],
    ['with a larger budget as finely as heads need', needOf(tower, 110, [box(40, 30, 80, 60)]), 3840, 2160, 4_000_000, 'headsLargeEnough', 1300, 2600],
    ['a tower without zones and range asks for nothing more', needOf(tower, 110, []), 3840, 2160, BUDGET, 'headsLargeEnough', 600, 700],
    ['a range stands for a zone', needOf(mast, 40, [], { rangeMostM: 23 }), 1920, 1080, 1_000_000, 'headsLargeEnough', 850, 1150],
    ['a camera over a door is made smaller: heads are large there', needOf(straightDown, 4, [box(58.5, 39, 61.5, 41)]), 1920, 1080, BUDGET, 'headsLargeEnough', 200, 460],
    ['a long lens far away sees large heads', needOf(long, 70, [box(52, 40, 68, 60)]), 1280, 720, BUDGET, 'headsLargeEnough', 280, 660],
    ['a zone of which a corner reaches out of sight', needOf(mast, 30, [box(52, 12, 68, 25), box(60, 25, 61, 27)]), 1280, 720, BUDGET, 'headsLargeEnough', 780, 960],
    ['a portrait picture', needOf({ ...mast, aspect: 9 / 16, viewDeg: 42 }, 40, [box(57, 12, 63, 22)]), 720, 1280, BUDGET, 'headsLargeEnough', 350, 720],
  ])('AN1 %s', (_, need, widthPx, heightPx, pixelsMost, because, leastPx, mostPx) => {
    const size = sized(need, widthPx, heightPx, pixelsMost);
    expect([because, size.scaledWidthPx >= leastPx && size.scaledWidthPx <= mostPx], `${size.scaledWidthPx} x ${size.scaledHeightPx}, far heads ${size.farHeadPx?.toFixed(1)} px, ${size.tiles.length} tiles`).toEqual([size.because, true]);
    if (size.because === 'headsLargeEnough' && size.farHeadPx !== null) expect(size.farHeadPx).toBeGreaterThan(FAR_HEAD_PX_WANTED * 0.92);
    expect(size.scaledWidthPx).toBeLessThanOrEqual(2 * widthPx);
    if (lookedPx(size) > pixelsMost) expect(size.scaledWidthPx * size.scaledHeightPx).toBeLessThanOrEqual(USUAL_PIXELS * 1.01);
  });

  test('AN1 a camera that is not placed, or whose points do not fit, is looked at whole in the usual size', () => {
    expect(sized(null, 1920, 1080, USUAL_PIXELS)).toMatchObject({ because: 'notPlaced', farHeadPx: null, tiles: [{ leftPx: 0, topPx: 0 }] });
    const broken = placed(mast, 25);
    expect(analysisNeed({ calibration: { ...broken, points: broken.points.map(({ picture }, i) => ({ picture, ground: broken.points[(i + 5) % broken.points.length]!.ground })) }, grid, zones: [] })).toBeNull();
  });

  test('AN2 the far head is the one a pinhole shows at the far end of the zone', () => {
    const need = needOf(mast, 40, [box(59, 12, 61, 34)]), depthM = Math.hypot(34 - 5, 8 - 1.6);
    const focal = 0.5 / Math.tan((35 * Math.PI) / 180) * mast.aspect, cos = Math.cos(26 * Math.PI / 180 - Math.atan2(8 - 1.6, 29));
    expect(need.farHeadShare! / ((focal * HEAD_SIZE_M) / (depthM * cos))).toBeGreaterThan(0.93);
    expect(need.farHeadShare! / ((focal * HEAD_SIZE_M) / (depthM * cos))).toBeLessThan(1.12);
  });

  test('AN3 near heads stay below what the net can take unless far ones would be lost', () => {
    const door: Pinhole = { ...mast, heightM: 3, tiltDeg: 60, viewDeg: 70 }, size = sized(needOf(door, 4, [box(58, 5, 62, 9)]), 1920, 1080), need = needOf(door, 4, [box(58, 5, 62, 9)]);
    expect(need.nearHeadShare! * size.scaledHeightPx).toBeLessThan(NEAR_HEAD_PX_MOST * 1.01);
    const deep = { ...needOf(low, 30, [box(55, 10, 65, 30)]), nearHeadShare: 0.9 }, kept = sized(deep, 1920, 1080, 4_000_000);
    expect(kept.farHeadPx).toBeGreaterThan(FAR_HEAD_PX_WANTED * 0.92);
    expect(kept.farHeadPx).toBeLessThan(FAR_HEAD_PX_PLENTY * 1.01);
  });
});

describe('the parts that are looked at', () => {
  test('AN4 sky and walls cost nothing: a low camera looks at the lower part alone', () => {
    const size = sized(needOf({ ...low, tiltDeg: 4 }, 30, [box(55, 8, 65, 20)]), 640, 360);
    expect(size.tiles).toHaveLength(1);
    expect(lookedPx(size)).toBeLessThan(0.9 * size.paddedWidthPx * size.paddedHeightPx);
    expect(size.tiles[0]!.topPx).toBeGreaterThan(0);
  });

  test('AN5 for any camera and size each cell that feeds the ground is looked at exactly once, with a margin, in steps of the net', () => {
    const random = seeded(77);
    let cut = 0, tiled = 0;
    for (let trial = 0; trial < 14; trial++) {
      const of: Pinhole = { xM: 30 + 60 * random(), yM: 20 + 30 * random(), heightM: 4 + 26 * random(), bearingDeg: 360 * random(), tiltDeg: 8 + 40 * random(), viewDeg: 35 + 60 * random(), aspect: [16 / 9, 4 / 3, 2.2][trial % 3]!, rollDeg: 10 * (random() - 0.5) };
      const calibration = placed(of, of.heightM * 5);
      if (calibration.points.length < 8) continue;
      const need = analysisNeed({ calibration, grid, zones: [box(20, 20, 100, 100)] });
      if (need === null) continue;
      for (const [heightPx, pixelsMost] of [[360, BUDGET], [1080, BUDGET], [2160, 6_000_000]] as const) {
        const size = analysisSize({ widthPx: Math.round(heightPx * of.aspect), heightPx, pixelAspect: 1, pixelsMost, multiplePx: 32, stridePx: 8, need }), { columns, rows } = size.imageCells;
        const looks = new Uint8Array(columns * rows);
        for (const tile of size.tiles) {
          expect((tile.leftPx % 32) + (tile.topPx % 32) + (tile.widthPx % 32) + (tile.heightPx % 32)).toBe(0);
          expect(tile.leftPx + tile.widthPx).toBeLessThanOrEqual(size.paddedWidthPx);
          expect(tile.topPx + tile.heightPx).toBeLessThanOrEqual(size.paddedHeightPx);
          expect(tile.leftPx).toBeLessThanOrEqual(Math.max(0, tile.columnFirst * 8 - EDGE_MARGIN_PX));
          for (let row = tile.rowFirst; row < tile.rowFirst + tile.rows; row++) for (let column = tile.columnFirst; column < tile.columnFirst + tile.columns; column++) looks[row * columns + column]!++;
        }
        expect(Math.max(...looks)).toBeLessThanOrEqual(1);
        const made = groundProjection({ grid, calibration, imageCells: { ...size.imageCells, cellPx: 8 }, errorModel: { relativeShare: 0.2, peoplePerImageCellFloor: 0 } });
        if (!made.ok) throw new Error(made.problem.code);
        for (const cell of made.projection.imageCell) if (looks[cell] !== 1) throw new Error(`trial ${trial}: cell ${cell % columns}, ${Math.floor(cell / columns)} of ${columns} x ${rows} feeds the ground and is looked at ${looks[cell]} times`);
        if (lookedPx(size) < 0.9 * size.paddedWidthPx * size.paddedHeightPx) cut++;
        if (size.tiles.length > 1) tiled++;
      }
    }
    expect(cut).toBeGreaterThan(3);
    expect(tiled).toBeGreaterThan(0);
  }, 180_000);
});
