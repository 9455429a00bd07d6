// Privacy over HTTP: masks, lifting them, stills that leave the product, how long things are kept, holds, purge reports, and the impact assessment.
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Right } from '../../contract/access.ts';
import { decodePicture, masksVersionOf, type StillWish } from '../../contract/picture.ts';
import {
  Hold, HOLD_DAYS_MOST, HoldBody, MaskLift, MaskLiftBody, MasksBody, PurgeReport, PurgeReports, Retention, RETENTION_KIND_WORDS, RetentionBody, StillBody, type RetentionSet,
} from '../../contract/privacy.ts';
import { Problem } from '../../contract/problem.ts';
import { id, literals, nullable, strictObject } from '../../contract/schema.ts';
import { Sensor } from '../../contract/site.ts';
import { masksProblem } from '../../crowd/mask.ts';
import { outOfBounds, retentionInForce, spanWords } from '../../crowd/retention.ts';
import { topics } from '../../store/bus/bus.ts';
import { retentionDefaults } from '../../config/retentionDefaults.ts';
import { approvedFor } from '../access/approvals.ts';
import { aboutAudit, audit } from '../access/audit.ts';
import type { AccessRule } from '../access/rule.ts';
import type { App, ServerParts } from '../parts.ts';
import { assessmentFacts } from '../privacy/assessmentFacts.ts';
import { assessmentHtml, assessmentMarkdown } from '../privacy/assessmentText.ts';
import { stampedStill } from '../privacy/stampedStill.ts';
import { tellSiteChanged } from '../tellSiteChanged.ts';

const DAY_MS = 86_400_000;
const STILL_WITHIN_MS = 8000, STILLS_AT_ONCE = 4, REPORTS_SHOWN = 50;
const sensorParams = strictObject({ sensorId: id('sensor') });
const atSensor = (right: Right): AccessRule => ({ right, at: [['sensor', 'params.sensorId']] });
/** What lies in no unit is the whole installation's: asked for by leaving unitId out. */
const SOMEWHERE = 'what is set for one\'s own units, and for the whole installation above them';

export function privacyRoutes(app: App, parts: ServerParts): void {
  const { store, bus, settings } = parts, defaults = retentionDefaults(settings);
  const product = <T>(work: () => Promise<T>): Promise<T> => store.forProduct(work);
  const sensorOf = async (sensorId: string) => { const source = await store.sensorSource(sensorId); if (source === null) throw new Problem('notFound'); return source.sensor; };
  const unitOf = (request: FastifyRequest) => request.access.reached[0]?.place.unitId ?? null;

  // --- masks
  app.put('/api/sensors/:sensorId/masks', { config: { access: atSensor('setup') }, schema: { params: sensorParams, body: MasksBody, response: { 200: Sensor } } }, async (request) => {
    const { sensorId } = request.params, { polygons } = request.body, problem = masksProblem(polygons);
    if (problem !== null) throw new Problem(problem.code, problem.values);
    const before = await sensorOf(sensorId);
    const { sensor, config } = await store.maskSensor(sensorId, polygons);
    aboutAudit(request, { detail: { masksBefore: before.masks?.polygons.length ?? 0, masks: polygons.length, masksVersion: masksVersionOf(sensor) } });
    tellSiteChanged(parts, config.site.siteId, config.version);
    return sensor;
  });

  app.post('/api/sensors/:sensorId/maskLift', { config: { access: atSensor('liftMask') }, schema: { params: sensorParams, body: MaskLiftBody, response: { 201: MaskLift } } }, async (request, reply) => {
    const { sensorId } = request.params, { reason, minutes } = request.body, sensor = await sensorOf(sensorId), principal = request.principal!;
    if ((sensor.masks?.polygons.length ?? 0) === 0) throw new Problem('inputWrong', { reason: 'this camera has no masks' });
    const { approvalId } = await approvedFor(store, request, 'liftMask', { kind: 'sensor', id: sensorId }, { placeName: sensor.name, forWhat: { en: `seeing ${sensor.name} without its privacy masks for ${minutes} minutes: ${reason}`.slice(0, 1000), zh: `查看 ${sensor.name} 的未遮挡画面 ${minutes} 分钟:${reason}`.slice(0, 1000) } });
    const fromMs = Date.now(), untilMs = fromMs + minutes * 60_000;
    // On record before anybody sees more.
    await audit(store, request, 'maskLifted', { placeKind: 'sensor', placeId: sensorId, placeName: sensor.name, unitId: unitOf(request), fromMs, untilMs, reason, detail: { approvalId } });
    const lift = await product(() => store.liftMask({ sensorId, accountId: principal.accountId, sessionId: principal.sessionId ?? principal.tokenId, name: principal.name, reason, approvalId, fromMs, untilMs }));
    return reply.code(201).send(lift);
  });
  app.get('/api/sensors/:sensorId/maskLift', { config: { access: atSensor('liftMask') }, schema: { params: sensorParams, response: { 200: strictObject({ lift: nullable(MaskLift) }) } } }, async (request) => {
    const { accountId, sessionId, tokenId } = request.principal!;
    return { lift: await product(() => store.maskLiftInForce({ accountId, sessionId: sessionId ?? tokenId, sensorId: request.params.sensorId, nowMs: Date.now() })) };
  });
  app.delete('/api/sensors/:sensorId/maskLift', { config: { access: atSensor('liftMask') }, schema: { params: sensorParams } }, async (request, reply) => {
    const ended = await product(() => store.endMaskLifts({ sensorId: request.params.sensorId, accountId: request.principal!.accountId, nowMs: Date.now() }));
    aboutAudit(request, { fromMs: ended[0]?.fromMs ?? null, untilMs: ended[0]?.untilMs ?? null, detail: { maskLiftsEnded: ended.length } });
    return reply.code(204).send();
  });

  // --- stills
  let stills = 0;
  app.post('/api/sensors/:sensorId/still', { config: { access: atSensor('export') }, schema: { params: sensorParams, body: StillBody } }, async (request, reply) => {
    const { sensorId } = request.params, { reason, blurred } = request.body, sensor = await sensorOf(sensorId);
    const approval = blurred ? null : await approvedFor(store, request, 'unblurExport', { kind: 'sensor', id: sensorId }, { placeName: sensor.name, forWhat: { en: `one picture of ${sensor.name} without blurred heads and plates: ${reason}`.slice(0, 1000), zh: `导出 ${sensor.name} 的一张未模糊图片:${reason}`.slice(0, 1000) } });
    if (stills >= STILLS_AT_ONCE) throw new Problem('tooMany', { most: STILLS_AT_ONCE });
    stills++;
    try {
      const wish: StillWish = { stillId: randomUUID(), blurred, untilMs: Date.now() + STILL_WITHIN_MS };
      await bus.putLatest(topics.stillWanted(sensorId), Buffer.from(JSON.stringify(wish)), STILL_WITHIN_MS);
      let bytes: Uint8Array | null = null;
      while (bytes === null && Date.now() < wish.untilMs && !request.raw.socket.destroyed) { await pause(100); bytes = await bus.getLatest(topics.still(wish.stillId)); }
      const picture = bytes === null ? null : decodePicture(bytes);
      // Made before the newest masks: nobody gets it.
      if (picture === null || picture.jpeg[0] !== 0xff || picture.masksVersion !== masksVersionOf(await sensorOf(sensorId))) throw new Problem('stillNotMade');
      const site = await store.site(sensor.siteId);
      const jpeg = await stampedStill(Buffer.from(picture.jpeg), { capturedAtMs: picture.capturedAtMs, place: `${site?.site.name ?? ''} · ${sensor.name}`, blurred, language: request.principal!.language, timeZone: settings.timeZone });
      const sha256 = createHash('sha256').update(jpeg).digest('hex');
      // On record before it leaves.
      await audit(store, request, 'exported', { placeKind: 'sensor', placeId: sensorId, placeName: sensor.name, unitId: unitOf(request), fromMs: picture.capturedAtMs, untilMs: picture.capturedAtMs, reason, detail: { still: true, blurred, sha256, masksVersion: picture.masksVersion, ...(approval === null ? {} : { approvalId: approval.approvalId }) } });
      const name = `still-${sensorId}-${new Date(picture.capturedAtMs).toISOString().replaceAll(/[:.]/g, '')}.jpg`;
      return await reply.headers({ 'x-captured-at-ms': String(picture.capturedAtMs), 'x-sha256': sha256, 'cache-control': 'no-store', 'content-disposition': `attachment; filename="${name}"` }).type('image/jpeg').send(jpeg);
    } finally { stills--; }
  });

  // --- how long
  const chainOf = async (unitId: string | null) => (unitId === null ? [] : (await store.unitChain(unitId)).map((unit) => unit.unitId));
  const retentionAt = async (unitId: string | null): Promise<Retention> => product(async () => {
    const sets = await store.retentionSets();
    return { set: sets.find((set) => set.unitId === unitId) ?? { unitId, preset: null, hours: {} }, inForce: retentionInForce(await chainOf(unitId), sets, defaults) };
  });
  app.get('/api/privacy/retention', { config: { access: { right: 'retention', at: [['unit', 'query.unitId']] } }, schema: { querystring: strictObject({ unitId: Type.Optional(id('unit')) }), response: { 200: Retention } } }, async (request) => retentionAt(request.query.unitId ?? null));
  app.put('/api/privacy/retention', { config: { access: { right: 'retention', at: [['unit', 'body.unitId']] } }, schema: { body: RetentionBody, response: { 200: Retention } } }, async (request) => {
    const set: RetentionSet = request.body, { before, wrong } = await product(async () => {
      const sets = await store.retentionSets(), chain = await chainOf(set.unitId);
      const after = [...sets.filter((one) => one.unitId !== set.unitId), set];
      return { before: sets.find((one) => one.unitId === set.unitId) ?? null, wrong: outOfBounds(set, retentionInForce(chain, after, defaults).preset) };
    });
    if (wrong !== null) {
      const words = RETENTION_KIND_WORDS[wrong.kind];
      throw new Problem('retentionOutOfBounds', { kindEn: words.en, kindZh: words.zh, leastEn: spanWords(wrong.leastHours, 'en'), leastZh: spanWords(wrong.leastHours, 'zh'), mostEn: spanWords(wrong.mostHours, 'en'), mostZh: spanWords(wrong.mostHours, 'zh') });
    }
    await product(() => store.keepRetention(set, request.principal!.actor.name));
    aboutAudit(request, { placeKind: 'unit', placeId: set.unitId, unitId: set.unitId, detail: { before: JSON.stringify(before === null ? {} : { preset: before.preset, ...before.hours }).slice(0, 500), after: JSON.stringify({ preset: set.preset, ...set.hours }).slice(0, 500) } });
    return retentionAt(set.unitId);
  });

  // --- holds
  const mayHold = (request: FastifyRequest, hold: Pick<Hold, 'unitId'>) => request.access.mayAtUnit('retention', hold.unitId);
  app.get('/api/privacy/holds', { config: { access: { right: 'retention', at: 'anywhere', because: SOMEWHERE } }, schema: { response: { 200: strictObject({ serverAtMs: Type.Number(), holds: Type.Array(Hold) }) } } }, async (request) => {
    const nowMs = Date.now(), holds: Hold[] = [];
    for (const hold of await product(() => store.holds(nowMs))) if (await mayHold(request, hold)) holds.push(hold);
    return { serverAtMs: nowMs, holds };
  });
  app.post('/api/privacy/holds', { config: { access: { right: 'retention', at: 'anywhere', because: 'the place is looked up by its kind: the right is asked for there before anything is said of it' } }, schema: { body: HoldBody, response: { 201: Hold } } }, async (request, reply) => {
    const { placeKind, placeId, fromMs, toMs, untilMs, reason } = request.body, nowMs = Date.now(), place = await store.placeOf(placeKind, placeId);
    // One that may not be seen is answered like one that is not there.
    if (place === null || !await request.access.may('see', place)) throw new Problem('notFound');
    if (!await request.access.may('retention', place)) throw new Problem('notAllowed');
    if (!(toMs > fromMs)) throw new Problem('inputWrong', { reason: 'it ends before it begins' });
    if (!(untilMs > nowMs && untilMs <= nowMs + HOLD_DAYS_MOST * DAY_MS)) throw new Problem('inputWrong', { reason: `it is held for ${HOLD_DAYS_MOST} days at most` });
    const placeName = await nameOf(placeKind, placeId), day = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
    const { approvalId } = await approvedFor(store, request, 'holdBeyondRetention', { kind: placeKind, id: placeId }, {
      unitId: place.unitId, placeName, forWhat: { en: `keeping what happened from ${day(fromMs)} to ${day(toMs)} UTC until ${day(untilMs)} UTC`, zh: `保全 ${day(fromMs)} 至 ${day(toMs)} UTC 发生的内容,直到 ${day(untilMs)} UTC` },
    });
    await audit(store, request, 'held', { placeKind, placeId, placeName, unitId: place.unitId, fromMs, untilMs: toMs, reason, detail: { heldUntil: new Date(untilMs).toISOString(), approvalId } });
    const hold = await product(() => store.addHold({ ...request.body, placeName, unitId: place.unitId, byName: request.principal!.actor.name, approvalId, nowMs }));
    return reply.code(201).send(hold);
  });
  app.delete('/api/privacy/holds/:holdId', { config: { access: { right: 'retention', at: 'anywhere', because: 'the hold is looked up, and the right is asked for at its unit' } }, schema: { params: strictObject({ holdId: id('hold') }), response: { 200: Hold } } }, async (request) => {
    const { holdId } = request.params, hold = await product(() => store.hold(holdId));
    if (hold === null || !await mayHold(request, hold)) throw new Problem('notFound');
    const ended = await product(() => store.endHold(holdId, { name: request.principal!.actor.name, nowMs: Date.now() }));
    aboutAudit(request, { placeKind: hold.placeKind, placeId: hold.placeId, placeName: hold.placeName, unitId: hold.unitId, detail: { holdId, holdEnded: true } });
    return ended;
  });
  async function nameOf(kind: Hold['placeKind'], placeId: string): Promise<string> {
    if (kind === 'site') return (await store.site(placeId))?.site.name ?? placeId;
    return kind === 'unit' ? (await store.unit(placeId))?.names.en ?? placeId : placeId;
  }

  // --- purges
  /** Lines of units where whoever asks may look. */
  const cut = async (request: FastifyRequest, report: PurgeReport): Promise<PurgeReport> => {
    const lines: PurgeReport['lines'] = [], may = new Map<string | null, boolean>();
    for (const line of report.lines) {
      if (!may.has(line.unitId)) may.set(line.unitId, await request.access.mayAtUnit('retention', line.unitId));
      if (may.get(line.unitId) === true) lines.push(line);
    }
    return { ...report, lines, holdIds: request.access.mayWhole('retention') ? report.holdIds : [] };
  };
  app.get('/api/privacy/purges', { config: { access: { right: 'retention', at: 'anywhere', because: SOMEWHERE } }, schema: { response: { 200: PurgeReports } } }, async (request) => {
    const reports = [];
    for (const report of await product(() => store.purgeReports(REPORTS_SHOWN))) reports.push(await cut(request, report));
    return { reports };
  });
  let counting = false;
  app.post('/api/privacy/purges/dry', { config: { access: { right: 'retention', at: 'anywhere', because: SOMEWHERE }, changesNothing: true }, schema: { response: { 200: PurgeReport } } }, async (request) => {
    // It looks through all that is old: one at a time.
    if (counting) throw new Problem('tooMany', { most: 1 });
    counting = true;
    try { return await cut(request, await product(() => store.purge({ nowMs: Date.now(), dryRun: true, defaults }))); } finally { counting = false; }
  });

  // --- impact assessment
  const assessmentQuery = strictObject({ unitId: Type.Optional(id('unit')), language: Type.Optional(literals(['en', 'zh'])), format: Type.Optional(literals(['markdown', 'html'])) });
  app.get('/api/privacy/assessment', { config: { access: { right: 'retention', at: [['unit', 'query.unitId']] } }, schema: { querystring: assessmentQuery } }, async (request, reply) => {
    const { unitId = null, language = request.principal!.language, format = 'markdown' } = request.query;
    if (unitId === null && !request.access.mayWhole('retention')) throw new Problem('notAllowed');
    const text = assessmentMarkdown(await product(() => assessmentFacts(parts, unitId, Date.now())), language);
    await audit(store, request, 'exported', { placeKind: 'unit', placeId: unitId, unitId, detail: { assessment: true, language, format } });
    const name = `impact-assessment-${new Date().toISOString().slice(0, 10)}`;
    void reply.header('cache-control', 'no-store').header('content-disposition', `attachment; filename="${name}.${format === 'html' ? 'html' : 'md'}"`);
    return reply.type(format === 'html' ? 'text/html; charset=utf-8' : 'text/markdown; charset=utf-8').send(format === 'html' ? assessmentHtml(text, language) : text);
  });
}
