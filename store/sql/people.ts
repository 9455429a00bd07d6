// People in PostgreSQL: see store/peopleStore.ts.
import type { Logger } from 'pino';
import type { PeopleStore } from '../peopleStore.ts';
import type { UnitsStore } from '../unitsStore.ts';
import type { Database } from './database.ts';

export type PeoplePart = PeopleStore & { closePeople(): Promise<void> };

export function peoplePart(_database: Database, _log: Logger, _with: { unitChain: UnitsStore['unitChain']; localMinuteOf: (utcMinute: number) => number }): PeoplePart {
  return { closePeople: async () => {} } as unknown as PeoplePart;
}
