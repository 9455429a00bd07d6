// Several cameras over one place: each cell is the mean of those who see it, weighed by trust, never their sum.
import { DENSITY_CODE_UNKNOWN, densityCode, PEOPLE_PER_M2_OF_CODE } from '../contract/density.ts';
import type { GridSpec } from '../contract/geometry.ts';
import type { Reading } from '../contract/reading.ts';

/**
 * The whole grid, 255 where nobody sees. Error of a blended cell: root of the sum of (share of trust x error)² over the cameras, whose errors are taken as independent of each other.
 * capturedAtMs is the oldest capture that went in, 0 when there was none. The caller leaves out readings that are too old.
 */
export function blendReadings(readings: Reading[], grid: GridSpec): { densityCodes: Uint8Array; errorCodes: Uint8Array; capturedAtMs: number } {
  const count = grid.columns * grid.rows;
  const weightSum = new Float32Array(count), densitySum = new Float32Array(count), varianceSum = new Float32Array(count);
  let capturedAtMs = 0;
  for (const reading of readings) {
    const { window, densityCodes, errorCodes, weightCodes } = reading;
    if (!fits(reading, grid)) continue;
    capturedAtMs = capturedAtMs === 0 ? reading.capturedAtMs : Math.min(capturedAtMs, reading.capturedAtMs);
    for (let row = 0; row < window.rows; row++) {
      let at = row * window.columns, cell = (window.rowFirst + row) * grid.columns + window.columnFirst;
      for (let column = 0; column < window.columns; column++, at++, cell++) {
        const code = densityCodes[at]!, weight = weightCodes[at]!;
        if (code === DENSITY_CODE_UNKNOWN || weight === 0) continue;
        const error = PEOPLE_PER_M2_OF_CODE[errorCodes[at]! === DENSITY_CODE_UNKNOWN ? DENSITY_CODE_UNKNOWN - 1 : errorCodes[at]!]!;
        weightSum[cell]! += weight;
        densitySum[cell]! += weight * PEOPLE_PER_M2_OF_CODE[code]!;
        varianceSum[cell]! += (weight * error) ** 2;
      }
    }
  }
  const densityCodes = new Uint8Array(count).fill(DENSITY_CODE_UNKNOWN), errorCodes = new Uint8Array(count).fill(DENSITY_CODE_UNKNOWN);
  for (let cell = 0; cell < count; cell++) {
    const weight = weightSum[cell]!;
    if (weight === 0) continue;
    densityCodes[cell] = densityCode(densitySum[cell]! / weight);
    errorCodes[cell] = densityCode(Math.sqrt(varianceSum[cell]!) / weight);
  }
  return { densityCodes, errorCodes, capturedAtMs };
}

/** Its window lies in the grid and its rasters fill the window: a reading made for another grid says nothing about this one. */
export function fits({ window, densityCodes, errorCodes, weightCodes }: Pick<Reading, 'window' | 'densityCodes' | 'errorCodes' | 'weightCodes'>, grid: GridSpec): boolean {
  const { columnFirst, rowFirst, columns, rows } = window;
  const count = columns * rows;
  return [columnFirst, rowFirst, columns, rows].every((value) => Number.isInteger(value) && value >= 0)
    && columnFirst + columns <= grid.columns && rowFirst + rows <= grid.rows
    && densityCodes.length === count && errorCodes.length === count && weightCodes.length === count;
}
