// When the world fails: PostgreSQL killed and back, a parent killed, a second start on one folder, a full disk. Each with a PostgreSQL of its own.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { Problem } from '../../contract/problem.ts';
import { inProcessBus } from '../../store/bus/inProcess.ts';
import { startEmbeddedPostgres } from '../../store/embeddedPostgres.ts';
import { openStore } from '../../store/openStore.ts';
import { runRelay } from '../../worker/relay.ts';
import { freshDatabase } from '../support/postgres.ts';
import { alarmEvent, silent, siteBody, sleep, until } from './things.ts';

const undo: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => { for (const step of undo.splice(0).reverse()) await step(); });
function newFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'crowdlight-store-'));
  undo.push(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}
const codeOf = (work: Promise<unknown>) => work.then(() => 'no problem', (error: unknown) => (error instanceof Problem ? error.note.code : `not a Problem: ${String(error)}`));
const isAlive = (pid: number) => { try { process.kill(pid, 0); return !/\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8')); } catch { return false; } };

test('the database keeps its data between starts, closes in under 3 s, leaves no process, listens on no TCP port, and hides its password', async () => {
  const folder = newFolder();
  const first = await startEmbeddedPostgres({ folder, log: silent });
  const store = await openStore({ databaseUrl: first.databaseUrl, log: silent });
  const { site } = await store.addSite(siteBody);
  const asked = new pg.Client({ connectionString: first.databaseUrl });
  await asked.connect();
  const { rows } = await asked.query(`select current_setting('fsync') as fsync, current_setting('listen_addresses') as addresses, rolsuper from pg_roles where rolname = current_user`);
  expect(rows[0]).toEqual({ fsync: 'on', addresses: '', rolsuper: false });
  await asked.end();
  expect(fs.statSync(path.join(folder, 'password')).mode & 0o777).toBe(0o600);
  const wrong = new pg.Client({ connectionString: first.databaseUrl.replace(/:[0-9a-f]{48}@/, ':guess@') });
  wrong.on('error', () => {});
  await expect(wrong.connect()).rejects.toThrow(/password/);
  await store.close();
  const pid = first.pid()!;
  const closingAtMs = performance.now();
  await first.close();
  expect(performance.now() - closingAtMs).toBeLessThan(3000);
  expect(isAlive(pid)).toBe(false);
  const second = await startEmbeddedPostgres({ folder, log: silent });
  undo.push(() => second.close());
  const again = await openStore({ databaseUrl: second.databaseUrl, log: silent });
  expect(await again.site(site.siteId)).toMatchObject({ site });
  await again.close();
});

test('a lost password file is made anew and the data stay', async () => {
  const folder = newFolder();
  const first = await startEmbeddedPostgres({ folder, log: silent });
  const store = await openStore({ databaseUrl: first.databaseUrl, log: silent });
  const { site } = await store.addSite(siteBody);
  await store.close();
  await first.close();
  fs.rmSync(path.join(folder, 'password'));
  const second = await startEmbeddedPostgres({ folder, log: silent });
  undo.push(() => second.close());
  const again = await openStore({ databaseUrl: second.databaseUrl, log: silent });
  expect((await again.site(site.siteId))?.site).toEqual(site);
  await again.close();
});

test('when the parent is killed the next start takes the folder over; while it lives a second start is refused by name', async () => {
  const folder = newFolder();
  const source = `import { startEmbeddedPostgres } from '${new URL('../../store/embeddedPostgres.ts', import.meta.url).href}'; import pino from 'pino';
    const postgres = await startEmbeddedPostgres({ folder: process.argv[1], log: pino({ level: 'silent' }) }); console.log(postgres.pid()); setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', source, folder], { cwd: new URL('../..', import.meta.url).pathname, stdio: ['ignore', 'pipe', 'inherit'] });
  undo.push(() => parent.kill('SIGKILL'));
  const orphan = await new Promise<number>((resolve) => { parent.stdout.once('data', (line) => resolve(Number(line))); });
  await expect(startEmbeddedPostgres({ folder, log: silent })).rejects.toMatchObject({ note: { code: 'dataFolderInUse', values: { pid: parent.pid } } });
  expect(isAlive(orphan)).toBe(true);
  const gone = new Promise((resolve) => parent.once('exit', resolve));
  parent.kill('SIGKILL');
  await gone;
  expect(isAlive(orphan)).toBe(true); // it has outlived its parent
  const next = await startEmbeddedPostgres({ folder, log: silent });
  undo.push(() => next.close());
  expect(isAlive(orphan)).toBe(false);
  const store = await openStore({ databaseUrl: next.databaseUrl, log: silent });
  expect(await store.sites()).toEqual([]);
  await store.close();
}, 40_000);

test('a postmaster.pid that names a stranger is not believed: that process lives on', async () => {
  const folder = newFolder();
  const first = await startEmbeddedPostgres({ folder, log: silent });
  await first.close();
  const stranger = spawn('sleep', ['60']);
  undo.push(() => stranger.kill('SIGKILL'));
  fs.writeFileSync(path.join(folder, 'cluster', 'postmaster.pid'), `${stranger.pid}\n${path.join(folder, 'cluster')}\n1\n5432\n\n\n`);
  if (process.getuid?.() === 0) { const { uid, gid } = fs.statSync(path.join(folder, 'cluster')); fs.chownSync(path.join(folder, 'cluster', 'postmaster.pid'), uid, gid); }
  // PostgreSQL itself may refuse such a file when the number is in use by its own user; a stranger of ours is never stopped for it.
  const start = await startEmbeddedPostgres({ folder, log: silent }).then((postgres) => { undo.push(() => postgres.close()); return 'started'; }, (error: Problem) => error.note.code);
  expect(['started', 'databaseCannotStart']).toContain(start);
  expect(isAlive(stranger.pid!)).toBe(true);
}, 40_000);

test.skipIf(process.getuid?.() !== 0 || spawnSync('setpriv', ['--version']).status !== 0)('as root it runs also under a home that only root may enter (needs root and setpriv, else skipped)', async () => {
  const home = newFolder();
  fs.chmodSync(home, 0o700);
  const postgres = await startEmbeddedPostgres({ folder: path.join(home, 'project', 'data'), log: silent });
  undo.push(() => postgres.close());
  expect(fs.readFileSync(`/proc/${postgres.pid()}/status`, 'utf8')).toMatch(/^Uid:\s+(?!0\s)\d+/m);
  expect(fs.statSync(home).mode & 0o777).toBe(0o700); // nothing was opened to others for it
  const store = await openStore({ databaseUrl: postgres.databaseUrl, log: silent });
  expect((await store.addSite(siteBody)).version).toBe(1);
  await store.close();
}, 40_000);

test('PostgreSQL killed: callers hear databaseDown, the store says so, PostgreSQL is started again and nothing that was committed is lost', async () => {
  const postgres = await startEmbeddedPostgres({ folder: newFolder(), log: silent });
  undo.push(() => postgres.close());
  const store = await openStore({ databaseUrl: postgres.databaseUrl, log: silent });
  undo.push(() => store.close());
  const bus = inProcessBus();
  const told: number[] = [];
  await bus.subscribe('events', (bytes) => { told.push(Number(new TextDecoder().decode(bytes))); });
  const relay = runRelay({ store, bus, log: silent });
  undo.push(() => relay.close());
  const { site: { siteId } } = await store.addSite(siteBody);
  const lease = (await store.takeLease(`site:${siteId}`, 'd', 60_000))!;
  const record = (at: number) => store.recordEvents({ events: [alarmEvent(siteId, at)], snapshot: { siteId, fence: lease.fence, inputId: `${at}-0`, configVersion: 1, stateJson: '{}', savedAtMs: at }, lease });
  const changes: boolean[] = [];
  store.onChange((isUp) => { changes.push(isUp); });
  let committed = 0;
  const codes = new Set<string>();
  let at = 1, writing = true;
  const writer = (async () => { for (; writing; at++) { const code = await codeOf(record(at)); if (code === 'no problem') committed++; else { codes.add(code); await sleep(20); } } })();
  await until('some are committed', () => committed > 5);
  for (let kill = 0; kill < 2; kill++) {
    const pid = postgres.pid()!;
    process.kill(pid, 'SIGKILL');
    await until('it is down', () => !store.isUp());
    expect(store.trouble()).toBe('databaseDown');
    await until('it is back', () => store.isUp() && postgres.pid() !== pid, 15_000);
    const before = committed;
    await until('events are recorded again', () => committed > before + 5);
  }
  writing = false;
  await writer;
  expect([...codes]).toEqual(['databaseDown']);
  expect(postgres.restarts()).toBe(2);
  expect(changes.slice(0, 4)).toEqual([false, true, false, true]);
  const kept = await store.eventsAfter(0, 100_000);
  expect(kept.length).toBeGreaterThanOrEqual(committed); // one that was under way may have been committed unheard
  expect(kept.map(({ seq }) => seq)).toEqual(kept.map((_, index) => index + 1));
  await until('the relay has told the newest', () => told.at(-1) === kept.at(-1)!.seq);
}, 60_000);

test('a database that is not there: opening it fails by name, in the time that was given', async () => {
  expect(await codeOf(openStore({ databaseUrl: 'postgresql://nobody:nothing@127.0.0.1:1/none', log: silent, waitMs: 300 }))).toBe('databaseDown');
});

describe('a full disk', () => {
  test('as PostgreSQL says it (SQLSTATE 53100) is diskFull, and over when a write succeeds', async () => {
    const { databaseUrl, drop } = await freshDatabase();
    undo.push(drop);
    const store = await openStore({ databaseUrl, log: silent });
    undo.push(() => store.close());
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    undo.push(() => client.end());
    await client.query(`create function full_disk() returns trigger language plpgsql as $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$;
      create trigger full_disk before insert on site for each row execute function full_disk(); create trigger full_disk before insert on disk_probe for each row execute function full_disk();`);
    expect(await codeOf(store.addSite(siteBody))).toBe('diskFull');
    expect(store.trouble()).toBe('diskFull');
    expect(await store.sites()).toEqual([]); // what is there can still be read
    await sleep(600); // its own question at the disk finds no room either
    expect(store.trouble()).toBe('diskFull');
    await client.query('drop trigger full_disk on site; drop trigger full_disk on disk_probe');
    await until('it is well again by itself', () => store.isUp());
    expect((await store.addSite(siteBody)).version).toBe(1);
  });

  const small = fs.mkdtempSync(path.join(os.tmpdir(), 'crowdlight-small-'));
  const mounts = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=180m,mode=0755', 'none', small]).status === 0;
  if (!mounts) { fs.rmSync(small, { recursive: true, force: true }); console.warn('skipped because a small file system cannot be mounted here (needs root): a really full disk'); }
  test.skipIf(!mounts)('a disk that is really full: diskFull or databaseDown by name, no crash, and all is well when there is room again', async () => {
    undo.push(() => { spawnSync('umount', [small]); fs.rmSync(small, { recursive: true, force: true }); });
    const postgres = await startEmbeddedPostgres({ folder: path.join(small, 'postgres'), log: silent });
    undo.push(() => postgres.close());
    const store = await openStore({ databaseUrl: postgres.databaseUrl, log: silent });
    undo.push(() => store.close());
    const { site: { siteId } } = await store.addSite(siteBody);
    const lease = (await store.takeLease('full', 'x', 600_000))!;
    const filler = path.join(small, 'filler');
    try { for (;;) fs.appendFileSync(filler, Buffer.alloc(1 << 20)); } catch (error) { expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC'); }
    const codes = new Set<string>();
    for (let at = 1; at < 400 && !codes.has('diskFull'); at++) {
      const events = Array.from({ length: 100 }, (_, index) => alarmEvent(siteId, at * 1000 + index));
      codes.add(await codeOf(store.recordEvents({ events, snapshot: { siteId, fence: lease.fence, inputId: '1-0', configVersion: 1, stateJson: 'x'.repeat(50_000), savedAtMs: at }, lease })));
      if (codes.has('databaseDown')) break;
    }
    expect([...codes].filter((code) => !['no problem', 'diskFull', 'databaseDown'].includes(code))).toEqual([]);
    expect([...codes].some((code) => code !== 'no problem')).toBe(true);
    expect(store.isUp()).toBe(false);
    fs.rmSync(filler);
    await until('it is well again', () => store.isUp(), 20_000);
    expect(await store.site(siteId)).toMatchObject({ version: 1 });
    expect((await store.changeSite(siteId, siteBody)).version).toBe(2);
  }, 90_000);
});
