// Tables of units: one step of store/sql/migrations.ts.
import type { Generated } from 'kysely';
import type { Json } from '../tables.ts';

/** As kysely sees them. */
export type UnitsTables = {
  unit: { unit_id: string; level: string; code: string; names: Json; parent_id: string | null; version: number; area_m2: number; demo: boolean; shape: Uint8Array; tree_version: number };
  unit_gone: { unit_id: string; tree_version: number };
  unit_change: { change_id: Generated<number>; at_ms: number; by_name: string; what: string; unit_ids: Json; unit_count: number; moves: Json };
};
export const unitsStep = {
  name: 'units: the tree of areas',
  statements: `
    create table unit (
      unit_id text primary key, level text not null, code text not null unique, names jsonb not null, parent_id text references unit, version integer not null,
      area_m2 double precision not null, demo boolean not null,
      -- Corners at 1e-7 degrees, as crowd/units/shape.ts packs them.
      shape bytea not null,
      -- What unit_head showed when this row was last changed: whoever has seen less reads it again.
      tree_version bigint not null
    );
    create index unit_of_parent on unit (parent_id);
    create index unit_of_tree_version on unit (tree_version);
    create table unit_gone (unit_id text primary key, tree_version bigint not null);
    create table unit_change (
      change_id bigint generated always as identity primary key, at_ms double precision not null, by_name text not null, what text not null,
      unit_ids jsonb not null, unit_count integer not null, moves jsonb not null
    );
  `,
};
