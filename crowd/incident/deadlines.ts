// By when each step has to be done, when that was, and what a missed one sets going.
import type { Deadline, DeadlineKind, Incident } from '../../contract/incident.ts';
import { bySystem, dueIn, notify, set, tell, type Draft } from './draft.ts';
import { askAbove, officersOf } from './ladder.ts';
import { waitedFor } from './lineOf.ts';

export const TO_CONTROL = ['dispatch', 'acknowledge', 'onSite', 'underControl'] as const satisfies readonly DeadlineKind[];

/** From now on, in the place of those of the same kinds. */
export function startDeadlines(draft: Draft, kinds: readonly DeadlineKind[], kept: readonly Deadline[] = draft.incident.deadlines): void {
  const fresh = kinds.map((kind): Deadline => ({ kind, ...dueIn(draft, draft.input.context.deadlines[kind]), metAtMs: null, missedAtMs: null }));
  set(draft, { deadlines: [...kept.filter((deadline) => !kinds.includes(deadline.kind)), ...fresh] });
}

export function meet(draft: Draft, ...kinds: DeadlineKind[]): void {
  if (!draft.incident.deadlines.some((deadline) => deadline.metAtMs === null && kinds.includes(deadline.kind))) return;
  set(draft, { deadlines: draft.incident.deadlines.map((deadline) => (deadline.metAtMs === null && kinds.includes(deadline.kind) ? { ...deadline, metAtMs: draft.atMs } : deadline)) });
}

/** Those neither met nor missed are counted anew from now; `shorter`: never to a later instant than before. */
export function resetDeadlines(draft: Draft, shorter: boolean): void {
  const waited = new Set(waitedFor(draft.incident).map((deadline) => deadline.kind));
  set(draft, { deadlines: draft.incident.deadlines.map((deadline) => {
    if (!waited.has(deadline.kind) || deadline.missedAtMs !== null) return deadline;
    const due = dueIn(draft, draft.input.context.deadlines[deadline.kind]);
    return shorter && due.dueRunMs >= deadline.dueRunMs ? deadline : { ...deadline, ...due };
  }) });
}

/** What is overdue is told once, and moves up the tree. */
export function missDeadlines(draft: Draft): void {
  for (const { kind, dueRunMs, dueAtMs } of unmissed(draft.incident)) {
    if (dueRunMs > draft.runMs) continue;
    set(draft, { deadlines: draft.incident.deadlines.map((deadline) => (deadline.kind === kind ? { ...deadline, missedAtMs: draft.atMs } : deadline)) });
    tell(draft, 'deadlineMissed', { kind, lateMs: Math.round(draft.runMs - dueRunMs), dueAtMs }, bySystem);
    switch (kind) {
      case 'acknowledge': askAbove(draft, 'deadline', kind); break;
      case 'dispatch': case 'onSite': case 'underControl': notify(draft, 'overdue', officersOf(draft, 1)); break;
      case 'followUp': case 'assess': notify(draft, 'overdue', officersOf(draft, 0)); break;
    }
  }
}

const unmissed = (incident: Incident): Deadline[] => waitedFor(incident).filter((deadline) => deadline.missedAtMs === null).sort((a, b) => a.dueRunMs - b.dueRunMs);
export const firstDeadlineRunMs = (incident: Incident): number | null => unmissed(incident)[0]?.dueRunMs ?? null;
