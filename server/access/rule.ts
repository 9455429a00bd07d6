// The rule that every route declares: who may call it, and where. A route without one stops the start.
import type { FastifyRequest } from 'fastify';
import type { Place, PlaceKind, Right } from '../../contract/access.ts';
import type { LngLat } from '../../contract/geometry.ts';
import type { Store } from '../../store/store.ts';

/** Where an id stands in a request: 'params.siteId', 'query.unitId', 'body.command.into'. One that is not given asks nothing; a unit that is null asks for the whole installation. */
export type IdAt = `${'params' | 'query' | 'body'}.${string}`;
/** unitAbove: the unit that this one lies right below; the whole installation for one at the top. Whoever changes an outline changes what lies beside it. */
export type RuleKind = PlaceKind | 'unitAbove';
export type AccessRule =
  /** Without signing in. */
  | { who: 'everyone'; because: string }
  /** Whoever is signed in, with any role or none. whileMustDo: also before a new password or a second factor that is asked for. */
  | { who: 'signedIn'; because: string; whileMustDo?: true }
  /** The right at each of these things; somewhere, when none of them is given. */
  | {
    right: Right; at: readonly (readonly [RuleKind, IdAt])[];
    /** Another right instead, by what the request says at this place. */
    instead?: { at: IdAt; rights: Readonly<Record<string, Right>> };
    /** Or it is the member that whoever asks is. */
    orSelf?: IdAt;
    /** The right where this lies, too: what is put down somewhere. Null: nothing is put down. */
    ground?: (request: FastifyRequest, store: Store) => LngLat | null | Promise<LngLat | null>;
  }
  /** The right somewhere: the answer holds what lies in scope, and nothing else. */
  | { right: Right; at: 'anywhere'; because: string }
  /** The right for the whole installation. */
  | { right: Right; at: 'whole' };

/** What the gate found out about a request, for the audit and for handlers that ask once more. */
export type Access = {
  /** The things that the rule named, and where they lie. */
  reached: { kind: RuleKind; id: string; place: Place }[];
  /** Why it was not let through; null when it was. outOfScope is answered like an id that is not there. */
  refused: 'notSignedIn' | 'mustDoFirst' | 'outOfScope' | 'notAllowed' | 'needsSecondPerson' | null;
  /** For what only a handler can know. */
  may(right: Right, place: Place): Promise<boolean>;
  mayAtUnit(right: Right, unitId: string | null): Promise<boolean>;
  mayWhole(right: Right): boolean;
};

declare module 'fastify' {
  interface FastifyContextConfig { access?: AccessRule }
  interface FastifyRequest { access: Access }
}
