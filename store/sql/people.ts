// People on duty, policies and playbooks in PostgreSQL: see store/peopleStore.ts. What is asked for with every input of an incident is answered from memory, which follows every change (store/sql/unitVersion.ts).
import { sql, type Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { MemberBody, PlaybookBody, ShiftBody } from '../../contract/apiIncidents.ts';
import { isBuiltInCategory, Playbook, UnitPolicy } from '../../contract/playbook.ts';
import type { IncidentContext, LadderRung } from '../../contract/incident.ts';
import { Problem } from '../../contract/problem.ts';
import { checker } from '../../contract/schema.ts';
import { Member, Shift, type UnitChain } from '../../contract/unit.ts';
import { deadlinesFor, NO_POLICY, playbookFor, policyInForce, policyProblem } from '../../crowd/policy.ts';
import { onDutyAt, shiftMinute } from '../../crowd/roster.ts';
import type { PeopleStore } from '../peopleStore.ts';
import { scopeNow } from '../scope.ts';
import type { UnitsStore } from '../unitsStore.ts';
import type { Database, Tx } from './database.ts';
import { checkedOrLeftOut, damaged } from './rows.ts';
import { newId, roomFor } from './sites.ts';
import type { Tables } from './tables.ts';
import { bumpUnitsVersion, unitsVersionNow } from './unitVersion.ts';

export const MEMBERS_OF_UNIT_MOST = 200, SHIFTS_OF_UNIT_MOST = 1000, PLAYBOOKS_OF_SITE_MOST = 2000;
/** A city of 16,000 grids is held as a whole; what is beyond begins anew. */
const UNITS_HELD_MOST = 30_000, SITES_HELD_MOST = 1000, READ_AT_ONCE_MOST = 2000;
/** A change is heard of at once; a word that was lost on the way is noticed by this. */
const LOOK_EVERY_MS = 1000;
/** A zone that is removed takes its playbooks along without a word of its own. */
const PLAYBOOKS_HELD_MS = 10_000;

const checkMember = checker(Member), checkShift = checker(Shift), checkPolicy = checker(UnitPolicy), checkPlaybook = checker(Playbook);

export type PeoplePart = PeopleStore & { closePeople(): Promise<void> };
/** What is held of one unit. */
type Held = { members: Member[]; shifts: Shift[]; policy: UnitPolicy; /** The last answer: within one minute everybody asks the same. */ onDuty: { minute: number; members: Member[] } | null };

export function peoplePart(database: Database, log: Logger, { units, localMinuteOf }: { units: Pick<UnitsStore, 'unitChain' | 'onUnits'>; localMinuteOf: (utcMinute: number) => number }): PeoplePart {
  const { unitChain } = units;
  const product = database.forProduct('the ladder of an incident, and the wishes that hold at a place, come from units above whoever asks; held in memory for all');
  const memory = heldInMemory({ ...database, ...product }, log, units.onUnits);
  const shiftMinuteAt = lastAnswer((utcMinute: number) => shiftMinute(localMinuteOf, utcMinute));
  const onDutyOf = (held: Held, atMs: number): Member[] => {
    const minute = shiftMinuteAt(Math.floor(atMs / 60_000));
    if (held.onDuty?.minute !== minute) held.onDuty = { minute, members: onDutyAt(held.members, held.shifts, minute) };
    return held.onDuty.members;
  };

  /** One change, told to every process at its commit. */
  const change = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    const answer = await database.transact(async (tx) => {
      // First of all: its row is held until commit, so that changes come one after the other and no two of them both count 199.
      await bumpUnitsVersion(tx);
      return work(tx);
    });
    memory.forget(); // sooner than the word of the same commit
    return answer;
  };
  /** What is answered from memory is held to the scope here: PostgreSQL is not asked. */
  const chainOf = async (unitId: string): Promise<UnitChain> => {
    const chain = await unitChain(unitId), scope = scopeNow();
    if (chain.length === 0 || (scope !== null && !scope.all && !chain.some((unit) => scope.unitIds.includes(unit.unitId)))) throw new Problem('notFound');
    return chain;
  };
  const wishes = (tx: Tx) => <T>(look: () => Promise<T>): Promise<T> => database.stepForProduct(tx, 'categories are given by units above, too', look);
  const policiesOf = async (chain: UnitChain): Promise<UnitPolicy[]> => {
    const held = await memory.units(chain.map((unit) => unit.unitId));
    return held.map(({ policy }) => policy);
  };

  return {
    async people(unitId) {
      await chainOf(unitId);
      const [held] = await memory.units([unitId]);
      return { members: held!.members, shifts: held!.shifts };
    },
    member: (memberId) => database.run(async (db) => {
      const row = await db.selectFrom('member').select('member').where('member_id', '=', memberId).executeTakeFirst();
      return row === undefined ? null : checkedOrLeftOut(checkMember, row.member, `member ${memberId}`, log)[0] ?? null;
    }),
    members: (memberIds) => database.run(async (db) => {
      if (memberIds.length === 0) return [];
      const rows = await db.selectFrom('member').select(['member_id', 'member']).where('member_id', 'in', memberIds).orderBy('ordinal').execute();
      return rows.flatMap((row) => checkedOrLeftOut(checkMember, row.member, `member ${row.member_id}`, log));
    }),

    async addMember(unitId, body: MemberBody & { memberId?: string }) {
      await chainOf(unitId);
      return change(async (tx) => {
        const there = body.memberId === undefined ? undefined : await tx.selectFrom('member').select('member').where('member_id', '=', body.memberId).executeTakeFirst();
        if (there !== undefined) {
          const member = trusted(checkMember(there.member), `member ${body.memberId}`);
          if (member.unitId !== unitId) throw new Problem('inputWrong', { reason: `the member ${body.memberId} belongs to another unit` });
          return member;
        }
        await roomFor(tx.selectFrom('member').select((eb) => eb.fn.countAll<number>().as('count')).where('unit_id', '=', unitId).executeTakeFirstOrThrow(), MEMBERS_OF_UNIT_MOST);
        const member: Member = { memberId: body.memberId ?? newId('m'), unitId, name: body.name, duty: body.duty, language: body.language, contacts: body.contacts, enabled: body.enabled ?? true };
        await tx.insertInto('member').values({ member_id: member.memberId, unit_id: unitId, member: JSON.stringify(member) }).execute();
        return member;
      });
    },
    changeMember: (memberId, body: MemberBody) => change(async (tx) => {
      const row = await tx.selectFrom('member').select('member').where('member_id', '=', memberId).executeTakeFirst();
      if (row === undefined) throw new Problem('notFound');
      const before = trusted(checkMember(row.member), `member ${memberId}`);
      const member: Member = { memberId, unitId: before.unitId, name: body.name, duty: body.duty, language: body.language, contacts: body.contacts, enabled: body.enabled ?? before.enabled };
      await tx.updateTable('member').set({ member: JSON.stringify(member) }).where('member_id', '=', memberId).execute();
      return member;
    }),
    removeMember: (memberId) => change(async (tx) => {
      const { numDeletedRows } = await tx.deleteFrom('member').where('member_id', '=', memberId).executeTakeFirstOrThrow();
      if (numDeletedRows === 0n) throw new Problem('notFound');
    }),

    async addShift(unitId, body: ShiftBody) {
      await chainOf(unitId);
      return change(async (tx) => {
        await mustBelong(tx, body.memberId, unitId);
        await roomFor(tx.selectFrom('shift').select((eb) => eb.fn.countAll<number>().as('count')).where('unit_id', '=', unitId).executeTakeFirstOrThrow(), SHIFTS_OF_UNIT_MOST);
        const shift: Shift = { shiftId: newId('h'), unitId, ...shiftFields(body) };
        await tx.insertInto('shift').values({ shift_id: shift.shiftId, unit_id: unitId, member_id: shift.memberId, shift: JSON.stringify(shift) }).execute();
        return shift;
      });
    },
    changeShift: (shiftId, body: ShiftBody) => change(async (tx) => {
      const row = await tx.selectFrom('shift').select('unit_id').where('shift_id', '=', shiftId).executeTakeFirst();
      if (row === undefined) throw new Problem('notFound');
      await mustBelong(tx, body.memberId, row.unit_id);
      const shift: Shift = { shiftId, unitId: row.unit_id, ...shiftFields(body) };
      await tx.updateTable('shift').set({ member_id: shift.memberId, shift: JSON.stringify(shift) }).where('shift_id', '=', shiftId).execute();
      return shift;
    }),
    removeShift: (shiftId) => change(async (tx) => {
      const { numDeletedRows } = await tx.deleteFrom('shift').where('shift_id', '=', shiftId).executeTakeFirstOrThrow();
      if (numDeletedRows === 0n) throw new Problem('notFound');
    }),
    async onDuty(unitIds, atMs) {
      const held = await memory.units(unitIds);
      return new Map(unitIds.map((unitId, index) => [unitId, onDutyOf(held[index]!, atMs)]));
    },

    async policy(unitId) {
      const policies = await policiesOf(await chainOf(unitId));
      return { own: policies[0]!, inForce: policyInForce(policies) };
    },
    async keepPolicy(unitId, policy) {
      const [, ...above] = await chainOf(unitId);
      const note = policyProblem(policy, policyInForce(await policiesOf(above)).ownCategories);
      if (note !== null) throw new Problem(note.code, note.values, note.detail);
      await change((tx) => tx.insertInto('unit_policy').values({ unit_id: unitId, policy: JSON.stringify(policy) }).onConflict((there) => there.column('unit_id').doUpdateSet({ policy: JSON.stringify(policy) })).execute());
    },

    playbooks: (siteId) => database.run(async (db) => {
      await siteMustBe(db, siteId);
      return readPlaybooks(db, siteId, log);
    }),
    addPlaybook: (siteId, body: PlaybookBody & { playbookId?: string }) => change(async (tx) => {
      await siteMustBe(tx, siteId);
      const there = body.playbookId === undefined ? undefined : await tx.selectFrom('playbook').select('playbook').where('playbook_id', '=', body.playbookId).executeTakeFirst();
      if (there !== undefined) {
        const playbook = trusted(checkPlaybook(there.playbook), `playbook ${body.playbookId}`);
        if (playbook.siteId !== siteId) throw new Problem('inputWrong', { reason: `the playbook ${body.playbookId} belongs to another site` });
        return playbook;
      }
      await roomFor(tx.selectFrom('playbook').select((eb) => eb.fn.countAll<number>().as('count')).where('site_id', '=', siteId).executeTakeFirstOrThrow(), PLAYBOOKS_OF_SITE_MOST);
      const playbook: Playbook = { playbookId: body.playbookId ?? newId('p'), siteId, ...await playbookFields(tx, wishes(tx), siteId, null, body) };
      await tx.insertInto('playbook').values({ playbook_id: playbook.playbookId, site_id: siteId, zone_id: playbook.zoneId, playbook: JSON.stringify(playbook) }).execute();
      return playbook;
    }),
    async changePlaybook(playbookId, body: PlaybookBody) {
      return change(async (tx) => {
        const row = await tx.selectFrom('playbook').select('site_id').where('playbook_id', '=', playbookId).executeTakeFirst();
        if (row === undefined) throw new Problem('notFound');
        const playbook: Playbook = { playbookId, siteId: row.site_id, ...await playbookFields(tx, wishes(tx), row.site_id, playbookId, body) };
        const { numUpdatedRows } = await tx.updateTable('playbook').set({ zone_id: playbook.zoneId, playbook: JSON.stringify(playbook) }).where('playbook_id', '=', playbookId).executeTakeFirstOrThrow();
        if (numUpdatedRows === 0n) throw new Problem('notFound');
        return playbook;
      });
    },
    removePlaybook: (playbookId) => change(async (tx) => {
      const { numDeletedRows } = await tx.deleteFrom('playbook').where('playbook_id', '=', playbookId).executeTakeFirstOrThrow();
      if (numDeletedRows === 0n) throw new Problem('notFound');
    }),

    async incidentContext({ unitId, placeUnitId, siteId, zoneId, category, severity, atMs }) {
      const chain = unitId === null ? [] : await unitChain(unitId);
      const placeChain = placeUnitId === null || placeUnitId === unitId ? chain : await unitChain(placeUnitId);
      const held = await memory.units([...chain, ...placeChain].map((unit) => unit.unitId));
      const rungs = [...chain, ...placeChain].map((unit, index): LadderRung => ({
        unitId: unit.unitId, unitLevel: unit.level, unitNames: unit.names, members: onDutyOf(held[index]!, atMs).map(({ memberId, name, duty }) => ({ memberId, name, duty })),
      }));
      const ladder = rungs.slice(0, chain.length), below = rungs.slice(chain.length).filter((rung) => !ladder.some(({ unitId: above }) => above === rung.unitId));
      // The wishes of the place hold wherever it is handled: a takeover from above moves no deadline.
      const inForce = policyInForce(held.slice(chain.length).map(({ policy }) => policy));
      const playbook = siteId === null ? null : playbookFor(await memory.playbooks(siteId), { zoneId, category, severity });
      return { ladder, ...(below.length === 0 ? {} : { below }), chainUnitIds: placeChain.map((unit) => unit.unitId), deadlines: deadlinesFor(inForce, category, severity), answerS: inForce.answerS, playbook: playbook?.actions ?? [] } satisfies IncidentContext;
    },
    closePeople: async () => { memory.close(); },
  };
}

/** What was read once is answered from memory until something changes. */
function heldInMemory(database: Database, log: Logger, onUnits: UnitsStore['onUnits']) {
  const units = new Map<string, Held>(), playbooks = new Map<string, { read: Playbook[]; readAtMs: number }>();
  let generation = 0, version = -1, lookedAtMs = -Infinity, looking: Promise<void> | null = null;

  /** What was in use before the last change: read again in one go with the first that is asked for, not one by one while alarms wait. */
  let inUse: string[] = [];
  const forget = () => {
    generation++;
    if (units.size > 0) inUse = [...units.keys()].slice(-READ_AT_ONCE_MOST);
    units.clear();
    playbooks.clear();
  };
  const look = async (): Promise<void> => {
    const now = await database.run((db) => unitsVersionNow(db));
    if (now !== version) { forget(); version = now; }
    lookedAtMs = performance.now();
  };
  const deaf = onUnits(forget);
  const beFresh = async (): Promise<void> => {
    if (performance.now() - lookedAtMs < LOOK_EVERY_MS) return;
    await (looking ??= look().finally(() => { looking = null; }));
  };

  return {
    forget,
    /** In the order asked for; a unit that nobody set anything up for is empty. */
    async units(unitIds: string[]): Promise<Held[]> {
      await beFresh();
      const asked = unitIds.filter((unitId) => !units.has(unitId));
      if (asked.length === 0) return unitIds.map((unitId) => units.get(unitId)!);
      const missing = [...new Set([...asked, ...inUse])], asOf = generation;
      inUse = [];
      const read = await database.run(async (db) => {
        const [members, shifts, policies] = await Promise.all([
          db.selectFrom('member').select(['unit_id', 'member_id', 'member']).where('unit_id', 'in', missing).orderBy('ordinal').execute(),
          db.selectFrom('shift').select(['unit_id', 'shift_id', 'shift']).where('unit_id', 'in', missing).orderBy('ordinal').execute(),
          db.selectFrom('unit_policy').select(['unit_id', 'policy']).where('unit_id', 'in', missing).execute(),
        ]);
        const made = new Map(missing.map((unitId): [string, Held] => [unitId, { members: [], shifts: [], policy: NO_POLICY, onDuty: null }]));
        for (const row of members) made.get(row.unit_id)!.members.push(...checkedOrLeftOut(checkMember, row.member, `member ${row.member_id}`, log));
        for (const row of shifts) made.get(row.unit_id)!.shifts.push(...checkedOrLeftOut(checkShift, row.shift, `shift ${row.shift_id}`, log));
        for (const row of policies) made.get(row.unit_id)!.policy = checkedOrLeftOut(checkPolicy, row.policy, `policy of unit ${row.unit_id}`, log)[0] ?? NO_POLICY;
        return made;
      });
      const answer = unitIds.map((unitId) => read.get(unitId) ?? units.get(unitId)!);
      if (answer.some((one) => one === undefined)) return this.units(unitIds); // what was held was forgotten meanwhile
      if (asOf === generation) {
        if (units.size + read.size > UNITS_HELD_MOST) units.clear();
        for (const [unitId, held] of read) units.set(unitId, held);
      }
      return answer;
    },
    async playbooks(siteId: string): Promise<Playbook[]> {
      await beFresh();
      const there = playbooks.get(siteId);
      if (there !== undefined && performance.now() - there.readAtMs < PLAYBOOKS_HELD_MS) return there.read;
      const asOf = generation;
      const read = await database.run((db) => readPlaybooks(db, siteId, log));
      if (asOf === generation) {
        if (playbooks.size >= SITES_HELD_MOST) playbooks.clear();
        playbooks.set(siteId, { read, readAtMs: performance.now() });
      }
      return read;
    },
    close: deaf,
  };
}

async function readPlaybooks(db: Kysely<Tables>, siteId: string, log: Logger): Promise<Playbook[]> {
  const rows = await db.selectFrom('playbook').select(['playbook_id', 'playbook']).where('site_id', '=', siteId).orderBy('ordinal').execute();
  return rows.flatMap((row) => checkedOrLeftOut(checkPlaybook, row.playbook, `playbook ${row.playbook_id}`, log));
}

async function mustBelong(tx: Tx, memberId: string, unitId: string): Promise<void> {
  const row = await tx.selectFrom('member').select('unit_id').where('member_id', '=', memberId).executeTakeFirst();
  if (row?.unit_id !== unitId) throw new Problem('inputWrong', { reason: `memberId: ${memberId} is not one of this unit` });
}
async function siteMustBe(db: Kysely<Tables>, siteId: string): Promise<void> {
  if (await db.selectFrom('site').select('site_id').where('site_id', '=', siteId).executeTakeFirst() === undefined) throw new Problem('notFound');
}

const shiftFields = ({ memberId, weekdays, startMinute, endMinute, order }: ShiftBody) => ({ memberId, weekdays: [...new Set(weekdays)].sort((a, b) => a - b), startMinute, endMinute, order });

async function playbookFields(tx: Tx, wishes: <T>(look: () => Promise<T>) => Promise<T>, siteId: string, playbookId: string | null, { zoneId, category, severityLeast, actions }: PlaybookBody): Promise<Omit<Playbook, 'playbookId' | 'siteId'>> {
  if (zoneId !== null) {
    const zone = await tx.selectFrom('zone').select('site_id').where('zone_id', '=', zoneId).executeTakeFirst();
    if (zone?.site_id !== siteId) throw new Problem('inputWrong', { reason: `zoneId: ${zoneId} is not a zone of this site` });
  }
  if (new Set(actions.map(({ actionId }) => actionId)).size < actions.length) throw new Problem('inputWrong', { reason: 'actions: an actionId stands twice' });
  if (!isBuiltInCategory(category)) {
    const own = await wishes(() => tx.selectFrom('unit_policy').select('unit_id').where(sql<boolean>`policy @> ${JSON.stringify({ ownCategories: [{ category }] })}::jsonb`).limit(1).executeTakeFirst());
    if (own === undefined) throw new Problem('incidentCategoryUnknown', { category });
  }
  // Two for the same case would be one that is never used.
  const others = await tx.selectFrom('playbook').select(['playbook_id', 'zone_id', 'playbook']).where('site_id', '=', siteId).execute();
  if (others.some((row) => row.playbook_id !== playbookId && row.zone_id === zoneId && (row.playbook as Playbook).category === category && (row.playbook as Playbook).severityLeast === severityLeast)) throw new Problem('playbookTwice');
  return { zoneId, category, severityLeast, actions };
}

function trusted<T>(checked: { ok: true; value: T } | { ok: false; faults: Parameters<typeof damaged>[1] }, what: string): T {
  if (!checked.ok) throw damaged(what, checked.faults);
  return checked.value;
}

/** Remembers the last answer: within one minute everybody asks the same. */
function lastAnswer(make: (of: number) => number): (of: number) => number {
  let asked = NaN, answer = 0;
  return (of) => {
    if (of !== asked) { answer = make(of); asked = of; }
    return answer;
  };
}
