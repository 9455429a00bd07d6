// When to look at key frames only, and when there is room again. Pure: told what was chosen and dropped, it says which cameras look at what.

export type CameraLoad = { sensorId: string; framesChosen: number; framesDropped: number; decodedPerS: number; framesUsed: 'all' | 'keyframes' };
export type OverloadState = {
  /** For each host: since when too much is dropped, since when nothing is; null when it is not so. */
  droppingSinceMs: number | null; roomSinceMs: number | null;
  /** How long there must be room before the next camera is let back; grows when letting one back was too much. */
  roomNeededMs: number;
  lastBackAtMs: number | null;
};
export type OverloadMode = 'auto' | 'always' | 'never';

export const calmLoad = (): OverloadState => ({ droppingSinceMs: null, roomSinceMs: null, roomNeededMs: ROOM_FIRST_MS, lastBackAtMs: null });

/** `loads` are the figures of one host since the last call, a second or so ago. At most one camera changes in a call. */
export function judgeLoad(state: OverloadState, loads: CameraLoad[], mode: OverloadMode, nowMs: number): { state: OverloadState; changes: { sensorId: string; framesUsed: 'all' | 'keyframes' }[] } {
  if (mode !== 'auto') {
    const wanted = mode === 'always' ? 'keyframes' as const : 'all' as const;
    return { state, changes: loads.filter((load) => load.framesUsed !== wanted).map(({ sensorId }) => ({ sensorId, framesUsed: wanted })) };
  }
  const chosen = loads.reduce((sum, load) => sum + load.framesChosen, 0);
  const dropped = loads.reduce((sum, load) => sum + load.framesDropped, 0);
  const share = chosen === 0 ? 0 : dropped / chosen;
  // Between the two shares it stays as it is.
  const droppingSinceMs = share > DROPPING_SHARE ? state.droppingSinceMs ?? nowMs : share > ROOM_SHARE ? state.droppingSinceMs : null;
  const roomSinceMs = share <= ROOM_SHARE && chosen > 0 ? state.roomSinceMs ?? nowMs : null;
  const next = { ...state, droppingSinceMs, roomSinceMs };
  if (droppingSinceMs !== null && nowMs - droppingSinceMs >= DROPPING_FOR_MS) {
    const busiest = loads.filter((load) => load.framesUsed === 'all').sort((a, b) => b.decodedPerS - a.decodedPerS || (a.sensorId < b.sensorId ? -1 : 1))[0];
    if (busiest === undefined) return { state: next, changes: [] };
    // One that was let back and is too much again: wait twice as long the next time.
    const tooSoon = state.lastBackAtMs !== null && nowMs - state.lastBackAtMs < 2 * state.roomNeededMs;
    return {
      state: { ...next, droppingSinceMs: nowMs - DROPPING_FOR_MS + DROPPING_MORE_MS, roomNeededMs: tooSoon ? Math.min(ROOM_MOST_MS, state.roomNeededMs * 2) : state.roomNeededMs, lastBackAtMs: null },
      changes: [{ sensorId: busiest.sensorId, framesUsed: 'keyframes' }],
    };
  }
  if (roomSinceMs !== null && nowMs - roomSinceMs >= state.roomNeededMs) {
    const back = loads.filter((load) => load.framesUsed === 'keyframes').sort((a, b) => (a.sensorId < b.sensorId ? -1 : 1))[0];
    if (back !== undefined) return { state: { ...next, roomSinceMs: nowMs, lastBackAtMs: nowMs }, changes: [{ sensorId: back.sensorId, framesUsed: 'all' }] };
    return { state: { ...next, roomNeededMs: ROOM_FIRST_MS }, changes: [] };
  }
  return { state: next, changes: [] };
}

const DROPPING_SHARE = 0.2, ROOM_SHARE = 0.02;
const DROPPING_FOR_MS = 10_000, DROPPING_MORE_MS = 5_000;
const ROOM_FIRST_MS = 30_000, ROOM_MOST_MS = 600_000;
