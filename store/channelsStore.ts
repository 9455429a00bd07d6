// What lasts of channels: how they are set up, what waits to be sent, every try, and what could not be sent. Part of Store.
import type { ChannelBody, ChannelChange } from '../contract/apiIncidents.ts';
import type { Channel, ChannelHealth, Delivery, Notice } from '../contract/notice.ts';

/** A notice with how far it has come: the contact of the ladder (from 0), the tries at that contact, all tries, and how long it has waited since it was made or begun again. */
export type TakenNotice = { notice: Notice; rung: number; rungAttempts: number; attempts: number; waitedMs: number };

export interface ChannelsStore {
  channels(): Promise<Channel[]>;
  /** With everything that is secret: for the deliver role and the test button alone. */
  channelSettings(channelId: string): Promise<{ channel: Channel; settings: Record<string, unknown> } | null>;
  /** All of them, likewise. */
  channelsWithSettings(): Promise<{ channel: Channel; settings: Record<string, unknown> }[]>;
  addChannel(body: ChannelBody & { channelId?: string; settingsShown: Record<string, unknown> }): Promise<Channel>;
  changeChannel(channelId: string, change: ChannelChange & { settingsShown?: Record<string, unknown> }): Promise<Channel>;
  /** What waits for it is dead. The in-app channel stays. */
  removeChannel(channelId: string): Promise<void>;
  /** Counted since the channel was set up; what waits and what is dead is that of now. */
  channelHealth(): Promise<ChannelHealth[]>;
  /** 0 when one more may be sent now (it is counted as sent then); otherwise how many ms to wait. One rate for all processes. A part is kept for what is urgent. */
  takeTurn(channelId: string, perMinuteMost: number, urgent: boolean): Promise<number>;
  /** Notices are made in the transaction of the incident's events (takeIncidentInputs) or here; a noticeId that is there is passed over. */
  addNotices(notices: Notice[]): Promise<void>;
  /** Those whose time has come, urgent ones first, then oldest; they are 'sending' for the one who took them until `holdMs` is over, then somebody else may. Of the events of one incident for one channel only the oldest. None that waits at a channel of `notAt`: their lines are full. */
  takeNotices(most: number, holdMs: number, notAt?: string[]): Promise<TakenNotice[]>;
  /** Put back, to be taken again after `waitMs`; `atChannelId` is where it waits. */
  noticeLater(noticeId: string, to: { waitMs: number; rung: number; rungAttempts: number; atChannelId: string | null }): Promise<void>;
  noticeDone(noticeId: string, state: 'sent' | 'dead' | 'tooLate'): Promise<void>;
  /** In how many ms the next waiting notice may be taken; null when none waits. */
  nextNoticeMs(): Promise<number | null>;
  /** Its number is the next of the notice's tries. `then`: what becomes of the notice by it, in the same statement; left out, it goes on being sent. */
  keepDelivery(delivery: Omit<Delivery, 'attempt'>, then?: 'sent' | 'dead' | { waitMs: number; rung: number; rungAttempts: number }): Promise<void>;
  noticesOf(incidentId: string): Promise<{ notice: Notice; deliveries: Delivery[] }[]>;
  /** What this channel was or will be told of the incident as a subscriber, oldest first. */
  incidentNotices(channelId: string, incidentId: string): Promise<Notice[]>;
  /** Which of these incidents each channel was told of before, as `channelId incidentId`. */
  incidentsTold(incidentIds: string[]): Promise<Set<string>>;
  deadNotices(most: number): Promise<{ notice: Notice; deliveries: Delivery[] }[]>;
  /** False when there is no such dead notice. */
  noticeAgain(noticeId: string): Promise<boolean>;
  /** Keys that the installation makes once for itself: the first one made stays. */
  channelKey<Key>(name: string, make: () => Promise<Key>): Promise<Key>;
  /** Null before it was made. */
  channelKeyMade(name: string): Promise<unknown>;
  /** What can be fetched from a channel; the newest `mostKept` stay. The same entryId replaces. */
  keepInFeed(entry: { channelId: string; entryId: string; atMs: number; body: string }, mostKept: number): Promise<void>;
  feed(channelId: string, most: number): Promise<{ entryId: string; atMs: number; body: string }[]>;
  /** Called soon after notices or channels changed, here or in any other process; may be called without cause. */
  onNotices(listener: () => void): () => void;
}
