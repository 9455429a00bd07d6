// The desk: alarms become incidents, and time passes for them. One at a time in the whole system (lease 'desk').
import type { Logger } from 'pino';
import type { Bus } from '../store/bus/bus.ts';
import type { Store } from '../store/store.ts';

export type Desk = { figures(): Record<string, number>; close(): Promise<void> };

export async function runDesk(_parts: { store: Store; bus: Bus; log: Logger; holder: string }): Promise<Desk> {
  return { figures: () => ({}), close: async () => {} };
}
