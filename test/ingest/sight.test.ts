// Whether a picture can be counted from, on real footage and the same through a worse camera, twice a second as in a media host. What each strength costs in people stands in bench/sight.ts.
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { PictureFault } from '../../contract/sight.ts';
import { sightJudge, type SightJudge } from '../../worker/mediaHost/sight.ts';
import { lumaSampler, type LumaPlane } from '../../worker/mediaHost/sightLuma.ts';
import { edgeField, markComparer, markOf } from '../../worker/mediaHost/viewMark.ts';
import { VIDEOS } from '../support/rtspServer.ts';
import { blurred, coveredBy, displaced, dropped, fogged, lit, lumaOfVideo, seedPictures } from '../support/worsePictures.ts';

const whyNot = existsSync(VIDEOS.vtest) ? null : 'the videos of ../shared/data/video are not here';
const EVERY_MS = 500;

describe.skipIf(whyNot !== null)(`sight${whyNot === null ? '' : ` (not run: ${whyNot})`}`, () => {
  let street: LumaPlane[], inner: LumaPlane[];
  beforeAll(async () => {
    seedPictures(20_261_122);
    street = await lumaOfVideo(VIDEOS.vtest, EVERY_MS, 70);
    inner = street.map((plane) => displaced(plane, {}));
  }, 120_000);

  const camera = (judge: SightJudge = sightJudge()) => {
    const sampler = lumaSampler();
    let atMs = 0;
    return { judge, look(plane: LumaPlane): PictureFault | null { atMs += EVERY_MS; return judge.look(sampler(plane, plane.widthPx / plane.heightPx), atMs).fault; } };
  };
  /** 12 s of good pictures, then worse ones until a fault (at most 10 s), then good ones until it is over. */
  const through = (pictures: readonly LumaPlane[], worse: (n: number) => LumaPlane) => {
    const one = camera();
    for (let n = 0; n < 24; n++) { expect(one.look(pictures[n]!)).toBeNull(); if (n === 20) one.judge.setMark(one.judge.markOfNow(1)); }
    let n = 24, fault: PictureFault | null = null;
    while (n < 44 && fault === null) fault = one.look(worse(n++));
    const foundAfterS = (n - 24) * EVERY_MS / 1000;
    for (let more = 0; more < 4 && fault !== null; more++) fault = one.look(worse(n++)) ?? null;
    let back = 0;
    while (back < 20 && one.look(pictures[(n++) % 70]!) !== null) back++;
    return { fault, foundAfterS, backAfterS: back * EVERY_MS / 1000 };
  };

  test('SG1 a street as it is, in dim light, in light fog and in hard light is no fault', () => {
    for (const made of [(plane: LumaPlane) => plane, (plane: LumaPlane) => lit(plane, 0.1, 2), (plane: LumaPlane) => fogged(plane, 0.7), (plane: LumaPlane) => lit(plane, 3)]) {
      const one = camera();
      for (const plane of street.slice(0, 40)) expect(one.look(made(plane))).toBeNull();
    }
  }, 60_000);

  const faults: [PictureFault, (pictures: { street: LumaPlane[]; inner: LumaPlane[] }) => readonly LumaPlane[], (plane: LumaPlane, first: LumaPlane) => LumaPlane][] = [
    ['dark', (of) => of.street, (plane) => lit(plane, 0.01, 2)],
    ['overexposed', (of) => of.street, (plane) => lit(plane, 32)],
    ['covered', (of) => of.street, (plane) => coveredBy(plane, 0.8, 45)],
    ['blurred', (of) => of.street, (plane) => blurred(plane, 6)],
    ['fogged', (of) => of.street, (plane) => fogged(plane, 0.2)],
    ['frozen', (of) => of.street, (_plane, first) => first],
    ['moved', (of) => of.inner, () => { throw new Error('made of the street'); }],
  ];
  for (const [name, of, worse] of faults) {
    test(`SG2 ${name}: found within ten seconds, and over within ten`, () => {
      const pictures = of({ street, inner });
      const { fault, foundAfterS, backAfterS } = through(pictures, (n) => (name === 'moved' ? displaced(street[n]!, { rightShare: 0.04 }) : worse(pictures[n]!, pictures[23]!)));
      expect(fault).toBe(name);
      expect(foundAfterS).toBeLessThan(10);
      expect(backAfterS).toBeLessThan(10);
    }, 60_000);
  }

  test('SG3 what passes is no fault: three seconds of a bus before the lens, of headlights, of another exposure', () => {
    for (const passing of [(plane: LumaPlane) => coveredBy(plane, 0.7, 90), (plane: LumaPlane) => lit(plane, 30), (plane: LumaPlane) => lit(plane, 0.01)]) {
      const one = camera();
      for (let n = 0; n < 50; n++) expect(one.look(n >= 30 && n < 36 ? passing(street[n]!) : street[n]!)).toBeNull();
    }
  }, 60_000);

  test('SG4 zoom, turn and shaking are found beyond 2 % and 2 degrees, not below', () => {
    const said = (make: (plane: LumaPlane, n: number) => LumaPlane) => through(inner, (n) => make(street[n]!, n)).fault;
    expect(said((plane) => displaced(plane, { zoom: 1.05 }))).toBe('moved');
    expect(said((plane) => displaced(plane, { turnDeg: 3.5 }))).toBe('moved');
    expect(said((plane, n) => displaced(plane, { rightShare: 0.05 * Math.sin(n * 2.4), downShare: 0.04 * Math.cos(n * 1.7) }))).toBe('moved');
    expect(said((plane) => displaced(plane, { rightShare: 0.2, downShare: 0.1 }))).toBe('moved');
    expect(said((plane) => displaced(plane, { rightShare: 0.006 }))).toBeNull();
    expect(said((plane, n) => displaced(plane, { rightShare: 0.006 * Math.sin(n * 2.4) }))).toBeNull();
  }, 120_000);

  test('SG5 the view is known again by night and with the street full of others: shift, zoom and turn are measured within half a percent and half a degree', () => {
    const fieldOf = (plane: LumaPlane) => edgeField(lumaSampler()(plane, plane.widthPx / plane.heightPx));
    const mark = markOf(inner.slice(0, 9).map(fieldOf), 1), compare = markComparer(mark, mark)!;
    const night = compare(fieldOf(lit(inner[60]!, 0.05, 2)));
    expect(night.agreementInPlace).toBeGreaterThan(0.45);
    expect([night.rightShare, night.downShare, night.zoomShare, night.rotationDeg]).toEqual([0, 0, 0, 0]);
    const moved = compare(fieldOf(displaced(street[60]!, { rightShare: -0.03 })));
    expect(Math.abs(moved.rightShare + 0.03)).toBeLessThan(0.005);
    expect(Math.abs(compare(fieldOf(displaced(street[60]!, { zoom: 1.04 }))).zoomShare - 0.04)).toBeLessThan(0.012);
    expect(Math.abs(compare(fieldOf(displaced(street[60]!, { turnDeg: 3 }))).rotationDeg - 3)).toBeLessThan(0.8);
    expect(compare(fieldOf({ ...inner[60]!, bytes: inner[60]!.bytes.slice().reverse() })).agreement).toBeLessThan(0.3);
  }, 60_000);

  test('PV5 no picture can be made of a mark: light and dark are not in it, and whoever passes leaves no trace', () => {
    const fieldOf = (plane: LumaPlane) => edgeField(lumaSampler()(plane, plane.widthPx / plane.heightPx));
    // A picture with an edge of another sign gives the same mark: which side was the lighter is not known.
    const half = (left: number, right: number): LumaPlane => ({ bytes: Uint8Array.from({ length: 320 * 180 }, (_, at) => (at % 320 < 160 ? left : right)), widthPx: 320, heightPx: 180, strideBytes: 320, limitedRange: false });
    expect(markOf([fieldOf(half(60, 160))], 1).edgesBase64).toBe(markOf([fieldOf(half(160, 60))], 1).edgesBase64);
    // Somebody walks through: a bright figure at another place in each picture, against the same pictures without.
    const still = street[0]!, walking = (n: number): LumaPlane => {
      const bytes = still.bytes.slice();
      for (let y = 150; y < 230; y++) for (let x = 20 + n * 45; x < 50 + n * 45; x++) bytes[y * still.strideBytes + x] = (x + y) % 8 < 4 ? 235 : 20;
      return { ...still, bytes };
    };
    const empty = markOf(Array.from({ length: 9 }, () => fieldOf(still)), 1), passed = markOf(Array.from({ length: 9 }, (_, n) => fieldOf(walking(n))), 1);
    const a = Buffer.from(empty.edgesBase64, 'base64'), b = Buffer.from(passed.edgesBase64, 'base64');
    let otherwise = 0;
    for (let cell = 0; cell < a.length; cell++) if (Math.abs((a[cell]! & 15) - (b[cell]! & 15)) > 2) otherwise++;
    expect(otherwise / a.length).toBeLessThan(0.002);
    // Coarser than any face: a cell is more than a hundredth of the picture wide.
    expect(Math.max(empty.columns, empty.rows)).toBeLessThanOrEqual(100);
  });

  test('SG6 a scene in which nothing moves is doubted ever later, a camera that hangs is not', () => {
    const one = camera();
    for (let n = 0; n < 20; n++) one.look(street[n]!);
    const faultAfter = (): number => { for (let n = 0; n < 400; n++) if (one.look(street[20]!) === 'frozen') return n; return Infinity; };
    const first = faultAfter();
    // It goes on where it stood, with the noise of a lens.
    for (let n = 0; n < 16; n++) one.look(lit(street[20]!, 1, 6));
    const second = faultAfter();
    expect(first * EVERY_MS).toBeLessThan(9000);
    expect(second).toBeGreaterThan(first * 1.5);
  }, 60_000);

  test('SG12 a crowd that fills the picture is no other view: what shows between the heads still fits', () => {
    const one = camera(), { widthPx, heightPx } = inner[0]!;
    let seed = 5;
    const chance = () => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return seed / 2 ** 32; };
    for (let n = 0; n < 70; n++) {
      // Heads and shoulders of 12 px, elsewhere in each picture, over ever more of it: nine tenths at last.
      const bytes = inner[n]!.bytes.slice(), heads = Math.max(0, n - 25) / 44 * 0.9 * widthPx * heightPx / 144;
      for (let k = 0; k < heads; k++) {
        const left = Math.floor(chance() * (widthPx - 12)), top = Math.floor((1 - 0.85 * chance()) * (heightPx - 12)), shade = 30 + chance() * 190;
        for (let y = top; y < top + 12; y++) for (let x = left; x < left + 12; x++) bytes[y * widthPx + x] = shade;
      }
      expect(one.look({ ...inner[n]!, bytes })).toBeNull();
      if (n === 22) { const mark = one.judge.markOfNow(1); expect(mark).not.toBeNull(); one.judge.setMark(mark); }
    }
  }, 60_000);

  test('SG7 drops on the glass are no focus, and a few of them are no fault', () => {
    expect(through(street, (n) => dropped(street[n]!, 0.2)).fault).toBeNull();
  }, 60_000);
});
