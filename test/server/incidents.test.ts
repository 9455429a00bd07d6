// Incidents over HTTP: from an alarm, a zone or a point to closure, lists, files, statistics; against a real server, a real database and the real desk. Rules ID of docs/SPEC.md.
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Board, IncidentAnswer, IncidentPage, Statistics } from '../../contract/apiIncidents.ts';
import { Incident, type Actor } from '../../contract/incident.ts';
import { checker } from '../../contract/schema.ts';
import { foldIncident } from '../../crowd/incident/decideIncident.ts';
import { runDesk, type Desk } from '../../worker/desk.ts';
import { cell } from '../../server/incidents/statisticsCsv.ts';
import { unitsBelow } from '../../server/incidents/below.ts';
import { quietLog, raisedAlarm, serverForTest, siteBody, until, zoneBody, type ServerForTest } from './serverForTest.ts';

const operator: Actor = { memberId: null, name: 'Li Wei', duty: 'operator', unitId: null }, officer: Actor = { memberId: null, name: 'Anna Berg', duty: 'dutyOfficer', unitId: null };
const checks = { incident: checker(Incident), page: checker(IncidentPage), answer: checker(IncidentAnswer), statistics: checker(Statistics), board: checker(Board) };
const fits = <T>(check: (value: unknown) => { ok: true; value: T } | { ok: false; faults: unknown }, value: unknown): T => { const checked = check(value); if (!checked.ok) throw new Error(JSON.stringify(checked.faults)); return checked.value; };
let number = 0;
const commandId = () => `c${++number}-${Math.random().toString(36).slice(2, 10)}`;

describe('incidents over HTTP', () => {
  let server: ServerForTest, desk: Desk, siteId: string, zoneId: string;
  beforeAll(async () => {
    server = await serverForTest();
    desk = await runDesk({ store: server.store, bus: server.bus, log: quietLog, holder: 'test' });
    ({ site: { siteId } } = await server.store.addSite({ ...siteBody(), demo: false }));
    ({ zone: { zoneId } } = await server.store.addZone(siteId, zoneBody()));
  });
  afterAll(async () => { await desk?.close(); await server?.close(); });

  const report = async (over: Record<string, unknown> = {}) => server.send('POST', '/api/incidents', { commandId: commandId(), by: operator, category: 'crowding', severity: 'serious', zoneId, ...over });
  const reported = async (over: Record<string, unknown> = {}): Promise<Incident> => { const answer = await report(over); expect([answer.status, answer.body.code]).toEqual([201, undefined]); return fits(checks.incident, answer.body); };
  const give = (incidentId: string, command: Record<string, unknown>, by: Actor = operator, id = commandId()) => server.send('POST', `/api/incidents/${incidentId}/commands`, { commandId: id, by, command });
  const given = async (incidentId: string, command: Record<string, unknown>, by: Actor = operator): Promise<Incident> => { const answer = await give(incidentId, command, by); expect([answer.status, answer.body.code]).toEqual([200, undefined]); return fits(checks.incident, answer.body); };
  const handled = async (incidentId: string) => { await given(incidentId, { type: 'dispatch', memberIds: [], words: 'by radio' }); await given(incidentId, { type: 'handle', words: 'done', attachments: [] }); };
  const commitAlarm = async (event: ReturnType<typeof raisedAlarm>) => {
    const lease = (await server.store.takeLease(`site:${siteId}`, 'test', 600_000))!;
    await server.store.recordEvents({ events: [event], lease, snapshot: { siteId, fence: lease.fence, inputId: '0-0', configVersion: 1, stateJson: '{}', savedAtMs: Date.now() } });
  };
  const alarmOf = (over: Partial<ReturnType<typeof raisedAlarm>['alarm']> = {}, atMs = Date.now()) => {
    const event = raisedAlarm(siteId, ++number, atMs);
    return { ...event, alarm: { ...event.alarm, place: { kind: 'zone' as const, zoneId }, ...over } } as typeof event;
  };
  const nextVersion = (event: ReturnType<typeof raisedAlarm>, over: Record<string, unknown>) => {
    const version = event.alarm.version + 1;
    return { ...event, eventId: `${event.alarm.alarmId}.${version}`, from: event.alarm.state, alarm: { ...event.alarm, ...over, version } } as typeof event;
  };

  test('ID1 reported, worked through and closed by another: every step an event in order, on the screens, and equal to a replay of its inputs', async () => {
    const screen = await server.screen(await server.store.lastSeq());
    const { incidentId } = await reported({ words: 'The gate is pushed' });
    await given(incidentId, { type: 'dispatch', memberIds: [], words: 'by radio' });
    await given(incidentId, { type: 'handle', words: 'Gate opened', attachments: [] });
    await given(incidentId, { type: 'followUp', stillWell: true, words: 'calm', attachments: [] }, officer);
    const refused = await give(incidentId, { type: 'assess', outcome: 'resolved', words: 'done', attachments: [] }, operator);
    expect([refused.status, refused.body.code]).toEqual([403, 'incidentReporterMayNotAssess']);
    const closed = await given(incidentId, { type: 'assess', outcome: 'resolved', words: 'done', attachments: [] }, officer);
    expect(closed.step).toBe('closed');
    const answer = fits(checks.answer, (await server.send('GET', `/api/incidents/${incidentId}`)).body);
    expect(answer.events.map(({ version }) => version)).toEqual(answer.events.map((_, at) => at + 1));
    const replay = foldIncident(await server.store.incidentInputs(incidentId));
    expect(replay.refused).toEqual([]);
    expect(replay.events).toEqual(answer.events);
    expect(replay.incident).toEqual(answer.incident);
    const heard = await until('on the screen', () => { const own = screen.of('incident').filter(({ event }) => event.incidentId === incidentId); return own.length === answer.events.length ? own : null; });
    expect(heard.map(({ event }) => event.version)).toEqual(answer.events.map(({ version }) => version));
    expect(screen.misfits).toEqual([]);
    screen.leave();
  });

  test('ID2 the same commandId twice is one step, for a report and for a command, also at the same moment', async () => {
    const id = commandId();
    const answers = await Promise.all([report({ commandId: id }), report({ commandId: id }), report({ commandId: id })]);
    expect(new Set(answers.map(({ body }) => body.incidentId)).size).toBe(1);
    const { incidentId, version } = answers[0]!.body as Incident;
    const noteId = commandId();
    const notes = await Promise.all([1, 2, 3, 4].map(() => give(incidentId, { type: 'note', words: 'seen', attachments: [] }, operator, noteId)));
    expect(notes.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const events = await server.store.incidentEvents(incidentId, 0, 100);
    expect(events.filter(({ what }) => what === 'noted').length).toBe(1);
    expect(events.filter(({ what }) => what === 'reported').length).toBe(1);
    expect(events.at(-1)!.version).toBeGreaterThan(version - 1);
  });

  test('ID3 two people at once end in one history: each accepted step once, versions without a gap', async () => {
    const { incidentId } = await reported();
    await given(incidentId, { type: 'dispatch', memberIds: [], words: 'by radio' });
    const answers = await Promise.all([...Array(12).keys()].map((at) => give(incidentId, at % 3 === 0 ? { type: 'handle', words: `handled ${at}`, attachments: [] } : { type: 'note', words: `note ${at}`, attachments: [] })));
    const events = await server.store.incidentEvents(incidentId, 0, 100);
    expect(events.map(({ version }) => version)).toEqual(events.map((_, at) => at + 1));
    const accepted = answers.filter(({ status }) => status === 200).length;
    expect(answers.filter(({ status }) => status === 409).length).toBe(3);
    expect(events.filter(({ what }) => what === 'noted' || what === 'handled').length).toBe(accepted);
    for (const { status, body } of answers) if (status !== 200) expect([status, body.code]).toEqual([409, 'incidentStepNotAllowed']);
    expect(foldIncident(await server.store.incidentInputs(incidentId)).events).toEqual(events);
  });

  test('ID4 what does not fit is refused by name and changes nothing', async () => {
    const { incidentId } = await reported();
    const before = (await server.store.incidentEvents(incidentId, 0, 100)).length;
    const refused = async (answer: Promise<{ status: number; body: any }>) => { const { status, body } = await answer; return [status, body.code]; };
    expect(await refused(give('nobody', { type: 'note', words: 'x', attachments: [] }))).toEqual([404, 'incidentUnknown']);
    expect(await refused(give(incidentId, { type: 'tick' }))).toEqual([400, 'inputWrong']);
    expect(await refused(give(incidentId, { type: 'actionResult', actionId: 'a', state: 'done', detail: '' }))).toEqual([400, 'inputWrong']);
    expect(await refused(give(incidentId, { type: 'note', words: '', attachments: [] }))).toEqual([400, 'inputWrong']);
    expect(await refused(give(incidentId, { type: 'mergeInto', into: incidentId, words: 'same' }))).toEqual([422, 'incidentMergedWithItself']);
    expect(await refused(give(incidentId, { type: 'mergeInto', into: 'nobody', words: 'none' }))).toEqual([404, 'incidentUnknown']);
    expect(await refused(give(incidentId, { type: 'link', to: 'nobody', words: '' }))).toEqual([404, 'incidentUnknown']);
    expect(await refused(give(incidentId, { type: 'transfer', toUnitId: 'nowhere', words: 'there' }))).toEqual([404, 'notFound']);
    expect(await refused(give(incidentId, { type: 'split', category: 'fire', severity: 'minor', title: '', words: 'x', alarmIds: ['none'] }))).toEqual([400, 'inputWrong']);
    expect(await refused(give(incidentId, { type: 'setFacts', category: 'beliefs', words: 'x' }))).toEqual([422, 'incidentCategoryUnknown']);
    expect(await refused(give(incidentId, { type: 'note', words: 'x', attachments: [{ sha256: 'a'.repeat(64), name: 'x', type: 'image/jpeg', sizeBytes: 1 }] }))).toEqual([415, 'attachmentRefused']);
    expect(await refused(report({ category: 'religion' }))).toEqual([422, 'incidentCategoryUnknown']);
    expect(await refused(report({ zoneId: 'nowhere' }))).toEqual([404, 'notFound']);
    expect(await refused(report({ zoneId: undefined, alarmId: 'none' }))).toEqual([404, 'alarmUnknown']);
    expect(await refused(report({ point: { lng: 1, lat: 1 } }))).toEqual([400, 'inputWrong']);
    expect(await refused(report({ zoneId: undefined }))).toEqual([400, 'inputWrong']);
    expect(await refused(server.send('GET', '/api/incidents/nobody'))).toEqual([404, 'incidentUnknown']);
    expect(await refused(server.send('GET', '/api/incidents?after=rubbish'))).toEqual([400, 'inputWrong']);
    expect(await refused(server.send('GET', '/api/incidents/board?unitId=nowhere'))).toEqual([404, 'notFound']);
    expect((await server.store.incidentEvents(incidentId, 0, 100)).length).toBe(before);
  });

  test('ID5 a zone gives its middle, a point its site and zone, a point elsewhere stands alone', async () => {
    const inZone = await reported();
    expect([inZone.place.siteId, inZone.place.zoneId, inZone.place.placeName]).toEqual([siteId, zoneId, 'East gate']);
    const atPoint = await reported({ zoneId: undefined, point: inZone.place.point });
    expect([atPoint.place.siteId, atPoint.place.zoneId]).toEqual([siteId, zoneId]);
    const elsewhere = await reported({ zoneId: undefined, point: { lng: 10, lat: 50 }, placeName: 'Old bridge' });
    expect([elsewhere.place.siteId, elsewhere.place.zoneId, elsewhere.place.placeName]).toEqual([null, null, 'Old bridge']);
  });

  test('ID6 an alarm at danger becomes one incident by itself, its later versions follow it, and a report of it joins it', async () => {
    const { zone } = await server.store.addZone(siteId, zoneBody({ name: 'South gate' })), place = { kind: 'zone' as const, zoneId: zone.zoneId };
    const event = alarmOf({ place });
    await commitAlarm(event);
    const incident = await until('an incident of the alarm', async () => (await server.store.incidentsOfAlarms([event.alarm.alarmId])).get(event.alarm.alarmId));
    expect([incident.category, incident.severity, incident.reportedBy.duty, incident.place.zoneId]).toEqual(['crowding', 'serious', 'system', zone.zoneId]);
    await commitAlarm(nextVersion(event, { level: 'critical', levelPeak: 'critical' }));
    await until('raised to critical', async () => (await server.store.incident(incident.incidentId))!.severity === 'critical');
    const again = await report({ zoneId: undefined, alarmId: event.alarm.alarmId, words: 'I see it, too' });
    expect([again.status, again.body.incidentId]).toEqual([200, incident.incidentId]);
    expect((await server.store.incidentEvents(incident.incidentId, 0, 100)).some(({ what, words }) => what === 'noted' && words === 'I see it, too')).toBe(true);
    // Another alarm of the same place and category joins it.
    const other = alarmOf({ place, rule: 'pressure' });
    await commitAlarm(other);
    const joined = await until('joined', async () => (await server.store.incidentsOfAlarms([other.alarm.alarmId])).get(other.alarm.alarmId));
    expect(joined.incidentId).toBe(incident.incidentId);
    expect(foldIncident(await server.store.incidentInputs(incident.incidentId)).events).toEqual(await server.store.incidentEvents(incident.incidentId, 0, 100));
    await handled(incident.incidentId);
  });

  test('ID7 under the level, muted or shelved alarms open nothing; the event that ends the muting does; an exercise opens an exercise of its own', async () => {
    const { zone } = await server.store.addZone(siteId, zoneBody({ name: 'West gate' }));
    const place = { kind: 'zone' as const, zoneId: zone.zoneId };
    const low = alarmOf({ place, level: 'warning', levelPeak: 'warning' }), muted = alarmOf({ place, muted: { because: 'blind', sinceMs: 1 } }), shelved = alarmOf({ place, shelved: { by: 'Li', words: 'work', atMs: 1, untilMs: 2 } });
    const drill = alarmOf({ place, exercise: true });
    for (const event of [low, muted, shelved, drill]) await commitAlarm(event);
    const exercise = await until('an exercise', async () => (await server.store.incidentsOfAlarms([drill.alarm.alarmId])).get(drill.alarm.alarmId));
    expect(exercise.exercise).toBe(true);
    expect((await server.store.incidentsOfAlarms([low, muted, shelved].map(({ alarm }) => alarm.alarmId))).size).toBe(0);
    await commitAlarm(nextVersion(muted, { muted: null }));
    const real = await until('an incident', async () => (await server.store.incidentsOfAlarms([muted.alarm.alarmId])).get(muted.alarm.alarmId));
    expect([real.exercise, real.incidentId === exercise.incidentId]).toEqual([false, false]);
  });

  test('ID14 a blind camera opens one when its alarm was repeated or noted, not when it comes back by itself', async () => {
    const cameraAlarm = async () => {
      const { sensor } = await server.store.addSensor(siteId, { name: 'Mast', kind: 'rtsp', settings: { url: 'rtsp://192.0.2.1/1' }, addressShown: 'rtsp://192.0.2.1/1' });
      const event = alarmOf({ rule: 'sensorSilent', place: { kind: 'sensor', sensorId: sensor.sensorId }, level: 'warning', levelPeak: 'warning' });
      await commitAlarm(event);
      return event;
    };
    const [passing, standing, noted] = [await cameraAlarm(), await cameraAlarm(), await cameraAlarm()];
    await commitAlarm(nextVersion(passing, { state: 'closed', acknowledged: null, closedAtMs: Date.now(), closedBecause: 'eased' }));
    await commitAlarm(nextVersion(standing, { repeats: 1 }));
    await commitAlarm(nextVersion(noted, { state: 'acknowledged', acknowledged: { by: 'Li', atMs: Date.now() } }));
    // The newest of the three events was read when its incident is there, so the older ones were, too.
    const opened = await until('the noted one', async () => { const having = await server.store.incidentsOfAlarms([passing, standing, noted].map(({ alarm }) => alarm.alarmId)); return having.has(noted.alarm.alarmId) ? having : null; });
    expect([passing, standing, noted].map(({ alarm }) => opened.get(alarm.alarmId)?.category ?? null)).toEqual([null, 'equipment', 'equipment']);
  });

  test('ID8 a closed incident is not opened again by the same alarm, unless it gets worse or comes back', async () => {
    const { zone } = await server.store.addZone(siteId, zoneBody({ name: 'North gate' }));
    const event = alarmOf({ place: { kind: 'zone', zoneId: zone.zoneId } });
    await commitAlarm(event);
    const ofAlarm = async () => (await server.store.incidentsOfAlarms([event.alarm.alarmId])).get(event.alarm.alarmId);
    const first = await until('opened', ofAlarm);
    await handled(first.incidentId);
    await given(first.incidentId, { type: 'followUp', stillWell: true, words: 'well', attachments: [] });
    await given(first.incidentId, { type: 'assess', outcome: 'resolved', words: 'closed', attachments: [] }, officer);
    const repeated = nextVersion(event, { repeats: 1 }), read = desk.figures().alarmEventsRead;
    await commitAlarm(repeated);
    await until('read', () => desk.figures().alarmEventsRead > read);
    expect((await ofAlarm())!.incidentId).toBe(first.incidentId);
    await commitAlarm(nextVersion(repeated, { level: 'critical', levelPeak: 'critical' }));
    const second = await until('opened anew', async () => { const now = (await ofAlarm())!; return now.incidentId === first.incidentId ? null : now; });
    expect([second.step === 'closed', second.severity]).toEqual([false, 'critical']);
  });

  test('ID9 joined and split: both in one go, each knows of the other, nobody is left between', async () => {
    const [a, b] = [await reported({ title: 'Gate A' }), await reported({ title: 'Gate B' })];
    const merged = await given(a.incidentId, { type: 'mergeInto', into: b.incidentId, words: 'the same' });
    expect([merged.step, merged.mergedInto]).toEqual(['merged', b.incidentId]);
    expect((await server.store.incidentEvents(b.incidentId, 0, 100)).some(({ what, values }) => what === 'absorbed' && values['from'] === a.incidentId)).toBe(true);
    const id = commandId(), split = { type: 'split', category: 'fire', severity: 'critical', title: 'Smoke', words: 'There is smoke as well', alarmIds: [] };
    const first = await give(b.incidentId, split, operator, id), again = await give(b.incidentId, split, operator, id);
    expect([first.status, again.status]).toEqual([200, 200]);
    const made = (await server.store.incidentEvents(b.incidentId, 0, 100)).filter(({ what }) => what === 'splitOff').map(({ values }) => values['made'] as string);
    expect(made.length).toBe(1);
    const fire = (await server.store.incident(made[0]!))!;
    expect([fire.category, fire.severity, fire.splitFrom]).toEqual(['fire', 'critical', b.incidentId]);
  });

  test('ID10 files: their kind by their bytes, refused by name, kept once, given back with what keeps a browser from running them', async () => {
    const jpeg = await sharp({ create: { width: 40, height: 30, channels: 3, background: { r: 200, g: 30, b: 30 } } }).jpeg().toBuffer();
    const send = (bytes: Buffer | string, name: string, type = 'application/octet-stream') => server.fetch(`/api/attachments`, { method: 'POST', body: bytes as string, headers: { 'content-type': type, 'x-file-name': encodeURIComponent(name) } });
    const kept = await (await send(jpeg, '../../Tor – 门.jpg', 'text/html')).json() as { sha256: string; type: string; name: string; sizeBytes: number };
    expect([kept.type, kept.name, kept.sizeBytes]).toEqual(['image/jpeg', 'Tor – 门.jpg', expect.any(Number)]);
    for (const bytes of [Buffer.alloc(0), Buffer.from([0x4d, 0x5a, 0, 1, 2]), Buffer.from([0xff, 0xfe, 0x80])]) {
      const answer = await send(bytes, 'x.exe');
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([415, 'attachmentRefused']);
    }
    expect((await send(Buffer.alloc(16 * 1024 * 1024 + 1, 65), 'large.txt')).status).toBe(413);
    const { incidentId } = await reported({ attachments: [kept.sha256] });
    const answer = await server.fetch(`/api/attachments/${kept.sha256}?incidentId=${incidentId}`);
    const given = Buffer.from(await answer.arrayBuffer());
    expect(createHash('sha256').update(given).digest('hex')).toBe(kept.sha256);
    expect(await sharp(given).metadata()).toMatchObject({ format: 'jpeg', width: 40, height: 30 });
    expect([answer.headers.get('content-type'), answer.headers.get('x-content-type-options'), answer.headers.get('content-security-policy')]).toEqual(['image/jpeg', 'nosniff', "default-src 'none'; sandbox"]);
    expect(answer.headers.get('content-disposition')).toContain("inline; filename*=UTF-8''Tor%20");
    expect((await server.fetch(`/api/attachments/${kept.sha256}?incidentId=nobody`)).status).toBe(404);
    const page = await (await send('<script>alert(1)</script>', 'page.html', 'text/html')).json() as { sha256: string; type: string };
    expect(page.type).toBe('text/plain');
    // A file that no incident names yet is nobody's to read.
    expect((await server.fetch(`/api/attachments/${page.sha256}`)).status).toBe(400);
    expect((await server.fetch(`/api/attachments/${page.sha256}?incidentId=${incidentId}`)).status).toBe(404);
    const other = await reported({ attachments: [page.sha256] });
    expect((await server.fetch(`/api/attachments/${page.sha256}?incidentId=${other.incidentId}`)).headers.get('content-disposition')).toContain('attachment;');
  });

  test('ID11 lists: every filter gives what it says, pages follow each other without gap or repeat', async () => {
    const marked: string[] = [];
    for (let at = 0; at < 7; at++) marked.push((await reported({ zoneId: undefined, point: { lng: 20 + at / 100, lat: 40 }, placeName: `Quay ${at}`, title: at === 3 ? '水位 High Water' : '', category: at % 2 === 0 ? 'water' : 'gas', severity: at < 3 ? 'minor' : 'critical', exercise: at === 6 })).incidentId);
    const list = async (query: string) => fits(checks.page, (await server.send('GET', `/api/incidents?${query}`)).body);
    const seen: string[] = [];
    for (let after: string | null = ''; after !== null;) {
      const page: IncidentPage = await list(`state=open&text=Quay&most=2${after === '' ? '' : `&after=${after}`}`);
      seen.push(...page.incidents.map(({ incidentId }) => incidentId));
      expect(page.total).toBe(after === '' ? 7 : null);
      after = page.nextAfter;
    }
    expect(seen).toEqual(marked.toReversed());
    const ids = async (query: string) => (await list(query)).incidents.map(({ incidentId }) => incidentId);
    expect(await ids('state=all&category=gas')).toEqual([marked[5], marked[3], marked[1]]);
    expect(await ids('text=quay&severity=minor')).toEqual([marked[2], marked[1], marked[0]]);
    expect(await ids('text=quay&exercise=true')).toEqual([marked[6]]);
    expect(await ids(`text=${encodeURIComponent('水位')}`)).toEqual([marked[3]]);
    expect(await ids('text=high%20WATER')).toEqual([marked[3]]);
    expect(await ids('text=quay&step=closed&state=all')).toEqual([]);
    expect((await ids(`text=quay&order=due`)).toSorted()).toEqual(marked.toSorted());
    expect(await ids('text=quay&sinceMs=9000000000000000')).toEqual([]);
    // A place or a person that is not there, or not to be seen from here.
    for (const query of ['state=open&siteId=none', 'memberId=nobody']) expect((await server.send('GET', `/api/incidents?${query}`)).status).toBe(404);
  });

  test('ID12 statistics: no share and no time under the floor, rows for steps and categories, and a CSV that no spreadsheet program runs', async () => {
    const statistics = fits(checks.statistics, (await server.send('GET', '/api/incidents/statistics?by=category&exercise=false')).body);
    const gas = statistics.rows.find(({ key }) => key === 'gas')!;
    expect(gas.incidents).toBe(3);
    for (const row of statistics.rows) for (const step of row.steps) if (step.count < 3) expect([step.medianMs, step.p90Ms]).toEqual([null, null]);
    const crowding = statistics.rows.find(({ key }) => key === 'crowding')!;
    const control = crowding.steps.find(({ step }) => step === 'underControl')!;
    expect(control.count).toBeGreaterThanOrEqual(3);
    expect(control.medianMs).not.toBeNull();
    expect(statistics.total.incidents).toBe(statistics.rows.reduce((sum, row) => sum + row.incidents, 0));
    const csv = await server.fetch(`/api/incidents/statistics?by=step&format=csv&language=zh`);
    expect(csv.headers.get('content-type')).toContain('text/csv');
    const bytes = Buffer.from(await csv.arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(bytes.toString()).toContain('步骤,名称,事件数');
    expect([cell('=1+1'), cell('+49'), cell('-x'), cell('@a'), cell(' =x'), cell('a,b'), cell('say "no"'), cell(-3), cell(null)]).toEqual(["'=1+1", "'+49", "'-x", "'@a", "' =x", '"a,b"', '"say ""no"""', '-3', '']);
  });

  test('ID13 the units below an upper one stand for all under them', () => {
    const unit = (unitId: string, parentId: string | null) => ({ unitId, parentId }) as Parameters<typeof unitsBelow>[0][number];
    const units = [unit('c', null), unit('t1', 'c'), unit('t2', 'c'), unit('g1', 't1'), unit('g2', 't1'), unit('g3', 't2'), unit('other', null)];
    expect(unitsBelow(units, 'c')).toEqual({ unitIds: ['c', 't1', 't2', 'g1', 'g2', 'g3'], below: new Map([['t1', 't1'], ['t2', 't2'], ['g1', 't1'], ['g2', 't1'], ['g3', 't2']]) });
    expect(unitsBelow(units, 'g1')).toEqual({ unitIds: ['g1'], below: new Map() });
    expect([...unitsBelow(units, null).below]).toEqual([['c', 'c'], ['t1', 'c'], ['t2', 'c'], ['g1', 'c'], ['g2', 'c'], ['g3', 'c'], ['other', 'other']]);
  });
});
