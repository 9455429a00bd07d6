// The media host: a child process that opens cameras and touches hostile bytes. It knows no database, no bus and no secret but its cameras' addresses; it talks
// to its parent alone, and what leaves it is people per image cell. It may crash: only its cameras pause.
import { Log, type Frame } from 'node-av/lib';
import * as C from 'node-av/constants';
import { Problem, problemNote, type ProblemNote } from '../../contract/problem.ts';
import type { StreamFacts } from '../../contract/sensorStatus.ts';
import { cameraNetwork, type Network } from '../../config/network.ts';
import { openDensityNet, type Detector } from '../detectors/densityNet.ts';
import { USUAL_PIXELS } from './analysisSize.ts';
import { stillJpeg } from './blurStill.ts';
import { frameMasker, type FrameMasker } from './masker.ts';
import type { Analysis, FromHost, SessionCounters, ToHost } from './messages.ts';
import { motionMeter, type MotionMeter } from './motion.ts';
import { analysisScaler, previewJpeg } from './pictures.ts';
import { sightJudge, type SightJudge } from './sight.ts';
import { lumaPlaneOf, lumaSampler } from './sightLuma.ts';
import { freeChosen, openSession, type ChosenFrame, type Session } from './session.ts';
import { countPicture, type PictureCount } from './tiles.ts';

const BEAT_MS = 500;
/** More messages than this wait for a parent that does not read: counts are dropped and counted from there on. */
const MESSAGES_WAITING_MOST = 100;
const STILLS_WAITING_MOST = 4;
const CARD_WIDTH_MOST_PX = 960, STILL_WIDTH_MOST_PX = 1920, TEST_WIDTH_MOST_PX = 1280;
/** A test waits this long after its first picture for the camera's clock, which comes with the first sender report. */
const TEST_CLOCK_WAIT_MS = 3000;

type Held = {
  session: Session; scaler: ReturnType<typeof analysisScaler> | null;
  /** Null while nobody has said how the ground lies in its picture. */
  motion: MotionMeter | null;
  masker: FrameMasker;
  sight: SightJudge; luma: ReturnType<typeof lumaSampler>;
  /** The version of the placing that a mark of the view is wanted for. */
  markWantedFor: number | null;
  /** Newest only: what waits for the detector. */
  slot: ChosenFrame | null; slotSinceMs: number;
  stream: StreamFacts | null; analysisTold: string;
  pictureWanted: boolean; pictureAtMs: number; unmaskedWanted: boolean; unmaskedAtMs: number;
  /** Asked for and not made yet; oldest first, a few at most. */
  stills: { stillId: string; blurred: boolean }[];
  countMsSum: number; counts: number;
  open: Extract<ToHost, { type: 'open' }>;
};

// FFmpeg's own lines may hold addresses with passwords, and nobody reads them.
Log.setLevel(C.AV_LOG_QUIET);

const held = new Map<string, Held>();
const tests = new Map<string, Session>();
const spentMs = { decode: 0, scale: 0, count: 0, motion: 0 };
let network: Network = cameraNetwork([]);
let modelCard = '', detector: Promise<Detector> | null = null, detectorBusy = false, messagesWaiting = 0, messagesDropped = 0;

process.on('message', (message: ToHost) => {
  switch (message.type) {
    case 'settings': modelCard = message.modelCard; network = cameraNetwork(message.cameraNetworks); break;
    case 'open': open(message); break;
    case 'close': held.get(message.sessionId)?.session.stop(); break;
    case 'framesUsed': held.get(message.sessionId)?.session.setFramesUsed(message.framesUsed); break;
    case 'need': needed(message); break;
    case 'placing': placed(message); break;
    case 'masks': masked(message); break;
    case 'viewMark': { const one = held.get(message.sessionId); if (one) { one.sight.setMark(message.mark); one.markWantedFor = message.takeFor; } break; }
    case 'wantPicture': { const one = held.get(message.sessionId); if (one) { if (message.unmasked) one.unmaskedWanted = true; else one.pictureWanted = true; } break; }
    case 'wantStill': { const one = held.get(message.sessionId); if (one && one.stills.length < STILLS_WAITING_MOST) one.stills.push({ stillId: message.stillId, blurred: message.blurred }); break; }
    case 'test': void test(message); break;
    case 'end': void end(); break;
  }
});
// The parent is gone: no camera may be held by a process that nobody watches, and native reads may block an orderly exit.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// Ctrl-C reaches the whole group; the parent says when to end.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => void end());
setInterval(beat, BEAT_MS);
tell({ type: 'ready' });

function tell(message: FromHost): void {
  if (!process.connected) return;
  if (message.type === 'counted' && messagesWaiting > MESSAGES_WAITING_MOST) { messagesDropped++; return; }
  messagesWaiting++;
  process.send!(message, undefined, undefined, () => { messagesWaiting--; });
}

function beat(): void {
  const sessions: Record<string, SessionCounters> = {};
  for (const [sessionId, one] of held) {
    sessions[sessionId] = { ...one.session.counters, countMs: one.counts === 0 ? null : one.countMsSum / one.counts };
    // The mean of the last half minute or so, not of all time.
    if (one.counts > 60) { one.countMsSum /= 2; one.counts /= 2; }
  }
  let decode = spentMs.decode;
  for (const one of held.values()) decode += one.session.decodeMs();
  tell({ type: 'beat', rssBytes: process.memoryUsage.rss(), messagesDropped, sessions, spentMs: { ...spentMs, decode } });
}

function open(message: Extract<ToHost, { type: 'open' }>): void {
  const { sessionId } = message;
  if (held.has(sessionId)) return;
  // Loading the net takes a moment: it begins with the first camera, beside the opening.
  detector ??= openDensityNet(modelCard);
  detector.catch(() => {});
  const session = openSession({
    network, source: message.source, countsPerS: message.countsPerS, noProgressMs: message.noProgressMs, framesUsed: message.framesUsed,
    onOpened: (stream) => { one.stream = stream; tell({ type: 'opened', sessionId, stream }); },
    onSizeChanged: (stream) => { one.stream = stream; one.analysisTold = ''; },
    onDoubt: (problem) => tell({ type: 'doubt', sessionId, problem }),
    onFrame(chosen) {
      if (one.slot !== null) { freeChosen(one.slot); session.counters.framesDropped++; } else one.slotSinceMs = performance.now();
      one.slot = chosen;
      void countAll();
    },
  });
  const one: Held = { session, scaler: null, masker: frameMasker(message.masks), unmaskedWanted: false, unmaskedAtMs: 0, stills: [], sight: sightJudge(), luma: lumaSampler(), markWantedFor: null, motion: null, slot: null, slotSinceMs: 0, stream: null, analysisTold: '', pictureWanted: false, pictureAtMs: 0, countMsSum: 0, counts: 0, open: message };
  held.set(sessionId, one);
  void session.done.then(({ problem, atEnd }) => gone(sessionId, one, problem, atEnd));
}

/** From the next picture on, and for one that is being counted: it is told by the version it was made with, which nobody shows any more. */
function masked({ sessionId, masks }: Extract<ToHost, { type: 'masks' }>): void {
  const one = held.get(sessionId);
  if (one === undefined) return;
  one.masker.close();
  one.masker = frameMasker(masks);
}

/** The next picture is looked at as the new placing asks. */
function needed({ sessionId, need }: Extract<ToHost, { type: 'need' }>): void {
  const one = held.get(sessionId);
  if (one === undefined) return;
  one.open = { ...one.open, need };
  one.scaler?.close();
  one.scaler = null;
}

function placed({ sessionId, slopes }: Extract<ToHost, { type: 'placing' }>): void {
  const one = held.get(sessionId);
  if (one === undefined) return;
  one.motion?.close();
  one.motion = slopes === null ? null : motionMeter(slopes);
  one.session.setMotionGap(one.motion?.gapMs ?? null);
}

function gone(sessionId: string, one: Held, problem: ProblemNote | null, atEnd: boolean): void {
  if (held.get(sessionId) !== one) return;
  held.delete(sessionId);
  spentMs.decode += one.session.decodeMs();
  if (one.slot !== null) freeChosen(one.slot);
  one.slot = null;
  one.scaler?.close();
  one.motion?.close();
  one.masker.close();
  tell({ type: 'ended', sessionId, problem, atEnd });
}

/** One after the other, the one that waits longest first: every camera gets its turn. */
async function countAll(): Promise<void> {
  if (detectorBusy) return;
  detectorBusy = true;
  try {
    for (;;) {
      let next: [string, Held] | null = null;
      for (const entry of held) if (entry[1].slot !== null && (next === null || entry[1].slotSinceMs < next[1].slotSinceMs)) next = entry;
      if (next === null) return;
      const [sessionId, one] = next;
      const chosen = one.slot!;
      one.slot = null;
      try {
        await count(sessionId, one, chosen);
      } catch (error) {
        one.session.stop();
        gone(sessionId, one, error instanceof Problem ? error.note : problemNote('detectorBroken', { reason: 'it failed at work' }, (error as Error).message), false);
      } finally { freeChosen(chosen); }
    }
  } finally { detectorBusy = false; }
}

async function count(sessionId: string, one: Held, { frame: seen, capturedAtMs, heardAtMs, before }: ChosenFrame): Promise<void> {
  const net = await detector!;
  if (held.get(sessionId) !== one) return;
  const { masker } = one, frame = masker.filled(seen), earlier = before === null || one.motion === null ? null : masker.filled(before.frame);
  try {
    // What cannot be masked is not looked at.
    if (frame === null) { one.session.counters.framesDropped++; return; }
    await countFilled(sessionId, one, net, masker, { seen, frame, earlier: earlier === null || before === null ? null : { frame: earlier, gapMs: before.gapMs }, capturedAtMs, heardAtMs });
  } finally {
    if (frame !== null && frame !== seen) frame.free();
    if (earlier !== null && earlier !== before?.frame) earlier.free();
  }
}

/** `frame` and `earlier` have their masks filled; `seen` has not, and is for whoever was allowed to see through them alone. */
async function countFilled(sessionId: string, one: Held, net: Detector, masker: FrameMasker, { seen, frame, earlier, capturedAtMs, heardAtMs }: { seen: Frame; frame: Frame; earlier: { frame: Frame; gapMs: number } | null; capturedAtMs: number; heardAtMs: number }): Promise<void> {
  const { card } = net;
  const { need, analysisPixelsMost } = one.open;
  one.scaler ??= analysisScaler({ pixelsMost: need === null ? Math.min(analysisPixelsMost, USUAL_PIXELS) : analysisPixelsMost, need, multiplePx: card.sizeMultiplePx, stridePx: card.stridePx });
  const startedMs = performance.now();
  const picture = one.scaler.scaled(frame);
  if (picture === null) { one.session.counters.framesDropped++; return; }
  const scaledMs = performance.now();
  const { size } = picture;
  const counted = await countPicture(net, picture), hidden = masker.cells(size.imageCells);
  // Under a mask nobody is counted, whatever the net makes of its grey.
  const { peoplePerImageCell, spreadPerImageCell, peopleInPicture } = hidden === null ? counted : withoutMasked(counted, hidden);
  const countedMs = performance.now();
  spentMs.scale += scaledMs - startedMs;
  spentMs.count += countedMs - scaledMs;
  one.countMsSum += countedMs - startedMs;
  one.counts++;
  if (held.get(sessionId) !== one) return;
  one.session.counters.framesCounted++;
  const analysis: Analysis = { widthPx: size.scaledWidthPx, heightPx: size.scaledHeightPx, tiles: size.tiles.length, because: size.because, farHeadPx: size.farHeadPx }, told = JSON.stringify(analysis);
  if (one.analysisTold !== told && one.stream !== null) {
    one.analysisTold = told;
    tell({ type: 'streamChanged', sessionId, stream: one.stream, analysis });
  }
  const movedFromMs = performance.now();
  const motion = earlier === null || one.motion === null ? null : one.motion.between(earlier.frame, frame, earlier.gapMs, size.imageCells, hidden === null ? peoplePerImageCell : awayFromMasks(peoplePerImageCell, hidden, size.imageCells.columns));
  spentMs.motion += performance.now() - movedFromMs;
  const plane = lumaPlaneOf(frame), sight = plane === null ? null : one.sight.look(masker.ofLuma(one.luma(plane, size.pictureAspect)), capturedAtMs);
  tell({ type: 'counted', sessionId, capturedAtMs, heardAtMs, pictureAspect: size.pictureAspect, masksVersion: masker.version, imageCells: size.imageCells, peoplePerImageCell, spreadPerImageCell, peopleInPicture, motion, sight });
  if (one.markWantedFor !== null) {
    const mark = one.sight.markOfNow(one.markWantedFor);
    if (mark !== null) { one.markWantedFor = null; one.sight.setMark(mark); tell({ type: 'viewTaken', sessionId, mark }); }
  }
  if (one.pictureWanted && Date.now() - one.pictureAtMs >= 900) {
    one.pictureWanted = false;
    one.pictureAtMs = Date.now();
    const jpeg = previewJpeg(frame, CARD_WIDTH_MOST_PX);
    if (jpeg !== null) tell({ type: 'picture', sessionId, capturedAtMs, masksVersion: masker.version, unmasked: false, jpeg });
  }
  if (one.unmaskedWanted && Date.now() - one.unmaskedAtMs >= 900) {
    one.unmaskedWanted = false;
    one.unmaskedAtMs = Date.now();
    const jpeg = previewJpeg(seen, CARD_WIDTH_MOST_PX);
    if (jpeg !== null) tell({ type: 'picture', sessionId, capturedAtMs, masksVersion: masker.version, unmasked: true, jpeg });
  }
  const still = one.stills.shift();
  if (still !== undefined) tell({ type: 'still', sessionId, stillId: still.stillId, capturedAtMs, masksVersion: masker.version, jpeg: await stillJpeg(net, frame, { widthMostPx: STILL_WIDTH_MOST_PX, blurred: still.blurred }) });
}

function withoutMasked(counted: PictureCount, hidden: Uint8Array): PictureCount {
  let underMasks = 0;
  for (let cell = 0; cell < hidden.length; cell++) {
    if (hidden[cell] === 0) continue;
    underMasks += counted.peoplePerImageCell[cell]!;
    counted.peoplePerImageCell[cell] = 0;
    if (counted.spreadPerImageCell !== null) counted.spreadPerImageCell[cell] = 0;
  }
  return { ...counted, peopleInPicture: Math.max(0, counted.peopleInPicture - underMasks) };
}

/** For motion: the side of a mask stands still and must not be taken for somebody who does. */
function awayFromMasks(people: Float32Array, hidden: Uint8Array, columns: number): Float32Array {
  const away = people.slice(), rows = hidden.length / columns;
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
    if (hidden[row * columns + column] === 0) continue;
    for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) away[y * columns + x] = 0;
  }
  return away;
}

/** Tries an address: first picture, facts, and the camera's clock if it tells it soon. */
async function test({ testId, source, masks, withinMs }: Extract<ToHost, { type: 'test' }>): Promise<void> {
  const startedMs = performance.now();
  const masker = frameMasker(masks.length === 0 ? null : { version: 1, polygons: masks });
  let jpeg: Buffer | null = null, stream: StreamFacts | null = null, firstPictureMs = 0, overdue = false;
  const session = openSession({
    network, source, countsPerS: 10, noProgressMs: Math.min(10_000, withinMs * 0.8), framesUsed: 'all', onDoubt() {},
    onOpened: (facts) => { stream = facts; }, onSizeChanged: (facts) => { stream = facts; },
    onFrame(chosen) {
      const { frame } = chosen;
      try {
        if (jpeg !== null) return;
        const filled = masker.filled(frame);
        if (filled === null) return;
        try { jpeg = previewJpeg(filled, TEST_WIDTH_MOST_PX); } finally { if (filled !== frame) filled.free(); }
        if (jpeg === null) return;
        firstPictureMs = performance.now() - startedMs;
        const until = performance.now() + (source.transport === null ? 0 : TEST_CLOCK_WAIT_MS);
        const look = () => { if (session.counters.clockSkewMs !== null || performance.now() >= until) session.stop(); else setTimeout(look, 50); };
        look();
      } finally { freeChosen(chosen); }
    },
  });
  tests.set(testId, session);
  const timer = setTimeout(() => { overdue = true; session.stop(); }, withinMs);
  const { problem } = await session.done;
  clearTimeout(timer);
  tests.delete(testId);
  masker.close();
  if (jpeg !== null && stream !== null) tell({ type: 'tested', testId, stream, clockSkewMs: session.counters.clockSkewMs, firstPictureMs, pictureJpeg: jpeg });
  else tell({ type: 'testFailed', testId, problem: problem ?? problemNote(overdue ? 'cameraUnreachable' : 'notAVideo', {}, `no picture within ${withinMs} ms`) });
}

async function end(): Promise<void> {
  // A session that does not let go must not hold the exit.
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1000);
  const sessions = [...held.values()].map((one) => one.session).concat([...tests.values()]);
  for (const session of sessions) session.stop();
  await Promise.all(sessions.map((session) => session.done));
  process.kill(process.pid, 'SIGKILL');
}
