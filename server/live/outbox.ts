// What waits for one screen. Events are never dropped: a screen that cannot take them is closed, and resumes from the record when it returns.
// Of everything else only the newest waits, as a key into the hub's newest messages: a stalled screen holds names, not bytes.
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Principal } from '../access/principal.ts';
import type { Eyes } from './scoped.ts';

/** More than this unsent: the screen is stalled and gets events only. About a second of ten cameras at 2 readings/s. */
export const STALLED_ABOVE_BYTES = 512 * 1024;
/** More than this unsent, or stalled for longer than this: closed. */
export const CLOSED_ABOVE_BYTES = 8 * 1024 * 1024;
export const CLOSED_AFTER_STALLED_MS = 20_000;
/** A screen that answers no ping for this long is gone, whatever its socket says. */
export const GONE_AFTER_SILENT_MS = 30_000;

export type Outbox = {
  ws: WebSocket;
  socket: Socket;
  address: string;
  /** Whoever it shows; looked up anew when something about them changes. */
  principal: Principal;
  /** Since when this is all that it sees; another scope ends the line. */
  eyes: Eyes;
  /** catchingUp: it is being sent what it missed from the record; live: it gets what the hub sends to all. */
  phase: 'catchingUp' | 'live' | 'closed';
  /** The newest event it was sent. */
  sentSeq: number;
  /** Newest-wins messages it has not got: keys of the hub's newest messages. */
  missed: Set<string>;
  stalledSinceMs: number | null;
  lastPongAtMs: number;
  readingsDropped: number;
  /** Screens only listen: what they send is counted, and more than a little ends the line. */
  messagesHeard: number;
};

export const isStalled = (outbox: Outbox): boolean => outbox.socket.writableLength > STALLED_ABOVE_BYTES;

/** Whole frames only. The library writes its own frames (pong, close) to the same socket, each in one piece too. */
export function write(outbox: Outbox, frames: Buffer): void {
  if (outbox.phase !== 'closed' && outbox.ws.readyState === outbox.ws.OPEN && outbox.socket.writable) outbox.socket.write(frames);
}

/** Why a screen must be closed now, null when it need not be. Remembers since when it is stalled. */
export function tooSlow(outbox: Outbox, nowMs: number): 'backlog' | 'stalled' | 'gone' | null {
  if (outbox.socket.writableLength > CLOSED_ABOVE_BYTES) return 'backlog';
  if (nowMs - outbox.lastPongAtMs > GONE_AFTER_SILENT_MS) return 'gone';
  if (!isStalled(outbox)) { outbox.stalledSinceMs = null; return null; }
  outbox.stalledSinceMs ??= nowMs;
  return nowMs - outbox.stalledSinceMs > CLOSED_AFTER_STALLED_MS ? 'stalled' : null;
}
