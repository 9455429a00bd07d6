// Every file in crowd/rules/ through its own examples, and the house rules of crowd/.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ZoneFlow } from '../../contract/flow.ts';
import { DEFAULT_LIMITS, type Level, levelRank, limitOf } from '../../contract/level.ts';
import type { ZoneFigures } from '../../contract/zoneState.ts';
import { becauseSentence, shownFigure } from '../../crowd/becauseWords.ts';
import { FIRST_LEVEL_MEMORY, heldLevel, nextLevel } from '../../crowd/hysteresis.ts';
import { certaintyAbove } from '../../crowd/certainty.ts';
import densityHigh, { clearingLimit } from '../../crowd/rules/densityHigh.ts';
import { type Expected, type LineRule, type RuleKind, ruleSettingsProblem, type SensorRule, settingsOf, type ZoneRule } from '../../crowd/rules/ruleKind.ts';
import { seeded } from './camera.ts';
import { lineAt, sensorOf, zoneAt } from './plainSite.ts';

const folder = new URL('../../crowd/rules/', import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== 'ruleKind.ts');
const kinds = await Promise.all(files.map(async (file) => ((await import(new URL(file, folder).href)) as { default: RuleKind }).default));

describe.each(files.map((file, i) => [file, kinds[i]!] as const))('rule %s', (file, kind) => {
  test('RU1 is named as its file and has words in both languages', () => {
    expect(kind.name).toBe(file.replace(/\.ts$/, ''));
    expect(kind.title.en.length * kind.title.zh.length).toBeGreaterThan(0);
    expect(Object.keys(kind.because.zh).sort()).toEqual(Object.keys(kind.because.en).sort());
    const figures = (words: string) => [...words.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
    for (const [code, words] of Object.entries(kind.because.en)) expect(figures(kind.because.zh[code]!)).toEqual(figures(words));
  });
  test('RU2 every setting has title, default and bounds, and the defaults fit', () => {
    for (const [name, schema] of Object.entries(kind.settings.properties) as [string, any][]) {
      expect(schema.title, name).toBeTypeOf('string');
      expect(schema.default, name).toBeDefined();
      if (schema.type === 'number') { expect(schema.minimum, name).toBeTypeOf('number'); expect(schema.maximum, name).toBeTypeOf('number'); expect(schema.unit, name).toBeTypeOf('string'); expect(schema.description, name).toBeTypeOf('string'); }
    }
    expect(kind.settings.properties['enabled']).toBeDefined();
    expect(ruleSettingsProblem({ [kind.name]: settingsOf(kind, undefined) }, kinds)).toBeNull();
  });
  test('RU3 refuses what does not fit, and then works with its defaults', () => {
    expect(kind.refused.length).toBeGreaterThan(0);
    for (const refused of kind.refused as Record<string, unknown>[]) {
      expect(ruleSettingsProblem({ [kind.name]: refused }, kinds)?.code, JSON.stringify(refused)).toBe('inputWrong');
      expect(settingsOf(kind, refused)).toEqual(settingsOf(kind, undefined));
    }
  });
  test.each(kind.examples.map((example) => [example.says, example] as const))('RU4 %s', (_, example) => {
    const settings = settingsOf(kind, example.settings);
    expect(ruleSettingsProblem({ [kind.name]: example.settings }, kinds)).toBeNull();
    let memory: any = kind.firstMemory;
    for (const expected of example.steps) {
      const common = { settings, instantMs: expected.atMs, memory };
      const judged = judgedOf(kind, example, expected, common);
      expect({ atMs: expected.atMs, level: judged.level, alarm: judged.wish?.level ?? null }).toEqual({ atMs: expected.atMs, level: expected.level, alarm: expected.alarm });
      expect(JSON.parse(JSON.stringify(judged.memory))).toEqual(judged.memory);
      if (judged.wish !== null) for (const language of ['en', 'zh'] as const) expect(becauseSentence(kind.because[language], judged.wish.because, language)).not.toMatch(/[{}]|undefined|NaN/);
      memory = judged.memory;
    }
  });
});
type StepOf<Kind extends RuleKind> = Kind['examples'][number]['steps'][number];
function judgedOf(kind: RuleKind, example: RuleKind['examples'][number], expected: Expected, common: { settings: any; instantMs: number; memory: any }) {
  switch (kind.place) {
    case 'zone': {
      const zone = zoneAt('west', 1, (example as ZoneRule['examples'][number]).zone), { forecast = null, ...seen } = expected as StepOf<ZoneRule>;
      return kind.judge({ ...common, place: { zone, figures: zoneFigures(seen), forecast: forecast === null ? null : { zoneId: zone.zoneId, madeAtMs: 1, points: forecast } } });
    }
    case 'sensor': {
      const { everHeard, silentForMs, fault = null, faultForMs = 0 } = expected as StepOf<SensorRule>;
      return kind.judge({ ...common, place: { sensor: sensorOf('one'), staleAfterMs: 5000, everHeard, silentForMs, fault, faultForMs } });
    }
    case 'line': {
      const line = lineAt('gate', 10, (example as LineRule['examples'][number]).line), lengthM = Math.hypot(line.b.xM - line.a.xM, line.b.yM - line.a.yM), { peoplePerMMin, figures } = expected as StepOf<LineRule>;
      return kind.judge({ ...common, place: { line, lengthM, figures: peoplePerMMin === null ? null : { inPeoplePerMin: peoplePerMMin * lengthM, outPeoplePerMin: 0, errorPeoplePerMin: 1, peoplePerMMin, seenShare: 1, overMs: 60_000, ...figures } } });
    }
  }
}
function zoneFigures({ peoplePerM2, errorPeoplePerM2 = 0.1, flow = null }: { peoplePerM2: number | null; errorPeoplePerM2?: number; flow?: Partial<ZoneFlow> | null }): ZoneFigures | null {
  return peoplePerM2 === null ? null : { peoplePerM2Mean: peoplePerM2, peoplePerM2Error: errorPeoplePerM2, peoplePerM2Peak: peoplePerM2, peopleCount: peoplePerM2 * 64, peopleCountError: 5, seenShare: 1, seenAreaM2: 64, capturedAtMs: 1,
    flow: flow === null ? null : { eastMPerS: 0, northMPerS: 0, velocityVarianceM2PerS2: 0, counterShare: 0, pressurePerS2: 0, knownShare: 1, ...flow } };
}

describe('levels with dwell and hysteresis', () => {
  const limits = { raiseAt: (level: 'notice' | 'warning' | 'danger' | 'critical') => ({ notice: 2, warning: 3.5, danger: 4.7, critical: 5.5 })[level], clearAt: (level: 'notice' | 'warning' | 'danger' | 'critical') => 0.85 * { notice: 2, warning: 3.5, danger: 4.7, critical: 5.5 }[level], raiseAfterMs: 5000, clearAfterMs: 4000 };
  const follow = (...values: [number, number][]) => { let memory = FIRST_LEVEL_MEMORY; return values.map(([atMs, value]) => { memory = nextLevel(memory, value, atMs, limits); return memory.level; }); };
  test('HY1 a level is raised after its dwell, and exactly the limit is above', () => expect(follow([0, 3.5], [4999, 3.5], [5000, 3.5])).toEqual(['calm', 'calm', 'warning']));
  test('HY2 each level has its own dwell; the highest that lasted wins', () => expect(follow([0, 2], [3000, 6], [5000, 6], [8000, 6])).toEqual(['calm', 'calm', 'notice', 'critical']));
  test('HY3 holds the level between clear and raise', () => expect(follow([0, 4], [5000, 4], [6000, 3], [60_000, 3])).toEqual(['calm', 'warning', 'warning', 'warning']));
  test('HY4 falls one step at a time, each with a dwell of its own', () => expect(follow([0, 6], [5000, 6], [6000, 0], [9999, 0], [10_000, 0], [13_999, 0], [14_000, 0], [18_000, 0], [22_000, 0])).toEqual(['calm', 'critical', 'critical', 'critical', 'danger', 'danger', 'warning', 'notice', 'calm']));
  test('HY5 one look above the clearing limit starts the way down anew', () => expect(follow([0, 4], [5000, 4], [6000, 2.9], [9000, 3.2], [9500, 2.9], [13_000, 2.9], [13_500, 2.9])).toEqual(['calm', 'warning', 'warning', 'warning', 'warning', 'warning', 'notice']));
  test('HY6 a clock that goes back is no time at all', () => expect(follow([10_000, 4], [3000, 4], [14_999, 4], [15_000, 4])).toEqual(['calm', 'calm', 'calm', 'warning']));
  test('HY7 blindness keeps the level and forgets every dwell', () => {
    const memory = nextLevel(nextLevel(FIRST_LEVEL_MEMORY, 4, 0, limits), 5, 5000, limits);
    expect(heldLevel(memory)).toEqual({ ...FIRST_LEVEL_MEMORY, level: 'warning' });
    expect(heldLevel(FIRST_LEVEL_MEMORY)).toBe(FIRST_LEVEL_MEMORY);
  });
  test('HY8 a quiet zone costs nothing: the very same memory comes back', () => { const memory = nextLevel(FIRST_LEVEL_MEMORY, 1, 9, limits); expect(memory).toBe(FIRST_LEVEL_MEMORY); });
  test('HY9 the clearing limit is never within the error at that level', () => {
    // Sure enough: the share of the limit holds.
    expect(clearingLimit(3.5, 3.5, 0.1, 0.85, 0.1)).toBeCloseTo(2.975);
    // Half of the 90 % interval at the limit, as met there, in proportion to the density, or no less than that of a lower density.
    expect(clearingLimit(3.5, 3.5, 1, 0.85, 0)).toBeCloseTo(3.5 - 1.645);
    expect(clearingLimit(3.5, 2.8, 0.6, 0.85, 1)).toBeCloseTo(3.5 - 1.645 * 0.75);
    expect(clearingLimit(3.5, 2.8, 0.6, 0.85, 0.7)).toBeCloseTo(3.5 - 1.645 * 0.7);
    expect(clearingLimit(3.5, 2.8, 0.6, 0.85, 0.1)).toBeCloseTo(3.5 - 1.645 * 0.6);
    // An empty place clears.
    expect(clearingLimit(3.5, 0, 3, 0.85, 3)).toBeCloseTo(0.35);
    expect(clearingLimit(3.5, 0, 0, 0.85, 0.2)).toBeCloseTo(2.975);
    expect(clearingLimit(3.5, 0.05, 5, 0.85, 9)).toBeCloseTo(0.35);
  });
  test('HY9 whatever the error does on the way down, a level is left only by more than half of the 90 % interval at that level', () => {
    const random = seeded(9), standing = zoneAt('west', 1);
    for (let run = 0; run < 400; run++) {
      // An error as it is made: a share of the density, the noise of counting, a floor; a camera less from some instant on, and then what it is now.
      const share = 0.25 * random(), noise = 0.3 * random(), floor = 0.2 * random(), lostAtMs = 20_000 * random(), worse = 1 + random(), peak = 2 + 6 * random();
      const errorAt = (peoplePerM2: number, atMs: number) => Math.hypot(share * peoplePerM2, noise * Math.sqrt(peoplePerM2), floor) * (atMs > lostAtMs ? worse : 1);
      let memory = densityHigh.firstMemory, left = 0, atMs = 0;
      const settings = settingsOf(densityHigh, { raiseAfterMs: 0, clearAfterMs: 0, clearShare: 0.98 });
      for (const value of [peak, ...Array.from({ length: 120 }, (_, i) => Math.max(0, peak * (1 - i / 100)))]) {
        atMs += 250;
        const judged = densityHigh.judge({ place: { zone: standing, forecast: null, figures: { ...zoneFigures({ peoplePerM2: value, errorPeoplePerM2: errorAt(value, atMs) })! } }, settings: settings as any, instantMs: atMs, memory });
        if (levelRank(judged.level) < levelRank(memory.level)) {
          const limit = limitOf(standing.limits, memory.level as Exclude<Level, 'calm'>);
          left++;
          if (value > 0.1 * limit) expect(limit - value, `left ${memory.level} at ${value}`).toBeGreaterThanOrEqual(1.645 * (atMs > lostAtMs ? errorAt(value, atMs) : errorAt(limit, atMs)));
        }
        memory = judged.memory;
      }
      expect(memory.level).toBe('calm');
      expect(left).toBeGreaterThan(0);
    }
  });
  test('HY10 an alarm says how sure it is', () => {
    for (const [z, share] of [[0, 0.5], [1.645, 0.95], [-1.645, 0.05], [1, 0.84], [-2, 0.02]] as const) expect(certaintyAbove(3.5 + z * 0.4, 3.5, 0.4)).toBe(share);
    expect([certaintyAbove(9, 3.5, 0.1), certaintyAbove(1, 3.5, 0.1), certaintyAbove(3.5, 3.5, 0), certaintyAbove(3.4, 3.5, 0)]).toEqual([0.99, 0.01, 0.99, 0.01]);
    const settings = settingsOf(densityHigh, { raiseAfterMs: 0, clearAfterMs: 0 }) as any, place = (peoplePerM2: number) => ({ zone: zoneAt('west', 1), forecast: null, figures: zoneFigures({ peoplePerM2, errorPeoplePerM2: 0.365 }) });
    const raised = densityHigh.judge({ place: place(4.1), settings, instantMs: 0, memory: densityHigh.firstMemory }), eased = densityHigh.judge({ place: place(2.4), settings, instantMs: 500, memory: raised.memory });
    expect(becauseSentence(densityHigh.because.en, raised.wish!.because, 'en')).toBe('4.1 ± 0.6 people/m², above the limit 3.5 with 95 % certainty, for 0 s.');
    expect(becauseSentence(densityHigh.because.zh, raised.wish!.because, 'zh')).toContain('超过限值 3.5 的把握为 95 %');
    expect(becauseSentence(densityHigh.because.en, eased.wish!.because, 'en')).toBe('2.4 ± 0.6 people/m², below the limit 3.5 with 99 % certainty, low enough for 0 s.');
  });
});

test('RU5 a sentence shows each figure in its unit', () => {
  expect(shownFigure('peoplePerM2', 4.123, 'en')).toBe('4.1');
  expect(shownFigure('forMs', 12_400, 'en')).toBe('12 s');
  expect(shownFigure('forMs', 180_000, 'zh')).toBe('3 分钟');
  expect(shownFigure('silentMs', null, 'zh')).toBe('–');
  expect(['peoplePerMMin', 'errorPeoplePerMMin', 'inPeoplePerMin', 'speedMPerS', 'pressurePerS2', 'aheadMinutes', 'certaintyShare'].map((name) => shownFigure(name, 0.8, 'en'))).toEqual(['1', '1', '1', '0.8', '0.800', '1', '80 %']);
  expect(shownFigure('errorPeoplePerMin', 10, 'en')).toBe('16');
  expect(becauseSentence({}, { code: 'gone', values: {} }, 'en')).toBe('gone');
  // An error is kept as one standard deviation and read as half of the 90 % interval, as beside every other figure on the page.
  expect(becauseSentence({ dense: '{peoplePerM2} ± {errorPeoplePerM2}' }, { code: 'dense', values: { peoplePerM2: 5, errorPeoplePerM2: 1 } }, 'en')).toBe('5.0 ± 1.6');
});
test('RU6 settings of a rule that is not there are refused at the border', () => expect(ruleSettingsProblem({ queueBlocked: {} }, kinds)?.code).toBe('inputWrong'));
test('RU7 every default limit grows', () => { for (const limits of Object.values(DEFAULT_LIMITS)) expect(Object.values(limits)).toEqual(Object.values(limits).toSorted((a, b) => a - b)); });

test('PU1 crowd/ has no clock, no random, no input or output', () => {
  const root = new URL('../../crowd/', import.meta.url);
  for (const file of readdirSync(root, { recursive: true }) as string[]) {
    if (!file.endsWith('.ts')) continue;
    const text = readFileSync(new URL(file, root), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    expect(text.match(/\bDate\b|\bperformance\b|Math\.random|\bsetTimeout\b|\bsetInterval\b|\bfetch\b|\bprocess\b|\bBuffer\b|node:|\bdocument\b|\bwindow\.(?!columns|rows|columnFirst|rowFirst)|\bcrypto\b|\bconsole\b/g) ?? [], file).toEqual([]);
  }
});
