// The figures of each fact of an incident (IncidentChanged.values): what a page needs to make a sentence of it. Members and units come with their names as they were.
import type { DeadlineKind, IncidentChanged, Severity } from '../../contract/incident.ts';
import type { UnitLevel } from '../../contract/unit.ts';

export type Fact = IncidentChanged['what'];
export type EscalatedBecause = 'noAnswer' | 'deadline' | 'byHand';

type Member = { memberId: string; memberName: string };
/** Null where no unit is drawn or its names were not at hand. */
type UnitValues = { unitId: string | null; unitNameEn: string | null; unitNameZh: string | null; unitLevel: UnitLevel | null };
type AlarmValues = { alarmId: string; rule: string; level: string; state: string };
type ActionValues = { actionId: string; kind: string; actionEn: string; actionZh: string };

export type FactValues = {
  reported: { category: string; severity: Severity; alarmId: string | null; splitFrom: string | null };
  alarmAttached: AlarmValues;
  /** fromLevel, fromState: as it was known before. */
  alarmChanged: AlarmValues & { fromLevel: string; fromState: string };
  severityRaised: { from: Severity; to: Severity; alarmId: string };
  /** asked: how many are asked with it (told in facts of their own). otherMeans: nobody could be asked through Crowdlight, somebody was told by radio or telephone. */
  dispatched: { byHand: boolean; asked: number; otherMeans: boolean };
  asked: Member & UnitValues & { byHand: boolean; answerS: number };
  noAnswer: Member;
  /** The unit that is asked from now on. kind: which deadline, where one was missed. */
  escalated: UnitValues & { because: EscalatedBecause; kind: DeadlineKind | null };
  /** askedCount: how many were asked in vain. */
  nobodyLeft: { askedCount: number };
  /** released: how many others need not come. */
  accepted: Member & { released: number };
  declined: Member; arrived: Member; helpNeeded: Member;
  handled: { released: number };
  followedUp: Record<string, never>; notStillWell: Record<string, never>;
  assessed: { outcome: string };
  reopened: { count: number };
  noted: Record<string, never>;
  /** Only what changed, each with what it was before. */
  factsSet: { categoryFrom?: string; categoryTo?: string; severityFrom?: Severity; severityTo?: Severity; titleFrom?: string; titleTo?: string; peopleAtRiskFrom?: number | null; peopleAtRiskTo?: number | null };
  urged: UnitValues & { count: number };
  /** The unit is the one that handles it now. */
  takenOver: UnitValues & { fromUnitId: string | null }; givenBack: UnitValues & { fromUnitId: string | null }; transferred: UnitValues & { fromUnitId: string | null };
  actionSent: ActionValues & { channelId: string | null }; actionDone: ActionValues & { byChannel: boolean }; actionFailed: ActionValues; actionSkipped: ActionValues; actionReopened: ActionValues; actionOverdue: ActionValues & { lateMs: number };
  /** lateMs: how late it was found, on the desk's clock. */
  deadlineMissed: { kind: DeadlineKind; lateMs: number; dueAtMs: number };
  merged: { into: string };
  absorbed: { from: string; alarms: number; people: number };
  splitOff: { made: string; alarms: number };
  linked: { to: string }; unlinked: { to: string };
  handedOver: { toName: string };
  /** handlerMoved: the unit that handles it moved with the place. */
  placeMoved: { fromUnitId: string | null; toUnitId: string | null; handlerMoved: boolean };
};
