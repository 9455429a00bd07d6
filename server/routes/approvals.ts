// Routes of the second person.
import type { App, ServerParts } from '../parts.ts';

export function approvalRoutes(_app: App, _parts: ServerParts): void {}
