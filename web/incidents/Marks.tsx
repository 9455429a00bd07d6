// Small signs that every list and page of incidents uses: severity as a shape, EXERCISE, the clock of the next deadline, and what went wrong.
import { useTranslation } from 'react-i18next';
import { INCIDENT_STEPS, type DeadlineKind, type IncidentLine, type Severity } from '../../contract/incident.ts';
import type { Level } from '../../contract/level.ts';
import type { ProblemNote } from '../../contract/problem.ts';
import { useServerNowMs } from '../live/LiveProvider.tsx';
import { LevelShape } from '../parts/LevelShape.tsx';
import { ProblemBox } from '../parts/ProblemBox.tsx';
import { spanWords } from '../parts/format.ts';
import { useFormat } from '../parts/useFormat.ts';
import type { Trouble } from './api.ts';
import { DIALOG_COMMANDS } from './dialogCommands.ts';

/** Severities have the shapes and colours of the levels that they come from: one thing means one thing. */
export const LEVEL_OF_SEVERITY: Record<Severity, Level> = { minor: 'notice', moderate: 'warning', serious: 'danger', critical: 'critical' };

export function SeverityMark({ severity, size = 14 }: { severity: Severity; size?: number }) {
  const { t } = useTranslation('incidents');
  return <LevelShape look={LEVEL_OF_SEVERITY[severity]} size={size} title={t(`severity.${severity}`)} />;
}

export function ExerciseBadge() {
  const { t } = useTranslation('incidents');
  return <span className="in-exercise">{t('exercise.badge')}</span>;
}
export function ExerciseBanner() {
  const { t } = useTranslation('incidents');
  return <div className="in-exercise-banner" role="note"><span>{t('exercise.banner')}</span></div>;
}

/** 0:47, 12:05, 1 h 20 min: a clock that counts by seconds while that says something. */
export function clockSpan(spanMs: number, language: 'en' | 'zh'): string {
  const seconds = Math.max(0, Math.floor(spanMs / 1000));
  return seconds < 3600 ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}` : spanWords(spanMs, language);
}

/** The next deadline, or for how long one is overdue; counts on the server's clock. */
export function DueClock({ due, overdueSinceMs, short = false }: { due: { kind: DeadlineKind; dueAtMs: number } | null; overdueSinceMs: number | null; short?: boolean }) {
  const { t } = useTranslation('incidents');
  const { language } = useFormat();
  const nowMs = useServerNowMs();
  if (overdueSinceMs !== null) return <span className="in-due overdue"><OverdueSign />{t('clock.overdue', { span: clockSpan(nowMs - overdueSinceMs, language) })}</span>;
  if (due === null) return <span className="in-due quiet">{short ? '' : t('clock.none')}</span>;
  const leftMs = due.dueAtMs - nowMs;
  return leftMs < 0 ? <span className="in-due overdue"><OverdueSign />{t('clock.overdueFor', { kind: t(`deadline.${due.kind}`), span: clockSpan(-leftMs, language) })}</span>
    : <span className={leftMs < 30_000 ? 'in-due soon' : 'in-due'}>{t('clock.dueIn', { kind: t(`deadline.${due.kind}`), span: clockSpan(leftMs, language) })}</span>;
}
export function OverdueSign() {
  return <svg className="in-overdue-sign" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true"><circle cx="6" cy="6" r="5" fill="none" stroke="currentColor" strokeWidth="1.6" /><path d="M6 2.8V6l2.2 1.6" fill="none" stroke="currentColor" strokeWidth="1.6" /></svg>;
}

export const isOverdue = (line: Pick<IncidentLine, 'overdueSinceMs' | 'due'>, nowMs: number): boolean => line.overdueSinceMs !== null || (line.due !== null && line.due.dueAtMs < nowMs);

/** Why a question failed: the server's own words, or that there was no answer at all. */
export function TroubleNote({ trouble, onAgain }: { trouble: Trouble; onAgain?: (() => void) | undefined }) {
  const { t } = useTranslation('incidents');
  const inWords = useNoteInWords();
  return (
    <div data-trouble={trouble.from === 'server' ? trouble.note.code : 'line'}>
      {trouble.from === 'server' ? <ProblemBox note={inWords(trouble.note)} alert />
        : <div className="problem" role="alert"><strong>{t('page.noAnswer')}</strong><details><summary>{t('page.machine')}</summary><code>{trouble.detail}</code></details></div>}
      {onAgain !== undefined && <button type="button" className="action quiet-action" onClick={onAgain}>{t('page.again')}</button>}
    </div>
  );
}

/** A refusal names the step and what was asked for by their codes; people read the words of this page. */
export function useNoteInWords(): (note: ProblemNote) => ProblemNote {
  const { t } = useTranslation('incidents');
  return (note) => {
    if (note.code !== 'incidentStepNotAllowed') return note;
    const step = INCIDENT_STEPS.find((each) => each === note.values['step']), asked = DIALOG_COMMANDS.find((each) => each === note.values['asked']);
    return { ...note, values: { ...note.values, ...(step === undefined ? {} : { step: t(`step.${step}`) }), ...(asked === undefined ? {} : { asked: t(`act.${asked}`) }) } };
  };
}

export function Age({ sinceMs }: { sinceMs: number }) {
  const { span } = useFormat();
  return <span className="in-age">{span(useServerNowMs() - sinceMs)}</span>;
}
