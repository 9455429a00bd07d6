// People on duty, policies, playbooks and categories.
import type { App, ServerParts } from '../parts.ts';

export function peopleRoutes(_app: App, _parts: ServerParts): void {}
