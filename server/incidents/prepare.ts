// What a person asks for becomes inputs of incidents: who acts, where it is, what category, which files, and what the world is like now. The store takes them all or none.
import type { IncidentCommandBody, ReportBody } from '../../contract/apiIncidents.ts';
import type { Actor, Attachment, Incident, IncidentCommand, IncidentContext, IncidentPlace } from '../../contract/incident.ts';
import { isBuiltInCategory, POLICY_DEFAULT } from '../../contract/playbook.ts';
import { Problem } from '../../contract/problem.ts';
import { contextWish } from '../../crowd/incident/contextWish.ts';
import { attachedAlarmOf, placeOfAlarm, placeOfZone, type PlaceWithoutUnit } from '../../crowd/incidentPlace.ts';
import { sitePointOf } from '../../crowd/place.ts';
import { insideRing, ringOf } from '../../crowd/polygon.ts';
import { incidentIdOf } from '../../store/incidentId.ts';
import type { NewIncidentInput } from '../../store/incidentsStore.ts';
import type { Store } from '../../store/store.ts';

export type Prepared = { inputs: NewIncidentInput[]; seenVersions: Map<string, number> };
/** Given by the system alone. */
const SYSTEM_COMMANDS = ['report', 'alarmChanged', 'tick', 'actionResult', 'absorb', 'splitOff', 'placeMoved'] as const satisfies IncidentCommand['type'][];

export const inputIdOf = (commandId: string, incidentId: string): string => `command.${commandId}.${incidentId}`;

/** `actor`: whoever is signed in; what a body says of it is not looked at. */
export async function prepareReport(store: Store, actor: Actor, body: ReportBody): Promise<{ incidentId: string; input: NewIncidentInput }> {
  const incidentId = incidentIdOf(`report ${body.commandId}`);
  const found = await placeOf(store, body);
  const place = await withUnit(store, found.place);
  await mustHaveCategory(store, body.category, place.unitId);
  const command: IncidentCommand = {
    type: 'report', category: body.category, severity: body.severity, title: body.title ?? '', words: body.words ?? '', attachments: await attachmentsOf(store, (body.attachments ?? []).map((sha256) => ({ sha256, name: null }))),
    place, peopleAtRisk: body.peopleAtRisk ?? null, alarm: found.alarm, exercise: body.exercise === true || found.exercise, demo: found.demo,
  };
  return { incidentId, input: { inputId: inputIdOf(body.commandId, incidentId), incidentId, actor, command, context: await contextOf(store, null, command) } };
}

export async function prepareCommand(store: Store, actor: Actor, incident: Incident, { commandId, command }: IncidentCommandBody): Promise<Prepared> {
  if ((SYSTEM_COMMANDS as readonly string[]).includes(command.type)) throw new Problem('inputWrong', { reason: `command.type: ${command.type} is not given by a person` });
  const { incidentId } = incident;
  const input = async (of: Incident, next: IncidentCommand): Promise<NewIncidentInput> => ({ inputId: inputIdOf(commandId, of.incidentId), incidentId: of.incidentId, actor, command: next, context: await contextOf(store, of, next) });
  const alone = async (next: IncidentCommand): Promise<Prepared> => ({ inputs: [await input(incident, next)], seenVersions: new Map() });
  switch (command.type) {
    case 'split': {
      await mustHaveCategory(store, command.category, incident.place.unitId);
      const moved = command.alarmIds.map((alarmId) => incident.alarms.find((alarm) => alarm.alarmId === alarmId));
      if (moved.includes(undefined)) throw new Problem('inputWrong', { reason: 'command.alarmIds: not an alarm of this incident' });
      const [first = null, ...others] = moved as Incident['alarms'];
      const made = incidentIdOf(`split ${incidentId} ${commandId}`);
      const reports: IncidentCommand = { type: 'report', category: command.category, severity: command.severity, title: command.title, words: command.words, attachments: [], place: incident.place, peopleAtRisk: null, alarm: first, exercise: incident.exercise, demo: incident.demo, splitFrom: incidentId };
      const context = await contextOf(store, null, reports);
      const ofMade = (next: IncidentCommand, name: string): NewIncidentInput => ({ inputId: `${inputIdOf(commandId, incidentId)}.${name}`, incidentId: made, actor, command: next, context });
      return {
        inputs: [ofMade(reports, 'made'), ...others.map((alarm, at) => ofMade({ type: 'alarmChanged', alarm }, `alarm${at}`)), await input(incident, { type: 'splitOff', made, words: command.words, alarmIds: command.alarmIds })],
        seenVersions: new Map([[incidentId, incident.version]]),
      };
    }
    case 'mergeInto': {
      if (command.into === incidentId) return alone(command);
      const target = await store.incident(command.into);
      if (target === null) throw new Problem('incidentUnknown');
      const absorbs: IncidentCommand = { type: 'absorb', from: incidentId, alarms: incident.alarms, assignments: incident.assignments, words: command.words, reportedBy: incident.reportedBy, exercise: incident.exercise };
      return { inputs: [await input(incident, command), await input(target, absorbs)], seenVersions: new Map([[incidentId, incident.version], [target.incidentId, target.version]]) };
    }
    case 'link':
      if (await store.incident(command.to) === null) throw new Problem('incidentUnknown');
      return alone(command);
    case 'transfer':
      if (await store.unit(command.toUnitId) === null) throw new Problem('notFound', {}, `unit ${command.toUnitId}`);
      return alone(command);
    case 'setFacts':
      if (command.category !== undefined) await mustHaveCategory(store, command.category, incident.place.unitId);
      return alone(command);
    case 'handle': case 'followUp': case 'assess': case 'note': return alone({ ...command, attachments: await attachmentsOf(store, command.attachments) });
    default: return alone(command);
  }
}

/** What the world is like for an incident once it has taken this command. The playbook goes only into inputs that may take it on: the log is read for years. */
export async function contextOf(store: Store, incident: Incident | null, command: IncidentCommand): Promise<IncidentContext> {
  const wish = contextWish(incident, command);
  if (wish === null) throw new Problem('incidentUnknown');
  const context = await store.incidentContext({ ...wish, atMs: Date.now() });
  return TAKE_PLAYBOOK.includes(command.type) ? context : { ...context, playbook: [] };
}
const TAKE_PLAYBOOK: IncidentCommand['type'][] = ['report', 'reopen', 'setFacts', 'alarmChanged', 'absorb'];

export async function mustHaveCategory(store: Store, category: string, unitId: string | null): Promise<void> {
  if (isBuiltInCategory(category)) return;
  const { ownCategories } = unitId === null ? POLICY_DEFAULT : (await store.policy(unitId)).inForce;
  if (!ownCategories.some((own: { category: string }) => own.category === category)) throw new Problem('incidentCategoryUnknown', { category });
}

async function attachmentsOf(store: Store, wanted: { sha256: string; name: string | null }[]): Promise<Attachment[]> {
  if (wanted.length === 0) return [];
  const kept = new Map((await store.attachments([...new Set(wanted.map(({ sha256 }) => sha256))])).map((attachment) => [attachment.sha256, attachment]));
  return wanted.map(({ sha256, name }) => {
    const attachment = kept.get(sha256);
    if (attachment === undefined) throw new Problem('attachmentRefused', { reason: 'it has not been sent to this server' });
    return { ...attachment, name: name ?? attachment.name };
  });
}

async function withUnit(store: Store, place: PlaceWithoutUnit): Promise<IncidentPlace> {
  return { ...place, unitId: (await store.unitsAt(place.point))[0]?.unitId ?? null };
}

type Found = { place: PlaceWithoutUnit; alarm: Incident['alarms'][number] | null; exercise: boolean; demo: boolean };
async function placeOf(store: Store, { alarmId, zoneId, point, placeName }: ReportBody): Promise<Found> {
  const named = (place: PlaceWithoutUnit): PlaceWithoutUnit => (placeName === undefined || placeName.trim() === '' ? place : { ...place, placeName });
  if ([alarmId, zoneId, point].filter((one) => one !== undefined).length !== 1) throw new Problem('inputWrong', { reason: 'one of alarmId, zoneId and point says where it is' });
  if (alarmId !== undefined) {
    const alarm = await store.alarm(alarmId);
    const config = alarm === null ? null : await store.site(alarm.siteId);
    if (alarm === null || config === null) throw new Problem('alarmUnknown');
    return { place: named(placeOfAlarm(alarm, config)), alarm: attachedAlarmOf(alarm), exercise: alarm.exercise, demo: config.site.demo };
  }
  const sites = await store.sites();
  if (zoneId !== undefined) {
    for (const config of sites) {
      const zone = config.zones.find((one) => one.zoneId === zoneId);
      if (zone !== undefined) return { place: named(placeOfZone(zone, config)), alarm: null, exercise: false, demo: config.site.demo };
    }
    throw new Problem('notFound', {}, `zone ${zoneId}`);
  }
  // A point of a site belongs to it, and to the zone that it lies in: cameras and playbooks hang on them.
  for (const config of sites) {
    const { site } = config, { xM, yM } = sitePointOf(site.origin, point!);
    if (xM < 0 || yM < 0 || xM > site.grid.columns * site.grid.cellM || yM > site.grid.rows * site.grid.cellM) continue;
    const zone = config.zones.find(({ polygon }) => insideRing(ringOf(polygon), xM, yM));
    return { place: named({ siteId: site.siteId, siteName: site.name, zoneId: zone?.zoneId ?? null, sensorId: null, placeName: zone?.name ?? '', point: point! }), alarm: null, exercise: false, demo: site.demo };
  }
  return { place: named({ siteId: null, siteName: '', zoneId: null, sensorId: null, placeName: '', point: point! }), alarm: null, exercise: false, demo: false };
}
