// Which metre lines a map of a site shows at a zoom. Pure; the drawing is in Graticule.tsx.
export type Box = { xLeastM: number; yLeastM: number; xMostM: number; yMostM: number };

const STEPS_M = [1, 5, 10, 50, 100, 500, 1000, 5000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000];
/** Minor lines stand at least 12 px apart; the major ones are the next step. Both are metres that a person can name. */
export function graticuleSteps(pxPerM: number): { minorM: number; majorM: number } {
  const index = STEPS_M.findIndex((stepM) => stepM * pxPerM >= 12);
  const at = index === -1 ? STEPS_M.length - 2 : Math.min(index, STEPS_M.length - 2);
  return { minorM: STEPS_M[at]!, majorM: STEPS_M[at + 1]! };
}

const LINES_MOST = 400;
export function graticuleLines(seen: Box, minorM: number, majorM: number): { x: { atM: number; isMajor: boolean }[]; y: { atM: number; isMajor: boolean }[] } {
  const along = (leastM: number, mostM: number) => {
    const lines: { atM: number; isMajor: boolean }[] = [];
    if (!Number.isFinite(leastM) || !Number.isFinite(mostM)) return lines;
    for (let atM = Math.ceil(leastM / minorM) * minorM; atM <= mostM && lines.length < LINES_MOST; atM += minorM) lines.push({ atM: Math.round(atM), isMajor: Math.round(atM) % majorM === 0 });
    return lines;
  };
  return { x: along(seen.xLeastM, seen.xMostM), y: along(seen.yLeastM, seen.yMostM) };
}

/** Every how many major lines have room for their words. */
export const labelEvery = (majorPx: number, roomPx: number): number => [1, 2, 5, 10, 20].find((every) => every * majorPx >= roomPx) ?? 50;
