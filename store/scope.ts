// For whom the store acts right now: what was begun within a scope stays in it, across every await, and nothing else does.
// Held apart from the database, because whoever calls back (bus, listeners) must leave the scope of the one who set it going.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Scope } from '../contract/access.ts';

const current = new AsyncLocalStorage<Scope | null>();

/** Null: for the product itself. */
export const scopeNow = (): Scope | null => current.getStore() ?? null;
export const inScope = <T>(scope: Scope, work: () => T): T => current.run(scope, work);
export const asProduct = <T>(work: () => T): T => current.run(null, work);
/** A listener that acts for the product, whoever's step it was that called it. */
export const heardAsProduct = <Args extends unknown[]>(listener: (...args: Args) => void) => (...args: Args): void => asProduct(() => listener(...args));
