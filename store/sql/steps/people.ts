// Tables of people: one step of store/sql/migrations.ts.
import type { Generated } from 'kysely';
import type { Json } from '../tables.ts';

/** As kysely sees them. */
export type PeopleTables = {
  unit_head: { only_row: Generated<boolean>; version: number };
  member: { member_id: string; unit_id: string; member: Json; ordinal: Generated<number> };
  shift: { shift_id: string; unit_id: string; member_id: string; shift: Json; ordinal: Generated<number> };
  unit_policy: { unit_id: string; policy: Json };
  playbook: { playbook_id: string; site_id: string; zone_id: string | null; playbook: Json; ordinal: Generated<number> };
};
export const peopleStep = {
  name: 'people on duty, policies, playbooks',
  statements: `
    -- One row: how often units, people, policies or playbooks were changed (store/sql/unitVersion.ts).
    create table unit_head (only_row boolean primary key default true check (only_row), version bigint not null);
    insert into unit_head (version) values (0);

    create table member (member_id text primary key, unit_id text not null references unit on delete cascade, member jsonb not null, ordinal bigint generated always as identity);
    create index member_of_unit on member (unit_id);
    create table shift (shift_id text primary key, unit_id text not null references unit on delete cascade, member_id text not null references member on delete cascade, shift jsonb not null, ordinal bigint generated always as identity);
    create index shift_of_unit on shift (unit_id);
    create index shift_of_member on shift (member_id);
    create table unit_policy (unit_id text primary key references unit on delete cascade, policy jsonb not null);
    create table playbook (playbook_id text primary key, site_id text not null references site on delete cascade, zone_id text references zone on delete cascade, playbook jsonb not null, ordinal bigint generated always as identity);
    create index playbook_of_site on playbook (site_id);
  `,
};
