// The audit: who did what, when, to what, and why. Append-only; each line carries the hash of the one before it.
import Type from 'typebox';
import { id, instantMs, literals, nullable, strictObject } from './schema.ts';

export const AUDIT_WHATS = [
  'signedIn', 'signInFailed', 'signedOut', 'sessionEnded', 'lockedOut', 'secondFactorAdded', 'secondFactorRemoved', 'passwordChanged',
  'accountAdded', 'accountChanged', 'accountRemoved', 'invited', 'recovered', 'tokenMade', 'tokenEnded',
  'lookBegan',       // on record before the first picture is sent; the look's end is a line of its own
  'looked',          // at a camera's picture or a recording, from when to when
  'changed',         // any other step that changes something; `route` says which
  'refused',         // a try that was not allowed
  'exported', 'granted', 'grantEnded', 'maskLifted', 'held', 'purged', 'approvalAsked', 'approvalGiven', 'approvalRefused', 'approvalWithdrawn', 'emergencyUsed', 'emergencyReviewed',
  'auditRead', 'auditExported', 'auditGap', 'keyRotated', 'started',
] as const;
export const AuditWhat = literals(AUDIT_WHATS);
export type AuditWhat = Type.Static<typeof AuditWhat>;

/** What is given to be written; the store adds seq, time and hashes. */
export const AuditFact = strictObject({
  what: AuditWhat,
  accountId: nullable(id('account')), name: Type.String({ maxLength: 80 }), sessionId: nullable(Type.String({ maxLength: 64 })), address: Type.String({ maxLength: 100 }),
  /** Method and pattern of the route, as in "PUT /api/sites/:siteId"; empty where there is none. */
  route: Type.String({ maxLength: 200 }), status: nullable(Type.Integer()),
  /** What it was done to. */
  placeKind: nullable(Type.String({ maxLength: 30 })), placeId: nullable(Type.String({ maxLength: 300 })), placeName: nullable(Type.String({ maxLength: 200 })), unitId: nullable(id('unit')),
  fromMs: nullable(instantMs('from')), untilMs: nullable(instantMs('until')),
  reason: nullable(Type.String({ maxLength: 500 })),
  /** Few words or figures more; never a secret, never a body. */
  detail: Type.Record(Type.String({ maxLength: 40 }), Type.Union([Type.String({ maxLength: 500 }), Type.Number(), Type.Boolean()])),
});
export type AuditFact = Type.Static<typeof AuditFact>;

export const AuditLine = strictObject({ seq: Type.Integer({ minimum: 1 }), atMs: instantMs('at'), fact: AuditFact, previousHash: Type.String({ pattern: '^[0-9a-f]{64}$' }), hash: Type.String({ pattern: '^[0-9a-f]{64}$' }) });
export type AuditLine = Type.Static<typeof AuditLine>;

/** A page of it, newest first. */
export const AuditPage = strictObject({
  serverAtMs: instantMs('server clock'), lines: Type.Array(AuditLine),
  /** Ask for older lines with this; null: there are none. A page may be empty and still have one: so far was looked. */
  nextBeforeSeq: nullable(Type.Integer({ minimum: 1 })),
});
export type AuditPage = Type.Static<typeof AuditPage>;
/** Where the record stands, for whoever reads all of it. */
export const AuditState = strictObject({
  seq: Type.Integer({ minimum: 0 }), hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  /** Noted and not yet written; lost because too many waited, since this server's start. */
  waiting: Type.Integer({ minimum: 0 }), dropped: Type.Integer({ minimum: 0 }),
  /** How far logs outside have it. */
  outside: Type.Array(strictObject({ name: literals(['file', 'address']), seq: Type.Integer({ minimum: 0 }) })),
});
export type AuditState = Type.Static<typeof AuditState>;
