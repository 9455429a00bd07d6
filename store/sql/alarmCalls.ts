// Notes each time that an alarm calls for somebody, in the transaction of its events, so that the load of alarms is counted from narrow rows.
import { sql } from 'kysely';
import { placeIdOf, type Acknowledgement, type AlarmChanged } from '../../contract/alarm.ts';
import { levelRank } from '../../contract/level.ts';
import type { Tx } from './database.ts';

/** In the order given; events are those that were new. */
export async function noteAlarmCalls(tx: Tx, recorded: readonly { seq: number; event: AlarmChanged }[]): Promise<void> {
  // Whether a change of one that stays raised is a call hangs on what it was like at its last call.
  const stays = recorded.filter(({ event }) => event.from === 'raised' && event.alarm.state === 'raised').map(({ event }) => event.alarm.alarmId);
  const last = new Map<string, { heard: boolean; rank: number }>();
  if (stays.length > 0) {
    const rows = await tx.selectFrom('alarm_call').distinctOn('alarm_id').select(['alarm_id', 'heard', 'level_rank']).where('alarm_id', 'in', [...new Set(stays)]).orderBy('alarm_id').orderBy('seq', 'desc').execute();
    for (const row of rows) last.set(row.alarm_id, { heard: row.heard, rank: row.level_rank });
  }
  const calls = recorded.flatMap(({ seq, event: { atMs, from, alarm } }) => {
    if (alarm.state !== 'raised') return [];
    const { alarmId, siteId, rule, place, priority, exercise, demo } = alarm, rank = levelRank(alarm.level), heard = alarm.muted === null && alarm.shelved === null, before = last.get(alarmId);
    if (from === 'raised' && before !== undefined && rank <= before.rank && (before.heard || !heard)) return [];
    last.set(alarmId, { heard, rank });
    return [{
      seq, at_ms: atMs, site_id: siteId, alarm_id: alarmId, rule, place_kind: place.kind, place_id: placeIdOf(place), level_rank: rank, priority, exercise, demo,
      begins: from === null || from === 'easing' || from === 'cleared', heard, acknowledged_at_ms: null,
    }];
  });
  if (calls.length > 0) await tx.insertInto('alarm_call').values(calls).execute();
  const acknowledged = new Map(recorded.flatMap(({ event: { from, alarm } }) => {
    const taken: Acknowledgement | null = alarm.state === 'raised' || alarm.state === 'cleared' ? null : alarm.acknowledged;
    return taken === null || from === 'acknowledged' ? [] : [[alarm.alarmId, alarm.changedAtMs] as const];
  }));
  if (acknowledged.size > 0) await sql`
    update alarm_call set acknowledged_at_ms = taken.at_ms from unnest(${[...acknowledged.keys()]}::text[], ${[...acknowledged.values()]}::double precision[]) taken (alarm_id, at_ms)
    where alarm_call.alarm_id = taken.alarm_id and alarm_call.acknowledged_at_ms is null`.execute(tx);
}
