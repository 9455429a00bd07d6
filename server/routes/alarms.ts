// Alarms: the list, and the one step that a person can take on it. The decider takes the step; this only carries it there and the answer back.
import Type from 'typebox';
import { Alarm } from '../../contract/alarm.ts';
import { AcknowledgeBody, AlarmPage } from '../../contract/api.ts';
import { Problem } from '../../contract/problem.ts';
import { instantMs, strictObject } from '../../contract/schema.ts';
import type { App, ServerParts } from '../parts.ts';

const PAGE_MOST = 500;

export function alarmRoutes(app: App, { store, commands }: ServerParts): void {
  const query = strictObject({ beforeMs: Type.Optional(instantMs('before')), most: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_MOST })) });
  app.get('/api/alarms', { schema: { querystring: query, response: { 200: AlarmPage } } }, async (request) => {
    const { beforeMs = 9e15, most = 100 } = request.query;
    const alarms = await store.alarmPage({ beforeMs, most: most + 1 });
    return { alarms: alarms.slice(0, most), more: alarms.length > most };
  });

  app.post('/api/alarms/:alarmId/acknowledge', { schema: { params: strictObject({ alarmId: Type.String({ maxLength: 300 }) }), body: AcknowledgeBody, response: { 200: Alarm } } }, async (request) => {
    const { alarmId } = request.params;
    const { commandId, by = 'operator' } = request.body;
    const before = await store.alarm(alarmId);
    if (before === null) throw new Problem('alarmUnknown');
    const answer = await commands.give(before.siteId, { type: 'acknowledge', commandId, alarmId, by, atMs: Date.now() });
    if (!answer.done) throw new Problem(answer.problem.code, answer.problem.values, answer.problem.detail);
    const after = await store.alarm(alarmId);
    if (after === null) throw new Problem('alarmUnknown');
    return after;
  });
}
