// What goes out: notices to people down their ladder of channels, events to subscribed channels, announcements and commands of playbooks.
import type { Logger } from 'pino';
import type { Bus } from '../store/bus/bus.ts';
import type { Store } from '../store/store.ts';

export type Deliver = { figures(): Record<string, number>; close(): Promise<void> };

export async function runDeliver(_parts: { store: Store; bus: Bus; log: Logger; holder: string; settings: { publicAddress: string } }): Promise<Deliver> {
  return { figures: () => ({}), close: async () => {} };
}
