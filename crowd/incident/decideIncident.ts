// What becomes of an incident by one input: (incident, input) -> (incident, events, notices), or why not. The same inputs make the same history anywhere.
import type { Incident, IncidentChanged, IncidentCommand, IncidentInput } from '../../contract/incident.ts';
import type { Notice } from '../../contract/notice.ts';
import { problemNote, type ProblemNote } from '../../contract/problem.ts';
import { alarmChanged } from './alarms.ts';
import { isStepCommand, notAllowed, refusalOf } from './allowed.ts';
import { firstDeadlineRunMs, missDeadlines } from './deadlines.ts';
import { draftOf, set, tell, type Draft } from './draft.ts';
import { absorb, link, mergeInto, splitOff, unlink } from './joins.ts';
import { firstAnswerDue, keepAsking, timeOutAnswers } from './ladder.ts';
import { actionResult, firstActionRunMs, lateActions, tickAction } from './playbook.ts';
import { accept, arrive, assess, decline, dispatch, followUp, handle, needHelp, reopen, report, setFacts } from './steps.ts';
import { escalate, giveBack, placeMoved, takeOver, transfer, urge } from './supervise.ts';

export { allowedCommands } from './allowed.ts';
export { contextWish } from './contextWish.ts';
export { isLegalHistory } from './legalHistory.ts';
export { lineOf } from './lineOf.ts';

/** What somebody is to be told of; state and instant are the store's. */
export type NoticeWish = Pick<Notice, 'noticeId' | 'kind' | 'memberId' | 'channelId' | 'actionId'>;
export type IncidentDecision = { incident: Incident; events: IncidentChanged[]; notices: NoticeWish[] } | { problem: ProblemNote };

/**
 * Rules IC of docs/SPEC.md. Nothing given is changed. No events: nothing happened that anybody has to know of (the incident may still be another, when only the next look moved; it is the very same
 * object when nothing at all changed). The input's context is that of contextWish(): who is on duty, deadlines and playbook as they are after the input.
 */
export function decideIncident(incident: Incident | null, input: IncidentInput): IncidentDecision {
  const { command } = input;
  if (command.type === 'report') return incident === null ? finished(report(input, command), null) : { problem: notAllowed(incident, 'report') };
  if (incident === null) return { problem: problemNote('incidentUnknown') };
  if (isStepCommand(command)) {
    const refused = refusalOf(incident, input.actor, command.type, { chainUnitIds: input.context.chainUnitIds, ladderUnitIds: input.context.ladder.map(({ unitId }) => unitId) });
    if (refused !== null) return { problem: refused };
  }
  const draft = draftOf(incident, input), problem = take(draft, command);
  return problem === null ? finished(draft, incident) : { problem };
}

/** The replay: logged inputs make the history again. `refused`: ids of inputs that change nothing because they are refused; an input log has none of them. */
export function foldIncident(inputs: Iterable<IncidentInput>): { incident: Incident | null; events: IncidentChanged[]; refused: string[] } {
  let incident: Incident | null = null;
  const events: IncidentChanged[] = [], refused: string[] = [];
  for (const input of inputs) {
    const decided = decideIncident(incident, input);
    if ('problem' in decided) refused.push(input.inputId);
    else {
      incident = decided.incident;
      events.push(...decided.events);
    }
  }
  return { incident, events, refused };
}

function take(draft: Draft, command: Exclude<IncidentCommand, { type: 'report' }>): ProblemNote | null {
  switch (command.type) {
    case 'tick': time(draft); return null;
    case 'alarmChanged': return alarmChanged(draft, command.alarm);
    case 'dispatch': return dispatch(draft, command);
    case 'accept': accept(draft, command); return null;
    case 'decline': decline(draft, command); return null;
    case 'arrive': arrive(draft, command); return null;
    case 'needHelp': needHelp(draft, command); return null;
    case 'handle': handle(draft, command); return null;
    case 'followUp': followUp(draft, command); return null;
    case 'assess': assess(draft, command); return null;
    case 'reopen': return reopen(draft, command);
    case 'note': tell(draft, 'noted', {}, command); return null;
    case 'setFacts': return setFacts(draft, command);
    case 'urge': urge(draft, command.words); return null;
    case 'takeOver': takeOver(draft, command.words); return null;
    case 'giveBack': giveBack(draft, command.words); return null;
    case 'transfer': return transfer(draft, command.toUnitId, command.words);
    case 'escalate': return escalate(draft);
    case 'tickAction': return tickAction(draft, command.actionId, command.state, command.words);
    case 'actionResult': return draft.incident.step === 'merged' ? null : actionResult(draft, command.actionId, command.state, command.detail);
    case 'mergeInto': return mergeInto(draft, command);
    case 'absorb': return absorb(draft, command);
    case 'splitOff': return splitOff(draft, command);
    case 'link': return link(draft, command);
    case 'unlink': return unlink(draft, command);
    case 'handOver': tell(draft, 'handedOver', { toName: command.toName }, { words: command.summary }); return null;
    case 'placeMoved': placeMoved(draft, command.unitId); return null;
  }
}

function time(draft: Draft): void {
  timeOutAnswers(draft);
  missDeadlines(draft);
  if (isOver(draft.incident)) return;
  lateActions(draft);
}
const isOver = ({ step }: Incident): boolean => step === 'closed' || step === 'merged';

function finished(draft: Draft, before: Incident | null): IncidentDecision {
  keepAsking(draft);
  const nextRunMs = nextRunMsOf(draft.incident);
  if (nextRunMs !== draft.incident.nextRunMs) set(draft, { nextRunMs });
  const { incident, events, notices } = draft;
  return { incident: events.length === 0 && before !== null && before.nextRunMs === incident.nextRunMs && before.ask.nextRunMs === incident.ask.nextRunMs ? before : incident, events, notices };
}

/** When time next has something to say here: a deadline, an answer, the ladder, an action. */
export function nextRunMsOf(incident: Incident): number | null {
  if (isOver(incident)) return null;
  const waits = [firstDeadlineRunMs(incident), firstAnswerDue(incident), incident.ask.nextRunMs, firstActionRunMs(incident)].filter((runMs) => runMs !== null);
  return waits.length === 0 ? null : Math.min(...waits);
}
