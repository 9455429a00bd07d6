// A small city for the pages of incidents: two grids of a township, people on duty, a square with a list of actions, and the desk that lets time pass.
import type { ReportBody } from '../../contract/apiIncidents.ts';
import { SYSTEM_ACTOR, type Actor, type Incident, type IncidentCommand } from '../../contract/incident.ts';
import type { Member, Unit } from '../../contract/unit.ts';
import { runDesk, type Desk } from '../../worker/desk.ts';
import { quietLog, type ServerForTest } from '../server/serverForTest.ts';
import { placeForTest, type PlaceForTest } from './pageForTest.ts';

let number = 0;
const commandId = () => `t${++number}-${Math.random().toString(36).slice(2, 10)}`;

export async function cityForTest(server: ServerForTest) {
  const { store } = server;
  const box = (west: number, south: number, east: number, north: number) => [{ outer: [{ lng: west, lat: south }, { lng: east, lat: south }, { lng: east, lat: north }, { lng: west, lat: north }], holes: [] }];
  const add = async (level: Unit['level'], code: string, en: string, zh: string, parentId: string | null, shape: ReturnType<typeof box>) => (await store.addUnit({ level, code, names: { en, zh }, parentId, shape, by: SYSTEM_ACTOR })).unit;
  const town = await add('township', 'T1', 'Riverside', '河滨街道', null, box(121.46, 31.22, 121.48, 31.24));
  const east = await add('grid', 'G1', 'East grid', '东网格', town.unitId, box(121.469, 31.22, 121.48, 31.24));
  const west = await add('grid', 'G2', 'West grid', '西网格', town.unitId, box(121.46, 31.22, 121.469, 31.24));
  const member = async (unitId: string, name: string, duty: Member['duty'], language: 'en' | 'zh'): Promise<Member> => must(await server.send('POST', `/api/units/${unitId}/members`, { name, duty, language, contacts: [] }), 201);
  const li = await member(east.unitId, 'Li Wei', 'fieldWorker', 'zh'), wang = await member(east.unitId, 'Wang Fang', 'fieldWorker', 'zh'), chief = await member(town.unitId, 'Anna Berg', 'dutyOfficer', 'en');
  for (const [order, each] of [li, wang, chief].entries()) must(await server.send('POST', `/api/units/${each.unitId}/shifts`, { memberId: each.memberId, weekdays: [1, 2, 3, 4, 5, 6, 7], startMinute: 0, endMinute: 0, order }), 201);
  // Nobody's answer may run out while a slow browser is at work; a test that needs it sets its own.
  must(await server.send('PUT', `/api/units/${town.unitId}/policy`, { ownCategories: [{ category: 'fallingTree', names: { en: 'Falling tree', zh: '树木倒伏' } }], deadlines: {}, answerS: 600 }), 200);
  const place: PlaceForTest = await placeForTest(server);
  const action = (actionId: string, en: string, zh: string, owner: Member['duty']) => ({ actionId, kind: 'task', words: { en, zh }, owner, withinS: 240, channelId: null, payload: null });
  must(await server.send('POST', `/api/sites/${place.siteId}/playbooks`, { zoneId: place.zoneId, category: 'crowding', severityLeast: 'serious', actions: [action('open', 'Open the side exit', '打开侧门', 'fieldWorker'), action('call', 'Call the station master', '致电站长', 'operator'), action('hold', 'Hold the next train', '暂停下一班列车', 'dutyOfficer')] }), 201);
  const desk: Desk = await runDesk({ store, bus: server.bus, log: quietLog, holder: 'test' });

  const actorOf = ({ memberId, name, duty, unitId }: Member): Actor => ({ memberId, name, duty, unitId });
  const operator: Actor = { memberId: null, name: 'Chen Jie', duty: 'operator', unitId: null };
  return {
    town, east, west, li, wang, chief, place, desk, operator, actorOf,
    async report(over: Partial<ReportBody> = {}): Promise<Incident> {
      return must(await server.send('POST', '/api/incidents', { commandId: commandId(), by: operator, category: 'crowding', severity: 'serious', ...(over.point === undefined ? { zoneId: place.zoneId } : {}), ...over }), 201);
    },
    async give(incidentId: string, command: IncidentCommand, by: Actor = operator): Promise<Incident> { return must(await server.send('POST', `/api/incidents/${incidentId}/commands`, { commandId: commandId(), by, command }), 200); },
    incident: async (incidentId: string): Promise<Incident> => must(await server.send('GET', `/api/incidents/${incidentId}`), 200).incident,
    close: () => desk.close(),
  };
}
export type CityForTest = Awaited<ReturnType<typeof cityForTest>>;

function must(answer: { status: number; body: any }, status: number): any {
  if (answer.status !== status) throw new Error(`${answer.status}: ${JSON.stringify(answer.body).slice(0, 500)}`);
  return answer.body;
}
