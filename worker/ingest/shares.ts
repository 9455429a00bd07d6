// How several ingests divide the cameras: each knows how many others live and holds no more than its part. Leases decide who has which; this only who asks.

/** Told by each ingest once a second. */
export type ShareNote = { holder: string; cameras: number };
export const SHARE_TOPIC = 'ingestShares';
/** An ingest that was not heard for this long is taken for dead; with the lease of 3 s its cameras are elsewhere within 5 s. */
export const SHARE_ALIVE_MS = 2500;

export function shareTable() {
  const heard = new Map<string, { cameras: number; atMs: number }>();
  const alive = (nowMs: number) => {
    for (const [holder, note] of heard) if (nowMs - note.atMs > SHARE_ALIVE_MS) heard.delete(holder);
    return heard;
  };
  return {
    hear(note: ShareNote, nowMs: number) { if (heard.size < 1000) heard.set(note.holder, { cameras: note.cameras, atMs: nowMs }); },
    /** Most cameras that this one should hold, of `total`. */
    most: (own: string, total: number, nowMs: number) => Math.ceil(total / (1 + [...alive(nowMs).keys()].filter((holder) => holder !== own).length)),
    /** One camera too many here while another has fewer than its part: let one go. */
    shouldGive(own: string, held: number, total: number, nowMs: number): boolean {
      const others = [...alive(nowMs)].filter(([holder]) => holder !== own);
      const part = total / (1 + others.length);
      return others.length > 0 && held > Math.ceil(part) && others.some(([, note]) => note.cameras < Math.floor(part));
    },
  };
}
