// The roles as processes of their own over Redis and PostgreSQL, and a decider that is killed with an alarm open: another takes its site, nothing is lost or doubled.
import { isAlarmEvent } from '../../contract/alarm.ts';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeInput } from '../../contract/decide.ts';
import { topics, type Bus } from '../../store/bus/bus.ts';
import { redisBus } from '../../store/bus/redis.ts';
import { openStore } from '../../store/openStore.ts';
import type { Store } from '../../store/store.ts';
import { quietLog, readingOf, ScreenForTest, siteBody, until, wait, zoneBody } from '../server/serverForTest.ts';
import { freshDatabase } from '../support/postgres.ts';
import { root } from '../support/product.ts';
import { redisMissing, startRedis, type TestRedis } from '../support/redis.ts';
import { sessionFor, type SessionForTest } from '../support/signIn.ts';

type RoleProcess = { child: ChildProcess; output(): string; ready: Promise<string>; ended: Promise<number | null> };

describe.skipIf(redisMissing !== null)(`spread${redisMissing === null ? '' : ` (skipped: ${redisMissing})`}`, () => {
  let redis: TestRedis, database: Awaited<ReturnType<typeof freshDatabase>>, store: Store, bus: Bus, folder: string, session: SessionForTest;
  const started: RoleProcess[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'crowdlight-spread-'));
    [redis, database] = await Promise.all([startRedis(), freshDatabase()]);
    store = await openStore({ databaseUrl: database.databaseUrl, log: quietLog });
    session = await sessionFor(store);
    bus = await redisBus({ redisUrl: redis.redisUrl, log: quietLog });
  }, 90_000);
  afterAll(async () => {
    for (const { child, ended } of started) { child.kill('SIGKILL'); await ended; }
    await bus?.close();
    await store?.close();
    await database?.drop();
    await redis?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function role(name: string): RoleProcess {
    const child = spawn(process.execPath, ['worker/main.ts', '--role', name, '--port', '0', '--data', folder],
      { cwd: root, env: { ...process.env, DATABASE_URL: database.databaseUrl, REDIS_URL: redis.redisUrl, CROWDLIGHT_HEALTH_PORT: '0' }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const ready = new Promise<string>((resolve, reject) => {
      for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (data: Buffer) => {
        output += data.toString();
        if (/is ready after/.test(output)) resolve(/http:\/\/[\d.]+:\d+/.exec(output)?.[0] ?? '');
      });
      child.once('exit', (code) => reject(new Error(`${name} ended with ${code}: ${output}`)));
    });
    ready.catch(() => {});
    const process_ = { child, output: () => output, ready, ended: new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code))) };
    started.push(process_);
    return process_;
  }

  test('SP1 kill -9 of the decider: the other judges within 5 s, the open alarm goes on, every screen has each event once', async () => {
    const [server, first] = [role('server'), role('decide')];
    const address = await server.ready;
    await first.ready;
    const { site: { siteId } } = await store.addSite({ ...siteBody(), demo: false });
    await store.addZone(siteId, zoneBody({ rules: { densityHigh: { raiseAfterMs: 1000, clearAfterMs: 500, easeHoldMs: 1000 } } }));
    const { sensor } = await store.addSensor(siteId, { name: 'Camera', kind: 'rtsp', settings: { url: 'rtsp://192.0.2.1/1' }, addressShown: 'rtsp://192.0.2.1/1' });
    const corners = [[0.05, 0.95, 0, 2], [0.95, 0.95, 60, 2], [0.8, 0.2, 60, 38], [0.2, 0.2, 0, 38]].map(([xShare, yShare, xM, yM]) => ({ picture: { xShare: xShare!, yShare: yShare! }, ground: { xM: xM!, yM: yM! } }));
    await store.calibrateSensor(sensor.sensorId, { position: { xM: 30, yM: 0 }, heightM: 10, bearingDeg: 0, headHeightM: 1.6, pictureAspect: 16 / 9, points: corners, rangeMostM: null });
    await bus.publish(topics.siteChanged, Buffer.from(JSON.stringify({ siteId, version: 1 })));
    let seq = 0, peoplePerM2 = 5;
    const crowd = setInterval(() => {
      const reading = readingOf(siteId, sensor.sensorId, { seq: ++seq, densityCode: Math.round(254 * Math.sqrt(peoplePerM2 / 10)) });
      bus.append(topics.inputs(siteId), encodeInput({ type: 'reading', reading })).catch(() => {});
    }, 250);
    const screen = new ScreenForTest(address, 0, session);
    try {
      await screen.opened;
      const raised = await until('raised', () => screen.of('event')[0], 30_000);
      const second = role('decide');
      await second.ready;

      first.child.kill('SIGKILL');
      await first.ended;
      const killedAtMs = Date.now();
      await until('judged by the other', () => screen.of('zones').some(({ judgedAtMs }) => judgedAtMs > killedAtMs + 500), 15_000);
      expect(Date.now() - killedAtMs).toBeLessThan(5500);

      const answer = await fetch(`${address}/api/alarms/${encodeURIComponent(raised.event.alarm.alarmId)}/acknowledge`, { method: 'POST', headers: { 'content-type': 'application/json', cookie: session.cookie }, body: JSON.stringify({ commandId: 'ack-after-kill' }) });
      expect([answer.status, ((await answer.json()) as { state: string }).state]).toEqual([200, 'acknowledged']);
      peoplePerM2 = 0.2;
      await until('closed', () => screen.of('event').some(({ event }) => event.alarm.state === 'closed' && event.alarm.alarmId === raised.event.alarm.alarmId), 30_000);

      const record = (await store.eventsAfter(0, 1000)).filter(isAlarmEvent);
      expect(screen.seqs).toEqual(record.map((recorded) => recorded.seq));
      const own = record.filter(({ event }) => event.alarm.alarmId === raised.event.alarm.alarmId).map(({ event }) => event);
      expect(own.map(({ alarm }) => alarm.version)).toEqual(own.map((_, at) => at + 1));
      expect(record.filter(({ event }) => event.from === null && event.alarm.rule === 'densityHigh').length).toBe(1);
      expect(screen.misfits).toEqual([]);

      // In order, all of them; the server says so to its screens.
      for (const { child } of [second, server]) child.kill('SIGTERM');
      expect([await second.ended, await server.ended, await screen.closed]).toEqual([0, 0, 1001]);
    } finally { clearInterval(crowd); screen.leave(); }
  }, 120_000);

  test('SP2 Redis killed and back: screens hear of it, judging goes on, and no event is missing', async () => {
    const [server, decide] = [role('server'), role('decide')];
    const address = await server.ready;
    await decide.ready;
    const screen = new ScreenForTest(address, 0, session);
    await screen.opened;
    await until('judged', () => screen.of('zones').length > 0, 15_000);
    await redis.kill();
    await until('told of the trouble', () => screen.of('health').some(({ problems }) => problems.includes('busDown')), 15_000);
    await wait(500);
    await redis.start();
    const backAtMs = Date.now();
    await until('well again', () => screen.of('health').at(-1)?.problems.length === 0, 20_000);
    await until('judged again', () => screen.of('zones').some(({ judgedAtMs }) => judgedAtMs > backAtMs), 20_000);
    screen.leave();
    for (const { child } of [server, decide]) child.kill('SIGTERM');
    expect([await server.ended, await decide.ended]).toEqual([0, 0]);
  }, 120_000);
});
