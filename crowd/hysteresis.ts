// Levels that do not flutter: up after a dwell above a limit, down one step at a time after a dwell below a lower one. Used by every rule with limits.
import { LEVELS, levelRank, type Level } from '../contract/level.ts';

type Raised = Exclude<Level, 'calm'>;
/** Plain JSON, so that a decider's state can be kept. Instants are of the caller's clock; null: not so now. */
export type LevelMemory = { level: Level; aboveSinceMs: [number | null, number | null, number | null, number | null]; belowSinceMs: number | null };
export const FIRST_LEVEL_MEMORY: LevelMemory = { level: 'calm', aboveSinceMs: [null, null, null, null], belowSinceMs: null };

export type LevelLimits = {
  raiseAt(level: Raised): number;
  /** Must lie under raiseAt(level). */
  clearAt(level: Raised): number;
  raiseAfterMs: number; clearAfterMs: number;
};

/**
 * HY rules of docs/SPEC.md. Up goes straight to the highest level whose dwell is over; down goes one level, and the dwell of the next begins then.
 * Returns the same object when nothing changed, so that a quiet zone costs nothing. What a rule keeps beside the level in its memory stays in it.
 */
export function nextLevel<Memory extends LevelMemory>(memory: Memory, value: number, instantMs: number, limits: LevelLimits): Memory {
  let above = memory.aboveSinceMs, level: Level = memory.level;
  for (let at = 0; at < RAISED.length; at++) {
    const since = value >= limits.raiseAt(RAISED[at]!) ? above[at] ?? instantMs : null;
    if (since !== above[at]) {
      if (above === memory.aboveSinceMs) above = [...above];
      above[at] = since;
    }
    // A dwell of 0 raises at once; an instant before `since` (a clock set back) is no time at all.
    if (since !== null && instantMs - since >= limits.raiseAfterMs && at + 1 > levelRank(level)) level = RAISED[at]!;
  }
  let below: number | null = memory.belowSinceMs;
  if (level !== memory.level || level === 'calm' || value >= limits.clearAt(level)) below = null;
  else {
    below ??= instantMs;
    if (instantMs - below >= limits.clearAfterMs) {
      level = LEVELS[levelRank(level) - 1]!;
      below = level !== 'calm' && value < limits.clearAt(level) ? instantMs : null;
    }
  }
  return above !== memory.aboveSinceMs || below !== memory.belowSinceMs || level !== memory.level ? { ...memory, level, aboveSinceMs: above, belowSinceMs: below } : memory;
}

/** Nobody could look: the level is held, and every dwell starts anew, for what was not seen did not last. */
export function heldLevel<Memory extends LevelMemory>(memory: Memory): Memory {
  return memory.belowSinceMs === null && memory.aboveSinceMs.every((since) => since === null) ? memory : { ...memory, ...FIRST_LEVEL_MEMORY, level: memory.level };
}

export const RAISED: readonly Raised[] = ['notice', 'warning', 'danger', 'critical'];
