// How many people crossed a line over the last minute: looks of half a second summed up in slices, so that the sum is the same on every decider, also from a snapshot.
import type { FlowLine, LineFigures, LineState } from '../contract/flow.ts';
import type { LineFlow } from './flow.ts';

/** Sums of the looks of one span of SLICE_MS: plain numbers, so that JSON gives them back exactly. */
export type LineSlice = {
  /** Number of the span on the state's own clock. */
  slice: number;
  /** How long it was seen; people each way, the error that does not average out, and the variance of what does. */
  seenMs: number; inPeople: number; outPeople: number; errorPeople: number; noisePeople2: number;
  /** Share of the line that was seen, times seenMs. */
  seenShareMs: number;
};
/** What is known of one line. */
export type LineTrack = LineState & {
  /** Where it lies: sums of people across another place are not its past. */
  key: string;
  slices: readonly LineSlice[];
  /** When it was last seen, on the state's own clock. */
  seenRunMs: number | null;
  /** The capture that the newest look was made of, and how long it has stood for: two looks at the same pictures are one. */
  lookAtMs: number; lookForMs: number;
};

export const lineKey = ({ a, b }: FlowLine): string => [a.xM, a.yM, b.xM, b.yM].join(' ');
export const firstLineTrack = (line: FlowLine, wallMs: number): LineTrack => ({ lineId: line.lineId, key: lineKey(line), sinceMs: wallMs, figures: null, slices: [], seenRunMs: null, lookAtMs: 0, lookForMs: 0 });

const SLICE_MS = 5000, SLICES = 12;
/** So long a line keeps its figures while its cameras go on and motion alone is missing from their pictures. */
const MOTION_MISSED_MOST_MS = 3000;

/**
 * One more look, `sinceTickMs` after the one before. `flow` null: nobody can say; then the figures end, at once where nobody sees the line's ground (`watched` false), else after a moment.
 * Its noise is independent from picture to picture only: while the newest capture, `lookAtMs`, stays the same, one look grows longer.
 */
export function lineLooked(track: LineTrack, line: FlowLine, flow: LineFlow | null, look: { runMs: number; wallMs: number; sinceTickMs: number; lookAtMs: number; watched: boolean }): LineTrack {
  const { runMs, wallMs, sinceTickMs, lookAtMs, watched } = look, slice = Math.floor(runMs / SLICE_MS);
  let { slices, seenRunMs, lookForMs } = track;
  if (flow !== null) {
    seenRunMs = runMs;
    const forS = sinceTickMs / 1000, longerS = lookAtMs === track.lookAtMs ? lookForMs / 1000 : 0;
    lookForMs = lookAtMs === track.lookAtMs ? lookForMs + sinceTickMs : sinceTickMs;
    const newest = slices.at(-1), open = newest?.slice === slice ? newest : { slice, seenMs: 0, inPeople: 0, outPeople: 0, errorPeople: 0, noisePeople2: 0, seenShareMs: 0 };
    slices = [...(open === newest ? slices.slice(0, -1) : slices), {
      slice, seenMs: open.seenMs + sinceTickMs, inPeople: open.inPeople + flow.inPerS * forS, outPeople: open.outPeople + flow.outPerS * forS, errorPeople: open.errorPeople + flow.errorPerS * forS,
      noisePeople2: open.noisePeople2 + flow.noiseVariancePerS2 * ((longerS + forS) ** 2 - longerS ** 2), seenShareMs: open.seenShareMs + flow.seenShare * sinceTickMs,
    }];
  }
  if (slices.length > 0 && slices[0]!.slice <= slice - SLICES) slices = slices.filter((one) => one.slice > slice - SLICES);
  const holds = flow !== null || (watched && seenRunMs !== null && runMs - seenRunMs <= MOTION_MISSED_MOST_MS);
  const figures = holds ? figuresOf(line, slices) : null;
  if (figures === null && track.figures === null && slices === track.slices && seenRunMs === track.seenRunMs && lookForMs === track.lookForMs) return track;
  return { lineId: track.lineId, key: track.key, sinceMs: (figures === null) === (track.figures === null) ? track.sinceMs : wallMs, figures, slices, seenRunMs, lookAtMs: flow === null ? track.lookAtMs : lookAtMs, lookForMs };
}

function figuresOf({ a, b }: FlowLine, slices: readonly LineSlice[]): LineFigures | null {
  let overMs = 0, inPeople = 0, outPeople = 0, errorPeople = 0, noisePeople2 = 0, seenShareMs = 0;
  for (const slice of slices) {
    overMs += slice.seenMs; inPeople += slice.inPeople; outPeople += slice.outPeople;
    errorPeople += slice.errorPeople; noisePeople2 += slice.noisePeople2; seenShareMs += slice.seenShareMs;
  }
  if (!(overMs > 0)) return null;
  const perMin = 60_000 / overMs, seenShare = Math.min(1, seenShareMs / overMs), seenM = Math.hypot(b.xM - a.xM, b.yM - a.yM) * seenShare;
  return {
    inPeoplePerMin: inPeople * perMin, outPeoplePerMin: outPeople * perMin, errorPeoplePerMin: Math.sqrt(errorPeople ** 2 + noisePeople2) * perMin,
    peoplePerMMin: seenM > 0 ? ((inPeople + outPeople) * perMin) / seenM : 0, seenShare, overMs,
  };
}
