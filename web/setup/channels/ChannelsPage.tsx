// All channels with how they do, what they are told of, a test for each, and what could not be delivered.
import './channels.css';
import { Button, Group, Table } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Channel, ChannelHealth } from '../../../contract/notice.ts';
import { useCategoryName } from '../../incidents/useCategories.ts';
import { useFetched } from '../../incidents/useFetched.ts';
import { useUnits } from '../../incidents/useUnits.ts';
import { hrefOf, setupPaths } from '../../route.ts';
import { ConfirmRemove } from '../ConfirmRemove.tsx';
import { TroubleBox } from '../TroubleBox.tsx';
import { useLanguage } from '../useLanguage.ts';
import { ChannelForm } from './ChannelForm.tsx';
import { ChannelTest } from './ChannelTest.tsx';
import { channelsApi } from './channelsApi.ts';
import { DeadNotices } from './DeadNotices.tsx';

const ASK_EVERY_MS = 5000;

export function ChannelsPage() {
  const { t } = useTranslation('channels'), { t: setup } = useTranslation('setup'), { t: said } = useTranslation('incidents');
  const language = useLanguage();
  const [channels, reload] = useFetched('channels', channelsApi.channels, ASK_EVERY_MS), [dead, reloadDead] = useFetched('dead', channelsApi.dead, ASK_EVERY_MS);
  const [editing, setEditing] = useState<Channel | 'new' | null>(null), [testing, setTesting] = useState<Channel | null>(null), [removing, setRemoving] = useState<Channel | null>(null);
  const { nameOf } = useUnits(), categoryName = useCategoryName();
  const when = (atMs: number) => new Date(atMs).toLocaleString(language === 'zh' ? 'zh-CN' : 'en-GB', { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const crumb = <p className="setup-crumb"><a href={hrefOf(setupPaths.home())}>{setup('manage.title')}</a></p>;
  if (channels.state === 'loading') return <p className="setup-sheet" role="status">{setup('page.loading')}</p>;
  if (channels.state === 'broken') return <div className="setup-sheet">{crumb}<h1>{t('title')}</h1><TroubleBox trouble={channels.trouble} onTryAgain={reload} /></div>;
  const { kinds, channels: all, health } = channels.value;
  const healthOf = (channelId: string) => health.find((one) => one.channelId === channelId) ?? null;
  const kindTitle = (kind: string) => kinds.find((one) => one.kind === kind)?.title[language] ?? kind;

  return (
    <div className="setup-sheet org-wide">
      {crumb}
      <Group justify="space-between" align="center"><h1>{t('title')}</h1><Button onClick={() => setEditing('new')}>{t('add')}</Button></Group>
      <p className="org-lead">{t('lead')}</p>
      {channels.trouble !== null && <TroubleBox trouble={channels.trouble} onTryAgain={reload} comesIntoView={false} />}
      <Table.ScrollContainer minWidth={820}>
        <Table className="setup-table lines" verticalSpacing={4} horizontalSpacing={8}>
          <Table.Thead><Table.Tr>{(['name', 'kind', 'how', 'last', 'told', 'do'] as const).map((key) => <Table.Th key={key} scope="col">{t(`column.${key}`)}</Table.Th>)}</Table.Tr></Table.Thead>
          <Table.Tbody>{all.map((channel) => (
            <Table.Tr key={channel.channelId} data-channel={channel.name} data-enabled={channel.enabled}>
              <Table.Th scope="row">{channel.name}{!channel.enabled && <span className="setup-quiet"> ({t('off')})</span>}</Table.Th>
              <Table.Td>{kindTitle(channel.kind)}<span className="setup-address-shown channel-where">{whereOf(channel)}</span>{channel.kind === 'cap' && channel.settingsShown['feed'] === true && <span className="setup-address-shown channel-where">{t('feedAt', { address: `/api/cap/${channel.channelId}` })}</span>}</Table.Td>
              <Table.Td><HealthWords health={healthOf(channel.channelId)} when={when} /></Table.Td>
              <Table.Td className="channel-when">{healthOf(channel.channelId)?.lastSentAtMs == null ? t('never') : when(healthOf(channel.channelId)!.lastSentAtMs!)}</Table.Td>
              <Table.Td>{channel.subscriptions.length === 0 ? <span className="setup-quiet">{t('notSubscribed')}</span> : <ul className="channel-list">{channel.subscriptions.map(({ unitId, severityLeast, categories }, index) => (
                <li key={index}>{t('subscribed', { unit: unitId === null ? t('everywhere') : nameOf(unitId) ?? unitId, severity: said(`severity.${severityLeast}`), categories: categories.length === 0 ? t('allCategories') : categories.map((category) => categoryName(category, unitId)).join(', ') })}</li>
              ))}</ul>}</Table.Td>
              <Table.Td><div className="setup-actions">
                <Button size="compact-xs" variant="default" aria-label={t('testNamed', { name: channel.name })} onClick={() => setTesting(channel)}>{t('test')}</Button>
                <Button size="compact-xs" variant="default" aria-label={t('editNamed', { name: channel.name })} onClick={() => setEditing(channel)}>{t('edit')}</Button>
                {channel.kind !== 'inApp' && <Button size="compact-xs" variant="default" className="setup-danger" aria-label={t('removeNamed', { name: channel.name })} onClick={() => setRemoving(channel)}>{t('remove')}</Button>}
              </div></Table.Td>
            </Table.Tr>
          ))}</Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {dead.state === 'broken' ? <TroubleBox trouble={dead.trouble} onTryAgain={reloadDead} comesIntoView={false} /> : dead.state === 'there' && <DeadNotices dead={dead.value.dead} channels={all} when={when} onAgain={() => { reloadDead(); reload(); }} />}
      {editing !== null && <ChannelForm channel={editing === 'new' ? null : editing} kinds={kinds} onClose={() => setEditing(null)} onSaved={() => { setEditing(null); reload(); }} />}
      {testing !== null && <ChannelTest channel={testing} kinds={kinds} onClose={() => { setTesting(null); reload(); }} />}
      {removing !== null && <ConfirmRemove title={t('removeTitle', { name: removing.name })} typedName={null} remove={() => channelsApi.remove(removing.channelId)} onClose={() => setRemoving(null)} onRemoved={() => { setRemoving(null); reload(); }}><p>{t('removeText')}</p></ConfirmRemove>}
    </div>
  );
}

/** Where it goes, as far as that is no secret. */
const whereOf = ({ settingsShown }: Channel): string => String(settingsShown['url'] ?? settingsShown['host'] ?? '');

function HealthWords({ health, when }: { health: ChannelHealth | null; when: (atMs: number) => string }) {
  const { t } = useTranslation('channels');
  if (health === null) return null;
  const { sent, failed, waiting, dead, rateLimited, lastFailureAtMs, lastFailure, lastSentAtMs } = health;
  const parts = [...(sent > 0 ? [t('sent', { count: sent })] : []), ...(failed > 0 ? [t('failed', { count: failed })] : []), ...(waiting > 0 ? [t('waiting', { count: waiting })] : []), ...(dead > 0 ? [t('dead', { count: dead })] : []), ...(rateLimited > 0 ? [t('limited', { count: rateLimited })] : [])];
  const failsNow = lastFailureAtMs !== null && lastFailureAtMs > (lastSentAtMs ?? 0);
  return <>{parts.length === 0 ? <span className="setup-quiet">{t('none')}</span> : parts.join(', ')}{lastFailureAtMs !== null && <span className={failsNow ? 'channel-failure now' : 'channel-failure'}>{t('lastFailure', { when: when(lastFailureAtMs), what: lastFailure ?? '' })}</span>}</>;
}
