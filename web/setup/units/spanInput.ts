// Spans as people write them: 60 s, 5 min, 2 h, 1 d, 60 秒, 5 分. Pure.

const WORDS: [RegExp, number][] = [[/^(s|sec|secs|second|seconds|秒|秒钟)?$/, 1], [/^(m|min|mins|minute|minutes|分|分钟)$/, 60], [/^(h|hour|hours|小时|时)$/, 3600], [/^(d|day|days|天|日)$/, 86_400]];

/** Seconds; null where it is no span. A number alone is seconds. */
export function secondsOf(text: string): number | null {
  const parts = [...text.trim().toLowerCase().matchAll(/(\d+(?:[.,]\d+)?)\s*([a-z\u4e00-\u9fff]*)\s*/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text.trim().toLowerCase()) return null;
  let seconds = 0;
  for (const [, number, word] of parts) {
    const unit = WORDS.find(([pattern]) => pattern.test(word!));
    if (unit === undefined || (parts.length > 1 && word === '')) return null;
    seconds += Number(number!.replace(',', '.')) * unit[1];
  }
  return Math.abs(seconds - Math.round(seconds)) < 1e-6 ? Math.round(seconds) : null;
}

const UNITS = [[86_400, ' d', ' 天'], [3600, ' h', ' 小时'], [60, ' min', ' 分'], [1, ' s', ' 秒']] as const;
/** Exactly the same seconds again, in the largest units: 90 -> 1 min 30 s. */
export function spanText(seconds: number, language: 'en' | 'zh'): string {
  if (seconds === 0) return language === 'zh' ? '0 秒' : '0 s';
  const parts: string[] = [];
  let left = seconds;
  for (const [size, en, zh] of UNITS) {
    const count = Math.floor(left / size);
    if (count > 0) parts.push(`${count}${language === 'zh' ? zh : en}`);
    left -= count * size;
  }
  return parts.join(' ');
}
