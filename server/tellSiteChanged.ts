// Tells deciders, ingests and screens that a site is another one now. Not waited for: who does not hear it looks by itself every few seconds.
import { topics } from '../store/bus/bus.ts';
import type { ServerParts } from './parts.ts';

/** Version 0: removed. */
export function tellSiteChanged({ bus, log }: Pick<ServerParts, 'bus' | 'log'>, siteId: string, version: number): void {
  bus.publish(topics.siteChanged, Buffer.from(JSON.stringify({ siteId, version }))).catch((error: unknown) => log.warn({ err: error, siteId }, 'a change of a site could not be told'));
}
