// The rule that every route declares: who may call it, and where. A route without one stops the start.
import type { PlaceKind, Right } from '../../contract/access.ts';

/** Where an id stands in a request: 'params.siteId', 'query.unitId', 'body.siteId'. An optional one that is not given asks nothing. */
export type IdAt = `${'params' | 'query' | 'body'}.${string}`;
export type AccessRule =
  /** Without signing in. */
  | { who: 'everyone'; because: string }
  /** Whoever is signed in, with any role or none. */
  | { who: 'signedIn'; because: string }
  /** The right at each of these things. */
  | { right: Right; at: readonly (readonly [PlaceKind, IdAt])[] }
  /** The right somewhere: the answer holds what lies in scope, and nothing else. */
  | { right: Right; at: 'anywhere'; because: string }
  /** The right for the whole installation. */
  | { right: Right; at: 'whole' };

declare module 'fastify' {
  interface FastifyContextConfig { access?: AccessRule }
}
