// Who a request comes from: the session of its cookie, or the API token it carries. Sessions live in the database; what is held here is 2 s old at most and is dropped at once when accounts change.
import { createHash, randomBytes } from 'node:crypto';
import type {} from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { RIGHTS_OF, SCOPE_NOTHING, type Right, type RoleAt, type Scope } from '../../contract/access.ts';
import type { Account, Me } from '../../contract/account.ts';
import type { Actor } from '../../contract/incident.ts';
import type { Settings } from '../../config/settings.ts';
import type { KeptSession, KeptToken } from '../../store/accountsStore.ts';
import type { Store } from '../../store/store.ts';
import type { Principal } from './principal.ts';

export const TOKEN_PREFIX = 'crl_';
const HELD_MS = 2000, HELD_MOST = 5000;
/** The use of a session is written down at most this often. */
const TOUCH_EVERY_MS = 60_000;
const HOUR_MS = 3600_000, DAY_MS = 24 * HOUR_MS;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export const newSecret = (): string => randomBytes(32).toString('base64url');
export const secretHash = (secret: string): Uint8Array => createHash('sha256').update(secret).digest();

/** What was found of a session or token, beside the principal that everybody may know. */
export type Entry = { principal: Principal; account: Account; session: KeptSession | null; token: KeptToken | null };

export type Sessions = {
  /** Null: nobody, or a session or token that is over. */
  principalOf(request: FastifyRequest): Promise<Principal | null>;
  /** The same with what Me and the routes of accounts need. */
  entryOf(request: FastifyRequest): Promise<Entry | null>;
  /** What the session or token of this principal is worth now; null when it is over. For lines that stay open. */
  again(principal: Principal): Promise<Principal | null>;
  /** A new session and its cookie: a new secret at each sign-in, whatever the browser brought. The one it brought ends. */
  open(request: FastifyRequest, reply: FastifyReply, accountId: string, options?: { factorAtMs?: number | null }): Promise<KeptSession>;
  /** Ends the session of the request and takes its cookie back. */
  end(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  meOf(entry: Entry): Me;
  idleUntilMs(nowMs: number): number;
  /** Forgets what it holds, after a change in this process. */
  forget(): void;
  /** The second step after a password that fitted, where the account has one: answers what the page is told, null when no second step is due. Set by server/routes/factors.ts. */
  secondStep: ((request: FastifyRequest, reply: FastifyReply, account: Account) => Promise<{ next: 'secondFactor'; kinds: string[] } | null>) | null;
  /** What is missing before anything else is allowed. Second factors add their own. */
  mustDo: ((account: Account, session: KeptSession | null) => readonly 'secondFactor'[]) | null;
  close(): void;
};

type Parts = { store: Store; settings: Pick<Settings, 'sessionIdleHours' | 'sessionMostDays'>; log: Logger };

/** Under TLS the browser itself sees to it that the cookie came from this host, and goes nowhere else. */
export const cookieName = (request: Pick<FastifyRequest, 'protocol'>, name: 'session' | 'browser' | 'step'): string => `${request.protocol === 'https' ? '__Host-' : ''}crowdlight-${name}`;
export function setCookie(request: FastifyRequest, reply: FastifyReply, name: 'session' | 'browser' | 'step', secret: string, maxAgeS: number): void {
  void reply.setCookie(cookieName(request, name), secret, { path: '/', httpOnly: true, sameSite: 'strict', secure: request.protocol === 'https', maxAge: Math.floor(maxAgeS) });
}
export function dropCookie(request: FastifyRequest, reply: FastifyReply, name: 'session' | 'browser' | 'step'): void {
  void reply.clearCookie(cookieName(request, name), { path: '/', httpOnly: true, sameSite: 'strict', secure: request.protocol === 'https' });
}
export function cookieOf(request: FastifyRequest, name: 'session' | 'browser' | 'step'): string | null {
  const value = request.cookies?.[cookieName(request, name)];
  return value === undefined || value === '' || value.length > 200 ? null : value;
}

export function openSessions({ store, settings, log }: Parts): Sessions {
  const held = new Map<string, { entry: Promise<Entry | null>; untilMs: number }>();
  /** By session or token: when its use was written down last. */
  const touched = new Map<string, number>();
  const stopHearing = store.onAccess(() => held.clear());
  const idleUntilMs = (nowMs: number) => nowMs + settings.sessionIdleHours * HOUR_MS;

  async function heldOr(key: string, find: () => Promise<Entry | null>): Promise<Entry | null> {
    const nowMs = Date.now(), there = held.get(key);
    if (there !== undefined && there.untilMs > nowMs) return there.entry;
    if (held.size >= HELD_MOST) held.clear();
    // Kept for whoever comes next, so never read within the scope of the one who happens to ask first.
    const entry = store.forProduct(find);
    held.set(key, { entry, untilMs: nowMs + HELD_MS });
    entry.catch(() => { if (held.get(key)?.entry === entry) held.delete(key); });
    return entry;
  }

  async function entryFor(accountId: string, session: KeptSession | null, token: KeptToken | null): Promise<Entry | null> {
    const secrets = await store.accountSecrets(accountId);
    if (secrets === null || !secrets.account.enabled) return null;
    const { account } = secrets;
    const roles = token === null ? account.roles : await narrowed(store, account.roles, token.unitId);
    const onlyRights = token === null ? null : token.rights;
    return {
      account, session, token,
      principal: {
        kind: token === null ? 'person' : 'token', accountId, signInName: account.signInName, name: account.name, language: account.language, roles, actor: await actorOf(store, account),
        sessionId: session?.sessionId ?? null, tokenId: token?.tokenId ?? null, onlyRights, scope: scopeOfRoles(roles, onlyRights),
        // A token is made by somebody who had nothing left to do.
        mustDo: token !== null ? [] : [...(secrets.mustChange ? ['newPassword' as const] : []), ...(sessions.mustDo?.(account, session) ?? [])],
      },
    };
  }

  const bySession = (hash: Uint8Array) => heldOr(`s${Buffer.from(hash).toString('hex')}`, async () => {
    const session = await store.sessionBySecret(hash, Date.now());
    return session === null ? null : entryFor(session.accountId, session, null);
  });
  const byToken = (hash: Uint8Array) => heldOr(`t${Buffer.from(hash).toString('hex')}`, async () => {
    const token = await store.tokenBySecret(hash, Date.now());
    return token === null ? null : entryFor(token.accountId, null, token);
  });

  /** At most once a minute, and never in the way of the request. A session counts as used when its person acts, not when a page asks by itself. */
  function touch(entry: Entry, request: FastifyRequest): void {
    const nowMs = Date.now(), key = entry.session?.sessionId ?? entry.token?.tokenId ?? '';
    if (entry.session !== null && SAFE_METHODS.has(request.method)) return;
    if ((touched.get(key) ?? 0) > nowMs - TOUCH_EVERY_MS) return;
    if (touched.size >= HELD_MOST) touched.clear();
    touched.set(key, nowMs);
    const written = entry.session !== null ? store.touchSession(entry.session.sessionId, nowMs, idleUntilMs(nowMs)) : store.tokenUsed(key, nowMs);
    written.catch((error: unknown) => { touched.delete(key); log.warn({ err: error }, 'the use of a session could not be written down'); });
  }

  async function entryOf(request: FastifyRequest): Promise<Entry | null> {
    const bearer = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(request.headers.authorization ?? '')?.[1];
    const cookie = cookieOf(request, 'session');
    // A token is never taken from a cookie, and a session never from the header: what a browser sends by itself and what it does not stay apart.
    const entry = bearer !== undefined ? (bearer.startsWith(TOKEN_PREFIX) ? await byToken(secretHash(bearer)) : null) : cookie !== null ? await bySession(secretHash(cookie)) : null;
    const nowMs = Date.now();
    if (entry === null || (entry.session !== null && entry.session.endsAtMs <= nowMs) || (entry.token !== null && entry.token.expiresAtMs <= nowMs)) return null;
    touch(entry, request);
    return entry;
  }

  const sessions: Sessions = {
    entryOf,
    principalOf: async (request) => (await entryOf(request))?.principal ?? null,
    async again(principal) {
      const nowMs = Date.now();
      if (principal.sessionId !== null) {
        const session = (await store.sessionsOf(principal.accountId, nowMs)).find(({ sessionId }) => sessionId === principal.sessionId);
        return session === undefined ? null : (await entryFor(principal.accountId, session, null))?.principal ?? null;
      }
      const token = (await store.tokensOf(principal.accountId, nowMs)).find(({ tokenId }) => tokenId === principal.tokenId);
      return token === undefined ? null : (await entryFor(principal.accountId, null, token))?.principal ?? null;
    },
    async open(request, reply, accountId, { factorAtMs = null } = {}) {
      const nowMs = Date.now(), secret = newSecret(), endsAtMs = nowMs + settings.sessionMostDays * DAY_MS;
      const before = (await entryOf(request))?.session ?? null;
      if (before !== null) await store.endSession(before.accountId, before.sessionId);
      const session = await store.addSession({ accountId, secretHash: secretHash(secret), nowMs, idleUntilMs: idleUntilMs(nowMs), endsAtMs, address: request.ip, browser: request.headers['user-agent'] ?? '', factorAtMs });
      setCookie(request, reply, 'session', secret, (endsAtMs - nowMs) / 1000);
      held.clear();
      return session;
    },
    async end(request, reply) {
      const entry = await entryOf(request);
      if (entry?.session) await store.endSession(entry.account.accountId, entry.session.sessionId);
      dropCookie(request, reply, 'session');
      held.clear();
    },
    meOf: ({ account, principal, session, token }) => ({
      account, actor: principal.actor, rights: rightsByUnit(principal.roles, principal.onlyRights), mustDo: [...principal.mustDo],
      sessionEndsAtMs: session === null ? token?.expiresAtMs ?? null : Math.min(session.endsAtMs, session.idleUntilMs),
    }),
    idleUntilMs, forget: () => held.clear(), secondStep: null, mustDo: null,
    close: stopHearing,
  };
  return sessions;
}

/** A token's reach is never more than its owner's: the owner's roles, cut to the unit that the token names. */
async function narrowed(store: Store, roles: readonly RoleAt[], unitId: string | null): Promise<RoleAt[]> {
  if (unitId === null) return [...roles];
  const above = new Set((await store.unitChain(unitId)).map((unit) => unit.unitId));
  const kept: RoleAt[] = [];
  for (const role of roles) {
    if (role.unitId === null || above.has(role.unitId)) kept.push({ role: role.role, unitId });
    else if ((await store.unitChain(role.unitId)).some((unit) => unit.unitId === unitId)) kept.push(role);
  }
  return kept;
}

/** Steps are taken under the member that the account is, or under its own name where it is none. */
async function actorOf(store: Store, account: Account): Promise<Actor> {
  const member = account.memberId === null ? null : await store.member(account.memberId);
  if (member !== null) return { memberId: member.memberId, name: member.name, duty: member.duty, unitId: member.unitId };
  const has = (role: RoleAt['role']) => account.roles.find((one) => one.role === role);
  const first = has('dutyOfficer') ?? has('operator') ?? has('fieldWorker') ?? account.roles[0];
  return { memberId: null, name: account.name, duty: first?.role === 'dutyOfficer' || first?.role === 'fieldWorker' ? first.role : 'operator', unitId: first?.unitId ?? null };
}

const rightsOf = ({ role }: RoleAt, onlyRights: readonly Right[] | null): readonly Right[] => RIGHTS_OF[role].filter((right) => onlyRights === null || onlyRights.includes(right));

function scopeOfRoles(roles: readonly RoleAt[], onlyRights: readonly Right[] | null): Scope {
  const seeing = roles.filter((role) => rightsOf(role, onlyRights).includes('see'));
  if (seeing.some(({ unitId }) => unitId === null)) return { ...SCOPE_NOTHING, all: true };
  return { ...SCOPE_NOTHING, unitIds: [...new Set(seeing.flatMap(({ unitId }) => (unitId === null ? [] : [unitId])))] };
}

function rightsByUnit(roles: readonly RoleAt[], onlyRights: readonly Right[] | null): Me['rights'] {
  const by = new Map<string | null, Set<Right>>();
  for (const role of roles) {
    const there = by.get(role.unitId) ?? new Set();
    for (const right of rightsOf(role, onlyRights)) there.add(right);
    by.set(role.unitId, there);
  }
  return [...by].map(([unitId, rights]) => ({ unitId, rights: [...rights] }));
}
