// What goes into a site's decider, in one order: readings, ticks and commands. The same inputs make the same events on every machine.
import { Silence, SILENCES_OF_SITE_MOST, SHELVED_LEAST_MS, SHELVED_MOST_MS } from './alarm.ts';
import { ZoneForecast } from './forecast.ts';
import type { ProblemNote } from './problem.ts';
import type { Reading } from './reading.ts';
import { decodeReading, encodeReading } from './reading.ts';
import Type from 'typebox';
import { checker, id, instantMs, literals, strictObject } from './schema.ts';

const Tick = strictObject({ type: Type.Literal('tick'), atMs: instantMs('now') });
const Acknowledge = strictObject({
  type: Type.Literal('acknowledge'), commandId: id('command'), alarmId: Type.String({ maxLength: 300 }), by: Type.String({ maxLength: 80 }), atMs: instantMs('at'),
});
const by = Type.String({ minLength: 1, maxLength: 80 }), words = Type.String({ minLength: 1, maxLength: 500 });
const command = <const T extends string, P extends Type.TProperties>(type: T, properties: P) => strictObject({ type: Type.Literal(type), commandId: id('command'), by, atMs: instantMs('at'), ...properties });
const ofAlarm = { alarmId: Type.String({ maxLength: 300 }) };
const Shelve = command('shelve', { ...ofAlarm, words, forMs: Type.Integer({ minimum: SHELVED_LEAST_MS, maximum: SHELVED_MOST_MS }) });
const Unshelve = command('unshelve', ofAlarm);
/** A drill: raises an alarm of the zone that everybody sees as an exercise, for the time asked for. */
const RaiseExercise = command('raiseExercise', { zoneId: id('zone'), level: literals(['notice', 'warning', 'danger', 'critical']), forMs: Type.Integer({ minimum: 30_000, maximum: 4 * 3600_000 }), words });
const EndExercise = command('endExercise', ofAlarm);
/** All windows of the site that are not over yet: told when a decider begins and whenever they change. */
const Silences = strictObject({ type: Type.Literal('silences'), silences: Type.Array(Silence, { maxItems: SILENCES_OF_SITE_MOST }), atMs: instantMs('at') });
const ConfigChanged = strictObject({ type: Type.Literal('configChanged'), version: Type.Integer({ minimum: 1 }), atMs: instantMs('at') });
/** Made beside the decider from the stored past, once a minute; an input like any other, so that a recording replays exactly. */
const Forecast = strictObject({ type: Type.Literal('forecast'), forecasts: Type.Array(ZoneForecast, { maxItems: 500 }), atMs: instantMs('at') });
const JsonInput = Type.Union([Tick, Acknowledge, Shelve, Unshelve, RaiseExercise, EndExercise, Silences, ConfigChanged, Forecast]);

export type Tick = Type.Static<typeof Tick>;
export type Acknowledge = Type.Static<typeof Acknowledge>;
/** From here on step() is given the site as of this version. */
export type ConfigChanged = Type.Static<typeof ConfigChanged>;
export type Forecast = Type.Static<typeof Forecast>;
export type Shelve = Type.Static<typeof Shelve>;
export type Unshelve = Type.Static<typeof Unshelve>;
export type RaiseExercise = Type.Static<typeof RaiseExercise>;
export type EndExercise = Type.Static<typeof EndExercise>;
export type Silences = Type.Static<typeof Silences>;
/** What a person asks for; each is answered once. */
export type Command = Acknowledge | Shelve | Unshelve | RaiseExercise | EndExercise;
export type Input = { type: 'reading'; reading: Reading } | Tick | Command | Silences | ConfigChanged | Forecast;

/** The answer to a command, for the one who gave it. */
export type CommandAnswer = { commandId: string; done: true; alarmId: string } | { commandId: string; done: false; problem: ProblemNote };

const checkJsonInput = checker(JsonInput);
const encoder = new TextEncoder(), decoder = new TextDecoder();

export function encodeInput(input: Input): Uint8Array {
  return input.type === 'reading' ? encodeReading(input.reading) : encoder.encode(JSON.stringify(input));
}
/** Null for anything that is not an input. */
export function decodeInput(bytes: Uint8Array): Input | null {
  if (bytes[0] !== 0x7b /* { */) {
    const reading = decodeReading(bytes);
    return reading === null ? null : { type: 'reading', reading };
  }
  try {
    const checked = checkJsonInput(JSON.parse(decoder.decode(bytes)));
    return checked.ok ? checked.value : null;
  } catch { return null; }
}
