// Made-up squares for checking people/m2 in metres: a crowd of known places, one camera or several that overlap, each placed by noisy clicks, and zones inside of what they see.
// Everything follows from the seed. Counts can come from the true heads (geometry alone) or from a net that looks at the rendered pictures (bench/geometry.ts).
import type { GridSpec, SitePoint } from '../../contract/geometry.ts';
import { DEFAULT_LIMITS } from '../../contract/level.ts';
import type { Reading } from '../../contract/reading.ts';
import type { Calibration, SiteConfig } from '../../contract/site.ts';
import type { ZoneFigures } from '../../contract/zoneState.ts';
import { fuseAll } from '../../crowd/fuse.ts';
import { groundProjection, projectPeople, type ImageCells, type Projection } from '../../crowd/ground.ts';
import { compileSite } from '../../crowd/site.ts';
import { plazaCamera, type PinholeCamera } from '../../worker/demo/plazaCamera.ts';
import { isInside, seeded } from '../../worker/demo/plazaCrowd.ts';
import { valueNoise } from '../../worker/demo/plazaScene.ts';
import { scatterPeople } from '../../worker/demo/sceneCrowd.ts';
import { areaM2Of, clickedCalibration } from './scenes.ts';

export type CrowdedSite = {
  seed: number; grid: GridSpec; middle: SitePoint; people: SitePoint[]; peoplePerM2: number;
  cameras: { camera: PinholeCamera; calibration: Calibration }[];
  zones: { polygon: SitePoint[]; areaM2: number }[];
};

const GRID: GridSpec = { cellM: 1, columns: 72, rows: 72 }, MIDDLE: SitePoint = { xM: 36, yM: 36 };
/** More people than this cost more to draw than they tell. */
const PEOPLE_MOST = 1300;

/** Zones of 15 to 150 m2 around the middle, which all cameras look at from 18 to 55 degrees above, near enough for heads of 8 px in a picture of 640 px. `clicks: false` places them exactly. */
export function crowdedSite({ seed, cameraCount, peoplePerM2, clicks = true }: { seed: number; cameraCount: number; peoplePerM2: number; clicks?: boolean }): CrowdedSite {
  const random = seeded(seed ^ 0x9e0), between = (low: number, high: number) => low + (high - low) * random(), rad = Math.PI / 180;
  const firstAzimuth = between(0, 360), cameras = Array.from({ length: cameraCount }, (_, index) => {
    const focalShare = between(0.7, 1.25), heightM = between(4.5, 12), reachM = 20 * focalShare, pitchDeg = Math.max(Math.asin(Math.min(0.8, heightM / reachM)) / rad, between(18, 50)), awayM = (heightM - 1.6) / Math.tan(pitchDeg * rad);
    const azimuth = (firstAzimuth + index * between(70, 150)) * rad, k1 = random() < 0.4 ? between(-0.18, 0.12) : 0, [widthPx, heightPx] = ([[640, 360], [704, 528], [800, 450], [960, 540]] as const)[Math.floor(random() * 4)]!;
    const camera: PinholeCamera = {
      position: { xM: MIDDLE.xM + awayM * Math.sin(azimuth), yM: MIDDLE.yM + awayM * Math.cos(azimuth) }, heightM, bearingDeg: ((azimuth / rad + 180 + between(-4, 4)) % 360 + 360) % 360, tiltDeg: pitchDeg + between(-3, 4), focalShare, widthPx, heightPx,
      ...(k1 === 0 ? {} : { lens: { k1, k2: k1 < -0.1 ? 0.6 * k1 * k1 : 0 } }),
    };
    const calibration = clickedCalibration(camera, { seed: seed * 7 + index, pairs: 8 + Math.floor(random() * 7), reachMostM: 35, ...(clicks ? {} : { clickShare: 0, mapM: 0 }) });
    return { camera, calibration };
  });

  const zones: CrowdedSite['zones'] = [];
  for (let tries = 0; zones.length < 3 && tries < 400; tries++) {
    const areaM2 = Math.exp(between(Math.log(15), Math.log(150))), ratio = between(0.45, 1), a = Math.sqrt(areaM2 / ratio) / 2, b = Math.sqrt(areaM2 * ratio) / 2, turn = between(0, Math.PI), x = MIDDLE.xM + between(-4, 4), y = MIDDLE.yM + between(-4, 4);
    const polygon = [[-a, -b], [a, -b], [a, b], [-a, b]].map(([u, v]) => ({ xM: x + u! * Math.cos(turn) - v! * Math.sin(turn) + between(-0.3, 0.3), yM: y + u! * Math.sin(turn) + v! * Math.cos(turn) + between(-0.3, 0.3) }));
    if (cameras.every(({ camera }) => seesAll(camera, polygon))) zones.push({ polygon, areaM2: areaM2Of(polygon) });
  }
  // The crowd is thick in some places and thin in others, and reaches beyond the zones as far as PEOPLE_MOST allow.
  const noise = valueNoise(seed ^ 0x7c), radiusM = Math.min(17, Math.sqrt(PEOPLE_MOST / peoplePerM2 / Math.PI)), patchM = between(2.5, 7), unequal = between(0, 0.9);
  const at = (xM: number, yM: number) => Math.hypot(xM - MIDDLE.xM, yM - MIDDLE.yM) > radiusM ? Math.min(0.25, peoplePerM2) : Math.min(6.5, peoplePerM2 * Math.max(0.1, 1 + unequal * 2.4 * (noise(xM / patchM, yM / patchM) - 0.5)));
  const people = scatterPeople({ westM: MIDDLE.xM - 20, eastM: MIDDLE.xM + 20, southM: MIDDLE.yM - 20, northM: MIDDLE.yM + 20, peoplePerM2At: at, peoplePerM2Most: Math.min(6.5, peoplePerM2 * (1 + unequal * 1.2)), random });
  return { seed, grid: GRID, middle: MIDDLE, people, peoplePerM2, cameras, zones };
}

/** Every corner, from the ground to the tallest head and two metres around, is in the picture. */
function seesAll(camera: PinholeCamera, polygon: readonly SitePoint[]): boolean {
  const eye = plazaCamera(camera);
  return polygon.every(({ xM, yM }) => [[0, 0], [0.8, 0], [-0.8, 0], [0, 0.8], [0, -0.8]].every(([dx, dy]) => {
    const seen = eye.see(xM + dx!, yM + dy!, 1.6);
    return seen !== null && seen.xPx > 0 && seen.xPx < camera.widthPx && seen.yPx > 0 && seen.yPx < camera.heightPx && seen.pxPerM * 0.25 * 640 / camera.widthPx > 6;
  }));
}

export const truePeoplePerM2 = (site: CrowdedSite, polygon: readonly SitePoint[]): number => site.people.filter((person) => isInside(polygon, person)).length / areaM2Of(polygon);

/** Whole people put into the cells in which their heads are (shares of the picture). With `blurCells`, each as a soft blob of one person, as nets answer. */
export function headsIntoCells(heads: readonly { xShare: number; yShare: number }[], { columns, rows, cellWidthShare, cellHeightShare }: ImageCells, blurCells = 0): Float32Array {
  const people = new Float32Array(columns * rows);
  for (const { xShare, yShare } of heads) {
    const x = xShare / cellWidthShare, y = yShare / cellHeightShare, column = Math.floor(x), row = Math.floor(y);
    if (blurCells === 0) { if (column >= 0 && row >= 0 && column < columns && row < rows) people[row * columns + column]!++; continue; }
    const parts: [number, number][] = [];
    let sum = 0;
    for (let r = row - 3; r <= row + 3; r++) for (let c = column - 3; c <= column + 3; c++) { const weight = Math.exp(-((c + 0.5 - x) ** 2 + (r + 0.5 - y) ** 2) / (2 * blurCells ** 2)); sum += weight; if (c >= 0 && r >= 0 && c < columns && r < rows) parts.push([r * columns + c, weight]); }
    for (const [cell, weight] of parts) people[cell]! += weight / sum;
  }
  return people;
}

export function projectionOf(site: CrowdedSite, camera: number, imageCells: ImageCells): Projection {
  const made = groundProjection({ grid: site.grid, calibration: site.cameras[camera]!.calibration, imageCells, errorModel: { relativeShare: 0, peoplePerImageCellFloor: 0 } });
  if (!made.ok) throw new Error(`site ${site.seed}, camera ${camera}: ${made.problem.code}`);
  return made.projection;
}

/** All ground within `marginM` of a place is seen in whole: nobody's blob there reaches over the edge of what is covered. */
export function coveredAround({ window, perM2, cellM }: Projection, { xM, yM }: SitePoint, marginM: number): boolean {
  for (let row = Math.floor((yM - marginM) / cellM); row <= Math.floor((yM + marginM) / cellM); row++) for (let column = Math.floor((xM - marginM) / cellM); column <= Math.floor((xM + marginM) / cellM); column++) {
    const c = column - window.columnFirst, r = row - window.rowFirst;
    if (c < 0 || r < 0 || c >= window.columns || r >= window.rows) return false;
    const per = perM2[r * window.columns + c]!;
    if (!(per > 0) || per * cellM * cellM > 1.002) return false;
  }
  return true;
}

export function readingFrom(camera: number, projection: Projection, peoplePerImageCell: Float32Array, spreadPerImageCell: Float32Array | null = null): Reading {
  return { siteId: 'crowded', sensorId: `camera-${camera}`, epoch: 1, seq: 1, capturedAtMs: 1000, heardAtMs: 1000, calibrationVersion: 1, modelId: 'm', peopleInPicture: 0, flow: null, fault: null, ...projectPeople(projection, peoplePerImageCell, spreadPerImageCell) };
}

/** Figures of each zone as the decider has them from these readings; null where nothing of it is seen. */
export function zonesFrom(site: CrowdedSite, readings: readonly Reading[]): (ZoneFigures | null)[] {
  const config: SiteConfig = {
    version: 1, site: { siteId: 'crowded', name: 'Crowded', origin: { lng: 8, lat: 50 }, grid: site.grid, demo: false }, lines: [],
    zones: site.zones.map(({ polygon }, index) => ({ zoneId: `zone-${index}`, siteId: 'crowded', name: `zone ${index}`, kind: 'standing', limits: DEFAULT_LIMITS.standing, rules: {}, polygon })),
    sensors: site.cameras.map(({ calibration }, index) => ({ sensorId: `camera-${index}`, siteId: 'crowded', name: `camera ${index}`, kind: 'file', addressShown: '', enabled: true, calibration })),
  };
  return fuseAll(compileSite(config, []), readings).sums.map(({ figures }) => figures);
}
