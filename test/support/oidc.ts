// Two providers to sign in at: a real one (oidc-provider, certified), and one that answers as a hostile or broken one would.
import { createHash, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type PersonElsewhere = { sub: string; name?: string; preferred_username?: string; groups?: string[] };
export const CLIENT_ID = 'crowdlight', CLIENT_SECRET = 'marker-secret-of-the-client';

/** The real one. `open` is called once it is known where the browser is to come back to. */
export async function realProvider(people: readonly PersonElsewhere[]) {
  let handle: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => { response.writeHead(503).end(); };
  const server = createServer((request, response) => handle(request, response));
  const port = await listening(server), issuer = `http://127.0.0.1:${port}`;
  return {
    issuer,
    async open(...backTo: string[]) {
      const { default: Provider } = await import('oidc-provider');
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const warn = console.warn, info = console.info;
      console.warn = console.info = () => {};
      try {
        const provider = new Provider(issuer, {
          clients: [{ client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: backTo, post_logout_redirect_uris: backTo.map((one) => `${new URL(one).origin}/`), token_endpoint_auth_method: 'client_secret_post' }],
          claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'locale'], groups: ['groups'] }, scopes: ['openid', 'profile', 'groups'],
          jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'one' }] }, cookies: { keys: ['for tests alone'] },
          findAccount: (_context, sub) => { const person = people.find((one) => one.sub === sub); return person === undefined ? undefined : { accountId: sub, claims: () => ({ ...person }) }; },
        });
        handle = provider.callback();
      } finally { console.warn = warn; console.info = info; }
    },
    /** As if it had fallen over. */
    close: () => closing(server),
    port,
  };
}

/** As a person's browser goes through the provider's own pages (those that oidc-provider brings for development). Resolves with the address it is sent back to. */
export async function throughProvider(address: string, issuer: string, sub: string): Promise<string> {
  const cookies = new Map<string, string>();
  let next = address, method = 'GET', body: string | undefined;
  for (let step = 0; step < 20; step++) {
    if (!next.startsWith(issuer)) return next;
    const answer: Response = await fetch(next, { method, redirect: 'manual', headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '), ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }) }, ...(body === undefined ? {} : { body }) });
    for (const line of answer.headers.getSetCookie()) { const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []; if (value === '') cookies.delete(name); else cookies.set(name, value); }
    const location = answer.headers.get('location');
    if (location !== null) { next = new URL(location, next).href; method = 'GET'; body = undefined; await answer.arrayBuffer(); continue; }
    const page = await answer.text();
    if (!/<form/.test(page)) throw new Error(`the provider shows no form: ${answer.status} ${page.slice(0, 500)}`);
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? 'login';
    next = new URL(/action="([^"]+)"/.exec(page)![1]!, next).href; method = 'POST';
    body = new URLSearchParams(prompt === 'login' ? { prompt, login: sub, password: 'anything' } : { prompt }).toString();
  }
  throw new Error('the provider never sends the browser back');
}

/** What it changes in an answer that is right otherwise. */
export type Hostility = { claims?: Record<string, unknown>; header?: Record<string, unknown>; unsigned?: boolean; otherKey?: boolean; status?: number; slowMs?: number; noIdToken?: boolean };
export async function hostileProvider() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 }), other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  let now: Hostility = {}, nonce = '', tokenCalls = 0, lastBody = '';
  const server = createServer((request, response) => {
    const json = (value: unknown, status = 200) => { response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value)); };
    const path = request.url!.split('?')[0];
    if (path === '/.well-known/openid-configuration') return json({ issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`, response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'] });
    if (path === '/jwks') return json({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }] });
    if (path !== '/token') { response.writeHead(404).end(); return; }
    tokenCalls++;
    request.on('data', (part: Buffer) => { lastBody = part.toString(); });
    request.on('end', () => setTimeout(() => {
      if (now.status !== undefined) return json({ error: 'invalid_grant' }, now.status);
      const nowS = Math.floor(Date.now() / 1000);
      const token = jwt({ alg: 'RS256', kid: 'k', typ: 'JWT', ...now.header }, { iss: issuer, sub: 'mallory', aud: CLIENT_ID, iat: nowS, exp: nowS + 300, nonce, name: 'Mallory', ...now.claims }, now.unsigned ? null : now.otherKey ? other : privateKey);
      json({ access_token: 'opaque', token_type: 'Bearer', expires_in: 300, ...(now.noIdToken ? {} : { id_token: token }) });
    }, now.slowMs ?? 0));
  });
  const port = await listening(server), issuer = `http://127.0.0.1:${port}`;
  return {
    issuer, answer: (next: Hostility, askedAt: string) => { now = next; nonce = new URL(askedAt).searchParams.get('nonce') ?? ''; },
    tokenCalls: () => tokenCalls, lastBody: () => new URLSearchParams(lastBody), close: () => closing(server),
  };
}

function jwt(header: object, claims: object, key: KeyObject | null): string {
  const words = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${words}.${key === null ? '' : createSign('RSA-SHA256').update(words).sign(key).toString('base64url')}`;
}
export const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');
const listening = (server: Server) => new Promise<number>((resolve) => { server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)); });
const closing = (server: Server) => new Promise<void>((resolve) => { server.closeAllConnections(); server.close(() => resolve()); });
