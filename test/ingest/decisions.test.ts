// The pure decisions of ingest: sizes, clocks, load, retries, shares, addresses.
import { describe, expect, test } from 'vitest';
import { problemNote } from '../../contract/problem.ts';
import { loadSensorKinds } from '../../config/kinds.ts';
import { checker } from '../../contract/schema.ts';
import { calmLoad, judgeLoad, type CameraLoad } from '../../worker/ingest/overload.ts';
import { retryPauseMs } from '../../worker/ingest/retry.ts';
import { shareTable } from '../../worker/ingest/shares.ts';
import { analysisSize, withoutPadding } from '../../worker/mediaHost/analysisSize.ts';
import { captureClock } from '../../worker/mediaHost/captureClock.ts';

const sized = (widthPx: number, heightPx: number, pixelAspect = 1) => analysisSize({ widthPx, heightPx, pixelAspect, pixelsMost: 640 * 384, multiplePx: 32, stridePx: 8 });

describe('the size that is looked at', () => {
  test('IN1 keeps the shape of every picture, within a pixel, and pads to whole steps of the net', () => {
    for (const [widthPx, heightPx] of [[640, 360], [1920, 1080], [3840, 2160], [480, 360], [360, 640], [704, 576], [2560, 480], [480, 2560], [100, 100], [16, 16], [7680, 4320], [641, 359]] as const) {
      const size = sized(widthPx, heightPx);
      expect(Math.abs(size.scaledWidthPx - size.scaledHeightPx * widthPx / heightPx)).toBeLessThanOrEqual(Math.max(1, widthPx / heightPx));
      expect(size.scaledWidthPx * size.scaledHeightPx).toBeLessThanOrEqual(640 * 384 * 1.01);
      expect(size.paddedWidthPx % 32 + size.paddedHeightPx % 32).toBe(0);
      expect(size.paddedWidthPx - size.scaledWidthPx).toBeLessThan(32);
      expect(size.paddedHeightPx - size.scaledHeightPx).toBeLessThan(32);
      expect(size.imageCells.columns * size.imageCells.cellWidthShare).toBeGreaterThanOrEqual(1 - 1e-9);
      expect((size.imageCells.columns - 1) * size.imageCells.cellWidthShare).toBeLessThan(1);
    }
  });
  test('IN2 a sub-stream of 640 x 360 is not paid as 640 x 384', () => {
    expect(sized(640, 360)).toMatchObject({ scaledWidthPx: 626, scaledHeightPx: 352, paddedWidthPx: 640, paddedHeightPx: 352 });
  });
  test('IN3 pixels that are not square are made so: 704 x 576 with 16:11 pixels is seen as 16:9', () => {
    const size = sized(704, 576, 16 / 11);
    expect(size.pictureAspect).toBeCloseTo(1024 / 576, 5);
    expect(size.scaledWidthPx / size.scaledHeightPx).toBeCloseTo(1024 / 576, 1);
  });
  test('IN4 what stands in the padding leaves with nobody; NaN and negatives are nobody', () => {
    const padded = Float32Array.from([1, 2, 50, 3, Number.NaN, 50, 60, -1, 50]);
    const { peoplePerImageCell, peopleInPicture } = withoutPadding(padded, 3, { columns: 2, rows: 2, cellWidthShare: 0.5, cellHeightShare: 0.5 });
    expect([...peoplePerImageCell]).toEqual([1, 2, 3, 0]);
    expect(peopleInPicture).toBe(6);
  });
});

describe('the clock of a camera', () => {
  test('IN5 without sender reports our clock dates the frames and there is no skew', () => {
    const clock = captureClock();
    clock.heard({ ptsMs: 0, heardAtMs: 1_000_000, cameraAtMs: null });
    expect(clock.captured({ ptsMs: 0, heardAtMs: 1_000_000 })).toEqual({ capturedAtMs: 1_000_000, clock: 'ours' });
    expect(clock.skewMs()).toBeNull();
  });
  test('IN6 a camera 2 s ahead dates its own frames; the skew is that of the fastest packet', () => {
    const clock = captureClock();
    for (const [ptsMs, delayMs] of [[0, 300], [67, 40], [133, 120]] as const) clock.heard({ ptsMs, heardAtMs: 1_000_000 + ptsMs + delayMs, cameraAtMs: 1_002_000 + ptsMs });
    expect(clock.skewMs()).toBe(1960);
    expect(clock.captured({ ptsMs: 133, heardAtMs: 1_000_253 })).toEqual({ capturedAtMs: 1_002_133, clock: 'camera' });
  });
  test('IN7 a camera an hour off is not believed', () => {
    const clock = captureClock();
    clock.heard({ ptsMs: 0, heardAtMs: 1_000_000, cameraAtMs: 1_000_000 + 3_600_000 });
    expect(clock.captured({ ptsMs: 0, heardAtMs: 1_000_000 })).toEqual({ capturedAtMs: 1_000_000, clock: 'ours' });
  });
  test('IN8 a clock that is set right is believed at once', () => {
    const clock = captureClock();
    clock.heard({ ptsMs: 0, heardAtMs: 1_000_000, cameraAtMs: 4_600_000 });
    clock.heard({ ptsMs: 1000, heardAtMs: 1_001_000, cameraAtMs: 1_000_990 });
    expect(clock.captured({ ptsMs: 1000, heardAtMs: 1_001_000 })).toEqual({ capturedAtMs: 1_000_990, clock: 'camera' });
  });
  test('IN9 a frame that waited 2 s in front of us is 2 s late, and a lasting delay is forgotten in half a minute', () => {
    const clock = captureClock();
    for (let atMs = 0; atMs < 5000; atMs += 100) clock.heard({ ptsMs: atMs, heardAtMs: 1_000_000 + atMs, cameraAtMs: null });
    expect(clock.lateMs({ ptsMs: 5000, heardAtMs: 1_007_000 })).toBe(2000);
    for (let atMs = 5000; atMs < 45_000; atMs += 100) clock.heard({ ptsMs: atMs, heardAtMs: 1_002_000 + atMs, cameraAtMs: null });
    expect(clock.lateMs({ ptsMs: 45_000, heardAtMs: 1_047_000 })).toBe(0);
  });
});

describe('too much to look at', () => {
  const load = (sensorId: string, dropped: number, decodedPerS: number, framesUsed: 'all' | 'keyframes' = 'all'): CameraLoad => ({ sensorId, framesChosen: 2, framesDropped: dropped, decodedPerS, framesUsed });
  test('IN10 ten seconds of drops send the busiest camera to key frames, one moment of drops nobody', () => {
    let state = calmLoad();
    const changed: [number, string][] = [];
    for (let s = 0; s <= 12; s++) {
      const judged = judgeLoad(state, [load('a', 1, 15), load('b', 1, 25)], 'auto', s * 1000);
      state = judged.state;
      for (const change of judged.changes) changed.push([s, `${change.sensorId} ${change.framesUsed}`]);
    }
    expect(changed).toEqual([[10, 'b keyframes']]);
    expect(judgeLoad(judgeLoad(calmLoad(), [load('a', 2, 15)], 'auto', 0).state, [load('a', 0, 15)], 'auto', 11_000).changes).toEqual([]);
  });
  test('IN11 it comes back after 30 s of room, and waits longer each time that this was too much', () => {
    let state = calmLoad(), framesUsed: 'all' | 'keyframes' = 'keyframes';
    const backs: number[] = [];
    for (let s = 0; s < 600; s++) {
      // There is only room while it looks at key frames.
      const judged = judgeLoad(state, [load('a', framesUsed === 'all' ? 2 : 0, 15, framesUsed)], 'auto', s * 1000);
      state = judged.state;
      for (const change of judged.changes) { framesUsed = change.framesUsed; if (framesUsed === 'all') backs.push(s); }
    }
    expect(backs[0]).toBe(30);
    const pauses = backs.slice(1).map((at, index) => at - backs[index]!);
    for (let index = 1; index < pauses.length; index++) expect(pauses[index]!).toBeGreaterThan(pauses[index - 1]!);
  });
  test('IN12 always and never are obeyed at once', () => {
    expect(judgeLoad(calmLoad(), [load('a', 0, 15)], 'always', 0).changes).toEqual([{ sensorId: 'a', framesUsed: 'keyframes' }]);
    expect(judgeLoad(calmLoad(), [load('a', 2, 15, 'keyframes')], 'never', 0).changes).toEqual([{ sensorId: 'a', framesUsed: 'all' }]);
  });
});

describe('trying again', () => {
  test('IN13 pauses grow from half a second to 30 s, whatever the attempt, and differ between cameras', () => {
    for (const attempt of [0, 1, 2, 7, 1000, 1e300, Number.NaN, -5, Infinity]) {
      const pause = retryPauseMs({ sensorId: 'a', attempt, problem: null });
      expect(pause).toBeGreaterThanOrEqual(400);
      expect(pause).toBeLessThanOrEqual(30_000);
    }
    expect(retryPauseMs({ sensorId: 'a', attempt: 1, problem: null })).toBeLessThan(500.001);
    expect(retryPauseMs({ sensorId: 'a', attempt: 5, problem: null })).not.toBe(retryPauseMs({ sensorId: 'b', attempt: 5, problem: null }));
  });
  test('IN14 a refused password is not tried again at once: cameras lock', () => {
    expect(retryPauseMs({ sensorId: 'a', attempt: 1, problem: problemNote('cameraPasswordRefused') })).toBeGreaterThanOrEqual(12_000);
  });
});

describe('several ingests', () => {
  test('IN15 each holds its part, alone all, and the dead are forgotten', () => {
    const table = shareTable();
    expect(table.most('me', 5, 0)).toBe(5);
    table.hear({ holder: 'me', cameras: 5 }, 0);
    table.hear({ holder: 'you', cameras: 0 }, 0);
    expect(table.most('me', 5, 100)).toBe(3);
    expect(table.shouldGive('me', 5, 5, 100)).toBe(true);
    expect(table.shouldGive('me', 3, 5, 100)).toBe(false);
    expect(table.most('me', 5, 3000)).toBe(5);
  });
});

describe('kinds of sensor', async () => {
  const kinds = await loadSensorKinds();
  test('IN16 rtsp, rtsps and file are there', () => { expect([...kinds.keys()]).toEqual(expect.arrayContaining(['rtsp', 'rtsps', 'file'])); });
  for (const kind of kinds.values()) {
    const check = checker(kind.settings);
    test(`IN17 ${kind.kind}: its fitting examples fit and show an address without secrets`, () => {
      for (const { settings, addressShown } of kind.examples.fits) {
        expect(check(settings)).toMatchObject({ ok: true });
        expect(kind.addressShown(settings)).toBe(addressShown);
        expect(kind.source(settings).url).toMatch(/^(rtsps?:\/\/|file:\/)/);
      }
    });
    test(`IN18 ${kind.kind}: what must be refused is refused, by schema or by address`, () => {
      for (const settings of kind.examples.refused) {
        const refused = !check(settings).ok || (() => { try { kind.source(settings); return false; } catch { return true; } })();
        expect(refused, JSON.stringify(settings)).toBe(true);
      }
    });
  }
  test('IN19 counting uses the sub-stream when both are given, with the login of the main one', () => {
    const source = kinds.get('rtsp')!.source({ url: 'rtsp://op:p%40ss@cam/main', subUrl: 'rtsp://cam/sub' });
    expect(source.url).toBe('rtsp://op:p%40ss@cam/sub');
  });
  test('IN20 any password survives: it is encoded once, whether typed into the address or its own field', () => {
    const password = 'p@ss:w/r%d ?#&|\u4e2d\'()*!';
    const { url } = kinds.get('rtsp')!.source({ url: 'rtsp://cam:8554/x', user: 'o p', password });
    expect(url).not.toMatch(/[|' ]/);
    expect(decodeURIComponent(new URL(url).password)).toBe(password);
    expect(decodeURIComponent(new URL(url).username)).toBe('o p');
    expect(new URL(url).host).toBe('cam:8554');
  });
});
