// Routes of privacy masks, retention, purge reports, the impact assessment.
import type { App, ServerParts } from '../parts.ts';

export function privacyRoutes(_app: App, _parts: ServerParts): void {}
