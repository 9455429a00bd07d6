// What happened, newest first: each fact as a sentence, who and when, words and attachments; and a box for a note, whose words are kept until they were taken.
import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { IncidentAnswer } from '../../contract/apiIncidents.ts';
import type { Actor, IncidentChanged } from '../../contract/incident.ts';
import { useServerNowMs } from '../live/LiveProvider.tsx';
import { clockWords } from '../parts/format.ts';
import { useFormat } from '../parts/useFormat.ts';
import { askWho } from '../parts/whoAmI.ts';
import { hrefOf, pagePaths } from '../route.ts';
import { AttachField, AttachmentList, useAttaching } from './Attachments.tsx';
import { factSentence, otherIncident } from './factSentence.ts';
import { useCategoryName } from './useCategories.ts';
import { useHistory, type Commanding } from './useIncident.ts';

export function Timeline({ answer, who, mayNote, commanding }: { answer: IncidentAnswer; who: Actor | null; mayNote: boolean; commanding: Commanding }) {
  const { t } = useTranslation('incidents');
  const { incident } = answer;
  const { events, more } = useHistory(answer);
  return (
    <section aria-label={t('one.timeline')} className="in-panel">
      <h3>{t('one.timeline')} <span className="quiet">{t('one.timelineQuiet')}</span></h3>
      {mayNote && incident.step !== 'merged' && <NoteBox incidentId={incident.incidentId} who={who} commanding={commanding} />}
      <ol className="in-timeline">{events.map((event) => <Fact key={event.version} event={event} />)}</ol>
      {more !== null && <button type="button" className="action quiet-action" onClick={more}>{t('one.more')}</button>}
    </section>
  );
}

/** What moves the incident along is told louder than what time brings. */
const QUIET_FACTS: readonly IncidentChanged['what'][] = ['alarmChanged', 'asked', 'noted', 'linked', 'unlinked', 'placeMoved', 'actionSent', 'actionReopened'];
const LATE_FACTS: readonly IncidentChanged['what'][] = ['noAnswer', 'nobodyLeft', 'deadlineMissed', 'actionOverdue', 'actionFailed', 'helpNeeded'];

function Fact({ event }: { event: IncidentChanged }) {
  const { t } = useTranslation('incidents');
  const page = useTranslation().t;
  const { language } = useFormat();
  const category = useCategoryName();
  const nowMs = useServerNowMs();
  const other = otherIncident(event);
  return (
    <li data-what={event.what} className={LATE_FACTS.includes(event.what) ? 'late' : QUIET_FACTS.includes(event.what) ? 'small' : undefined}>
      <time dateTime={new Date(event.atMs).toISOString()}>{clockWords(event.atMs, nowMs)}</time>
      <div>
        <span className="in-fact">{factSentence(event, { t, page, language, category: (code) => category(code, event.line.placeUnitId) })}</span>{' '}
        <span className="quiet">{event.actor.duty === 'system' ? t('duty.system') : t('fact.by', { name: event.actor.name, duty: t(`duty.${event.actor.duty}`) })}</span>
        {other !== null && <> <a href={hrefOf(pagePaths.incident(other))}>{t('list.goTo')}</a></>}
        {event.words !== '' && <p className="in-words">{event.words}</p>}
        <AttachmentList attachments={event.attachments} incidentId={event.incidentId} />
      </div>
    </li>
  );
}

const draftName = (incidentId: string) => `crowdlight.note.${incidentId}`;
function keptDraft(incidentId: string): string { try { return sessionStorage.getItem(draftName(incidentId)) ?? ''; } catch { return ''; } }

function NoteBox({ incidentId, who, commanding }: { incidentId: string; who: Actor | null; commanding: Commanding }) {
  const { t } = useTranslation('incidents');
  const [words, setWordsNow] = useState(() => keptDraft(incidentId));
  const attaching = useAttaching();
  const setWords = (next: string) => {
    setWordsNow(next);
    try { if (next === '') sessionStorage.removeItem(draftName(incidentId)); else sessionStorage.setItem(draftName(incidentId), next); } catch { /* it lasts until the page is closed */ }
  };
  const send = async () => {
    if (words.trim() === '' || attaching.isSending) return;
    if (who === null) { askWho(); return; }
    if (await commanding.send({ type: 'note', words: words.trim(), attachments: attaching.there }, who) !== null) { setWords(''); attaching.clear(); }
  };
  return (
    <form className="in-note" onSubmit={(event) => { event.preventDefault(); void send(); }}>
      <Textarea aria-label={t('one.noteBox')} placeholder={t('one.noteBox')} title={t('one.noteHint')} value={words} maxLength={2000} autosize minRows={1} maxRows={8} onChange={(event) => setWords(event.currentTarget.value)}
        onKeyDown={(event) => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); void send(); } }} />
      {(words !== '' || attaching.items.length > 0) && <div className="in-note-foot"><AttachField attaching={attaching} /><button type="submit" className="action" disabled={words.trim() === '' || commanding.sending !== null || attaching.isSending}>{commanding.sending === 'note' ? t('act.sending') : t('one.noteSend')}</button></div>}
    </form>
  );
}
