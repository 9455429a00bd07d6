// Everything that is decided about a site, one input at a time: (state, input, site) -> (state, effects). The same inputs make the same events on every machine.
// No clock, no random, no I/O; a state that was handed out is never changed. Rules are numbered in docs/SPEC.md.
import type { AlarmChanged } from '../contract/alarm.ts';
import type { Acknowledge, CommandAnswer, Input } from '../contract/decide.ts';
import { higherLevel, type Level } from '../contract/level.ts';
import { problemNote } from '../contract/problem.ts';
import type { Reading } from '../contract/reading.ts';
import type { ZoneFigures, ZoneState } from '../contract/zoneState.ts';
import { acknowledgeAlarm, type AlarmStep, endAlarm, followWish, holdAlarm, type Now, type OpenAlarm, type Wish } from './alarmMachine.ts';
import { fits } from './blend.ts';
import { exchange, type Fresh, type Fused, fuseAll } from './fuse.ts';
import type { Memory } from './rules/ruleKind.ts';
import type { CompiledRule, CompiledSensor, CompiledSite, CompiledZone } from './site.ts';

export type Effect = { type: 'alarmChanged'; event: AlarmChanged } | { type: 'answer'; answer: CommandAnswer };

/** What is known of one sensor. Instants named ...RunMs are on the state's own clock, which never goes back. */
export type SensorTrack = {
  sensorId: string;
  epoch: number; seq: number;
  /** Since when somebody waits for it; null while it is off or unplaced. */
  watchedFromRunMs: number | null;
  heardRunMs: number | null;
  /** The newest reading, also when it is too old to count; null before the first of this placing. */
  reading: Reading | null;
  /** Its reading counts as now. */
  fresh: boolean;
  /** How much later than its capture its newest reading came. */
  lagMs: number;
};

export type SiteState = {
  siteId: string;
  /** Version of the site that was decided with last; null before the first input. */
  configVersion: number | null; gridKey: string;
  /** The newest tick, and the time that was judged so far: the sum of the steps between ticks, none backwards and none longer than TICK_STEP_MOST_MS. */
  tickAtMs: number | null; runMs: number;
  /** In the order of the site's sensors and zones. */
  sensors: readonly SensorTrack[]; zones: readonly ZoneState[];
  /** By rule and place (ruleKey): the open alarm, what the rule remembers, when the last alarm was raised. */
  alarms: ReadonlyMap<string, OpenAlarm>; memories: ReadonlyMap<string, Memory>; lastRaisedAtMs: ReadonlyMap<string, number>;
  /** The newest answers to commands, so that a command given twice is one step. */
  answers: ReadonlyMap<string, CommandAnswer>;
  /** Made of the rest and left out of the snapshot; null when it has to be made anew. */
  fused: Fused | null;
};

export function firstState(siteId: string): SiteState {
  return {
    siteId, configVersion: null, gridKey: '', tickAtMs: null, runMs: 0,
    sensors: [], zones: [], alarms: new Map(), memories: new Map(), lastRaisedAtMs: new Map(), answers: new Map(), fused: null,
  };
}

/** A longer pause between ticks means that nobody judged: it counts as this much, so that a decider that comes back does not take its own absence for silence or for a dwell. */
export const TICK_STEP_MOST_MS = 3000;
/** A reading may be heard this much after the newest tick by a clock that is in order; one that claims more does not move our time. */
const AHEAD_MOST_MS = 2000;
/** A frame older than the newest by less than this came late and is passed over; by more, the camera's clock was set back. */
const CAPTURE_BACK_MOST_MS = 3000;
/** Less of a zone than this is not the zone, unless what is seen is too dense by itself: calm there says nothing of the rest, a crush does. */
export const SEEN_SHARE_LEAST = 0.25;
const ANSWERS_MOST = 1000;
const INSTANT_MOST_MS = 9e15;

export function step(state: SiteState, input: Input, site: CompiledSite): { state: SiteState; effects: Effect[] } {
  if (!isSane(input)) return { state, effects: [] };
  const draft = draftOf(state, input, site);
  if (input.type === 'configChanged' || state.configVersion !== site.version) adopt(draft);
  switch (input.type) {
    case 'reading': takeReading(draft, input.reading); break;
    case 'tick': takeTick(draft); break;
    case 'acknowledge': takeAcknowledge(draft, input); break;
    case 'configChanged': break;
  }
  return { state: draft.state, effects: draft.effects };
}

/** In the site's order. Before the first input every zone is blind. */
export function zoneStates(state: SiteState, site: CompiledSite): ZoneState[] {
  const known = new Map(state.zones.map((zone) => [zone.zoneId, zone]));
  return site.zones.map((zone) => known.get(zone.zone.zoneId)
    ?? { zoneId: zone.zone.zoneId, sight: 'blind', because: zone.seenBy.length === 0 ? 'noSensor' : 'neverSeen', sinceMs: 0, lastFigures: null });
}

/** The state in the making. Lists and maps that are still those of `before` are copied before the first change, everything else is replaced. */
type Draft = { before: SiteState; state: SiteState; site: CompiledSite; now: Now; effects: Effect[] };
type MapName = 'alarms' | 'memories' | 'lastRaisedAtMs' | 'answers';
type Value<Name extends MapName> = SiteState[Name] extends ReadonlyMap<string, infer V> ? V : never;

function own<Name extends MapName>(draft: Draft, name: Name): Map<string, Value<Name>> {
  if (draft.state[name] === draft.before[name]) (draft.state as Record<MapName, unknown>)[name] = new Map(draft.before[name] as ReadonlyMap<string, unknown>);
  return draft.state[name] as unknown as Map<string, Value<Name>>;
}

function setSensor(draft: Draft, index: number, track: SensorTrack): void {
  if (draft.state.sensors === draft.before.sensors) draft.state.sensors = draft.before.sensors.slice();
  (draft.state.sensors as SensorTrack[])[index] = track;
}
function setZone(draft: Draft, index: number, zone: ZoneState): void {
  if (draft.state.zones === draft.before.zones) draft.state.zones = draft.before.zones.slice();
  (draft.state.zones as ZoneState[])[index] = zone;
}

function isSane(input: Input): boolean {
  const instant = (value: number) => Number.isFinite(value) && value >= 0 && value <= INSTANT_MOST_MS;
  if (input.type !== 'reading') return instant(input.atMs);
  const { epoch, seq, capturedAtMs, heardAtMs, peopleInPicture } = input.reading;
  return instant(capturedAtMs) && instant(heardAtMs) && Number.isFinite(epoch) && Number.isFinite(seq) && Number.isFinite(peopleInPicture);
}

function draftOf(state: SiteState, input: Input, site: CompiledSite): Draft {
  const atMs = input.type === 'reading' ? input.reading.heardAtMs : input.atMs;
  let { tickAtMs, runMs } = state;
  if (tickAtMs === null) tickAtMs = atMs;
  else if (input.type === 'tick') { runMs += Math.min(TICK_STEP_MOST_MS, Math.max(0, atMs - tickAtMs)); tickAtMs = atMs; }
  // Between two ticks the other inputs move time on, but only for themselves: their clocks may be another machine's.
  const ahead = input.type === 'tick' ? 0 : Math.min(AHEAD_MOST_MS, Math.max(0, atMs - tickAtMs));
  return { before: state, state: { ...state, tickAtMs, runMs }, site, now: { runMs: runMs + ahead, wallMs: tickAtMs + ahead }, effects: [] };
}

// --- inputs

function takeReading(draft: Draft, reading: Reading): void {
  const { site, now } = draft;
  const place = site.sensors.get(reading.sensorId);
  if (place === undefined || !place.watched || reading.siteId !== draft.state.siteId) return;
  if (reading.calibrationVersion !== place.sensor.calibration!.version || !fits(reading, site.grid)) return;
  const track = draft.state.sensors[place.index]!;
  if (reading.epoch < track.epoch || (reading.epoch === track.epoch && reading.seq <= track.seq)) return;
  if (track.reading !== null) {
    const backMs = track.reading.capturedAtMs - reading.capturedAtMs;
    if (backMs > 0 && backMs <= CAPTURE_BACK_MOST_MS) return;
  }
  const ageMs = Math.max(0, now.wallMs - reading.heardAtMs);
  const fresh = ageMs <= site.staleAfterMs;
  const before = track.fresh ? track.reading : null, fused = fusedOf(draft);
  setSensor(draft, place.index, {
    sensorId: reading.sensorId, epoch: reading.epoch, seq: reading.seq, watchedFromRunMs: track.watchedFromRunMs,
    heardRunMs: Math.max(track.heardRunMs ?? 0, now.runMs - ageMs), reading, fresh,
    lagMs: Math.min(site.staleAfterMs, Math.max(0, now.wallMs - reading.capturedAtMs)),
  });
  const after = exchange(fused, place.index, before, fresh ? reading : null, freshReadings(draft));
  draft.state.fused = after.fused;
  for (const index of after.touched) judgeZone(draft, site.zones[index]!);
  judgeSensor(draft, place);
}

function takeTick(draft: Draft): void {
  const { site, now } = draft;
  let fused = fusedOf(draft);
  draft.state.sensors.forEach((track, index) => {
    if (!track.fresh || track.reading === null) return;
    const silentForMs = Math.max(now.runMs - (track.heardRunMs ?? now.runMs), now.wallMs - track.reading.heardAtMs);
    if (silentForMs <= site.staleAfterMs) return;
    setSensor(draft, index, { ...track, fresh: false });
    fused = exchange(fused, index, track.reading, null, freshReadings(draft)).fused;
  });
  draft.state.fused = fused;
  judgeAll(draft);
}

function takeAcknowledge(draft: Draft, command: Acknowledge): void {
  const known = draft.state.answers.get(command.commandId);
  if (known !== undefined) { draft.effects.push({ type: 'answer', answer: known }); return; }
  const { commandId, alarmId } = command;
  const found = [...draft.state.alarms].find(([, open]) => open.alarm.alarmId === alarmId);
  let answer: CommandAnswer;
  if (found === undefined) answer = { commandId, done: false, problem: problemNote('alarmUnknown') };
  else {
    const [key, open] = found;
    const taken = acknowledgeAlarm(open, { by: command.by, atMs: command.atMs }, draft.now);
    if (taken === null) answer = { commandId, done: false, problem: problemNote('alarmStepNotAllowed', { state: open.alarm.state }) };
    else { apply(draft, key, open, taken); answer = { commandId, done: true, alarmId }; }
  }
  const answers = own(draft, 'answers');
  answers.set(commandId, answer);
  if (answers.size > ANSWERS_MOST) answers.delete(answers.keys().next().value!);
  draft.effects.push({ type: 'answer', answer });
}

/** From here on with this version of the site: what is gone is closed, what no longer holds is dropped, what is new is watched from now. */
function adopt(draft: Draft): void {
  const { site, now, state } = draft;
  const sameGrid = state.gridKey === site.gridKey;
  const sensors: SensorTrack[] = [], tracks = new Map(state.sensors.map((track) => [track.sensorId, track]));
  for (const [sensorId, { sensor, watched }] of site.sensors) {
    const old = tracks.get(sensorId);
    const holds = watched && sameGrid && old !== undefined && old.reading !== null && old.reading.calibrationVersion === sensor.calibration!.version;
    if (holds) { sensors.push(old); continue; }
    // Newly placed, switched on or placed anew: its silence counts from now, or a camera that was just set up would be silent at once.
    const waitsStill = watched && old !== undefined && old.watchedFromRunMs !== null && old.reading === null;
    sensors.push({
      sensorId, epoch: old?.epoch ?? -1, seq: old?.seq ?? -1, watchedFromRunMs: watched ? (waitsStill ? old.watchedFromRunMs : now.runMs) : null,
      heardRunMs: null, reading: null, fresh: false, lagMs: 0,
    });
  }
  const zoneIds = new Set(site.config.zones.map((zone) => zone.zoneId));
  Object.assign(draft.state, {
    configVersion: site.version, gridKey: site.gridKey, sensors,
    zones: zoneStates(state, site).map((zone) => (zone.sight === 'blind' && zone.sinceMs === 0 ? { ...zone, sinceMs: now.wallMs } : zone)),
    memories: new Map([...state.memories].filter(([key]) => site.keys.has(key))),
    lastRaisedAtMs: new Map([...state.lastRaisedAtMs].filter(([key]) => { const [, kind, placeId] = key.split(':') as [string, string, string]; return kind === 'zone' ? zoneIds.has(placeId) : site.sensors.has(placeId); })),
  });
  for (const [key, open] of state.alarms) {
    if (site.keys.has(key)) continue;
    const { place } = open.alarm;
    const placeStands = place.kind === 'zone' ? zoneIds.has(place.zoneId) : place.kind === 'sensor' && site.sensors.has(place.sensorId);
    apply(draft, key, open, endAlarm(open, now, placeStands ? 'ruleOff' : 'placeRemoved'));
  }
  draft.state.fused = fuseAll(site, freshReadings(draft));
  judgeAll(draft);
}

// --- judging

function judgeAll(draft: Draft): void {
  for (const zone of draft.site.zones) judgeZone(draft, zone);
  for (const sensor of draft.site.sensors.values()) judgeSensor(draft, sensor);
}

function judgeZone(draft: Draft, zone: CompiledZone): void {
  const { state, now } = draft, { zoneId } = zone.zone;
  const sum = state.fused!.sums[zone.index]!, before = state.zones[zone.index]!;
  const figures = sum.figures !== null && isEnough(zone, sum.figures, before) ? sum.figures : null;
  let level: Level = 'calm';
  if (zone.rules.length > 0) {
    // The rules' time is that of the freshest capture: a burst of late frames is judged by when they were taken.
    let lagMs = Infinity;
    for (const sensor of sum.layout.sensors) lagMs = Math.min(lagMs, state.sensors[sensor]!.lagMs);
    const instantMs = now.runMs - (lagMs === Infinity ? 0 : lagMs);
    for (const rule of zone.rules) {
      const memory = state.memories.get(rule.key) ?? rule.kind.firstMemory;
      const judged = rule.kind.judge({ place: { zone: zone.zone, figures }, settings: rule.settings, instantMs, memory });
      level = higherLevel(level, judged.level);
      if (judged.memory !== memory) own(draft, 'memories').set(rule.key, judged.memory);
      // What a sliver lacks says nothing of the rest: it may raise an alarm and never eases one.
      follow(draft, rule, judged.wish?.level === null && figures !== null && figures.seenShare < SEEN_SHARE_LEAST ? null : judged.wish);
    }
  }
  if (figures !== null) { setZone(draft, zone.index, { zoneId, sight: 'seen', level, figures, forecast: null }); return; }
  const because = blindBecause(draft, zone);
  if (before.sight === 'blind' && before.because === because) return;
  setZone(draft, zone.index, {
    zoneId, sight: 'blind', because,
    sinceMs: before.sight === 'blind' ? before.sinceMs : now.wallMs,
    lastFigures: before.sight === 'seen' ? before.figures : before.lastFigures,
  });
}

function isEnough({ zone, rules }: CompiledZone, figures: ZoneFigures, before: ZoneState): boolean {
  if (figures.seenShare >= SEEN_SHARE_LEAST) return true;
  return rules.some(({ kind, settings }) => kind.pressing?.({ zone, figures }, settings, before.sight === 'seen') ?? false);
}

/** The reason that helps most: a camera that fell silent before one that was never heard, before a view that is too small. */
function blindBecause(draft: Draft, zone: CompiledZone): 'noSensor' | 'neverSeen' | 'sensorSilent' | 'tooLittleSeen' {
  if (zone.seenBy.length === 0 && draft.state.fused!.sums[zone.index]!.figures === null) return 'noSensor';
  const tracks = zone.seenBy.map((sensorId) => draft.state.sensors[draft.site.sensors.get(sensorId)!.index]!);
  if (tracks.some((track) => track.heardRunMs !== null && !track.fresh)) return 'sensorSilent';
  return tracks.some((track) => track.heardRunMs === null) ? 'neverSeen' : 'tooLittleSeen';
}

function judgeSensor(draft: Draft, { index, sensor, watched, rules }: CompiledSensor): void {
  const track = draft.state.sensors[index]!;
  if (!watched || track.watchedFromRunMs === null) return;
  const silentForMs = Math.max(0, draft.now.runMs - (track.heardRunMs ?? track.watchedFromRunMs));
  for (const rule of rules) {
    const memory = draft.state.memories.get(rule.key) ?? rule.kind.firstMemory;
    const judged = rule.kind.judge({ place: { sensor, everHeard: track.heardRunMs !== null, silentForMs, staleAfterMs: draft.site.staleAfterMs }, settings: rule.settings, instantMs: draft.now.runMs, memory });
    if (judged.memory !== memory) own(draft, 'memories').set(rule.key, judged.memory);
    follow(draft, rule, judged.wish);
  }
}

function follow(draft: Draft, rule: CompiledRule<any>, wish: Wish | null): void {
  const open = draft.state.alarms.get(rule.key) ?? null;
  if (wish === null) {
    if (open === null) return;
    const held = holdAlarm(open);
    if (held !== open) own(draft, 'alarms').set(rule.key, held);
    return;
  }
  if (open === null && wish.level === null) return;
  apply(draft, rule.key, open, followWish(open, wish, draft.now, rule.names, draft.state.lastRaisedAtMs.get(rule.key) ?? null));
}

function apply(draft: Draft, key: string, before: OpenAlarm | null, { open, event }: AlarmStep): void {
  if (open !== before) {
    const alarms = own(draft, 'alarms');
    if (open === null) alarms.delete(key); else alarms.set(key, open);
    if (before === null && open !== null) own(draft, 'lastRaisedAtMs').set(key, open.alarm.raisedAtMs);
  }
  if (event !== null) draft.effects.push({ type: 'alarmChanged', event });
}

// --- what the readings say together

/** The sums of this state, made anew after a snapshot or for another compilation of the site. */
function fusedOf(draft: Draft): Fused {
  const { state, site } = draft;
  if (state.fused === null || state.fused.site !== site) state.fused = fuseAll(site, freshReadings(draft));
  return state.fused;
}

function freshReadings(draft: Draft): Fresh {
  return draft.state.sensors.map((track) => (track.fresh ? track.reading : null));
}
