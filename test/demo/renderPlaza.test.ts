// The demo's video: drawn the same each time, whole or not there, and counted by the real net as the truth has it.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import pino from 'pino';
import { drawPlaza } from '../../worker/demo/drawPlaza.ts';
import { plazaDemo } from '../../worker/demo/plaza.ts';
import { HEAD_HEIGHT_M, PLAZA_CAMERA, plazaCamera } from '../../worker/demo/plazaCamera.ts';
import { PLAZA_FRAMES, PLAZA_FRAMES_PER_S, PLAZA_SEED, plazaCrowd } from '../../worker/demo/plazaCrowd.ts';
import { renderPlaza } from '../../worker/demo/renderPlaza.ts';
import { countVideo, type PlazaCount } from './countVideo.ts';

const folder = mkdtempSync(join(tmpdir(), 'plaza-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const crowd = plazaCrowd(PLAZA_SEED), camera = plazaCamera(PLAZA_CAMERA);
const headsInView = (atS: number) => crowd.truthAt(atS).filter(({ xM, yM }) => {
  const seen = camera.see(xM, yM, HEAD_HEIGHT_M)!;
  return seen.xPx >= 0 && seen.xPx < camera.widthPx && seen.yPx >= 0 && seen.yPx < camera.heightPx;
}).length;
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

test('the same seed draws the same frame, whatever was drawn before', () => {
  const hash = (picture: Uint8Array) => createHash('sha256').update(picture).digest('hex');
  const once = drawPlaza(crowd, camera), again = drawPlaza(plazaCrowd(PLAZA_SEED), camera);
  const first = hash(once(700));
  again(300);
  expect(hash(again(700))).toBe(first);
  expect(hash(again(701))).not.toBe(first);
}, 60_000);

describe('a rendered video, counted as ingest counts a camera', () => {
  // Every tenth second of the loop, as one short film: rendering all 1,900 frames would tell no more.
  const frames = Array.from({ length: 19 }, (_, index) => index * PLAZA_FRAMES / 19 + 45);
  const counts: (PlazaCount & { atS: number })[] = [];
  beforeAll(async () => {
    const path = join(folder, 'few.mp4');
    await renderPlaza({ path, seed: PLAZA_SEED, frames });
    await countVideo(path, 1, (count) => counts.push({ ...count, atS: frames[count.index]! / PLAZA_FRAMES_PER_S }));
  }, 90_000);

  test('has every frame, and leaves no piece beside it', () => {
    expect(counts).toHaveLength(frames.length);
    expect(readdirSync(folder).filter((name) => name.includes('.part'))).toEqual([]);
  });

  // Reached on 21 November 2026 over the whole video, every second second: 4.0 %, bias 0.1 %.
  test('where more than 30 heads are in view the count is within 10 % in the median and leans to neither side by more than 7 %', () => {
    const many = counts.filter(({ atS }) => headsInView(atS) > 30), shares = many.map(({ atS, peopleInPicture }) => peopleInPicture / headsInView(atS) - 1);
    expect(many.length).toBeGreaterThanOrEqual(10);
    expect(median(shares.map(Math.abs))).toBeLessThan(0.1);
    expect(Math.abs(median(shares))).toBeLessThan(0.07);
  });

  // Reached: 3.3 %, bias 0.1 %.
  test('the density in front of the stage is within 15 % in the median, also where it is critical', () => {
    const zone = plazaDemo.zones[0]!.polygon, dense = counts.filter(({ atS }) => crowd.peoplePerM2In(zone, atS) > 2);
    expect(dense.length).toBeGreaterThanOrEqual(5);
    expect(median(dense.map(({ atS, peoplePerM2In }) => Math.abs(peoplePerM2In(zone) / crowd.peoplePerM2In(zone, atS) - 1)))).toBeLessThan(0.15);
    const densest = dense.toSorted((a, b) => crowd.peoplePerM2In(zone, b.atS) - crowd.peoplePerM2In(zone, a.atS))[0]!;
    expect(densest.peoplePerM2In(zone)).toBeGreaterThan(4.7);
  });

  test('an empty plaza has fewer than 3 people', async () => {
    expect(crowd.truthAt(0)).toEqual([]);
    const path = join(folder, 'empty.mp4'), people: number[] = [];
    await renderPlaza({ path, seed: PLAZA_SEED, frames: [0, PLAZA_FRAMES - 1] });
    await countVideo(path, 1, (count) => people.push(count.peopleInPicture));
    expect(Math.max(...people)).toBeLessThan(3);
  }, 60_000);
});

describe('the file of the demo', () => {
  const log = pino({ level: 'silent' });

  test('a render that is stopped leaves nothing, and says that it was stopped', async () => {
    const here = join(folder, 'stopped'), stop = new AbortController();
    const rendering = plazaDemo.renderVideo({ folder: here, log, signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
    await expect(rendering).rejects.toThrow('enough');
    expect(readdirSync(here)).toEqual([]);
  }, 60_000);

  test('a render that is killed leaves no video under its name', async () => {
    const path = join(folder, 'killed.mp4');
    const child = spawn(process.execPath, [resolve(import.meta.dirname, '../../worker/demo/renderPlaza.ts'), '--out', path], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise<void>((seen) => child.stdout.once('data', () => seen()));
    child.kill('SIGKILL');
    await new Promise((ended) => child.once('close', ended));
    expect(readdirSync(folder)).not.toContain('killed.mp4');
  }, 60_000);

  test('a complete file is used again', async () => {
    const here = join(folder, 'stopped');
    // Its name tells the version of the renderer; a file of this name is complete, since it gets the name last.
    const name = `demo-plaza-${await plazaDemo.videoVersion()}-${PLAZA_SEED}.mp4`;
    writeFileSync(join(here, name), 'as if rendered');
    expect(await plazaDemo.renderVideo({ folder: here, log })).toBe(join(here, name));
  });
});
