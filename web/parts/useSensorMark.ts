// What every sign of a camera needs: its status, how it looks now, whether it is the chosen one, and choosing it.
import type { Sensor } from '../../contract/site.ts';
import type { SensorStatus } from '../../contract/sensorStatus.ts';
import { useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { useDesk } from '../shell/chosen.ts';
import { sensorLook, type SensorLook } from './sensorLook.ts';

export function useSensorMark(sensor: Sensor): { status: SensorStatus | undefined; look: SensorLook; isChosen: boolean; onChoose(): void } {
  const { chosen, choose } = useDesk();
  const nowMs = useServerNowMs();
  const status = useScreen((screen) => screen.sensors.get(sensor.sensorId));
  return {
    status, look: sensorLook(sensor, status, nowMs), isChosen: chosen?.kind === 'sensor' && chosen.sensorId === sensor.sensorId,
    onChoose: () => choose({ kind: 'sensor', sensorId: sensor.sensorId }),
  };
}
