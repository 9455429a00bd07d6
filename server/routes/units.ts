// Units: the tree, its outlines, its import, and what stands where.
import type { App, ServerParts } from '../parts.ts';

export function unitRoutes(_app: App, _parts: ServerParts): void {}
