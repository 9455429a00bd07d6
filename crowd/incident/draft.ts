// One input being decided: the incident as it becomes, the facts told so far, and whom to notify. Nothing of the incident before is ever changed; what changes is replaced.
import { SYSTEM_ACTOR, type Actor, type Attachment, type Incident, type IncidentChanged, type IncidentInput, type LadderRung } from '../../contract/incident.ts';
import type { NoticeWish } from './decideIncident.ts';
import type { Fact, FactValues } from './factValues.ts';
import { lineOf } from './lineOf.ts';

export type Draft = { incident: Incident; input: IncidentInput; runMs: number; atMs: number; events: IncidentChanged[]; notices: NoticeWish[] };

/** The last instant of the calendar that the schemas hold. */
const AT_MOST_MS = 9e15;

/** Instants of one incident never fall, whatever the clocks did; numbers that are none are the last good ones. */
export function draftOf(incident: Incident, input: IncidentInput): Draft {
  const runMs = Number.isFinite(input.runMs) ? Math.max(input.runMs, incident.reportedRunMs) : incident.reportedRunMs;
  const atMs = Number.isFinite(input.atMs) ? Math.min(AT_MOST_MS, Math.max(input.atMs, incident.changedAtMs)) : incident.changedAtMs;
  return { incident, input, runMs, atMs, events: [], notices: [] };
}
export const afterMs = (baseMs: number, seconds: number, mostMs = Number.MAX_VALUE): number => Math.min(mostMs, baseMs + seconds * 1000);
/** When something falls due that has this many seconds from now: on the desk's clock, and on the wall's for people. */
export const dueIn = ({ runMs, atMs }: Draft, seconds: number): { dueRunMs: number; dueAtMs: number } => ({ dueRunMs: afterMs(runMs, seconds), dueAtMs: afterMs(atMs, seconds, AT_MOST_MS) });

export function set(draft: Draft, patch: Partial<Incident>): void {
  draft.incident = { ...draft.incident, ...patch };
}

/** Tells a fact: the incident is one version further. Set what it changes before it is told, so that its line shows it. */
export function tell<F extends Fact>(draft: Draft, what: F, values: FactValues[F], by: { actor?: Actor; words?: string; attachments?: Attachment[] } = {}): void {
  const { input, runMs, atMs } = draft, { incidentId, version, unitId } = draft.incident;
  const unitLevel = draft.incident.unitLevel ?? rungOf(input.context.ladder, unitId)?.unitLevel ?? null;
  set(draft, { version: version + 1, changedAtMs: atMs, unitLevel });
  draft.events.push({
    type: 'incidentChanged', eventId: `${incidentId}.${version + 1}`, incidentId, version: version + 1, siteId: draft.incident.place.siteId, unitId, atMs, runMs, inputId: input.inputId,
    what, actor: by.actor ?? input.actor, words: by.words ?? '', attachments: by.attachments ?? [], values: values as IncidentChanged['values'], line: lineOf(draft.incident),
  });
}
export const bySystem = { actor: SYSTEM_ACTOR } as const;

/** Somebody is to hear of the fact told last; the same twice is one. */
export function notify(draft: Draft, kind: NoticeWish['kind'], memberIds: Iterable<string>): void {
  for (const memberId of memberIds) wish(draft, { kind, memberId, channelId: null, actionId: null });
}
export function notifyChannel(draft: Draft, channelId: string, actionId: string): void {
  wish(draft, { kind: 'info', memberId: null, channelId, actionId });
}
function wish(draft: Draft, of: Omit<NoticeWish, 'noticeId'>): void {
  const noticeId = `${draft.incident.incidentId}.${draft.incident.version}.${of.kind}.${of.memberId ?? of.channelId ?? of.actionId}`;
  if (!draft.notices.some((notice) => notice.noticeId === noticeId)) draft.notices.push({ noticeId, ...of });
}

export const rungOf = (ladder: readonly LadderRung[], unitId: string | null): LadderRung | null => (unitId === null ? null : ladder.find((rung) => rung.unitId === unitId) ?? null);
/** The unit as a fact names it. */
export function unitValues(ladder: readonly LadderRung[], unitId: string | null): { unitId: string | null; unitNameEn: string | null; unitNameZh: string | null; unitLevel: LadderRung['unitLevel'] | null } {
  const rung = rungOf(ladder, unitId);
  return { unitId, unitNameEn: rung?.unitNames.en ?? null, unitNameZh: rung?.unitNames.zh ?? null, unitLevel: rung?.unitLevel ?? null };
}

/** At most `most` characters, without half of one at the end. */
export function cut(text: string, most: number): string {
  const short = text.slice(0, most);
  return text.length > most && /[\ud800-\udbff]$/.test(short) ? short.slice(0, -1) : short;
}
