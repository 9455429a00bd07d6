// The door: does this name go with this password? Failed tries make pauses that grow: per name and address, per address, and (short ones) per name; a browser that was let in before is counted by itself,
// so that whoever floods the door with wrong passwords does not keep out those who belong here (OWASP Authentication Cheat Sheet, device cookies).
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import { Problem } from '../../contract/problem.ts';
import type { AccountSecrets } from '../../store/accountsStore.ts';
import type { Store } from '../../store/store.ts';
import { audit } from './audit.ts';
import { passwordFits } from './passwords.ts';
import { cookieOf, newSecret, secretHash, setCookie } from './sessions.ts';

const MINUTE_MS = 60_000;
const BROWSER_KEPT_S = 180 * 24 * 3600;
/** Fails before the first pause; then pauses that double. */
export const PAUSES = {
  pair: { free: 5, firstPauseMs: 2000, mostPauseMs: 15 * MINUTE_MS },
  address: { free: 30, firstPauseMs: 2000, mostPauseMs: 15 * MINUTE_MS },
  /** From many addresses at once: slowed down, never for long, because it also meets those who come with a new browser. */
  name: { free: 50, firstPauseMs: 1000, mostPauseMs: MINUTE_MS },
  browser: { free: 10, firstPauseMs: 2000, mostPauseMs: 15 * MINUTE_MS },
} as const;

/** One household or office has a whole /64 of IPv6. */
export function addressKey(address: string): string {
  if (!ipaddr.isValid(address)) return address.slice(0, 100);
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv6' ? `${parsed.toNormalizedString().split(':').slice(0, 4).join(':')}/64` : parsed.toString();
}
const keyOf = (...parts: string[]) => createHash('sha256').update(parts.join('\n')).digest('base64url').slice(0, 32);
const nameKey = (signInName: string) => signInName.normalize('NFKC').trim().toLowerCase();

/** The account whose name and password these are. Rejects with Problem signInRefused or signInPaused, the same for names that nobody has, and about as fast. */
export async function atTheDoor(store: Store, request: FastifyRequest, { signInName, password }: { signInName: string; password: string }): Promise<AccountSecrets> {
  const nowMs = Date.now(), found = await store.accountBySignInName(signInName);
  const browser = cookieOf(request, 'browser');
  const known = found !== null && browser !== null && await store.knownBrowser(secretHash(browser), found.account.accountId, nowMs);
  const name = nameKey(signInName), address = addressKey(request.ip);
  const own = known ? `browser:${keyOf(browser!, name)}` : `pair:${keyOf(address, name)}`;
  const shared = known ? [] : [{ key: `address:${keyOf(address)}`, ...PAUSES.address }, { key: `name:${keyOf(name)}`, ...PAUSES.name }];
  const keys = [{ key: own, ...(known ? PAUSES.browser : PAUSES.pair) }, ...shared];
  const { pausedUntilMs, fails } = await store.beginTry(keys, nowMs);
  if (pausedUntilMs > nowMs) throw new Problem('signInPaused', { seconds: Math.ceil((pausedUntilMs - nowMs) / 1000) });

  const takeBack = () => store.forgetTries({ gone: [], less: keys.map(({ key }) => key) });
  let fits: boolean;
  // There was no room to look at the password: that was no try.
  try { fits = await passwordFits(found?.passwordHash ?? null, password, { first: known }); } catch (error) { await takeBack(); throw error; }
  if (!fits || found === null || !found.account.enabled || found.account.kind !== 'local') {
    // What was typed as a name may be a password typed in the wrong place: only names that somebody has are written down.
    await audit(store, request, 'signInFailed', { detail: { ...(found === null ? { name: '(unknown)' } : { name: found.account.signInName }), knownBrowser: known }, ...(found === null ? {} : { placeKind: 'account', placeId: found.account.accountId, placeName: found.account.name }) });
    const pauses = keys.map(({ free }, at) => fails[at]! === free + 1);
    if (pauses.some(Boolean)) await audit(store, request, 'lockedOut', { detail: { by: ['name and address', 'address', 'name'].filter((_, at) => pauses[at]).join(', '), fails: Math.max(...fails) }, ...(found === null ? {} : { placeKind: 'account', placeId: found.account.accountId, placeName: found.account.name }) });
    throw new Problem('signInRefused');
  }
  // Only its own try is taken back from what is shared: with an account of one's own nobody buys further guesses at others.
  await store.forgetTries({ gone: [own], less: shared.map(({ key }) => key) });
  return found;
}

/** After the last step of signing in: this browser is known from now on. A new secret each time. */
export async function rememberBrowser(store: Store, request: FastifyRequest, reply: FastifyReply, accountId: string): Promise<void> {
  const secret = newSecret();
  await store.keepBrowser(secretHash(secret), accountId, Date.now());
  setCookie(request, reply, 'browser', secret, BROWSER_KEPT_S);
}
