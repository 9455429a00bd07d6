// Whether a zone's error is what it says: with cameras that err as their readings claim, ± 1.645 of it hold the truth in 90 of 100 cases, however they overlap.
import { expect, test } from 'vitest';
import { densityCode, PEOPLE_PER_M2_OF_CODE } from '../../contract/density.ts';
import type { GridSpec } from '../../contract/geometry.ts';
import type { Reading } from '../../contract/reading.ts';
import { HALF_INTERVAL_90 } from '../../contract/zoneState.ts';
import { fuseAll } from '../../crowd/fuse.ts';
import { COUNTING_VARIANCE_PER_PERSON } from '../../crowd/interval.ts';
import { compileSite } from '../../crowd/site.ts';
import { seeded } from './camera.ts';
import { readingOf, RULES, sensorOf, siteConfig, zoneAt } from './plainSite.ts';

const LOOKS = 500;
type Camera = { share: number; weight: number; columnFirst: number; columns: number };
const CAMERAS: [string, Camera[]][] = [
  ['one camera', [{ share: 0.15, weight: 100, columnFirst: 0, columns: 20 }]],
  ['two that see the same', [{ share: 0.15, weight: 100, columnFirst: 0, columns: 20 }, { share: 0.15, weight: 100, columnFirst: 0, columns: 20 }]],
  ['two that overlap in part, one surer and more trusted', [{ share: 0.25, weight: 60, columnFirst: 0, columns: 14 }, { share: 0.08, weight: 200, columnFirst: 6, columns: 14 }]],
  ['three side by side', [{ share: 0.1, weight: 90, columnFirst: 0, columns: 8 }, { share: 0.1, weight: 90, columnFirst: 6, columns: 8 }, { share: 0.1, weight: 90, columnFirst: 12, columns: 8 }]],
];

test.each(CAMERAS)('FI9 the interval of a zone holds what it promises: %s', (_, cameras) => {
  for (const cellM of [1, 2] as const) {
    const grid: GridSpec = { cellM, columns: 20 / cellM, rows: 20 / cellM }, random = seeded(7 * cellM + cameras.length), normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const zone = zoneAt('all', 0, { polygon: [{ xM: 2, yM: 2 }, { xM: 18, yM: 2 }, { xM: 18, yM: 10 }, { xM: 2, yM: 10 }] });
    const site = compileSite(siteConfig({ site: { ...siteConfig().site, grid }, zones: [zone], sensors: cameras.map((_camera, i) => sensorOf(`c${i}`)) }), RULES);
    let held = 0, widths = 0;
    for (let look = 0; look < LOOKS; look++) {
      const truth = 0.5 + 5 * random();
      const readings = cameras.map(({ share, weight, columnFirst, columns }, i): Reading => {
        const window = { columnFirst: columnFirst / cellM, rowFirst: 0, columns: columns / cellM, rows: 20 / cellM }, wrong = 1 + share * normal(), area = cellM * cellM;
        const made = readingOf(() => Math.max(0, truth * wrong + normal() * Math.sqrt((COUNTING_VARIANCE_PER_PERSON * truth) / area)), { atMs: look, sensorId: `c${i}`, window, weight });
        return { ...made, errorCodes: made.densityCodes.map((code) => densityCode(Math.sqrt((share * truth) ** 2 + (COUNTING_VARIANCE_PER_PERSON * PEOPLE_PER_M2_OF_CODE[code]!) / area))) };
      });
      const { peoplePerM2Mean, peoplePerM2Error } = fuseAll(site, readings).sums[0]!.figures!;
      if (Math.abs(peoplePerM2Mean - truth) <= HALF_INTERVAL_90 * peoplePerM2Error) held++;
      widths += peoplePerM2Error / truth;
    }
    // Of 500 looks 90 % are 450 ± 7 (one standard deviation).
    expect(held / LOOKS, `cells of ${cellM} m`).toBeGreaterThan(0.86);
    expect(held / LOOKS, `cells of ${cellM} m`).toBeLessThan(0.94);
    // Two that see the same are surer than one: their errors are their own.
    if (cameras.length === 2 && cameras[0]!.share === cameras[1]!.share) expect(widths / LOOKS / 0.15).toBeLessThan(0.8);
  }
});
