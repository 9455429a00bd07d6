// Accounts, sessions, tokens, invitations and the door, over real HTTP on a real database.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Me } from '../../contract/account.ts';
import { AccountList, Invited, SignInAnswer, TokenMade } from '../../contract/apiAccounts.ts';
import { SYSTEM_ACTOR } from '../../contract/incident.ts';
import { checker } from '../../contract/schema.ts';
import type Type from 'typebox';
import { firstAdministrator, newAdministrator } from '../../server/access/firstStart.ts';
import { hashPassword, passwordFits, randomPassword } from '../../server/access/passwords.ts';
import { passwordMustDo } from '../../server/access/passwordRules.ts';
import { newSecret, secretHash } from '../../server/access/sessions.ts';
import { addressKey, PAUSES } from '../../server/access/signIn.ts';
import { openStore } from '../../store/openStore.ts';
import { freshDatabase } from '../support/postgres.ts';
import { cookiesOf, passwordPrinted, signIn } from '../support/signIn.ts';
import { quietLog, serverForTest, until, wait, type ServerForTest, type SessionForTest } from './serverForTest.ts';

const GOOD = 'the square is quiet before nine', OTHER = 'rain falls on the north gate 7';
let server: ServerForTest, city: string, east: string, west: string, hash: string, number = 0;
const box = (west: number, east: number) => [{ outer: [{ lng: west, lat: 31 }, { lng: east, lat: 31 }, { lng: east, lat: 31.1 }, { lng: west, lat: 31.1 }], holes: [] }];
beforeAll(async () => {
  server = await serverForTest();
  const unit = async (level: 'city' | 'county', code: string, parentId: string | null, shape: ReturnType<typeof box>) => (await server.store.addUnit({ level, code, names: { en: code, zh: code }, parentId, shape, by: SYSTEM_ACTOR })).unit.unitId;
  city = await unit('city', 'C', null, box(121, 121.4));
  east = await unit('county', 'E', city, box(121.2, 121.4));
  west = await unit('county', 'W', city, box(121, 121.2));
  hash = await hashPassword(GOOD);
}, 120_000);
afterAll(async () => { await server?.close(); });

function fits<S extends Type.TSchema>(schema: S, value: unknown): Type.Static<S> {
  const checked = checker(schema)(value);
  if (!checked.ok) throw new Error(`${JSON.stringify(value)} does not fit: ${JSON.stringify(checked.faults)}`);
  return checked.value;
}
const withPassword = (over: { signInName?: string; roles?: Parameters<ServerForTest['store']['addAccount']>[0]['roles'] } = {}) => server.store.addAccount({ signInName: over.signInName ?? `person.${++number}`, name: `Person ${number}`, language: 'en', roles: over.roles ?? [{ role: 'viewer', unitId: null }], memberId: null, enabled: true, passwordHash: hash });
const enter = (signInName: string, password: string, headers: Record<string, string> = {}) => server.send('POST', '/api/session', { signInName, password }, { as: null, headers });
const administratorOf = (unitId: string): Promise<SessionForTest> => server.signedInAs({ roles: [{ role: 'administrator', unitId }] });
const recorded = async (what: string) => (await server.store.auditAfter(0, 10_000)).map(({ fact }) => fact).filter((fact) => fact.what === what);

describe('the first start', () => {
  test('AC1 makes one administrator with a random password that is printed once, and nothing when there is an account', async () => {
    const database = await freshDatabase(), store = await openStore({ databaseUrl: database.databaseUrl, log: quietLog });
    try {
      // Two processes that start at once make one.
      const said = await Promise.all([firstAdministrator(store), firstAdministrator(store)]);
      const lines = said.filter((line) => line !== null);
      expect(lines).toHaveLength(1);
      const password = passwordPrinted(lines[0]!)!;
      expect(password).toMatch(/^([A-HJ-NP-Z2-9]{4}-){4}[A-HJ-NP-Z2-9]{4}$/);
      expect(lines[0]).toContain('请用 admin 登录');
      const [account] = await store.accounts();
      expect(account!.roles).toEqual([{ role: 'administrator', unitId: null }, { role: 'dutyOfficer', unitId: null }]);
      const { passwordHash } = (await store.accountSecrets(account!.accountId))!;
      expect(passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      expect(await passwordFits(passwordHash, password, { first: true })).toBe(true);
      expect(await firstAdministrator(store)).toBeNull();
      // The way back in: the same account with another password, its sessions over, a new one asked for.
      const again = await newAdministrator(store, 'ADMIN');
      expect((await store.accounts())).toHaveLength(1);
      const next = (await store.accountSecrets(account!.accountId))!;
      expect([next.mustChange, await passwordFits(next.passwordHash, password, { first: true })]).toEqual([true, false]);
      expect(again).toMatch(/Sign in as ADMIN/);
    } finally { await store.close(); await database.drop(); }
  }, 120_000);
  test('AC2 no two passwords are the same, and each has 100 random bits', () => {
    const made = new Set(Array.from({ length: 2000 }, () => randomPassword()));
    expect(made.size).toBe(2000);
    const letters = new Map<string, number>();
    for (const one of made) for (const letter of one.replaceAll('-', '')) letters.set(letter, (letters.get(letter) ?? 0) + 1);
    expect(letters.size).toBe(32);
    expect(Math.min(...letters.values())).toBeGreaterThan(0.8 * 2000 * 20 / 32);
  });
});

describe('the door', () => {
  test('AC3 name and password open a session: the cookie is HttpOnly and SameSite=Strict, its secret stands nowhere in the database, and each sign-in makes a new one', async () => {
    const account = await withPassword({ signInName: 'Li.Wei' });
    const answer = await enter('li.WEI', GOOD);
    expect(answer.status).toBe(200);
    const me = fits(Me, answer.body);
    expect([me.account.accountId, me.mustDo]).toEqual([account.accountId, []]);
    const cookie = answer.headers.getSetCookie().find((one) => one.startsWith('crowdlight-session='))!;
    expect(cookie).toMatch(/^crowdlight-session=[A-Za-z0-9_-]{43}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/);
    const session = { cookie: cookiesOf(answer.headers) } as SessionForTest, secret = /session=([^;]+)/.exec(session.cookie)![1]!;
    expect((await server.send('GET', '/api/me', undefined, { as: session })).body.account.signInName).toBe('Li.Wei');
    expect(await server.store.sessionBySecret(secretHash(secret), Date.now())).toMatchObject({ accountId: account.accountId });
    // Whoever planted a cookie before has nothing of the session that follows: the old one ends.
    const again = await enter('li.wei', GOOD, { cookie: session.cookie });
    expect(cookiesOf(again.headers)).not.toContain(secret);
    expect((await server.send('GET', '/api/me', undefined, { as: session })).status).toBe(401);
    expect(JSON.stringify(again.body)).not.toMatch(/argon2|password_hash|passwordHash/);
  });

  test('AC4 a wrong password, a name that nobody has, a disabled account and one that signs in elsewhere get one answer', async () => {
    await withPassword({ signInName: 'there' });
    const off = await withPassword({ signInName: 'turned.off' });
    await server.store.changeAccount(off.accountId, { enabled: false });
    await server.store.addAccount({ signInName: 'elsewhere', name: 'E', language: 'en', roles: [], memberId: null, enabled: true, kind: 'oidc', issuer: 'https://id.example', subject: '1', passwordHash: hash });
    const answers = [await enter('there', 'not the password'), await enter('nobody.has.this', GOOD), await enter('turned.off', GOOD), await enter('elsewhere', GOOD)];
    for (const { status, body, headers } of answers) { expect([status, body]).toEqual([401, { code: 'signInRefused', values: {}, detail: null }]); expect(headers.getSetCookie()).toEqual([]); }
  });

  test('AC5 looking at a password takes as long for a name that nobody has', async () => {
    const timed = async (against: string | null) => { const beganMs = performance.now(); await passwordFits(against, 'some wrong password', { first: true }); return performance.now() - beganMs; };
    await timed(null);
    const there: number[] = [], nobody: number[] = [];
    for (let at = 0; at < 15; at++) { there.push(await timed(hash)); nobody.push(await timed(null)); }
    const middle = (times: number[]) => times.toSorted((a, b) => a - b)[7]!;
    expect(middle(nobody) / middle(there)).toBeGreaterThan(0.5);
    expect(middle(nobody) / middle(there)).toBeLessThan(2);
    console.log(`a password is looked at in ${middle(there).toFixed(0)} ms (name there), ${middle(nobody).toFixed(0)} ms (nobody's)`);
  }, 60_000);

  test('AC6 wrong passwords make pauses that grow; they meet the address that tries, not a browser that was let in before', async () => {
    await withPassword({ signInName: 'flooded' });
    const known = await signIn(server.address, 'flooded', GOOD);
    for (let at = 0; at < PAUSES.pair.free; at++) expect((await enter('flooded', `wrong ${at}`)).status).toBe(401);
    expect((await enter('flooded', 'wrong again')).status).toBe(401);
    const paused = await enter('flooded', GOOD);
    expect([paused.status, paused.body.code]).toEqual([429, 'signInPaused']);
    expect(paused.body.values.seconds).toBeGreaterThanOrEqual(1);
    expect(paused.headers.get('retry-after')).not.toBeNull();
    // The very same address, with the cookie of a browser that belongs here.
    const browser = known.split('; ').find((one) => one.startsWith('crowdlight-browser='))!;
    expect((await enter('flooded', GOOD, { cookie: browser })).status).toBe(200);
    // Its cookie helps no other account.
    await withPassword({ signInName: 'flooded2' });
    for (let at = 0; at <= PAUSES.pair.free; at++) await enter('flooded2', 'wrong', { cookie: browser });
    expect((await enter('flooded2', GOOD, { cookie: browser })).status).toBe(429);
    await until('on record', async () => (await recorded('lockedOut')).length > 0);
    expect((await recorded('signInFailed')).length).toBeGreaterThanOrEqual(PAUSES.pair.free);
    expect(JSON.stringify(await recorded('signInFailed'))).not.toContain('wrong');
  }, 60_000);

  test('AC7 tries at once are counted as many: of 40 guesses no more than the free ones are looked at', async () => {
    const keys = [{ key: 'test:at-once', ...PAUSES.pair }], nowMs = Date.now();
    const answers = await Promise.all(Array.from({ length: 40 }, () => server.store.beginTry(keys, nowMs)));
    const through = answers.filter(({ pausedUntilMs }) => pausedUntilMs <= nowMs).length;
    expect(through).toBeLessThanOrEqual(PAUSES.pair.free + 2);
    // Pauses double up to their most; a quiet hour forgives.
    let atMs = nowMs, last = 0;
    for (let at = 0; at < 12; at++) {
      const { pausedUntilMs } = await server.store.beginTry(keys, atMs);
      if (pausedUntilMs > atMs) { last = pausedUntilMs - atMs; atMs = pausedUntilMs; }
    }
    expect(last).toBeGreaterThan(60_000);
    expect(last).toBeLessThanOrEqual(PAUSES.pair.mostPauseMs);
    expect((await server.store.beginTry(keys, atMs + 2 * 3600_000)).fails).toEqual([1]);
  });

  test('AC8 addresses: one of IPv4 is itself, also mapped into IPv6; one of IPv6 stands for its /64', () => {
    expect(addressKey('::ffff:10.1.2.3')).toBe('10.1.2.3');
    expect(addressKey('2001:db8:1:2:3:4:5:6')).toBe(addressKey('2001:db8:1:2:ffff::1'));
    expect(addressKey('2001:db8:1:2::1')).not.toBe(addressKey('2001:db8:1:3::1'));
  });

  test('AC9 hashes have a bound at a time and in line; who is known goes first', async () => {
    const order: string[] = [], flood = Array.from({ length: 90 }, (_, at) => passwordFits(hash, 'wrong', { first: false }).then(() => { order.push(`stranger ${at}`); return 'looked at'; }, (error: { note: { code: string } }) => error.note.code));
    const known = passwordFits(hash, GOOD, { first: true }).then((yes) => { order.push('known'); return yes; });
    expect(await known).toBe(true);
    expect(order.indexOf('known')).toBeLessThan(15);
    const ends = await Promise.all(flood);
    expect(ends.filter((end) => end === 'signInPaused').length).toBeGreaterThanOrEqual(90 - 4 - 60);
    expect(new Set(ends)).toEqual(new Set(['looked at', 'signInPaused']));
  }, 60_000);
});

describe('sessions', () => {
  test('AC10 an idle session and one at its end are over; acting keeps one alive, watching does not', async () => {
    const account = await withPassword(), nowMs = Date.now();
    const make = async (idleUntilMs: number, endsAtMs: number, at = nowMs) => { const secret = newSecret(); const session = await server.store.addSession({ accountId: account.accountId, secretHash: secretHash(secret), nowMs: at, idleUntilMs, endsAtMs, address: '127.0.0.1', browser: 'test' }); return { as: { cookie: `crowdlight-session=${secret}` } as SessionForTest, sessionId: session.sessionId }; };
    const idle = await make(nowMs - 1, nowMs + 1e9), ended = await make(nowMs + 1e9, nowMs - 1);
    for (const { as } of [idle, ended]) expect((await server.send('GET', '/api/me', undefined, { as })).body.code).toBe('notSignedIn');
    const soon = await make(nowMs + 60_000, nowMs + 3 * 3600_000);
    const idleOf = async () => (await server.store.sessionsOf(account.accountId, Date.now())).find(({ sessionId }) => sessionId === soon.sessionId)!.idleUntilMs;
    await server.send('GET', '/api/overview', undefined, { as: soon.as });
    await wait(200);
    expect(await idleOf()).toBe(nowMs + 60_000);
    const here = await server.send('POST', '/api/me/here', undefined, { as: soon.as });
    // Never beyond the end of the whole.
    expect(here.body.sessionEndsAtMs).toBe(nowMs + 3 * 3600_000);
    await until('written down', async () => await idleOf() === nowMs + 3 * 3600_000);
  });

  test('AC11 one\'s sessions are listed and ended; ending is heard by the next request, also when another process did it', async () => {
    const account = await withPassword();
    const [a, b, c] = [await signIn(server.address, account.signInName, GOOD), await signIn(server.address, account.signInName, GOOD), await signIn(server.address, account.signInName, GOOD)].map((cookie) => ({ cookie }) as SessionForTest) as [SessionForTest, SessionForTest, SessionForTest];
    const { sessions } = (await server.send('GET', '/api/me/sessions', undefined, { as: a })).body;
    expect([sessions.length, sessions.filter(({ current }: { current: boolean }) => current).length]).toEqual([3, 1]);
    const other = sessions.find(({ current }: { current: boolean }) => !current).sessionId;
    expect((await server.send('DELETE', `/api/me/sessions/${other}`, undefined, { as: a })).status).toBe(204);
    expect((await server.send('DELETE', `/api/me/sessions/${other}`, undefined, { as: a })).status).toBe(404);
    expect((await Promise.all([b, c].map(async (as) => (await server.send('GET', '/api/me', undefined, { as })).status))).toSorted()).toEqual([200, 401]);
    // As another process would: past this server, straight in the database.
    await server.store.endSessions(account.accountId, null);
    await until('heard', async () => (await server.send('GET', '/api/me', undefined, { as: a })).status === 401, 1500);
    // Nobody ends a stranger's.
    const stranger = await withPassword(), theirs = await signIn(server.address, stranger.signInName, GOOD), theirId = (await server.store.sessionsOf(stranger.accountId, Date.now()))[0]!.sessionId;
    const mine = { cookie: await signIn(server.address, account.signInName, GOOD) } as SessionForTest;
    expect((await server.send('DELETE', `/api/me/sessions/${theirId}`, undefined, { as: mine })).status).toBe(404);
    expect((await server.send('GET', '/api/me', undefined, { as: { cookie: theirs } as SessionForTest })).status).toBe(200);
    // Signing out takes cookie and session.
    const out = await server.send('DELETE', '/api/session', undefined, { as: mine });
    expect([out.status, out.headers.getSetCookie().some((cookie) => cookie.startsWith('crowdlight-session=;'))]).toEqual([204, true]);
    expect((await server.send('GET', '/api/me', undefined, { as: mine })).status).toBe(401);
  }, 60_000);

  test('AC12 a changed password ends the other sessions; a wrong present one changes nothing and is counted', async () => {
    const account = await withPassword();
    const [mine, other] = [{ cookie: await signIn(server.address, account.signInName, GOOD) } as SessionForTest, { cookie: await signIn(server.address, account.signInName, GOOD) } as SessionForTest];
    expect((await server.send('POST', '/api/me/password', { now: 'wrong', next: OTHER }, { as: mine })).body.code).toBe('passwordNotYours');
    expect((await server.send('POST', '/api/me/password', { now: GOOD, next: 'short' }, { as: mine })).body.code).toBe('passwordWeak');
    expect((await server.send('POST', '/api/me/password', { now: GOOD, next: OTHER }, { as: mine })).status).toBe(204);
    expect((await server.send('GET', '/api/me', undefined, { as: mine })).status).toBe(200);
    expect((await server.send('GET', '/api/me', undefined, { as: other })).status).toBe(401);
    expect((await enter(account.signInName, GOOD)).status).toBe(401);
    expect((await enter(account.signInName, OTHER)).status).toBe(200);
  }, 60_000);

  test('AC13 whoever must choose a new password may do that and nothing else', async () => {
    const account = await withPassword({ roles: [{ role: 'administrator', unitId: null }] });
    await server.store.keepPassword(account.accountId, hash, { mustChange: true, keepSessionId: null });
    const as = { cookie: await signIn(server.address, account.signInName, GOOD) } as SessionForTest;
    expect((await server.send('GET', '/api/me', undefined, { as })).body.mustDo).toEqual(['newPassword']);
    for (const path of ['/api/overview', '/api/accounts', '/api/me/tokens']) expect((await server.send('GET', path, undefined, { as })).body.code).toBe('mustDoFirst');
    expect((await server.send('POST', '/api/me/password', { now: GOOD, next: OTHER }, { as })).status).toBe(204);
    expect((await server.send('GET', '/api/overview', undefined, { as })).status).toBe(200);
  });

  test('AC14 nobody signed in gets the door and nothing else, with whatever is made up', async () => {
    for (const headers of [{}, { cookie: 'crowdlight-session=' }, { cookie: `crowdlight-session=${newSecret()}` }, { cookie: `crowdlight-session=${'a'.repeat(4000)}` }, { authorization: 'Bearer crl_made-up' }, { authorization: 'Basic YWRtaW46YWRtaW4=' }] as Record<string, string>[]) {
      const answer = await server.send('GET', '/api/overview', undefined, { as: null, headers });
      expect([answer.status, answer.body.code]).toEqual([401, 'notSignedIn']);
    }
    // The secret of a session is no token, and that of a token no session.
    const session = /session=(.+)$/.exec(server.administrator.cookie)![1]!;
    expect((await server.send('GET', '/api/me', undefined, { as: null, headers: { authorization: `Bearer ${session}` } })).status).toBe(401);
  });
});

describe('passwords', () => {
  const rule = (password: string, file = '') => passwordMustDo(password, { names: ['li.wei', 'Li Wei'], breachedPasswordsFile: file }).then(() => 'taken', (error: { note: { code: string } }) => error.note.code);
  test.each([
    ['eleven char', 'passwordWeak'], ['li.wei li.wei', 'passwordWeak'], ['Li Wei 2026!!', 'passwordWeak'], ['aaaaaaaaaaaaaa', 'passwordWeak'], ['password1234', 'passwordKnown'], ['!!qwertyqwerty', 'passwordKnown'], ['Password2026!', 'passwordKnown'],
    ['the square is quiet', 'taken'], ['雨落在北门外的广场上今天人很多', 'taken'], ['li.wei walks home at nine', 'taken'], ['x7#kQ9!mPz2@', 'taken'],
  ])('AC15 "%s": %s', async (password, code) => { expect(await rule(password)).toBe(code); });
  test('AC16 a password is the same however its letters are composed, and 200 characters are the most', async () => {
    const composed = await hashPassword('caf\u00e9 am platz 12');
    expect(await passwordFits(composed, 'cafe\u0301 am platz 12', { first: true })).toBe(true);
    expect(await rule('ab c'.repeat(50))).toBe('taken');
    expect(await rule(`${'ab c'.repeat(50)}d`)).toBe('inputWrong');
  });
  test('AC17 a list of stolen passwords as a file: hashes in order, with counts or without, or plain lines; first, last and none', async () => {
    const words = Array.from({ length: 3000 }, (_, at) => `stolen secret number ${at * 7}`), sha1 = (word: string) => createHash('sha1').update(word).digest('hex').toUpperCase();
    const files = { counts: words.map((word, at) => `${sha1(word)}:${at}`).toSorted().join('\r\n'), bare: `${words.map(sha1).toSorted().join('\n')}\n`, plain: words.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).join('\n') };
    for (const [name, text] of Object.entries(files)) {
      const path = join(server.dataFolder, `stolen-${name}.txt`);
      writeFileSync(path, text);
      for (const at of [0, 1, 1499, 2998, 2999]) expect([name, at, await rule(words[at]!, path)]).toEqual([name, at, 'passwordKnown']);
      expect(await rule('stolen secret number 5', path)).toBe('taken');
    }
  });
});

describe('tokens', () => {
  test('AC18 a token acts with its rights, where its unit lies, until it ends; it is shown once and only its sum is kept', async () => {
    const owner = await server.signedInAs({ roles: [{ role: 'administrator', unitId: city }, { role: 'analyst', unitId: city }] });
    const made = await server.send('POST', '/api/me/tokens', { name: 'Figures', rights: ['see'], unitId: east, days: 30 }, { as: owner });
    expect(made.status).toBe(201);
    const { token, secret } = fits(TokenMade, made.body);
    expect(secret).toMatch(/^crl_[A-Za-z0-9_-]{43}$/);
    expect(JSON.stringify((await server.send('GET', '/api/me/tokens', undefined, { as: owner })).body)).not.toContain(secret.slice(4, 20));
    const bearer = (method: string, path: string, body?: unknown) => server.send(method, path, body, { as: null, headers: { authorization: `Bearer ${secret}` } });
    const me = (await bearer('GET', '/api/me')).body;
    expect(me.rights).toEqual([{ unitId: east, rights: ['see'] }]);
    expect((await bearer('GET', '/api/overview')).status).toBe(200);
    // Not what its owner may beyond it; no tokens, no password, no sign-out for it.
    expect((await bearer('GET', '/api/accounts')).status).toBe(403);
    expect((await bearer('POST', '/api/me/tokens', { name: 'x', rights: ['see'], unitId: null, days: 1 })).status).toBe(403);
    expect((await bearer('POST', '/api/me/password', { now: GOOD, next: OTHER })).status).toBe(403);
    expect((await bearer('DELETE', '/api/session')).status).toBe(403);
    // Never as a cookie.
    expect((await server.send('GET', '/api/me', undefined, { as: { cookie: `crowdlight-session=${secret}` } as SessionForTest })).status).toBe(401);
    await until('last used', async () => (await server.store.tokensOf(owner.accountId, Date.now()))[0]?.usedAtMs ?? null);
    // What its owner loses, it loses.
    await server.store.changeAccount(owner.accountId, { roles: [{ role: 'administrator', unitId: west }] });
    await until('nothing left', async () => (await bearer('GET', '/api/me')).body.rights?.length === 0, 1500);
    expect((await server.send('DELETE', `/api/me/tokens/${token.tokenId}`, undefined, { as: owner })).status).toBe(204);
    expect((await bearer('GET', '/api/me')).status).toBe(401);
  }, 60_000);
  test('AC19 no token beyond its owner: rights, unit, more than a year', async () => {
    const owner = await server.signedInAs({ roles: [{ role: 'viewer', unitId: east }] });
    const make = async (over: Record<string, unknown>) => (await server.send('POST', '/api/me/tokens', { name: 'x', rights: ['see'], unitId: east, days: 30, ...over }, { as: owner })).status;
    expect(await make({})).toBe(201);
    expect(await make({ rights: ['see', 'setup'] })).toBe(403);
    for (const unitId of [west, city, 'u-none']) expect(await make({ unitId })).toBe(403);
    for (const days of [0, 366, 1.5]) expect(await make({ days })).toBe(400);
    const past = newSecret();
    await server.store.addToken({ accountId: owner.accountId, secretHash: secretHash(`crl_${past}`), name: 'old', rights: ['see'], unitId: null, createdAtMs: Date.now() - 2000, expiresAtMs: Date.now() - 1 });
    expect((await server.send('GET', '/api/me', undefined, { as: null, headers: { authorization: `Bearer crl_${past}` } })).status).toBe(401);
  });
});

describe('accounts of others', () => {
  const invite = async (as: SessionForTest, over: Record<string, unknown> = {}) => server.send('POST', '/api/accounts', { signInName: `invited.${++number}`, name: 'Wang Fang', language: 'zh', roles: [{ role: 'operator', unitId: east }], memberId: null, ...over }, { as });
  test('AC20 an invitation: the link opens once, sets name and password, and nobody signs in before', async () => {
    const made = await invite(server.administrator);
    expect(made.status).toBe(201);
    const { account, secret, untilMs } = fits(Invited, made.body);
    expect(untilMs - Date.now()).toBeLessThanOrEqual(72 * 3600_000);
    expect((await enter(account.signInName, '')).status).toBe(400);
    expect((await enter(account.signInName, GOOD)).status).toBe(401);
    const join = (body: Record<string, unknown>) => server.send('POST', '/api/join', { secret, ...body }, { as: null });
    expect((await server.send('POST', '/api/join/look', { secret }, { as: null })).body).toMatchObject({ kind: 'invitation', signInName: account.signInName, name: 'Wang Fang', language: 'zh', byName: 'Administrator' });
    expect((await join({ password: 'short' })).body.code).toBe('passwordWeak');
    const [one, two] = await Promise.all([join({ password: OTHER, name: 'Wang Fang 王芳' }), join({ password: OTHER, name: 'Somebody else' })]);
    expect([one.status, two.status].toSorted()).toEqual([200, 410]);
    expect((await join({ password: OTHER })).body.code).toBe('invitationOver');
    const answer = await enter(account.signInName, OTHER);
    expect(fits(SignInAnswer, answer.body)).toMatchObject({ account: { roles: [{ role: 'operator', unitId: east }] } });
    for (const secretOf of ['A'.repeat(43), newSecret()]) expect((await server.send('POST', '/api/join/look', { secret: secretOf }, { as: null })).body.code).toBe('invitationOver');
  }, 60_000);
  test('AC21 recovery: a new link makes the older one void, ends all sessions and leaves name and roles as they are', async () => {
    const account = await withPassword({ roles: [{ role: 'operator', unitId: east }] });
    const session = { cookie: await signIn(server.address, account.signInName, GOOD) } as SessionForTest;
    const first = (await server.send('POST', `/api/accounts/${account.accountId}/link`)).body.secret, second = (await server.send('POST', `/api/accounts/${account.accountId}/link`)).body.secret;
    expect((await server.send('POST', '/api/join', { secret: first, password: OTHER }, { as: null })).status).toBe(410);
    expect((await server.send('POST', '/api/join', { secret: second, password: OTHER, name: 'Another name' }, { as: null })).status).toBe(200);
    expect((await server.send('GET', '/api/me', undefined, { as: session })).status).toBe(401);
    const after = (await enter(account.signInName, OTHER)).body;
    expect([after.account.name, after.account.roles]).toEqual([account.name, account.roles]);
    expect(await recorded('recovered')).not.toEqual([]);
    // Over after its time.
    const late = newSecret();
    await server.store.addInvitation({ accountId: account.accountId, secretHash: secretHash(late), kind: 'recovery', byName: 'x', nowMs: Date.now() - 10, expiresAtMs: Date.now() - 1 });
    expect((await server.send('POST', '/api/join', { secret: late, password: OTHER }, { as: null })).status).toBe(410);
  }, 60_000);
  test('AC22 an administrator of a unit sees and changes accounts at or below it, gives no role elsewhere, and a foreign account answers like none', async () => {
    const ours = await administratorOf(east), theirs = await withPassword({ roles: [{ role: 'viewer', unitId: west }] }), below = await withPassword({ roles: [{ role: 'viewer', unitId: east }] }), both = await withPassword({ roles: [{ role: 'viewer', unitId: east }, { role: 'operator', unitId: west }] }), above = await withPassword({ roles: [{ role: 'viewer', unitId: city }] });
    const seen = fits(AccountList, (await server.send('GET', '/api/accounts', undefined, { as: ours })).body).accounts, of = (accountId: string) => seen.find(({ account }) => account.accountId === accountId);
    expect([of(below.accountId)?.mayChange, of(both.accountId)?.mayChange, of(theirs.accountId), of(above.accountId), of(server.administrator.accountId)]).toEqual([true, false, undefined, undefined, undefined]);
    const none = { status: 404, body: { code: 'notFound', values: {}, detail: null } };
    for (const accountId of [theirs.accountId, above.accountId, 'a-none', server.administrator.accountId]) {
      for (const [method, path, body] of [['PUT', '', { name: 'x' }], ['DELETE', '', undefined], ['POST', '/link', undefined], ['GET', '/sessions', undefined], ['DELETE', '/sessions', undefined], ['DELETE', '/sessions/x', undefined]] as const) {
        const { status, body: said } = await server.send(method, `/api/accounts/${accountId}${path}`, body, { as: ours });
        expect({ status, body: said }).toEqual(none);
      }
    }
    const roles = async (accountId: string, next: unknown) => (await server.send('PUT', `/api/accounts/${accountId}`, { roles: next }, { as: ours })).status;
    expect(await roles(below.accountId, [{ role: 'administrator', unitId: east }])).toBe(200);
    for (const unitId of [west, city, 'u-none']) expect(await roles(below.accountId, [{ role: 'viewer', unitId }])).toBe(404);
    expect(await roles(below.accountId, [{ role: 'viewer', unitId: null }])).toBe(403);
    // Of one who also serves elsewhere: the roles here, and nothing else of it.
    expect((await server.send('PUT', `/api/accounts/${both.accountId}`, { enabled: false }, { as: ours })).status).toBe(403);
    expect((await server.send('POST', `/api/accounts/${both.accountId}/link`, undefined, { as: ours })).status).toBe(403);
    expect(await roles(both.accountId, [{ role: 'operator', unitId: west }])).toBe(200);
    expect((await invite(ours, { roles: [{ role: 'viewer', unitId: west }] })).status).toBe(404);
    expect((await invite(ours, { roles: [] })).status).toBe(403);
    expect((await invite(ours)).status).toBe(201);
  }, 60_000);
  test('AC23 the last who may administer the whole can neither be removed, disabled nor lose the role, also by two at once', async () => {
    const others = (await server.store.accounts()).filter(({ accountId, roles }) => accountId !== server.administrator.accountId && roles.some(({ role, unitId }) => role === 'administrator' && unitId === null));
    for (const { accountId } of others) await server.store.removeAccount(accountId);
    const me = server.administrator.accountId;
    expect((await server.send('PUT', `/api/accounts/${me}`, { enabled: false })).body.code).toBe('lastAdministrator');
    await expect(server.store.removeAccount(me)).rejects.toMatchObject({ note: { code: 'lastAdministrator' } });
    expect((await server.send('PUT', `/api/accounts/${me}`, { roles: [{ role: 'administrator', unitId: city }] })).body.code).toBe('lastAdministrator');
    const second = await server.signedInAs();
    const ends = await Promise.allSettled([server.store.removeAccount(second.accountId), server.store.changeAccount(me, { enabled: false })]);
    expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await server.store.addAccount({ signInName: 'rescue', name: 'Rescue', language: 'en', roles: [{ role: 'administrator', unitId: null }], memberId: null, enabled: true });
    await server.store.changeAccount(me, { enabled: true });
  });
  test('AC24 disabling ends sessions and tokens at once; names are unique however they are written; what is removed is gone', async () => {
    const admin = await server.signedInAs(), account = await withPassword({ signInName: 'Unique.Name' }), session = { cookie: await signIn(server.address, 'unique.name', GOOD) } as SessionForTest;
    expect((await invite(admin, { signInName: 'uNIQUE.nAME' })).body.code).toBe('signInNameTaken');
    expect((await server.send('GET', '/api/me', undefined, { as: session })).status).toBe(200);
    expect((await server.send('PUT', `/api/accounts/${account.accountId}`, { enabled: false }, { as: admin })).status).toBe(200);
    expect((await server.send('GET', '/api/me', undefined, { as: session })).status).toBe(401);
    // One that has done something goes with a second person's word alone; one that never did goes at once.
    expect((await server.send('DELETE', `/api/accounts/${account.accountId}`, undefined, { as: admin })).body.code).toBe('needsSecondPerson');
    const unused = await withPassword();
    expect((await server.send('DELETE', `/api/accounts/${unused.accountId}`, undefined, { as: admin })).status).toBe(204);
    expect((await server.send('DELETE', `/api/accounts/${unused.accountId}`, undefined, { as: admin })).status).toBe(404);
    for (const signInName of ['', 'a', 'with space', 'x'.repeat(65), '<script>', '../etc']) expect((await invite(admin, { signInName })).status).toBe(400);
    for (const what of ['accountAdded', 'accountChanged', 'accountRemoved', 'invited', 'signedIn']) expect(await recorded(what)).not.toEqual([]);
  }, 60_000);
  test('AC25 no answer of any of these routes holds a hash or a secret beside the one that is shown once', async () => {
    const admin = await server.signedInAs();
    for (const path of ['/api/accounts', '/api/me', '/api/me/sessions', '/api/me/tokens', `/api/accounts/${admin.accountId}/sessions`]) {
      const text = JSON.stringify((await server.send('GET', path, undefined, { as: admin })).body);
      expect(text).not.toMatch(/argon2|hash|secret(?!Hash)["_]?:|crl_/i);
      expect(text).not.toContain(admin.cookie.split('=')[1]!);
    }
  });
});
