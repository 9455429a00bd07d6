// How browsers reach this server: by TLS or not, through which proxies, under which names, and what plain HTTP beside TLS answers.
import { constants } from 'node:crypto';
import type { Server as HttpsServer } from 'node:https';
import { isIP, type AddressInfo } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import ipaddr from 'ipaddr.js';
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Settings } from '../../config/settings.ts';
import { Problem } from '../../contract/problem.ts';
import type { App } from '../parts.ts';
import { openCertificates, type Certificates } from './certificates.ts';
import { isLoopbackHost, machineNames } from './machineNames.ts';
import { alsoPlain, plainServer } from './plainDoor.ts';
import type { KeptSecrets } from './siteCa.ts';
import { trustRoutes } from './trustPage.ts';

export type Door = {
  /** For Fastify: with https this is a TLS server; null otherwise. */
  https: Record<string, unknown> | null;
  /** Proxies whose word is believed; false: none. */
  trustProxy: string[] | false;
  /** The certificate that is shown now; null without TLS. */
  certificates: Certificates | null;
  /** Whether a Host header, with or without port, names this server. */
  isOurs(host: string): boolean;
  /** The header for this answer; null where there is none (plain HTTP, a CA that only some know). */
  strictTransport(request: FastifyRequest): string | null;
  /** Routes and listeners; before the app listens. */
  attach(app: App): void;
  /** Opens the plain port and resolves with the address that people are told. */
  listening(app: App): Promise<{ address: string; trustAddress: string | null }>;
  close(): Promise<void>;
};

/** Mozilla's "intermediate" of 2024: TLS 1.2 with forward secrecy and authenticated encryption, and all of TLS 1.3. */
const CIPHERS = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'].join(':');
const TLS = { minVersion: 'TLSv1.2', ciphers: CIPHERS, secureOptions: constants.SSL_OP_NO_RENEGOTIATION } as const;
const HANDSHAKE_WITHIN_MS = 10_000, YEAR_S = 31_536_000;
/** Networks of this machine seldom change; asking for them costs a system call. */
const NAMES_FRESH_MS = 5000;

export async function openDoor({ settings, log, store, http, lookEveryMs }: { settings: Settings; log: Logger; store: KeptSecrets; /** Options of node:http that hold here, too. */ http: Record<string, unknown>; lookEveryMs?: number }): Promise<Door> {
  const trustProxy = settings.trustedProxies.length === 0 ? false : settings.trustedProxies.map(checkedRange);
  const certificates = await openCertificates({ settings, log, secrets: store, ...(lookEveryMs === undefined ? {} : { lookEveryMs }) });
  if (certificates === null && !isLoopbackHost(settings.listenHost) && settings.insecureHttp !== 'allowed') throw new Problem('listensUnprotected', { listenHost: settings.listenHost });
  for (const warning of certificates?.warnings(Date.now()) ?? []) log.warn(warning);

  let known = new Set<string>(), knownAtMs = -Infinity;
  const isOurs = (host: string): boolean => {
    if (performance.now() - knownAtMs > NAMES_FRESH_MS) {
      known = new Set([...machineNames(settings), ...(certificates?.names() ?? [])]);
      knownAtMs = performance.now();
    }
    const asked = host.toLowerCase();
    return known.has(asked) || known.has(asked.replace(/:\d{1,5}$/, ''));
  };
  const portOf = (server: unknown) => ((server as { address(): AddressInfo | null } | null)?.address()?.port ?? 0);
  let securedPort = 0;
  const nameOf = (host: string) => host.replace(/:\d{1,5}$/, ''), at = (scheme: 'http' | 'https', name: string, port: number, usual: number) => `${scheme}://${name}${port === usual ? '' : `:${port}`}`;
  const secured = (host: string) => (settings.publicAddress.startsWith('https://') && new URL(settings.publicAddress).hostname === nameOf(host) ? new URL(settings.publicAddress).origin : at('https', nameOf(host), securedPort, 443));
  /** A phone cannot open localhost of another machine. */
  const reachable = (host: string) => (isLoopbackHost(nameOf(host)) ? bestName(settings, certificates) : nameOf(host));
  const plain = certificates === null ? null : plainServer({ isOurs, ca: () => certificates.ca(), secured, forPhone: (host) => forPhone(host) });
  const forPhone = (host: string) => `${settings.plainPort > 0 ? at('http', reachable(host), settings.plainPort, 80) : at('http', reachable(host), securedPort, 80)}/trust`;
  const withHsts = settings.hsts === 'on' || (settings.hsts === 'auto' && (settings.tls === 'own' || (settings.tls === 'off' && trustProxy !== false)));

  return {
    certificates, trustProxy, isOurs,
    https: certificates === null ? null : { ...http, ...TLS, ...certificates.now(), handshakeTimeout: HANDSHAKE_WITHIN_MS, ALPNProtocols: ['http/1.1'] },
    strictTransport: (request) => (withHsts && request.protocol === 'https' ? `max-age=${YEAR_S}` : null),
    attach(app) {
      trustRoutes(app, { ca: () => certificates?.ca() ?? null, secured, forPhone });
      if (certificates === null || plain === null) return;
      const server = app.server as unknown as HttpsServer;
      alsoPlain(server as unknown as TlsServer, plain);
      // A handshake that fails is the other end's affair; counted, never fatal.
      server.on('tlsClientError', (error, socket) => { log.debug({ code: (error as NodeJS.ErrnoException).code }, 'a handshake failed'); socket.destroy(); });
      certificates.onChange(() => server.setSecureContext({ ...TLS, ...certificates.now() }));
    },
    async listening(app) {
      securedPort = portOf(app.server);
      if (certificates === null) {
        const name = isLoopbackHost(settings.listenHost) || settings.listenHost === '0.0.0.0' || settings.listenHost === '::' ? '127.0.0.1' : settings.listenHost;
        return { address: `http://${isIP(name) === 6 ? `[${name}]` : name}:${securedPort}`, trustAddress: null };
      }
      if (plain !== null && settings.plainPort > 0) await new Promise<void>((resolve, reject) => {
        plain.once('error', (error: NodeJS.ErrnoException) => reject(new Problem('settingWrong', { name: 'plainPort', reason: error.code === 'EADDRINUSE' ? `another program already listens on ${settings.plainPort}` : error.code === 'EACCES' ? `this user may not listen on port ${settings.plainPort}` : error.message })));
        plain.listen({ host: settings.listenHost, port: settings.plainPort }, resolve);
      });
      const name = bestName(settings, certificates);
      return { address: settings.publicAddress.startsWith('https://') ? new URL(settings.publicAddress).origin : at('https', name, securedPort, 443), trustAddress: certificates.ca() === null ? null : forPhone(name) };
    },
    async close() {
      certificates?.close();
      if (plain?.listening === true) { plain.closeAllConnections(); await new Promise<void>((resolve) => { plain.close(() => resolve()); }); }
    },
  };
}

/** The name that people are told: one that was set, else an address of this machine that others can reach, else localhost. */
function bestName(settings: Settings, certificates: Certificates | null): string {
  const names = (certificates?.names() ?? machineNames(settings)).filter((name) => !isLoopbackHost(name));
  const set = settings.hostNames.map((name) => name.toLowerCase()).find((name) => names.includes(name));
  if (isLoopbackHost(settings.listenHost)) return set ?? 'localhost';
  return set ?? names.find((name) => isIP(name) === 4) ?? names[0] ?? 'localhost';
}

function checkedRange(range: string): string {
  try { if (range.includes('/')) ipaddr.parseCIDR(range); else ipaddr.parse(range); return range; } catch { throw new Problem('settingWrong', { name: 'trustedProxies', reason: `${range} is neither an address nor a range` }); }
}
