// Everything that is decided about a site, one input at a time: (state, input, site) -> (state, effects). The same inputs make the same events on every machine.
// No clock, no random, no I/O; a state that was handed out is never changed. Rules are numbered in docs/SPEC.md.
import { type AlarmChanged, type AlarmPlace, EXERCISE_RULE, placeIdOf, SHELVED_CRITICAL_MOST_MS, type Silence } from '../contract/alarm.ts';
import type { Command, CommandAnswer, Forecast, Input, RaiseExercise, Shelve } from '../contract/decide.ts';
import type { LineState } from '../contract/flow.ts';
import { FORECAST_STALE_AFTER_MS, type ZoneForecast } from '../contract/forecast.ts';
import { higherLevel, type Level } from '../contract/level.ts';
import { problemNote, type ProblemNote } from '../contract/problem.ts';
import type { Reading } from '../contract/reading.ts';
import { ALARM_SETTINGS_DEFAULT } from '../contract/site.ts';
import { PICTURE_FAULTS } from '../contract/sight.ts';
import type { BLIND_REASONS, ZoneFigures, ZoneState } from '../contract/zoneState.ts';
import { acknowledgeAlarm, type AlarmStep, type Discipline, endAlarm, followWish, holdAlarm, isFollowed, isShelfOver, keepAlarm, type Now, type OpenAlarm, raiseExercise, type Shelf, type Wish } from './alarmMachine.ts';
import { fits } from './blend.ts';
import { linePeoplePerS, zoneFlowOf } from './flow.ts';
import { exchange, type Fresh, type Fused, fuseAll } from './fuse.ts';
import { entriesOf, type Keyed, keyedOf } from './keyed.ts';
import { firstLineTrack, lineKey, lineLooked, type LineTrack } from './lineMinute.ts';
import type { Memory } from './rules/ruleKind.ts';
import { type CompiledRule, type CompiledSensor, type CompiledSite, type CompiledZone, ruleKey } from './site.ts';

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
  /** Its reading counts as now. With a fault it says that nothing can be seen now. */
  fresh: boolean;
  /** Since when every picture of it had a fault, whichever; null when the newest one has none. */
  faultFromRunMs: number | null;
  /** How much later than its capture its newest reading came. */
  lagMs: number;
};

/** A zone's newest forecast, when it came and how old it was then: its age runs on the state's own clock from there on. */
export type ForecastTrack = { forecast: ZoneForecast; takenRunMs: number; agedMs: number };

export type SiteState = {
  siteId: string;
  /** Version of the site that was decided with last; null before the first input. */
  configVersion: number | null; gridKey: string;
  /** The newest tick, and the time that was judged so far: the sum of the steps between ticks, none backwards and none longer than TICK_STEP_MOST_MS. */
  tickAtMs: number | null; runMs: number;
  /** In the order of the site's sensors, zones and lines; a forecast for each zone, or null. */
  sensors: readonly SensorTrack[]; zones: readonly ZoneState[]; lines: readonly LineTrack[]; forecasts: readonly (ForecastTrack | null)[];
  /** By rule and place (ruleKey): the open alarm, what the rule remembers, when the last alarm was raised. */
  alarms: ReadonlyMap<string, OpenAlarm>; memories: Keyed<Memory>; lastRaisedAtMs: ReadonlyMap<string, number>;
  /** What people put aside, by rule and place: it holds over several alarms. And the planned windows without sound, as they were told last. */
  shelves: ReadonlyMap<string, Shelf>; silences: readonly Silence[];
  /** The newest answers to commands, so that a command given twice is one step. */
  answers: ReadonlyMap<string, CommandAnswer>;
  /** Made of the rest and left out of the snapshot; null when it has to be made anew. */
  fused: Fused | null;
};

export function firstState(siteId: string): SiteState {
  return {
    siteId, configVersion: null, gridKey: '', tickAtMs: null, runMs: 0,
    sensors: [], zones: [], lines: [], forecasts: [], alarms: new Map(), memories: keyedOf([]), lastRaisedAtMs: new Map(), shelves: new Map(), silences: [], answers: new Map(), fused: null,
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
/** How often the flow of a zone is found anew. */
const FLOW_EVERY_MS = 1000;
const INSTANT_MOST_MS = 9e15;

export function step(state: SiteState, input: Input, site: CompiledSite): { state: SiteState; effects: Effect[] } {
  if (!isSane(input)) return { state, effects: [] };
  const draft = draftOf(state, input, site);
  if (input.type === 'configChanged' || state.configVersion !== site.version) adopt(draft);
  switch (input.type) {
    case 'reading': takeReading(draft, input.reading); break;
    case 'tick': takeTick(draft); break;
    case 'acknowledge': case 'shelve': case 'unshelve': case 'raiseExercise': case 'endExercise': takeCommand(draft, input); break;
    case 'silences': takeSilences(draft, input.silences); break;
    case 'forecast': takeForecasts(draft, input); break;
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

const hasFlow = (zone: ZoneState): boolean => zone.sight === 'seen' && zone.figures.flow !== null;

/** In the site's order. */
export function lineStates(state: SiteState, site: CompiledSite): LineState[] {
  const known = new Map(state.lines.map(({ lineId, sinceMs, figures }) => [lineId, { lineId, sinceMs, figures }]));
  return site.lines.map(({ line: { lineId } }) => known.get(lineId) ?? { lineId, sinceMs: 0, figures: null });
}

/** The state in the making. Lists and maps that are still those of `before` are copied before the first change, everything else is replaced. */
type Draft = { before: SiteState; state: SiteState; site: CompiledSite; now: Now; effects: Effect[] };
type MapName = 'alarms' | 'lastRaisedAtMs' | 'shelves' | 'answers';
type Value<Name extends MapName> = SiteState[Name] extends ReadonlyMap<string, infer V> ? V : never;

function own<Name extends MapName>(draft: Draft, name: Name): Map<string, Value<Name>> {
  if (draft.state[name] === draft.before[name]) (draft.state as Record<MapName, unknown>)[name] = new Map(draft.before[name] as ReadonlyMap<string, unknown>);
  return draft.state[name] as unknown as Map<string, Value<Name>>;
}

function remember(draft: Draft, { key, bucket }: CompiledRule<any>, memory: Memory): void {
  const { state, before } = draft;
  if (state.memories === before.memories) state.memories = before.memories.slice();
  if (state.memories[bucket] === before.memories[bucket]) (state.memories as ReadonlyMap<string, Memory>[])[bucket] = new Map(before.memories[bucket]);
  (state.memories[bucket] as Map<string, Memory>).set(key, memory);
}

function setSensor(draft: Draft, index: number, track: SensorTrack): void {
  if (draft.state.sensors === draft.before.sensors) draft.state.sensors = draft.before.sensors.slice();
  (draft.state.sensors as SensorTrack[])[index] = track;
}
function setZone(draft: Draft, index: number, zone: ZoneState): void {
  if (draft.state.zones === draft.before.zones) draft.state.zones = draft.before.zones.slice();
  (draft.state.zones as ZoneState[])[index] = zone;
}

function setLine(draft: Draft, index: number, line: LineTrack): void {
  if (draft.state.lines === draft.before.lines) draft.state.lines = draft.before.lines.slice();
  (draft.state.lines as LineTrack[])[index] = line;
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
  if (reading.calibrationVersion !== place.sensor.calibration!.version || !fits(reading, site.grid) || !flowFits(reading)) return;
  const track = draft.state.sensors[place.index]!;
  if (reading.epoch < track.epoch || (reading.epoch === track.epoch && reading.seq <= track.seq)) return;
  if (track.reading !== null) {
    const backMs = track.reading.capturedAtMs - reading.capturedAtMs;
    if (backMs > 0 && backMs <= CAPTURE_BACK_MOST_MS) return;
  }
  const ageMs = Math.max(0, now.wallMs - reading.heardAtMs);
  const fresh = ageMs <= site.staleAfterMs;
  const before = countedOf(track), fused = fusedOf(draft);
  const next: SensorTrack = {
    sensorId: reading.sensorId, epoch: reading.epoch, seq: reading.seq, watchedFromRunMs: track.watchedFromRunMs,
    heardRunMs: Math.max(track.heardRunMs ?? 0, now.runMs - ageMs), reading, fresh,
    faultFromRunMs: reading.fault === null ? null : track.faultFromRunMs ?? now.runMs,
    lagMs: Math.min(site.staleAfterMs, Math.max(0, now.wallMs - reading.capturedAtMs)),
  };
  setSensor(draft, place.index, next);
  const counted = countedOf(next), after = before === null && counted === null ? { fused, touched: [] } : exchange(fused, place.index, before, counted, freshReadings(draft));
  draft.state.fused = after.fused;
  // A zone that it does not add to has another reason to be blind when its fault is another.
  const touched = (track.reading?.fault ?? null) === reading.fault ? after.touched : [...new Set([...after.touched, ...place.sees])].sort((a, b) => a - b);
  for (const index of touched) judgeZone(draft, site.zones[index]!, null);
  judgeSensor(draft, place);
}

const flowFits = ({ flow, densityCodes }: Reading): boolean => flow === null || [flow.eastCodes, flow.northCodes, flow.spreadCodes, flow.counterCodes].every((codes) => codes.length === densityCodes.length);

function takeTick(draft: Draft): void {
  const { site, now } = draft;
  let fused = fusedOf(draft);
  draft.state.sensors.forEach((track, index) => {
    if (!track.fresh || track.reading === null) return;
    const silentForMs = Math.max(now.runMs - (track.heardRunMs ?? now.runMs), now.wallMs - track.reading.heardAtMs);
    if (silentForMs <= site.staleAfterMs) return;
    setSensor(draft, index, { ...track, fresh: false });
    if (countedOf(track) !== null) fused = exchange(fused, index, track.reading, null, freshReadings(draft)).fused;
  });
  draft.state.fused = fused;
  judgeAll(draft, true);
  lookAtLines(draft);
  keepAlarms(draft);
}

function takeSilences(draft: Draft, silences: readonly Silence[]): void {
  draft.state.silences = silences.filter(({ siteId }) => siteId === draft.state.siteId);
  keepAlarms(draft);
}

/** They are seen and judged from the next look at their zones on, which a tick brings within half a second. */
function takeForecasts(draft: Draft, { forecasts }: Forecast): void {
  const { site, state, now } = draft, made = new Map(forecasts.map((forecast) => [forecast.zoneId, forecast]));
  state.forecasts = site.zones.map(({ zone: { zoneId } }, index) => {
    const before = state.forecasts[index] ?? null, forecast = made.get(zoneId);
    if (forecast === undefined || (before !== null && forecast.madeAtMs <= before.forecast.madeAtMs && ageOf(before, now) <= FORECAST_STALE_AFTER_MS)) return before;
    return { forecast, takenRunMs: now.runMs, agedMs: Math.max(0, now.wallMs - forecast.madeAtMs) };
  });
}
const ageOf = ({ takenRunMs, agedMs }: ForecastTrack, now: Now): number => agedMs + Math.max(0, now.runMs - takenRunMs);

function takeCommand(draft: Draft, command: Command): void {
  const { commandId } = command, known = draft.state.answers.get(commandId);
  if (known !== undefined) { draft.effects.push({ type: 'answer', answer: known }); return; }
  const taken = command.type === 'raiseExercise' ? takeExercise(draft, command) : takeStep(draft, command);
  const answer: CommandAnswer = typeof taken === 'string' ? { commandId, done: true, alarmId: taken } : { commandId, done: false, problem: taken };
  const answers = own(draft, 'answers');
  answers.set(commandId, answer);
  if (answers.size > ANSWERS_MOST) answers.delete(answers.keys().next().value!);
  draft.effects.push({ type: 'answer', answer });
}

/** The id of the alarm, or why the step was not taken. */
function takeStep(draft: Draft, command: Exclude<Command, RaiseExercise>): string | ProblemNote {
  const { state, now } = draft, { alarmId } = command;
  const found = [...state.alarms].find(([, open]) => open.alarm.alarmId === alarmId);
  if (found === undefined) return problemNote('alarmUnknown');
  const [key, open] = found, { alarm } = open;
  switch (command.type) {
    case 'acknowledge': {
      const taken = acknowledgeAlarm(open, { by: command.by, atMs: command.atMs }, now, disciplineOf(draft, key, alarm));
      if (taken === null) return problemNote('alarmStepNotAllowed', { state: alarm.state });
      apply(draft, key, open, taken);
      return alarmId;
    }
    case 'shelve': return takeShelve(draft, key, open, command);
    case 'unshelve':
      if (alarm.shelved === null) return problemNote('alarmNotShelved');
      own(draft, 'shelves').delete(key);
      keep(draft, key, open);
      return alarmId;
    case 'endExercise':
      if (!alarm.exercise) return problemNote('notAnExercise');
      apply(draft, key, open, endAlarm(open, now, 'exerciseEnded'));
      return alarmId;
  }
}

function takeShelve(draft: Draft, key: string, open: OpenAlarm, { by, words, forMs }: Shelve): string | ProblemNote {
  const { now } = draft, { alarm } = open;
  // What is over is acknowledged, and an exercise is ended.
  if (alarm.state === 'cleared' || alarm.exercise) return problemNote('alarmStepNotAllowed', { state: alarm.state });
  if (alarm.level === 'critical' && forMs > SHELVED_CRITICAL_MOST_MS) return problemNote('shelvedTooLong', { minutes: SHELVED_CRITICAL_MOST_MS / 60_000 });
  own(draft, 'shelves').set(key, { shelving: { by, words, atMs: now.wallMs, untilMs: now.wallMs + forMs }, level: alarm.level, untilRunMs: now.runMs + forMs });
  keep(draft, key, open);
  return alarm.alarmId;
}

function takeExercise(draft: Draft, { zoneId, level, forMs, by, words }: RaiseExercise): string | ProblemNote {
  const { state, now, site } = draft, zone = site.zoneOf.get(zoneId)?.zone;
  if (zone === undefined) return problemNote('notFound');
  const place: AlarmPlace = { kind: 'zone', zoneId }, key = ruleKey(EXERCISE_RULE, place);
  if (state.alarms.has(key)) return problemNote('exerciseRunning');
  const { siteId, name: siteName, demo } = site.config.site;
  const raised = raiseExercise({ level, because: { code: 'exercise', values: { by, words } }, endRunMs: now.runMs + forMs }, now, { siteId, siteName, placeName: zone.name, place, demo }, disciplineOf(draft, key, { place, rule: EXERCISE_RULE, exercise: true }), state.lastRaisedAtMs.get(key) ?? null);
  apply(draft, key, null, raised);
  return raised.open!.alarm.alarmId;
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
      heardRunMs: null, reading: null, fresh: false, faultFromRunMs: null, lagMs: 0,
    });
  }
  const zoneIds = new Set(site.config.zones.map((zone) => zone.zoneId)), lineIds = new Set(site.lines.map(({ line }) => line.lineId));
  const stands = (kind: AlarmPlace['kind'], placeId: string) => (kind === 'zone' ? zoneIds : kind === 'line' ? lineIds : site.sensors).has(placeId);
  const lines = new Map(sameGrid ? state.lines.map((track) => [track.lineId, track]) : []), forecasts = new Map(state.forecasts.flatMap((track) => (track === null ? [] : [[track.forecast.zoneId, track] as const])));
  Object.assign(draft.state, {
    configVersion: site.version, gridKey: site.gridKey, sensors,
    zones: zoneStates(state, site).map((zone) => (zone.sight === 'blind' && zone.sinceMs === 0 ? { ...zone, sinceMs: now.wallMs } : zone)),
    memories: keyedOf(entriesOf(state.memories).filter(([key]) => site.keys.has(key))),
    lines: site.lines.map(({ line }) => { const old = lines.get(line.lineId); return old?.key === lineKey(line) ? old : firstLineTrack(line, now.wallMs); }),
    forecasts: site.zones.map(({ zone: { zoneId } }) => forecasts.get(zoneId) ?? null),
    shelves: new Map([...state.shelves].filter(([key]) => site.keys.has(key))),
    lastRaisedAtMs: new Map([...state.lastRaisedAtMs].filter(([key]) => { const [, kind, placeId] = key.split(':') as [string, AlarmPlace['kind'], string]; return stands(kind, placeId); })),
  });
  for (const [key, open] of state.alarms) {
    const { place, exercise } = open.alarm, isThere = stands(place.kind, placeIdOf(place));
    if (site.keys.has(key) || (exercise && isThere)) continue;
    apply(draft, key, open, endAlarm(open, now, isThere ? 'ruleOff' : 'placeRemoved'));
  }
  draft.state.fused = fuseAll(site, freshReadings(draft));
  judgeAll(draft);
  keepAlarms(draft);
}

// --- judging

function judgeAll(draft: Draft, isTick = false): void {
  const { before, state } = draft, moving = isTick ? freshReadings(draft) : null;
  // Once a second, half of the zones with each tick.
  const second = (runMs: number, index: number) => Math.floor((runMs + (index % 2) * (FLOW_EVERY_MS / 2)) / FLOW_EVERY_MS);
  for (const zone of draft.site.zones) {
    const due = second(state.runMs, zone.index) !== second(before.runMs, zone.index) || !hasFlow(state.zones[zone.index]!);
    judgeZone(draft, zone, due ? moving : null);
  }
  for (const sensor of draft.site.sensors.values()) judgeSensor(draft, sensor);
}

/** `moving`: the readings to find the flow in anew; null: what was found last holds. Motion changes slower than a crowd is counted, and costs more than all the rest. */
function judgeZone(draft: Draft, zone: CompiledZone, moving: Fresh | null): void {
  const { state, now, site } = draft, { zoneId } = zone.zone;
  const sum = state.fused!.sums[zone.index]!, before = state.zones[zone.index]!;
  const seen = sum.figures !== null && isEnough(zone, sum.figures, before) ? sum.figures : null;
  const flow = seen === null ? null
    : moving === null ? (before.sight === 'seen' ? before.figures.flow : null)
    : sum.layout.sensors.some((sensor) => moving[sensor]!.flow !== null) ? zoneFlowOf(zone, moving, site.grid) : null;
  const figures = seen === null || flow === null ? seen : { ...seen, flow };
  const track = state.forecasts[zone.index]!, forecast = track !== null && ageOf(track, now) <= FORECAST_STALE_AFTER_MS ? track.forecast : null;
  let level: Level = 'calm';
  if (zone.rules.length > 0) {
    // The rules' time is that of the freshest capture: a burst of late frames is judged by when they were taken.
    let lagMs = Infinity;
    for (const sensor of sum.layout.sensors) lagMs = Math.min(lagMs, state.sensors[sensor]!.lagMs);
    const instantMs = now.runMs - (lagMs === Infinity ? 0 : lagMs);
    for (const rule of zone.rules) {
      const memory = state.memories[rule.bucket]!.get(rule.key) ?? rule.kind.firstMemory;
      const judged = rule.kind.judge({ place: { zone: zone.zone, figures, forecast }, settings: rule.settings, instantMs, memory });
      level = higherLevel(level, judged.level);
      if (judged.memory !== memory) remember(draft, rule, judged.memory);
      // What a sliver lacks says nothing of the rest: it may raise an alarm and never eases one.
      follow(draft, rule, judged.wish?.level === null && figures !== null && figures.seenShare < SEEN_SHARE_LEAST ? null : judged.wish, figures !== null);
    }
  }
  if (figures !== null) { setZone(draft, zone.index, { zoneId, sight: 'seen', level, figures, forecast }); return; }
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

/** The reason that helps most: what is wrong with a picture that still comes, before a camera that fell silent, before one that was never heard, before a view that is too small. */
function blindBecause(draft: Draft, zone: CompiledZone): (typeof BLIND_REASONS)[number] {
  if (zone.seenBy.length === 0 && draft.state.fused!.sums[zone.index]!.figures === null) return 'noSensor';
  const tracks = zone.seenBy.map((sensorId) => draft.state.sensors[draft.site.sensors.get(sensorId)!.index]!);
  const fault = PICTURE_FAULTS.find((one) => tracks.some((track) => track.fresh && track.reading?.fault === one));
  if (fault !== undefined) return fault;
  if (tracks.some((track) => track.heardRunMs !== null && !track.fresh)) return 'sensorSilent';
  return tracks.some((track) => track.heardRunMs === null) ? 'neverSeen' : 'tooLittleSeen';
}

function judgeSensor(draft: Draft, { index, sensor, watched, rules }: CompiledSensor): void {
  const track = draft.state.sensors[index]!;
  if (!watched || track.watchedFromRunMs === null) return;
  const { runMs } = draft.now, silentForMs = Math.max(0, runMs - (track.heardRunMs ?? track.watchedFromRunMs));
  const fault = track.reading?.fault ?? null, faultForMs = track.faultFromRunMs === null ? 0 : Math.max(0, runMs - track.faultFromRunMs);
  for (const rule of rules) {
    const memory = draft.state.memories[rule.bucket]!.get(rule.key) ?? rule.kind.firstMemory;
    const judged = rule.kind.judge({ place: { sensor, everHeard: track.heardRunMs !== null, silentForMs, staleAfterMs: draft.site.staleAfterMs, fault, faultForMs }, settings: rule.settings, instantMs: runMs, memory });
    if (judged.memory !== memory) remember(draft, rule, judged.memory);
    follow(draft, rule, judged.wish);
  }
}

/** Lines are looked at with each tick: how many cross is a matter of minutes. */
function lookAtLines(draft: Draft): void {
  const { site, state, before, now } = draft;
  if (site.lines.length === 0) return;
  const fresh = freshReadings(draft), sinceTickMs = Math.max(0, state.runMs - before.runMs);
  for (const { index, line, lengthM, seenBy, rules } of site.lines) {
    const watching = seenBy.flatMap((sensor) => fresh[sensor] ?? []);
    const flow = linePeoplePerS(line, fresh, site.grid);
    let lookAtMs = 0;
    for (const reading of watching.length > 0 ? watching : fresh) if (reading !== null && reading.capturedAtMs > lookAtMs) lookAtMs = reading.capturedAtMs;
    const track = lineLooked(state.lines[index]!, line, flow, { runMs: now.runMs, wallMs: now.wallMs, sinceTickMs, lookAtMs, watched: watching.length > 0 });
    if (track !== state.lines[index]) setLine(draft, index, track);
    for (const rule of rules) {
      const memory = state.memories[rule.bucket]!.get(rule.key) ?? rule.kind.firstMemory;
      const judged = rule.kind.judge({ place: { line, figures: track.figures, lengthM }, settings: rule.settings, instantMs: now.runMs, memory });
      if (judged.memory !== memory) remember(draft, rule, judged.memory);
      follow(draft, rule, judged.wish);
    }
  }
}

function follow(draft: Draft, rule: CompiledRule<any>, wish: Wish | null, isSeen = false): void {
  const open = draft.state.alarms.get(rule.key) ?? null;
  if (wish === null) {
    if (open === null) return;
    const held = holdAlarm(open);
    if (held !== open) own(draft, 'alarms').set(rule.key, held);
    return;
  }
  if (open === null ? wish.level === null : isFollowed(open, wish)) return;
  apply(draft, rule.key, open, followWish(open, wish, draft.now, rule.names, disciplineOf(draft, rule.key, rule.names, isSeen), draft.state.lastRaisedAtMs.get(rule.key) ?? null));
}

function apply(draft: Draft, key: string, before: OpenAlarm | null, { open, event }: AlarmStep): void {
  if (open !== before) {
    const alarms = own(draft, 'alarms');
    if (open === null) alarms.delete(key); else alarms.set(key, open);
    if (before === null && open !== null) own(draft, 'lastRaisedAtMs').set(key, open.alarm.raisedAtMs);
  }
  if (event === null) return;
  draft.effects.push({ type: 'alarmChanged', event });
  // It grew beyond the level at which it was put aside: it is not put aside any more, also when it falls again.
  if (open !== null && open.alarm.shelved === null && draft.state.shelves.has(key)) own(draft, 'shelves').delete(key);
}

// --- discipline: what stands beside an alarm's own state

/** With each tick, and whenever what it depends on is told. */
function keepAlarms(draft: Draft): void {
  for (const [key, shelf] of draft.state.shelves) if (isShelfOver(shelf, draft.now)) own(draft, 'shelves').delete(key);
  // Those of zones last: whether they are muted hangs on those of cameras.
  for (const ofZone of [false, true]) for (const [key, open] of draft.state.alarms) if ((open.alarm.place.kind === 'zone') === ofZone) keep(draft, key, open);
}

function keep(draft: Draft, key: string, open: OpenAlarm): void {
  const kept = keepAlarm(open, draft.now, disciplineOf(draft, key, open.alarm));
  if (kept !== null) apply(draft, key, open, kept);
}

/** `isSeen`: its zone is in sight just now, whatever was known of it before. */
function disciplineOf(draft: Draft, key: string, { place, rule, exercise = false }: { place: AlarmPlace; rule: string; exercise?: boolean }, isSeen = false): Discipline {
  const { state, site } = draft, zone = place.kind === 'zone' ? site.zoneOf.get(place.zoneId) : undefined;
  return {
    settings: zone?.alarms ?? ALARM_SETTINGS_DEFAULT, shelf: state.shelves.get(key) ?? null,
    mutedBecause: (level) => (exercise ? null : zone !== undefined && !isSeen && isInhibited(draft, zone) ? 'blind' : level !== 'critical' && isSilenced(draft, place, rule) ? 'silence' : null),
  };
}

/** Nobody can judge the zone now, and the alarm of a camera that it hangs on says so aloud: that one speaks for it. Where none does, the alarm goes on speaking for itself. */
function isInhibited({ state, site }: Draft, zone: CompiledZone): boolean {
  if (state.zones[zone.index]?.sight !== 'blind') return false;
  return zone.seenBy.some((sensorId) => site.sensors.get(sensorId)!.rules.some(({ key }) => {
    const alarm = state.alarms.get(key)?.alarm;
    return alarm !== undefined && (alarm.state === 'raised' || alarm.state === 'acknowledged') && alarm.muted === null && alarm.shelved === null;
  }));
}

function isSilenced({ state, now }: Draft, place: AlarmPlace, rule: string): boolean {
  return state.silences.some(({ fromMs, untilMs, zoneIds, rules }) => now.wallMs >= fromMs && now.wallMs < untilMs
    && (zoneIds.length === 0 || (place.kind === 'zone' && zoneIds.includes(place.zoneId))) && (rules.length === 0 || rules.includes(rule)));
}

// --- what the readings say together

/** The sums of this state, made anew after a snapshot or for another compilation of the site. */
function fusedOf(draft: Draft): Fused {
  const { state, site } = draft;
  if (state.fused === null || state.fused.site !== site) state.fused = fuseAll(site, freshReadings(draft));
  return state.fused;
}

function freshReadings(draft: Draft): Fresh {
  return draft.state.sensors.map(countedOf);
}

/** What of a sensor can be counted now: a picture with a fault keeps it alive and shows nothing. */
const countedOf = ({ fresh, reading }: SensorTrack): Reading | null => (fresh && reading !== null && reading.fault === null ? reading : null);
