// Which rows a request may see and change, kept by PostgreSQL itself: requests run under a role of their own, and every table says here what that role may have of it.
// A table that is not listed is closed to requests; test/store/scope.test.ts fails for it. The policies are made anew in the transaction of the migration whenever this list, or what the catalogue shows, is another one.
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { Problem } from '../../contract/problem.ts';
import type { Tx } from './database.ts';

/** SQL conditions on a row. `write` left out: only read, whatever is granted. `may`: privileges of the role. */
type Held = { read: string; write?: string; may: string } | { /** Nothing in it lies anywhere. */ ofNoPlace: string; may: string } | { /** Closed to requests: the product alone reads and writes it. */ product: string } | { /** As product, and held by roles of its own instead of by rows. */ apart: string };

const ALL = `(select current_setting('crowdlight.all', true) = 'on')`;
/** What was told, as a sub-query without anything of the row: taken apart once for a query, not once for a row. */
const told = (setting: string) => `array(select unnest(coalesce(nullif(current_setting('${setting}', true), ''), '{}')::text[]))`;
const TOLD_UNITS = told('crowdlight.units'), GRANTED = told('crowdlight.sites');
/** The told units and all that lies below them: looked up once for a query, and hashed. */
const UNITS = `(select below.unit_id from unit_above below where below.ancestor_id = any(${TOLD_UNITS}))`, SITES = `(select scope_sites())`, OWN_SITES = `(select scope_sites_own())`;
const CHANGED = 'select, insert, update, delete', READ = 'select';
/** Under the row-level security of `incident`: whoever sees the incident sees what belongs to it. */
const ofIncident = (table: string) => `exists (select from incident i where i.incident_id = ${table}.incident_id)`;
const ofSite = { read: `site_id in ${SITES}`, write: `site_id in ${OWN_SITES}`, may: CHANGED };
const ofUnit = { read: `unit_id in ${UNITS}`, write: `unit_id in ${UNITS}`, may: CHANGED };
/** Of the installation as a whole. */
const WHOLE = 'false';

export const ROWS_HELD: Record<string, Held> = {
  site: { read: `unit_id in ${UNITS} or site_id = any(${GRANTED})`, write: `unit_id in ${UNITS}`, may: CHANGED },
  zone: ofSite, line: ofSite, playbook: ofSite, silence: ofSite,
  site_version: { read: `site_id in ${SITES}`, may: READ },
  // A camera may stand in another grid than its site: it is that grid's.
  sensor: { read: `unit_id in ${UNITS} or site_id = any(${GRANTED})`, write: `unit_id in ${UNITS}`, may: CHANGED },
  view_mark: { read: `exists (select from sensor s where s.sensor_id = view_mark.sensor_id)`, write: `exists (select from sensor s where s.sensor_id = view_mark.sensor_id and s.unit_id in ${UNITS})`, may: 'select, delete' },
  sensor_settings: { product: 'addresses and passwords of cameras: what a request needs of them the store reads for it' },

  event: { read: `case when incident_id is null then site_id in ${SITES} else ${ofIncident('event')} end`, may: READ },
  alarm: { read: `site_id in ${SITES}`, may: READ },
  alarm_call: { read: `site_id in ${SITES}`, may: READ },
  zone_minute: { read: `site_id in ${SITES}`, may: READ },
  zone_day: { read: `site_id in ${SITES}`, may: READ },
  event_head: { ofNoPlace: 'one number, that of the newest event of all', may: READ },
  outbox: { product: 'numbers of events that the relay has not sent yet' },
  snapshot: { product: 'where a decider stands' },
  lease: { product: 'who decides which site' },
  disk_probe: { product: 'written and taken back to learn whether the disk has room' },

  unit: { read: `unit_id in ${UNITS}`, may: READ },
  unit_head: { ofNoPlace: 'one number, how often units, people or playbooks were changed', may: 'select, update' },
  unit_gone: { product: 'which units each process must forget' },
  unit_change: { read: WHOLE, may: READ },
  // Of the units that were told, what lies below them; by it all other policies are held.
  unit_above: { read: `ancestor_id = any(${TOLD_UNITS})`, may: READ },
  site_gone: { product: 'where removed sites lay: scope_sites() looks through it for whoever asks' },
  site_grant: { read: `site_id in ${SITES} or to_unit_id in ${UNITS}`, write: `site_id in ${OWN_SITES}`, may: CHANGED },
  scope_head: { product: 'how these policies were made' },
  migration: { product: 'the shape of the database' },
  member: ofUnit, shift: ofUnit, unit_policy: ofUnit,

  // Handled by a unit, at a place: both see it.
  incident: { read: `unit_id in ${UNITS} or (place_unit_id is distinct from unit_id and place_unit_id in ${UNITS}) or site_id = any(${GRANTED})`, may: READ },
  incident_now: { read: ofIncident('incident_now'), may: READ },
  incident_alarm: { read: ofIncident('incident_alarm'), may: READ },
  incident_member: { read: ofIncident('incident_member'), may: READ },
  incident_input: { read: ofIncident('incident_input'), may: READ },
  incident_attachment: { read: ofIncident('incident_attachment'), may: READ },
  attachment: { read: `exists (select from incident_attachment n where n.sha256 = attachment.sha256)`, may: READ },
  hand_over: { read: `unit_id in ${UNITS}`, write: `unit_id in ${UNITS}`, may: 'select, insert' },
  desk_clock: { ofNoPlace: 'the time that the desk has run', may: READ },
  reader_cursor: { product: 'how far the desk has read' },

  channel: { read: WHOLE, write: WHOLE, may: CHANGED },
  channel_count: { read: WHOLE, write: WHOLE, may: 'select, insert, update' },
  channel_settings: { product: 'keys and passwords of channels' },
  channel_key: { product: 'keys that the installation makes for itself' },
  channel_feed: { read: WHOLE, may: READ },
  notice: {
    read: `${ofIncident('notice')} or exists (select from member m where m.member_id = notice.member_id)`,
    write: `exists (select from incident i where i.incident_id = notice.incident_id and (i.unit_id in ${UNITS} or i.place_unit_id in ${UNITS}))`, may: 'select, update',
  },
  delivery: { read: `exists (select from notice n where n.notice_id = delivery.notice_id)`, may: READ },

  audit: { apart: 'one role may add lines, one may read them (store/sql/steps/audit.ts)' }, audit_head: { apart: 'the newest line of the audit' }, audit_exported: { product: 'how far a log outside has the audit' },
  mask_lift: { product: 'who may see through a mask now' }, retention_rule: { product: 'how long what is kept: units inherit from those above them' }, hold: { product: 'what is kept beyond its time: shown by the rule of the unit' }, purge_report: { product: 'what went: lines are cut to the units of whoever asks (server/routes/privacy.ts)' },
  approval: { product: 'what waits for a second person: shown to whoever asked and to whoever may answer (server/routes/approvals.ts)' },
  // What lets somebody in is asked for before anybody is known, and answers are cut to what the asker may see by the gate (server/access/gate.ts).
  account: { product: 'who may sign in' }, account_role: { product: 'who may do what, where' }, second_factor: { product: 'second factors' }, door_step: { product: 'steps at the door that wait for their next one' }, session: { product: 'who is signed in' },
  known_browser: { product: 'browsers that signed in before' }, api_token: { product: 'hashes of tokens' }, invitation: { product: 'hashes of invitations' }, sign_in_try: { product: 'failed tries at the door' },
  secret_key: { product: 'which keys there were' }, kept_secret: { product: 'sealed secrets' },
};

/**
 * Sites of a scope. Run by the tables' owner, so that what they look through need not be open to whoever asks; each is worked out once for a query.
 * Temporary tables come last in their path: nobody can put one of the same name before the real ones.
 */
const FUNCTION = 'returns setof text language sql stable parallel safe security definer set search_path = %schema, pg_temp as';
const isToldUnit = (unitId: string) => `exists (select from unit_above a where a.unit_id = ${unitId} and a.ancestor_id = any(${TOLD_UNITS}))`;
const FUNCTIONS = [
  `create or replace function scope_sites_own() ${FUNCTION} $$ select s.site_id from site s where ${isToldUnit('s.unit_id')} $$`,
  `create or replace function scope_sites() ${FUNCTION} $$
    select s.site_id from site s where ${isToldUnit('s.unit_id')} union all select g.site_id from site_gone g where ${isToldUnit('g.unit_id')} union all select unnest(${GRANTED}) $$`,
];

/** One for each database, so that several on one server do not share it. A role's name has at most 63 bytes. */
export const scopeRoleOf = (database: string): string => (Buffer.byteLength(database) <= 54 ? `${database}_requests` : `requests_${createHash('sha256').update(database).digest('hex').slice(0, 40)}`);

/** In the transaction of the migration, under its lock. Resolves with the role that requests run under. */
export async function holdRows(tx: Tx): Promise<string> {
  const about = await sql<{ database: string; schema: string; user_name: string; version: number }>`select current_database() as database, current_schema() as schema, current_user as user_name, current_setting('server_version_num')::integer as version`.execute(tx);
  const { database, schema, user_name: user, version } = about.rows[0]!, role = scopeRoleOf(database);
  await roleMustBe(tx, role, user, version);
  const there = new Set((await sql<{ name: string }>`select c.relname as name from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition`.execute(tx)).rows.map(({ name }) => name));
  const statements = [...statementsOf(role, schema, there)], source = createHash('sha256').update(statements.join('\n')).digest('hex');
  const head = await tx.selectFrom('scope_head').select(['source', 'found']).executeTakeFirstOrThrow();
  if (head.source === source && head.found === await foundIn(tx)) return role;
  for (const name of there) await sql.raw(`revoke all on ${quoted(name)} from ${quoted(role)}`).execute(tx);
  for (const policy of (await sql<{ table_name: string; name: string }>`select c.relname as table_name, p.polname as name from pg_policy p join pg_class c on c.oid = p.polrelid where c.relnamespace = current_schema()::regnamespace`.execute(tx)).rows) await sql.raw(`drop policy ${quoted(policy.name)} on ${quoted(policy.table_name)}`).execute(tx);
  for (const statement of statements) await sql.raw(statement).execute(tx);
  await tx.updateTable('scope_head').set({ source, found: await foundIn(tx) }).execute();
  return role;
}

/** Requests' own role: it owns nothing, so that row-level security holds for it whoever connects, also a superuser. */
async function roleMustBe(tx: Tx, role: string, user: string, version: number): Promise<void> {
  // From PostgreSQL 16 on, to be a member and to be allowed to act as it are two things.
  const mayActAs = async () => (await sql<{ may: boolean }>`select exists (select from pg_roles where rolname = ${role}) and pg_has_role(current_user, (select oid from pg_roles where rolname = ${role}), ${version >= 160_000 ? 'SET' : 'MEMBER'}) as may`.execute(tx)).rows[0]!.may;
  if (await mayActAs()) return;
  const tried = async (statement: string): Promise<void> => {
    await sql`savepoint role`.execute(tx);
    // One that is there already, or a user that may not make one: the look afterwards says which.
    try { await sql.raw(statement).execute(tx); await sql`release savepoint role`.execute(tx); } catch { await sql`rollback to savepoint role`.execute(tx); }
  };
  const make = `create role ${quoted(role)} nologin`, give = `grant ${quoted(role)} to ${quoted(user)}`;
  await tried(make);
  await tried(give);
  if (!await mayActAs()) throw new Problem('databaseRoleMissing', { user, sql: `${make}; ${give};` });
}

function* statementsOf(role: string, schema: string, there: Set<string>): Generator<string> {
  const to = quoted(role);
  yield `grant usage on schema ${quoted(schema)} to ${to}`;
  yield* FUNCTIONS.map((words) => words.replaceAll('%schema', quoted(schema)));
  for (const name of ['scope_sites', 'scope_sites_own']) { yield `revoke all on function ${name}() from public`; yield `grant execute on function ${name}() to ${to}`; }
  for (const name of [...there].sort()) {
    const held = ROWS_HELD[name], table = quoted(name);
    yield `alter table ${table} ${held !== undefined && ('ofNoPlace' in held || 'apart' in held) ? 'disable' : 'enable'} row level security`;
    if (held === undefined || 'product' in held || 'apart' in held) continue;
    yield `grant ${held.may} on ${table} to ${to}`;
    if ('ofNoPlace' in held) continue;
    yield `create policy scope_read on ${table} for select to ${to} using (${ALL} or (${held.read}))`;
    if (held.write === undefined) continue;
    for (const [act, checks] of [['insert', 'with check'], ['update', 'using'], ['delete', 'using']] as const) {
      if (held.may.includes(act)) yield `create policy scope_${act} on ${table} for ${act} to ${to} ${checks} (${ALL} or (${held.write}))`;
    }
  }
}

/** What the catalogue shows of it: whoever took a policy away by hand is noticed at the next start. */
async function foundIn(tx: Tx): Promise<string> {
  const found = await sql<{ words: string }>`
    select coalesce(string_agg(line, e'\n' order by line), '') as words from (
      select concat_ws(' ', c.relname, c.relrowsecurity, c.relacl::text) as line from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      -- As it is stored: to write it out as SQL would wait for whoever holds the table.
      union all select concat_ws(' ', p.polrelid, p.polname, p.polpermissive, p.polroles::text, p.polcmd, p.polqual::text, p.polwithcheck::text) from pg_policy p join pg_class c on c.oid = p.polrelid where c.relnamespace = current_schema()::regnamespace
      union all select concat_ws(' ', proname, prosecdef, proacl::text, proconfig::text, prosrc) from pg_proc where pronamespace = current_schema()::regnamespace and proname in ('scope_sites', 'scope_sites_own')
    ) lines`.execute(tx);
  return createHash('sha256').update(found.rows[0]!.words).digest('hex');
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
