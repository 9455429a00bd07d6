// Routes of second factors and signing in elsewhere (OIDC).
import type { App, ServerParts } from '../parts.ts';

export function factorRoutes(_app: App, _parts: ServerParts): void {}
