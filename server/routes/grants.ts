// Places shown to another unit for a while: given, listed for both sides, and ended. Each is on record; each ends by itself.
import Type from 'typebox';
import type { Grant } from '../../contract/access.ts';
import { GRANT_ALONE_MOST_MS, GRANT_LEAST_MS, GRANT_MOST_MS, GrantBody, GrantList, GrantShown, GrantUnits } from '../../contract/apiGrants.ts';
import { Problem } from '../../contract/problem.ts';
import { id, strictObject } from '../../contract/schema.ts';
import type { FastifyRequest } from 'fastify';
import { approvedFor } from '../access/approvals.ts';
import { audit } from '../access/audit.ts';
import type { AccessRule } from '../access/rule.ts';
import type { App, ServerParts } from '../parts.ts';

const SHOWN_MOST = 500, UNITS_SHOWN_MOST = 20, DAY_MS = 24 * 3600_000;
const END: AccessRule = { right: 'share', at: [['grant', 'params.grantId']] };

export function grantRoutes(app: App, parts: ServerParts): void {
  const { store, scopes } = parts;

  app.get('/api/grants', { config: { access: { right: 'see', at: [['site', 'query.siteId']] } }, schema: { querystring: strictObject({ siteId: Type.Optional(id('site')), over: Type.Optional(Type.Boolean()) }), response: { 200: GrantList } } }, async (request, reply) => {
    const nowMs = Date.now(), { siteId = null, over = false } = request.query;
    const shown: GrantShown[] = [];
    for (const grant of await store.grants({ siteId, sinceMs: over ? nowMs - GRANT_MOST_MS : nowMs, most: SHOWN_MOST })) {
      const one = await shownOf(request, grant, nowMs);
      if (one !== null) shown.push(one);
    }
    void reply.header('cache-control', 'no-store');
    return { grants: shown, serverAtMs: nowMs };
  });

  app.get('/api/grants/units', { config: { access: { right: 'share', at: 'anywhere', because: 'names of units, for whoever has to say with whom a place is shared' } }, schema: { querystring: strictObject({ text: Type.String({ minLength: 1, maxLength: 80 }) }), response: { 200: GrantUnits } } }, async (request) => {
    const wanted = plain(request.query.text), found = [];
    for (const unit of await store.units()) {
      if (![unit.names.en, unit.names.zh, unit.code].some((word) => plain(word).includes(wanted))) continue;
      if (found.push(unit) > UNITS_SHOWN_MOST) break;
    }
    const units = await Promise.all(found.slice(0, UNITS_SHOWN_MOST).map(async ({ unitId, level, code, names }) => ({ unitId, level, code, names, path: (await store.unitChain(unitId)).slice(1).map((above) => above.names) })));
    return { units, more: found.length > UNITS_SHOWN_MOST };
  });

  app.post('/api/grants', { config: { access: { right: 'share', at: [['site', 'body.siteId'], ['incident', 'body.incidentId']] } }, schema: { body: GrantBody, response: { 201: GrantShown } } }, async (request, reply) => {
    const nowMs = Date.now(), { siteId, incidentId = null, toUnitId, rights, untilMs, reason } = request.body, fromMs = Math.max(nowMs, request.body.fromMs ?? nowMs);
    if (!(untilMs - fromMs >= GRANT_LEAST_MS && untilMs - nowMs <= GRANT_MOST_MS)) throw refused('it lasts from a minute to 30 days, and ends in the future', '共享时长须为 1 分钟至 30 天,且结束时间在将来');
    const [place, unit] = [request.access.reached[0]!.place, await store.unit(toUnitId)];
    if (unit === null) throw refused('there is no such unit', '没有该单位');
    if (place.unitId !== null && (await store.unitChain(place.unitId)).some((above) => above.unitId === toUnitId)) throw refused('this unit sees the place already', '该单位本来就能看到此地点');
    if (incidentId !== null && (await store.incident(incidentId))?.place.siteId !== siteId) throw refused('the incident is not at this place', '该事件不在此地点');
    // Nobody gives what they have not themselves; for longer than a day, beyond one's own area, another person looks at it, too.
    const beyond = !await request.access.mayAtUnit('share', toUnitId) && untilMs - fromMs > GRANT_ALONE_MOST_MS;
    const more = (await Promise.all(rights.map((right) => request.access.may(right, place)))).includes(false);
    const approval = beyond || more ? await approvedFor(store, request, 'widenScope', { kind: 'site', id: siteId }) : null;
    // On record before anybody sees more.
    const siteName = (await store.site(siteId))?.site.name ?? '';
    await audit(store, request, 'granted', { placeKind: 'site', placeId: siteId, placeName: siteName, unitId: place.unitId, fromMs, untilMs, reason, detail: { toUnitId, toUnit: unit.names.en, rights: rights.join(' '), ...(incidentId === null ? {} : { incidentId }), ...(approval === null ? {} : { approvalId: approval.approvalId }) } });
    const { accountId: byAccountId, actor: { name: byName } } = request.principal!;
    const grant = await store.addGrant({ siteId, incidentId, toUnitId, rights, fromMs, untilMs, reason, byName, byAccountId }, nowMs);
    return reply.code(201).send((await shownOf(request, grant, nowMs))!);
  });

  app.delete('/api/grants/:grantId', { config: { access: END }, schema: { params: strictObject({ grantId: id('grant') }), response: { 200: GrantShown } } }, async (request) => {
    const nowMs = Date.now(), grant = await store.endGrant(request.params.grantId, request.principal!.actor.name, nowMs);
    const shown = await shownOf(request, grant, nowMs);
    if (grant.revokedAtMs === nowMs) await audit(store, request, 'grantEnded', { placeKind: 'site', placeId: grant.siteId, placeName: shown?.siteName ?? null, unitId: request.access.reached[0]!.place.unitId, untilMs: nowMs, detail: { grantId: grant.grantId, toUnitId: grant.toUnitId } });
    return shown!;
  });

  /** Null for who neither gave it, by their right to share the place, nor was given it: others to whom the same place was shown do not learn of each other. */
  async function shownOf(request: FastifyRequest, grant: Grant, nowMs: number): Promise<GrantShown | null> {
    const place = await store.placeOf('site', grant.siteId), toUnit = await store.unit(grant.toUnitId);
    if (place === null || toUnit === null) return null;
    const lies = { unitId: place.unitId, siteId: null }, sees = scopes.seeingUnits(request.principal!);
    const isGiver = await request.access.may('see', lies), isGiven = sees === null || (await store.unitChain(grant.toUnitId)).some(({ unitId }) => sees.includes(unitId));
    if (!isGiver && !isGiven) return null;
    const siteName = (await store.forProduct(() => store.site(grant.siteId)))?.site.name ?? '';
    const state = grant.revokedAtMs !== null ? 'ended' : nowMs < grant.fromMs ? 'ahead' : nowMs < grant.untilMs ? 'inForce' : 'over';
    return { grant, siteName, toUnitNames: toUnit.names, state, side: isGiver ? 'given' : 'received', mayEnd: (state === 'ahead' || state === 'inForce') && await request.access.may('share', lies) };
  }
}

const refused = (reason: string, reasonZh: string): Problem => new Problem('grantRefused', { reason, reasonZh, days: GRANT_MOST_MS / DAY_MS });
const plain = (words: string): string => words.normalize('NFKC').trim().toLowerCase();
