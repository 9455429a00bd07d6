// A film of walkers through all of ingest: opened, decoded, counted by the net, its motion measured and laid on the ground. What comes out is where and how fast people go, and nothing of anybody.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FlowLine } from '../../contract/flow.ts';
import { DEFAULT_LIMITS } from '../../contract/level.ts';
import { encodeReading, type Reading } from '../../contract/reading.ts';
import { linePeoplePerS, zoneFlowOf } from '../../crowd/flow.ts';
import { compileSite } from '../../crowd/site.ts';
import { openVideo } from '../../worker/demo/renderPlaza.ts';
import { clickedCalibration, movingScene, type PinholeCamera } from '../support/scenes.ts';
import { openWorld, until, type World } from './support.ts';

const camera: PinholeCamera = { position: { xM: 20, yM: 4 }, heightM: 8.5, bearingDeg: 0, tiltDeg: 36, focalShare: 1, widthPx: 640, heightPx: 360 }, FRAMES_PER_S = 10, FILM_S = 4;
const polygon = [{ xM: 16, yM: 10 }, { xM: 24, yM: 10 }, { xM: 24, yM: 17 }, { xM: 16, yM: 17 }];
let world: World, folder: string, readings: Reading[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crowdlight-flow-'));
  const path = join(folder, 'walkers.mp4'), scene = movingScene({ movement: { kind: 'stream', metresPerS: 1.2, headingDeg: 90 }, peoplePerM2: 0.8, camera, seed: 900_777, rangeM: 26 }), video = openVideo(path, camera.widthPx, camera.heightPx, FRAMES_PER_S);
  for (let frame = 0; frame < FILM_S * FRAMES_PER_S; frame++) video.write(scene.pictureAt(frame / FRAMES_PER_S).rgb);
  video.close();
  world = await openWorld();
  await world.add('walkers', 'file', { path, loop: true });
  const { version: _version, ...placing } = clickedCalibration(camera, { seed: 900_777, clickShare: 0, mapM: 0 });
  await world.store.calibrateSensor('walkers', placing);
  await world.tellChange();
  await world.ingest();
  const moving = () => readings.filter((reading) => reading.flow !== null).length;
  await until(async () => { readings = await world.readings(); return moving() >= 8; }, 60_000, () => ({ readings: readings.length, moving: moving() }));
}, 180_000);
afterAll(async () => { await world?.close(); rmSync(folder, { recursive: true, force: true }); });

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const flowing = () => readings.filter((reading) => reading.flow !== null);

test('MO7 a stream to the east at 1.2 m/s is seen to go east at 1.2 m/s', async () => {
  const { zones: [zone], grid } = compileSite({ ...(await world.store.site(world.siteId))!, zones: [{ zoneId: 'z', siteId: world.siteId, name: 'z', kind: 'walking', limits: DEFAULT_LIMITS.walking, polygon, rules: {} }] }, []);
  const flows = flowing().map((reading) => zoneFlowOf(zone!, [reading], grid)).filter((flow) => flow !== null);
  expect(flows.length).toBeGreaterThanOrEqual(6);
  const east = median(flows.map((flow) => flow.eastMPerS)), north = median(flows.map((flow) => flow.northMPerS));
  expect(Math.abs(east - 1.2) / 1.2, `east ${east}, north ${north}`).toBeLessThan(0.2);
  expect(Math.abs(north)).toBeLessThan(0.15);
  expect(median(flows.map((flow) => flow.counterShare))).toBeLessThan(0.15);
});

test('MO8 across a line they go in, and hardly anybody comes back', async () => {
  const { grid } = (await world.store.site(world.siteId))!.site, line: FlowLine = { lineId: 'l', siteId: world.siteId, name: 'l', surface: 'level', rules: {}, a: { xM: 20, yM: 10 }, b: { xM: 20, yM: 17 } };
  const looks = flowing().map((reading) => linePeoplePerS(line, [reading], grid)).filter((look) => look !== null);
  const into = looks.reduce((sum, look) => sum + look.inPerS, 0) / looks.length, out = looks.reduce((sum, look) => sum + look.outPerS, 0) / looks.length;
  expect(looks.length).toBeGreaterThanOrEqual(6);
  // To the east is to the right of a line that is drawn northwards: 0.8 x 1.2 x 7 m are 6.7 people a second; the net's own count may be off by a third.
  expect(into).toBeGreaterThan(6.7 * 0.6); expect(into).toBeLessThan(6.7 * 1.5);
  expect(out).toBeLessThan(0.15 * into);
});

test('PV4 what leaves is four bytes a ground cell: no track, no number of a person, nothing that lasts from one reading to the next', () => {
  for (const reading of flowing()) {
    expect(Object.keys(reading.flow!).toSorted()).toEqual(['counterCodes', 'eastCodes', 'northCodes', 'spreadCodes']);
    const cells = reading.window.columns * reading.window.rows, names = [reading.siteId, reading.sensorId, reading.modelId].join('').length;
    for (const codes of Object.values(reading.flow!)) expect(codes.length).toBe(cells);
    // Header and names, and seven rasters: there is no room for anything else.
    expect(encodeReading(reading).length - 7 * cells - names).toBeLessThan(100);
    // Where fewer than a twentieth of a person is counted, nothing is said of movement.
    reading.densityCodes.forEach((code, cell) => { if (code === 0 || code === 255) expect(reading.flow!.eastCodes[cell]).toBe(255); });
  }
});
