// What the store knows of scope: which rows somebody may see, held back by PostgreSQL itself, and where a thing lies. Part of Store.
import type { Grant, Place, PlaceKind, Scope } from '../contract/access.ts';

export interface AccessStore {
  /**
   * Runs `work`, and all that it awaits, so that this store shows and changes only rows of the scope: row-level security holds the others back, whatever the query says.
   * Without it the store acts for the product itself (deciders, desk, deliveries) and sees everything.
   */
  within<T>(scope: Scope, work: () => T): T;
  /** Inside within(): acts for the product itself again, where a step that was allowed must read or write more than the person may see (the ladder above a unit, the order of events). */
  forProduct<T>(work: () => T): T;
  /** Where the thing of this id lies, whoever asks; null when there is none. */
  placeOf(kind: PlaceKind, id: string): Promise<Place | null>;
  /** Those that are neither over nor revoked at `nowMs`. */
  grantsInForce(nowMs: number): Promise<Grant[]>;
  /** Called soon after accounts, roles, sessions or grants changed, here or in any other process; may be called without cause. */
  onAccess(listener: () => void): () => void;
}
