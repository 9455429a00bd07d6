// Privacy masks on rasters, and what they do to ground: unknown, never empty.
import { describe, expect, test } from 'vitest';
import { DENSITY_CODE_UNKNOWN } from '../../contract/density.ts';
import type { MaskPolygons } from '../../contract/site.ts';
import { groundProjection, projectPeople, usualImageCells } from '../../crowd/ground.ts';
import { maskedCells, masksProblem } from '../../crowd/mask.ts';
import { seeded } from '../../worker/demo/plazaCrowd.ts';
import { clickedCalibration } from '../support/scenes.ts';

const box = (left: number, top: number, right: number, bottom: number): MaskPolygons[number] => [{ xShare: left, yShare: top }, { xShare: right, yShare: top }, { xShare: right, yShare: bottom }, { xShare: left, yShare: bottom }];

describe('privacy masks', () => {
  test('MK1 a mask touches every cell that it overlaps by a hair, whatever its shape, and none that lies a cell away', () => {
    const seed = 20_261_122, random = seeded(seed), columns = 80, rows = 45;
    for (let n = 0; n < 60; n++) {
      // A star about a point: simple, often hollow.
      const x = random(), y = random(), corners = 3 + Math.floor(random() * 12), polygon = Array.from({ length: corners }, (_, i) => { const turn = 2 * Math.PI * (i + 0.4 * random()) / corners, far = 0.02 + 0.3 * random(); return { xShare: Math.min(2, Math.max(-1, x + far * Math.cos(turn))), yShare: Math.min(2, Math.max(-1, y + far * Math.sin(turn))) }; });
      const cells = maskedCells([polygon], { columns, rows });
      const inside = (px: number, py: number) => { let is = false; for (let i = 0, j = corners - 1; i < corners; j = i++) { const a = polygon[i]!, b = polygon[j]!; if ((a.yShare > py) !== (b.yShare > py) && px < a.xShare + ((py - a.yShare) / (b.yShare - a.yShare)) * (b.xShare - a.xShare)) is = !is; } return is; };
      let missed = 0, far = 0;
      for (let look = 0; look < 400; look++) {
        const px = random(), py = random();
        if (inside(px, py) && cells[Math.floor(py * rows) * columns + Math.floor(px * columns)] === 0) missed++;
      }
      for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) if (cells[row * columns + column] === 1) {
        // Somewhere within a cell's reach the mask really is, inside or at a side.
        const near = polygon.some((a, i) => { const b = polygon[(i + 1) % corners]!; return fromSide((column + 0.5) / columns, (row + 0.5) / rows, a, b, columns, rows) < 1.3; });
        if (!near && !inside((column + 0.5) / columns, (row + 0.5) / rows)) far++;
      }
      expect({ missed, far }, `seed ${seed}, mask ${n}`).toEqual({ missed: 0, far: 0 });
    }
  });

  test('MK2 rings that cross themselves are refused by name; masks may overlap and reach over the edge', () => {
    expect(masksProblem([[{ xShare: 0, yShare: 0 }, { xShare: 1, yShare: 1 }, { xShare: 1, yShare: 0 }, { xShare: 0, yShare: 1 }]])?.code).toBe('polygonCrossesItself');
    expect(masksProblem([box(-0.5, -0.5, 0.4, 0.4), box(0.2, 0.2, 1.5, 0.6)])).toBeNull();
  });

  test('MK3 ground that is seen through a mask is unknown and not empty; ground beside it keeps its people', () => {
    const camera = { position: { xM: 20, yM: 0 }, heightM: 8, bearingDeg: 0, tiltDeg: 35, focalShare: 1.2, widthPx: 1280, heightPx: 720 };
    const calibration = clickedCalibration(camera, { seed: 5, clickShare: 0, mapM: 0 }), imageCells = usualImageCells(16 / 9), grid = { cellM: 1 as const, columns: 40, rows: 40 }, errorModel = { relativeShare: 0.2, peoplePerImageCellFloor: 0.01 };
    const { columns, rows, cellWidthShare, cellHeightShare } = imageCells, masked = maskedCells([box(0, 0, 0.5, 1)], { columns, rows, across: 1 / cellWidthShare, down: 1 / cellHeightShare });
    const people = new Float32Array(columns * rows).fill(0.01), made = (mask: Uint8Array | null) => { const one = groundProjection({ grid, calibration, imageCells, errorModel, masked: mask }); if (!one.ok) throw new Error(one.problem.code); return one.projection; };
    const all = made(null), half = made(masked), seenAll = projectPeople(all, people), seenHalf = projectPeople(half, people);
    const knownOf = (from: typeof seenAll) => { const known = new Map<string, number>(); from.densityCodes.forEach((code, at) => { if (code !== DENSITY_CODE_UNKNOWN) known.set(`${from.window.columnFirst + (at % from.window.columns)},${from.window.rowFirst + Math.floor(at / from.window.columns)}`, code); }); return known; };
    const whole = knownOf(seenAll), rest = knownOf(seenHalf);
    expect(rest.size).toBeGreaterThan(0.35 * whole.size);
    expect(rest.size).toBeLessThan(0.65 * whole.size);
    // Nothing under the mask has a number; nothing beside it has another one.
    for (const [place, code] of rest) { const before = whole.get(place)!; expect(Math.abs(code - before), place).toBeLessThanOrEqual(12); expect(Number(place.split(',')[0])).toBeGreaterThanOrEqual(19); }
    // A picture that is masked as a whole sees no ground at all: its zones are blind.
    expect(made(new Uint8Array(columns * rows).fill(1)).window.columns).toBe(0);
  });
});

function fromSide(x: number, y: number, a: { xShare: number; yShare: number }, b: { xShare: number; yShare: number }, columns: number, rows: number): number {
  const px = x * columns, py = y * rows, ax = a.xShare * columns, ay = a.yShare * rows, dx = b.xShare * columns - ax, dy = b.yShare * rows - ay, length = dx * dx + dy * dy, share = length === 0 ? 0 : Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / length));
  return Math.hypot(px - ax - share * dx, py - ay - share * dy);
}
