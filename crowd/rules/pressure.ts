// A dense crowd that is pushed to and fro: crowd pressure, density x variance of the velocity. Stop-and-go waves come from 0.02 /s2 on, turbulence and falls above it
// (Helbing, Johansson and Al-Abideen 2007, Phys. Rev. E 75, 046109, figures 4 and 5: Jamarat bridge).
import Type from 'typebox';
import { strictObject } from '../../contract/schema.ts';
import { FIRST_LEVEL_MEMORY, heldLevel, nextLevel, type LevelMemory } from '../hysteresis.ts';
import { because, type ZoneRule } from './ruleKind.ts';

const Settings = strictObject({
  enabled: Type.Boolean({ title: 'watch the crowd pressure', default: true, zh: '监测人群压力' }),
  limitPerS2: Type.Number({ title: 'pressure limit', description: 'Density times the variance of the velocity between neighbouring square metres. Turbulence was seen from 0.02 on.', unit: '1/s²', default: 0.02, minimum: 0.005, maximum: 1, zh: '压力阈值', descriptionZh: '密度乘以相邻平方米之间速度的方差。0.02 及以上曾出现人群湍流。' }),
  densityLeastPeoplePerM2: Type.Number({ title: 'only from this density on', description: 'Less dense, people who go different ways are no danger to each other.', unit: 'people/m²', default: 4.5, minimum: 1, maximum: 10, zh: '起判密度', descriptionZh: '密度较低时,各走各路没有危险。' }),
  raiseAfterMs: Type.Number({ title: 'raise after', description: 'How long it must last.', unit: 'ms', default: 8000, minimum: 0, maximum: 600_000, zh: '持续多久后报警', descriptionZh: '须持续多久才报警。' }),
  clearAfterMs: Type.Number({ title: 'lower after', description: 'How long it must be well again.', unit: 'ms', default: 15_000, minimum: 0, maximum: 600_000, zh: '恢复多久后解除', descriptionZh: '须恢复正常多久才解除。' }),
});
type Settings = Type.Static<typeof Settings>;
type Own = LevelMemory & { readonly [key: string]: any };

/** Falls at this share of the limit and of the density, so that it does not flutter. */
const CLEAR_SHARE = 0.7, CLEAR_DENSITY_SHARE = 0.85;
const EASE_HOLD_MS = 20_000;

const pressure: ZoneRule<Settings, Own> = {
  name: 'pressure',
  place: 'zone',
  title: { en: 'Crowd pressure', zh: '人群压力' },
  settings: Settings,
  because: {
    en: {
      pushed: 'The crowd is pushed to and fro: pressure {pressurePerS2} /s², limit {limitPerS2}, at {peoplePerM2} people/m², for {forMs}.',
      calmer: 'The crowd no longer moves to and fro, or it is less dense.',
    },
    zh: {
      pushed: '人群来回涌动:压力 {pressurePerS2} /s²,阈值 {limitPerS2},密度 {peoplePerM2} 人/m²,已持续 {forMs}。',
      calmer: '人群已不再来回涌动,或密度已下降。',
    },
  },
  firstMemory: FIRST_LEVEL_MEMORY as Own,
  judge({ place: { figures }, settings, instantMs, memory }) {
    if (figures === null) return { memory: heldLevel(memory), level: memory.level, wish: null };
    const { peoplePerM2Mean: peoplePerM2, flow } = figures, raised = memory.level !== 'calm';
    const dense = peoplePerM2 >= settings.densityLeastPeoplePerM2 * (raised ? CLEAR_DENSITY_SHARE : 1);
    if (dense && flow === null) return { memory: heldLevel(memory), level: memory.level, wish: null };
    const value = dense && flow !== null ? flow.pressurePerS2 : 0;
    // Straight to danger: there is no lesser level of a crowd that pushes.
    const next = nextLevel(memory, value, instantMs, {
      raiseAt: (level) => (level === 'critical' ? Infinity : settings.limitPerS2), clearAt: () => settings.limitPerS2 * CLEAR_SHARE,
      raiseAfterMs: settings.raiseAfterMs, clearAfterMs: settings.clearAfterMs,
    });
    const level = next.level === 'danger' ? 'danger' : 'calm', kept = next.level === 'danger' || next.level === 'calm' ? next : { ...next, ...FIRST_LEVEL_MEMORY };
    const since = kept.aboveSinceMs[2];
    return {
      memory: kept, level,
      wish: {
        level: level === 'calm' ? null : level, easeHoldMs: EASE_HOLD_MS,
        because: level === 'calm' ? because('calmer', {}) : because('pushed', { pressurePerS2: value, limitPerS2: settings.limitPerS2, peoplePerM2, forMs: since === null ? 0 : Math.max(0, instantMs - since) }),
      },
    };
  },
  refused: [{ limitPerS2: 0 }, { densityLeastPeoplePerM2: 0.5 }, { clearAfterMs: -1 }, { limit: 0.02 }],
  examples: [
    {
      says: 'a dense crowd that is pushed to and fro raises danger, and eases when it is still', settings: {},
      steps: [
        { atMs: 0, peoplePerM2: 6, flow: { pressurePerS2: 0.05 }, level: 'calm', alarm: null },
        { atMs: 8000, peoplePerM2: 6, flow: { pressurePerS2: 0.05 }, level: 'danger', alarm: 'danger' },
        { atMs: 9000, peoplePerM2: 6, flow: { pressurePerS2: 0.005 }, level: 'danger', alarm: 'danger' },
        { atMs: 24_000, peoplePerM2: 6, flow: { pressurePerS2: 0.005 }, level: 'calm', alarm: null },
      ],
    },
    {
      says: 'people who cross a place that is not dense have no pressure that matters', settings: {},
      steps: [
        { atMs: 0, peoplePerM2: 1.5, flow: { pressurePerS2: 0.8 }, level: 'calm', alarm: null },
        { atMs: 60_000, peoplePerM2: 1.5, flow: { pressurePerS2: 0.8 }, level: 'calm', alarm: null },
      ],
    },
    {
      says: 'a shove that is over at once does not raise it', settings: {},
      steps: [
        { atMs: 0, peoplePerM2: 6, flow: { pressurePerS2: 0.1 }, level: 'calm', alarm: null },
        { atMs: 4000, peoplePerM2: 6, flow: { pressurePerS2: 0.001 }, level: 'calm', alarm: null },
        { atMs: 9000, peoplePerM2: 6, flow: { pressurePerS2: 0.1 }, level: 'calm', alarm: null },
      ],
    },
    {
      says: 'between clearing and raising it holds, and a blind moment eases nothing', settings: { raiseAfterMs: 0, clearAfterMs: 0 },
      steps: [
        { atMs: 0, peoplePerM2: 6, flow: { pressurePerS2: 0.03 }, level: 'danger', alarm: 'danger' },
        { atMs: 1000, peoplePerM2: 6, flow: { pressurePerS2: 0.016 }, level: 'danger', alarm: 'danger' },
        { atMs: 2000, peoplePerM2: null, level: 'danger', alarm: null },
        { atMs: 3000, peoplePerM2: 6, flow: null, level: 'danger', alarm: null },
      ],
    },
  ],
};
export default pressure;
