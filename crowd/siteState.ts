// A decider's state as JSON text and back, so that another decider goes on from it. What can be made of the rest (crowd/fuse.ts) is left out.
import Type from 'typebox';
import { Alarm } from '../contract/alarm.ts';
import { CELLS_MOST, GridWindow } from '../contract/geometry.ts';
import { Level } from '../contract/level.ts';
import { ProblemNote } from '../contract/problem.ts';
import { checker, nullable, strictObject } from '../contract/schema.ts';
import { ZoneState } from '../contract/zoneState.ts';
import { fromBase64, toBase64 } from './base64.ts';
import type { SensorTrack, SiteState } from './step.ts';

/** Grows when the shape changes; an older shape is refused, and the decider begins anew with the same record of alarms. */
const FORMAT = 'crowdlight siteState 1';

export function siteStateToJson(state: SiteState): string {
  const { siteId, configVersion, gridKey, tickAtMs, runMs } = state;
  return JSON.stringify({
    format: FORMAT, siteId, configVersion, gridKey, tickAtMs, runMs,
    sensors: state.sensors.map(({ reading, ...track }) => ({
      ...track,
      reading: reading === null ? null : { ...reading, densityCodes: toBase64(reading.densityCodes), errorCodes: toBase64(reading.errorCodes), weightCodes: toBase64(reading.weightCodes) },
    })),
    zones: state.zones,
    alarms: [...state.alarms], memories: [...state.memories], lastRaisedAtMs: [...state.lastRaisedAtMs], answers: [...state.answers.values()],
  });
}

/** Null for anything that is not such a state. */
export function siteStateFromJson(json: string): SiteState | null {
  let parsed: unknown;
  try { parsed = JSON.parse(json); } catch { return null; }
  const checked = check(parsed);
  if (!checked.ok) return null;
  const { siteId, configVersion, gridKey, tickAtMs, runMs, zones, alarms, memories, lastRaisedAtMs, answers } = checked.value;
  const sensors: SensorTrack[] = [];
  for (const { reading, ...track } of checked.value.sensors) {
    if (reading === null) { sensors.push({ ...track, reading }); continue; }
    const densityCodes = fromBase64(reading.densityCodes), errorCodes = fromBase64(reading.errorCodes), weightCodes = fromBase64(reading.weightCodes);
    const count = reading.window.columns * reading.window.rows;
    if (densityCodes?.length !== count || errorCodes?.length !== count || weightCodes?.length !== count) return null;
    sensors.push({ ...track, reading: { ...reading, densityCodes, errorCodes, weightCodes } });
  }
  return {
    siteId, configVersion, gridKey, tickAtMs, runMs, sensors,
    zones,
    alarms: new Map(alarms as [string, SiteState['alarms'] extends ReadonlyMap<string, infer V> ? V : never][]),
    memories: new Map(memories as [string, any][]), lastRaisedAtMs: new Map(lastRaisedAtMs),
    answers: new Map(answers.map((answer) => [answer.commandId, answer])), fused: null,
  };
}

const Raster = Type.String({ maxLength: Math.ceil(CELLS_MOST / 3) * 4 });
const Held = strictObject({
  siteId: Type.String(), sensorId: Type.String(), epoch: Type.Number(), seq: Type.Number(), capturedAtMs: Type.Number(), heardAtMs: Type.Number(), calibrationVersion: Type.Number(),
  modelId: Type.String(), peopleInPicture: Type.Number(), window: GridWindow, densityCodes: Raster, errorCodes: Raster, weightCodes: Raster,
});
const Track = strictObject({
  sensorId: Type.String(), epoch: Type.Number(), seq: Type.Number(), watchedFromRunMs: nullable(Type.Number()), heardRunMs: nullable(Type.Number()), reading: nullable(Held), fresh: Type.Boolean(), lagMs: Type.Number(),
});
const Open = strictObject({ alarm: Alarm, acknowledgedLevel: nullable(Level), holdFromMs: nullable(Type.Number()) });
const Answer = Type.Union([
  strictObject({ commandId: Type.String(), done: Type.Literal(true), alarmId: Type.String() }),
  strictObject({ commandId: Type.String(), done: Type.Literal(false), problem: ProblemNote }),
]);
const check = checker(strictObject({
  format: Type.Literal(FORMAT), siteId: Type.String(), configVersion: nullable(Type.Number()), gridKey: Type.String(), tickAtMs: nullable(Type.Number()), runMs: Type.Number(),
  sensors: Type.Array(Track), zones: Type.Array(ZoneState),
  alarms: Type.Array(Type.Tuple([Type.String(), Open])), memories: Type.Array(Type.Tuple([Type.String(), Type.Unknown()])), lastRaisedAtMs: Type.Array(Type.Tuple([Type.String(), Type.Number()])),
  answers: Type.Array(Answer),
}));
