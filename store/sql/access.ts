// Scope and grants in PostgreSQL: see store/accessStore.ts. Which rows a scope comes to is in store/sql/rowScope.ts.
import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { PlaceKind } from '../../contract/access.ts';
import type { AccessStore } from '../accessStore.ts';
import { asProduct, heardAsProduct, inScope } from '../scope.ts';
import type { UnitsStore } from '../unitsStore.ts';
import type { Database } from './database.ts';
import { grantOf, grantsPart } from './grants.ts';

/** Told by triggers of account, account_role, session, api_token, second_factor and site_grant, whichever statement changed them. */
const ACCESS_CHANNEL = 'crowdlight_access';
const GRANTS_MOST = 5000;

export type AccessPart = Omit<AccessStore, 'eventsLying'> & { closeAccess(): Promise<void> };

export function accessPart(database: Database, log: Logger, { unitChain }: Pick<UnitsStore, 'unitChain'>): AccessPart {
  const listeners = new Set<() => void>();
  let listening: { close(): Promise<void> } | null = null;
  const all = database.forProduct('screens are sorted by what they may see before anything is sent');
  const places = database.forProduct('where a thing lies is asked before it is known whether the asker may see it');
  return {
    ...grantsPart(database, log),
    within: inScope,
    forProduct: asProduct,
    async placeOf(kind, id) {
      const rows = await places.run((db) => PLACES[kind](id).execute(db));
      const row = rows.rows[0];
      if (row === undefined) return null;
      // Where all of them lie: whoever may change an account may do so wherever its roles are.
      if (kind === 'account') return { unitId: await lowestAboveAll(row.unit_ids ?? []), siteId: null };
      return { unitId: row.unit_id, siteId: row.site_id, ...(row.also_unit_id == null || row.also_unit_id === row.unit_id ? {} : { alsoUnitId: row.also_unit_id }) };
    },
    grantsInForce: (nowMs) => database.forProduct('who may see what is worked out of all grants').run(async (db) => {
      const rows = await db.selectFrom('site_grant').selectAll().where('revoked_at_ms', 'is', null).where('from_ms', '<=', nowMs).where('until_ms', '>', nowMs).orderBy('from_ms').limit(GRANTS_MOST).execute();
      return rows.flatMap((row) => grantOf(row, log));
    }),
    places: () => all.run(async (db) => {
      const sites = await sql<{ site_id: string; unit_id: string | null }>`select site_id, unit_id from site union all select site_id, unit_id from site_gone`.execute(db);
      const sensors = await db.selectFrom('sensor').select(['sensor_id', 'site_id', 'unit_id']).execute();
      return { sites: sites.rows.map((row) => ({ siteId: row.site_id, unitId: row.unit_id })), sensors: sensors.map((row) => ({ sensorId: row.sensor_id, siteId: row.site_id, unitId: row.unit_id })) };
    }),
    openIncidentPlaces: (most) => all.run(async (db) => {
      const rows = await db.selectFrom('incident').select(['incident_id', 'site_id', 'unit_id', 'place_unit_id']).where('is_open', '=', true).orderBy('reported_at_ms', 'desc').orderBy('incident_id', 'desc').limit(Math.max(0, most)).execute();
      return rows.map((row) => ({ incidentId: row.incident_id, place: { unitId: row.place_unit_id ?? row.unit_id, siteId: row.site_id, alsoUnitId: row.unit_id } }));
    }),
    accessMarks: ({ sessionIds, tokenIds }, nowMs) => all.run(async (db) => {
      const ofAccount = sql`concat_ws(' ', a.must_change, a.member_id, (select m.unit_id || m.member::text from member m where m.member_id = a.member_id), (select string_agg(r.role || '@' || coalesce(r.unit_id, ''), ',' order by r.ordinal) from account_role r where r.account_id = a.account_id), (select count(*) from second_factor f where f.account_id = a.account_id))`;
      const rows = await sql<{ id: string; mark: string }>`
        select s.session_id as id, ${ofAccount} || coalesce(s.factor_at_ms, 0)::text as mark from session s join account a using (account_id) where s.session_id = any(${sessionIds}::text[]) and a.enabled and s.idle_until_ms > ${nowMs}::double precision and s.ends_at_ms > ${nowMs}::double precision
        union all select t.token_id, ${ofAccount} || concat_ws(' ', t.unit_id, t.rights) from api_token t join account a using (account_id) where t.token_id = any(${tokenIds}::text[]) and a.enabled and t.expires_at_ms > ${nowMs}::double precision`.execute(db);
      return new Map(rows.rows.map((row) => [row.id, row.mark]));
    }),
    onAccess(listener) {
      const heard = heardAsProduct(listener);
      listeners.add(heard);
      listening ??= database.listen(ACCESS_CHANNEL, () => { for (const each of listeners) each(); });
      return () => { listeners.delete(heard); };
    },
    async closeAccess() { await listening?.close(); },
  };

  async function lowestAboveAll(unitIds: (string | null)[]): Promise<string | null> {
    if (unitIds.length === 0 || unitIds.includes(null)) return null;
    let shared: string[] | null = null;
    for (const unitId of new Set(unitIds as string[])) {
      const chain = (await unitChain(unitId)).map((unit) => unit.unitId);
      shared = shared === null ? chain : shared.filter((above) => chain.includes(above));
    }
    return shared![0] ?? null;
  }
}

type PlaceRow = { unit_id: string | null; site_id: string | null; also_unit_id?: string | null; unit_ids?: (string | null)[] };
const ofSite = (table: string, key: string) => (id: string) => sql<PlaceRow>`select s.unit_id, t.site_id from ${sql.table(table)} t left join (select site_id, unit_id from site union all select site_id, unit_id from site_gone) s using (site_id) where ${sql.ref(`t.${key}`)} = ${id}`;
const ofUnit = (table: string, key: string) => (id: string) => sql<PlaceRow>`select unit_id, null as site_id from ${sql.table(table)} where ${sql.ref(key)} = ${id}`;
/** Handled by one unit, at a place in another perhaps: roles at either reach it. */
const INCIDENT = sql`coalesce(i.place_unit_id, i.unit_id) as unit_id, i.site_id, i.unit_id as also_unit_id`;
const PLACES: Record<PlaceKind, (id: string) => ReturnType<typeof sql<PlaceRow>>> = {
  unit: ofUnit('unit', 'unit_id'),
  site: (id) => sql`select unit_id, site_id from site where site_id = ${id}`,
  zone: ofSite('zone', 'zone_id'), line: ofSite('line', 'line_id'), playbook: ofSite('playbook', 'playbook_id'), silence: ofSite('silence', 'silence_id'), alarm: ofSite('alarm', 'alarm_id'), grant: ofSite('site_grant', 'grant_id'),
  sensor: (id) => sql`select unit_id, site_id from sensor where sensor_id = ${id}`,
  member: ofUnit('member', 'member_id'), shift: ofUnit('shift', 'shift_id'), handOver: ofUnit('hand_over', 'hand_over_id'),
  // Channels are the installation's.
  channel: (id) => sql`select null as unit_id, null as site_id from channel where channel_id = ${id}`,
  incident: (id) => sql`select ${INCIDENT} from incident i where incident_id = ${id}`,
  notice: (id) => sql`select coalesce(i.place_unit_id, i.unit_id, m.unit_id) as unit_id, i.site_id, coalesce(i.unit_id, m.unit_id) as also_unit_id from notice n left join incident i using (incident_id) left join member m on m.member_id = n.member_id where n.notice_id = ${id}`,
  // The same bytes may be named by several incidents: that of the newest.
  attachment: (id) => sql`select ${INCIDENT} from incident_attachment a join incident i using (incident_id) where a.sha256 = ${id} order by i.reported_at_ms desc limit 1`,
  account: (id) => sql`select null as unit_id, null as site_id, (select array_agg(unit_id) from account_role r where r.account_id = a.account_id) as unit_ids from account a where account_id = ${id}`,
  approval: (id) => sql`select unit_id, null as site_id from approval where approval_id = ${id}`,
};
