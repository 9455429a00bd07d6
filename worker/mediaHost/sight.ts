// Whether a camera's picture can be counted from: looked at with every counted frame, on a small grey picture. What one picture shows is a suspicion; what most pictures of
// some seconds show is a fault, and what most of them no longer show is over. So nobody who passes, no bus, headlight, cloud or exposure that hunts makes a zone blind.
// The limits come from real footage made worse step by step, with the people that the net still found beside it (bench/sight.ts): a fault is where about half of them are lost.
import { PICTURE_FAULTS, type PictureFault, type PictureSight, type ViewMark } from '../../contract/sight.ts';
import type { SightLuma } from './sightLuma.ts';
import { edgeField, likeness, markComparer, markOf, type EdgeField, type ViewFit } from './viewMark.ts';

export type SightJudge = {
  /** `atMs` is the capture of the picture, on any clock that goes on. */
  look(luma: SightLuma, atMs: number): PictureSight;
  /** The view as it was placed; null: nothing to compare with. */
  setMark(mark: ViewMark | null): void;
  /** The view of now as a mark, once enough good pictures were seen; null before. Being moved does not hinder it. */
  markOfNow(calibrationVersion: number): ViewMark | null;
};

// --- one picture
/** Night that can be counted has a quarter of its blocks with edges above this; under it 60 to 99 % of the people are lost. */
const DARK = { brightnessMedianMost: 32, edgesUpperMost: 5.4 };
const OVEREXPOSED = { clippedShareLeast: 0.6, edgesKeptMost: 0.5, clippedShareAlone: 0.85 };
/** Half of what used to have edges is flat; without a usual to compare with, nearly all of the picture. */
const COVERED = { lostShareLeast: 0.42, flatShareAlone: 0.88 };
/** Fine structure gone, coarse edges still there: sigma of about 3 px at 640x360. */
const BLURRED = { fineKeptMost: 0.27, sharpnessKeptMost: 0.5, sharpnessAlone: 0.035 };
/** Contrast gone and nothing black left, as behind 70 % of fog; or drops over a third of what used to be sharp, with clear glass between them. */
const FOGGED = { edgesKeptMost: 0.28, edgesUpperAlone: 5.5, blackLeast: 90, rangeMost: 75, hurtShareLeast: 0.3, clearShareLeast: 0.05 };
/** A clean picture with this little that is brighter than 248 is none that is burnt out. */
const CLIPPED_FROM = 248, FLAT_MOST = 2;
/** Blocks of this many cells a side; one whose usual edges are weaker than TEXTURED says nothing when they go. */
const BLOCK = 10, TEXTURED = 6, TEXTURED_BLOCKS_LEAST = 12, DARKNESS_FLOOR = 20;
/** A fault must be better by this much before it is over: no limit flickers. */
const BETTER_BY = 1.15;

// --- moved
const MOVED = { shiftShareMost: 0.02, zoomShareMost: 0.02, rotationDegMost: 2, agreementLeast: 0.3, betterBy: 0.05 };
/**
 * Another place: the mark fits best anywhere but where it was, the view is unlike that of the last half minute, and steady in itself. A crowd that fills the picture is none of that: what
 * still shows between the heads fits where it was (at an agreement of 0.17), and a crowd is unlike itself a second later.
 */
const LOST = { likenessMost: 0.4, agreementMost: 0.45, agreementAtStart: 0.15, edgesOfUsualLeast: 0.4, steadyLeast: 0.45, steadierBy: 0.15 };
const RECENT_MS = 20_000, COMPARE_EVERY_MS = 1400;
const MARK_FIELDS = 7, MARK_EVERY_MS = 700, MARK_SPAN_LEAST_MS = 5000;

// --- frozen
/**
 * Mean difference of two pictures half a second apart, in brightness. A picture that is coded again and again from the same bytes differs by 0.000 to 0.004 within a group of
 * pictures (and by up to 1 across a key frame, so half of the pairs must do); a lens at night by 0.010 and more, however much noise its coder takes away (x264, crf 27, 200 to 2000 kbit/s).
 */
const STILL_MOST = 0.006, STILL_SHARE_LEAST = 0.3, STILL_LOOKS_LEAST = 8, FROZEN_AFTER_MS = 6000, FROZEN_PATIENCE_MOST_MS = 120_000;
/** Nothing in the picture may have changed by more than coding does. */
const STILL_CELL_MOST = 14, STILL_CELLS_SHARE = 0.002;

// --- over time
const WINDOW_MS = 5000, LOOKS_LEAST = 4, LOOKS_MOST = 64;
const RAISE_SHARE: Record<PictureFault, number> = { moved: 0.5, frozen: 0.5, dark: 0.8, overexposed: 0.8, covered: 0.8, blurred: 0.8, fogged: 0.8 };
const CLEAR_SHARE = 0.2;
/** What the camera's own picture is usually like is taken up quickly at first, then downwards within half a minute (a square that empties) and upwards within half an hour. */
const LEARNT_AFTER = 8, USUAL_DOWN_MS = 30_000, USUAL_UP_MS = 1_800_000;

export function sightJudge(mark: ViewMark | null = null): SightJudge {
  let shape = '', blockColumns = 0, blockRows = 0;
  let seenCells = new Uint32Array(0), edges = new Float32Array(0), fines = new Float32Array(0), means = new Float32Array(0), usualEdges = new Float32Array(0), usualFines = new Float32Array(0), learnt = 0;
  let before: Float32Array | null = null, field: EdgeField | null = null, recent: EdgeField | null = null;
  let compare: ((field: EdgeField) => ViewFit) | null = null, comparerKnown = false;
  let fit: ViewFit | null = null, alike: number | null = null, moved = false, comparedAtMs = -Infinity, lookedAtMs = -Infinity;
  let stills = { looks: 0, still: 0 }, anchor: Float32Array | null = null, stillSinceMs: number | null = null, patienceMs = FROZEN_AFTER_MS;
  let suspicions: { atMs: number; faults: number }[] = [];
  let kept: { field: EdgeField; atMs: number }[] = [];
  const standing = new Set<PictureFault>();

  return {
    look(luma, atMs) {
      // Another mask is another picture: what it covers is not lost, what it gives free is not new.
      const key = `${luma.columns}x${luma.rows}:${luma.masked?.version ?? 0}`;
      if (key !== shape) anew(luma, key);
      const seen = measure(luma);
      const found = new Set<PictureFault>();
      const against = (fault: PictureFault) => (standing.has(fault) ? BETTER_BY : 1);
      judgePicture(seen, found, against);
      judgeFrozen(luma, atMs, found);
      // The edges of a picture that is none say nothing of where the camera looks.
      const readable = !found.has('dark') && !found.has('covered') && !found.has('overexposed') && !found.has('fogged') && !found.has('blurred');
      judgeView(luma, atMs, readable, seen.edgesKept, found);
      settle(found, atMs);
      if (found.size === 0 && standing.size === 0) learn(atMs);
      lookedAtMs = atMs;
      return { fault: PICTURE_FAULTS.find((fault) => standing.has(fault)) ?? null, measures: measuresOf(seen, atMs) };
    },
    setMark(next) {
      mark = next;
      comparerKnown = false;
      fit = null;
      moved = false;
      standing.delete('moved');
      for (const one of suspicions) one.faults &= ~bit('moved');
      // What is confirmed now is where it looks: the view before it is nothing to compare with.
      recent = null;
      if (next === null) kept = [];
    },
    markOfNow(calibrationVersion) {
      const good = kept.length >= MARK_FIELDS - 2 && kept.at(-1)!.atMs - kept[0]!.atMs >= MARK_SPAN_LEAST_MS && [...standing].every((fault) => fault === 'moved');
      return good ? markOf(kept.map((one) => one.field), calibrationVersion) : null;
    },
  };

  function anew(luma: SightLuma, key: string): void {
    shape = key;
    blockColumns = luma.columns / BLOCK; blockRows = luma.rows / BLOCK;
    const blocks = blockColumns * blockRows;
    seenCells = new Uint32Array(blocks); edges = new Float32Array(blocks); fines = new Float32Array(blocks); means = new Float32Array(blocks);
    usualEdges = new Float32Array(blocks); usualFines = new Float32Array(blocks); learnt = 0;
    before = anchor = null; field = recent = null; stillSinceMs = null;
    suspicions = []; kept = [];
    comparerKnown = false; fit = null; moved = false;
    standing.clear();
  }

  function measure({ columns, rows, brightness, fine, masked }: SightLuma) {
    edges.fill(0); fines.fill(0); means.fill(0);
    const histogram = new Uint32Array(256), hidden = masked?.cells ?? null;
    seenCells.fill(0);
    let clipped = 0, all = 0;
    for (let row = 1; row < rows - 1; row++) {
      const blockRow = Math.floor(row / BLOCK) * blockColumns;
      for (let column = 1, at = row * columns + 1; column < columns - 1; column++, at++) {
        if (hidden !== null && hidden[at] === 1) continue;
        const shade = brightness[at]!, right = brightness[at + 1]! - brightness[at - 1]!, down = brightness[at + columns]! - brightness[at - columns]!, detail = fine[at]!;
        const block = blockRow + ((column / BLOCK) | 0);
        edges[block]! += right * right + down * down;
        fines[block]! += detail * detail;
        means[block]! += shade;
        seenCells[block]!++;
        all++;
        histogram[shade | 0]!++;
        if (shade > CLIPPED_FROM) clipped++;
      }
    }
    let blocksSeen = 0, flat = 0, textured = 0, lost = 0, hurt = 0, clear = 0;
    const edgesKept: number[] = [], finesKept: number[] = [], sharpnessKept: number[] = [];
    for (let block = 0; block < edges.length; block++) {
      // A block that is mostly masked says nothing; without masks those at the rim have a little less than all of their cells, and are taken as they ever were.
      const cells = hidden === null ? BLOCK * BLOCK : seenCells[block]!;
      if (cells < BLOCK * BLOCK / 2) { seenCells[block] = 0; edges[block] = fines[block] = means[block] = 0; continue; }
      blocksSeen++;
      const edge = edges[block] = Math.sqrt(edges[block]! / cells) / 2, detail = fines[block] = Math.sqrt(fines[block]! / cells), light = (means[block]! /= cells) + DARKNESS_FLOOR;
      if (edge < FLAT_MOST) flat++;
      // Compared as a share of the brightness, so that dusk and exposure are no loss.
      if (learnt < LEARNT_AFTER || usualEdges[block]! * 128 < TEXTURED) continue;
      textured++;
      const edgeShare = edge / light / usualEdges[block]!, fineShare = detail / light / usualFines[block]!;
      edgesKept.push(edgeShare); finesKept.push(fineShare); sharpnessKept.push(fineShare / Math.max(0.01, edgeShare));
      if (edgeShare < 0.15 && edge < 1.5 * FLAT_MOST) lost++;
      if (fineShare < 0.4 && edgeShare < 0.55) hurt++; else if (fineShare > 0.8) clear++;
    }
    const comparable = textured >= TEXTURED_BLOCKS_LEAST;
    const black = percentile(histogram, all, 0.05), white = percentile(histogram, all, 0.95);
    return {
      brightnessMedian: percentile(histogram, all, 0.5), black, range: white - black, clippedShare: clipped / Math.max(1, all), flatShare: flat / Math.max(1, blocksSeen),
      edgesUpper: quantile(edges.filter((_, block) => seenCells[block]! > 0), 0.75), sharpness: sharpnessOfTop(),
      edgesKept: comparable ? quantile(Float32Array.from(edgesKept), 0.5) : null, fineKept: comparable ? quantile(Float32Array.from(finesKept), 0.5) : null,
      sharpnessKept: comparable ? quantile(Float32Array.from(sharpnessKept), 0.5) : null, lostShare: comparable ? lost / textured : null, hurtShare: comparable ? hurt / textured : null, clearShare: comparable ? clear / textured : null,
    };
  }

  /** Fine against coarse structure, of the quarter of the blocks with the strongest edges. */
  function sharpnessOfTop(): number {
    const from = quantile(edges.filter((_, block) => seenCells[block]! > 0), 0.75);
    let coarse = 0, detail = 0;
    for (let block = 0; block < edges.length; block++) if (seenCells[block]! > 0 && edges[block]! >= from) { coarse += edges[block]!; detail += fines[block]!; }
    return coarse === 0 ? 0 : detail / coarse;
  }

  function judgePicture(seen: ReturnType<typeof measure>, found: Set<PictureFault>, against: (fault: PictureFault) => number): void {
    const dark = against('dark'), bright = against('overexposed'), covered = against('covered'), blurred = against('blurred'), fogged = against('fogged');
    if (seen.brightnessMedian < DARK.brightnessMedianMost * dark && seen.edgesUpper < DARK.edgesUpperMost * dark) { found.add('dark'); return; }
    if (seen.clippedShare * bright > OVEREXPOSED.clippedShareAlone || (seen.clippedShare * bright > OVEREXPOSED.clippedShareLeast && (seen.edgesKept ?? 1) < OVEREXPOSED.edgesKeptMost * bright)) { found.add('overexposed'); return; }
    const liftedBlack = seen.black * fogged > FOGGED.blackLeast;
    const foggedAlone = liftedBlack && seen.edgesUpper < FOGGED.edgesUpperAlone * fogged && seen.range < FOGGED.rangeMost * fogged;
    if ((seen.lostShare ?? 0) * covered > COVERED.lostShareLeast || seen.flatShare * covered > COVERED.flatShareAlone) {
      // Thick fog takes the edges too, but leaves a grey that is brighter than any hand or cap.
      found.add(foggedAlone && seen.flatShare < COVERED.flatShareAlone ? 'fogged' : 'covered');
      return;
    }
    if (seen.sharpness < BLURRED.sharpnessAlone * blurred || (seen.fineKept !== null && seen.fineKept < BLURRED.fineKeptMost * blurred && seen.sharpnessKept! < BLURRED.sharpnessKeptMost * blurred)) { found.add('blurred'); return; }
    if (foggedAlone || (seen.hurtShare !== null && seen.hurtShare * fogged > FOGGED.hurtShareLeast && seen.clearShare! * fogged > FOGGED.clearShareLeast)) { found.add('fogged'); return; }
    // So soft that the coarse edges are gone as well; behind fog the fine ones go with the coarse.
    if (seen.edgesKept !== null && seen.edgesKept < FOGGED.edgesKeptMost * Math.max(fogged, blurred)) found.add(liftedBlack || seen.sharpnessKept! > 0.7 ? 'fogged' : 'blurred');
  }

  function judgeFrozen({ brightness, masked }: SightLuma, atMs: number, found: Set<PictureFault>): void {
    if (before === null) { before = Float32Array.from(brightness); return; }
    let sum = 0;
    const last = before;
    for (let cell = 0; cell < brightness.length; cell++) { const by = brightness[cell]! - last[cell]!; sum += by < 0 ? -by : by; }
    // A mask never changes: only what is seen can be still.
    const seen = masked === undefined ? brightness.length : Math.max(1, brightness.length - masked.cells.reduce((count, one) => count + one, 0));
    const still = sum / seen < STILL_MOST;
    before.set(brightness);
    if (anchor === null) {
      if (!still) return;
      anchor = Float32Array.from(brightness);
      stillSinceMs = atMs;
      stills = { looks: 0, still: 0 };
    }
    stills.looks++;
    if (still) stills.still++;
    let far = 0;
    for (let cell = 0; cell < brightness.length; cell++) { const by = brightness[cell]! - anchor[cell]!; if (by > STILL_CELL_MOST || by < -STILL_CELL_MOST) far++; }
    const changed = far / seen > STILL_CELLS_SHARE;
    if (changed || (stills.looks >= STILL_LOOKS_LEAST && stills.still / stills.looks < STILL_SHARE_LEAST)) {
      // It went on exactly where it stood: a scene in which nothing moves, not a camera that hung. From now on it takes longer to be believed.
      if (standing.has('frozen') && !changed) patienceMs = Math.min(FROZEN_PATIENCE_MOST_MS, patienceMs * 2);
      anchor = null;
      stillSinceMs = null;
    } else {
      // Halved now and then, so that a long stillness does not outlive its end.
      if (stills.looks >= 2 * STILL_LOOKS_LEAST) { stills.looks /= 2; stills.still /= 2; }
      if (atMs - stillSinceMs! >= patienceMs) found.add('frozen');
    }
  }

  function judgeView(luma: SightLuma, atMs: number, readable: boolean, edgesKept: number | null, found: Set<PictureFault>): void {
    if (!comparerKnown) { compare = mark === null ? null : markComparer(mark, { columns: luma.columns / 2, rows: luma.rows / 2 }, luma.masked?.cells ?? null); comparerKnown = true; }
    if (readable && !(atMs - comparedAtMs < COMPARE_EVERY_MS && atMs >= comparedAtMs)) {
      comparedAtMs = atMs;
      field = edgeField(luma, field);
      const steady = kept.length === 0 ? 0 : likeness(field, kept.at(-1)!.field);
      keepField(field, atMs);
      fit = compare === null ? null : compare(field);
      alike = recent === null ? null : likeness(field, recent);
      moved = fit !== null && isMoved(fit, alike, steady, edgesKept);
      if (!moved && !standing.has('moved')) follow(field, atMs);
    }
    // A suspicion is of the last comparison; while nothing can be compared, what stood stands.
    if (readable ? moved : standing.has('moved')) found.add('moved');
  }

  function isMoved({ rightShare, downShare, zoomShare, rotationDeg, agreement, agreementInPlace }: ViewFit, likeBefore: number | null, steady: number, edgesKept: number | null): boolean {
    const tight = standing.has('moved') ? 1 / BETTER_BY : 1;
    const off = Math.hypot(rightShare, downShare) > MOVED.shiftShareMost * tight || Math.abs(zoomShare) > MOVED.zoomShareMost * tight || Math.abs(rotationDeg) > MOVED.rotationDegMost * tight;
    if (off && agreement >= MOVED.agreementLeast && agreement > agreementInPlace + MOVED.betterBy) return true;
    if (!off || agreementInPlace > LOST.agreementMost || (edgesKept ?? 1) < LOST.edgesOfUsualLeast || steady < LOST.steadyLeast) return false;
    return likeBefore === null ? agreement < LOST.agreementAtStart : likeBefore < LOST.likenessMost && steady > likeBefore + LOST.steadierBy;
  }

  /** What the camera saw in the last half minute, people washed out. */
  function follow(now: EdgeField, atMs: number): void {
    if (recent === null) { recent = { columns: now.columns, rows: now.rows, cosines: now.cosines.slice(), sines: now.sines.slice() }; return; }
    const part = Math.min(0.5, Math.max(0.02, (atMs - lookedAtMs) / RECENT_MS * 2));
    for (let cell = 0; cell < now.cosines.length; cell++) {
      recent.cosines[cell]! += part * (now.cosines[cell]! - recent.cosines[cell]!);
      recent.sines[cell]! += part * (now.sines[cell]! - recent.sines[cell]!);
    }
  }

  function keepField(now: EdgeField, atMs: number): void {
    const last = kept.at(-1);
    if (last !== undefined && atMs - last.atMs < MARK_EVERY_MS && atMs >= last.atMs) return;
    const oldest = kept.length >= MARK_FIELDS ? kept.shift()!.field : { columns: now.columns, rows: now.rows, cosines: new Float32Array(now.cosines.length), sines: new Float32Array(now.cosines.length) };
    oldest.cosines.set(now.cosines); oldest.sines.set(now.sines);
    kept.push({ field: oldest, atMs });
  }

  function settle(found: Set<PictureFault>, atMs: number): void {
    let faults = 0;
    for (const fault of found) faults |= bit(fault);
    // A clock that was set back begins anew; a pause longer than the window does too.
    if (suspicions.length > 0 && (atMs < suspicions.at(-1)!.atMs || atMs - suspicions.at(-1)!.atMs > 4 * WINDOW_MS)) suspicions = [];
    suspicions.push({ atMs, faults });
    while (suspicions.length > LOOKS_MOST || (suspicions.length > LOOKS_LEAST && atMs - suspicions[0]!.atMs > WINDOW_MS)) suspicions.shift();
    if (suspicions.length < LOOKS_LEAST || (!standing.size && atMs - suspicions[0]!.atMs < WINDOW_MS * 0.6)) return;
    for (const fault of PICTURE_FAULTS) {
      const share = suspicions.filter((one) => (one.faults & bit(fault)) !== 0).length / suspicions.length;
      // Frozen has its own patience before it is suspected at all.
      if (fault === 'frozen' ? found.has(fault) : share >= RAISE_SHARE[fault]) standing.add(fault);
      else if (share <= CLEAR_SHARE || (fault === 'frozen' && !found.has(fault) && anchor === null)) standing.delete(fault);
    }
  }

  function learn(atMs: number): void {
    const spanMs = Math.min(2000, Math.max(0, atMs - lookedAtMs));
    learnt++;
    for (let block = 0; block < edges.length; block++) {
      if (seenCells[block] === 0) continue;
      const light = means[block]! + DARKNESS_FLOOR, edge = edges[block]! / light, detail = fines[block]! / light;
      if (learnt <= LEARNT_AFTER) { usualEdges[block]! += (edge - usualEdges[block]!) / learnt; usualFines[block]! += (detail - usualFines[block]!) / learnt; continue; }
      usualEdges[block]! += (edge - usualEdges[block]!) * Math.min(1, spanMs / (edge < usualEdges[block]! ? USUAL_DOWN_MS : USUAL_UP_MS));
      usualFines[block]! += (detail - usualFines[block]!) * Math.min(1, spanMs / (detail < usualFines[block]! ? USUAL_DOWN_MS : USUAL_UP_MS));
    }
  }

  function measuresOf(seen: ReturnType<typeof measure>, atMs: number): Record<string, number> {
    const measures: Record<string, number> = {
      brightness: seen.brightnessMedian, range: seen.range, clippedShare: seen.clippedShare, flatShare: seen.flatShare, edges: seen.edgesUpper, sharpness: seen.sharpness,
      stillS: stillSinceMs === null ? 0 : (atMs - stillSinceMs) / 1000,
    };
    if (seen.edgesKept !== null) { measures.edgesKeptShare = seen.edgesKept; measures.sharpnessKeptShare = seen.sharpnessKept!; measures.lostShare = seen.lostShare!; measures.softShare = seen.hurtShare!; measures.clearShare = seen.clearShare!; }
    if (fit !== null) { measures.shiftShare = Math.hypot(fit.rightShare, fit.downShare); measures.zoomShare = fit.zoomShare; measures.rotationDeg = fit.rotationDeg; measures.viewAgreement = fit.agreement; }
    for (const name of Object.keys(measures)) measures[name] = Math.round(measures[name]! * 1000) / 1000;
    return measures;
  }
}

const bit = (fault: PictureFault): number => 1 << PICTURE_FAULTS.indexOf(fault);
const quantile = (values: Float32Array, share: number): number => values.sort()[Math.min(values.length - 1, Math.floor(share * values.length))] ?? 0;
function percentile(histogram: Uint32Array, count: number, share: number): number {
  let below = 0;
  for (let shade = 0; shade < histogram.length; shade++) { below += histogram[shade]!; if (below > share * count) return shade; }
  return 255;
}
