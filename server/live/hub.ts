// Every open screen of this process. One subscription to the bus serves them all; each message is made into bytes once.
// Events come from PostgreSQL, in order, never from the bus: the bus only wakes the hub. Newest wins for everything else.
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { eventMessage, type LiveMessage } from '../../contract/live.ts';
import type { ScreenNotice } from '../../contract/notice.ts';
import { decodeReading } from '../../contract/reading.ts';
import { topics, type Bus, type Unsubscribe } from '../../store/bus/bus.ts';
import type { Store } from '../../store/store.ts';
import { frame } from './frame.ts';
import { isStalled, tooSlow, write, type Outbox } from './outbox.ts';

/** A screen that missed more events than this fetches the overview anew. */
export const REPLAYED_MOST = 5000;
const PAGE = 500;
/** Screens that read the record at the same time; the others wait in line. After a restart all come at once. */
const CATCHING_UP_AT_ONCE = 4;
/** A screen that knows no event yet gets those of this last while: none can fall between its overview and its connection. */
const FIRST_LOOK_BACK_S = 30;
/** Newest-wins messages older than this are no news for a screen that connects. */
const NEWEST_KEPT_MS = 60_000;
const NOTICES_KEPT_MOST = 2000;

export type Hub = {
  /** Null when one more screen from this address may come, otherwise how many there may be. */
  full(address: string): number | null;
  accept(ws: WebSocket, socket: Socket, address: string, afterSeq: number): void;
  figures(): HubFigures;
  close(): Promise<void>;
};
export type HubFigures = { screens: number; eventsSent: number; readingsDropped: number; screensClosedSlow: number; messagesBroken: number; lastSeq: number };

type HubParts = { store: Store; bus: Bus; log: Logger; buildId: string; screensMost: number; screensPerAddressMost: number };

export async function startHub({ store, bus, log, buildId, screensMost, screensPerAddressMost }: HubParts): Promise<Hub> {
  const screens = new Set<Outbox>();
  const perAddress = new Map<string, number>();
  const newest = new Map<string, { frames: Buffer; atMs: number }>();
  const figures = { eventsSent: 0, readingsDropped: 0, screensClosedSlow: 0, messagesBroken: 0 };
  let closed = false;

  // --- the record: woken by the bus, and once a second in case a wake-up was lost
  let readSeq = await store.lastSeq();
  /** The newest event that all live screens have. */
  let flushedSeq = readSeq;
  const seqEachSecond: number[] = [readSeq];
  let pendingEvents: { seq: number; frames: Buffer }[] = [];
  let pumping: Promise<void> | null = null, wakeAgain = false;
  let recordFails = false;

  function wake(): void {
    if (closed) return;
    if (pumping !== null) { wakeAgain = true; return; }
    pumping = pump().finally(() => { pumping = null; if (wakeAgain) { wakeAgain = false; wake(); } });
  }
  async function pump(): Promise<void> {
    try {
      for (;;) {
        const events = await store.eventsAfter(readSeq, PAGE);
        for (const recorded of events) {
          pendingEvents.push({ seq: recorded.seq, frames: frame('text', JSON.stringify(eventMessage(recorded))) });
          readSeq = recorded.seq;
        }
        if (events.length > 0) flushSoon();
        if (recordFails) { recordFails = false; tellHealth(); }
        if (events.length < PAGE || closed) return;
        // A long backlog goes out page by page, so that it never lies in memory whole.
        await new Promise((done) => setImmediate(done));
      }
    } catch (error) {
      if (!recordFails) { recordFails = true; log.warn({ err: error }, 'screens: the record cannot be read; tried again each second'); tellHealth(); }
    }
  }

  // --- newest wins
  let changed = new Set<string>();
  function put(key: string, frames: Buffer): void {
    newest.delete(key); // so that the oldest are first
    newest.set(key, { frames, atMs: Date.now() });
    changed.add(key);
    flushSoon();
  }
  /** Each is a message of its own; a storm of them must not fill the memory: the oldest give way, and stay in the list of incidents. */
  const noticeKeys: string[] = [];
  function putNotice(notice: ScreenNotice): void {
    const key = `notice:${notice.noticeId}`;
    if (!newest.has(key)) noticeKeys.push(key);
    put(key, text({ type: 'notice', notice }));
    while (noticeKeys.length > NOTICES_KEPT_MOST) { const oldest = noticeKeys.shift()!; if (!changed.has(oldest)) newest.delete(oldest); }
  }
  const broken = () => { figures.messagesBroken++; };
  const fromJson = (bytes: Uint8Array, use: (value: any) => void) => {
    try { use(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())); } catch { broken(); }
  };
  const text = (message: LiveMessage) => frame('text', JSON.stringify(message));

  const subscriptions: Unsubscribe[] = await Promise.all([
    bus.subscribe(topics.events, wake),
    bus.subscribe(topics.readings, (bytes) => {
      const reading = decodeReading(bytes);
      if (reading === null) broken(); else put(`reading:${reading.sensorId}`, frame('binary', bytes));
    }),
    bus.subscribe(topics.zones, (bytes) => fromJson(bytes, (message) => put(`zones:${message.siteId}`, frame('text', bytes)))),
    bus.subscribe(topics.sensorStatus, (bytes) => fromJson(bytes, (status) => put(`sensor:${status.sensorId}`, text({ type: 'sensors', serverAtMs: Date.now(), statuses: [status] })))),
    bus.subscribe(topics.unitsChanged, (bytes) => fromJson(bytes, (version) => put('units', text({ type: 'unitsChanged', version })))),
    bus.subscribe(topics.notices, (bytes) => fromJson(bytes, (notice) => putNotice(notice))),
    bus.subscribe(topics.siteChanged, (bytes) => fromJson(bytes, ({ siteId, version }) => put(`site:${siteId}`, text({ type: 'siteChanged', siteId, version })))),
  ]);

  function troubles(): string[] {
    const trouble = store.trouble() ?? (!store.isUp() || recordFails ? 'databaseDown' : null);
    return [...(trouble === null ? [] : [trouble]), ...(bus.isUp() ? [] : ['busDown'])];
  }
  let healthTold = '[]';
  function tellHealth(): void {
    const problems = troubles();
    const words = JSON.stringify(problems);
    if (words === healthTold || closed) return;
    healthTold = words;
    put('health', text({ type: 'health', problems }));
  }
  // What was published while the bus was away is lost; events are not, they are in the record.
  const unwatch = [store.onChange(() => { tellHealth(); wake(); }), bus.onChange(() => { tellHealth(); wake(); })];

  // --- to all screens: at once when it is quiet, together when much comes
  let flushTimer: NodeJS.Timeout | null = null, flushedAtMs = 0, flushTookMs = 0;
  function flushSoon(): void {
    if (flushTimer !== null || closed) return;
    // A flush may take a fifth of the time; more screens make it rarer, not the process slower.
    const everyMs = Math.min(100, Math.max(20, 5 * flushTookMs));
    flushTimer = setTimeout(flush, Math.max(0, flushedAtMs + everyMs - performance.now()));
  }
  function flush(): void {
    flushTimer = null;
    const startedAtMs = performance.now();
    const events = pendingEvents, keys = changed;
    pendingEvents = []; changed = new Set();
    const eventFrames = Buffer.concat(events.map((event) => event.frames));
    const readingKeys = [...keys].filter((key) => key.startsWith('reading:'));
    const both = Buffer.concat([eventFrames, ...[...keys].map((key) => newest.get(key)?.frames ?? Buffer.alloc(0))]);
    for (const outbox of screens) {
      if (outbox.phase === 'closed') continue;
      if (outbox.phase === 'catchingUp' || isStalled(outbox)) {
        for (const key of readingKeys) if (outbox.missed.has(key)) { outbox.readingsDropped++; figures.readingsDropped++; }
        for (const key of keys) outbox.missed.add(key);
        if (outbox.phase === 'live' && events.length > 0) writeEvents(outbox, events, eventFrames);
        continue;
      }
      if (events.length === 0 || outbox.sentSeq < events[0]!.seq) {
        write(outbox, both);
        if (events.length > 0) { outbox.sentSeq = events.at(-1)!.seq; figures.eventsSent += events.length; }
      } else {
        writeEvents(outbox, events, eventFrames);
        write(outbox, both.subarray(eventFrames.length));
      }
      if (outbox.missed.size > 0) writeMissed(outbox, keys);
    }
    if (events.length > 0) flushedSeq = events.at(-1)!.seq;
    flushedAtMs = performance.now();
    flushTookMs = flushedAtMs - startedAtMs;
  }
  /** A screen may be ahead of the hub: its overview was read from the record a moment before. */
  function writeEvents(outbox: Outbox, events: { seq: number; frames: Buffer }[], all: Buffer): void {
    const news = events.filter((event) => event.seq > outbox.sentSeq);
    if (news.length === 0) return;
    write(outbox, news.length === events.length ? all : Buffer.concat(news.map((event) => event.frames)));
    outbox.sentSeq = news.at(-1)!.seq;
    figures.eventsSent += news.length;
  }
  function writeMissed(outbox: Outbox, justSent?: Set<string>): void {
    const frames = [...outbox.missed].filter((key) => !justSent?.has(key)).map((key) => newest.get(key)?.frames).filter((one) => one !== undefined);
    outbox.missed.clear();
    if (frames.length > 0) write(outbox, Buffer.concat(frames));
  }

  // --- one screen
  let inLine: (() => void)[] = [], reading = 0;
  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (reading >= CATCHING_UP_AT_ONCE) await new Promise<void>((go) => inLine.push(go)); else reading++;
    try { return await work(); } finally { const next = inLine.shift(); if (next) next(); else reading--; }
  }
  async function catchUp(outbox: Outbox): Promise<void> {
    for (let attempt = 0; outbox.phase === 'catchingUp' && !closed;) {
      if (outbox.sentSeq >= flushedSeq) {
        outbox.phase = 'live';
        writeMissed(outbox);
        return;
      }
      if (isStalled(outbox)) { await pause(50); continue; }
      try {
        const events = await inTurn(() => store.eventsAfter(outbox.sentSeq, PAGE));
        // Events that the record has given up (retention) are not waited for.
        if (events.length === 0) { outbox.sentSeq = Math.max(outbox.sentSeq, flushedSeq); continue; }
        write(outbox, Buffer.concat(events.map((recorded) => frame('text', JSON.stringify(eventMessage(recorded))))));
        outbox.sentSeq = events.at(-1)!.seq;
        figures.eventsSent += events.length;
        attempt = 0;
      } catch {
        // The record is away; so it is for every screen, and health says so.
        await pause(Math.min(5000, 250 * 2 ** Math.min(attempt++, 5)));
      }
    }
  }
  function accept(ws: WebSocket, socket: Socket, address: string, afterSeq: number): void {
    ws.on('error', () => ws.terminate());
    if (closed) { ws.close(1001); return; }
    if (afterSeq <= readSeq) { begin(ws, socket, address, afterSeq, readSeq); return; }
    // Ahead of this hub: its overview was read a moment before the hub's next look, or the record is another one (restored, begun anew).
    void store.lastSeq().then((lastSeq) => begin(ws, socket, address, afterSeq, lastSeq), () => ws.close(1013, 'the record is away'));
  }
  function begin(ws: WebSocket, socket: Socket, address: string, afterSeq: number, lastSeq: number): void {
    if (closed || ws.readyState !== ws.OPEN) { ws.close(1001); return; }
    const startOver = afterSeq > 0 && (lastSeq - afterSeq > REPLAYED_MOST || afterSeq > lastSeq);
    const sentSeq = startOver ? lastSeq : afterSeq === 0 ? seqEachSecond[0]! : afterSeq;
    const outbox: Outbox = { ws, socket, address, phase: 'catchingUp', sentSeq, missed: new Set([...newest.keys()].filter((key) => !key.startsWith('site:') && key !== 'health')), stalledSinceMs: null, lastPongAtMs: Date.now(), readingsDropped: 0 };
    screens.add(outbox);
    perAddress.set(address, (perAddress.get(address) ?? 0) + 1);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 10_000);
    ws.on('pong', () => { outbox.lastPongAtMs = Date.now(); });
    ws.once('close', () => forget(outbox));
    write(outbox, text({ type: 'hello', serverAtMs: Date.now(), lastSeq, buildId, startOver }));
    const problems = troubles();
    if (problems.length > 0) write(outbox, text({ type: 'health', problems }));
    void catchUp(outbox);
  }
  function forget(outbox: Outbox): void {
    if (!screens.delete(outbox)) return;
    outbox.phase = 'closed';
    outbox.missed.clear();
    const left = (perAddress.get(outbox.address) ?? 1) - 1;
    if (left === 0) perAddress.delete(outbox.address); else perAddress.set(outbox.address, left);
  }

  let seconds = 0;
  const beat = setInterval(() => {
    const nowMs = Date.now();
    wake();
    tellHealth();
    seqEachSecond.push(flushedSeq);
    if (seqEachSecond.length > FIRST_LOOK_BACK_S) seqEachSecond.shift();
    for (const [key, { atMs }] of newest) { if (nowMs - atMs <= NEWEST_KEPT_MS) break; newest.delete(key); }
    const quiet = text({ type: 'beat', serverAtMs: nowMs, readingsDropped: 0 });
    const asksForPong = ++seconds % 10 === 0;
    for (const outbox of screens) {
      const because = tooSlow(outbox, nowMs);
      if (because !== null) {
        figures.screensClosedSlow++;
        log.info({ because, address: outbox.address, unsentBytes: outbox.socket.writableLength }, 'a screen that cannot keep up was closed; it resumes when it returns');
        // A close frame would wait behind what it does not read.
        outbox.ws.terminate();
        forget(outbox);
        continue;
      }
      if (asksForPong && outbox.ws.readyState === outbox.ws.OPEN) outbox.ws.ping();
      if (isStalled(outbox)) continue;
      write(outbox, outbox.readingsDropped === 0 ? quiet : text({ type: 'beat', serverAtMs: nowMs, readingsDropped: outbox.readingsDropped }));
      if (outbox.phase === 'live' && outbox.missed.size > 0) writeMissed(outbox);
    }
  }, 1000);

  return {
    full: (address) => screens.size >= screensMost ? screensMost : (perAddress.get(address) ?? 0) >= screensPerAddressMost ? screensPerAddressMost : null,
    accept,
    figures: () => ({ ...figures, screens: screens.size, lastSeq: flushedSeq }),
    async close() {
      closed = true;
      clearInterval(beat);
      if (flushTimer !== null) { clearTimeout(flushTimer); flush(); }
      for (const stop of unwatch) stop();
      await Promise.allSettled(subscriptions.map((unsubscribe) => unsubscribe()));
      await pumping;
      for (const outbox of screens) { outbox.ws.close(1001, 'the server stops'); setTimeout(() => outbox.ws.terminate(), 500).unref(); }
      for (const go of inLine) go();
      inLine = [];
    },
  };
}
