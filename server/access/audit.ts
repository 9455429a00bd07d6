// What the server writes into the audit: every step that changes something, every look at a camera, every try that was refused.
import type { AuditFact } from '../../contract/audit.ts';
import type { FastifyRequest } from 'fastify';
import type { Store } from '../../store/store.ts';

/** A line about what `request` does. Resolves when it is kept: what must be on record waits for it. */
export async function audit(store: Store, request: FastifyRequest, what: AuditFact['what'], about: Partial<Pick<AuditFact, 'placeKind' | 'placeId' | 'placeName' | 'unitId' | 'fromMs' | 'untilMs' | 'reason' | 'detail' | 'status'>> = {}): Promise<void> {
  const { principal } = request;
  await store.writeAudit([{
    what, accountId: principal?.accountId ?? null, name: principal?.name ?? '', sessionId: principal?.sessionId ?? principal?.tokenId ?? null, address: request.ip,
    route: `${request.method} ${request.routeOptions.url ?? ''}`.slice(0, 200), status: null, placeKind: null, placeId: null, placeName: null, unitId: null, fromMs: null, untilMs: null, reason: null, detail: {}, ...about,
  }]);
}
