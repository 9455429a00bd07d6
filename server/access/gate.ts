// The one place where the server says who may do what. Every request passes it; every route declares its rule (rule.ts) and one without stops the start.
import { SCOPE_NOTHING } from '../../contract/access.ts';
import type { App, ServerParts } from '../parts.ts';
import type { Principal } from './principal.ts';
import './rule.ts';

/** Until sessions are asked for: whoever comes is the administrator of everything. */
const EVERYBODY: Principal = {
  kind: 'person', accountId: 'nobody', signInName: 'nobody', name: 'nobody', language: 'en', roles: [{ role: 'administrator', unitId: null }, { role: 'dutyOfficer', unitId: null }],
  actor: { memberId: null, name: 'nobody', duty: 'operator', unitId: null }, sessionId: null, tokenId: null, onlyRights: null, mustDo: [], scope: { ...SCOPE_NOTHING, all: true },
};

export function openGate(app: App, _parts: Pick<ServerParts, 'store' | 'log' | 'settings'>): void {
  app.decorateRequest('principal', null);
  app.addHook('onRequest', async (request) => { request.principal = EVERYBODY; });
}
