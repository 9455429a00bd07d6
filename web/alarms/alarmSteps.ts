// Steps on an alarm beside acknowledging: putting it aside, taking it back, ending an exercise. Sent to the server; true only when the record says so. Kept outside React, for keys and cards alike.
import { useSyncExternalStore } from 'react';
import type { Alarm } from '../../contract/alarm.ts';
import { newCommandId } from '../incidents/api.ts';
import { ask, type Trouble } from '../setup/api.ts';
import { askWho, whoNow } from '../parts/whoAmI.ts';

export type StepName = 'shelve' | 'unshelve' | 'endExercise';
type Step = { step: StepName; commandId: string } & ({ state: 'sending' } | { state: 'failed'; trouble: Trouble });

const STEPS_MOST = 200;
const steps = new Map<string, Step>();
const listeners = new Set<() => void>();
let shelving: string | null = null;
function tell(): void { for (const listener of listeners) listener(); }
function subscribe(listener: () => void): () => void { listeners.add(listener); return () => { listeners.delete(listener); }; }
function put(alarmId: string, step: Step | null): void {
  if (step === null) steps.delete(alarmId); else steps.set(alarmId, step);
  if (steps.size > STEPS_MOST) steps.delete(steps.keys().next().value!);
  tell();
}

/** Null while nothing is being sent and nothing failed. */
export const useStep = (alarmId: string): Step | null => useSyncExternalStore(subscribe, () => steps.get(alarmId) ?? null);
/** The alarm for which the question "why, and for how long" is open. */
export const useShelving = (): string | null => useSyncExternalStore(subscribe, () => shelving);
export function askShelving(alarmId: string | null): void { shelving = alarmId; tell(); }

/** Resolves with the alarm as it is then, or null; why not is in useStep. Without a name it asks for one first. */
export async function takeStep(alarmId: string, step: StepName, more: Record<string, unknown> = {}): Promise<Alarm | null> {
  const who = whoNow(), before = steps.get(alarmId);
  if (who === null) { askWho(); return null; }
  if (before?.state === 'sending') return null;
  // A step that got no answer may have been taken: the same id makes it one.
  const commandId = before !== undefined && before.step === step && before.trouble.from === 'line' ? before.commandId : newCommandId();
  put(alarmId, { step, commandId, state: 'sending' });
  const answer = await ask<Alarm>('POST', `/api/alarms/${encodeURIComponent(alarmId)}/${step}`, { commandId, by: who.name, ...more }, 8000);
  put(alarmId, answer.ok ? null : { step, commandId, state: 'failed', trouble: answer.trouble });
  return answer.ok ? answer.value : null;
}
