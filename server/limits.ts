// What one address or one account may ask of this server, and how much of a request is read at all: a flood is answered with a pause, a line that says nothing is closed, and a body that is nested without end is not read.
import type { Server, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../contract/problem.ts';
import type { Settings } from '../config/settings.ts';
import type { App } from './parts.ts';

/** An outline stands about eight deep in its request; nothing of ours needs more. */
const JSON_DEPTH_MOST = 40;
const KEYS_MOST = 20_000;

/** Before anybody is looked for: by address. */
export function limitAddresses(app: App, { requestsPerAddressPerMinute }: Pick<Settings, 'requestsPerAddressPerMinute'>): void {
  const buckets = openBuckets(requestsPerAddressPerMinute);
  app.addHook('onRequest', async (request) => { mustBeSlowEnough(buckets, request.ip, request); });
}

/** After the gate has found out who asks. */
export function limitAccounts(app: App, { requestsPerAccountPerMinute }: Pick<Settings, 'requestsPerAccountPerMinute'>): void {
  const buckets = openBuckets(requestsPerAccountPerMinute);
  app.addHook('onRequest', async (request) => { if (request.principal !== null) mustBeSlowEnough(buckets, request.principal.accountId, request); });
}

/** Lines from one address: screens have theirs (screensPerAddressMost), and a browser opens a few more. */
export function limitLines(server: Server, linesPerAddressMost: number): void {
  const lines = new Map<string, number>();
  server.maxHeadersCount = 100;
  server.on('connection', (line: Socket) => {
    const address = line.remoteAddress ?? '', count = (lines.get(address) ?? 0) + 1;
    if (count > linesPerAddressMost) { line.destroy(); return; }
    lines.set(address, count);
    line.once('close', () => { const left = lines.get(address)! - 1; if (left === 0) lines.delete(address); else lines.set(address, left); });
  });
}

/** JSON as fastify reads it (without __proto__ and constructor), but not nested without end. */
export function limitJson(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request: FastifyRequest, body: string | Buffer, done) => {
    const words = String(body);
    if (!isShallow(words)) { done(new Problem('inputWrong', { reason: `it is nested more than ${JSON_DEPTH_MOST} deep` })); return; }
    parse(request as FastifyRequest & { raw: IncomingMessage }, words, done);
  });
}

function isShallow(words: string): boolean {
  let depth = 0;
  for (let at = 0, isText = false; at < words.length; at++) {
    const sign = words.charCodeAt(at);
    if (isText) { if (sign === 0x5c) at++; else if (sign === 0x22) isText = false; continue; }
    if (sign === 0x22) isText = true;
    else if (sign === 0x5b || sign === 0x7b) { if (++depth > JSON_DEPTH_MOST) return false; }
    else if (sign === 0x5d || sign === 0x7d) depth--;
  }
  return true;
}

type Buckets = { /** 0, or in how many ms one more may come. */ take(key: string, nowMs: number): number };

/** Half of a minute's requests at once, the rest spread over the minute. The keys that were quiet longest are forgotten when there are too many. */
export function openBuckets(perMinuteMost: number): Buckets {
  const burst = Math.max(1, perMinuteMost / 2), perMs = perMinuteMost / 2 / 60_000, buckets = new Map<string, { left: number; atMs: number }>();
  return {
    take(key, nowMs) {
      const before = buckets.get(key), left = before === undefined ? burst : Math.min(burst, before.left + Math.max(0, nowMs - before.atMs) * perMs);
      buckets.delete(key);
      // In the order of their last request: the first is the quietest.
      if (buckets.size >= KEYS_MOST) buckets.delete(buckets.keys().next().value!);
      buckets.set(key, { left: left >= 1 ? left - 1 : left, atMs: nowMs });
      return left >= 1 ? 0 : Math.ceil((1 - left) / perMs);
    },
  };
}

function mustBeSlowEnough(buckets: Buckets, key: string, { routeOptions }: FastifyRequest): void {
  // A monitor must not be told that the server is ill because others are loud.
  if (routeOptions.url === '/health') return;
  const waitMs = buckets.take(key, performance.now());
  if (waitMs > 0) throw new Problem('tooFast', { seconds: Math.ceil(waitMs / 1000) });
}
