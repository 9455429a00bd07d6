// What a notice says, in both languages: title and body. EXERCISE stands first wherever it is one. Pure.
import { CATEGORIES, CATEGORY_NAMES, type IncidentChanged, type IncidentLine, type Severity } from '../../contract/incident.ts';
import type { Notice, SaidWords } from '../../contract/notice.ts';

type Language = 'en' | 'zh';
export type WordsOf = {
  kind: Notice['kind']; exercise: boolean; timeZone: string; line: IncidentLine | null;
  /** What happened, for events and for what somebody said with it. */
  event: Pick<IncidentChanged, 'what' | 'words' | 'actor'> | null;
  /** Names of a unit's own category. */
  categoryNames: { en: string; zh: string } | null;
  /** An action of a playbook. */
  action: { words: { en: string; zh: string }; payload: string } | null;
  /** Who could not be reached. */
  memberName: string | null;
  /** Who acted is said to colleagues, not to systems outside. */
  saysWho: boolean;
};

const EXERCISE = { en: { title: 'EXERCISE · ', body: 'EXERCISE: this is a drill.' }, zh: { title: '【演练】', body: '演练:这不是真实事件。' } };
const SEVERITY: Record<Severity, { en: string; zh: string }> = { minor: { en: 'minor', zh: '轻微' }, moderate: { en: 'moderate', zh: '一般' }, serious: { en: 'serious', zh: '严重' }, critical: { en: 'critical', zh: '特别严重' } };
const KIND: Record<Exclude<Notice['kind'], 'incident' | 'action' | 'test'>, { en: string; zh: string }> = {
  asked: { en: 'Please go: ', zh: '请前往:' }, urged: { en: 'Please hurry: ', zh: '催办:' }, overdue: { en: 'Overdue: ', zh: '已超时:' }, helpNeeded: { en: 'Help is needed: ', zh: '需要支援:' }, released: { en: 'You are not needed any more: ', zh: '任务已解除:' },
  closed: { en: 'Closed: ', zh: '已结案:' }, info: { en: 'For your attention: ', zh: '请关注:' }, alarm: { en: 'Nobody has acknowledged: ', zh: '报警仍未确认:' }, undelivered: { en: '{name} could not be reached: ', zh: '未能通知到{name}:' },
  approval: { en: 'A colleague asks for your approval', zh: '有同事申请您的批准' }, emergency: { en: 'A colleague went ahead as an emergency: look at it within three days', zh: '有同事按紧急情况先行操作:请在三天内复核' },
};
const WHAT: Partial<Record<IncidentChanged['what'], { en: string; zh: string }>> = {
  reported: { en: 'New: ', zh: '新事件:' }, severityRaised: { en: 'More severe: ', zh: '等级升高:' }, dispatched: { en: 'People are sent: ', zh: '已派人:' }, escalated: { en: 'Passed up: ', zh: '已上报上级:' }, nobodyLeft: { en: 'Nobody answers: ', zh: '无人应答:' },
  handled: { en: 'Under control: ', zh: '已控制:' }, assessed: { en: 'Closed: ', zh: '已结案:' }, reopened: { en: 'Open again: ', zh: '重新打开:' }, merged: { en: 'Goes on in another incident: ', zh: '已并入其他事件:' },
};
const TEST = { en: { title: 'Test of this channel', body: 'Crowdlight can reach you by this channel. Nothing has to be done.' }, zh: { title: '渠道测试', body: 'Crowdlight 可以通过该渠道联系到您,无需任何操作。' } };

export function noticeWords(of: WordsOf): { en: SaidWords; zh: SaidWords } {
  return { en: wordsIn('en', of), zh: wordsIn('zh', of) };
}

function wordsIn(language: Language, of: WordsOf): SaidWords {
  const { kind, exercise, line, event, action, saysWho } = of;
  const drill = exercise ? EXERCISE[language] : { title: '', body: '' };
  if (kind === 'test') return cut({ title: drill.title + TEST[language].title, body: joined(drill.body, TEST[language].body) });
  const zh = language === 'zh', place = line === null ? '' : line.siteName === '' || line.siteName === line.placeName ? line.placeName : zh ? `${line.siteName} ${line.placeName}` : `${line.placeName}, ${line.siteName}`;
  const what = line === null ? '' : zh ? `${place}(${categoryIn(language, of, line)},${SEVERITY[line.severity].zh})` : `${place} (${categoryIn(language, of, line)}, ${SEVERITY[line.severity].en})`;
  const lead = action !== null ? (zh ? '预案动作:' : 'Do this now: ') : kind === 'incident' ? WHAT[event?.what ?? 'noted']?.[language] ?? (zh ? '有变化:' : 'Changed: ') : kind === 'action' ? '' : KIND[kind][language].replace('{name}', of.memberName ?? (zh ? '值班人员' : 'somebody'));
  const said = event !== null && event.words !== '' ? (saysWho && event.actor.duty !== 'system' ? `${event.actor.name}${zh ? ':' : ': '}${event.words}` : event.words) : '';
  return cut({
    title: drill.title + lead + (action === null ? what : `${action.words[language]}${place === '' ? '' : zh ? `(${place})` : ` (${place})`}`),
    body: joined(
      drill.body, action === null ? '' : action.payload, line === null || line.title === '' ? '' : line.title, action === null ? '' : what, said,
      line === null ? '' : zh ? `上报时间 ${clock(line.reportedAtMs, of.timeZone)}` : `Reported at ${clock(line.reportedAtMs, of.timeZone)}`,
      kind === 'undelivered' ? (zh ? '所有联系方式均失败。请电话联系,或另派人员。' : 'No contact worked. Call, or send somebody else.') : '',
    ),
  });
}

function categoryIn(language: Language, { categoryNames }: WordsOf, { category }: IncidentLine): string {
  if ((CATEGORIES as readonly string[]).includes(category)) return CATEGORY_NAMES[category as (typeof CATEGORIES)[number]][language].toLowerCase();
  return categoryNames?.[language] ?? category;
}

const joined = (...lines: string[]): string => lines.filter((line) => line !== '').join('\n');
const cut = ({ title, body }: SaidWords): SaidWords => ({ title: title.slice(0, 300).toWellFormed(), body: body.slice(0, 4000).toWellFormed() });

const clocks = new Map<string, Intl.DateTimeFormat>();
/** 2026-11-22 14:03:22 in the installation's time zone: one form in both languages. */
function clock(atMs: number, timeZone: string): string {
  let format = clocks.get(timeZone);
  if (format === undefined) clocks.set(timeZone, format = new Intl.DateTimeFormat('sv-SE', { timeZone: timeZone === '' ? undefined : timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' }));
  return format.format(atMs);
}
