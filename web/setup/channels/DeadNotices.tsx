// What no contact of the ladder took, with every try, and the button that begins again.
import { Button, Table } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Channel, Delivery } from '../../../contract/notice.ts';
import { hrefOf, pagePaths } from '../../route.ts';
import type { Trouble } from '../api.ts';
import { TroubleBox } from '../TroubleBox.tsx';
import { channelsApi, type Dead } from './channelsApi.ts';

const TRIES_SHOWN = 4;

export function DeadNotices({ dead, channels, when, onAgain }: { dead: readonly Dead[]; channels: readonly Channel[]; when: (atMs: number) => string; onAgain: () => void }) {
  const { t } = useTranslation('channels');
  const [sending, setSending] = useState<string | null>(null), [said, setSaid] = useState(false), [trouble, setTrouble] = useState<Trouble | null>(null);
  const nameOf = (channelId: string) => channels.find((one) => one.channelId === channelId)?.name ?? t('channelGone');
  const again = async (noticeId: string) => {
    setSending(noticeId);
    const answer = await channelsApi.again(noticeId);
    setSending(null);
    setSaid(answer.ok);
    setTrouble(answer.ok ? null : answer.trouble);
    onAgain();
  };
  const line = ({ atMs, channelId, outcome, detail }: Delivery) => t('tryLine', { when: when(atMs), channel: nameOf(channelId), outcome: t(`outcome.${outcome}`), detail });
  return (
    <section className="setup-panel setup-site-block" aria-labelledby="channels-dead" data-dead={dead.length}>
      <h2 id="channels-dead">{t('deadTitle')}</h2>
      <p className="setup-quiet">{dead.length === 0 ? t('deadNone') : t('deadLead')}</p>
      <p role="status" className="setup-quiet">{said ? t('againDone') : ''}</p>
      {trouble !== null && <TroubleBox trouble={trouble} onClose={() => setTrouble(null)} />}
      {dead.length > 0 && (
        <Table.ScrollContainer minWidth={720}>
          <Table className="setup-table lines" verticalSpacing={4} horizontalSpacing={8}>
            <Table.Thead><Table.Tr>{(['when', 'what', 'tries', 'do'] as const).map((key) => <Table.Th key={key} scope="col">{t(`deadColumn.${key}`)}</Table.Th>)}</Table.Tr></Table.Thead>
            <Table.Tbody>{dead.map(({ notice, deliveries }) => {
              const what = `${notice.exercise ? `${t('exercise')} · ` : ''}${t(`kinds.${notice.kind}`)}`;
              return (
                <Table.Tr key={notice.noticeId} data-notice={notice.noticeId}>
                  <Table.Th scope="row">{when(notice.atMs)}</Table.Th>
                  <Table.Td>{what}{notice.incidentId !== null && <> <a href={hrefOf(pagePaths.incident(notice.incidentId))}>{t('openIncident')}</a></>}</Table.Td>
                  <Table.Td><ol className="org-ladder channel-tries">{deliveries.slice(-TRIES_SHOWN).map((delivery) => <li key={delivery.attempt} value={delivery.attempt}>{line(delivery)}</li>)}</ol>{deliveries.length > TRIES_SHOWN && <span className="setup-quiet">{t('more', { count: deliveries.length - TRIES_SHOWN })}</span>}</Table.Td>
                  <Table.Td><Button size="compact-xs" variant="default" loading={sending === notice.noticeId} aria-label={t('againNamed', { what: `${what}, ${when(notice.atMs)}` })} onClick={() => void again(notice.noticeId)}>{t('again')}</Button></Table.Td>
                </Table.Tr>
              );
            })}</Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </section>
  );
}
