// Whether a line drawn by hand can be counted across: two ends apart, inside of the grid.
import type { FlowLine } from '../contract/flow.ts';
import type { GridSpec } from '../contract/geometry.ts';
import { problemNote, type ProblemNote } from '../contract/problem.ts';

/** The narrowest door is wider: a line shorter than this is a slip of the hand. */
export const LINE_LEAST_M = 0.5;
/** A hand that slips over the edge of the grid by a hair is forgiven. */
const OUTSIDE_MOST_M = 0.2;

export const lineLengthM = ({ a, b }: Pick<FlowLine, 'a' | 'b'>): number => Math.hypot(b.xM - a.xM, b.yM - a.yM);

/** Null: it is a line. */
export function lineProblem({ a, b }: Pick<FlowLine, 'a' | 'b'>, grid: GridSpec): ProblemNote | null {
  if ([a.xM, a.yM, b.xM, b.yM].some((value) => !Number.isFinite(value))) return problemNote('inputWrong', { reason: 'an end of the line is not a place' });
  const widthM = grid.columns * grid.cellM, heightM = grid.rows * grid.cellM;
  const outside = ({ xM, yM }: { xM: number; yM: number }) => xM < -OUTSIDE_MOST_M || yM < -OUTSIDE_MOST_M || xM > widthM + OUTSIDE_MOST_M || yM > heightM + OUTSIDE_MOST_M;
  if (outside(a) || outside(b)) return problemNote('lineOutside');
  return lineLengthM({ a, b }) < LINE_LEAST_M ? problemNote('lineTooShort') : null;
}
