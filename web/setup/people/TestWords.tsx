// What came of a test message, in a sentence for each channel.
import { useTranslation } from 'react-i18next';
import { problemSentence } from '../../../contract/problem.ts';
import type { TestAnswer } from '../../../contract/apiIncidents.ts';
import type { Channel } from '../../../contract/notice.ts';
import type { Trouble } from '../api.ts';
import { useLanguage } from '../useLanguage.ts';

export type Tested = 'waiting' | { answers: TestAnswer[] } | { trouble: Trouble };

export function TestWords({ tested, channels }: { tested: Tested; channels: readonly Channel[] }) {
  const { t } = useTranslation('org'), { t: setup } = useTranslation('setup');
  const language = useLanguage();
  const nameOf = (channelId: string) => channels.find((one) => one.channelId === channelId)?.name ?? t('people.channelGone');
  const lines = tested === 'waiting' ? [t('people.testing')]
    : 'trouble' in tested ? [tested.trouble.from === 'server' ? problemSentence(tested.trouble.note, language) : setup('trouble.line.what')]
    : tested.answers.length === 0 ? [t('people.testNone')]
    : tested.answers.map(({ channelId, outcome, tookMs, detail }) => (outcome === 'sent' ? t('people.testSent', { channel: nameOf(channelId), ms: Math.round(tookMs) }) : t('people.testFailed', { channel: nameOf(channelId), detail })));
  return <div className="org-tested" role="status">{lines.map((line, index) => <p key={index} className="setup-quiet">{line}</p>)}</div>;
}
