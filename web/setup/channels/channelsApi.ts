// What the page of channels asks of the server.
import type { ChannelBody, ChannelChange, Channels, DeadNotices, TestAnswer } from '../../../contract/apiIncidents.ts';
import type { Channel } from '../../../contract/notice.ts';
import { ask } from '../api.ts';

const path = (...parts: string[]) => `/api/${parts.map(encodeURIComponent).join('/')}`;
/** A test ends within 9 s (server/routes/channels.ts); a little more for the way. */
const TEST_MOST_MS = 15_000;
export type Dead = DeadNotices['dead'][number];

export const channelsApi = {
  channels: () => ask<Channels>('GET', path('channels')),
  add: (body: ChannelBody) => ask<Channel>('POST', path('channels'), body),
  change: (channelId: string, body: ChannelChange) => ask<Channel>('PUT', path('channels', channelId), body),
  remove: (channelId: string) => ask<null>('DELETE', path('channels', channelId)),
  test: (channelId: string, address: string | null, language: 'en' | 'zh') => ask<TestAnswer>('POST', path('channels', channelId, 'test'), { address, language }, TEST_MOST_MS),
  dead: () => ask<DeadNotices>('GET', `${path('notices', 'dead')}?most=100`),
  again: (noticeId: string) => ask<null>('POST', path('notices', noticeId, 'again')),
};
