// How sure an alarm is: the share of certainty that the truth lies beyond a limit, from a value and its error.

/**
 * Share 0.01..0.99, in whole hundredths, that the truth is above `limit`, with `error` one standard deviation of `value`: errors are taken as normal, which is how they are made (1.645 of one
 * holds 90 %). No count is surer than that: what its model has never seen is in no error.
 */
export function certaintyAbove(value: number, limit: number, error: number): number {
  const steps = error > 0 ? Math.round((STEPS_PER_DEVIATION * (value - limit)) / error) : value >= limit ? Infinity : -Infinity;
  return SHARES[Math.max(0, Math.min(2 * STEPS_MOST, steps + STEPS_MOST))]!;
}

/** Share of a normal distribution that lies below `z` standard deviations; absolute error under 1e-7 (Abramowitz and Stegun 1964, 26.2.17). */
export function normalShareBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z >= 0 ? 1 - tail : tail;
}

// A table, because every rule of every zone asks at every reading.
const STEPS_PER_DEVIATION = 50, STEPS_MOST = 125;
const SHARES = Float64Array.from({ length: 2 * STEPS_MOST + 1 }, (_, at) => Math.min(99, Math.max(1, Math.round(100 * normalShareBelow((at - STEPS_MOST) / STEPS_PER_DEVIATION)))) / 100);
