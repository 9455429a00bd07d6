// Plain HTTP beside TLS: it leads to the secured address and shows the trust page, and takes nothing else. On a port of its own, and on the secured port, for whoever left the "s" out.
import { createServer, type IncomingMessage, type Server as PlainServer, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import { trustAnswer } from './trustPage.ts';
import type { SiteCa } from './siteCa.ts';

export type PlainParts = { isOurs(host: string): boolean; ca(): Pick<SiteCa, 'pem' | 'der' | 'fingerprint256' | 'endsAtMs'> | null; secured(host: string): string; forPhone(host: string): string };

/** A TLS record of a handshake begins so (RFC 8446, 5.1); no HTTP request does. */
const TLS_HANDSHAKE = 22;
const FIRST_BYTE_WITHIN_MS = 10_000, LINES_MOST = 200;

export function plainServer(parts: PlainParts): PlainServer {
  const server = createServer({ maxHeaderSize: 8 * 1024, headersTimeout: 10_000, requestTimeout: 10_000, keepAliveTimeout: 5000, connectionsCheckingInterval: 2000 }, (request, response) => answer(request, response, parts));
  server.maxConnections = LINES_MOST;
  server.on('upgrade', (_request, socket) => { socket.end('HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.2\r\nConnection: close\r\n\r\n'); });
  server.on('clientError', (_error, socket) => { if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'); else socket.destroy(); });
  return server;
}

/** From now on `secured` hands lines that do not begin with a TLS handshake to `plain`. Before it listens. */
export function alsoPlain(secured: TlsServer, plain: PlainServer): void {
  const handshakes = secured.listeners('connection') as ((line: Socket) => void)[];
  secured.removeAllListeners('connection');
  secured.on('connection', (line: Socket) => {
    const silent = setTimeout(() => line.destroy(), FIRST_BYTE_WITHIN_MS), broken = () => line.destroy();
    line.once('error', broken);
    line.once('close', () => clearTimeout(silent));
    line.once('readable', () => {
      const first = line.read(1) as Buffer | null;
      clearTimeout(silent);
      line.off('error', broken);
      if (first === null) { line.destroy(); return; }
      line.unshift(first);
      if (first[0] === TLS_HANDSHAKE) for (const handshake of handshakes) handshake.call(secured, line); else plain.emit('connection', line);
    });
  });
}

function answer(request: IncomingMessage, response: ServerResponse, parts: PlainParts): void {
  const host = request.headers.host?.toLowerCase() ?? '', [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
  const end = (status: number, headers: Record<string, string>, body: string | Buffer) => { response.writeHead(status, { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', connection: 'close', ...headers }); response.end(request.method === 'HEAD' ? undefined : body); };
  const words = { 'content-type': 'text/plain; charset=utf-8' };
  // A name that is not ours may be anybody's: neither shown the page nor sent on.
  if (!parts.isOurs(host)) return end(403, words, 'This name is not one of this server. / 该名称不属于此服务器。\n');
  // What carries something must not be told to carry it again elsewhere: it was readable already.
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(426, { ...words, upgrade: 'TLS/1.2' }, `Use ${parts.secured(host)} / 请使用 ${parts.secured(host)}\n`);
  const ca = parts.ca();
  if (ca !== null && (path === '/trust' || path.startsWith('/trust/'))) {
    const found = trustAnswer({ path, query, acceptLanguage: request.headers['accept-language'] ?? '', ca, secured: parts.secured(host), forPhone: parts.forPhone(host) });
    return found === null ? end(404, words, 'There is no such page. / 没有此页面。\n') : end(200, found.headers, found.body);
  }
  end(307, { ...words, location: parts.secured(host) + (path.startsWith('/') && !path.startsWith('//') ? request.url! : '/') }, `${parts.secured(host)}\n`);
}
