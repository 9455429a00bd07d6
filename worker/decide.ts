// Runs step() for every site, one decider a site in the whole system: a lease with a fence in PostgreSQL says who.
// Order that matters: read inputs -> fold -> commit events and snapshot in one transaction -> only then tell anybody.
// Whatever goes wrong, the state in memory is dropped and begun again from the snapshot and the input log: the same inputs make the same events.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { SiteEvent } from '../contract/alarm.ts';
import { decodeInput, encodeInput, type CommandAnswer, type Input } from '../contract/decide.ts';
import type { LiveMessage } from '../contract/live.ts';
import type { SiteConfig } from '../contract/site.ts';
import type { RuleKind } from '../crowd/rules/ruleKind.ts';
import { compileSite, type CompiledSite } from '../crowd/site.ts';
import { siteStateFromJson, siteStateToJson } from '../crowd/siteState.ts';
import { firstState, lineStates, step, zoneStates, type SiteState } from '../crowd/step.ts';
import { LOG_START, topics, type Bus } from '../store/bus/bus.ts';
import { LeaseLost, type Lease, type Snapshot, type Store } from '../store/store.ts';

const LEASE_MS = 3000;
const LEASE_RENEWED_EVERY_MS = 1000;
/** Without a renewed lease for this long nothing is decided: somebody else may have the site soon, or the database hangs. */
const LEASE_TRUSTED_MS = 2000;
const TICK_EVERY_MS = 500;
const SNAPSHOT_EVERY_MS = 5000;
const SITES_LOOKED_AT_EVERY_MS = 5000;
const LEASE_ASKED_EVERY_MS = 500;
const INPUTS_AT_ONCE = 500;
/** The screens, the database and the other sites must get their turn within this. */
const FOLD_AT_MOST_MS = 12;
/** Zones are shown as not judged long before; the last figures stay to be looked at. */
const ZONES_KEPT_MS = 10 * 60_000;
/** An input at which step() throws this often is passed over: a site that is never judged again would be worse. */
const TRIES_OF_ONE_INPUT = 3;

export type DecideSettings = { tickEveryMs?: number };
export type DecideFigures = { sites: number; inputsFolded: number; inputsBroken: number; inputsPassedOver: number; gapsInLog: number; eventsRecorded: number; leasesLost: number; restarts: number };
export type Decider = { close(): Promise<void>; figures(): DecideFigures };
type DecideParts = { store: Store; bus: Bus; settings: DecideSettings; rules: RuleKind[]; log: Logger; holder: string };

export async function runDecide(parts: DecideParts): Promise<Decider> {
  const { store, bus, log } = parts;
  const figures: DecideFigures = { sites: 0, inputsFolded: 0, inputsBroken: 0, inputsPassedOver: 0, gapsInLog: 0, eventsRecorded: 0, leasesLost: 0, restarts: 0 };
  const sites = new Map<string, { stop: AbortController; done: Promise<void>; look: () => void }>();
  let closed = false;

  async function lookAtSites(): Promise<void> {
    const there = new Set((await store.sites()).map(({ site }) => site.siteId));
    if (closed) return;
    for (const [siteId, { stop }] of sites) if (!there.has(siteId)) { stop.abort(); sites.delete(siteId); }
    for (const siteId of there) {
      if (sites.has(siteId)) continue;
      const stop = new AbortController();
      const watched = { look: () => {} };
      const done = runSite({ ...parts, siteId, signal: stop.signal, figures, onLook: (look) => { watched.look = look; } });
      sites.set(siteId, { stop, done, look: () => watched.look() });
    }
    figures.sites = sites.size;
  }
  let looking: Promise<void> | null = null;
  const look = () => { looking ??= lookAtSites().catch((error: unknown) => log.warn({ err: error }, 'the sites cannot be read; tried again')).finally(() => { looking = null; }); };
  look();
  const timer = setInterval(look, SITES_LOOKED_AT_EVERY_MS);
  const unsubscribe = await bus.subscribe(topics.siteChanged, (bytes) => {
    try {
      const { siteId } = JSON.parse(Buffer.from(bytes).toString()) as { siteId: string };
      sites.get(siteId)?.look();
    } catch { figures.inputsBroken++; }
    look();
  });

  return {
    figures: () => ({ ...figures }),
    async close() {
      closed = true;
      clearInterval(timer);
      await unsubscribe();
      await looking;
      for (const { stop } of sites.values()) stop.abort();
      await Promise.allSettled([...sites.values()].map(({ done }) => done));
    },
  };
}

type SiteParts = DecideParts & { siteId: string; signal: AbortSignal; figures: DecideFigures; onLook: (look: () => void) => void };
/** The input at which folding failed, and how often in a row. */
type Stumble = { entryId: string | null; times: number };

/** Tries for ever and owns the pause. */
async function runSite(parts: SiteParts): Promise<void> {
  const { store, siteId, holder, log, signal, figures } = parts;
  const stumble: Stumble = { entryId: null, times: 0 };
  for (let attempt = 0; !signal.aborted;) {
    let lease: Lease | null = null;
    const startedAtMs = performance.now();
    try {
      lease = await store.takeLease(`site:${siteId}`, holder, LEASE_MS);
      if (lease !== null) await decideOnce(parts, lease, stumble);
      else await pause(LEASE_ASKED_EVERY_MS, undefined, { signal });
      attempt = 0;
    } catch (error) {
      if (signal.aborted) break;
      if (error instanceof LeaseLost) { figures.leasesLost++; log.warn({ siteId }, 'another decider has this site'); continue; }
      figures.restarts++;
      // A site that ran well for a while begins its pauses anew.
      if (performance.now() - startedAtMs > 30_000) attempt = 0;
      log.warn({ err: error, siteId, attempt }, 'deciding for this site stopped; begun again from its snapshot');
      await pause(Math.min(10_000, 250 * 2 ** Math.min(attempt++, 10)), undefined, { signal }).catch(() => {});
    } finally {
      if (lease !== null) await within(1000, store.dropLease(lease)).catch(() => {});
    }
  }
}

/** One honest attempt: holds the lease, folds, commits, tells; throws at the first trouble. Returns when it is stopped. */
async function decideOnce({ store, bus, settings, rules, log, siteId, signal, figures, onLook }: SiteParts, lease: Lease, stumble: Stumble): Promise<void> {
  const inputs = topics.inputs(siteId);
  const newest = await store.site(siteId);
  if (newest === null) { await pause(LEASE_ASKED_EVERY_MS, undefined, { signal }); return; }
  let { state, site, inputId } = await whereItStood(store, bus, siteId, newest, rules, log);
  let judgedAtMs = 0, zonesToldAtMs = 0, savedAtMs = performance.now();

  // --- side jobs; the first that fails ends this attempt
  let failure: { error: unknown } | null = null;
  const fail = (error: unknown) => { failure ??= { error }; reading.abort(); };
  const reading = new AbortController();
  const stopReading = () => reading.abort();
  signal.addEventListener('abort', stopReading);

  let renewedAtMs = performance.now();
  let renewing: Promise<void> | null = null;
  const renew = () => {
    const askedAtMs = performance.now();
    renewing ??= store.renewLease(lease, LEASE_MS).then((held) => { if (!held) throw new LeaseLost(lease); renewedAtMs = askedAtMs; }).catch(fail).finally(() => { renewing = null; });
  };
  let configToldVersion = site.config.version;
  let telling: Promise<void> | null = null;
  const tellConfig = () => {
    telling ??= (async () => {
      const config = await store.site(siteId);
      // Into the log, not straight into step(): a replay must change the site at the same place.
      if (config === null || config.version <= configToldVersion) return;
      await bus.append(inputs, encodeInput({ type: 'configChanged', version: config.version, atMs: Date.now() }));
      configToldVersion = config.version;
    })().catch(fail).finally(() => { telling = null; });
  };
  // As with the site: what is silenced changes at one place of the log. Windows that are over leave the list by themselves.
  let silencesTold = JSON.stringify(state.silences);
  let tellingSilences: Promise<void> | null = null;
  const tellSilences = () => {
    tellingSilences ??= (async () => {
      const silences = await store.silences(siteId, Date.now()), text = JSON.stringify(silences);
      if (text === silencesTold) return;
      await bus.append(inputs, encodeInput({ type: 'silences', silences, atMs: Date.now() }));
      silencesTold = text;
    })().catch(fail).finally(() => { tellingSilences = null; });
  };
  const look = () => { tellConfig(); tellSilences(); };
  onLook(look);
  look();
  let ticking = false;
  const tick = () => {
    // Time stands still for a decider whose lease is in doubt; and ticks never pile up behind a slow bus.
    if (ticking || performance.now() - renewedAtMs > LEASE_TRUSTED_MS) return;
    ticking = true;
    bus.append(inputs, encodeInput({ type: 'tick', atMs: Date.now() })).catch(fail).finally(() => { ticking = false; });
  };
  tick();
  const timers = [setInterval(renew, LEASE_RENEWED_EVERY_MS), setInterval(tick, settings.tickEveryMs ?? TICK_EVERY_MS), setInterval(look, SITES_LOOKED_AT_EVERY_MS)];

  const snapshotNow = (): Snapshot => ({ siteId, fence: lease.fence, inputId, configVersion: site.config.version, stateJson: siteStateToJson(state), savedAtMs: Date.now() });
  let isFirstRead = true;
  try {
    while (!signal.aborted) {
      const { entries, lost } = await bus.read(inputs, inputId, { mostEntries: INPUTS_AT_ONCE, waitMs: 250, signal: reading.signal }).catch((error: unknown) => {
        if (reading.signal.aborted) return { entries: [], lost: false };
        throw error;
      });
      if (failure !== null) throw (failure as { error: unknown }).error;
      if (signal.aborted) break;
      if (lost) {
        figures.gapsInLog++;
        // The log of the all-in-one lives in memory: after its restart there is nothing before now, and nothing was left undecided by an orderly stop.
        if (isFirstRead) log.info({ siteId, inputId }, 'the input log begins after the snapshot');
        else log.error({ siteId, inputId }, 'inputs were cut off before they were decided on; alarms of that while may be missing');
      }
      isFirstRead = false;
      if (performance.now() - renewedAtMs > LEASE_TRUSTED_MS) {
        if (performance.now() - renewedAtMs > LEASE_MS) throw new Error('the lease could not be renewed in time');
        await pause(50);
        continue;
      }

      // --- fold
      const events: SiteEvent[] = [], answers: CommandAnswer[] = [];
      let sliceAtMs = performance.now(), tickAtMs = judgedAtMs;
      for (const { entryId, bytes } of entries) {
        const input = decodeInput(bytes);
        if (input === null) { figures.inputsBroken++; inputId = entryId; continue; }
        if (input.type === 'configChanged') site = await siteAfter(store, site, input.version, rules);
        if (stumble.entryId === entryId && stumble.times >= TRIES_OF_ONE_INPUT) {
          figures.inputsPassedOver++;
          log.error({ siteId, entryId, input: input.type }, 'an input at which deciding fails was passed over');
        } else {
          const folded = foldOne(state, input, site, entryId, stumble);
          state = folded.state;
          for (const effect of folded.effects) switch (effect.type) {
            case 'alarmChanged': events.push(effect.event); break;
            case 'answer': answers.push(effect.answer); break;
          }
        }
        if (input.type === 'tick') tickAtMs = input.atMs;
        inputId = entryId;
        figures.inputsFolded++;
        if (performance.now() - sliceAtMs > FOLD_AT_MOST_MS) { await new Promise((turn) => setImmediate(turn)); sliceAtMs = performance.now(); }
      }

      // --- commit, then tell
      if (events.length > 0 || performance.now() - savedAtMs > SNAPSHOT_EVERY_MS) {
        const recorded = await store.recordEvents({ events, snapshot: snapshotNow(), lease });
        figures.eventsRecorded += recorded.length;
        savedAtMs = performance.now();
      }
      judgedAtMs = tickAtMs;
      for (const answer of answers) await bus.publish(topics.commandAnswers, Buffer.from(JSON.stringify(answer)));
      if (judgedAtMs > zonesToldAtMs) {
        zonesToldAtMs = judgedAtMs;
        const message: LiveMessage = { type: 'zones', siteId, judgedAtMs, serverAtMs: Date.now(), states: zoneStates(state, site), lines: lineStates(state, site) };
        const bytes = Buffer.from(JSON.stringify(message));
        await Promise.all([bus.publish(topics.zones, bytes), bus.putLatest(topics.zonesOf(siteId), bytes, ZONES_KEPT_MS)]);
      }
    }
    // Stopped in order: the next start goes on from here.
    await within(1500, store.recordEvents({ events: [], snapshot: snapshotNow(), lease }));
  } finally {
    for (const timer of timers) clearInterval(timer);
    signal.removeEventListener('abort', stopReading);
    onLook(() => {});
    await Promise.allSettled([renewing, telling, tellingSilences].map((job) => within(1000, Promise.resolve(job))));
  }
}

async function whereItStood(store: Store, bus: Bus, siteId: string, newest: SiteConfig, rules: RuleKind[], log: Logger): Promise<{ state: SiteState; site: CompiledSite; inputId: string }> {
  const snapshot = await store.snapshot(siteId);
  const state = snapshot === null ? null : siteStateFromJson(snapshot.stateJson);
  if (snapshot === null || state === null) {
    // A snapshot that cannot be read is of another release; its open alarms are raised anew by what is seen now.
    if (snapshot !== null) log.error({ siteId }, 'the snapshot of this site cannot be read; deciding begins anew');
    return { state: firstState(siteId), site: compileSite(newest, rules), inputId: snapshot?.inputId ?? LOG_START };
  }
  const config = (await store.siteAtVersion(siteId, snapshot.configVersion)) ?? newest;
  return { state, site: compileSite(config, rules), inputId: snapshot.inputId };
}

/** Late or repeated news of a version changes nothing; a version that is gone is followed by a newer one. */
async function siteAfter(store: Store, site: CompiledSite, version: number, rules: RuleKind[]): Promise<CompiledSite> {
  if (version <= site.config.version) return site;
  const config = await store.siteAtVersion(site.config.site.siteId, version);
  return config === null ? site : compileSite(config, rules);
}

function foldOne(state: SiteState, input: Input, site: CompiledSite, entryId: string, stumble: Stumble) {
  try {
    return step(state, input, site);
  } catch (error) {
    stumble.times = stumble.entryId === entryId ? stumble.times + 1 : 1;
    stumble.entryId = entryId;
    throw error;
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const timer = new AbortController();
  try { return await Promise.race([work, pause(ms, undefined, { signal: timer.signal }).catch(() => undefined)]); } finally { timer.abort(); }
}
