// Tells screens that units, people, policies or playbooks are others now. Not waited for: who does not hear it sees the new version with the next overview.
import { topics } from '../store/bus/bus.ts';
import type { ServerParts } from './parts.ts';

export function tellUnitsChanged({ store, bus, log }: Pick<ServerParts, 'store' | 'bus' | 'log'>): void {
  store.unitsVersion().then((version) => bus.publish(topics.unitsChanged, Buffer.from(JSON.stringify(version))))
    .catch((error: unknown) => log.warn({ err: error }, 'a change of the units could not be told'));
}
