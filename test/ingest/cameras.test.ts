// Ingest against cameras that are not ours: every transport, login and codec, and every way in which a camera can be gone. Real store, real child processes.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodePicture } from '../../contract/picture.ts';
import type { SensorTestAnswer } from '../../contract/api.ts';
import type { ProblemNote } from '../../contract/problem.ts';
import { DENSITY_CODE_UNKNOWN } from '../../contract/density.ts';
import { topics } from '../../store/bus/bus.ts';
import { DEFAULT_MODEL_CARD, loadModelCard } from '../../config/modelCard.ts';
import { startRtspServer, VIDEOS, whyNoRtspServer, type RtspServer } from '../support/rtspServer.ts';
import { counting, openWorld, problemIs, until, type World } from './support.ts';

const why = whyNoRtspServer();
const LOGIN = { user: 'op', password: 'p@ss:w/r%d' };
const small = { widthPx: 640, heightPx: 360 };
const suite = describe.skipIf(why !== null);

suite(`cameras${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let server: RtspServer, world: World, folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'crowdlight-ingest-'));
    server = await startRtspServer({ ...LOGIN, paths: [
      { path: '/h264', codec: 'h264', parts: [{ file: VIDEOS.highStreet, ...small }] },
      { path: '/h265', codec: 'h265', parts: [{ file: VIDEOS.highStreet, ...small }] },
      { path: '/locked', codec: 'h264', auth: true, parts: [{ file: VIDEOS.highStreet, ...small }] },
      { path: '/hourOff', codec: 'h264', clockOffS: 3600, parts: [{ file: VIDEOS.highStreet, ...small }] },
      { path: '/twoSizes', codec: 'h264', framesMost: 45, parts: [{ file: VIDEOS.highStreet, ...small }, { file: VIDEOS.highStreet, widthPx: 480, heightPx: 360 }] },
    ] });
    world = await openWorld();
    await world.ingest({ camerasPerHost: 3, noProgressMs: 4000 });
  }, 120_000);
  afterAll(async () => { await world?.close(); await server?.close(); if (folder) rmSync(folder, { recursive: true }); });

  const remove = async (...sensorIds: string[]) => { for (const sensorId of sensorIds) await world.store.removeSensor(sensorId); await world.tellChange(); for (const sensorId of sensorIds) world.statuses.delete(sensorId); };
  const tried = async (kind: string, settings: Record<string, unknown>) => JSON.parse(Buffer.from(await world.bus.request(topics.sensorTest, Buffer.from(JSON.stringify({ kind, settings })), 20_000)).toString()) as { answer?: SensorTestAnswer; problem?: ProblemNote };

  test('CA1 TCP and UDP, H.264 and H.265, digest login: all are counted, with what they are', async () => {
    await world.add('tcp', 'rtsp', { url: server.url('/h264') });
    await world.add('udp', 'rtsp', { url: server.url('/h264'), transport: 'udp' });
    await world.add('h265', 'rtsp', { url: server.url('/h265') });
    await world.add('inAddress', 'rtsp', { url: server.url('/locked', LOGIN) });
    await world.add('inFields', 'rtsp', { url: server.url('/locked'), ...LOGIN });
    for (const sensorId of ['tcp', 'udp', 'h265', 'inAddress', 'inFields']) await counting(world, sensorId);
    expect(world.statuses.get('tcp')!.stream).toMatchObject({ codec: 'h264', ...small, framesPerS: 15 });
    expect(world.statuses.get('h265')!.stream).toMatchObject({ codec: 'hevc', ...small });
    // The street holds 30 to 40 people; the net of the release sees far heads of a few pixels only in part.
    for (const sensorId of ['tcp', 'udp', 'h265']) { const people = world.statuses.get(sensorId)!.peopleInPicture!; expect(people).toBeGreaterThan(5); expect(people).toBeLessThan(60); }
    await remove('udp', 'h265', 'inAddress', 'inFields');
  }, 60_000);

  test('CA2 the camera\'s clock comes by its sender reports and dates the frames; one an hour off is shown and not believed', async () => {
    await world.add('hourOff', 'rtsp', { url: server.url('/hourOff') });
    await problemIs(world, 'hourOff', 'cameraClockOff');
    const off = world.statuses.get('hourOff')!;
    expect(off.clock).toBe('ours');
    expect(Math.abs(off.clockSkewMs! - 3_600_000)).toBeLessThan(3000);
    expect(off.phase).toBe('counting');
    await until(() => world.statuses.get('tcp')!.clock === 'camera', 10_000, () => world.statuses.get('tcp'));
    // Its frames wait inside the test camera when this machine is busy; what is believed at all is 5 s.
    expect(Math.abs(world.statuses.get('tcp')!.clockSkewMs!)).toBeLessThan(5000);
    await remove('hourOff');
  }, 40_000);

  test('CA3 wrong password, wrong path, closed port, unknown host: each has its name, and the others go on', async () => {
    await world.add('wrongPassword', 'rtsp', { url: server.url('/locked'), user: 'op', password: 'geheim-123' });
    await world.add('wrongPath', 'rtsp', { url: server.url('/nothing') });
    await world.add('closed', 'rtsp', { url: 'rtsp://127.0.0.1:9/stream' });
    await world.add('nobody', 'rtsp', { url: 'rtsp://no-such-camera.invalid/stream' });
    const before = world.statuses.get('tcp')!.framesCounted;
    await problemIs(world, 'wrongPassword', 'cameraPasswordRefused');
    await problemIs(world, 'wrongPath', 'cameraPathUnknown');
    await problemIs(world, 'closed', 'cameraRefused');
    await problemIs(world, 'nobody', 'cameraNameUnknown');
    expect(world.statuses.get('wrongPath')).toMatchObject({ phase: 'waiting', stream: null, peopleInPicture: null });
    await until(() => world.statuses.get('tcp')!.framesCounted > before + 2, 10_000);
    await remove('wrongPassword', 'wrongPath', 'closed', 'nobody');
  }, 60_000);

  test('CA4 files: played, looped, and each fault named', async () => {
    writeFileSync(join(folder, 'empty.mp4'), '');
    writeFileSync(join(folder, 'letter.mp4'), 'This is a letter, not a video. '.repeat(50));
    writeFileSync(join(folder, 'list.txt'), `ffconcat version 1.0\nfile ${VIDEOS.vtest}\n`);
    writeFileSync(join(folder, 'cut.avi'), readFileSync(VIDEOS.vtest).subarray(0, 100_000));
    writeFileSync(join(folder, 'head.mp4'), readFileSync(VIDEOS.calm).subarray(0, 2000));
    await world.add('street', 'file', { path: VIDEOS.vtest });
    await world.add('missing', 'file', { path: join(folder, 'none.mp4') });
    await world.add('folder', 'file', { path: folder });
    await world.add('empty', 'file', { path: join(folder, 'empty.mp4') });
    await world.add('letter', 'file', { path: join(folder, 'letter.mp4') });
    await world.add('list', 'file', { path: join(folder, 'list.txt') });
    await world.add('cut', 'file', { path: join(folder, 'cut.avi') });
    await world.add('head', 'file', { path: join(folder, 'head.mp4') });
    await problemIs(world, 'missing', 'fileMissing');
    await problemIs(world, 'folder', 'fileMissing');
    await problemIs(world, 'empty', 'fileEmpty');
    await problemIs(world, 'letter', 'notAVideo');
    await problemIs(world, 'list', 'notAVideo');
    await problemIs(world, 'head', 'videoDamaged');
    // What can be read of a cut file is counted, again and again, and the fault is said.
    await counting(world, 'cut');
    expect(world.statuses.get('cut')!.problem?.code).toBe('videoDamaged');
    const framesAtEnd = world.statuses.get('cut')!.framesDecoded;
    await until(() => world.statuses.get('cut')!.framesDecoded > framesAtEnd + 30, 15_000, () => world.statuses.get('cut'));
    await counting(world, 'street');
    await remove('street', 'missing', 'folder', 'empty', 'letter', 'list', 'cut', 'head');
  }, 90_000);

  test('CA5 a stream that changes its size in the middle is counted on, at its new shape', async () => {
    await world.add('two', 'rtsp', { url: server.url('/twoSizes') });
    await counting(world, 'two');
    const seen = new Set<string>();
    await until(() => { const { stream, analysis } = world.statuses.get('two')!; seen.add(`${stream?.widthPx}x${stream?.heightPx}>${analysis?.widthPx}x${analysis?.heightPx}`); return seen.has('640x360>626x352') && seen.has('480x360>555x416'); }, 20_000, () => [...seen]);
    expect(world.statuses.get('two')!.attempt).toBe(0);
    await remove('two');
  }, 40_000);

  test('CA6 the sub-stream is the one that is opened', async () => {
    await world.add('sub', 'rtsp', { url: server.url('/twoSizes'), subUrl: server.url('/h265') });
    await counting(world, 'sub');
    expect(world.statuses.get('sub')!.stream!.codec).toBe('hevc');
    await remove('sub');
  }, 30_000);

  test('CA7 a placed camera makes readings; a picture of another shape makes all of its ground unknown', async () => {
    const points = [{ picture: { xShare: 0.1, yShare: 0.95 }, ground: { xM: 16, yM: 6 } }, { picture: { xShare: 0.9, yShare: 0.95 }, ground: { xM: 24, yM: 6 } }, { picture: { xShare: 0.75, yShare: 0.35 }, ground: { xM: 26, yM: 22 } }, { picture: { xShare: 0.25, yShare: 0.35 }, ground: { xM: 14, yM: 22 } }];
    const placing = { position: { xM: 20, yM: 0 }, heightM: 9, bearingDeg: 0, headHeightM: 1.6, pictureAspect: 16 / 9, points, rangeMostM: null };
    await world.store.calibrateSensor('tcp', placing);
    await world.tellChange();
    await until(async () => (await world.readings()).some((reading) => reading.sensorId === 'tcp' && reading.densityCodes.some((code) => code !== DENSITY_CODE_UNKNOWN)), 10_000, () => world.statuses.get('tcp'));
    const readings = (await world.readings()).filter((reading) => reading.sensorId === 'tcp');
    const { name: modelId } = await loadModelCard(DEFAULT_MODEL_CARD);
    for (const [index, reading] of readings.entries()) {
      expect(reading).toMatchObject({ siteId: world.siteId, calibrationVersion: 1, modelId });
      if (index > 0) expect(reading.seq).toBe(readings[index - 1]!.seq + 1);
      expect(Math.abs(reading.heardAtMs - reading.capturedAtMs)).toBeLessThan(7000);
    }
    await until(() => world.statuses.get('tcp')!.placed, 3000);
    await world.store.calibrateSensor('tcp', { ...placing, pictureAspect: 4 / 3 });
    await world.tellChange();
    await problemIs(world, 'tcp', 'pictureShapeChanged');
    await until(async () => { const last = (await world.readings()).at(-1)!; return last.calibrationVersion === 2 && last.densityCodes.every((code) => code === DENSITY_CODE_UNKNOWN); }, 5000);
    await world.store.calibrateSensor('tcp', null);
    await world.tellChange();
    await until(() => world.statuses.get('tcp')!.placed === false && world.statuses.get('tcp')!.problem === null, 5000, () => world.statuses.get('tcp'));
  }, 40_000);

  test('CA8 trying an address tells picture, codec, size, rate and clock, or what is wrong, and no more than two at once', async () => {
    const { answer } = await tried('rtsp', { url: server.url('/h264') });
    expect(answer).toMatchObject({ stream: { codec: 'h264', ...small } });
    expect(Buffer.from(answer!.pictureJpegBase64, 'base64').subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
    expect(answer!.firstPictureMs).toBeLessThan(5000);
    expect((await tried('rtsp', { url: server.url('/locked') })).problem?.code).toBe('cameraPasswordRefused');
    expect((await tried('rtsp', { url: server.url('/nothing') })).problem?.code).toBe('cameraPathUnknown');
    expect((await tried('rtsp', { url: 'rtsp://127.0.0.1:9/' })).problem?.code).toBe('cameraRefused');
    writeFileSync(join(folder, 'note.mp4'), 'This is a note. '.repeat(50));
    expect((await tried('file', { path: join(folder, 'note.mp4') })).problem?.code).toBe('notAVideo');
    expect((await tried('rtsp', { url: 'exec:id' })).problem?.code).toBe('inputWrong');
    expect((await tried('carrierPigeon', {})).problem?.code).toBe('inputWrong');
    const many = await Promise.all([1, 2, 3].map(() => tried('rtsp', { url: server.url('/h264') })));
    expect(many.map((one) => one.problem?.code ?? 'answered').sort()).toEqual(['answered', 'answered', 'tooMany']);
  }, 60_000);

  test('CA9 a picture is made only while somebody looks', async () => {
    expect(await world.bus.getLatest(topics.picture('tcp'))).toBeNull();
    await world.bus.putLatest(topics.pictureWanted('tcp'), new Uint8Array([1]), 5000);
    await until(async () => await world.bus.getLatest(topics.picture('tcp')) !== null, 5000);
    const picture = decodePicture((await world.bus.getLatest(topics.picture('tcp')))!)!;
    expect(Math.abs(picture.capturedAtMs - Date.now())).toBeLessThan(10_000);
    expect([...picture.jpeg.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  }, 20_000);

  test('CA10 a media host killed with -9: its cameras count again within 2 s, those of the other host never pause', async () => {
    for (const sensorId of ['k1', 'k2', 'k3']) await world.add(sensorId, 'rtsp', { url: server.url('/h264') });
    for (const sensorId of ['k1', 'k2', 'k3']) await counting(world, sensorId);
    const hosts = world.ingests[0]!.hosts().filter((host) => host.sensorIds.length > 0);
    expect(hosts.length).toBe(2);
    const [victim, other] = hosts as [typeof hosts[0], typeof hosts[0]];
    const before = new Map(victim!.sensorIds.map((sensorId) => [sensorId, world.statuses.get(sensorId)!.framesCounted]));
    const epochs = new Map(other!.sensorIds.map((sensorId) => [sensorId, world.statuses.get(sensorId)!.attempt]));
    process.kill(victim!.pid, 'SIGKILL');
    await until(() => victim!.sensorIds.every((sensorId) => world.statuses.get(sensorId)!.phase !== 'counting'), 1000, () => [...world.statuses.values()].map((status) => status.phase));
    const tookMs = await until(() => victim!.sensorIds.every((sensorId) => world.statuses.get(sensorId)!.phase === 'counting'), 10_000, () => victim!.sensorIds.map((sensorId) => world.statuses.get(sensorId)));
    console.log(`cameras of a killed media host were back after ${Math.round(tookMs)} ms`);
    // 2 s on a machine of its own; here other suites compile and encode on the same two cores.
    expect(tookMs).toBeLessThan(6000);
    await until(() => victim!.sensorIds.every((sensorId) => world.statuses.get(sensorId)!.framesCounted > before.get(sensorId)!), 8000);
    for (const sensorId of other!.sensorIds) expect(world.statuses.get(sensorId)).toMatchObject({ phase: 'counting', attempt: epochs.get(sensorId) });
    await remove('k1', 'k2', 'k3');
  }, 60_000);

  test('CA11 a camera that hangs (SIGSTOP) is noticed, tried again with growing pauses, and counts again when it wakes', async () => {
    server.hang();
    try { await problemIs(world, 'tcp', 'cameraSilent', 15_000); } finally { server.wake(); }
    await counting(world, 'tcp', 40_000);
  }, 90_000);

  test('CA12 a camera that is killed and comes back is counted again', async () => {
    await server.kill();
    await until(() => ['cameraRefused', 'cameraSilent'].includes(world.statuses.get('tcp')!.problem?.code ?? ''), 15_000, () => world.statuses.get('tcp'));
    await server.restart();
    await counting(world, 'tcp', 40_000);
  }, 90_000);

  test('CA13 switched off it is off, changed it is opened anew, and neither touches the others', async () => {
    await world.add('other', 'rtsp', { url: server.url('/h265') });
    await counting(world, 'other');
    await world.store.changeSensor('other', { enabled: false });
    await world.tellChange();
    await until(() => world.statuses.get('other')!.phase === 'off', 5000, () => world.statuses.get('other'));
    await world.store.changeSensor('other', { enabled: true, settings: { url: server.url('/h264') } });
    await world.tellChange();
    await until(() => world.statuses.get('other')!.phase === 'counting' && world.statuses.get('other')!.stream?.codec === 'h264', 10_000, () => world.statuses.get('other'));
    expect(world.statuses.get('tcp')!.phase).toBe('counting');
    await remove('other');
  }, 40_000);

  test('CA14 key frames only: said in the status, and fewer frames are decoded', async () => {
    const keyWorld = await openWorld();
    try {
      await keyWorld.ingest({ overload: 'always' });
      await keyWorld.add('key', 'rtsp', { url: server.url('/h264') });
      await counting(keyWorld, 'key');
      expect(keyWorld.statuses.get('key')!.framesUsed).toBe('keyframes');
      const before = keyWorld.statuses.get('key')!;
      await new Promise((done) => setTimeout(done, 3000));
      const after = keyWorld.statuses.get('key')!;
      // One key frame a second, of fifteen frames.
      expect(after.framesDecoded - before.framesDecoded).toBeLessThanOrEqual(6);
      expect(after.framesCounted).toBeGreaterThan(before.framesCounted);
    } finally { await keyWorld.close(); }
  }, 40_000);

  test('CA15 no password stands in any log line or status', async () => {
    await world.add('refused', 'rtsp', { url: server.url('/locked', { user: 'op', password: 'geheim-123' }) });
    await problemIs(world, 'refused', 'cameraPasswordRefused');
    await remove('refused');
    for (const text of [world.logged(), world.told()]) for (const secret of [LOGIN.password, encodeURIComponent(LOGIN.password), 'geheim-123', 'op:']) expect(text).not.toContain(secret);
    expect(world.logged()).toContain('cameraPasswordRefused');
  });

  test('CA16 closing takes under 2 s and leaves no child', async () => {
    const pids = world.ingests[0]!.hosts().map((host) => host.pid);
    expect(pids.length).toBeGreaterThan(0);
    const startedMs = performance.now();
    await world.ingests[0]!.close();
    expect(performance.now() - startedMs).toBeLessThan(2000);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow();
  });
});

suite(`two ingests${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('CA17 they share the cameras, and when one dies the other has all of them within 5 s', async () => {
    const server = await startRtspServer({ paths: [{ path: '/h264', codec: 'h264', parts: [{ file: VIDEOS.highStreet, ...small }] }] });
    const world = await openWorld();
    try {
      const first = await world.ingest(), second = await world.ingest();
      const held = (ingest: typeof first) => ingest.hosts().flatMap((host) => host.sensorIds).sort();
      for (const sensorId of ['a', 'b', 'c', 'd']) await world.add(sensorId, 'rtsp', { url: server.url('/h264') });
      await until(() => held(first).length === 2 && held(second).length === 2, 20_000, () => [held(first), held(second)]);
      for (const sensorId of ['a', 'b', 'c', 'd']) await counting(world, sensorId);
      expect([...held(first), ...held(second)].sort()).toEqual(['a', 'b', 'c', 'd']);
      const epochs = new Map(held(first).map((sensorId) => [sensorId, world.statuses.get(sensorId)!.epoch]));
      const startedMs = performance.now();
      // An orderly end gives the leases back at once.
      await first.close();
      await until(() => held(second).length === 4, 10_000, () => held(second));
      const tookMs = performance.now() - startedMs;
      console.log(`the cameras of an ended ingest were taken over after ${Math.round(tookMs)} ms`);
      expect(tookMs).toBeLessThan(5000);
      for (const [sensorId, epoch] of epochs) await until(() => world.statuses.get(sensorId)!.epoch > epoch, 5000, () => world.statuses.get(sensorId));
    } finally { await world.close(); await server.close(); }
  }, 90_000);

  test('CA18 an ingest process killed with -9 leaves no media host behind, and another has its cameras within 5 s', async () => {
    const server = await startRtspServer({ paths: [{ path: '/h264', codec: 'h264', parts: [{ file: VIDEOS.highStreet, ...small }] }] });
    const world = await openWorld();
    const victim = spawn(process.execPath, [join(import.meta.dirname, 'ingestProcess.ts'), world.databaseUrl], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      for (const sensorId of ['a', 'b']) await world.add(sensorId, 'rtsp', { url: server.url('/h264') });
      let last = { sensorIds: [] as string[], pids: [] as number[] };
      createInterface({ input: victim.stdout! }).on('line', (line) => { last = JSON.parse(line) as typeof last; });
      await until(() => last.sensorIds.length === 2, 30_000, () => last);
      const other = await world.ingest();
      await new Promise((done) => setTimeout(done, 2000));
      expect(other.hosts()).toEqual([]);
      victim.kill('SIGKILL');
      const tookMs = await until(() => other.hosts().flatMap((host) => host.sensorIds).length === 2, 10_000, () => other.hosts());
      console.log(`the cameras of a killed ingest were taken over after ${Math.round(tookMs)} ms`);
      expect(tookMs).toBeLessThan(5000);
      await counting(world, 'a', 20_000);
      await counting(world, 'b', 20_000);
      for (const pid of last.pids) expect(() => process.kill(pid, 0)).toThrow();
    } finally { victim.kill('SIGKILL'); await world.close(); await server.close(); }
  }, 90_000);

  test('CA19 without its database ingest keeps its cameras open and counts on, past the end of every lease', async () => {
    const world = await openWorld();
    try {
      await world.ingest();
      await world.add('street', 'file', { path: VIDEOS.vtest });
      await counting(world, 'street');
      await world.dropDatabase();
      const before = world.statuses.get('street')!.framesCounted;
      await new Promise((done) => setTimeout(done, 5000));
      expect(world.statuses.get('street')!.framesCounted).toBeGreaterThan(before + 3);
      expect(world.statuses.get('street')).toMatchObject({ phase: 'counting', attempt: 0 });
      const startedMs = performance.now();
      await world.ingests[0]!.close();
      expect(performance.now() - startedMs).toBeLessThan(2500);
    } finally { await world.close(); }
  }, 60_000);

  test('CA20 a file that a busy machine could not play in time goes on from now, and what it passed over is counted as dropped', async () => {
    const world = await openWorld();
    try {
      await world.ingest();
      await world.add('street', 'file', { path: VIDEOS.vtest });
      await counting(world, 'street');
      const before = world.statuses.get('street')!, [host] = world.ingests[0]!.hosts();
      process.kill(host!.pid, 'SIGSTOP');
      await new Promise((done) => setTimeout(done, 3000));
      process.kill(host!.pid, 'SIGCONT');
      await until(() => world.statuses.get('street')!.framesDropped >= before.framesDropped + 3, 10_000, () => world.statuses.get('street'));
      const counted = world.statuses.get('street')!.framesCounted;
      await until(() => world.statuses.get('street')!.framesCounted >= counted + 4, 10_000, () => world.statuses.get('street'));
      expect(world.statuses.get('street')).toMatchObject({ phase: 'counting', attempt: 0 });
    } finally { await world.close(); }
  }, 60_000);

  test('CA21 rtsps: over TLS with a certificate that the camera signed itself, digest login included', async () => {
    const server = await startRtspServer({ ...LOGIN, tls: true, paths: [{ path: '/tls', codec: 'h264', auth: true, parts: [{ file: VIDEOS.highStreet, ...small }] }] });
    const world = await openWorld();
    try {
      expect(server.url('/tls')).toMatch(/^rtsps:/);
      await world.ingest();
      await world.add('tls', 'rtsps', { url: server.url('/tls', LOGIN) });
      await counting(world, 'tls');
      expect(world.statuses.get('tls')).toMatchObject({ phase: 'counting', problem: null, stream: { codec: 'h264', ...small } });
      // The same door without TLS is not taken for a camera.
      await world.add('plain', 'rtsp', { url: server.url('/tls', LOGIN).replace('rtsps:', 'rtsp:') });
      await until(() => (world.statuses.get('plain')?.problem ?? null) !== null, 20_000, () => world.statuses.get('plain'));
      expect(world.statuses.get('plain')!.phase).toBe('waiting');
    } finally { await world.close(); await server.close(); }
  }, 60_000);
});
