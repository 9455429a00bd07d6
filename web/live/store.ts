// What this screen knows, outside React: messages are merged as they come, and lists hear of it at most four times a second. No DOM in here.
import type { Right } from '../../contract/access.ts';
import { PRIORITIES, type Alarm } from '../../contract/alarm.ts';
import type { Overview } from '../../contract/api.ts';
import { isOpenStep, type IncidentLine } from '../../contract/incident.ts';
import { levelRank } from '../../contract/level.ts';
import type { LiveMessage } from '../../contract/live.ts';
import type { ScreenNotice } from '../../contract/notice.ts';
import type { ProblemNote } from '../../contract/problem.ts';
import type { Reading } from '../../contract/reading.ts';
import type { SensorStatus } from '../../contract/sensorStatus.ts';
import type { SiteConfig } from '../../contract/site.ts';
import type { LineState } from '../../contract/flow.ts';
import type { ZoneState } from '../../contract/zoneState.ts';
import { readingBook } from './readings.ts';

/** The line to the server; heardAtMs is the last sign of life, by the server's clock. */
export type Line =
  | { state: 'opening'; heardAtMs: number }
  | { state: 'open'; heardAtMs: number }
  | { state: 'lost'; heardAtMs: number; nextTryAtMs: number };

/** One published picture of everything; parts that did not change are the same objects as before. */
export type Screen = {
  overview: { state: 'loading' } | { state: 'there' } | { state: 'broken'; problem: ProblemNote };
  line: Line;
  /** When this screen first had an overview, by the server's clock. */
  beganAtMs: number;
  /** Server clock less ours. */
  clockOffsetMs: number;
  /** The server runs another build than the one that this page came from. */
  pageIsOld: boolean;
  sites: readonly SiteConfig[];
  zones: ReadonlyMap<string, ZoneState>;
  lines: ReadonlyMap<string, LineState>;
  judgedAtMs: ReadonlyMap<string, number>;
  sensors: ReadonlyMap<string, SensorStatus>;
  /** All open ones (of the newest 2000), and those closed since the last overview. */
  incidents: ReadonlyMap<string, IncidentLine>;
  /** Grows when units, people or playbooks change; 0 while there are none. */
  unitsVersion: number;
  /** Grows with each change of any approval. */
  approvalsTurn: number;
  /** Open ones first, worst and newest first; then the closed, newest first. */
  alarms: readonly Alarm[];
  alarmsOpenCount: number;
  /** Codes of what the server says is wrong with itself. */
  troubles: readonly string[];
  basemaps: readonly string[];
  /** What whoever is signed in may do at each site. */
  mayAt: Readonly<Record<string, readonly Right[]>>;
  readingsDropped: number;
};

export type LiveStore = ReturnType<typeof liveStore>;

export const PUBLISH_EVERY_MS = 250;
/** The drawing of the demo's video tells once a second. */
const PREPARING_HOLDS_MS = 4000;
/** Closed alarms kept on a screen, and the most that one overview holds; older ones are in the server's record. Open ones are never dropped. */
export const CLOSED_ALARMS_MOST = 500;
const INCIDENTS_MOST = 4000;
/** Notices that a line tells again after it was lost are known by their ids, so many of them. */
const NOTICES_KNOWN_MOST = 500;

export function liveStore({ nowMs, later }: { nowMs: () => number; later: (ms: number, act: () => void) => void }) {
  const readings = readingBook();
  const listeners = new Set<() => void>();
  const newAlarmListeners = new Set<(alarms: Alarm[]) => void>();
  const noticeListeners = new Set<(notice: ScreenNotice) => void>(), noticesKnown = new Set<string>();
  const known = new Map<string, { alarm: Alarm; seq: number }>();
  const changedIds = new Set<string>();
  let newAlarms: Alarm[] = [];
  let order: Alarm[] = [];
  let lastSeq = 0;
  let buildId: string | null = null;
  let waiting = false;
  let publishedAtMs = Number.NEGATIVE_INFINITY;
  const incidentsChanged = new Map<string, IncidentLine>(), incidentSeqs = new Map<string, number>();
  const offsets: number[] = [];
  let next: Screen = {
    overview: { state: 'loading' }, line: { state: 'opening', heardAtMs: nowMs() }, beganAtMs: 0, clockOffsetMs: 0, pageIsOld: false, sites: [], zones: new Map(), lines: new Map(), judgedAtMs: new Map(),
    sensors: new Map(), incidents: new Map(), unitsVersion: 0, approvalsTurn: 0, alarms: [], alarmsOpenCount: 0, troubles: [], basemaps: [], mayAt: {}, readingsDropped: 0,
  };
  let published = next;

  function change(part: Partial<Screen>): void { next = { ...next, ...part }; publishSoon(); }
  function publishSoon(): void {
    if (waiting) return;
    waiting = true;
    later(Math.max(0, PUBLISH_EVERY_MS - (nowMs() - publishedAtMs)), publish);
  }
  function publish(): void {
    waiting = false;
    publishedAtMs = nowMs();
    if (changedIds.size > 0) {
      order = merged(order, changedIds, known);
      changedIds.clear();
      const openCount = order.findIndex((alarm) => alarm.state === 'closed');
      const alarmsOpenCount = openCount === -1 ? order.length : openCount;
      for (const alarm of order.slice(alarmsOpenCount + CLOSED_ALARMS_MOST)) known.delete(alarm.alarmId);
      order.length = Math.min(order.length, alarmsOpenCount + CLOSED_ALARMS_MOST);
      next = { ...next, alarms: order.slice(), alarmsOpenCount };
    }
    if (incidentsChanged.size > 0) {
      const incidents = new Map([...next.incidents, ...incidentsChanged]);
      incidentsChanged.clear();
      // Closed ones stay until the next overview, within a bound; the record has them all.
      if (incidents.size > INCIDENTS_MOST) for (const [incidentId, { step }] of incidents) if (!isOpenStep(step)) { incidents.delete(incidentId); incidentSeqs.delete(incidentId); if (incidents.size <= INCIDENTS_MOST) break; }
      next = { ...next, incidents };
    }
    if (next !== published) {
      published = next;
      for (const listener of listeners) listener();
    }
    if (newAlarms.length > 0) {
      const fresh = newAlarms; newAlarms = [];
      for (const listener of newAlarmListeners) listener(fresh);
    }
  }

  function heard(serverAtMs: number): void {
    // The largest of the last offsets had the least delay on its way; the window forgets, so that a clock that was set right is believed.
    offsets.push(serverAtMs - nowMs());
    if (offsets.length > 30) offsets.shift();
    const clockOffsetMs = Math.max(...offsets);
    change({ line: { state: 'open', heardAtMs: Math.max(serverAtMs, nowMs() + clockOffsetMs) }, clockOffsetMs: Math.abs(clockOffsetMs - next.clockOffsetMs) < 20 ? next.clockOffsetMs : clockOffsetMs });
  }

  return {
    readings,
    screen: (): Screen => published,
    subscribe(listener: () => void): () => void { listeners.add(listener); return () => { listeners.delete(listener); }; },
    /** Alarms that call for somebody since the page began, in batches of one publication: raised, grown worse, repeated, or heard at last after they were muted or put aside. */
    onNewAlarms(listener: (alarms: Alarm[]) => void): () => void { newAlarmListeners.add(listener); return () => { newAlarmListeners.delete(listener); }; },
    /** What the in-app channel tells somebody, each notice once. */
    onNotice(listener: (notice: ScreenNotice) => void): () => void { noticeListeners.add(listener); return () => { noticeListeners.delete(listener); }; },
    /** The newest version, published or not. */
    alarmOf: (alarmId: string): Alarm | null => known.get(alarmId)?.alarm ?? null,
    lastSeq: () => lastSeq,
    serverNowMs: () => nowMs() + next.clockOffsetMs,

    takeOverview(overview: Overview): void {
      if (next.overview.state !== 'there') { offsets.push(overview.serverAtMs - nowMs()); next = { ...next, clockOffsetMs: Math.max(...offsets), beganAtMs: overview.serverAtMs }; }
      // Events that this screen has and the overview has not yet are kept: the fetch may have been overtaken by the line.
      const theirs = new Map(overview.alarms.map((alarm) => [alarm.alarmId, alarm]));
      // A full answer may have been cut off: what it leaves out is then not known to be gone.
      const isWhole = overview.alarms.length < CLOSED_ALARMS_MOST;
      for (const [alarmId, { seq }] of known) {
        if (isWhole && !theirs.has(alarmId) && seq <= overview.lastSeq) { known.delete(alarmId); changedIds.add(alarmId); }
      }
      for (const [alarmId, alarm] of theirs) {
        if ((known.get(alarmId)?.alarm.version ?? 0) < alarm.version) { known.set(alarmId, { alarm, seq: overview.lastSeq }); changedIds.add(alarmId); }
      }
      lastSeq = Math.max(lastSeq, overview.lastSeq);
      buildId ??= overview.buildId;

      const zones = new Map<string, ZoneState>(), lines = new Map<string, LineState>(), judgedAtMs = new Map<string, number>(), sensors = new Map<string, SensorStatus>();
      for (const { siteId, judgedAtMs: atMs, states, lines: lineStates } of overview.zones) {
        const ours = next.judgedAtMs.get(siteId) ?? 0;
        judgedAtMs.set(siteId, Math.max(ours, atMs));
        for (const state of states) zones.set(state.zoneId, ours > atMs ? next.zones.get(state.zoneId) ?? state : state);
        for (const state of lineStates) lines.set(state.lineId, ours > atMs ? next.lines.get(state.lineId) ?? state : state);
      }
      for (const status of overview.sensors) sensors.set(status.sensorId, newerStatus(next.sensors.get(status.sensorId), status));
      // As with alarms: what this screen heard after the overview was read is newer than it.
      const incidents = new Map(overview.incidents.map((line) => [line.incidentId, line]));
      for (const [incidentId, line] of next.incidents) {
        if ((incidentSeqs.get(incidentId) ?? 0) > overview.lastSeq && (incidents.get(incidentId)?.version ?? 0) < line.version) incidents.set(incidentId, line); else if (!incidents.has(incidentId)) incidentSeqs.delete(incidentId);
      }
      readings.keepOnly(new Set(overview.sites.flatMap((site) => site.sensors.map((sensor) => sensor.sensorId))));
      change({ overview: { state: 'there' }, sites: overview.sites, zones, lines, judgedAtMs, sensors, incidents, unitsVersion: Math.max(next.unitsVersion, overview.unitsVersion), basemaps: overview.basemaps, mayAt: overview.mayAt ?? {}, pageIsOld: buildId !== overview.buildId });
    },
    overviewFailed(problem: ProblemNote): void { if (next.overview.state !== 'there') change({ overview: { state: 'broken', problem } }); },

    takeMessage(message: LiveMessage): void {
      switch (message.type) {
        case 'hello':
          if (message.startOver) { lastSeq = 0; for (const entry of known.values()) entry.seq = 0; incidentSeqs.clear(); }
          buildId ??= message.buildId;
          if (buildId !== message.buildId) change({ pageIsOld: true });
          offsets.length = 0; // another line, perhaps another server
          return heard(message.serverAtMs);
        case 'event': {
          const { seq, event: { alarm } } = message;
          lastSeq = Math.max(lastSeq, seq);
          const before = known.get(alarm.alarmId);
          if (before !== undefined && before.alarm.version >= alarm.version) return;
          known.set(alarm.alarmId, { alarm, seq });
          changedIds.add(alarm.alarmId);
          if (calls(alarm) && (before === undefined || !calls(before.alarm) || levelRank(alarm.level) > levelRank(before.alarm.level) || alarm.repeats > before.alarm.repeats)) newAlarms.push(alarm);
          return publishSoon();
        }
        case 'incident': {
          const { seq, event: { line } } = message;
          lastSeq = Math.max(lastSeq, seq);
          if ((next.incidents.get(line.incidentId)?.version ?? 0) >= line.version) return;
          incidentSeqs.set(line.incidentId, seq);
          incidentsChanged.set(line.incidentId, line);
          return publishSoon();
        }
        case 'incidentGone': {
          const { seq, incidentId } = message;
          lastSeq = Math.max(lastSeq, seq);
          incidentsChanged.delete(incidentId);
          incidentSeqs.delete(incidentId);
          if (!next.incidents.has(incidentId)) return;
          const incidents = new Map(next.incidents);
          incidents.delete(incidentId);
          return change({ incidents });
        }
        case 'unitsChanged': return change({ unitsVersion: message.version });
        case 'approvalsChanged': return change({ approvalsTurn: next.approvalsTurn + 1 });
        case 'zones': {
          heard(message.serverAtMs);
          if (message.judgedAtMs < (next.judgedAtMs.get(message.siteId) ?? 0)) return;
          const zones = new Map(next.zones);
          for (const state of message.states) zones.set(state.zoneId, state);
          let { lines } = next;
          if (message.lines.length > 0) { const changed = new Map(lines); for (const state of message.lines) changed.set(state.lineId, state); lines = changed; }
          return change({ zones, lines, judgedAtMs: new Map(next.judgedAtMs).set(message.siteId, message.judgedAtMs) });
        }
        case 'sensors': {
          heard(message.serverAtMs);
          const sensors = new Map(next.sensors);
          for (const status of message.statuses) sensors.set(status.sensorId, newerStatus(sensors.get(status.sensorId), status));
          return change({ sensors });
        }
        case 'siteChanged': return;
        case 'notice': {
          const { notice } = message;
          if (noticesKnown.has(notice.noticeId)) return;
          noticesKnown.add(notice.noticeId);
          if (noticesKnown.size > NOTICES_KNOWN_MOST) noticesKnown.delete(noticesKnown.keys().next().value!);
          for (const listener of noticeListeners) listener(notice);
          return;
        }
        case 'health': return change({ troubles: message.problems });
        case 'beat':
          heard(message.serverAtMs);
          if (message.readingsDropped !== next.readingsDropped) change({ readingsDropped: message.readingsDropped });
          return;
      }
    },
    takeReading(reading: Reading): void { readings.take(reading); },
    lineOpening(): void { if (next.line.state !== 'opening') change({ line: { state: 'opening', heardAtMs: next.line.heardAtMs } }); },
    lineLost(nextTryAtMs: number): void { change({ line: { state: 'lost', heardAtMs: next.line.heardAtMs, nextTryAtMs } }); },
  };
}

function newerStatus(ours: SensorStatus | undefined, theirs: SensorStatus): SensorStatus {
  if (ours === undefined) return theirs;
  // A camera that is turned off is told of by two: whoever holds it says 'off', and who draws the demo's video (epoch 0) says when it is done. The second knows more, while it speaks.
  if (theirs.epoch === 0 && ours.phase === 'off') return theirs;
  if (ours.epoch === 0 && theirs.phase === 'off' && theirs.atMs - ours.atMs < PREPARING_HOLDS_MS) return ours;
  return theirs.epoch > ours.epoch || (theirs.epoch === ours.epoch && theirs.atMs >= ours.atMs) ? theirs : ours;
}

// One sorted run is merged into another: a thousand alarms a second must not sort the whole list each time.
function merged(order: readonly Alarm[], changedIds: ReadonlySet<string>, known: ReadonlyMap<string, { alarm: Alarm }>): Alarm[] {
  const changed: Alarm[] = [];
  for (const alarmId of changedIds) { const entry = known.get(alarmId); if (entry !== undefined) changed.push(entry.alarm); }
  changed.sort(compareAlarms);
  const result: Alarm[] = [];
  let at = 0;
  for (const alarm of order) {
    if (changedIds.has(alarm.alarmId)) continue;
    while (at < changed.length && compareAlarms(changed[at]!, alarm) < 0) result.push(changed[at++]!);
    result.push(alarm);
  }
  while (at < changed.length) result.push(changed[at++]!);
  return result;
}

/** Raised, and neither muted nor put aside: it asks for somebody now. */
export const calls = (alarm: Alarm): boolean => alarm.state === 'raised' && alarm.muted === null && alarm.shelved === null;

/** Open before closed, those put aside after the other open ones; what nobody has answered first; more urgent, worse, newer first. Closed: newest first. */
export function compareAlarms(a: Alarm, b: Alarm): number {
  const rank = stateRank(a) - stateRank(b);
  if (rank !== 0) return rank;
  if (a.state !== 'closed') {
    if (a.priority !== b.priority) return PRIORITIES.indexOf(b.priority) - PRIORITIES.indexOf(a.priority);
    if (a.level !== b.level) return levelRank(b.level) - levelRank(a.level);
    if (a.raisedAtMs !== b.raisedAtMs) return b.raisedAtMs - a.raisedAtMs;
  } else if (a.changedAtMs !== b.changedAtMs) return b.changedAtMs - a.changedAtMs;
  return a.alarmId < b.alarmId ? -1 : a.alarmId > b.alarmId ? 1 : 0;
}
function stateRank(alarm: Alarm): number {
  if (alarm.shelved !== null && alarm.state !== 'closed') return 4;
  switch (alarm.state) {
    case 'raised': return 0;
    case 'acknowledged': return 1;
    case 'cleared': return 2;
    case 'easing': return 3;
    case 'closed': return 5;
  }
}
