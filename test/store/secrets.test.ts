import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Problem } from '../../contract/problem.ts';
import { openStore } from '../../store/openStore.ts';
import { keyIdOf, keyIdOfSealed, newKeyWords, noSecrets, secretsInFile, secretsOf, writeKeyFile } from '../../store/secrets.ts';
import { rotateKeys } from '../../store/rotateKeys.ts';
import { freshDatabase } from '../support/postgres.ts';

const silent = pino({ level: 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'crowdlight-secrets-'));
let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => { database = await freshDatabase(); });
afterAll(async () => { await database.drop(); rmSync(folder, { recursive: true, force: true }); });

const codeOf = async (work: () => unknown): Promise<string> => { try { await work(); } catch (error) { return error instanceof Problem ? error.note.code : String(error); } return 'no problem'; };
const site = { name: 'Square', origin: { lng: 0, lat: 0 }, grid: { cellM: 1 as const, columns: 20, rows: 20 }, demo: false };
const camera = (n: number) => ({ sensorId: `c${n}`, name: `camera ${n}`, kind: 'rtsp', settings: { url: `rtsp://192.168.1.${n}/s`, user: 'op', password: `geheim-${n}` }, addressShown: `rtsp://192.168.1.${n}/s` });
const client = async <T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> => { const one = new pg.Client(databaseUrl); await one.connect(); try { return await work(one); } finally { await one.end(); } };

test('SE1 a sealed value opens with its key at its place, and is another text each time', () => {
  const secrets = secretsOf(newKeyWords()), words = 'pässwörd 口令 \u0000 end';
  const once = secrets.seal(words, 'sensor_settings/c1'), again = secrets.seal(words, 'sensor_settings/c1');
  expect(secrets.open(once, 'sensor_settings/c1')).toBe(words);
  expect(once).not.toBe(again);
  expect(secrets.open(secrets.seal('', 'a/b'), 'a/b')).toBe('');
  expect(keyIdOfSealed(once)).toBe(secrets.writerId());
});

test('SE2 moved to another row, cut, lengthened or changed in any one character it does not open', async () => {
  const secrets = secretsOf(newKeyWords()), sealed = secrets.seal('geheim', 'sensor_settings/c1');
  expect(await codeOf(() => secrets.open(sealed, 'sensor_settings/c2'))).toBe('secretDamaged');
  expect(await codeOf(() => secrets.open(sealed, 'channel_settings/c1'))).toBe('secretDamaged');
  const from = sealed.lastIndexOf('.') + 1;
  for (let at = from; at < sealed.length; at++) {
    const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
    // The last character of base64 may carry bits that mean nothing.
    if (Buffer.from(changed.slice(from), 'base64url').equals(Buffer.from(sealed.slice(from), 'base64url'))) continue;
    expect(await codeOf(() => secrets.open(changed, 'sensor_settings/c1'))).toBe('secretDamaged');
  }
  for (const broken of ['', 'sealed1', 'sealed1..', sealed.slice(0, -8), `${sealed}AAAA`, `${sealed}.x`, sealed.replace('sealed1', 'sealed2')]) expect(await codeOf(() => secrets.open(broken, 'sensor_settings/c1'))).toBe('secretDamaged');
  expect(await codeOf(() => secretsOf(newKeyWords()).open(sealed, 'sensor_settings/c1'))).toBe('secretKeyMissing');
});

test('SE3 a key is 32 bytes as hexadecimal or base64; the same bytes have the same id, and anything else stops the start', async () => {
  const bytes = Buffer.from(Array.from({ length: 32 }, (_, at) => at * 7));
  expect(new Set([bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')].map((words) => keyIdOf(words))).size).toBe(1);
  for (const wrong of ['', 'short', 'x'.repeat(43), '*'.repeat(43), bytes.toString('hex').slice(2), `${bytes.toString('base64')}AA`]) expect(await codeOf(() => secretsOf(wrong))).toBe('settingWrong');
  const [first, second] = [newKeyWords(), newKeyWords()], old = secretsOf(second), both = secretsOf(`${first},${second}`);
  expect(both.writerId()).toBe(keyIdOf(first));
  expect(both.open(old.seal('x', 'p'), 'p')).toBe('x');
});

test('SE4 the key file is made by the first that needs it, for its owner alone, and never over another one', async () => {
  const path = join(folder, 'made', 'secret.key'), one = secretsInFile(path), other = secretsInFile(path);
  expect(existsSync(path)).toBe(false);
  one.persist();
  other.persist(); // made a key of its own, too late
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(other.writerId()).toBe(one.writerId());
  expect(other.open(one.seal('x', 'p'), 'p')).toBe('x');
  writeFileSync(join(folder, 'empty.key'), '# nothing\n');
  expect(await codeOf(() => secretsInFile(join(folder, 'empty.key')))).toBe('settingWrong');
  expect(await codeOf(() => secretsInFile(folder))).toBe('settingWrong');
  if (process.getuid?.() !== 0) {
    writeFileSync(join(folder, 'closed.key'), newKeyWords()); chmodSync(join(folder, 'closed.key'), 0);
    expect(await codeOf(() => secretsInFile(join(folder, 'closed.key')))).toBe('settingWrong');
  }
});

test('SE5 cameras, channels, keys and kept secrets stand sealed in the database and come out as they went in', async () => {
  const secrets = secretsOf(newKeyWords()), store = await openStore({ databaseUrl: database.databaseUrl, log: silent, secrets });
  const { site: { siteId } } = await store.addSite(site);
  await store.addSensor(siteId, camera(1));
  await store.changeSensor('c1', { settings: { ...camera(1).settings, password: 'geheim-changed' } });
  const channel = await store.addChannel({ kind: 'webhook', name: 'hook', settings: { url: 'https://hook.example/', secret: 'geheim-hook' }, settingsShown: { url: 'https://hook.example/' } });
  expect(await store.channelKey('webPush', async () => ({ privateKey: 'geheim-push' }))).toEqual({ privateKey: 'geheim-push' });
  expect(await store.channelKey('webPush', async () => ({ privateKey: 'another' }))).toEqual({ privateKey: 'geheim-push' });
  await store.keepSecret('totp/f1', 'geheim-totp');
  expect(await store.keptSecret('tls/siteCa', () => 'geheim-ca')).toBe('geheim-ca');
  expect(await store.keptSecret('tls/siteCa', () => 'another')).toBe('geheim-ca');
  expect((await store.sensorSource('c1'))!.settings['password']).toBe('geheim-changed');
  expect((await store.sensorSources()).map((one) => one.settings['password'])).toEqual(['geheim-changed']);
  expect((await store.channelSettings(channel.channelId))!.settings['secret']).toBe('geheim-hook');
  expect((await store.channelsWithSettings()).map((one) => one.channel.channelId)).toContain('inApp');
  expect(await store.channelKeyMade('webPush')).toEqual({ privateKey: 'geheim-push' });
  expect(await store.secret('totp/f1')).toBe('geheim-totp');
  expect(await store.secret('none')).toBe(null);
  const found = await client(database.databaseUrl, async (db) => {
    const tables = await db.query<{ name: string }>(`select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`);
    const hits: string[] = [];
    for (const { name } of tables.rows) if ((await db.query(`select 1 from ${name} as t where t::text ~ 'geheim|rtsp://192.168.1.1/s.*user' limit 1`)).rowCount! > 0) hits.push(name);
    return hits;
  });
  expect(found).toEqual([]);
  // Nothing open gets in by another door, either.
  await client(database.databaseUrl, async (db) => { await expect(db.query(`update sensor_settings set settings = '{"password":"open"}'`)).rejects.toThrow(/sensor_settings_sealed/); });
  await store.close();

  // Another key, or none that fits: said at the start, nothing lost.
  expect(await codeOf(() => openStore({ databaseUrl: database.databaseUrl, log: silent, secrets: secretsOf(newKeyWords()) }))).toBe('secretKeyMissing');
  const lost = join(folder, 'lost.key');
  expect(await codeOf(() => openStore({ databaseUrl: database.databaseUrl, log: silent, secrets: secretsInFile(lost) }))).toBe('secretKeyMissing');
  expect(existsSync(lost)).toBe(false);
  const without = await openStore({ databaseUrl: database.databaseUrl, log: silent, secrets: noSecrets() });
  expect(await codeOf(() => without.keepSecret('a', 'b'))).toBe('secretKeyMissing');
  expect(await codeOf(() => without.sensorSources())).toBe('secretKeyMissing');
  await without.close();
  const again = await openStore({ databaseUrl: database.databaseUrl, log: silent, secrets });
  expect((await again.sensorSource('c1'))!.settings['password']).toBe('geheim-changed');

  // A row that was exchanged by hand is left out of lists and named where it is asked for.
  await again.addSensor(siteId, camera(2));
  await client(database.databaseUrl, (db) => db.query(`update sensor_settings set settings = (select settings from sensor_settings where sensor_id = 'c2') where sensor_id = 'c1'`));
  expect((await again.sensorSources()).map((one) => one.sensor.sensorId)).toEqual(['c2']);
  expect(await codeOf(() => again.sensorSource('c1'))).toBe('secretDamaged');
  await again.close();
});

test('SE6 what an older release kept open is sealed by the first start, and its files hold it no more', async () => {
  const fresh = await freshDatabase(), secrets = secretsOf(newKeyWords());
  try {
    const before = await openStore({ databaseUrl: fresh.databaseUrl, log: silent, secrets: noSecrets() });
    const { site: { siteId } } = await before.addSite(site);
    await client(fresh.databaseUrl, async (db) => {
      await db.query('alter table sensor_settings drop constraint sensor_settings_sealed');
      for (let n = 1; n <= 250; n++) {
        await db.query('insert into sensor (sensor_id, site_id, sensor) values ($1, $2, $3)', [`c${n}`, siteId, JSON.stringify({ sensorId: `c${n}`, siteId, name: 'n', kind: 'rtsp', addressShown: 'a', enabled: true, calibration: null })]);
        await db.query('insert into sensor_settings (sensor_id, settings) values ($1, $2)', [`c${n}`, JSON.stringify(camera(n).settings)]);
      }
    });
    await before.close();
    const [one, other] = await Promise.all([1, 2].map(() => openStore({ databaseUrl: fresh.databaseUrl, log: silent, secrets })));
    expect((await one!.sensorSources()).map((source) => source.settings['password'])).toEqual(Array.from({ length: 250 }, (_, at) => `geheim-${at + 1}`));
    expect(await one!.secretKeys()).toEqual([{ keyId: secrets.writerId(), values: 251 }]); // with the in-app channel
    await client(fresh.databaseUrl, async (db) => { expect((await db.query(`select 1 from sensor_settings where settings::text like '%geheim%'`)).rowCount).toBe(0); });
    await Promise.all([one!.close(), other!.close()]);
  } finally { await fresh.drop(); }
});

test('SE7 keys change while the product runs: everything is sealed anew, what runs goes on reading and writing, and an end in the middle is gone on from', async () => {
  const fresh = await freshDatabase(), path = join(folder, 'rotate.key');
  try {
    const running = await openStore({ databaseUrl: fresh.databaseUrl, log: silent, secrets: secretsInFile(path) });
    const first = keyIdOf(keyLines(path)[0]!);
    const { site: { siteId } } = await running.addSite(site);
    for (let n = 1; n <= 120; n++) await running.addSensor(siteId, camera(n));

    // Killed in the middle: the new key is there, some values are sealed with it.
    const killed = await openStore({ databaseUrl: fresh.databaseUrl, log: silent, secrets: secretsInFile(path) });
    const said: string[] = [];
    await expect(rotateKeys({ store: killed, keyFile: path, secrets: secretsInFile(path), atOnce: 30, say: (line) => said.push(line), stopAfterBatches: 2 })).rejects.toThrow('stopped');
    await killed.close();
    expect(keyLines(path).length).toBe(2);
    const second = keyIdOf(keyLines(path)[0]!);
    expect(second).not.toBe(first);
    expect((await running.sensorSources()).length).toBe(120); // finds the key that it did not know yet
    const between = await running.secretKeys();
    expect(between.find((key) => key.keyId === second)!.values).toBeGreaterThan(0);
    expect(between.find((key) => key.keyId === first)!.values).toBeGreaterThan(0);

    // Again: goes on with the key that was begun. Meanwhile the product writes.
    const secrets = secretsInFile(path), command = await openStore({ databaseUrl: fresh.databaseUrl, log: silent, secrets });
    let writing = true;
    const writer = (async () => { for (let n = 121; writing && n < 200; n++) { await running.addSensor(siteId, camera(n)); await new Promise((done) => { setTimeout(done, 20); }); } })();
    const done = await rotateKeys({ store: command, keyFile: path, secrets, atOnce: 30, say: (line) => said.push(line) });
    writing = false;
    await writer;
    expect(done.keyId).toBe(second);
    expect(done.begunBefore).toBe(true);
    await command.close();
    expect((await running.secretKeys()).filter((key) => key.values > 0).map((key) => key.keyId)).toEqual([second]);
    for (const { sensor, settings } of await running.sensorSources()) expect(settings['password']).toBe(`geheim-${sensor.sensorId.slice(1)}`);
    expect(keyLines(path).map((words) => keyIdOf(words))).toEqual([second, first]); // for older copies of the database

    // And a whole one, after which the old keys are forgotten on request.
    const third = await rotateKeys({ store: running, keyFile: path, secrets: secretsInFile(path), atOnce: 100, forgetOld: true, say: (line) => said.push(line) });
    expect(keyLines(path).map((words) => keyIdOf(words))).toEqual([third.keyId]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect((await running.sensorSources()).every(({ settings }) => String(settings['password']).startsWith('geheim-'))).toBe(true);
    await running.close();
    const after = await openStore({ databaseUrl: fresh.databaseUrl, log: silent, secrets: secretsInFile(path) });
    expect(await after.secretKeys()).toEqual([{ keyId: third.keyId, values: expect.any(Number) }]);
    await after.close();
    expect(said.join('\n')).not.toMatch(/geheim/);
    for (const words of keyLines(path)) expect(said.join('\n')).not.toContain(words);
  } finally { await fresh.drop(); }
}, 60_000);

test('SE8 a second process with another key does not start beside the first one', async () => {
  const fresh = await freshDatabase(), [mine, theirs] = [newKeyWords(), newKeyWords()];
  try {
    const one = await openStore({ databaseUrl: fresh.databaseUrl, log: silent, secrets: secretsOf(mine) });
    expect(await codeOf(() => openStore({ databaseUrl: fresh.databaseUrl, log: silent, secrets: secretsOf(theirs) }))).toBe('secretKeyMissing');
    const other = await openStore({ databaseUrl: fresh.databaseUrl, log: silent, secrets: secretsOf(`${mine} ${theirs}`) });
    await other.close();
    await one.close();
  } finally { await fresh.drop(); }
});

test('SE9 a key file that vanishes or is spoilt while we run takes no key away', async () => {
  const path = join(folder, 'vanishing.key');
  writeKeyFile(path, [newKeyWords()], true);
  const secrets = secretsInFile(path), sealed = secrets.seal('x', 'p');
  rmSync(path);
  await new Promise((done) => { setTimeout(done, 1100); });
  expect(secrets.open(sealed, 'p')).toBe('x');
  expect(secrets.open(secrets.seal('y', 'q'), 'q')).toBe('y');
  writeFileSync(path, 'no key at all');
  await new Promise((done) => { setTimeout(done, 1100); });
  expect(secrets.open(sealed, 'p')).toBe('x');
});

const keyLines = (path: string): string[] => readFileSync(path, 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
