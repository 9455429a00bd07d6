// Passwords: how they are folded, hashed and compared. argon2id with OWASP's parameters; a bound of hashes at a time, because each takes 19 MiB and some 30 ms of a core.
import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { Problem } from '../../contract/problem.ts';

/** OWASP Password Storage Cheat Sheet, argon2id: m = 19 MiB, t = 2, p = 1. Argon2id is the library's default algorithm. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const AT_ONCE = 4, WAITING_MOST = 60, WAIT_MOST_MS = 5000;

export const foldedPassword = (password: string): string => password.normalize('NFKC');

type Waiter = { go(): void; first: boolean };
const waiting: Waiter[] = [];
let running = 0;

/** Waits for its turn; whoever is known (first) before the others, so that a flood of strangers does not keep those out who belong here. Rejects with Problem signInPaused when there is no room or it takes too long. */
async function inTurn<T>(first: boolean, work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) {
    if (waiting.length >= (first ? 2 : 1) * WAITING_MOST) throw new Problem('signInPaused', { seconds: 5 });
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = { first, go: () => { clearTimeout(timer); resolve(); } };
      const timer = setTimeout(() => { waiting.splice(waiting.indexOf(waiter), 1); reject(new Problem('signInPaused', { seconds: 5 })); }, WAIT_MOST_MS);
      const before = first ? waiting.findIndex((one) => !one.first) : -1;
      if (before < 0) waiting.push(waiter); else waiting.splice(before, 0, waiter);
    });
  } else running++;
  try { return await work(); } finally {
    const next = waiting.shift();
    // The place goes from hand to hand.
    if (next === undefined) running--; else next.go();
  }
}

export const hashPassword = (password: string): Promise<string> => inTurn(true, () => hash(foldedPassword(password), ARGON2ID));

let nobodys: Promise<string> | null = null;
/** Takes as long for a name that nobody has as for one that somebody has. */
export async function passwordFits(passwordHash: string | null, password: string, { first }: { first: boolean }): Promise<boolean> {
  nobodys ??= hash(randomBytes(24), ARGON2ID);
  const against = passwordHash ?? await nobodys;
  const fits = await inTurn(first, () => verify(against, foldedPassword(password)).catch(() => false));
  return fits && passwordHash !== null;
}

/** No letters and digits that are mistaken for each other; 32 of them, 5 bits each. */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
/** Five groups of four: 100 bits. */
export function randomPassword(): string {
  const bytes = randomBytes(20);
  return Array.from({ length: 5 }, (_, group) => Array.from({ length: 4 }, (__, at) => LETTERS[bytes[group * 4 + at]! & 31]).join('')).join('-');
}
