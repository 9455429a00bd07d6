// Who may talk to this server at all: pages that this server itself has sent, under a name that it goes by.
// Without it any web page open on the same machine could command it (cross-site requests), also by a name of its own (DNS rebinding).
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../contract/problem.ts';

/** No page can be made to load these from elsewhere; everything else is data or a command. */
const isPage = (path: string) => !/^\/(api|live|basemap|metrics|health)(\/|$|\?)/.test(path);

export function guard(isOurs: (host: string) => boolean) {
  return (request: FastifyRequest): void => {
    // As a trusted proxy says it, or the browser itself.
    const host = request.host.toLowerCase();
    if (!isOurs(host)) throw new Problem('originRefused', {}, `host ${host.slice(0, 200)}`);
    const { origin } = request.headers;
    // A proxy may speak https outside: the scheme may differ then, name and port may not. Under TLS of our own a page that came by plain HTTP may be anybody's.
    if (origin !== undefined && (hostOf(origin) !== host || (request.protocol === 'https' && !origin.startsWith('https:')))) throw new Problem('originRefused', {}, `origin ${origin.slice(0, 200)}`);
    const site = request.headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isPage(request.url)) throw new Problem('originRefused', {}, `fetched by another site (${String(site).slice(0, 40)})`);
  };
}

function hostOf(origin: string): string | null {
  try { return new URL(origin).host.toLowerCase(); } catch { return null; }
}

/** No inline code and nothing from elsewhere. MapLibre starts its worker from a blob; Mantine writes one style element of colour variables. */
const CONTENT_POLICY = [
  "default-src 'self'", "script-src 'self'", "worker-src 'self' blob:", "style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob:", "media-src 'self' blob:",
  "font-src 'self' data:", "connect-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
].join('; ');

export function setSafetyHeaders(reply: FastifyReply, strictTransport: string | null): void {
  void reply.headers({
    ...(strictTransport === null ? {} : { 'strict-transport-security': strictTransport }),
    'content-security-policy': CONTENT_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    // A worker's report may say where the phone is and take a photo, when the worker touches that button; no other origin may ask.
    'permissions-policy': 'camera=(self), microphone=(), geolocation=(self), payment=(), usb=()',
  });
}
