// Routes of sessions, accounts, tokens, invitations.
import type { App, ServerParts } from '../parts.ts';

export function accountRoutes(_app: App, _parts: ServerParts): void {}
