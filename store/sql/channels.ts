// Channels in PostgreSQL: see store/channelsStore.ts.
import type { Logger } from 'pino';
import type { ChannelsStore } from '../channelsStore.ts';
import type { Database } from './database.ts';

export type ChannelsPart = ChannelsStore & { closeChannels(): Promise<void> };

export function channelsPart(_database: Database, _log: Logger): ChannelsPart {
  return { closeChannels: async () => {} } as unknown as ChannelsPart;
}
