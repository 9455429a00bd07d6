// What one file in crowd/rules/ is: a rule, its settings, its words, its examples, and how it judges one place. Adding a rule is adding a file; nothing else is edited.
import type Type from 'typebox';
import type { Because } from '../../contract/alarm.ts';
import type { FlowLine, LineFigures, ZoneFlow } from '../../contract/flow.ts';
import type { ForecastPoint, ZoneForecast } from '../../contract/forecast.ts';
import type { Level } from '../../contract/level.ts';
import { problemNote, type ProblemNote } from '../../contract/problem.ts';
import { checker } from '../../contract/schema.ts';
import type { PictureFault } from '../../contract/sight.ts';
import type { RuleSettings, Sensor, Zone } from '../../contract/site.ts';
import type { ZoneFigures } from '../../contract/zoneState.ts';
import type { Wish } from '../alarmMachine.ts';

/** What step() keeps for a rule between two looks at one place: plain JSON, never changed in place. */
export type Memory = null | boolean | number | string | readonly Memory[] | { readonly [key: string]: Memory };

/** A zone as it is seen at `instantMs`. `figures` null: blind now; their flow is renewed with each tick, the rest with each reading. `forecast` null: none that is young enough. */
export type ZoneSight = { zone: Zone; figures: ZoneFigures | null; forecast: ZoneForecast | null };
/**
 * A sensor that is placed and switched on. silentForMs counts from its last frame, or from when somebody first waited for one. `fault` is that of its newest picture, also when it
 * fell silent since; faultForMs counts from the first of a run of faults, whichever they are.
 */
export type SensorSight = { sensor: Sensor; everHeard: boolean; silentForMs: number; staleAfterMs: number; fault: PictureFault | null; faultForMs: number };
/** A line as of a tick. `figures` null: nobody can say now how many cross it. */
export type LineSight = { line: FlowLine; figures: LineFigures | null; lengthM: number };

type Look<Place, Settings, Own> = {
  place: Place;
  settings: Settings;
  /** Never earlier than half a dwell ago by accident: runs with the capture of the frames for zones and with the ticks for sensors and lines, and stands still while nobody decides. */
  instantMs: number;
  memory: Own;
};
/** `level` colours a zone. `wish` null: the place cannot be judged, so the alarm stays as it is and nothing eases. */
export type Judgement<Own> = { memory: Own; level: Level; wish: Wish | null };

type Kind<Settings, Own> = {
  /** Same as the file's name. */
  name: string;
  title: { en: string; zh: string };
  /** An object of fields, each with title, description, unit, default and bounds; Chinese beside them as `zh` and `descriptionZh`, words of choices as `choices`. `enabled` is always among them. */
  settings: Type.TObject;
  /** Because code -> sentence with {figures}; becauseWords.ts fills it. */
  because: { en: Record<string, string>; zh: Record<string, string> };
  firstMemory: Own;
  /** Settings that must be refused at the border. */
  refused: unknown[];
  settingsType?: Settings;
};
/** One step of an example: what is seen at an instant, and what the rule must say then. */
export type Expected = { atMs: number; level: Level; alarm: Level | null };
export type ZoneRule<Settings = any, Own = any> = Kind<Settings, Own> & {
  place: 'zone';
  /**
   * Whether what is seen of a zone is so bad that it must be judged although it is less than SEEN_SHARE_LEAST. `judgedBefore`: it was judged a moment ago,
   * and stays so until it is clearly better. Left out: never.
   */
  pressing?(sight: { zone: Zone; figures: ZoneFigures }, settings: Settings, judgedBefore: boolean): boolean;
  judge(look: Look<ZoneSight, Settings, Own>): Judgement<Own>;
  examples: { says: string; settings: RuleSettings; zone?: Partial<Zone>; steps: (Expected & { peoplePerM2: number | null; errorPeoplePerM2?: number; flow?: Partial<ZoneFlow> | null; forecast?: ForecastPoint[] | null })[] }[];
};
export type SensorRule<Settings = any, Own = any> = Kind<Settings, Own> & {
  place: 'sensor';
  judge(look: Look<SensorSight, Settings, Own>): Judgement<Own>;
  examples: { says: string; settings: RuleSettings; steps: (Expected & { everHeard: boolean; silentForMs: number; fault?: PictureFault | null; faultForMs?: number })[] }[];
};
export type LineRule<Settings = any, Own = any> = Kind<Settings, Own> & {
  place: 'line';
  judge(look: Look<LineSight, Settings, Own>): Judgement<Own>;
  examples: { says: string; settings: RuleSettings; line?: Partial<FlowLine>; steps: (Expected & { peoplePerMMin: number | null; figures?: Partial<LineFigures> })[] }[];
};
export type RuleKind = ZoneRule | SensorRule | LineRule;

export const because = (code: string, values: Because['values']): Because => ({ code, values });

/** Defaults with what the place says otherwise. A value that does not fit (kept from an older version, say) gives way to its default: a rule is never off by a typing error. */
export function settingsOf(kind: RuleKind, own: RuleSettings | undefined): Record<string, any> {
  const settings: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(kind.settings.properties)) {
    const given = own !== undefined && Object.hasOwn(own, name) ? own[name] : undefined;
    settings[name] = given !== undefined && checkOf(schema)(given).ok ? given : (schema as { default?: unknown }).default;
  }
  return settings;
}

/** For the border: null when every rule of a zone or line is known and its settings fit. */
export function ruleSettingsProblem(rules: Record<string, RuleSettings>, kinds: readonly RuleKind[]): ProblemNote | null {
  for (const [name, own] of Object.entries(rules)) {
    const kind = kinds.find((one) => one.name === name);
    if (kind === undefined) return problemNote('inputWrong', { reason: `there is no rule ${name}` });
    for (const [field, value] of Object.entries(own)) {
      const schema = Object.hasOwn(kind.settings.properties, field) ? kind.settings.properties[field] : undefined;
      if (schema === undefined) return problemNote('inputWrong', { reason: `${name} has no setting ${field}` });
      const checked = checkOf(schema)(value);
      if (!checked.ok) return problemNote('inputWrong', { reason: `${name}.${field} ${checked.faults[0]?.says ?? 'does not fit'}` });
    }
  }
  return null;
}

const checks = new WeakMap<Type.TSchema, ReturnType<typeof checker>>();
function checkOf(schema: Type.TSchema): ReturnType<typeof checker> {
  let check = checks.get(schema);
  if (check === undefined) { check = checker(schema); checks.set(schema, check); }
  return check;
}
