// More people cross a line than its width can safely pass: people per metre and minute against the limit of its surface, 82 on the level and 66 on stairs.
import Type from 'typebox';
import { FLOW_LIMITS_PEOPLE_PER_M_MIN } from '../../contract/flow.ts';
import { levelRank } from '../../contract/level.ts';
import { strictObject } from '../../contract/schema.ts';
import { FIRST_LEVEL_MEMORY, heldLevel, nextLevel, type LevelMemory } from '../hysteresis.ts';
import { because, type LineRule } from './ruleKind.ts';

const Settings = strictObject({
  enabled: Type.Boolean({ title: 'watch the flow', default: true, zh: '监测流量' }),
  noticeShare: Type.Number({ title: 'notice at this share of the limit', description: 'The way is nearly full: time to open another one.', unit: 'share', default: 0.8, minimum: 0.2, maximum: 0.99, zh: '提示占比', descriptionZh: '通道接近饱和:可考虑开放其他通道。' }),
  warningShare: Type.Number({ title: 'warning at this share of the limit', description: 'The limit itself is 82 people per metre and minute on the level, 66 on stairs.', unit: 'share', default: 1, minimum: 0.2, maximum: 2, zh: '警告占比', descriptionZh: '限值为平地每米每分钟 82 人,楼梯 66 人。' }),
  raiseAfterMs: Type.Number({ title: 'raise after', description: 'How long it must last. The flow itself is a mean over a minute.', unit: 'ms', default: 10_000, minimum: 0, maximum: 600_000, zh: '持续多久后报警', descriptionZh: '须持续多久。流量本身为一分钟均值。' }),
  clearAfterMs: Type.Number({ title: 'lower after', description: 'How long it must stay under the limit again.', unit: 'ms', default: 15_000, minimum: 0, maximum: 600_000, zh: '恢复多久后降级', descriptionZh: '须低于阈值多久。' }),
});
type Settings = Type.Static<typeof Settings>;
type Own = LevelMemory & { readonly [key: string]: any };

/** Falls at this share of a limit. */
const CLEAR_SHARE = 0.88;
/** A mean over less than this is chance: a group that comes through a door is no flow. */
const OVER_LEAST_MS = 20_000;
const EASE_HOLD_MS = 15_000;

const flowLimit: LineRule<Settings, Own> = {
  name: 'flowLimit',
  place: 'line',
  title: { en: 'Too many across a line', zh: '通行流量过大' },
  settings: Settings,
  because: {
    en: {
      above: '{peoplePerMMin} people per metre and minute cross it (in {inPeoplePerMin} ± {errorPeoplePerMin}, out {outPeoplePerMin} ± {errorPeoplePerMin} a minute); the limit here is {limitPeoplePerMMin}.',
      below: '{peoplePerMMin} people per metre and minute cross it; the limit here is {limitPeoplePerMMin}.',
    },
    zh: {
      above: '每米每分钟通过 {peoplePerMMin} 人(每分钟进 {inPeoplePerMin} ± {errorPeoplePerMin},出 {outPeoplePerMin} ± {errorPeoplePerMin});此处限值为 {limitPeoplePerMMin}。',
      below: '每米每分钟通过 {peoplePerMMin} 人;此处限值为 {limitPeoplePerMMin}。',
    },
  },
  firstMemory: FIRST_LEVEL_MEMORY as Own,
  judge({ place: { line, figures }, settings, instantMs, memory }) {
    if (figures === null || figures.overMs < OVER_LEAST_MS) return { memory: heldLevel(memory), level: memory.level, wish: null };
    const limitPeoplePerMMin = FLOW_LIMITS_PEOPLE_PER_M_MIN[line.surface];
    // A warning set under the notice is a warning: the notice never stands above it.
    const raiseAt = (level: string) => limitPeoplePerMMin * (level === 'notice' ? Math.min(settings.noticeShare, settings.warningShare) : level === 'warning' ? settings.warningShare : Infinity);
    const next = nextLevel(memory, figures.peoplePerMMin, instantMs, {
      raiseAt, clearAt: (level) => CLEAR_SHARE * raiseAt(levelRank(level) > levelRank('warning') ? 'warning' : level), raiseAfterMs: settings.raiseAfterMs, clearAfterMs: settings.clearAfterMs,
    });
    const { level } = next, { peoplePerMMin, inPeoplePerMin, outPeoplePerMin, errorPeoplePerMin } = figures;
    return {
      memory: next, level,
      wish: {
        level: level === 'calm' ? null : level, easeHoldMs: EASE_HOLD_MS,
        because: level === 'calm' ? because('below', { peoplePerMMin, limitPeoplePerMMin }) : because('above', { peoplePerMMin, inPeoplePerMin, outPeoplePerMin, errorPeoplePerMin, limitPeoplePerMMin }),
      },
    };
  },
  refused: [{ noticeShare: 1.2 }, { warningShare: 0 }, { raiseAfterMs: null }, { limit: 82 }],
  examples: [
    {
      says: 'notice at four fifths, warning at the limit, and down again step by step', settings: {},
      steps: [
        { atMs: 0, peoplePerMMin: 70, level: 'calm', alarm: null },
        { atMs: 10_000, peoplePerMMin: 70, level: 'notice', alarm: 'notice' },
        { atMs: 11_000, peoplePerMMin: 90, level: 'notice', alarm: 'notice' },
        { atMs: 21_000, peoplePerMMin: 90, level: 'warning', alarm: 'warning' },
        { atMs: 22_000, peoplePerMMin: 40, level: 'warning', alarm: 'warning' },
        { atMs: 37_000, peoplePerMMin: 40, level: 'notice', alarm: 'notice' },
        { atMs: 52_000, peoplePerMMin: 40, level: 'calm', alarm: null },
      ],
    },
    {
      says: 'stairs pass fewer', settings: { raiseAfterMs: 0 }, line: { surface: 'stairs' },
      steps: [{ atMs: 0, peoplePerMMin: 70, level: 'warning', alarm: 'warning' }],
    },
    {
      says: 'the first seconds of a line say nothing, nor does a blind one', settings: { raiseAfterMs: 0, clearAfterMs: 0 },
      steps: [
        { atMs: 0, peoplePerMMin: 200, figures: { overMs: 5000 }, level: 'calm', alarm: null },
        { atMs: 1000, peoplePerMMin: 90, level: 'warning', alarm: 'warning' },
        { atMs: 2000, peoplePerMMin: null, level: 'warning', alarm: null },
      ],
    },
  ],
};
export default flowLimit;
