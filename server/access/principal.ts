// Whoever a request comes from, as the gate has found out.
import { RIGHTS_OF, type Right, type RoleAt, type Scope } from '../../contract/access.ts';
import type { Actor } from '../../contract/incident.ts';

export type Principal = {
  kind: 'person' | 'token';
  accountId: string; signInName: string; name: string; language: 'en' | 'zh';
  roles: readonly RoleAt[];
  /** Under which name and duty steps of incidents and alarms are taken. */
  actor: Actor;
  sessionId: string | null; tokenId: string | null;
  /** Null: all that the roles have. A token has these alone. */
  onlyRights: readonly Right[] | null;
  mustDo: readonly ('newPassword' | 'secondFactor')[];
  /** Where it may see anything at all (right 'see'), for PostgreSQL. */
  scope: Scope;
};

declare module 'fastify' {
  interface FastifyRequest { principal: Principal | null }
}

export const hasRight = (role: RoleAt['role'], right: Right): boolean => RIGHTS_OF[role].includes(right);
