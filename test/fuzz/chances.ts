// Chance for fuzzers: a seed says all that follows (mulberry32).
export type Chance = { random(): number; below(most: number): number; one<T>(of: readonly T[]): T; yes(share: number): boolean };

export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (most: number) => Math.floor(random() * most);
  return { random, below, one: (of) => of[below(of.length)]!, yes: (share) => random() < share };
}
