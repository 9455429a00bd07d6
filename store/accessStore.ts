// What the store knows of scope: which rows somebody may see, held back by PostgreSQL itself, and where a thing lies. Part of Store.
import type { Grant, Place, PlaceKind, Scope } from '../contract/access.ts';
import type { RecordedEvent } from '../contract/alarm.ts';

export interface GrantsStore {
  /** Those that were not over at `sinceMs`, newest first; of one site or, null, of all in scope. */
  grants(filter: { siteId: string | null; sinceMs: number; most: number }): Promise<Grant[]>;
  /** Rejects with tooMany beyond GRANTS_OF_SITE_MOST that are not over. */
  addGrant(grant: Omit<Grant, 'grantId' | 'revokedAtMs' | 'revokedByName'>, nowMs: number): Promise<Grant>;
  /** It ends now; one that is over already stays as it was. */
  endGrant(grantId: string, byName: string, nowMs: number): Promise<Grant>;
}

export interface AccessStore extends GrantsStore {
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
  /** Of all sites, also removed ones, and cameras: the lowest unit that each lies in. */
  places(): Promise<{ sites: { siteId: string; unitId: string | null }[]; sensors: { sensorId: string; siteId: string; unitId: string | null }[] }>;
  /** As eventsAfter, each with where its alarm or incident lies now. */
  eventsLying(seq: number, most: number): Promise<{ recorded: RecordedEvent; place: Place }[]>;
  /** Where open incidents lie, the newest `most`. */
  openIncidentPlaces(most: number): Promise<{ incidentId: string; place: Place }[]>;
  /** What the rights of each session or token hang on, as a word that is another one when any of it changed. One that is over, or whose account is disabled, is not in it. */
  accessMarks(of: { sessionIds: string[]; tokenIds: string[] }, nowMs: number): Promise<Map<string, string>>;
  /** Called soon after accounts, roles, sessions or grants changed, here or in any other process; may be called without cause. */
  onAccess(listener: () => void): () => void;
}
