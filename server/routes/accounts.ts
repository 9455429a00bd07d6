// Routes of sessions, accounts, tokens, invitations. Which accounts an administrator sees and changes goes by their roles: seen, when one of them lies within; changed, when all do.
import type { FastifyRequest } from 'fastify';
import { RIGHTS_OF, type RoleAt } from '../../contract/access.ts';
import { Account, Me } from '../../contract/account.ts';
import { AccountAdd, AccountChange, AccountList, Invited, JoinBody, Joined, JoinLook, JoinSeen, MeBody, PasswordBody, Sessions, SessionTimes, SignInAnswer, SignInBody, TokenBody, TokenMade, Tokens } from '../../contract/apiAccounts.ts';
import { Problem } from '../../contract/problem.ts';
import { id, strictObject } from '../../contract/schema.ts';
import type { KeptSession, KeptToken } from '../../store/accountsStore.ts';
import { approvedFor, removalApproved } from '../access/approvals.ts';
import { audit } from '../access/audit.ts';
import { letIn } from '../access/letIn.ts';
import { confirmedWhereAPersonAsks, recentlyConfirmed } from '../access/recentlyConfirmed.ts';
import { hashPassword, passwordFits } from '../access/passwords.ts';
import { passwordMustDo } from '../access/passwordRules.ts';
import { dropCookie, newSecret, secretHash, TOKEN_PREFIX, type Entry } from '../access/sessions.ts';
import { addressKey, atTheDoor, PAUSES } from '../access/signIn.ts';
import type { App, ServerParts } from '../parts.ts';

/** How long a link of an invitation or recovery opens. */
export const LINK_MOST_MS = 72 * 3600_000;
const DAY_MS = 24 * 3600_000;

const accountParams = strictObject({ accountId: id('account') }), sessionParams = strictObject({ sessionId: id('session') }), tokenParams = strictObject({ tokenId: id('token') });
const accountSessionParams = strictObject({ accountId: id('account'), sessionId: id('session') });
const OWN = { access: { who: 'signedIn' as const, because: 'one\'s own account, and nothing of anybody else\'s' } };
const OWN_ALWAYS = { access: { ...OWN.access, whileMustDo: true as const } };
const AT_THE_DOOR = (because: string) => ({ access: { who: 'everyone' as const, because } });
const OF_OTHERS = { access: { right: 'accounts' as const, at: 'anywhere' as const, because: 'the handler shows and changes only accounts whose roles lie where the right holds' } };

export function accountRoutes(app: App, { store, settings, sessions }: ServerParts): void {
  // --- the door
  app.post('/api/session', { config: AT_THE_DOOR('this is where one signs in'), schema: { body: SignInBody, response: { 200: SignInAnswer } } }, async (request, reply) => {
    const { account } = await atTheDoor(store, request, request.body);
    const second = await sessions.secondStep?.(request, reply, account) ?? null;
    if (second !== null) return second;
    // Nobody who has a second factor passes without it, whatever is missing here.
    if (account.secondFactors.length > 0) throw new Problem('mustDoFirst', { what: 'secondFactor' });
    return letIn({ store, sessions }, request, reply, account.accountId, { way: 'password' });
  });
  app.delete('/api/session', { config: OWN_ALWAYS }, async (request, reply) => {
    if (request.principal!.kind === 'token') throw new Problem('notAllowed');
    await sessions.end(request, reply);
    await audit(store, request, 'signedOut');
    return reply.code(204).send();
  });
  // --- one's own account
  app.get('/api/me', { config: OWN_ALWAYS, schema: { response: { 200: Me } } }, async (request) => sessions.meOf(await entry(request)));
  // The page says that its person acted; pages that only show do not.
  app.post('/api/me/here', { config: OWN_ALWAYS, schema: { response: { 200: SessionTimes } } }, async (request) => {
    const { session, token } = await entry(request), nowMs = Date.now();
    return { sessionEndsAtMs: session === null ? token?.expiresAtMs ?? null : Math.min(session.endsAtMs, Math.max(session.idleUntilMs, sessions.idleUntilMs(nowMs))) };
  });
  app.put('/api/me', { config: OWN, schema: { body: MeBody, response: { 200: Account } } }, async (request) => {
    const account = await store.changeAccount(request.principal!.accountId, { language: request.body.language });
    if (account === null) throw new Problem('notSignedIn');
    sessions.forget();
    return account;
  });
  app.post('/api/me/password', { config: OWN_ALWAYS, schema: { body: PasswordBody } }, async (request, reply) => {
    const { account, session } = await entry(request);
    // A token cannot take over the account that it belongs to.
    if (session === null) throw new Problem('notAllowed');
    if (account.kind !== 'local') throw new Problem('notAllowed');
    const keys = [{ key: `own:${account.accountId}:${addressKey(request.ip)}`, ...PAUSES.pair }], nowMs = Date.now();
    const { pausedUntilMs } = await store.beginTry(keys, nowMs);
    if (pausedUntilMs > nowMs) throw new Problem('signInPaused', { seconds: Math.ceil((pausedUntilMs - nowMs) / 1000) });
    const kept = await store.accountSecrets(account.accountId);
    if (!await passwordFits(kept?.passwordHash ?? null, request.body.now, { first: true })) {
      await audit(store, request, 'signInFailed', { detail: { at: 'change of password' } });
      throw new Problem('passwordNotYours');
    }
    await store.forgetTries({ gone: keys.map(({ key }) => key), less: [] });
    await passwordMustDo(request.body.next, { names: [account.signInName, account.name], breachedPasswordsFile: settings.breachedPasswordsFile });
    await store.keepPassword(account.accountId, await hashPassword(request.body.next), { mustChange: false, keepSessionId: session.sessionId });
    sessions.forget();
    await audit(store, request, 'passwordChanged', { placeKind: 'account', placeId: account.accountId, placeName: account.name });
    return reply.code(204).send();
  });

  app.get('/api/me/sessions', { config: OWN, schema: { response: { 200: Sessions } } }, async (request) => {
    const { accountId, sessionId } = request.principal!;
    return { sessions: (await store.sessionsOf(accountId, Date.now())).map((session) => shownSession(session, sessionId)) };
  });
  app.delete('/api/me/sessions', { config: OWN }, async (request, reply) => {
    const { accountId, sessionId } = request.principal!;
    const ended = await store.endSessions(accountId, sessionId);
    sessions.forget();
    await audit(store, request, 'sessionEnded', { detail: { ended, which: 'all others' } });
    return reply.code(204).send();
  });
  app.delete('/api/me/sessions/:sessionId', { config: OWN, schema: { params: sessionParams } }, async (request, reply) => {
    const { accountId, sessionId } = request.principal!;
    if (!await store.endSession(accountId, request.params.sessionId)) throw new Problem('notFound');
    if (sessionId === request.params.sessionId) dropCookie(request, reply, 'session');
    sessions.forget();
    await audit(store, request, 'sessionEnded', { detail: { session: request.params.sessionId } });
    return reply.code(204).send();
  });

  app.get('/api/me/tokens', { config: OWN, schema: { response: { 200: Tokens } } }, async (request) => ({ tokens: (await store.tokensOf(request.principal!.accountId, Date.now())).map(shownToken) }));
  app.post('/api/me/tokens', { config: OWN, schema: { body: TokenBody, response: { 201: TokenMade } } }, async (request, reply) => {
    const { account, principal } = await entry(request), { name, rights, unitId, days } = request.body, nowMs = Date.now();
    // A token makes no further tokens: it would outlive itself.
    if (principal.kind === 'token') throw new Problem('notAllowed');
    if (!await ownsAll(account.roles, rights, unitId)) throw new Problem('notAllowed');
    await confirmedWhereAPersonAsks(sessions, request);
    const secret = TOKEN_PREFIX + newSecret();
    const token = await store.addToken({ accountId: account.accountId, secretHash: secretHash(secret), name: name.trim(), rights, unitId, createdAtMs: nowMs, expiresAtMs: nowMs + days * DAY_MS });
    await audit(store, request, 'tokenMade', { unitId, detail: { token: token.tokenId, name: token.name, rights: rights.join(' '), days } });
    return reply.code(201).send({ token: shownToken(token), secret });
  });
  app.delete('/api/me/tokens/:tokenId', { config: OWN, schema: { params: tokenParams } }, async (request, reply) => {
    if (!await store.endToken(request.principal!.accountId, request.params.tokenId)) throw new Problem('notFound');
    sessions.forget();
    await audit(store, request, 'tokenEnded', { detail: { token: request.params.tokenId } });
    return reply.code(204).send();
  });

  // --- accounts of others
  app.get('/api/accounts', { config: OF_OTHERS, schema: { response: { 200: AccountList } } }, async (request) => {
    const nowMs = Date.now(), judge = await judgeFor(request);
    const invited = new Map((await store.invitationsOpen(nowMs)).map((invitation) => [invitation.accountId, invitation.expiresAtMs]));
    const without = new Set(await store.accountsWithoutPassword()), rows: AccountList['accounts'] = [];
    for (const account of await store.accounts()) {
      if (await judge.sees(account)) rows.push({ account, mayChange: await judge.changes(account), invitedUntilMs: invited.get(account.accountId) ?? null, hasPassword: !without.has(account.accountId) });
    }
    return { accounts: rows };
  });
  /** Who may see who did what, and who may give every right there is, for the whole installation: one person alone does not say that. */
  async function widened(request: FastifyRequest, { id: accountId, name, before, after }: { id: string; name: string; before: readonly RoleAt[]; after: readonly RoleAt[] }): Promise<void> {
    const isWide = ({ role, unitId }: RoleAt) => unitId === null && (role === 'administrator' || role === 'auditor');
    const fresh = after.filter((one) => isWide(one) && !before.some(({ role, unitId }) => role === one.role && unitId === null)).map(({ role }) => role).toSorted();
    if (fresh.length === 0) return;
    const words = { en: fresh.map((role) => (role === 'auditor' ? 'auditor' : 'administrator')).join(' and '), zh: fresh.map((role) => (role === 'auditor' ? '审计员' : '管理员')).join('、') };
    await approvedFor(store, request, 'widenScope', { kind: 'account', id: accountId }, { act: { fresh }, placeName: name, unitId: null, forWhat: { en: `${name} becomes ${words.en} of the whole installation.`, zh: `${name} 将成为整个系统的${words.zh}。` } });
  }
  app.post('/api/accounts', { config: OF_OTHERS, schema: { body: AccountAdd, response: { 201: Invited } } }, async (request, reply) => {
    const judge = await judgeFor(request), { body } = request;
    // Without a role it would lie nowhere, and be out of sight for whoever made it.
    if (body.roles.length === 0 && !judge.whole) throw new Problem('notAllowed');
    await judge.mustGive(body.roles);
    await judge.mustLink(body.memberId);
    await confirmedWhereAPersonAsks(sessions, request);
    await widened(request, { id: body.signInName, name: body.name, before: [], after: body.roles });
    const account = await store.addAccount({ ...body, name: body.name.trim(), enabled: true });
    await audit(store, request, 'accountAdded', { ...about(account), detail: { signInName: account.signInName, roles: rolesWords(account.roles) } });
    return reply.code(201).send(await invite(request, account, 'invitation'));
  });
  app.put('/api/accounts/:accountId', { config: OF_OTHERS, schema: { params: accountParams, body: AccountChange, response: { 200: Account } } }, async (request) => {
    const judge = await judgeFor(request), account = await theAccount(judge, request.params.accountId);
    const { roles, memberId, ...rest } = request.body;
    // Of an account that also serves elsewhere only the roles here are ours to give and take.
    if ((Object.keys(rest).length > 0 || memberId !== undefined) && !await judge.changes(account)) throw new Problem('notAllowed');
    if (memberId !== undefined) await judge.mustLink(memberId);
    if (roles !== undefined) await judge.mustGive(changedRoles(account.roles, roles));
    if (roles !== undefined || rest.enabled !== undefined) await confirmedWhereAPersonAsks(sessions, request);
    if (roles !== undefined) await widened(request, { id: account.accountId, name: account.name, before: account.roles, after: roles });
    const changed = await store.changeAccount(account.accountId, { ...rest, ...(rest.name === undefined ? {} : { name: rest.name.trim() }), ...(roles === undefined ? {} : { roles }), ...(memberId === undefined ? {} : { memberId }) });
    if (changed === null) throw new Problem('notFound');
    sessions.forget();
    await audit(store, request, 'accountChanged', { ...about(changed), detail: { changed: Object.keys(request.body).join(' '), ...(roles === undefined ? {} : { rolesBefore: rolesWords(account.roles), rolesNow: rolesWords(changed.roles) }), ...(rest.enabled === undefined ? {} : { enabled: rest.enabled }) } });
    return changed;
  });
  app.delete('/api/accounts/:accountId', { config: OF_OTHERS, schema: { params: accountParams } }, async (request, reply) => {
    const judge = await judgeFor(request), account = await theAccount(judge, request.params.accountId);
    if (!await judge.changes(account)) throw new Problem('notAllowed');
    await confirmedWhereAPersonAsks(sessions, request);
    await removalApproved(store, request, 'account', account.accountId, { placeName: account.name, unitId: lowestShared(account.roles) });
    if (!await store.removeAccount(account.accountId)) throw new Problem('notFound');
    sessions.forget();
    await audit(store, request, 'accountRemoved', { ...about(account), detail: { signInName: account.signInName } });
    return reply.code(204).send();
  });
  app.post('/api/accounts/:accountId/link', { config: OF_OTHERS, schema: { params: accountParams, response: { 201: Invited } } }, async (request, reply) => {
    const judge = await judgeFor(request), account = await theAccount(judge, request.params.accountId);
    if (!await judge.changes(account) || account.kind !== 'local' || !account.enabled) throw new Problem('notAllowed');
    await confirmedWhereAPersonAsks(sessions, request);
    const secrets = await store.accountSecrets(account.accountId);
    return reply.code(201).send(await invite(request, account, (secrets?.passwordHash ?? null) === null ? 'invitation' : 'recovery'));
  });
  // For whoever has lost them all, once it is known by other means who asks: the password is left, and every session ends.
  app.delete('/api/accounts/:accountId/factors', { config: OF_OTHERS, schema: { params: accountParams } }, async (request, reply) => {
    const judge = await judgeFor(request), account = await theAccount(judge, request.params.accountId);
    if (!await judge.changes(account) || account.accountId === request.principal!.accountId) throw new Problem('notAllowed');
    await recentlyConfirmed(sessions, request);
    for (const { factorId } of await store.factorsOf(account.accountId)) await store.removeFactor(account.accountId, factorId);
    await store.endSessions(account.accountId, null);
    sessions.forget();
    await audit(store, request, 'secondFactorRemoved', { ...about(account), detail: { which: 'all', kinds: account.secondFactors.join(' ') } });
    return reply.code(204).send();
  });
  app.get('/api/accounts/:accountId/sessions', { config: OF_OTHERS, schema: { params: accountParams, response: { 200: Sessions } } }, async (request) => {
    const account = await theAccount(await judgeFor(request), request.params.accountId);
    return { sessions: (await store.sessionsOf(account.accountId, Date.now())).map((session) => shownSession(session, request.principal!.sessionId)) };
  });
  app.delete('/api/accounts/:accountId/sessions', { config: OF_OTHERS, schema: { params: accountParams } }, async (request, reply) => {
    const judge = await judgeFor(request), account = await theAccount(judge, request.params.accountId);
    if (!await judge.changes(account)) throw new Problem('notAllowed');
    const ended = await store.endSessions(account.accountId, null);
    sessions.forget();
    await audit(store, request, 'sessionEnded', { ...about(account), detail: { ended } });
    return reply.code(204).send();
  });
  app.delete('/api/accounts/:accountId/sessions/:sessionId', { config: OF_OTHERS, schema: { params: accountSessionParams } }, async (request, reply) => {
    const judge = await judgeFor(request), account = await theAccount(judge, request.params.accountId);
    if (!await judge.changes(account)) throw new Problem('notAllowed');
    if (!await store.endSession(account.accountId, request.params.sessionId)) throw new Problem('notFound');
    sessions.forget();
    await audit(store, request, 'sessionEnded', { ...about(account), detail: { session: request.params.sessionId } });
    return reply.code(204).send();
  });

  // --- links of invitations and recovery. The secret is in the body, never in an address, which logs and histories keep.
  const LINK = AT_THE_DOOR('who has the link has no password yet; it is 256 random bits');
  app.post('/api/join/look', { config: LINK, schema: { body: JoinLook, response: { 200: JoinSeen } } }, async (request) => {
    const { account, invitation } = await linked(request, request.body.secret);
    return { kind: invitation.kind, signInName: account.signInName, name: account.name, language: account.language, byName: invitation.byName, untilMs: invitation.expiresAtMs };
  });
  app.post('/api/join', { config: LINK, schema: { body: JoinBody, response: { 200: Joined } } }, async (request) => {
    const { secret, name, language, password } = request.body, { account, invitation } = await linked(request, secret);
    await passwordMustDo(password, { names: [account.signInName, name ?? account.name], breachedPasswordsFile: settings.breachedPasswordsFile });
    const isNew = invitation.kind === 'invitation';
    const joined = await store.useInvitation(secretHash(secret), Date.now(), { name: isNew ? name?.trim() ?? null : null, language: isNew ? language ?? null : null, passwordHash: await hashPassword(password) });
    if (joined === null) throw new Problem('invitationOver');
    sessions.forget();
    await audit(store, request, isNew ? 'passwordChanged' : 'recovered', { ...about(joined), detail: { by: 'link', from: invitation.byName } });
    return { signInName: joined.signInName };
  });
  async function linked(request: FastifyRequest, secret: string) {
    const nowMs = Date.now(), keys = [{ key: `link:${addressKey(request.ip)}`, ...PAUSES.address }];
    const { pausedUntilMs } = await store.beginTry(keys, nowMs);
    if (pausedUntilMs > nowMs) throw new Problem('signInPaused', { seconds: Math.ceil((pausedUntilMs - nowMs) / 1000) });
    const invitation = await store.invitationBySecret(secretHash(secret), nowMs), account = invitation === null ? null : await store.account(invitation.accountId);
    if (invitation === null || account === null) throw new Problem('invitationOver');
    await store.forgetTries({ gone: [], less: keys.map(({ key }) => key) });
    return { invitation, account };
  }

  async function invite(request: FastifyRequest, account: Account, kind: 'invitation' | 'recovery'): Promise<Invited> {
    const secret = newSecret(), nowMs = Date.now(), expiresAtMs = nowMs + LINK_MOST_MS;
    await store.addInvitation({ accountId: account.accountId, secretHash: secretHash(secret), kind, byName: request.principal!.name, nowMs, expiresAtMs });
    await audit(store, request, 'invited', { ...about(account), untilMs: expiresAtMs, detail: { kind } });
    return { account, secret, untilMs: expiresAtMs };
  }
  async function entry(request: FastifyRequest): Promise<Entry> {
    const found = await sessions.entryOf(request);
    if (found === null) throw new Problem('notSignedIn');
    return found;
  }
  async function theAccount(judge: Judge, accountId: string): Promise<Account> {
    const account = await store.account(accountId);
    if (account === null || !await judge.sees(account)) throw new Problem('notFound');
    return account;
  }

  /** Whether each of the rights is held at the unit (null: at the whole) by these roles. */
  async function ownsAll(roles: readonly RoleAt[], rights: readonly string[], unitId: string | null): Promise<boolean> {
    const chain = unitId === null ? [] : await store.unitChain(unitId);
    if (unitId !== null && chain.length === 0) return false;
    const above = new Set(chain.map((unit) => unit.unitId));
    const here = roles.filter((role) => role.unitId === null || above.has(role.unitId)).flatMap(({ role }) => RIGHTS_OF[role]);
    // "All that I have" for a token that goes wherever its owner goes.
    const has = unitId === null ? roles.flatMap(({ role }) => RIGHTS_OF[role]) : here;
    return rights.every((right) => (has as readonly string[]).includes(right));
  }

  type Judge = Awaited<ReturnType<typeof judgeFor>>;
  /** What an administrator may do with which account. */
  async function judgeFor({ principal }: FastifyRequest) {
    const from = principal!.onlyRights !== null && !principal!.onlyRights.includes('accounts') ? [] : principal!.roles.filter(({ role }) => RIGHTS_OF[role].includes('accounts'));
    const whole = from.some(({ unitId }) => unitId === null), units = new Set(from.map(({ unitId }) => unitId));
    const within = async (unitId: string | null): Promise<boolean> => whole || (unitId !== null && (await store.unitChain(unitId)).some((unit) => units.has(unit.unitId)));
    const isSelf = (account: Account) => account.accountId === principal!.accountId;
    const sees = async ({ roles }: Pick<Account, 'roles'>): Promise<boolean> => { if (whole) return true; for (const { unitId } of roles) if (await within(unitId)) return true; return false; };
    const changes = async ({ roles }: Pick<Account, 'roles'>): Promise<boolean> => { if (whole) return true; for (const { unitId } of roles) if (!await within(unitId)) return false; return roles.length > 0; };
    return {
      whole,
      sees: async (account: Account) => isSelf(account) || sees(account), changes,
      /** Roles are given and taken only where one administers oneself. */
      async mustGive(roles: readonly RoleAt[]): Promise<void> {
        for (const { unitId } of roles) {
          // A unit that one does not see answers like one that is not there.
          if (unitId !== null && !await within(unitId)) throw new Problem('notFound');
          if (unitId === null && !whole) throw new Problem('notAllowed');
        }
      },
      async mustLink(memberId: string | null): Promise<void> {
        if (memberId === null) return;
        const member = await store.member(memberId);
        if (member === null || !await within(member.unitId)) throw new Problem('notFound');
      },
    };
  }
}

const shownSession = ({ accountId: _account, factorAtMs: _factor, ...session }: KeptSession, currentId: string | null) => ({ ...session, current: session.sessionId === currentId });
const shownToken = ({ accountId: _account, ...token }: KeptToken) => token;
const about = (account: Account) => ({ placeKind: 'account', placeId: account.accountId, placeName: account.name, unitId: account.roles[0]?.unitId ?? null });
const rolesWords = (roles: readonly RoleAt[]): string => roles.map(({ role, unitId }) => `${role}@${unitId ?? '*'}`).join(' ').slice(0, 500);
const sameRole = (a: RoleAt, b: RoleAt) => a.role === b.role && a.unitId === b.unitId;
/** Those that come and those that go. */
const changedRoles = (before: readonly RoleAt[], next: readonly RoleAt[]): RoleAt[] => [...next.filter((role) => !before.some((one) => sameRole(one, role))), ...before.filter((role) => !next.some((one) => sameRole(one, role)))];

/** Where somebody answers for an account: at its only unit; for the whole installation when it has several, or none. */
const lowestShared = (roles: readonly RoleAt[]): string | null => { const units = [...new Set(roles.map(({ unitId }) => unitId))]; return units.length === 1 ? units[0]! : null; };
