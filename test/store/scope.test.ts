// Who may see and change which rows, held by PostgreSQL itself: every table, own, parent's, sibling's and child's rows, by queries that do not care. Rules SC of docs/SPEC.md.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Scope } from '../../contract/access.ts';
import type { LngLat } from '../../contract/geometry.ts';
import type { IncidentCommand } from '../../contract/incident.ts';
import { Problem } from '../../contract/problem.ts';
import type { Unit, UnitShape } from '../../contract/unit.ts';
import { contextWish } from '../../crowd/incident/contextWish.ts';
import { decideIncident } from '../../crowd/incident/decideIncident.ts';
import { startEmbeddedPostgres } from '../../store/embeddedPostgres.ts';
import { openStore } from '../../store/openStore.ts';
import { inScope, scopeNow } from '../../store/scope.ts';
import { openDatabase, type Database } from '../../store/sql/database.ts';
import { holdRows, ROWS_HELD, scopeRoleOf } from '../../store/sql/rowScope.ts';
import type { Store } from '../../store/store.ts';
import { madeUpCity } from '../support/madeUpCity.ts';
import { freshDatabase } from '../support/postgres.ts';
import { calibrationBody, randomFrom, sensorBody, silent, siteBody, zoneBody } from './things.ts';

const by = { memberId: null, name: 'Wang', duty: 'operator' as const, unitId: null };
const box = (west: number, south: number, east: number, north: number): UnitShape => [{ outer: [{ lng: west, lat: south }, { lng: east, lat: south }, { lng: east, lat: north }, { lng: west, lat: north }], holes: [] }];
const codeOf = (work: Promise<unknown>) => work.then(() => 'no problem', (error: unknown) => (error instanceof Problem ? error.note.code : `not a Problem: ${String(error)}`));
const at = (...unitIds: string[]): Scope => ({ all: false, unitIds, siteIds: [] });
const NOTHING = at(), ALL: Scope = { all: true, unitIds: [], siteIds: [] };

let database: Awaited<ReturnType<typeof freshDatabase>>, store: Store, pool: Database, owner: pg.Client, role: string;
/** City C over counties A and B; grids A1 and A2 in A, B1 in B. What lies in a unit is called by it. */
const PLACES = { C: null, A: 'C', B: 'C', A1: 'A', A2: 'A', B1: 'B' } as const;
type Name = keyof typeof PLACES;
const NAMES = Object.keys(PLACES) as Name[];
const id = {} as Record<Name, string>;
const middle: Record<Name, LngLat> = { C: { lng: 11.15, lat: 48.15 }, A: { lng: 11.05, lat: 48.08 }, B: { lng: 11.15, lat: 48.08 }, A1: { lng: 11.02, lat: 48.02 }, A2: { lng: 11.07, lat: 48.02 }, B1: { lng: 11.12, lat: 48.02 } };
const placed = (name: Name) => ({ ...siteBody, name, origin: { lng: middle[name].lng - 40 / 74_000, lat: middle[name].lat - 30 / 111_000 } });

beforeAll(async () => {
  database = await freshDatabase();
  store = await openStore({ databaseUrl: database.databaseUrl, log: silent });
  owner = new pg.Client({ connectionString: database.databaseUrl });
  await owner.connect();
  role = scopeRoleOf((await owner.query('select current_database() as name')).rows[0].name);
  pool = openDatabase({ databaseUrl: database.databaseUrl, log: silent });
  pool.scopeRole(role);
  const add = async (name: Name, level: Unit['level'], shape: UnitShape) => { id[name] = (await store.addUnit({ level, code: name, names: { en: name, zh: name }, parentId: PLACES[name] === null ? null : id[PLACES[name]], shape, by })).unit.unitId; };
  await add('C', 'city', box(11, 48, 11.2, 48.2));
  await add('A', 'county', box(11, 48, 11.1, 48.1));
  await add('B', 'county', box(11.1, 48, 11.2, 48.1));
  await add('A1', 'grid', box(11, 48, 11.05, 48.05));
  await add('A2', 'grid', box(11.05, 48, 11.1, 48.05));
  await add('B1', 'grid', box(11.1, 48, 11.15, 48.05));
  for (const name of NAMES) {
    await store.addSite({ ...placed(name), siteId: `site-${name}` });
    await store.addSensor(`site-${name}`, { ...sensorBody, sensorId: `sensor-${name}` });
    for (const fixture of Object.values(FIXTURES)) if (fixture.rows !== undefined) await owner.query(fixture.rows.replaceAll('%unit', id[name]).replaceAll('%', name));
  }
  await owner.query('update event_head set seq = (select max(seq) from event)');
}, 60_000);
afterAll(async () => { await pool?.close(); await owner?.end(); await store?.close(); await database?.drop(); });

/**
 * For each table that lies somewhere: one row in every unit, named by it, and how its name is read. `%` is the name, `%unit` the unit's id.
 * `foreign`: a row that somebody elsewhere would smuggle in. Sites and sensors were made by the store, which alone knows where they lie.
 */
const FIXTURES: Record<string, { name: string; rows?: string; foreign?: string; change?: string; /** Shown where its site is granted, too. */ granted?: true }> = {
  site: { name: `substr(site_id, 6)`, foreign: `insert into site (site_id, version, name, origin, grid, demo, unit_id) values ('site-x', 1, '', '{}', '{}', false, '%unit')`, change: `update site set name = 'x'`, granted: true },
  zone: { name: `substr(site_id, 6)`, rows: `insert into zone (zone_id, site_id, zone) values ('zone-%', 'site-%', '{}')`, foreign: `insert into zone (zone_id, site_id, zone) values ('zone-x', 'site-%', '{}')`, change: `update zone set zone = '{}'`, granted: true },
  line: { name: `substr(site_id, 6)`, rows: `insert into line (line_id, site_id, line) values ('line-%', 'site-%', '{}')`, foreign: `insert into line (line_id, site_id, line) values ('line-x', 'site-%', '{}')`, change: `update line set line = '{}'`, granted: true },
  playbook: { name: `substr(site_id, 6)`, rows: `insert into playbook (playbook_id, site_id, playbook) values ('playbook-%', 'site-%', '{}')`, foreign: `insert into playbook (playbook_id, site_id, playbook) values ('playbook-x', 'site-%', '{}')`, change: `update playbook set playbook = '{}'`, granted: true },
  silence: { name: `substr(site_id, 6)`, rows: `insert into silence values ('silence-%', 'site-%', 1, '{}')`, foreign: `insert into silence values ('silence-x', 'site-%', 1, '{}')`, change: `update silence set until_ms = 2`, granted: true },
  site_version: { name: `substr(site_id, 6)`, granted: true },
  sensor: { name: `substr(sensor_id, 8)`, foreign: `insert into sensor (sensor_id, site_id, sensor, unit_id) values ('sensor-x', 'site-%', '{}', '%unit')`, change: `update sensor set calibrations = 7`, granted: true },
  view_mark: { name: `substr(sensor_id, 8)`, rows: `insert into view_mark values ('sensor-%', 1, '{}')`, granted: true },
  event: { name: `substr(event_id, 7)`, rows: `insert into event (seq, event_id, site_id, alarm_id, at_ms, event) select coalesce(max(seq), 0) + 1, 'event-%', 'site-%', '', 1, '{}' from event`, granted: true },
  alarm: { name: `substr(site_id, 6)`, rows: `insert into alarm values ('alarm-%', 'site-%', 1, 'raised', 1, null, '{}')`, granted: true },
  alarm_call: { name: `substr(site_id, 6)`, rows: `insert into alarm_call select coalesce(max(seq), 0) + 1, 1, 'site-%', 'alarm-%', '', '', '', 1, '', false, false, true, true, null from alarm_call`, granted: true },
  zone_minute: { name: `substr(site_id, 6)`, rows: `create table if not exists zone_minute_20200101 partition of zone_minute for values from (0) to (1000000); insert into zone_minute values ('zone-%', 60000, 'site-%', null)`, granted: true },
  zone_day: { name: `substr(site_id, 6)`, rows: `insert into zone_day values ('zone-%', 1, 'site-%', '')`, granted: true },
  unit: { name: `code` },
  unit_above: { name: `(select code from unit u where u.unit_id = unit_above.unit_id)` },
  site_grant: { name: `substr(site_id, 6)`, rows: `insert into site_grant values ('grant-%', 'site-%', null, '%unit', '[]', 1, 2, 'x', 'x', null, null, null)`, foreign: `insert into site_grant values ('grant-x', 'site-%', null, '%unit', '[]', 1, 2, 'x', 'x', null, null, null)`, change: `update site_grant set until_ms = 9`, granted: true },
  member: { name: `substr(member_id, 8)`, rows: `insert into member (member_id, unit_id, member) values ('member-%', '%unit', '{}')`, foreign: `insert into member (member_id, unit_id, member) values ('member-x', '%unit', '{}')`, change: `update member set member = '{}'` },
  shift: { name: `substr(shift_id, 7)`, rows: `insert into shift (shift_id, unit_id, member_id, shift) values ('shift-%', '%unit', 'member-%', '{}')`, foreign: `insert into shift (shift_id, unit_id, member_id, shift) values ('shift-x', '%unit', 'member-%', '{}')`, change: `update shift set shift = '{}'` },
  unit_policy: { name: `(select code from unit u where u.unit_id = unit_policy.unit_id)`, rows: `insert into unit_policy values ('%unit', '{}')`, change: `update unit_policy set policy = '{}'` },
  incident: { name: `substr(incident_id, 10)`, rows: incidentRow('incident-%', `null, '%unit'`, `'site-%'`), granted: true },
  incident_now: { name: `substr(incident_id, 10)`, rows: `insert into incident_now values ('incident-%', '{}', '{}')`, granted: true },
  incident_alarm: { name: `substr(incident_id, 10)`, rows: `insert into incident_alarm values ('alarm-%', 'incident-%')`, granted: true },
  incident_member: { name: `substr(incident_id, 10)`, rows: `insert into incident_member values ('incident-%', 'member-%')`, granted: true },
  incident_input: { name: `substr(incident_id, 10)`, rows: `insert into incident_input (input_id, incident_id, input) values ('input-%', 'incident-%', '{}')`, granted: true },
  incident_attachment: { name: `substr(incident_id, 10)`, rows: `insert into attachment values ('sha-%', '', '', 1, '', now()); insert into incident_attachment values ('sha-%', 'incident-%')`, granted: true },
  attachment: { name: `substr(sha256, 5)`, granted: true },
  hand_over: { name: `substr(hand_over_id, 7)`, rows: `insert into hand_over values ('hand--%', '%unit', 1, '{}')`, foreign: `insert into hand_over values ('hand--x', '%unit', 1, '{}')` },
  notice: { name: `substr(notice_id, 8)`, rows: `insert into notice (notice_id, kind, incident_id, member_id, exercise, at_ms, state) values ('notice-%', 'told', 'incident-%', null, false, 1, 'dead')`, change: `update notice set state = 'waiting'`, granted: true },
  delivery: { name: `substr(notice_id, 8)`, rows: `insert into delivery (notice_id, channel_id, attempt, at_ms, took_ms, outcome, detail) values ('notice-%', 'inApp', 1, 1, 1, 'sent', '')`, granted: true },
};
function incidentRow(incidentId: string, units: string, site: string): string {
  return `insert into incident (incident_id, version, run_ms, is_open, exercise, category, severity, step, unit_id, place_unit_id, site_id, reported_at_ms, changed_at_ms, due_at_ms, overdue_since_ms, exhausted, reopened, search)
    values ('${incidentId}', 1, 1, true, false, 'fire', 'serious', 'reported', ${units}, ${site}, 1, 1, 9e15, 9e15, false, 0, '')`;
}
/** Whatever stands in a query: through the same connections as the store's. */
const query = (scope: Scope, words: string): Promise<any[]> => inScope(scope, () => pool.run(async (db) => (await sql.raw(words).execute(db)).rows));
const affected = (scope: Scope, words: string): Promise<number> => inScope(scope, () => pool.run(async (db) => Number((await sql.raw(words).execute(db)).numAffectedRows ?? 0n)));
const namesIn = async (scope: Scope, table: string): Promise<string[]> => (await query(scope, `select distinct ${FIXTURES[table]!.name} as name from ${table}`)).map(({ name }) => name as string).filter((name) => (NAMES as string[]).includes(name)).sort();

describe('every table', () => {
  test('SC1 none is left out: each says who may see its rows, or why that is nobody or everybody, and the database does as it says', async () => {
    const found = await owner.query<{ name: string; held: boolean; policies: number; open: boolean }>(`
      select c.relname as name, c.relrowsecurity as held, (select count(*)::integer from pg_policy p where p.polrelid = c.oid) as policies, has_any_column_privilege('${role}', c.oid, 'select, insert, update, references') or has_table_privilege('${role}', c.oid, 'select, insert, update, delete, truncate, references, trigger') as open
      from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition order by 1`);
    expect(found.rows.map(({ name }) => name).filter((name) => ROWS_HELD[name] === undefined)).toEqual([]);
    expect(Object.keys(ROWS_HELD).filter((name) => !found.rows.some((row) => row.name === name))).toEqual([]);
    for (const { name, held, policies, open } of found.rows) {
      const says = ROWS_HELD[name]!;
      if ('read' in says) expect({ name, held, policies: policies > 0, open }).toEqual({ name, held: true, policies: true, open: true });
      else if ('ofNoPlace' in says) expect({ name, policies, because: says.ofNoPlace.length > 10 }).toEqual({ name, policies: 0, because: true });
      else expect({ name, open }).toEqual({ name, open: false });
    }
    // Pieces of a table have no door of their own.
    const pieces = await owner.query(`select relname from pg_class where relispartition and relkind = 'r' and has_table_privilege('${role}', oid, 'select')`);
    expect(pieces.rows).toEqual([]);
    expect(Object.entries(ROWS_HELD).flatMap(([name, says]) => ('read' in says && says.read !== 'false' && FIXTURES[name] === undefined ? [name] : []))).toEqual([]);
  });
  test('SC2 the role of requests may sign in nowhere, owns nothing, makes nothing, and passes no policy by', async () => {
    const { rows: [about] } = await owner.query(`select rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, has_schema_privilege(oid, 'public', 'create') as makes, (select count(*)::integer from pg_class where relowner = r.oid) as owns from pg_roles r where rolname = $1`, [role]);
    expect(about).toEqual({ rolcanlogin: false, rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false, makes: false, owns: 0 });
  });
  for (const table of Object.keys(FIXTURES)) {
    test(`SC3 ${table}: one's own and what is below, never the parent's, the sibling's or another's`, async () => {
      expect(await namesIn(at(id.A), table)).toEqual(['A', 'A1', 'A2']);
      expect(await namesIn(at(id.A1), table)).toEqual(['A1']);
      expect(await namesIn(at(id.A2, id.B), table)).toEqual(['A2', 'B', 'B1']);
      expect(await namesIn(NOTHING, table)).toEqual([]);
      expect(await namesIn(at('no such unit', 'x","y'), table)).toEqual([]);
      expect(await namesIn(at(id.C), table)).toEqual([...NAMES].sort());
      expect(await namesIn(ALL, table)).toEqual([...NAMES].sort());
      expect(await namesIn({ ...at(id.A1), siteIds: ['site-B1'] }, table)).toEqual(FIXTURES[table]!.granted ? ['A1', 'B1'] : ['A1']);
      // However it is asked for.
      expect(await query(at(id.A1), `select 1 from ${table} where ${FIXTURES[table]!.name} = 'B1' or true and ${FIXTURES[table]!.name} not in ('A1') and ${FIXTURES[table]!.name} in ('A', 'A2', 'B', 'C')`)).toEqual([]);
    });
    test(`SC4 ${table}: nothing is changed, taken away or put there from elsewhere, nor where it is only shown`, async () => {
      const { foreign, change, name } = FIXTURES[table]!, scope = { ...at(id.A), siteIds: ['site-B1'] };
      const others = `${name} in ('B', 'B1', 'C')`;
      const before = (await owner.query(`select count(*)::integer as count from ${table}`)).rows[0].count as number;
      if (change !== undefined) expect(await affected(scope, `${change} where ${others}`)).toBe(0);
      const may = (ROWS_HELD[table] as { may: string }).may;
      if (may.includes('delete')) expect(await affected(scope, `delete from ${table} where ${others}`)).toBe(0); else expect(await codeOf(query(scope, `delete from ${table}`))).toBe('notAllowed');
      if (foreign !== undefined) for (const other of ['B', 'B1', 'C'] as const) expect(await codeOf(query(scope, foreign.replaceAll('%unit', id[other]).replaceAll('%', other)))).toBe('notAllowed');
      if (!may.includes('insert')) expect(await codeOf(query(scope, `insert into ${table} default values`))).toBe('notAllowed');
      expect(await codeOf(query(scope, `truncate ${table}`))).toBe('notAllowed');
      expect((await owner.query(`select count(*)::integer as count from ${table}`)).rows[0].count).toBe(before);
      if (change !== undefined) expect(await affected(at(id.A), change.replace(/ where .*/, ''))).toBeGreaterThan(0);
    });
  }
  test('SC5 what is the installation\'s alone is closed to whoever has less than all of it, and secrets to every request', async () => {
    for (const [table, says] of Object.entries(ROWS_HELD)) {
      if ('product' in says || 'apart' in says) for (const scope of [ALL, at(id.C)]) expect([table, await codeOf(query(scope, `select * from ${table} limit 1`))]).toEqual([table, 'notAllowed']);
      else if ('read' in says && says.read === 'false') expect([table, await query(at(id.C), `select * from ${table}`)]).toEqual([table, []]);
    }
    expect((await query(ALL, `select channel_id from channel`)).length).toBeGreaterThan(0);
  });
  test('SC6 nobody widens what they see by a table, a function or a setting of their own making', async () => {
    const scope = at(id.A1);
    await inScope(scope, () => pool.run((db) => db.connection().execute(async (one) => {
      // A temporary table of the name that the functions look through, first in every path of names.
      await sql.raw(`create temporary table unit_above (unit_id text, ancestor_id text); create temporary table site (site_id text, unit_id text)`).execute(one);
      try {
        await sql.raw(`insert into pg_temp.unit_above select * from (values ('${id.B1}', '${id.A1}')) v; insert into pg_temp.site values ('site-B1', '${id.A1}')`).execute(one);
        expect((await sql.raw(`select 1 from public.incident where place_unit_id = '${id.B1}'`).execute(one)).rows).toEqual([]);
        expect((await sql.raw<{ site_id: string }>(`select distinct site_id from public.zone`).execute(one)).rows).toEqual([{ site_id: 'site-A1' }]);
      } finally { await sql.raw(`drop table pg_temp.unit_above, pg_temp.site`).execute(one); }
    })));
    expect(await codeOf(query(scope, `create function public.mine() returns integer language sql as 'select 1'`))).toBe('notAllowed');
    expect(await codeOf(query(scope, `alter table site disable row level security`))).toBe('notAllowed');
    expect(await codeOf(query(scope, `select pg_read_file('/etc/passwd')`))).toBe('notAllowed');
  });
});

describe('connections', () => {
  test('SC7 a connection that served one scope shows the next one nothing of it, whatever failed in between, and the product everything', async () => {
    const scopes: [Scope | null, number][] = [[at(id.A1), 1], [null, 6], [at(id.A), 3], [NOTHING, 0], [ALL, 6], [at(id.B), 2]];
    const random = randomFrom(11);
    await Promise.all(Array.from({ length: 60 }, async () => {
      const [scope, count] = scopes[Math.floor(random() * scopes.length)]!, ask = () => pool.run(async (db) => (await sql<{ count: number }>`select count(distinct site_id)::integer as count from zone`.execute(db)).rows[0]!.count);
      if (random() < 0.3 && scope !== null) await inScope(scope, () => pool.transact(async (tx) => { await sql`select 1 / 0`.execute(tx); })).catch(() => {});
      expect(scope === null ? await ask() : await inScope(scope, ask)).toBe(count);
    }));
  });
  test('SC8 a part of a transaction that is the product\'s ends with the part; a part within a scope, too', async () => {
    const count = async (tx: any): Promise<number> => (await sql<{ count: number }>`select count(*)::integer as count from zone`.execute(tx)).rows[0]!.count;
    await inScope(at(id.A), () => pool.transact(async (tx) => {
      expect([await count(tx), await pool.stepForProduct(tx, 'a test', () => count(tx)), await count(tx)]).toEqual([3, 6, 3]);
    }));
    await pool.transact(async (tx) => { expect([await count(tx), await pool.stepWithin(tx, at(id.B), () => count(tx)), await count(tx)]).toEqual([6, 2, 6]); });
    await expect(inScope(at(id.A), () => pool.transact((tx) => pool.stepForProduct(tx, 'a test', async () => { await count(tx); throw new Error('in the middle'); })))).rejects.toThrow('in the middle');
    expect(await inScope(at(id.A), () => pool.run(count))).toBe(3);
  });
  test('SC9 who is called back by somebody\'s step acts for the product, not for that somebody', async () => {
    const heard = new Promise<unknown>((resolve) => { const deaf = store.onUnits(() => { resolve(scopeNow()); deaf(); }); });
    await store.within(at(id.A), () => store.addMember(id.A1, { name: 'Zhang', duty: 'fieldWorker', language: 'zh', contacts: [] }));
    expect(await heard).toBeNull();
  });
  test('SC10 the policies are made anew when somebody took one away by hand, and left alone otherwise', async () => {
    await owner.query(`drop policy scope_read on zone; create policy wide on zone for select to public using (true); grant select on sensor_settings to "${role}"`);
    expect((await query(at(id.A1), `select site_id from zone`)).length).toBe(6);
    const again = await pool.raw.transaction().execute((tx) => holdRows(tx));
    expect(again).toBe(role);
    expect((await query(at(id.A1), `select site_id from zone`)).length).toBe(1);
    expect(await codeOf(query(ALL, `select * from sensor_settings`))).toBe('notAllowed');
    const made = async () => (await owner.query(`select oid from pg_policy order by oid`)).rows.map(({ oid }) => oid);
    const before = await made();
    await pool.raw.transaction().execute((tx) => holdRows(tx));
    expect(await made()).toEqual(before);
  });
});

describe('the role of requests', () => {
  test('SC10 a user of the database that may not make the role is told the two lines that its administrator runs, and starts after them', async () => {
    const url = new URL(database.databaseUrl), name = `plain${Date.now()}`;
    try {
      await owner.query(`create role ${name} login password 'plain'; grant ${name} to current_user`);
      await owner.query(`create database ${name} owner ${name}`);
      url.username = name;
      url.password = 'plain';
      url.pathname = `/${name}`;
      const refused = await openStore({ databaseUrl: url.href, log: silent }).then(() => null, (error: unknown) => error);
      expect(refused).toBeInstanceOf(Problem);
      const { note } = refused as Problem;
      expect(note).toMatchObject({ code: 'databaseRoleMissing', values: { user: name, sql: `create role "${name}_requests" nologin; grant "${name}_requests" to "${name}";` } });
      // Nothing is left behind by the start that was refused.
      const look = new pg.Client({ connectionString: url.href });
      await look.connect();
      expect((await look.query(`select 1 from pg_class where relname = 'site'`)).rows).toEqual([]);
      await look.end();
      await owner.query(String(note.values['sql']));
      const started = await openStore({ databaseUrl: url.href, log: silent });
      expect(await started.within(NOTHING, () => started.sites())).toEqual([]);
      await started.close();
    } finally {
      await owner.query(`drop database if exists ${name} with (force)`);
      await owner.query(`drop role if exists "${name}_requests"`);
      await owner.query(`drop role if exists ${name}`);
    }
  }, 60_000);
  test('SC10 a database of ours from an earlier release learns at its start that it may make the role', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'crowdlight-scope-'));
    try {
      await (await startEmbeddedPostgres({ folder, log: silent, settings: { fsync: 'off' } })).close();
      rmSync(join(folder, 'role'));
      const again = await startEmbeddedPostgres({ folder, log: silent, settings: { fsync: 'off' } });
      const look = new pg.Client({ connectionString: again.databaseUrl });
      await look.connect();
      expect((await look.query('select rolcreaterole, rolsuper, rolbypassrls from pg_roles where rolname = current_user')).rows).toEqual([{ rolcreaterole: true, rolsuper: false, rolbypassrls: false }]);
      await look.end();
      await again.close();
      expect(existsSync(join(folder, 'role'))).toBe(true);
    } finally { rmSync(folder, { recursive: true, force: true }); }
  }, 90_000);
});

describe('steps of the store', () => {
  const within = <T>(work: () => Promise<T>, scope = at(id.A)) => store.within(scope, work);
  test('SC11 what lies elsewhere is not there: not read, not changed, and not told from what there never was', async () => {
    expect(await within(async () => [(await store.sites()).map(({ site }) => site.siteId).sort(), await store.site('site-B1'), await store.siteAtVersion('site-B1', 1), await store.sensorSource('sensor-B1')])).toEqual([['site-A', 'site-A1', 'site-A2'], null, null, null]);
    const same = async (what: (place: string) => Promise<unknown>) => { const [there, nowhere] = [await codeOf(within(() => what('B1'))), await codeOf(within(() => what('none')))]; expect([there, nowhere]).toEqual(['notFound', 'notFound']); };
    await same((place) => store.addZone(`site-${place}`, zoneBody));
    await same((place) => store.changeSite(`site-${place}`, placed('A1')));
    await same((place) => store.removeSite(`site-${place}`));
    await same((place) => store.removeZone(`zone-${place}`));
    await same((place) => store.addSensor(`site-${place}`, sensorBody));
    await same((place) => store.changeSensor(`sensor-${place}`, { name: 'x' }));
    await same((place) => store.removeSensor(`sensor-${place}`));
    await same((place) => store.removeMember(`member-${place}`));
    await same((place) => store.people(place === 'B1' ? id.B1 : place));
    await same((place) => store.keepPolicy(place === 'B1' ? id.B1 : place, { ownCategories: [], deadlines: {} }));
    await same((place) => store.removeSilence(`silence-${place}`));
    await same((place) => store.playbooks(`site-${place}`));
    await same((place) => store.removeUnit(place === 'B1' ? id.B1 : place, 'x'));
    expect(await store.site('site-B1')).not.toBeNull();
  });
  test('SC12 a site is made and moved only where one\'s scope lies', async () => {
    const { site } = await within(() => store.addSite({ ...placed('A2'), name: 'New' }));
    expect(await store.placeOf('site', site.siteId)).toEqual({ unitId: id.A2, siteId: site.siteId });
    expect(await codeOf(within(() => store.addSite(placed('B1'))))).toBe('notAllowed');
    expect(await codeOf(within(() => store.changeSite(site.siteId, placed('B1'))))).toBe('notAllowed');
    await within(() => store.changeSite(site.siteId, placed('A1')));
    expect((await store.placeOf('site', site.siteId))?.unitId).toBe(id.A1);
    await within(() => store.removeSite(site.siteId));
    expect(await store.placeOf('site', site.siteId)).toBeNull();
  });
  test('SC13 a camera in another grid than its site is that grid\'s; whoever changes the site from its own grid does not lose it', async () => {
    const { site } = await store.addSite({ ...siteBody, name: 'Border', origin: { lng: 11.0495, lat: 48.02 }, grid: { cellM: 2, columns: 30, rows: 30 } });
    const { sensor: near } = await store.addSensor(site.siteId, { ...sensorBody, name: 'Near' }), { sensor: far } = await store.addSensor(site.siteId, { ...sensorBody, name: 'Far' });
    await store.calibrateSensor(far.sensorId, { ...calibrationBody, position: { xM: 55, yM: 20 } });
    expect([(await store.placeOf('site', site.siteId))?.unitId, (await store.placeOf('sensor', near.sensorId))?.unitId, (await store.placeOf('sensor', far.sensorId))?.unitId]).toEqual([id.A1, id.A1, id.A2]);
    expect((await query(at(id.A1), `select sensor_id from sensor where site_id = '${site.siteId}'`)).map((row) => row.sensor_id)).toEqual([near.sensorId]);
    const { config } = await within(() => store.addZone(site.siteId, zoneBody), at(id.A1));
    expect(config.sensors.map(({ name }) => name)).toEqual(['Near', 'Far']);
    const shownTo = async (scope: Scope) => [await within(() => store.site(site.siteId), scope), ...(await within(() => store.sites(), scope)).filter((one) => one.site.siteId === site.siteId), await within(() => store.siteAtVersion(site.siteId, config.version), scope)].map((one) => one?.sensors.map(({ name }) => name));
    expect([await shownTo(at(id.A1)), await shownTo(at(id.A)), await shownTo({ ...NOTHING, siteIds: [site.siteId] })]).toEqual([Array(3).fill(['Near']), Array(3).fill(['Near', 'Far']), Array(3).fill(['Near', 'Far'])]);
    expect((await within(() => store.changeSensor(far.sensorId, { name: 'Farther' }), at(id.A2))).sensor.name).toBe('Farther');
    expect(await codeOf(within(() => store.calibrateSensor(far.sensorId, { ...calibrationBody, position: { xM: 5, yM: 20 } }), at(id.A2)))).toBe('notAllowed');
    expect((await within(() => store.sensorSource(far.sensorId), at(id.A2)))?.settings).toEqual(sensorBody.settings);
    // Shown by a grant: seen, and nothing more.
    const shown = { ...at(id.B), siteIds: [site.siteId] };
    expect(await codeOf(within(() => store.changeSensor(near.sensorId, { name: 'x' }), shown))).toBe('notAllowed');
    expect(await codeOf(within(() => store.removeSensor(near.sensorId), shown))).toBe('notAllowed');
    expect(await codeOf(within(() => store.addZone(site.siteId, zoneBody), shown))).toBe('notFound');
    await store.removeSite(site.siteId);
  });
  test('SC14 what happened at a site that is removed stays in sight of those above it, and is nobody else\'s', async () => {
    const { site } = await store.addSite({ ...placed('A1'), name: 'Gone' });
    await owner.query(`insert into alarm values ('alarm-gone', '${site.siteId}', 1, 'closed', 1, 2, '{}')`);
    await store.removeSite(site.siteId);
    for (const [name, seen] of [['A1', 1], ['A', 1], ['A2', 0], ['B', 0]] as const) expect((await query(at(id[name]), `select 1 from alarm where alarm_id = 'alarm-gone'`)).length).toBe(seen);
    await owner.query(`delete from alarm where alarm_id = 'alarm-gone'`);
  });
  test('SC15 an incident is its place\'s and that of whoever handles it; from elsewhere it is not there, nor is what names it', async () => {
    const report = (incidentId: string, inputId: string, name: Name) => async () => {
      const command: IncidentCommand = { type: 'report', category: 'fire', severity: 'serious', title: '', words: 'smoke', attachments: [], peopleAtRisk: null, alarm: null, exercise: false, demo: false, place: { point: middle[name], siteId: null, zoneId: null, sensorId: null, siteName: '', placeName: 'Hall', unitId: id[name] } };
      const taken = await store.takeIncidentInputs([{ inputId, incidentId, actor: by, command, context: await store.incidentContext({ ...contextWish(null, command)!, atMs: Date.now() }) }], decideIncident);
      return 'problem' in taken ? taken.problem.code : taken.incidents.map((incident) => incident.incidentId);
    };
    expect(await within(report('own', 'in-1', 'A1'))).toEqual(['own']);
    expect(await within(report('elsewhere', 'in-2', 'B1'))).toBe('incidentUnknown');
    expect(await store.incident('elsewhere')).toBeNull();
    expect(await report('theirs', 'in-3', 'B1')()).toEqual(['theirs']);
    // The same input again, by its name or that of the incident: it belongs to somebody else.
    expect(await within(report('other', 'in-3', 'A1'))).toBe('incidentUnknown');
    expect(await within(report('theirs', 'in-4', 'A1'))).toBe('incidentUnknown');
    expect(await within(async () => [await store.incident('theirs'), await store.incidentOfInput('in-3'), await store.incidentEvents('theirs', 0, 9), await store.incidents(['theirs', 'own']).then((all) => all.map(({ incidentId }) => incidentId))])).toEqual([null, null, [], ['own']]);
    expect(await store.incidentEvents('theirs', 0, 9)).not.toEqual([]);
    // Handled elsewhere: both see it.
    await owner.query(`update incident set unit_id = '${id.B}' where incident_id = 'own'`);
    for (const name of ['A1', 'A', 'B'] as const) expect((await within(() => store.incident('own'), at(id[name])))?.incidentId).toBe('own');
    expect(await within(() => store.incident('own'), at(id.B1))).toBeNull();
    expect(await store.placeOf('incident', 'own')).toEqual({ unitId: id.A1, siteId: null, alsoUnitId: id.B });
  });
  test('SC16 where a thing lies is known of each kind, and of what is not there that it is not', async () => {
    const kinds = { unit: id.A1, site: 'site-A1', zone: 'zone-A1', line: 'line-A1', sensor: 'sensor-A1', member: 'member-A1', shift: 'shift-A1', playbook: 'playbook-A1', incident: 'incident-A1', alarm: 'alarm-A1', silence: 'silence-A1', notice: 'notice-A1', attachment: 'sha-A1', handOver: 'hand--A1', grant: 'grant-A1' } as const;
    for (const [kind, thing] of Object.entries(kinds)) {
      expect([kind, (await store.placeOf(kind as keyof typeof kinds, thing))?.unitId]).toEqual([kind, id.A1]);
      expect([kind, await store.placeOf(kind as keyof typeof kinds, 'none')]).toEqual([kind, null]);
    }
    expect(await store.placeOf('channel', 'inApp')).toEqual({ unitId: null, siteId: null });
    expect([await store.placeOf('account', 'none'), await store.placeOf('approval', 'none')]).toEqual([null, null]);
  });
});

describe('the tree', () => {
  const seed = Number(process.env['TEST_SEED'] ?? 20_261_122);
  test(`SC17 whatever becomes of the tree, each scope shows what a plain walk up the parents says (seed ${seed})`, async () => {
    const random = randomFrom(seed), fresh = await freshDatabase();
    const own = await openStore({ databaseUrl: fresh.databaseUrl, log: silent }), direct = openDatabase({ databaseUrl: fresh.databaseUrl, log: silent }), look = new pg.Client({ connectionString: fresh.databaseUrl });
    await look.connect();
    direct.scopeRole(scopeRoleOf((await look.query('select current_database() as name')).rows[0].name));
    try {
      await own.importUnits(madeUpCity({ seed, counties: [2, 1], townships: [2, 1], communities: [2, 1], grids: [2, 2], prefix: 'P' }), 'Li');
      // Sites spread over the city, more than one in some grids.
      const outlines = (await own.unitOutlines()).units.filter(({ unit }) => unit.level === 'grid');
      for (let i = 0; i < 12; i++) {
        const { bounds } = outlines[Math.floor(random() * outlines.length)]!.unit;
        await own.addSite({ ...siteBody, name: `S${i}`, grid: { cellM: 1, columns: 10, rows: 10 }, origin: { lng: (bounds.southWest.lng + bounds.northEast.lng) / 2, lat: (bounds.southWest.lat + bounds.northEast.lat) / 2 } });
      }
      for (let round = 0; round < 8; round++) {
        const units = await own.units(), pick = <T>(of: T[]): T => of[Math.floor(random() * of.length)]!;
        const leaves = units.filter((unit) => !units.some((other) => other.parentId === unit.unitId));
        if (round % 2 === 1) await own.removeUnit(pick(leaves).unitId, 'Li');
        else {
          // Given to another parent of the same level: a border that is drawn on paper alone.
          const unit = pick(units.filter(({ level }) => level === 'grid' || level === 'community')), level = units.find(({ unitId }) => unitId === unit.parentId)!.level, shape = await own.unitShape(unit.unitId);
          await own.changeUnit(unit.unitId, { level: unit.level, code: unit.code, names: unit.names, parentId: pick(units.filter((other) => other.level === level)).unitId, shape: shape!, by }).catch(() => {});
        }
        const now = new Map((await own.units()).map((unit) => [unit.unitId, unit]));
        const liesIn = (unitId: string | null, scope: string[]): boolean => { for (let up = unitId; up !== null; up = now.get(up)?.parentId ?? null) if (scope.includes(up)) return true; return false; };
        const sites = (await own.sites()).map(({ site }) => site);
        const unitOfSite = new Map(await Promise.all(sites.map(async (site) => [site.siteId, (await own.unitsAt({ lng: site.origin.lng + 5 / 71_000, lat: site.origin.lat + 5 / 111_000 }))[0]?.unitId ?? null] as const)));
        for (let i = 0; i < 6; i++) {
          const scope = Array.from({ length: Math.floor(random() * 4) }, () => pick([...now.keys()]));
          const rows = await inScope(at(...scope), () => direct.run(async (db) => ({ units: await sql<{ id: string }>`select unit_id as id from unit`.execute(db), sites: await sql<{ id: string }>`select site_id as id from site`.execute(db) })));
          expect(rows.units.rows.map((row) => row.id).sort()).toEqual([...now.keys()].filter((unitId) => liesIn(unitId, scope)).sort());
          expect(rows.sites.rows.map((row) => row.id).sort()).toEqual(sites.filter((site) => liesIn(unitOfSite.get(site.siteId)!, scope)).map((site) => site.siteId).sort());
        }
      }
    } finally { await look.end(); await direct.close(); await own.close(); await fresh.drop(); }
  }, 60_000);
});
