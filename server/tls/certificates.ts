// The certificate that this server shows, whoever made it; renewed while it runs.
import type { SecureContextOptions } from 'node:tls';
import type { Logger } from 'pino';
import type { Settings } from '../../config/settings.ts';
import { fromHome } from '../../config/settings.ts';
import { bareName, bracketed, isHostName, machineNames } from './machineNames.ts';
import { readOwnFiles } from './ownFiles.ts';
import type { KeptSecrets, SiteCa } from './siteCa.ts';

export type Certificates = {
  now(): Pick<SecureContextOptions, 'cert' | 'key'>;
  /** Names of Host headers that are ours: those of the certificate. */
  names(): readonly string[];
  /** What a phone is to trust; null with a certificate of one's own. */
  ca(): Pick<SiteCa, 'pem' | 'der' | 'fingerprint256' | 'endsAtMs'> | null;
  endsAtMs(): number;
  /** What a person must know: it is over, it is over soon, the CA may not speak for a name. */
  warnings(nowMs: number): string[];
  onChange(listener: () => void): void;
  /** How often files that changed could not be used; the older ones go on. */
  refusedTotal(): number;
  close(): void;
};

const DAY_MS = 86_400_000;
const LOOK_EVERY_MS = 10_000, RENEW_BEFORE_MS = 30 * DAY_MS, SOON_MS = 14 * DAY_MS;
type Parts = { settings: Pick<Settings, 'tls' | 'tlsCertificateFile' | 'tlsKeyFile' | 'siteCa' | 'listenHost' | 'hostNames' | 'publicAddress'>; log: Logger; secrets: KeptSecrets; lookEveryMs?: number; nowMs?: () => number };

/** Null: this server speaks plain HTTP. Rejects with Problem certificateUnusable or certificateKeyWrong. */
export async function openCertificates(parts: Parts): Promise<Certificates | null> {
  switch (parts.settings.tls as 'off' | 'own' | 'site') {
    case 'off': return null;
    case 'own': return ownCertificates(parts);
    case 'site': return await siteCertificates(parts);
  }
}

function ownCertificates({ settings, log, lookEveryMs = LOOK_EVERY_MS }: Parts): Certificates {
  const files = { certificateFile: settings.tlsCertificateFile === '' ? '' : fromHome(settings.tlsCertificateFile), keyFile: settings.tlsKeyFile === '' ? '' : fromHome(settings.tlsKeyFile) };
  let current = readOwnFiles(files), refused = 0, lastFault = '';
  const listeners = new Set<() => void>();
  const timer = setInterval(() => {
    // Certificate and key are replaced one after the other: until both fit, the older pair goes on.
    try {
      const next = readOwnFiles(files);
      lastFault = '';
      if (next.cert === current.cert && next.key === current.key) return;
      current = next;
      log.info({ endsAtMs: current.endsAtMs }, 'the certificate was replaced');
      for (const listener of listeners) listener();
    } catch (error) {
      refused++;
      const fault = (error as Error).message;
      if (fault !== lastFault) log.error({ err: error }, 'the new certificate cannot be used; the older one goes on');
      lastFault = fault;
    }
  }, lookEveryMs);
  timer.unref();
  return {
    now: () => ({ cert: current.cert, key: current.key }),
    names: () => [...new Set([...machineNames(settings), ...current.names])],
    ca: () => null, endsAtMs: () => current.endsAtMs, onChange: (listener) => { listeners.add(listener); }, refusedTotal: () => refused,
    warnings: (nowMs) => [
      ...(current.endsAtMs <= nowMs ? [`The certificate ended on ${dayOf(current.endsAtMs)}: browsers will warn or refuse. Replace the files; no restart is needed.`] : current.endsAtMs - nowMs < SOON_MS ? [`The certificate ends on ${dayOf(current.endsAtMs)}.`] : []),
      ...(current.beginsAtMs > nowMs ? [`The certificate is valid only from ${dayOf(current.beginsAtMs)} on. Check this machine's clock.`] : []),
    ],
    close: () => clearInterval(timer),
  };
}

async function siteCertificates({ settings, log, secrets, lookEveryMs = LOOK_EVERY_MS, nowMs = Date.now }: Parts): Promise<Certificates> {
  const wanted = () => machineNames(settings).map(bareName).filter((name) => /^[\d.]+$|:/.test(name) || isHostName(name));
  // What makes certificates is loaded where some are made.
  const open = async () => (await import('./siteCa.ts')).openSiteCa({ secrets, number: settings.siteCa, names: wanted(), nowMs: nowMs() });
  let ca = await open();
  const namesFor = (authority: SiteCa) => wanted().filter((name) => authority.mayName(name));
  let names = namesFor(ca), leaf = await ca.leafFor(names, nowMs());
  const listeners = new Set<() => void>();
  let busy = false, refused = 0;
  const timer = setInterval(() => {
    const changed = namesFor(ca).join() !== names.join();
    const caIsOver = ca.endsAtMs - nowMs() < DAY_MS, leafIsOld = leaf.endsAtMs - nowMs() < RENEW_BEFORE_MS && leaf.endsAtMs < ca.endsAtMs;
    // `changed`: this machine has another address by now.
    if (busy || !(changed || caIsOver || leafIsOld)) return;
    busy = true;
    (async () => {
      const nextCa = caIsOver ? await open() : ca, nextNames = namesFor(nextCa), nextLeaf = await nextCa.leafFor(nextNames, nowMs());
      [ca, names, leaf] = [nextCa, nextNames, nextLeaf];
      log.info({ names, endsAtMs: leaf.endsAtMs }, 'a new certificate was made');
      for (const listener of listeners) listener();
    })().catch((error: unknown) => { refused++; log.error({ err: error }, 'no new certificate could be made; the older one goes on'); }).finally(() => { busy = false; });
  }, lookEveryMs);
  timer.unref();
  return {
    now: () => ({ cert: leaf.cert, key: leaf.key }), names: () => names.map(bracketed), ca: () => ca, endsAtMs: () => leaf.endsAtMs, onChange: (listener) => { listeners.add(listener); }, refusedTotal: () => refused,
    warnings: (atMs) => [
      ...wanted().filter((name) => !ca.mayName(name)).map((name) => `The site's CA was made before ${name} was set and may not speak for it. Raise the setting siteCa by one to make a new one, and let each phone trust that one.`),
      ...(ca.endsAtMs - atMs < 180 * DAY_MS ? [`The site's CA ends on ${dayOf(ca.endsAtMs)}: phones must trust a new one then.`] : []),
    ],
    close: () => clearInterval(timer),
  };
}

const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
