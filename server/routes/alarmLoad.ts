// Alarm discipline: silences, exercises, the load of alarms, and what another limit would have done.
import type { App, ServerParts } from '../parts.ts';

export function alarmLoadRoutes(_app: App, _parts: ServerParts): void {}
