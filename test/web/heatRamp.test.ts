// The colours of the heat map: fixed by people/m2, ordered to the eye on both grounds, apart from the colours of levels.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DENSITY_CODE_UNKNOWN, HEAT_STEPS_PEOPLE_PER_M2, densityCode } from '../../contract/density.ts';
import { HEAT_COLOURS, heatColour, heatStepsFrom, heatTable, type Rgba } from '../../web/map/heatRamp.ts';

const GROUNDS = { dark: '#14171a', light: '#eef0f2' };

test('each density has one colour, whatever else is on the screen', () => {
  const table = heatTable();
  HEAT_STEPS_PEOPLE_PER_M2.forEach((from, index) => {
    // One code wide: the limit may fall between two codes.
    const code = densityCode(from + 0.05);
    const colour = HEAT_COLOURS[index + 1]!;
    expect([...table.subarray(code * 4, code * 4 + 4)]).toEqual([colour.r, colour.g, colour.b, 255].map((part, at) => Math.round(at === 3 ? 255 * colour.alpha : part * colour.alpha)));
  });
  expect(heatColour(0.05)).toBeNull();
  expect(heatColour(9.9)).toBe(HEAT_COLOURS.at(-1));
  expect(heatStepsFrom.length).toBe(HEAT_COLOURS.length);
  expect([...table.subarray(DENSITY_CODE_UNKNOWN * 4)], 'unknown is not in the table').toEqual([0, 0, 0, 0]);
});

for (const [name, ground] of Object.entries(GROUNDS)) {
  test(`denser stands out more from the ${name} ground, by about 6 of 100 in lightness a step`, () => {
    const lightness = HEAT_COLOURS.map((colour) => labLightness(over(colour, ground)));
    const away = lightness.map((value) => Math.abs(value - labLightness(parsed(ground))));
    away.forEach((value, index) => expect(value - (away[index - 1] ?? 0), `step ${index}: ${away.map((one) => one.toFixed(1)).join(' ')}`).toBeGreaterThan(5));
  });
}

test('the ground of the page is the ground that the ramp was made for', () => {
  const tokens = readFileSync(new URL('../../web/theme/tokens.css', import.meta.url), 'utf8');
  expect([...tokens.matchAll(/--ground: (#\w{6})/g)].map((match) => match[1])).toEqual([GROUNDS.dark, GROUNDS.light]);
});

type Rgb = [number, number, number];
const parsed = (hex: string): Rgb => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as Rgb;
const over = ({ r, g, b, alpha }: Rgba, ground: string): Rgb => parsed(ground).map((below, at) => [r, g, b][at]! * alpha + below * (1 - alpha)) as Rgb;
function labLightness(rgb: Rgb): number {
  const [r, g, b] = rgb.map((part) => { const c = part / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; }) as Rgb;
  const y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return y > 216 / 24389 ? 116 * Math.cbrt(y) - 16 : (24389 / 27) * y;
}
