// How well a picture that cannot be counted from is told from one that can: real footage as it is and through a worse camera, looked at twice a second by the judge of the media
// hosts. False faults by clip; for each made fault and strength how many of the clips it is found in, as what, after how many seconds, and how soon it is over once the picture
// is good again. A strength named "mild" is one that can still be counted: it must not be called a fault.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PictureFault, ViewMark } from '../contract/sight.ts';
import { blurred, coveredBy, displaced, dropped, fogged, lit, lumaOfVideo, rained, seedPictures, sprayed } from '../test/support/worsePictures.ts';
import { VIDEOS } from '../test/support/rtspServer.ts';
import { sharedData } from '../test/support/tools.ts';
import { PLAZA_FRAMES, PLAZA_FRAMES_PER_S } from '../worker/demo/plazaCrowd.ts';
import { renderPlaza } from '../worker/demo/renderPlaza.ts';
import { sightJudge } from '../worker/mediaHost/sight.ts';
import { lumaSampler, type LumaPlane } from '../worker/mediaHost/sightLuma.ts';

const EVERY_MS = 500, GOOD_S = 14, WORSE_S = 12, BACK_S = 10;
type Worse = { kind: string; strength: string; as: PictureFault[]; mild?: boolean; moves?: boolean; make(plane: LumaPlane, n: number, first: LumaPlane): LumaPlane };

const WORSE: Worse[] = [
  { kind: 'frozen', strength: 'samePicture', as: ['frozen'], make: (_plane, _n, first) => first },
  ...[0.3, 0.1].map((gain): Worse => ({ kind: 'dark', strength: `mild${gain}`, as: [], mild: true, make: (plane) => lit(plane, gain, 2) })),
  ...[0.02, 0.01, 0.003].map((gain): Worse => ({ kind: 'dark', strength: `${gain}`, as: ['dark'], make: (plane) => lit(plane, gain, 2) })),
  ...[2, 4].map((gain): Worse => ({ kind: 'overexposed', strength: `mild${gain}`, as: [], mild: true, make: (plane) => lit(plane, gain) })),
  ...[32, 64].map((gain): Worse => ({ kind: 'overexposed', strength: `${gain}`, as: ['overexposed'], make: (plane) => lit(plane, gain) })),
  { kind: 'covered', strength: 'mild0.25', as: [], mild: true, make: (plane) => coveredBy(plane, 0.25, 35) },
  ...[0.6, 0.8, 1].map((share): Worse => ({ kind: 'covered', strength: `hand${share}`, as: ['covered'], make: (plane) => coveredBy(plane, share, 45) })),
  { kind: 'covered', strength: 'cap', as: ['covered', 'dark'], make: (plane) => coveredBy(plane, 1, 2) },
  { kind: 'covered', strength: 'spray', as: ['covered', 'fogged', 'blurred'], make: (plane) => sprayed(plane, 130) },
  { kind: 'blurred', strength: 'mild1.5', as: [], mild: true, make: (plane) => blurred(plane, 1.5) },
  ...[4, 6, 9].map((sigma): Worse => ({ kind: 'blurred', strength: `${sigma}`, as: ['blurred'], make: (plane) => blurred(plane, sigma) })),
  { kind: 'fogged', strength: 'mild0.6', as: [], mild: true, make: (plane) => fogged(plane, 0.6) },
  ...[0.25, 0.15, 0.08].map((through): Worse => ({ kind: 'fogged', strength: `${through}`, as: ['fogged', 'covered'], make: (plane) => fogged(plane, through) })),
  { kind: 'rain', strength: 'mildDrops0.2', as: [], mild: true, make: (plane) => dropped(plane, 0.2) },
  { kind: 'rain', strength: 'mildStreaks', as: [], mild: true, make: (plane) => rained(plane, 2) },
  ...[0.7, 0.85].map((share): Worse => ({ kind: 'rain', strength: `drops${share}`, as: ['fogged', 'blurred'], make: (plane) => dropped(plane, share) })),
  { kind: 'rain', strength: 'downpour', as: ['fogged', 'covered', 'blurred'], make: (plane) => rained(fogged(plane, 0.15), 3) },
  { kind: 'moved', strength: 'mild0.007', as: [], mild: true, moves: true, make: (plane) => displaced(plane, { rightShare: 0.007 }) },
  { kind: 'moved', strength: 'right0.03', as: ['moved'], moves: true, make: (plane) => displaced(plane, { rightShare: 0.03 }) },
  { kind: 'moved', strength: 'right0.05', as: ['moved'], moves: true, make: (plane) => displaced(plane, { rightShare: 0.05 }) },
  { kind: 'moved', strength: 'down0.04', as: ['moved'], moves: true, make: (plane) => displaced(plane, { downShare: 0.04 }) },
  { kind: 'moved', strength: 'turned0.1', as: ['moved'], moves: true, make: (plane) => displaced(plane, { rightShare: 0.1, downShare: 0.08 }) },
  { kind: 'moved', strength: 'zoom1.05', as: ['moved'], moves: true, make: (plane) => displaced(plane, { zoom: 1.05 }) },
  { kind: 'moved', strength: 'zoom1.3', as: ['moved'], moves: true, make: (plane) => displaced(plane, { zoom: 1.3 }) },
  { kind: 'moved', strength: 'rolled3deg', as: ['moved'], moves: true, make: (plane) => displaced(plane, { turnDeg: 3 }) },
  { kind: 'moved', strength: 'mildShake0.005', as: [], mild: true, moves: true, make: (plane, n) => displaced(plane, { rightShare: 0.005 * Math.sin(n * 2.4), downShare: 0.005 * Math.cos(n * 1.7) }) },
  { kind: 'moved', strength: 'shake0.05', as: ['moved'], moves: true, make: (plane, n) => displaced(plane, { rightShare: 0.05 * Math.sin(n * 2.4), downShare: 0.03 * Math.cos(n * 1.7) }) },
];

export default async function sightBench(emit: (figure: string, value: number, unit: string) => void, only: (name: string) => boolean = () => true): Promise<void> {
  seedPictures(20_261_122);
  const clips: { name: string; planes: LumaPlane[] }[] = [
    // Twelve seconds only: taken closer together and played to and fro.
    { name: 'street', planes: await lumaOfVideo(VIDEOS.highStreet, 170, 62) },
    { name: 'vtest', planes: await lumaOfVideo(VIDEOS.vtest, EVERY_MS, 400) },
    { name: 'corridor', planes: await lumaOfVideo(VIDEOS.calm, EVERY_MS, 400, 700) },
  ];
  const spent = { ms: 0, looks: 0 };

  for (const { name, planes } of only('plain') ? [...clips, { name: 'plaza', planes: await plaza() }] : []) {
    const watcher = watch(spent);
    const mark = watcher.markAfter(planes);
    const plain = watch(spent, mark);
    let falseFaults = 0, falseLooks = 0, last: PictureFault | null = null;
    const looks = 720; // six minutes
    for (let n = 0; n < looks; n++) {
      const fault = plain.look(planes[toAndFro(n, planes.length)]!);
      if (fault !== null) falseLooks++;
      if (fault !== null && fault !== last) falseFaults++;
      last = fault;
    }
    emit(`falseFaultsPerHour_${name}`, falseFaults / (looks * EVERY_MS / 3_600_000), '1/h');
    emit(`falseShare_${name}`, falseLooks / looks, '');
  }
  if (only('plain')) await stills(emit, spent);

  const allMild = { cases: 0, called: 0 }, allWorse = { cases: 0, found: 0, rightly: 0, detectS: [] as number[], recoverS: [] as number[] };
  for (const worse of WORSE.filter(({ kind, strength }) => only(`${kind}_${strength}`))) {
    let found = 0, rightly = 0, cases = 0;
    const detectS: number[] = [], recoverS: number[] = [];
    for (const { planes } of clips) {
      const inner = worse.moves === true ? (plane: LumaPlane) => displaced(plane, {}) : (plane: LumaPlane) => plane;
      const good = new Map<number, LumaPlane>();
      const at = (n: number): LumaPlane => { const k = toAndFro(n, planes.length); if (!good.has(k)) good.set(k, inner(planes[k]!)); return good.get(k)!; };
      const mark = watch(spent).markAfter(Array.from({ length: 24 }, (_, n) => at(n * 2)));
      const camera = watch(spent, mark);
      const goodLooks = GOOD_S * 1000 / EVERY_MS, worseLooks = WORSE_S * 1000 / EVERY_MS, backLooks = BACK_S * 1000 / EVERY_MS;
      for (let n = 0; n < goodLooks; n++) camera.look(at(n));
      let foundAtS: number | null = null, as: PictureFault | null = null;
      for (let n = 0; n < worseLooks; n++) {
        const k = goodLooks + n, made = worse.moves === true ? worse.make(planes[toAndFro(k, planes.length)]!, n, at(goodLooks)) : worse.make(at(k), n, at(goodLooks));
        const fault = camera.look(made);
        if (fault !== null && foundAtS === null) foundAtS = n * EVERY_MS / 1000;
        if (fault !== null) as = fault;
      }
      let backAtS: number | null = null;
      for (let n = 0; n < backLooks && foundAtS !== null; n++) if (camera.look(at(goodLooks + worseLooks + n)) === null && backAtS === null) backAtS = n * EVERY_MS / 1000;
      cases++;
      if (foundAtS === null) continue;
      found++;
      if (as !== null && worse.as.includes(as)) rightly++; else if (worse.mild !== true) console.error(`${worse.kind} ${worse.strength}: called ${as}`);
      detectS.push(foundAtS);
      recoverS.push(backAtS ?? Infinity);
    }
    const name = `${worse.kind}_${worse.strength}`;
    if (worse.mild === true) { emit(`falseShare_${name}`, found / cases, ''); allMild.cases += cases; allMild.called += found; continue; }
    emit(`detectedShare_${name}`, found / cases, '');
    emit(`namedRightShare_${name}`, rightly / cases, '');
    if (found > 0) { emit(`secondsToDetectMost_${name}`, Math.max(...detectS), 's'); emit(`secondsToRecoverMost_${name}`, Math.max(...recoverS), 's'); }
    allWorse.cases += cases; allWorse.found += found; allWorse.rightly += rightly; allWorse.detectS.push(...detectS); allWorse.recoverS.push(...recoverS);
  }
  emit('detectedShare', allWorse.found / allWorse.cases, '');
  emit('namedRightShare', allWorse.rightly / allWorse.cases, '');
  if (allMild.cases > 0) emit('mildCalledFaultShare', allMild.called / allMild.cases, '');
  emit('secondsToDetectMost', Math.max(...allWorse.detectS), 's');
  emit('secondsToRecoverMost', Math.max(...allWorse.recoverS), 's');
  emit('sightMsPerPicture', spent.ms / spent.looks, 'ms');
}

/** A rendered square that fills with people until little of the ground shows, a picture every one and a half seconds of its own time. */
async function plaza(): Promise<LumaPlane[]> {
  const folder = mkdtempSync(join(tmpdir(), 'crowdlight-sight-')), path = join(folder, 'plaza.mp4'), apart = PLAZA_FRAMES_PER_S / 2 * 3;
  try {
    await renderPlaza({ path, seed: 1, frames: Array.from({ length: Math.floor(PLAZA_FRAMES / apart) }, (_, n) => n * apart) });
    return await lumaOfVideo(path, 1, 400);
  } finally { rmSync(folder, { recursive: true, force: true }); }
}

/** Pictures of other cameras by day and by night, as many as there are, each held long enough for a verdict (with the noise of a sensor): what is called a fault although people count there. */
async function stills(emit: (figure: string, value: number, unit: string) => void, spent: { ms: number; looks: number }): Promise<void> {
  const folder = sharedData('crowd', 'brt_sample');
  if (folder === null) { console.error('not measured: the pictures of brt_sample are not here'); return; }
  let called = 0, count = 0;
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.jpg')).toSorted()) {
    const [plane] = await lumaOfVideo(join(folder, file), 1, 1), camera = watch(spent);
    let fault: PictureFault | null = null;
    for (let n = 0; n < 16; n++) fault = camera.look(lit(plane!, 1, 1.5));
    count++;
    if (fault !== null) { called++; console.error(`${file}: ${fault}`); }
  }
  emit('falseShare_platforms', called / count, '');
}

const toAndFro = (n: number, length: number): number => { const at = n % (2 * length - 2); return at < length ? at : 2 * length - 2 - at; };

function watch(spent: { ms: number; looks: number }, mark: ViewMark | null = null) {
  const judge = sightJudge(mark), sampler = lumaSampler();
  let atMs = 0;
  const look = (plane: LumaPlane): PictureFault | null => {
    atMs += EVERY_MS;
    const before = process.cpuUsage();
    const { fault } = judge.look(sampler(plane, plane.widthPx / plane.heightPx), atMs);
    const { user, system } = process.cpuUsage(before);
    spent.ms += (user + system) / 1000;
    spent.looks++;
    return fault;
  };
  return {
    look,
    markAfter(planes: readonly LumaPlane[]): ViewMark {
      for (let n = 0; n < 24; n++) look(planes[n % planes.length]!);
      const mark = judge.markOfNow(1);
      if (mark === null) throw new Error('no mark of a good picture');
      return mark;
    },
  };
}
