// When the light of a frame fell into the lens: the camera's clock where it tells one by RTCP sender reports and is not far off, else ours. Pure but for its state.

export type CaptureClock = {
  /** One packet: its time in the stream, when we had it, and the camera's wall clock for it where a sender report told. */
  heard(packet: { ptsMs: number; heardAtMs: number; cameraAtMs: number | null }): void;
  captured(frame: { ptsMs: number; heardAtMs: number }): { capturedAtMs: number; clock: 'camera' | 'ours' };
  /** The camera's clock less ours, by the packet that came fastest lately; null when the camera tells no time. */
  skewMs(): number | null;
  /** How much later than the fastest packets lately this one came: what waits in front of us, in milliseconds. */
  lateMs(packet: { ptsMs: number; heardAtMs: number }): number;
};

/** A camera further off than this is not believed: a reading an hour old or new would be thrown away by every rule. */
export const SKEW_BELIEVED_MOST_MS = 5000;

export function captureClock(): CaptureClock {
  let cameraOffsetMs: number | null = null;
  const skew = windowedMost(WINDOW_MS), fastest = windowedMost(WINDOW_MS);
  const skewMs = () => (cameraOffsetMs === null ? null : skew.most());
  return {
    heard({ ptsMs, heardAtMs, cameraAtMs }) {
      fastest.add(heardAtMs, ptsMs - heardAtMs);
      if (cameraAtMs === null) return;
      // A clock that was set jumps: what was measured before is worth nothing then.
      if (cameraOffsetMs !== null && Math.abs(cameraAtMs - ptsMs - cameraOffsetMs) > 1000) skew.forget();
      cameraOffsetMs = cameraAtMs - ptsMs;
      skew.add(heardAtMs, cameraAtMs - heardAtMs);
    },
    captured({ ptsMs, heardAtMs }) {
      const off = skewMs();
      return cameraOffsetMs === null || off === null || Math.abs(off) > SKEW_BELIEVED_MOST_MS
        ? { capturedAtMs: heardAtMs, clock: 'ours' } : { capturedAtMs: ptsMs + cameraOffsetMs, clock: 'camera' };
    },
    skewMs,
    lateMs({ ptsMs, heardAtMs }) {
      const best = fastest.most();
      return best === null ? 0 : Math.max(0, best - (ptsMs - heardAtMs));
    },
  };
}

// Long enough to span a stall, short enough that a slow drift of the camera's crystal or a new delay of the network is taken as it is.
const WINDOW_MS = 15_000;

/** The largest value of the last one to two windows, in two numbers. */
function windowedMost(windowMs: number) {
  let before: number | null = null, now: number | null = null, startedAtMs = Number.NaN;
  const larger = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.max(a, b));
  return {
    add(atMs: number, value: number) {
      if (!(atMs - startedAtMs < windowMs && atMs >= startedAtMs)) { before = now; now = null; startedAtMs = atMs; }
      now = larger(now, value);
    },
    most: () => larger(before, now),
    forget() { before = now = null; startedAtMs = Number.NaN; },
  };
}
