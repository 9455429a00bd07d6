// Approvals by a second person in PostgreSQL: see store/approvalsStore.ts.
import type { ApprovalsStore } from '../approvalsStore.ts';
import type { Database } from './database.ts';

export function approvalsPart(_database: Database): ApprovalsStore {
  return { approval: async () => null, approvalInForce: async () => null };
}
