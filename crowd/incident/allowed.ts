// Who may ask for what, in which step: one table for the machine, which refuses, and for pages, which offer no more than this.
import { sameActor, type Actor, type Incident, type IncidentCommand, type IncidentCommandType, type IncidentStep } from '../../contract/incident.ts';
import { problemNote, type ProblemNote } from '../../contract/problem.ts';
import { assignmentOf } from './ladder.ts';
import type { AssignmentState } from './lineOf.ts';

const OPEN = ['reported', 'dispatched', 'handled', 'followedUp'] as const, NOT_MERGED = [...OPEN, 'closed'] as const;
const STEPS: Record<Exclude<IncidentCommandType, 'report' | 'tick' | 'placeMoved' | 'actionResult' | 'alarmChanged'>, readonly IncidentStep[]> = {
  dispatch: ['reported', 'dispatched'], accept: ['dispatched'], decline: ['dispatched'], arrive: ['dispatched'], needHelp: ['dispatched'], escalate: ['reported', 'dispatched'],
  handle: ['dispatched'], followUp: ['handled'], assess: ['followedUp'], reopen: ['closed'],
  note: NOT_MERGED, link: NOT_MERGED, unlink: NOT_MERGED,
  setFacts: OPEN, urge: OPEN, takeOver: OPEN, giveBack: OPEN, transfer: OPEN, tickAction: OPEN, mergeInto: OPEN, absorb: OPEN, splitOff: OPEN, handOver: OPEN,
};
type StepCommand = keyof typeof STEPS;
/** What a person asks for; the others are the system's. */
const PERSONS = ['dispatch', 'accept', 'decline', 'arrive', 'needHelp', 'escalate', 'handle', 'followUp', 'assess', 'reopen', 'note', 'link', 'unlink', 'setFacts', 'urge', 'takeOver', 'giveBack', 'transfer', 'tickAction', 'mergeInto', 'handOver'] as const satisfies readonly StepCommand[];
/** Never done by nobody: an incident does not go on by itself. */
const NEVER_SYSTEM: readonly StepCommand[] = PERSONS.filter((type) => type !== 'note' && type !== 'link' && type !== 'dispatch');

/** From which answers one may give another. Whoever was released, or did not answer, may still come. */
const ANSWERS = {
  accept: ['asked', 'noAnswer', 'released', 'declined'], decline: ['asked', 'accepted'], arrive: ['asked', 'accepted', 'noAnswer', 'released', 'declined'], needHelp: ['accepted', 'arrived'],
} as const satisfies Record<string, readonly AssignmentState[]>;

export const notAllowed = ({ step }: Pick<Incident, 'step'>, asked: IncidentCommandType): ProblemNote => problemNote('incidentStepNotAllowed', { step, asked });

/** Ids of units from the place's unit up, and from the handling one up, as far as they are known. */
export type KnownUnits = { chainUnitIds: readonly string[]; ladderUnitIds?: readonly string[] };

/** Why this actor may not ask for that now; null where they may. `units` null: whether their unit is above is not known and not judged. */
export function refusalOf(incident: Incident, actor: Actor, type: StepCommand, units: KnownUnits | null): ProblemNote | null {
  if (!STEPS[type].includes(incident.step)) return notAllowed(incident, type);
  if (actor.duty === 'system' && NEVER_SYSTEM.includes(type)) return notAllowed(incident, type);
  switch (type) {
    case 'accept': case 'decline': case 'arrive': case 'needHelp': {
      const assignment = assignmentOf(incident, actor);
      if (assignment === null) return problemNote('incidentNotAssigned', { name: actor.name });
      return (ANSWERS[type] as readonly string[]).includes(assignment.state) ? null : notAllowed(incident, type);
    }
    case 'assess':
      if ([incident.reportedBy, ...incident.reportedAlsoBy].some((reporter) => sameActor(reporter, actor))) return problemNote('incidentReporterMayNotAssess');
      return incident.reportedBy.duty === 'system' && incident.handledBy !== null && sameActor(incident.handledBy, actor) ? problemNote('incidentHandlerMayNotAssess') : null;
    case 'urge': case 'takeOver':
      return actor.unitId === null || actor.unitId === incident.unitId || (units !== null && !isAbove(incident, actor.unitId, units)) ? problemNote('incidentUnitNotAbove') : null;
    case 'giveBack':
      if (incident.takenFromUnitId === null) return problemNote('incidentNothingTaken');
      return actor.unitId !== incident.unitId && (actor.unitId === null || (units !== null && !isAbove(incident, actor.unitId, units))) ? problemNote('incidentUnitNotAbove') : null;
    case 'transfer': case 'dispatch': case 'escalate': case 'handle': case 'followUp': case 'reopen': case 'note': case 'link': case 'unlink': case 'setFacts': case 'tickAction': case 'mergeInto': case 'absorb': case 'splitOff': case 'handOver':
      return null;
  }
}

function isAbove({ unitId }: Incident, actorUnitId: string, { chainUnitIds, ladderUnitIds = [] }: KnownUnits): boolean {
  for (const ids of [chainUnitIds, ladderUnitIds]) {
    const from = ids.indexOf(unitId ?? '');
    if (from >= 0) return ids.indexOf(actorUnitId) > from;
  }
  return false;
}

/** What a page may offer this actor now. `chainUnitIds`: from the place's unit up to the top, where the page knows it; without it an upper unit's rights are offered and judged when asked for. */
export function allowedCommands(incident: Incident, actor: Actor, chainUnitIds: readonly string[] | null = null): IncidentCommandType[] {
  const units = chainUnitIds === null ? null : { chainUnitIds };
  return PERSONS.filter((type) => refusalOf(incident, actor, type, units) === null).filter((type) => {
    if (type === 'tickAction') return incident.playbook.length > 0;
    return type === 'unlink' ? incident.links.length > 0 : true;
  });
}

export const isStepCommand = (command: IncidentCommand): command is Extract<IncidentCommand, { type: StepCommand }> => command.type in STEPS;
