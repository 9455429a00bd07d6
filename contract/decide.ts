// What goes into a site's decider, in one order: readings, ticks and commands. The same inputs make the same events on every machine.
import { ZoneForecast } from './forecast.ts';
import type { ProblemNote } from './problem.ts';
import type { Reading } from './reading.ts';
import { decodeReading, encodeReading } from './reading.ts';
import Type from 'typebox';
import { checker, id, instantMs, strictObject } from './schema.ts';

const Tick = strictObject({ type: Type.Literal('tick'), atMs: instantMs('now') });
const Acknowledge = strictObject({
  type: Type.Literal('acknowledge'), commandId: id('command'), alarmId: Type.String({ maxLength: 300 }), by: Type.String({ maxLength: 80 }), atMs: instantMs('at'),
});
const ConfigChanged = strictObject({ type: Type.Literal('configChanged'), version: Type.Integer({ minimum: 1 }), atMs: instantMs('at') });
/** Made beside the decider from the stored past, once a minute; an input like any other, so that a recording replays exactly. */
const Forecast = strictObject({ type: Type.Literal('forecast'), forecasts: Type.Array(ZoneForecast, { maxItems: 500 }), atMs: instantMs('at') });
const JsonInput = Type.Union([Tick, Acknowledge, ConfigChanged, Forecast]);

export type Tick = Type.Static<typeof Tick>;
export type Acknowledge = Type.Static<typeof Acknowledge>;
/** From here on step() is given the site as of this version. */
export type ConfigChanged = Type.Static<typeof ConfigChanged>;
export type Forecast = Type.Static<typeof Forecast>;
export type Command = Acknowledge;
export type Input = { type: 'reading'; reading: Reading } | Tick | Acknowledge | ConfigChanged | Forecast;

/** The answer to a command, for the one who gave it. */
export type CommandAnswer = { commandId: string; done: true; alarmId: string } | { commandId: string; done: false; problem: ProblemNote };

const checkJsonInput = checker(JsonInput);
const text = new TextEncoder(), words = new TextDecoder();

export function encodeInput(input: Input): Uint8Array {
  return input.type === 'reading' ? encodeReading(input.reading) : text.encode(JSON.stringify(input));
}
/** Null for anything that is not an input. */
export function decodeInput(bytes: Uint8Array): Input | null {
  if (bytes[0] !== 0x7b /* { */) {
    const reading = decodeReading(bytes);
    return reading === null ? null : { type: 'reading', reading };
  }
  try {
    const checked = checkJsonInput(JSON.parse(words.decode(bytes)));
    return checked.ok ? checked.value : null;
  } catch { return null; }
}
