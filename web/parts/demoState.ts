// What the demo does now. Its video is drawn after the start; until then its camera is turned off and the drawing tells, as that camera's status, when it expects to be done.
import type { Sensor, SiteConfig } from '../../contract/site.ts';
import type { SensorStatus } from '../../contract/sensorStatus.ts';
import type { Screen } from '../live/store.ts';
import { STATUS_STALE_AFTER_MS } from './sensorLook.ts';

export type DemoState = 'preparing' | 'running' | 'off';

/** Of one site that is a demo. 'off': nobody draws its video and no camera of it is turned on. */
export function demoState(config: SiteConfig, screen: Pick<Screen, 'sensors' | 'line'>): DemoState {
  if (config.sensors.some(({ enabled }) => enabled)) return 'running';
  return config.sensors.some((sensor) => isPrepared(sensor, screen.sensors.get(sensor.sensorId), screen.line.heardAtMs)) ? 'preparing' : 'off';
}

/** When the video is expected; null where none is being prepared. */
export function demoReadyAtMs(config: SiteConfig, screen: Pick<Screen, 'sensors' | 'line'>): number | null {
  for (const sensor of config.sensors) {
    const status = screen.sensors.get(sensor.sensorId);
    if (isPrepared(sensor, status, screen.line.heardAtMs)) return status?.nextTryAtMs ?? null;
  }
  return null;
}

/** Whether a zone is unseen because the video of its demo is still being prepared. */
export const awaitsDemo = (screen: Screen, zoneId: string): boolean =>
  screen.sites.some((config) => config.site.demo && config.zones.some((zone) => zone.zoneId === zoneId) && demoState(config, screen) === 'preparing');

/** A camera that is turned off and yet waits, told by no ingest (whose epochs begin at 1). */
export const isPrepared = (sensor: Sensor, status: SensorStatus | undefined, nowMs: number): status is SensorStatus =>
  !sensor.enabled && status !== undefined && status.epoch === 0 && status.phase === 'waiting' && nowMs - status.atMs <= STATUS_STALE_AFTER_MS;
