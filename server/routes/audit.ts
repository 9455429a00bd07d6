// Routes of reading the audit.
import type { App, ServerParts } from '../parts.ts';

export function auditRoutes(_app: App, _parts: ServerParts): void {}
