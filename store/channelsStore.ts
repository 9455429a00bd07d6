// What lasts of channels: how they are set up, what waits to be sent, every try, and what could not be sent. Part of Store.
import type { ChannelBody, ChannelChange } from '../contract/apiIncidents.ts';
import type { Channel, Delivery, Notice } from '../contract/notice.ts';

export interface ChannelsStore {
  channels(): Promise<Channel[]>;
  /** With everything that is secret: for the deliver role and the test button alone. */
  channelSettings(channelId: string): Promise<{ channel: Channel; settings: Record<string, unknown> } | null>;
  addChannel(body: ChannelBody & { channelId?: string; settingsShown: Record<string, unknown> }): Promise<Channel>;
  changeChannel(channelId: string, change: ChannelChange & { settingsShown?: Record<string, unknown> }): Promise<Channel>;
  removeChannel(channelId: string): Promise<void>;
  /** Notices are made in the transaction of the incident's events (takeIncidentInputs) or here; a noticeId that is there is passed over. */
  addNotices(notices: Notice[]): Promise<void>;
  /** Those that wait, oldest first; they are 'sending' for the one who took them until `holdMs` is over, then somebody else may. */
  takeNotices(most: number, holdMs: number): Promise<Notice[]>;
  noticeDone(noticeId: string, state: 'sent' | 'dead' | 'tooLate'): Promise<void>;
  keepDelivery(delivery: Delivery): Promise<void>;
  noticesOf(incidentId: string): Promise<{ notice: Notice; deliveries: Delivery[] }[]>;
  deadNotices(most: number): Promise<{ notice: Notice; deliveries: Delivery[] }[]>;
  noticeAgain(noticeId: string): Promise<boolean>;
  onNotices(listener: () => void): () => void;
}
