// Makes the forecast of every zone once a minute, beside the decider: reads the stored past, fits a model to each zone once a day, and puts what it says into the input log of
// the site, where step() takes it up like any other input. One process a site at a time: a lease of its own. Without a database it waits; the zones then say nothing.
import type { Logger } from 'pino';
import { encodeInput } from '../contract/decide.ts';
import type { ZoneForecast } from '../contract/forecast.ts';
import type { SiteConfig } from '../contract/site.ts';
import { FIT_DAYS, fitForecast, type ForecastModel, forecastZone, MINUTE_FEW, MINUTE_UNKNOWN, minuteCode, MINUTES_A_DAY, RECENT_MINUTES, type LocalMinuteOf } from '../crowd/forecast.ts';
import { topics, type Bus } from '../store/bus/bus.ts';
import { sleep } from '../store/pauseMs.ts';
import type { Lease, Store } from '../store/store.ts';
import { localClock } from '../store/localClock.ts';

const MINUTE_MS = 60_000;
/** After the end of a minute: record.ts closes it 2 s later and writes within the next. */
const MADE_AFTER_MS = 6000;
/** Two rounds: who dies is followed before its last forecast is too old to be shown. */
const LEASE_MS = 130_000;
/** A day is packed this long after its end: minutes that waited for a database may come an hour late. */
const PACKED_AFTER_MINUTES = 130;
/** Minutes that are read anew each round, for late ones; the whole of RECENT_MINUTES after trouble. */
const READ_BACK_MINUTES = 10;
/** Packing and fitting in one round take at most this long; the rest has to wait for the next minute. */
const CHORES_MOST_MS = 10_000;
/** Steps of a fit in a row, before the decider and the screens of this process get their turn. */
const FIT_SLICE_MS = 5;
/** A newest minute older than this is no present to forecast from. */
const LATE_MINUTES_MOST = 3;

export type ForecastSettings = { timeZone: string; /** Between two rounds, for tests; left out: once a minute, when its minute was kept. */ roundEveryMs?: number };
export type ForecastFigures = { sites: number; zones: number; zonesFitted: number; zonesSaying: number; rounds: number; roundsFailed: number; fits: number; daysPacked: number; roundMs: number };
type Parts = { store: Store; bus: Bus; settings: ForecastSettings; log: Logger; holder: string };

/** `model` null: fitted, and too little past. `fittedDay` is the last day of the past that it was fitted to, or tried to. */
type ZonePast = { codes: Uint16Array; model: ForecastModel | null; fittedDay: number };
type Watched = { lease: Lease; readFromMinute: number | null; lastMinute: number; zones: Map<string, ZonePast>; packed: Map<string, Set<number>> | null };

export async function runForecast({ store, bus, settings, log, holder }: Parts): Promise<{ close(): Promise<void>; figures(): ForecastFigures }> {
  const localMinuteOf = localClock(settings.timeZone);
  const figures = { rounds: 0, roundsFailed: 0, fits: 0, daysPacked: 0, roundMs: 0, zonesSaying: 0 };
  const watched = new Map<string, Watched>();
  const stop = new AbortController();

  /** One honest attempt: first what is due now, for all sites, then the chores. */
  async function runOnce(): Promise<void> {
    const configs = await store.sites(), startedAtMs = performance.now();
    for (const siteId of watched.keys()) if (!configs.some(({ site }) => site.siteId === siteId)) watched.delete(siteId);
    const saying = new Map<string, number>();
    for (const config of configs) {
      const { siteId } = config.site;
      if (stop.signal.aborted) return;
      const lease = await store.takeLease(`forecast:${siteId}`, holder, LEASE_MS);
      // What another process goes on with would be out of date here when it comes back.
      if (lease === null) { watched.delete(siteId); continue; }
      const before = watched.get(siteId), mine: Watched = before?.lease.fence === lease.fence ? before : { lease, readFromMinute: null, lastMinute: 0, zones: new Map(), packed: null };
      watched.set(siteId, mine);
      if (config.zones.length === 0) continue;
      await readNewest(store, mine, config);
      const forecasts = forecastsOf(mine, config, localMinuteOf);
      saying.set(siteId, forecasts.filter(({ points }) => points.length > 0).length);
      if (forecasts.length > 0) await bus.append(topics.inputs(siteId), encodeInput({ type: 'forecast', forecasts, atMs: Date.now() }));
    }
    figures.zonesSaying = [...saying.values()].reduce((a, b) => a + b, 0);
    figures.roundMs = performance.now() - startedAtMs;
    const untilMs = performance.now() + CHORES_MOST_MS;
    for (const config of configs) {
      const mine = watched.get(config.site.siteId);
      if (mine === undefined || config.zones.length === 0) continue;
      await packDays(mine, config, untilMs);
      await fitZones(mine, config, untilMs);
    }
  }

  const isOver = (untilMs: number) => stop.signal.aborted || performance.now() > untilMs;

  /** Newest days first: with them a zone can begin to say something. */
  async function packDays(mine: Watched, { site: { siteId }, zones }: SiteConfig, untilMs: number): Promise<void> {
    const zoneIds = zones.map(({ zoneId }) => zoneId), dayLast = lastWholeDay(), dayFirst = dayLast - FIT_DAYS + 1;
    if (mine.packed === null) {
      mine.packed = new Map();
      for (const { zoneId, day } of await store.zoneDaysPacked(zoneIds, dayFirst)) packedOf(mine.packed, zoneId).add(day);
    }
    for (let day = dayLast; day >= dayFirst && !isOver(untilMs); day--) {
      const missing = zoneIds.filter((zoneId) => !packedOf(mine.packed!, zoneId).has(day));
      if (missing.length === 0) continue;
      figures.daysPacked += await store.packZoneDay(siteId, missing, day);
      for (const zoneId of missing) packedOf(mine.packed, zoneId).add(day);
    }
    for (const [zoneId, days] of mine.packed) {
      if (!zoneIds.includes(zoneId)) mine.packed.delete(zoneId);
      else for (const day of days) if (day < dayFirst) days.delete(day);
    }
  }

  /** Only zones all of whose days are packed; a zone that was not fitted for longest comes first. */
  async function fitZones(mine: Watched, { site: { siteId }, zones }: SiteConfig, untilMs: number): Promise<void> {
    const dayLast = lastWholeDay(), dayFirst = dayLast - FIT_DAYS + 1;
    const due = zones.map(({ zoneId }) => ({ zoneId, past: pastOf(mine, zoneId) })).filter(({ past }) => past.fittedDay < dayLast).toSorted((a, b) => a.past.fittedDay - b.past.fittedDay);
    for (const { zoneId, past } of due) {
      if (isOver(untilMs)) return;
      const packed = packedOf(mine.packed!, zoneId);
      let isPacked = true;
      for (let day = dayFirst; day <= dayLast; day++) if (!packed.has(day)) isPacked = false;
      if (!isPacked) continue;
      const days = (await store.zoneDays(zoneId, dayFirst)).filter(({ day }) => day <= dayLast);
      past.model = await fitInSlices(days, localMinuteOf, stop.signal);
      past.fittedDay = dayLast;
      figures.fits++;
      if (past.model !== null) log.debug({ siteId, zoneId, horizons: past.model.horizons.map(({ aheadMinutes, ways }) => ({ aheadMinutes, ...Object.fromEntries(Object.entries(ways).map(([situation, way]) => [situation, way.said ? way.skillShare : null])) })) }, 'the forecast of a zone was fitted');
    }
  }

  /** Tries for ever and owns the pause. */
  const running = (async () => {
    for (let failedInARow = 0; !stop.signal.aborted;) {
      try { await runOnce(); figures.rounds++; failedInARow = 0; } catch (error) {
        figures.roundsFailed++;
        // Trouble of the database is told by the store itself; one line for each stretch of it is enough.
        if (failedInARow++ === 0 && !stop.signal.aborted) log.warn({ err: error }, 'the forecast could not be made; tried again each minute');
        for (const mine of watched.values()) mine.readFromMinute = null;
      }
      await sleep(settings.roundEveryMs ?? MINUTE_MS - ((Date.now() - MADE_AFTER_MS) % MINUTE_MS), stop.signal);
    }
  })();

  return {
    figures: () => ({
      ...figures, sites: watched.size, zones: [...watched.values()].reduce((sum, { zones }) => sum + zones.size, 0),
      zonesFitted: [...watched.values()].reduce((sum, { zones }) => sum + [...zones.values()].filter(({ model }) => model !== null).length, 0),
    }),
    async close() {
      stop.abort();
      await running;
      if (store.isUp()) await Promise.allSettled([...watched.values()].map(({ lease }) => store.dropLease(lease)));
    },
  };
}

const lastWholeDay = () => Math.floor((Date.now() / MINUTE_MS - PACKED_AFTER_MINUTES) / MINUTES_A_DAY) - 1;
const packedOf = (packed: Map<string, Set<number>>, zoneId: string): Set<number> => { const days = packed.get(zoneId) ?? new Set(); packed.set(zoneId, days); return days; };
const pastOf = ({ zones }: Watched, zoneId: string): ZonePast => {
  const past = zones.get(zoneId) ?? { codes: new Uint16Array(RECENT_MINUTES), model: null, fittedDay: -1 };
  zones.set(zoneId, past);
  return past;
};

/** Moves the window of every zone to now and fills in what was kept since. */
async function readNewest(store: Store, mine: Watched, { zones }: SiteConfig): Promise<void> {
  const zoneIds = zones.map(({ zoneId }) => zoneId), nowMinute = Math.floor(Date.now() / MINUTE_MS);
  // A clock that was set back begins anew, or its forecasts would be of the future.
  if (mine.lastMinute >= nowMinute) { mine.readFromMinute = null; mine.lastMinute = 0; }
  const isNew = zoneIds.some((zoneId) => !mine.zones.has(zoneId));
  for (const zoneId of mine.zones.keys()) if (!zoneIds.includes(zoneId)) mine.zones.delete(zoneId);
  const fromMinute = isNew || mine.readFromMinute === null ? nowMinute - RECENT_MINUTES - LATE_MINUTES_MOST : mine.readFromMinute;
  const rows = await store.newestZoneMinutes(zoneIds, fromMinute * MINUTE_MS);
  // The newest minute that any zone of the site has: the recorder may be a little late, and one blind zone must not hold the others up.
  let newest = 0;
  for (const { minuteAtMs } of rows) newest = Math.max(newest, Math.floor(minuteAtMs / MINUTE_MS));
  const lastMinute = Math.max(mine.lastMinute, newest >= nowMinute - LATE_MINUTES_MOST ? Math.min(newest, nowMinute - 1) : nowMinute - 1);
  const moved = isNew || mine.readFromMinute === null ? RECENT_MINUTES : Math.min(RECENT_MINUTES, lastMinute - mine.lastMinute);
  for (const zoneId of zoneIds) {
    const { codes } = pastOf(mine, zoneId);
    codes.copyWithin(0, moved);
    codes.fill(MINUTE_UNKNOWN, RECENT_MINUTES - moved);
  }
  for (const { zoneId, minuteAtMs, peoplePerM2 } of rows) {
    const at = RECENT_MINUTES - 1 - (lastMinute - Math.floor(minuteAtMs / MINUTE_MS)), past = mine.zones.get(zoneId);
    if (past !== undefined && at >= 0 && at < RECENT_MINUTES) past.codes[at] = peoplePerM2 === null ? MINUTE_FEW : minuteCode(peoplePerM2);
  }
  mine.lastMinute = lastMinute;
  mine.readFromMinute = lastMinute - READ_BACK_MINUTES;
}

/** Each zone that was fitted, also those without points: "no skill here" is said, too. */
function forecastsOf({ zones, lastMinute }: Watched, config: SiteConfig, localMinuteOf: LocalMinuteOf): ZoneForecast[] {
  return config.zones.flatMap(({ zoneId }) => {
    const past = zones.get(zoneId);
    return past === undefined || past.fittedDay < 0 ? [] : [forecastZone(zoneId, past.model, { codes: past.codes, lastMinute }, localMinuteOf)];
  });
}

async function fitInSlices(days: Parameters<typeof fitForecast>[0]['days'], localMinuteOf: LocalMinuteOf, signal: AbortSignal): Promise<ForecastModel | null> {
  const fit = fitForecast({ days, localMinuteOf });
  let sliceAtMs = performance.now();
  for (;;) {
    const step = fit.next();
    if (step.done) return step.value;
    if (signal.aborted) return null;
    if (performance.now() - sliceAtMs > FIT_SLICE_MS) { await new Promise((turn) => setImmediate(turn)); sliceAtMs = performance.now(); }
  }
}
