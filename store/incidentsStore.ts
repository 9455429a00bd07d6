// What lasts of incidents: the input log, the events, the incident as it is now, and the desk's clock. Part of Store.
import type { Attachment, Incident, IncidentChanged, IncidentInput, IncidentLine } from '../contract/incident.ts';
import type { Board, HandOver, IncidentPage, Statistics } from '../contract/apiIncidents.ts';
import type { RecordedIncident } from '../contract/alarm.ts';
import type { ProblemNote } from '../contract/problem.ts';
import type { decideIncident } from '../crowd/incident/decideIncident.ts';
import type { Lease } from './store.ts';

/** Stamped with the desk's clock when it is taken. */
export type NewIncidentInput = Omit<IncidentInput, 'atMs' | 'runMs'>;
export type IncidentFilter = {
  state: 'open' | 'closed' | 'all'; unitIds?: string[]; category?: string; severity?: string; step?: string; siteId?: string; memberId?: string; exercise?: boolean; overdue?: boolean; text?: string; sinceMs?: number; untilMs?: number;
  order: 'newest' | 'due' | 'age'; after?: string; most: number;
};

export interface IncidentsStore {
  /**
   * One transaction for all inputs given: they are stamped and logged, the incidents locked (in the order of their ids), `decide` is asked for each in turn, and what it answers is kept: events with
   * their outbox rows in the one order of events, incidents, notices. A problem of any of them takes everything back and is the answer. An inputId that was taken before changes nothing and answers with
   * the incident as it is now.
   */
  takeIncidentInputs(inputs: NewIncidentInput[], decide: typeof decideIncident): Promise<{ incidents: Incident[]; events: RecordedIncident[]; repeated: boolean } | { problem: ProblemNote }>;
  incident(incidentId: string): Promise<Incident | null>;
  incidentEvents(incidentId: string, afterVersion: number, most: number): Promise<IncidentChanged[]>;
  incidentInputs(incidentId: string): Promise<IncidentInput[]>;
  /** Open incidents of one place and category, newest first: an alarm joins one of them. */
  openIncidentsAt(place: { siteId: string; zoneId: string | null; sensorId: string | null }): Promise<Incident[]>;
  incidentOfAlarm(alarmId: string): Promise<Incident | null>;
  incidentPage(filter: IncidentFilter): Promise<IncidentPage>;
  openIncidentLines(most: number): Promise<IncidentLine[]>;
  /** Ids of incidents whose nextRunMs has come, oldest first. */
  dueIncidents(runMs: number, most: number): Promise<string[]>;
  board(unitId: string, most: number): Promise<Omit<Board, 'unit'>>;
  incidentStatistics(of: { unitIds: string[] | null; sinceMs: number; untilMs: number; by: 'unit' | 'category' | 'step'; exercise: boolean }): Promise<Statistics>;
  /** The desk's clock: real time that passed, by no machine's wall clock. Moved by the holder of the lease 'desk' alone. */
  deskClock(): Promise<{ runMs: number; atMs: number }>;
  moveDeskClock(lease: Lease, byMs: number): Promise<{ runMs: number; atMs: number }>;
  /** Where a reader of events has come to (the desk: alarms that became incidents; the deliver role: what was sent to subscribers). */
  cursor(name: string): Promise<number>;
  moveCursor(name: string, seq: number): Promise<void>;
  keepAttachment(attachment: Attachment, bytes: Uint8Array): Promise<void>;
  attachment(sha256: string): Promise<{ attachment: Attachment; bytes: Uint8Array } | null>;
  keepHandOver(handOver: HandOver): Promise<void>;
  handOvers(unitId: string, most: number): Promise<HandOver[]>;
}
