// The last step of every way in: a new session with a new secret, a browser that is known from now on, and a line on record.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Me } from '../../contract/account.ts';
import { Problem } from '../../contract/problem.ts';
import type { Store } from '../../store/store.ts';
import { audit } from './audit.ts';
import type { Principal } from './principal.ts';
import type { Sessions } from './sessions.ts';
import { rememberBrowser } from './signIn.ts';

/** `way`: as in "password", "password and totp", "passkey", "elsewhere". `factorAtMs`: when a second factor was shown. */
export async function letIn({ store, sessions }: { store: Store; sessions: Sessions }, request: FastifyRequest, reply: FastifyReply, accountId: string, { way, factorAtMs = null }: { way: string; factorAtMs?: number | null }): Promise<Me> {
  const session = await sessions.open(request, reply, accountId, { factorAtMs });
  await rememberBrowser(store, request, reply, accountId);
  const principal = await sessions.again({ accountId, sessionId: session.sessionId, tokenId: null } as Principal), account = await store.account(accountId);
  if (principal === null || account === null) throw new Problem('notSignedIn');
  request.principal = principal;
  await audit(store, request, 'signedIn', { detail: { way } });
  return sessions.meOf({ principal, account, session, token: null });
}
