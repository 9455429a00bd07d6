// A small tree of units with people on duty, and an incident that is carried through it input by input.
import { DEADLINES_DEFAULT, SYSTEM_ACTOR, type Actor, type AttachedAlarm, type Incident, type IncidentChanged, type IncidentCommand, type IncidentContext, type IncidentInput, type LadderRung } from '../../contract/incident.ts';
import { decideIncident, type NoticeWish } from '../../crowd/incident/decideIncident.ts';

export const START_AT_MS = 1_800_000_000_000;
export type Person = { memberId: string; name: string; duty: 'fieldWorker' | 'operator' | 'dutyOfficer' };
const person = (memberId: string, duty: Person['duty'] = 'fieldWorker'): Person => ({ memberId, name: `Name of ${memberId}`, duty });
const rung = (unitId: string, unitLevel: LadderRung['unitLevel'], ...members: Person[]): LadderRung => ({ unitId, unitLevel, unitNames: { en: `Unit ${unitId}`, zh: `单位${unitId}` }, members });

/** grid: ann, ben, an officer. township: tim and an officer. county: cat and an officer. */
export const LADDER: LadderRung[] = [
  rung('grid', 'grid', person('ann'), person('ben'), person('gridOfficer', 'dutyOfficer')),
  rung('town', 'township', person('tim'), person('townOfficer', 'dutyOfficer')),
  rung('county', 'county', person('cat'), person('countyOfficer', 'dutyOfficer')),
];
export const rungAt = rung, personAt = person;
export const actorOf = (memberId: string, unitId: string | null = 'grid', over: Partial<Actor> = {}): Actor => ({ memberId, name: `Name of ${memberId}`, duty: 'fieldWorker', unitId, ...over });
export const named = (name: string, unitId: string | null = null): Actor => ({ memberId: null, name, duty: 'operator', unitId });
export const OPERATOR = named('Olga', 'grid');
export const contextOf = (over: Partial<IncidentContext> = {}): IncidentContext => ({ ladder: LADDER, chainUnitIds: ['grid', 'town', 'county'], deadlines: DEADLINES_DEFAULT.serious, answerS: 30, playbook: [], ...over });
export const alarmOf = (over: Partial<AttachedAlarm> = {}): AttachedAlarm => ({ alarmId: 'site.densityHigh.zone.1', rule: 'densityHigh', level: 'danger', levelPeak: over.level ?? 'danger', state: 'raised', raisedAtMs: START_AT_MS, changedAtMs: START_AT_MS, ...over });
export type Of<T extends IncidentCommand['type']> = Extract<IncidentCommand, { type: T }>;
export const reportOf = (over: Partial<Of<'report'>> = {}): Of<'report'> => ({
  type: 'report', category: 'crowding', severity: 'serious', title: 'Stairs are full', words: '', attachments: [], peopleAtRisk: null, alarm: null, exercise: false, demo: false,
  place: { point: { lng: 113.3, lat: 23.1 }, siteId: 'site', zoneId: 'stairs', sensorId: null, siteName: 'Station', placeName: 'Stairs', unitId: 'grid' }, ...over,
});
export const ACTION = (actionId: string, over: Partial<IncidentContext['playbook'][number]> = {}): IncidentContext['playbook'][number] => ({ actionId, kind: 'task', words: { en: `Do ${actionId}`, zh: `执行${actionId}` }, owner: 'fieldWorker', withinS: 120, channelId: null, payload: null, ...over });

/** One incident on a desk whose clock is moved by hand. Inputs are kept as the log keeps them; refused ones are not. */
export class Desk {
  incident: Incident | null = null;
  events: IncidentChanged[] = [];
  notices: NoticeWish[] = [];
  inputs: IncidentInput[] = [];
  runMs = 1_000_000;
  atMs = START_AT_MS;
  context: IncidentContext;
  private given = 0;
  constructor(context: Partial<IncidentContext> = {}) { this.context = contextOf(context); }

  input(actor: Actor, command: IncidentCommand, context: Partial<IncidentContext> = {}): IncidentInput {
    return { inputId: `input${++this.given}`, incidentId: 'one', atMs: this.atMs, runMs: this.runMs, actor, context: { ...this.context, ...context }, command };
  }
  /** What happened by it, or the code of the refusal. */
  give(actor: Actor, command: IncidentCommand, context: Partial<IncidentContext> = {}): string[] | string {
    const input = this.input(actor, command, context), decided = decideIncident(this.incident, input);
    if ('problem' in decided) return decided.problem.code;
    this.incident = decided.incident;
    this.events.push(...decided.events);
    this.notices.push(...decided.notices);
    this.inputs.push(input);
    return decided.events.map(({ what }) => what);
  }
  wait(seconds: number): this {
    this.runMs += seconds * 1000;
    this.atMs += seconds * 1000;
    return this;
  }
  /** Time passes to that many seconds from now, looked at whenever the incident asks for it. Answers what time brought. */
  pass(seconds: number, context: Partial<IncidentContext> = {}): string[] {
    const untilMs = this.runMs + seconds * 1000, brought: string[] = [];
    for (let i = 0; i < 10_000; i++) {
      const nextMs = this.incident!.nextRunMs;
      if (nextMs === null || nextMs > untilMs) { this.wait((untilMs - this.runMs) / 1000); return brought; }
      this.wait(Math.max(0, nextMs - this.runMs) / 1000);
      brought.push(...this.give(SYSTEM_ACTOR, { type: 'tick' }, context));
    }
    throw new Error('time does not pass: the same instant is asked for again and again');
  }
  get now(): Incident { return this.incident!; }
  stateOf(memberId: string): string | undefined { return this.now.assignments.findLast((one) => one.memberId === memberId)?.state; }
  last(what: IncidentChanged['what']): IncidentChanged { return this.events.findLast((event) => event.what === what)!; }
  /** Notices of the last fact of that kind, as `kind memberId`. */
  told(from = 0): string[] { return this.notices.slice(from).map(({ kind, memberId, channelId }) => `${kind} ${memberId ?? channelId}`); }
}
/** Reported by an operator; ann of the grid is asked at once. */
export function reported(over: Partial<Of<'report'>> = {}, context: Partial<IncidentContext> = {}, by: Actor = OPERATOR): Desk {
  const desk = new Desk(context);
  desk.give(by, reportOf(over));
  return desk;
}
