// Statistics as a table for spreadsheet programs. Rows are units, categories or steps; no column tells of a person.
import type { Statistics, StatisticsRow } from '../../contract/apiIncidents.ts';

const STEP_WORDS = {
  en: { acknowledge: 'acknowledged', onSite: 'on site', underControl: 'under control', followUp: 'followed up', assess: 'assessed' },
  zh: { acknowledge: '响应', onSite: '到场', underControl: '受控', followUp: '回访', assess: '评定' },
} as const;
const WORDS = {
  en: { key: { unit: 'unit', category: 'category', step: 'step' }, name: 'name', incidents: 'incidents', open: 'open', overdue: 'overdue', reopened: 're-opened', count: 'number', onTime: 'on time', median: 'median s', p90: '90th percentile s', total: 'total' },
  zh: { key: { unit: '单位', category: '类别', step: '步骤' }, name: '名称', incidents: '事件数', open: '未结', overdue: '超时', reopened: '重开', count: '数量', onTime: '按时率', median: '中位数(秒)', p90: '90 百分位(秒)', total: '合计' },
} as const;

export function statisticsCsv(statistics: Statistics, language: 'en' | 'zh'): string {
  const words = WORDS[language], steps = statistics.total.steps.map(({ step }) => STEP_WORDS[language][step]);
  const head = [words.key[statistics.by], words.name, words.incidents, words.open, words.overdue, words.reopened, ...steps.flatMap((step) => [words.count, words.onTime, words.median, words.p90].map((figure) => `${step}: ${figure}`))];
  const line = (row: StatisticsRow, key: string): (string | number | null)[] => [
    key, row.names?.[language] ?? '', row.incidents, row.open, row.overdue, row.reopened,
    ...row.steps.flatMap(({ count, onTimeShare, medianMs, p90Ms }) => [count, onTimeShare === null ? null : Number(onTimeShare.toFixed(3)), medianMs === null ? null : medianMs / 1000, p90Ms === null ? null : p90Ms / 1000]),
  ];
  // The mark at the beginning tells spreadsheet programs that it is UTF-8.
  return `\ufeff${[head, ...statistics.rows.map((row) => line(row, row.key)), line(statistics.total, words.total)].map((cells) => cells.map(cell).join(',')).join('\r\n')}\r\n`;
}

/** What begins like a formula is made text: a spreadsheet program would run it. */
export function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const harmless = /^[=+\-@\t\r]/.test(value.trimStart()) || /^[\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
