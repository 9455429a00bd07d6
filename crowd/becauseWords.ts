// The sentence that says why an alarm is there, from the rule's own words and the figures of the alarm. Used by screens, and by whatever sends an alarm on.
import type { Because } from '../contract/alarm.ts';
import { HALF_INTERVAL_90 } from '../contract/zoneState.ts';

/** `words`: code -> template of one language, as each rule's file has it. The unit of a figure follows from its name. */
export function becauseSentence(words: Record<string, string>, because: Because, language: 'en' | 'zh'): string {
  const template = words[because.code];
  if (template === undefined) return because.code;
  return template.replace(/\{(\w+)\}/g, (_, key: string) => shownFigure(key, because.values[key] ?? null, language));
}

/**
 * Errors, one standard deviation (error...PerM2, error...PerMin), as half of their 90 % interval, as beside every other figure on the page. ...PerM2 and ...MPerS with one decimal, ...PerS2 with three,
 * ...PerMin and ...Minutes as whole numbers, ...Ms as seconds or minutes with their unit, ...Share as percent, null as a dash.
 */
export function shownFigure(name: string, value: number | string | null, language: 'en' | 'zh'): string {
  if (value === null) return '–';
  if (typeof value === 'string') return value;
  const shown = /^error[A-Z]/.test(name) ? HALF_INTERVAL_90 * value : value;
  if (/(PerM2|MPerS)$/i.test(name)) return shown.toFixed(1);
  if (/PerS2$/i.test(name)) return shown.toFixed(3);
  if (/(PerM?Min|Minutes)$/i.test(name)) return shown.toFixed(0);
  if (/Share$/i.test(name)) return `${Math.round(value * 100)} %`;
  if (name.endsWith('Ms')) {
    const seconds = Math.max(0, Math.round(value / 1000));
    if (seconds < 120) return language === 'zh' ? `${seconds} 秒` : `${seconds} s`;
    const minutes = Math.round(seconds / 60);
    return language === 'zh' ? `${minutes} 分钟` : `${minutes} min`;
  }
  return String(Number.isInteger(value) ? value : Number(value.toFixed(2)));
}
