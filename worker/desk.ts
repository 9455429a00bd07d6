// The desk: alarms become incidents, and time passes for them. One at a time in the whole system (lease 'desk'); another takes over within seconds.
// It may die anywhere: each of its inputs has an id made of what it was made of, so that the next desk, which reads again from the cursor, gives the same ones and nothing is taken twice.
import type { Logger } from 'pino';
import type { AlarmChanged } from '../contract/alarm.ts';
import { SYSTEM_ACTOR, isOpenStep, type IncidentCommand } from '../contract/incident.ts';
import { Problem } from '../contract/problem.ts';
import { contextWish } from '../crowd/incident/contextWish.ts';
import { decideIncident } from '../crowd/incident/decideIncident.ts';
import type { Bus } from '../store/bus/bus.ts';
import type { NewIncidentInput } from '../store/incidentsStore.ts';
import { pauseMs, sleep } from '../store/pauseMs.ts';
import { LeaseLost, type Lease, type Store } from '../store/store.ts';
import { within } from '../store/within.ts';
import { alarmInputs } from './desk/alarmInputs.ts';

const LEASE = 'desk', LEASE_MS = 3000, LEASE_RENEWED_EVERY_MS = 1000, LEASE_ASKED_EVERY_MS = 500;
/** Without a renewed lease for this long nothing is given: somebody else may be the desk soon, or the database hangs. */
const LEASE_TRUSTED_MS = 2000;
const CLOCK_MOVED_EVERY_MS = 500, LOOK_EVERY_MS = 250;
const CURSOR = 'desk';
const ALARMS_AT_ONCE = 100, TICKS_AT_ONCE = 50, PLACES_AT_ONCE = 200, ALARMS_AT_START_MOST = 2000;
/** A tick that moved nothing is not given again before this; it would be a fault of ours, and must not eat the machine. */
const STUCK_FOR_MS = 10_000;
const TRIES_OF_ONE_INPUT = 3;
const PLACES_LOOKED_AT_EVERY_MS = 5000;

export type DeskFigures = { holds: number; alarmEventsRead: number; incidentsOpened: number; inputsTaken: number; inputsRepeated: number; inputsRefused: number; inputsPassedOver: number; ticks: number; ticksStuck: number; tickLateMsMost: number; placesMoved: number; failures: number; leasesLost: number };
export type Desk = { figures(): DeskFigures; close(): Promise<void> };
type DeskParts = { store: Store; bus: Bus; log: Logger; holder: string };

export async function runDesk({ store, log, holder }: DeskParts): Promise<Desk> {
  const figures: DeskFigures = { holds: 0, alarmEventsRead: 0, incidentsOpened: 0, inputsTaken: 0, inputsRepeated: 0, inputsRefused: 0, inputsPassedOver: 0, ticks: 0, ticksStuck: 0, tickLateMsMost: 0, placesMoved: 0, failures: 0, leasesLost: 0 };
  const closing = new AbortController();
  /** How often deciding failed, by input. */
  const stumbles = new Map<string, number>();
  let news = true, unitsMoved = true, wakeUp: () => void = () => {};
  const deaf = [store.onEvents(() => { news = true; wakeUp(); }), store.onUnits(() => { unitsMoved = true; })];

  /** Tries for ever and owns the pause. */
  const loop = (async () => {
    for (let attempt = 1; !closing.signal.aborted;) {
      let lease: Lease | null = null;
      const startedAtMs = performance.now();
      try {
        lease = await store.takeLease(LEASE, holder, LEASE_MS);
        if (lease !== null) await deskOnce(lease); else await sleep(LEASE_ASKED_EVERY_MS, closing.signal);
        attempt = 1;
      } catch (error) {
        if (closing.signal.aborted) break;
        if (error instanceof LeaseLost) { figures.leasesLost++; log.warn('another process is the desk'); continue; }
        figures.failures++;
        if (performance.now() - startedAtMs > 30_000) attempt = 1;
        log.warn({ err: error, attempt }, 'the desk stopped; begun again from where it was');
        await sleep(pauseMs({ attempt: attempt++, firstMs: 250, mostMs: 5000 }), closing.signal);
      } finally {
        figures.holds = 0;
        if (lease !== null) await within(1000, store.dropLease(lease)).catch(() => {});
      }
    }
  })();

  /** One honest attempt; throws at the first trouble, returns when it is stopped. */
  async function deskOnce(lease: Lease): Promise<void> {
    let failure: { error: unknown } | null = null, renewedAtMs = performance.now(), renewing: Promise<void> | null = null;
    const renewer = setInterval(() => {
      const askedAtMs = performance.now();
      renewing ??= store.renewLease(lease, LEASE_MS).then((held) => { if (!held) throw new LeaseLost(lease); renewedAtMs = askedAtMs; }).catch((error: unknown) => { failure ??= { error }; wakeUp(); }).finally(() => { renewing = null; });
    }, LEASE_RENEWED_EVERY_MS);
    const stuck = new Map<string, number>();
    let movedAtMs = performance.now(), placesLookedAtMs = -Infinity;
    try {
      await store.moveDeskClock(lease, 0);
      figures.holds = 1;
      let cursor = await store.cursor(CURSOR);
      await lookAtOpenAlarms();
      news = unitsMoved = true;
      while (!closing.signal.aborted) {
        if (failure !== null) throw (failure as { error: unknown }).error;
        if (performance.now() - renewedAtMs > LEASE_TRUSTED_MS) {
          if (performance.now() - renewedAtMs > LEASE_MS) throw new Error('the lease of the desk could not be renewed in time');
          await sleep(50, closing.signal);
          continue;
        }
        const nowMs = performance.now();
        if (nowMs - movedAtMs >= CLOCK_MOVED_EVERY_MS) {
          await store.moveDeskClock(lease, nowMs - movedAtMs);
          movedAtMs = nowMs;
        }
        const ticked = await tickDue(stuck);
        news = false;
        const events = await store.alarmEventsAfter(cursor, ALARMS_AT_ONCE);
        if (events.length > 0) {
          const taken = await takeAlarms(events.map(({ event }) => event));
          cursor = events[taken - 1]!.seq;
          await store.moveCursor(CURSOR, cursor);
        }
        if (unitsMoved && performance.now() - placesLookedAtMs > PLACES_LOOKED_AT_EVERY_MS) {
          unitsMoved = false;
          placesLookedAtMs = performance.now();
          await lookAtPlaces();
        }
        if (events.length > 0 || ticked || news) continue;
        await new Promise<void>((resolve) => {
          const done = () => { clearTimeout(timer); closing.signal.removeEventListener('abort', done); resolve(); };
          const timer = setTimeout(done, LOOK_EVERY_MS);
          wakeUp = done;
          closing.signal.addEventListener('abort', done);
        });
      }
    } finally {
      clearInterval(renewer);
      await within(1000, Promise.resolve(renewing)).catch(() => {});
    }
  }

  /** Alarms that are open and were raised while there were no incidents yet, or while this installation was of an older release. */
  async function lookAtOpenAlarms(): Promise<void> {
    let alarms: AlarmChanged[] = (await store.alarmsWithoutIncident(ALARMS_AT_START_MOST)).map((alarm) => ({ type: 'alarmChanged', eventId: `${alarm.alarmId}.${alarm.version}`, siteId: alarm.siteId, atMs: alarm.changedAtMs, from: null, alarm }));
    while (alarms.length > 0 && !closing.signal.aborted) alarms = alarms.slice(await takeAlarms(alarms.slice(0, ALARMS_AT_ONCE)));
  }

  /** How many of them are done with; at least one. */
  async function takeAlarms(events: AlarmChanged[]): Promise<number> {
    const { inputs, eventsTaken, opened } = await alarmInputs(store, events);
    const taken = await give(inputs);
    figures.alarmEventsRead += eventsTaken;
    // What one of them was made of may have changed just now (an incident was closed): made anew, and then it holds.
    for (const refused of taken.refused) {
      const event = events.find(({ eventId }) => `alarm.${eventId}` === refused.inputId);
      if (event === undefined) continue;
      const again = await give((await alarmInputs(store, [event])).inputs);
      figures.inputsRefused += again.refused.length;
    }
    figures.incidentsOpened += Math.max(0, opened - taken.refused.filter((input) => input.command.type === 'report').length);
    return eventsTaken;
  }

  /** True when there may be more. */
  async function tickDue(stuck: Map<string, number>): Promise<boolean> {
    for (const [incidentId, untilMs] of stuck) if (untilMs <= performance.now()) stuck.delete(incidentId);
    // By the clock that will stamp the tick: it is due then, too.
    const { runMs } = await store.deskClock();
    const due = (await store.dueIncidents(runMs, TICKS_AT_ONCE + stuck.size)).filter((incidentId) => !stuck.has(incidentId)).slice(0, TICKS_AT_ONCE);
    const incidents = (await store.incidents(due)).filter((incident) => isOpenStep(incident.step) && incident.nextRunMs !== null);
    const readable = new Set(incidents.map(({ incidentId }) => incidentId));
    for (const incidentId of due) if (!readable.has(incidentId)) stuck.set(incidentId, performance.now() + STUCK_FOR_MS);
    if (incidents.length === 0) return false;
    const command: IncidentCommand = { type: 'tick' }, atMs = Date.now();
    const inputs = await Promise.all(incidents.map(async (incident): Promise<NewIncidentInput> => {
      const context = await store.incidentContext({ ...contextWish(incident, command)!, atMs });
      return { inputId: `tick.${incident.incidentId}.${incident.version}.${incident.nextRunMs}`, incidentId: incident.incidentId, actor: SYSTEM_ACTOR, command, context: { ...context, playbook: [] } };
    }));
    for (const incident of incidents) figures.tickLateMsMost = Math.max(figures.tickLateMsMost, Math.round(runMs - incident.nextRunMs!));
    const { incidents: after, refused } = await give(inputs);
    figures.ticks += inputs.length - refused.length;
    figures.inputsRefused += refused.length;
    const moved = new Map(after.map((incident) => [incident.incidentId, incident.nextRunMs]));
    for (const { incidentId, nextRunMs } of incidents) if (moved.get(incidentId) === undefined || moved.get(incidentId) === nextRunMs) {
      figures.ticksStuck++;
      stuck.set(incidentId, performance.now() + STUCK_FOR_MS);
    }
    return true;
  }

  /** A border moved: open incidents belong to the unit that their place lies in now. */
  async function lookAtPlaces(): Promise<void> {
    for (let after: string | null = null; !closing.signal.aborted;) {
      const page = await store.incidentPage({ state: 'open', order: 'newest', most: PLACES_AT_ONCE, ...(after === null ? {} : { after }) });
      const wrong: { incidentId: string; unitId: string | null }[] = [];
      for (const { incidentId, point, placeUnitId } of page.incidents) {
        const unitId = (await store.unitsAt(point))[0]?.unitId ?? null;
        if (unitId !== placeUnitId) wrong.push({ incidentId, unitId });
      }
      const incidents = new Map((await store.incidents(wrong.map(({ incidentId }) => incidentId))).map((incident) => [incident.incidentId, incident]));
      const inputs = await Promise.all(wrong.flatMap(({ incidentId, unitId }) => {
        const incident = incidents.get(incidentId);
        if (incident === undefined || !isOpenStep(incident.step)) return [];
        const command: IncidentCommand = { type: 'placeMoved', unitId };
        return [store.incidentContext({ ...contextWish(incident, command)!, atMs: Date.now() }).then((context): NewIncidentInput => ({ inputId: `placeMoved.${incidentId}.${incident.version}.${unitId ?? ''}`, incidentId, actor: SYSTEM_ACTOR, command, context: { ...context, playbook: [] } }))];
      }));
      for (let at = 0; at < inputs.length; at += TICKS_AT_ONCE) figures.placesMoved += (await give(inputs.slice(at, at + TICKS_AT_ONCE))).incidents.length;
      if (page.nextAfter === null) return;
      after = page.nextAfter;
    }
  }

  /** All in one transaction; where one of them is refused or cannot be decided, by halves, so that it stands alone and the others are taken. */
  async function give(inputs: NewIncidentInput[]): Promise<{ incidents: { incidentId: string; nextRunMs: number | null }[]; refused: NewIncidentInput[] }> {
    if (inputs.length === 0) return { incidents: [], refused: [] };
    const taken = await store.takeIncidentInputs(inputs, decideIncident).catch((error: unknown) => {
      if (!(error instanceof Error) || (error instanceof Problem && error.note.code !== 'internal')) throw error;
      return { fault: error };
    });
    if (!('problem' in taken) && !('fault' in taken)) {
      if (taken.repeated) figures.inputsRepeated += inputs.length; else figures.inputsTaken += inputs.length;
      return { incidents: taken.incidents, refused: [] };
    }
    if (inputs.length > 1) {
      const half = inputs.length >> 1, first = await give(inputs.slice(0, half)), second = await give(inputs.slice(half));
      return { incidents: [...first.incidents, ...second.incidents], refused: [...first.refused, ...second.refused] };
    }
    const [input] = inputs as [NewIncidentInput];
    if ('problem' in taken) { log.info({ inputId: input.inputId, problem: taken.problem.code }, 'an input of the desk was refused'); return { incidents: [], refused: [input] }; }
    if (stumbles.size > 1000) stumbles.clear();
    const times = (stumbles.get(input.inputId) ?? 0) + 1;
    stumbles.set(input.inputId, times);
    if (times < TRIES_OF_ONE_INPUT) throw taken.fault;
    // An incident that is never looked at again would be bad; all others with it would be worse.
    stumbles.delete(input.inputId);
    figures.inputsPassedOver++;
    log.error({ err: taken.fault, inputId: input.inputId, command: input.command.type }, 'an input at which deciding fails was passed over');
    return { incidents: [], refused: [] };
  }

  return {
    figures: () => ({ ...figures }),
    async close() {
      closing.abort();
      for (const stop of deaf) stop();
      wakeUp();
      await loop;
    },
  };
}
