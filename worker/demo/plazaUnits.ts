// The demo's made-up units around its plaza: one of each level, four grids, somebody on duty in each, and a playbook. Nobody and nothing of it is real.
import type { LngLat } from '../../contract/geometry.ts';
import type { PlaybookBody } from '../../contract/apiIncidents.ts';
import type { Duty, UnitLevel, UnitNames, UnitShape } from '../../contract/unit.ts';

const MIDDLE: LngLat = { lng: 114.0579, lat: 22.5431 };
const DEG_LAT_M = 110_734, DEG_LNG_M = 102_870; // at 22.5 degrees north

/** A square outline from metres east and north of the plaza's south-west corner. */
function box(westM: number, southM: number, eastM: number, northM: number): UnitShape {
  const at = (xM: number, yM: number): LngLat => ({ lng: MIDDLE.lng + xM / DEG_LNG_M, lat: MIDDLE.lat + yM / DEG_LAT_M });
  return [{ outer: [at(westM, southM), at(eastM, southM), at(eastM, northM), at(westM, northM)], holes: [] }];
}

export type DemoUnit = { unitId: string; level: UnitLevel; code: string; names: UnitNames; parentId: string | null; shape: UnitShape; people: { memberId: string; name: string; duty: Duty }[] };

/** Parents before their children. */
export const PLAZA_UNITS: DemoUnit[] = [
  { unitId: 'demo-city', level: 'city', code: 'DEMO', names: { en: 'Demo city', zh: '演示市' }, parentId: null, shape: box(-6000, -6000, 6000, 6000), people: [{ memberId: 'demo-city-officer', name: 'City duty officer 市值班长', duty: 'dutyOfficer' }] },
  { unitId: 'demo-county', level: 'county', code: 'DEMO-01', names: { en: 'Demo county', zh: '演示区' }, parentId: 'demo-city', shape: box(-3000, -3000, 3000, 3000), people: [{ memberId: 'demo-county-officer', name: 'County duty officer 区值班长', duty: 'dutyOfficer' }] },
  { unitId: 'demo-township', level: 'township', code: 'DEMO-01-01', names: { en: 'Demo street office', zh: '演示街道' }, parentId: 'demo-county', shape: box(-1200, -1200, 1200, 1200), people: [{ memberId: 'demo-township-officer', name: 'Street duty officer 街道值班长', duty: 'dutyOfficer' }, { memberId: 'demo-operator', name: 'Operator 值班员', duty: 'operator' }] },
  { unitId: 'demo-community', level: 'community', code: 'DEMO-01-01-01', names: { en: 'Plaza community', zh: '广场社区' }, parentId: 'demo-township', shape: box(-400, -400, 400, 400), people: [{ memberId: 'demo-community-worker', name: 'Community worker 社区专员', duty: 'fieldWorker' }] },
  { unitId: 'demo-grid-plaza', level: 'grid', code: 'DEMO-01-01-01-A', names: { en: 'Plaza grid', zh: '广场网格' }, parentId: 'demo-community', shape: box(-20, -20, 60, 60), people: [{ memberId: 'demo-grid-worker-1', name: 'Grid worker 1 网格员甲', duty: 'fieldWorker' }, { memberId: 'demo-grid-worker-2', name: 'Grid worker 2 网格员乙', duty: 'fieldWorker' }] },
  { unitId: 'demo-grid-east', level: 'grid', code: 'DEMO-01-01-01-B', names: { en: 'East street grid', zh: '东街网格' }, parentId: 'demo-community', shape: box(60, -20, 200, 60), people: [{ memberId: 'demo-grid-worker-3', name: 'Grid worker 3 网格员丙', duty: 'fieldWorker' }] },
];

/** What is to be done when the place before the stage fills: Green Guide and event practice in short. */
export const PLAZA_PLAYBOOKS: (PlaybookBody & { playbookId: string })[] = [{
  playbookId: 'demo-stage-playbook', zoneId: 'demo-stage-front', category: 'crowding', severityLeast: 'serious',
  actions: [
    { actionId: 'stop-inflow', kind: 'closeGate', words: { en: 'Stop the inflow at the west gate', zh: '关闭西门,停止进入' }, owner: 'fieldWorker', withinS: 60, channelId: null, payload: null },
    { actionId: 'open-east', kind: 'openExit', words: { en: 'Open the fence at the east exit fully', zh: '完全打开东出口围栏' }, owner: 'fieldWorker', withinS: 120, channelId: null, payload: null },
    { actionId: 'announce', kind: 'announcement', words: { en: 'Ask people to move back from the stage, slowly', zh: '广播:请大家缓慢后退,离开舞台' }, owner: 'operator', withinS: 90, channelId: null, payload: null },
    { actionId: 'pause-show', kind: 'call', words: { en: 'Have the stage manager pause the show', zh: '通知舞台经理暂停演出' }, owner: 'operator', withinS: 180, channelId: null, payload: null },
  ],
}];
