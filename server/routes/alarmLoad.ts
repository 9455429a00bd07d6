// Alarm discipline: planned silences, the load of alarms, and what another limit would have done.
import Type from 'typebox';
import { EXERCISE_RULE, SILENCE_MOST_MS, Silence } from '../../contract/alarm.ts';
import { AlarmLoad, LOAD_SPAN_MOST_MS, SilenceBody, SilenceList, WHAT_IF_DAYS_MOST, WhatIfAnswer, WhatIfBody } from '../../contract/apiAlarms.ts';
import { Problem } from '../../contract/problem.ts';
import { id, instantMs, literals, strictObject } from '../../contract/schema.ts';
import { loadFigures } from '../../crowd/alarmLoad.ts';
import { ruleSettingsProblem } from '../../crowd/rules/ruleKind.ts';
import { whatIf } from '../../crowd/whatIf.ts';
import { zoneProblem } from '../../crowd/zoneShape.ts';
import type { App, ServerParts } from '../parts.ts';
import { tellSiteChanged } from '../tellSiteChanged.ts';

const DAY_MS = 86_400_000;

export function alarmLoadRoutes(app: App, parts: ServerParts): void {
  const { store, ruleKinds } = parts;

  app.get('/api/silences', { config: { access: { right: 'see', at: 'anywhere', because: 'silences of sites in scope' } }, schema: { response: { 200: SilenceList } } }, async () => ({ silences: await store.silences(null, Date.now()) }));
  app.post('/api/silences', { config: { access: { right: 'alarm', at: [['site', 'body.siteId']] } }, schema: { body: SilenceBody, response: { 201: Silence } } }, async (request, reply) => {
    const { siteId, zoneIds, rules, fromMs, untilMs } = request.body, nowMs = Date.now();
    if (!(untilMs - fromMs >= 60_000 && untilMs - fromMs <= SILENCE_MOST_MS && untilMs > nowMs)) throw new Problem('silenceRefused', { days: SILENCE_MOST_MS / DAY_MS });
    const config = await store.site(siteId);
    if (config === null) throw new Problem('notFound');
    const strange = zoneIds.find((zoneId) => !config.zones.some((zone) => zone.zoneId === zoneId)) ?? rules.find((rule) => rule === EXERCISE_RULE || !ruleKinds.some(({ name }) => name === rule));
    if (strange !== undefined) throw new Problem('inputWrong', { reason: `there is no ${strange} here` });
    const silence = await store.addSilence({ ...request.body, by: request.principal!.actor.name }, nowMs);
    // The decider looks at its site anew, and at its silences with it.
    tellSiteChanged(parts, siteId, config.version);
    return reply.code(201).send(silence);
  });
  app.delete('/api/silences/:silenceId', { config: { access: { right: 'alarm', at: [['silence', 'params.silenceId']] } }, schema: { params: strictObject({ silenceId: id('silence') }) } }, async (request, reply) => {
    const { siteId } = await store.removeSilence(request.params.silenceId);
    tellSiteChanged(parts, siteId, (await store.site(siteId))?.version ?? 0);
    return reply.code(204).send();
  });

  const query = strictObject({
    sinceMs: Type.Optional(instantMs('since')), untilMs: Type.Optional(instantMs('until')), operators: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })), siteId: Type.Optional(id('site')), demo: Type.Optional(literals(['true', 'false'])),
  });
  app.get('/api/alarms/load', { config: { access: { right: 'analyse', at: [['site', 'query.siteId']] } }, schema: { querystring: query, response: { 200: AlarmLoad } } }, async (request) => {
    const nowMs = Date.now(), { untilMs = nowMs, sinceMs = untilMs - DAY_MS, operators = 1, siteId = null, demo } = request.query;
    if (!(sinceMs < untilMs) || untilMs - sinceMs > LOAD_SPAN_MOST_MS) throw new Problem('inputWrong', { reason: `sinceMs lies before untilMs, by at most ${LOAD_SPAN_MOST_MS / DAY_MS} days` });
    // Nothing is known of what is yet to come.
    const span = { sinceMs, untilMs: Math.max(sinceMs + 1, Math.min(untilMs, nowMs)) };
    const counts = await store.alarmCounts({ ...span, siteId, demo: demo === 'true', nowMs });
    return { ...span, operators, ...counts, ...loadFigures({ ...span, operators, windows: counts.windows }) };
  });

  app.post('/api/alarms/whatIf', { config: { access: { right: 'analyse', at: [['zone', 'body.zoneId']] } }, schema: { body: WhatIfBody, response: { 200: WhatIfAnswer } } }, async (request) => {
    const { zoneId, limits, settings, sinceMs, untilMs } = request.body, nowMs = Date.now();
    if (!(sinceMs < untilMs)) throw new Problem('inputWrong', { reason: 'sinceMs lies before untilMs' });
    if (sinceMs < nowMs - (WHAT_IF_DAYS_MOST + 1) * DAY_MS) throw new Problem('floorOfPast', { days: WHAT_IF_DAYS_MOST });
    const config = (await store.sites()).find(({ zones }) => zones.some((zone) => zone.zoneId === zoneId)), zone = config?.zones.find((one) => one.zoneId === zoneId);
    if (config === undefined || zone === undefined) throw new Problem('notFound');
    const wrong = zoneProblem({ polygon: zone.polygon, limits: limits ?? zone.limits }, config.site.grid) ?? ruleSettingsProblem({ densityHigh: settings ?? {} }, ruleKinds);
    if (wrong !== null) throw new Problem(wrong.code, wrong.values, wrong.detail);
    const span = { sinceMs: Math.floor(sinceMs / 60_000) * 60_000, untilMs: Math.min(untilMs, nowMs) };
    const minutes = (await store.zonePast(zoneId, span.sinceMs)).filter(({ minuteAtMs }) => minuteAtMs < span.untilMs);
    return whatIf(zone, { ...(limits === undefined ? {} : { limits }), ...(settings === undefined ? {} : { settings }) }, minutes, span);
  });
}
