// "I am …": the member or the name under which this screen acts, and the dialog that asks for it. No sign-in, and it says so.
import { Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Member } from '../../contract/unit.ts';
import { askWho, sayWho, useWho, useWhoAsked } from '../parts/whoAmI.ts';
import { incidentsApi } from './api.ts';
import { UnitSelect } from './UnitSelect.tsx';
import { useFetched } from './useFetched.ts';
import { useUnits } from './useUnits.ts';

export function WhoButton() {
  const { t } = useTranslation('incidents');
  const who = useWho(), asked = useWhoAsked();
  const { nameOf } = useUnits();
  return (
    <>
      <button type="button" className={who === null ? 'in-who unknown' : 'in-who'} onClick={() => askWho()}>
        {who === null ? t('who.unknown') : <>{t('who.iAm', { name: who.name })}<span className="quiet">{t(`duty.${who.duty}`)}{who.unitId !== null && ` · ${nameOf(who.unitId) ?? t('page.noName')}`}</span></>}
      </button>
      {asked && <WhoDialog />}
    </>
  );
}

function WhoDialog() {
  const { t } = useTranslation('incidents');
  const who = useWho();
  const [unitId, setUnitId] = useState<string | null>(who?.unitId ?? null);
  const [name, setName] = useState(who !== null && who.memberId === null ? who.name : '');
  const [people, refetch] = useFetched(unitId, () => incidentsApi.people(unitId!));
  const members: Member[] = people.state === 'there' ? people.value.members.filter(({ enabled }) => enabled) : [];
  const close = () => askWho(false);
  return (
    <Modal.Root opened onClose={close} size="md"><Modal.Overlay /><Modal.Content><Modal.Body pt="md">
      <div className="card-head"><Modal.Title>{t('who.title')}</Modal.Title><Modal.CloseButton aria-label={t('who.close')} /></div>
      <p className="in-hint">{t('who.notSignIn')}</p>
      <UnitSelect label={t('who.unit')} value={unitId} onChange={setUnitId} emptyWord={t('who.unitNone')} autoFocus />
      {unitId !== null && (
        <section aria-label={t('who.members')} className="in-members">
          <h3>{t('who.members')}</h3>
          {people.state === 'loading' && <p className="quiet" role="status">{t('page.loading')}</p>}
          {people.state === 'broken' && <p className="quiet">{t('who.notThere')} <button type="button" className="plain" onClick={refetch}>{t('page.again')}</button></p>}
          {people.state === 'there' && members.length === 0 && <p className="quiet">{t('who.noMembers')}</p>}
          <ul>{members.map((member) => (
            <li key={member.memberId}><button type="button" aria-pressed={who?.memberId === member.memberId} aria-label={t('who.choose', { name: member.name })}
              onClick={() => sayWho({ memberId: member.memberId, name: member.name, duty: member.duty, unitId: member.unitId })}>{member.name} <span className="quiet">{t(`duty.${member.duty}`)}</span></button></li>
          ))}</ul>
        </section>
      )}
      <form onSubmit={(event) => { event.preventDefault(); const typed = name.trim(); if (typed !== '') sayWho({ memberId: null, name: typed.slice(0, 80), duty: 'operator', unitId }); }}>
        <TextInput label={t('who.typed')} placeholder={t('who.name')} value={name} maxLength={80} onChange={(event) => setName(event.currentTarget.value)} autoComplete="name" />
        <div className="card-actions">
          <button type="submit" className="action" disabled={name.trim() === ''}>{t('who.take')}</button>
          {who !== null && <button type="button" className="action quiet-action" onClick={() => sayWho(null)}>{t('who.forget')}</button>}
        </div>
      </form>
    </Modal.Body></Modal.Content></Modal.Root>
  );
}
