// One incident: what, where, how bad, what has to be done by when; its history, the cameras around it, the list of actions, people and their answers, notices; and the next step by key.
import './incidents.css';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isOpenStep, sameActor, type Actor, type Incident, type IncidentCommandType, type IncidentStep } from '../../contract/incident.ts';
import type { ProblemNote } from '../../contract/problem.ts';
import { allowedCommands, refusalOf } from '../../crowd/incident/allowed.ts';
import { assignmentOf } from '../../crowd/incident/ladder.ts';
import { waitedFor } from '../../crowd/incident/lineOf.ts';
import { useKeys } from '../keys/useKeys.ts';
import { useServerNowMs } from '../live/LiveProvider.tsx';
import { useMayAt, useMayIncident } from '../live/useMayAt.ts';
import { DemoBadge } from '../parts/DemoBadge.tsx';
import { ProblemBox } from '../parts/ProblemBox.tsx';
import { clockWords } from '../parts/format.ts';
import { useFormat } from '../parts/useFormat.ts';
import { askWho, useWho } from '../parts/whoAmI.ts';
import { goTo, hrefOf, pagePaths, useRoute } from '../route.ts';
import { AroundPanel } from './AroundPanel.tsx';
import { CommandDialog, type Draft } from './CommandDialog.tsx';
import { Age, clockSpan, ExerciseBanner, OverdueSign, SeverityMark, TroubleNote, useNoteInWords } from './Marks.tsx';
import { NoticesPanel, PeoplePanel, PlaybookPanel, RelatedPanel } from './IncidentPanels.tsx';
import { PageKeys } from './PageKeys.tsx';
import { Timeline } from './Timeline.tsx';
import { DIALOG_COMMANDS, isDialogCommand, KEY_OF, type DialogCommand } from './dialogCommands.ts';
import { placeWords } from './placeWords.ts';
import { useCategoryName } from './useCategories.ts';
import { useCommand, useIncident, type IncidentSeen } from './useIncident.ts';
import { chainOf } from './unitTree.ts';
import { useUnits } from './useUnits.ts';

export default function IncidentPage() {
  const { t } = useTranslation('incidents');
  const incidentId = decodeURIComponent(useRoute().split('/')[2] ?? '');
  const [seen, refetch] = useIncident(incidentId);
  const toList = <a href={hrefOf(pagePaths.incidents())}>{t('one.back')}</a>;
  if (seen.state === 'there') return <OneIncident key={incidentId} seen={seen.value} isStale={seen.trouble !== null} refetch={refetch} />;
  return (
    <main className="in-page" aria-label={t('one.region')}>
      <div className="notice-text">
        {seen.state === 'loading' ? <p role="status">{t('page.loading')}</p> : <><p><strong>{t('page.broken')}</strong></p><TroubleNote trouble={seen.trouble} onAgain={refetch} /></>}
        <p>{toList}</p>
      </div>
    </main>
  );
}

function OneIncident({ seen, isStale, refetch }: { seen: IncidentSeen; isStale: boolean; refetch: () => void }) {
  const { t } = useTranslation('incidents'), sharing = useTranslation('sharing').t;
  const { answer, runToServerMs } = seen, { incident } = answer;
  const who = useWho();
  const category = useCategoryName();
  const commanding = useCommand(incident.incidentId, refetch);
  const [open, setOpen] = useState<DialogCommand | null>(null), [drafts, setDrafts] = useState<Partial<Record<DialogCommand, Draft>>>({});
  const [refused, setRefused] = useState<ProblemNote | null>(null), [helpShown, setHelpShown] = useState(false);
  const inWords = useNoteInWords();
  const chain = useMemo(() => answer.chain.map(({ unitId }) => unitId), [answer.chain]);
  const mayHandle = useMayIncident('incident', incident), mayReport = useMayIncident('report', incident), mayShare = useMayAt('share', incident.place.siteId);
  const mayTake = (type: IncidentCommandType | 'split') => mayHandle || (mayReport && mayAsAsked(incident, who, type));
  const allowed = who === null ? [] : offered(incident, who, chain).filter(mayTake);
  const begin = (type: DialogCommand) => {
    setRefused(null);
    if (who === null) { askWho(); return; }
    if (!allowed.includes(type)) { setRefused(type === 'split' ? null : refusalOf(incident, who, type, { chainUnitIds: chain })); return; }
    commanding.clear();
    setOpen(type);
  };
  useKeys({
    ...Object.fromEntries(DIALOG_COMMANDS.map((type) => [KEY_OF[type], () => begin(type)])),
    Escape: () => goTo(pagePaths.incidents()), '?': () => setHelpShown(true),
  });
  const close = useCallback(() => setOpen(null), []);
  const what = incident.title === '' ? category(incident.category, incident.place.unitId) : incident.title;
  // The step that is due next stands out; what cannot be done is not offered.
  const main = mainStep(incident, allowed);
  return (
    <main className="in-page in-one" aria-label={`${t('one.region')}: ${what}`} data-version={incident.version} data-step={incident.step}>
      {incident.exercise && <ExerciseBanner />}
      <Header incident={incident} what={what} runToServerMs={runToServerMs} isStale={isStale} refetch={refetch} onKeys={() => setHelpShown(true)} />
      <div className="in-one-columns">
        <div className="in-one-left"><Timeline answer={answer} who={who} mayNote={mayTake('note')} commanding={commanding} /></div>
        <div className="in-one-middle">
          <PlaybookPanel incident={incident} runToServerMs={runToServerMs} who={who} commanding={commanding} mayTick={who !== null && mayTake('tickAction') && allowedCommands(incident, who, chain).includes('tickAction')} />
          <PeoplePanel answer={answer} runToServerMs={runToServerMs} />
          <NoticesPanel answer={answer} />
          <RelatedPanel incident={incident} />
        </div>
        <div className="in-one-right"><AroundPanel incident={incident} /></div>
      </div>
      <div className="in-actions" role="group" aria-label={t('one.next')}>
        {DIALOG_COMMANDS_IN_ORDER.filter((type) => allowed.includes(type)).map((type) => <button key={type} type="button" data-command={type} className={type === main ? 'action' : 'action quiet-action'} onClick={() => begin(type)}>{t(`act.${type}`)} <kbd>{KEY_OF[type].toUpperCase()}</kbd></button>)}
        {mayShare && incident.place.siteId !== null && isOpenStep(incident.step) && <a className="action quiet-action" href={hrefOf(pagePaths.sharing(incident.place.siteId, incident.incidentId))}>{sharing('form.fromIncident')}</a>}
        <div role="status" className="in-refused">{refused !== null && <ProblemBox note={inWords(refused)} />}{open === null && commanding.trouble !== null && <TroubleNote trouble={commanding.trouble} />}</div>
      </div>
      {open !== null && who !== null && (
        <CommandDialog type={open} isLate={!allowed.includes(open)} answer={answer} by={who} draft={drafts[open] ?? {}} onDraft={(draft) => setDrafts((before) => ({ ...before, [open]: draft }))} commanding={commanding} onClose={close}
          onTaken={() => { setDrafts((before) => ({ ...before, [open]: {} })); close(); }} />
      )}
      <PageKeys opened={helpShown} onClose={() => setHelpShown(false)} keys={[...DIALOG_COMMANDS_IN_ORDER.map((type) => ({ keys: [KEY_OF[type].toUpperCase()], does: t(`act.${type}`) })), { keys: ['Esc'], does: t('keyList.back') }, { keys: ['?'], does: t('keyList.help') }]} />
    </main>
  );
}

/** What somebody who may only report can do: answer what they were asked themselves, and add to it. */
const AS_ASKED: readonly string[] = ['accept', 'decline', 'arrive', 'needHelp', 'handle', 'note', 'tickAction'];
const mayAsAsked = (incident: Incident, who: Actor | null, type: string): boolean => who !== null && AS_ASKED.includes(type) && (assignmentOf(incident, who) !== null || (type === 'note' && sameActor(incident.reportedBy, who)));
const DIALOG_COMMANDS_IN_ORDER = Object.keys(KEY_OF) as DialogCommand[];

function offered(incident: Incident, who: Actor, chain: readonly string[]): DialogCommand[] {
  return [...allowedCommands(incident, who, chain).flatMap((type): DialogCommand[] => (isDialogCommand(type) ? [type] : [])), ...(isOpenStep(incident.step) ? ['split' as const] : [])];
}
function mainStep({ step, assignments }: Incident, allowed: readonly DialogCommand[]): DialogCommand | null {
  const wish: readonly DialogCommand[] = step === 'reported' ? ['dispatch'] : step === 'dispatched' ? ['accept', 'arrive', ...(assignments.some(({ state }) => state === 'arrived' || state === 'accepted') ? ['handle' as const] : [])] : step === 'handled' ? ['followUp'] : step === 'followedUp' ? ['assess'] : [];
  return wish.find((type) => allowed.includes(type)) ?? null;
}

function Header({ incident, what, runToServerMs, isStale, refetch, onKeys }: { incident: Incident; what: string; runToServerMs: number; isStale: boolean; refetch: () => void; onKeys: () => void }) {
  const { t } = useTranslation('incidents');
  const { language } = useFormat();
  const category = useCategoryName();
  const { tree, nameOf } = useUnits();
  const nowMs = useServerNowMs();
  const path = chainOf(tree, incident.unitId).map((unit) => unit.names[language]).toReversed().join(' › ');
  const { place } = incident;
  return (
    <div className="in-one-head">
      <div className="in-one-what">
        <p className="in-crumb"><a href={hrefOf(pagePaths.incidents())}>{t('one.back')}</a></p>
        <h2><SeverityMark severity={incident.severity} size={20} /> {what} {incident.demo && <DemoBadge />}</h2>
        <p className="in-one-where">{placeWords(place)}{place.placeName !== '' && place.siteName !== '' && place.siteName !== place.placeName && `, ${place.siteName}`}</p>
        <p className="quiet">{t(`severity.${incident.severity}`)} · {category(incident.category, place.unitId)} · {t('one.reported', { name: incident.reportedBy.duty === 'system' ? t('duty.system') : incident.reportedBy.name })}, {clockWords(incident.reportedAtMs, nowMs)} (<Age sinceMs={incident.reportedAtMs} />)
          {incident.peopleAtRisk !== null && <> · {t('one.people')}: <b>{incident.peopleAtRisk}</b></>}{incident.reopenedCount > 0 && <> · {t('one.reopened', { number: incident.reopenedCount })}</>}{incident.urgedCount > 0 && <> · {t('one.urged', { number: incident.urgedCount })}</>}</p>
        <p className="quiet">{t('one.unit')}: <span className="in-strong">{path === '' ? t('page.noName') : path}</span>{incident.takenFromUnitId !== null && <> ({t('one.takenFrom', { unit: nameOf(incident.takenFromUnitId) ?? t('page.noName') })})</>}</p>
      </div>
      <div className="in-one-clock">
        <NextDeadline incident={incident} runToServerMs={runToServerMs} />
        <Steps incident={incident} />
        <Deadlines incident={incident} runToServerMs={runToServerMs} />
      </div>
      <div className="in-one-tools"><button type="button" className="in-key-button" onClick={onKeys} aria-label={t('page.keys')} title={t('page.keys')}>?</button>{isStale && <p className="quiet" role="status">{t('page.stale')} <button type="button" className="plain" onClick={refetch}>{t('page.again')}</button></p>}</div>
    </div>
  );
}

/** The number that matters on this page. */
function NextDeadline({ incident, runToServerMs }: { incident: Incident; runToServerMs: number }) {
  const { t } = useTranslation('incidents');
  const { language } = useFormat();
  const nowMs = useServerNowMs();
  const waited = waitedFor(incident).toSorted((a, b) => a.dueRunMs - b.dueRunMs), first = waited[0];
  if (first === undefined) return <p className="in-next-due" data-due="none"><span>{isOpenStep(incident.step) ? t('clock.none') : t(`step.${incident.step}`)}</span></p>;
  const leftMs = first.dueRunMs + runToServerMs - nowMs;
  return (
    <p className={leftMs < 0 ? 'in-next-due overdue' : leftMs < 30_000 ? 'in-next-due soon' : 'in-next-due'} data-due={first.kind} role="timer" aria-live="off">
      <span>{leftMs < 0 && <OverdueSign />}{t(`deadline.${first.kind}`)}</span> <b>{leftMs < 0 ? '+' : ''}{clockSpan(Math.abs(leftMs), language)}</b> <span className="quiet">{leftMs < 0 ? t('list.overdue') : t('clock.due', { time: clockWords(nowMs + leftMs, nowMs) })}</span>
    </p>
  );
}

const WAY: readonly IncidentStep[] = ['reported', 'dispatched', 'handled', 'followedUp', 'closed'];
function Steps({ incident }: { incident: Incident }) {
  const { t } = useTranslation('incidents');
  const at = WAY.indexOf(incident.step);
  return <ol className="in-steps" aria-label={t('list.step')}>{WAY.map((step, index) => <li key={step} className={index < at ? 'past' : index === at ? 'now' : undefined} aria-current={index === at ? 'step' : undefined}>{t(`step.${step}`)}</li>)}{incident.step === 'merged' && <li className="now" aria-current="step">{t('step.merged')}</li>}</ol>;
}

function Deadlines({ incident, runToServerMs }: { incident: Incident; runToServerMs: number }) {
  const { t } = useTranslation('incidents');
  const nowMs = useServerNowMs();
  const waited = new Set(waitedFor(incident));
  return (
    <ul className="in-deadlines" aria-label={t('one.deadlines')}>{incident.deadlines.map((deadline) => {
      const late = deadline.missedAtMs !== null || (deadline.metAtMs === null && waited.has(deadline) && deadline.dueRunMs + runToServerMs < nowMs);
      return (
        <li key={`${deadline.kind}${deadline.dueRunMs}`} data-kind={deadline.kind} className={late ? 'late' : undefined}>
          <span>{t(`deadline.${deadline.kind}`)}</span> {late && <OverdueSign />}
          <span className={late ? 'in-strong' : 'quiet'}>{deadline.metAtMs !== null ? t(late ? 'clock.metLate' : 'clock.met', { time: clockWords(deadline.metAtMs, nowMs) }) : late ? t('clock.missed') : waited.has(deadline) ? t('clock.due', { time: clockWords(deadline.dueRunMs + runToServerMs, nowMs) }) : '–'}</span>
        </li>
      );
    })}</ul>
  );
}

