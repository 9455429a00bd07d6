// Units in PostgreSQL: see store/unitsStore.ts.
import type { Logger } from 'pino';
import type { UnitsStore } from '../unitsStore.ts';
import type { Database } from './database.ts';

export type UnitsPart = UnitsStore & { closeUnits(): Promise<void> };

export function unitsPart(_database: Database, _log: Logger): UnitsPart {
  return { unitsVersion: async () => 0, closeUnits: async () => {} } as unknown as UnitsPart;
}
