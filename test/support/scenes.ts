// Scenes whose truth is known: a picture of people who stand where we put them, and films of crowds that move as we say. For tests and benches of geometry and flow.
// Positions are a function of the instant alone, so a film can be had at any frame rate and its truth at any instant.
import type { SitePoint } from '../../contract/geometry.ts';
import type { Calibration } from '../../contract/site.ts';
import { sceneRenderer, type SceneFigure, type ScenePicture, type SceneSpec } from '../../worker/demo/drawScene.ts';
import { plazaCamera, type PinholeCamera } from '../../worker/demo/plazaCamera.ts';
import { isInside, seeded } from '../../worker/demo/plazaCrowd.ts';
import { scatterPeople } from '../../worker/demo/sceneCrowd.ts';

export type { PinholeCamera, ScenePicture, SceneFigure };

/** Training never draws from seeds of this size (models/training/renderScenes.ts): scenes of tests and benches are unseen. */
export const UNSEEN_SEED_LEAST = 900_000;

type Look = Pick<SceneSpec, 'things' | 'marks' | 'wardrobe' | 'aroundM'> & { ground?: SceneSpec['ground']; light?: SceneSpec['light'] };

/** One picture. `people` stand where they are put; rgb has 3 bytes a pixel; heads are in pixels, in the order of `people`, null where not in the picture. */
export function renderScene({ camera, people, seed, lens, ...look }: Look & { camera: PinholeCamera; people: readonly (SitePoint & Partial<SceneFigure>)[]; seed: number; lens?: PinholeCamera['lens'] }): ScenePicture {
  const random = seeded(seed ^ 0x5eed), figures = people.map((person): SceneFigure => ({ facing: random() * 2 * Math.PI, gait: random() < 0.3 ? random() : null, look: random(), ...person }));
  return sceneRenderer({ ground: 'paving', light: 'overcast', ...look, camera: lensed(camera, lens), seed }).draw(figures);
}
const lensed = (camera: PinholeCamera, lens: PinholeCamera['lens']): PinholeCamera => lens === undefined ? camera : { ...camera, lens };

/**
 * What a person enters who places this camera: pairs of points on seen ground, clicked with an error of `clickShare` of the picture's height and `mapM` metres (one standard deviation
 * of each coordinate). The lens is the true one, as from a data sheet; the mast is where it is.
 */
export function clickedCalibration(camera: PinholeCamera, { seed, pairs = 10, clickShare = 0.004, mapM = 0.3, reachMostM = 40 }: { seed: number; pairs?: number; clickShare?: number; mapM?: number; reachMostM?: number }): Calibration {
  const eye = plazaCamera(camera), random = seeded(seed ^ 0xc11c), points: Calibration['points'] = [], aspect = camera.widthPx / camera.heightPx;
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  // Spread over the picture as a careful person does: a grid of rows and columns, each moved at random.
  const columns = Math.ceil(Math.sqrt(pairs)), rows = Math.ceil(pairs / columns), shares: [number, number][] = [];
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) shares.push([0.08 + 0.84 * (column + 0.2 + 0.6 * random()) / columns, (row + 0.2 + 0.6 * random()) / rows]);
  // The rows lie between the bottom of the picture and the farthest ground that can be told.
  let top = 0.03;
  while (top < 0.9) { const ground = eye.groundAt(camera.widthPx / 2, top * camera.heightPx); if (ground !== null && Math.hypot(ground.xM - camera.position.xM, ground.yM - camera.position.yM) <= reachMostM) break; top += 0.01; }
  for (const [xShare, down] of shares.slice(0, pairs)) {
    const yShare = top + (0.97 - top) * down, ground = eye.groundAt(xShare * camera.widthPx, yShare * camera.heightPx);
    if (ground === null) continue;
    points.push({ picture: { xShare: xShare + normal() * clickShare / aspect, yShare: yShare + normal() * clickShare }, ground: { xM: ground.xM + normal() * mapM, yM: ground.yM + normal() * mapM } });
  }
  return { version: 1, position: camera.position, heightM: camera.heightM, bearingDeg: ((camera.bearingDeg % 360) + 360) % 360, headHeightM: 1.6, pictureAspect: aspect, points, rangeMostM: null, ...(camera.lens === undefined ? {} : { lens: camera.lens }) };
}

/** headingDeg: compass bearing of the way they go, clockwise from north. */
export type Movement =
  | { kind: 'stream'; metresPerS: number; headingDeg: number }
  /** Two streams in lanes side by side: `counterShare` of the people go the other way. */
  | { kind: 'opposed'; metresPerS: number; headingDeg: number; counterShare: number; lanesM?: number }
  /** A crowd that stands, shifting its weight: a few centimetres to and fro. */
  | { kind: 'sways' }
  /** Waves of going and standing that run through the crowd; metresPerS is the mean. */
  | { kind: 'stopAndGo'; metresPerS: number; headingDeg: number; periodS?: number };

export type MovingFigure = SceneFigure & { eastMPerS: number; northMPerS: number };
/** Over a polygon or cell, averaged over the instants asked for. Velocity figures are NaN where nobody is. */
export type FlowTruth = {
  peoplePerM2: number; eastMPerS: number; northMPerS: number;
  /** Variance of both components together, over people and instants. */
  velocityVarianceM2PerS2: number;
  /** Of those faster than 0.25 m/s, the share that goes against the greater part along the scene's heading. */
  counterShare: number;
};
export type MovingScene = {
  camera: PinholeCamera;
  figuresAt(atS: number): MovingFigure[];
  /** The picture of an instant; RGB, a new buffer each time. Frame n of a film at f frames/s is pictureAt(n / f). */
  pictureAt(atS: number): ScenePicture;
  truthIn(polygon: readonly SitePoint[], fromS: number, untilS: number, stepS?: number): FlowTruth;
  /** The same for each cell of a grid whose south-west corner is at 0, 0; row by row from the south. */
  truthCells(grid: { cellM: number; columns: number; rows: number }, fromS: number, untilS: number, stepS?: number): FlowTruth[];
  /** People a minute across a line; in: from left to right for who looks along it from a to b. */
  crossings(line: { a: SitePoint; b: SitePoint }, fromS: number, untilS: number): { inPeoplePerMin: number; outPeoplePerMin: number };
};

const MOVING_LEAST_M_PER_S = 0.25, STRIDE_M = 1.45, MARGIN_M = 2;

/**
 * A crowd of the same density over all ground that the camera sees within `rangeM` (default: as far as a head has 5 pixels), or within `region`. It goes round: who leaves on one side comes
 * in on the other, beyond the seen ground. Who walks varies by 10 % about the common speed, within one's place in the crowd.
 */
export function movingScene({ movement, peoplePerM2, camera: given, seed, lens, rangeM, region, ...look }: Look & { movement: Movement; peoplePerM2: number; camera: PinholeCamera; seed: number; lens?: PinholeCamera['lens']; rangeM?: number; region?: readonly SitePoint[] }): MovingScene {
  const camera = lensed(given, lens), eye = plazaCamera(camera), random = seeded(seed ^ 0xf10e);
  const reachM = Math.min(rangeM ?? 60, eye.focalPx * 0.25 / 5), heading = 'headingDeg' in movement ? movement.headingDeg * Math.PI / 180 : 0, sin = Math.sin(heading), cos = Math.cos(heading);
  // u along the heading, v to its right.
  let uLeast = Infinity, uMost = -Infinity, vLeast = Infinity, vMost = -Infinity;
  const include = (xM: number, yM: number) => { const u = xM * sin + yM * cos, v = xM * cos - yM * sin; uLeast = Math.min(uLeast, u); uMost = Math.max(uMost, u); vLeast = Math.min(vLeast, v); vMost = Math.max(vMost, v); };
  if (region !== undefined) for (const { xM, yM } of region) include(xM, yM);
  else for (let dy = -Math.ceil(reachM); dy <= reachM; dy += 0.5) for (let dx = -Math.ceil(reachM); dx <= reachM; dx += 0.5) {
    const xM = camera.position.xM + dx, yM = camera.position.yM + dy, seen = Math.hypot(dx, dy) > reachM ? null : eye.see(xM, yM, 1.6);
    if (seen !== null && seen.xPx >= 0 && seen.yPx >= 0 && seen.xPx < eye.widthPx && seen.yPx < eye.heightPx) include(xM, yM);
  }
  if (!(uMost > uLeast)) throw new Error('this camera sees no ground with people on it');
  uLeast -= MARGIN_M; uMost += MARGIN_M; vLeast -= MARGIN_M; vMost += MARGIN_M;
  const longM = uMost - uLeast, periodS = movement.kind === 'stopAndGo' ? movement.periodS ?? 6 : 0, omega = movement.kind === 'stopAndGo' ? 2 * Math.PI / periodS : 0;
  const homes = scatterPeople({ westM: uLeast, eastM: uMost, southM: vLeast, northM: vMost, peoplePerM2At: () => peoplePerM2, peoplePerM2Most: peoplePerM2, random });
  const walkers = homes.map(({ xM: u, yM: v }) => ({
    u, v, look: random(), gait: random(), facing: random() * 2 * Math.PI, phase: random() * 2 * Math.PI, beat: 2 * Math.PI / (2.5 + 2 * random()), sway: 0.02 + 0.03 * random(), swayTurn: random() * 2 * Math.PI,
    counter: movement.kind === 'opposed' && ((v / (movement.lanesM ?? 5)) % 1 + 1) % 1 < movement.counterShare,
  }));

  // Waves fit into the way round a whole number of times: nobody meets a seam.
  const waves = movement.kind === 'stopAndGo' ? 2 * Math.PI * Math.max(1, Math.round(longM / (4 * movement.metresPerS * periodS))) / longM : 0;
  /** All of them, always in the same order. */
  function everybodyAt(atS: number): MovingFigure[] {
    return walkers.map((walker): MovingFigure => {
      let { u, v } = walker, alongMPerS = 0, acrossMPerS = 0, wentM = 0;
      const swing = walker.beat * atS + walker.phase;
      if (movement.kind === 'sways') {
        const turn = walker.swayTurn;
        u += walker.sway * Math.sin(swing) * Math.cos(turn); v += walker.sway * Math.sin(swing) * Math.sin(turn);
        alongMPerS = walker.sway * walker.beat * Math.cos(swing) * Math.cos(turn); acrossMPerS = walker.sway * walker.beat * Math.cos(swing) * Math.sin(turn);
      } else if (movement.kind === 'stopAndGo') {
        // Speed v (1 + cos(wt - ku)): it stands for a moment in each period; the wave runs against the way they go.
        const back = omega * atS + walker.u * waves;
        wentM = movement.metresPerS * (atS + (Math.sin(back) - Math.sin(back - omega * atS)) / omega); alongMPerS = movement.metresPerS * (1 + Math.cos(back));
      } else {
        const ripple = 0.1 * movement.metresPerS;
        wentM = movement.metresPerS * atS + ripple / walker.beat * Math.sin(swing); alongMPerS = movement.metresPerS + ripple * Math.cos(swing);
      }
      const way = walker.counter ? -1 : 1;
      if (movement.kind !== 'sways') { u += way * wentM; u = uLeast + (((u - uLeast) % longM) + longM) % longM; alongMPerS *= way; }
      const xM = u * sin + v * cos, yM = u * cos - v * sin;
      const standing = Math.hypot(alongMPerS, acrossMPerS) < MOVING_LEAST_M_PER_S;
      return { xM, yM, look: walker.look, facing: movement.kind === 'sways' ? walker.facing : heading + (walker.counter ? Math.PI : 0), gait: standing ? null : ((wentM / STRIDE_M + walker.gait) % 1 + 1) % 1, eastMPerS: alongMPerS * sin + acrossMPerS * cos, northMPerS: alongMPerS * cos - acrossMPerS * sin };
    });
  }
  const figuresAt = (atS: number) => region === undefined ? everybodyAt(atS) : everybodyAt(atS).filter((figure) => isInside(region, figure));
  let renderer: ReturnType<typeof sceneRenderer> | null = null;
  function pictureAt(atS: number): ScenePicture {
    renderer ??= sceneRenderer({ ground: 'paving', light: 'overcast', ...look, camera, seed, film: true });
    return renderer.draw(figuresAt(atS), Math.round(atS * 1000));
  }
  function sumsOver(places: number, placeOf: (figure: MovingFigure) => number, areaM2: number, fromS: number, untilS: number, stepS: number): FlowTruth[] {
    const sums = Array.from({ length: places }, () => ({ people: 0, east: 0, north: 0, squares: 0, forth: 0, back: 0 })), looks = Math.max(1, Math.round((untilS - fromS) / stepS));
    for (let look = 0; look < looks; look++) for (const figure of figuresAt(fromS + look * stepS)) {
      const place = placeOf(figure);
      if (place < 0) continue;
      const sum = sums[place]!, speed = Math.hypot(figure.eastMPerS, figure.northMPerS);
      sum.people++; sum.east += figure.eastMPerS; sum.north += figure.northMPerS; sum.squares += speed * speed;
      if (speed >= MOVING_LEAST_M_PER_S) { if (figure.eastMPerS * sin + figure.northMPerS * cos >= 0) sum.forth++; else sum.back++; }
    }
    return sums.map(({ people, east, north, squares, forth, back }) => ({
      peoplePerM2: people / looks / areaM2, eastMPerS: east / people, northMPerS: north / people, velocityVarianceM2PerS2: squares / people - (east / people) ** 2 - (north / people) ** 2,
      counterShare: forth + back > 0 ? Math.min(forth, back) / (forth + back) : people > 0 ? 0 : Number.NaN,
    }));
  }
  return {
    camera, figuresAt, pictureAt,
    truthIn: (polygon, fromS, untilS, stepS = 0.1) => sumsOver(1, (figure) => isInside(polygon, figure) ? 0 : -1, areaM2Of(polygon), fromS, untilS, stepS)[0]!,
    truthCells: ({ cellM, columns, rows }, fromS, untilS, stepS = 0.1) => sumsOver(columns * rows, ({ xM, yM }) => { const column = Math.floor(xM / cellM), row = Math.floor(yM / cellM); return column < 0 || row < 0 || column >= columns || row >= rows ? -1 : row * columns + column; }, cellM * cellM, fromS, untilS, stepS),
    crossings({ a, b }, fromS, untilS) {
      const lengthM = Math.hypot(b.xM - a.xM, b.yM - a.yM), ux = (b.xM - a.xM) / lengthM, uy = (b.yM - a.yM) / lengthM, stepS = 0.1, steps = Math.max(1, Math.round((untilS - fromS) / stepS));
      let into = 0, out = 0, before: MovingFigure[] | null = null;
      for (let step = 0; step <= steps; step++) {
        const now = everybodyAt(fromS + step * stepS);
        if (before !== null) for (let index = 0; index < now.length; index++) {
          const from = before[index]!, to = now[index]!;
          if (Math.hypot(to.xM - from.xM, to.yM - from.yM) > 1) continue; // went round
          const rightBefore = (from.xM - a.xM) * uy - (from.yM - a.yM) * ux, rightNow = (to.xM - a.xM) * uy - (to.yM - a.yM) * ux;
          if ((rightBefore < 0) === (rightNow < 0)) continue;
          const share = rightBefore / (rightBefore - rightNow), along = (from.xM + (to.xM - from.xM) * share - a.xM) * ux + (from.yM + (to.yM - from.yM) * share - a.yM) * uy;
          if (along < 0 || along > lengthM) continue;
          if (rightNow > rightBefore) into++; else out++;
        }
        before = now;
      }
      const minutes = steps * stepS / 60;
      return { inPeoplePerMin: into / minutes, outPeoplePerMin: out / minutes };
    },
  };
}

export function areaM2Of(polygon: readonly SitePoint[]): number {
  return Math.abs(polygon.reduce((sum, a, index) => { const b = polygon[(index + 1) % polygon.length]!; return sum + a.xM * b.yM - b.xM * a.yM; }, 0)) / 2;
}
