// Too many people on the ground of a zone: the mean density against the zone's limits, with dwell and hysteresis.
import Type from 'typebox';
import { levelRank, limitOf } from '../../contract/level.ts';
import { literals, strictObject } from '../../contract/schema.ts';
import { HALF_INTERVAL_90 } from '../../contract/zoneState.ts';
import { certaintyAbove } from '../certainty.ts';
import { FIRST_LEVEL_MEMORY, heldLevel, nextLevel, type RAISED, type LevelMemory } from '../hysteresis.ts';
import { because, type ZoneRule } from './ruleKind.ts';

const Settings = strictObject({
  enabled: Type.Boolean({ title: 'watch the density', default: true, zh: '监测密度' }),
  raiseAfterMs: Type.Number({ title: 'raise after', description: 'How long the density must stay above a limit before the level rises. Shorter alarms sooner; longer forgives a group that walks through.', unit: 'ms', default: 5000, minimum: 0, maximum: 600_000, zh: '持续多久后升级', descriptionZh: '密度须持续高于阈值多久,等级才会升高。较短则报警更早;较长则不受路过人群影响。' }),
  clearAfterMs: Type.Number({ title: 'lower after', description: 'How long the density must stay below the clearing limit before the level falls by one step.', unit: 'ms', default: 5000, minimum: 0, maximum: 600_000, zh: '持续多久后降级', descriptionZh: '密度须持续低于解除阈值多久,等级才会降低一级。' }),
  clearShare: Type.Number({ title: 'clears at this share of the limit', description: 'A level falls only below this share of its limit, and never within the error of the count there (its 90 % interval).', unit: 'share', default: 0.85, minimum: 0.2, maximum: 0.98, zh: '降级阈值占比', descriptionZh: '密度低于阈值的这一比例时等级才会降低,且绝不会在该处的计数误差(90 % 区间)之内降低。' }),
  easeHoldMs: Type.Number({ title: 'close after', description: 'How long all must be well before an easing alarm closes.', unit: 'ms', default: 10_000, minimum: 0, maximum: 3_600_000, zh: '缓解多久后关闭', descriptionZh: '缓解中的报警须保持正常多久才会关闭。' }),
  alarmFromLevel: literals(['notice', 'warning', 'danger', 'critical']),
});
// Type.Enum of literals() takes no options: the words of this field are laid on afterwards.
Object.assign(Settings.properties.alarmFromLevel, {
  title: 'alarm from this level', description: 'Lower levels only colour the zone.', default: 'warning', zh: '从该等级起报警', descriptionZh: '更低的等级只给区域着色。',
  choices: { notice: { en: 'notice', zh: '提示' }, warning: { en: 'warning', zh: '警告' }, danger: { en: 'danger', zh: '危险' }, critical: { en: 'critical', zh: '严重' } },
});
type Settings = Type.Static<typeof Settings>;
/** With the error of the look that last raised the level. */
type Own = LevelMemory & { raisedErrorPeoplePerM2: number };

const densityHigh: ZoneRule<Settings, Own> = {
  name: 'densityHigh',
  place: 'zone',
  title: { en: 'Too dense', zh: '密度过高' },
  settings: Settings,
  because: {
    en: {
      densityAbove: '{peoplePerM2} ± {errorPeoplePerM2} people/m², above the limit {limitPeoplePerM2} with {certaintyShare} certainty, for {forMs}.',
      densityFalling: '{peoplePerM2} ± {errorPeoplePerM2} people/m², below the limit {limitPeoplePerM2} with {certaintyShare} certainty, low enough for {forMs}.',
      densityBelow: '{peoplePerM2} ± {errorPeoplePerM2} people/m², below the limit {limitPeoplePerM2} with {certaintyShare} certainty.',
    },
    zh: {
      densityAbove: '{peoplePerM2} ± {errorPeoplePerM2} 人/m²,超过限值 {limitPeoplePerM2} 的把握为 {certaintyShare},已持续 {forMs}。',
      densityFalling: '{peoplePerM2} ± {errorPeoplePerM2} 人/m²,低于限值 {limitPeoplePerM2} 的把握为 {certaintyShare},已持续 {forMs}低于解除阈值。',
      densityBelow: '{peoplePerM2} ± {errorPeoplePerM2} 人/m²,低于限值 {limitPeoplePerM2} 的把握为 {certaintyShare}。',
    },
  },
  firstMemory: { ...FIRST_LEVEL_MEMORY, raisedErrorPeoplePerM2: 0 },
  pressing({ zone: { limits: { warningPeoplePerM2: limit } }, figures: { peoplePerM2Mean: value, peoplePerM2Error: error } }, settings, judgedBefore) {
    return value >= (judgedBefore ? clearingLimit(limit, value, error, settings.clearShare, 2 * error) : limit);
  },
  judge({ place: { zone, figures }, settings, instantMs, memory }) {
    if (figures === null) return { memory: heldLevel(memory), level: memory.level, wish: null };
    const { peoplePerM2Mean: value, peoplePerM2Error: error } = figures;
    const clearAt = (level: (typeof RAISED)[number]) => clearingLimit(limitOf(zone.limits, level), value, error, settings.clearShare, memory.raisedErrorPeoplePerM2);
    const judged = nextLevel(memory, value, instantMs, { raiseAt: (level) => limitOf(zone.limits, level), clearAt, raiseAfterMs: settings.raiseAfterMs, clearAfterMs: settings.clearAfterMs }), { level } = judged;
    const next = levelRank(level) > levelRank(memory.level) ? { ...judged, raisedErrorPeoplePerM2: error } : judged;
    const alarming = level !== 'calm' && levelRank(level) >= levelRank(settings.alarmFromLevel);
    // The sentence names the limit that was crossed: on the way up that of the level reached, on the way down that of the level left behind, later the one that would alarm again.
    const falling = levelRank(level) < levelRank(memory.level), crossed = falling ? memory.level as (typeof RAISED)[number] : alarming ? level : settings.alarmFromLevel;
    const since = falling ? memory.belowSinceMs : alarming ? next.aboveSinceMs[levelRank(level) - 1]! : null;
    const limitPeoplePerM2 = limitOf(zone.limits, crossed), isAbove = alarming && !falling, aboveShare = certaintyAbove(value, limitPeoplePerM2, error);
    return {
      memory: next, level,
      wish: {
        level: alarming ? level : null,
        because: because(isAbove ? 'densityAbove' : falling ? 'densityFalling' : 'densityBelow', {
          peoplePerM2: value, errorPeoplePerM2: error, limitPeoplePerM2, certaintyShare: isAbove ? aboveShare : 1 - aboveShare, forMs: since === null ? 0 : Math.max(0, instantMs - since),
        }),
        easeHoldMs: settings.easeHoldMs,
      },
    };
  },
  refused: [{ raiseAfterMs: -1 }, { raiseAfterMs: '5 s' }, { clearShare: 1 }, { alarmFromLevel: 'calm' }, { limit: 4 }],
  examples: [
    {
      says: 'rises after the dwell, straight to the highest level that lasted, and holds between clearing and raising', settings: {},
      steps: [
        { atMs: 0, peoplePerM2: 4.0, level: 'calm', alarm: null },
        { atMs: 4999, peoplePerM2: 4.0, level: 'calm', alarm: null },
        { atMs: 5000, peoplePerM2: 4.0, level: 'warning', alarm: 'warning' },
        { atMs: 60_000, peoplePerM2: 3.1, level: 'warning', alarm: 'warning' },
        { atMs: 61_000, peoplePerM2: 2.9, level: 'warning', alarm: 'warning' },
        { atMs: 66_000, peoplePerM2: 2.9, level: 'notice', alarm: null },
      ],
    },
    {
      says: 'a group that walks through does not raise it', settings: {},
      steps: [
        { atMs: 0, peoplePerM2: 5.0, level: 'calm', alarm: null },
        { atMs: 3000, peoplePerM2: 1.0, level: 'calm', alarm: null },
        { atMs: 6000, peoplePerM2: 5.0, level: 'calm', alarm: null },
      ],
    },
    {
      says: 'an interval wider than the gap keeps the level up until it lies below the limit', settings: {},
      steps: [
        { atMs: 0, peoplePerM2: 4.0, errorPeoplePerM2: 1, level: 'calm', alarm: null },
        { atMs: 5000, peoplePerM2: 4.0, errorPeoplePerM2: 1, level: 'warning', alarm: 'warning' },
        { atMs: 10_000, peoplePerM2: 1.9, errorPeoplePerM2: 1, level: 'warning', alarm: 'warning' },
        { atMs: 20_000, peoplePerM2: 1.9, errorPeoplePerM2: 1, level: 'warning', alarm: 'warning' },
        { atMs: 21_000, peoplePerM2: 1.8, errorPeoplePerM2: 1, level: 'warning', alarm: 'warning' },
        { atMs: 26_000, peoplePerM2: 1.8, errorPeoplePerM2: 1, level: 'notice', alarm: null },
      ],
    },
    {
      says: 'blindness holds the level and starts every dwell anew', settings: {},
      steps: [
        { atMs: 0, peoplePerM2: 6.0, level: 'calm', alarm: null },
        { atMs: 5000, peoplePerM2: 6.0, level: 'critical', alarm: 'critical' },
        { atMs: 9000, peoplePerM2: 0.1, level: 'critical', alarm: 'critical' },
        { atMs: 12_000, peoplePerM2: null, level: 'critical', alarm: null },
        { atMs: 100_000, peoplePerM2: 0.1, level: 'critical', alarm: 'critical' },
        { atMs: 105_000, peoplePerM2: 0.1, level: 'danger', alarm: 'danger' },
      ],
    },
    {
      says: 'notice only colours the zone unless the setting says otherwise', settings: { alarmFromLevel: 'notice', raiseAfterMs: 0 },
      steps: [{ atMs: 0, peoplePerM2: 2.5, level: 'notice', alarm: 'notice' }],
    },
  ],
};
export default densityHigh;

/**
 * Where a level clears: at its share of the limit, and never nearer to it than half of the 90 % interval at that level, so that clearing is at least as sure as 95 %. The error at the limit
 * lies between that of a lower density and the same in proportion, for no part of it grows faster than the density; between the two the one that was met at the raising holds.
 * Above a tenth of the limit in any case, so that an empty place clears however doubtful its cameras are.
 */
export function clearingLimit(limit: number, value: number, error: number, clearShare: number, raisedError: number): number {
  const errorAtLimit = value >= limit ? error : Math.max(error, Math.min(raisedError, value > 0 ? (error * limit) / value : Infinity));
  return Math.max(0.1 * limit, Math.min(clearShare * limit, limit - HALF_INTERVAL_90 * errorAtLimit));
}
