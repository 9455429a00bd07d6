// What one file in worker/channels/ is: a kind of channel, its settings schema, how it sends, and its examples. Adding a kind is adding a file; nothing else is edited.
import type Type from 'typebox';
import type { Network } from '../../config/network.ts';
import type { OutgoingMessage, ScreenNotice } from '../../contract/notice.ts';

export type ChannelKind<Settings = any> = {
  /** Same as the file's name. */
  kind: string;
  title: { en: string; zh: string };
  /** Forms, checks and documents are made of it. Each field has a title, and its Chinese as `zh` (of a description as `descriptionZh`). Fields with `secret: true` never leave the server. */
  settings: Type.TSchema;
  /** What a person's address looks like here (a number, a mail address); null where there is one receiver for all. `optional`: a message without one goes to the channel itself. */
  address: { title: { en: string; zh: string }; pattern: string; optional: boolean } | null;
  /** Run by the conformance suite. `refused` settings must not fit the schema or `fault`. */
  examples: { fits: Settings[]; refused: unknown[]; addresses: { fits: string[]; refused: string[] } };
  /** What a schema cannot say, in English; null when all is well. */
  fault?(settings: Settings): string | null;
  /** Made once for the installation when delivering starts, kept by the store under the kind's name, and given to send(). */
  makeKey?(): Promise<unknown>;
  /**
   * One honest try. Never throws for what the world does; ends when `signal` is aborted. The same message may come twice, with the same messageId.
   * sent: the other side has taken it. retry: it may work later. refused: it never will like this, so the next contact is tried at once. `detail` is for people; what is secret is cut out of it by whoever calls.
   */
  send(message: OutgoingMessage, sending: Sending<Settings>): Promise<SendResult>;
};

export type Sending<Settings = any> = {
  channelId: string; settings: Settings; signal: AbortSignal;
  /** How people reach the pages; '' where none is set: then links are left out. */
  publicAddress: string;
  key: unknown;
  /** Where channels may send: every line is opened to an address that it gave. */
  network: Network;
  /** To every open screen. */
  toScreens(notice: ScreenNotice): Promise<void>;
  /** For whoever comes to fetch it. */
  toFeed(entry: { entryId: string; atMs: number; body: string }): Promise<void>;
};
export type SendResult = { outcome: 'sent' | 'retry' | 'refused'; detail: string; /** The other side asked for this pause. */ retryAfterMs?: number };
