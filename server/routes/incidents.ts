// Incidents: lists, histories, and every step that a person takes on one.
import type { App, ServerParts } from '../parts.ts';

export function incidentRoutes(_app: App, _parts: ServerParts): void {}
