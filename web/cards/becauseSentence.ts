// The sentence of a rule with its figures filled in: instants as clock time, spans in words, other numbers with at most two digits.
import type { Because } from '../../contract/alarm.ts';
import type { Kinds } from '../../contract/api.ts';
import { LEVELS, type Level } from '../../contract/level.ts';
import { clockWords, spanWords } from '../parts/format.ts';
import type { Language } from '../words/words.ts';

export function becauseSentence({ because, rule, kinds, language, levelWord }: { because: Because; rule: string; kinds: Kinds | null; language: Language; levelWord: (level: Level) => string }): string | null {
  const sentence = kinds?.rules.find((kind) => kind.rule === rule)?.because[language][because.code];
  if (sentence === undefined) return null;
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => valueWords(name, because.values[name] ?? null, language, levelWord));
}

export function valueWords(name: string, value: number | string | null, language: Language, levelWord: (level: Level) => string): string {
  if (value === null) return '–';
  if (typeof value === 'string') return (LEVELS as readonly string[]).includes(value) ? levelWord(value as Level) : value;
  if (/AtMs$/.test(name)) return clockWords(value);
  if (/Ms$/.test(name)) return spanWords(value, language);
  if (/Share$/.test(name)) return `${Math.round(value * 100)} %`;
  return Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 10 ? 2 : 1).replace(/0$/, '');
}
