// Alarms: the list, and the steps that a person can take on one. The decider takes the step; this only carries it there and the answer back.
import Type from 'typebox';
import { Alarm } from '../../contract/alarm.ts';
import { AcknowledgeBody, AlarmPage } from '../../contract/api.ts';
import { AlarmCommandBody, ExerciseBody, ShelveBody } from '../../contract/apiAlarms.ts';
import type { Command } from '../../contract/decide.ts';
import { Problem } from '../../contract/problem.ts';
import { id, instantMs, strictObject } from '../../contract/schema.ts';
import type { AccessRule } from '../access/rule.ts';
import type { App, ServerParts } from '../parts.ts';

const PAGE_MOST = 500;
const STEP: AccessRule = { right: 'alarm', at: [['alarm', 'params.alarmId']] };

export function alarmRoutes(app: App, { store, commands }: ServerParts): void {
  const query = strictObject({ beforeMs: Type.Optional(instantMs('before')), most: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_MOST })) });
  app.get('/api/alarms', { config: { access: { right: 'see', at: 'anywhere', because: 'alarms of places in scope' } }, schema: { querystring: query, response: { 200: AlarmPage } } }, async (request) => {
    const { beforeMs = 9e15, most = 100 } = request.query;
    const alarms = await store.alarmPage({ beforeMs, most: most + 1 });
    return { alarms: alarms.slice(0, most), more: alarms.length > most };
  });

  const params = strictObject({ alarmId: Type.String({ maxLength: 300 }) });
  app.post('/api/alarms/:alarmId/acknowledge', { config: { access: STEP }, schema: { params, body: AcknowledgeBody, response: { 200: Alarm } } }, async ({ params: { alarmId }, body: { commandId }, principal }) =>
    given(await alarmOf(alarmId), { type: 'acknowledge', commandId, alarmId, by: principal!.actor.name, atMs: Date.now() }));
  app.post('/api/alarms/:alarmId/shelve', { config: { access: STEP }, schema: { params, body: ShelveBody, response: { 200: Alarm } } }, async ({ params: { alarmId }, body: { commandId, words, forS }, principal }) =>
    given(await alarmOf(alarmId), { type: 'shelve', commandId, alarmId, by: principal!.actor.name, words, forMs: 1000 * forS, atMs: Date.now() }));
  app.post('/api/alarms/:alarmId/unshelve', { config: { access: STEP }, schema: { params, body: AlarmCommandBody, response: { 200: Alarm } } }, async ({ params: { alarmId }, body: { commandId }, principal }) =>
    given(await alarmOf(alarmId), { type: 'unshelve', commandId, alarmId, by: principal!.actor.name, atMs: Date.now() }));
  app.post('/api/alarms/:alarmId/endExercise', { config: { access: STEP }, schema: { params, body: AlarmCommandBody, response: { 200: Alarm } } }, async ({ params: { alarmId }, body: { commandId }, principal }) =>
    given(await alarmOf(alarmId), { type: 'endExercise', commandId, alarmId, by: principal!.actor.name, atMs: Date.now() }));
  app.post('/api/sites/:siteId/exercise', { config: { access: { right: 'alarm', at: [['site', 'params.siteId'], ['zone', 'body.zoneId']] } }, schema: { params: strictObject({ siteId: id('site') }), body: ExerciseBody, response: { 200: Alarm } } }, async ({ params: { siteId }, body: { commandId, zoneId, level, forS, words }, principal }) => {
    const config = await store.site(siteId);
    if (config === null || !config.zones.some((zone) => zone.zoneId === zoneId)) throw new Problem('notFound');
    return given({ siteId }, { type: 'raiseExercise', commandId, zoneId, level, forMs: 1000 * forS, by: principal!.actor.name, words, atMs: Date.now() });
  });

  async function alarmOf(alarmId: string): Promise<Alarm> {
    const alarm = await store.alarm(alarmId);
    if (alarm === null) throw new Problem('alarmUnknown');
    return alarm;
  }
  /** The alarm as it is after the step. */
  async function given({ siteId }: { siteId: string }, command: Command): Promise<Alarm> {
    const answer = await commands.give(siteId, command);
    if (!answer.done) throw new Problem(answer.problem.code, answer.problem.values, answer.problem.detail);
    return alarmOf(answer.alarmId);
  }
}
