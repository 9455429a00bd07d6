// How long things are kept in the whole installation, by its settings; what is set on the privacy page goes before it.
import type { RetentionDefaults } from '../crowd/retention.ts';

/** Where no rule asks for more, recordings are kept as short as the strictest preset. */
const RECORDINGS_HOURS = 72;

export const retentionDefaults = ({ zoneMinutesDays, eventsDays }: { zoneMinutesDays: number; eventsDays: number }): RetentionDefaults => ({
  zoneMinutes: zoneMinutesDays * 24, alarms: eventsDays * 24, incidents: eventsDays * 24, attachments: eventsDays * 24, notices: Math.min(366, eventsDays) * 24, recordings: RECORDINGS_HOURS,
});
