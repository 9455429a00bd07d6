// In-app: to the screens of whoever has the pages open. Always there, and the only contact of people who have set up none.
import { strictObject } from '../../contract/schema.ts';
import type { ChannelKind } from './channelKind.ts';

const kind: ChannelKind<Record<string, never>> = {
  kind: 'inApp',
  title: { en: 'In the pages', zh: '页面内通知' },
  settings: strictObject({}),
  address: null,
  examples: { fits: [{}], refused: [{ url: 'x' }, null], addresses: { fits: [], refused: [] } },
  async send(message, { toScreens }) {
    const { messageId, kind: messageKind, incidentId, memberId, exercise, atMs, words, path } = message;
    try {
      await toScreens({ noticeId: messageId, kind: messageKind, incidentId, memberId, exercise, atMs, words, path });
      return { outcome: 'sent', detail: 'shown in the open pages' };
    } catch { return { outcome: 'retry', detail: 'the pages cannot be reached now' }; }
  },
};
export default kind;
