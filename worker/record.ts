// Keeps the past of zones: one row a zone and minute, made of what the deciders said each half second. Few people are kept as "few", never as a number.
import type { Logger } from 'pino';
import { ANONYMITY_FLOOR_PEOPLE, type ZoneMinute } from '../contract/api.ts';
import type { LiveMessage } from '../contract/live.ts';
import type { ZoneFlow } from '../contract/flow.ts';
import { topics, type Bus } from '../store/bus/bus.ts';
import type { Lease, Store } from '../store/store.ts';
import type { ZoneFigures } from '../contract/zoneState.ts';

const MINUTE_MS = 60_000;
/** A minute is closed this long after its end: the last word of the decider may be under way. */
const CLOSED_AFTER_MS = 2000;
/** Without a database this many minutes wait; then the oldest are lost, and counted. */
const MINUTES_WAITING_MOST = 60;
const LEASE_MS = 10_000;

export type RecordFigures = { minutesKept: number; minutesLost: number; minutesWaiting: number };
type Waiting = { siteId: string; minuteAtMs: number; minutes: { zoneId: string; minute: ZoneMinute }[] };

export async function runRecord({ store, bus, settings, log, holder }: { store: Store; bus: Bus; settings: { anonymityFloorPeople: number }; log: Logger; holder: string }): Promise<{ close(): Promise<void>; figures(): RecordFigures }> {
  const floorPeople = Math.max(ANONYMITY_FLOOR_PEOPLE, settings.anonymityFloorPeople);
  /** `siteId minuteAtMs` -> zone -> what was seen. */
  const open = new Map<string, { siteId: string; minuteAtMs: number; zones: Map<string, ZoneSum> }>();
  let waiting: Waiting[] = [];
  const figures = { minutesKept: 0, minutesLost: 0 };
  let lease: Lease | null = null;

  const unsubscribe = await bus.subscribe(topics.zones, (bytes) => {
    let message: Extract<LiveMessage, { type: 'zones' }>;
    try { message = JSON.parse(Buffer.from(bytes).toString()); } catch { return; }
    const minuteAtMs = Math.floor(message.judgedAtMs / MINUTE_MS) * MINUTE_MS;
    const key = `${message.siteId} ${minuteAtMs}`;
    const minute = open.get(key) ?? { siteId: message.siteId, minuteAtMs, zones: new Map<string, ZoneSum>() };
    open.set(key, minute);
    for (const state of message.states) {
      if (state.sight !== 'seen') continue; // a blind minute is a missing row, not a zero
      const sum = minute.zones.get(state.zoneId) ?? emptySum();
      minute.zones.set(state.zoneId, sum);
      addTo(sum, state.figures);
    }
  });

  function closeMinutes(nowMs: number): void {
    for (const [key, { siteId, minuteAtMs, zones }] of open) {
      if (nowMs < minuteAtMs + MINUTE_MS + CLOSED_AFTER_MS) continue;
      open.delete(key);
      if (zones.size > 0) waiting.push({ siteId, minuteAtMs, minutes: [...zones].map(([zoneId, sum]) => ({ zoneId, minute: zoneMinute(minuteAtMs, sum, floorPeople) })) });
    }
    if (waiting.length > MINUTES_WAITING_MOST * Math.max(1, new Set(waiting.map(({ siteId }) => siteId)).size)) { waiting.shift(); figures.minutesLost++; }
  }
  let keeping: Promise<void> | null = null;
  async function keep(): Promise<void> {
    // Every process of this role hears everything; the holder of the lease writes. The next one has the whole minute when the holder dies.
    lease = await store.takeLease('record', holder, LEASE_MS);
    if (lease === null) { waiting = waiting.filter(({ minuteAtMs }) => Date.now() - minuteAtMs < 3 * MINUTE_MS); return; }
    while (waiting.length > 0) {
      const { siteId, minutes } = waiting[0]!;
      try {
        await store.keepZoneMinutes(siteId, minutes);
        figures.minutesKept += minutes.length;
      } catch (error) {
        // A site that was removed meanwhile has no past to keep; a database that is away gets it later.
        if (store.isUp() && store.trouble() === null) { figures.minutesLost += minutes.length; log.warn({ err: error, siteId }, 'minutes of zones could not be kept'); } else throw error;
      }
      waiting.shift();
    }
  }
  const timer = setInterval(() => {
    closeMinutes(Date.now());
    keeping ??= keep().catch(() => {}).finally(() => { keeping = null; });
  }, 1000);

  return {
    figures: () => ({ ...figures, minutesWaiting: waiting.length }),
    async close() {
      clearInterval(timer);
      await unsubscribe();
      await keeping;
      if (lease !== null && store.isUp()) await store.dropLease(lease).catch(() => {});
    },
  };
}

export type ZoneSum = { times: number; peoplePerM2: number; variance: number; peoplePerM2Peak: number; peopleCount: number; seenShare: number; flow: FlowSum };
/** Sums over the looks that knew of motion, each by the people whose motion was known. */
type FlowSum = { times: number; people: number } & ZoneFlow;
export const emptySum = (): ZoneSum => ({
  times: 0, peoplePerM2: 0, variance: 0, peoplePerM2Peak: 0, peopleCount: 0, seenShare: 0,
  flow: { times: 0, people: 0, eastMPerS: 0, northMPerS: 0, velocityVarianceM2PerS2: 0, counterShare: 0, pressurePerS2: 0, knownShare: 0 },
});

export function addTo(sum: ZoneSum, figures: ZoneFigures): void {
  sum.times++;
  sum.peoplePerM2 += figures.peoplePerM2Mean;
  sum.variance += figures.peoplePerM2Error ** 2;
  sum.peoplePerM2Peak = Math.max(sum.peoplePerM2Peak, figures.peoplePerM2Peak);
  sum.peopleCount += figures.peopleCount;
  sum.seenShare += figures.seenShare;
  const { flow } = figures, people = figures.peopleCount * (flow?.knownShare ?? 0);
  if (flow === null || !(people > 0)) return;
  sum.flow.times++;
  sum.flow.people += people;
  sum.flow.knownShare += flow.knownShare;
  for (const name of FLOW_MEANS) sum.flow[name] += people * flow[name];
}

const FLOW_MEANS = ['eastMPerS', 'northMPerS', 'velocityVarianceM2PerS2', 'counterShare', 'pressurePerS2'] as const;

/** The error of a minute is the error of one look, not smaller: the looks of one camera err the same way. */
export function zoneMinute(minuteAtMs: number, sum: ZoneSum, floorPeople: number): ZoneMinute {
  const peopleCount = sum.peopleCount / sum.times;
  if (!(peopleCount >= floorPeople)) return { minuteAtMs, kept: 'few' };
  return {
    minuteAtMs, kept: 'figures', peoplePerM2Mean: sum.peoplePerM2 / sum.times, peoplePerM2Error: Math.sqrt(sum.variance / sum.times),
    peoplePerM2Peak: sum.peoplePerM2Peak, peopleCount, seenShare: sum.seenShare / sum.times, flow: minuteFlow(sum.flow),
  };
}

/** Null when no look knew of motion. The variance is that within a look: a crowd that turns round within the minute has another mean, not a spread. */
function minuteFlow({ times, people, knownShare, ...sums }: FlowSum): ZoneFlow | null {
  if (times === 0) return null;
  const mean = (name: (typeof FLOW_MEANS)[number]) => sums[name] / people;
  return { eastMPerS: mean('eastMPerS'), northMPerS: mean('northMPerS'), velocityVarianceM2PerS2: mean('velocityVarianceM2PerS2'), counterShare: Math.min(1, mean('counterShare')), pressurePerS2: mean('pressurePerS2'), knownShare: Math.min(1, knownShare / times) };
}
