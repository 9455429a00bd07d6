// What the pages of accounts ask of the server.
import type { Account, Me, Session, ApiToken } from '../../contract/account.ts';
import type { AccountAdd, AccountChange, AccountList, Invited, JoinBody, JoinSeen, SignInAnswer, TokenBody, TokenMade } from '../../contract/apiAccounts.ts';
import { ask } from '../setup/api.ts';

export type { Answer, Trouble } from '../setup/api.ts';

const path = (...parts: string[]) => `/api/${parts.map(encodeURIComponent).join('/')}`;
export const accountApi = {
  me: () => ask<Me>('GET', path('me')),
  signIn: (signInName: string, password: string) => ask<SignInAnswer>('POST', path('session'), { signInName, password }),
  changeLanguage: (language: 'en' | 'zh') => ask<Account>('PUT', path('me'), { language }),
  changePassword: (now: string, next: string) => ask<null>('POST', path('me', 'password'), { now, next }),
  sessions: () => ask<{ sessions: Session[] }>('GET', path('me', 'sessions')),
  endSession: (sessionId: string) => ask<null>('DELETE', path('me', 'sessions', sessionId)),
  endOtherSessions: () => ask<null>('DELETE', path('me', 'sessions')),
  tokens: () => ask<{ tokens: ApiToken[] }>('GET', path('me', 'tokens')),
  addToken: (body: TokenBody) => ask<TokenMade>('POST', path('me', 'tokens'), body),
  endToken: (tokenId: string) => ask<null>('DELETE', path('me', 'tokens', tokenId)),
  accounts: () => ask<AccountList>('GET', path('accounts')),
  addAccount: (body: AccountAdd) => ask<Invited>('POST', path('accounts'), body),
  changeAccount: (accountId: string, body: AccountChange) => ask<Account>('PUT', path('accounts', accountId), body),
  removeAccount: (accountId: string) => ask<null>('DELETE', path('accounts', accountId)),
  link: (accountId: string) => ask<Invited>('POST', path('accounts', accountId, 'link')),
  sessionsOf: (accountId: string) => ask<{ sessions: Session[] }>('GET', path('accounts', accountId, 'sessions')),
  endSessionsOf: (accountId: string) => ask<null>('DELETE', path('accounts', accountId, 'sessions')),
  joinLook: (secret: string) => ask<JoinSeen>('POST', path('join', 'look'), { secret }),
  join: (body: JoinBody) => ask<{ signInName: string }>('POST', path('join'), body),
};
