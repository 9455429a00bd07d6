// Outlines with fewer corners for a map that shows them small (Douglas and Peucker 1973). For the eye only: neighbours are thinned apart, so no decision is ever made from these.
import type { Ring7, Shape7 } from './shape.ts';

/** What is farther than `toleranceX7` (longitude) or `toleranceY7` (latitude), 1e-7 degrees, stays. Holes and parts that vanish at this size are left out, but for the largest part. */
export function thinShape(shape: Shape7, toleranceX7: number, toleranceY7: number): Shape7 {
  const parts = shape.map(([outer, ...holes]) => [thinRing(outer!, toleranceX7, toleranceY7), ...holes.map((hole) => thinRing(hole, toleranceX7, toleranceY7)).filter((hole) => isSeen(hole, toleranceX7, toleranceY7))]);
  const seen = parts.filter(([outer]) => isSeen(outer!, toleranceX7, toleranceY7));
  return seen.length > 0 ? seen : [parts.reduce((largest, part) => (part[0]!.length > largest[0]!.length ? part : largest))];
}
function isSeen(ring: Ring7, toleranceX7: number, toleranceY7: number): boolean {
  if (ring.length < 6) return false;
  for (let i = 2; i < ring.length; i += 2) if (Math.abs(ring[i]! - ring[0]!) > toleranceX7 || Math.abs(ring[i + 1]! - ring[1]!) > toleranceY7) return true;
  return false;
}

/** At least three corners stay. */
function thinRing(ring: Ring7, toleranceX7: number, toleranceY7: number): Ring7 {
  const n = ring.length / 2;
  if (n <= 4) return ring;
  const x = (i: number) => ring[2 * (i % n)]! / toleranceX7, y = (i: number) => ring[2 * (i % n) + 1]! / toleranceY7;
  const stays = new Uint8Array(n);
  let far = 1;
  for (let i = 2; i < n; i++) if (Math.hypot(x(i) - x(0), y(i) - y(0)) > Math.hypot(x(far) - x(0), y(far) - y(0))) far = i;
  stays[0] = stays[far] = 1;
  let kept = 2;
  const stack: [number, number][] = [[0, far], [far, n]];
  while (stack.length > 0) {
    const [from, to] = stack.pop()!;
    const dx = x(to) - x(from), dy = y(to) - y(from), length2 = dx * dx + dy * dy;
    let worst = 0, at = -1;
    for (let i = from + 1; i < to; i++) {
      const px = x(i) - x(from), py = y(i) - y(from), share = length2 === 0 ? 0 : Math.max(0, Math.min(1, (px * dx + py * dy) / length2));
      const off = (px - share * dx) ** 2 + (py - share * dy) ** 2;
      if (off > worst) { worst = off; at = i; }
    }
    if (at < 0 || (worst <= 1 && (kept >= 3 || stack.length > 0))) continue;
    stays[at] = 1;
    kept++;
    stack.push([from, at], [at, to]);
  }
  if (kept < 3) return ring.slice(0, 6);
  const thin = new Int32Array(2 * kept);
  for (let i = 0, into = 0; i < n; i++) if (stays[i] === 1) { thin[into++] = ring[2 * i]!; thin[into++] = ring[2 * i + 1]!; }
  return thin;
}
