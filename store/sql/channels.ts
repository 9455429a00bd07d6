// Channels in PostgreSQL: see store/channelsStore.ts.
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import Type from 'typebox';
import type { Logger } from 'pino';
import { Channel, Delivery, Notice } from '../../contract/notice.ts';
import { Problem } from '../../contract/problem.ts';
import { checker } from '../../contract/schema.ts';
import type { ChannelsStore, TakenNotice } from '../channelsStore.ts';
import { heardAsProduct } from '../scope.ts';
import type { Secrets } from '../secrets.ts';
import type { Database, Tx } from './database.ts';
import { checkedOrLeftOut, damaged, openedOrLeftOut } from './rows.ts';
import { openedJson, sealedJson } from './secrets.ts';

export type ChannelsPart = ChannelsStore & { closeChannels(): Promise<void> };

export const NOTICES_CHANNEL = 'crowdlight_notices';
const CHANNELS_MOST = 200;
const DETAIL_MOST = 500;

const checkChannel = checker(Channel), checkNotice = checker(Notice), checkDelivery = checker(Delivery), checkSettings = checker(Type.Record(Type.String(), Type.Unknown()));

export function channelsPart(database: Database, log: Logger, secrets: Secrets): ChannelsPart {
  const product = database.forProduct('keys of channels, and who is told next, are closed to requests');
  const listeners = new Set<() => void>();
  let listening: { close(): Promise<void> } | null = null;
  const tell = () => { for (const listener of listeners) listener(); };
  const readKey = async (name: string): Promise<unknown> => {
    const row = await product.run((db) => db.selectFrom('channel_key').select('key').where('name', '=', name).executeTakeFirst());
    return row === undefined ? null : openedJson(secrets, 'channel_key', name, row.key);
  };
  const withDeliveries = async (notices: Notice[]): Promise<{ notice: Notice; deliveries: Delivery[] }[]> => {
    if (notices.length === 0) return [];
    const rows = await database.run((db) => db.selectFrom('delivery').selectAll().where('notice_id', 'in', notices.map((notice) => notice.noticeId)).orderBy('ordinal').execute());
    const of = new Map(notices.map((notice) => [notice.noticeId, [] as Delivery[]]));
    for (const row of rows) of.get(row.notice_id)?.push(...deliveryOf(row, log));
    return notices.map((notice) => ({ notice, deliveries: of.get(notice.noticeId)! }));
  };

  return {
    channels: () => database.run(async (db) => (await db.selectFrom('channel').selectAll().orderBy('ordinal').execute()).flatMap((row) => channelOf(row, log))),
    channelSettings: (channelId) => database.run(async (db) => await db.selectFrom('channel').select('channel_id').where('channel_id', '=', channelId).executeTakeFirst() !== undefined).then((isSeen) => !isSeen ? null : product.run(async (db) => {
      const row = await db.selectFrom('channel').innerJoin('channel_settings', 'channel_settings.channel_id', 'channel.channel_id').selectAll('channel').select('channel_settings.settings').where('channel.channel_id', '=', channelId).executeTakeFirst();
      if (row === undefined) return null;
      const [channel] = channelOf(row, log), settings = checkSettings(openedJson(secrets, 'channel_settings', channelId, row.settings));
      if (channel === undefined || !settings.ok) throw damaged(`channel ${channelId}`, settings.ok ? [] : settings.faults);
      return { channel, settings: settings.value };
    })),
    channelsWithSettings: () => product.run(async (db) => {
      const rows = await db.selectFrom('channel').innerJoin('channel_settings', 'channel_settings.channel_id', 'channel.channel_id').selectAll('channel').select('channel_settings.settings').orderBy('channel.ordinal').execute();
      return rows.flatMap((row) => {
        const [channel] = channelOf(row, log), [settings] = openedOrLeftOut(checkSettings, () => openedJson(secrets, 'channel_settings', row.channel_id, row.settings), `settings of channel ${row.channel_id}`, log);
        return channel === undefined || settings === undefined ? [] : [{ channel, settings }];
      });
    }),
    addChannel: (body) => database.transact(async (tx) => {
      // One adder at a time: or two could both count 199.
      await sql`lock table channel in share row exclusive mode`.execute(tx);
      const channelId = body.channelId ?? `h${randomBytes(8).toString('hex')}`;
      const there = await tx.selectFrom('channel').selectAll().where('channel_id', '=', channelId).executeTakeFirst();
      if (there !== undefined) return channelOf(there, log)[0] ?? fail(channelId);
      const { count } = await tx.selectFrom('channel').select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
      if (count >= CHANNELS_MOST) throw new Problem('tooMany', { most: CHANNELS_MOST });
      const channel: Channel = { channelId, kind: body.kind, name: body.name, enabled: body.enabled ?? true, settingsShown: body.settingsShown, perMinuteMost: body.perMinuteMost ?? 60, subscriptions: body.subscriptions ?? [] };
      await tx.insertInto('channel').values(rowOf(channel)).execute();
      await database.stepForProduct(tx, 'keys of channels are closed to requests', () => tx.insertInto('channel_settings').values({ channel_id: channelId, settings: sealedJson(secrets, 'channel_settings', channelId, body.settings) }).execute());
      await sql`insert into channel_count (channel_id) values (${channelId})`.execute(tx);
      return channel;
    }),
    changeChannel: (channelId, change) => database.transact(async (tx) => {
      const row = await tx.selectFrom('channel').selectAll().where('channel_id', '=', channelId).forUpdate().executeTakeFirst();
      if (row === undefined) throw new Problem('notFound');
      const before = channelOf(row, log)[0] ?? fail(channelId);
      const channel: Channel = {
        ...before, name: change.name ?? before.name, enabled: change.enabled ?? before.enabled, settingsShown: change.settingsShown ?? before.settingsShown, perMinuteMost: change.perMinuteMost ?? before.perMinuteMost,
        subscriptions: change.subscriptions ?? before.subscriptions,
      };
      const { channel_id: _id, ...values } = rowOf(channel);
      await tx.updateTable('channel').set(values).where('channel_id', '=', channelId).execute();
      if (change.settings !== undefined) await database.stepForProduct(tx, 'keys of channels are closed to requests', () => tx.updateTable('channel_settings').set({ settings: sealedJson(secrets, 'channel_settings', channelId, change.settings!) }).where('channel_id', '=', channelId).execute());
      // A higher limit holds at once.
      if (change.perMinuteMost !== undefined) {
        await tx.updateTable('channel_count').set({ tokens: null, tokens_at: null }).where('channel_id', '=', channelId).execute();
        // What waits for its turn asks again now; what failed there keeps its pause.
        await database.stepForProduct(tx, 'who is told next is closed to requests', () => sql`update notice set wake_at = clock_timestamp() where at_channel_id = ${channelId} and state = 'waiting' and rung_attempts = 0`.execute(tx));
      }
      return channel;
    }),
    removeChannel: (channelId) => database.transact(async (tx) => {
      if (channelId === 'inApp') throw new Problem('inputWrong', { reason: 'the in-app channel stays: whoever has no other contact is told there' });
      const gone = await tx.deleteFrom('channel').where('channel_id', '=', channelId).executeTakeFirst();
      if (gone.numDeletedRows === 0n) throw new Problem('notFound');
    }),
    channelHealth: () => database.run(async (db) => {
      const rows = await sql<{ channel_id: string; sent: number; failed: number; rate_limited: number; waiting: number; dead: number; last_sent_at_ms: number | null; last_failure_at_ms: number | null; last_failure: string | null }>`
        select c.*, coalesce(w.waiting, 0)::integer as waiting, coalesce(d.dead, 0)::integer as dead from channel_count c
        left join (select coalesce(at_channel_id, channel_id) as channel_id, count(*) as waiting from notice where state in ('waiting', 'sending') group by 1) w using (channel_id)
        left join (select coalesce(at_channel_id, channel_id) as channel_id, count(*) as dead from notice where state = 'dead' group by 1) d using (channel_id)`.execute(db);
      return rows.rows.map((row) => ({
        channelId: row.channel_id, sent: row.sent, failed: row.failed, rateLimited: row.rate_limited, waiting: row.waiting, dead: row.dead, lastSentAtMs: row.last_sent_at_ms, lastFailureAtMs: row.last_failure_at_ms, lastFailure: row.last_failure,
      }));
    }),
    takeTurn: (channelId, perMinuteMost, urgent) => product.run(async (db) => {
      // Half at once, the other half spread over the minute: never more than the limit in any minute, and a burst is not held up.
      const burst = Math.max(1, Math.floor(perMinuteMost / 2)), perMs = Math.max(1, perMinuteMost - burst) / 60_000;
      // A sixth stays for who is asked to go, whichever process has the others.
      const needed = urgent ? 1 : 1 + Math.floor(burst / 6);
      const filled = sql<number>`least(${burst}::double precision, coalesce(tokens, ${burst}) + coalesce(extract(epoch from clock_timestamp() - tokens_at) * 1000 * ${perMs}::double precision, 0))`;
      const taken = await sql`update channel_count set tokens = ${filled} - 1, tokens_at = clock_timestamp() where channel_id = ${channelId} and ${filled} >= ${needed}`.execute(db);
      if ((taken.numAffectedRows ?? 0n) > 0n) return 0;
      const late = await sql<{ wait_ms: number }>`update channel_count set rate_limited = rate_limited + 1 where channel_id = ${channelId} returning ((${needed} - ${filled}) / ${perMs}::double precision)::double precision as wait_ms`.execute(db);
      // A channel without a row was removed meanwhile: whoever sends finds that out.
      return late.rows[0] === undefined ? 0 : Math.max(1, Math.ceil(Number(late.rows[0].wait_ms)));
    }),

    addNotices: (notices) => notices.length === 0 ? Promise.resolve() : product.transact((tx) => insertNotices(tx, notices)).then(tell),
    takeNotices: (most, holdMs, notAt = []) => database.run(async (db) => {
      const taken = await sql<Record<string, unknown>>`
        with chosen as (
          select n.notice_id from notice n
          where n.state in ('waiting', 'sending') and n.wake_at <= clock_timestamp() and (n.state = 'waiting' or n.taken_until <= clock_timestamp())
            and not coalesce(n.at_channel_id, n.channel_id, '') = any(${notAt}::text[])
            and (n.kind <> 'incident' or not exists (select 1 from notice e where e.kind = 'incident' and e.channel_id = n.channel_id and e.incident_id = n.incident_id and e.state in ('waiting', 'sending') and e.ordinal < n.ordinal))
          order by n.urgent desc, n.wake_at, n.ordinal limit ${Math.max(0, most)} for update skip locked
        )
        update notice set state = 'sending', taken_until = clock_timestamp() + ${holdMs}::double precision * interval '1 millisecond' from chosen where notice.notice_id = chosen.notice_id returning notice.*, (extract(epoch from clock_timestamp() - notice.since_at) * 1000)::double precision as waited_ms`.execute(db);
      const rows = taken.rows.sort((a, b) => Number(b['urgent']) - Number(a['urgent']) || Number(a['ordinal']) - Number(b['ordinal']));
      return rows.flatMap((row): TakenNotice[] => noticeOf(row, log).map((notice) => ({ notice, rung: Number(row['rung']), rungAttempts: Number(row['rung_attempts']), attempts: Number(row['attempts']), waitedMs: Number(row['waited_ms']) })));
    }),
    noticeLater: (noticeId, { waitMs, rung, rungAttempts, atChannelId }) => database.run(async (db) => {
      await sql`update notice set state = 'waiting', taken_until = null, wake_at = clock_timestamp() + ${waitMs}::double precision * interval '1 millisecond', rung = ${rung}, rung_attempts = ${rungAttempts}, at_channel_id = ${atChannelId} where notice_id = ${noticeId} and state in ('waiting', 'sending')`.execute(db);
    }),
    noticeDone: (noticeId, state) => database.run(async (db) => {
      await db.updateTable('notice').set({ state, taken_until: null }).where('notice_id', '=', noticeId).execute();
    }),
    nextNoticeMs: () => database.run(async (db) => {
      const next = await sql<{ in_ms: number | null }>`select (extract(epoch from min(case when state = 'sending' then greatest(wake_at, taken_until) else wake_at end) - clock_timestamp()) * 1000)::double precision as in_ms from notice where state in ('waiting', 'sending')`.execute(db);
      const inMs = next.rows[0]?.in_ms ?? null;
      return inMs === null ? null : Math.max(0, inMs);
    }),
    keepDelivery: ({ noticeId, channelId, atMs, tookMs, outcome, detail }, then) => database.run(async (db) => {
      const ended = typeof then === 'string' ? then : null, later = typeof then === 'object' ? then : null;
      // One statement, so that a try, its count and what follows of it are there together or not at all.
      await sql`
        with tried as (
          update notice set attempts = attempts + 1, at_channel_id = ${channelId},
            state = case when ${ended}::text is not null then ${ended}::text when ${later !== null}::boolean then 'waiting' else state end,
            taken_until = case when ${ended !== null || later !== null}::boolean then null else taken_until end,
            wake_at = case when ${later !== null}::boolean then clock_timestamp() + ${later?.waitMs ?? 0}::double precision * interval '1 millisecond' else wake_at end,
            rung = coalesce(${later?.rung ?? null}::integer, rung), rung_attempts = coalesce(${later?.rungAttempts ?? null}::integer, rung_attempts)
          where notice_id = ${noticeId} returning attempts
        ), counted as (
          update channel_count set sent = sent + ${outcome === 'sent' ? 1 : 0}, failed = failed + ${outcome === 'retry' || outcome === 'refused' ? 1 : 0},
            last_sent_at_ms = case when ${outcome === 'sent'}::boolean then ${atMs}::double precision else last_sent_at_ms end,
            last_failure_at_ms = case when ${outcome === 'retry' || outcome === 'refused'}::boolean then ${atMs}::double precision else last_failure_at_ms end,
            last_failure = case when ${outcome === 'retry' || outcome === 'refused'}::boolean then ${kept(detail)}::text else last_failure end
          where channel_id = ${channelId}
        )
        insert into delivery (notice_id, channel_id, attempt, at_ms, took_ms, outcome, detail) select ${noticeId}, ${channelId}, attempts, ${atMs}::double precision, ${tookMs}::double precision, ${outcome}, ${kept(detail)} from tried`.execute(db);
    }),
    noticesOf: async (incidentId) => withDeliveries(await database.run(async (db) => (await db.selectFrom('notice').selectAll().where('incident_id', '=', incidentId).orderBy('ordinal', 'desc').limit(500).execute()).reverse().flatMap((row) => noticeOf(row, log)))),
    incidentNotices: (channelId, incidentId) => database.run(async (db) => {
      const rows = await db.selectFrom('notice').selectAll().where('incident_id', '=', incidentId).where('channel_id', '=', channelId).where('kind', '=', 'incident').orderBy('ordinal').limit(500).execute();
      return rows.flatMap((row) => noticeOf(row, log));
    }),
    incidentsTold: (incidentIds) => database.run(async (db) => {
      if (incidentIds.length === 0) return new Set();
      const rows = await db.selectFrom('notice').select(['channel_id', 'incident_id']).distinct().where('incident_id', 'in', incidentIds).where('kind', '=', 'incident').execute();
      return new Set(rows.map((row) => `${row.channel_id} ${row.incident_id}`));
    }),
    deadNotices: async (most) => withDeliveries(await database.run(async (db) => (await db.selectFrom('notice').selectAll().where('state', '=', 'dead').orderBy('ordinal', 'desc').limit(Math.max(0, most)).execute()).flatMap((row) => noticeOf(row, log)))),
    noticeAgain: (noticeId) => database.transact(async (tx) => {
      const again = await sql`update notice set state = 'waiting', taken_until = null, wake_at = clock_timestamp(), since_at = clock_timestamp(), rung = 0, rung_attempts = 0, at_channel_id = null where notice_id = ${noticeId} and state = 'dead'`.execute(tx);
      if ((again.numAffectedRows ?? 0n) === 0n) return false;
      await sql`select pg_notify(${NOTICES_CHANNEL}, '')`.execute(tx);
      return true;
    }).then((again) => { if (again) tell(); return again; }),
    async channelKey<Key>(name: string, make: () => Promise<Key>): Promise<Key> {
      const there = await readKey(name);
      if (there !== null) return there as Key;
      const made = await make();
      await product.run((db) => db.insertInto('channel_key').values({ name, key: sealedJson(secrets, 'channel_key', name, made) }).onConflict((conflict) => conflict.doNothing()).execute());
      return (await readKey(name)) as Key;
    },
    channelKeyMade: readKey,
    keepInFeed: ({ channelId, entryId, atMs, body }, mostKept) => database.transact(async (tx) => {
      await tx.insertInto('channel_feed').values({ channel_id: channelId, entry_id: entryId, at_ms: atMs, body }).onConflict((conflict) => conflict.columns(['channel_id', 'entry_id']).doUpdateSet({ at_ms: atMs, body })).execute();
      await sql`delete from channel_feed where channel_id = ${channelId} and ordinal <= (select ordinal from channel_feed where channel_id = ${channelId} order by ordinal desc offset ${mostKept} limit 1)`.execute(tx);
    }),
    feed: (channelId, most) => database.run(async (db) => (await db.selectFrom('channel_feed').selectAll().where('channel_id', '=', channelId).orderBy('ordinal', 'desc').limit(Math.max(0, most)).execute())
      .map((row) => ({ entryId: row.entry_id, atMs: row.at_ms, body: row.body }))),
    onNotices(listener) {
      const heard = heardAsProduct(listener);
      listeners.add(heard);
      listening ??= database.listen(NOTICES_CHANNEL, tell);
      return () => { listeners.delete(heard); };
    },
    async closeChannels() { await listening?.close(); },
  };
}

/** In the transaction that makes what they tell of; one that is there is passed over. Whoever delivers hears of them at commit. */
export async function insertNotices(tx: Tx, notices: Notice[]): Promise<void> {
  if (notices.length === 0) return;
  await tx.insertInto('notice').values(notices.map((notice) => ({
    notice_id: notice.noticeId, kind: notice.kind, incident_id: notice.incidentId, member_id: notice.memberId, channel_id: notice.channelId, action_id: notice.actionId, exercise: notice.exercise, at_ms: notice.atMs, state: notice.state,
    taken_until: null, at_channel_id: null,
  }))).onConflict((conflict) => conflict.column('notice_id').doNothing()).execute();
}

/** Answers of other machines may hold what PostgreSQL does not keep. */
// eslint-disable-next-line no-control-regex
const kept = (detail: string): string => detail.replace(/\u0000/g, '').toWellFormed().slice(0, DETAIL_MOST).toWellFormed();
const fail = (channelId: string): never => { throw damaged(`channel ${channelId}`, []); };

function rowOf(channel: Channel) {
  return { channel_id: channel.channelId, kind: channel.kind, name: channel.name, enabled: channel.enabled, settings_shown: JSON.stringify(channel.settingsShown), per_minute_most: channel.perMinuteMost, subscriptions: JSON.stringify(channel.subscriptions) };
}
function channelOf(row: { channel_id: string; kind: string; name: string; enabled: boolean; settings_shown: unknown; per_minute_most: number; subscriptions: unknown }, log: Logger): Channel[] {
  return checkedOrLeftOut(checkChannel, { channelId: row.channel_id, kind: row.kind, name: row.name, enabled: row.enabled, settingsShown: row.settings_shown, perMinuteMost: row.per_minute_most, subscriptions: row.subscriptions }, `channel ${row.channel_id}`, log);
}
function noticeOf(row: Record<string, unknown>, log: Logger): Notice[] {
  return checkedOrLeftOut(checkNotice, {
    noticeId: row['notice_id'], kind: row['kind'], incidentId: row['incident_id'], memberId: row['member_id'], channelId: row['channel_id'], actionId: row['action_id'], exercise: row['exercise'], atMs: row['at_ms'], state: row['state'],
  }, `notice ${String(row['notice_id'])}`, log);
}
function deliveryOf(row: { notice_id: string; channel_id: string; attempt: number; at_ms: number; took_ms: number; outcome: string; detail: string }, log: Logger): Delivery[] {
  return checkedOrLeftOut(checkDelivery, { noticeId: row.notice_id, channelId: row.channel_id, attempt: row.attempt, atMs: row.at_ms, tookMs: row.took_ms, outcome: row.outcome, detail: row.detail }, `a try of ${row.notice_id}`, log);
}
