// What lasts of the people on duty, of policies and of playbooks, and what an input of an incident takes from them. Part of Store.
import type { MemberBody, PlaybookBody, ShiftBody } from '../contract/apiIncidents.ts';
import type { IncidentContext, Severity } from '../contract/incident.ts';
import type { Playbook, UnitPolicy } from '../contract/playbook.ts';
import type { Member, Shift } from '../contract/unit.ts';

export interface PeopleStore {
  people(unitId: string): Promise<{ members: Member[]; shifts: Shift[] }>;
  member(memberId: string): Promise<Member | null>;
  members(memberIds: string[]): Promise<Member[]>;
  addMember(unitId: string, body: MemberBody & { memberId?: string }): Promise<Member>;
  changeMember(memberId: string, body: MemberBody): Promise<Member>;
  removeMember(memberId: string): Promise<void>;
  addShift(unitId: string, body: ShiftBody): Promise<Shift>;
  changeShift(shiftId: string, body: ShiftBody): Promise<Shift>;
  removeShift(shiftId: string): Promise<void>;
  /** Whose shift it is at this instant (time zone of the installation), first asked first. A unit without any shift has all its enabled members on duty. */
  onDuty(unitIds: string[], atMs: number): Promise<Map<string, Member[]>>;
  policy(unitId: string): Promise<{ own: UnitPolicy; inForce: Required<UnitPolicy> }>;
  keepPolicy(unitId: string, policy: UnitPolicy): Promise<void>;
  playbooks(siteId: string): Promise<Playbook[]>;
  addPlaybook(siteId: string, body: PlaybookBody & { playbookId?: string }): Promise<Playbook>;
  changePlaybook(playbookId: string, body: PlaybookBody): Promise<Playbook>;
  removePlaybook(playbookId: string): Promise<void>;
  /** What goes into the input of an incident: the ladder from `unitId` up, deadlines, playbook. `unitId` null: nobody is set up; the ladder is empty and POLICY_DEFAULT holds. */
  incidentContext(of: { unitId: string | null; placeUnitId: string | null; siteId: string | null; zoneId: string | null; category: string; severity: Severity; atMs: number }): Promise<IncidentContext>;
}
