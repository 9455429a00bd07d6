// The id of an incident comes from what made it, so that the same report, alarm or split makes the same incident however often it is given.
import { createHash } from 'node:crypto';

export const incidentIdOf = (cause: string): string => `i${createHash('sha256').update(cause).digest('hex').slice(0, 19)}`;
