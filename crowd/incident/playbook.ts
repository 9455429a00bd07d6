// The short list of what to do at this place: ticked by people, sent by channels, told once when it is late.
import type { Actor, Incident, PlayAction } from '../../contract/incident.ts';
import type { ProblemNote } from '../../contract/problem.ts';
import { problemNote } from '../../contract/problem.ts';
import { bySystem, cut, dueIn, notify, notifyChannel, set, tell, type Draft } from './draft.ts';
import type { FactValues } from './factValues.ts';
import { ofDuty } from './ladder.ts';
import { notAllowed } from './allowed.ts';

export const ACTIONS_MOST = 60;
type State = PlayAction['state'];
type Ticked = 'sent' | 'done' | 'skipped' | 'open';

/** Actions of the context that the incident does not have yet; they are due counted from now. */
export function addActions(draft: Draft, kept: readonly PlayAction[] = draft.incident.playbook): void {
  const known = new Set(kept.map(({ actionId }) => actionId)), fresh: PlayAction[] = [];
  for (const { actionId, kind, words, owner, withinS, channelId, payload } of draft.input.context.playbook) {
    if (known.has(actionId) || kept.length + fresh.length >= ACTIONS_MOST) continue;
    known.add(actionId);
    fresh.push({ actionId, kind, words, owner, withinS, channelId, payload, state: 'open', byName: null, changedAtMs: null, ...dueIn(draft, withinS), overdueAtMs: null, detail: '' });
  }
  if (fresh.length > 0 || kept !== draft.incident.playbook) set(draft, { playbook: [...kept, ...fresh] });
}

const FROM: Record<Ticked, readonly State[]> = { sent: ['open', 'failed'], done: ['open', 'sent', 'failed'], skipped: ['open', 'failed'], open: ['sent', 'done', 'failed', 'skipped'] };

export function tickAction(draft: Draft, actionId: string, to: Ticked, words: string): ProblemNote | null {
  const action = draft.incident.playbook.find((one) => one.actionId === actionId);
  if (action === undefined) return problemNote('incidentActionUnknown');
  // What goes out by no channel is done by a person, who ticks it as done.
  if (!FROM[to].includes(action.state) || (to === 'sent' && action.channelId === null)) return notAllowed(draft.incident, 'tickAction');
  const values = change(draft, action, { state: to, byName: to === 'open' ? null : cut(draft.input.actor.name, 80), detail: cut(words, 500) });
  switch (to) {
    case 'sent': tell(draft, 'actionSent', { ...values, channelId: action.channelId }, { words }); notifyChannel(draft, action.channelId!, actionId); break;
    case 'done': tell(draft, 'actionDone', { ...values, byChannel: false }, { words }); break;
    case 'skipped': tell(draft, 'actionSkipped', values, { words }); break;
    case 'open': tell(draft, 'actionReopened', values, { words }); break;
  }
  return null;
}

/** The truth of the channel goes over what was ticked meanwhile: a gate that did not close is told. What was skipped stays skipped. */
export function actionResult(draft: Draft, actionId: string, to: 'done' | 'failed', detail: string): ProblemNote | null {
  const action = draft.incident.playbook.find((one) => one.actionId === actionId);
  if (action === undefined) return problemNote('incidentActionUnknown');
  if (action.state === to || action.state === 'skipped') return null;
  const values = change(draft, action, { state: to, byName: action.byName, detail });
  if (to === 'done') tell(draft, 'actionDone', { ...values, byChannel: true }, { words: detail });
  else {
    tell(draft, 'actionFailed', values, { words: detail });
    notify(draft, 'info', ownersOf(draft, action));
  }
  return null;
}

export function lateActions(draft: Draft): void {
  for (const action of draft.incident.playbook) {
    if (!isWaited(action) || action.dueRunMs > draft.runMs) continue;
    set(draft, { playbook: draft.incident.playbook.map((one) => (one.actionId === action.actionId ? { ...one, overdueAtMs: draft.atMs } : one)) });
    tell(draft, 'actionOverdue', { ...valuesOf(action), lateMs: Math.round(draft.runMs - action.dueRunMs) }, bySystem);
    notify(draft, 'overdue', ownersOf(draft, action));
  }
}
const isWaited = ({ state, overdueAtMs }: PlayAction): boolean => (state === 'open' || state === 'sent') && overdueAtMs === null;
export const firstActionRunMs = (incident: Incident): number | null => incident.playbook.reduce<number | null>((first, action) => (!isWaited(action) ? first : first === null ? action.dueRunMs : Math.min(first, action.dueRunMs)), null);

function change(draft: Draft, { actionId }: PlayAction, patch: { state: State; byName: Actor['name'] | null; detail: string }): FactValues['actionFailed'] {
  set(draft, { playbook: draft.incident.playbook.map((one) => (one.actionId === actionId ? { ...one, ...patch, changedAtMs: draft.atMs } : one)) });
  return valuesOf(draft.incident.playbook.find((one) => one.actionId === actionId)!);
}
const valuesOf = ({ actionId, kind, words }: PlayAction): FactValues['actionFailed'] => ({ actionId, kind, actionEn: words.en, actionZh: words.zh });
/** People of that duty in the lowest unit that has any on duty. */
function ownersOf({ input: { context } }: Draft, { owner }: PlayAction): string[] {
  const rung = context.ladder.find(({ members }) => members.some(({ duty }) => duty === owner));
  return rung === undefined ? [] : ofDuty(rung, owner);
}
