// Two streams against each other where it is too dense to pass: a large share goes against the main direction, for a while.
import Type from 'typebox';
import { strictObject } from '../../contract/schema.ts';
import { FIRST_LEVEL_MEMORY, heldLevel, nextLevel, type LevelMemory } from '../hysteresis.ts';
import { because, type ZoneRule } from './ruleKind.ts';

const Settings = strictObject({
  enabled: Type.Boolean({ title: 'watch for counter-flow', default: true, zh: '监测对向人流' }),
  counterShareLimit: Type.Number({ title: 'share against the main direction', description: 'Of those who move, how many may go the other way. At one half both streams are equal.', unit: 'share', default: 0.25, minimum: 0.05, maximum: 0.5, zh: '逆向占比', descriptionZh: '移动人群中允许逆向行走的占比。二分之一表示两股人流相等。' }),
  densityLeastPeoplePerM2: Type.Number({ title: 'only from this density on', description: 'With room to spare people pass each other without trouble.', unit: 'people/m²', default: 2, minimum: 0.2, maximum: 6, zh: '起判密度', descriptionZh: '空间充足时,对向行走没有妨碍。' }),
  raiseAfterMs: Type.Number({ title: 'raise after', description: 'How long it must last.', unit: 'ms', default: 10_000, minimum: 0, maximum: 600_000, zh: '持续多久后报警', descriptionZh: '须持续多久才报警。' }),
  clearAfterMs: Type.Number({ title: 'lower after', description: 'How long it must be well again.', unit: 'ms', default: 10_000, minimum: 0, maximum: 600_000, zh: '恢复多久后解除', descriptionZh: '须恢复正常多久才解除。' }),
});
type Settings = Type.Static<typeof Settings>;
type Own = LevelMemory & { readonly [key: string]: any };

/** Clears at this share of both limits. */
const CLEAR_SHARE = 0.8;
/** Streams that hardly move are a crowd that shifts its feet: a quarter against three at 0.3 m/s each have a variance of 0.07 m²/s². */
const VARIANCE_LEAST_M2_PER_S2 = 0.06;
const EASE_HOLD_MS = 10_000;

const counterflow: ZoneRule<Settings, Own> = {
  name: 'counterflow',
  place: 'zone',
  title: { en: 'Counter-flow', zh: '对向人流' },
  settings: Settings,
  because: {
    en: {
      against: '{counterShare} of those who move go against the others, at {peoplePerM2} people/m², for {forMs}.',
      apart: 'The streams no longer press against each other.',
    },
    zh: {
      against: '移动人群中 {counterShare} 逆向行走,密度 {peoplePerM2} 人/m²,已持续 {forMs}。',
      apart: '人流已不再相互顶撞。',
    },
  },
  firstMemory: FIRST_LEVEL_MEMORY as Own,
  judge({ place: { figures }, settings, instantMs, memory }) {
    if (figures === null) return { memory: heldLevel(memory), level: memory.level, wish: null };
    const { peoplePerM2Mean: peoplePerM2, flow } = figures, falling = memory.level !== 'calm';
    const dense = peoplePerM2 >= settings.densityLeastPeoplePerM2 * (falling ? CLEAR_SHARE : 1);
    // Dense, and nobody can say how it moves: nothing is known to be well. With room to spare it is well however people go.
    if (dense && flow === null) return { memory: heldLevel(memory), level: memory.level, wish: null };
    const share = dense && flow !== null && flow.velocityVarianceM2PerS2 >= VARIANCE_LEAST_M2_PER_S2 ? flow.counterShare : 0;
    const next = nextLevel(memory, share, instantMs, {
      raiseAt: (level) => (level === 'notice' || level === 'warning' ? settings.counterShareLimit : Infinity), clearAt: () => settings.counterShareLimit * CLEAR_SHARE,
      raiseAfterMs: settings.raiseAfterMs, clearAfterMs: settings.clearAfterMs,
    });
    // One level only: from warning it goes to calm at once.
    const level = next.level === 'warning' ? 'warning' : 'calm', kept = next.level === 'notice' ? { ...next, ...FIRST_LEVEL_MEMORY } : next;
    const since = kept.aboveSinceMs[1];
    return {
      memory: kept, level,
      wish: {
        level: level === 'calm' ? null : level, easeHoldMs: EASE_HOLD_MS,
        because: level === 'calm' ? because('apart', {}) : because('against', { counterShare: flow?.counterShare ?? 0, peoplePerM2, forMs: since === null ? 0 : Math.max(0, instantMs - since) }),
      },
    };
  },
  refused: [{ counterShareLimit: 0.6 }, { densityLeastPeoplePerM2: 0 }, { raiseAfterMs: '10 s' }, { share: 0.2 }],
  examples: [
    {
      says: 'raises when a third goes against the others in a dense place for ten seconds, and eases when they are through', settings: {},
      steps: [
        { atMs: 0, peoplePerM2: 3, flow: { counterShare: 0.33, velocityVarianceM2PerS2: 0.4 }, level: 'calm', alarm: null },
        { atMs: 10_000, peoplePerM2: 3, flow: { counterShare: 0.33, velocityVarianceM2PerS2: 0.4 }, level: 'warning', alarm: 'warning' },
        { atMs: 11_000, peoplePerM2: 3, flow: { counterShare: 0.05, velocityVarianceM2PerS2: 0.1 }, level: 'warning', alarm: 'warning' },
        { atMs: 21_000, peoplePerM2: 3, flow: { counterShare: 0.05, velocityVarianceM2PerS2: 0.1 }, level: 'calm', alarm: null },
      ],
    },
    {
      says: 'with room to spare people may go as they like', settings: {},
      steps: [
        { atMs: 0, peoplePerM2: 0.8, flow: { counterShare: 0.5, velocityVarianceM2PerS2: 1 }, level: 'calm', alarm: null },
        { atMs: 60_000, peoplePerM2: 0.8, flow: { counterShare: 0.5, velocityVarianceM2PerS2: 1 }, level: 'calm', alarm: null },
      ],
    },
    {
      says: 'a dense crowd that stands and shifts its feet has no streams', settings: {},
      steps: [
        { atMs: 0, peoplePerM2: 5, flow: { counterShare: 0.5, velocityVarianceM2PerS2: 0.03 }, level: 'calm', alarm: null },
        { atMs: 60_000, peoplePerM2: 5, flow: { counterShare: 0.5, velocityVarianceM2PerS2: 0.03 }, level: 'calm', alarm: null },
      ],
    },
    {
      says: 'dense, and nobody can say how it moves: the alarm stays as it is', settings: { raiseAfterMs: 0, clearAfterMs: 0 },
      steps: [
        { atMs: 0, peoplePerM2: 3, flow: { counterShare: 0.4, velocityVarianceM2PerS2: 0.4 }, level: 'warning', alarm: 'warning' },
        { atMs: 1000, peoplePerM2: 3, flow: null, level: 'warning', alarm: null },
        { atMs: 2000, peoplePerM2: 0.5, flow: null, level: 'calm', alarm: null },
      ],
    },
  ],
};
export default counterflow;
