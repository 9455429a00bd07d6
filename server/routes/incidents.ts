// Incidents: lists, histories, and every step that a person takes on one. The steps are decided in crowd/incident/ and kept by the store; here they are only made ready.
import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { HandOver, HandOverBody, Board, IncidentAnswer, IncidentCommandBody, IncidentPage, ReportBody, type Statistics } from '../../contract/apiIncidents.ts';
import { Attachment, Category, Incident, INCIDENT_STEPS, IncidentChanged, sameActor, Severity } from '../../contract/incident.ts';
import { Problem } from '../../contract/problem.ts';
import { id, instantMs, literals, strictObject } from '../../contract/schema.ts';
import { decideIncident } from '../../crowd/incident/decideIncident.ts';
import { assignmentOf } from '../../crowd/incident/ladder.ts';
import { incidentIdOf } from '../../store/incidentId.ts';
import type { NewIncidentInput } from '../../store/incidentsStore.ts';
import { rowsOfUnits, unitsBelow } from '../incidents/below.ts';
import { PICTURE_TYPES, openPictureCleaner, type PictureType } from '../incidents/cleanPicture.ts';
import { fileTypeOf } from '../incidents/fileType.ts';
import { contextOf, inputIdOf, prepareCommand, prepareReport } from '../incidents/prepare.ts';
import { statisticsCsv } from '../incidents/statisticsCsv.ts';
import { audit } from '../access/audit.ts';
import { notAllowed } from '../access/gate.ts';
import type { AccessRule } from '../access/rule.ts';
import type { App, ServerParts } from '../parts.ts';

const PAGE_MOST = 200, EVENTS_MOST = 500, BOARD_MOST = 200, HAND_OVERS_SHOWN = 50;
const ATTACHMENT_MOST_BYTES = 16 * 1024 * 1024;
const STATISTICS_DAYS_USUAL = 30;
const HANDED_OVER_MOST = 5000, HANDED_OVER_AT_ONCE = 100;
/** Two incidents that are joined or parted are looked at before; somebody may be faster. */
const TRIES = 4;

const incidentParams = strictObject({ incidentId: id('incident') }), unitParams = strictObject({ unitId: id('unit') });
const flag = Type.Optional(Type.Boolean());
const SEE: AccessRule = { right: 'see', at: [['incident', 'params.incidentId']] };
/** Whoever may only report answers what they were asked, and adds to it; all other steps are for whoever handles incidents. */
const COMMAND: AccessRule = {
  right: 'incident', at: [['incident', 'params.incidentId'], ['incident', 'body.command.into'], ['incident', 'body.command.to']],
  instead: { at: 'body.command.type', rights: { accept: 'report', decline: 'report', arrive: 'report', needHelp: 'report', handle: 'report', note: 'report', tickAction: 'report' } },
};

export function incidentRoutes(app: App, parts: ServerParts): void {
  const { store, scopes } = parts;

  const listQuery = strictObject({
    state: Type.Optional(literals(['open', 'closed', 'all'])), unitId: Type.Optional(id('unit')), category: Type.Optional(Category), severity: Type.Optional(Severity), step: Type.Optional(literals(INCIDENT_STEPS)), siteId: Type.Optional(id('site')), memberId: Type.Optional(id('member')),
    exercise: flag, overdue: flag, text: Type.Optional(Type.String({ maxLength: 200 })), sinceMs: Type.Optional(instantMs('since')), untilMs: Type.Optional(instantMs('until')),
    order: Type.Optional(literals(['newest', 'due', 'age'])), after: Type.Optional(Type.String({ maxLength: 300 })), most: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_MOST })),
  });
  app.get('/api/incidents', { config: { access: { right: 'see', at: [['unit', 'query.unitId'], ['site', 'query.siteId'], ['member', 'query.memberId']] } }, schema: { querystring: listQuery, response: { 200: IncidentPage } } }, async (request, reply) => {
    const { unitId, state = 'open', order = 'newest', most = 50, ...others } = request.query;
    void reply.header('cache-control', 'no-store');
    return store.incidentPage({ ...others, state, order, most, ...(unitId === undefined ? {} : { unitIds: await subtreeOf(unitId) }) });
  });
  app.get('/api/incidents/board', { config: { access: { right: 'see', at: [['unit', 'query.unitId']] } }, schema: { querystring: strictObject({ unitId: id('unit'), most: Type.Optional(Type.Integer({ minimum: 1, maximum: BOARD_MOST })) }), response: { 200: Board } } }, async (request, reply) => {
    const { unitId, most = 100 } = request.query;
    const units = await store.units(), unit = units.find((one) => one.unitId === unitId);
    if (unit === undefined) throw new Problem('notFound', {}, `unit ${unitId}`);
    void reply.header('cache-control', 'no-store');
    return { unit, ...await store.board(unitsBelow(units, unitId), most) };
  });
  const statisticsQuery = strictObject({
    unitId: Type.Optional(id('unit')), sinceMs: Type.Optional(instantMs('since')), untilMs: Type.Optional(instantMs('until')), by: Type.Optional(literals(['unit', 'category', 'step'])), exercise: flag,
    format: Type.Optional(literals(['json', 'csv'])), language: Type.Optional(literals(['en', 'zh'])),
  });
  app.get('/api/incidents/statistics', { config: { access: { right: 'analyse', at: [['unit', 'query.unitId']], instead: { at: 'query.format', rights: { csv: 'export' } } } }, schema: { querystring: statisticsQuery } }, async (request, reply) => {
    const { unitId, by = 'category', exercise = false, format = 'json', language = 'en', untilMs = Date.now(), sinceMs = untilMs - STATISTICS_DAYS_USUAL * 86_400_000 } = request.query;
    const statistics = await statisticsOf({ unitId: unitId ?? null, by, exercise, sinceMs, untilMs, ofUnitIds: scopes.seeingUnits(request.principal!, format === 'csv' ? 'export' : 'analyse') });
    void reply.header('cache-control', 'no-store');
    if (format === 'json') return statistics;
    await audit(store, request, 'exported', { unitId: unitId ?? null, detail: { what: 'statistics', by, format } });
    return reply.type('text/csv; charset=utf-8').header('content-disposition', `attachment; filename="incidents-by-${by}-${new Date(sinceMs).toISOString().slice(0, 10)}-${new Date(untilMs).toISOString().slice(0, 10)}.csv"`).send(statisticsCsv(statistics, language));
  });
  app.get('/api/incidents/:incidentId', { config: { access: SEE }, schema: { params: incidentParams, response: { 200: IncidentAnswer } } }, async (request, reply) => {
    const incident = await incidentOf(request.params.incidentId);
    const mayAct = await request.access.may('incident', request.access.reached[0]!.place);
    const chain = incident.place.unitId === null ? (incident.unitId === null ? [] : await store.unitChain(incident.unitId)) : await store.unitChain(incident.place.unitId);
    const [events, clock, onDuty, notices] = await Promise.all([store.incidentEvents(incident.incidentId, 0, EVENTS_MOST + 1), store.deskClock(), store.onDuty(chain.map((unit) => unit.unitId), Date.now()), store.noticesOf(incident.incidentId)]);
    void reply.header('cache-control', 'no-store');
    return {
      incident, events: events.slice(0, EVENTS_MOST), moreEvents: events.length > EVENTS_MOST, nowRunMs: clock.runMs, chain,
      // Whom one may send, and who was told: for those who may act on it.
      onDuty: !mayAct ? [] : chain.flatMap((unit) => (onDuty.get(unit.unitId) ?? []).map(({ memberId, name, duty }) => ({ memberId, name, duty, unitId: unit.unitId }))), notices: mayAct ? notices : [],
    } satisfies IncidentAnswer;
  });
  app.get('/api/incidents/:incidentId/events', { config: { access: SEE }, schema: { params: incidentParams, querystring: strictObject({ after: Type.Optional(Type.Integer({ minimum: 0 })) }), response: { 200: strictObject({ events: Type.Array(IncidentChanged) }) } } }, async (request) => {
    await incidentOf(request.params.incidentId);
    return { events: await store.incidentEvents(request.params.incidentId, request.query.after ?? 0, EVENTS_MOST) };
  });

  app.post('/api/incidents', { config: { access: { right: 'report', at: [['alarm', 'body.alarmId'], ['zone', 'body.zoneId']], ground: ({ body }) => (body as ReportBody).point ?? null } }, schema: { body: ReportBody, response: { 200: Incident, 201: Incident } } }, async (request, reply) => {
    const { body } = request;
    const again = await store.incidentOfInput(inputIdOf(body.commandId, incidentIdOf(`report ${body.commandId}`)));
    if (again !== null) return reply.code(200).send(again);
    // The desk is as fast: an alarm has one incident, and what was said of it is kept there.
    const there = body.alarmId === undefined ? undefined : (await store.incidentsOfAlarms([body.alarmId])).get(body.alarmId);
    if (there !== undefined && there.step !== 'closed') {
      if ((body.words ?? '').trim() === '') return reply.code(200).send(there);
      return reply.code(200).send(await command(request, there.incidentId, { commandId: body.commandId, command: { type: 'note', words: body.words!, attachments: [] } }, async () => {}));
    }
    const { incidentId, input } = await prepareReport(store, request.principal!.actor, body);
    return reply.code(201).send(await take([input], new Map(), incidentId));
  });
  app.post('/api/incidents/:incidentId/commands', { config: { access: COMMAND }, schema: { params: incidentParams, body: IncidentCommandBody, response: { 200: Incident } } }, async (request) => command(request, request.params.incidentId, request.body));

  app.post('/api/units/:unitId/handover', { config: { access: { right: 'incident', at: [['unit', 'params.unitId']] } }, schema: { params: unitParams, body: HandOverBody, response: { 200: HandOver } } }, async (request) => {
    const { unitId } = request.params, { commandId, toName, summary } = request.body;
    if (await store.unit(unitId) === null) throw new Problem('notFound', {}, `unit ${unitId}`);
    const handOverId = incidentIdOf(`handover ${unitId} ${commandId}`);
    const again = await store.handOver(handOverId);
    if (again !== null) return again;
    const { actor } = request.principal!, unitIds = await subtreeOf(unitId);
    const incidentIds: string[] = [];
    for (let after: string | null = null; incidentIds.length < HANDED_OVER_MOST;) {
      const page: IncidentPage = await store.incidentPage({ state: 'open', order: 'newest', unitIds, most: HANDED_OVER_AT_ONCE, ...(after === null ? {} : { after }) });
      const incidents = await store.incidents(page.incidents.map((line) => line.incidentId));
      const handOver = { type: 'handOver', toName, summary } as const;
      const inputs = await Promise.all(incidents.map(async (incident): Promise<NewIncidentInput> => ({ inputId: inputIdOf(commandId, incident.incidentId), incidentId: incident.incidentId, actor, command: handOver, context: await contextOf(store, incident, handOver) })));
      incidentIds.push(...await takeWhatHolds(inputs));
      if (page.nextAfter === null) break;
      after = page.nextAfter;
    }
    const handOver: HandOver = { handOverId, unitId, atMs: (await store.deskClock()).atMs, by: actor, toName, summary, incidentIds };
    await store.keepHandOver(handOver);
    return handOver;
  });
  app.get('/api/units/:unitId/handovers', { config: { access: { right: 'see', at: [['unit', 'params.unitId']] } }, schema: { params: unitParams, response: { 200: strictObject({ handOvers: Type.Array(HandOver) }) } } }, async (request) => ({ handOvers: await store.handOvers(request.params.unitId, HAND_OVERS_SHOWN) }));

  const pictures = openPictureCleaner();
  app.addHook('onClose', () => { pictures.close(); });
  // Files in a scope of their own: only here is a body anything but JSON, and larger than a form.
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: ATTACHMENT_MOST_BYTES }, (_request, body, done) => done(null, body));
    scope.post('/api/attachments', { config: { access: { right: 'report', at: 'anywhere', because: 'a file that no incident names yet lies nowhere, and nobody can read it' } }, bodyLimit: ATTACHMENT_MOST_BYTES, schema: { response: { 201: Attachment } } }, async (request, reply) => {
      const bytes = request.body;
      if (!(bytes instanceof Buffer) || bytes.length === 0) throw new Problem('attachmentRefused', { reason: 'it is empty' });
      const type = fileTypeOf(bytes);
      if (type === null) throw new Problem('attachmentRefused', { reason: 'it is of none of these kinds' });
      const kept = isPicture(type) ? await pictures.clean(bytes, type) : bytes;
      if (kept.length > ATTACHMENT_MOST_BYTES) throw new Problem('attachmentRefused', { reason: 'it is too large once it is written anew' });
      const attachment: Attachment = { sha256: createHash('sha256').update(kept).digest('hex'), name: nameOf(request.headers['x-file-name']), type, sizeBytes: kept.length };
      await store.keepAttachment(attachment, kept);
      return reply.code(201).send(attachment);
    });
  });
  app.get('/api/attachments/:sha256', { config: { access: { right: 'see', at: [['incident', 'query.incidentId']] } }, schema: { params: strictObject({ sha256: Attachment.properties.sha256 }), querystring: strictObject({ incidentId: id('incident') }) } }, async (request, reply) => {
    const found = await store.attachment(request.params.sha256, request.query.incidentId);
    if (found === null) throw new Problem('notFound');
    const { name, type } = found.attachment;
    // Pictures and sound are shown in the page; whatever might hold a script is only ever saved.
    const how = type.startsWith('image/') || type.startsWith('audio/') ? 'inline' : 'attachment';
    return reply.type(type === 'text/plain' ? 'text/plain; charset=utf-8' : type)
      .headers({ 'content-disposition': `${how}; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)}`, 'x-content-type-options': 'nosniff', 'content-security-policy': "default-src 'none'; sandbox", 'cache-control': 'private, max-age=3600' })
      .send(Buffer.from(found.bytes));
  });

  async function incidentOf(incidentId: string): Promise<Incident> {
    const incident = await store.incident(incidentId);
    if (incident === null) throw new Problem('incidentUnknown');
    return incident;
  }
  async function subtreeOf(unitId: string): Promise<string[]> {
    const unitIds = await store.unitSubtree(unitId);
    return unitIds.length === 0 ? [unitId] : unitIds;
  }
  /** Decided anew when somebody was faster; answers with the incident as it is then. */
  async function command(request: FastifyRequest, incidentId: string, body: IncidentCommandBody, mustBeAllowed: typeof mustBeTheirs = mustBeTheirs): Promise<Incident> {
    const { actor } = request.principal!;
    for (let attempt = 1; ; attempt++) {
      const incident = await incidentOf(incidentId);
      // The same step again, perhaps after the one who asked first heard no answer: what it was made of may have changed meanwhile.
      if (await store.incidentOfInput(inputIdOf(body.commandId, incidentId)) !== null) return incident;
      await mustBeAllowed(request, incident, body);
      const { inputs, seenVersions } = await prepareCommand(store, actor, incident, body);
      try { return await take(inputs, seenVersions, incidentId); } catch (error) {
        if (!(error instanceof Problem) || error.note.code !== 'changedMeanwhile' || attempt >= TRIES) throw error;
      }
    }
  }
  /** Whoever may only report acts on what they were asked for themselves; a transfer goes to a unit in sight, or to one above. */
  async function mustBeTheirs(request: FastifyRequest, incident: Incident, { command: asked }: IncidentCommandBody): Promise<void> {
    const { access, principal } = request, place = { unitId: incident.place.unitId ?? incident.unitId, alsoUnitId: incident.unitId, siteId: incident.place.siteId };
    if (!await access.may('incident', place)) {
      if (assignmentOf(incident, principal!.actor) === null && !(asked.type === 'note' && sameActor(incident.reportedBy, principal!.actor))) throw new Problem('incidentNotAssigned', { name: principal!.actor.name });
      // What goes out to gates and loudspeakers, and what others are to do, is for whoever handles it.
      if (asked.type === 'tickAction' && (asked.state === 'sent' || incident.playbook.find(({ actionId }) => actionId === asked.actionId)?.owner !== 'fieldWorker')) throw notAllowed(request);
    }
    if (asked.type !== 'transfer' || access.mayWhole('see')) return;
    const inSight = await access.mayAtUnit('see', asked.toUnitId), chains = await Promise.all([place.unitId, place.alsoUnitId].map((unitId) => (unitId === null ? [] : store.unitChain(unitId))));
    if (!inSight && !chains.flat().some(({ unitId }) => unitId === asked.toUnitId)) throw new Problem('notFound', {}, `unit ${asked.toUnitId}`);
  }
  async function take(inputs: NewIncidentInput[], seenVersions: Map<string, number>, incidentId: string): Promise<Incident> {
    const taken = await store.takeIncidentInputs(inputs, decideIncident, { seenVersions });
    if ('problem' in taken) throw new Problem(taken.problem.code, taken.problem.values, taken.problem.detail);
    return taken.incidents.find((incident) => incident.incidentId === incidentId) ?? incidentOf(incidentId);
  }
  /** Those that were closed while they were read are left out; the others are taken. */
  async function takeWhatHolds(inputs: NewIncidentInput[]): Promise<string[]> {
    if (inputs.length === 0) return [];
    const taken = await store.takeIncidentInputs(inputs, decideIncident);
    if (!('problem' in taken)) return inputs.map((input) => input.incidentId);
    if (inputs.length === 1) return [];
    const half = inputs.length >> 1;
    return [...await takeWhatHolds(inputs.slice(0, half)), ...await takeWhatHolds(inputs.slice(half))];
  }
  /** Without a unit: of all, or of the units `ofUnitIds` that whoever asks has the right at, each a row of its own. */
  async function statisticsOf({ unitId, by, exercise, sinceMs, untilMs, ofUnitIds }: { unitId: string | null; by: 'unit' | 'category' | 'step'; exercise: boolean; sinceMs: number; untilMs: number; ofUnitIds: string[] | null }): Promise<Statistics> {
    const part = unitId === null ? ofUnitIds : null, units = unitId === null && part === null && by !== 'unit' ? [] : await store.units();
    if (unitId !== null && !units.some((unit) => unit.unitId === unitId)) throw new Problem('notFound', {}, `unit ${unitId}`);
    const { unitIds, below } = unitsBelow(units, unitId);
    const keyOfUnit = part !== null ? rowsOfUnits(units, part) : unitId === null && by !== 'unit' ? null : new Map(unitIds.map((one) => [one, below.get(one) ?? one]));
    const statistics = await store.incidentStatistics({ keyOfUnit, outsideToo: unitId === null && part === null, sinceMs, untilMs, by, exercise });
    if (by === 'step') return statistics;
    const names = new Map(by === 'unit' ? units.map((unit) => [unit.unitId, unit.names]) : unitId === null ? [] : (await store.policy(unitId)).inForce.ownCategories.map((own) => [own.category, own.names]));
    return { ...statistics, rows: statistics.rows.map((row) => ({ ...row, names: names.get(row.key) ?? null })) };
  }
}

const isPicture = (type: Attachment['type']): type is PictureType => (PICTURE_TYPES as readonly string[]).includes(type);

/** As the browser says it, percent-encoded, without folders and control characters. */
function nameOf(header: string | string[] | undefined): string {
  let name = typeof header === 'string' ? header : '';
  try { name = decodeURIComponent(name); } catch { /* as it is */ }
  // eslint-disable-next-line no-control-regex
  return name.toWellFormed().replace(/[\u0000-\u001f\u007f]/g, '').split(/[\\/]/).at(-1)!.trim().slice(0, 120).toWellFormed() || 'file';
}
