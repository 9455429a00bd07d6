// Which alarm events become inputs of incidents: a new incident, news for the one that has the alarm, or nothing.
import type { Alarm, AlarmChanged } from '../../contract/alarm.ts';
import { SEVERITY_OF_LEVEL, SYSTEM_ACTOR, isOpenStep, type Incident, type IncidentCommand, type IncidentPlace } from '../../contract/incident.ts';
import { levelRank } from '../../contract/level.ts';
import { POLICY_DEFAULT, type UnitPolicy } from '../../contract/playbook.ts';
import type { SiteConfig } from '../../contract/site.ts';
import { contextWish } from '../../crowd/incident/contextWish.ts';
import { attachedAlarmOf, categoryOfAlarm, placeOfAlarm } from '../../crowd/incidentPlace.ts';
import { incidentIdOf } from '../../store/incidentId.ts';
import type { NewIncidentInput } from '../../store/incidentsStore.ts';
import type { Store } from '../../store/store.ts';

const ALARMS_OF_INCIDENT_MOST = 200;

/**
 * Inputs of the first events of `events`, and how many events they stand for. It ends before an event that hangs on an incident which another event of the same batch only makes: that one is there at
 * the next call.
 */
export async function alarmInputs(store: Store, events: readonly AlarmChanged[]): Promise<{ inputs: NewIncidentInput[]; eventsTaken: number; opened: number }> {
  const sites = new Map<string, SiteConfig | null>();
  for (const siteId of new Set(events.map(({ alarm }) => alarm.siteId))) sites.set(siteId, await store.site(siteId));
  const places = new Map<string, IncidentPlace>();
  for (const { eventId, alarm } of events) {
    const config = sites.get(alarm.siteId) ?? null;
    if (config === null) continue;
    const place = placeOfAlarm(alarm, config);
    places.set(eventId, { ...place, unitId: (await store.unitsAt(place.point))[0]?.unitId ?? null });
  }
  const [having, open] = await Promise.all([store.incidentsOfAlarms([...new Set(events.map(({ alarm }) => alarm.alarmId))]), store.openIncidentsAt([...places.values()].flatMap(({ siteId, zoneId, sensorId }) => (siteId === null ? [] : [{ siteId, zoneId, sensorId }])))]);
  const policies = new Map<string | null, Pick<UnitPolicy, 'opensFromLevel' | 'opensForSensors'>>([[null, POLICY_DEFAULT]]);
  for (const unitId of new Set([...places.values()].map((place) => place.unitId))) if (unitId !== null) policies.set(unitId, (await store.policy(unitId)).inForce);
  const atMs = Date.now();

  const inputs: NewIncidentInput[] = [], made = { alarms: new Set<string>(), places: new Set<string>() }, joined = new Map<string, Incident>();
  let eventsTaken = 0, opened = 0;
  const give = async (event: AlarmChanged, incident: Incident | null, incidentId: string, command: IncidentCommand) => {
    inputs.push({ inputId: `alarm.${event.eventId}`, incidentId, actor: SYSTEM_ACTOR, command, context: await store.incidentContext({ ...contextWish(incident, command)!, atMs }) });
  };
  for (const event of events) {
    const { alarm } = event, place = places.get(event.eventId) ?? null, category = categoryOfAlarm(alarm);
    if (made.alarms.has(alarm.alarmId)) break;
    const has = joined.get(alarm.alarmId) ?? having.get(alarm.alarmId) ?? null;
    if (has !== null && isOpenStep(has.step)) {
      await give(event, has, has.incidentId, { type: 'alarmChanged', alarm: attachedAlarmOf(alarm) });
    } else if (place !== null && opens(alarm, policies.get(place.unitId)!) && (has === null || isNews(event, has))) {
      const key = [placeKey(place), category, alarm.exercise].join(' ');
      if (made.places.has(key)) break;
      const there = open.find((one) => one.category === category && one.exercise === alarm.exercise && one.alarms.length < ALARMS_OF_INCIDENT_MOST && placeKey(one.place) === placeKey(place)) ?? null;
      if (there !== null) {
        joined.set(alarm.alarmId, there);
        await give(event, there, there.incidentId, { type: 'alarmChanged', alarm: attachedAlarmOf(alarm) });
      } else {
        const { level } = alarm;
        made.alarms.add(alarm.alarmId); made.places.add(key);
        opened++;
        await give(event, null, incidentIdOf(`alarm ${event.eventId}`), {
          type: 'report', category, severity: level === 'calm' ? 'minor' : SEVERITY_OF_LEVEL[level], title: '', words: '', attachments: [], place, peopleAtRisk: null, alarm: attachedAlarmOf(alarm), exercise: alarm.exercise, demo: alarm.demo,
        });
      }
    }
    eventsTaken++;
  }
  return { inputs, eventsTaken, opened };
}

/**
 * A muted or shelved alarm opens nothing; the event that ends this does. An alarm of a camera opens one when it was repeated, or when somebody took note of it: a camera that comes back by itself
 * within minutes sends nobody out.
 */
export function opens(alarm: Alarm, { opensFromLevel = POLICY_DEFAULT.opensFromLevel, opensForSensors = POLICY_DEFAULT.opensForSensors }: Pick<UnitPolicy, 'opensFromLevel' | 'opensForSensors'>): boolean {
  if ((alarm.state !== 'raised' && alarm.state !== 'acknowledged') || alarm.muted !== null || alarm.shelved !== null) return false;
  if (alarm.place.kind === 'sensor') return opensForSensors && (alarm.repeats > 0 || alarm.state === 'acknowledged');
  return opensFromLevel !== null && levelRank(alarm.level) >= levelRank(opensFromLevel);
}

/** Its incident was closed while the alarm went on: only what is worse than was seen then, or has come back, opens another. */
function isNews({ alarm, from }: AlarmChanged, closed: Incident): boolean {
  const seen = closed.alarms.find((attached) => attached.alarmId === alarm.alarmId);
  return seen === undefined || levelRank(alarm.level) > levelRank(seen.levelPeak) || from === 'easing' || from === 'cleared';
}

/** A line has no id of its own in a place: its name tells it. */
const placeKey = ({ siteId, zoneId, sensorId, placeName }: IncidentPlace): string => JSON.stringify(zoneId === null && sensorId === null ? [siteId, placeName] : [siteId, zoneId, sensorId]);
