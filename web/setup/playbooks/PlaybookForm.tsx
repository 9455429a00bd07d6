// One list of actions being written: for which place, danger and severity, and each action with who does it within how long. Everything by keyboard.
import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Channels, PlaybookBody } from '../../../contract/apiIncidents.ts';
import { ACTION_KINDS, SEVERITIES, type Severity } from '../../../contract/incident.ts';
import type { Playbook, PlaybookAction } from '../../../contract/playbook.ts';
import type { SiteConfig } from '../../../contract/site.ts';
import { DUTIES } from '../../../contract/unit.ts';
import { useFetched } from '../../incidents/useFetched.ts';
import type { Trouble } from '../api.ts';
import { firstInvalid } from '../firstInvalid.ts';
import { TroubleBox } from '../TroubleBox.tsx';
import { useDraft } from '../useDraft.ts';
import { useUnsaved } from '../useUnsaved.tsx';
import { orgApi } from '../units/orgApi.ts';
import { SpanField } from '../units/SpanField.tsx';

const ACTIONS_MOST = 30;
const newAction = (taken: readonly PlaybookAction[]): PlaybookAction => {
  let number = taken.length + 1;
  while (taken.some(({ actionId }) => actionId === `a${number}`)) number++;
  return { actionId: `a${number}`, kind: 'task', words: { en: '', zh: '' }, owner: 'fieldWorker', withinS: 60, channelId: null, payload: null };
};

export function PlaybookForm({ config: { site, zones }, categories, playbook, onSaved, onCancel }: { config: SiteConfig; categories: readonly { category: string; name: string }[]; playbook: Playbook | null; onSaved: () => void; onCancel: () => void }) {
  const { t } = useTranslation('org'), { t: said } = useTranslation('incidents');
  const draft = useDraft<PlaybookBody>(playbook === null ? { zoneId: null, category: 'crowding', severityLeast: 'moderate', actions: [newAction([])] } : { zoneId: playbook.zoneId, category: playbook.category, severityLeast: playbook.severityLeast, actions: playbook.actions });
  const { now, change } = draft;
  const [channels] = useFetched<Channels>('channels', () => orgApi.channels());
  const known = channels.state === 'there' ? channels.value.channels : [];
  const [trouble, setTrouble] = useState<Trouble | null>(null), [isSaving, setIsSaving] = useState(false), [wasAsked, setWasAsked] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const { question } = useUnsaved(draft.isDirty);
  const set = (index: number, to: Partial<PlaybookAction>) => change((from) => ({ ...from, actions: from.actions.map((was, at) => (at === index ? { ...was, ...to } : was)) }));
  const swap = (a: number, b: number) => change((from) => ({ ...from, actions: from.actions.map((was, at) => (at === a ? from.actions[b]! : at === b ? from.actions[a]! : was)) }));
  const isEmpty = ({ words }: PlaybookAction) => words.en.trim() === '' && words.zh.trim() === '';
  const save = async () => {
    setWasAsked(true);
    if (now.actions.some(isEmpty) || firstInvalid(form.current)) { setTimeout(() => firstInvalid(form.current), 0); return; }
    setIsSaving(true);
    const body: PlaybookBody = { ...now, actions: now.actions.map((action) => ({ ...action, words: { en: action.words.en.trim() || action.words.zh.trim(), zh: action.words.zh.trim() || action.words.en.trim() }, payload: action.channelId === null || action.payload?.trim() === '' ? null : action.payload })) };
    const answer = playbook === null ? await orgApi.addPlaybook(site.siteId, body) : await orgApi.changePlaybook(playbook.playbookId, body);
    setIsSaving(false);
    if (!answer.ok) { setTrouble(answer.trouble); return; }
    draft.saved();
    onSaved();
  };

  return (
    <form ref={form} noValidate onSubmit={(event) => { event.preventDefault(); void save(); }} aria-label={playbook === null ? t('playbooks.addTitle') : t('playbooks.editTitle')}>
      {question}
      <h2>{playbook === null ? t('playbooks.addTitle') : t('playbooks.editTitle')}</h2>
      <div className="setup-fields">
        <NativeSelect label={t('playbooks.zone')} value={now.zoneId ?? ''} onChange={(event) => { const zoneId = event.currentTarget.value; change((from) => ({ ...from, zoneId: zoneId === '' ? null : zoneId })); }} data={[{ value: '', label: t('playbooks.wholeSite') }, ...zones.map(({ zoneId, name }) => ({ value: zoneId, label: name }))]} />
        <NativeSelect label={t('playbooks.category')} value={now.category} onChange={(event) => { const category = event.currentTarget.value; change((from) => ({ ...from, category })); }} data={[...(categories.some(({ category }) => category === now.category) ? [] : [{ value: now.category, label: now.category }]), ...categories.map(({ category, name }) => ({ value: category, label: name }))]} />
        <NativeSelect label={t('playbooks.severity')} value={now.severityLeast} onChange={(event) => { const severityLeast = event.currentTarget.value as Severity; change((from) => ({ ...from, severityLeast })); }} data={SEVERITIES.map((value) => ({ value, label: said(`severity.${value}`) }))} />
      </div>
      <ol className="org-actions">{now.actions.map((action, index) => {
        const number = index + 1, cell = (field: string) => t('playbooks.cellOf', { number, field }), fault = wasAsked && isEmpty(action);
        return (
          <li key={action.actionId} className="setup-panel" aria-label={t('playbooks.action', { number })}>
            <div className="org-action-head"><strong>{number}</strong>
              <NativeSelect size="xs" aria-label={cell(t('playbooks.kind'))} value={action.kind} onChange={(event) => set(index, { kind: event.currentTarget.value as PlaybookAction['kind'] })} data={ACTION_KINDS.map((value) => ({ value, label: t(`playbooks.kinds.${value}`) }))} />
              <NativeSelect size="xs" aria-label={cell(t('playbooks.owner'))} value={action.owner} onChange={(event) => set(index, { owner: event.currentTarget.value as PlaybookAction['owner'] })} data={DUTIES.map((value) => ({ value, label: said(`duty.${value}`) }))} />
              <span className="setup-quiet">{t('playbooks.within')}</span>
              <SpanField isLabelHidden label={cell(t('playbooks.within'))} value={action.withinS} least={5} most={86_400} faultWord={t('playbooks.timeWrong')} onChange={(seconds) => { if (seconds !== null) set(index, { withinS: seconds }); }} />
              <span className="setup-actions org-right">
                <Button size="compact-xs" variant="default" aria-label={t('playbooks.up', { number })} disabled={index === 0} onClick={() => swap(index, index - 1)}>↑</Button>
                <Button size="compact-xs" variant="default" aria-label={t('playbooks.down', { number })} disabled={index === now.actions.length - 1} onClick={() => swap(index, index + 1)}>↓</Button>
                <Button size="compact-xs" variant="default" aria-label={t('playbooks.removeAction', { number })} disabled={now.actions.length === 1} onClick={() => change((from) => ({ ...from, actions: from.actions.toSpliced(index, 1) }))}>✕</Button>
              </span>
            </div>
            <div className="org-action-words">
              <TextInput size="xs" label={t('playbooks.zh')} aria-label={cell(t('playbooks.zh'))} value={action.words.zh} maxLength={300} autoComplete="off" error={fault ? t('playbooks.wordsMissing') : undefined} onChange={(event) => set(index, { words: { ...action.words, zh: event.currentTarget.value } })} />
              <TextInput size="xs" label={t('playbooks.en')} aria-label={cell(t('playbooks.en'))} value={action.words.en} maxLength={300} autoComplete="off" error={fault} onChange={(event) => set(index, { words: { ...action.words, en: event.currentTarget.value } })} />
              <NativeSelect size="xs" label={t('playbooks.channel')} aria-label={cell(t('playbooks.channel'))} value={action.channelId ?? ''} onChange={(event) => { const channelId = event.currentTarget.value; set(index, channelId === '' ? { channelId: null, payload: null } : { channelId, payload: action.payload ?? '' }); }}
                data={[{ value: '', label: t('playbooks.byHand') }, ...(action.channelId === null || known.some(({ channelId }) => channelId === action.channelId) ? [] : [{ value: action.channelId, label: t('playbooks.channelGone') }]), ...known.map(({ channelId, name }) => ({ value: channelId, label: name }))]} />
              {action.channelId !== null && <Textarea size="xs" label={t('playbooks.payload')} aria-label={cell(t('playbooks.payload'))} placeholder={t('playbooks.payloadHint')} value={action.payload ?? ''} maxLength={2000} autosize minRows={1} maxRows={6} onChange={(event) => set(index, { payload: event.currentTarget.value })} />}
            </div>
          </li>
        );
      })}</ol>
      <Button size="compact-sm" variant="default" disabled={now.actions.length >= ACTIONS_MOST} onClick={() => change((from) => ({ ...from, actions: [...from.actions, newAction(from.actions)] }))}>{t('playbooks.addAction')}</Button>
      {trouble !== null && <TroubleBox trouble={trouble} onTryAgain={() => void save()} onClose={() => setTrouble(null)} />}
      <div className="setup-foot"><Button variant="default" onClick={onCancel}>{t('playbooks.cancel')}</Button><span className="setup-quiet">{draft.isDirty ? t('shifts.dirty') : ''}</span><Button type="submit" loading={isSaving}>{t('playbooks.save')}</Button></div>
    </form>
  );
}
