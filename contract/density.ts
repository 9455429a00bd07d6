// Density on the wire and on disk: one byte a cell. The byte grows with the square root of the density, as the error of a count does,
// so that one step is 0.00015 /m2 near zero and 0.08 /m2 near ten: a sum over thousands of nearly empty cells is not lost in rounding.
export const DENSITY_MOST_PEOPLE_PER_M2 = 10;
export const DENSITY_CODE_UNKNOWN = 255;
export const DENSITY_CODE_MOST = 254;

/** People/m2 for each code; NaN for unknown. */
export const PEOPLE_PER_M2_OF_CODE: Float64Array = Float64Array.from({ length: 256 }, (_, code) =>
  code === DENSITY_CODE_UNKNOWN ? Number.NaN : DENSITY_MOST_PEOPLE_PER_M2 * (code / DENSITY_CODE_MOST) ** 2);

/** Null, NaN and negative infinity are unknown; above the most is the most. */
export function densityCode(peoplePerM2: number | null): number {
  if (peoplePerM2 === null || Number.isNaN(peoplePerM2)) return DENSITY_CODE_UNKNOWN;
  if (peoplePerM2 <= 0) return 0;
  if (peoplePerM2 >= DENSITY_MOST_PEOPLE_PER_M2) return DENSITY_CODE_MOST;
  return Math.round(DENSITY_CODE_MOST * Math.sqrt(peoplePerM2 / DENSITY_MOST_PEOPLE_PER_M2));
}

/** The fixed ramp of the heat map: lower edge of each colour in people/m2, never normalised to what is on the screen. */
export const HEAT_STEPS_PEOPLE_PER_M2 = [0.5, 1, 2, 3.5, 4.7, 5.5] as const;
