// What goes out: notices to people down their ladder of channels, events to subscribed channels, announcements and commands of playbooks.
// The table of notices is the queue: a notice that was taken and not ended is taken again, so each is sent at least once, always with the same id. Any number of processes may deliver at once.
import type { Logger } from 'pino';
import { SYSTEM_ACTOR, isOpenStep, type Incident, type IncidentChanged } from '../contract/incident.ts';
import type { TestAnswer } from '../contract/apiIncidents.ts';
import type { Channel, Delivery, Notice, OutgoingMessage } from '../contract/notice.ts';
import { isBuiltInCategory } from '../contract/playbook.ts';
import { Problem, problemNote, type ProblemNote } from '../contract/problem.ts';
import { checker, id, nullable, strictObject } from '../contract/schema.ts';
import type { Contact, Member } from '../contract/unit.ts';
import { contextWish } from '../crowd/incident/contextWish.ts';
import { decideIncident } from '../crowd/incident/decideIncident.ts';
import { lineOf } from '../crowd/incident/lineOf.ts';
import { loadChannelKinds, type ChannelKind } from '../config/kinds.ts';
import { channelNetwork } from '../config/network.ts';
import { topics, type Bus } from '../store/bus/bus.ts';
import type { TakenNotice } from '../store/channelsStore.ts';
import { pauseMs, sleep } from '../store/pauseMs.ts';
import type { Store } from '../store/store.ts';
import { within } from '../store/within.ts';
import Type from 'typebox';
import { incidentFacts, isSubscribed, isTold, versionOf } from './deliver/incidentFacts.ts';
import { ROOM_AGAIN_AT, openLane, type Lane } from './deliver/lane.ts';
import { noticeWords, type WordsOf } from './deliver/noticeWords.ts';
import { sendBy, type Sent } from './deliver/sendBy.ts';

/** Taken for this long: then somebody else may think that we died. A send takes at most SEND_MOST_MS of it, and none begins after BEGIN_WITHIN_MS. */
export const HOLD_MS = 15_000, BEGIN_WITHIN_MS = 7000;
const HELD_MOST = 240, TAKEN_AT_ONCE = 100, PREPARED_AT_ONCE = 3;
/** One of an incident that waits for the one before it counts as waiting, too: it is not looked for at full speed. */
const LOOK_NOT_BEFORE_MS = 200;
/** Tries at one contact when another one waits behind it, and at the last one; and for those who are not single people. */
export const TRIES_WITH_NEXT = 2, TRIES_AT_LAST = 6, TRIES_OF_CHANNEL = 9;
const PAUSE_FIRST_MS = 1000, PAUSE_MOST_MS = 60_000;
/** With another contact behind it, an urgent notice does not wait longer than this for one channel. */
const URGENT_WAITS_MOST_MS = 3000;
/** Nothing is tried for longer than this: a channel that was left alone again and again, too. */
export const GIVEN_UP_AFTER_MS = 30 * 60_000;
const LOOK_EVERY_MS = 1000;
const CURSOR = 'deliver', EVENTS_AT_ONCE = 200;
const FEED_KEPT = 200;
const TESTS_AT_ONCE = 4;
const IN_APP = 'inApp';

export type DeliverFigures = { taken: number; sent: number; retried: number; refused: number; fellThrough: number; rateLimited: number; dead: number; tooLate: number; putBack: number; eventsTold: number; tests: number; failures: number; held: number; channelsLeftAlone: number };
export type Deliver = { figures(): DeliverFigures; close(): Promise<void> };
type DeliverParts = { store: Store; bus: Bus; log: Logger; holder: string; settings: { publicAddress: string; timeZone?: string; /** Where channels may send; left out: to the internet alone. */ channelNetworks?: string[] }; /** Instead of those of worker/channels. */ kinds?: Map<string, ChannelKind> };
type Ready = { channel: Channel; kind: ChannelKind; settings: Record<string, unknown> };
type Job = { taken: TakenNotice; ladder: Contact[]; rung: number; rungAttempts: number; message: Omit<OutgoingMessage, 'address'>; incident: Incident | null; takenAtMs: number; urgent: boolean };

const checkTest = checker(strictObject({ channelId: id('channel'), address: nullable(Type.String({ maxLength: 1000 })), language: Type.Union([Type.Literal('en'), Type.Literal('zh')]) }));

export async function runDeliver({ store, bus, log, settings, kinds: given }: DeliverParts): Promise<Deliver> {
  const kinds = given ?? await loadChannelKinds();
  const figures = { taken: 0, sent: 0, retried: 0, refused: 0, fellThrough: 0, rateLimited: 0, dead: 0, tooLate: 0, putBack: 0, eventsTold: 0, tests: 0, failures: 0 };
  const closing = new AbortController();
  const timeZone = settings.timeZone ?? '';
  const network = channelNetwork(settings.channelNetworks ?? ['public']);
  const keys = new Map<string, unknown>();
  const keyOf = async (kind: ChannelKind): Promise<unknown> => {
    if (kind.makeKey === undefined) return null;
    if (!keys.has(kind.kind)) keys.set(kind.kind, await store.channelKey(kind.kind, kind.makeKey));
    return keys.get(kind.kind);
  };
  // Made at the first start, so that browsers can subscribe before anything is sent.
  for (const kind of kinds.values()) await keyOf(kind).catch((error: unknown) => log.warn({ err: error }, 'a key of a channel could not be made yet'));

  // --- channels as they are set up: what is changed holds within a second, what is new is found at once
  let ready: Promise<Map<string, Ready>> | null = null, readyAtMs = -Infinity;
  const channelsNow = (): Promise<Map<string, Ready>> => {
    if (ready !== null && performance.now() - readyAtMs < LOOK_EVERY_MS) return ready;
    readyAtMs = performance.now();
    const asked = store.channelsWithSettings().then((all) => new Map(all.flatMap((one) => { const found = readyOf(one); return found === null ? [] : [[found.channel.channelId, found] as const]; })));
    ready = asked;
    asked.catch(() => { if (ready === asked) ready = null; });
    return asked;
  };
  const channelNow = async (channelId: string): Promise<Ready | null> => {
    const found = (await channelsNow()).get(channelId);
    if (found?.channel.enabled === true) return found;
    const fresh = readyOf(await store.channelSettings(channelId));
    if (fresh !== null) (await channelsNow()).set(channelId, fresh);
    return fresh?.channel.enabled === true ? fresh : null;
  };
  const readyOf = (one: { channel: Channel; settings: Record<string, unknown> } | null): Ready | null => {
    const kind = one === null ? undefined : kinds.get(one.channel.kind);
    return one === null || kind === undefined ? null : { ...one, kind };
  };

  const sendOnce = async ({ channel: { channelId }, kind, settings: own }: Ready, message: OutgoingMessage): Promise<Sent> => sendBy(kind, message, {
    channelId, settings: own, signal: closing.signal, publicAddress: settings.publicAddress, key: await keyOf(kind), network,
    toScreens: (notice) => bus.publish(topics.notices, Buffer.from(JSON.stringify(notice))),
    toFeed: (entry) => store.keepInFeed({ channelId, ...entry }, FEED_KEPT),
  }, log);

  // --- from the table to the lines
  const lanes = new Map<string, Lane<Job>>();
  const laneOf = (channelId: string): Lane<Job> => {
    let lane = lanes.get(channelId);
    if (lane === undefined) lanes.set(channelId, lane = openLane<Job>((job) => attempt(job).catch((error: unknown) => failedInside(job, error))));
    return lane;
  };
  let held = 0;
  /** Channels whose lines are full: what waits for them stays in the table until there is room. */
  const full = new Set<string>();
  let wakeUp: () => void = () => {}, woken = true;
  const wake = () => { woken = true; wakeUp(); };
  const release = (job: Job) => {
    held--;
    for (const channelId of full) if (laneOf(channelId).held() <= ROOM_AGAIN_AT) { full.delete(channelId); wake(); }
    // There is room again; or the next event of that incident may go.
    if (held === HELD_MOST - TAKEN_AT_ONCE || job.taken.notice.kind === 'incident') wake();
  };

  async function failedInside(job: Job, error: unknown): Promise<void> {
    figures.failures++;
    log.warn({ err: error, noticeId: job.taken.notice.noticeId }, 'a notice could not be handled; it is taken again');
    release(job);
  }
  const putBack = async (job: Job, waitMs: number): Promise<void> => {
    figures.putBack++;
    await store.noticeLater(job.taken.notice.noticeId, { waitMs, rung: job.rung, rungAttempts: job.rungAttempts, atChannelId: job.ladder[job.rung]?.channelId ?? null });
    release(job);
  };
  const end = async (job: Job, state: 'sent' | 'dead' | 'tooLate'): Promise<void> => {
    await store.noticeDone(job.taken.notice.noticeId, state);
    release(job);
  };
  const triesOf = (job: Job): number => (job.rung + 1 < job.ladder.length ? TRIES_WITH_NEXT : job.taken.notice.memberId === null ? TRIES_OF_CHANNEL : TRIES_AT_LAST);
  const keep = (job: Job, channelId: string, { outcome, detail, atMs = Date.now(), tookMs = 0 }: Pick<Delivery, 'outcome' | 'detail'> & Partial<Delivery>, then?: Parameters<Store['keepDelivery']>[1]) =>
    store.keepDelivery({ noticeId: job.taken.notice.noticeId, channelId, atMs, tookMs, outcome, detail }, then);

  /** The next contact of the ladder, quietly; or nobody is left. */
  async function fallThrough(job: Job, why: string): Promise<void> {
    if (job.rung + 1 >= job.ladder.length) return giveUp(job, why);
    figures.fellThrough++;
    job.rung++;
    job.rungAttempts = 0;
    await enter(job);
  }
  async function giveUp(job: Job, why: string): Promise<void> {
    figures.dead++;
    const { notice } = job.taken;
    log.warn({ noticeId: notice.noticeId, kind: notice.kind, why }, 'a notice could not be delivered by any contact');
    if (notice.actionId !== null) await actionResult(notice, job.incident, 'failed', why);
    else if (notice.memberId !== null && notice.kind !== 'undelivered') await tellOfficers(notice, job.incident);
    await end(job, 'dead');
  }
  async function enter(job: Job): Promise<void> {
    const contact = job.ladder[job.rung]!, found = await channelNow(contact.channelId);
    if (found === null) {
      await keep(job, contact.channelId, { outcome: 'refused', detail: 'this channel is gone or switched off' });
      return fallThrough(job, 'the channel is gone or switched off');
    }
    if (laneOf(contact.channelId).enter(job, job.urgent)) return;
    full.add(contact.channelId);
    await putBack(job, 100);
  }

  /** One try at one contact. */
  async function attempt(job: Job): Promise<void> {
    const contact = job.ladder[job.rung]!, lane = laneOf(contact.channelId), hasNext = job.rung + 1 < job.ladder.length;
    if (closing.signal.aborted || performance.now() - job.takenAtMs > BEGIN_WITHIN_MS) return putBack(job, 0);
    const found = await channelNow(contact.channelId);
    if (found === null) return enter(job);
    if (job.taken.waitedMs > GIVEN_UP_AFTER_MS && !hasNext) return giveUp(job, 'it waited too long');
    const leftAloneMs = lane.leftAloneMs();
    if (leftAloneMs > 0) {
      if (!hasNext) return putBack(job, leftAloneMs);
      await keep(job, contact.channelId, { outcome: 'retry', detail: 'not tried: this channel failed again and again and is left alone for a while' });
      return fallThrough(job, 'the channel fails');
    }
    const waitMs = await store.takeTurn(contact.channelId, found.channel.perMinuteMost, job.urgent);
    if (waitMs > 0) {
      figures.rateLimited++;
      if (!(hasNext && job.urgent && waitMs > URGENT_WAITS_MOST_MS)) return putBack(job, waitMs);
      await keep(job, contact.channelId, { outcome: 'rateLimited', detail: `its limit of ${found.channel.perMinuteMost} a minute is reached` });
      return fallThrough(job, 'the limit of the channel is reached');
    }
    const result = await sendOnce(found, { ...job.message, address: contact.address === '' ? null : contact.address });
    // Stopped under way: whoever comes next sends it, with the same id.
    if (closing.signal.aborted && result.outcome !== 'sent') return putBack(job, 0);
    switch (result.outcome) {
      case 'sent':
        figures.sent++;
        lane.worked();
        // The answer before the end: who dies between the two sends again with the same id, and the answer is taken once.
        if (job.taken.notice.actionId !== null) await actionResult(job.taken.notice, job.incident, 'done', result.detail);
        await keep(job, contact.channelId, result, 'sent');
        return release(job);
      case 'refused':
        figures.refused++;
        await keep(job, contact.channelId, result);
        return fallThrough(job, result.detail);
      case 'retry': {
        figures.retried++;
        lane.failed();
        job.rungAttempts++;
        if (job.rungAttempts >= triesOf(job) || (hasNext && job.urgent && (result.retryAfterMs ?? 0) > URGENT_WAITS_MOST_MS)) {
          await keep(job, contact.channelId, result);
          return fallThrough(job, result.detail);
        }
        await keep(job, contact.channelId, result, { waitMs: Math.max(result.retryAfterMs ?? 0, pauseMs({ attempt: job.rungAttempts, firstMs: PAUSE_FIRST_MS, mostMs: PAUSE_MOST_MS })), rung: job.rung, rungAttempts: job.rungAttempts });
        return release(job);
      }
    }
  }

  // --- what a notice is about
  async function prepare(taken: TakenNotice, known: { incidents: Map<string, Incident>; members: Map<string, Member> }): Promise<void> {
    const { notice } = taken;
    const incident = notice.incidentId === null ? null : known.incidents.get(notice.incidentId) ?? null, member = notice.memberId === null ? null : known.members.get(notice.memberId) ?? null;
    const job: Job = { taken, ladder: [], rung: taken.rung, rungAttempts: taken.rungAttempts, message: null as never, incident, takenAtMs: performance.now(), urgent: notice.kind === 'asked' || notice.kind === 'helpNeeded' || notice.actionId !== null };
    try {
      if (isTooLate(notice, incident)) { figures.tooLate++; return await end(job, 'tooLate'); }
      job.ladder = notice.channelId !== null ? [{ channelId: notice.channelId, address: '' }] : member === null || !member.enabled ? [] : member.contacts;
      if (job.ladder.length === 0 && member?.enabled === true) job.ladder = [{ channelId: IN_APP, address: '' }];
      if (job.ladder.length === 0) return await giveUp(job, 'this member is gone or not active');
      // Contacts may have become fewer since it was put back.
      if (job.rung >= job.ladder.length) { job.rung = job.ladder.length - 1; job.rungAttempts = 0; }
      job.message = await messageOf(notice, incident, member);
      await enter(job);
    } catch (error) { await failedInside(job, error); }
  }

  async function messageOf(notice: Notice, incident: Incident | null, member: Member | null): Promise<Omit<OutgoingMessage, 'address'>> {
    const event = incident === null ? null : (await store.incidentEvents(incident.incidentId, versionOf(notice.noticeId) - 1, 1))[0] ?? null;
    const action = notice.actionId === null ? null : incident?.playbook.find(({ actionId }) => actionId === notice.actionId) ?? null;
    // A subscriber hears what was true then; a person what is true now.
    const line = incident === null ? null : notice.kind === 'incident' && event !== null ? event.line : lineOf(incident);
    const facts = incident === null || line === null ? null : await incidentFacts(store, { what: event?.what ?? 'noted', version: event?.version ?? incident.version, atMs: event?.atMs ?? notice.atMs, line }, notice.memberId === null ? notice.channelId : null);
    const words = noticeWords({
      kind: notice.kind, exercise: notice.exercise, timeZone, line, event: event as WordsOf['event'], categoryNames: line === null ? null : await ownCategory(line.category, line.unitId), action: action === null ? null : { words: action.words, payload: action.payload ?? '' },
      memberName: notice.kind === 'undelivered' ? await nameOfUndelivered(notice.noticeId) : null, saysWho: notice.memberId !== null,
    });
    const language = member?.language ?? 'zh';
    return {
      messageId: notice.noticeId, kind: notice.actionId !== null ? 'action' : notice.kind, exercise: notice.exercise, language, atMs: notice.atMs, title: words[language].title, body: words[language].body, words,
      path: notice.kind === 'approval' || notice.kind === 'emergency' ? '/#/approvals' : notice.incidentId === null ? '/#/' : notice.memberId !== null && member?.duty === 'fieldWorker' ? `/#/duty/${notice.incidentId}` : `/#/incidents/${notice.incidentId}`,
      incidentId: notice.incidentId, memberId: notice.memberId, incident: facts,
      action: action === null || incident === null ? null : { exercise: notice.exercise, incidentId: incident.incidentId, actionId: action.actionId, kind: action.kind, payload: action.payload ?? '' },
    };
  }
  async function ownCategory(category: string, unitId: string | null): Promise<{ en: string; zh: string } | null> {
    if (unitId === null || isBuiltInCategory(category)) return null;
    return (await store.policy(unitId)).inForce.ownCategories.find((own) => own.category === category)?.names ?? null;
  }
  async function nameOfUndelivered(noticeId: string): Promise<string | null> {
    const memberId = noticeId.split('.')[3];
    return memberId === undefined ? null : (await store.member(memberId))?.name ?? null;
  }

  /** Nobody could reach this person: the duty officers on duty along the chain are told once, in the pages; where there is none, everybody who looks. */
  async function tellOfficers(notice: Notice, incident: Incident | null): Promise<void> {
    const context = incident === null ? null : await store.incidentContext({ ...contextWish(incident, { type: 'tick' })!, atMs: Date.now() });
    const officers = context?.ladder.flatMap(({ members }) => members.filter(({ duty, memberId }) => duty === 'dutyOfficer' && memberId !== notice.memberId)) ?? [];
    const to: (string | null)[] = officers.length === 0 ? [null] : officers.slice(0, 5).map(({ memberId }) => memberId);
    await store.addNotices(to.map((memberId) => ({ ...notice, noticeId: `${notice.noticeId}.undelivered.${memberId ?? 'all'}`.slice(0, 300), kind: 'undelivered', memberId, channelId: IN_APP, state: 'waiting', atMs: Date.now() })));
  }
  async function actionResult(notice: Notice, incident: Incident | null, state: 'done' | 'failed', detail: string): Promise<void> {
    if (incident === null || notice.actionId === null) return;
    const command = { type: 'actionResult' as const, actionId: notice.actionId, state, detail: detail.slice(0, 500) };
    const context = await store.incidentContext({ ...contextWish(incident, command)!, atMs: Date.now() });
    // "Send again" of one that failed is another answer than the first.
    const answered = await store.takeIncidentInputs([{ inputId: `action.${notice.noticeId}.${state}`, incidentId: incident.incidentId, actor: SYSTEM_ACTOR, context: { ...context, playbook: [] }, command }], decideIncident);
    if ('problem' in answered) log.warn({ noticeId: notice.noticeId, code: answered.problem.code }, 'the answer of a channel to an action was not taken');
  }

  /** One look: takes what there is room for. Resolves with whether more may wait. */
  async function takeOnce(): Promise<boolean> {
    const room = Math.min(TAKEN_AT_ONCE, HELD_MOST - held);
    if (room <= 0) return false;
    const taken = await store.takeNotices(room, HOLD_MS, [...full]);
    if (taken.length === 0) return false;
    figures.taken += taken.length;
    held += taken.length;
    try {
      const ids = (of: (notice: Notice) => string | null) => [...new Set(taken.flatMap(({ notice }) => of(notice) ?? []))];
      const [incidents, members] = await Promise.all([store.incidents(ids((notice) => notice.incidentId)), store.members(ids((notice) => notice.memberId))]);
      const known = { incidents: new Map(incidents.map((incident) => [incident.incidentId, incident])), members: new Map(members.map((member) => [member.memberId, member])) };
      void eachOf(taken, PREPARED_AT_ONCE, (one) => prepare(one, known));
    } catch (error) { held -= taken.length; throw error; }
    return taken.length === room;
  }

  // --- events for subscribed channels, once each, by a durable cursor
  let newEvents = true;
  async function tellSubscribers(): Promise<void> {
    newEvents = false;
    for (let seq = await store.cursor(CURSOR); !closing.signal.aborted;) {
      // Before the channels: one that subscribes meanwhile misses nothing of what comes after.
      const lastSeq = await store.lastSeq();
      if (lastSeq <= seq) return;
      const subscribed = (await store.channels()).filter(({ enabled, subscriptions }) => enabled && subscriptions.length > 0);
      if (subscribed.length === 0) return await store.moveCursor(CURSOR, lastSeq);
      const recorded = await store.eventsAfter(seq, EVENTS_AT_ONCE);
      const events = recorded.flatMap(({ event }): IncidentChanged[] => (event.type === 'incidentChanged' && isTold(event) ? [event] : []));
      if (events.length > 0) await store.addNotices(await noticesFor(events, subscribed));
      seq = recorded.at(-1)?.seq ?? lastSeq;
      await store.moveCursor(CURSOR, seq);
    }
  }
  async function noticesFor(events: IncidentChanged[], subscribed: Channel[]): Promise<Notice[]> {
    const told = await store.incidentsTold([...new Set(events.map(({ incidentId }) => incidentId))]);
    const notices: Notice[] = [];
    for (const { incidentId, version, atMs, line } of events) {
      const chainIds = new Set<string>();
      for (const unitId of new Set([line.placeUnitId, line.unitId])) if (unitId !== null) for (const unit of await store.unitChain(unitId)) chainIds.add(unit.unitId);
      for (const channel of subscribed) {
        // Who was told of it hears its end, too, even when it has become less severe since.
        if (!told.has(`${channel.channelId} ${incidentId}`) && !isSubscribed(channel, line, chainIds)) continue;
        told.add(`${channel.channelId} ${incidentId}`);
        notices.push({ noticeId: `${incidentId}.${version}.incident.${channel.channelId}`, kind: 'incident', incidentId, memberId: null, channelId: channel.channelId, actionId: null, exercise: line.exercise, atMs, state: 'waiting' });
        figures.eventsTold++;
      }
    }
    return notices;
  }

  // --- the button that tries a channel
  let testing = 0;
  async function test(bytes: Uint8Array): Promise<Uint8Array> {
    const answer = (value: TestAnswer | { problem: ProblemNote }) => Buffer.from(JSON.stringify(value));
    let asked: ReturnType<typeof checkTest>;
    try { asked = checkTest(JSON.parse(Buffer.from(bytes).toString())); } catch { return answer({ problem: problemNote('inputWrong', { reason: 'not a test' }) }); }
    if (!asked.ok) return answer({ problem: problemNote('inputWrong', { reason: asked.faults[0]?.says ?? '' }) });
    if (testing >= TESTS_AT_ONCE) return answer({ problem: problemNote('tooMany', { most: TESTS_AT_ONCE }) });
    testing++;
    figures.tests++;
    try {
      const { channelId, address, language } = asked.value, found = readyOf(await store.channelSettings(channelId));
      if (found === null) return answer({ problem: problemNote('notFound') });
      if (await store.takeTurn(channelId, found.channel.perMinuteMost, true) > 0) return answer({ channelId, outcome: 'rateLimited', tookMs: 0, detail: `its limit of ${found.channel.perMinuteMost} a minute is reached` });
      const atMs = Date.now(), words = noticeWords({ kind: 'test', exercise: false, timeZone, line: null, event: null, categoryNames: null, action: null, memberName: null, saysWho: false });
      const { outcome, tookMs, detail } = await sendOnce(found, { messageId: `test.${channelId}.${atMs}`, kind: 'test', exercise: false, language, atMs, ...words[language], words, path: '/#/setup/channels', address, incidentId: null, memberId: null, incident: null, action: null });
      return answer({ channelId, outcome, tookMs, detail });
    } catch (error) {
      return answer({ problem: error instanceof Problem ? error.note : problemNote('internal') });
    } finally { testing--; }
  }

  const stops = [store.onNotices(wake), store.onEvents(() => { newEvents = true; wake(); })];
  const stopServing = await bus.serve(topics.channelTest, test);

  /** Tries for ever and owns the pause. */
  const loop = (async () => {
    for (let attemptNo = 1; !closing.signal.aborted;) {
      woken = false;
      let more = false;
      try {
        if (newEvents) await tellSubscribers();
        more = await takeOnce();
        attemptNo = 1;
      } catch (error) {
        if (closing.signal.aborted) break;
        figures.failures++;
        newEvents = true;
        if (attemptNo === 1) log.warn({ err: error }, 'notices wait');
        await sleep(pauseMs({ attempt: attemptNo++, firstMs: 100, mostMs: 2000 }), closing.signal);
        continue;
      }
      if (more || woken) continue;
      const nextMs = await store.nextNoticeMs().catch(() => null);
      if (woken || closing.signal.aborted) continue;
      await new Promise<void>((resolve) => {
        const done = () => { clearTimeout(timer); resolve(); };
        // What waits in our own lines does not have to be looked for again at once.
        const timer = setTimeout(done, nextMs !== null && nextMs > 0 ? Math.min(LOOK_EVERY_MS, Math.ceil(nextMs)) : nextMs === null ? LOOK_EVERY_MS : LOOK_NOT_BEFORE_MS);
        wakeUp = done;
      });
    }
  })();

  return {
    figures: () => ({ ...figures, held, channelsLeftAlone: [...lanes.values()].filter((lane) => lane.leftAloneMs() > 0).length }),
    async close() {
      closing.abort();
      for (const stop of stops) stop();
      wake();
      await within(1000, stopServing()).catch(() => {});
      await loop;
      // Those under way end at once or are put back; what is not back in time is taken again after its hold.
      for (const untilMs = performance.now() + 1500; held > 0 && performance.now() < untilMs;) await sleep(20);
    },
  };
}

async function eachOf<T>(all: readonly T[], atOnce: number, work: (one: T) => Promise<void>): Promise<void> {
  const rest = [...all];
  await Promise.all(Array.from({ length: atOnce }, async () => { for (let one = rest.shift(); one !== undefined; one = rest.shift()) await work(one); }));
}

/** What has been overtaken is not sent: nobody runs to a place where all is over, and no gate moves for an action that was taken back. */
function isTooLate(notice: Notice, incident: Incident | null): boolean {
  if (notice.incidentId === null) return false;
  if (incident === null) return true;
  if (notice.actionId !== null) return incident.playbook.find(({ actionId }) => actionId === notice.actionId)?.state !== 'sent';
  switch (notice.kind) {
    case 'asked': return !isOpenStep(incident.step) || incident.assignments.find(({ memberId }) => memberId === notice.memberId)?.state !== 'asked';
    case 'urged': case 'overdue': case 'helpNeeded': case 'alarm': case 'undelivered': return !isOpenStep(incident.step);
    case 'released': case 'closed': case 'info': case 'action': case 'incident': case 'approval': case 'emergency': case 'test': return false;
  }
}
