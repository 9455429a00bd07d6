// Who is signed in at this screen, what they may do where, and how the page hears that nobody is any more. Every question to the server goes through askServer.ts.
import { useSyncExternalStore } from 'react';
import type { Right } from '../../contract/access.ts';
import { Me } from '../../contract/account.ts';
import { problemNote, PROBLEMS, type ProblemNote } from '../../contract/problem.ts';
import { checker } from '../../contract/schema.ts';
import { askServer, hearNotSignedIn } from './askServer.ts';

/** out: nobody yet. in: `me`. over: the session of `me` ended while its page was open; what is shown stands still since then. */
export type MeState =
  | { state: 'loading' } | { state: 'broken'; problem: ProblemNote } | { state: 'out' }
  | { state: 'in'; me: Me } | { state: 'over'; me: Me; sinceMs: number };

const ASK_MOST_MS = 10_000, TRY_AGAIN_MS = 2000;
/** How often the page tells that its person acts, at most; and looks whether its session still stands. */
const HERE_EVERY_MS = 60_000;
/** The end of a session is told this long before. */
export const TOLD_BEFORE_MS = 10 * 60_000;

const checkMe = checker(Me);
const listeners = new Set<() => void>();
let now: MeState = { state: 'loading' };
/** The chain of a unit upwards, as soon as some page knows the tree (useUnits). */
let above: (unitId: string) => readonly string[] = (unitId) => [unitId];

function set(next: MeState): void { now = next; for (const listener of listeners) listener(); }
function subscribe(listener: () => void): () => void { listeners.add(listener); return () => { listeners.delete(listener); }; }
export const meState = (): MeState => now;
export const useMeState = (): MeState => useSyncExternalStore(subscribe, meState);
const meOf = (state: MeState): Me | null => (state.state === 'in' || state.state === 'over' ? state.me : null);
/** Null: nobody is signed in. */
export const meNow = (): Me | null => meOf(now);
export const useMe = (): Me | null => useSyncExternalStore(subscribe, meNow);

/** Asks who is signed in; tries for ever while the server does not say. */
export async function startMe(): Promise<void> {
  await look();
  if (now.state === 'broken' || now.state === 'loading') setTimeout(() => void startMe(), TRY_AGAIN_MS);
}
let looking: Promise<void> | null = null;
function look(): Promise<void> {
  return (looking ??= (async () => {
    try {
      const answer = await fetch('/api/me', { signal: AbortSignal.timeout(ASK_MOST_MS), credentials: 'same-origin', headers: { accept: 'application/json' } });
      const said: unknown = await answer.json().catch(() => null);
      const note = typeof said === 'object' && said !== null && 'code' in said && Object.hasOwn(PROBLEMS, String(said.code)) ? said as ProblemNote : null;
      if (answer.status === 401 && note?.code === 'notSignedIn') return nobody();
      const checked = checkMe(said);
      if (answer.ok && checked.ok) return signedIn(checked.value);
      if (now.state === 'loading' || now.state === 'broken') set({ state: 'broken', problem: note ?? problemNote('internal', {}, `/api/me: ${answer.status}`) });
    } catch (fault) {
      // A page that is open goes on: the line to the server is told of elsewhere.
      if (now.state === 'loading' || now.state === 'broken') set({ state: 'broken', problem: problemNote('busDown', {}, String(fault)) });
    }
  })().finally(() => { looking = null; }));
}
function nobody(): void { const me = meNow(); if (me === null) set({ state: 'out' }); else sessionIsOver(); }
/** Looks whether the session still stands, and what it may do now. */
export const lookAgain = (): void => void look();

hearNotSignedIn(() => sessionIsOver());
export function sessionIsOver(): void {
  if (now.state === 'in') set({ state: 'over', me: now.me, sinceMs: Date.now() });
  else if (now.state === 'loading' || now.state === 'broken') set({ state: 'out' });
}
/** Somebody signed in. Another person than before begins with an empty page: nothing that was typed or seen here is theirs. */
export function signedIn(me: Me): void {
  const before = meNow();
  if (before !== null && before.account.accountId !== me.account.accountId) { location.reload(); return; }
  set({ state: 'in', me });
}
export function meChanged(change: Partial<Me['account']>): void { if (now.state === 'in') set({ state: 'in', me: { ...now.me, account: { ...now.me.account, ...change } } }); }
/** Leaves: the page is loaded anew, so that nothing of it stays in memory. */
export async function signOut(): Promise<boolean> {
  try {
    const answer = await fetch('/api/session', { method: 'DELETE', signal: AbortSignal.timeout(ASK_MOST_MS), credentials: 'same-origin' });
    if (!answer.ok && answer.status !== 401) return false;
  } catch { return false; }
  location.hash = '';
  location.reload();
  return true;
}

/** Where the rights hold is looked up in the tree that the pages know. */
export function knowUnitsAbove(chainOf: (unitId: string) => readonly string[]): void { above = chainOf; for (const listener of listeners) listener(); }

/**
 * Whether whoever is signed in has this right: anywhere (unitId left out), in the whole installation (null), or at this unit (its id). The server decides; the page only hides what it would refuse.
 */
export function mayNow(right: Right, unitId?: string | null): boolean {
  const me = meNow();
  if (me === null) return false;
  const places = me.rights.filter(({ rights }) => rights.includes(right)).map((place) => place.unitId);
  if (places.length === 0) return false;
  if (unitId === undefined || places.includes(null)) return true;
  if (unitId === null) return false;
  return above(unitId).some((each) => places.includes(each));
}
export const useMay = (right: Right, unitId?: string | null): boolean => useSyncExternalStore(subscribe, () => mayNow(right, unitId));

/** When the session ends unless somebody acts; null: it does not, or nobody is signed in. */
export const useSessionEndsAtMs = (): number | null => useSyncExternalStore(subscribe, () => meNow()?.sessionEndsAtMs ?? null);

/** Tells the server that a person acts here (a touch, a key), once a minute at most; a wall that only shows tells nothing. Looks after the end of the session meanwhile. */
export function watchActs(): void {
  let toldAtMs = 0, actedAtMs = 0;
  const tell = async () => {
    if (now.state !== 'in' || actedAtMs <= toldAtMs || Date.now() - toldAtMs < HERE_EVERY_MS) return;
    toldAtMs = Date.now();
    try {
      const answer = await askServer('/api/me/here', { method: 'POST', signal: AbortSignal.timeout(ASK_MOST_MS) });
      if (!answer.ok) return;
      const { sessionEndsAtMs } = await answer.json() as { sessionEndsAtMs: number | null };
      if (now.state === 'in') set({ state: 'in', me: { ...now.me, sessionEndsAtMs } });
    } catch { /* told again with the next act */ }
  };
  const acted = () => { actedAtMs = Date.now(); void tell(); };
  addEventListener('pointerdown', acted, { passive: true, capture: true });
  addEventListener('keydown', acted, { capture: true });
  setInterval(() => {
    void tell();
    // Its end is known here: the server is asked once more, and says so.
    if (now.state === 'in' && now.me.sessionEndsAtMs !== null && Date.now() > now.me.sessionEndsAtMs) lookAgain();
  }, 5000);
  setInterval(() => { if (now.state === 'in' && !document.hidden) lookAgain(); }, HERE_EVERY_MS);
}
