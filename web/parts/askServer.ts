// Every question to the server goes through here: it hears on the way that nobody is signed in any more, and that the server wants to be sure who asks. No page and no React in here.

/** What the page does when nobody is signed in any more (web/parts/me.ts). */
let notSignedIn: () => void = () => {};
export function hearNotSignedIn(next: () => void): void { notSignedIn = next; }

/** Asks whoever is here to show who they are (web/account/factors/ConfirmHost.tsx); false: they would not. */
let confirmer: (() => Promise<boolean>) | null = null;
export function setConfirmer(next: () => Promise<boolean>): () => void { confirmer = next; return () => { if (confirmer === next) confirmer = null; }; }
const CONFIRMED_ASK_MOST_MS = 25_000;

/** fetch, which hears on the way that nobody is signed in any more. */
export const askServer: typeof fetch = async (input, init) => {
  const answer = await fetch(input, { credentials: 'same-origin', ...init });
  if (answer.status === 403 && confirmer !== null) {
    const note = await answer.clone().json().catch(() => null) as { code?: string } | null;
    // The step goes on by itself once it is sure who asks; the time that a person took for that is not the server's.
    if (note?.code === 'confirmAgain' && await confirmer()) return await fetch(input, { credentials: 'same-origin', ...init, signal: AbortSignal.timeout(CONFIRMED_ASK_MOST_MS) });
  }
  if (answer.status === 401) void answer.clone().json().then((note: unknown) => { if ((note as { code?: string } | null)?.code === 'notSignedIn') notSignedIn(); }, () => {});
  return answer;
};
