// Dangerous steps ask once more that it is still the same person: a screen may have been left open.
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../contract/problem.ts';
import type { Sessions } from './sessions.ts';

/** A sign-in, a second factor or a password counts for this long. */
export const CONFIRMED_FOR_MS = 15 * 60_000;

/** Until when whoever asks is confirmed; null when nobody is, or a token asks. */
export async function confirmedUntilMs(sessions: Pick<Sessions, 'entryOf'>, request: FastifyRequest): Promise<number | null> {
  const session = (await sessions.entryOf(request))?.session ?? null;
  if (session === null) return null;
  const untilMs = Math.max(session.createdAtMs, session.factorAtMs ?? 0) + CONFIRMED_FOR_MS;
  return untilMs > Date.now() ? untilMs : null;
}

/** As recentlyConfirmed, for steps that a token may take, too: its rights and its end were chosen by somebody who was confirmed. */
export async function confirmedWhereAPersonAsks(sessions: Pick<Sessions, 'entryOf'>, request: FastifyRequest): Promise<void> {
  if (request.principal?.kind !== 'token') await recentlyConfirmed(sessions, request);
}

/** Rejects with Problem confirmAgain where a person must confirm first (POST /api/me/confirm), and with notAllowed for a token: nobody sits there to ask. */
export async function recentlyConfirmed(sessions: Pick<Sessions, 'entryOf'>, request: FastifyRequest): Promise<void> {
  if (request.principal === null) throw new Problem('notSignedIn');
  if (request.principal.kind === 'token') throw new Problem('notAllowed');
  if (await confirmedUntilMs(sessions, request) === null) throw new Problem('confirmAgain');
}
