// Sensors: added, changed, placed, tried before they are added, and looked at. Their settings go in and never come out.
import { realpathSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import Type from 'typebox';
import type { FastifyRequest } from 'fastify';
import { CalibrationBody, SensorBody, SensorChange, SensorTestAnswer, SensorTestBody } from '../../contract/api.ts';
import type { LngLat } from '../../contract/geometry.ts';
import { Problem, type ProblemNote } from '../../contract/problem.ts';
import { checker, id, strictObject } from '../../contract/schema.ts';
import { SensorStatus } from '../../contract/sensorStatus.ts';
import { Sensor } from '../../contract/site.ts';
import { fitCalibration } from '../../crowd/homography.ts';
import { lngLatOf } from '../../crowd/place.ts';
import { topics } from '../../store/bus/bus.ts';
import type { Store } from '../../store/store.ts';
import type { SensorKind } from '../../config/kinds.ts';
import { cameraNetwork, type Network } from '../../config/network.ts';
import { fromHome } from '../../config/settings.ts';
import type { AccessRule } from '../access/rule.ts';
import { removalApproved } from '../access/approvals.ts';
import type { App, ServerParts } from '../parts.ts';
import { masksAt, pictureWaiter, viewOf } from '../pictures.ts';
import { faultWords } from '../problems.ts';
import { tellSiteChanged } from '../tellSiteChanged.ts';

const params = strictObject({ sensorId: id('sensor') });
const SETUP = { right: 'setup', at: [['sensor', 'params.sensorId']] } as const satisfies AccessRule;
/** A camera may stand beyond the unit of its site: then whoever puts it there may do so there, too. */
async function cameraGround({ params, body }: FastifyRequest, store: Store): Promise<LngLat | null> {
  const position = (body as CalibrationBody)?.position, source = position === undefined ? null : await store.sensorSource((params as { sensorId: string }).sensorId);
  const config = source === null ? null : await store.site(source.sensor.siteId);
  return position === undefined || config === null ? null : lngLatOf(config.site.origin, position);
}
const checkStatus = checker(SensorStatus);
const TESTS_AT_ONCE = 4;
const TEST_WITHIN_MS = 20_000;

export function sensorRoutes(app: App, parts: ServerParts): void {
  const { store, bus, looks } = parts;
  const fitting = settingsCheck(parts.sensorKinds, cameraNetwork(parts.settings.cameraNetworks), [join(fromHome(parts.settings.dataFolder), 'videos'), ...parts.settings.videoFolders.map(fromHome)]);

  app.post('/api/sites/:siteId/sensors', { config: { access: { right: 'setup', at: [['site', 'params.siteId']] } }, schema: { params: strictObject({ siteId: id('site') }), body: SensorBody, response: { 201: Sensor } } }, async (request, reply) => {
    const { siteId } = request.params;
    if ((await store.site(siteId)) === null) throw new Problem('notFound');
    const { settings, addressShown } = fitting(request.body.kind, request.body.settings);
    const { sensor, config } = await store.addSensor(siteId, { ...request.body, settings, addressShown });
    tellSiteChanged(parts, siteId, config.version);
    return reply.code(201).send(sensor);
  });

  app.put('/api/sensors/:sensorId', { config: { access: SETUP }, schema: { params, body: SensorChange, response: { 200: Sensor } } }, async (request) => {
    const { sensorId } = request.params;
    const before = await store.sensorSource(sensorId);
    if (before === null) throw new Problem('notFound');
    const { settings: changes, ...rest } = request.body;
    // Null takes a setting away; one that is left out stays, so that a password need not be typed again.
    const merged = Object.fromEntries(Object.entries({ ...before.settings, ...changes }).filter(([, value]) => value !== null));
    const { sensor, config } = await store.changeSensor(sensorId, changes === undefined ? rest : { ...rest, ...fitting(before.sensor.kind, merged) });
    tellSiteChanged(parts, config.site.siteId, config.version);
    return sensor;
  });

  app.put('/api/sensors/:sensorId/calibration', { config: { access: { ...SETUP, ground: cameraGround } }, schema: { params, body: CalibrationBody, response: { 200: Sensor } } }, async (request) => {
    const { sensorId } = request.params;
    if ((await store.sensorSource(sensorId)) === null) throw new Problem('notFound');
    if (request.body !== null) {
      const fit = fitCalibration(request.body);
      if (!fit.ok) throw new Problem(fit.problem.code, fit.problem.values, fit.problem.detail);
    }
    const { sensor, config } = await store.calibrateSensor(sensorId, request.body);
    tellSiteChanged(parts, config.site.siteId, config.version);
    return sensor;
  });

  app.post('/api/sensors/:sensorId/view', { config: { access: SETUP }, schema: { params } }, async (request, reply) => {
    const { sensorId } = request.params, source = await store.sensorSource(sensorId);
    if (source === null) throw new Problem('notFound');
    if (source.sensor.calibration === null) throw new Problem('cameraNotPlaced');
    const told = await bus.getLatest(topics.sensorStatusOf(sensorId));
    const status = told === null ? null : checkStatus(JSON.parse(Buffer.from(told).toString()));
    const fault = status?.ok === true ? status.value.sight?.fault ?? null : null;
    // A view that nobody sees now, or sees only as darkness, is none that somebody could have looked at.
    if (status?.ok !== true || status.value.phase !== 'counting' || (fault !== null && fault !== 'moved')) throw new Problem('cameraNotCounting');
    await store.dropViewMark(sensorId);
    const config = await store.site(source.sensor.siteId);
    if (config !== null) tellSiteChanged(parts, config.site.siteId, config.version);
    return reply.code(204).send();
  });

  app.delete('/api/sensors/:sensorId', { config: { access: SETUP }, schema: { params } }, async (request, reply) => {
    if ((await store.sensorSource(request.params.sensorId)) === null) throw new Problem('notFound');
    await removalApproved(store, request, 'sensor', request.params.sensorId);
    const config = await store.removeSensor(request.params.sensorId);
    tellSiteChanged(parts, config.site.siteId, config.version);
    return reply.code(204).send();
  });

  let testing = 0;
  app.post('/api/sensors/test', { config: { access: { right: 'setup', at: 'anywhere', because: 'a camera that is tried is none yet, and lies nowhere' } }, schema: { body: SensorTestBody, response: { 200: SensorTestAnswer } } }, async (request) => {
    const { settings, addressShown } = fitting(request.body.kind, request.body.settings);
    if (testing >= TESTS_AT_ONCE) throw new Problem('tooMany', { most: TESTS_AT_ONCE });
    testing++;
    try {
      const bytes = await bus.request(topics.sensorTest, Buffer.from(store.sealed(JSON.stringify({ kind: request.body.kind, settings, masks: await masksAt(store, addressShown) }), 'bus/sensorTest')), TEST_WITHIN_MS);
      const said = JSON.parse(Buffer.from(bytes).toString()) as { answer: SensorTestAnswer } | { problem: ProblemNote };
      if ('problem' in said) throw new Problem(said.problem.code, said.problem.values, said.problem.detail);
      return said.answer;
    } finally { testing--; }
  });

  const newestPicture = pictureWaiter(parts);
  app.get('/api/sensors/:sensorId/picture', { config: { access: { right: 'picture', at: [['sensor', 'params.sensorId']] } }, schema: { params, querystring: strictObject({ unmasked: Type.Optional(Type.Literal('1')) }) } }, async (request, reply) => {
    const { sensorId } = request.params, unmasked = request.query.unmasked === '1';
    if (unmasked && (await viewOf(store, request, sensorId)).masked) throw new Problem('maskNotLifted');
    await looks.at(request, { kind: 'sensor', id: sensorId, unitId: request.access.reached[0]?.place.unitId ?? null, ...(unmasked ? { detail: { unmasked } } : {}) });
    const { capturedAtMs, jpeg } = await newestPicture(sensorId, { unmasked, isGone: () => request.raw.socket.destroyed });
    return reply.headers({ 'x-captured-at-ms': String(capturedAtMs), 'cache-control': 'no-store' }).type('image/jpeg').send(Buffer.from(jpeg));
  });
}

/** The kind's own schema first, then the kind's own eye on the address: only what both let through is kept or opened. */
/** `videoFolders`: whole paths; a page may name files inside of them and no others. */
export function settingsCheck(kinds: Map<string, SensorKind>, network: Network, videoFolders: string[]): (kind: string, settings: Record<string, unknown>) => { settings: Record<string, unknown>; addressShown: string } {
  const checks = new Map([...kinds].map(([name, kind]) => [name, checker(kind.settings)]));
  return (name, settings) => {
    const kind = kinds.get(name), check = checks.get(name);
    if (kind === undefined || check === undefined) throw new Problem('inputWrong', { reason: `kind: there is no kind of sensor named ${name.slice(0, 40)}` });
    const checked = check(settings);
    if (!checked.ok) throw new Problem('inputWrong', { reason: faultWords(checked.faults.map((fault) => ({ instancePath: `settings${fault.path}`, message: fault.says })), 'settings') });
    const { url } = kind.source(checked.value);
    // What its name stands for is looked up when the line is opened.
    if (url.startsWith('file:')) mustLieIn(videoFolders, url.slice('file:'.length));
    else { const { hostname, port } = new URL(url); network.look(hostname, port === '' ? null : Number(port)); }
    return { settings, addressShown: kind.addressShown(checked.value) };
  };
}

/** By where it really lies: a link inside of a folder may point out of it. */
function mustLieIn(folders: string[], path: string): void {
  const real = (one: string): string => { try { return realpathSync(one); } catch { return resolve(one); } };
  const inside = folders.some((folder) => { const way = relative(real(folder), real(path)); return way !== '' && !way.startsWith('..') && !isAbsolute(way); });
  if (!inside) throw new Problem('videoElsewhere');
}
