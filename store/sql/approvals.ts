// Approvals by a second person in PostgreSQL: see store/approvalsStore.ts. Shown to nobody by rows: who sees which is said in server/routes/approvals.ts.
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { APPROVAL_STATE_WORDS, Approval } from '../../contract/approval.ts';
import { Problem } from '../../contract/problem.ts';
import { checker } from '../../contract/schema.ts';
import { approvalAt, decideApproval, isUsable, type ApprovalRefusal } from '../../crowd/approval.ts';
import type { ApprovalsStore } from '../approvalsStore.ts';
import type { Database, Tx } from './database.ts';
import { checkedOrLeftOut, damaged } from './rows.ts';
import { newId } from './sites.ts';

export type ApprovalsPart = ApprovalsStore & { closeApprovals(): Promise<void> };

const APPROVALS_CHANNEL = 'crowdlight_approvals';
/** Of one account at a time: nobody is flooded by one who asks. */
const DRAFTS_MOST = 50, ASKED_MOST = 30;
const DRAFT_KEPT_MS = 24 * 3_600_000;
const checkApproval = checker(Approval);

export function approvalsPart(database: Database, log: Logger): ApprovalsPart {
  const product = database.forProduct('an approval is shown by who asked and who may answer, not by where it lies');
  const listeners = new Set<() => void>();
  const listening = database.listen(APPROVALS_CHANNEL, () => { for (const listener of listeners) listener(); });
  const tell = (tx: Tx) => sql`select pg_notify(${APPROVALS_CHANNEL}, '')`.execute(tx);
  const read = (row: { approval_id: string; approval: unknown }) => checkedOrLeftOut(checkApproval, row.approval, `approval ${row.approval_id}`, log);
  const locked = async (tx: Tx, approvalId: string): Promise<Approval> => {
    const row = await tx.selectFrom('approval').select('approval').where('approval_id', '=', approvalId).forUpdate().executeTakeFirst();
    if (row === undefined) throw new Problem('notFound');
    const checked = checkApproval(row.approval);
    if (!checked.ok) throw damaged(`approval ${approvalId}`, checked.faults);
    return checked.value;
  };
  const keep = (tx: Tx, approval: Approval) => tx.updateTable('approval').set({ state: approval.state, asked_at_ms: Math.round(approval.askedAtMs), usable_until_ms: approval.usableUntilMs === null ? null : Math.round(approval.usableUntilMs), approval: JSON.stringify(approval) }).where('approval_id', '=', approval.approvalId).execute();
  const usable = async (db: Pick<Tx, 'selectFrom'>, { accountId, what, placeKind, placeId, act, nowMs }: { accountId: string; what: string; placeKind: string; placeId: string; act: string; nowMs: number }): Promise<Approval | null> => {
    const rows = await db.selectFrom('approval').select(['approval_id', 'approval']).where('account_id', '=', accountId).where('what', '=', what).where('place_kind', '=', placeKind).where('place_id', '=', placeId)
      // What was asked for the place as a whole is no leave for any single act there, and the other way round.
      .where('act', '=', act).where('usable_until_ms', '>', Math.round(nowMs)).where('state', 'in', ['given', 'emergency', 'reviewed']).orderBy('asked_at_ms', 'desc').limit(20).execute();
    return rows.flatMap(read).find((approval) => isUsable(approval, nowMs)) ?? null;
  };

  return {
    approval: (approvalId) => product.run(async (db) => {
      const row = await db.selectFrom('approval').select(['approval_id', 'approval']).where('approval_id', '=', approvalId).executeTakeFirst();
      return row === undefined ? null : read(row)[0] ?? null;
    }),
    useApproval: ({ name, ...of }) => product.transact(async (tx) => {
      const found = await usable(tx, of);
      if (found === null) return null;
      // Under its lock: of two who come at once for a single act one is the first, and the other comes within its moment or not at all.
      const decided = decideApproval(await locked(tx, found.approvalId), { step: 'use', by: { accountId: of.accountId, name, memberId: null } }, of.nowMs);
      if (!decided.ok) return null;
      await keep(tx, decided.approval);
      await tell(tx);
      return decided.approval;
    }),
    approvalInForce: ({ act = '', ...of }) => product.run((db) => usable(db, { ...of, act })),
    draftApproval: ({ askedBy, what, placeKind, placeId, act, placeName, unitId, forWhat, nowMs }) => product.transact(async (tx) => {
      const there = await tx.selectFrom('approval').select(['approval_id', 'approval']).where('account_id', '=', askedBy.accountId).where('what', '=', what).where('place_kind', '=', placeKind).where('place_id', '=', placeId).where('act', '=', act).where('state', 'in', ['draft', 'asked']).orderBy('asked_at_ms', 'desc').execute();
      const again = there.flatMap(read).map((one) => approvalAt(one, nowMs)).find(({ state }) => state === 'draft' || state === 'asked');
      if (again !== undefined) return again;
      await sql`delete from approval where approval_id in (select approval_id from approval where account_id = ${askedBy.accountId} and state = 'draft' order by asked_at_ms desc offset ${DRAFTS_MOST - 1})`.execute(tx);
      const approval: Approval = {
        approvalId: newId('y'), what, placeKind, placeId, placeName: placeName.slice(0, 200), unitId, act, forWhat: { en: forWhat.en.slice(0, 1000), zh: forWhat.zh.slice(0, 1000) }, reason: '', askedBy, askedAtMs: nowMs, state: 'draft',
        answeredBy: null, answeredAtMs: null, answer: null, wasRight: null, usableUntilMs: null, usedAtMs: null, nobodyElse: false,
      };
      const made = await tx.insertInto('approval').values({ approval_id: approval.approvalId, account_id: askedBy.accountId, what, place_kind: placeKind, place_id: placeId, act, unit_id: unitId, state: 'draft', asked_at_ms: Math.round(nowMs), usable_until_ms: null, approval: JSON.stringify(approval) })
        .onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
      if (made.numInsertedOrUpdatedRows !== 0n) return approval;
      const other = await tx.selectFrom('approval').select(['approval_id', 'approval']).where('account_id', '=', askedBy.accountId).where('what', '=', what).where('place_kind', '=', placeKind).where('place_id', '=', placeId).where('act', '=', act).where('state', '=', 'draft').executeTakeFirstOrThrow();
      return read(other)[0] ?? approval;
    }),
    stepApproval: (approvalId, step, nowMs) => product.transact(async (tx) => {
      const before = await locked(tx, approvalId);
      if (step.step === 'ask' || step.step === 'emergency') {
        const { count } = await tx.selectFrom('approval').select((eb) => eb.fn.countAll<number>().as('count')).where('account_id', '=', step.by.accountId).where('state', '=', 'asked').where('asked_at_ms', '>', Math.round(nowMs - DRAFT_KEPT_MS)).executeTakeFirstOrThrow();
        if (step.step === 'ask' && count >= ASKED_MOST) throw new Problem('tooMany', { most: ASKED_MOST });
      }
      const decided = decideApproval(before, step, nowMs);
      if (!decided.ok) throw refused(decided.why, approvalAt(before, nowMs));
      await keep(tx, decided.approval);
      await tell(tx);
      return { before, approval: decided.approval };
    }),
    approvals: ({ accountId, sinceMs, most, nowMs }) => product.run(async (db) => {
      const all = (rows: { approval_id: string; approval: unknown }[]) => rows.flatMap(read).map((one) => approvalAt(one, nowMs));
      const [open, mine, past] = await Promise.all([
        db.selectFrom('approval').select(['approval_id', 'approval']).where('state', 'in', ['asked', 'emergency']).orderBy('asked_at_ms', 'desc').limit(most).execute(),
        db.selectFrom('approval').select(['approval_id', 'approval']).where('account_id', '=', accountId).where('state', '<>', 'draft').where('asked_at_ms', '>=', Math.round(sinceMs)).orderBy('asked_at_ms', 'desc').limit(most).execute(),
        db.selectFrom('approval').select(['approval_id', 'approval']).where('state', 'in', ['given', 'refused', 'expired', 'reviewed', 'asked', 'withdrawn']).where('asked_at_ms', '>=', Math.round(sinceMs)).orderBy('asked_at_ms', 'desc').limit(most).execute(),
      ]);
      const isOpen = ({ state }: Approval) => state === 'asked' || state === 'emergency';
      return { open: all(open).filter(isOpen), mine: all(mine), past: all(past).filter((one) => !isOpen(one)) };
    }),
    hasHistory: (kind, id) => product.run(async (db) => {
      const beforeMs = Date.now() - 24 * 3_600_000;
      const siteHas = sql<boolean>`exists (select from alarm where site_id = ${id}) or exists (select from incident where site_id = ${id}) or exists (select from zone_minute where site_id = ${id} and minute_at_ms < ${beforeMs})`;
      switch (kind) {
        case 'site': return (await sql<{ has: boolean }>`select ${siteHas} as has`.execute(db)).rows[0]!.has;
        case 'sensor': return (await sql<{ has: boolean }>`select exists (select from alarm a join sensor s on s.site_id = a.site_id where s.sensor_id = ${id} and a.alarm -> 'place' ->> 'sensorId' = ${id})
          or exists (select from sensor s join zone_minute m on m.site_id = s.site_id where s.sensor_id = ${id} and s.calibrations > 0 and m.minute_at_ms < ${beforeMs}) as has`.execute(db)).rows[0]!.has;
        case 'unit': return (await sql<{ has: boolean }>`select exists (select from incident where unit_id = ${id} or place_unit_id = ${id}) as has`.execute(db)).rows[0]!.has;
        case 'account': return (await sql<{ has: boolean }>`select exists (select from audit where account_id = ${id}) as has`.execute(db)).rows[0]!.has;
      }
    }),
    dropOldApprovals: ({ beforeMs, nowMs }) => product.run(async (db) => {
      const gone = await db.deleteFrom('approval').where((eb) => eb.or([
        eb.and([eb('state', '=', 'draft'), eb('asked_at_ms', '<', Math.round(nowMs - DRAFT_KEPT_MS))]),
        eb.and([eb('state', 'not in', ['draft', 'emergency']), eb('asked_at_ms', '<', Math.round(beforeMs))]),
      ])).executeTakeFirst();
      return Number(gone.numDeletedRows);
    }),
    onApprovals(listener) { listeners.add(listener); return () => { listeners.delete(listener); }; },
    closeApprovals: () => listening.close(),
  };
}

function refused(why: ApprovalRefusal, { state }: Approval): Problem {
  switch (why) {
    case 'over': return new Problem('approvalOver', { stateEn: APPROVAL_STATE_WORDS[state].en, stateZh: APPROVAL_STATE_WORDS[state].zh });
    case 'own': return new Problem('approvalOwn');
    case 'notYours': return new Problem('notFound');
    case 'reasonMissing': return new Problem('reasonNeeded');
  }
}
