// Ingest: which cameras are ours, which child process reads each, and what becomes of the counts. Pixels are never here: media hosts send people per image
// cell, this file lays them on the ground and puts readings on the bus. A camera has one ingest at a time (lease); a dead host or ingest is replaced.
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import Type from 'typebox';
import type { SensorTestAnswer } from '../contract/api.ts';
import { SensorTestBody } from '../contract/api.ts';
import { encodeInput } from '../contract/decide.ts';
import { DENSITY_CODE_UNKNOWN } from '../contract/density.ts';
import type { GridSpec } from '../contract/geometry.ts';
import { Problem, problemNote, type ProblemCode, type ProblemNote } from '../contract/problem.ts';
import { encodeReading, type Reading } from '../contract/reading.ts';
import { encodePicture, masksVersionOf, StillWish } from '../contract/picture.ts';
import { checker, strictObject } from '../contract/schema.ts';
import type { SensorStatus, StreamFacts } from '../contract/sensorStatus.ts';
import type { PictureFault, PictureSight, ViewMark } from '../contract/sight.ts';
import { MaskPolygons, type Zone } from '../contract/site.ts';
import { loadSensorKinds } from '../config/kinds.ts';
import { DEFAULT_MODEL_CARD } from '../config/modelCard.ts';
import { motionSlopes, projectMotion, type MotionSlopes } from '../crowd/flow.ts';
import { analysisNeed, type AnalysisNeed } from '../crowd/analysisNeed.ts';
import { groundProjection, projectPeople, type Projection } from '../crowd/ground.ts';
import { maskedCells } from '../crowd/mask.ts';
import { calibratedSpread } from '../crowd/interval.ts';
import { topics, type Bus } from '../store/bus/bus.ts';
import { isSealed } from '../store/secrets.ts';
import type { Lease, SensorSource, Store } from '../store/store.ts';
import { loadModel } from './detectors/modelCard.ts';
import { calmLoad, judgeLoad, type OverloadMode, type OverloadState } from './ingest/overload.ts';
import { retryPauseMs } from './ingest/retry.ts';
import { SHARE_TOPIC, shareTable, type ShareNote } from './ingest/shares.ts';
import { mediaHostUser, startHostProcess, type HostProcess } from './mediaHost/hostProcess.ts';
import type { Analysis, FromHost, ImageCells, SessionCounters } from './mediaHost/messages.ts';
import type { MediaSource, SensorKind } from './sensors/sensorKind.ts';

export type IngestSettings = {
  camerasPerHost: number;
  countsPerS: number;
  /** Most pixels that the detector looks at in one picture of a placed camera; see worker/mediaHost/analysisSize.ts. */
  analysisPixelsMost: number;
  /** auto: key frames only while frames are dropped; always, never: as said. */
  overload: OverloadMode;
  /** A camera without a picture for this long is closed and opened again. */
  noProgressMs: number;
  /** A host with more memory than this is started again. */
  mediaHostMemoryMostMB: number;
  /** Path of the card; its weights lie beside it. */
  modelCard: string;
  /** Where cameras may be: see config/network.ts. */
  cameraNetworks: string[];
  /** The user that media hosts run as; empty: ours. */
  mediaHostUser: string;
  /** Addresses that are tried at the same time. */
  testsAtOnce: number;
};
export const INGEST_DEFAULTS: IngestSettings = {
  camerasPerHost: 10, countsPerS: 2, analysisPixelsMost: 960 * 576, overload: 'auto', noProgressMs: 10_000, mediaHostMemoryMostMB: 1500, modelCard: DEFAULT_MODEL_CARD, cameraNetworks: ['private', 'public'], mediaHostUser: '', testsAtOnce: 2,
};

export type Ingest = {
  close(): Promise<void>;
  hosts(): { pid: number; sensorIds: string[] }[];
  counters(): { readingsMade: number; readingsDropped: number; hostsDied: number; spentMs: { decode: number; scale: number; count: number; motion: number } };
};

const LEASE_TTL_MS = 3000, LEASE_RENEW_MS = 1000;
const SOURCES_POLL_MS = 3000, STATUS_MS = 1000, STATUS_KEPT_MS = 10_000, WATCH_MS = 250, PICTURE_KEPT_MS = 10_000, UNMASKED_KEPT_MS = 3000, STILL_KEPT_MS = 30_000;
const HOST_READY_WITHIN_MS = 20_000, HOST_SILENT_MOST_MS = 5000, SESSION_END_WITHIN_MS = 2000, HOST_IDLE_MS = 5000, TEST_HOST_IDLE_MS = 30_000;
const TEST_WITHIN_MS = 13_000;
/** A camera that was being opened when its host died counts fully, one that was merely there counts half: at this sum it gets a host of its own. */
const SUSPICION_ALONE = 2, SUSPICION_FOR_MS = 300_000;
/** Good work this long makes earlier failures forgotten. */
const STEADY_MS = 10_000;
const PUBLISHING_MOST = 200;
const ASPECT_OFF_MOST_SHARE = 0.02;

type Phase =
  | { phase: 'waiting'; problem: ProblemNote | null; nextTryAtMs: number }
  | { phase: 'connecting' | 'counting'; host: Host; sessionId: string; sinceMs: number; closingSinceMs: number | null; closeProblem: ProblemNote | null; counters: SessionCounters | null }
  | { phase: 'off' };
type Doubts = { shape: ProblemNote | null; clock: ProblemNote | null; media: ProblemNote | null; placing: ProblemNote | null };
type Camera = {
  sensorId: string; source: SensorSource; lease: Lease; state: Phase; attempt: number; seq: number;
  stream: StreamFacts | null; analysis: Analysis | null; peopleInPicture: number | null; lastCountAtMs: number | null;
  /** Counters of sessions that are over. */
  before: { framesDecoded: number; framesCounted: number; framesDropped: number };
  last: SessionCounters | null;
  framesUsed: 'all' | 'keyframes'; loadBefore: { chosen: number; dropped: number; decoded: number; atMs: number } | null;
  doubts: Doubts; suspicions: { weight: number; atMs: number }[];
  projection: { key: string; made: { ok: true; projection: Projection } | { ok: false; problem: ProblemNote }; slopes: MotionSlopes | null } | null;
  /** The session that was told how the ground lies in its picture, and for which projection. */
  slopesTold: string;
  /** What the placing asks of the size of the counted picture; `key`: what it was worked out from. */
  need: { key: string; need: AnalysisNeed | null };
  /** What its last picture was like; null until enough was seen to say. */
  sight: PictureSight | null;
  /** What its session was told of the placed view: `edges` '' while one is being taken. */
  viewTold: { sessionId: string; version: number | null; edges: string | null } | null;
  /** The last still that was asked for: none is made twice. */
  stillTaken: string;
  problemLogged: string | null;
};
type Host = { process: HostProcess; ready: boolean; sessions: Map<string, Camera>; only: string | null; load: OverloadState; idleSinceMs: number; gone: boolean; culprit: string | null; blameless: boolean; spentMs: { decode: number; scale: number; count: number; motion: number } };

export async function runIngest({ store, bus, settings, log }: { store: Store; bus: Bus; settings: IngestSettings; log: Logger }): Promise<Ingest> {
  const holder = `ingest-${randomUUID()}`;
  // A user that is not there stops the start.
  const runAs = mediaHostUser(settings.mediaHostUser);
  // Read once here too: a model that cannot be used stops the start with its reason, before any camera is opened.
  const { card } = await loadModel(settings.modelCard);
  const kinds = await loadSensorKinds();
  const cameras = new Map<string, Camera>(), hosts = new Set<Host>(), shares = shareTable();
  let sources = new Map<string, SensorSource>(), grids = new Map<string, GridSpec>(), zonesOf = new Map<string, Pick<Zone, 'polygon'>[]>();
  let sessionsOpened = 0, closed = false, publishing = 0, readingsMade = 0, readingsDropped = 0, hostsDied = 0, storeProblem = false;
  let watchedAtMs = Date.now(), believeFromMs = 0;
  const spentBefore = { decode: 0, scale: 0, count: 0, motion: 0 };
  const tester = openTester({ settings, kinds, log, open: (words) => (isSealed(words) ? store.unsealed(words, 'bus/sensorTest') : words) });

  const sourcesLoop = loop(SOURCES_POLL_MS, readSources), leasesLoop = loop(LEASE_RENEW_MS, keepLeases);
  const loops = [sourcesLoop, leasesLoop, loop(STATUS_MS, tellAll), loop(WATCH_MS, watch), loop(1000, lookForPictures)];
  const unsubscribes = await Promise.all([
    bus.subscribe(topics.siteChanged, () => sourcesLoop.now()),
    bus.subscribe(SHARE_TOPIC, (bytes) => {
      try {
        const note = JSON.parse(Buffer.from(bytes).toString()) as ShareNote;
        if (typeof note.holder === 'string' && Number.isFinite(note.cameras)) shares.hear(note, Date.now());
      } catch { /* not a note of ours */ }
    }),
    bus.serve(topics.sensorTest, (bytes) => tester.answer(bytes)),
  ]);
  return {
    hosts: () => [...hosts].filter((host) => !host.gone).map((host) => ({ pid: host.process.pid, sensorIds: [...host.sessions.values()].map((camera) => camera.sensorId) })),
    counters() {
      const spentMs = { ...spentBefore };
      for (const host of hosts) { spentMs.decode += host.spentMs.decode; spentMs.scale += host.spentMs.scale; spentMs.count += host.spentMs.count; spentMs.motion += host.spentMs.motion; }
      return { readingsMade, readingsDropped, hostsDied, spentMs };
    },
    async close() {
      if (closed) return;
      closed = true;
      for (const one of loops) one.stop();
      await Promise.all([
        tester.close(),
        ...[...hosts].map((host) => { host.blameless = true; return host.process.end(1200); }),
        within(1500, Promise.allSettled([...cameras.values()].map((camera) => store.dropLease(camera.lease)))),
        within(500, Promise.allSettled(unsubscribes.map((unsubscribe) => unsubscribe()))),
      ]);
      cameras.clear();
    },
  };

  // --- which cameras there are, and which are ours

  async function readSources(): Promise<void> {
    try {
      const [list, sites] = await Promise.all([store.sensorSources(), store.sites()]);
      if (closed) return;
      sources = new Map(list.map((source) => [source.sensor.sensorId, source]));
      grids = new Map(sites.map((config) => [config.site.siteId, config.site.grid]));
      zonesOf = new Map(sites.map(({ site, zones }) => [site.siteId, zones.map(({ polygon }) => ({ polygon }))]));
      storeProblem = false;
    } catch (error) {
      // The cameras stay open: what they see still reaches the screens that are there.
      if (!storeProblem) log.warn({ reason: (error as Error).message }, 'the list of cameras cannot be read; going on with the one known');
      storeProblem = true;
      return;
    }
    for (const [sensorId, camera] of cameras) {
      const source = sources.get(sensorId);
      if (source === undefined) { letGo(camera, true); continue; }
      const opened = openedBy(camera.source), wanted = openedBy(source);
      const placed = camera.source.sensor.calibration?.version, masksBefore = masksVersionOf(camera.source.sensor);
      camera.source = source;
      if (placed !== source.sensor.calibration?.version) void tell(camera);
      if (masksBefore !== masksVersionOf(source.sensor) && (camera.state.phase === 'connecting' || camera.state.phase === 'counting')) camera.state.host.process.send({ type: 'masks', sessionId: camera.state.sessionId, masks: source.sensor.masks ?? null });
      tellNeed(camera);
      if (opened === wanted) { tellView(camera); continue; }
      camera.attempt = 0;
      camera.doubts = noDoubts();
      camera.stream = camera.analysis = camera.peopleInPicture = null;
      camera.suspicions = [];
      if (camera.state.phase === 'connecting' || camera.state.phase === 'counting') closeSession(camera, null);
      else camera.state = { phase: 'waiting', problem: null, nextTryAtMs: 0 };
    }
    for (const sensorId of sources.keys()) if (!cameras.has(sensorId)) { leasesLoop.now(); break; }
  }

  async function keepLeases(): Promise<void> {
    const nowMs = Date.now();
    await Promise.all([...cameras.values()].map(async (camera) => {
      try {
        if (await store.renewLease(camera.lease, LEASE_TTL_MS)) return;
      } catch { return; /* the store is down: nobody else can take it meanwhile */ }
      if (closed || cameras.get(camera.sensorId) !== camera) return;
      log.warn({ sensorId: camera.sensorId }, 'this camera is read by another ingest now');
      letGo(camera, false);
    }));
    if (closed) return;
    if (shares.shouldGive(holder, cameras.size, sources.size, nowMs)) {
      const given = [...cameras.values()].sort((a, b) => (a.sensorId < b.sensorId ? 1 : -1))[0]!;
      log.info({ sensorId: given.sensorId }, 'handed to an ingest that has fewer cameras');
      letGo(given, true);
      return;
    }
    const most = shares.most(holder, sources.size, nowMs);
    for (const [sensorId, source] of sources) {
      if (closed || cameras.size >= most) break;
      if (cameras.has(sensorId)) continue;
      const lease = await store.takeLease(`camera:${sensorId}`, holder, LEASE_TTL_MS).catch(() => null);
      if (lease === null) continue;
      if (closed || !sources.has(sensorId)) { void store.dropLease(lease).catch(() => {}); continue; }
      cameras.set(sensorId, newCamera(source, lease));
    }
    void publish(() => bus.publish(SHARE_TOPIC, bytesOf({ holder, cameras: cameras.size } satisfies ShareNote)));
  }

  function letGo(camera: Camera, dropLease: boolean): void {
    cameras.delete(camera.sensorId);
    if (camera.state.phase === 'connecting' || camera.state.phase === 'counting') closeSession(camera, null);
    if (dropLease) void store.dropLease(camera.lease).catch(() => {});
  }

  // --- hosts and sessions

  function open(camera: Camera): void {
    const kind = kinds.get(camera.source.sensor.kind);
    let source: MediaSource;
    try {
      if (kind === undefined) throw new Problem('addressNotUnderstood', { reason: `no kind of sensor is named ${camera.source.sensor.kind}` });
      source = kind.source(camera.source.settings);
    } catch (error) {
      failed(camera, error instanceof Problem ? error.note : problemNote('internal', {}, (error as Error).message));
      return;
    }
    const host = hostFor(camera), sessionId = `${camera.sensorId}.${++sessionsOpened}`;
    host.sessions.set(sessionId, camera);
    camera.framesUsed = settings.overload === 'always' ? 'keyframes' : settings.overload === 'never' ? 'all' : camera.framesUsed;
    camera.loadBefore = null;
    camera.doubts = noDoubts();
    camera.state = { phase: 'connecting', host, sessionId, sinceMs: Date.now(), closingSinceMs: null, closeProblem: null, counters: null };
    host.process.send({ type: 'open', sessionId, source, countsPerS: settings.countsPerS, analysisPixelsMost: settings.analysisPixelsMost, need: needOf(camera), masks: camera.source.sensor.masks ?? null, noProgressMs: settings.noProgressMs, framesUsed: camera.framesUsed });
    tellView(camera);
    void tell(camera);
  }

  function hostFor(camera: Camera): Host {
    const alone = suspicionOf(camera) >= SUSPICION_ALONE;
    if (!alone) {
      for (const host of hosts) if (!host.gone && !host.blameless && host.only === null && host.sessions.size < settings.camerasPerHost) return host;
    }
    const host: Host = {
      ready: false, sessions: new Map(), only: alone ? camera.sensorId : null, load: calmLoad(), idleSinceMs: Date.now(), gone: false, culprit: null, blameless: false, spentMs: { decode: 0, scale: 0, count: 0, motion: 0 },
      process: startHostProcess({ modelCard: settings.modelCard, cameraNetworks: settings.cameraNetworks, runAs, streamsMost: alone ? 1 : settings.camerasPerHost, onMessage: (message) => onMessage(host, message) }),
    };
    hosts.add(host);
    void host.process.exited.then(({ how, lastWords }) => onHostGone(host, how, lastWords));
    return host;
  }

  function suspicionOf(camera: Camera): number {
    const nowMs = Date.now();
    camera.suspicions = camera.suspicions.filter((one) => nowMs - one.atMs < SUSPICION_FOR_MS).slice(-20);
    return camera.suspicions.reduce((sum, one) => sum + one.weight, 0);
  }

  function onHostGone(host: Host, how: string, lastWords: string): void {
    host.gone = true;
    hosts.delete(host);
    for (const key of ['decode', 'scale', 'count', 'motion'] as const) spentBefore[key] += host.spentMs[key];
    const nowMs = Date.now(), touched = [...host.sessions];
    host.sessions.clear();
    if (closed) return;
    if (!host.blameless) {
      hostsDied++;
      log.warn({ hostPid: host.process.pid, how, cameras: touched.length, lastWords: lastWords || undefined }, 'a media host died; its cameras are opened again');
    }
    const opening = touched.some(([, camera]) => camera.state.phase === 'connecting');
    for (const [sessionId, camera] of touched) {
      if (!isCurrent(camera, sessionId) || (camera.state.phase !== 'connecting' && camera.state.phase !== 'counting')) continue;
      if (!host.blameless) {
        const guilty = host.culprit !== null ? (host.culprit === camera.sensorId ? 1 : 0) : opening ? (camera.state.phase === 'connecting' ? 1 : 0) : 0.5;
        if (guilty > 0) camera.suspicions.push({ weight: guilty, atMs: nowMs });
      }
      keepCounters(camera);
      const { closeProblem } = camera.state;
      // Alone and dead again: it is this camera, and it must not cost a process every half second.
      if (host.only !== null && !host.blameless) failed(camera, problemNote('mediaHostDied'));
      else if (closeProblem !== null) failed(camera, closeProblem);
      else if (cameras.get(camera.sensorId) === camera) { camera.state = { phase: 'waiting', problem: host.blameless ? null : problemNote('mediaHostDied'), nextTryAtMs: nowMs }; startDue(camera, nowMs); }
    }
  }

  function onMessage(host: Host, message: FromHost): void {
    if (closed) return;
    switch (message.type) {
      case 'ready': host.ready = true; return;
      case 'beat':
        host.spentMs = message.spentMs;
        for (const [sessionId, counters] of Object.entries(message.sessions)) {
          const camera = host.sessions.get(sessionId);
          if (camera === undefined || !isCurrent(camera, sessionId)) continue;
          if (camera.state.phase === 'connecting' || camera.state.phase === 'counting') camera.state.counters = camera.last = counters;
          camera.doubts.clock = counters.clockSkewMs !== null && counters.clock === 'ours' && Math.abs(counters.clockSkewMs) > 5000 ? problemNote('cameraClockOff', { skew: spanWords(counters.clockSkewMs) }) : null;
        }
        return;
      case 'tested': case 'testFailed': return;
    }
    const camera = host.sessions.get(message.sessionId);
    if (camera === undefined) return;
    if (message.type === 'ended') { host.sessions.delete(message.sessionId); if (host.sessions.size === 0) host.idleSinceMs = Date.now(); }
    // A late word of an old session must not end or feed the new one.
    if (!isCurrent(camera, message.sessionId) || (camera.state.phase !== 'connecting' && camera.state.phase !== 'counting')) return;
    switch (message.type) {
      case 'opened':
        camera.stream = message.stream;
        void tell(camera);
        return;
      case 'streamChanged':
        camera.stream = message.stream;
        camera.analysis = message.analysis;
        void tell(camera);
        return;
      case 'doubt':
        camera.doubts.media = message.problem;
        return;
      case 'counted':
        if (camera.state.phase === 'connecting') {
          camera.state = { ...camera.state, phase: 'counting', sinceMs: Date.now() };
          if (camera.problemLogged !== null) { log.info({ sensorId: camera.sensorId }, 'camera counts again'); camera.problemLogged = null; }
          void tell(camera);
        } else if (Date.now() - camera.state.sinceMs > STEADY_MS) camera.attempt = 0;
        onCounted(camera, message);
        return;
      case 'viewTaken':
        void keepView(camera, message.mark);
        return;
      case 'picture': {
        const bytes = encodePicture(message);
        void publish(() => message.unmasked ? bus.putLatest(topics.unmaskedPicture(camera.sensorId), bytes, UNMASKED_KEPT_MS) : bus.putLatest(topics.picture(camera.sensorId), bytes, PICTURE_KEPT_MS));
        return;
      }
      case 'still': {
        const bytes = message.jpeg === null ? bytesOf(problemNote('notFound', {}, 'the picture could not be made')) : encodePicture({ ...message, jpeg: message.jpeg });
        void publish(() => bus.putLatest(topics.still(message.stillId), bytes, STILL_KEPT_MS));
        return;
      }
      case 'ended': {
        const { closeProblem, closingSinceMs } = camera.state;
        keepCounters(camera);
        if (cameras.get(camera.sensorId) !== camera) return;
        if (message.atEnd) { camera.state = { phase: 'off' }; void tell(camera); return; }
        // Closed because its settings changed: open at once as it is now.
        if (closingSinceMs !== null && closeProblem === null) { camera.state = { phase: 'waiting', problem: null, nextTryAtMs: Date.now() }; startDue(camera, Date.now()); return; }
        failed(camera, closeProblem ?? message.problem ?? problemNote('cameraSilent'));
        return;
      }
    }
  }

  function failed(camera: Camera, problem: ProblemNote): void {
    if (cameras.get(camera.sensorId) !== camera) return;
    camera.attempt++;
    camera.lastCountAtMs = null;
    camera.sight = null;
    camera.state = { phase: 'waiting', problem, nextTryAtMs: Date.now() + retryPauseMs({ sensorId: camera.sensorId, attempt: camera.attempt, problem }) };
    if (camera.problemLogged !== problem.code) { log.warn({ sensorId: camera.sensorId, problem: problem.code, detail: problem.detail }, 'camera is not counted'); camera.problemLogged = problem.code; }
    void tell(camera);
  }

  function closeSession(camera: Camera, problem: ProblemNote | null): void {
    if (camera.state.phase !== 'connecting' && camera.state.phase !== 'counting') return;
    if (camera.state.closingSinceMs !== null) return;
    camera.state.closingSinceMs = Date.now();
    camera.state.closeProblem = problem;
    camera.state.host.process.send({ type: 'close', sessionId: camera.state.sessionId });
  }

  function keepCounters(camera: Camera): void {
    if (camera.last === null) return;
    for (const key of ['framesDecoded', 'framesCounted', 'framesDropped'] as const) camera.before[key] += camera.last[key];
    camera.last = null;
  }

  // --- every quarter of a second: who is stuck, who is due

  async function watch(): Promise<void> {
    const nowMs = Date.now();
    // We were stopped ourselves: hosts were not silent, we were deaf.
    if (nowMs - watchedAtMs > 2000) believeFromMs = nowMs + 2000;
    watchedAtMs = nowMs;
    if (nowMs < believeFromMs) return;
    for (const host of hosts) {
      if (host.gone) continue;
      if (!host.ready ? nowMs - host.process.startedAtMs > HOST_READY_WITHIN_MS : nowMs - host.process.heardAtMs() > HOST_SILENT_MOST_MS) {
        log.warn({ hostPid: host.process.pid }, 'a media host does not answer and is killed');
        host.process.kill();
        continue;
      }
      if (host.process.rssBytes() > settings.mediaHostMemoryMostMB * 1e6) {
        log.warn({ hostPid: host.process.pid, memoryMB: Math.round(host.process.rssBytes() / 1e6) }, 'a media host has grown over its limit and is started again');
        host.blameless = true;
        host.process.kill();
        continue;
      }
      if (host.sessions.size === 0 && !host.blameless && nowMs - host.idleSinceMs > HOST_IDLE_MS) { host.blameless = true; void host.process.end(1200); continue; }
      for (const [sessionId, camera] of host.sessions) {
        const state = camera.state;
        if ((state.phase !== 'connecting' && state.phase !== 'counting') || state.sessionId !== sessionId) continue;
        if (state.closingSinceMs !== null) {
          if (nowMs - state.closingSinceMs > SESSION_END_WITHIN_MS && host.ready) { host.culprit = camera.sensorId; log.warn({ sensorId: camera.sensorId, hostPid: host.process.pid }, 'a session does not end; its media host is killed'); host.process.kill(); }
          continue;
        }
        // Opening has its own limit inside the host and a little more here.
        const patienceMs = settings.noProgressMs + (state.counters === null || state.phase === 'connecting' ? 3000 : 0);
        if (nowMs - Math.max(state.sinceMs, state.counters?.progressAtMs ?? 0) > patienceMs && host.ready) closeSession(camera, problemNote(state.phase === 'connecting' ? 'cameraUnreachable' : 'cameraSilent', {}, `no picture for ${patienceMs / 1000} s`));
      }
    }
    for (const camera of cameras.values()) {
      if (!camera.source.sensor.enabled) {
        if (camera.state.phase === 'connecting' || camera.state.phase === 'counting') closeSession(camera, null);
        else if (camera.state.phase !== 'off') { camera.state = { phase: 'off' }; void tell(camera); }
      } else startDue(camera, nowMs);
    }
  }

  function startDue(camera: Camera, nowMs: number): void {
    if (camera.source.sensor.enabled && camera.state.phase === 'waiting' && camera.state.nextTryAtMs <= nowMs) open(camera);
  }

  function judgeLoads(nowMs: number): void {
    for (const host of hosts) {
      const loads = [...host.sessions.values()].flatMap((camera) => {
        if (camera.state.phase !== 'counting' || camera.state.host !== host || camera.state.counters === null) return [];
        const { framesChosen, framesDropped, framesDecoded } = camera.state.counters, before = camera.loadBefore;
        camera.loadBefore = { chosen: framesChosen, dropped: framesDropped, decoded: framesDecoded, atMs: nowMs };
        if (before === null || nowMs <= before.atMs) return [];
        return [{ sensorId: camera.sensorId, framesChosen: framesChosen - before.chosen, framesDropped: framesDropped - before.dropped, decodedPerS: (framesDecoded - before.decoded) * 1000 / (nowMs - before.atMs), framesUsed: camera.framesUsed }];
      });
      const judged = judgeLoad(host.load, loads, settings.overload, nowMs);
      host.load = judged.state;
      for (const { sensorId, framesUsed } of judged.changes) {
        const camera = cameras.get(sensorId);
        if (camera === undefined || camera.state.phase !== 'counting') continue;
        camera.framesUsed = framesUsed;
        log.warn({ sensorId, framesUsed }, framesUsed === 'keyframes' ? 'too many frames are dropped: only key frames are counted' : 'all frames are counted again');
        host.process.send({ type: 'framesUsed', sessionId: camera.state.sessionId, framesUsed });
      }
    }
  }

  // --- what becomes of a count

  function onCounted(camera: Camera, { capturedAtMs, heardAtMs, pictureAspect, masksVersion, imageCells, peoplePerImageCell, spreadPerImageCell, peopleInPicture, motion, sight }: Extract<FromHost, { type: 'counted' }>): void {
    camera.peopleInPicture = peopleInPicture;
    camera.lastCountAtMs = heardAtMs;
    const fault = sight?.fault ?? null, faultBefore = camera.sight?.fault ?? null;
    camera.sight = sight;
    if (fault !== faultBefore) {
      log.info({ sensorId: camera.sensorId, fault: fault ?? 'none', measures: sight?.measures }, fault === null ? 'its picture can be counted from again' : 'its picture cannot be counted from');
      void tell(camera);
    }
    const { sensor } = camera.source, { calibration } = sensor, grid = grids.get(sensor.siteId);
    if (calibration === null || grid === undefined) { camera.doubts.shape = camera.doubts.placing = null; tellSlopes(camera, null, ''); return; }
    // Counted before the host heard of the newest masks: what lies under them now may be in it.
    if (masksVersion !== masksVersionOf(sensor)) return;
    const made = projectionOf(camera, grid, imageCells);
    camera.doubts.placing = made.ok ? null : made.problem;
    const { key, slopes } = camera.projection!;
    tellSlopes(camera, slopes, key);
    if (!made.ok) return;
    const shapeOff = Math.abs(pictureAspect / calibration.pictureAspect - 1) > ASPECT_OFF_MOST_SHARE;
    camera.doubts.shape = shapeOff ? problemNote('pictureShapeChanged') : null;
    const spread = calibratedSpread({ people: peoplePerImageCell, spread: spreadPerImageCell, columns: imageCells.columns, cellPx: card.stridePx }, card.errorModel);
    const projected = projectPeople(made.projection, peoplePerImageCell, spread);
    // What cannot be counted from is unknown, whatever the detector made of it.
    if (shapeOff || fault !== null) for (const raster of [projected.densityCodes, projected.errorCodes]) raster.fill(DENSITY_CODE_UNKNOWN);
    const reading: Reading = {
      siteId: sensor.siteId, sensorId: sensor.sensorId, epoch: camera.lease.fence, seq: ++camera.seq, capturedAtMs: Math.max(0, capturedAtMs), heardAtMs,
      calibrationVersion: calibration.version, modelId: card.name, peopleInPicture, fault, ...projected,
      flow: motion === null || slopes === null || shapeOff || fault !== null ? null : projectMotion(made.projection, slopes, motion, peoplePerImageCell),
    };
    readingsMade++;
    // The log of inputs first: a screen must not show for long what the decider never saw.
    void publish(() => bus.append(topics.inputs(sensor.siteId), encodeInput({ type: 'reading', reading })), true);
    void publish(() => bus.publish(topics.readings, encodeReading(reading)));
  }

  function projectionOf(camera: Camera, grid: GridSpec, imageCells: ImageCells) {
    const calibration = camera.source.sensor.calibration!;
    const polygons = camera.source.sensor.masks?.polygons ?? [], key = JSON.stringify([calibration, grid, imageCells, polygons]);
    if (camera.projection?.key !== key) {
      const { columns, rows, cellWidthShare, cellHeightShare } = imageCells, masked = polygons.length === 0 ? null : maskedCells(polygons, { columns, rows, across: 1 / cellWidthShare, down: 1 / cellHeightShare });
      const made = groundProjection({ grid, calibration, imageCells: { ...imageCells, cellPx: card.stridePx }, errorModel: card.errorModel, masked });
      camera.projection = { key, made, slopes: made.ok ? motionSlopes(calibration, imageCells) : null };
      if (!made.ok) log.warn({ sensorId: camera.sensorId, problem: made.problem.code }, 'this placing cannot be used');
    }
    return camera.projection.made;
  }

  /** Worked out anew only when the placing, the grid or an outline has changed: it takes some ten milliseconds. */
  function needOf(camera: Camera): AnalysisNeed | null {
    const { siteId, calibration } = camera.source.sensor, grid = grids.get(siteId), zones = zonesOf.get(siteId) ?? [];
    if (calibration === null || grid === undefined) { camera.need = { key: '', need: null }; return null; }
    const key = JSON.stringify([calibration, grid, zones]);
    if (camera.need.key !== key) camera.need = { key, need: analysisNeed({ calibration, grid, zones }) };
    return camera.need.need;
  }
  function tellNeed(camera: Camera): void {
    const before = camera.need.need, need = needOf(camera);
    if (need === before || (camera.state.phase !== 'connecting' && camera.state.phase !== 'counting')) return;
    camera.state.host.process.send({ type: 'need', sessionId: camera.state.sessionId, need });
  }

  /** A host compares with the view of the present placing, or makes its mark where there is none yet: placed anew, or confirmed as it is. */
  function tellView(camera: Camera): void {
    if (camera.state.phase !== 'connecting' && camera.state.phase !== 'counting') return;
    const { sessionId } = camera.state, { sensor, viewMark } = camera.source, version = sensor.calibration?.version ?? null, edges = viewMark?.edgesBase64 ?? (version === null ? null : ''), told = camera.viewTold;
    if (told !== null && told.sessionId === sessionId && told.version === version && told.edges === edges) return;
    camera.viewTold = { sessionId, version, edges };
    camera.state.host.process.send({ type: 'viewMark', sessionId, mark: viewMark, takeFor: viewMark === null ? version : null });
  }

  async function keepView(camera: Camera, mark: ViewMark): Promise<void> {
    const told = camera.viewTold;
    try {
      if (!(await store.keepViewMark(camera.sensorId, mark))) return;
      if (camera.viewTold !== told || told === null) return;
      // The host has it already.
      camera.viewTold = { ...told, edges: mark.edgesBase64 };
      camera.source = { ...camera.source, viewMark: mark };
      log.info({ sensorId: camera.sensorId, placing: mark.calibrationVersion }, 'the view of this placing is known');
    } catch {
      // The store is down or the camera is gone: asked for again when the list of cameras is next read.
      camera.viewTold = null;
    }
  }

  /** Motion is measured only where a host knows how far people can move in the picture. */
  function tellSlopes(camera: Camera, slopes: MotionSlopes | null, key: string): void {
    if (camera.state.phase !== 'connecting' && camera.state.phase !== 'counting') return;
    const { host, sessionId } = camera.state, told = `${sessionId} ${key}`;
    if (camera.slopesTold === told) return;
    camera.slopesTold = told;
    host.process.send({ type: 'placing', sessionId, slopes });
  }

  /** Never throws, never waits in line: a bus that is down or slow costs readings, which are counted, and never memory. */
  async function publish(work: () => Promise<unknown>, isReading = false): Promise<void> {
    if (!bus.isUp() || publishing >= PUBLISHING_MOST) { if (isReading) readingsDropped++; return; }
    publishing++;
    try { await work(); } catch { if (isReading) readingsDropped++; } finally { publishing--; }
  }

  // --- what is told

  async function tellAll(): Promise<void> {
    judgeLoads(Date.now());
    await Promise.all([...cameras.values()].map((camera) => tell(camera)));
  }

  async function tell(camera: Camera): Promise<void> {
    const bytes = bytesOf(statusOf(camera));
    await Promise.all([
      publish(() => bus.publish(topics.sensorStatus, bytes)),
      publish(() => bus.putLatest(topics.sensorStatusOf(camera.sensorId), bytes, STATUS_KEPT_MS)),
    ]);
  }

  function statusOf(camera: Camera): SensorStatus {
    const { state, last, before, doubts } = camera;
    const overloaded = camera.framesUsed === 'keyframes' && settings.overload === 'auto' ? problemNote('overloaded') : null;
    const fault = camera.sight?.fault ?? null, sightDoubt = fault === null ? null : problemNote(PICTURE_PROBLEM[fault]);
    const doubt = doubts.placing ?? doubts.shape ?? sightDoubt ?? overloaded ?? doubts.clock ?? doubts.media;
    return {
      sensorId: camera.sensorId, siteId: camera.source.sensor.siteId, epoch: camera.lease.fence, atMs: Date.now(),
      phase: state.phase === 'waiting' && state.problem === null && camera.attempt === 0 ? 'starting' : state.phase,
      problem: state.phase === 'waiting' ? state.problem : state.phase === 'off' ? null : doubt,
      nextTryAtMs: state.phase === 'waiting' && state.nextTryAtMs > 0 ? state.nextTryAtMs : null, attempt: camera.attempt,
      stream: camera.stream, clockSkewMs: last?.clockSkewMs ?? null, clock: last?.clock ?? 'ours', framesUsed: camera.framesUsed,
      framesDecoded: before.framesDecoded + (last?.framesDecoded ?? 0), framesCounted: before.framesCounted + (last?.framesCounted ?? 0), framesDropped: before.framesDropped + (last?.framesDropped ?? 0),
      countMs: last?.countMs ?? null, analysis: camera.analysis, sight: state.phase === 'counting' ? camera.sight : null, lastFrameAtMs: last?.lastFrameAtMs ?? null,
      // A number that nobody counted lately is no number.
      peopleInPicture: state.phase === 'counting' && fault === null && camera.lastCountAtMs !== null && Date.now() - camera.lastCountAtMs < 10_000 ? camera.peopleInPicture : null,
      placed: camera.source.sensor.calibration !== null,
    };
  }

  async function lookForPictures(): Promise<void> {
    if (!bus.isUp()) return;
    await Promise.all([...cameras.values()].map(async (camera) => {
      const { sensorId } = camera, [wanted, unmasked, still] = await Promise.all([topics.pictureWanted(sensorId), topics.unmaskedWanted(sensorId), topics.stillWanted(sensorId)].map((key) => bus.getLatest(key).catch(() => null)));
      if (camera.state.phase !== 'counting') return;
      const { host, sessionId } = camera.state;
      if (wanted !== null) host.process.send({ type: 'wantPicture', sessionId, unmasked: false });
      if (unmasked !== null) host.process.send({ type: 'wantPicture', sessionId, unmasked: true });
      const wish = still === null || still === undefined ? null : checkWish(JSON.parse(Buffer.from(still).toString()));
      if (wish?.ok === true && wish.value.stillId !== camera.stillTaken && wish.value.untilMs > Date.now()) {
        camera.stillTaken = wish.value.stillId;
        host.process.send({ type: 'wantStill', sessionId, stillId: wish.value.stillId, blurred: wish.value.blurred });
      }
    }));
  }
}

/** Tries addresses in a media host of its own, a few at a time. */
function openTester({ settings, kinds, log, open }: { settings: IngestSettings; kinds: Map<string, SensorKind>; log: Logger; /** Between processes an address with its password travels sealed. */ open(words: string): string }) {
  type Waiting = (answer: { answer: SensorTestAnswer } | { problem: ProblemNote }) => void;
  const waiting = new Map<string, Waiting>(), checks = new Map<string, ReturnType<typeof checker>>();
  let host: HostProcess | null = null, idle: NodeJS.Timeout | undefined;

  return { answer, close };

  async function answer(bytes: Uint8Array): Promise<Uint8Array> {
    try { return bytesOf(await tested(JSON.parse(open(Buffer.from(bytes).toString())))); } catch (error) {
      return bytesOf({ problem: error instanceof Problem ? error.note : problemNote('internal', {}, (error as Error).message) });
    }
  }
  async function tested(body: unknown): Promise<{ answer: SensorTestAnswer } | { problem: ProblemNote }> {
    const checked = checkTestBody(body);
    if (!checked.ok) throw new Problem('inputWrong', { reason: checked.faults.map((fault) => `${fault.path} ${fault.says}`).join('; ') });
    const kind = kinds.get(checked.value.kind);
    if (kind === undefined) throw new Problem('inputWrong', { reason: `no kind of sensor is named ${checked.value.kind}` });
    if (!checks.has(kind.kind)) checks.set(kind.kind, checker(kind.settings));
    const fits = checks.get(kind.kind)!(checked.value.settings);
    if (!fits.ok) throw new Problem('inputWrong', { reason: fits.faults.map((fault) => `${fault.path} ${fault.says}`).join('; ') });
    const source = kind.source(fits.value);
    if (waiting.size >= settings.testsAtOnce) throw new Problem('tooMany', { most: settings.testsAtOnce });
    const testId = randomUUID(), running = hostNow();
    const overdue = setTimeout(() => running.kill(), TEST_WITHIN_MS + SESSION_END_WITHIN_MS);
    try {
      return await new Promise((done) => {
        waiting.set(testId, done);
        running.send({ type: 'test', testId, source, masks: checked.value.masks ?? [], withinMs: TEST_WITHIN_MS });
      });
    } finally {
      clearTimeout(overdue);
      waiting.delete(testId);
      if (waiting.size === 0) idle = setTimeout(() => { void host?.end(1200); }, TEST_HOST_IDLE_MS).unref();
    }
  }
  function hostNow(): HostProcess {
    clearTimeout(idle);
    if (host !== null) return host;
    const started = host = startHostProcess({
      modelCard: settings.modelCard, cameraNetworks: settings.cameraNetworks, runAs: mediaHostUser(settings.mediaHostUser), streamsMost: settings.testsAtOnce * 2,
      onMessage(message) {
        if (message.type === 'tested') {
          const { stream, clockSkewMs, firstPictureMs, pictureJpeg } = message;
          waiting.get(message.testId)?.({ answer: { stream, clockSkewMs, firstPictureMs, pictureJpegBase64: Buffer.from(pictureJpeg).toString('base64') } });
        } else if (message.type === 'testFailed') waiting.get(message.testId)?.({ problem: message.problem });
      },
    });
    void started.exited.then(({ how }) => {
      if (host === started) host = null;
      if (waiting.size > 0) log.warn({ hostPid: started.pid, how }, 'the media host that tried an address died');
      for (const done of waiting.values()) done({ problem: problemNote('mediaHostDied') });
    });
    return started;
  }
  async function close(): Promise<void> { clearTimeout(idle); await host?.end(1200); }
}

const checkTestBody = checker(strictObject({ ...SensorTestBody.properties, masks: Type.Optional(MaskPolygons) })), checkWish = checker(StillWish);
const PICTURE_PROBLEM: Record<PictureFault, ProblemCode> = {
  moved: 'cameraMoved', frozen: 'pictureFrozen', dark: 'pictureDark', overexposed: 'pictureOverexposed', covered: 'pictureCovered', blurred: 'pictureBlurred', fogged: 'pictureFogged',
};
const noDoubts = (): Doubts => ({ shape: null, clock: null, media: null, placing: null });
const newCamera = (source: SensorSource, lease: Lease): Camera => ({
  sensorId: source.sensor.sensorId, source, lease, state: { phase: 'waiting', problem: null, nextTryAtMs: 0 }, attempt: 0, seq: 0, stream: null, analysis: null, peopleInPicture: null, lastCountAtMs: null,
  before: { framesDecoded: 0, framesCounted: 0, framesDropped: 0 }, last: null, framesUsed: 'all', loadBefore: null, doubts: noDoubts(), suspicions: [], projection: null, slopesTold: '', need: { key: '', need: null }, sight: null, viewTold: null, stillTaken: '', problemLogged: null,
});
const isCurrent = (camera: Camera, sessionId: string) => (camera.state.phase === 'connecting' || camera.state.phase === 'counting') && camera.state.sessionId === sessionId;
/** What, when it changes, means opening the camera again; a new name or placing does not. */
const openedBy = ({ sensor, settings }: SensorSource) => JSON.stringify([sensor.kind, settings, sensor.enabled]);
const bytesOf = (value: unknown): Uint8Array => new Uint8Array(Buffer.from(JSON.stringify(value)));
const within = (ms: number, work: Promise<unknown>) => Promise.race([work, new Promise((done) => { setTimeout(done, ms).unref(); })]);

/** "+1 h 00 min", "-12 s". */
function spanWords(ms: number): string {
  const s = Math.round(Math.abs(ms) / 1000), sign = ms < 0 ? '-' : '+';
  return s < 120 ? `${sign}${s} s` : s < 7200 ? `${sign}${Math.round(s / 60)} min` : s < 172_800 ? `${sign}${Math.round(s / 3600)} h` : `${sign}${Math.round(s / 86_400)} d`;
}

/** Runs `work` every `everyMs`, one at a time, and at once when asked. */
function loop(everyMs: number, work: () => Promise<void>): { now(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined, running = false, again = false, stopped = false;
  const run = async () => {
    if (stopped) return;
    if (running) { again = true; return; }
    clearTimeout(timer);
    running = true;
    again = false;
    try { await work(); } finally {
      running = false;
      if (!stopped) timer = setTimeout(() => void run(), again ? 0 : everyMs);
    }
  };
  timer = setTimeout(() => void run(), 0);
  return { now: () => void run(), stop() { stopped = true; clearTimeout(timer); } };
}
