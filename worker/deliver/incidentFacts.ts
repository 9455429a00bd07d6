// What machines are told of an incident: the fact, its line without names of people, the outline of its place, and what they were told before.
import type { LngLat } from '../../contract/geometry.ts';
import { isOpenStep, severityRank, type IncidentChanged, type IncidentLine } from '../../contract/incident.ts';
import type { Channel, IncidentFacts } from '../../contract/notice.ts';
import type { UnitChain } from '../../contract/unit.ts';
import { lngLatOf } from '../../crowd/place.ts';
import type { Store } from '../../store/store.ts';

const TOLD: ReadonlySet<IncidentChanged['what']> = new Set(['reported', 'severityRaised', 'dispatched', 'escalated', 'nobodyLeft', 'handled', 'assessed', 'reopened', 'merged']);
/** Which facts subscribed channels are told: the steps of an incident, and what makes it another or a worse one. */
export const isTold = ({ what, values }: Pick<IncidentChanged, 'what' | 'values'>): boolean => TOLD.has(what) || (what === 'factsSet' && (values['severityTo'] !== undefined || values['categoryTo'] !== undefined));
const CORNERS_MOST = 200, EARLIER_MOST = 100;
/** A Cancel ends the chain of references: what is re-opened later is told as new. */
const isOver = (event: Pick<IncidentChanged, 'line'>) => !isOpenStep(event.line.step);

export function isSubscribed(channel: Channel, line: IncidentLine, chainUnitIds: ReadonlySet<string>): boolean {
  return channel.subscriptions.some(({ unitId, severityLeast, categories }) =>
    severityRank(line.severity) >= severityRank(severityLeast) && (categories.length === 0 || categories.includes(line.category)) && (unitId === null || chainUnitIds.has(unitId)));
}

export async function incidentFacts(store: Store, { what, version, atMs, line }: Pick<IncidentChanged, 'what' | 'version' | 'atMs' | 'line'>, channelId: string | null): Promise<IncidentFacts> {
  const chain = line.placeUnitId === null ? [] : await store.unitChain(line.placeUnitId);
  return {
    exercise: line.exercise, what, version, atMs, line: { ...line, people: [] }, polygon: await outlineOf(store, line), areaNames: areaNames(line, chain), unitCode: chain[0]?.code ?? null,
    earlier: channelId === null ? [] : await earlierOf(store, line.incidentId, version, channelId), over: !isOpenStep(line.step),
  };
}

async function earlierOf(store: Store, incidentId: string, version: number, channelId: string): Promise<IncidentFacts['earlier']> {
  const sent = (await store.incidentNotices(channelId, incidentId)).filter(({ noticeId, state }) => state === 'sent' && versionOf(noticeId) < version);
  if (sent.length === 0) return [];
  const events = new Map((await store.incidentEvents(incidentId, 0, 1000)).map((event) => [event.version, event]));
  const afterCancel = sent.findLastIndex(({ noticeId }) => { const event = events.get(versionOf(noticeId)); return event !== undefined && isOver(event); }) + 1;
  return sent.slice(afterCancel).slice(-EARLIER_MOST).map(({ noticeId, atMs }) => ({ messageId: noticeId, atMs }));
}

/** `${incidentId}.${version}....` */
export const versionOf = (noticeId: string): number => Number(noticeId.split('.')[1] ?? 0);

/** The zone's where there is one; else the largest part of the lowest unit's, thinned so that a receiver can draw it. */
async function outlineOf(store: Store, { siteId, zoneId, placeUnitId }: IncidentLine): Promise<LngLat[] | null> {
  if (siteId !== null && zoneId !== null) {
    const config = await store.site(siteId), zone = config?.zones.find((one) => one.zoneId === zoneId);
    if (config !== null && zone !== undefined) return zone.polygon.map((corner) => lngLatOf(config.site.origin, corner));
  }
  const shape = placeUnitId === null ? null : await store.unitShape(placeUnitId);
  const largest = shape?.map(({ outer }) => outer).toSorted((a, b) => Math.abs(areaOf(b)) - Math.abs(areaOf(a)))[0];
  if (largest === undefined) return null;
  const step = Math.ceil(largest.length / CORNERS_MOST);
  const thinned = largest.filter((_, at) => at % step === 0);
  return thinned.length >= 3 ? thinned : largest.slice(0, CORNERS_MOST);
}
/** Only to compare. */
const areaOf = (ring: readonly LngLat[]): number => ring.reduce((sum, { lng, lat }, at) => { const next = ring[(at + 1) % ring.length]!; return sum + lng * next.lat - next.lng * lat; }, 0);

function areaNames(line: IncidentLine, chain: UnitChain): { en: string; zh: string } {
  const place = [line.placeName, line.siteName].filter((name) => name !== '');
  const units = chain.slice(0, 3);
  const en = [...new Set([...place, ...units.map(({ names }) => names.en)])].join(', '), zh = [...new Set([...units.map(({ names }) => names.zh).toReversed(), ...place.toReversed()])].join(' ');
  return { en: (en || 'no name').slice(0, 400).toWellFormed(), zh: (zh || '未命名').slice(0, 400).toWellFormed() };
}
