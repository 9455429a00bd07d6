// What lasts of accounts, sessions, tokens and invitations. Part of Store.
import type { Account } from '../contract/account.ts';

export interface AccountsStore {
  account(accountId: string): Promise<Account | null>;
  accounts(): Promise<Account[]>;
}
