// Second factors over HTTP, with a clock of the test's own: codes of an app, recovery codes, the rules that ask for one, and confirming that it is still the same person.
import { Secret, TOTP } from 'otpauth';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RoleAt } from '../../contract/access.ts';
import { hashPassword } from '../../server/access/passwords.ts';
import { cookiesOf } from '../support/signIn.ts';
import { serverForTest, type ServerForTest } from './serverForTest.ts';

const PASSWORD = 'a long sentence for tests 1';
// Passwords are hashed in each test, each as slow as it must be.
vi.setConfig({ testTimeout: 90_000 });
const MINUTE_MS = 60_000;
let server: ServerForTest, made = 0, passwordHash = '';
beforeAll(async () => { server = await serverForTest(); passwordHash = await hashPassword(PASSWORD); });
afterAll(async () => { await server.close(); });
afterEach(() => { vi.useRealTimers(); });

/** What a browser keeps between requests. */
class Browser {
  cookies = new Map<string, string>();
  readonly server: ServerForTest;
  constructor(at: ServerForTest = server) { this.server = at; }
  async send(method: string, path: string, body?: unknown) {
    const answer = await fetch(this.server.address + path, { method, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    for (const line of answer.headers.getSetCookie()) { const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []; if (value === '') this.cookies.delete(name); else this.cookies.set(name, value); }
    const words = await answer.text();
    return { status: answer.status, body: words === '' ? null : JSON.parse(words), headers: answer.headers };
  }
}
async function person(roles: RoleAt[] = [{ role: 'operator', unitId: null }], at: ServerForTest = server) {
  const signInName = `factor.person${++made}`, account = await at.store.addAccount({ signInName, name: `Person ${made}`, language: 'en', roles, memberId: null, enabled: true, passwordHash });
  const browser = new Browser(at), enter = (as: Browser = browser) => as.send('POST', '/api/session', { signInName, password: PASSWORD });
  return { signInName, accountId: account.accountId, browser, enter };
}
const codeOf = (secret: string, atMs = Date.now()) => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: atMs });
async function withApp(at: ServerForTest = server, roles?: RoleAt[]) {
  const one = await person(roles, at);
  expect((await one.enter()).status).toBe(200);
  const { secret, uri } = (await one.browser.send('POST', '/api/me/factors/totp/begin')).body as { secret: string; uri: string };
  // The step before this one: so that the code of now is still good. The clock stands meanwhile, or the step would be another one on a slow machine.
  const nowMs = Date.now();
  clockAt(nowMs);
  const added = await one.browser.send('POST', '/api/me/factors/totp', { name: 'Phone', code: codeOf(secret, nowMs - 30_000) });
  vi.useRealTimers();
  expect(added.status).toBe(201);
  return { ...one, secret, uri, factorId: added.body.factor.factorId as string, recoveryCodes: added.body.recoveryCodes as string[] };
}
const clockAt = (atMs: number) => { vi.useFakeTimers({ toFake: ['Date'], now: atMs }); };

describe('codes of an app', () => {
  test('FA1 from then on the password alone opens nothing: no session, no cookie of one', async () => {
    const { enter, secret, uri } = await withApp(), stranger = new Browser();
    expect(uri).toMatch(/^otpauth:\/\/totp\/Crowdlight:factor\.person\d+\?/);
    const next = await enter(stranger);
    expect(next.body).toEqual({ next: 'secondFactor', kinds: ['totp', 'recovery'] });
    expect([...stranger.cookies.keys()]).toEqual(['crowdlight-step']);
    expect(next.headers.getSetCookie()[0]).toMatch(/HttpOnly/i);
    expect(next.headers.getSetCookie()[0]).toMatch(/SameSite=Strict/i);
    expect((await stranger.send('GET', '/api/me')).status).toBe(401);
    const me = await stranger.send('POST', '/api/session/factor', { code: codeOf(secret) });
    expect([me.status, me.body.account.secondFactors]).toEqual([200, ['totp']]);
    expect(stranger.cookies.has('crowdlight-step')).toBe(false);
    expect((await stranger.send('GET', '/api/me')).status).toBe(200);
  });

  test('FA2 a code is good once, and one step of 30 s to each side of now', async () => {
    const { enter, secret } = await withApp(), startMs = Date.now() + 10 * MINUTE_MS;
    const tried = async (codeAtMs: number, nowMs: number) => { clockAt(nowMs); const browser = new Browser(); await enter(browser); return (await browser.send('POST', '/api/session/factor', { code: codeOf(secret, codeAtMs) })).status; };
    expect(await tried(startMs - 60_000, startMs)).toBe(401);
    expect(await tried(startMs + 60_000, startMs)).toBe(401);
    expect(await tried(startMs - 30_000, startMs)).toBe(200);
    expect(await tried(startMs - 30_000, startMs)).toBe(401);
    expect(await tried(startMs + 30_000, startMs)).toBe(200);
    // An older one is not good any more once a newer one was used, though it is in the window.
    expect(await tried(startMs, startMs)).toBe(401);
  });

  test('FA3 the same code in two browsers at once opens one of them', async () => {
    const { enter, secret } = await withApp(), browsers = Array.from({ length: 4 }, () => new Browser());
    for (const browser of browsers) await enter(browser);
    const code = codeOf(secret), answers = await Promise.all(browsers.map((browser) => browser.send('POST', '/api/session/factor', { code })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
  });

  test('FA4 after five wrong codes the password is asked for again, and the right one comes too late', async () => {
    const { enter, secret } = await withApp(), browser = new Browser();
    await enter(browser);
    const codes: string[] = [];
    for (let number = 0; number < 5; number++) codes.push((await browser.send('POST', '/api/session/factor', { code: codeOf(secret) === '000000' ? '000001' : '000000' })).body.code);
    expect(codes).toEqual(['secondFactorWrong', 'secondFactorWrong', 'secondFactorWrong', 'secondFactorWrong', 'secondFactorOver']);
    expect((await browser.send('POST', '/api/session/factor', { code: codeOf(secret) })).body.code).toBe('secondFactorOver');
  });

  test('FA5 whoever goes on guessing with the password is slowed down, and it is on record', async () => {
    const { enter, accountId } = await withApp(), seen: string[] = [];
    for (let number = 0; number < 14; number++) { const browser = new Browser(); await enter(browser); seen.push((await browser.send('POST', '/api/session/factor', { code: '123456' })).body.code); }
    expect(seen.slice(0, 10)).toEqual(Array(10).fill('secondFactorWrong'));
    expect(seen.at(-1)).toBe('signInPaused');
    const client = new pg.Client({ connectionString: server.databaseUrl });
    await client.connect();
    const { rows } = await client.query<{ count: string }>("select count(*) from audit where fact::text like '%signInFailed%' and fact::text like $1", [`%${accountId}%`]);
    await client.end();
    expect(Number(rows[0]!.count)).toBeGreaterThanOrEqual(10);
  });

  test('FA6 a step that took too long is over', async () => {
    const { enter, secret } = await withApp(), browser = new Browser();
    await enter(browser);
    clockAt(Date.now() + 6 * MINUTE_MS);
    expect((await browser.send('POST', '/api/session/factor', { code: codeOf(secret) })).body.code).toBe('secondFactorOver');
  });

  test('FA7 nobody passes the step without its cookie, with that of somebody else, or after the account was switched off', async () => {
    const mine = await withApp(), theirs = await withApp(), stolen = new Browser();
    expect((await new Browser().send('POST', '/api/session/factor', { code: codeOf(mine.secret) })).body.code).toBe('secondFactorOver');
    await theirs.enter(stolen);
    expect((await stolen.send('POST', '/api/session/factor', { code: codeOf(mine.secret) })).body.code).toBe('secondFactorWrong');
    const off = new Browser();
    await mine.enter(off);
    await server.store.changeAccount(mine.accountId, { enabled: false });
    expect((await off.send('POST', '/api/session/factor', { code: codeOf(mine.secret) })).body.code).toBe('secondFactorOver');
  });

  test('FA8 the secret lies sealed: the database holds it in no readable form, also while it is being added', async () => {
    const { secret, browser } = await withApp();
    const second = (await browser.send('POST', '/api/me/factors/totp/begin')).body.secret as string;
    const client = new pg.Client({ connectionString: server.databaseUrl });
    await client.connect();
    const tables = (await client.query<{ name: string }>("select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'")).rows.map(({ name }) => name);
    let all = '';
    for (const name of tables) all += (await client.query<{ words: string | null }>(`select string_agg(row_to_json(t)::text, ' ') as words from "${name}" t`)).rows[0]!.words ?? '';
    await client.end();
    expect(all).toContain('"kind":"totp"');
    for (const one of [secret, second]) for (const form of [one, Buffer.from(one).toString('base64').slice(0, 40), Buffer.from(Secret.fromBase32(one).buffer).toString('hex'), Buffer.from(Secret.fromBase32(one).buffer).toString('base64').slice(0, 24)]) expect(all).not.toContain(form);
  });
});

describe('recovery codes', () => {
  test('FA9 ten come with the first factor, each opens once; new ones take the place of the old', async () => {
    const { enter, browser, recoveryCodes } = await withApp(), use = async (recoveryCode: string) => { const one = new Browser(); await enter(one); return (await one.send('POST', '/api/session/factor', { recoveryCode })).status; };
    expect(recoveryCodes).toHaveLength(10);
    expect(new Set(recoveryCodes).size).toBe(10);
    expect(recoveryCodes[0]).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);
    expect([await use(recoveryCodes[0]!), await use(recoveryCodes[0]!), await use(recoveryCodes[1]!.toLowerCase().replaceAll('-', ' '))]).toEqual([200, 401, 200]);
    expect((await browser.send('GET', '/api/me/factors')).body).toMatchObject({ recoveryCodesLeft: 8, needed: false });
    const next = (await browser.send('POST', '/api/me/factors/recovery')).body.recoveryCodes as string[];
    expect([await use(recoveryCodes[2]!), await use(next[0]!)]).toEqual([401, 200]);
  });

  test('FA10 those of one account open no other', async () => {
    const [mine, theirs] = [await withApp(), await withApp()], browser = new Browser();
    await mine.enter(browser);
    expect((await browser.send('POST', '/api/session/factor', { recoveryCode: theirs.recoveryCodes[0] })).status).toBe(401);
  });
});

describe('adding and removing', () => {
  test('FA11 the first factor ends every other session of the account: they came in without it', async () => {
    const one = await person(), other = new Browser();
    await one.enter(); await one.enter(other);
    const { secret } = (await one.browser.send('POST', '/api/me/factors/totp/begin')).body;
    expect((await one.browser.send('POST', '/api/me/factors/totp', { name: 'Phone', code: '000000' })).body.code).toBe('factorCodeWrong');
    expect((await other.send('GET', '/api/me')).status).toBe(200);
    expect((await one.browser.send('POST', '/api/me/factors/totp', { name: 'Phone', code: codeOf(secret) })).status).toBe(201);
    expect((await other.send('GET', '/api/me')).status).toBe(401);
    expect((await one.browser.send('GET', '/api/me')).status).toBe(200);
  });

  test('FA12 it stays the same person: after 15 minutes adding, removing and new codes ask for the factor again, and a password is not enough', async () => {
    const { browser, secret, factorId } = await withApp(), laterMs = Date.now() + 20 * MINUTE_MS;
    clockAt(laterMs);
    expect((await browser.send('DELETE', `/api/me/factors/${factorId}`)).body.code).toBe('confirmAgain');
    expect((await browser.send('POST', '/api/me/factors/recovery')).body.code).toBe('confirmAgain');
    expect((await browser.send('POST', '/api/me/factors/totp/begin')).body.code).toBe('confirmAgain');
    expect((await browser.send('GET', '/api/me/confirm')).body).toEqual({ kinds: ['totp', 'recovery'], confirmedUntilMs: null });
    expect((await browser.send('POST', '/api/me/confirm', { password: PASSWORD })).status).toBe(401);
    expect((await browser.send('POST', '/api/me/confirm', { code: '000000' })).status).toBe(401);
    expect((await browser.send('POST', '/api/me/confirm', { code: codeOf(secret, laterMs) })).status).toBe(204);
    expect((await browser.send('GET', '/api/me/confirm')).body.confirmedUntilMs).toBeGreaterThan(laterMs);
    expect((await browser.send('DELETE', `/api/me/factors/${factorId}`)).status).toBe(204);
    expect((await browser.send('GET', '/api/me/factors')).body).toMatchObject({ factors: [], recoveryCodesLeft: 0 });
    expect(await server.store.secret(`totp/${factorId}`)).toBeNull();
  });

  test('FA21 accounts, links and tokens ask again, too, once the last proof is older', async () => {
    const admin = await person([{ role: 'administrator', unitId: null }]), other = await person();
    await admin.enter();
    const steps = () => [['POST', '/api/accounts', { signInName: `fresh.one${++made}`, name: 'Fresh', language: 'en', roles: [{ role: 'viewer', unitId: null }], memberId: null }], ['PUT', `/api/accounts/${other.accountId}`, { enabled: false }], ['POST', `/api/accounts/${other.accountId}/link`, undefined], ['POST', '/api/me/tokens', { name: 'T', rights: ['see'], unitId: null, days: 1 }], ['DELETE', `/api/accounts/${other.accountId}/factors`, undefined]] as const;
    clockAt(Date.now() + 20 * MINUTE_MS);
    for (const [method, path, body] of steps()) expect([path, (await admin.browser.send(method, path, body)).body.code]).toEqual([path, 'confirmAgain']);
    expect((await server.store.account(other.accountId))!.enabled).toBe(true);
    expect((await admin.browser.send('POST', '/api/me/confirm', { password: PASSWORD })).status).toBe(204);
    for (const [method, path, body] of steps().filter(([method]) => method === 'POST')) expect([path, (await admin.browser.send(method, path, body)).status]).toEqual([path, 201]);
  });

  test('FA13 without a factor the password confirms', async () => {
    const one = await person();
    await one.enter();
    clockAt(Date.now() + 20 * MINUTE_MS);
    expect((await one.browser.send('POST', '/api/me/factors/totp/begin')).body.code).toBe('confirmAgain');
    expect((await one.browser.send('GET', '/api/me/confirm')).body.kinds).toEqual(['password']);
    expect((await one.browser.send('POST', '/api/me/confirm', { password: 'not this one at all' })).body.code).toBe('passwordNotYours');
    expect((await one.browser.send('POST', '/api/me/confirm', { password: PASSWORD })).status).toBe(204);
    expect((await one.browser.send('POST', '/api/me/factors/totp/begin')).status).toBe(200);
  });

  test('FA14 a factor of somebody else answers like one that is not there; at most ten of one\'s own', async () => {
    const [mine, theirs] = [await withApp(), await withApp()];
    const [foreign, unknown] = [await mine.browser.send('DELETE', `/api/me/factors/${theirs.factorId}`), await mine.browser.send('DELETE', '/api/me/factors/f0000000000000000')];
    expect([foreign.status, foreign.body]).toEqual([unknown.status, unknown.body]);
    expect(foreign.status).toBe(404);
    let last = 0;
    for (let number = 0; number < 10; number++) {
      const { secret } = (await mine.browser.send('POST', '/api/me/factors/totp/begin')).body;
      last = (await mine.browser.send('POST', '/api/me/factors/totp', { name: `Phone ${number}`, code: codeOf(secret) })).status;
    }
    expect(last).toBe(429);
    expect((await mine.browser.send('GET', '/api/me/factors')).body.factors).toHaveLength(10);
  });

  test('FA20 an administrator takes the factors of somebody who lost them: the password is left, every session ends; nobody does it for themselves or beyond their reach', async () => {
    const lost = await withApp(), admin = await person([{ role: 'administrator', unitId: null }]), operator = await person();
    await admin.enter(); await operator.enter();
    expect((await operator.browser.send('DELETE', `/api/accounts/${lost.accountId}/factors`)).status).toBe(403);
    expect((await admin.browser.send('DELETE', `/api/accounts/${admin.accountId}/factors`)).status).toBe(403);
    expect((await admin.browser.send('DELETE', '/api/accounts/a0000000000000000/factors')).status).toBe(404);
    expect((await lost.browser.send('GET', '/api/me')).status).toBe(200);
    expect((await admin.browser.send('DELETE', `/api/accounts/${lost.accountId}/factors`)).status).toBe(204);
    expect((await lost.browser.send('GET', '/api/me')).status).toBe(401);
    expect((await lost.enter()).body.account.secondFactors).toEqual([]);
    expect(await server.store.secret(`totp/${lost.factorId}`)).toBeNull();
    expect(await server.store.recoveryCodesLeft(lost.accountId)).toBe(0);
  });

  test('FA15 a token changes nothing of how its account is opened', async () => {
    const one = await person([{ role: 'administrator', unitId: null }]);
    await one.enter();
    const token = (await one.browser.send('POST', '/api/me/tokens', { name: 'Script', rights: ['see'], unitId: null, days: 1 })).body.secret as string;
    const asked = await fetch(`${server.address}/api/me/factors/totp/begin`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
    expect(asked.status).toBe(403);
  });

  test('FA16 passkeys need a name: by an address of figures none is offered, and asking for one says why', async () => {
    const one = await person();
    await one.enter();
    expect((await one.browser.send('GET', '/api/session/ways')).body).toEqual({ passkeys: false, elsewhere: null });
    expect((await one.browser.send('POST', '/api/me/factors/passkey/begin')).body.code).toBe('passkeyNeedsName');
    const named = await fetch(server.address.replace('127.0.0.1', 'localhost') + '/api/session/ways');
    expect(await named.json()).toEqual({ passkeys: true, elsewhere: null });
  });

  test('FA17 rubbish instead of a passkey is refused, never a fault inside', async () => {
    const at = server.address.replace('127.0.0.1', 'localhost');
    for (const response of [{}, { id: 'x' }, { id: 'a'.repeat(3000) }, { id: 'AAAA', rawId: 'AAAA', type: 'public-key', response: { clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'AA' }, clientExtensionResults: {} }]) {
      const begun = await fetch(`${at}/api/session/passkey/begin`, { method: 'POST' }), cookie = cookiesOf(begun.headers);
      const answer = await fetch(`${at}/api/session/passkey`, { method: 'POST', headers: { 'content-type': 'application/json', cookie }, body: JSON.stringify({ response }) });
      expect(answer.status).toBe(401);
    }
  });
});

describe('rules that ask for a second factor', () => {
  let strict: ServerForTest;
  beforeAll(async () => { strict = await serverForTest({ secondFactor: 'administrators' }); });
  afterAll(async () => { await strict.close(); });

  test('FA18 an administrator without one may add one and do nothing else; others go on as before', async () => {
    const admin = await person([{ role: 'administrator', unitId: null }], strict), operator = await person([{ role: 'operator', unitId: null }], strict);
    await admin.enter(); await operator.enter();
    expect((await admin.browser.send('GET', '/api/me')).body.mustDo).toEqual(['secondFactor']);
    expect((await admin.browser.send('GET', '/api/overview')).body.code).toBe('mustDoFirst');
    expect((await operator.browser.send('GET', '/api/overview')).status).toBe(200);
    const { secret } = (await admin.browser.send('POST', '/api/me/factors/totp/begin')).body;
    expect((await admin.browser.send('POST', '/api/me/factors/totp', { name: 'Phone', code: codeOf(secret) })).status).toBe(201);
    expect((await admin.browser.send('GET', '/api/overview')).status).toBe(200);
  });

  test('FA19 the last one cannot be removed while the rules ask for it', async () => {
    const admin = await withApp(strict, [{ role: 'administrator', unitId: null }]);
    expect((await admin.browser.send('GET', '/api/me/factors')).body.needed).toBe(true);
    expect((await admin.browser.send('DELETE', `/api/me/factors/${admin.factorId}`)).body.code).toBe('secondFactorNeeded');
  });
});
