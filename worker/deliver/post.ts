// Everything that leaves by HTTP leaves here: to the one address that was checked, no redirects, one bound for the whole exchange, a bounded answer, and nothing of the request in what is said of a failure.
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { Network } from '../../config/network.ts';
import { Problem } from '../../contract/problem.ts';
import type { SendResult } from '../channels/channelKind.ts';

export const POST_WITHIN_MS = 5000;
export const ANSWER_MOST_BYTES = 64 * 1024;
const RETRY_AFTER_MOST_MS = 10 * 60_000;
const SHOWN_OF_ANSWER = 160;

/** http or https, a host, no user and password in it. */
export const WEB_ADDRESS = '^https?://[^\\s@/?#\\\\]+([/?#][^\\s]*)?$';

export type Posted = { status: number; body: string; retryAfterMs: number | null };
export type PostWish = { url: string; method?: 'POST' | 'PUT' | 'GET'; headers: Record<string, string>; body: string | Uint8Array | null; signal: AbortSignal; network: Network };

/** What was answered, or a SendResult when there was no answer. */
export async function post({ url, method = 'POST', headers, body, signal, network }: PostWish): Promise<Posted | SendResult> {
  const withinMs = AbortSignal.timeout(POST_WITHIN_MS);
  try {
    const both = AbortSignal.any([signal, withinMs]);
    const answer = await exchanged({ url: new URL(url), method, headers, body, network, signal: both });
    return { status: answer.statusCode ?? 0, body: await boundedText(answer, both), retryAfterMs: retryAfterMs(answer.headers['retry-after'] ?? null, answer.headers.date ?? null) };
  } catch (error) {
    if (error instanceof Problem) return networkResult(error);
    return { outcome: 'retry', detail: withinMs.aborted ? `no whole answer within ${POST_WITHIN_MS / 1000} s` : signal.aborted ? 'stopped' : failureWords(error) };
  }
}

export const isAnswer = (posted: Posted | SendResult): posted is Posted => 'status' in posted;

/** By the status alone. A receiver that is overloaded or broken is asked again; one that says no is not. */
export function resultOf(posted: Posted | SendResult): SendResult {
  if (!isAnswer(posted)) return posted;
  const { status, body, retryAfterMs: pauseMs } = posted;
  if (status >= 200 && status < 300) return { outcome: 'sent', detail: `answered ${status}` };
  const said = shownOf(body), detail = `answered ${status}${said === '' ? '' : `: ${said}`}`;
  if (status >= 300 && status < 400) return { outcome: 'refused', detail: `answered ${status}: it points elsewhere, and that is not followed` };
  if (status >= 500 || [408, 425, 429].includes(status)) return { outcome: 'retry', detail, ...(pauseMs === null ? {} : { retryAfterMs: pauseMs }) };
  return { outcome: 'refused', detail };
}

/** One line of an answer, for people. */
// eslint-disable-next-line no-control-regex
export const shownOf = (body: string): string => body.replace(/[\u0000-\u001f\u007f\s]+/g, ' ').trim().slice(0, SHOWN_OF_ANSWER).toWellFormed();

export function withPath(publicAddress: string, path: string): string | null {
  return publicAddress === '' ? null : `${publicAddress.replace(/\/+$/, '')}${path}`;
}

/** Where a channel may not send: it never may like this. */
export const networkResult = ({ note }: Problem): SendResult => ({ outcome: 'refused', detail: `this address may not be used: ${String(note.values['reason'] ?? '')}` });

async function exchanged({ url, method, headers, body, network, signal }: { url: URL; method: string; headers: Record<string, string>; body: string | Uint8Array | null; network: Network; signal: AbortSignal }): Promise<IncomingMessage> {
  const isSecure = url.protocol === 'https:', name = url.hostname.replace(/^\[|\]$/g, ''), port = url.port === '' ? (isSecure ? 443 : 80) : Number(url.port);
  const { address } = await inTime(network.addressOf(name, port), signal);
  signal.throwIfAborted();
  return new Promise((answered, failed) => {
    const request = (isSecure ? httpsRequest : httpRequest)({
      host: address, port, path: `${url.pathname}${url.search}`, method, agent: false, signal, maxHeaderSize: 32 * 1024, ...(isSecure && isIP(name) === 0 ? { servername: name } : {}),
      headers: { 'user-agent': 'Crowdlight', accept: '*/*', ...headers, host: url.host, ...(body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) }) },
    }, answered);
    request.on('error', failed).on('upgrade', (_answer, socket) => { socket.destroy(); failed(Object.assign(new Error('upgrade'), { code: 'EPROTO' })); });
    request.end(body ?? undefined);
  });
}

/** The name server's bound is its own; ours may be shorter. */
async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {};
  const late = new Promise<never>((_, reject) => { stop = () => reject(new Error('aborted')); signal.addEventListener('abort', stop, { once: true }); });
  try { return await Promise.race([work, late]); } finally { signal.removeEventListener('abort', stop); }
}

async function boundedText(answer: IncomingMessage, signal: AbortSignal): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    parts.push(part.subarray(0, ANSWER_MOST_BYTES - bytes));
    bytes += part.length;
    if (bytes >= ANSWER_MOST_BYTES) break; // leaving the loop closes the line
  }
  signal.throwIfAborted();
  return Buffer.concat(parts).toString('utf8');
}

/** Seconds, or an instant by the other side's own clock. */
function retryAfterMs(written: string | null, date: string | null): number | null {
  if (written === null) return null;
  const waitMs = /^\d+$/.test(written.trim()) ? Number(written) * 1000 : Date.parse(written) - (date === null ? Date.now() : Date.parse(date));
  return Number.isFinite(waitMs) && waitMs > 0 ? Math.min(RETRY_AFTER_MOST_MS, waitMs) : null;
}

/** By its code alone: the text of such an error may hold the address, and the address a key. */
export function failureWords(error: unknown): string {
  const cause = (error as { cause?: { code?: string; name?: string } }).cause, code = String((error as { code?: unknown }).code ?? cause?.code ?? '');
  switch (code) {
    case 'ECONNREFUSED': return 'nothing listens there';
    case 'ENOTFOUND': case 'EAI_AGAIN': return 'no machine of this name is found';
    case 'ECONNRESET': case 'UND_ERR_SOCKET': case 'EPIPE': return 'the line was closed before a whole answer came';
    case 'ETIMEDOUT': case 'UND_ERR_CONNECT_TIMEOUT': case 'EHOSTUNREACH': case 'ENETUNREACH': return 'the machine cannot be reached';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT': case 'SELF_SIGNED_CERT_IN_CHAIN': case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE': case 'CERT_HAS_EXPIRED': case 'ERR_TLS_CERT_ALTNAME_INVALID': return `its certificate is not trusted (${code})`;
    default: return /^[A-Z0-9_]{1,60}$/.test(code) ? `it failed (${code})` : 'the exchange failed';
  }
}
