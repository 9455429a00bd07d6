// Alarms, incidents and notices under load, over the real path: PostgreSQL and the screens are processes of their own, the product another (server, relay, desk and deliver, as in the all-in-one).
// - listMs: every list, filter and board over HTTP, with 100,000 incidents whose rows are made by the product's own functions from histories that its own machine decided.
// - deliverMs: 1,000 alarms raised within a second, to 200 screens, while the desk makes incidents of them: from just before the commit to the arrival at each screen; lost and doubled at any screen.
// - noticeMs: alarm committed -> notice of its incident handed to a loopback webhook. commandMs: a step on an incident over HTTP.
// All run on this machine, by one clock.
import { fork, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { AlarmChanged } from '../contract/alarm.ts';
import type { Actor, Incident, IncidentCommand, IncidentInput } from '../contract/incident.ts';
import type { UnitShape } from '../contract/unit.ts';
import type { Store } from '../store/store.ts';
import { BENCH_COOKIE, openBenchSession } from './session.ts';

/** BENCH_INCIDENTS=10000 for a quick look. */
const INCIDENTS = Number(process.env['BENCH_INCIDENTS'] ?? 100_000), OPEN_SHARE = 0.05;
/** Children of each level: 5 counties, 25 townships, 125 communities, 1,125 grids. */
const TREE = [['city', 1], ['county', 5], ['township', 5], ['community', 5], ['grid', 9]] as const;
const SCREENS = 200, ALARMS = 1000, ALARMS_WITHIN_MS = 1000, SITES = 20;
const NOTICES = 120, NOTICES_PER_S = 6;
const LIST_ROUNDS = 4, COMMANDS = 400, COMMANDS_AT_ONCE = 4;
const SECRET = 'the bench signs with this key';

type Emit = (figure: string, value: number, unit: string) => void;
const by: Actor = { memberId: null, name: 'Bench', duty: 'operator', unitId: null };

export default async function incidents(emit: Emit): Promise<void> {
  const { default: pino } = await import('pino');
  const { startEmbeddedPostgres } = await import('../store/embeddedPostgres.ts');
  const { openStore } = await import('../store/openStore.ts');
  const log = pino({ level: 'error' });
  const folder = mkdtempSync(join(tmpdir(), 'crowdlight-incidents-'));
  const postgres = await startEmbeddedPostgres({ folder, log, settings: { max_connections: '60' } });
  const children: ChildProcess[] = [];
  const start = (as: string, more: string[] = []) => {
    const child = fork(import.meta.filename, [as, ...more], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    children.push(child);
    return child;
  };
  const heard = new Map<string, number>();
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const atMs = Date.now(), { kind, incidentId } = JSON.parse(Buffer.concat(chunks).toString()) as { kind: string; incidentId: string | null };
      if (kind === 'asked' && incidentId !== null && !heard.has(incidentId)) heard.set(incidentId, atMs);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((done) => { receiver.listen(0, '127.0.0.1', done); });
  const store = await openStore({ databaseUrl: postgres.databaseUrl, log });
  try {
    const step = (words: string) => { console.log(`# ${words}, after ${(performance.now() / 1000).toFixed(0)} s`); };
    const tree = await drawUnits(store);
    step('units are drawn');
    const { siteIds, drawnZoneIds, alarmZones } = await drawSites(store, tree.corner);
    await postPeople(store, tree, `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`);
    const seeded = await seed(postgres.databaseUrl, store, { tree, siteIds });
    step(`${INCIDENTS} incidents of ${seeded.stories} decided histories`);

    const product = start('product', [postgres.databaseUrl, folder, siteIds.join(',')]);
    const { port } = await said<{ port: number }>(product, 'port');
    const address = `http://127.0.0.1:${port}`;
    await lists(address, { tree, siteIds, memberId: seeded.memberId, emit });
    await commands(address, drawnZoneIds, emit);

    // --- notices at an even pace
    product.send({ type: 'raise', zones: alarmZones.slice(0, NOTICES), perS: NOTICES_PER_S, atOnce: 1 });
    const paced = await said<{ alarms: { alarmId: string; atMs: number }[] }>(product, 'raised');
    await quiet(store);
    const ofAlarm = await store.incidentsOfAlarms(paced.alarms.map(({ alarmId }) => alarmId));
    for (let waited = 0; waited < 50 && [...ofAlarm.values()].some(({ incidentId }) => !heard.has(incidentId)); waited++) await pause(100);
    const noticeMs = paced.alarms.flatMap(({ alarmId, atMs }) => { const at = heard.get(ofAlarm.get(alarmId)?.incidentId ?? ''); return at === undefined ? [] : [at - atMs]; });
    if (noticeMs.length < paced.alarms.length) throw new Error(`${paced.alarms.length - noticeMs.length} of ${paced.alarms.length} alarms made no notice`);
    emit('noticeMsP50', share(noticeMs, 0.5), 'ms');
    emit('noticeMsP95', share(noticeMs, 0.95), 'ms');

    // --- the burst
    const screens = start('screens', [String(port), String(SCREENS), String(await store.lastSeq())]);
    await said(screens, 'connected');
    await pause(1000);
    product.send({ type: 'raise', zones: alarmZones.slice(NOTICES), perS: (ALARMS * 1000) / ALARMS_WITHIN_MS, atOnce: 5 });
    const burst = await said<{ alarms: { alarmId: string; atMs: number }[]; tookMs: number }>(product, 'raised');
    await quiet(store);
    const lastSeq = await store.lastSeq();
    await pause(1500);
    screens.send({ type: 'end', lastSeq });
    const result = await said<{ alarmMs: number[]; incidentMs: number[]; lost: number; doubled: number; closed: number }>(screens, 'result');
    const opened = await store.incidentsOfAlarms(burst.alarms.map(({ alarmId }) => alarmId));
    emit('deliverMsP50', share(result.alarmMs, 0.5), 'ms');
    emit('deliverMsP99', share(result.alarmMs, 0.99), 'ms');
    emit('deliverIncidentMsP99', share(result.incidentMs, 0.99), 'ms');
    emit('lost', result.lost + SCREENS * ALARMS - result.alarmMs.length + (burst.alarms.length - opened.size), 'messages');
    emit('doubled', result.doubled, 'messages');
    emit('raisedWithinMs', burst.tookMs, 'ms');
    if (result.closed > 0) throw new Error(`${result.closed} screens were cut off`);
  } finally {
    for (const child of children) child.kill('SIGKILL');
    receiver.close();
    await store.close();
    await postgres.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const share = (values: number[], of: number): number => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(of * values.length))]!;
function said<T>(child: ChildProcess, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown) => { const { type, ...rest } = message as { type: string }; if (type === what) { child.off('message', onMessage); resolve(rest as T); } };
    child.on('message', onMessage);
    child.once('exit', (code) => reject(new Error(`a process of the bench ended with ${code} before it said "${what}"`)));
  });
}
const say = (type: string, more: object = {}) => process.send!({ type, ...more });
/** The desk has read every alarm. */
async function quiet(store: Store): Promise<void> {
  for (let waited = 0; waited < 600; waited++) { if ((await store.alarmEventsAfter(await store.cursor('desk'), 1)).length === 0) return; await pause(100); }
  throw new Error('the desk did not read every alarm within a minute');
}

// --- the installation
type Tree = { levels: string[][]; corner: { lng: number; lat: number }; middles: Map<string, { lng: number; lat: number }> };
async function drawUnits(store: Store): Promise<Tree> {
  const corner = { lng: 120, lat: 30 };
  const units: Parameters<Store['importUnits']>[0] = [];
  const box = (west: number, south: number, widthDeg: number, heightDeg: number): UnitShape => [{ outer: [{ lng: west, lat: south }, { lng: west + widthDeg, lat: south }, { lng: west + widthDeg, lat: south + heightDeg }, { lng: west, lat: south + heightDeg }], holes: [] }];
  const levels: string[][] = [];
  // Every unit is cut into strips, across and along in turn.
  const draw = (depth: number, parentCode: string | null, code: string, west: number, south: number, widthDeg: number, heightDeg: number) => {
    const level = TREE[depth]![0];
    units.push({ level, code, names: { en: `${level} ${code}`, zh: `单元 ${code}` }, parentCode, shape: box(west, south, widthDeg, heightDeg) });
    (levels[depth] ??= []).push(code);
    const count = TREE[depth + 1]?.[1] ?? 0;
    for (let at = 0; at < count; at++) {
      if (depth % 2 === 0) draw(depth + 1, code, `${code}.${at}`, west + (at * widthDeg) / count, south, widthDeg / count, heightDeg);
      else draw(depth + 1, code, `${code}.${at}`, west, south + (at * heightDeg) / count, widthDeg, heightDeg / count);
    }
  };
  draw(0, null, 'c', corner.lng, corner.lat, 0.9, 0.9);
  await store.importUnits(units, 'bench');
  const there = await store.units(), ids = new Map(there.map((unit) => [unit.code, unit.unitId]));
  return { levels: levels.map((codes) => codes.map((code) => ids.get(code)!)), corner, middles: new Map(there.map(({ unitId, bounds: { southWest, northEast } }) => [unitId, { lng: (southWest.lng + northEast.lng) / 2, lat: (southWest.lat + northEast.lat) / 2 }])) };
}
/** One zone each is drawn, for steps over HTTP. Alarms name zones of their own: an alarm may outlive its zone, and stands in the middle of the site then. */
async function drawSites(store: Store, corner: { lng: number; lat: number }): Promise<{ siteIds: string[]; drawnZoneIds: string[]; alarmZones: { siteId: string; zoneId: string }[] }> {
  const siteIds: string[] = [], drawnZoneIds: string[] = [];
  const { DEFAULT_LIMITS } = await import('../contract/level.ts');
  for (let site = 0; site < SITES; site++) {
    const { site: { siteId } } = await store.addSite({ name: `Square ${site}`, origin: { lng: corner.lng + 0.02 + 0.04 * site, lat: corner.lat + 0.03 + 0.035 * site }, grid: { cellM: 2, columns: 100, rows: 100 }, demo: false });
    siteIds.push(siteId);
    drawnZoneIds.push((await store.addZone(siteId, { name: 'Gate', kind: 'standing', limits: DEFAULT_LIMITS.standing, polygon: [{ xM: 10, yM: 10 }, { xM: 40, yM: 10 }, { xM: 40, yM: 40 }, { xM: 10, yM: 40 }] })).zone.zoneId);
  }
  return { siteIds, drawnZoneIds, alarmZones: Array.from({ length: NOTICES + ALARMS }, (_, at) => ({ siteId: siteIds[Math.floor(at / 5) % SITES]!, zoneId: `zone${at}` })) };
}
async function postPeople(store: Store, tree: Tree, url: string): Promise<void> {
  const { channelId } = await store.addChannel({ kind: 'webhook', name: 'Bench', settings: { url, secret: SECRET }, settingsShown: { url }, perMinuteMost: 60_000 });
  for (const [depth, level] of tree.levels.slice(0, 3).entries()) for (const [at, unitId] of level.entries()) await store.addMember(unitId, { name: `Worker ${depth}.${at}`, duty: depth === 0 ? 'dutyOfficer' : 'fieldWorker', language: 'en', contacts: [{ channelId, address: `worker ${at}` }], enabled: true });
}

// --- 100,000 incidents
/** Histories decided by the machine itself; each is laid many times, at other instants and places. */
async function stories(store: Store, tree: Tree, siteIds: string[]): Promise<Incident[]> {
  const { decideIncident } = await import('../crowd/incident/decideIncident.ts');
  const { CATEGORIES, SEVERITIES, SYSTEM_ACTOR } = await import('../contract/incident.ts');
  const made: Incident[] = [];
  const closer: Actor = { ...by, name: 'Assessor', duty: 'dutyOfficer' };
  for (let number = 0; number < 240; number++) {
    const unitId = tree.levels[4]![(number * 37) % tree.levels[4]!.length]!, incidentId = `story${number}`, category = CATEGORIES[number % CATEGORIES.length]!, severity = SEVERITIES[number % SEVERITIES.length]!;
    const place = { point: tree.corner, siteId: siteIds[number % siteIds.length]!, zoneId: `zone-${number % 50}`, sensorId: null, siteName: `Square ${number % SITES}`, placeName: `Gate ${number % 90}`, unitId };
    const context = await store.incidentContext({ unitId, placeUnitId: unitId, siteId: place.siteId, zoneId: place.zoneId, category, severity, atMs: Date.now() });
    let incident: Incident | null = null, runMs = 0, inputs = 0;
    const give = (command: IncidentCommand, actor: Actor, laterMs: number) => {
      runMs += laterMs;
      const input: IncidentInput = { inputId: `story${number}.${++inputs}`, incidentId, atMs: 1_750_000_000_000 + runMs, runMs, actor, context, command };
      const decided = decideIncident(incident, input);
      if ('problem' in decided) throw new Error(`story ${number}: ${command.type} is refused: ${decided.problem.code}`);
      ({ incident } = decided);
    };
    give({ type: 'report', category, severity, title: number % 3 === 0 ? `Crowd at gate ${number % 90}` : '', words: 'pushed', attachments: [], place, peopleAtRisk: number, alarm: null, exercise: number % 40 === 0, demo: false }, number % 2 === 0 ? SYSTEM_ACTOR : by, 0);
    const asked = incident!.assignments[0];
    const member: Actor = asked === undefined ? by : { memberId: asked.memberId, name: asked.memberName, duty: asked.duty, unitId: asked.unitId };
    const isOpen = number % 20 < 4, steps = isOpen ? number % 5 : 6;
    if (steps >= 1) { if (asked === undefined) give({ type: 'dispatch', memberIds: [], words: 'by radio' }, by, 20_000); else give({ type: 'accept', words: '' }, member, 20_000 + 500 * number); }
    if (steps >= 2 && asked !== undefined) give({ type: 'arrive', words: '' }, member, 60_000 + 700 * number);
    if (number % 7 === 0) give({ type: 'tick' }, SYSTEM_ACTOR, 600_000);
    if (steps >= 3) give({ type: 'handle', words: 'calm again', attachments: [] }, member, 90_000);
    if (steps >= 4) give({ type: 'followUp', stillWell: true, words: 'well', attachments: [] }, by, 600_000);
    if (steps >= 6) give({ type: 'assess', outcome: 'resolved', words: 'closed', attachments: [] }, closer, 3_600_000);
    made.push(incident!);
  }
  return made;
}

async function seed(databaseUrl: string, store: Store, { tree, siteIds }: { tree: Tree; siteIds: string[] }): Promise<{ stories: number; memberId: string }> {
  const { default: pg } = await import('pg');
  const { rowOf } = await import('../store/sql/incidents.ts');
  const { lineOf } = await import('../crowd/incident/lineOf.ts');
  const { isOpenStep } = await import('../contract/incident.ts');
  const made = await stories(store, tree, siteIds), open = made.filter(({ step }) => isOpenStep(step)), closed = made.filter(({ step }) => !isOpenStep(step));
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const nowMs = Date.now(), spanMs = 300 * 86_400_000, grids = tree.levels[4]!;
  try {
    await client.query("set synchronous_commit = off; set statement_timeout = 0");
    await client.query('create temp table story (number integer primary key, incident jsonb, line jsonb)');
    for (const [number, incident] of made.entries()) await client.query('insert into story values ($1, $2, $3)', [number, JSON.stringify(incident), JSON.stringify(lineOf(incident))]);
    const numberOf = new Map(made.map((incident, number) => [incident, number]));
    for (let from = 0; from < INCIDENTS; from += 2000) {
      const stories: number[] = [], rows = Array.from({ length: Math.min(2000, INCIDENTS - from) }, (_, at) => {
        const number = from + at, story = number % Math.round(1 / OPEN_SHARE) === 0 ? open[(number * 7) % open.length]! : closed[(number * 7) % closed.length]!;
        const shiftMs = Math.round(nowMs - spanMs + (spanMs * number) / INCIDENTS - story.changedAtMs), unitId = grids[(number * 31) % grids.length]!;
        stories.push(numberOf.get(story)!);
        const later = (ms: number | null) => (ms === null ? null : ms + shiftMs);
        return rowOf({
          ...story, incidentId: `seed${number}`, unitId, place: { ...story.place, unitId }, reportedAtMs: story.reportedAtMs + shiftMs, changedAtMs: story.changedAtMs + shiftMs, handledAtMs: later(story.handledAtMs), followedUpAtMs: later(story.followedUpAtMs),
          deadlines: story.deadlines.map((one) => ({ ...one, dueAtMs: one.dueAtMs + shiftMs, metAtMs: later(one.metAtMs), missedAtMs: later(one.missedAtMs) })),
          // Far enough that the desk has nothing to do with them while others are measured.
          nextRunMs: story.nextRunMs === null ? null : 1e12 + number,
        } satisfies Incident, 0);
      });
      await client.query('insert into incident select * from jsonb_populate_recordset(null::incident, $1)', [JSON.stringify(rows)]);
      await client.query(`
        insert into incident_now select i.incident_id,
          s.incident || jsonb_build_object('incidentId', i.incident_id, 'unitId', i.unit_id, 'reportedAtMs', i.reported_at_ms, 'changedAtMs', i.changed_at_ms, 'place', s.incident->'place' || jsonb_build_object('unitId', i.place_unit_id, 'point', jsonb_build_object('lng', n.lng, 'lat', n.lat))),
          s.line || jsonb_build_object('incidentId', i.incident_id, 'unitId', i.unit_id, 'placeUnitId', i.place_unit_id, 'point', jsonb_build_object('lng', n.lng, 'lat', n.lat), 'reportedAtMs', i.reported_at_ms, 'changedAtMs', i.changed_at_ms,
            'due', case when i.due_at_ms >= 9e15 then 'null'::jsonb else (s.line->'due') || jsonb_build_object('dueAtMs', i.due_at_ms) end, 'overdueSinceMs', case when i.overdue_since_ms >= 9e15 then 'null'::jsonb else to_jsonb(i.overdue_since_ms) end)
        from unnest($1::text[], $2::integer[], $3::double precision[], $4::double precision[]) n (incident_id, story, lng, lat) join incident i using (incident_id) join story s on s.number = n.story`, [rows.map((row) => row.incident_id), stories, rows.map((row) => tree.middles.get(row.unit_id!)!.lng), rows.map((row) => tree.middles.get(row.unit_id!)!.lat)]);
    }
    await client.query("insert into incident_member select distinct i.incident_id, a->>'memberId' from incident i join incident_now n using (incident_id), jsonb_array_elements(n.incident->'assignments') a where i.is_open");
    await client.query('analyze');
    const member = await client.query('select member_id from incident_member limit 1');
    return { stories: made.length, memberId: (member.rows[0] as { member_id: string } | undefined)?.member_id ?? 'nobody' };
  } finally { await client.end(); }
}

// --- every list and filter
async function lists(address: string, { tree, siteIds, memberId, emit }: { tree: Tree; siteIds: string[]; memberId: string; emit: Emit }): Promise<void> {
  const { CATEGORIES, SEVERITIES, INCIDENT_STEPS } = await import('../contract/incident.ts');
  const [city, county, township, community, grid] = tree.levels.map((level) => level[level.length >> 1]!);
  const nowMs = Date.now(), day = 86_400_000;
  const filters = [
    '', ...[city, county, township, community, grid].map((unitId) => `unitId=${unitId}`), ...CATEGORIES.map((category) => `category=${category}`), 'category=ownOne', ...SEVERITIES.map((severity) => `severity=${severity}`), ...INCIDENT_STEPS.map((step) => `step=${step}`),
    `siteId=${siteIds[0]}`, `memberId=${memberId}`, 'memberId=nobody', 'exercise=true', 'exercise=false', 'overdue=true', 'overdue=false', 'text=gate', 'text=gate%2077', 'text=nowhere%20at%20all', `text=${encodeURIComponent('广场')}`,
    `sinceMs=${nowMs - 7 * day}`, `sinceMs=${nowMs - 200 * day}&untilMs=${nowMs - 199 * day}`, `unitId=${county}&category=fire&severity=critical`, `unitId=${township}&text=gate%2012&exercise=false`, `siteId=${siteIds[1]}&step=handled`,
  ];
  const paths: string[] = [];
  for (const filter of filters) for (const state of ['open', 'closed', 'all']) for (const order of state === 'open' ? ['newest', 'due', 'age'] : ['newest']) paths.push(`/api/incidents?state=${state}&order=${order}${filter === '' ? '' : `&${filter}`}`);
  for (const unitId of [city, county, township, community, grid]) paths.push(`/api/incidents/board?unitId=${unitId}`);
  const get = async (path: string): Promise<{ tookMs: number; nextAfter: string | null }> => {
    const startedAtMs = performance.now(), answer = await fetch(address + path, { headers: { cookie: BENCH_COOKIE } }), body = await answer.json() as { nextAfter?: string | null };
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(body)}`);
    return { tookMs: performance.now() - startedAtMs, nextAfter: body.nextAfter ?? null };
  };
  for (const path of paths.slice(0, 10)) await get(path);
  const tookMs: number[] = [], worst = new Map<string, number>();
  for (let round = 0; round < LIST_ROUNDS; round++) for (const path of paths) {
    let at: string = path;
    // The first pages of each list, as somebody reads on.
    for (let page = 0; page < 3; page++) {
      const { tookMs: took, nextAfter } = await get(at);
      tookMs.push(took);
      if (took > (worst.get(path) ?? 0)) worst.set(path, took);
      if (nextAfter === null || round > 0) break;
      at = `${path}&after=${nextAfter}`;
    }
  }
  emit('listMsP50', share(tookMs, 0.5), 'ms');
  emit('listMsP95', share(tookMs, 0.95), 'ms');
  emit('listMsMost', Math.max(...tookMs), 'ms');
  emit('lists', paths.length, 'lists and filters');
  console.log(`# slowest: ${[...worst].toSorted((a, b) => b[1] - a[1]).slice(0, 5).map(([path, ms]) => `${path} ${ms.toFixed(0)} ms`).join('; ')}`);
  const statisticsMs: number[] = [];
  for (let round = 0; round < 2; round++) for (const by of ['unit', 'category', 'step']) for (const unit of ['', `&unitId=${county}`]) statisticsMs.push((await get(`/api/incidents/statistics?by=${by}&sinceMs=0${unit}`)).tookMs);
  emit('statisticsMsP95', share(statisticsMs, 0.95), 'ms');
}

// --- steps over HTTP
async function commands(address: string, zoneIds: string[], emit: Emit): Promise<void> {
  const tookMs: number[] = [];
  const post = async (path: string, body: object): Promise<Incident> => {
    const startedAtMs = performance.now(), answer = await fetch(address + path, { method: 'POST', headers: { 'content-type': 'application/json', cookie: BENCH_COOKIE }, body: JSON.stringify(body) }), said = await answer.json();
    tookMs.push(performance.now() - startedAtMs);
    if (answer.status > 201) throw new Error(`${path}: ${answer.status} ${JSON.stringify(said)}`);
    return said as Incident;
  };
  let number = 0;
  await Promise.all(Array.from({ length: COMMANDS_AT_ONCE }, async () => {
    while (tookMs.length < COMMANDS) {
      const at = ++number;
      const { incidentId } = await post('/api/incidents', { commandId: `report${at}`, category: 'fire', severity: 'moderate', zoneId: zoneIds[at % zoneIds.length], words: 'smoke' });
      const steps: IncidentCommand[] = [{ type: 'note', words: 'seen', attachments: [] }, { type: 'dispatch', memberIds: [], words: 'by radio' }, { type: 'handle', words: 'out', attachments: [] }, { type: 'followUp', stillWell: true, words: 'well', attachments: [] }];
      for (const [step, command] of steps.entries()) await post(`/api/incidents/${incidentId}/commands`, { commandId: `step${at}-${step}`, command });
    }
  }));
  emit('commandMsP50', share(tookMs, 0.5), 'ms');
  emit('commandMsP95', share(tookMs, 0.95), 'ms');
}

// --- the product: server, relay, desk and deliver in one process; alarms are committed in it, as its deciders do
async function productProcess(databaseUrl: string, dataFolder: string, siteIds: string[]): Promise<void> {
  const { default: pino } = await import('pino');
  const { loadRuleKinds, loadSensorKinds } = await import('../config/kinds.ts');
  const { loadSettings } = await import('../config/settings.ts');
  const { startServer } = await import('../server/start.ts');
  const { inProcessBus } = await import('../store/bus/inProcess.ts');
  const { openStore } = await import('../store/openStore.ts');
  const { runDeliver } = await import('../worker/deliver.ts');
  const { runDesk } = await import('../worker/desk.ts');
  const { runRelay } = await import('../worker/relay.ts');
  const log = pino({ level: 'error' });
  const store = await openStore({ databaseUrl, log }), bus = inProcessBus();
  await openBenchSession(store);
  runRelay({ store, bus, log });
  const settings = { ...loadSettings({ argv: ['--port', '0', '--data', dataFolder], env: {}, readFile: () => null }), screensMost: 2 * SCREENS, screensPerAddressMost: 2 * SCREENS, channelNetworks: ['loopback'] };
  await runDesk({ store, bus, log, holder: 'bench' });
  await runDeliver({ store, bus, log, holder: 'bench', settings });
  const server = await startServer({ store, bus, settings, sensorKinds: await loadSensorKinds(), ruleKinds: await loadRuleKinds(), log });
  const leases = new Map(await Promise.all(siteIds.map(async (siteId) => [siteId, (await store.takeLease(`site:${siteId}`, 'bench', 3_600_000))!] as const)));
  process.on('message', (message: { type: string; zones: { siteId: string; zoneId: string }[]; perS: number; atOnce: number }) => {
    if (message.type !== 'raise') return;
    void (async () => {
      const beganAtMs = performance.now(), alarms: { alarmId: string; atMs: number }[] = [];
      const waiting = [...message.zones], committing: Promise<void>[] = [];
      while (waiting.length > 0) {
        const due = Math.floor(((performance.now() - beganAtMs) / 1000) * message.perS) - alarms.length;
        if (due < message.atOnce) { await pause(1); continue; }
        const { siteId } = waiting[0]!, events: AlarmChanged[] = [];
        // One commit at a time for a site, of what fell due there.
        while (events.length < message.atOnce && waiting.length > 0 && waiting[0]!.siteId === siteId) events.push(raised(siteId, waiting.shift()!.zoneId));
        alarms.push(...events.map(({ alarm, atMs }) => ({ alarmId: alarm.alarmId, atMs })));
        const lease = leases.get(siteId)!;
        committing.push(store.recordEvents({ events, lease, snapshot: { siteId, fence: lease.fence, inputId: '0-0', configVersion: 1, stateJson: '{}', savedAtMs: Date.now() } }).then(() => {}));
      }
      await Promise.all(committing);
      say('raised', { alarms, tookMs: performance.now() - beganAtMs });
    })();
  });
  say('port', { port: Number(new URL(server.address).port) });
}

function raised(siteId: string, zoneId: string): AlarmChanged {
  const atMs = Date.now(), alarmId = `${siteId}.densityHigh.${zoneId}.${atMs}`;
  return {
    type: 'alarmChanged', eventId: `${alarmId}.1`, siteId, atMs, from: null,
    alarm: {
      alarmId, version: 1, siteId, rule: 'densityHigh', place: { kind: 'zone', zoneId }, siteName: 'Bench', placeName: zoneId, level: 'danger', levelPeak: 'danger', raisedAtMs: atMs, changedAtMs: atMs,
      because: { code: 'densityAbove', values: { peoplePerM2: 4.9, errorPeoplePerM2: 0.4, limitPeoplePerM2: 4.7, forMs: 5000 } }, demo: false, priority: 'high', exercise: false, shelved: null, muted: null, repeats: 0, state: 'raised',
    },
  };
}

// --- the screens: sockets that look only for the number and the instant of an event, so that the machine's cores go to the product
async function screensProcess(port: number, count: number, afterSeq: number): Promise<void> {
  const alarmMs: number[] = [], incidentMs: number[] = [], lastSeqs: number[] = [];
  let lost = 0, doubled = 0, closed = 0, isOver = false;
  for (let at = 0; at < count; at++) {
    const socket = await shakeHands(port, afterSeq);
    let rest: Buffer = Buffer.alloc(0);
    lastSeqs[at] = afterSeq;
    socket.on('data', (chunk: Buffer) => {
      const nowMs = Date.now();
      let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (let payload = nextPayload(bytes); payload !== null; payload = nextPayload(bytes)) {
        bytes = bytes.subarray(payload.endsAt);
        if (payload.opcode === 9) socket.write(PONG);
        const head = payload.opcode === 1 ? payload.bytes.toString('latin1', 0, 45) : '', found = /^\{"type":"(event|incident)","seq":(\d+)/.exec(head);
        if (found === null) continue;
        const seq = Number(found[2]);
        if (seq <= lastSeqs[at]!) { doubled++; continue; }
        lost += seq - lastSeqs[at]! - 1;
        lastSeqs[at] = seq;
        const from = payload.bytes.indexOf('"atMs":') + 7;
        (found[1] === 'event' ? alarmMs : incidentMs).push(nowMs - Number.parseInt(payload.bytes.toString('latin1', from, from + 13), 10));
      }
      rest = bytes.length === 0 ? Buffer.alloc(0) : Buffer.from(bytes);
    });
    socket.on('close', () => { if (!isOver) closed++; });
  }
  process.on('message', (message: { type: string; lastSeq: number }) => {
    if (message.type !== 'end') return;
    isOver = true;
    for (const seq of lastSeqs) lost += Math.max(0, message.lastSeq - seq);
    say('result', { alarmMs, incidentMs, lost, doubled, closed });
  });
  say('connected');
}
/** An empty pong, masked with zeros as RFC 6455 asks of a client. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

function nextPayload(bytes: Buffer): { opcode: number; bytes: Buffer; endsAt: number } | null {
  if (bytes.length < 2) return null;
  const short = bytes[1]! & 0x7f, headBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < headBytes) return null;
  const lengthBytes = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2)), endsAt = headBytes + lengthBytes;
  return bytes.length < endsAt ? null : { opcode: bytes[0]! & 0xf, bytes: bytes.subarray(headBytes, endsAt), endsAt };
}
async function shakeHands(port: number, afterSeq: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`GET /live?after=${afterSeq} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nCookie: ${BENCH_COOKIE}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
  const head = await new Promise<Buffer>((resolve, reject) => { socket.once('data', resolve); socket.once('close', () => reject(new Error('the server closed the line'))); });
  if (!head.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(head.toString('latin1', 0, 200));
  const after = head.subarray(head.indexOf('\r\n\r\n') + 4);
  if (after.length > 0) socket.unshift(after);
  return socket;
}

const [as, ...more] = process.argv.slice(2);
if (process.send !== undefined && as === 'product') await productProcess(more[0]!, more[1]!, more[2]!.split(','));
if (process.send !== undefined && as === 'screens') await screensProcess(Number(more[0]), Number(more[1]), Number(more[2]));
if (import.meta.main && process.send === undefined) await incidents((figure, value, unit) => console.log(JSON.stringify({ figure, value: Number(value.toPrecision(4)), unit })));
