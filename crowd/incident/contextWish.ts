// Of what the context of an input has to be made (store.incidentContext): of the unit, category and severity that hold once it is taken.
import { SEVERITY_OF_LEVEL, severityRank, type Incident, type IncidentCommand, type Severity } from '../../contract/incident.ts';

export type ContextWish = { unitId: string | null; placeUnitId: string | null; siteId: string | null; zoneId: string | null; category: string; severity: Severity };

export function contextWish(incident: Incident | null, command: IncidentCommand): ContextWish | null {
  if (command.type === 'report') {
    const { place: { unitId, siteId, zoneId }, category, severity } = command;
    return { unitId, placeUnitId: unitId, siteId, zoneId, category, severity };
  }
  if (incident === null) return null;
  const { unitId, place, category, severity } = incident, wish: ContextWish = { unitId, placeUnitId: place.unitId, siteId: place.siteId, zoneId: place.zoneId, category, severity };
  if (command.type === 'setFacts') return { ...wish, category: command.category ?? category, severity: command.severity ?? severity };
  if (command.type === 'alarmChanged') return { ...wish, severity: highest(severity, [command.alarm]) };
  if (command.type === 'absorb') return { ...wish, severity: highest(severity, command.alarms) };
  if (command.type === 'transfer') return { ...wish, unitId: command.toUnitId };
  if (command.type === 'giveBack') return { ...wish, unitId: incident.takenFromUnitId ?? unitId };
  if (command.type === 'placeMoved') return { ...wish, placeUnitId: command.unitId, unitId: unitId === place.unitId ? command.unitId : unitId };
  return wish;
}
function highest(severity: Severity, alarms: readonly { level: string; state: string }[]): Severity {
  return alarms.reduce((most, { level, state }) => {
    const wanted = state === 'closed' ? undefined : SEVERITY_OF_LEVEL[level as keyof typeof SEVERITY_OF_LEVEL];
    return wanted !== undefined && severityRank(wanted) > severityRank(most) ? wanted : most;
  }, severity);
}
