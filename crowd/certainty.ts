// How sure an alarm is: the share of certainty that the truth lies beyond a limit, from a value and its error.

/**
 * Share 0.01..0.99 that the truth is above `limit`, with `error` one standard deviation of `value`: errors are taken as normal, which is how they are made (1.645 of one holds 90 %).
 * No count is surer than that: what its model has never seen is in no error.
 */
export function certaintyAbove(value: number, limit: number, error: number): number {
  if (!(error > 0)) return value >= limit ? MOST : LEAST;
  return Math.min(MOST, Math.max(LEAST, normalShareBelow((value - limit) / error)));
}
const LEAST = 0.01, MOST = 0.99;

/** Share of a normal distribution that lies below `z` standard deviations; absolute error under 1e-7 (Abramowitz and Stegun 1964, 26.2.17). */
export function normalShareBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail = (Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI)) * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z >= 0 ? 1 - tail : tail;
}
