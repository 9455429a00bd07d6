// What becomes of an incident by one input: (incident, input) -> (incident, events, notices), or why not. The same inputs make the same history anywhere.
import type { Incident, IncidentChanged, IncidentInput } from '../../contract/incident.ts';
import type { Notice } from '../../contract/notice.ts';
import { problemNote, type ProblemNote } from '../../contract/problem.ts';

/** What somebody is to be told of; state and instant are the store's. */
export type NoticeWish = Pick<Notice, 'noticeId' | 'kind' | 'memberId' | 'channelId' | 'actionId'>;
export type IncidentDecision = { incident: Incident; events: IncidentChanged[]; notices: NoticeWish[] } | { problem: ProblemNote };

export function decideIncident(_incident: Incident | null, _input: IncidentInput): IncidentDecision {
  return { problem: problemNote('internal') };
}
