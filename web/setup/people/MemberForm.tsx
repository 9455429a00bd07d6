// One person: name, duty, language, and how to reach them, first to last. Each contact can be tried before it is kept.
import { Button, Group, Modal, NativeSelect, Switch, TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Channels, MemberBody } from '../../../contract/apiIncidents.ts';
import { DUTIES, type Contact, type Duty, type Member } from '../../../contract/unit.ts';
import { hrefOf, setupPaths } from '../../route.ts';
import type { Answer, Trouble } from '../api.ts';
import { firstInvalid } from '../firstInvalid.ts';
import { TroubleBox } from '../TroubleBox.tsx';
import { useLanguage } from '../useLanguage.ts';
import { orgApi } from '../units/orgApi.ts';
import { TestWords, type Tested } from './TestWords.tsx';

const CONTACTS_MOST = 8;

export function MemberForm({ member, channels, save, onSaved, onClose }: { member: Member | null; channels: Channels | null; save: (body: MemberBody) => Promise<Answer<Member>>; onSaved: () => void; onClose: () => void }) {
  const { t } = useTranslation('org'), { t: said } = useTranslation('incidents');
  const language = useLanguage();
  const [name, setName] = useState(member?.name ?? ''), [duty, setDuty] = useState<Duty>(member?.duty ?? 'fieldWorker');
  const [spoken, setSpoken] = useState<'en' | 'zh'>(member?.language ?? language), [enabled, setEnabled] = useState(member?.enabled ?? true);
  const [contacts, setContacts] = useState<Contact[]>(member?.contacts ?? []);
  const [tested, setTested] = useState<Record<number, Tested>>({});
  const [wasAsked, setWasAsked] = useState(false), [isSaving, setIsSaving] = useState(false), [trouble, setTrouble] = useState<Trouble | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const known = channels?.channels ?? [];
  const patternOf = (channelId: string): string | null => {
    const kind = known.find((one) => one.channelId === channelId)?.kind;
    return channels?.kinds.find((one) => one.kind === kind)?.address?.pattern ?? null;
  };
  /** A channel that needs no address (in-app) takes none. */
  const takesAddress = (channelId: string): boolean => {
    const kind = known.find((one) => one.channelId === channelId)?.kind;
    return channels?.kinds.find((one) => one.kind === kind)?.address !== null;
  };
  const contactFault = ({ channelId, address }: Contact): string | null => {
    if (!takesAddress(channelId)) return null;
    if (address.trim() === '') return t('people.addressMissing');
    const pattern = patternOf(channelId);
    return pattern !== null && !matches(pattern, address.trim()) ? t('people.addressWrong') : null;
  };
  const nameFault = name.trim() === '' ? t('people.nameMissing') : null;
  const change = (index: number, to: Contact) => { setContacts(contacts.map((was, at) => (at === index ? to : was))); setTested({}); };
  const swap = (a: number, b: number) => { setContacts(contacts.map((was, at) => (at === a ? contacts[b]! : at === b ? contacts[a]! : was))); setTested({}); };
  const test = async (index: number) => {
    const { channelId, address } = contacts[index]!;
    setTested((before) => ({ ...before, [index]: 'waiting' }));
    const answer = await orgApi.testContact(channelId, address.trim(), spoken);
    setTested((before) => ({ ...before, [index]: answer.ok ? { answers: [answer.value] } : { trouble: answer.trouble } }));
  };
  const act = async () => {
    setWasAsked(true);
    if (nameFault !== null || contacts.some((contact) => contactFault(contact) !== null)) { setTimeout(() => firstInvalid(form.current), 0); return; }
    setIsSaving(true);
    const answer = await save({ name: name.trim(), duty, language: spoken, contacts: contacts.map(({ channelId, address }) => ({ channelId, address: address.trim() })), enabled });
    setIsSaving(false);
    if (answer.ok) onSaved(); else setTrouble(answer.trouble);
  };

  return (
    <Modal.Root opened onClose={onClose} size="lg" centered><Modal.Overlay /><Modal.Content><Modal.Body pt="md">
      <div className="org-dialog-head"><Modal.Title>{member === null ? t('people.addTitle') : t('people.editTitle', { name: member.name })}</Modal.Title><Modal.CloseButton aria-label={t('people.cancel')} /></div>
      <form ref={form} className="setup org-form" noValidate onSubmit={(event) => { event.preventDefault(); void act(); }}>
        <TextInput label={t('people.name')} withAsterisk data-autofocus value={name} maxLength={80} autoComplete="off" error={wasAsked && nameFault !== null ? nameFault : undefined} onChange={(event) => setName(event.currentTarget.value)} />
        <div className="setup-fields">
          <NativeSelect label={t('people.duty')} value={duty} onChange={(event) => setDuty(event.currentTarget.value as Duty)} data={DUTIES.map((value) => ({ value, label: said(`duty.${value}`) }))} />
          <NativeSelect label={t('people.language')} value={spoken} onChange={(event) => setSpoken(event.currentTarget.value as 'en' | 'zh')} data={[{ value: 'zh', label: t('people.languages.zh') }, { value: 'en', label: t('people.languages.en') }]} />
        </div>
        <fieldset className="org-contacts">
          <legend>{t('people.contacts')}</legend>
          {known.length === 0 ? <p className="setup-quiet">{t('people.noChannels')} <a href={hrefOf(setupPaths.channels())}>{t('people.toChannels')}</a></p> : <p className="setup-quiet">{t('people.contactsHint')}</p>}
          {contacts.map((contact, index) => {
            const number = index + 1, fault = wasAsked || tested[index] !== undefined ? contactFault(contact) : null;
            return (
              <div key={index} className="org-contact">
                <NativeSelect size="xs" aria-label={t('people.channel', { number })} value={contact.channelId} onChange={(event) => change(index, { ...contact, channelId: event.currentTarget.value })}
                  data={[...(known.some(({ channelId }) => channelId === contact.channelId) ? [] : [{ value: contact.channelId, label: t('people.channelGone') }]), ...known.map(({ channelId, name: channel, enabled: isOn }) => ({ value: channelId, label: isOn ? channel : `${channel} (${t('people.channelOff')})` }))]} />
                <TextInput size="xs" aria-label={t('people.address', { number })} disabled={!takesAddress(contact.channelId)} placeholder={t('people.addressHint')} value={contact.address} maxLength={1000} autoComplete="off" error={fault ?? undefined} onChange={(event) => change(index, { ...contact, address: event.currentTarget.value })} />
                <span className="setup-actions">
                  <Button size="compact-xs" variant="default" aria-label={t('people.up', { number })} disabled={index === 0} onClick={() => swap(index, index - 1)}>↑</Button>
                  <Button size="compact-xs" variant="default" aria-label={t('people.down', { number })} disabled={index === contacts.length - 1} onClick={() => swap(index, index + 1)}>↓</Button>
                  <Button size="compact-xs" variant="default" aria-label={t('people.testContact', { number })} loading={tested[index] === 'waiting'} disabled={contactFault(contact) !== null || !known.some(({ channelId }) => channelId === contact.channelId)} onClick={() => void test(index)}>{t('people.test')}</Button>
                  <Button size="compact-xs" variant="default" aria-label={t('people.removeContact', { number })} onClick={() => { setContacts(contacts.toSpliced(index, 1)); setTested({}); }}>✕</Button>
                </span>
                {tested[index] !== undefined && <TestWords tested={tested[index]} channels={known} />}
              </div>
            );
          })}
          {known.length > 0 && <Button size="compact-sm" variant="default" disabled={contacts.length >= CONTACTS_MOST} onClick={() => setContacts([...contacts, { channelId: known[0]!.channelId, address: '' }])}>{t('people.addContact')}</Button>}
        </fieldset>
        <Switch label={t('people.enabled')} description={t('people.enabledMeans')} checked={enabled} onChange={(event) => setEnabled(event.currentTarget.checked)} />
        {trouble !== null && <TroubleBox trouble={trouble} />}
        <Group justify="flex-end" mt="md"><Button variant="default" onClick={onClose}>{t('people.cancel')}</Button><Button type="submit" loading={isSaving}>{t('people.save')}</Button></Group>
      </form>
    </Modal.Body></Modal.Content></Modal.Root>
  );
}

/** A pattern of a channel that a browser cannot read stops nobody: the server checks all the same. */
function matches(pattern: string, address: string): boolean {
  try { return new RegExp(pattern, 'u').test(address); } catch { return true; }
}
