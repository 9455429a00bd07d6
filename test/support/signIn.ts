// Signing in as tests do: through the door as a browser, or through the store, which costs no hash.
import type { RoleAt } from '../../contract/access.ts';
import type { Actor } from '../../contract/incident.ts';
import { newSecret, secretHash } from '../../server/access/sessions.ts';
import type { Store } from '../../store/store.ts';

/** What goes into the header `cookie`. */
export type SessionForTest = { accountId: string; sessionId: string; name: string; cookie: string };

export const WHOLE_ADMINISTRATOR: readonly RoleAt[] = [{ role: 'administrator', unitId: null }, { role: 'dutyOfficer', unitId: null }];

/** Through the door, with a password: the cookies for all that follows. */
export async function signIn(address: string, signInName: string, password: string): Promise<string> {
  const answer = await fetch(`${address}/api/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ signInName, password }) });
  if (!answer.ok) throw new Error(`sign in as ${signInName}: ${answer.status} ${await answer.text()}`);
  return cookiesOf(answer.headers);
}
export const cookiesOf = (headers: Headers): string => headers.getSetCookie().map((cookie) => cookie.split(';')[0]!).filter((cookie) => !cookie.endsWith('=')).join('; ');
/** The password that the product prints at its first start; null when it printed none. */
export const passwordPrinted = (output: string): string | null => /Sign in as admin with the password ([A-Z0-9-]+)/.exec(output)?.[1] ?? null;

let made = 0;
/** A new account with a session of its own. */
export async function sessionFor(store: Store, { roles = WHOLE_ADMINISTRATOR, memberId = null, name, signInName }: { roles?: readonly RoleAt[]; memberId?: string | null; name?: string; signInName?: string } = {}): Promise<SessionForTest> {
  const number = ++made;
  const account = await store.addAccount({ signInName: signInName ?? `test${process.pid}.${number}`, name: name ?? `Test ${number}`, language: 'en', roles, memberId, enabled: true });
  return sessionOf(store, account.accountId, account.name);
}
export async function sessionOf(store: Store, accountId: string, name: string): Promise<SessionForTest> {
  const secret = newSecret(), nowMs = Date.now();
  const session = await store.addSession({ accountId, secretHash: secretHash(secret), nowMs, idleUntilMs: nowMs + 12 * 3600_000, endsAtMs: nowMs + 24 * 3600_000, address: '127.0.0.1', browser: 'test' });
  return { accountId, sessionId: session.sessionId, name, cookie: `crowdlight-session=${secret}` };
}

/** The same account for the same person, whole administrators all of them: what a test says who did is who is signed in. */
export function sessionsByActor(store: Store): (by: Actor | string) => Promise<SessionForTest> {
  const known = new Map<string, Promise<SessionForTest>>();
  return (by) => {
    const actor: Actor = typeof by === 'string' ? { memberId: null, name: by, duty: 'operator', unitId: null } : by;
    const key = JSON.stringify(actor);
    const there = known.get(key) ?? (async () => {
      const member = actor.memberId === null ? null : await store.member(actor.memberId);
      const asOneIs: RoleAt[] = [{ role: actor.duty === 'system' ? 'operator' : actor.duty, unitId: actor.unitId }];
      return sessionFor(store, member !== null ? { memberId: member.memberId, name: member.name } : { name: actor.name, roles: [...asOneIs, { role: 'administrator', unitId: null }, ...(actor.duty === 'dutyOfficer' ? [] : [{ role: 'operator' as const, unitId: null }])] });
    })();
    known.set(key, there);
    there.catch(() => known.delete(key));
    return there;
  };
}
