// Audit: one step of store/sql/migrations.ts.

/** As kysely sees them. */
export type AuditTables = {
  audit: { seq: number; at_ms: number; /** Canonical JSON, byte for byte as it was hashed. */ fact: string; previous_hash: Buffer; hash: Buffer; /** The rest follows from the fact by itself. */ what: string; account_id: string | null; unit_id: string | null };
  audit_head: { only_row: boolean; seq: number; hash: Buffer; block_lines: number };
  audit_exported: { name: string; seq: number };
};
/** Their names begin with this; the database's own name follows (function audit_role), because roles belong to all databases of a server. */
export const AUDIT_ROLES = { writer: 'crowdlight_audit_w_', reader: 'crowdlight_audit_r_' } as const;

export const auditStep = {
  name: 'audit',
  statements: `
    -- In blocks of lines (partitions): the beginning is dropped a block at a time, and nothing else ever is.
    create table audit (
      seq bigint not null, at_ms bigint not null, fact text not null, previous_hash bytea not null check (length(previous_hash) = 32), hash bytea not null check (length(hash) = 32),
      -- Made by the database out of the fact, so that what is filtered by cannot say anything else than what was hashed.
      what text not null generated always as (fact::jsonb ->> 'what') stored, account_id text generated always as (fact::jsonb ->> 'accountId') stored, unit_id text generated always as (fact::jsonb ->> 'unitId') stored,
      primary key (seq)
    ) partition by range (seq);
    create index audit_of_account on audit (account_id, seq);
    create index audit_of_what on audit (what, seq);
    create index audit_of_unit on audit (unit_id, seq);
    create index audit_at on audit using brin (at_ms);
    -- One row: the newest line. Whoever adds lines locks it first, so that numbers grow in the order of commit and have no gap.
    create table audit_head (only_row boolean primary key default true check (only_row), seq bigint not null, hash bytea not null, block_lines integer not null);
    insert into audit_head (seq, hash, block_lines) values (0, decode(repeat('00', 32), 'hex'), 100000);
    create table audit_exported (name text primary key, seq bigint not null);

    -- Null: there is none, or this database's user may not take it.
    create function audit_role(beginning text) returns text language sql stable as $$
      select rolname::text from pg_roles where rolname = beginning || left(current_database(), 40) and pg_has_role(session_user, oid, 'member') $$;
    create function audit_refuse() returns trigger language plpgsql as $$ begin raise exception 'the audit is only ever added to' using errcode = '42501'; end $$;
    create trigger audit_no_change before update or delete on audit for each row execute function audit_refuse();
    create trigger audit_no_truncate before truncate on audit for each statement execute function audit_refuse();

    -- The only way in. Its caller needs no right on the table, only to call it.
    create function audit_append(at_ms bigint[], facts text[]) returns bigint language plpgsql security definer set search_path from current as $$
    declare last bigint; previous bytea; next bytea; block integer; name text;
    begin
      select h.seq, h.hash, h.block_lines into last, previous, block from audit_head h for update;
      for i in 1 .. coalesce(array_length(facts, 1), 0) loop
        if last % block = 0 then
          name := 'audit_from_' || (last + 1);
          -- Made beside and put there: whoever reads meanwhile is not waited for.
          execute format('create table %I (like audit including all)', name);
          execute format('create trigger audit_no_truncate before truncate on %I for each statement execute function audit_refuse()', name);
          execute format('alter table audit attach partition %I for values from (%s) to (%s)', name, last + 1, last + 1 + block);
        end if;
        last := last + 1;
        next := sha256(previous || convert_to(last || ' ' || at_ms[i] || ' ' || facts[i], 'UTF8'));
        insert into audit (seq, at_ms, fact, previous_hash, hash) values (last, at_ms[i], facts[i], previous, next);
        previous := next;
      end loop;
      update audit_head set seq = last, hash = previous;
      return last;
    end $$;
    revoke all on function audit_append(bigint[], text[]) from public;
    revoke all on audit, audit_head from public;

    -- Two roles: one may only add, one may only read. Where this database's user may not make roles they are left out; all the rest holds all the same.
    do $$
    declare writer text := '${AUDIT_ROLES.writer}' || left(current_database(), 40); reader text := '${AUDIT_ROLES.reader}' || left(current_database(), 40);
    begin
      begin
        if not exists (select from pg_roles where rolname = writer) then execute format('create role %I nologin', writer); end if;
        if not exists (select from pg_roles where rolname = reader) then execute format('create role %I nologin', reader); end if;
        execute format('grant %I, %I to current_user', writer, reader);
      exception when insufficient_privilege then raise notice 'roles of the audit are left out: %', sqlerrm;
      end;
      if exists (select from pg_roles where rolname = writer) then
        execute format('grant usage on schema %I to %I, %I', current_schema(), writer, reader);
        execute format('grant execute on function audit_append(bigint[], text[]) to %I', writer);
        execute format('grant select on audit, audit_head to %I', reader);
      end if;
    end $$;
  `,
};
