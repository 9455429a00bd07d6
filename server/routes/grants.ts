// Routes of places shown to another unit for a while.
import type { App, ServerParts } from '../parts.ts';

export function grantRoutes(_app: App, _parts: ServerParts): void {}
