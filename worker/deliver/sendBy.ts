// One message out of one channel: the address is looked at first, the kind's try is bounded whatever it does, and what is secret is cut out of what is said about it.
import type { Logger } from 'pino';
import type { OutgoingMessage } from '../../contract/notice.ts';
import type { ChannelKind } from '../../config/kinds.ts';
import { within } from '../../store/within.ts';
import type { SendResult, Sending } from '../channels/channelKind.ts';
import { redacted } from './redact.ts';

/** The kind ends by its signal; one that does not is left behind at the second bound. */
export const SEND_ENDS_AFTER_MS = 6000, SEND_MOST_MS = 6500;

export type Sent = SendResult & { tookMs: number; atMs: number };

export async function sendBy(kind: ChannelKind, message: OutgoingMessage, sending: Sending, log: Logger): Promise<Sent> {
  const startedAtMs = performance.now(), atMs = Date.now();
  const misfit = addressMisfit(kind, message);
  let result: SendResult;
  if (misfit !== null) result = { outcome: 'refused', detail: misfit };
  else try {
    result = await within(SEND_MOST_MS, kind.send(message, { ...sending, signal: AbortSignal.any([sending.signal, AbortSignal.timeout(SEND_ENDS_AFTER_MS)]) }));
  } catch (error) {
    log.warn({ channelId: sending.channelId, kind: kind.kind, detail: redacted(error instanceof Error ? error.message : 'unknown', kind.settings, sending.settings) }, 'a channel failed in a way that it should not');
    result = { outcome: 'retry', detail: 'it did not end in time or failed inside' };
  }
  return { ...result, detail: redacted(result.detail, kind.settings, sending.settings), tookMs: performance.now() - startedAtMs, atMs };
}

function addressMisfit({ address }: ChannelKind, message: OutgoingMessage): string | null {
  if (address === null) return null;
  // The channel's own number is not a person's.
  if (message.address === null) return address.optional || message.memberId === null ? null : 'there is no address of this person';
  return new RegExp(address.pattern, 'u').test(message.address) ? null : 'this is no address of such a channel';
}
