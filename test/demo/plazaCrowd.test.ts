// The truth of the demo: who stands where. Pure, so every statement is about values.
import { describe, expect, test } from 'vitest';
import type { SitePoint } from '../../contract/geometry.ts';
import { densityCode } from '../../contract/density.ts';
import { limitOf } from '../../contract/level.ts';
import { zoneProblem } from '../../crowd/zoneShape.ts';
import { plazaDemo } from '../../worker/demo/plaza.ts';
import { PLAZA, PLAZA_DURATION_S, PLAZA_FRAMES, PLAZA_SEED, plazaCrowd } from '../../worker/demo/plazaCrowd.ts';
import type { Rasters } from './countVideo.ts';
import { judgePlaza, START_AT_MS } from './judgePlaza.ts';

const crowd = plazaCrowd(PLAZA_SEED);
const [stageFront, walkway, eastExit] = plazaDemo.zones;
const seconds = Array.from({ length: PLAZA_DURATION_S }, (_, atS) => atS);

describe('the crowd of the demo', () => {
  test('is the same for the same seed and another for another', () => {
    const digest = (of: typeof crowd) => JSON.stringify([300, 900, 1500].map((frame) => of.figures(frame)));
    expect(digest(plazaCrowd(PLAZA_SEED)) === digest(crowd)).toBe(true);
    expect(digest(plazaCrowd(PLAZA_SEED + 1)) === digest(crowd)).toBe(false);
  });

  test('begins and ends with an empty plaza, so that the loop closes', () => {
    expect(crowd.figures(0)).toEqual([]);
    expect(crowd.figures(PLAZA_FRAMES - 1)).toEqual([]);
    expect(crowd.truthAt(PLAZA_DURATION_S + 90)).toEqual(crowd.truthAt(90));
  });

  test('comes to 150 to 350 people', () => {
    const most = Math.max(...seconds.map((atS) => crowd.truthAt(atS).length));
    expect(most).toBeGreaterThan(150);
    expect(most).toBeLessThan(350);
  });

  test('stands nowhere where nobody can stand', () => {
    const wrong = seconds.flatMap((atS) => crowd.truthAt(atS).filter(({ xM, yM }) => yM <= PLAZA.barrierYM
      || (yM > PLAZA.facadeYM && !PLAZA.doors.some((door) => Math.abs(xM - door.xM) <= door.widthM / 2 + 0.4))
      || PLAZA.planters.some((round) => Math.hypot(xM - round.xM, yM - round.yM) <= round.radiusM)));
    expect(wrong).toEqual([]);
  });

  test('nobody stands inside another: middles of bodies are never nearer than 0.30 m', () => {
    let nearest = Infinity;
    for (const atS of seconds) {
      const people = crowd.truthAt(atS);
      for (let a = 0; a < people.length; a++) for (let b = 0; b < a; b++) nearest = Math.min(nearest, Math.hypot(people[a]!.xM - people[b]!.xM, people[a]!.yM - people[b]!.yM));
    }
    expect(nearest).toBeGreaterThan(0.3);
  });

  test('moves like people: never faster than 2.5 m/s on average over a second', () => {
    // The list is anonymous, so speed is told by the nearest place that could have been reached: everyone must have had a place within reach a second ago,
    // unless they came in from outside the picture.
    const jumps = seconds.slice(1).flatMap((atS) => {
      const before = crowd.truthAt(atS - 1);
      return crowd.truthAt(atS).filter(({ xM, yM }) => xM > PLAZA.westXM + 2.6 && yM < PLAZA.facadeYM - 2 && !before.some((place) => Math.hypot(place.xM - xM, place.yM - yM) < 2.5));
    });
    expect(jumps).toEqual([]);
  });

  test('the stage front climbs over every limit of its kind in order and falls under all of them again', () => {
    const zone = stageFront!, density = seconds.map((atS) => crowd.peoplePerM2In(zone.polygon, atS));
    const over = (['notice', 'warning', 'danger', 'critical'] as const).map((level) => density.findIndex((value) => value >= limitOf(zone.limits, level)));
    expect(over.every((atS) => atS > 0)).toBe(true);
    expect(over).toEqual(over.toSorted((a, b) => a - b));
    const fallen = density.findLastIndex((value) => value >= 0.5);
    expect(fallen).toBeGreaterThan(over[3]!);
    expect(fallen).toBeLessThan(PLAZA_DURATION_S - 20);
  });

  test('the exit is over its warning limit while the crowd leaves, not before', () => {
    const zone = eastExit!, over = seconds.filter((atS) => crowd.peoplePerM2In(zone.polygon, atS) >= zone.limits.warningPeoplePerM2);
    expect(over.length).toBeGreaterThan(10);
    expect(over[0]).toBeGreaterThan(110);
    expect(Math.max(...seconds.map((atS) => crowd.peoplePerM2In(walkway!.polygon, atS)))).toBeGreaterThan(0.3);
  });

  test('its zones can be drawn on its site', () => {
    for (const zone of plazaDemo.zones) expect(zoneProblem(zone, plazaDemo.site.grid), zone.name).toBeNull();
  });

  test('judged by its truth, the product raises, heightens, eases and clears an alarm at the stage and one at the exit', async () => {
    const readings = Array.from({ length: PLAZA_DURATION_S * 2 }, (_, index) => ({ atS: index / 2, peopleInPicture: crowd.truthAt(index / 2).length, rasters: rastersOf(crowd.truthAt(index / 2)) }));
    const events = await judgePlaza(readings, PLAZA_DURATION_S);
    const story = (zoneId: string) => events.filter(({ alarm }) => alarm.rule === 'densityHigh' && alarm.place.kind === 'zone' && alarm.place.zoneId === zoneId).map(({ alarm }) => `${alarm.state} ${alarm.level}`);
    const stage = story(stageFront!.zoneId);
    expect(stage.slice(0, 3)).toEqual(['raised warning', 'raised danger', 'raised critical']);
    // It was critical and nobody acknowledged it: it waits for somebody (AM6).
    expect(stage.slice(-2).map((step) => step.split(' ')[0])).toEqual(['easing', 'cleared']);
    const exit = story(eastExit!.zoneId);
    expect(exit[0]).toBe('raised warning');
    expect(exit.at(-1)?.split(' ')[0]).toBe('cleared');
    expect(events.every(({ alarm }) => alarm.demo)).toBe(true);
    expect(events.find(({ alarm }) => alarm.rule === 'densityHigh')!.atMs).toBeGreaterThan(START_AT_MS + 40_000);
    // It fills fast before it is full: that is told first.
    expect(events.some(({ alarm }) => alarm.rule === 'densityRising' && alarm.place.kind === 'zone' && alarm.place.zoneId === stageFront!.zoneId)).toBe(true);
  });
});

/** The truth as a perfect camera would tell it: every cell of the grid, people in it, a small error. */
function rastersOf(people: readonly SitePoint[]): Rasters {
  const { columns, rows } = plazaDemo.site.grid, counts = new Float64Array(columns * rows);
  for (const { xM, yM } of people) if (xM >= 0 && xM < columns && yM >= 0 && yM < rows) counts[Math.floor(yM) * columns + Math.floor(xM)]!++;
  return {
    window: { columnFirst: 0, rowFirst: 0, columns, rows },
    densityCodes: Uint8Array.from(counts, (count) => densityCode(count)), errorCodes: Uint8Array.from(counts, () => densityCode(0.05)), weightCodes: new Uint8Array(columns * rows).fill(200),
  };
}
