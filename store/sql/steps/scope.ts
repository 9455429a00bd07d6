// Who may see which rows: one step of store/sql/migrations.ts. Where things lie, and what a scope comes to; the policies themselves are in store/sql/rowScope.ts, made anew whenever they change.
import type { Json } from '../tables.ts';

/** As kysely sees them. */
export type ScopeTables = {
  unit_above: { unit_id: string; ancestor_id: string };
  site_gone: { site_id: string; unit_id: string | null; origin: Json; grid: Json };
  scope_head: { only_row: boolean; placed: boolean; source: string; found: string };
  site_grant: {
    grant_id: string; site_id: string; incident_id: string | null; to_unit_id: string; rights: Json; from_ms: number; until_ms: number; reason: string; by_name: string; by_account_id: string | null;
    revoked_at_ms: number | null; revoked_by_name: string | null;
  };
};
export const scopeStep = {
  name: 'who may see which rows',
  statements: `
    -- The lowest unit that a place lies in, kept with every change of the place and of the tree (store/sql/units.ts). Null: in none, seen only from the whole installation.
    alter table site add column unit_id text;
    alter table sensor add column unit_id text;
    create index site_of_unit on site (unit_id);
    create index sensor_of_unit on sensor (unit_id);
    -- Each unit with itself and all above it. A unit that is gone keeps its rows, so that what happened there stays in sight of those above.
    create table unit_above (unit_id text not null, ancestor_id text not null, primary key (unit_id, ancestor_id));
    create index unit_below on unit_above (ancestor_id, unit_id);
    -- Where a site lay that is removed: its alarms and its past are still somebody's.
    create table site_gone (site_id text primary key, unit_id text, origin jsonb not null, grid jsonb not null);
    create function site_leaves() returns trigger language plpgsql security definer set search_path from current as $$ begin
      insert into site_gone (site_id, unit_id, origin, grid) values (old.site_id, old.unit_id, old.origin, old.grid) on conflict (site_id) do update set unit_id = excluded.unit_id, origin = excluded.origin, grid = excluded.grid;
      return null; end $$;
    create function site_comes() returns trigger language plpgsql security definer set search_path from current as $$ begin delete from site_gone where site_id = new.site_id; return null; end $$;
    create trigger site_left after delete on site for each row execute function site_leaves();
    create trigger site_came after insert on site for each row execute function site_comes();

    -- A place shown to another unit for a while (contract/access.ts Grant).
    create table site_grant (
      grant_id text primary key, site_id text not null references site on delete cascade, incident_id text, to_unit_id text not null references unit on delete cascade, rights jsonb not null,
      from_ms double precision not null, until_ms double precision not null, reason text not null, by_name text not null, by_account_id text, revoked_at_ms double precision, revoked_by_name text
    );
    create index site_grant_in_force on site_grant (until_ms) where revoked_at_ms is null;
    create index site_grant_of_site on site_grant (site_id, until_ms);
    create trigger site_grant_told after insert or update or delete on site_grant for each statement execute function access_told();

    -- placed: units of places and rows of unit_above are filled in. source, found: the policies as they were made, and as the catalogue then showed them.
    create table scope_head (only_row boolean primary key default true check (only_row), placed boolean not null, source text not null, found text not null);
    insert into scope_head (placed, source, found) values (false, '', '');
    do $$ declare f text; begin
      foreach f in array array['site_leaves()', 'site_comes()'] loop execute format('alter function %s set search_path = %I, pg_temp', f, current_schema()); end loop;
    end $$;
  `,
};
