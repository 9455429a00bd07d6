// Units: the tree, its outlines, its import, and what stands where.
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { UnitBody, UnitChanges, UnitChecked, UnitImportAnswer, UnitSaved, UnitShapeAnswer, UnitsAt } from '../../contract/apiIncidents.ts';
import { LngLat } from '../../contract/geometry.ts';
import { Problem } from '../../contract/problem.ts';
import { id, strictObject } from '../../contract/schema.ts';
import { Unit, type UnitChange, unitDepth, UnitLevel } from '../../contract/unit.ts';
import { lngLatOf } from '../../crowd/place.ts';
import { boxesMeet, PER_DEGREE, type Shape7 } from '../../crowd/units/shape.ts';
import { thinShape } from '../../crowd/units/thin.ts';
import type { Store } from '../../store/store.ts';
import { chainSeen, rolesUnits, seenOf } from '../access/seenUnits.ts';
import { removalApproved } from '../access/approvals.ts';
import type { App, ServerParts } from '../parts.ts';
import { fileChecks } from '../units/checkFile.ts';
import { tellUnitsChanged } from '../tellUnitsChanged.ts';
import { inSlices } from '../units/inSlices.ts';

export const IMPORT_MOST_BYTES = 64 * 1024 * 1024;
/** An outline of 500 parts may be large; a body of names and figures never is. */
const BODY_MOST_BYTES = 16 * 1024 * 1024;
/** How many tries an import has when others change the tree while it is checked. */
const IMPORT_TRIES = 3;
const LISTS_KEPT_MOST = 20, OUTLINES_MOST = 20_000, PIXELS_ACROSS = 1600;

const unitParams = strictObject({ unitId: id('unit') });
/** Not looked at: who acts is whoever is signed in. */
const byName = Type.Optional(Type.String({ minLength: 1, maxLength: 80 }));

export function unitRoutes(app: App, parts: ServerParts): void {
  const { store, log, scopes } = parts, checks = fileChecks(log), listText = listOnce(store);

  // UnitList.
  app.get('/api/units', { config: { access: { who: 'signedIn', because: 'the units at or below those where one has a role, and those above by name' } } }, async (request, reply) => reply.type('application/json; charset=utf-8').serializer((text: string) => text).send(await listText(rolesUnits(request.principal!))));
  app.get('/api/units/at', { config: { access: { right: 'see', at: 'anywhere', because: 'where nothing is in scope no unit is drawn' } }, schema: { querystring: LngLat, response: { 200: UnitsAt } } }, async (request) => ({ chain: chainSeen(await store.unitsAt(request.query), scopes.seeingUnits(request.principal!)) }));
  app.get('/api/units/of', { config: { access: { right: 'see', at: [['site', 'query.siteId'], ['sensor', 'query.sensorId']] } }, schema: { querystring: strictObject({ siteId: Type.Optional(id('site')), sensorId: Type.Optional(id('sensor')) }), response: { 200: UnitsAt } } }, async (request) => ({ chain: await store.unitsAt(await placeOf(store, request.query)) }));
  app.get('/api/units/changes', { config: { access: { right: 'units', at: 'anywhere', because: 'changes of units in scope' } }, schema: { querystring: strictObject({ most: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })) }), response: { 200: UnitChanges } } }, async (request) => {
    const changes = await store.forProduct(() => store.unitChanges(request.query.most ?? 50));
    // What was removed lies nowhere any more: only whoever has the whole tree is told of it.
    return { changes: request.access.mayWhole('units') ? changes : changesSeen(changes, seenOf(await store.units(), scopes.seeingUnits(request.principal!)).below) };
  });
  const box = strictObject({ level: Type.Optional(UnitLevel), west: LngLat.properties.lng, south: LngLat.properties.lat, east: LngLat.properties.lng, north: LngLat.properties.lat });
  app.get('/api/units/shapes', { config: { access: { right: 'see', at: 'anywhere', because: 'outlines of units in scope' } }, schema: { querystring: box } }, async (request, reply) => reply.type('application/geo+json; charset=utf-8').serializer((text: string) => text).send(await thinnedShapes(store, request.query, scopes.seeingUnits(request.principal!))));
  app.get('/api/units/:unitId/shape', { config: { access: { right: 'see', at: [['unit', 'params.unitId']] } }, schema: { params: unitParams, response: { 200: UnitShapeAnswer } } }, async (request) => {
    const { unitId } = request.params, unit = await store.unit(unitId), shape = await store.unitShape(unitId);
    if (unit === null || shape === null) throw new Problem('notFound');
    return { unitId, version: unit.version, shape };
  });

  app.post('/api/units', { config: { access: { right: 'units', at: [['unit', 'body.parentId']] } }, bodyLimit: BODY_MOST_BYTES, schema: { body: UnitBody, response: { 201: Unit } } }, async (request, reply) => {
    await mustStayWithin(request, null);
    const { unit } = await store.addUnit({ ...request.body, by: request.principal!.actor });
    tellUnitsChanged(parts);
    return reply.code(201).send(unit);
  });
  const checkBody = strictObject({ ...UnitBody.properties, unitId: Type.Optional(id('unit')) });
  app.post('/api/units/check', { config: { access: { right: 'units', at: [['unitAbove', 'body.unitId'], ['unit', 'body.parentId']] } }, bodyLimit: BODY_MOST_BYTES, schema: { body: checkBody, response: { 200: UnitChecked } } }, async (request) => ({ faults: await store.checkUnit(request.body, request.body.unitId ?? null) }));
  app.put('/api/units/:unitId', { config: { access: { right: 'units', at: [['unitAbove', 'params.unitId'], ['unit', 'body.parentId']] } }, bodyLimit: BODY_MOST_BYTES, schema: { params: unitParams, body: UnitBody, response: { 200: UnitSaved } } }, async (request) => {
    await mustStayWithin(request, request.params.unitId);
    const saved = await store.changeUnit(request.params.unitId, { ...request.body, by: request.principal!.actor });
    tellUnitsChanged(parts);
    return saved;
  });
  app.delete('/api/units/:unitId', { config: { access: { right: 'units', at: [['unitAbove', 'params.unitId']] } }, schema: { params: unitParams, querystring: strictObject({ by: byName }) } }, async (request, reply) => {
    await removalApproved(store, request, 'unit', request.params.unitId);
    await store.removeUnit(request.params.unitId, request.principal!.actor.name);
    tellUnitsChanged(parts);
    return reply.code(204).send();
  });

  /** An outline that reaches over its parent's, or over a neighbour's, would draw places of others into its own scope: only whoever has the whole tree may do that. */
  async function mustStayWithin(request: FastifyRequest<{ Body: UnitBody }>, unitId: string | null): Promise<void> {
    if (request.access.mayWhole('units')) return;
    const fault = (await store.checkUnit(request.body, unitId)).find((one) => one.fault === 'outsideParent' || one.fault === 'overlaps');
    if (fault !== undefined) throw new Problem('unitRefused', { reason: fault.fault === 'overlaps' ? 'it reaches over a neighbour' : 'it reaches outside of the unit above', reasonZh: fault.fault === 'overlaps' ? '与相邻单位重叠' : '超出上级单位范围' });
  }

  // A scope of its own: here JSON is a file whose bytes are looked at in another thread, not a body.
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(['application/json', 'application/geo+json', 'application/octet-stream'], { parseAs: 'buffer', bodyLimit: IMPORT_MOST_BYTES }, (_request, file, done) => { done(null, file); });
    const asked = strictObject({ mode: Type.Optional(Type.Enum(['check', 'take'])), allowWarnings: Type.Optional(Type.Boolean()), crs: Type.Optional(Type.Enum(['wgs84', 'gcj02'])), by: byName });
    scope.post<{ Querystring: Type.Static<typeof asked>; Body: Buffer | undefined }>('/api/units/import', { config: { access: { right: 'units', at: 'whole' } }, bodyLimit: IMPORT_MOST_BYTES, schema: { querystring: asked, response: { 200: UnitImportAnswer } } }, async (request) => {
      const { mode = 'check', allowWarnings = false, crs = 'wgs84' } = request.query, by = request.principal!.actor.name;
      for (let attempt = 1; ; attempt++) {
        const tree = await store.unitOutlines();
        const { features, refusing, warning, faults, units } = await checks.check(request.body ?? Buffer.alloc(0), crs, tree.units);
        const answer = { features, faults, faultsTotal: refusing + warning };
        const wellEnough = refusing === 0 && (warning === 0 || allowWarnings);
        if (mode === 'check' || !wellEnough) {
          const there = new Set(tree.units.map(({ unit }) => unit.code)), changed = units.filter(({ code }) => there.has(code)).length;
          return { ...answer, taken: false, units: units.length, added: units.length - changed, changed, moves: [] };
        }
        try {
          const { added, changed, moves } = await store.importUnits(units, by, tree.treeVersion);
          tellUnitsChanged(parts);
          return { ...answer, taken: true, units: units.length, added, changed, moves: moves.slice(0, 1000) };
        } catch (error) {
          // Somebody changed the tree while this file was checked against it: it is checked against the new one.
          if (attempt >= IMPORT_TRIES || !(error instanceof Problem) || error.note.code !== 'changedMeanwhile') throw error;
        }
      }
    });
  });
}

/** Tens of thousands of units are made into text once for each version, not for each screen; the lists of units that have roles are kept for the last few of them. */
function listOnce(store: Store): (unitIds: string[] | null) => Promise<string> {
  let version = -1;
  const texts = new Map<string, Promise<string>>();
  return async (unitIds) => {
    const now = (await store.unitOutlines()).version;
    if (now !== version) { texts.clear(); version = now; }
    const key = unitIds === null ? '' : unitIds.join();
    let text = texts.get(key);
    if (text === undefined) {
      if (texts.size >= LISTS_KEPT_MOST) texts.delete(texts.keys().next().value!);
      text = listOf(store, unitIds, now);
      texts.set(key, text);
      text.catch(() => { texts.delete(key); });
    }
    return text;
  };
}
async function listOf(store: Store, unitIds: string[] | null, version: number): Promise<string> {
  const all = await store.units(), { below, above } = unitIds === null ? { below: null, above: null } : seenOf(all, unitIds);
  const units = below === null ? all : all.filter(({ unitId }) => below.has(unitId) || above.has(unitId));
  const texts = await inSlices((function* () {
    const each: string[] = [];
    for (let from = 0; from < units.length; from += 200) { each.push(JSON.stringify(units.slice(from, from + 200)).slice(1, -1)); yield; }
    return each;
  })());
  return `{"units":[${texts.join(',')}],"version":${version}}`;
}

/** What a change did to units in sight; a move from or to elsewhere is told without the other end. */
function changesSeen(changes: UnitChange[], seen: ReadonlySet<string>): UnitChange[] {
  const shown = (unitId: string | null) => (unitId !== null && seen.has(unitId) ? unitId : null);
  return changes.flatMap((change) => {
    const unitIds = change.unitIds.filter((unitId) => seen.has(unitId));
    const moves = change.moves.flatMap((move) => { const fromUnitId = shown(move.fromUnitId), toUnitId = shown(move.toUnitId); return fromUnitId === null && toUnitId === null ? [] : [{ ...move, fromUnitId, toUnitId }]; });
    return unitIds.length === 0 && moves.length === 0 ? [] : [{ ...change, unitIds, unitCount: unitIds.length === change.unitIds.length ? change.unitCount : unitIds.length, moves }];
  });
}

/** A camera stands where it was placed, otherwise where its site is. */
async function placeOf(store: Store, { siteId, sensorId }: { siteId?: string | undefined; sensorId?: string | undefined }): Promise<LngLat> {
  if ((siteId === undefined) === (sensorId === undefined)) throw new Problem('inputWrong', { reason: 'either siteId or sensorId' });
  const config = siteId !== undefined ? await store.site(siteId) : (await store.sites()).find(({ sensors }) => sensors.some((sensor) => sensor.sensorId === sensorId)) ?? null;
  if (config === null) throw new Problem('notFound');
  const { origin, grid } = config.site, position = config.sensors.find((sensor) => sensor.sensorId === sensorId)?.calibration?.position;
  return lngLatOf(origin, position ?? { xM: (grid.columns * grid.cellM) / 2, yM: (grid.rows * grid.cellM) / 2 });
}

type AskedBox = { level?: UnitLevel | undefined; west: number; south: number; east: number; north: number };
/** Outlines are never changed in place, and what is thinned for one screen is right for the next; kept for a few sizes at most. */
const thinned = new WeakMap<Shape7, { tolerance7: number; thin: Shape7 }>();
async function thinnedShapes(store: Store, { level, west, south, east, north }: AskedBox, unitIds: string[] | null): Promise<string> {
  if (east <= west || north <= south) throw new Problem('inputWrong', { reason: 'the box has no area' });
  const asked = { west: west * PER_DEGREE, south: south * PER_DEGREE, east: east * PER_DEGREE, north: north * PER_DEGREE };
  // A pixel, in powers of two, so that a small move of the map asks for the same.
  const tolerance7 = Math.max(1, 2 ** Math.floor(Math.log2((asked.east - asked.west) / PIXELS_ACROSS)));
  const { version, units } = await store.unitOutlines(), inSight = unitIds === null ? null : seenOf(await store.units(), unitIds).below;
  const seen = units.filter(({ unit }) => {
    if (inSight !== null && !inSight.has(unit.unitId)) return false;
    if (level !== undefined && unit.level !== level) return false;
    const { southWest, northEast } = unit.bounds;
    return boxesMeet({ west: southWest.lng, south: southWest.lat, east: northEast.lng, north: northEast.lat }, { west, south, east, north });
  }).sort((a, b) => unitDepth(a.unit.level) - unitDepth(b.unit.level));
  const features = await inSlices((function* () {
    const texts: string[] = [];
    for (const { unit, shape } of seen.slice(0, OUTLINES_MOST)) {
      let known = thinned.get(shape);
      if (known === undefined || known.tolerance7 !== tolerance7) { known = { tolerance7, thin: thinShape(shape, tolerance7, tolerance7 * Math.cos((unit.bounds.southWest.lat * Math.PI) / 180)) }; thinned.set(shape, known); }
      const { unitId, level: ofLevel, code, names, parentId, version: ofUnit } = unit;
      texts.push(JSON.stringify({ type: 'Feature', id: unitId, properties: { unitId, level: ofLevel, code, nameEn: names.en, nameZh: names.zh, parentId, version: ofUnit }, geometry: { type: 'MultiPolygon', coordinates: known.thin.map((rings) => rings.map(closedRing)) } }));
      yield;
    }
    return texts;
  })());
  return `{"type":"FeatureCollection","version":${version},"more":${seen.length > OUTLINES_MOST},"features":[${features.join(',')}]}`;
}
function closedRing(ring: Int32Array): [number, number][] {
  const corners: [number, number][] = [];
  for (let i = 0; i < ring.length; i += 2) corners.push([ring[i]! / PER_DEGREE, ring[i + 1]! / PER_DEGREE]);
  if (corners.length > 0) corners.push(corners[0]!);
  return corners;
}
