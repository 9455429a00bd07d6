// Retention, holds and purge reports in PostgreSQL: see store/privacyStore.ts.
import type { PrivacyStore } from '../privacyStore.ts';
import type { Database } from './database.ts';

export function privacyPart(_database: Database): PrivacyStore {
  return {};
}
