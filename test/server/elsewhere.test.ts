// Signing in elsewhere: at a real OpenID provider over loopback, and at one that lies.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadSettings } from '../../config/settings.ts';
import { claimAt, openElsewhere } from '../../server/access/elsewhere.ts';
import { hashPassword } from '../../server/access/passwords.ts';
import { challengeOf, CLIENT_ID, CLIENT_SECRET, hostileProvider, realProvider, throughProvider, type Hostility, type PersonElsewhere } from '../support/oidc.ts';
import { quietLog, serverForTest, type ServerForTest } from './serverForTest.ts';

const people: PersonElsewhere[] = [
  { sub: 'u1', name: 'Ada Example', preferred_username: 'ada', groups: ['crowd-ops', 'other'] }, { sub: 'u2', name: 'Bo Example', preferred_username: 'bo', groups: ['nothing of ours'] },
  { sub: 'u3', name: 'Cy Example', preferred_username: 'taken.name', groups: ['crowd-ops'] }, { sub: 'u4', name: '陈', preferred_username: '', groups: ['crowd-north'] },
];
const ROLES = [{ claim: 'groups', value: 'crowd-ops', role: 'operator', unitCode: '*' }, { claim: 'groups', value: 'crowd-north', role: 'viewer', unitCode: 'no-such-unit' }];
const settingsFor = (issuer: string) => ({ oidcIssuer: issuer, oidcClientId: CLIENT_ID, oidcClientSecret: CLIENT_SECRET, oidcName: 'City id', oidcScopes: 'openid profile groups', oidcRoles: ROLES });

class Browser {
  cookies = new Map<string, string>();
  readonly server: ServerForTest;
  constructor(server: ServerForTest) { this.server = server; }
  async send(method: string, path: string, body?: unknown) {
    const answer = await fetch(this.server.address + path, { method, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    for (const line of answer.headers.getSetCookie()) { const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []; if (value === '') this.cookies.delete(name); else this.cookies.set(name, value); }
    const words = await answer.text();
    return { status: answer.status, body: words === '' ? null : JSON.parse(words), headers: answer.headers };
  }
  begin = async () => (await this.send('POST', '/api/session/elsewhere/begin', { language: 'en' })).body.address as string;
}
const queryOf = (address: string) => new URL(address).search.slice(1);

describe('at a real provider', () => {
  let provider: Awaited<ReturnType<typeof realProvider>>, server: ServerForTest;
  beforeAll(async () => {
    provider = await realProvider(people);
    server = await serverForTest(settingsFor(provider.issuer));
    await provider.open(`${server.address}/signed-in`);
  });
  afterAll(async () => { await server.close(); await provider.close(); });
  async function signedIn(sub: string) {
    const browser = new Browser(server), back = await throughProvider(await browser.begin(), provider.issuer, sub);
    expect(back.startsWith(`${server.address}/signed-in?`)).toBe(true);
    return { browser, back, me: await browser.send('POST', '/api/session/elsewhere', { query: queryOf(back) }) };
  }

  test('EW1 the first sign-in makes the account; its roles are those of its claims', async () => {
    const { me, browser } = await signedIn('u1');
    expect(me.status).toBe(200);
    expect(me.body.account).toMatchObject({ signInName: 'ada', name: 'Ada Example', kind: 'oidc', roles: [{ role: 'operator', unitId: null }] });
    expect((await browser.send('GET', '/api/overview')).status).toBe(200);
    const again = await signedIn('u1');
    expect(again.me.body.account.accountId).toBe(me.body.account.accountId);
  });

  test('EW2 roles are written anew at each sign-in: what is gone there is gone here', async () => {
    const { me } = await signedIn('u1'), { accountId } = me.body.account;
    await server.store.changeAccount(accountId, { roles: [{ role: 'analyst', unitId: null }] });
    expect((await signedIn('u1')).me.body.account.roles).toEqual([{ role: 'operator', unitId: null }]);
    people[0]!.groups = [];
    expect((await signedIn('u1')).me.body.account.roles).toEqual([]);
    people[0]!.groups = ['crowd-ops'];
  });

  test('EW3 whoever has no role that is listed is signed in and may nothing; a unit that is not there gives none', async () => {
    for (const sub of ['u2', 'u4']) {
      const { me, browser } = await signedIn(sub);
      expect([me.status, me.body.account.roles, me.body.rights]).toEqual([200, [], []]);
      expect((await browser.send('GET', '/api/overview')).status).toBe(403);
    }
  });

  test('EW4 a name that somebody has here is not taken over', async () => {
    const local = await server.store.addAccount({ signInName: 'taken.name', name: 'Local', language: 'en', roles: [{ role: 'administrator', unitId: null }], memberId: null, enabled: true });
    const { me } = await signedIn('u3');
    expect(me.body.account.accountId).not.toBe(local.accountId);
    expect(me.body.account.signInName).toMatch(/^taken\.name-[0-9a-f]{6}$/);
    expect((await server.store.account(local.accountId))!.roles).toEqual([{ role: 'administrator', unitId: null }]);
  });

  test('EW5 PKCE, state and nonce are new each time; the secret never goes to the browser', async () => {
    const browser = new Browser(server), [first, second] = [await browser.begin(), await browser.begin()].map((address) => new URL(address).searchParams);
    for (const key of ['state', 'nonce', 'code_challenge']) expect(first!.get(key)).not.toBe(second!.get(key));
    expect([first!.get('code_challenge_method'), first!.get('response_type'), first!.get('redirect_uri')]).toEqual(['S256', 'code', `${server.address}/signed-in`]);
    expect(first!.toString()).not.toContain(CLIENT_SECRET);
  });

  test('EW6 an answer opens once, and only in the browser where it was begun', async () => {
    const { browser, back } = await signedIn('u1');
    const replayed = await browser.send('POST', '/api/session/elsewhere', { query: queryOf(back) });
    expect([replayed.status, replayed.body.code]).toEqual([401, 'signInElsewhereRefused']);
    const victim = new Browser(server), attackers = new Browser(server), backOfAttacker = await throughProvider(await attackers.begin(), provider.issuer, 'u2');
    // Somebody else's answer slipped to a victim (login CSRF): with no beginning of its own, and with another one.
    expect((await victim.send('POST', '/api/session/elsewhere', { query: queryOf(backOfAttacker) })).status).toBe(401);
    await victim.begin();
    expect((await victim.send('POST', '/api/session/elsewhere', { query: queryOf(backOfAttacker) })).body.code).toBe('signInElsewhereRefused');
    expect(victim.cookies.has('crowdlight-session')).toBe(false);
  });

  test('EW7 who is switched off here stays out', async () => {
    const { me } = await signedIn('u2');
    await server.store.changeAccount(me.body.account.accountId, { enabled: false });
    const { me: later } = await signedIn('u2');
    expect([later.status, later.body.values.reason]).toEqual([401, 'this account is switched off here']);
  });

  test('EW8 the person cancels there, and is told so', async () => {
    const browser = new Browser(server), state = new URL(await browser.begin()).searchParams.get('state')!;
    const answer = await browser.send('POST', '/api/session/elsewhere', { query: new URLSearchParams({ error: 'access_denied', state, iss: provider.issuer }).toString() });
    expect([answer.status, answer.body.values.reason]).toEqual([401, 'it was cancelled there']);
  });

  test('EW9 no password opens such an account, and it has no second factor of ours', async () => {
    const { browser } = await signedIn('u1');
    expect((await new Browser(server).send('POST', '/api/session', { signInName: 'ada', password: 'anything at all 123' })).status).toBe(401);
    expect((await browser.send('POST', '/api/me/factors/totp/begin')).status).toBe(403);
    expect((await browser.send('GET', '/api/me/confirm')).body.kinds).toEqual(['signInAgain']);
    expect((await browser.send('GET', '/api/session/elsewhere/leave')).body.address).toMatch(new RegExp(`^${provider.issuer}/session/end\\?`));
  });

  test('EW10 the provider falls over: named, and accounts of this installation still work', async () => {
    const fallen = await realProvider(people), lonely = await serverForTest(settingsFor(fallen.issuer));
    await fallen.close();
    const down = await new Browser(lonely).send('POST', '/api/session/elsewhere/begin', { language: 'en' });
    expect([down.status, down.body.code, down.body.values.name]).toEqual([502, 'signInElsewhereDown', 'City id']);
    await lonely.store.addAccount({ signInName: 'local', name: 'Local', language: 'en', roles: [{ role: 'viewer', unitId: null }], memberId: null, enabled: true, passwordHash: await hashPassword('a long sentence 12') });
    expect((await new Browser(lonely).send('POST', '/api/session', { signInName: 'local', password: 'a long sentence 12' })).status).toBe(200);
    await lonely.close();
  });
});

describe('at one that lies', () => {
  let provider: Awaited<ReturnType<typeof hostileProvider>>, server: ServerForTest;
  beforeAll(async () => { provider = await hostileProvider(); server = await serverForTest(settingsFor(provider.issuer)); });
  afterAll(async () => { await server.close(); await provider.close(); });
  async function answered(hostility: Hostility, change: (query: URLSearchParams) => void = () => {}) {
    const browser = new Browser(server), asked = await browser.begin(), query = new URLSearchParams({ code: 'c', state: new URL(asked).searchParams.get('state')! });
    provider.answer(hostility, asked);
    change(query);
    const answer = await browser.send('POST', '/api/session/elsewhere', { query: query.toString() });
    return { status: answer.status, code: answer.body?.code ?? 'let in', asked, signedIn: browser.cookies.has('crowdlight-session'), words: JSON.stringify(answer.body) };
  }

  test('EW11 an answer that is right is let in: the others fail for what is wrong with them', async () => {
    const right = await answered({});
    expect([right.status, right.code, right.signedIn]).toEqual([200, 'let in', true]);
    expect(challengeOf(provider.lastBody().get('code_verifier')!)).toBe(new URL(right.asked).searchParams.get('code_challenge'));
  });

  const nowS = Math.floor(Date.now() / 1000);
  test.each<[string, Hostility]>([
    ['another nonce', { claims: { nonce: 'another' } }], ['no nonce', { claims: { nonce: undefined } }], ['another issuer', { claims: { iss: 'https://evil.example' } }], ['meant for somebody else', { claims: { aud: 'another-client' } }],
    ['over', { claims: { exp: nowS - 3600 } }], ['alg none', { header: { alg: 'none' }, unsigned: true }], ['signed with nothing', { unsigned: true }], ['another key', { otherKey: true }], ['HS256 with the public key', { header: { alg: 'HS256' } }],
    ['no identity', { noIdToken: true }], ['no subject', { claims: { sub: undefined } }], ['the code was used', { status: 400 }], ['a fault there', { status: 500 }],
  ])('EW12 %s: refused', async (_name, hostility) => {
    const answer = await answered(hostility);
    expect([answer.status >= 400, answer.code.startsWith('signInElsewhere'), answer.signedIn]).toEqual([true, true, false]);
    expect(answer.words).not.toContain(CLIENT_SECRET);
  });

  test.each<[string, (query: URLSearchParams) => void]>([
    ['another state', (query) => query.set('state', 'x')], ['no state', (query) => query.delete('state')], ['no code', (query) => query.delete('code')], ['answered by another issuer (mix-up)', (query) => query.set('iss', 'https://evil.example')],
    ['two codes', (query) => query.append('code', 'd')], ['tokens in the address', (query) => { query.set('access_token', 'x'); query.set('id_token', 'y'); query.delete('code'); }],
  ])('EW13 %s: refused before the provider is asked for anything', async (_name, change) => {
    const before = provider.tokenCalls(), answer = await answered({}, change);
    expect([answer.status, answer.code, answer.signedIn, provider.tokenCalls() - before]).toEqual([401, 'signInElsewhereRefused', false, 0]);
  });

  test('EW14 one that answers slowly holds nobody up for ever', async () => {
    const beganMs = Date.now(), answer = await answered({ slowMs: 20_000 });
    expect(answer.code).toBe('signInElsewhereDown');
    expect(Date.now() - beganMs).toBeLessThan(15_000);
  }, 30_000);
});

describe('settings', () => {
  const open = (over: Record<string, unknown>) => { try { return openElsewhere({ settings: { ...loadSettings({ argv: [], env: {}, readFile: () => null }), oidcClientId: 'x', ...over }, log: quietLog }) === null ? 'none' : 'opened'; } catch (error) { return (error as { note: { values: { name: string } } }).note.values.name; } };
  test('EW15 what cannot work stops the start by name; plain HTTP is for loopback alone', () => {
    expect(open({})).toBe('none');
    expect(open({ oidcIssuer: 'https://id.example' })).toBe('opened');
    expect(open({ oidcIssuer: 'http://127.0.0.1:9' })).toBe('opened');
    for (const oidcIssuer of ['http://id.example', 'ftp://id.example', 'id.example']) expect(open({ oidcIssuer })).toBe('oidcIssuer');
    expect(open({ oidcIssuer: 'https://id.example', oidcClientId: '' })).toBe('oidcClientId');
    expect(open({ oidcIssuer: 'https://id.example', oidcRoles: [{ claim: 'a', value: 'b', role: 'king', unitCode: '*' }] })).toBe('oidcRoles');
  });
  test('EW16 claims are found by path, also where a name holds dots, and never beyond what is there', () => {
    const all = { groups: ['a'], realm_access: { roles: ['b'] }, 'https://city.example/role': 'c' };
    expect([claimAt(all, 'groups'), claimAt(all, 'realm_access.roles'), claimAt(all, 'https://city.example/role'), claimAt(all, 'realm_access.none.x'), claimAt(all, '__proto__.x'), claimAt(all, 'constructor.name')]).toEqual([['a'], ['b'], 'c', undefined, undefined, undefined]);
  });
});
