// Who may talk to this server while there are no accounts: pages that this server itself has sent, under a name that it goes by.
// Without it any web page open on the same machine could command it (cross-site requests), also by a name of its own (DNS rebinding).
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../contract/problem.ts';

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];
/** No page can be made to load these from elsewhere; everything else is data or a command. */
const isPage = (path: string) => !/^\/(api|live|basemap|metrics|health)(\/|$|\?)/.test(path);

export function guard(hostNames: string[]) {
  const known = new Set([...LOOPBACK_NAMES, ...hostNames].map((name) => name.toLowerCase()));
  return (request: FastifyRequest): void => {
    const host = request.headers.host?.toLowerCase() ?? '';
    if (!known.has(nameOf(host)) && !known.has(host)) throw new Problem('originRefused', {}, `host ${host.slice(0, 200)}`);
    const { origin } = request.headers;
    // A proxy may speak https outside: the scheme may differ, name and port may not.
    if (origin !== undefined && hostOf(origin) !== host) throw new Problem('originRefused', {}, `origin ${origin.slice(0, 200)}`);
    const site = request.headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isPage(request.url)) throw new Problem('originRefused', {}, `fetched by another site (${String(site).slice(0, 40)})`);
  };
}

const nameOf = (host: string) => host.replace(/:\d{1,5}$/, '');
function hostOf(origin: string): string | null {
  try { return new URL(origin).host.toLowerCase(); } catch { return null; }
}

/** No inline code and nothing from elsewhere. MapLibre starts its worker from a blob; Mantine writes one style element of colour variables. */
const CONTENT_POLICY = [
  "default-src 'self'", "script-src 'self'", "worker-src 'self' blob:", "style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob:", "media-src 'self' blob:",
  "font-src 'self' data:", "connect-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
].join('; ');

export function setSafetyHeaders(reply: FastifyReply): void {
  void reply.headers({
    'content-security-policy': CONTENT_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    // A worker's report may say where the phone is and take a photo, when the worker touches that button; no other origin may ask.
    'permissions-policy': 'camera=(self), microphone=(), geolocation=(self), payment=(), usb=()',
  });
}
