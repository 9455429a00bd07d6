// What a form asks for, made from the JSON schema of a kind's settings, and what is wrong with the answers. Pure: the drawing is in SchemaForm.tsx.
export type FormField = {
  key: string;
  /** Words in the language asked for. */
  title: string;
  description: string | null;
  unit: string | null;
  required: boolean;
  /** What holds when the field is left empty; null where nothing does. */
  defaultValue: FormValue | null;
} & (
  | { asks: 'text' | 'secret'; lengthLeast: number; lengthMost: number | null; pattern: string | null }
  /** Bounds and default as they are shown; a shown number times `factor` is what is sent (seconds for a setting in ms, percent for a share). */
  | { asks: 'number'; factor: number; whole: boolean; least: number | null; most: number | null; above: number | null; below: number | null }
  | { asks: 'yesNo' }
  | { asks: 'choice'; choices: { value: string | number; title: string }[] }
);
export type FormValue = string | number | boolean;
/** What is typed, by field; '' or absent is "left empty". Numbers stay text until they are read, so that "1." can be typed. */
export type FormAnswers = Record<string, string | boolean>;
/** The code of a sentence in words.*.ts (form.fault.*) and its figures. */
export type FormFault = { code: 'required' | 'notANumber' | 'notWhole' | 'tooSmall' | 'tooLarge' | 'tooShort' | 'tooLong' | 'doesNotFit'; values: Record<string, string | number> };
export type Language = 'en' | 'zh';

type Json = Record<string, unknown>;

/** The fields of an object schema in its own order; parts that no form can show (nested objects, lists) are left out and keep their defaults. */
export function formFields(schema: unknown, language: Language): FormField[] {
  if (!isObject(schema) || !isObject(schema['properties'])) return [];
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  return Object.entries(schema['properties']).flatMap(([key, property]) => {
    const field = isObject(property) ? fieldOf(key, property, required.has(key), language) : null;
    return field === null ? [] : [{ ...field, title: capital(field.title), description: field.description === null ? null : capital(field.description) }];
  });
}

/** First faults only: one for each field, none for fields that are fine. `kept`: keys that hold a value already and may be left empty (a password on file). */
export function formFaults(fields: readonly FormField[], answers: FormAnswers, kept: ReadonlySet<string> = new Set()): Record<string, FormFault> {
  const faults: Record<string, FormFault> = {};
  for (const field of fields) {
    const fault = faultOf(field, answers[field.key], kept.has(field.key));
    if (fault !== null) faults[field.key] = fault;
  }
  return faults;
}

/** The settings to send: empty fields are left out, so that the kind's own default (or what is on file) holds. */
export function settingsOfAnswers(fields: readonly FormField[], answers: FormAnswers): Record<string, FormValue> {
  const settings: Record<string, FormValue> = {};
  for (const field of fields) {
    const answer = answers[field.key];
    if (answer === undefined || answer === '') continue;
    if (field.asks === 'number') { const read = Number(String(answer).replace(',', '.')); if (Number.isFinite(read)) settings[field.key] = clean(read * field.factor); continue; }
    if (field.asks === 'choice') { const chosen = field.choices.find((choice) => String(choice.value) === String(answer)); if (chosen !== undefined) settings[field.key] = chosen.value; continue; }
    settings[field.key] = field.asks === 'text' ? String(answer).trim() : answer;
  }
  return settings;
}

/** What a form shows at its beginning: the settings that are there, defaults for the rest. Secrets never come back. */
export function answersOfSettings(fields: readonly FormField[], settings: Record<string, unknown>): FormAnswers {
  const answers: FormAnswers = {};
  for (const field of fields) {
    const given = settings[field.key];
    const value = given === undefined || given === null ? field.defaultValue : field.asks === 'number' && typeof given === 'number' ? clean(given / field.factor) : given;
    if (field.asks === 'yesNo') answers[field.key] = value === true;
    else answers[field.key] = field.asks === 'secret' || value === null || value === undefined ? '' : String(value);
  }
  return answers;
}

function faultOf(field: FormField, answer: string | boolean | undefined, isKept: boolean): FormFault | null {
  if (field.asks === 'yesNo') return null;
  const text = String(answer ?? '').trim();
  if (text === '') return field.required && !isKept && field.defaultValue === null ? { code: 'required', values: {} } : null;
  switch (field.asks) {
    case 'text': case 'secret':
      if (text.length < field.lengthLeast) return { code: 'tooShort', values: { least: field.lengthLeast } };
      if (field.lengthMost !== null && text.length > field.lengthMost) return { code: 'tooLong', values: { most: field.lengthMost } };
      return field.pattern !== null && !matches(field.pattern, text) ? { code: 'doesNotFit', values: {} } : null;
    case 'number': {
      const read = Number(text.replace(',', '.'));
      if (!Number.isFinite(read)) return { code: 'notANumber', values: {} };
      if (field.whole && !Number.isInteger(read)) return { code: 'notWhole', values: {} };
      if ((field.least !== null && read < field.least) || (field.above !== null && read <= field.above)) return { code: 'tooSmall', values: { least: field.least ?? field.above ?? 0 } };
      if ((field.most !== null && read > field.most) || (field.below !== null && read >= field.below)) return { code: 'tooLarge', values: { most: field.most ?? field.below ?? 0 } };
      return null;
    }
    case 'choice': return field.choices.some((choice) => String(choice.value) === text) ? null : { code: 'doesNotFit', values: {} };
  }
}

function fieldOf(key: string, written: Json, required: boolean, language: Language): FormField | null {
  const { schema, nullable } = withoutNull(written);
  const common = {
    key, required: required && !nullable,
    title: said(schema, 'title', language) ?? said(written, 'title', language) ?? key,
    description: said(schema, 'description', language) ?? said(written, 'description', language),
    unit: said(schema, 'unit', language) ?? said(written, 'unit', language),
    defaultValue: formValue(written['default']) ?? formValue(schema['default']),
  };
  const choices = choicesOf(schema, language);
  if (choices !== null) return { ...common, asks: 'choice', choices };
  switch (schema['type']) {
    case 'boolean': return { ...common, asks: 'yesNo' };
    case 'integer': case 'number': {
      const { unit, factor } = SHOWN_UNITS[common.unit ?? ''] ?? { unit: common.unit, factor: 1 };
      const shown = (bound: unknown) => { const read = number(bound); return read === null ? null : clean(read / factor); };
      return {
        ...common, unit, defaultValue: shown(common.defaultValue), asks: 'number', factor, whole: schema['type'] === 'integer' && factor === 1,
        least: shown(schema['minimum']), most: shown(schema['maximum']), above: shown(schema['exclusiveMinimum']), below: shown(schema['exclusiveMaximum']),
      };
    }
    case 'string':
      return {
        ...common, asks: schema['secret'] === true || written['secret'] === true ? 'secret' : 'text',
        lengthLeast: number(schema['minLength']) ?? 0, lengthMost: number(schema['maxLength']), pattern: typeof schema['pattern'] === 'string' ? schema['pattern'] : null,
      };
    default: return null;
  }
}

/** Nobody thinks in milliseconds or in shares of one. */
const SHOWN_UNITS: Record<string, { unit: string; factor: number }> = { ms: { unit: 's', factor: 1000 }, share: { unit: '%', factor: 0.01 } };
/** 0.85 / 0.01 is 85, not 84.99999999999999. */
const clean = (value: number): number => Number(value.toPrecision(12));

/** enum, or a union of constants. */
function choicesOf(schema: Json, language: Language): { value: string | number; title: string }[] | null {
  const titles = isObject(schema['choices']) ? schema['choices'] : {};
  const titled = (value: string | number, own: Json | null) => ({ value, title: (own === null ? null : said(own, 'title', language)) ?? saidIn(titles[String(value)], language) ?? String(value) });
  if (Array.isArray(schema['enum'])) return schema['enum'].filter(isPlain).map((value) => titled(value, null));
  const arms = schema['anyOf'] ?? schema['oneOf'];
  if (!Array.isArray(arms) || arms.length === 0 || !arms.every((arm) => isObject(arm) && isPlain(arm['const']))) return null;
  return arms.map((arm: Json) => titled(arm['const'] as string | number, arm));
}

function withoutNull(schema: Json): { schema: Json; nullable: boolean } {
  if (!Array.isArray(schema['anyOf'])) return { schema, nullable: false };
  const arms = schema['anyOf'].filter((arm) => isObject(arm) && arm['type'] !== 'null') as Json[];
  const nullable = arms.length < schema['anyOf'].length;
  if (!nullable) return { schema, nullable };
  const { anyOf: _, ...rest } = schema;
  return { schema: arms.length === 1 ? { ...rest, ...arms[0] } : { ...rest, anyOf: arms }, nullable };
}

/** Schemas write their titles small, as parts of sentences. */
const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

/** A word of a schema: `title` is English; its Chinese stands beside it as `zh`, that of the description as `descriptionZh`. */
function said(schema: Json, key: 'title' | 'description' | 'unit', language: Language): string | null {
  if (language === 'zh') {
    const zh = schema[`${key}Zh`] ?? (key === 'title' ? schema['zh'] : undefined);
    if (typeof zh === 'string') return zh;
  }
  return saidIn(schema[key], language);
}
function saidIn(words: unknown, language: Language): string | null {
  if (typeof words === 'string') return words;
  if (!isObject(words)) return null;
  const own = words[language] ?? words['en'];
  return typeof own === 'string' ? own : null;
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const isPlain = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number';
const number = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);
const formValue = (value: unknown): FormValue | null => (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null);
/** A pattern that this engine cannot read is not the administrator's fault: the server judges then. */
function matches(pattern: string, text: string): boolean {
  try { return new RegExp(pattern, 'u').test(text); } catch { return true; }
}
