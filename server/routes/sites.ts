// Sites and their zones. Shapes are checked against the grid here, so that no decider is ever given a zone it cannot judge.
import Type from 'typebox';
import type { Right } from '../../contract/access.ts';
import { SiteBody, ZoneBody, ZonePast } from '../../contract/api.ts';
import { CELLS_MOST, type GridSpec } from '../../contract/geometry.ts';
import { Problem, type ProblemNote } from '../../contract/problem.ts';
import { id, strictObject } from '../../contract/schema.ts';
import { SiteConfig, Zone } from '../../contract/site.ts';
import { lineProblem } from '../../crowd/lineShape.ts';
import { lngLatOf } from '../../crowd/place.ts';
import { zoneProblem } from '../../crowd/zoneShape.ts';
import { ruleSettingsProblem } from '../../crowd/rules/ruleKind.ts';
import type { Store } from '../../store/store.ts';
import { notAllowed } from '../access/gate.ts';
import type { AccessRule } from '../access/rule.ts';
import { removalApproved } from '../access/approvals.ts';
import type { App, ServerParts } from '../parts.ts';
import { tellSiteChanged } from '../tellSiteChanged.ts';

const siteParams = strictObject({ siteId: id('site') });
/** The curve on a zone's card is for whoever sees the zone; to look farther back is to analyse. */
const CARD_MINUTES_MOST = 24 * 60;
const zoneParams = strictObject({ zoneId: id('zone') });
const ofZone = (right: Right): AccessRule => ({ right, at: [['zone', 'params.zoneId']] });
/** A site belongs to the unit that the middle of its grid lies in. */
export const middleOf = ({ origin, grid: { columns, rows, cellM } }: Pick<SiteBody, 'origin' | 'grid'>) => lngLatOf(origin, { xM: (columns * cellM) / 2, yM: (rows * cellM) / 2 });

export function siteRoutes(app: App, parts: ServerParts): void {
  const { store, ruleKinds } = parts;

  app.post('/api/sites', { config: { access: { right: 'setup', at: [], ground: ({ body }) => middleOf(body as SiteBody) } }, schema: { body: SiteBody, response: { 201: SiteConfig } } }, async (request, reply) => {
    mustHoldCells(request.body.grid);
    const config = await store.addSite({ ...request.body, demo: false });
    tellSiteChanged(parts, config.site.siteId, config.version);
    return reply.code(201).send(config);
  });
  app.put('/api/sites/:siteId', { config: { access: { right: 'setup', at: [['site', 'params.siteId']], ground: ({ body }) => middleOf(body as SiteBody) } }, schema: { params: siteParams, body: SiteBody, response: { 200: SiteConfig } } }, async (request) => {
    mustHoldCells(request.body.grid);
    const before = await siteOf(store, request.params.siteId);
    for (const zone of before.zones) mustFit(zoneProblem(zone, request.body.grid), zone.name);
    for (const line of before.lines ?? []) mustFit(lineProblem(line, request.body.grid), line.name);
    const config = await store.changeSite(request.params.siteId, request.body);
    tellSiteChanged(parts, config.site.siteId, config.version);
    return config;
  });
  app.delete('/api/sites/:siteId', { config: { access: { right: 'setup', at: [['site', 'params.siteId']] } }, schema: { params: siteParams } }, async (request, reply) => {
    await siteOf(store, request.params.siteId);
    await removalApproved(store, request, 'site', request.params.siteId);
    await store.removeSite(request.params.siteId);
    tellSiteChanged(parts, request.params.siteId, 0);
    return reply.code(204).send();
  });

  app.post('/api/sites/:siteId/zones', { config: { access: { right: 'setup', at: [['site', 'params.siteId']] } }, schema: { params: siteParams, body: ZoneBody, response: { 201: Zone } } }, async (request, reply) => {
    const { site } = await siteOf(store, request.params.siteId);
    mustFit(zoneProblem(request.body, site.grid));
    mustFit(ruleSettingsProblem(request.body.rules ?? {}, ruleKinds));
    const { zone, config } = await store.addZone(site.siteId, request.body);
    tellSiteChanged(parts, site.siteId, config.version);
    return reply.code(201).send(zone);
  });
  app.put('/api/zones/:zoneId', { config: { access: ofZone('setup') }, schema: { params: zoneParams, body: ZoneBody, response: { 200: Zone } } }, async (request) => {
    const { site } = await siteWithZone(store, request.params.zoneId);
    mustFit(zoneProblem(request.body, site.grid));
    mustFit(ruleSettingsProblem(request.body.rules ?? {}, ruleKinds));
    const { zone, config } = await store.changeZone(request.params.zoneId, request.body);
    tellSiteChanged(parts, site.siteId, config.version);
    return zone;
  });
  app.delete('/api/zones/:zoneId', { config: { access: ofZone('setup') }, schema: { params: zoneParams } }, async (request, reply) => {
    await siteWithZone(store, request.params.zoneId);
    const config = await store.removeZone(request.params.zoneId);
    tellSiteChanged(parts, config.site.siteId, config.version);
    return reply.code(204).send();
  });

  const span = strictObject({ minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 7 * 24 * 60 })) });
  app.get('/api/zones/:zoneId/past', { config: { access: ofZone('see') }, schema: { params: zoneParams, querystring: span, response: { 200: ZonePast } } }, async (request) => {
    const { zoneId } = request.params;
    await siteWithZone(store, zoneId);
    if ((request.query.minutes ?? 0) > CARD_MINUTES_MOST && !await request.access.may('analyse', request.access.reached[0]!.place)) throw notAllowed(request);
    return { zoneId, minutes: await store.zonePast(zoneId, Date.now() - (request.query.minutes ?? 120) * 60_000) };
  });
}

async function siteOf(store: Store, siteId: string): Promise<SiteConfig> {
  const config = await store.site(siteId);
  if (config === null) throw new Problem('notFound');
  return config;
}
async function siteWithZone(store: Store, zoneId: string): Promise<SiteConfig> {
  const config = (await store.sites()).find(({ zones }) => zones.some((zone) => zone.zoneId === zoneId));
  if (config === undefined) throw new Problem('notFound');
  return config;
}

function mustFit(note: ProblemNote | null, name: string | null = null): void {
  if (note !== null) throw new Problem(note.code, note.values, name ?? note.detail);
}
function mustHoldCells(grid: GridSpec): void {
  if (grid.columns * grid.rows > CELLS_MOST) throw new Problem('inputWrong', { reason: `grid: ${grid.columns * grid.rows} cells; at most ${CELLS_MOST}` });
}
