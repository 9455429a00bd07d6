// Every process killed at random while incidents are reported, worked on and closed: afterwards every history is complete, legal, and equal to a replay of its inputs. Rule ID20 of docs/SPEC.md.
// Real processes (servers, deciders with the desk, deliver), real PostgreSQL (killed, too) and real Redis. INCIDENT_KILLS=full: 5,000 incidents and 100 kills; INCIDENT_KILLS=60,3: so many of each.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AlarmChanged } from '../../contract/alarm.ts';
import type { Actor, Incident } from '../../contract/incident.ts';
import type { UnitShape } from '../../contract/unit.ts';
import { decideIncident, foldIncident } from '../../crowd/incident/decideIncident.ts';
import { isLegalHistory } from '../../crowd/incident/legalHistory.ts';
import { startEmbeddedPostgres } from '../../store/embeddedPostgres.ts';
import { openStore } from '../../store/openStore.ts';
import type { Store } from '../../store/store.ts';
import { quietLog, raisedAlarm, siteBody, wait, zoneBody } from '../server/serverForTest.ts';
import { randomFrom } from '../store/things.ts';
import { root } from '../support/product.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { sessionsByActor } from '../support/signIn.ts';

const asked = process.env['INCIDENT_KILLS'] ?? '300,8', full = asked === 'full';
const [INCIDENTS, KILLS] = (full ? '5000,100' : asked).split(',').map(Number) as [number, number], WORKERS = 8, ALARMS_SHARE = 0.3;
const SEED = Number(process.env['SEED'] ?? (Math.floor(Math.random() * 2 ** 31)));
const ROLES = ['server', 'server', 'decide', 'decide', 'deliver'];
const MOST_MS = full ? 45 * 60_000 : 240_000;

type Role = { name: string; child: ChildProcess; address: string | null };

const tell = (words: string) => { if (process.env['TEST_LOG'] !== undefined) console.log(words); };

describe.skipIf(redisMissing !== null)(`kills${redisMissing === null ? '' : ` (skipped: ${redisMissing})`}`, () => {
  test(`ID20 ${KILLS} kills -9 of any process during ${INCIDENTS} incidents: every answered step is there once, every history is legal and equal to its replay (seed ${SEED})`, async () => {
    const random = randomFrom(SEED), pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
    const folder = mkdtempSync(join(tmpdir(), 'crowdlight-kills-'));
    const [redis, postgres] = await Promise.all([startRedis(), startEmbeddedPostgres({ folder, log: quietLog, settings: { max_connections: '120' } })]);
    const store = await openStore({ databaseUrl: postgres.databaseUrl, log: quietLog });
    const roles: Role[] = [], fellOver: string[] = [];
    let stopping = false;
    // Also when the test is given up: nothing that it started may be left.
    onTestFinished(async () => {
      stopping = true;
      for (const { child } of roles) child.kill('SIGKILL');
      await store.close();
      await Promise.allSettled([postgres.close(), redis.stop()]);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }, 30_000);
    const start = (name: string): Role => {
      const child = spawn(process.execPath, ['worker/main.ts', '--role', name, '--port', '0', '--data', join(folder, 'data')],
        { cwd: root, env: { ...process.env, DATABASE_URL: postgres.databaseUrl, REDIS_URL: redis.redisUrl, CROWDLIGHT_HEALTH_PORT: '0', CROWDLIGHT_LOG_LEVEL: process.env['TEST_LOG'] ?? 'silent' }, stdio: ['ignore', 'pipe', 'pipe'] });
      const role: Role = { name, child, address: null };
      let output = '', said = '';
      child.stdout!.on('data', (data: Buffer) => { output += data.toString(); if (/is ready after/.test(output)) role.address = /http:\/\/[\d.]+:\d+/.exec(output)?.[0] ?? ''; });
      // Whoever watches over it starts it again at once.
      child.stderr!.on('data', (data: Buffer) => { said = (said + data.toString()).slice(-2000); });
      child.once('exit', (code) => {
        roles.splice(roles.indexOf(role), 1);
        // Nobody killed it. While PostgreSQL is away a start may be given up; anything else is a fault.
        if (code !== null && !stopping) fellOver.push(`${name} ended with ${code}: ${said}`);
        if (!stopping) setTimeout(() => { if (!stopping) start(name); }, 300);
      });
      roles.push(role);
      return role;
    };
    const { siteId, lease, zoneIds, members } = await setUp(store);
    for (const name of ROLES) start(name);
    await soon('a server', () => { if (fellOver.length > 0) throw new Error(fellOver[0]); return roles.find((role) => role.name === 'server' && role.address !== null); }, 150_000);

    // --- what people do, from several screens at once
    const answered: { incidentId: string; inputId: string }[] = [], alarms: AlarmChanged[] = [], reported = new Set<string>();
    const tries = { failed: 0, refused: 0 };
    const startedAtMs = performance.now();
    const sessionBy = sessionsByActor(store);
    const give = async (path: string, { by, ...body }: Record<string, unknown> & { by: Actor }): Promise<{ status: number; body: any }> => {
      const { cookie } = await sessionBy(by);
      for (;;) {
        if (performance.now() - startedAtMs > MOST_MS) throw new Error('the steps did not get through in time');
        const server = pick(roles.filter((role) => role.address !== null && role.name === 'server'));
        try {
          if (server === undefined) throw new Error('no server');
          const answer = await fetch(server.address + path, { method: 'POST', headers: { 'content-type': 'application/json', cookie }, body: JSON.stringify(body), signal: AbortSignal.timeout(15_000) });
          const said = await answer.json();
          if (answer.status < 500) return { status: answer.status, body: said };
          tell(`${path}: ${answer.status} ${JSON.stringify(said)}`);
        } catch (error) { tell(`${path}: ${String(error)}`); /* killed while it answered, or away */ }
        // The same step, the same id: it may have been taken although nobody heard so.
        tries.failed++;
        await wait(50 + 100 * random());
      }
    };
    let given = 0;
    const command = async (incidentId: string, of: Record<string, unknown>, by: Actor): Promise<Incident | null> => {
      const commandId = `s${++given}`;
      const answer = await give(`/api/incidents/${incidentId}/commands`, { commandId, by, command: of });
      if (answer.status === 200) answered.push({ incidentId, inputId: `command.${commandId}.${incidentId}` }); else { tries.refused++; expect([403, 409, 422]).toContain(answer.status); }
      return answer.status === 200 ? answer.body as Incident : null;
    };
    const raise = async (): Promise<string> => {
      const number = alarms.length;
      const event = { ...raisedAlarm(siteId, number) };
      alarms.push(event);
      for (;;) try { await store.recordEvents({ events: [event], lease, snapshot: { siteId, fence: lease.fence, inputId: '0-0', configVersion: 1, stateJson: '{}', savedAtMs: Date.now() } }); break; } catch (error) { if (performance.now() - startedAtMs > MOST_MS) throw error; await wait(200); }
      // The desk makes the incident, whichever process it is in.
      const incident = await soon('an incident of the alarm', async () => (await store.incidentsOfAlarms([event.alarm.alarmId]).catch(() => new Map<string, Incident>())).get(event.alarm.alarmId), 60_000);
      return incident.incidentId;
    };
    const one = async (number: number): Promise<void> => {
      const reporter: Actor = { memberId: null, name: `Reporter ${number % 7}`, duty: 'operator', unitId: null }, assessor: Actor = { memberId: null, name: 'Assessor', duty: 'dutyOfficer', unitId: null };
      let incidentId: string;
      if (random() < ALARMS_SHARE) incidentId = await raise();
      else {
        const commandId = `r${number}`, answer = await give('/api/incidents', { commandId, by: reporter, category: pick(['crowding', 'fire', 'medicalHelp', 'water']), severity: pick(['minor', 'moderate', 'serious', 'critical']), zoneId: pick(zoneIds), words: `report ${number}` });
        expect([200, 201]).toContain(answer.status);
        ({ incidentId } = answer.body as Incident);
        answered.push({ incidentId, inputId: `command.${commandId}.${incidentId}` });
      }
      reported.add(incidentId);
      const member = pick(members), asMember: Actor = { memberId: member.memberId, name: member.name, duty: member.duty, unitId: member.unitId };
      if (random() < 0.3) await command(incidentId, { type: 'note', words: 'seen', attachments: [] }, reporter);
      await command(incidentId, { type: 'dispatch', memberIds: [member.memberId], words: '' }, reporter);
      if (random() < 0.2) await command(incidentId, { type: 'decline', words: 'busy' }, asMember);
      // Now and then nobody answers in time (answerS is 5), so that the desk's ticks are among what is killed.
      if (random() < 0.05) await wait(6000);
      await Promise.all([command(incidentId, { type: 'accept', words: '' }, asMember), random() < 0.2 ? command(incidentId, { type: 'setFacts', peopleAtRisk: 12, words: 'counted' }, reporter) : null]);
      await command(incidentId, { type: 'arrive', words: '' }, asMember);
      if (random() < 0.1) await command(incidentId, { type: 'needHelp', words: 'two more' }, asMember);
      await command(incidentId, { type: 'handle', words: 'under control', attachments: [] }, asMember);
      if (random() < 0.15) return; // left open: its deadlines pass
      await command(incidentId, { type: 'followUp', stillWell: true, words: 'well', attachments: [] }, reporter);
      await command(incidentId, { type: 'assess', outcome: 'resolved', words: 'closed', attachments: [] }, assessor);
    };
    let next = 0;
    const work = Promise.all(Array.from({ length: WORKERS }, async () => { while (next < INCIDENTS) await one(next++); }));

    // --- and what happens to the processes meanwhile, spread over the whole of it
    const killed = new Map<string, number>();
    let ended = false;
    const worked = work.finally(() => { ended = true; });
    worked.catch(() => {});
    for (let kills = 0; kills < KILLS;) {
      if (!ended && next < (kills + 0.5) * (INCIDENTS / KILLS) * 0.95) { await wait(50); continue; }
      const victim = random() < 0.12 ? 'postgres' : pick(roles);
      if (victim === 'postgres') {
        const pid = postgres.pid();
        if (pid === null) { await wait(100); continue; }
        process.kill(pid, 'SIGKILL');
      } else if (victim !== undefined) victim.child.kill('SIGKILL'); else { await wait(100); continue; }
      const name = victim === 'postgres' ? 'postgres' : victim.name;
      killed.set(name, (killed.get(name) ?? 0) + 1);
      kills++;
      tell(`${kills} kills (${name}), ${next} incidents begun, ${answered.length} steps answered, ${tries.failed} tried again, ${roles.filter(({ address }) => address !== null).length} ready`);
      await wait(200);
    }
    await worked;
    const tookS = (performance.now() - startedAtMs) / 1000;

    // --- quiet again: the desk has read every alarm and ticked what was due
    const lastSeq = await patient(() => store.lastSeq());
    await soon('the desk has read all', async () => (await store.alarmEventsAfter(await store.cursor('desk'), 1).catch(() => [1])).length === 0, 60_000);
    stopping = true;
    for (const { child } of roles) child.kill('SIGKILL');
    await wait(300);

    let events = 0, inputs = 0, ticks = 0, notices = 0;
    const wrong: string[] = [];
    const inputIds = new Map<string, Set<string>>();
    for (const incidentId of await everyIncident(store)) {
      const [incident, history, log] = await Promise.all([store.incident(incidentId), allEvents(store, incidentId), store.incidentInputs(incidentId)]);
      const illegal = isLegalHistory(history);
      if (illegal !== null) wrong.push(`${incidentId} is not legal: ${illegal}`);
      const replay = foldIncident(log);
      if (JSON.stringify(ordered(replay.events)) !== JSON.stringify(ordered(history))) wrong.push(`${incidentId}: its replay makes other events`);
      if (JSON.stringify(ordered(replay.incident)) !== JSON.stringify(ordered(incident))) wrong.push(`${incidentId}: its replay ends elsewhere`);
      if (replay.refused.length > 0) wrong.push(`${incidentId}: its log holds what is refused`);
      const wishes: string[] = [];
      let now: Incident | null = null;
      for (const input of log) { const decided = decideIncident(now, input); if ('problem' in decided) continue; now = decided.incident; wishes.push(...decided.notices.map(({ noticeId }) => noticeId)); }
      const kept = (await store.noticesOf(incidentId)).map(({ notice }) => notice.noticeId).filter((noticeId) => wishes.includes(noticeId));
      if (kept.toSorted().join() !== [...new Set(wishes)].toSorted().join()) wrong.push(`${incidentId}: ${kept.length} notices of ${wishes.length}`);
      inputIds.set(incidentId, new Set(log.map((input) => input.inputId)));
      if (new Set(log.map((input) => input.inputId)).size !== log.length) wrong.push(`${incidentId}: an input twice`);
      events += history.length; inputs += log.length; notices += kept.length; ticks += log.filter((input) => input.command.type === 'tick').length;
    }
    const lost = answered.filter(({ incidentId, inputId }) => !(inputIds.get(incidentId)?.has(inputId) ?? false));
    const opened = await store.incidentsOfAlarms(alarms.map(({ alarm }) => alarm.alarmId));
    const alarmInputs = [...inputIds.values()].flatMap((ids) => [...ids]).filter((inputId) => inputId.startsWith('alarm.'));
    console.log(JSON.stringify({ seed: SEED, incidents: inputIds.size, kills: KILLS, killed: Object.fromEntries(killed), postgresRestarts: postgres.restarts(), answered: answered.length, lost: lost.length, refused: tries.refused, triedAgain: tries.failed, events, inputs, ticks, notices, fellOver: fellOver.length, tookS: Math.round(tookS), lastSeq }));
    expect(wrong).toEqual([]);
    expect(lost).toEqual([]);
    expect(new Set(answered.map(({ inputId }) => inputId)).size).toBe(answered.length);
    expect([opened.size, alarmInputs.length, new Set(alarmInputs).size]).toEqual([alarms.length, alarms.length, alarms.length]);
    expect([...reported].filter((incidentId) => !inputIds.has(incidentId))).toEqual([]);
    expect(inputIds.size).toBe(reported.size);
    expect(fellOver.filter((said) => !/database|数据库/.test(said))).toEqual([]);
    expect(killed.size).toBeGreaterThan(1);
    expect(ticks).toBeGreaterThan(0);
  }, MOST_MS + 120_000);
});

/** A city with one grid in which the site lies, people on duty in both, and answers that are waited for only five seconds. */
async function setUp(store: Store) {
  const { site: { siteId } } = await store.addSite({ ...siteBody(), demo: false });
  // Its alarms are raised here: no decider may have it.
  const lease = await store.takeLease(`site:${siteId}`, 'test', 24 * 3600_000);
  if (lease === null) throw new Error('the site is taken');
  const zoneIds: string[] = [];
  for (let at = 0; at < 4; at++) zoneIds.push((await store.addZone(siteId, zoneBody({ name: `Zone ${at}` }))).zone.zoneId);
  const by: Actor = { memberId: null, name: 'Set up', duty: 'operator', unitId: null }, { lng, lat } = siteBody().origin;
  const square = (halfDeg: number): UnitShape => [{ outer: [{ lng: lng - halfDeg, lat: lat - halfDeg }, { lng: lng + halfDeg, lat: lat - halfDeg }, { lng: lng + halfDeg, lat: lat + halfDeg }, { lng: lng - halfDeg, lat: lat + halfDeg }], holes: [] }];
  const city = (await store.addUnit({ level: 'city', code: 'C', names: { en: 'City', zh: '市' }, parentId: null, shape: square(0.1), by })).unit;
  const grid = (await store.addUnit({ level: 'grid', code: 'G', names: { en: 'Grid', zh: '网格' }, parentId: city.unitId, shape: square(0.01), by })).unit;
  const members = [];
  for (let at = 0; at < 6; at++) members.push(await store.addMember(at < 4 ? grid.unitId : city.unitId, { name: `Worker ${at}`, duty: at < 4 ? 'fieldWorker' : 'dutyOfficer', language: 'en', contacts: [], enabled: true }));
  await store.keepPolicy(city.unitId, { ownCategories: [], deadlines: {}, answerS: 5 });
  return { siteId, lease, zoneIds, members };
}

async function everyIncident(store: Store): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | null = ''; after !== null;) {
    const page: Awaited<ReturnType<Store['incidentPage']>> = await store.incidentPage({ state: 'all', order: 'newest', most: 200, ...(after === '' ? {} : { after }) });
    ids.push(...page.incidents.map(({ incidentId }) => incidentId));
    after = page.nextAfter;
  }
  return ids;
}
async function allEvents(store: Store, incidentId: string) {
  const events: Awaited<ReturnType<Store['incidentEvents']>> = [];
  for (;;) {
    const page = await store.incidentEvents(incidentId, events.at(-1)?.version ?? 0, 500);
    events.push(...page);
    if (page.length < 500) return events;
  }
}
/** jsonb keeps no order of names. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, part]) => [name, ordered(part)]));
}
async function patient<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) try { return await ask(); } catch (error) { if (attempt > 50) throw error; await wait(200); }
}
async function soon<T>(what: string, ask: () => T | Promise<T>, withinMs: number): Promise<NonNullable<T>> {
  for (const endAtMs = performance.now() + withinMs; ;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer as NonNullable<T>;
    if (performance.now() > endAtMs) throw new Error(`${what}: not within ${withinMs} ms`);
    await wait(100);
  }
}
