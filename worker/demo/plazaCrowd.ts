// Who stands where on the demo plaza: about three minutes in which people come, press together before a stage, and leave through a narrow exit.
// Pure and seeded: the same seed gives the same crowd. It is the truth that the picture is drawn from and that tests and benches compare with.
//
// Walking: preferred speed 1.3 +- 0.15 m/s, falling with the density ahead (Weidmann 1993: v = v0 * (1 - exp(-1.913 * (1/density - 1/5.4)))).
// Pressing: each two people keep a distance; those in the audience accept less of it as the show goes on (0.75 m down to 0.42 m, which is 5.8 /m2
// in the usual packing), and all of them want to be nearer to the stage. Distances are kept by moving both apart (position-based dynamics).
import type { SitePoint } from '../../contract/geometry.ts';

export const PLAZA_SEED = 1;
export const PLAZA_DURATION_S = 190;
export const PLAZA_FRAMES_PER_S = 10;
export const PLAZA_FRAMES = PLAZA_DURATION_S * PLAZA_FRAMES_PER_S;

/** What stands on the plaza, in the site's metres: the scene draws it, people walk around it. */
export const PLAZA = {
  /** People cannot go nearer to the stage than this line. */
  barrierYM: 7.2,
  facadeYM: 21.5,
  stageCentreXM: 15,
  /** A fence across the way out in the east, with one opening. */
  fence: { xM: 20.8, fromYM: 11.5, toYM: 21.5, gapFromYM: 14.6, gapToYM: 16.3 },
  doors: [{ xM: 10.2, widthM: 2 }, { xM: 17.6, widthM: 2 }],
  planters: [{ xM: 8, yM: 12.2, radiusM: 0.7 }, { xM: 14, yM: 20, radiusM: 0.75 }, { xM: 6.6, yM: 19.6, radiusM: 0.75 }],
  benches: [{ xM: 12.6, yM: 21.1, widthM: 1.6 }, { xM: 15.2, yM: 21.1, widthM: 1.6 }],
  /** Beyond these people are out of the picture. */
  westXM: 2.5, eastXM: 27,
} as const;

/** One figure to be drawn. It has no name: its place in the list is only the order in which it is drawn and changes between frames. */
export type Figure = {
  xM: number; yM: number;
  /** Compass bearing it faces, radians clockwise from north. */
  facing: number;
  /** 0..1 through one double step; null: stands. */
  gait: number | null;
  /** 0..1, picks body height, build and clothes. */
  look: number;
};
export type PlazaCrowd = {
  seed: number;
  /** Figures of one frame, the northernmost (farthest from the camera) first. */
  figures(frame: number): Figure[];
  /** Who stands where at an instant of the loop: an anonymous list. */
  truthAt(atS: number): SitePoint[];
  /** Truth in people/m2 of a polygon at an instant of the loop. */
  peoplePerM2In(polygon: readonly SitePoint[], atS: number): number;
};

export function plazaCrowd(seed: number): PlazaCrowd {
  const frames = simulate(seed);
  const frameAt = (atS: number) => Math.floor((((atS % PLAZA_DURATION_S) + PLAZA_DURATION_S) % PLAZA_DURATION_S) * PLAZA_FRAMES_PER_S + 1e-6);
  function figures(frame: number): Figure[] {
    const data = frames[frame];
    if (data === undefined) throw new RangeError(`frame ${frame} is not one of ${frames.length}`);
    return Array.from({ length: data.length / FIELDS }, (_, index) => {
      const at = index * FIELDS, gait = data[at + 3]!;
      return { xM: data[at]!, yM: data[at + 1]!, facing: data[at + 2]!, gait: gait < 0 ? null : gait, look: data[at + 4]! };
    });
  }
  const truthAt = (atS: number): SitePoint[] => figures(frameAt(atS)).map(({ xM, yM }) => ({ xM, yM }));
  return {
    seed, figures, truthAt,
    peoplePerM2In: (polygon, atS) => truthAt(atS).filter((point) => isInside(polygon, point)).length / areaM2(polygon),
  };
}

/** A repeatable source of numbers 0..1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function isInside(polygon: readonly SitePoint[], point: SitePoint): boolean {
  let inside = false;
  for (let index = 0, before = polygon.length - 1; index < polygon.length; before = index++) {
    const a = polygon[index]!, b = polygon[before]!;
    if ((a.yM > point.yM) !== (b.yM > point.yM) && point.xM < (b.xM - a.xM) * (point.yM - a.yM) / (b.yM - a.yM) + a.xM) inside = !inside;
  }
  return inside;
}
function areaM2(polygon: readonly SitePoint[]): number {
  return Math.abs(polygon.reduce((sum, a, index) => { const b = polygon[(index + 1) % polygon.length]!; return sum + a.xM * b.yM - b.xM * a.yM; }, 0)) / 2;
}

const FIELDS = 5;
const AUDIENCE = 190, PASSERS = 46;
const COME_UNTIL_S = 68, LEAVE_FROM_S = 107, LEAVE_WITHIN_S = 24;
const SUBSTEPS = 2, DT = 1 / (PLAZA_FRAMES_PER_S * SUBSTEPS);
const NEAR_M = 1; // the reach of every influence between two people

type Walker = {
  xM: number; yM: number; vx: number; vy: number; facing: number; gait: number; look: number;
  speed: number; spacing: number;
  /** Comes along these points, one after the other; the last one is where it wants to be. */
  path: SitePoint[];
  phase: 'comes' | 'watches' | 'leaves' | 'gone';
  fromS: number; leaveS: number; stuckS: number; watcher: boolean;
  wayOut: SitePoint[];
  /** Share of the wished speed that came true lately. */
  slowing: number;
  beforeXM: number; beforeYM: number;
  /** Of this step: the way to go, the distance kept, and what lies ahead. */
  ux: number; uy: number; distanceM: number; keepsM: number; ahead: number; side: number; freeMPerS: number;
};

function simulate(seed: number): Float32Array[] {
  const random = seeded(seed);
  const between = (low: number, high: number) => low + (high - low) * random();
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const door = (index: 0 | 1): SitePoint => ({ xM: PLAZA.doors[index].xM + between(-0.6, 0.6), yM: PLAZA.facadeYM + 0.8 });
  /** From the door straight out first, clear of what stands at the wall. */
  const throughDoor = (index: 0 | 1): SitePoint[] => { const from = door(index); return [from, { xM: from.xM, yM: 18.6 }]; };
  const west = (): SitePoint => ({ xM: PLAZA.westXM, yM: between(13.2, 18) });
  const { fence, stageCentreXM, barrierYM } = PLAZA;
  const gapYM = () => between(fence.gapFromYM + 0.35, fence.gapToYM - 0.35);
  const eastOut = (): SitePoint[] => { const yM = gapYM(); return [{ xM: fence.xM - 0.6, yM }, { xM: fence.xM + 1.2, yM }, { xM: PLAZA.eastXM, yM: between(12, 19) }]; };
  const wayOut = (): SitePoint[] => {
    const choice = random();
    if (choice < 0.66) return eastOut();
    if (choice < 0.84) return [west()];
    return throughDoor(choice < 0.92 ? 0 : 1).reverse();
  };
  const comesFrom = (): SitePoint[] => { const choice = random(); return choice < 0.44 ? [west()] : throughDoor(choice < 0.72 ? 0 : 1); };

  const walkers: Walker[] = [];
  const add = (fromS: number, leaveS: number, watcher: boolean, start: SitePoint, path: SitePoint[], out: SitePoint[]) => walkers.push({
    xM: start.xM, yM: start.yM, vx: 0, vy: 0, facing: Math.PI, gait: random(), look: random(), speed: Math.min(1.7, Math.max(0.95, 1.3 + 0.15 * normal())),
    spacing: between(0.95, 1.05), path, phase: 'comes', fromS, leaveS, stuckS: 0, watcher, wayOut: out, slowing: 1,
    beforeXM: start.xM, beforeYM: start.yM, ux: 0, uy: 0, distanceM: 0, keepsM: 0.5, ahead: 0, side: 0, freeMPerS: 9,
  });
  for (let index = 0; index < AUDIENCE; index++) {
    // More and more come: the root makes the rate grow with time.
    const fromS = 1 + (COME_UNTIL_S - 1) * Math.sqrt((index + random()) / AUDIENCE);
    const wish = { xM: stageCentreXM + 1.5 * Math.max(-2.2, Math.min(2.2, normal())), yM: barrierYM + between(0.2, 1.4) };
    const [start, ...on] = comesFrom();
    add(fromS, 0, true, start!, [...on, wish], wayOut());
  }
  for (let index = 0; index < PASSERS; index++) {
    const fromS = 0.3 + 152 * (index + random()) / PASSERS, choice = random();
    if (choice < 0.55) add(fromS, Infinity, false, west(), eastOut(), []);
    else if (choice < 0.8) add(fromS, Infinity, false, door(0), [{ xM: PLAZA.doors[0].xM, yM: 18.6 }, { xM: between(11, 16), yM: between(15, 18) }, ...eastOut()], []);
    else add(fromS, Infinity, false, door(1), [{ xM: PLAZA.doors[1].xM, yM: 18.6 }, { xM: between(10, 14), yM: between(15, 18) }, west()], []);
  }

  const frames: Float32Array[] = [];
  let leaving = false, present: Walker[] = [];
  for (let frame = 0; frame < PLAZA_FRAMES; frame++) {
    frames.push(pack(present));
    for (let sub = 0; sub < SUBSTEPS; sub++) {
      const nowS = frame / PLAZA_FRAMES_PER_S + sub * DT;
      for (const walker of walkers) if (walker.phase === 'comes' && walker.fromS <= nowS && walker.fromS > nowS - DT) present.push(walker);
      if (!leaving && nowS >= LEAVE_FROM_S) {
        // The show is over: those behind and outside go first, because the others cannot.
        leaving = true;
        const watching = present.filter((walker) => walker.watcher).sort((a, b) => inwards(b) - inwards(a));
        watching.forEach((walker, rank) => { walker.leaveS = LEAVE_FROM_S + LEAVE_WITHIN_S * (rank / watching.length) + between(0, 3); });
      }
      const pairs = nearPairs(present);
      for (const walker of present) { begin(walker, nowS); walker.keepsM = keeps(walker, nowS); }
      for (let index = 0; index < pairs.length; index += 2) { lookAt(pairs[index]!, pairs[index + 1]!); lookAt(pairs[index + 1]!, pairs[index]!); }
      for (const walker of present) { walk(walker, nowS); walker.beforeXM = walker.xM; walker.beforeYM = walker.yM; walker.xM += walker.vx * DT; walker.yM += walker.vy * DT; }
      for (let round = 0; round < 3; round++) {
        for (let index = 0; index < pairs.length; index += 2) keepApart(pairs[index]!, pairs[index + 1]!);
        for (const walker of present) keepOut(walker);
      }
      for (const walker of present) turn(walker, nowS);
      present = present.filter((walker) => walker.phase !== 'gone');
    }
  }
  return frames;
}

/** Distance from the middle of the front row: the larger, the earlier one leaves. */
const inwards = (walker: Walker) => Math.hypot(walker.xM - PLAZA.stageCentreXM, 1.3 * (walker.yM - PLAZA.barrierYM));

/** How near to each other the audience stands, metres. */
function spacingAt(nowS: number): number {
  const from = [[0, 0.8], [30, 0.7], [50, 0.58], [70, 0.47], [83, 0.4], [107, 0.37], [115, 0.46], [148, 0.6], [190, 0.7]] as const;
  for (let index = 1; index < from.length; index++) {
    const [aS, a] = from[index - 1]!, [bS, b] = from[index]!;
    if (nowS <= bS) return a + (b - a) * (nowS - aS) / (bS - aS);
  }
  return 0.7;
}

/** All pairs that are near enough to mind each other, one after the other. */
function nearPairs(present: Walker[]): Walker[] {
  const across = 36, cells = new Map<number, Walker[]>(), pairs: Walker[] = [];
  const pair = (a: Walker, b: Walker) => { if ((a.xM - b.xM) ** 2 + (a.yM - b.yM) ** 2 < NEAR_M * NEAR_M) pairs.push(a, b); };
  for (const walker of present) {
    const cell = Math.floor(walker.yM / NEAR_M) * across + Math.floor(walker.xM / NEAR_M);
    // The four cells that were looked at from the other side already, and its own.
    for (const neighbour of [cell, cell - 1, cell + 1, cell - across, cell - across - 1, cell - across + 1, cell + across, cell + across - 1, cell + across + 1]) for (const other of cells.get(neighbour) ?? []) pair(walker, other);
    const own = cells.get(cell);
    if (own === undefined) cells.set(cell, [walker]); else own.push(walker);
  }
  return pairs;
}

/** What it goes for in this step. */
function begin(walker: Walker, nowS: number): void {
  if (walker.watcher && walker.phase !== 'leaves' && walker.leaveS > 0 && nowS >= walker.leaveS) { walker.phase = 'leaves'; walker.path = walker.wayOut; }
  const aim = () => { const next = walker.path[0]!; walker.ux = next.xM - walker.xM; walker.uy = next.yM - walker.yM; walker.distanceM = Math.hypot(walker.ux, walker.uy); walker.ux /= Math.max(walker.distanceM, 1e-3); walker.uy /= Math.max(walker.distanceM, 1e-3); };
  aim();
  const { fence } = PLAZA, beyond = walker.path[1];
  const throughGap = beyond !== undefined && beyond.xM > fence.xM && walker.xM > fence.xM - 0.9 && walker.yM > fence.gapFromYM + 0.2 && walker.yM < fence.gapToYM - 0.2;
  if (walker.phase !== 'watches' && (walker.distanceM < 0.7 || throughGap)) {
    if (walker.path.length > 1) { walker.path = walker.path.slice(1); aim(); }
    else if (walker.watcher && walker.phase === 'comes') walker.phase = 'watches';
    else walker.phase = 'gone';
  }
  walker.ahead = 0; walker.side = 0; walker.freeMPerS = 9;
}

/** The distance that it likes to keep. */
function keeps(walker: Walker, nowS: number): number {
  const audience = walker.watcher && (walker.phase === 'watches' || walker.yM < 13);
  return walker.spacing * (audience ? spacingAt(nowS) : walker.phase === 'leaves' ? 0.42 : 0.55);
}

/** What lies ahead: how dense it is, how far one can go, and to which side to pass. */
function lookAt(walker: Walker, other: Walker): void {
  const ox = other.xM - walker.xM, oy = other.yM - walker.yM, along = ox * walker.ux + oy * walker.uy;
  if (along <= 0) return;
  const across = ox * walker.uy - oy * walker.ux, apart = Math.hypot(ox, oy);
  walker.ahead++;
  if (Math.abs(across) > 0.45) return;
  const otherSpeed = other.vx * walker.ux + other.vy * walker.uy;
  // What is free within the next half second, and what the one before makes free by going on.
  walker.freeMPerS = Math.min(walker.freeMPerS, (apart - (walker.keepsM + other.keepsM) / 2) / 0.5 + Math.max(0, otherSpeed));
  walker.side += (across > 0 ? -1 : 1) * (1 - apart) * (otherSpeed > 0.4 ? 0.2 : 1);
}

function walk(walker: Walker, nowS: number): void {
  // Half a disc of 1 m lies ahead: 1.57 m2.
  const density = Math.max(0.2, walker.ahead / 1.57);
  let wanted = walker.speed * Math.max(0.12, Math.min(1, 1 - Math.exp(-1.913 * (1 / density - 1 / 5.4))));
  let sideways = Math.max(-0.7, Math.min(0.7, walker.side * 0.8));
  if (walker.phase === 'watches') { wanted = walker.distanceM > 0.4 ? 0.35 : 0; sideways *= 0.2; }
  else if (walker.watcher && walker.phase === 'comes') {
    wanted = Math.min(wanted, 0.25 + 0.8 * walker.distanceM);
    walker.stuckS = Math.hypot(walker.vx, walker.vy) < 0.35 ? walker.stuckS + DT : 0;
    if (walker.stuckS > 1.5 && walker.yM < 13) walker.phase = 'watches';
  }
  if (nowS > 160) wanted *= 1.2;
  // Nobody walks into the one before.
  wanted = Math.min(wanted, Math.max(walker.phase === 'watches' ? 0 : 0.15, walker.freeMPerS));
  const wx = walker.ux * wanted + walker.uy * sideways, wy = walker.uy * wanted - walker.ux * sideways;
  // People change speed within about half a second (relaxation time of the social force model, Helbing and Molnar 1995).
  walker.vx += (wx - walker.vx) * DT / 0.4;
  walker.vy += (wy - walker.vy) * DT / 0.4;
}

function keepApart(a: Walker, b: Walker): void {
  const dx = a.xM - b.xM, dy = a.yM - b.yM, apart = Math.hypot(dx, dy), wanted = (a.keepsM + b.keepsM) / 2;
  if (apart >= wanted || apart < 1e-6) return;
  // At most 2 cm at once, so that the crowd does not tremble; nearer than 0.38 m bodies touch and give way at once.
  const push = (apart < 0.38 ? (wanted - apart) * 0.5 : Math.min(0.02, (wanted - apart) * 0.3)) / apart;
  a.xM += dx * push; a.yM += dy * push; b.xM -= dx * push; b.yM -= dy * push;
}

function keepOut(walker: Walker): void {
  const { fence, barrierYM, planters, benches, doors, facadeYM } = PLAZA;
  if (walker.yM < barrierYM + 0.25) walker.yM = barrierYM + 0.25;
  if (walker.yM > facadeYM - 0.3 && !doors.some((door) => Math.abs(walker.xM - door.xM) < door.widthM / 2)) walker.yM = facadeYM - 0.3;
  if (walker.yM > fence.fromYM - 0.2 && walker.yM < fence.toYM && Math.abs(walker.xM - fence.xM) < 0.28) {
    if (walker.yM < fence.gapFromYM + 0.2 || walker.yM > fence.gapToYM - 0.2) {
      const inGap = walker.yM > fence.gapFromYM - 0.1 && walker.yM < fence.gapToYM + 0.1;
      if (inGap) walker.yM = Math.max(fence.gapFromYM + 0.2, Math.min(fence.gapToYM - 0.2, walker.yM));
      else walker.xM = fence.xM + (walker.xM < fence.xM ? -0.28 : 0.28);
    }
  }
  for (const round of planters) {
    const dx = walker.xM - round.xM, dy = walker.yM - round.yM, apart = Math.hypot(dx, dy), least = round.radiusM + 0.3;
    if (apart < least && apart > 1e-6) { walker.xM = round.xM + dx / apart * least; walker.yM = round.yM + dy / apart * least; const way = dx * walker.uy - dy * walker.ux > 0 ? 1 : -1; walker.xM -= way * dy / apart * 0.03; walker.yM += way * dx / apart * 0.03; }
  }
  for (const bench of benches) {
    const dx = walker.xM - bench.xM, dy = walker.yM - bench.yM, halfX = bench.widthM / 2 + 0.25, halfY = 0.5;
    if (Math.abs(dx) >= halfX || Math.abs(dy) >= halfY) continue;
    if (halfX - Math.abs(dx) < halfY - Math.abs(dy)) walker.xM = bench.xM + Math.sign(dx || 1) * halfX; else walker.yM = bench.yM + Math.sign(dy || 1) * halfY;
  }
}

/** Where the body turns and how the legs go, from the way that was really made. */
function turn(walker: Walker, nowS: number): void {
  const speed = Math.hypot(walker.xM - walker.beforeXM, walker.yM - walker.beforeYM) / DT;
  // Being pushed is not walking: how much of the wish came true, smoothed.
  const wish = Math.hypot(walker.vx, walker.vy);
  walker.slowing += ((wish > 0.05 ? Math.min(1, speed / wish) : 0) - walker.slowing) * DT / 0.4;
  const walks = walker.phase !== 'watches' && wish * walker.slowing > 0.2;
  const toStage = Math.atan2(PLAZA.stageCentreXM - walker.xM, 3 - walker.yM);
  const glance = 0.35 * Math.sin(nowS * (0.2 + walker.look * 0.3) + walker.look * 50);
  const wanted = walks ? Math.atan2(walker.vx, walker.vy) : walker.watcher && walker.phase !== 'leaves' ? toStage + glance : walker.facing;
  let difference = (wanted - walker.facing) % (2 * Math.PI);
  if (difference > Math.PI) difference -= 2 * Math.PI;
  if (difference < -Math.PI) difference += 2 * Math.PI;
  walker.facing += difference * Math.min(1, DT / 0.3);
  // A double step is about 1.4 m at walking speed and shorter when slow.
  if (walks) walker.gait = (walker.gait + Math.min(speed, 2) * DT / (0.6 + 0.6 * Math.min(1.3, speed))) % 1;
}

function pack(present: Walker[]): Float32Array {
  const sorted = [...present].sort((a, b) => b.yM - a.yM);
  const data = new Float32Array(sorted.length * FIELDS);
  sorted.forEach((walker, index) => {
    const walks = walker.phase !== 'watches' && Math.hypot(walker.vx, walker.vy) * walker.slowing > 0.2;
    data.set([walker.xM, walker.yM, walker.facing, walks ? walker.gait : -1, walker.look], index * FIELDS);
  });
  return data;
}
