// What a camera is doing, as one word: for its row, its mark on the map and its card.
import type { Sensor } from '../../contract/site.ts';
import type { SensorStatus } from '../../contract/sensorStatus.ts';
import { isPrepared } from './demoState.ts';

/** Ingest tells once a second; after this nobody holds the camera. */
export const STATUS_STALE_AFTER_MS = 8000;

export type SensorLook = 'counting' | 'problem' | 'waiting' | 'connecting' | 'starting' | 'unplaced' | 'preparing' | 'off' | 'unknown';

export function sensorLook(sensor: Sensor, status: SensorStatus | undefined, nowMs: number): SensorLook {
  if (!sensor.enabled) return isPrepared(sensor, status, nowMs) ? 'preparing' : 'off';
  if (status === undefined || nowMs - status.atMs > STATUS_STALE_AFTER_MS) return 'unknown';
  switch (status.phase) {
    case 'counting': return status.problem !== null ? 'problem' : sensor.calibration === null ? 'unplaced' : 'counting';
    case 'waiting': return status.problem !== null ? 'problem' : 'waiting';
    case 'starting': case 'connecting': case 'off': return status.phase;
  }
}
