// Channels: set up, tried out, and what they could not send.
import type { App, ServerParts } from '../parts.ts';

export function channelRoutes(_app: App, _parts: ServerParts): void {}
