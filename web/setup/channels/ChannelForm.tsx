// One channel: its kind, its settings by the kind's own schema, how much it may send, and what it is told of. Keys that are on file are never shown again.
import { Button, Checkbox, Group, NativeSelect, Switch, TextInput } from '@mantine/core';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Channels } from '../../../contract/apiIncidents.ts';
import { SEVERITIES, type Severity } from '../../../contract/incident.ts';
import type { Channel, Subscription } from '../../../contract/notice.ts';
import { UnitSelect } from '../../incidents/UnitSelect.tsx';
import { useCategories } from '../../incidents/useCategories.ts';
import type { Trouble } from '../api.ts';
import { firstInvalid } from '../firstInvalid.ts';
import { answersOfSettings, formFaults, formFields, settingsOfAnswers, type FormAnswers } from '../form/formFields.ts';
import { SchemaForm } from '../form/SchemaForm.tsx';
import { TroubleBox } from '../TroubleBox.tsx';
import { useLanguage } from '../useLanguage.ts';
import { channelsApi } from './channelsApi.ts';
import { Dialog } from './Dialog.tsx';

const SUBSCRIPTIONS_MOST = 50;

export function ChannelForm({ channel, kinds, onSaved, onClose }: { channel: Channel | null; kinds: Channels['kinds']; onSaved: () => void; onClose: () => void }) {
  const { t } = useTranslation('channels');
  const language = useLanguage();
  const offered = kinds.filter(({ kind }) => kind !== 'inApp');
  const [kind, setKind] = useState(channel?.kind ?? offered.find((one) => one.kind === 'webhook')?.kind ?? offered[0]?.kind ?? '');
  const schema = kinds.find((one) => one.kind === kind)?.settings;
  const fields = useMemo(() => formFields(schema, language), [schema, language]);
  const [name, setName] = useState(channel?.name ?? ''), [perMinute, setPerMinute] = useState(String(channel?.perMinuteMost ?? 60)), [enabled, setEnabled] = useState(channel?.enabled ?? true);
  const [answers, setAnswers] = useState<FormAnswers>(() => answersOfSettings(fields, channel?.settingsShown ?? {}));
  const [removed, setRemoved] = useState<ReadonlySet<string>>(new Set());
  const [subscriptions, setSubscriptions] = useState<Subscription[]>(channel?.subscriptions ?? []);
  const [wasAsked, setWasAsked] = useState(false), [isSaving, setIsSaving] = useState(false), [trouble, setTrouble] = useState<Trouble | null>(null);
  const form = useRef<HTMLFormElement>(null);
  // Only what is secret is not known here; everything else stands in its field.
  const secrets = fields.filter(({ asks }) => asks === 'secret').map(({ key }) => key);
  const kept = new Set(channel === null ? [] : secrets);
  const faults = formFaults(fields, answers, kept), rate = Number(perMinute);
  const nameFault = name.trim() === '' ? t('nameMissing') : null, rateFault = !Number.isInteger(rate) || rate < 1 || rate > 60_000 ? t('perMinuteWrong') : null;
  const isInApp = kind === 'inApp';

  const choose = (next: string) => { setKind(next); setAnswers(answersOfSettings(formFields(kinds.find((one) => one.kind === next)?.settings, language), {})); setWasAsked(false); setTrouble(null); };
  const act = async () => {
    setWasAsked(true);
    if (nameFault !== null || rateFault !== null || Object.keys(faults).length > 0) { setTimeout(() => firstInvalid(form.current), 0); return; }
    setIsSaving(true);
    const given = settingsOfAnswers(fields, answers), common = { name: name.trim(), perMinuteMost: rate, enabled, subscriptions };
    // A field that was emptied is taken away; a key that was left empty stays.
    const emptied = Object.fromEntries(fields.filter(({ key, asks }) => given[key] === undefined && (asks !== 'secret' || removed.has(key))).map(({ key }) => [key, null]));
    const answer = channel === null ? await channelsApi.add({ kind, settings: given, ...common }) : await channelsApi.change(channel.channelId, { settings: { ...emptied, ...given }, ...common });
    setIsSaving(false);
    if (answer.ok) onSaved(); else setTrouble(answer.trouble);
  };

  return (
    <Dialog onClose={onClose} title={channel === null ? t('addTitle') : t('editTitle', { name: channel.name })} size="lg">
      <form ref={form} className="setup org-form" noValidate onSubmit={(event) => { event.preventDefault(); void act(); }}>
        <div className="setup-fields">
          <NativeSelect label={t('kind')} value={kind} disabled={channel !== null} onChange={(event) => choose(event.currentTarget.value)} data={(channel === null ? offered : kinds).map((one) => ({ value: one.kind, label: one.title[language] }))} />
          <TextInput label={t('name')} withAsterisk data-autofocus value={name} maxLength={80} autoComplete="off" error={wasAsked && nameFault !== null ? nameFault : undefined} onChange={(event) => setName(event.currentTarget.value)} />
          <TextInput label={t('perMinute')} inputMode="numeric" value={perMinute} autoComplete="off" error={wasAsked && rateFault !== null ? rateFault : undefined} onChange={(event) => setPerMinute(event.currentTarget.value)} />
        </div>
        <p className="setup-quiet">{t('perMinuteMeans')}</p>
        {fields.length > 0 && (
          <fieldset className="org-contacts"><legend>{t('settings')}</legend>
            <SchemaForm fields={fields} answers={answers} faults={wasAsked ? faults : {}} {...(channel === null ? {} : { kept: Object.fromEntries(secrets.map((key) => [key, t('keptSecret')])), removed, onRemove: (key: string, isRemoved: boolean) => { setRemoved((before) => { const next = new Set(before); if (isRemoved) next.add(key); else next.delete(key); return next; }); setAnswers((before) => ({ ...before, [key]: '' })); } })} onChange={(key, answer) => setAnswers((before) => ({ ...before, [key]: answer }))} />
          </fieldset>
        )}
        {!isInApp && (
          <fieldset className="org-contacts channel-told"><legend>{t('subscriptions')}</legend>
            <p className="setup-quiet">{t('subscriptionsHint')}</p>
            {subscriptions.map((subscription, index) => <SubscriptionRow key={index} number={index + 1} subscription={subscription} onChange={(next) => setSubscriptions(subscriptions.map((was, at) => (at === index ? next : was)))} onRemove={() => setSubscriptions(subscriptions.toSpliced(index, 1))} />)}
            <Button size="compact-sm" variant="default" disabled={subscriptions.length >= SUBSCRIPTIONS_MOST} onClick={() => setSubscriptions([...subscriptions, { unitId: null, severityLeast: 'serious', categories: [] }])}>{t('addSubscription')}</Button>
          </fieldset>
        )}
        {!isInApp && <Switch label={t('enabled')} description={t('enabledMeans')} checked={enabled} onChange={(event) => setEnabled(event.currentTarget.checked)} />}
        {trouble !== null && <TroubleBox trouble={trouble} />}
        <Group justify="flex-end" mt="md"><Button variant="default" onClick={onClose}>{t('cancel')}</Button><Button type="submit" loading={isSaving}>{t('save')}</Button></Group>
      </form>
    </Dialog>
  );
}

function SubscriptionRow({ number, subscription, onChange, onRemove }: { number: number; subscription: Subscription; onChange: (next: Subscription) => void; onRemove: () => void }) {
  const { t } = useTranslation('channels'), { t: said } = useTranslation('incidents');
  const known = useCategories(subscription.unitId);
  return (
    <div className="channel-subscription" role="group" aria-label={t('subscription', { number })}>
      <div className="setup-fields">
        <UnitSelect label={t('unit')} value={subscription.unitId} emptyWord={t('everywhere')} onChange={(unitId) => onChange({ ...subscription, unitId })} />
        <NativeSelect size="xs" label={t('severity')} value={subscription.severityLeast} onChange={(event) => onChange({ ...subscription, severityLeast: event.currentTarget.value as Severity })} data={SEVERITIES.map((value) => ({ value, label: said(`severity.${value}`) }))} />
        <Button size="compact-xs" variant="default" aria-label={t('removeSubscription', { number })} onClick={onRemove}>✕</Button>
      </div>
      <Checkbox.Group size="xs" label={t('categories')} description={t('noCategories')} value={subscription.categories} onChange={(categories) => onChange({ ...subscription, categories })}>
        <div className="channel-categories">{known.map(({ category, name }) => <Checkbox key={category} size="xs" value={category} label={name} />)}</div>
      </Checkbox.Group>
    </div>
  );
}
