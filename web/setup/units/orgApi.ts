// What the pages of units, people, policies and playbooks ask of the server.
import type { Channels, MemberBody, PlaybookBody, PolicyAnswer, ShiftBody, TestAnswer, UnitBody, UnitImportAnswer, UnitPeople, UnitsAt, UnitSaved, UnitShapeAnswer } from '../../../contract/apiIncidents.ts';
import type { Actor } from '../../../contract/incident.ts';
import type { Playbook, UnitPolicy } from '../../../contract/playbook.ts';
import { PROBLEMS, type ProblemNote } from '../../../contract/problem.ts';
import type { Member, Shift, Unit, UnitChange } from '../../../contract/unit.ts';
import { ask, type Answer } from '../api.ts';
import { askServer } from '../../parts/askServer.ts';

const path = (...parts: string[]) => `/api/${parts.map(encodeURIComponent).join('/')}`;
/** A city of 16,000 grids is checked in some 20 s. */
const IMPORT_MOST_MS = 180_000;
/** A test goes out and comes back by every contact, one after the other. */
const TEST_MOST_MS = 90_000;
export const IMPORT_MOST_BYTES = 64 * 1024 * 1024;

export type Outlines = { type: 'FeatureCollection'; features: { type: 'Feature'; properties: Record<string, unknown>; geometry: { type: 'MultiPolygon'; coordinates: number[][][][] } | { type: 'Polygon'; coordinates: number[][][] } }[] };
export type Box = { west: number; south: number; east: number; north: number };

export const orgApi = {
  shape: (unitId: string) => ask<UnitShapeAnswer>('GET', path('units', unitId, 'shape')),
  outlines: (level: string, box: Box) => ask<Outlines>('GET', `${path('units', 'shapes')}?level=${level}&west=${box.west}&south=${box.south}&east=${box.east}&north=${box.north}`),
  /** Where a site stands. */
  unitsOfSite: (siteId: string) => ask<UnitsAt>('GET', `${path('units', 'of')}?siteId=${encodeURIComponent(siteId)}`),
  addUnit: (body: UnitBody) => ask<Unit | UnitSaved>('POST', path('units'), body),
  changeUnit: (unitId: string, body: UnitBody) => ask<UnitSaved>('PUT', path('units', unitId), body),
  removeUnit: (unitId: string, by: Actor) => ask<null>('DELETE', `${path('units', unitId)}?by=${encodeURIComponent(by.name)}`),
  importUnits,
  changes: (most: number) => ask<{ changes: UnitChange[] }>('GET', `${path('units', 'changes')}?most=${most}`),
  people: (unitId: string) => ask<UnitPeople>('GET', path('units', unitId, 'people')),
  addMember: (unitId: string, body: MemberBody) => ask<Member>('POST', path('units', unitId, 'members'), body),
  changeMember: (memberId: string, body: MemberBody) => ask<Member>('PUT', path('members', memberId), body),
  removeMember: (memberId: string) => ask<null>('DELETE', path('members', memberId)),
  testMember: (memberId: string) => ask<TestAnswer[]>('POST', path('members', memberId, 'test'), undefined, TEST_MOST_MS),
  testContact: (channelId: string, address: string, language: 'en' | 'zh') => ask<TestAnswer>('POST', path('channels', channelId, 'test'), { address, language }, TEST_MOST_MS),
  addShift: (unitId: string, body: ShiftBody) => ask<Shift>('POST', path('units', unitId, 'shifts'), body),
  changeShift: (shiftId: string, body: ShiftBody) => ask<Shift>('PUT', path('shifts', shiftId), body),
  removeShift: (shiftId: string) => ask<null>('DELETE', path('shifts', shiftId)),
  channels: () => ask<Channels>('GET', path('channels')),
  policy: (unitId: string) => ask<PolicyAnswer>('GET', path('units', unitId, 'policy')),
  keepPolicy: (unitId: string, body: UnitPolicy) => ask<PolicyAnswer>('PUT', path('units', unitId, 'policy'), body),
  categories: (unitId: string | null) => ask<{ categories: { category: string; names: { en: string; zh: string } }[] }>('GET', unitId === null ? path('categories') : `${path('categories')}?unitId=${encodeURIComponent(unitId)}`),
  playbooks: (siteId: string) => ask<{ playbooks: Playbook[] }>('GET', path('sites', siteId, 'playbooks')),
  addPlaybook: (siteId: string, body: PlaybookBody) => ask<Playbook>('POST', path('sites', siteId, 'playbooks'), body),
  changePlaybook: (playbookId: string, body: PlaybookBody) => ask<Playbook>('PUT', path('playbooks', playbookId), body),
  removePlaybook: (playbookId: string) => ask<null>('DELETE', path('playbooks', playbookId)),
};

export type ImportWish = { mode: 'check' | 'take'; allowWarnings: boolean; crs: 'wgs84' | 'gcj02'; by: Actor };
/** The file goes as it is: nothing of it is read here. */
async function importUnits(file: Blob, { mode, allowWarnings, crs, by }: ImportWish): Promise<Answer<UnitImportAnswer>> {
  const address = `${path('units', 'import')}?mode=${mode}&allowWarnings=${allowWarnings}&crs=${crs}&by=${encodeURIComponent(by.name)}`;
  try {
    const response = await askServer(address, { method: 'POST', headers: { 'content-type': 'application/geo+json' }, body: file, signal: AbortSignal.timeout(IMPORT_MOST_MS), credentials: 'same-origin' });
    const said: unknown = await response.json().catch(() => null);
    if (response.ok && said !== null) return { ok: true, value: said as UnitImportAnswer };
    const isNote = typeof said === 'object' && said !== null && 'code' in said && Object.hasOwn(PROBLEMS, String(said.code));
    return { ok: false, trouble: isNote ? { from: 'server', note: said as ProblemNote } : { from: 'line', detail: `POST ${address}: ${response.status}` } };
  } catch (error) { return { ok: false, trouble: { from: 'line', detail: `POST ${address}: ${String(error)}` } }; }
}
