// Signing in elsewhere: an OpenID Connect provider that the settings name. Authorization code with PKCE, state and nonce (RFC 9700); who somebody is and what they may do here follow from its claims.
import { createHash } from 'node:crypto';
import * as client from 'openid-client';
import type { Logger } from 'pino';
import { ACCOUNT_ROLES, type RoleAt } from '../../contract/access.ts';
import type { Account } from '../../contract/account.ts';
import { Problem, withoutSecrets } from '../../contract/problem.ts';
import type { Settings } from '../../config/settings.ts';
import type { Store } from '../../store/store.ts';
import { isLoopbackHost } from '../tls/machineNames.ts';

export type Elsewhere = {
  name: string;
  /** Where the browser is sent, and what must be known again when it comes back. Rejects with Problem signInElsewhereDown. */
  begin(backTo: string, language: 'en' | 'zh'): Promise<{ address: string; checks: Record<string, string> }>;
  /** Rejects with Problem signInElsewhereRefused or signInElsewhereDown. */
  finish(backTo: string, query: string, checks: Record<string, string>): Promise<Claims>;
  /** Where one signs out there; null when it offers none, or does not answer. */
  leaving(backTo: string): Promise<string | null>;
};
export type Claims = { issuer: string; subject: string; all: Record<string, unknown> };

const ANSWER_WITHIN_S = 8;
/** What the provider says of itself is asked anew after this; while it does not answer the older word holds. */
const FRESH_MS = 3600_000;

/** Null: nobody signs in elsewhere. Throws Problem settingWrong. */
export function openElsewhere({ settings, log, nowMs = Date.now }: { settings: Settings; log: Logger; nowMs?: () => number }): Elsewhere | null {
  const { oidcIssuer, oidcClientId, oidcClientSecret, oidcName, oidcScopes, oidcRoles } = settings;
  if (oidcIssuer === '') return null;
  let issuer: URL;
  try { issuer = new URL(oidcIssuer); } catch { throw new Problem('settingWrong', { name: 'oidcIssuer', reason: 'it is not an address' }); }
  const insecure = issuer.protocol === 'http:';
  if (insecure ? !isLoopbackHost(issuer.hostname) : issuer.protocol !== 'https:') throw new Problem('settingWrong', { name: 'oidcIssuer', reason: 'it must begin with https://' });
  if (oidcClientId === '') throw new Problem('settingWrong', { name: 'oidcClientId', reason: 'a provider asks for it' });
  for (const { role } of oidcRoles) if (!(ACCOUNT_ROLES as readonly string[]).includes(role)) throw new Problem('settingWrong', { name: 'oidcRoles', reason: `there is no role ${role}: ${ACCOUNT_ROLES.join(', ')}` });
  const name = oidcName === '' ? issuer.hostname : oidcName;
  let known: { config: client.Configuration; atMs: number } | null = null, asking: Promise<client.Configuration> | null = null;

  async function ask(): Promise<client.Configuration> {
    const config = await client.discovery(issuer, oidcClientId, oidcClientSecret === '' ? undefined : oidcClientSecret, oidcClientSecret === '' ? client.None() : undefined, {
      // The signature is looked at, too: not the way alone says who made an answer.
      timeout: ANSWER_WITHIN_S, execute: [client.enableNonRepudiationChecks, ...(insecure ? [client.allowInsecureRequests] : [])],
    });
    known = { config, atMs: nowMs() };
    return config;
  }
  async function configNow(): Promise<client.Configuration> {
    if (known !== null && nowMs() - known.atMs < FRESH_MS) return known.config;
    try { return await (asking ??= ask().finally(() => { asking = null; })); } catch (error) {
      log.warn({ detail: wordsOf(error) }, 'the provider where one signs in does not answer');
      if (known !== null) return known.config;
      throw new Problem('signInElsewhereDown', { name }, wordsOf(error));
    }
  }

  return {
    name,
    async begin(backTo, language) {
      const config = await configNow(), verifier = client.randomPKCECodeVerifier(), state = client.randomState(), nonce = client.randomNonce();
      const address = client.buildAuthorizationUrl(config, { redirect_uri: backTo, scope: oidcScopes, code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', state, nonce, ui_locales: language === 'zh' ? 'zh-CN zh en' : 'en' });
      return { address: address.href, checks: { verifier, state, nonce, backTo } };
    },
    async finish(backTo, query, { verifier = '', state = '', nonce = '' }) {
      const config = await configNow(), url = new URL(backTo);
      url.search = query;
      try {
        const tokens = await client.authorizationCodeGrant(config, url, { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true });
        const claims = tokens.claims();
        if (claims === undefined) throw new Problem('signInElsewhereRefused', { reason: 'no identity came with the answer' });
        // Many providers tell groups only there. The library holds its subject against that of the signed answer.
        const more = config.serverMetadata().userinfo_endpoint === undefined ? {} : await client.fetchUserInfo(config, tokens.access_token, claims.sub);
        return { issuer: claims.iss, subject: claims.sub, all: { ...more, ...claims } };
      } catch (error) { throw problemOf(error, name); }
    },
    async leaving(backTo) {
      try {
        const config = await configNow();
        return config.serverMetadata().end_session_endpoint === undefined ? null : client.buildEndSessionUrl(config, { post_logout_redirect_uri: backTo }).href;
      } catch { return null; }
    },
  };
}

/** Roles by claims, as the settings say: only those whose unit is there. */
export async function rolesOf(store: Store, settings: Pick<Settings, 'oidcRoles'>, all: Record<string, unknown>): Promise<RoleAt[]> {
  const wanted = settings.oidcRoles.filter(({ claim, value }) => { const said = claimAt(all, claim); return (Array.isArray(said) ? said : [said]).some((one) => (typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean') && String(one) === value); });
  const units = wanted.some(({ unitCode }) => unitCode !== '*') ? await store.units() : [];
  const roles = wanted.flatMap(({ role, unitCode }): RoleAt[] => {
    if (unitCode === '*') return [{ role: role as RoleAt['role'], unitId: null }];
    const unit = units.find(({ code }) => code === unitCode);
    return unit === undefined ? [] : [{ role: role as RoleAt['role'], unitId: unit.unitId }];
  });
  return roles.filter((role, at) => roles.findIndex((one) => one.role === role.role && one.unitId === role.unitId) === at).slice(0, 50);
}

/** The account of this subject, made at its first sign-in; its name and roles are those of the claims of now. */
export async function accountOf(store: Store, settings: Pick<Settings, 'oidcRoles'>, { issuer, subject, all }: Claims): Promise<{ account: Account; isNew: boolean; rolesChanged: boolean }> {
  const roles = await rolesOf(store, settings, all), name = nameIn(all, ['name', 'preferred_username', 'email']) ?? 'without a name';
  const there = await store.accountBySubject(issuer, subject);
  if (there !== null) {
    const rolesChanged = rolesKey(there.roles) !== rolesKey(roles);
    const account = !rolesChanged && there.name === name ? there : await store.changeAccount(there.accountId, { name, roles });
    if (account === null) throw new Problem('notFound');
    return { account, isNew: false, rolesChanged };
  }
  const language = /^zh\b/i.test(String(all['locale'] ?? '')) ? 'zh' as const : 'en' as const, short = createHash('sha256').update(`${issuer}\n${subject}`).digest('hex').slice(0, 12);
  const asked = nameIn(all, ['preferred_username', 'email'])?.replace(/[^A-Za-z0-9\u4e00-\u9fff._@-]/g, '').replace(/^[^A-Za-z0-9\u4e00-\u9fff]+/, '').slice(0, 48) ?? '';
  // A name that somebody here has already is not taken over: the account is known by its issuer and subject alone.
  for (const signInName of [...(asked.length >= 2 ? [asked, `${asked}-${short.slice(0, 6)}`] : []), `elsewhere-${short}`]) {
    try { return { account: await store.addAccount({ signInName, name, language, roles, memberId: null, enabled: true, kind: 'oidc', issuer, subject }), isNew: true, rolesChanged: true }; } catch (error) {
      if (!(error instanceof Problem) || error.note.code !== 'signInNameTaken') throw error;
      const meanwhile = await store.accountBySubject(issuer, subject);
      if (meanwhile !== null) return { account: meanwhile, isNew: false, rolesChanged: false };
    }
  }
  throw new Problem('signInNameTaken');
}

/** A claim by its path: "groups", "realm_access.roles", or a name that holds dots itself (many are addresses). */
export function claimAt(all: Record<string, unknown>, path: string): unknown {
  if (Object.hasOwn(all, path)) return all[path];
  let value: unknown = all;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

const rolesKey = (roles: readonly RoleAt[]): string => roles.map(({ role, unitId }) => `${role}@${unitId ?? '*'}`).sort().join(' ');
function nameIn(all: Record<string, unknown>, keys: readonly string[]): string | null {
  for (const key of keys) { const said = all[key]; if (typeof said === 'string' && said.trim() !== '') return said.trim().slice(0, 80); }
  return null;
}

function problemOf(error: unknown, name: string): Problem {
  if (error instanceof Problem) return error;
  const words = wordsOf(error);
  // The provider's own no, as when the person there pressed "cancel".
  if (error instanceof client.AuthorizationResponseError) return new Problem('signInElsewhereRefused', { reason: error.error === 'access_denied' ? 'it was cancelled there' : `the provider says ${error.error.slice(0, 60)}` }, words);
  if (error instanceof client.ResponseBodyError) return new Problem('signInElsewhereRefused', { reason: `the provider says ${error.error.slice(0, 60)}` }, words);
  const code = (error as { code?: string; cause?: { code?: string } }).code ?? '', cause = (error as { cause?: { code?: string } }).cause?.code ?? '';
  if (code === 'OAUTH_TIMEOUT' || code === 'OAUTH_REQUEST_ABORTED' || /^(ECONN|ENOTFOUND|EAI|EHOST|ENET|ETIMEDOUT|UND_ERR)/.test(cause) || (error as Error).name === 'TimeoutError' || (error instanceof TypeError && /fetch failed/.test(error.message))) return new Problem('signInElsewhereDown', { name }, words);
  return new Problem('signInElsewhereRefused', { reason: 'the answer is not one that can be trusted' }, words);
}
function wordsOf(error: unknown): string {
  const parts: string[] = [];
  for (let one: unknown = error, depth = 0; one instanceof Error && depth < 4; one = one.cause, depth++) parts.push(`${(one as { code?: string }).code ?? one.name}: ${one.message}`);
  return withoutSecrets(parts.join('; ')).slice(0, 500);
}
