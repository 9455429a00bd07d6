// Accounts, sessions, tokens and invitations in PostgreSQL: see store/accountsStore.ts.
import type { AccountsStore } from '../accountsStore.ts';
import type { Database } from './database.ts';

export function accountsPart(_database: Database): AccountsStore {
  return { account: async () => null, accounts: async () => [] };
}
