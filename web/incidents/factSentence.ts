// One line of an incident's history as a sentence: what happened, from the figures that the record keeps of it. No DOM in here.
import type { TFunction } from 'i18next';
import type { IncidentChanged } from '../../contract/incident.ts';
import type { FactValues } from '../../crowd/incident/factValues.ts';

export type Names = { t: TFunction<'incidents'>; page: TFunction<'page'>; language: 'en' | 'zh'; category: (category: string) => string };
type Values<F extends keyof FactValues> = Partial<FactValues[F]>;
type UnitNamed = { unitNameEn?: string | null; unitNameZh?: string | null };

/** Never throws, and never shows a code where there is a word: a record of an older build may lack a figure. */
export function factSentence({ what, values }: Pick<IncidentChanged, 'what' | 'values'>, { t, page, language, category }: Names): string {
  const of = <F extends keyof FactValues>(_: F) => values as Values<F>;
  const unit = ({ unitNameEn, unitNameZh }: UnitNamed) => (language === 'zh' ? unitNameZh ?? unitNameEn : unitNameEn ?? unitNameZh) ?? null;
  switch (what) {
    case 'reported': { const { alarmId, splitFrom } = of('reported'); return alarmId != null ? t('fact.reportedAlarm') : splitFrom != null ? `${t('fact.reported')} (${t('one.splitFrom')})` : t('fact.reported'); }
    case 'alarmChanged': { const { state, level } = of('alarmChanged'); return state === undefined || level === undefined ? t('fact.alarmChanged') : t('fact.alarmChangedTo', { state: alarmStateWord(page, state), level: levelWord(page, level) }); }
    case 'severityRaised': { const { from, to } = of('severityRaised'); return from === undefined || to === undefined ? t('fact.severityRaised') : t('fact.severityRaisedTo', { from: t(`severity.${from}`), to: t(`severity.${to}`) }); }
    case 'dispatched': return of('dispatched').otherMeans === true ? t('fact.dispatchedOther') : t('fact.dispatched');
    case 'asked': { const { memberName } = of('asked'), where = unit(of('asked')); return memberName === undefined ? t('fact.asked') : `${t('fact.askedWhom', { member: memberName })}${where === null ? '' : ` (${where})`}`; }
    case 'noAnswer': { const { memberName } = of('noAnswer'); return memberName === undefined ? t('fact.noAnswer') : t('fact.noAnswerWhom', { member: memberName }); }
    case 'escalated': { const name = unit(of('escalated')); return name === null ? t('fact.escalated') : t('fact.escalatedTo', { unit: name }); }
    case 'assessed': { const { outcome } = of('assessed'); return isOutcome(outcome) ? t('fact.assessedAs', { outcome: t(`outcome.${outcome}`) }) : t('fact.assessed'); }
    case 'takenOver': { const name = unit(of('takenOver')); return name === null ? t('fact.takenOver') : t('fact.takenOverBy', { unit: name }); }
    case 'givenBack': { const name = unit(of('givenBack')); return name === null ? t('fact.givenBack') : t('fact.givenBackTo', { unit: name }); }
    case 'transferred': { const name = unit(of('transferred')); return name === null ? t('fact.transferred') : t('fact.transferredTo', { unit: name }); }
    case 'actionSent': case 'actionDone': case 'actionFailed': case 'actionSkipped': case 'actionReopened': case 'actionOverdue': {
      const { actionEn, actionZh } = of(what);
      return t(`fact.${what}`, { action: (language === 'zh' ? actionZh ?? actionEn : actionEn ?? actionZh) ?? '' });
    }
    case 'deadlineMissed': { const { kind } = of('deadlineMissed'); return kind === undefined ? t('fact.deadlineMissed') : t('fact.deadlineMissedOf', { deadline: t(`deadline.${kind}`) }); }
    case 'factsSet': {
      const facts = of('factsSet');
      const changes = [
        facts.categoryTo === undefined ? null : `${t('list.category')}: ${facts.categoryFrom === undefined ? '' : `${category(facts.categoryFrom)} → `}${category(facts.categoryTo)}`,
        facts.severityTo === undefined ? null : `${t('list.severity')}: ${facts.severityFrom === undefined ? '' : `${t(`severity.${facts.severityFrom}`)} → `}${t(`severity.${facts.severityTo}`)}`,
        facts.titleTo === undefined ? null : `${t('report.headline')}: ${facts.titleTo}`,
        facts.peopleAtRiskTo === undefined ? null : `${t('one.people')}: ${facts.peopleAtRiskTo ?? t('one.peopleUnknown')}`,
      ].filter((change) => change !== null);
      return changes.length === 0 ? t('fact.factsSet') : `${t('fact.factsSet')} (${changes.join('; ')})`;
    }
    case 'handedOver': { const { toName } = of('handedOver'); return toName === undefined ? t('fact.handedOver') : t('fact.handedOverTo', { name: toName }); }
    case 'placeMoved': return of('placeMoved').toUnitId == null ? t('fact.placeMovedNowhere') : t('fact.placeMovedUnit');
    case 'alarmAttached': case 'nobodyLeft': case 'accepted': case 'declined': case 'arrived': case 'helpNeeded': case 'handled': case 'followedUp': case 'notStillWell': case 'reopened': case 'noted': case 'urged': case 'merged': case 'absorbed': case 'splitOff': case 'linked': case 'unlinked': return t(`fact.${what}`);
  }
}

/** The other incident that a fact names. */
export function otherIncident({ what, values }: Pick<IncidentChanged, 'what' | 'values'>): string | null {
  const name = what === 'merged' ? 'into' : what === 'absorbed' ? 'from' : what === 'splitOff' ? 'made' : what === 'linked' || what === 'unlinked' ? 'to' : what === 'reported' ? 'splitFrom' : null;
  const other = name === null ? null : values[name];
  return typeof other === 'string' ? other : null;
}

const ALARM_STATES = ['raised', 'acknowledged', 'easing', 'closed'] as const, LEVELS = ['calm', 'notice', 'warning', 'danger', 'critical'] as const, OUTCOMES = ['resolved', 'falseAlarm', 'noActionNeeded', 'passedOn'] as const;
export const alarmStateWord = (page: TFunction<'page'>, state: string): string => { const known = ALARM_STATES.find((each) => each === state); return known === undefined ? (state === 'cleared' ? page('alarms.easing') : state) : page(`alarms.${known}`); };
export const levelWord = (page: TFunction<'page'>, level: string): string => { const known = LEVELS.find((each) => each === level); return known === undefined ? level : page(`level.${known}`); };
const isOutcome = (outcome: string | undefined): outcome is (typeof OUTCOMES)[number] => (OUTCOMES as readonly (string | undefined)[]).includes(outcome);
