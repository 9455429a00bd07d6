// The tables as kysely sees them. What is jsonb is `unknown` when read: it passes a schema of contract/ before anybody uses it.
import type { ColumnType, Generated } from 'kysely';
import type { AccountsTables } from './steps/accounts.ts';
import type { ScopeTables } from './steps/scope.ts';
import type { AuditTables } from './steps/audit.ts';
import type { ApprovalsTables } from './steps/approvals.ts';
import type { SecretsTables } from './steps/secrets.ts';
import type { PrivacyTables } from './steps/privacy.ts';
import type { FactorsTables } from './steps/factors.ts';
import type { AlarmsTables } from './steps/alarms.ts';
import type { ChannelsTables } from './steps/channels.ts';
import type { IncidentsTables } from './steps/incidents.ts';
import type { PeopleTables } from './steps/people.ts';
import type { UnitsTables } from './steps/units.ts';

/** Written as JSON text. */
export type Json = ColumnType<unknown, string, string>;

export type Tables = FirstTables & UnitsTables & PeopleTables & IncidentsTables & ChannelsTables & AlarmsTables & AccountsTables & ScopeTables & AuditTables & ApprovalsTables & SecretsTables & PrivacyTables & FactorsTables;

type FirstTables = {
  site: { site_id: string; version: number; name: string; origin: Json; grid: Json; demo: boolean; ordinal: Generated<number>; unit_id: ColumnType<string | null, string | null | undefined, string | null> };
  zone: { zone_id: string; site_id: string; zone: Json; ordinal: Generated<number> };
  line: { line_id: string; site_id: string; line: Json; ordinal: Generated<number> };
  sensor: { sensor_id: string; site_id: string; sensor: Json; calibrations: Generated<number>; ordinal: Generated<number>; unit_id: ColumnType<string | null, string | null | undefined, string | null> };
  sensor_settings: { sensor_id: string; settings: Json };
  view_mark: { sensor_id: string; calibration_version: number; mark: Json };
  site_version: { site_id: string; version: number; config: Json; made_at: Generated<Date> };
  event_head: { only_row: Generated<boolean>; seq: number };
  event: { seq: number; event_id: string; site_id: string; alarm_id: string; at_ms: number; event: Json; incident_id: string | null };
  outbox: { seq: number };
  alarm: { alarm_id: string; site_id: string; version: number; state: string; raised_at_ms: number; closed_at_ms: number | null; alarm: Json };
  snapshot: { site_id: string; fence: number; input_id: string; config_version: number; state_json: string; saved_at_ms: number };
  lease: { name: string; holder: string; fence: number; expires_at: Date };
  zone_minute: { zone_id: string; minute_at_ms: number; site_id: string; figures: ColumnType<unknown, string | null, string | null> };
  zone_day: { zone_id: string; day: number; site_id: string; minutes: Buffer };
  disk_probe: { filler: string };
};
