// What lasts of accounts, sessions, tokens and invitations. Part of Store. What opens a door is given and kept as SHA-256 (32 bytes); only server/access/ knows the words themselves.
import type { RoleAt, Right } from '../contract/access.ts';
import type { Account, ApiToken, Session } from '../contract/account.ts';

export type AccountBody = { accountId?: string; signInName: string; name: string; language: 'en' | 'zh'; roles: readonly RoleAt[]; memberId: string | null; enabled: boolean; kind?: Account['kind']; issuer?: string | null; subject?: string | null; passwordHash?: string | null; mustChange?: boolean };
export type AccountSecrets = { account: Account; passwordHash: string | null; mustChange: boolean };
export type KeptSession = Omit<Session, 'current'> & { accountId: string; factorAtMs: number | null };
export type KeptToken = ApiToken & { accountId: string };
export type Invitation = { invitationId: string; accountId: string; kind: 'invitation' | 'recovery'; byName: string; createdAtMs: number; expiresAtMs: number };

export interface AccountsStore {
  account(accountId: string): Promise<Account | null>;
  accounts(): Promise<Account[]>;
  /** Ids of those that nobody has joined yet, or that sign in elsewhere. */
  accountsWithoutPassword(): Promise<string[]>;
  /** By what is typed at the door, however capitalised. */
  accountBySignInName(signInName: string): Promise<AccountSecrets | null>;
  accountSecrets(accountId: string): Promise<AccountSecrets | null>;
  accountBySubject(issuer: string, subject: string): Promise<Account | null>;
  /** Rejects with Problem signInNameTaken, notFound (a unit or member that is not there), tooMany. */
  addAccount(body: AccountBody): Promise<Account>;
  /** Makes the account only when there is none at all; null otherwise. Two processes that start at once make one. */
  addFirstAccount(body: AccountBody): Promise<Account | null>;
  /** Null when there is none. Rejects with Problem lastAdministrator when nobody would be left who may do everything. Taking a role away or disabling is heard by every process (onAccess); disabling ends the sessions and tokens. */
  changeAccount(accountId: string, change: Partial<Pick<AccountBody, 'signInName' | 'name' | 'language' | 'roles' | 'memberId' | 'enabled'>>): Promise<Account | null>;
  /** As changeAccount. False when there was none. */
  removeAccount(accountId: string): Promise<boolean>;
  /** Ends all sessions but `keepSessionId`, and open invitations. */
  keepPassword(accountId: string, passwordHash: string | null, options: { mustChange: boolean; keepSessionId: string | null }): Promise<void>;

  addSession(session: { accountId: string; secretHash: Uint8Array; nowMs: number; idleUntilMs: number; endsAtMs: number; address: string; browser: string; factorAtMs?: number | null }): Promise<KeptSession>;
  /** Neither idle nor over at nowMs, of an account that is enabled. */
  sessionBySecret(secretHash: Uint8Array, nowMs: number): Promise<KeptSession | null>;
  sessionsOf(accountId: string, nowMs: number): Promise<KeptSession[]>;
  /** Somebody used it: never beyond its end. */
  touchSession(sessionId: string, nowMs: number, idleUntilMs: number): Promise<void>;
  noteFactor(sessionId: string, atMs: number): Promise<void>;
  /** Of this account only. */
  endSession(accountId: string, sessionId: string): Promise<boolean>;
  endSessions(accountId: string, exceptSessionId: string | null): Promise<number>;

  /** Rejects with Problem tooMany. */
  addToken(token: { accountId: string; secretHash: Uint8Array; name: string; rights: readonly Right[]; unitId: string | null; createdAtMs: number; expiresAtMs: number }): Promise<KeptToken>;
  tokenBySecret(secretHash: Uint8Array, nowMs: number): Promise<KeptToken | null>;
  tokensOf(accountId: string, nowMs: number): Promise<KeptToken[]>;
  tokenUsed(tokenId: string, nowMs: number): Promise<void>;
  endToken(accountId: string, tokenId: string): Promise<boolean>;

  /** Older ones of the account are over. */
  addInvitation(invitation: { accountId: string; secretHash: Uint8Array; kind: Invitation['kind']; byName: string; nowMs: number; expiresAtMs: number }): Promise<Invitation>;
  invitationBySecret(secretHash: Uint8Array, nowMs: number): Promise<Invitation | null>;
  invitationsOpen(nowMs: number): Promise<Invitation[]>;
  /** In one step: the link is used up, the password kept, the sessions ended. Null when it is over or somebody was faster. */
  useInvitation(secretHash: Uint8Array, nowMs: number, change: { name: string | null; language: 'en' | 'zh' | null; passwordHash: string }): Promise<Account | null>;

  /** A try is counted before the password is looked at, so that many at once are counted as many. Answers each key's fails including this one, and until when it pauses: more than nowMs means that the try must not be made (then it was not counted). */
  beginTry(keys: readonly { key: string; /** Fails before the first pause. */ free: number; firstPauseMs: number; mostPauseMs: number }[], nowMs: number): Promise<{ pausedUntilMs: number; fails: number[] }>;
  /** `gone`: nothing failed there any more. `less`: one try is taken back. */
  forgetTries(tries: { gone: readonly string[]; less: readonly string[] }): Promise<void>;
  knownBrowser(secretHash: Uint8Array, accountId: string, nowMs: number): Promise<boolean>;
  keepBrowser(secretHash: Uint8Array, accountId: string, nowMs: number): Promise<void>;
  /** Sessions, tokens, links and tries that are over. Answers how many rows went. */
  pruneAccess(nowMs: number): Promise<number>;
}
