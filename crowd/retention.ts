// How long what is kept at a unit: what is set there or above, the nearest first, within the bounds of the legal preset in force.
import { PRESET_BOUNDS, RETENTION_BOUNDS, RETENTION_KINDS, type RetentionInForce, type RetentionKind, type RetentionPreset, type RetentionSet } from '../contract/privacy.ts';

export type RetentionDefaults = Record<RetentionKind, number>;

/** `chain`: the unit and those above it, the lowest first; the whole installation (null) comes after them by itself. `defaults` in hours, for the whole installation. */
export function retentionInForce(chain: readonly string[], sets: readonly RetentionSet[], defaults: RetentionDefaults): RetentionInForce {
  const byUnit = new Map(sets.map((set) => [set.unitId, set])), unitId = chain[0] ?? null, lookedAt = [...chain, null];
  const presetFrom = lookedAt.find((at) => (byUnit.get(at)?.preset ?? null) !== null) ?? null, preset: RetentionPreset = byUnit.get(presetFrom)?.preset ?? 'none';
  const kinds = RETENTION_KINDS.map((kind): RetentionInForce['kinds'][number] => {
    const bounds = boundsOf(kind, preset), setAt = lookedAt.find((at) => byUnit.get(at)?.hours[kind] !== undefined);
    const wanted = setAt === undefined ? PRESET_BOUNDS[preset][kind]?.usualHours ?? defaults[kind] : byUnit.get(setAt)!.hours[kind]!;
    const hours = Math.min(bounds.mostHours, Math.max(bounds.leastHours, wanted));
    // What was set before a stricter law came into force above it does not outlive that law.
    return { kind, hours, from: hours !== wanted || (setAt === undefined && PRESET_BOUNDS[preset][kind] !== undefined) ? 'preset' : setAt === undefined ? 'settings' : setAt === unitId ? 'here' : 'above', ...bounds };
  });
  return { unitId, preset, presetFrom, kinds };
}

export function boundsOf(kind: RetentionKind, preset: RetentionPreset): { leastHours: number; mostHours: number } {
  const { leastHours, mostHours } = RETENTION_BOUNDS[kind], narrowed = PRESET_BOUNDS[preset][kind];
  return { leastHours: Math.max(leastHours, narrowed?.leastHours ?? 0), mostHours: Math.min(mostHours, narrowed?.mostHours ?? Infinity) };
}

/** The first kind that is set outside of what the preset allows there; null: all of it may be. */
export function outOfBounds(set: RetentionSet, preset: RetentionPreset): { kind: RetentionKind; leastHours: number; mostHours: number } | null {
  for (const kind of RETENTION_KINDS) {
    const hours = set.hours[kind], bounds = boundsOf(kind, preset);
    if (hours !== undefined && (hours < bounds.leastHours || hours > bounds.mostHours)) return { kind, ...bounds };
  }
  return null;
}

/** "3 days", "72 小时". */
export function spanWords(hours: number, language: 'en' | 'zh'): string {
  const days = hours / 24, whole = Number.isInteger(days) && days > 3;
  return language === 'en' ? (whole ? `${days} days` : `${hours} h`) : whole ? `${days} 天` : `${hours} 小时`;
}
