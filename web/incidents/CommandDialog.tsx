// The dialog of a step that needs more than a press: words, people, an outcome, another incident. What was typed outlives the dialog until it was taken.
import { Checkbox, Modal, NativeSelect, NumberInput, Radio, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { IncidentAnswer, IncidentCommandBody } from '../../contract/apiIncidents.ts';
import { ASSESSMENTS, SEVERITIES, type Actor, type Attachment, type Incident, type Severity } from '../../contract/incident.ts';
import { clockWords } from '../parts/format.ts';
import { AttachField, useAttaching } from './Attachments.tsx';
import { TroubleNote } from './Marks.tsx';
import type { DialogCommand } from './dialogCommands.ts';
import { OtherIncident } from './OtherIncident.tsx';
import { UnitSelect } from './UnitSelect.tsx';
import { useCategories } from './useCategories.ts';
import type { Commanding } from './useIncident.ts';
import { useUnits } from './useUnits.ts';
import { levelWord } from './factSentence.ts';
import { placeWords } from './placeWords.ts';

type Command = IncidentCommandBody['command'];
const WORDS_NEEDED: readonly DialogCommand[] = ['decline', 'needHelp', 'handle', 'followUp', 'assess', 'reopen', 'note', 'setFacts', 'urge', 'takeOver', 'giveBack', 'transfer', 'mergeInto', 'split', 'unlink'];
const WITH_FILES: readonly DialogCommand[] = ['handle', 'followUp', 'assess', 'note'];

export type Draft = { words?: string; memberIds?: string[]; stillWell?: boolean; outcome?: (typeof ASSESSMENTS)[number]; unitId?: string | null; otherId?: string | null; category?: string; severity?: Severity; title?: string; people?: number | '' ; alarmIds?: string[] };

export function CommandDialog({ type, isLate = false, answer, by, draft, onDraft, commanding, onClose, onTaken }: {
  type: DialogCommand; /** Somebody was faster: the step is not possible any more. */ isLate?: boolean; answer: Pick<IncidentAnswer, 'incident' | 'onDuty'>; by: Actor; draft: Draft; onDraft: (draft: Draft) => void; commanding: Commanding; onClose: () => void; onTaken: () => void;
}) {
  const { t } = useTranslation('incidents');
  const page = useTranslation().t;
  const { nameOf } = useUnits();
  const { incident, onDuty } = answer;
  const categories = useCategories(incident.place.unitId);
  const attaching = useAttaching();
  const [isAsked, setIsAsked] = useState(false);
  const put = (part: Draft) => onDraft({ ...draft, ...part });
  const words = (draft.words ?? '').trim(), needsWords = WORDS_NEEDED.includes(type);
  const command = commandOf(type, draft, words, attaching.there, incident);
  const isSending = commanding.sending !== null;
  const send = async () => {
    setIsAsked(true);
    if (command === null || (needsWords && words === '') || isSending || attaching.isSending) return;
    if (await commanding.send(command, by) !== null) onTaken();
  };
  const hint = type === 'dispatch' ? t('act.dispatchHint') : type === 'takeOver' ? t('act.takeOverMeans') : type === 'urge' ? t('act.urgeMeans') : type === 'escalate' ? t('act.escalateMeans') : type === 'mergeInto' ? t('act.mergeMeans') : type === 'giveBack' ? t('act.giveBackMeans') : type === 'reopen' ? t('act.reopenMeans') : type === 'split' ? t('act.splitMeans') : null;
  const focusWords = !['dispatch', 'followUp', 'assess', 'transfer', 'mergeInto', 'link', 'unlink', 'split', 'setFacts'].includes(type);
  return (
    <Modal.Root opened onClose={onClose} size="md"><Modal.Overlay /><Modal.Content data-command={type}><Modal.Body pt="md">
      <form className="in-dialog" onSubmit={(event) => { event.preventDefault(); void send(); }}>
        <div className="card-head"><Modal.Title>{t(`act.${type}`)}</Modal.Title><Modal.CloseButton aria-label={t('page.close')} /></div>
        <p className="in-hint">{incident.title}{incident.title === '' ? '' : ', '}{placeWords(incident.place)}. {hint}</p>
        {type === 'dispatch' && (
          <Checkbox.Group label={t('act.dispatchWhom')} value={draft.memberIds ?? []} onChange={(memberIds) => put({ memberIds })}>
            {onDuty.length === 0 && <p className="quiet">{t('act.dispatchNobody')}</p>}
            <div className="in-choices">{onDuty.map((member, index) => <Checkbox key={member.memberId} {...(index === 0 ? { 'data-autofocus': true } : {})} value={member.memberId} label={`${member.name}, ${t(`duty.${member.duty}`)}${nameOf(member.unitId) === null ? '' : `, ${nameOf(member.unitId)}`}`} />)}</div>
          </Checkbox.Group>
        )}
        {type === 'followUp' && (
          <Radio.Group label={t('act.stillWell')} value={draft.stillWell === undefined ? '' : draft.stillWell ? 'yes' : 'no'} onChange={(value) => put({ stillWell: value === 'yes' })} error={isAsked && draft.stillWell === undefined ? t('act.choosePlease') : null}>
            <div className="in-choices"><Radio value="yes" label={t('act.stillYes')} data-autofocus /><Radio value="no" label={t('act.stillNo')} /></div>
          </Radio.Group>
        )}
        {type === 'assess' && (
          <Radio.Group label={t('act.outcome')} value={draft.outcome ?? ''} onChange={(outcome) => put({ outcome: outcome as (typeof ASSESSMENTS)[number] })} error={isAsked && draft.outcome === undefined ? t('act.choosePlease') : null}>
            <div className="in-choices">{ASSESSMENTS.map((outcome, index) => <Radio key={outcome} value={outcome} label={t(`outcome.${outcome}`)} {...(index === 0 ? { 'data-autofocus': true } : {})} />)}</div>
          </Radio.Group>
        )}
        {type === 'transfer' && <><UnitSelect label={t('act.toUnit')} value={draft.unitId ?? null} onChange={(unitId) => put({ unitId })} emptyWord={t('page.choose')} autoFocus />{isAsked && command === null && <p className="in-fault">{t('act.choosePlease')}</p>}</>}
        {(type === 'mergeInto' || type === 'link') && <><OtherIncident incident={incident} value={draft.otherId ?? null} onChange={(otherId) => put({ otherId })} />{isAsked && command === null && <p className="in-fault">{t('act.choosePlease')}</p>}</>}
        {type === 'unlink' && <NativeSelect label={t('act.unlinkWhich')} data-autofocus value={draft.otherId ?? ''} onChange={(event) => put({ otherId: event.currentTarget.value })} data={[{ value: '', label: t('page.choose') }, ...incident.links.map((value) => ({ value, label: value }))]} error={isAsked && command === null ? t('act.choosePlease') : null} />}
        {(type === 'setFacts' || type === 'split') && (
          <>
            <NativeSelect label={t('report.category')} data-autofocus value={draft.category ?? incident.category} onChange={(event) => put({ category: event.currentTarget.value })} data={categories.map(({ category, name }) => ({ value: category, label: name }))} />
            <div><div className="in-label" id="facts-severity">{t('report.severity')}</div><SegmentedControl fullWidth size="xs" aria-labelledby="facts-severity" value={draft.severity ?? incident.severity} onChange={(severity) => put({ severity: severity as Severity })} data={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))} /></div>
            <TextInput label={t('report.headline')} maxLength={200} value={draft.title ?? (type === 'split' ? '' : incident.title)} onChange={(event) => put({ title: event.currentTarget.value })} />
          </>
        )}
        {type === 'setFacts' && <NumberInput label={t('report.people')} placeholder={t('report.peopleUnknown')} min={0} max={1_000_000} allowDecimal={false} allowNegative={false} hideControls value={draft.people ?? incident.peopleAtRisk ?? ''} onChange={(value) => put({ people: typeof value === 'number' ? value : '' })} />}
        {type === 'split' && incident.alarms.length > 0 && (
          <Checkbox.Group label={t('act.alarmsOf')} value={draft.alarmIds ?? []} onChange={(alarmIds) => put({ alarmIds })}>
            <div className="in-choices">{incident.alarms.map((alarm) => <Checkbox key={alarm.alarmId} value={alarm.alarmId} label={`${levelWord(page, alarm.levelPeak)}, ${clockWords(alarm.raisedAtMs)}`} />)}</div>
          </Checkbox.Group>
        )}
        <Textarea label={needsWords ? t('act.wordsWhy') : t('act.wordsOptional')} {...(focusWords ? { 'data-autofocus': true } : {})} value={draft.words ?? ''} maxLength={2000} autosize minRows={2} maxRows={8} onChange={(event) => put({ words: event.currentTarget.value })} error={isAsked && needsWords && words === '' ? t('act.wordsNeeded') : null}
          onKeyDown={(event) => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); void send(); } }} />
        {WITH_FILES.includes(type) && <AttachField attaching={attaching} />}
        {isLate && <p className="in-late" role="status">{t('one.changed', { step: t(`step.${incident.step}`) })}</p>}
        {commanding.trouble !== null && <TroubleNote trouble={commanding.trouble} />}
        <div className="card-actions">
          <button type="submit" className="action" disabled={isSending || attaching.isSending}>{isSending ? t('act.sending') : commanding.trouble?.from === 'line' ? t('act.again') : t(`act.${type}`)}</button>
          <button type="button" className="action quiet-action" onClick={onClose}>{t('page.cancel')}</button>
        </div>
      </form>
    </Modal.Body></Modal.Content></Modal.Root>
  );
}

/** Null while something that must be chosen is not. Words are looked at apart. */
export function commandOf(type: DialogCommand, draft: Draft, words: string, attachments: Attachment[], incident: Pick<Incident, 'category' | 'severity'>): Command | null {
  switch (type) {
    case 'dispatch': return { type, memberIds: draft.memberIds ?? [], words };
    case 'accept': case 'decline': case 'arrive': case 'needHelp': case 'reopen': case 'urge': case 'takeOver': case 'giveBack': case 'escalate': return { type, words };
    case 'handle': case 'note': return { type, words, attachments };
    case 'followUp': return draft.stillWell === undefined ? null : { type, stillWell: draft.stillWell, words, attachments };
    case 'assess': return draft.outcome === undefined ? null : { type, outcome: draft.outcome, words, attachments };
    case 'transfer': return draft.unitId == null ? null : { type, toUnitId: draft.unitId, words };
    case 'mergeInto': return draft.otherId == null ? null : { type, into: draft.otherId, words };
    case 'link': case 'unlink': return draft.otherId == null || draft.otherId === '' ? null : { type, to: draft.otherId, words };
    case 'setFacts': return { type, words, ...(draft.category === undefined ? {} : { category: draft.category }), ...(draft.severity === undefined ? {} : { severity: draft.severity }), ...(draft.title === undefined ? {} : { title: draft.title }), ...(draft.people === undefined ? {} : { peopleAtRisk: draft.people === '' ? null : draft.people }) };
    case 'split': return { type, category: draft.category ?? incident.category, severity: draft.severity ?? incident.severity, title: draft.title ?? '', words, alarmIds: draft.alarmIds ?? [] };
  }
}
