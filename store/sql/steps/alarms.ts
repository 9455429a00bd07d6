// Tables of alarm discipline: one step of store/sql/migrations.ts.
import type { Json } from '../tables.ts';

/** As kysely sees them. */
export type AlarmsTables = {
  silence: { silence_id: string; site_id: string; until_ms: number; silence: Json };
  alarm_call: {
    seq: number; at_ms: number; site_id: string; alarm_id: string; rule: string; place_kind: string; place_id: string; level_rank: number; priority: string;
    exercise: boolean; demo: boolean; begins: boolean; heard: boolean; acknowledged_at_ms: number | null;
  };
};

const MARKS = `jsonb_build_object('priority', case %->>'level' when 'critical' then 'urgent' when 'danger' then 'high' when 'warning' then 'medium' else 'low' end, 'exercise', false, 'shelved', null, 'muted', null, 'repeats', 0) || %`;

export const alarmsStep = {
  name: 'alarm discipline',
  statements: `
    create table silence (silence_id text primary key, site_id text not null references site on delete cascade, until_ms double precision not null, silence jsonb not null);
    create index silence_of_site on silence (site_id, until_ms);

    -- Each time that an alarm called for somebody: raised, raised anew, grown worse, or heard at last after it was muted or put aside. What the load of alarms is counted from; of alarms, never of a person.
    create table alarm_call (
      seq bigint primary key, at_ms double precision not null, site_id text not null, alarm_id text not null, rule text not null, place_kind text not null, place_id text not null,
      level_rank smallint not null, priority text not null, exercise boolean not null, demo boolean not null,
      -- It was not there before; and: neither muted nor put aside.
      begins boolean not null, heard boolean not null, acknowledged_at_ms double precision
    );
    create index alarm_call_at on alarm_call (at_ms);
    create index alarm_call_of on alarm_call (alarm_id, seq);

    -- What was kept before knew no discipline: it reads as what it was.
    update alarm set alarm = ${MARKS.replaceAll('%', 'alarm')} where not alarm ? 'priority';
    update event set event = jsonb_set(event, '{alarm}', ${MARKS.replaceAll('%', "(event->'alarm')")}) where event->>'type' = 'alarmChanged' and not event->'alarm' ? 'priority';
    insert into alarm_call
      select e.seq, e.at_ms, e.site_id, e.alarm_id, e.event->'alarm'->>'rule', e.event->'alarm'->'place'->>'kind', coalesce(e.event->'alarm'->'place'->>'zoneId', e.event->'alarm'->'place'->>'sensorId', e.event->'alarm'->'place'->>'lineId'),
        array_position(array['calm','notice','warning','danger','critical'], e.event->'alarm'->>'level') - 1, e.event->'alarm'->>'priority', false, (e.event->'alarm'->>'demo')::boolean,
        coalesce(e.event->>'from', 'easing') = 'easing', true, (select min(a.at_ms) from event a where a.alarm_id = e.alarm_id and a.seq > e.seq and a.event->'alarm'->>'state' = 'acknowledged')
      from event e where e.event->>'type' = 'alarmChanged' and e.event->'alarm'->>'state' = 'raised' and e.event->>'from' is distinct from 'raised';
  `,
};
