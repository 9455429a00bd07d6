// What lasts: PostgreSQL behind plain verbs. The only place with SQL. Every method rejects with Problem databaseDown, diskFull, notFound,
// changedMeanwhile or tooMany where the world is at fault. openStore is in store/openStore.ts.
import type { Alarm, RecordedEvent, SiteEvent } from '../contract/alarm.ts';
import type { CalibrationBody, LineBody, SensorBody, SiteBody, ZoneBody, ZoneMinute } from '../contract/api.ts';
import type { FlowLine } from '../contract/flow.ts';
import type { ViewMark } from '../contract/sight.ts';
import type { MaskPolygons, Sensor, SiteConfig, Zone } from '../contract/site.ts';
import type { PastDay } from '../crowd/forecast.ts';
import type { AccessStore } from './accessStore.ts';
import type { AccountsStore } from './accountsStore.ts';
import type { AlarmLoadStore } from './alarmLoadStore.ts';
import type { ApprovalsStore } from './approvalsStore.ts';
import type { AuditStore } from './auditStore.ts';
import type { ChannelsStore } from './channelsStore.ts';
import type { FactorsStore } from './factorsStore.ts';
import type { IncidentsStore } from './incidentsStore.ts';
import type { PeopleStore } from './peopleStore.ts';
import type { PrivacyStore } from './privacyStore.ts';
import type { SecretsStore } from './secretsStore.ts';
import type { UnitsStore } from './unitsStore.ts';

/** A sensor with what only ingest may see. */
export type SensorSource = {
  sensor: Sensor; settings: Record<string, unknown>;
  /** What its view looked like when it was placed; null while none was taken for its present placing. */
  viewMark: ViewMark | null;
};

/** Who holds a lease, and the number by which later holders outrank earlier ones. */
export type Lease = { name: string; holder: string; fence: number };

/** Where a site's decider stands: its state after the input `inputId`, as JSON text made by crowd/siteState.ts. */
export type Snapshot = { siteId: string; fence: number; inputId: string; configVersion: number; stateJson: string; savedAtMs: number };

export interface Store extends UnitsStore, PeopleStore, IncidentsStore, ChannelsStore, AlarmLoadStore, AccessStore, AccountsStore, AuditStore, ApprovalsStore, PrivacyStore, SecretsStore, FactorsStore {
  // --- sites, zones, sensors. Each change makes the next version of its site in the same transaction and returns what is now there.
  sites(): Promise<SiteConfig[]>;
  site(siteId: string): Promise<SiteConfig | null>;
  siteAtVersion(siteId: string, version: number): Promise<SiteConfig | null>;
  /** `siteId` given: made with this id, or returned as it is when it is there already (demo, first start). */
  addSite(body: SiteBody & { demo: boolean; siteId?: string }): Promise<SiteConfig>;
  changeSite(siteId: string, body: SiteBody): Promise<SiteConfig>;
  /** Its open alarms are closed (placeRemoved) in the same transaction. */
  removeSite(siteId: string): Promise<void>;
  addZone(siteId: string, body: ZoneBody & { zoneId?: string }): Promise<{ zone: Zone; config: SiteConfig }>;
  changeZone(zoneId: string, body: ZoneBody): Promise<{ zone: Zone; config: SiteConfig }>;
  removeZone(zoneId: string): Promise<SiteConfig>;
  addLine(siteId: string, body: LineBody & { lineId?: string }): Promise<{ line: FlowLine; config: SiteConfig }>;
  changeLine(lineId: string, body: LineBody): Promise<{ line: FlowLine; config: SiteConfig }>;
  removeLine(lineId: string): Promise<SiteConfig>;
  /** `addressShown` is made by the kind, free of secrets. */
  addSensor(siteId: string, body: SensorBody & { sensorId?: string; addressShown: string }): Promise<{ sensor: Sensor; config: SiteConfig }>;
  changeSensor(sensorId: string, change: { name?: string; settings?: Record<string, unknown>; addressShown?: string; enabled?: boolean }): Promise<{ sensor: Sensor; config: SiteConfig }>;
  calibrateSensor(sensorId: string, body: CalibrationBody): Promise<{ sensor: Sensor; config: SiteConfig }>;
  maskSensor(sensorId: string, polygons: MaskPolygons): Promise<{ sensor: Sensor; config: SiteConfig }>;
  removeSensor(sensorId: string): Promise<SiteConfig>;
  /** All sensors with their settings, for ingest only. */
  sensorSources(): Promise<SensorSource[]>;
  sensorSource(sensorId: string): Promise<SensorSource | null>;
  /** False, and nothing is kept, when the sensor is placed otherwise by now. A mark that is there for this placing is replaced. */
  keepViewMark(sensorId: string, mark: ViewMark): Promise<boolean>;
  /** The view as it is now is right: the next good pictures make the mark anew. No new version of the site. */
  dropViewMark(sensorId: string): Promise<void>;

  // --- the record of events
  /**
   * One transaction: events (an eventId that is there already is passed over), their outbox rows, the current alarms, and the snapshot.
   * Takes the event-order lock, so that seq grows in the order of commit: a reader that has seen seq n will never find a smaller one later.
   * Rejects with LeaseLost when the lease was dropped or taken by another, or the site is removed. Returns the events that were new.
   */
  recordEvents(input: { events: SiteEvent[]; snapshot: Snapshot; lease: Lease }): Promise<RecordedEvent[]>;
  /** The newest snapshot of a site, null before the first. */
  snapshot(siteId: string): Promise<Snapshot | null>;
  eventsAfter(seq: number, most: number): Promise<RecordedEvent[]>;
  lastSeq(): Promise<number>;
  /** Up to `most` outbox rows, oldest first, gone once `send` resolves (within 10 s, or they are sent again); one relay at a time across all processes. Resolves with how many were sent. */
  relayOutbox(most: number, send: (events: RecordedEvent[]) => Promise<void>): Promise<number>;
  /** Calls back soon after events were committed, here or in any other process (LISTEN/NOTIFY), and after each reconnection. May call without cause. */
  onEvents(listener: () => void): () => void;
  /** Open alarms, and those closed since `closedSinceMs`. */
  alarms(filter: { closedSinceMs: number; most: number }): Promise<Alarm[]>;
  alarmPage(filter: { beforeMs: number; most: number }): Promise<Alarm[]>;
  alarm(alarmId: string): Promise<Alarm | null>;

  // --- leases: one holder at a time, each new holder with a higher fence. Clock of the database, not of the machines.
  /** Null when somebody else holds it. The holder that has it already gets it again, with the same fence. */
  takeLease(name: string, holder: string, ttlMs: number): Promise<Lease | null>;
  /** False when it was lost meanwhile. */
  renewLease(lease: Lease, ttlMs: number): Promise<boolean>;
  dropLease(lease: Lease): Promise<void>;

  // --- the past of zones, one row a minute; partition per day; counts under the anonymity floor are kept as "few"
  keepZoneMinutes(siteId: string, minutes: { zoneId: string; minute: ZoneMinute }[]): Promise<void>;
  zonePast(zoneId: string, sinceMs: number): Promise<ZoneMinute[]>;
  /** Packs one day of UTC (counted from 1970) of these zones for zoneDays, again if it was packed before; resolves with how many zones had any minute that day. */
  packZoneDay(siteId: string, zoneIds: string[], day: number): Promise<number>;
  zoneDaysPacked(zoneIds: string[], sinceDay: number): Promise<{ zoneId: string; day: number }[]>;
  /** The packed days of a zone, oldest first; days without any minute are left out. */
  zoneDays(zoneId: string, sinceDay: number): Promise<PastDay[]>;
  /** The stored minutes of many zones, in no order. peoplePerM2 null: "few". */
  newestZoneMinutes(zoneIds: string[], sinceMs: number): Promise<{ zoneId: string; minuteAtMs: number; peoplePerM2: number | null }[]>;

  /** False while changes cannot be kept: trouble() says why. */
  isUp(): boolean;
  /** Null, or why the last call failed: 'databaseDown' or 'diskFull'. */
  trouble(): 'databaseDown' | 'diskFull' | null;
  onChange(listener: (isUp: boolean) => void): () => void;
  close(): Promise<void>;
}

/** Thrown when a process acts on a lease that somebody else holds by now: it must stop that work at once. */
export class LeaseLost extends Error {
  constructor(lease: Lease) { super(`lease ${lease.name} (fence ${lease.fence}) of ${lease.holder} was lost`); this.name = 'LeaseLost'; }
}
