// Routes of second factors and signing in elsewhere (OIDC).
import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Me } from '../../contract/account.ts';
import type { Account } from '../../contract/account.ts';
import { ConfirmBody, ConfirmKinds, ElsewhereBegun, ElsewhereBody, ElsewhereLeft, FactorAdded, FACTORS_MOST, Factors, FactorShownBody, PasskeyBegun, PasskeyBody, PasskeySignInBody, RecoveryCodes, SignInWays, TotpBegun, TotpBody } from '../../contract/apiFactors.ts';
import { Problem } from '../../contract/problem.ts';
import { id, strictObject } from '../../contract/schema.ts';
import type { KeptFactor } from '../../store/factorsStore.ts';
import { audit } from '../access/audit.ts';
import { accountOf, openElsewhere } from '../access/elsewhere.ts';
import { letIn } from '../access/letIn.ts';
import { passwordFits } from '../access/passwords.ts';
import { confirmedUntilMs, recentlyConfirmed } from '../access/recentlyConfirmed.ts';
import { credentialIdOf, factorShown, keepTotp, newFactorId, newRecoveryCodes, newTotp, passkeyFits, passkeyMade, passkeyPlace, passkeysAt, passkeyToMake, passkeyToShow, recoveryFits, totpFits, totpStepOf } from '../access/secondFactors.ts';
import { cookieOf, dropCookie, newSecret, secretHash, setCookie, type Entry } from '../access/sessions.ts';
import { addressKey } from '../access/signIn.ts';
import type { App, ServerParts } from '../parts.ts';

/** From the password to the second factor; a person may have to look for a key or a phone. */
const SECOND_STEP_MS = 5 * 60_000, SECOND_TRIES_MOST = 5;
/** Whoever is sent elsewhere may have to find a password there first. */
const ELSEWHERE_MS = 15 * 60_000;
const ENROL_MS = 10 * 60_000, ENROL_TRIES_MOST = 10;
const MINUTE_MS = 60_000;
/** Beside the five tries of one step: who knows the password may begin many steps. Short pauses for the account as a whole, so that nobody is kept out for long by somebody else. */
const FACTOR_PAUSES = { pair: { free: 10, firstPauseMs: 5000, mostPauseMs: 15 * MINUTE_MS }, account: { free: 20, firstPauseMs: 2000, mostPauseMs: 5 * MINUTE_MS } } as const;
/** One path, right below the root: the page finds its files from there, and the provider sends the browser back to it. */
export const BACK_FROM_ELSEWHERE = '/signed-in';

const OWN = { access: { who: 'signedIn' as const, because: 'one\'s own second factors, and nothing of anybody else\'s' } };
const OWN_ALWAYS = { access: { ...OWN.access, whileMustDo: true as const } };
const AT_THE_DOOR = (because: string) => ({ access: { who: 'everyone' as const, because } });

export function factorRoutes(app: App, { store, settings, sessions, log }: ServerParts): void {
  const elsewhere = openElsewhere({ settings, log });
  const needs = (account: Account): boolean => account.kind === 'local' && (settings.secondFactor === 'required' || (settings.secondFactor === 'administrators' && account.roles.some(({ role }) => role === 'administrator')));
  sessions.mustDo = (account) => (needs(account) && account.secondFactors.length === 0 ? ['secondFactor'] : []);

  // --- the step after the password
  sessions.secondStep = async (request, reply, account) => {
    const factors = await store.factorsOf(account.accountId);
    if (factors.length === 0) return null;
    const secret = newSecret(), nowMs = Date.now();
    await store.beginStep({ key: secretHash(secret), purpose: 'second', accountId: account.accountId, data: {}, untilMs: nowMs + SECOND_STEP_MS, nowMs });
    setCookie(request, reply, 'step', secret, SECOND_STEP_MS / 1000);
    return { next: 'secondFactor', kinds: await kindsOf(request, account.accountId, factors) };
  };
  const DOOR = AT_THE_DOOR('it goes on with a step that a password has begun; its cookie is 256 random bits');
  app.post('/api/session/factor/passkey', { config: DOOR, schema: { response: { 200: PasskeyBegun } } }, async (request) => {
    const key = stepKey(request), step = key === null ? null : await store.tryStep(key, 'second', Date.now(), SECOND_TRIES_MOST * 2);
    if (key === null || step?.accountId == null) throw new Problem('secondFactorOver');
    const place = placeOrProblem(request), options = await passkeyToShow(await store.factorsOf(step.accountId), place.hostName);
    await store.noteStep(key, 'second', { challenge: options.challenge }, Date.now());
    return { options: { ...options } };
  });
  app.post('/api/session/factor', { config: DOOR, schema: { body: FactorShownBody, response: { 200: Me } } }, async (request, reply) => {
    const nowMs = Date.now(), key = stepKey(request), step = key === null ? null : await store.tryStep(key, 'second', nowMs, SECOND_TRIES_MOST * 2);
    if (key === null || step?.accountId == null) { dropCookie(request, reply, 'step'); throw new Problem('secondFactorOver'); }
    const account = await store.account(step.accountId);
    if (account === null || !account.enabled) throw new Problem('secondFactorOver');
    const way = await shown(request, account, request.body, step.data['challenge'] ?? '', nowMs);
    if (way === null) {
      // Five wrong ones, and the password is asked for again.
      const wrong = Number(step.data['wrong'] ?? 0) + 1;
      if (wrong >= SECOND_TRIES_MOST) await store.takeStep(key, 'second', nowMs); else await store.noteStep(key, 'second', { wrong: String(wrong), challenge: '' }, nowMs);
      throw new Problem(wrong >= SECOND_TRIES_MOST ? 'secondFactorOver' : 'secondFactorWrong');
    }
    if (await store.takeStep(key, 'second', nowMs) === null) throw new Problem('secondFactorOver');
    dropCookie(request, reply, 'step');
    return await letIn({ store, sessions }, request, reply, account.accountId, { way: `password and ${way}`, factorAtMs: nowMs });
  });

  // --- a passkey instead of a password
  app.get('/api/session/ways', { config: AT_THE_DOOR('the page asks how one may sign in'), schema: { response: { 200: SignInWays } } }, async (request) => ({ passkeys: passkeyPlace(request) !== null, elsewhere: elsewhere === null ? null : { name: elsewhere.name } }));
  const WITH_PASSKEY = AT_THE_DOOR('this is where one signs in with a passkey');
  app.post('/api/session/passkey/begin', { config: WITH_PASSKEY, schema: { response: { 200: PasskeyBegun } } }, async (request, reply) => {
    const options = await passkeyToShow(null, placeOrProblem(request).hostName), secret = newSecret(), nowMs = Date.now();
    await store.beginStep({ key: secretHash(secret), purpose: 'passkey', accountId: null, data: { challenge: options.challenge }, untilMs: nowMs + SECOND_STEP_MS, nowMs });
    setCookie(request, reply, 'step', secret, SECOND_STEP_MS / 1000);
    return { options: { ...options } };
  });
  app.post('/api/session/passkey', { config: WITH_PASSKEY, schema: { body: PasskeySignInBody, response: { 200: Me } } }, async (request, reply) => {
    const nowMs = Date.now(), key = stepKey(request), step = key === null ? null : await store.takeStep(key, 'passkey', nowMs), place = placeOrProblem(request), { response } = request.body;
    dropCookie(request, reply, 'step');
    if (step === null) throw new Problem('secondFactorOver');
    const account = await tryCounted([{ key: `passkey:${addressKey(request.ip)}`, ...FACTOR_PAUSES.pair }], nowMs, async () => {
      const factor = await store.passkey(credentialIdOf(response)), found = factor === null ? null : await store.account(factor.accountId);
      const fits = await passkeyFits(store, factor ?? undefined, response, step.data['challenge'] ?? '', place, { mustVerify: true, nowMs });
      if (fits && found !== null && found.enabled && found.kind === 'local') return found;
      await audit(store, request, 'signInFailed', { ...(found === null ? {} : about(found)), detail: { at: 'passkey' } });
      throw new Problem('secondFactorWrong');
    });
    return await letIn({ store, sessions }, request, reply, account.accountId, { way: 'passkey', factorAtMs: nowMs });
  });

  // --- signing in elsewhere
  const ELSEWHERE = AT_THE_DOOR('this is where one signs in elsewhere');
  app.post('/api/session/elsewhere/begin', { config: ELSEWHERE, schema: { body: strictObject({ language: Me.properties.account.properties.language }), response: { 200: ElsewhereBegun } } }, async (request, reply) => {
    if (elsewhere === null) throw new Problem('notFound');
    const { address, checks } = await elsewhere.begin(originOf(request) + BACK_FROM_ELSEWHERE, request.body.language), secret = newSecret(), nowMs = Date.now();
    await store.beginStep({ key: secretHash(secret), purpose: 'elsewhere', accountId: null, data: checks, untilMs: nowMs + ELSEWHERE_MS, nowMs });
    setCookie(request, reply, 'step', secret, ELSEWHERE_MS / 1000);
    return { address };
  });
  // The browser comes back to a page of ours, which carries the provider's answer here itself: so the cookie may stay strict.
  app.post('/api/session/elsewhere', { config: ELSEWHERE, schema: { body: ElsewhereBody, response: { 200: Me } } }, async (request, reply) => {
    if (elsewhere === null) throw new Problem('notFound');
    const key = stepKey(request), step = key === null ? null : await store.takeStep(key, 'elsewhere', Date.now());
    dropCookie(request, reply, 'step');
    // One answer for one beginning, in the browser where it began.
    if (step === null) { await audit(store, request, 'signInFailed', { detail: { at: 'elsewhere', because: 'it was not begun in this browser, or too long ago' } }); throw new Problem('signInElsewhereRefused', { reason: 'it was not begun in this browser, or too long ago' }); }
    try {
      const claims = await elsewhere.finish(step.data['backTo'] ?? '', request.body.query, step.data), { account, isNew, rolesChanged } = await accountOf(store, settings, claims);
      if (isNew || rolesChanged) { sessions.forget(); await audit(store, request, isNew ? 'accountAdded' : 'accountChanged', { ...about(account), detail: { signInName: account.signInName, by: elsewhere.name, roles: account.roles.map(({ role, unitId }) => `${role}@${unitId ?? '*'}`).join(' ').slice(0, 500) } }); }
      if (!account.enabled) throw new Problem('signInElsewhereRefused', { reason: 'this account is switched off here' });
      return await letIn({ store, sessions }, request, reply, account.accountId, { way: 'elsewhere' });
    } catch (error) {
      if (error instanceof Problem && error.note.code.startsWith('signInElsewhere')) await audit(store, request, 'signInFailed', { detail: { at: 'elsewhere', because: String(error.note.values['reason'] ?? error.note.code).slice(0, 200) } });
      throw error;
    }
  });
  app.get('/api/session/elsewhere/leave', { config: OWN_ALWAYS, schema: { response: { 200: ElsewhereLeft } } }, async (request) => {
    const { account } = await entry(request);
    return { address: elsewhere === null || account.kind !== 'oidc' ? null : await elsewhere.leaving(`${originOf(request)}/`) };
  });

  // --- it is still me
  app.get('/api/me/confirm', { config: OWN_ALWAYS, schema: { response: { 200: ConfirmKinds } } }, async (request) => {
    const { account } = await entry(request), factors = await store.factorsOf(account.accountId);
    const kinds = factors.length > 0 ? await kindsOf(request, account.accountId, factors) : account.kind === 'local' ? ['password'] : ['signInAgain'];
    return { kinds: kinds as ConfirmKinds['kinds'], confirmedUntilMs: await confirmedUntilMs(sessions, request) };
  });
  app.post('/api/me/confirm/passkey', { config: OWN_ALWAYS, schema: { response: { 200: PasskeyBegun } } }, async (request) => {
    const { session, account } = await own(request), nowMs = Date.now(), options = await passkeyToShow(await store.factorsOf(account.accountId), placeOrProblem(request).hostName);
    await store.beginStep({ key: inSession(session.sessionId), purpose: 'confirm', accountId: account.accountId, data: { challenge: options.challenge }, untilMs: nowMs + SECOND_STEP_MS, nowMs });
    return { options: { ...options } };
  });
  app.post('/api/me/confirm', { config: OWN_ALWAYS, schema: { body: ConfirmBody } }, async (request, reply) => {
    const { account, session } = await own(request), nowMs = Date.now(), { body } = request;
    if ('password' in body) {
      // Whoever has a second factor shows it: a password that was seen over the shoulder is not enough.
      if (account.kind !== 'local' || account.secondFactors.length > 0) throw new Problem('secondFactorWrong');
      await tryCounted([{ key: `own:${account.accountId}:${addressKey(request.ip)}`, ...FACTOR_PAUSES.pair }], nowMs, async () => {
        if (await passwordFits((await store.accountSecrets(account.accountId))?.passwordHash ?? null, body.password, { first: true })) return;
        await audit(store, request, 'signInFailed', { ...about(account), detail: { at: 'confirming' } });
        throw new Problem('passwordNotYours');
      });
    } else {
      const step = 'response' in body ? await store.takeStep(inSession(session.sessionId), 'confirm', nowMs) : null;
      if (await shown(request, account, body, step?.data['challenge'] ?? '', nowMs) === null) throw new Problem('secondFactorWrong');
    }
    await store.noteFactor(session.sessionId, nowMs);
    sessions.forget();
    return reply.code(204).send();
  });

  // --- one's own second factors
  app.get('/api/me/factors', { config: OWN_ALWAYS, schema: { response: { 200: Factors } } }, async (request) => {
    const { account } = await entry(request);
    const [factors, recoveryCodesLeft] = await Promise.all([store.factorsOf(account.accountId), store.recoveryCodesLeft(account.accountId)]);
    return { factors: factors.map(factorShown), recoveryCodesLeft, needed: needs(account), passkeysHere: passkeyPlace(request) !== null };
  });
  app.post('/api/me/factors/totp/begin', { config: OWN_ALWAYS, schema: { response: { 200: TotpBegun } } }, async (request) => {
    const { account, session } = await enrolling(request), nowMs = Date.now(), begun = newTotp(account.signInName);
    const sealed = store.sealed(begun.secret, `totp of ${session.sessionId}`);
    await store.beginStep({ key: inSession(session.sessionId), purpose: 'enrol', accountId: account.accountId, data: { totp: sealed }, untilMs: nowMs + ENROL_MS, nowMs });
    return begun;
  });
  app.post('/api/me/factors/totp', { config: OWN_ALWAYS, schema: { body: TotpBody, response: { 201: FactorAdded } } }, async (request, reply) => {
    const { account, session } = await enrolling(request), nowMs = Date.now(), key = inSession(session.sessionId), begun = await store.tryStep(key, 'enrol', nowMs, ENROL_TRIES_MOST);
    if (begun?.data['totp'] === undefined) throw new Problem('secondFactorOver');
    const secret = store.unsealed(begun.data['totp'], `totp of ${session.sessionId}`), step = totpStepOf(secret, request.body.code, nowMs);
    if (step === null) throw new Problem('factorCodeWrong');
    if (await store.takeStep(key, 'enrol', nowMs) === null) throw new Problem('secondFactorOver');
    return reply.code(201).send(await added(request, account, session.sessionId, await keepTotp(store, { accountId: account.accountId, name: request.body.name.trim(), secret, step, nowMs })));
  });
  app.post('/api/me/factors/passkey/begin', { config: OWN_ALWAYS, schema: { response: { 200: PasskeyBegun } } }, async (request) => {
    const { account, session } = await enrolling(request), nowMs = Date.now(), options = await passkeyToMake(account, await store.factorsOf(account.accountId), placeOrProblem(request).hostName);
    await store.beginStep({ key: inSession(session.sessionId), purpose: 'enrol', accountId: account.accountId, data: { challenge: options.challenge }, untilMs: nowMs + ENROL_MS, nowMs });
    return { options: { ...options } };
  });
  app.post('/api/me/factors/passkey', { config: OWN_ALWAYS, schema: { body: PasskeyBody, response: { 201: FactorAdded } } }, async (request, reply) => {
    const { account, session } = await enrolling(request), nowMs = Date.now(), begun = await store.takeStep(inSession(session.sessionId), 'enrol', nowMs);
    if (begun?.data['challenge'] === undefined) throw new Problem('secondFactorOver');
    const kept = await passkeyMade(request.body.response, begun.data['challenge'], placeOrProblem(request));
    if (kept === null) throw new Problem('passkeyRefused');
    const factor: KeptFactor = { factorId: newFactorId(), accountId: account.accountId, kind: 'webauthn', name: request.body.name.trim(), createdAtMs: nowMs, usedAtMs: null, kept };
    await store.addFactor(factor, FACTORS_MOST);
    return reply.code(201).send(await added(request, account, session.sessionId, factor));
  });
  app.post('/api/me/factors/recovery', { config: OWN, schema: { response: { 201: RecoveryCodes } } }, async (request, reply) => {
    const { account } = await own(request);
    await recentlyConfirmed(sessions, request);
    if (account.secondFactors.length === 0) throw new Problem('notFound');
    const recoveryCodes = await newRecoveryCodes(store, account.accountId, Date.now());
    await audit(store, request, 'secondFactorAdded', { ...about(account), detail: { kind: 'recovery', codes: recoveryCodes.length } });
    return reply.code(201).send({ recoveryCodes });
  });
  app.delete('/api/me/factors/:factorId', { config: OWN, schema: { params: strictObject({ factorId: id('factor') }) } }, async (request, reply) => {
    const { account } = await own(request), factors = await store.factorsOf(account.accountId), factor = factors.find(({ factorId }) => factorId === request.params.factorId);
    if (factor === undefined) throw new Problem('notFound');
    await recentlyConfirmed(sessions, request);
    if (factors.length === 1 && needs(account)) throw new Problem('secondFactorNeeded');
    if (!await store.removeFactor(account.accountId, factor.factorId)) throw new Problem('notFound');
    sessions.forget();
    await audit(store, request, 'secondFactorRemoved', { ...about(account), detail: { kind: factor.kind, name: factor.name } });
    return reply.code(204).send();
  });

  /** The way that fitted; null when none did. Tries are counted for the account before anything is looked at. */
  async function shown(request: FastifyRequest, account: Account, body: FactorShownBody, challenge: string, nowMs: number): Promise<string | null> {
    const { accountId } = account;
    const keys = [{ key: `factor:${accountId}:${addressKey(request.ip)}`, ...FACTOR_PAUSES.pair }, { key: `factor:${accountId}`, ...FACTOR_PAUSES.account }];
    return await tryCounted(keys, nowMs, async () => {
      const factors = await store.factorsOf(accountId);
      let way: string | null = null;
      if ('code' in body) way = await totpFits(store, factors, body.code, nowMs) ? 'code of an app' : null;
      else if ('recoveryCode' in body) way = await recoveryFits(store, accountId, body.recoveryCode) ? 'recovery code' : null;
      else {
        const place = placeOrProblem(request), credentialId = credentialIdOf(body.response), factor = factors.find((one) => one.kind === 'webauthn' && one.kept.credentialId === credentialId);
        way = challenge !== '' && await passkeyFits(store, factor, body.response, challenge, place, { mustVerify: false, nowMs }) ? 'passkey' : null;
      }
      if (way === null) await audit(store, request, 'signInFailed', { ...about(account), detail: { at: 'second factor', kind: 'code' in body ? 'code of an app' : 'recoveryCode' in body ? 'recovery code' : 'passkey' } });
      return way;
    }, (way) => way !== null);
  }
  /** Rejects with Problem signInPaused. What went well is no try. */
  async function tryCounted<T>(keys: Parameters<typeof store.beginTry>[0], nowMs: number, work: () => Promise<T>, well: (result: T) => boolean = () => true): Promise<T> {
    const { pausedUntilMs } = await store.beginTry(keys, nowMs);
    if (pausedUntilMs > nowMs) throw new Problem('signInPaused', { seconds: Math.ceil((pausedUntilMs - nowMs) / 1000) });
    const result = await work();
    if (well(result)) await store.forgetTries({ gone: keys.map(({ key }) => key), less: [] });
    return result;
  }

  async function added(request: FastifyRequest, account: Account, sessionId: string, factor: KeptFactor): Promise<FactorAdded> {
    const isFirst = account.secondFactors.length === 0, recoveryCodes = isFirst ? await newRecoveryCodes(store, account.accountId, factor.createdAtMs) : null;
    // Whoever is signed in elsewhere came in without it.
    if (isFirst) await store.endSessions(account.accountId, sessionId);
    await store.noteFactor(sessionId, factor.createdAtMs);
    sessions.forget();
    await audit(store, request, 'secondFactorAdded', { ...about(account), detail: { kind: factor.kind, name: factor.name } });
    return { factor: factorShown(factor), recoveryCodes };
  }
  async function kindsOf(request: FastifyRequest, accountId: string, factors: readonly KeptFactor[]): Promise<string[]> {
    const place = passkeyPlace(request);
    return [
      ...(place !== null && passkeysAt(factors, place.hostName) ? ['webauthn'] : []), ...(factors.some(({ kind }) => kind === 'totp') ? ['totp'] : []),
      ...(await store.recoveryCodesLeft(accountId) > 0 ? ['recovery'] : []),
    ];
  }
  async function entry(request: FastifyRequest): Promise<Entry> {
    const found = await sessions.entryOf(request);
    if (found === null) throw new Problem('notSignedIn');
    return found;
  }
  /** A token cannot change how the account that it belongs to is opened. */
  async function own(request: FastifyRequest) {
    const { account, session } = await entry(request);
    if (session === null) throw new Problem('notAllowed');
    return { account, session };
  }
  async function enrolling(request: FastifyRequest) {
    const found = await own(request);
    if (found.account.kind !== 'local') throw new Problem('notAllowed');
    await recentlyConfirmed(sessions, request);
    return found;
  }
  const stepKey = (request: FastifyRequest): Uint8Array | null => { const secret = cookieOf(request, 'step'); return secret === null ? null : secretHash(secret); };
}

function placeOrProblem(request: FastifyRequest): { hostName: string; origins: string[] } {
  const place = passkeyPlace(request);
  if (place === null) throw new Problem('passkeyNeedsName');
  return place;
}
const inSession = (sessionId: string): Uint8Array => createHash('sha256').update(`session ${sessionId}`).digest();
const originOf = (request: FastifyRequest): string => `${request.protocol}://${request.host}`;
const about = (account: Account) => ({ placeKind: 'account', placeId: account.accountId, placeName: account.name, unitId: account.roles[0]?.unitId ?? null });
