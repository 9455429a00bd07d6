// The test button: to the channel itself, or to an address of it, and what came of it.
import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Channels, TestAnswer } from '../../../contract/apiIncidents.ts';
import type { Channel } from '../../../contract/notice.ts';
import type { Trouble } from '../api.ts';
import { TroubleBox } from '../TroubleBox.tsx';
import { useLanguage } from '../useLanguage.ts';
import { channelsApi } from './channelsApi.ts';
import { Dialog } from './Dialog.tsx';

export function ChannelTest({ channel, kinds, onClose }: { channel: Channel; kinds: Channels['kinds']; onClose: () => void }) {
  const { t } = useTranslation('channels');
  const language = useLanguage();
  const address = kinds.find(({ kind }) => kind === channel.kind)?.address ?? null;
  const [to, setTo] = useState(''), [spoken, setSpoken] = useState<'en' | 'zh'>(language);
  const [state, setState] = useState<'none' | 'sending' | { answer: TestAnswer } | { trouble: Trouble }>('none');
  const act = async () => {
    setState('sending');
    const answer = await channelsApi.test(channel.channelId, to.trim() === '' ? null : to.trim(), spoken);
    setState(answer.ok ? { answer: answer.value } : { trouble: answer.trouble });
  };
  return (
    <Dialog onClose={onClose} title={t('testTitle', { name: channel.name })}>
      <form className="setup org-form" noValidate onSubmit={(event) => { event.preventDefault(); void act(); }}>
        {address !== null && <TextInput label={`${t('testAddress')}: ${address.title[language]}`} description={t('testOwn')} data-autofocus value={to} maxLength={1000} autoComplete="off" onChange={(event) => setTo(event.currentTarget.value)} />}
        <NativeSelect label={t('testLanguage')} value={spoken} onChange={(event) => setSpoken(event.currentTarget.value as 'en' | 'zh')} data={[{ value: 'zh', label: t('languages.zh') }, { value: 'en', label: t('languages.en') }]} />
        <div role="status" className="channel-tested" data-outcome={typeof state === 'object' && 'answer' in state ? state.answer.outcome : undefined}>
          {state === 'sending' ? t('sending') : typeof state === 'object' && 'answer' in state ? (state.answer.outcome === 'sent' ? t('testSent', { ms: Math.round(state.answer.tookMs), detail: state.answer.detail }) : t('testFailed', { outcome: t(`outcome.${state.answer.outcome}`), detail: state.answer.detail })) : ''}
        </div>
        {typeof state === 'object' && 'trouble' in state && <TroubleBox trouble={state.trouble} />}
        <Group justify="flex-end"><Button variant="default" onClick={onClose}>{t('cancel')}</Button><Button type="submit" loading={state === 'sending'}>{t('send')}</Button></Group>
      </form>
    </Dialog>
  );
}
