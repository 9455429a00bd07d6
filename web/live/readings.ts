// The newest reading of each sensor, handed to the heat layer without passing through React. A ghost (older epoch) or a late one is counted and left.
import type { Reading } from '../../contract/reading.ts';

export type ReadingBook = ReturnType<typeof readingBook>;

export function readingBook() {
  const newestOf = new Map<string, Reading>();
  const listeners = new Set<(reading: Reading) => void>();
  let ghosts = 0;
  return {
    take(reading: Reading): boolean {
      const known = newestOf.get(reading.sensorId);
      if (known !== undefined && (reading.epoch < known.epoch || (reading.epoch === known.epoch && reading.seq <= known.seq))) { ghosts++; return false; }
      newestOf.set(reading.sensorId, reading);
      for (const listener of listeners) listener(reading);
      return true;
    },
    /** Those of a site, whatever their age. */
    ofSite: (siteId: string): Reading[] => [...newestOf.values()].filter((reading) => reading.siteId === siteId),
    newest: (sensorId: string): Reading | null => newestOf.get(sensorId) ?? null,
    /** Sensors that are gone keep no picture of the ground. */
    keepOnly(sensorIds: ReadonlySet<string>): void {
      for (const sensorId of newestOf.keys()) if (!sensorIds.has(sensorId)) newestOf.delete(sensorId);
    },
    onReading(listener: (reading: Reading) => void): () => void { listeners.add(listener); return () => { listeners.delete(listener); }; },
    ghosts: () => ghosts,
  };
}
