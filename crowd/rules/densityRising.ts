// A zone fills fast: its density grows by more than so much a minute over a window, and is no longer small. Says so before a limit is reached, while there is time to steer.
import Type from 'typebox';
import { limitOf } from '../../contract/level.ts';
import { strictObject } from '../../contract/schema.ts';
import { because, type ZoneRule } from './ruleKind.ts';

const Settings = strictObject({
  enabled: Type.Boolean({ title: 'watch how fast it fills', default: true, zh: '监测上升速度' }),
  risePeoplePerM2: Type.Number({ title: 'growth in a minute', description: 'How much denser it may get in one minute.', unit: 'people/m²', default: 1, minimum: 0.1, maximum: 5, zh: '每分钟增量', descriptionZh: '一分钟内密度允许上升多少。' }),
  windowMs: Type.Number({ title: 'looked at over', description: 'The growth is that over this time, so that a group which walks in is not a trend.', unit: 'ms', default: 45_000, minimum: 10_000, maximum: 600_000, zh: '观察时长', descriptionZh: '按这段时间内的增量判断,避免把走入的一群人当作趋势。' }),
  fromShare: Type.Number({ title: 'only from this share of the notice limit', description: 'An empty place may fill.', unit: 'share', default: 0.7, minimum: 0, maximum: 2, zh: '起判占比(提示阈值)', descriptionZh: '空旷处可以正常进人。' }),
});
type Settings = Type.Static<typeof Settings>;
/** Means of equal parts of the window, oldest first, as [begin, sum, looks]; `raised` from the raising until the growth is clearly over. */
type Own = { readonly parts: readonly (readonly [number, number, number])[]; readonly raised: boolean; readonly [key: string]: any };

const PARTS = 6;
/** Over again when it grows by less than this share of the limit. */
const CLEAR_SHARE = 0.3;
/** Longer without a look than this share of the window, and what was before says nothing of a trend. */
const GAP_SHARE_MOST = 0.5;
const EASE_HOLD_MS = 20_000;

const densityRising: ZoneRule<Settings, Own> = {
  name: 'densityRising',
  place: 'zone',
  title: { en: 'Filling fast', zh: '密度快速上升' },
  settings: Settings,
  because: {
    en: {
      rising: 'Denser by {risePeoplePerM2} people/m² a minute, now {peoplePerM2} ± {errorPeoplePerM2}. At this rate the warning limit of {limitPeoplePerM2} is reached in {reachedInMs}.',
      risingAbove: 'Denser by {risePeoplePerM2} people/m² a minute, now {peoplePerM2} ± {errorPeoplePerM2}, above the warning limit of {limitPeoplePerM2}.',
      steady: 'It no longer fills: {peoplePerM2} ± {errorPeoplePerM2} people/m².',
    },
    zh: {
      rising: '每分钟上升 {risePeoplePerM2} 人/m²,目前 {peoplePerM2} ± {errorPeoplePerM2}。按此速度将在 {reachedInMs}后达到警告阈值 {limitPeoplePerM2}。',
      risingAbove: '每分钟上升 {risePeoplePerM2} 人/m²,目前 {peoplePerM2} ± {errorPeoplePerM2},已超过警告阈值 {limitPeoplePerM2}。',
      steady: '密度不再上升:{peoplePerM2} ± {errorPeoplePerM2} 人/m²。',
    },
  },
  firstMemory: { parts: [], raised: false },
  judge({ place: { zone, figures }, settings, instantMs, memory }) {
    const level = memory.raised ? 'notice' : 'calm';
    if (figures === null) return { memory, level, wish: null };
    const { peoplePerM2Mean: value, peoplePerM2Error: error } = figures, partMs = settings.windowMs / PARTS;
    const parts = added(memory.parts, value, instantMs, partMs, settings.windowMs);
    const risePerMin = riseOf(parts, settings.windowMs, instantMs);
    // Too short a look to tell: what stands, stands.
    if (risePerMin === null) return { memory: { ...memory, parts }, level, wish: memory.raised ? null : { level: null, easeHoldMs: EASE_HOLD_MS, because: because('steady', { peoplePerM2: value, errorPeoplePerM2: error }) } };
    const enough = value >= settings.fromShare * limitOf(zone.limits, 'notice');
    const raised = memory.raised ? risePerMin >= CLEAR_SHARE * settings.risePeoplePerM2 : enough && risePerMin >= settings.risePeoplePerM2;
    const limitPeoplePerM2 = limitOf(zone.limits, 'warning'), figuresSaid = { risePeoplePerM2: risePerMin, peoplePerM2: value, errorPeoplePerM2: error, limitPeoplePerM2 };
    return {
      memory: { parts, raised }, level: raised ? 'notice' : 'calm',
      wish: {
        level: raised ? 'notice' : null, easeHoldMs: EASE_HOLD_MS,
        because: !raised ? because('steady', { peoplePerM2: value, errorPeoplePerM2: error })
          : value >= limitPeoplePerM2 ? because('risingAbove', figuresSaid) : because('rising', { ...figuresSaid, reachedInMs: Math.round((limitPeoplePerM2 - value) / risePerMin * 60_000) }),
      },
    };
  },
  refused: [{ risePeoplePerM2: 0 }, { windowMs: 1000 }, { fromShare: -1 }, { after: 3 }],
  examples: [
    {
      says: 'two people/m² more in a minute is said before the limit is reached, and is over when it stays as it is', settings: { windowMs: 60_000 },
      steps: [
        ...[1, 1.3, 1.6, 1.9, 2.2, 2.5].map((peoplePerM2, i) => ({ atMs: i * 10_000, peoplePerM2, level: 'calm' as const, alarm: null })),
        { atMs: 60_000, peoplePerM2: 2.8, level: 'notice', alarm: 'notice' },
        ...[2.8, 2.8, 2.8].map((peoplePerM2, i) => ({ atMs: 70_000 + i * 10_000, peoplePerM2, level: 'notice' as const, alarm: 'notice' as const })),
        { atMs: 100_000, peoplePerM2: 2.8, level: 'notice', alarm: 'notice' },
        { atMs: 110_000, peoplePerM2: 2.8, level: 'calm', alarm: null },
      ],
    },
    {
      says: 'an empty place may fill, and a full one may stay', settings: { windowMs: 60_000 },
      steps: [0, 0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.3].map((peoplePerM2, i) => ({ atMs: i * 10_000, peoplePerM2, level: 'calm' as const, alarm: null })),
    },
    {
      says: 'a blind minute is no trend', settings: { windowMs: 60_000 },
      steps: [
        { atMs: 0, peoplePerM2: 1, level: 'calm', alarm: null },
        { atMs: 10_000, peoplePerM2: null, level: 'calm', alarm: null },
        { atMs: 70_000, peoplePerM2: 3.2, level: 'calm', alarm: null },
        { atMs: 80_000, peoplePerM2: 3.2, level: 'calm', alarm: null },
      ],
    },
  ],
};
export default densityRising;

/** The looks with this one, without those that the window has left behind. */
function added(parts: Own['parts'], value: number, instantMs: number, partMs: number, windowMs: number): Own['parts'] {
  const last = parts.at(-1);
  // A clock that went back, or a gap: what was before is forgotten.
  if (last !== undefined && (instantMs < last[0] || instantMs - last[0] > partMs + GAP_SHARE_MOST * windowMs)) return [[instantMs, value, 1]];
  const next = last !== undefined && instantMs - last[0] < partMs ? [...parts.slice(0, -1), [last[0], last[1] + value, last[2] + 1] as const] : [...parts, [instantMs, value, 1] as const];
  return next.filter(([beginMs]) => instantMs - beginMs < windowMs + partMs);
}

/** Growth a minute by the straight line through the parts; null while they span less than the window. */
function riseOf(parts: Own['parts'], windowMs: number, instantMs: number): number | null {
  if (parts.length < 3 || instantMs - parts[0]![0] < windowMs * (1 - 1 / PARTS) + 1) return null;
  let t = 0, d = 0;
  for (const [beginMs, sum, looks] of parts) { t += beginMs - instantMs; d += sum / looks; }
  t /= parts.length; d /= parts.length;
  let td = 0, tt = 0;
  for (const [beginMs, sum, looks] of parts) { const off = beginMs - instantMs - t; td += off * (sum / looks - d); tt += off * off; }
  return tt > 0 ? (td / tt) * 60_000 : null;
}
