// All that a screen needs to begin, in one answer.
import { Overview } from '../../contract/api.ts';
import type { SensorStatus } from '../../contract/sensorStatus.ts';
import { topics } from '../../store/bus/bus.ts';
import { basemapNames } from '../basemaps.ts';
import { middleOf } from './sites.ts';
import type { App, ServerParts } from '../parts.ts';
import { fromHome } from '../../config/settings.ts';

const CLOSED_SHOWN_MS = 24 * 3600_000;
const ALARMS_MOST = 500, INCIDENTS_MOST = 2000;

export function overviewRoutes(app: App, { store, bus, scopes, settings, buildId }: ServerParts): void {
  app.get('/api/overview', { config: { access: { right: 'see', at: 'anywhere', because: 'places, alarms and incidents are those in scope' } }, schema: { response: { 200: Overview } } }, async (request, reply) => {
    // The seq first: what changes while the rest is read is sent again after it, never missed.
    const lastSeq = await store.lastSeq();
    const [sites, incidents, unitsVersion, alarms, basemaps] = await Promise.all([store.sites(), store.openIncidentLines(INCIDENTS_MOST), store.unitsVersion(), store.alarms({ closedSinceMs: Date.now() - CLOSED_SHOWN_MS, most: ALARMS_MOST }), basemapNames(fromHome(settings.dataFolder))]);
    const latest = async <T>(key: string): Promise<T | null> => {
      try {
        const bytes = await bus.getLatest(key);
        return bytes === null ? null : (JSON.parse(Buffer.from(bytes).toString()) as T);
      } catch { return null; } // without the bus the map is still shown, as not judged
    };
    const zones = await Promise.all(sites.map(async ({ site: { siteId } }) => {
      const judged = await latest<{ judgedAtMs: number; states: Overview['zones'][number]['states']; lines: Overview['zones'][number]['lines'] }>(topics.zonesOf(siteId));
      return { siteId, judgedAtMs: judged?.judgedAtMs ?? 0, states: judged?.states ?? [], lines: judged?.lines ?? [] };
    }));
    const sensors = (await Promise.all(sites.flatMap(({ sensors }) => sensors).map(({ sensorId }) => latest<SensorStatus>(topics.sensorStatusOf(sensorId))))).filter((one) => one !== null);
    const mayAt = Object.fromEntries(await Promise.all(sites.map(async ({ site: { siteId, origin, grid } }) => [siteId, scopes.rightsAt(request.principal!, { chain: (await store.unitsAt(middleOf({ origin, grid }))).map(({ unitId }) => unitId), siteId })] as const)));
    void reply.header('cache-control', 'no-store');
    return { serverAtMs: Date.now(), lastSeq, buildId, sites, zones, sensors, alarms, incidents, unitsVersion, mayAt, basemaps } satisfies Overview;
  });
}
