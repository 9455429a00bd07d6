// Lines drawn across a way, where people are counted as they cross. Checked against the grid here, so that no decider is ever given a line it cannot judge.
import { LineBody } from '../../contract/api.ts';
import { FlowLine } from '../../contract/flow.ts';
import { Problem, type ProblemNote } from '../../contract/problem.ts';
import { id, strictObject } from '../../contract/schema.ts';
import type { SiteConfig } from '../../contract/site.ts';
import { lineProblem } from '../../crowd/lineShape.ts';
import { ruleSettingsProblem } from '../../crowd/rules/ruleKind.ts';
import type { Store } from '../../store/store.ts';
import type { AccessRule } from '../access/rule.ts';
import type { App, ServerParts } from '../parts.ts';
import { tellSiteChanged } from '../tellSiteChanged.ts';

const siteParams = strictObject({ siteId: id('site') });
const lineParams = strictObject({ lineId: id('line') });
const SETUP: AccessRule = { right: 'setup', at: [['line', 'params.lineId']] };

export function lineRoutes(app: App, parts: ServerParts): void {
  const { store, ruleKinds } = parts;

  app.post('/api/sites/:siteId/lines', { config: { access: { right: 'setup', at: [['site', 'params.siteId']] } }, schema: { params: siteParams, body: LineBody, response: { 201: FlowLine } } }, async (request, reply) => {
    const found = await store.site(request.params.siteId);
    if (found === null) throw new Problem('notFound');
    mustFit(lineProblem(request.body, found.site.grid));
    mustFit(ruleSettingsProblem(request.body.rules ?? {}, ruleKinds));
    const { line, config } = await store.addLine(found.site.siteId, request.body);
    tellSiteChanged(parts, found.site.siteId, config.version);
    return reply.code(201).send(line);
  });
  app.put('/api/lines/:lineId', { config: { access: SETUP }, schema: { params: lineParams, body: LineBody, response: { 200: FlowLine } } }, async (request) => {
    const { site } = await siteWithLine(store, request.params.lineId);
    mustFit(lineProblem(request.body, site.grid));
    mustFit(ruleSettingsProblem(request.body.rules ?? {}, ruleKinds));
    const { line, config } = await store.changeLine(request.params.lineId, request.body);
    tellSiteChanged(parts, site.siteId, config.version);
    return line;
  });
  app.delete('/api/lines/:lineId', { config: { access: SETUP }, schema: { params: lineParams } }, async (request, reply) => {
    await siteWithLine(store, request.params.lineId);
    const config = await store.removeLine(request.params.lineId);
    tellSiteChanged(parts, config.site.siteId, config.version);
    return reply.code(204).send();
  });
}

async function siteWithLine(store: Store, lineId: string): Promise<SiteConfig> {
  const config = (await store.sites()).find(({ lines }) => lines?.some((line) => line.lineId === lineId));
  if (config === undefined) throw new Problem('notFound');
  return config;
}
function mustFit(note: ProblemNote | null): void {
  if (note !== null) throw new Problem(note.code, note.values, note.detail);
}
