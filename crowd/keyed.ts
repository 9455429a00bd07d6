// Values by key, of which a copy with one value changed costs little: what rules remember changes with nearly every reading, and an earlier state must stay as it was.

/** Buckets of entries; a key's bucket is bucketOf(key). Copying one of them and the list is all that a change costs. */
export type Keyed<Value> = readonly ReadonlyMap<string, Value>[];

export function bucketOf(key: string): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) >>> 0;
  return hash % BUCKETS;
}
const BUCKETS = 256;

export function keyedOf<Value>(entries: Iterable<readonly [string, Value]>): Keyed<Value> {
  const buckets = Array.from({ length: BUCKETS }, () => new Map<string, Value>());
  for (const [key, value] of entries) buckets[bucketOf(key)]!.set(key, value);
  return buckets;
}
/** In an order that is the same for the same changes, also after keyedOf(entriesOf()). */
export const entriesOf = <Value>(keyed: Keyed<Value>): [string, Value][] => keyed.flatMap((bucket) => [...bucket]);
