// A decider's state as JSON text and back, so that another decider goes on from it. What can be made of the rest (crowd/fuse.ts) is left out.
import Type from 'typebox';
import { Alarm, Shelving, Silence } from '../contract/alarm.ts';
import { LineState } from '../contract/flow.ts';
import { ZoneForecast } from '../contract/forecast.ts';
import { CELLS_MOST, GridWindow } from '../contract/geometry.ts';
import { Level, LEVELS } from '../contract/level.ts';
import { ProblemNote } from '../contract/problem.ts';
import type { Reading } from '../contract/reading.ts';
import { checker, nullable, strictObject } from '../contract/schema.ts';
import { PictureFault } from '../contract/sight.ts';
import { ZoneState } from '../contract/zoneState.ts';
import { priorityOf } from './alarmMachine.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { entriesOf, keyedOf } from './keyed.ts';
import type { SensorTrack, SiteState } from './step.ts';

/** Grows when the shape changes. The one before is taken up, so that open alarms live through an upgrade; an older one is refused, and the decider begins anew with the same record of alarms. */
const FORMAT = 'crowdlight siteState 3', FORMAT_BEFORE = 'crowdlight siteState 2';

export function siteStateToJson(state: SiteState): string {
  const { siteId, configVersion, gridKey, tickAtMs, runMs } = state;
  return JSON.stringify({
    format: FORMAT, siteId, configVersion, gridKey, tickAtMs, runMs,
    sensors: state.sensors.map(({ reading, ...track }) => ({
      ...track,
      reading: reading === null ? null : heldOf(reading),
    })),
    zones: state.zones, lines: state.lines, forecasts: state.forecasts,
    alarms: [...state.alarms], memories: entriesOf(state.memories), lastRaisedAtMs: [...state.lastRaisedAtMs], shelves: [...state.shelves], silences: state.silences, answers: [...state.answers.values()],
  });
}

/** Null for anything that is not such a state. */
export function siteStateFromJson(json: string): SiteState | null {
  let parsed: unknown;
  try { parsed = JSON.parse(json); } catch { return null; }
  const checked = check(takenUp(parsed));
  if (!checked.ok) return null;
  const { siteId, configVersion, gridKey, tickAtMs, runMs, zones, lines, forecasts, alarms, memories, lastRaisedAtMs, shelves, silences, answers } = checked.value;
  const sensors: SensorTrack[] = [];
  for (const { reading, ...track } of checked.value.sensors) {
    if (reading === null) { sensors.push({ ...track, reading }); continue; }
    const whole = readingOf(reading);
    if (whole === null) return null;
    sensors.push({ ...track, reading: whole });
  }
  return {
    siteId, configVersion, gridKey, tickAtMs, runMs, sensors,
    zones, lines, forecasts,
    alarms: new Map(alarms as [string, SiteState['alarms'] extends ReadonlyMap<string, infer V> ? V : never][]),
    memories: keyedOf(memories as [string, any][]), lastRaisedAtMs: new Map(lastRaisedAtMs), shelves: new Map(shelves), silences,
    answers: new Map(answers.map((answer) => [answer.commandId, answer])), fused: null,
  };
}

/** What format 2 did not know of alarms: none was muted or put aside. Anything else is left as it is, for the check. */
function takenUp(parsed: unknown): unknown {
  if (!isObject(parsed) || parsed['format'] !== FORMAT_BEFORE || !Array.isArray(parsed['alarms'])) return parsed;
  const alarms = parsed['alarms'].map((entry: unknown) => {
    if (!Array.isArray(entry) || !isObject(entry[1]) || !isObject(entry[1]['alarm'])) return entry;
    const { alarm, ...open } = entry[1], level = LEVELS.find((one) => one === (alarm as Json)['level']) ?? 'calm';
    return [entry[0], { ...open, repeatFromMs: parsed['runMs'], endRunMs: null, alarm: { priority: priorityOf(level, 0), exercise: false, shelved: null, muted: null, repeats: 0, ...(alarm as Json) } }];
  });
  return { ...parsed, format: FORMAT, alarms, shelves: [], silences: [] };
}
type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

function heldOf({ densityCodes, errorCodes, weightCodes, flow, ...rest }: Reading): Held {
  return { ...rest, ...base64Of({ densityCodes, errorCodes, weightCodes }), flow: flow === null ? null : base64Of(flow) };
}
/** Null when a raster does not fill its window. */
function readingOf({ densityCodes, errorCodes, weightCodes, flow, ...rest }: Held): Reading | null {
  const cells = rest.window.columns * rest.window.rows, rasters = bytesOf({ densityCodes, errorCodes, weightCodes }, cells), moving = flow === null ? null : bytesOf(flow, cells);
  return rasters === null || (flow !== null && moving === null) ? null : { ...rest, ...rasters, flow: moving };
}
const base64Of = <Name extends string>(rasters: Record<Name, Uint8Array>) => Object.fromEntries(Object.entries<Uint8Array>(rasters).map(([name, codes]) => [name, toBase64(codes)])) as Record<Name, string>;
function bytesOf<Name extends string>(rasters: Record<Name, string>, cells: number): Record<Name, Uint8Array> | null {
  const made = Object.entries<string>(rasters).map(([name, base64]) => [name, fromBase64(base64)] as const);
  return made.every(([, codes]) => codes?.length === cells) ? (Object.fromEntries(made) as Record<Name, Uint8Array>) : null;
}

const Raster = Type.String({ maxLength: Math.ceil(CELLS_MOST / 3) * 4 });
const Held = strictObject({
  siteId: Type.String(), sensorId: Type.String(), epoch: Type.Number(), seq: Type.Number(), capturedAtMs: Type.Number(), heardAtMs: Type.Number(), calibrationVersion: Type.Number(),
  modelId: Type.String(), peopleInPicture: Type.Number(), window: GridWindow, densityCodes: Raster, errorCodes: Raster, weightCodes: Raster,
  flow: nullable(strictObject({ eastCodes: Raster, northCodes: Raster, spreadCodes: Raster, counterCodes: Raster })), fault: nullable(PictureFault),
});
type Held = Type.Static<typeof Held>;
const Track = strictObject({
  sensorId: Type.String(), epoch: Type.Number(), seq: Type.Number(), watchedFromRunMs: nullable(Type.Number()), heardRunMs: nullable(Type.Number()), reading: nullable(Held), fresh: Type.Boolean(), faultFromRunMs: nullable(Type.Number()), lagMs: Type.Number(),
});
const Slice = strictObject({ slice: Type.Number(), seenMs: Type.Number(), inPeople: Type.Number(), outPeople: Type.Number(), errorPeople: Type.Number(), noisePeople2: Type.Number(), seenShareMs: Type.Number() });
const Line = strictObject({ ...LineState.properties, key: Type.String(), slices: Type.Array(Slice), seenRunMs: nullable(Type.Number()), lookAtMs: Type.Number(), lookForMs: Type.Number() });
const Open = strictObject({ alarm: Alarm, acknowledgedLevel: nullable(Level), holdFromMs: nullable(Type.Number()), repeatFromMs: Type.Number(), endRunMs: nullable(Type.Number()) });
const Shelved = strictObject({ shelving: Shelving, level: Level, untilRunMs: Type.Number() });
const Answer = Type.Union([
  strictObject({ commandId: Type.String(), done: Type.Literal(true), alarmId: Type.String() }),
  strictObject({ commandId: Type.String(), done: Type.Literal(false), problem: ProblemNote }),
]);
const check = checker(strictObject({
  format: Type.Literal(FORMAT), siteId: Type.String(), configVersion: nullable(Type.Number()), gridKey: Type.String(), tickAtMs: nullable(Type.Number()), runMs: Type.Number(),
  sensors: Type.Array(Track), zones: Type.Array(ZoneState), lines: Type.Array(Line), forecasts: Type.Array(nullable(strictObject({ forecast: ZoneForecast, takenRunMs: Type.Number(), agedMs: Type.Number() }))),
  alarms: Type.Array(Type.Tuple([Type.String(), Open])), memories: Type.Array(Type.Tuple([Type.String(), Type.Unknown()])), lastRaisedAtMs: Type.Array(Type.Tuple([Type.String(), Type.Number()])),
  shelves: Type.Array(Type.Tuple([Type.String(), Shelved])), silences: Type.Array(Silence),
  answers: Type.Array(Answer),
}));
