// The fixed colours of the heat map by people/m2. Pure figures, so that the shader, the legend and a test read the same table.
import { DENSITY_CODE_UNKNOWN, HEAT_STEPS_PEOPLE_PER_M2, PEOPLE_PER_M2_OF_CODE } from '../../contract/density.ts';

export type Rgba = { r: number; g: number; b: number; alpha: number };

/** Known and nearly empty: no colour of the ramp, but a plain fill (--counted), so that it is never taken for ground that nobody sees. */
export const EMPTY_BELOW_PEOPLE_PER_M2 = 0.1;

// Blue to magenta with growing cover: each step stands out from the ground by 6 of 100 in lightness (CIE L*) more than the one before, lighter on the dark
// ground and darker on the light one (solved for both; test/web/heatRamp.test.ts holds it), and none of the hues is one of a level. First: 0.1 up to 0.5; then from each of HEAT_STEPS_PEOPLE_PER_M2 on.
export const HEAT_COLOURS: readonly Rgba[] = [
  { r: 83, g: 116, b: 161, alpha: 0.14 },
  { r: 79, g: 115, b: 192, alpha: 0.28 },
  { r: 91, g: 108, b: 217, alpha: 0.42 },
  { r: 129, g: 96, b: 233, alpha: 0.56 },
  { r: 174, g: 79, b: 221, alpha: 0.7 },
  { r: 206, g: 62, b: 186, alpha: 0.85 },
  { r: 218, g: 53, b: 138, alpha: 1 },
];

export const heatStepsFrom: readonly number[] = [EMPTY_BELOW_PEOPLE_PER_M2, ...HEAT_STEPS_PEOPLE_PER_M2];

export function heatColour(peoplePerM2: number): Rgba | null {
  let found: Rgba | null = null;
  heatStepsFrom.forEach((from, index) => { if (peoplePerM2 >= from) found = HEAT_COLOURS[index]!; });
  return found;
}

/** 256 colours, premultiplied, for a 256 x 1 texture: index is the density code. Unknown is drawn by the shader, not by the table. */
export function heatTable(): Uint8Array {
  const table = new Uint8Array(256 * 4);
  for (let code = 0; code < 256; code++) {
    if (code === DENSITY_CODE_UNKNOWN) continue;
    const colour = heatColour(PEOPLE_PER_M2_OF_CODE[code]!);
    if (colour !== null) table.set([colour.r * colour.alpha, colour.g * colour.alpha, colour.b * colour.alpha, 255 * colour.alpha].map(Math.round), code * 4);
  }
  return table;
}

export const cssColour = ({ r, g, b, alpha }: Rgba) => `rgb(${r} ${g} ${b} / ${alpha})`;
