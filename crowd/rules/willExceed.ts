// A limit is about to be crossed: the forecast of a zone against its limits, minutes ahead. Says nothing where the forecast says nothing, and is done once the limit is
// reached: from then on densityHigh speaks.
import Type from 'typebox';
import type { ForecastPoint } from '../../contract/forecast.ts';
import { LEVELS, levelRank, limitOf, type Level } from '../../contract/level.ts';
import { literals, strictObject } from '../../contract/schema.ts';
import { HALF_INTERVAL_90 } from '../../contract/zoneState.ts';
import { certaintyAbove } from '../certainty.ts';
import { FIRST_LEVEL_MEMORY, heldLevel, type LevelMemory, nextLevel, RAISED } from '../hysteresis.ts';
import { because, type ZoneRule } from './ruleKind.ts';

const Settings = strictObject({
  enabled: Type.Boolean({ title: 'watch the forecast', default: true, zh: '监测预测' }),
  withinMinutes: Type.Number({ title: 'look ahead', description: 'A limit must be expected to be crossed within this time. Forecasts reach 5, 10 and 15 minutes ahead.', unit: 'min', default: 15, minimum: 5, maximum: 60, zh: '预测时长', descriptionZh: '预计在这段时间内超过限值才报警。预测分别为 5、10 和 15 分钟。' }),
  certaintyShare: Type.Number({ title: 'how sure', description: 'How likely the crossing must be. 0.05 takes the upper end of the interval (earlier, more false alarms), 0.5 the most likely value, 0.95 the lower end.', unit: 'share', default: 0.5, minimum: 0.05, maximum: 0.95, zh: '把握程度', descriptionZh: '超过限值的可能性须达到多少。0.05 取区间上端(更早,误报更多),0.5 取最可能值,0.95 取区间下端。' }),
  raiseAfterMs: Type.Number({ title: 'raise after', description: 'How long forecasts must agree. A new one comes each minute: more than 60 s asks for two in a row.', unit: 'ms', default: 0, minimum: 0, maximum: 600_000, zh: '持续多久后报警', descriptionZh: '各次预测须一致多久。预测每分钟一次:超过 60 秒即要求连续两次。' }),
  clearAfterMs: Type.Number({ title: 'lower after', description: 'How long the limit must no longer be expected to be crossed.', unit: 'ms', default: 130_000, minimum: 0, maximum: 3_600_000, zh: '持续多久后降级', descriptionZh: '须有多久不再预计超过限值。' }),
  clearShare: Type.Number({ title: 'clears at this share of the limit', description: 'It is no longer expected once the forecast, judged as surely, is below this share of the limit.', unit: 'share', default: 0.85, minimum: 0.2, maximum: 0.98, zh: '解除阈值占比', descriptionZh: '按同样的把握程度,预测低于限值的这一比例时,不再视为将超过限值。' }),
  easeHoldMs: Type.Number({ title: 'close after', description: 'How long nothing must be expected before an easing alarm closes.', unit: 'ms', default: 60_000, minimum: 0, maximum: 3_600_000, zh: '缓解多久后关闭', descriptionZh: '缓解中的报警须多久没有新的预警才会关闭。' }),
  alarmFromLevel: literals(['notice', 'warning', 'danger', 'critical']),
});
// Type.Enum of literals() takes no options: the words of this field are laid on afterwards.
Object.assign(Settings.properties.alarmFromLevel, {
  title: 'alarm when this level is expected', description: 'What is only expected alarms one level lower than it will be.', default: 'warning', zh: '预计达到该等级时报警', descriptionZh: '尚未发生,因此报警等级比预计等级低一级。',
  choices: { notice: { en: 'notice', zh: '提示' }, warning: { en: 'warning', zh: '警告' }, danger: { en: 'danger', zh: '危险' }, critical: { en: 'critical', zh: '严重' } },
});
type Settings = Type.Static<typeof Settings>;
/** `reached`: the level that the density itself is at, with its own gap between up and down. */
type Own = LevelMemory & { reached: Level };

const willExceed: ZoneRule<Settings, Own> = {
  name: 'willExceed',
  place: 'zone',
  title: { en: 'Will be too dense', zh: '即将密度过高' },
  settings: Settings,
  because: {
    en: {
      expected: 'In {aheadMinutes} min {peoplePerM2} people/m² are expected ({lowPeoplePerM2} to {highPeoplePerM2}), above the limit {limitPeoplePerM2} with {certaintyShare} certainty. Now {nowPeoplePerM2}.',
      reached: 'The limit {limitPeoplePerM2} people/m² was reached: now {nowPeoplePerM2}.',
      notExpected: 'The limit {limitPeoplePerM2} people/m² is no longer expected to be crossed: at most {peoplePerM2}. Now {nowPeoplePerM2}.',
      nothingTold: 'The forecast has nothing to say any more. Now {nowPeoplePerM2} people/m².',
    },
    zh: {
      expected: '预计 {aheadMinutes} 分钟后为 {peoplePerM2} 人/m²({lowPeoplePerM2} 至 {highPeoplePerM2}),超过限值 {limitPeoplePerM2} 的把握为 {certaintyShare}。目前为 {nowPeoplePerM2}。',
      reached: '已达到限值 {limitPeoplePerM2} 人/m²:目前为 {nowPeoplePerM2}。',
      notExpected: '预计不再超过限值 {limitPeoplePerM2} 人/m²:最高 {peoplePerM2}。目前为 {nowPeoplePerM2}。',
      nothingTold: '预测已无内容可报。目前为 {nowPeoplePerM2} 人/m²。',
    },
  },
  firstMemory: { ...FIRST_LEVEL_MEMORY, reached: 'calm' },
  judge({ place: { zone, figures, forecast }, settings, instantMs, memory }) {
    // The colour of a zone is how it is, never how it will be: this rule leaves it calm.
    // Blind, or nobody foretells: what was expected may still come, and silence eases nothing. A forecast that has nothing to say is another matter.
    if (figures === null || forecast === null) return { memory: heldLevel(memory), level: 'calm', wish: null };
    const nowPeoplePerM2 = figures.peoplePerM2Mean, points = forecast.points.filter(({ aheadMinutes }) => aheadMinutes <= settings.withinMinutes);
    const z = normalQuantile(1 - settings.certaintyShare), surely = (point: ForecastPoint) => point.peoplePerM2 + z * spreadOf(point, z);
    const highest = points.length === 0 ? null : points.reduce((most, point) => (surely(point) > surely(most) ? point : most));
    const next = nextLevel(memory, highest === null ? 0 : surely(highest), instantMs, {
      raiseAt: (level) => limitOf(zone.limits, level), clearAt: (level) => settings.clearShare * limitOf(zone.limits, level), raiseAfterMs: settings.raiseAfterMs, clearAfterMs: settings.clearAfterMs,
    });
    const reached = reachedLevel(memory.reached, nowPeoplePerM2, (level) => limitOf(zone.limits, level), settings.clearShare), { level } = next;
    const own = reached === memory.reached ? next : { ...next, reached };
    if (level !== 'calm' && levelRank(level) >= levelRank(settings.alarmFromLevel) && levelRank(level) > levelRank(reached)) {
      // Nothing told for a minute (a short outage, another situation): it takes the dwell of clearing before that counts.
      if (highest === null) return { memory: own, level: 'calm', wish: null };
      const limitPeoplePerM2 = limitOf(zone.limits, level);
      // The first that is sure enough says how much time is left.
      const point = points.find((one) => surely(one) >= limitPeoplePerM2) ?? highest;
      return {
        memory: own, level: 'calm',
        wish: {
          level: LEVELS[Math.max(1, levelRank(level) - 1)] as Exclude<Level, 'calm'>, easeHoldMs: settings.easeHoldMs,
          because: because('expected', {
            aheadMinutes: point.aheadMinutes, peoplePerM2: point.peoplePerM2, lowPeoplePerM2: point.peoplePerM2Low, highPeoplePerM2: point.peoplePerM2High, limitPeoplePerM2, nowPeoplePerM2,
            certaintyShare: certaintyAbove(point.peoplePerM2, limitPeoplePerM2, spreadOf(point, limitPeoplePerM2 - point.peoplePerM2)),
          }),
        },
      };
    }
    const limitPeoplePerM2 = limitOf(zone.limits, reached !== 'calm' && levelRank(reached) >= levelRank(settings.alarmFromLevel) ? reached : settings.alarmFromLevel);
    const why = levelRank(reached) >= levelRank(settings.alarmFromLevel) ? because('reached', { limitPeoplePerM2, nowPeoplePerM2 })
      : highest === null ? because('nothingTold', { nowPeoplePerM2 }) : because('notExpected', { limitPeoplePerM2, peoplePerM2: highest.peoplePerM2, nowPeoplePerM2 });
    return { memory: own, level: 'calm', wish: { level: null, because: why, easeHoldMs: settings.easeHoldMs } };
  },
  refused: [{ withinMinutes: 0 }, { certaintyShare: 1 }, { certaintyShare: 0 }, { clearShare: 1 }, { alarmFromLevel: 'calm' }, { raiseAfterMs: -1 }, { limit: 4 }],
  examples: [
    {
      says: 'alarms while it is still calm, one level lower than what is expected, and leaves the colour of the zone alone', settings: {},
      steps: [
        { atMs: 0, peoplePerM2: 2.0, forecast: [{ aheadMinutes: 5, peoplePerM2: 2.6, peoplePerM2Low: 2.2, peoplePerM2High: 3.1, skillShare: 0.3 }, { aheadMinutes: 15, peoplePerM2: 3.2, peoplePerM2Low: 2.4, peoplePerM2High: 4.1, skillShare: 0.4 }], level: 'calm', alarm: null },
        { atMs: 60_000, peoplePerM2: 2.4, forecast: [{ aheadMinutes: 5, peoplePerM2: 3.0, peoplePerM2Low: 2.5, peoplePerM2High: 3.5, skillShare: 0.3 }, { aheadMinutes: 15, peoplePerM2: 3.8, peoplePerM2Low: 3.0, peoplePerM2High: 4.7, skillShare: 0.4 }], level: 'calm', alarm: 'notice' },
        { atMs: 120_000, peoplePerM2: 2.9, forecast: [{ aheadMinutes: 5, peoplePerM2: 3.9, peoplePerM2Low: 3.2, peoplePerM2High: 4.5, skillShare: 0.3 }, { aheadMinutes: 15, peoplePerM2: 5.0, peoplePerM2Low: 4.0, peoplePerM2High: 6.1, skillShare: 0.4 }], level: 'calm', alarm: 'warning' },
      ],
    },
    {
      says: 'is done when the limit is reached, and does not come back while the density stays about there', settings: {},
      steps: [
        { atMs: 0, peoplePerM2: 3.2, forecast: [{ aheadMinutes: 5, peoplePerM2: 3.9, peoplePerM2Low: 3.4, peoplePerM2High: 4.4, skillShare: 0.3 }], level: 'calm', alarm: 'notice' },
        { atMs: 60_000, peoplePerM2: 3.6, forecast: [{ aheadMinutes: 5, peoplePerM2: 4.0, peoplePerM2Low: 3.5, peoplePerM2High: 4.5, skillShare: 0.3 }], level: 'calm', alarm: null },
        { atMs: 90_000, peoplePerM2: 3.3, forecast: [{ aheadMinutes: 5, peoplePerM2: 4.0, peoplePerM2Low: 3.5, peoplePerM2High: 4.5, skillShare: 0.3 }], level: 'calm', alarm: null },
      ],
    },
    {
      says: 'the lower end of the interval must be above when it is to be nearly sure, the upper end is enough when it may be a guess', settings: { certaintyShare: 0.95 },
      steps: [
        { atMs: 0, peoplePerM2: 2.5, forecast: [{ aheadMinutes: 10, peoplePerM2: 4.0, peoplePerM2Low: 3.2, peoplePerM2High: 4.9, skillShare: 0.3 }], level: 'calm', alarm: null },
        { atMs: 60_000, peoplePerM2: 2.6, forecast: [{ aheadMinutes: 10, peoplePerM2: 4.4, peoplePerM2Low: 3.6, peoplePerM2High: 5.2, skillShare: 0.3 }], level: 'calm', alarm: 'notice' },
      ],
    },
    {
      says: 'what lies farther ahead than asked for is not looked at', settings: { withinMinutes: 5 },
      steps: [{ atMs: 0, peoplePerM2: 2.5, forecast: [{ aheadMinutes: 5, peoplePerM2: 3.0, peoplePerM2Low: 2.5, peoplePerM2High: 3.5, skillShare: 0.3 }, { aheadMinutes: 15, peoplePerM2: 6.0, peoplePerM2Low: 5.0, peoplePerM2High: 7.0, skillShare: 0.3 }], level: 'calm', alarm: null }],
    },
    {
      says: 'without a forecast it says nothing; blind or without news it holds; it eases only after forecasts have said otherwise, or nothing, for a while', settings: {},
      steps: [
        { atMs: 0, peoplePerM2: 3.0, forecast: [], level: 'calm', alarm: null },
        { atMs: 1000, peoplePerM2: 3.0, forecast: null, level: 'calm', alarm: null },
        { atMs: 2000, peoplePerM2: 3.0, forecast: [{ aheadMinutes: 10, peoplePerM2: 4.0, peoplePerM2Low: 3.3, peoplePerM2High: 4.8, skillShare: 0.3 }], level: 'calm', alarm: 'notice' },
        { atMs: 3000, peoplePerM2: null, forecast: [], level: 'calm', alarm: null },
        { atMs: 4000, peoplePerM2: 3.0, forecast: null, level: 'calm', alarm: null },
        { atMs: 10_000, peoplePerM2: 3.0, forecast: [{ aheadMinutes: 10, peoplePerM2: 2.8, peoplePerM2Low: 2.3, peoplePerM2High: 3.3, skillShare: 0.3 }], level: 'calm', alarm: 'notice' },
        { atMs: 139_000, peoplePerM2: 2.8, forecast: [], level: 'calm', alarm: null },
        { atMs: 140_000, peoplePerM2: 2.8, forecast: [{ aheadMinutes: 10, peoplePerM2: 3.6, peoplePerM2Low: 3.1, peoplePerM2High: 4.1, skillShare: 0.3 }], level: 'calm', alarm: 'notice' },
        { atMs: 150_000, peoplePerM2: 2.8, forecast: [{ aheadMinutes: 10, peoplePerM2: 2.6, peoplePerM2Low: 2.1, peoplePerM2High: 3.1, skillShare: 0.3 }], level: 'calm', alarm: 'notice' },
        { atMs: 281_000, peoplePerM2: 2.8, forecast: [{ aheadMinutes: 10, peoplePerM2: 2.6, peoplePerM2Low: 2.1, peoplePerM2High: 3.1, skillShare: 0.3 }], level: 'calm', alarm: null },
      ],
    },
  ],
};
export default willExceed;

/** One standard deviation to the side that is asked for (`side` below or above 0): an interval need not be even. */
const spreadOf = ({ peoplePerM2, peoplePerM2Low, peoplePerM2High }: ForecastPoint, side: number): number => (side >= 0 ? peoplePerM2High - peoplePerM2 : peoplePerM2 - peoplePerM2Low) / HALF_INTERVAL_90;

/** The level whose limit the density has reached; it falls only below `clearShare` of that limit. */
function reachedLevel(before: Level, peoplePerM2: number, limit: (level: (typeof RAISED)[number]) => number, clearShare: number): Level {
  let reached: Level = 'calm';
  for (const level of RAISED) if (peoplePerM2 >= limit(level) * (levelRank(level) <= levelRank(before) ? clearShare : 1)) reached = level;
  return reached;
}

/** Standard deviations under which `share` of a normal distribution lies; absolute error under 4.5e-4 (Abramowitz and Stegun 1964, 26.2.23), 0 exactly in the middle. */
function normalQuantile(share: number): number {
  if (share === 0.5) return 0;
  const t = Math.sqrt(-2 * Math.log(Math.min(share, 1 - share)));
  const z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  return share > 0.5 ? z : -z;
}
