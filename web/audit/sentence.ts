// A line of the audit as a sentence. Every `what` has one in both languages; what a line does not say is left out, never guessed.
import type { TFunction } from 'i18next';
import type { AuditLine } from '../../contract/audit.ts';
import type { wordsEn } from './words.en.ts';

type Kind = keyof typeof wordsEn.kind;
type Because = keyof typeof wordsEn.because;

export function auditSentence({ fact }: Pick<AuditLine, 'fact'>, t: TFunction<'audit'>, when: (atMs: number) => string, language: 'en' | 'zh' = 'en'): string {
  const { what, detail } = fact, method = fact.route.split(' ')[0] ?? '';
  const kind = fact.placeKind !== null && fact.placeKind in KINDS ? fact.placeKind as Kind : 'other';
  const named = fact.placeName ?? (typeof detail['madeName'] === 'string' ? detail['madeName'] : null) ?? (typeof detail['signInName'] === 'string' ? detail['signInName'] : null) ?? (fact.placeId === null || kind === 'other' ? null : fact.placeId);
  const place = [t(`kind.${kind}`), named ?? ''].filter((word) => word !== '').join(' ') || (method === '' ? t('somewhere') : fact.route);
  const words = {
    who: fact.name === '' ? t('nobody') : fact.name, place, from: fact.fromMs === null ? '' : when(fact.fromMs), until: fact.untilMs === null ? '' : when(fact.untilMs),
    why: fact.reason === null ? '' : t('whyWords', { reason: fact.reason }), as: typeof detail['signInName'] === 'string' ? t('asName', { name: detail['signInName'] }) : '',
    did: t(`did.${method === 'PUT' || method === 'DELETE' ? method : 'POST'}`), for: String((language === 'zh' ? detail['forWhatZh'] : null) ?? detail['forWhat'] ?? detail['act'] ?? place), asker: String(detail['askedBy'] ?? ''),
    tried: typeof detail['because'] === 'string' && detail['because'] in BECAUSE ? t(`because.${detail['because'] as Because}`, { route: fact.route }) : fact.route,
  };
  const more = detail['moreTimes'];
  return `${t(`said.${what}`, words)}${typeof more === 'number' ? ` ${t('moreTimes', { count: more })}` : ''}`;
}
const KINDS: Record<Kind, true> = { unit: true, unitAbove: true, site: true, zone: true, line: true, sensor: true, member: true, shift: true, playbook: true, channel: true, incident: true, alarm: true, silence: true, notice: true, attachment: true, handOver: true, account: true, grant: true, approval: true, hold: true, audit: true, purge: true, other: true };
const BECAUSE: Record<Because, true> = { outOfScope: true, notAllowed: true, notSignedIn: true, mustDoFirst: true, needsSecondPerson: true };

/** A look that has ended is one line: its beginning is left out when its end is there. */
export function withoutBegunLooks(lines: readonly AuditLine[]): AuditLine[] {
  const ended = new Set(lines.flatMap(({ fact }) => (fact.what === 'looked' && typeof fact.detail['lookId'] === 'string' ? [fact.detail['lookId']] : [])));
  return lines.filter(({ fact }) => !(fact.what === 'lookBegan' && typeof fact.detail['lookId'] === 'string' && ended.has(fact.detail['lookId'])));
}
