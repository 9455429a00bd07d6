// Who acts on this screen. Until there are accounts a person says so; it is kept in this browser, is sent with each step, and protects nothing.
import { useSyncExternalStore } from 'react';
import { Actor } from '../../contract/incident.ts';
import { checker } from '../../contract/schema.ts';

const KEPT_AS = 'crowdlight.whoAmI';
const checkActor = checker(Actor);
const listeners = new Set<() => void>();
let known: Actor | null = fromKept(kept());
let asked = false;

/** The person at this screen; null until somebody said who they are. */
export const whoNow = (): Actor | null => known;
export function sayWho(next: Actor | null): void {
  known = next;
  asked = false;
  try { if (next === null) localStorage.removeItem(KEPT_AS); else localStorage.setItem(KEPT_AS, JSON.stringify(next)); } catch { /* a browser without storage asks again the next time */ }
  tell();
}
/** Opens the question, where a step needs a name. */
export function askWho(open = true): void { asked = open; tell(); }

export const useWho = (): Actor | null => useSyncExternalStore(subscribe, whoNow);
export const useWhoAsked = (): boolean => useSyncExternalStore(subscribe, () => asked);

function tell(): void { for (const listener of listeners) listener(); }
function subscribe(listener: () => void): () => void {
  // Another tab of the same person.
  const onStorage = ({ key }: StorageEvent) => { if (key === KEPT_AS) { known = fromKept(kept()); listener(); } };
  listeners.add(listener);
  addEventListener('storage', onStorage);
  return () => { listeners.delete(listener); removeEventListener('storage', onStorage); };
}
function kept(): string | null { try { return localStorage.getItem(KEPT_AS); } catch { return null; } }
function fromKept(text: string | null): Actor | null {
  try {
    const checked = checkActor(JSON.parse(text ?? 'null'));
    return checked.ok && checked.value.duty !== 'system' ? checked.value : null;
  } catch { return null; }
}
