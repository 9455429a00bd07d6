// What lasts of incidents, on the real PostgreSQL: all or nothing, once and only once, the desk's clock, the desk itself, what is dropped when it is old. Rules IL of docs/SPEC.md.
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SYSTEM_ACTOR, type Actor, type IncidentCommand } from '../../contract/incident.ts';
import type { UnitShape } from '../../contract/unit.ts';
import { contextWish } from '../../crowd/incident/contextWish.ts';
import { decideIncident, foldIncident } from '../../crowd/incident/decideIncident.ts';
import { incidentIdOf } from '../../store/incidentId.ts';
import type { NewIncidentInput } from '../../store/incidentsStore.ts';
import { openStore } from '../../store/openStore.ts';
import { LeaseLost, type Store } from '../../store/store.ts';
import { inProcessBus } from '../../store/bus/inProcess.ts';
import { runDesk } from '../../worker/desk.ts';
import { freshDatabase } from '../support/postgres.ts';
import { alarmEvent, silent, siteBody, until } from './things.ts';

const operator: Actor = { memberId: null, name: 'Li Wei', duty: 'operator', unitId: null };
const corner = { lng: 11, lat: 48 };
const square = (halfDeg: number, lng = corner.lng): UnitShape => [{ outer: [{ lng: lng - halfDeg, lat: 48 - halfDeg }, { lng: lng + halfDeg, lat: 48 - halfDeg }, { lng: lng + halfDeg, lat: 48 + halfDeg }, { lng: lng - halfDeg, lat: 48 + halfDeg }], holes: [] }];

describe('incidents that last', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>, store: Store, client: pg.Client, gridId: string, cityId: string;
  let number = 0;
  beforeAll(async () => {
    database = await freshDatabase();
    store = await openStore({ databaseUrl: database.databaseUrl, log: silent });
    client = new pg.Client({ connectionString: database.databaseUrl });
    client.on('error', () => {});
    await client.connect();
    cityId = (await store.addUnit({ level: 'city', code: 'C', names: { en: 'City', zh: '市' }, parentId: null, shape: square(0.5), by: operator })).unit.unitId;
    gridId = (await store.addUnit({ level: 'grid', code: 'G', names: { en: 'Grid', zh: '格' }, parentId: cityId, shape: square(0.01), by: operator })).unit.unitId;
  });
  afterAll(async () => { await client?.end(); await store?.close(); await database?.drop(); });

  const input = async (incidentId: string, command: IncidentCommand, inputId = `t${++number}`, actor = operator): Promise<NewIncidentInput> =>
    ({ inputId, incidentId, actor, command, context: await store.incidentContext({ ...contextWish(await store.incident(incidentId), command)!, atMs: Date.now() }) });
  const reportOf = (over: Partial<Extract<IncidentCommand, { type: 'report' }>> = {}): IncidentCommand => ({
    type: 'report', category: 'fire', severity: 'serious', title: '', words: 'smoke', attachments: [], peopleAtRisk: null, alarm: null, exercise: false, demo: false,
    place: { point: corner, siteId: null, zoneId: null, sensorId: null, siteName: '', placeName: 'Hall', unitId: gridId }, ...over,
  });
  const reported = async (over: Parameters<typeof reportOf>[0] = {}): Promise<string> => {
    const incidentId = incidentIdOf(`test ${++number}`);
    const taken = await store.takeIncidentInputs([await input(incidentId, reportOf(over))], decideIncident);
    if ('problem' in taken) throw new Error(taken.problem.code);
    return incidentId;
  };
  const note = (words: string): IncidentCommand => ({ type: 'note', words, attachments: [] });

  test('IL1 of several inputs, one refused: nothing of any is kept, no event, no input, no notice', async () => {
    const incidentId = await reported(), before = await counts();
    const taken = await store.takeIncidentInputs([await input(incidentId, note('one')), await input(incidentId, { type: 'handle', words: 'too early', attachments: [] }), await input(incidentId, note('two'))], decideIncident);
    expect('problem' in taken && taken.problem.code).toBe('incidentStepNotAllowed');
    expect(await counts()).toEqual(before);
    const fault = store.takeIncidentInputs([await input(incidentId, note('three'))], () => { throw new Error('a fault of ours'); });
    await expect(fault).rejects.toThrow('a fault of ours');
    expect(await counts()).toEqual(before);
  });

  test('IL2 an input that was taken is answered and changes nothing, also when it comes from two at the same moment, or for another incident', async () => {
    const [a, b] = [await reported(), await reported()];
    const same = await input(a, note('once'), 'the-same'), forB = { ...same, incidentId: b };
    const answers = await Promise.all([same, same, forB, same, forB].map((one) => store.takeIncidentInputs([one], decideIncident)));
    const problems = answers.filter((answer) => 'problem' in answer), fresh = answers.filter((answer) => 'events' in answer && answer.events.length > 0);
    expect([problems.length, fresh.length]).toEqual([0, 1]);
    const noted = [...await store.incidentEvents(a, 0, 50), ...await store.incidentEvents(b, 0, 50)].filter(({ what }) => what === 'noted');
    expect(noted.length).toBe(1);
    expect(await store.incidentOfInput('the-same')).toMatchObject({ incidentId: noted[0]!.incidentId });
    const twice = await store.takeIncidentInputs([await input(a, note('x'), 'twice'), await input(a, note('x'), 'twice')], decideIncident);
    expect('events' in twice && twice.events.length).toBe(1);
  });

  test('IL3 forty at once on two incidents, in any order of the two: every one is taken, versions have no gap, the replay is the same', async () => {
    const [a, b] = [await reported(), await reported()];
    const answers = await Promise.all(Array.from({ length: 40 }, async (_, at) => store.takeIncidentInputs(at % 2 === 0 ? [await input(a, note(`${at}`)), await input(b, note(`${at}`))] : [await input(b, note(`${at}`)), await input(a, note(`${at}`))], decideIncident)));
    expect(answers.filter((answer) => 'problem' in answer)).toEqual([]);
    for (const incidentId of [a, b]) {
      const events = await store.incidentEvents(incidentId, 0, 200), replay = foldIncident(await store.incidentInputs(incidentId));
      expect(events.filter(({ what }) => what === 'noted').length).toBe(40);
      expect(events.map(({ version }) => version)).toEqual(events.map((_, at) => at + 1));
      expect(replay).toEqual({ incident: await store.incident(incidentId), events, refused: [] });
    }
    const seqs = (await client.query('select seq from event order by seq')).rows.map(({ seq }) => Number(seq));
    expect(seqs).toEqual(seqs.map((_, at) => at + 1));
  });

  test('IL4 what was made of an older version is changedMeanwhile', async () => {
    const incidentId = await reported(), version = (await store.incident(incidentId))!.version;
    await store.takeIncidentInputs([await input(incidentId, note('faster'))], decideIncident);
    const before = await counts(), late = await store.takeIncidentInputs([await input(incidentId, note('slower'))], decideIncident, { seenVersions: new Map([[incidentId, version]]) });
    expect('problem' in late && late.problem.code).toBe('changedMeanwhile');
    expect(await counts()).toEqual(before);
  });

  test('IL5 the desk\'s clock: moved by its holder alone, never back, by the database\'s clock after a change of holder, and at most a day', async () => {
    const first = (await store.takeLease('desk', 'one', 60_000))!;
    const began = await store.moveDeskClock(first, 0), later = await store.moveDeskClock(first, 5000);
    // Between two moves a reading runs on by the database's clock, for at most a second: what is moved begins where the last move ended.
    expect(later.runMs - began.runMs).toBeGreaterThanOrEqual(4000);
    expect(later.runMs - began.runMs).toBeLessThan(7000);
    const kept = async () => (await client.query('select run_ms from desk_clock')).rows[0].run_ms as number, stood = await kept();
    for (const silly of [-9e9, Number.NaN, Number.POSITIVE_INFINITY]) await store.moveDeskClock(first, silly);
    expect(await kept()).toBe(stood);
    // A clock on the wall that goes back or far ahead between two moves: at most the second that a stamp may run on.
    for (const jump of ['-1 hour', '1 hour']) {
      const before = (await store.deskClock()).runMs;
      await client.query(`update desk_clock set moved_at = moved_at - interval '${jump}'`);
      const during = (await store.deskClock()).runMs;
      expect(during - before).toBeLessThanOrEqual(1100);
      expect(during - before).toBeGreaterThanOrEqual(-1100);
      const after = (await store.moveDeskClock(first, 10)).runMs;
      expect(after - before).toBeLessThan(1200);
    }
    await store.dropLease(first);
    await expect(store.moveDeskClock(first, 10)).rejects.toThrow(LeaseLost);
    for (const [away, expectedMs] of [['30 seconds', 30_000], ['40 days', 86_400_000], ['-2 hours', 0]] as const) {
      const before = await kept();
      await client.query(`update desk_clock set moved_at = clock_timestamp() - interval '${away}'`);
      const next = (await store.takeLease('desk', `after ${away}`, 60_000))!;
      const moved = (await store.moveDeskClock(next, 777_777)).runMs - before;
      expect(moved).toBeGreaterThanOrEqual(expectedMs - 1);
      expect(moved).toBeLessThan(expectedMs + 2000);
      await store.dropLease(next);
    }
  });

  test('IL6 the desk ticks what is due: nobody answers, the next is asked, then the unit above; a second desk takes over where the first died', async () => {
    const [worker, chief] = [await store.addMember(gridId, { name: 'Worker', duty: 'fieldWorker', language: 'en', contacts: [], enabled: true }), await store.addMember(cityId, { name: 'Chief', duty: 'dutyOfficer', language: 'zh', contacts: [], enabled: true })];
    await store.keepPolicy(cityId, { ownCategories: [], deadlines: {}, answerS: 5 });
    const bus = inProcessBus(), first = await runDesk({ store, bus, log: silent, holder: 'first' });
    try {
      const incidentId = await reported();
      expect((await store.incident(incidentId))!.assignments.map(({ memberId, state }) => [memberId, state])).toEqual([[worker.memberId, 'asked']]);
      await until('the first desk holds', () => first.figures().holds === 1);
      // It dies without giving anything back: its lease runs out.
      await client.query("update lease set holder = 'somebody else', fence = fence + 1, expires_at = clock_timestamp() + interval '1 second' where name = 'desk'");
      const second = await runDesk({ store, bus, log: silent, holder: 'second' });
      try {
        await until('the unit above is asked', async () => (await store.incident(incidentId))!.assignments.some(({ memberId, state }) => memberId === chief.memberId && state === 'asked'), 15_000);
        const incident = (await store.incident(incidentId))!, asked = incident.assignments.find(({ memberId }) => memberId === worker.memberId)!;
        expect(asked.state).toBe('noAnswer');
        const facts = (await store.incidentEvents(incidentId, 0, 50)).map(({ what }) => what);
        expect(facts.slice(0, 5)).toEqual(['reported', 'dispatched', 'asked', 'noAnswer', 'escalated']);
        const noAnswer = (await store.incidentEvents(incidentId, 0, 50)).find(({ what }) => what === 'noAnswer')!;
        expect(noAnswer.runMs).toBeGreaterThanOrEqual(asked.answerDueRunMs);
        expect(noAnswer.runMs - asked.answerDueRunMs).toBeLessThan(8000);
        expect(foldIncident(await store.incidentInputs(incidentId)).incident).toEqual(incident);
        const page = await store.incidentPage({ state: 'open', order: 'newest', most: 10, memberId: chief.memberId });
        expect(page.incidents.map((line) => line.incidentId)).toContain(incidentId);
        const board = await store.board({ unitIds: [cityId, gridId], below: new Map([[gridId, gridId]]) }, 50);
        expect(board.open.map((line) => line.incidentId)).toContain(incidentId);
        expect(board.below[0]!.open).toBe(board.openTotal);
        // One of the two is the desk, never both.
        expect(first.figures().holds + second.figures().holds).toBe(1);
        expect(first.figures().leasesLost).toBeGreaterThanOrEqual(1);
      } finally { await second.close(); }
    } finally { await first.close(); await bus.close(); }
  }, 40_000);

  test('IL7 a border that moves takes its open incidents along, as an input of each', async () => {
    const incidentId = await reported({ place: { point: { lng: 11.2, lat: 48 }, siteId: null, zoneId: null, sensorId: null, siteName: '', placeName: 'Bridge', unitId: cityId } });
    const bus = inProcessBus(), desk = await runDesk({ store, bus, log: silent, holder: 'borders' });
    try {
      const other = (await store.addUnit({ level: 'grid', code: 'G2', names: { en: 'Grid 2', zh: '格2' }, parentId: cityId, shape: square(0.01, 11.2), by: operator })).unit;
      await until('moved', async () => (await store.incident(incidentId))!.place.unitId === other.unitId, 15_000);
      expect((await store.incidentEvents(incidentId, 0, 50)).filter(({ what }) => what === 'placeMoved').length).toBe(1);
    } finally { await desk.close(); await bus.close(); }
  }, 40_000);

  test('IL8 an incident at which deciding fails is passed over after three tries, and the others go on', async () => {
    const { site: { siteId } } = await store.addSite(siteBody);
    const lease = (await store.takeLease(`site:${siteId}`, 'test', 600_000))!;
    const raise = (atMs: number) => store.recordEvents({ events: [alarmEvent(siteId, atMs)], lease, snapshot: { siteId, fence: lease.fence, inputId: '0-0', configVersion: 1, stateJson: '{}', savedAtMs: 1 } });
    const incidentId = await reported();
    await client.query("update incident_now set incident = incident - 'ask' where incident_id = $1", [incidentId]);
    await client.query('update incident set next_run_ms = 0 where incident_id = $1', [incidentId]);
    const bus = inProcessBus(), desk = await runDesk({ store, bus, log: silent, holder: 'damaged' });
    try {
      await raise(Date.now());
      await until('an alarm goes on', () => desk.figures().incidentsOpened >= 1, 15_000);
      expect(desk.figures().failures).toBe(0);
    } finally { await desk.close(); await bus.close(); await client.query('delete from incident where incident_id = $1', [incidentId]); }
  }, 40_000);

  test('IL9 what is closed and old goes whole: events, inputs, notices, files; what is open or newer stays', async () => {
    const bytes = Buffer.from('a file that was added'), sha256 = 'b'.repeat(64), waiting = 'c'.repeat(64);
    const attachment = { sha256, name: 'a.txt', type: 'text/plain' as const, sizeBytes: bytes.length };
    await store.keepAttachment(attachment, bytes);
    await store.keepAttachment({ ...attachment, sha256: waiting }, bytes);
    const old = await reported({ attachments: [attachment] }), open = await reported();
    for (const command of [{ type: 'dispatch', memberIds: [], words: 'radio' }, { type: 'handle', words: 'out', attachments: [] }, { type: 'followUp', stillWell: true, words: 'well', attachments: [] }] satisfies IncidentCommand[]) expect('problem' in await store.takeIncidentInputs([await input(old, command)], decideIncident)).toBe(false);
    const closed = await store.takeIncidentInputs([await input(old, { type: 'assess', outcome: 'resolved', words: 'closed', attachments: [] }, 'close', { ...operator, name: 'Anna Berg', duty: 'dutyOfficer' })], decideIncident);
    expect('problem' in closed ? closed.problem.code : closed.incidents[0]!.step).toBe('closed');
    expect((await client.query('select count(*)::int as n from incident_member where incident_id = $1', [old])).rows[0].n).toBe(0);
    await client.query('delete from outbox');
    const defaults = { zoneMinutes: 720, alarms: 720, incidents: 720, attachments: 720, notices: 720, recordings: 72 };
    await store.purge({ dryRun: false, defaults, nowMs: Date.now() });
    expect(await store.incident(old)).not.toBeNull();
    await client.query("update attachment set kept_at = now() - interval '2 days' where sha256 = $1", [sha256]);
    await store.purge({ dryRun: false, defaults, nowMs: Date.now() + 40 * 86_400_000 });
    expect([await store.incident(old), (await store.incidentEvents(old, 0, 10)).length, (await store.incidentInputs(old)).length, (await store.noticesOf(old)).length]).toEqual([null, 0, 0, 0]);
    expect((await store.attachments([sha256, waiting]))).toEqual([]);
    expect((await store.incident(open))!.incidentId).toBe(open);
    expect((await store.incidentEvents(open, 0, 10)).length).toBeGreaterThan(0);
  });

  test('IL10 a cursor never goes back, and alarms from before there were incidents open none', async () => {
    expect(await store.cursor('nobody')).toBe(0);
    await store.moveCursor('reader', 40);
    await store.moveCursor('reader', 7);
    expect(await store.cursor('reader')).toBe(40);
    expect(await store.takeIncidentInputs([], decideIncident)).toEqual({ incidents: [], events: [], repeated: false });
    expect((await store.takeIncidentInputs([{ ...await input(await reported(), note('x')), incidentId: 'nobody', actor: SYSTEM_ACTOR }], decideIncident))).toMatchObject({ problem: { code: 'incidentUnknown' } });
  });

  async function counts(): Promise<Record<string, number>> {
    const found: Record<string, number> = {};
    for (const table of ['event', 'incident_input', 'incident', 'notice', 'outbox']) found[table] = (await client.query(`select count(*)::int as n from ${table}`)).rows[0].n;
    return found;
  }
});
