// Numbers, spans and instants as the wall shows them: tabular, 24 h with seconds, never a number without its unit.
import { HALF_INTERVAL_90 } from '../../contract/zoneState.ts';
import type { Language } from '../words/words.ts';

const UNITS = { en: { s: ' s', min: ' min', h: ' h', d: ' d' }, zh: { s: ' 秒', min: ' 分', h: ' 小时', d: ' 天' } } as const;

/** 3 s, 4 min, 2 h 5 min, 3 d. Never negative: clocks that disagree by a moment are not a future. */
export function spanWords(spanMs: number, language: Language): string {
  const unit = UNITS[language];
  const seconds = Math.max(0, Math.floor(spanMs / 1000));
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 100) return `${seconds}${unit.s}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 100) return `${minutes}${unit.min}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours}${unit.h}` : `${hours}${unit.h} ${minutes % 60}${unit.min}`;
  return `${Math.floor(hours / 24)}${unit.d}`;
}

const two = (value: number) => String(value).padStart(2, '0');
/** 21:04:09 in the time of this desk; with the date where it is another day than `nowMs`. */
export function clockWords(atMs: number, nowMs: number = atMs): string {
  const at = new Date(atMs), now = new Date(nowMs);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return at.toDateString() === now.toDateString() ? time : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
}

export const perM2 = (value: number) => value.toFixed(1);
/** Half of the 90 % interval, from one standard error. */
export const halfInterval90 = (error: number) => HALF_INTERVAL_90 * error;
/** At least the last digit that is shown: an interval of nothing would be a claim. */
export const plusMinus = (error: number) => Math.max(0.1, halfInterval90(error)).toFixed(1);
export const percent = (share: number) => `${Math.round(share * 100)} %`;
export const whole = (value: number) => String(Math.round(value));
