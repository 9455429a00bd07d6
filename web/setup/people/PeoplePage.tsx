// The people of one unit: who is on duty now, everybody with how to reach them, and the shifts of the week.
import { Button, Group, Table } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Channels } from '../../../contract/apiIncidents.ts';
import type { Member, Unit } from '../../../contract/unit.ts';
import { useFetched } from '../../incidents/useFetched.ts';
import { useScreen } from '../../live/LiveProvider.tsx';
import { ConfirmRemove } from '../ConfirmRemove.tsx';
import { TroubleBox } from '../TroubleBox.tsx';
import { orgApi } from '../units/orgApi.ts';
import { UnitFrame } from '../units/UnitFrame.tsx';
import { MemberForm } from './MemberForm.tsx';
import { ShiftTable } from './ShiftTable.tsx';
import { TestWords, type Tested } from './TestWords.tsx';

export function PeoplePage({ unitId }: { unitId: string }) {
  const { t } = useTranslation('org');
  return <UnitFrame unitId={unitId} tab="people" title={(unit) => t('people.title', { unit })}>{(unit) => <People key={unitId} unit={unit} />}</UnitFrame>;
}

function People({ unit: { unitId } }: { unit: Unit }) {
  const { t } = useTranslation('org'), { t: said } = useTranslation('incidents'), { t: setup } = useTranslation('setup');
  const version = useScreen((screen) => screen.unitsVersion);
  // Asked again when somebody changes anything, and twice a minute: shifts begin and end by themselves.
  const [people, reload] = useFetched(`${unitId} ${version}`, () => orgApi.people(unitId), 30_000);
  const [channels] = useFetched<Channels>('channels', () => orgApi.channels());
  const [shown, setShown] = useState<Extract<typeof people, { state: 'there' }>['value'] | null>(null);
  const [editing, setEditing] = useState<Member | 'new' | null>(null), [removing, setRemoving] = useState<Member | null>(null);
  const [tested, setTested] = useState<{ memberId: string; tested: Tested } | null>(null);
  // While the next answer is on its way the last one stays: nothing jumps.
  if (people.state === 'there' && people.value !== shown) setShown(people.value);
  if (shown === null) return people.state === 'broken' ? <TroubleBox trouble={people.trouble} onTryAgain={reload} /> : <p role="status">{setup('page.loading')}</p>;
  const { members, shifts, onDutyMemberIds } = shown, known = channels.state === 'there' ? channels.value : null;
  const onDuty = onDutyMemberIds.flatMap((memberId) => members.find((each) => each.memberId === memberId) ?? []);
  const channelName = (channelId: string) => known?.channels.find((one) => one.channelId === channelId)?.name ?? (known === null ? '…' : t('people.channelGone'));
  const test = async (member: Member) => {
    setTested({ memberId: member.memberId, tested: 'waiting' });
    const answer = await orgApi.testMember(member.memberId);
    setTested({ memberId: member.memberId, tested: answer.ok ? { answers: answer.value } : { trouble: answer.trouble } });
  };

  return (
    <>
      <section className="setup-panel" aria-labelledby="org-on-duty" data-on-duty={onDuty.length}>
        <h2 id="org-on-duty">{t('people.onDuty')}</h2>
        {onDuty.length === 0 ? <p>{t('people.nobodyOnDuty')}</p> : <ol className="org-on-duty">{onDuty.map(({ memberId, name, duty }) => <li key={memberId}>{name} <span className="setup-quiet">{said(`duty.${duty}`)}</span></li>)}</ol>}
      </section>
      <section className="setup-panel setup-site-block" aria-labelledby="org-members">
        <Group justify="space-between"><h2 id="org-members">{t('people.members')}</h2><Button size="compact-sm" onClick={() => setEditing('new')}>{t('people.add')}</Button></Group>
        <p className="setup-quiet">{t('people.kept')}</p>
        {people.state === 'there' && people.trouble !== null && <TroubleBox trouble={people.trouble} onTryAgain={reload} comesIntoView={false} />}
        {members.length === 0 ? <p>{t('people.none')}</p> : (
          <Table.ScrollContainer minWidth={760}>
            <Table className="setup-table lines" verticalSpacing={4} horizontalSpacing={8}>
              <Table.Thead><Table.Tr>{(['name', 'duty', 'language', 'contacts', 'state', 'do'] as const).map((key) => <Table.Th key={key} scope="col">{t(`people.column.${key}`)}</Table.Th>)}</Table.Tr></Table.Thead>
              <Table.Tbody>{members.map((member) => (
                <Table.Tr key={member.memberId} data-member={member.name}>
                  <Table.Th scope="row">{member.name}</Table.Th>
                  <Table.Td>{said(`duty.${member.duty}`)}</Table.Td>
                  <Table.Td>{t(`people.languages.${member.language}`)}</Table.Td>
                  <Table.Td>{member.contacts.length === 0 ? <span className="setup-quiet">{t('people.noContacts')}</span> : <ol className="org-ladder">{member.contacts.map(({ channelId, address }, index) => <li key={index}>{channelName(channelId)} <span className="setup-address-shown">{address.length > 60 ? `${address.slice(0, 60)}…` : address}</span></li>)}</ol>}
                    {tested?.memberId === member.memberId && <TestWords tested={tested.tested} channels={known?.channels ?? []} />}</Table.Td>
                  <Table.Td>{!member.enabled ? t('people.disabled') : onDutyMemberIds.includes(member.memberId) ? <strong>{t('people.isOn')}</strong> : t('people.isOff')}</Table.Td>
                  <Table.Td><div className="setup-actions">
                    <Button size="compact-xs" variant="default" aria-label={t('people.editNamed', { name: member.name })} onClick={() => setEditing(member)}>{t('people.edit')}</Button>
                    <Button size="compact-xs" variant="default" aria-label={t('people.testNamed', { name: member.name })} loading={tested?.memberId === member.memberId && tested.tested === 'waiting'} onClick={() => void test(member)}>{t('people.test')}</Button>
                    <Button size="compact-xs" variant="default" className="setup-danger" aria-label={t('people.removeNamed', { name: member.name })} onClick={() => setRemoving(member)}>{t('people.remove')}</Button>
                  </div></Table.Td>
                </Table.Tr>
              ))}</Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </section>
      <ShiftTable unitId={unitId} members={members} shifts={shifts} onSaved={reload} />
      {editing !== null && <MemberForm member={editing === 'new' ? null : editing} channels={known} onClose={() => setEditing(null)} onSaved={() => { setEditing(null); reload(); }} save={(body) => (editing === 'new' ? orgApi.addMember(unitId, body) : orgApi.changeMember(editing.memberId, body))} />}
      {removing !== null && <ConfirmRemove title={t('people.removeTitle', { name: removing.name })} typedName={null} remove={() => orgApi.removeMember(removing.memberId)} onClose={() => setRemoving(null)} onRemoved={() => { setRemoving(null); reload(); }}><p>{t('people.removeText')}</p></ConfirmRemove>}
    </>
  );
}
