// What is being set when a camera is placed, what follows from it, and what is to be done next. Pure: values in, values out.
import type { CalibrationBody } from '../../../contract/api.ts';
import type { PicturePoint, SitePoint } from '../../../contract/geometry.ts';
import type { ProblemNote } from '../../../contract/problem.ts';
import type { Calibration, Lens, Site } from '../../../contract/site.ts';
import { fitHomography, type Homography } from '../../../crowd/homography.ts';
import { groundToPicture, pictureToGround } from '../../../crowd/homography.ts';
import { estimatePose, type Pose } from './estimatePose.ts';

export type DraftPair = { pairId: number; picture: PicturePoint | null; ground: SitePoint | null };
export type PlacingDraft = {
  /** Null until somebody has said where the camera hangs. */
  position: SitePoint | null;
  heightM: number; bearingDeg: number; headHeightM: number; rangeMostM: number | null;
  /** Null: straight lines are straight. */
  lens: Lens | null;
  pairs: DraftPair[];
};
export type FullPair = { pairId: number; picture: PicturePoint; ground: SitePoint };

export const PAIRS_LEAST = 4;
export const PAIRS_MOST = 64;
/** 1.6 m: mean standing head centre of adults (contract/site.ts). 5 m: a usual lamp post, only a start. */
const START = { heightM: 5, bearingDeg: 0, headHeightM: 1.6, rangeMostM: null, lens: null, pairs: [], position: null } as const;

export function draftOf(calibration: Calibration | null): PlacingDraft {
  if (calibration === null) return { ...START, pairs: [] };
  const { position, heightM, bearingDeg, headHeightM, rangeMostM, lens = null, points } = calibration;
  return { position, heightM, bearingDeg, headHeightM, rangeMostM, lens, pairs: points.map(({ picture, ground }, index) => ({ pairId: index + 1, picture, ground })) };
}

export type Fit =
  | { state: 'tooFew'; missing: number }
  /** `suspectPairId`: the pair without which the others fit best; null where nobody can tell. */
  | { state: 'broken'; problem: ProblemNote; suspectPairId: number | null; errorMOf: Map<number, number> }
  | { state: 'fits'; homography: Homography; errorMOf: Map<number, number>; errorMRms: number; worstPairId: number | null; pose: Pose | null; isProven: boolean };

/** How well the points lie on one flat ground. Four points always fit exactly: only the fifth proves anything. */
export function fitOf(draft: PlacingDraft, pictureAspect: number): Fit {
  const pairs = fullPairs(draft);
  if (pairs.length < PAIRS_LEAST) return { state: 'tooFew', missing: PAIRS_LEAST - pairs.length };
  const fitted = fitHomography(pairs.map(({ picture, ground }) => ({ picture, ground })), pictureAspect, draft.lens);
  if (!fitted.ok) return { state: 'broken', problem: fitted.problem, suspectPairId: fitted.problem.code === 'pointsDoNotFit' ? suspectOf(pairs, pictureAspect, draft.lens) : null, errorMOf: new Map(pairs.flatMap(({ pairId }, index) => { const errorM = fitted.errors?.errorsM[index]; return errorM === undefined || !Number.isFinite(errorM) ? [] : [[pairId, errorM]]; })) };
  const errorMOf = new Map(pairs.map(({ pairId }, index) => [pairId, fitted.errorsM[index] ?? 0]));
  const isProven = pairs.length > PAIRS_LEAST;
  const worst = pairs.reduce((a, b) => ((errorMOf.get(b.pairId) ?? 0) > (errorMOf.get(a.pairId) ?? 0) ? b : a));
  const { homography } = fitted;
  // A pair that pulls the fit hard towards itself has a small error of its own: above half a metre the others are asked.
  const suspectPairId = fitted.errorMRms > 0.5 ? suspectOf(pairs, pictureAspect, draft.lens) : null;
  return {
    state: 'fits', homography, errorMOf, errorMRms: fitted.errorMRms, isProven, worstPairId: isProven && (errorMOf.get(worst.pairId) ?? 0) >= 0.05 ? suspectPairId ?? worst.pairId : null,
    // Where the camera stands follows from straight lines: the lens is left out.
    pose: estimatePose({ view: (point) => groundToPicture({ ...homography, lens: null }, point), pictureAspect, around: pairs.map(({ ground }) => ground) }),
  };
}

/** Each costs a fit, and this runs while a point is dragged. */
const SUSPECTS_ASKED_MOST = 24;

/** Leaves out one pair after the other. With five pairs any four fit, so it takes six to tell which one is wrong. */
function suspectOf(pairs: readonly FullPair[], pictureAspect: number, lens: Lens | null): number | null {
  if (pairs.length < PAIRS_LEAST + 2 || pairs.length > SUSPECTS_ASKED_MOST) return null;
  let suspect: { pairId: number; errorMRms: number } | null = null;
  for (const left of pairs) {
    const fitted = fitHomography(pairs.filter((pair) => pair !== left).map(({ picture, ground }) => ({ picture, ground })), pictureAspect, lens);
    if (fitted.ok && (suspect === null || fitted.errorMRms < suspect.errorMRms)) suspect = { pairId: left.pairId, errorMRms: fitted.errorMRms };
  }
  return suspect?.pairId ?? null;
}

/** Where the fit puts the picture point of each pair on the ground: the way from the point on the map to it is its error. */
export function fittedGround(pair: FullPair, homography: Homography): SitePoint | null {
  return pictureToGround(homography, pair.picture);
}

/** How good an error is in words. Half a metre is a person's width; two metres are a wrong zone. */
export type FitGrade = 'good' | 'fair' | 'poor';
export const gradeOf = (errorMRms: number): FitGrade => (errorMRms <= 0.5 ? 'good' : errorMRms <= 1.5 ? 'fair' : 'poor');

export type NextStep = { do: 'setPosition' } | { do: 'clickPicture'; missing: number } | { do: 'clickMapFor'; number: number } | { do: 'clickPictureFor'; number: number } | { do: 'mendPoints' } | { do: 'mendPair'; number: number } | { do: 'addFifth' } | { do: 'check' };

/** One thing at a time. */
export function nextStep(draft: PlacingDraft, fit: Fit): NextStep {
  const open = draft.pairs.findIndex((pair) => pair.picture === null || pair.ground === null);
  if (open !== -1) return draft.pairs[open]!.ground === null ? { do: 'clickMapFor', number: open + 1 } : { do: 'clickPictureFor', number: open + 1 };
  if (fit.state === 'tooFew') return { do: 'clickPicture', missing: fit.missing };
  if (fit.state === 'broken') return fit.suspectPairId === null ? { do: 'mendPoints' } : { do: 'mendPair', number: 1 + draft.pairs.findIndex(({ pairId }) => pairId === fit.suspectPairId) };
  if (draft.position === null) return { do: 'setPosition' };
  return fit.isProven ? { do: 'check' } : { do: 'addFifth' };
}

/** A click in the picture: ends the pair that waits for one, moves the open one, or begins another. */
export function withPicturePoint(draft: PlacingDraft, picture: PicturePoint): PlacingDraft {
  const waits = draft.pairs.find((pair) => pair.picture === null) ?? draft.pairs.find((pair) => pair.ground === null);
  if (waits !== undefined) return withPair(draft, waits.pairId, { picture });
  return draft.pairs.length >= PAIRS_MOST ? draft : { ...draft, pairs: [...draft.pairs, { pairId: newPairId(draft), picture, ground: null }] };
}
export function withGroundPoint(draft: PlacingDraft, ground: SitePoint): PlacingDraft {
  const waits = draft.pairs.find((pair) => pair.ground === null) ?? draft.pairs.find((pair) => pair.picture === null);
  if (waits !== undefined) return withPair(draft, waits.pairId, { ground: roundedM(ground) });
  return draft.pairs.length >= PAIRS_MOST ? draft : { ...draft, pairs: [...draft.pairs, { pairId: newPairId(draft), picture: null, ground: roundedM(ground) }] };
}
export const withPair = (draft: PlacingDraft, pairId: number, change: Partial<DraftPair>): PlacingDraft => ({ ...draft, pairs: draft.pairs.map((pair) => (pair.pairId === pairId ? { ...pair, ...change } : pair)) });
export const withoutPair = (draft: PlacingDraft, pairId: number): PlacingDraft => ({ ...draft, pairs: draft.pairs.filter((pair) => pair.pairId !== pairId) });
/** For the keyboard: a pair in the middle of both, to be moved by numbers or arrows. */
export const withNewPair = (draft: PlacingDraft, middle: SitePoint): PlacingDraft => (draft.pairs.length >= PAIRS_MOST ? draft : { ...draft, pairs: [...draft.pairs, { pairId: newPairId(draft), picture: { xShare: 0.5, yShare: 0.75 }, ground: roundedM(middle) }] });

export function bodyOf(draft: PlacingDraft, pictureAspect: number): NonNullable<CalibrationBody> | null {
  if (draft.position === null) return null;
  const { position, heightM, bearingDeg, headHeightM, rangeMostM, lens } = draft;
  return { position: roundedM(position), heightM, bearingDeg: Math.round(bearingDeg * 10) / 10 % 360, headHeightM, pictureAspect, rangeMostM, ...(lens === null ? {} : { lens }), points: fullPairs(draft).map(({ picture, ground }) => ({ picture, ground })) };
}

export const fullPairs = (draft: PlacingDraft): FullPair[] => draft.pairs.filter((pair): pair is FullPair => pair.picture !== null && pair.ground !== null);
/** Nobody clicks finer than a centimetre. */
export const roundedM = ({ xM, yM }: SitePoint): SitePoint => ({ xM: Math.round(xM * 100) / 100, yM: Math.round(yM * 100) / 100 });
export const middleOf = ({ grid }: Pick<Site, 'grid'>): SitePoint => ({ xM: grid.columns * grid.cellM / 2, yM: grid.rows * grid.cellM / 2 });

/** What the points say about the camera and what was entered, where the two are too far apart to be both true. */
export function poseDiffers(draft: PlacingDraft, pose: Pose | null): boolean {
  if (pose === null || draft.position === null) return false;
  const apartM = Math.hypot(draft.position.xM - pose.position.xM, draft.position.yM - pose.position.yM);
  const turned = Math.abs(((draft.bearingDeg - pose.bearingDeg + 540) % 360) - 180);
  return apartM > Math.max(3, pose.heightM * 0.6) || turned > 20 || draft.heightM / pose.heightM > 1.6 || draft.heightM / pose.heightM < 0.6;
}

function newPairId(draft: PlacingDraft): number { return 1 + Math.max(0, ...draft.pairs.map(({ pairId }) => pairId)); }
