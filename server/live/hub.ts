// Every open screen of this process. One subscription to the bus serves them all; each message is made into bytes once, and goes to those whose scope it lies in (scoped.ts).
// Events come from PostgreSQL, in order, never from the bus: the bus only wakes the hub. Newest wins for everything else.
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { eventMessage, LIVE_SCOPE_CHANGED, LIVE_SIGNED_OUT, type LiveMessage } from '../../contract/live.ts';
import type { ScreenNotice } from '../../contract/notice.ts';
import { decodeReading } from '../../contract/reading.ts';
import { topics, type Bus, type Unsubscribe } from '../../store/bus/bus.ts';
import type { Store } from '../../store/store.ts';
import type { Principal } from '../access/principal.ts';
import type { Scopes } from '../access/scopes.ts';
import type { Sessions } from '../access/sessions.ts';
import { frame } from './frame.ts';
import { isStalled, tooSlow, write, type Outbox } from './outbox.ts';
import { eitherOf, eyesOf, isSame, NOWHERE, openPlaces, type Eyes, type Lies } from './scoped.ts';

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
/** Where incidents lay when they were last told of, so that one that goes out of sight is taken away. */
const INCIDENTS_KEPT_MOST = 20_000;
/** Where sites and cameras lie is read anew at every word of a change, and this often in case one was lost. */
const PLACES_LOOK_MS = 10_000;
const HEARD_MOST = 5;

export type Hub = {
  /** Null when one more screen from this address and of this account may come, otherwise how many there may be. */
  full(address: string, accountId: string): number | null;
  accept(ws: WebSocket, socket: Socket, address: string, afterSeq: number, principal: Principal): void;
  figures(): HubFigures;
  close(): Promise<void>;
};
export type HubFigures = { screens: number; eventsSent: number; readingsDropped: number; screensClosedSlow: number; messagesBroken: number; /** Sent by screens, which have nothing to say. */ messagesHeard: number; /** Ended because somebody signed out, or sees something else now. */ screensClosedByAccess: number; scopes: number; lastSeq: number };

type HubParts = { store: Store; bus: Bus; log: Logger; sessions: Pick<Sessions, 'again'>; scopes: Pick<Scopes, 'ready' | 'scopeOf'>; buildId: string; screensMost: number; screensPerAddressMost: number; screensPerAccountMost: number };

export async function startHub({ store, bus, log, sessions, scopes, buildId, screensMost, screensPerAddressMost, screensPerAccountMost }: HubParts): Promise<Hub> {
  const screens = new Set<Outbox>();
  const perAddress = counted(), perAccount = counted();
  /** Where a message lies is looked up when it is sent: it may have been kept since before a border moved. */
  const newest = new Map<string, { frames: Buffer; atMs: number; lies: () => Lies; /** A notice is also for the screens of the person it names. */ memberId?: string | null }>();
  const figures = { eventsSent: 0, readingsDropped: 0, screensClosedSlow: 0, messagesBroken: 0, messagesHeard: 0, screensClosedByAccess: 0 };
  let closed = false;

  // --- where things lie
  const places = openPlaces(store);
  let placing: Promise<void> | null = null, placeAgain = false, placedAtMs = 0;
  /** One look at a time; a wish meanwhile is one more look after it. */
  function placeAnew(): Promise<void> {
    if (placing !== null) { placeAgain = true; return placing; }
    return placing = (async () => {
      do {
        placeAgain = false;
        placedAtMs = performance.now();
        // To whoever saw it, or sees it now: their pages read the overview anew, which holds what is in sight.
        for (const { siteId, before, now } of await places.refresh()) put(`site:${siteId}`, text({ type: 'siteChanged', siteId, version: 0 }), () => eitherOf(before, now));
      } while (placeAgain && !closed);
    })().catch((error: unknown) => { log.warn({ err: error }, 'screens: where places lie cannot be read; tried again'); }).finally(() => { placing = null; });
  }
  await places.refresh();
  const incidentLies = new Map((await Promise.all((await store.openIncidentPlaces(INCIDENTS_KEPT_MOST)).map(async ({ incidentId, place }) => [incidentId, await places.of(place)] as const))).toReversed());
  function incidentMoves(incidentId: string, now: Lies): Lies {
    const before = incidentLies.get(incidentId) ?? now;
    incidentLies.delete(incidentId); // so that the longest untold are first
    incidentLies.set(incidentId, now);
    if (incidentLies.size > INCIDENTS_KEPT_MOST) incidentLies.delete(incidentLies.keys().next().value!);
    return before;
  }

  // --- the record: woken by the bus, and once a second in case a wake-up was lost
  let readSeq = await store.lastSeq();
  /** The newest event that all live screens have. */
  let flushedSeq = readSeq;
  const seqEachSecond: number[] = [readSeq];
  let pendingEvents: PendingEvent[] = [];
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
        const events = await store.eventsLying(readSeq, PAGE);
        for (const { recorded, place } of events) {
          const lies = await places.of(place), pending: PendingEvent = { seq: recorded.seq, frames: frame('text', JSON.stringify(eventMessage(recorded))), lies, gone: null };
          if (recorded.event.type === 'incidentChanged') {
            const { incidentId } = recorded.event, before = incidentMoves(incidentId, lies);
            if (!isSame(before, lies)) pending.gone = { lies: before, frames: text({ type: 'incidentGone', seq: recorded.seq, incidentId }) };
          }
          pendingEvents.push(pending);
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
  function put(key: string, frames: Buffer, lies: () => Lies, memberId: string | null = null): void {
    const before = newest.get(key)?.lies;
    newest.delete(key); // so that the oldest are first
    // Whoever was to hear that a site changed hears it, also when it moved on meanwhile.
    newest.set(key, { frames, atMs: Date.now(), lies: before !== undefined && key.startsWith('site:') ? heldBoth(before(), lies()) : lies, memberId });
    changed.add(key);
    flushSoon();
  }
  /** Each is a message of its own; a storm of them must not fill the memory: the oldest give way, and stay in the list of incidents. */
  const noticeKeys: string[] = [];
  async function putNotice(notice: ScreenNotice): Promise<void> {
    // For the person that it names, and the screens of their unit; one that names nobody is for whoever sees its incident.
    const { memberId, incidentId } = notice, place = memberId !== null ? await store.placeOf('member', memberId) : incidentId !== null ? await store.placeOf('incident', incidentId) : null;
    const lies = place === null ? NOWHERE : await places.of(place), key = `notice:${notice.noticeId}`;
    if (!newest.has(key)) noticeKeys.push(key);
    put(key, text({ type: 'notice', notice }), () => lies, memberId);
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
      if (reading === null) broken(); else put(`reading:${reading.sensorId}`, frame('binary', bytes), () => places.sensor(reading.sensorId));
    }),
    bus.subscribe(topics.zones, (bytes) => fromJson(bytes, ({ siteId }) => put(`zones:${siteId}`, frame('text', bytes), () => places.site(siteId)))),
    bus.subscribe(topics.sensorStatus, (bytes) => fromJson(bytes, (status) => put(`sensor:${status.sensorId}`, text({ type: 'sensors', serverAtMs: Date.now(), statuses: [status] }), () => places.sensor(status.sensorId)))),
    bus.subscribe(topics.unitsChanged, (bytes) => fromJson(bytes, (version) => { void placeAnew(); put('units', text({ type: 'unitsChanged', version }), () => 'everywhere'); })),
    bus.subscribe(topics.notices, (bytes) => fromJson(bytes, (notice) => { putNotice(notice).catch((error: unknown) => { broken(); log.warn({ err: error }, 'a notice reached no screen'); }); })),
    bus.subscribe(topics.siteChanged, (bytes) => fromJson(bytes, ({ siteId, version }) => {
      // Where it lay before, and where it lies now; a new one lies nowhere before.
      const before = places.site(siteId);
      void placeAnew().then(() => put(`site:${siteId}`, text({ type: 'siteChanged', siteId, version }), () => eitherOf(before, places.site(siteId))));
    })),
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
    put('health', text({ type: 'health', problems }), () => 'everywhere');
  }
  // What was published while the bus was away is lost; events are not, they are in the record.
  const unwatch = [store.onChange(() => { tellHealth(); wake(); }), bus.onChange(() => { tellHealth(); wake(); }), store.onUnits(() => { void placeAnew(); }), store.onAccess(() => { lookAgain(); }), store.onApprovals(() => put('approvals', text({ type: 'approvalsChanged' }), () => 'everywhere'))];

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
    const lastSeq = events.at(-1)?.seq ?? flushedSeq;
    const groups = new Map<string, { screens: Outbox[]; eyes: Eyes }>();
    for (const outbox of screens) {
      if (outbox.phase === 'closed') continue;
      const group = groups.get(outbox.eyes.key);
      if (group === undefined) groups.set(outbox.eyes.key, { screens: [outbox], eyes: outbox.eyes }); else group.screens.push(outbox);
    }
    // Where each lies is worked out once, whoever sees it.
    const messages = [...keys].flatMap((key) => { const kept = newest.get(key); return kept === undefined ? [] : [{ key, frames: kept.frames, lies: kept.lies(), memberId: kept.memberId ?? null }]; });
    for (const { screens: of, eyes } of groups.values()) {
      const seen = events.flatMap((event) => shownTo(eyes, event)), eventFrames = Buffer.concat(seen.map((event) => event.frames));
      const seenKeys = new Set<string>(), forSomebody: typeof messages = [], frames: Buffer[] = [];
      for (const message of messages) {
        if (eyes.sees(message.lies)) { seenKeys.add(message.key); frames.push(message.frames); } else if (message.memberId !== null) forSomebody.push(message);
      }
      const both = Buffer.concat([eventFrames, ...frames]);
      for (const outbox of of) {
        const own = forSomebody.filter(({ memberId }) => memberId === outbox.principal.actor.memberId);
        if (outbox.phase === 'catchingUp' || isStalled(outbox)) {
          for (const key of seenKeys) {
            if (key.startsWith('reading:') && outbox.missed.has(key)) { outbox.readingsDropped++; figures.readingsDropped++; }
            outbox.missed.add(key);
          }
          for (const { key } of own) outbox.missed.add(key);
          if (outbox.phase === 'live' && events.length > 0) writeEvents(outbox, seen, eventFrames, lastSeq);
          continue;
        }
        if (events.length === 0 || outbox.sentSeq < events[0]!.seq) {
          if (both.length > 0) write(outbox, both);
          if (events.length > 0) { outbox.sentSeq = lastSeq; figures.eventsSent += seen.length; }
        } else {
          writeEvents(outbox, seen, eventFrames, lastSeq);
          if (both.length > eventFrames.length) write(outbox, both.subarray(eventFrames.length));
        }
        for (const { frames: mine } of own) write(outbox, mine);
        if (outbox.missed.size > 0) writeMissed(outbox, seenKeys);
      }
    }
    flushedSeq = Math.max(flushedSeq, lastSeq);
    flushedAtMs = performance.now();
    flushTookMs = flushedAtMs - startedAtMs;
  }
  /** What these eyes are told of an event: the event itself, that an incident is gone from their sight, or nothing. */
  function shownTo(eyes: Eyes, { seq, frames, lies, gone }: PendingEvent): { seq: number; frames: Buffer }[] {
    if (eyes.sees(lies)) return [{ seq, frames }];
    return gone !== null && eyes.sees(gone.lies) ? [{ seq, frames: gone.frames }] : [];
  }
  /** A screen may be ahead of the hub: its overview was read from the record a moment before. */
  function writeEvents(outbox: Outbox, seen: { seq: number; frames: Buffer }[], all: Buffer, lastSeq: number): void {
    const news = seen.filter((event) => event.seq > outbox.sentSeq);
    // Also past what is none of its business, so that it is not looked at again.
    outbox.sentSeq = Math.max(outbox.sentSeq, lastSeq);
    if (news.length === 0) return;
    write(outbox, news.length === seen.length ? all : Buffer.concat(news.map((event) => event.frames)));
    figures.eventsSent += news.length;
  }
  const mayHave = (outbox: Outbox, { lies, memberId }: { lies: () => Lies; memberId?: string | null }): boolean => outbox.eyes.sees(lies()) || (memberId !== undefined && memberId !== null && memberId === outbox.principal.actor.memberId);
  function writeMissed(outbox: Outbox, justSent?: Set<string>): void {
    const frames = [...outbox.missed].filter((key) => !justSent?.has(key)).flatMap((key) => { const kept = newest.get(key); return kept !== undefined && mayHave(outbox, kept) ? [kept.frames] : []; });
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
        const events = await inTurn(() => store.eventsLying(outbox.sentSeq, PAGE));
        // Events that the record has given up (retention) are not waited for.
        if (events.length === 0) { outbox.sentSeq = Math.max(outbox.sentSeq, flushedSeq); continue; }
        const seen: Buffer[] = [];
        for (const { recorded, place } of events) if (outbox.eyes.sees(await places.of(place))) seen.push(frame('text', JSON.stringify(eventMessage(recorded))));
        if (seen.length > 0) write(outbox, Buffer.concat(seen));
        outbox.sentSeq = events.at(-1)!.recorded.seq;
        figures.eventsSent += seen.length;
        attempt = 0;
      } catch {
        // The record is away; so it is for every screen, and health says so.
        await pause(Math.min(5000, 250 * 2 ** Math.min(attempt++, 5)));
      }
    }
  }
  function accept(ws: WebSocket, socket: Socket, address: string, afterSeq: number, principal: Principal): void {
    ws.on('error', () => ws.terminate());
    if (closed) { ws.close(1001); return; }
    // For whoever comes the record is read by the product; what is sent of it is held against their scope here.
    store.forProduct(() => {
      if (afterSeq <= readSeq) { begin(ws, socket, address, afterSeq, readSeq, principal); return; }
      // Ahead of this hub: its overview was read a moment before the hub's next look, or the record is another one (restored, begun anew).
      void store.lastSeq().then((lastSeq) => begin(ws, socket, address, afterSeq, lastSeq, principal), () => ws.close(1013, 'the record is away'));
    });
  }
  function begin(ws: WebSocket, socket: Socket, address: string, afterSeq: number, lastSeq: number, principal: Principal): void {
    if (closed || ws.readyState !== ws.OPEN) { ws.close(1001); return; }
    const startOver = afterSeq > 0 && (lastSeq - afterSeq > REPLAYED_MOST || afterSeq > lastSeq);
    const sentSeq = startOver ? lastSeq : afterSeq === 0 ? seqEachSecond[0]! : afterSeq;
    const eyes = eyesOf(principal.scope);
    const outbox: Outbox = {
      ws, socket, address, principal, eyes, phase: 'catchingUp', sentSeq, missed: new Set(), stalledSinceMs: null, lastPongAtMs: Date.now(), readingsDropped: 0, messagesHeard: 0,
    };
    for (const [key, kept] of newest) if (!key.startsWith('site:') && key !== 'health' && mayHave(outbox, kept)) outbox.missed.add(key);
    screens.add(outbox);
    perAddress.add(address);
    perAccount.add(principal.accountId);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 10_000);
    ws.on('pong', () => { outbox.lastPongAtMs = Date.now(); });
    ws.on('message', () => {
      figures.messagesHeard++;
      if (++outbox.messagesHeard > HEARD_MOST) { ws.close(1008, 'screens only listen'); forget(outbox); }
    });
    ws.once('close', () => forget(outbox));
    write(outbox, text({ type: 'hello', serverAtMs: Date.now(), lastSeq, buildId, startOver }));
    const problems = troubles();
    if (problems.length > 0) write(outbox, text({ type: 'health', problems }));
    void catchUp(outbox);
    lookAgain();
  }
  function forget(outbox: Outbox): void {
    if (!screens.delete(outbox)) return;
    outbox.phase = 'closed';
    outbox.missed.clear();
    perAddress.remove(outbox.address);
    perAccount.remove(outbox.principal.accountId);
  }

  // --- who looks: a line outlives neither its session nor the scope that it was opened with
  const marks = new Map<string, string>();
  let looking: Promise<void> | null = null, lookOnceMore = false, lookFails = false;
  function lookAgain(): void {
    if (looking !== null) { lookOnceMore = true; return; }
    looking = (async () => {
      do {
        lookOnceMore = false;
        await lookAtAll();
        // What changes many accounts at once is one look, not one for each.
        await pause(LOOKS_APART_MS);
      } while (lookOnceMore && !closed);
    })().then(() => { lookFails = false; }, (error: unknown) => {
      // While the record is away nobody's rights are known to have changed, and a control room must not go dark.
      if (!lookFails) { lookFails = true; log.warn({ err: error }, 'screens: who may see what cannot be looked up; tried again each second'); }
    }).finally(() => { looking = null; });
  }
  async function lookAtAll(): Promise<void> {
    const of = new Map<string, Outbox[]>();
    for (const outbox of screens) { const key = holdsBy(outbox.principal), list = of.get(key); if (list === undefined) of.set(key, [outbox]); else list.push(outbox); }
    for (const key of marks.keys()) if (!of.has(key)) marks.delete(key);
    if (of.size === 0) return;
    const principals = [...of.values()].map(([first]) => first!.principal);
    const now = await store.accessMarks({ sessionIds: principals.flatMap(({ sessionId }) => sessionId ?? []), tokenIds: principals.flatMap(({ tokenId }) => tokenId ?? []) }, Date.now());
    await scopes.ready();
    for (const [key, outboxes] of of) {
      const mark = now.get(key);
      let principal: Principal | null = outboxes[0]!.principal;
      if (mark === undefined) principal = null;
      // A line may be opened by what was known a moment before: it is looked up once, whatever its mark.
      else if (marks.get(key) !== mark) { principal = await sessions.again(principal); if (principal !== null) marks.set(key, mark); }
      const eyes = principal === null ? null : eyesOf(scopes.scopeOf(principal, 'see'));
      for (const outbox of outboxes) {
        if (principal === null || eyes === null) end(outbox, LIVE_SIGNED_OUT, 'signed out');
        else if (principal.mustDo.length > 0 || eyes.key !== outbox.eyes.key) end(outbox, LIVE_SCOPE_CHANGED, 'another scope');
        else outbox.principal = principal;
      }
    }
  }
  function end(outbox: Outbox, code: number, because: string): void {
    figures.screensClosedByAccess++;
    // Nothing more goes out from here on; one that does not read does not get the word either.
    outbox.ws.close(code, because);
    setTimeout(() => outbox.ws.terminate(), 1000).unref();
    forget(outbox);
  }

  let seconds = 0;
  const beat = setInterval(() => {
    const nowMs = Date.now();
    wake();
    lookAgain();
    if (performance.now() - placedAtMs > PLACES_LOOK_MS) void placeAnew();
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
    full: (address, accountId) => screens.size >= screensMost ? screensMost : perAddress.of(address) >= screensPerAddressMost ? screensPerAddressMost : perAccount.of(accountId) >= screensPerAccountMost ? screensPerAccountMost : null,
    accept,
    figures: () => ({ ...figures, screens: screens.size, scopes: new Set([...screens].map(({ eyes }) => eyes.key)).size, lastSeq: flushedSeq }),
    async close() {
      closed = true;
      clearInterval(beat);
      if (flushTimer !== null) { clearTimeout(flushTimer); flush(); }
      for (const stop of unwatch) stop();
      await Promise.allSettled(subscriptions.map((unsubscribe) => unsubscribe()));
      await Promise.all([pumping, placing, looking]);
      for (const outbox of screens) { outbox.ws.close(1001, 'the server stops'); setTimeout(() => outbox.ws.terminate(), 500).unref(); }
      for (const go of inLine) go();
      inLine = [];
    },
  };
}

/** `lies`: where it lies now. `gone`: for those who see where it lay, and not where it lies. */
type PendingEvent = { seq: number; frames: Buffer; lies: Lies; gone: { lies: Lies; frames: Buffer } | null };
const LOOKS_APART_MS = 100;
const heldBoth = (a: Lies, b: Lies): (() => Lies) => { const both = eitherOf(a, b); return () => both; };
const holdsBy = ({ sessionId, tokenId, accountId }: Principal): string => sessionId ?? tokenId ?? accountId;

function counted() {
  const counts = new Map<string, number>();
  return {
    of: (key: string) => counts.get(key) ?? 0,
    add(key: string): void { counts.set(key, (counts.get(key) ?? 0) + 1); },
    remove(key: string): void { const left = (counts.get(key) ?? 1) - 1; if (left === 0) counts.delete(key); else counts.set(key, left); },
  };
}
