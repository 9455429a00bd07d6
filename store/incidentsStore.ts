// What lasts of incidents: the input log, the events, the incident as it is now, and the desk's clock. Part of Store.
import type { Attachment, Incident, IncidentChanged, IncidentInput, IncidentLine } from '../contract/incident.ts';
import type { Board, HandOver, IncidentPage, Statistics } from '../contract/apiIncidents.ts';
import type { Alarm, RecordedAlarm, RecordedIncident } from '../contract/alarm.ts';
import type { ProblemNote } from '../contract/problem.ts';
import type { decideIncident } from '../crowd/incident/decideIncident.ts';
import type { Lease } from './store.ts';

/** Stamped with the desk's clock when it is taken. */
export type NewIncidentInput = Omit<IncidentInput, 'atMs' | 'runMs'>;
export type IncidentFilter = {
  /** unitIds: of the place, or who handles it. */
  state: 'open' | 'closed' | 'all'; unitIds?: string[]; category?: string; severity?: string; step?: string; siteId?: string; memberId?: string; exercise?: boolean; overdue?: boolean; text?: string; sinceMs?: number; untilMs?: number;
  order: 'newest' | 'due' | 'age'; after?: string; most: number;
};

export interface IncidentsStore {
  /**
   * One transaction for all inputs given: they are stamped and logged, the incidents locked (in the order of their ids), `decide` is asked for each in turn, and what it answers is kept: events with
   * their outbox rows in the one order of events, incidents, notices. A problem of any of them takes everything back and is the answer. An inputId that was taken before changes nothing and answers with
   * the incident as it is now. `seenVersions`: what an input was made of; another version by now is the problem changedMeanwhile.
   */
  takeIncidentInputs(inputs: NewIncidentInput[], decide: typeof decideIncident, options?: { seenVersions?: Map<string, number> }): Promise<{ incidents: Incident[]; events: RecordedIncident[]; repeated: boolean } | { problem: ProblemNote }>;
  incident(incidentId: string): Promise<Incident | null>;
  /** Null: no input of this id was taken. */
  incidentOfInput(inputId: string): Promise<Incident | null>;
  incidentEvents(incidentId: string, afterVersion: number, most: number): Promise<IncidentChanged[]>;
  incidentInputs(incidentId: string): Promise<IncidentInput[]>;
  /** In no order; those that are not there, or damaged, are left out. */
  incidents(incidentIds: string[]): Promise<Incident[]>;
  /** Open incidents of these places, newest first: an alarm joins one of them. */
  openIncidentsAt(places: { siteId: string; zoneId: string | null; sensorId: string | null }[]): Promise<Incident[]>;
  /** By alarm: the newest open incident that has it, or else the newest that had it. */
  incidentsOfAlarms(alarmIds: string[]): Promise<Map<string, Incident>>;
  /** Alarm events after `seq`, in order; those of incidents are passed over. */
  alarmEventsAfter(seq: number, most: number): Promise<RecordedAlarm[]>;
  /** Open alarms that no incident ever had: the desk looks at them when it begins. */
  alarmsWithoutIncident(most: number): Promise<Alarm[]>;
  incidentPage(filter: IncidentFilter): Promise<IncidentPage>;
  openIncidentLines(most: number): Promise<IncidentLine[]>;
  /** Ids of incidents whose nextRunMs has come, oldest first. */
  dueIncidents(runMs: number, most: number): Promise<string[]>;
  /** `below`: which unit of the answer each unit of the subtree counts for; the unit itself counts for none. */
  board(of: { unitIds: string[]; below: Map<string, string> }, most: number): Promise<Omit<Board, 'unit'>>;
  /** `keyOfUnit`: only these units, and which row of the answer each belongs to; null: all incidents. `outsideToo`: also those of no such unit, under the key ''. Merged ones are counted where they went on. */
  incidentStatistics(of: { keyOfUnit: Map<string, string> | null; outsideToo: boolean; sinceMs: number; untilMs: number; by: 'unit' | 'category' | 'step'; exercise: boolean }): Promise<Statistics>;
  /** The desk's clock: real time that passed, by no machine's wall clock; atMs is what the database's clock shows. Moved by the holder of the lease 'desk' alone. */
  deskClock(): Promise<{ runMs: number; atMs: number }>;
  /** `byMs` passed by the holder's monotonic clock. The first move of a new holder goes by the database's clock instead: never backwards, at most a day. LeaseLost when somebody else holds it. */
  moveDeskClock(lease: Lease, byMs: number): Promise<{ runMs: number; atMs: number }>;
  /** Where a reader of events has come to (the desk: alarms that became incidents; the deliver role: what was sent to subscribers). */
  cursor(name: string): Promise<number>;
  moveCursor(name: string, seq: number): Promise<void>;
  /** The same bytes twice are one. tooMany when too many wait that no incident names. */
  keepAttachment(attachment: Attachment, bytes: Uint8Array): Promise<void>;
  /** Without their bytes; those that are not there are left out. */
  attachments(sha256s: string[]): Promise<Attachment[]>;
  /** `incidentId` given: only where it names it. */
  attachment(sha256: string, incidentId?: string): Promise<{ attachment: Attachment; bytes: Uint8Array } | null>;
  keepHandOver(handOver: HandOver): Promise<void>;
  handOver(handOverId: string): Promise<HandOver | null>;
  handOvers(unitId: string, most: number): Promise<HandOver[]>;
}
