// Lines over HTTP and in the store: drawn, changed, removed, refused where nobody could be counted across them.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FlowLine } from '../../contract/flow.ts';
import { checker } from '../../contract/schema.ts';
import { topics } from '../../store/bus/bus.ts';
import { serverForTest, siteBody, until, type ServerForTest } from './serverForTest.ts';

let server: ServerForTest, siteId: string;
beforeAll(async () => {
  server = await serverForTest({});
  siteId = (await server.send('POST', '/api/sites', siteBody())).body.site.siteId;
});
afterAll(async () => { await server.close(); });

const lineBody = (over: object = {}) => ({ name: 'East exit', a: { xM: 10, yM: 10 }, b: { xM: 10, yM: 14 }, surface: 'level', ...over });

test('LN1 a line is drawn, changed and removed; the site grows by a version each time and everybody is told', async () => {
  const told: number[] = [];
  const stop = await server.bus.subscribe(topics.siteChanged, (bytes) => { told.push((JSON.parse(Buffer.from(bytes).toString()) as { version: number }).version); });
  const made = await server.send('POST', `/api/sites/${siteId}/lines`, lineBody({ rules: { flowLimit: { warningShare: 0.9 } } }));
  expect(made.status).toBe(201);
  expect(checker(FlowLine)(made.body).ok).toBe(true);
  const { lineId } = made.body as FlowLine;
  expect((await server.store.site(siteId))!.lines).toEqual([made.body]);
  // Rules that are left out stay.
  const changed = await server.send('PUT', `/api/lines/${lineId}`, lineBody({ name: 'Stairs', surface: 'stairs' }));
  expect(changed.body).toEqual({ ...made.body, name: 'Stairs', surface: 'stairs' });
  expect((await server.send('DELETE', `/api/lines/${lineId}`)).status).toBe(204);
  expect((await server.store.site(siteId))!.lines).toBeUndefined();
  await until('three words on the bus', () => told.length >= 3);
  expect(told).toEqual([2, 3, 4]);
  // What the site looked like stays readable.
  expect((await server.store.siteAtVersion(siteId, 3))!.lines).toMatchObject([{ name: 'Stairs' }]);
  for (const [method, body] of [['PUT', lineBody()], ['DELETE', undefined]] as const) expect((await server.send(method, `/api/lines/${lineId}`, body)).body.code).toBe('notFound');
  expect((await server.send('POST', '/api/sites/nowhere/lines', lineBody())).body.code).toBe('notFound');
  await stop();
});

test.each([
  ['is a point', lineBody({ b: { xM: 10, yM: 10.2 } }), 422, 'lineTooShort'],
  ['ends outside of the site', lineBody({ b: { xM: -3, yM: 10 } }), 422, 'lineOutside'],
  ['has a surface nobody knows', lineBody({ surface: 'ice' }), 400, 'inputWrong'],
  ['has no name', lineBody({ name: '' }), 400, 'inputWrong'],
  ['names a rule nobody knows', lineBody({ rules: { flowLimti: {} } }), 400, 'inputWrong'],
  ['has a setting that does not fit', lineBody({ rules: { flowLimit: { warningShare: 9 } } }), 400, 'inputWrong'],
])('LN2 a line that %s is refused', async (_what, body, status, code) => {
  const answer = await server.send('POST', `/api/sites/${siteId}/lines`, body);
  expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
});

test('LN3 a grid that would leave a line outside is refused, naming the line', async () => {
  const other = (await server.send('POST', '/api/sites', siteBody())).body.site.siteId as string;
  await server.send('POST', `/api/sites/${other}/lines`, lineBody({ name: 'Far gate', a: { xM: 30, yM: 30 }, b: { xM: 34, yM: 30 } }));
  const answer = await server.send('PUT', `/api/sites/${other}`, siteBody({ grid: { cellM: 1, columns: 20, rows: 20 } }));
  expect([answer.status, answer.body.code, answer.body.detail]).toEqual([422, 'lineOutside', 'Far gate']);
});
